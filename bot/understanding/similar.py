"""How like a message is to the phrases of an entry: words and word pairs it shares, rare ones counting more."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from math import log, sqrt

from rapidfuzz import fuzz

from bot.understanding.text import plain

GENERIC_WEIGHT = 0.15  # "giấy tờ", "thủ tục": said about anything
PAIR_BONUS = 1.2  # two words in a row say more than both apart
MOST_FEATURES = 40  # of a long story, the rarest; the rest only cost time
SHORT_LIST = 8  # entries whose phrases are compared letter by letter
FUZZY_SHARE = 0.15  # what the comparison letter by letter adds
STORY = 0.3  # a story holds much beside the question: so much of it need not be explained

LEAST = 0.02  # less likeness than this is none (squared, as it is compared)

Feature = str


@dataclass(frozen=True, slots=True)
class Alike:
    """The phrase of an entry that is most like the message, and how much, 0 to 1."""

    phrase: str
    words: float
    letters: float

    @property
    def score(self) -> float:
        return (1 - FUZZY_SHARE) * self.words + FUZZY_SHARE * self.letters * min(1.0, 2 * self.words)


class Similar:
    """The phrases of all entries, ready for comparison."""

    def __init__(self, phrases: Iterable[tuple[str, Sequence[str]]], generic: Collection[str]) -> None:
        """`phrases`: an entry's id and the words of one of its phrases. `generic`: plain words."""
        self._generic = generic
        self._owners: list[str] = []
        self._texts: list[str] = []
        self._norms: list[float] = []
        self._postings: dict[Feature, list[int]] = defaultdict(list)
        kept = [(owner, said, frozenset(features(said))) for owner, said in phrases if said]
        self._rarity = _rarity(kept)
        self._unseen = log(1 + len({owner for owner, _, _ in kept})) + 1
        for number, (owner, said, has) in enumerate(kept):
            self._owners.append(owner)
            self._texts.append(" ".join(said))
            self._norms.append(sum(self._weight(feature) for feature in has))
            for feature in has:
                if not self._is_generic(feature):
                    self._postings[feature].append(number)

    def _weight(self, feature: Feature) -> float:
        rarity = self._rarity.get(feature, self._unseen)
        if self._is_generic(feature):
            return rarity * GENERIC_WEIGHT
        return rarity * PAIR_BONUS if " " in feature else rarity

    def _is_generic(self, feature: Feature) -> bool:
        first, _, second = feature.partition(" ")
        return first in self._generic and (not second or second in self._generic)

    def to(self, said: Sequence[str]) -> Mapping[str, Alike]:
        """The entries that share something with these words, each with its best phrase."""
        weights = {feature: self._weight(feature) for feature in frozenset(features(said))}
        known = [feature for feature in weights if feature in self._postings]
        shared: dict[int, float] = defaultdict(float)
        for feature in nlargest(MOST_FEATURES, known, key=weights.__getitem__):
            for number in self._postings[feature]:
                shared[number] += weights[feature]
        # Pairs that nobody ever wrote say nothing: only the words themselves ask to be explained.
        whole = sum(weight for feature, weight in weights.items() if " " not in feature or feature in self._postings)
        best: dict[str, tuple[float, int]] = {}
        for number, weight in shared.items():
            of_phrase = weight / self._norms[number]
            squared = of_phrase * max(weight / whole, STORY * of_phrase)
            owner = self._owners[number]
            if squared > LEAST and (owner not in best or squared > best[owner][0]):
                best[owner] = (squared, number)
        return self._by_letter(" ".join(plain(word) for word in said), best)

    def _by_letter(self, said: str, best: Mapping[str, tuple[float, int]]) -> dict[str, Alike]:
        short_list = set(nlargest(SHORT_LIST, best, key=lambda owner: best[owner][0]))
        return {
            owner: Alike(
                phrase=self._texts[number],
                words=min(1.0, sqrt(squared)),
                letters=fuzz.ratio(said, " ".join(map(plain, self._texts[number].split()))) / 100
                if owner in short_list
                else 0.0,
            )
            for owner, (squared, number) in best.items()
        }


def features(said: Sequence[str]) -> list[Feature]:
    """Plain words, and pairs of words that stand side by side."""
    keys = [plain(word) for word in said]
    return [*keys, *(f"{first} {second}" for first, second in zip(keys, keys[1:], strict=False))]


def _rarity(phrases: Sequence[tuple[str, Sequence[str], frozenset[Feature]]]) -> dict[Feature, float]:
    """The fewer entries use it, the more a feature tells them apart."""
    owners: dict[Feature, set[str]] = defaultdict(set)
    for owner, _, has in phrases:
        for feature in has:
            owners[feature].add(owner)
    everyone = len({owner for owner, _, _ in phrases})
    counted = Counter({feature: len(who) for feature, who in owners.items()})
    return {feature: log(1 + everyone / count) for feature, count in counted.items()}
