"""Who answers what."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.dialogue.messages import Outcome, Turn
from bot.dialogue.payloads import Verb
from bot.handlers import (
    appointments,
    booking,
    cards,
    feedback,
    guides,
    officers,
    own_data,
    questions,
    staff,
    talk,
    tip_work,
    tips,
    walks,
)

Handler = Callable[[Turn], Outcome]

HANDLERS: Mapping[Verb, Handler] = {
    # words in people's own way
    Verb.ASKED: questions.answer,
    Verb.SMALL_TALK: talk.small_talk,
    Verb.URGENT: talk.urgent,
    Verb.WORDS: walks.named,
    Verb.NO_SUCH_NUMBER: talk.no_such_number,
    Verb.UNREADABLE: talk.unreadable,
    # what there is to know
    Verb.LIST: guides.fields,
    Verb.FIELD: guides.field,
    Verb.EVENTS: guides.events,
    Verb.EVENT: guides.event,
    Verb.ABOUT: guides.about,
    Verb.CARD: cards.show,
    # the walk
    Verb.BEGIN: walks.begin,
    Verb.ANEW: walks.anew,
    Verb.WALKS: walks.choose,
    Verb.RESUME: walks.resume,
    Verb.NAME: walks.unnamed,
    Verb.ANSWER: walks.answered,
    Verb.TICK: walks.ticked,
    Verb.TICK_MANY: walks.ticked,
    Verb.READY: walks.ready,
    Verb.PAPERS: walks.to_papers,
    Verb.DONE: walks.done,
    Verb.STUCK: walks.stuck,
    Verb.FIX: walks.fix,
    Verb.STEP_BACK: walks.step_back,
    Verb.PAUSE: walks.pause,
    Verb.END: walks.ended,
    Verb.NO_CODE: walks.no_code,
    # appointments
    Verb.AP_SAID: booking.said,
    Verb.AP_WORDS: booking.words,
    Verb.APPOINT: booking.begin,
    Verb.APPOINTMENTS: appointments.list_,
    Verb.AP_SHOW: booking.show,
    Verb.AP_AT: booking.chosen,
    Verb.AP_WATCH: booking.watch,
    Verb.AP_FOR: booking.for_other,
    Verb.AP_YES: booking.confirmed,
    Verb.AP_CHANGE: booking.change,
    Verb.AP_OFF: appointments.off,
    Verb.AP_SEEN: appointments.seen,
    Verb.AP_PAPERS: appointments.papers,
    Verb.AP_TICK: appointments.ticked,
    Verb.AP_REMIND: appointments.consented,
    Verb.AP_NOTICE: appointments.notice,
    Verb.AP_PHONE: appointments.phone,
    Verb.AP_RESULT: appointments.result,
    # staff
    Verb.INVITED: staff.invited,
    Verb.DESK: staff.desk,
    Verb.DESK_CODE: staff.code,
    # left for a human
    Verb.FEEDBACK: feedback.kinds,
    Verb.LEAVE_WORDS: feedback.write,
    Verb.NAMELESS: feedback.nameless,
    Verb.LET_BE: feedback.let_be,
    Verb.WRITTEN: feedback.written,
    Verb.RATE: feedback.rated,
    Verb.RATE_VISIT: feedback.visit_rated,
    Verb.CASES: feedback.own,
    Verb.CASE: feedback.status,
    Verb.MORE: feedback.more,
    Verb.HANDED_ON: feedback.handed_on,
    # officers, in their own chat
    Verb.TAKE_CASE: officers.take,
    Verb.ANSWER_CASE: officers.answer,
    Verb.ANSWER_LIVE: officers.live,
    Verb.BOT_BACK: officers.bot_back,
    # always possible
    Verb.MENU: talk.menu,
    Verb.HELP: talk.help_,
    Verb.HUMAN: talk.human,
    Verb.WHERE: talk.where,
    Verb.BACK: guides.back,
    Verb.STOP: talk.stop,
    Verb.RESTART: talk.restart,
    # their own data
    Verb.MY_DATA: own_data.show,
    Verb.ERASE: own_data.ask,
    Verb.ERASE_YES: own_data.erase,
    Verb.ERASE_NO: own_data.keep,
    # tips, for those who take them …
    Verb.TIPS: tips.ask,
    Verb.TIPS_YES: tips.yes,
    Verb.TIPS_NO: tips.no,
    Verb.TIPS_PLACE: tips.place,
    Verb.TIPS_TOPIC: tips.topic,
    Verb.TIP_OPEN: tips.opened,
    Verb.TIP_CHECK: tips.check,
    Verb.TIP_TRUE: tips.verdict,
    Verb.FOLLOW_UP: tips.follow_up,
    Verb.FOLLOW_UP_NO: tips.follow_up_no,
    # … and for those who write them
    Verb.TIP_WORK: tip_work.work,
    Verb.TIP_LIBRARY: tip_work.library,
    Verb.TIP_WRITE: tip_work.write,
    Verb.TIP_WORDS: tip_work.worded,
    Verb.TIP_SHOW: tip_work.show,
    Verb.TIP_SET: tip_work.change,
    Verb.TIP_MOVE: tip_work.move,
}
