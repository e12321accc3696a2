"""Every difference between a guide and the national row of its code is found, and told from what is no difference."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.cli import main
from content.audit import Audited, Finding, audit, report
from content.national import Row
from tests.content.conftest import GUIDE, PROCEDURES, Author

TODAY = date(2026, 11, 22)
BOTH = ("Trực tuyến", "Trực tiếp")
# What the guide of the test author says, as the national database would.
AGREES: dict[str, Any] = {
    "code": "1.001193",
    "name": "Thủ tục Đăng ký khai sinh (cấp xã)",
    "channels": list(BOTH),
    "processing_time": [{"channel": "Trực tiếp", "time": "1 Ngày làm việc"}],
    "fees": [{"channel": "Trực tiếp", "fee": "8,000 Việt Nam Đồng", "note": None}],
    "documents": [
        {
            "case": "Phải nộp",
            "items": [
                {"name": "Tờ khai theo mẫu", "original": 1, "copy": 0},
                {"name": "Tờ khai nhận con (nếu có)", "original": 1, "copy": 0},
                {"name": "Giấy kết hôn của cha mẹ", "original": 1, "copy": 0},
                {"name": "Bản chụp phải rõ nét", "original": 0, "copy": 0},
            ],
        }
    ],
    "legal_basis": ["60/2014/QH13"],
}


@pytest.fixture
def author(author: Author) -> Author:
    author.changes(GUIDE, "law: [Luật Hộ tịch]", "law: [Luật Hộ tịch 60/2014/QH13]")
    author.changes(GUIDE, "time: [", "time: [{at: online, amount: unknown, ask: quầy}, ")
    return author


def audited(author: Author, *rows: dict[str, Any], today: date = TODAY) -> Audited:
    (one,) = audit(author.loads(), [Row.of(row) for row in rows], today).guides
    return one


def finds(author: Author, **changed: Any) -> list[tuple[str, str, str]]:
    """The differences from a row that agrees but for what is changed."""
    return [(one.on, one.row, one.guide) for one in audited(author, {**AGREES, **changed}).findings]


def item(name: str, original: int = 1) -> list[dict[str, Any]]:
    listed = AGREES["documents"][0]["items"]
    return [{"case": "Phải nộp", "items": [*listed, {"name": name, "original": original, "copy": 0}]}]


def test_a_guide_that_says_the_same_in_plain_words_has_no_difference(author: Author) -> None:
    assert finds(author) == []


def test_rows_of_other_guides_are_left_alone(author: Author) -> None:
    other = {**AGREES, "name": "Khác hẳn", "slug": "khai-tu"}
    assert audited(author, AGREES, other).findings == ()
    assert audited(author, other).absent == ("1.001193",)


# --- name and way --------------------------------------------------------------------------------------------------


def test_another_name_is_a_difference_unless_it_is_an_alias(author: Author) -> None:
    assert finds(author, name="Đăng ký lại khai sinh") == [("name", "Đăng ký lại khai sinh", "Đăng ký khai sinh")]
    author.changes(PROCEDURES, "    asked_as:", "    aliases: [đăng ký lại khai sinh]\n    asked_as:")
    assert finds(author, name="Đăng ký lại khai sinh") == []


def test_ways_of_filing_are_compared_both_ways(author: Author) -> None:
    assert finds(author, channels=[*BOTH, "Dịch vụ bưu chính"]) == [
        ("level", "nộp được bưu chính", "where không có cách này")
    ]
    assert finds(author, channels=["Trực tiếp"]) == [("level", "không có cách nộp trực tuyến", "where có cách này")]
    assert finds(author, channels=None) == []


def test_the_level_that_the_portal_gives_counts(author: Author) -> None:
    assert finds(author, note="Cổng xếp mức toàn trình") == []
    assert finds(author, note="Cổng xếp mức một phần") == [("level", "Cổng xếp mức một phần", "mức full")]


# --- fees ----------------------------------------------------------------------------------------------------------


def fee(amount: str | None, note: str | None = None, channel: str = "Trực tiếp") -> list[dict[str, Any]]:
    return [{"channel": channel, "fee": amount, "note": note}]


def test_another_amount_is_one_difference(author: Author) -> None:
    assert finds(author, fees=fee("9,000")) == [("fee", "trực tiếp: 9,000", "8.000 đồng")]


def test_an_amount_may_stand_in_the_note_of_a_row(author: Author) -> None:
    assert finds(author, fees=[*fee("8,000"), *fee(None, "bản sao 9.000 đồng")]) == []
    author.changes(GUIDE, "    amount: 8000\n", "    amount: 9000\n    note: Bản sao thêm 8.000 đồng.\n")
    assert finds(author, fees=fee("8,000", "bản sao 9.000 đồng")) == []


def test_an_amount_that_nobody_entered_is_unknown(author: Author) -> None:
    note = '"Miễn phí" là hiển thị khi Cổng chưa khai số tiền'
    found = finds(author, fees=fee("Miễn phí", "do tỉnh quyết định"), note=note)
    assert found == [("fee", "trực tiếp: chưa khai số tiền (Cổng hiện “Miễn phí”) do tỉnh quyết định", "8.000 đồng")]
    author.changes(GUIDE, "    amount: 8000\n    law: Nghị quyết 1\n", "    amount: unknown\n    ask: quầy\n")
    assert finds(author, fees=fee("Miễn phí"), note=note) == []
    assert finds(author, fees=fee("Miễn phí")) == [("fee", "trực tiếp: Miễn phí", "chưa rõ")]


def test_nothing_to_pay_needs_a_row_that_says_so(author: Author) -> None:
    author.changes(GUIDE, "amount: 8000", "amount: 0")
    note = '"Miễn phí" là hiển thị khi Cổng chưa khai số tiền'
    assert len(finds(author, fees=fee("Miễn phí", "Miễn lệ phí cho hộ nghèo."), note=note)) == 1
    assert finds(author, fees=fee("Miễn phí", "(Miễn lệ phí. Bản sao thu riêng.)"), note=note) == []
    author.changes(GUIDE, "    amount: 0\n", "    amount: 0\n    case: Hộ nghèo\n")
    assert finds(author, fees=fee("Miễn phí", "Miễn lệ phí cho hộ nghèo."), note=note) == []


def test_a_fee_of_the_past_is_no_longer_ours(author: Author) -> None:
    author.changes(
        GUIDE,
        "    amount: 8000\n    law: Nghị quyết 1\n",
        "    amount: 8000\n    law: Nghị quyết 1\n    until: 2026-12-31\n"
        "  - {at: counter, amount: 5000, law: Nghị quyết 2, from: 2027-01-01}\n",
    )
    assert finds(author) == []
    later = audited(author, AGREES, today=date(2027, 1, 1)).findings
    assert [(one.row, one.guide) for one in later] == [("trực tiếp: 8,000 Việt Nam Đồng", "5.000 đồng")]


def test_a_fee_in_dollars_is_spoken_of(author: Author) -> None:
    fees = [*fee("8,000"), *fee("10 USD")]
    assert finds(author, fees=fees) == [("fee", "trực tiếp: 10 USD", "không nói tới số đô la này")]
    author.adds(GUIDE, "notes: [Ở nước ngoài là 10 đô la Mỹ.]\n")
    assert finds(author, fees=fees) == []


# --- times ---------------------------------------------------------------------------------------------------------


def times(text: str) -> list[dict[str, str]]:
    return [{"channel": "Trực tiếp", "time": text}]


def test_another_amount_or_unit_is_a_difference(author: Author) -> None:
    assert ("time", "trực tiếp: 1 Ngày", "1 ngày làm việc") in finds(author, processing_time=times("1 Ngày"))
    assert finds(author, processing_time=times("8 giờ làm việc")) == []


def test_of_a_lost_unit_the_number_is_compared_and_the_loss_is_said(author: Author) -> None:
    lost = times("1 (nguồn mất đơn vị)")
    assert finds(author, processing_time=lost) == []
    assert audited(author, {**AGREES, "processing_time": lost}).notes == (
        "1.001193: thời gian “1 (nguồn mất đơn vị)”, chỉ so được con số",
    )
    other = finds(author, processing_time=times("3 (nguồn mất đơn vị)"))
    assert ("time", "trực tiếp: 3 (nguồn mất đơn vị)", "1 ngày làm việc") in other


def test_our_time_may_stand_in_the_steps_of_the_row(author: Author) -> None:
    assert finds(author, processing_time=None, steps="Trong 01 ngày làm việc, cán bộ trả kết quả.") == []
    assert finds(author, processing_time=None, steps="Trả kết quả.") == [
        ("time", "trực tiếp: không ghi thời gian", "1 ngày làm việc")
    ]


# --- papers --------------------------------------------------------------------------------------------------------


def test_a_national_paper_that_no_guide_paper_is_like(author: Author) -> None:
    assert finds(author, documents=item("Giấy chứng sinh do cơ sở y tế cấp")) == [
        ("papers", "[Phải nộp] Giấy chứng sinh do cơ sở y tế cấp", "không giấy nào khớp")
    ]
    assert finds(author, documents=item("Phải còn giá trị", original=0)) == []


def test_a_paper_is_matched_by_what_it_is_listed_as(author: Author) -> None:
    documents = item("Giấy chứng sinh hoặc văn bản của người làm chứng")
    author.changes(GUIDE, "name: Tờ khai, form: form", "name: Tờ khai, form: form, listed_as: [văn bản … làm chứng]")
    assert finds(author, documents=documents) == []
    author.changes(GUIDE, "văn bản … làm chứng", "văn bản làm chứng")
    assert [on for on, _, _ in finds(author, documents=documents)] == ["papers"]


def test_a_guide_paper_that_the_row_does_not_list(author: Author) -> None:
    author.changes(GUIDE, "papers:\n", "papers:\n  - {id: cccd, name: Căn cước của cha, form: show}\n")
    assert finds(author) == [("papers", "không có giấy này", "cccd: Căn cước của cha")]


def test_a_photograph_and_a_form_on_the_screen_are_the_paper_in_another_form(author: Author) -> None:
    author.changes(GUIDE, "form: show, when: {cha-me: roi}", "form: show, when: {cha-me: roi, at: counter}")
    author.changes(GUIDE, "name: Tờ khai, form: form", "name: Tờ khai, form: form, when: {at: counter}")
    author.changes(
        GUIDE,
        "words:",
        "  - {id: a1, name: Ảnh giấy kết hôn, form: photo, when: {at: online, cha-me: roi}}\n"
        "  - {id: a2, name: Mẫu điện tử trên Cổng, form: form, when: {at: online}}\nwords:",
    )
    assert finds(author) == []


def test_papers_that_could_not_be_told_apart_are_said_and_not_compared(author: Author) -> None:
    one = audited(author, {**AGREES, "documents": "Tờ khai; giấy chứng sinh"})
    assert one.findings == ()
    assert one.notes == ("1.001193: giấy tờ chỉ là chữ liền, không tách được từng giấy: đọc bằng mắt",)


# --- law -----------------------------------------------------------------------------------------------------------


def test_numbers_of_acts_are_compared_both_ways(author: Author) -> None:
    assert finds(author, legal_basis=["60/2014/QH13", "07/2025/NĐ-CP"]) == [("law", "07/2025/NĐ-CP", "không nêu")]
    author.changes(GUIDE, "law: Nghị quyết 1", "law: Nghị định 7/2025/NĐ-CP")
    assert finds(author, legal_basis=["60/2014/QH13", "07/2025/NĐ-CP"]) == []
    assert finds(author) == [("law", "không có số này", "7/2025/NĐ-CP")]


# --- several codes -------------------------------------------------------------------------------------------------


def test_what_a_guide_says_may_stand_in_the_row_of_any_of_its_codes(author: Author) -> None:
    for file in (GUIDE, PROCEDURES):
        author.changes(file, "codes: [1.001193]", "codes: [1.001193, 2.000528]")
    papers = AGREES["documents"][0]["items"]
    one = {**AGREES, "documents": [{"case": None, "items": papers[:2]}]}
    other = {**AGREES, "code": "2.000528", "documents": [{"case": None, "items": papers[2:]}]}
    assert audited(author, one, other).findings == ()
    assert audited(author, one).absent == ("2.000528",)


# --- explanations --------------------------------------------------------------------------------------------------

DIFFERS = """\
differs:
  - code: "{code}"
    on: {on}
    says: {says}
    why: Vì nguồn này đã cũ.
"""


@pytest.mark.parametrize(
    ("code", "on", "says", "explained"),
    [
        ("1.001193", "papers", "GIẤY chứng sinh", True),
        ("1.001193", "papers", "cap y te", True),
        ("1.001193", "papers", "không đâu; giấy chứng sinh", True),
        ("1.001193", "papers", "giấy chứng tử", False),
        ("1.001193", "law", "giấy chứng sinh", False),
        ("2.000528", "papers", "giấy chứng sinh", False),
    ],
)
def test_a_difference_is_explained_by_its_code_its_subject_and_its_words(
    author: Author, code: str, on: str, says: str, explained: bool
) -> None:
    author.adds(GUIDE, DIFFERS.format(code=code, on=on, says=says))
    one = audited(author, {**AGREES, "documents": item("Giấy chứng sinh do cơ sở y tế cấp")})
    assert [finding.why for finding in one.findings] == ["Vì nguồn này đã cũ." if explained else ""]
    assert len(one.unexplained) == (not explained)


def test_an_explanation_of_nothing_is_stale(author: Author) -> None:
    author.adds(GUIDE, DIFFERS.format(code="1.001193", on="law", says="07/2025/NĐ-CP; 08/2025/NĐ-CP"))
    one = audited(author, {**AGREES, "legal_basis": ["60/2014/QH13", "07/2025/NĐ-CP"]})
    assert one.unexplained == ()
    assert one.stale == ("1.001193 căn cứ: “08/2025/NĐ-CP”",)


# --- the command ---------------------------------------------------------------------------------------------------


def test_the_report_puts_both_sides_beside_one_another(author: Author) -> None:
    found = audit(author.loads(), [Row.of({**AGREES, "legal_basis": ["07/2025/NĐ-CP"]})], TODAY)
    lines = report(found).splitlines()
    assert lines[0] == "== khai-sinh (1.001193): 2 chưa giải thích"
    assert lines[1:4] == [" ✗ căn cứ", "     dòng:      07/2025/NĐ-CP", "     hướng dẫn: không nêu"]
    assert lines[-1] == "Đã đối chiếu 1 hướng dẫn với 1 mã: 2 khác biệt, 0 đã giải thích, 2 chưa giải thích."
    assert found.guides[0].findings[0] == Finding(("1.001193",), "law", "07/2025/NĐ-CP", "không nêu")


def test_the_command_ends_with_the_figures_and_says_if_something_is_open(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps({"code": "1.001193", "name": "Đăng ký khai sinh"}) + "\nkhông phải JSON\n")
    agreed = CliRunner().invoke(main, ["audit", str(file), "--only", "khai-sinh", "--json"])
    assert agreed.exit_code == 0
    figures = json.loads(agreed.output.splitlines()[-1])
    assert {key: figures[key] for key in ("entries", "codes", "differences", "explained", "unexplained")} == {
        "entries": 1,
        "codes": 1,
        "differences": 0,
        "explained": 0,
        "unexplained": 0,
    }
    file.write_text(json.dumps({"code": "1.001193", "name": "Đăng ký khai tử"}))
    differs = CliRunner().invoke(main, ["audit", str(file), "--only", "khai-sinh"])
    assert differs.exit_code == 1
    assert " ✗ tên" in differs.output


@pytest.mark.parametrize(("text", "only"), [("", "khai-sinh"), ("[]", "khai-sinh"), ("{}", "khong-co")])
def test_a_file_without_rows_and_a_guide_that_is_none_are_refused(tmp_path: Path, text: str, only: str) -> None:
    (tmp_path / "rows.jsonl").write_text(text)
    refused = CliRunner().invoke(main, ["audit", str(tmp_path / "rows.jsonl"), "--only", only])
    assert refused.exit_code in (2, 6)
    assert "Traceback" not in refused.output
