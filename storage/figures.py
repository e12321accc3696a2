"""Questions for the officers and counters for the figures: neither holds a person."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from bot.dialogue.messages import Count, KeepQuestion, local_day
from storage.codec import dump


def keep_question(connection: sqlite3.Connection, question: KeepQuestion, channel: str, now: datetime) -> None:
    """Keep a question for the officers."""
    connection.execute(
        "INSERT INTO questions (day, channel, text, decision, candidates, evidence) VALUES (?, ?, ?, ?, ?, ?)",
        (
            local_day(now).isoformat(),
            channel,
            question.text,
            question.decision,
            dump(question.candidates),
            dump(dict(question.evidence)),
        ),
    )


def count(connection: sqlite3.Connection, fact: Count, channel: str, now: datetime) -> None:
    """Add to a counter of today."""
    connection.execute(
        "INSERT INTO facts (day, kind, procedure, channel, n) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET n = n + excluded.n",
        (local_day(now).isoformat(), fact.kind, fact.procedure or "", channel, fact.n),
    )
