"""What is sent of our own accord about appointments: the words of each reminder, and when it leaves."""

from __future__ import annotations

from datetime import date, datetime, time

from bot import reminding
from bot.calendar import LOCAL, WEEK, Office, due
from bot.dialogue.messages import (
    Appointment,
    AppointmentStatus,
    Button,
    Call,
    Effect,
    Errand,
    PlanReminders,
    Purpose,
    Reminder,
    Reply,
    SaveAppointment,
    Turn,
    Walk,
    WalkStatus,
    local_day,
)
from bot.dialogue.payloads import Verb, encode
from bot.handlers import facts
from bot.knowledge import Knowledge
from bot.reminding import Kind, Planned, booking
from content.models import Counter, Way

WEB = "web"  # its pages are closed most of the time: what is due there nobody sees


def saved(turn: Turn, appointment: Appointment) -> tuple[Effect, ...]:
    """Keep this appointment, and plan the person's reminders anew, if they agreed to any."""
    kept = SaveAppointment(appointment=appointment)
    return (kept, *planned(turn, appointment)) if turn.records.agreed(Purpose.REMINDERS) else (kept,)


def planned(turn: Turn, changed: Appointment, *, has_phone: bool | None = None) -> tuple[Effect, ...]:
    """The person's coming reminders, with this appointment as it now is. `has_phone`: whether they can be called,
    where this turn has just changed that."""
    callable_ = bool(turn.records.phone()) if has_phone is None else has_phone
    booked = [one for one in turn.records.booked() if one.id != changed.id]
    if changed.status is AppointmentStatus.BOOKED:
        booked.append(changed)
    plan = reminding.plan(booked, office(turn.knowledge), turn.now)
    only_calls = callable_ and turn.inbound.address.channel == WEB
    reminders = tuple(_reminder(turn.knowledge, one, only_calls=only_calls) for one in plan.planned)
    return (PlanReminders(reminders=reminders, standing=plan.standing),)


def office(knowledge: Knowledge, counter: str | None = None) -> Office:
    """That counter's days and hours; the main one's if none is named."""
    return Office.of(knowledge.content.locality.counter_named(counter))


def counters(knowledge: Knowledge, appointment: Appointment) -> tuple[Counter, ...]:
    """Where one may go with it; one who goes to the police does not choose."""
    if appointment.police:
        return ()
    entry = knowledge.content.entries.get(appointment.procedure or "")
    return knowledge.content.locality.counters_for(entry.field if entry else None)


def watched(turn: Turn, walk: Walk) -> Appointment | None:
    """The watch over a dossier that was handed in just now; None where the law's working time is not known."""
    until = due_by(turn, walk)
    if until is None:
        return None
    return Appointment(
        id=turn.new_id() + turn.new_id(),
        errand=Errand.WATCH,
        status=AppointmentStatus.BOOKED,
        procedure=walk.procedure,
        label=walk.label,
        walk=walk.id,
        at=until,
        revision=1,
        booked_at=turn.now,
        touched_at=turn.now,
    )


def due_by(turn: Turn, walk: Walk) -> datetime | None:
    """By when the result of this dossier is due by law, if it had been handed in now; None if that is not known."""
    guide = turn.knowledge.content.guides.get(walk.procedure)
    way = Way.ONLINE if walk.status is WalkStatus.ONLINE else Way.COUNTER
    takes = facts.working_time(guide, way, local_day(turn.now)) if guide else None
    if takes is None or takes.unit is None:
        return None
    return due(turn.now, int(takes.amount), takes.unit, office(turn.knowledge))


# --- words ----------------------------------------------------------------------------------------------------


def what(knowledge: Knowledge, appointment: Appointment) -> str:
    """What it is for, and for whom."""
    if appointment.procedure:
        name = knowledge.title(appointment.procedure)
    else:
        name = appointment.about or knowledge.say("ap_anything")
    key = "ap_result_of" if appointment.errand is Errand.RESULT else "ap_submission_of"
    text = knowledge.say(key, name=name) if appointment.procedure else name
    return knowledge.say("for_whom", name=text, label=appointment.label) if appointment.label else text


def moment(knowledge: Knowledge, appointment: Appointment) -> str:
    """Weekday, date and hour."""
    if appointment.at is None:
        return knowledge.say("ap_no_time")
    local = appointment.at.astimezone(LOCAL)
    text = day(knowledge, local.date())
    return text if appointment.all_day else f"{text}, {clock(knowledge, local.time())}"


def day(knowledge: Knowledge, on: date) -> str:
    """thứ Năm, ngày 26/11/2026."""
    weekday = knowledge.say(f"weekday_{WEEK[on.weekday()]}")
    return knowledge.say("ap_day", weekday=weekday, date=facts.day(on))


def clock(knowledge: Knowledge, at: time) -> str:
    """8 giờ 30 sáng."""
    part = "morning" if at.hour < 11 else "noon" if at.hour < 13 else "afternoon" if at.hour < 18 else "evening"
    hour = at.hour - 12 if at.hour > 12 else at.hour
    minutes = f" {at.minute:02}" if at.minute else ""
    return knowledge.say(f"clock_{part}", hour=hour, minutes=minutes)


def where(knowledge: Knowledge, appointment: Appointment) -> str:
    """The office, its address, its hours where it is one of several, and a link to the map where content has one."""
    address, link = place(knowledge, appointment)
    if len(counters(knowledge, appointment)) > 1:
        hours = knowledge.content.locality.counter_named(appointment.counter).hours_text
        address = knowledge.say("ap_where_hours", where=address, hours=hours)
    return f"{address} {link}" if link else address


def place(knowledge: Knowledge, appointment: Appointment) -> tuple[str, str]:
    """The office with its address, and a link to the map; "" where content has none."""
    if appointment.police:
        return knowledge.content.locality.police, ""
    counter = knowledge.content.locality.counter_named(appointment.counter)
    return f"{counter.name}, {counter.address}", counter.map or ""


def line(knowledge: Knowledge, appointment: Appointment) -> str:
    """One appointment in one line."""
    key = "ap_watch_line" if appointment.errand is Errand.WATCH else "ap_line"
    return knowledge.say(key, when=moment(knowledge, appointment), what=what(knowledge, appointment))


def buttons_before(knowledge: Knowledge, appointment: Appointment) -> tuple[Button, ...]:
    """What can be done about a coming appointment. Pressed a year later, each does what it says or nothing."""
    id_ = appointment.id
    papers = (knowledge.button("ap_papers", encode(Verb.AP_PAPERS, id_)),) if appointment.procedure else ()
    return (
        knowledge.button("ap_seen", encode(Verb.AP_SEEN, id_)),
        *papers,
        knowledge.button("ap_change", encode(Verb.AP_CHANGE, id_)),
        knowledge.button("ap_off", encode(Verb.AP_OFF, id_)),
    )


def asked_how(knowledge: Knowledge, appointment: Appointment) -> tuple[str, tuple[Button, ...]]:
    """The question how it went, and the answers to it."""
    slots = {"what": what(knowledge, appointment), "when": moment(knowledge, appointment)}
    if appointment.errand is Errand.SUBMIT:
        key, answers = "ap_ask_submitted", {"ap_done": "done", "ap_not_done": "not-yet"}
    else:
        key = "ap_ask_watch" if appointment.errand is Errand.WATCH else "ap_ask_result"
        answers = {"ap_on_time": "on-time", "ap_late": "late", "ap_not_yet": "not-yet"}
    buttons = tuple(
        knowledge.button(name, encode(Verb.AP_RESULT, appointment.id, how)) for name, how in answers.items()
    )
    return knowledge.say(key, **slots), buttons


# --- reminders ------------------------------------------------------------------------------------------------


def _reminder(knowledge: Knowledge, one: Planned, *, only_calls: bool) -> Reminder:
    first = one.about[0]
    late, call = None, None
    if one.kind in {Kind.AFTER, Kind.WATCH}:
        text, buttons = asked_how(knowledge, first)
    else:
        text, buttons = _before(knowledge, one.about)
        lines = "\n".join(f"• {line(knowledge, appointment)}" for appointment in one.about)
        if one.expires == min(appointment.at or one.expires for appointment in one.about):  # nothing comes after it
            human = knowledge.button("human", encode(Verb.HUMAN))
            late = Reply(text=knowledge.say("ap_too_late", lines=lines), buttons=(human,))
        call = Call(say=knowledge.say("ap_call", lines=lines), name=first.label, only=only_calls)
    return Reminder(
        key=one.key,
        about=tuple(map(booking, one.about)),
        at=one.at,
        expires=one.expires,
        reply=Reply(text=text, buttons=buttons),
        late=late,
        call=call,
    )


def _before(knowledge: Knowledge, about: tuple[Appointment, ...]) -> tuple[str, tuple[Button, ...]]:
    if len(about) > 1:
        lines = "\n".join(f"• {line(knowledge, appointment)}" for appointment in about)
        buttons = (knowledge.button("ap_list", encode(Verb.APPOINTMENTS)),)
        return knowledge.say("ap_reminder_several", lines=lines), buttons
    (one,) = about
    text = knowledge.say(
        "ap_reminder", what=what(knowledge, one), when=moment(knowledge, one), where=where(knowledge, one)
    )
    return text, buttons_before(knowledge, one)


def after_submission(turn: Turn, walk: Walk) -> tuple[Effect, ...]:
    """What a dossier that was just handed in brings of itself: for whoever wants reminders, the watch over the day by
    which its result is due."""
    watch = watched(turn, walk) if turn.records.agreed(Purpose.REMINDERS) else None
    return saved(turn, watch) if watch else ()
