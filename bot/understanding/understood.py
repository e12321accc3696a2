"""The words understanding answers in: kind of message, what to do with it, which subjects, which side of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What sort of message this is."""

    QUESTION = "question"
    GREETING = "greeting"
    THANKS = "thanks"
    INSULT = "insult"
    EMERGENCY = "emergency"
    SCAM_REPORT = "scam-report"
    COMMAND = "command"
    NOISE = "noise"  # nothing in it can be read


class Decision(StrEnum):
    """What to do about it: answer the first candidate, ask back, or say that we don't know."""

    ANSWER = "answer"
    ASK = "ask"
    NONE = "none"


class Facet(StrEnum):
    """Which side of a subject is asked for."""

    OVERVIEW = "overview"
    DOCUMENTS = "documents"
    FEE = "fee"
    TIME = "time"
    WHERE = "where"
    ONLINE = "online"
    ELIGIBILITY = "eligibility"
    RESULT = "result"


class Reason(StrEnum):
    """Why it was decided so."""

    NOT_A_QUESTION = "not-a-question"  # a greeting, thanks, an insult, a command, noise, an emergency
    CLEAR = "clear"  # one subject stands out
    FOLLOW_UP = "follow-up"  # no subject of its own: the one last spoken of is meant
    NEIGHBOURS = "neighbours"  # several subjects are about as likely
    BROAD = "broad"  # a family of subjects was named, no single one
    NO_SUBJECT = "no-subject"  # it asks something, but about nothing in particular
    UNSURE = "unsure"  # it asks an office for something, and nothing known is likely enough
    WEAK = "weak"  # nothing known is likely enough
    NO_GUIDE = "no-guide"  # the subject is recognised, and content has nothing on it
    ELSEWHERE = "elsewhere"  # another authority's subject, or none of an office at all
    REFUSED = "refused"  # imitated orders, forgery, prying


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a talk already established."""

    topic: str | None = None  # the procedure or FAQ topic last spoken of, for "thế phí bao nhiêu?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One subject that may be meant. `score` is calibrated, 0 to 1; `stages` says how it came about."""

    id: str
    score: float
    matched: str = ""
    stages: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What a message means. `candidates`: best first, at most five; when asking back, those worth offering.

    No candidates with ASK: nothing in particular was named, so one offers the main groups.
    """

    kind: Kind
    decision: Decision
    candidates: tuple[Candidate, ...] = ()
    also: tuple[str, ...] = ()  # the other subjects, where several are asked for in one message
    facet: Facet = Facet.OVERVIEW
    command: str | None = None  # key of phrases.commands
    reason: Reason = Reason.WEAK
