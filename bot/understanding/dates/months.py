"""Recognisers of days by their number: 26/11/2026, "ngày 26 tháng 11", "mùng 5 tháng sau", "ngày 25"."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from bot.understanding.dates.mentions import By, Day, Problem
from bot.understanding.dates.numbers import Number, begins_hour, number, numbers, year
from bot.understanding.dates.solar import dated, month_ahead, next_such_day, weekday_in
from bot.understanding.dates.tokens import Sort, Text, Token
from bot.understanding.dates.words import COMING, KIN, PARTS, POLITE, SELF

LEAD = ("ngày", "hôm", "bữa")
UNTIL = ("đến", "tới", "cho đến", "cho tới", "đến hết", "tới hết", "đến ngày", "tới ngày", "đến hết ngày", "hết")
OR = ("hoặc là", "hoặc", "hay là", "hay", "và", "với", "hoặc ngày", "hay ngày", "và ngày", "với ngày")
_GONE = (("trước", -1), ("vừa rồi", -1), ("rồi", -1))
COUNTED = ("lần", "tiếng", "buổi", "viên", "công", "phép", "nữa", "làm", "người", "tuổi", "bữa", "đêm", "tháng")


# --- dates with their month ----------------------------------------------------------------------------------------


def full_date(text: Text, i: int, today: date) -> Day | None:
    """26/11/2026, "ngày 26 tháng 11", "tháng 12 ngày 5", "mùng 5 tháng sau", "24" of "24 đến 27/11"."""
    at = _after_lead(text, i)
    if text.sort(at) is Sort.CHAIN:
        return _chain(text, i, at, today)
    return _day_then_month(text, i, at, today) or _month_then_day(text, i, today) or _first_of_two(text, i, at, today)


def _after_lead(text: Text, i: int) -> int:
    at = i + 1 if text.says(i, *LEAD) else i
    return at + 1 if text.says(at, "mùng", "mồng") else at


def _chain(text: Text, i: int, at: int, today: date) -> Day | None:
    token = text.tokens[at]
    if ":" in token.joints or max(token.lengths) > 4 or 3 in token.lengths:
        return None
    if token.joints in ("-", ".") and len(token.numbers) == 2 and at == i and not _stands_alone(text, at):
        return None  # "2-3 ngày nữa", "8.5 điểm"
    split = _split_range(token)
    if split is None:
        return None
    day, month, said_year = split
    end = at + 1
    if month is None:
        found = month_said(text, end, today) if token.joints == "-" else None
        if found is None:
            return None
        month, said_year, end = found
        said_year = said_year or None
    if said_year is None:
        said_year, end = _year_after(text, end, today)
    return _dated(text, i, end, day, month, said_year, today)


def _stands_alone(text: Text, at: int) -> bool:
    """Whether two numbers with a dash or point between them may be a date: nothing that they count follows."""
    token = text.tokens[at]
    if token.joints == ".":
        return token.lengths[1] == 2
    following = text.at(at + 1)
    if following is None or following.sort in (Sort.MARK, Sort.CLOCK) or text.says(at + 1, "tháng"):
        return True
    words = (*SELF, *KIN, *POLITE, *PARTS, *COMING, "lúc", "khoảng", "tầm", "năm", "thứ", "chủ", "hoặc", "hay", "đến")
    return bool(text.says(at + 1, *words)) or _is_hour(text, at + 1)


def _is_hour(text: Text, at: int) -> bool:
    token = text.at(at)
    return begins_hour(text, at) or (token is not None and token.sort is Sort.CHAIN and token.joints[0] in ":.")


def _split_range(token: Token) -> tuple[int, int | None, int | None] | None:
    """Day, month and year of a chain; of a range (24-27/11, 24/11-27/11) its first day, of 25-27 the day alone."""
    mixed = len(set(token.joints)) > 1
    pieces = [re.findall(r"\d+", piece) for piece in (token.text.split("-") if mixed else [token.text])]
    first, last = pieces[0], pieces[-1]
    if mixed and (len(pieces) != 2 or len(last) not in (2, 3)):
        return None
    if mixed and len(first) == 1:
        first = [*first, *last[1:]]
    sizes = [len(one) for one in first]
    if sizes in ([4, 1, 1], [4, 1, 2], [4, 2, 1], [4, 2, 2]):
        return int(first[2]), int(first[1]), int(first[0])
    if max(sizes[:2]) > 2 or len(first) > 3 or (len(first) == 3 and sizes[2] not in (2, 4)):
        return None
    return int(first[0]), int(first[1]), century(int(first[2])) if len(first) == 3 else None


def century(said: int) -> int:
    """The year that is meant: 26 is 2026."""
    return said if said >= 100 else 2000 + said


def _dated(text: Text, start: int, end: int, day: int, month: int, said_year: int | None, today: date) -> Day:
    found, problem = dated(today, day, month, said_year)
    end = text.sentence(end, "dương lịch", "lịch dương", "dương", "sắp tới", "tới đây") or end
    return Day(start=start, end=end, by=By.DATE, day=found, problem=problem, number=day)


def _year_after(text: Text, at: int, today: date) -> tuple[int | None, int]:
    """The year said after a date: "năm 2026", "năm 26", "năm sau", ", 2026"."""
    at_year = text.sentence(at, "năm", "của năm")
    if not at_year:
        plain_year = at + 1 if text.mark(at, ",/-.") else at
        found = year(text, plain_year)
        return (found.value, found.end) if found and text.sort(plain_year) is Sort.NUMBER else (None, at)
    for words, ahead in (("nay", 0), ("này", 0), ("sau", 1), ("tới", 1), ("ngoái", -1), ("trước", -1)):
        if after := text.sentence(at_year, words):
            return today.year + ahead, after
    found = year(text, at_year)
    if found is None and (short := text.small(at_year)) is not None and short >= 10:
        found = Number(2000 + short, at_year + 1)
    return (found.value, found.end) if found else (None, at)


def month_said(text: Text, at: int, today: date) -> tuple[int, int, int] | None:
    """Month, year (0 if not said) and the place after: "tháng 11", "tháng này", "tháng 11/2026", "t12"."""
    at = at + 1 if text.mark(at, ",") and text.says(at + 1, "tháng") else at
    token = text.at(at + 1)
    glued = token is not None and token.glued
    slash = at + 1 if text.mark(at, "/") else at
    if text.sort(slash) is Sort.WORD and text.tokens[slash].low in ("t", "th") and text.small(slash + 1) is not None:
        apart = glued or slash > at or text.tokens[slash].low == "th"
        return (text.small(slash + 1) or 0, 0, slash + 2) if apart else None
    if not text.says(at, "tháng"):
        return None
    for words, ahead in (
        ("sau nữa", 2),
        ("tới nữa", 2),
        ("này", 0),
        ("nay", 0),
        ("ni", 0),
        ("sau", 1),
        ("tới", 1),
        *_GONE,
    ):
        if after := text.sentence(at + 1, words):
            said_year, month = month_ahead(today, ahead)
            return month, said_year, after
    if token and token.sort is Sort.CHAIN and len(token.numbers) == 2 and token.lengths[0] <= 2:
        return token.numbers[0], century(token.numbers[1]), at + 2
    found = [one for one in numbers(text, at + 1) if not one.short]
    free = [one for one in found if not text.says(one.end, "giờ", "rưỡi")]
    chosen = next(iter(free or found), None)
    return (chosen.value, 0, chosen.end) if chosen else None


def _day_then_month(text: Text, i: int, at: int, today: date) -> Day | None:
    for day in numbers(text, at):
        found = month_said(text, day.end + 1 if text.says(day.end, "tây") else day.end, today)
        if found and not text.says(found[2], "tuổi", "ngày", "tuần"):
            month, said_year, end = found
            if not said_year:
                said, end = _year_after(text, end, today)
                return _dated(text, i, end, day.value, month, said, today)
            return _dated(text, i, end, day.value, month, said_year, today)
    return None


def _month_then_day(text: Text, i: int, today: date) -> Day | None:
    found = month_said(text, i, today) if text.says(i, "tháng") else None
    if not found:
        return None
    month, said_year, at = found
    at = at + 1 if text.mark(at, ",") else at
    after = _after_lead(text, at)
    if after == at or text.says(at, "hôm", "bữa"):
        return None
    day = _free_number(text, after)
    return _dated(text, i, day.end, day.value, month, said_year or None, today) if day else None


def _first_of_two(text: Text, i: int, at: int, today: date) -> Day | None:
    """The 24 of "24 đến 27/11" and "24 hoặc 25 tháng 12": it has the month of the date that follows."""
    day = number(text, at)
    if day is None or not 1 <= day.value <= 31:
        return None
    after = text.sentence(day.end, *sorted((*UNTIL, *OR), key=len, reverse=True))
    if not after and text.mark(day.end, "-–—~,"):
        after = day.end + 1
    if not after and text.sort(day.end) is Sort.CHAIN and text.tokens[day.end].numbers[0] == day.value + 1:
        return Day(start=i, end=day.end, by=By.DATE, problem=Problem.ALTERNATIVES, number=day.value)
    other = full_date(text, after, today) if after else None
    if other is None or other.day is None or (text.mark(day.end, ",") and text.sort(after) is not Sort.CHAIN):
        return None
    found, problem = dated(today, day.value, other.day.month, other.day.year)
    return Day(start=i, end=day.end, by=By.DATE, day=found, problem=problem, number=day.value)


# --- a day of the month alone --------------------------------------------------------------------------------------


def day_of_month(text: Text, i: int, today: date) -> Day | None:
    """ "ngày 25", "mùng 5", "hôm 25"."""
    at = _after_lead(text, i)
    if at == i or (text.says(at - 1, "hôm", "bữa") and text.sort(at) is not Sort.NUMBER):
        return None
    day = _free_number(text, at)
    if day is None or text.says(day.end, *COUNTED):
        return None
    found, problem = next_such_day(today, day.value)
    month = text.small(day.end)
    if (
        month is not None
        and not _is_counted(text, day.end + 1)
        and found
        and month not in (found.month, day.value + 1)
    ):
        problem = problem or Problem.AMBIGUOUS  # "ngày 5 1": of January, or at one
    end = text.sentence(day.end, "này", "sắp tới", "tới đây", "dương lịch", "dương", "tây") or day.end
    return Day(start=i, end=end, by=By.DAY_OF_MONTH, day=found, problem=problem, number=day.value)


def _free_number(text: Text, at: int) -> Number | None:
    """The longest number here that no "giờ" claims."""
    free = [one for one in numbers(text, at) if not text.says(one.end, "giờ", "rưỡi", "h", "g", "phút")]
    return next(iter(free), None)


def another(text: Text, said: Day, today: date) -> Day | None:
    """The second of two that share a word: "ngày 25 hoặc 26", "thứ 3, 4 đều được"."""
    if said.by not in (By.WEEKDAY, By.DAY_OF_MONTH):
        return None
    if at := _and_the_next(text, said):
        return replace(said, start=at, end=at + 1, problem=Problem.ALTERNATIVES, day=None, other=None)
    after = text.sentence(said.end, *OR)
    comma = not after and text.mark(said.end, ",/")
    after = said.end + 1 if comma else after
    value = text.small(after) if after else None
    if value is None or _is_counted(text, after + 1) or (comma and not _closes_a_list(text, after + 1)):
        return None
    if said.by is By.DAY_OF_MONTH:
        found, problem = next_such_day(today, value)
        return Day(start=after, end=after + 1, by=said.by, day=found, problem=problem, number=value)
    if not 2 <= value <= 7:
        return None
    found, problem = weekday_in(today, value - 2, said.week)
    return Day(start=after, end=after + 1, by=said.by, day=found, problem=problem, weekday=value - 2, week=said.week)


def _is_counted(text: Text, at: int) -> bool:
    return bool(text.says(at, "giờ", "rưỡi", "h", "g", *COUNTED)) or text.sort(at) is Sort.NUMBER


def leaning(text: Text, i: int, earlier: Day) -> Day | None:
    """A bare number that leans on a date said earlier: "25/11 em bận, 26 nhé"."""
    value = text.small(i)
    if value is None or earlier.day is None or earlier.by not in (By.DATE, By.DAY_OF_MONTH):
        return None
    begins = text.sort(i - 1) is Sort.MARK or text.says(i - 1, "thì", "còn", "để", "nên", "hoặc", "hay")
    follows = text.at(i + 1) is None or text.sort(i + 1) is Sort.MARK or text.says(i + 1, *SELF, *POLITE, "lên", "ra")
    if not begins or not follows or not 1 <= value <= 31:
        return None
    found, problem = dated(earlier.day, value, earlier.day.month, earlier.day.year)
    return Day(start=i, end=i + 1, by=By.DATE, day=found, problem=problem, number=value)


def _and_the_next(text: Text, said: Day) -> int:
    """The place of a number that directly follows as another one: "ngày 25 26", "thứ ba tư", "thứ 2 4 6"."""
    before = (said.number or 0) if said.by is By.DAY_OF_MONTH else (said.weekday or 0) + 2
    after = number(text, said.end)
    if after is None or text.sort(said.end - 1) is not text.sort(said.end):
        return 0
    third = number(text, after.end)
    if said.by is By.WEEKDAY and third and before < after.value < third.value <= 7:
        return said.end
    return said.end if after.value == before + 1 and not _is_counted(text, after.end) else 0


def _closes_a_list(text: Text, at: int) -> bool:
    return text.at(at) is None or text.sort(at) is Sort.MARK or bool(text.says(at, "cũng", "đều", "gì", *OR))
