"""Many people who take tips, and a tip that is approved: put into a database before a house opens on it."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from bot.dialogue.messages import Broadcast, BroadcastId, BroadcastState
from storage import Storage, open_storage

FIRST = 1_000_000  # the first chat's number
TIP = BroadcastId("stormtip")
TEXT = "Nhà có bé mới sinh, bác nhớ khai sinh trong 60 ngày. Ngồi nhà nộp trên mạng cũng được. Bấm nút dưới nhé."


def subscribe(folder: Path, people: int) -> range:
    """Make a database in that folder in which so many people take tips on Telegram; their chats."""
    storage = open_storage(f"sqlite:///{folder / 'camtay.db'}", folder / "hash.key")
    storage.close()
    chats = range(FIRST, FIRST + people)
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    with sqlite3.connect(folder / "camtay.db") as database:
        database.execute("PRAGMA synchronous = OFF")
        for statement in (
            "INSERT INTO persons (id, created_at) VALUES ('p' || :chat, :now)",
            "INSERT INTO addresses (channel, id, person_id) VALUES ('telegram', :chat, 'p' || :chat)",
            "INSERT INTO consents (person_id, person_hash, purpose, yes, text_version, channel, at)"
            " VALUES ('p' || :chat, 'h', 'tips', 1, '1', 'telegram', :now)",
            "INSERT INTO subscribers (person_id, channel, address_id, since)"
            " VALUES ('p' || :chat, 'telegram', :chat, :now)",
        ):
            database.executemany(statement, ({"chat": str(chat), "now": now} for chat in chats))
    return chats


def approve(folder: Path) -> None:
    """An officer has said yes to the tip in that folder; an emergency, so that the hour does not matter."""
    storage = open_storage(f"sqlite:///{folder / 'camtay.db'}", folder / "hash.key")
    now = datetime.now(UTC)
    tip = Broadcast(
        id=TIP,
        code="storm2",
        author="volunteer",
        created_at=now,
        text=TEXT,
        guide="khai-sinh",
        emergency=True,
        state=BroadcastState.APPROVED,
        approver="officer",
    )
    try:
        asyncio.run(_save(storage, tip, now))
    finally:
        storage.close()


async def _save(storage: Storage, tip: Broadcast, now: datetime) -> None:
    await storage.save_broadcast(tip, None, "test", now)
