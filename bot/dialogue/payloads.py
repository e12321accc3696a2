"""What can be asked of the bot, and how a button names it.

A payload is at most 64 bytes (Telegram's callback_data, the tightest of our platforms), names what it acts on, and is
safe for ever: pressed a year later, it does what it says or nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

MAX_BYTES = 64
_ARGUMENT = re.compile(r"[a-z0-9-]{1,32}")


class Verb(StrEnum):
    """Everything that can be asked of the bot."""

    # the talk
    MENU = "menu"
    HELP = "help"
    LIST = "list"  # the fields
    FIELD = "field"  # field
    ABOUT = "about"  # procedure or topic [, facet]
    CARD = "card"  # national code, with a dash for its dot
    HUMAN = "human"
    WHERE = "where"  # where am I?
    BACK = "back"
    STOP = "stop"
    RESTART = "restart"
    # walks
    BEGIN = "begin"  # procedure
    ANEW = "anew"  # procedure: a second walk beside an open one
    WALKS = "walks"
    RESUME = "resume"  # walk
    NAME = "name"  # walk: go on without a name
    ANSWER = "answer"  # walk, question, option
    TICK = "tick"  # walk, paper
    READY = "ready"  # walk
    PAPERS = "papers"  # walk
    DONE = "done"  # walk, step
    STUCK = "stuck"  # walk, step
    FIX = "fix"  # walk, step, trouble
    STEP_BACK = "step-back"  # walk
    PAUSE = "pause"  # walk
    END = "end"  # walk, online | counter | gave-up
    NO_CODE = "no-code"  # walk: no dossier code to give
    # own data
    MY_DATA = "my-data"
    ERASE = "erase"
    ERASE_YES = "erase-yes"  # the question it answers
    ERASE_NO = "erase-no"
    # what only words can ask; no button carries these
    ASKED = "asked"  # a question in free text
    SMALL_TALK = "small-talk"  # a greeting, thanks, an insult …
    URGENT = "urgent"  # an emergency or a scam
    WORDS = "words"  # the free text that the focus waits for: a name, a dossier code
    TICK_MANY = "tick-many"  # walk, papers …: "1 3 4"
    NO_SUCH_NUMBER = "no-such-number"
    UNREADABLE = "unreadable"  # nothing to read: emoji, a sticker, a voice note, a forged button


SPOKEN_ONLY = frozenset(
    {
        Verb.ASKED,
        Verb.SMALL_TALK,
        Verb.URGENT,
        Verb.WORDS,
        Verb.TICK_MANY,
        Verb.NO_SUCH_NUMBER,
        Verb.UNREADABLE,
    }
)

# What may be asked where others read along; all else is personal, and belongs into the private chat.
PUBLIC = frozenset(
    {
        Verb.MENU,
        Verb.HELP,
        Verb.LIST,
        Verb.FIELD,
        Verb.ABOUT,
        Verb.HUMAN,
        Verb.BACK,
        Verb.ASKED,
        Verb.SMALL_TALK,
        Verb.URGENT,
        Verb.NO_SUCH_NUMBER,
        Verb.UNREADABLE,
    }
)

# How many things each verb names: at least, at most.
ARGUMENTS = {
    Verb.FIELD: (1, 1),
    Verb.ABOUT: (1, 2),
    Verb.CARD: (1, 1),
    Verb.BEGIN: (1, 1),
    Verb.ANEW: (1, 1),
    Verb.RESUME: (1, 1),
    Verb.NAME: (1, 1),
    Verb.ANSWER: (3, 3),
    Verb.TICK: (2, 2),
    Verb.READY: (1, 1),
    Verb.PAPERS: (1, 1),
    Verb.DONE: (2, 2),
    Verb.STUCK: (2, 2),
    Verb.FIX: (3, 3),
    Verb.STEP_BACK: (1, 1),
    Verb.PAUSE: (1, 1),
    Verb.END: (2, 2),
    Verb.NO_CODE: (1, 1),
    Verb.ERASE_YES: (1, 1),
}


@dataclass(frozen=True, slots=True)
class Action:
    """One thing asked of the bot: a verb and what it acts on."""

    verb: Verb
    args: tuple[str, ...] = ()


def encode(verb: Verb, *args: str) -> str:
    """The payload of a button. ValueError if it would not come back as the same action."""
    payload = ":".join((verb, *args))
    if decode(payload) != Action(verb, args):
        raise ValueError(f"no button can carry {payload!r}")
    return payload


def decode(payload: str) -> Action | None:
    """The action that a payload names; None if no button of ours ever carried it."""
    if len(payload.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return None
    name, *args = payload.split(":")
    try:
        verb = Verb(name)
    except ValueError:
        return None
    least, most = ARGUMENTS.get(verb, (0, 0))
    if verb in SPOKEN_ONLY or not least <= len(args) <= most:
        return None
    if not all(_ARGUMENT.fullmatch(arg) for arg in args):
        return None
    return Action(verb, tuple(args))
