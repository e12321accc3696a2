"""What makes a sentence hard to read: too long, abbreviations nobody explains, the language of offices."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from content.models import Style
from content.national import document_numbers

_SENTENCE = re.compile(r"(?<=[.?!:;])\s+|\n+")
_QUOTED = re.compile(r"“[^”]*”|\{\w+\}")
_ABBREVIATION = re.compile(r"(?<![\w/-])[A-ZĐ]{2,}(?![\w/-])")


def long_sentences(text: str, style: Style) -> Iterator[str]:
    """Sentences that nobody can hold in mind when they are read out."""
    for sentence in _SENTENCE.split(text):
        length = len(sentence.split())
        if length > style.longest_sentence:
            yield f"câu dài {length} tiếng (nhiều nhất {style.longest_sentence}): tách làm hai: “{_begin(sentence)}…”"


def unexplained_abbreviations(text: str, style: Style) -> Iterator[str]:
    """Abbreviations that do not stand beside their full words: "Ủy ban nhân dân (UBND)" explains itself."""
    bare = _without_headings(text)
    for number in document_numbers(text).values():
        bare = bare.replace(number, "")
    for short in dict.fromkeys(_ABBREVIATION.findall(bare)):
        explained = f"({short})" in text or f"{short} (" in text
        if short not in style.abbreviations and not explained:
            yield f"viết tắt “{short}” chưa giải nghĩa: viết đầy đủ"


def _without_headings(text: str) -> str:
    """The text less its words in capitals that stand beside others: "THẺ TRA CỨU" is no abbreviation."""
    said = text.split()
    shouted = [len(word) > 1 and word.isupper() for word in said]
    beside = [before or after for before, after in zip([False, *shouted], [*shouted[1:], False], strict=False)]
    return " ".join(word for word, loud, near in zip(said, shouted, beside, strict=True) if not (loud and near))


def officialese(text: str, style: Style) -> Iterator[str]:
    """The language of offices where plain words would do. Quotations are left alone: so it stands on the portal."""
    said = " ".join(_QUOTED.sub("…", text).lower().split())
    taken = ""
    for phrase in sorted(style.officialese, key=len, reverse=True):
        if phrase not in taken and re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", said):
            taken += f" {phrase}"
            yield f"lời công văn “{phrase}”: nói thường là “{style.officialese[phrase]}”"


LOOKS: Final[tuple[Callable[[str, Style], Iterator[str]], ...]] = (
    long_sentences,
    unexplained_abbreviations,
    officialese,
)


def _begin(sentence: str) -> str:
    return " ".join(sentence.split()[:6])
