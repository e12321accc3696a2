"""What every door has in common: platform words ↔ our words."""

from __future__ import annotations

from typing import Protocol

import aiohttp

from bot.dialogue.messages import Address, Delivery, Inbound, InboundKind, Other, Scope
from bot.errors import Refused, TryLater
from bot.privacy import mask

MAX_TEXT = 10_000  # characters of one message that are kept; nobody reads out more than a few
MOST_BYTES = 10 * 1024 * 1024  # of a picture as it comes: what telephones make
CHUNK = 64 * 1024
DOWNLOAD_WITHIN = aiohttp.ClientTimeout(total=30, connect=5)


class Door(Protocol):
    """One way in and out."""

    scope: Scope
    bulk_per_second: float | None  # how much bulk its platform bears; None: any

    async def send(self, delivery: Delivery) -> str | None:
        """Hand a message over. The platform's id of it, if it has one; TryLater, Refused or Unclear if it did not
        go as it should."""

    async def close(self) -> None:
        """Let go of connections; nothing is sent any more."""


def said(address: Address, event_id: str, text: str) -> Inbound:
    """Something typed. Only its masked form may be stored; the raw one lives for the turn."""
    text = _storable(text)
    return Inbound(address=address, event_id=event_id, kind=InboundKind.TEXT, text=mask(text), raw=text)


def pressed(address: Address, event_id: str, payload: str) -> Inbound:
    """A button pressed."""
    return Inbound(address=address, event_id=event_id, kind=InboundKind.PRESS, payload=_storable(payload))


def started(address: Address, event_id: str, topic: str | None = None) -> Inbound:
    """The conversation was opened, perhaps through a link to a procedure."""
    return Inbound(address=address, event_id=event_id, kind=InboundKind.START, payload=_storable(topic or ""))


def other(address: Address, event_id: str, what: Other, media: str | None = None) -> Inbound:
    """Something that we can't read, of which only its sort is told. `media`: what the platform calls a picture."""
    return Inbound(address=address, event_id=event_id, kind=InboundKind.OTHER, payload=what, media=media)


async def downloaded(session: aiohttp.ClientSession, url: str) -> bytes:
    """A file that a platform keeps. TryLater if it may be had later; Refused if never, or if it is too large."""
    try:
        async with session.get(url, timeout=DOWNLOAD_WITHIN) as answer:
            if answer.status >= 500 or answer.status == 429:
                raise TryLater(f"file: HTTP {answer.status}")
            if answer.status != 200:
                raise Refused(f"file: HTTP {answer.status}")
            body = bytearray()
            async for chunk in answer.content.iter_chunked(CHUNK):
                body += chunk
                if len(body) > MOST_BYTES:
                    raise Refused("file too large")
            return bytes(body)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise TryLater(f"file: {type(error).__name__}") from None


def utf16_surplus(text: str) -> int:
    """How many UTF-16 units the text has more than characters; platforms may count either."""
    return len(text.encode("utf-16-le", "replace")) // 2 - len(text)


def _storable(text: str) -> str:
    """Bounded, and without lone surrogates, which no database takes."""
    return text[:MAX_TEXT].encode("utf-8", "replace").decode()
