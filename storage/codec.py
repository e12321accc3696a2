"""Shared words ↔ what a column holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from bot.dialogue.messages import (
    Address,
    Button,
    Card,
    CardFact,
    Conversation,
    Focus,
    Inbound,
    InboundKind,
    Reply,
    Task,
    Walk,
    WalkId,
    WalkStatus,
)


def stamp(at: datetime) -> str:
    """A time as text that sorts: UTC with milliseconds. ValueError for a naive time."""
    if at.tzinfo is None:
        raise ValueError("naive time")
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def moment(text: str) -> datetime:
    """The time that `stamp` wrote."""
    return datetime.fromisoformat(text)


def dump(value: object) -> str:
    """Compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def inbound_body(inbound: Inbound) -> str:
    """What is kept of a message: its masked text, never the raw one."""
    body = {"event": inbound.event_id, "kind": inbound.kind, "text": inbound.text, "payload": inbound.payload}
    return dump({**body, "public": True} if inbound.public else body)


def inbound(address: Address, body: str) -> Inbound:
    """The message that `inbound_body` kept."""
    read = json.loads(body)
    return Inbound(
        address=address,
        event_id=read["event"],
        kind=InboundKind(read["kind"]),
        text=read["text"],
        payload=read["payload"],
        public=read.get("public", False),
    )


def _button_body(button: Button) -> list[Any]:
    return [button.label, button.payload, *button.words]


def _button(read: list[str]) -> Button:
    label, payload, *words = read
    return Button(label=label, payload=payload, words=tuple(words))


def reply_body(reply: Reply) -> str:
    """A reply as its outbox row holds it."""
    return dump(
        {
            "text": reply.text,
            "buttons": [_button_body(button) for button in reply.buttons],
            "image": reply.image,
            "image_alt": reply.image_alt,
            "slot": reply.slot,
            "page": reply.page,
        }
    )


def reply(body: str) -> Reply:
    """The reply that `reply_body` kept."""
    read = json.loads(body)
    return Reply(
        text=read["text"],
        buttons=tuple(map(_button, read["buttons"])),
        image=read["image"],
        image_alt=read.get("image_alt"),
        slot=read["slot"],
        page=read.get("page"),
    )


def conversation_body(conversation: Conversation) -> str:
    """A conversation without its version, which has a column of its own."""
    focus = conversation.focus
    return dump(
        {
            "focus": [focus.task, focus.state, focus.id],
            "offered": [_button_body(button) for button in conversation.offered],
            "welcomed": conversation.welcomed,
            "topic": conversation.topic,
            "misses": conversation.misses,
        }
    )


def conversation(version: int, body: str) -> Conversation:
    """The conversation that `conversation_body` kept."""
    read = json.loads(body)
    task, state, id_ = read["focus"]
    return Conversation(
        version=version,
        focus=Focus(task=Task(task), state=state, id=id_),
        offered=tuple(map(_button, read["offered"])),
        welcomed=read["welcomed"],
        topic=read["topic"],
        misses=read["misses"],
    )


def walk_body(walk: Walk) -> str:
    """What of a walk has no column of its own."""
    return dump(
        {
            "state": walk.state,
            "label": walk.label,
            "answers": dict(walk.answers),
            "ticks": sorted(walk.ticks),
            "step": walk.step,
            "trail": walk.trail,
            "code": walk.dossier_code,
        }
    )


def walk(row: Mapping[str, Any]) -> Walk:
    """The walk of a row."""
    read = json.loads(row["body"])
    return Walk(
        id=WalkId(row["id"]),
        procedure=row["procedure"],
        status=WalkStatus(row["status"]),
        started_at=moment(row["started_at"]),
        touched_at=moment(row["touched_at"]),
        state=read["state"],
        label=read["label"],
        answers=read["answers"],
        ticks=frozenset(read["ticks"]),
        step=read["step"],
        trail=tuple(read["trail"]),
        dossier_code=read["code"],
    )


def card_body(card: Card) -> str:
    """What is kept of a card. Its keys stand in the index."""
    return dump({key: value for key, value in asdict(card).items() if key != "keys"})


def card(body: str) -> Card:
    """The card that `card_body` kept, without its keys."""
    read = json.loads(body)
    return Card(
        **{
            **read,
            "ways": tuple(read["ways"]),
            "fees": tuple(map(_card_fact, read["fees"])),
            "times": tuple(map(_card_fact, read["times"])),
            "papers": tuple((case, tuple(papers)) for case, papers in read["papers"]),
        }
    )


def _card_fact(read: dict[str, Any]) -> CardFact:
    return CardFact(ways=tuple(read["ways"]), text=read["text"], note=read["note"])
