"""How a tip comes to be sent: its states, who may make which move, and when nothing may leave.

Pure: the desk, the chat and the clock all go through `moved`. What a save needs beside it (one version, one save) is
storage's to hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.dialogue.messages import Broadcast, BroadcastState, Grant, Role, Segment

A_WEEK = 2  # tips that one person gets in seven days, emergencies apart
RECALL_WITHIN = timedelta(hours=48)  # Telegram lets a bot delete no older message

CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # as in ids: none that is mistaken for another
CODE_LENGTH = 6


class BroadcastMove(StrEnum):
    """What can be done with a broadcast."""

    SUBMIT = "submit"  # the author asks for a yes
    RETURN = "return"  # an officer sends it back with a word
    APPROVE = "approve"
    BEGIN = "begin"  # its time has come
    PAUSE = "pause"
    RESUME = "resume"
    FINISH = "finish"  # nobody is left to send to
    RECALL = "recall"
    DROP = "drop"


class Why(StrEnum):
    """Why a move is not made."""

    STATE = "state"  # it does not stand where the move is possible: somebody was quicker
    ROLE = "role"
    PLACE = "place"  # it goes to hamlets that are not theirs to look after
    OWN = "own"  # nobody approves their own
    SURE = "sure"  # an emergency wants a second yes
    LATE = "late"  # too long ago to be recalled
    EMPTY = "empty"


class NotAllowed(Exception):
    """This move is not made, and why."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


_S, _M = BroadcastState, BroadcastMove
BROADCAST_MOVES: Mapping[BroadcastState, Mapping[BroadcastMove, BroadcastState]] = {
    _S.DRAFT: {_M.SUBMIT: _S.WAITING, _M.APPROVE: _S.APPROVED, _M.DROP: _S.DROPPED},
    _S.WAITING: {_M.RETURN: _S.DRAFT, _M.APPROVE: _S.APPROVED, _M.DROP: _S.DROPPED},
    _S.APPROVED: {_M.BEGIN: _S.SENDING, _M.PAUSE: _S.PAUSED, _M.RECALL: _S.RECALLED},
    _S.SENDING: {_M.PAUSE: _S.PAUSED, _M.FINISH: _S.DONE, _M.RECALL: _S.RECALLED},
    _S.PAUSED: {_M.RESUME: _S.APPROVED, _M.RECALL: _S.RECALLED},  # approved begins again where it stopped
    _S.DONE: {_M.RECALL: _S.RECALLED},
    _S.RECALLED: {},
    _S.DROPPED: {},
}
_BY_TIME = frozenset({_M.BEGIN, _M.FINISH})  # nobody's to press


def may_write(grants: Iterable[Grant]) -> bool:
    """True for those who may write tips: volunteers, officers, admins."""
    return any(grant.role in {Role.VOLUNTEER, Role.OFFICER, Role.ADMIN} for grant in grants)


def may_approve(grants: Iterable[Grant], segment: Segment | None = None) -> bool:
    """True for those whose yes a tip needs: for that segment, or for some tip at all. Who looks after some hamlets
    says yes to what goes to these alone."""
    mine = [grant.place for grant in grants if grant.role in {Role.OFFICER, Role.ADMIN}]
    if segment is None or None in mine:
        return bool(mine)
    return bool(segment.places) and set(segment.places) <= set(mine)


def team_of(grants: Iterable[Grant], hamlets: Iterable[str]) -> str:
    """The hamlet for which this person volunteers, if there is one; else "", the commune."""
    known = set(hamlets)
    mine = [grant.place for grant in grants if grant.role is Role.VOLUNTEER and grant.place in known]
    return mine[0] if mine and mine[0] else ""


def moved(
    broadcast: Broadcast,
    move: BroadcastMove,
    by: str | None,
    grants: Iterable[Grant],
    now: datetime,
    *,
    sure: bool = False,
    words: str = "",
) -> Broadcast:
    """The broadcast after that move. NotAllowed if `by` (None: time itself) may not make it, or not now.

    `sure`: this is the second yes to an emergency. `words`: what the officer says when sending back or recalling.
    """
    after = BROADCAST_MOVES[broadcast.state].get(move)
    if after is None:
        raise NotAllowed(Why.STATE)
    _check_who(broadcast, move, by, tuple(grants), sure=sure)
    changed: dict[str, object] = {"state": after}
    match move:
        case BroadcastMove.SUBMIT | BroadcastMove.APPROVE if not broadcast.text:
            raise NotAllowed(Why.EMPTY)
        case BroadcastMove.SUBMIT:
            changed["note"] = ""
        case BroadcastMove.RETURN:
            changed["note"] = words
        case BroadcastMove.APPROVE:
            changed["approver"] = by
        case BroadcastMove.BEGIN:
            changed["begun_at"] = broadcast.begun_at or now
        case BroadcastMove.RECALL:
            if broadcast.begun_at and now - broadcast.begun_at > RECALL_WITHIN:
                raise NotAllowed(Why.LATE)
            changed["correction"] = words
            changed["ended_at"] = now
        case BroadcastMove.FINISH:
            changed["ended_at"] = now
    return replace(broadcast, **changed)  # type: ignore[arg-type]


def _check_who(
    broadcast: Broadcast, move: BroadcastMove, by: str | None, grants: tuple[Grant, ...], *, sure: bool
) -> None:
    if move in _BY_TIME or by is None:
        if not (move in _BY_TIME and by is None):
            raise NotAllowed(Why.ROLE)
        return
    mine = by == broadcast.author
    if move in {BroadcastMove.APPROVE, BroadcastMove.RETURN}:
        _check_reach(broadcast, grants)
        if move is BroadcastMove.APPROVE:
            _check_yes(broadcast, mine=mine, sure=sure)
        return
    if not may_write(grants) or (move is BroadcastMove.SUBMIT and not mine):
        raise NotAllowed(Why.ROLE)
    if not mine or move is BroadcastMove.RESUME:
        _check_reach(broadcast, grants)


def _check_reach(broadcast: Broadcast, grants: tuple[Grant, ...]) -> None:
    """An officer, and one who looks after all whom it goes to."""
    if not may_approve(grants):
        raise NotAllowed(Why.ROLE)
    if not may_approve(grants, broadcast.segment):
        raise NotAllowed(Why.PLACE)


def _check_yes(broadcast: Broadcast, *, mine: bool, sure: bool) -> None:
    if broadcast.emergency:
        if not sure:
            raise NotAllowed(Why.SURE)
        return
    if mine:
        raise NotAllowed(Why.OWN)
    if broadcast.state is BroadcastState.DRAFT:  # nobody has asked for a yes yet
        raise NotAllowed(Why.STATE)


def code_from(id_: str) -> str:
    """The code that a new broadcast of this id carries: six letters and digits, of which one is a digit always, so
    that no word is taken for a code."""
    code = "".join(letter for letter in id_.lower() if letter in CODE_LETTERS)[:CODE_LENGTH].ljust(CODE_LENGTH, "2")
    return code if any(letter.isdigit() for letter in code) else f"{code[:-1]}7"
