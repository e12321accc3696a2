"""What the figures count: the kinds of facts, and how a walk's way is cut into them.

A fact is (day, kind, procedure, place, channel, n): no person in it, so that it survives retention and erasure. Kinds
of other subjects (appointments, ratings) are emitted by their handlers under the names below.
"""

from __future__ import annotations

from bot.dialogue.messages import Became, Walk, WalkStatus
from bot.dialogue.states import WalkState

# A walk: each at most once, however often people go back and forth.
OPENED = "opened"  # a guide or a topic was shown
STARTED = "started"
PAPERS = "papers"  # the checklist was shown
STEPS_DONE = "steps-done"  # behind the last step
REACHED = "reached:"  # … and the step's id
STUCK = "stuck:"  # … and the step's id
TROUBLE = "trouble:"  # … the step's id, a colon, the trouble's id

ONLINE_SELF = "ended-online-self"
ONLINE_HELPED = "ended-online-helped"
ONLINE = "ended-online"  # and nobody said whether somebody helped
COUNTER = "ended-counter"
GAVE_UP = "ended-gave-up"
ONLINE_ALL = (ONLINE_SELF, ONLINE_HELPED, ONLINE)
FINISHED = (*ONLINE_ALL, COUNTER)

QUESTIONS = tuple(Became)  # each question under one of them

# Appointments: what people said of their result when it was due.
RESULT_ON_TIME, RESULT_LATE, RESULT_NOT_YET = RESULTS = ("result-on-time", "result-late", "result-not-yet")
STARS = range(1, 6)
RATINGS = tuple(f"rated-{stars}" for stars in STARS)  # of a walk: how easy it was
VISIT_RATINGS = tuple(f"visit-rated-{stars}" for stars in STARS)  # of the day at the office


def reached(walk: Walk) -> str | None:
    """What is counted when a walk is shown where it now stands; None for a state that is not counted."""
    match walk.state:
        case WalkState.PAPERS:
            return PAPERS
        case WalkState.STEP:
            return f"{REACHED}{walk.step}"
        case WalkState.STUCK:
            return f"{STUCK}{walk.step}"
        case WalkState.ENDING:
            return STEPS_DONE
        case _:
            return None


def trouble(step: str, id_: str) -> str:
    """The kind of that trouble at that step."""
    return f"{TROUBLE}{step}:{id_}"


def ended(status: WalkStatus, *, helped: bool | None) -> str:
    """The kind of a walk's end: by oneself, with help, at the counter, given up. ValueError for one still open."""
    if status is WalkStatus.OPEN:
        raise ValueError("this walk has not ended")
    if status is WalkStatus.ONLINE:
        return ONLINE if helped is None else ONLINE_HELPED if helped else ONLINE_SELF
    return COUNTER if status is WalkStatus.COUNTER else GAVE_UP
