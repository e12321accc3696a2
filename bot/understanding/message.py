"""A message as the matcher reads it: mended words, each with its sentence and clause."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from bot.privacy import PLACEHOLDERS
from bot.understanding.cues import is_marked
from bot.understanding.repair import Repairer
from bot.understanding.text import clean, plain, sentences, words

_CLAUSE_END = re.compile(r"[,;:–—]+(?=\s|$)|\s-\s")


@dataclass(frozen=True)
class Message:
    """`words` are mended; `sentence[i]` and `clause[i]` say where word i stands; `asking` are question sentences."""

    text: str
    words: tuple[str, ...]
    sentence: tuple[int, ...]
    clause: tuple[int, ...]
    asking: frozenset[int]

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return tuple(plain(word) for word in self.words)

    @cached_property
    def marked(self) -> bool:
        """True if the writer uses marks."""
        return is_marked(words(self.text))

    def words_of(self, sentence: int) -> list[str]:
        return [word for word, where in zip(self.words, self.sentence, strict=True) if where == sentence]


def read(text: str, repairer: Repairer) -> Message:
    """The message that was typed, mended."""
    left = PLACEHOLDERS.sub(" ", text)  # "⟨số điện thoại⟩" tells nothing of what is asked for
    cleaned = clean(left if words(left) else text)
    said: list[str] = []
    sentence: list[int] = []
    clause: list[int] = []
    asking = set()
    for number, part in enumerate(sentences(cleaned)):
        if cleaned[cleaned.find(part) + len(part) :].lstrip().startswith("?"):
            asking.add(number)
        for piece in _CLAUSE_END.split(part):
            mended = repairer.mend(words(piece))
            said += mended
            sentence += [number] * len(mended)
            clause += [clause[-1] + 1 if clause else 0] * len(mended)
    return Message(cleaned, tuple(said), tuple(sentence), tuple(clause), frozenset(asking))
