"""Tips: who takes them, how far each broadcast has come, and what it came to.

A broadcast's people are never listed. Beginning one writes two numbers; then a cursor goes through the subscribers
in small steps, each in one transaction with the outbox rows that it makes. So the start takes no time, the outbox
stays small, and a killed process goes on where it stopped: once per broadcast and person.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bot.dialogue.messages import (
    Address,
    Audience,
    Broadcast,
    BroadcastState,
    Carriage,
    Lane,
    PersonId,
    Progress,
    Purpose,
    Reply,
    Segment,
    Subscription,
    Tally,
    Walk,
    WalkStatus,
    awake,
    local_day,
)
from bot.errors import VersionMoved
from storage import codec, outbox, people, roles
from storage.codec import stamp

SPAN = 20_000  # subscribers that one step looks through at most, so that the writer is never held for long
TIP_LIVES = timedelta(days=3)  # one that could not leave by then has lost its point
A_WEEK = timedelta(days=7)
AFTER_A_TIP = timedelta(days=30)  # for how long a dossier counts as filed after a tip
NEVER = "9999-12-31T00:00:00.000+00:00"  # when a held row is due
LISTED = 50

_WAITS = "state IN ('queued', 'leased')"
_BEGUN = ("sending", "paused", "done", "recalled")


# --- who takes tips -----------------------------------------------------------------------------------------------


def consented(
    connection: sqlite3.Connection, person: PersonId, address: Address, *, yes: bool, now: datetime
) -> None:
    """Follow a yes or no to tips. The last tip that went to someone who stops is what made them stop."""
    if yes:
        connection.execute(
            "INSERT INTO subscribers (person_id, channel, address_id, since) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (person_id) DO UPDATE SET channel = excluded.channel, address_id = excluded.address_id",
            (person, address.channel, address.id, stamp(now)),
        )
        return
    place = people.home(connection, person)
    if connection.execute("DELETE FROM subscribers WHERE person_id = ?", (person,)).rowcount and (
        last := _last_tip(connection, person, now)
    ):
        tally(connection, last, "stopped", now, place=place, channel=address.channel)


def choose(connection: sqlite3.Connection, person: PersonId, address: Address, chosen: Subscription) -> None:
    """Keep what someone chose who takes tips; what anybody else chose means nothing."""
    connection.execute(
        "UPDATE subscribers SET topics = ?, channel = ?, address_id = ? WHERE person_id = ?",
        (_joined(chosen.topics), address.channel, address.id, person),
    )


def _joined(topics: Iterable[str]) -> str:
    return "".join(f" {topic} " for topic in topics)


def subscription(connection: sqlite3.Connection, person: PersonId) -> Subscription | None:
    """What that person chose; None if they take no tips."""
    row = connection.execute("SELECT topics FROM subscribers WHERE person_id = ?", (person,)).fetchone()
    return Subscription(topics=tuple(row["topics"].split())) if row else None


def _where(segment: Segment, home: str = "p.home") -> tuple[str, list[str]]:
    """The condition on `s` and its person `p` that this segment is, and what to bind."""
    parts: list[str] = ["1"]
    bound: list[str] = []
    for column, wanted in ((home, segment.places), ("s.channel", segment.channels)):
        if wanted:
            parts.append(f"{column} IN ({', '.join('?' * len(wanted))})")
            bound += wanted
    if segment.topics:
        parts.append(f"(s.topics = '' OR {' OR '.join(['instr(s.topics, ?)'] * len(segment.topics))})")
        bound += [f" {topic} " for topic in segment.topics]
    return " AND ".join(parts), bound


def size(connection: sqlite3.Connection, segment: Segment) -> tuple[int, int]:
    """How many subscribers the segment has now, and the last of all subscribers."""
    where, bound = _where(segment)
    person = " JOIN persons AS p ON p.id = s.person_id" if segment.places else ""  # a million look-ups take seconds
    found = connection.execute(f"SELECT count(*) FROM subscribers AS s{person} WHERE {where}", bound).fetchone()[0]
    last = connection.execute("SELECT coalesce(max(id), 0) FROM subscribers").fetchone()[0]
    return int(found), int(last)


def audience(
    connection: sqlite3.Connection, segment: Segment, carriages: Mapping[str, Carriage], now: datetime
) -> Audience:
    """Whom the segment reaches now by channel, and who would be left out. The weekly cap is not foreseen: it depends
    on what else is sent before."""
    where, bound = _where(segment)
    rows = connection.execute(
        "SELECT s.channel, count(*) AS n, count(p.unreachable_at) AS unreachable FROM subscribers AS s"
        f" JOIN persons AS p ON p.id = s.person_id WHERE {where} GROUP BY s.channel",
        bound,
    ).fetchall()
    reached: dict[str, int] = {}
    left: Counter[str] = Counter()
    for row in rows:
        carriage = carriages.get(row["channel"])
        if carriage is None:
            left["channel"] += row["n"]
            continue
        left["unreachable"] += row["unreachable"]
        there = row["n"] - row["unreachable"]
        if carriage.free is not None or carriage.within is not None:
            inside = _heard_within(connection, segment, carriage, now)
            left["window"] += there - inside
            there = inside
        reached[row["channel"]] = there
    return Audience(reached=reached, left={reason: n for reason, n in left.items() if n})


def _heard_within(connection: sqlite3.Connection, segment: Segment, carriage: Carriage, now: datetime) -> int:
    where, bound = _where(segment)
    since = stamp(now - min(limit for limit in (carriage.free, carriage.within) if limit is not None))
    row = connection.execute(
        "SELECT count(*) FROM subscribers AS s JOIN persons AS p ON p.id = s.person_id WHERE s.channel = ?"
        " AND p.unreachable_at IS NULL AND EXISTS (SELECT 1 FROM inbox WHERE inbox.person_id = s.person_id"
        f" AND inbox.channel = s.channel AND received_at >= ?) AND {where}",
        [carriage.channel, since, *bound],
    ).fetchone()
    return int(row[0])


# --- the broadcasts -----------------------------------------------------------------------------------------------


def save(connection: sqlite3.Connection, one: Broadcast, now: datetime) -> Broadcast:
    """Keep it under the next version; what its new state means for rows that wait is done with it. VersionMoved if it
    changed since it was read, or if a new one is not new."""
    columns = (one.state, one.version + 1, one.emergency, one.guide, one.team, codec.broadcast_body(one))
    if one.version == 0:
        written = connection.execute(
            "INSERT INTO broadcasts (state, version, emergency, guide, team, body, id, code, author, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (*columns, one.id, one.code, one.author, stamp(one.created_at)),
        )
    else:
        written = connection.execute(
            "UPDATE broadcasts SET state = ?, version = ?, emergency = ?, guide = ?, team = ?, body = ?"
            " WHERE id = ? AND version = ?",
            (*columns, one.id, one.version),
        )
    if written.rowcount != 1:
        raise VersionMoved("the broadcast moved")
    match one.state:
        case BroadcastState.PAUSED:
            hold(connection, one.id)
        case BroadcastState.APPROVED | BroadcastState.SENDING:
            connection.execute(
                "UPDATE outbox SET not_before = ? WHERE broadcast = ? AND state = 'queued' AND not_before = ?",
                (stamp(now), one.id, NEVER),
            )
        case BroadcastState.RECALLED:
            connection.execute(
                "UPDATE outbox SET state = 'cancelled', error = 'recalled', finished_at = ?"
                " WHERE broadcast = ? AND state IN ('queued', 'parked') AND edits IS NULL",
                (stamp(now), one.id),
            )
    saved = of(connection, one.id)
    if saved is None:
        raise VersionMoved("the broadcast is gone")
    return saved


def hold(connection: sqlite3.Connection, id_: str) -> None:
    """Nothing of it leaves until it goes on."""
    connection.execute(
        f"UPDATE outbox SET not_before = '{NEVER}' WHERE broadcast = ? AND state = 'queued' AND edits IS NULL", (id_,)
    )


def of(connection: sqlite3.Connection, id_: str) -> Broadcast | None:
    """That broadcast."""
    row = connection.execute("SELECT * FROM broadcasts WHERE id = ?", (id_,)).fetchone()
    return codec.broadcast(row) if row else None


def by_code(connection: sqlite3.Connection, code: str) -> Broadcast | None:
    """The one that carries this code."""
    row = connection.execute("SELECT * FROM broadcasts WHERE code = ?", (code.lower(),)).fetchone()
    return codec.broadcast(row) if row else None


def listed(connection: sqlite3.Connection, states: Sequence[str], limit: int = LISTED) -> list[Broadcast]:
    """Those in one of these states, the newest first."""
    rows = connection.execute(
        f"SELECT * FROM broadcasts WHERE state IN ({', '.join('?' * len(states))})"
        " ORDER BY created_at DESC, id LIMIT ?",
        (*states, limit),
    ).fetchall()
    return [codec.broadcast(row) for row in rows]


# --- sending ------------------------------------------------------------------------------------------------------


def begin(connection: sqlite3.Connection, one: Broadcast, planned: int, last: int, now: datetime) -> Broadcast:
    """It is being sent from now on: to those who were subscribers up to `last`. Begun again after a pause, it goes on
    where it stopped."""
    saved = save(connection, one, now)
    connection.execute(
        "UPDATE broadcasts SET last = ?, planned = ? WHERE id = ? AND last IS NULL", (last, planned, one.id)
    )
    return saved


@dataclass(frozen=True, slots=True)
class Fed:
    """What one step did. `over`: nobody is left to look at."""

    put: int
    over: bool


def feed(
    connection: sqlite3.Connection,
    id_: str,
    reply: Reply,
    carriages: Mapping[str, Carriage],
    weekly: int,
    now: datetime,
    limit: int,
) -> Fed:
    """The next step of the cursor: at most `limit` people are handed to the outbox, or left out and counted."""
    row = connection.execute("SELECT * FROM broadcasts WHERE id = ? AND state = 'sending'", (id_,)).fetchone()
    if row is None:
        return Fed(0, over=False)
    one = codec.broadcast(row)
    where, bound = _where(one.segment, home="+p.home")  # the cursor's order, not that of the index on homes
    upto = min(row["last"], row["cursor"] + SPAN)
    subscribers = connection.execute(
        "SELECT s.id, s.person_id, s.channel, s.address_id, p.unreachable_at FROM subscribers AS s"
        f" JOIN persons AS p ON p.id = s.person_id WHERE s.id > ? AND s.id <= ? AND {where} ORDER BY s.id LIMIT ?",
        [row["cursor"], upto, *bound, limit],
    ).fetchall()
    put = 0
    for person in subscribers:
        reason = _left_out(connection, person, carriages, 0 if one.emergency else weekly, now)
        if reason:
            tally(connection, id_, "left", now, detail=reason, channel=person["channel"])
            continue
        queued = outbox.put(
            connection,
            person=person["person_id"],
            address=Address(person["channel"], person["address_id"]),
            reply=reply,
            now=now,
            lane=Lane.TIP,
            purpose=Purpose.TIPS,
            expires=now + TIP_LIVES,
            dedupe_key=f"tip:{id_}:{person['person_id']}",
            broadcast=id_,
        )
        put += queued is not None
    cursor = subscribers[-1]["id"] if len(subscribers) == limit else upto
    connection.execute("UPDATE broadcasts SET cursor = ?, fed = fed + ? WHERE id = ?", (cursor, put, id_))
    return Fed(put, over=cursor >= row["last"])


def _left_out(
    connection: sqlite3.Connection,
    person: sqlite3.Row,
    carriages: Mapping[str, Carriage],
    weekly: int,
    now: datetime,
) -> str | None:
    """Why this person gets nothing; None if they do. `weekly` 0: no cap."""
    carriage = carriages.get(person["channel"])
    if carriage is None:
        return "channel"
    if person["unreachable_at"]:
        return "unreachable"
    if carriage.within is not None or carriage.free is not None:
        heard = connection.execute(
            "SELECT max(received_at) FROM inbox WHERE person_id = ? AND channel = ?",
            (person["person_id"], person["channel"]),
        ).fetchone()[0]
        if heard is None or (carriage.within is not None and heard < stamp(now - carriage.within)):
            return "window"
        if carriage.free is not None and heard < stamp(now - carriage.free):
            return "cost"
    if weekly and _this_week(connection, person["person_id"], now) >= weekly:
        return "weekly"
    return None


def _this_week(connection: sqlite3.Connection, person: PersonId, now: datetime) -> int:
    row = connection.execute(
        "SELECT count(*) FROM outbox JOIN broadcasts ON broadcasts.id = outbox.broadcast WHERE person_id = ?"
        " AND lane = 'tip' AND edits IS NULL AND outbox.created_at > ? AND NOT emergency"
        " AND outbox.state NOT IN ('cancelled', 'expired', 'refused')",
        (person, stamp(now - A_WEEK)),
    ).fetchone()
    return int(row[0])


def waiting(connection: sqlite3.Connection, id_: str) -> int:
    """How many of its rows lie in the outbox and have not ended (those that a page may still fetch have)."""
    row = connection.execute(f"SELECT count(*) FROM outbox WHERE broadcast = ? AND {_WAITS}", (id_,)).fetchone()
    return int(row[0])


def may_leave(connection: sqlite3.Connection, row_id: int, id_: str, now: datetime) -> bool:
    """True if a row of that broadcast may be sent now. Else it is held, put off or cancelled: whatever came back to
    the queue (after a 429, a kill) after its broadcast was stopped. While an officer talks with somebody, their tips
    wait."""
    row = connection.execute(
        "SELECT broadcasts.state, emergency, edits, takeovers.until AS taken_until FROM broadcasts, outbox"
        " LEFT JOIN takeovers ON takeovers.person_id = outbox.person_id WHERE broadcasts.id = ? AND outbox.id = ?",
        (id_, row_id),
    ).fetchone()
    if row is None:
        outbox.finish(connection, row_id, "cancelled", now, error="no broadcast")
        return False
    if row["edits"] is None and row["state"] == "recalled":
        outbox.finish(connection, row_id, "cancelled", now, error="recalled")
        return False
    until = NEVER if row["edits"] is None and row["state"] == "paused" else None
    if until is None and not row["emergency"]:
        ends = max(stamp(awake(now)), row["taken_until"] or "")
        until = ends if ends > stamp(now) else None
    if until:
        connection.execute("UPDATE outbox SET not_before = ? WHERE id = ?", (until, row_id))
    return until is None


def take_back(
    connection: sqlite3.Connection, id_: str, reply: Reply, *, deletes: bool, now: datetime, limit: int
) -> Fed:
    """The next step of a recall: for each message that arrived, or may have, one that takes it back. Where a platform
    can neither delete nor edit, `reply` comes as a correction. `deletes`: it is to vanish, not to be replaced."""
    row = connection.execute(
        "SELECT taken_back FROM broadcasts WHERE id = ? AND state = 'recalled'", (id_,)
    ).fetchone()
    if row is None:
        return Fed(0, over=True)
    sent = connection.execute(
        "SELECT id, person_id, channel, address_id, state FROM outbox WHERE broadcast = ? AND id > ?"
        f" AND edits IS NULL AND (state IN ('sent', 'unknown') OR {_WAITS}) ORDER BY id LIMIT ?",
        (id_, row["taken_back"], limit),
    ).fetchall()
    at = row["taken_back"]
    put = 0
    for message in sent:
        if message["state"] in {"queued", "leased"}:  # on its way: wait until it is known what became of it
            break
        at = message["id"]
        queued = outbox.put(
            connection,
            person=message["person_id"],
            address=Address(message["channel"], message["address_id"]),
            reply=reply,
            now=now,
            lane=Lane.TIP,
            expires=now + TIP_LIVES,
            dedupe_key=f"back:{message['id']}",
            broadcast=id_,
        )
        if queued is not None:
            put += 1
            connection.execute(
                "UPDATE outbox SET action = ?, edits = ? WHERE id = ?",
                ("delete" if deletes else "edit", message["id"], queued),
            )
    connection.execute("UPDATE broadcasts SET taken_back = ? WHERE id = ?", (at, id_))
    return Fed(put, over=not sent)


# --- what it came to ----------------------------------------------------------------------------------------------


def tally(
    connection: sqlite3.Connection,
    id_: str,
    what: str,
    now: datetime,
    *,
    detail: str = "",
    place: str = "",
    channel: str = "",
    n: int = 1,
) -> None:
    """Count one more of that."""
    connection.execute(
        "INSERT INTO broadcast_tallies (broadcast, day, what, detail, place, channel, n) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET n = n + excluded.n",
        (id_, local_day(now).isoformat(), what, detail, place, channel, n),
    )


def opened(connection: sqlite3.Connection, person: PersonId, id_: str, channel: str, now: datetime) -> None:
    """Somebody pressed its button; each person counts once."""
    fresh = connection.execute(
        "INSERT INTO tip_opens (person_id, broadcast, opened_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (person, id_, stamp(now)),
    )
    if fresh.rowcount == 1:
        tally(connection, id_, "opened", now, place=people.home(connection, person), channel=channel)


def walked(connection: sqlite3.Connection, person: PersonId, walk: Walk, channel: str, now: datetime) -> None:
    """Count a walk that begins, or ends, after a tip about its procedure. Called before the walk is saved."""
    row = connection.execute("SELECT status FROM walks WHERE id = ? AND person_id = ?", (walk.id, person)).fetchone()
    if row is None:
        what = "started"
    elif row["status"] == WalkStatus.OPEN and walk.status in {WalkStatus.ONLINE, WalkStatus.COUNTER}:
        what = str(walk.status)
    else:
        return
    tip = _tip_about(connection, person, walk.procedure, now)
    if tip is None:
        return
    assisted = walk.label or walk.helped or roles.of(connection, person)  # staff file for others
    detail = "assisted" if assisted else "self"
    tally(connection, tip, what, now, detail=detail, place=people.home(connection, person), channel=channel)


def _tip_about(connection: sqlite3.Connection, person: PersonId, procedure: str, now: datetime) -> str | None:
    """The last tip about that procedure that this person opened, else got, not too long ago."""
    since = stamp(now - AFTER_A_TIP)
    row = connection.execute(
        "SELECT broadcast, 1 AS opened, opened_at AS at FROM tip_opens JOIN broadcasts ON broadcasts.id = broadcast"
        " WHERE person_id = :person AND guide = :guide AND opened_at > :since"
        " UNION ALL SELECT broadcast, 0, finished_at FROM outbox JOIN broadcasts ON broadcasts.id = broadcast"
        " WHERE person_id = :person AND guide = :guide AND outbox.state = 'sent' AND edits IS NULL"
        " AND finished_at > :since ORDER BY opened DESC, at DESC LIMIT 1",
        {"person": person, "guide": procedure, "since": since},
    ).fetchone()
    return str(row["broadcast"]) if row else None


def _last_tip(connection: sqlite3.Connection, person: PersonId, now: datetime) -> str | None:
    row = connection.execute(
        "SELECT broadcast FROM outbox WHERE person_id = ? AND broadcast IS NOT NULL AND edits IS NULL"
        " AND state IN ('sent', 'unknown', 'parked') AND created_at > ? ORDER BY id DESC LIMIT 1",
        (person, stamp(now - A_WEEK)),
    ).fetchone()
    return str(row["broadcast"]) if row else None


def progress(connection: sqlite3.Connection, id_: str) -> Progress:
    """How far its sending has come, and what it came to."""
    row = connection.execute("SELECT state, planned, fed FROM broadcasts WHERE id = ?", (id_,)).fetchone()
    if row is None:
        return Progress()
    counted = tuple(tallies(connection, [id_]))
    left = sum(one.n for one in counted if one.what == "left")
    over = row["state"] in {"done", "recalled"}
    return Progress(
        planned=row["planned"],
        fed=row["fed"],
        waiting=connection.execute(
            f"SELECT count(*) FROM outbox WHERE broadcast = ? AND edits IS NULL AND ({_WAITS} OR state = 'parked')",
            (id_,),
        ).fetchone()[0],
        to_come=0 if over else max(row["planned"] - row["fed"] - left, 0),
        tallies=counted,
    )


def tallies(connection: sqlite3.Connection, ids: Sequence[str]) -> list[Tally]:
    """The counters of these broadcasts, by day and name."""
    rows = connection.execute(
        f"SELECT * FROM broadcast_tallies WHERE broadcast IN ({', '.join('?' * len(ids))}) ORDER BY broadcast, day,"
        " what, detail, place, channel",
        list(ids),
    ).fetchall()
    return [_tally(row) for row in rows]


def _tally(row: Mapping[str, Any]) -> Tally:
    return Tally(
        day=date.fromisoformat(row["day"]),
        what=row["what"],
        detail=row["detail"],
        place=row["place"],
        channel=row["channel"],
        n=row["n"],
    )


def campaign(connection: sqlite3.Connection, since: date, until: date) -> list[tuple[str, Tally]]:
    """Dossiers submitted online after tips from `since` to `until`, both days in it: the team that wrote the tip, and
    how many, by who filed and where."""
    rows = connection.execute(
        "SELECT team, min(t.day) AS day, 'online' AS what, t.detail, t.place, '' AS channel, sum(t.n) AS n"
        " FROM broadcast_tallies AS t JOIN broadcasts ON broadcasts.id = t.broadcast"
        " WHERE t.what = 'online' AND t.day BETWEEN ? AND ? GROUP BY team, t.detail, t.place",
        (since.isoformat(), until.isoformat()),
    ).fetchall()
    return [(row["team"], _tally(row)) for row in rows]


def forget_author(connection: sqlite3.Connection, person: PersonId, person_hash: str) -> None:
    """Someone who wrote or approved tips is erased: only a keyed hash remains in their place."""
    for row in connection.execute(
        "SELECT * FROM broadcasts WHERE author = ? OR json_extract(body, '$.approver') = ?", (person, person)
    ).fetchall():
        connection.execute(
            "UPDATE broadcasts SET author = iif(author = :person, :hash, author), version = version + 1,"
            " body = iif(json_extract(body, '$.approver') = :person, json_set(body, '$.approver', :hash), body)"
            " WHERE id = :id",
            {"person": person, "hash": person_hash, "id": row["id"]},
        )


# --- asking after a walk that was put aside -----------------------------------------------------------------------


def follow_up(
    connection: sqlite3.Connection,
    person: PersonId,
    address: Address,
    walk: str,
    reply: Reply,
    at: datetime,
    seq: int,
    now: datetime,
) -> None:
    """Queue the question how it went; only one waits for each walk."""
    no_follow_up(connection, walk, now)
    outbox.put(
        connection,
        person=person,
        address=address,
        reply=reply,
        now=now,
        lane=Lane.REMINDER,
        purpose=Purpose.FOLLOW_UP,
        not_before=at,
        expires=at + TIP_LIVES,
        dedupe_key=f"follow-up:{walk}:{seq}",
    )


def no_follow_up(connection: sqlite3.Connection, walk: str, now: datetime) -> None:
    """The walk goes on, or is over: nobody need ask."""
    connection.execute(
        "UPDATE outbox SET state = 'cancelled', error = 'went on', finished_at = ? WHERE dedupe_key > ?"
        " AND dedupe_key < ? AND state = 'queued'",
        (stamp(now), f"follow-up:{walk}:", f"follow-up:{walk};"),
    )


class SnapshotTips:
    """`Tips` for one person over one snapshot."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        person: PersonId,
        carriages: Mapping[str, Carriage],
        now: datetime,
    ) -> None:
        self._connection = connection
        self._person = person
        self._carriages = carriages
        self._now = now

    def subscription(self) -> Subscription | None:
        return subscription(self._connection, self._person)

    def broadcast(self, id_: str) -> Broadcast | None:
        return of(self._connection, id_)

    def by_code(self, code: str) -> Broadcast | None:
        return by_code(self._connection, code)

    def broadcasts(self, *states: BroadcastState) -> list[Broadcast]:
        return listed(self._connection, states)

    def audience(self, segment: Segment) -> Audience:
        return audience(self._connection, segment, self._carriages, self._now)

    def progress(self, id_: str) -> Progress:
        return progress(self._connection, id_)
