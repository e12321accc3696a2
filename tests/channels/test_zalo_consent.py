"""The Official Account's admin consents: on the console, in the browser, and when something is wrong."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pytest

from bot.channels.zalo_consent import LANDING, LIVES, consent_url
from bot.settings import Settings
from tests.support.talking import ZaloTalker, move_clock, zalo, zalo_settings
from tests.support.zalo import APP_ID, APP_SECRET, OA_ID, OA_SECRET, LocalZalo

FIXED = "mot-chuoi-bon-muoi-ba-ky-tu-de-thu-nghiem-0"


@pytest.fixture
async def ba(tmp_path: Path) -> AsyncIterator[ZaloTalker]:
    async with zalo(tmp_path) as talker:
        yield talker


async def asked(ba: ZaloTalker, **others: str) -> str:
    """The address made for the admin."""
    assert ba.app
    settings = Settings.model_validate({**dict(zalo_settings(ba.folder, ba.server)), **others})
    return await consent_url(settings, ba.app.storage, ba.app.clock)


async def agreed(url: str) -> dict[str, str]:
    """The admin opens it and says yes: what Zalo sends back in the address."""
    async with aiohttp.ClientSession() as browser, browser.get(url, allow_redirects=False) as answer:
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


async def land(ba: ZaloTalker, query: dict[str, str]) -> tuple[int, str]:
    """What the admin's browser shows once it is sent back to us."""
    house = ba.server.pusher.url.removesuffix("/webhook/zalo-oa")
    async with aiohttp.ClientSession() as browser, browser.get(f"{house}{LANDING}?{urlencode(query)}") as page:
        return page.status, await page.text()


async def pair(ba: ZaloTalker) -> tuple[str, str] | None:
    assert ba.app
    found = await ba.app.storage.zalo_tokens(APP_ID)
    return (found.access, found.refresh) if found and not found.consent_needed else None


async def test_the_page_that_the_admin_lands_on_takes_the_consent(ba: ZaloTalker) -> None:
    before = await pair(ba)
    landing = await agreed(await asked(ba))
    status, page = await land(ba, landing)

    assert status == 200
    assert "Xong: bot đã được quyền gửi tin" in page
    assert landing["code"] not in page
    assert await pair(ba) not in {before, None}
    assert await ba.say("xin chào")


async def test_the_same_landing_is_good_once_and_harms_nothing(ba: ZaloTalker) -> None:
    landing = await agreed(await asked(ba))
    await land(ba, landing)
    held = await pair(ba)
    status, page = await land(ba, landing)

    assert status == 400
    assert "đã dùng rồi" in page
    assert await pair(ba) == held


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"state": "cua-nguoi-khac"}, "không do máy chủ này đưa ra"),
        ({"state": ""}, "không do máy chủ này đưa ra"),
        ({"oa_id": "999999"}, "đồng ý nhầm Official Account"),
        ({"code": ""}, "không mang mã nào"),
        ({"code": "ma-bia-dat"}, "Zalo không nhận mã này"),
        ({"oa_id": "<script>alert(1)</script>"}, "&lt;script&gt;"),
    ],
)
async def test_a_landing_that_is_not_ours_says_why_and_leaves_the_tokens_alone(
    ba: ZaloTalker, changed: dict[str, str], why: str
) -> None:
    held = await pair(ba)
    landing = {**await agreed(await asked(ba)), **changed}
    status, page = await land(ba, landing)

    assert status == 400
    assert why in page
    assert "python -m bot zalo login" in page
    assert await pair(ba) == held
    ba.server.illegal.clear()  # the code made up
    assert await ba.say("xin chào")


async def test_an_address_that_lay_about_for_too_long_is_refused(ba: ZaloTalker) -> None:
    landing = await agreed(await asked(ba))
    move_clock(ba.folder, LIVES)

    assert (await land(ba, landing))[0] == 400


async def test_only_the_newest_address_is_good(ba: ZaloTalker) -> None:
    first = await agreed(await asked(ba))
    second = await agreed(await asked(ba))

    assert (await land(ba, first))[0] == 400
    assert (await land(ba, second))[0] == 200


async def test_a_challenge_that_the_console_keeps_is_met(ba: ZaloTalker) -> None:
    landing = await agreed(await asked(ba, zalo_code_verifier=FIXED))

    assert (await land(ba, landing))[0] == 200


# --- on the server's console ----------------------------------------------------------------------------------------


@asynccontextmanager
async def command(folder: Path, server: LocalZalo) -> AsyncIterator[tuple[Process, str]]:
    """`zalo login` where no server runs, and the address that it prints."""
    environment = {
        **os.environ,
        "CAMTAY_DATA_DIR": str(folder),
        "CAMTAY_ZALO_OA_ID": OA_ID,
        "CAMTAY_ZALO_APP_ID": APP_ID,
        "CAMTAY_ZALO_APP_SECRET": APP_SECRET,
        "CAMTAY_ZALO_OA_SECRET": OA_SECRET,
        "CAMTAY_ZALO_OAUTH_URL": server.oauth_url,
        "PYTHONUNBUFFERED": "1",
    }
    login = (sys.executable, "-m", "bot", "zalo", "login")
    process = await asyncio.create_subprocess_exec(*login, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment)
    assert process.stdout
    async for line in process.stdout:
        if line.startswith(b"http"):
            break
    yield process, line.decode().strip()
    if process.returncode is None:
        process.kill()
        await process.wait()


@pytest.fixture
async def server() -> AsyncIterator[LocalZalo]:
    server = LocalZalo()
    await server.start()
    yield server
    await server.stop()


async def test_the_address_landed_on_can_be_pasted_into_the_console(tmp_path: Path, server: LocalZalo) -> None:
    async with command(tmp_path, server) as (login, url):
        landing = await agreed(url)
        out, _ = await login.communicate(f"https://hoi.example.vn/zalo?{urlencode(landing)}\n".encode())

    assert login.returncode == 0
    assert "Xong: bot đã được quyền gửi tin" in out.decode()
    assert len(server.sent("access_token")) == 1


async def test_the_console_does_not_say_done_before_it_is(tmp_path: Path, server: LocalZalo) -> None:
    async with command(tmp_path, server) as (login, _):
        out, error = await login.communicate(b"\n")

    assert login.returncode == 1
    assert "Xong: bot" not in out.decode()
    assert "Chưa thấy trang ấy báo về" in error.decode()
