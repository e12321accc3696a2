"""What every page of the desk has at hand, and how a page declares itself."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aiohttp import web
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from bot.calendar import LOCAL
from bot.clock import Clock
from bot.desk.cells import cell, table_row
from bot.dialogue.messages import Carriage, Entry, Role
from bot.figures import CHANNELS, decimal, number
from bot.knowledge import Library
from bot.settings import Settings
from storage import Storage

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The desk's view of the house."""

    storage: Storage
    library: Library
    clock: Clock
    settings: Settings
    templates: Environment
    version: str  # of the static files
    carriages: Mapping[str, Carriage]  # the channels that tips go by

    def render(self, name: str, who: Entry | None, **values: object) -> web.Response:
        """A page as HTML. Every value is escaped; `who` sees only what they may open."""
        text = self.templates.get_template(name).render(
            who=who,
            commune=self.library.knowledge.content.locality.name,
            version=self.version,
            now=self.clock.now(),
            **values,
        )
        return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})


Handler = Callable[[Desk, web.Request, Entry], Awaitable[web.StreamResponse]]
Panel = Callable[[Desk, Entry], Awaitable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page or an action of the desk: who may open it stands here, and nowhere else.

    A GET changes nothing. A POST has been checked for its form's token before `handler` is called, and its handler
    writes into the log what was done.
    """

    method: str
    path: str  # below /desk
    handler: Handler
    role: Role
    title: str | None = None  # as the navigation names it; None: not in the navigation


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A panel of the first page: markup that its own template has escaped."""

    panel: Panel
    role: Role


def environment() -> Environment:
    """The templates, with every value escaped."""
    templates = Environment(
        loader=ChoiceLoader([FileSystemLoader(HERE / "templates")]), autoescape=True, undefined=StrictUndefined
    )
    templates.filters["local"] = local
    templates.filters["day"] = day
    templates.filters["channel"] = channel
    templates.filters["number"] = number
    templates.filters["decimal"] = decimal
    templates.filters["cell"] = cell
    templates.filters["table_row"] = table_row
    return templates


def go_to(path: str) -> web.Response:
    """Send the browser to another page of ours."""
    return web.Response(status=303, headers={"Location": path})


def local(at: datetime) -> str:
    """26/11 08:30, in Vietnam."""
    return f"{at.astimezone(LOCAL):%d/%m %H:%M}"


def day(at: datetime) -> str:
    """26/11/2026, in Vietnam."""
    return f"{at.astimezone(LOCAL):%d/%m/%Y}"


def channel(id_: str | None) -> str:
    """A channel as people call it; "" for none."""
    return CHANNELS.get(id_, id_) if id_ else ""


def same(one: str, other: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def digest(data: bytes) -> str:
    """A short name for what a file holds."""
    return hashlib.sha256(data).hexdigest()[:12]
