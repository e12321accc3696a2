"""The pages of figures in a real browser: no error in the console, nothing that a reader without sight would miss."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from tests.channels.test_browser import ARGUMENTS, CHROMIUM
from tests.desk.conftest import open_office
from tests.figures.test_desk_pages import ODD, fill
from tests.figures.test_official import HEAD, ROWS, xlsx

pytestmark = [pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]

if not CHROMIUM.exists() and not os.environ.get("CAMTAY_REQUIRE_BROWSER"):
    pytest.skip("no Chromium here (CAMTAY_REQUIRE_BROWSER=1 makes this a failure)", allow_module_level=True)

PATHS = (
    "/desk/so-lieu",
    "/desk/so-lieu/bao-cao",
    "/desk/so-lieu/nhap",
    "/desk/huong-dan",
    "/desk/huong-dan/khai-sinh",
)


class Screen:
    """An officer's browser, and what went wrong in it."""

    def __init__(self, context: BrowserContext, url: str, folder: Path) -> None:
        self.context, self.url, self.folder = context, url, folder
        self.troubles: list[str] = []

    async def opens(self, path: str, width: int = 1280) -> Page:
        page = await self.context.new_page()
        await page.set_viewport_size({"width": width, "height": 900})
        page.set_default_timeout(60_000)  # teaching tries a thousand questions again
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda said: self.troubles.append(said.text) if said.type == "error" else None)
        await page.goto(self.url + path)
        return page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def screen(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Screen]:
    folder = tmp_path_factory.mktemp("desk")
    overlay = folder / "xa"
    overlay.mkdir()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CAMTAY_CONTENT_DIR", str(overlay))
        async with open_office(folder) as office, async_playwright() as playwright:
            await office.app.storage._write(fill)
            entered = await office.entered()
            cookies = [{"name": one.key, "value": one.value, "url": office.url} for one in entered.cookie_jar]
            browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
            context = await browser.new_context(locale="vi-VN", reduced_motion="reduce")
            await context.add_cookies(cookies)  # type: ignore[arg-type]
            yield Screen(context, office.url, folder)
            await browser.close()


@pytest.mark.parametrize("width", [1280, 390])
async def test_every_page_reads_well_on_a_desk_and_on_a_phone(screen: Screen, width: int) -> None:
    for path in (*PATHS, "/desk/chua-hieu"):
        page = await screen.opens(path, width)
        found = await Axe().run(page)
        serious = [one["id"] for one in found.response["violations"] if one["impact"] in {"serious", "critical"}]
        assert serious == [], (path, [one["nodes"][0]["html"] for one in found.response["violations"]])
        wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} px too wide"
        await page.close()
    assert screen.troubles == []


async def test_an_officer_brings_in_the_numbers_and_sees_them_coloured(screen: Screen) -> None:
    page = await screen.opens("/desk/so-lieu/nhap")
    await page.get_by_label("Tệp .xlsx hoặc .csv").set_input_files(xlsx(screen.folder, [HEAD, *ROWS]))
    await page.get_by_role("button", name="Nhập").click()
    await expect(page.get_by_role("status")).to_contain_text("thêm 3 dòng")
    await page.goto(f"{screen.url}/desk/so-lieu?month=2026-11")
    await expect(page.locator("td.met").first).to_contain_text("đạt")
    assert screen.troubles == []


async def test_an_officer_teaches_a_question_with_one_press(screen: Screen) -> None:
    page = await screen.opens("/desk/chua-hieu")
    cluster = page.locator("article.cluster", has_text=ODD)
    await cluster.get_by_label("nghĩa là việc khác").fill("mai-tang-phi")
    await cluster.get_by_role("button", name="Dạy").click()
    await expect(page.get_by_role("status")).to_contain_text("Đã thêm.")
    await expect(page.locator("article.cluster", has_text=ODD)).to_have_count(0)
    assert screen.troubles == []
