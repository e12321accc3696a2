"""Entering, people and log in a real browser: by hand, on a desk and on a phone, beside hostile words."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.dialogue.messages import Role
from tests.channels.test_browser import ARGUMENTS, CHROMIUM
from tests.desk.conftest import Office, open_office

pytestmark = [pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]

if not CHROMIUM.exists() and not os.environ.get("CAMTAY_REQUIRE_BROWSER"):
    pytest.skip("no Chromium here (CAMTAY_REQUIRE_BROWSER=1 makes this a failure)", allow_module_level=True)

HOSTILE = (
    "<script>document.title='hacked'</script>",
    "<img src=x onerror=\"document.title='hacked'\">",
    '"><svg onload="document.title=\'hacked\'">',
    "' autofocus onfocus='document.title=1",
    "</td></table><h1>hacked</h1>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:document.title=1",
    "<a hx-get=/desk/ra hx-trigger=load>x</a>",
)


@dataclass
class Screen:
    """A browser beside a running house, and what went wrong in it."""

    office: Office
    browser: Browser
    troubles: list[str] = field(default_factory=list)

    async def page(self, width: int) -> Page:
        """A page of a browser that nobody has used yet."""
        context = await self.browser.new_context(
            viewport={"width": width, "height": 900}, locale="vi-VN", reduced_motion="reduce"
        )
        page = await context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda said: self.troubles.append(said.text) if said.type == "error" else None)
        return page

    async def enters(self, width: int, who: int) -> Page:
        """An admin enters by hand: the link, the code typed into the chat, the button."""
        await self.office.invited(Role.ADMIN, who, "Anh Tú")
        page = await self.page(width)
        await page.goto(await self.office.link(who))
        await reads_well(page)
        await self.office.says(await page.locator(".code").inner_text(), who)
        await page.get_by_role("button", name="Vào", exact=True).click()
        await expect(page.get_by_role("heading", name="Hôm nay", exact=True)).to_be_visible()
        return page


async def reads_well(page: Page) -> None:
    """Nothing that a reader without sight would miss, nothing beyond the screen's edge."""
    found = await Axe().run(page)
    serious = [one for one in found.response["violations"] if one["impact"] in {"serious", "critical"}]
    assert serious == [], (page.url, [(one["id"], one["nodes"][0]["html"]) for one in serious])
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def screen(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Screen]:
    async with open_office(tmp_path_factory.mktemp("desk")) as office, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield Screen(office, browser)
        await browser.close()


@pytest.mark.parametrize(("width", "who"), [(1280, 700_011), (390, 700_012)])
async def test_an_admin_enters_invites_reads_the_log_and_leaves(screen: Screen, width: int, who: int) -> None:
    page = await screen.enters(width, who)
    await reads_well(page)

    await page.get_by_role("link", name="Người dùng").click()
    await page.get_by_label("Tên", exact=True).fill("Chị Lan")
    await page.get_by_label("Vai trò").select_option("officer")
    await page.get_by_role("button", name="Tạo lời mời").click()
    await expect(page.get_by_role("status")).to_contain_text("Lời mời đã sẵn sàng")
    await reads_well(page)

    await page.get_by_role("link", name="Nhật ký").click()
    await expect(page.locator("tbody")).to_contain_text("Chị Lan")
    await expect(page.locator("tbody")).to_contain_text("nhận lời mời")
    await reads_well(page)

    await page.get_by_role("button", name="Ra", exact=True).click()
    await expect(page.get_by_role("heading", name="Vào bàn làm việc")).to_be_visible()
    await reads_well(page)
    await page.goto(f"{screen.office.url}/desk/nguoi-dung")
    await expect(page.get_by_role("heading", name="Vào bàn làm việc")).to_be_visible()
    assert screen.troubles == []


async def test_hostile_names_are_shown_as_text(screen: Screen) -> None:
    page = await screen.enters(390, 700_013)
    for name in HOSTILE:
        await page.goto(f"{screen.office.url}/desk/nguoi-dung")
        await page.get_by_label("Tên", exact=True).fill(name)
        await page.get_by_role("button", name="Tạo lời mời").click()
        await expect(page.locator("main")).to_contain_text(name)
    await page.goto(f"{screen.office.url}/desk/nhat-ky")
    for name in HOSTILE:
        await expect(page.locator("tbody")).to_contain_text(name)
    await page.goto(f"{screen.office.url}/desk/nhat-ky?ai=%22%3E%3Cscript%3Edocument.title%3D1%3C%2Fscript%3E")
    assert (await page.title()).startswith("Nhật ký")
    assert await page.locator("main script, main img, main svg").count() == 0
    assert screen.troubles == []
