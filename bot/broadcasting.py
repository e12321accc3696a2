"""From an approved tip to its last message: begin when it is time, feed the outbox as it empties, take back.

How fast messages leave, what a 429 means and what happens to a message whose answer was lost is the outbox's own
business. Everything here can be killed at any point and done again: what was begun stands in the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

import structlog

from bot.channels.base import Door
from bot.clock import Clock
from bot.dialogue.broadcasts import A_WEEK, RECALL_WITHIN, BroadcastMove, moved
from bot.dialogue.messages import Broadcast, BroadcastState, Carriage, awake
from bot.errors import VersionMoved
from bot.handlers.tip_texts import delivered, done_word, taken_back
from bot.knowledge import Library
from storage import Storage

log = structlog.get_logger()

AHEAD = 1_000  # rows of one broadcast that may lie in the outbox: two seconds' worth at twenty times Telegram's rate
STEP = 200  # rows made in one transaction, so that a reply never waits long for the writer

# What a channel asks of messages that nobody waits for; one that is not named here takes them at any time, for
# nothing. A door whose platform has windows or prices adds its line.
CARRIAGE: Final[Mapping[str, Carriage]] = {
    "zalo_oa": Carriage(channel="zalo_oa", free=timedelta(hours=48), within=timedelta(days=7), cost=55),
}


def carriages(doors: Iterable[Door]) -> dict[str, Carriage]:
    """The channels that tips go by in this process, with their rules."""
    channels = {door.scope.channel for door in doors}
    return {channel: CARRIAGE.get(channel, Carriage(channel=channel)) for channel in channels}


class Broadcaster:
    """Looks after the broadcasts that are under way; `tick` is a chore."""

    EVERY = timedelta(seconds=1)

    def __init__(self, storage: Storage, clock: Clock, library: Library, doors: Iterable[Door]) -> None:
        self._storage = storage
        self._clock = clock
        self._library = library
        self._carriages = carriages(doors)

    async def tick(self) -> None:
        """Do what is due now."""
        under_way = await self._storage.broadcasts(BroadcastState.APPROVED, BroadcastState.SENDING)
        recalled = await self._storage.broadcasts(BroadcastState.RECALLED)
        for one in (*reversed(under_way), *recalled):  # what waits longest goes first
            try:
                await self._look_after(one)
            except VersionMoved:
                continue  # somebody paused or recalled it just now: the next tick sees that

    async def _look_after(self, one: Broadcast) -> None:
        now = self._clock.now()
        match one.state:
            case BroadcastState.RECALLED:
                if one.begun_at and one.ended_at and now - one.ended_at < RECALL_WITHIN:
                    await self._take_back(one)
            case _ if not one.emergency and awake(now) > now:
                return
            case BroadcastState.APPROVED:
                if one.start_at is None or one.start_at <= now:
                    begun = moved(one, BroadcastMove.BEGIN, None, (), now)
                    await self._feed(await self._storage.begin_broadcast(begun, now))
                    log.info("broadcast begun", broadcast=one.id)
            case _:
                await self._feed(one)

    async def _feed(self, one: Broadcast) -> None:
        reply = delivered(self._library.knowledge, one)
        room = AHEAD - await self._storage.waiting_of(one.id)
        over = False
        while room > 0 and not over:
            fed = await self._storage.feed_broadcast(
                one.id, reply, self._carriages, A_WEEK, self._clock.now(), min(STEP, room)
            )
            if not fed.put and not fed.over:
                # A long stretch of people it is not for: go on, but let others write in between.
                if (latest := await self._storage.broadcast(one.id)) is None or latest.state is not one.state:
                    return
                continue
            room -= fed.put
            over = fed.over
        if over and not await self._storage.waiting_of(one.id):
            await self._finish(one)

    async def _finish(self, one: Broadcast) -> None:
        now = self._clock.now()
        finished = moved(one, BroadcastMove.FINISH, None, (), now)
        await self._storage.save_broadcast(finished, None, BroadcastMove.FINISH, now)
        log.info("broadcast done", broadcast=one.id)
        progress = await self._storage.progress(one.id)
        word = done_word(self._library.knowledge, finished, progress)
        for person in {one.author, one.approver} - {None}:
            await self._storage.tell(str(person), word, now, f"done:{one.id}:{person}")

    async def _take_back(self, one: Broadcast) -> None:
        reply = taken_back(self._library.knowledge, one)
        await self._storage.take_back(one.id, reply, self._clock.now(), STEP, deletes=not one.correction)
