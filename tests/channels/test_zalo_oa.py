"""The Official Account, on a local Zalo that refuses what the real one refuses."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import serve
from bot.channels.zalo_http import ZaloClient
from bot.channels.zalo_oa import WEBHOOK_PATH
from bot.dialogue.messages import Lane
from tests.support.results import SOAK, keep
from tests.support.talking import ZaloTalker, consent, move_clock, zalo, zalo_settings
from tests.support.zalo import APP_ID, APP_SECRET, BA, OA_ID, OA_SECRET
from tests.support.zalo_events import every_event
from tests.support.zalo_faults import Fault
from tests.support.zalo_push import packed, signature


@pytest.fixture
async def ba(tmp_path: Path) -> AsyncIterator[ZaloTalker]:
    async with zalo(tmp_path) as talker:
        yield talker


def rows(folder: Path, sql: str) -> list[Any]:
    database = sqlite3.connect(folder / "camtay.db")
    try:
        return database.execute(sql).fetchall()
    finally:
        database.close()


async def settled(ba: ZaloTalker) -> None:
    assert ba.app
    await ba.server.all_taken()
    await ba.app.settle()


def passes(ba: ZaloTalker, **by: float) -> None:
    move_clock(ba.folder, timedelta(**by))


# --- what comes in --------------------------------------------------------------------------------------------


async def test_every_event_is_handled_or_knowingly_left_alone(ba: ZaloTalker, tmp_path: Path) -> None:
    for event in every_event():
        ba.server.event(event if isinstance(event, dict) else event[1])
    await settled(ba)

    statuses = {attempt.status for attempt in ba.server.pusher.attempts}
    assert statuses == {200}
    assert rows(tmp_path, "SELECT body FROM inbox WHERE state = 'aside' AND person_id IS NULL") == []


async def test_following_and_opening_the_chat_are_greeted(ba: ZaloTalker) -> None:
    ba.server.follow()
    await settled(ba)

    assert "Cháu chào bác" in ba.server.heard()[0]["text"]


async def test_whoever_withdraws_is_erased(ba: ZaloTalker, tmp_path: Path) -> None:
    await ba.say("làm khai sinh cho cháu")
    ba.server.withdraw()
    await settled(ba)

    assert rows(tmp_path, "SELECT count(*) FROM persons") == [(0,)]
    assert rows(tmp_path, "SELECT count(*) FROM inbox WHERE body IS NOT NULL") == [(0,)]


async def test_what_was_received_and_seen_is_remembered(ba: ZaloTalker, tmp_path: Path) -> None:
    await ba.say("xin chào")
    await settled(ba)
    found = rows(tmp_path, "SELECT received_at IS NOT NULL, seen_at IS NOT NULL FROM outbox WHERE state = 'sent'")

    assert (1, 1) in found


async def test_an_event_of_the_day_before_yesterday_is_taken_and_answered_by_nobody(ba: ZaloTalker) -> None:
    old = str(int((datetime.now(UTC) - timedelta(days=400)).timestamp() * 1000))
    await ba.say("xin chào")
    before = len(ba.server.heard())
    ba.server.event(
        {
            "app_id": APP_ID,
            "sender": {"id": BA},
            "recipient": {"id": OA_ID},
            "event_name": "user_send_text",
            "message": {"msg_id": "cu", "text": "khai sinh"},
            "timestamp": old,
        }
    )
    await settled(ba)

    assert ba.server.pusher.attempts[-1].status == 200
    assert len(ba.server.heard()) == before


async def test_a_text_in_separate_marks_is_understood(ba: ZaloTalker) -> None:
    heard = await ba.say(unicodedata.normalize("NFD", "lệ phí khai sinh bao nhiêu"))

    assert "khai sinh" in heard[-1].text.lower()


async def forged(url: str, body: bytes, mac: str | None) -> int:
    headers = {"X-ZEvent-Signature": mac} if mac is not None else {}
    async with aiohttp.ClientSession() as browser, browser.post(url, data=body, headers=headers) as answer:
        return answer.status


async def test_forged_and_truncated_events_are_refused(ba: ZaloTalker, tmp_path: Path) -> None:
    """A thousand variations in the soak, two hundred here."""
    luck, url = random.Random(3), ba.server.pusher.url
    event = {
        "app_id": APP_ID,
        "sender": {"id": BA},
        "event_name": "user_send_text",
        "message": {"msg_id": "x", "text": "khai sinh"},
        "timestamp": "1795400000000",
    }
    body = packed(event)
    good = signature(APP_ID, body, event["timestamp"], OA_SECRET)  # type: ignore[arg-type]
    refused, tried = 0, 1_000 if SOAK else 200
    for n in range(tried):
        sent, mac = body, f"mac={good}"
        match n % 6:
            case 0:
                cut = luck.randrange(1, len(body))
                sent = body[:cut]
            case 1:
                at = luck.randrange(len(good))
                mac = "mac=" + good[:at] + ("0" if good[at] != "0" else "1") + good[at + 1 :]
            case 2:
                at = luck.randrange(len(body))
                sent = body[:at] + bytes([body[at] ^ (1 << luck.randrange(8))]) + body[at + 1 :]
            case 3:
                mac = "mac=" + signature(APP_ID, body, event["timestamp"], APP_SECRET)  # type: ignore[arg-type]
            case 4:
                mac = luck.choice(["", "mac=", good[:63], good + "0", "mac=" + "0" * 64])
            case 5:
                sent = packed({**event, "timestamp": str(luck.randrange(10**12, 10**13))})
        refused += await forged(url, sent, mac) in {401, 403}

    assert refused == tried
    assert await forged(url, body, None) == 403
    assert rows(tmp_path, "SELECT count(*) FROM inbox") == [(0,)]
    keep("zalo-forged", tried=tried, refused=refused)


async def test_a_storm_with_an_outage_is_handled_once_and_in_order(tmp_path: Path) -> None:
    """Duplicates, Zalo's retries, and a house that is down for a while: 10,000 events in the soak."""
    people, each = (1_000, 10) if SOAK else (20, 6)
    async with zalo(tmp_path) as ba:
        ba.server.forgetful = True
        pusher = ba.server.pusher
        pusher.speed, pusher.twice = 60.0, 0.2
        texts = ["khai sinh", "menu", "trợ giúp"]
        for n in range(people * each):
            ba.server.say(texts[n % 3], user=str(3_000_000_000_000_000_000 + n % people))
            if n == people * each // 3:
                await asyncio.sleep(0.1)
                url = pusher.url
                pusher.url = "http://127.0.0.1:9/"  # nobody listens there
            if n == people * each // 2:
                await asyncio.sleep(0.5)
                pusher.url = url
        await ba.server.all_taken(within=3_000)
        assert ba.app
        await ba.app.settle()
        handled = rows(tmp_path, "SELECT count(*), count(DISTINCT event_key), sum(state = 'done') FROM inbox")
        illegal = list(ba.server.illegal)

    assert handled == [(people * each,) * 3]
    assert illegal == []
    assert not ba.server.pusher.undelivered
    keep("zalo-storm", events=people * each, handled_once=handled[0][0], refused_wrongly=0)


# --- tokens ---------------------------------------------------------------------------------------------------


async def test_tokens_are_renewed_before_their_end_once(ba: ZaloTalker) -> None:
    await ba.say("xin chào")
    passes(ba, hours=21)
    for _ in range(3):
        await ba.say("menu")

    assert len(ba.server.sent("access_token")) == 1
    assert ba.server.illegal == []


async def test_a_token_that_zalo_no_longer_takes_is_renewed_and_the_message_goes(ba: ZaloTalker) -> None:
    await ba.say("xin chào")
    ba.server.faults.append(Fault("-216"))
    heard = await ba.say("trợ giúp")

    assert "tự nhiên" in heard[-1].text
    assert len(ba.server.sent("access_token")) == 1


async def test_many_calls_at_once_renew_a_token_once(ba: ZaloTalker) -> None:
    assert ba.app
    passes(ba, hours=21)
    settings = zalo_settings(ba.folder, ba.server)
    clients = [ZaloClient(settings, ba.app.storage, ba.app.clock) for _ in range(3)]
    tokens = await asyncio.gather(*(client.access() for client in clients for _ in range(5)))
    for client in clients:
        await client.close()

    assert len(set(tokens)) == 1
    assert len(ba.server.sent("access_token")) == 1
    assert ba.server.illegal == []


async def test_a_consent_taken_back_is_told_and_answers_wait_for_the_new_one(
    ba: ZaloTalker, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    await ba.say("xin chào")
    ba.server.revoke()
    await settled(ba)
    assert await ba.say("trợ giúp") == []
    assert "python -m bot zalo login" in capsys.readouterr().out + caplog.text
    assert ba.app
    await consent(ba.app, ba.server)
    passes(ba, minutes=11)
    await ba.app.settle()

    assert any("tự nhiên" in message["text"] for message in ba.server.heard())


async def test_no_secret_is_ever_logged(
    ba: ZaloTalker, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert ba.app
    tokens = await ba.app.storage.zalo_tokens(APP_ID)
    assert tokens
    for kind in (
        "-216",
        "http-500",
        "not-json",
        "cut",
        "lost",
        "-999",
        "empty",
        "502-html",
        "two-servers",
        "numbers",
    ):
        ba.server.faults.append(Fault(kind))
        await ba.say("menu")
    told = capsys.readouterr()
    now = await ba.app.storage.zalo_tokens(APP_ID)
    assert now

    for secret in (tokens.access, tokens.refresh, now.access, now.refresh, APP_SECRET, OA_SECRET):
        assert secret not in told.out + told.err + caplog.text
    assert secret not in repr(now)


# --- what goes out --------------------------------------------------------------------------------------------


async def test_more_than_five_choices_stand_numbered_in_the_text(ba: ZaloTalker) -> None:
    (heard,) = [one for one in await ba.say("danh sách") if "nhóm" in one.text]

    assert len(next(message for message in ba.server.heard() if message["text"] == heard.text)["buttons"]) == 5
    assert "6. " in heard.text
    assert [one.text for one in await ba.say("7")]


async def test_a_picture_is_handed_in_once_and_again_when_its_week_is_over(ba: ZaloTalker) -> None:
    await ba.say("làm khai sinh")
    for text in ("làm từng bước", "online", "1", "1", "1", "đi tiếp"):
        await ba.say(text)
    assert len(ba.server.sent("upload/image")) == 1
    await ba.say("quay lại")
    await ba.say("đi tiếp")
    assert len(ba.server.sent("upload/image")) == 1
    await ba.say("quay lại")
    ba.server.faults.append(Fault("-100"))
    await ba.say("đi tiếp")

    assert len(ba.server.sent("upload/image")) == 2
    assert [message["kind"] for message in ba.server.heard()[-2:]] == ["image", "text"]


@pytest.mark.parametrize(
    ("code", "state"), [("-230", "refused"), ("-213", "refused"), ("-201", "refused"), ("-321", "queued")]
)
async def test_what_a_code_means_for_an_answer(ba: ZaloTalker, tmp_path: Path, code: str, state: str) -> None:
    await ba.say("xin chào")
    ba.server.faults.append(Fault(code))
    await ba.say("trợ giúp")

    assert rows(tmp_path, "SELECT state FROM outbox ORDER BY id DESC LIMIT 1") == [(state,)]


async def test_a_code_that_nobody_knows_is_tried_once_more(ba: ZaloTalker, tmp_path: Path) -> None:
    await ba.say("xin chào")
    ba.server.faults += [Fault("-999"), Fault("-999")]
    await ba.say("trợ giúp")
    passes(ba, minutes=1)
    await settled(ba)

    assert rows(tmp_path, "SELECT state, attempts FROM outbox ORDER BY id DESC LIMIT 1") == [("refused", 2)]


# --- windows and money ----------------------------------------------------------------------------------------


async def booked(ba: ZaloTalker, when: str) -> None:
    for text in (f"nhắc tôi {when} nộp giấy khai sinh", "đúng", "có"):
        await ba.say(text)


async def test_inside_48_hours_a_reminder_is_free(ba: ZaloTalker) -> None:
    await booked(ba, "9 giờ sáng thứ tư")  # from Monday, 9:00: the day before is 24 hours on
    passes(ba, days=1)
    await settled(ba)

    assert "Cháu nhắc bác" in ba.server.heard()[-1]["text"]
    assert ba.server.spent() == 0


async def test_without_a_budget_nothing_billed_is_sent_and_an_officer_calls(ba: ZaloTalker) -> None:
    await booked(ba, "9 giờ sáng 30/11")
    passes(ba, days=6)
    await settled(ba)
    assert ba.app

    assert len(await ba.app.storage.call_list()) == 1
    assert ba.server.spent() == 0
    assert ba.server.illegal == []


async def test_a_month_of_windows_quotas_and_rotations_breaks_no_rule(tmp_path: Path) -> None:
    """People with appointments near and far: every reminder that was due was sent or listed."""
    luck, people = random.Random(5), 200 if SOAK else 12
    due = "SELECT count(*) FROM outbox WHERE state = 'queued' AND not_before <= '{}'"
    async with zalo_with_a_budget(tmp_path) as ba:
        assert ba.app
        for n in range(people):
            talker = str(3_100_000_000_000_000_000 + n)
            for text in (f"nhắc tôi 9 giờ sáng ngày {luck.randrange(1, 20)}/12 nộp giấy khai sinh", "đúng", "có"):
                ba.server.say(text, user=talker)
                await settled(ba)
        for _ in range(31):
            for hours in (5, 3, 16):
                passes(ba, hours=hours)
                await settled(ba)
                while rows(tmp_path, due.format(ba.app.clock.now().isoformat(timespec="milliseconds"))) != [(0,)]:
                    passes(ba, seconds=1)  # at the pace of bulk
                    await settled(ba)
        fates = await ba.app.storage.fates(Lane.REMINDER)
        listed = await ba.app.storage.call_list(10_000)
        spent = await ba.app.storage.zalo_spent(ba.app.clock.now())

    assert ba.server.illegal == []
    assert set(fates) <= {"sent", "listed", "cancelled", "expired"}, "what was due ends in one of these"
    assert len(listed) == fates.get("listed", 0)
    assert spent <= 20_000
    keep("zalo-month", people=people, illegal=0, dong=ba.server.spent(), **fates)


class Budgeted(ZaloTalker):
    """A house that may spend a little, and has an approved template."""

    async def open(self) -> None:
        clock = self.folder / "clock"
        if not clock.exists():
            clock.write_text(datetime(2026, 11, 23, 2, 0, tzinfo=UTC).isoformat())
        self.server.clock = lambda: datetime.fromisoformat(clock.read_text())
        template = next(iter(self.server.templates.values()))
        template.params = {"ho_ten": 30, "noi_dung": 200}
        template.text = "{ho_ten}: {noi_dung}"
        await self.server.start()
        self.stack.push_async_callback(self.server.stop)
        set_ = zalo_settings(self.folder, self.server, zalo_template=template.id, zalo_monthly_dong=20_000)
        self.app, url = await self.stack.enter_async_context(serve(set_, chores=False))
        await consent(self.app, self.server)
        await self.server.set_webhook(f"{url}{WEBHOOK_PATH}")


@asynccontextmanager
async def zalo_with_a_budget(folder: Path) -> AsyncIterator[Budgeted]:
    talker = Budgeted(folder)
    await talker.open()
    try:
        yield talker
    finally:
        await talker.close()


async def test_an_officer_at_the_oas_own_console_is_not_talked_over(ba: ZaloTalker, tmp_path: Path) -> None:
    await ba.say("xin chào")
    ba.server.officer_says("Bác chờ em xem hồ sơ nhé")
    await settled(ba)
    heard = await ba.say("phí khai sinh bao nhiêu vậy em")
    assert not [one for one in heard if "khai sinh" in one.text]
    assert rows(tmp_path, "SELECT count(*) FROM takeovers") == [(1,)]
    assert ("Bác chờ em xem hồ sơ nhé",) in rows(tmp_path, "SELECT words FROM case_messages")
    passes(ba, minutes=31)
    heard = await ba.say("phí khai sinh bao nhiêu vậy em")

    assert "khai sinh" in heard[-1].text.lower()
