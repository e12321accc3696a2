"""What there is to know: the list by field, a procedure's card and its sides, a FAQ topic."""

from __future__ import annotations

from dataclasses import replace

from bot import counting
from bot.dialogue.messages import Button, Count, Outcome, Reply, Turn, local_day
from bot.dialogue.payloads import Action, Verb, encode
from bot.dialogue.states import TalkMove, TalkState
from bot.handlers import facts, talk
from bot.handlers.common import args, shorten, told
from bot.understanding import Facet
from content.gathering import gather
from content.models import Topic, on

# The sides of a procedure that a card offers, in the order people ask for them.
OFFERED = (Facet.DOCUMENTS, Facet.FEE, Facet.TIME, Facet.WHERE)


def fields(turn: Turn) -> Outcome:
    """The list of fields."""
    knowledge = turn.knowledge
    buttons = [
        Button(label=shorten(field.name), payload=encode(Verb.FIELD, field.id))
        for field in knowledge.content.procedures.fields
    ]
    buttons.append(knowledge.button("events", encode(Verb.EVENTS)))
    buttons.append(knowledge.button("questions", encode(Verb.FIELD, "faq")))
    return told(turn, Reply(text=knowledge.say("fields"), buttons=tuple(buttons)), move=TalkMove.BROWSED)


def field(turn: Turn) -> Outcome:
    """The procedures of one field, or the FAQ topics."""
    content = turn.knowledge.content
    (wanted,) = args(turn)
    if wanted == "faq":
        name, entries = turn.knowledge.say("faq_name"), [(topic.id, topic.short) for topic in content.faq.topics]
    else:
        name = next((known.name for known in content.procedures.fields if known.id == wanted), "")
        entries = [(entry.id, entry.short) for entry in content.procedures.procedures if entry.field == wanted]
    if not entries:
        return fields(turn)
    buttons = [Button(label=short, payload=encode(Verb.ABOUT, id_)) for id_, short in entries]
    buttons.append(turn.knowledge.button("list", encode(Verb.LIST)))
    reply = Reply(text=turn.knowledge.say("field", name=name), buttons=tuple(buttons))
    return told(turn, reply, move=TalkMove.BROWSED)


def events(turn: Turn) -> Outcome:
    """What happens in people's lives, to choose from."""
    knowledge = turn.knowledge
    buttons = [
        Button(label=shorten(event.name), payload=encode(Verb.EVENT, event.id))
        for event in knowledge.content.events.events
    ]
    buttons.append(knowledge.button("list", encode(Verb.LIST)))
    return told(turn, Reply(text=knowledge.say("events"), buttons=tuple(buttons)), move=TalkMove.BROWSED)


def event(turn: Turn) -> Outcome:
    """A life event: its procedures in their order, and one list of papers for all of them."""
    knowledge, content = turn.knowledge, turn.knowledge.content
    (wanted,) = args(turn)
    found = next((known for known in content.events.events if known.id == wanted), None)
    if found is None:
        return events(turn)
    lines = [knowledge.say("event", name=found.name), ""]
    lines += [f"{n}. {content.title(id_)}" for n, id_ in enumerate(found.related, start=1)]
    papers = gather(content, found, local_day(turn.now))
    always, sometimes = ([one for one in papers if one.sometimes is case] for case in (False, True))
    for key, some in (("event_papers", always), ("event_papers_sometimes", sometimes)):
        if some:
            lines += ["", knowledge.say(key)]
            lines += [f"• {one.name} ({', '.join(map(content.short, one.procedures))})" for one in some]
    buttons = [Button(label=content.short(id_), payload=encode(Verb.ABOUT, id_)) for id_ in found.related]
    buttons.append(knowledge.button("events", encode(Verb.EVENTS)))
    return told(turn, Reply(text="\n".join(lines), buttons=tuple(buttons)), move=TalkMove.BROWSED)


def about(turn: Turn) -> Outcome:
    """One side of a procedure, the overview if none is named, or a FAQ topic."""
    id_, *rest = args(turn)
    facet = Facet(rest[0]) if rest and rest[0] in tuple(Facet) else Facet.OVERVIEW
    return answer(turn, id_, facet)


def back(turn: Turn) -> Outcome:
    """From a card to the list it stands in, from elsewhere to the menu. (In a walk, `walks.step_back` answers.)"""
    topic = turn.conversation.topic
    if turn.conversation.focus.state != TalkState.READING or not topic:
        return talk.menu(turn)
    entry = turn.knowledge.content.entries.get(topic)
    return field(replace(turn, action=Action(Verb.FIELD, (entry.field if entry else "faq",))))


def answer(turn: Turn, id_: str, facet: Facet) -> Outcome:
    """The short answer about that procedure or topic, with what one may want next."""
    content = turn.knowledge.content
    today = local_day(turn.now)
    effects = (Count(kind=counting.OPENED, procedure=id_),)
    if topic := content.topics.get(id_):
        return told(turn, _topic(turn, topic), topic=id_, effects=effects)
    if not (guide := content.guides.get(id_)):
        return talk.gone(turn)
    text = facts.facet_text(turn.knowledge, guide, facet, today)
    reply = Reply(text=text, buttons=card_buttons(turn, id_, facet))
    return told(turn, reply, topic=id_, effects=effects)


def card_buttons(turn: Turn, id_: str, shown: Facet = Facet.OVERVIEW) -> tuple[Button, ...]:
    """Begin the walk, or read another side."""
    sides = [facet for facet in OFFERED if facet is not shown]
    return (
        turn.knowledge.button("begin", encode(Verb.BEGIN, id_)),
        *(turn.knowledge.button(facet, encode(Verb.ABOUT, id_, facet)) for facet in sides),
    )


def _topic(turn: Turn, topic: Topic) -> Reply:
    knowledge = turn.knowledge
    today = local_day(turn.now)
    lines = facts.statements(knowledge, on(topic.answer, today), today)
    if topic.link:
        lines.append(topic.link)
    source = topic.sources[0]
    lines += [
        "",
        knowledge.say("source", name=source.name, date=facts.day(source.date), checked=facts.day(topic.checked)),
    ]
    if topic.review_by < today:
        lines.append(knowledge.say("overdue"))
    related = [Button(label=knowledge.short(id_), payload=encode(Verb.ABOUT, id_)) for id_ in topic.related[:3]]
    buttons = (
        *related,
        knowledge.button("list", encode(Verb.LIST)),
        knowledge.button("human", encode(Verb.HUMAN)),
    )
    return Reply(text="\n".join(lines), buttons=buttons)
