"""What is found in a message: days, clock times, parts of the day, weeks, and what only looks like one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum, auto


class Problem(StrEnum):
    """Why what was said is not one usable date."""

    NONE_SAID = "none-said"  # nothing that tells a day, or only days that were ruled out
    NO_DAY = "no-day"  # a clock time or part of the day, but of which day?
    PAST = "past"
    INVALID = "invalid"  # 31/11, 25h, thứ 8
    VAGUE = "vague"  # "cuối tháng", "hôm nào rảnh", "tuần sau"
    AMBIGUOUS = "ambiguous"  # one saying with two meanings: 6h, "thứ 5 này" once Thursday is over
    LUNAR = "lunar"
    DISAGREE = "disagree"  # weekday and date
    ALTERNATIVES = "alternatives"  # "thứ 3 hoặc thứ 4"


class By(Enum):
    """How a day was named."""

    WEEKDAY = auto()
    DATE = auto()  # with its month
    DAY_OF_MONTH = auto()
    DISTANCE = auto()  # today, tomorrow, in 3 days


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Something found from token `start` up to before token `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day(Mention):
    """A day: which one it is, or what is wrong with it. Of a weekday, `week` counts from this one if it was said."""

    by: By
    day: date | None = None
    problem: Problem | None = None
    weekday: int | None = None  # Monday is 0
    week: int | None = None
    number: int | None = None  # the day of the month, where one was said
    other: date | None = None  # what it could mean as well
    over: bool = False  # said as something that has happened: "hôm qua"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock(Mention):
    """A clock time as it was said: 3h is hour 3, whatever it means."""

    hour: int
    minute: int = 0
    less: int = 0  # minutes to take off: "9 giờ kém 15"
    problem: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Mention):
    """A part of the day ("" if only "đầu giờ" was said). `first`: its beginning was meant, "đầu giờ chiều".

    `unsure`: typed without marks, it may be another word ("toi", "sang").
    """

    name: str
    first: bool = False
    unsure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Week(Mention):
    """A week said on its own: its number counted from this one, and its Monday."""

    offset: int
    first: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(Mention):
    """Something about time that names no day: "cuối tháng", "hôm nào".

    A `period` says something of the day after all: "month" is one that a day of the month can lie in ("cuối tháng"),
    "other" one that only a date in full can be told of ("tháng sau", "vài tuần nữa").
    """

    period: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lunar(Mention):
    """Something of the lunar calendar; `day` is the solar day, where one was named. `aside`: as in "sắp Tết"."""

    day: date | None = None
    aside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing(Mention):
    """What looks like a date or an hour, and is none: a house number, an ordinal, a name."""
