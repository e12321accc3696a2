"""One clock for the whole house, and the chores that time itself brings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog

from bot.errors import BotError

log = structlog.get_logger()


class Clock(Protocol):
    """What the house asks for the time."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""


class WallClock:
    """The time of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SteppedClock:
    """For rehearsals: reads the time (ISO 8601) from a file, and so stands still while nobody writes there."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        return datetime.fromisoformat(self._file.read_text().strip()).astimezone(UTC)


@dataclass(slots=True)
class Chore:
    """Something to do again and again, `every` so often by the clock."""

    name: str
    every: timedelta
    do: Callable[[], Awaitable[object]]
    last: datetime | None = field(default=None)

    def due(self, now: datetime) -> bool:
        # A clock that was set back must not make a chore wait until it has caught up.
        return self.last is None or now - self.last >= self.every or now < self.last


class Ticker:
    """Does the chores while the process runs. A chore that fails is logged and tried again at its next time."""

    BEAT = 1.0  # seconds between two looks at the clock

    def __init__(self, clock: Clock, chores: list[Chore]) -> None:
        self._clock = clock
        self._chores = chores

    async def run(self) -> None:
        while True:
            await self.tick()
            await asyncio.sleep(self.BEAT)

    async def tick(self) -> None:
        now = self._clock.now()
        for chore in self._chores:
            if chore.due(now):
                chore.last = now
                try:
                    await chore.do()
                except (BotError, OSError) as error:
                    log.error("chore failed", chore=chore.name, error=type(error).__name__)
