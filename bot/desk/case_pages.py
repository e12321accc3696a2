"""What the pages of cases show: plain data made of a thread and of content. No web in here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from textwrap import shorten
from typing import Final
from urllib.parse import urlencode

import yaml

from bot.dialogue.cases import (
    WAITING,
    Author,
    Canned,
    Case,
    CaseFilter,
    CaseKind,
    CaseList,
    CaseMessage,
    CaseStatus,
    Officer,
    Thread,
    shown,
)
from bot.dialogue.messages import LOCAL, local_day
from bot.handlers import facts
from bot.handlers.casework import KINDS
from bot.handlers.facts import day
from bot.knowledge import Knowledge
from bot.understanding.text import fold
from content.models import Guide, Step

STATUSES: Final = {
    CaseStatus.NEW: "Mới",
    CaseStatus.OPEN: "Đang xử lý",
    CaseStatus.ANSWERED: "Đã trả lời",
    CaseStatus.CLOSED: "Đã đóng",
    CaseStatus.MERGED: "Đã gộp",
}
# What the inbox can be narrowed to: the statuses, and what else must hold.
VIEWS: Final[Mapping[str, tuple[str, tuple[CaseStatus, ...]]]] = {
    "cho": ("Đang chờ", WAITING),
    "qua-han": ("Quá hạn", WAITING),
    "cua-toi": ("Của tôi", WAITING),
    "chua-ai-nhan": ("Chưa ai nhận", WAITING),
    "da-tra-loi": ("Đã trả lời", (CaseStatus.ANSWERED,)),
    "da-dong": ("Đã đóng, đã gộp", (CaseStatus.CLOSED, CaseStatus.MERGED)),
    "tat-ca": ("Tất cả", tuple(CaseStatus)),
}
DELIVERIES: Final = {
    "queued": "đang gửi",
    "leased": "đang gửi",
    "parked": "chờ người dân mở trang",
    "sent": "đã đến",
    "unknown": "không rõ đã đến chưa",
    "refused": "KHÔNG gửi được",
    "expired": "KHÔNG gửi được (quá hạn)",
    "cancelled": "không gửi",
    "listed": "trong danh sách gọi điện",
}
SHOWN_WORDS = 160  # characters of a case in the list
REVIEWED_AFTER = timedelta(days=180)  # when a new answer of content is looked at again


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A case in the list."""

    code: str
    label: str
    kind: str
    status: str
    words: str
    about: str
    place: str  # the hamlet, "" if they did not say
    due: str
    overdue: bool
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A way to narrow the list."""

    id: str
    label: str
    n: int | None
    here: bool
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """The list."""

    rows: Sequence[Row]
    views: Sequence[View]
    kinds: Sequence[tuple[str, str, bool]]
    places: Sequence[tuple[str, str, bool]]
    words: str
    view: str
    kind: str
    more: str  # address of the next page
    cut: bool
    refresh: str  # address of the rows alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message of a thread."""

    who: str
    side: str  # citizen | officer | note
    words: str
    at: str
    delivery: str
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Where the citizen stood."""

    procedure: str = ""
    guide: str = ""  # address of the guide's page
    step: str = ""
    answers: Sequence[tuple[str, str]] = ()
    papers: Sequence[tuple[bool, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """A case with all that belongs to it."""

    row: Row
    entries: Sequence[Entry]
    context: Context
    canned: Sequence[Canned]
    draft: str  # what the answer begins with
    others: Sequence[Officer]  # whom it can be given to
    photos: Sequence[tuple[str, str, bool]]  # id, when it came, whether it is here
    anonymous: bool
    opened: str
    channel: str
    stars: int | None
    mine: bool
    open: bool
    merged: bool
    merged_into: str
    merged_codes: Sequence[str]
    taken_over: str  # by whom, "" by nobody
    taken_by_me: bool
    until: str
    can_take_over: bool


def wanted(query: Mapping[str, str], officer: Officer, today: date) -> CaseFilter:
    """What the address of the list asks for; anything unknown in it does not matter."""
    view = query.get("xem", "cho")
    kind = query.get("loai", "")
    return CaseFilter(
        statuses=VIEWS.get(view, VIEWS["cho"])[1],
        kind=CaseKind(kind) if kind in tuple(CaseKind) else None,
        place=query.get("noi") or None,
        owner=officer.id if view == "cua-toi" else "" if view == "chua-ai-nhan" else None,
        due_before=today if view == "qua-han" else None,
        words=query.get("tim", "")[:200],
    )


def inbox(
    knowledge: Knowledge,
    found: CaseList,
    counts: Mapping[str, int],
    query: Mapping[str, str],
    officer: Officer,
    today: date,
) -> Inbox:
    """The list, as it is asked for."""
    view = query.get("xem", "cho") if query.get("xem") in VIEWS else "cho"
    asked = {"loai": query.get("loai", ""), "noi": query.get("noi", ""), "tim": query.get("tim", "")}
    n = {
        "cho": counts["new"] + counts["open"],
        "qua-han": counts["overdue"],
        "cua-toi": counts["mine"],
        "chua-ai-nhan": None,
        "da-tra-loi": counts["answered"],
        "da-dong": counts["closed"] + counts["merged"],
    }
    here = {"xem": view, **{key: value for key, value in asked.items() if value}}
    return Inbox(
        rows=[row(knowledge, case, today) for case in found.cases],
        views=[
            View(
                id=id_,
                label=label,
                n=n.get(id_),
                here=id_ == view,
                href=f"/desk/viec?{urlencode(here | {'xem': id_})}",
            )
            for id_, (label, _) in VIEWS.items()
        ],
        kinds=[(kind.value, knowledge.say(KINDS[kind]), kind == asked["loai"]) for kind in CaseKind],
        places=[
            (one.id, one.name, one.id == asked["noi"])
            for one in knowledge.content.locality.hamlets
            if officer.places is None or one.id in officer.places
        ],
        words=asked["tim"],
        view=view,
        kind=asked["loai"],
        more=_list(here | {"sau": found.after}) if found.after else "",
        cut=found.cut,
        refresh=f"/desk/viec/dong?{urlencode(here | {'sau': query.get('sau', '')})}",
    )


def _list(query: Mapping[str, str]) -> str:
    return f"/desk/viec?{urlencode(query)}"


def row(knowledge: Knowledge, case: Case, today: date) -> Row:
    """A case in one line."""
    words = " ".join(case.words.split())
    return Row(
        code=case.code,
        label=shown(case.code),
        kind=knowledge.say(KINDS[case.kind]),
        status=STATUSES[case.status],
        words=words if len(words) <= SHOWN_WORDS else words[: SHOWN_WORDS - 1] + "…",
        about=knowledge.short(case.procedure) if case.procedure else "",
        place=next((one.name for one in knowledge.content.locality.hamlets if one.id == case.place), ""),
        due=day(case.due),
        overdue=case.status in WAITING and case.due < today,
        owner=case.owner_name,
    )


def page(
    knowledge: Knowledge,
    thread: Thread,
    canned: Sequence[Canned],
    others: Sequence[Officer],
    officer: Officer,
    now: datetime,
    chosen: str = "",
) -> CasePage:
    """The whole case. `others`: the colleagues it can be given to; `chosen`: id of the canned answer that
    the reply begins with."""
    case, taken = thread.case, thread.takeover
    today = local_day(now)
    merged = case.status is CaseStatus.MERGED
    return CasePage(
        row=row(knowledge, case, today),
        entries=[_entry(message) for message in thread.messages],
        context=_context(knowledge, thread, today),
        canned=canned,
        draft=next((one.words for one in canned if str(one.id) == chosen), ""),
        others=others,
        photos=[(one.id, _when(one.at), one.here) for one in thread.photos],
        anonymous=case.anonymous,
        opened=_when(case.opened),
        channel=case.channel or "",
        stars=case.stars,
        mine=case.owner == officer.id,
        open=case.status in WAITING or case.status is CaseStatus.ANSWERED,
        merged=merged,
        merged_into=shown(case.merged_into) if case.merged_into else "",
        merged_codes=[shown(code) for code in thread.merged],
        taken_over=taken.name if taken else "",
        taken_by_me=bool(taken and taken.officer == officer.id),
        until=f"{taken.until.astimezone(LOCAL):%H:%M}" if taken else "",
        can_take_over=not case.anonymous and not merged and not (taken and taken.officer == officer.id),
    )


def _entry(message: CaseMessage) -> Entry:
    who = {Author.CITIZEN: "Người dân", Author.OFFICER: message.name, Author.NOTE: f"{message.name} (ghi chú nội bộ)"}
    name = who[message.author] + (f" – {shown(message.code)}" if message.code else "")
    return Entry(
        who=name,
        side=message.author,
        words=message.words,
        at=_when(message.at),
        delivery=DELIVERIES.get(message.delivery, ""),
        failed=message.delivery in {"refused", "expired"},
    )


def _when(at: datetime | date) -> str:
    return f"{at.astimezone(LOCAL):%H:%M} {day(at.astimezone(LOCAL).date())}" if isinstance(at, datetime) else day(at)


def _context(knowledge: Knowledge, thread: Thread, today: date) -> Context:
    case = thread.case
    if not case.procedure:
        return Context()
    guide = knowledge.content.guides.get(case.procedure)
    named = knowledge.title(case.procedure)
    if guide is None:
        return Context(procedure=named)
    given = thread.context.get("answers")
    answers = {str(key): str(value) for key, value in given.items()} if isinstance(given, dict) else {}
    ticks = thread.context.get("ticks")
    had = set(ticks) if isinstance(ticks, list) else set()
    papers = facts.papers_for(guide, answers, today) if answers else []
    return Context(
        procedure=named,
        guide=f"/thu-tuc/{case.procedure}",
        step=_step_title(guide, case.step or ""),
        answers=_answers(knowledge, guide, answers),
        papers=[(paper.id in had, facts.paper_line(knowledge, paper)) for paper in papers],
    )


def _step_title(guide: Guide, id_: str) -> str:
    steps: list[Step] = [step for way in guide.steps for step in guide.walk_steps(way)]
    return next((step.title for step in steps if step.id == id_), "")


def _answers(knowledge: Knowledge, guide: Guide, answers: Mapping[str, str]) -> list[tuple[str, str]]:
    told = []
    if way := answers.get("at"):
        told.append((knowledge.say("ask_way"), knowledge.say(f"way_{way}")))
    for question in guide.questions:
        label = next((option.label for option in question.options if option.id == answers.get(question.id)), None)
        if label:
            told.append((question.ask, label))
    return told


# --- an answer becomes content ------------------------------------------------------------------------------------


def faq_patch(question: str, answer: str, office: str, today: date) -> str:
    """An entry for the commune's faq.yaml, to be copied, read over and completed: the question as it was asked, the
    answer as it was given, and who gave it when."""
    name = _line(question)[:120]
    slug = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:28].rstrip("-") or "cau-hoi"
    entry = {
        "id": f"faq-{slug}",
        "name": name,
        "short": shorten(name, 36, placeholder="…"),
        "aliases": [name[:80]],
        "asked_as": [_line(question)[:200]],
        "answer": [{"text": _line(answer)[:600]}],
        "sources": [{"name": f"{office} trả lời người dân", "date": today}],
        "checked": today,
        "review_by": today + REVIEWED_AFTER,
    }
    return yaml.dump({"topics": [entry]}, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=110)


class _Plain(yaml.SafeDumper):
    """Without anchors, which content refuses: the same day twice is written twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _line(text: str) -> str:
    return " ".join(text.split())
