"""Procedures from a spreadsheet: its rows in the shape of the national database, by a mapping of its columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

from pydantic import ConfigDict, ValidationError

from bot.errors import FileError
from content.messages_vi import nearest
from content.models import Line, Strict
from content.national import Row, RowRefused
from content.yaml_source import parse

LIST: Final = re.compile(r"[\n;]+")  # what separates papers, or acts, in one cell
SEPARATORS: Final = ",;\t"  # what stands between the cells of a line; where Excel speaks Vietnamese it writes ";"
ALL_WAYS: Final = "Trực tuyến, Dịch vụ bưu chính, Trực tiếp"


class Columns(Strict):
    """A mapping file: which column of the sheet holds what. Only code and name are needed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Line
    name: Line
    field: Line | None = None
    level: Line | None = None
    agency: Line | None = None
    channels: Line | None = None
    fees: Line | None = None
    processing_time: Line | None = None
    documents: Line | None = None
    legal_basis: Line | None = None
    note: Line | None = None
    crawled_at: Line | None = None


def read_columns(file: Path) -> Columns:
    """The mapping in that YAML file. FileError if it is none."""
    root, flaws = parse(file.read_bytes(), str(file))
    if root is None or flaws:
        raise FileError("\n".join(f"{flaw.spot.file}:{flaw.spot.line}: {flaw.what}" for flaw in flaws))
    try:
        return Columns.model_validate(root.plain())
    except ValidationError as error:
        known = ", ".join(Columns.model_fields)
        keys = ", ".join(str(one["loc"][0]) if one["loc"] else "?" for one in error.errors())
        raise FileError(
            f"{file}: mục chưa đúng: {keys}. Cần code và name; các mục khác có thể có: {known}"
        ) from error


def read_table(file: Path, columns: Columns) -> list[Row | RowRefused]:
    """The procedures in that .xlsx or .csv file: each row, or why it is none. FileError without its columns."""
    rows = map(_text, rows_of(file))
    head = next(rows, [])
    places = {key: _place(head, column, file) for key, column in columns.model_dump(exclude_none=True).items()}
    read = [_row(number, cells, places) for number, cells in enumerate(rows, start=2) if any(cells)]
    if not any(isinstance(one, Row) for one in read):
        raise FileError(f"{file}: không có dòng nào là thủ tục" + (f" ({read[0]})" if read else ""))
    return read


def _place(head: Sequence[str], column: str, file: Path) -> int:
    if column not in head:
        raise FileError(f"{file}: không có cột “{column}”" + nearest(column, head))
    return list(head).index(column)


def _row(number: int, cells: Sequence[str], places: Mapping[str, int]) -> Row | RowRefused:
    said = {key: cells[place] for key, place in places.items() if place < len(cells)}
    try:
        return Row.of(_as_national(said))
    except RowRefused as error:
        return RowRefused(f"dòng {number}: {error}")


def _as_national(said: Mapping[str, str]) -> dict[str, Any]:
    """The shape of a row of the national database. What one cell says of the fee or the time holds for every way."""
    ways = said.get("channels") or ALL_WAYS
    papers = [{"name": name.strip(" -•*\t"), "original": None, "copy": None} for name in _listed(said, "documents")]
    return {
        **said,
        "fees": [{"channel": ways, "fee": said["fees"], "note": None}] if said.get("fees") else None,
        "processing_time": [{"channel": ways, "time": said["processing_time"]}]
        if said.get("processing_time")
        else None,
        "documents": [{"case": None, "items": papers}] if papers else None,
        "legal_basis": _listed(said, "legal_basis"),
    }


def _listed(said: Mapping[str, str], key: str) -> list[str]:
    return [part.strip() for part in LIST.split(said.get(key, "")) if part.strip()]


def rows_of(file: Path) -> Iterator[list[Any]]:
    """The rows of the first sheet of an .xlsx file (numbers and days as such), or of a .csv file (all text).

    FileError if the file is neither, or can't be read as such.
    """
    match file.suffix.lower():
        case ".xlsx":
            return _xlsx(file)
        case ".csv":
            return _csv(file)
        case other:
            raise FileError(f"{file}: chỉ nhận tệp .xlsx hoặc .csv, đây là “{other or 'không có đuôi'}”")


def _text(cells: Sequence[Any]) -> list[str]:
    return ["" if cell is None else str(cell).strip() for cell in cells]


def _csv(file: Path) -> Iterator[list[str]]:
    raw = file.read_bytes()
    try:
        text = raw.decode("utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeError as error:
        raise FileError(f"{file}: không phải chữ UTF-8. Trong Excel, hãy lưu lại dạng “CSV UTF-8”.") from error
    first = next((line for line in text.splitlines() if line.strip()), "")
    mark = max(SEPARATORS, key=first.count)
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=mark):
            yield [cell.strip() for cell in cells]
    except csv.Error as error:
        raise FileError(f"{file}: không đọc được như tệp CSV ({error})") from error


def _xlsx(file: Path) -> Iterator[list[Any]]:
    from openpyxl import load_workbook  # half a second that only this needs
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, ValueError) as error:
        raise FileError(f"{file}: không đọc được như tệp .xlsx") from error
    try:
        for cells in book.worksheets[0].iter_rows(values_only=True):
            yield list(cells)
    finally:
        book.close()
