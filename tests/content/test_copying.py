"""No sentence of content is copied from a source; names are called as the law calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from content.copying import copies, main, names_in, our_texts, sources_in
from tests.content.conftest import GUIDE, Author

DATA = Path(__file__).parents[3] / "shared" / "data"

OFFICIAL = (
    "Người có yêu cầu đăng ký khai sinh thực hiện việc nộp hoặc xuất trình các giấy tờ sau đây tại Trung tâm Phục vụ"
    " hành chính công có thẩm quyền"
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with one row of the national database."""
    folder = tmp_path / "data"
    folder.mkdir()
    row = {
        "code": "1.001193",
        "name": "Đăng ký khai sinh",
        "steps": OFFICIAL,
        "result": [
            "Giấy chứng nhận quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất và nhà ở của hộ gia đình"
        ],
    }
    (folder / "rows.jsonl").write_text(json.dumps(row), encoding="utf-8")
    return folder


def found(author: Author, data: Path) -> list[str]:
    ours, names = our_texts(author.folder)
    return [str(one) for one in copies(ours, [*names, *names_in(data)], sources_in(data))]


def summary(author: Author, text: str) -> None:
    author.changes(GUIDE, "summary: Ghi tên bé vào sổ hộ tịch.", f"summary: >-\n  {text}")


def test_a_copied_sentence_is_named_where_it_stands(author: Author, data: Path) -> None:
    summary(author, f"Bác nhớ nhé. {OFFICIAL.lower()}!")
    (one,) = found(author, data)
    assert one.startswith(
        f"{GUIDE}:3:10: khai-sinh.summary: chép nguyên 16 tiếng của rows.jsonl (1.001193): “người có"
    )


def test_the_same_facts_in_our_own_words_are_no_copy(author: Author, data: Path) -> None:
    summary(
        author,
        "Người đi làm khai sinh nộp hoặc đưa cho xem các giấy tờ sau đây tại Trung tâm Phục vụ hành chính công.",
    )
    assert found(author, data) == []


def test_fifteen_syllables_are_no_copy_and_sixteen_are(author: Author, data: Path) -> None:
    words = OFFICIAL.split()
    summary(author, " ".join(words[:15]))
    assert found(author, data) == []
    author.changes(GUIDE, " ".join(words[:15]), " ".join(words[:16]))
    assert len(found(author, data)) == 1


def test_names_and_quotations_are_no_copies_and_end_a_run(author: Author, data: Path) -> None:
    result = "Giấy chứng nhận quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất và nhà ở của hộ gia đình"
    summary(author, f"Bác nhận {result} tại xã. Trên Cổng có dòng “{OFFICIAL}”.")
    author.changes(GUIDE, "name: Giấy kết hôn", f"name: {OFFICIAL}")
    assert found(author, data) == []
    author.changes(GUIDE, "result: [{text: Giấy khai sinh.}]", f"result: [{{text: '{OFFICIAL}.'}}]")
    assert found(author, data) == []  # it is now the name of a paper


def test_the_handbook_is_a_source_too(author: Author, data: Path) -> None:
    (data / "so-tay-dvc.txt").write_text(f"Trang 1\n{OFFICIAL}\n", encoding="utf-8")
    (data / "rows.jsonl").unlink()
    author.adds(GUIDE, f"returns: ['{OFFICIAL[:180]}']\n")
    (one,) = found(author, data)
    assert "của so-tay-dvc.txt" in one


def test_a_short_name_in_a_copied_sentence_does_not_hide_it(author: Author, data: Path) -> None:
    summary(author, " ".join(OFFICIAL.split()[:16]))
    author.changes(GUIDE, "name: Giấy kết hôn", "name: Đăng ký khai sinh")
    assert len(found(author, data)) == 1


def test_the_command_says_how_many_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "so-tay-x.txt").write_text("Một câu không ai chép.", encoding="utf-8")
    assert main(str(tmp_path)) == 0
    assert capsys.readouterr().out == "0 câu chép nguyên 16 tiếng trở lên.\n"


@pytest.mark.skipif(not DATA.is_dir(), reason="the surveyed sources are not here: ../shared/data")
def test_nothing_that_ships_is_copied_from_the_surveyed_sources() -> None:
    ours, names = our_texts()
    assert [str(one) for one in copies(ours, [*names, *names_in(DATA)], sources_in(DATA))] == []
