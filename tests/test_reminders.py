"""Reminders with the whole house behind them: due, sent, called, cancelled or expired, but never silently lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import App, build
from bot.dialogue.messages import Lane
from bot.errors import Refused, TryLater, Unclear
from tests.support.doors import RecordingDoor, press, words
from tests.support.talking import move_clock, settings

FINAL = {"sent", "listed", "cancelled", "expired"}


class Citizen:
    """A person who speaks to the house; its clock stands at Monday 23/11/2026, 9:00, until it is moved."""

    def __init__(self, app: App, door: RecordingDoor, folder: Path, name: str = "ba") -> None:
        self.app, self.door, self.folder, self.name = app, door, folder, name
        self.n = 0

    async def says(self, *texts: str) -> list[str]:
        before = len(self.door.texts(self.name))
        for text in texts:
            self.n += 1
            await self.app.inbox.accept(words(text, f"{self.name}-{self.n}", self.name))
            await self.app.settle()
        return self.door.texts(self.name)[before:]

    async def presses(self, label: str) -> list[str]:
        before = len(self.door.texts(self.name))
        buttons = [one for d in self.door.sent if d.address.id == self.name for one in d.reply.buttons]
        payload = next(one.payload for one in reversed(buttons) if label in one.label)
        self.n += 1
        await self.app.inbox.accept(press(payload, f"{self.name}-{self.n}", self.name))
        await self.app.settle()
        return self.door.texts(self.name)[before:]

    async def waits(self, **by: float) -> list[str]:
        before = len(self.door.texts(self.name))
        move_clock(self.folder, timedelta(**by))
        await self.app.settle()
        return self.door.texts(self.name)[before:]

    async def books(self, when: str = "9 giờ sáng thứ năm") -> None:
        """Thursday, 26/11/2026, 9:00: reminders are due on Wednesday at 9:00 and on Thursday at 7:00."""
        await self.says(f"nhắc tôi {when} nộp giấy khai sinh", "đúng")


@pytest.fixture
async def ba(house: App, door: RecordingDoor, tmp_path: Path) -> Citizen:
    return Citizen(house, door, tmp_path)


@pytest.fixture
async def reminded(ba: Citizen) -> Citizen:
    await ba.books()
    await ba.says("có")
    return ba


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(tmp_path / "camtay.db")
    yield database
    database.close()


def fates(rows: sqlite3.Connection) -> list[str]:
    return [
        state for (state,) in rows.execute("SELECT state FROM outbox WHERE lane = 'reminder' ORDER BY not_before")
    ]


async def test_the_day_before_and_two_hours_before(reminded: Citizen) -> None:
    assert await reminded.waits(days=1, hours=23) == []
    (day,) = await reminded.waits(hours=1)
    assert "thứ Năm, ngày 26/11/2026, 9 giờ sáng" in day
    assert "Trung tâm Phục vụ hành chính công" in day
    assert await reminded.waits(hours=21) == []
    (hours,) = await reminded.waits(hours=1)
    assert hours == day
    (asked,) = await reminded.waits(hours=5)
    assert "xong chưa" in asked


async def test_without_a_yes_nobody_is_reminded(ba: Citizen, rows: sqlite3.Connection) -> None:
    await ba.books()
    await ba.says("không")

    assert await ba.waits(days=4) == []
    assert fates(rows) == []


async def test_a_no_that_comes_later_counts_for_what_is_planned(reminded: Citizen, rows: sqlite3.Connection) -> None:
    await reminded.says("lịch hẹn")
    await reminded.presses("Đổi giờ nhắc")
    await reminded.presses("Không cần nhắc")

    assert await reminded.waits(days=2) == []
    assert fates(rows)[0] == "cancelled"


async def test_an_appointment_that_is_moved_is_reminded_of_at_its_new_time_only(reminded: Citizen) -> None:
    await reminded.says("dời hẹn", "9 giờ sáng thứ sáu", "đúng")

    assert await reminded.waits(days=2) == []
    (day,) = await reminded.waits(days=1)
    assert "thứ Sáu, ngày 27/11/2026, 9 giờ sáng" in day


async def test_what_is_moved_there_and_back_is_still_reminded_of(reminded: Citizen) -> None:
    await reminded.says("dời hẹn", "9 giờ sáng thứ sáu", "đúng")
    await reminded.says("dời hẹn", "9 giờ sáng thứ năm", "đúng")

    assert len(await reminded.waits(days=2)) == 1


async def test_what_is_called_off_stays_silent(reminded: Citizen, rows: sqlite3.Connection) -> None:
    await reminded.says("hủy hẹn")

    assert await reminded.waits(days=5) == []
    assert set(fates(rows)) == {"cancelled"}


async def test_a_change_that_is_not_confirmed_leaves_the_booking_as_it_was(reminded: Citizen) -> None:
    await reminded.says("dời hẹn", "9 giờ sáng thứ sáu", "thôi không hẹn")

    (day,) = await reminded.waits(days=2)
    assert "thứ Năm, ngày 26/11/2026" in day


async def test_a_walk_is_not_disturbed_by_a_reminder(reminded: Citizen) -> None:
    await reminded.says("chứng thực bản sao", "làm từng bước")
    (reminder,) = await reminded.waits(days=2)
    assert "Cháu nhắc bác" in reminder

    (answer,) = await reminded.says("1")
    assert "photo chưa" in answer, "the walk goes on where it was"


# --- down, asleep, too late -----------------------------------------------------------------------------------


async def test_a_house_that_was_down_sends_what_is_still_useful_once(tmp_path: Path) -> None:
    door = RecordingDoor()
    async with build(settings(tmp_path), [door], chores=False) as app:
        ba = Citizen(app, door, tmp_path)
        await ba.books()
        await ba.says("có")
        before = len(door.sent)
    move_clock(tmp_path, timedelta(days=2, hours=22.5))  # Thursday, 7:30: both were due
    for _ in range(2):
        async with build(settings(tmp_path), [door], chores=False) as app:
            await app.settle()

    assert ["Cháu nhắc bác" in one.reply.text for one in door.sent[before:]] == [True]


async def test_a_house_that_was_down_over_the_appointment_says_so(
    tmp_path: Path,
) -> None:
    door = RecordingDoor()
    async with build(settings(tmp_path), [door], chores=False) as app:
        ba = Citizen(app, door, tmp_path)
        await ba.books()
        await ba.says("có")
        before = len(door.sent)
    move_clock(tmp_path, timedelta(days=3, hours=2))  # Thursday, 11:00
    async with build(settings(tmp_path), [door], chores=False) as app:
        await app.settle()
        fates = await app.storage.fates(Lane.REMINDER)

    (late,) = [one.reply.text for one in door.sent[before:]]
    assert "không nhắc kịp" in late
    assert fates == {"expired": 2, "sent": 1, "queued": 1}


async def test_nobody_is_woken_by_a_house_that_comes_back_at_night(reminded: Citizen) -> None:
    reminded.door.troubles["ba"].append(TryLater("5xx", after=60))
    assert await reminded.waits(days=2) == []
    assert await reminded.waits(hours=13) == []  # 22:00

    (hours,) = await reminded.waits(hours=9)  # Thursday, 7:00
    assert "9 giờ sáng" in hours


async def test_a_clock_set_back_sends_nothing_twice(reminded: Citizen) -> None:
    assert len(await reminded.waits(days=2)) == 1
    assert await reminded.waits(days=-1) == []
    assert await reminded.waits(days=1) == []
    assert len(await reminded.waits(hours=22)) == 1


async def test_a_clock_that_leaps_ahead_loses_nothing(reminded: Citizen, rows: sqlite3.Connection) -> None:
    heard = await reminded.waits(days=400)

    assert len(heard) == 1
    assert "không nhắc kịp" in heard[0]
    assert set(fates(rows)) <= FINAL


# --- who can't be reached -------------------------------------------------------------------------------------


async def test_whoever_has_blocked_us_is_called(reminded: Citizen) -> None:
    reminded.door.troubles["ba"].append(Refused("403", gone=True))
    assert await reminded.waits(days=2) == []

    (call,) = await reminded.app.storage.call_list()
    assert "thứ Năm, ngày 26/11/2026, 9 giờ sáng" in call.say
    assert call.phone is None
    await reminded.waits(hours=22)
    assert len(await reminded.app.storage.call_list()) == 2
    assert await reminded.app.storage.called(call.id, "can-bo", reminded.app.clock.now())
    assert not await reminded.app.storage.called(call.id, "can-bo", reminded.app.clock.now())
    assert len(await reminded.app.storage.call_list()) == 1


async def test_the_number_they_left_stands_on_the_list_and_nobody_elses(reminded: Citizen) -> None:
    await reminded.says("lịch hẹn")
    await reminded.presses("Để số cho cán bộ gọi")
    await reminded.says("0912345678")
    reminded.door.troubles["ba"].append(Refused("403", gone=True))
    await reminded.waits(days=2)

    assert [call.phone for call in await reminded.app.storage.call_list()] == ["0912345678"]


async def test_a_lost_answer_is_sent_once_more_and_marked(reminded: Citizen) -> None:
    reminded.door.troubles["ba"].append(Unclear("timed out"))

    assert len(await reminded.waits(days=2)) == 1
    assert reminded.door.sent[-1].maybe_repeated


async def test_an_erased_person_is_neither_reminded_nor_called(reminded: Citizen, rows: sqlite3.Connection) -> None:
    await reminded.says("xóa dữ liệu của tôi", "xóa hết")

    assert await reminded.waits(days=4) == []
    assert fates(rows) == []
    assert rows.execute("SELECT count(*) FROM appointments").fetchone() == (0,)
    assert await reminded.app.storage.call_list() == []


async def test_appointments_are_forgotten_thirty_days_after_their_day(
    reminded: Citizen, rows: sqlite3.Connection
) -> None:
    for days, left in ((32, 1), (2, 0)):
        await reminded.waits(days=days)
        await reminded.app.storage.sweep(reminded.app.clock.now())
        assert rows.execute("SELECT count(*) FROM appointments").fetchone() == (left,)
