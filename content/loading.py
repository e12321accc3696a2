"""Reading the files of content/ and of an overlay into a draft, with every mistake that one file can have alone."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel

from bot.errors import Problem
from content.checks import LOCAL_SLOTS, Draft
from content.merging import filled, lone_braces, merges_by_id, overlaid, with_shared_steps
from content.messages_vi import nearest
from content.models import Events, Faq, Guide, Heard, Lexicon, Locality, Phrases, Procedures, Sharing, Style, Tips
from content.shaping import Shaped, shape
from content.sheets import Sheet, own_name
from content.yaml_source import LIMIT, Node, parse
from content.yaml_source import Path as KeyPath

NAMES: Final = (
    "procedures.yaml",
    "steps.yaml",
    "faq.yaml",
    "events.yaml",
    "phrases.yaml",
    "locality.yaml",
    "lexicon.yaml",
    "style.yaml",
    "tips.yaml",
)
HEARD: Final = "heard.yaml"  # only where officers gave messages a meaning
MOST_PICTURE: Final = 1024 * 1024  # bytes: Zalo takes no more
M = TypeVar("M", bound=BaseModel)


# --- files ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a folder and of what is laid over it."""

    folder: Path
    overlay: Path | None

    def folders(self) -> tuple[Path, ...]:
        return (self.folder, self.overlay) if self.overlay else (self.folder,)

    def names(self) -> list[str]:
        """Every file that content is made of: the fixed ones, and the guides of both folders."""
        guides = {f"guides/{path.name}" for folder in self.folders() for path in folder.glob("guides/*.yaml")}
        heard = [HEARD] if any((folder / HEARD).exists() for folder in self.folders()) else []
        return [*NAMES, *heard, *sorted(guides)]

    def stamp(self) -> tuple[tuple[str, int, int], ...]:
        """Name, size and time of change of every file that is there."""
        return tuple(self._stamps())

    def _stamps(self) -> Iterator[tuple[str, int, int]]:
        for folder in self.folders():
            for name in self.names():
                try:
                    stat = (folder / name).stat()
                except OSError:
                    continue
                yield str(folder / name), stat.st_size, stat.st_mtime_ns

    def label(self, folder: Path, name: str) -> str:
        """The file as problems name it: short for our own, in full for the commune's."""
        return name if folder == self.folder else str(folder / name)

    def strays(self) -> Iterator[Problem]:
        """Files that the author surely meant to be read."""
        if self.overlay and not self.overlay.is_dir():
            yield _at_top(str(self.overlay), "không có thư mục này")
        for folder in self.folders():
            for path in sorted(folder.glob("guides/*")):
                if path.suffix.lower() in {".yml", ".yaml"} and path.suffix != ".yaml":
                    yield _at_top(self.label(folder, f"guides/{path.name}"), "đổi đuôi tệp thành .yaml")
        for path in sorted(self.overlay.glob("*.y*ml")) if self.overlay else ():
            if path.name not in {*NAMES, HEARD} and (hint := nearest(path.name, NAMES)):
                yield _at_top(str(path), f"tệp này không được đọc{hint}")


def _at_top(file: str, what: str) -> Problem:
    return Problem(file=file, line=1, column=1, entry="", key="", what=what)


def _bytes(folder: Path, name: str) -> bytes | str:
    """What the file holds, or why it can't be had."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        return "là liên kết ra ngoài thư mục nội dung"
    if not path.is_file():
        return "phải là một tệp"
    try:
        with path.open("rb") as file:
            return file.read(LIMIT + 1)
    except OSError as error:
        return f"không mở được tệp ({error.strerror})"


# --- the draft -----------------------------------------------------------------------------------------------------


def drafted(folder: Path, overlay: Path | None) -> tuple[Draft, list[Problem], str]:
    """All that can be made of the files, what is wrong with each alone, and the digest of their bytes."""
    drafting = _Drafting(Files(folder, overlay))
    with _no_collecting():
        drafting.run()
    return drafting.draft, drafting.problems, drafting.digest.hexdigest()


@contextmanager
def _no_collecting() -> Iterator[None]:
    # A hundred thousand values that all stay: looking through them for garbage takes a third of the loading time.
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Drafting:
    def __init__(self, files: Files) -> None:
        self.files = files
        self.draft = Draft()
        self.problems: list[Problem] = list(files.strays())
        self.digest = sha256()

    def run(self) -> None:
        sheets = {name: sheet for name in self.files.names() if (sheet := self._sheet(name))}
        self.draft.sheets = sheets
        self.draft.locality = self._whole(Locality, "locality.yaml")
        words = local_words(self.draft.locality)
        self._procedures()
        self.draft.phrases = self._whole(Phrases, "phrases.yaml")
        self.draft.lexicon = self._whole(Lexicon, "lexicon.yaml")
        self.draft.style = self._whole(Style, "style.yaml")
        self.draft.sharing = self._whole(Sharing, "steps.yaml")
        groups = self._groups()
        self._faq(words)
        self.draft.events = self._whole(Events, "events.yaml")
        self.draft.heard = self._whole(Heard, HEARD)
        self._tips(words)
        for name, sheet in list(sheets.items()):
            if name.startswith("guides/"):
                self._guide(sheet, groups, words)
        self._pictures()

    # --- one file

    def _sheet(self, name: str) -> Sheet | None:
        """The file with its overlay, or None if neither is any good."""
        found = [
            folder for folder in self.files.folders() if (folder / name).is_symlink() or (folder / name).exists()
        ]
        if not found or (name in NAMES and found[0] != self.files.folder):
            self.problems.append(_at_top(name, "thiếu tệp này"))
        roots = [root for folder in found if (root := self._root(folder, name))]
        if not roots:
            return None
        return Sheet(name, overlaid(*roots, by_id=merges_by_id(name)) if len(roots) > 1 else roots[0])

    def _root(self, folder: Path, name: str) -> Node | None:
        label = self.files.label(folder, name)
        data = _bytes(folder, name)
        if isinstance(data, str):
            self.problems.append(_at_top(label, data))
            return None
        self.digest.update(f"{label}\0{len(data)}\0".encode() + data)
        root, flaws = parse(data, label)
        sheet = Sheet(name, root) if root else Sheet.empty(name, label)
        self.problems.extend(sheet.flaw(flaw) for flaw in flaws)
        return root

    def _shaped(self, model: type[M], sheet: Sheet) -> Shaped[M]:
        shaped = shape(model, sheet)
        self.problems.extend(shaped.problems)
        return shaped

    def _whole(self, model: type[M], name: str) -> M | None:
        """The file as that model; without its broken items if it has some, so that the rest is checked as well."""
        sheet = self.draft.sheets.get(name)
        if sheet is None:
            return None
        shaped = self._shaped(model, sheet)
        if shaped.model:
            return shaped.model
        kept = Sheet(name, _without(sheet.root, {path[:2] for path in shaped.broken}))
        if name in {"procedures.yaml", "faq.yaml", "events.yaml", "tips.yaml"}:
            self.draft.sheets[name] = kept  # the numbers of the items have changed
        return shape(model, kept).model

    # --- the parts

    def _pictures(self) -> None:
        """Every picture that a step names lies in pictures/, and is no heavier than the tightest platform bears."""
        shared = self.draft.sharing.groups.items() if self.draft.sharing else ()
        named = [(step, "steps.yaml", ("groups", id_, n)) for id_, steps in shared for n, step in enumerate(steps)]
        for stem, guide in self.draft.guides.items():
            for way in guide.steps:
                named += [
                    (step, f"guides/{stem}.yaml", ("steps", way, n)) for n, step in enumerate(guide.walk_steps(way))
                ]
        looked_at: set[str] = set()
        for step, name, path in named:
            if step.picture is None or step.picture.file in looked_at:
                continue
            looked_at.add(step.picture.file)
            files = [folder / "pictures" / f"{step.picture.file}.png" for folder in self.files.folders()]
            found = next((file for file in reversed(files) if file.is_file()), None)
            where = (*path, "picture", "file")
            if found is None:
                what = f"thiếu tệp pictures/{step.picture.file}.png"
                self.problems.append(self.draft.sheets[name].problem(where, what))
            elif found.stat().st_size > MOST_PICTURE:
                what = f"hình nặng {found.stat().st_size // 1024} kB, nhiều nhất {MOST_PICTURE // 1024} kB"
                self.problems.append(self.draft.sheets[name].problem(where, what))

    def _procedures(self) -> None:
        sheet = self.draft.sheets.get("procedures.yaml")
        topics = self.draft.sheets.get("faq.yaml")
        self.draft.files = frozenset(Path(name).stem for name in self.files.names() if name.startswith("guides/"))
        if sheet:
            self.draft.fields = sheet.ids("fields")
            self.draft.known = sheet.ids("procedures") | (topics.ids("topics") if topics else frozenset())
        self.draft.procedures = self._whole(Procedures, "procedures.yaml")

    def _faq(self, words: Mapping[str, str]) -> None:
        if sheet := self.draft.sheets.get("faq.yaml"):
            self.draft.sheets["faq.yaml"] = self._filled(sheet, words)
            self.draft.faq = self._whole(Faq, "faq.yaml")

    def _tips(self, words: Mapping[str, str]) -> None:
        if sheet := self.draft.sheets.get("tips.yaml"):
            self.draft.sheets["tips.yaml"] = self._filled(sheet, words)
            self.draft.tips = self._whole(Tips, "tips.yaml")

    def _groups(self) -> dict[str, Node | None] | None:
        """The shared steps by the name of their group, None for a group that is no good; None if all are."""
        sheet = self.draft.sheets.get("steps.yaml")
        holder = sheet.root.child("groups") if sheet else None
        if not sheet or not holder or not isinstance(holder.value, dict):
            return None
        sound = self.draft.sharing.groups if self.draft.sharing else {}
        groups: dict[str, Node | None] = {}
        for name, node in holder.value.items():
            lone = [sheet.problem(path, what) for path, what in lone_braces(node, ("groups", name))]
            self.problems.extend(lone)
            groups[name] = node if name in sound and not lone else None
        return groups

    def _guide(self, sheet: Sheet, groups: Mapping[str, Node | None] | None, words: Mapping[str, str]) -> None:
        sound = {name: node for name, node in (groups or {}).items() if node}
        sheet = Sheet(sheet.name, with_shared_steps(sheet.root, sound))
        sheet = self._filled(sheet, {**_own_words(sheet, words), **words})
        self.draft.sheets[sheet.name] = sheet
        broken = {"steps"} if self._uses_left(sheet, groups) else set()
        shaped = self._shaped(Guide, sheet)
        broken |= {str(path[0]) for path in shaped.broken if path}
        guide = shaped.model or shape(Guide, _patched(sheet, broken)).model
        if guide:
            self.draft.guides[sheet.stem] = guide
            self.draft.broken[sheet.stem] = frozenset(broken)

    def _uses_left(self, sheet: Sheet, groups: Mapping[str, Node | None] | None) -> bool:
        """True if some steps could not be put in, which is said here unless it is the group's own fault."""
        left = False
        for path, name in _uses(sheet.root):
            left = True
            if groups is not None and name not in groups:
                what = f"steps.yaml không có nhóm bước '{name}'" + nearest(name, groups)
                self.problems.append(sheet.problem((*path, "use"), what))
        return left

    def _filled(self, sheet: Sheet, words: Mapping[str, str]) -> Sheet:
        def say(path: KeyPath, what: str) -> None:
            self.problems.append(sheet.problem(path, what))

        return Sheet(sheet.name, filled(sheet.root, words, say))


def local_words(locality: Locality | None) -> dict[str, str]:
    """What this commune puts into the {slots} of steps and answers. Dots while its file is no good."""
    if locality is None:
        return dict.fromkeys(LOCAL_SLOTS, "…")
    counter = locality.counter
    return {
        "commune": locality.name,
        "province": locality.province,
        "police": locality.police,
        "hotline": locality.hotlines[0].number,
        "counter_name": counter.name,
        "counter_address": counter.address,
        "counter_hours": counter.hours_text,
        "counter_phone": counter.phone,
    }


def _own_words(sheet: Sheet, words: Mapping[str, str]) -> dict[str, str]:
    """What a guide itself puts into slots; its words may name the commune's."""
    holder = sheet.root.child("words")
    if not holder or not isinstance(holder.value, dict):
        return {}
    ready = filled(holder, words, lambda path, what: None)  # said when the whole guide is filled
    return {key: node.value for key, node in ready.value.items() if isinstance(node.value, str)}  # type: ignore[union-attr]


def _uses(root: Node) -> Iterator[tuple[KeyPath, str]]:
    steps = root.child("steps")
    ways = steps.value if steps and isinstance(steps.value, dict) else {}
    for way, items in ways.items():
        for number, item in enumerate(items.value if isinstance(items.value, list) else ()):
            if name := own_name(item, "use"):
                yield ("steps", way, number), name


def _without(root: Node, paths: set[KeyPath]) -> Node:
    """The root less what stands at these paths, each of one or two parts."""
    if not isinstance(root.value, dict):
        return root
    items = {key: node for key, node in root.value.items() if (key,) not in paths}
    for key, node in items.items():
        if isinstance(node.value, dict):
            kept = {name: child for name, child in node.value.items() if (key, name) not in paths}
            items[key] = node._replace(value=kept)
        elif isinstance(node.value, list):
            rest = [child for number, child in enumerate(node.value) if (key, number) not in paths]
            items[key] = node._replace(value=rest)
    return root._replace(value=items)


def _patched(sheet: Sheet, broken: set[str]) -> Sheet:
    """The guide with something harmless for all that is broken, so that the rest can be checked as well."""
    if not isinstance(sheet.root.value, dict):
        return sheet
    kept = {key: node for key, node in sheet.root.value.items() if key not in broken}
    named = {"id": Node(sheet.stem, sheet.root.spot)}
    return Sheet(sheet.name, sheet.root._replace(value={**_patches(), **named, **kept}))


@cache
def _patches() -> dict[str, Node]:
    root, _ = parse(_PATCHES.encode(), "")
    return root.value if root and isinstance(root.value, dict) else {}


_PATCHES: Final = """
summary: x
level: counter
who: [{text: x}]
decides: [{text: x}]
where: [{at: counter, text: x}]
fee: [{at: counter, amount: unknown, ask: x}]
time: [{at: counter, amount: unknown, ask: x}]
papers: [{id: x, name: x, form: form}]
steps: {counter: [{id: x, title: x, text: x, end: true}]}
result: [{text: x}]
law: [x]
sources: [{name: x, date: 2026-01-01}]
checked: 2026-01-01
review_by: 2026-01-01
"""
