"""How long the desk's pages of cases take: `python -m bench.desk [CASES [OUTBOX]]`.

Seeds a database with 100,000 cases (a fifth of them waiting, threads of one to six messages, one in ten anonymous,
one in fifty merged) and 1,000,000 outbox rows that carry answers, then measures what each page reads, computes and
renders. Writes bench/results/desk.json.
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

from jinja2 import Environment, FileSystemLoader

import bot.desk
from bot.desk import case_pages
from bot.dialogue.cases import CaseFilter, CaseKind, CaseStatus, Officer
from bot.dialogue.messages import Reply
from bot.knowledge import Knowledge, Library
from bot.understanding.text import fold, words
from storage import Storage, open_storage

RESULTS = Path(__file__).parent / "results" / "desk.json"
CASES, OUTBOX = 100_000, 1_000_000
REPEATS = 40
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
LAN = Officer(id="lan", name="Chị Lan")
NARROW = Officer(id="gao", name="Chị Gạo", places=("thon-ben-gao",))


def seed(file: Path, knowledge: Knowledge, cases: int, outbox: int) -> None:
    """Fill the tables of cases, by chance but always the same."""
    chance = random.Random(9)
    content = knowledge.content
    vocabulary = sorted({one for e in content.procedures.procedures for said in e.asked_as for one in words(said)})
    places = ["", *(hamlet.id for hamlet in content.locality.hamlets)]
    procedures = list(content.guides)
    database = sqlite3.connect(file)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = OFF")

    def sentence() -> str:
        return " ".join(chance.choices(vocabulary, k=chance.randint(6, 30)))

    ids = [chance.getrandbits(62) for _ in range(cases)]
    heads: list[tuple[Any, ...]] = []
    threads: list[tuple[Any, ...]] = []
    indexed: list[tuple[int, str]] = []
    for n, id_ in enumerate(ids):
        code = f"{n:08d}"
        day = TODAY - timedelta(days=chance.randint(0, 364))
        status = chance.choices(tuple(CaseStatus), (8, 12, 30, 48, 2))[0]
        anonymous = chance.random() < 0.1
        at = day.isoformat() if anonymous else f"{day.isoformat()}T03:00:00.000+00:00"
        said = [sentence() for _ in range(chance.randint(1, 6))]
        heads.append(
            (
                id_,
                code,
                chance.choice(tuple(CaseKind)),
                status,
                None if anonymous else f"p{n % 40_000}",
                None if anonymous else "telegram",
                None if anonymous else str(n % 40_000),
                chance.choice([None, "lan", "hoa", "tu"]),
                chance.choice(procedures),
                chance.choice(places),
                "{}",
                (day + timedelta(days=3)).isoformat(),
                at,
                at,
                f"{chance.randint(0, max(n - 1, 0)):08d}" if status is CaseStatus.MERGED else None,
            )
        )
        authors = ("citizen", "officer", "note")
        threads += [
            (
                id_,
                place,
                authors[(place - 1) % 3],
                "x",
                text,
                at,
                chance.randint(1, outbox) if place % 3 == 2 else None,
            )
            for place, text in enumerate(said, start=1)
        ]
        indexed.append((id_, fold(f"gy {code}\n" + "\n".join(said))))
    with database:
        database.executemany(
            "INSERT INTO persons (id, created_at) VALUES (?, '2025-11-22')", [(f"p{n}",) for n in range(40_000)]
        )
        database.executemany(
            "INSERT INTO cases (id, code, kind, status, person_id, channel, address_id, owner, procedure, place,"
            " context, due, opened, touched, merged_into) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            sorted(heads),
        )
        database.executemany(
            "INSERT INTO case_messages (case_id, n, author, name, words, at, outbox_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
            sorted(threads),
        )
        database.executemany("INSERT INTO case_words (rowid, words) VALUES (?, ?)", sorted(indexed))
        database.executemany(
            "INSERT INTO outbox (person_id, channel, address_id, lane, priority, action, payload, not_before,"
            " expires, state, created_at, finished_at) VALUES (?, 'telegram', ?, 'answer', 1, 'send', '{}', '2026',"
            " '2027', 'sent', '2026', '2026')",
            ((f"p{n % 40_000}", str(n % 40_000)) for n in range(outbox)),
        )
    database.close()


async def measure(storage: Storage, knowledge: Knowledge) -> dict[str, Any]:
    """Milliseconds of each page: median, 95th percentile, worst."""
    templates = Environment(loader=FileSystemLoader(Path(bot.desk.__file__).parent / "templates"), autoescape=True)
    chance = random.Random(7)
    codes = [f"{chance.randrange(CASES // 10):08d}" for _ in range(REPEATS)]
    some = iter(codes * 20)

    async def inbox(officer: Officer = LAN, **query: str) -> None:
        wanted = case_pages.wanted(query, officer, TODAY)
        found = await storage.cases(wanted, officer, query.get("sau", ""))
        counts = await storage.case_counts(officer, TODAY)
        shown = case_pages.inbox(knowledge, found, counts, query, TODAY)
        templates.get_template("case_rows.html").render(page=shown)

    async def case() -> None:
        thread = await storage.case(next(some), LAN, NOW)
        assert thread
        shown = case_pages.page(knowledge, thread, await storage.canned_answers(), LAN, NOW)
        templates.get_template("case_thread.html").render(page=shown)

    async def answered() -> None:
        assert await storage.answer_case(next(some), "một câu trả lời", LAN, lambda _: Reply(text="x"), NOW)

    waiting = await storage.cases(CaseFilter(), LAN)
    pages: dict[str, Callable[[], Awaitable[None]]] = {
        "inbox": inbox,
        "inbox_second_page": lambda: inbox(sau=waiting.after),
        "inbox_everything": lambda: inbox(xem="tat-ca"),
        "inbox_overdue": lambda: inbox(xem="qua-han"),
        "inbox_mine": lambda: inbox(xem="cua-toi"),
        "inbox_of_nobody": lambda: inbox(xem="chua-ai-nhan"),
        "inbox_of_a_kind": lambda: inbox(loai="praise"),
        "inbox_of_a_place": lambda: inbox(NARROW),
        "search_one_word_in_most": lambda: inbox(tim="làm", xem="tat-ca"),
        "search_two_words": lambda: inbox(tim="giay khai", xem="tat-ca"),
        "search_among_waiting": lambda: inbox(tim="giấy chứng"),
        "search_a_code": lambda: inbox(tim=f"GY-{next(some)}", xem="tat-ca"),
        "search_two_letters": lambda: inbox(tim="th", xem="tat-ca"),
        "case": case,
        "answering": answered,
    }
    found = {}
    for name, ask in pages.items():
        took = []
        for _ in range(REPEATS):
            began = time.perf_counter()
            await ask()
            took.append((time.perf_counter() - began) * 1000)
        took.sort()
        found[name] = {
            "p50_ms": round(took[len(took) // 2], 1),
            "p95_ms": round(took[int(len(took) * 0.95) - 1], 1),
            "max_ms": round(took[-1], 1),
        }
        print(f"{name:26} {found[name]}", flush=True)
    return found


async def main(cases: int, outbox: int) -> None:
    """Seed, measure, keep."""
    knowledge = Library().knowledge
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "camtay.db"
        open_storage(f"sqlite:///{file}", Path(folder) / "hash.key").close()
        began = time.perf_counter()
        seed(file, knowledge, cases, outbox)
        print(f"seeded in {time.perf_counter() - began:.0f} s, {file.stat().st_size / 2**20:.0f} MB", flush=True)
        storage = open_storage(f"sqlite:///{file}", Path(folder) / "hash.key")
        pages = await measure(storage, knowledge)
        storage.close()
    told = {
        "when": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}",
        "cases": cases,
        "outbox": outbox,
        "pages": pages,
    }
    RESULTS.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main(*(int(n) for n in [*sys.argv[1:], *map(str, (CASES, OUTBOX)[len(sys.argv) - 1 :])])))
