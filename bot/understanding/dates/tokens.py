"""A message cut into what dates are made of: words, numbers, chains of numbers (26/11), clock times (8h30), marks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

from bot.understanding.cues import is_marked
from bot.understanding.dates.words import beginning, first_match, mended
from bot.understanding.repair import vni
from bot.understanding.text import clean, has_marks, plain


class Sort(Enum):
    """What a token is."""

    WORD = auto()
    NUMBER = auto()
    CHAIN = auto()  # numbers joined by / . - or :, as 26/11, 8:30, 24-27/11
    CLOCK = auto()  # 8h, 3g30
    MARK = auto()  # punctuation, end of line
    CODE = auto()  # what is no date for sure: addresses of mail and web, codes of dossiers and laws


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of the message. `start` and `end` are its place in the cleaned text."""

    sort: Sort
    text: str  # as it was typed
    low: str  # in lower case; a word's spelling mended
    start: int
    end: int
    glued: bool  # nothing stands between it and the token before
    numbers: tuple[int, ...] = ()  # of a NUMBER, CHAIN or CLOCK (hour, and minute if said)
    lengths: tuple[int, ...] = ()  # how many digits each had
    joints: str = ""  # what stood between the numbers of a CHAIN

    @property
    def key(self) -> str:
        return plain(self.low)


_TOKEN = re.compile(
    r"(?P<code>⟨[^⟨⟩]*⟩|\S+@\S+|https?://\S+|www\.\S+"
    r"|\b\d+(?:[.-]\d+)*[.-][A-Z]{1,3}\d[\w.-]*"  # 000.00.16.H26-260110-0001
    r"|\b[A-SU-Z][A-Z]?\d{1,3}(?:[.-]\d+){2,}"  # H29.35-251120-0012
    r"|\b\d+/\d{4}/[A-ZĐ][\w-]*|\b\d+/[A-ZĐ]{2,}[\w-]*"  # 123/2015/NĐ-CP, 05/QĐ-UBND
    r"|\b[\w-]+\.(?:vn|com|gov|net)\b\S*)"
    r"|(?P<clock>(?P<hour>\d{1,2})\s?(?:[hH]{1,3}|[gG])(?:\s?[:.]\s?|)(?:(?P<minute>\d{1,2})(?!\d)"
    r"(?:['’]|(?:phút|phut|ph|p)(?![^\W\d_]))?|(?![^\W\d_])))"
    r"|(?P<chain>\d{1,2} ?/ ?\d{1,2}(?: ?/ ?\d{2,4}(?!\d))?(?![\d/])|\d+(?:[./:-]\d+)+)"
    r"|(?P<number>\d+)"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<mark>[^\w\s]|_|\n)"
)
_VNI = re.compile(r"(?<![^\W_])(?=[^\W\d_]+\d[^\W_]*(?![^\W_]))[^\W_]{3,12}(?![^\W_])")
_VNI_WORDS = frozenset({"thu", "tuan", "sang", "chieu", "trua", "toi", "ngay", "thang", "mai", "hom", "bua", "gio"})


def cut(cleaned: str) -> list[Token]:
    """The tokens of a cleaned text, in order."""
    tokens: list[Token] = []
    for match in _TOKEN.finditer(cleaned):
        tokens += _token(match, glued=bool(tokens) and match.start() == tokens[-1].end)
    return tokens


def _without_vni(match: re.Match[str]) -> str:
    """ "thu71" is "thứ" on a keyboard whose VNI digits stayed raw; "thu5" and "t12" are what they seem."""
    word = match[0]
    raw = re.search(r"\d\D|\d\d", word)
    meant = vni(word.lower())
    return meant if raw and has_marks(meant) and plain(meant) in _VNI_WORDS else word


def _token(match: re.Match[str], *, glued: bool) -> list[Token]:
    sort, text, (start, end) = Sort[_kind(match).upper()], match[0], match.span()
    low = text.lower()
    if sort is Sort.CLOCK:
        typed = [match["hour"], match["minute"]] if match["minute"] else [match["hour"]]
        return [Token(sort, text, low, start, end, glued, *_numbers(typed))]
    if sort in (Sort.NUMBER, Sort.CHAIN):
        typed = re.findall(r"\d+", text)
        joints = re.sub(r"[\d\s]", "", text)
        return [Token(sort, text, low, start, end, glued, *_numbers(typed), joints=joints)]
    if sort is Sort.WORD and not (glued and low in ("k", "đ", "d", "tr")):
        pieces = mended(low)
        return [Token(sort, text, piece, start, end, glued and not at) for at, piece in enumerate(pieces)]
    return [Token(sort, text, low, start, end, glued)]


def _kind(match: re.Match[str]) -> str:
    return next(name for name in ("code", "clock", "chain", "number", "word", "mark") if match[name])


def _numbers(typed: list[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return tuple(int(one[:9]) for one in typed), tuple(map(len, typed))


class Text:
    """The tokens of one message, and how its words are to be taken."""

    def __init__(self, text: str) -> None:
        self._cleaned = _VNI.sub(_without_vni, clean(text))
        self.tokens = cut(self._cleaned)
        self.marked = is_marked([token.text.lower() for token in self.tokens if token.sort is Sort.WORD])

    def __len__(self) -> int:
        return len(self.tokens)

    def at(self, i: int) -> Token | None:
        """The token at this place, None outside of the text."""
        return self.tokens[i] if 0 <= i < len(self.tokens) else None

    def sort(self, i: int) -> Sort | None:
        token = self.at(i)
        return token.sort if token else None

    def says(self, i: int, *words: str) -> str:
        """Which of these words of ours stands here, "" if none does."""
        token = self.at(i)
        if token is None or token.sort is not Sort.WORD:
            return ""
        return first_match(token.low, words, self.marked)

    def sentence(self, i: int, *wordings: str) -> int:
        """The place after the first of these wordings (each one or more words) that stands here, 0 if none does."""
        token = self.at(i)
        if token is None or token.sort is not Sort.WORD:
            return 0
        for said in beginning(token.low, wordings, self.marked):
            if all(self.says(i + at, word) for at, word in enumerate(said[1:], 1)):
                return i + len(said)
        return 0

    def mark(self, i: int, marks: str) -> bool:
        """True if one of these punctuation marks stands here."""
        token = self.at(i)
        return token is not None and token.sort is Sort.MARK and token.text in marks

    def small(self, i: int) -> int | None:
        """The number of one or two digits that stands here."""
        token = self.at(i)
        if token is None or token.sort is not Sort.NUMBER or token.lengths[0] > 2:
            return None
        return token.numbers[0]

    def bare(self, i: int) -> bool:
        """True if the word here carries no marks."""
        token = self.at(i)
        return token is not None and not has_marks(token.low)

    @cached_property
    def shouted(self) -> bool:
        """True if capitals tell nothing, since nearly all words have them."""
        words = [token.text for token in self.tokens if token.sort is Sort.WORD]
        capitals = sum(word[0].isupper() for word in words)
        return "".join(words).isupper() or (len(words) > 2 and capitals > 0.7 * len(words))

    def capital(self, i: int) -> bool:
        """True if the word here begins with a capital that its place in the sentence does not explain."""
        token = self.at(i)
        if token is None or token.sort is not Sort.WORD or self.shouted or not token.text[0].isupper():
            return False
        return i > 0 and not self.mark(i - 1, ".!?\n…;:")

    def typed(self, start: int, end: int) -> str:
        """The words from one token up to before another, as they were typed."""
        return self._cleaned[self.tokens[start].start : self.tokens[end - 1].end]
