"""The commune's own numbers come in whole or not at all, and every mistake is told with its row and column."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook, load_workbook

from bot.cli import main
from bot.dialogue.messages import Axis, Fact, Official, local_day
from bot.errors import FileError
from bot.exporting import FORMULA, csv_of, harmless, xlsx_of
from bot.figures import Month, Names, monthly
from bot.official import official_in

HEAD = [
    "Tháng",
    "Địa bàn",
    "Lĩnh vực",
    "Tiếp nhận",
    "Đã giải quyết",
    "Trực tuyến",
    "Đúng hạn",
    "Thanh toán trực tuyến",
]
ROWS = [
    ["2026-11", "Xã Suối Hoa", "Hộ tịch", 120, 110, 70, 105, 40],
    ["2026-11", "Xã Suối Hoa", "Đất đai", 30, 20, 9, 15, 2],
    ["10/2026", "Xã Suối Hoa", "Hộ tịch", 100, 100, 40, 99, 30],
]


@pytest.fixture
def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command on files of its own."""
    monkeypatch.setenv("CAMTAY_DATA_DIR", str(tmp_path / "data"))
    return lambda *arguments: CliRunner().invoke(main, [*map(str, arguments)])


def xlsx(folder: Path, rows: list[list[Any]], name: str = "so-lieu.xlsx") -> Path:
    book = Workbook()
    assert book.active
    for row in rows:
        book.active.append(row)
    book.save(folder / name)
    return folder / name


def written(folder: Path, text: str | bytes, name: str = "so-lieu.csv") -> Path:
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return folder / name


def told(folder: Path, *rows: list[Any], head: list[str] | None = None) -> str:
    """What is said of a file with these rows."""
    with pytest.raises(FileError) as raised:
        official_in(xlsx(folder, [head or HEAD, *rows]))
    return str(raised.value)


# --- good files ----------------------------------------------------------------------------------------------------


def test_a_sheet_becomes_official_numbers(tmp_path: Path) -> None:
    rows, left_out = official_in(xlsx(tmp_path, [HEAD, *ROWS]))

    assert rows[0] == Official(
        month="2026-11",
        place="Xã Suối Hoa",
        field="Hộ tịch",
        received=120,
        resolved=110,
        online=70,
        on_time=105,
        paid_online=40,
    )
    assert [row.month for row in rows] == ["2026-11", "2026-11", "2026-10"]
    assert left_out == []


def test_a_title_above_and_a_total_below_do_no_harm(tmp_path: Path) -> None:
    above = [["UBND XÃ SUỐI HOA"], [], ["BÁO CÁO KẾT QUẢ GIẢI QUYẾT", None, None], []]
    total = ["Tổng cộng", None, None, 250, 230, 119, 219, 72]
    rows, left_out = official_in(xlsx(tmp_path, [*above, HEAD, *ROWS, [None] * 8, total]))

    assert len(rows) == 3
    assert left_out == ["dòng 10: dòng tổng cộng"]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_is_read_as_the_office_writes_it(tmp_path: Path, mark: str, encoding: str) -> None:
    lines = ["thang", "ĐƠN VỊ", "Số tiếp nhận", "Hồ sơ trực tuyến", "Giải quyết đúng hạn", "TT trực tuyến"]
    row = ["Tháng 11/2026", "Xã A", "1.250", "600", "1.100", "0"]
    text = "\r\n".join(mark.join(cells) for cells in (lines, row))
    (only,), _ = official_in(written(tmp_path, text.encode(encoding)))

    assert (only.month, only.received, only.on_time, only.resolved) == ("2026-11", 1250, 1100, None)


@pytest.mark.parametrize(
    "cell",
    ["2026-11", "11/2026", "Tháng 11/2026", "tháng 11 năm 2026", "11-2026", "2026-11-01", datetime(2026, 11, 5)],
)
def test_a_month_is_read_in_every_usual_way(tmp_path: Path, cell: Any) -> None:
    (row,), _ = official_in(xlsx(tmp_path, [HEAD, [cell, *ROWS[0][1:]]]))

    assert row.month == "2026-11"


def test_a_file_of_one_month_needs_no_column_for_it(tmp_path: Path) -> None:
    rows, _ = official_in(xlsx(tmp_path, [HEAD[1:], ROWS[0][1:]]), Month(2026, 9))

    assert [row.month for row in rows] == ["2026-09"]


# --- bad files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "cell", "said"),
    [
        (3, "mười", "dòng 2: cột “Tiếp nhận”: “mười” không phải số nguyên từ 0 trở lên"),
        (3, 12.5, "dòng 2: cột “Tiếp nhận”: “12.5” không phải số nguyên"),
        (3, -1, "dòng 2: cột “Tiếp nhận”: “-1” là số âm"),
        (3, None, "dòng 2: cột “Tiếp nhận”: để trống; không có hồ sơ nào thì ghi 0"),
        (3, 10**12, "dòng 2: cột “Tiếp nhận”: “1000000000000” lớn quá"),
        (5, "#REF!", "dòng 2: cột “Trực tuyến”: “#REF!” không phải số"),
        (5, True, "dòng 2: cột “Trực tuyến”: “True” không phải số"),
        (5, 121, "dòng 2: cột “Trực tuyến” (121) lớn hơn cột “Tiếp nhận” (120)"),
        (6, 111, "dòng 2: cột “Đúng hạn” (111) lớn hơn cột “Đã giải quyết” (110)"),
        (0, "13/2026", "dòng 2: cột “Tháng”: “13/2026” không phải tháng"),
        (0, "tháng này", "dòng 2: cột “Tháng”: “tháng này” không phải tháng"),
        (1, None, "dòng 2: cột “Địa bàn”: để trống"),
    ],
)
def test_a_wrong_cell_is_told_with_its_row_and_column(tmp_path: Path, place: int, cell: Any, said: str) -> None:
    row = list(ROWS[0])
    row[place] = cell

    assert said in told(tmp_path, row)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    wrong = [["2026-11", "Xã A", "", "x", 1, "y", 1, 1], ["", "Xã B", "", 1, 1, 1, 1, 1]]
    said = told(tmp_path, *wrong)

    assert said.count("\ndòng") == 3


def test_the_same_row_twice_is_refused(tmp_path: Path) -> None:
    again = ["11/2026", "xã suối hoa", "hộ tịch", 1, 1, 1, 1, 1]

    assert "dòng 3: trùng với dòng 2" in told(tmp_path, ROWS[0], again)


def test_a_missing_column_is_named_with_the_nearest_there_is(tmp_path: Path) -> None:
    said = told(tmp_path, ROWS[0], head=[*HEAD[:5], "Trực tuyến nộp", *HEAD[6:]])

    assert "thiếu “Trực tuyến”" in said
    assert "Trực tuyến nộp" in said


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", b"PK\x03\x04 no book", "không đọc được như tệp .xlsx"),
        ("a.xlsx", b"", "không đọc được như tệp .xlsx"),
        ("a.csv", b"\xff\xfe\x00", "không phải chữ UTF-8"),
        ("a.csv", "Tháng,Địa bàn\n".encode("cp1258", "replace"), "không phải chữ UTF-8"),
        ("a.csv", b"", "không thấy hàng tiêu đề"),
        ("a.pdf", b"%PDF", "chỉ nhận tệp .xlsx hoặc .csv"),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    with pytest.raises(FileError, match=said):
        official_in(written(tmp_path, content, name))


# --- the commands --------------------------------------------------------------------------------------------------


def test_an_import_is_kept_once_with_its_source_and_day(tmp_path: Path, bot: Callable[..., Result]) -> None:
    file = xlsx(tmp_path, [HEAD, *ROWS])
    first = bot("import", "official", file, "--json")
    again = bot("import", "official", file, "--json")
    mended = [[*ROWS[0][:3], 130, *ROWS[0][4:]], *ROWS[1:]]
    changed = bot("import", "official", xlsx(tmp_path, [HEAD, *mended]), "--source", "Báo cáo số 12", "--json")

    results = [json.loads(result.stdout.splitlines()[-1]) for result in (first, again, changed)]
    assert [(one["added"], one["changed"], one["same"]) for one in results] == [(3, 0, 0), (0, 0, 3), (0, 1, 2)]
    told_ = json.loads(bot("report", "month", "2026-11", "--json").stdout)
    note = told_["official"]["note"]
    assert f"Báo cáo số 12, nhập {local_day(datetime.now(UTC)):%d/%m/%Y}" in note
    assert "so-lieu.xlsx" in note
    place, received, on_time, online, paid = told_["official"]["rows"][0]
    assert (place, received) == ("Xã Suối Hoa", 160)
    assert (on_time["numerator"], on_time["denominator"], on_time["target"], on_time["met"]) == (120, 130, 90, True)
    assert (online["percent"], online["met"]) == (49.4, False)
    assert (paid["percent"], paid["met"]) == (26.3, True)


def test_a_file_with_one_mistake_changes_nothing(tmp_path: Path, bot: Callable[..., Result]) -> None:
    bot("import", "official", xlsx(tmp_path, [HEAD, *ROWS]))
    refused = bot(
        "import", "official", xlsx(tmp_path, [HEAD, [*ROWS[0][:3], 999, *ROWS[0][4:]], ["", "Xã", *ROWS[1][2:]]])
    )

    assert refused.exit_code == 6
    assert "chưa nhập gì" in refused.output
    rows = json.loads(bot("report", "month", "2026-11", "--json").stdout)["official"]["rows"]
    assert rows[0][1] == 150


def test_the_report_is_readable_and_says_how_a_month_is_written(bot: Callable[..., Result]) -> None:
    assert "BÁO CÁO THÁNG 11/2026" in bot("report", "month", "2026-11").output
    wrong = bot("report", "month", "11/2026")
    assert wrong.exit_code == 2
    assert "hãy ghi như 2026-11" in wrong.output


# --- exports -------------------------------------------------------------------------------------------------------

EVIL = [*(f"{mark}cmd|' /C calc'!A0" for mark in FORMULA), '=HYPERLINK("http://x")', "  =1+1", "\x00=1", "＝1+1"]


def evil_report() -> Any:
    facts = [Fact(kind="opened", n=3, procedure=f"p{n}", place=evil, channel="web") for n, evil in enumerate(EVIL)]
    rows = [
        Official(month="2026-11", place=evil, received=20, online=1, on_time=1, paid_online=1, source=evil)
        for evil in EVIL
    ]
    names = Names(title=lambda id_: EVIL[int(id_[1:])])
    parts = {Axis.PROCEDURE: facts, Axis.PLACE: facts}
    return monthly(Month(2026, 11), facts, parts, rows, commune=EVIL[0], made_on=date(2026, 11, 22), names=names)


def test_nothing_in_a_csv_can_act_as_a_formula() -> None:
    data = csv_of(evil_report())

    assert data.startswith(b"\xef\xbb\xbf")
    cells = [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) for cell in row]
    assert not [cell for cell in cells if cell.startswith(FORMULA)]
    assert sum("cmd|" in cell for cell in cells) >= len(FORMULA)


def test_nothing_in_a_workbook_is_a_formula(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(xlsx_of(evil_report()))
    book = load_workbook(tmp_path / "a.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]

    assert len(book.sheetnames) == 7
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not [cell.value for cell in cells if isinstance(cell.value, str) and cell.value.startswith(FORMULA)]


def test_numbers_stay_numbers_and_words_stay_words() -> None:
    assert [harmless(text) for text in ("Khai sinh", "", "a=b", "-5")] == ["Khai sinh", "", "a=b", "'-5"]


def test_the_files_hold_what_the_report_says(tmp_path: Path, bot: Callable[..., Result]) -> None:
    bot("import", "official", xlsx(tmp_path, [HEAD, *ROWS]))
    made = bot("report", "month", "2026-11", "--xlsx", tmp_path / "r.xlsx", "--csv", tmp_path / "r.csv")

    assert made.exit_code == 0, made.output
    sheet = load_workbook(tmp_path / "r.xlsx")["Số liệu chính thức theo địa bàn"]
    assert [cell.value for cell in sheet[3]][:6] == ["Xã Suối Hoa", 150, 92.3, 120, 130, 52.7]
    assert "Xã Suối Hoa,150,92.3,120,130,52.7,79,150" in (tmp_path / "r.csv").read_text(encoding="utf-8-sig")
