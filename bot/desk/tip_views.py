"""What the pages of tips show, and what their forms do.

The same rules and words as in the chat: `dialogue/broadcasts.py` and `handlers/tip_texts.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.dialogue.broadcasts import (
    BROADCAST_MOVES,
    BroadcastMove,
    NotAllowed,
    Why,
    code_from,
    may_approve,
    may_write,
    moved,
    team_of,
)
from bot.dialogue.messages import (
    LOCAL,
    Broadcast,
    BroadcastId,
    BroadcastState,
    Carriage,
    Grant,
    Segment,
    local_day,
)
from bot.errors import VersionMoved
from bot.handlers.tip_texts import (
    CHANNELS,
    about,
    delivered,
    flaws,
    how_far,
    pictures,
    reached,
    shown_code,
    told_of,
    when,
    whom,
)
from bot.knowledge import Knowledge
from bot.tip_report import TipReport, tip_report
from content.models import TIP_LENGTH
from content.tip_lint import script_seconds
from storage import Storage

# What platforms show of a message: its longest text, its longest text under a picture, and how many buttons.
SHOWS: Mapping[str, tuple[int, int, int]] = {
    "telegram": (4096, 1024, 100),
    "zalo_oa": (2000, 2000, 5),
    "zalo_bot": (2000, 2000, 0),
    "web": (10_000, 10_000, 100),
}
MOVES: Mapping[BroadcastMove, str] = {
    BroadcastMove.SUBMIT: "Gửi duyệt",
    BroadcastMove.APPROVE: "Duyệt và gửi",
    BroadcastMove.RETURN: "Trả lại để sửa",
    BroadcastMove.PAUSE: "Tạm dừng",
    BroadcastMove.RESUME: "Gửi tiếp",
    BroadcastMove.RECALL: "Rút lại",
    BroadcastMove.DROP: "Bỏ mẹo này",
}
WORDED = frozenset({BroadcastMove.RETURN, BroadcastMove.RECALL})  # these ask for a word


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who sits at the desk."""

    id: str
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A tip in a list."""

    id: str
    code: str
    state: str
    text: str
    whom: str
    at: str
    waits_for_me: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A ready tip of the library."""

    id: str
    title: str
    text: str
    field: str
    in_season: bool
    seconds: int  # of its loudspeaker script


@dataclass(frozen=True, slots=True, kw_only=True)
class TipsView:
    """What the list of tips shows; `None` where somebody may not see it at all."""

    tips: tuple[Listed, ...]
    library: tuple[Ready, ...]
    can_write: bool
    can_approve: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The message as one channel shows it."""

    channel: str
    text: str
    image: str | None
    image_alt: str | None
    buttons: tuple[str, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Doable:
    """A button of the page."""

    move: str
    label: str
    asks_word: bool = False
    asks_twice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TipView:
    """One tip: as it reads, whom it reaches, how far it has come, what may be done with it."""

    id: str
    code: str
    state: str
    moving: bool  # it is being sent: the page asks again every second
    mine: bool
    editable: bool
    text: str
    longest: int
    guide: str | None
    image: str | None
    places: tuple[str, ...]
    all_topics: bool
    emergency: bool
    start_at: str  # for an <input type="datetime-local">
    whom: str
    when: str
    audience: str
    note: str
    flaws: tuple[str, ...]
    previews: tuple[Preview, ...]
    doable: tuple[Doable, ...]
    begun: bool
    done_share: int  # in hundredths
    progress: str
    report: TipReport
    guides: tuple[tuple[str, str], ...] = ()  # that the button may open: id, name
    hamlets: tuple[tuple[str, str], ...] = ()
    images: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptView:
    """The loudspeaker's script, to be printed."""

    title: str
    text: str
    seconds: int
    code: str


async def tips_view(storage: Storage, knowledge: Knowledge, person: Person, now: datetime) -> TipsView:
    """All tips, those that wait for this person first; and the library, what is in season first."""
    found = await storage.broadcasts(*BroadcastState)
    officer = may_approve(person.grants)
    seen = [one for one in found if officer or one.author == person.id]
    seen.sort(key=lambda one: not _waits_for(one, person))
    today = local_day(now)
    fields = {each.id: each.name for each in knowledge.content.procedures.fields}
    entries = knowledge.content.entries
    ready = [
        Ready(
            id=tip.id,
            title=tip.title,
            text=tip.text,
            field=fields[entries[tip.opens].field] if tip.opens in entries else "Câu hỏi thường gặp",
            in_season=bool(tip.seasons),
            seconds=round(script_seconds(knowledge.content.tips.script(tip))),
        )
        for tip in knowledge.content.tips.tips
        if tip.in_season(today)
    ]
    return TipsView(
        tips=tuple(_listed(knowledge, one, person) for one in seen),
        library=tuple(sorted(ready, key=lambda tip: not tip.in_season)),
        can_write=may_write(person.grants),
        can_approve=officer,
    )


def _waits_for(one: Broadcast, person: Person) -> bool:
    theirs = may_approve(person.grants, one.segment) and one.author != person.id
    return one.state is BroadcastState.WAITING and theirs


def _listed(knowledge: Knowledge, one: Broadcast, person: Person) -> Listed:
    return Listed(
        id=one.id,
        code=shown_code(one.code),
        state=knowledge.say(f"tip_state_{one.state}"),
        text=one.text,
        whom=whom(knowledge, one.segment),
        at=f"{(one.begun_at or one.created_at).astimezone(LOCAL):%d/%m/%Y %H:%M}",
        waits_for_me=_waits_for(one, person),
    )


async def tip_view(
    storage: Storage,
    knowledge: Knowledge,
    carriages: Mapping[str, Carriage],
    id_: str,
    person: Person,
    now: datetime,
) -> TipView | None:
    """One tip; None if there is none, or it is not this person's to see."""
    one = await storage.broadcast(id_)
    if one is None or not (may_approve(person.grants) or one.author == person.id):
        return None
    progress = await storage.progress(one.id)
    ended = progress.planned - progress.waiting - progress.to_come
    mine = one.author == person.id
    content = knowledge.content
    return TipView(
        id=one.id,
        code=shown_code(one.code),
        state=knowledge.say(f"tip_state_{one.state}"),
        moving=one.state in {BroadcastState.APPROVED, BroadcastState.SENDING},
        mine=mine,
        editable=mine and one.state is BroadcastState.DRAFT,
        text=one.text,
        longest=TIP_LENGTH,
        guide=one.guide,
        image=one.image,
        places=one.segment.places,
        all_topics=not one.segment.topics,
        emergency=one.emergency,
        start_at=f"{one.start_at.astimezone(LOCAL):%Y-%m-%dT%H:%M}" if one.start_at else "",
        whom=whom(knowledge, one.segment),
        when=when(one),
        audience=reached(await storage.audience(one.segment, carriages, now)),
        note=one.note,
        flaws=tuple(flaws(knowledge, one.text)) if one.text else (),
        previews=tuple(previews(knowledge, one, carriages)),
        doable=tuple(_doable(one, person, now)),
        begun=one.begun_at is not None,
        done_share=round(100 * ended / progress.planned) if progress.planned else 0,
        progress=how_far(progress),
        report=tip_report(knowledge, one, progress),
        guides=tuple((id_, content.title(id_)) for id_ in content.ids),
        hamlets=tuple((hamlet.id, hamlet.name) for hamlet in content.locality.hamlets),
        images=tuple(pictures(knowledge).items()),
    )


def previews(knowledge: Knowledge, one: Broadcast, carriages: Iterable[str]) -> Iterable[Preview]:
    """The message on each channel that tips go by, cut to what that channel shows, with a remark where it is cut."""
    reply = delivered(knowledge, one)
    for channel in sorted(set(carriages) & set(SHOWS)) or ["telegram"]:
        longest, under_picture, buttons = SHOWS[channel]
        limit = under_picture if reply.image else longest
        remarks = [f"Dài quá {limit} ký tự: kênh này chia làm hai tin."] if len(reply.text) > limit else []
        labels = tuple(button.label for button in reply.buttons)
        if len(labels) > buttons:
            remarks.append("Kênh này không có nút: người nhận gửi mã để mở hướng dẫn.")
        yield Preview(
            channel=CHANNELS.get(channel, channel),
            text=reply.text,
            image=reply.image,
            image_alt=reply.image_alt,
            buttons=labels[:buttons],
            remarks=tuple(remarks),
        )


def _doable(one: Broadcast, person: Person, now: datetime) -> Iterable[Doable]:
    """The moves that the table has and this person may make now."""
    for move in (move for move in MOVES if move in BROADCAST_MOVES[one.state]):
        try:
            moved(one, move, person.id, person.grants, now, sure=True)
        except NotAllowed:
            continue
        twice = move is BroadcastMove.APPROVE and one.emergency
        yield Doable(move=move, label=MOVES[move], asks_word=move in WORDED, asks_twice=twice)


# --- what the page's forms do -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TipForm:
    """What an author filled in. `id` is made with the empty form, so that a second press writes no second tip."""

    id: str
    text: str
    guide: str = ""
    image: str = ""
    places: tuple[str, ...] = ()
    all_topics: bool = False
    emergency: bool = False
    start_at: str = ""  # as <input type="datetime-local"> gives it, in local time
    library: str = ""  # the ready tip it was filled from


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of a form: the tip, or why not, in words for the one who pressed."""

    id: str
    problems: tuple[str, ...] = field(default=())


async def write_tip(storage: Storage, knowledge: Knowledge, form: TipForm, person: Person, now: datetime) -> Done:
    """Keep a draft as it was filled in; what is wrong with its text is said, and kept all the same."""
    if not may_write(person.grants):
        return Done(id=form.id, problems=(_why(knowledge, Why.ROLE),))
    one = await storage.broadcast(form.id)
    if one and (one.author != person.id or one.state is not BroadcastState.DRAFT):
        return Done(id=form.id, problems=(_why(knowledge, Why.STATE),))
    hamlets = [hamlet.id for hamlet in knowledge.content.locality.hamlets]
    if one is None:
        one = Broadcast(
            id=BroadcastId(form.id),
            code=code_from(form.id[::-1]),
            author=person.id,
            created_at=now,
            team=team_of(person.grants, hamlets),
        )
    shown = pictures(knowledge)
    one = replace(
        one,
        text=" ".join(form.text.split()),
        library=form.library if form.library in {tip.id for tip in knowledge.content.tips.tips} else one.library,
        image=form.image if form.image in shown else None,
        image_alt=shown.get(form.image),
        emergency=form.emergency and may_approve(person.grants),
        start_at=_local(form.start_at),
        segment=Segment(places=tuple(place for place in hamlets if place in form.places)),
    )
    one = about(knowledge, one, form.guide if form.guide in knowledge.content else None)
    if form.all_topics or one.emergency:
        one = replace(one, segment=replace(one.segment, topics=()))
    try:
        await storage.save_broadcast(one, person.id, "write", now)
    except VersionMoved:
        return Done(id=form.id, problems=(_why(knowledge, Why.STATE),))
    return Done(id=form.id, problems=tuple(flaws(knowledge, one.text)))


def _local(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=LOCAL) if text else None
    except ValueError:
        return None


async def make_move(
    storage: Storage,
    knowledge: Knowledge,
    id_: str,
    move: str,
    person: Person,
    now: datetime,
    *,
    sure: bool = False,
    words: str = "",
) -> Done:
    """Make that move, and tell those who have to do with it. A second press finds it made, and says so."""
    one = await storage.broadcast(id_)
    if one is None or move not in MOVES:
        return Done(id=id_, problems=(_why(knowledge, Why.STATE),))
    step = BroadcastMove(move)
    said = one.text if step is BroadcastMove.SUBMIT else words if step is BroadcastMove.RECALL else ""
    if said and (wrong := flaws(knowledge, said)):
        return Done(id=id_, problems=tuple(wrong))
    try:
        one = moved(one, step, person.id, person.grants, now, sure=sure, words=words.strip())
        await storage.save_broadcast(one, person.id, step, now)
    except NotAllowed as no:
        return Done(id=id_, problems=(_why(knowledge, no.why),))
    except VersionMoved:
        return Done(id=id_, problems=(_why(knowledge, Why.STATE),))
    for told in told_of(knowledge, one, step, person.id):
        holders = await storage.people_with(told.role, told.places) if told.role else ()
        people = {told.person} if told.person else set(holders)
        for someone in people - {person.id, None}:
            await storage.tell(str(someone), told.reply, now, f"desk:{one.id}:{step}:{one.version}:{someone}")
    return Done(id=id_)


def _why(knowledge: Knowledge, why: Why) -> str:
    if why is Why.SURE:
        return "Thông báo khẩn: đánh dấu ô “Tôi chắc chắn” rồi bấm lần nữa."
    return knowledge.say(f"tip_why_{why}")


def script_view(knowledge: Knowledge, id_: str) -> ScriptView | None:
    """The loudspeaker's script of a ready tip; None if there is none."""
    tip = next((tip for tip in knowledge.content.tips.tips if tip.id == id_), None)
    return _script(knowledge, tip.title, tip.loudspeaker, "") if tip else None


async def script_of(storage: Storage, knowledge: Knowledge, id_: str) -> ScriptView | None:
    """The loudspeaker's script of a tip: that of the ready tip it was made from, else its own text."""
    one = await storage.broadcast(id_)
    if one is None:
        return None
    ready = next((tip for tip in knowledge.content.tips.tips if tip.id == one.library), None)
    same = ready is not None and ready.text == one.text
    words = ready.loudspeaker if ready and same else one.text
    return _script(knowledge, ready.title if ready and same else "Mẹo", words, shown_code(one.code))


def _script(knowledge: Knowledge, title: str, words: str, code: str) -> ScriptView:
    text = knowledge.content.tips.around(words)
    return ScriptView(title=title, text=text, seconds=round(script_seconds(text)), code=code)
