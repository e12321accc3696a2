"""Tips from the first yes to the last message: a whole house, people who take tips, and those who write them."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app import App, build
from bot.broadcasting import Broadcaster
from bot.dialogue.broadcasts import code_from
from bot.dialogue.messages import (
    Broadcast,
    BroadcastId,
    BroadcastState,
    Button,
    Carriage,
    Delivery,
    Grant,
    PersonId,
    Role,
    Segment,
    local_day,
)
from bot.errors import Refused, TryLater, Unclear
from bot.handlers.tip_texts import shown_code
from bot.small_numbers import shy
from bot.tip_report import campaign_report, tip_report
from tests.support.doors import CHANNEL, RecordingDoor, press, words
from tests.support.talking import move_clock, settings

TEXT = "Nhà có bé mới sinh, bác nhớ khai sinh trong 60 ngày. Ngồi nhà nộp trên mạng cũng được. Bấm nút dưới nhé."


class Commune:
    """A house in which several people talk, and time goes by as a test wishes."""

    def __init__(self, app: App, door: RecordingDoor, folder: Path) -> None:
        self.app, self.door, self.folder = app, door, folder
        self.broadcaster = Broadcaster(app.storage, app.clock, app.library, app.doors)
        self._n = 0

    async def says(self, person: str, *texts: str) -> list[Delivery]:
        return await self._hears(person, [words(text, self._event(), person) for text in texts])

    async def presses(self, person: str, label: str) -> list[Delivery]:
        """A button of the last message that this person got, by a piece of its label."""
        button = next(found for found in self.buttons(person) if label.lower() in found.label.lower())
        return await self._hears(person, [press(button.payload, self._event(), person)])

    async def _hears(self, person: str, inbounds: list) -> list[Delivery]:  # type: ignore[type-arg]
        before = len(self.door.sent)
        for inbound in inbounds:
            await self.app.inbox.accept(inbound)
            await self.app.settle()
        return [one for one in self.door.sent[before:] if one.address.id == person]

    def _event(self) -> str:
        self._n += 1
        return f"e{self._n}"

    def buttons(self, person: str) -> tuple[Button, ...]:
        return next(one.reply.buttons for one in reversed(self.door.sent) if one.address.id == person)

    def last(self, person: str) -> str:
        return self.door.texts(person)[-1]

    def got(self, person: str) -> list[str]:
        """The tips that this person has."""
        starts = ("💡", "⚠ THÔNG BÁO")
        return [text for text in self.door.texts(person) if text.startswith(starts) and not text.endswith("]")]

    async def person(self, name: str) -> PersonId:
        accepted = await self.app.inbox.accept(words("chào", self._event(), name))
        await self.app.settle()
        return accepted.person

    async def takes_tips(self, *names: str, hamlet: str = "Bỏ qua") -> None:
        for name in names:
            await self.says(name, "nhận mẹo")
            await self.presses(name, "Có, gửi")
            await self.presses(name, hamlet)

    async def is_a(self, role: Role, name: str) -> PersonId:
        person = await self.person(name)
        await self.app.storage.grant(person, Grant(role=role), "test", self.app.clock.now())
        return person

    async def goes_on(self, by: timedelta = timedelta(seconds=1), times: int = 1) -> None:
        for _ in range(times):
            move_clock(self.folder, by)
            await self.broadcaster.tick()
            await self.app.settle()

    async def files_online(self, name: str, *, helped: bool = False) -> None:
        """That person goes through a whole walk and says that it was submitted online."""
        await self.says(name, "làm giấy khai sinh", "làm từng bước", "trên mạng")
        for _ in range(40):
            labels = [button.label for button in self.buttons(name)]
            if "Đã nộp trên mạng, tôi tự làm" in labels:
                break
            move_clock(self.folder, timedelta(seconds=1))  # who presses twenty times in no time is slowed down
            known = [label for label in ("Xong", "Đi tiếp: xem các bước") if label in labels]
            await self.presses(name, known[0] if known else labels[0])
        await self.presses(name, "có người giúp" if helped else "tôi tự làm")
        await self.presses(name, "Bỏ qua")
        assert any("Chúc mừng" in text for text in self.door.texts(name)[-2:])

    async def approved(self, text: str = TEXT, **more: object) -> Broadcast:
        """A tip that an officer has said yes to."""
        id_ = BroadcastId(f"tip{self._n:05}")
        self._n += 1
        one = Broadcast(
            id=id_,
            code=code_from(f"{self._n}bcdefgh"),
            author="volunteer",
            created_at=self.app.clock.now(),
            text=text,
            state=BroadcastState.APPROVED,
            guide="khai-sinh",
            approver="officer",
            **more,  # type: ignore[arg-type]
        )
        return await self.app.storage.save_broadcast(one, None, "test", self.app.clock.now())


@pytest.fixture
async def commune(tmp_path: Path) -> AsyncIterator[Commune]:
    door = RecordingDoor()
    async with build(settings(tmp_path), [door], chores=False) as app:
        yield Commune(app, door, tmp_path)


# --- saying yes ---------------------------------------------------------------------------------------------------


async def test_who_says_yes_chooses_hamlet_and_topics_and_may_stop_any_time(commune: Commune) -> None:
    await commune.says("ba", "nhan meo")
    assert "dừng mẹo" in commune.last("ba")
    await commune.presses("ba", "Có, gửi")
    await commune.presses("ba", "bản Nà Lúa")
    await commune.presses("ba", "Hộ tịch")
    await commune.presses("ba", "Vậy là đủ")
    assert "bản Nà Lúa" in commune.last("ba")

    there = Segment(places=("ban-na-lua",), topics=("ho-tich",))
    elsewhere = Segment(topics=("dat-nha",))
    storage, now = commune.app.storage, commune.app.clock.now()
    carriages = {CHANNEL: Carriage(channel=CHANNEL)}
    assert (await storage.audience(there, carriages, now)).people == 1
    assert (await storage.audience(elsewhere, carriages, now)).people == 0

    await commune.says("ba", "dừng mẹo")
    assert (await storage.audience(Segment(), carriages, now)).people == 0
    await commune.says("ba", "làm giấy khai sinh")
    assert "KHAI SINH" in commune.last("ba")


async def test_tips_are_offered_after_a_finished_walk_and_never_asked_twice(commune: Commune) -> None:
    await commune.files_online("ba")
    assert "Nhận mẹo giấy tờ" in [button.label for button in commune.buttons("ba")]
    await commune.says("ba", "nhận mẹo", "không, cảm ơn")
    await commune.files_online("ba")

    assert "Nhận mẹo giấy tờ" not in [button.label for button in commune.buttons("ba")]


# --- writing and approving ----------------------------------------------------------------------------------------


async def test_a_volunteer_writes_an_officer_approves_and_people_get_it(commune: Commune) -> None:
    await commune.is_a(Role.VOLUNTEER, "doan")
    await commune.is_a(Role.OFFICER, "canbo")
    await commune.takes_tips("ba", "tu")

    await commune.says("doan", "soạn mẹo")
    await commune.presses("doan", "Tự soạn")
    await commune.says("doan", "Gọi ngay 0912 345 678 để được giúp làm giấy khai sinh nhanh cho cháu.")
    assert "chưa gửi được" in commune.last("doan")
    await commune.says("doan", TEXT)
    await commune.says("doan", "khai sinh")
    await commune.presses("doan", "Đăng ký khai sinh")
    assert "Tới dưới 5 người" in commune.last("doan")
    assert "Duyệt và gửi" not in [button.label for button in commune.buttons("doan")]
    await commune.presses("doan", "Gửi duyệt")

    assert "chờ duyệt" in commune.last("canbo")
    await commune.presses("canbo", "Mở mẹo này")
    await commune.presses("canbo", "Duyệt và gửi")
    await commune.goes_on(times=3)
    assert [len(commune.got(name)) for name in ("ba", "tu", "doan", "canbo")] == [1, 1, 0, 0]
    assert TEXT in commune.got("ba")[0]
    assert "đã gửi xong" in commune.last("doan")

    await commune.presses("ba", "Mở hướng dẫn")
    assert "khai sinh" in commune.last("ba").lower()


async def test_nobody_approves_their_own(commune: Commune) -> None:
    await commune.is_a(Role.OFFICER, "canbo")
    await commune.says("canbo", "soạn mẹo")
    await commune.presses("canbo", "Mẹo soạn sẵn")
    await commune.presses("canbo", "Khai sinh trong 60")
    await commune.presses("canbo", "Gửi duyệt")
    id_ = commune.buttons("canbo")[-2].payload.split(":")[1]
    await commune._hears("canbo", [press(f"tip-move:{id_}:approve", "own", "canbo")])

    assert "không tự duyệt được" in commune.last("canbo")


async def test_an_emergency_wants_a_second_yes_and_goes_out_at_night(commune: Commune) -> None:
    await commune.is_a(Role.OFFICER, "canbo")
    await commune.takes_tips("ba")
    move_clock(commune.folder, timedelta(hours=13))  # 22:00
    await commune.says("canbo", "soạn mẹo")
    await commune.presses("canbo", "Tự soạn")
    await commune.says("canbo", "Nước suối lên nhanh. Bà con bản Nà Lúa lên nhà văn hóa ngay trong đêm nay.")
    await commune.presses("canbo", "Không có nút")
    await commune.presses("canbo", "tin khẩn")
    await commune.presses("canbo", "Duyệt và gửi")
    await commune.goes_on(times=2)
    assert commune.got("ba") == []
    await commune.presses("canbo", "Chắc chắn")
    await commune.goes_on(times=2)

    assert commune.got("ba")[0].startswith("⚠ THÔNG BÁO KHẨN của xã Suối Hoa")


# --- sending ------------------------------------------------------------------------------------------------------


async def test_nothing_leaves_in_quiet_hours_and_all_of_it_at_seven(commune: Commune) -> None:
    await commune.takes_tips("ba", "tu")
    move_clock(commune.folder, timedelta(hours=12))  # 21:00
    await commune.approved()
    await commune.goes_on(times=3)
    assert commune.got("ba") == []
    await commune.goes_on(timedelta(hours=10))

    assert len(commune.got("ba")) == len(commune.got("tu")) == 1


async def test_a_tip_waits_while_an_officer_talks_with_that_person(commune: Commune) -> None:
    await commune.takes_tips("ba", "sau")
    await commune.is_a(Role.OFFICER, "tu")
    await commune.says("ba", "gặp cán bộ", "để lại câu hỏi", "con tôi sinh ở nhà thì lấy giấy chứng sinh ở đâu")
    await commune.presses("tu", "Nhận việc")
    await commune.presses("tu", "Trả lời trực tiếp")
    await commune.approved()
    await commune.goes_on(times=3)
    assert (commune.got("ba"), len(commune.got("sau"))) == ([], 1)

    await commune.goes_on(timedelta(minutes=31), times=2)

    assert len(commune.got("ba")) == 1


async def test_a_person_gets_two_tips_a_week_and_no_more(commune: Commune) -> None:
    await commune.takes_tips("ba")
    sent = [await commune.approved() for _ in range(3)]
    await commune.goes_on(times=3)

    assert len(commune.got("ba")) == 2
    left = [await commune.app.storage.progress(one.id) for one in sent]
    assert sorted(progress.count("left", "weekly") for progress in left) == [0, 0, 1]

    await commune.approved(emergency=True)
    await commune.goes_on(times=2)
    assert len(commune.got("ba")) == 3
    await commune.goes_on(timedelta(days=8))
    await commune.approved()
    await commune.goes_on(times=2)
    assert len(commune.got("ba")) == 4


async def test_paused_nothing_leaves_and_it_goes_on_where_it_stopped(commune: Commune) -> None:
    names = [f"n{number}" for number in range(12)]
    await commune.takes_tips(*names)
    commune.door.troubles["n3"].append(TryLater("429", after=30))
    one = await commune.approved()
    await commune.is_a(Role.OFFICER, "canbo")
    await commune.goes_on()
    assert sum(len(commune.got(name)) for name in names) == 11
    await commune.says("canbo", "việc mẹo")
    await commune.presses("canbo", "đang gửi")
    await commune.presses("canbo", "Tạm dừng")
    await commune.goes_on(timedelta(minutes=5), times=2)
    assert commune.got("n3") == []
    await commune.presses("canbo", "Gửi tiếp")
    await commune.goes_on(times=2)

    assert all(len(commune.got(name)) == 1 for name in names)
    assert (await commune.app.storage.broadcast(one.id)).state is BroadcastState.DONE  # type: ignore[union-attr]


async def test_recalled_the_unsent_is_dropped_and_the_sent_corrected(commune: Commune) -> None:
    names = ["ba", "tu", "nam"]
    await commune.takes_tips(*names)
    commune.door.troubles["nam"].append(TryLater("429", after=60))
    one = await commune.approved()
    await commune.is_a(Role.OFFICER, "canbo")
    await commune.goes_on()
    await commune.says("canbo", "việc mẹo")
    await commune.presses("canbo", "đang gửi")
    await commune.presses("canbo", "Rút lại")
    await commune.says("canbo", "Hạn khai sinh là 60 ngày, quá hạn vẫn làm được. Xin lỗi bà con vì tin trước.")
    await commune.goes_on(timedelta(minutes=5), times=2)

    assert "sửa lại tin mã" in commune.last("ba")
    assert "quá hạn vẫn làm được" in commune.last("tu")
    assert commune.got("nam") == []
    assert not any("sửa lại" in text for text in commune.door.texts("nam"))
    progress = await commune.app.storage.progress(one.id)
    assert (progress.count("sent"), progress.count("cancelled", "recalled"), progress.count("taken-back")) == (
        2,
        1,
        2,
    )
    assert "đã được sửa lại" in (await commune.says("tu", shown_code(one.code)))[0].reply.text


async def test_the_sums_add_up_whatever_became_of_each(commune: Commune) -> None:
    names = [f"n{number}" for number in range(20)]
    await commune.takes_tips(*names)
    commune.door.troubles["n1"].append(Refused("blocked", gone=True))
    commune.door.troubles["n2"].append(Unclear("cut"))
    commune.door.troubles["n4"].append(TryLater("429", after=3))
    await commune.says("n5", "dừng mẹo")
    one = await commune.approved()
    await commune.goes_on(times=8)
    await commune.says("n6", "xóa dữ liệu của tôi")

    progress = await commune.app.storage.progress(one.id)
    assert progress.planned == 19
    counted = {what: progress.count(what) for what in ("sent", "refused", "unknown", "left", "cancelled")}
    assert counted == {"sent": 17, "refused": 1, "unknown": 1, "left": 0, "cancelled": 0}
    assert progress.fed == sum(counted.values()) - counted["left"]
    assert (progress.waiting, progress.to_come) == (0, 0)


async def test_whoever_is_erased_while_a_tip_waits_is_counted_and_gets_nothing(commune: Commune) -> None:
    await commune.takes_tips("ba", "tu")
    commune.door.troubles["tu"].append(TryLater("429", after=60))
    one = await commune.approved()
    await commune.goes_on()
    await commune.says("tu", "xóa dữ liệu của tôi")
    await commune.presses("tu", "Xóa hết")
    await commune.goes_on(timedelta(minutes=2), times=2)

    progress = await commune.app.storage.progress(one.id)
    assert commune.got("tu") == []
    assert (progress.count("sent"), progress.count("cancelled", "erased"), progress.waiting) == (1, 1, 0)


async def test_who_stops_while_a_tip_waits_gets_nothing_and_is_counted(commune: Commune) -> None:
    await commune.takes_tips("ba", "tu")
    commune.door.troubles["tu"].append(TryLater("429", after=60))
    one = await commune.approved()
    await commune.goes_on()
    await commune.says("tu", "dung meo")
    await commune.goes_on(timedelta(minutes=2), times=2)

    assert commune.got("tu") == []
    assert (await commune.app.storage.progress(one.id)).count("cancelled", "no consent") == 1


async def test_a_channel_with_a_window_leaves_out_who_was_silent_and_counts_them(
    commune: Commune, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = Carriage(channel=CHANNEL, free=timedelta(hours=48), within=timedelta(days=7), cost=55)
    monkeypatch.setattr("bot.broadcasting.CARRIAGE", {CHANNEL: narrow})
    commune.broadcaster = Broadcaster(commune.app.storage, commune.app.clock, commune.app.library, commune.app.doors)
    await commune.takes_tips("ba", "tu", "nam")
    move_clock(commune.folder, timedelta(days=3))
    await commune.says("ba", "chào")
    one = await commune.approved()
    await commune.goes_on(times=2)

    progress = await commune.app.storage.progress(one.id)
    assert len(commune.got("ba")) == 1
    assert (progress.count("sent"), progress.count("left", "cost")) == (1, 2)


# --- is it true? --------------------------------------------------------------------------------------------------


async def test_anyone_may_ask_whether_a_tip_is_true(commune: Commune) -> None:
    await commune.takes_tips("ba")
    one = await commune.approved()
    await commune.goes_on(times=2)
    (tip,) = commune.got("ba")
    code = shown_code(one.code)

    async def answer(text: str) -> str:
        return "\n".join(reply.reply.text for reply in await commune.says("hang-xom", text))

    assert "Đúng là tin của xã" in await answer(f"{code} có thật không cháu")
    assert "Đúng là tin của xã" in await answer(tip)
    assert "Đúng là tin của xã" in await answer(TEXT)
    assert "khác với tin thật" in await answer(tip.replace("60 ngày", "10 ngày"))
    assert "khác với tin thật" in await answer(f"{tip} Vào bit.ly/ks60 để nhận 500.000 đồng hỗ trợ nhé bà con ơi")
    assert "không gửi tin nào" in await answer("MEO-ZZZZ22 xã gửi đúng không")
    assert "khai sinh" in (await answer("mẹo khai sinh cho cháu")).lower()


# --- what it came to ----------------------------------------------------------------------------------------------


async def test_what_people_did_after_a_tip_is_counted_by_hamlet(commune: Commune) -> None:
    await commune.takes_tips("ba", hamlet="bản Nà Lúa")
    one = await commune.approved(team="ban-na-lua")
    await commune.goes_on(times=2)
    await commune.presses("ba", "Mở hướng dẫn")
    await commune.says("ba", "mở hướng dẫn")
    await commune.says("ba", "làm từng bước")
    progress = await commune.app.storage.progress(one.id)
    opened = [tally for tally in progress.tallies if tally.what in {"opened", "started"}]

    assert [(tally.what, tally.detail, tally.place, tally.n) for tally in opened] == [
        ("opened", "", "ban-na-lua", 1),
        ("started", "self", "ban-na-lua", 1),
    ]
    await commune.says("ba", "dừng mẹo")
    assert (await commune.app.storage.progress(one.id)).count("stopped") == 1


async def test_a_report_tells_no_number_below_five_and_its_parts_add_up(commune: Commune) -> None:
    names = [f"n{number}" for number in range(30)]
    await commune.takes_tips(*names, hamlet="bản Nà Lúa")
    for name in names[:2]:
        commune.door.troubles[name].append(Refused("Forbidden", gone=True))
    one = await commune.approved()
    await commune.goes_on(times=3)
    for name in names[10:16]:
        await commune.says(name, "làm giấy khai sinh", "làm từng bước")
    found = await commune.app.storage.broadcast(one.id)
    assert found
    report = tip_report(commune.app.library.knowledge, found, await commune.app.storage.progress(one.id))

    assert report.as_dict() | {"code": ""} == {
        "code": "",
        "planned": 30,
        "sent": "ít nhất 25",
        "refused/đã chặn bot": "dưới 5",
        "opened": 0,
        "started": 6,
        "online/self": 0,
        "online/assisted": 0,
        "counter/self": 0,
        "counter/assisted": 0,
        "stopped": 0,
    }
    assert "Đã tới: ít nhất 25" in report.text()


@given(st.dictionaries(st.integers(), st.integers(0, 60), max_size=8))
def test_nothing_below_five_can_be_had_from_a_report_even_by_subtraction(parts: dict[int, int]) -> None:
    shown = shy(parts)
    exact = {key: one.exact for key, one in shown.items() if one.exact is not None}

    assert all(exact[key] == parts[key] for key in exact)
    assert not [n for n in exact.values() if 0 < n < 5]
    rest = sum(parts.values()) - sum(exact.values())
    assert rest == 0 or rest >= 5 or sum(parts.values()) < 5


async def test_a_campaign_is_told_by_team_and_hamlet_assisted_and_self_apart(commune: Commune) -> None:
    names = [f"n{number}" for number in range(12)]
    await commune.takes_tips(*names, hamlet="bản Nà Lúa")
    await commune.approved(team="thon-cay-thi")
    await commune.goes_on(times=2)
    for name in names:
        await commune.files_online(name, helped=name in names[7:])
    today = local_day(commune.app.clock.now())
    counted = await commune.app.storage.campaign(today - timedelta(days=90), today)
    report = campaign_report(commune.app.library.knowledge, counted, today - timedelta(days=90), today)

    assert report.as_dict()["online"] == {"self": 7, "assisted": 5}
    assert report.as_dict()["rows"] == [{"team": "thôn Cây Thị", "hamlet": "bản Nà Lúa", "self": 7, "assisted": 5}]


# --- asking after a walk ------------------------------------------------------------------------------------------


async def test_a_walk_that_was_put_aside_is_asked_after_only_with_its_own_yes(commune: Commune) -> None:
    await commune.says("ba", "làm giấy khai sinh", "làm từng bước", "tạm dừng")
    await commune.presses("ba", "Hỏi thăm tôi")
    before = len(commune.door.texts("ba"))
    await commune.goes_on(timedelta(days=2))
    assert len(commune.door.texts("ba")) == before
    await commune.goes_on(timedelta(days=1, hours=1))
    assert "Bác làm tới đâu rồi" in commune.last("ba")


async def test_nobody_is_asked_after_a_walk_that_went_on(commune: Commune) -> None:
    await commune.says("ba", "làm giấy khai sinh", "làm từng bước", "tạm dừng")
    await commune.presses("ba", "Hỏi thăm tôi")
    await commune.says("ba", "tiếp tục", "tạm dừng")
    await commune.goes_on(timedelta(days=4))

    assert "Bác làm tới đâu rồi" not in commune.last("ba")


async def test_the_erased_author_of_a_tip_leaves_only_a_hash(commune: Commune) -> None:
    person = await commune.is_a(Role.VOLUNTEER, "doan")
    await commune.says("doan", "soạn mẹo")
    await commune.presses("doan", "Mẹo soạn sẵn")
    await commune.presses("doan", "Khai sinh trong 60")
    await commune.says("doan", "xóa dữ liệu của tôi")
    await commune.presses("doan", "Xóa hết")

    with sqlite3.connect(commune.folder / "camtay.db") as database:
        (author,) = database.execute("SELECT author FROM broadcasts").fetchone()
    assert author != person
