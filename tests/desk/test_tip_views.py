"""The desk's page of tips: what it shows and what its forms do, on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.desk.tip_views import (
    Done,
    Person,
    TipForm,
    make_move,
    script_of,
    script_view,
    tip_view,
    tips_view,
    write_tip,
)
from bot.dialogue.messages import BroadcastState, Carriage, Grant, Role
from bot.knowledge import Knowledge
from storage import Storage, open_storage

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
AUTHOR = Person(id="doan", grants=(Grant(role=Role.VOLUNTEER, place="ban-na-lua"),))
OFFICER = Person(id="canbo", grants=(Grant(role=Role.OFFICER),))
CITIZEN = Person(id="ba", grants=())
CHANNELS = {name: Carriage(channel=name) for name in ("telegram", "web", "zalo_bot")}
TEXT = "Nhà có bé mới sinh, bác nhớ khai sinh trong 60 ngày. Bấm nút dưới để cháu chỉ từng bước."
FORM = TipForm(id="tipabc23", text=TEXT, guide="khai-sinh", places=("ban-na-lua",))


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    opened = open_storage(f"sqlite:///{tmp_path / 'test.db'}", tmp_path / "hash.key")
    yield opened
    opened.close()


async def test_a_draft_is_kept_as_it_was_filled_in_and_shown_as_each_channel_shows_it(
    storage: Storage, knowledge: Knowledge
) -> None:
    assert await write_tip(storage, knowledge, FORM, AUTHOR, NOW) == Done(id="tipabc23")
    view = await tip_view(storage, knowledge, CHANNELS, "tipabc23", AUTHOR, NOW)

    assert view
    assert view.editable
    assert view.whom == "bản Nà Lúa; quan tâm Hộ tịch"
    assert [preview.channel for preview in view.previews] == ["Telegram", "Trang web", "Zalo Bot"]
    assert all(TEXT in preview.text for preview in view.previews)
    assert view.previews[0].buttons == ("Mở hướng dẫn", "Dừng mẹo")
    assert view.previews[2].buttons == ()
    assert [each.label for each in view.doable] == ["Gửi duyệt", "Bỏ mẹo này"]


async def test_the_same_form_twice_is_one_tip(storage: Storage, knowledge: Knowledge) -> None:
    done = await asyncio.gather(*(write_tip(storage, knowledge, FORM, AUTHOR, NOW) for _ in range(5)))

    assert len({one.id for one in done}) == 1
    assert len(await storage.broadcasts(*BroadcastState)) == 1


async def test_what_is_wrong_is_said_and_is_not_sent(storage: Storage, knowledge: Knowledge) -> None:
    bad = TipForm(id="tipabc23", text=f"{TEXT} Gọi 0912 345 678.")
    written = await write_tip(storage, knowledge, bad, AUTHOR, NOW)
    asked = await make_move(storage, knowledge, "tipabc23", "submit", AUTHOR, NOW)

    assert "0912 345 678" in written.problems[0]
    assert asked.problems == written.problems


async def test_an_officer_of_another_hamlet_is_not_asked_and_says_no_yes(
    storage: Storage, knowledge: Knowledge
) -> None:
    elsewhere = Person(id="gao", grants=(Grant(role=Role.OFFICER, place="thon-ben-gao"),))
    here = Person(id="lua", grants=(Grant(role=Role.OFFICER, place="ban-na-lua"),))
    await write_tip(storage, knowledge, FORM, AUTHOR, NOW)
    await make_move(storage, knowledge, "tipabc23", "submit", AUTHOR, NOW)

    refused = await make_move(storage, knowledge, "tipabc23", "approve", elsewhere, NOW)
    assert "không phụ trách" in refused.problems[0]
    view = await tip_view(storage, knowledge, CHANNELS, "tipabc23", elsewhere, NOW)
    assert view
    assert view.doable == ()
    assert not (await tips_view(storage, knowledge, elsewhere, NOW)).tips[0].waits_for_me
    assert (await tips_view(storage, knowledge, here, NOW)).tips[0].waits_for_me
    assert await make_move(storage, knowledge, "tipabc23", "approve", here, NOW) == Done(id="tipabc23")


async def test_two_people_are_needed_and_two_presses_are_one(storage: Storage, knowledge: Knowledge) -> None:
    await write_tip(storage, knowledge, FORM, AUTHOR, NOW)
    await make_move(storage, knowledge, "tipabc23", "submit", AUTHOR, NOW)
    assert (await tips_view(storage, knowledge, OFFICER, NOW)).tips[0].waits_for_me
    own = await make_move(storage, knowledge, "tipabc23", "approve", AUTHOR, NOW)
    pressed = await asyncio.gather(
        *(make_move(storage, knowledge, "tipabc23", "approve", OFFICER, NOW) for _ in range(5))
    )

    assert "quyền khác" in own.problems[0]
    assert [bool(done.problems) for done in pressed].count(False) == 1
    one = await storage.broadcast("tipabc23")
    assert one
    assert (one.state, one.approver) == (BroadcastState.APPROVED, "canbo")


async def test_an_emergency_is_an_officers_and_wants_to_be_sure(storage: Storage, knowledge: Knowledge) -> None:
    urgent = TipForm(id="tipabc23", text="Nước suối lên nhanh, bà con lên nhà văn hóa ngay.", emergency=True)
    await write_tip(storage, knowledge, urgent, OFFICER, NOW)
    first = await make_move(storage, knowledge, "tipabc23", "approve", OFFICER, NOW)
    second = await make_move(storage, knowledge, "tipabc23", "approve", OFFICER, NOW, sure=True)

    assert "Tôi chắc chắn" in first.problems[0]
    assert second.problems == ()
    volunteers = TipForm(id="tipabc24", text=urgent.text, emergency=True)
    await write_tip(storage, knowledge, volunteers, AUTHOR, NOW)
    one = await storage.broadcast("tipabc24")
    assert one
    assert not one.emergency


async def test_others_see_nothing_of_a_draft_and_a_citizen_writes_none(
    storage: Storage, knowledge: Knowledge
) -> None:
    await write_tip(storage, knowledge, FORM, AUTHOR, NOW)

    assert await tip_view(storage, knowledge, CHANNELS, "tipabc23", CITIZEN, NOW) is None
    assert (await tips_view(storage, knowledge, CITIZEN, NOW)).tips == ()
    assert (await write_tip(storage, knowledge, TipForm(id="tipabc99", text=TEXT), CITIZEN, NOW)).problems
    assert await storage.broadcast("tipabc99") is None


async def test_the_library_is_offered_by_season_and_read_out_in_a_minute(
    storage: Storage, knowledge: Knowledge
) -> None:
    library = (await tips_view(storage, knowledge, AUTHOR, NOW)).library
    assert len(library) >= 30
    assert library[0].in_season
    assert all(30 <= ready.seconds <= 60 for ready in library)
    script = script_view(knowledge, "khai-sinh-60-ngay")
    assert script
    assert script.text.startswith("Mời bà con xã Suối Hoa")
    await write_tip(storage, knowledge, FORM, AUTHOR, NOW + timedelta(days=1))
    own = await script_of(storage, knowledge, "tipabc23")
    assert own
    assert TEXT in own.text
