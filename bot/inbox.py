"""From an accepted message to its saved answer: one person's messages in order, different people's side by side."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from time import perf_counter

import structlog

from bot.clock import Clock
from bot.dialogue.engine import apology, step
from bot.dialogue.messages import (
    Accepted,
    Carriage,
    Delivery,
    ForgetMe,
    Inbound,
    OpenRow,
    Outcome,
    PersonId,
    Scope,
    Turn,
)
from bot.errors import StorageError, VersionMoved
from bot.knowledge import Library
from bot.outbox import Outbox
from storage import Storage

log = structlog.get_logger()

REDOS = 3  # times that a turn is thought again because the conversation moved meanwhile
TRIES = 5  # times that a message may fail before it is set aside with an apology
SLOWED = timedelta(seconds=0.5)  # between two answers to someone who floods: the rate that is allowed anyway
# Turns thought side by side. The interpreter thinks one at a time anyway; more threads only take turns with the one
# that has to acknowledge what comes in, and made it wait five times as long.
AT_ONCE = 1
GIVES_WAY = 0.05  # seconds at most that a turn waits for messages that are just coming in
RETRY = 1.0  # seconds until a turn that could not be saved is tried again

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is mistaken for another when read out


def short_id() -> str:
    """Eight letters and digits that can be read out over the telephone; about 40 bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(8))


class Inbox:
    """Takes what the doors bring, and sees that each message is answered once."""

    def __init__(
        self,
        storage: Storage,
        library: Library,
        clock: Clock,
        outbox: Outbox,
        carriages: Mapping[str, Carriage] | None = None,
    ) -> None:
        """`carriages`: the channels that tips go by, for the dry run of whoever writes one."""
        self._storage = storage
        self._library = library
        self._clock = clock
        self._outbox = outbox
        self._carriages = carriages or {}
        self._raw: dict[int, str] = {}  # seq -> what was typed, until its turn is over; never on disk
        self._busy: dict[PersonId, asyncio.Task[None]] = {}
        self._again: set[PersonId] = set()  # those to whom something came while they were being answered
        self._places = asyncio.Semaphore(AT_ONCE)
        self._stopping = False
        self._coming = 0  # messages that are being written down
        self._quiet = asyncio.Event()  # set while there are none
        self._quiet.set()

    async def accept(self, event: Inbound) -> Accepted:
        """Keep what came in; once this returns the door may confirm it. A repeat is recognised and does nothing."""
        self._coming += 1
        self._quiet.clear()
        try:
            accepted = await self._storage.accept(event, self._clock.now())
        finally:
            self._coming -= 1
            if not self._coming:
                self._quiet.set()
        if accepted.fresh:
            if event.raw is not None:
                self._raw[accepted.seq] = event.raw
            self._serve(accepted.person)
        return accepted

    async def resume(self, scopes: Iterable[Scope]) -> None:
        """Take up what an earlier process accepted and did not answer."""
        for scope in scopes:
            for person in await self._storage.people_waiting(scope):
                self._serve(person)

    async def idle(self) -> None:
        """Wait until every accepted message is answered."""
        while self._busy:
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def stop(self) -> None:
        """Finish the turns under way; what is left stays accepted for the next start."""
        self._stopping = True
        await self.idle()

    def _serve(self, person: PersonId) -> None:
        if person in self._busy:
            self._again.add(person)
            return
        self._busy[person] = asyncio.create_task(self._serve_all(person))

    async def _serve_all(self, person: PersonId) -> None:
        try:
            while not self._stopping:
                self._again.discard(person)
                if not await self._take_turn(person) and person not in self._again:
                    return
        except Exception:
            log.exception("person not served")  # at their next message it is tried again
        finally:
            del self._busy[person]
            self._again.discard(person)

    async def _take_turn(self, person: PersonId) -> bool:
        """Answer this person's oldest open message. False if no other waits."""
        for _ in range(REDOS):
            try:
                async with self._places:
                    await self._give_way()
                    started = perf_counter()
                    thought = await asyncio.to_thread(self._load_and_step, person)
                if thought is None:
                    return False
                turn, outcome, row, failure = thought
                if failure and row.attempts + 1 < TRIES:
                    await self._storage.tried(row.seq, type(failure).__name__)
                    return True
                await self._slow_down(row)
                try:
                    deliveries = await self._save(turn, outcome, aside=failure is not None)
                except StorageError:
                    raise
                except Exception as error:  # the handler's mistake shows only when its effects are carried out
                    log.exception("turn can't be saved", seq=row.seq)
                    if row.attempts + 1 < TRIES:
                        await self._storage.tried(row.seq, type(error).__name__)
                        return True
                    outcome = apology(turn)
                    deliveries = await self._save(turn, outcome, aside=True)
            except VersionMoved:
                continue
            except StorageError as error:
                log.error("turn not saved", error=type(error).__name__)
                await asyncio.sleep(RETRY)
                return True
            self._outbox.deliver(deliveries)
            self._raw.pop(row.seq, None)
            _log(turn, started)
            if any(isinstance(effect, ForgetMe) for effect in outcome.effects):
                # What was said after the erasure is a new person's now, whom nobody serves yet.
                address = turn.inbound.address
                await self.resume([Scope(address.channel, address.id)])
            return row.more
        log.warning("turn put off", redos=REDOS)
        await asyncio.sleep(RETRY)
        return True

    async def _save(self, turn: Turn, outcome: Outcome, *, aside: bool) -> tuple[Delivery, ...]:
        return await self._storage.save_turn(turn, outcome, self._clock.now(), self._outbox.id, aside=aside)

    def _load_and_step(self, person: PersonId) -> tuple[Turn, Outcome, OpenRow, Exception | None] | None:
        """Load and think on one snapshot, in a worker thread."""
        with self._storage.snapshot() as snapshot:
            row = snapshot.oldest_open(person)
            if row is None:
                return None
            turn = Turn(
                person=person,
                seq=row.seq,
                inbound=replace(row.inbound, raw=self._raw.get(row.seq)),
                conversation=row.conversation,
                now=self._clock.now(),
                knowledge=self._library.knowledge,
                records=snapshot.records(person),
                catalogue=snapshot.catalogue(),
                tips=snapshot.tips(person, self._carriages, self._clock.now()),
                new_id=short_id,
                first_flooded=row.first_flooded,
            )
            try:
                return turn, step(turn), row, None
            except StorageError:
                raise
            except Exception as error:  # a mistake of ours must not hold back everything this person says
                log.exception("turn failed", seq=row.seq)
                return turn, apology(turn), row, error

    async def _give_way(self) -> None:
        """Thinking takes the interpreter from whoever writes down what comes in: it starts when nobody does."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GIVES_WAY):
                await self._quiet.wait()

    async def _slow_down(self, row: OpenRow) -> None:
        """Someone who floods is answered at the allowed rate, and nobody else waits for it."""
        if row.flooding and not row.first_flooded and row.answered_at:
            wait = SLOWED - (self._clock.now() - row.answered_at)
            if timedelta(0) < wait <= SLOWED:
                await asyncio.sleep(wait.total_seconds())


def _log(turn: Turn, started: float) -> None:
    """The facts of a turn, without a word of what was said."""
    log.info(
        "turn answered",
        seq=turn.seq,
        channel=turn.inbound.address.channel,
        kind=turn.inbound.kind,
        ms=round((perf_counter() - started) * 1000, 1),
    )
