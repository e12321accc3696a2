"""A light linear model: which subject a message asks for, learnt from the phrases of content.

It weighs words, their pieces and pairs, and the patterns that were found; of these it learns how far each can be
trusted, and beside which others. It is trained by `python -m bot tune` and shipped as plain numbers
(content/linear.json.gz), so that nothing but the standard library is needed to use it.
"""

from __future__ import annotations

import gzip
import json
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import exp, sqrt
from pathlib import Path

from bot.understanding.text import has_marks, plain

PIECES = (3, 4, 5)  # lengths of the pieces of a word, its borders counted
MOST_WORDS = 120  # of a very long story, the last so many
SCALE = 100  # weights are kept as whole numbers
PATTERN = 0.22  # what a pattern counts beside the words, which all together have length 1
LEVELS = (0.1, 0.4, 0.7)  # a pattern's weight is told as the steps that it reaches
ELSEWHERE = "foreign"  # what the model calls everything that is no subject of ours
VAGUE = "vague"  # … and what leaves open which subject is meant

MANY = 8  # a feature that weighs for more subjects has a full row
LANE = array("I").itemsize * 8  # bits for each subject in a full row; sums of thousands of weights need fewer
_HALF = 1 << (LANE - 1)

# What a feature weighs. A full row is one number with the weights of all subjects side by side, each in its lane, so
# that adding two rows adds a hundred numbers at once, and exactly. A short row has subjects and weights by turns.
Row = int | bytes


@lru_cache(maxsize=4_096)
def word_features(word: str) -> tuple[str, ...]:
    """What one word brings: itself without marks, with its marks if it has any, and its pieces."""
    key = plain(word)
    bordered = f" {key} "
    pieces = (
        f"c:{bordered[start : start + length]}"
        for length in PIECES
        if length < len(bordered)
        for start in range(len(bordered) - length + 1)
    )
    return (f"w:{key}", *((f"m:{word}",) if has_marks(word) else ()), *pieces)


def pair_features(said: Sequence[str]) -> Iterator[str]:
    """What words bring together: side by side, and with one between."""
    keys = [plain(word) for word in said]
    yield from (f"b:{one} {two}" for one, two in pairwise(keys))
    yield from (f"s:{one} {two}" for one, two in zip(keys, keys[2:], strict=False))


def pattern_features(found: Mapping[str, float]) -> Iterator[str]:
    """What patterns bring: by subject, the steps that their weight reaches."""
    yield from (f"q{step}:{owner}" for owner, weight in found.items() for step in LEVELS if weight >= step)


def vector(said: Sequence[str], found: Mapping[str, float]) -> dict[str, float]:
    """A message as the model sees it: its words, of length 1 together, and the patterns found in them."""
    of_words = word_set(said)
    return {**dict.fromkeys(of_words, share(of_words)), **dict.fromkeys(pattern_features(found), PATTERN)}


def word_set(said: Sequence[str]) -> set[str]:
    """All that the words of a message bring, each once."""
    said = said[-MOST_WORDS:]
    features = set(pair_features(said))
    for word in said:
        features.update(word_features(word))
    return features


def share(of_words: Set[str]) -> float:
    """What each of these features counts, so that they have length 1 together."""
    return 1 / sqrt(len(of_words)) if of_words else 0.0


def packed(weights: Sequence[tuple[int, int]], subjects: int) -> Row:
    """The row of these weights, each after the index of its subject."""
    if len(weights) <= MANY:
        return array("h", [number for pair in weights for number in pair]).tobytes()
    lanes = array("I", [_HALF]) * subjects
    for subject, weight in weights:
        lanes[subject] += weight
    return int.from_bytes(lanes.tobytes(), sys.byteorder) - _zero(subjects)


def added(rows: Iterable[Row], subjects: int) -> list[int]:
    """The sums of these rows, by subject."""
    full, short = 0, []
    for row in rows:
        if isinstance(row, bytes):
            short.append(row)
        else:
            full += row
    lanes = array("I", (full + _zero(subjects)).to_bytes(subjects * LANE // 8, sys.byteorder))
    sums = [lane - _HALF for lane in lanes]
    pairs = iter(array("h", b"".join(short)))
    for subject, weight in zip(pairs, pairs, strict=True):
        sums[subject] += weight
    return sums


@lru_cache(maxsize=8)
def _zero(subjects: int) -> int:
    """All lanes half full, so that none goes below nothing."""
    return int.from_bytes((array("I", [_HALF]) * subjects).tobytes(), sys.byteorder)


@dataclass(frozen=True, slots=True)
class Linear:
    """The trained weights. `digest` tells which phrases they were learnt from."""

    subjects: tuple[str, ...]
    bias: tuple[float, ...]
    weights: Mapping[str, Row]
    digest: str

    def knows_any(self, said: Sequence[str]) -> bool:
        """True if it has learnt one of these words whole; pieces of words alone tell nothing."""
        return any(f"w:{plain(word)}" in self.weights for word in said)

    def likely(self, said: Sequence[str], found: Mapping[str, float]) -> dict[str, float]:
        """For each subject that the model knows, ELSEWHERE and VAGUE, how likely it is asked for; all together 1."""
        of_words = word_set(said)
        return self.chances((of_words, share(of_words)), (set(pattern_features(found)), PATTERN))

    def chances(self, *parts: tuple[Set[str], float]) -> dict[str, float]:
        """For each class how likely it is, all together 1, given features and what each of them counts."""
        raw = [bias * SCALE for bias in self.bias]
        for features, each in parts:
            raw = [one + weight * each for one, weight in zip(raw, self._sums(features), strict=True)]
        highest = max(raw, default=0.0)
        powers = [exp((one - highest) / SCALE) for one in raw]
        whole = sum(powers) or 1.0
        return {subject: power / whole for subject, power in zip(self.subjects, powers, strict=True)}

    def _sums(self, features: Set[str]) -> list[int]:
        """What these features weigh together, by subject."""
        known = self.weights.keys() & features
        return added(map(self.weights.__getitem__, known), len(self.bias))

    @classmethod
    def load(cls, file: Path) -> Linear | None:
        """The shipped model; None if there is none."""
        return _loaded(file, file.stat().st_mtime_ns) if file.is_file() else None

    def save(self, file: Path) -> None:
        """Write it where `load` finds it; the same model gives the same bytes."""
        weights = {
            feature: [
                number
                for pair in enumerate(added([self.weights[feature]], len(self.subjects)))
                if pair[1]
                for number in pair
            ]
            for feature in sorted(self.weights)
        }
        body = {"subjects": self.subjects, "bias": self.bias, "digest": self.digest, "weights": weights}
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        file.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


@lru_cache(maxsize=2)
def _loaded(file: Path, _changed: int) -> Linear:
    """The model in that file; content is read anew at every edit, the model is the same."""
    read = json.loads(gzip.decompress(file.read_bytes()))
    subjects = len(read["subjects"])
    weights = {
        feature: packed(list(zip(sparse[0::2], sparse[1::2], strict=True)), subjects)
        for feature, sparse in read["weights"].items()
    }
    return Linear(tuple(read["subjects"]), tuple(read["bias"]), weights, read["digest"])
