"""What citizens leave for a human, and what officers do with it.

Ids are random, so that the order of rows tells nothing about when an anonymous case came. The officer's verbs return
False, or None, for a case that is not there or that this officer may not see; the two are not told apart.
"""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.dialogue.cases import (
    WAITING,
    Author,
    Canned,
    Case,
    CaseFilter,
    CaseKind,
    CaseList,
    CaseMessage,
    CaseStatus,
    Officer,
    Takeover,
    Thread,
)
from bot.dialogue.messages import (
    Address,
    AddToCase,
    AnswerCase,
    CaseEffect,
    GiveBack,
    KeptData,
    Lane,
    LeaveNoTrace,
    OpenCase,
    PersonId,
    Reply,
    Role,
    TakeCase,
    TakeOver,
    local_day,
)
from storage import codec, outbox, people, photos, records, roles
from storage.codec import dump, moment, stamp
from storage.records import SnapshotRecords

PAGE = 50  # cases on one page of the list
HITS = 5_000  # of a search are looked at; who finds more must say more
ANSWER_LIVES = timedelta(days=30)  # an answer that somebody asked for is waited for
TRACE_WAITS = timedelta(hours=1)  # for a reply that nobody fetches, before what it said is taken out of it

_CODE = re.compile(r"gy ?-? ?([a-z0-9]{8})", re.IGNORECASE)
_BEGINNING = "(SELECT words FROM case_messages WHERE case_id = cases.id ORDER BY n LIMIT 1)"
_SHOWN = f"SELECT cases.*, {_BEGINNING} AS words FROM cases"


def carry_out(
    connection: sqlite3.Connection, person: PersonId, address: Address, effect: CaseEffect, now: datetime
) -> None:
    """What a turn decided about cases."""
    match effect:
        case OpenCase():
            open_case(connection, person, address, effect, now)
        case AddToCase():
            add(connection, person, effect, now)
        case TakeCase(code=code, officer=officer):
            assign(connection, code, officer, officer, now)
        case AnswerCase(code=code, officer=officer):
            answer(connection, code, effect.words, officer, effect.reply_for, now, effect.until)
        case TakeOver(code=code, officer=officer):
            take_over(connection, code, officer, effect.until, effect.told, now)
        case GiveBack(code=code, officer=Officer() as officer, told=Reply() as told):
            give_back(connection, code, officer, told, now)
        case GiveBack():
            left(connection, person)
        case LeaveNoTrace():
            pass  # once the turn's own replies are there: `leave_no_trace`


# --- a citizen's side -------------------------------------------------------------------------------------------


def open_case(
    connection: sqlite3.Connection, person: PersonId, address: Address, new: OpenCase, now: datetime
) -> None:
    """Keep a new case, and tell the officers who look after its place; where there are none, the admins who do."""
    at = local_day(now).isoformat() if new.anonymous else stamp(now)
    id_ = secrets.randbits(62)
    connection.execute(
        "INSERT INTO cases (id, code, kind, status, person_id, channel, address_id, procedure, step, place, walk,"
        " stars, context, due, opened, touched) VALUES (?, ?, ?, 'new', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            id_,
            new.code,
            new.kind,
            *((None, None, None) if new.anonymous else (person, address.channel, address.id)),
            new.procedure or "",
            new.step or "",
            "" if new.anonymous else new.place or "",
            None if new.anonymous else new.walk,
            new.stars,
            dump({} if new.anonymous else dict(new.context)),
            new.due.isoformat(),
            at,
            at,
        ),
    )
    connection.execute("INSERT INTO case_words (rowid, words) VALUES (?, ?)", (id_, _folded(f"gy {new.code}")))
    _say(connection, id_, Author.CITIZEN, "", new.words, at)
    if new.notice and not new.anonymous:  # the moment of a notice would tell when it was written
        there = (new.place,) if new.place else None
        told = roles.having(connection, Role.OFFICER, there) or roles.having(connection, Role.ADMIN, there)
        for officer in told:
            if officer != person:
                _notify(connection, officer, new.notice, now, new.notice_from)


def add(connection: sqlite3.Connection, person: PersonId, more: AddToCase, now: datetime) -> bool:
    """More words of its citizen; it waits again. False if it is not theirs."""
    row = connection.execute(
        "SELECT * FROM cases WHERE code = ? AND (person_id = ? OR person_id IS NULL)", (more.code, person)
    ).fetchone()
    if row is None:
        return False
    at = _at(row, now)
    _say(connection, row["id"], Author.CITIZEN, "", more.words, at)
    lead = _lead(connection, row)
    waiting = lead["status"] in WAITING
    connection.execute(
        "UPDATE cases SET status = ?, due = ?, touched = ? WHERE id = ?",
        (
            lead["status"] if waiting else CaseStatus.OPEN,
            lead["due"] if waiting else more.due.isoformat(),
            _at(lead, now),
            lead["id"],
        ),
    )
    taken = _takeover(connection, person, now)
    officer = taken["officer"] if taken else row["owner"]
    if more.notice and officer and row["person_id"]:
        _notify(connection, PersonId(officer), more.notice, now, None)
    return True


def home_chosen(connection: sqlite3.Connection, person: PersonId, place: str) -> None:
    """Their cases that were left before we knew, and that no officer has yet, go to those who look after that hamlet;
    with "", all of theirs forget it."""
    condition = "AND place = '' AND owner IS NULL AND status IN ('new', 'open')" if place else "AND place <> ''"
    connection.execute(f"UPDATE cases SET place = ? WHERE person_id = ? {condition}", (place, person))


def own(connection: sqlite3.Connection, person: PersonId, code: str) -> Thread | None:
    """A case of this person's or an anonymous one, as its citizen may see it."""
    row = connection.execute(
        f"{_SHOWN} WHERE code = ? AND (person_id = ? OR person_id IS NULL)", (code, person)
    ).fetchone()
    if row is None:
        return None
    lead = _lead(connection, row)
    messages = _messages(connection, row, notes=False)
    if lead["id"] != row["id"]:  # what officers said of the case that this one was merged into, to whom it concerns
        messages += [one for one in _messages(connection, lead, notes=False) if one.author is Author.OFFICER]
    case = _case({**dict(row), "status": lead["status"], "due": lead["due"]})
    return Thread(case=case, messages=tuple(messages))


def of_person(connection: sqlite3.Connection, person: PersonId) -> tuple[Case, ...]:
    """What this person has left under their own address, the newest first."""
    rows = connection.execute(f"{_SHOWN} WHERE person_id = ? ORDER BY opened DESC, code", (person,))
    return tuple(map(_case, rows))


def leave_no_trace(
    connection: sqlite3.Connection, person: PersonId, seq: int, trace: LeaveNoTrace, put: Sequence[int], now: datetime
) -> None:
    """Keep what this person said from `trace.since` to `seq` as if it had been "menu" each time.

    Gaps would tell that something was taken away, and when; so nothing is taken away. What was answered is replaced
    too: at once what was sent before, this turn's own replies (`put`) once they have arrived (`cover_traces`).
    """
    rows = connection.execute(
        "SELECT seq, channel, address_id, body FROM inbox WHERE person_id = ? AND seq BETWEEN ? AND ?",
        (person, trace.since, seq),
    ).fetchall()
    instead = codec.reply_body(trace.instead)
    for row in rows:
        event = json.loads(row["body"])["event"]
        body = dump({"event": event, "kind": "press", "text": "", "payload": "menu"})
        connection.execute("UPDATE inbox SET body = ? WHERE seq = ?", (body, row["seq"]))
        connection.execute(
            "UPDATE outbox SET payload = ?, slot = NULL WHERE channel = ? AND address_id = ? AND person_id = ?"
            f" AND re = ? AND id NOT IN ({','.join('?' * len(put))})",
            (instead, row["channel"], row["address_id"], person, event, *put),
        )
    connection.executemany(
        "INSERT INTO traces (outbox_id, payload, until) VALUES (?, ?, ?)",
        [(id_, instead, stamp(now + TRACE_WAITS)) for id_ in put],
    )


def cover_traces(connection: sqlite3.Connection, now: datetime) -> int:
    """Replace what was told about anonymous cases, once it has arrived or waited for too long; how many replies."""
    rows = connection.execute(
        "SELECT traces.* FROM traces LEFT JOIN outbox ON outbox.id = outbox_id WHERE traces.until <= ?"
        " OR outbox.id IS NULL OR outbox.state NOT IN ('queued', 'leased', 'parked')",
        (stamp(now),),
    ).fetchall()
    for row in rows:
        connection.execute("UPDATE outbox SET payload = ? WHERE id = ?", (row["payload"], row["outbox_id"]))
        connection.execute("DELETE FROM traces WHERE outbox_id = ?", (row["outbox_id"],))
    return len(rows)


# --- reading, for officers --------------------------------------------------------------------------------------


def listed(connection: sqlite3.Connection, wanted: CaseFilter, officer: Officer, after: str) -> CaseList:
    """A page of the cases that this officer may see."""
    where, values = _conditions(wanted, officer)
    query = ""
    if code := _CODE.fullmatch(wanted.words.strip()):
        where.append("code = ?")
        values.append(code[1].lower())
    elif query := _query(wanted.words):
        where.append("id IN (SELECT rowid FROM case_words WHERE case_words MATCH ? LIMIT ?)")
        values += [query, HITS]
    if after:
        due, _, id_ = after.partition("_")
        where.append("(due, id) > (?, ?)")
        values += [due, int(id_) if id_.isdecimal() else 0]
    rows = connection.execute(
        f"{_SHOWN} WHERE {' AND '.join(where)} ORDER BY due, id LIMIT ?", (*values, PAGE + 1)
    ).fetchall()
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    found = (
        connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM case_words WHERE case_words MATCH ? LIMIT ?)", (query, HITS)
        ).fetchone()[0]
        if query
        else 0
    )
    return CaseList(
        cases=tuple(map(_case, rows[:PAGE])), after=f"{last['due']}_{last['id']}" if last else "", cut=found == HITS
    )


def counts(connection: sqlite3.Connection, officer: Officer, today: date) -> Mapping[str, int]:
    """How many cases there are by status, and under "overdue" and "mine" those that wait too long, or for them."""
    where, values = _places(officer)
    condition = " AND ".join(["true", *where])
    found = {status.value: 0 for status in CaseStatus}
    # In the order of an index that has all of it: by status alone SQLite would look up each row for its place.
    for row in connection.execute(
        f"SELECT status, count(*) AS n FROM cases WHERE {condition} GROUP BY place, status", values
    ):
        found[row["status"]] += row["n"]
    waiting = "status IN ('new', 'open')"
    found["overdue"] = connection.execute(
        f"SELECT count(*) FROM cases WHERE {condition} AND {waiting} AND due < ?", (*values, today.isoformat())
    ).fetchone()[0]
    found["mine"] = connection.execute(
        f"SELECT count(*) FROM cases WHERE {condition} AND {waiting} AND owner = ?", (*values, officer.id)
    ).fetchone()[0]
    return found


def thread(connection: sqlite3.Connection, code: str, officer: Officer, now: datetime) -> Thread | None:
    """The whole case, notes and merged ones included."""
    row = _seen(connection, code, officer)
    if row is None:
        return None
    merged = connection.execute(f"{_SHOWN} WHERE merged_into = ? ORDER BY opened, code", (code,)).fetchall()
    messages = _messages(connection, row, notes=True)
    for child in merged:
        messages += _messages(connection, child, notes=True, code=child["code"])
    messages.sort(key=lambda one: _day_and_time(one.at))
    taken = _takeover(connection, row["person_id"], now) if row["person_id"] else None
    return Thread(
        case=_case(row),
        messages=tuple(messages),
        context=json.loads(row["context"]),
        takeover=_taken(taken) if taken and taken["case_id"] == row["id"] else None,
        merged=tuple(child["code"] for child in merged),
        photos=tuple(photos.of_case(connection, row["id"])),
    )


def photo(connection: sqlite3.Connection, code: str, id_: str, officer: Officer, now: datetime) -> bytes | None:
    """A photo of a case that this officer may see."""
    found = thread(connection, code, officer, now)
    return photos.image(connection, id_) if found and any(one.id == id_ for one in found.photos) else None


# --- acting, for officers -----------------------------------------------------------------------------------------


def answer(
    connection: sqlite3.Connection,
    code: str,
    words: str,
    officer: Officer,
    reply_for: Callable[[str], Reply],
    now: datetime,
    until: datetime | None = None,
) -> bool:
    """Answer, and send the answer to everybody whose case this is. With `until`, a takeover of theirs goes on."""
    row = _seen(connection, code, officer)
    if row is None:
        return False
    everybody = [row, *connection.execute("SELECT * FROM cases WHERE merged_into = ?", (code,)).fetchall()]
    sent = [
        outbox.put(
            connection,
            person=PersonId(one["person_id"]),
            address=Address(one["channel"], one["address_id"]),
            reply=reply_for(one["code"]),
            now=now,
            lane=Lane.ANSWER,
            expires=now + ANSWER_LIVES,
        )
        for one in everybody
        if one["person_id"]
    ]
    own = sent[0] if sent and row["person_id"] else None
    _say(connection, row["id"], Author.OFFICER, officer.name, words, _at(row, now), own)
    _change(connection, row, now, status=CaseStatus.ANSWERED, owner=row["owner"] or officer.id)
    if not row["owner"]:
        _change(connection, row, now, owner_name=officer.name)
    if until:
        connection.execute(
            "UPDATE takeovers SET until = ? WHERE case_id = ? AND officer = ?", (stamp(until), row["id"], officer.id)
        )
    _log(connection, officer, "case-answer", code, now)
    return True


def note(connection: sqlite3.Connection, code: str, words: str, officer: Officer, now: datetime) -> bool:
    """A word among officers."""
    row = _seen(connection, code, officer)
    if row is None:
        return False
    _say(connection, row["id"], Author.NOTE, officer.name, words, _at(row, now))
    _log(connection, officer, "case-note", code, now)
    return True


def assign(connection: sqlite3.Connection, code: str, to: Officer | None, officer: Officer, now: datetime) -> bool:
    """Give the case to somebody, or to nobody."""
    row = _seen(connection, code, officer)
    if row is None or row["status"] == CaseStatus.MERGED:
        return False
    status = {CaseStatus.NEW: CaseStatus.OPEN, CaseStatus.OPEN: CaseStatus.OPEN if to else CaseStatus.NEW}
    _change(
        connection,
        row,
        now,
        owner=to.id if to else None,
        owner_name=to.name if to else "",
        status=status.get(row["status"], row["status"]),
    )
    _log(connection, officer, "case-assign", f"{code} {to.name if to else ''}".rstrip(), now)
    return True


def close(connection: sqlite3.Connection, code: str, officer: Officer, now: datetime) -> bool:
    """Nothing more is to be done."""
    row = _seen(connection, code, officer)
    if row is None or row["status"] == CaseStatus.MERGED:
        return False
    _change(connection, row, now, status=CaseStatus.CLOSED)
    connection.execute("DELETE FROM takeovers WHERE case_id = ?", (row["id"],))
    _log(connection, officer, "case-close", code, now)
    return True


def reopen(connection: sqlite3.Connection, code: str, officer: Officer, due: date, now: datetime) -> bool:
    """There is something to be done after all, until `due`."""
    row = _seen(connection, code, officer)
    if row is None or row["status"] in {*WAITING, CaseStatus.MERGED}:
        return False
    _change(connection, row, now, status=CaseStatus.OPEN, due=due.isoformat())
    _log(connection, officer, "case-reopen", code, now)
    return True


def merge(connection: sqlite3.Connection, code: str, into: str, officer: Officer, now: datetime) -> bool:
    """The one is about the same as the other, and answered with it. False also if either was merged before."""
    row, lead = _seen(connection, code, officer), _seen(connection, into, officer)
    if row is None or lead is None or row["id"] == lead["id"]:
        return False
    if CaseStatus.MERGED in {row["status"], lead["status"]}:
        return False
    # What was merged into this one goes along.
    connection.execute("UPDATE cases SET merged_into = ? WHERE merged_into = ?", (into, code))
    _change(connection, row, now, status=CaseStatus.MERGED, merged_into=into)
    connection.execute("DELETE FROM takeovers WHERE case_id = ?", (row["id"],))
    if row["status"] in WAITING and lead["status"] not in WAITING:
        _change(connection, lead, now, status=CaseStatus.OPEN, due=row["due"])
    _log(connection, officer, "case-merge", f"{code} {into}", now)
    return True


# --- taking over --------------------------------------------------------------------------------------------------


def take_over(
    connection: sqlite3.Connection, code: str, officer: Officer, until: datetime, told: Reply, now: datetime
) -> bool:
    """This officer answers its citizen from now on; who had taken over before gives way. False if nobody can be
    answered there."""
    row = _seen(connection, code, officer)
    if row is None or row["person_id"] is None or row["status"] == CaseStatus.MERGED:
        return False
    connection.execute(
        "INSERT INTO takeovers (person_id, case_id, officer, name, until) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (person_id) DO UPDATE SET case_id = excluded.case_id, officer = excluded.officer,"
        " name = excluded.name, until = excluded.until",
        (row["person_id"], row["id"], officer.id, officer.name, stamp(until)),
    )
    # What was offered before is no longer what digits mean: "2" may be an answer to the officer.
    records.forget_choices(connection, PersonId(row["person_id"]), now)
    _tell(connection, row, told, now)
    status = CaseStatus.OPEN if row["status"] == CaseStatus.NEW else row["status"]
    _change(connection, row, now, owner=officer.id, owner_name=officer.name, status=status)
    _log(connection, officer, "case-take-over", code, now)
    return True


def answered_elsewhere(
    connection: sqlite3.Connection,
    address: Address,
    words: str,
    officer: Officer,
    new: OpenCase,
    until: datetime,
    now: datetime,
) -> bool:
    """An officer has written to the person there from the platform's own console: until then the bot leaves them
    alone, and what was said stands in the thread of a case. False if nobody is known there."""
    person = people.known(connection, address)
    if person is None:
        return False
    taken = _takeover(connection, person, now)
    if taken is None:
        open_case(connection, person, address, new, now)
        (case_id,) = connection.execute("SELECT id FROM cases WHERE code = ?", (new.code,)).fetchone()
        connection.execute(
            "INSERT INTO takeovers (person_id, case_id, officer, name, until) VALUES (?1, ?2, ?3, ?4, ?5)"
            " ON CONFLICT (person_id) DO UPDATE SET case_id = ?2, officer = ?3, name = ?4, until = ?5",
            (person, case_id, officer.id, officer.name, stamp(until)),
        )
        records.forget_choices(connection, person, now)
        connection.execute("UPDATE cases SET status = 'answered' WHERE id = ?", (case_id,))
    else:
        case_id = taken["case_id"]
        connection.execute("UPDATE takeovers SET until = ? WHERE person_id = ?", (stamp(until), person))
    _say(connection, case_id, Author.OFFICER, officer.name, words, stamp(now))
    return True


def give_back(connection: sqlite3.Connection, code: str, officer: Officer, told: Reply, now: datetime) -> bool:
    """The bot answers again. False if nobody had taken over."""
    row = _seen(connection, code, officer)
    if row is None or not _ended(connection, row["id"]):
        return False
    _tell(connection, row, told, now)
    _log(connection, officer, "case-give-back", code, now)
    return True


def left(connection: sqlite3.Connection, person: PersonId) -> None:
    """The citizen goes back to the bot."""
    connection.execute("DELETE FROM takeovers WHERE person_id = ?", (person,))


def end_takeovers(connection: sqlite3.Connection, told: Reply, now: datetime) -> int:
    """End those whose time is over, and say so; how many."""
    rows = connection.execute(
        "SELECT cases.*, takeovers.until AS over_at FROM takeovers JOIN cases ON cases.id = case_id WHERE until <= ?",
        (stamp(now),),
    ).fetchall()
    for row in rows:
        _ended(connection, row["id"])
        _tell(connection, row, told, now)
    return len(rows)


def takeover(connection: sqlite3.Connection, person: PersonId, now: datetime) -> Takeover | None:
    """Who answers this person at that time."""
    row = _takeover(connection, person, now)
    return _taken(row) if row else None


# --- answers kept ready -------------------------------------------------------------------------------------------


def canned(connection: sqlite3.Connection) -> tuple[Canned, ...]:
    """All of them, by title."""
    rows = connection.execute("SELECT * FROM canned_answers ORDER BY title, id")
    return tuple(Canned(id=row["id"], title=row["title"], words=row["words"]) for row in rows)


def keep_canned(connection: sqlite3.Connection, title: str, words: str, officer: Officer, now: datetime) -> int:
    """Keep an answer ready under that title, instead of what stood there."""
    row = connection.execute(
        "INSERT INTO canned_answers (title, words) VALUES (?, ?)"
        " ON CONFLICT (title) DO UPDATE SET words = excluded.words RETURNING id",
        (title, words),
    ).fetchone()
    _log(connection, officer, "canned-keep", title, now)
    return int(row["id"])


def drop_canned(connection: sqlite3.Connection, id_: int, officer: Officer, now: datetime) -> bool:
    """It is no longer needed."""
    row = connection.execute("DELETE FROM canned_answers WHERE id = ? RETURNING title", (id_,)).fetchone()
    if row:
        _log(connection, officer, "canned-drop", row["title"], now)
    return row is not None


class CaseRecords(SnapshotRecords):
    """`Records` of one person over one snapshot, their cases included."""

    def kept_data(self) -> KeptData:
        return replace(super().kept_data(), cases=self.cases())

    def case(self, code: str) -> Thread | None:
        return own(self._connection, self._person, code)

    def cases(self) -> tuple[Case, ...]:
        return of_person(self._connection, self._person)

    def takeover(self, now: datetime) -> Takeover | None:
        return takeover(self._connection, self._person, now)

    def staff_name(self) -> str | None:
        row = self._connection.execute("SELECT name FROM staff WHERE person_id = ?", (self._person,)).fetchone()
        return row["name"] if row else None

    def case_of_others(self, code: str, officer: Officer, now: datetime) -> Thread | None:
        return thread(self._connection, code, officer, now)


# --- within -------------------------------------------------------------------------------------------------------


def _case(row: Mapping[str, Any] | sqlite3.Row) -> Case:
    anonymous = row["person_id"] is None
    return Case(
        code=row["code"],
        kind=CaseKind(row["kind"]),
        status=CaseStatus(row["status"]),
        anonymous=anonymous,
        due=date.fromisoformat(row["due"]),
        opened=_time(row["opened"]),
        touched=_time(row["touched"]),
        words=row["words"] or "",
        owner=row["owner"],
        owner_name=row["owner_name"],
        procedure=row["procedure"] or None,
        step=row["step"] or None,
        place=row["place"] or None,
        channel=row["channel"],
        stars=row["stars"],
        merged_into=row["merged_into"],
    )


def _time(text: str) -> datetime | date:
    return moment(text) if "T" in text else date.fromisoformat(text)


def _day_and_time(at: datetime | date) -> tuple[date, bool, str]:
    """By the day first: of what has only a day nobody knows whether it came before or after."""
    if isinstance(at, datetime):
        return local_day(at), True, stamp(at)
    return at, False, ""


def _at(row: sqlite3.Row, now: datetime) -> str:
    """As this case may say when it is now."""
    return local_day(now).isoformat() if row["person_id"] is None else stamp(now)


def _seen(connection: sqlite3.Connection, code: str, officer: Officer) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(f"{_SHOWN} WHERE code = ?", (code,)).fetchone()
    if row and officer.places is not None and row["place"] not in ("", *officer.places):
        return None
    return row


def _lead(connection: sqlite3.Connection, row: sqlite3.Row) -> sqlite3.Row:
    """The case that this one was merged into, else itself."""
    lead: sqlite3.Row | None = connection.execute(
        "SELECT * FROM cases WHERE code = ?", (row["merged_into"],)
    ).fetchone()
    return lead or row


def _conditions(wanted: CaseFilter, officer: Officer) -> tuple[list[str], list[Any]]:
    where = [f"status IN ({','.join('?' * len(wanted.statuses))})"]
    values: list[Any] = list(wanted.statuses)
    for column, value in (("kind", wanted.kind), ("place", wanted.place)):
        if value is not None:
            where.append(f"{column} = ?")
            values.append(value)
    if wanted.owner is not None:
        where.append("owner IS ?")
        values.append(wanted.owner or None)
    if wanted.due_before:
        where.append("due < ?")
        values.append(wanted.due_before.isoformat())
    within, places = _places(officer)
    return where + within, values + places


def _places(officer: Officer) -> tuple[list[str], list[Any]]:
    """What holds for the cases that this officer may see: those of their places, and those of none."""
    if officer.places is None:
        return [], []
    return [f"place IN ('', {','.join('?' * len(officer.places)) or 'NULL'})"], list(officer.places)


def _messages(connection: sqlite3.Connection, row: sqlite3.Row, *, notes: bool, code: str = "") -> list[CaseMessage]:
    rows = connection.execute(
        "SELECT m.*, outbox.state FROM case_messages AS m LEFT JOIN outbox ON outbox.id = m.outbox_id"
        " WHERE m.case_id = ? AND (? OR m.author <> 'note') ORDER BY m.n",
        (row["id"], notes),
    )
    return [
        CaseMessage(
            author=Author(one["author"]),
            name=one["name"],
            words=one["words"],
            at=_time(one["at"]),
            delivery=one["state"] or "",
            code=code,
        )
        for one in rows
    ]


def _say(
    connection: sqlite3.Connection,
    case_id: int,
    author: Author,
    name: str,
    words: str,
    at: str,
    outbox_id: int | None = None,
) -> None:
    """Add to the thread, and to what is searched."""
    connection.execute(
        "INSERT INTO case_messages (case_id, n, author, name, words, at, outbox_id) SELECT ?,"
        " 1 + coalesce(max(n), 0), ?, ?, ?, ?, ? FROM case_messages WHERE case_id = ?",
        (case_id, author, name, words, at, outbox_id, case_id),
    )
    connection.execute(
        "UPDATE case_words SET words = words || char(10) || ? WHERE rowid = ?", (_folded(words), case_id)
    )


def _folded(text: str) -> str:
    """As it is looked for: without marks. (FTS5 would leave đ as it is.)"""
    spread = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(char for char in spread if not unicodedata.combining(char))


def _query(words: str) -> str:
    """What FTS5 is asked: all of these words, the last perhaps unfinished. "" if there is nothing to look for."""
    spaced = "".join(char if char.isalnum() else " " for char in _folded(words[:200]))
    return " ".join(f'"{word}"*' for word in spaced.split()[:12])


def _change(connection: sqlite3.Connection, row: sqlite3.Row, now: datetime, **columns: object) -> None:
    named = {"touched": _at(row, now), **columns}
    connection.execute(
        f"UPDATE cases SET {', '.join(f'{column} = ?' for column in named)} WHERE id = ?",
        (*named.values(), row["id"]),
    )


def _tell(connection: sqlite3.Connection, row: sqlite3.Row, told: Reply, now: datetime) -> None:
    if row["person_id"]:
        outbox.put(
            connection,
            person=PersonId(row["person_id"]),
            address=Address(row["channel"], row["address_id"]),
            reply=told,
            now=now,
            lane=Lane.ANSWER,
        )


def _notify(
    connection: sqlite3.Connection, officer: PersonId, notice: Reply, now: datetime, not_before: datetime | None
) -> None:
    """Tell an officer in their own chat, if they have one: an account of the desk alone has none."""
    row = connection.execute(
        "SELECT channel, id FROM addresses WHERE person_id = ? AND channel <> 'web' ORDER BY channel, id", (officer,)
    ).fetchone()
    if row:
        outbox.put(
            connection,
            person=officer,
            address=Address(row["channel"], row["id"]),
            reply=notice,
            now=now,
            lane=Lane.ANSWER,
            not_before=not_before,
            expires=(not_before or now) + ANSWER_LIVES,
        )


def _takeover(connection: sqlite3.Connection, person: str, now: datetime) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT takeovers.*, cases.code FROM takeovers JOIN cases ON cases.id = case_id"
        " WHERE takeovers.person_id = ? AND until > ?",
        (person, stamp(now)),
    ).fetchone()
    return row


def _taken(row: sqlite3.Row) -> Takeover:
    return Takeover(code=row["code"], officer=row["officer"], name=row["name"], until=moment(row["until"]))


def _ended(connection: sqlite3.Connection, case_id: int) -> bool:
    return connection.execute("DELETE FROM takeovers WHERE case_id = ?", (case_id,)).rowcount == 1


def _log(connection: sqlite3.Connection, officer: Officer, act: str, detail: str, now: datetime) -> None:
    connection.execute(
        "INSERT INTO audit (at, actor, act, detail) VALUES (?, ?, ?, ?)", (stamp(now), officer.name, act, detail)
    )
