"""The index kept from the last start: the same answers, and never one built from something else."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from bot.knowledge import Knowledge
from bot.understanding import Index
from bot.understanding.prepared import FILE, prepared

ASKED = ["lam giay khai sinh cho chau", "sao y bản chính ở đâu", "xin chào", "thời tiết hôm nay", "giay to gi"]


@pytest.fixture(autouse=True)
def builds(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What an index was built of. Building is not looked at here: whoever has to build gets the one that is there."""
    builds: list[object] = []

    def build(content: object) -> Index:
        builds.append(content)
        return knowledge.index

    monkeypatch.setattr(Index, "build", build)
    return builds


def test_a_kept_index_understands_as_the_built_one_does(knowledge: Knowledge, tmp_path: Path) -> None:
    built = prepared(knowledge.content, tmp_path)
    kept = prepared(knowledge.content, tmp_path)

    assert kept is not built
    for text in ASKED:
        assert kept.understand(text) == knowledge.index.understand(text)


def test_other_content_is_not_served_by_it(knowledge: Knowledge, tmp_path: Path, builds: list[object]) -> None:
    prepared(knowledge.content, tmp_path)
    other = replace(knowledge.content, digest="other")

    prepared(other, tmp_path)
    assert builds == [knowledge.content, other]
    prepared(other, tmp_path)
    assert len(builds) == 2


class _Evil:
    def __reduce__(self) -> object:
        return (Path.unlink, (Path("/tmp/never"),))


@pytest.mark.parametrize("damage", ["cut", "empty", "foreign", "garbage"])
def test_a_damaged_file_is_built_over(
    knowledge: Knowledge, tmp_path: Path, damage: str, builds: list[object]
) -> None:
    prepared(knowledge.content, tmp_path)
    file = tmp_path / FILE
    whole = file.read_bytes()
    file.write_bytes(
        {
            "cut": whole[: len(whole) // 2],
            "empty": b"",
            "foreign": whole[:32] + pickle.dumps(_Evil()),
            "garbage": whole[:32] + b"\x80\x05garbage" * 100,
        }[damage]
    )

    index = prepared(knowledge.content, tmp_path)

    assert len(builds) == 2
    assert index.understand(ASKED[0]) == knowledge.index.understand(ASKED[0])
    assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_written_is_no_trouble(knowledge: Knowledge, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")

    assert prepared(knowledge.content, in_the_way / "folder").understand(ASKED[0]).candidates
