"""The one way out. Rows of the outbox go through their door in order, once, and end in one final state."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import structlog

from bot.channels.base import Door
from bot.clock import Clock
from bot.dialogue.messages import BULK, Address, Delivery, Scope
from bot.errors import Parked, Refused, StorageError, TryLater, Unclear
from bot.pace import Pace
from storage import Storage

log = structlog.get_logger()

SEND_LIMIT = 35.0  # seconds that one send may take; shorter than a row's lease, so that no two senders hold one
BATCH = 100  # rows taken up at one look
POLL = 1.0  # seconds between two looks for what has become due or was abandoned
LEASE = timedelta(seconds=30)  # of the whole scope; renewed at every look
FIRST_WAIT, LONGEST_WAIT = 2.0, 900.0  # seconds until a refused-for-now row is tried again: doubling, with jitter


class Outbox:
    """The only sender of each of its doors' scopes."""

    def __init__(self, storage: Storage, clock: Clock, doors: Iterable[Door]) -> None:
        self.id = uuid4().hex  # of this sender, in leases
        self._storage = storage
        self._clock = clock
        self._doors = list(doors)
        self._queues: dict[Address, deque[Delivery]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ours: set[Scope] = set()
        self._paces = {door.scope.channel: Pace(door.bulk_per_second) for door in self._doors}
        self._next_look = POLL
        self._catching_up: set[Address] = set()  # what was claimed may have held back more to the same address
        self._more = asyncio.Event()
        self._stopping = False

    async def start(self, *, steal: bool) -> None:
        """Become the sender of every scope, and take over what a dead one left behind."""
        for door in self._doors:
            await self._renew(door.scope, steal=steal)

    async def run(self) -> None:
        """Look, again and again, for what has become due."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._more.wait(), self._next_look)
            self._more.clear()
            try:
                await self.poll()
            except StorageError as error:
                log.error("outbox poll failed", error=type(error).__name__)

    async def poll(self) -> bool:
        """Begin to send what is due now. False if nothing is."""
        found = False
        self._next_look = POLL
        for door in self._doors:
            if not await self._renew(door.scope, steal=False):
                continue
            now = self._clock.now()
            await self._storage.reclaim(door.scope, self.id, now)
            pace = self._paces[door.scope.channel]
            if pace.halted(now):
                continue
            allowed = pace.allowance(now, BATCH)
            due = await self._storage.claim(door.scope, self.id, now, BATCH, allowed)
            bulk = sum(delivery.lane in BULK for delivery in due)
            if bulk == allowed and door.bulk_per_second:  # more may wait
                self._next_look = pace.next_look(now)
            self._catching_up |= {delivery.address for delivery in due}
            self.deliver(due)
            found = found or bool(due)
        return found

    def deliver(self, deliveries: Iterable[Delivery]) -> None:
        """Send these, each address in order, different addresses side by side. Returns at once."""
        now = self._clock.now()
        for delivery in deliveries:
            self._paces[delivery.address.channel].left(delivery.lane, now)
            queue = self._queues.get(delivery.address)
            if queue is None:
                queue = self._queues[delivery.address] = deque()
                task = asyncio.create_task(self._drain(delivery.address, queue))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            queue.append(delivery)

    async def flush(self) -> None:
        """Wait until everything that is due now is out."""
        await self.idle()
        while await self.poll():
            await self.idle()

    async def idle(self) -> None:
        """Wait until nothing is being sent."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self) -> None:
        """Finish the sends under way, give the rest back, and let go of the scopes."""
        self._stopping = True
        await self.idle()
        for scope in self._ours:
            await self._storage.drop_lease(scope, self.id)

    async def _renew(self, scope: Scope, *, steal: bool) -> bool:
        now = self._clock.now()
        had = scope in self._ours
        if not await self._storage.take_lease(scope, self.id, now, LEASE, steal=steal):
            self._ours.discard(scope)
            return False
        self._ours.add(scope)
        if not had:
            await self._storage.reclaim(scope, self.id, now, all_others=True)
        return True

    async def _drain(self, address: Address, queue: deque[Delivery]) -> None:
        try:
            while queue:
                delivery = queue.popleft()
                halted = self._paces[address.channel].holds_back(delivery.lane, self._clock.now())
                if self._stopping or halted or not await self._send(delivery):
                    queue.appendleft(delivery)
                    await self._give_back(queue)
                    return
        except StorageError as error:
            log.error("delivery not recorded", outbox=delivery.id, error=type(error).__name__)
            queue.appendleft(delivery)
            await self._give_back(queue)
        finally:
            del self._queues[address]
            if address in self._catching_up:
                self._catching_up.discard(address)
                self._more.set()

    async def _give_back(self, queue: deque[Delivery]) -> None:
        """Queue these again. Nothing may overtake a message that has to wait, not even what comes meanwhile, so the
        address stays ours until storage has taken them back."""
        while queue:
            back = list(queue)
            try:
                await self._storage.give_back(back, self.id)
            except StorageError as error:
                log.error("delivery not given back", error=type(error).__name__)
                if self._stopping:
                    return  # the next start finds them as abandoned
                await asyncio.sleep(POLL)
            else:
                for _ in back:
                    queue.popleft()

    async def _send(self, delivery: Delivery) -> bool:
        """Send one message and record how it went. False if later ones to this address must wait for it."""
        door = next(door for door in self._doors if _serves(door.scope, delivery.address))
        try:
            async with asyncio.timeout(SEND_LIMIT):
                platform_id = await door.send(delivery)
        except TryLater as error:
            wait, now = self._wait(delivery, error.after, ours=error.ours), self._clock.now()
            if error.after is not None and not error.ours:
                self._paces[delivery.address.channel].told_to_wait(delivery.address, delivery.lane, now, wait)
            await self._storage.later(delivery, self.id, now + wait, str(error))
            return False
        except Refused as error:
            log.warning("message refused", outbox=delivery.id, channel=delivery.address.channel, reason=str(error))
            await self._storage.refused(delivery, self.id, str(error), self._clock.now(), gone=error.gone)
        except Parked:
            await self._storage.park(delivery, self.id)
        except (Unclear, TimeoutError) as error:
            await self._storage.unclear(delivery, self.id, str(error), self._clock.now())
            return False
        except StorageError:
            raise
        except Exception as error:  # a mistake of ours in a door must not lose what waits behind it
            log.exception("door failed", outbox=delivery.id, channel=delivery.address.channel)
            await self._storage.unclear(delivery, self.id, type(error).__name__, self._clock.now())
            return False
        else:
            if not await self._storage.sent(delivery, self.id, platform_id, self._clock.now()):
                log.warning("lease lost while sending", outbox=delivery.id)
        return True

    @staticmethod
    def _wait(delivery: Delivery, after: float | None, *, ours: bool = False) -> timedelta:
        """What the platform asked for (bounded), else doubling with jitter, so that many do not return at once."""
        if after is not None and after > 0 and (ours or after <= LONGEST_WAIT):
            return timedelta(seconds=after)
        wait = min(FIRST_WAIT * 2 ** min(delivery.attempts, 20), LONGEST_WAIT)
        return timedelta(seconds=wait * random.uniform(0.75, 1.25))  # noqa: S311 - jitter, no secret


def _serves(scope: Scope, address: Address) -> bool:
    return scope.channel == address.channel and scope.id in {None, address.id}
