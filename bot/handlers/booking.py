"""Making an appointment: the day somebody goes to an office, read back before it is booked.

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
    Outcome,
    Purpose,
    Reply,
    Task,
    Turn,
    Walk,
    WalkStatus,
    local_day,
)
from bot.dialogue.payloads import Verb, encode
from bot.dialogue.states import AppointmentMove, AppointmentState
from bot.handlers import appointments, facts, reminders
from bot.handlers.common import args, in_talk, shorten
from bot.ics import MEDIA_TYPE, calendar_file
from bot.understanding import Context, Decision, Facet, Reason
from bot.understanding.dates import Moment, Problem, Reading, read_date
from bot.understanding.places import find_counters
from bot.understanding.text import clean, fold, same_word, without
from bot.understanding.text import words as words_of

ABOUT_LENGTH = 60
NAME_LENGTH = 30
COUNTERS_SHOWN = 4  # more choices are a wall; of more, the name is asked for in words
_APPOINT, _GIVES = "hen", "tra"  # "hẹn thứ năm …": whoever begins so appoints; "hẹn trả thứ năm" is the office's
_DOING = re.compile(r"\b(?:lam|nop|dang ky|xin|doi|cap|sang ten|chung thuc|sao y|nhan|lay)\b.*")
OPENS = "07:30"  # taken for a day without an hour on which the counter is closed
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
    draft = _meant(turn)
    if draft is None:
        return _ask_what(turn, _draft(turn, None))
    fetching = turn.knowledge.content.lexicon.fetching
    if without(turn.inbound.text, fetching) != clean(turn.inbound.text):
        draft = replace(draft, errand=Errand.RESULT)
    return _read(turn, draft, AppointmentState.WHEN)


def _meant(turn: Turn) -> Appointment | None:
    """For the procedure that the words name, else the one last spoken of. Where they name a family alone ("làm căn
    cước"), which paper it is stays open, not which office: None if that differs."""
    topic = turn.conversation.topic
    understood = turn.knowledge.understand(_errand(turn), Context(topic=topic))
    if understood.decision is Decision.ANSWER:
        return _draft(turn, understood.candidates[0].id)
    family = {one.id for one in understood.candidates} if understood.reason is Reason.BROAD else set()
    if not family or topic in family:
        return _draft(turn, topic)
    offices = {_draft(turn, id_).police for id_ in family}
    if len(offices) > 1:
        return None
    text = turn.inbound.text.strip()
    doing = _DOING.search(fold(text)) if len(fold(text)) == len(text) else None
    about = shorten(text[doing.start() :] if doing else text, ABOUT_LENGTH)
    return replace(_draft(turn, None), police=True in offices, about=about)


def _errand(turn: Turn) -> str:
    """What is said beside the wish to be reminded and the time, which tell nothing of what it is about."""
    left = without(turn.inbound.text, turn.knowledge.content.lexicon.appointing)
    said = read_date(left, turn.now).said
    return left.replace(said, " ", 1) if said else left


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
    """True for words that ask for an appointment or a reminder, or tell of a visit to come: "mai 8 giờ tôi ra xã".
    `answered`: they are also a question that we can answer, and so they must name a time."""
    time = _time_in(turn, text)
    if without(text, turn.knowledge.content.lexicon.appointing) != clean(text):
        return not answered or time.problem is not Problem.NONE_SAID
    typed = [fold(word) for word in words_of(text)]
    if typed[:1] == [_APPOINT] and typed[1:2] != [_GIVES]:
        return time.problem not in {Problem.NONE_SAID, Problem.NO_DAY}
    return time.problem is None and time.time is not None and _tells_of_a_visit(turn, text)


def _tells_of_a_visit(turn: Turn, text: str) -> bool:
    """True if they say that they go to the office, and ask nothing."""
    lexicon = turn.knowledge.content.lexicon
    if "?" in text or (turn.understood and turn.understood.facet is not Facet.OVERVIEW):
        return False
    typed, asking = words_of(text), (*lexicon.question_words, *lexicon.yes_no)
    if any(same_word(word, one) for word in typed for one in asking):
        return False
    return without(text, lexicon.visiting) != clean(text)


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
        case AppointmentState.PLACE:
            return not answered
        case AppointmentState.NAMING:
            return len(text) <= NAME_LENGTH and "?" not in text and not answered
        case AppointmentState.PHONE:
            return bool(appointments.PHONE.search(raw)) or not answered
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
        return appointments.gone(turn)
    text = turn.inbound.text.strip()
    match focus.state:
        case AppointmentState.WHAT:
            understood = turn.understood
            found = understood.candidates[0].id if understood and understood.decision is Decision.ANSWER else None
            if found in turn.knowledge.content.guides:
                known = _draft(turn, found)
                return _when(turn, replace(draft, procedure=found, police=known.police))
            return _when(turn, replace(draft, about=shorten(text, ABOUT_LENGTH)))
        case AppointmentState.PLACE:
            return _placed_in_words(turn, draft, text)
        case AppointmentState.NAMING:
            return _read_back(turn, replace(draft, label=text[:NAME_LENGTH]))
        case AppointmentState.PHONE:
            return appointments.number(turn, draft)
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
        Button(label=_label(turn, choice), payload=encode(Verb.AP_AT, draft.id, appointments.stamp(choice)))
        for choice in reading.choices
    )
    lead = turn.knowledge.say(key)
    return _asking(turn, draft, AppointmentMove.ASKED_WHEN, lead, choices)


def _was_asked(turn: Turn) -> bool:
    return turn.conversation.focus.task is Task.APPOINTMENT


def _label(turn: Turn, choice: Moment) -> str:
    on = reminders.day(turn.knowledge, choice.day)
    return f"{on}, {reminders.clock(turn.knowledge, choice.time)}" if choice.time else on


# --- what is asked --------------------------------------------------------------------------------------------


def _ask_what(turn: Turn, draft: Appointment) -> Outcome:
    skip = turn.knowledge.button("ap_no_matter", encode(Verb.AP_CHANGE, draft.id))
    return appointments.asking(turn, draft, AppointmentMove.ASKED_WHAT, turn.knowledge.say("ap_what"), (skip,))


def _when(turn: Turn, draft: Appointment) -> Outcome:
    if _chooses(turn, draft):
        return _where(turn, draft)
    knowledge = turn.knowledge
    text = knowledge.say("ap_when_result" if draft.errand is Errand.RESULT else "ap_when")
    buttons: tuple[Button, ...] = ()
    walk = turn.records.walk(draft.walk or "")
    until = reminders.due_by(turn, walk) if walk and draft.errand is Errand.RESULT else None
    if until:
        text += "\n" + knowledge.say("ap_by_law", date=reminders.day(knowledge, until.astimezone(LOCAL).date()))
        buttons = (knowledge.button("ap_watch", encode(Verb.AP_WATCH, draft.id)),)
    return _asking(turn, draft, AppointmentMove.ASKED_WHEN, text, buttons)


def _placed(turn: Turn, draft: Appointment, moment: Moment) -> Outcome:
    """The day is known: on to the hour, or to reading it back."""
    draft = replace(draft, proposed=appointments.stamp(moment))
    if _chooses(turn, draft):
        return _where(turn, draft)
    if moment.time:
        return _read_back(turn, draft)
    knowledge = turn.knowledge
    spans = reminders.office(knowledge, _counter(turn, draft)).spans(moment.day)
    buttons = [
        knowledge.button(key, encode(Verb.AP_AT, draft.id, f"{moment.day}-{start:%H%M}"))
        for key, (start, _) in zip(("ap_morning", "ap_afternoon"), spans, strict=False)
        if start > turn.now
    ]
    meant = _as_proposed(turn, draft)
    any_hour = encode(Verb.AP_YES, draft.id, appointments.stamp(moment), *_named(meant))
    buttons.append(knowledge.button("ap_any_hour", any_hour))
    text = _with_warning(turn, meant, knowledge.say("ap_hour", when=reminders.moment(knowledge, meant)))
    return _asking(turn, draft, AppointmentMove.ASKED_HOUR, text, buttons)


def _as_proposed(turn: Turn, draft: Appointment) -> Appointment:
    """The appointment as it would be with the proposed time; without one, as it is."""
    moment = _parsed(draft.proposed or "")
    if moment is None:
        return draft
    draft = replace(draft, counter=_counter(turn, draft))
    if moment.time:
        return replace(draft, at=datetime.combine(moment.day, moment.time, LOCAL), all_day=False)
    spans = reminders.office(turn.knowledge, draft.counter).spans(moment.day)
    return replace(draft, at=spans[0][0] if spans else at_clock(moment.day, OPENS), all_day=True)


def _read_back(turn: Turn, draft: Appointment) -> Outcome:
    """Weekday, date, hour, place and what for, to be confirmed."""
    knowledge = turn.knowledge
    meant = _as_proposed(turn, draft)
    if draft.proposed is None or meant.at is None:
        return _when(turn, draft)
    if _chooses(turn, draft):
        return _where(turn, draft)
    text = knowledge.say(
        "ap_read_back",
        when=reminders.moment(knowledge, meant),
        where=reminders.where(knowledge, meant),
        what=reminders.what(knowledge, meant),
    )
    buttons = [
        knowledge.button("ap_yes", encode(Verb.AP_YES, draft.id, draft.proposed, *_named(meant))),
        knowledge.button("ap_other_time", encode(Verb.AP_CHANGE, draft.id)),
    ]
    if len(reminders.counters(knowledge, draft)) > 1:
        buttons.append(knowledge.button("ap_elsewhere", encode(Verb.AP_WHERE, draft.id)))
    if not draft.label:
        buttons.append(knowledge.button("ap_for", encode(Verb.AP_FOR, draft.id)))
    return _asking(turn, draft, AppointmentMove.READ_BACK, _with_warning(turn, meant, text), buttons)


def _asking(
    turn: Turn, draft: Appointment, move: AppointmentMove, text: str, buttons: Iterable[Button] = ()
) -> Outcome:
    """Ask, with the way out beside the choices."""
    stop = turn.knowledge.button("ap_stop", encode(Verb.STOP))
    return appointments.asking(turn, draft, move, text, (*buttons, stop))


def _with_warning(turn: Turn, meant: Appointment, text: str) -> str:
    """Before it: that the office is closed then, and when it opens."""
    warning = _warning(turn, meant, meant.at) if meant.at else ""
    return f"{warning}\n\n{text}" if warning else text


def _warning(turn: Turn, meant: Appointment, at: datetime) -> str:
    knowledge, on = turn.knowledge, at.astimezone(LOCAL).date()
    feast = holidays(on.year).get(on)
    why = knowledge.say(f"feast_{_key(feast.feast)}") if feast else knowledge.say("feast_rest")
    office = reminders.office(knowledge, meant.counter)
    if meant.police:  # its hours are not in content; only the holidays are certain
        return knowledge.say("ap_closed_feast", feast=why) if feast else ""
    if office.closed(on):
        opens = opening(at, office).opens_next.date()
        key = "ap_closed_there" if _is_beside(turn, meant) else "ap_closed"
        return knowledge.say(key, feast=why, next=reminders.day(knowledge, opens))
    if not meant.all_day and not opening(at, office).is_open:
        hours = knowledge.content.locality.counter_named(meant.counter).hours_text
        return knowledge.say("ap_closed_then", hours=hours)
    return ""


def _key(name: StrEnum) -> str:
    return name.replace("-", "_")


# --- where ----------------------------------------------------------------------------------------------------


def _counter(turn: Turn, draft: Appointment) -> str | None:
    """The counter it is to be at: the chosen one if it (still) takes such work, else the only one that does. None is
    the main one, and an open question where there are several."""
    known = [one.id for one in reminders.counters(turn.knowledge, draft)]
    chosen = draft.proposed_counter or draft.counter
    if chosen in known:
        return chosen
    main = turn.knowledge.content.locality.counter.id
    return known[0] if len(known) == 1 and known[0] != main else None


def _chooses(turn: Turn, draft: Appointment) -> bool:
    """True if they must say at which counter."""
    return len(reminders.counters(turn.knowledge, draft)) > 1 and _counter(turn, draft) is None


def _is_beside(turn: Turn, meant: Appointment) -> bool:
    """True if it is at a counter beside the main one."""
    locality = turn.knowledge.content.locality
    return locality.counter_named(meant.counter).id != locality.counter.id


def _named(meant: Appointment) -> tuple[str, ...]:
    return (meant.counter,) if meant.counter else ()


def _settled(appointment: Appointment) -> tuple[object, ...]:
    return appointment.at, appointment.all_day, appointment.counter


def _where(turn: Turn, draft: Appointment) -> Outcome:
    """At which counter? The one nearest to where they live comes first, if they chose to say so."""
    knowledge, home = turn.knowledge, turn.records.home()
    counters = reminders.counters(knowledge, draft)
    nearest = sorted(counters, key=lambda one: home not in one.hamlets)[:COUNTERS_SHOWN]
    lines = [knowledge.say("ap_counter", name=one.name, address=one.address, hours=one.hours_text) for one in nearest]
    buttons = tuple(
        Button(
            label=one.short or shorten(one.name),
            payload=encode(Verb.AP_WHERE, draft.id, one.id),
            words=(one.name, *one.landmarks),
        )
        for one in nearest
    )
    key = "ap_where" if len(nearest) == len(counters) else "ap_where_more"
    text = knowledge.say(key, lines="\n".join(f"• {line}" for line in lines))
    if moment := _parsed(draft.proposed or ""):
        text = f"{knowledge.say('ap_on', when=_label(turn, moment))}\n{text}"
    return _asking(turn, draft, AppointmentMove.ASKED_PLACE, text, buttons)


def where(turn: Turn) -> Outcome:
    """That counter; without a name, which one?"""
    id_, *named = args(turn)
    draft = turn.records.appointment(id_)
    if draft is None or draft.status in {AppointmentStatus.CANCELLED, AppointmentStatus.DONE}:
        return appointments.gone(turn)
    known = {one.id for one in reminders.counters(turn.knowledge, draft)}
    if not known & set(named):
        return _where(turn, draft) if len(known) > 1 else _read_back(turn, draft)
    return _went_on(turn, replace(draft, proposed_counter=named[0]))


def _went_on(turn: Turn, draft: Appointment) -> Outcome:
    """The counter is known: on to the day, the hour, or to reading it back. What is booked keeps its time."""
    booked = draft.status is AppointmentStatus.BOOKED
    moment = _parsed(draft.proposed or "") or (appointments.moment_of(draft) if booked else None)
    return _placed(turn, draft, moment) if moment else _when(turn, draft)


def _placed_in_words(turn: Turn, draft: Appointment, text: str) -> Outcome:
    """The counter that they named, or the hamlet that it is near to; a day that they said instead is kept."""
    found = find_counters(text, reminders.counters(turn.knowledge, draft), turn.knowledge.content.locality)
    if found and all(found[0].score > one.score for one in found[1:]):
        return _went_on(turn, replace(draft, proposed_counter=found[0].id))
    reading = _time_in(turn, text)
    if reading.moment:
        draft = replace(draft, proposed=appointments.stamp(reading.moment))
    return _where(turn, draft)


# --- buttons --------------------------------------------------------------------------------------------------


def chosen(turn: Turn) -> Outcome:
    """One of the times that were offered."""
    draft = turn.records.appointment(args(turn)[0])
    moment = _parsed(args(turn)[1])
    if draft is None or moment is None or draft.status in {AppointmentStatus.CANCELLED, AppointmentStatus.DONE}:
        return appointments.gone(turn)
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
        return appointments.gone(turn)
    return _asking(turn, draft, AppointmentMove.ASKED_NAME, turn.knowledge.say("ap_for"))


def show(turn: Turn) -> Outcome:
    """One appointment; one that is still being made is read back, or asked on."""
    appointment = turn.records.appointment(args(turn)[0])
    if appointment is None:
        return appointments.gone(turn)
    if appointment.status is AppointmentStatus.DRAFT:
        return _read_back(turn, appointment)
    return appointments.shown(turn, appointment)


def change(turn: Turn) -> Outcome:
    """Another day or hour. What is booked stands until the new time is confirmed."""
    appointment = appointments.meant(turn)
    if appointment is None:
        return appointments.gone(turn)
    if appointment.status is AppointmentStatus.DONE:
        return appointments.shown(turn, appointment)
    return _when(turn, appointment)


def confirmed(turn: Turn) -> Outcome:
    """Book what was read back. A second press finds it booked."""
    draft = turn.records.appointment(args(turn)[0])
    moment = _parsed(args(turn)[1])
    if draft is None or moment is None or draft.status is AppointmentStatus.DONE:
        return appointments.gone(turn)
    if named := args(turn)[2:]:
        draft = replace(draft, proposed_counter=named[0])
    if _chooses(turn, draft):
        return _where(turn, replace(draft, proposed=args(turn)[1]))
    if _over(turn, moment):
        text = turn.knowledge.say("ap_problem_past")
        return _asking(turn, draft, AppointmentMove.ASKED_WHEN, text)
    meant = _as_proposed(turn, replace(draft, proposed=args(turn)[1]))
    if draft.status is AppointmentStatus.BOOKED and _settled(draft) == _settled(meant):
        return appointments.shown(turn, draft, lead=turn.knowledge.say("ap_booked_already"))
    again = draft.status is AppointmentStatus.BOOKED
    booked = replace(
        meant,
        proposed=None,
        proposed_counter=None,
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
        text += "\n" + appointments.promise(turn, appointment, agreed=agreed)
        reply = Reply(text=text, buttons=appointments.after_booking(turn, appointment, agreed=agreed), file=file)
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
        reminders.place(turn.knowledge, appointment),
        appointment.at,
        turn.now,
        all_day=appointment.all_day,
        alarm=turn.knowledge.say("ap_alarm", line=reminders.line(turn.knowledge, appointment)),
    )
    return Attachment(name="lich-hen.ics", media_type=MEDIA_TYPE, text=text)


def watch(turn: Turn) -> Outcome:
    """No day was given: ask on the day by which the law wants the result."""
    draft = turn.records.appointment(args(turn)[0])
    walk = turn.records.walk(draft.walk or "") if draft else None
    until = reminders.due_by(turn, walk) if walk else None
    if draft is None or until is None or draft.status is not AppointmentStatus.DRAFT:
        return appointments.gone(turn)
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
