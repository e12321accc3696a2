"""What handlers share: how an answer leaves the focus, and the way back to a walk that waits."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue.messages import Button, Conversation, Effect, Focus, Outcome, Reply, Task, Turn
from bot.dialogue.payloads import Verb, encode
from bot.dialogue.states import TalkMove, TalkState, after


def args(turn: Turn) -> tuple[str, ...]:
    """What the action acts on."""
    return turn.action.args if turn.action else ()


def told(
    turn: Turn,
    *replies: Reply,
    move: TalkMove = TalkMove.TOLD,
    topic: str | None = None,
    misses: int = 0,
    effects: tuple[Effect, ...] = (),
) -> Outcome:
    """An answer given in the talk. A walk or an appointment in focus stays there, and the answer ends with the way
    back to it."""
    conversation = replace(turn.conversation, topic=topic or turn.conversation.topic, misses=misses)
    if turn.conversation.focus.task in {Task.WALK, Task.APPOINTMENT}:
        *first, last = replies
        back = way_back(turn)
        if back.payload not in {button.payload for button in last.buttons}:
            last = replace(last, buttons=(*last.buttons, back))
        replies = (*first, last)
    else:
        conversation = in_talk(conversation, move)
    return Outcome(replies=replies, conversation=conversation, effects=effects)


def in_talk(conversation: Conversation, move: TalkMove = TalkMove.LEFT) -> Conversation:
    """The same conversation with the focus on the talk."""
    state = conversation.focus.state if conversation.focus.task is Task.TALK else TalkState.IDLE
    return replace(conversation, focus=Focus(task=Task.TALK, state=after(Task.TALK, state, move)))


def way_back(turn: Turn) -> Button:
    """The button that goes on with the walk or the appointment in focus."""
    if turn.conversation.focus.task is Task.APPOINTMENT:
        return turn.knowledge.button("ap_resume", encode(Verb.AP_SHOW, turn.conversation.focus.id or "none"))
    return turn.knowledge.button("resume", encode(Verb.RESUME, turn.conversation.focus.id or "none"))


def shorten(text: str, length: int = 36) -> str:
    """The text, cut at a word so that it fits a button."""
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;(") + "…"
