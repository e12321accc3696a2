"""The database of a big commune after a year, for `bench/desk.py`: by chance, but always the same.

1,000,000 questions (a third waiting for an officer), 100,000 cases (a fifth waiting; threads of one to six messages,
one in ten anonymous, one in fifty merged), 1,000,000 outbox rows, as many messages that came in, a year of facts for
every procedure, place and channel, official numbers of 12 months, and what else the desk shows: appointments, calls
to make, tips with their counters, the log.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot import counting
from bot.dialogue.cases import CaseKind, CaseStatus
from bot.dialogue.messages import (
    Appointment,
    AppointmentStatus,
    Became,
    Broadcast,
    BroadcastId,
    BroadcastState,
    Errand,
    Segment,
)
from bot.figures import Month
from bot.knowledge import Knowledge
from bot.understanding.text import fold, plain, words
from storage.codec import appointment_body, broadcast_body, stamp

QUESTIONS, CASES, OUTBOX = 1_000_000, 100_000, 1_000_000
PEOPLE, APPOINTMENTS, TIPS, LOG_LINES = 40_000, 20_000, 150, 100_000
TOLD_OF_TIPS = (
    ("sent", ""),
    ("opened", ""),
    *((what, by) for what in ("started", "online", "counter") for by in ("self", "assisted")),
)
CHANNELS = ("web", "telegram", "zalo_oa")
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)

Row = tuple[Any, ...]


def seed(file: Path, knowledge: Knowledge, share: float = 1.0) -> None:
    """Fill all that the desk reads; `share`: with that part of the rows."""
    database = sqlite3.connect(file)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA cache_size = -200000")
    for fill in (_questions, _facts, _official, _people, _cases, _photos, _outbox, _appointments, _tips, _log):
        with database:
            fill(database, knowledge, share, random.Random(fill.__name__))
    database.close()


def _vocabulary(knowledge: Knowledge) -> list[str]:
    entries = knowledge.content.procedures.procedures
    return sorted({word for entry in entries for said in entry.asked_as for word in words(said)})


def _places(knowledge: Knowledge) -> list[str]:
    return ["", *(hamlet.id for hamlet in knowledge.content.locality.hamlets)]


def _questions(database: sqlite3.Connection, knowledge: Knowledge, share: float, chance: random.Random) -> None:
    vocabulary = _vocabulary(knowledge)
    wordings = [" ".join(chance.choices(vocabulary, k=chance.randint(3, 9))) for _ in range(40_000)]
    folded = [" ".join(map(plain, words(text))) for text in wordings]
    ids = list(knowledge.content.entries)
    many = int(QUESTIONS * share)

    def rows() -> Iterator[Row]:
        for n in range(many):
            nth = min(int(chance.expovariate(1 / 6000)), len(wordings) - 1)
            became = chance.choices(tuple(Became), (60, 20, 5, 15))[0]
            score, top = round(chance.random(), 3), ids[n % len(ids)]
            day = (TODAY - timedelta(days=365 * (many - n) // many)).isoformat()
            waits = became is not Became.ANSWERED or score < 0.1
            guessed = json.dumps([[top, score]])
            channel = chance.choice(CHANNELS)
            yield day, channel, wordings[nth], became, guessed, "{}", folded[nth], top, score, waits

    database.executemany(
        "INSERT INTO questions (day, channel, text, decision, candidates, evidence, folded, top, score, waits)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows(),
    )


def _facts(database: sqlite3.Connection, knowledge: Knowledge, share: float, chance: random.Random) -> None:
    kinds = [*counting.QUESTIONS, *counting.FINISHED, counting.GAVE_UP, counting.OPENED, counting.STARTED]
    kinds += [counting.PAPERS, counting.STEPS_DONE, *counting.RESULTS, *counting.RATINGS, *counting.VISIT_RATINGS]
    places = _places(knowledge)

    def rows() -> Iterator[Row]:
        for back in range(365):
            day = (TODAY - timedelta(days=back)).isoformat()
            for guide in knowledge.content.guides.values():
                steps = {step.id for way in guide.steps for step in guide.walk_steps(way)}
                own = [f"{kind}{step}" for step in sorted(steps) for kind in (counting.REACHED, counting.STUCK)]
                for kind in (*kinds, *own):
                    if chance.random() < 0.25 * share:
                        yield (
                            day,
                            kind,
                            guide.id,
                            chance.choice(places),
                            chance.choice(CHANNELS),
                            chance.randint(1, 9),
                        )

    database.executemany(
        "INSERT INTO facts (day, kind, procedure, place, channel, n) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        rows(),
    )


def _official(database: sqlite3.Connection, knowledge: Knowledge, share: float, chance: random.Random) -> None:
    for back in range(12):
        month = str(Month.of(TODAY).back(back))
        for place in range(12):
            for field in range(12):
                received = chance.randint(10, 400)
                numbers = (received, None, received // 2, received * 9 // 10, None, received // 4)
                database.execute(
                    "INSERT INTO official (month, place, field, received, resolved, online, on_time, payable,"
                    " paid_online, source, imported_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'tệp', ?)",
                    (month, f"Xã {place}", f"Lĩnh vực {field}", *numbers, stamp(NOW)),
                )


def _person(n: int) -> str:
    return f"p{n % PEOPLE}"


def _people(database: sqlite3.Connection, knowledge: Knowledge, share: float, chance: random.Random) -> None:
    database.executemany(
        "INSERT INTO persons (id, created_at) VALUES (?, ?)", [(_person(n), stamp(NOW)) for n in range(PEOPLE)]
    )
    database.executemany(
        "INSERT INTO addresses (channel, id, person_id) VALUES (?, ?, ?)",
        [(CHANNELS[n % 3], str(n), _person(n)) for n in range(PEOPLE)],
    )
    for n in range(60):  # officers and volunteers, some at their browsers
        role = ("officer", "volunteer", "admin")[n % 3]
        database.execute("INSERT INTO roles VALUES (?, ?, '', ?, 'console')", (_person(n), role, stamp(NOW)))
        database.execute("INSERT INTO staff VALUES (?, ?)", (_person(n), f"Cán bộ {n}"))
        database.execute(
            "INSERT INTO sessions (id_hash, person_id, csrf, agent, made_at, used_at) VALUES (?, ?, 'c', 'a', ?, ?)",
            (f"h{n}", _person(n), stamp(NOW), stamp(NOW)),
        )


def _cases(database: sqlite3.Connection, knowledge: Knowledge, share: float, chance: random.Random) -> None:
    vocabulary, places = _vocabulary(knowledge), _places(knowledge)
    procedures = list(knowledge.content.guides)
    heads: list[Row] = []
    threads: list[Row] = []
    found: list[Row] = []
    for n in range(int(CASES * share)):
        id_, code = chance.getrandbits(62), f"{n:08d}"
        day = TODAY - timedelta(days=chance.randint(0, 364))
        status = chance.choices(tuple(CaseStatus), (8, 12, 30, 48, 2))[0]
        anonymous = chance.random() < 0.1
        at = day.isoformat() if anonymous else f"{day.isoformat()}T03:00:00.000+00:00"
        said = [" ".join(chance.choices(vocabulary, k=chance.randint(6, 30))) for _ in range(chance.randint(1, 6))]
        heads.append(
            (
                id_,
                code,
                chance.choice(tuple(CaseKind)),
                status,
                *((None, None, None) if anonymous else (_person(n), CHANNELS[n % 3], str(n % PEOPLE))),
                chance.choice([None, *map(_person, range(3))]),
                chance.choice(procedures),
                chance.choice(places),
                "{}",
                (day + timedelta(days=3)).isoformat(),
                at,
                at,
                f"{chance.randint(0, max(n - 1, 0)):08d}" if status is CaseStatus.MERGED else None,
            )
        )
        authors = ("citizen", "officer", "note")
        threads += [
            (id_, nth, authors[(nth - 1) % 3], "x", text, at, chance.randint(1, OUTBOX) if nth % 3 == 2 else None)
            for nth, text in enumerate(said, start=1)
        ]
        found.append((id_, fold(f"gy {code}\n" + "\n".join(said))))
    database.executemany(
        "INSERT INTO cases (id, code, kind, status, person_id, channel, address_id, owner, procedure, place, context,"
        " due, opened, touched, merged_into) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        sorted(heads),
    )
    database.executemany(
        "INSERT INTO case_messages (case_id, n, author, name, words, at, outbox_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
        sorted(threads),
    )
    database.executemany("INSERT INTO case_words (rowid, words) VALUES (?, ?)", sorted(found))
    database.executemany(
        "INSERT INTO canned_answers (title, words) VALUES (?, 'lời')", [(f"Câu {n}",) for n in range(60)]
    )


def _photos(database: sqlite3.Connection, knowledge: Knowledge, share: float, chance: random.Random) -> None:
    """One on each of the first thousand cases: more than a month brings."""
    database.execute(
        "INSERT INTO photos (id, case_id, image, at) SELECT 'photo' || code, id, randomblob(90000), ? FROM cases"
        " WHERE code < '00001000'",
        (f"{TODAY.isoformat()}T03:00:00.000+00:00",),
    )


def _outbox(database: sqlite3.Connection, knowledge: Knowledge, share: float, chance: random.Random) -> None:
    """Answers that arrived, some that did not, and reminders that an officer must call about; what came in before."""
    call = json.dumps({"say": "Nhắc bác ngày mai có hẹn", "name": "bác", "only": False})
    many = int(OUTBOX * share)

    def outgoing() -> Iterator[Row]:
        for n in range(many):
            at = stamp(NOW - timedelta(seconds=30 * (many - n)))
            listed = n % 500 == 0
            state = "listed" if listed else "refused" if n % 97 == 0 else "parked" if n % 89 == 0 else "sent"
            lane = "reminder" if listed else "answer"
            over = None if state == "parked" else at
            yield (
                *(_person(n), CHANNELS[n % 3], str(n % PEOPLE), lane, "{}", at, stamp(NOW), state, at, over),
                call if listed else None,
            )

    database.executemany(
        "INSERT INTO outbox (person_id, channel, address_id, lane, priority, action, payload, not_before, expires,"
        " state, created_at, finished_at, call) VALUES (?, ?, ?, ?, 1, 'send', ?, ?, ?, ?, ?, ?, ?)",
        outgoing(),
    )
    database.executemany(
        "INSERT INTO inbox (channel, event_key, person_id, address_id, body, received_at, state, done_at)"
        " VALUES (?, ?, ?, ?, '{}', ?, ?, ?)",
        (
            (CHANNELS[n % 3], f"e{n}", _person(n), str(n % PEOPLE), at, "open" if n > many - 50 else "done", at)
            for n in range(many)
            for at in [stamp(NOW - timedelta(seconds=30 * (many - n)))]
        ),
    )


def _appointments(database: sqlite3.Connection, knowledge: Knowledge, share: float, chance: random.Random) -> None:
    procedures = list(knowledge.content.guides)
    for n in range(int(APPOINTMENTS * share)):
        one = Appointment(
            id=f"a{n}",
            errand=chance.choice(tuple(Errand)),
            touched_at=NOW,
            status=AppointmentStatus.BOOKED,
            procedure=chance.choice(procedures),
            at=NOW + timedelta(minutes=chance.randint(-60 * 24 * 300, 60 * 24 * 60)),
        )
        database.execute(
            "INSERT INTO appointments (id, person_id, procedure, errand, status, at, body, touched_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(one.id, _person(n), one.procedure, one.errand, one.status, stamp(one.at or NOW)),
                *(appointment_body(one), stamp(NOW)),
            ),
        )


def _tips(database: sqlite3.Connection, knowledge: Knowledge, share: float, chance: random.Random) -> None:
    fields = sorted({entry.field for entry in knowledge.content.procedures.procedures})
    places = _places(knowledge)
    database.executemany(
        "INSERT INTO subscribers (person_id, channel, address_id, place, topics, since) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (_person(n), CHANNELS[n % 3], str(n), chance.choice(places), f" {chance.choice(fields)} ", stamp(NOW))
            for n in range(PEOPLE)
        ],
    )
    for n in range(TIPS):
        state = BroadcastState.WAITING if n >= TIPS - 5 else BroadcastState.DONE
        one = Broadcast(
            id=BroadcastId(f"b{n}"),
            code=f"m{n:05d}",
            author=_person(1),
            created_at=NOW - timedelta(days=2 * (TIPS - n)),
            version=1,
            state=state,
            text="Từ tháng này nộp hồ sơ khai sinh trên mạng không mất lệ phí, bác nhờ con cháu bấm giúp.",
            guide="khai-sinh",
            segment=Segment(places=(places[1],)) if n % 2 else Segment(),
        )
        database.execute(
            "INSERT INTO broadcasts (id, code, author, state, version, emergency, guide, team, body, created_at,"
            " planned, fed) VALUES (?, ?, ?, ?, 1, 0, ?, '', ?, ?, ?, ?)",
            (
                *(one.id, one.code, one.author, one.state, one.guide, broadcast_body(one), stamp(one.created_at)),
                *((PEOPLE, PEOPLE) if state is BroadcastState.DONE else (0, 0)),
            ),
        )
        database.executemany(
            "INSERT INTO broadcast_tallies VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [
                (one.id, (one.created_at + timedelta(days=later)).date().isoformat(), what, by, place, channel, 3)
                for later in range(10)
                for what, by in TOLD_OF_TIPS
                for place in places
                for channel in CHANNELS
            ],
        )


def _log(database: sqlite3.Connection, knowledge: Knowledge, share: float, chance: random.Random) -> None:
    database.executemany(
        "INSERT INTO audit (at, actor, act, detail) VALUES (?, ?, 'case-answer', ?)",
        (
            (stamp(NOW - timedelta(minutes=LOG_LINES - n)), f"Cán bộ {n % 20}", f"GY-{n:08d}")
            for n in range(int(LOG_LINES * share))
        ),
    )
