"""The mentions of one message while they are sifted: their clauses, and what stands beside what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from bot.understanding.dates.mentions import By, Clock, Day, Mention, Part
from bot.understanding.dates.solar import weekday_in
from bot.understanding.dates.tokens import Sort, Text

M = TypeVar("M", bound=Mention)

NEAR = 3  # words
_CLAUSES_BEGIN = ("mà", "nhưng", "còn", "nên", "chứ", "vì")


class Said:
    """The mentions of one message, while they are sifted."""

    def __init__(self, text: Text, mentions: Sequence[Mention]) -> None:
        self.text = text
        self.mentions = list(mentions)
        self._taken = {at for one in mentions for at in range(one.start, one.end)}
        self._clause = self._clauses()

    def _clauses(self) -> list[int]:
        """To which clause each token belongs."""
        clauses, now = [], 0
        for at in range(len(self.text)):
            word = self.text.says(at, *_CLAUSES_BEGIN)
            sure = word in ("mà", "nhưng") or not self.text.bare(at)  # "con" is more often "con" than "còn"
            ends = self.text.mark(at, ",.;!?…\n") or bool(word and sure)
            now += ends and at not in self._taken
            clauses.append(now)
        return clauses

    def clause(self, at: int) -> int:
        return self._clause[at]

    def of(self, *kinds: type[M]) -> list[M]:
        """The mentions of these kinds that are left, in order."""
        return [one for one in self.mentions if isinstance(one, kinds)]

    def drop(self, gone: Iterable[Mention]) -> None:
        """Forget these mentions."""
        lost = {one.start for one in gone}
        self.mentions = [one for one in self.mentions if one.start not in lost]

    def put(self, old: Mention, new: Mention) -> None:
        """One mention in the place of another."""
        self.mentions = [new if one.start == old.start else one for one in self.mentions]

    def beside(self, day: Mention) -> list[Mention]:
        """The clock times and parts of the day that go with a day: those of its clause that stand nearest to it."""
        clause = self.clause(day.start)
        rivals = [one for one in self.of(Day) if self.clause(one.start) == clause]
        near = [one for one in self.of(Clock, Part) if self.clause(one.start) == clause]
        return [
            one for one in near if not rivals or min(rivals, key=lambda rival: gap(rival, one)).start == day.start
        ]

    def taken_by(self, *kinds: type[Mention]) -> set[int]:
        """The tokens that belong to mentions of these kinds."""
        return {at for one in self.of(*kinds) for at in range(one.start, one.end)}

    def free(self, start: int, end: int) -> list[int]:
        """The tokens between two places that belong to no mention."""
        return [at for at in range(start, end) if at not in self._taken]


def gap(one: Mention, other: Mention) -> int:
    """How many tokens stand between two mentions."""
    return other.start - one.end if other.start >= one.end else one.start - other.end


def stands_beside(said: Said, one: Mention, other: Mention) -> bool:
    """True if only marks and small words stand between two mentions: "thứ 5, ngày 26/11"."""
    text = said.text
    first, last = sorted((one, other), key=lambda mention: mention.start)
    return all(
        text.sort(at) is Sort.MARK or text.says(at, "ngày", "tức", "là", "nhằm", "vào", "lúc", "hôm")
        for at in said.free(first.end, last.start)
    )


def same_week(day: Mention, other: Mention, today: date) -> Mention:
    """A weekday that was said without a week takes the week that was said with the other one."""
    if isinstance(day, Day) and isinstance(other, Day) and other.by is By.WEEKDAY and other.week is not None:
        return in_week(day, other.week, today)
    return day


def in_week(day: Day, week: int, today: date) -> Day:
    """That weekday in the week so many from this one; a day that has its own week stays."""
    if day.weekday is None or day.week is not None or day.over:
        return day
    found, problem = weekday_in(today, day.weekday, week)
    return replace(day, week=week, day=found, problem=problem, other=None)
