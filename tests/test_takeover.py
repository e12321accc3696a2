"""A citizen and an officer, each in their own chat, with the bot between them or aside."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import App, _chores, build
from bot.dialogue.messages import Grant, Role
from tests.storage.test_cases import everything
from tests.support.doors import RecordingDoor, press, words
from tests.support.talking import move_clock, settings


class Two:
    """Bà Ba, who asks, and anh Tư, who works at the counter."""

    def __init__(self, app: App, door: RecordingDoor, folder: Path) -> None:
        self.app, self.door, self._folder, self._n = app, door, folder, 0

    async def says(self, who: str, text: str) -> list[str]:
        """What `who` receives after saying that."""
        return await self._does(who, text)

    async def presses(self, who: str, label: str) -> list[str]:
        """… after pressing the newest button with that label."""
        offered = [button for d in self.door.sent if d.address.id == who for button in d.reply.buttons]
        payload = next(button.payload for button in reversed(offered) if label in button.label)
        return await self._does(who, payload, pressed=True)

    async def _does(self, who: str, what: str, *, pressed: bool = False) -> list[str]:
        self._n += 1
        before = len(self.door.sent)
        event = f"e{self._n}"
        await self.app.inbox.accept(press(what, event, who) if pressed else words(what, event, who))
        await self.app.settle()
        return [d.reply.text for d in self.door.sent[before:] if d.address.id == who]

    async def waits(self, minutes: float) -> None:
        move_clock(self._folder, timedelta(minutes=minutes))
        for chore in _chores(self.app):
            await chore.do()
        await self.app.settle()

    def last(self, who: str) -> str:
        return self.door.texts(who)[-1]


@pytest.fixture
async def two(tmp_path: Path, door: RecordingDoor) -> AsyncIterator[Two]:
    async with build(settings(tmp_path), [door], chores=False) as app:
        both = Two(app, door, tmp_path)
        await both.says("tu", "xin chào")
        (tu,) = await app.storage._read(lambda c: c.execute("SELECT id FROM persons").fetchone())
        await app.storage.grant(tu, Grant(role=Role.OFFICER), "test", app.clock.now())
        yield both


async def asks(two: Two) -> None:
    await two.says("ba", "gặp cán bộ")
    await two.says("ba", "để lại câu hỏi")
    await two.says("ba", "con tôi sinh ở nhà thì lấy giấy chứng sinh ở đâu")


async def test_a_question_reaches_the_officers_chat_and_its_answer_comes_back(two: Two) -> None:
    await asks(two)
    assert "con tôi sinh ở nhà" in two.last("tu")

    await two.presses("tu", "Trả lời")
    heard = await two.says("tu", "Bác lấy ở trạm y tế xã nhé")

    assert "Đã chuyển câu trả lời" in heard[-1]
    assert "Bác lấy ở trạm y tế xã nhé" in two.last("ba")
    assert "GY-" in two.last("ba")


async def test_while_an_officer_answers_the_citizens_words_reach_only_the_officer(two: Two) -> None:
    await asks(two)
    await two.presses("tu", "Nhận việc")
    await two.presses("tu", "Trả lời trực tiếp")
    assert "đang trả lời bác" in two.last("ba")

    heard = await two.says("ba", "phí khai sinh bao nhiêu")

    assert heard == []
    assert "phí khai sinh bao nhiêu" in two.last("tu")
    await two.says("tu", "Không mất phí bác ạ")
    assert "Không mất phí bác ạ" in two.last("ba")
    assert await two.says("ba", "2") == []  # an answer to the officer, not a choice offered earlier
    assert "“2”" in two.last("tu")


async def test_menu_emergencies_and_stop_still_work_while_an_officer_answers(two: Two) -> None:
    await asks(two)
    await two.presses("tu", "Nhận việc")
    await two.presses("tu", "Trả lời trực tiếp")

    assert "Bác cần làm việc gì" in (await two.says("ba", "menu"))[-1]
    assert "114" in (await two.says("ba", "cháy nhà rồi cứu với"))[-1]
    assert "cháu lại trả lời bác" in (await two.says("ba", "dừng"))[-1]
    assert "không phải trả phí" in "".join(await two.says("ba", "phí khai sinh bao nhiêu"))


async def test_own_data_can_be_erased_while_an_officer_answers(two: Two) -> None:
    await asks(two)
    await two.presses("tu", "Nhận việc")
    await two.presses("tu", "Trả lời trực tiếp")

    await two.says("ba", "xóa dữ liệu của tôi")
    heard = await two.says("ba", "xóa hết")

    assert "Cháu đã xóa" in heard[-1]
    assert "không thấy việc nào" in (await two.says("tu", "dừng") + await two.presses("tu", "Nhận việc"))[-1]


async def test_the_bot_returns_when_the_officer_is_silent_for_half_an_hour(two: Two) -> None:
    await asks(two)
    await two.presses("tu", "Nhận việc")
    await two.presses("tu", "Trả lời trực tiếp")
    await two.waits(29)
    await two.says("tu", "Bác chờ tôi hỏi lại")
    await two.waits(29)
    assert await two.says("ba", "vâng") == []

    await two.waits(2)

    assert "cháu trả lời bác tiếp" in two.last("ba")
    assert "18001096" in two.last("ba")
    assert "không phải trả phí" in "".join(await two.says("ba", "phí khai sinh bao nhiêu"))


async def test_the_bot_returns_at_closing_time(two: Two) -> None:
    await two.waits(145)  # 11:25; the counter closes at 11:30
    await asks(two)
    await two.presses("tu", "Nhận việc")
    await two.presses("tu", "Trả lời trực tiếp")

    await two.waits(6)

    assert "cháu trả lời bác tiếp" in two.last("ba")


async def test_the_officer_gives_back_to_the_bot(two: Two) -> None:
    await asks(two)
    await two.presses("tu", "Nhận việc")
    await two.presses("tu", "Trả lời trực tiếp")
    heard = await two.presses("tu", "Trả lại cho bot")

    assert "Bot lại trả lời" in heard[-1]
    assert "giờ cháu lại trả lời bác" in two.last("ba")
    assert "không phải trả phí" in "".join(await two.says("ba", "phí khai sinh bao nhiêu"))


async def test_outside_hours_the_officer_is_told_when_the_counter_opens(two: Two) -> None:
    await two.waits(9 * 60)  # 18:00
    await asks(two)
    assert "mở lại lúc 07:30 ngày 24/11/2026" in two.last("ba")
    assert "con tôi sinh ở nhà" not in two.last("tu")

    await two.waits(14 * 60)

    assert "con tôi sinh ở nhà" in two.last("tu")


async def test_nobody_but_officers_can_use_their_buttons(two: Two) -> None:
    await asks(two)
    notice = next(d for d in two.door.sent if d.address.id == "tu" and d.reply.buttons and "GY-" in d.reply.text)
    for button in notice.reply.buttons:
        heard = await two._does("nam", button.payload, pressed=True)
        assert "không thấy việc nào" in heard[-1]
    code = notice.reply.buttons[0].payload.partition(":")[2]
    for payload in (f"case:{code}", f"more:{code}", f"answer-live:{code}", f"bot-back:{code}"):
        heard = await two._does("nam", payload, pressed=True)
        assert "không thấy việc nào" in heard[-1]


async def test_an_anonymous_case_is_pushed_to_nobody_and_answered_by_its_code(two: Two) -> None:
    await two.says("ba", "góp ý")
    await two.presses("ba", "Phản ánh")
    await two.presses("ba", "không kèm tên")
    heard = await two.says("ba", "cán bộ quầy ba hay đi trễ")
    code = next(word.strip(".:") for word in heard[-1].split() if word.startswith("GY-"))
    assert code not in "".join(two.door.texts("tu"))

    await two.says("tu", code)
    await two.presses("tu", "Trả lời")
    await two.says("tu", "Xã đã nhắc nhở, cảm ơn bác")

    assert "Xã đã nhắc nhở" not in "".join(two.door.texts("ba"))
    assert "Xã đã nhắc nhở" in "".join(await two.says("nam", f"mã {code}"))  # from another telephone
    assert "ghi thêm vào" in "".join(await two.says("nam", f"{code}: hôm nay lại trễ"))
    await two.says("tu", code)


async def test_after_anonymous_words_nothing_on_disk_names_their_person_or_their_hour(two: Two) -> None:
    await two.says("ba", "góp ý")
    await two.presses("ba", "Phản ánh")
    await two.presses("ba", "không kèm tên")
    heard = await two.says("ba", "cán bộ quầy ba hay đi trễ")
    code = next(word.strip(".:") for word in heard[-1].split() if word.startswith("GY-"))
    await two.says("ba", f"mã {code}")
    await two.says("ba", f"{code}: sáng nay lại trễ")
    await two.waits(0.1)

    rows = await everything(two.app.storage)
    about_it = re.compile(rf"{code[3:]}|đi trễ|di tre|lại trễ|complaint|không kèm tên|nameless", re.IGNORECASE)
    found = [(table, row) for table, all_ in rows.items() for row in all_ if about_it.search(str(row))]
    assert {table for table, _ in found} >= {"cases", "case_messages", "facts"}
    for table, row in found:
        assert not re.search(r"\d\d:\d\d|'ba'|'person_id': '", str(row)), (table, row)
