"""The words that every part of the house shares: what came in, what goes out, what a turn decides.

Everything here is frozen and free of I/O. Times are aware datetimes in UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NewType, Protocol
from zoneinfo import ZoneInfo

from bot.dialogue.cases import Case, CaseKind, Draft, Officer, Takeover, Thread

if TYPE_CHECKING:
    from bot.dialogue.payloads import Action
    from bot.knowledge import Knowledge
    from bot.understanding import Understood

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")

PersonId = NewType("PersonId", str)
WalkId = NewType("WalkId", str)


def local_day(at: datetime) -> date:
    """The day it is then in Vietnam. ValueError for a naive time."""
    if at.tzinfo is None:
        raise ValueError("naive time")
    return at.astimezone(LOCAL).date()


WAKE, SLEEP = time(7), time(21)  # in Vietnam; between SLEEP and WAKE nothing leaves of our own accord


def awake(at: datetime) -> datetime:
    """That time, or seven in the morning after it if people sleep then (21:00 to 07:00 in Vietnam)."""
    local = at.astimezone(LOCAL)
    if WAKE <= local.time() < SLEEP:
        return at
    day = local.date() + timedelta(days=local.time() >= SLEEP)
    return datetime.combine(day, WAKE, LOCAL).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person can be reached: a door's name and the id that this door knows them by."""

    channel: str
    id: str


class InboundKind(StrEnum):
    """What sort of thing came in."""

    TEXT = "text"
    PRESS = "press"  # a button, whose payload we made ourselves
    START = "start"  # the conversation was opened, perhaps by a deep link
    OTHER = "other"  # a sticker, a voice note, a picture: something we can't read; its payload is an `Other`


class Other(StrEnum):
    """What people send beside words. None of it is fetched or kept, but for a photo that was asked for."""

    PICTURE = "picture"
    FILE = "file"
    VOICE = "voice"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """One thing that a person said or pressed, as a door understood it.

    A text may have come with something else (`payload` is then an `Other`).

    `text` is masked and may be stored; `raw` is what was typed. `raw` lives in memory for the turn alone: it is
    never stored, logged or shown, and after a restart it is None.
    """

    address: Address
    event_id: str
    kind: InboundKind = InboundKind.TEXT
    text: str = ""
    payload: str | None = None
    public: bool = False  # said where others read along: public facts only
    media: str | None = None  # what the platform calls a picture that came; fetched only if it was asked for
    raw: str | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Something a person can press, or say: its number, its label, or one of its `words`."""

    label: str
    payload: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A small text file that goes with a reply, such as an appointment for the calendar (.ics)."""

    name: str
    media_type: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One message to one person.

    Replies of one `slot` replace one another where a platform can edit (a checklist being ticked); elsewhere they
    follow one another.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    image: str | None = None  # name of a picture of content
    image_alt: str | None = None  # what it shows
    slot: str | None = None
    page: str | None = None  # path on the commune's site where the same stands, to be read at ease or printed
    file: Attachment | None = None  # something to keep on one's own device
    wants_photo: bool = False  # a picture may be sent now, where a page must offer that


class Task(StrEnum):
    """What a person's conversation can be about. Each has its own table of moves in `states.py`."""

    TALK = "talk"
    WALK = "walk"
    APPOINTMENT = "appointment"
    ERASE = "erase"
    CASE = "case"
    TIP = "tip"  # words about a tip: writing one, sending one back, or asking whether one is true


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """Which task the next words belong to, and where in it the person stands."""

    task: Task = Task.TALK
    state: str = "idle"
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What is remembered between two messages, beside the records (walks …) that have ids of their own."""

    version: int = 0
    focus: Focus = Focus()
    offered: tuple[Button, ...] = ()  # the choices of the last turn's last reply; digits mean these
    welcomed: bool = False  # the privacy notice was given
    topic: str | None = None  # the procedure or FAQ topic last spoken of, for "thế phí bao nhiêu?"
    misses: int = 0  # questions in a row that were not understood
    draft: Draft | None = None  # what is being written to a human, while that is in focus


class WalkStatus(StrEnum):
    """How a walk ended, or that it has not yet."""

    OPEN = "open"
    ONLINE = "online"  # submitted online
    COUNTER = "counter"  # submitted at the counter
    GAVE_UP = "gave-up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """One person's way through one dossier. All ids in it are the permanent ids of the guide."""

    id: WalkId
    procedure: str
    state: str
    started_at: datetime
    touched_at: datetime
    status: WalkStatus = WalkStatus.OPEN
    label: str | None = None  # for whom, in the helper's own words
    answers: Mapping[str, str] = field(default_factory=dict)  # question id -> option id
    ticks: frozenset[str] = frozenset()  # ids of papers at hand
    step: str | None = None  # id of the step last shown
    trail: tuple[str, ...] = ()  # ids of the steps before it in the guide, to find the way when a step was dropped
    dossier_code: str | None = None
    helped: bool | None = None  # someone else did the submitting; None if nobody said
    counted: frozenset[str] = frozenset()  # what the figures have of this walk already: each once
    stars: int | None = None  # what they thought of it, 1 to 5


class Errand(StrEnum):
    """What one comes for, or is asked about."""

    SUBMIT = "submit"  # to hand in a dossier
    RESULT = "result"  # to fetch what came of it
    WATCH = "watch"  # nobody comes: on the day by which the result is due, we ask whether it came


class AppointmentStatus(StrEnum):
    """What became of an appointment."""

    DRAFT = "draft"  # not confirmed yet
    BOOKED = "booked"
    CANCELLED = "cancelled"
    DONE = "done"  # they told us how it went


class Notice(StrEnum):
    """How early somebody wants to be reminded."""

    BOTH = "both"  # the day before, and two hours before
    DAY = "day"
    HOURS = "hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A day on which somebody goes to an office, or on which a result is due."""

    id: str
    errand: Errand
    touched_at: datetime
    status: AppointmentStatus = AppointmentStatus.DRAFT
    procedure: str | None = None
    about: str | None = None  # in their own masked words, where it is no procedure that we know
    label: str | None = None  # for whom
    walk: WalkId | None = None  # the walk it belongs to: its answers tell the papers
    at: datetime | None = None
    all_day: bool = False  # no hour was given; `at` is then when the office opens
    police: bool = False  # at the commune police rather than the one-stop counter
    counter: str | None = None  # which of the commune's counters, where there are several
    notice: Notice = Notice.BOTH
    proposed: str | None = None  # what is being read back: YYYY-MM-DD-HHMM, or the day alone; not booked yet
    proposed_counter: str | None = None  # … and where
    booked_at: datetime | None = None  # when: whatever would have been sent before that was told then
    revision: int = 0  # how often it was booked: reminders of an earlier booking are not these
    ticks: frozenset[str] = frozenset()  # papers at hand
    late: bool = False  # they told us once that the result had not come in time
    stars: int | None = None  # what they thought of the day, 1 to 5


# --- what a turn may ask the save to do -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveWalk:
    """Keep the walk as it now stands."""

    walk: Walk


class Became(StrEnum):
    """What was done with a question in free text; the figures count each question under one of these."""

    ANSWERED = "answered"  # at once
    ASKED_BACK = "asked-back"
    CARD_OFFERED = "card-offered"  # of the national catalogue, for want of a guide
    NOT_KNOWN = "not-known"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepQuestion:
    """Keep a question, masked and without its person, for the officers. `evidence` is JSON-ready.

    `became` is what was done with it, `folded` its words without marks, as it is searched and likened to others.
    """

    text: str
    became: Became
    folded: str = ""
    candidates: tuple[tuple[str, float], ...] = ()
    evidence: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One more of something, for the figures; no person in it. The kinds are listed in `bot/figures.py`."""

    kind: str
    procedure: str | None = None
    # the hamlet of who did it, as they chose to have it remembered; the engine fills it in where it is None
    place: str | None = None
    n: int = 1


class Axis(StrEnum):
    """What figures are told apart by."""

    PROCEDURE = "procedure"
    PLACE = "place"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """So many of one kind in one month or on one day. What was not asked for is ""."""

    kind: str
    n: int
    month: str = ""  # 2026-11
    day: str = ""  # 2026-11-22
    procedure: str = ""
    place: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Official:
    """What the commune itself reports of one month, for one place and field of work; "" is all fields together."""

    month: str  # 2026-11
    place: str
    field: str = ""
    received: int
    online: int
    on_time: int
    paid_online: int
    resolved: int | None = None  # what on_time is a part of; None if the report does not tell it
    payable: int | None = None  # … and what paid_online is a part of
    source: str = ""
    imported_on: str = ""  # ISO date


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialChanged:
    """What an import did to the official numbers."""

    added: int
    changed: int
    same: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that waits for an officer's look, as often as it was put in the same words (but for marks)."""

    text: str
    folded: str
    n: int
    last: str  # ISO date
    became: str
    top: str  # id of the best candidate, "" if there was none
    score: float


class Purpose(StrEnum):
    """What a person may say yes to, each on its own (Law 91/2025/QH15)."""

    REMINDERS = "reminders"
    FOLLOW_UP = "follow-up"
    TIPS = "tips"
    PHONE = "phone"
    HOME = "home"  # that we remember in which hamlet they live
    LINKING = "linking"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConsent:
    """A person's yes or no to one purpose, with the version of the words they were asked in."""

    purpose: Purpose
    yes: bool
    text_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveAppointment:
    """Keep the appointment as it now stands."""

    appointment: Appointment


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePhone:
    """Keep a telephone number that was given for being called back; None forgets it."""

    phone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseHome:
    """Remember the hamlet that this person chose; with none, forget it, in their cases too.

    A case of theirs that was left before we knew, and that no officer has yet, goes to those who look after it."""

    place: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What an officer needs to say it by telephone when no message arrives."""

    say: str
    name: str | None = None  # as they gave it
    only: bool = False  # there is no other way: it goes to the officers' list when it is due


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A message that leaves of its own accord when its time comes."""

    key: str  # the same reminder always has the same key, so that it is queued once
    about: tuple[str, ...]  # `Appointment.id`.`revision` of those it speaks of
    at: datetime
    expires: datetime
    reply: Reply
    late: Reply | None = None  # said instead if it could not leave before it expired
    call: Call | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReminders:
    """From now on these, and no others, are the coming reminders of this person.

    `standing`: id.revision of every appointment that still holds. What is due already and speaks of one of them
    leaves even if it is not among `reminders`.
    """

    reminders: tuple[Reminder, ...]
    standing: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptInvitation:
    """Take the role that the invitation promises."""

    token_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeLoginLink:
    """Keep a way into the desk for five minutes."""

    token_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCode:
    """A code was typed into the chat: let the browser in that shows it, or count it as wrong."""

    code_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetMe:
    """Delete everything about this person, but for the turn's own replies: they are the receipt.

    `receipt` is the code that the person was told."""

    receipt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """Leave something for a human. An anonymous one keeps no person, no place, and of its time only the day.

    `notice` goes to the officers who have a chat, not before `notice_from`.
    """

    code: str
    kind: CaseKind
    words: str
    due: date
    anonymous: bool = False
    procedure: str | None = None
    step: str | None = None
    place: str | None = None  # the hamlet of who left it
    walk: str | None = None
    stars: int | None = None
    context: Mapping[str, object] = field(default_factory=dict)
    notice: Reply | None = None
    notice_from: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepPhoto:
    """The picture that came with this message belongs to that case: fetch and keep it, for 30 days."""

    code: str
    media: str


@dataclass(frozen=True, slots=True)
class WantedPhoto:
    """A picture to be fetched: what its platform calls it, whose case it belongs to."""

    id: str
    channel: str
    media: str
    code: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddToCase:
    """More of the citizen's words to a case of theirs, or to an anonymous one whose code they know. It waits again,
    until `due` at the latest. `notice` goes to whoever has it, or has taken over."""

    code: str
    words: str
    due: date
    notice: Reply | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveNoTrace:
    """Nothing may tell that this person said what they did from the message `since` on: it is kept as if they had
    asked for the menu each time, and been answered `instead`."""

    since: int
    instead: Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeCase:
    """An officer makes a case theirs."""

    code: str
    officer: Officer


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCase:
    """An officer's answer from their own chat; `reply_for` words it for the case of that code. With `until`, a
    takeover of theirs goes on until then."""

    code: str
    words: str
    officer: Officer
    reply_for: Callable[[str], Reply]
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver:
    """An officer answers instead of the bot; `told` says so to the citizen."""

    code: str
    officer: Officer
    until: datetime
    told: Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack:
    """The bot answers again: at an officer's word (`officer`, of that case) or at the citizen's own."""

    code: str
    officer: Officer | None = None
    told: Reply | None = None


CaseEffect = OpenCase | AddToCase | LeaveNoTrace | TakeCase | AnswerCase | TakeOver | GiveBack


class Role(StrEnum):
    """What a person may do here beside asking for themselves. Everybody is a citizen without any grant."""

    CITIZEN = "citizen"
    VOLUNTEER = "volunteer"
    OFFICER = "officer"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role, and the place it is held for; without one, everywhere that this installation serves."""

    role: Role
    place: str | None = None


# --- tips: messages that many get because they asked for such -------------------------------------------------

BroadcastId = NewType("BroadcastId", str)


class BroadcastState(StrEnum):
    """How far a broadcast has come. Its moves are a table in `broadcasts.py`."""

    DRAFT = "draft"
    WAITING = "waiting"  # for an officer's yes
    APPROVED = "approved"  # and not begun: its time has not come
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    RECALLED = "recalled"  # what was not sent was dropped, what was sent is being taken back
    DROPPED = "dropped"  # never sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Whom a tip is for, in the words that people chose themselves. Empty means everybody who takes tips.

    Someone who chose no topic takes all topics; someone who named no hamlet is in none."""

    places: tuple[str, ...] = ()  # ids of hamlets
    topics: tuple[str, ...] = ()  # ids of fields
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """A tip or an emergency notice, from draft to report. `version` counts the changes to what stands here."""

    id: BroadcastId
    code: str  # by which anyone may ask whether it is true
    author: str  # a person's id; after their erasure a keyed hash
    created_at: datetime
    version: int = 0
    state: BroadcastState = BroadcastState.DRAFT
    text: str = ""
    guide: str | None = None  # the procedure or topic that its button opens
    image: str | None = None  # name of a picture of content
    image_alt: str | None = None
    segment: Segment = Segment()
    emergency: bool = False
    team: str = ""  # the hamlet whose volunteers wrote it; empty: the commune's
    library: str | None = None  # the ready tip it was made from
    start_at: datetime | None = None  # not before; None: as soon as it is approved
    approver: str | None = None
    begun_at: datetime | None = None
    ended_at: datetime | None = None  # done or recalled
    note: str = ""  # what the officer said when sending it back
    correction: str = ""  # what is said instead of a recalled one


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What a person chose who takes tips; theirs to leave open. Where they live stands with the person."""

    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Carriage:
    """What a channel asks of a message that nobody waits for.

    `free`: how long after a person's last message it costs nothing; `within`: how long it is taken at all. None: any
    time. Tips are never paid for: who is out of `free` is left out and counted."""

    channel: str
    free: timedelta | None = None
    within: timedelta | None = None
    cost: int = 0  # đồng a message out of `free`


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Whom a segment reaches at this moment, by channel; and who of them would be left out, by reason."""

    reached: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)

    @property
    def people(self) -> int:
        return sum(self.reached.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """So many of one kind, for one broadcast. No person in it."""

    day: date
    what: str  # sent, unknown, refused, expired, cancelled, left; opened, started, online, counter; stopped
    detail: str = ""  # the reason; of dossiers: self or assisted
    place: str = ""  # hamlet, where the person named it
    channel: str = ""
    n: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the sending of a broadcast has come. planned = fed + left + gone + to come; fed = waiting + ended."""

    planned: int = 0
    fed: int = 0  # handed to the outbox
    waiting: int = 0  # … and not ended there
    to_come: int = 0
    tallies: tuple[Tally, ...] = ()

    def count(self, what: str, detail: str | None = None) -> int:
        """How many of that kind."""
        return sum(one.n for one in self.tallies if one.what == what and detail in {None, one.detail})


class Tips(Protocol):
    """What may be read about tips, as one snapshot has it."""

    def subscription(self) -> Subscription | None:
        """What this person chose; None if they take no tips."""

    def broadcast(self, id_: str) -> Broadcast | None:
        """That one."""

    def by_code(self, code: str) -> Broadcast | None:
        """The one that carries this code, whatever became of it."""

    def broadcasts(self, *states: BroadcastState) -> list[Broadcast]:
        """Those in one of these states, the newest first; at most 50."""

    def audience(self, segment: Segment) -> Audience:
        """Whom that reaches now."""

    def progress(self, id_: str) -> Progress:
        """How far its sending has come."""


class NoTips:
    """Nobody takes tips, and there are none."""

    def subscription(self) -> Subscription | None:
        """None."""

    def broadcast(self, id_: str) -> Broadcast | None:
        """None."""

    def by_code(self, code: str) -> Broadcast | None:
        """None."""

    def broadcasts(self, *states: BroadcastState) -> list[Broadcast]:
        """None at all."""
        return []

    def audience(self, segment: Segment) -> Audience:
        """Nobody."""
        return Audience()

    def progress(self, id_: str) -> Progress:
        """None."""
        return Progress()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseTips:
    """What a person who takes tips chose: kept at the address where they said so."""

    subscription: Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveBroadcast:
    """Keep the broadcast as it now stands; `act` names what was done, for the audit log."""

    broadcast: Broadcast
    act: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedTip:
    """Somebody pressed the button of that broadcast."""

    broadcast: BroadcastId


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """A message to others: to that person, or to all who hold that role. `places`: only those who hold it for all of
    these, or everywhere; () is everywhere alone."""

    reply: Reply
    person: str | None = None
    role: Role | None = None
    places: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Ask, at that time, how it went with a walk that was put aside; only with the consent of its own purpose."""

    walk: WalkId
    reply: Reply
    at: datetime


Effect = (
    SaveWalk
    | SaveAppointment
    | SavePhone
    | ChooseHome
    | PlanReminders
    | KeepQuestion
    | Count
    | RecordConsent
    | AcceptInvitation
    | MakeLoginLink
    | KeepPhoto
    | TypeCode
    | ForgetMe
    | CaseEffect
    | ChooseTips
    | SaveBroadcast
    | OpenedTip
    | Tell
    | FollowUp
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Everything that a turn decided: carried out together, or not at all."""

    replies: tuple[Reply, ...] = ()
    conversation: Conversation
    effects: tuple[Effect, ...] = ()


class Lane(StrEnum):
    """Who goes first on the way out."""

    REPLY = "reply"
    ANSWER = "answer"  # an officer's answer to a case
    REMINDER = "reminder"
    TIP = "tip"


BULK = frozenset({Lane.REMINDER, Lane.TIP})  # what nobody waits for with the telephone in hand


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptData:
    """What "xem dữ liệu của tôi" shows: all that is stored on one person."""

    since: date
    channels: tuple[str, ...]
    walks: tuple[Walk, ...]
    messages: int  # of theirs, masked, kept 7 days
    replies: int  # of ours, kept 30 days
    consents: tuple[tuple[Purpose, bool, datetime], ...]
    appointments: tuple[Appointment, ...] = ()
    phone: str | None = None  # given for being called back
    home: str | None = None  # the hamlet they chose
    cases: tuple[Case, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFact:
    """A fee or a time of a card. `text` is what the source says of it, "" if nothing that can be relied on."""

    ways: tuple[str, ...]
    text: str = ""
    note: str = ""  # what stands beside it: a condition, or what was lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What the national catalogue says of a procedure: facts to look up, no guide."""

    code: str
    name: str
    agency: str = ""
    level: str = ""
    ways: tuple[str, ...] = ()
    fees: tuple[CardFact, ...] = ()
    times: tuple[CardFact, ...] = ()
    papers: tuple[tuple[str, tuple[str, ...]], ...] = ()  # case, papers
    read_on: str = ""  # ISO date, as far as it is known
    keys: tuple[str, ...] = ()  # what it is found by


@dataclass(frozen=True, slots=True)
class CardHit:
    """A card that has some of the keys looked for."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class CardHits:
    """What was found, best first; how many cards have each key, and how many there are at all."""

    hits: tuple[CardHit, ...] = ()
    having: Mapping[str, int] = field(default_factory=dict)
    cards: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CardsChanged:
    """What an import did to the catalogue."""

    added: int
    changed: int
    removed: int
    same: int


class Catalogue(Protocol):
    """The reference cards, as one snapshot has them."""

    def card(self, code: str) -> Card | None:
        """The card of that national code."""

    def find(self, keys: Sequence[str], limit: int) -> CardHits:
        """Those with any of these keys."""


class NoCatalogue:
    """A catalogue without cards."""

    def card(self, code: str) -> Card | None:
        """None: there is none."""

    def find(self, keys: Sequence[str], limit: int) -> CardHits:
        """Nothing."""
        return CardHits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A one-time invitation to a role; `name` is what its guest will be called at the desk."""

    role: Role
    place: str | None
    name: str
    expires: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """Somebody who holds a role, and how they are reached or enter."""

    person: PersonId
    name: str
    grants: tuple[Grant, ...]
    channel: str | None
    account: str | None  # the name they enter with, if they have a password


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A name with a password (argon2id) and a secret for time-based codes."""

    name: str
    person: PersonId
    password_hash: str
    totp_secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session that is to begin: the hash of what its cookie holds, and its own token against forged forms."""

    id_hash: str
    csrf: str
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Somebody at the desk, by their session."""

    person: PersonId
    name: str
    grants: tuple[Grant, ...]
    csrf: str
    id_hash: str
    used_at: datetime

    def may(self, role: Role) -> bool:
        """True if they hold that role or a higher one, anywhere."""
        return any(RANK[grant.role] >= RANK[role] for grant in self.grants)


RANK = {Role.CITIZEN: 0, Role.VOLUNTEER: 1, Role.OFFICER: 2, Role.ADMIN: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of the log: who did what."""

    id: int
    at: datetime
    actor: str
    act: str
    detail: str


class Records(Protocol):
    """What a handler may read about the person who speaks, all from one snapshot."""

    def walk(self, id_: str) -> Walk | None:
        """That walk, if it is this person's."""

    def open_walks(self) -> list[Walk]:
        """Unfinished walks, the last touched first."""

    def appointment(self, id_: str) -> Appointment | None:
        """That appointment, if it is this person's."""

    def booked(self) -> list[Appointment]:
        """Appointments that hold and of which we don't know yet how they went, the earliest first."""

    def agreed(self, purpose: Purpose) -> bool | None:
        """The last word on that purpose; None if this person was never asked."""

    def phone(self) -> str | None:
        """The number this person gave for being called back."""

    def home(self) -> str | None:
        """The hamlet that this person chose to have remembered."""

    def kept_data(self) -> KeptData:
        """All that is stored on this person."""

    def invitation(self, token_hash: str, now: datetime) -> Invitation | None:
        """The open invitation behind that link."""

    def code_waits(self, now: datetime) -> bool:
        """True if this person is about to enter the desk, so that a code they type means something."""

    def code_shown(self, code_hash: str, now: datetime) -> bool:
        """True if a browser at a login link of this person shows that code."""

    def roles(self) -> tuple[Grant, ...]:
        """What this person may do beside asking for themselves; empty for a citizen."""

    def case(self, code: str) -> Thread | None:
        """That case as its citizen may see it, without notes: one of this person's, or an anonymous one."""

    def cases(self) -> tuple[Case, ...]:
        """What this person has left for a human, the newest first; never what they left anonymously."""

    def takeover(self, now: datetime) -> Takeover | None:
        """Who answers this person at that time instead of the bot."""

    def staff_name(self) -> str | None:
        """What this person is called at the desk, if they hold a role."""

    def case_of_others(self, code: str, officer: Officer, now: datetime) -> Thread | None:
        """That case, whoever left it, if that officer may see it. Only for those whose `roles` say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message and everything needed to think about it."""

    person: PersonId
    seq: int
    inbound: Inbound
    conversation: Conversation
    now: datetime
    knowledge: Knowledge
    records: Records
    new_id: Callable[[], str]
    catalogue: Catalogue = field(default_factory=NoCatalogue)
    tips: Tips = field(default_factory=NoTips)
    first_flooded: bool = False  # this message is the first of a flood: say so, once
    action: Action | None = None  # what is asked; the engine sets it before it calls a handler
    understood: Understood | None = None  # … and how a free text was understood, if there was one


@dataclass(frozen=True, slots=True, kw_only=True)
class ToCall:
    """Somebody whom a message could not reach, for an officer to call. `since`: when it was due."""

    id: int
    channel: str
    say: str
    name: str | None
    phone: str | None  # only if they gave it for this
    place: str | None  # the hamlet they live in, if they chose to say so
    since: datetime
    until: datetime  # after this there is nothing left to say


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """An appointment as officers see it: nobody's address, and only the name that was given."""

    appointment: Appointment
    channel: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ZaloTokens:
    """A pair of an app's tokens. `until`: when the access token ends; `consent_needed`: the pair is of no use."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    until: datetime
    consent_needed: bool = False


@dataclass(frozen=True, slots=True)
class ZaloConsent:
    """A consent that was asked for. `state`: what the answer must carry; `verifier`: what the exchange needs."""

    state: str = field(repr=False)
    verifier: str = field(repr=False)
    until: datetime


# --- between storage, inbox and outbox ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scope:
    """The addresses that one sender serves: a whole channel, or one address of it."""

    channel: str
    id: str | None = None

    def __str__(self) -> str:
        return self.channel if self.id is None else f"{self.channel}:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """An event that is safe on disk. `fresh` is False when it had been accepted before."""

    person: PersonId
    seq: int
    fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRow:
    """A person's oldest unanswered message, with what is remembered of the conversation."""

    person: PersonId
    seq: int
    inbound: Inbound
    conversation: Conversation
    attempts: int
    flooding: bool  # over 20 messages came within 10 s
    first_flooded: bool  # … and this is the first of them
    answered_at: datetime | None  # when this person's last message before it was answered
    more: bool  # this person has said more since, which waits too


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A row of the outbox, leased to one sender."""

    id: int
    address: Address
    lane: Lane
    reply: Reply
    re: str | None  # event id of the message it answers
    edits: str | None = None  # the platform's id of the message that this one replaces
    edits_row: int | None = None  # … and our own
    takes_back: bool = False  # that message is to go; `reply` says so where it can't be deleted
    attempts: int = 0
    maybe_repeated: bool = False
    at: datetime | None = None  # when it was put into the outbox
