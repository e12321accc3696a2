"""The web door under load, on loopback: `make bench` writes bench/results/web.json.

- 500 open sockets, 100 turns a second among them: from the frame sent to the first reply received.
- As fast as it goes, 32 visitors at a time, beside the least that could do the job: a bare aiohttp echo with one
  durable SQLite commit a message. Both servers are processes of their own, loaded in turn by the same client.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import secrets
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bench.turns import TALK, percentiles

RESULTS = Path(__file__).parent / "results" / "web.json"
SOCKETS, RATE, SECONDS = 500, 100, 20
AT_ONCE, MESSAGES = 32, 3_000
ROUNDS = 3


async def echo(port_file: str) -> None:
    """The bare echo: what comes in is committed to the disk, and goes out again."""
    folder = Path(port_file).parent
    database = sqlite3.connect(folder / "echo.db", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE said (id INTEGER PRIMARY KEY, text TEXT)")

    async def socket(request: web.Request) -> web.WebSocketResponse:
        page = web.WebSocketResponse()
        await page.prepare(request)
        async for frame in page:
            message = json.loads(frame.data)
            if message["t"] == "hello":
                await page.send_json({"t": "welcome"})
                continue
            database.execute("INSERT INTO said (text) VALUES (?)", (message["text"],))
            await page.send_json({"t": "reply", "seq": 1, "re": message["id"], "text": message["text"]})
        return page

    server = web.Application()
    server.add_routes([web.get("/ws", socket)])
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    Path(port_file).write_text(str(runner.addresses[0][1]))
    await asyncio.Event().wait()


@asynccontextmanager
async def running(what: str, folder: Path) -> AsyncIterator[str]:
    """The address of a server in a process of its own."""
    if what == "echo":
        port = folder / "port"
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.web", "echo", str(port))
        while not port.exists() or not port.read_text():
            await asyncio.sleep(0.05)
        address = f"http://127.0.0.1:{port.read_text()}"
    else:
        environment = {**os.environ, "CAMTAY_DATA_DIR": str(folder / "data"), "CAMTAY_PORT": "0"}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", env=environment, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout
        line = (await process.stdout.readline()).decode()
        address = next(word for word in line.split() if word.startswith("http"))
    try:
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


class Page:
    """A visitor's page."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._n = 0

    async def hello(self) -> None:
        await self._socket.send_json({"t": "hello", "secret": secrets.token_urlsafe(32), "after": 0})
        await self._socket.receive_json()

    async def ask(self, text: str) -> float:
        """Seconds until the last reply to it has come."""
        self._n += 1
        id_ = f"message-{self._n:05}"
        begun = time.perf_counter()
        await self._socket.send_json({"t": "say", "id": id_, "text": text})
        while True:
            frame = await self._socket.receive_json()
            if frame.get("re") == id_:
                took = time.perf_counter() - begun
                await asyncio.sleep(0)
                return took


async def pages(browser: aiohttp.ClientSession, address: str, n: int) -> list[Page]:
    opened = []
    for _ in range(n):
        page = Page(await browser.ws_connect(f"{address}/ws"))
        await page.hello()
        opened.append(page)
    return opened


async def steady(address: str) -> dict[str, Any]:
    """Latency with many open sockets at a steady rate."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as browser:
        opened = await pages(browser, address, SOCKETS)
        begun, asked = time.perf_counter(), []
        for n in range(RATE * SECONDS):
            await asyncio.sleep(max(0.0, begun + n / RATE - time.perf_counter()))
            line = TALK[(n // SOCKETS) % len(TALK)]
            asked.append(asyncio.create_task(opened[n % SOCKETS].ask(line)))
        took = list(await asyncio.gather(*asked))
    return {**percentiles(took), "sockets": SOCKETS, "turns_per_s": RATE}


async def flat_out(address: str) -> float:
    """Messages a second, AT_ONCE visitors asking one after the other."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as browser:
        # A visitor says one talk, then another comes: nobody may flood.
        todo = iter(range(MESSAGES // len(TALK)))

        async def visitors() -> int:
            asked = 0
            for _ in todo:
                (page,) = await pages(browser, address, 1)
                for line in TALK:
                    await page.ask(line)
                    asked += 1
            return asked

        begun = time.perf_counter()
        asked = sum(await asyncio.gather(*(visitors() for _ in range(AT_ONCE))))
        return asked / (time.perf_counter() - begun)


async def main() -> None:
    results: dict[str, Any] = {
        "when": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
    }
    with tempfile.TemporaryDirectory() as folder:
        async with running("bot", Path(folder)) as address:
            results["steady"] = await steady(address)
            print("steady", results["steady"])
    rates: dict[str, list[float]] = {"bot": [], "echo": []}
    for _ in range(ROUNDS):
        for what in rates:
            with tempfile.TemporaryDirectory() as folder:
                async with running(what, Path(folder)) as address:
                    rates[what].append(round(await flat_out(address), 1))
    results["flat_out"] = {**rates, "ratio": round(sum(rates["bot"]) / sum(rates["echo"]), 2)}
    print("flat_out", results["flat_out"])
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    asyncio.run(echo(sys.argv[2]) if sys.argv[1:2] == ["echo"] else main())
