"""The outbox under load: `make bench` writes reminders.json.

- Finding what is due among a million pending reminders, beside a thousand.
- Ten thousand reminders due in one minute, at ten times the true pace of a platform (25/s), while people ask and are
  answered three times a second: how long the answers take, and how much of the pace is used.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import build
from bot.channels.base import said
from bot.clock import Clock
from bot.dialogue.messages import Address, Delivery, Lane, Scope
from bot.settings import Settings
from storage import Storage, open_storage
from storage.codec import stamp

RESULTS = Path(__file__).parent / "results" / "reminders.json"
CHANNEL = "bench"
NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
PENDING = (1_000, 1_000_000)
LOOKS, DUE_AT_ONCE = 300, 5
DUE = 10_000
PACE = 250.0  # ten times the bulk share of Telegram, so that ten thousand take 40 s rather than 400
QUESTIONS_PER_SECOND = 3
LONGEST = 180  # seconds; by then it is not the pace that holds things up


class TimedDoor:
    """Takes as long as a platform in the same country, and remembers when what arrived."""

    scope = Scope(CHANNEL)
    bulk_per_second: float | None = PACE

    def __init__(self) -> None:
        self.reminders: list[float] = []
        self.answered: dict[str, float] = {}

    async def send(self, delivery: Delivery) -> str | None:
        """Delivered after 20 ms."""
        await asyncio.sleep(0.02)
        if delivery.lane is Lane.REMINDER:
            self.reminders.append(time.perf_counter())
        elif delivery.re:
            self.answered[delivery.re] = time.perf_counter()
        return None

    async def close(self) -> None:
        """Nothing to let go of."""


def fill(folder: Path, rows: int, first: datetime, spread: timedelta) -> None:
    """So many reminders of as many people, from `first` on."""
    open_storage(f"sqlite:///{folder / 'camtay.db'}", folder / "hash.key").close()
    database = sqlite3.connect(folder / "camtay.db")
    luck = random.Random(1)
    people = [(f"p{n}", stamp(first)) for n in range(rows)]
    with database:
        database.executemany("INSERT INTO persons (id, created_at) VALUES (?, ?)", people)
        database.executemany(
            "INSERT INTO consents (person_id, person_hash, purpose, yes, text_version, channel, at)"
            " VALUES (?, '', 'reminders', 1, '1', 'bench', ?)",
            people,
        )
        database.executemany(
            "INSERT INTO outbox (person_id, channel, address_id, lane, priority, action, payload, purpose,"
            " dedupe_key, not_before, expires, state, created_at, about)"
            " VALUES (?1, 'bench', ?1, 'reminder', 2, 'send', ?2, 'reminders', ?1, ?3, ?4, 'queued', ?3, ?1)",
            (
                (
                    person,
                    '{"text":"nhắc","buttons":[],"image":null,"slot":null}',
                    stamp(at := first + spread * luck.random()),
                    stamp(at + timedelta(days=1)),
                )
                for person, _ in people
            ),
        )
    database.close()


async def look(pending: int) -> float:
    """Milliseconds (median) to lease the few that are due among so many that are not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, pending, NOON + timedelta(days=1), timedelta(days=30))
        storage = open_storage(f"sqlite:///{folder / 'camtay.db'}", folder / "hash.key")
        try:
            return statistics.median([await _look(storage, folder, n) for n in range(LOOKS)]) * 1_000
        finally:
            storage.close()


async def _look(storage: Storage, folder: Path, n: int) -> float:
    database = sqlite3.connect(folder / "camtay.db")
    with database:  # a few more become due now
        database.execute(
            "UPDATE outbox SET not_before = ? WHERE id IN (SELECT id FROM outbox WHERE state = 'queued'"
            " AND id > ? LIMIT ?)",
            (stamp(NOON), n * DUE_AT_ONCE % PENDING[0], DUE_AT_ONCE),
        )
    database.close()
    start = time.perf_counter()
    found = await storage.claim(Scope(CHANNEL), "me", NOON)
    took = time.perf_counter() - start
    for delivery in found:
        await storage.sent(delivery, "me", None, NOON)
    return took


class AtNoon(Settings):
    """A clock that begins at noon and goes as it should: at night no reminder leaves."""

    def make_clock(self) -> Clock:
        """That clock."""
        return NoonClock()


class NoonClock:
    """Counts from noon of a Monday."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def now(self) -> datetime:
        """The time, in UTC."""
        return NOON + timedelta(seconds=time.monotonic() - self._start)


async def drain() -> dict[str, float]:
    """Ten thousand are due while people ask."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, DUE, NOON - timedelta(minutes=1), timedelta(minutes=1))
        door, asked = TimedDoor(), {}
        settings = AtNoon(_env_file=None, data_dir=folder)
        async with build(settings, [door], chores=False) as app:
            started = time.perf_counter()
            n = 0
            while len(door.reminders) < DUE * 0.95 and n < QUESTIONS_PER_SECOND * LONGEST:
                n += 1
                event = f"q{n}"
                asked[event] = time.perf_counter()
                await app.inbox.accept(said(Address(CHANNEL, f"asks{n}"), event, "làm giấy khai sinh"))
                await asyncio.sleep(1 / QUESTIONS_PER_SECOND)
            await asyncio.sleep(2)
            took, left = door.reminders[-1] - started, len(door.reminders)
        waits = sorted(door.answered[event] - at for event, at in asked.items() if event in door.answered)
    return {
        "questions": len(asked),
        "answered": len(waits),
        "reply_p50_ms": round(waits[len(waits) // 2] * 1_000, 1),
        "reply_p99_ms": round(waits[int(len(waits) * 0.99)] * 1_000, 1),
        "reply_longest_ms": round(waits[-1] * 1_000, 1),
        "reminders_per_second": round(left / took, 1),
        "share_of_pace": round(left / took / PACE, 3),
    }


async def main() -> None:
    """Measure, show, keep."""
    few, many = [await look(pending) for pending in PENDING]
    results = {
        "when": datetime.now(UTC).date().isoformat(),
        "find_due_ms_among_1_000": round(few, 3),
        "find_due_ms_among_1_000_000": round(many, 3),
        "ratio": round(many / few, 2),
        "ten_thousand_due": await drain(),
    }
    text = json.dumps(results, indent=2)
    print(text)
    RESULTS.write_text(text + "\n")


if __name__ == "__main__":
    asyncio.run(main())
