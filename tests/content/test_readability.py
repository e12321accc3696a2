"""What citizens would stumble over is named where its author wrote it; what they never read is left alone."""

from __future__ import annotations

from datetime import date

import pytest

from content import warnings
from content.readability import reading_ease
from tests.content.conftest import GUIDE, PHRASES, STEPS, Author


def stumbles(author: Author) -> list[str]:
    return [str(problem) for problem in reading_ease(author.loads().style, author.folder, author.overlay)]


def summary(author: Author, text: str) -> list[str]:
    """What is found in a guide with that summary; the words alone."""
    author.changes(GUIDE, "summary: Ghi tên bé vào sổ hộ tịch.", f"summary: >-\n  {text}")
    return [one.partition("khai-sinh.summary: ")[2] for one in stumbles(author)]


def test_plain_words_pass(author: Author) -> None:
    assert stumbles(author) == []


def test_a_sentence_is_too_long_for_itself_not_for_its_paragraph(author: Author) -> None:
    assert summary(author, "Một hai ba bốn năm sáu. Bảy tám chín mười một hai; ba bốn: năm sáu bảy tám.") == []


def test_a_long_sentence_is_quoted_by_its_beginning(author: Author) -> None:
    assert summary(author, "Bác mang tờ giấy ấy ra quầy một cửa của xã nhé ạ.") == [
        "câu dài 13 tiếng (nhiều nhất 12): tách làm hai: “Bác mang tờ giấy ấy ra…”"
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ra UBND xã.", ["viết tắt “UBND” chưa giải nghĩa: viết đầy đủ"]),
        ("Ra Ủy ban nhân dân (UBND) xã.", []),
        ("Gọi ĐT hoặc bấm VNeID.", []),
        ("THẺ TRA CỨU: khai sinh.", []),
        ("Theo Thông tư 281/2016/TT-BTC, mẫu CT01.", []),
    ],
)
def test_abbreviations_stand_beside_their_full_words(author: Author, text: str, found: list[str]) -> None:
    assert summary(author, text) == found


def test_officialese_is_named_with_plainer_words_but_not_in_quotations(author: Author) -> None:
    assert summary(author, "Xuất trình giấy; bấm “Xuất trình”.") == [
        "lời công văn “xuất trình”: nói thường là “đưa cho xem”"
    ]


def test_of_two_phrases_only_the_longer_is_named(author: Author) -> None:
    author.changes("style.yaml", "{xuất trình: đưa cho xem}", "{đối với: với, đối với việc: khi}")
    assert summary(author, "Đối với việc này thì chờ.") == ["lời công văn “đối với việc”: nói thường là “khi”"]


def test_shared_steps_and_the_bots_own_sentences_are_read_too(author: Author) -> None:
    author.changes(STEPS, "title: Tìm thủ tục", "title: Ra UBND")
    author.changes(PHRASES, '"sorry": Câu.', '"sorry": Xin xuất trình giấy.')
    places = [one.split(": ")[:2] for one in stumbles(author)]
    assert [(place.partition(":")[0], key) for place, key in places] == [
        (PHRASES, "say.sorry"),
        (STEPS, "vao-cong.tim.title"),
    ]


def test_what_staff_and_machine_read_is_left_alone(author: Author) -> None:
    author.changes(
        GUIDE, "{id: to-khai, name: Tờ khai,", "{id: to-khai, name: Tờ khai UBND, listed_as: [xuất trình],"
    )
    author.adds(
        GUIDE, "differs: [{code: '1.001193', on: law, says: UBND, why: Vì UBND xã không còn phải xuất trình gì.}]\n"
    )
    assert stumbles(author) == []


def test_an_overlay_is_looked_at_in_its_own_file(author: Author) -> None:
    author.lays_over(GUIDE, "summary: Ra UBND xã.\n")
    (one,) = stumbles(author)
    assert one.startswith(f"{author.overlay}/{GUIDE}:1:10: khai-sinh.summary: ")


def test_a_question_that_decides_nothing_is_a_warning(author: Author) -> None:
    author.changes(
        GUIDE,
        "papers:\n",
        "  - {id: thua, ask: Nhà ở đâu ạ?, options: [{id: a, label: A}, {id: b, label: B}]}\npapers:\n",
    )
    found = [problem for problem in warnings(author.loads(), date(2026, 11, 22)) if problem.key == "questions.thua"]
    assert [problem.what for problem in found] == [
        "câu trả lời không quyết định giấy tờ hay bước nào: bỏ câu hỏi này"
    ]
