"""How fast one channel may be given messages, and when it must be left alone. Pure: the time is handed in."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.dialogue.messages import BULK, Address, Lane

_AT_ONCE = 0.2  # seconds' worth of bulk that may leave together: even, so that no platform sees a burst

_SECOND = timedelta(seconds=1)
_CATCH_UP = 1.04  # of the share, in such a second: how fast what a late look missed is made good
_WHOLE = 1.16  # … what bulk and replies may come to (Telegram bears 1.2, 30 to our 25) before bulk steps back
_NEVER_LESS = 0.2  # … what bulk keeps, however much is asked of us: reminders too must leave in their minute


@dataclass(slots=True)
class Pace:
    """A channel's share for bulk, as a token bucket that steps back while many replies leave, and its halts.

    A platform that asks one chat to wait means that chat; asked again by another within that time, it means us all.
    A halt that bulk ran into holds back bulk alone.
    """

    bulk_per_second: float | None = None  # None: as fast as it goes
    _tokens: float = field(default=0.0, init=False)
    _filled: datetime | None = field(default=None, init=False)
    _bulk_waits: datetime | None = field(default=None, init=False)
    _all_wait: datetime | None = field(default=None, init=False)
    _left: deque[tuple[datetime, bool]] = field(default_factory=deque, init=False)  # of the last second; is it bulk?
    _halted: tuple[Address, datetime] | None = field(default=None, init=False)

    def halted(self, now: datetime) -> bool:
        """True while nothing at all may be sent."""
        return self._all_wait is not None and now < self._all_wait

    def holds_back(self, lane: Lane, now: datetime) -> bool:
        """True while nothing of this lane may be sent."""
        bulk_waits = lane in BULK and self._bulk_waits is not None and now < self._bulk_waits
        return bulk_waits or self.halted(now)

    def allowance(self, now: datetime, most: int) -> int:
        """How many bulk messages may leave now, at most `most`."""
        if self.holds_back(Lane.TIP, now):
            return 0
        if self.bulk_per_second is None:
            return most
        full = max(1.0, self.bulk_per_second * _AT_ONCE)
        # A clock that was set back, or that jumped, fills the bucket once and no more.
        passed = full if self._filled is None else max((now - self._filled).total_seconds(), 0) * self.bulk_per_second
        self._tokens, self._filled = min(full, self._tokens + passed), now
        # Platforms count whatever falls into one second: what a late look catches up must not fall in with the rest.
        while self._left and not timedelta(0) <= now - self._left[0][0] < _SECOND:
            self._left.popleft()
        bulk = sum(is_bulk for _, is_bulk in self._left)
        room = max(int(self.bulk_per_second * _CATCH_UP), 1) - bulk
        beside_replies = int(self.bulk_per_second * _WHOLE) - len(self._left)
        kept = max(int(self.bulk_per_second * _NEVER_LESS), 1) - bulk
        return max(min(int(self._tokens), room, max(beside_replies, kept), most), 0)

    def left(self, lane: Lane, now: datetime) -> None:
        """A message of that lane is leaving."""
        if self.bulk_per_second is not None:
            self._tokens -= lane in BULK
            self._left.append((now, lane in BULK))

    def told_to_wait(self, address: Address, lane: Lane, now: datetime, wait: timedelta) -> None:
        """The platform refused a message to that address for so long (HTTP 429)."""
        until = now + wait
        if lane in BULK:
            self._bulk_waits = max(until, self._bulk_waits or until)
        if self._halted and self._halted[0] != address and now < self._halted[1]:
            self._all_wait = max(until, self._all_wait or until)
        self._halted = (address, until)

    def next_look(self, now: datetime) -> float:
        """Seconds after which more bulk may leave."""
        look = _AT_ONCE / 2  # twice while the bucket fills: a late look must not make it run over
        if self._tokens < 1 or not self._left:
            return look
        room_in = (self._left[0][0] + _SECOND - now).total_seconds()  # the second is full until its first has left it
        return min(max(room_in, _AT_ONCE / 20), look)
