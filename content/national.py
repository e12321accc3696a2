"""Rows of the national database of procedures, as the audit and the import read them.

The database writes for officials and loses things on the way: units of time, amounts that were never entered and then
show as "Miễn phí". What was lost is None here, never a guess.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.errors import FileError
from bot.understanding.text import fold
from content.models import Unit, Way

NO_AMOUNT: Final = "chưa khai số tiền"  # in a row's note: its "Miễn phí" only means that nobody entered an amount
NO_UNIT: Final = "nguồn mất đơn vị"

_WAYS: Final = {"truc tuyen": Way.ONLINE, "buu chinh": Way.POST, "truc tiep": Way.COUNTER}
_UNITS: Final = {
    "gio lam viec": Unit.WORKING_HOUR,
    "gio": Unit.HOUR,
    "ngay lam viec": Unit.WORKING_DAY,
    "ngay": Unit.DAY,
    "thang": Unit.MONTH,
}
_DURATION = re.compile(rf"(\d+(?:[.,]\d+)?)\s*(?:({'|'.join(_UNITS)})(?!\w)|\({fold(NO_UNIT)}\))")
_AMOUNT = re.compile(
    r"(?<![\d.,/])(?<!nam )(\d{1,3}(?:[.,]\d{3})+|\d+(?=\s*(?:d|dong|vnd|viet nam dong)(?!\w)))(?![\d.,]*\d)"
)
_NOTHING = re.compile(r"mien phi|khong (?:dong|thu)(?!\w)")
_FOREIGN = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:usd|do la)(?!\w)")
_DOCUMENT = re.compile(r"\d+(?:\.\d+)*/\d{4}/[A-ZĐ0-9]+(?:[-/][A-ZĐ0-9]+)*|(?<![\d.])\d+/[A-ZĐ]{2,}-[A-ZĐ0-9]+")
_CODE = re.compile(r"\d\.\d{6}")


class RowRefused(ValueError):
    """A row that can't be used; the text says why, in Vietnamese."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A time; `unit` is None where the source lost it."""

    amount: float
    unit: Unit | None

    @property
    def length(self) -> tuple[str, float]:
        """Comparable: 24 hours are a day, 8 working hours a working day."""
        kind, factor = _LENGTHS[self.unit]
        return kind, self.amount * factor


_LENGTHS: Final[Mapping[Unit | None, tuple[str, float]]] = {
    Unit.WORKING_HOUR: ("working", 1),
    Unit.WORKING_DAY: ("working", 8),
    Unit.HOUR: ("calendar", 1),
    Unit.DAY: ("calendar", 24),
    Unit.MONTH: ("months", 1),
    None: ("lost", 1),
}


@dataclass(frozen=True, slots=True)
class RowFee:
    """What a row says of the fee for one way of filing. `amounts` is empty where it gives none."""

    at: Way
    text: str
    note: str
    amounts: frozenset[int]
    foreign: frozenset[str] = frozenset()  # in US dollars

    @property
    def noted(self) -> frozenset[int]:
        """The amounts that its note speaks of."""
        return money(self.note)


@dataclass(frozen=True, slots=True)
class RowTime:
    """What a row says of the time for one way of filing."""

    at: Way
    text: str

    @property
    def durations(self) -> tuple[Duration, ...]:
        return durations(self.text)


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a row's list of papers. An explanation among them (no original, no copy) is no paper."""

    case: str
    text: str
    is_paper: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One procedure of the national database."""

    code: str
    name: str
    field: str = ""
    level: str = ""
    agency: str = ""
    steps: str = ""
    ways: tuple[Way, ...] = ()
    fees: tuple[RowFee, ...] = ()
    times: tuple[RowTime, ...] = ()
    items: tuple[Item, ...] = ()
    papers_text: str = ""  # where the papers could not be told apart
    law: tuple[str, ...] = ()
    note: str = ""
    slug: str = ""  # facts collected for one guide of several that share a code
    source: str = ""
    read_on: str = ""  # ISO date
    url: str = ""

    @classmethod
    def of(cls, raw: object) -> Row:
        """The row in this JSON object. RowRefused if it names no procedure."""
        if not isinstance(raw, Mapping):
            raise RowRefused("không phải một đối tượng")
        code, name, note = _line(raw.get("code")), _line(raw.get("name")), _line(raw.get("note"))
        if not _CODE.fullmatch(code):
            raise RowRefused(f"mã thủ tục không đúng dạng 1.001193: “{code}”")
        if not name:
            raise RowRefused("thiếu tên thủ tục")
        documents = raw.get("documents")
        return cls(
            code=code,
            name=name,
            field=_line(raw.get("field")),
            level=_line(raw.get("level")),
            agency=_line(raw.get("agency")),
            steps=str(raw.get("steps") or ""),
            ways=_ways(raw.get("channels")),
            fees=tuple(_fees(raw.get("fees"), unentered=NO_AMOUNT in note)),
            times=tuple(_times(raw.get("processing_time"))),
            items=tuple(_items(documents)),
            papers_text=documents if isinstance(documents, str) else "",
            law=tuple(_texts(raw.get("legal_basis"))),
            note=note,
            slug=_line(raw.get("slug")),
            source=_line(raw.get("source_repo")),
            read_on=_line(raw.get("crawled_at")),
            url=_line(raw.get("url")),
        )


def read_rows(file: Path) -> list[Row | RowRefused]:
    """As `rows`, of a file. FileError if not one line of it is a row."""
    with file.open(encoding="utf-8-sig", errors="replace") as lines:
        read = list(rows(lines))
    if not any(isinstance(one, Row) for one in read):
        why = f" ({read[0]})" if read else ""
        raise FileError(f"{file}: không có dòng nào là thủ tục{why}")
    return read


def rows(lines: Iterable[str]) -> Iterator[Row | RowRefused]:
    """The rows of a JSONL file, in order: a row, or why that line is none. Blank lines are skipped."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield Row.of(json.loads(line))
            except RowRefused as error:
                yield RowRefused(f"dòng {number}: {error}")
            except ValueError:
                yield RowRefused(f"dòng {number}: không phải JSON")


def durations(text: str) -> tuple[Duration, ...]:
    """Every time that a text speaks of: "7 Ngày làm việc", "1 (nguồn mất đơn vị)"."""
    found = _DURATION.finditer(fold(text))
    return tuple(Duration(float(one[1].replace(",", ".")), _UNITS[one[2]] if one[2] else None) for one in found)


def money(text: str) -> frozenset[int]:
    """Every amount in đồng that a text speaks of: "10,000 Việt Nam Đồng", "2.000 đồng/trang", "5000đ"."""
    return frozenset(int(re.sub(r"[.,]", "", amount)) for amount in _AMOUNT.findall(fold(text)))


def dollars(text: str) -> frozenset[str]:
    """Every amount in US dollars that a text speaks of: "10 USD", "10 đô la"."""
    return frozenset(_FOREIGN.findall(fold(text)))


def document_numbers(text: str) -> dict[str, str]:
    """The numbers of acts in a text, as they are compared → as they are written: "09/2025/NĐ-CP"."""
    return {_normal(number): number for number in _DOCUMENT.findall(text.upper())}


def _normal(number: str) -> str:
    head, _, tail = number.partition("/")
    return f"{head.lstrip('0')}/{tail}".replace("Đ", "D")


def _ways(value: object) -> tuple[Way, ...]:
    said = " ".join(_texts(value) if not isinstance(value, str) else [value])
    return tuple(way for words, way in _WAYS.items() if words in fold(said))


def _fees(value: object, *, unentered: bool) -> Iterator[RowFee]:
    for one in _objects(value):
        text, note = _line(one.get("fee")), _line(one.get("note"))
        amounts = _amounts(text)
        if unentered and amounts == {0}:
            amounts = frozenset()
        for way in _ways(one.get("channel")):
            yield RowFee(way, text, note, amounts, dollars(text))


def _amounts(text: str) -> frozenset[int]:
    plain = text.replace(",", "").replace(".", "")
    if plain.isdecimal():
        return frozenset({int(plain)})
    return money(text) or (frozenset({0}) if _NOTHING.search(fold(text)) else frozenset())


def _times(value: object) -> Iterator[RowTime]:
    for one in _objects(value):
        if text := _line(one.get("time")):
            yield from (RowTime(way, text) for way in _ways(one.get("channel")))


def _items(value: object) -> Iterator[Item]:
    for group in _objects(value):
        for one in _objects(group.get("items")):
            if text := _line(one.get("name")):
                explains = one.get("original") == 0 and one.get("copy") == 0
                yield Item(_line(group.get("case")), text, not explains)


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [_line(one) for one in value if _line(one)] if isinstance(value, list) else []


def _line(value: object) -> str:
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""
