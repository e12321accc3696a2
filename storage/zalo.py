"""What the Zalo doors remember: tokens, last interactions, uploaded pictures, what was spent."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from bot.dialogue.messages import Address, ZaloConsent, ZaloTokens, local_day
from storage.codec import moment, stamp


def tokens(connection: sqlite3.Connection, app: str) -> ZaloTokens | None:
    """The tokens in force; None before the first consent."""
    row = connection.execute("SELECT * FROM zalo_tokens WHERE app_id = ?", (app,)).fetchone()
    if row is None:
        return None
    return ZaloTokens(
        access=row["access"],
        refresh=row["refresh"],
        until=moment(row["until"]),
        consent_needed=row["broken_at"] is not None,
    )


def save_tokens(connection: sqlite3.Connection, app: str, found: ZaloTokens, now: datetime) -> None:
    """Keep a new pair before anybody uses it; the one before stays for whoever has to find out what happened."""
    connection.execute(
        "INSERT INTO zalo_tokens (app_id, access, refresh, until, made_at) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT (app_id) DO UPDATE SET previous_refresh = refresh, access = excluded.access,"
        " refresh = excluded.refresh, until = excluded.until, made_at = excluded.made_at, broken_at = NULL",
        (app, found.access, found.refresh, stamp(found.until), stamp(now)),
    )


def begin_consent(connection: sqlite3.Connection, app: str, consent: ZaloConsent) -> None:
    """Somebody is about to be asked; an earlier question is forgotten."""
    connection.execute(
        "INSERT OR REPLACE INTO zalo_consents (app_id, state, verifier, until) VALUES (?, ?, ?, ?)",
        (app, consent.state, consent.verifier, stamp(consent.until)),
    )


def consent(connection: sqlite3.Connection, app: str, now: datetime) -> ZaloConsent | None:
    """The consent that is being waited for."""
    row = connection.execute(
        "SELECT * FROM zalo_consents WHERE app_id = ? AND until > ?", (app, stamp(now))
    ).fetchone()
    return ZaloConsent(row["state"], row["verifier"], moment(row["until"])) if row else None


def end_consent(connection: sqlite3.Connection, app: str) -> None:
    """It was answered."""
    connection.execute("DELETE FROM zalo_consents WHERE app_id = ?", (app,))


def consent_needed(connection: sqlite3.Connection, app: str, now: datetime) -> None:
    """The refresh token is of no use any more: somebody must consent again."""
    connection.execute("UPDATE zalo_tokens SET broken_at = ? WHERE app_id = ?", (stamp(now), app))


def interacted(connection: sqlite3.Connection, address: Address, at: datetime) -> None:
    """This person did something that opens the window; an older event changes nothing."""
    connection.execute(
        "INSERT INTO zalo_windows (channel, address_id, last) SELECT channel, id, ?3 FROM addresses"
        " WHERE channel = ?1 AND id = ?2 ON CONFLICT (channel, address_id)"
        " DO UPDATE SET last = max(last, excluded.last)",
        (address.channel, address.id, stamp(at)),
    )


def last_interaction(connection: sqlite3.Connection, address: Address) -> datetime | None:
    """When this person last did something; None if never."""
    row = connection.execute(
        "SELECT last FROM zalo_windows WHERE channel = ? AND address_id = ?", (address.channel, address.id)
    ).fetchone()
    return moment(row["last"]) if row else None


def upload(connection: sqlite3.Connection, name: str, now: datetime) -> str | None:
    """The platform's id of that picture, while it is good."""
    row = connection.execute(
        "SELECT attachment_id FROM zalo_uploads WHERE name = ? AND until > ?", (name, stamp(now))
    ).fetchone()
    return row["attachment_id"] if row else None


def save_upload(connection: sqlite3.Connection, name: str, id_: str | None, until: datetime) -> None:
    """Remember the platform's id of a picture, or forget it."""
    if id_ is None:
        connection.execute("DELETE FROM zalo_uploads WHERE name = ?", (name,))
        return
    connection.execute(
        "INSERT INTO zalo_uploads (name, attachment_id, until) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
        " attachment_id = excluded.attachment_id, until = excluded.until",
        (name, id_, stamp(until)),
    )


def spend(connection: sqlite3.Connection, kind: str, dong: int, cap: int, now: datetime) -> bool:
    """Set money aside for one message; False if that would exceed the month's cap, and then nothing is."""
    month = f"{local_day(now):%Y-%m}"
    if dong + spent(connection, now) > cap:
        return False
    connection.execute(
        "INSERT INTO zalo_costs (month, kind, n, dong) VALUES (?, ?, 1, ?) ON CONFLICT (month, kind) DO UPDATE SET"
        " n = n + 1, dong = dong + excluded.dong",
        (month, kind, dong),
    )
    return True


def spent(connection: sqlite3.Connection, now: datetime) -> int:
    """What this month's messages have cost, in đồng, at most."""
    month = f"{local_day(now):%Y-%m}"
    row = connection.execute("SELECT coalesce(sum(dong), 0) FROM zalo_costs WHERE month = ?", (month,)).fetchone()
    return int(row[0])


def receipt(connection: sqlite3.Connection, platform_ids: list[str], *, seen: bool, now: datetime) -> None:
    """These messages have arrived, or were seen."""
    column = "seen_at" if seen else "received_at"
    connection.executemany(
        f"UPDATE outbox SET {column} = coalesce({column}, ?) WHERE channel = 'zalo_oa' AND platform_id = ?",
        [(stamp(now), id_) for id_ in platform_ids],
    )


def phone_at(connection: sqlite3.Connection, address: Address) -> str | None:
    """The number that the person there gave for being called back."""
    row = connection.execute(
        "SELECT phone FROM phones JOIN addresses USING (person_id) WHERE channel = ? AND addresses.id = ?",
        (address.channel, address.id),
    ).fetchone()
    return row["phone"] if row else None
