"""Not understood: what nobody could answer, alike put together, and the meaning an officer gives it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web

from bot.desk.visits import Page, Visit
from bot.dialogue.messages import Became, Role, local_day
from bot.errors import ContentError, FileError
from bot.knowledge import Knowledge
from bot.teaching import Cluster, clusters, said_anyway, taught_so_far, teach, unteach
from bot.understanding.text import plain, words
from storage import Storage

PERIODS = (7, 30, 90, 365)
SHOWN = 40  # clusters on one page
WORDINGS = 8  # of one cluster
GUESSES = 3

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


async def unanswered_view(
    storage: Storage, knowledge: Knowledge, overlay: Path | None, asked: tuple[int, str, str], now: datetime
) -> UnansweredView:
    """Waiting questions of the last `asked[0]` days, of the kind `asked[1]`, with the words `asked[2]`."""
    days, kind, search = asked
    content = knowledge.content
    if looked_for := [plain(word) for word in words(search)][:8]:
        found = await storage.find_questions(looked_for)
    else:
        became = Became(kind) if kind in tuple(Became) else None
        found = await storage.waiting_questions(local_day(now) - timedelta(days=days), became)
    alike = clusters(found, said_anyway(content.lexicon))
    names = {id_: content.title(id_) for id_ in content.ids}
    return UnansweredView(
        days=days,
        periods=PERIODS,
        kind=kind,
        kinds=KINDS,
        search=search,
        shown=tuple(alike[:SHOWN]),
        more=max(len(alike) - SHOWN, 0),
        names=names,
        taught=tuple(
            (id_, names.get(id_, id_), said) for id_, says in taught_so_far(overlay).items() for said in says
        ),
        can_teach=overlay is not None,
    )


def period_of(text: str) -> int:
    """The days that were asked for; a month for anything else."""
    return int(text) if text.isdecimal() and int(text) in PERIODS else 30


def kind_of(text: str) -> str:
    """The kind that was asked for; all for anything else."""
    return text if text in KINDS else ""


def folded_of(texts: Sequence[str]) -> list[str]:
    """What a form names: at most so many wordings as one cluster can have."""
    return list(dict.fromkeys(text for text in texts if text))[:300]


# --- the pages ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """What came of an act."""

    text: str
    wrong: bool = False
    list: tuple[str, ...] = ()


async def show(visit: Visit, said: Said | None = None) -> web.Response:
    """The questions that wait."""
    asked = (
        period_of(visit.query.get("days", "")),
        kind_of(visit.query.get("kind", "")),
        visit.query.get("q", "")[:200],
    )
    overlay = visit.settings.content_dir
    view = await unanswered_view(visit.storage, visit.library.knowledge, overlay, asked, visit.now)
    return visit.render("unanswered.html", view=view, said=said)


async def give_meaning(visit: Visit) -> web.Response:
    """Let a question mean a procedure or topic from now on, if no other answer breaks by that."""
    said, id_ = visit.one("said"), _meant(visit, visit.one("id"))
    try:
        taught = await asyncio.to_thread(teach, visit.settings.content_dir, said, id_)
    except ContentError:
        return await show(visit, Said("Nội dung đang có lỗi, chưa dạy được: chạy “python -m bot check”.", wrong=True))
    except FileError as error:
        return await show(visit, Said(str(error), wrong=True))
    if taught.done:
        folded = folded_of(visit.form.get("folded", ()))
        await visit.storage.questions_looked_at(folded, visit.who, f"nghĩa là {id_}", visit.now)
    return await show(visit, Said(taught.why, wrong=not taught.done, list=taught.broken))


def _meant(visit: Visit, typed: str) -> str:
    """The id that was pressed or typed; a full name counts as well."""
    content = visit.library.knowledge.content
    names = {" ".join(map(plain, words(content.title(id_)))): id_ for id_ in content.ids}
    return typed if typed in content else names.get(" ".join(map(plain, words(typed))), typed[:40])


async def take_back(visit: Visit) -> web.Response:
    """Forget a meaning that was given."""
    done = await asyncio.to_thread(unteach, visit.settings.content_dir, visit.one("said"), visit.one("id"))
    if done:
        await visit.storage.questions_looked_at([], visit.who, f"gỡ nghĩa {visit.one('id')[:40]}", visit.now)
    return await show(visit, Said("Đã gỡ." if done else "Câu này không có trong danh sách đã dạy.", wrong=not done))


async def seen(visit: Visit) -> web.Response:
    """Take questions off the list without giving them a meaning."""
    folded = folded_of(visit.form.get("folded", ()))
    rows = await visit.storage.questions_looked_at(folded, visit.who, "đã xem", visit.now)
    return await show(visit, Said(f"Đã bỏ {rows} câu khỏi danh sách."))


PAGES = (
    Page("GET", "/desk/unanswered", Role.OFFICER, show),
    Page("POST", "/desk/unanswered/teach", Role.OFFICER, give_meaning),
    Page("POST", "/desk/unanswered/unteach", Role.OFFICER, take_back),
    Page("POST", "/desk/unanswered/seen", Role.OFFICER, seen),
)
