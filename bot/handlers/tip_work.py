"""Writing, approving and watching tips in the chat: for volunteers and officers, as a conversation.

A broadcast is a record of its own; every button names it, and the table of `dialogue/broadcasts.py` says what may be
done with it by whom. So a second press, or a press after somebody else was quicker, shows where it stands now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta

from bot.dialogue.broadcasts import BroadcastMove, NotAllowed, Why, code_from, may_approve, may_write, moved, team_of
from bot.dialogue.messages import (
    LOCAL,
    Broadcast,
    BroadcastId,
    BroadcastState,
    Button,
    Effect,
    Focus,
    Grant,
    Outcome,
    Reply,
    SaveBroadcast,
    Segment,
    Task,
    Turn,
    local_day,
)
from bot.dialogue.payloads import Verb, encode
from bot.dialogue.states import TalkMove, TipMove, TipState, after
from bot.handlers import tips
from bot.handlers.common import args, in_talk, shorten, told
from bot.handlers.tip_texts import (
    about,
    delivered,
    flaws,
    how_far,
    picture_buttons,
    pictures,
    reached,
    shown_code,
    told_of,
    when,
    whom,
)
from bot.understanding import Context
from content.models import Tip

SHOWN = 8  # ready tips, drafts and the like in one message
ASK, NONE, TOGGLE = "ask", "none", "toggle"
OPEN = (
    BroadcastState.DRAFT,
    BroadcastState.WAITING,
    BroadcastState.APPROVED,
    BroadcastState.SENDING,
    BroadcastState.PAUSED,
)
WATCHED = frozenset({BroadcastState.SENDING, BroadcastState.PAUSED, BroadcastState.DONE, BroadcastState.RECALLED})


def work(turn: Turn) -> Outcome:
    """What there is to do about tips."""
    if not _may(turn):
        return told(turn, Reply(text=turn.knowledge.say("tip_staff_only")))
    knowledge = turn.knowledge
    officer = may_approve(turn.records.roles())
    mine = [one for one in turn.tips.broadcasts(*OPEN) if officer or one.author == turn.person]
    buttons = [
        knowledge.button("tip_write", encode(Verb.TIP_WRITE)),
        knowledge.button("tip_library", encode(Verb.TIP_LIBRARY)),
    ]
    buttons += [
        Button(label=shorten(f"{_state(turn, one)}: {one.text}"), payload=encode(Verb.TIP_SHOW, one.id))
        for one in mine[:SHOWN]
    ]
    return told(turn, Reply(text=knowledge.say("tip_work"), buttons=tuple(buttons)), move=TalkMove.BROWSED)


def library(turn: Turn) -> Outcome:
    """The ready tips that are true today, those in season first; a field's, if one is named."""
    if not _may(turn):
        return work(turn)
    knowledge, today = turn.knowledge, local_day(turn.now)
    wanted = args(turn)[0] if args(turn) else ""
    entries = knowledge.content.entries
    ready = [tip for tip in knowledge.content.tips.tips if tip.in_season(today)]
    ready.sort(key=lambda tip: not tip.seasons)
    fields = {tip.opens: entries[tip.opens].field if tip.opens in entries else "faq" for tip in ready}
    shown = [tip for tip in ready if not wanted or fields[tip.opens] == wanted]
    buttons = [Button(label=shorten(tip.title), payload=encode(Verb.TIP_WRITE, tip.id)) for tip in shown[: SHOWN * 2]]
    if not wanted:
        buttons = buttons[:SHOWN]
        names = {field.id: field.name for field in knowledge.content.procedures.fields}
        there = list(dict.fromkeys(fields.values()))
        buttons += [
            Button(label=f"+ {names.get(field, knowledge.say('faq_name'))}", payload=encode(Verb.TIP_LIBRARY, field))
            for field in there
        ]
    return told(turn, Reply(text=knowledge.say("tip_library"), buttons=tuple(buttons)), move=TalkMove.BROWSED)


def write(turn: Turn) -> Outcome:
    """Begin a tip: from a ready one, or in words of one's own."""
    if not _may(turn):
        return work(turn)
    ready = next((tip for tip in turn.knowledge.content.tips.tips if tip.id in args(turn)), None)
    if ready:
        one = _made_from(turn, ready)
        return _shown(turn, one, act="write", lead=turn.knowledge.say("tip_from_library"))
    return _asks(turn, TipState.TEXT, turn.new_id(), "tip_text")


def _fresh(turn: Turn, id_: str) -> Broadcast:
    hamlets = [hamlet.id for hamlet in turn.knowledge.content.locality.hamlets]
    team = team_of(turn.records.roles(), hamlets)
    return Broadcast(
        id=BroadcastId(id_),
        code=code_from(turn.new_id()),
        author=turn.person,
        created_at=turn.now,
        team=team,
        segment=Segment(places=(team,) if team else ()),
    )


def _made_from(turn: Turn, ready: Tip) -> Broadcast:
    one = replace(_fresh(turn, turn.new_id()), text=ready.text, library=ready.id, guide=ready.opens)
    if ready.picture:
        one = replace(one, image=ready.picture.file, image_alt=ready.picture.alt)
    return about(turn.knowledge, one, ready.opens)


def show(turn: Turn) -> Outcome:
    """A broadcast as it stands: the message itself, whom it reaches, how far it has come, and what may be done."""
    one = turn.tips.broadcast(args(turn)[0])
    if one is None or not _may(turn):
        return work(turn)
    return told(turn, *_card(turn, one))


def change(turn: Turn) -> Outcome:
    """Change one thing about a draft; with "ask", say what it may be changed to."""
    id_, what, value = args(turn)
    one = turn.tips.broadcast(id_)
    if one is None or not _may(turn):
        return work(turn)
    if one.state is not BroadcastState.DRAFT or one.author != turn.person:
        return told(turn, *_card(turn, one, lead=_why(turn, Why.STATE)))
    if value == ASK:
        return _asked_for(turn, one, what)
    changed = _changed(turn, one, what, value)
    if what == "place":
        return told(turn, _places(turn, changed), effects=_saving(changed, "change") if changed != one else ())
    return _shown(turn, changed, act="change")


def _asked_for(turn: Turn, one: Broadcast, what: str) -> Outcome:
    match what:
        case "text":
            return _asks(turn, TipState.TEXT, one.id, "tip_text")
        case "guide":
            return _asks(turn, TipState.GUIDE, one.id, "tip_guide", _no_guide(turn, one.id))
        case "place":
            return told(turn, _places(turn, one))
        case "picture":
            names = [(name, shorten(alt)) for name, alt in pictures(turn.knowledge).items()]
            none = turn.knowledge.button("tip_no_picture", encode(Verb.TIP_SET, one.id, "picture", NONE))
            buttons = (*picture_buttons(names, one.id), none)
            return told(turn, Reply(text=turn.knowledge.say("tip_picture"), buttons=buttons))
        case "when":
            buttons = tuple(
                turn.knowledge.button(f"tip_{value}", encode(Verb.TIP_SET, one.id, "when", value)) for value in TIMES
            )
            return told(turn, Reply(text=turn.knowledge.say("tip_when"), buttons=buttons))
    return told(turn, *_card(turn, one))


def _changed(turn: Turn, one: Broadcast, what: str, value: str) -> Broadcast:
    match what:
        case "guide":
            return about(turn.knowledge, one, value if value in turn.knowledge.content else None)
        case "place":
            known = [hamlet.id for hamlet in turn.knowledge.content.locality.hamlets]
            chosen = {value} ^ set(one.segment.places) if value in known else set()
            return replace(one, segment=replace(one.segment, places=tuple(id_ for id_ in known if id_ in chosen)))
        case "topic":
            return replace(one, segment=replace(one.segment, topics=()))
        case "picture":
            alt = pictures(turn.knowledge).get(value)
            return replace(one, image=value if alt else None, image_alt=alt)
        case "when" if value in TIMES:
            return replace(one, start_at=_time(turn.now, value))
        case "urgent" if may_approve(turn.records.roles()):
            urgent = not one.emergency
            segment = replace(one.segment, topics=()) if urgent else one.segment
            return replace(one, emergency=urgent, segment=segment)
    return one


TIMES = {"now": None, "evening": time(17), "morning": time(7, 30)}


def _time(now: datetime, value: str) -> datetime | None:
    """The next such time of day; None for at once."""
    clock = TIMES[value]
    if clock is None:
        return None
    local = now.astimezone(LOCAL)
    day = local.date() if local.time() < clock else local.date() + timedelta(days=1)
    return datetime.combine(day, clock, LOCAL).astimezone(now.tzinfo)


def _no_guide(turn: Turn, id_: str) -> tuple[Button, ...]:
    return (turn.knowledge.button("tip_no_guide", encode(Verb.TIP_SET, id_, "guide", NONE)),)


def _places(turn: Turn, one: Broadcast) -> Reply:
    knowledge = turn.knowledge
    buttons = [
        Button(
            label=f"{'☑' if hamlet.id in one.segment.places else '☐'} {hamlet.name}",
            payload=encode(Verb.TIP_SET, one.id, "place", hamlet.id),
            words=(hamlet.name,),
        )
        for hamlet in knowledge.content.locality.hamlets
    ]
    buttons.append(knowledge.button("tip_everywhere", encode(Verb.TIP_SET, one.id, "place", NONE)))
    buttons.append(knowledge.button("tip_back", encode(Verb.TIP_SHOW, one.id)))
    return Reply(text=knowledge.say("tip_places"), buttons=tuple(buttons), slot=f"places:{one.id}")


# --- words that are waited for ------------------------------------------------------------------------------------


def worded(turn: Turn) -> Outcome:
    """Free text that the focus waited for: a tip, the name of a guide, an officer's word, a tip to be looked at."""
    focus = turn.conversation.focus
    state = TipState(focus.state)
    turn = replace(turn, conversation=in_talk(turn.conversation))
    if state is TipState.CHECKING:
        after(Task.TIP, state, TipMove.SAID)
        return tips.verdict(turn)
    if not _may(turn):
        return work(turn)
    one = turn.tips.broadcast(focus.id or "")
    words = turn.inbound.text.strip()
    if state is TipState.TEXT:
        return _written(turn, one or _fresh(turn, focus.id or turn.new_id()), words)
    if one is None:
        return work(turn)
    match state:
        case TipState.GUIDE:
            return _guided(turn, one, words)
        case TipState.REASON:
            return _make(turn, one, BroadcastMove.RETURN, words=words)
        case _:
            if wrong := flaws(turn.knowledge, words):
                return _again(turn, TipState.CORRECTION, one.id, wrong)
            return _make(turn, one, BroadcastMove.RECALL, words=words)


def _written(turn: Turn, one: Broadcast, words: str) -> Outcome:
    if one.state is not BroadcastState.DRAFT or one.author != turn.person:
        return told(turn, *_card(turn, one, lead=_why(turn, Why.STATE)))
    if wrong := flaws(turn.knowledge, words):
        return _again(turn, TipState.TEXT, one.id, wrong)
    one = replace(one, text=words)
    if one.guide is not None:
        return _shown(turn, one, act="write")
    after(Task.TIP, TipState.TEXT, TipMove.WRITTEN)
    outcome = _asks(turn, TipState.GUIDE, one.id, "tip_guide", _no_guide(turn, one.id))
    return replace(outcome, effects=_saving(one, "write"))


def _guided(turn: Turn, one: Broadcast, words: str) -> Outcome:
    """The guide that these words name; if several may be meant, which."""
    found = turn.knowledge.understand(words, Context()).candidates[:4]
    if not found:
        return _asks(turn, TipState.GUIDE, one.id, "tip_guide_again", _no_guide(turn, one.id))
    buttons = tuple(
        Button(label=turn.knowledge.short(each.id), payload=encode(Verb.TIP_SET, one.id, "guide", each.id))
        for each in found
        if each.id in turn.knowledge.content
    )
    return _asks(turn, TipState.GUIDE, one.id, "tip_which_guide", (*buttons, *_no_guide(turn, one.id)))


def _asks(turn: Turn, state: TipState, id_: str, key: str, buttons: tuple[Button, ...] = ()) -> Outcome:
    leave = turn.knowledge.button("tip_leave", encode(Verb.TIP_WORK))
    focus = Focus(task=Task.TIP, state=state, id=id_)
    reply = Reply(text=turn.knowledge.say(key), buttons=(*buttons, leave))
    return Outcome(replies=(reply,), conversation=replace(turn.conversation, focus=focus, misses=0))


def _again(turn: Turn, state: TipState, id_: str, wrong: Iterable[str]) -> Outcome:
    outcome = _asks(turn, state, id_, "tip_text")
    text = turn.knowledge.say("tip_flaws", flaws="\n".join(f"• {flaw}" for flaw in wrong))
    return replace(outcome, replies=(replace(outcome.replies[0], text=text),))


# --- moves --------------------------------------------------------------------------------------------------------


def move(turn: Turn) -> Outcome:
    """Make that move, or say why not."""
    id_, wanted, *sure = args(turn)
    one = turn.tips.broadcast(id_)
    if one is None or wanted not in tuple(BroadcastMove) or not _may(turn):
        return work(turn)
    step = BroadcastMove(wanted)
    if step is BroadcastMove.SUBMIT and (wrong := flaws(turn.knowledge, one.text)):
        return _again(turn, TipState.TEXT, one.id, wrong)
    reaches = may_approve(turn.records.roles(), one.segment)
    if step is BroadcastMove.RETURN and reaches and one.state is BroadcastState.WAITING:
        return _asks(turn, TipState.REASON, one.id, "tip_reason")
    if step is BroadcastMove.RECALL and not sure:
        whole = turn.knowledge.button("tip_recall_whole", encode(Verb.TIP_MOVE, one.id, step, "sure"))
        return _asks(turn, TipState.CORRECTION, one.id, "tip_correction", (whole,))
    return _make(turn, one, step, sure=bool(sure))


def _make(turn: Turn, one: Broadcast, step: BroadcastMove, *, sure: bool = False, words: str = "") -> Outcome:
    turn = replace(turn, conversation=in_talk(turn.conversation))
    try:
        after_ = moved(one, step, turn.person, turn.records.roles(), turn.now, sure=sure, words=words)
    except NotAllowed as no:
        if no.why is Why.SURE:
            return _are_you_sure(turn, one)
        return told(turn, *_card(turn, one, lead=_why(turn, no.why)))
    return _shown(
        turn,
        after_,
        act=step,
        lead=turn.knowledge.say(f"tip_did_{step}"),
        tell=told_of(turn.knowledge, after_, step, turn.person),
    )


def _are_you_sure(turn: Turn, one: Broadcast) -> Outcome:
    people = reached(turn.tips.audience(one.segment))
    buttons = (
        turn.knowledge.button("tip_sure", encode(Verb.TIP_MOVE, one.id, BroadcastMove.APPROVE, "sure")),
        turn.knowledge.button("tip_back", encode(Verb.TIP_SHOW, one.id)),
    )
    return told(turn, Reply(text=turn.knowledge.say("tip_are_you_sure", people=people), buttons=buttons))


# --- what is shown ------------------------------------------------------------------------------------------------


def _shown(turn: Turn, one: Broadcast, *, act: str, lead: str = "", tell: tuple[Effect, ...] = ()) -> Outcome:
    turn = replace(turn, conversation=in_talk(turn.conversation))
    return told(turn, *_card(turn, one, lead=lead), effects=(*_saving(one, act), *tell))


def _saving(one: Broadcast, act: str) -> tuple[Effect, ...]:
    return (SaveBroadcast(broadcast=one, act=act),)


def _card(turn: Turn, one: Broadcast, lead: str = "") -> tuple[Reply, ...]:
    """The message as people get it, then what is to be known about it and what may be done."""
    knowledge = turn.knowledge
    preview = delivered(knowledge, one)
    labels = "\n".join(f"[{button.label}]" for button in preview.buttons)
    lines = [
        lead,
        knowledge.say(
            "tip_card",
            code=shown_code(one.code),
            state=_state(turn, one),
            whom=whom(knowledge, one.segment),
            when=when(one),
            guide=knowledge.title(one.guide) if one.guide else knowledge.say("tip_without_guide"),
        ),
    ]
    if one.state in WATCHED:
        lines.append(how_far(turn.tips.progress(one.id)))
    else:
        lines.append(reached(turn.tips.audience(one.segment)))
    if one.note:
        lines.append(knowledge.say("tip_note", note=one.note))
    text = "\n".join(line for line in lines if line)
    return (
        replace(preview, text=f"{preview.text}\n{labels}", buttons=()),
        Reply(text=text, buttons=tuple(_doable(turn, one)), slot=f"tip:{one.id}"),
    )


def _state(turn: Turn, one: Broadcast) -> str:
    return turn.knowledge.say(f"tip_state_{one.state}")


def _doable(turn: Turn, one: Broadcast) -> Iterator[Button]:
    """What this person may do with it now."""
    for key, verb, on in _choices(one, turn.records.roles(), mine=one.author == turn.person):
        yield turn.knowledge.button(key, encode(verb, one.id, *on))
    yield turn.knowledge.button("tip_leave", encode(Verb.TIP_WORK))


Choice = tuple[str, Verb, tuple[str, ...]]


def _choices(one: Broadcast, grants: tuple[Grant, ...], *, mine: bool) -> Iterator[Choice]:
    officer = may_approve(grants, one.segment)  # who looks after all whom it goes to
    match one.state:
        case BroadcastState.DRAFT if mine:
            yield from _of_draft(one, may_mark=may_approve(grants), officer=officer)
        case BroadcastState.WAITING:
            if officer and (not mine or one.emergency):
                yield _to("tip_approve", BroadcastMove.APPROVE)
            if officer:
                yield _to("tip_return", BroadcastMove.RETURN)
            if mine or officer:
                yield _to("tip_drop", BroadcastMove.DROP)
        case BroadcastState.APPROVED | BroadcastState.SENDING | BroadcastState.PAUSED | BroadcastState.DONE:
            yield "tip_progress", Verb.TIP_SHOW, ()
            if one.state is BroadcastState.PAUSED and officer:
                yield _to("tip_resume", BroadcastMove.RESUME)
            if one.state in {BroadcastState.APPROVED, BroadcastState.SENDING} and (mine or officer):
                yield _to("tip_pause", BroadcastMove.PAUSE)
            if mine or officer:
                yield _to("tip_recall", BroadcastMove.RECALL)
        case _:
            yield "tip_progress", Verb.TIP_SHOW, ()


def _of_draft(one: Broadcast, *, may_mark: bool, officer: bool) -> Iterator[Choice]:
    yield _to("tip_submit", BroadcastMove.SUBMIT)
    for key in ("text", "guide", "place", "picture", "when"):
        yield f"tip_set_{key}", Verb.TIP_SET, (key, ASK)
    if one.segment.topics:
        yield "tip_all_topics", Verb.TIP_SET, ("topic", NONE)
    if may_mark:
        yield "tip_not_urgent" if one.emergency else "tip_urgent", Verb.TIP_SET, ("urgent", TOGGLE)
    if officer and one.emergency:
        yield _to("tip_approve", BroadcastMove.APPROVE)
    yield _to("tip_drop", BroadcastMove.DROP)


def _to(key: str, step: BroadcastMove) -> Choice:
    return key, Verb.TIP_MOVE, (step,)


def _why(turn: Turn, why: Why) -> str:
    return turn.knowledge.say(f"tip_why_{why}")


def _may(turn: Turn) -> bool:
    return not turn.inbound.public and may_write(turn.records.roles())
