"""Numbers as people say them: 25, "hai mươi lăm", "hai lăm", "hăm lăm", "mười một"."""

from __future__ import annotations

from dataclasses import dataclass

from bot.understanding.dates.tokens import Sort, Text
from bot.understanding.dates.words import UNITS


@dataclass(frozen=True, slots=True)
class Number:
    """A number that ends before token `end`. `short`: tens left unsaid, as "hai lăm"."""

    value: int
    end: int
    short: bool = False


def numbers(text: Text, i: int) -> list[Number]:
    """All numbers under 100 that begin at this token, the longest first."""
    if text.sort(i) is Sort.NUMBER:
        digits = text.small(i)
        return [] if digits is None else [Number(digits, i + 1)]
    if text.sort(i) is not Sort.WORD:
        return []
    found = [*_teens(text, i), *_tens(text, i)]
    return sorted(found, key=lambda number: -number.end)


def number(text: Text, i: int) -> Number | None:
    """The longest number under 100 that begins at this token."""
    return next(iter(numbers(text, i)), None)


def unit(text: Text, i: int) -> int | None:
    """The word for 1 to 9 that stands here."""
    return UNITS.get(text.says(i, *UNITS))


def _teens(text: Text, i: int) -> list[Number]:
    for word, tens in (("mười", 10), ("hăm", 20)):
        if text.says(i, word) and not _is(text, i, "mươi"):
            after = unit(text, i + 1)
            alone = [Number(10, i + 1)] if tens == 10 else []
            return alone if after is None else [*alone, Number(tens + after, i + 2)]
    if text.says(i, "linh", "lẻ") and (after := unit(text, i + 1)):
        return [Number(after, i + 2)]
    return []


def _tens(text: Text, i: int) -> list[Number]:
    first = unit(text, i)
    if first is None or text.says(i, "lăm", "nhăm"):
        return []
    found = [Number(first, i + 1)]
    if text.says(i, "tư"):
        return found  # 40 is "bốn mươi"
    if text.says(i + 1, "mươi", "chục") and not _is(text, i + 1, "mười"):
        found.append(Number(first * 10, i + 2))
        after = 1 if text.says(i + 2, "mốt") else unit(text, i + 2)
        if after is not None:
            found.append(Number(first * 10 + after, i + 3))
    elif first in (2, 3, 4, 5):
        after = 1 if text.says(i + 1, "mốt") else unit(text, i + 1)
        if after is not None:
            found.append(Number(first * 10 + after, i + 2, short=True))
    return found


def _is(text: Text, i: int, word: str) -> bool:
    """True if exactly this spelling stands here: with marks, "mười" and "mươi" are told apart."""
    token = text.at(i)
    return token is not None and token.low == word


def year(text: Text, i: int) -> Number | None:
    """The year from 1900 to 2099 said here: 2026, "hai nghìn không trăm hai mươi sáu", "hai không hai sáu"."""
    token = text.at(i)
    if token and token.sort is Sort.NUMBER and token.lengths == (4,):
        return Number(token.numbers[0], i + 1) if 1900 <= token.numbers[0] <= 2099 else None
    if not text.says(i, "hai"):
        return None
    after = text.sentence(i + 1, "nghìn không trăm", "nghìn", "không")
    rest = number(text, after) if after else None
    return Number(2000 + rest.value, rest.end) if rest else None


def begins_hour(text: Text, i: int) -> bool:
    """True if a number and "giờ" begin here."""
    return any(text.says(one.end, "giờ", "rưỡi") for one in numbers(text, i))
