"""The one way out, with the whole house behind it: in order, once, and in one final state whatever the door does."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import bot.app
import bot.outbox
from bot.app import App, build
from bot.dialogue.messages import Address, PersonId, Reply, Scope
from bot.errors import Refused, TryLater, Unclear
from bot.outbox import FIRST_WAIT, LONGEST_WAIT, SEND_LIMIT, Outbox
from storage.outbox import LEASE
from tests.support.doors import CHANNEL, RecordingDoor, words
from tests.support.talking import move_clock, settings

BA = Address(CHANNEL, "ba")


async def say(app: App, *texts: str, person: str = "ba", start: int = 1) -> None:
    for n, text in enumerate(texts, start):
        await app.inbox.accept(words(text, f"{person}-{n}", person))
    await app.settle()


async def pass_time(app: App, folder: Path, by: timedelta) -> None:
    move_clock(folder, by)
    await app.settle()


def states(folder: Path) -> list[Any]:
    database = sqlite3.connect(folder / "camtay.db")
    try:
        return [state for (state,) in database.execute("SELECT state FROM outbox ORDER BY id")]
    finally:
        database.close()


async def person_of(app: App, name: str = "ba") -> PersonId:
    accepted = await app.inbox.accept(words("chào", f"who-{name}", name))
    await app.settle()
    return accepted.person


# --- it goes well ---------------------------------------------------------------------------------------------


async def test_the_replies_of_a_turn_leave_in_their_order_once(
    house: App, door: RecordingDoor, tmp_path: Path
) -> None:
    await say(house, "khai sinh", "trợ giúp")

    assert [text[:9] for text in door.texts()] == ["Cháu chào", "ĐĂNG KÝ K", "Bác hỏi g"]
    assert states(tmp_path) == ["sent"] * 3
    await house.outbox.poll()
    await house.settle()
    assert len(door.tried) == 3


async def test_a_checklist_that_is_ticked_edits_its_own_message(house: App, door: RecordingDoor) -> None:
    await say(house, "sao y", "làm từng bước", "1", "1")
    first = door.sent[-1]
    await say(house, "1", start=10)

    assert first.reply.slot
    assert door.sent[-1].edits == f"m{first.id}"
    assert "☑ 1." in door.sent[-1].reply.text


# --- try later ------------------------------------------------------------------------------------------------


async def test_a_message_that_must_wait_is_overtaken_by_nothing(
    house: App, door: RecordingDoor, tmp_path: Path
) -> None:
    door.troubles["ba"].extend([TryLater("429", after=30), TryLater("429", after=30)])
    await say(house, "khai sinh", "trợ giúp")
    assert door.texts() == []
    await say(house, "danh sách", start=3)
    assert door.texts() == []

    await pass_time(house, tmp_path, timedelta(seconds=31))
    assert door.texts() == []
    await pass_time(house, tmp_path, timedelta(seconds=31))

    assert door.answered() == ["ba-1", "ba-2", "ba-3"]
    assert len(door.sent) == 4
    assert not any(delivery.maybe_repeated for delivery in door.sent)


async def test_one_persons_waiting_holds_nobody_else_up(house: App, door: RecordingDoor) -> None:
    door.troubles["an"].append(TryLater("429", after=30))
    await say(house, "khai sinh", person="an")
    await say(house, "khai sinh", person="binh")

    assert door.texts("an") == []
    assert door.answered("binh") == ["binh-1"]


async def test_without_a_word_from_the_platform_the_waits_double_and_are_bounded(house: App, tmp_path: Path) -> None:
    person = await person_of(house)
    await house.storage.put(person, BA, Reply(text="nhắc"), house.clock.now())
    (delivery,) = await house.storage.claim(Scope(CHANNEL), house.outbox.id, house.clock.now())
    waits = [Outbox._wait(_after(delivery, attempts), None).total_seconds() for attempts in range(40)]

    assert 0.75 * FIRST_WAIT <= waits[0] <= 1.25 * FIRST_WAIT
    assert waits[5] > waits[0]
    assert max(waits) <= 1.25 * LONGEST_WAIT
    assert Outbox._wait(delivery, 12).total_seconds() == 12
    for senseless in (0, -5, 10**9, float("nan")):
        assert 0 < Outbox._wait(delivery, senseless).total_seconds() <= 1.25 * LONGEST_WAIT


def _after(delivery: Any, attempts: int) -> Any:
    from dataclasses import replace

    return replace(delivery, attempts=attempts)


async def test_what_nobody_could_deliver_for_a_day_expires(house: App, door: RecordingDoor, tmp_path: Path) -> None:
    door.troubles["ba"].extend([TryLater("down", after=900)] * 2)
    await say(house, "khai sinh")
    await pass_time(house, tmp_path, timedelta(days=2))
    door.troubles.clear()
    await pass_time(house, tmp_path, timedelta(hours=1))
    await say(house, "trợ giúp", start=2)

    assert "expired" in states(tmp_path)
    assert door.answered()[-1] == "ba-2"


# --- refused --------------------------------------------------------------------------------------------------


async def test_a_refused_message_is_final_and_the_next_one_goes_on(
    house: App, door: RecordingDoor, tmp_path: Path
) -> None:
    door.troubles["ba"].append(Refused("text too long"))
    await say(house, "khai sinh")

    assert states(tmp_path) == ["refused", "sent"]
    assert len(door.sent) == 1


async def test_a_person_who_is_gone_is_unreachable_until_they_write_again(
    house: App, door: RecordingDoor, tmp_path: Path
) -> None:
    def unreachable() -> bool:
        database = sqlite3.connect(tmp_path / "camtay.db")
        try:
            return database.execute("SELECT unreachable_at FROM persons").fetchone() != (None,)
        finally:
            database.close()

    door.troubles["ba"].extend([Refused("blocked", gone=True), Refused("blocked", gone=True)])
    await say(house, "khai sinh")
    assert unreachable()
    await say(house, "trợ giúp", start=2)

    assert not unreachable()
    assert door.answered() == ["ba-2"]


# --- unclear --------------------------------------------------------------------------------------------------


async def test_an_unclear_message_is_sent_once_more_marked_and_in_its_place(
    house: App, door: RecordingDoor, tmp_path: Path
) -> None:
    door.troubles["ba"].append(Unclear("connection reset"))
    await say(house, "khai sinh", "trợ giúp")

    assert [text[:9] for text in door.texts()] == ["Cháu chào", "ĐĂNG KÝ K", "Bác hỏi g"]
    assert door.sent[0].maybe_repeated
    assert not door.sent[1].maybe_repeated
    assert len(door.tried) == 4
    assert states(tmp_path) == ["sent"] * 3


async def test_what_is_unclear_twice_is_counted_unknown_and_never_sent_a_third_time(
    house: App, door: RecordingDoor, tmp_path: Path
) -> None:
    door.troubles["ba"].extend([Unclear("reset"), Unclear("reset")])
    await say(house, "khai sinh")
    await pass_time(house, tmp_path, timedelta(hours=1))

    assert states(tmp_path) == ["unknown", "sent"]
    assert len(door.tried) == 3


async def test_a_send_that_takes_too_long_is_unclear(
    house: App, door: RecordingDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.outbox, "SEND_LIMIT", 0.02)
    door.hang()
    await house.inbox.accept(words("khai sinh", "ba-1"))
    await door.hanging.wait()
    await house.inbox.idle()
    await asyncio.sleep(0.05)
    door.go_on()
    await house.settle()

    assert door.answered() == ["ba-1"]
    assert door.sent[0].maybe_repeated


async def test_a_door_that_breaks_in_a_way_nobody_foresaw_loses_nothing(
    house: App, door: RecordingDoor, tmp_path: Path
) -> None:
    door.troubles["ba"].append(KeyError("message_id"))
    await say(house, "khai sinh", "trợ giúp")
    await pass_time(house, tmp_path, LEASE + timedelta(seconds=1))

    assert door.answered() == ["ba-1", "ba-2"]
    assert set(states(tmp_path)) == {"sent"}


def test_a_send_ends_before_its_lease_does() -> None:
    assert timedelta(seconds=SEND_LIMIT) < LEASE


# --- stopping -------------------------------------------------------------------------------------------------


async def test_a_stop_gives_back_what_was_not_begun_and_the_next_start_sends_it(tmp_path: Path) -> None:
    first, second = RecordingDoor(), RecordingDoor()
    house = build(settings(tmp_path), [first], chores=False)
    app = await house.__aenter__()
    first.hang()
    for n, text in enumerate(("khai sinh", "trợ giúp", "danh sách"), 1):
        await app.inbox.accept(words(text, f"ba-{n}"))
    await first.hanging.wait()
    await app.inbox.idle()
    stop = asyncio.create_task(house.__aexit__(None, None, None))
    await asyncio.sleep(0.02)
    first.go_on()
    await stop
    assert len(first.sent) == 1
    assert states(tmp_path) == ["sent", "queued", "queued", "queued"]

    async with build(settings(tmp_path), [second], chores=False) as app:
        await app.settle()

    assert second.answered() == ["ba-1", "ba-2", "ba-3"]
    assert len(second.sent) == 3
    assert not any(delivery.maybe_repeated for delivery in second.sent)


async def test_a_door_that_hangs_does_not_hold_the_stop_up_and_its_message_comes_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.app, "STOP_WITHIN", 0.05)
    first, second = RecordingDoor(), RecordingDoor()
    async with build(settings(tmp_path), [first], chores=False) as app:
        first.hang()
        await app.inbox.accept(words("khai sinh", "ba-1"))
        await first.hanging.wait()
    async with build(settings(tmp_path), [second], chores=False) as app:
        await app.settle()

    assert not first.sent
    assert second.answered() == ["ba-1"]
    assert second.sent[0].maybe_repeated


async def test_what_arrives_while_a_waiting_message_is_given_back_waits_too(
    house: App, door: RecordingDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await person_of(house)
    now = house.clock.now()
    for text in ("một", "hai"):
        await house.storage.put(person, BA, Reply(text=text), now)
    first, second = await house.storage.claim(Scope(CHANNEL), house.outbox.id, now)
    give_back = house.storage.give_back
    late = [second]

    async def slowly(*args: Any) -> None:
        if late:
            house.outbox.deliver([late.pop()])
        await give_back(*args)

    monkeypatch.setattr(house.storage, "give_back", slowly)
    door.troubles["ba"].append(TryLater("502"))
    house.outbox.deliver([first])
    await house.settle()

    assert "hai" in door.texts(), "given back at once, not when its lease has run out"


# --- two senders ----------------------------------------------------------------------------------------------


async def test_a_scope_has_one_sender_at_a_time(tmp_path: Path) -> None:
    first, second = RecordingDoor(), RecordingDoor()
    async with build(settings(tmp_path), [first], chores=True) as one:
        await one.inbox.accept(words("khai sinh", "ba-1"))
        await one.settle()
        outbox = Outbox(one.storage, one.clock, [second])
        await outbox.start(steal=False)
        assert await outbox.poll() is False
        await one.inbox.accept(words("trợ giúp", "ba-2"))
        await one.settle()

    assert first.answered() == ["ba-1", "ba-2"]
    assert not second.tried


async def test_a_dead_senders_messages_are_taken_over_when_its_lease_has_run_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = RecordingDoor(), RecordingDoor()
    async with build(settings(tmp_path), [first], chores=True) as one:
        person = await person_of(one)
        await one.storage.put(person, BA, Reply(text="nhắc"), one.clock.now())
        await one.storage.claim(first.scope, one.outbox.id, one.clock.now())  # leased, and then it "died"
        monkeypatch.setattr(one.outbox, "poll", lambda: asyncio.sleep(0, False))
        move_clock(tmp_path, LEASE + timedelta(seconds=1))
        outbox = Outbox(one.storage, one.clock, [second])
        await outbox.start(steal=False)
        await outbox.flush()
        monkeypatch.undo()

    assert second.texts() == ["nhắc"]
    assert second.sent[0].maybe_repeated
