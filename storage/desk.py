"""Entering the desk: invitations, login links with their codes, local accounts, sessions, and who did what.

Secrets are never kept: what people carry (links, cookies, codes) is random and stored as a hash.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.dialogue.messages import (
    Account,
    Entry,
    Grant,
    Invitation,
    LogLine,
    PersonId,
    Role,
    Session,
    StaffMember,
)
from storage import roles
from storage.codec import moment, stamp

INVITATION_LIVES = timedelta(days=7)
LINK_LIVES = timedelta(minutes=5)
IDLE, ABSOLUTE = timedelta(hours=2), timedelta(hours=12)  # after which a session must be begun anew
CODE_TRIES = 5  # wrong codes after which a link is dead
FAILURES, WINDOW = 5, timedelta(minutes=15)  # wrong passwords of one name after which it must wait


# --- invitations ----------------------------------------------------------------------------------------------


def invite(connection: sqlite3.Connection, token_hash: str, invited: Invitation, by: str, now: datetime) -> None:
    """Keep an invitation for its time."""
    connection.execute(
        "INSERT INTO invitations (token_hash, role, place, name, made_at, made_by, expires)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            token_hash,
            invited.role,
            invited.place or "",
            invited.name,
            stamp(now),
            by,
            stamp(now + INVITATION_LIVES),
        ),
    )
    note(connection, by, "invite", now, detail=f"{invited.role} {invited.place or ''} {invited.name}")


def invitation(connection: sqlite3.Connection, token_hash: str, now: datetime) -> Invitation | None:
    """The invitation behind that link, unless it was used or is over."""
    row = connection.execute(
        "SELECT * FROM invitations WHERE token_hash = ? AND used_at IS NULL AND expires > ?",
        (token_hash, stamp(now)),
    ).fetchone()
    return Invitation(role=Role(row["role"]), place=row["place"] or None, name=row["name"]) if row else None


def invitations(connection: sqlite3.Connection, now: datetime) -> list[Invitation]:
    """Those still open, the newest first."""
    rows = connection.execute(
        "SELECT * FROM invitations WHERE used_at IS NULL AND expires > ? ORDER BY made_at DESC", (stamp(now),)
    )
    return [
        Invitation(
            role=Role(row["role"]), place=row["place"] or None, name=row["name"], expires=moment(row["expires"])
        )
        for row in rows
    ]


def accept(connection: sqlite3.Connection, person: PersonId, token_hash: str, now: datetime) -> bool:
    """Give the person what the invitation promises; False if it was used meanwhile."""
    found = invitation(connection, token_hash, now)
    if found is None:
        return False
    connection.execute(
        "UPDATE invitations SET used_at = ?, used_by = ? WHERE token_hash = ?", (stamp(now), person, token_hash)
    )
    connection.execute(
        "INSERT INTO staff (person_id, name) VALUES (?, ?)"
        " ON CONFLICT (person_id) DO UPDATE SET name = excluded.name",
        (person, found.name),
    )
    roles.grant(connection, person, Grant(role=found.role, place=found.place), "invitation", now)
    note(connection, found.name, "accept-invitation", now, detail=str(found.role))
    return True


# --- staff ----------------------------------------------------------------------------------------------------


def staff(connection: sqlite3.Connection) -> list[StaffMember]:
    """Everybody who holds a role, by name."""
    rows = connection.execute(
        "SELECT DISTINCT roles.person_id, coalesce(staff.name, '') AS name, accounts.name AS account,"
        " (SELECT channel FROM addresses WHERE addresses.person_id = roles.person_id LIMIT 1) AS channel"
        " FROM roles LEFT JOIN staff ON staff.person_id = roles.person_id"
        " LEFT JOIN accounts ON accounts.person_id = roles.person_id ORDER BY name, roles.person_id"
    ).fetchall()
    return [
        StaffMember(
            person=PersonId(row["person_id"]),
            name=row["name"],
            account=row["account"],
            channel=row["channel"],
            grants=roles.of(connection, PersonId(row["person_id"])),
        )
        for row in rows
    ]


def name_of(connection: sqlite3.Connection, person: PersonId) -> str:
    """What a member of staff is called; empty if nobody said."""
    row = connection.execute("SELECT name FROM staff WHERE person_id = ?", (person,)).fetchone()
    return row["name"] if row else ""


def member(connection: sqlite3.Connection, person: PersonId, name: str, given: Grant, by: str, now: datetime) -> None:
    """A member of staff without a chat: for the console and for local accounts."""
    connection.execute(
        "INSERT INTO persons (id, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING", (person, stamp(now))
    )
    connection.execute(
        "INSERT INTO staff (person_id, name) VALUES (?, ?)"
        " ON CONFLICT (person_id) DO UPDATE SET name = excluded.name",
        (person, name),
    )
    roles.grant(connection, person, given, by, now)


# --- login links ----------------------------------------------------------------------------------------------


def make_link(
    connection: sqlite3.Connection, token_hash: str, person: PersonId, now: datetime, *, trusted: bool
) -> None:
    """A way in for five minutes. `trusted`: it was made on the server's own console and needs no code."""
    connection.execute(
        "INSERT INTO login_links (token_hash, person_id, made_at, expires, trusted) VALUES (?, ?, ?, ?, ?)",
        (token_hash, person, stamp(now), stamp(now + LINK_LIVES), trusted),
    )


def link(connection: sqlite3.Connection, token_hash: str, now: datetime) -> tuple[PersonId, bool] | None:
    """Whose link it is and whether it needs no code; None if it was used, is over, or died of wrong codes."""
    row = connection.execute(
        "SELECT person_id, trusted FROM login_links WHERE token_hash = ? AND used_at IS NULL AND expires > ?"
        " AND wrong < ?",
        (token_hash, stamp(now), CODE_TRIES),
    ).fetchone()
    return (PersonId(row["person_id"]), bool(row["trusted"])) if row else None


def show_code(
    connection: sqlite3.Connection, token_hash: str, browser_hash: str, code_hash: str, now: datetime
) -> bool:
    """Remember the code shown in that browser; False if the link leads nowhere."""
    if link(connection, token_hash, now) is None:
        return False
    connection.execute(
        "INSERT INTO login_codes (token_hash, browser_hash, code_hash) VALUES (?, ?, ?)"
        " ON CONFLICT (token_hash, browser_hash) DO UPDATE SET code_hash = excluded.code_hash, confirmed = 0",
        (token_hash, browser_hash, code_hash),
    )
    return True


def code_waits(connection: sqlite3.Connection, person: PersonId, now: datetime) -> bool:
    """True if a link of this person is open, so that a typed code means something."""
    row = connection.execute(
        "SELECT 1 FROM login_links WHERE person_id = ? AND used_at IS NULL AND expires > ? AND wrong < ? LIMIT 1",
        (person, stamp(now), CODE_TRIES),
    ).fetchone()
    return row is not None


def code_shown(connection: sqlite3.Connection, person: PersonId, code_hash: str, now: datetime) -> bool:
    """True if a browser at an open link of this person shows that code."""
    row = connection.execute(
        "SELECT 1 FROM login_codes JOIN login_links USING (token_hash) WHERE person_id = ? AND code_hash = ?"
        " AND used_at IS NULL AND expires > ? AND wrong < ? LIMIT 1",
        (person, code_hash, stamp(now), CODE_TRIES),
    ).fetchone()
    return row is not None


def type_code(connection: sqlite3.Connection, person: PersonId, code_hash: str, now: datetime) -> bool:
    """The person typed a code into their chat: the browser that shows it may enter. A wrong one counts against all
    their open links."""
    if code_shown(connection, person, code_hash, now):
        connection.execute(
            "UPDATE login_codes SET confirmed = 1 WHERE code_hash = ? AND token_hash IN"
            " (SELECT token_hash FROM login_links WHERE person_id = ? AND used_at IS NULL AND expires > ?)",
            (code_hash, person, stamp(now)),
        )
        return True
    connection.execute(
        "UPDATE login_links SET wrong = wrong + 1 WHERE person_id = ? AND used_at IS NULL AND expires > ?",
        (person, stamp(now)),
    )
    note(connection, name_of(connection, person), "wrong-code", now)
    return False


def enter(
    connection: sqlite3.Connection, token_hash: str, browser_hash: str, session: Session, now: datetime
) -> PersonId | None:
    """Use up a link whose code was typed, and begin a session; None if it can't be used."""
    found = link(connection, token_hash, now)
    confirmed = connection.execute(
        "SELECT 1 FROM login_codes WHERE token_hash = ? AND browser_hash = ? AND confirmed",
        (token_hash, browser_hash),
    ).fetchone()
    if found is None or not (confirmed or found[1]):
        note(connection, "?", "entry-refused", now, detail="link used, over, or without its code")
        return None
    connection.execute("UPDATE login_links SET used_at = ? WHERE token_hash = ?", (stamp(now), token_hash))
    begin(connection, found[0], session, now, how="link")
    return found[0]


# --- accounts with a password ---------------------------------------------------------------------------------


def save_account(connection: sqlite3.Connection, account: Account) -> None:
    """Make or replace an account."""
    connection.execute(
        "INSERT INTO accounts (name, person_id, password_hash, totp_secret) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET password_hash = excluded.password_hash,"
        " totp_secret = excluded.totp_secret, person_id = excluded.person_id, totp_step = 0",
        (account.name, account.person, account.password_hash, account.totp_secret),
    )


def account(connection: sqlite3.Connection, name: str) -> Account | None:
    """The account of that name."""
    row = connection.execute("SELECT * FROM accounts WHERE name = ?", (name,)).fetchone()
    if row is None:
        return None
    return Account(
        name=row["name"],
        person=PersonId(row["person_id"]),
        password_hash=row["password_hash"],
        totp_secret=row["totp_secret"],
    )


def must_wait(connection: sqlite3.Connection, who: str, now: datetime) -> datetime | None:
    """Until when that name (or address) must wait after wrong passwords; None if it need not."""
    times = [
        moment(row["at"])
        for row in connection.execute(
            "SELECT at FROM login_failures WHERE who = ? AND at > ? ORDER BY at DESC", (who, stamp(now - WINDOW))
        )
    ]
    if len(times) < FAILURES:
        return None
    until = times[0] + timedelta(seconds=min(30 * 2 ** (len(times) - FAILURES), WINDOW.total_seconds()))
    return until if until > now else None


def try_login(connection: sqlite3.Connection, who: Sequence[str], now: datetime) -> bool:
    """Count a try against all of these before it is looked at; False if one of them must wait.

    Counted afterwards, a thousand tries sent at once would all be looked at.
    """
    if any(must_wait(connection, one, now) for one in who):
        return False
    connection.executemany("INSERT INTO login_failures (who, at) VALUES (?, ?)", [(one, stamp(now)) for one in who])
    return True


def enter_with_password(
    connection: sqlite3.Connection,
    name: str,
    asked_from: str,
    totp_step: int,
    session: Session,
    now: datetime,
) -> bool:
    """Begin a session for an account whose password and code were right; False if that code was used before."""
    used = connection.execute(
        "UPDATE accounts SET totp_step = ? WHERE name = ? AND totp_step < ?", (totp_step, name, totp_step)
    ).rowcount
    row = connection.execute("SELECT person_id FROM accounts WHERE name = ?", (name,)).fetchone()
    if not used or row is None:
        return False
    connection.execute("DELETE FROM login_failures WHERE who = ?", (name,))
    # Of the address only this try was right: a colleague's account must not wipe out what was tried at others.
    connection.execute(
        "DELETE FROM login_failures WHERE rowid = (SELECT max(rowid) FROM login_failures WHERE who = ?)",
        (asked_from,),
    )
    begin(connection, PersonId(row["person_id"]), session, now, how="password")
    return True


# --- sessions -------------------------------------------------------------------------------------------------


def begin(connection: sqlite3.Connection, person: PersonId, session: Session, now: datetime, *, how: str) -> None:
    """Begin a session."""
    connection.execute(
        "INSERT INTO sessions (id_hash, person_id, csrf, agent, made_at, used_at) VALUES (?, ?, ?, ?, ?, ?)",
        (session.id_hash, person, session.csrf, session.agent, stamp(now), stamp(now)),
    )
    note(connection, name_of(connection, person), "enter", now, detail=how)


def entry(connection: sqlite3.Connection, id_hash: str, now: datetime) -> Entry | None:
    """Who is behind that session; None if it is over, was ended, or its person holds no role any more."""
    row = connection.execute(
        "SELECT * FROM sessions WHERE id_hash = ? AND ended_at IS NULL AND used_at > ? AND made_at > ?",
        (id_hash, stamp(now - IDLE), stamp(now - ABSOLUTE)),
    ).fetchone()
    if row is None:
        return None
    person = PersonId(row["person_id"])
    grants = roles.of(connection, person)
    if not grants:
        return None
    return Entry(
        person=person,
        name=name_of(connection, person),
        grants=grants,
        csrf=row["csrf"],
        id_hash=id_hash,
        used_at=moment(row["used_at"]),
    )


def used(connection: sqlite3.Connection, id_hash: str, now: datetime) -> None:
    """Somebody is at this session."""
    connection.execute("UPDATE sessions SET used_at = ? WHERE id_hash = ?", (stamp(now), id_hash))


def end(connection: sqlite3.Connection, id_hash: str, by: str, now: datetime) -> bool:
    """End a session; False if it was over."""
    ended = connection.execute(
        "UPDATE sessions SET ended_at = ? WHERE id_hash = ? AND ended_at IS NULL", (stamp(now), id_hash)
    ).rowcount
    if ended:
        note(connection, by, "end-session", now)
    return bool(ended)


def end_all(connection: sqlite3.Connection, person: PersonId, now: datetime) -> None:
    """End every session of a person."""
    connection.execute(
        "UPDATE sessions SET ended_at = ? WHERE person_id = ? AND ended_at IS NULL", (stamp(now), person)
    )


def sessions(connection: sqlite3.Connection, now: datetime) -> list[Entry]:
    """Those that are open, the last used first."""
    rows = connection.execute(
        "SELECT id_hash FROM sessions WHERE ended_at IS NULL AND used_at > ? AND made_at > ? ORDER BY used_at DESC",
        (stamp(now - IDLE), stamp(now - ABSOLUTE)),
    ).fetchall()
    return [found for row in rows if (found := entry(connection, row["id_hash"], now))]


# --- the log --------------------------------------------------------------------------------------------------


def note(connection: sqlite3.Connection, actor: str, act: str, now: datetime, *, detail: str | None = None) -> None:
    """Who did what."""
    connection.execute(
        "INSERT INTO audit (at, actor, act, detail) VALUES (?, ?, ?, ?)", (stamp(now), actor or "?", act, detail)
    )


def log_lines(connection: sqlite3.Connection, actor: str, before: int | None, limit: int) -> list[LogLine]:
    """The newest first, from before that line on; with an `actor`, only theirs."""
    rows = connection.execute(
        "SELECT * FROM audit WHERE (?1 = '' OR actor = ?1) AND (?2 IS NULL OR id < ?2) ORDER BY id DESC LIMIT ?3",
        (actor, before, limit),
    )
    return [
        LogLine(id=row["id"], at=moment(row["at"]), actor=row["actor"], act=row["act"], detail=row["detail"] or "")
        for row in rows
    ]


def sweep_bounds(now: datetime) -> list[tuple[str, str, str, str]]:
    """What of all this is deleted by age: table, key, condition, bound."""
    day = stamp(now - timedelta(days=1))
    return [
        ("login_links", "token_hash", "expires < ?", day),
        ("login_failures", "rowid", "at < ?", day),
        ("sessions", "id_hash", "made_at < ?", stamp(now - timedelta(days=30))),
        ("invitations", "token_hash", "expires < ?", stamp(now - timedelta(days=30))),
    ]
