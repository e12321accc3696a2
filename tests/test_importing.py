"""An import brings every procedure of a file or none, names the rows it could not use, and says what it changed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.catalogue import card_of
from bot.cli import main
from bot.dialogue.messages import Card, CardFact
from content.national import Row
from storage import open_storage
from tests.support.cards import NATIONALITY, PLANTS

MAPPING = "code: Mã TTHC\nname: Tên thủ tục\nfees: Phí\nprocessing_time: Thời hạn\ndocuments: Thành phần hồ sơ\n"
HEAD = "Mã TTHC,Tên thủ tục,Phí,Thời hạn,Thành phần hồ sơ,Ghi riêng"


@pytest.fixture
def imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run the command on files of its own."""
    monkeypatch.setenv("CAMTAY_DATA_DIR", str(tmp_path))
    return lambda *arguments: CliRunner().invoke(main, ["import", "national", *map(str, arguments)])


def jsonl(folder: Path, *rows: object) -> Path:
    file = folder / "rows.jsonl"
    file.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return file


def held(folder: Path) -> dict[str, Card]:
    """The catalogue in that folder, by code."""
    storage = open_storage(f"sqlite:///{folder / 'camtay.db'}", folder / "hash.key")
    try:
        with storage.snapshot() as snapshot:
            codes = [PLANTS["code"], NATIONALITY["code"], *(f"1.{n:06}" for n in (1, 2, 3))]
            return {code: card for code in codes if (card := snapshot.catalogue().card(code))}
    finally:
        storage.close()


# --- what a card holds ---------------------------------------------------------------------------------------------


def test_a_card_says_what_the_row_says() -> None:
    card = card_of(Row.of(PLANTS))
    assert (card.name, card.agency, card.level, card.ways) == (
        "Đăng ký bảo hộ giống cây trồng",
        "Cục Trồng trọt",
        "Cấp bộ",
        ("online", "counter"),
    )
    assert card.fees == (CardFact(ways=("counter",), text="2.000.000 đồng", note="Thẩm định đơn"),)
    assert card.times == (CardFact(ways=("online", "counter"), text="90 ngày"),)
    assert card.papers == (("Giấy phải nộp", ("Tờ khai đăng ký bảo hộ", "Ảnh chụp mẫu giống")),)


def test_a_card_never_makes_up_what_the_row_has_lost() -> None:
    card = card_of(Row.of(NATIONALITY))
    assert card.fees == (CardFact(ways=("counter",), text="", note="Theo Thông tư 281/2016/TT-BTC"),)
    assert card.times == (CardFact(ways=("counter",), text="", note="115"),)


# --- the command ---------------------------------------------------------------------------------------------------


def test_a_file_becomes_the_catalogue_and_again_changes_nothing(
    tmp_path: Path, imports: Callable[..., Result]
) -> None:
    file = jsonl(tmp_path, PLANTS, NATIONALITY)
    first = imports(file)
    assert first.exit_code == 0
    assert "Đã xếp 2/2 thẻ…" in first.output
    assert "Đã nhập: 2 thẻ (thêm 2, đổi 0, gỡ 0, giữ nguyên 0); bỏ qua 0 dòng." in first.output
    again = imports(file, "--json")
    assert "Không có gì thay đổi: 2 thẻ đã như trong tệp" in again.output
    assert json.loads(again.output.splitlines()[-1]) == {
        "cards": 2,
        "added": 0,
        "changed": 0,
        "removed": 0,
        "same": 2,
        "refused": 0,
    }
    assert held(tmp_path)[PLANTS["code"]].agency == "Cục Trồng trọt"


def test_rows_that_can_not_be_used_are_named_and_the_others_come_in(
    tmp_path: Path, imports: Callable[..., Result]
) -> None:
    file = jsonl(tmp_path, PLANTS, "{", {"code": "12", "name": "x"}, {**PLANTS, "name": "Lần nữa"})
    result = imports(file)
    assert result.exit_code == 0
    assert "Bỏ qua dòng 2: không phải JSON" in result.output
    assert "Bỏ qua dòng 3: mã thủ tục không đúng dạng 1.001193: “12”" in result.output
    assert f"Bỏ qua {PLANTS['code']} “Lần nữa”: mã này đã có ở một dòng trước" in result.output
    assert held(tmp_path)[PLANTS["code"]].name == PLANTS["name"]


@pytest.mark.parametrize("text", ["", "không phải JSON\n", "[]"])
def test_a_file_without_procedures_leaves_the_catalogue_alone(
    tmp_path: Path, imports: Callable[..., Result], text: str
) -> None:
    imports(jsonl(tmp_path, PLANTS))
    (tmp_path / "other.jsonl").write_text(text)
    refused = imports(tmp_path / "other.jsonl")
    assert refused.exit_code == 6
    assert "không có dòng nào là thủ tục" in refused.output
    assert list(held(tmp_path)) == [PLANTS["code"]]


# --- spreadsheets --------------------------------------------------------------------------------------------------


def sheet_rows() -> list[list[Any]]:
    return [
        HEAD.split(","),
        ["1.000001", "Cấp giấy một", "5.000 đồng", "3 ngày làm việc", "Đơn xin; Bản sao căn cước", "x"],
        ["1.000002", "Cấp giấy hai", None, None, "- Đơn xin\n- Ảnh 3x4", None],
        ["sai", "Cấp giấy ba", "", "", "", ""],
        [None, None, None, None, None, None],
    ]


def write_csv(file: Path) -> None:
    import csv

    with file.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows(sheet_rows())


def write_xlsx(file: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for row in sheet_rows():
        book.active.append(row)
    book.save(file)


@pytest.mark.parametrize(("name", "write"), [("bang.csv", write_csv), ("bang.xlsx", write_xlsx)])
def test_a_spreadsheet_is_read_by_a_mapping_of_its_columns(
    tmp_path: Path, imports: Callable[..., Result], name: str, write: Callable[[Path], None]
) -> None:
    write(tmp_path / name)
    (tmp_path / "cot.yaml").write_text(MAPPING, encoding="utf-8")
    result = imports(tmp_path / name, "--mapping", tmp_path / "cot.yaml")
    assert result.exit_code == 0, result.output
    assert "Bỏ qua dòng 4: mã thủ tục không đúng dạng 1.001193: “sai”" in result.output
    one, two = held(tmp_path)["1.000001"], held(tmp_path)["1.000002"]
    ways = ("online", "post", "counter")
    assert one.fees == (CardFact(ways=ways, text="5.000 đồng"),)
    assert one.times == (CardFact(ways=ways, text="3 ngày làm việc"),)
    assert one.papers == (("", ("Đơn xin", "Bản sao căn cước")),)
    assert (two.fees, two.times) == ((), ())
    assert two.papers == (("", ("Đơn xin", "Ảnh 3x4")),)


@pytest.mark.parametrize(
    ("mapping", "complaint"),
    [
        (None, "tệp bảng cần --mapping"),
        ("code: Mã\nname: Tên thủ tục\n", "không có cột “Mã”"),
        ("code: Mã TTHC\n", "mục chưa đúng: name."),
        ("code: Mã TTHC\nname: Tên thủ tục\nphi: Phí\n", "mục chưa đúng: phi."),
        ("code: [\n", "cot.yaml"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_with_the_reason(
    tmp_path: Path, imports: Callable[..., Result], mapping: str | None, complaint: str
) -> None:
    write_csv(tmp_path / "bang.csv")
    (tmp_path / "cot.yaml").write_text(mapping or "", encoding="utf-8")
    refused = imports(tmp_path / "bang.csv", *(["--mapping", tmp_path / "cot.yaml"] if mapping else []))
    assert refused.exit_code == 6
    assert complaint in refused.output


def test_what_only_looks_like_a_workbook_is_refused(tmp_path: Path, imports: Callable[..., Result]) -> None:
    (tmp_path / "bang.xlsx").write_text("không phải")
    (tmp_path / "cot.yaml").write_text(MAPPING, encoding="utf-8")
    refused = imports(tmp_path / "bang.xlsx", "--mapping", tmp_path / "cot.yaml")
    assert refused.exit_code == 6
    assert "không đọc được như tệp .xlsx" in refused.output


# --- the process is killed -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [1, 4, 8])
def test_an_import_that_is_killed_has_changed_nothing_and_can_be_done_again(tmp_path: Path, after: int) -> None:
    """Killed for good once it has put aside so many batches, while a catalogue of old is in service."""
    many = [{"code": f"1.{n:06}", "name": f"Cấp giấy phép số {n}"} for n in range(1, 4_001)]
    environment = {**os.environ, "CAMTAY_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "bot", "import", "national"]
    old = jsonl(tmp_path, PLANTS)
    subprocess.run([*command, str(old)], env=environment, check=True, capture_output=True)
    file = jsonl(tmp_path, *many)

    dying = subprocess.Popen([*command, str(file)], env=environment, stderr=subprocess.PIPE, text=True)
    assert dying.stderr
    with dying.stderr:
        for _ in range(after):
            assert "Đã xếp" in dying.stderr.readline()
        dying.send_signal(signal.SIGKILL)
    assert dying.wait() == -signal.SIGKILL
    assert list(held(tmp_path)) == [PLANTS["code"]]

    again = subprocess.run([*command, str(file)], env=environment, check=True, capture_output=True, text=True)
    assert "Đã nhập: 4000 thẻ (thêm 4000, đổi 0, gỡ 1, giữ nguyên 0)" in again.stdout
    assert list(held(tmp_path)) == ["1.000001", "1.000002", "1.000003"]
