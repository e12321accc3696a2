"""Which hamlet is meant: by its name of today, an old one, or what stands there; however it is spelt.

People say "Suối Trên", "bản suoi tren", "chỗ cầu treo", "đội 5 cũ". What they say is laid beside each name of the
locality, window by window; a whole name counts more than its proper part, a name of today more than an old one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from bot.understanding.text import clean, closeness, has_marks, plain, words

if TYPE_CHECKING:
    from content.models import Locality

NOW, OLD, LANDMARK = 1.0, 0.95, 0.85  # how surely the place is meant by a name of today, an old one, a landmark
PROPER = 0.9  # "Suối Trên" alone, without "bản"
COMMON = 0.85  # "cầu treo" alone, of "cầu treo Suối Trên"
OTHER_MARKS = 0.85  # "Suối Trện"
ALIKE = 80  # of 100: from here on, letters are a slip of the finger
SHORT, SHORT_ALIKE = 7, 88  # shorter names have neighbours: "Nà Lúa", "Nà Lụa"
TINY = 3  # so few letters must be typed rightly


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPlace:
    """A place that may be meant: a hamlet's id, or the commune's own. `said_as` is the name of content that fitted,
    `score` 0 to 1."""

    id: str
    name: str
    said_as: str
    score: float


def find_places(text: str, locality: Locality) -> tuple[FoundPlace, ...]:
    """The places that the text names, the likeliest first, each once. Nothing if it names none."""
    said = [word.lower() for word in words(clean(text))]
    best: dict[str, FoundPlace] = {}
    for id_, name, said_as, weight in _names(locality):
        common, proper = _parts(said_as)
        score = weight * max(
            _fit(said, [*common, *proper]),
            PROPER * _fit(said, proper if len(proper) > 1 else ()),
            COMMON * _fit(said, common if len(common) > 1 else ()),
        )
        if score and (id_ not in best or score > best[id_].score):
            best[id_] = FoundPlace(id=id_, name=name, said_as=said_as, score=round(score, 3))
    return tuple(sorted(best.values(), key=lambda found: -found.score))


def _names(locality: Locality) -> Iterator[tuple[str, str, str, float]]:
    """Each name of each place, and how much it counts. The commune comes last: a hamlet is more exact."""
    for hamlet in locality.hamlets:
        yield hamlet.id, hamlet.name, hamlet.name, NOW
        yield from ((hamlet.id, hamlet.name, old, OLD) for old in hamlet.old_names)
        yield from ((hamlet.id, hamlet.name, mark, LANDMARK) for mark in hamlet.landmarks)
    yield locality.id, locality.name, locality.name, NOW
    yield from ((locality.id, locality.name, old, OLD) for old in locality.old_names)


def _parts(name: str) -> tuple[list[str], list[str]]:
    """What kind of place it is, and its proper name from the first capital on: "cầu treo" and "Suối Trên"."""
    said = words(name)
    start = next((at for at, word in enumerate(said) if word[0].isupper()), len(said))
    lowered = [word.lower() for word in said]
    return lowered[:start], lowered[start:]


def _fit(said: Sequence[str], name: Sequence[str]) -> float:
    """How well the best run of words fits the name, 0 to 1; 0 for less than a slip."""
    if not name:
        return 0.0
    sizes = {len(name), max(1, len(name) - 1), len(name) + 1, 1}
    runs = (said[at : at + size] for size in sizes for at in range(len(said) - size + 1))
    return max((_alike(run, name) for run in runs), default=0.0)


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
