"""No sentence of ours is copied: facts are free to use, the sentences of the sources are not.

    python -m content.copying ../shared/data

A copy is a run of 16 syllables that stands both in a text of content/ and in a source. What must be called as the law
calls it is no copy: names of procedures, papers, results, forms and bodies, lines of law, names of sources, what
stands in “quotation marks”, and what only the audit reads (`listed_as`, `says`). Inside a sentence such a name ends a
run if it is long: of 8 syllables or more. A shorter one is a word like any other.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.errors import Problem
from content import FOLDER
from content.sheets import Sheet
from content.yaml_source import Node, parse
from content.yaml_source import Path as KeyPath

RUN: Final = 16  # syllables
LONG: Final = 8  # syllables of a name that can not be put in other words
NAMES: Final = frozenset({"name", "short", "aliases", "law", "sources", "listed_as", "says"})
CALLED: Final = ("name", "result", "forms", "agency")  # what a row of the national database calls things
SOURCES: Final = ("*.jsonl", "so-tay-*.txt")

_SYLLABLE = re.compile(r"[^\W_]+")
_QUOTED = re.compile(r"“[^”]*”")


@dataclass(frozen=True, slots=True)
class Said:
    """A text of ours and where it stands."""

    place: Problem
    text: str


def copies(ours: Iterable[Said], names: Iterable[str], sources: Iterable[tuple[str, str]]) -> list[Problem]:
    """Where our texts share a run with a source. `sources` are pairs of a source's name and its text."""
    known = sorted({_line(name) for name in names if len(syllables(name)) >= LONG}, key=len, reverse=True)
    runs: dict[tuple[str, ...], list[Said]] = defaultdict(list)
    for said in ours:
        for run in _runs(said.text):
            runs[run].append(said)
    found: dict[Said, Problem] = {}
    ends = {(run[0], run[1], run[-1]) for run in runs}  # a look at three syllables spares most of the comparing
    for source, text in sources:
        said_there = syllables(text)
        for start in range(len(said_there) - RUN + 1):
            if (said_there[start], said_there[start + 1], said_there[start + RUN - 1]) in ends:
                run = tuple(said_there[start : start + RUN])
                for said in runs.get(run, ()):
                    if said not in found and run in _runs(said.text, known):
                        found[said] = _copied(said, run, source)
    return sorted(found.values())


def syllables(text: str) -> list[str]:
    """The syllables of a text, in small letters."""
    return _SYLLABLE.findall(text.lower())


def _runs(text: str, names: Sequence[str] = ()) -> set[tuple[str, ...]]:
    """The runs of a text, of which none has a quotation or one of these names in it."""
    stretches = [f" {_line(stretch)} " for stretch in _QUOTED.split(text)]
    for name in names:
        stretches = [f" {rest.strip()} " for stretch in stretches for rest in stretch.split(f" {name} ")]
    said = [stretch.split() for stretch in stretches]
    return {tuple(part[start : start + RUN]) for part in said for start in range(len(part) - RUN + 1)}


def _line(text: str) -> str:
    return " ".join(syllables(text))


def _copied(said: Said, run: tuple[str, ...], source: str) -> Problem:
    place = said.place
    what = f"chép nguyên {RUN} tiếng của {source}: “{' '.join(run)}”: viết lại bằng lời của mình"
    return Problem(file=place.file, line=place.line, column=place.column, entry=place.entry, key=place.key, what=what)


# --- our texts -----------------------------------------------------------------------------------------------------


def our_texts(folder: Path = FOLDER) -> tuple[list[Said], list[str]]:
    """Every text in the YAML files of that folder, and every name in them."""
    said: list[Said] = []
    names: list[str] = []
    for file in sorted(folder.rglob("*.yaml")):
        name = str(file.relative_to(folder))
        root, _ = parse(file.read_bytes(), name)
        if root is None:
            continue
        sheet = Sheet(name, root)
        for path, text in _texts(root, ()):
            if NAMES & set(path):
                names.append(text)
            else:
                said.append(Said(sheet.problem(path, ""), text))
    return said, names


def _texts(node: Node, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    value: Any = node.value
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts(child, (*path, key))


# --- the sources ---------------------------------------------------------------------------------------------------


def names_in(folder: Path) -> Iterator[str]:
    """What the sources in that folder call procedures, results, forms and bodies."""
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield from (said for key in CALLED for said in _strings(row.get(key)))


def sources_in(folder: Path) -> Iterator[tuple[str, str]]:
    """Every text of the sources in that folder, the same text once, with the name of its source."""
    seen: set[str] = set()
    for file in sorted(path for pattern in SOURCES for path in folder.glob(pattern)):
        for source, text in _of_file(file):
            if text not in seen:
                seen.add(text)
                yield source, text


def _of_file(file: Path) -> Iterator[tuple[str, str]]:
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".jsonl":
        yield file.name, text
        return
    for line in text.splitlines():
        row = json.loads(line)
        yield from ((f"{file.name} ({row.get('code')})", said) for said in _strings(row))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for child in value.values():
            yield from _strings(child)
    elif isinstance(value, list):
        for child in value:
            yield from _strings(child)


def main(folder: str) -> int:
    """Print every copy; 1 if there is one."""
    ours, names = our_texts()
    found = copies(ours, [*names, *names_in(Path(folder))], sources_in(Path(folder)))
    for problem in found:
        sys.stdout.write(f"{problem}\n")
    sys.stdout.write(f"{len(found)} câu chép nguyên {RUN} tiếng trở lên.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
