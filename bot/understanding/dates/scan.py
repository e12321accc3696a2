"""All mentions of a message in order: at every token, the first recogniser that knows what begins there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from bot.understanding.dates import distances, hours, lunar, months, others, weekdays
from bot.understanding.dates.mentions import Day, Mention, Nothing
from bot.understanding.dates.tokens import Text

Recogniser = Callable[[Text, int, date], Mention | None]

# The order is the precedence: what is surely no date; then the longer and stricter before the shorter.
RECOGNISERS: tuple[Recogniser, ...] = (
    lunar.lunar,
    others.nothing,
    lambda text, i, _: hours.clock(text, i),
    months.full_date,
    distances.distance,
    weekdays.weekday,
    months.day_of_month,
    weekdays.week,
    lambda text, i, _: hours.part(text, i),
)


def scan(text: Text, today: date) -> list[Mention]:
    """What was said of days and hours, in order and without overlap."""
    found: list[Mention] = []
    at = 0
    while at < len(text):
        mention = next((one for find in RECOGNISERS if (one := find(text, at, today))), None)
        earlier = [one for one in found if isinstance(one, Day)]
        if mention is None and earlier:
            mention = months.leaning(text, at, earlier[-1])
        if mention is None:
            at += 1
            continue
        found.append(mention)
        at = mention.end
        if isinstance(mention, Day) and (second := months.another(text, mention, today)):
            found.append(second)
            at = second.end
    return [one for one in found if not isinstance(one, Nothing)]
