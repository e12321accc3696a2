"""What every storage engine promises. A new engine joins by one more line in `ENGINES`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from bot.dialogue.messages import (
    Accepted,
    Address,
    Became,
    Button,
    Conversation,
    Count,
    Delivery,
    Effect,
    Focus,
    ForgetMe,
    Grant,
    Inbound,
    KeepQuestion,
    Lane,
    Outcome,
    PersonId,
    Purpose,
    RecordConsent,
    Reply,
    Role,
    SaveWalk,
    Scope,
    Task,
    Turn,
    Walk,
    WalkId,
    WalkStatus,
)
from bot.errors import VersionMoved
from bot.knowledge import Knowledge
from storage import Storage, open_storage

ENGINES = {"sqlite": "sqlite:///{folder}/test.db"}

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
BA = Address("console", "ba")
TU = Address("console", "tu")
EVERYONE = Scope("console")


@pytest.fixture(params=ENGINES)
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    opened = open_storage(ENGINES[request.param].format(folder=tmp_path), tmp_path / "hash.key")
    yield opened
    opened.close()


def says(text: str, *, address: Address = BA, event: str | None = None) -> Inbound:
    return Inbound(address=address, event_id=event or f"e-{text}", text=text)


def load(storage: Storage, person: PersonId) -> Turn:
    with storage.snapshot() as snapshot:
        row = snapshot.oldest_open(person)
        assert row
        return Turn(
            person=person,
            seq=row.seq,
            inbound=row.inbound,
            conversation=row.conversation,
            now=NOW,
            knowledge=cast(Knowledge, None),
            records=snapshot.records(person),
            new_id=lambda: "id",
            first_flooded=row.first_flooded,
        )


async def heard(storage: Storage, text: str, *, address: Address = BA, at: datetime = NOW) -> Turn:
    accepted = await storage.accept(says(text, address=address), at)
    return load(storage, accepted.person)


async def answer(
    storage: Storage, turn: Turn, *texts: str, effects: tuple[Effect, ...] = (), now: datetime = NOW
) -> tuple[Delivery, ...]:
    outcome = Outcome(
        replies=tuple(Reply(text=text) for text in texts), conversation=turn.conversation, effects=effects
    )
    return await storage.save_turn(turn, outcome, now, "me")


def open_texts(storage: Storage, person: PersonId) -> str | None:
    with storage.snapshot() as snapshot:
        row = snapshot.oldest_open(person)
        return row.inbound.text if row else None


class TestAccepting:
    async def test_what_was_accepted_waits_to_be_answered(self, storage: Storage) -> None:
        accepted = await storage.accept(says("con tôi mới sinh"), NOW)

        assert accepted.fresh
        assert await storage.people_waiting(EVERYONE) == [accepted.person]
        assert open_texts(storage, accepted.person) == "con tôi mới sinh"

    async def test_the_same_event_twice_is_one_message(self, storage: Storage) -> None:
        first = await storage.accept(says("a", event="7"), NOW)
        again = await storage.accept(says("a", event="7"), NOW)

        assert (first.fresh, again.fresh) == (True, False)
        assert again.seq == first.seq

    async def test_the_same_event_fifty_times_at_once_is_one_message(self, storage: Storage) -> None:
        accepted = await asyncio.gather(*(storage.accept(says("a", event="7"), NOW) for _ in range(50)))

        assert sum(one.fresh for one in accepted) == 1

    async def test_two_doors_may_use_the_same_event_id(self, storage: Storage) -> None:
        first = await storage.accept(says("a", event="7"), NOW)
        other = await storage.accept(says("a", event="7", address=Address("web", "x")), NOW)

        assert other.fresh
        assert other.person != first.person

    async def test_messages_are_answered_in_the_order_of_acceptance(self, storage: Storage) -> None:
        accepted = [await storage.accept(says(text), NOW) for text in ("một", "hai", "ba")]
        heard_texts = []
        for _ in accepted:
            turn = load(storage, accepted[0].person)
            heard_texts.append(turn.inbound.text)
            await answer(storage, turn)

        assert heard_texts == ["một", "hai", "ba"]
        assert await storage.people_waiting(EVERYONE) == []

    async def test_only_the_people_of_a_scope_are_listed(self, storage: Storage) -> None:
        ba = await storage.accept(says("a", address=BA), NOW)
        await storage.accept(says("b", address=TU), NOW)

        assert await storage.people_waiting(Scope("console", "ba")) == [ba.person]
        assert await storage.people_waiting(Scope("telegram")) == []

    async def test_the_raw_text_is_never_stored(self, storage: Storage, tmp_path: Path) -> None:
        await storage.accept(replace(says("số ⟨số giấy tờ⟩"), raw="số 001234567890"), NOW)

        assert not any(b"001234567890" in file.read_bytes() for file in tmp_path.iterdir())


class TestFloods:
    async def arrive(self, storage: Storage, gaps: list[float]) -> list[tuple[bool, bool]]:
        at, seen = NOW, []
        for n, gap in enumerate(gaps):
            at += timedelta(seconds=gap)
            accepted = await storage.accept(says(str(n)), at)
            with storage.snapshot() as snapshot:
                row = snapshot.oldest_open(accepted.person)
                assert row
                seen.append((row.flooding, row.first_flooded))
            await answer(storage, load(storage, accepted.person), now=at)
        return seen

    async def test_twenty_messages_in_ten_seconds_are_no_flood(self, storage: Storage) -> None:
        assert not any(flooding for flooding, _ in await self.arrive(storage, [0.1] * 20))

    async def test_the_twenty_first_floods_and_is_told_once(self, storage: Storage) -> None:
        seen = await self.arrive(storage, [0.1] * 40)

        assert [n for n, (flooding, _) in enumerate(seen) if flooding] == list(range(20, 40))
        assert [n for n, (_, first) in enumerate(seen) if first] == [20]

    async def test_a_second_flood_an_hour_later_is_told_again(self, storage: Storage) -> None:
        seen = await self.arrive(storage, [0.1] * 25 + [3600] + [0.1] * 25)

        assert [n for n, (_, first) in enumerate(seen) if first] == [20, 45]


class TestTurns:
    async def test_everything_a_turn_decided_is_there_after_it(self, storage: Storage) -> None:
        turn = await heard(storage, "làm khai sinh")
        walk = Walk(
            id=WalkId("w1"),
            procedure="khai-sinh",
            state="step",
            started_at=NOW,
            touched_at=NOW,
            label="bé út",
            answers={"at": "online"},
            ticks=frozenset({"giay-chung-sinh"}),
            step="mo-cong",
            trail=("a", "b"),
            dossier_code="H01-1",
        )
        conversation = Conversation(
            focus=Focus(task=Task.WALK, state="step", id="w1"),
            offered=(Button(label="Xong", payload="done:w1:mo-cong", words=("rồi",)),),
            welcomed=True,
            topic="khai-sinh",
            misses=1,
        )
        outcome = Outcome(replies=(Reply(text="Bước 1"),), conversation=conversation, effects=(SaveWalk(walk=walk),))
        await storage.save_turn(turn, outcome, NOW, "me")
        after = await heard(storage, "xong")

        assert after.conversation == replace(conversation, version=1)
        with storage.snapshot() as snapshot:
            assert snapshot.records(turn.person).walk("w1") == walk

    async def test_a_turn_on_an_old_version_changes_nothing(self, storage: Storage) -> None:
        turn = await heard(storage, "một")
        await answer(storage, turn, "trả lời")
        await heard(storage, "hai")

        with pytest.raises(VersionMoved):
            await answer(storage, turn, "trả lời lần nữa", effects=(Count(kind="asked"),))
        assert await storage.claim(EVERYONE, "other", NOW) == ()

    async def test_two_workers_on_one_message_answer_once(self, storage: Storage) -> None:
        turn = await heard(storage, "một")
        results = await asyncio.gather(*(answer(storage, turn, "trả lời") for _ in range(8)), return_exceptions=True)

        assert sum(isinstance(result, tuple) for result in results) == 1
        assert sum(isinstance(result, VersionMoved) for result in results) == 7

    async def test_a_failing_effect_undoes_the_whole_turn(self, storage: Storage) -> None:
        turn = await heard(storage, "một")

        with pytest.raises(TypeError):
            await answer(storage, turn, "trả lời", effects=(Count(kind="asked"), cast(Effect, object())))
        assert open_texts(storage, turn.person) == "một"
        assert await storage.waiting(EVERYONE) == 0

    async def test_others_do_not_see_my_walk(self, storage: Storage) -> None:
        mine = await heard(storage, "a", address=BA)
        walk = Walk(id=WalkId("w1"), procedure="p", state="step", started_at=NOW, touched_at=NOW)
        await answer(storage, mine, effects=(SaveWalk(walk=walk),))
        theirs = await heard(storage, "b", address=TU)
        await answer(storage, theirs, effects=(SaveWalk(walk=replace(walk, state="over")),))

        with storage.snapshot() as snapshot:
            assert snapshot.records(theirs.person).walk("w1") is None
            assert snapshot.records(mine.person).walk("w1") == walk

    async def test_finished_walks_are_not_open(self, storage: Storage) -> None:
        turn = await heard(storage, "a")
        walks = [
            Walk(
                id=WalkId(f"w{n}"),
                procedure="p",
                state="step",
                started_at=NOW,
                touched_at=NOW + timedelta(minutes=n),
                status=status,
            )
            for n, status in enumerate((WalkStatus.OPEN, WalkStatus.ONLINE, WalkStatus.OPEN))
        ]
        await answer(storage, turn, effects=tuple(SaveWalk(walk=walk) for walk in walks))

        with storage.snapshot() as snapshot:
            assert [walk.id for walk in snapshot.records(turn.person).open_walks()] == ["w2", "w0"]


class TestSending:
    async def replies(self, storage: Storage, *texts: str) -> tuple[Delivery, ...]:
        return await answer(storage, await heard(storage, "+".join(texts)), *texts)

    async def test_a_turns_replies_are_leased_in_order_and_sent_once(self, storage: Storage) -> None:
        one, two = await self.replies(storage, "một", "hai")

        assert [one.reply.text, two.reply.text] == ["một", "hai"]
        assert one.re == "e-một+hai"
        assert await storage.claim(EVERYONE, "other", NOW) == ()
        assert await storage.sent(one, "me", "p1", NOW)
        assert await storage.sent(two, "me", "p2", NOW)
        assert await storage.waiting(EVERYONE) == 0

    async def test_an_abandoned_row_is_found_after_its_lease(self, storage: Storage) -> None:
        (row,) = await self.replies(storage, "một")

        assert await storage.reclaim(EVERYONE, "other", NOW + timedelta(seconds=30)) == 0
        assert await storage.reclaim(EVERYONE, "other", NOW + timedelta(seconds=90)) == 1
        (again,) = await storage.claim(EVERYONE, "other", NOW + timedelta(seconds=90))
        assert again.id == row.id
        assert again.maybe_repeated

    async def test_a_sender_that_lost_its_lease_can_no_longer_mark_sent(self, storage: Storage) -> None:
        (row,) = await self.replies(storage, "một")
        await storage.reclaim(EVERYONE, "other", NOW, all_others=True)
        await storage.claim(EVERYONE, "other", NOW)

        assert not await storage.sent(row, "me", None, NOW)
        assert await storage.sent(row, "other", None, NOW)

    async def test_a_later_reply_waits_behind_one_that_must_be_tried_again(self, storage: Storage) -> None:
        (one,) = await self.replies(storage, "một")
        later = NOW + timedelta(seconds=20)
        await storage.later(one, "me", later, "429")

        assert await self.replies(storage, "hai") == ()
        assert await storage.claim(EVERYONE, "me", NOW) == ()
        (first,) = await storage.claim(EVERYONE, "me", later)
        assert first.reply.text == "một"
        assert first.attempts == 1
        await storage.sent(first, "me", None, later)
        (second,) = await storage.claim(EVERYONE, "me", later)
        assert second.reply.text == "hai"

    async def test_what_is_unclear_is_sent_once_more_and_then_counted_unknown(self, storage: Storage) -> None:
        (one,) = await self.replies(storage, "một")
        await storage.unclear(one, "me", "timeout", NOW)
        (again,) = await storage.claim(EVERYONE, "me", NOW)

        assert again.maybe_repeated
        await storage.unclear(again, "me", "timeout", NOW)
        assert await storage.waiting(EVERYONE) == 0

    async def test_what_comes_too_late_expires(self, storage: Storage) -> None:
        (one,) = await self.replies(storage, "một")
        await storage.later(one, "me", NOW, "down")

        assert await storage.claim(EVERYONE, "me", NOW + timedelta(days=2)) == ()
        assert await storage.waiting(EVERYONE) == 0

    async def test_replies_of_one_slot_become_edits_while_nothing_is_between(self, storage: Storage) -> None:
        async def reply(said: str, text: str, slot: str | None) -> Delivery:
            turn = await heard(storage, said)
            outcome = Outcome(replies=(Reply(text=text, slot=slot),), conversation=turn.conversation)
            (row,) = await storage.save_turn(turn, outcome, NOW, "me")
            await storage.sent(row, "me", f"platform-{text}", NOW)
            return row

        first = await reply("a", "☐", "papers:w1")
        ticked = await reply("b", "☑", "papers:w1")
        await reply("c", "khác", None)
        anew = await reply("d", "☑☑", "papers:w1")

        assert (first.edits, ticked.edits, anew.edits) == (None, "platform-☐", None)

    async def test_one_sender_a_scope(self, storage: Storage) -> None:
        minute = timedelta(minutes=1)

        assert await storage.take_lease(EVERYONE, "a", NOW, minute)
        assert not await storage.take_lease(EVERYONE, "b", NOW, minute)
        assert await storage.take_lease(EVERYONE, "a", NOW, minute)
        assert await storage.take_lease(EVERYONE, "b", NOW + 2 * minute, minute)
        assert await storage.take_lease(EVERYONE, "c", NOW, minute, steal=True)


class TestConsent:
    @pytest.mark.parametrize(
        ("history", "leaves"),
        [((), False), ((True,), True), ((False,), False), ((True, False), False), ((False, True), True)],
    )
    async def test_nothing_leaves_without_a_valid_yes(
        self, storage: Storage, history: tuple[bool, ...], leaves: bool
    ) -> None:
        turn = await heard(storage, "a")
        consents = tuple(RecordConsent(purpose=Purpose.TIPS, yes=yes, text_version="1") for yes in history)
        await answer(storage, turn, effects=consents)
        await storage.put(turn.person, BA, Reply(text="mẹo"), NOW, purpose=Purpose.TIPS)

        assert len(await storage.claim(EVERYONE, "me", NOW)) == leaves

    async def test_a_yes_to_one_purpose_is_no_yes_to_another(self, storage: Storage) -> None:
        turn = await heard(storage, "a")
        yes = RecordConsent(purpose=Purpose.TIPS, yes=True, text_version="1")
        await answer(storage, turn, effects=(yes,))
        await storage.put(turn.person, BA, Reply(text="nhắc"), NOW, purpose=Purpose.REMINDERS)

        assert await storage.claim(EVERYONE, "me", NOW) == ()

    async def test_the_same_dedupe_key_is_one_message(self, storage: Storage) -> None:
        turn = await heard(storage, "a")

        assert await storage.put(turn.person, BA, Reply(text="x"), NOW, dedupe_key="k")
        assert await storage.put(turn.person, BA, Reply(text="x"), NOW, dedupe_key="k") is None


class TestForgetting:
    async def erase(self, storage: Storage, turn: Turn) -> tuple[Delivery, ...]:
        return await answer(storage, turn, "đã xóa", effects=(ForgetMe(receipt="R1"), Count(kind="erased")))

    async def fill(self, storage: Storage) -> Turn:
        turn = await heard(storage, "MARKER câu hỏi")
        walk = Walk(
            id=WalkId("w1"),
            procedure="p",
            state="step",
            started_at=NOW,
            touched_at=NOW,
            label="MARKER bé",
            dossier_code="MARKER-1",
        )
        yes = RecordConsent(purpose=Purpose.TIPS, yes=True, text_version="1")
        await answer(storage, turn, "MARKER trả lời", effects=(SaveWalk(walk=walk), yes))
        return await heard(storage, "xóa MARKER đi")

    async def test_nothing_of_a_person_is_left_in_any_file(self, storage: Storage, tmp_path: Path) -> None:
        turn = await self.fill(storage)
        (receipt,) = await self.erase(storage, turn)
        await storage.sent(receipt, "me", None, NOW)
        assert await storage.scrub(NOW) == 1

        for file in tmp_path.iterdir():
            content = file.read_bytes()
            assert b"MARKER" not in content, file.name
            assert turn.person.encode() not in content, file.name
            assert "đã xóa".encode() not in content, file.name

    async def test_the_receipt_still_reaches_them(self, storage: Storage) -> None:
        (receipt,) = await self.erase(storage, await self.fill(storage))

        assert receipt.reply.text == "đã xóa"
        assert await storage.sent(receipt, "me", None, NOW)

    async def test_a_receipt_that_cannot_be_delivered_goes_within_a_minute(self, storage: Storage) -> None:
        (receipt,) = await self.erase(storage, await self.fill(storage))
        await storage.later(receipt, "me", NOW, "down")

        assert await storage.scrub(NOW + timedelta(seconds=10)) == 0
        assert await storage.scrub(NOW + timedelta(seconds=50)) == 1
        assert await storage.waiting(EVERYONE) == 0

    async def test_a_repeat_is_still_known_afterwards(self, storage: Storage) -> None:
        await self.erase(storage, await self.fill(storage))

        assert not (await storage.accept(says("MARKER câu hỏi"), NOW)).fresh

    async def test_who_writes_again_is_a_stranger(self, storage: Storage) -> None:
        turn = await self.fill(storage)
        await self.erase(storage, turn)
        back = await heard(storage, "tôi đây")

        assert back.person != turn.person
        assert back.conversation == Conversation()

    async def test_what_they_said_meanwhile_is_not_lost(self, storage: Storage) -> None:
        turn = await self.fill(storage)
        await storage.accept(says("thôi khoan"), NOW)
        await self.erase(storage, turn)
        (waiting,) = await storage.people_waiting(EVERYONE)

        assert waiting != turn.person
        assert open_texts(storage, waiting) == "thôi khoan"

    async def test_their_kept_data_is_told_before(self, storage: Storage) -> None:
        turn = await self.fill(storage)
        with storage.snapshot() as snapshot:
            data = snapshot.records(turn.person).kept_data()

        assert data.messages == 2
        assert data.replies == 1
        assert [walk.label for walk in data.walks] == ["MARKER bé"]
        assert [(purpose, yes) for purpose, yes, _ in data.consents] == [(Purpose.TIPS, True)]


class TestRetention:
    async def filled(self, storage: Storage) -> Accepted:
        accepted = await storage.accept(says("câu hỏi"), NOW)
        walk = Walk(id=WalkId("w1"), procedure="p", state="step", started_at=NOW, touched_at=NOW)
        question = KeepQuestion(text="câu hỏi", became=Became.NOT_KNOWN)
        turn = load(storage, accepted.person)
        (row,) = await answer(storage, turn, "trả lời", effects=(SaveWalk(walk=walk), question))
        await storage.sent(row, "me", None, NOW)
        return accepted

    async def kept(self, storage: Storage, person: PersonId) -> tuple[int, int, int] | None:
        with storage.snapshot() as snapshot:
            try:
                data = snapshot.records(person).kept_data()
            except TypeError:  # the person is gone
                return None
        return data.messages, data.replies, len(data.walks)

    @pytest.mark.parametrize(
        ("days", "left"),
        [(6, (1, 1, 1)), (8, (0, 1, 1)), (31, (0, 0, 1)), (91, None)],
    )
    async def test_everything_goes_at_its_time(
        self, storage: Storage, days: int, left: tuple[int, int, int] | None
    ) -> None:
        accepted = await self.filled(storage)
        await storage.sweep(NOW + timedelta(days=days))

        assert await self.kept(storage, accepted.person) == left

    async def test_an_unanswered_message_is_never_swept(self, storage: Storage) -> None:
        accepted = await storage.accept(says("câu hỏi"), NOW)
        await storage.sweep(NOW + timedelta(days=400))

        assert open_texts(storage, accepted.person) == "câu hỏi"

    async def test_a_sweep_with_nothing_to_do_ends(self, storage: Storage) -> None:
        assert await storage.sweep(NOW) == 0


async def test_lanes_go_in_their_order(storage: Storage) -> None:
    turn = await heard(storage, "a")
    await storage.put(turn.person, BA, Reply(text="nhắc"), NOW - timedelta(minutes=5))
    (reply,) = await answer(storage, turn, "trả lời")
    await storage.give_back([reply], "me")
    lanes = [row.lane for row in await storage.claim(EVERYONE, "me", NOW)]

    assert lanes == [Lane.REPLY, Lane.REMINDER]


class TestRoles:
    async def test_a_role_is_held_where_it_was_given(self, storage: Storage) -> None:
        person = (await storage.accept(says("xin chào"), NOW)).person
        here = Grant(role=Role.OFFICER, place="xa-mau")
        await storage.grant(person, here, "admin", NOW)
        await storage.grant(person, here, "admin", NOW + timedelta(days=1))
        with storage.snapshot() as snapshot:
            held = snapshot.records(person).roles()

        assert held == (here,)
        assert await storage.people_with(Role.OFFICER) == [person]
        assert await storage.people_with(Role.OFFICER, ["xa-mau"]) == [person]
        assert await storage.people_with(Role.OFFICER, ["xa-khac"]) == []
        assert await storage.people_with(Role.ADMIN) == []

    async def test_a_role_for_everywhere_counts_in_each_place(self, storage: Storage) -> None:
        person = (await storage.accept(says("xin chào"), NOW)).person
        await storage.grant(person, Grant(role=Role.ADMIN), "console", NOW)

        assert await storage.people_with(Role.ADMIN, ["xa-mau"]) == [person]

    async def test_a_role_taken_back_is_gone(self, storage: Storage) -> None:
        person = (await storage.accept(says("xin chào"), NOW)).person
        held = Grant(role=Role.VOLUNTEER, place="thon-1")
        await storage.grant(person, held, "admin", NOW)

        assert await storage.revoke(person, held)
        assert not await storage.revoke(person, held)
        assert await storage.people_with(Role.VOLUNTEER) == []

    async def test_whoever_holds_a_role_is_not_forgotten_by_age(self, storage: Storage) -> None:
        person = (await storage.accept(says("xin chào"), NOW)).person
        await storage.grant(person, Grant(role=Role.OFFICER), "admin", NOW)
        await answer(storage, load(storage, person), "dạ")
        for day in (91, 200):
            await storage.sweep(NOW + timedelta(days=day))

        assert await storage.people_with(Role.OFFICER) == [person]
