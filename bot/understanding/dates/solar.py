"""Which day is meant: by the conventions that the evaluation of dates was labelled with (weeks begin on Monday)."""

from __future__ import annotations

from datetime import date, timedelta

from bot.understanding.dates.mentions import Problem

JUST_PASSED = 60  # a dd/mm that passed within so many days is not next year's: ask

Found = tuple[date | None, Problem | None]


def dated(today: date, day: int, month: int, year: int | None = None) -> Found:
    """The day dd/mm, or dd/mm/yyyy, seen from today. Today has not passed."""
    if year is not None:
        found = real(year, month, day)
        if found is None:
            return None, Problem.INVALID
        return found, Problem.PAST if found < today else None
    this = real(today.year, month, day)
    if this and this >= today:
        return this, None
    if this and (today - this).days <= JUST_PASSED:
        return this, Problem.PAST
    following = real(today.year + 1, month, day)
    if following and (this or month < today.month):
        return following, None
    return None, Problem.INVALID


def next_such_day(today: date, day: int) -> Found:
    """The next day of the month with this number, today included."""
    if not 1 <= day <= 31:
        return None, Problem.INVALID
    for ahead in range(3):
        found = real(*month_ahead(today, ahead), day)
        if found and found >= today:
            return found, None
    return None, Problem.INVALID


def month_ahead(today: date, ahead: int) -> tuple[int, int]:
    """Year and month so many months from this one."""
    years, month = divmod(today.month - 1 + ahead, 12)
    return today.year + years, month + 1


def weekday_in(today: date, weekday: int, week: int | None) -> Found:
    """That weekday (Monday is 0) of the week so many from this one; without a week, the next one after today."""
    if week is None:
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1), None
    found = monday(today, week) + timedelta(days=weekday)
    return found, Problem.PAST if found < today else None


def monday(today: date, week: int) -> date:
    """The Monday of the week so many from this one."""
    return today + timedelta(days=7 * week - today.weekday())


def real(year: int, month: int, day: int) -> date | None:
    """That day, None if the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None
