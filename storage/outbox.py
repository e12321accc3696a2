"""The one way out: rows that wait, are leased to a sender, and end in one final state."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.dialogue.messages import (
    BULK,
    Address,
    Call,
    Delivery,
    Lane,
    PersonId,
    PlanReminders,
    Purpose,
    Reply,
    Scope,
    ToCall,
    awake,
)
from storage import broadcasts, codec, people, records
from storage.codec import stamp

PRIORITY = {Lane.REPLY: 0, Lane.ANSWER: 1, Lane.REMINDER: 2, Lane.TIP: 3}
LEASE = timedelta(seconds=60)  # longer than any send may take (bot/outbox.py: SEND_LIMIT)
REPLY_LIVES = timedelta(hours=24)  # an answer to a question of yesterday helps nobody

_WAITING = "state IN ('queued', 'leased')"


def put(  # noqa: PLR0913 - a row has as many columns
    connection: sqlite3.Connection,
    *,
    person: PersonId | None,
    address: Address,
    reply: Reply,
    now: datetime,
    lane: Lane = Lane.REPLY,
    not_before: datetime | None = None,
    expires: datetime | None = None,
    dedupe_key: str | None = None,
    purpose: Purpose | None = None,
    re: str | None = None,
    sender: str | None = None,
    late: Reply | None = None,
    call: Call | None = None,
    about: tuple[str, ...] = (),
    broadcast: str | None = None,
) -> int | None:
    """Queue a message, or lease it at once to `sender`; None if one with that `dedupe_key` was queued before.

    A reply whose slot is that of the last message to this address becomes an edit of it.
    """
    written = connection.execute(
        "INSERT INTO outbox (person_id, channel, address_id, lane, priority, action, edits, slot, payload, purpose,"
        " re, dedupe_key, not_before, expires, state, lease_owner, lease_until, created_at, late, call, about,"
        " broadcast)"
        " SELECT :person, :channel, :address, :lane, :priority, iif(last.id IS NULL, 'send', 'edit'), last.id, :slot,"
        " :payload, :purpose, :re, :dedupe, :not_before, :expires, iif(:sender IS NULL, 'queued', 'leased'), :sender,"
        " iif(:sender IS NULL, NULL, :lease_until), :now, :late, :call, :about, :broadcast"
        " FROM (SELECT 1) LEFT JOIN (SELECT id, slot FROM outbox WHERE person_id = :person AND channel = :channel"
        " AND address_id = :address ORDER BY id DESC LIMIT 1) AS last ON last.slot = :slot"
        " WHERE true ON CONFLICT (dedupe_key) DO NOTHING",
        {
            "person": person,
            "channel": address.channel,
            "address": address.id,
            "lane": lane,
            "priority": PRIORITY[lane],
            "slot": reply.slot,
            "payload": codec.reply_body(reply),
            "purpose": purpose,
            "re": re,
            "dedupe": dedupe_key,
            "not_before": stamp(not_before or now),
            "expires": stamp(expires or now + REPLY_LIVES),
            "sender": sender,
            "lease_until": stamp(now + LEASE),
            "now": stamp(now),
            "late": codec.reply_body(late) if late else None,
            "call": codec.call_body(call) if call else None,
            "about": " ".join(about) or None,
            "broadcast": broadcast,
        },
    )
    return written.lastrowid if written.rowcount == 1 else None


def plan(
    connection: sqlite3.Connection, person: PersonId, address: Address, planned: PlanReminders, now: datetime
) -> None:
    """Make these the coming reminders of a person. Queued ones that are not among them are cancelled; one that is due
    already, and speaks of an appointment that still stands, is left to leave."""
    keys = {reminder.key for reminder in planned.reminders}
    queued = connection.execute(
        "SELECT id, dedupe_key, about, not_before FROM outbox WHERE person_id = ? AND state = 'queued'"
        " AND lane = 'reminder' AND about IS NOT NULL",
        (person,),
    ).fetchall()
    for row in queued:
        leaves_now = row["not_before"] <= stamp(now) and planned.standing & set(row["about"].split())
        if row["dedupe_key"] not in keys and not leaves_now:
            finish(connection, row["id"], "cancelled", now, error="planned anew")
    for reminder in planned.reminders:
        put(
            connection,
            person=person,
            address=address,
            reply=reminder.reply,
            now=now,
            lane=Lane.REMINDER,
            not_before=reminder.at,
            expires=reminder.expires,
            dedupe_key=reminder.key,
            purpose=Purpose.REMINDERS,
            late=reminder.late,
            call=reminder.call,
            about=reminder.about,
        )


def lease(connection: sqlite3.Connection, id_: int, owner: str, now: datetime) -> Delivery:
    """Lend a queued row to a sender."""
    connection.execute(
        "UPDATE outbox SET state = 'leased', lease_owner = ?, lease_until = ? WHERE id = ? AND state = 'queued'",
        (owner, stamp(now + LEASE), id_),
    )
    return delivery(connection, id_)


def blocked(connection: sqlite3.Connection, address: Address, owner: str) -> bool:
    """True if an earlier reply to that address still waits for a later try, or with another sender."""
    row = connection.execute(
        f"SELECT 1 FROM outbox WHERE {_WAITING} AND channel = ? AND address_id = ? AND lane = 'reply'"
        " AND lease_owner IS NOT ? LIMIT 1",
        (address.channel, address.id, owner),
    ).fetchone()
    return row is not None


def claim(
    connection: sqlite3.Connection, scope: Scope, owner: str, now: datetime, limit: int, bulk: int
) -> tuple[Delivery, ...]:
    """Lease what is due: the highest lane first, and of one address never a later reply before an earlier one. At
    most `limit` rows, of which at most `bulk` are reminders and tips.

    On the way, what came too late expires, what its person no longer agrees to is cancelled, and what can't reach
    them goes to the officers' list. While people sleep no reminder leaves.
    """
    claimed: list[Delivery] = []
    late = False
    for lane, priority in PRIORITY.items():  # lane by lane, so that each is one walk along the index of what is due
        if lane is Lane.REMINDER and awake(now) != now:
            continue
        most = limit - len(claimed)
        if lane in BULK:
            most = min(most, bulk - sum(delivery.lane in BULK for delivery in claimed))
        rows = connection.execute(
            "SELECT id, person_id, purpose, expires, late, call, broadcast,"
            " (SELECT unreachable_at FROM persons WHERE persons.id = person_id) AS unreachable_at"
            " FROM outbox AS mine WHERE state = 'queued' AND channel = ?"
            " AND priority = ? AND not_before <= ? AND (? IS NULL OR address_id = ?) AND NOT EXISTS ("
            f" SELECT 1 FROM outbox AS earlier WHERE earlier.{_WAITING} AND earlier.channel = mine.channel"
            " AND earlier.address_id = mine.address_id AND earlier.id < mine.id AND earlier.lane = 'reply')"
            " ORDER BY not_before, id LIMIT ?",
            (scope.channel, priority, stamp(now), scope.id, scope.id, most),
        ).fetchall()
        for row in rows:
            agreed = not row["purpose"] or records.consented(connection, row["person_id"], row["purpose"])
            if not agreed:
                finish(connection, row["id"], "cancelled", now, error="no consent")
            elif row["expires"] <= stamp(now):
                finish(connection, row["id"], "expired", now)
                late |= _put_late(connection, row["id"], now)
            elif row["call"] and (codec.call(row["call"]).only or row["unreachable_at"]):
                finish(connection, row["id"], "listed", now)
            elif lane in BULK and row["unreachable_at"]:
                finish(connection, row["id"], _unsendable(lane, None), now, error="unreachable")
            elif row["broadcast"] and not broadcasts.may_leave(connection, row["id"], row["broadcast"], now):
                pass  # it waits, or has ended
            else:
                claimed.append(lease(connection, row["id"], owner, now))
    if late and not claimed:
        return claim(connection, scope, owner, now, limit, bulk)
    return tuple(claimed)


def reclaim(connection: sqlite3.Connection, scope: Scope, owner: str, now: datetime, *, all_others: bool) -> int:
    """Queue again what a sender left behind: rows whose lease ran out, or, for the one who has just become the only
    sender, all that others hold. They may have been sent, so they are marked as perhaps repeated."""
    return connection.execute(
        "UPDATE outbox SET state = 'queued', maybe_repeated = 1, lease_owner = NULL, lease_until = NULL"
        " WHERE state = 'leased' AND channel = ? AND (? IS NULL OR address_id = ?)"
        " AND (lease_until < ? OR (? AND lease_owner <> ?))",
        (scope.channel, scope.id, scope.id, stamp(now), all_others, owner),
    ).rowcount


def sent(connection: sqlite3.Connection, id_: int, owner: str, platform_id: str | None, now: datetime) -> bool:
    """It arrived. False if the lease is no longer ours: then another sender speaks for this row.

    The choices of what came unasked may then be named in words, as those of an answer may (`save_turn` sees to them).
    """
    ours = _finish_own(connection, id_, owner, "sent", now, platform_id=platform_id)
    row = connection.execute(
        "SELECT person_id, payload FROM outbox WHERE id = ? AND lane <> 'reply' AND person_id IS NOT NULL", (id_,)
    ).fetchone()
    if ours and row and (buttons := codec.reply(row["payload"]).buttons):
        records.offer(connection, row["person_id"], buttons, now)
    return ours


def refused(connection: sqlite3.Connection, id_: int, owner: str, error: str, now: datetime, *, gone: bool) -> bool:
    """It never will, and if somebody can call instead, it goes to their list. `gone`: the person can't be reached
    until they write again."""
    row = connection.execute("SELECT call, lane FROM outbox WHERE id = ?", (id_,)).fetchone()
    state = _unsendable(row["lane"], row["call"]) if row else "refused"
    ours = _finish_own(connection, id_, owner, state, now, error=error)
    if ours and gone:
        row = connection.execute("SELECT channel, address_id FROM outbox WHERE id = ?", (id_,)).fetchone()
        people.unreachable(connection, Address(row["channel"], row["address_id"]), now)
    return ours


def unclear(connection: sqlite3.Connection, id_: int, owner: str, error: str, now: datetime) -> bool:
    """Nobody knows. It is sent once more, and counted unknown if that is unclear too; a tip is never repeated."""
    row = connection.execute("SELECT lane, maybe_repeated FROM outbox WHERE id = ?", (id_,)).fetchone()
    if row is None or row["lane"] == Lane.TIP or row["maybe_repeated"]:
        return _finish_own(connection, id_, owner, "unknown", now, error=error)
    return _again(connection, id_, owner, now, error, maybe_repeated=True)


def later(connection: sqlite3.Connection, id_: int, owner: str, not_before: datetime, error: str) -> bool:
    """Not now: try again from `not_before`."""
    return _again(connection, id_, owner, not_before, error, maybe_repeated=False)


def park(connection: sqlite3.Connection, id_: int, owner: str) -> bool:
    """It lies at the door until its person fetches it (`acknowledge`)."""
    return (
        connection.execute(
            "UPDATE outbox SET state = 'parked', platform_id = id, lease_owner = NULL, lease_until = NULL,"
            " attempts = attempts + 1 WHERE id = ? AND state = 'leased' AND lease_owner = ?",
            (id_, owner),
        ).rowcount
        == 1
    )


def acknowledge(connection: sqlite3.Connection, address: Address, last: int, now: datetime) -> int:
    """The person has everything up to the row `last`; how many rows that delivers."""
    return connection.execute(
        "UPDATE outbox SET state = 'sent', platform_id = id, finished_at = ? WHERE channel = ? AND address_id = ?"
        " AND id <= ? AND state IN ('parked', 'leased')",
        (stamp(now), address.channel, address.id, last),
    ).rowcount


def since(connection: sqlite3.Connection, address: Address, after: int, limit: int) -> tuple[Delivery, ...]:
    """What went to that address after the row `after`, or is on its way there: oldest first, the newest `limit`."""
    rows = connection.execute(
        "SELECT id FROM outbox WHERE channel = ? AND address_id = ? AND id > ?"
        " AND state IN ('parked', 'leased', 'sent') ORDER BY id DESC LIMIT ?",
        (address.channel, address.id, after, limit),
    ).fetchall()
    return tuple(delivery(connection, row["id"]) for row in reversed(rows))


def newest(connection: sqlite3.Connection) -> int:
    """The highest id ever given to a row; 0 before the first."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
    return int(row["seq"]) if row else 0


def give_back(connection: sqlite3.Connection, ids: list[int], owner: str) -> None:
    """Rows that were leased but not begun: queued again as if nothing had been."""
    connection.executemany(
        "UPDATE outbox SET state = 'queued', lease_owner = NULL, lease_until = NULL"
        " WHERE id = ? AND state = 'leased' AND lease_owner = ?",
        [(id_, owner) for id_ in ids],
    )


def waiting(connection: sqlite3.Connection, scope: Scope) -> int:
    """How many rows are not final yet."""
    row = connection.execute(
        f"SELECT count(*) FROM outbox WHERE {_WAITING} AND channel = ? AND (? IS NULL OR address_id = ?)",
        (scope.channel, scope.id, scope.id),
    ).fetchone()
    return int(row[0])


def finish(connection: sqlite3.Connection, id_: int, state: str, now: datetime, *, error: str | None = None) -> None:
    """End a row that nobody holds."""
    connection.execute(
        "UPDATE outbox SET state = ?, finished_at = ?, error = ? WHERE id = ? AND state = 'queued'",
        (state, stamp(now), error, id_),
    )


def _put_late(connection: sqlite3.Connection, id_: int, now: datetime) -> bool:
    """Queue what is said in the place of a message that expired before it could leave; False if nothing is."""
    row = connection.execute("SELECT * FROM outbox WHERE id = ? AND late IS NOT NULL", (id_,)).fetchone()
    if row:
        put(
            connection,
            person=row["person_id"],
            address=Address(row["channel"], row["address_id"]),
            reply=codec.reply(row["late"]),
            now=now,
            lane=Lane(row["lane"]),
            not_before=awake(now),
            expires=awake(now) + REPLY_LIVES,
            dedupe_key=f"late:{id_}",
            purpose=Purpose(row["purpose"]) if row["purpose"] else None,
        )
    return row is not None


def call_list(connection: sqlite3.Connection, limit: int, places: Sequence[str] | None = None) -> list[ToCall]:
    """What no message could bring and nobody has called about yet, the longest waiting first; with `places`, only of
    those who live there, or did not say where."""
    within = "" if places is None else f" AND coalesce(home, '') IN ('', {', '.join('?' * len(places)) or 'NULL'})"
    rows = connection.execute(
        "SELECT outbox.id, channel, call, not_before, expires, phone, home FROM outbox"
        " LEFT JOIN persons ON persons.id = outbox.person_id"
        " LEFT JOIN phones ON phones.person_id = outbox.person_id"
        f" WHERE state = 'listed' AND called_at IS NULL{within} ORDER BY not_before, outbox.id LIMIT ?",
        (*(places or ()), limit),
    )
    return [
        ToCall(
            id=row["id"],
            channel=row["channel"],
            say=codec.call(row["call"]).say,
            name=codec.call(row["call"]).name,
            phone=row["phone"],
            place=row["home"] or None,
            since=codec.moment(row["not_before"]),
            until=codec.moment(row["expires"]),
        )
        for row in rows
    ]


def called(connection: sqlite3.Connection, id_: int, by: str, now: datetime) -> bool:
    """Somebody has called, or found that nobody can; False if that was noted before."""
    return (
        connection.execute(
            "UPDATE outbox SET called_at = ?, called_by = ? WHERE id = ? AND state = 'listed' AND called_at IS NULL",
            (stamp(now), by, id_),
        ).rowcount
        == 1
    )


def fates(connection: sqlite3.Connection, lane: Lane) -> dict[str, int]:
    """How many messages of that lane are in each state."""
    rows = connection.execute("SELECT state, count(*) FROM outbox WHERE lane = ? GROUP BY state", (lane,))
    return {row[0]: row[1] for row in rows}


def _unsendable(lane: str, call: str | None) -> str:
    """How a message ends that can't be sent: somebody calls; or, as what is due of reminders is sent, listed,
    cancelled or expired, it is cancelled."""
    if call:
        return "listed"
    return "cancelled" if lane == Lane.REMINDER else "refused"


def take_lease(
    connection: sqlite3.Connection, scope: Scope, owner: str, now: datetime, ttl: timedelta, *, steal: bool
) -> bool:
    """Become, or stay, the only sender of this scope until now + ttl. `steal` takes it from whoever has it."""
    taken = connection.execute(
        "INSERT INTO leases (name, owner, until) VALUES (:name, :owner, :until) ON CONFLICT (name) DO UPDATE"
        " SET owner = :owner, until = :until WHERE leases.owner = :owner OR leases.until < :now OR :steal",
        {"name": str(scope), "owner": owner, "until": stamp(now + ttl), "now": stamp(now), "steal": steal},
    )
    return taken.rowcount == 1


def drop_lease(connection: sqlite3.Connection, scope: Scope, owner: str) -> None:
    """Stop being the sender of this scope."""
    connection.execute("DELETE FROM leases WHERE name = ? AND owner = ?", (str(scope), owner))


def _again(
    connection: sqlite3.Connection, id_: int, owner: str, not_before: datetime, error: str, *, maybe_repeated: bool
) -> bool:
    return (
        connection.execute(
            "UPDATE outbox SET state = 'queued', attempts = attempts + 1, not_before = ?, error = ?,"
            " maybe_repeated = maybe_repeated OR ?, lease_owner = NULL, lease_until = NULL"
            " WHERE id = ? AND state = 'leased' AND lease_owner = ?",
            (stamp(not_before), error, maybe_repeated, id_, owner),
        ).rowcount
        == 1
    )


def _finish_own(
    connection: sqlite3.Connection,
    id_: int,
    owner: str,
    state: str,
    now: datetime,
    *,
    platform_id: str | None = None,
    error: str | None = None,
) -> bool:
    return (
        connection.execute(
            "UPDATE outbox SET state = ?, platform_id = ?, error = ?, finished_at = ?, attempts = attempts + 1"
            " WHERE id = ? AND state = 'leased' AND lease_owner = ?",
            (state, platform_id, error, stamp(now), id_, owner),
        ).rowcount
        == 1
    )


def delivery(connection: sqlite3.Connection, id_: int) -> Delivery:
    """The row as a sender needs it."""
    row = connection.execute(
        "SELECT mine.*, edited.platform_id AS edited_id FROM outbox AS mine"
        " LEFT JOIN outbox AS edited ON edited.id = mine.edits WHERE mine.id = ?",
        (id_,),
    ).fetchone()
    return Delivery(
        id=row["id"],
        address=Address(row["channel"], row["address_id"]),
        lane=Lane(row["lane"]),
        reply=codec.reply(row["payload"]),
        re=row["re"],
        edits=row["edited_id"],
        edits_row=row["edits"],
        attempts=row["attempts"],
        at=codec.moment(row["created_at"]),
        maybe_repeated=bool(row["maybe_repeated"]),
        takes_back=row["action"] == "delete",
    )
