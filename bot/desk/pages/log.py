"""Who did what."""

from __future__ import annotations

import re

from aiohttp import web

from bot.desk.desk import Desk, Page
from bot.dialogue.messages import Entry, Role

AT_ONCE = 100
_LINE = re.compile(r"[0-9]{1,15}")  # within what the database can count


async def log(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """The log, the newest first."""
    actor = request.query.get("ai", "")[:60]
    before = request.query.get("truoc", "")
    lines = await desk.storage.log_lines(actor, int(before) if _LINE.fullmatch(before) else None, AT_ONCE + 1)
    return desk.render("log.html", who, lines=lines[:AT_ONCE], more=len(lines) > AT_ONCE, actor=actor)


PAGES = (Page(method="GET", path="/nhat-ky", handler=log, role=Role.ADMIN, title="Nhật ký"),)
