"""Recognisers of lunar days: "mùng 6 Tết", "rằm tháng 7", "10/3 âm lịch"."""

from __future__ import annotations

from datetime import date

from bot.calendar import LunarDay, to_lunar, to_solar
from bot.understanding.dates.mentions import Lunar
from bot.understanding.dates.numbers import Number, number, numbers
from bot.understanding.dates.tokens import Sort, Text

_FEASTS = ("trung thu", "vu lan", "giao thừa", "đoan ngọ", "ông táo", "giỗ tổ", "tất niên", "ra giêng", "nguyên tiêu")
_NEAR_TET = ("sắp", "gần", "cận", "giáp", "nghỉ", "dịp", "quà", "ăn")
_LUNAR_CALENDAR = ("âm lịch", "lịch âm", "âm", "ta", "lịch ta", "nhuận", "âl", "al")


def lunar(text: Text, i: int, today: date) -> Lunar | None:
    """ "mùng 6 Tết", "rằm tháng 7", "tháng Chạp", "10/3 âm lịch", "qua Tết"."""
    return _tet(text, i, today) or _full_moon(text, i, today) or _lunar_date(text, i, today) or _word(text, i)


def _tet(text: Text, i: int, today: date) -> Lunar | None:
    at = i + 1 if text.says(i, "ngày", "mùng", "mồng") else i
    at = at + 1 if text.says(at, "mùng", "mồng") else at
    day = number(text, at)
    if day is None or not text.says(day.end, "tết"):
        return None
    if day.value >= 28:  # "30 Tết" is the old year's last day
        last = next((one for one in (30, 29) if one <= day.value and _coming(one, 12, today)), 29)
        return Lunar(start=i, end=day.end + 1, day=_coming(last, 12, today))
    return Lunar(start=i, end=day.end + 1, day=_coming(day.value, 1, today))


def _full_moon(text: Text, i: int, today: date) -> Lunar | None:
    after, before = ("tháng", "này", "nay", "tới"), ("ngày", "hôm", "qua", "cúng", "trước", "sau", "mười", "bữa")
    beside = text.says(i + 1, *after) or text.says(i - 1, *before)
    if not text.says(i, "rằm") or (text.bare(i) and not beside):
        return None
    if text.says(i + 1, "tháng") and (month := _lunar_month(text, i + 2)):
        return Lunar(start=i, end=month.end, day=_coming(15, month.value, today))
    return Lunar(start=i, end=i + 1, day=_next_lunar(15, today))


def _lunar_date(text: Text, i: int, today: date) -> Lunar | None:
    """A day and month that are lunar by the month's name, or by the calendar named after them."""
    at = i + 1 if text.says(i, "ngày") else i
    at = at + 1 if text.says(at, "mùng", "mồng") else at
    token = text.at(at)
    dated = token and token.sort is Sort.CHAIN and ":" not in token.joints
    if token and dated and len(token.numbers) in (2, 3) and max(token.lengths[:2]) <= 2:
        end = text.sentence(at + 1, *_LUNAR_CALENDAR)
        return Lunar(start=i, end=end, day=_coming(token.numbers[0], token.numbers[1], today)) if end else None
    for day in numbers(text, at):
        if text.says(day.end, "tháng") and (month := _lunar_month(text, day.end + 1)):
            end = text.sentence(month.end, *_LUNAR_CALENDAR) or (month.end if _named(text, day.end + 1) else 0)
            if end:
                return Lunar(start=i, end=end, day=_coming(day.value, month.value, today))
        if (end := text.sentence(day.end, "âm lịch", "âm", "al", "âl")) and not text.tokens[day.end].glued:
            return Lunar(start=i, end=end, day=_next_lunar(day.value, today))
    return None


def _named(text: Text, at: int) -> str:
    return text.says(at, "giêng", "chạp")


def _lunar_month(text: Text, at: int) -> Number | None:
    if named := _named(text, at):
        return Number(1 if named == "giêng" else 12, at + 1)
    found = number(text, at)
    return found if found and 1 <= found.value <= 12 else None


def _word(text: Text, i: int) -> Lunar | None:
    if text.says(i, "tháng") and _named(text, i + 1):
        return Lunar(start=i, end=i + 2)
    if text.says(i, "tết"):
        return Lunar(start=i, end=i + 1, aside=bool(text.says(i - 1, *_NEAR_TET)))
    end = text.sentence(i, *_FEASTS, "âm lịch", "lịch âm", "lịch ta")
    return Lunar(start=i, end=end) if end else None


def _coming(day: int, month: int, today: date) -> date | None:
    """The next such day of the lunar year, seen from a solar day."""
    here = to_lunar(today).year
    found = (to_solar(LunarDay(year, month, day)) for year in (here, here + 1))
    return next((one for one in found if one and one >= today), None)


def _next_lunar(day: int, today: date) -> date | None:
    """The next such day of any lunar month; leap months are left out: one is asked anyway."""
    here = to_lunar(today)
    months = [(here.year + (here.month - 1 + ahead) // 12, (here.month - 1 + ahead) % 12 + 1) for ahead in range(3)]
    found = (to_solar(LunarDay(year, month, day)) for year, month in months)
    return next((one for one in found if one and one >= today), None)
