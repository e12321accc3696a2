"""Everything around the dossiers: the menu, help, a human, where we are, and what is only said in passing."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue.cases import CaseKind
from bot.dialogue.messages import Button, GiveBack, InboundKind, Other, Outcome, Reply, Task, Turn
from bot.dialogue.payloads import Verb, encode
from bot.dialogue.states import TalkMove
from bot.handlers import walks
from bot.handlers.common import in_talk, told
from bot.privacy import hides_something
from bot.understanding import Kind

OPEN_WALKS_SHOWN = 3


def menu(turn: Turn) -> Outcome:
    """What one can do here; unfinished walks first."""
    return _leave(turn, Reply(text=turn.knowledge.say("menu"), buttons=_menu_buttons(turn)))


def help_(turn: Turn) -> Outcome:
    """The words that always work."""
    return told(turn, Reply(text=turn.knowledge.say("help"), buttons=_menu_buttons(turn)))


def human(turn: Turn) -> Outcome:
    """Who answers, at what number, at what hours; and a question can be left."""
    if taken := turn.records.takeover(turn.now):
        return told(turn, Reply(text=turn.knowledge.say("with_you", officer=taken.name)))
    ask = turn.knowledge.button("leave_question", encode(Verb.LEAVE_WORDS, CaseKind.QUESTION))
    buttons = (ask,) if turn.conversation.focus.task is Task.WALK else (ask, *_menu_buttons(turn)[:2])
    return told(turn, Reply(text=turn.knowledge.say("human"), buttons=buttons))


def where(turn: Turn) -> Outcome:
    """Where the person stands."""
    focus = turn.conversation.focus
    if focus.task is Task.WALK and (walk := turn.records.walk(focus.id or "")):
        return told(turn, Reply(text=walks.place(turn, walk)))
    waiting = turn.records.open_walks()
    if waiting:
        text = turn.knowledge.say(
            "where_waiting", walks="\n".join(f"• {walks.place(turn, walk)}" for walk in waiting)
        )
    elif turn.conversation.topic:
        text = turn.knowledge.say("where_topic", name=turn.knowledge.title(turn.conversation.topic))
    else:
        text = turn.knowledge.say("where_idle")
    return told(turn, Reply(text=text, buttons=_menu_buttons(turn)))


def stop(turn: Turn) -> Outcome:
    """Nothing more for now. (In a walk, `walks.pause` answers.) From an officer who took over, back to the bot."""
    if taken := turn.records.takeover(turn.now):
        outcome = told(turn, Reply(text=turn.knowledge.say("bot_again")))
        return replace(outcome, effects=(GiveBack(code=taken.code),))
    return _leave(turn, Reply(text=turn.knowledge.say("stopped")))


def restart(turn: Turn) -> Outcome:
    """From the top: of the walk in focus, else of the talk."""
    if turn.conversation.focus.task is Task.WALK:
        return walks.restart(turn)
    return menu(replace(turn, conversation=replace(turn.conversation, topic=None)))


def small_talk(turn: Turn) -> Outcome:
    """A greeting, thanks, an insult: each its own kind sentence. What is under way stays under way."""
    kind = turn.understood.kind if turn.understood else Kind.GREETING
    in_walk = turn.conversation.focus.task is Task.WALK
    if kind is Kind.GREETING and not turn.conversation.welcomed:
        return menu(turn)  # the welcome has greeted already
    buttons = () if in_walk or kind is Kind.THANKS else _menu_buttons(turn)
    return told(turn, Reply(text=turn.knowledge.say(kind), buttons=buttons))


def urgent(turn: Turn) -> Outcome:
    """An emergency, or a scam under way: the right number first, nothing else."""
    kind = turn.understood.kind if turn.understood else Kind.EMERGENCY
    return told(turn, Reply(text=turn.knowledge.say(kind.replace("-", "_"))))


def unreadable(turn: Turn) -> Outcome:
    """Emoji, a sticker, a voice note, a forged button; or nothing but a personal number."""
    if turn.inbound.kind is InboundKind.OTHER and (about_it := beside_words(turn)):
        return _repeat(turn, about_it)
    key = "private_number" if hides_something(turn.inbound.text) else "unreadable"
    return _repeat(turn, turn.knowledge.say(key))


def beside_words(turn: Turn) -> str | None:
    """What we say of a picture, a voice note … that came; None for words alone."""
    what = turn.inbound.payload
    return turn.knowledge.say(f"other_{what}") if what in set(Other) else None


def in_private(turn: Turn) -> Outcome:
    """Something personal, said where others read along: the way into the private chat."""
    topic = turn.conversation.topic or ""
    begin = encode(Verb.BEGIN, topic) if topic in turn.knowledge.content.guides else encode(Verb.WALKS)
    reply = Reply(text=turn.knowledge.say("in_private"), buttons=(turn.knowledge.button("in_private", begin),))
    return Outcome(replies=(reply,), conversation=turn.conversation)


def no_such_number(turn: Turn) -> Outcome:
    """A digit beyond the choices: they are shown again."""
    return _repeat(turn, turn.knowledge.say("no_such_number"))


def gone(turn: Turn) -> Outcome:
    """A button for something that content no longer has."""
    return told(turn, Reply(text=turn.knowledge.say("gone"), buttons=_menu_buttons(turn)))


def _repeat(turn: Turn, text: str) -> Outcome:
    """Say this, and offer again what was offered."""
    reply = Reply(text=text, buttons=turn.conversation.offered or _menu_buttons(turn))
    return Outcome(replies=(reply,), conversation=turn.conversation)


def _leave(turn: Turn, reply: Reply) -> Outcome:
    """An answer after which the talk is in focus, whatever was before."""
    conversation = replace(in_talk(turn.conversation, TalkMove.LEFT), misses=0)
    return Outcome(replies=(reply,), conversation=conversation)


def _menu_buttons(turn: Turn) -> tuple[Button, ...]:
    knowledge = turn.knowledge
    waiting = turn.records.open_walks()
    if len(waiting) > OPEN_WALKS_SHOWN:
        first: tuple[Button, ...] = (knowledge.button("walks", encode(Verb.WALKS)),)
    else:
        first = tuple(walks.resume_button(turn, walk) for walk in waiting)
    return (
        *first,
        knowledge.button("list", encode(Verb.LIST)),
        knowledge.button("human", encode(Verb.HUMAN)),
        knowledge.button("help", encode(Verb.HELP)),
    )
