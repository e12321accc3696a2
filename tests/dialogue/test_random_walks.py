"""People who press and type at random: nobody ever meets a dead end."""

from __future__ import annotations

import random

import pytest

from bot.dialogue.messages import Reply, WalkStatus
from bot.dialogue.payloads import Verb, decode
from bot.knowledge import Knowledge
from tests.support.mind import Mind
from tests.support.results import SOAK, keep

WALKS = 10_000 if SOAK else 400
STEPS = 25
TO_THE_END = 80  # presses within which any walk can be finished from wherever it stands

WORDS = ["menu", "quay lai", "dừng", "tiep tuc", "bat dau lai", "toi dang o dau", "xong", "ket", "7", "0", "1 2"]
WORDS += [
    "xem dữ liệu của tôi",
    "trợ giúp",
    "danh sách",
    "🙂🙂",
    "gap can bo",
    "H01-2611-0007",
    "bé út",
    "làm khai sinh",
]
FORWARD = (Verb.READY, Verb.DONE, Verb.ANSWER, Verb.END, Verb.NAME, Verb.NO_CODE, Verb.RESUME, Verb.STEP_BACK)


@pytest.mark.parametrize("part", range(10))
def test_no_one_meets_a_dead_end(knowledge: Knowledge, part: int) -> None:
    for number in range(part * WALKS // 10, (part + 1) * WALKS // 10):
        luck = random.Random(number)
        mind = Mind(knowledge)
        pressed_before: list[str] = []
        for _ in range(STEPS):
            act(mind, luck, pressed_before)
            look(mind.replies, f"walk {number}")
        finish(mind)
    keep("random-walks", walks=WALKS, steps_each=STEPS, dead_ends=0)


def act(mind: Mind, luck: random.Random, pressed_before: list[str]) -> None:
    offered = mind.conversation.offered
    chance = luck.random()
    if not mind.replies or chance < 0.12:
        mind.says(luck.choice(WORDS))
    elif chance < 0.18 and pressed_before:
        mind.presses(luck.choice(pressed_before))  # a button of long ago
    elif chance < 0.3 and offered:
        mind.says(str(luck.randint(1, len(offered) + 1)))
    elif offered:
        pressed_before.append(luck.choice(offered).payload)
        mind.presses(pressed_before[-1])
    else:
        mind.presses(f"begin:{luck.choice(list(mind.knowledge.content.guides))}")


def look(replies: tuple[Reply, ...], where: str) -> None:
    assert replies, where
    for reply in replies:
        assert 0 < len(reply.text) <= 4000, f"{where}: {len(reply.text)} characters"
        assert "{" not in reply.text, f"{where}: {reply.text}"
        for button in reply.buttons:
            assert decode(button.payload), f"{where}: {button}"
            assert 0 < len(button.label) <= 40, f"{where}: {button.label}"


def finish(mind: Mind) -> None:
    """From wherever they are: begin or resume a walk, and get to its end by pressing what leads on."""
    mind.says("menu")
    if not mind.walks or mind.walk.status is not WalkStatus.OPEN:
        mind.presses(f"begin:{next(iter(mind.knowledge.content.guides))}")
    walk = mind.walk
    mind.presses(f"resume:{walk.id}")
    for _ in range(TO_THE_END):
        if mind.walks[walk.id].state == "over":
            return
        mind.presses(forward(mind.last))
    raise AssertionError(f"never ended: {mind.walks[walk.id]}")


def forward(reply: Reply) -> str:
    verbs = {decode(button.payload).verb: button.payload for button in reversed(reply.buttons)}  # type: ignore[union-attr]
    return next(verbs[verb] for verb in FORWARD if verb in verbs)
