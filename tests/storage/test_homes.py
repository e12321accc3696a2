"""What every storage engine promises about where people live. Run for the same engines as test_contract.py."""

from __future__ import annotations

import sqlite3
from datetime import UTC, timedelta
from pathlib import Path

from sqlite_utils import Database

from bot.dialogue.cases import CaseFilter, Officer
from bot.dialogue.messages import (
    Address,
    Call,
    Carriage,
    ChooseHome,
    Effect,
    ForgetMe,
    Grant,
    OpenCase,
    PersonId,
    PlanReminders,
    Purpose,
    RecordConsent,
    Reminder,
    Reply,
    Role,
    Scope,
    Segment,
    Tell,
)
from storage import Storage, open_storage
from storage.migrations import migrations
from tests.storage.test_cases import DUE, answer, codes, heard
from tests.storage.test_contract import BA, NOW, TU, storage

__all__ = ["storage"]

GAO, LUA = "thon-ben-gao", "ban-na-lua"
OF_GAO = Officer(id="gao", name="Chị Gạo", places=(GAO,))
OF_LUA = Officer(id="lua", name="Anh Lúa", places=(LUA,))
CARRIAGES = {"console": Carriage(channel="console")}
TIPS = RecordConsent(purpose=Purpose.TIPS, yes=True, text_version="1")


async def says(storage: Storage, *effects: Effect, at: Address = BA) -> PersonId:
    turn = await heard(storage, "chào", address=at)
    await answer(storage, turn, "ok", effects=effects)
    return turn.person


def home(storage: Storage, person: PersonId) -> str | None:
    with storage.snapshot() as snapshot:
        return snapshot.records(person).home()


def case(code: str, place: str | None = None, notice: Reply | None = None) -> OpenCase:
    return OpenCase(code=code, kind="question", words="hỏi", due=DUE, place=place, notice=notice)  # type: ignore[arg-type]


class TestTheHome:
    async def test_it_is_what_was_chosen_last(self, storage: Storage) -> None:
        person = await says(storage, ChooseHome(place=GAO))
        assert home(storage, person) == GAO
        await says(storage, ChooseHome(place=LUA))
        with storage.snapshot() as snapshot:
            assert snapshot.records(person).kept_data().home == LUA
        await says(storage, ChooseHome(place=None))
        assert home(storage, person) is None

    async def test_an_erasure_takes_it_along(self, storage: Storage) -> None:
        person = await says(storage, ChooseHome(place=GAO))
        await says(storage, ForgetMe(receipt="R"))

        assert home(storage, person) is None
        again = await says(storage)
        assert home(storage, again) is None

    async def test_who_lives_there_is_in_the_segment_of_tips_and_nobody_else(self, storage: Storage) -> None:
        await says(storage, ChooseHome(place=GAO), TIPS)
        await says(storage, TIPS, at=TU)

        async def people(*places: str) -> int:
            return (await storage.audience(Segment(places=places), CARRIAGES, NOW)).people

        assert [await people(GAO), await people(LUA), await people(GAO, LUA), await people()] == [1, 0, 1, 2]
        await says(storage, ChooseHome(place=LUA), at=TU)
        assert [await people(GAO), await people(LUA), await people(GAO, LUA)] == [1, 1, 2]


class TestCases:
    async def test_a_case_goes_to_those_of_its_place_and_one_of_none_to_everybody(self, storage: Storage) -> None:
        await says(storage, case("aaaa2222", GAO))
        await says(storage, case("bbbb3333"), at=TU)

        assert set(await codes(storage, CaseFilter(), OF_GAO)) == {"aaaa2222", "bbbb3333"}
        assert await codes(storage, CaseFilter(), OF_LUA) == ["bbbb3333"]
        assert await codes(storage, CaseFilter(place=GAO)) == ["aaaa2222"]

    async def test_a_case_left_before_goes_there_once_it_is_known_where_they_live(self, storage: Storage) -> None:
        await says(storage, case("aaaa2222"))
        await says(storage, ChooseHome(place=GAO))
        assert await codes(storage, CaseFilter(), OF_LUA) == []
        await says(storage, ChooseHome(place=LUA))  # what was left as one of Bến Gạo stays there
        assert await codes(storage, CaseFilter(), OF_GAO) == ["aaaa2222"]

    async def test_an_officer_does_not_lose_a_case_that_they_have(self, storage: Storage) -> None:
        await says(storage, case("aaaa2222"))
        assert await storage.assign_case("aaaa2222", OF_LUA, OF_LUA, NOW)
        await says(storage, ChooseHome(place=GAO))

        assert await codes(storage, CaseFilter(), OF_LUA) == ["aaaa2222"]

    async def test_who_forgets_their_home_forgets_it_in_their_cases(self, storage: Storage) -> None:
        await says(storage, ChooseHome(place=GAO), case("aaaa2222", GAO))
        await says(storage, ChooseHome(place=None))

        assert await codes(storage, CaseFilter(place=GAO)) == []
        assert await codes(storage, CaseFilter(), OF_LUA) == ["aaaa2222"]

    async def test_only_officers_of_that_place_are_told(self, storage: Storage) -> None:
        for address, place in ((TU, GAO), (Address("console", "nam"), LUA), (Address("console", "sau"), None)):
            officer = await says(storage, at=address)
            await storage.grant(officer, Grant(role=Role.OFFICER, place=place), "test", NOW)
        await says(storage, case("aaaa2222", LUA, notice=Reply(text="Có câu hỏi mới")))

        assert [await told(storage, who) for who in ("tu", "nam", "sau")] == [0, 1, 1]


async def told(storage: Storage, who: str) -> int:
    return len(await storage.claim(Scope("console", who), "me", NOW))


async def test_a_yes_is_asked_of_those_who_look_after_all_whom_it_reaches(storage: Storage) -> None:
    for name, *places in (("tu", GAO), ("nam", GAO, LUA), ("sau", None)):
        officer = await says(storage, at=Address("console", str(name)))
        for place in places:
            await storage.grant(officer, Grant(role=Role.OFFICER, place=place), "test", NOW)
    asked = Reply(text="Có mẹo chờ duyệt")

    for places, expected in (((GAO,), [1, 1, 1]), ((GAO, LUA), [0, 1, 1]), ((), [0, 0, 1]), (None, [1, 1, 1])):
        await says(storage, Tell(reply=asked, role=Role.OFFICER, places=places))
        assert [await told(storage, who) for who in ("tu", "nam", "sau")] == expected


async def test_an_officer_of_some_hamlets_calls_those_who_live_there_or_did_not_say(storage: Storage) -> None:
    yes = RecordConsent(purpose=Purpose.REMINDERS, yes=True, text_version="1")
    for n, (name, place) in enumerate((("ba", GAO), ("tu", LUA), ("nam", None))):
        reminder = Reminder(
            key=f"k{n}",
            about=(f"a{n}.1",),
            at=NOW,
            expires=NOW + timedelta(days=1),
            reply=Reply(text="nhắc"),
            call=Call(say=f"Nhắc {name}", only=True),
        )
        plan = PlanReminders(reminders=(reminder,), standing=frozenset({f"a{n}.1"}))
        await says(storage, yes, ChooseHome(place=place), plan, at=Address("console", name))
    await storage.claim(Scope("console"), "me", NOW + timedelta(minutes=1))

    async def listed(places: tuple[str, ...] | None) -> dict[str, str | None]:
        return {call.say: call.place for call in await storage.call_list(places=places)}

    assert await listed(None) == {"Nhắc ba": GAO, "Nhắc tu": LUA, "Nhắc nam": None}
    assert await listed((GAO,)) == {"Nhắc ba": GAO, "Nhắc nam": None}
    assert await listed(()) == {"Nhắc nam": None}


def test_what_people_chose_for_their_tips_is_their_home_after_the_update(tmp_path: Path) -> None:
    """A database from before people had homes: the hamlet stood with their tips."""
    file = tmp_path / "old.db"
    with sqlite3.connect(file) as connection:
        database = Database(connection)
        migrations.apply(database, stop_before="homes")
        for name, place in (("ba", GAO), ("tu", "")):
            connection.execute("INSERT INTO persons (id, created_at) VALUES (?, ?)", (name, NOW.astimezone(UTC)))
            connection.execute(
                "INSERT INTO subscribers (person_id, channel, address_id, place, since)"
                " VALUES (?, 'console', ?, ?, '2026')",
                (name, name, place),
            )
    opened = open_storage(f"sqlite:///{file}", tmp_path / "hash.key")
    try:
        assert [home(opened, PersonId(name)) for name in ("ba", "tu")] == [GAO, None]
    finally:
        opened.close()
