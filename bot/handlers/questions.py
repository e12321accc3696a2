"""A question in the citizen's own words: answered, asked back, or kept for the officers."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue.messages import Became, Button, Count, Effect, KeepQuestion, Outcome, Reply, Turn
from bot.dialogue.payloads import Verb, encode
from bot.dialogue.states import TalkMove
from bot.handlers import cards, guides
from bot.handlers.common import told
from bot.privacy import hides_something
from bot.understanding import Decision, Facet, Reason, Understood
from bot.understanding.text import plain, words

CHOICES = 4  # more than four are a wall
MISSES_BEFORE_HUMAN = 2
OTHERS = 2  # so many other needs of the same message are offered beside the answer

UNLIKELY = 0.25  # below it a guess of ours gives way to a card whose name was said
_NOT_KNOWN = {Reason.ELSEWHERE: "elsewhere", Reason.REFUSED: "refused"}


def answer(turn: Turn) -> Outcome:
    """Answer the subject that stands out, offer those that may be meant, or say that we don't know."""
    understood = turn.understood
    if understood is None:
        return not_known(turn, None)
    if understood.decision is Decision.ANSWER:
        first = understood.candidates[0].id
        outcome = _with_others(turn, guides.answer(turn, first, understood.facet), understood)
        return replace(outcome, effects=(*outcome.effects, *_kept(turn, understood, Became.ANSWERED, first)))
    if understood.decision is Decision.ASK and not hides_something(turn.inbound.text):
        return ask_back(turn, understood)
    return not_known(turn, understood)


def _with_others(turn: Turn, outcome: Outcome, understood: Understood) -> Outcome:
    """The same answer, with what else was asked for in that message to choose from."""
    if not understood.also or not outcome.replies:
        return outcome
    *before, last = outcome.replies
    others = tuple(
        Button(label=turn.knowledge.content.short(other), payload=encode(Verb.ABOUT, other))
        for other in understood.also[:OTHERS]
    )
    text = f"{last.text}\n\n{turn.knowledge.say('asked_also')}"
    return replace(outcome, replies=(*before, replace(last, text=text, buttons=(*others, *last.buttons))))


def ask_back(turn: Turn, understood: Understood) -> Outcome:
    """Which of these? Never the same question twice, nor a third one in a row: then a human.

    Nothing named that has a guide: perhaps a card.
    """
    kept = _kept(turn, understood, Became.ASKED_BACK)
    buttons = tuple(
        Button(label=turn.knowledge.choice(candidate.id), payload=_payload(candidate.id, understood.facet))
        for candidate in understood.candidates[:CHOICES]
    )
    unlikely = not buttons or understood.candidates[0].score < UNLIKELY
    if unlikely or understood.reason in {Reason.UNSURE, Reason.BROAD}:
        offered = cards.offer(turn, _kept(turn, understood, Became.CARD_OFFERED))
        if offered:
            return offered
    if not buttons:
        outcome = guides.fields(turn)
        return told(turn, *outcome.replies, move=TalkMove.BROWSED, effects=kept)
    misses = turn.conversation.misses
    if misses >= MISSES_BEFORE_HUMAN or buttons == turn.conversation.offered[: len(buttons)]:
        return not_known(turn, understood)
    buttons += (turn.knowledge.button("none_of_these", encode(Verb.HUMAN)),)
    reply = Reply(text=turn.knowledge.say("ask_back"), buttons=buttons)
    return told(turn, reply, move=TalkMove.ASKED_BACK, misses=misses + 1, effects=kept)


def not_known(turn: Turn, understood: Understood | None) -> Outcome:
    """Offer reference cards if the question names some; else say so, and offer the list and a human.

    The question is kept for the officers either way. At the second miss in a row it is the human alone.
    """
    knowledge = turn.knowledge
    misses = turn.conversation.misses + 1
    if hides_something(turn.inbound.text):
        return told(turn, Reply(text=knowledge.say("private_number")))
    if understood and understood.reason is not Reason.REFUSED:
        offered = cards.offer(turn, _kept(turn, understood, Became.CARD_OFFERED))
        if offered:
            return offered
    key = _NOT_KNOWN.get(understood.reason, "not_known") if understood else "not_known"
    if misses >= MISSES_BEFORE_HUMAN and key == "not_known":
        key = "not_known_again"
    buttons = (knowledge.button("list", encode(Verb.LIST)), knowledge.button("human", encode(Verb.HUMAN)))
    effects = _kept(turn, understood, Became.NOT_KNOWN)
    return told(turn, Reply(text=knowledge.say(key), buttons=buttons), misses=misses, effects=effects)


def _payload(id_: str, facet: Facet) -> str:
    return encode(Verb.ABOUT, id_) if facet is Facet.OVERVIEW else encode(Verb.ABOUT, id_, facet)


def _kept(
    turn: Turn, understood: Understood | None, became: Became, procedure: str | None = None
) -> tuple[Effect, ...]:
    """The question counted, and kept: masked by the door, without its person; without words if it had a number."""
    candidates = understood.candidates if understood else ()
    text = "" if hides_something(turn.inbound.text) else turn.inbound.text[:1000]
    question = KeepQuestion(
        text=text,
        became=became,
        folded=" ".join(map(plain, words(text))),
        candidates=tuple((candidate.id, round(candidate.score, 3)) for candidate in candidates),
        evidence={
            "facet": understood.facet if understood else None,
            "reason": understood.reason if understood else None,
            "topic": turn.conversation.topic,
            "matched": [candidate.matched for candidate in candidates],
        },
    )
    return question, Count(kind=became, procedure=procedure)
