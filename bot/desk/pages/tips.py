"""Tips: the list and the library; one tip with its previews, buttons and progress; the loudspeaker's script."""

from __future__ import annotations

from datetime import date, timedelta

from aiohttp import web

from bot.desk.desk import Board, Desk, Page, go_to
from bot.desk.tip_views import (
    MOVES,
    Done,
    Person,
    TipForm,
    make_move,
    script_of,
    script_view,
    tip_view,
    tips_view,
    write_tip,
)
from bot.dialogue.messages import Entry, Role, local_day
from bot.inbox import short_id
from bot.tip_report import campaign_report

QUARTER = timedelta(days=91)  # what the figures show unless asked otherwise
ID = "{id:[a-z0-9]+}"


def _person(who: Entry) -> Person:
    return Person(id=who.person, grants=who.grants)


async def tips(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """All tips that this person may see, and the library."""
    view = await tips_view(desk.storage, desk.library.knowledge, _person(who), desk.clock.now())
    return desk.render("tips.html", who, view=view)


async def fresh(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """The empty form, or one filled from a ready tip. Its tip gets its name here: two presses write one."""
    content = desk.library.knowledge.content
    ready = next((tip for tip in content.tips.tips if tip.id == request.query.get("tu")), None)
    return desk.render(
        "tip_new.html",
        who,
        id=short_id(),
        text=ready.text if ready else "",
        guide=ready.opens if ready else "",
        library=ready.id if ready else "",
        guides=[(id_, content.title(id_)) for id_ in content.ids],
        hamlets=[(hamlet.id, hamlet.name) for hamlet in content.locality.hamlets],
        mine={grant.place for grant in who.grants},
    )


async def keep(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """Keep a draft."""
    form = await request.post()

    def value(name: str) -> str:
        return str(form.get(name, ""))

    filled = TipForm(
        id=request.match_info["id"],
        text=value("text"),
        guide=value("guide"),
        image=value("image"),
        places=tuple(str(place) for place in form.getall("place", [])),
        all_topics=bool(value("all_topics")),
        emergency=bool(value("emergency")),
        start_at=value("start_at"),
        library=value("library"),
    )
    await write_tip(desk.storage, desk.library.knowledge, filled, _person(who), desk.clock.now())
    return go_to(f"/desk/meo/{filled.id}")


async def one(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """One tip."""
    return await _shown(desk, request, who, None)


async def _shown(desk: Desk, request: web.Request, who: Entry, done: Done | None) -> web.Response:
    id_ = request.match_info["id"]
    view = await tip_view(desk.storage, desk.library.knowledge, desk.carriages, id_, _person(who), desk.clock.now())
    if view is None:
        raise web.HTTPNotFound(text="Không có mẹo này.")
    return desk.render("tip.html", who, tip=view, problems=done.problems if done else ())


async def progress(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """How far it has come, as the piece of the page that asks for it again and again."""
    id_ = request.match_info["id"]
    view = await tip_view(desk.storage, desk.library.knowledge, desk.carriages, id_, _person(who), desk.clock.now())
    if view is None:
        raise web.HTTPNotFound(text="Không có mẹo này.")
    return desk.render("tip_progress.html", who, tip=view)


async def move(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """Submit, approve, send back, pause, go on, recall, drop."""
    form = await request.post()
    id_, wanted = request.match_info["id"], request.path.rpartition("/")[2]
    now = desk.clock.now()
    done = await make_move(
        desk.storage,
        desk.library.knowledge,
        id_,
        wanted,
        _person(who),
        now,
        sure=bool(form.get("sure")),
        words=str(form.get("words", "")),
    )
    if done.problems:
        return await _shown(desk, request, who, done)
    await desk.storage.note(who.name, f"tip-{wanted}", now, id_)
    return go_to(f"/desk/meo/{id_}")


async def script(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """What the loudspeaker reads, to be printed: of a tip, or of a ready one."""
    knowledge, id_ = desk.library.knowledge, request.match_info["id"]
    view = script_view(knowledge, id_) or await script_of(desk.storage, knowledge, id_)
    if view is None:
        raise web.HTTPNotFound(text="Không có bài đọc này.")
    return desk.render("tip_script.html", who, script=view)


async def figures(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """Dossiers filed after tips, by team and hamlet."""
    today = local_day(desk.clock.now())
    since, until = _day(request.query.get("tu"), today - QUARTER), _day(request.query.get("den"), today)
    counted = await desk.storage.campaign(since, until)
    report = campaign_report(desk.library.knowledge, counted, since, until)
    return desk.render("tip_figures.html", who, report=report)


def _day(text: str | None, otherwise: date) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return otherwise


async def waiting(desk: Desk, who: Entry) -> str:
    """Tips that wait for this person's yes."""
    view = await tips_view(desk.storage, desk.library.knowledge, _person(who), desk.clock.now())
    return desk.templates.get_template("tips_waiting.html").render(
        tips=[tip for tip in view.tips if tip.waits_for_me]
    )


PAGES = (
    Page(method="GET", path="/meo", handler=tips, role=Role.VOLUNTEER, title="Mẹo"),
    Page(method="GET", path="/meo/moi", handler=fresh, role=Role.VOLUNTEER),
    Page(method="GET", path="/meo/so-lieu", handler=figures, role=Role.OFFICER),
    Page(method="GET", path="/meo/loa/{id:[a-z0-9-]+}", handler=script, role=Role.VOLUNTEER),
    Page(method="GET", path=f"/meo/{ID}", handler=one, role=Role.VOLUNTEER),
    Page(method="GET", path=f"/meo/{ID}/tien-do", handler=progress, role=Role.VOLUNTEER),
    Page(method="POST", path=f"/meo/{ID}/luu", handler=keep, role=Role.VOLUNTEER),
    *(Page(method="POST", path=f"/meo/{ID}/{step}", handler=move, role=Role.VOLUNTEER) for step in MOVES),
)
BOARDS = (Board(panel=waiting, role=Role.OFFICER),)
