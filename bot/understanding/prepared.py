"""The index as it was built last time, so that a start need not build it anew.

It lies beside the database, marked with what it was built from: content, model, code. Anything else in its place, or
half a file, is built over. Of what a pickle can name, only our own classes are let in.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import os
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.understanding.matcher import MODEL, SIDES, Index

if TYPE_CHECKING:
    from content import Content

FILE = "index.bin"
_HERE = Path(__file__).parent
_SAFE = {("collections", "defaultdict"), ("builtins", "set"), ("builtins", "frozenset"), ("builtins", "list")}


def prepared(content: Content, folder: Path) -> Index:
    """The index of this content: read from that folder if it was built from the same, else built and kept there."""
    file, mark = folder / FILE, _mark(content)
    known = _read(file, mark)
    if known is not None:
        return known
    index = Index.build(content)
    with contextlib.suppress(OSError):  # a full disk costs the next start half a second, and nothing else
        _write(file, mark + pickle.dumps(index, protocol=5))
    return index


def _mark(content: Content) -> bytes:
    """32 bytes that change with whatever the index is built from."""
    parts = [content.digest.encode(), sys.version.encode()]
    parts += [file.read_bytes() for file in (MODEL, SIDES) if file.is_file()]
    parts += [file.read_bytes() for file in sorted(_HERE.glob("*.py"))]
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).digest()


def _read(file: Path, mark: bytes) -> Index | None:
    try:
        kept = io.BytesIO(file.read_bytes())
        if kept.read(len(mark)) != mark:
            return None
        with _no_collector():
            index = _OnlyOurs(kept).load()
    except (OSError, EOFError, ValueError, TypeError, AttributeError, LookupError, ImportError, pickle.PickleError):
        return None
    return index if isinstance(index, Index) else None


@contextlib.contextmanager
def _no_collector() -> Iterator[None]:
    """Half a million objects come to stay: looking among them for garbage would take as long as reading them."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _write(file: Path, body: bytes) -> None:
    beside = file.with_suffix(f".{os.getpid()}")
    file.parent.mkdir(parents=True, exist_ok=True)
    beside.write_bytes(body)
    beside.replace(file)


class _OnlyOurs(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if module.startswith("bot.understanding.") or (module, name) in _SAFE:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name}")
