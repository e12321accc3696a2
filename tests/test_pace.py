"""How fast bulk leaves, and who waits when a platform says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.messages import Address, Lane
from bot.pace import Pace

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
BA, ONG = Address("telegram", "1"), Address("telegram", "2")


def take(pace: Pace, at: datetime) -> int:
    """What may leave now leaves."""
    allowed = pace.allowance(at, 100)
    for _ in range(allowed):
        pace.left(Lane.TIP, at)
    return allowed


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@given(st.lists(st.floats(0, 3), min_size=1, max_size=200))
def test_bulk_never_leaves_faster_than_its_share(pauses: list[float]) -> None:
    pace, at, sent = Pace(bulk_per_second=25), NOW, 0
    for pause in pauses:
        at += timedelta(seconds=pause)
        sent += take(pace, at)

    assert sent <= 25 * (at - NOW).total_seconds() + 5 + 1e-6


@given(st.lists(st.floats(0, 0.4), min_size=1, max_size=200))
def test_no_second_holds_much_more_than_the_share_however_late_the_looks(pauses: list[float]) -> None:
    pace, at, left = Pace(bulk_per_second=25), NOW, []
    for pause in pauses:
        at += timedelta(seconds=pause)
        left.append((at, take(pace, at)))

    for begin, _ in left:
        assert sum(n for when, n in left if begin <= when < begin + timedelta(seconds=1)) <= 26


def test_bulk_gets_its_whole_share() -> None:
    pace, sent = Pace(bulk_per_second=25), 0
    for tick in range(601):  # a minute
        sent += take(pace, after(tick * 0.1))

    assert sent >= 25 * 60


@given(st.lists(st.integers(0, 3), min_size=30, max_size=120))
def test_bulk_steps_back_while_many_ask_but_never_stops(asked: list[int]) -> None:
    pace, tips, left = Pace(bulk_per_second=25), 0, []
    for tick, replies in enumerate(asked):  # each a tenth of a second: up to thirty replies a second
        at = after(tick * 0.1)
        leaves = take(pace, at)
        tips += leaves
        left.append((leaves, 0))
        second = left[-10:]
        assert not leaves or sum(map(sum, second)) <= 29 or sum(bulk for bulk, _ in second) <= 5
        left[-1] = (leaves, replies)
        for _ in range(replies):
            pace.left(Lane.REPLY, at)

    assert tips >= len(asked) // 10 * 4


def test_three_replies_a_second_take_nothing_from_the_share() -> None:
    pace, sent = Pace(bulk_per_second=25), 0
    for tick in range(601):  # a minute
        sent += take(pace, after(tick * 0.1))
        if tick % 10 in {0, 3, 7}:
            pace.left(Lane.REPLY, after(tick * 0.1 + 0.05))

    assert sent >= 25 * 60 * 0.99


def test_a_clock_that_jumps_brings_no_storm() -> None:
    pace = Pace(bulk_per_second=25)
    take(pace, NOW)

    assert pace.allowance(after(86_400), 100) <= 5
    assert pace.allowance(after(-86_400), 100) <= 5


def test_one_chat_told_to_wait_holds_back_no_other() -> None:
    pace = Pace(bulk_per_second=25)
    pace.told_to_wait(BA, Lane.REPLY, NOW, timedelta(seconds=30))

    assert not pace.halted(after(1))
    assert pace.allowance(after(1), 100) > 0


def test_bulk_told_to_wait_holds_back_bulk_alone() -> None:
    pace = Pace(bulk_per_second=25)
    pace.told_to_wait(BA, Lane.TIP, NOW, timedelta(seconds=30))

    assert not pace.halted(after(1))
    assert pace.allowance(after(29), 100) == 0
    assert pace.allowance(after(31), 100) > 0


@pytest.mark.parametrize("lane", [Lane.REPLY, Lane.TIP])
def test_a_second_chat_told_to_wait_means_us_all(lane: Lane) -> None:
    pace = Pace(bulk_per_second=25)
    pace.told_to_wait(BA, Lane.REPLY, NOW, timedelta(seconds=30))
    pace.told_to_wait(ONG, lane, after(10), timedelta(seconds=30))

    assert pace.halted(after(39))
    assert not pace.halted(after(41))


def test_the_same_chat_twice_is_still_one_chat() -> None:
    pace = Pace()
    pace.told_to_wait(BA, Lane.REPLY, NOW, timedelta(seconds=30))
    pace.told_to_wait(BA, Lane.REPLY, after(10), timedelta(seconds=30))

    assert not pace.halted(after(11))
