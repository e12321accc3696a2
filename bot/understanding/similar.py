"""How like a message is to the phrases of an entry: words and word pairs it shares, rare ones counting more."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from heapq import nlargest
from itertools import pairwise
from math import log, sqrt
from typing import NamedTuple

from rapidfuzz import fuzz

from bot.understanding.text import plain

GENERIC_WEIGHT = 0.15  # "giấy tờ", "thủ tục": said about anything
PAIR_BONUS = 1.2  # two words in a row say more than both apart
MOST_FEATURES = 28  # of a long story, the rarest; the rest only cost time
MOST_LOOKUPS = 1_000  # so many phrases are looked at; what nearly all have in common tells nothing
SHORT_LIST = 8  # entries whose phrases are compared letter by letter
FUZZY_SHARE = 0.15  # what the comparison letter by letter adds
STORY = 0.3  # a story holds much beside the question: so much of it need not be explained

SAME = 0.9  # from here on, a message is the very question that an author wrote down
LEAST = 0.02  # less likeness than this is none (squared, as it is compared)

Feature = str


class Alike(NamedTuple):
    """The phrase of an entry that is most like the message, and how much, 0 to 1."""

    phrase: str
    words: float
    letters: float
    same: bool = False  # an author wrote just this question down
    named: bool = False  # … or just this name, which no other entry has

    @property
    def score(self) -> float:
        return (1 - FUZZY_SHARE) * self.words + FUZZY_SHARE * self.letters * min(1.0, 2 * self.words)


class Similar:
    """The phrases of all entries, ready for comparison."""

    def __init__(self, phrases: Iterable[tuple[str, Sequence[str], bool]], generic: Collection[str]) -> None:
        """`phrases`: an entry's id, the words of one of its phrases, whether they are a whole question.

        `generic`: words and pairs of words that are said about anything, plain.
        """
        self._generic = generic
        self._owners: list[str] = []
        self._texts: list[str] = []
        self._norms: list[float] = []
        self._postings: dict[Feature, tuple[int, ...]] = {}
        self._written: dict[tuple[str, ...], str] = {}  # whole questions -> whose they are
        self._names: dict[tuple[str, ...], str | None] = {}  # names -> whose they are; None: of several
        self._sentences: set[int] = set()
        kept = [(owner, said, sentence, features(said)) for owner, said, sentence in phrases if said]
        rarity, self._unseen = _rarity((owner, has) for owner, _, _, has in kept)
        self._weights = {feature: self._weigh(feature, rare) for feature, rare in rarity.items()}
        postings: dict[Feature, list[int]] = defaultdict(list)
        for number, (owner, said, sentence, has) in enumerate(kept):
            self._owners.append(owner)
            self._texts.append(" ".join(said))
            self._norms.append(sum(self._weights[feature] for feature in has))
            if sentence:
                self._sentences.add(number)
                self._written[_key(said)] = owner
            else:
                key = _key(said)
                self._names[key] = owner if self._names.get(key, owner) == owner else None
            for feature in has:
                if not self._is_generic(feature):
                    postings[feature].append(number)
        self._postings.update((feature, tuple(numbers)) for feature, numbers in postings.items())

    def _weight(self, feature: Feature) -> float:
        return self._weights.get(feature) or self._weigh(feature, self._unseen)

    def _weigh(self, feature: Feature, rarity: float) -> float:
        if self._is_generic(feature):
            return rarity * GENERIC_WEIGHT
        return rarity * PAIR_BONUS if " " in feature else rarity

    def _is_generic(self, feature: Feature) -> bool:
        if feature in self._generic:
            return True
        first, _, second = feature.partition(" ")
        return second != "" and first in self._generic and second in self._generic

    def to(self, said: Sequence[str], marked: bool) -> Mapping[str, Alike]:
        """The entries that share something with these words, each with its best phrase."""
        # Pairs that nobody ever wrote say nothing: only the words themselves ask to be explained.
        weights = {
            feature: self._weight(feature)
            for feature in features(said)
            if feature in self._postings or " " not in feature
        }
        whole = sum(weights.values())
        norms, owners = self._norms, self._owners
        best: dict[str, tuple[float, int]] = {}
        for number, weight in self._shared(weights).items():
            of_phrase = weight / norms[number]
            of_message, of_story = weight / whole, STORY * of_phrase
            squared = of_phrase * (of_message if of_message > of_story else of_story)
            if squared > LEAST:
                owner = owners[number]
                if owner not in best or squared > best[owner][0]:
                    best[owner] = (squared, number)
        alike = self._by_letter(said, best, marked)
        key = _key(said)
        if written := self._written.get(key):
            alike[written] = Alike(phrase=" ".join(said), words=1.0, letters=1.0, same=True)
        elif named := self._names.get(key):
            alike[named] = Alike(phrase=" ".join(said), words=1.0, letters=1.0, named=True)
        return alike

    def _shared(self, weights: Mapping[Feature, float]) -> dict[int, float]:
        """By phrase, the weight of what it shares with a message; the rarest features first, within a budget."""
        known = [feature for feature in weights if feature in self._postings]
        shared: dict[int, float] = {}
        so_far = shared.get
        left = MOST_LOOKUPS
        for feature in nlargest(MOST_FEATURES, known, key=weights.__getitem__):
            weight, numbers = weights[feature], self._postings[feature]
            left -= len(numbers)
            if left < 0 and shared:
                break
            for number in numbers:
                shared[number] = so_far(number, 0.0) + weight
        return shared

    def _by_letter(
        self, said: Sequence[str], best: Mapping[str, tuple[float, int]], marked: bool
    ) -> dict[str, Alike]:
        short_list = set(nlargest(SHORT_LIST, best, key=lambda owner: best[owner][0]))
        typed = " ".join(said) if marked else " ".join(map(plain, said))
        return {
            owner: Alike(
                phrase=self._texts[number],
                words=min(1.0, sqrt(squared)),
                letters=self._ratio(typed, number, marked) if owner in short_list else 0.0,
                same=number in self._sentences and squared >= SAME * SAME,
            )
            for owner, (squared, number) in best.items()
        }

    def _ratio(self, typed: str, number: int, marked: bool) -> float:
        """Letter by letter; with marks if the writer uses them."""
        ours = self._texts[number]
        return fuzz.ratio(typed, ours if marked else " ".join(map(plain, ours.split()))) / 100


def features(said: Sequence[str]) -> frozenset[Feature]:
    """Plain words, and pairs of words that stand side by side."""
    keys = _key(said)
    return frozenset([*keys, *(f"{first} {second}" for first, second in pairwise(keys))])


def _key(said: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(plain, said))


def _rarity(phrases: Iterable[tuple[str, frozenset[Feature]]]) -> tuple[dict[Feature, float], float]:
    """The fewer entries use it, the more a feature tells them apart; and the rarity of one that nobody uses."""
    by_owner: dict[str, set[Feature]] = defaultdict(set)
    for owner, has in phrases:
        by_owner[owner] |= has
    counted = Counter(feature for has in by_owner.values() for feature in has)
    everyone = len(by_owner)
    return {feature: log(1 + everyone / count) for feature, count in counted.items()}, log(1 + everyone) + 1
