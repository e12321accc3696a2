"""A tip on its way to many, in a house that is killed again and again, at twenty times Telegram's rate."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
from collections import Counter
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

import bot.app
from bot.app import serve
from bot.broadcasting import Broadcaster
from bot.channels.telegram import BULK_PER_SECOND, TelegramDoor
from bot.clock import Chore, Ticker
from bot.logs import log_to
from bot.settings import Settings
from tests.support.results import SOAK, keep
from tests.support.subscribers import TEXT, TIP, approve, subscribe
from tests.support.telegram import TOKEN, LocalTelegram
from tests.support.warm import library, lives

PEOPLE = 100_000 if SOAK else 500
KILLS = 50 if SOAK else 2
FASTER = 20
LONGEST_LIFE = 6.0 if SOAK else 0.3  # seconds


def live(set_: Settings) -> None:
    """One life of the whole house, until somebody kills us, or asks us to stop."""
    bot.app.Library = library  # type: ignore[misc, assignment] - this process is ours alone
    TelegramDoor.bulk_per_second = BULK_PER_SECOND * FASTER
    log_to(set_.data_dir / "log", "warning")

    async def run() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        # Without chores it does not wait for the dead one's lease to run out, which would be half a minute each time.
        async with serve(set_, chores=False) as (app, _):
            broadcaster = Broadcaster(app.storage, app.clock, app.library, app.doors)
            chores = asyncio.create_task(
                Ticker(app.clock, [Chore("tips", Broadcaster.EVERY, broadcaster.tick)]).run()
            )
            await stop.wait()
            chores.cancel()

    asyncio.run(run())


@pytest.mark.timeout(3600 if SOAK else 300)
async def test_a_tip_reaches_everyone_once_however_often_the_house_dies(tmp_path: Path) -> None:
    luck = random.Random(20261122)
    context = lives()
    server = LocalTelegram(keep_calls=False)
    chats = await asyncio.to_thread(subscribe, tmp_path, PEOPLE)
    server.kinds = dict.fromkeys(chats, "private")
    blocked = set(luck.sample(chats, PEOPLE // 50))
    server.blocked = set(blocked)
    root = await server.start()
    set_ = Settings(_env_file=None, data_dir=tmp_path, port=0, telegram_token=TOKEN, telegram_api_url=root)  # type: ignore[call-arg, arg-type]
    await asyncio.to_thread(approve, tmp_path)

    def start() -> ForkServerProcess:
        process = context.Process(target=live, args=(set_,))
        process.start()
        return process

    kills = 0
    while kills < KILLS and not done(tmp_path):
        before = count(server)
        process = start()
        async with asyncio.timeout(60):  # it lives once it has sent something
            while count(server) == before and not done(tmp_path):  # noqa: ASYNC110 - another process works
                await asyncio.sleep(0.02)
        await asyncio.sleep(luck.uniform(0, LONGEST_LIFE))
        assert process.is_alive(), f"it died by itself: {process.exitcode}"
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        await asyncio.to_thread(process.join)
        kills += 1
    process = start()
    async with asyncio.timeout(3000 if SOAK else 120):
        while not done(tmp_path):  # noqa: ASYNC110 - another process works
            await asyncio.sleep(0.1)
    process.terminate()
    await asyncio.to_thread(process.join)
    await server.stop()

    got = {chat: sum(TEXT in message["text"] for message in server.chats[chat].values()) for chat in chats}
    lost = [chat for chat, n in got.items() if n == 0 and chat not in blocked]
    doubled = [chat for chat, n in got.items() if n > 1]
    with sqlite3.connect(tmp_path / "camtay.db") as database:
        repeated = {
            int(address) for (address,) in database.execute("SELECT address_id FROM outbox WHERE maybe_repeated")
        }
        rows = database.execute("SELECT count(*), count(DISTINCT person_id) FROM outbox WHERE broadcast = ?", (TIP,))
        assert rows.fetchone() == (PEOPLE, PEOPLE), "one row a person"
        ended = Counter(dict(database.execute("SELECT what, sum(n) FROM broadcast_tallies GROUP BY what")))
        planned, fed = database.execute("SELECT planned, fed FROM broadcasts").fetchone()
    assert lost == []
    assert set(doubled) <= repeated, "whatever came twice is a send whose answer was lost"
    assert all(n <= 1 + kills for n in got.values())
    assert planned == fed == ended.total() == PEOPLE
    assert ended["refused"] == len(blocked)
    assert ended["sent"] + ended["unknown"] == PEOPLE - len(blocked)
    keep("tips-kills", people=PEOPLE, kills=kills, lost=0, doubled_in_flight=len(doubled), unknown=ended["unknown"])


def count(server: LocalTelegram) -> int:
    """How many chats have something."""
    return len(server.chats)


def done(folder: Path) -> bool:
    """True once the tip is out."""
    with sqlite3.connect(folder / "camtay.db", timeout=20) as database:
        return database.execute("SELECT state FROM broadcasts WHERE id = ?", (TIP,)).fetchone() == ("done",)
