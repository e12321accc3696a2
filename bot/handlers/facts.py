"""What is known of a procedure, said in sentences: as it holds on one day, with its source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TypeVar

from bot.knowledge import Knowledge
from bot.understanding import Facet
from content.models import (
    UNKNOWN,
    Condition,
    Exemption,
    Fee,
    Guide,
    Level,
    Paper,
    Statement,
    Time,
    Unit,
    Way,
    applies,
    on,
)

CARD_LINES = 2  # cases of a fee or a time on the overview card
PAPERS_SHOWN = 8  # of those that depend on the case; the walk's questions find the right ones


def facet_text(knowledge: Knowledge, guide: Guide, facet: Facet, today: date) -> str:
    """The answer to one side of a procedure, with its source and date."""
    lines = _FACETS[facet](knowledge, guide, today)
    return "\n".join([*lines, "", source(knowledge, guide, today)])


def source(knowledge: Knowledge, guide: Guide, today: date) -> str:
    """Where the facts come from and when they were checked; and a warning once that is too long ago."""
    lines = [
        knowledge.say(
            "source", name=guide.sources[0].name, date=day(guide.sources[0].date), checked=day(guide.checked)
        )
    ]
    if guide.review_by < today:
        lines.append(knowledge.say("overdue"))
    return "\n".join(lines)


def day(value: date) -> str:
    """The date as it is written here: 22/11/2026."""
    return f"{value:%d/%m/%Y}"


def money(amount: int) -> str:
    """8000 as "8.000"."""
    return f"{amount:,}".replace(",", ".")


def statements(knowledge: Knowledge, facts: Iterable[Statement], today: date) -> list[str]:
    """Those that hold today; what comes next is announced."""
    return [_statement(knowledge, fact) for fact in on(facts, today)]


def _statement(knowledge: Knowledge, fact: Statement) -> str:
    return knowledge.say("unknown", ask=_open(fact.ask)) if fact.text == UNKNOWN else fact.text


def papers_for(guide: Guide, answers: Mapping[str, str], today: date) -> list[Paper]:
    """This person's papers."""
    return [paper for paper in on(guide.papers, today) if applies(paper.when, answers)]


def paper_line(knowledge: Knowledge, paper: Paper) -> str:
    """One paper: its name, in what form, and what there is to say about it."""
    line = knowledge.say("paper", name=paper.name, form=knowledge.say(f"form_{paper.form}"))
    if paper.optional:
        line += " " + knowledge.say("paper_optional")
    return f"{line}\n    {paper.note}" if paper.note else line


def fees(knowledge: Knowledge, guide: Guide, today: date, ways: Iterable[Way] = tuple(Way)) -> list[str]:
    """What one pays. What is the same in several ways is said once."""
    return _by_way(knowledge, on(guide.fee, today), ways, _fee)


def times(knowledge: Knowledge, guide: Guide, today: date, ways: Iterable[Way] = tuple(Way)) -> list[str]:
    """How long it takes."""
    return _by_way(knowledge, on(guide.time, today), ways, _time)


F = TypeVar("F", Fee, Time)


def _by_way(
    knowledge: Knowledge, facts: list[F], ways: Iterable[Way], sentence: Callable[[Knowledge, F, str], str]
) -> list[str]:
    same: dict[F, list[Way]] = {}
    for way in ways:
        for fact in facts:
            if fact.at is way:
                same.setdefault(fact.model_copy(update={"at": Way.COUNTER}), []).append(way)
    lines = []
    for fact, at in same.items():
        first, *others = (knowledge.say(f"way_{way}") for way in at)
        named = knowledge.say("ways", first=first, others=", ".join(o.lower() for o in others)) if others else first
        lines.append(sentence(knowledge, fact, f"{named} – {fact.case}" if fact.case else named))
    return lines


def _fee(knowledge: Knowledge, fee: Fee, way: str) -> str:
    if fee.amount == UNKNOWN:
        line = knowledge.say("fee_unknown", way=way, ask=_open(fee.ask))
    elif fee.amount == 0:
        line = knowledge.say("fee_none", way=way, law=fee.law)
    else:
        per = f"/{fee.per}" if fee.per else ""
        line = knowledge.say("fee_amount", way=way, amount=money(int(fee.amount)), per=per, law=fee.law)
    return f"{line} {fee.note}" if fee.note else line


def _time(knowledge: Knowledge, time: Time, way: str) -> str:
    if time.amount == UNKNOWN:
        return knowledge.say("time_unknown", way=way, ask=_open(time.ask))
    return knowledge.say("time", way=way, text=_open(time.text))


def _open(sentence: str | None) -> str:
    """Without its full stop, for a phrase that brings its own."""
    return (sentence or "").rstrip(". ")


def _upcoming(knowledge: Knowledge, facts: Iterable[Statement | Fee | Time], today: date) -> list[str]:
    """The next day on which one of these facts changes, so that nobody is surprised."""
    days = [fact.from_ for fact in facts if fact.from_ and fact.from_ > today]
    return [knowledge.say("changes_on", date=day(min(days)))] if days else []


def _overview(knowledge: Knowledge, guide: Guide, today: date) -> list[str]:
    lines = [
        knowledge.title(guide.id).upper(),
        guide.summary,
        "",
        knowledge.say(f"level_{guide.level}"),
        *_some(knowledge, fees(knowledge, guide, today, _main_ways(guide))),
        *_some(knowledge, times(knowledge, guide, today, _main_ways(guide))),
    ]
    if guide.changed_recently:
        lines += ["", knowledge.say("changed_recently", what=guide.changed_recently)]
    return lines


def _some(knowledge: Knowledge, lines: list[str]) -> list[str]:
    """As many as a card can hold; the rest is one button away."""
    shown = [f"• {line}" for line in lines[:CARD_LINES]]
    return shown + [knowledge.say("more_cases")] * (len(lines) > CARD_LINES)


def _main_ways(guide: Guide) -> tuple[Way, ...]:
    return (Way.COUNTER,) if guide.level is Level.COUNTER else (Way.ONLINE, Way.COUNTER)


def _documents(knowledge: Knowledge, guide: Guide, today: date) -> list[str]:
    """The papers of one way, for both ways together are a wall: online where that is possible."""
    way = _main_ways(guide)[0]
    papers = [paper for paper in on(guide.papers, today) if applies(_only_at(paper), {"at": way})]
    always = [paper for paper in papers if not paper.when.keys() - {"at"}]
    depends = [paper for paper in papers if paper.when.keys() - {"at"}]
    lines = [knowledge.say("documents_head", name=knowledge.title(guide.id), way=knowledge.say(f"way_{way}").lower())]
    lines += [f"• {paper_line(knowledge, paper)}" for paper in always]
    if depends:
        lines += ["", knowledge.say("documents_depend")]
        lines += [f"• {paper.name} ({condition(guide, paper.when)})" for paper in depends[:PAPERS_SHOWN]]
    if depends or len(guide.steps) > 1:
        lines += ["", knowledge.say("documents_ask")]
    return lines


def _only_at(paper: Paper) -> Mapping[str, str | tuple[str, ...]]:
    return {question: options for question, options in paper.when.items() if question == "at"}


def condition(guide: Guide, when: Condition) -> str:
    """For whom something is, in the words of the answers that decide it; the way (`at`) goes without saying."""
    labels = {(question.id, option.id): option.label for question in guide.questions for option in question.options}
    parts = []
    for question, options in when.items():
        if question != "at":
            chosen = (options,) if isinstance(options, str) else options
            parts.append(" / ".join(labels[question, option] for option in chosen))
    return "; ".join(part[0].lower() + part[1:] for part in parts)


def _fee_facet(knowledge: Knowledge, guide: Guide, today: date) -> list[str]:
    lines = [knowledge.say("fee_head", name=knowledge.title(guide.id))]
    lines += [f"• {line}" for line in fees(knowledge, guide, today)]
    exemptions = on(guide.exemptions, today)
    if exemptions:
        lines += ["", knowledge.say("exemptions_head")]
        lines += [f"• {exemption(knowledge, one)}" for one in exemptions]
    return lines + _upcoming(knowledge, guide.fee, today)


def exemption(knowledge: Knowledge, one: Exemption) -> str:
    """Who pays less, by which act, and until when."""
    line = knowledge.say("exemption", who=one.who, pays=one.pays, law=one.law)
    return f"{line} {knowledge.say('until', date=day(one.until))}" if one.until else line


def _time_facet(knowledge: Knowledge, guide: Guide, today: date) -> list[str]:
    lines = [knowledge.say("time_head", name=knowledge.title(guide.id))]
    lines += [f"• {line}" for line in times(knowledge, guide, today)]
    lines += [f"• {line}" for line in statements(knowledge, guide.deadline, today)]
    return lines + _upcoming(knowledge, guide.time, today)


# Offices of the commune, as guides name them: whoever is sent there is told where that is.
_HERE = {"Trung tâm Phục vụ hành chính công": "counter", "Công an xã": "police_here"}


def at_police(guide: Guide, today: date) -> bool:
    """True if one goes to the commune police with it rather than to the one-stop counter."""
    return any(
        place.at is Way.COUNTER and place.text.startswith(office)
        for place in on(guide.where, today)
        for office, key in _HERE.items()
        if key == "police_here"
    )


def working_time(guide: Guide, way: Way, today: date) -> Time | None:
    """The longest legal working time of that way: it depends on a case that we may not know. None if unknown."""
    times = [time for time in on(guide.time, today) if time.at is way]
    if not times or any(time.amount == UNKNOWN or time.unit is None for time in times):
        return None
    return max(times, key=lambda time: int(time.amount) * _HOURS[time.unit or Unit.HOUR])


_HOURS = {Unit.WORKING_HOUR: 1, Unit.HOUR: 1, Unit.WORKING_DAY: 34, Unit.DAY: 24, Unit.MONTH: 730}  # to compare


def _where(knowledge: Knowledge, guide: Guide, today: date) -> list[str]:
    lines = [knowledge.say("where_head", name=knowledge.title(guide.id))]
    for place in on(guide.where, today):
        lines.append(f"• {knowledge.say(f'way_{place.at}')}: {_statement(knowledge, place)}")
    named = " ".join(place.text for place in on(guide.where, today) if place.at is Way.COUNTER)
    here = [knowledge.say(key) for name, key in _HERE.items() if name in named]
    if here and not at_police(guide, today):
        here += _other_counters(knowledge, guide)
    return [*lines, *([""] if here else []), *here, *_upcoming(knowledge, guide.where, today)]


def _other_counters(knowledge: Knowledge, guide: Guide) -> list[str]:
    """Where else in the commune it is taken."""
    locality, entry = knowledge.content.locality, knowledge.content.entries.get(guide.id)
    others = [one for one in locality.counters_for(entry.field if entry else None) if one != locality.counter]
    return [
        "• " + knowledge.say("ap_counter", name=one.name, address=one.address, hours=one.hours_text) for one in others
    ]


def _online(knowledge: Knowledge, guide: Guide, today: date) -> list[str]:
    lines = [knowledge.say(f"level_{guide.level}")]
    if guide.level_note:
        lines.append(guide.level_note)
    online = on([place for place in guide.where if place.at is Way.ONLINE], today)
    return lines + statements(knowledge, online, today)


def _who(knowledge: Knowledge, guide: Guide, today: date) -> list[str]:
    lines = [knowledge.say("who_head", name=knowledge.title(guide.id))]
    lines += [f"• {line}" for line in statements(knowledge, guide.who, today)]
    lines += [f"• {line}" for line in statements(knowledge, guide.deadline, today)]
    lines += [f"• {note}" for note in guide.notes]
    return lines + _upcoming(knowledge, guide.who, today)


def _result(knowledge: Knowledge, guide: Guide, today: date) -> list[str]:
    lines = [knowledge.say("result_head", name=knowledge.title(guide.id))]
    return lines + [f"• {line}" for line in statements(knowledge, guide.result, today)]


_FACETS: Mapping[Facet, Callable[[Knowledge, Guide, date], list[str]]] = {
    Facet.OVERVIEW: _overview,
    Facet.DOCUMENTS: _documents,
    Facet.FEE: _fee_facet,
    Facet.TIME: _time_facet,
    Facet.WHERE: _where,
    Facet.ONLINE: _online,
    Facet.ELIGIBILITY: _who,
    Facet.RESULT: _result,
}
