"""When reminders leave: for any appointment and any hour, without a clock and without a house."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar import LOCAL, Office, at_clock
from bot.dialogue.messages import Appointment, AppointmentStatus, Errand, Notice, awake
from bot.reminding import DRESSED, Kind, before, booking, plan
from content.models import Day, Hours

WEEKDAYS = tuple(Day)[:5]
OFFICE = Office((Hours(days=WEEKDAYS, opens="07:30", closes="17:00"),))
MONDAY = date(2026, 11, 23)
NOW = at_clock(MONDAY, "09:00")


def visit(at: datetime, *, booked: datetime = NOW, id_: str = "a", **more: object) -> Appointment:
    return replace(
        Appointment(
            id=id_, errand=Errand.SUBMIT, status=AppointmentStatus.BOOKED, at=at, booked_at=booked, touched_at=booked
        ),
        **more,  # type: ignore[arg-type]
    )


def on(day: int, clock: str) -> datetime:
    return at_clock(date(2026, 11, day), clock)


def said(appointment: Appointment) -> list[str]:
    return [f"{one.kind} {one.at.astimezone(LOCAL):%d %H:%M}" for one in before(appointment)]


@pytest.mark.parametrize(
    ("at", "times"),
    [
        (on(26, "14:00"), ["day 25 14:00", "hours 26 12:00"]),
        (on(26, "09:00"), ["day 25 09:00", "hours 26 07:00"]),
        (on(26, "08:00"), ["day 25 08:00", "hours 26 07:00"]),
        (on(26, "07:45"), ["day 25 07:45", "hours 26 07:00"]),  # 45 minutes are enough to get there
        (on(26, "07:30"), ["day 25 07:30", "hours 25 20:30"]),  # half an hour is not
        (on(24, "08:00"), ["hours 24 07:00"]),  # booked on Monday at 9: Monday at 8 was over
        (on(23, "10:30"), []),
    ],
)
def test_a_day_and_two_hours_before_but_nobody_is_woken(at: datetime, times: list[str]) -> None:
    assert said(visit(at)) == times


def test_a_day_without_an_hour_is_reminded_of_at_seven() -> None:
    assert said(visit(on(26, "07:30"), all_day=True)) == ["day 25 07:30", "hours 26 07:00"]


def test_whoever_wants_one_reminder_gets_one() -> None:
    assert said(visit(on(26, "14:00"), notice=Notice.DAY)) == ["day 25 14:00"]
    assert said(visit(on(26, "14:00"), notice=Notice.HOURS)) == ["hours 26 12:00"]


def test_two_appointments_of_one_morning_make_one_message() -> None:
    first, second = visit(on(26, "08:00")), visit(on(26, "10:00"), id_="b")
    coming = [one for one in plan([first, second], OFFICE, NOW).planned if one.kind in {Kind.DAY, Kind.HOURS}]

    assert [(one.at, len(one.about)) for one in coming] == [(on(25, "08:00"), 2), (on(26, "07:00"), 2)]


def test_an_appointment_made_after_a_message_has_left_is_not_thought_to_be_in_it() -> None:
    first = visit(on(26, "14:00"))
    later = visit(on(25, "17:00"), id_="b", booked=on(25, "14:30"))
    coming = plan([first, later], OFFICE, on(25, "14:30")).planned

    assert [one.at for one in coming if later in one.about and one.kind is Kind.HOURS] == [on(25, "15:00")]


def test_a_result_that_is_due_is_asked_for_until_it_has_come() -> None:
    watched = visit(on(26, "17:00"), errand=Errand.WATCH)
    asked = [one.at.astimezone(LOCAL) for one in plan([watched], OFFICE, NOW).planned]

    assert [f"{at:%d/%m %H:%M}" for at in asked] == ["26/11 16:30", "30/11 16:30", "03/12 16:30", "10/12 16:30"]


def test_after_an_appointment_we_ask_how_it_went_but_not_at_night() -> None:
    (asked,) = [one for one in plan([visit(on(26, "19:00"))], OFFICE, NOW).planned if one.kind is Kind.AFTER]

    assert asked.at == on(27, "07:00")


MOMENTS = st.datetimes(datetime(2026, 11, 20), datetime(2026, 12, 20)).map(lambda at: at.replace(tzinfo=UTC))
VISITS = st.lists(
    st.tuples(MOMENTS, MOMENTS, st.sampled_from(Notice), st.booleans()).filter(lambda one: one[0] < one[1]),
    min_size=1,
    max_size=5,
)


@given(VISITS, MOMENTS)
def test_any_plan_is_in_order_ahead_awake_and_names_each_booking_once_a_kind(
    drawn: Sequence[tuple[datetime, datetime, Notice, bool]], now: datetime
) -> None:
    booked = [
        visit(at, booked=made, id_=f"v{n}", notice=notice, all_day=all_day)
        for n, (made, at, notice, all_day) in enumerate(drawn)
    ]
    planned = plan(booked, OFFICE, now).planned

    assert list(planned) == sorted(planned, key=lambda one: (one.at, one.key))
    assert len({one.key for one in planned}) == len(planned)
    for one in planned:
        assert one.at > now
        assert one.expires > one.at
        assert awake(one.at) == one.at, "nobody is woken"
        assert len({booking(about) for about in one.about}) == len(one.about)
        for about in one.about:
            assert about.booked_at
            assert about.at
            assert one.kind is Kind.AFTER or about.booked_at < one.at < about.at


@given(MOMENTS, MOMENTS)
def test_every_appointment_that_leaves_time_for_it_is_reminded_of(made: datetime, at: datetime) -> None:
    if at - made < timedelta(hours=36):
        return
    times = before(visit(at, booked=made))

    assert [one.kind for one in times] == [Kind.DAY, Kind.HOURS]
    last = times[-1].at
    assert at - last >= DRESSED or at - last >= timedelta(hours=2)


@given(VISITS, MOMENTS)
def test_thinking_the_plan_again_later_drops_only_what_is_over(
    drawn: Sequence[tuple[datetime, datetime, Notice, bool]], now: datetime
) -> None:
    booked = [visit(at, booked=made, id_=f"v{n}") for n, (made, at, _, _) in enumerate(drawn)]
    first = plan(booked, OFFICE, now).planned
    then = first[0].at if first else now

    assert plan(booked, OFFICE, then).planned == tuple(one for one in first if one.at > then)
