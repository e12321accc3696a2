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
    EVENTS = "events"  # what happens in people's lives
    EVENT = "event"  # life event
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
    # appointments
    APPOINT = "appoint"  # [walk or procedure [, result]]: make one
    APPOINTMENTS = "appointments"  # what is booked
    AP_SHOW = "ap-show"  # appointment
    AP_AT = "ap-at"  # appointment, moment (2026-11-27-0800, or a day alone)
    AP_WHERE = "ap-where"  # appointment [, counter]: there; without one, which?
    AP_WATCH = "ap-watch"  # appointment: no day was given; ask on the day by which the law wants the result
    AP_FOR = "ap-for"  # appointment: for somebody else
    AP_YES = "ap-yes"  # appointment, moment [, counter]: that is right
    AP_CHANGE = "ap-change"  # appointment: another day or hour
    AP_OFF = "ap-off"  # appointment: call it off
    AP_SEEN = "ap-seen"  # appointment: noted, I am coming
    AP_PAPERS = "ap-papers"  # appointment: what do I bring?
    AP_TICK = "ap-tick"  # appointment, paper
    AP_REMIND = "ap-remind"  # appointment, yes | no
    AP_NOTICE = "ap-notice"  # appointment [, both | day | hours]
    AP_PHONE = "ap-phone"  # appointment: leave a number; with "none", forget it
    AP_RESULT = "ap-result"  # appointment, on-time | late | not-yet | done
    # staff
    DESK = "desk"  # the way into the officers' pages
    # own data
    HOME = "home"  # the hamlet that is remembered
    HOME_LIST = "home-list"  # which hamlet?
    HOME_AT = "home-at"  # hamlet | none: as it is
    HOME_OFF = "home-off"  # forget it
    MY_DATA = "my-data"
    ERASE = "erase"
    ERASE_YES = "erase-yes"  # the question it answers
    ERASE_NO = "erase-no"
    # left for a human
    FEEDBACK = "feedback"  # which kind?
    LEAVE_WORDS = "leave-words"  # kind
    NAMELESS = "nameless"  # what is being written
    PHOTO = "photo"  # case? – a picture of the screen is to come
    LET_BE = "let-be"  # what is being written
    RATE = "rate"  # walk, 1 to 5
    RATE_VISIT = "rate-visit"  # appointment, 1 to 5
    CASES = "cases"  # all of one's own
    CASE = "case"  # code
    MORE = "more"  # code: write more
    # … and what officers do with it in their own chat
    TAKE_CASE = "take-case"  # code
    ANSWER_CASE = "answer-case"  # code
    ANSWER_LIVE = "answer-live"  # code: instead of the bot
    BOT_BACK = "bot-back"  # code
    # tips, for those who take them
    TIPS = "tips"
    TIPS_YES = "tips-yes"
    TIPS_NO = "tips-no"
    TIPS_PLACE = "tips-place"  # hamlet | all
    TIPS_TOPIC = "tips-topic"  # field | all
    TIP_OPEN = "tip-open"  # broadcast
    TIP_CHECK = "tip-check"  # is a tip true?
    FOLLOW_UP = "follow-up"  # walk
    FOLLOW_UP_NO = "follow-up-no"
    # … and for those who write them
    TIP_WORK = "tip-work"
    TIP_LIBRARY = "tip-library"  # [field]
    TIP_WRITE = "tip-write"  # [ready tip]
    TIP_SHOW = "tip-show"  # broadcast
    TIP_SET = "tip-set"  # broadcast, what, value | ask
    TIP_MOVE = "tip-move"  # broadcast, move [, sure]
    # what only words can ask; no button carries these
    ASKED = "asked"  # a question in free text
    SMALL_TALK = "small-talk"  # a greeting, thanks, an insult …
    URGENT = "urgent"  # an emergency or a scam
    HOME_SAID = "home-said"  # "nhà tôi ở thôn …"
    WORDS = "words"  # the free text that the walk in focus waits for: a name, a dossier code
    AP_WORDS = "ap-words"  # … that the appointment in focus waits for: what, when, for whom, a telephone number
    INVITED = "invited"  # token: an invitation to a role, typed or by its link
    DESK_CODE = "desk-code"  # code: what the login page shows
    AP_SAID = "ap-said"  # "nhắc tôi thứ năm 8 giờ …", at any time
    WRITTEN = "written"  # the words for a human, or for a citizen, that the focus waits for
    HANDED_ON = "handed-on"  # words for the officer who has taken over
    TIP_WORDS = "tip-words"  # the free text about a tip that the focus waits for
    TIP_TRUE = "tip-true"  # a tip's code, or its text forwarded to us
    TICK_MANY = "tick-many"  # walk, papers …: "1 3 4"
    NO_SUCH_NUMBER = "no-such-number"
    PICTURED = "pictured"  # the picture that was asked for
    UNREADABLE = "unreadable"  # nothing to read: emoji, a sticker, a voice note, a forged button


SPOKEN_ONLY = frozenset(
    {
        Verb.ASKED,
        Verb.SMALL_TALK,
        Verb.URGENT,
        Verb.HOME_SAID,
        Verb.WORDS,
        Verb.AP_WORDS,
        Verb.INVITED,
        Verb.DESK_CODE,
        Verb.AP_SAID,
        Verb.WRITTEN,
        Verb.HANDED_ON,
        Verb.TIP_WORDS,
        Verb.TIP_TRUE,
        Verb.TICK_MANY,
        Verb.NO_SUCH_NUMBER,
        Verb.PICTURED,
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
        Verb.EVENTS,
        Verb.EVENT,
        Verb.ABOUT,
        Verb.HUMAN,
        Verb.BACK,
        Verb.ASKED,
        Verb.SMALL_TALK,
        Verb.URGENT,
        Verb.NO_SUCH_NUMBER,
        Verb.UNREADABLE,
        Verb.TIP_OPEN,
        Verb.TIP_TRUE,
    }
)

# How many things each verb names: at least, at most.
ARGUMENTS = {
    Verb.FIELD: (1, 1),
    Verb.EVENT: (1, 1),
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
    Verb.APPOINT: (0, 2),
    Verb.AP_SHOW: (1, 1),
    Verb.AP_AT: (2, 2),
    Verb.AP_WATCH: (1, 1),
    Verb.AP_FOR: (1, 1),
    Verb.AP_WHERE: (1, 2),
    Verb.AP_YES: (2, 3),
    Verb.AP_CHANGE: (0, 1),
    Verb.AP_OFF: (0, 1),
    Verb.AP_SEEN: (0, 1),
    Verb.AP_PAPERS: (0, 1),
    Verb.AP_TICK: (2, 2),
    Verb.AP_REMIND: (2, 2),
    Verb.AP_NOTICE: (1, 2),
    Verb.AP_PHONE: (1, 2),
    Verb.AP_RESULT: (2, 2),
    Verb.HOME_AT: (1, 1),
    Verb.ERASE_YES: (1, 1),
    Verb.LEAVE_WORDS: (1, 1),
    Verb.PHOTO: (0, 1),
    Verb.RATE: (2, 2),
    Verb.RATE_VISIT: (2, 2),
    Verb.CASE: (1, 1),
    Verb.MORE: (1, 1),
    Verb.TAKE_CASE: (1, 1),
    Verb.ANSWER_CASE: (1, 1),
    Verb.ANSWER_LIVE: (1, 1),
    Verb.BOT_BACK: (1, 1),
    Verb.TIPS_PLACE: (1, 1),
    Verb.TIPS_TOPIC: (1, 1),
    Verb.TIP_OPEN: (1, 1),
    Verb.FOLLOW_UP: (1, 1),
    Verb.TIP_LIBRARY: (0, 1),
    Verb.TIP_WRITE: (0, 1),
    Verb.TIP_SHOW: (1, 1),
    Verb.TIP_SET: (3, 3),
    Verb.TIP_MOVE: (2, 3),
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
