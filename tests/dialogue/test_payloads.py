from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.payloads import ARGUMENTS, MAX_BYTES, SPOKEN_ONLY, Action, Verb, decode, encode
from bot.handlers import HANDLERS
from bot.knowledge import Knowledge

WALK_ID = "abcd2345"

words = st.from_regex(r"[a-z0-9-]{1,12}", fullmatch=True)
carried = st.sampled_from([verb for verb in Verb if verb not in SPOKEN_ONLY])


@given(st.data(), carried)
def test_whatever_a_button_carries_comes_back(data: st.DataObject, verb: Verb) -> None:
    least, most = ARGUMENTS.get(verb, (0, 0))
    args = tuple(data.draw(st.lists(words, min_size=least, max_size=most)))

    assert decode(encode(verb, *args)) == Action(verb, args)


@given(st.text())
def test_any_text_is_an_action_of_ours_or_none(payload: str) -> None:
    action = decode(payload)

    assert action is None or encode(action.verb, *action.args) == payload


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "menu:",
        "MENU",
        "asked",
        "words",
        "tick-many:w:a",
        "done:w",
        "done:w:step:more",
        "about:../../etc",
        "about:Khai-Sinh",
        "about:" + "a" * 33,
        "fix:" + "a" * 20 + ":" + "b" * 20 + ":" + "c" * 20,
        "menu\x00",
        "erase-yes",
    ],
)
def test_what_no_button_of_ours_carries_is_no_action(forged: str) -> None:
    assert decode(forged) is None


def test_a_button_that_would_not_come_back_is_never_made() -> None:
    with pytest.raises(ValueError, match="no button can carry"):
        encode(Verb.ABOUT, "khai sinh")


def test_every_verb_has_its_handler() -> None:
    assert set(HANDLERS) == set(Verb)


def test_every_payload_that_content_can_make_fits_the_tightest_platform(knowledge: Knowledge) -> None:
    for guide in knowledge.content.guides.values():
        payloads = [encode(Verb.ANSWER, WALK_ID, q.id, option.id) for q in guide.questions for option in q.options]
        payloads += [encode(Verb.TICK, WALK_ID, paper.id) for paper in guide.papers]
        for way in guide.steps:
            for step in guide.walk_steps(way):
                payloads.append(encode(Verb.DONE, WALK_ID, step.id))
                payloads += [encode(Verb.FIX, WALK_ID, step.id, trouble.id) for trouble in step.troubles]

        assert max(len(payload.encode()) for payload in payloads) <= MAX_BYTES
