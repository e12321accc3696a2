"""When a person is reminded of their appointments. Pure: days and hours in, times out.

Times are aware; quiet hours (21:00 to 07:00) and the hours of an appointment are those of Asia/Ho_Chi_Minh.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum

from bot.calendar import LOCAL, ONE_DAY, Office, add_working_days, at_clock
from bot.dialogue.messages import WAKE, Appointment, Errand, Notice, awake

EARLY = timedelta(hours=2)  # the second reminder before an appointment
DRESSED = timedelta(minutes=45)  # who is reminded at seven needs as long to get there
LAST_AT_NIGHT = time(20, 30)  # what would come too early in the morning comes the evening before
TOGETHER = timedelta(hours=12)  # two reminders closer than this are one
AFTER = timedelta(hours=3)  # how long after an appointment we ask how it went
AFTER_ALL_DAY = "17:00"
ASKED_FOR = timedelta(days=3)  # for how long an answer to that is worth having
WATCHED_AT = "16:30"  # on the day by which the law wants the result
WATCHED_AGAIN = (2, 5, 10)  # working days after it, as long as nobody has told us that it came


class Kind(StrEnum):
    """What a reminder is for."""

    DAY = "day"
    HOURS = "hours"
    AFTER = "after"
    WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Planned:
    """One message to come: when, until when it is worth sending, and of which appointments it speaks."""

    kind: Kind
    at: datetime
    expires: datetime
    about: tuple[Appointment, ...]
    n: int = 0  # which of several of its kind

    @property
    def key(self) -> str:
        """The same for the same reminder of the same booking."""
        return f"remind:{self.kind}{self.n or ''}:{'+'.join(booking(one) for one in self.about)}"


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is to come for one person, in order."""

    planned: tuple[Planned, ...] = ()
    standing: frozenset[str] = field(default_factory=frozenset)  # bookings that hold


def booking(appointment: Appointment) -> str:
    """Names this appointment as it was booked now; booked again it is another."""
    return f"{appointment.id}.{appointment.revision}"


def plan(appointments: Iterable[Appointment], office: Office, now: datetime) -> Plan:
    """The reminders that these booked appointments still have before them."""
    booked = [one for one in appointments if one.at]
    before = _together(sorted(_before(booked), key=lambda one: (one.at, one.key)))
    rest = [planned for one in booked for planned in _afterwards(one, office)]
    coming = sorted((one for one in (*before, *rest) if one.at > now), key=lambda one: (one.at, one.key))
    return Plan(tuple(coming), frozenset(map(booking, booked)))


def before(appointment: Appointment) -> list[Planned]:
    """The reminders before one appointment, quiet hours heeded; none before it was booked."""
    at = appointment.at
    booked_at = appointment.booked_at
    if at is None or booked_at is None or appointment.errand is Errand.WATCH:
        return []
    wanted = {Notice.BOTH: (Kind.DAY, Kind.HOURS), Notice.DAY: (Kind.DAY,), Notice.HOURS: (Kind.HOURS,)}
    times = [(kind, _before_at(kind, appointment)) for kind in wanted[appointment.notice]]
    times = [(kind, when) for kind, when in times if booked_at < when < at]
    ends = [when for _, when in times[1:]] + [at] * bool(times)
    # Moved out of the night, the first may meet the second: then one is enough.
    return [Planned(kind, at, end, (appointment,)) for (kind, at), end in zip(times, ends, strict=True) if at < end]


def _before(appointments: Iterable[Appointment]) -> Iterator[Planned]:
    for one in appointments:
        yield from before(one)


def _before_at(kind: Kind, appointment: Appointment) -> datetime:
    at = appointment.at
    assert at is not None  # noqa: S101 - before() asks only for appointments with a time
    if kind is Kind.DAY:
        return _awake_before(at - ONE_DAY, at)
    if appointment.all_day:
        return at_clock(at.astimezone(LOCAL).date(), f"{WAKE:%H:%M}")
    return _awake_before(at - EARLY, at)


def _awake_before(wanted: datetime, at: datetime) -> datetime:
    """That time; in quiet hours seven in the morning, if that leaves time to get there, else the evening before."""
    morning = awake(wanted)
    if morning == wanted or at - morning >= DRESSED:
        return morning
    evening = morning.astimezone(LOCAL).date() - ONE_DAY
    return datetime.combine(evening, LAST_AT_NIGHT, LOCAL)


def _together(planned: Iterable[Planned]) -> list[Planned]:
    """Reminders of different appointments within twelve hours become one, at the time of the first."""
    merged: list[Planned] = []
    for one in planned:
        first = merged[-1] if merged else None
        fits = (
            first is not None
            and one.at - first.at < TOGETHER
            and not {booking(known) for known in first.about} & {booking(new) for new in one.about}
            and all(new.booked_at and new.booked_at < first.at for new in one.about)
        )
        if first is not None and fits:
            end = min(first.expires, one.expires)
            merged[-1] = Planned(first.kind, first.at, end, (*first.about, *one.about))
        else:
            merged.append(one)
    return merged


def _afterwards(appointment: Appointment, office: Office) -> Iterator[Planned]:
    """How did it go? For a due date that is watched: has the result come? Again, until they say so."""
    at = appointment.at
    assert at is not None  # noqa: S101 - plan() asks only for appointments with a time
    day = at.astimezone(LOCAL).date()
    if appointment.errand is not Errand.WATCH:
        asked = at_clock(day, AFTER_ALL_DAY) if appointment.all_day else awake(at + AFTER)
        yield Planned(Kind.AFTER, asked, asked + ASKED_FOR, (appointment,))
        return
    for n, later in enumerate((0, *WATCHED_AGAIN)):
        on = add_working_days(day, later, office.closed) if later else day
        asked = at_clock(on, WATCHED_AT)
        yield Planned(Kind.WATCH, asked, asked + ASKED_FOR, (appointment,), n)
