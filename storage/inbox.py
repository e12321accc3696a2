"""What was said: accepted once, answered in the order of acceptance."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from bot.dialogue.messages import Accepted, Address, Conversation, Inbound, OpenRow, PersonId, Scope
from storage import codec, people
from storage.codec import moment, stamp

# Over 20 messages within 10 s are a flood.
FLOOD_MESSAGES = 20
FLOOD_WINDOW = timedelta(seconds=10)


def accept(connection: sqlite3.Connection, inbound: Inbound, event_key: str, now: datetime) -> Accepted:
    """Write the event down, or recognise it as one that had come before."""
    known = connection.execute(
        "SELECT seq, person_id FROM inbox WHERE channel = ? AND event_key = ?",
        (inbound.address.channel, event_key),
    ).fetchone()
    if known:
        return Accepted(person=PersonId(known["person_id"] or ""), seq=known["seq"], fresh=False)
    person = people.at(connection, inbound.address, now)
    written = connection.execute(
        "INSERT INTO inbox (channel, event_key, person_id, address_id, body, received_at) VALUES (?, ?, ?, ?, ?, ?)",
        (
            inbound.address.channel,
            event_key,
            person,
            inbound.address.id,
            codec.inbound_body(inbound),
            stamp(now),
        ),
    )
    return Accepted(person=person, seq=int(written.lastrowid or 0), fresh=True)


def set_aside(connection: sqlite3.Connection, channel: str, event_key: str, body: str, now: datetime) -> None:
    """Keep what nobody could read; it belongs to no person and waits for no answer."""
    connection.execute(
        "INSERT INTO inbox (channel, event_key, body, received_at, state, done_at) VALUES (?, ?, ?, ?, 'aside', ?)"
        " ON CONFLICT DO NOTHING",
        (channel, event_key, body, stamp(now), stamp(now)),
    )


def people_waiting(connection: sqlite3.Connection, scope: Scope) -> list[PersonId]:
    """Those who have an unanswered message, the longest waiting first."""
    rows = connection.execute(
        "SELECT person_id, min(seq) AS first FROM inbox WHERE state = 'open' AND channel = ?"
        " AND (? IS NULL OR address_id = ?) GROUP BY person_id ORDER BY first",
        (scope.channel, scope.id, scope.id),
    )
    return [PersonId(row["person_id"]) for row in rows]


def next_open(connection: sqlite3.Connection, person: PersonId) -> OpenRow | None:
    """This person's next message to answer."""
    rows = connection.execute(
        "SELECT * FROM inbox WHERE person_id = ? AND state = 'open' ORDER BY seq LIMIT 2", (person,)
    ).fetchall()
    if not rows:
        return None
    row = rows[0]
    flooding, first, answered_at = _flood(connection, person, row["seq"])
    return OpenRow(
        person=person,
        seq=row["seq"],
        inbound=codec.inbound(Address(row["channel"], row["address_id"]), row["body"]),
        conversation=_conversation(connection, person),
        attempts=row["attempts"],
        flooding=flooding,
        first_flooded=first,
        answered_at=answered_at,
        more=len(rows) > 1,
    )


def _conversation(connection: sqlite3.Connection, person: PersonId) -> Conversation:
    row = connection.execute("SELECT version, body FROM conversations WHERE person_id = ?", (person,)).fetchone()
    return codec.conversation(row["version"], row["body"]) if row else Conversation()


def _flood(connection: sqlite3.Connection, person: PersonId, seq: int) -> tuple[bool, bool, datetime | None]:
    """Is this message part of a flood, is it the first of it, and when was the message before it answered.

    Read off the arrival times alone, so that every worker and every restart comes to the same answer. A message
    floods if the 20th before it came less than 10 s earlier; it is the first of its flood if none of those 20 did.
    """
    rows = connection.execute(
        "SELECT received_at, done_at FROM inbox WHERE person_id = ? AND seq <= ? ORDER BY seq DESC LIMIT ?",
        (person, seq, 2 * FLOOD_MESSAGES + 1),
    ).fetchall()
    arrived = [moment(row["received_at"]) for row in rows]
    answered_at = moment(rows[1]["done_at"]) if len(rows) > 1 and rows[1]["done_at"] else None

    def floods(i: int) -> bool:
        return i + FLOOD_MESSAGES < len(arrived) and arrived[i] - arrived[i + FLOOD_MESSAGES] < FLOOD_WINDOW

    flooding = floods(0)
    first = flooding and not any(floods(i) for i in range(1, FLOOD_MESSAGES + 1))
    return flooding, first, answered_at


def tried(connection: sqlite3.Connection, seq: int, error: str) -> None:
    """One more try failed, and why."""
    connection.execute("UPDATE inbox SET attempts = attempts + 1, error = ? WHERE seq = ?", (error, seq))


def close(connection: sqlite3.Connection, seq: int, now: datetime, *, aside: bool = False) -> bool:
    """The message is answered, or set aside. False if someone else had done so already."""
    done = connection.execute(
        "UPDATE inbox SET state = ?, done_at = ? WHERE seq = ? AND state = 'open'",
        ("aside" if aside else "done", stamp(now), seq),
    )
    return done.rowcount == 1


def oldest_open(connection: sqlite3.Connection) -> datetime | None:
    """When the message that waits longest came in."""
    row = connection.execute(
        # Left to itself SQLite looks for the least seq through all that was ever answered.
        "SELECT received_at FROM inbox WHERE seq = (SELECT min(seq) FROM inbox INDEXED BY inbox_next"
        " WHERE state = 'open')"
    ).fetchone()
    return moment(row["received_at"]) if row else None
