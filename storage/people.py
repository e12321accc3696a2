"""Persons and their addresses."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from uuid import uuid4

from bot.dialogue.messages import Address, PersonId
from storage.codec import stamp


def at(connection: sqlite3.Connection, address: Address, now: datetime) -> PersonId:
    """The person who is reached there; a new one if nobody was known. Whoever writes is reachable again."""
    row = connection.execute(
        "SELECT person_id, unreachable_at FROM addresses JOIN persons ON persons.id = person_id"
        " WHERE channel = ? AND addresses.id = ?",
        (address.channel, address.id),
    ).fetchone()
    if row is None:
        return new(connection, address, now)
    if row["unreachable_at"]:
        connection.execute("UPDATE persons SET unreachable_at = NULL WHERE id = ?", (row["person_id"],))
    return PersonId(row["person_id"])


def known(connection: sqlite3.Connection, address: Address) -> PersonId | None:
    """The person who is reached there; None if nobody is known."""
    row = connection.execute(
        "SELECT person_id FROM addresses WHERE channel = ? AND id = ?", (address.channel, address.id)
    ).fetchone()
    return PersonId(row["person_id"]) if row else None


def new(connection: sqlite3.Connection, address: Address, now: datetime) -> PersonId:
    """A person nobody knew, reached at this address."""
    person = PersonId(uuid4().hex)
    connection.execute("INSERT INTO persons (id, created_at) VALUES (?, ?)", (person, stamp(now)))
    connection.execute(
        "INSERT INTO addresses (channel, id, person_id) VALUES (?, ?, ?)",
        (address.channel, address.id, person),
    )
    return person


def unreachable(connection: sqlite3.Connection, address: Address, now: datetime) -> None:
    """Nothing proactive goes to this person until they write again."""
    connection.execute(
        "UPDATE persons SET unreachable_at = ? WHERE id ="
        " (SELECT person_id FROM addresses WHERE channel = ? AND id = ?)",
        (stamp(now), address.channel, address.id),
    )


def usual_address(connection: sqlite3.Connection, person: PersonId) -> Address | None:
    """Where this person was last heard, else any address of theirs; None for nobody."""
    row = (
        connection.execute(
            "SELECT channel, address_id FROM inbox WHERE person_id = ? ORDER BY seq DESC LIMIT 1", (person,)
        ).fetchone()
        or connection.execute(
            "SELECT channel, id AS address_id FROM addresses WHERE person_id = ? ORDER BY channel, id LIMIT 1",
            (person,),
        ).fetchone()
    )
    return Address(row["channel"], row["address_id"]) if row else None


def home(connection: sqlite3.Connection, person: PersonId) -> str:
    """The hamlet that this person chose to have remembered; "" if there is none."""
    row = connection.execute("SELECT home FROM persons WHERE id = ?", (person,)).fetchone()
    return str(row["home"]) if row else ""


def choose_home(connection: sqlite3.Connection, person: PersonId, place: str) -> None:
    """Remember that hamlet; "" forgets."""
    connection.execute("UPDATE persons SET home = ? WHERE id = ?", (place, person))


def places_in_use(connection: sqlite3.Connection) -> set[str]:
    """The ids of all hamlets in which somebody chose to live, or for which somebody holds a role."""
    rows = connection.execute(
        "SELECT DISTINCT home AS place FROM persons WHERE home <> '' UNION"
        " SELECT DISTINCT place FROM roles WHERE place <> ''"
    )
    return {row["place"] for row in rows}


def delete(connection: sqlite3.Connection, person: PersonId) -> None:
    """The person, and all that hangs on them: addresses, conversation, walks, our messages."""
    connection.execute("DELETE FROM persons WHERE id = ?", (person,))


def channel_use(connection: sqlite3.Connection, channel: str, since: datetime) -> tuple[int, int]:
    """How many people are known there, and how many messages went to them since then."""
    (known_,) = connection.execute("SELECT count(*) FROM addresses WHERE channel = ?", (channel,)).fetchone()
    (sent,) = connection.execute(
        "SELECT count(*) FROM outbox WHERE channel = ? AND state = 'sent' AND finished_at >= ?",
        (channel, stamp(since)),
    ).fetchone()
    return int(known_), int(sent)
