"""Telegram at its worst: repeats, gaps, wrong order, forgeries, and a process that is killed under traffic."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sqlite3
from collections import Counter, defaultdict
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import aiohttp
import pytest

import bot.app
from bot.app import serve
from bot.logs import log_to
from bot.settings import Settings
from tests.support.results import SOAK, keep
from tests.support.talking import settings
from tests.support.telegram import BOT, TOKEN, LocalTelegram
from tests.support.warm import library, lives

SECRET = "a-secret_of-ours"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
UPDATES = 10_000 if SOAK else 400
KILLS = 100 if SOAK else 4  # in each mode
TALK = ["làm giấy khai sinh", "phí bao nhiêu", "cần giấy tờ gì"]
LONGEST_LIFE = 0.6  # seconds


def pushed_settings(folder: Path, root: str, port: int) -> Settings:
    return settings(
        folder,
        port=port,
        telegram_token=TOKEN,
        telegram_api_url=root,
        telegram_mode="webhook",
        telegram_webhook_secret=SECRET,
        public_url="https://hoi.example.vn",
    )


async def test_each_update_of_a_storm_is_handled_once_and_in_order(tmp_path: Path) -> None:
    luck = random.Random(20261122)
    server = LocalTelegram(keep_calls=False)
    people = [1000 + n for n in range(UPDATES // 20)]
    server.kinds = dict.fromkeys(people, "private")
    root = await server.start()
    refused: Counter[int] = Counter()

    def forged_secret() -> str:
        where = luck.randrange(len(SECRET))
        return luck.choice([SECRET[:where], SECRET[:where] + "Z" + SECRET[where + 1 :], SECRET + "x", "", "ắ"])

    async with serve(pushed_settings(tmp_path, root, 0), chores=False) as (app, address):
        async with aiohttp.ClientSession() as session:

            async def push(update: dict[str, Any], secret: str) -> None:
                async with session.post(
                    f"{address}/webhook/telegram", json=update, headers={HEADER: secret}
                ) as answer:
                    assert (answer.status == 200) is (secret == SECRET)
                    refused[answer.status] += secret != SECRET

            async def worker(mine: list[tuple[dict[str, Any], str]]) -> None:
                for update, secret in mine:
                    await push(update, secret)

            ids = luck.sample(range(10, 5 * UPDATES), UPDATES)  # gaps, and no order at all
            updates = [said_by(luck.choice(people), id_, luck.choice(TALK)) for id_ in ids]
            forged = [said_by(luck.choice(people), 10**6 + n, "giả mạo") for n in range(UPDATES // 10)]
            posts = [(update, SECRET) for update in updates]
            posts += [(luck.choice(updates), SECRET) for _ in range(UPDATES // 5)]  # repeats
            posts += [(update, forged_secret()) for update in forged]
            luck.shuffle(posts)
            await asyncio.gather(*(worker(posts[n::16]) for n in range(16)))
        async with asyncio.timeout(110):
            await app.settle()
    await server.stop()

    assert sum(refused.values()) == len(forged)
    with sqlite3.connect(tmp_path / "camtay.db") as database:
        assert database.execute("SELECT count(*), count(DISTINCT event_key) FROM inbox").fetchone() == (UPDATES,) * 2
        assert database.execute("SELECT count(*) FROM inbox WHERE state <> 'done'").fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM outbox WHERE state <> 'sent'").fetchone() == (0,)
        answered: defaultdict[str, list[str]] = defaultdict(list)
        query = "SELECT address_id, re FROM outbox ORDER BY CAST(platform_id AS INTEGER)"
        for person, event in database.execute(query):
            if not answered[person] or answered[person][-1] != event:
                answered[person].append(event)
        accepted: defaultdict[str, list[str]] = defaultdict(list)
        query = "SELECT address_id, json_extract(body, '$.event') FROM inbox ORDER BY seq"
        for person, event in database.execute(query):
            accepted[person].append(event)
    assert answered == accepted, "answers leave in the order of acceptance, each once"
    keep("telegram-storm", updates=UPDATES, repeats=UPDATES // 5, forged=len(forged), refused=sum(refused.values()))


def said_by(person: int, update: int, text: str) -> dict[str, Any]:
    chat = {"id": person, "type": "private", "first_name": "Ba"}
    sender = {"id": person, "is_bot": False, "first_name": "Ba"}
    message = {"message_id": update, "date": 1_795_000_000, "chat": chat, "from": sender, "text": text}
    return {"update_id": update, "message": message}


# --- killed -------------------------------------------------------------------------------------------------


def live(set_: Settings) -> None:
    """One life of the whole house, until somebody kills us, or asks us to stop."""
    bot.app.Library = library  # type: ignore[misc, assignment] - this process is ours alone
    log_to(set_.data_dir / "log", "warning")

    async def run() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        async with serve(set_, chores=False):
            await stop.wait()

    asyncio.run(run())


@pytest.mark.timeout(3600 if SOAK else 300)
@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_a_killed_process_loses_nothing(tmp_path: Path, mode: str) -> None:
    luck = random.Random(mode)
    context = lives()
    server = LocalTelegram(keep_calls=False, webhook_speed=50)
    root = await server.start()
    port = free_port()
    server.push_to = f"http://127.0.0.1:{port}"
    set_ = pushed_settings(tmp_path, root, port)
    if mode == "polling":
        set_ = set_.model_copy(update={"telegram_mode": "polling"})
    said: defaultdict[int, int] = defaultdict(int)  # person -> how much they have said

    async def traffic() -> None:
        for n in range(10**9):
            person = 1000 + n // 15 * 5 + n % 5  # five people at a time, three messages each
            server.say(TALK[said[person]], person)
            said[person] += 1
            await asyncio.sleep(0.01)

    def start() -> ForkServerProcess:
        process = context.Process(target=live, args=(set_,))
        process.start()
        return process

    talking = asyncio.create_task(traffic())
    for _ in range(KILLS):
        process = start()
        before = server.waiting
        async with asyncio.timeout(30):  # it lives once it has taken something
            while server.waiting >= before and server.waiting:
                before = max(before, server.waiting)
                await asyncio.sleep(0.01)
        await asyncio.sleep(luck.uniform(0, LONGEST_LIFE))
        assert process.is_alive(), f"it died by itself: {process.exitcode}"
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        await asyncio.to_thread(process.join)
    talking.cancel()
    process = start()
    await server.all_taken(within=100)
    await all_out(tmp_path)
    process.terminate()
    await asyncio.to_thread(process.join)
    await server.stop()

    heard = {person: shown(server, person) for person in said}
    doubled = 0
    for person, messages in heard.items():
        expected = ["welcome", *TALK[: said[person]]]
        assert list(dict.fromkeys(messages)) == expected, f"{person}: {messages}"
        doubled += len(messages) - len(expected)
    with sqlite3.connect(tmp_path / "camtay.db") as database:
        (marked,) = database.execute("SELECT count(*) FROM outbox WHERE maybe_repeated").fetchone()
    assert doubled <= marked, "whatever came twice was marked as perhaps repeated"
    assert max(Counter(messages).most_common(1)[0][1] for messages in heard.values()) <= 1 + KILLS
    keep(f"telegram-kills-{mode}", kills=KILLS, messages=sum(said.values()), lost=0, doubled_in_flight=doubled)


def shown(server: LocalTelegram, person: int) -> list[str]:
    """Which of our answers that person sees, in their order."""
    found = []
    for message in server.chats[person].values():
        if message["from"]["id"] == BOT["id"]:
            text = message["text"]
            kinds = {"Cháu chào bác!": "welcome", "ĐĂNG KÝ": TALK[0], "Phí": TALK[1], "Giấy tờ cho việc": TALK[2]}
            found.append(next(kind for start, kind in kinds.items() if text.startswith(start)))
    return found


async def all_out(folder: Path) -> None:
    """Wait until every message is answered and every answer is out."""
    query = (
        "SELECT (SELECT count(*) FROM inbox WHERE state = 'open')"
        " + (SELECT count(*) FROM outbox WHERE state IN ('queued', 'leased'))"
    )
    with sqlite3.connect(folder / "camtay.db") as database:
        async with asyncio.timeout(60):
            while database.execute(query).fetchone() != (0,):  # noqa: ASYNC110 - another process works
                await asyncio.sleep(0.1)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
