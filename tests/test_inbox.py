"""From the door to the saved answer, with the whole house behind it: once each, in order, whatever happens."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import bot.dialogue.engine
import bot.inbox
import content
from bot.app import App, build
from bot.dialogue.messages import Accepted, Address, Inbound, Outcome, Reply, Scope, Turn
from bot.dialogue.payloads import Verb
from bot.errors import ContentError, StorageError, VersionMoved
from bot.inbox import TRIES
from bot.knowledge import Library
from tests.support.doors import CHANNEL, RecordingDoor, press, words
from tests.support.talking import move_clock, settings


def instead_of(verb: Verb, handler: Callable[[Turn], Outcome], patch: pytest.MonkeyPatch) -> None:
    """That handler answers this verb, for the rest of the test."""
    patch.setattr(bot.dialogue.engine, "HANDLERS", {**bot.dialogue.engine.HANDLERS, verb: handler})


def echo(turn: Turn) -> Outcome:
    """What was said, said again; the conversation counts along, so that a turn done twice would show."""
    conversation = replace(turn.conversation, welcomed=True, misses=turn.conversation.misses + 1)
    return Outcome(replies=(Reply(text=turn.inbound.text),), conversation=conversation)


def fail(turn: Turn) -> Outcome:
    raise RuntimeError("a mistake of ours")


def rows(folder: Path, query: str) -> list[Any]:
    database = sqlite3.connect(folder / "camtay.db")
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


# --- once, and in order ---------------------------------------------------------------------------------------


async def test_one_persons_messages_are_answered_in_the_order_of_acceptance(
    house: App, door: RecordingDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead_of(Verb.ASKED, echo, monkeypatch)
    for n in range(15):
        await house.inbox.accept(words(f"khai sinh {n} abc", f"e{n}"))
    await house.settle()

    assert door.answered() == [f"e{n}" for n in range(15)]


async def test_a_thousand_messages_of_fifty_people_are_answered_once_each_and_in_order(
    house: App, door: RecordingDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead_of(Verb.ASKED, echo, monkeypatch)
    luck = random.Random(20261122)

    async def speak(person: str) -> None:
        for n in range(20):
            if luck.random() < 0.3:
                await asyncio.sleep(0)
            await house.inbox.accept(words(f"{person} hỏi câu {n} xyz", f"{person}-{n}", person))

    people = [f"p{n}" for n in range(50)]
    await asyncio.gather(*map(speak, people))
    await house.settle()

    assert len(door.sent) == 1000
    for person in people:
        assert door.texts(person) == [f"{person} hỏi câu {n} xyz" for n in range(20)]


async def test_messages_accepted_at_the_same_moment_are_each_answered_once(house: App, door: RecordingDoor) -> None:
    await asyncio.gather(*(house.inbox.accept(words("khai sinh", f"e{n}")) for n in range(12)))
    await house.settle()

    assert sorted(door.answered()) == sorted(f"e{n}" for n in range(12))
    assert sum("Cháu giữ lời nhắn 7 ngày" in text for text in door.texts()) == 1


async def test_nobody_is_thought_about_while_another_is_being_taken_in(
    house: App, door: RecordingDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.inbox, "GIVES_WAY", 60.0)
    written, accept = asyncio.Event(), house.storage.accept

    async def slowly(event: Inbound, now: datetime) -> Accepted:
        if event.address.id == "ong":
            await written.wait()
        return await accept(event, now)

    monkeypatch.setattr(house.storage, "accept", slowly)
    coming = asyncio.create_task(house.inbox.accept(words("khai tử", "e2", "ong")))
    await asyncio.sleep(0)
    await house.inbox.accept(words("khai sinh", "e1"))
    await asyncio.sleep(0.1)
    meanwhile = [*door.sent]
    written.set()
    await coming
    await house.settle()

    assert meanwhile == []
    assert door.answered("ba") == ["e1"]
    assert door.answered("ong") == ["e2"]


async def test_a_repeated_event_is_answered_once(house: App, door: RecordingDoor) -> None:
    first = await house.inbox.accept(words("khai sinh", "e1"))
    again = await house.inbox.accept(words("khai sinh", "e1"))
    await house.settle()
    later = await house.inbox.accept(words("khai sinh", "e1"))
    await house.settle()

    assert (first.fresh, again.fresh, later.fresh) == (True, False, False)
    assert first.seq == again.seq == later.seq
    assert len(door.sent) == 2  # the welcome and the card


async def test_an_event_repeated_many_times_at_once_is_answered_once(house: App, door: RecordingDoor) -> None:
    accepted = await asyncio.gather(*(house.inbox.accept(words("khai sinh", "e1")) for _ in range(20)))
    await house.settle()

    assert sum(one.fresh for one in accepted) == 1
    assert door.answered() == ["e1"]
    assert len(door.sent) == 2


async def test_a_repeat_after_a_restart_is_still_known(tmp_path: Path) -> None:
    for _ in range(2):
        door = RecordingDoor()
        async with build(settings(tmp_path), [door], chores=False) as app:
            await app.inbox.accept(words("khai sinh", "e1"))
            await app.settle()

    assert not door.sent


async def test_what_was_accepted_and_not_answered_is_answered_at_the_next_start(tmp_path: Path) -> None:
    async with build(settings(tmp_path), [], chores=False) as app:
        for n in range(5):
            await app.storage.accept(words(f"khai sinh {n}", f"e{n}"), app.clock.now())
    door = RecordingDoor()
    async with build(settings(tmp_path), [door], chores=False) as app:
        await app.settle()

    assert door.answered() == [f"e{n}" for n in range(5)]


async def test_a_press_and_words_of_the_same_person_keep_their_order(house: App, door: RecordingDoor) -> None:
    await house.inbox.accept(press("begin:khai-sinh", "e1"))
    for n in range(2, 6):
        await house.inbox.accept(words("1", f"e{n}"))
    await house.settle()

    assert door.answered() == [f"e{n}" for n in range(1, 6)]
    assert "Giấy tờ của riêng bác" in door.texts()[-1]


# --- mistakes of ours -----------------------------------------------------------------------------------------


async def test_a_handler_that_fails_is_tried_five_times_then_apologised_for(
    house: App, door: RecordingDoor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def failing(turn: Turn) -> Outcome:
        calls.append(turn.seq)
        return fail(turn)

    instead_of(Verb.LIST, failing, monkeypatch)
    await house.inbox.accept(words("khai sinh", "e1"))
    await house.inbox.accept(words("danh sách", "e2"))
    await house.inbox.accept(words("trợ giúp", "e3"))
    await house.settle()

    assert len(calls) == TRIES
    assert door.answered() == ["e1", "e2", "e3"]
    assert "trục trặc" in door.texts()[-2]
    assert "18001096" in door.texts()[-2]
    assert "Lúc nào bác cũng có thể gõ" in door.texts()[-1]
    assert rows(tmp_path, "SELECT state, attempts, error FROM inbox WHERE seq = 2") == [("aside", 4, "RuntimeError")]


async def test_a_mistake_that_passes_leaves_no_trace_in_the_answer(
    house: App, door: RecordingDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [RuntimeError(), KeyError("x"), ValueError("y")]

    def shaky(turn: Turn) -> Outcome:
        if left:
            raise left.pop()
        return echo(turn)

    instead_of(Verb.LIST, shaky, monkeypatch)
    await house.inbox.accept(words("danh sách", "e1"))
    await house.settle()

    assert door.texts() == ["danh sách"]


async def test_one_persons_trouble_holds_nobody_else_up(
    house: App, door: RecordingDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead_of(Verb.LIST, fail, monkeypatch)
    for n in range(10):
        await house.inbox.accept(words("danh sách", f"a{n}", "an"))
        await house.inbox.accept(words("trợ giúp", f"b{n}", "binh"))
    await house.settle()

    assert door.answered("an") == [f"a{n}" for n in range(10)]
    assert door.answered("binh") == [f"b{n}" for n in range(10)]


async def test_an_outcome_that_cannot_be_saved_is_set_aside_too(
    house: App, door: RecordingDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake may show only when effects are carried out: that must not hold the person up for ever."""

    def wrong(turn: Turn) -> Outcome:
        return replace(echo(turn), effects=("no effect at all",))  # type: ignore[arg-type]

    instead_of(Verb.LIST, wrong, monkeypatch)
    await house.inbox.accept(words("danh sách", "e1"))
    await house.settle()
    await house.inbox.accept(words("trợ giúp", "e2"))
    await house.settle()

    assert door.answered() == ["e1", "e2"]
    assert "trục trặc" in door.texts()[0]


async def test_a_conversation_that_moved_meanwhile_is_thought_again(
    house: App, door: RecordingDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = house.storage.save_turn
    moved = [VersionMoved("x"), VersionMoved("y")]

    async def moving(*args: Any, **kwargs: Any) -> Any:
        if moved:
            raise moved.pop()
        return await save(*args, **kwargs)

    monkeypatch.setattr(house.storage, "save_turn", moving)
    await house.inbox.accept(words("khai sinh", "e1"))
    await house.settle()

    assert door.answered() == ["e1"]
    assert len(door.sent) == 2


@pytest.mark.parametrize("trouble", [StorageError("disk full"), VersionMoved("again and again")])
async def test_a_turn_that_cannot_be_saved_now_is_saved_later(
    house: App, door: RecordingDoor, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    monkeypatch.setattr(bot.inbox, "RETRY", 0.01)
    save = house.storage.save_turn
    left = 5

    async def full(*args: Any, **kwargs: Any) -> Any:
        nonlocal left
        if left:
            left -= 1
            raise trouble
        return await save(*args, **kwargs)

    monkeypatch.setattr(house.storage, "save_turn", full)
    await house.inbox.accept(words("khai sinh", "e1"))
    await house.inbox.accept(words("trợ giúp", "e2"))
    await house.settle()

    assert door.answered() == ["e1", "e2"]


# --- floods ---------------------------------------------------------------------------------------------------


async def test_a_flood_is_told_once_and_every_message_of_it_is_answered(
    house: App, door: RecordingDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.inbox, "SLOWED", timedelta(milliseconds=30))
    for n in range(30):
        await house.inbox.accept(words("trợ giúp", f"a{n}", "an"))
    await house.inbox.accept(words("trợ giúp", "b0", "binh"))
    await house.settle()

    assert door.answered("an") == [f"a{n}" for n in range(30)]
    assert sum("lần lượt từng câu" in text for text in door.texts("an")) == 1
    assert not any("lần lượt từng câu" in text for text in door.texts("binh"))
    order = [delivery.re for delivery in door.sent]
    assert order.index("b0") < order.index("a29"), "nobody waits behind another one's flood"


async def test_after_a_pause_a_flood_is_over(
    house: App, door: RecordingDoor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.inbox, "SLOWED", timedelta(milliseconds=1))
    for n in range(25):
        await house.inbox.accept(words("trợ giúp", f"a{n}"))
    await house.settle()
    move_clock(tmp_path, timedelta(minutes=1))
    for n in range(25):
        await house.inbox.accept(words("trợ giúp", f"b{n}"))
    await house.settle()

    assert sum("lần lượt từng câu" in text for text in door.texts()) == 2


async def test_twenty_messages_at_a_walking_pace_are_no_flood(
    house: App, door: RecordingDoor, tmp_path: Path
) -> None:
    for n in range(25):
        move_clock(tmp_path, timedelta(seconds=1))
        await house.inbox.accept(words("trợ giúp", f"a{n}"))
    await house.settle()

    assert not any("lần lượt từng câu" in text for text in door.texts())


# --- stopping, and two houses at once -------------------------------------------------------------------------


async def test_a_stop_finishes_the_turn_under_way_and_leaves_the_rest_for_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead_of(Verb.ASKED, echo, monkeypatch)
    first, second = RecordingDoor(), RecordingDoor()
    async with build(settings(tmp_path), [first], chores=False) as app:
        for n in range(18):
            await app.inbox.accept(words(f"câu {n} xyz", f"e{n}"))
    async with build(settings(tmp_path), [second], chores=False) as app:
        await app.settle()

    assert first.answered() + second.answered() == [f"e{n}" for n in range(18)]


async def test_a_second_process_beside_answers_its_own_address_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`chat` beside the server: each serves its own; neither answers the other's people, nor anyone twice."""
    instead_of(Verb.ASKED, echo, monkeypatch)
    server, beside = RecordingDoor(Scope("telegram")), RecordingDoor(Scope("console", "ba"))
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(build(settings(tmp_path), [server], chores=True))
        second = await stack.enter_async_context(build(settings(tmp_path), [beside], chores=False))

        async def speak(app: App, address: Address) -> None:
            for n in range(10):
                event = f"{address.id}-{n}"
                await app.inbox.accept(replace(words(f"câu {n} xyz", event), address=address))

        await asyncio.gather(speak(first, Address("telegram", "77")), speak(second, Address("console", "ba")))
        await asyncio.gather(first.settle(), second.settle())

    assert server.answered("77") == [f"77-{n}" for n in range(10)]
    assert beside.answered("ba") == [f"ba-{n}" for n in range(10)]
    assert len(server.sent) == len(beside.sent) == 10


async def test_a_second_process_leaves_the_first_ones_open_rows_alone(tmp_path: Path) -> None:
    async with build(settings(tmp_path), [], chores=False) as app:
        await app.storage.accept(words("khai sinh", "e1", "nguoi-khac"), app.clock.now())
    beside = RecordingDoor(Scope(CHANNEL, "ba"))
    async with build(settings(tmp_path), [beside], chores=False) as app:
        await app.inbox.accept(words("khai sinh", "e2", "ba"))
        await app.settle()
    server = RecordingDoor()
    async with build(settings(tmp_path), [server], chores=True) as app:
        await app.settle()

    assert beside.answered("ba") == ["e2"]
    assert not beside.answered("nguoi-khac")
    assert server.answered("nguoi-khac") == ["e1"]


# --- forgetting -----------------------------------------------------------------------------------------------


async def test_what_is_said_right_after_an_erasure_is_a_strangers(house: App, door: RecordingDoor) -> None:
    await house.inbox.accept(words("khai sinh", "e1"))
    await house.inbox.accept(words("xóa dữ liệu của tôi", "e2"))
    await house.settle()
    yes = door.sent[-1].reply.buttons[0].payload
    await house.inbox.accept(press(yes, "e3"))
    await house.inbox.accept(words("tiếp tục", "e4"))
    await house.inbox.accept(words("trợ giúp", "e5"))
    await house.settle()

    assert door.answered() == ["e1", "e2", "e3", "e4", "e5"]
    texts = door.texts()
    assert sum("Cháu giữ lời nhắn 7 ngày" in text for text in texts) == 2
    receipt = next(n for n, text in enumerate(texts) if "biên nhận" in text)
    assert "Cháu giữ lời nhắn 7 ngày" in texts[receipt + 1]


async def test_nothing_of_an_erased_person_is_left_in_the_tables(
    house: App, door: RecordingDoor, tmp_path: Path
) -> None:
    await house.inbox.accept(press("begin:khai-sinh", "secret-event-1"))
    await house.inbox.accept(words("xóa dữ liệu của tôi", "secret-event-2"))
    await house.settle()
    await house.inbox.accept(press(door.sent[-1].reply.buttons[0].payload, "secret-event-3"))
    await house.settle()
    await house.storage.scrub(house.clock.now())

    for table in ("persons", "addresses", "conversations", "walks", "outbox"):
        assert rows(tmp_path, f"SELECT * FROM {table}") == [], table  # noqa: S608
    left = rows(tmp_path, "SELECT person_id, address_id, body FROM inbox")
    assert set(left) == {(None, None, None)}


# --- what was typed stays out of the database -----------------------------------------------------------------


async def test_a_personal_number_never_reaches_the_disk(house: App, tmp_path: Path) -> None:
    typed = ["căn cước 001085012345", "0912345678", "gọi tôi 0987 654 321 nhé", "mã otp 483920"]
    for n, text in enumerate(typed):
        await house.inbox.accept(words(text, f"e{n}"))
    await house.settle()
    rows(tmp_path, "PRAGMA wal_checkpoint(TRUNCATE)")

    found = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.name.startswith("camtay.db"))
    for number in (b"001085012345", b"0912345678", b"0987 654 321", b"483920"):
        assert number not in found


# --- content that changes while we run ------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copied = tmp_path / "content"
    shutil.copytree(Path(content.__file__).parent, copied, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copied


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_unchanged_content_is_not_loaded_again(folder: Path) -> None:
    library = Library(folder)
    before = library.knowledge

    assert library.refresh() is False
    assert library.knowledge is before


def test_changed_content_is_swapped_whole(folder: Path) -> None:
    library = Library(folder)
    before = library.knowledge
    edit(folder / "phrases.yaml", "Bác cần làm việc gì?", "Bác cần chi nào?")
    edit(folder / "locality.yaml", "name: xã Suối Hoa", "name: xã Suối Mơ")

    assert library.refresh() is True
    assert "Bác cần chi nào?" in library.knowledge.say("menu")
    assert "xã Suối Mơ" in library.knowledge.say("welcome")
    assert "Bác cần làm việc gì?" in before.say("menu"), "a turn under way keeps what it began with"


def test_broken_content_is_refused_and_the_old_stays(folder: Path) -> None:
    library = Library(folder)
    before = library.knowledge
    phrases = (folder / "phrases.yaml").read_text(encoding="utf-8")
    edit(folder / "locality.yaml", "name: xã Suối Hoa", "name: xã Suối Mơ")
    (folder / "phrases.yaml").write_text(phrases + "\nkhông phải yaml: [", encoding="utf-8")

    with pytest.raises(ContentError) as caught:
        library.refresh()
    assert "phrases.yaml" in str(caught.value)
    assert library.knowledge is before
    assert library.refresh() is False, "the same broken files are not read again and again"

    (folder / "phrases.yaml").write_text(phrases, encoding="utf-8")
    assert library.refresh() is True
    assert "xã Suối Mơ" in library.knowledge.say("welcome")


def test_a_vanished_file_is_refused_and_the_old_stays(folder: Path) -> None:
    library = Library(folder)
    before = library.knowledge
    (folder / "guides" / "khai-sinh.yaml").unlink()

    with pytest.raises(ContentError):
        library.refresh()
    assert library.knowledge is before


def test_an_overlay_is_read_again_when_it_changes(tmp_path: Path) -> None:
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    library = Library(overlay=overlay)
    (overlay / "phrases.yaml").write_text("say:\n  thanks: Xã mình cảm ơn bác.\n", encoding="utf-8")

    assert library.refresh() is True
    assert library.knowledge.say("thanks") == "Xã mình cảm ơn bác."
    assert "Bác cần làm việc gì?" in library.knowledge.say("menu")
