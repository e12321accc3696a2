"""What is done with an appointment once it is there: looked at, called off, reminded of, and how it went.

How one is made stands in `booking.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from bot import counting
from bot.calendar import LOCAL
from bot.dialogue.messages import (
    Appointment,
    AppointmentStatus,
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
    local_day,
)
from bot.dialogue.payloads import Verb, encode
from bot.dialogue.states import AppointmentMove, AppointmentState, after
from bot.handlers import facts, homes, reminders
from bot.handlers.common import args, in_talk, shorten, told
from bot.reminding import before
from bot.understanding.dates import Moment
from content.models import Paper

CONSENT_TEXT = "reminders-1"  # the words in which people are asked; another wording is another version
PHONE_TEXT = "phone-1"
PHONE = re.compile(r"(?<!\d)(?:\+?84|0)(?:[ .-]?\d){9}(?!\d)")  # Vietnamese numbers: ten digits, +84 for the zero


# --- what is booked -------------------------------------------------------------------------------------------


def list_(turn: Turn) -> Outcome:
    """What is booked; each can be looked at, moved, called off."""
    knowledge = turn.knowledge
    booked = turn.records.booked()
    if len(booked) == 1:
        return shown(turn, booked[0])
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


def shown(turn: Turn, appointment: Appointment, lead: str = "") -> Outcome:
    """One appointment with what can be done about it; of one that is past, the question how it went."""
    knowledge = turn.knowledge
    if appointment.status is not AppointmentStatus.BOOKED:
        key = "ap_was_cancelled" if appointment.status is AppointmentStatus.CANCELLED else "ap_was_done"
        new = knowledge.button("ap_new", encode(Verb.APPOINT))
        return settled(
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
    return settled(turn, Reply(text=f"{lead}\n\n{text}" if lead else text, buttons=buttons))


def off(turn: Turn) -> Outcome:
    """Call it off; with the way to have it back, for a finger that slipped."""
    appointment = meant(turn)
    if appointment is None:
        return gone(turn)
    if appointment.status is not AppointmentStatus.BOOKED:
        return shown(turn, appointment)
    cancelled = replace(appointment, status=AppointmentStatus.CANCELLED, touched_at=turn.now)
    knowledge = turn.knowledge
    back = knowledge.button("ap_back", encode(Verb.AP_YES, appointment.id, stamp(moment_of(appointment))))
    text = knowledge.say("ap_cancelled", line=reminders.line(knowledge, appointment))
    counted = Count(kind="appointment-cancelled", procedure=appointment.procedure)
    buttons = (back,) if appointment.errand is not Errand.WATCH else ()
    reply = Reply(text=text, buttons=(*buttons, knowledge.button("menu", encode(Verb.MENU))))
    return settled(turn, reply, (*reminders.saved(turn, cancelled), counted))


def seen(turn: Turn) -> Outcome:
    """They have read the reminder and will come."""
    appointment = meant(turn)
    if appointment is None or appointment.status is not AppointmentStatus.BOOKED:
        return gone(turn) if appointment is None else shown(turn, appointment)
    knowledge = turn.knowledge
    reply = Reply(
        text=knowledge.say("ap_seen", when=reminders.moment(knowledge, appointment)),
        buttons=(knowledge.button("ap_papers", encode(Verb.AP_PAPERS, appointment.id)),)
        if appointment.procedure
        else (),
    )
    return settled(turn, reply, (Count(kind="appointment-seen", procedure=appointment.procedure),))


def meant(turn: Turn) -> Appointment | None:
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
    appointment = meant(turn)
    return _papers(turn, appointment) if appointment else gone(turn)


def ticked(turn: Turn) -> Outcome:
    """A paper is at hand, or no longer."""
    id_, paper = args(turn)
    appointment = turn.records.appointment(id_)
    if appointment is None:
        return gone(turn)
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
        return settled(turn, Reply(text=knowledge.say(key), buttons=(human,)))
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
    return settled(turn, reply)


# --- reminders, and a number to call --------------------------------------------------------------------------


def consented(turn: Turn) -> Outcome:
    """Their yes or no to reminders; it holds for all of their appointments until they say otherwise."""
    id_, word = args(turn)
    appointment = turn.records.appointment(id_)
    if appointment is None:
        return gone(turn)
    yes = word == "yes"
    consent = RecordConsent(purpose=Purpose.REMINDERS, yes=yes, text_version=CONSENT_TEXT)
    effects: tuple[Effect, ...] = (consent, *(reminders.planned(turn, appointment) if yes else ()))
    reply = Reply(text=promise(turn, appointment, agreed=yes), buttons=after_booking(turn, appointment, agreed=yes))
    return settled(turn, reply, effects)


def promise(turn: Turn, appointment: Appointment, *, agreed: bool) -> str:
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


def after_booking(turn: Turn, appointment: Appointment, *, agreed: bool) -> tuple[Button, ...]:
    """What can be done with what has just been booked."""
    knowledge, id_ = turn.knowledge, appointment.id
    buttons = []
    if appointment.procedure and appointment.errand is not Errand.WATCH:
        buttons.append(knowledge.button("ap_papers", encode(Verb.AP_PAPERS, id_)))
    if agreed and appointment.errand is not Errand.WATCH:
        buttons.append(knowledge.button("ap_notice", encode(Verb.AP_NOTICE, id_)))
    if agreed and not turn.records.phone():
        buttons.append(knowledge.button("ap_phone", encode(Verb.AP_PHONE, id_)))
    return (*buttons, *homes.offer(turn), knowledge.button("menu", encode(Verb.MENU)))


def notice(turn: Turn) -> Outcome:
    """How early to remind; "no more" takes the consent back."""
    appointment = turn.records.appointment(args(turn)[0])
    wanted = args(turn)[1] if len(args(turn)) > 1 else None
    if appointment is None or appointment.status is not AppointmentStatus.BOOKED:
        return gone(turn) if appointment is None else shown(turn, appointment)
    knowledge = turn.knowledge
    if wanted not in tuple(Notice):
        buttons = tuple(
            knowledge.button(f"ap_notice_{how}", encode(Verb.AP_NOTICE, appointment.id, how)) for how in Notice
        )
        none = knowledge.button("ap_remind_not", encode(Verb.AP_REMIND, appointment.id, "no"))
        return settled(turn, Reply(text=knowledge.say("ap_ask_notice"), buttons=(*buttons, none)))
    changed = replace(
        appointment,
        notice=Notice(wanted),
        revision=appointment.revision + 1,
        booked_at=turn.now,
        touched_at=turn.now,
    )
    reply = Reply(
        text=promise(turn, changed, agreed=bool(turn.records.agreed(Purpose.REMINDERS))),
        buttons=(knowledge.button("menu", encode(Verb.MENU)),),
    )
    return settled(turn, reply, reminders.saved(turn, changed))


def phone(turn: Turn) -> Outcome:
    """Ask for a number to be called at when no message arrives; or forget the one we have."""
    appointment = turn.records.appointment(args(turn)[0])
    if appointment is None:
        return gone(turn)
    if "none" in args(turn)[1:]:
        no = RecordConsent(purpose=Purpose.PHONE, yes=False, text_version=PHONE_TEXT)
        reply = Reply(text=turn.knowledge.say("ap_phone_gone"))
        return settled(turn, reply, (no, SavePhone(phone=None)))
    skip = turn.knowledge.button("skip", encode(Verb.AP_SHOW, appointment.id))
    return asking(turn, appointment, AppointmentMove.ASKED_PHONE, turn.knowledge.say("ap_ask_phone"), (skip,))


def number(turn: Turn, appointment: Appointment) -> Outcome:
    """Keep the number that they gave, with their consent to be called at it."""
    found = PHONE.search(turn.inbound.raw or "")
    if not found:  # after a restart the number itself is gone: only its masked form was kept
        skip = turn.knowledge.button("skip", encode(Verb.AP_SHOW, appointment.id))
        again = turn.knowledge.say("ap_phone_again")
        return asking(turn, appointment, AppointmentMove.ASKED_PHONE, again, (skip,))
    digits = re.sub(r"\D", "", found[0])
    number = "0" + digits[2:] if digits.startswith("84") else digits
    yes = RecordConsent(purpose=Purpose.PHONE, yes=True, text_version=PHONE_TEXT)
    forget = turn.knowledge.button("ap_phone_forget", encode(Verb.AP_PHONE, appointment.id, "none"))
    reply = Reply(text=turn.knowledge.say("ap_phone_kept", last=number[-3:]), buttons=(forget,))
    kept = SavePhone(phone=number)
    return settled(turn, reply, (yes, kept, *_with_phone(turn, appointment)))


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
        return gone(turn)
    if appointment.status is not AppointmentStatus.BOOKED:
        return shown(turn, appointment)
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
        return _over(turn, over, reply, counted)
    late = how == "late" or appointment.late
    key = "ap_result_late" if late else "ap_result_on_time"
    buttons = (knowledge.button("human", encode(Verb.HUMAN)),) if late else ()
    reply = Reply(text=knowledge.say(key), buttons=(*buttons, knowledge.button("menu", encode(Verb.MENU))))
    counted = Count(kind="result-late" if late else "result-on-time", procedure=appointment.procedure)
    return _over(turn, over, reply, counted)


def _over(turn: Turn, appointment: Appointment, reply: Reply, counted: Count) -> Outcome:
    """It is over: what they thought of it is asked last, so that a bare digit is their stars."""
    stars = tuple(
        turn.knowledge.button(f"visit_stars_{n}", encode(Verb.RATE_VISIT, appointment.id, str(n)))
        for n in counting.STARS
    )
    asked = Reply(text=turn.knowledge.say("ask_visit_stars"), buttons=(*stars, *reply.buttons))
    return settled(turn, reply, (*reminders.saved(turn, appointment), counted), asked)


def _not_yet(turn: Turn, appointment: Appointment) -> Outcome:
    """Nothing yet: if it is overdue, their rights; and a new date."""
    knowledge = turn.knowledge
    buttons = (
        knowledge.button("ap_change", encode(Verb.AP_CHANGE, appointment.id)),
        knowledge.button("human", encode(Verb.HUMAN)),
    )
    if appointment.errand is Errand.SUBMIT:
        return settled(turn, Reply(text=knowledge.say("ap_not_submitted"), buttons=buttons))
    if appointment.at and turn.now < appointment.at:
        when = reminders.moment(knowledge, replace(appointment, all_day=True))
        return settled(turn, Reply(text=knowledge.say("ap_not_due", when=when), buttons=buttons))
    effects: tuple[Effect, ...] = ()
    if not appointment.late:
        late = replace(appointment, late=True, touched_at=turn.now)
        effects = (
            SaveAppointment(appointment=late),
            Count(kind="result-not-yet", procedure=appointment.procedure),
        )
    return settled(turn, Reply(text=knowledge.say("ap_result_not_yet"), buttons=buttons), effects)


def gone(turn: Turn) -> Outcome:
    """There is no such appointment any more, or none at all."""
    new = turn.knowledge.button("ap_new", encode(Verb.APPOINT))
    return settled(turn, Reply(text=turn.knowledge.say("ap_none"), buttons=(new,)))


def settled(turn: Turn, reply: Reply, effects: tuple[Effect, ...] = (), *asked: Reply) -> Outcome:
    """An answer after which the appointment is no longer in focus; a walk that is stays there."""
    focus = turn.conversation.focus
    if focus.task is Task.APPOINTMENT:
        return Outcome(replies=(reply, *asked), conversation=in_talk(turn.conversation), effects=effects)
    return told(turn, reply, *asked, effects=effects)


def asking(turn: Turn, draft: Appointment, move: AppointmentMove, text: str, buttons: tuple[Button, ...]) -> Outcome:
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


def moment_of(booked: Appointment) -> Moment:
    """Its day, and its hour if it has one."""
    local = (booked.at or booked.touched_at).astimezone(LOCAL)
    return Moment(local.date(), None if booked.all_day else local.time())


def stamp(choice: Moment) -> str:
    """The moment as a payload names it: YYYY-MM-DD-HHMM, or the day alone."""
    return f"{choice.day}-{choice.time:%H%M}" if choice.time else str(choice.day)
