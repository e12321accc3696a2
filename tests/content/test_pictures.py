"""Pictures of steps: drawn, light, told in words, and shown at every door that can."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from bot.errors import ContentError
from bot.knowledge import Knowledge
from content import FOLDER, load
from content.models import Picture
from tests.support.talking import web

NAMED = {
    step.picture.file: step.picture
    for guide in load().guides.values()
    for way in guide.steps
    for step in guide.walk_steps(way)
    if step.picture
}


def test_every_step_through_the_portal_has_its_picture() -> None:
    portal = {"mo-cong", "xac-nhan", "tim-thu-tuc", "chon-co-quan", "dinh-kem", "nop", "tra-phi", "ma-ho-so"}
    assert portal <= NAMED.keys()


def test_every_drawing_is_used() -> None:
    assert {file.stem for file in (FOLDER / "pictures").glob("*.svg")} == NAMED.keys()


@pytest.mark.parametrize("picture", NAMED.values(), ids=lambda picture: picture.file)
def test_a_picture_is_drawn_light_and_told_in_words(picture: Picture) -> None:
    drawn, source = (FOLDER / "pictures" / f"{picture.file}.{kind}" for kind in ("png", "svg"))

    assert drawn.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert drawn.stat().st_size < 200_000
    assert "<svg" in source.read_text(encoding="utf-8")
    assert len(picture.alt.split()) >= 8


def test_a_picture_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "steps.yaml").write_text(
        "groups:\n  vao-cong:\n    - id: mo-cong\n      picture: {file: no-such, alt: x}\n", encoding="utf-8"
    )
    with pytest.raises(ContentError, match=r"thiếu tệp pictures/no-such\.png"):
        load(overlay=tmp_path)


def test_a_picture_too_heavy_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "mo-cong.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 1_100_000)
    with pytest.raises(ContentError, match="hình nặng"):
        load(overlay=tmp_path)


async def test_the_chat_shows_it_and_the_server_has_it(knowledge: Knowledge, tmp_path: Path) -> None:
    async with web(tmp_path) as visitor:
        assert visitor.socket
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{visitor.url}/pictures/mo-cong.png") as answer:
                assert answer.status == 200
                assert answer.content_type == "image/png"
                tag = answer.headers["ETag"]
            again = {"If-None-Match": tag}
            async with session.get(f"{visitor.url}/pictures/mo-cong.png", headers=again) as answer:
                assert answer.status == 304
            for nowhere in ("no-such", "..%2Fsteps", "mo-cong.png%00"):
                async with session.get(f"{visitor.url}/pictures/{nowhere}.png") as answer:
                    assert answer.status in {400, 404}
            async with session.get(f"{visitor.url}/thu-tuc/khai-sinh") as answer:
                assert NAMED["mo-cong"].alt.split("“")[0] in await answer.text()
