"""What every storage engine promises about cases. Run for the same engines as test_contract.py."""

from __future__ import annotations

import itertools
import re
import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.dialogue.cases import Author, CaseFilter, CaseKind, CaseStatus, Draft, Officer
from bot.dialogue.messages import (
    Address,
    AddToCase,
    Conversation,
    Effect,
    Focus,
    ForgetMe,
    Grant,
    Inbound,
    LeaveNoTrace,
    OpenCase,
    Outcome,
    PersonId,
    Reply,
    Role,
    Scope,
    Task,
    Turn,
    local_day,
)
from storage import Storage
from tests.storage.test_contract import BA, NOW, TU, load, storage

__all__ = ["storage"]

LAN = Officer(id="lan", name="Chị Lan")
MENU = Reply(text="Bác cần làm việc gì?")
DUE = date(2026, 11, 26)


_events = itertools.count()


async def heard(storage: Storage, text: str, *, address: Address = BA, at: datetime = NOW) -> Turn:
    event = f"e{next(_events)}"
    accepted = await storage.accept(Inbound(address=address, event_id=event, text=text), at)
    return load(storage, accepted.person)


async def answer(
    storage: Storage,
    turn: Turn,
    text: str,
    *,
    effects: tuple[Effect, ...] = (),
    now: datetime = NOW,
    conversation: Conversation | None = None,
    arrives: bool = True,
) -> None:
    outcome = Outcome(replies=(Reply(text=text),), conversation=conversation or turn.conversation, effects=effects)
    for delivery in await storage.save_turn(turn, outcome, now, "me"):
        if arrives:
            await storage.sent(delivery, "me", "m", now)


def reply_for(code: str) -> Reply:
    return Reply(text=f"Trả lời {code}")


async def leaves(
    storage: Storage,
    code: str,
    words: str,
    *,
    at: Address = BA,
    kind: CaseKind = CaseKind.QUESTION,
    anonymous: bool = False,
    now: datetime = NOW,
    due: date = DUE,
    notice: Reply | None = None,
) -> PersonId:
    turn = await heard(storage, words, address=at, at=now)
    opened = OpenCase(code=code, kind=kind, words=words, due=due, anonymous=anonymous, walk="w", notice=notice)
    effects = (opened, LeaveNoTrace(since=turn.seq, instead=MENU)) if anonymous else (opened,)
    await answer(storage, turn, f"Mã {code}", effects=effects, now=now)
    return turn.person


async def codes(storage: Storage, wanted: CaseFilter, officer: Officer = LAN) -> list[str]:
    return [case.code for case in (await storage.cases(wanted, officer)).cases]


class TestLeavingWords:
    async def test_a_case_is_there_with_its_words(self, storage: Storage) -> None:
        person = await leaves(storage, "aaaa2222", "đường dẫn không mở được")
        thread = await storage.case("aaaa2222", LAN, NOW)

        assert thread
        assert thread.case.status is CaseStatus.NEW
        assert [message.words for message in thread.messages] == ["đường dẫn không mở được"]
        with storage.snapshot() as snapshot:
            assert [case.code for case in snapshot.records(person).cases()] == ["aaaa2222"]
            assert snapshot.records(person).kept_data().cases

    async def test_others_do_not_see_it(self, storage: Storage) -> None:
        await leaves(storage, "aaaa2222", "chuyện riêng")
        tu = (await heard(storage, "chào", address=TU)).person

        with storage.snapshot() as snapshot:
            assert snapshot.records(tu).case("aaaa2222") is None

    async def test_nobody_adds_to_a_case_of_others(self, storage: Storage) -> None:
        await leaves(storage, "aaaa2222", "một")
        turn = await heard(storage, "hai", address=TU)
        await answer(storage, turn, "ok", effects=(AddToCase(code="aaaa2222", words="hai", due=DUE),))

        thread = await storage.case("aaaa2222", LAN, NOW)
        assert thread
        assert [message.words for message in thread.messages] == ["một"]

    async def test_officers_with_a_chat_are_told(self, storage: Storage) -> None:
        tu = (await heard(storage, "chào", address=TU)).person
        await storage.grant(tu, Grant(role=Role.OFFICER), "admin", NOW)
        await leaves(storage, "aaaa2222", "hỏi", notice=Reply(text="Có câu hỏi mới"))

        sent = await storage.claim(Scope("console", "tu"), "me", NOW)
        assert [delivery.reply.text for delivery in sent] == ["Có câu hỏi mới"]

    async def test_more_words_make_it_wait_again(self, storage: Storage) -> None:
        await leaves(storage, "aaaa2222", "một")
        await storage.answer_case("aaaa2222", "trả lời", LAN, reply_for, NOW)
        turn = await heard(storage, "hai")
        later = DUE + timedelta(days=3)
        await answer(storage, turn, "ok", effects=(AddToCase(code="aaaa2222", words="hai", due=later),))

        thread = await storage.case("aaaa2222", LAN, NOW)
        assert thread
        assert (thread.case.status, thread.case.due) == (CaseStatus.OPEN, later)


class TestOfficers:
    async def test_an_answer_goes_to_the_same_address(self, storage: Storage) -> None:
        await leaves(storage, "aaaa2222", "hỏi")
        assert await storage.answer_case("aaaa2222", "Bác ra quầy 2", LAN, reply_for, NOW)

        (sent,) = await storage.claim(Scope("console"), "me", NOW)
        assert (sent.address, sent.reply.text) == (BA, "Trả lời aaaa2222")
        thread = await storage.case("aaaa2222", LAN, NOW)
        assert thread
        assert thread.case.status is CaseStatus.ANSWERED
        assert thread.messages[-1].delivery == "leased"
        assert thread.case.owner_name == "Chị Lan"

    async def test_a_note_is_seen_by_officers_only(self, storage: Storage) -> None:
        person = await leaves(storage, "aaaa2222", "hỏi")
        await storage.note_case("aaaa2222", "bác này hay quên", LAN, NOW)

        thread = await storage.case("aaaa2222", LAN, NOW)
        assert thread
        assert thread.messages[-1].author is Author.NOTE
        with storage.snapshot() as snapshot:
            own = snapshot.records(person).case("aaaa2222")
            assert own
            assert "hay quên" not in str(own)

    async def test_assigning_closing_and_reopening(self, storage: Storage) -> None:
        await leaves(storage, "aaaa2222", "hỏi")
        assert await storage.assign_case("aaaa2222", LAN, LAN, NOW)
        assert await codes(storage, CaseFilter(owner="lan")) == ["aaaa2222"]
        assert await storage.assign_case("aaaa2222", None, LAN, NOW)
        assert await codes(storage, CaseFilter(owner="")) == ["aaaa2222"]
        assert await storage.close_case("aaaa2222", LAN, NOW)
        assert await codes(storage, CaseFilter()) == []
        assert await storage.reopen_case("aaaa2222", LAN, DUE, NOW)
        assert await codes(storage, CaseFilter(statuses=(CaseStatus.OPEN,))) == ["aaaa2222"]

    async def test_a_merged_case_gets_the_answer_under_its_own_code(self, storage: Storage) -> None:
        await leaves(storage, "aaaa2222", "hỏng đường dẫn")
        tu = await leaves(storage, "bbbb3333", "link hỏng", at=TU)
        assert await storage.merge_cases("bbbb3333", "aaaa2222", LAN, NOW)
        assert not await storage.merge_cases("bbbb3333", "aaaa2222", LAN, NOW)
        assert not await storage.merge_cases("aaaa2222", "aaaa2222", LAN, NOW)

        await storage.answer_case("aaaa2222", "Đã sửa", LAN, reply_for, NOW)

        sent = await storage.claim(Scope("console"), "me", NOW)
        assert {(one.address.id, one.reply.text) for one in sent} == {
            ("ba", "Trả lời aaaa2222"),
            ("tu", "Trả lời bbbb3333"),
        }
        with storage.snapshot() as snapshot:
            own = snapshot.records(tu).case("bbbb3333")
        assert own
        assert own.case.status is CaseStatus.ANSWERED
        assert [message.words for message in own.messages] == ["link hỏng", "Đã sửa"]

    async def test_what_is_not_there_is_not_acted_on(self, storage: Storage) -> None:
        told = Reply(text="x")
        assert await storage.case("zzzz9999", LAN, NOW) is None
        assert not await storage.answer_case("zzzz9999", "x", LAN, reply_for, NOW)
        assert not await storage.note_case("zzzz9999", "x", LAN, NOW)
        assert not await storage.assign_case("zzzz9999", LAN, LAN, NOW)
        assert not await storage.close_case("zzzz9999", LAN, NOW)
        assert not await storage.take_over("zzzz9999", LAN, NOW, told, NOW)
        assert not await storage.hand_back("zzzz9999", LAN, told, NOW)

    async def test_an_officer_of_another_place_neither_sees_nor_touches_it(self, storage: Storage) -> None:
        await leaves(storage, "aaaa2222", "hỏi")
        await storage._write(lambda c: c.execute("UPDATE cases SET place = 'ban-na-lua'"))
        here = Officer(id="lua", name="Anh Lúa", places=("ban-na-lua",))
        elsewhere = Officer(id="gao", name="Chị Gạo", places=("thon-ben-gao",))

        assert await codes(storage, CaseFilter(), here) == ["aaaa2222"]
        assert await codes(storage, CaseFilter(words="hỏi"), elsewhere) == []
        assert (await storage.case_counts(elsewhere, DUE))["new"] == 0
        assert await storage.case("aaaa2222", elsewhere, NOW) is None
        assert not await storage.answer_case("aaaa2222", "x", elsewhere, reply_for, NOW)
        assert not await storage.take_over("aaaa2222", elsewhere, NOW, MENU, NOW)
        assert await storage.note_case("aaaa2222", "x", here, NOW)

    async def test_every_act_is_logged(self, storage: Storage, tmp_path: Path) -> None:
        await leaves(storage, "aaaa2222", "hỏi")
        await storage.answer_case("aaaa2222", "x", LAN, reply_for, NOW)
        await storage.close_case("aaaa2222", LAN, NOW)

        acts = await storage._read(
            lambda c: [tuple(row) for row in c.execute("SELECT actor, act, detail FROM audit")]
        )
        assert acts == [("Chị Lan", "case-answer", "aaaa2222"), ("Chị Lan", "case-close", "aaaa2222")]


class TestLooking:
    @pytest.mark.parametrize("typed", ["giấy chứng sinh", "giay chung sinh", "GIAY", "đẻ", "de tai nha", "AAAA2222"])
    async def test_words_are_found_with_or_without_marks(self, storage: Storage, typed: str) -> None:
        await leaves(storage, "aaaa2222", "Giấy chứng sinh khi đẻ tại nhà")
        await leaves(storage, "bbbb3333", "chuyện khác hẳn")

        assert await codes(storage, CaseFilter(words=typed)) == ["aaaa2222"]

    @pytest.mark.parametrize("typed", ['"', "AND OR NOT", "a* NEAR(b", "'; DROP TABLE cases", "-x:y^2", "%", "((("])
    async def test_nothing_typed_breaks_the_search(self, storage: Storage, typed: str) -> None:
        await leaves(storage, "aaaa2222", "hỏi")
        await codes(storage, CaseFilter(words=typed))

    async def test_an_answer_and_a_note_are_found_too(self, storage: Storage) -> None:
        await leaves(storage, "aaaa2222", "hỏi")
        await storage.answer_case("aaaa2222", "ra trạm y tế", LAN, reply_for, NOW)

        assert await codes(storage, CaseFilter(words="tram y te", statuses=(CaseStatus.ANSWERED,))) == ["aaaa2222"]

    async def test_the_first_due_comes_first_page_by_page(self, storage: Storage) -> None:
        for n in range(60):
            await leaves(storage, f"aaaa{n:04}", "hỏi", due=DUE + timedelta(days=n % 7))
        found, after = [], ""
        while True:
            page = await storage.cases(CaseFilter(), LAN, after)
            found += page.cases
            after = page.after
            if not after:
                break

        assert len({case.code for case in found}) == 60
        assert [case.due for case in found] == sorted(case.due for case in found)

    async def test_what_is_overdue_is_counted(self, storage: Storage) -> None:
        await leaves(storage, "aaaa2222", "hỏi")
        await leaves(storage, "bbbb3333", "hỏi", at=TU)
        await storage.assign_case("bbbb3333", LAN, LAN, NOW)

        counts = await storage.case_counts(LAN, DUE + timedelta(days=1))
        assert (counts["new"], counts["open"], counts["overdue"], counts["mine"]) == (1, 1, 2, 1)

    async def test_canned_answers_are_kept_replaced_and_dropped(self, storage: Storage) -> None:
        await storage.keep_canned("Giờ làm việc", "7 giờ 30", LAN, NOW)
        id_ = await storage.keep_canned("Giờ làm việc", "8 giờ", LAN, NOW)

        assert [one.words for one in await storage.canned_answers()] == ["8 giờ"]
        assert await storage.drop_canned(id_, LAN, NOW)
        assert not await storage.drop_canned(id_, LAN, NOW)


class TestTakingOver:
    async def test_it_lasts_until_its_time_and_tells(self, storage: Storage) -> None:
        person = await leaves(storage, "aaaa2222", "hỏi")
        until = NOW + timedelta(minutes=30)
        assert await storage.take_over("aaaa2222", LAN, until, Reply(text="Chị Lan đây"), NOW)

        with storage.snapshot() as snapshot:
            taken = snapshot.records(person).takeover(NOW)
            assert taken
            assert (taken.code, taken.name, taken.until) == ("aaaa2222", "Chị Lan", until)
            assert snapshot.records(person).takeover(until) is None
        assert await storage.end_takeovers(Reply(text="bot đây"), NOW) == 0
        assert await storage.end_takeovers(Reply(text="bot đây"), until) == 1
        sent = await storage.claim(Scope("console", "ba"), "me", until)
        assert [one.reply.text for one in sent] == ["Chị Lan đây", "bot đây"]

    async def test_an_answer_prolongs_it(self, storage: Storage) -> None:
        person = await leaves(storage, "aaaa2222", "hỏi")
        until = NOW + timedelta(minutes=30)
        await storage.take_over("aaaa2222", LAN, until, MENU, NOW)
        await storage.answer_case("aaaa2222", "x", LAN, reply_for, NOW, until + timedelta(minutes=5))

        with storage.snapshot() as snapshot:
            assert snapshot.records(person).takeover(until)

    async def test_a_turn_under_way_is_thought_again(self, storage: Storage) -> None:
        await leaves(storage, "aaaa2222", "hỏi")
        turn = await heard(storage, "nữa")
        await storage.take_over("aaaa2222", LAN, NOW + timedelta(minutes=30), MENU, NOW)

        assert load(storage, turn.person).conversation.version == turn.conversation.version + 1

    async def test_an_anonymous_case_cannot_be_taken_over(self, storage: Storage) -> None:
        await leaves(storage, "aaaa2222", "hỏi", anonymous=True)
        assert not await storage.take_over("aaaa2222", LAN, NOW + timedelta(minutes=30), MENU, NOW)


class TestForgetting:
    async def test_an_erasure_takes_the_cases_along(self, storage: Storage, tmp_path: Path) -> None:
        await leaves(storage, "aaaa2222", "Nguyễn Thị Bông hỏi chuyện")
        await storage.note_case("aaaa2222", "đã gọi Bông", LAN, NOW)
        await storage.take_over("aaaa2222", LAN, NOW + timedelta(minutes=30), MENU, NOW)
        turn = await heard(storage, "xóa")
        await answer(storage, turn, "đã xóa", effects=(ForgetMe(receipt="R"),))
        await storage.scrub(NOW + timedelta(minutes=1))

        assert await codes(storage, CaseFilter(statuses=tuple(CaseStatus))) == []
        assert await codes(storage, CaseFilter(words="bong", statuses=tuple(CaseStatus))) == []
        for file in tmp_path.glob("test.db*"):
            raw = file.read_bytes().lower()
            assert "bông".encode() not in raw
            assert b"bong" not in raw, file

    async def test_cases_go_after_twelve_months(self, storage: Storage) -> None:
        await leaves(storage, "aaaa2222", "hỏi")
        await leaves(storage, "bbbb3333", "hỏi", anonymous=True)
        await storage.sweep(NOW + timedelta(days=364))
        assert len(await codes(storage, CaseFilter())) == 2
        await storage.sweep(NOW + timedelta(days=367))
        assert await codes(storage, CaseFilter()) == []


SECRET = "cán bộ quầy ba vòi tiền"


async def file_anonymously(storage: Storage, now: datetime) -> PersonId:
    """As the conversation does it: choosing first, then the words; and the status asked for later."""
    first = 1
    for text in ("góp ý", "phản ánh chuyện", "không kèm tên nhé"):
        turn = await heard(storage, text, at=now)
        draft = Draft(kind=CaseKind.COMPLAINT, since=first, anonymous=True)
        conversation = replace(turn.conversation, focus=Focus(task=Task.CASE, state="writing"), draft=draft)
        await answer(storage, turn, f"hỏi lại {text}", conversation=conversation, now=now)
        now += timedelta(seconds=20)
    turn = await heard(storage, SECRET, at=now)
    opened = OpenCase(
        code="aaaa2222",
        kind=CaseKind.COMPLAINT,
        words=SECRET,
        due=DUE,
        anonymous=True,
        walk="walk7",
        context={"a": 1},
    )
    effects = (opened, LeaveNoTrace(since=first, instead=MENU))
    conversation = replace(turn.conversation, focus=Focus(), draft=None)
    await answer(storage, turn, "Mã của bác GY-AAAA2222", conversation=conversation, effects=effects, now=now)
    return turn.person


async def everything(storage: Storage) -> dict[str, list[dict[str, object]]]:
    """Every row of every table."""

    def read(connection: sqlite3.Connection) -> dict[str, list[dict[str, object]]]:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]  # noqa: S608 - names of ours
            for table in tables
        }

    return await storage._read(read)


class TestAnonymity:
    async def test_nothing_in_the_file_leads_from_the_words_to_the_person_or_to_an_hour(
        self, storage: Storage, tmp_path: Path
    ) -> None:
        odd = datetime(2026, 11, 22, 4, 17, 43, 512_000, tzinfo=UTC)
        person = await file_anonymously(storage, odd)
        await storage.scrub(odd + timedelta(seconds=5))

        tables = await everything(storage)
        with_it = [
            (table, row)
            for table, rows in tables.items()
            for row in rows
            if re.search(r"aaaa2222|vòi tiền|voi tien|complaint", str(row), re.IGNORECASE)
        ]
        assert {table for table, _ in with_it} >= {"cases", "case_messages"}
        for table, row in with_it:
            assert str(person) not in str(row), table
            assert "'ba'" not in str(row), table
            assert not re.search(r"\d\d:\d\d", str(row)), (table, row)
            assert "walk7" not in str(row), table
        (case,) = tables["cases"]
        assert case["opened"] == case["touched"] == "2026-11-22"
        assert case["context"] == "{}"

    async def test_what_is_kept_of_the_dialogue_looks_like_looking_at_the_menu(
        self, storage: Storage, tmp_path: Path
    ) -> None:
        person = await file_anonymously(storage, NOW)
        await storage.scrub(NOW + timedelta(seconds=5))

        tables = await everything(storage)
        assert [row["seq"] for row in tables["inbox"]] == [1, 2, 3, 4]  # no gap that tells something was taken away
        assert all('"payload":"menu"' in str(row["body"]) for row in tables["inbox"])
        assert all("Bác cần làm việc gì" in str(row["payload"]) for row in tables["outbox"])
        for file in tmp_path.glob("test.db*"):
            raw = file.read_bytes()
            for place in re.finditer(rb"v\xc3\xb2i ti\xe1\xbb\x81n|AAAA2222|kh\xc3\xb4ng k\xc3\xa8m t\xc3\xaan", raw):
                around = raw[max(0, place.start() - 600) : place.end() + 600]
                assert str(person).encode() not in around, file

    async def test_the_row_does_not_tell_when_it_came_among_others(self, storage: Storage) -> None:
        for n in range(30):
            await leaves(storage, f"cccc{n:04}", "hỏi")
        ids = await storage._read(lambda c: [row[0] for row in c.execute("SELECT id FROM cases ORDER BY code")])
        assert ids != sorted(ids)

    async def test_a_reply_that_nobody_fetches_is_covered_after_an_hour(self, storage: Storage) -> None:
        turn = await heard(storage, SECRET)
        opened = OpenCase(code="aaaa2222", kind=CaseKind.QUESTION, words=SECRET, due=DUE, anonymous=True)
        effects = (opened, LeaveNoTrace(since=turn.seq, instead=MENU))
        await answer(storage, turn, "Mã aaaa2222", effects=effects, arrives=False)
        await storage.scrub(NOW + timedelta(minutes=5))
        assert "Mã aaaa2222" in str(await everything(storage))
        await storage.scrub(NOW + timedelta(minutes=61))
        assert "Mã aaaa2222" not in str(await everything(storage))

    async def test_its_answer_is_had_by_its_code_by_whoever_has_it(self, storage: Storage) -> None:
        await leaves(storage, "aaaa2222", SECRET, anonymous=True)
        await storage.answer_case("aaaa2222", "Đã nhắc nhở", LAN, reply_for, NOW)
        tu = (await heard(storage, "chào", address=TU)).person

        with storage.snapshot() as snapshot:
            thread = snapshot.records(tu).case("aaaa2222")
        assert thread
        assert thread.messages[-1].words == "Đã nhắc nhở"
        assert thread.messages[-1].at == local_day(NOW)
        assert await storage.claim(Scope("console", "ba"), "you", NOW) == ()
