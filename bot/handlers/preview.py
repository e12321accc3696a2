"""A whole guide as one citizen would read it on one day, for those who write and check content."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.handlers import facts
from bot.knowledge import Knowledge
from bot.understanding import Facet
from content.models import Condition, Guide, Source, Step, applies, on


def preview(knowledge: Knowledge, id_: str, answers: Mapping[str, str], today: date) -> str | None:
    """The guide or FAQ topic with these answers on that day; None if there is none of that id."""
    if topic := knowledge.content.topics.get(id_):
        lines = [topic.name.upper(), *facts.statements(knowledge, on(topic.answer, today), today)]
        lines += [topic.link] if topic.link else []
        return "\n".join([*lines, "", *_sources(knowledge, topic.sources, topic.checked)])
    guide = knowledge.content.guides.get(id_)
    if guide is None:
        return None
    parts = [facts.facet_text(knowledge, guide, facet, today) for facet in Facet]
    parts.append(_listed(knowledge, "guide_decides", facts.statements(knowledge, guide.decides, today)))
    parts.append(_papers(knowledge, guide, answers, today))
    ways = [answers["at"]] if "at" in answers else list(guide.steps)
    parts += [_walk(knowledge, guide, way, answers) for way in ways]
    parts.append(_listed(knowledge, "guide_returns", guide.returns))
    parts.append(_listed(knowledge, "guide_law", guide.law))
    parts.append("\n".join(_sources(knowledge, guide.sources, guide.checked)))
    return "\n\n———\n\n".join(filter(None, parts))


def unknown_answer(knowledge: Knowledge, id_: str, answers: Mapping[str, str]) -> str | None:
    """The first of these answers that the guide has no question or no option for, as `question=option`."""
    guide = knowledge.content.guides.get(id_)
    known: set[tuple[str, str]] = set()
    if guide:
        known |= {("at", way) for way in guide.steps}
        known |= {(question.id, option.id) for question in guide.questions for option in question.options}
    return next((f"{name}={given}" for name, given in answers.items() if (name, given) not in known), None)


def _papers(knowledge: Knowledge, guide: Guide, answers: Mapping[str, str], today: date) -> str:
    """This citizen's checklist; without answers every paper, each with those whom it concerns."""
    if answers:
        lines = [f"☐ {facts.paper_line(knowledge, paper)}" for paper in facts.papers_for(guide, answers, today)]
    else:
        lines = [
            f"☐ {facts.paper_line(knowledge, paper)}{_only_for(knowledge, guide, paper.when)}"
            for paper in on(guide.papers, today)
        ]
    return "\n".join([_label(knowledge, "guide_papers"), *lines])


def _walk(knowledge: Knowledge, guide: Guide, way: str, answers: Mapping[str, str]) -> str:
    mine = {**answers, "at": way}
    steps = [step for step in guide.walk_steps(way) if not answers or applies(step.when, mine)]
    shown = [
        _step(knowledge, guide, step, n, len(steps), known=bool(answers)) for n, step in enumerate(steps, start=1)
    ]
    return "\n\n".join([f"{_label(knowledge, 'guide_steps')} ({knowledge.say(f'way_{way}').lower()})", *shown])


def _step(knowledge: Knowledge, guide: Guide, step: Step, n: int, of: int, *, known: bool) -> str:
    lines = [knowledge.say("step", n=n, of=of, title=step.title), step.text]
    if step.when and not known:
        lines[0] += _only_for(knowledge, guide, step.when)
    if step.link:
        lines.append(knowledge.say("link", link=step.link))
    if step.see:
        lines.append(knowledge.say("see", see=step.see))
    lines += [f"   – {trouble.problem}: {trouble.fix}" for trouble in step.troubles]
    return "\n".join(lines)


def _only_for(knowledge: Knowledge, guide: Guide, when: Condition) -> str:
    """For whom something is, in brackets; "" if for all."""
    at = when.get("at", ())
    ways = [knowledge.say(f"way_{way}").lower() for way in ((at,) if isinstance(at, str) else at)]
    said = "; ".join(filter(None, (" / ".join(ways), facts.condition(guide, when))))
    return f" [{_label(knowledge, 'guide_only_if')} {said}]" if said else ""


def _sources(knowledge: Knowledge, sources: tuple[Source, ...], checked: date) -> list[str]:
    """Where it stands, when it was read there, and when it was checked last."""
    lines = [_label(knowledge, "guide_sources")]
    for one in sources:
        read = f"{one.name}, {_label(knowledge, 'guide_read_on')} {facts.day(one.date)}"
        lines.append("• " + ". ".join(filter(None, (read, one.note, one.url))))
    return [*lines, f"{_label(knowledge, 'guide_checked')} {facts.day(checked)}"]


def _listed(knowledge: Knowledge, label: str, lines: list[str] | tuple[str, ...]) -> str:
    return "\n".join([_label(knowledge, label), *(f"• {line}" for line in lines)]) if lines else ""


def _label(knowledge: Knowledge, key: str) -> str:
    """As the web page of the guide labels it."""
    return knowledge.content.phrases.page[key]
