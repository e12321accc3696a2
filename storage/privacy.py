"""Forgetting: on a person's word, and by age (docs/vi/du-lieu.md lists the same periods)."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from datetime import datetime, timedelta

from bot.dialogue.messages import Address, PersonId, local_day
from storage import broadcasts, cases, desk, people, photos
from storage.codec import stamp

INBOX_KEPT = timedelta(days=7)
CONVERSATION_KEPT = timedelta(days=90)  # focus and walks, after their last use
OUTBOX_KEPT = timedelta(days=30)
APPOINTMENTS_KEPT = timedelta(days=30)  # after their day; those never booked, after they were last touched
QUESTIONS_KEPT = timedelta(days=365)
AUDIT_KEPT = timedelta(days=365)
CASES_KEPT = timedelta(days=365)  # after the last word
TIP_OPENS_KEPT = timedelta(days=30)  # who pressed the button of a tip; the counters stay

RECEIPT_WAITS = timedelta(seconds=45)  # so that all is scrubbed within 60 s of the person's word
STEP = 1_000  # rows deleted in one short transaction


def keyed_hash(key: bytes, text: str) -> str:
    """What may survive of something personal: proof for those who hold the key, nothing for others."""
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


def forget(connection: sqlite3.Connection, person: PersonId, seq: int, key: bytes, now: datetime) -> None:
    """Delete a person with everything on them. What they said after the message `seq` is a new person's."""
    connection.execute(
        "UPDATE inbox SET person_id = NULL, address_id = NULL, body = NULL WHERE person_id = ? AND seq <= ?",
        (person, seq),
    )
    connection.execute("UPDATE consents SET person_id = NULL WHERE person_id = ?", (person,))
    connection.execute(
        "INSERT INTO audit (at, actor, act, subject_hash) VALUES (?, 'person', 'erase', ?)",
        (stamp(now), keyed_hash(key, person)),
    )
    later = connection.execute(
        "SELECT DISTINCT channel, address_id FROM inbox WHERE person_id = ?", (person,)
    ).fetchall()
    connection.execute(
        "DELETE FROM photos WHERE (channel, address_id) IN (SELECT channel, id FROM addresses WHERE person_id = ?)",
        (person,),
    )
    broadcasts.forget_author(connection, person, keyed_hash(key, person))
    people.delete(connection, person)
    for row in later:
        newcomer = people.at(connection, Address(row["channel"], row["address_id"]), now)
        connection.execute(
            "UPDATE inbox SET person_id = ? WHERE person_id = ? AND channel = ? AND address_id = ?",
            (newcomer, person, row["channel"], row["address_id"]),
        )


def erase_at(connection: sqlite3.Connection, address: Address, key: bytes, now: datetime) -> bool:
    """Erase the person at that address without a receipt; False if nobody is known there."""
    row = connection.execute(
        "SELECT person_id FROM addresses WHERE channel = ? AND id = ?", (address.channel, address.id)
    ).fetchone()
    if row is None:
        return False
    person = PersonId(row["person_id"])
    (last,) = connection.execute("SELECT max(seq) FROM inbox WHERE person_id = ?", (person,)).fetchone()
    forget(connection, person, last or 0, key, now)
    note_erasure(connection, f"platform-{stamp(now)}-{keyed_hash(key, person)[:8]}", [], now)
    return True


def note_erasure(connection: sqlite3.Connection, receipt: str, outbox_ids: list[int], now: datetime) -> None:
    """Remember which outbox rows are the receipt, to scrub them once delivered."""
    connection.execute(
        "INSERT INTO erasures (receipt, requested_at, first_outbox, last_outbox) VALUES (?, ?, ?, ?)",
        (receipt, stamp(now), min(outbox_ids, default=0), max(outbox_ids, default=-1)),
    )


def scrub(connection: sqlite3.Connection, now: datetime) -> int:
    """Delete delivered receipts, and those that waited long enough, and what still tells of anonymous cases; how many
    erasures and replies that completes."""
    rows = connection.execute(
        "SELECT * FROM erasures WHERE requested_at <= ? OR NOT EXISTS (SELECT 1 FROM outbox WHERE person_id IS NULL"
        " AND id BETWEEN first_outbox AND last_outbox AND state IN ('queued', 'leased'))",
        (stamp(now - RECEIPT_WAITS),),
    ).fetchall()
    for row in rows:
        connection.execute(
            "DELETE FROM outbox WHERE person_id IS NULL AND id BETWEEN ? AND ?",
            (row["first_outbox"], row["last_outbox"]),
        )
        connection.execute("DELETE FROM erasures WHERE receipt = ?", (row["receipt"],))
    if rows:
        # FTS5 only marks its entries as deleted; until its segments are written anew, the erased words stand there.
        connection.execute("INSERT INTO case_words (case_words) VALUES ('optimize')")
    return len(rows) + cases.cover_traces(connection, now)


def sweep(connection: sqlite3.Connection, now: datetime) -> int:
    """Delete what has been kept long enough, in small steps: call again while it returns more than 0."""
    today = local_day(now)
    swept = connection.execute(
        "UPDATE outbox SET state = 'expired', finished_at = ? WHERE id IN"
        f" (SELECT id FROM outbox WHERE state = 'parked' AND expires < ? LIMIT {STEP})",
        (stamp(now), stamp(now)),
    ).rowcount
    for table, key, condition, bound in (
        ("inbox", "seq", "state <> 'open' AND received_at < ?", stamp(now - INBOX_KEPT)),
        ("outbox", "id", "finished_at < ?", stamp(now - OUTBOX_KEPT)),
        ("walks", "id", "touched_at < ?", stamp(now - CONVERSATION_KEPT)),
        ("appointments", "id", "coalesce(at, touched_at) < ?1 AND touched_at < ?1", stamp(now - APPOINTMENTS_KEPT)),
        ("conversations", "person_id", "used_at < ?", stamp(now - CONVERSATION_KEPT)),
        *desk.sweep_bounds(now),
        ("questions", "id", "day < ?", (today - QUESTIONS_KEPT).isoformat()),
        ("audit", "id", "at < ?", stamp(now - AUDIT_KEPT)),
        ("cases", "id", "touched < ?", stamp(now - CASES_KEPT)),
    ):
        swept += connection.execute(
            f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {condition} LIMIT {STEP})",
            (bound,),
        ).rowcount
    swept += photos.sweep(connection, now)
    swept += connection.execute(
        "DELETE FROM tip_opens WHERE (person_id, broadcast) IN"
        f" (SELECT person_id, broadcast FROM tip_opens WHERE opened_at < ? LIMIT {STEP})",
        (stamp(now - TIP_OPENS_KEPT),),
    ).rowcount
    # An address is kept for as long as there is anything to remember at it.
    swept += connection.execute(
        "DELETE FROM persons WHERE id IN (SELECT id FROM persons AS p WHERE created_at < ? AND home = ''"
        " AND NOT EXISTS (SELECT 1 FROM conversations WHERE person_id = p.id)"
        " AND NOT EXISTS (SELECT 1 FROM walks WHERE person_id = p.id)"
        " AND NOT EXISTS (SELECT 1 FROM inbox WHERE person_id = p.id)"
        " AND NOT EXISTS (SELECT 1 FROM outbox WHERE person_id = p.id)"
        " AND NOT EXISTS (SELECT 1 FROM appointments WHERE person_id = p.id)"
        " AND NOT EXISTS (SELECT 1 FROM roles WHERE person_id = p.id)"
        " AND NOT EXISTS (SELECT 1 FROM cases WHERE person_id = p.id)"
        f" AND NOT EXISTS (SELECT 1 FROM consents WHERE person_id = p.id) LIMIT {STEP})",
        (stamp(now - CONVERSATION_KEPT),),
    ).rowcount
    return swept
