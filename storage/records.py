"""What is remembered of a person: the conversation, their walks, what they agreed to."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta

from bot.dialogue.messages import (
    Address,
    Appointment,
    Button,
    Coming,
    Conversation,
    Grant,
    Invitation,
    KeptData,
    PersonId,
    Purpose,
    RecordConsent,
    Task,
    Walk,
    local_day,
)
from storage import codec, desk, people, roles
from storage.codec import moment, stamp

LATELY = timedelta(hours=1)  # for so long a number is an answer to what was asked before


def version(connection: sqlite3.Connection, person: PersonId) -> int:
    """Of the conversation; 0 before the first turn."""
    row = connection.execute("SELECT version FROM conversations WHERE person_id = ?", (person,)).fetchone()
    return int(row["version"]) if row else 0


def stands_at(connection: sqlite3.Connection, address: Address, task: Task, state: str) -> bool:
    """True if the conversation there is about that task, and stands there in it."""
    row = connection.execute(
        "SELECT version, body FROM conversations JOIN addresses USING (person_id)"
        " WHERE channel = ? AND addresses.id = ?",
        (address.channel, address.id),
    ).fetchone()
    focus = codec.conversation(row["version"], row["body"]).focus if row else None
    return focus is not None and (focus.task, focus.state) == (task, state)


def save_conversation(
    connection: sqlite3.Connection, person: PersonId, conversation: Conversation, now: datetime
) -> None:
    """Remember it under the next version."""
    connection.execute(
        "INSERT INTO conversations (person_id, version, body, used_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (person_id) DO UPDATE SET version = excluded.version, body = excluded.body,"
        " used_at = excluded.used_at",
        (person, conversation.version + 1, codec.conversation_body(conversation), stamp(now)),
    )


def offer(connection: sqlite3.Connection, person: PersonId, buttons: tuple[Button, ...], now: datetime) -> None:
    """Something came unasked, with choices. Who is in the middle of something keeps the choices before them, and what
    digits mean; the new ones are then named by their words only."""
    row = connection.execute("SELECT * FROM conversations WHERE person_id = ?", (person,)).fetchone()
    if row is None:
        return
    conversation = codec.conversation(row["version"], row["body"])
    at_rest = conversation.focus.task is Task.TALK and row["used_at"] < stamp(now - LATELY)
    before = () if at_rest else conversation.offered
    known = {button.label for button in before}
    offered = (*before, *(button for button in buttons if button.label not in known))
    body = codec.conversation_body(replace(conversation, offered=offered))
    connection.execute("UPDATE conversations SET version = version + 1, body = ? WHERE person_id = ?", (body, person))


def forget_choices(connection: sqlite3.Connection, person: PersonId, now: datetime) -> None:
    """Digits mean nothing until the bot offers something again. A turn under way is thought anew."""
    row = connection.execute("SELECT version, body FROM conversations WHERE person_id = ?", (person,)).fetchone()
    if row:
        conversation = codec.conversation(row["version"], row["body"])
        save_conversation(connection, person, replace(conversation, offered=()), now)


def save_walk(connection: sqlite3.Connection, person: PersonId, walk: Walk) -> None:
    """Remember it as it now stands."""
    connection.execute(
        "INSERT INTO walks (id, person_id, procedure, status, body, started_at, touched_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET status = excluded.status, body = excluded.body,"
        " touched_at = excluded.touched_at WHERE person_id = excluded.person_id",
        (
            walk.id,
            person,
            walk.procedure,
            walk.status,
            codec.walk_body(walk),
            stamp(walk.started_at),
            stamp(walk.touched_at),
        ),
    )


def save_appointment(connection: sqlite3.Connection, person: PersonId, appointment: Appointment) -> None:
    """Remember it as it now stands."""
    connection.execute(
        "INSERT INTO appointments (id, person_id, procedure, errand, status, at, body, touched_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET procedure = excluded.procedure,"
        " errand = excluded.errand, status = excluded.status, at = excluded.at, body = excluded.body,"
        " touched_at = excluded.touched_at WHERE person_id = excluded.person_id",
        (
            appointment.id,
            person,
            appointment.procedure,
            appointment.errand,
            appointment.status,
            stamp(appointment.at) if appointment.at else None,
            codec.appointment_body(appointment),
            stamp(appointment.touched_at),
        ),
    )


def coming(connection: sqlite3.Connection, start: datetime, end: datetime, limit: int) -> list[Coming]:
    """Appointments booked for that time, the earliest first; not the mere watching of a due date."""
    rows = connection.execute(
        "SELECT appointments.*, (SELECT channel FROM addresses WHERE addresses.person_id = appointments.person_id"
        " LIMIT 1) AS channel FROM appointments WHERE at >= ? AND at < ? AND status = 'booked'"
        " AND errand <> 'watch' ORDER BY at, id LIMIT ?",
        (stamp(start), stamp(end), limit),
    )
    return [Coming(appointment=codec.appointment(row), channel=row["channel"]) for row in rows]


def save_phone(connection: sqlite3.Connection, person: PersonId, phone: str | None, now: datetime) -> None:
    """Keep the number, or forget it."""
    if phone is None:
        connection.execute("DELETE FROM phones WHERE person_id = ?", (person,))
        return
    connection.execute(
        "INSERT INTO phones (person_id, phone, at) VALUES (?, ?, ?)"
        " ON CONFLICT (person_id) DO UPDATE SET phone = excluded.phone, at = excluded.at",
        (person, phone, stamp(now)),
    )


def record_consent(
    connection: sqlite3.Connection,
    person: PersonId,
    person_hash: str,
    consent: RecordConsent,
    channel: str,
    now: datetime,
) -> None:
    """Add a yes or no; the last one counts."""
    connection.execute(
        "INSERT INTO consents (person_id, person_hash, purpose, yes, text_version, channel, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (person, person_hash, consent.purpose, consent.yes, consent.text_version, channel, stamp(now)),
    )


def consented(connection: sqlite3.Connection, person: PersonId, purpose: str) -> bool:
    """True if the last thing this person said to that purpose was yes. No row is a no."""
    return bool(last_word(connection, person, purpose))


def last_word(connection: sqlite3.Connection, person: PersonId, purpose: str) -> bool | None:
    """What this person last said to that purpose; None if they were never asked."""
    row = connection.execute(
        "SELECT yes FROM consents WHERE person_id = ? AND purpose = ? ORDER BY id DESC LIMIT 1",
        (person, purpose),
    ).fetchone()
    return bool(row["yes"]) if row else None


class SnapshotRecords:
    """`Records` of one person over one snapshot."""

    def __init__(self, connection: sqlite3.Connection, person: PersonId) -> None:
        self._connection = connection
        self._person = person

    def walk(self, id_: str) -> Walk | None:
        row = self._connection.execute(
            "SELECT * FROM walks WHERE id = ? AND person_id = ?", (id_, self._person)
        ).fetchone()
        return codec.walk(row) if row else None

    def open_walks(self) -> list[Walk]:
        return self._walks("AND status = 'open'")

    def appointment(self, id_: str) -> Appointment | None:
        row = self._connection.execute(
            "SELECT * FROM appointments WHERE id = ? AND person_id = ?", (id_, self._person)
        ).fetchone()
        return codec.appointment(row) if row else None

    def booked(self) -> list[Appointment]:
        return self._appointments("AND status = 'booked'")

    def agreed(self, purpose: Purpose) -> bool | None:
        return last_word(self._connection, self._person, purpose)

    def phone(self) -> str | None:
        row = self._connection.execute("SELECT phone FROM phones WHERE person_id = ?", (self._person,)).fetchone()
        return row["phone"] if row else None

    def home(self) -> str | None:
        return people.home(self._connection, self._person) or None

    def kept_data(self) -> KeptData:
        def one(sql: str) -> sqlite3.Row:
            row: sqlite3.Row = self._connection.execute(sql, (self._person,)).fetchone()
            return row

        channels = self._connection.execute(
            "SELECT DISTINCT channel FROM addresses WHERE person_id = ? ORDER BY channel", (self._person,)
        )
        consents = self._connection.execute(
            "SELECT purpose, yes, at FROM consents WHERE person_id = ? ORDER BY id", (self._person,)
        )
        return KeptData(
            since=local_day(moment(one("SELECT created_at FROM persons WHERE id = ?")[0])),
            channels=tuple(row["channel"] for row in channels),
            walks=tuple(self._walks("")),
            messages=one("SELECT count(*) FROM inbox WHERE person_id = ?")[0],
            replies=one("SELECT count(*) FROM outbox WHERE person_id = ?")[0],
            consents=tuple((Purpose(row["purpose"]), bool(row["yes"]), moment(row["at"])) for row in consents),
            appointments=tuple(self._appointments("AND status <> 'draft'")),
            phone=self.phone(),
            home=self.home(),
        )

    def _appointments(self, condition: str) -> list[Appointment]:
        rows = self._connection.execute(
            f"SELECT * FROM appointments WHERE person_id = ? {condition} ORDER BY at, id", (self._person,)
        )
        return [codec.appointment(row) for row in rows]

    def invitation(self, token_hash: str, now: datetime) -> Invitation | None:
        return desk.invitation(self._connection, token_hash, now)

    def code_waits(self, now: datetime) -> bool:
        return desk.code_waits(self._connection, self._person, now)

    def code_shown(self, code_hash: str, now: datetime) -> bool:
        return desk.code_shown(self._connection, self._person, code_hash, now)

    def roles(self) -> tuple[Grant, ...]:
        return roles.of(self._connection, self._person)

    def _walks(self, condition: str) -> list[Walk]:
        rows = self._connection.execute(
            f"SELECT * FROM walks WHERE person_id = ? {condition} ORDER BY touched_at DESC, id",
            (self._person,),
        )
        return [codec.walk(row) for row in rows]
