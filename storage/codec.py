"""Shared words ↔ what a column holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from bot.dialogue.cases import CaseKind, Draft
from bot.dialogue.messages import (
    Address,
    Appointment,
    AppointmentStatus,
    Attachment,
    Broadcast,
    BroadcastId,
    BroadcastState,
    Button,
    Call,
    Card,
    CardFact,
    Conversation,
    Errand,
    Focus,
    Inbound,
    InboundKind,
    Notice,
    Reply,
    Segment,
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
    body: dict[str, object] = {
        "event": inbound.event_id,
        "kind": inbound.kind,
        "text": inbound.text,
        "payload": inbound.payload,
    }
    if inbound.public:
        body["public"] = True
    if inbound.media:
        body["media"] = inbound.media
    return dump(body)


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
        media=read.get("media"),
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
            **({"file": [reply.file.name, reply.file.media_type, reply.file.text]} if reply.file else {}),
            **({"wants_photo": True} if reply.wants_photo else {}),
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
        file=_file(read.get("file")),
        wants_photo=read.get("wants_photo", False),
    )


def call_body(call: Call) -> str:
    """What an officer says by telephone."""
    return dump({"say": call.say, "name": call.name, "only": call.only})


def call(body: str) -> Call:
    """What `call_body` kept."""
    read = json.loads(body)
    return Call(say=read["say"], name=read["name"], only=read["only"])


def _file(read: list[str] | None) -> Attachment | None:
    return Attachment(name=read[0], media_type=read[1], text=read[2]) if read else None


def conversation_body(conversation: Conversation) -> str:
    """A conversation without its version, which has a column of its own."""
    focus = conversation.focus
    body = {
        "focus": [focus.task, focus.state, focus.id],
        "offered": [_button_body(button) for button in conversation.offered],
        "welcomed": conversation.welcomed,
        "topic": conversation.topic,
        "misses": conversation.misses,
    }
    return dump({**body, "draft": asdict(conversation.draft)} if conversation.draft else body)


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
        draft=_draft(read.get("draft")),
    )


def appointment_body(appointment: Appointment) -> str:
    """What of an appointment has no column of its own."""
    return dump(
        {
            "about": appointment.about,
            "label": appointment.label,
            "walk": appointment.walk,
            "all_day": appointment.all_day,
            "police": appointment.police,
            "counter": appointment.counter,
            "notice": appointment.notice,
            "proposed": appointment.proposed,
            "proposed_counter": appointment.proposed_counter,
            "booked_at": stamp(appointment.booked_at) if appointment.booked_at else None,
            "revision": appointment.revision,
            "ticks": sorted(appointment.ticks),
            "late": appointment.late,
            "stars": appointment.stars,
        }
    )


def appointment(row: Mapping[str, Any]) -> Appointment:
    """The appointment of a row."""
    read = json.loads(row["body"])
    return Appointment(
        id=row["id"],
        procedure=row["procedure"],
        errand=Errand(row["errand"]),
        status=AppointmentStatus(row["status"]),
        at=moment(row["at"]) if row["at"] else None,
        touched_at=moment(row["touched_at"]),
        about=read["about"],
        label=read["label"],
        walk=WalkId(read["walk"]) if read["walk"] else None,
        all_day=read["all_day"],
        police=read["police"],
        counter=read.get("counter"),
        notice=Notice(read["notice"]),
        proposed=read["proposed"],
        proposed_counter=read.get("proposed_counter"),
        booked_at=moment(read["booked_at"]) if read["booked_at"] else None,
        revision=read["revision"],
        ticks=frozenset(read["ticks"]),
        late=read["late"],
        stars=read.get("stars"),
    )


def _draft(read: dict[str, Any] | None) -> Draft | None:
    return Draft(**{**read, "kind": CaseKind(read["kind"])}) if read else None


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
            "helped": walk.helped,
            "counted": sorted(walk.counted),
            "stars": walk.stars,
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
        helped=read.get("helped"),
        counted=frozenset(read.get("counted", ())),
        stars=read.get("stars"),
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


def broadcast_body(one: Broadcast) -> str:
    """What of a broadcast has no column of its own."""
    return dump(
        {
            "text": one.text,
            "image": one.image,
            "image_alt": one.image_alt,
            "segment": asdict(one.segment),
            "library": one.library,
            "start_at": one.start_at and stamp(one.start_at),
            "approver": one.approver,
            "begun_at": one.begun_at and stamp(one.begun_at),
            "ended_at": one.ended_at and stamp(one.ended_at),
            "note": one.note,
            "correction": one.correction,
        }
    )


def broadcast(row: Mapping[str, Any]) -> Broadcast:
    """The broadcast of a row."""
    read = json.loads(row["body"])
    return Broadcast(
        id=BroadcastId(row["id"]),
        code=row["code"],
        author=row["author"],
        state=BroadcastState(row["state"]),
        version=row["version"],
        emergency=bool(row["emergency"]),
        guide=row["guide"],
        team=row["team"],
        created_at=moment(row["created_at"]),
        text=read["text"],
        image=read["image"],
        image_alt=read["image_alt"],
        segment=Segment(**{key: tuple(chosen) for key, chosen in read["segment"].items()}),
        library=read["library"],
        start_at=_maybe(read["start_at"]),
        approver=read["approver"],
        begun_at=_maybe(read["begun_at"]),
        ended_at=_maybe(read["ended_at"]),
        note=read["note"],
        correction=read["correction"],
    )


def _maybe(text: str | None) -> datetime | None:
    return moment(text) if text else None
