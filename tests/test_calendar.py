"""Days in Vietnam: lunar days, holidays, working days, opening hours, and when a result is due."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar import (
    LOCAL,
    Feast,
    LunarDay,
    Office,
    add_working_days,
    due,
    holidays,
    opening,
    to_lunar,
    to_solar,
)
from bot.dialogue import messages
from bot.knowledge import Knowledge
from content.models import Closure, Counter, Day, Hours, Unit, WorkedDay

DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 1)).map(lambda at: at.replace(tzinfo=LOCAL))

WEEKDAYS = (Day.MON, Day.TUE, Day.WED, Day.THU, Day.FRI)
HOURS = (
    Hours(days=WEEKDAYS, opens="07:30", closes="11:30"),
    Hours(days=WEEKDAYS, opens="13:30", closes="17:00"),
    Hours(days=(Day.SAT,), opens="07:30", closes="11:30"),
)
OFFICE = Office(HOURS[:2])
SATURDAY_OFFICE = Office(HOURS)


def at(day: str, clock: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), LOCAL)


def test_the_house_has_one_time_zone() -> None:
    assert LOCAL == messages.LOCAL


# --- the lunar calendar --------------------------------------------------------------------------------------------


@given(DAYS)
def test_a_day_survives_the_way_through_the_lunar_calendar(day: date) -> None:
    assert to_solar(to_lunar(day)) == day


@pytest.mark.parametrize(
    ("lunar", "solar"),
    [
        (LunarDay(2026, 1, 1), date(2026, 2, 17)),
        (LunarDay(2027, 1, 1), date(2027, 2, 6)),
        (LunarDay(2007, 1, 1), date(2007, 2, 17)),  # a day before the Chinese new year
        (LunarDay(2026, 3, 10), date(2026, 4, 26)),
        (LunarDay(2025, 6, 1, leap=True), date(2025, 7, 25)),
        (LunarDay(2026, 6, 1, leap=True), None),  # no such month that year
        (LunarDay(2026, 12, 30), None),  # a month of 29 days
        (LunarDay(2026, 13, 1), None),
    ],
)
def test_lunar_days_are_those_of_vietnam(lunar: LunarDay, solar: date | None) -> None:
    assert to_solar(lunar) == solar


# --- holidays ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2022, 1, 31), date(2022, 2, 4)),
        (date(2023, 1, 20), date(2023, 1, 26)),
        (date(2024, 2, 8), date(2024, 2, 14)),
        (date(2025, 1, 27), date(2025, 1, 31)),
        (date(2026, 2, 16), date(2026, 2, 20)),
    ],
)
def test_tet_is_computed_as_it_was_decided(first: date, last: date) -> None:
    """With the days given instead of a weekend in between."""
    tet = sorted(day for day, one in holidays(first.year).items() if one.feast is Feast.TET)

    assert tet == [first + timedelta(days=n) for n in range((last - first).days + 1)]


@pytest.mark.parametrize(
    "days",
    [
        (date(2021, 9, 2), date(2021, 9, 3)),
        (date(2022, 9, 1), date(2022, 9, 2)),
        (date(2023, 9, 1), date(2023, 9, 2), date(2023, 9, 4)),
        (date(2024, 9, 2), date(2024, 9, 3)),
        (date(2025, 9, 1), date(2025, 9, 2)),
    ],
)
def test_national_day_is_computed_as_it_was_decided(days: tuple[date, ...]) -> None:
    national = sorted(day for day, one in holidays(days[0].year).items() if one.feast is Feast.NATIONAL)

    assert tuple(national) == days


def test_a_holiday_on_a_weekend_gives_the_next_working_day() -> None:
    hung_kings_2026 = holidays(2026)[date(2026, 4, 27)]  # the tenth of the third month is Sunday, the 26th of April

    assert hung_kings_2026.feast is Feast.HUNG_KINGS
    assert hung_kings_2026.instead


def test_only_what_the_government_decides_yearly_is_an_expectation() -> None:
    expected = {one.feast for one in holidays(2027).values() if one.expected}

    assert expected == {Feast.TET, Feast.NATIONAL}
    assert not holidays(2027)[date(2027, 9, 2)].expected


@given(st.integers(2021, 2090))
def test_every_year_has_eleven_days_of_rest_on_working_days(year: int) -> None:
    days = holidays(year)

    assert sum(not one.instead for one in days.values()) == 11
    assert len([day for day in days if day.weekday() < 5]) == 11
    assert all(day.year == year for day in days)


# --- working days --------------------------------------------------------------------------------------------------


@given(DAYS, st.integers(0, 30))
def test_working_days_never_land_on_a_closed_day(day: date, n: int) -> None:
    assert not OFFICE.closed(add_working_days(day, n, OFFICE.closed))


@given(DAYS, st.integers(1, 20), st.integers(1, 20))
def test_working_days_add_up(day: date, one: int, other: int) -> None:
    in_two_steps = add_working_days(add_working_days(day, one, OFFICE.closed), other, OFFICE.closed)

    assert in_two_steps == add_working_days(day, one + other, OFFICE.closed)


@given(DAYS, st.integers(1, 30))
def test_so_many_working_days_lie_between(day: date, n: int) -> None:
    end = add_working_days(day, n, OFFICE.closed)
    between = [day + timedelta(days=k) for k in range(1, (end - day).days + 1)]

    assert sum(not OFFICE.closed(one) for one in between) == n


def test_working_days_go_around_tet() -> None:
    assert add_working_days(date(2027, 2, 3), 1, OFFICE.closed) == date(2027, 2, 11)


def test_an_office_that_never_opens_is_an_error_and_no_endless_loop() -> None:
    with pytest.raises(ValueError, match="never open"):
        add_working_days(date(2026, 1, 1), 1, lambda _: True)
    with pytest.raises(ValueError, match="never open"):
        opening(at("2026-11-20", "09:00"), Office(()))


def test_a_negative_number_of_days_is_an_error() -> None:
    with pytest.raises(ValueError, match="negative"):
        add_working_days(date(2026, 1, 1), -1, OFFICE.closed)
    with pytest.raises(ValueError, match="negative"):
        due(at("2026-11-20", "09:00"), -1, Unit.DAY, OFFICE)


# --- opening -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "is_open", "opens_next"),
    [
        (at("2026-11-20", "09:00"), True, at("2026-11-20", "13:30")),
        (at("2026-11-20", "11:30"), False, at("2026-11-20", "13:30")),  # closing time is closed
        (at("2026-11-20", "07:30"), True, at("2026-11-20", "13:30")),
        (at("2026-11-20", "16:59"), True, at("2026-11-23", "07:30")),
        (at("2026-11-21", "09:00"), False, at("2026-11-23", "07:30")),
        (at("2026-12-31", "18:00"), False, at("2027-01-04", "07:30")),  # New Year is a Friday
        (datetime(2026, 11, 20, 1, 0, tzinfo=UTC), True, at("2026-11-20", "13:30")),
    ],
)
def test_the_counter_tells_whether_it_is_open(moment: datetime, is_open: bool, opens_next: datetime) -> None:
    found = opening(moment, OFFICE)

    assert found.is_open is is_open
    assert found.opens_next == opens_next
    assert (found.closes is not None) == is_open


@given(MOMENTS)
def test_it_opens_next_at_a_time_when_it_is_open(moment: datetime) -> None:
    found = opening(moment, OFFICE)

    assert found.opens_next > moment
    assert opening(found.opens_next, OFFICE).is_open
    if found.closes:
        assert moment < found.closes <= found.opens_next


def test_saturday_mornings_count_where_somebody_works() -> None:
    assert opening(at("2026-11-21", "09:00"), SATURDAY_OFFICE).is_open
    assert not opening(at("2026-11-21", "14:00"), SATURDAY_OFFICE).is_open


def test_a_commune_says_when_it_is_closed_and_when_it_works_instead(knowledge: Knowledge) -> None:
    counter = knowledge.content.locality.counter.model_copy(
        update={
            "closed": (
                Closure.model_validate({"from": "2026-11-23", "until": "2026-11-24", "why": "Chuyển trụ sở"}),
            ),
            "worked": (WorkedDay(day=date(2026, 11, 21), like=Day.MON, why="Làm bù"),),
        }
    )
    office = Office.of(Counter.model_validate(counter))

    assert opening(at("2026-11-21", "09:00"), office).is_open
    assert add_working_days(date(2026, 11, 20), 2, office.closed) == date(2026, 11, 25)


def test_a_closure_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="until-before-from"):
        Closure.model_validate({"from": "2026-11-24", "until": "2026-11-23", "why": "Nhầm"})


# --- when a result is due ------------------------------------------------------------------------------------------

FRIDAY_MORNING = at("2026-11-20", "09:00")


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        (0, Unit.WORKING_DAY, at("2026-11-20", "17:00")),
        (1, Unit.WORKING_DAY, at("2026-11-23", "17:00")),
        (7, Unit.WORKING_DAY, at("2026-12-01", "17:00")),
        (3, Unit.DAY, at("2026-11-23", "17:00")),
        (8, Unit.DAY, at("2026-11-30", "17:00")),  # the 28th is a Saturday
        (1, Unit.MONTH, at("2026-12-21", "17:00")),  # the 20th is a Sunday
        (2, Unit.WORKING_HOUR, at("2026-11-20", "11:00")),
        (4, Unit.WORKING_HOUR, at("2026-11-20", "15:00")),
        (8, Unit.WORKING_HOUR, at("2026-11-23", "09:30")),
        (2, Unit.HOUR, at("2026-11-20", "11:00")),
        (24, Unit.HOUR, at("2026-11-23", "07:30")),  # Saturday: nobody could hand it out
    ],
)
def test_a_result_is_due(amount: int, unit: Unit, expected: datetime) -> None:
    assert due(FRIDAY_MORNING, amount, unit, OFFICE) == expected


def test_what_comes_after_the_cutoff_counts_from_the_next_working_day() -> None:
    late, evening, sunday = at("2026-11-20", "15:30"), at("2026-11-20", "20:00"), at("2026-11-22", "10:00")

    assert due(late, 1, Unit.WORKING_DAY, OFFICE) == at("2026-11-23", "17:00")
    for submitted in (late, evening, sunday):
        assert due(submitted, 1, Unit.WORKING_DAY, OFFICE, cutoff=time(15)) == at("2026-11-24", "17:00")


def test_a_month_ends_on_the_last_day_where_it_has_no_such_day() -> None:
    assert due(at("2026-12-31", "09:00"), 2, Unit.MONTH, OFFICE) == at("2027-03-01", "17:00")  # 28/2 is a Sunday


@given(MOMENTS, st.integers(0, 40), st.sampled_from(list(Unit)))
def test_nothing_is_due_before_it_came_or_while_the_office_rests(moment: datetime, amount: int, unit: Unit) -> None:
    end = due(moment, amount, unit, OFFICE)

    assert end >= moment
    assert not OFFICE.closed(end.date())


@given(MOMENTS, st.integers(0, 20), st.sampled_from([Unit.WORKING_DAY, Unit.WORKING_HOUR, Unit.DAY]))
def test_more_time_is_never_due_earlier(moment: datetime, amount: int, unit: Unit) -> None:
    assert due(moment, amount, unit, OFFICE) <= due(moment, amount + 1, unit, OFFICE)


def test_a_time_without_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        opening(datetime(2026, 11, 20, 9), OFFICE)
