"""The first page: what waits, panel by panel, each from the module that knows it."""

from __future__ import annotations

from aiohttp import web
from markupsafe import Markup

from bot.desk.desk import Board, Desk, Page
from bot.desk.pages import appointments, cases, tips, unanswered
from bot.dialogue.messages import Entry, Role


async def _health(desk: Desk, who: Entry) -> str:
    """One line: is anybody waiting for the bot?"""
    age = await desk.storage.oldest_open_age(desk.clock.now())
    return desk.templates.get_template("health.html").render(age=int(age))


BOARDS: tuple[Board, ...] = (
    *cases.BOARDS,
    *appointments.BOARDS,
    *unanswered.BOARDS,
    *tips.BOARDS,
    Board(panel=_health, role=Role.VOLUNTEER),
)


async def today(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """Everything that waits for this person today."""
    panels = [Markup(await board.panel(desk, who)) for board in BOARDS if who.may(board.role)]  # noqa: S704 - escaped
    return desk.render("today.html", who, panels=panels)


PAGES = (Page(method="GET", path="", handler=today, role=Role.VOLUNTEER, title="Hôm nay"),)
