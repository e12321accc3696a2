"""The thinking alone, without a house around it: what `step` decides is remembered in memory."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.channels.base import pressed, said
from bot.dialogue.cases import Case, CaseStatus, Officer, Takeover, Thread
from bot.dialogue.engine import step
from bot.dialogue.messages import (
    Address,
    Appointment,
    AppointmentStatus,
    Audience,
    Broadcast,
    BroadcastState,
    Catalogue,
    ChooseHome,
    ChooseTips,
    Conversation,
    Effect,
    ForgetMe,
    GiveBack,
    Grant,
    Inbound,
    Invitation,
    KeptData,
    NoCatalogue,
    OpenCase,
    Outcome,
    PersonId,
    PlanReminders,
    Progress,
    Purpose,
    RecordConsent,
    Reminder,
    Reply,
    SaveAppointment,
    SaveBroadcast,
    SavePhone,
    SaveWalk,
    Segment,
    Subscription,
    Turn,
    Walk,
    WalkStatus,
    local_day,
)
from bot.knowledge import Knowledge
from tests.support.talking import MORNING

ME = Address("console", "ba")


@dataclass
class Mind:
    """One person's conversation with the bot."""

    knowledge: Knowledge
    conversation: Conversation = field(default_factory=Conversation)
    walks: dict[str, Walk] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    taken_over: Takeover | None = None
    effects: list[Effect] = field(default_factory=list)
    now: datetime = MORNING
    replies: tuple[Reply, ...] = ()
    grants: tuple[Grant, ...] = ()
    appointments: dict[str, Appointment] = field(default_factory=dict)
    agreed: dict[Purpose, bool] = field(default_factory=dict)
    phone: str | None = None
    home: str | None = None
    coming: tuple[Reminder, ...] = ()  # the reminders last planned
    catalogue: Catalogue = field(default_factory=NoCatalogue)
    person: str = "p"
    chosen: Subscription | None = None  # what they chose who take tips
    tips: dict[str, Broadcast] = field(default_factory=dict)
    _ids: Callable[[], str] = field(default_factory=lambda: map("id{:06}".format, itertools.count()).__next__)
    _seq: int = 0

    def says(self, text: str) -> Mind:
        return self.hears(said(ME, "e", text))

    def presses(self, payload: str) -> Mind:
        return self.hears(pressed(ME, "e", payload))

    def hears(self, inbound: Inbound) -> Mind:
        self._seq += 1
        self.now += timedelta(seconds=20)
        return self._carry_out(step(self._turn(inbound)))

    @property
    def last(self) -> Reply:
        return self.replies[-1]

    @property
    def heard(self) -> str:
        return "\n".join(reply.text for reply in self.replies)

    @property
    def labels(self) -> list[str]:
        return [button.label for button in self.last.buttons]

    @property
    def state(self) -> str:
        return self.conversation.focus.state

    @property
    def walk(self) -> Walk:
        """The walk last touched."""
        return max(self.walks.values(), key=lambda walk: walk.touched_at)

    def _turn(self, inbound: Inbound) -> Turn:
        return Turn(
            person=PersonId(self.person),
            seq=self._seq,
            inbound=inbound,
            conversation=self.conversation,
            now=self.now,
            knowledge=self.knowledge,
            records=_Remembered(self),
            catalogue=self.catalogue,
            tips=_RememberedTips(self),
            new_id=self._ids,
        )

    def _carry_out(self, outcome: Outcome) -> Mind:
        self.replies = outcome.replies
        self.conversation = replace(outcome.conversation, version=self.conversation.version + 1)
        for effect in outcome.effects:
            self.effects.append(effect)
            if isinstance(effect, SaveWalk):
                self.walks[effect.walk.id] = effect.walk
            if isinstance(effect, SaveAppointment):
                self.appointments[effect.appointment.id] = effect.appointment
            if isinstance(effect, RecordConsent):
                self.agreed[effect.purpose] = effect.yes
            if isinstance(effect, SavePhone):
                self.phone = effect.phone
            if isinstance(effect, ChooseHome):
                self.home = effect.place
            if isinstance(effect, PlanReminders):
                self.coming = effect.reminders
            if isinstance(effect, OpenCase):
                self.cases[effect.code] = _opened(effect, self.now)
            if isinstance(effect, GiveBack):
                self.taken_over = None
            self._carry_out_tips(effect)
            if isinstance(effect, ForgetMe):
                self.appointments.clear()
                self.walks.clear()
                self.cases.clear()
                self.home = None
                self.conversation = Conversation()
        return self

    def _carry_out_tips(self, effect: Effect) -> None:
        match effect:
            case RecordConsent(purpose=purpose, yes=yes):
                if purpose is Purpose.TIPS:
                    self.chosen = (self.chosen or Subscription()) if yes else None
            case ChooseTips(subscription=chosen) if self.chosen is not None:
                self.chosen = chosen
            case SaveBroadcast(broadcast=one):
                self.tips[one.id] = replace(one, version=one.version + 1)


@dataclass(frozen=True)
class _RememberedTips:
    mind: Mind

    def subscription(self) -> Subscription | None:
        return self.mind.chosen

    def broadcast(self, id_: str) -> Broadcast | None:
        return self.mind.tips.get(id_)

    def by_code(self, code: str) -> Broadcast | None:
        return next((one for one in self.mind.tips.values() if one.code == code), None)

    def broadcasts(self, *states: BroadcastState) -> list[Broadcast]:
        return [one for one in self.mind.tips.values() if one.state in states]

    def audience(self, segment: Segment) -> Audience:
        return Audience(reached={"console": 12})

    def progress(self, id_: str) -> Progress:
        return Progress()


def _opened(new: OpenCase, now: datetime) -> Case:
    return Case(
        code=new.code,
        kind=new.kind,
        status=CaseStatus.NEW,
        anonymous=new.anonymous,
        due=new.due,
        opened=now,
        touched=now,
        words=new.words,
        place=new.place,
    )


@dataclass(frozen=True)
class _Remembered:
    mind: Mind

    def walk(self, id_: str) -> Walk | None:
        return self.mind.walks.get(id_)

    def open_walks(self) -> list[Walk]:
        waiting = [walk for walk in self.mind.walks.values() if walk.status is WalkStatus.OPEN]
        return sorted(waiting, key=lambda walk: walk.touched_at, reverse=True)

    def home(self) -> str | None:
        return self.mind.home

    def kept_data(self) -> KeptData:
        return KeptData(
            since=local_day(self.mind.now),
            channels=("console",),
            walks=tuple(self.mind.walks.values()),
            messages=1,
            replies=1,
            consents=(),
            home=self.mind.home,
        )

    def appointment(self, id_: str) -> Appointment | None:
        return self.mind.appointments.get(id_)

    def booked(self) -> list[Appointment]:
        booked = [one for one in self.mind.appointments.values() if one.status is AppointmentStatus.BOOKED]
        return sorted(booked, key=lambda one: (one.at or one.touched_at, one.id))

    def agreed(self, purpose: Purpose) -> bool | None:
        return self.mind.agreed.get(purpose)

    def phone(self) -> str | None:
        return self.mind.phone

    def invitation(self, token_hash: str, now: datetime) -> Invitation | None:
        return None

    def code_waits(self, now: datetime) -> bool:
        return False

    def code_shown(self, code_hash: str, now: datetime) -> bool:
        return False

    def roles(self) -> tuple[Grant, ...]:
        return self.mind.grants

    def case(self, code: str) -> Thread | None:
        opened = self.mind.cases.get(code)
        return Thread(case=opened, messages=()) if opened else None

    def cases(self) -> tuple[Case, ...]:
        return tuple(case for case in self.mind.cases.values() if not case.anonymous)

    def takeover(self, now: datetime) -> Takeover | None:
        return self.mind.taken_over

    def staff_name(self) -> str | None:
        return None

    def case_of_others(self, code: str, officer: Officer, now: datetime) -> Thread | None:
        return self.case(code)
