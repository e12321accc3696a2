"""Guides: which want to be looked at, and how people get through each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from aiohttp import web

from bot.desk.desk import Desk, Page
from bot.dialogue.messages import Axis, Entry, Role, local_day
from bot.figures import Counts, Month, Stage, by
from bot.guide_health import Ending, GuideHealth, endings, health, stages_of
from bot.knowledge import Knowledge
from content import warnings
from storage import Storage

MONTHS = 3  # that the figures of this page are of


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidesView:
    """What the page of all guides shows."""

    period: str
    guides: tuple[GuideHealth, ...]
    overdue: int
    ending: int
    topics: tuple[str, ...]  # what `check` warns of outside guides


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideView:
    """What the page of one guide shows."""

    id: str
    title: str
    period: str
    checked: date
    review_by: date
    overdue: bool
    stages: tuple[Stage, ...]
    widest: int  # the largest stage, by which the bars are drawn
    endings: tuple[Ending, ...]
    returns: tuple[str, ...]  # why such dossiers come back


async def guides_view(storage: Storage, knowledge: Knowledge, now: datetime) -> GuidesView:
    """All guides, those that want to be looked at first."""
    today = local_day(now)
    counts, period = await _counts(storage, today)
    found = health(knowledge.content, counts, today, period)
    outside = [str(one) for one in warnings(knowledge.content, today) if not one.file.startswith("guides/")]
    return GuidesView(
        period=period,
        guides=tuple(found),
        overdue=sum(one.overdue for one in found),
        ending=sum(any(not end.followed for end in one.endings) for one in found),
        topics=tuple(outside),
    )


async def guide_view(storage: Storage, knowledge: Knowledge, id_: str, now: datetime) -> GuideView | None:
    """The way through one procedure; None if there is no such guide."""
    guide = knowledge.content.guides.get(id_)
    if guide is None:
        return None
    today = local_day(now)
    counts, period = await _counts(storage, today)
    stages = stages_of(guide, counts.get(id_, Counts(())), period)
    return GuideView(
        id=id_,
        title=knowledge.content.title(id_),
        period=period,
        checked=guide.checked,
        review_by=guide.review_by,
        overdue=guide.review_by < today,
        stages=stages,
        widest=max((stage.n for stage in stages), default=0) or 1,
        endings=tuple(endings(guide, today)),
        returns=guide.returns,
    )


async def _counts(storage: Storage, today: date) -> tuple[dict[str, Counts], str]:
    last = Month.of(today)
    first = last.back(MONTHS - 1)
    facts = await storage.months(str(first), str(last), Axis.PROCEDURE, steps=True)
    return by(facts, Axis.PROCEDURE), f"{first.said} đến {last.said}"


async def show_all(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """All guides."""
    return desk.render(
        "guides.html", who, view=await guides_view(desk.storage, desk.library.knowledge, desk.clock.now())
    )


async def show_one(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """One guide and the way through it."""
    view = await guide_view(desk.storage, desk.library.knowledge, request.match_info["id"], desk.clock.now())
    if view is None:
        raise web.HTTPNotFound
    return desk.render("guide.html", who, view=view)


PAGES = (
    Page(method="GET", path="/huong-dan", handler=show_all, role=Role.OFFICER, title="Hướng dẫn"),
    Page(method="GET", path=r"/huong-dan/{id:[a-z0-9-]{1,40}}", handler=show_one, role=Role.OFFICER),
)
