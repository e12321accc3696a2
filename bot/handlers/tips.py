"""Tips for those who want them: saying yes and no, choosing, opening the guide, asking whether one is true."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from bot.dialogue.messages import (
    LOCAL,
    BroadcastState,
    Button,
    ChooseTips,
    Effect,
    Focus,
    FollowUp,
    OpenedTip,
    Outcome,
    Purpose,
    RecordConsent,
    Reply,
    Subscription,
    Task,
    Turn,
    WalkId,
    local_day,
)
from bot.dialogue.payloads import Action, Verb, encode
from bot.dialogue.states import TipState
from bot.handlers import guides, homes, talk
from bot.handlers.common import args, told
from bot.handlers.facts import day
from bot.handlers.tip_texts import asks_only, code_in, is_same, meant, shown_code

TEXT_VERSION = "2026-11-22"  # of tips_ask and follow_up_on in phrases.yaml, as consent is recorded
EVERYTHING = "all"
ASKED_AFTER = timedelta(days=3)  # how long a walk rests before we ask after it
ASKED_AT = time(9)
SENT = (BroadcastState.SENDING, BroadcastState.PAUSED, BroadcastState.DONE, BroadcastState.RECALLED)


def ask(turn: Turn) -> Outcome:
    """The one question; for those who said yes already, what they chose."""
    knowledge = turn.knowledge
    if turn.tips.subscription() is not None:
        return told(turn, _chosen(turn, "tips_are_on"))
    buttons = (
        knowledge.button("tips_yes", encode(Verb.TIPS_YES)),
        knowledge.button("tips_no", encode(Verb.TIPS_NO)),
    )
    return told(turn, Reply(text=knowledge.say("tips_ask"), buttons=buttons))


def yes(turn: Turn) -> Outcome:
    """They take tips from now on; where they live is asked, unless they have said it, and may be left open."""
    consent = RecordConsent(purpose=Purpose.TIPS, yes=True, text_version=TEXT_VERSION)
    mine = turn.tips.subscription()
    if mine is None and (home := homes.of(turn)):
        topics = _topics(turn, Subscription())
        lead = turn.knowledge.say("tips_home", name=home.name)
        return told(turn, replace(topics, text=f"{lead}\n{topics.text}"), effects=(consent,))
    return told(turn, homes.question(turn, "tips_place", Verb.TIPS_PLACE, EVERYTHING), effects=(consent,))


def no(turn: Turn) -> Outcome:
    """No tips (any more). Nothing else changes."""
    had = turn.tips.subscription() is not None
    consent = RecordConsent(purpose=Purpose.TIPS, yes=False, text_version=TEXT_VERSION)
    text = turn.knowledge.say("tips_stopped" if had else "tips_declined")
    if had and (home := homes.of(turn)):
        text += "\n" + turn.knowledge.say("home_stays", name=home.name)
    return told(turn, Reply(text=text), effects=(consent,))


def place(turn: Turn) -> Outcome:
    """Where they live is chosen, or left as it is; then the topics."""
    mine = turn.tips.subscription()
    if mine is None:
        return ask(turn)
    return told(turn, _topics(turn, mine), effects=homes.kept(turn, args(turn)[0]))


def topic(turn: Turn) -> Outcome:
    """One topic more, or less; or that is it."""
    wanted = args(turn)[0]
    mine = turn.tips.subscription()
    if mine is None:
        return ask(turn)
    if wanted == EVERYTHING:
        return told(turn, _chosen(turn, "tips_on"))
    known = [field.id for field in turn.knowledge.content.procedures.fields]
    chosen = {wanted} ^ set(mine.topics) if wanted in known else set(mine.topics)
    mine = replace(mine, topics=tuple(id_ for id_ in known if id_ in chosen))
    return told(turn, _topics(turn, mine), effects=(ChooseTips(subscription=mine),))


def _topics(turn: Turn, mine: Subscription) -> Reply:
    knowledge = turn.knowledge
    buttons = [
        Button(
            label=f"{'☑' if field.id in mine.topics else '☐'} {field.name}",
            payload=encode(Verb.TIPS_TOPIC, field.id),
            words=(field.name,),
        )
        for field in knowledge.content.procedures.fields
    ]
    buttons.append(knowledge.button("tips_chosen", encode(Verb.TIPS_TOPIC, EVERYTHING)))
    return Reply(text=knowledge.say("tips_topics"), buttons=tuple(buttons), slot="tips:topics")


def chosen_words(turn: Turn) -> tuple[str, str] | None:
    """Where someone takes tips, and about what; None if they take none."""
    mine = turn.tips.subscription()
    if mine is None:
        return None
    knowledge = turn.knowledge
    fields = {field.id: field.name for field in knowledge.content.procedures.fields}
    home = homes.of(turn)
    topics = ", ".join(fields[id_] for id_ in mine.topics if id_ in fields) or knowledge.say("tips_all_topics")
    return home.name if home else knowledge.content.locality.name, topics


def _chosen(turn: Turn, key: str) -> Reply:
    knowledge = turn.knowledge
    where, topics = chosen_words(turn) or ("", "")
    buttons = (
        knowledge.button("tips_change", encode(Verb.TIPS_YES)),
        knowledge.button("tips_stop", encode(Verb.TIPS_NO)),
        knowledge.button("menu", encode(Verb.MENU)),
    )
    return Reply(text=knowledge.say(key, where=where, topics=topics), buttons=buttons)


def offer(turn: Turn) -> tuple[Button, ...]:
    """After a finished walk: the button that leads to the question, for those who were never asked."""
    asked = turn.inbound.public or turn.records.agreed(Purpose.TIPS) is not None
    return () if asked else (turn.knowledge.button("tips", encode(Verb.TIPS)),)


# --- one tip ------------------------------------------------------------------------------------------------------


def opened(turn: Turn) -> Outcome:
    """The button of a tip: its guide. Safe for ever: a tip that is gone says so."""
    one = turn.tips.broadcast(args(turn)[0])
    if one is None or one.guide is None or one.guide not in turn.knowledge.content:
        return talk.gone(turn)
    outcome = guides.about(replace(turn, action=Action(Verb.ABOUT, (one.guide,))))
    counted: tuple[Effect, ...] = (OpenedTip(broadcast=one.id),) if one.state in SENT else ()
    return replace(outcome, effects=(*outcome.effects, *counted))


def check(turn: Turn) -> Outcome:
    """How to ask whether a tip is true; the next message is looked at."""
    focus = Focus(task=Task.TIP, state=TipState.CHECKING)
    reply = Reply(
        text=turn.knowledge.say("tip_check"), buttons=(turn.knowledge.button("tip_leave", encode(Verb.MENU)),)
    )
    return Outcome(replies=(reply,), conversation=replace(turn.conversation, focus=focus))


def seems_forwarded(turn: Turn, text: str) -> bool:
    """True for a text with a tip's code, or so like a tip that was sent that it was forwarded."""
    return code_in(text) is not None or meant(text, turn.tips.broadcasts(*SENT) if len(text) > 60 else ()) is not None


def verdict(turn: Turn) -> Outcome:
    """Whether what was sent in truly came from the commune, and its true words."""
    knowledge, text = turn.knowledge, turn.inbound.text
    code = code_in(text)
    one = turn.tips.by_code(code) if code else meant(text, turn.tips.broadcasts(*SENT))
    if one is None or one.state not in SENT:
        return told(turn, Reply(text=knowledge.say("tip_false"), buttons=_after_verdict(turn, None)))
    about = {
        "code": shown_code(one.code),
        "date": day(local_day(one.begun_at or one.created_at)),
        "text": one.correction or one.text,
    }
    if one.state is BroadcastState.RECALLED:
        key = "tip_was_corrected" if one.correction else "tip_was_recalled"
    else:
        true = (code and asks_only(text)) or is_same(knowledge, one, text)
        key = "tip_true" if true else "tip_changed"
    guide = one.guide if key == "tip_true" else None
    return told(turn, Reply(text=knowledge.say(key, **about), buttons=_after_verdict(turn, guide and one.id)))


def _after_verdict(turn: Turn, id_: str | None) -> tuple[Button, ...]:
    open_ = (turn.knowledge.button("tip_open", encode(Verb.TIP_OPEN, id_)),) if id_ else ()
    return (*open_, turn.knowledge.button("human", encode(Verb.HUMAN)))


# --- asking after a walk that was put aside -----------------------------------------------------------------------


def follow_up_offer(turn: Turn, walk: str) -> tuple[Button, ...]:
    """The button that lets us ask after this walk once; its yes is a purpose of its own."""
    if turn.inbound.public or turn.records.agreed(Purpose.FOLLOW_UP) is False:
        return ()
    return (turn.knowledge.button("follow_up", encode(Verb.FOLLOW_UP, walk)),)


def follow_up(turn: Turn) -> Outcome:
    """Ask after this walk in a few days: yes to that purpose, and only to that."""
    knowledge = turn.knowledge
    walk = turn.records.walk(args(turn)[0])
    if walk is None:
        return talk.gone(turn)
    at = _in_some_days(turn.now)
    question = Reply(
        text=knowledge.say("follow_up_question", name=knowledge.title(walk.procedure)),
        buttons=(
            knowledge.button("resume", encode(Verb.RESUME, walk.id)),
            knowledge.button("human", encode(Verb.HUMAN)),
            knowledge.button("follow_up_stop", encode(Verb.FOLLOW_UP_NO)),
        ),
    )
    effects = (
        RecordConsent(purpose=Purpose.FOLLOW_UP, yes=True, text_version=TEXT_VERSION),
        FollowUp(walk=WalkId(walk.id), reply=question, at=at),
    )
    return told(turn, Reply(text=knowledge.say("follow_up_on", date=day(local_day(at)))), effects=effects)


def follow_up_no(turn: Turn) -> Outcome:
    """Ask after nothing any more."""
    consent = RecordConsent(purpose=Purpose.FOLLOW_UP, yes=False, text_version=TEXT_VERSION)
    return told(turn, Reply(text=turn.knowledge.say("follow_up_stopped")), effects=(consent,))


def _in_some_days(now: datetime) -> datetime:
    return datetime.combine(local_day(now + ASKED_AFTER), ASKED_AT, LOCAL).astimezone(now.tzinfo)
