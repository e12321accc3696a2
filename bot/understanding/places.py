"""Which place is meant: by its name of today, an old one, or what stands there; however it is spelt.

People say "Suối Trên", "bản suoi tren", "chỗ cầu treo", "đội 5 cũ". What they say is laid beside each name of the
locality, window by window; a whole name counts more than its proper part, a name of today more than an old one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from bot.understanding.text import clean, closeness, has_marks, plain, words

if TYPE_CHECKING:
    from content.models import Counter, Hamlet, Locality

NOW, OLD, LANDMARK = 1.0, 0.95, 0.85  # how surely the place is meant by a name of today, an old one, a landmark
PROPER = 0.9  # "Suối Trên" alone, without "bản"
COMMON = 0.85  # "cầu treo" alone, of "cầu treo Suối Trên"
OTHER_MARKS = 0.85  # "Suối Trện"
ALIKE = 80  # of 100: from here on, letters are a slip of the finger
SHORT, SHORT_ALIKE = 7, 88  # shorter names have neighbours: "Nà Lúa", "Nà Lụa"
TINY = 3  # so few letters must be typed rightly


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place that may be meant: the id of a hamlet, of a counter, or the commune's own. `said_as` is the name of
    content that fitted, `score` 0 to 1; `beside` are the words that were said beside all of its names."""

    id: str
    name: str
    said_as: str
    score: float
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Name:
    """What a place is called, and how surely it is meant by that: NOW, OLD or LANDMARK."""

    id: str
    name: str  # as the bot says it
    said_as: str
    weight: float


def find_places(text: str, locality: Locality) -> tuple[FoundPlace, ...]:
    """The places of the commune that the text names, the likeliest first, each once. Nothing if it names none."""
    return find_named(text, _names(locality))


def find_hamlets(text: str, locality: Locality) -> tuple[FoundPlace, ...]:
    """As `find_places`, but for the commune itself."""
    return tuple(found for found in find_places(text, locality) if found.id != locality.id)


def find_counters(text: str, counters: Iterable[Counter], locality: Locality) -> tuple[FoundPlace, ...]:
    """The counters that the text names, by what they are called or stand at, or by a hamlet that they serve."""
    hamlets = {hamlet.id: list(_hamlet_names(hamlet)) for hamlet in locality.hamlets}
    names = [
        name
        for counter in counters
        for name in (
            Name(counter.id, counter.name, counter.name, NOW),
            *(Name(counter.id, counter.name, mark, NOW) for mark in counter.landmarks),
            *(
                replace(name, id=counter.id, name=counter.name)
                for id_ in counter.hamlets
                for name in hamlets.get(id_, ())
            ),
        )
    ]
    return find_named(text, names)


def find_named(text: str, names: Iterable[Name]) -> tuple[FoundPlace, ...]:
    """Those of the names that the text has, the likeliest first, each place once."""
    said = [word.lower() for word in words(clean(text))]
    best: dict[str, FoundPlace] = {}
    for one in names:
        common, proper = _parts(one.said_as)
        (score, run) = max(
            (share * fit, run)
            for share, name in (
                (one.weight, [*common, *proper]),
                (one.weight * PROPER, proper if len(proper) > 1 else []),
                (one.weight * COMMON, common if len(common) > 1 else []),
            )
            for fit, run in (_fit(said, name),)
        )
        if not score:
            continue
        beside = (*said[: run[0]], *said[run[1] :])
        known = best.get(one.id)
        if known is None or score > known.score:
            rest = min(beside, known.beside, key=len) if known else beside
            best[one.id] = FoundPlace(one.id, one.name, one.said_as, round(score, 3), rest)
        elif len(beside) < len(known.beside):  # "chợ Bến Gạo" says no more than "Bến Gạo", and leaves less over
            best[one.id] = replace(known, beside=beside)
    return tuple(sorted(best.values(), key=lambda found: -found.score))


def _names(locality: Locality) -> Iterator[Name]:
    """Each name of each place, and how much it counts. The commune comes last: a hamlet is more exact."""
    for hamlet in locality.hamlets:
        yield from _hamlet_names(hamlet)
    yield Name(locality.id, locality.name, locality.name, NOW)
    yield from (Name(locality.id, locality.name, old, OLD) for old in locality.old_names)


def _hamlet_names(hamlet: Hamlet) -> Iterator[Name]:
    yield Name(hamlet.id, hamlet.name, hamlet.name, NOW)
    yield from (Name(hamlet.id, hamlet.name, old, OLD) for old in hamlet.old_names)
    yield from (Name(hamlet.id, hamlet.name, mark, LANDMARK) for mark in hamlet.landmarks)


def _parts(name: str) -> tuple[list[str], list[str]]:
    """What kind of place it is, and its proper name from the first capital on: "cầu treo" and "Suối Trên"."""
    said = words(name)
    start = next((at for at, word in enumerate(said) if word[0].isupper()), len(said))
    lowered = [word.lower() for word in said]
    return lowered[:start], lowered[start:]


def _fit(said: Sequence[str], name: Sequence[str]) -> tuple[float, tuple[int, int]]:
    """How well the best run of words fits the name, 0 to 1, and from where to where it goes; 0 for less than a
    slip."""
    if not name:
        return 0.0, (0, 0)
    sizes = {len(name), max(1, len(name) - 1), len(name) + 1, 1}
    runs = ((at, at + size) for size in sizes for at in range(len(said) - size + 1))
    return max(((_alike(said[start:end], name), (start, end)) for start, end in runs), default=(0.0, (0, 0)))


def _alike(run: Sequence[str], name: Sequence[str]) -> float:
    typed, ours = "".join(map(plain, run)), "".join(map(plain, name))
    if typed == ours:
        same = len(run) != len(name) or all(map(closeness, run, name)) or not any(map(has_marks, run))
        return 1.0 if same else OTHER_MARKS
    if min(len(typed), len(ours)) <= TINY or _numbers(run) != _numbers(name):
        return 0.0
    ratio = fuzz.ratio(typed, ours)
    return ratio / 100 if ratio >= (ALIKE if len(ours) > SHORT else SHORT_ALIKE) else 0.0


def _numbers(said: Sequence[str]) -> list[str]:
    """ "đội 5" is not "đội 6", however alike they look."""
    return [word for word in said if word.isdigit()]
