"""How easily citizens read what we write: sentences too long, abbreviations nobody explains, the language of offices.

Looked at in the files as their authors wrote them, so that each finding stands where it is mended. What counts is
content too: style.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path as FilePath
from typing import Final

from bot.errors import Problem
from content import FOLDER
from content.loading import Files
from content.models import Style
from content.national import document_numbers
from content.sheets import Sheet
from content.yaml_source import Node, Path, parse

# The keys whose texts citizens read as sentences; lists under them too. Names are kept as the law has them.
READ: Final = frozenset(
    {
        *("summary", "text", "ask", "note", "case", "who", "pays", "level_note", "changed_recently"),
        *("title", "see", "problem", "fix", "label", "notes", "returns"),
    }
)
# What stands below these is for staff or for the machine.
UNREAD: Final = frozenset({"differs", "law", "sources", "listed_as", "words", "when", "commands"})
_FILES: Final = ("steps.yaml", "faq.yaml", "phrases.yaml")

_SENTENCE = re.compile(r"(?<=[.?!:;])\s+|\n+")
_QUOTED = re.compile(r"“[^”]*”|\{\w+\}")
_ABBREVIATION = re.compile(r"(?<![\w/-])[A-ZĐ]{2,}(?![\w/-])")


def reading_ease(style: Style, folder: FilePath = FOLDER, overlay: FilePath | None = None) -> list[Problem]:
    """Everything in those files that citizens will stumble over. For content that loads."""
    files = Files(folder, overlay)
    return sorted(
        problem
        for home in files.folders()
        for name in files.names()
        if name.startswith("guides/") or name in _FILES
        if (home / name).is_file()
        for problem in _of_file(style, name, (home / name).read_bytes(), files.label(home, name))
    )


def _of_file(style: Style, name: str, data: bytes, label: str) -> Iterator[Problem]:
    root, _ = parse(data, label)
    if root is None:
        return
    sheet = Sheet(name, root)
    for path, text in _texts(root, (), read=False):
        for look in LOOKS:
            for what in look(text, style):
                yield sheet.problem(path, what)


def _texts(node: Node, path: Path, *, read: bool) -> Iterator[tuple[Path, str]]:
    """Every text that citizens read, and where it stands."""
    if isinstance(node.value, str):
        if read:
            yield path, node.value
    elif isinstance(node.value, dict):
        for key, child in node.value.items():
            if key not in UNREAD:
                # All of phrases.yaml's `say` and `page` is read, whatever the key.
                yield from _texts(child, (*path, key), read=key in READ or path in {("say",), ("page",)})
    elif isinstance(node.value, list):
        for number, child in enumerate(node.value):
            yield from _texts(child, (*path, number), read=read)


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
