"""How a tip comes to be sent: every history of moves, by anyone, at any time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.broadcasts import (
    BROADCAST_MOVES,
    CODE_LENGTH,
    CODE_LETTERS,
    RECALL_WITHIN,
    BroadcastMove,
    NotAllowed,
    Why,
    code_from,
    may_approve,
    moved,
    team_of,
)
from bot.dialogue.messages import Broadcast, BroadcastId, BroadcastState, Grant, Role, Segment
from bot.handlers.tip_texts import code_in, shown_code

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PEOPLE = {
    "citizen": (),
    "author": (Grant(role=Role.VOLUNTEER),),
    "other": (Grant(role=Role.VOLUNTEER),),
    "officer": (Grant(role=Role.OFFICER),),
    "admin": (Grant(role=Role.ADMIN),),
}
BY_TIME = (BroadcastMove.BEGIN, BroadcastMove.FINISH)


def draft(author: str = "author", *, emergency: bool = False, text: str = "Mẹo.") -> Broadcast:
    return Broadcast(
        id=BroadcastId("abcdefgh"), code="abc234", author=author, created_at=NOW, text=text, emergency=emergency
    )


def after(one: Broadcast, *moves: tuple[BroadcastMove, str | None], sure: bool = False) -> Broadcast:
    for move, by in moves:
        one = moved(one, move, by, PEOPLE.get(by or "", ()), NOW, sure=sure)
    return one


steps = st.lists(
    st.tuples(st.sampled_from(BroadcastMove), st.sampled_from([*PEOPLE, None]), st.booleans(), st.integers(0, 60)),
    max_size=25,
)


@given(steps, st.booleans(), st.sampled_from(["author", "officer"]))
def test_whatever_is_tried_nothing_is_sent_without_the_yes_it_needs(
    tried: Sequence[tuple[BroadcastMove, str | None, bool, int]], emergency: bool, author: str
) -> None:
    one, now, yes = draft(author, emergency=emergency), NOW, set()
    for move, by, sure, hours in tried:
        now += timedelta(hours=hours)
        before = one
        try:
            one = moved(one, move, by, PEOPLE.get(by or "", ()), now, sure=sure)
        except NotAllowed:
            continue
        assert BROADCAST_MOVES[before.state][move] is one.state
        assert (by is None) is (move in BY_TIME), "time makes its own moves, and nobody else's"
        if move is BroadcastMove.APPROVE:
            yes.add((by, sure))
            assert by in {"officer", "admin"}
            assert by != author or emergency, "nobody approves their own"
            assert sure or not emergency, "an emergency wants a second yes"
        if move is BroadcastMove.RETURN:
            yes.clear()
        if one.state in {BroadcastState.SENDING, BroadcastState.DONE}:
            assert yes, "nothing is sent that nobody approved"
            assert one.begun_at is not None
        if move is BroadcastMove.RECALL and one.begun_at:
            assert now - one.begun_at <= RECALL_WITHIN


def test_a_citizen_can_do_nothing() -> None:
    for state in BroadcastState:
        for move in BroadcastMove:
            with pytest.raises(NotAllowed):
                moved(
                    Broadcast(**{**_fields(draft("citizen")), "state": state}),
                    move,
                    "citizen",
                    (),
                    NOW,
                    sure=True,
                )


def _fields(one: Broadcast) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__slots__}


def test_every_state_is_reached_and_two_are_the_end() -> None:
    seen = {BroadcastState.DRAFT}
    for _ in BroadcastState:
        seen |= {target for state in seen for target in BROADCAST_MOVES[state].values()}

    assert seen == set(BroadcastState)
    assert [state for state in BroadcastState if not BROADCAST_MOVES[state]] == ["recalled", "dropped"]


def test_a_tip_that_was_sent_back_needs_a_new_yes_and_carries_the_word() -> None:
    waiting = after(draft(), (BroadcastMove.SUBMIT, "author"))
    back = moved(waiting, BroadcastMove.RETURN, "officer", PEOPLE["officer"], NOW, words="Ghi rõ ngày.")

    assert (back.state, back.note) == (BroadcastState.DRAFT, "Ghi rõ ngày.")
    with pytest.raises(NotAllowed) as no:
        moved(back, BroadcastMove.APPROVE, "officer", PEOPLE["officer"], NOW)
    assert no.value.why is Why.STATE


def test_the_second_press_of_a_yes_changes_nothing() -> None:
    approved = after(draft(), (BroadcastMove.SUBMIT, "author"), (BroadcastMove.APPROVE, "officer"))

    with pytest.raises(NotAllowed) as no:
        after(approved, (BroadcastMove.APPROVE, "admin"))
    assert no.value.why is Why.STATE


def test_an_empty_tip_goes_nowhere() -> None:
    with pytest.raises(NotAllowed) as no:
        after(draft(text=""), (BroadcastMove.SUBMIT, "author"))
    assert no.value.why is Why.EMPTY


def test_what_was_sent_two_days_ago_can_not_be_recalled() -> None:
    sending = after(
        draft(), (BroadcastMove.SUBMIT, "author"), (BroadcastMove.APPROVE, "officer"), (BroadcastMove.BEGIN, None)
    )
    late = NOW + RECALL_WITHIN + timedelta(minutes=1)

    with pytest.raises(NotAllowed) as no:
        moved(sending, BroadcastMove.RECALL, "officer", PEOPLE["officer"], late)
    assert no.value.why is Why.LATE


GAO = Grant(role=Role.OFFICER, place="thon-ben-gao")
LUA = Grant(role=Role.ADMIN, place="ban-na-lua")
ALL = Grant(role=Role.OFFICER)


@pytest.mark.parametrize(
    ("grants", "places", "may"),
    [
        ((GAO,), ("thon-ben-gao",), True),
        ((GAO,), ("ban-na-lua",), False),
        ((GAO,), ("thon-ben-gao", "ban-na-lua"), False),
        ((GAO, LUA), ("thon-ben-gao", "ban-na-lua"), True),
        ((GAO, LUA), (), False),
        ((GAO, ALL), (), True),
        ((Grant(role=Role.VOLUNTEER, place="ban-na-lua"), GAO), ("ban-na-lua",), False),
        ((), (), False),
    ],
)
def test_an_officer_of_some_hamlets_says_yes_to_what_goes_to_these_alone(
    grants: tuple[Grant, ...], places: tuple[str, ...], may: bool
) -> None:
    waiting = replace(after(draft(), (BroadcastMove.SUBMIT, "author")), segment=Segment(places=places))

    assert may_approve(grants, waiting.segment) is may
    for move in (BroadcastMove.APPROVE, BroadcastMove.RETURN, BroadcastMove.DROP):
        if may:
            assert moved(waiting, move, "one", grants, NOW).state is not BroadcastState.WAITING
            continue
        with pytest.raises(NotAllowed) as no:
            moved(waiting, move, "one", grants, NOW)
        assert no.value.why is (Why.PLACE if grants else Why.ROLE)


def test_nobody_stops_or_recalls_what_goes_beyond_their_hamlets() -> None:
    sending = after(
        draft(), (BroadcastMove.SUBMIT, "author"), (BroadcastMove.APPROVE, "officer"), (BroadcastMove.BEGIN, None)
    )
    for move in (BroadcastMove.PAUSE, BroadcastMove.RECALL):
        with pytest.raises(NotAllowed) as no:
            moved(sending, move, "one", (GAO,), NOW)
        assert no.value.why is Why.PLACE


def test_a_volunteer_of_a_hamlet_writes_for_its_team() -> None:
    grants = (Grant(role=Role.OFFICER, place="suoi-hoa"), Grant(role=Role.VOLUNTEER, place="ban-na-lua"))

    assert team_of(grants, ["ban-na-lua"]) == "ban-na-lua"
    assert team_of(grants[:1], ["ban-na-lua"]) == ""


@given(st.text(alphabet=CODE_LETTERS, min_size=0, max_size=12), st.sampled_from(["{}", "mã {} thật không", "({})."]))
def test_a_code_is_found_again_however_it_is_asked_about(id_: str, asked: str) -> None:
    code = code_from(id_)

    assert len(code) == CODE_LENGTH
    assert code_in(asked.format(shown_code(code))) == code
    assert code_in(asked.format(shown_code(code).lower().replace("-", " "))) == code


@pytest.mark.parametrize("text", ["mẹo nghiêm túc", "meo khaisinh", "con mèo nhà tôi", "mẹo hay quá cháu ạ", ""])
def test_no_word_is_taken_for_a_code(text: str) -> None:
    assert code_in(text) is None
