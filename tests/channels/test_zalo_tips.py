"""A tip on a Zalo Official Account: only inside the free window, and corrected in words."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.talking import ZaloTalker, move_clock, zalo
from tests.support.tipping import got_a_tip, recalled, says_yes, sent


def heard(ba: ZaloTalker) -> list[str]:
    """What the Official Account has written, the oldest first."""
    return [str(message.get("text")) for message in ba.server.heard()]


def labels(message: dict[str, object]) -> list[str]:
    return [str(button["title"]) for button in message["buttons"]]  # type: ignore[attr-defined]


def passes(ba: ZaloTalker, hours: float) -> None:
    move_clock(ba.folder, timedelta(hours=hours))


async def test_a_tip_inside_the_free_window_comes_with_its_buttons_and_opens_its_guide(tmp_path: Path) -> None:
    async with zalo(tmp_path) as ba:
        await got_a_tip(ba)
        tip = ba.server.heard()[-1]
        assert str(tip["text"]).startswith("💡 Mẹo của xã Suối Hoa")
        assert labels(tip) == ["Mở hướng dẫn", "Dừng mẹo"]
        answer = await ba.press("tip-open:nhacnho1")

        assert "ĐĂNG KÝ KHAI SINH" in answer[-1].text
        assert ba.server.illegal == []
        assert ba.server.spent() == 0


@pytest.mark.parametrize(("hours", "reason"), [(49, "cost"), (24 * 8, "window")])
async def test_who_wrote_too_long_ago_is_left_out_and_counted(tmp_path: Path, hours: float, reason: str) -> None:
    async with zalo(tmp_path) as ba:
        await says_yes(ba)
        before = heard(ba)
        passes(ba, hours)
        one = await sent(ba)
        assert ba.app
        progress = await ba.app.storage.progress(one.id)

        assert heard(ba) == before
        assert progress.count("left", reason) == 1
        assert progress.planned == 1
        assert ba.server.illegal == []
        assert ba.server.spent() == 0


@pytest.mark.parametrize(
    ("correction", "words"),
    [("", "rút lại"), ("Quá 60 ngày vẫn khai sinh được.", "Quá 60 ngày vẫn khai sinh được.")],
)
async def test_a_tip_taken_back_is_followed_by_a_word_about_it(tmp_path: Path, correction: str, words: str) -> None:
    async with zalo(tmp_path) as ba:
        one = await got_a_tip(ba)
        before = heard(ba)
        await recalled(ba, one, correction)

        (said,) = heard(ba)[len(before) :]
        assert words in said
        assert "MEO-ABC234" in said
        assert ba.server.illegal == []


async def test_once_the_window_has_closed_nothing_is_attempted_to_take_it_back(tmp_path: Path) -> None:
    async with zalo(tmp_path) as ba:
        one = await got_a_tip(ba)
        before = heard(ba)
        passes(ba, 49)
        await recalled(ba, one, "Quá 60 ngày vẫn khai sinh được.")
        assert ba.app
        progress = await ba.app.storage.progress(one.id)

        assert heard(ba) == before
        assert progress.count("taken-back", "refused") == 1
        assert ba.server.illegal == []
        assert "sửa lại" in (await ba.say("MEO-ABC234"))[0].text
