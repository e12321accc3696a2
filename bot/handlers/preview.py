"""A whole guide as one citizen would read it on one day, for those who write and check content."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.handlers import facts
from bot.knowledge import Knowledge
from bot.understanding import Facet
from content.models import Guide, Step, applies, on


def preview(knowledge: Knowledge, id_: str, answers: Mapping[str, str], today: date) -> str | None:
    """The guide or FAQ topic with these answers on that day; None if there is none of that id."""
    if topic := knowledge.content.topics.get(id_):
        return "\n".join([topic.name.upper(), *facts.statements(knowledge, on(topic.answer, today), today)])
    guide = knowledge.content.guides.get(id_)
    if guide is None:
        return None
    parts = [facts.facet_text(knowledge, guide, facet, today) for facet in Facet]
    if answers:
        mine = facts.papers_for(guide, answers, today)
        parts.append("\n".join(f"☐ {facts.paper_line(knowledge, paper)}" for paper in mine))
    ways = [answers["at"]] if "at" in answers else list(guide.steps)
    parts += [_walk(knowledge, guide, way, answers) for way in ways]
    return "\n\n———\n\n".join(parts)


def _walk(knowledge: Knowledge, guide: Guide, way: str, answers: Mapping[str, str]) -> str:
    steps = [step for step in guide.walk_steps(way) if not answers or applies(step.when, {**answers, "at": way})]
    return "\n\n".join(_step(knowledge, step, n, len(steps)) for n, step in enumerate(steps, start=1))


def _step(knowledge: Knowledge, step: Step, n: int, of: int) -> str:
    lines = [knowledge.say("step", n=n, of=of, title=step.title), step.text]
    if step.see:
        lines.append(knowledge.say("see", see=step.see))
    lines += [f"   – {trouble.problem}: {trouble.fix}" for trouble in step.troubles]
    return "\n".join(lines)
