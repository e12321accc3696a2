"""How easily citizens read what we write: sentences too long, abbreviations nobody explains, the language of offices.

Looked at in the files as their authors wrote them, so that each finding stands where it is mended. What counts is
content too: style.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Final

from bot.errors import Problem
from content import FOLDER
from content.loading import Files
from content.models import Style
from content.plain_words import LOOKS
from content.sheets import Sheet
from content.yaml_source import Node, Path, parse

# The keys whose texts citizens read as sentences; lists under them too. Names are kept as the law has them.
READ: Final = frozenset(
    {
        *("summary", "text", "ask", "note", "case", "who", "pays", "level_note", "changed_recently"),
        *("title", "see", "problem", "fix", "label", "notes", "returns"),
        *("loudspeaker", "opening", "closing"),
    }
)
# What stands below these is for staff or for the machine.
UNREAD: Final = frozenset({"differs", "law", "sources", "listed_as", "words", "when", "commands"})
_FILES: Final = ("steps.yaml", "faq.yaml", "phrases.yaml", "tips.yaml")


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
