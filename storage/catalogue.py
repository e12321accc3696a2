"""The reference cards: brought in aside, swapped in one short transaction, found by their keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from bot.dialogue.messages import Card, CardHit, CardHits, CardsChanged
from bot.errors import StorageError
from storage import codec


def stage(connection: sqlite3.Connection, import_id: str, cards: Sequence[Card]) -> None:
    """Put cards aside for that import; what another import left lying goes."""
    connection.execute("DELETE FROM catalogue_staged WHERE import_id <> ?", (import_id,))
    connection.executemany(
        "INSERT OR REPLACE INTO catalogue_staged (import_id, code, name, body, keys) VALUES (?, ?, ?, ?, ?)",
        [(import_id, card.code, card.name, codec.card_body(card), " ".join(card.keys)) for card in cards],
    )


def swap(connection: sqlite3.Connection, import_id: str, count: int) -> CardsChanged:
    """Make what was put aside the catalogue; only what differs is written."""
    staged = _one(connection, "SELECT count(*) FROM catalogue_staged WHERE import_id = ?", import_id)
    if staged != count:
        raise StorageError("Một lần nhập khác đã chen vào: chưa thay gì cả. Hãy nhập lại.")
    removed = _remove(connection, "code NOT IN (SELECT code FROM catalogue_staged WHERE import_id = ?)", import_id)
    changed = _remove(
        connection,
        "EXISTS (SELECT 1 FROM catalogue_staged AS new WHERE new.import_id = ? AND new.code = catalogue.code"
        " AND (new.body, new.keys) IS NOT"
        " (catalogue.body, (SELECT keys FROM catalogue_keys WHERE rowid = catalogue.id)))",
        import_id,
    )
    same = _one(connection, "SELECT count(*) FROM catalogue")
    connection.execute(
        "INSERT INTO catalogue (code, name, body) SELECT code, name, body FROM catalogue_staged"
        " WHERE import_id = ? AND code NOT IN (SELECT code FROM catalogue)",
        (import_id,),
    )
    connection.execute(
        "INSERT INTO catalogue_keys (rowid, keys) SELECT catalogue.id, new.keys FROM catalogue"
        " JOIN catalogue_staged AS new ON new.code = catalogue.code AND new.import_id = ?"
        " WHERE catalogue.id NOT IN (SELECT rowid FROM catalogue_keys)",
        (import_id,),
    )
    connection.execute("DELETE FROM catalogue_staged")
    return CardsChanged(added=count - changed - same, changed=changed, removed=removed, same=same)


def _remove(connection: sqlite3.Connection, condition: str, import_id: str) -> int:
    """Take those cards out, with their keys; how many they were."""
    gone = f"SELECT id FROM catalogue WHERE {condition}"
    connection.execute(f"DELETE FROM catalogue_keys WHERE rowid IN ({gone})", (import_id,))
    return connection.execute(f"DELETE FROM catalogue WHERE id IN ({gone})", (import_id,)).rowcount


def _one(connection: sqlite3.Connection, sql: str, *values: str) -> int:
    return int(connection.execute(sql, values).fetchone()[0])


class SnapshotCatalogue:
    """`Catalogue` over one snapshot."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def card(self, code: str) -> Card | None:
        row = self._connection.execute("SELECT body FROM catalogue WHERE code = ?", (code,)).fetchone()
        return codec.card(row["body"]) if row else None

    def find(self, keys: Sequence[str], limit: int) -> CardHits:
        wanted = [key for key in dict.fromkeys(keys) if '"' not in key]
        marks = ", ".join("?" * len(wanted))
        having = self._connection.execute(f"SELECT term, doc FROM catalogue_having WHERE term IN ({marks})", wanted)
        counts = {row["term"]: int(row["doc"]) for row in having}
        if not counts:
            return CardHits()
        found = self._connection.execute(
            "SELECT code, name FROM catalogue_keys JOIN catalogue ON catalogue.id = catalogue_keys.rowid"
            " WHERE catalogue_keys MATCH ? ORDER BY rank LIMIT ?",
            (" OR ".join(f'"{key}"' for key in counts), limit),
        )
        hits = tuple(CardHit(row["code"], row["name"]) for row in found)
        return CardHits(hits, counts, _one(self._connection, "SELECT count(*) FROM catalogue"))
