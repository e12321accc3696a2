"""The process is really killed, at random moments, and nothing that was accepted is lost.

Each life is a process of its own, forked from a warm one so that a hundred take seconds. It answers through a door
that writes each message to a file before it says that it is out: the ground truth of what a citizen would have seen.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import time
from collections import Counter
from pathlib import Path

import pytest

import bot.app
from bot.app import build
from bot.channels.base import said
from bot.dialogue.messages import Address, Delivery, Scope
from bot.logs import log_to
from tests.support.results import SOAK, keep
from tests.support.talking import settings
from tests.support.warm import library, lives

KILLS = 500 if SOAK else 60
PEOPLE = 5
TALK = ["làm giấy khai sinh", "1", "1", "1", "1", "1", "1 2", "đi tiếp", "xong", "kẹt", "quay lại", "phí bao nhiêu"]
LONGEST_LIFE = 0.2  # seconds beyond what a start takes here; some dozen turns


class FileDoor:
    """Says what it has to say into a file, one line a message, and forces it to the disk."""

    scope = Scope("file")
    bulk_per_second: float | None = None

    def __init__(self, file: Path) -> None:
        self._out = os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    async def send(self, delivery: Delivery) -> str | None:
        line = json.dumps([delivery.id, delivery.re, delivery.maybe_repeated]) + "\n"
        os.write(self._out, line.encode())
        return None

    async def close(self) -> None:
        os.close(self._out)


def live(folder: Path, first: int) -> None:
    """One life: take up what is open, then say more and more, until somebody kills us."""
    bot.app.Library = library  # type: ignore[misc, assignment] - this process is ours alone

    with (folder / "alive").open("a") as alive:
        alive.write("x")
    log_to(folder / "log", "warning")

    async def run() -> None:
        door = FileDoor(folder / "sent")
        async with build(settings(folder), [door], chores=False) as app:
            for n in range(first, first + 10_000):
                await app.inbox.accept(said(speaker(n), f"m{n}", TALK[(n // PEOPLE) % len(TALK)]))
                if n % 20 == 0:
                    await app.settle()

    asyncio.run(run())


def speaker(n: int) -> Address:
    """Five people speak in turns; after one talk five others come, so that nobody floods."""
    return Address("file", f"p{n // (PEOPLE * len(TALK))}-{n % PEOPLE}")


def die(folder: Path) -> None:
    """The last life: answer everything that is left, and end by itself."""
    bot.app.Library = library  # type: ignore[misc, assignment] - this process is ours alone
    log_to(folder / "log", "warning")

    async def run() -> None:
        async with build(settings(folder), [FileDoor(folder / "sent")], chores=False) as app:
            await app.settle()

    asyncio.run(run())


@pytest.mark.timeout(3600 if SOAK else 300)
def test_no_kill_loses_or_doubles_an_answer(tmp_path: Path) -> None:
    processes = lives()
    luck = random.Random(20261122)
    killed, longest = 0, 0.0
    while killed < KILLS:
        process = processes.Process(target=live, args=(tmp_path, killed * 10_000))
        before = signs_of_life(tmp_path)
        process.start()
        wait_until_it_lives(tmp_path, before)
        if not killed:
            started = time.monotonic()
            wait_until_it_answers(tmp_path)
            longest = time.monotonic() - started + LONGEST_LIFE
        time.sleep(luck.uniform(0, longest))
        assert process.pid
        assert process.is_alive(), f"it died by itself: {process.exitcode}"
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        killed += 1
    last = processes.Process(target=die, args=(tmp_path,))
    last.start()
    last.join(timeout=100)
    assert last.exitcode == 0

    assert_nothing_is_lost_or_doubled(tmp_path, killed)


def wait_until_it_lives(folder: Path, before: int) -> None:
    """Killing a process that has not begun would prove nothing: wait for its first sign of life."""
    for _ in range(1_000):
        if signs_of_life(folder) != before:
            return
        time.sleep(0.005)
    raise AssertionError("no sign of life")


def wait_until_it_answers(folder: Path) -> None:
    """The first life tells how long a start takes on this machine: the others die before and after that."""
    for _ in range(6_000):
        if (folder / "sent").exists() and (folder / "sent").stat().st_size:
            return
        time.sleep(0.01)
    raise AssertionError("no answer")


def signs_of_life(folder: Path) -> int:
    file = folder / "alive"
    return file.stat().st_size if file.exists() else 0


def assert_nothing_is_lost_or_doubled(folder: Path, killed: int) -> None:
    database = sqlite3.connect(folder / "camtay.db")
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    accepted = [json.loads(body)["event"] for (body,) in database.execute("SELECT body FROM inbox")]
    assert len(accepted) > 2 * killed, "the lives were too short to prove anything"
    assert database.execute("SELECT count(*) FROM inbox WHERE state <> 'done'").fetchone() == (0,)
    assert database.execute("SELECT count(*) FROM outbox WHERE state <> 'sent'").fetchone() == (0,)

    sent = [json.loads(line) for line in (folder / "sent").read_text().splitlines()]
    assert {event for _, event, _ in sent} == set(accepted)

    rows = {id_ for (id_,) in database.execute("SELECT id FROM outbox")}
    times = Counter(id_ for id_, _, _ in sent)
    assert set(times) == rows
    doubled = [id_ for id_, n in times.items() if n > 1]
    # Only what was in flight at a kill may come twice.
    assert len(doubled) <= killed
    marked = {id_ for id_, _, repeated in sent if repeated}
    assert set(doubled) <= marked, "a repeat must be marked as one"
    keep("crash", kills=killed, messages=len(accepted), lost=0, sent=len(sent), doubled_in_flight=len(doubled))
    database.close()
