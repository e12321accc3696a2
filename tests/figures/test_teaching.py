"""An officer gives a message its meaning with one press, and is refused where another answer would break."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.messages import Asked
from bot.knowledge import Knowledge, Library
from bot.teaching import ALIKE, clusters, said_anyway, taught_so_far, teach, unteach
from bot.understanding import Context, Decision
from content import load

ODD = "tiền ăn sáng của lính gác cổng trường làng"


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    folder = tmp_path / "xa"
    folder.mkdir()
    return folder


def asked(text: str, n: int = 1, top: str = "", last: str = "2026-11-20") -> Asked:
    return Asked(text=text, folded=text, n=n, last=last, became="not-known", top=top, score=0.2)


# --- alike ---------------------------------------------------------------------------------------------------------


def test_one_question_in_many_wordings_is_one_cluster(knowledge: Knowledge) -> None:
    some = [
        asked("xin tro cap nuoi ong mat", 5, "tro-cap-xa-hoi"),
        asked("bac oi cho hoi xin tro cap nuoi ong mat a", 2, "ho-ngheo"),
        asked("tro cap nuoi ong mat xin", 1, last="2026-11-22"),
        asked("sua duong be tong", 3),
    ]
    first, second = clusters(some, said_anyway(knowledge.content.lexicon))

    assert (first.n, first.said, first.last) == (8, "xin tro cap nuoi ong mat", date(2026, 11, 22))
    assert first.guesses == ("tro-cap-xa-hoi", "ho-ngheo")
    assert (second.n, second.said) == (3, "sua duong be tong")


@given(st.lists(st.text("abc d", min_size=1, max_size=12), max_size=20, unique=True))
def test_no_question_is_lost_or_doubled(texts: list[str]) -> None:
    made = clusters([asked(text) for text in texts], frozenset())

    assert sorted(one.text for cluster in made for one in cluster.asked) == sorted(texts)
    assert [cluster.n for cluster in made] == sorted((cluster.n for cluster in made), reverse=True)
    assert ALIKE < 100


# --- given a meaning -----------------------------------------------------------------------------------------------


def test_a_message_is_given_its_meaning_and_understood_from_then_on(overlay: Path) -> None:
    library = Library(overlay=overlay)
    assert library.knowledge.understand(ODD, Context()).decision is not Decision.ANSWER

    taught = teach(overlay, ODD, "nghia-vu-quan-su")

    assert taught.done, taught
    assert taught.tried > 300
    assert library.refresh()
    understood = library.knowledge.understand(ODD, Context())
    assert (understood.decision, understood.candidates[0].id) == (Decision.ANSWER, "nghia-vu-quan-su")
    assert taught_so_far(overlay) == {"nghia-vu-quan-su": [ODD]}
    assert (
        teach(overlay, ODD.upper(), "khai-sinh").why
        == "Câu này đã thuộc “" + library.knowledge.title("nghia-vu-quan-su") + "”."
    )

    assert unteach(overlay, ODD, "nghia-vu-quan-su")
    assert not unteach(overlay, ODD, "nghia-vu-quan-su")
    assert library.refresh()
    assert library.knowledge.understand(ODD, Context()).decision is not Decision.ANSWER


def test_what_would_break_another_answer_is_refused_with_the_answer(overlay: Path) -> None:
    taught = teach(overlay, "làm giấy khai sinh", "can-cuoc")

    assert not taught.done
    assert not (overlay / "heard.yaml").exists()
    assert taught.why == "Không thêm: câu khác đang được trả lời đúng sẽ bị hiểu sai."
    assert any("đang được trả lời là “Đăng ký khai sinh”" in one for one in taught.broken)


@pytest.mark.parametrize(
    ("said", "id_", "why"),
    [
        ("giấy", "khai-sinh", "một chữ"),
        ("", "khai-sinh", "một chữ"),
        ("x " * 200, "khai-sinh", "dài quá"),
        ("gọi tôi số 0912345678 nhé", "khai-sinh", "số riêng"),
        ("gọi tôi số ⟨số điện thoại⟩ nhé", "khai-sinh", "số riêng"),
        ("một câu lạ hoắc", "khong-co", "Không có thủ tục"),
    ],
)
def test_what_can_be_no_example_is_refused_in_words(overlay: Path, said: str, id_: str, why: str) -> None:
    taught = teach(overlay, said, id_)

    assert not taught.done
    assert why in taught.why


def test_without_a_folder_of_its_own_a_commune_is_told_to_set_one() -> None:
    assert "CAMTAY_CONTENT_DIR" in teach(None, ODD, "khai-sinh").why


def test_what_content_has_lost_is_left_aside(overlay: Path) -> None:
    (overlay / "heard.yaml").write_text("heard:\n  - {id: da-bo, says: [câu của thủ tục đã bỏ]}\n", encoding="utf-8")

    assert "da-bo" not in load(overlay=overlay)
