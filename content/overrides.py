"""What a commune's overlay says instead of the content that ships, each beside what it replaces."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.errors import Problem
from content import FOLDER
from content.loading import Files
from content.merging import merges_by_id, replaced
from content.sheets import Sheet
from content.yaml_source import Node, parse

SHOWN: Final = 160  # letters of a value


def overrides(folder: Path = FOLDER, overlay: Path | None = None) -> list[Problem]:
    """Every value of the overlay: where it stands, and what it replaces. For an overlay that loads."""
    files = Files(folder, overlay)
    return [found for name in files.names() if overlay for found in _of_file(files, overlay, name)]


def _of_file(files: Files, overlay: Path, name: str) -> Iterator[Problem]:
    if not (overlay / name).is_file():
        return
    over, _ = parse((overlay / name).read_bytes(), files.label(overlay, name))
    base = parse((files.folder / name).read_bytes(), name)[0] if (files.folder / name).is_file() else None
    if over is None:
        return
    sheet = Sheet(name, over)
    if base is None:
        yield sheet.problem((), "tệp mới")
        return
    for path, old, new in replaced(base, over, by_id=merges_by_id(name)):
        if old is None:
            yield sheet.problem(path, f"thêm {_shown(new)}")
        elif old.plain() == new.plain():
            yield sheet.problem(path, f"{_shown(new)} (giống bản gốc, bỏ đi được)")
        else:
            yield sheet.problem(path, f"{_shown(old)} → {_shown(new)}")


def _shown(node: Node) -> str:
    plain = node.plain()
    text = plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
