"""A tip in a Telegram chat: how it looks there, and how it is taken back."""

from __future__ import annotations

from pathlib import Path

from tests.support.talking import TelegramTalker, telegram
from tests.support.telegram import BOT
from tests.support.tipping import got_a_tip, recalled

ME = 1001


def shown(ba: TelegramTalker) -> list[str]:
    """What the bot's messages in the chat say now, the oldest first."""
    ours = [message for message in ba.server.chats[ME].values() if message["from"]["id"] == BOT["id"]]
    return [message.get("text") or message.get("caption") or "" for message in ours]


async def test_a_tip_comes_with_its_buttons_and_opens_its_guide(tmp_path: Path) -> None:
    async with telegram(tmp_path) as ba:
        await got_a_tip(ba)
        tip = list(ba.server.chats[ME].values())[-1]
        labels = [button["text"] for row in tip["reply_markup"]["inline_keyboard"] for button in row]
        assert tip["text"].startswith("💡 Mẹo của xã Suối Hoa")
        assert labels == ["Mở hướng dẫn", "Dừng mẹo"]
        heard = await ba.press("tip-open:nhacnho1")

    assert "ĐĂNG KÝ KHAI SINH" in heard[-1].text


async def test_a_recalled_tip_vanishes(tmp_path: Path) -> None:
    async with telegram(tmp_path) as ba:
        one = await got_a_tip(ba)
        await recalled(ba, one, "")

        assert not [text for text in shown(ba) if "60 ngày" in text]
        assert "rút lại" in (await ba.say("MEO-ABC234"))[0].text


async def test_a_corrected_tip_is_changed_where_it_stands(tmp_path: Path) -> None:
    async with telegram(tmp_path) as ba:
        one = await got_a_tip(ba)
        before = len(shown(ba))
        await recalled(ba, one, "Quá 60 ngày vẫn khai sinh được.")

        assert len(shown(ba)) == before
        assert shown(ba)[-1].startswith("xã Suối Hoa sửa lại tin mã MEO-ABC234")


async def test_a_tip_with_a_picture_is_corrected_in_words_below_it(tmp_path: Path) -> None:
    async with telegram(tmp_path) as ba:
        one = await got_a_tip(ba, image="mo-cong", image_alt="Trang đầu của Cổng")
        assert list(ba.server.chats[ME].values())[-1]["photo"]
        await recalled(ba, one, "Quá 60 ngày vẫn khai sinh được.")

        assert shown(ba)[-1].startswith("xã Suối Hoa sửa lại")


async def test_a_tip_that_they_deleted_themselves_is_recalled_without_a_word(tmp_path: Path) -> None:
    async with telegram(tmp_path) as ba:
        one = await got_a_tip(ba)
        del ba.server.chats[ME][max(ba.server.chats[ME])]
        before = len(shown(ba))
        await recalled(ba, one, "")
        assert ba.app
        progress = await ba.app.storage.progress(one.id)

        assert len(shown(ba)) == before
        assert progress.count("taken-back", "sent") == 1
