"""How content is doing: what is due for review, which dated facts end, where people get stuck, what is not known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot import counting
from bot.figures import OURS, Counts, Rate, Stage, funnel
from content import Content
from content.models import Dated, Exemption, Fee, Guide, Paper, Statement, Time

AHEAD = timedelta(days=120)  # ends of facts are told so early
REVIEW_AHEAD = timedelta(days=30)

_PARTS: Mapping[str, str] = {
    "who": "Ai làm",
    "decides": "Ai giải quyết",
    "where": "Nơi nộp",
    "deadline": "Hạn phải làm",
    "fee": "Lệ phí",
    "exemptions": "Miễn giảm",
    "time": "Thời gian",
    "papers": "Giấy tờ",
    "result": "Kết quả",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """A fact that ends on that day (its last), what it says, and whether another takes its turn."""

    on: date
    part: str
    says: str
    followed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideHealth:
    """One guide: its dates, its gaps, and how people fare with it in the period."""

    id: str
    title: str
    checked: date
    review_by: date
    overdue: bool
    due_soon: bool
    endings: tuple[Ending, ...]
    ends: tuple[tuple[str, date, bool], ...]  # the same in short: part, day, whether all of it is followed
    unknown: tuple[str, ...]  # parts in which something is not known
    opened: int = 0
    started: int = 0
    finished: int = 0
    gave_up: int = 0
    finishing: Rate | None = None
    stuck: tuple[tuple[str, Rate], ...] = ()  # steps at which people press "bị vướng", the worst first

    @property
    def troubles(self) -> int:
        """By how much it wants to be looked at."""
        ending = sum(not one.followed for one in self.endings)
        stuck = sum((rate.percent or 0) >= STUCK_OFTEN for _, rate in self.stuck)
        return 100 * self.overdue + 10 * ending + 5 * stuck + self.due_soon


STUCK_OFTEN = 20  # percent of those who reach a step


def health(content: Content, counts: Mapping[str, Counts], today: date, period: str) -> list[GuideHealth]:
    """Every guide, those that want to be looked at first. `counts`: by procedure, in that period."""
    found = [
        _of(content, guide, counts.get(guide.id, Counts(())), today, period) for guide in content.guides.values()
    ]
    return sorted(found, key=lambda one: (-one.troubles, -one.started, one.title))


def _of(content: Content, guide: Guide, counts: Counts, today: date, period: str) -> GuideHealth:
    started = counts[counting.STARTED]
    stages = stages_of(guide, counts, period)
    ending = tuple(endings(guide, today))
    ends = {(one.part, one.on): True for one in ending}
    for one in ending:
        ends[one.part, one.on] &= one.followed
    stuck = [(stage.name, stage.stuck) for stage in stages if stage.stuck and stage.stuck.numerator]
    return GuideHealth(
        id=guide.id,
        title=content.title(guide.id),
        checked=guide.checked,
        review_by=guide.review_by,
        overdue=guide.review_by < today,
        due_soon=today <= guide.review_by <= today + REVIEW_AHEAD,
        endings=ending,
        ends=tuple((part, on, followed) for (part, on), followed in ends.items()),
        unknown=tuple(dict.fromkeys(_unknown(guide))),
        opened=counts[counting.OPENED],
        started=started,
        finished=counts.finished,
        gave_up=counts[counting.GAVE_UP],
        finishing=Rate(counts.finished, started, period, OURS),
        stuck=tuple(sorted(stuck, key=lambda one: (-(one[1].percent or 0), -one[1].numerator))),
    )


def stages_of(guide: Guide, counts: Counts, period: str) -> tuple[Stage, ...]:
    """The funnel of that guide: the steps of both ways, each once."""
    steps = {step.id: step for way in guide.steps for step in guide.walk_steps(way)}
    told = [(step.id, step.title, {one.id: one.problem for one in step.troubles}) for step in steps.values()]
    return funnel(counts, told, period)


def endings(guide: Guide, today: date) -> Iterator[Ending]:
    """Facts of the guide that hold today and end within AHEAD, the soonest first."""
    found = [
        Ending(fact.until, name, _says(fact), _followed(fact, facts))
        for key, name in _PARTS.items()
        for facts in [getattr(guide, key)]
        for fact in facts
        if fact.until and fact.holds_on(today) and fact.until <= today + AHEAD
    ]
    yield from sorted(found, key=lambda one: (one.on, one.part, one.says))


def _followed(fact: Dated, facts: Sequence[Dated]) -> bool:
    return any(fact.until and other.from_ == fact.until + timedelta(days=1) for other in facts)


def _says(fact: Dated) -> str:
    match fact:
        case Fee(amount=int(amount)):
            return f"{amount:,} đồng".replace(",", ".") + (f" ({fact.case})" if fact.case else "")
        case Statement(text=str(text)) | Time(text=str(text)):
            return text
        case Paper(name=str(name)):
            return name
        case Exemption(who=str(who), pays=str(pays)):
            return f"{who}: {pays}"
        case _:
            return "chưa biết"


def _unknown(guide: Guide) -> Iterable[str]:
    for key, name in _PARTS.items():
        for fact in getattr(guide, key):
            match fact:
                case Statement(text="unknown") | Fee(amount="unknown") | Time(amount="unknown"):
                    yield name
