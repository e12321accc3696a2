"""Where a conversation can stand, and every move there is: one table per kind of task.

`python -m bot states` draws these tables; a test finds every state reachable and leavable.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.dialogue.messages import Task


class TalkState(StrEnum):
    """Where the talk can stand."""

    IDLE = "idle"
    BROWSING = "browsing"  # the list of fields, or of one field
    READING = "reading"  # a procedure or topic is on the table
    CHOOSING = "choosing"  # the bot has asked back


class TalkMove(StrEnum):
    """What moves the talk."""

    BROWSED = "browsed"
    TOLD = "told"
    ASKED_BACK = "asked-back"
    LEFT = "left"


class WalkState(StrEnum):
    """Where a walk can stand."""

    NAMING = "naming"  # for whom is it? asked only for a second walk through the same procedure
    ASKING = "asking"  # the branch questions
    PAPERS = "papers"  # the checklist
    STEP = "step"  # one step at a time
    STUCK = "stuck"  # which trouble?
    ENDING = "ending"  # how did it end?
    CODE = "code"  # the dossier code, if they like
    OVER = "over"


class WalkMove(StrEnum):
    """What moves a walk."""

    NAMED = "named"
    ANSWERED = "answered"  # and there is another question
    SETTLED = "settled"  # no question is left
    TICKED = "ticked"
    READY = "ready"
    DONE = "done"
    HANDED_IN = "handed-in"
    STUCK = "stuck"
    TOLD_FIX = "told-fix"
    BACK = "back"
    BACK_TO_QUESTIONS = "back-to-questions"
    BACK_TO_PAPERS = "back-to-papers"
    BACK_TO_STEPS = "back-to-steps"
    SUBMITTED = "submitted"
    CLOSED = "closed"
    RESTARTED = "restarted"


class AppointmentState(StrEnum):
    """Where making an appointment can stand."""

    WHAT = "what"  # what is it for?
    WHEN = "when"  # on which day, at what time?
    HOUR = "hour"  # the day is known
    PLACE = "place"  # at which counter?
    NAMING = "naming"  # for whom?
    CONFIRMING = "confirming"  # is this right?
    CONSENT = "consent"  # shall we remind you?
    PHONE = "phone"  # a number to be called at, if they like
    OVER = "over"


class AppointmentMove(StrEnum):
    """What moves it."""

    ASKED_WHAT = "asked-what"
    ASKED_WHEN = "asked-when"
    ASKED_HOUR = "asked-hour"
    ASKED_PLACE = "asked-place"
    ASKED_NAME = "asked-name"
    READ_BACK = "read-back"
    BOOKED = "booked"
    ASKED_PHONE = "asked-phone"
    CLOSED = "closed"


class EraseState(StrEnum):
    """Where the question before an erasure can stand."""

    CONFIRMING = "confirming"
    OVER = "over"


class EraseMove(StrEnum):
    """How that question can be answered."""

    CONFIRMED = "confirmed"
    KEPT = "kept"


class CaseState(StrEnum):
    """Where the writing to a human can stand, and an officer's writing to a citizen."""

    KIND = "kind"  # a suggestion, a complaint …?
    WRITING = "writing"
    PHOTO = "photo"  # a picture of their screen is asked for; words will do as well
    REMARK = "remark"  # may say why they found it hard; anything else is answered as ever
    ANSWERING = "answering"  # an officer
    OVER = "over"


class CaseMove(StrEnum):
    """What moves it."""

    CHOSEN = "chosen"
    NAMELESS = "nameless"
    SHOW = "show"  # a picture is to come
    WENT_ON = "went-on"  # an officer who has taken over answers again
    SENT = "sent"
    LET_BE = "let-be"


class TipState(StrEnum):
    """Which words about a tip are waited for."""

    TEXT = "text"  # what it says
    GUIDE = "guide"  # the guide that it opens
    REASON = "reason"  # why it is sent back
    CORRECTION = "correction"  # what is said instead of a recalled one
    CHECKING = "checking"  # a citizen's: the tip that may be false
    OVER = "over"


class TipMove(StrEnum):
    """How these words come."""

    WRITTEN = "written"  # and a guide is asked for
    SAID = "said"
    LEFT = "left"


_TALK_ANYWHERE: Mapping[StrEnum, StrEnum] = {
    TalkMove.BROWSED: TalkState.BROWSING,
    TalkMove.TOLD: TalkState.READING,
    TalkMove.ASKED_BACK: TalkState.CHOOSING,
    TalkMove.LEFT: TalkState.IDLE,
}
_CASE_ANYWHERE: Mapping[StrEnum, StrEnum] = {CaseMove.SENT: CaseState.OVER, CaseMove.LET_BE: CaseState.OVER}
_WALK_ANYWHERE: Mapping[StrEnum, StrEnum] = {WalkMove.RESTARTED: WalkState.ASKING, WalkMove.CLOSED: WalkState.OVER}

# Whatever is asked, the buttons of an earlier question still do what they say.
_APPOINTMENT_ANYWHERE: Mapping[StrEnum, StrEnum] = {
    AppointmentMove.ASKED_WHAT: AppointmentState.WHAT,
    AppointmentMove.ASKED_WHEN: AppointmentState.WHEN,
    AppointmentMove.ASKED_HOUR: AppointmentState.HOUR,
    AppointmentMove.ASKED_PLACE: AppointmentState.PLACE,
    AppointmentMove.ASKED_NAME: AppointmentState.NAMING,
    AppointmentMove.READ_BACK: AppointmentState.CONFIRMING,
    AppointmentMove.BOOKED: AppointmentState.CONSENT,
    AppointmentMove.ASKED_PHONE: AppointmentState.PHONE,
    AppointmentMove.CLOSED: AppointmentState.OVER,
}

Moves = Mapping[StrEnum, Mapping[StrEnum, StrEnum]]

MOVES: Mapping[Task, Moves] = {
    Task.TALK: dict.fromkeys(TalkState, _TALK_ANYWHERE),
    Task.WALK: {
        WalkState.NAMING: {WalkMove.NAMED: WalkState.ASKING, **_WALK_ANYWHERE},
        WalkState.ASKING: {
            WalkMove.ANSWERED: WalkState.ASKING,
            WalkMove.SETTLED: WalkState.PAPERS,
            WalkMove.BACK: WalkState.ASKING,
            **_WALK_ANYWHERE,
        },
        WalkState.PAPERS: {
            WalkMove.TICKED: WalkState.PAPERS,
            WalkMove.READY: WalkState.STEP,
            WalkMove.BACK_TO_QUESTIONS: WalkState.ASKING,
            **_WALK_ANYWHERE,
        },
        WalkState.STEP: {
            WalkMove.DONE: WalkState.STEP,
            WalkMove.HANDED_IN: WalkState.ENDING,
            WalkMove.STUCK: WalkState.STUCK,
            WalkMove.BACK: WalkState.STEP,
            WalkMove.BACK_TO_PAPERS: WalkState.PAPERS,
            **_WALK_ANYWHERE,
        },
        WalkState.STUCK: {
            WalkMove.TOLD_FIX: WalkState.STUCK,
            WalkMove.DONE: WalkState.STEP,
            WalkMove.HANDED_IN: WalkState.ENDING,
            WalkMove.BACK_TO_STEPS: WalkState.STEP,
            WalkMove.BACK_TO_PAPERS: WalkState.PAPERS,
            **_WALK_ANYWHERE,
        },
        WalkState.ENDING: {
            WalkMove.SUBMITTED: WalkState.CODE,
            WalkMove.BACK_TO_STEPS: WalkState.STEP,
            **_WALK_ANYWHERE,
        },
        WalkState.CODE: {**_WALK_ANYWHERE},
        WalkState.OVER: {},
    },
    Task.APPOINTMENT: {
        **{state: _APPOINTMENT_ANYWHERE for state in AppointmentState if state is not AppointmentState.OVER},
        AppointmentState.OVER: {},
    },
    Task.ERASE: {
        EraseState.CONFIRMING: {EraseMove.CONFIRMED: EraseState.OVER, EraseMove.KEPT: EraseState.OVER},
        EraseState.OVER: {},
    },
    Task.CASE: {
        CaseState.KIND: {CaseMove.CHOSEN: CaseState.WRITING, **_CASE_ANYWHERE},
        CaseState.WRITING: {
            CaseMove.NAMELESS: CaseState.WRITING,
            CaseMove.SHOW: CaseState.PHOTO,
            **_CASE_ANYWHERE,
        },
        CaseState.PHOTO: _CASE_ANYWHERE,
        CaseState.REMARK: {CaseMove.NAMELESS: CaseState.WRITING, **_CASE_ANYWHERE},
        CaseState.ANSWERING: {CaseMove.WENT_ON: CaseState.ANSWERING, **_CASE_ANYWHERE},
        CaseState.OVER: {},
    },
    Task.TIP: {
        TipState.TEXT: {
            TipMove.WRITTEN: TipState.GUIDE,
            TipMove.SAID: TipState.OVER,
            TipMove.LEFT: TipState.OVER,
        },
        **{
            state: {TipMove.SAID: TipState.OVER, TipMove.LEFT: TipState.OVER}
            for state in (TipState.GUIDE, TipState.REASON, TipState.CORRECTION, TipState.CHECKING)
        },
        TipState.OVER: {},
    },
}

STARTS: Mapping[Task, tuple[StrEnum, ...]] = {
    Task.TALK: (TalkState.IDLE,),
    Task.WALK: (WalkState.NAMING, WalkState.ASKING),
    Task.APPOINTMENT: (AppointmentState.WHAT, AppointmentState.WHEN),
    Task.ERASE: (EraseState.CONFIRMING,),
    Task.CASE: (CaseState.KIND, CaseState.WRITING, CaseState.PHOTO, CaseState.REMARK, CaseState.ANSWERING),
    Task.TIP: (TipState.TEXT, TipState.GUIDE, TipState.REASON, TipState.CORRECTION, TipState.CHECKING),
}
# A task that is over gives the focus back to the talk.
ENDS: Mapping[Task, frozenset[StrEnum]] = {
    Task.TALK: frozenset(),
    Task.WALK: frozenset({WalkState.OVER}),
    Task.APPOINTMENT: frozenset({AppointmentState.OVER}),
    Task.ERASE: frozenset({EraseState.OVER}),
    Task.CASE: frozenset({CaseState.OVER}),
    Task.TIP: frozenset({TipState.OVER}),
}


def allows(task: Task, state: str, move: StrEnum) -> bool:
    """True if the table has that move from that state."""
    return any(state == known and move in moves for known, moves in MOVES[task].items())


def after(task: Task, state: str, move: StrEnum) -> StrEnum:
    """The state that follows. LookupError if the table has no such move: a mistake of ours, not of a citizen."""
    for known, moves in MOVES[task].items():
        if state == known and move in moves:
            return moves[move]
    raise LookupError(f"{task}: no move {move} from {state}")


def diagrams() -> str:
    """The tables as Mermaid state diagrams, in Markdown."""
    parts = []
    for task, moves in MOVES.items():
        lines = [f"## {task}", "", "```mermaid", "stateDiagram-v2"]
        lines += [f"    [*] --> {start}" for start in STARTS[task]]
        for state, out in moves.items():
            for move, target in out.items():
                lines.append(f"    {state} --> {target}: {move}")
        lines += [f"    {end} --> [*]" for end in sorted(ENDS[task])]
        parts.append("\n".join([*lines, "```"]))
    return "\n\n".join(parts) + "\n"
