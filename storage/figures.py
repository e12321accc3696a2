"""Questions for the officers, counters for the figures, and the commune's official numbers: none holds a person."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache

from bot.dialogue.messages import (
    Asked,
    Axis,
    Became,
    Count,
    Fact,
    KeepQuestion,
    Official,
    OfficialChanged,
    local_day,
)
from storage.codec import dump, moment, stamp

SURE_AT = 0.6  # an answer less sure than this is worth an officer's look
LOOKED_THROUGH = 3_000  # of the waiting questions of each kind the newest; an officer never reads more
NO_STEPS = "instr(kind, ':') = 0"  # without what is counted for each step: that only a guide's own page shows


def keep_question(connection: sqlite3.Connection, question: KeepQuestion, channel: str, now: datetime) -> None:
    """Keep a question for the officers; those that were not answered, or not surely, wait for their look."""
    top, score = question.candidates[0] if question.candidates else ("", 0.0)
    connection.execute(
        "INSERT INTO questions (day, channel, text, decision, candidates, evidence, folded, top, score, waits)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            local_day(now).isoformat(),
            channel,
            question.text,
            question.became,
            dump(question.candidates),
            dump(dict(question.evidence)),
            question.folded,
            top,
            score,
            bool(question.folded) and (question.became is not Became.ANSWERED or score < SURE_AT),
        ),
    )


def count(connection: sqlite3.Connection, fact: Count, channel: str, now: datetime) -> None:
    """Add to a counter of today."""
    connection.execute(
        "INSERT INTO facts (day, kind, procedure, place, channel, n) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET n = n + excluded.n",
        (local_day(now).isoformat(), fact.kind, fact.procedure or "", fact.place or "", channel, fact.n),
    )


# --- figures ----------------------------------------------------------------------------------------------------


def months(
    connection: sqlite3.Connection, since: str, until: str, axis: Axis | None, *, by_month: bool, steps: bool
) -> list[Fact]:
    """The sums of the months since … until (2026-11, both included), by kind and by the values of that axis; without
    those of each step, unless asked for."""
    columns = f"{'month, ' if by_month else ''}{f'value AS {axis}, ' if axis else ''}kind"
    groups = f"{'month, ' if by_month else ''}value, kind"
    rows = connection.execute(
        f"SELECT {columns}, sum(n) AS n FROM facts_monthly WHERE axis = ? AND month BETWEEN ? AND ?"
        f"{'' if steps else f' AND {NO_STEPS}'}"
        f" GROUP BY {groups} ORDER BY {groups}",
        (axis or "", since, until),
    ).fetchall()
    return [Fact(**dict(row)) for row in rows]


def months_of(connection: sqlite3.Connection, since: str, until: str, axis: Axis, value: str) -> list[Fact]:
    """The sums of each of these months, by kind, for one procedure, place or channel."""
    rows = connection.execute(
        "SELECT month, kind, n FROM facts_monthly WHERE axis = ? AND month BETWEEN ? AND ? AND value = ?",
        (axis, since, until, value),
    ).fetchall()
    return [Fact(**dict(row)) for row in rows]


def days(connection: sqlite3.Connection, since: date, until: date) -> list[Fact]:
    """The sums of each of the days since … until, both included, by kind; without those of each step."""
    rows = connection.execute(
        f"SELECT day, kind, sum(n) AS n FROM facts WHERE day BETWEEN ? AND ? AND {NO_STEPS} GROUP BY day, kind",
        (since.isoformat(), until.isoformat()),
    ).fetchall()
    return [Fact(**dict(row)) for row in rows]


# --- what was not understood --------------------------------------------------------------------------------------


def waiting(connection: sqlite3.Connection, since: date, became: Became | None, limit: int) -> list[Asked]:
    """Waiting questions of the days since then, what was asked most first; alike but for marks is the same."""
    kinds = [became] if became else list(Became)
    newest = " UNION ALL ".join(
        "SELECT * FROM (SELECT id, day, decision, folded, top, score FROM questions INDEXED BY questions_waiting"
        f" WHERE waits = 1 AND decision = ? AND day >= ? ORDER BY day DESC LIMIT {LOOKED_THROUGH})"
        for _ in kinds
    )
    bounds = [bound for kind in kinds for bound in (kind, since.isoformat())]
    rows = connection.execute(
        f"SELECT max(id) AS id, folded, decision, top, score, max(day) AS last, count(*) AS n FROM ({newest})"
        " GROUP BY folded ORDER BY n DESC, last DESC, folded LIMIT ?",
        (*bounds, limit),
    ).fetchall()
    return [_asked(connection, row) for row in rows]


def find(connection: sqlite3.Connection, words: Sequence[str], limit: int) -> list[Asked]:
    """Waiting questions with all these words (without marks, the last may be begun), the newest first."""
    if not words:
        return []
    quoted = ['"' + word.replace('"', '""') + '"' for word in words]
    rows = connection.execute(
        "SELECT q.id, q.folded, q.decision, q.top, q.score, q.day AS last, 1 AS n FROM questions_found AS f"
        " JOIN questions AS q ON q.id = f.rowid WHERE questions_found MATCH ? AND q.waits = 1"
        " ORDER BY f.rowid DESC LIMIT ?",
        (" ".join(quoted) + "*", limit),
    ).fetchall()
    return [_asked(connection, row) for row in rows]


def _asked(connection: sqlite3.Connection, row: sqlite3.Row) -> Asked:
    (text,) = connection.execute("SELECT text FROM questions WHERE id = ?", (row["id"],)).fetchone()
    return Asked(
        text=text,
        folded=row["folded"],
        n=row["n"],
        last=row["last"],
        became=row["decision"],
        top=row["top"],
        score=row["score"],
    )


def looked_at(connection: sqlite3.Connection, folded: Sequence[str], by: str, what: str, now: datetime) -> int:
    """These questions need no look any more, those put in other marks included; how many rows that were."""
    done = sum(
        connection.execute("UPDATE questions SET waits = 0 WHERE waits = 1 AND folded = ?", (one,)).rowcount
        for one in folded
    )
    connection.execute(
        "INSERT INTO audit (at, actor, act, detail) VALUES (?, ?, 'questions', ?)",
        (stamp(now), by, dump({"what": what, "asked": list(folded)[:10], "rows": done})),
    )
    return done


# --- official numbers -----------------------------------------------------------------------------------------------


def keep_official(
    connection: sqlite3.Connection, rows: Sequence[Official], source: str, by: str, now: datetime
) -> OfficialChanged:
    """Keep these numbers in the place of what was known of the same month, place and field."""
    before = {
        (row["month"], row["place"], row["field"]): _numbers(_official(row))
        for month in {one.month for one in rows}
        for row in connection.execute("SELECT * FROM official WHERE month = ?", (month,))
    }
    added = changed = 0
    for one in rows:
        key = (one.month, one.place, one.field)
        if before.get(key) == _numbers(one):
            continue
        added, changed = (added, changed + 1) if key in before else (added + 1, changed)
        connection.execute(
            "INSERT OR REPLACE INTO official (month, place, field, received, resolved, online, on_time, payable,"
            " paid_online, source, imported_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, *_numbers(one), source, stamp(now)),
        )
    if added or changed:
        connection.execute(
            "INSERT INTO audit (at, actor, act, detail) VALUES (?, ?, 'official', ?)",
            (stamp(now), by, dump({"source": source, "added": added, "changed": changed})),
        )
    return OfficialChanged(added=added, changed=changed, same=len(rows) - added - changed)


def official(connection: sqlite3.Connection, since: str, until: str) -> list[Official]:
    """The official numbers of the months since … until, both included."""
    rows = connection.execute(
        "SELECT * FROM official WHERE month BETWEEN ? AND ? ORDER BY month, place, field", (since, until)
    ).fetchall()
    return [_official(row) for row in rows]


def _numbers(one: Official) -> tuple[int | None, ...]:
    return (one.received, one.resolved, one.online, one.on_time, one.payable, one.paid_online)


def _official(row: sqlite3.Row) -> Official:
    return Official(
        month=row["month"],
        place=row["place"],
        field=row["field"],
        received=row["received"],
        resolved=row["resolved"],
        online=row["online"],
        on_time=row["on_time"],
        payable=row["payable"],
        paid_online=row["paid_online"],
        source=row["source"],
        imported_on=_day_of(row["imported_at"]),
    )


@lru_cache  # a whole file is imported at one moment
def _day_of(at: str) -> str:
    return local_day(moment(at)).isoformat()
