"""What citizens leave for a human: a question, a suggestion, a complaint, praise, what they think of a walk.

What is anonymous is so from its first message on: see `LeaveNoTrace`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.counting import RATINGS, STARS, VISIT_RATINGS
from bot.dialogue.cases import CaseKind, CaseStatus, Draft, Thread, shown
from bot.dialogue.messages import (
    AddToCase,
    AppointmentStatus,
    Button,
    Count,
    Effect,
    Focus,
    InboundKind,
    KeepPhoto,
    LeaveNoTrace,
    OpenCase,
    Other,
    Outcome,
    Reply,
    SaveAppointment,
    SaveWalk,
    Task,
    Turn,
    Walk,
    WalkStatus,
)
from bot.dialogue.payloads import Action, Verb, encode
from bot.dialogue.states import CaseMove, CaseState, after
from bot.handlers import casework, homes, officers
from bot.handlers.common import args, shorten, told
from bot.handlers.facts import day
from bot.understanding import Decision, Facet, Kind, Understood
from bot.understanding.text import clean, fold, without

LOW = 2  # stars up to which we ask why
_STARS = {str(n) for n in STARS}
ANSWERS_SHOWN = 3
TAKE_PHOTOS = {"web", "telegram", "zalo_oa"}  # channels whose doors can fetch a picture
WORDS_SHOWN = 300  # characters

_ASKED = {
    CaseKind.QUESTION: "write_question",
    CaseKind.SUGGESTION: "write_suggestion",
    CaseKind.COMPLAINT: "write_complaint",
    CaseKind.PRAISE: "write_praise",
    CaseKind.CONTENT: "write_content",
}
_BUTTONS = {
    CaseKind.SUGGESTION: "suggestion",
    CaseKind.COMPLAINT: "complaint",
    CaseKind.PRAISE: "praise",
    CaseKind.CONTENT: "looks_different",
    CaseKind.QUESTION: "leave_question",
}
_CODE = re.compile(r"\bgy ?- ?([a-z0-9]{8})\b")
_MORE = re.compile(r"gy ?- ?[a-z0-9]{8}\s*:\s*(.+)", re.IGNORECASE | re.DOTALL)


# --- how words are read ---------------------------------------------------------------------------------------


def asked_by_code(turn: Turn, text: str) -> Action | None:
    """The case that is asked for by its code, unless words for a human are being written."""
    if turn.conversation.focus.task is Task.CASE or not (found := _CODE.search(fold(text))):
        return None
    return Action(Verb.CASE, (found[1],))


def is_photo(turn: Turn) -> bool:
    """True for the picture that was asked for, with or without words of its own."""
    focus, said = turn.conversation.focus, turn.inbound
    waits = focus.task is Task.CASE and focus.state == CaseState.PHOTO and turn.conversation.draft is not None
    return waits and said.payload == Other.PICTURE and said.media is not None and not said.public


def waits_for(turn: Turn, understood: Understood) -> bool:
    """True if the focus waits for words to a human, or to a citizen, and these may be them."""
    focus = turn.conversation.focus
    if focus.task is not Task.CASE or turn.conversation.draft is None:
        return False
    if focus.state in {CaseState.WRITING, CaseState.PHOTO, CaseState.ANSWERING}:
        return understood.kind not in {Kind.EMERGENCY, Kind.NOISE}
    # Nobody who asks something meanwhile shall find it handed on instead of answered.
    return understood.kind in {Kind.QUESTION, Kind.INSULT} and not _asks(turn, understood, turn.conversation.draft)


def _asks(turn: Turn, understood: Understood, draft: Draft) -> bool:
    """True for a question, rather than a remark on what they have been through ("chờ hai tiếng mới tới lượt")."""
    if understood.decision is not Decision.ANSWER:
        return False
    named, text = understood.candidates[0].id, turn.inbound.text
    if named != draft.procedure and named in turn.knowledge.content.guides:
        return True
    words = turn.knowledge.content.lexicon.question_words
    asking = text.rstrip().endswith("?") or without(text, words) != clean(text)
    return asking and (named != draft.procedure or understood.facet is not Facet.OVERVIEW)


# --- writing --------------------------------------------------------------------------------------------------


def kinds(turn: Turn) -> Outcome:
    """What would they like to say?"""
    buttons = tuple(turn.knowledge.button(key, encode(Verb.LEAVE_WORDS, kind)) for kind, key in _BUTTONS.items())
    reply = Reply(text=turn.knowledge.say("feedback"), buttons=buttons)
    return _in_case(turn, CaseState.KIND, _begun(turn, CaseKind.SUGGESTION), reply)


def write(turn: Turn) -> Outcome:
    """Ask for the words."""
    (said,) = args(turn)
    if said not in tuple(CaseKind):
        return kinds(turn)
    kind = CaseKind(said)
    photo = _photo_button(turn) if kind is CaseKind.CONTENT else ()
    reply = Reply(text=turn.knowledge.say(_ASKED[kind]), buttons=(*photo, *_choices(turn, nameless=True)))
    return _in_case(turn, CaseState.WRITING, _begun(turn, kind), reply)


def _photo_button(turn: Turn, *case: str) -> tuple[Button, ...]:
    """Where a picture can be taken, and nobody reads along."""
    takes = turn.inbound.address.channel in TAKE_PHOTOS and not turn.inbound.public
    return (turn.knowledge.button("photo", encode(Verb.PHOTO, *case)),) if takes else ()


def ask_photo(turn: Turn) -> Outcome:
    """Warn of what a screen may show, and wait for its picture: for what is being written, or a case of theirs."""
    (code,) = args(turn) or ("",)
    if code:
        thread = turn.records.case(code)
        if thread is None or thread.case.anonymous:
            return _unknown(turn)
        draft = replace(_begun(turn, thread.case.kind), code=thread.case.code)
    else:
        begun = turn.conversation.draft
        draft = begun if begun and not begun.code and not begun.anonymous else _begun(turn, CaseKind.CONTENT)
    reply = Reply(text=turn.knowledge.say("photo_ask"), buttons=_choices(turn, nameless=False), wants_photo=True)
    return _in_case(turn, CaseState.PHOTO, draft, reply)


def pictured(turn: Turn) -> Outcome:
    """The picture is there: it goes with the case that is being written, or that it was asked for."""
    draft, media = turn.conversation.draft, turn.inbound.media
    if draft is None or media is None:
        return kinds(turn)
    words = turn.inbound.text.strip() or turn.knowledge.say("photo_words")
    if not draft.code:
        return _opened(turn, replace(draft, anonymous=False), (), words=words, media=media)
    effects = (*_added(turn, draft.code, words), KeepPhoto(code=draft.code, media=media))
    more = _photo_button(turn, draft.code)
    text = turn.knowledge.say("photo_got", code=shown(draft.code))
    return _back(turn, Reply(text=text, buttons=more), effects=effects)


def nameless(turn: Turn) -> Outcome:
    """What comes now is to be anonymous."""
    draft = turn.conversation.draft
    if draft is None or draft.code:
        return kinds(turn)
    state = after(Task.CASE, turn.conversation.focus.state, CaseMove.NAMELESS) if _chosen(turn) else CaseState.WRITING
    reply = Reply(text=turn.knowledge.say("write_nameless"), buttons=_choices(turn, nameless=False))
    return _in_case(turn, state, replace(draft, anonymous=True), reply)


def more(turn: Turn) -> Outcome:
    """Ask for more words to a case of theirs."""
    thread = turn.records.case(args(turn)[0])
    if thread is None or thread.case.anonymous:
        return _unknown(turn)
    draft = replace(_begun(turn, thread.case.kind), code=thread.case.code)
    reply = Reply(
        text=turn.knowledge.say("write_more", code=shown(thread.case.code)), buttons=_choices(turn, nameless=False)
    )
    return _in_case(turn, CaseState.WRITING, draft, reply)


def let_be(turn: Turn) -> Outcome:
    """Nothing is sent."""
    if turn.conversation.focus.task is Task.CASE:
        after(Task.CASE, turn.conversation.focus.state, CaseMove.LET_BE)
    return _back(turn, Reply(text=turn.knowledge.say("nothing_sent")))


def written(turn: Turn) -> Outcome:
    """The words are there: on to a human with them."""
    draft = turn.conversation.draft
    if draft is None:
        return kinds(turn)
    if turn.conversation.focus.state == CaseState.ANSWERING:
        return officers.answered(turn, draft)
    scam = turn.understood and turn.understood.kind is Kind.SCAM_REPORT
    first = (Reply(text=turn.knowledge.say("scam_report")),) if scam else ()
    if draft.code:
        added = _added(turn, draft.code, turn.inbound.text)
        return _back(
            turn, *first, Reply(text=turn.knowledge.say("added", **_promise(turn, draft.code))), effects=added
        )
    return _opened(turn, draft, first)


def _opened(
    turn: Turn, draft: Draft, first: tuple[Reply, ...], *, words: str = "", media: str | None = None
) -> Outcome:
    """A new case, with the words that were said (or these), and the picture that came."""
    knowledge, code = turn.knowledge, turn.new_id()
    words = words or turn.inbound.text
    promise = _promise(turn, code)
    walk = turn.records.walk(draft.walk) if draft.walk else None
    home = homes.of(turn)
    opened = OpenCase(
        code=code,
        kind=draft.kind,
        words=words,
        due=casework.due(knowledge, turn.now),
        anonymous=draft.anonymous,
        procedure=draft.procedure,
        step=draft.step,
        place=home.id if home and not draft.anonymous else None,
        walk=draft.walk,
        stars=draft.stars,
        context=_context(walk) if walk else {},
        notice=None if draft.kind is CaseKind.PRAISE else officers.notice(turn, code, draft.kind, words),
        notice_from=casework.opens_next(knowledge, turn.now),
    )
    nowhere = "" if draft.anonymous else None  # where they live would tell something of who wrote it
    effects: tuple[Effect, ...] = (
        opened,
        Count(kind=f"case-{draft.kind}", procedure=draft.procedure, place=nowhere),
    )
    if draft.anonymous:
        # A button would keep the code with the person, among the choices last offered.
        reply = Reply(text=knowledge.say("left_nameless", **promise))
        return _back(turn, *first, reply, effects=(*effects, _no_trace(turn, draft.since)))
    key = "left_praise" if draft.kind is CaseKind.PRAISE else "left_with_photo" if media else "left"
    if media:
        effects = (*effects, KeepPhoto(code=code, media=media))
    photo = _photo_button(turn, code) if draft.kind is CaseKind.CONTENT else ()
    buttons = (knowledge.button("case", encode(Verb.CASE, code)), *photo, *homes.offer(turn))
    return _back(turn, *first, Reply(text=knowledge.say(key, **promise), buttons=buttons), effects=effects)


def _promise(turn: Turn, code: str) -> dict[str, str]:
    """What may be promised: under what code, by which day, and whether somebody is there now."""
    return {
        "code": shown(code),
        "date": day(casework.due(turn.knowledge, turn.now)),
        "when": casework.when(turn.knowledge, turn.now),
    }


def _added(turn: Turn, code: str, words: str) -> tuple[Effect, ...]:
    notice = officers.notice(turn, code, None, words)
    return (AddToCase(code=code, words=words, due=casework.due(turn.knowledge, turn.now), notice=notice),)


def _no_trace(turn: Turn, since: int) -> LeaveNoTrace:
    return LeaveNoTrace(since=since, instead=Reply(text=turn.knowledge.say("menu")))


# --- what became of it ----------------------------------------------------------------------------------------


def own(turn: Turn) -> Outcome:
    """All that they have left under their own address."""
    found = turn.records.cases()
    if not found:
        button = turn.knowledge.button("feedback", encode(Verb.FEEDBACK))
        return told(turn, Reply(text=turn.knowledge.say("no_cases"), buttons=(button,)))
    lines = [turn.knowledge.say("my_cases"), *(casework.line(turn.knowledge, case) for case in found)]
    buttons = tuple(Button(label=shown(case.code), payload=encode(Verb.CASE, case.code)) for case in found[:5])
    return told(turn, Reply(text="\n".join(lines), buttons=buttons))


def status(turn: Turn) -> Outcome:
    """How far a case is, and what was answered; with words after its code and a colon, those are added. An officer
    sees what they can do with it."""
    code = args(turn)[0]
    thread = turn.records.case(code)
    if found := officers.shown_to(turn, code):
        as_officer, buttons = found
        return told(turn, Reply(text=_told_of(turn, as_officer), buttons=buttons))
    if thread is None:
        return _unknown(turn)
    said = _MORE.search(turn.inbound.text) if turn.inbound.kind is InboundKind.TEXT else None
    if said:
        text, effects = turn.knowledge.say("added", **_promise(turn, code)), _added(turn, code, said[1].strip())
    else:
        text, effects = _told_of(turn, thread), ()
    if thread.case.anonymous:
        return told(turn, Reply(text=text), effects=(*effects, _no_trace(turn, turn.seq)))
    button = turn.knowledge.button("more", encode(Verb.MORE, code))
    return told(turn, Reply(text=text, buttons=(button,)), effects=effects)


def _told_of(turn: Turn, thread: Thread) -> str:
    knowledge, case = turn.knowledge, thread.case
    lines = [casework.line(knowledge, case), knowledge.say("case_words", words=shorten(case.words, WORDS_SHOWN))]
    if case.status in {CaseStatus.NEW, CaseStatus.OPEN}:
        lines.append(knowledge.say("case_due", date=day(case.due)))
    answers = [message for message in thread.messages if message.author == "officer"]
    lines += [
        knowledge.say("case_answer", officer=message.name, words=message.words)
        for message in answers[-ANSWERS_SHOWN:]
    ]
    lines.append(knowledge.say("case_more", code=shown(case.code)))
    return "\n".join(lines)


def _unknown(turn: Turn) -> Outcome:
    return _back(turn, Reply(text=turn.knowledge.say("case_unknown")))


# --- while an officer answers ---------------------------------------------------------------------------------


def handed_on(turn: Turn) -> Outcome:
    """Words for the officer who has taken over; the bot keeps silent."""
    taken = turn.records.takeover(turn.now)
    if taken is None:
        return kinds(turn)
    conversation = replace(turn.conversation, offered=())
    return Outcome(conversation=conversation, effects=_added(turn, taken.code, turn.inbound.text))


# --- stars ----------------------------------------------------------------------------------------------------


def rated(turn: Turn) -> Outcome:
    """What they think of a walk, once. Few stars: ask why, once, and gently."""
    id_, stars = args(turn)
    walk = turn.records.walk(id_)
    if walk is None or walk.status is WalkStatus.OPEN or stars not in _STARS:
        return _back(turn, Reply(text=turn.knowledge.say("gone")))
    if walk.stars is not None:
        return told(turn, Reply(text=turn.knowledge.say("rated_before")))
    n = int(stars)
    effects = (
        SaveWalk(walk=replace(walk, stars=n)),
        Count(kind=RATINGS[n - 1], procedure=walk.procedure),
    )
    draft = Draft(
        kind=CaseKind.SUGGESTION, since=turn.seq, procedure=walk.procedure, step=walk.step, walk=walk.id, stars=n
    )
    return _thanked(turn, n, draft, effects)


def visit_rated(turn: Turn) -> Outcome:
    """What they think of the day at the office, once. Few stars: as with a walk."""
    id_, stars = args(turn)
    visit = turn.records.appointment(id_)
    if visit is None or visit.status is not AppointmentStatus.DONE or stars not in _STARS:
        return _back(turn, Reply(text=turn.knowledge.say("gone")))
    if visit.stars is not None:
        return told(turn, Reply(text=turn.knowledge.say("rated_before")))
    n = int(stars)
    effects = (
        SaveAppointment(appointment=replace(visit, stars=n)),
        Count(kind=VISIT_RATINGS[n - 1], procedure=visit.procedure),
    )
    draft = Draft(kind=CaseKind.SUGGESTION, since=turn.seq, procedure=visit.procedure, stars=n)
    return _thanked(turn, n, draft, effects)


def _thanked(turn: Turn, n: int, draft: Draft, effects: tuple[Effect, ...]) -> Outcome:
    if n > LOW:
        praise = turn.knowledge.button("say_more", encode(Verb.LEAVE_WORDS, CaseKind.PRAISE))
        menu = turn.knowledge.button("menu", encode(Verb.MENU))
        return told(turn, Reply(text=turn.knowledge.say("rated"), buttons=(praise, menu)), effects=effects)
    reply = Reply(text=turn.knowledge.say("rated_low"), buttons=_choices(turn, nameless=True))
    return replace(_in_case(turn, CaseState.REMARK, draft, reply), effects=effects)


# --- within ---------------------------------------------------------------------------------------------------


def _begun(turn: Turn, kind: CaseKind) -> Draft:
    """What is about to be written, with where they stand."""
    draft, focus = turn.conversation.draft, turn.conversation.focus
    if draft and focus.task is Task.CASE and not draft.code:  # they had chosen another kind, or not yet
        return replace(draft, kind=kind)
    if focus.task is Task.WALK and (walk := turn.records.walk(focus.id or "")):
        return Draft(kind=kind, since=turn.seq, procedure=walk.procedure, step=walk.step, walk=walk.id)
    topic = turn.conversation.topic
    known = topic if topic in turn.knowledge.content else None
    return Draft(kind=kind, since=turn.seq, procedure=known)


def _chosen(turn: Turn) -> bool:
    return turn.conversation.focus.state in {CaseState.WRITING, CaseState.REMARK}


def _context(walk: Walk) -> dict[str, object]:
    """Where the walk stood, for the officer: what was answered, and which papers were at hand. Not for whom it is."""
    return {"state": walk.state, "answers": dict(walk.answers), "ticks": sorted(walk.ticks)}


def _choices(turn: Turn, *, nameless: bool) -> tuple[Button, ...]:
    let_be = turn.knowledge.button("let_be", encode(Verb.LET_BE))
    return (turn.knowledge.button("nameless", encode(Verb.NAMELESS)), let_be) if nameless else (let_be,)


def _in_case(turn: Turn, state: str, draft: Draft, reply: Reply) -> Outcome:
    focus = Focus(task=Task.CASE, state=state, id=draft.code)
    return Outcome(replies=(reply,), conversation=replace(turn.conversation, focus=focus, draft=draft, misses=0))


def _back(turn: Turn, *replies: Reply, effects: tuple[Effect, ...] = ()) -> Outcome:
    """Say this, and go back to the walk that it interrupted, if it did."""
    draft = turn.conversation.draft
    walk = turn.records.walk(draft.walk) if draft and draft.walk else None
    if walk and walk.status is WalkStatus.OPEN:
        focus = Focus(task=Task.WALK, state=walk.state, id=walk.id)
        turn = replace(turn, conversation=replace(turn.conversation, focus=focus))
    return told(turn, *replies, effects=effects)
