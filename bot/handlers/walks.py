"""The walk: by the hand through one dossier, from the first question to the dossier code.

A walk is a record of its own. Here are its moves; where each leads stands in `dialogue/states.py`. A button pressed
when the walk has gone on shows where it stands now, and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from urllib.parse import urlencode

from bot import counting
from bot.dialogue.cases import CaseKind
from bot.dialogue.messages import (
    Button,
    Count,
    Effect,
    Focus,
    Outcome,
    Reply,
    SaveWalk,
    Task,
    Turn,
    Walk,
    WalkId,
    WalkStatus,
    local_day,
)
from bot.dialogue.payloads import Action, Verb, encode
from bot.dialogue.states import TalkMove, WalkMove, WalkState, after, allows
from bot.handlers import facts, reminders, tips
from bot.handlers.common import args, in_talk, shorten, told
from content.models import Guide, Option, Question, Step, Way, applies

AT = "at"  # the question that every guide with two ways begins with
NAME_LENGTH = 30
CODE_LENGTH = 40
# H01.23-261122-0001, and the older 000.00.16.H05-261123-0007
_KNOWN_CODE = re.compile(r"(?:\d{3}\.\d{2}\.\d{2}\.)?[A-Z]{1,3}\d{2}(?:\.\d{2,3})*-\d{6}-\d{4,6}", re.IGNORECASE)


# --- in and out -----------------------------------------------------------------------------------------------


def begin(turn: Turn) -> Outcome:
    """Start a walk; if one through the same procedure is open, ask which is meant."""
    (procedure,) = args(turn)
    guide = _guide(turn, procedure)
    if guide is None:
        return _gone(turn)
    already = next((walk for walk in turn.records.open_walks() if walk.procedure == procedure), None)
    if already:
        buttons = (
            turn.knowledge.button("resume", encode(Verb.RESUME, already.id)),
            turn.knowledge.button("anew", encode(Verb.ANEW, procedure)),
        )
        return told(turn, Reply(text=turn.knowledge.say("already", walk=place(turn, already)), buttons=buttons))
    return _start(turn, guide, WalkState.ASKING)


def anew(turn: Turn) -> Outcome:
    """A second walk through the same procedure, for someone else: under a name, so that the two are not mixed."""
    guide = _guide(turn, args(turn)[0])
    return _start(turn, guide, WalkState.NAMING) if guide else _gone(turn)


def _start(turn: Turn, guide: Guide, state: WalkState) -> Outcome:
    walk = Walk(
        id=WalkId(turn.new_id()),
        procedure=guide.id,
        state=state,
        answers=_only_way(guide),
        started_at=turn.now,
        touched_at=turn.now,
    )
    if state is WalkState.ASKING:
        walk = _settle(guide, walk)
    return _at(turn, walk, effects=(Count(kind=counting.STARTED, procedure=guide.id),))


def _only_way(guide: Guide) -> Mapping[str, str]:
    return {AT: next(iter(guide.steps))} if len(guide.steps) == 1 else {}


def named(turn: Turn) -> Outcome:
    """Free text that the focus waited for: for whom the walk is, or the dossier code, perhaps before it was asked."""
    walk = turn.records.walk(turn.conversation.focus.id or "")
    if walk is None:
        return _gone(turn)
    if walk.state == WalkState.NAMING:
        return _named(turn, replace(walk, label=turn.inbound.text.strip()[:NAME_LENGTH]))
    code = _code(turn.inbound.raw or turn.inbound.text)
    if walk.state in {WalkState.STEP, WalkState.STUCK}:  # copied down before it was asked for
        kept = turn.knowledge.say("code_kept", code=code)
        return _at(turn, replace(walk, dossier_code=code), lead=kept)
    if walk.state == WalkState.ENDING:  # whoever has a code has handed it in
        status = WalkStatus.ONLINE if walk.answers.get(AT) == Way.ONLINE else WalkStatus.COUNTER
        walk = _submitted(walk, status)
        return _over(turn, replace(walk, dossier_code=code), effects=(_ended(walk),))
    if walk.state == WalkState.CODE:
        return _over(turn, replace(walk, dossier_code=code))
    return _at(turn, walk)


def unnamed(turn: Turn) -> Outcome:
    """Go on without a name."""
    return _with_walk(turn, WalkMove.NAMED, _named)


def _named(turn: Turn, walk: Walk) -> Outcome:
    guide = _guide(turn, walk.procedure)
    return _at(turn, _settle(guide, _moved(walk, WalkMove.NAMED))) if guide else _gone(turn)


def resume(turn: Turn) -> Outcome:
    """Show where the walk stands, and put it in focus."""
    walk = turn.records.walk(args(turn)[0])
    return _at(turn, walk) if walk else _gone(turn)


def choose(turn: Turn) -> Outcome:
    """Go on with the open walk; if there are several, ask which."""
    focus = turn.conversation.focus
    waiting = turn.records.open_walks()
    if focus.task is Task.WALK and (walk := turn.records.walk(focus.id or "")):
        return _at(turn, walk)
    if len(waiting) == 1:
        return _at(turn, waiting[0])
    key = "choose_walk" if waiting else "no_walks"
    buttons = tuple(resume_button(turn, walk) for walk in waiting) or (
        turn.knowledge.button("list", encode(Verb.LIST)),
    )
    return told(turn, Reply(text=turn.knowledge.say(key), buttons=buttons), move=TalkMove.BROWSED)


def pause(turn: Turn) -> Outcome:
    """Put the walk aside; it waits."""
    walk = turn.records.walk(args(turn)[0])
    if walk is None:
        return _gone(turn)
    if walk.status is not WalkStatus.OPEN:
        return _closed(turn, walk)
    buttons = (
        turn.knowledge.button("resume", encode(Verb.RESUME, walk.id)),
        *tips.follow_up_offer(turn, walk.id),
        turn.knowledge.button("give_up", encode(Verb.END, walk.id, WalkStatus.GAVE_UP)),
        turn.knowledge.button("menu", encode(Verb.MENU)),
    )
    reply = Reply(text=turn.knowledge.say("paused", walk=place(turn, walk)), buttons=buttons)
    return Outcome(replies=(reply,), conversation=in_talk(turn.conversation))


def restart(turn: Turn) -> Outcome:
    """From the walk's first question again; papers at hand stay ticked."""
    walk = turn.records.walk(turn.conversation.focus.id or "")
    guide = walk and _guide(turn, walk.procedure)
    if not walk or not guide:
        return _gone(turn)
    if walk.status is not WalkStatus.OPEN:
        return _at(turn, walk)
    fresh = replace(_moved(walk, WalkMove.RESTARTED), answers=_only_way(guide), step=None, trail=())
    return _at(turn, _settle(guide, fresh), lead=turn.knowledge.say("restarted"))


# --- the moves ------------------------------------------------------------------------------------------------


def answered(turn: Turn) -> Outcome:
    """A branch question is answered."""

    def move(turn: Turn, walk: Walk) -> Outcome:
        guide = _guide(turn, walk.procedure)
        question = guide and pending(turn, guide, walk)
        _, asked, option = args(turn)
        if not guide or not question or question.id != asked or option not in {o.id for o in question.options}:
            return _at(turn, walk, lead=turn.knowledge.say("moved_on"))
        return _at(turn, _settle(guide, replace(walk, answers={**walk.answers, asked: option})))

    return _with_walk(turn, WalkMove.ANSWERED, move)


def ticked(turn: Turn) -> Outcome:
    """Papers are at hand, or no longer."""

    def move(turn: Turn, walk: Walk) -> Outcome:
        guide = _guide(turn, walk.procedure)
        listed = (
            {paper.id for paper in facts.papers_for(guide, walk.answers, local_day(turn.now))} if guide else set()
        )
        pressed = frozenset(args(turn)[1:]) & listed
        return _at(turn, replace(_moved(walk, WalkMove.TICKED), ticks=walk.ticks ^ pressed))

    return _with_walk(turn, WalkMove.TICKED, move)


def ready(turn: Turn) -> Outcome:
    """On to the first step."""

    def move(turn: Turn, walk: Walk) -> Outcome:
        guide = _guide(turn, walk.procedure)
        return _at(turn, _to_step(_moved(walk, WalkMove.READY), guide, 0)) if guide else _gone(turn)

    return _with_walk(turn, WalkMove.READY, move)


def done(turn: Turn) -> Outcome:
    """The step is done: the next one, or the end."""

    def move(turn: Turn, walk: Walk) -> Outcome:
        guide = _guide(turn, walk.procedure)
        if not guide:
            return _gone(turn)
        walk, place_ = _found(guide, walk)
        if walk.step != args(turn)[1]:
            return _at(turn, walk, lead=turn.knowledge.say("moved_on"))
        if place_ + 1 < len(steps(guide, walk)):
            return _at(turn, _to_step(_moved(walk, WalkMove.DONE), guide, place_ + 1))
        return _at(turn, _moved(walk, WalkMove.HANDED_IN))

    return _with_walk(turn, WalkMove.DONE, move)


def stuck(turn: Turn) -> Outcome:
    """Which of the troubles that people have at this step is it?"""

    def move(turn: Turn, walk: Walk) -> Outcome:
        state = WalkMove.STUCK if walk.state == WalkState.STEP else WalkMove.TOLD_FIX
        return _at(turn, _moved(walk, state))

    walk = turn.records.walk(args(turn)[0])
    allowed = WalkMove.TOLD_FIX if walk and walk.state == WalkState.STUCK else WalkMove.STUCK
    return _with_walk(turn, allowed, move)


def fix(turn: Turn) -> Outcome:
    """What helps against that trouble; then on, or a human. Told at any time: a fix stays true."""
    walk_id, step_id, trouble_id = args(turn)
    walk = turn.records.walk(walk_id)
    guide = walk and _guide(turn, walk.procedure)
    if not walk or not guide:
        return _gone(turn)
    step = next((step for step in steps(guide, walk) if step.id == step_id), None)
    trouble = next((trouble for trouble in step.troubles if trouble.id == trouble_id), None) if step else None
    if not trouble or not allows(Task.WALK, walk.state, WalkMove.TOLD_FIX):
        return _at(turn, walk, lead=turn.knowledge.say("moved_on"))
    buttons = (
        turn.knowledge.button("solved", encode(Verb.STEP_BACK, walk.id)),
        turn.knowledge.button("human", encode(Verb.HUMAN)),
    )
    text = turn.knowledge.say("fix", fix=trouble.fix)
    walk, counted = _once(_moved(walk, WalkMove.TOLD_FIX), counting.trouble(step_id, trouble_id))
    return _stay(turn, walk, Reply(text=text, buttons=buttons), effects=counted)


def to_papers(turn: Turn) -> Outcome:
    """Back to the checklist, from anywhere in the steps."""

    def move(turn: Turn, walk: Walk) -> Outcome:
        return _at(turn, _moved(walk, WalkMove.BACK_TO_PAPERS))

    return _with_walk(turn, WalkMove.BACK_TO_PAPERS, move)


def step_back(turn: Turn) -> Outcome:
    """One back: to the step before, the checklist, the question before; from the very first, to the card."""
    walk = turn.records.walk(args(turn)[0])
    guide = walk and _guide(turn, walk.procedure)
    if not walk or not guide:
        return _gone(turn)
    go_back = _BACK.get(WalkState(walk.state))
    return go_back(turn, walk, guide) if go_back else _at(turn, walk)


def _back_in_questions(turn: Turn, walk: Walk, guide: Guide) -> Outcome:
    given = [question.id for question in questions(turn, guide, walk) if question.id in walk.answers]
    move = WalkMove.BACK if walk.state == WalkState.ASKING else WalkMove.BACK_TO_QUESTIONS
    if not given:
        return _leave(turn, walk)
    kept = {id_: option for id_, option in walk.answers.items() if id_ != given[-1]}
    return _at(turn, replace(_moved(walk, move), answers=kept))


def _back_in_steps(turn: Turn, walk: Walk, guide: Guide) -> Outcome:
    walk, place_ = _found(guide, walk)
    if place_ == 0:
        return _at(turn, _moved(walk, WalkMove.BACK_TO_PAPERS))
    return _at(turn, _to_step(_moved(walk, WalkMove.BACK), guide, place_ - 1))


def _back_to_step(turn: Turn, walk: Walk, guide: Guide) -> Outcome:
    return _at(turn, _moved(walk, WalkMove.BACK_TO_STEPS))


_BACK: Mapping[WalkState, Callable[[Turn, Walk, Guide], Outcome]] = {
    WalkState.NAMING: _back_in_questions,
    WalkState.ASKING: _back_in_questions,
    WalkState.PAPERS: _back_in_questions,
    WalkState.STEP: _back_in_steps,
    WalkState.STUCK: _back_to_step,
    WalkState.ENDING: _back_to_step,
}


def ended(turn: Turn) -> Outcome:
    """How it ended: submitted online, at the counter, or given up. Giving up is possible at any time."""
    walk_id, how = args(turn)
    walk = turn.records.walk(walk_id)
    if walk is None or how not in _ENDS:
        return _gone(turn)
    status, helped = _ENDS[how]
    if walk.status is not WalkStatus.OPEN:
        return _closed(turn, walk)
    if status is WalkStatus.GAVE_UP:
        walk = replace(walk, status=status)
        return _over(turn, walk, effects=(_ended(walk),))
    if not allows(Task.WALK, walk.state, WalkMove.SUBMITTED):
        return _at(turn, walk, lead=turn.knowledge.say("moved_on"))
    walk = _submitted(walk, status, helped)
    return (_over if walk.dossier_code else _at)(turn, walk, effects=(_ended(walk),))


# How a walk can end, as a button names it: the status, and whether somebody helped. Buttons of before the question of
# help was asked say "online".
_ENDS: Mapping[str, tuple[WalkStatus, bool | None]] = {
    "online": (WalkStatus.ONLINE, None),
    "self": (WalkStatus.ONLINE, False),
    "helped": (WalkStatus.ONLINE, True),
    "counter": (WalkStatus.COUNTER, None),
    "gave-up": (WalkStatus.GAVE_UP, None),
}


def _submitted(walk: Walk, status: WalkStatus, helped: bool | None = None) -> Walk:
    """Handed in. A walk under a name is done for someone else: that is help, whoever presses."""
    return replace(_moved(walk, WalkMove.SUBMITTED), status=status, helped=True if walk.label else helped)


def _ended(walk: Walk) -> Count:
    return Count(kind=counting.ended(walk.status, helped=walk.helped), procedure=walk.procedure)


def no_code(turn: Turn) -> Outcome:
    """They have no dossier code, or keep it to themselves."""
    walk = turn.records.walk(args(turn)[0])
    if walk is None:
        return _gone(turn)
    return _over(turn, walk) if walk.state == WalkState.CODE else _at(turn, walk)


# --- words in a walk ------------------------------------------------------------------------------------------


def spoken(turn: Turn, command: str) -> Action | None:
    """The action that a typed word such as "xong" or "quay lại" means in the walk in focus, if it means any there."""
    walk = turn.records.walk(turn.conversation.focus.id or "")
    if walk is None:
        return None
    here = (walk.id, walk.step or "none")
    at_step = walk.state in {WalkState.STEP, WalkState.STUCK}
    match command:
        case "done" if at_step:
            return Action(Verb.DONE, here)
        case "done" if walk.state == WalkState.PAPERS:
            return Action(Verb.READY, (walk.id,))
        case "done" | "resume":
            return Action(Verb.RESUME, (walk.id,))
        case "stuck" if at_step:
            return Action(Verb.STUCK, here)
        case "stuck":
            return Action(Verb.HUMAN)
        case "papers" if at_step:
            return Action(Verb.PAPERS, (walk.id,))
        case "back":
            return Action(Verb.STEP_BACK, (walk.id,))
        case "stop":
            return Action(Verb.PAUSE, (walk.id,))
        case _:
            return None


def own_buttons(turn: Turn) -> tuple[Button, ...]:
    """What the walk in focus offers, whatever was offered last."""
    walk = turn.records.walk(turn.conversation.focus.id or "")
    guide = _guide(turn, walk.procedure) if walk else None
    show = _SHOW.get(WalkState(walk.state)) if walk else None
    return show(turn, walk, guide).buttons if walk and guide and show else ()


def may_be_code(text: str) -> bool:
    """True for something short with digits in it: no source tells the exact pattern of a dossier code."""
    return len(text) <= CODE_LENGTH and len(text.split()) <= 3 and bool(re.search(r"\d.*\d", text))


def is_code(text: str) -> bool:
    """True for what can hardly be anything but a dossier code."""
    return may_be_code(text) and bool(_KNOWN_CODE.fullmatch(_code(text)))


def _code(text: str) -> str:
    """The code itself, without words such as "mã là" before or after it."""
    words = text.split()
    with_digits = [n for n, word in enumerate(words) if re.search(r"\d", word)]
    return " ".join(words[with_digits[0] : with_digits[-1] + 1])[:CODE_LENGTH] if with_digits else text[:CODE_LENGTH]


def may_be_name(text: str) -> bool:
    """True for a few words that may say for whom: "bé út", "mẹ", "cô Ba xóm trên"."""
    return 0 < len(text) <= NAME_LENGTH and len(text.split()) <= 5 and "?" not in text


# --- what the person sees -------------------------------------------------------------------------------------


def place(turn: Turn, walk: Walk) -> str:
    """Where a walk stands, in one line."""
    name = turn.knowledge.title(walk.procedure)
    if walk.label:
        name = turn.knowledge.say("for_whom", name=name, label=walk.label)
    guide = turn.knowledge.content.guides.get(walk.procedure)
    state = WalkState(walk.state)
    if guide and state in {WalkState.STEP, WalkState.STUCK} and (todo := steps(guide, walk)):
        _, at = _found(guide, walk)
        return turn.knowledge.say("place_step", name=name, n=at + 1, of=len(todo), title=todo[at].title)
    if walk.status is not WalkStatus.OPEN:
        return turn.knowledge.say(f"place_{walk.status.replace('-', '_')}", name=name)
    if guide is None:  # content dropped it
        return name
    return turn.knowledge.say(f"place_{state}", name=name)


def resume_button(turn: Turn, walk: Walk) -> Button:
    """Go on with this walk; its label says which it is, and comes first so that it is not cut off."""
    name = turn.knowledge.short(walk.procedure)
    which = f"{walk.label} – {name}" if walk.label else name
    guide = _guide(turn, walk.procedure)
    if guide and not walk.label and walk.state in {WalkState.STEP, WalkState.STUCK} and steps(guide, walk):
        which = f"{name} ({_found(guide, walk)[1] + 1}/{len(steps(guide, walk))})"
    button = turn.knowledge.button("resume_named", encode(Verb.RESUME, walk.id), walk=shorten(which, 26))
    return replace(button, words=(walk.label,)) if walk.label else button


def questions(turn: Turn, guide: Guide, walk: Walk) -> list[Question]:
    """The questions that this walk asks, in order, given what was answered so far."""
    ways = (_way_question(turn),) if len(guide.steps) > 1 else ()
    return [question for question in (*ways, *guide.questions) if applies(question.when, walk.answers)]


def pending(turn: Turn, guide: Guide, walk: Walk) -> Question | None:
    """The next question without an answer."""
    return next((question for question in questions(turn, guide, walk) if question.id not in walk.answers), None)


def steps(guide: Guide, walk: Walk) -> list[Step]:
    """This person's steps."""
    return [step for step in guide.walk_steps(walk.answers.get(AT, "")) if applies(step.when, walk.answers)]


def _way_question(turn: Turn) -> Question:
    say, phrases = turn.knowledge.say, turn.knowledge.content.phrases.buttons
    return Question(
        id=AT,
        ask=say("ask_way"),
        options=tuple(
            Option(id=way, label=phrases[f"way_{way}"].label, words=phrases[f"way_{way}"].words)
            for way in (Way.ONLINE, Way.COUNTER)
        ),
    )


def _show_naming(turn: Turn, walk: Walk, guide: Guide) -> Reply:
    skip = turn.knowledge.button("skip", encode(Verb.NAME, walk.id))
    return Reply(text=turn.knowledge.say("ask_name"), buttons=(skip,))


def _show_question(turn: Turn, walk: Walk, guide: Guide) -> Reply:
    question = pending(turn, guide, walk)
    if question is None:  # content changed under the walk
        return _show_papers(turn, walk, guide)
    buttons = tuple(
        Button(label=option.label, payload=encode(Verb.ANSWER, walk.id, question.id, option.id), words=option.words)
        for option in question.options
    )
    back = turn.knowledge.button("back", encode(Verb.STEP_BACK, walk.id))
    return Reply(text=question.ask, buttons=(*buttons, back), slot=f"ask:{walk.id}")


def _show_papers(turn: Turn, walk: Walk, guide: Guide) -> Reply:
    knowledge = turn.knowledge
    papers = facts.papers_for(guide, walk.answers, local_day(turn.now))
    marks = {paper.id: "☑" if paper.id in walk.ticks else "☐" for paper in papers}
    lines = [knowledge.say("papers", name=knowledge.title(guide.id), have=_have(walk, marks), of=len(papers))]
    lines += [
        f"{marks[paper.id]} {n}. {facts.paper_line(knowledge, paper)}" for n, paper in enumerate(papers, start=1)
    ]
    lines += ["", knowledge.say("papers_end")]
    buttons = [
        Button(label=f"{marks[paper.id]} {shorten(paper.name)}", payload=encode(Verb.TICK, walk.id, paper.id))
        for paper in papers
    ]
    buttons.append(knowledge.button("ready", encode(Verb.READY, walk.id)))
    buttons.append(knowledge.button("back", encode(Verb.STEP_BACK, walk.id)))
    return Reply(text="\n".join(lines), buttons=tuple(buttons), slot=f"papers:{walk.id}", page=_page(walk))


def _page(walk: Walk) -> str:
    """This person's own list as a page to print: their answers, and nothing that tells who they are."""
    return f"/thu-tuc/{walk.procedure}?{urlencode(walk.answers)}"


def _have(walk: Walk, marks: Mapping[str, str]) -> int:
    return len(walk.ticks & marks.keys())


def _show_step(turn: Turn, walk: Walk, guide: Guide) -> Reply:
    knowledge = turn.knowledge
    todo = steps(guide, walk)
    walk, at = _found(guide, walk)
    step = todo[at]
    lines = [knowledge.say("step", n=at + 1, of=len(todo), title=step.title), "", step.text]
    if step.link:
        lines.append(knowledge.say("link", link=step.link))
    if step.see:
        lines += ["", knowledge.say("see", see=step.see)]
    buttons = (
        knowledge.button("done", encode(Verb.DONE, walk.id, step.id)),
        knowledge.button("stuck", encode(Verb.STUCK, walk.id, step.id)),
        knowledge.button("back", encode(Verb.STEP_BACK, walk.id)),
        knowledge.button("pause", encode(Verb.PAUSE, walk.id)),
    )
    shown = step.picture
    return Reply(
        text="\n".join(lines),
        buttons=buttons,
        image=shown.file if shown else None,
        image_alt=shown.alt if shown else None,
    )


def _show_stuck(turn: Turn, walk: Walk, guide: Guide) -> Reply:
    knowledge = turn.knowledge
    walk, at = _found(guide, walk)
    step = steps(guide, walk)[at]
    buttons = [
        Button(label=trouble.problem, payload=encode(Verb.FIX, walk.id, step.id, trouble.id))
        for trouble in step.troubles
    ]
    buttons.append(knowledge.button("human", encode(Verb.HUMAN)))
    buttons.append(knowledge.button("to_step", encode(Verb.STEP_BACK, walk.id)))
    buttons.append(knowledge.button("looks_different", encode(Verb.LEAVE_WORDS, CaseKind.CONTENT)))
    key = "stuck" if step.troubles else "stuck_alone"
    return Reply(text=knowledge.say(key, title=step.title), buttons=tuple(buttons))


def _show_ending(turn: Turn, walk: Walk, guide: Guide) -> Reply:
    knowledge = turn.knowledge
    online = ("online",) if walk.label else ("self", "helped")
    order = ("counter", *online) if walk.answers.get(AT) == Way.COUNTER else (*online, "counter")
    buttons = tuple(knowledge.button(f"ended_{how}", encode(Verb.END, walk.id, how)) for how in order)
    give_up = knowledge.button("give_up", encode(Verb.END, walk.id, WalkStatus.GAVE_UP))
    back = knowledge.button("back", encode(Verb.STEP_BACK, walk.id))
    return Reply(text=knowledge.say("ending"), buttons=(*buttons, give_up, back))


def _show_code(turn: Turn, walk: Walk, guide: Guide) -> Reply:
    skip = turn.knowledge.button("skip", encode(Verb.NO_CODE, walk.id))
    return Reply(text=turn.knowledge.say("ask_code"), buttons=(skip,))


_SHOW: Mapping[WalkState, Callable[[Turn, Walk, Guide], Reply]] = {
    WalkState.NAMING: _show_naming,
    WalkState.ASKING: _show_question,
    WalkState.PAPERS: _show_papers,
    WalkState.STEP: _show_step,
    WalkState.STUCK: _show_stuck,
    WalkState.ENDING: _show_ending,
    WalkState.CODE: _show_code,
}


# --- how a move becomes an outcome ----------------------------------------------------------------------------


def _with_walk(turn: Turn, move: StrEnum, go: Callable[[Turn, Walk], Outcome]) -> Outcome:
    """Make the move if the walk is the person's and stands where the move is possible; else show where it stands."""
    walk = turn.records.walk(args(turn)[0])
    if walk is None:
        return _gone(turn)
    if not allows(Task.WALK, walk.state, move):
        return _at(turn, walk, lead=turn.knowledge.say("moved_on"))
    return go(turn, walk)


def _moved(walk: Walk, move: StrEnum) -> Walk:
    return replace(walk, state=after(Task.WALK, walk.state, move))


def _at(turn: Turn, walk: Walk, *, lead: str = "", effects: tuple[Effect, ...] = ()) -> Outcome:
    """Show the walk where it now stands, and save it."""
    if walk.state == WalkState.OVER:
        return _closed(turn, walk)
    guide = _guide(turn, walk.procedure)
    if guide is None:
        return _gone(turn)
    if walk.state in {WalkState.STEP, WalkState.STUCK}:
        found, _ = _found(guide, walk)
        if found.step != walk.step:
            walk, lead = found, turn.knowledge.say("step_dropped")
    reply = _SHOW[WalkState(walk.state)](turn, walk, guide)
    if lead:
        reply = replace(reply, text=f"{lead}\n\n{reply.text}", slot=None)
    if kind := counting.reached(walk):
        walk, counted = _once(walk, kind)
        effects = (*effects, *counted)
    return _stay(turn, walk, reply, effects=effects)


def _once(walk: Walk, kind: str) -> tuple[Walk, tuple[Count, ...]]:
    """Count something of a walk, but never twice: people go back and forth."""
    if kind in walk.counted:
        return walk, ()
    return replace(walk, counted=walk.counted | {kind}), (Count(kind=kind, procedure=walk.procedure),)


def _stay(turn: Turn, walk: Walk, reply: Reply, *, effects: tuple[Effect, ...] = ()) -> Outcome:
    walk = replace(walk, touched_at=turn.now)
    focus = Focus(task=Task.WALK, state=walk.state, id=walk.id)
    conversation = replace(turn.conversation, focus=focus, topic=walk.procedure, misses=0)
    return Outcome(replies=(reply,), conversation=conversation, effects=(SaveWalk(walk=walk), *effects))


def _over(turn: Turn, walk: Walk, *, effects: tuple[Effect, ...] = ()) -> Outcome:
    """The walk is over: what comes now, and the focus back to the talk."""
    walk = replace(_moved(walk, WalkMove.CLOSED), touched_at=turn.now)
    watching: tuple[Effect, ...] = ()
    if walk.status in {WalkStatus.ONLINE, WalkStatus.COUNTER}:
        watching = reminders.after_submission(turn, walk)
    return replace(_closed(turn, walk), effects=(SaveWalk(walk=walk), *effects, *watching))


def _closed(turn: Turn, walk: Walk) -> Outcome:
    knowledge = turn.knowledge
    name = knowledge.title(walk.procedure)
    offer: tuple[Button, ...] = ()
    gave_up = walk.status is WalkStatus.GAVE_UP
    if gave_up:
        text = knowledge.say("gave_up", name=name)
    else:
        text = knowledge.say("submitted", name=name, next="\n".join(_what_next(turn, walk)))
        offer = tips.offer(turn)
    buttons = (
        *(() if gave_up else (knowledge.button("ap_new_result", encode(Verb.APPOINT, walk.id)),)),
        *offer,
        knowledge.button("list", encode(Verb.LIST)),
        knowledge.button("human", encode(Verb.HUMAN)),
    )
    replies: tuple[Reply, ...] = (Reply(text=text, buttons=buttons),)
    if walk.status is not WalkStatus.GAVE_UP and walk.stars is None:
        stars = tuple(knowledge.button(f"stars_{n}", encode(Verb.RATE, walk.id, str(n))) for n in counting.STARS)
        replies += (Reply(text=knowledge.say("ask_stars"), buttons=(*stars, *buttons)),)
    return Outcome(replies=replies, conversation=in_talk(turn.conversation))


def _what_next(turn: Turn, walk: Walk) -> list[str]:
    knowledge = turn.knowledge
    lines = [knowledge.say("code_kept", code=walk.dossier_code)] if walk.dossier_code else []
    if guide := _guide(turn, walk.procedure):
        today = local_day(turn.now)
        way = Way.ONLINE if walk.status is WalkStatus.ONLINE else Way.COUNTER
        lines += [f"• {line}" for line in facts.times(knowledge, guide, today, (way,))]
        lines += [f"• {line}" for line in facts.statements(knowledge, guide.result, today)]
    return lines


def _leave(turn: Turn, walk: Walk) -> Outcome:
    """Back from the very first question: the walk waits, the menu words are near."""
    reply = Reply(
        text=turn.knowledge.say("left_walk", name=turn.knowledge.title(walk.procedure)),
        buttons=(
            turn.knowledge.button("resume", encode(Verb.RESUME, walk.id)),
            turn.knowledge.button("menu", encode(Verb.MENU)),
        ),
    )
    return Outcome(replies=(reply,), conversation=in_talk(turn.conversation))


def _gone(turn: Turn) -> Outcome:
    """The walk or its guide is no longer there."""
    button = turn.knowledge.button("menu", encode(Verb.MENU))
    conversation = in_talk(turn.conversation)
    return Outcome(replies=(Reply(text=turn.knowledge.say("gone"), buttons=(button,)),), conversation=conversation)


def _guide(turn: Turn, procedure: str) -> Guide | None:
    return turn.knowledge.content.guides.get(procedure)


def _settle(guide: Guide, walk: Walk) -> Walk:
    """On to the checklist once no question is left. (`at` is pending while it has no answer.)"""
    asked = [question for question in guide.questions if applies(question.when, walk.answers)]
    open_ = AT not in walk.answers or any(question.id not in walk.answers for question in asked)
    return _moved(walk, WalkMove.ANSWERED if open_ else WalkMove.SETTLED)


def _to_step(walk: Walk, guide: Guide, at: int) -> Walk:
    todo = steps(guide, walk)
    return replace(walk, step=todo[at].id, trail=tuple(step.id for step in todo[:at]))


def _found(guide: Guide, walk: Walk) -> tuple[Walk, int]:
    """The walk's step and its place among the steps; if content dropped that step, the nearest earlier one."""
    ids = [step.id for step in steps(guide, walk)]
    for known in (walk.step, *reversed(walk.trail)):
        if known in ids:
            at = ids.index(known)
            return (walk if known == walk.step else _to_step(walk, guide, at)), at
    return _to_step(walk, guide, 0), 0
