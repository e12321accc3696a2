"""The Telegram door against a strict Bot API server on loopback."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app import App, serve
from bot.channels.telegram import MAX_TEXT, TelegramDoor, parts, redacted
from bot.dialogue.messages import Address, Attachment, Delivery, Lane, Reply
from bot.errors import SettingsError, StorageError
from bot.knowledge import Knowledge
from bot.logs import log_to
from bot.settings import read_settings
from tests.support.talking import TelegramTalker, move_clock, settings, telegram
from tests.support.telegram import BOT, TOKEN, Fault, LocalTelegram

BA = 1001
GROUP = -100_200
SECRET = "a-secret_of-ours"


@pytest.fixture
async def ba(tmp_path: Path) -> AsyncIterator[TelegramTalker]:
    """A person who has said hello already."""
    async with telegram(tmp_path) as talker:
        await talker.say("/start")
        yield talker


@asynccontextmanager
async def pushed(folder: Path, server: LocalTelegram) -> AsyncIterator[tuple[App, str]]:
    """A house whose updates are pushed to it."""
    root = await server.start()
    set_ = settings(
        folder,
        port=0,
        telegram_token=TOKEN,
        telegram_api_url=root,
        telegram_mode="webhook",
        telegram_webhook_secret=SECRET,
        public_url="https://hoi.example.vn",
    )
    try:
        async with serve(set_, chores=False) as (app, address):
            server.push_to = address
            async with asyncio.timeout(10):
                while not server.webhook:  # noqa: ASYNC110 - once, at the start
                    await asyncio.sleep(0.01)
            yield app, address
    finally:
        await server.stop()


def rows(folder: Path, query: str) -> list[Any]:
    with sqlite3.connect(folder / "camtay.db") as database:
        return database.execute(query).fetchall()


def texts(server: LocalTelegram, chat: int = BA) -> list[str]:
    return [message.get("text", "") for message in server.heard(chat)]


# --- what people do -------------------------------------------------------------------------------------------


async def test_a_poster_s_link_opens_its_guide(ba: TelegramTalker) -> None:
    [answer] = await ba.say("/start khai-sinh")

    assert "ĐĂNG KÝ KHAI SINH" in answer.text


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("/menu", "Bác"),
        ("/danhsach", "nhóm việc"),
        ("/canbo", "18001096"),
        ("/toiodau", "bắt đầu"),
        ("/dulieu", "cháu đang giữ"),
        ("/trogiup", "gõ"),
        ("/DanhSach@camtay_test_bot", "nhóm việc"),
        ("/khai_sinh", "khai sinh"),
    ],
)
async def test_every_command_does_what_it_says(ba: TelegramTalker, typed: str, heard: str) -> None:
    answers = await ba.say(typed)

    assert heard.lower() in answers[-1].text.lower()


async def test_what_is_pressed_stops_turning_before_the_work_begins(ba: TelegramTalker) -> None:
    start = len(ba.server.calls)
    await ba.press("about:khai-sinh")

    done = [method for method, _ in ba.server.calls[start:] if method != "getUpdates"]
    assert done[0] == "answerCallbackQuery"
    assert done[1] == "sendMessage"


async def test_a_press_answered_too_late_is_still_worked(ba: TelegramTalker) -> None:
    ba.server.faults.append(Fault("429", "answerCallbackQuery"))

    [answer] = await ba.press("about:khai-sinh")

    assert "ĐĂNG KÝ KHAI SINH" in answer.text


@pytest.mark.parametrize("data", ["", "x" * 64, "tick:nobody:nothing", "about:../../etc", "\x00", "erase-yes:1"])
async def test_forged_button_data_is_answered_kindly(ba: TelegramTalker, data: str) -> None:
    answers = await ba.press(data)

    assert all("lỗi" not in answer.text.lower() for answer in answers)
    assert answers or data == ""


async def ticking(ba: TelegramTalker) -> Any:
    await ba.say("/start khai-sinh")
    for typed in ("1", "ra quay", "co giay chung sanh", "cuoi co dang ky", "ba ngoai"):
        answers = await ba.say(typed)
    return answers[-1]


async def test_a_pressed_tick_changes_the_list_where_it_stands(ba: TelegramTalker) -> None:
    papers = await ticking(ba)
    before = len(ba.server.heard())

    [ticked] = await ba.press(papers.buttons[0][1])

    assert "☑" in ticked.text
    assert len(ba.server.heard()) == before, "no message more"
    assert "☑" in texts(ba.server)[-1]


async def test_a_typed_tick_shows_the_list_below_what_was_typed(ba: TelegramTalker) -> None:
    await ticking(ba)
    before = len(ba.server.heard())

    await ba.say("1 2")

    assert len(ba.server.heard()) == before + 1
    assert texts(ba.server)[-1].count("☑") == 2


async def test_a_press_twice_is_no_trouble(ba: TelegramTalker) -> None:
    papers = await ticking(ba)
    ba.server.press(papers.buttons[0][1])
    ba.server.press(papers.buttons[0][1])
    await ba.say("tôi đang ở đâu")

    assert rows(ba.folder, "SELECT count(*) FROM outbox WHERE state <> 'sent'") == [(0,)]


async def test_a_list_that_was_deleted_meanwhile_comes_anew(ba: TelegramTalker) -> None:
    papers = await ticking(ba)
    shown = ba.server.heard()[-1]
    del ba.server.chats[BA][shown["message_id"]]
    ba.server.press(papers.buttons[0][1], message={**shown, "date": 0})
    await ba.server.all_taken()
    assert ba.app
    await ba.app.settle()

    assert "☑" in texts(ba.server)[-1]


async def test_an_edited_question_is_answered_as_a_new_one(ba: TelegramTalker) -> None:
    ba.server.edits_own(BA, "lam giay khai sinh")
    await ba.server.all_taken()
    assert ba.app
    await ba.app.settle()

    assert "ĐĂNG KÝ KHAI SINH" in texts(ba.server)[-1]


@pytest.mark.parametrize(
    ("content", "heard"),
    [
        ({"sticker": {"file_id": "s", "file_unique_id": "u", "width": 1, "height": 1, "is_animated": False,
                      "is_video": False, "type": "regular"}}, "cảm ơn"),
        ({"voice": {"file_id": "v", "file_unique_id": "u", "duration": 3}}, "micro"),
        ({"photo": [{"file_id": "p", "file_unique_id": "u", "width": 1, "height": 1}]}, "không giữ ảnh"),
        ({"document": {"file_id": "d", "file_unique_id": "u"}}, "không giữ tệp"),
        ({"location": {"latitude": 21.0, "longitude": 105.0}}, "Nơi nhận hồ sơ"),
        ({"contact": {"phone_number": "0900000000", "first_name": "A"}}, "Cần người gọi lại"),
    ],
)  # fmt: skip
async def test_what_is_no_text_gets_its_own_kind_sentence(
    ba: TelegramTalker, content: dict[str, Any], heard: str
) -> None:
    ba.server.sends(BA, **content)
    await ba.server.all_taken()
    assert ba.app
    await ba.app.settle()

    assert heard in texts(ba.server)[-1]
    assert "0900000000" not in str(rows(ba.folder, "SELECT body FROM inbox"))


async def test_words_under_a_picture_are_answered_and_the_picture_is_not_kept(ba: TelegramTalker) -> None:
    photo = [{"file_id": "p", "file_unique_id": "u", "width": 1, "height": 1}]
    ba.server.sends(BA, photo=photo, caption="giay nay lam khai sinh duoc khong")
    await ba.server.all_taken()
    assert ba.app
    await ba.app.settle()

    *_, note, answer = texts(ba.server)
    assert "không giữ ảnh" in note
    assert "khai sinh" in answer.lower()
    assert not [call for call in ba.server.calls if call[0] == "getFile"]


async def test_names_full_of_markup_stand_as_they_are(ba: TelegramTalker) -> None:
    for typed in ("/start khai-sinh", "làm từng bước", "/start khai-sinh", "làm từng bước", "người khác", "Lan <b>&"):
        await ba.say(typed)
    answers = await ba.say("tôi đang ở đâu")

    assert "Lan <b>&" in answers[-1].text


async def test_who_blocks_us_is_left_alone_until_they_write(ba: TelegramTalker) -> None:
    ba.server.blocks(BA)
    await ba.server.all_taken()
    assert rows(ba.folder, "SELECT unreachable_at IS NOT NULL FROM persons") == [(1,)]

    ba.server.blocks(BA, again=True)
    await ba.say("làm giấy khai sinh")
    assert rows(ba.folder, "SELECT unreachable_at IS NOT NULL FROM persons") == [(0,)]


async def test_a_403_ends_it_at_once(ba: TelegramTalker) -> None:
    ba.server.blocked.add(BA)
    await ba.say("làm giấy khai sinh")

    assert len(rows(ba.folder, "SELECT 1 FROM outbox WHERE state = 'refused' AND attempts = 1")) == 1
    assert rows(ba.folder, "SELECT unreachable_at IS NOT NULL FROM persons") == [(1,)]


# --- groups ---------------------------------------------------------------------------------------------------


async def in_group(ba: TelegramTalker, text: str, **more: Any) -> list[dict[str, Any]]:
    before = len(ba.server.heard(GROUP))
    ba.server.sends(BA, chat=GROUP, text=text, **more)
    await ba.server.all_taken()
    assert ba.app
    await ba.app.settle()
    return ba.server.heard(GROUP)[before:]


async def test_a_group_s_own_talk_is_none_of_our_business(ba: TelegramTalker) -> None:
    assert await in_group(ba, "tối nay họp thôn, làm giấy khai sinh cho cháu Tí chưa") == []
    assert await in_group(ba, "/menu@another_bot") == []


async def test_addressed_in_a_group_we_tell_public_facts(ba: TelegramTalker) -> None:
    answers = await in_group(ba, f"@{BOT['username']} làm giấy khai sinh")

    assert "ĐĂNG KÝ KHAI SINH" in answers[-1]["text"]
    buttons = [one for row in answers[-1]["reply_markup"]["inline_keyboard"] for one in row]
    begin = next(one for one in buttons if "từng bước" in one["text"])
    assert begin["url"] == f"https://t.me/{BOT['username']}?start=khai-sinh"


async def test_what_is_personal_moves_to_the_private_chat(ba: TelegramTalker) -> None:
    answers = await in_group(ba, f"@{BOT['username']} xem dữ liệu của tôi")

    assert "riêng" in answers[-1]["text"]
    [[button]] = answers[-1]["reply_markup"]["inline_keyboard"]
    assert button["url"].startswith(f"https://t.me/{BOT['username']}?start=")


async def test_an_answer_to_our_message_addresses_us(ba: TelegramTalker) -> None:
    [*_, ours] = await in_group(ba, f"@{BOT['username']} danh sách")

    answers = await in_group(ba, "1", reply_to_message=ours)

    assert answers


# --- what goes wrong on the way out ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "tries", "repeated"),
    [
        (Fault("429", retry_after=3), 2, 0),
        (Fault("429", retry_after=None), 2, 0),
        (Fault("429", retry_after=0), 2, 0),
        (Fault("500"), 2, 0),
        (Fault("502-html"), 2, 0),
        (Fault("cut"), 2, 1),
        (Fault("lost"), 2, 1),
        (Fault("not-json"), 2, 1),
        (Fault("not-ok"), 2, 1),
    ],
    ids=lambda value: f"{value.kind} {value.retry_after}" if isinstance(value, Fault) else "",
)
async def test_what_may_work_later_is_tried_again(
    ba: TelegramTalker, fault: Fault, tries: int, repeated: int
) -> None:
    ba.server.faults.append(fault)
    await ba.say("làm giấy khai sinh")
    move_clock(ba.folder, _minutes(20))
    assert ba.app
    await ba.app.settle()

    assert "ĐĂNG KÝ KHAI SINH" in texts(ba.server)[-1]
    last = "SELECT state, attempts, maybe_repeated FROM outbox ORDER BY id DESC LIMIT 1"
    assert rows(ba.folder, last) == [("sent", tries, repeated)]
    assert len([one for one in texts(ba.server) if "ĐĂNG KÝ KHAI SINH" in one]) == (2 if fault.kind == "lost" else 1)


def _minutes(n: int) -> Any:
    from datetime import timedelta

    return timedelta(minutes=n)


async def test_nothing_is_sent_to_a_chat_that_was_told_to_wait(ba: TelegramTalker) -> None:
    ba.server.faults.append(Fault("429", retry_after=60))
    await ba.say("làm giấy khai sinh")
    start = len(ba.server.calls)
    await ba.say("phí bao nhiêu")
    assert not [method for method, _ in ba.server.calls[start:] if method == "sendMessage"]

    move_clock(ba.folder, _minutes(2))
    assert ba.app
    await ba.app.settle()
    assert "ĐĂNG KÝ KHAI SINH" in texts(ba.server)[-2]
    assert "Phí" in texts(ba.server)[-1]


async def test_an_answer_that_never_comes_is_unclear(ba: TelegramTalker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.telegram_http.ANSWER_WITHIN", -4.9)  # with the time to connect: 0.1 s
    ba.server.faults.append(Fault("hang"))
    await ba.say("làm giấy khai sinh")

    last = "SELECT maybe_repeated FROM outbox ORDER BY id DESC LIMIT 1"
    assert rows(ba.folder, last) == [(1,)]


# --- long texts and pictures ----------------------------------------------------------------------------------


@given(st.text(alphabet=st.sampled_from("ab ắ\n"), min_size=1, max_size=400), st.integers(10, 60))
def test_parts_are_short_enough_and_lose_no_word(text: str, limit: int) -> None:
    found = parts(text, limit)

    assert all(len(part) <= limit for part in found)
    assert "".join("".join(found).split()) == "".join(text.split())


def test_a_paragraph_stays_whole_where_it_can() -> None:
    first, second = "một " * 700, "hai " * 700

    assert parts(f"{first.strip()}\n\n{second.strip()}", MAX_TEXT) == [first.strip(), second.strip()]


def delivery(reply: Reply, **more: Any) -> Delivery:
    return Delivery(id=1, address=Address("telegram", str(BA)), lane=Lane.REPLY, reply=reply, re=None, **more)


@pytest.fixture
async def out(tmp_path: Path) -> AsyncIterator[tuple[TelegramDoor, LocalTelegram, Path]]:
    """A door alone, and a picture for it to send."""
    server = LocalTelegram(kinds={BA: "private"})
    picture = tmp_path / "mo-cong.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 100)
    set_ = settings(tmp_path, telegram_token=TOKEN, telegram_api_url=await server.start())
    door = TelegramDoor(set_, lambda name: picture if name == "mo-cong" else None)
    yield door, server, picture
    await door.close()
    await server.stop()


async def test_a_long_answer_comes_in_parts_with_the_buttons_on_the_last(knowledge: Knowledge, out: Any) -> None:
    door, server, _ = out
    reply = Reply(text="\n\n".join(["câu này dài " * 60] * 9), buttons=(knowledge.button("list", "list"),))

    last = await door.send(delivery(reply))

    sent = server.heard()
    assert len(sent) > 1
    assert ["reply_markup" in message for message in sent] == [False] * (len(sent) - 1) + [True]
    assert last == str(sent[-1]["message_id"])


async def test_a_picture_travels_once(out: Any) -> None:
    door, server, _ = out
    for _ in range(2):
        await door.send(delivery(Reply(text="Bước 1", image="mo-cong")))

    photos = [given["photo"] for method, given in server.calls if method == "sendPhoto"]
    assert isinstance(photos[0], bytes)
    assert photos[1] == server.heard()[0]["photo"][-1]["file_id"]
    assert server.heard()[0]["caption"] == "Bước 1"


async def test_words_too_long_for_a_caption_follow_the_picture(out: Any) -> None:
    door, server, _ = out
    await door.send(delivery(Reply(text="x " * 700, image="mo-cong")))

    photo, words = server.heard()
    assert "caption" not in photo
    assert "text" in words


async def test_an_appointment_comes_as_a_file_for_ones_own_calendar(out: Any) -> None:
    door, server, _ = out
    file = Attachment(name="lich-hen.ics", media_type="text/calendar", text="BEGIN:VCALENDAR")
    await door.send(delivery(Reply(text="Cháu ghi rồi", file=file)))
    await door.send(delivery(Reply(text="chữ " * 500, file=file)))

    assert [method for method, _ in server.calls[-3:]] == ["sendDocument", "sendDocument", "sendMessage"]
    assert server.calls[-3][1]["document"] == b"BEGIN:VCALENDAR"
    assert server.calls[-3][1]["caption"] == "Cháu ghi rồi"


async def test_a_picture_that_is_gone_does_not_keep_the_words_back(out: Any) -> None:
    door, server, _ = out
    await door.send(delivery(Reply(text="Bước 1", image="no-such")))

    assert [message["text"] for message in server.heard()] == ["Bước 1"]


# --- who we say we are ----------------------------------------------------------------------------------------


async def test_the_profile_is_told_once(ba: TelegramTalker) -> None:
    assert [command["command"] for command in ba.server.profile["commands"]][:2] == ["menu", "danhsach"]
    assert ba.server.profile["name"].startswith("Cầm Tay")
    assert "mật khẩu" in ba.server.profile["description"]

    start = len(ba.server.calls)
    await ba.restart()
    await ba.say("xin chào")
    assert not [method for method, _ in ba.server.calls[start:] if method.startswith("setMy")]


async def test_the_token_is_written_nowhere(ba: TelegramTalker) -> None:
    log_to(ba.folder / "camtay.log", "debug")
    for kind in ("cut", "500", "not-json"):
        ba.server.faults.append(Fault(kind))
        await ba.say("làm giấy khai sinh")
    ba.server.faults.append(Fault("429", "getUpdates"))
    await ba.say("xin chào")

    assert TOKEN.partition(":")[2] not in (ba.folder / "camtay.log").read_text()
    assert TOKEN.partition(":")[2] not in repr(ba.app and ba.app.settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CAMTAY_TELEGRAM_TOKEN", "not a token"),
        ("CAMTAY_TELEGRAM_MODE", "pigeon"),
        ("CAMTAY_TELEGRAM_API_URL", "api.telegram.org"),
        ("CAMTAY_TELEGRAM_WEBHOOK_SECRET", "có dấu"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        read_settings()


def test_pushed_updates_need_an_address_to_be_pushed_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMTAY_TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("CAMTAY_TELEGRAM_MODE", "webhook")
    with pytest.raises(SettingsError, match="CAMTAY_PUBLIC_URL"):
        read_settings()


# --- polled ---------------------------------------------------------------------------------------------------


async def test_an_update_that_could_not_be_kept_comes_again(
    ba: TelegramTalker, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ba.app
    accept, failures = ba.app.inbox.accept, [StorageError("full"), StorageError("full")]

    async def sometimes(event: Any) -> Any:
        if failures:
            raise failures.pop()
        return await accept(event)

    monkeypatch.setattr(ba.app.inbox, "accept", sometimes)
    monkeypatch.setattr("bot.channels.telegram.FIRST_WAIT", 0.01)

    answers = await ba.say("làm giấy khai sinh")

    assert "ĐĂNG KÝ KHAI SINH" in answers[-1].text


async def test_one_odd_update_hides_no_other(ba: TelegramTalker) -> None:
    ba.server.update(message={"message_id": "x", "chat": 5, "text": ["Nguyễn Thị Ba 0912345678"]})
    ba.server.update(something_new={"a": 1})

    answers = await ba.say("làm giấy khai sinh")

    assert "ĐĂNG KÝ KHAI SINH" in answers[-1].text
    [(aside,)] = rows(ba.folder, "SELECT body FROM inbox WHERE state = 'aside'")
    assert "Ba" not in aside
    assert "0912345678" not in aside
    assert json.loads(aside)["message"]["text"] == ["<24 characters>"]


# --- pushed ---------------------------------------------------------------------------------------------------


async def test_pushed_updates_are_answered(tmp_path: Path) -> None:
    server = LocalTelegram()
    async with pushed(tmp_path, server) as (app, _):
        server.say("làm giấy khai sinh")
        await server.all_taken()
        await app.settle()

        assert "ĐĂNG KÝ KHAI SINH" in texts(server)[-1]
        assert server.webhook["url"] == "https://hoi.example.vn/webhook/telegram"


async def test_forged_updates_are_refused_before_they_are_read(tmp_path: Path) -> None:
    server = LocalTelegram()
    forgeries: list[Any] = [
        None, "", " ", SECRET[:-1], f"{SECRET}x", SECRET.upper(), f" {SECRET}x", "x" * 10_000, "ắ".encode(),
    ]  # fmt: skip
    body = json.dumps({"update_id": 5, "message": {"text": "x"}})
    async with pushed(tmp_path, server) as (_, address), aiohttp.ClientSession() as session:
        for forged in forgeries:
            headers = {"X-Telegram-Bot-Api-Secret-Token": forged} if isinstance(forged, str) else {}
            async with session.post(f"{address}/webhook/telegram", data=body, headers=headers) as answer:
                assert answer.status in {400, 403}, forged
        twice = [("X-Telegram-Bot-Api-Secret-Token", SECRET)] * 2
        async with session.post(f"{address}/webhook/telegram", data=body, headers=twice) as answer:
            assert answer.status == 403

    assert rows(tmp_path, "SELECT count(*) FROM inbox") == [(0,)]


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"[]", b"5", b'{"update_id": 1}', b"[" * 100_000, b'{"update_id": 7, "message": {}}',
     b'{"update_id": "x", "callback_query": 5}', b'{"update_id": 9, "message": {"text": "\\ud800"}}'],
)  # fmt: skip
async def test_what_telegram_s_secret_vouches_for_is_never_an_error(tmp_path: Path, body: bytes) -> None:
    server = LocalTelegram()
    async with pushed(tmp_path, server) as (_, address), aiohttp.ClientSession() as session:
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        async with session.post(f"{address}/webhook/telegram", data=body, headers=headers) as answer:
            assert answer.status == 200


async def test_telegram_is_asked_to_come_again_while_nothing_can_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = LocalTelegram(webhook_speed=100)
    async with pushed(tmp_path, server) as (app, _):
        accept, failures = app.inbox.accept, [StorageError("full")] * 2

        async def sometimes(event: Any) -> Any:
            if failures:
                raise failures.pop()
            return await accept(event)

        monkeypatch.setattr(app.inbox, "accept", sometimes)
        server.say("làm giấy khai sinh")
        server.say("phí bao nhiêu")
        await server.all_taken()
        await app.settle()

        assert "ĐĂNG KÝ KHAI SINH" in texts(server)[-2]
        assert "Phí" in texts(server)[-1]


@given(st.recursive(st.none() | st.booleans() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip # noqa: E501
def test_what_is_kept_aside_says_nothing(value: Any) -> None:
    kept = json.dumps(redacted({"message": value, "Trần Văn B": "secret words"}))

    assert "secret words" not in kept
    assert "Trần" not in kept
