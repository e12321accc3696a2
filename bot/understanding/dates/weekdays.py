"""Recognisers of weekdays and weeks: "thứ 5", "t5 tuần sau", "CN", "thứ 3-5", "thứ 5-26/11", "tuần sau"."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from bot.understanding.dates.mentions import By, Day, Mention, Open, Problem, Week
from bot.understanding.dates.months import century, day_of_month, full_date
from bot.understanding.dates.numbers import begins_hour
from bot.understanding.dates.solar import dated, monday, weekday_in
from bot.understanding.dates.tokens import Sort, Text, Token
from bot.understanding.dates.words import WEEKDAYS

_ALIKE = ("này", "nay")


def weekday(text: Text, i: int, today: date) -> Mention | None:
    """ "thứ 5", "t5", "CN tuần sau", "thứ hai tới", "thứ 3-5"."""
    named = _weekday_named(text, i)
    if named is None:
        return None
    which, end = named
    if which is None:
        return Day(start=i, end=end, by=By.WEEKDAY, problem=Problem.INVALID)
    chain = text.tokens[end - 1]
    if chain.sort is Sort.CHAIN and len(chain.numbers) > 2:
        return _weekday_and_date(text, i, end, which, today)
    return _withweek_said(text, i, end, which, today)


def _weekday_named(text: Text, i: int) -> tuple[int | None, int] | None:
    """Which weekday is named here (None for "thứ 8"), and the place after."""
    token = text.at(i)
    if token is None or token.sort is not Sort.WORD:
        return None
    if token.low == "cn":
        return 6, i + 1
    if end := text.sentence(i, "chủ nhật", "chúa nhật"):
        return 6, end
    if text.says(i, "thứ") or (token.low == "t" and len(token.text) == 1):
        at = i + 1 if not text.mark(i + 1, ".") else i + 2
        following = text.at(at)
        short = token.low == "t"
        if following is None or (short and not following.glued):
            return None
        if following.sort in (Sort.NUMBER, Sort.CHAIN):
            return _numbered(following, at, short)
        if not short and following.sort is Sort.WORD:
            word = text.says(at, *WEEKDAYS) or next(
                (one for one in ("sáu", "bảy", "năm") if _bare(text, at, one)), ""
            )
            if word and not (text.says(at + 1, "mươi") and following.low != "mươi" and not begins_hour(text, at + 1)):
                return WEEKDAYS[word], at + 1
    return None


def _bare(text: Text, at: int, word: str) -> bool:
    return text.tokens[at].key == {"sáu": "sau", "bảy": "bay", "năm": "nam"}[word] and text.bare(at)


def _numbered(following: Token, at: int, short: bool) -> tuple[int | None, int] | None:
    value = following.numbers[0]
    chained = following.sort is Sort.CHAIN
    if following.lengths[0] > 1 or (chained and (following.joints[0] not in "-/," or following.lengths[1] > 2)):
        return None
    if 2 <= value <= 7:
        return value - 2, at + 1
    return None if short or chained else (None, at + 1)


def _weekday_and_date(text: Text, i: int, end: int, which: int, today: date) -> Day | None:
    """ "thứ 5-26/11"."""
    chain = text.tokens[end - 1]
    rest = chain.numbers[1:]
    if chain.joints[0] != "-" or len(rest) > 3 or "-" in chain.joints[1:]:
        return None
    found, problem = dated(today, rest[0], rest[1], century(rest[2]) if len(rest) == 3 else None)
    if found and found.weekday() != which:
        problem = Problem.DISAGREE
    return Day(start=i, end=end, by=By.DATE, day=found, problem=problem, number=rest[0])


def _withweek_said(text: Text, start: int, end: int, which: int, today: date) -> Mention:
    day = Day(start=start, end=end, by=By.WEEKDAY, weekday=which)
    if text.sentence(end, "hàng tuần", "hằng tuần", "mỗi tuần") or _every(text, start):
        return Open(start=start, end=end, period="other")
    if text.says(start - 1, "hôm") and not text.says(end, "tới", "này", "nay", "tuần"):
        return replace(day, problem=Problem.PAST, over=True)
    if week := week_said(text, text.sentence(end, "của", "trong", "ở") or end):
        return _resolved(replace(day, week=week[0], end=week[1]), today)
    confirms = text.sentence(end, "rồi nhé", "rồi nha", "rồi nhá", "rồi nghe", "rồi nghen")
    if not confirms and (after := text.sentence(end, "vừa rồi", "vừa qua", "hôm trước", "rồi")):
        return replace(day, end=after, problem=Problem.PAST, over=True)
    if text.says(end, "trước") and not _hour_begins(text, end + 1):
        return replace(day, end=end + 1, problem=Problem.PAST, over=True)
    if after := text.sentence(end, "sắp tới", "tới đây", "tới này", "kế tiếp", "kế", "tiếp theo", "sắp đến"):
        return _resolved(replace(day, end=after), today)
    if text.says(end, "tới") and not _day_begins(text, end + 1, today):
        evening = text.bare(end) and _hour_begins(text, end + 1)  # "thu 5 toi 7h": "tới" or "tối"
        return _resolved(replace(day, end=end if evening else end + 1), today)
    if text.says(end, *_ALIKE):
        return _this_one(replace(day, end=end + 1), today)
    if text.says(end, "sau") and not _hour_begins(text, end + 1) and not text.says(end + 1, "khi"):
        return _ambiguous(replace(day, end=end + 1), today)
    return _resolved(day, today)


def _every(text: Text, start: int) -> bool:
    """ "mỗi thứ 5"; but "được mỗi thứ 5" is that day alone."""
    return bool(text.says(start - 1, "mỗi", "hàng", "hằng", "các")) and not text.says(start - 2, "được", "rảnh", "có")


def _resolved(day: Day, today: date) -> Day:
    assert day.weekday is not None  # noqa: S101 - weekdays alone come here
    found, problem = weekday_in(today, day.weekday, day.week)
    return replace(day, day=found, problem=problem)


def _this_one(day: Day, today: date) -> Day:
    """ "thứ 5 này" is this week's while it lies ahead; then it may be next week's, so that we ask."""
    ahead = day.weekday is not None and day.weekday > today.weekday()
    return _resolved(day, today) if ahead else replace(_resolved(day, today), problem=Problem.AMBIGUOUS)


def _ambiguous(day: Day, today: date) -> Day:
    """ "thứ 5 sau": the next one, or the one after it."""
    first = _resolved(day, today)
    later = first.day + timedelta(days=7) if first.day else None
    return replace(first, problem=Problem.AMBIGUOUS, other=later)


def _hour_begins(text: Text, i: int) -> bool:
    token = text.at(i)
    if token is None:
        return False
    return token.sort is Sort.CLOCK or (token.sort is Sort.CHAIN and ":" in token.joints) or begins_hour(text, i)


def _day_begins(text: Text, i: int, today: date) -> bool:
    return bool(
        _weekday_named(text, i)
        or full_date(text, i, today)
        or day_of_month(text, i, today)
        or text.says(i, "mai", "mốt")
        or text.sentence(i, "ngày mai", "hết")
    )


_WEEKS = (
    ("sau nữa", 2), ("tới nữa", 2), ("sau tới", 2), ("kế tiếp nữa", 2), ("sắp tới", 1), ("tới đây", 1),
    ("kế tiếp", 1), ("tiếp theo", 1), ("sau", 1), ("tới", 1), ("kế", 1), ("tiếp", 1), ("này", 0), ("nay", 0), ("ni",
    0),
    ("vừa rồi", -1), ("vừa qua", -1), ("trước", -1), ("rồi", -1), ("qua", -1),
)  # fmt: skip


def week_said(text: Text, at: int) -> tuple[int, int] | None:
    """The week said here, counted from this one, and the place after."""
    at = at + 1 if text.says(at, "đầu", "giữa", "cuối", "trong", "của") else at
    if not text.says(at, "tuần"):
        return None
    for words, offset in _WEEKS:
        if after := text.sentence(at + 1, words):
            return offset, after
    token = text.at(at + 1)
    return (1, at + 2) if token and token.low in ("s", "sa", "sao") else None


def week(text: Text, i: int, today: date) -> Week | None:
    """ "tuần sau" on its own: it may belong to a weekday elsewhere."""
    found = week_said(text, i)
    if found is None or found[0] < 0:
        return None
    return Week(start=i, end=found[1], offset=found[0], first=monday(today, found[0]))
