"""How long every page of the desk takes with a year of a big commune: `python -m bench.desk [DATABASE [PAGE]]`.

Seeds the database of `bench/desk_year.py` (which takes some minutes), then asks for each page of the desk, without
the network: what the server reads, computes and writes. Refuses to measure if a page is missing from the list below.
Writes bench/results/desk.json. With DATABASE (and a page's name) that file is made once and taken again the next
time, and nothing is written.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import cast

from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bench.desk_year import CASES, CHANNELS, NOW, OUTBOX, QUESTIONS, seed
from bot.clock import Clock
from bot.desk.desk import Desk, Page, environment
from bot.desk.pages import PAGES
from bot.desk.pages.cases import officer
from bot.dialogue.messages import Carriage, Entry, Grant, PersonId, Reply, Role
from bot.knowledge import Library
from bot.settings import Settings
from storage import open_storage

RESULTS = Path(__file__).parent / "results" / "desk.json"
REPEATS = 40
ADMIN = Entry(
    person=PersonId("p0"), name="Chị Lan", grants=(Grant(role=Role.ADMIN),), csrf="c", id_hash="h0", used_at=NOW
)
HAMLET = Entry(
    person=PersonId("p1"),
    name="Chị Gạo",
    grants=(Grant(role=Role.OFFICER, place="thon-ben-gao"),),
    csrf="c",
    id_hash="h1",
    used_at=NOW,
)
CODE = "{code}"  # another case each time

# name: who asks, what for
ASKED: dict[str, tuple[Entry, str]] = {
    "today": (ADMIN, ""),
    "today, officer of a hamlet": (HAMLET, ""),
    "cases": (ADMIN, "/viec"),
    "cases, second page": (ADMIN, "/viec?sau=2025-11-30_0"),
    "cases, all": (ADMIN, "/viec?xem=tat-ca"),
    "cases, overdue": (ADMIN, "/viec?xem=qua-han"),
    "cases, mine": (ADMIN, "/viec?xem=cua-toi"),
    "cases, nobody's": (ADMIN, "/viec?xem=chua-ai-nhan"),
    "cases, of a kind": (ADMIN, "/viec?loai=praise"),
    "cases, of a hamlet": (HAMLET, "/viec"),
    "cases, one word that most have": (ADMIN, "/viec?tim=làm&xem=tat-ca"),
    "cases, two words": (ADMIN, "/viec?tim=giay+khai&xem=tat-ca"),
    "cases, words among those waiting": (ADMIN, "/viec?tim=giấy+chứng"),
    "cases, a code": (ADMIN, f"/viec?tim=GY-{CODE}&xem=tat-ca"),
    "cases, two letters": (ADMIN, "/viec?tim=th&xem=tat-ca"),
    "cases, rows alone": (ADMIN, "/viec/dong"),
    "a case": (ADMIN, f"/viec/{CODE}"),
    "a case, its thread alone": (ADMIN, f"/viec/{CODE}/luong"),
    "a case, its photo": (ADMIN, f"/viec/{CODE}/anh/photo{CODE}"),
    "a case as content": (ADMIN, f"/viec/{CODE}/noi-dung"),
    "canned answers": (ADMIN, "/cau-mau"),
    "tips": (ADMIN, "/meo"),
    "tips, a new one": (ADMIN, "/meo/moi"),
    "tips, figures": (ADMIN, "/meo/so-lieu"),
    "a tip": (ADMIN, "/meo/b100"),
    "a tip that waits": (ADMIN, "/meo/b149"),
    "a tip, its progress": (ADMIN, "/meo/b100/tien-do"),
    "a tip for the loudspeaker": (ADMIN, "/meo/loa/b100"),
    "not understood, 30 days": (ADMIN, "/chua-hieu"),
    "not understood, a year": (ADMIN, "/chua-hieu?days=365"),
    "not understood, a year, one kind": (ADMIN, "/chua-hieu?days=365&kind=card-offered"),
    "not understood, search": (ADMIN, "/chua-hieu?q=giấy+khai"),
    "guides": (ADMIN, "/huong-dan"),
    "a guide": (ADMIN, "/huong-dan/khai-sinh"),
    "figures": (ADMIN, "/so-lieu?month=2026-11"),
    "figures, a whole month": (ADMIN, "/so-lieu?month=2026-10"),
    "figures of one procedure": (ADMIN, "/so-lieu?month=2026-11&only=procedure:khai-sinh"),
    "report": (ADMIN, "/so-lieu/bao-cao?month=2026-11"),
    "report, Excel": (ADMIN, "/so-lieu/2026-11.xlsx"),
    "report, CSV": (ADMIN, "/so-lieu/2026-11.csv"),
    "official numbers": (ADMIN, "/so-lieu/nhap"),
    "people": (ADMIN, "/nguoi-dung"),
    "log": (ADMIN, "/nhat-ky"),
    "log, further back": (ADMIN, "/nhat-ky?truoc=50000"),
    "log, of one": (ADMIN, "/nhat-ky?ai=Cán+bộ+7"),
    "log, of somebody who is not in it": (ADMIN, "/nhat-ky?ai=Ai+đó"),
}


class _Standing:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW


def _app(desk: Desk, seen: set[str]) -> web.Application:
    """Every page at its address, found as the server finds it; the paths of those asked for go to `seen`."""
    app = web.Application()
    for page in PAGES:

        async def answer(request: web.Request, page: Page = page) -> web.StreamResponse:
            seen.add(page.path)
            return await page.handler(desk, request, request["who"])

        if page.method == "GET":
            app.router.add_get(f"/desk{page.path}", answer)
    return app


async def measure(desk: Desk, only: str = "") -> dict[str, dict[str, float]]:
    """Milliseconds that the server takes for each page, by the clock and of the processor."""
    gc.freeze()  # as the house does
    gc.set_threshold(20_000, 10, 10)
    seen: set[str] = set()
    app = _app(desk, seen)
    codes = cycle(f"{n * 37 % 997:08d}" for n in range(2_000))

    async def ask(who: Entry, path: str) -> None:
        request = make_mocked_request("GET", f"/desk{path.replace(CODE, next(codes))}", app=app)
        match = await app.router.resolve(request)
        asked = make_mocked_request("GET", request.path_qs, match_info=dict(match), app=app)
        asked["who"] = who
        await match.handler(asked)

    lan = officer(ADMIN)
    acts: dict[str, Callable[[], Awaitable[object]]] = {
        **{name: partial(ask, who, path) for name, (who, path) in ASKED.items()},
        "answering a case": lambda: desk.storage.answer_case(
            next(codes), "một câu trả lời", lan, lambda _: Reply(text="x"), NOW
        ),
    }
    taken = {name: await _timed(name, act) for name, act in acts.items() if only in name}
    if not only and (missing := {page.path for page in PAGES if page.method == "GET"} - seen):
        raise SystemExit(f"not measured: {', '.join(sorted(missing))}")
    return taken


async def _timed(name: str, ask: Callable[[], Awaitable[object]]) -> dict[str, float]:
    await ask()
    times, worked = [], []
    for _ in range(REPEATS):
        start, busy = time.perf_counter(), time.process_time()
        await ask()
        times.append((time.perf_counter() - start) * 1000)
        worked.append((time.process_time() - busy) * 1000)
    found = {
        "p50_ms": _nearest(times, 0.5),
        "p95_ms": _nearest(times, 0.95),
        "cpu_p50_ms": _nearest(worked, 0.5),  # what remains of it on a machine with nothing else to do
        "cpu_p95_ms": _nearest(worked, 0.95),
    }
    print(f"{name:40} {found}", flush=True)
    return found


def _nearest(times: list[float], part: float) -> float:
    return round(sorted(times)[int(len(times) * part)], 1)


@contextmanager
def house(file: Path, share: float = 1.0) -> Iterator[Desk]:
    """The desk on that database, which is made if it is not there; `share`: with that part of the rows."""
    library = Library()
    fresh = not file.exists()
    storage = open_storage(f"sqlite:///{file}", file.parent / "hash.key")
    if fresh:
        began = time.perf_counter()
        seed(file, library.knowledge, share)
        print(f"seeded in {time.perf_counter() - began:.0f} s, {file.stat().st_size / 2**20:.0f} MB", flush=True)
    desk = Desk(
        storage=storage,
        library=library,
        clock=cast(Clock, _Standing()),
        settings=Settings(_env_file=None, data_dir=file.parent),
        templates=environment(),
        version="1",
        carriages={channel: Carriage(channel=channel) for channel in CHANNELS},
    )
    desk.templates.globals["navigation"] = [page for page in PAGES if page.title]
    try:
        yield desk
    finally:
        storage.close()


def main() -> None:
    """Seed, measure, write down."""
    if len(sys.argv) > 1:
        with house(Path(sys.argv[1])) as desk:
            asyncio.run(measure(desk, *sys.argv[2:]))
        return
    with tempfile.TemporaryDirectory() as folder, house(Path(folder) / "camtay.db") as desk:
        pages = asyncio.run(measure(desk))
    told = {
        "when": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}",
        "questions": QUESTIONS,
        "cases": CASES,
        "outbox": OUTBOX,
        "pages": pages,
    }
    RESULTS.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
