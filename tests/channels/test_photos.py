"""A photo of a screen that looks different: from the chat to the officer's desk, and away again."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.app import App
from bot.dialogue.cases import Officer
from bot.photos import Photographs
from tests.support.talking import (
    AtADoor,
    Heard,
    TelegramTalker,
    WebTalker,
    ZaloTalker,
    move_clock,
    telegram,
    web,
    zalo,
)
from tests.support.telegram import Fault
from tests.test_photos import opened, picture

LAN = Officer(id="lan", name="Chị Lan")
SCREEN = picture((720, 1280))


@pytest.fixture
async def ba(tmp_path: Path) -> AsyncIterator[TelegramTalker]:
    async with telegram(tmp_path) as talker:
        yield talker


async def fetched(app: App) -> None:
    await Photographs(app.storage, app.clock, app.library, app.doors).tick()
    await app.settle()


def code_in(heard: list[Heard]) -> str:
    words = " ".join(one.text for one in heard).split()
    return next(word.strip(".,:").lower().removeprefix("gy-") for word in words if word.startswith("GY-"))


async def photos(app: App, code: str) -> list[bytes]:
    """What the officer sees of that case's photos."""
    thread = await app.storage.case(code, LAN, app.clock.now())
    assert thread
    found = [await app.storage.photo(code, one.id, LAN, app.clock.now()) for one in thread.photos]
    return [one for one in found if one]


def rows(ba: AtADoor) -> list[tuple[object, ...]]:
    with sqlite3.connect(ba.folder / "camtay.db") as database:
        return database.execute(
            "SELECT case_id, channel, address_id, media, image IS NOT NULL FROM photos"
        ).fetchall()


async def asked_for_a_photo(ba: AtADoor) -> Heard:
    await ba.say("làm giấy khai sinh")
    heard = await ba.say("màn hình của tôi khác")
    return (await ba.press(heard[-1].payload("Gửi ảnh màn hình")))[-1]


async def sends(ba: TelegramTalker, file: bytes = SCREEN, **more: object) -> list[Heard]:
    return await ba._caused_by(lambda: ba.server.sends_photo(file, **more))


# --- Telegram -------------------------------------------------------------------------------------------------------


async def test_a_photo_is_warned_of_fetched_and_shown_to_the_officer(ba: TelegramTalker) -> None:
    asked = await asked_for_a_photo(ba)
    assert "OTP" in asked.text
    assert "30 ngày" in asked.text
    heard = await sends(ba)
    assert ba.app
    assert "có ảnh kèm" in heard[-1].text
    assert ba.server.downloads == 0  # the turn does not wait for it
    await fetched(ba.app)

    (photo,) = await photos(ba.app, code_in(heard))
    assert opened(photo).format == "JPEG"
    assert opened(photo).size == (720, 1280)
    ((_, channel, address, media, here),) = rows(ba)
    assert (channel, address, media, here) == (None, None, None, 1)


async def test_the_words_of_a_photo_go_with_it(ba: TelegramTalker) -> None:
    await asked_for_a_photo(ba)
    heard = await sends(ba, caption="không thấy nút nộp hồ sơ")
    assert ba.app
    thread = await ba.app.storage.case(code_in(heard), LAN, ba.app.clock.now())

    assert thread
    assert thread.messages[0].words == "không thấy nút nộp hồ sơ"
    assert not [one for one in heard if "không mở" in one.text]


async def test_words_do_as_well_and_a_photo_can_follow(ba: TelegramTalker) -> None:
    await asked_for_a_photo(ba)
    heard = await ba.say("không thấy nút nộp hồ sơ, chỉ có chữ đăng nhập")
    code = code_in(heard)
    assert "30 ngày" in (await ba.press(heard[-1].payload("Gửi ảnh màn hình")))[-1].text
    more = await sends(ba)
    assert ba.app
    await fetched(ba.app)

    assert code_in(more) == code
    assert len(await photos(ba.app, code)) == 1


async def test_a_picture_that_nobody_asked_for_is_never_fetched(ba: TelegramTalker) -> None:
    await ba.say("làm giấy khai sinh")
    heard = await sends(ba)
    assert ba.app
    await fetched(ba.app)

    assert "không mở và không giữ ảnh" in heard[-1].text
    assert ba.server.downloads == 0
    assert rows(ba) == []


async def test_what_is_no_picture_is_told_and_the_words_are_kept(ba: TelegramTalker) -> None:
    await asked_for_a_photo(ba)
    code = code_in(await sends(ba, b"%PDF-1.7"))
    start = len(ba.server.calls)
    assert ba.app
    await fetched(ba.app)

    told = [call["text"] for method, call in ba.server.calls[start:] if method == "sendMessage"]
    assert ["chưa mở được ảnh" in text for text in told] == [True]
    assert rows(ba) == []
    assert await ba.app.storage.case(code, LAN, ba.app.clock.now())


async def test_a_photo_that_can_not_be_had_now_is_tried_again(ba: TelegramTalker) -> None:
    await asked_for_a_photo(ba)
    code = code_in(await sends(ba))
    ba.server.faults.append(Fault("500", method="getFile"))
    assert ba.app
    await fetched(ba.app)
    assert await photos(ba.app, code) == []
    await fetched(ba.app)

    assert len(await photos(ba.app, code)) == 1


async def test_after_thirty_days_it_is_gone(ba: TelegramTalker) -> None:
    await asked_for_a_photo(ba)
    code = code_in(await sends(ba))
    assert ba.app
    await fetched(ba.app)
    move_clock(ba.folder, timedelta(days=29))
    await ba.app.storage.sweep(ba.app.clock.now())
    assert len(await photos(ba.app, code)) == 1
    move_clock(ba.folder, timedelta(days=2))
    await ba.app.storage.sweep(ba.app.clock.now())

    assert rows(ba) == []


async def test_it_goes_with_everything_else_when_its_sender_erases_their_data(ba: TelegramTalker) -> None:
    await asked_for_a_photo(ba)
    await sends(ba)
    assert ba.app
    await fetched(ba.app)
    heard = await ba.say("xóa dữ liệu của tôi")
    await ba.press(heard[-1].buttons[0][1])

    assert rows(ba) == []


async def test_who_gives_no_name_is_not_asked_for_a_photo(ba: TelegramTalker) -> None:
    await ba.say("làm giấy khai sinh")
    heard = await ba.say("màn hình của tôi khác")
    nameless = await ba.press(heard[-1].payload("không kèm tên"))
    heard = await ba.say("không thấy nút nộp hồ sơ, chỉ có chữ đăng nhập")

    assert not [label for label, _ in (*nameless[-1].buttons, *heard[-1].buttons) if "ảnh" in label]


# --- Zalo and the web -----------------------------------------------------------------------------------------------


async def test_a_photo_comes_through_the_official_account(tmp_path: Path) -> None:
    async with zalo(tmp_path) as ba:
        await asked_for_a_photo(ba)
        heard = await send_on_zalo(ba)
        assert ba.app
        await fetched(ba.app)

        (photo,) = await photos(ba.app, code_in(heard))
        assert opened(photo).size == (720, 1280)


async def send_on_zalo(ba: ZaloTalker) -> list[Heard]:
    return await ba._caused_by(lambda: ba.server.sends_photo(SCREEN))


async def upload(ba: WebTalker, file: bytes, secret: str = "") -> int:
    headers = {"X-Secret": secret or ba.secret, "X-Id": f"photo-{ba.n:04}"}
    async with (
        aiohttp.ClientSession() as page,
        page.post(f"{ba.url}/api/photo", data=file, headers=headers) as answer,
    ):
        return answer.status


async def test_a_page_sends_its_photo_only_where_one_was_asked_for(tmp_path: Path) -> None:
    async with web(tmp_path) as ba:
        await ba.say("làm giấy khai sinh")
        assert await upload(ba, SCREEN) == 409
        await asked_for_a_photo(ba)
        assert await upload(ba, b"%PDF-1.7") == 415
        assert await upload(ba, SCREEN, secret="kẻ lạ") == 400
        assert await upload(ba, SCREEN, secret="x" * 43) == 409
        assert await upload(ba, SCREEN) == 200
        assert ba.app
        await ba.app.settle()
        ((case_id, channel, address, media, here),) = rows(ba)
        assert case_id
        assert (channel, address, media, here) == (None, None, None, 1)
