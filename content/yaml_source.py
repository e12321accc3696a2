"""YAML read safely: a text becomes plain values that remember where they stand, or a list of flaws.

Built straight from the parser's events, in one loop that never recurses: libyaml's composer does, and 200,000
brackets crash the whole process with it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

import yaml

LIMIT: Final = 2_000_000  # bytes in a file
DEEPEST: Final = 50  # levels of nesting

# libyaml reads some ten times faster; where PyYAML was built without it, its Python twin does the same.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_INT = re.compile(r"-?(0|[1-9][0-9]{0,17})")  # no leading zeros: 0912… is a phone number, 1.001193 a code
_NULLS = frozenset({"", "~", "null"})
_BOOLS = {"true": True, "false": False}
_AMBIGUOUS = frozenset({"no", "yes", "on", "off", "y", "n"})  # YAML 1.1 makes booleans of them
_INDENTED_BY_TAB = re.compile(r"^ *\t", re.MULTILINE)
_UNPRINTABLE = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")

Scalar: TypeAlias = str | int | bool | None
Path: TypeAlias = tuple[str | int, ...]


class Spot(NamedTuple):
    """A place in a file; lines and columns count from 1."""

    file: str
    line: int
    column: int


class Node(NamedTuple):
    """A value and where it stands. `flawed`: what is wrong with it has been reported already."""

    value: Scalar | dict[str, Node] | list[Node]
    spot: Spot
    key_spot: Spot | None = None
    flawed: bool = False

    def plain(self) -> Any:
        """The value without its places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def child(self, key: str | int) -> Node | None:
        """What stands under that key or index."""
        found: Node | None = None
        if isinstance(self.value, dict) and isinstance(key, str):
            found = self.value.get(key)
        elif isinstance(self.value, list) and isinstance(key, int) and key < len(self.value):
            found = self.value[key]
        return found

    def nearest(self, path: Path) -> Node:
        """What stands at the path, or as far along it as there is something."""
        node = self
        for key in path:
            found = node.child(key)
            if found is None:
                break
            node = found
        return node


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with the YAML itself, in Vietnamese."""

    path: Path
    spot: Spot
    what: str


class _Unreadable(Exception):
    def __init__(self, line: int, column: int, what: str) -> None:
        self.line, self.column, self.what = line, column, what


def parse(data: bytes, file: str) -> tuple[Node | None, list[Flaw]]:
    """The values of a file and all its flaws. No values at all if it can't be read to its end."""
    try:
        text = _text(data)
        builder = _Builder(file)
        builder.take(yaml.parse(text, Loader=_LOADER))
        return builder.root(), builder.flaws
    except _Unreadable as error:
        spot, what = Spot(file, error.line, error.column), error.what
    except yaml.MarkedYAMLError as error:
        spot = _spot_of(error, file)
        what = _in_vietnamese(f"{error.context or ''} {error.problem or ''}")
    except yaml.YAMLError:
        spot, what = Spot(file, 1, 1), _in_vietnamese("")
    return None, [Flaw((), spot, what)]


def _spot_of(error: yaml.MarkedYAMLError, file: str) -> Spot:
    # A bracket or a quote that is missing shows only later: what helps is where the first of the pair stands.
    paired = any(word in (error.context or "") for word in ("flow", "quoted"))
    mark = (error.context_mark if paired else None) or error.problem_mark or error.context_mark
    return Spot(file, mark.line + 1, mark.column + 1) if mark else Spot(file, 1, 1)


def _text(data: bytes) -> str:
    """The file's letters: composed (NFC), without BOM, with plain line ends."""
    if len(data) > LIMIT:
        raise _Unreadable(1, 1, f"tệp quá lớn (trên {LIMIT // 1_000_000} MB)")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _place(data[: error.start].decode("utf-8-sig", "replace"))
        raise _Unreadable(line, column, _NOT_UTF8) from None
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    for pattern, what in ((_UNPRINTABLE, _HIDDEN_LETTER), (_INDENTED_BY_TAB, _TAB)):
        if found := pattern.search(text):
            raise _Unreadable(*_place(text[: found.end() - 1]), what)
    return text


def _place(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


_NOT_UTF8 = (
    "tệp không phải UTF-8 (có lẽ là Windows-1258 hoặc TCVN3): mở lại bằng trình soạn thảo rồi lưu với mã UTF-8"
)
_HIDDEN_LETTER = "có ký tự điều khiển không nhìn thấy được: xoá đi rồi gõ lại"
_TAB = "thụt dòng bằng phím Tab: thay bằng dấu cách"
_TOO_DEEP = f"lồng nhau quá {DEEPEST} tầng"
_EMPTY = "tệp rỗng"
_SECOND = "mỗi tệp chỉ có một phần: bỏ dòng '---' này"
_ALIAS = "không dùng '*' để nhắc lại: chép nội dung ra"
_ANCHOR = "không dùng '&' để đặt tên cho một đoạn: chép nội dung ra"
_TAG = "không dùng thẻ '{}': bỏ nó đi, hoặc để cả câu trong dấu nháy"
_MERGE = "không dùng '<<' để gộp: chép nội dung ra"
_DUPLICATE = "khoá '{}' viết hai lần (lần đầu ở dòng {})"
_KEY = "khoá phải là một từ, không phải một danh sách hay một nhóm"
_QUOTE = "'{}' ở đây có thể bị hiểu là đúng/sai: để trong dấu nháy (\"{}\"), hoặc viết true/false"

# libyaml's words, or a part of them -> ours.
_MESSAGES = {
    "mapping values are not allowed": "dấu ':' thừa, hoặc dòng thụt sai: câu có ': ' phải để trong dấu nháy",
    "could not find expected ':'": "thiếu dấu ':' sau khoá",
    "quoted scalar": "dấu nháy mở ra mà không đóng lại, hoặc có dấu '\\' lạ trong đó",
    "flow sequence": "dấu '[' mở ra mà không đóng lại, hoặc thiếu dấu phẩy",
    "flow mapping": "dấu '{' mở ra mà không đóng lại, hoặc thiếu dấu phẩy",
    "cannot start any token": "câu bắt đầu bằng ký tự này phải để trong dấu nháy",
    "block mapping": "dòng này thụt sai, hoặc dấu nháy đóng lại giữa câu",
    "block collection": "dòng này thụt sai, hoặc thiếu dấu '- '",
    "undefined alias": _ALIAS,
}


def _in_vietnamese(message: str) -> str:
    for part, words in _MESSAGES.items():
        if part in message:
            return words
    return "không đọc được ở đây: xem lại thụt dòng, dấu nháy và dấu hai chấm"


class _Frame:
    """A mapping or a list that is being filled."""

    __slots__ = ("flawed", "items", "key", "key_spot", "spot")

    def __init__(self, items: dict[str, Node] | list[Node], spot: Spot, flawed: bool) -> None:
        self.items = items
        self.spot = spot
        self.flawed = flawed
        self.key: str | None = None
        self.key_spot: Spot | None = None

    def here(self) -> str | int | None:
        return self.key if isinstance(self.items, dict) else len(self.items)


class _Builder:
    """Takes the parser's events and puts the values together."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.flaws: list[Flaw] = []
        self._frames: list[_Frame] = []
        self._root: Node | None = None
        self._documents = 0
        self._on: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.AliasEvent: self._alias,
            yaml.MappingStartEvent: lambda event: self._open(event, {}),
            yaml.SequenceStartEvent: lambda event: self._open(event, []),
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.DocumentStartEvent: self._document,
        }

    def take(self, events: Iterator[Any]) -> None:
        for event in events:
            if act := self._on.get(type(event)):
                act(event)

    def root(self) -> Node:
        if self._root is None:
            raise _Unreadable(1, 1, _EMPTY)
        return self._root

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            raise _Unreadable(event.start_mark.line + 1, event.start_mark.column + 1, _SECOND)

    def _spot(self, event: Any) -> Spot:
        mark = event.start_mark
        return Spot(self.file, mark.line + 1, mark.column + 1)

    def _flaw(self, spot: Spot, what: str, *more: str | int) -> None:
        path = tuple(here for frame in self._frames if (here := frame.here()) is not None)
        self.flaws.append(Flaw(path, spot, what.format(*more)))

    def _open(self, event: Any, items: dict[str, Node] | list[Node]) -> None:
        spot = self._spot(event)
        flawed = self._refuse_extras(event, spot)
        if len(self._frames) == DEEPEST:
            raise _Unreadable(spot.line, spot.column, _TOO_DEEP)
        self._frames.append(_Frame(items, spot, flawed))

    def _close(self, event: Any) -> None:
        frame = self._frames.pop()
        self._attach(frame.items, frame.spot, flawed=frame.flawed)

    def _alias(self, event: Any) -> None:
        spot = self._spot(event)
        self._flaw(spot, _ALIAS)
        self._attach(None, spot, flawed=True)

    def _scalar(self, event: Any) -> None:
        spot = self._spot(event)
        tagged = self._refuse_extras(event, spot)
        text: str = event.value
        if not event.implicit[0]:  # quoted, or a block of text
            return self._attach(text, spot, flawed=tagged)
        if self._awaits_key():
            if text == "<<":
                self._flaw(spot, _MERGE)
            return self._attach(text, spot)
        flawed = text.lower() in _AMBIGUOUS
        if flawed:
            self._flaw(spot, _QUOTE, text, text)
        return self._attach(_value(text), spot, flawed=flawed)

    def _refuse_extras(self, event: Any, spot: Spot) -> bool:
        """Anchors and tags. True for a tag: nobody knows what the value would be without it."""
        if event.anchor is not None:
            self._flaw(spot, _ANCHOR)
        if event.tag is not None:
            self._flaw(spot, _TAG, event.tag.replace("tag:yaml.org,2002:", "!!"))
        return event.tag is not None

    def _awaits_key(self) -> bool:
        return bool(self._frames) and isinstance(self._frames[-1].items, dict) and self._frames[-1].key is None

    def _attach(self, value: Any, spot: Spot, *, flawed: bool = False) -> None:
        if not self._frames:
            self._root = None if value is None else Node(value, spot, None, flawed)
            return
        frame = self._frames[-1]
        if isinstance(frame.items, list):
            frame.items.append(Node(value, spot, None, flawed))
        elif frame.key is None:
            frame.key, frame.key_spot = self._key(value, spot), spot
        else:
            self._put(frame, frame.items, Node(value, spot, frame.key_spot, flawed))

    def _key(self, value: Any, spot: Spot) -> str:
        if isinstance(value, str):
            return value
        if value is not None:  # an alias has had its word already
            self._flaw(spot, _KEY)
        return ""

    def _put(self, frame: _Frame, items: dict[str, Node], node: Node) -> None:
        key = frame.key or ""
        if first := items.get(key):
            self._flaw(node.key_spot or node.spot, _DUPLICATE, key, (first.key_spot or first.spot).line)
        else:
            items[key] = node
        frame.key = None


def _value(text: str) -> Scalar:
    """What a word without quotes means. Days and decimals stay text: the models know better what they are."""
    if _INT.fullmatch(text):
        return int(text)
    lower = text.lower()
    return None if lower in _NULLS else _BOOLS.get(lower, text)
