"""The shapes of everything in content/: what an author may write and what the code may rely on.

Published as JSON Schema in content/schema/, so that an editor completes and checks the YAML.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

UNKNOWN = "unknown"

# Ids are for ever: walks, buttons and figures name them. The lengths keep a button's payload under 64 bytes.
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=32)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=20)]
Code = Annotated[str, StringConstraints(pattern=r"^\d\.\d{6}$")]  # national code of a procedure, e.g. 1.001193
Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=900)]
StepText = Annotated[str, StringConstraints(min_length=1, max_length=320)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=40)]  # fits a button on every platform
Saying = Annotated[str, StringConstraints(min_length=2, max_length=160)]
Story = Annotated[str, StringConstraints(min_length=2, max_length=600)]  # a whole message, as somebody types it
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Url = Annotated[str, StringConstraints(pattern=r"^https://[^\s]+$", max_length=300)]


# Question id -> the option ids for which something applies. The question `at` (online, counter) is always there.
Condition = Mapping[Id, Id | tuple[Id, ...]]


def applies(when: Condition, answers: Mapping[str, str]) -> bool:
    """True if every question named in `when` was answered with one of its options."""
    return all(
        answers.get(question) in ((options,) if isinstance(options, str) else options)
        for question, options in when.items()
    )


class Strict(BaseModel):
    """Unknown keys are refused: a misspelt `amonut` must not pass for a missing amount."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, populate_by_name=True)


class Way(StrEnum):
    """How a dossier gets to the office."""

    ONLINE = "online"
    COUNTER = "counter"
    POST = "post"


class Dated(Strict):
    """A fact that the law bounds in time. Both days belong to it; a missing one means "no bound known"."""

    from_: date | None = Field(default=None, alias="from")
    until: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.from_ and self.until and self.until < self.from_:
            raise ValueError("until-before-from")
        return self

    def holds_on(self, day: date) -> bool:
        return (self.from_ is None or self.from_ <= day) and (self.until is None or day <= self.until)


D = TypeVar("D", bound=Dated)


def on(facts: Iterable[D], day: date) -> list[D]:
    """Those facts that hold on that day, in the author's order."""
    return [fact for fact in facts if fact.holds_on(day)]


class Source(Strict):
    """Where a fact comes from, and when it was read there."""

    name: Line
    date: date
    url: Url | None = None
    note: Line | None = None


class Statement(Dated):
    """A sentence of fact, or `text: unknown` with `ask`: who knows."""

    text: Text
    ask: Line | None = None
    law: Line | None = None

    @model_validator(mode="after")
    def _unknown_names_who_knows(self) -> Self:
        return _needs_ask(self, self.text, self.ask)


class Place(Statement):
    """Where a dossier goes, by way."""

    at: Way


class Fee(Dated):
    """What one pays. `amount` is in đồng; `unknown` needs `ask`. Never 0 unless a law says so."""

    at: Way
    amount: Annotated[int, Field(ge=0, le=1_000_000_000)] | Literal["unknown"]
    per: Label | None = None  # "bản", "lần", "trang"
    case: Line | None = None  # for whom, when the amounts differ
    note: Line | None = None
    ask: Line | None = None
    law: Line | None = None

    @model_validator(mode="after")
    def _rests_on_something(self) -> Self:
        if self.amount != UNKNOWN and not self.law:
            raise ValueError("amount-without-law")
        return _needs_ask(self, self.amount, self.ask)


class Exemption(Dated):
    """Who pays less or nothing, and by which act."""

    who: Line
    pays: Line
    law: Line


class Unit(StrEnum):
    """What a processing time is counted in."""

    WORKING_HOUR = "working-hour"
    HOUR = "hour"
    WORKING_DAY = "working-day"
    DAY = "day"
    MONTH = "month"


class Time(Dated):
    """How long it takes, in `unit`; `text` is how we say it."""

    at: Way
    amount: Annotated[int, Field(ge=0, le=1000)] | Literal["unknown"]
    unit: Unit | None = None
    text: Line | None = None
    case: Line | None = None
    ask: Line | None = None

    @model_validator(mode="after")
    def _has_its_unit(self) -> Self:
        if self.amount != UNKNOWN and not (self.unit and self.text):
            raise ValueError("time-without-unit")
        return _needs_ask(self, self.amount, self.ask)


def _needs_ask(fact: D, value: object, ask: str | None) -> D:
    if value == UNKNOWN and not ask:
        raise ValueError("unknown-without-ask")
    return fact


class Option(Strict):
    """One answer to a branch question."""

    id: Id
    label: Label
    words: tuple[Saying, ...] = ()  # what people also say for it


class Question(Strict):
    """A short question whose answer decides papers or steps. Asked only where `when` holds."""

    id: Id
    ask: Annotated[str, StringConstraints(min_length=5, max_length=200)]
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=4)]
    when: Condition = Field(default_factory=dict)


class PaperForm(StrEnum):
    """In what form a paper is brought."""

    ORIGINAL = "original"  # handed in
    COPY = "copy"  # certified copy
    PHOTO = "photo"  # photographed or scanned
    SHOW = "show"  # shown and taken home again
    FORM = "form"  # filled in, on paper or on the screen


class Paper(Dated):
    """One paper of the checklist."""

    id: Id
    name: Line
    form: PaperForm
    note: Annotated[str, StringConstraints(min_length=1, max_length=300)] | None = None
    optional: bool = False
    when: Condition = Field(default_factory=dict)
    law: Line | None = None
    # A few words by which national lists name this paper, for the audit alone: citizens never read them.
    listed_as: tuple[Line, ...] = ()


class Difference(Strict):
    """Where a guide departs from the national row of its code, on purpose. `says` is what the row says, in short."""

    code: Code
    on: Literal["name", "level", "fee", "time", "papers", "law"]
    says: Line
    why: Annotated[str, StringConstraints(min_length=10, max_length=400)]


class Trouble(Strict):
    """What goes wrong at a step, in people's words, and what then helps."""

    id: Id
    problem: Label
    fix: StepText


class Picture(Strict):
    """A drawing in pictures/: `file` without its ending, and what it shows, for those who can't see it."""

    file: Id
    alt: Line


class Step(Strict):
    """One action. `see` is what one sees when it worked."""

    id: Id
    title: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    text: StepText
    see: StepText | None = None
    link: Url | None = None
    picture: Picture | None = None
    troubles: tuple[Trouble, ...] = ()
    when: Condition = Field(default_factory=dict)
    end: bool = False  # the dossier is handed in once this step is done


class StepUse(Strict):
    """Shared steps of steps.yaml, put in here in their order."""

    use: Id
    when: Condition = Field(default_factory=dict)


class Level(StrEnum):
    """How much of a procedure can be done online."""

    FULL = "full"  # toàn trình: all of it online
    PARTIAL = "partial"  # một phần: begun online, one visit remains
    COUNTER = "counter"  # at the counter only


class Guide(Strict):
    """Everything that is known of one procedure."""

    id: Slug
    codes: tuple[Code, ...] = ()
    summary: Text  # one or two sentences: what it is for, in everyday words
    level: Level
    level_note: Line | None = None
    who: Annotated[tuple[Statement, ...], Field(min_length=1)]
    decides: Annotated[tuple[Statement, ...], Field(min_length=1)]
    where: Annotated[tuple[Place, ...], Field(min_length=1)]
    deadline: tuple[Statement, ...] = ()  # by when the citizen must act
    fee: Annotated[tuple[Fee, ...], Field(min_length=1)]
    exemptions: tuple[Exemption, ...] = ()
    time: Annotated[tuple[Time, ...], Field(min_length=1)]
    questions: Annotated[tuple[Question, ...], Field(max_length=4)] = ()
    papers: Annotated[tuple[Paper, ...], Field(min_length=1)]
    words: Mapping[Id, Label] = Field(default_factory=dict)  # fills {slots} in shared steps, e.g. search
    steps: Annotated[Mapping[Literal["online", "counter"], tuple[Step | StepUse, ...]], Field(min_length=1)]
    result: Annotated[tuple[Statement, ...], Field(min_length=1)]
    returns: tuple[Line, ...] = ()  # why such dossiers come back
    law: Annotated[tuple[Line, ...], Field(min_length=1)]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    checked: date
    review_by: date
    changed_recently: Line | None = None
    differs: tuple[Difference, ...] = ()
    notes: tuple[Line, ...] = ()

    def walk_steps(self, way: str) -> tuple[Step, ...]:
        """The steps of that way. Only after loading, which puts shared steps in the place of each `use`."""
        return tuple(step for step in self.steps.get(way, ()) if isinstance(step, Step))  # type: ignore[call-overload]


class Sharing(Strict):
    """steps.yaml: sequences that many guides use. Slots such as {search} come from the guide's `words`."""

    groups: Mapping[Id, Annotated[tuple[Step, ...], Field(min_length=1)]]


class Found(Strict):
    """How something is found: its names, and what people say when they need it."""

    aliases: tuple[Saying, ...] = ()  # short names and abbreviations
    asked_as: tuple[Story, ...] = ()  # whole messages
    choice: Label | None = None  # asked back among neighbours: when one needs it, in a citizen's words


class Entry(Found):
    """procedures.yaml: one procedure, as it is found and listed."""

    id: Slug
    codes: tuple[Code, ...] = ()
    name: Line
    short: Label
    field: Id


class FieldName(Strict):
    """A field that procedures are listed under."""

    id: Id
    name: Label


class Procedures(Strict):
    """procedures.yaml: the fields, and the procedures in the order they are listed."""

    fields: Annotated[tuple[FieldName, ...], Field(min_length=1)]
    procedures: Annotated[tuple[Entry, ...], Field(min_length=1)]


class Topic(Found):
    """faq.yaml: a question that belongs to no single procedure."""

    id: Annotated[str, StringConstraints(pattern=r"^faq-[a-z0-9]+(-[a-z0-9]+)*$", max_length=32)]
    name: Line
    short: Label
    answer: Annotated[tuple[Statement, ...], Field(min_length=1)]
    link: Url | None = None
    related: tuple[Slug, ...] = ()
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    checked: date
    review_by: date


class Faq(Strict):
    """faq.yaml: the questions that belong to no single procedure."""

    topics: tuple[Topic, ...]


class LifeEvent(Strict):
    """events.yaml: something that happens in a life, and the procedures and topics that one needs then."""

    id: Id
    name: Line
    related: Annotated[tuple[Slug, ...], Field(min_length=1)]


class SamePaper(Strict):
    """Names by which guides call one and the same paper: those with one of `words`, and none of `without`."""

    name: Line
    words: Annotated[tuple[Saying, ...], Field(min_length=1)]
    without: tuple[Saying, ...] = ()


class Events(Strict):
    """events.yaml: what happens in people's lives, in the order in which the list of procedures shows it."""

    events: tuple[LifeEvent, ...]
    same_papers: tuple[SamePaper, ...] = ()


class Day(StrEnum):
    """A weekday, as it is written here: t2 is Monday, cn Sunday."""

    MON = "t2"
    TUE = "t3"
    WED = "t4"
    THU = "t5"
    FRI = "t6"
    SAT = "t7"
    SUN = "cn"


class Hours(Strict):
    """Open from `opens` to `closes` on these days, local time (Asia/Ho_Chi_Minh)."""

    days: Annotated[tuple[Day, ...], Field(min_length=1)]
    opens: Clock
    closes: Clock


class Closure(Strict):
    """Days on which the counter is closed besides weekly rest and the computed holidays; both days belong to it."""

    from_: date = Field(alias="from")
    until: date
    why: Line

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.until < self.from_:
            raise ValueError("until-before-from")
        return self


class WorkedDay(Strict):
    """A day of rest or holiday on which the counter works after all, with the hours of the weekday `like`."""

    day: date
    like: Day
    why: Line


class Hotline(Strict):
    """A number to call."""

    id: Id
    name: Line
    number: Line
    note: Line | None = None


class Counter(Strict):
    """A one-stop counter (một cửa, Trung tâm Phục vụ hành chính công), or a place where it receives people beside
    that: the office of a commune that was merged, a post office."""

    id: Id = "main"
    name: Line
    short: Label | None = None  # its name on a button
    landmarks: tuple[Line, ...] = ()  # what people say for it
    hamlets: tuple[Id, ...] = ()  # those it is nearest to: offered first to who lives there
    fields: tuple[Id, ...] = ()  # of work that can be handed in here; none named: all
    address: Line
    map: Url | None = None
    phone: Line
    hours: Annotated[tuple[Hours, ...], Field(min_length=1)]
    hours_text: Line  # the same hours as one says them
    # What the government or the commune decides each year, where it differs from what is computed: Tết, 2/9, swaps.
    closed: tuple[Closure, ...] = ()
    worked: tuple[WorkedDay, ...] = ()


class Hamlet(Strict):
    """A hamlet (thôn, bản, ấp …) of the commune, by old and new names."""

    id: Id
    name: Line
    old_names: tuple[Line, ...] = ()
    landmarks: tuple[Line, ...] = ()


class Locality(Strict):
    """locality.yaml: this commune. The one that ships is a demonstration; an overlay brings the real one."""

    id: Id
    name: Line
    province: Line
    demo: bool = False
    old_names: tuple[Line, ...] = ()
    hamlets: tuple[Hamlet, ...] = ()
    counter: Counter
    counters: tuple[Counter, ...] = ()  # where people are received beside that; who makes an appointment chooses
    police: Line  # name and address of the commune police, who decide on residence
    # The commune's own rule: within how many working days officers answer, and for how many minutes after their last
    # word an officer who answers instead of the bot is waited for.
    answer_days: Annotated[int, Field(ge=1, le=30)] = 3
    takeover_minutes: Annotated[int, Field(ge=5, le=240)] = 30
    hotlines: Annotated[tuple[Hotline, ...], Field(min_length=1)]
    source: Source
    checked: date

    def counters_for(self, field: str | None) -> tuple[Counter, ...]:
        """Where work of that field can be handed in, the main counter first; with None, where anything can."""
        return tuple(one for one in (self.counter, *self.counters) if not one.fields or field in one.fields)

    def counter_named(self, id_: str | None) -> Counter:
        """The counter of that id; the main one for None, and for one that content no longer has. Days on which the
        main one is closed, or works in exchange, hold for all."""
        found = next((one for one in self.counters if one.id == id_), None)
        if found is None:
            return self.counter
        closed = {"closed": (*self.counter.closed, *found.closed), "worked": (*self.counter.worked, *found.worked)}
        return found.model_copy(update=closed)


class ButtonText(Strict):
    """What a button shows, and what people say for it."""

    label: Label
    words: tuple[Saying, ...] = ()


class HeardPhrases(Strict):
    """What people of a commune said when they meant that procedure or topic."""

    id: Slug
    says: tuple[Story, ...]


class Heard(Strict):
    """heard.yaml, only in a commune's overlay: messages whose meaning an officer gave; the desk writes it."""

    heard: tuple[HeardPhrases, ...]


class Phrases(Strict):
    """phrases.yaml: every sentence that the bot says of its own. `PHRASES` in `content/wording.py` names the keys."""

    say: Mapping[str, Annotated[str, StringConstraints(min_length=1, max_length=1500)]]
    buttons: Mapping[str, ButtonText]
    commands: Mapping[str, tuple[Saying, ...]]
    page: Mapping[str, Line]  # labels of the web pages: what the browser shows around the conversation


def slots(text: str) -> Iterator[str]:
    """The names in {braces} of a text. ValueError on a lone brace."""
    for _, name, spec, conversion in string.Formatter().parse(text):
        if name is not None:
            if not re.fullmatch(r"[a-z_]+", name) or spec or conversion:
                raise ValueError("bad-slot")
            yield name


# --- tips.yaml: short advice that leads into a guide ----------------------------------------------------------------

TIP_LENGTH = 320  # characters: three or four lines on a telephone, and within the limit of every platform
TipText = Annotated[str, StringConstraints(min_length=30, max_length=TIP_LENGTH)]
MonthDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=100)]


class Season(Strict):
    """A part of every year, as month-day; both days belong to it. It may go over the turn of the year."""

    from_: MonthDay = Field(alias="from")
    until: MonthDay

    def has(self, day: date) -> bool:
        today = f"{day:%m-%d}"
        if self.from_ <= self.until:
            return self.from_ <= today <= self.until
        return today >= self.from_ or today <= self.until


class Tip(Dated):
    """A ready tip: what is sent, what its button opens, and what the loudspeaker reads."""

    id: Slug
    title: Line
    opens: Slug  # the procedure or topic that it rests on
    checked: date  # when it was last compared with that
    text: TipText
    loudspeaker: Annotated[str, StringConstraints(min_length=30, max_length=1500)]
    seasons: tuple[Season, ...] = ()  # none: all the year round
    picture: Picture | None = None

    def in_season(self, day: date) -> bool:
        """True if it is true on that day, and its season."""
        return self.holds_on(day) and (not self.seasons or any(season.has(day) for season in self.seasons))


class Tips(Strict):
    """tips.yaml: ready tips, what is said around them on the loudspeaker, and the sites that a tip may name."""

    official: Annotated[tuple[Host, ...], Field(min_length=1)]
    opening: Line
    closing: Annotated[str, StringConstraints(min_length=1, max_length=600)]
    tips: tuple[Tip, ...]

    def script(self, tip: Tip) -> str:
        """What the loudspeaker reads, from the first word to the last."""
        return self.around(tip.loudspeaker)

    def around(self, words: str) -> str:
        """These words as a whole loudspeaker script."""
        return f"{self.opening} {words} {self.closing}"


# --- lexicon.yaml: the words that understanding knows --------------------------------------------------------------

Word = Annotated[str, StringConstraints(min_length=1, max_length=80)]  # one or more words, written with marks
Token = Annotated[str, StringConstraints(pattern=r"^\S+$", max_length=20)]  # what stands between two spaces
# A pattern of words, all of which must stand near one another: "mất + khai sinh/hôn thú - sổ gốc". " + " joins parts,
# "/" alternatives, " - " what must not be there, and <name> is a list of `groups`.
Cue = Annotated[str, StringConstraints(min_length=1, max_length=300)]
FacetId = Literal["documents", "fee", "time", "where", "online", "eligibility", "result", "overview"]


class SubjectCues(Strict):
    """What speaks for one subject: `strong` decides alone, a `cue` needs company, `weak` only tips the scales."""

    strong: tuple[Cue, ...] = ()
    cues: tuple[Cue, ...] = ()
    weak: tuple[Cue, ...] = ()
    against: tuple[Cue, ...] = ()


class Abbreviation(Strict):
    """A short form whose meaning depends on the words around it, or on the one word `after` which it stands; one
    with neither is the last resort."""

    short: Token
    means: Word
    near: tuple[Word, ...] = ()
    after: tuple[Token, ...] = ()


class Broad(Strict):
    """Words that name a whole family of subjects: one asks back, offering these. Ids may await their content."""

    words: Annotated[tuple[Cue, ...], Field(min_length=1)]
    offer: tuple[Slug, ...] = ()


class KindWords(Strict):
    """How messages sound that are no questions about a subject."""

    greeting: tuple[Cue, ...] = ()
    thanks: tuple[Cue, ...] = ()
    insult: tuple[Cue, ...] = ()
    emergency: tuple[Cue, ...] = ()
    scam: tuple[Cue, ...] = ()
    refuse: tuple[Cue, ...] = ()  # imitation of orders to the machine, forgery, prying: never answered


class Lexicon(Strict):
    """lexicon.yaml: all vocabulary of understanding. Subjects may be named here before their guides exist: then a
    question about them is recognised and not answered with a neighbour's guide."""

    politeness: tuple[Word, ...] = ()  # carries nothing: dạ, ạ, cháu, giùm
    generic: tuple[Word, ...] = ()  # occurs in questions about anything: giấy tờ, thủ tục, xã
    office: tuple[Word, ...] = ()  # those generic words that show that somebody asks an office for something
    groups: Mapping[Token, tuple[Word, ...]] = Field(default_factory=dict)
    teencode: Mapping[Token, Word] = Field(default_factory=dict)
    abbreviations: tuple[Abbreviation, ...] = ()
    variants: Mapping[Word, Word] = Field(default_factory=dict)  # regional words and voice keyboard slips
    negation: tuple[Word, ...] = ()  # what follows is not what is asked ...
    contrast: tuple[Word, ...] = ()  # ... until one of these
    needs: tuple[Cue, ...] = ()  # marks the sentence of a story that holds the question
    living: tuple[Word, ...] = ()  # says where somebody lives: tôi ở, nhà em ở
    hamlet_words: tuple[Word, ...] = ()  # what a hamlet is called: thôn, ấp, tổ dân phố
    near: tuple[Word, ...] = ()  # between these and a place nothing is said: gần, ngay, chỗ
    visiting: tuple[Word, ...] = ()  # tells that one goes to the office: ra xã, lên phường
    appointing: tuple[Word, ...] = ()  # asks for an appointment or a reminder: nhắc tôi, đặt lịch hẹn
    fetching: tuple[Word, ...] = ()  # … to fetch a result rather than to hand something in
    facets: Mapping[FacetId, SubjectCues] = Field(default_factory=dict)
    facet_names: Mapping[FacetId, tuple[Cue, ...]] = Field(
        default_factory=dict
    )  # count where a clause begins or ends
    asking: tuple[Cue, ...] = ()  # a clause that has one of these asks something: gì, đâu, bao nhiêu
    yes_no: tuple[Word, ...] = ()  # … these only at its end: không, chưa
    question_words: tuple[Word, ...] = ()  # gì, nào, đâu; they ask nothing ...
    negators: tuple[Word, ...] = ()  # … after one of these in the same clause: "chưa làm bao giờ" ...
    turning: tuple[Word, ...] = ()  # … unless one of these stands between: "không có thì nộp gì", "không biết ở đâu"
    every: tuple[Word, ...] = ()  # … or before one of these: "ngày nào cũng", "bao năm nay"
    joining: tuple[Word, ...] = ()  # before another need in the same message: và, với lại, sẵn tiện
    more: tuple[Word, ...] = ()  # … or somewhere in its part: nữa, luôn thể
    told: tuple[Word, ...] = ()  # … and what is only told has one of these: đã, xong rồi, hồi trước
    kinds: KindWords = KindWords()
    subjects: Mapping[Slug, SubjectCues] = Field(default_factory=dict)
    foreign: Mapping[Slug, tuple[Cue, ...]] = Field(default_factory=dict)  # other authorities, other worlds
    elsewhere: tuple[Story, ...] = ()  # whole messages that are no subject of ours, for the model to learn from
    broad: tuple[Broad, ...] = ()
    pairs: tuple[tuple[Slug, Slug], ...] = ()  # subjects that are easily confused

    @model_validator(mode="after")
    def _groups_exist(self) -> Self:
        used = {name for cue in self.cues() for name in re.findall(r"<([^>]*)>", cue)}
        if used - set(self.groups):
            raise ValueError("unknown-group")
        return self

    def cues(self) -> Iterator[str]:
        """Every pattern in this file."""
        for words in (*self.facets.values(), *self.subjects.values()):
            yield from (*words.strong, *words.cues, *words.weak, *words.against)
        for cues in self.foreign.values():
            yield from cues
        for broad in self.broad:
            yield from broad.words
        yield from self.needs
        yield from self.asking
        for names in self.facet_names.values():
            yield from names
        for cues in self.kinds.model_dump().values():
            yield from cues


# --- style.yaml: what is easy to read ------------------------------------------------------------------------------


class Style(Strict):
    """style.yaml: what makes our sentences hard to read."""

    longest_sentence: Annotated[int, Field(ge=5, le=100)]  # words, which in Vietnamese are syllables
    abbreviations: tuple[Token, ...] = ()  # those that everybody knows
    officialese: Mapping[Word, Line] = Field(default_factory=dict)  # what offices say, and what to say instead
