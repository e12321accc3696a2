"""Who may do what, and where."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from bot.dialogue.messages import Grant, PersonId, Role
from storage.codec import stamp


def grant(connection: sqlite3.Connection, person: PersonId, given: Grant, by: str, now: datetime) -> None:
    """Give a role; given before, it stays as it was. `by` says who gave it, as the audit log names them."""
    connection.execute(
        "INSERT INTO roles (person_id, role, place, granted_at, granted_by) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (person, given.role, given.place or "", stamp(now), by),
    )


def revoke(connection: sqlite3.Connection, person: PersonId, given: Grant) -> bool:
    """Take a role back; False if it was not held."""
    return (
        connection.execute(
            "DELETE FROM roles WHERE person_id = ? AND role = ? AND place = ?",
            (person, given.role, given.place or ""),
        ).rowcount
        == 1
    )


def of(connection: sqlite3.Connection, person: PersonId) -> tuple[Grant, ...]:
    """The roles of a person; empty for a citizen."""
    rows = connection.execute(
        "SELECT role, place FROM roles WHERE person_id = ? ORDER BY role, place", (person,)
    ).fetchall()
    return tuple(Grant(role=Role(row["role"]), place=row["place"] or None) for row in rows)


def having(connection: sqlite3.Connection, role: Role, places: Sequence[str] | None = None) -> list[PersonId]:
    """Who holds that role everywhere or for all of these places, the longest first; with None, whoever holds it at
    all."""
    wanted = sorted(set(places or ()))
    covers = f"count(*) FILTER (WHERE place IN ({', '.join('?' * len(wanted))})) = {len(wanted)}" if wanted else "0"
    rows = connection.execute(
        "SELECT person_id, min(granted_at) AS since FROM roles WHERE role = ? GROUP BY person_id"
        f" HAVING ? OR max(place = '') OR {covers} ORDER BY since, person_id",
        (role, places is None, *wanted),
    ).fetchall()
    return [PersonId(row["person_id"]) for row in rows]
