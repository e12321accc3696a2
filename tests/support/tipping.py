"""A tip on its way to somebody who said yes, at any door."""

from __future__ import annotations

from dataclasses import replace

from bot.broadcasting import Broadcaster
from bot.dialogue.messages import Broadcast, BroadcastId, BroadcastState
from tests.support.talking import AtADoor


async def says_yes(ba: AtADoor) -> None:
    """This person takes tips."""
    await ba.say("nhận mẹo")
    await ba.say("có, gửi cho tôi")


async def got_a_tip(ba: AtADoor, **more: object) -> Broadcast:
    """This person takes tips, and one is sent."""
    await says_yes(ba)
    return await sent(ba, **more)


async def sent(ba: AtADoor, **more: object) -> Broadcast:
    """An approved tip goes out to whoever takes tips."""
    assert ba.app
    storage, now = ba.app.storage, ba.app.clock.now()
    one = Broadcast(
        id=BroadcastId("nhacnho1"),
        code="abc234",
        author="doan",
        created_at=now,
        text="Nhà có bé mới sinh, bác nhớ khai sinh trong 60 ngày.",
        guide="khai-sinh",
        state=BroadcastState.APPROVED,
        **more,  # type: ignore[arg-type]
    )
    await storage.save_broadcast(one, None, "test", now)
    await goes_on(ba)
    kept = await storage.broadcast(one.id)
    assert kept
    return kept


async def recalled(ba: AtADoor, one: Broadcast, correction: str) -> None:
    """It is taken back, or corrected."""
    assert ba.app
    now = ba.app.clock.now()
    gone = replace(one, state=BroadcastState.RECALLED, correction=correction, ended_at=now)
    await ba.app.storage.save_broadcast(gone, None, "test", now)
    await goes_on(ba)


async def goes_on(ba: AtADoor) -> None:
    """The broadcaster does what is due."""
    assert ba.app
    broadcaster = Broadcaster(ba.app.storage, ba.app.clock, ba.app.library, ba.app.doors)
    for _ in range(2):
        await broadcaster.tick()
        await ba.app.settle()
