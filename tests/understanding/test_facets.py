"""Which side of a subject is asked for."""

from __future__ import annotations

import pytest

from bot.understanding import Facet, Index, fold
from bot.understanding.facets import facet_of, strongest

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


def test_of_two_equally_clear_sides_the_fee_comes_first() -> None:
    assert facet_of({"time": 0.8, "fee": 0.8}) is Facet.FEE


def test_faint_signs_leave_the_overview() -> None:
    assert facet_of({"fee": 0.1}) is Facet.OVERVIEW
    assert facet_of({}) is Facet.OVERVIEW


def test_hints_add_up_but_never_beyond_one() -> None:
    assert strongest([("fee", 0.5), ("fee", 0.5)]) == {"fee": 0.75}
    assert strongest([("fee", 1.0), ("fee", 1.0)]) == {"fee": 1.0}
