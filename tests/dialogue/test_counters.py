"""Where one goes with an appointment: asked where there is a choice, and only there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import icalendar
import pytest

from bot.dialogue.messages import Appointment, AppointmentStatus
from bot.dialogue.payloads import Verb, encode
from bot.handlers import reminders
from bot.knowledge import Knowledge
from bot.understanding.places import find_counters
from content.models import Counter
from tests.support.mind import Mind

MAP = "https://example.vn/ban-do/hoa-lung"


def counter(knowledge: Knowledge, id_: str, name: str, **more: Any) -> Counter:
    return knowledge.content.locality.counter.model_copy(update={"id": id_, "name": name, "short": None, **more})


@pytest.fixture
def commune(knowledge: Knowledge) -> Callable[..., Mind]:
    """A talk in a commune with these counters beside its main one."""

    def made(*counters: Counter, **main: Any) -> Mind:
        locality = knowledge.content.locality.model_copy(update={"counters": counters})
        locality = locality.model_copy(update={"counter": locality.counter.model_copy(update=main)})
        return Mind(replace(knowledge, content=replace(knowledge.content, locality=locality)))

    return made


def booked(talk: Mind) -> Appointment:
    return next(one for one in talk.appointments.values() if one.status is AppointmentStatus.BOOKED)


def test_with_one_counter_nobody_is_asked(commune: Callable[..., Mind]) -> None:
    talk = commune().says("nhắc tôi thứ năm này 9 giờ chứng thực bản sao")

    assert "Cháu ghi thế này" in talk.heard
    assert "Đổi nơi" not in talk.labels
    assert booked(talk.says("đúng rồi")).counter is None


def test_with_the_police_nobody_is_asked(commune: Callable[..., Mind], knowledge: Knowledge) -> None:
    talk = commune(counter(knowledge, "hai", "Quầy hai")).says("nhắc tôi thứ năm này 9 giờ đăng ký tạm trú")

    assert "Ở: Công an xã" in talk.heard


def test_what_only_another_counter_takes_is_booked_there(commune: Callable[..., Mind], knowledge: Knowledge) -> None:
    other = counter(knowledge, "hai", "Quầy chứng thực", fields=("chung-thuc",))
    talk = commune(other, fields=("ho-tich",)).says("nhắc tôi thứ năm này 9 giờ chứng thực bản sao")

    assert "Ở: Quầy chứng thực" in talk.heard
    assert booked(talk.says("đúng rồi")).counter == "hai"


def test_of_many_counters_four_are_offered_and_all_are_known_by_their_words(
    commune: Callable[..., Mind], knowledge: Knowledge
) -> None:
    many = [
        counter(knowledge, f"diem-{n}", f"Điểm số {n} Tân Lập", landmarks=(f"kho thóc {n}",)) for n in range(1, 7)
    ]
    talk = commune(*many).says("nhắc tôi thứ năm này 9 giờ làm khai sinh")

    assert len(talk.labels) == 5  # and the way out
    assert "nơi khác" in talk.heard
    assert "Ở: Điểm số 6 Tân Lập" in talk.says("kho thoc 6").heard


def test_what_is_booked_stands_until_the_other_place_is_confirmed(
    commune: Callable[..., Mind], knowledge: Knowledge
) -> None:
    talk = commune(counter(knowledge, "hai", "Quầy hai", hamlets=("ban-na-lua",)))
    talk.says("nhắc tôi thứ năm này 9 giờ làm khai sinh").says("1").says("đúng rồi").says("không")
    id_, revision = booked(talk).id, booked(talk).revision

    talk.says("lịch hẹn").presses(encode(Verb.AP_WHERE, id_)).says("gần bản nà lúa")
    assert "9 giờ sáng" in talk.heard
    assert "Ở: Quầy hai" in talk.heard
    assert (booked(talk).counter, booked(talk).revision) == ("main", revision)
    assert (booked(talk.says("đúng rồi")).counter, booked(talk).revision) == ("hai", revision + 1)
    assert booked(talk).proposed_counter is None


def test_an_old_yes_books_the_place_that_it_was_said_to(commune: Callable[..., Mind], knowledge: Knowledge) -> None:
    talk = commune(counter(knowledge, "hai", "Quầy hai"))
    talk.says("nhắc tôi thứ năm này 9 giờ làm khai sinh").says("1")
    yes = talk.last.buttons[0].payload
    talk.says("đổi nơi").says("2")

    assert booked(talk.presses(yes)).counter == "main"


def test_a_counter_that_content_no_longer_has_is_asked_for_anew(
    commune: Callable[..., Mind], knowledge: Knowledge
) -> None:
    talk = commune(counter(knowledge, "hai", "Quầy hai"), counter(knowledge, "ba", "Quầy ba"))
    talk.says("nhắc tôi thứ năm này 9 giờ làm khai sinh").says("3")
    yes = talk.last.buttons[0].payload
    two = commune(counter(knowledge, "hai", "Quầy hai"))
    talk.knowledge = two.knowledge

    assert "tới nơi nào" in talk.presses(yes).heard
    assert {one.status for one in talk.appointments.values()} == {AppointmentStatus.DRAFT}


def test_the_calendar_file_names_the_chosen_place_and_its_map(
    commune: Callable[..., Mind], knowledge: Knowledge
) -> None:
    talk = commune(counter(knowledge, "hai", "Quầy hai", address="bản Hoa Lũng", map=MAP))
    talk.says("nhắc tôi thứ năm này 9 giờ làm khai sinh").says("2")
    assert MAP in talk.heard
    talk.says("đúng rồi")
    file = next(reply.file for reply in talk.replies if reply.file)
    event = icalendar.Calendar.from_ical(file.text).walk("VEVENT")[0]

    assert (event["location"], event["url"]) == ("Quầy hai, bản Hoa Lũng", MAP)


def test_days_on_which_the_commune_is_closed_hold_at_every_counter(knowledge: Knowledge) -> None:
    locality = knowledge.content.locality
    closed = {"closed": (type_of_closure(locality.counter),)}
    shut = locality.model_copy(update={"counter": locality.counter.model_copy(update=closed)})
    changed = replace(knowledge, content=replace(knowledge.content, locality=shut))
    thursday = datetime(2026, 11, 26, 2, 0, tzinfo=UTC).date()

    assert not reminders.office(knowledge, "hoa-lung").closed(thursday)
    assert reminders.office(changed, "hoa-lung").closed(thursday)


def type_of_closure(main: Counter) -> Any:
    return Counter.model_validate(
        {**main.model_dump(mode="json"), "closed": [{"from": "2026-11-26", "until": "2026-11-26", "why": "Mất điện"}]}
    ).closed[0]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("điểm tiếp nhận hoa lũng", ["hoa-lung"]),
        ("diem tiep nhan hoa lung", ["hoa-lung"]),
        ("trung tâm xã", ["main"]),
        ("gan cau treo suoi tren", ["hoa-lung"]),
        ("thôn đồng chum", ["main"]),
        ("đâu cũng được", []),
    ],
)
def test_a_counter_is_known_by_its_names_and_by_the_hamlets_near_it(
    knowledge: Knowledge, said: str, found: list[str]
) -> None:
    locality = knowledge.content.locality

    assert [one.id for one in find_counters(said, locality.counters_for("chung-thuc"), locality)][:1] == found
