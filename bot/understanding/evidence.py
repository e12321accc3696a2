"""What speaks for each subject: patterns found, larger ones overruling those inside them, and likeness of phrases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.understanding.similar import Alike

OVERRULED = 0.85  # how much a pattern inside a larger one of another subject loses
NEGATED = 0.1  # what is left of a pattern in "không phải khai sinh"
ASIDE = 0.7  # what is left in the sentences of a story that ask nothing
LIKENESS = 0.8  # the most that likeness of phrases alone can reach
LIKENESS_BEND = 1.4  # above 1: half alike is less than half as good
UNEXPLAINED = 0.45  # what words that nothing explains take from a subject without clear patterns
AGAINST = 0.6  # what a pattern against a subject takes from it


@dataclass(frozen=True, slots=True)
class Sign:
    """A pattern found in the message, weighed."""

    owner: str
    weight: float
    text: str
    places: frozenset[int]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that speaks for one subject. `score` is 0 to 1."""

    owner: str
    score: float
    cues: float
    likeness: float
    letters: float
    matched: str
    places: frozenset[int]

    @property
    def stages(self) -> dict[str, float]:
        return {
            "cues": round(self.cues, 3),
            "likeness": round(self.likeness, 3),
            "letters": round(self.letters, 3),
            "score": round(self.score, 3),
        }


def overrule(signs: Sequence[Sign]) -> list[Sign]:
    """Signs that lie wholly inside a larger sign of another subject lose to it: "mất khai sinh" beats "khai sinh"."""
    weighed = []
    for sign in signs:
        above = max((other.weight for other in signs if _overrules(other, sign)), default=0.0)
        weighed.append(_weighing(sign, 1 - OVERRULED * above))
    return weighed


def _overrules(other: Sign, sign: Sign) -> bool:
    if other.owner == sign.owner or not sign.places <= other.places:
        return False
    return sign.places != other.places or other.owner.startswith("broad:")


def dampen(signs: Iterable[Sign], factor: Mapping[int, float]) -> list[Sign]:
    """Signs weighed by where they stand; the best of their places counts."""
    return [_weighing(sign, max(factor.get(place, 1.0) for place in sign.places)) for sign in signs]


def _weighing(sign: Sign, factor: float) -> Sign:
    return sign if factor == 1.0 else Sign(sign.owner, sign.weight * factor, sign.text, sign.places)


def combine(signs: Iterable[Sign]) -> dict[str, tuple[float, Sign, frozenset[int]]]:
    """For each subject: signs in different places taken together, the strongest sign, and all places."""
    by_owner: dict[str, list[Sign]] = defaultdict(list)
    for sign in signs:
        by_owner[sign.owner].append(sign)
    combined = {}
    for owner, mine in by_owner.items():
        mine.sort(key=lambda sign: (-sign.weight, -len(sign.places)))
        doubt, covered = 1.0, frozenset[int]()
        for sign in mine:
            # The same words said once must not count twice: only what is new in a sign adds to it.
            new = len(sign.places - covered) / len(sign.places)
            doubt *= 1 - sign.weight * new
            covered |= sign.places
        combined[owner] = (1 - doubt, mine[0], covered)
    return combined


def weigh(
    signs: Sequence[Sign],
    against: Mapping[str, float],
    alike: Mapping[str, Alike],
    unexplained: Mapping[str, float],
) -> list[Evidence]:
    """The evidence for every subject that has any, best first. `unexplained`: share of a message's words, by subject."""
    combined = combine(signs)
    weighed = [
        _evidence(owner, combined.get(owner), against.get(owner, 0.0), alike.get(owner), unexplained.get(owner, 0.0))
        for owner in {*combined, *alike}
    ]
    return sorted(weighed, key=lambda evidence: (-evidence.score, evidence.owner))


def _evidence(
    owner: str,
    found: tuple[float, Sign, frozenset[int]] | None,
    against: float,
    alike: Alike | None,
    unexplained: float,
) -> Evidence:
    cues, best, places = found or (0.0, None, frozenset[int]())
    likeness = alike.score if alike else 0.0
    by_likeness = LIKENESS * likeness**LIKENESS_BEND
    both = 1 - (1 - cues) * (1 - by_likeness)
    score = both * (1 - AGAINST * against) * (1 - UNEXPLAINED * unexplained * (1 - cues))
    matched = best.text if best and (not alike or best.weight >= by_likeness) else alike.phrase if alike else ""
    return Evidence(owner, score, cues, likeness, alike.letters if alike else 0.0, matched, places)


def places_of(signs: Iterable[Sign], owners: Collection[str]) -> frozenset[int]:
    """Where signs of those owners stand."""
    return frozenset(place for sign in signs if sign.owner in owners for place in sign.places)
