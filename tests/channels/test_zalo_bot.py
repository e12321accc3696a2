"""The small Zalo Bot, on a local Bot platform: polled or pushed, numbers instead of buttons, fifty people."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import App, serve
from bot.channels import checks
from bot.channels.zalo_bot import PROOF_HEADER, QUOTA_TRIES, WEBHOOK_PATH, BotClient, webhook_secret
from bot.doctor import Mark
from bot.errors import SettingsError, TryLater
from bot.settings import Settings, read_settings
from tests.support.talking import MORNING, ZaloBotTalker, zalo_bot, zalo_bot_settings
from tests.support.zalo_bot import BA, LocalZaloBot
from tests.support.zalo_faults import Fault

SITE = "https://hoi.xasuoihoa.gov.vn"


@pytest.fixture
async def ba(tmp_path: Path) -> AsyncIterator[ZaloBotTalker]:
    async with zalo_bot(tmp_path) as talker:
        yield talker


@asynccontextmanager
async def pushed(folder: Path, **how: Any) -> AsyncIterator[tuple[LocalZaloBot, App, str]]:
    """A house to which the platform pushes, as through a server in front that ends TLS."""
    server = LocalZaloBot(clock=lambda: MORNING, **how)
    (folder / "clock").write_text(MORNING.isoformat())
    await server.start()
    house = zalo_bot_settings(folder, server, zalo_bot_mode="webhook", public_url=SITE)
    try:
        async with serve(house, chores=False) as (app, url):
            server.push_to = url
            await server.introduced()
            yield server, app, url
    finally:
        await server.stop()


def texts(server: LocalZaloBot, person: str = BA) -> str:
    return "\n".join(message["text"] for message in server.heard(person))


def count(folder: Path, sql: str) -> int:
    database = sqlite3.connect(folder / "camtay.db")
    try:
        return int(database.execute(sql).fetchone()[0])
    finally:
        database.close()


async def settled(server: LocalZaloBot, app: App) -> None:
    await server.all_taken()
    await app.settle()


# --- in -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrapped", [False, True], ids=["as captured", "as documented"])
async def test_what_is_pushed_is_answered_in_either_shape(tmp_path: Path, *, wrapped: bool) -> None:
    async with pushed(tmp_path, wrapped=wrapped) as (server, app, _):
        server.say("lam giay khai sinh can gi")
        await settled(server, app)

        assert "Giấy chứng sinh" in texts(server)
        assert server.illegal == []


@pytest.mark.parametrize("polled_list", [False, True], ids=["one object", "a list"])
async def test_what_is_polled_is_answered_in_either_shape(ba: ZaloBotTalker, *, polled_list: bool) -> None:
    ba.server.polled_list = polled_list

    assert "Giấy chứng sinh" in "\n".join(one.text for one in await ba.say("làm giấy khai sinh cần gì"))


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(PROOF_HEADER, "")],
        [(PROOF_HEADER, "wrong")],
        [(PROOF_HEADER, "almost")],
        [(PROOF_HEADER, "right"), (PROOF_HEADER, "right")],
    ],
    ids=["none", "empty", "wrong", "almost right", "two of them"],
)
async def test_without_the_secret_nothing_is_taken(tmp_path: Path, headers: list[tuple[str, str]]) -> None:
    async with pushed(tmp_path) as (_, app, url), aiohttp.ClientSession() as stranger:
        right = webhook_secret(app.settings)
        known = {"right": right, "almost": right[:-1] + "x"}
        message = {"from": {"id": BA}, "chat": {"id": BA}, "message_id": "m1", "text": "chào"}
        body = json.dumps({"event_name": "message.text.received", "message": message})
        sent = [(name, known.get(value, value)) for name, value in headers]
        async with stranger.post(url + WEBHOOK_PATH, data=body, headers=sent) as answer:
            assert answer.status == 403
        assert count(tmp_path, "SELECT count(*) FROM inbox") == 0


async def test_the_platforms_own_look_at_the_address_is_welcome(tmp_path: Path) -> None:
    async with pushed(tmp_path) as (server, _, url), aiohttp.ClientSession() as platform:
        async with platform.post(url + WEBHOOK_PATH, data=b"") as answer:
            assert answer.status == 200
        assert server.webhook["url"] == SITE + WEBHOOK_PATH


async def test_what_is_brought_twice_is_answered_once(tmp_path: Path) -> None:
    async with pushed(tmp_path) as (server, app, _):
        message = {
            "from": {"id": BA, "is_bot": False},
            "chat": {"id": BA, "chat_type": "PRIVATE"},
            "message_id": "the-same",
            "date": int(MORNING.timestamp() * 1000),
            "text": "xin chào",
        }
        server.chats[BA] = []
        for _ in range(3):
            server.update({"event_name": "message.text.received", "message": message})
        await settled(server, app)

        assert count(tmp_path, "SELECT count(*) FROM inbox") == 1


@pytest.mark.parametrize("documented", [False, True])
@pytest.mark.parametrize("kind", ["image", "sticker", "voice", "unsupported"])
async def test_what_cannot_be_read_gets_a_kind_sentence(ba: ZaloBotTalker, kind: str, *, documented: bool) -> None:
    ba.server.documented_photo = documented
    await ba.say("chào")

    heard = await ba._caused_by(lambda: ba.server.sends(kind))

    assert len(heard) == 1
    assert "ạ" in heard[0].text or "bác" in heard[0].text


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"event_name": "webhook.test"},
        {"event_name": "message.text.received"},
        {"event_name": "message.text.received", "message": []},
        {"event_name": "message.text.received", "message": {"from": 7, "chat": "x", "message_id": None}},
        {"event_name": 5, "message": {"from": {}, "chat": {}}},
        {"result": [1, 2]},
        [],
        "x",
    ],
)
async def test_nonsense_is_left_alone_and_the_next_message_answered(tmp_path: Path, update: Any) -> None:
    async with pushed(tmp_path) as (server, app, _):
        server.update(update)
        server.say("menu")
        await settled(server, app)

        assert server.undelivered == []
        assert "Bác cần làm việc gì" in texts(server)


async def test_yesterdays_message_is_left_alone(tmp_path: Path) -> None:
    async with pushed(tmp_path) as (server, app, _):
        server.advance(-timedelta(hours=25))
        server.say("chào")
        await settled(server, app)

        assert server.heard() == []
        assert count(tmp_path, "SELECT count(*) FROM inbox") == 0


async def test_in_a_group_nothing_personal_is_said(ba: ZaloBotTalker) -> None:
    ba.server.sends("text", {"text": "@Bot Cầm Tay xem dữ liệu của tôi"}, group="nhom-thon-2")
    assert ba.app
    await settled(ba.server, ba.app)

    assert "chuyện riêng của bác" in texts(ba.server, "nhom-thon-2")


async def test_polling_goes_on_after_the_platform_was_away(
    ba: ZaloBotTalker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.zalo_bot.PAUSES", (0.01,))
    await ba.say("chào")
    ba.server.faults += [Fault("500", "getUpdates"), Fault("not-json", "getUpdates"), Fault("cut", "getUpdates")]

    assert await ba.say("menu")
    assert await ba.say("danh sách")


# --- out ------------------------------------------------------------------------------------------------------


async def test_choices_are_numbered_and_the_number_chooses(ba: ZaloBotTalker) -> None:
    heard = await ba.say("danh sách")
    assert "\n1. " in heard[-1].text

    again = await ba.say("1")

    assert heard[-1].buttons[0][0].lower() in again[-1].text.lower()


async def test_a_reminder_is_answered_in_words_even_within_a_walk(ba: ZaloBotTalker) -> None:
    for text in ("nhắc tôi thứ năm này 8 giờ lên lấy giấy khai sinh", "đúng rồi", "có"):
        await ba.say(text)
    for text in ("làm giấy kết hôn", "làm từng bước"):
        walk = await ba.say(text)
    ba.pass_time(timedelta(days=2))
    assert ba.app
    await ba.app.settle()
    reminder = texts(ba.server).rsplit("🗓", 1)[-1]
    assert "Bác gõ lại chữ của dòng mình chọn:\n• Đã rõ" in reminder
    assert "1." not in reminder

    assert "Hẹn gặp bác" in (await ba.say("đã rõ"))[0].text
    # The walk is where it was, and its numbers mean what they meant.
    assert walk[-1].buttons[0][1] == "1"


async def test_a_long_answer_comes_in_parts_each_within_the_limit(ba: ZaloBotTalker) -> None:
    await ba.say("làm giấy khai sinh cần gì")

    assert all(len(message["text"].encode("utf-16-le")) // 2 <= 2_000 for message in ba.server.heard())
    assert ba.server.illegal == []


@pytest.mark.parametrize(
    "kind", ["403", "429", "http-502", "cut", "lost", "not-json", "empty", "two-servers", "numbers", "other-envelope"]
)
async def test_a_send_that_fails_for_now_arrives_in_the_end(ba: ZaloBotTalker, kind: str) -> None:
    ba.server.faults.append(Fault(kind, "sendMessage"))
    await ba.say("chào")
    for _ in range(6):
        ba.pass_time(timedelta(minutes=5))
        assert ba.app
        await ba.app.settle()

    assert "Cháu chào bác" in texts(ba.server)


async def test_a_plan_that_is_used_up_ends_in_a_refusal_and_not_in_endless_tries(
    ba: ZaloBotTalker, tmp_path: Path
) -> None:
    ba.server.messages_a_month = 0
    await ba.say("chào")
    for _ in range(12):
        ba.pass_time(timedelta(minutes=40))
        assert ba.app
        await ba.app.settle()

    assert ba.server.heard() == []
    assert count(tmp_path, "SELECT count(*) FROM outbox WHERE state IN ('queued', 'leased')") == 0
    messages = count(tmp_path, "SELECT count(*) FROM outbox")
    assert sum(call.path == "sendMessage" for call in ba.server.calls) <= messages * (1 + QUOTA_TRIES)


# --- the admin ------------------------------------------------------------------------------------------------


async def found(house: Settings, app: App | None = None) -> dict[str, Mark]:
    storage = app.storage if app else None
    return {one.what: one.mark async for one in checks.zalo_bot(house, storage, MORNING)}


async def test_doctor_tells_how_much_of_the_plan_is_used(ba: ZaloBotTalker) -> None:
    await ba.say("chào")
    assert ba.app

    seen = await found(ba.app.settings, ba.app)

    assert seen["Zalo Bot: Bot Cầm Tay."] is Mark.GOOD
    assert seen["Zalo Bot: 1 người trên 50 của gói miễn phí."] is Mark.GOOD
    for n in range(44):
        ba.server.say("chào", f"nguoi{n:02}")
    await settled(ba.server, ba.app)
    assert (await found(ba.app.settings, ba.app))["Zalo Bot: 45 người trên 50 của gói miễn phí."] is Mark.NOTE


async def test_doctor_says_when_the_token_is_wrong_or_the_platform_away(ba: ZaloBotTalker) -> None:
    assert ba.app
    wrong = ba.app.settings.model_copy(update={"zalo_bot_token": type(ba.app.settings.zalo_bot_token)("1:wrong")})
    away = ba.app.settings.model_copy(update={"zalo_bot_api_url": "http://127.0.0.1:9"})

    assert "Zalo không nhận mã của Zalo Bot." in await found(wrong)
    assert any("Không nối được" in what for what in await found(away))


async def test_the_token_is_in_no_error(ba: ZaloBotTalker) -> None:
    assert ba.app
    away = ba.app.settings.model_copy(update={"zalo_bot_api_url": "http://127.0.0.1:9"})
    client = BotClient(away)
    try:
        with pytest.raises(TryLater) as seen:
            await client.call("getMe")
    finally:
        await client.close()
    assert away.zalo_bot_token.get_secret_value() not in f"{seen.value!r}{seen.value}"


@pytest.mark.parametrize("url", ["", "http://hoi.xasuoihoa.gov.vn"])
def test_pushing_wants_an_https_address(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("CAMTAY_ZALO_BOT_TOKEN", "123:abc")
    monkeypatch.setenv("CAMTAY_ZALO_BOT_MODE", "webhook")
    monkeypatch.setenv("CAMTAY_PUBLIC_URL", url)

    with pytest.raises(SettingsError, match="CAMTAY_PUBLIC_URL"):
        read_settings()
