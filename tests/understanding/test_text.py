"""Typed text made comparable: with and without marks, Telex keys left raw, slips, invisible characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.cues import Patterns
from bot.understanding.repair import Repairer, Variants, Vocabulary, telex, vni
from bot.understanding.text import (
    MAX_CHARS,
    agrees,
    clean,
    fold,
    has_marks,
    is_syllable,
    plain,
    sentences,
    sound,
    words,
)
from content.models import Abbreviation, Lexicon

POLITE = ("dạ", "ạ", "nhé", "nha", "cháu", "em", "ơi", "cho", "với")
LETTERS = st.text(alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạằắấầẹếềỉịọốồớờụứừỳýABCĐÂ ", max_size=30)


def test_folding_takes_marks_and_capitals_away() -> None:
    assert fold("Đăng KÝ khai sinh ở Huế") == "dang ky khai sinh o hue"


@given(st.text())
def test_folding_twice_changes_nothing(said: str) -> None:
    assert fold(fold(said)) == fold(said)


@given(st.text())
def test_cleaning_twice_changes_nothing_and_never_grows(said: str) -> None:
    assert clean(clean(said)) == clean(said)
    assert len(clean(said)) <= MAX_CHARS


def test_decomposed_letters_are_composed() -> None:
    assert clean("a\u0323") == "ạ"


def test_what_cannot_be_seen_is_dropped() -> None:
    assert clean("khai\u200b sinh\u202e\x00 \t cho   con\u00ad") == "khai sinh cho con"


def test_a_hundred_thousand_letters_are_cut() -> None:
    assert len(clean("a" * 100_000)) == MAX_CHARS


@pytest.mark.parametrize(
    ("one", "other"), [("hoà", "hòa"), ("xoá", "xóa"), ("uỷ", "ủy"), ("thuý", "thúy"), ("ký", "kí"), ("quý", "quí")]
)
def test_where_a_tone_is_put_makes_no_difference(one: str, other: str) -> None:
    assert sound(one) == sound(other)
    assert agrees(one, other)


def test_different_words_stay_different() -> None:
    assert sound("thúy") != sound("thúi")
    assert sound("ma") != sound("mà")
    assert plain("mã") == plain("mà")


def test_masked_numbers_are_no_words() -> None:
    assert words("sđt ⟨số điện thoại⟩ của em") == ["sđt", "của", "em"]


def test_codes_and_fees_stay_in_one_piece() -> None:
    assert words("thủ tục 1.001193, phí 8.000đ") == ["thủ", "tục", "1.001193", "phí", "8.000", "đ"]


def test_sentences_end_at_full_stops_but_not_inside_numbers() -> None:
    assert sentences("Phí 8.000 đồng. Làm ở đâu?\nCảm ơn") == ["Phí 8.000 đồng", "Làm ở đâu", "Cảm ơn"]


@pytest.mark.parametrize("word", ["giấy", "nghiêng", "khuya", "quyền", "thuở", "yêu", "oai", "xã"])
def test_vietnamese_words_are_known_by_their_build(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["giaays", "ddawng", "đăngký", "tạmm", "gcn", "vneid", "ct07"])
def test_keys_left_raw_are_no_words(word: str) -> None:
    assert not is_syllable(word)


# --- agrees -------------------------------------------------------------------------------------------------------


def test_marks_are_evidence_where_they_are() -> None:
    assert not agrees("đúng", "dừng")
    assert agrees("dung", "dừng")
    assert agrees("dừng", "dừng")


def test_case_punctuation_and_politeness_do_not_matter() -> None:
    assert agrees("Dạ, QUAY LẠI nhé cháu!", "quay lại", POLITE)
    assert agrees("quay lai nha", "quay lại", POLITE)


def test_other_words_do_matter() -> None:
    assert not agrees("quay lại trường cũ", "quay lại", POLITE)
    assert not agrees("dừng", "dừng lại", POLITE)
    assert not agrees("", "dừng")


@given(LETTERS)
def test_whatever_is_said_agrees_with_itself(said: str) -> None:
    assert agrees(said, said)


@given(LETTERS)
def test_whatever_is_typed_without_marks_agrees(said: str) -> None:
    assert agrees(fold(said), said)


@given(LETTERS)
def test_marks_are_seen(said: str) -> None:
    assert has_marks(said) == (fold(said) != said.lower())


# --- repair -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ddawng", "đăng"),
        ("kys", "ký"),
        ("giaays", "giấy"),
        ("thuowngf", "thường"),
        ("truwowcs", "trước"),
        ("nguwoif", "người"),
        ("đuwocj", "được"),
        ("chưngs", "chứng"),
        ("moiws", "mới"),
    ],
)
def test_telex_keys_left_raw_are_read(typed: str, meant: str) -> None:
    assert sound(telex(typed)) == sound(meant)


@pytest.mark.parametrize(
    ("typed", "meant"), [("gia6y1", "giấy"), ("hie63m", "hiểm"), ("d9a61t", "đất"), ("to72", "tờ")]
)
def test_vni_digits_left_raw_are_read(typed: str, meant: str) -> None:
    assert sound(vni(typed)) == sound(meant)


LANH = {"lãnh": "lĩnh", "lãnh sự": "lãnh sự"}


@pytest.fixture(scope="module")
def repairer() -> Repairer:
    lexicon = Lexicon(
        teencode={"k": "không", "j": "gì", "lm": "làm", "hong": "không"},
        abbreviations=(
            Abbreviation(short="tt", means="thanh toán", near=("phí",)),
            Abbreviation(short="tt", means="thường trú", near=("đăng ký",)),
            Abbreviation(short="tt", means="thủ tục"),
            Abbreviation(short="hong", means="hồng", after=("sổ",)),
        ),
        variants={"chích lục": "trích lục", "mô": "đâu", "khai sanh": "khai sinh", **LANH},
    )
    known = ["khai sinh cho con", "tạm trú", "đăng ký thường trú", "trích lục", "công chứng giấy tờ"]
    return Repairer(lexicon, Vocabulary.of([words(phrase) for phrase in known]))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ddawng kys khai sinh", "đăng ký khai sinh"),
        ("lm khai sinh cần j k", "làm khai sinh cần gì không"),
        ("tạmm trú", "tạm trú"),
        ("tạmtrú", "tạm trú"),
        ("côngchứng giâys tờ ạa", "công chứng giấy tờ ạ"),
        ("khai snih", "khai sinh"),
        ("khia sinh", "khai sinh"),
        ("chích lục", "trích lục"),
        ("làm ở mô", "làm ở đâu"),
        ("đăng ký tt", "đăng ký thường trú"),
        ("tt phí", "thanh toán phí"),
        ("cho hỏi tt", "cho hỏi thủ tục"),
        ("sang so hong bao lau", "sang sổ hồng bao lâu"),
        ("sổ làm được hong", "sổ làm được không"),
        ("lãnh tiền", "lĩnh tiền"),
        ("nộp lãnh sự", "nộp lãnh sự"),
    ],
)
def test_slips_are_mended(repairer: Repairer, typed: str, meant: str) -> None:
    assert [plain(word) for word in repairer.mend(words(typed))] == [plain(word) for word in words(meant)]


def test_a_pattern_in_regional_words_finds_what_was_said_in_any() -> None:
    patterns = Patterns({}, variants=Variants(LANH))
    patterns.add("được lãnh - lãnh sự", "tiền", 0.8)

    def heard(said: str) -> list[str]:
        mended = Variants(LANH).in_ours(words(said))
        return [patterns.patterns[hit.pattern].owner for hit in patterns.hits(patterns.phrases_in(mended))]

    assert heard("tôi được lãnh không") == heard("tôi được lĩnh không") == ["tiền"]
    assert heard("được lãnh sự gọi") == []


def test_a_name_like_one_of_our_words_is_left_alone(repairer: Repairer) -> None:
    assert repairer.mend(words("chị Hinh hỏi")) == ["chị", "hinh", "hỏi"]


def test_dialect_without_marks_is_not_guessed(repairer: Repairer) -> None:
    assert repairer.mend(words("mo cua")) == ["mo", "cua"]


@given(st.lists(st.text(min_size=1, max_size=12), max_size=8))
def test_mending_never_fails_and_never_loses_the_message(repairer: Repairer, said: list[str]) -> None:
    typed = words(" ".join(said))

    assert len(repairer.mend(typed)) >= (1 if typed else 0)
