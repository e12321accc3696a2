"""What citizens are told about their cases and who answers them, in words and days; the desk says the same."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.calendar import Office, add_working_days, opening
from bot.dialogue.cases import Case, CaseKind, CaseStatus, shown
from bot.dialogue.messages import LOCAL, Reply, local_day
from bot.dialogue.payloads import Verb, encode
from bot.handlers.common import shorten
from bot.handlers.facts import day
from bot.knowledge import Knowledge

ASKED_SHOWN = 120  # characters of a case in the chat of the colleague who gets it

KINDS = {
    CaseKind.QUESTION: "case_question",
    CaseKind.SUGGESTION: "case_suggestion",
    CaseKind.COMPLAINT: "case_complaint",
    CaseKind.PRAISE: "case_praise",
    CaseKind.CONTENT: "case_content",
}
STATUSES = {
    CaseStatus.NEW: "case_new",
    CaseStatus.OPEN: "case_open",
    CaseStatus.ANSWERED: "case_answered",
    CaseStatus.CLOSED: "case_closed",
    CaseStatus.MERGED: "case_open",
}


def due(knowledge: Knowledge, now: datetime) -> date:
    """By which day officers answer what comes now, by the commune's rule in working days."""
    office = Office.of(knowledge.content.locality.counter)
    return add_working_days(local_day(now), knowledge.content.locality.answer_days, office.closed)


def opens_next(knowledge: Knowledge, now: datetime) -> datetime | None:
    """When the counter opens, in Asia/Ho_Chi_Minh; None if it is open."""
    found = opening(now, Office.of(knowledge.content.locality.counter))
    return None if found.is_open else found.opens_next


def until(knowledge: Knowledge, now: datetime) -> datetime:
    """Until when an officer who says something now is waited for: at closing time the bot is back."""
    latest = now + timedelta(minutes=knowledge.content.locality.takeover_minutes)
    closes = opening(now, Office.of(knowledge.content.locality.counter)).closes
    return min(latest, closes) if closes else latest


def when(knowledge: Knowledge, now: datetime) -> str:
    """Whether somebody reads it now, or from when on."""
    opens = opens_next(knowledge, now)
    if opens is None:
        return knowledge.say("office_open")
    opens = opens.astimezone(LOCAL)
    return knowledge.say("office_closed", time=f"{opens:%H:%M}", date=day(opens.date()))


def line(knowledge: Knowledge, case: Case) -> str:
    """A case in one line: its code, what it is, how far it is."""
    return knowledge.say(
        "case_line",
        code=shown(case.code),
        kind=knowledge.say(KINDS[case.kind]),
        status=knowledge.say(STATUSES[case.status]),
    )


def answer(knowledge: Knowledge, officer: str, words: str, code: str) -> Reply:
    """An officer's answer as its citizen gets it."""
    more = knowledge.button("more", encode(Verb.MORE, code))
    return Reply(text=knowledge.say("answer", officer=officer, words=words, code=shown(code)), buttons=(more,))


def taken_over(knowledge: Knowledge, officer: str) -> Reply:
    """An officer answers from now on."""
    return Reply(text=knowledge.say("taken_over", officer=officer))


def assigned(knowledge: Knowledge, giver: str, code: str, words: str) -> Reply:
    """For the colleague whom a case is given to."""
    asked = shorten(" ".join(words.split()), ASKED_SHOWN)
    return Reply(text=knowledge.say("case_assigned", officer=giver, code=shown(code), words=asked))


def live_answer(knowledge: Knowledge, officer: str, words: str) -> Reply:
    """An officer's words while they answer instead of the bot."""
    return Reply(text=knowledge.say("live_answer", officer=officer, words=words))


def given_back(knowledge: Knowledge) -> Reply:
    """The officer is done; the bot answers again."""
    return Reply(text=knowledge.say("given_back"))


def nobody_answered(knowledge: Knowledge) -> Reply:
    """The officer's time is over; the bot answers again, and names the hotline."""
    return Reply(text=knowledge.say("takeover_over"))
