"""A month of reminders on a clock of its own, with the process killed again and again and a platform that fails.

Each life is a real process, forked from a warm one. While it is dead its clock stands still, so that every reminder
can still leave within a minute of its time. The door writes what a person would have seen into a file.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

import bot.app
from bot import reminding
from bot.app import build
from bot.calendar import LOCAL, Office
from bot.dialogue.messages import (
    Address,
    Appointment,
    AppointmentStatus,
    Call,
    Delivery,
    Errand,
    PersonId,
    PlanReminders,
    Reminder,
    Reply,
    Scope,
    awake,
)
from bot.errors import Refused, TryLater, Unclear
from bot.logs import log_to
from content.models import Day, Hours
from storage import open_storage, outbox
from storage.codec import stamp
from tests.support.results import SOAK, keep
from tests.support.talking import settings
from tests.support.warm import library, lives

REMINDERS = 100_000 if SOAK else 400
KILLS = 200 if SOAK else 5
LONGEST_LIFE = 4.0 if SOAK else 0.3  # seconds
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday, 9:00 in Vietnam
MONTH = timedelta(days=31)
LATE = timedelta(seconds=12)  # at most so much later than the next reminder is due the clock is looked at again
HALTS = (1.0, 3.0)  # seconds that the platform asks us all to wait
A_LITTLE = timedelta(seconds=1)
OFFICE = Office((Hours(days=tuple(Day)[:5], opens="07:30", closes="17:00"),))
OPEN_DAYS = [day for n in range(1, 30) if not OFFICE.closed(day := START.date() + timedelta(days=n))]
FIRST_HOUR, QUARTERS_OPEN = time(7, 30), 38  # until 16:45


class FailingDoor:
    """Delivers into a file; one send in ten fails, before it arrived or after."""

    scope = Scope("file")
    bulk_per_second: float | None = None

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._out = os.open(folder / "sent", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        self._luck = random.Random(os.getpid())

    async def send(self, delivery: Delivery) -> str | None:
        fate = self._luck.random()
        if fate < 0.04:
            self._note("tried", delivery)
            raise TryLater("429", after=self._luck.uniform(*HALTS))
        if fate < 0.06:
            self._note("tried", delivery)
            raise TryLater("5xx")
        if fate < 0.08:
            self._note("tried", delivery)
            raise Unclear("timed out")
        if fate < 0.085:
            raise Refused("403", gone=True)
        self._note("lost-answer" if fate < 0.1 else "sent", delivery)
        if fate < 0.1:
            raise Unclear("the answer was lost")
        return None

    def _note(self, what: str, delivery: Delivery) -> None:
        now = (self._folder / "clock").read_text()
        os.write(self._out, (json.dumps([what, delivery.id, delivery.maybe_repeated, now]) + "\n").encode())

    async def close(self) -> None:
        os.close(self._out)


def book_a_month(folder: Path) -> int:
    """People with appointments all over the month, and their reminders; how many these are."""
    store = open_storage(settings(folder).storage_url, settings(folder).key_file)
    store.close()
    database = sqlite3.connect(folder / "camtay.db")
    database.row_factory = sqlite3.Row
    luck, planned, n = random.Random(7), 0, 0
    with database:
        # For our own look at what is next, which must not cost more the more there is.
        database.execute("CREATE INDEX next_due ON outbox(not_before) WHERE state = 'queued'")
        while planned < REMINDERS:
            n += 1
            person = PersonId(f"p{n}")
            database.execute("INSERT INTO persons (id, created_at) VALUES (?, ?)", (person, stamp(START)))
            database.execute("INSERT INTO addresses VALUES ('file', ?, ?)", (person, person))
            database.execute(
                "INSERT INTO consents (person_id, person_hash, purpose, yes, text_version, channel, at)"
                " VALUES (?, '', 'reminders', 1, '1', 'file', ?)",
                (person, stamp(START)),
            )
            at = datetime.combine(luck.choice(OPEN_DAYS), FIRST_HOUR, LOCAL)
            at += timedelta(minutes=15 * luck.randrange(QUARTERS_OPEN))
            visit = Appointment(
                id=person,
                errand=Errand.SUBMIT,
                status=AppointmentStatus.BOOKED,
                at=at,
                booked_at=START,
                touched_at=START,
            )
            plan = reminding.plan([visit], OFFICE, START)
            reminders = tuple(as_reminder(one) for one in plan.planned)
            planned += len(reminders)
            effect = PlanReminders(reminders=reminders, standing=plan.standing)
            outbox.plan(database, person, Address("file", person), effect, START)
    database.close()
    return planned


def as_reminder(one: reminding.Planned) -> Reminder:
    return Reminder(
        key=one.key,
        about=tuple(map(reminding.booking, one.about)),
        at=one.at,
        expires=one.expires,
        reply=Reply(text=f"{one.kind} {one.at.isoformat()}"),
        late=Reply(text="late"),
        call=Call(say="call"),
    )


def live(folder: Path) -> None:
    """One life: send what is due; when nothing is, the clock goes on a little. Until somebody kills us."""
    bot.app.Library = library  # type: ignore[misc, assignment] - this process is ours alone
    (folder / "alive").open("a").write("x")
    log_to(folder / "log", "error")
    clock = folder / "clock"

    async def run() -> None:
        async with build(settings(folder), [FailingDoor(folder)], chores=False) as app:
            luck = random.Random(os.getpid())
            while (now := app.clock.now()) < START + MONTH:
                await app.outbox.flush()
                if (due := next_due(folder, now)) == now:
                    await asyncio.sleep(0.01)
                    continue
                waits = due <= now + A_LITTLE  # the platform has asked all to wait: as short as that may be
                later = clock.with_name("clock.new")
                later.write_text((due if waits else due + luck.random() * LATE).isoformat())
                later.replace(clock)
            (folder / "over").touch()

    asyncio.run(run())


def next_due(folder: Path, now: datetime) -> datetime:
    """When after now the next message may leave; the end of the month if none is left."""
    database = sqlite3.connect(folder / "camtay.db")
    # In one statement: what is given back between two of them would be seen by neither.
    at, first, under_way = database.execute(
        "SELECT (SELECT min(not_before) FROM outbox INDEXED BY next_due WHERE state = 'queued'"
        " AND not_before > ?1),"
        " (SELECT min(not_before) FROM outbox INDEXED BY next_due WHERE state = 'queued'),"
        " EXISTS (SELECT 1 FROM outbox WHERE state = 'leased')",
        (stamp(now),),
    ).fetchone()
    database.close()
    if under_way:  # by the outbox's own look
        return now
    if first and first <= stamp(now) and awake(now) == now:
        return now + A_LITTLE
    morning = [awake(now)] if awake(now) > now else []  # what had to be tried again at night waits for it
    return min([*morning, datetime.fromisoformat(at) if at else START + MONTH])


@pytest.mark.timeout(7200 if SOAK else 300)
def test_a_month_of_kills_loses_no_reminder_and_doubles_none(tmp_path: Path) -> None:
    (tmp_path / "clock").write_text(START.isoformat())
    planned = book_a_month(tmp_path)
    context = lives()
    luck = random.Random(20261122)
    killed = 0
    while not (tmp_path / "over").exists():
        process = context.Process(target=live, args=(tmp_path,))
        process.start()
        if killed < KILLS:
            process.join(timeout=0.3 + luck.uniform(0, LONGEST_LIFE))
            if process.is_alive():
                assert process.pid
                os.kill(process.pid, signal.SIGKILL)
                killed += 1
        process.join()
        assert process.exitcode in {0, -signal.SIGKILL}

    look_at(tmp_path, planned, killed)


def look_at(folder: Path, planned: int, killed: int) -> None:
    database = sqlite3.connect(folder / "camtay.db")
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    rows = database.execute("SELECT id, state, not_before, dedupe_key FROM outbox").fetchall()
    due = {id_: key for id_, _, _, key in rows if not key.startswith("late:")}
    texts = database.execute("SELECT id, json_extract(payload, '$.text') FROM outbox").fetchall()
    states = Counter(state for _, state, _, _ in rows)
    seen = [json.loads(line) for line in (folder / "sent").read_text().splitlines()]
    arrived = Counter(id_ for what, id_, _, _ in seen if what in {"sent", "lost-answer"})
    answers_lost = Counter(id_ for what, id_, _, _ in seen if what == "lost-answer")

    assert len(due) == planned
    assert set(states) <= {"sent", "listed", "expired", "unknown"}, states
    lost = [id_ for id_, state, _, _ in rows if state == "sent" and not arrived[id_]]
    assert lost == []
    # Twice came only what was in flight at a kill, or whose answer was lost; and the second time it was marked.
    marked = {id_ for what, id_, repeated, _ in seen if repeated and what != "tried"}
    doubled = [id_ for id_, n in arrived.items() if n > 1]
    assert set(doubled) <= marked
    in_flight = [id_ for id_ in doubled if not answers_lost[id_]]

    first_try: dict[int, datetime] = {}
    for _, id_, _, now in seen:
        first_try.setdefault(id_, datetime.fromisoformat(now))
    wanted = {id_: datetime.fromisoformat(text.split()[1]) for id_, text in texts if id_ in due}
    late = max((first_try[id_] - wanted[id_] for id_ in first_try if id_ in due), default=timedelta())
    assert late <= timedelta(minutes=1)
    keep(
        "reminders-month",
        reminders=planned,
        kills=killed,
        lost=0,
        doubled_answer_lost=len(doubled) - len(in_flight),
        doubled_in_flight_at_a_kill=len(in_flight),
        latest_first_try_seconds=int(late.total_seconds()),
        **dict(states),
    )
    database.close()
