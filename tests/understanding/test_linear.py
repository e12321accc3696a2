"""The light model: learnt from phrases, shipped as numbers, used without a library."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge import Knowledge
from bot.understanding import Index
from bot.understanding.linear import ELSEWHERE, VAGUE, Linear, pattern_features, vector
from bot.understanding.matcher import MODEL
from bot.understanding.tune import FOLDS, Spoken, digest, folds, train
from content.models import Entry

SHIPPED = Linear.load(MODEL)
WORDS = st.lists(st.sampled_from(["khai", "sinh", "căn", "cước", "can", "cuoc", "mất", "x", "2h", "👍"]), max_size=30)


@pytest.fixture(scope="module")
def few(knowledge: Knowledge) -> list[Entry]:
    return [knowledge.content.entry(name) for name in ("khai-sinh", "thuong-tru", "chung-thuc-ban-sao")]


@pytest.fixture(scope="module")
def model(few: list[Entry], knowledge: Knowledge) -> Linear:
    content, spoken = knowledge.content, Spoken.read()
    some = Spoken(spoken.lines[::3], spoken.asides)  # all of them take twenty seconds
    return train(few, content.lexicon, Index(few, content.lexicon, content.phrases.commands), some)


def test_it_tells_apart_what_it_has_learnt(model: Linear, knowledge: Knowledge) -> None:
    for said, meant in (
        ("vo moi de xong lam giay cho be", "khai-sinh"),
        ("muốn nhập tên vào nhà chồng", "thuong-tru"),
        ("đóng dấu mấy tờ photo bằng cấp", "chung-thuc-ban-sao"),
    ):
        likely = model.likely(*knowledge.index.heard(said))
        assert max(likely, key=likely.__getitem__) == meant


def test_what_is_nobody_s_subject_and_what_is_too_vague_are_classes_of_their_own(model: Linear) -> None:
    assert {ELSEWHERE, VAGUE} <= set(model.subjects)


def test_letters_alone_are_no_knowledge(model: Linear) -> None:
    assert model.knows_any(["xyzzy", "sinh"])
    assert not model.knows_any(["xyzzy", "qwrtz"])


@given(WORDS)
def test_chances_add_up_to_one_whatever_is_said(said: list[str]) -> None:
    assert SHIPPED
    likely = SHIPPED.likely(said, {})

    assert sum(likely.values()) == pytest.approx(1.0)
    assert all(0 <= chance <= 1 for chance in likely.values())


@given(WORDS)
def test_the_words_of_a_message_weigh_as_much_as_those_of_any_other(said: list[str]) -> None:
    seen = vector(said, {})

    assert sum(value * value for value in seen.values()) == pytest.approx(1.0 if said else 0.0)


def test_a_stronger_pattern_reaches_more_steps() -> None:
    assert len(list(pattern_features({"a": 0.8}))) > len(list(pattern_features({"a": 0.45}))) > 0
    assert list(pattern_features({"a": 0.05})) == []


def test_what_is_saved_comes_back_and_the_same_model_gives_the_same_bytes(model: Linear, tmp_path: Path) -> None:
    for name in ("one", "two"):
        model.save(tmp_path / name)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert Linear.load(tmp_path / "one") == model
    assert Linear.load(tmp_path / "none") is None


def test_the_shipped_model_knows_every_subject(knowledge: Knowledge) -> None:
    shipped = Linear.load(MODEL)
    assert shipped
    assert {*knowledge.content.ids, ELSEWHERE, VAGUE} == set(shipped.subjects)


def test_the_shipped_model_was_learnt_from_the_shipped_phrases(knowledge: Knowledge) -> None:
    shipped, content = Linear.load(MODEL), knowledge.content
    assert shipped
    subjects = [*content.procedures.procedures, *content.faq.topics]
    assert shipped.digest == digest(subjects, Spoken.read()), "run `python -m bot tune`"


def test_every_question_and_message_is_held_out_once_and_unknown_meanwhile(few: list[Entry]) -> None:
    spoken = Spoken.read()
    made = list(folds(few, spoken))

    questions = [(line.accept[0], line.text) for fold in made for line in fold.questions]
    assert sorted(questions) == sorted((entry.id, said) for entry in few for said in entry.asked_as)
    assert len([line for fold in made for line in fold.messages]) == len(spoken.lines)
    assert len(made) == FOLDS
    for fold in made:
        known = {said for entry in fold.subjects for said in entry.asked_as}
        assert known.isdisjoint(line.text for line in fold.questions)
        assert len(fold.spoken.lines) + len(fold.messages) == len(spoken.lines)


def test_a_phrase_that_an_officer_adds_acts_at_once(knowledge: Knowledge) -> None:
    content = knowledge.content
    said = "chú bộ đội về làng muốn có cái phiếu xanh lá"
    entries = [
        entry.model_copy(update={"asked_as": (*entry.asked_as, said)}) if entry.id == "luu-tru" else entry
        for entry in content.procedures.procedures
    ]
    index = Index(entries, content.lexicon, content.phrases.commands, Linear.load(MODEL))

    assert index.understand(said).candidates[0].id == "luu-tru"
