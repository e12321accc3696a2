"""Not understood: what nobody could answer, alike put together, and the meaning an officer gives it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web

from bot.desk.desk import Board, Desk, Page
from bot.dialogue.messages import Became, Entry, Role, local_day
from bot.errors import ContentError, FileError
from bot.knowledge import Knowledge
from bot.teaching import Cluster, clusters, said_anyway, taught_so_far, teach, unteach
from bot.understanding.text import plain, words
from storage import Storage

PERIODS = (7, 30, 90, 365)
SHOWN = 40  # clusters on one page

KINDS = {
    "": "Tất cả",
    Became.NOT_KNOWN: "Chưa hiểu",
    Became.ASKED_BACK: "Phải hỏi lại",
    Became.CARD_OFFERED: "Chỉ có thẻ tra cứu",
    Became.ANSWERED: "Trả lời mà chưa chắc",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnansweredView:
    """What the page shows."""

    days: int
    periods: tuple[int, ...]
    kind: str
    kinds: dict[str, str]
    search: str
    shown: tuple[Cluster, ...]
    more: int  # clusters that are not shown
    names: dict[str, str]  # of everything that a question may mean, by id
    taught: tuple[tuple[str, str, str], ...]  # id, its name, what was said
    can_teach: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which questions are looked at."""

    days: int
    kind: str
    search: str

    @classmethod
    def of(cls, fields: Mapping[str, object]) -> Wanted:
        """What the address or a form says; a month, and all kinds, for what it does not."""
        days, kind, search = (str(fields.get(name, "")) for name in ("days", "kind", "q"))
        return cls(
            days=int(days) if days in map(str, PERIODS) else 30,
            kind=kind if kind in KINDS else "",
            search=search[:200],
        )


async def alike(storage: Storage, knowledge: Knowledge, wanted: Wanted, now: datetime) -> list[Cluster]:
    """Waiting questions, alike put together."""
    if looked_for := [plain(word) for word in words(wanted.search)][:8]:
        found = await storage.find_questions(looked_for)
    else:
        became = Became(wanted.kind) if wanted.kind else None
        found = await storage.waiting_questions(local_day(now) - timedelta(days=wanted.days), became)
    return clusters(found, said_anyway(knowledge.content.lexicon))


async def unanswered_view(
    storage: Storage, knowledge: Knowledge, overlay: Path | None, wanted: Wanted, now: datetime
) -> UnansweredView:
    """The page of the questions that are wanted."""
    found = await alike(storage, knowledge, wanted, now)
    names = {id_: knowledge.content.title(id_) for id_ in knowledge.content.ids}
    taught = [(id_, names.get(id_, id_), said) for id_, says in taught_so_far(overlay).items() for said in says]
    return UnansweredView(
        days=wanted.days,
        periods=PERIODS,
        kind=wanted.kind,
        kinds=KINDS,
        search=wanted.search,
        shown=tuple(found[:SHOWN]),
        more=max(len(found) - SHOWN, 0),
        names=names,
        taught=tuple(taught),
        can_teach=overlay is not None,
    )


# --- the pages ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """What came of an act."""

    text: str
    wrong: bool = False
    list: tuple[str, ...] = ()


async def show(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """The questions that wait."""
    return await _page(desk, who, Wanted.of(request.query))


async def _page(desk: Desk, who: Entry, wanted: Wanted, said: Said | None = None) -> web.Response:
    overlay, now = desk.settings.content_dir, desk.clock.now()
    view = await unanswered_view(desk.storage, desk.library.knowledge, overlay, wanted, now)
    return desk.render("unanswered.html", who, view=view, said=said)


async def give_meaning(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """Let a question mean a procedure or topic from now on, if no other answer breaks by that."""
    form = await request.post()
    wanted, id_ = Wanted.of(form), _meant(desk.library.knowledge, str(form.get("id", "")))
    try:
        taught = await asyncio.to_thread(teach, desk.settings.content_dir, str(form.get("said", "")), id_)
    except ContentError:
        broken = "Nội dung đang có lỗi, chưa dạy được: chạy “python -m bot check”."
        return await _page(desk, who, wanted, Said(broken, wrong=True))
    except FileError as error:
        return await _page(desk, who, wanted, Said(str(error), wrong=True))
    if taught.done:
        wordings = await _wordings(desk, wanted, str(form.get("folded", "")))
        await desk.storage.questions_looked_at(wordings, who.name, f"nghĩa là {id_}", desk.clock.now())
    return await _page(desk, who, wanted, Said(taught.why, wrong=not taught.done, list=taught.broken))


def _meant(knowledge: Knowledge, typed: str) -> str:
    """The id that was pressed or typed; a full name counts as well."""
    content = knowledge.content
    names = {" ".join(map(plain, words(content.title(id_)))): id_ for id_ in content.ids}
    return typed if typed in content else names.get(" ".join(map(plain, words(typed))), typed[:40])


async def _wordings(desk: Desk, wanted: Wanted, first: str) -> list[str]:
    """All wordings of the question that begins with this one, as the page showed them together."""
    found = await alike(desk.storage, desk.library.knowledge, wanted, desk.clock.now())
    return list(next((one.folded for one in found if one.folded[0] == first), (first,)))


async def take_back(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """Forget a meaning that was given."""
    form = await request.post()
    said, id_ = str(form.get("said", "")), str(form.get("id", ""))
    done = await asyncio.to_thread(unteach, desk.settings.content_dir, said, id_)
    if done:
        await desk.storage.questions_looked_at([], who.name, f"gỡ nghĩa {id_[:40]}", desk.clock.now())
    told = Said("Đã gỡ.") if done else Said("Câu này không có trong danh sách đã dạy.", wrong=True)
    return await _page(desk, who, Wanted.of(form), told)


async def seen(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """Take a question off the list without giving it a meaning."""
    form = await request.post()
    wanted = Wanted.of(form)
    wordings = await _wordings(desk, wanted, str(form.get("folded", "")))
    rows = await desk.storage.questions_looked_at(wordings, who.name, "đã xem", desk.clock.now())
    return await _page(desk, who, wanted, Said(f"Đã bỏ {rows} câu khỏi danh sách."))


async def _panel(desk: Desk, who: Entry) -> str:
    """How many questions wait, on the first page."""
    wanted = Wanted(days=7, kind="", search="")
    found = await alike(desk.storage, desk.library.knowledge, wanted, desk.clock.now())
    asked = sum(one.n for one in found)
    return desk.templates.get_template("waiting.html").render(asked=asked, alike=found[:5], days=wanted.days)


BOARDS = (Board(panel=_panel, role=Role.OFFICER),)

PAGES = (
    Page(method="GET", path="/chua-hieu", handler=show, role=Role.OFFICER, title="Chưa hiểu"),
    Page(method="POST", path="/chua-hieu/nghia", handler=give_meaning, role=Role.OFFICER),
    Page(method="POST", path="/chua-hieu/go", handler=take_back, role=Role.OFFICER),
    Page(method="POST", path="/chua-hieu/da-xem", handler=seen, role=Role.OFFICER),
)
