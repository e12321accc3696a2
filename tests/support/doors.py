"""A door that remembers what it was given, and takes it, refuses it or hangs as a test wishes."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from itertools import groupby

from bot.channels.base import pressed, said
from bot.dialogue.messages import Address, Delivery, Inbound, Scope

CHANNEL = "test"


class RecordingDoor:
    """A door of many people. `troubles` holds what is raised at the next sends to someone."""

    bulk_per_second: float | None = None

    def __init__(self, scope: Scope | None = None) -> None:
        self.scope = scope or Scope(CHANNEL)
        self.sent: list[Delivery] = []  # what arrived, in order
        self.tried: list[Delivery] = []  # … and everything that was to be sent, even if it did not go well
        self.troubles: defaultdict[str, deque[Exception]] = defaultdict(deque)
        self._open = asyncio.Event()
        self._open.set()
        self.hanging = asyncio.Event()  # set while a send hangs

    async def send(self, delivery: Delivery) -> str | None:
        self.tried.append(delivery)
        if not self._open.is_set():
            self.hanging.set()
            await self._open.wait()
        await asyncio.sleep(0)
        if waiting := self.troubles[delivery.address.id]:
            raise waiting.popleft()
        self.sent.append(delivery)
        return f"m{delivery.id}"

    async def close(self) -> None:
        pass

    def hang(self) -> None:
        """From now on no send comes to an end."""
        self._open.clear()
        self.hanging.clear()

    def go_on(self) -> None:
        self._open.set()

    def texts(self, person: str = "ba") -> list[str]:
        """What this person has received, in order."""
        return [delivery.reply.text for delivery in self.sent if delivery.address.id == person]

    def answered(self, person: str = "ba") -> list[str]:
        """The events that this person's replies answer, in the order in which they came; each once."""
        return [str(re) for re, _ in groupby(d.re for d in self.sent if d.address.id == person)]


def words(text: str, event: str, person: str = "ba") -> Inbound:
    """That person says that."""
    return said(Address(CHANNEL, person), event, text)


def press(payload: str, event: str, person: str = "ba") -> Inbound:
    """That person presses that."""
    return pressed(Address(CHANNEL, person), event, payload)
