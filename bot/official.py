"""`import official`: the numbers that a commune reports each month, from its own spreadsheet; all of them or none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from bot.dialogue.messages import Official, OfficialChanged
from bot.errors import FileError
from bot.figures import Month
from bot.understanding.text import fold, words
from content.messages_vi import nearest
from content.tables import rows_of
from storage import Storage

HEAD_WITHIN: Final = 30  # rows: reports have a title, an agency and a date above their table
ERRORS_SHOWN: Final = 30
MOST: Final = 100_000_000  # more dossiers than that are a mistake of the keyboard


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: how it is called here, by which words it is known, whether it must be there."""

    key: str
    name: str
    known: tuple[str, ...]
    needed: bool = True


COLUMNS: Final = (
    Column("month", "Tháng", ("thang", "ky bao cao", "thang bao cao", "ky")),
    Column("place", "Địa bàn", ("dia ban", "don vi", "xa", "xa phuong", "ten xa", "noi", "thon", "co quan")),
    Column("field", "Lĩnh vực", ("linh vuc", "ten linh vuc"), needed=False),
    Column("received", "Tiếp nhận", ("tiep nhan", "ho so tiep nhan", "so tiep nhan", "tong tiep nhan", "tong so")),
    Column(
        "resolved",
        "Đã giải quyết",
        ("da giai quyet", "giai quyet", "ho so da giai quyet", "so da giai quyet"),
        needed=False,
    ),
    Column("online", "Trực tuyến", ("truc tuyen", "nop truc tuyen", "tiep nhan truc tuyen", "ho so truc tuyen")),
    Column("on_time", "Đúng hạn", ("dung han", "giai quyet dung han", "truoc va dung han", "dung va truoc han")),
    Column("payable", "Có phí", ("co phi", "ho so co phi", "phai nop phi", "ho so phai nop phi"), needed=False),
    Column(
        "paid_online",
        "Thanh toán trực tuyến",
        ("thanh toan truc tuyen", "tt truc tuyen", "nop phi truc tuyen", "ho so thanh toan truc tuyen"),
    ),
)
_BY_WORDS: Final = {known: column for column in COLUMNS for known in (*column.known, fold(column.name))}
_NAMES: Final = {column.key: column.name for column in COLUMNS}
NEEDED: Final = tuple(column for column in COLUMNS if column.needed)
# What is a part of what: more of the part than of the whole is a mistake in the file.
_PARTS: Final = (
    ("online", "received"),
    ("on_time", "resolved"),
    ("on_time", "received"),
    ("paid_online", "payable"),
    ("paid_online", "received"),
)
_WHOLE: Final = re.compile(r"\d{1,3}(?:[.,  ]\d{3})+|\d+")
_MONTHS: Final = (
    re.compile(r"(?:thang\s*)?(?P<month>\d{1,2})\s*[/\-.]\s*(?P<year>20\d{2})"),
    re.compile(r"(?P<year>20\d{2})\s*[/\-.]\s*(?P<month>\d{1,2})(?:[-/.]\d{1,2}(?: .*)?)?"),
    re.compile(r"thang\s*(?P<month>\d{1,2})\s*nam\s*(?P<year>20\d{2})"),
)


@dataclass(frozen=True, slots=True)
class OfficialImported:
    """What an import of official numbers did."""

    changed: OfficialChanged
    months: tuple[str, ...]
    left_out: tuple[str, ...]  # rows of totals: adding them to their parts would count twice

    def as_dict(self) -> dict[str, Any]:
        """The figures."""
        done = self.changed
        return {
            "added": done.added,
            "changed": done.changed,
            "same": done.same,
            "months": list(self.months),
            "left_out": len(self.left_out),
        }

    def text(self) -> str:
        """The same as an officer reads it."""
        done = self.changed
        lines = [f"Bỏ qua {why}" for why in self.left_out]
        if done.added or done.changed:
            lines.append(
                f"Đã nhập số liệu {', '.join(self.months)}: thêm {done.added} dòng, đổi {done.changed},"
                f" giữ nguyên {done.same}."
            )
        else:
            lines.append(f"Không có gì thay đổi: {done.same} dòng đã như trong tệp.")
        return "\n".join(lines)


async def import_official(
    storage: Storage, file: Path, now: datetime, *, month: Month | None = None, source: str = "", by: str = "console"
) -> OfficialImported:
    """Keep the numbers in that file. FileError, naming every wrong row and column, if any is wrong: nothing is kept.

    `month`: of all rows, for a file without that column. `source`: what is shown beside the rates; the file's name if
    none is given. `by`: who brings it, for the log.
    """
    rows, left_out = official_in(file, month)
    changed = await storage.keep_official(rows, source or file.name, by, now)
    return OfficialImported(changed, tuple(sorted({row.month for row in rows})), tuple(left_out))


def official_in(file: Path, month: Month | None = None) -> tuple[list[Official], list[str]]:
    """The numbers in that file, and which rows were left out, with the reason. FileError with all that is wrong."""
    lines = list(enumerate(rows_of(file), start=1))
    at, places = _head(file, lines, month)
    rows: list[Official] = []
    seen: dict[tuple[str, str, str], int] = {}
    wrong: list[str] = []
    left_out: list[str] = []
    for n, cells in lines[at:]:
        said = {key: cells[place] for key, place in places.items() if place < len(cells)}
        if all(_empty(cell) for cell in said.values()):
            continue
        if _is_total(said):
            left_out.append(f"dòng {n}: dòng tổng cộng")
            continue
        row, errors = _row(said, month)
        errors += [f"trùng với dòng {seen[_key(row)]}"] if row and _key(row) in seen else []
        wrong += [f"dòng {n}: {error}" for error in errors]
        if row:
            seen.setdefault(_key(row), n)
            rows.append(row)
    if wrong:
        more = [f"… và {len(wrong) - ERRORS_SHOWN} lỗi nữa"] if len(wrong) > ERRORS_SHOWN else []
        raise FileError("\n".join([f"{file}: chưa nhập gì, cần sửa:", *wrong[:ERRORS_SHOWN], *more]))
    if not rows:
        raise FileError(f"{file}: không có dòng số liệu nào dưới hàng tiêu đề")
    return rows, left_out


# --- the head of the table ----------------------------------------------------------------------------------------


def _head(file: Path, lines: Sequence[tuple[int, list[Any]]], month: Month | None) -> tuple[int, dict[str, int]]:
    """How many lines there are up to the head of the table, and in which place each column stands."""
    needed = {column.key for column in NEEDED} - ({"month"} if month else set())
    best: dict[str, int] = {}
    heads: list[str] = []
    for n, cells in lines[:HEAD_WITHIN]:
        found = dict(_columns(cells))
        if needed <= found.keys():
            return n, found
        if len(found) > len(best):
            best, heads = found, [str(cell) for cell in cells if not _empty(cell)]
    missing = [_NAMES[key] for key in _NAMES if key in needed - best.keys()]
    told = "; ".join(f"“{name}”{nearest(name, heads)}" for name in missing)
    raise FileError(
        f"{file}: không thấy hàng tiêu đề có đủ các cột; thiếu {told}. Tệp cần các cột:"
        f" {', '.join(column.name for column in NEEDED)};"
        f" có thể thêm: {', '.join(column.name for column in COLUMNS if not column.needed)}."
        + ("" if month else " Tệp không có cột Tháng thì thêm --month 2026-11.")
    )


def _columns(cells: Sequence[Any]) -> Iterator[tuple[str, int]]:
    taken: set[str] = set()
    for place, cell in enumerate(cells):
        column = _BY_WORDS.get(" ".join(words(fold(str(cell or "")))))
        if column and column.key not in taken:
            taken.add(column.key)
            yield column.key, place


# --- one row ------------------------------------------------------------------------------------------------------


def _row(said: Mapping[str, Any], month: Month | None) -> tuple[Official | None, list[str]]:
    """The row, and what is wrong with it; None if no row can be made of it."""
    errors: list[str] = []
    numbers: dict[str, int | None] = {}
    for column in COLUMNS[3:]:
        if column.key not in said or (not column.needed and _empty(said[column.key])):
            numbers[column.key] = None
            continue
        amount = _whole(said[column.key])
        if isinstance(amount, str):
            errors.append(f"cột “{column.name}”: {amount}")
        else:
            numbers[column.key] = amount
    when = _month(said["month"]) if "month" in said and not _empty(said["month"]) else month
    if when is None:
        written = said.get("month")
        errors.append(f"cột “Tháng”: {_quoted(written)} không phải tháng (ví dụ 11/2026 hoặc 2026-11)")
    place = _line(said.get("place"))
    if not place:
        errors.append("cột “Địa bàn”: để trống")
    for part, whole in _PARTS:
        some, of = numbers.get(part), numbers.get(whole)
        if some is not None and of is not None and some > of:
            errors.append(f"cột “{_NAMES[part]}” ({some}) lớn hơn cột “{_NAMES[whole]}” ({of})")
    if errors or when is None:
        return None, errors
    row = Official(
        month=str(when), place=place, field=_line(said.get("field")), received=0, online=0, on_time=0, paid_online=0
    )
    return replace(row, **numbers), []  # type: ignore[arg-type]  # the needed ones are numbers, or there were errors


def _key(row: Official) -> tuple[str, str, str]:
    return row.month, fold(row.place), fold(row.field)


def _is_total(said: Mapping[str, Any]) -> bool:
    told = [fold(_line(said.get(key))) for key in ("place", "month", "field")]
    return any(one.startswith(("tong cong", "tong so", "cong")) and not one.startswith("cong an") for one in told)


def _empty(cell: Any) -> bool:
    return cell is None or not str(cell).strip()


def _line(cell: Any) -> str:
    return " ".join(str(cell if cell is not None else "").split())[:200]


def _quoted(cell: Any) -> str:
    return f"“{_line(cell)[:40]}”"


def _whole(cell: Any) -> int | str:
    """The number in that cell, or what is wrong with it.

    1.234 typed as text is one thousand and more, as it is written here; as a number it is a fraction, and no count.
    """
    if _empty(cell):
        return "để trống; không có hồ sơ nào thì ghi 0"
    if isinstance(cell, bool):
        return f"{_quoted(cell)} không phải số"
    if isinstance(cell, int | float):
        if cell != cell or cell in {float("inf"), float("-inf")} or cell != int(cell):  # noqa: PLR0124 - not a number
            return f"{_quoted(cell)} không phải số nguyên"
        amount = int(cell)
    elif _WHOLE.fullmatch(_line(cell)):
        amount = int(re.sub(r"\D", "", _line(cell)))
    else:
        return f"{_quoted(cell)} không phải số nguyên từ 0 trở lên"
    if amount < 0:
        return f"{_quoted(cell)} là số âm"
    return amount if amount <= MOST else f"{_quoted(cell)} lớn quá, kiểm tra lại"


def _month(cell: Any) -> Month | None:
    if isinstance(cell, datetime | date):
        return Month(cell.year, cell.month)
    text = fold(_line(cell))
    for pattern in _MONTHS:
        if found := pattern.fullmatch(text):
            return Month.parse(f"{found['year']}-{int(found['month']):02}")
    return None
