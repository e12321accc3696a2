"""The words of cases: what citizens leave for a human, and what officers do with it.

A case is named by its code, eight letters and digits, shown as "GY-ABCD2345". Of an anonymous one nobody knows the
person, and of all its times only the day; its answer is had by its code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class CaseKind(StrEnum):
    """What a citizen leaves for a human."""

    QUESTION = "question"
    SUGGESTION = "suggestion"
    COMPLAINT = "complaint"
    PRAISE = "praise"
    CONTENT = "content"  # a step that does not look like what they see


class CaseStatus(StrEnum):
    """How far a case is."""

    NEW = "new"  # nobody has it
    OPEN = "open"  # somebody has it, or its citizen has written again
    ANSWERED = "answered"
    CLOSED = "closed"
    MERGED = "merged"  # what becomes of it is told of another one


WAITING = (CaseStatus.NEW, CaseStatus.OPEN)  # for an officer


class Author(StrEnum):
    """Whose words they are."""

    CITIZEN = "citizen"
    OFFICER = "officer"
    NOTE = "note"  # among officers; no citizen ever sees it


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody is about to write."""

    kind: CaseKind
    since: int  # the inbox sequence of the message that began it
    anonymous: bool = False
    procedure: str | None = None
    step: str | None = None
    walk: str | None = None  # gone back to afterwards; never kept of an anonymous case
    stars: int | None = None
    code: str | None = None  # of the case that it is added to, or that an officer answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """Who acts. `places`: those whose cases they may see; None for all."""

    id: str
    name: str
    places: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMessage:
    """One entry of a thread. `at` is a day alone in an anonymous case; `delivery` is the state of the outbox row that
    carries an officer's words, "" if none does; `code` names the merged case that it came with, if it did."""

    author: Author
    name: str
    words: str
    at: datetime | date
    delivery: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case as lists show it. `opened` and `touched` are days alone when it is anonymous."""

    code: str
    kind: CaseKind
    status: CaseStatus
    anonymous: bool
    due: date
    opened: datetime | date
    touched: datetime | date
    words: str  # what it began with
    owner: str | None = None  # an officer's id
    owner_name: str = ""
    procedure: str | None = None
    step: str | None = None
    place: str | None = None
    channel: str | None = None
    stars: int | None = None
    merged_into: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeover:
    """An officer answers instead of the bot, `until` then."""

    code: str
    officer: str
    name: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A photo of a case; `here` once it has been fetched."""

    id: str
    at: datetime
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A case with all that was said. `context` tells where the walk stood; `merged` the codes of those merged in."""

    case: Case
    messages: tuple[CaseMessage, ...]
    context: Mapping[str, object] = field(default_factory=dict)
    takeover: Takeover | None = None
    merged: tuple[str, ...] = ()
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Which cases a list shows; what is None does not matter. `words` are looked for with or without marks."""

    statuses: tuple[CaseStatus, ...] = WAITING
    kind: CaseKind | None = None
    owner: str | None = None  # an officer's id, or "" for cases that nobody has
    place: str | None = None
    due_before: date | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseList:
    """A page of cases, the first due first. `after` begins the next page; "" if this is the last one. `cut`: a search
    found more than are shown."""

    cases: tuple[Case, ...]
    after: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Canned:
    """An answer kept ready."""

    id: int
    title: str
    words: str


def shown(code: str) -> str:
    """The code as people read it: GY-ABCD2345."""
    return f"GY-{code.upper()}"
