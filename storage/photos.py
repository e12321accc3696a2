"""Photos of a screen that does not look like the guide: asked for, fetched, made anew, kept for a month.

What a platform keeps is fetched later (`media` names it there); what a page uploads is here at once and waits for the
case that it belongs to. Nothing else that people send is ever fetched.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from bot.dialogue.cases import Photo
from bot.dialogue.messages import Address, WantedPhoto
from storage.codec import moment, stamp

KEPT = timedelta(days=30)
UPLOAD_WAITS = timedelta(hours=1)  # for the case that it belongs to
TRIES = 3
AT_ONCE = 10


def upload(connection: sqlite3.Connection, id_: str, address: Address, image: bytes, now: datetime) -> None:
    """A page has sent it; the turn that follows says what for."""
    connection.execute(
        "INSERT INTO photos (id, channel, address_id, image, at) VALUES (?, ?, ?, ?, ?)",
        (id_, address.channel, address.id, image, stamp(now)),
    )


def keep(connection: sqlite3.Connection, id_: str, code: str, address: Address, media: str, now: datetime) -> None:
    """It belongs to that case. `media` is the id of an upload of the same address, or a platform's own name of it."""
    case = connection.execute("SELECT id FROM cases WHERE code = ? AND person_id IS NOT NULL", (code,)).fetchone()
    if case is None:  # an anonymous case keeps no photo: a screen tells too much
        return
    uploaded = connection.execute(
        "UPDATE photos SET case_id = ?, channel = NULL, address_id = NULL WHERE id = ? AND case_id IS NULL"
        " AND channel = ? AND address_id = ?",
        (case["id"], media, address.channel, address.id),
    )
    if uploaded.rowcount == 0:
        connection.execute(
            "INSERT INTO photos (id, case_id, channel, address_id, media, at) VALUES (?, ?, ?, ?, ?, ?)",
            (id_, case["id"], address.channel, address.id, media, stamp(now)),
        )


def wanted(connection: sqlite3.Connection) -> list[WantedPhoto]:
    """Those still to be fetched, the oldest first."""
    rows = connection.execute(
        "SELECT photos.id, photos.channel, media, code, person_id FROM photos JOIN cases ON cases.id = case_id"
        f" WHERE media IS NOT NULL ORDER BY tries, at LIMIT {AT_ONCE}"
    ).fetchall()
    return [WantedPhoto(row["id"], row["channel"], row["media"], row["code"], row["person_id"]) for row in rows]


def fetched(connection: sqlite3.Connection, id_: str, image: bytes) -> None:
    """It is here; where it came from is forgotten."""
    connection.execute(
        "UPDATE photos SET image = ?, media = NULL, channel = NULL, address_id = NULL WHERE id = ?", (image, id_)
    )


def failed(connection: sqlite3.Connection, id_: str, *, final: bool) -> bool:
    """It could not be had. True if that was the last try: then it is given up."""
    connection.execute("UPDATE photos SET tries = tries + 1 WHERE id = ?", (id_,))
    given_up = connection.execute("DELETE FROM photos WHERE id = ? AND (? OR tries >= ?)", (id_, final, TRIES))
    return given_up.rowcount == 1


def of_case(connection: sqlite3.Connection, case_id: int) -> list[Photo]:
    """Those of a case and of what was merged into it, the oldest first."""
    rows = connection.execute(
        "SELECT photos.id, at, image IS NOT NULL AS here FROM photos JOIN cases ON cases.id = case_id"
        " WHERE case_id = ?1 OR merged_into = (SELECT code FROM cases WHERE id = ?1) ORDER BY at, photos.id",
        (case_id,),
    ).fetchall()
    return [Photo(id=row["id"], at=moment(row["at"]), here=bool(row["here"])) for row in rows]


def image(connection: sqlite3.Connection, id_: str) -> bytes | None:
    """The JPEG itself."""
    row = connection.execute("SELECT image FROM photos WHERE id = ?", (id_,)).fetchone()
    return bytes(row["image"]) if row and row["image"] else None


def sweep(connection: sqlite3.Connection, now: datetime) -> int:
    """Delete what is old, and uploads that nobody said a word about."""
    return connection.execute(
        "DELETE FROM photos WHERE at < ? OR (case_id IS NULL AND at < ?)",
        (stamp(now - KEPT), stamp(now - UPLOAD_WAITS)),
    ).rowcount
