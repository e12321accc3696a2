"""Which side of a subject is asked for."""

from __future__ import annotations

import pytest

from bot.understanding import Facet, Index, fold
from bot.understanding.facets import Side, facet_of, strongest

ASKED = [
    ("làm khai sinh cho con cần giấy gì", Facet.DOCUMENTS),
    ("đi sao y học bạ cho con cần mang theo những gì", Facet.DOCUMENTS),
    ("hồ sơ nhập khẩu gồm những gì", Facet.DOCUMENTS),
    ("sao y căn cước bao nhiêu tiền một tờ", Facet.FEE),
    ("xin trích lục khai sinh tốn phí không", Facet.FEE),
    ("lệ phí đăng ký thường trú", Facet.FEE),
    ("nhập hộ khẩu mấy ngày thì xong", Facet.TIME),
    ("trích lục kết hôn bao lâu có", Facet.TIME),
    ("sao y có lấy liền không", Facet.TIME),
    ("khai sinh cho cháu ở đâu", Facet.WHERE),
    ("nhập khẩu thì nộp cho ai", Facet.WHERE),
    ("chuyển khẩu ra công an xã hay ủy ban", Facet.WHERE),
    ("làm khai sinh trên mạng được không", Facet.ONLINE),
    ("đăng ký thường trú qua vneid được không", Facet.ONLINE),
    ("khai sinh trễ có bị phạt không", Facet.ELIGIBILITY),
    ("ông nội đi khai sinh cho cháu được không", Facet.ELIGIBILITY),
    ("bản sao chứng thực có giá trị bao lâu", Facet.RESULT),
    ("thủ tục đăng ký khai sinh thế nào", Facet.OVERVIEW),
    ("giấy khai sinh", Facet.OVERVIEW),
    ("ra xã đăng ký kết hôn mấy tiếng có giấy", Facet.TIME),
    ("sang tên sổ hồng mấy ngày xong", Facet.TIME),
    ("xã xét hộ nghèo tháng mấy", Facet.TIME),
    ("mang tờ khai này ra đâu đóng dấu", Facet.WHERE),
    ("cây đổ chắn đường thì báo ai", Facet.WHERE),
    ("nhập khẩu nộp trên mạng cứ báo lỗi ảnh", Facet.ONLINE),
]


@pytest.mark.parametrize(("said", "facet"), ASKED)
def test_the_side_asked_for_is_heard(index: Index, said: str, facet: Facet) -> None:
    assert index.understand(said).facet is facet


@pytest.mark.parametrize(("said", "facet"), ASKED)
def test_it_is_heard_without_marks_too(index: Index, said: str, facet: Facet) -> None:
    assert index.understand(fold(said)).facet is facet


@pytest.mark.parametrize(
    ("said", "facet"),
    [
        ("mần giấy khai sanh đem chi theo", Facet.DOCUMENTS),
        ("nhập khẩu ở mô rứa", Facet.WHERE),
        ("sao y hết mấy đồng", Facet.FEE),
        ("ks cho con onl dc hok", Facet.ONLINE),
        ("trích lục chừng nào có", Facet.TIME),
    ],
)
def test_dialect_and_chat_spelling_are_heard(index: Index, said: str, facet: Facet) -> None:
    assert index.understand(said).facet is facet


@pytest.mark.parametrize(
    ("said", "facet"),
    [
        ("nhà tôi chưa làm giấy tờ gì bao giờ, giờ đi khai tử thì ra chỗ nào", Facet.WHERE),
        ("toàn nộp qua mạng nên tôi không rành, xin hỏi lệ phí làm khai sinh", Facet.FEE),
        ("ngày nào cũng có người hỏi, vậy tách hộ cần những giấy gì", Facet.DOCUMENTS),
        ("tôi không biết ở đâu làm khai sinh", Facet.WHERE),
        ("vợ đi làm xa không ai trông cháu, sinh bé xong phải làm khai sinh, thủ tục thế nào", Facet.OVERVIEW),
    ],
)
def test_what_is_told_is_not_what_is_asked(index: Index, said: str, facet: Facet) -> None:
    assert index.understand(said).facet is facet
    assert index.understand(fold(said)).facet is facet


@pytest.mark.parametrize(
    ("said", "facet"),
    [
        ("hồ sơ tách thửa", Facet.DOCUMENTS),
        ("cho biết hồ sơ đăng ký kết hôn", Facet.DOCUMENTS),
        ("tách hộ, lệ phí", Facet.FEE),
        ("sửa nhà có phải báo không", Facet.ELIGIBILITY),
        ("giấy độc thân dùng được mấy tháng", Facet.RESULT),
        ("trợ cấp người già mỗi tháng được bao nhiêu", Facet.RESULT),
        ("hỗ trợ chi phí mai táng cho ông cụ", Facet.OVERVIEW),
    ],
)
def test_names_of_sides_count_where_they_are_the_question(index: Index, said: str, facet: Facet) -> None:
    assert index.understand(said).facet is facet


def test_of_two_equally_clear_sides_the_one_said_last_is_meant() -> None:
    assert facet_of({"time": Side(0.8, 3), "fee": Side(0.8, 1)}) is Facet.TIME
    assert facet_of({"time": Side(0.8, 3), "fee": Side(0.8, 3)}) is Facet.FEE


def test_faint_signs_leave_the_overview() -> None:
    assert facet_of({"fee": Side(0.1)}) is Facet.OVERVIEW
    assert facet_of({}) is Facet.OVERVIEW


def test_hints_add_up_but_never_beyond_one() -> None:
    assert strongest([("fee", 0.5), ("fee", 0.5)]) == {"fee": 0.75}
    assert strongest([("fee", 1.0), ("fee", 1.0)]) == {"fee": 1.0}
