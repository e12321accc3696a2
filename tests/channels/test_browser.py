"""The pages in a real browser, as a citizen uses them: by finger at 360 px, at a desk, by keyboard, on a bad line."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from bot.app import App, serve
from tests.support.talking import settings
from tests.test_photos import picture

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESK = (360, 740), (1280, 900)
SECOND = 1000  # milliseconds, as the browser counts

pytestmark = [pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]

if not CHROMIUM.exists() and not os.environ.get("CAMTAY_REQUIRE_BROWSER"):
    pytest.skip("no Chromium here (CAMTAY_REQUIRE_BROWSER=1 makes this a failure)", allow_module_level=True)


@dataclass
class Visit:
    """One browser on one running house."""

    app: App
    url: str
    browser: Browser
    named: str  # a site that may frame the chat
    stranger: str  # … and one that may not
    troubles: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def page(self, size: tuple[int, int] = PHONE, path: str = "/", **how: object) -> AsyncIterator[Page]:
        """A page whose console stays free of errors, or the test fails."""
        context: BrowserContext = await self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="vi-VN",
            reduced_motion="reduce",  # or each press waits until the page has glided to its place
            **how,  # type: ignore[arg-type]
        )
        page = await context.new_page()
        page.set_default_timeout(10 * SECOND)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda said: self.troubles.append(said.text) if said.type == "error" else None)
        page.on("request", lambda request: self._stays_here(request.url))
        await page.goto(self.url + path)
        yield page
        await context.close()
        assert self.troubles == []

    def _stays_here(self, url: str) -> None:
        if not url.startswith((self.url, self.url.replace("http", "ws", 1), "data:", "blob:")):
            self.troubles.append(f"asked another host: {url}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Visit]:
    """One house and one browser for all; each page is a visitor of its own."""
    async with AsyncExitStack() as stack:
        named, stranger = [await stack.enter_async_context(other_site()) for _ in range(2)]
        folder = tmp_path_factory.mktemp("house")
        chosen = settings(folder, port=0, embed_origins=named)
        app, url = await stack.enter_async_context(serve(chosen, chores=False))
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        stack.push_async_callback(browser.close)
        yield Visit(app, url, browser, named, stranger)


@asynccontextmanager
async def other_site() -> AsyncIterator[str]:
    """A site of another origin; its page holds the one line, pointing to the house that its query names."""

    async def page(request: web.Request) -> web.Response:
        script = f'<script src="{request.query["bot"]}/static/embed.js" async></script>'
        text = f"<!doctype html><html lang=vi><meta charset=utf-8><title>Xã</title><h1>Xã</h1>{script}"
        return web.Response(text=text, content_type="text/html")

    site = web.Application()
    site.add_routes([web.get("/", page)])
    runner = web.AppRunner(site)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
def visit(opened: Visit) -> Visit:
    opened.troubles.clear()
    return opened


async def say(page: Page, text: str) -> None:
    await page.locator("#say").fill(text)
    await page.locator("#say").press("Enter")


async def press(page: Page, label: str) -> None:
    """The button of the newest reply that bears this label."""
    await page.locator("#log .current button", has_text=label).first.click()


async def heard(page: Page, text: str) -> None:
    await expect(page.locator("#log")).to_contain_text(text)


async def newest(page: Page, text: str) -> None:
    await expect(page.locator("#log .current")).to_contain_text(text)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["360 px", "1280 px"])
async def test_a_birth_is_registered_by_finger(visit: Visit, size: tuple[int, int]) -> None:
    async with visit.page(size) as page:
        await say(page, "con toi moi sinh 2 tuan gio lam giay to gi")
        await heard(page, "Giấy tờ cho việc")
        await press(page, "Làm từng bước")
        await newest(page, "Bác muốn nộp trên mạng")
        for choice in ("Nộp trên mạng", "Có Giấy chứng sinh", "Đã đăng ký kết hôn", "Cha hoặc mẹ"):
            await press(page, choice)
        await newest(page, "Giấy tờ của riêng bác")
        await press(page, "Đi tiếp")
        await newest(page, "Bước 1/")
        for _ in range(30):
            if "Vậy là xong các bước" in await page.locator("#log .current").inner_text():
                break
            shown = await page.locator("#log .current").get_attribute("data-seq") or ""
            await press(page, "Xong")
            await expect(page.locator("#log .current")).not_to_have_attribute("data-seq", shown)
        await press(page, "Đã nộp trên mạng")
        await newest(page, "mã hồ sơ")
        await say(page, "H32.1-261122-0005")
        await expect(page.locator("#log")).to_contain_text("Chúc mừng bác")
        await expect(page.locator("#log")).to_contain_text("Mã hồ sơ của bác: H32.1-261122-0005")
        await newest(page, "có dễ làm theo không")
        wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, "the page must not scroll sideways"


async def test_ticks_change_the_checklist_in_place(visit: Visit) -> None:
    async with visit.page() as page:
        for text in ("làm giấy khai sinh", "làm từng bước", "1", "1", "1", "1"):
            await say(page, text)
        await newest(page, "đã có 0/")
        turns = await page.locator("#log > *").count()
        await page.locator("#log .current [role=checkbox]").first.click()
        await newest(page, "đã có 1/")
        await expect(page.locator("#log .current [role=checkbox]").first).to_have_attribute("aria-checked", "true")

        assert await page.locator("#log > *").count() <= turns + 1


async def test_what_is_said_offline_arrives_once_when_the_line_is_back(visit: Visit) -> None:
    async with visit.page() as page:
        await say(page, "làm giấy khai sinh")
        await newest(page, "ĐĂNG KÝ KHAI SINH")
        await page.context.set_offline(True)
        await say(page, "phí bao nhiêu")
        await say(page, "mất bao lâu")
        await expect(page.locator("#state")).not_to_be_empty()
        await page.context.set_offline(False)
        await heard(page, "Phí, lệ phí “Đăng ký khai sinh”")
        await heard(page, "Thời gian giải quyết “Đăng ký khai sinh”")
        said = await page.locator("#log").inner_text()

        assert said.count("Phí, lệ phí “Đăng ký khai sinh”") == 1
        assert said.count("Thời gian giải quyết “Đăng ký khai sinh”") == 1
    visit.troubles.clear()


async def test_a_page_that_is_closed_and_opened_again_is_where_it_was(visit: Visit) -> None:
    async with visit.page() as page:
        await say(page, "làm giấy khai sinh")
        await newest(page, "ĐĂNG KÝ KHAI SINH")
        await page.reload()
        await newest(page, "ĐĂNG KÝ KHAI SINH")
        await press(page, "Phí bao nhiêu")
        await newest(page, "Phí, lệ phí")

        assert (await page.locator("#log").inner_text()).count("ĐĂNG KÝ KHAI SINH") == 1


async def test_the_keyboard_alone_is_enough(visit: Visit) -> None:
    async with visit.page(DESK) as page:
        await page.locator("#say").focus()
        await page.keyboard.type("làm giấy khai sinh")
        await page.keyboard.press("Enter")
        await newest(page, "ĐĂNG KÝ KHAI SINH")
        await tab_to(page, "Làm từng bước")
        await page.keyboard.press("Enter")
        await newest(page, "Bác muốn nộp trên mạng")
        await tab_to(page, "Nộp trên mạng")
        await page.keyboard.press("Space")
        await newest(page, "Giấy chứng sinh")


async def tab_to(page: Page, label: str) -> None:
    """Go on with Tab until the newest button of that label has the focus; back with Shift where it lies before."""
    for key in ["Tab"] * 40 + ["Shift+Tab"] * 80:
        here = await page.evaluate("[document.activeElement.innerText, !!document.activeElement.closest('.current')]")
        if here[1] and label in (here[0] or ""):
            outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", "whoever uses the keyboard must see where they are"
            return
        await page.keyboard.press(key)
    raise AssertionError(f"no way to {label} by keyboard")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/chat", "/thu-tuc/", "/thu-tuc/khai-sinh", "/thu-tuc/faq-gio-lam-viec"])
async def test_nothing_seriously_bars_anyone(visit: Visit, path: str, scheme: str) -> None:
    async with visit.page(path=path, color_scheme=scheme, bypass_csp=True) as page:
        if path in {"/", "/chat"}:
            await say(page, "làm giấy khai sinh")
            await newest(page, "ĐĂNG KÝ KHAI SINH")
        found = (await Axe().run(page)).response["violations"]

        assert [v["id"] for v in found if v["impact"] in {"serious", "critical"}] == []


async def test_no_text_is_smaller_than_eighteen_pixels(visit: Visit) -> None:
    async with visit.page() as page:
        await say(page, "làm giấy khai sinh")
        await newest(page, "ĐĂNG KÝ KHAI SINH")
        sizes = await page.evaluate(
            "[...document.querySelectorAll('#log p, #log button, #log li, #say')]"
            ".filter(n => n.innerText && n.offsetParent && !n.closest('.sr'))"
            ".map(n => parseFloat(getComputedStyle(n).fontSize))"
        )
        heights = await page.evaluate(
            "[...document.querySelectorAll('#log .current button')].map(n => n.getBoundingClientRect().height)"
        )

        assert min(sizes) >= 16
        assert sorted(sizes)[len(sizes) // 2] >= 18
        assert min(heights) >= 44


async def test_a_deep_link_opens_its_guide_once(visit: Visit) -> None:
    async with visit.page(path="/?p=thuong-tru") as page:
        await newest(page, "ĐĂNG KÝ THƯỜNG TRÚ")
        assert "p=" not in page.url
        await page.reload()
        await newest(page, "ĐĂNG KÝ THƯỜNG TRÚ")

        assert (await page.locator("#log").inner_text()).count("ĐĂNG KÝ THƯỜNG TRÚ") == 1


async def test_markup_in_what_is_said_stays_text(visit: Visit) -> None:
    async with visit.page() as page:
        await say(page, "<img src=x onerror=\"document.title='hỏng'\"><b>đậm</b>")
        await heard(page, "<b>đậm</b>")

        assert await page.locator("#log img[src=x]").count() == 0
        assert "hỏng" not in await page.title()


async def test_this_device_can_be_forgotten(visit: Visit) -> None:
    async with visit.page() as page:
        await say(page, "làm giấy khai sinh")
        await newest(page, "ĐĂNG KÝ KHAI SINH")
        await page.locator("#menu-button").click()
        await page.locator("#forget").click()
        await page.locator("#forget-yes").click()
        await expect(page.locator("#log")).not_to_contain_text("KHAI SINH")
        kept = await page.evaluate("Object.values(localStorage).join(' ')")

        assert "KHAI SINH" not in kept
        assert await page.evaluate("localStorage.getItem('camtay.secret')") is None


async def test_a_blocked_socket_falls_back_to_plain_requests(visit: Visit) -> None:
    context = await visit.browser.new_context(viewport={"width": 360, "height": 740})
    page = await context.new_page()
    await page.add_init_script("window.WebSocket = class { constructor() { throw new Error('blocked'); } };")
    await page.goto(visit.url)
    await say(page, "làm giấy khai sinh")
    await expect(page.locator("#log .current")).to_contain_text("ĐĂNG KÝ KHAI SINH", timeout=30 * SECOND)
    await context.close()


async def test_an_appointment_is_kept_in_ones_own_calendar(visit: Visit) -> None:
    async with visit.page(PHONE) as page:
        await say(page, "nhắc tôi 9 giờ sáng mai nộp giấy khai sinh")
        await newest(page, "Cháu ghi thế này")
        await press(page, "Đúng rồi")
        async with page.expect_download() as coming:
            await page.get_by_text("Lưu lịch hẹn vào điện thoại").click()
        file = await coming.value
        text = (await file.path()).read_text(encoding="utf-8")

    assert file.suggested_filename == "lich-hen.ics"
    assert text.startswith("BEGIN:VCALENDAR")
    assert "TRIGGER:-P1D" in text


@pytest.mark.parametrize("framed", [True, False])
async def test_one_line_puts_a_chat_button_on_a_site_that_is_named(visit: Visit, framed: bool) -> None:
    context = await visit.browser.new_context(viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    await page.goto(f"{visit.named if framed else visit.stranger}/?bot={visit.url}")
    await page.locator("button[aria-expanded]").click()
    composer = page.frame_locator("iframe").locator("#say")
    if framed:
        await composer.fill("làm giấy khai sinh")
        await composer.press("Enter")
        log = page.frame_locator("iframe").locator("#log .current")
        await expect(log).to_contain_text("ĐĂNG KÝ KHAI SINH", timeout=10 * SECOND)
    else:
        await page.wait_for_timeout(SECOND)
        assert await composer.count() == 0
    await context.close()


async def test_a_guide_page_is_printed_readably(visit: Visit) -> None:
    async with visit.page(DESK, "/thu-tuc/khai-sinh?at=online&giay-chung-sinh=co&cha-me=roi&nguoi-di=cha-me") as page:
        await expect(page.locator("body")).to_contain_text("Ảnh chụp Giấy chứng sinh")
        await expect(page.locator("body")).not_to_contain_text("Ảnh biên bản về việc trẻ bị bỏ rơi")
        pdf = await page.pdf(format="A4")

        assert pdf.startswith(b"%PDF")


async def test_a_photo_of_the_screen_is_picked_and_sent(visit: Visit) -> None:
    async with visit.page() as page:
        await say(page, "làm giấy khai sinh")
        await say(page, "màn hình của tôi khác")
        await page.get_by_role("button", name="Gửi ảnh màn hình").last.click()
        picker = page.get_by_label("Chọn ảnh để gửi")
        await expect(picker).to_be_attached()
        await picker.set_input_files(
            files=[{"name": "man-hinh.png", "mimeType": "image/png", "buffer": picture((720, 1280), "PNG")}]
        )
        await expect(page.get_by_text("Cháu đã chuyển cán bộ, có ảnh kèm")).to_be_visible()
        await expect(page.get_by_text("(ảnh màn hình)")).to_be_visible()
        assert not (await Axe().run(page)).response["violations"]
