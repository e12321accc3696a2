"""Dates and hours as citizens say them: `read_date("2h chieu thu 5 tuan sau", now)`.

A message is cut into tokens (`tokens`); recognisers find what names a day or an hour, and what only looks so (`scan`
lists them); what was corrected or ruled out is dropped (`choose`, `refusals`); what is left has one meaning or a
problem (`meaning`). When in doubt it is a problem: a wrong day costs a journey, a needless question costs a message.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from bot.calendar import LOCAL
from bot.understanding.dates.choose import sift
from bot.understanding.dates.meaning import Meaning, Moment, mean
from bot.understanding.dates.mentions import Mention, Problem
from bot.understanding.dates.scan import scan
from bot.understanding.dates.tokens import Text

__all__ = ["Moment", "Problem", "Reading", "read_date"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message says of a day and an hour, both in Asia/Ho_Chi_Minh.

    Usable if `problem` is None: then `day` is set, not before today, and `time` if an hour was said, not before now.
    Otherwise `day` is None, and `choices` are at most two moments worth offering: both readings of something
    ambiguous, both of two alternatives, the solar day of a lunar one. With `Problem.NO_DAY`, `time` is the hour said.
    """

    problem: Problem | None
    day: date | None = None
    time: time | None = None
    choices: tuple[Moment, ...] = ()
    said: str = ""  # the words it was read from, as they were typed

    @property
    def moment(self) -> Moment | None:
        """The day and time, if usable."""
        return Moment(self.day, self.time) if self.day and not self.problem else None

    def expect(self) -> str | None:
        """YYYY-MM-DDTHH:MM, YYYY-MM-DD if no hour was said, None if not usable: as evaluation files have it."""
        return str(self.moment) if self.moment else None


LONGEST = 250  # words and marks; whoever says when they come says it in fewer


def read_date(text: str, now: datetime) -> Reading:
    """What `text` says of a day and an hour, said at `now` (aware; a naive time is taken for local).

    Opening hours, holidays and working days are not looked at: `bot.calendar` knows them.
    """
    local = (now.astimezone(LOCAL) if now.tzinfo else now).replace(tzinfo=None)
    words = Text(text)
    if len(words) > LONGEST:
        return Reading(Problem.VAGUE)
    mentions = scan(words, local.date())
    sifted = sift(words, mentions, local.date())
    meaning = Meaning(sifted) if isinstance(sifted, Problem) else mean(sifted, local)
    left = mentions if isinstance(sifted, Problem) else sifted.mentions
    said = _said(words, left or mentions)
    return Reading(meaning.problem, meaning.day, meaning.time, meaning.choices, said)


def _said(text: Text, mentions: list[Mention]) -> str:
    if not mentions:
        return ""
    return text.typed(min(one.start for one in mentions), max(one.end for one in mentions))
