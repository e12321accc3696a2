"""How long the desk's pages of figures take with a year of a big commune: `python -m bench.desk_figures [ROWS]`.

Seeds a database with 1,000,000 questions (a third waiting for an officer), a year of facts for every procedure, place
and channel, and official numbers of 12 months; then measures each page, without the network. Writes
bench/results/desk_figures.json.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import platform
import random
import sqlite3
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from aiohttp.test_utils import make_mocked_request

from bot import counting
from bot.clock import Clock
from bot.desk.desk import Desk, environment
from bot.desk.pages import figures, guides, unanswered
from bot.dialogue.messages import Became, Entry, Grant, PersonId, Role
from bot.figures import Month
from bot.knowledge import Knowledge, Library
from bot.settings import Settings
from bot.understanding.text import plain, words
from storage import Storage, open_storage

RESULTS = Path(__file__).parent / "results" / "desk_figures.json"
ROWS = 1_000_000
REPEATS = 40
CHANNELS = ("web", "telegram", "zalo-oa")
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


def _folded(text: str) -> str:
    return " ".join(map(plain, words(text)))


def seed(file: Path, knowledge: Knowledge, rows: int = ROWS) -> None:
    """Fill the tables of the figures, by chance but always the same."""
    chance = random.Random(9)
    content = knowledge.content
    vocabulary = sorted(
        {word for entry in content.procedures.procedures for said in entry.asked_as for word in words(said)}
    )
    wordings = [" ".join(chance.choices(vocabulary, k=chance.randint(3, 9))) for _ in range(40_000)]
    ids = list(content.entries)
    database = sqlite3.connect(file)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = OFF")

    def questions() -> Any:
        for n in range(rows):
            text = wordings[min(int(chance.expovariate(1 / 6000)), len(wordings) - 1)]
            became = chance.choices(tuple(Became), (60, 20, 5, 15))[0]
            score = chance.random()
            day = (TODAY - timedelta(days=365 * (rows - n) // rows)).isoformat()
            waits = became is not Became.ANSWERED or score < 0.1
            candidates = json.dumps([[chance.choice(ids), round(score, 3)]])
            yield (
                day,
                chance.choice(CHANNELS),
                text,
                became,
                candidates,
                "{}",
                _folded(text),
                ids[n % 72],
                score,
                waits,
            )

    database.executemany(
        "INSERT INTO questions (day, channel, text, decision, candidates, evidence, folded, top, score, waits)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        questions(),
    )
    kinds = [*counting.QUESTIONS, *counting.FINISHED, counting.GAVE_UP, counting.OPENED, counting.STARTED]
    kinds += [counting.PAPERS, counting.STEPS_DONE, *counting.RESULTS, *counting.RATINGS]
    hamlets = ["", *(hamlet.id for hamlet in content.locality.hamlets)]

    def facts() -> Any:
        for back in range(365):
            day = (TODAY - timedelta(days=back)).isoformat()
            for id_ in ids:
                guide = content.guides[id_]
                own = [f"{counting.REACHED}{step.id}" for way in guide.steps for step in guide.walk_steps(way)]
                for kind in {*kinds, *own}:
                    if chance.random() < 0.25:
                        yield (day, kind, id_, chance.choice(hamlets), chance.choice(CHANNELS), chance.randint(1, 9))

    database.executemany(
        "INSERT INTO facts (day, kind, procedure, place, channel, n) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        facts(),
    )
    for back in range(12):
        month = str(Month.of(TODAY).back(back))
        for place in range(12):
            for field in range(12):
                received = chance.randint(10, 400)
                numbers = (received, None, received // 2, received * 9 // 10, None, received // 4)
                database.execute(
                    "INSERT INTO official VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'tệp', '2026-11-22T00:00:00.000+00:00')",
                    (month, f"Xã {place}", f"Lĩnh vực {field}", *numbers),
                )
    database.commit()
    database.execute("ANALYZE")
    database.close()


PAGES = {
    "not understood, 30 days": (unanswered.show, "/desk/chua-hieu"),
    "not understood, a year": (unanswered.show, "/desk/chua-hieu?days=365"),
    "not understood, a year, one kind": (unanswered.show, "/desk/chua-hieu?days=365&kind=card-offered"),
    "not understood, search": (unanswered.show, "/desk/chua-hieu?q=giấy+khai"),
    "figures": (figures.show, "/desk/so-lieu?month=2026-11"),
    "figures of one procedure": (figures.show, "/desk/so-lieu?month=2026-11&only=procedure:khai-sinh"),
    "report": (figures.printed, "/desk/so-lieu/bao-cao?month=2026-11"),
    "guides": (guides.show_all, "/desk/huong-dan"),
}


class Today:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW


def _nearest(times: list[float], part: float) -> float:
    return round(sorted(times)[int(len(times) * part)], 1)


async def measure(storage: Storage, library: Library, folder: Path) -> dict[str, dict[str, float]]:
    """Milliseconds that the server takes for each page: reading, computing, writing the page."""
    gc.freeze()  # as the house does
    gc.set_threshold(20_000, 10, 10)
    settings = Settings(_env_file=None, data_dir=folder)
    desk = Desk(
        storage=storage,
        library=library,
        clock=cast(Clock, Today()),
        settings=settings,
        templates=environment(),
        version="1",
    )
    desk.templates.globals["navigation"] = []
    grants = (Grant(role=Role.OFFICER),)
    who = Entry(person=PersonId("p"), name="Chị Lan", grants=grants, csrf="c", id_hash="h", used_at=NOW)
    taken: dict[str, dict[str, float]] = {}
    for name, (page, path) in PAGES.items():
        await page(desk, make_mocked_request("GET", path), who)
        times, worked = [], []
        for _ in range(REPEATS):
            start, busy = time.perf_counter(), time.process_time()
            await page(desk, make_mocked_request("GET", path), who)
            times.append((time.perf_counter() - start) * 1000)
            worked.append((time.process_time() - busy) * 1000)
        taken[name] = {
            "p50": _nearest(times, 0.5),
            "p95": _nearest(times, 0.95),
            "cpu_p50": _nearest(worked, 0.5),  # what remains of it on a machine with nothing else to do
            "cpu_p95": _nearest(worked, 0.95),
        }
        print(f"{name}: {taken[name]}")
    return taken


def main() -> None:
    """Seed, measure, write down."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    library = Library()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "camtay.db"
        storage = open_storage(f"sqlite:///{file}", Path(folder) / "hash.key")
        started = time.perf_counter()
        seed(file, library.knowledge, rows)
        print(f"seeded in {time.perf_counter() - started:.0f} s, {file.stat().st_size / 2**20:.0f} MB")
        taken = asyncio.run(measure(storage, library, Path(folder)))
        storage.close()
    RESULTS.write_text(
        json.dumps(
            {"questions": rows, "ms": taken, "cpus": os.cpu_count(), "python": platform.python_version()},
            indent=1,
            ensure_ascii=False,
        )
        + "\n"
    )


if __name__ == "__main__":
    main()
