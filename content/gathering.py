"""One list of papers for a life event: what its procedures ask for, each paper once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from content.models import Guide, LifeEvent, Paper, PaperForm, SamePaper, Way, applies, on

if TYPE_CHECKING:
    from content import Content

_IN_BRACKETS = re.compile(r"\s*\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Gathered:
    """A paper, the procedures that ask for it, and whether some of them ask only in certain cases."""

    name: str
    procedures: tuple[str, ...]
    sometimes: bool


def gather(content: Content, event: LifeEvent, today: date) -> tuple[Gathered, ...]:
    """The papers to have at hand for all procedures of this event, filed at the counter where that is possible.

    What several procedures ask for comes first, what only some people need last. Forms are left out: they are
    filled in on the spot.
    """
    found: dict[str, list[tuple[str, str, bool]]] = {}
    for id_ in event.related:
        guide = content.guides.get(id_)
        for paper in _papers(guide, today) if guide else ():
            name = _name(paper.name, content.events.same_papers)
            sometimes = bool(paper.optional or paper.when.keys() - {"at"})
            found.setdefault(name.casefold(), []).append((name, id_, sometimes))
    gathered = [
        Gathered(
            name=uses[0][0],
            procedures=tuple(dict.fromkeys(id_ for _, id_, _ in uses)),
            sometimes=all(sometimes for _, _, sometimes in uses),
        )
        for uses in found.values()
    ]
    return tuple(sorted(gathered, key=lambda one: (one.sometimes, -len(one.procedures))))


def _papers(guide: Guide, today: date) -> list[Paper]:
    way = Way.COUNTER if guide.steps.get("counter") else Way.ONLINE
    return [
        paper
        for paper in on(guide.papers, today)
        if paper.form is not PaperForm.FORM
        and applies({question: wanted for question, wanted in paper.when.items() if question == "at"}, {"at": way})
    ]


def _name(name: str, same: tuple[SamePaper, ...]) -> str:
    lowered = name.lower()
    for one in same:
        if any(word in lowered for word in one.words) and not any(word in lowered for word in one.without):
            return one.name
    return _IN_BRACKETS.sub("", name).removeprefix("Ảnh ").strip() or name
