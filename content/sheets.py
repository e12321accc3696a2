"""A content file in memory: its values, and how a path in it is named to the author."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from bot.errors import Problem
from content.yaml_source import Flaw, Node, Path, Spot

# The lists and groups whose items are entries of their own.
_HOLDERS: Final = {
    "procedures.yaml": "procedures",
    "faq.yaml": "topics",
    "events.yaml": "events",
    "tips.yaml": "tips",
    "steps.yaml": "groups",
}
_LOOKED_AT: Final = frozenset({"id", "until", "review_by", "demo"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file. `name` is its place inside the content folder: guides/khai-sinh.yaml."""

    name: str
    root: Node

    @classmethod
    def empty(cls, name: str, file: str | None = None) -> Sheet:
        """What stands for a file that can't be read."""
        return cls(name, Node({}, Spot(file or name, 1, 1)))

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem

    def problem(self, path: Path, what: str, *, at_key: bool = False) -> Problem:
        """A mistake at that path, or at the nearest thing above it."""
        node = self.root.nearest(path)
        return self.problem_at(path, node.key_spot if at_key and node.key_spot else node.spot, what)

    def problem_at(self, path: Path, spot: Spot, what: str) -> Problem:
        entry, key = self._names(path)
        return Problem(file=spot.file, line=spot.line, column=spot.column, entry=entry, key=key, what=what)

    def flaw(self, flaw: Flaw) -> Problem:
        return self.problem_at(flaw.path, flaw.spot, flaw.what)

    def flawed(self, path: Path) -> bool:
        """True if something on the way to that path has been reported by the reader already."""
        return any(self.root.nearest(path[:depth]).flawed for depth in range(len(path) + 1))

    def ids(self, key: str) -> frozenset[str]:
        """The ids in the list under `key`, also those of items that are no good otherwise."""
        holder = self.root.child(key)
        items = holder.value if holder and isinstance(holder.value, list) else []
        return frozenset(name for node in items if (name := own_name(node, "id")))

    def _names(self, path: Path) -> tuple[str, str]:
        labels = [self._label(path[:depth]) for depth in range(1, len(path) + 1)]
        if self.name.startswith("guides/"):
            return own_name(self.root, "id") or self.stem, ".".join(labels)
        if len(path) > 1 and path[0] == _HOLDERS.get(self.name) and labels[1] != str(path[1]):
            return labels[1], ".".join(labels[2:])
        if self.name == "steps.yaml" and len(path) > 1:
            return labels[1], ".".join(labels[2:])
        return "", ".".join(labels)

    def _label(self, path: Path) -> str:
        if isinstance(path[-1], str):
            return path[-1]
        node = self.root.nearest(path)
        return own_name(node, "id") or own_name(node, "use") or str(path[-1])


def skeleton(sheet: Sheet) -> Sheet:
    """As much of the sheet as the places in warnings take: a tenth of its memory."""
    return Sheet(sheet.name, _bones(sheet.root))


def _bones(node: Node) -> Node:
    if isinstance(node.value, dict):
        kept = {key: child for key, child in node.value.items() if key != "steps"}
        bones = {key: _bones(child) for key, child in kept.items() if key in _LOOKED_AT or _is_holder(child)}
        return node._replace(value=bones)
    if isinstance(node.value, list):
        return node._replace(value=[_bones(child) for child in node.value if _is_holder(child)])
    return node


def _is_holder(node: Node) -> bool:
    return isinstance(node.value, dict | list)


def own_name(node: Node, key: str) -> str:
    """What the thing says under `id` (or `use`), "" if nothing usable."""
    found = node.child(key)
    return found.value if found and isinstance(found.value, str) else ""
