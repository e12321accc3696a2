"""What was typed, made comparable: cleaned, cut into words, folded, with marks kept as evidence where they are.

No vocabulary here; words come from content. `repair.py` mends spelling with that vocabulary's help.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from functools import lru_cache

MAX_CHARS = 4_000  # nobody types more in one message; what follows is not analysed

HOI_NGA = 0.95  # how well "sữa" fits "sửa",
SOME_MISSING = 0.85  # and "đang" fits "đăng"

_TONES = "\u0300\u0301\u0303\u0309\u0323"  # huyền, sắc, ngã, hỏi, nặng
_HOI, _NGA = "\u0309", "\u0303"
_PLACEHOLDER = re.compile(r"⟨[^⟨⟩]*⟩")
_WORD = re.compile(r"\d+(?:[./]\d+)+|[^\W_]+")
_SENTENCE_END = re.compile(r"[.?!…]+(?=\s|$)|[\n;]+")
# "ký" and "kí" are one word, "quý" and "quí" too; "uy" and "ui" are not.
_FINAL_Y = re.compile(r"^(h|k|l|m|s|t|v|b|d|đ|qu)y$")
_SYLLABLE = re.compile(
    r"^(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdghklmnprstvx])?"
    r"(?:uye|uyu|uya|uay|uoi|uou|ieu|yeu|oai|oay|oeo|iai|"
    r"ai|ao|au|ay|eo|eu|ia|ie|iu|oa|oe|oi|ua|ue|ui|uo|uu|uy|ya|ye|yu|[aeiouy])"
    r"(?:ch|nh|ng|[cmnpt])?$"
)


def clean(text: str) -> str:
    """The text in NFC without invisible characters, spaces collapsed, at most MAX_CHARS long. Line ends stay."""
    # Cut before composing as well: 100,000 combining marks must not cost us time.
    composed = unicodedata.normalize("NFC", text[: 4 * MAX_CHARS])
    seen = composed if composed.isprintable() else "".join(map(_visible, composed))
    lines = (" ".join(line.split()) for line in seen.split("\n"))
    return "\n".join(line for line in lines if line)[:MAX_CHARS].strip()


def _visible(char: str) -> str:
    if char in "\n\r\u2028\u2029":
        return "\n"
    if char.isspace():
        return " "
    return "" if unicodedata.category(char)[0] == "C" else char


def fold(text: str) -> str:
    """Lower case without marks, đ as d: "Đăng ký" becomes "dang ky". Folding twice changes nothing."""
    lowered = text.lower().replace("đ", "d")
    spread = unicodedata.normalize("NFD", lowered)
    bare = "".join(char for char in spread if not unicodedata.combining(char))
    # Compatibility letters may lower or spread once more: settle them, so that folding is idempotent.
    settled = unicodedata.normalize("NFC", bare)
    return settled if settled == text else fold(settled)


@lru_cache(maxsize=16_384)
def plain(word: str) -> str:
    """The key of a word without its marks, y and i levelled: "ký", "kí", "ky" are all "ki"."""
    return _FINAL_Y.sub(lambda match: match[1] + "i", fold(word))


@lru_cache(maxsize=16_384)
def sound(word: str) -> str:
    """The key of a word with its marks, wherever its tone was put: "hoà" and "hòa" are one, "lý" and "lí" too."""
    letters, tone = _split(word)
    return _FINAL_Y.sub(lambda match: match[1] + "i", letters) + tone


@lru_cache(maxsize=16_384)
def _split(word: str) -> tuple[str, str]:
    """A word's letters with their own marks (ă, ê, ư, đ), and its tone."""
    spread = unicodedata.normalize("NFD", word.lower())
    tone = "".join(char for char in spread if char in _TONES)
    letters = "".join(char for char in spread if char not in _TONES)
    return unicodedata.normalize("NFC", letters), tone[:1]


@lru_cache(maxsize=16_384)
def has_marks(text: str) -> bool:
    """True if at least one letter carries a Vietnamese mark, or is đ."""
    return fold(text) != unicodedata.normalize("NFC", text).lower()


def words(text: str) -> list[str]:
    """The words of a text as they were typed; placeholders such as ⟨số điện thoại⟩ are no words."""
    return _WORD.findall(_PLACEHOLDER.sub(" ", text))


def sentences(text: str) -> list[str]:
    """The sentences of a cleaned text. Voice keyboards put no full stops: then there is but one."""
    return [part.strip() for part in _SENTENCE_END.split(text) if part.strip()]


def is_syllable(word: str) -> bool:
    """True if a word is built as Vietnamese words are; "giaays" and "đăngký" are not."""
    return bool(_SYLLABLE.match(fold(word)))


def same_sound(said: str, word: str) -> bool:
    """True if both are the same word with the same marks."""
    return sound(said) == sound(word)


def same_word(said: str, word: str) -> bool:
    """True if what was typed can be that word: marks must agree where there are any."""
    if has_marks(said):
        return sound(said) == sound(word)
    return plain(said) == plain(word)


@lru_cache(maxsize=65_536)
def closeness(said: str, word: str) -> float:
    """How well one typed word fits a word of ours, 0 to 1, for scoring: slips cost a little, other marks all.

    1 if `same_word`; a little less where hỏi and ngã are mixed up (as in the South and the centre), or where some
    marks are missing ("đang ky" for "đăng ký").
    """
    if plain(said) != plain(word):
        return 0.0
    if same_word(said, word):
        return 1.0
    (letters, tone), (our_letters, our_tone) = _split(said), _split(word)
    if letters == our_letters and {tone, our_tone} == {_HOI, _NGA}:
        return HOI_NGA
    if tone in ("", our_tone) and _some_marks_missing(letters, our_letters):
        return SOME_MISSING
    return 0.0


def _some_marks_missing(letters: str, full: str) -> bool:
    return len(letters) == len(full) and all(
        ours in (theirs, fold(theirs)) for ours, theirs in zip(letters, full, strict=True)
    )


@lru_cache(maxsize=16_384)
def phrase_words(phrase: str) -> tuple[str, ...]:
    """The words of a phrase of ours. Not for what people say: it is remembered."""
    return tuple(words(clean(phrase)))


def agrees(said: str, phrase: str, politeness: Collection[str] = ()) -> bool:
    """True if somebody who typed `said` said `phrase`, and nothing else but polite words before or after it.

    Marks are evidence where they are: "đúng" is not "dừng", "dung" may be. Case and punctuation don't matter.
    """
    typed, wanted = words(clean(said)), phrase_words(phrase)
    if not typed or not wanted:
        return not typed and not wanted and clean(said) == clean(phrase)
    return words_agree(typed, wanted, politeness)


def words_agree(typed: Sequence[str], wanted: Sequence[str], politeness: Collection[str] = ()) -> bool:
    """`agrees`, of words already cut."""
    first = wanted[0]
    return any(
        same_word(typed[start], first)
        and all(map(same_word, typed[start + 1 : start + len(wanted)], wanted[1:]))
        and _only(typed[:start], politeness)
        and _only(typed[start + len(wanted) :], politeness)
        for start in range(len(typed) - len(wanted) + 1)
    )


def _only(typed: Sequence[str], politeness: Collection[str]) -> bool:
    return all(any(same_word(word, polite) for polite in politeness) for word in typed)


def without(text: str, phrases: Collection[str]) -> str:
    """The cleaned text but for those of the phrases that stand in it; marks may be missing, other marks differ."""
    left = clean(text)
    for phrase in phrases:
        folded = fold(left)
        if len(folded) != len(left):  # letters that fold into several: no place in one is a place in the other
            return left
        for found in reversed(list(re.finditer(rf"\b{re.escape(fold(phrase))}\b", folded))):
            if all(map(same_word, words(left[found.start() : found.end()]), words(phrase))):
                left = left[: found.start()] + left[found.end() :]
    return left
