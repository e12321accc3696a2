"""A report as a file: .xlsx and .csv in which nothing that a citizen or a file brought can act as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from bot.figures import Cell, Rate, Report, Table, text_of

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a cell may not begin with, or spreadsheets calculate it
# XML can't hold these: openpyxl refuses the file for one of them.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")

_BOLD, _WRAPPED = Font(bold=True), Alignment(wrap_text=True, vertical="top")


def harmless(text: str) -> str:
    """The text as a cell may hold it: what could be a formula begins with an apostrophe, control characters go."""
    kept = _CONTROL.sub("", text)
    return f"'{kept}" if kept.lstrip(" ").startswith(FORMULA) or kept.startswith(FORMULA) else kept


def csv_of(report: Report) -> bytes:
    """All tables one under the other, in the UTF-8 that Excel knows; rates are followed by their parts."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([harmless(report.title)])
    writer.writerow([f"Lập ngày {report.made_on:%d/%m/%Y}"])
    for table in report.tables:
        writer.writerow([])
        writer.writerow([harmless(table.title)])
        writer.writerows([harmless(one) if isinstance(one, str) else one for one in line] for line in _lines(table))
        writer.writerow([harmless(table.note)])
    return ("\ufeff" + out.getvalue()).encode()


def xlsx_of(report: Report) -> bytes:
    """A workbook with a sheet for each table."""
    book = Workbook(write_only=True)
    for table in report.tables:
        sheet = book.create_sheet(_sheet_name(table.title))
        lines = [[harmless(one) if isinstance(one, str) else one for one in line] for line in _lines(table)]
        for place in range(1, len(lines[0]) + 1):
            sheet.column_dimensions[get_column_letter(place)].width = 34 if place == 1 else 16
        sheet.append([_head(sheet, harmless(f"{report.title} – {table.title}"))])
        sheet.append([_head(sheet, str(name)) for name in lines[0]])
        for line in lines[1:]:
            sheet.append(line)
        sheet.append([harmless(table.note)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _head(sheet: Worksheet, text: str) -> SheetCell:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font, cell.alignment = _BOLD, _WRAPPED
    return cell


def _sheet_name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", " ", title)[:31]


def _lines(table: Table) -> Iterator[list[str | int | float | None]]:
    """Head and rows; a column of rates becomes three: percent, numerator, denominator."""
    rated = [any(isinstance(row[place], Rate) for row in table.rows) for place in range(len(table.head))]
    head: list[str | int | float | None] = []
    for name, is_rate in zip(table.head, rated, strict=True):
        head += [f"{name} (%)", "tử số", "mẫu số"] if is_rate else [name]
    yield head
    for row in table.rows:
        line: list[str | int | float | None] = []
        for cell, is_rate in zip(row, rated, strict=True):
            line += _rate(cell) if is_rate else [_plain(cell)]
        yield line


def _rate(cell: Cell) -> list[str | int | float | None]:
    if isinstance(cell, Rate):
        return [cell.percent, cell.numerator, cell.denominator]
    return [_plain(cell), None, None]


def _plain(cell: Cell) -> str | int | None:
    return cell if cell is None or isinstance(cell, int) else text_of(cell)
