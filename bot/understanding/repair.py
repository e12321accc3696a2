"""Spelling mended with the vocabulary of content: teencode, Telex and VNI keys left raw, slips, missing spaces.

Each rule gives a word that is spelt as ours are, or leaves the word alone; nothing is thrown away.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import OSA

from bot.understanding.text import fold, has_marks, is_syllable, plain, same_word, sound, words
from content.models import Lexicon

LONG_ENOUGH = 4  # shorter words have too many neighbours to guess one
TWO_SLIPS = 8  # from this length on, two wrong letters are forgiven
LONGEST_JOINED = 24  # a longer run without spaces is no run of words
NEAR = 4  # an abbreviation is read by so many words on either side

_TELEX_TONES = {"f": "\u0300", "s": "\u0301", "x": "\u0303", "r": "\u0309", "j": "\u0323"}
_VNI_TONES = {"2": "\u0300", "1": "\u0301", "4": "\u0303", "3": "\u0309", "5": "\u0323"}
_TELEX_LETTERS = {
    "uwow": "ươ", "uow": "ươ", "uwo": "ươ", "uw": "ư", "ow": "ơ", "aw": "ă", "aa": "â", "ee": "ê", "oo": "ô",
}  # fmt: skip
_VNI_LETTERS = {
    "u7o7": "ươ", "uo7": "ươ", "u7o": "ươ", "u7": "ư", "o7": "ơ", "a8": "ă", "a6": "â", "e6": "ê", "o6": "ô",
}  # fmt: skip
_TONE_CARRIERS = "aăâeêioôơuưy"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every word of content: how it is spelt, in which pairs it occurs."""

    sounds: frozenset[str]
    plains: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    slips: Mapping[str, tuple[str, ...]]  # a word with one letter left out -> the plain words it may come from

    @classmethod
    def of(cls, phrases: Iterable[Sequence[str]]) -> Vocabulary:
        sounds: set[str] = set()
        plains: set[str] = set()
        pairs: set[tuple[str, str]] = set()
        for phrase in phrases:
            keys = [plain(word) for word in phrase]
            sounds.update(sound(word) for word in phrase)
            plains.update(keys)
            pairs.update(pairwise(keys))
        slips: dict[str, list[str]] = defaultdict(list)
        for key in plains:
            if len(key) >= LONG_ENOUGH and key.isalpha():
                for shorter in _shortened(key):
                    slips[shorter].append(key)
        return cls(frozenset(sounds), frozenset(plains), frozenset(pairs), {k: tuple(v) for k, v in slips.items()})

    def knows(self, word: str) -> bool:
        return sound(word) in self.sounds if has_marks(word) else plain(word) in self.plains

    def like(self, key: str) -> list[str]:
        """Plain words of ours that a slip of the finger could have turned into this one, nearest first."""
        if len(key) < LONG_ENOUGH or not key.isalpha():
            return []
        allowed = 2 if len(key) >= TWO_SLIPS else 1
        near = {word for shorter in _shortened(key) for word in self.slips.get(shorter, ())}
        measured = ((OSA.distance(key, word, score_cutoff=allowed), word) for word in near)
        return [word for distance, word in sorted(measured) if distance <= allowed]


def _shortened(key: str) -> Iterator[str]:
    yield key
    for at in range(len(key)):
        yield key[:at] + key[at + 1 :]


class Variants:
    """Regional words, and what voice keyboards hear, each with the words that we use for it."""

    def __init__(self, variants: Mapping[str, str]) -> None:
        """`variants`: theirs -> ours; a longer one goes before a shorter ("lãnh sự" is no "lãnh")."""
        self._known: dict[tuple[str, ...], list[tuple[list[str], list[str]]]] = defaultdict(list)
        for variant, ours in variants.items():
            said = words(variant.lower())
            self._known[tuple(map(plain, said[:2]))].append((said, words(ours.lower())))
        for choices in self._known.values():
            choices.sort(key=lambda choice: -len(choice[0]))
        self._first = frozenset(start[0] for start in self._known)  # nearly every word begins none

    def in_ours(self, said: Sequence[str]) -> list[str]:
        """These words, each variant among them in our words."""
        keys = [plain(word) for word in said]
        if self._first.isdisjoint(keys):
            return list(said)
        mended: list[str] = []
        at = 0
        while at < len(said):
            variant, ours = self._at(said, keys, at) or (said[at : at + 1], said[at : at + 1])
            mended += ours
            at += len(variant)
        return mended

    def _at(self, said: Sequence[str], keys: Sequence[str], at: int) -> tuple[Sequence[str], Sequence[str]] | None:
        """The variant that stands there, and what we say for it; longer ones first: "chi rứa" before "rứa"."""
        if keys[at] in self._first:
            for start in (tuple(keys[at : at + 2]), (keys[at],)):
                for one in self._known.get(start, ()):
                    if _is_variant(said, at, one[0]):
                        return one
        return None


class _Abbreviation(NamedTuple):
    means: list[str]
    near: tuple[list[str], ...]
    after: tuple[str, ...]


class Repairer:
    """Mends the words of a message."""

    def __init__(self, lexicon: Lexicon, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._teencode = {_nfc(short): words(means.lower()) for short, means in lexicon.teencode.items()}
        self._abbreviations: dict[str, list[_Abbreviation]] = defaultdict(list)
        for one in lexicon.abbreviations:
            near = tuple(words(word.lower()) for word in one.near)
            read = _Abbreviation(words(one.means.lower()), near, tuple(map(_nfc, one.after)))
            self._abbreviations[_nfc(one.short)].append(read)
        self._variants = Variants(lexicon.variants)

    def mend(self, said: Sequence[str]) -> list[str]:
        """The same words, spelt as ours are. One typed word may become several."""
        lowered = [_nfc(word) for word in said]
        apart: list[str] = []
        for at, word in enumerate(lowered):
            apart += self._abbreviation(lowered, at) or self._teencode.get(word) or self._word(word)
        return self._by_neighbours(self._variants.in_ours(apart))

    def _abbreviation(self, said: Sequence[str], at: int) -> list[str] | None:
        choices = self._abbreviations.get(said[at])
        if not choices:
            return None
        around = [*said[max(0, at - NEAR) : at], *said[at + 1 : at + 1 + NEAR]]
        for one in choices:
            if one.after:
                if at and any(same_word(said[at - 1], word) for word in one.after):
                    return one.means
            elif not one.near or any(_contains(around, phrase) for phrase in one.near):
                return one.means
        return None

    def _word(self, word: str) -> list[str]:
        if self.vocabulary.knows(word) or (is_syllable(word) and not stutters(word)) or word.isdigit():
            return [word]
        if len(word) > LONGEST_JOINED:
            return [word]
        for mended in self._spellings(word):
            if is_syllable(mended) or self.vocabulary.knows(mended):
                return [mended]
        if apart := self._joined(word):
            return apart
        likely = self.vocabulary.like(plain(word))
        return [likely[0]] if likely else [word]

    @staticmethod
    def _spellings(word: str) -> Iterator[str]:
        """What the fingers may have meant, likeliest first."""
        once = _without_stutter(word)
        if once != word:
            yield once
        for candidate in (word, once):
            yield telex(candidate)
            yield vni(candidate)

    def _joined(self, word: str) -> list[str] | None:
        """A run without spaces, cut into two or three words of ours."""
        if not 2 * 2 <= len(word) <= LONGEST_JOINED:
            return None
        for cuts in (2, 3):
            best = max(self._cut(word, cuts), key=self._pairs_known, default=None)
            if best:
                return best
        return None

    def _cut(self, word: str, pieces: int) -> Iterator[list[str]]:
        if pieces == 1:
            if is_syllable(word) and self.vocabulary.knows(word):
                yield [word]
            return
        for at in range(2, len(word) - 1):
            head = word[:at]
            if is_syllable(head) and self.vocabulary.knows(head):
                for tail in self._cut(word[at:], pieces - 1):
                    yield [head, *tail]

    def _pairs_known(self, pieces: Sequence[str]) -> int:
        keys = [plain(piece) for piece in pieces]
        return sum(pair in self.vocabulary.pairs for pair in pairwise(keys))

    def _by_neighbours(self, said: list[str]) -> list[str]:
        """Words that we don't know, where the word beside them tells what was meant ("khia sinh")."""
        mended = list(said)
        keys = [plain(word) for word in said]
        for at, key in enumerate(keys):
            if key in self.vocabulary.plains:
                continue
            before = keys[at - 1] if at else ""
            after = keys[at + 1] if at + 1 < len(keys) else ""
            for likely in self.vocabulary.like(key):
                if (before, likely) in self.vocabulary.pairs or (likely, after) in self.vocabulary.pairs:
                    mended[at] = keys[at] = likely
                    break
        return mended


def _is_variant(said: Sequence[str], at: int, variant: Sequence[str]) -> bool:
    """A single word such as "mô" must be typed with its marks: "mo" can be many words."""
    if len(variant) == 1 and has_marks(variant[0]) and not has_marks(said[at]):
        return False
    here = said[at : at + len(variant)]
    return len(here) == len(variant) and all(map(same_word, here, variant))


def _contains(said: Sequence[str], phrase: Sequence[str]) -> bool:
    return any(
        all(same_word(*pair) for pair in zip(said[at : at + len(phrase)], phrase, strict=True))
        for at in range(len(said) - len(phrase) + 1)
    )


def _nfc(word: str) -> str:
    return unicodedata.normalize("NFC", word.lower())


def stutters(word: str) -> bool:
    """True if its last letter was held too long: "tạmm"."""
    return len(word) > 1 and word.isalpha() and fold(word[-1]) == fold(word[-2])


def _without_stutter(word: str) -> str:
    """ "tạmm" → "tạm", "béé" → "bé", "khoongg" → "khoong"."""
    while stutters(word):
        word = word[:-1]
    return word


def telex(word: str) -> str:
    """A word whose Telex keys stayed raw, as it was meant: "ddawng" → "đăng", "giaays" → "giấy"."""
    tone = ""
    body = re.sub("d(.*)d|d9", r"đ\1", word) if re.match("d.*d", word) else word
    for at in range(len(body) - 1, 0, -1):
        if body[at] in _TELEX_TONES and not (at < len(body) - 1 and body[at : at + 2] in ("tr", "sh")):
            tone, body = _TELEX_TONES[body[at]], body[:at] + body[at + 1 :]
            break
    # "tieengs" has its hat keys side by side, "tienges" apart; a lone w after the rhyme belongs to it.
    for keys, letter in _TELEX_LETTERS.items():
        body = body.replace(keys, letter)
    if "w" in body[1:]:
        body = _late_w(body)
    body = _late_hat(body)
    return _with_tone(body, tone)


def _late_w(body: str) -> str:
    at = body.index("w", 1)
    rest = body[:at] + body[at + 1 :]
    for plain_letters, marked in (("uo", "ươ"), ("u", "ư"), ("o", "ơ"), ("a", "ă")):
        if plain_letters in rest[:at]:
            return rest.replace(plain_letters, marked, 1)
    return body


def _late_hat(body: str) -> str:
    """ "tiene" → "tiên": the second a, e or o came after the last letters."""
    match = re.fullmatch(r"(.*?)([aeo])([^aeo]+)\2", body)
    return match[1] + {"a": "â", "e": "ê", "o": "ô"}[match[2]] + match[3] if match else body


def vni(word: str) -> str:
    """A word whose VNI digits stayed raw, as it was meant: "gia6y1" → "giấy"."""
    if len(word) <= 2 or not (word[0].isalpha() and any(char.isdigit() for char in word)):
        return word
    body = word
    tone = ""
    for digit, mark in _VNI_TONES.items():
        if digit in body:
            tone, body = mark, body.replace(digit, "", 1)
            break
    if "9" in body:
        body = "đ" + body[1:].replace("9", "", 1) if body.startswith("d") else body
    for keys, letter in _VNI_LETTERS.items():
        body = body.replace(keys, letter)
    return _with_tone(body, tone)


def _with_tone(body: str, tone: str) -> str:
    """The tone on the letter that bears it; where exactly is all one, since `sound` levels it."""
    if not tone or any(mark in unicodedata.normalize("NFD", body) for mark in _TELEX_TONES.values()):
        return body
    carriers = [at for at, char in enumerate(body) if char in _TONE_CARRIERS]
    if not carriers:
        return body
    own = [at for at in carriers if body[at] in "ăâêôơư"]
    at = own[-1] if own else carriers[-2] if len(carriers) > 1 and body[-1] in _TONE_CARRIERS else carriers[-1]
    return unicodedata.normalize("NFC", body[: at + 1] + tone + body[at + 1 :])
