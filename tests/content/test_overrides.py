"""What a commune says instead of what ships is listed beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from content.overrides import overrides
from tests.content.conftest import GUIDE, LOCALITY, Author


def listed(author: Author) -> list[str]:
    """As the command lists them, without the folder."""
    author.loads()
    return [str(one).replace(f"{author.overlay}/", "") for one in overrides(author.folder, author.overlay)]


def test_a_field_stands_beside_what_it_replaces(author: Author) -> None:
    author.lays_over(GUIDE, "id: khai-sinh\npapers:\n  - {id: ket-hon, name: Giấy cưới}\n")
    assert listed(author) == [f"{GUIDE}:3:25: khai-sinh.papers.ket-hon.name: Giấy kết hôn → Giấy cưới"]


def test_what_is_new_and_what_changes_nothing_are_told_apart(author: Author) -> None:
    author.lays_over(
        GUIDE,
        "summary: Ghi tên bé vào sổ hộ tịch.\nnotes: [Gọi trước khi đến.]\n"
        "papers: [{id: so, name: Sổ, form: show}]\n",
    )
    assert [one.partition(": ")[2] for one in listed(author)] == [
        "khai-sinh.summary: Ghi tên bé vào sổ hộ tịch. (giống bản gốc, bỏ đi được)",
        'khai-sinh.notes: thêm ["Gọi trước khi đến."]',
        'khai-sinh.papers.so: thêm {"id": "so", "name": "Sổ", "form": "show"}',
    ]


def test_lists_without_ids_and_those_of_the_locality_are_replaced_whole(author: Author) -> None:
    author.lays_over(GUIDE, "result: [{text: Giấy.}]\n")
    author.lays_over(LOCALITY, "hamlets: [{id: thon-1, name: Thôn Một}]\n")
    found = listed(author)
    assert 'khai-sinh.result: [{"text": "Giấy khai sinh."}] → [{"text": "Giấy."}]' in found[1]
    assert '"name": "Thôn 2"}] → [{"id": "thon-1", "name": "Thôn Một"}]' in found[0]


def test_a_file_of_its_own_is_named(author: Author) -> None:
    author.lays_over(GUIDE.replace("khai-sinh", "rieng"), author.reads(GUIDE).replace("khai-sinh", "rieng"))
    author.lays_over(
        "procedures.yaml",
        "procedures: [{id: rieng, codes: [1.001193], name: Riêng, short: Riêng, field: ho-tich}]\n",
    )
    assert [one.partition(": ")[2] for one in listed(author)][1] == "rieng: tệp mới"


def test_without_an_overlay_there_is_nothing_to_list(author: Author) -> None:
    assert overrides(author.folder, None) == []


def test_the_command_lists_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "guides").mkdir()
    (tmp_path / GUIDE).write_text("changed_recently: Xã nhận cả sáng thứ bảy.\n", encoding="utf-8")
    monkeypatch.setenv("CAMTAY_CONTENT_DIR", str(tmp_path))
    spoken = CliRunner().invoke(main, ["check", "--overrides"])
    assert "Xã ghi khác: " in spoken.output
    assert "Xã nhận cả sáng thứ bảy." in spoken.output
    assert "Xã ghi khác 1 chỗ." in spoken.output
    (one,) = json.loads(CliRunner().invoke(main, ["check", "--overrides", "--json"]).output)["overrides"]
    assert one.startswith(f"{tmp_path / GUIDE}:1:19: khai-sinh.changed_recently: ")
