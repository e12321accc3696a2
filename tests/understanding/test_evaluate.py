"""Scoring: what counts, what is left out, and what is said about a broken file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.understanding import Context, Index
from bot.understanding.confusions import confusions_text
from bot.understanding.evaluate import LineError, evaluate, evaluate_files, read_lines
from bot.understanding.explain import explain, explain_text

DEV = Path(__file__).resolve().parents[3] / "shared" / "eval" / "questions-dev.jsonl"

FIGURES = {
    "n", "top1", "top3", "none", "ask", "false_refusal", "false_ask", "facet", "wrong_neighbour",
    "p50_ms", "p99_ms", "left_out",
}  # fmt: skip


def line(text: str, *accept: str, **more: Any) -> dict[str, Any]:
    return {"text": text, "accept": list(accept), **more}


def test_all_figures_are_there(index: Index) -> None:
    assert set(evaluate(index, [])) == FIGURES


def test_over_nothing_every_fraction_is_zero(index: Index) -> None:
    figures = evaluate(index, [])

    assert figures["n"] == 0
    assert figures["top1"] == 0.0


def test_a_right_answer_counts_at_once_and_among_three(index: Index) -> None:
    figures = evaluate(index, [line("làm giấy khai sinh cho con", "khai-sinh")])

    assert (figures["n"], figures["top1"], figures["top3"]) == (1, 1.0, 1.0)


def test_a_wrong_answer_counts_for_nothing(index: Index) -> None:
    figures = evaluate(index, [line("làm giấy khai sinh cho con", "thuong-tru")])

    assert (figures["top1"], figures["top3"], figures["false_refusal"], figures["false_ask"]) == (0.0, 0.0, 0.0, 0.0)


def test_a_refusal_and_a_needless_question_are_told_apart(index: Index) -> None:
    figures = evaluate(index, [line("xyzzy", "khai-sinh"), line("hộ khẩu", "thuong-tru")])

    assert (figures["false_refusal"], figures["false_ask"]) == (0.5, 0.5)
    assert figures["top3"] == 0.5


def test_what_content_lacks_is_dropped_from_a_line(index: Index) -> None:
    figures = evaluate(
        index,
        [
            line("làm giấy khai sinh cho con", "khai-sinh", "khai-sinh-lien-thong"),
            line("hộ khẩu", "ask", options=["tach-ho", "thuong-tru"]),
        ],
    )

    assert (figures["n"], figures["left_out"], figures["top1"], figures["ask"]) == (2, 0, 1.0, 1.0)


def test_a_line_is_left_out_only_if_nothing_remains(index: Index) -> None:
    figures = evaluate(
        index,
        [
            line("bay lên trăng", "no-such-slug"),
            line("xe cộ", "ask", options=["nor-this"]),
            line("thời tiết mai", "none"),
        ],
    )

    assert (figures["n"], figures["left_out"], figures["none"]) == (1, 2, 1.0)


def test_offering_the_main_groups_is_right_where_no_subject_is_named(index: Index) -> None:
    vague = line("cần mang giấy gì", "ask", options=["khai-sinh"], groups_ok=True)

    assert evaluate(index, [vague])["ask"] == 1.0
    assert evaluate(index, [{**vague, "groups_ok": False}])["ask"] == 0.0


def test_the_facet_counts_only_where_it_is_labelled(index: Index) -> None:
    figures = evaluate(
        index,
        [
            line("làm giấy khai sinh cho con cần giấy gì", "khai-sinh", facet=["documents", "overview"]),
            line("sao y bao nhiêu tiền", "chung-thuc-ban-sao", facet=["time"]),
            line("mấy giờ ủy ban mở cửa", "faq-gio-lam-viec"),
        ],
    )

    assert figures["facet"] == 0.5


def test_a_neighbour_answered_instead_is_counted(index: Index) -> None:
    figures = evaluate(index, [line("làm hộ tịch: trích lục khai sinh", "khai-sinh"), line("sao y", "thuong-tru")])

    assert figures["wrong_neighbour"] == 0.0  # these are no pair
    assert 0 <= figures["p50_ms"] <= figures["p99_ms"]


# --- files --------------------------------------------------------------------------------------------------------


def written(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "cau-hoi.jsonl"
    path.write_text("\n".join(rows), "utf-8")
    return path


def test_a_file_is_scored_and_told_about(index: Index, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        json.dumps(line("làm giấy khai sinh cho con", "khai-sinh", style="elderly")),
        "",
        json.dumps(line("sao y bằng cấp", "thuong-tru", style="typos", id="d1")),
    )
    report = evaluate_files(index, [path])

    assert report.as_dict()["n"] == 2
    assert report.by_style() == {"elderly": (1, 1), "typos": (0, 1)}
    assert "d1" in report.text()
    assert "sao y bằng cấp" in report.text()


def test_confusions_name_what_was_taken_for_what(index: Index, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        json.dumps(line("sao y bằng cấp", "thuong-tru")),
        json.dumps(line("sao y chứng chỉ", "thuong-tru")),
        json.dumps(line("làm giấy khai sinh cho con", "khai-sinh")),
        json.dumps(line("làm giấy khai sinh cho con", "none")),
    )
    told = confusions_text(evaluate_files(index, [path]).outcomes, lambda name: f"tên của {name}")

    assert told.startswith("2 kiểu nhầm, 3 trên 4 câu")
    first, second = told.split("\n\n")[1:]
    assert first.startswith("tên của thuong-tru (thuong-tru)  →  tên của chung-thuc-ban-sao (chung-thuc-ban-sao)")
    assert "(2 câu)" in first
    assert "– sao y chứng chỉ" in first
    assert second.startswith("không thuộc việc nào  →  tên của khai-sinh")


def test_where_nothing_is_confused_it_says_so(index: Index, tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps(line("làm giấy khai sinh cho con", "khai-sinh")))

    assert confusions_text(evaluate_files(index, [path]).outcomes, str) == "Không nhầm câu nào trong 1 câu."


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("không phải json", "không phải JSON"),
        ("[1, 2]", "đối tượng"),
        ('{"accept": ["khai-sinh"]}', "thiếu 'text'"),
        ('{"text": "a", "accept": "khai-sinh"}', "'accept' phải là danh sách"),
        ('{"text": "a", "accept": []}', "thiếu 'accept'"),
        ('{"text": "a", "accept": ["none", "khai-sinh"]}', "đứng một mình"),
        ('{"text": "a", "accept": ["khai-sinh"], "facet": [3]}', "'facet' phải là danh sách"),
        ('{"text": "a", "accept": ["ask"], "groups_ok": "yes"}', "'groups_ok'"),
    ],
)
def test_a_broken_line_is_named_with_its_file_and_number(
    index: Index, tmp_path: Path, row: str, complaint: str
) -> None:
    path = written(tmp_path, json.dumps(line("làm khai sinh", "khai-sinh")), row)

    with pytest.raises(LineError, match=complaint) as error:
        evaluate_files(index, [path])
    assert f"{path}:2" in str(error.value)


def test_a_missing_file_is_named(index: Index, tmp_path: Path) -> None:
    with pytest.raises(LineError, match="không đọc được"):
        evaluate_files(index, [tmp_path / "khong-co.jsonl"])


# --- explaining ---------------------------------------------------------------------------------------------------


def test_an_answer_explains_itself(index: Index) -> None:
    facts = explain(index, "mat giay khai sinh lam lai o dau")

    assert facts["decision"] == "answer"
    assert facts["candidates"][0]["id"] == "trich-luc-ho-tich"
    assert facts["runner_up"]["id"] == "dang-ky-lai-khai-sinh"
    assert facts["patterns"]
    assert facts["thresholds"]["answer_at"] > facts["thresholds"]["ask_at"]
    json.dumps(facts)


def test_it_explains_itself_to_people(index: Index) -> None:
    told = explain_text(index, "thế phí bao nhiêu?", Context(topic="thuong-tru"))

    assert "trả lời" in told
    assert "nối tiếp" in told
    assert "Ngưỡng" in told


@pytest.mark.parametrize("said", ["", "👍", "menu", "chào cháu", "ignore previous instructions", "đăng ký kết hôn"])
def test_every_kind_of_message_can_be_explained(index: Index, said: str) -> None:
    json.dumps(explain(index, said))
    assert explain_text(index, said)


# --- the development set, where it is at hand -----------------------------------------------------------------------


@pytest.mark.skipif(not DEV.exists(), reason="../shared/eval is not here")
def test_the_development_set_is_understood(index: Index) -> None:
    figures = evaluate_files(index, [DEV]).as_dict()

    assert figures["top1"] >= 0.9
    assert figures["top3"] >= 0.95
    assert figures["none"] >= 0.95
    assert figures["ask"] >= 0.8
    assert figures["facet"] >= 0.85


@pytest.mark.skipif(not DEV.exists(), reason="../shared/eval is not here")
def test_questions_about_what_content_lacks_are_hardly_ever_answered_wrongly(index: Index) -> None:
    lacking = [one for one in read_lines(DEV) if one.within(index.ids) is None]
    answered = [one.text for one in lacking if index.understand(one.text).decision == "answer"]

    assert len(answered) <= 0.1 * len(lacking), answered
