"""What the national database says is read as numbers, and what it lost is never guessed."""

from __future__ import annotations

from typing import Any

import pytest

from content.models import Unit, Way
from content.national import Duration, Row, RowRefused, document_numbers, dollars, durations, money, rows


def row(**fields: Any) -> Row:
    return Row.of({"code": "1.001193", "name": "Đăng ký khai sinh", **fields})


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("10,000 Việt Nam Đồng", {10_000}),
        ("2.000 đồng/trang; từ trang thứ 3 thu 1.000 đồng", {2_000, 1_000}),
        ("(+ 160.000/hộ chiếu; mất thì 320.000đ)", {160_000, 320_000}),
        ("5000 đồng/lần", {5_000}),
        ("0 đồng", {0}),
        ("Thông tư số 281/2016/TT-BTC ngày 14/11/2016, Mục 2", set()),
        ("ngày 11 tháng 11 năm 2016 Đồng", set()),
        ("mã 1.001193", set()),
    ],
)
def test_amounts_are_told_from_other_numbers(text: str, amounts: set[int]) -> None:
    assert money(text) == amounts


@pytest.mark.parametrize(
    ("fee", "amounts"),
    [
        ("8,000", {8_000}),
        ("Phí : 0 Đồng", {0}),
        ("Phí : Không đồng", {0}),
        ("Miễn phí", {0}),
        ("Phí : Đồng", set()),
        ("Mức thu bằng 50% mức thu phí quy định tại Mục I", set()),
        (None, set()),
    ],
)
def test_a_fee_is_an_amount_or_none(fee: str | None, amounts: set[int]) -> None:
    (read,) = row(fees=[{"channel": "Trực tiếp", "fee": fee, "note": None}]).fees
    assert read.at is Way.COUNTER
    assert read.amounts == amounts


def test_free_is_no_amount_where_nobody_entered_one() -> None:
    fees = [{"channel": "Trực tuyến", "fee": "Miễn phí", "note": "Mức do tỉnh quyết định: 5.000 đồng"}]
    note = '"Miễn phí" là hiển thị khi Cổng chưa khai số tiền; mức thật theo ghi chú phí'
    (fee,) = row(fees=fees, note=note).fees
    assert fee.amounts == frozenset()
    assert fee.noted == {5_000}


def test_dollars_are_no_dong() -> None:
    assert dollars("10 USD/bản") == dollars("10 đô la Mỹ") == {"10"}
    assert money("10 USD") == frozenset()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7 Ngày làm việc", [Duration(7, Unit.WORKING_DAY)]),
        ("02 Giờ", [Duration(2, Unit.HOUR)]),
        ("15 ngày hoặc 24 giờ làm việc", [Duration(15, Unit.DAY), Duration(24, Unit.WORKING_HOUR)]),
        ("0.5 Ngày làm việc", [Duration(0.5, Unit.WORKING_DAY)]),
        ("1 (nguồn mất đơn vị)", [Duration(1, None)]),
        ("Không quy định", []),
        ("10 ngàyle", []),
    ],
)
def test_times_have_their_unit_or_have_lost_it(text: str, expected: list[Duration]) -> None:
    assert list(durations(text)) == expected


def test_times_compare_by_their_length() -> None:
    assert Duration(24, Unit.HOUR).length == Duration(1, Unit.DAY).length
    assert Duration(0.5, Unit.WORKING_DAY).length == Duration(4, Unit.WORKING_HOUR).length
    assert Duration(1, Unit.DAY).length != Duration(1, Unit.WORKING_DAY).length


def test_numbers_of_acts_are_compared_without_leading_zeros() -> None:
    assert document_numbers("Nghị định 09/2025/NĐ-CP").keys() == document_numbers("9/2025/nđ-cp").keys()
    assert list(document_numbers("Nghị quyết 66.7/2025/NQ-CP và 18/VBHN-VPQH").values()) == [
        "66.7/2025/NQ-CP",
        "18/VBHN-VPQH",
    ]
    assert not document_numbers("160.000/hộ chiếu, ngày 29/6/2023")


def test_an_explanation_is_no_paper() -> None:
    items = [
        {"name": "Giấy chứng sinh", "original": 1, "copy": 0},
        {"name": "Bản sao", "original": 0, "copy": 2},
        {"name": "Không rõ mấy bản", "original": None, "copy": None},
        {"name": "Lưu ý: phải rõ nét", "original": 0, "copy": 0},
    ]
    read = row(documents=[{"case": "Phải nộp", "items": items}]).items
    assert [item.is_paper for item in read] == [True, True, True, False]
    assert {item.case for item in read} == {"Phải nộp"}


def test_ways_are_read_from_a_list_and_from_running_text() -> None:
    assert row(channels=["Trực tuyến", "Dịch vụ bưu chính"]).ways == (Way.ONLINE, Way.POST)
    assert row(channels="Trực tuyếnKhông quy địnhMiễn phíTrực tiếpTại xã").ways == (Way.ONLINE, Way.COUNTER)
    assert row(channels=None).ways == ()


def test_a_file_is_read_to_its_end_whatever_is_in_it() -> None:
    lines = [
        '{"code": "1.001193", "name": "A"}',
        "",
        "{",
        "[1]",
        '{"code": "12", "name": "B"}',
        '{"code": "1.001194"}',
    ]
    read = list(rows(lines))
    assert [one.code for one in read if isinstance(one, Row)] == ["1.001193"]
    assert [str(one) for one in read if isinstance(one, RowRefused)] == [
        "dòng 3: không phải JSON",
        "dòng 4: không phải một đối tượng",
        "dòng 5: mã thủ tục không đúng dạng 1.001193: “12”",
        "dòng 6: thiếu tên thủ tục",
    ]
