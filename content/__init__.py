"""What the bot knows: loaded from this folder and a commune's overlay, checked, and then never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final, TypeVar

from bot.errors import ContentError, Problem
from content import checks
from content.loading import Files, drafted
from content.models import (
    Entry,
    Events,
    Faq,
    Guide,
    Heard,
    Lexicon,
    Locality,
    Phrases,
    Procedures,
    Style,
    Tips,
    Topic,
)
from content.sheets import Sheet, skeleton

T = TypeVar("T")
FOLDER: Final = Path(__file__).resolve().parent


@dataclass(frozen=True, kw_only=True)
class Content:
    """All of content/, whole and consistent. `digest` changes with every byte of its files."""

    procedures: Procedures
    guides: Mapping[str, Guide]  # by id, in the order of procedures.yaml
    faq: Faq
    events: Events
    phrases: Phrases
    locality: Locality
    lexicon: Lexicon
    style: Style
    tips: Tips
    digest: str
    sheets: Mapping[str, Sheet] = field(default_factory=dict, repr=False, compare=False)  # for places in warnings

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """Procedures by id."""
        return {entry.id: entry for entry in self.procedures.procedures}

    @cached_property
    def topics(self) -> Mapping[str, Topic]:
        """General questions by id."""
        return {topic.id: topic for topic in self.faq.topics}

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Ids of all procedures, then of all topics, in the authors' order."""
        return (*self.entries, *self.topics)

    def __contains__(self, name: object) -> bool:
        return name in self.entries or name in self.topics

    def entry(self, name: str) -> Entry:
        """That procedure as it is found and listed. KeyError if there is none."""
        return self.entries[name]

    def topic(self, name: str) -> Topic:
        """That general question. KeyError if there is none."""
        return self.topics[name]

    def guide(self, name: str) -> Guide:
        """Everything known of that procedure, its shared steps put in. KeyError if there is none."""
        return self.guides[name]

    def title(self, name: str) -> str:
        """The full name of that procedure or topic."""
        return self._named(name).name

    def short(self, name: str) -> str:
        """Its name as it fits a button."""
        return self._named(name).short

    def choice(self, name: str) -> str:
        """What it is among its neighbours, as it fits a button."""
        named = self._named(name)
        return named.choice or named.short

    def _named(self, name: str) -> Entry | Topic:
        return self.topics[name] if name in self.topics else self.entries[name]


def load(folder: Path = FOLDER, overlay: Path | None = None) -> Content:
    """Everything in the folder, with what the overlay says instead. ContentError with all mistakes at once."""
    draft, problems, digest = drafted(folder, overlay)
    problems = [*problems, *checks.check(draft)]
    if problems:
        raise ContentError(list(dict.fromkeys(problems)))
    procedures, faq = with_heard(_there(draft.procedures), _there(draft.faq), draft.heard)
    return Content(
        procedures=procedures,
        guides={entry.id: draft.guides[entry.id] for entry in procedures.procedures},
        faq=faq,
        events=_there(draft.events),
        phrases=_there(draft.phrases),
        locality=_there(draft.locality),
        lexicon=_there(draft.lexicon),
        style=_there(draft.style),
        tips=_there(draft.tips),
        digest=digest,
        sheets={name: skeleton(sheet) for name, sheet in draft.sheets.items()},
    )


def with_heard(procedures: Procedures, faq: Faq, heard: Heard | None) -> tuple[Procedures, Faq]:
    """Both with what people of the commune said among the messages that they are asked as.

    What is heard of something that content no longer has is left aside: a bot must not stop for it.
    """
    says = {one.id: one.says for one in heard.heard} if heard else {}
    if not says:
        return procedures, faq
    return (
        procedures.model_copy(update={"procedures": tuple(_hearing(one, says) for one in procedures.procedures)}),
        faq.model_copy(update={"topics": tuple(_hearing(one, says) for one in faq.topics)}),
    )


E = TypeVar("E", Entry, Topic)


def _hearing(one: E, says: Mapping[str, tuple[str, ...]]) -> E:
    added: list[str] = [said for said in says.get(one.id, ()) if said not in one.asked_as]
    return one.model_copy(update={"asked_as": (*one.asked_as, *added)}) if added else one


def _there(part: T | None) -> T:
    """A part that can only be missing together with a problem that says so."""
    if part is None:
        raise AssertionError("a part of content is missing without a word")
    return part


def warnings(content: Content, today: date) -> list[Problem]:
    """What content should be looked at for: overdue reviews, facts that end soon, questions that decide nothing, a
    locality that is only a sample.

    None of this ever makes loading fail: a bot must not stop because a day has come.
    """
    draft = checks.Draft(
        sheets=dict(content.sheets),
        faq=content.faq,
        locality=content.locality,
        tips=content.tips,
        guides=dict(content.guides),
    )
    return sorted(checks.warn(draft, today))


def stamp(folder: Path = FOLDER, overlay: Path | None = None) -> tuple[tuple[str, int, int], ...]:
    """Name, size and time of change of every file: differs when `load` would read something else."""
    return Files(folder, overlay).stamp()
