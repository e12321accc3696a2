"""Photos that were asked for: fetched from where a platform keeps them, and made anew.

A picture is decoded and written again as a plain JPEG: what else its file carried (place, camera, hidden parts) is
gone, and so is whatever a broken decoder could be attacked with on an officer's screen.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Iterable
from io import BytesIO
from typing import Final, Protocol, runtime_checkable

import structlog
from PIL import Image, ImageOps, UnidentifiedImageError

from bot.channels.base import Door
from bot.clock import Clock
from bot.dialogue.cases import shown
from bot.dialogue.messages import Reply
from bot.errors import ChannelError, TryLater
from bot.knowledge import Library
from storage import Storage

log = structlog.get_logger()

MOST_PIXELS: Final = 50_000_000  # as it unfolds
LONGEST_SIDE: Final = 1_600  # pixels; a telephone's screen can be read
QUALITY: Final = 80
FORMATS: Final = ("JPEG", "PNG", "WEBP")


class NotAPicture(Exception):
    """These bytes are no picture that we open."""


@runtime_checkable
class PictureSource(Protocol):
    """A door that can fetch what its platform keeps."""

    async def fetch(self, media: str) -> bytes:
        """The file of that name. TryLater if it may be had later; any other ChannelError if never."""


def remade(file: bytes) -> bytes:
    """The picture as a new JPEG, upright, no side longer than LONGEST_SIDE. NotAPicture if it can't be read, or if it
    would unfold to more than MOST_PIXELS."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(file), formats=FORMATS) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise NotAPicture("too many pixels")
                picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG need not be unfolded whole
                upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise NotAPicture(type(error).__name__) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise NotAPicture(type(error).__name__) from None
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    bare = Image.new("RGB", upright.size)  # without a word of what came with it
    bare.paste(upright)
    out = BytesIO()
    bare.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


class Photographs:
    """Fetches the photos that turns asked for; `tick` is a chore."""

    def __init__(self, storage: Storage, clock: Clock, library: Library, doors: Iterable[Door]) -> None:
        self._storage = storage
        self._clock = clock
        self._library = library
        self._sources = {door.scope.channel: door for door in doors if isinstance(door, PictureSource)}

    async def tick(self) -> None:
        """Fetch those that wait. One that can't be had is told to its sender."""
        for photo in await self._storage.photos_wanted():
            source = self._sources.get(photo.channel)
            if source is None:
                continue  # another process's door
            try:
                file = await source.fetch(photo.media)
                image = await asyncio.to_thread(remade, file)
            except TryLater:
                given_up = await self._storage.photo_failed(photo.id, final=False)
            except (ChannelError, NotAPicture) as error:
                log.info("photo not opened", reason=str(error))
                given_up = await self._storage.photo_failed(photo.id, final=True)
            else:
                await self._storage.photo_fetched(photo.id, image)
                continue
            if given_up:
                text = self._library.knowledge.say("photo_failed", code=shown(photo.code))
                await self._storage.tell(photo.person, Reply(text=text), self._clock.now(), f"photo:{photo.id}")
