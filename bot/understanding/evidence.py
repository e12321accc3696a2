"""What speaks for each subject: patterns found, larger ones overruling those inside them, and likeness of phrases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import NamedTuple

from bot.understanding.similar import Alike

OVERRULED = 0.85  # how much a pattern inside a larger one of another subject loses
OVERRULED_ELSEWHERE = 0.5  # the share of that which its other patterns lose
NEGATED = 0.1  # what is left of a pattern in "không phải khai sinh"
ASIDE = 0.7  # what is left in the sentences of a story that ask nothing
LIKENESS = 0.8  # the most that likeness of phrases alone can reach
LIKENESS_BEND = 1.4  # above 1: half alike is less than half as good
UNEXPLAINED = 0.45  # what words that nothing explains take from a subject without clear patterns
AUTHORED = 0.99  # the score of a question that an author wrote down for this very subject
NAMED = 0.94  # … and of its very name; a broad word may still mean others beside it
AGAINST = 0.6  # what a pattern against a subject takes from it
# Found and learnt evidence taken together, as log-odds; weighed on messages of content/spoken and
# tests/questions: from 0.3 to 1.0 for what was found, right answers differ by half a point.
BY_FOUND, BY_LEARNT, BOTH_START = 0.5, 1.3, 3.0
FOUND_FLOOR, LEARNT_FLOOR = 0.05, 0.001  # nothing found, or never learnt, is no proof against
LEARNT_ENOUGH = 0.04  # from here on, a subject is considered on what was learnt alone
# What the language model makes of the message, where it is used; fitted by cross-validation over asked questions.
NEVER = 1e-4  # nothing is surer than this, before it is weighed again
BY_MEANT, MEANT_FLOOR, MEANT_START = 0.5, 0.005, 1.0


class Sign(NamedTuple):
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
    learnt: float | None  # None: the model does not know this subject
    meant: float | None  # … None: no language model is used, or it does not know this subject
    matched: str
    places: frozenset[int]

    @property
    def stages(self) -> dict[str, float]:
        return {
            "cues": round(self.cues, 3),
            "likeness": round(self.likeness, 3),
            "letters": round(self.letters, 3),
            **({} if self.learnt is None else {"learnt": round(self.learnt, 3)}),
            **({} if self.meant is None else {"meant": round(self.meant, 3)}),
            "score": round(self.score, 3),
        }


def strongest_signs(signs: Iterable[Sign]) -> list[Sign]:
    """Of signs for one subject at the same places, the strongest."""
    best: dict[tuple[str, frozenset[int]], Sign] = {}
    for sign in signs:
        known = best.get((sign.owner, sign.places))
        if known is None or sign.weight > known.weight:
            best[sign.owner, sign.places] = sign
    return list(best.values())


def overrule(signs: Sequence[Sign], generic: frozenset[int]) -> list[Sign]:
    """Signs that lie wholly inside a larger sign of another subject lose to it: "mất khai sinh" beats "khai sinh".

    What a subject says elsewhere in the message loses too, though less: whoever asks for "trích lục khai sinh" and
    later says "khai sinh" again means the same thing. `generic` are the places of words said about anything: the
    "làm" of "làm khai sinh" makes nothing larger.
    """
    cores = [(sign.places - generic) or sign.places for sign in signs]
    everyone = range(len(signs))
    above = [
        [one for one in everyone if _larger(signs[one], cores[one], sign, core)]
        for sign, core in zip(signs, cores, strict=True)
    ]
    elsewhere: dict[str, float] = defaultdict(float)
    for sign, larger in zip(signs, above, strict=True):
        for one in larger:
            # A rival that one of this subject's own signs overrules in turn proves nothing.
            if all(signs[other].owner != sign.owner for other in above[one]):
                weight = OVERRULED_ELSEWHERE * signs[one].weight
                elsewhere[sign.owner] = max(elsewhere[sign.owner], weight)
    return [
        _weighing(sign, 1 - OVERRULED * max([elsewhere[sign.owner], *(signs[one].weight for one in larger)]))
        for sign, larger in zip(signs, above, strict=True)
    ]


def _larger(other: Sign, its_core: frozenset[int], sign: Sign, core: frozenset[int]) -> bool:
    """True if the other sign explains all that this one does, and more. Broad words also win where both are alike."""
    if other.owner == sign.owner or not core <= other.places:
        return False
    if core == its_core:
        return other.owner.startswith("broad:") or sign.places < other.places
    return True


def dampen(signs: Iterable[Sign], aside: frozenset[int], negated: frozenset[int]) -> list[Sign]:
    """Signs weighed by where they stand: less if wholly aside from the question, hardly if a part is taken back."""
    return [
        _weighing(sign, NEGATED if not sign.places.isdisjoint(negated) else ASIDE if sign.places <= aside else 1.0)
        for sign in signs
    ]


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
    learnt: Mapping[str, float],
    meant: Mapping[str, float],
) -> list[Evidence]:
    """The evidence for every subject that has any, best first. `unexplained`: by subject, a share of the words;
    `learnt`, `meant`: how likely the light model and the language model find those subjects that they know."""
    combined = combine(signs)
    likely = (owner for chances in (learnt, meant) for owner, one in chances.items() if one >= LEARNT_ENOUGH)
    weighed = [
        _evidence(
            owner,
            combined.get(owner),
            against.get(owner, 0.0),
            alike.get(owner),
            unexplained.get(owner, 0.0),
            learnt.get(owner),
            meant.get(owner),
        )
        for owner in {*combined, *alike, *likely}
    ]
    return sorted(weighed, key=lambda evidence: (-evidence.score, evidence.owner))


def _evidence(
    owner: str,
    found: tuple[float, Sign, frozenset[int]] | None,
    against: float,
    alike: Alike | None,
    unexplained: float,
    learnt: float | None,
    meant: float | None,
) -> Evidence:
    cues, best, places = found or (0.0, None, frozenset[int]())
    likeness = alike.score if alike else 0.0
    by_likeness = LIKENESS * likeness**LIKENESS_BEND
    both = 1 - (1 - cues) * (1 - by_likeness)
    score = both * (1 - AGAINST * against) * (1 - UNEXPLAINED * unexplained * (1 - cues))
    if learnt is not None:
        score = taken_together(score, learnt)
    if meant is not None:
        score = shifted(score, BY_MEANT * log(meant + MEANT_FLOOR) + MEANT_START)
    if alike and alike.same:
        score = max(score, AUTHORED)
    elif alike and alike.named:
        score = max(score, NAMED)
    matched = best.text if best and (not alike or best.weight >= by_likeness) else alike.phrase if alike else ""
    return Evidence(owner, score, cues, likeness, alike.letters if alike else 0.0, learnt, meant, matched, places)


def taken_together(found: float, learnt: float) -> float:
    """How likely a subject is meant, given what was found for it and what the model makes of the words."""
    odds = BY_FOUND * log(found + FOUND_FLOOR) + BY_LEARNT * log(learnt + LEARNT_FLOOR) + BOTH_START
    return 1 / (1 + exp(-odds))


def shifted(score: float, by: float) -> float:
    """The score with that much added to its log-odds."""
    sure = min(max(score, NEVER), 1 - NEVER)
    return 1 / (1 + exp(-by) * (1 - sure) / sure)
