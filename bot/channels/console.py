"""The terminal: for the demonstration, for tests, for talking to the bot with nothing configured."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TextIO
from uuid import uuid4

from bot.channels.base import pressed, said, started
from bot.dialogue.messages import Address, Delivery, Inbound, Scope
from bot.errors import Unclear
from bot.inbox import Inbox

CHANNEL = "console"
NAME_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Line:
    """One line of input, and its number; the first is 1."""

    n: int
    text: str


async def lines() -> AsyncIterator[Line]:
    """Standard input, line by line. Bytes that are no UTF-8 become replacement characters.

    A daemon thread reads, so that a stop does not wait for somebody to press Enter.
    """
    loop = asyncio.get_running_loop()
    arrived: asyncio.Queue[Line | None] = asyncio.Queue()

    def read() -> None:
        try:
            for n, line in enumerate(sys.stdin.buffer, start=1):
                text = line.decode("utf-8", "replace").rstrip("\r\n")
                loop.call_soon_threadsafe(arrived.put_nowait, Line(n, text))
            loop.call_soon_threadsafe(arrived.put_nowait, None)
        except RuntimeError:
            pass  # the loop is closed: nobody listens any more

    threading.Thread(target=read, name="stdin", daemon=True).start()
    while (line := await arrived.get()) is not None:
        yield line


class ConsoleDoor:
    """One person at one terminal. With `as_json`, programs can hold the conversation."""

    bulk_per_second: float | None = None

    def __init__(self, name: str, *, as_json: bool = False, out: TextIO | None = None) -> None:
        self.address = Address(CHANNEL, _storable(name)[:NAME_LENGTH])
        self.scope = Scope(CHANNEL, self.address.id)
        self._as_json = as_json
        self._out = out or sys.stdout
        self._run = uuid4().hex[:12]  # so that line 1 of this run is not line 1 of an earlier one

    async def send(self, delivery: Delivery) -> str | None:
        try:
            self._out.write(self._json(delivery) if self._as_json else self._plain(delivery))
            self._out.flush()
        except (OSError, ValueError) as error:  # the terminal was closed
            raise Unclear(type(error).__name__) from error
        return None

    async def close(self) -> None:
        pass

    def parse(self, line: Line) -> Inbound:
        """A text, or with `as_json` also `{"say": …}`, `{"press": payload}`, `{"start": topic}`; an `"id"` of the
        sender's own makes a repeat known. What fits none of these is a text."""
        event = f"line:{self._run}:{line.n}"
        read = self._object(line.text) if self._as_json else {}
        if isinstance(read.get("id"), str | int):
            event = _storable(f"id:{read['id']}")
        match read:
            case {"press": str(payload)}:
                return pressed(self.address, event, payload)
            case {"start": str(topic)}:
                return started(self.address, event, _storable(topic))
            case {"say": str(text)}:
                return said(self.address, event, text)
            case _:
                return said(self.address, event, line.text)

    def opened(self) -> Inbound:
        """The person has sat down at the terminal."""
        return started(self.address, f"open:{self._run}")

    def prompt(self) -> None:
        self._out.write("\n> ")
        self._out.flush()

    @staticmethod
    def _object(text: str) -> dict[str, object]:
        try:
            read = json.loads(text) if text.lstrip().startswith("{") else {}
        except (ValueError, RecursionError):
            return {}
        return read if isinstance(read, dict) else {}

    def _json(self, delivery: Delivery) -> str:
        reply = delivery.reply
        answer = {
            "re": self._number(delivery.re),
            "text": reply.text,
            "buttons": [{"label": button.label, "payload": button.payload} for button in reply.buttons],
            "image": f"/pictures/{reply.image}.png" if reply.image else None,
            **({"file": reply.file.name} if reply.file else {}),
        }
        return json.dumps(answer, ensure_ascii=False) + "\n"

    def _number(self, event: str | None) -> int | str:
        """The line that a reply answers: its number, the sender's own id, or 0 for a line of an earlier run."""
        kind, _, rest = (event or "").partition(":")
        if kind == "id":
            return rest
        run, _, n = rest.partition(":")
        return int(n) if kind == "line" and run == self._run else 0

    @staticmethod
    def _plain(delivery: Delivery) -> str:
        reply = delivery.reply
        parts = ["", reply.text]
        if reply.image:
            parts.append(f"[hình: {reply.image_alt or reply.image}]")
        if reply.file:
            parts.append(f"[tệp: {reply.file.name}]")
        parts += [f"  {n}. {button.label}" for n, button in enumerate(reply.buttons, start=1)]
        return "\n".join(parts) + "\n"


def _storable(text: str) -> str:
    """Without lone surrogates, which JSON and a terminal can bring, and UTF-8 can't carry."""
    return text.encode("utf-8", "replace").decode()


async def talk(
    door: ConsoleDoor, inbox: Inbox, stopped: asyncio.Event, settle: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Take in lines until the input ends or `stopped` is set; each is accepted as it comes.

    With `settle`, which waits until everything is answered, there is somebody at a keyboard, and they are prompted.
    """
    reader = lines()
    stop = asyncio.create_task(stopped.wait())
    try:
        while True:
            if settle:
                await settle()
                door.prompt()
            next_line = asyncio.ensure_future(anext(reader, None))
            await asyncio.wait({next_line, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not next_line.done():
                next_line.cancel()
                return
            line = next_line.result()
            if line is None:
                return
            if line.text.strip():
                await inbox.accept(door.parse(line))
    finally:
        stop.cancel()
