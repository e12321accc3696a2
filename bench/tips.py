"""Tips to many: `make bench` writes tips.json. `--small` is the same in a few minutes' miniature, and writes nothing.

- At Telegram's true rate (25 a second): how much of it we use, and how long people wait who ask something meanwhile.
- Every call of the Bot API takes 100 ms longer, and the rate is twenty times the true one. Beside us, in the same
  run: the usual loop, `for chat in chats: await bot.send_message(…)`.
- How long it takes to begin a broadcast to a million people, and what memory the process has then.

The Bot API server runs in this process, the house in one of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.broadcasting import STEP, carriages
from bot.dialogue.broadcasts import A_WEEK, BroadcastMove, moved
from bot.dialogue.messages import Scope
from bot.handlers.tip_texts import delivered
from bot.knowledge import Library
from storage import open_storage
from tests.support.doors import RecordingDoor
from tests.support.subscribers import TEXT, TIP, approve, subscribe
from tests.support.telegram import TOKEN, LocalTelegram

RESULTS = Path(__file__).parent / "results" / "tips.json"
SMALL = "--small" in sys.argv
TRUE_RATE = 25.0  # bulk messages a second
FASTER = 20
ASKED = "làm giấy khai sinh cho cháu"
REPLIES_A_SECOND = 3
ONE = 7  # someone who takes no tips and asks


class Counting(LocalTelegram):
    """Knows when each tip came, and how long each question waited."""

    def expect(self, tips: int) -> None:
        self._left, self._all = tips, asyncio.Event()
        self.came: list[float] = []
        self.asked: dict[int, float] = {}
        self.waited: list[float] = []

    def do_send_message(self, given: dict[str, Any]) -> dict[str, Any]:
        message = super().do_send_message(given)
        chat, now = message["chat"]["id"], time.perf_counter()
        if TEXT in message["text"]:
            self.came.append(now)
            self._left -= 1
            if self._left == 0:
                self._all.set()
        elif chat in self.asked:
            self.waited.append(now - self.asked.pop(chat))
        return message

    def ask(self, person: int) -> None:
        self.asked[person] = time.perf_counter()
        self.say(ASKED, person)

    async def all_came(self, within: float) -> None:
        async with asyncio.timeout(within):
            await self._all.wait()


def serve_faster() -> None:
    """The house, with a bulk share that is FASTER times Telegram's."""
    from bot.channels.telegram import BULK_PER_SECOND, TelegramDoor
    from bot.cli import main as command

    TelegramDoor.bulk_per_second = BULK_PER_SECOND * FASTER
    command(["run"])


@asynccontextmanager
async def house(root: str, folder: Path, *, faster: bool) -> AsyncIterator[asyncio.subprocess.Process]:
    """The house in a process of its own."""
    environment = {
        **os.environ,
        "CAMTAY_DATA_DIR": str(folder),
        "CAMTAY_PORT": "0",
        "CAMTAY_TELEGRAM_TOKEN": TOKEN,
        "CAMTAY_TELEGRAM_API_URL": root,
    }
    command = ["-m", "bench.tips", "serve"] if faster else ["-m", "bot", "run"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        await process.wait()


async def true_rate(people: int) -> dict[str, Any]:
    """A tip at the true rate while people ask: the share of it that is used, and their waits in ms."""
    server = Counting(keep_calls=False, forgetful=True, limits=True)
    root = await server.start()
    with tempfile.TemporaryDirectory() as folder:
        chats = await asyncio.to_thread(subscribe, Path(folder), people)
        askers = range(ONE, ONE + 20)
        server.kinds = dict.fromkeys([*chats, *askers], "private")
        server.expect(people)
        async with house(root, Path(folder), faster=False):
            for asker in askers:  # who is known gets one message for an answer; the first of all comes with a welcome
                server.say("chào", asker)
                await asyncio.sleep(0.3)
            await server.all_taken(within=60)
            await asyncio.sleep(2)
            await asyncio.to_thread(approve, Path(folder))

            async def questions() -> None:
                for n in range(10**6):
                    server.ask(askers[n % len(askers)])
                    await asyncio.sleep(1 / REPLIES_A_SECOND)

            asking = asyncio.create_task(questions())
            await server.all_came(within=people / TRUE_RATE * 2 + 60)
            asking.cancel()
            await asyncio.sleep(1)
    await server.stop()
    took = server.came[-1] - server.came[0]
    waits = sorted(server.waited)
    return {
        "people": people,
        "a_second": round((people - 1) / took, 2),
        "of_the_bulk_share": round((people - 1) / took / TRUE_RATE, 4),
        "replies": len(waits),
        "reply_p50_ms": round(waits[len(waits) // 2] * 1000, 1),
        "reply_p99_ms": round(waits[int(len(waits) * 0.99)] * 1000, 1),
    }


async def with_latency(people: int) -> dict[str, Any]:
    """Tips a second at 100 ms a call, ours and the usual loop's."""
    from telegram import Bot

    server = Counting(keep_calls=False, forgetful=True, latency=0.1)
    root = await server.start()
    with tempfile.TemporaryDirectory() as folder:
        chats = await asyncio.to_thread(subscribe, Path(folder), people)
        server.kinds = dict.fromkeys(chats, "private")
        server.expect(people)
        await asyncio.to_thread(approve, Path(folder))
        async with house(root, Path(folder), faster=True):
            await server.all_came(within=people / 50 + 90)
    ours = (people - 1) / (server.came[-1] - server.came[0])
    few = list(chats)[: max(people // 20, 20)]
    server.expect(len(few))
    async with Bot(TOKEN, f"{root}/bot") as usual:
        for chat in few:
            await usual.send_message(chat, TEXT)
    theirs = (len(few) - 1) / (server.came[-1] - server.came[0])
    await server.stop()
    return {
        "people": people,
        "ours": round(ours, 1),
        "usual_loop": round(theirs, 1),
        "times": round(ours / theirs, 1),
    }


async def start_of_many(people: int) -> dict[str, Any]:
    """Seconds until the first of so many lie in the outbox, and what that costs in memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        await asyncio.to_thread(subscribe, folder, people)
        await asyncio.to_thread(approve, folder)
        storage = open_storage(f"sqlite:///{folder / 'camtay.db'}", folder / "hash.key")
        reply, channels = None, carriages([RecordingDoor(Scope("telegram"))])
        one = await storage.broadcast(TIP)
        assert one
        reply = delivered(Library().knowledge, one)
        before = memory()
        begun = time.perf_counter()
        now = datetime.now(UTC)
        one = await storage.begin_broadcast(moved(one, BroadcastMove.BEGIN, None, (), now), now)
        began = time.perf_counter() - begun
        fed = await storage.feed_broadcast(one.id, reply, channels, A_WEEK, now, STEP)
        first = time.perf_counter() - begun
        assert fed.put == STEP
        found = {
            "people": people,
            "begun_s": round(began, 3),
            "first_handed_over_s": round(first, 3),
            "memory_grew_mb": round(memory() - before, 1),
        }
        storage.close()
    return found


def memory() -> float:
    """What this process holds in RAM, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def main() -> None:
    result = {
        "when": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "true_rate": await true_rate(300 if SMALL else 3_000),
        "at_100_ms": await with_latency(1_000 if SMALL else 10_000),
        "start": [await start_of_many(people) for people in ((1_000, 50_000) if SMALL else (10_000, 1_000_000))],
    }
    if not SMALL:
        RESULTS.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    print(json.dumps(result, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve_faster()
    else:
        asyncio.run(main())
