"""Everything that is kept. `open_storage(url)` gives the verbs; SQL and table names stay inside this package."""

from __future__ import annotations

import asyncio
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from sqlite_utils import Database

from bot.dialogue.cases import Canned, CaseFilter, CaseList, Officer, Thread
from bot.dialogue.messages import (
    Accepted,
    AcceptInvitation,
    Account,
    Address,
    AddToCase,
    AnswerCase,
    Asked,
    Audience,
    Axis,
    Became,
    Broadcast,
    BroadcastState,
    Card,
    CardsChanged,
    Carriage,
    Catalogue,
    ChooseHome,
    ChooseTips,
    Coming,
    Count,
    Delivery,
    Entry,
    Fact,
    FollowUp,
    ForgetMe,
    GiveBack,
    Grant,
    Inbound,
    Invitation,
    KeepPhoto,
    KeepQuestion,
    Lane,
    LeaveNoTrace,
    LogLine,
    MakeLoginLink,
    Official,
    OfficialChanged,
    OpenCase,
    OpenedTip,
    OpenRow,
    Outcome,
    PersonId,
    PlanReminders,
    Progress,
    Purpose,
    RecordConsent,
    Records,
    Reply,
    Role,
    SaveAppointment,
    SaveBroadcast,
    SavePhone,
    SaveWalk,
    Scope,
    Segment,
    Session,
    StaffMember,
    TakeCase,
    TakeOver,
    Tally,
    Task,
    Tell,
    Tips,
    ToCall,
    Turn,
    TypeCode,
    WantedPhoto,
    ZaloConsent,
    ZaloTokens,
)
from bot.errors import SettingsError, StorageError, VersionMoved
from storage import (
    broadcasts,
    cases,
    catalogue,
    desk,
    figures,
    inbox,
    outbox,
    people,
    photos,
    privacy,
    records,
    roles,
    zalo,
)
from storage.broadcasts import Fed
from storage.engine import Readers, Writer
from storage.migrations import migrations

P = ParamSpec("P")
T = TypeVar("T")

__all__ = ["Fed", "Snapshot", "Storage", "examine_storage", "open_storage"]


def open_storage(url: str, key_file: Path) -> Storage:
    """The storage behind `url` (`sqlite:///path`, as in SQLAlchemy), migrated to this version's schema.

    `key_file` holds the key of the hashes that survive an erasure; it is made at the first start. StorageError, in
    Vietnamese, if the file can't be used or belongs to a newer version; SettingsError for an engine we don't have.
    """
    scheme, _, rest = url.partition(":///")
    if scheme != "sqlite" or not rest:
        raise SettingsError(f"CAMTAY_DATABASE_URL: chưa hỗ trợ “{url}”. Hãy dùng dạng sqlite:///đường/dẫn/tệp.db")
    path = Path(rest)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        key = _key(key_file)
        _migrate(path)
        return Storage(path, key)
    except OSError as error:
        raise StorageError(
            f"Không ghi được vào {error.filename or path}: {error.strerror}. Kiểm tra ổ đĩa còn chỗ và quyền ghi."
        ) from error
    except sqlite3.Error as error:
        raise StorageError(
            f"Không mở được cơ sở dữ liệu {path}: {error}. Kiểm tra quyền ghi, ổ đĩa còn chỗ,"
            " hoặc khôi phục từ bản sao lưu."
        ) from error


def examine_storage(url: str) -> str | None:
    """A sentence in Vietnamese on the health of the database; None if there is none yet. It is only read.

    StorageError if it is damaged or can't be read.
    """
    path = Path(url.partition(":///")[2])
    if not path.exists():
        return None
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
        try:
            (told,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise StorageError(f"Không đọc được cơ sở dữ liệu {path}: {error}.") from error
    if told != "ok":
        raise StorageError(f"Cơ sở dữ liệu {path} bị hỏng: {told}.")
    return f"Cơ sở dữ liệu {path} lành lặn, {path.stat().st_size / 2**20:.1f} MB."


def _key(file: Path) -> bytes:
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return file.read_bytes()
    with os.fdopen(handle, "wb") as fresh:
        fresh.write(key := secrets.token_bytes(32))
    return key


def _migrate(path: Path) -> None:
    for attempt in (1, 2):
        connection = sqlite3.connect(path, timeout=5)
        try:
            database = Database(connection)
            if newer := {m.name for m in migrations.applied(database)} - _known_names():
                raise StorageError(
                    f"Cơ sở dữ liệu {path} thuộc bản mới hơn ({', '.join(sorted(newer))})."
                    " Hãy cập nhật chương trình, hoặc dùng lại đúng bản đã tạo ra nó."
                )
            migrations.apply(database)
            return
        except sqlite3.OperationalError:
            # Two processes may start at once; whoever comes second finds the tables made.
            if attempt == 2:
                raise
        finally:
            connection.close()


def _known_names() -> set[str]:
    return {migration.name for migration in migrations.pending(Database(memory=True))}


class Snapshot:
    """One state of the database, for one turn. Used in a worker thread, inside `Storage.snapshot()`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def oldest_open(self, person: PersonId) -> OpenRow | None:
        """This person's next message to answer."""
        return inbox.next_open(self._connection, person)

    def records(self, person: PersonId) -> Records:
        """What may be read about this person."""
        return cases.CaseRecords(self._connection, person)

    def catalogue(self) -> Catalogue:
        """The reference cards."""
        return catalogue.SnapshotCatalogue(self._connection)

    def tips(self, person: PersonId, carriages: Mapping[str, Carriage], now: datetime) -> Tips:
        """What this person may read about tips; `carriages`: the channels that tips go by."""
        return broadcasts.SnapshotTips(self._connection, person, carriages, now)


class Storage:
    """The verbs. Each write is one short transaction, on disk when the call returns."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._key = key
        self._writer = Writer(path)
        self._readers = Readers(path)

    async def _write(
        self, job: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self._writer.submit(lambda connection: job(connection, *args, **kwargs))

    async def _read(
        self, job: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        def read() -> T:
            with self._readers.snapshot() as connection:
                return job(connection, *args, **kwargs)

        return await asyncio.to_thread(read)

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """One state of the database, whatever is written meanwhile."""
        with self._readers.snapshot() as connection:
            yield Snapshot(connection)

    # --- in ---------------------------------------------------------------------------------------------------

    async def accept(self, event: Inbound, now: datetime) -> Accepted:
        """Write down what came in; after this nothing loses it. An event known already is recognised."""
        event_key = privacy.keyed_hash(self._key, event.event_id)
        # A platform that waits too long for our word sends again: what comes in goes before what goes out.
        return await self._writer.submit(
            lambda connection: inbox.accept(connection, event, event_key, now), urgent=True
        )

    async def set_aside(self, channel: str, event_id: str, body: str, now: datetime) -> None:
        """Keep an event that nobody can read, for the one who mends it. `body` holds nothing personal."""
        event_key = privacy.keyed_hash(self._key, event_id)
        await self._write(inbox.set_aside, channel, event_key, body, now)

    async def unreachable(self, address: Address, now: datetime) -> None:
        """The person there has blocked us: nothing goes to them until they write again."""
        await self._write(people.unreachable, address, now)

    async def people_waiting(self, scope: Scope) -> list[PersonId]:
        """Those with unanswered messages, the longest waiting first."""
        return await self._read(inbox.people_waiting, scope)

    async def oldest_open_age(self, now: datetime) -> float:
        """For how many seconds the oldest unanswered message has waited; 0 if there is none."""
        since = await self._read(inbox.oldest_open)
        return max((now - since).total_seconds(), 0.0) if since else 0.0

    async def tried(self, seq: int, error: str) -> None:
        """One more try at this message failed."""
        await self._write(inbox.tried, seq, error)

    # --- a turn -----------------------------------------------------------------------------------------------

    async def save_turn(
        self, turn: Turn, outcome: Outcome, now: datetime, sender: str, *, aside: bool = False
    ) -> tuple[Delivery, ...]:
        """Carry out what the turn decided: together, or not at all.

        Returns its replies, leased to `sender`, but for those that must wait behind an earlier one. `aside` marks a
        message that we could not handle. VersionMoved if the conversation changed since the turn was loaded.
        """
        return await self._write(self._save_turn, turn, outcome, now, sender, aside)

    def _save_turn(
        self,
        connection: sqlite3.Connection,
        turn: Turn,
        outcome: Outcome,
        now: datetime,
        sender: str,
        aside: bool,
    ) -> tuple[Delivery, ...]:
        if records.version(connection, turn.person) != turn.conversation.version:
            raise VersionMoved("the conversation moved")
        if not inbox.close(connection, turn.seq, now, aside=aside):
            raise VersionMoved("the message is answered already")
        forget = next((effect for effect in outcome.effects if isinstance(effect, ForgetMe)), None)
        if forget:
            privacy.forget(connection, turn.person, turn.seq, self._key, now)
        else:
            records.save_conversation(connection, turn.person, outcome.conversation, now)
        for effect in outcome.effects:
            self._carry_out(connection, turn, effect, now)
        # Nothing may overtake an earlier reply that has to wait: then these wait behind it, to be claimed in turn.
        leased_to = None if outbox.blocked(connection, turn.inbound.address, sender) else sender
        put = self._put_replies(connection, turn, outcome.replies, now, leased_to, nobody=forget is not None)
        if forget:
            privacy.note_erasure(connection, forget.receipt, [delivery.id for delivery in put], now)
        for effect in outcome.effects:
            if isinstance(effect, LeaveNoTrace):
                ids = [delivery.id for delivery in put]
                cases.leave_no_trace(connection, turn.person, turn.seq, effect, ids, now)
        return tuple(put) if leased_to else ()

    def _carry_out(  # noqa: PLR0912 - one case an effect
        self, connection: sqlite3.Connection, turn: Turn, effect: object, now: datetime
    ) -> None:
        channel = turn.inbound.address.channel
        match effect:
            case SaveWalk(walk=walk):
                broadcasts.walked(connection, turn.person, walk, channel, now)
                broadcasts.no_follow_up(connection, walk.id, now)
                records.save_walk(connection, turn.person, walk)
            case SaveAppointment(appointment=appointment):
                records.save_appointment(connection, turn.person, appointment)
            case SavePhone(phone=phone):
                records.save_phone(connection, turn.person, phone, now)
            case ChooseHome(place=place):
                people.choose_home(connection, turn.person, place or "")
                cases.home_chosen(connection, turn.person, place or "")
            case PlanReminders():
                outbox.plan(connection, turn.person, turn.inbound.address, effect, now)
            case AcceptInvitation(token_hash=token):
                if not desk.accept(connection, turn.person, token, now):
                    raise VersionMoved("the invitation was used meanwhile")
            case MakeLoginLink(token_hash=token):
                desk.make_link(connection, token, turn.person, now, trusted=False)
            case TypeCode(code_hash=code):
                desk.type_code(connection, turn.person, code, now)
            case KeepQuestion():
                figures.keep_question(connection, effect, channel, now)
            case Count():
                figures.count(connection, effect, channel, now)
            case RecordConsent():
                person_hash = privacy.keyed_hash(self._key, turn.person)
                records.record_consent(connection, turn.person, person_hash, effect, channel, now)
                if effect.purpose is Purpose.TIPS:
                    broadcasts.consented(connection, turn.person, turn.inbound.address, yes=effect.yes, now=now)
            case ChooseTips() | OpenedTip() | SaveBroadcast() | Tell() | FollowUp():
                self._carry_out_tip(connection, turn, effect, now)
            case KeepPhoto(code=code, media=media):
                photos.keep(connection, secrets.token_urlsafe(16), code, turn.inbound.address, media, now)
            case OpenCase() | AddToCase() | TakeCase() | AnswerCase() | TakeOver() | GiveBack():
                cases.carry_out(connection, turn.person, turn.inbound.address, effect, now)
            case ForgetMe() | LeaveNoTrace():
                pass  # the one is done before everything else, the other after it
            case _:
                raise TypeError(f"no one carries out {type(effect).__name__}")

    def _carry_out_tip(
        self,
        connection: sqlite3.Connection,
        turn: Turn,
        effect: ChooseTips | OpenedTip | SaveBroadcast | Tell | FollowUp,
        now: datetime,
    ) -> None:
        address = turn.inbound.address
        match effect:
            case ChooseTips(subscription=chosen):
                broadcasts.choose(connection, turn.person, address, chosen)
            case OpenedTip(broadcast=id_):
                broadcasts.opened(connection, turn.person, id_, address.channel, now)
            case SaveBroadcast(broadcast=one, act=act):
                self._save_broadcast(connection, one, turn.person, act, now)
            case Tell():
                self._tell(connection, effect, turn, now)
            case FollowUp(walk=walk, reply=reply, at=at):
                broadcasts.follow_up(connection, turn.person, address, walk, reply, at, turn.seq, now)

    def _save_broadcast(
        self, connection: sqlite3.Connection, one: Broadcast, by: str | None, act: str, now: datetime
    ) -> Broadcast:
        saved = broadcasts.save(connection, one, now)
        connection.execute(
            "INSERT INTO audit (at, actor, act, subject_hash, detail) VALUES (?, ?, ?, ?, ?)",
            (
                now.astimezone(UTC).isoformat(timespec="milliseconds"),
                privacy.keyed_hash(self._key, by) if by else "clock",
                f"tip-{act}",
                None,
                one.id,
            ),
        )
        return saved

    @staticmethod
    def _tell(connection: sqlite3.Connection, told: Tell, turn: Turn, now: datetime) -> None:
        people_ = [PersonId(told.person)] if told.person else []
        if told.role:
            people_ += roles.having(connection, told.role, told.places)
        for place, person in enumerate(dict.fromkeys(people_)):
            address = people.usual_address(connection, person)
            if address and person != turn.person:
                outbox.put(
                    connection,
                    person=person,
                    address=address,
                    reply=told.reply,
                    now=now,
                    lane=Lane.ANSWER,
                    dedupe_key=f"tell:{turn.seq}:{place}:{person}",
                )

    def _put_replies(
        self,
        connection: sqlite3.Connection,
        turn: Turn,
        replies: tuple[Reply, ...],
        now: datetime,
        leased_to: str | None,
        *,
        nobody: bool,
    ) -> list[Delivery]:
        address, event = turn.inbound.address, turn.inbound.event_id
        deliveries = []
        for place, reply in enumerate(replies):
            id_ = outbox.put(
                connection,
                person=None if nobody else turn.person,
                address=address,
                reply=reply,
                now=now,
                re=event,
                dedupe_key=f"turn:{turn.seq}:{place}",
                sender=leased_to,
            )
            if id_ is None:
                continue
            if reply.slot:  # it may have become an edit
                deliveries.append(outbox.delivery(connection, id_))
            else:
                deliveries.append(Delivery(id=id_, address=address, lane=Lane.REPLY, reply=reply, re=event, at=now))
        return deliveries

    # --- out --------------------------------------------------------------------------------------------------

    async def put(
        self,
        person: PersonId,
        address: Address,
        reply: Reply,
        now: datetime,
        *,
        purpose: Purpose | None = None,
        not_before: datetime | None = None,
        expires: datetime | None = None,
        dedupe_key: str | None = None,
    ) -> int | None:
        """Queue a message of our own accord; None if this `dedupe_key` was queued before. With a `purpose` it leaves
        only if the person's last word on that purpose is yes at that time."""
        return await self._write(
            outbox.put,
            person=person,
            address=address,
            reply=reply,
            now=now,
            lane=Lane.REMINDER,
            purpose=purpose,
            not_before=not_before,
            expires=expires,
            dedupe_key=dedupe_key,
        )

    async def claim(
        self, scope: Scope, sender: str, now: datetime, limit: int = 100, bulk: int = 100
    ) -> tuple[Delivery, ...]:
        """Lease what is due in this scope: at most `limit`, of which at most `bulk` reminders and tips."""
        return await self._write(outbox.claim, scope, sender, now, limit, bulk)

    async def sent(self, delivery: Delivery, sender: str, platform_id: str | None, now: datetime) -> bool:
        """It arrived. False if the lease is no longer this sender's."""
        return await self._write(outbox.sent, delivery.id, sender, platform_id, now)

    async def later(self, delivery: Delivery, sender: str, not_before: datetime, error: str) -> bool:
        """Not now: try again from `not_before`."""
        return await self._write(outbox.later, delivery.id, sender, not_before, error)

    async def refused(
        self, delivery: Delivery, sender: str, error: str, now: datetime, *, gone: bool = False
    ) -> bool:
        """It never will arrive; `gone`: nothing will, until this person writes again."""
        return await self._write(outbox.refused, delivery.id, sender, error, now, gone=gone)

    async def unclear(self, delivery: Delivery, sender: str, error: str, now: datetime) -> bool:
        """Nobody knows whether it arrived."""
        return await self._write(outbox.unclear, delivery.id, sender, error, now)

    async def park(self, delivery: Delivery, sender: str) -> bool:
        """It lies at the door until its person fetches it."""
        return await self._write(outbox.park, delivery.id, sender)

    async def acknowledge(self, address: Address, last: int, now: datetime) -> int:
        """The person at that address has everything up to the delivery `last`."""
        return await self._write(outbox.acknowledge, address, last, now)

    async def since(self, address: Address, after: int, limit: int = 100) -> tuple[Delivery, ...]:
        """What went there after the delivery `after`, or is on its way: the newest `limit`, oldest first."""
        return await self._read(outbox.since, address, after, limit)

    async def newest_delivery(self) -> int:
        """The highest id ever given to a delivery."""
        return await self._read(outbox.newest)

    async def give_back(self, deliveries: list[Delivery], sender: str) -> None:
        """These were not begun: queue them again."""
        await self._write(outbox.give_back, [delivery.id for delivery in deliveries], sender)

    async def waiting(self, scope: Scope) -> int:
        """How many messages of this scope are not final yet."""
        return await self._read(outbox.waiting, scope)

    async def reclaim(self, scope: Scope, sender: str, now: datetime, *, all_others: bool = False) -> int:
        """Queue again what a sender left behind; with `all_others` also what others hold by a valid lease."""
        return await self._write(outbox.reclaim, scope, sender, now, all_others=all_others)

    async def take_lease(
        self, scope: Scope, sender: str, now: datetime, ttl: timedelta, *, steal: bool = False
    ) -> bool:
        """Become, or stay, the only sender of this scope."""
        return await self._write(outbox.take_lease, scope, sender, now, ttl, steal=steal)

    async def drop_lease(self, scope: Scope, sender: str) -> None:
        await self._write(outbox.drop_lease, scope, sender)

    # --- appointments, and whom to call ------------------------------------------------------------------------

    async def coming(self, start: datetime, end: datetime, limit: int = 200) -> list[Coming]:
        """Appointments booked from `start` until before `end`, the earliest first."""
        return await self._read(records.coming, start, end, limit)

    async def call_list(self, limit: int = 200, places: Sequence[str] | None = None) -> list[ToCall]:
        """What no message could bring and nobody has called about yet, the longest waiting first. `places`: only of
        people who live there, or who did not say where."""
        return await self._read(outbox.call_list, limit, places)

    async def called(self, id_: int, by: str, now: datetime) -> bool:
        """Note that somebody has called; False if that was noted before."""
        return await self._write(outbox.called, id_, by, now)

    async def fates(self, lane: Lane) -> dict[str, int]:
        """How many messages of that lane are in each state: what was due is the sum of all."""
        return await self._read(outbox.fates, lane)

    # --- roles ------------------------------------------------------------------------------------------------

    async def grant(self, person: PersonId, given: Grant, by: str, now: datetime) -> None:
        """Give a person a role; given before, it stays as it was. `by`: who gave it, as the log names them."""
        await self._write(roles.grant, person, given, by, now)

    async def revoke(self, person: PersonId, given: Grant) -> bool:
        """Take a role back; False if it was not held."""
        return await self._write(roles.revoke, person, given)

    async def people_with(self, role: Role, places: Sequence[str] | None = None) -> list[PersonId]:
        """Who holds that role everywhere or for all of these places, the longest first; with None, at all."""
        return await self._read(roles.having, role, places)

    async def places_in_use(self) -> set[str]:
        """The hamlets, by their ids, in which somebody chose to live or for which somebody holds a role."""
        return await self._read(people.places_in_use)

    # --- the desk ---------------------------------------------------------------------------------------------

    async def invite(self, token_hash: str, invited: Invitation, by: str, now: datetime) -> None:
        """Keep a one-time invitation, for seven days."""
        await self._write(desk.invite, token_hash, invited, by, now)

    async def invitations(self, now: datetime) -> list[Invitation]:
        """Those still open, the newest first."""
        return await self._read(desk.invitations, now)

    async def staff(self) -> list[StaffMember]:
        """Everybody who holds a role, by name."""
        return await self._read(desk.staff)

    async def add_member(self, person: PersonId, name: str, given: Grant, by: str, now: datetime) -> None:
        """A member of staff without a chat."""
        await self._write(desk.member, person, name, given, by, now)

    async def make_login_link(self, token_hash: str, person: PersonId, now: datetime) -> None:
        """A way in made on the server's own console: it needs no code."""
        await self._write(desk.make_link, token_hash, person, now, trusted=True)

    async def login_link(self, token_hash: str, now: datetime) -> tuple[PersonId, bool] | None:
        """Whose link it is and whether it needs no code; None if it leads nowhere (any more)."""
        return await self._read(desk.link, token_hash, now)

    async def show_code(self, token_hash: str, browser_hash: str, code_hash: str, now: datetime) -> bool:
        """Remember the code shown in that browser; False if the link leads nowhere."""
        return await self._write(desk.show_code, token_hash, browser_hash, code_hash, now)

    async def enter(self, token_hash: str, browser_hash: str, session: Session, now: datetime) -> PersonId | None:
        """Use up a link whose code was typed, and begin a session; None if it can't be used."""
        return await self._write(desk.enter, token_hash, browser_hash, session, now)

    async def save_account(self, account: Account) -> None:
        """Make or replace an account with a password."""
        await self._write(desk.save_account, account)

    async def account(self, name: str) -> Account | None:
        """The account of that name."""
        return await self._read(desk.account, name)

    async def try_login(self, who: Sequence[str], now: datetime) -> bool:
        """Count a try of a name and from an address, before it is looked at; False if one of them must wait."""
        return await self._write(desk.try_login, who, now)

    async def enter_with_password(
        self, name: str, asked_from: str, totp_step: int, session: Session, now: datetime
    ) -> bool:
        """Begin a session for an account whose password and code were right; False if the code was used before."""
        return await self._write(desk.enter_with_password, name, asked_from, totp_step, session, now)

    async def entry(self, id_hash: str, now: datetime) -> Entry | None:
        """Who is behind that session; None if it is over."""
        return await self._read(desk.entry, id_hash, now)

    async def session_used(self, id_hash: str, now: datetime) -> None:
        """Somebody is at this session."""
        await self._write(desk.used, id_hash, now)

    async def end_session(self, id_hash: str, by: str, now: datetime) -> bool:
        """End a session; False if it was over."""
        return await self._write(desk.end, id_hash, by, now)

    async def sessions(self, now: datetime) -> list[Entry]:
        """Those that are open, the last used first."""
        return await self._read(desk.sessions, now)

    async def note(self, actor: str, act: str, now: datetime, detail: str | None = None) -> None:
        """Write into the log who did what."""
        await self._write(desk.note, actor, act, now, detail=detail)

    async def log_lines(self, actor: str = "", before: int | None = None, limit: int = 100) -> list[LogLine]:
        """The log, the newest first, from before that line on; with an `actor`, only theirs."""
        return await self._read(desk.log_lines, actor, before, limit)

    # --- Zalo -------------------------------------------------------------------------------------------------

    async def zalo_tokens(self, app: str) -> ZaloTokens | None:
        """The tokens in force; None before the first consent."""
        return await self._read(zalo.tokens, app)

    async def save_zalo_tokens(self, app: str, found: ZaloTokens, now: datetime) -> None:
        """Keep a new pair, before anybody uses it."""
        await self._write(zalo.save_tokens, app, found, now)

    async def zalo_consent_needed(self, app: str, now: datetime) -> None:
        """The refresh token is of no use any more."""
        await self._write(zalo.consent_needed, app, now)

    # --- photos -----------------------------------------------------------------------------------------------

    async def stands_at(self, address: Address, task: Task, state: str) -> bool:
        """True if the conversation there is about that task, and stands there in it."""
        return await self._read(records.stands_at, address, task, state)

    async def upload_photo(self, address: Address, image: bytes, now: datetime) -> str:
        """Keep a photo that a page sent, until a turn says what for; its id."""
        id_ = secrets.token_urlsafe(16)
        await self._write(photos.upload, id_, address, image, now)
        return id_

    async def photos_wanted(self) -> list[WantedPhoto]:
        """Photos still to be fetched from their platforms."""
        return await self._read(photos.wanted)

    async def photo_fetched(self, id_: str, image: bytes) -> None:
        """It is here, as a JPEG made anew."""
        await self._write(photos.fetched, id_, image)

    async def photo_failed(self, id_: str, *, final: bool) -> bool:
        """It could not be had; True if it is given up now."""
        return await self._write(photos.failed, id_, final=final)

    async def photo(self, code: str, id_: str, officer: Officer, now: datetime) -> bytes | None:
        """A photo of that case, for an officer who may see the case."""
        return await self._read(cases.photo, code, id_, officer, now)

    async def begin_zalo_consent(self, app: str, consent: ZaloConsent) -> None:
        """Somebody is about to be asked for their consent, instead of whoever was before."""
        await self._write(zalo.begin_consent, app, consent)

    async def zalo_consent(self, app: str, now: datetime) -> ZaloConsent | None:
        """The consent that is being waited for; None if there is none, or no longer."""
        return await self._read(zalo.consent, app, now)

    async def end_zalo_consent(self, app: str) -> None:
        """Its answer has come: it can't be used again."""
        await self._write(zalo.end_consent, app)

    async def interacted(self, address: Address, at: datetime) -> None:
        """This person did something that lets us write to them."""
        await self._writer.submit(lambda connection: zalo.interacted(connection, address, at), urgent=True)

    async def last_interaction(self, address: Address) -> datetime | None:
        """When this person last did something of that kind."""
        return await self._read(zalo.last_interaction, address)

    async def zalo_upload(self, name: str, now: datetime) -> str | None:
        """The platform's id of that picture, while it is good."""
        return await self._read(zalo.upload, name, now)

    async def save_zalo_upload(self, name: str, id_: str | None, until: datetime) -> None:
        """Remember the platform's id of a picture, or forget it."""
        await self._write(zalo.save_upload, name, id_, until)

    async def spend(self, kind: str, dong: int, cap: int, now: datetime) -> bool:
        """Set money aside for one message; False if the month's cap forbids it."""
        return await self._write(zalo.spend, kind, dong, cap, now)

    async def zalo_spent(self, now: datetime) -> int:
        """What this month's messages have cost, in đồng, at most."""
        return await self._read(zalo.spent, now)

    async def receipt(self, platform_ids: list[str], now: datetime, *, seen: bool) -> None:
        """These messages have arrived, or were seen."""
        await self._write(zalo.receipt, platform_ids, seen=seen, now=now)

    async def channel_use(self, channel: str, since: datetime) -> tuple[int, int]:
        """How many people are known there, and how many messages went to them since then."""
        return await self._read(people.channel_use, channel, since)

    async def phone_at(self, address: Address) -> str | None:
        """The number that the person there gave for being called back."""
        return await self._read(zalo.phone_at, address)

    async def erase(self, address: Address, now: datetime) -> bool:
        """Erase the person there on the platform's word (a data subject's right); False if nobody is known there."""
        return await self._write(privacy.erase_at, address, self._key, now)

    # --- cases ------------------------------------------------------------------------------------------------

    async def cases(self, wanted: CaseFilter, officer: Officer, after: str = "") -> CaseList:
        """A page of the cases that this officer may see; `after` is what the page before said."""
        return await self._read(cases.listed, wanted, officer, after)

    async def case_counts(self, officer: Officer, today: date) -> Mapping[str, int]:
        """How many they may see by status, and of those that wait: "overdue" and "mine"."""
        return await self._read(cases.counts, officer, today)

    async def case(self, code: str, officer: Officer, now: datetime) -> Thread | None:
        """That case with its thread; None if it is not there or not this officer's to see."""
        return await self._read(cases.thread, code, officer, now)

    async def answer_case(
        self,
        code: str,
        words: str,
        officer: Officer,
        reply_for: Callable[[str], Reply],
        now: datetime,
        until: datetime | None = None,
    ) -> bool:
        """Answer; `reply_for` words what goes to whom, by the code of their case. With `until`, a takeover of this
        officer's goes on until then. False, here and below, if the case is not there or not theirs to see."""
        return await self._write(cases.answer, code, words, officer, reply_for, now, until)

    async def note_case(self, code: str, words: str, officer: Officer, now: datetime) -> bool:
        """A word among officers."""
        return await self._write(cases.note, code, words, officer, now)

    async def assign_case(self, code: str, to: Officer | None, officer: Officer, now: datetime) -> bool:
        """Give it to somebody, or to nobody."""
        return await self._write(cases.assign, code, to, officer, now)

    async def close_case(self, code: str, officer: Officer, now: datetime) -> bool:
        """Nothing more is to be done."""
        return await self._write(cases.close, code, officer, now)

    async def reopen_case(self, code: str, officer: Officer, due: date, now: datetime) -> bool:
        """Something is, until `due`."""
        return await self._write(cases.reopen, code, officer, due, now)

    async def merge_cases(self, code: str, into: str, officer: Officer, now: datetime) -> bool:
        """The one is about the same as the other; its citizen gets the other's answers."""
        return await self._write(cases.merge, code, into, officer, now)

    async def take_over(self, code: str, officer: Officer, until: datetime, told: Reply, now: datetime) -> bool:
        """This officer answers its citizen instead of the bot; False also if it is anonymous."""
        return await self._write(cases.take_over, code, officer, until, told, now)

    async def hand_back(self, code: str, officer: Officer, told: Reply, now: datetime) -> bool:
        """The bot answers again; False also if nobody had taken over."""
        return await self._write(cases.give_back, code, officer, told, now)

    async def answered_elsewhere(
        self, address: Address, words: str, officer: Officer, new: OpenCase, until: datetime, now: datetime
    ) -> bool:
        """An officer wrote to the person there from the platform's own console: the bot leaves them alone until then.
        `new` is the case that this opens where there is none; False if nobody is known there."""
        return await self._write(cases.answered_elsewhere, address, words, officer, new, until, now)

    async def end_takeovers(self, told: Reply, now: datetime) -> int:
        """End those whose time is over, and say so to their citizens; how many."""
        return await self._write(cases.end_takeovers, told, now)

    async def canned_answers(self) -> tuple[Canned, ...]:
        """The answers kept ready, by title."""
        return await self._read(cases.canned)

    async def keep_canned(self, title: str, words: str, officer: Officer, now: datetime) -> int:
        """Keep an answer ready under that title; its id."""
        return await self._write(cases.keep_canned, title, words, officer, now)

    async def drop_canned(self, id_: int, officer: Officer, now: datetime) -> bool:
        """It is no longer needed."""
        return await self._write(cases.drop_canned, id_, officer, now)

    # --- tips -------------------------------------------------------------------------------------------------

    async def broadcast(self, id_: str) -> Broadcast | None:
        """That broadcast; None if there is none."""
        return await self._read(broadcasts.of, id_)

    async def broadcast_by_code(self, code: str) -> Broadcast | None:
        """The one that carries this code, without the mark before it; None if there is none."""
        return await self._read(broadcasts.by_code, code)

    async def broadcasts(self, *states: BroadcastState) -> list[Broadcast]:
        """Those in one of these states, the newest first; at most 50."""
        return await self._read(broadcasts.listed, states)

    async def save_broadcast(self, one: Broadcast, by: str | None, act: str, now: datetime) -> Broadcast:
        """Keep it as it now stands, with a line in the audit log. VersionMoved if it changed since it was read.
        `by`: a person, or None for time itself."""
        return await self._write(self._save_broadcast, one, by, act, now)

    async def audience(self, segment: Segment, carriages: Mapping[str, Carriage], now: datetime) -> Audience:
        """Whom the segment reaches now."""
        return await self._read(broadcasts.audience, segment, carriages, now)

    async def begin_broadcast(self, one: Broadcast, now: datetime) -> Broadcast:
        """Begin to send it, or go on after a pause; `one` says so already. VersionMoved if it changed."""
        planned, last = await self._read(broadcasts.size, one.segment)
        return await self._write(broadcasts.begin, one, planned, last, now)

    async def feed_broadcast(
        self,
        id_: str,
        reply: Reply,
        carriages: Mapping[str, Carriage],
        weekly: int,
        now: datetime,
        limit: int,
    ) -> Fed:
        """Hand the next people of a broadcast to the outbox: at most `limit`. `weekly`: tips a person may get in
        seven days."""
        return await self._write(broadcasts.feed, id_, reply, carriages, weekly, now, limit)

    async def take_back(self, id_: str, reply: Reply, now: datetime, limit: int, *, deletes: bool) -> Fed:
        """Take back the next messages of a recalled broadcast."""
        return await self._write(broadcasts.take_back, id_, reply, deletes=deletes, now=now, limit=limit)

    async def waiting_of(self, id_: str) -> int:
        """How many messages of that broadcast lie in the outbox."""
        return await self._read(broadcasts.waiting, id_)

    async def progress(self, id_: str) -> Progress:
        """How far that broadcast has come, and what it came to."""
        return await self._read(broadcasts.progress, id_)

    async def campaign(self, since: date, until: date) -> list[tuple[str, Tally]]:
        """What tips came to between these days, both included: the team, and its counters."""
        return await self._read(broadcasts.campaign, since, until)

    async def tell(self, person: str, reply: Reply, now: datetime, key: str) -> None:
        """A word to someone who works with us, where they were last heard; once for each `key`."""
        await self._write(self._tell_one, PersonId(person), reply, now, key)

    @staticmethod
    def _tell_one(connection: sqlite3.Connection, person: PersonId, reply: Reply, now: datetime, key: str) -> None:
        if address := people.usual_address(connection, person):
            outbox.put(
                connection, person=person, address=address, reply=reply, now=now, lane=Lane.ANSWER, dedupe_key=key
            )

    # --- reference cards ----------------------------------------------------------------------------------------

    async def stage_cards(self, import_id: str, cards: Sequence[Card]) -> None:
        """Put cards aside for that import. What an import that died had put aside goes."""
        await self._write(catalogue.stage, import_id, cards)

    async def swap_cards(self, import_id: str, count: int) -> CardsChanged:
        """Make the cards put aside the catalogue, all of it. StorageError if they are not `count` (any more)."""
        return await self._write(catalogue.swap, import_id, count)

    # --- figures ----------------------------------------------------------------------------------------------

    async def months(
        self, since: str, until: str, axis: Axis | None = None, *, by_month: bool = False, steps: bool = False
    ) -> list[Fact]:
        """The figures of the months since … until (2026-11, both included), by kind and by the values of that axis;
        each month for itself or all together; with or without what is counted for each step of a guide."""
        return await self._read(figures.months, since, until, axis, by_month=by_month, steps=steps)

    async def months_of(self, since: str, until: str, axis: Axis, value: str) -> list[Fact]:
        """The figures of each of these months, by kind, for one procedure, place or channel."""
        return await self._read(figures.months_of, since, until, axis, value)

    async def days(self, since: date, until: date) -> list[Fact]:
        """The figures of each of the days since … until, both included, by kind."""
        return await self._read(figures.days, since, until)

    async def official(self, since: str, until: str) -> list[Official]:
        """The commune's official numbers of the months since … until, both included."""
        return await self._read(figures.official, since, until)

    async def keep_official(self, rows: Sequence[Official], source: str, by: str, now: datetime) -> OfficialChanged:
        """Keep these official numbers in the place of what was known of the same month, place and field. `by`: who
        brought them, for the log."""
        return await self._write(figures.keep_official, rows, source, by, now)

    async def waiting_questions(self, since: date, became: Became | None = None, limit: int = 300) -> list[Asked]:
        """Questions of the days since then that wait for an officer's look, what was asked most first."""
        return await self._read(figures.waiting, since, became, limit)

    async def find_questions(self, words: Sequence[str], limit: int = 100) -> list[Asked]:
        """Those of them that have all these words; without marks, and the last may be only begun."""
        return await self._read(figures.find, words, limit)

    async def questions_looked_at(self, folded: Sequence[str], by: str, what: str, now: datetime) -> int:
        """Somebody has looked at these: how many rows wait no more. `by` and `what` go to the audit log."""
        return await self._write(figures.looked_at, folded, by, what, now)

    # --- forgetting -------------------------------------------------------------------------------------------

    async def scrub(self, now: datetime) -> int:
        """Finish erasures: receipts go, and what they and the erased left in the write-ahead log."""
        done = await self._write(privacy.scrub, now)
        if done:
            await asyncio.to_thread(self._truncate_log)
        return done

    def _truncate_log(self) -> None:
        with self._readers.borrowed() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def sweep(self, now: datetime) -> int:
        """Delete what has been kept long enough; how many rows went."""
        total = 0
        while swept := await self._write(privacy.sweep, now):
            total += swept
        return total

    def close(self) -> None:
        """Finish what is being written, then let go of the file."""
        self._writer.close()
        self._readers.close()
