"""Today's appointments, and whom somebody must call because no message reached them."""

from __future__ import annotations

from datetime import datetime, timedelta

from aiohttp import web

from bot.calendar import LOCAL, at_clock
from bot.desk.desk import Board, Desk, Page, go_to
from bot.desk.pages.cases import officer
from bot.dialogue.messages import Appointment, Entry, Role
from bot.handlers import reminders

AHEAD = timedelta(days=2)
SHOWN = 20


async def coming(desk: Desk, who: Entry) -> str:
    """Appointments of today and tomorrow."""
    now = desk.clock.now()
    start = at_clock(now.astimezone(LOCAL).date(), "00:00")
    found = await desk.storage.coming(start, start + AHEAD, SHOWN + 1)
    knowledge = desk.library.knowledge
    rows = [
        (
            reminders.moment(knowledge, one.appointment),
            reminders.what(knowledge, one.appointment),
            _where(desk, one.appointment),
        )
        for one in found[:SHOWN]
    ]
    return desk.templates.get_template("coming.html").render(rows=rows, more=len(found) > SHOWN)


def _where(desk: Desk, one: Appointment) -> str:
    """At which of several counters; "" where there is no choice."""
    knowledge = desk.library.knowledge
    counter = knowledge.content.locality.counter_named(one.counter)
    return (counter.short or counter.name) if len(reminders.counters(knowledge, one)) > 1 else ""


async def calls(desk: Desk, who: Entry) -> str:
    """Who must be called: by an officer of some hamlets, who lives there, or did not say where."""
    found = await desk.storage.call_list(SHOWN + 1, officer(who).places)
    hamlets = {hamlet.id: hamlet.name for hamlet in desk.library.knowledge.content.locality.hamlets}
    return desk.templates.get_template("calls.html").render(
        calls=found[:SHOWN],
        hamlets=hamlets,
        more=len(found) > SHOWN,
        csrf=who.csrf,
        over=_over(desk.clock.now()),
    )


def _over(now: datetime) -> object:
    return lambda until: until <= now


async def called(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """Somebody has called."""
    now = desk.clock.now()
    id_ = int(request.match_info["id"])
    if await desk.storage.called(id_, who.name, now):
        await desk.storage.note(who.name, "called", now, f"outbox {id_}")
    return go_to("/desk")


PAGES = (Page(method="POST", path="/goi/{id:\\d+}", handler=called, role=Role.OFFICER),)
BOARDS = (Board(panel=calls, role=Role.OFFICER), Board(panel=coming, role=Role.OFFICER))
