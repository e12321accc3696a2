"""Patterns of words ("mất + khai sinh/hôn thú - sổ gốc"), found in a message.

All phrases of all patterns stand in one tree, so that a message is read once, however many patterns there are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from sys import intern
from typing import NamedTuple

from bot.understanding.repair import Variants
from bot.understanding.text import HOI_NGA, closeness, has_marks, plain, same_sound, sound, words

SPAN = 18  # the parts of a pattern stand within so many words of one another
CLOSE = 5  # so many words between them cost nothing,
LISTED = 8  # what is listed stands within so many words
FAR = 0.04  # and each further one this much
FITS = 0.7  # from here on, typed words count as a phrase of ours
MARKS_MISSING = 0.6  # amid words with marks, a word that lacks some most likely is another one
GUESSED = 0.75  # a lone word without marks that can be read in several ways
UNLIKELY = 0.7  # one that most often is a word said about anything: "chuyen" is "chuyện" before "chuyển"
MARKED_SHARE = 0.4  # from this share of marked words on, a text is one that carries marks

Phrase = tuple[str, ...]


class Found(NamedTuple):
    """A phrase in the message: from word `start` up to before word `end`, fitting so well."""

    phrase: int
    start: int
    end: int
    fit: float


class Hit(NamedTuple):
    """A pattern in the message, with the places of all its words."""

    pattern: int
    places: frozenset[int]
    fit: float


@dataclass(frozen=True, slots=True)
class Pattern:
    """What must stand near one another (each part in one of its wordings), and what must not be there."""

    owner: str  # whom it speaks for
    weight: float
    text: str  # as the author wrote it
    parts: tuple[frozenset[int], ...]
    without: frozenset[int]


class Patterns:
    """All patterns; add them, then `find`."""

    def __init__(
        self,
        groups: Mapping[str, Sequence[str]],
        generic: Collection[str] = (),
        variants: Variants | None = None,
    ) -> None:
        """`generic`: the words that are said about anything; without marks, ours are not seen in them. `variants`:
        the regional words that every message has lost before it comes here, so that an author may write either."""
        self._groups, self._variants = groups, variants or Variants({})
        self._generic = {plain(word): sound(word) for word in generic}
        self._spellings: dict[str, set[str]] = defaultdict(set)  # plain word -> ours that look so without marks
        # Every beginning of a phrase, plain -> the phrases that end there.
        self._tree: dict[str, tuple[int, ...]] = {}
        self.phrases: list[Phrase] = []
        self._bare: set[str] = set()  # words of ours that have no marks: "cho", "con", "khai"
        self.patterns: list[Pattern] = []
        self._using: list[tuple[int, ...]] = []  # by phrase, the patterns whose rarest part it may be

    def add(self, cue: str, owner: str, weight: float) -> None:
        """One pattern as an author writes it."""
        wanted, *unwanted = cue.split(" - ")
        parts = tuple(frozenset(self._alternatives(part)) for part in wanted.split(" + "))
        without = frozenset(phrase for part in unwanted for phrase in self._alternatives(part))
        number = len(self.patterns)
        self.patterns.append(Pattern(owner, weight, cue, parts, without))
        alone = (number,)  # one for all phrases that have no other: there are ten thousands
        for phrase in min(parts, key=len):  # the part with the fewest wordings is found least often
            self._using[phrase] = (*self._using[phrase], *alone) if self._using[phrase] else alone

    def _alternatives(self, part: str) -> Iterable[int]:
        for wording in part.split("/"):
            pieces = re.split(r"<([^>]+)>", wording)
            choices = [self._groups[piece] if odd % 2 else (piece,) for odd, piece in enumerate(pieces)]
            for chosen in product(*choices):
                phrase = tuple(map(intern, self._variants.in_ours(words(" ".join(chosen).lower()))))
                if phrase:
                    yield self._phrase(phrase)

    def _phrase(self, phrase: Phrase) -> int:
        keys = [plain(word) for word in phrase]
        whole = " ".join(keys)
        for known in self._tree.get(whole, ()):
            if self.phrases[known] == phrase:
                return known
        number = len(self.phrases)
        self.phrases.append(phrase)
        self._using.append(())
        self._bare.update(word for word in phrase if not has_marks(word))
        for key, word in zip(keys, phrase, strict=True):
            self._spellings[key].add(sound(word))
        for end in range(1, len(keys)):
            self._tree.setdefault(" ".join(keys[:end]), ())
        self._tree[whole] = (*self._tree.get(whole, ()), number)
        return number

    def phrases_in(self, said: Sequence[str], marked: bool | None = None) -> list[Found]:
        """Every phrase of any pattern that stands in these words. `marked`: whether their writer uses marks."""
        keys = [plain(word) for word in said]
        marked = is_marked(said) if marked is None else marked
        found = []
        for start, key in enumerate(keys):
            end, beginning = start + 1, key
            while (ending := self._tree.get(beginning)) is not None:
                for number in ending:
                    fit = self._fit(said[start:end], self.phrases[number], marked)
                    if fit >= FITS:
                        found.append(Found(number, start, end, fit))
                if end == len(keys):
                    break
                beginning = f"{beginning} {keys[end]}"
                end += 1
        return found

    def _fit(self, said: Sequence[str], phrase: Phrase, marked: bool) -> float:
        """The mean over the words; one word that can't be the phrase's makes it 0."""
        if len(phrase) == 1 and not marked and has_marks(phrase[0]) and not has_marks(said[0]):
            return self._guess(phrase[0])
        total = 0.0
        for typed, ours in zip(said, phrase, strict=True):
            fit = closeness(typed, ours)
            if marked and fit:
                fit = self._amid_marks(typed, ours, fit)
            if not fit:
                return 0.0
            total += fit
        return total / len(phrase)

    def _guess(self, ours: str) -> float:
        """How likely a lone word without marks is that word of ours: "mat" may be many."""
        key = plain(ours)
        if self._generic.get(key, sound(ours)) != sound(ours):
            return UNLIKELY
        return 1.0 if len(self._spellings[key]) == 1 else GUESSED

    def _amid_marks(self, typed: str, ours: str, fit: float) -> float:
        """Whoever uses marks and leaves some out means another word, if there is one: "cho" is not "chó"."""
        if same_sound(typed, ours) or fit == HOI_NGA:
            return fit
        return 0.0 if typed in self._bare else MARKS_MISSING

    def hits(self, found: Sequence[Found]) -> list[Hit]:
        """Every pattern whose parts all stand near one another, in the order in which their phrases were found."""
        by_phrase: dict[int, list[Found]] = defaultdict(list)
        for one in found:
            by_phrase[one.phrase].append(one)
        there, phrases = frozenset(by_phrase), by_phrase.keys()
        rank = {phrase: at for at, phrase in enumerate(by_phrase)}
        hits: list[tuple[int, Hit]] = []
        for number in sorted({number for phrase in there for number in self._using[phrase]}):
            pattern = self.patterns[number]
            if any(part.isdisjoint(there) for part in pattern.parts) or not pattern.without.isdisjoint(there):
                continue
            parts = [[one for wording in part & phrases for one in by_phrase[wording]] for part in pattern.parts]
            first = min(rank[one.phrase] for part in parts for one in part)
            if len(parts) == 1:
                hits += [(first, Hit(number, frozenset(range(one.start, one.end)), one.fit)) for one in parts[0]]
            elif near := _near(parts):
                fit = min(one.fit for one in near) * _nearness(near)
                hits.append((first, Hit(number, _listed(parts, near), fit)))
        return [hit for _, hit in sorted(hits, key=lambda ranked: ranked[0])]


def is_marked(said: Sequence[str]) -> bool:
    """True if the writer uses marks, so that a word without any most likely has none."""
    return bool(said) and sum(map(has_marks, said)) >= MARKED_SHARE * len(said)


def _near(parts: list[list[Found]]) -> list[Found] | None:
    """One finding of each part, not overlapping, all within SPAN words; around the earliest that has them."""
    for first in sorted(parts[0], key=lambda one: one.start):
        chosen = [first]
        for part in parts[1:]:
            fitting = [one for one in part if all(_apart(one, other) for other in chosen)]
            if not fitting:
                break
            chosen.append(min(fitting, key=lambda one: abs(one.start - first.start)))
        else:
            return chosen
    return None


def _listed(parts: list[list[Found]], chosen: Sequence[Found]) -> frozenset[int]:
    """The places of the chosen, and of what is listed beside them: "công chứng sổ hộ khẩu, giấy khai sinh"."""
    beside = {
        one
        for part, picked in zip(parts, chosen, strict=True)
        for one in part
        if abs(one.start - picked.start) <= LISTED
    }
    return frozenset(place for one in beside for place in range(one.start, one.end))


def _nearness(chosen: Sequence[Found]) -> float:
    """1 where a pattern's words stand close together, less the more words lie between."""
    span = max(one.end for one in chosen) - min(one.start for one in chosen)
    between = span - sum(one.end - one.start for one in chosen)
    return 1.0 - FAR * max(0, between - CLOSE)


def _apart(one: Found, other: Found) -> bool:
    beside = one.end <= other.start or other.end <= one.start
    return beside and max(one.end, other.end) - min(one.start, other.start) <= SPAN
