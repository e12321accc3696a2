"""How the local Zalo brings events to a webhook: signed, in 2 s or again after 30 s, 5, 15, 30 and 60 minutes."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import time
import zlib
from dataclasses import dataclass, field
from typing import Any

import aiohttp

ANSWER_WITHIN = 2.0  # seconds; later than that is no answer
TRY_AGAIN = (30.0, 300.0, 900.0, 1800.0, 3600.0)  # seconds after the attempt before
LANES = 32  # events of one person share a lane, and so come in order as long as none fails


def signature(app_id: str, body: bytes, timestamp: str, secret: str) -> str:
    """The mac of a body: a plain SHA-256, no HMAC. Hexadecimal."""
    return hashlib.sha256(app_id.encode() + body + timestamp.encode() + secret.encode()).hexdigest()


def packed(event: dict[str, Any]) -> bytes:
    """An event as it goes over the line: compact, with its Vietnamese letters unescaped."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Attempt:
    """One time that an event was brought: `status` is 0 where there was no answer in time."""

    event: str
    retry: int
    status: int
    seconds: float


@dataclass
class Pusher:
    """The sender of webhooks, with its bad habits as switches."""

    app_id: str
    oa_id: str
    secret: str
    app_secret: str = ""
    url: str = ""
    speed: float = 1.0  # how much faster than in real life a failed event is tried again
    retry_refused: bool = True  # try again after an answer other than 200, too (sources disagree)
    mac: str = "good"  # or: bad, missing, hmac, oa-id (as the first term), app-secret (as the last)
    twice: float = 0.0  # share of the events that come twice
    shuffled: bool = False  # events of one person overtake one another
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    keep: bool = True
    attempts: list[Attempt] = field(default_factory=list)
    subscribed: bool = False
    undelivered: list[dict[str, Any]] = field(default_factory=list)  # given up, or nobody had subscribed

    def __post_init__(self) -> None:
        self.waiting = 0  # events not yet taken, nor given up
        self._settled = asyncio.Event()
        self._lanes: dict[int, asyncio.Queue[tuple[dict[str, Any], bytes, dict[str, str]]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    async def subscribe(self, url: str) -> None:
        """Save the webhook, as in the console: the unsigned probe `{}` must get a 200, or it is a ValueError."""
        async with self._http().post(url, data=b"{}", headers={"Content-Type": "application/json"}) as answer:
            if answer.status != 200:
                raise ValueError(f"the console refuses the address: HTTP {answer.status}")
        self.url, self.subscribed = url, True

    def push(self, event: dict[str, Any], *, server: str = "") -> None:
        """Bring that event, in the background. `server`: which part of Zalo it is from ("ZNS")."""
        if not self.subscribed:
            self.undelivered.append(event)
            return
        body = packed(event)
        headers = {"Content-Type": "application/json", **self._signed(event, body)}
        if server:
            headers["X-ZEvent-Server"] = server
        for _ in range(2 if self.chance.random() < self.twice else 1):
            self.waiting += 1
            self._settled.clear()
            if self.shuffled:
                self._start(self._deliver(event, body, headers, after=self.chance.random() * 0.05))
            else:
                self._lane(event).put_nowait((event, body, headers))

    async def all_taken(self, within: float = 20.0) -> None:
        """Wait until every event was taken, or given up."""
        async with asyncio.timeout(within):
            while self.waiting:
                await self._settled.wait()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session:
            await self._session.close()
        self._session, self._lanes = None, {}

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=LANES * 2)
            timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN)
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        return self._session

    def _signed(self, event: dict[str, Any], body: bytes) -> dict[str, str]:
        stamp = str(event.get("timestamp", ""))
        match self.mac:
            case "missing":
                return {}
            case "bad":
                mac = signature(self.app_id, body, stamp, "somebody else's")
            case "hmac":
                told = self.app_id.encode() + body + stamp.encode()
                mac = hmac.new(self.secret.encode(), told, hashlib.sha256).hexdigest()
            case "oa-id":
                mac = signature(self.oa_id, body, stamp, self.secret)
            case "app-secret":
                mac = signature(self.app_id, body, stamp, self.app_secret)
            case _:
                mac = signature(self.app_id, body, stamp, self.secret)
        return {"X-ZEvent-Signature": f"mac={mac}"}

    def _lane(self, event: dict[str, Any]) -> asyncio.Queue[tuple[dict[str, Any], bytes, dict[str, str]]]:
        who = "".join(
            sorted(str((event.get(end) or {}).get("id", "")) for end in ("sender", "recipient", "follower"))
        )
        number = zlib.crc32((who or str(event.get("user_id"))).encode()) % LANES
        if number not in self._lanes:
            self._lanes[number] = asyncio.Queue()
            self._start(self._run_lane(self._lanes[number]))
        return self._lanes[number]

    async def _run_lane(self, lane: asyncio.Queue[tuple[dict[str, Any], bytes, dict[str, str]]]) -> None:
        while True:
            await self._deliver(*await lane.get())

    async def _deliver(
        self, event: dict[str, Any], body: bytes, headers: dict[str, str], after: float = 0.0, retry: int = 0
    ) -> None:
        """One attempt. What fails is tried again beside the lane: those behind it do not wait."""
        if after:
            await asyncio.sleep(after)
        more = {"num_retry": str(retry)} if retry else {}
        begun, status = time.perf_counter(), 0
        try:
            async with self._http().post(self.url, data=body, headers={**headers, **more}) as answer:
                status = answer.status
        except (aiohttp.ClientError, OSError, TimeoutError):
            pass
        if self.keep:
            name = str(event.get("event_name", ""))
            self.attempts.append(Attempt(name, retry, status, time.perf_counter() - begun))
        if status != 200 and retry < len(TRY_AGAIN) and (self.retry_refused or not status):
            wait = TRY_AGAIN[retry] / self.speed
            self._start(self._deliver(event, body, headers, after=wait, retry=retry + 1))
            return
        if status != 200:
            self.undelivered.append(event)
            self.subscribed = self.subscribed and retry < len(TRY_AGAIN)  # given up: enable it by hand
        self.waiting -= 1
        if not self.waiting:
            self._settled.set()

    def _start(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
