"""The one day and time that what is left of a message means, or the problem with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from bot.understanding.dates.mentions import By, Clock, Day, Lunar, Open, Part, Problem, Week
from bot.understanding.dates.said import Said, stands_beside

FIRST_OF = {"sáng": time(7, 30), "chiều": time(13, 30)}


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, and the time of day if one was said: both in Asia/Ho_Chi_Minh."""

    day: date
    time: time | None = None

    def __str__(self) -> str:
        """YYYY-MM-DDTHH:MM, or YYYY-MM-DD without a time."""
        return f"{self.day}T{self.time:%H:%M}" if self.time else str(self.day)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a message means. `day` is None where there is none, or a problem; `choices` are worth offering then."""

    problem: Problem | None
    day: date | None = None
    time: time | None = None
    choices: tuple[Moment, ...] = ()


def mean(said: Said, now: datetime) -> Meaning:
    """The meaning of what was left. `now` is naive local time."""
    times = _times(said)
    lunar = said.of(Lunar)
    if any(not one.aside for one in lunar) or (lunar and not said.of(Day)):
        named = [one.day for one in lunar if one.day]
        return Meaning(Problem.LUNAR, choices=_moments(named[:1], times))
    found = _day(said)
    if isinstance(found, Meaning):
        at = times.at[0] if found.problem is Problem.NO_DAY and not times.problem and times.at else None
        days = [one.day for one in found.choices]
        return Meaning(found.problem, time=at, choices=_moments(days, times))
    if times.problem:
        return Meaning(times.problem, choices=_ahead([Moment(found, at) for at in times.at], now)[:2])
    moment = Moment(found, times.at[0] if times.at else None)
    if moment.day < now.date() or (moment.time and datetime.combine(moment.day, moment.time) < now):
        return Meaning(Problem.PAST)
    return Meaning(None, moment.day, moment.time)


def _moments(days: list[date], times: Times) -> tuple[Moment, ...]:
    at = times.at[0] if times.at and not times.problem else None
    return tuple(Moment(day, at) for day in days)


def _ahead(moments: list[Moment], now: datetime) -> tuple[Moment, ...]:
    return tuple(one for one in moments if one.time is None or datetime.combine(one.day, one.time) >= now)


# --- the day -------------------------------------------------------------------------------------------------------


def _day(said: Said) -> date | Meaning:
    days = said.of(Day)
    if not days:
        if said.of(Clock, Part):
            return Meaning(Problem.NO_DAY)
        return Meaning(Problem.VAGUE if said.of(Open, Week) else Problem.NONE_SAID)
    if any(one.problem is Problem.INVALID for one in days):
        return Meaning(Problem.INVALID)
    agreed = _agreed(said, days)
    if isinstance(agreed, Meaning):
        return agreed
    if agreed.problem or agreed.day is None:
        known = [one for one in (agreed.day, agreed.other) if one]
        offered = tuple(map(Moment, known)) if agreed.problem in (Problem.AMBIGUOUS, Problem.DISAGREE) else ()
        return Meaning(agreed.problem or Problem.VAGUE, choices=offered)
    periods = {one.period for one in said.of(Open)} - {""}
    if periods and (agreed.by is By.WEEKDAY or (agreed.by is By.DAY_OF_MONTH and "other" in periods)):
        return Meaning(Problem.VAGUE)  # "thứ 2 đầu tháng sau"
    if any(not _in(agreed.day, week) for week in said.of(Week)):
        return Meaning(Problem.DISAGREE, choices=(Moment(agreed.day),))
    return agreed.day


def _in(day: date, week: Week) -> bool:
    return 0 <= (day - week.first).days < 7


def _agreed(said: Said, days: list[Day]) -> Day | Meaning:
    """The one day that all of these name, each in its own way."""
    chosen = days[0]
    for day in days[1:]:
        weekday, other = (chosen, day) if chosen.by is By.WEEKDAY else (day, chosen)
        if (chosen.day == day.day and chosen.day is not None) or (
            weekday.by is By.WEEKDAY and other.by is not By.WEEKDAY and _names(weekday, other)
        ):
            chosen = other
        else:
            near = (chosen.by is By.WEEKDAY) is not (day.by is By.WEEKDAY) and stands_beside(said, chosen, day)
            offered = tuple(Moment(one.day) for one in (chosen, day) if one.day and not one.problem)
            return Meaning(Problem.DISAGREE if near else Problem.ALTERNATIVES, choices=offered)
    return chosen


def _names(weekday: Day, other: Day) -> bool:
    """Whether a weekday without a week is the weekday of the other day."""
    return weekday.week is None and other.day is not None and other.day.weekday() == weekday.weekday


# --- the time ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Times:
    """The time of day that was meant; with a problem, those that it could be."""

    at: tuple[time, ...] = ()
    problem: Problem | None = None


def _times(said: Said) -> Times:
    clocks, parts = said.of(Clock), said.of(Part)
    if broken := [one.problem for one in clocks if one.problem]:
        return Times(problem=broken[0])
    names = {one.name for one in parts if one.name}
    if len(names) > 1:
        return Times(problem=Problem.ALTERNATIVES)
    if not clocks:
        first = FIRST_OF.get(min(names, default="")) if any(one.first for one in parts) else None
        return Times((first,) if first else ())
    read = {_read(one, parts) for one in clocks}
    if len(read) == 1:
        return read.pop()
    return Times(tuple(sorted({at for one in read for at in one.at})), Problem.ALTERNATIVES)


def _read(clock: Clock, parts: list[Part]) -> Times:
    """The time that a clock time means in its part of the day; without one, in office hours."""
    part = next((one for one in parts if one.name), None)
    hour, minute = clock.hour, clock.minute
    name = part.name if part else ""
    if part and part.unsure:
        beside = part.start == clock.end
        if name == "sáng" and 1 <= hour <= 4 and not beside:
            name = ""  # "em sang luc 2h"
        if name == "tối" and (hour < 6 or hour > 11):
            name = ""
        elif name == "tối":
            return Times((time(hour, minute), time(hour + 12, minute)), Problem.AMBIGUOUS)
    meant = _HOURS[name].get(hour)
    if meant is None:
        either = sorted({hour % 24, (hour + 12) % 24} if hour <= 12 else {hour})
        return Times(tuple(time(one, minute) for one in either if 6 <= one <= 20), Problem.AMBIGUOUS)
    least = max(0, meant * 60 + minute - clock.less)
    return Times((time(least // 60, least % 60),))


def _hours(*spans: tuple[int, int, int]) -> dict[int, int]:
    """Hours as said -> hours of the day, from spans (first, last, hours to add)."""
    return {hour: hour + add for first, last, add in spans for hour in range(first, last + 1)}


# Hours that fit no sense of the word are left out: "8h chiều", "2h sáng", and 6h where nothing tells which.
_HOURS = {
    "": _hours((7, 12, 0), (1, 5, 12), (13, 23, 0)),
    "sáng": _hours((5, 11, 0)),
    "trưa": _hours((10, 14, 0), (1, 2, 12)),
    "chiều": _hours((12, 18, 0), (1, 7, 12)),
    "tối": _hours((5, 11, 12), (17, 23, 0)),
    "đêm": _hours((8, 11, 12), (20, 23, 0)),
}
