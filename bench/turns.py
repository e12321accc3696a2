"""How long one turn takes, and how many a second the house sustains: `make bench` writes bench/results/turns.json.

A turn is: accept (on disk), load, step, save (on disk). Everything is real: the shipped content, a SQLite file with
synchronous FULL, the inbox and the outbox; only the door throws away what it is given.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import statistics
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.app import App, build
from bot.channels.base import said
from bot.dialogue.messages import Address, Delivery, Scope
from bot.logs import log_to
from bot.settings import Settings

RESULTS = Path(__file__).parent / "results" / "turns.json"

SINGLE_TURNS = 3_000
PEOPLE = 1_000
RATE = 300  # turns a second offered
SECONDS = 20

TALK = [
    "con toi moi sinh 2 tuan gio lam giay to gi",
    "làm từng bước",
    "1",
    "1",
    "1",
    "1",
    "1 2",
    "đi tiếp",
    "xong",
    "lệ phí bao nhiêu vậy cháu",
    "tiếp tục",
    "bị vướng",
    "1",
    "được rồi",
    "nhập hộ khẩu cho vợ thì cần giấy tờ gì ạ",
    "tôi đang ở đâu",
    "hôm nay trời đẹp quá bác nhỉ",
]


class Sink:
    """A door that only remembers when, and in what order, each person was answered."""

    scope = Scope("bench")
    bulk_per_second: float | None = None

    def __init__(self) -> None:
        self.answered: dict[str, float] = {}
        self.order: dict[str, list[int]] = defaultdict(list)

    async def send(self, delivery: Delivery) -> str | None:
        person, _, n = (delivery.re or "").partition(":")
        self.answered.setdefault(delivery.re or "", time.perf_counter())
        if not self.order[person] or self.order[person][-1] != int(n):
            self.order[person].append(int(n))
        return None

    async def close(self) -> None:
        """Nothing is open."""


def percentiles(values: list[float]) -> dict[str, float]:
    """In milliseconds."""
    cuts = statistics.quantiles(values, n=100)
    return {"p50_ms": round(cuts[49] * 1e3, 2), "p99_ms": round(cuts[98] * 1e3, 2), "n": len(values)}


async def single(app: App, sink: Sink) -> dict[str, Any]:
    """One turn after the other: from the call of accept to the answer handed to the door."""
    took = []
    for n in range(SINGLE_TURNS):
        person, line = f"s{n // len(TALK)}", TALK[n % len(TALK)]
        event = f"{person}:{n}"
        begun = time.perf_counter()
        await app.inbox.accept(said(Address("bench", person), event, line))
        await app.inbox.idle()
        took.append(time.perf_counter() - begun)
        await app.outbox.idle()
    return percentiles(took)


async def sustained(app: App, sink: Sink) -> dict[str, Any]:
    """Many people at a steady rate; each message's time runs from when it was due to be sent."""
    begun = time.perf_counter()
    due: dict[str, float] = {}
    total = RATE * SECONDS
    accepting = []  # each visitor's request is its own; none waits for another's to be on disk
    for n in range(total):
        at = begun + n / RATE
        if (wait := at - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        person = f"p{n % PEOPLE}"
        event = f"{person}:{n}"
        due[event] = at
        words = said(Address("bench", person), event, TALK[(n // PEOPLE) % len(TALK)])
        accepting.append(asyncio.create_task(app.inbox.accept(words)))
    await asyncio.gather(*accepting)
    await app.settle()
    spent = time.perf_counter() - begun
    waits = [sink.answered[event] - at for event, at in due.items()]
    in_order = all(order == sorted(order) for order in sink.order.values())
    return {
        **percentiles(waits),
        "offered_per_s": RATE,
        "turns_per_s": round(total / spent, 1),
        "people": PEOPLE,
        "order_kept": in_order,
        "answered": len(waits),
    }


async def burst(app: App, sink: Sink) -> dict[str, Any]:
    """As fast as it goes: everything accepted at once."""
    total = 3_000
    begun = time.perf_counter()
    for n in range(0, total, 50):
        await asyncio.gather(
            *(app.inbox.accept(said(Address("bench", f"b{k}"), f"b{k}:{k}", TALK[k % 2])) for k in range(n, n + 50))
        )
    await app.settle()
    return {"turns_per_s": round(total / (time.perf_counter() - begun), 1), "n": total}


async def main() -> None:
    results: dict[str, Any] = {
        "when": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
    }
    with tempfile.TemporaryDirectory() as folder:
        log_to(Path(folder) / "log", "info")
        settings = Settings(_env_file=None, data_dir=Path(folder))
        for name, measure in (("one_turn", single), ("sustained", sustained), ("burst", burst)):
            sink = Sink()
            async with build(settings, [sink], chores=True) as app:
                results[name] = await measure(app, sink)
            print(name, json.dumps(results[name]))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
