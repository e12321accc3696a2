"""Appointments: the day somebody goes to an office, read back before it is booked, and how it went afterwards.

An appointment is a record of its own; the conversation's focus holds only which one is being made and what was asked
last. Nothing is booked in silence: weekday, date and hour are read back, and only a yes to that very moment books.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time
from enum import StrEnum

from bot.calendar import LOCAL, at_clock, holidays, opening
from bot.dialogue.messages import (
    Appointment,
    AppointmentStatus,
    Attachment,
    Button,
    Count,
    Effect,
    Errand,
    Focus,
    Notice,
    Outcome,
    Purpose,
    RecordConsent,
    Reply,
    SaveAppointment,
    SavePhone,
    Task,
    Turn,
    Walk,
    WalkStatus,
    local_day,
)
from bot.dialogue.payloads import Verb, encode
from bot.dialogue.states import AppointmentMove, AppointmentState, after
from bot.handlers import facts, reminders
from bot.handlers.common import args, in_talk, shorten, told
from bot.ics import MEDIA_TYPE, calendar_file
from bot.reminding import before
from bot.understanding import Decision
from bot.understanding.dates import Moment, Problem, Reading, read_date
from bot.understanding.text import clean, without
from content.models import Paper

ABOUT_LENGTH = 60
NAME_LENGTH = 30
OPENS = "07:30"  # taken for a day without an hour on which the counter is closed
CONSENT_TEXT = "reminders-1"  # the words in which people are asked; another wording is another version
PHONE_TEXT = "phone-1"
_PHONE = re.compile(r"(?<!\d)(?:\+?84|0)(?:[ .-]?\d){9}(?!\d)")  # Vietnamese numbers: ten digits, +84 for the zero
_MOMENT = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:-(\d{2})(\d{2}))?")
_WAITS_FOR_DATE = {AppointmentState.WHEN, AppointmentState.HOUR, AppointmentState.CONFIRMING}


# --- beginning ------------------------------------------------------------------------------------------------


def begin(turn: Turn) -> Outcome:
    """Make an appointment: for the walk or the procedure that is named, else for what was last spoken of."""
    named, *errand = args(turn) or ("",)
    walk = turn.records.walk(named)
    procedure = named or turn.conversation.topic
    draft = _for_walk(turn, walk) if walk else _draft(turn, procedure)
    if Errand.RESULT in errand:
        draft = replace(draft, errand=Errand.RESULT)
    return _when(turn, draft) if draft.procedure else _ask_what(turn, draft)


def said(turn: Turn) -> Outcome:
    """ "nhắc tôi thứ năm 8 giờ lên lấy khai sinh": everything in one sentence, or as much as there is of it."""
    understood = turn.understood
    found = understood.candidates[0].id if understood and understood.decision is Decision.ANSWER else None
    procedure = found or turn.conversation.topic
    draft = _draft(turn, procedure)
    fetching = turn.knowledge.content.lexicon.fetching
    if without(turn.inbound.text, fetching) != clean(turn.inbound.text):
        draft = replace(draft, errand=Errand.RESULT)
    return _read(turn, draft, AppointmentState.WHEN)


def _draft(turn: Turn, procedure: str | None) -> Appointment:
    guide = turn.knowledge.content.guides.get(procedure or "")
    return Appointment(
        id=turn.new_id() + turn.new_id(),
        errand=Errand.SUBMIT,
        procedure=procedure if guide else None,
        police=bool(guide and facts.at_police(guide, local_day(turn.now))),
        touched_at=turn.now,
    )


def _for_walk(turn: Turn, walk: Walk) -> Appointment:
    handed_in = walk.status in {WalkStatus.ONLINE, WalkStatus.COUNTER}
    return replace(
        _draft(turn, walk.procedure),
        errand=Errand.RESULT if handed_in else Errand.SUBMIT,
        walk=walk.id,
        label=walk.label,
        ticks=walk.ticks,
    )


def is_said(turn: Turn, text: str, *, answered: bool) -> bool:
    """True for words that ask for an appointment or a reminder. `answered`: they are also a question that we can
    answer, and so they must name a time."""
    if without(text, turn.knowledge.content.lexicon.appointing) == clean(text):
        return False
    return not answered or _time_in(turn, text).problem is not Problem.NONE_SAID


def _time_in(turn: Turn, text: str) -> Reading:
    """What is said of a time, beside "nhắc tôi": without its marks that would be an evening ("tối")."""
    return read_date(without(text, turn.knowledge.content.lexicon.appointing), turn.now)


# --- words that the focus waits for ---------------------------------------------------------------------------


def waits_for(turn: Turn, text: str, *, answered: bool) -> bool:
    """True if the appointment in focus waits for these words. `answered`: they are a question that we can answer."""
    focus = turn.conversation.focus
    if focus.task is not Task.APPOINTMENT or turn.records.appointment(focus.id or "") is None:
        return False
    raw = turn.inbound.raw or text
    match focus.state:
        case AppointmentState.WHAT:
            return not text.endswith("?")
        case AppointmentState.NAMING:
            return len(text) <= NAME_LENGTH and "?" not in text and not answered
        case AppointmentState.PHONE:
            return bool(_PHONE.search(raw)) or not answered
        case AppointmentState.WHEN | AppointmentState.HOUR:
            return not answered or _date_in(turn, text).problem is not Problem.NONE_SAID
        case AppointmentState.CONFIRMING:
            return _date_in(turn, text).problem is not Problem.NONE_SAID
        case _:
            return False


def waits_for_number(turn: Turn) -> bool:
    """True if a bare number may be an hour or a day, where it is none of the choices."""
    focus = turn.conversation.focus
    return focus.task is Task.APPOINTMENT and focus.state in _WAITS_FOR_DATE


def words(turn: Turn) -> Outcome:
    """What they wrote into the question that was asked last."""
    focus = turn.conversation.focus
    draft = turn.records.appointment(focus.id or "")
    if draft is None:
        return _gone(turn)
    text = turn.inbound.text.strip()
    match focus.state:
        case AppointmentState.WHAT:
            understood = turn.understood
            found = understood.candidates[0].id if understood and understood.decision is Decision.ANSWER else None
            if found in turn.knowledge.content.guides:
                known = _draft(turn, found)
                return _when(turn, replace(draft, procedure=found, police=known.police))
            return _when(turn, replace(draft, about=shorten(text, ABOUT_LENGTH)))
        case AppointmentState.NAMING:
            return _read_back(turn, replace(draft, label=text[:NAME_LENGTH]))
        case AppointmentState.PHONE:
            return _number(turn, draft)
        case _:
            return _read(turn, draft, AppointmentState(focus.state))


def _date_in(turn: Turn, text: str) -> Reading:
    """What these words say of a time. To "mấy giờ?" a bare "8" is an hour, and a time alone is of the day named."""
    focus = turn.conversation.focus
    reading = _time_in(turn, text)
    if focus.task is not Task.APPOINTMENT:
        return reading
    if focus.state == AppointmentState.HOUR and text.strip().isdigit():
        reading = read_date(f"{text.strip()} giờ", turn.now)
    if focus.state == AppointmentState.WHEN and text.strip().isdigit():
        reading = read_date(f"ngày {text.strip()}", turn.now)
    draft = turn.records.appointment(focus.id or "")
    proposed = _parsed(draft.proposed or "") if draft else None
    if reading.problem is Problem.NO_DAY and proposed:
        said_at = text if reading.time is None else f"{reading.time:%H:%M}"
        return read_date(f"{said_at} ngày {proposed.day:%d/%m/%Y}", turn.now)
    return reading


def _read(turn: Turn, draft: Appointment, state: AppointmentState) -> Outcome:
    """The day and the hour in these words; or what is unclear about them, with choices where there are some."""
    reading = _date_in(turn, turn.inbound.text)
    if reading.moment:
        return _placed(turn, draft, reading.moment)
    if reading.problem is Problem.NONE_SAID and state is AppointmentState.WHEN and not _was_asked(turn):
        return _when(turn, draft)
    key = "ap_problem_" + (reading.problem or Problem.NONE_SAID).replace("-", "_")
    if reading.problem is Problem.LUNAR and not reading.choices:
        key = "ap_problem_lunar_unknown"
    choices = tuple(
        Button(label=_label(turn, choice), payload=encode(Verb.AP_AT, draft.id, _stamp(choice)))
        for choice in reading.choices
    )
    lead = turn.knowledge.say(key)
    return _asking(turn, draft, AppointmentMove.ASKED_WHEN, lead, (*choices, _stop_button(turn, draft)))


def _was_asked(turn: Turn) -> bool:
    return turn.conversation.focus.task is Task.APPOINTMENT


def _label(turn: Turn, choice: Moment) -> str:
    on = reminders.day(turn.knowledge, choice.day)
    return f"{on}, {reminders.clock(turn.knowledge, choice.time)}" if choice.time else on


def _stamp(choice: Moment) -> str:
    return f"{choice.day}-{choice.time:%H%M}" if choice.time else str(choice.day)


# --- what is asked --------------------------------------------------------------------------------------------


def _ask_what(turn: Turn, draft: Appointment) -> Outcome:
    skip = turn.knowledge.button("ap_no_matter", encode(Verb.AP_CHANGE, draft.id))
    return _asking(turn, draft, AppointmentMove.ASKED_WHAT, turn.knowledge.say("ap_what"), (skip,))


def _when(turn: Turn, draft: Appointment) -> Outcome:
    knowledge = turn.knowledge
    text = knowledge.say("ap_when_result" if draft.errand is Errand.RESULT else "ap_when")
    buttons = [_stop_button(turn, draft)]
    walk = turn.records.walk(draft.walk or "")
    until = reminders.due_by(turn, walk) if walk and draft.errand is Errand.RESULT else None
    if until:
        text += "\n" + knowledge.say("ap_by_law", date=reminders.day(knowledge, until.astimezone(LOCAL).date()))
        buttons.insert(0, knowledge.button("ap_watch", encode(Verb.AP_WATCH, draft.id)))
    return _asking(turn, draft, AppointmentMove.ASKED_WHEN, text, tuple(buttons))


def _placed(turn: Turn, draft: Appointment, moment: Moment) -> Outcome:
    """The day is known: on to the hour, or to reading it back."""
    draft = replace(draft, proposed=_stamp(moment))
    if moment.time:
        return _read_back(turn, draft)
    knowledge = turn.knowledge
    spans = reminders.office(knowledge).spans(moment.day)
    buttons = [
        knowledge.button(key, encode(Verb.AP_AT, draft.id, f"{moment.day}-{start:%H%M}"))
        for key, (start, _) in zip(("ap_morning", "ap_afternoon"), spans, strict=False)
        if start > turn.now
    ]
    buttons.append(knowledge.button("ap_any_hour", encode(Verb.AP_YES, draft.id, _stamp(moment))))
    meant = _as_proposed(turn, draft)
    text = _with_warning(turn, meant, knowledge.say("ap_hour", when=reminders.moment(knowledge, meant)))
    return _asking(turn, draft, AppointmentMove.ASKED_HOUR, text, (*buttons, _stop_button(turn, draft)))


def _as_proposed(turn: Turn, draft: Appointment) -> Appointment:
    """The appointment as it would be with the proposed time; without one, as it is."""
    moment = _parsed(draft.proposed or "")
    if moment is None:
        return draft
    if moment.time:
        return replace(draft, at=datetime.combine(moment.day, moment.time, LOCAL), all_day=False)
    spans = reminders.office(turn.knowledge).spans(moment.day)
    return replace(draft, at=spans[0][0] if spans else at_clock(moment.day, OPENS), all_day=True)


def _read_back(turn: Turn, draft: Appointment) -> Outcome:
    """Weekday, date, hour, place and what for, to be confirmed."""
    knowledge = turn.knowledge
    meant = _as_proposed(turn, draft)
    if draft.proposed is None or meant.at is None:
        return _when(turn, draft)
    text = knowledge.say(
        "ap_read_back",
        when=reminders.moment(knowledge, meant),
        where=reminders.where(knowledge, meant),
        what=reminders.what(knowledge, meant),
    )
    buttons = [
        knowledge.button("ap_yes", encode(Verb.AP_YES, draft.id, draft.proposed)),
        knowledge.button("ap_other_time", encode(Verb.AP_CHANGE, draft.id)),
    ]
    if not draft.label:
        buttons.append(knowledge.button("ap_for", encode(Verb.AP_FOR, draft.id)))
    buttons.append(_stop_button(turn, draft))
    return _asking(turn, draft, AppointmentMove.READ_BACK, _with_warning(turn, meant, text), tuple(buttons))


def _with_warning(turn: Turn, meant: Appointment, text: str) -> str:
    """Before it: that the office is closed then, and when it opens."""
    warning = _warning(turn, meant, meant.at) if meant.at else ""
    return f"{warning}\n\n{text}" if warning else text


def _warning(turn: Turn, meant: Appointment, at: datetime) -> str:
    knowledge, on = turn.knowledge, at.astimezone(LOCAL).date()
    feast = holidays(on.year).get(on)
    why = knowledge.say(f"feast_{_key(feast.feast)}") if feast else knowledge.say("feast_rest")
    office = reminders.office(knowledge)
    if meant.police:  # its hours are not in content; only the holidays are certain
        return knowledge.say("ap_closed_feast", feast=why) if feast else ""
    if office.closed(on):
        opens = opening(at, office).opens_next.date()
        return knowledge.say("ap_closed", feast=why, next=reminders.day(knowledge, opens))
    if not meant.all_day and not opening(at, office).is_open:
        return knowledge.say("ap_closed_then")
    return ""


def _key(name: StrEnum) -> str:
    return name.replace("-", "_")


def _asking(turn: Turn, draft: Appointment, move: AppointmentMove, text: str, buttons: tuple[Button, ...]) -> Outcome:
    """Ask, and keep what is known so far. What is booked stays booked as it was until a yes."""
    focus = turn.conversation.focus
    at = focus.state if focus.task is Task.APPOINTMENT else AppointmentState.WHEN
    focus = Focus(task=Task.APPOINTMENT, state=after(Task.APPOINTMENT, at, move), id=draft.id)
    return Outcome(
        replies=(Reply(text=text, buttons=buttons),),
        conversation=replace(
            turn.conversation, focus=focus, topic=draft.procedure or turn.conversation.topic, misses=0
        ),
        effects=(SaveAppointment(appointment=replace(draft, touched_at=turn.now)),),
    )


def _stop_button(turn: Turn, draft: Appointment) -> Button:
    return turn.knowledge.button("ap_stop", encode(Verb.STOP))


def _moment_of(booked: Appointment) -> Moment:
    local = (booked.at or booked.touched_at).astimezone(LOCAL)
    return Moment(local.date(), None if booked.all_day else local.time())


# --- buttons --------------------------------------------------------------------------------------------------


def chosen(turn: Turn) -> Outcome:
    """One of the times that were offered."""
    draft = turn.records.appointment(args(turn)[0])
    moment = _parsed(args(turn)[1])
    if draft is None or moment is None or draft.status in {AppointmentStatus.CANCELLED, AppointmentStatus.DONE}:
        return _gone(turn)
    return _read(turn, draft, AppointmentState.WHEN) if _over(turn, moment) else _placed(turn, draft, moment)


def _over(turn: Turn, moment: Moment) -> bool:
    return datetime.combine(moment.day, moment.time or time.max, LOCAL) < turn.now


def _parsed(text: str) -> Moment | None:
    """The moment that a button names; None if it names none."""
    found = _MOMENT.fullmatch(text)
    if not found:
        return None
    year, month, day_, hour, minute = found.groups()
    try:
        on = date(int(year), int(month), int(day_))
        return Moment(on, time(int(hour), int(minute)) if hour else None)
    except ValueError:
        return None


def for_other(turn: Turn) -> Outcome:
    """For whom is it?"""
    draft = turn.records.appointment(args(turn)[0])
    if draft is None:
        return _gone(turn)
    stop = _stop_button(turn, draft)
    return _asking(turn, draft, AppointmentMove.ASKED_NAME, turn.knowledge.say("ap_for"), (stop,))


def confirmed(turn: Turn) -> Outcome:
    """Book what was read back. A second press finds it booked."""
    draft = turn.records.appointment(args(turn)[0])
    moment = _parsed(args(turn)[1])
    if draft is None or moment is None or draft.status is AppointmentStatus.DONE:
        return _gone(turn)
    if _over(turn, moment):
        stop = _stop_button(turn, draft)
        text = turn.knowledge.say("ap_problem_past")
        return _asking(turn, draft, AppointmentMove.ASKED_WHEN, text, (stop,))
    meant = _as_proposed(turn, replace(draft, proposed=args(turn)[1]))
    if draft.status is AppointmentStatus.BOOKED and (draft.at, draft.all_day) == (meant.at, meant.all_day):
        return _shown(turn, draft, lead=turn.knowledge.say("ap_booked_already"))
    again = draft.status is AppointmentStatus.BOOKED
    booked = replace(
        meant,
        proposed=None,
        status=AppointmentStatus.BOOKED,
        revision=draft.revision + 1,
        booked_at=turn.now,
        touched_at=turn.now,
    )
    counted = Count(kind="appointment-moved" if again else "appointment-booked", procedure=draft.procedure)
    return _booked(turn, booked, (*reminders.saved(turn, booked), counted))


def _booked(turn: Turn, appointment: Appointment, effects: tuple[Effect, ...]) -> Outcome:
    """It is booked: the file for one's own calendar, and whether we shall remind them, if we were never told."""
    knowledge = turn.knowledge
    file = _file(turn, appointment)
    agreed = turn.records.agreed(Purpose.REMINDERS)
    if agreed is not None:
        text = knowledge.say("ap_booked", line=reminders.line(knowledge, appointment))
        text += "\n" + _promise(turn, appointment, agreed=agreed)
        reply = Reply(text=text, buttons=_after_booking(turn, appointment, agreed=agreed), file=file)
        return Outcome(replies=(reply,), conversation=in_talk(turn.conversation), effects=effects)
    first = Reply(text=knowledge.say("ap_booked", line=reminders.line(knowledge, appointment)), file=file)
    buttons = (
        knowledge.button("ap_remind", encode(Verb.AP_REMIND, appointment.id, "yes")),
        knowledge.button("ap_remind_not", encode(Verb.AP_REMIND, appointment.id, "no")),
    )
    asked = Reply(text=knowledge.say("ap_ask_consent"), buttons=buttons)
    focus = Focus(task=Task.APPOINTMENT, state=AppointmentState.CONSENT, id=appointment.id)
    return Outcome(
        replies=(first, asked), conversation=replace(turn.conversation, focus=focus, misses=0), effects=effects
    )


def _file(turn: Turn, appointment: Appointment) -> Attachment | None:
    if appointment.at is None:
        return None
    text = calendar_file(
        appointment.id,
        appointment.revision,
        reminders.what(turn.knowledge, appointment),
        reminders.where(turn.knowledge, appointment),
        appointment.at,
        turn.now,
        all_day=appointment.all_day,
        alarm=turn.knowledge.say("ap_alarm", line=reminders.line(turn.knowledge, appointment)),
    )
    return Attachment(name="lich-hen.ics", media_type=MEDIA_TYPE, text=text)


def _promise(turn: Turn, appointment: Appointment, *, agreed: bool) -> str:
    """When we shall remind them; or that we shall not, and why."""
    knowledge = turn.knowledge
    if not agreed:
        return knowledge.say("ap_no_reminders")
    if appointment.errand is Errand.WATCH:
        return knowledge.say("ap_watching", when=reminders.moment(knowledge, replace(appointment, all_day=True)))
    times = [
        f"{reminders.clock(knowledge, local.time())} {reminders.day(knowledge, local.date())}"
        for one in before(appointment)
        if one.at > turn.now
        for local in (one.at.astimezone(LOCAL),)
    ]
    text = knowledge.say("ap_will_remind", times="; ".join(times)) if times else knowledge.say("ap_too_soon")
    if turn.inbound.address.channel == reminders.WEB:
        text += "\n" + knowledge.say("ap_web_called" if turn.records.phone() else "ap_web")
    return text


def _after_booking(turn: Turn, appointment: Appointment, *, agreed: bool) -> tuple[Button, ...]:
    knowledge, id_ = turn.knowledge, appointment.id
    buttons = []
    if appointment.procedure and appointment.errand is not Errand.WATCH:
        buttons.append(knowledge.button("ap_papers", encode(Verb.AP_PAPERS, id_)))
    if agreed and appointment.errand is not Errand.WATCH:
        buttons.append(knowledge.button("ap_notice", encode(Verb.AP_NOTICE, id_)))
    if agreed and not turn.records.phone():
        buttons.append(knowledge.button("ap_phone", encode(Verb.AP_PHONE, id_)))
    return (*buttons, knowledge.button("menu", encode(Verb.MENU)))


def consented(turn: Turn) -> Outcome:
    """Their yes or no to reminders; it holds for all of their appointments until they say otherwise."""
    id_, word = args(turn)
    appointment = turn.records.appointment(id_)
    if appointment is None:
        return _gone(turn)
    yes = word == "yes"
    consent = RecordConsent(purpose=Purpose.REMINDERS, yes=yes, text_version=CONSENT_TEXT)
    effects: tuple[Effect, ...] = (consent, *(reminders.planned(turn, appointment) if yes else ()))
    reply = Reply(text=_promise(turn, appointment, agreed=yes), buttons=_after_booking(turn, appointment, agreed=yes))
    return _told(turn, reply, effects)


def _told(turn: Turn, reply: Reply, effects: tuple[Effect, ...] = ()) -> Outcome:
    """An answer after which the appointment is no longer in focus; a walk that is stays there."""
    focus = turn.conversation.focus
    if focus.task is Task.APPOINTMENT:
        return Outcome(replies=(reply,), conversation=in_talk(turn.conversation), effects=effects)
    return told(turn, reply, effects=effects)


def watch(turn: Turn) -> Outcome:
    """No day was given: ask on the day by which the law wants the result."""
    draft = turn.records.appointment(args(turn)[0])
    walk = turn.records.walk(draft.walk or "") if draft else None
    until = reminders.due_by(turn, walk) if walk else None
    if draft is None or until is None or draft.status is not AppointmentStatus.DRAFT:
        return _gone(turn)
    watching = replace(
        draft,
        errand=Errand.WATCH,
        at=until,
        proposed=None,
        status=AppointmentStatus.BOOKED,
        revision=draft.revision + 1,
        booked_at=turn.now,
        touched_at=turn.now,
    )
    counted = Count(kind="watch-began", procedure=draft.procedure)
    return _booked(turn, watching, (*reminders.saved(turn, watching), counted))


def list_(turn: Turn) -> Outcome:
    """What is booked; each can be looked at, moved, called off."""
    knowledge = turn.knowledge
    booked = turn.records.booked()
    if len(booked) == 1:
        return _shown(turn, booked[0])
    new = knowledge.button("ap_new", encode(Verb.APPOINT))
    if not booked:
        return told(turn, Reply(text=knowledge.say("ap_none"), buttons=(new,)))
    lines = "\n".join(f"• {reminders.line(knowledge, one)}" for one in booked)
    buttons = tuple(
        Button(label=shorten(_short(turn, one)), payload=encode(Verb.AP_SHOW, one.id)) for one in booked[:8]
    )
    return told(turn, Reply(text=knowledge.say("ap_list", lines=lines), buttons=(*buttons, new)))


def _short(turn: Turn, one: Appointment) -> str:
    name = turn.knowledge.short(one.procedure) if one.procedure else one.about or turn.knowledge.say("ap_anything")
    return f"{one.at.astimezone(LOCAL):%d/%m} {one.label or name}" if one.at else name


def show(turn: Turn) -> Outcome:
    """One appointment; one that is still being made is read back, or asked on."""
    appointment = turn.records.appointment(args(turn)[0])
    if appointment is None:
        return _gone(turn)
    if appointment.status is AppointmentStatus.DRAFT:
        return _read_back(turn, appointment)
    return _shown(turn, appointment)


def _shown(turn: Turn, appointment: Appointment, lead: str = "") -> Outcome:
    knowledge = turn.knowledge
    if appointment.status is not AppointmentStatus.BOOKED:
        key = "ap_was_cancelled" if appointment.status is AppointmentStatus.CANCELLED else "ap_was_done"
        new = knowledge.button("ap_new", encode(Verb.APPOINT))
        return _told(
            turn, Reply(text=knowledge.say(key, line=reminders.line(knowledge, appointment)), buttons=(new,))
        )
    if appointment.errand is Errand.WATCH or (appointment.at and appointment.at < turn.now):
        text, buttons = reminders.asked_how(knowledge, appointment)
    else:
        text = knowledge.say(
            "ap_shown",
            what=reminders.what(knowledge, appointment),
            when=reminders.moment(knowledge, appointment),
            where=reminders.where(knowledge, appointment),
        )
        buttons = reminders.buttons_before(knowledge, appointment)[1:]
    if turn.records.agreed(Purpose.REMINDERS):
        buttons = (*buttons, knowledge.button("ap_notice", encode(Verb.AP_NOTICE, appointment.id)))
    else:
        buttons = (*buttons, knowledge.button("ap_remind", encode(Verb.AP_REMIND, appointment.id, "yes")))
    return _told(turn, Reply(text=f"{lead}\n\n{text}" if lead else text, buttons=buttons))


def change(turn: Turn) -> Outcome:
    """Another day or hour. What is booked stands until the new time is confirmed."""
    appointment = _meant(turn)
    if appointment is None:
        return _gone(turn)
    if appointment.status is AppointmentStatus.DONE:
        return _shown(turn, appointment)
    return _when(turn, appointment)


def off(turn: Turn) -> Outcome:
    """Call it off; with the way to have it back, for a finger that slipped."""
    appointment = _meant(turn)
    if appointment is None:
        return _gone(turn)
    if appointment.status is not AppointmentStatus.BOOKED:
        return _shown(turn, appointment)
    gone = replace(appointment, status=AppointmentStatus.CANCELLED, touched_at=turn.now)
    knowledge = turn.knowledge
    back = knowledge.button("ap_back", encode(Verb.AP_YES, appointment.id, _stamp(_moment_of(appointment))))
    text = knowledge.say("ap_cancelled", line=reminders.line(knowledge, appointment))
    counted = Count(kind="appointment-cancelled", procedure=appointment.procedure)
    buttons = (back,) if appointment.errand is not Errand.WATCH else ()
    reply = Reply(text=text, buttons=(*buttons, knowledge.button("menu", encode(Verb.MENU))))
    return _told(turn, reply, (*reminders.saved(turn, gone), counted))


def seen(turn: Turn) -> Outcome:
    """They have read the reminder and will come."""
    appointment = _meant(turn)
    if appointment is None or appointment.status is not AppointmentStatus.BOOKED:
        return _gone(turn) if appointment is None else _shown(turn, appointment)
    knowledge = turn.knowledge
    reply = Reply(
        text=knowledge.say("ap_seen", when=reminders.moment(knowledge, appointment)),
        buttons=(knowledge.button("ap_papers", encode(Verb.AP_PAPERS, appointment.id)),)
        if appointment.procedure
        else (),
    )
    return _told(turn, reply, (Count(kind="appointment-seen", procedure=appointment.procedure),))


def _meant(turn: Turn) -> Appointment | None:
    """The appointment that is named; without a name ("dời hẹn"), the next one."""
    named = next(iter(args(turn)), None)
    if named:
        return turn.records.appointment(named)
    booked = turn.records.booked()
    coming = [one for one in booked if one.at and one.at > turn.now]
    return next(iter(coming or booked[::-1]), None)


# --- what to bring --------------------------------------------------------------------------------------------


def papers(turn: Turn) -> Outcome:
    """What to bring, to be ticked off."""
    appointment = _meant(turn)
    return _papers(turn, appointment) if appointment else _gone(turn)


def ticked(turn: Turn) -> Outcome:
    """A paper is at hand, or no longer."""
    id_, paper = args(turn)
    appointment = turn.records.appointment(id_)
    if appointment is None:
        return _gone(turn)
    known = {one.id for one in _to_bring(turn, appointment)}
    appointment = replace(appointment, ticks=appointment.ticks ^ ({paper} & known))
    outcome = _papers(turn, appointment)
    return replace(outcome, effects=(SaveAppointment(appointment=appointment), *outcome.effects))


def _to_bring(turn: Turn, appointment: Appointment) -> list[Paper]:
    guide = turn.knowledge.content.guides.get(appointment.procedure or "")
    if guide is None or appointment.errand is not Errand.SUBMIT:
        return []
    walk = turn.records.walk(appointment.walk or "")
    answers = {**(walk.answers if walk else {}), "at": "counter"}
    return facts.papers_for(guide, answers, local_day(appointment.at or turn.now))


def _papers(turn: Turn, appointment: Appointment) -> Outcome:
    knowledge = turn.knowledge
    listed = _to_bring(turn, appointment)
    if not listed:
        key = "ap_bring_result" if appointment.errand is Errand.RESULT else "ap_bring_unknown"
        human = knowledge.button("human", encode(Verb.HUMAN))
        return _told(turn, Reply(text=knowledge.say(key), buttons=(human,)))
    marks = {paper.id: "☑" if paper.id in appointment.ticks else "☐" for paper in listed}
    lines = [knowledge.say("ap_bring", what=reminders.what(knowledge, appointment))]
    lines += [f"{marks[one.id]} {n}. {facts.paper_line(knowledge, one)}" for n, one in enumerate(listed, start=1)]
    if not appointment.walk:
        lines += ["", knowledge.say("documents_ask")]
    buttons = [
        Button(label=f"{marks[one.id]} {shorten(one.name)}", payload=encode(Verb.AP_TICK, appointment.id, one.id))
        for one in listed
    ]
    buttons.append(knowledge.button("ap_show", encode(Verb.AP_SHOW, appointment.id)))
    reply = Reply(text="\n".join(lines), buttons=tuple(buttons), slot=f"bring:{appointment.id}")
    return _told(turn, reply)


# --- reminders, and a number to call --------------------------------------------------------------------------


def notice(turn: Turn) -> Outcome:
    """How early to remind; "no more" takes the consent back."""
    appointment = turn.records.appointment(args(turn)[0])
    wanted = args(turn)[1] if len(args(turn)) > 1 else None
    if appointment is None or appointment.status is not AppointmentStatus.BOOKED:
        return _gone(turn) if appointment is None else _shown(turn, appointment)
    knowledge = turn.knowledge
    if wanted not in tuple(Notice):
        buttons = tuple(
            knowledge.button(f"ap_notice_{how}", encode(Verb.AP_NOTICE, appointment.id, how)) for how in Notice
        )
        none = knowledge.button("ap_remind_not", encode(Verb.AP_REMIND, appointment.id, "no"))
        return _told(turn, Reply(text=knowledge.say("ap_ask_notice"), buttons=(*buttons, none)))
    changed = replace(
        appointment,
        notice=Notice(wanted),
        revision=appointment.revision + 1,
        booked_at=turn.now,
        touched_at=turn.now,
    )
    reply = Reply(
        text=_promise(turn, changed, agreed=bool(turn.records.agreed(Purpose.REMINDERS))),
        buttons=(knowledge.button("menu", encode(Verb.MENU)),),
    )
    return _told(turn, reply, reminders.saved(turn, changed))


def phone(turn: Turn) -> Outcome:
    """Ask for a number to be called at when no message arrives; or forget the one we have."""
    appointment = turn.records.appointment(args(turn)[0])
    if appointment is None:
        return _gone(turn)
    if "none" in args(turn)[1:]:
        no = RecordConsent(purpose=Purpose.PHONE, yes=False, text_version=PHONE_TEXT)
        reply = Reply(text=turn.knowledge.say("ap_phone_gone"))
        return _told(turn, reply, (no, SavePhone(phone=None)))
    skip = turn.knowledge.button("skip", encode(Verb.AP_SHOW, appointment.id))
    return _asking(turn, appointment, AppointmentMove.ASKED_PHONE, turn.knowledge.say("ap_ask_phone"), (skip,))


def _number(turn: Turn, appointment: Appointment) -> Outcome:
    found = _PHONE.search(turn.inbound.raw or "")
    if not found:  # after a restart the number itself is gone: only its masked form was kept
        skip = turn.knowledge.button("skip", encode(Verb.AP_SHOW, appointment.id))
        again = turn.knowledge.say("ap_phone_again")
        return _asking(turn, appointment, AppointmentMove.ASKED_PHONE, again, (skip,))
    digits = re.sub(r"\D", "", found[0])
    number = "0" + digits[2:] if digits.startswith("84") else digits
    yes = RecordConsent(purpose=Purpose.PHONE, yes=True, text_version=PHONE_TEXT)
    forget = turn.knowledge.button("ap_phone_forget", encode(Verb.AP_PHONE, appointment.id, "none"))
    reply = Reply(text=turn.knowledge.say("ap_phone_kept", last=number[-3:]), buttons=(forget,))
    kept = SavePhone(phone=number)
    return _told(turn, reply, (yes, kept, *_with_phone(turn, appointment)))


def _with_phone(turn: Turn, appointment: Appointment) -> Iterable[Effect]:
    """Who can only be called is put on the officers' list from now on: their reminders are planned anew."""
    if not turn.records.agreed(Purpose.REMINDERS) or appointment.status is not AppointmentStatus.BOOKED:
        return ()
    again = replace(appointment, revision=appointment.revision + 1)
    return (SaveAppointment(appointment=again), *reminders.planned(turn, again, has_phone=True))


# --- afterwards -----------------------------------------------------------------------------------------------


def result(turn: Turn) -> Outcome:
    """How it went: counted once for the on-time figure; late brings the right to an apology, and whom to call."""
    id_, how = args(turn)
    appointment = turn.records.appointment(id_)
    if appointment is None:
        return _gone(turn)
    if appointment.status is not AppointmentStatus.BOOKED:
        return _shown(turn, appointment)
    knowledge = turn.knowledge
    if how == "not-yet":
        return _not_yet(turn, appointment)
    over = replace(appointment, status=AppointmentStatus.DONE, touched_at=turn.now)
    if appointment.errand is Errand.SUBMIT:
        named = appointment.walk or appointment.procedure or "none"
        fetch = knowledge.button("ap_new_result", encode(Verb.APPOINT, named, Errand.RESULT))
        menu = knowledge.button("menu", encode(Verb.MENU))
        reply = Reply(text=knowledge.say("ap_submitted"), buttons=(fetch, menu))
        counted = Count(kind="appointment-submitted", procedure=appointment.procedure)
        return _told(turn, reply, (*reminders.saved(turn, over), counted))
    late = how == "late" or appointment.late
    key = "ap_result_late" if late else "ap_result_on_time"
    buttons = (knowledge.button("human", encode(Verb.HUMAN)),) if late else ()
    reply = Reply(text=knowledge.say(key), buttons=(*buttons, knowledge.button("menu", encode(Verb.MENU))))
    counted = Count(kind="result-late" if late else "result-on-time", procedure=appointment.procedure)
    return _told(turn, reply, (*reminders.saved(turn, over), counted))


def _not_yet(turn: Turn, appointment: Appointment) -> Outcome:
    """Nothing yet: if it is overdue, their rights; and a new date."""
    knowledge = turn.knowledge
    buttons = (
        knowledge.button("ap_change", encode(Verb.AP_CHANGE, appointment.id)),
        knowledge.button("human", encode(Verb.HUMAN)),
    )
    if appointment.errand is Errand.SUBMIT:
        return _told(turn, Reply(text=knowledge.say("ap_not_submitted"), buttons=buttons))
    if appointment.at and turn.now < appointment.at:
        when = reminders.moment(knowledge, replace(appointment, all_day=True))
        return _told(turn, Reply(text=knowledge.say("ap_not_due", when=when), buttons=buttons))
    effects: tuple[Effect, ...] = ()
    if not appointment.late:
        late = replace(appointment, late=True, touched_at=turn.now)
        effects = (
            SaveAppointment(appointment=late),
            Count(kind="result-not-yet", procedure=appointment.procedure),
        )
    return _told(turn, Reply(text=knowledge.say("ap_result_not_yet"), buttons=buttons), effects)


def _gone(turn: Turn) -> Outcome:
    """There is no such appointment any more, or none at all."""
    new = turn.knowledge.button("ap_new", encode(Verb.APPOINT))
    return _told(turn, Reply(text=turn.knowledge.say("ap_none"), buttons=(new,)))
