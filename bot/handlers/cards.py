"""The second tier: reference cards of the national catalogue, where there is no guide."""

from __future__ import annotations

import math
from datetime import date

from bot.catalogue import key_of, pairs
from bot.dialogue.messages import Button, Card, CardFact, CardHit, CardHits, Count, Effect, Outcome, Reply, Turn
from bot.dialogue.payloads import Verb, encode
from bot.dialogue.states import TalkMove
from bot.handlers import facts, talk
from bot.handlers.common import args, shorten, told
from bot.knowledge import Knowledge
from bot.understanding import Reason
from bot.understanding.text import same_word

OFFERED = 3
LOOKED_AT = 30  # cards, by the rareness of what they share with the question
LEAST = 1_000  # cards that a catalogue counts as, at least: in a small one everything would seem common
PAIRS = 60  # pairs of words of a question that are looked for: nobody needs more
EVIDENCE = 10.0  # rareness of the shared pairs, in all: no one pair has as much, so that a chance likeness is no card
OF_QUESTION = 0.6  # how much of what the catalogue knows of the question's words a card must have …
OF_NAME = 0.6  # … or how much of the card's name the question must have; what is others' business needs this one
AS_GOOD = 0.6  # of the best card's score, from which on another one is offered beside it
PAPERS_SHOWN = 10
LENGTH = 200  # letters of a name or a paper


def offer(turn: Turn, effects: tuple[Effect, ...]) -> Outcome | None:
    """Offer the cards that the question names; None if it names none, or they have just been offered."""
    knowledge = turn.knowledge
    guides = {code: id_ for id_, guide in knowledge.content.guides.items() for code in guide.codes}
    hits = likely(turn)
    if hits and hits[0].code in guides:  # it was a guide that was meant, in words that only its official name has
        buttons = [_guide_button(knowledge, guides[hits[0].code])]
        text = knowledge.say("ask_back")
    else:
        hits = [hit for hit in hits if hit.code not in guides]
        buttons = [Button(label=shorten(hit.name), payload=encode(Verb.CARD, _argument(hit.code))) for hit in hits]
        text = knowledge.say("cards", names="\n".join(f"• {shorten(hit.name, LENGTH)}" for hit in hits))
    if not buttons or tuple(buttons) == turn.conversation.offered[: len(buttons)]:
        return None
    reply = Reply(text=text, buttons=(*buttons, knowledge.button("none_of_these", encode(Verb.HUMAN))))
    return told(turn, reply, move=TalkMove.ASKED_BACK, misses=turn.conversation.misses, effects=effects)


def show(turn: Turn) -> Outcome:
    """The card that was chosen."""
    (argument,) = args(turn)
    card = turn.catalogue.card(_code(argument))
    if card is None:
        return talk.gone(turn)
    knowledge = turn.knowledge
    buttons = (knowledge.button("list", encode(Verb.LIST)), knowledge.button("human", encode(Verb.HUMAN)))
    reply = Reply(text=card_text(knowledge, card), buttons=buttons)
    return told(turn, reply, effects=(Count(kind="card-opened", procedure=card.code),))


# --- which cards ---------------------------------------------------------------------------------------------------


def likely(turn: Turn) -> list[CardHit]:
    """The cards that what was said names well, the likeliest first.

    Two words that stand together in the question and in a card's name are evidence, the rarer the more. Where marks
    were typed they must agree.
    """
    said = pairs(turn.knowledge.index.mended(turn.inbound.text))[:PAIRS]
    found = turn.catalogue.find([key_of(pair) for pair in said], LOOKED_AT)
    worth = {pair: _worth(turn, pair, found) for pair in said if key_of(pair) in found.having}
    elsewhere = turn.understood is not None and turn.understood.reason is Reason.ELSEWHERE
    ranked: list[tuple[float, CardHit]] = []
    for hit in found.hits:
        named = {key_of(pair): pair for pair in pairs(hit.name)}
        shared = [pair for pair in worth if (other := named.get(key_of(pair))) and all(map(same_word, pair, other))]
        evidence, of_name = sum(worth[pair] for pair in shared), len(shared) / len(named)
        of_question = 0.0 if elsewhere else evidence / sum(worth.values())
        if evidence >= EVIDENCE and (of_question >= OF_QUESTION or of_name >= OF_NAME):
            ranked.append((evidence * (0.5 + of_name), hit))
    ranked.sort(key=lambda one: -one[0])
    return [hit for score, hit in ranked if score >= AS_GOOD * ranked[0][0]][:OFFERED]


def _worth(turn: Turn, pair: tuple[str, str], found: CardHits) -> float:
    """How much a pair of words says: the rarer the more; half of that with a word that occurs in any question."""
    rareness = math.log(max(found.cards, LEAST) / found.having[key_of(pair)])
    generic = turn.knowledge.content.lexicon.generic
    return rareness / 2 if any(same_word(word, other) for word in pair for other in generic) else rareness


def _argument(code: str) -> str:
    """A national code as a button carries it: "1.001193" has a dot too many."""
    return code.replace(".", "-")


def _code(argument: str) -> str:
    return argument.replace("-", ".")


def _guide_button(knowledge: Knowledge, id_: str) -> Button:
    return Button(label=knowledge.short(id_), payload=encode(Verb.ABOUT, id_))


# --- what a card says ----------------------------------------------------------------------------------------------


def card_text(knowledge: Knowledge, card: Card) -> str:
    """The whole card, with its source; what the source lost is said to be lost."""
    level = f" ({card.level})" if card.level else ""
    lines = [knowledge.say("card_head", name=shorten(card.name, 2 * LENGTH)), ""]
    lines.append(knowledge.say("card_agency", agency=card.agency + level) if card.agency else "")
    lines.append(knowledge.say("card_ways", ways=_ways(knowledge, card.ways)) if card.ways else "")
    lines += _papers(knowledge, card)
    lines += [_fee(knowledge, fee) for fee in card.fees] or [knowledge.say("card_fee_missing")]
    lines += [_time(knowledge, time) for time in card.times] or [knowledge.say("card_time_missing")]
    lines += ["", knowledge.say("card_source", code=card.code, date=_read_on(card.read_on))]
    return "\n".join(line for number, line in enumerate(lines) if line or number in {1, len(lines) - 2})


def _papers(knowledge: Knowledge, card: Card) -> list[str]:
    if not card.papers:
        return [knowledge.say("card_papers_missing")]
    lines, left = [knowledge.say("card_papers")], PAPERS_SHOWN
    for case, papers in card.papers:
        if left and case:
            lines.append(f"{shorten(case, LENGTH)}:")
        lines += [f"• {shorten(paper, LENGTH)}" for paper in papers[:left]]
        left = max(left - len(papers), 0)
    more = sum(len(papers) for _, papers in card.papers) - PAPERS_SHOWN
    return [*lines, knowledge.say("card_papers_more", n=more)] if more > 0 else lines


def _fee(knowledge: Knowledge, fee: CardFact) -> str:
    way = _ways(knowledge, fee.ways)
    if not fee.text:
        line = knowledge.say("card_fee_unknown", way=way)
    else:
        line = knowledge.say("card_fee", way=way, amount=fee.text)
    return _with_note(knowledge, line, fee.note)


def _time(knowledge: Knowledge, time: CardFact) -> str:
    way = _ways(knowledge, time.ways)
    if not time.text:
        return knowledge.say("card_time_lost", way=way, time=time.note)
    return knowledge.say("card_time", way=way, time=time.text)


def _with_note(knowledge: Knowledge, line: str, note: str) -> str:
    return f"{line} {knowledge.say('card_note', note=note)}" if note else line


def _ways(knowledge: Knowledge, ways: tuple[str, ...]) -> str:
    return ", ".join(knowledge.say(f"way_{way}").lower() for way in ways)


def _read_on(read_on: str) -> str:
    try:
        return facts.day(date.fromisoformat(read_on))
    except ValueError:
        return read_on or "?"
