"""The history of the schema. Each change is applied with its record in one transaction, and never edited later.

Times are ISO 8601 in UTC with milliseconds, so that they sort as text. JSON columns are UTF-8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_utils.migrations import Migrations

if TYPE_CHECKING:
    from sqlite_utils import Database

migrations = Migrations("camtay")


@migrations()
def core(db: Database) -> None:
    """People, what they said, what we answer, and the figures."""
    for statement in _CORE.split(";\n"):
        if statement.strip():
            db.execute(statement)


@migrations()
def catalogue(db: Database) -> None:
    """Reference cards of the national database, and what they are found by."""
    for statement in _CATALOGUE.split(";\n"):
        if statement.strip():
            db.execute(statement)


@migrations()
def roles(db: Database) -> None:
    """Who may do what."""
    for statement in _ROLES.split(";\n"):
        if statement.strip():
            db.execute(statement)


@migrations()
def figures(db: Database) -> None:
    """What the officers' figures and the list of what was not understood are read from."""
    for statement in _FIGURES.split(";\n"):
        if statement.strip():
            db.execute(statement)


_FIGURES = """
-- what an officer looks through: folded is the text without marks, top the best candidate; waits is 1 until somebody
-- looked
ALTER TABLE questions ADD COLUMN folded TEXT NOT NULL DEFAULT '';
ALTER TABLE questions ADD COLUMN top TEXT NOT NULL DEFAULT '';
ALTER TABLE questions ADD COLUMN score REAL NOT NULL DEFAULT 0;
ALTER TABLE questions ADD COLUMN waits INTEGER NOT NULL DEFAULT 0;
-- all that the page of waiting questions reads, so that it need not open the rows
CREATE INDEX questions_waiting ON questions(decision, day, folded, top, score) WHERE waits = 1;
CREATE INDEX questions_alike ON questions(folded) WHERE waits = 1;

-- words of the questions; rowid is questions.id
CREATE VIRTUAL TABLE questions_found USING fts5(folded, content = 'questions', content_rowid = 'id');
CREATE TRIGGER questions_come AFTER INSERT ON questions WHEN new.folded <> '' BEGIN
 INSERT INTO questions_found (rowid, folded) VALUES (new.id, new.folded); END;
CREATE TRIGGER questions_go AFTER DELETE ON questions WHEN old.folded <> '' BEGIN
 INSERT INTO questions_found (questions_found, rowid, folded) VALUES ('delete', old.id, old.folded); END;

-- the same figures by month, kept by the database itself: for everything together (axis ''), and for each procedure,
-- place and channel. A year of them is few rows, so that the desk's pages are quick
CREATE TABLE facts_monthly (
    axis TEXT NOT NULL CHECK (axis IN ('', 'procedure', 'place', 'channel')),
    value TEXT NOT NULL,
    month TEXT NOT NULL,
    kind TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (axis, month, value, kind)
) WITHOUT ROWID;
INSERT INTO facts_monthly SELECT '', '', substr(day, 1, 7), kind, sum(n) FROM facts GROUP BY 3, 4;
INSERT INTO facts_monthly SELECT 'procedure', procedure, substr(day, 1, 7), kind, sum(n) FROM facts GROUP BY 2, 3, 4;
INSERT INTO facts_monthly SELECT 'place', place, substr(day, 1, 7), kind, sum(n) FROM facts GROUP BY 2, 3, 4;
INSERT INTO facts_monthly SELECT 'channel', channel, substr(day, 1, 7), kind, sum(n) FROM facts GROUP BY 2, 3, 4;
CREATE TRIGGER facts_come AFTER INSERT ON facts BEGIN
 INSERT INTO facts_monthly (axis, value, month, kind, n) VALUES
 ('', '', substr(new.day, 1, 7), new.kind, new.n),
 ('procedure', new.procedure, substr(new.day, 1, 7), new.kind, new.n),
 ('place', new.place, substr(new.day, 1, 7), new.kind, new.n),
 ('channel', new.channel, substr(new.day, 1, 7), new.kind, new.n)
 ON CONFLICT DO UPDATE SET n = n + excluded.n; END;
CREATE TRIGGER facts_grow AFTER UPDATE OF n ON facts BEGIN
 UPDATE facts_monthly SET n = n + new.n - old.n WHERE month = substr(new.day, 1, 7) AND kind = new.kind
 AND (axis, value) IN
 (VALUES ('', ''), ('procedure', new.procedure), ('place', new.place), ('channel', new.channel)); END;

-- what the commune itself reports each month; resolved and payable are NULL where the report does not tell them
CREATE TABLE official (
    month TEXT NOT NULL,
    place TEXT NOT NULL,
    field TEXT NOT NULL DEFAULT '',
    received INTEGER NOT NULL,
    resolved INTEGER,
    online INTEGER NOT NULL,
    on_time INTEGER NOT NULL,
    payable INTEGER,
    paid_online INTEGER NOT NULL,
    source TEXT NOT NULL,
    imported_at TEXT NOT NULL,
    PRIMARY KEY (month, place, field)
) WITHOUT ROWID;
"""


@migrations()
def tips(db: Database) -> None:
    """Who takes tips, the broadcasts, and what became of them."""
    for statement in _TIPS.split(";\n"):
        if statement.strip():
            db.execute(statement)
    for trigger in _TIP_TRIGGERS:
        db.execute(trigger)


_TIPS = """
-- who takes tips, exactly while their last word on that purpose is yes, and what they chose: a hamlet, and ids of
-- fields with a space around each; '' is what they left open. id is the order in which a broadcast goes through them
CREATE TABLE subscribers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    person_id TEXT NOT NULL UNIQUE REFERENCES persons(id) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    address_id TEXT NOT NULL,
    place TEXT NOT NULL DEFAULT '',
    topics TEXT NOT NULL DEFAULT '',
    since TEXT NOT NULL
);

-- a tip or an emergency notice; nobody's name is in it, author and approver are ids (hashes after an erasure).
-- Its people are never listed: cursor runs through subscribers up to last, and feeds the outbox as it empties
CREATE TABLE broadcasts (
    id TEXT PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    author TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    emergency INTEGER NOT NULL,
    guide TEXT,
    team TEXT NOT NULL DEFAULT '',
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    cursor INTEGER NOT NULL DEFAULT 0,
    last INTEGER,
    planned INTEGER NOT NULL DEFAULT 0,
    fed INTEGER NOT NULL DEFAULT 0,
    taken_back INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX broadcasts_by_state ON broadcasts(state, created_at);

-- the report of a broadcast: counters without a person, so that they survive retention and erasure
CREATE TABLE broadcast_tallies (
    broadcast TEXT NOT NULL,
    day TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '',
    place TEXT NOT NULL DEFAULT '',
    channel TEXT NOT NULL DEFAULT '',
    n INTEGER NOT NULL,
    PRIMARY KEY (broadcast, day, what, detail, place, channel)
) WITHOUT ROWID;

-- who pressed the button of a tip: so that each counts once, and a dossier counts as filed after a tip. Kept 30 days
CREATE TABLE tip_opens (
    person_id TEXT NOT NULL REFERENCES persons(id) ON DELETE CASCADE,
    broadcast TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    PRIMARY KEY (person_id, broadcast)
) WITHOUT ROWID;
CREATE INDEX tip_opens_age ON tip_opens(opened_at);

ALTER TABLE outbox ADD COLUMN broadcast TEXT;
CREATE INDEX outbox_of_broadcast ON outbox(broadcast, id) WHERE broadcast IS NOT NULL;
CREATE INDEX outbox_broadcast_waits ON outbox(broadcast) WHERE broadcast IS NOT NULL
    AND state IN ('queued', 'leased');
"""

# Every way in which a row of a broadcast can end is counted, whoever ends it: so the sums of a report add up.
_COUNT_IN = """
    INSERT INTO broadcast_tallies (broadcast, day, what, detail, channel, n) VALUES ({row}.broadcast, {day},
        iif({row}.edits IS NULL, {state}, 'taken-back'), iif({row}.edits IS NULL, {why}, {state}), {row}.channel, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
"""
_TIP_SEEN = (
    "CREATE TRIGGER tip_seen AFTER UPDATE OF seen_at ON outbox WHEN NEW.broadcast IS NOT NULL AND NEW.edits IS NULL"
    " AND OLD.seen_at IS NULL AND NEW.seen_at IS NOT NULL BEGIN"
    " INSERT INTO broadcast_tallies (broadcast, day, what, channel, n)"
    " VALUES (NEW.broadcast, date(NEW.seen_at, '+7 hours'), 'seen', NEW.channel, 1)"
    " ON CONFLICT DO UPDATE SET n = n + 1; END"
)
_TIP_TRIGGERS = (
    "CREATE TRIGGER tip_ended AFTER UPDATE OF state ON outbox WHEN NEW.broadcast IS NOT NULL"
    " AND OLD.state IN ('queued', 'leased', 'parked') AND NEW.state NOT IN ('queued', 'leased', 'parked') BEGIN"
    + _COUNT_IN.format(
        row="NEW",
        day="date(NEW.finished_at, '+7 hours')",
        state="NEW.state",
        why="iif(NEW.state = 'sent', '', substr(coalesce(NEW.error, ''), 1, 60))",
    )
    + "END",
    "CREATE TRIGGER tip_erased AFTER DELETE ON outbox WHEN OLD.broadcast IS NOT NULL"
    " AND OLD.state IN ('queued', 'leased', 'parked') BEGIN"
    + _COUNT_IN.format(row="OLD", day="date(OLD.created_at, '+7 hours')", state="'cancelled'", why="'erased'")
    + "END",
)

_ROLES = """
-- what a person may do beside asking for themselves; place '' is everywhere that this installation serves
CREATE TABLE roles (
    person_id TEXT NOT NULL REFERENCES persons(id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('volunteer', 'officer', 'admin')),
    place TEXT NOT NULL DEFAULT '',
    granted_at TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    PRIMARY KEY (person_id, role, place)
) WITHOUT ROWID;
CREATE INDEX roles_by_role ON roles(role, granted_at);
"""


@migrations()
def appointments(db: Database) -> None:
    """Appointments, their reminders, and whom an officer calls instead."""
    for statement in _APPOINTMENTS.split(";\n"):
        if statement.strip():
            db.execute(statement)


@migrations()
def desk(db: Database) -> None:
    """Entering the desk."""
    for statement in _DESK.split(";\n"):
        if statement.strip():
            db.execute(statement)


@migrations()
def zalo(db: Database) -> None:
    """What the Zalo doors remember."""
    for statement in _ZALO.split(";\n"):
        if statement.strip():
            db.execute(statement)


@migrations()
def cases(db: Database) -> None:
    """What citizens leave for a human, and officers answering instead of the bot."""
    for statement in _CASES.split(";\n"):
        if statement.strip():
            db.execute(statement)


_CASES = """
-- what a citizen leaves for a human. id is random, so that the order of rows tells no time. An anonymous case has no
-- person and no address, and of its times only the day
CREATE TABLE cases (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('question', 'suggestion', 'complaint', 'praise', 'content')),
    status TEXT NOT NULL CHECK (status IN ('new', 'open', 'answered', 'closed', 'merged')),
    person_id TEXT REFERENCES persons(id) ON DELETE CASCADE,
    channel TEXT,
    address_id TEXT,
    owner TEXT,
    owner_name TEXT NOT NULL DEFAULT '',
    procedure TEXT NOT NULL DEFAULT '',
    step TEXT NOT NULL DEFAULT '',
    walk TEXT,
    place TEXT NOT NULL DEFAULT '',
    stars INTEGER,
    context TEXT NOT NULL,
    due TEXT NOT NULL,
    opened TEXT NOT NULL,
    touched TEXT NOT NULL,
    merged_into TEXT
);
CREATE INDEX cases_due ON cases(status, due, id);
CREATE INDEX cases_of_owner ON cases(owner, status, due);
CREATE INDEX cases_of_kind ON cases(kind, status, due);
CREATE INDEX cases_of_place ON cases(place, status, due, owner);
CREATE INDEX cases_of_person ON cases(person_id, opened);
CREATE INDEX cases_merged ON cases(merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX cases_age ON cases(touched);
-- its thread, in order
CREATE TABLE case_messages (
    case_id INTEGER NOT NULL REFERENCES cases(id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    author TEXT NOT NULL CHECK (author IN ('citizen', 'officer', 'note')),
    name TEXT NOT NULL,
    words TEXT NOT NULL,
    at TEXT NOT NULL,
    outbox_id INTEGER,
    PRIMARY KEY (case_id, n)
) WITHOUT ROWID;
-- all its words without marks, to be searched; rowid is cases.id
CREATE VIRTUAL TABLE case_words USING fts5(words, tokenize = "unicode61", prefix = "2 3");
CREATE TRIGGER case_words_go AFTER DELETE ON cases BEGIN DELETE FROM case_words WHERE rowid = old.id; END;
-- an officer answers this person instead of the bot
CREATE TABLE takeovers (
    person_id TEXT PRIMARY KEY REFERENCES persons(id) ON DELETE CASCADE,
    case_id INTEGER NOT NULL REFERENCES cases(id) ON DELETE CASCADE,
    officer TEXT NOT NULL,
    name TEXT NOT NULL,
    until TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX takeovers_of_case ON takeovers(case_id);
CREATE INDEX takeovers_until ON takeovers(until);
-- replies about anonymous cases that are still on their way; their payload is replaced once they have arrived
CREATE TABLE traces (
    outbox_id INTEGER PRIMARY KEY,
    payload TEXT NOT NULL,
    until TEXT NOT NULL
);
CREATE TABLE canned_answers (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL UNIQUE,
    words TEXT NOT NULL
);
"""


@migrations()
def tips_seen(db: Database) -> None:
    """Tips that somebody has seen, where a platform tells."""
    db.execute(_TIP_SEEN)


@migrations()
def homes(db: Database) -> None:
    """Where people live, as far as they chose to have it remembered: of the person, no longer of their tips."""
    for statement in _HOMES.split(";\n"):
        if statement.strip():
            db.execute(statement)


_HOMES = """
-- the id of a hamlet that the person chose themselves; '' is what nobody told us. Segments of tips, cases, figures
-- and the list of calls take it from here
ALTER TABLE persons ADD COLUMN home TEXT NOT NULL DEFAULT '';
UPDATE persons SET home = (SELECT place FROM subscribers WHERE person_id = persons.id)
 WHERE id IN (SELECT person_id FROM subscribers WHERE place <> '');
ALTER TABLE subscribers DROP COLUMN place;
CREATE INDEX persons_of_home ON persons(home) WHERE home <> '';
"""


_ZALO = """
-- the pair in force for an app; a refresh token is good once. broken_at: somebody must consent again
CREATE TABLE zalo_tokens (
    app_id TEXT PRIMARY KEY,
    access TEXT NOT NULL,
    refresh TEXT NOT NULL,
    until TEXT NOT NULL,
    made_at TEXT NOT NULL,
    previous_refresh TEXT,
    broken_at TEXT
) WITHOUT ROWID;
-- when a person last did something that lets us write to them
CREATE TABLE zalo_windows (
    channel TEXT NOT NULL,
    address_id TEXT NOT NULL,
    last TEXT NOT NULL,
    PRIMARY KEY (channel, address_id),
    FOREIGN KEY (channel, address_id) REFERENCES addresses(channel, id) ON DELETE CASCADE
) WITHOUT ROWID;
-- pictures that were handed in for sending
CREATE TABLE zalo_uploads (
    name TEXT PRIMARY KEY,
    attachment_id TEXT NOT NULL,
    until TEXT NOT NULL
) WITHOUT ROWID;
-- what messages cost at most, by month and kind
CREATE TABLE zalo_costs (
    month TEXT NOT NULL,
    kind TEXT NOT NULL,
    n INTEGER NOT NULL,
    dong INTEGER NOT NULL,
    PRIMARY KEY (month, kind)
) WITHOUT ROWID;
-- what platforms tell of our messages afterwards
ALTER TABLE outbox ADD COLUMN received_at TEXT;
ALTER TABLE outbox ADD COLUMN seen_at TEXT;
CREATE INDEX outbox_by_platform_id ON outbox(platform_id) WHERE channel = 'zalo_oa';
"""

_DESK = """
-- what a member of staff is called at the desk and in the log
CREATE TABLE staff (
    person_id TEXT PRIMARY KEY REFERENCES persons(id) ON DELETE CASCADE,
    name TEXT NOT NULL
) WITHOUT ROWID;
-- one-time invitations to a role
CREATE TABLE invitations (
    token_hash TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    place TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL,
    made_at TEXT NOT NULL,
    made_by TEXT NOT NULL,
    expires TEXT NOT NULL,
    used_at TEXT,
    used_by TEXT
) WITHOUT ROWID;
-- a way in: the link goes into the chat, the page behind it shows a code, the code goes into the chat
CREATE TABLE login_links (
    token_hash TEXT PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES persons(id) ON DELETE CASCADE,
    made_at TEXT NOT NULL,
    expires TEXT NOT NULL,
    trusted INTEGER NOT NULL DEFAULT 0,
    wrong INTEGER NOT NULL DEFAULT 0,
    used_at TEXT
) WITHOUT ROWID;
CREATE INDEX login_links_of_person ON login_links(person_id, expires);
CREATE TABLE login_codes (
    token_hash TEXT NOT NULL REFERENCES login_links(token_hash) ON DELETE CASCADE,
    browser_hash TEXT NOT NULL,
    code_hash TEXT NOT NULL,
    confirmed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (token_hash, browser_hash)
) WITHOUT ROWID;
-- the second way in: name, password (argon2id) and a time-based code; totp_step is the last one used
CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES persons(id) ON DELETE CASCADE,
    password_hash TEXT NOT NULL,
    totp_secret TEXT NOT NULL,
    totp_step INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX accounts_of_person ON accounts(person_id);
CREATE TABLE login_failures (
    who TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE INDEX login_failures_of ON login_failures(who, at);
CREATE TABLE sessions (
    id_hash TEXT PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES persons(id) ON DELETE CASCADE,
    csrf TEXT NOT NULL,
    agent TEXT NOT NULL,
    made_at TEXT NOT NULL,
    used_at TEXT NOT NULL,
    ended_at TEXT
) WITHOUT ROWID;
CREATE INDEX sessions_of_person ON sessions(person_id);
"""

_APPOINTMENTS = """
-- a day on which somebody goes to an office, or on which a result is due
CREATE TABLE appointments (
    id TEXT PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES persons(id) ON DELETE CASCADE,
    procedure TEXT,
    errand TEXT NOT NULL,
    status TEXT NOT NULL,
    at TEXT,
    body TEXT NOT NULL,
    touched_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX appointments_of_person ON appointments(person_id, at);
CREATE INDEX appointments_at ON appointments(at, status);
CREATE INDEX appointments_age ON appointments(touched_at);

-- a telephone number that a person gave for being called back, kept while their consent ('phone') is a yes
CREATE TABLE phones (
    person_id TEXT PRIMARY KEY REFERENCES persons(id) ON DELETE CASCADE,
    phone TEXT NOT NULL,
    at TEXT NOT NULL
) WITHOUT ROWID;

-- a reminder also holds what is said if it is too late (payload of a reply), what an officer says by telephone
-- instead ({say, name, only}; such a row can end as 'listed'), and whether they have called
ALTER TABLE outbox ADD COLUMN late TEXT;
ALTER TABLE outbox ADD COLUMN call TEXT;
ALTER TABLE outbox ADD COLUMN about TEXT;
ALTER TABLE outbox ADD COLUMN called_at TEXT;
ALTER TABLE outbox ADD COLUMN called_by TEXT;
CREATE INDEX outbox_listed ON outbox(called_at, not_before) WHERE state = 'listed';
CREATE INDEX outbox_reminding ON outbox(person_id, not_before)
    WHERE state = 'queued' AND lane = 'reminder' AND about IS NOT NULL;
"""

_CATALOGUE = """
-- a procedure of the national database that one can look up
CREATE TABLE catalogue (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    body TEXT NOT NULL
);
-- pairs of words of its name, joined by "_"; rowid is catalogue.id
CREATE VIRTUAL TABLE catalogue_keys USING fts5(keys, tokenize = "unicode61 tokenchars '_'");
CREATE VIRTUAL TABLE catalogue_having USING fts5vocab(catalogue_keys, row);
-- cards on their way in: nobody reads them before all are there
CREATE TABLE catalogue_staged (
    import_id TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    keys TEXT NOT NULL,
    PRIMARY KEY (import_id, code)
) WITHOUT ROWID;
"""

_CORE = """
-- a person, and the addresses they are reached at
CREATE TABLE persons (
    id TEXT PRIMARY KEY,
    created_at TEXT NOT NULL,
    unreachable_at TEXT
) WITHOUT ROWID;
CREATE TABLE addresses (
    channel TEXT NOT NULL,
    id TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES persons(id) ON DELETE CASCADE,
    PRIMARY KEY (channel, id)
) WITHOUT ROWID;
CREATE INDEX addresses_of_person ON addresses(person_id);

-- what was said, once; seq is the order in which it was accepted, the only order there is.
-- event_key is a keyed hash, so that a repeat is still known after its person was erased (body and person_id NULL)
CREATE TABLE inbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    event_key TEXT NOT NULL,
    person_id TEXT,
    address_id TEXT,
    body TEXT,
    received_at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'aside')),
    attempts INTEGER NOT NULL DEFAULT 0,
    done_at TEXT,
    error TEXT,
    UNIQUE (channel, event_key)
);
CREATE INDEX inbox_of_person ON inbox(person_id, seq);
CREATE INDEX inbox_next ON inbox(person_id, seq) WHERE state = 'open';
CREATE INDEX inbox_open ON inbox(channel, address_id, person_id) WHERE state = 'open';
CREATE INDEX inbox_age ON inbox(received_at);

-- what is remembered between two messages
CREATE TABLE conversations (
    person_id TEXT PRIMARY KEY REFERENCES persons(id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    used_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX conversations_age ON conversations(used_at);

-- a person's way through one dossier
CREATE TABLE walks (
    id TEXT PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES persons(id) ON DELETE CASCADE,
    procedure TEXT NOT NULL,
    status TEXT NOT NULL,
    body TEXT NOT NULL,
    started_at TEXT NOT NULL,
    touched_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX walks_of_person ON walks(person_id, touched_at);
CREATE INDEX walks_age ON walks(touched_at);

-- the one way out. person_id is NULL for the receipt of an erasure; a parked row waits for its person to fetch it
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    person_id TEXT REFERENCES persons(id) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    address_id TEXT NOT NULL,
    lane TEXT NOT NULL,
    priority INTEGER NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('send', 'edit', 'delete')),
    edits INTEGER,
    slot TEXT,
    payload TEXT NOT NULL,
    purpose TEXT,
    re TEXT,
    dedupe_key TEXT UNIQUE,
    not_before TEXT NOT NULL,
    expires TEXT NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('queued', 'leased', 'parked',
            'sent', 'listed', 'cancelled', 'expired', 'refused', 'unknown')),
    attempts INTEGER NOT NULL DEFAULT 0,
    maybe_repeated INTEGER NOT NULL DEFAULT 0,
    lease_owner TEXT,
    lease_until TEXT,
    platform_id TEXT,
    error TEXT,
    created_at TEXT NOT NULL,
    finished_at TEXT
);
CREATE INDEX outbox_due ON outbox(channel, priority, not_before, id) WHERE state = 'queued';
CREATE INDEX outbox_leased ON outbox(channel, lease_until) WHERE state = 'leased';
CREATE INDEX outbox_waiting ON outbox(channel, address_id, id) WHERE state IN ('queued', 'leased');
CREATE INDEX outbox_of_person ON outbox(person_id, id);
CREATE INDEX outbox_parked ON outbox(expires) WHERE state = 'parked';
CREATE INDEX outbox_at ON outbox(channel, address_id, id);
CREATE INDEX outbox_age ON outbox(finished_at) WHERE finished_at IS NOT NULL;

-- one sender per scope: a channel, or one address of it
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    until TEXT NOT NULL
) WITHOUT ROWID;

-- yes and no, for each purpose; only ever added to. After an erasure only person_hash remains, as proof
CREATE TABLE consents (
    id INTEGER PRIMARY KEY,
    person_id TEXT,
    person_hash TEXT NOT NULL,
    purpose TEXT NOT NULL,
    yes INTEGER NOT NULL,
    text_version TEXT NOT NULL,
    channel TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE INDEX consents_of_person ON consents(person_id, purpose, id);

-- what people asked, masked and without its person, for the officers
CREATE TABLE questions (
    id INTEGER PRIMARY KEY,
    day TEXT NOT NULL,
    channel TEXT NOT NULL,
    text TEXT NOT NULL,
    decision TEXT NOT NULL,
    candidates TEXT NOT NULL,
    evidence TEXT NOT NULL
);
CREATE INDEX questions_age ON questions(day, decision);

-- the figures: written with the turn, no person in them, so that they survive retention and erasure
CREATE TABLE facts (
    day TEXT NOT NULL,
    kind TEXT NOT NULL,
    procedure TEXT NOT NULL DEFAULT '',
    place TEXT NOT NULL DEFAULT '',
    channel TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (day, kind, procedure, place, channel)
) WITHOUT ROWID;

-- who did what; subjects as keyed hashes
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    subject_hash TEXT,
    detail TEXT
);
CREATE INDEX audit_age ON audit(at);

-- erasures whose last traces (the receipt, the write-ahead log) are still to be scrubbed
CREATE TABLE erasures (
    receipt TEXT PRIMARY KEY,
    requested_at TEXT NOT NULL,
    first_outbox INTEGER NOT NULL,
    last_outbox INTEGER NOT NULL
) WITHOUT ROWID;
"""


@migrations()
def zalo_consents(db: Database) -> None:
    """Consents that were asked for and not yet given."""
    db.execute(_ZALO_CONSENTS)


_ZALO_CONSENTS = """
-- what the admin's browser must bring back, and what its code is exchanged with; one at a time, good until then
CREATE TABLE zalo_consents (
    app_id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    verifier TEXT NOT NULL,
    until TEXT NOT NULL
) WITHOUT ROWID
"""


@migrations()
def online_after_tips(db: Database) -> None:
    """The figures of campaigns read only what was submitted online."""
    db.execute(_ONLINE_AFTER_TIPS)


_ONLINE_AFTER_TIPS = """
CREATE INDEX tallies_online ON broadcast_tallies(day, broadcast, detail, place, n) WHERE what = 'online'
"""


@migrations()
def photos(db: Database) -> None:
    """Photos of screens that do not look like the guide."""
    for statement in _PHOTOS.split(";\n"):
        if statement.strip():
            db.execute(statement)


_PHOTOS = """
-- a photo belongs to a case (NULL: uploaded, and not yet said what for) and is made anew as JPEG; until it is
-- fetched, media is what the platform calls it and channel, address_id tell who sent it. Kept for 30 days
CREATE TABLE photos (
    id TEXT PRIMARY KEY,
    case_id INTEGER REFERENCES cases(id) ON DELETE CASCADE,
    channel TEXT,
    address_id TEXT,
    media TEXT,
    image BLOB,
    tries INTEGER NOT NULL DEFAULT 0,
    at TEXT NOT NULL
);
CREATE INDEX photos_of_case ON photos(case_id);
CREATE INDEX photos_wanted ON photos(at) WHERE media IS NOT NULL
"""
