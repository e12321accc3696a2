"""Vietnamese days: the lunar calendar, public holidays, working days, when a counter is open and a dossier is due.

Everything here is plain functions of days and times. Days are solar; times are aware and given in Asia/Ho_Chi_Minh.

Sources: Labour Code 2019 (45/2019/QH14), Article 112 (public holidays) and 111(3) (a holiday on a weekly day of rest
is made up for on the next working day); Civil Code 2015 (91/2015/QH13), Articles 147 and 148 (counting of periods).
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from lunar_vn import convert_lunar_to_solar, convert_solar_to_lunar

from content.models import Counter, Day, Hours, Unit

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
ONE_DAY = timedelta(days=1)
SATURDAY = 5
LONGEST_CLOSURE = 366  # days; a counter that is closed for longer never opens again, as far as we can tell
WEEK = tuple(Day)  # Monday first

Closed = Callable[[date], bool]


# --- the lunar calendar --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class LunarDay:
    """A day of the Vietnamese lunar calendar; `leap` marks the second of two months with the same number."""

    year: int
    month: int
    day: int
    leap: bool = False


@lru_cache(maxsize=4_096)
def to_lunar(day: date) -> LunarDay:
    """The lunar day on a solar day of the years 1900 to 2100 (ValueError beyond)."""
    found = convert_solar_to_lunar(day.day, day.month, day.year)
    return LunarDay(found.year, found.month, found.day, found.leap)


@lru_cache(maxsize=4_096)
def to_solar(lunar: LunarDay) -> date | None:
    """The solar day on which a lunar day falls; None if there is no such day, or no such leap month that year."""
    try:
        day = convert_lunar_to_solar(lunar.day, lunar.month, lunar.year, int(lunar.leap))
        return day if to_lunar(day) == lunar else None
    except ValueError:
        return None


# --- public holidays -----------------------------------------------------------------------------------------------


class Feast(StrEnum):
    """Why a day is a public holiday."""

    NEW_YEAR = "new-year"
    TET = "tet"
    HUNG_KINGS = "hung-kings"
    REUNIFICATION = "reunification"
    LABOUR = "labour"
    NATIONAL = "national"


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday. `instead`: a working day given for one that fell on a weekend.

    `expected`: the law leaves these days to a yearly decision of the government (Tết, the second day of 2/9); what is
    computed follows the decisions of 2021 to 2026, and content may say otherwise once the decision is known.
    """

    day: date
    feast: Feast
    instead: bool = False
    expected: bool = False


@lru_cache(maxsize=64)
def holidays(year: int) -> Mapping[date, Holiday]:
    """The public holidays of a solar year by day, those given instead of weekends included."""
    return {day: one for day, one in _holidays_around(year).items() if day.year == year}


def _holidays_around(year: int) -> dict[date, Holiday]:
    found = {one.day: one for around in (year - 1, year) for one in _fixed(around)}
    for one in sorted(found.values(), key=lambda holiday: holiday.day):
        if one.day.weekday() >= SATURDAY:
            day = one.day
            while day.weekday() >= SATURDAY or day in found:
                day += ONE_DAY
            found[day] = Holiday(day, one.feast, instead=True, expected=one.expected)
    return found


def _fixed(year: int) -> Iterator[Holiday]:
    yield Holiday(date(year, 1, 1), Feast.NEW_YEAR)
    yield from _tet(year)
    hung_kings = to_solar(LunarDay(year, 3, 10))
    if hung_kings:
        yield Holiday(hung_kings, Feast.HUNG_KINGS)
    yield Holiday(date(year, 4, 30), Feast.REUNIFICATION)
    yield Holiday(date(year, 5, 1), Feast.LABOUR)
    yield from _national(year)


def _tet(year: int) -> Iterator[Holiday]:
    """Five days. As decided from 2021 to 2026: one of them before where Tết is a Monday or Tuesday, else two."""
    first = to_solar(LunarDay(year, 1, 1))
    if first:
        before = 1 if first.weekday() <= 1 else 2
        for at in range(-before, 5 - before):
            yield Holiday(first + at * ONE_DAY, Feast.TET, expected=True)


def _national(year: int) -> Iterator[Holiday]:
    """2/9 and the day beside it that makes the longer rest: after it on a Monday, Thursday or Sunday, else before."""
    day = date(year, 9, 2)
    beside = day + ONE_DAY if day.weekday() in (0, 3, 6) else day - ONE_DAY
    yield Holiday(day, Feast.NATIONAL)
    yield Holiday(beside, Feast.NATIONAL, expected=True)


# --- an office, and its days ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Office:
    """When an office works: its weekly hours, days it is closed besides, and days worked like another weekday."""

    hours: tuple[Hours, ...]
    closures: frozenset[date] = frozenset()
    worked: Mapping[date, Day] = field(default_factory=dict)

    @classmethod
    def of(cls, counter: Counter) -> Office:
        """The office behind a counter of content: its hours, its own closures, and days worked in exchange."""
        closures = frozenset(
            closure.from_ + at * ONE_DAY
            for closure in counter.closed
            for at in range((closure.until - closure.from_).days + 1)
        )
        return cls(counter.hours, closures, {one.day: one.like for one in counter.worked})

    def closed(self, day: date) -> bool:
        """True on holidays, days of rest and closures, unless that day is worked in exchange for another."""
        return not self.spans(day)

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """From when to when it is open that day, in order; empty when closed."""
        if day in self.closures:
            return []
        like = self.worked.get(day)
        if like is None:
            if day in holidays(day.year):
                return []
            like = WEEK[day.weekday()]
        spans = [(at_clock(day, one.opens), at_clock(day, one.closes)) for one in self.hours if like in one.days]
        return sorted(span for span in spans if span[0] < span[1])


def at_clock(day: date, clock: str) -> datetime:
    """That clock time (HH:MM) on that day, in Asia/Ho_Chi_Minh."""
    return datetime.combine(day, time.fromisoformat(clock), LOCAL)


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a counter is open at a moment; until when; and when it opens next (after that moment)."""

    is_open: bool
    closes: datetime | None
    opens_next: datetime


def opening(at: datetime, office: Office) -> Opening:
    """Is the counter open at that time, until when, and when does it open next? ValueError if it never does."""
    local = _local(at)
    now = next((span for span in office.spans(local.date()) if span[0] <= local < span[1]), None)
    opens_next = next(start for start, _ in _spans_from(local.date(), office) if start > local)
    return Opening(now is not None, now[1] if now else None, opens_next)


def add_working_days(day: date, n: int, closed: Closed) -> date:
    """The n-th working day after that day; for 0 the day itself, or the next one that is worked.

    ValueError if n is negative, or if no day is worked for over a year.
    """
    if n < 0:
        raise ValueError("negative number of working days")
    found = _worked_from(day, closed) if n == 0 else day
    for _ in range(n):
        found = _worked_from(found + ONE_DAY, closed)
    return found


def due(submitted_at: datetime, amount: int, unit: Unit, office: Office, cutoff: time | None = None) -> datetime:
    """By when a result is due, in Asia/Ho_Chi_Minh; for days and months, at closing time.

    The day of receipt is not counted (Civil Code, Art. 147(2)); a period that ends on a day of rest ends on the next
    working day (Art. 148(5)); months end on the same day of the month, or its last (Art. 148(3)). A dossier counts as
    received on the next working day if it came after closing time, or after `cutoff` where a rule sets one (15:00).
    """
    if amount < 0:
        raise ValueError("negative period")
    received = _received(_local(submitted_at), office, cutoff)
    if unit is Unit.WORKING_HOUR:
        return _after_working_hours(received, amount, office)
    if unit is Unit.HOUR:
        return _open_at_or_after(received + timedelta(hours=amount), office)
    if unit is Unit.WORKING_DAY:
        return _closing(add_working_days(received.date(), amount, office.closed), office)
    end = received.date() + amount * ONE_DAY if unit is Unit.DAY else _months_on(received.date(), amount)
    return _closing(_worked_from(end, office.closed), office)


def _local(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("naive time")
    return at.astimezone(LOCAL)


def _received(at: datetime, office: Office, cutoff: time | None) -> datetime:
    """When a dossier handed in at that time counts as received."""
    spans = office.spans(at.date())
    if spans and at < spans[-1][1] and (cutoff is None or at.time() <= cutoff):
        return max(at, spans[0][0])
    return next(start for start, _ in _spans_from(at.date() + ONE_DAY, office))


def _closing(day: date, office: Office) -> datetime:
    return office.spans(day)[-1][1]


def _after_working_hours(at: datetime, hours: int, office: Office) -> datetime:
    left = timedelta(hours=hours)
    for start, end in _spans_from(at.date(), office):
        begun = max(start, at)
        if begun < end and left <= end - begun:
            return begun + left
        left -= max(end - begun, timedelta())
    raise ValueError("never open")


def _open_at_or_after(at: datetime, office: Office) -> datetime:
    return next(max(start, at) for start, end in _spans_from(at.date(), office) if at <= end)


def _spans_from(day: date, office: Office) -> Iterator[tuple[datetime, datetime]]:
    """All opening times from that day on. ValueError once it stays closed for over a year."""
    while True:
        day = _worked_from(day, office.closed)
        yield from office.spans(day)
        day += ONE_DAY


def _worked_from(day: date, closed: Closed) -> date:
    for at in range(LONGEST_CLOSURE + 1):
        if not closed(day + at * ONE_DAY):
            return day + at * ONE_DAY
    raise ValueError("never open")


def _months_on(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
