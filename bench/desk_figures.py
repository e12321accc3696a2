"""How long the desk's pages of figures take with a year of a big commune: `python -m bench.desk_figures [ROWS]`.

Seeds a database with 1,000,000 questions (a third waiting for an officer), a year of facts for every procedure, place
and channel, and official numbers of 12 months; then measures what each page reads and computes. Writes
bench/results/desk_figures.json.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot import counting
from bot.dialogue.messages import Axis, Became
from bot.figures import Month, by, months_until, official_trends, trends
from bot.knowledge import Knowledge, Library
from bot.reporting import month_report
from bot.teaching import clusters, said_anyway
from bot.understanding.text import fold, words
from storage import Storage, open_storage

RESULTS = Path(__file__).parent / "results" / "desk_figures.json"
ROWS = 1_000_000
REPEATS = 40
CHANNELS = ("web", "telegram", "zalo-oa")
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


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
                fold(text),
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


def jobs(storage: Storage, knowledge: Knowledge) -> dict[str, Callable[[], Awaitable[object]]]:
    """What each page does."""
    month = Month.of(TODAY)
    months = months_until(month)
    first, last = str(months[0]), str(months[-1])
    without = said_anyway(knowledge.content.lexicon)

    async def not_understood() -> object:
        return clusters(await storage.waiting_questions(TODAY - timedelta(days=30)), without)

    async def a_year_not_understood() -> object:
        return clusters(await storage.waiting_questions(TODAY - timedelta(days=365)), without)

    async def of_one_kind() -> object:
        return clusters(await storage.waiting_questions(TODAY - timedelta(days=365), Became.CARD_OFFERED), without)

    async def search() -> object:
        return await storage.find_questions(["giay", "khai"])

    async def figures() -> object:
        made = await month_report(storage, knowledge, month, NOW)
        lines = trends(await storage.months(first, last, by_month=True), months)
        return made, lines, official_trends(await storage.official(first, last), months)

    async def guides() -> object:
        return by(await storage.months(str(month.back(2)), last, Axis.PROCEDURE, steps=True), "procedure")

    return {
        "not understood, 30 days": not_understood,
        "not understood, a year": a_year_not_understood,
        "not understood, a year, one kind": of_one_kind,
        "not understood, search": search,
        "figures": figures,
        "guides": guides,
    }


async def measure(storage: Storage, knowledge: Knowledge) -> dict[str, dict[str, float]]:
    """Milliseconds of each page's reading and computing."""
    taken: dict[str, dict[str, float]] = {}
    for name, job in jobs(storage, knowledge).items():
        await job()
        times = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            await job()
            times.append((time.perf_counter() - start) * 1000)
        times.sort()
        taken[name] = {"p50": round(times[len(times) // 2], 1), "p95": round(times[int(len(times) * 0.95)], 1)}
        print(f"{name}: p50 {taken[name]['p50']} ms, p95 {taken[name]['p95']} ms")
    return taken


def main() -> None:
    """Seed, measure, write down."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    knowledge = Library().knowledge
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "camtay.db"
        storage = open_storage(f"sqlite:///{file}", Path(folder) / "hash.key")
        started = time.perf_counter()
        seed(file, knowledge, rows)
        print(f"seeded in {time.perf_counter() - started:.0f} s, {file.stat().st_size / 2**20:.0f} MB")
        taken = asyncio.run(measure(storage, knowledge))
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
