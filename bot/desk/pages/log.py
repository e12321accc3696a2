"""Who did what."""

from __future__ import annotations

from aiohttp import web

from bot.desk.desk import Desk, Page
from bot.dialogue.messages import Entry, Role

AT_ONCE = 100


async def log(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """The log, the newest first."""
    actor = request.query.get("ai", "")[:60]
    before = request.query.get("truoc", "")
    lines = await desk.storage.log_lines(actor, int(before) if before.isdecimal() else None, AT_ONCE + 1)
    return desk.render("log.html", who, lines=lines[:AT_ONCE], more=len(lines) > AT_ONCE, actor=actor)


PAGES = (Page(method="GET", path="/nhat-ky", handler=log, role=Role.ADMIN, title="Nhật ký"),)
