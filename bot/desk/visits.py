"""One request to the desk, as a page's code sees it: who asks, what of, and how an answer is made.

Whoever serves the desk makes a `Visit` only for someone who has entered and holds the page's role, and, for a POST,
after the form's token was checked. A page says nothing of that; it is listed with its role in its `PAGES`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.dialogue.messages import Role
from bot.figures import decimal, number
from bot.knowledge import Library
from bot.settings import Settings
from storage import Storage

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An officer's request, let in."""

    who: str  # as the audit log names them
    now: datetime
    settings: Settings
    library: Library
    storage: Storage
    render: Callable[..., web.Response]  # a template's name and what it shows
    query: Mapping[str, str] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)  # what the path names
    form: Mapping[str, Sequence[str]] = field(default_factory=dict)  # of a POST; a field may come several times
    file: tuple[str, bytes] | None = None  # … and the file that came with it: its name, what it holds

    def one(self, name: str) -> str:
        """That field of the form, "" if it is not there."""
        return next(iter(self.form.get(name, ())), "")


@dataclass(frozen=True, slots=True)
class Page:
    """A page or an act of the desk, and who may come to it."""

    method: str
    path: str
    role: Role
    answer: Callable[[Visit], Awaitable[web.StreamResponse]]


def download(name: str, body: bytes, type_: str) -> web.Response:
    """A file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(body=body, content_type=type_, headers=headers)


def templates() -> Environment:
    """The desk's templates: everything escaped, and nothing left out in silence."""
    made = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    tools: dict[str, Any] = {"number": number, "decimal": decimal}
    made.globals.update(tools)
    return made
