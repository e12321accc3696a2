"""Officers in their own chat: a notice with buttons, taking a case, answering it, answering instead of the bot."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from bot.dialogue.cases import CaseKind, Draft, Officer, Thread, shown
from bot.dialogue.messages import (
    AnswerCase,
    Button,
    Effect,
    Focus,
    GiveBack,
    Outcome,
    Reply,
    Role,
    TakeCase,
    TakeOver,
    Task,
    Turn,
)
from bot.dialogue.payloads import Verb, encode
from bot.dialogue.states import CaseMove, CaseState, after
from bot.handlers import casework
from bot.handlers.common import args, in_talk, shorten, told
from bot.handlers.facts import day

NOTICE_LENGTH = 600  # characters of the citizen's words in a notice; the desk has them all


def notice(turn: Turn, code: str, kind: CaseKind | None, words: str) -> Reply:
    """What officers are told of a new case of that kind, or of more words to one they have (no kind)."""
    knowledge = turn.knowledge
    key = "notice_new" if kind else "notice_more"
    text = knowledge.say(
        key,
        code=shown(code),
        kind=knowledge.say(casework.KINDS[kind]) if kind else "",
        words=shorten(words, NOTICE_LENGTH),
        date=day(casework.due(knowledge, turn.now)),
    )
    answer_ = knowledge.button("answer_case", encode(Verb.ANSWER_CASE, code))
    take_ = knowledge.button("take_case", encode(Verb.TAKE_CASE, code))
    return Reply(text=text, buttons=(answer_, take_) if kind else (answer_,))


def shown_to(turn: Turn, code: str) -> tuple[Thread, tuple[Button, ...]] | None:
    """That case and what this officer can do with it; None for everybody who may not see it."""
    found = _may_see(turn, code)
    if found is None:
        return None
    verbs = [("answer_case", Verb.ANSWER_CASE), ("take_case", Verb.TAKE_CASE)]
    if not found[1].case.anonymous:
        verbs.append(("answer_live", Verb.ANSWER_LIVE))
    return found[1], tuple(turn.knowledge.button(key, encode(verb, code)) for key, verb in verbs)


def take(turn: Turn) -> Outcome:
    """The case is theirs."""
    found = _entitled(turn)
    if found is None:
        return _refused(turn)
    officer, thread = found
    buttons = (
        turn.knowledge.button("answer_case", encode(Verb.ANSWER_CASE, thread.case.code)),
        turn.knowledge.button("answer_live", encode(Verb.ANSWER_LIVE, thread.case.code)),
    )
    reply = Reply(text=turn.knowledge.say("case_taken", code=shown(thread.case.code)), buttons=buttons)
    return told(turn, reply, effects=(TakeCase(code=thread.case.code, officer=officer),))


def answer(turn: Turn) -> Outcome:
    """Ask for the answer."""
    found = _entitled(turn)
    if found is None:
        return _refused(turn)
    _, thread = found
    text = turn.knowledge.say("case_answer_now", code=shown(thread.case.code), words=_last_words(thread))
    let_be = turn.knowledge.button("let_be", encode(Verb.LET_BE))
    return _answering(turn, thread, Reply(text=text, buttons=(let_be,)))


def live(turn: Turn) -> Outcome:
    """They answer instead of the bot, until half an hour after their last word."""
    found = _entitled(turn)
    if found is None:
        return _refused(turn)
    officer, thread = found
    if thread.case.anonymous:
        return told(turn, Reply(text=turn.knowledge.say("nobody_there")))
    taken = TakeOver(
        code=thread.case.code,
        officer=officer,
        until=casework.until(turn.knowledge, turn.now),
        told=casework.taken_over(turn.knowledge, officer.name),
    )
    minutes = turn.knowledge.content.locality.takeover_minutes
    text = turn.knowledge.say("case_live", code=shown(thread.case.code), minutes=minutes)
    return _answering(turn, thread, Reply(text=text, buttons=(_bot_back(turn, thread),)), effects=(taken,))


def bot_back(turn: Turn) -> Outcome:
    """The bot answers their citizen again."""
    found = _entitled(turn)
    if found is None:
        return _refused(turn)
    officer, thread = found
    back = GiveBack(code=thread.case.code, officer=officer, told=casework.given_back(turn.knowledge))
    reply = Reply(text=turn.knowledge.say("case_given_back", code=shown(thread.case.code)))
    return Outcome(replies=(reply,), conversation=in_talk(turn.conversation), effects=(back,))


def answered(turn: Turn, draft: Draft) -> Outcome:
    """The answer is there: on to the citizen with it."""
    found = _may_see(turn, draft.code or "")
    if found is None:
        return _refused(turn)
    officer, thread = found
    knowledge, code, words = turn.knowledge, thread.case.code, turn.inbound.text
    is_live = thread.takeover is not None and thread.takeover.officer == officer.id
    sent = AnswerCase(
        code=code,
        words=words,
        officer=officer,
        reply_for=(lambda _: casework.live_answer(knowledge, officer.name, words))
        if is_live
        else partial(casework.answer, knowledge, officer.name, words),
        until=casework.until(knowledge, turn.now) if is_live else None,
    )
    key = "case_answer_kept" if thread.case.anonymous else "case_answer_sent"
    text = knowledge.say(key, code=shown(code))
    if is_live:
        return _answering(turn, thread, Reply(text=text, buttons=(_bot_back(turn, thread),)), effects=(sent,))
    after(Task.CASE, turn.conversation.focus.state, CaseMove.SENT)
    return Outcome(replies=(Reply(text=text),), conversation=in_talk(turn.conversation), effects=(sent,))


def _entitled(turn: Turn) -> tuple[Officer, Thread] | None:
    return _may_see(turn, args(turn)[0])


def _may_see(turn: Turn, code: str) -> tuple[Officer, Thread] | None:
    """Who they are as an officer, and the case; None for everybody who may not see it."""
    grants = [grant for grant in turn.records.roles() if grant.role in {Role.OFFICER, Role.ADMIN}]
    if not grants:
        return None
    places = tuple(grant.place for grant in grants if grant.place)
    everywhere = len(places) < len(grants)
    name = turn.records.staff_name() or turn.knowledge.say("officer_name")
    officer = Officer(id=turn.person, name=name, places=None if everywhere else places)
    thread = turn.records.case_of_others(code, officer, turn.now)
    return (officer, thread) if thread else None


def _refused(turn: Turn) -> Outcome:
    """Not theirs to see, or not there: the same words for both."""
    return told(turn, Reply(text=turn.knowledge.say("case_unknown")))


def _answering(turn: Turn, thread: Thread, reply: Reply, *, effects: tuple[Effect, ...] = ()) -> Outcome:
    case = thread.case
    focus = Focus(task=Task.CASE, state=CaseState.ANSWERING, id=case.code)
    draft = Draft(kind=case.kind, since=turn.seq, code=case.code)
    conversation = replace(turn.conversation, focus=focus, draft=draft)
    return Outcome(replies=(reply,), conversation=conversation, effects=effects)


def _bot_back(turn: Turn, thread: Thread) -> Button:
    return turn.knowledge.button("bot_back", encode(Verb.BOT_BACK, thread.case.code))


def _last_words(thread: Thread) -> str:
    said = [message.words for message in thread.messages if message.author == "citizen"]
    return shorten(said[-1], NOTICE_LENGTH) if said else ""
