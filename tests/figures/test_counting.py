"""Each question, and each stage of a walk, is counted once, under the name that the figures know."""

from __future__ import annotations

from collections import Counter

import pytest

from bot import counting
from bot.dialogue.messages import Became, Count, KeepQuestion, Walk
from bot.dialogue.payloads import Verb, encode
from tests.support.mind import Mind


def counted(talk: Mind) -> Counter[str]:
    return Counter({kind: n for kind, n in _all(talk).items() if n})


def _all(talk: Mind) -> Counter[str]:
    found: Counter[str] = Counter()
    for effect in talk.effects:
        if isinstance(effect, Count):
            found[effect.kind] += effect.n
    return found


def kept(talk: Mind) -> list[tuple[str, str]]:
    return [(effect.became, effect.folded) for effect in talk.effects if isinstance(effect, KeepQuestion)]


def walked(talk: Mind, way: str = "1") -> Mind:
    """To the question of how it ended, in the guide of copies."""
    talk.says("chứng thực bản sao").presses(encode(Verb.BEGIN, "chung-thuc-ban-sao"))
    for _ in range(40):
        if talk.state == "ending":
            return talk
        talk.says({"asking": way, "papers": "đi tiếp", "step": "xong"}[talk.state])
    raise AssertionError("no end in sight")


def test_a_question_answered_at_once_is_counted_and_kept_with_its_guide(talk: Mind) -> None:
    talk.says("làm giấy khai sinh cho con")

    assert counted(talk)[Became.ANSWERED] == 1
    assert Count(kind=Became.ANSWERED, procedure="khai-sinh") in talk.effects
    assert kept(talk) == [("answered", "lam giay khai sinh cho con")]


def test_what_nobody_knows_is_counted_once(talk: Mind) -> None:
    talk.says("qwrt zxcv plmk")

    assert counted(talk) == {Became.NOT_KNOWN: 1}
    assert kept(talk) == [("not-known", "qwrt zxcv plmk")]


def test_a_question_asked_back_is_no_answer(talk: Mind) -> None:
    talk.says("hộ khẩu")

    assert [became for became, _ in kept(talk)] == [Became.ASKED_BACK]
    assert counted(talk)[Became.ANSWERED] == 0


def test_a_button_is_no_question(talk: Mind) -> None:
    talk.presses(encode(Verb.ABOUT, "khai-sinh"))

    assert counted(talk) == {counting.OPENED: 1}
    assert kept(talk) == []


def test_a_question_with_a_number_in_it_is_kept_without_its_words(talk: Mind) -> None:
    talk.says("làm giấy khai sinh cho con, gọi tôi số 0912345678")

    assert all((text.folded, text.text) == ("", "") for text in talk.effects if isinstance(text, KeepQuestion))


def test_every_step_is_counted_once_however_often_one_goes_back(talk: Mind) -> None:
    walked(talk)
    before = counted(talk)
    talk.says("quay lại").says("quay lại").says("xong").says("xong")

    assert talk.state == "ending"
    assert counted(talk) == before
    assert before[counting.STARTED] == before[counting.PAPERS] == before[counting.STEPS_DONE] == 1
    assert {n for kind, n in before.items() if kind.startswith(counting.REACHED)} == {1}


def test_where_one_was_stuck_and_on_what_is_counted_by_step(talk: Mind) -> None:
    talk.says("chứng thực bản sao").presses(encode(Verb.BEGIN, "chung-thuc-ban-sao"))
    while talk.state != "step":
        talk.says("1" if talk.state == "asking" else "đi tiếp")
    step = talk.walk.step
    talk.says("bị vướng").says("1").says("được rồi").says("bị vướng").says("1")

    found = counted(talk)
    assert found[f"{counting.STUCK}{step}"] == 1
    assert [n for kind, n in found.items() if kind.startswith(f"{counting.TROUBLE}{step}:")] == [1]


@pytest.mark.parametrize(
    ("pressed", "kind", "helped"),
    [
        ("tôi tự làm", counting.ONLINE_SELF, False),
        ("có người giúp", counting.ONLINE_HELPED, True),
        ("tại quầy", counting.COUNTER, None),
        ("thôi không làm", counting.GAVE_UP, None),
    ],
)
def test_the_end_says_whether_somebody_helped(talk: Mind, pressed: str, kind: str, helped: bool | None) -> None:
    walked(talk)
    button = next(button for button in talk.last.buttons if pressed in button.label.lower())
    talk.presses(button.payload)

    ends = {kind: n for kind, n in counted(talk).items() if kind.startswith("ended-")}
    assert ends == {kind: 1}
    assert talk.walk.helped is helped


@pytest.mark.parametrize(
    ("typed", "helped"), [("tôi tự làm", False), ("con cháu nộp giúp", True), ("co nguoi giup", True)]
)
def test_the_same_can_be_typed(talk: Mind, typed: str, helped: bool) -> None:
    walked(talk).says(typed)

    assert talk.walk.helped is helped


def test_a_walk_under_a_name_is_help_and_is_not_asked_about(talk: Mind) -> None:
    walked(talk)
    talk.presses(encode(Verb.ANEW, "chung-thuc-ban-sao")).says("bà Năm")
    while talk.state != "ending":
        talk.says({"asking": "1", "papers": "đi tiếp", "step": "xong"}[talk.state])
    assert sum("trên mạng" in label for label in talk.labels) == 1
    talk.says("1")

    assert counted(talk)[counting.ONLINE_HELPED] + counted(talk)[counting.COUNTER] == 1
    assert talk.walk.helped


def test_a_button_of_before_the_question_of_help_still_works(talk: Mind) -> None:
    walked(talk)
    talk.presses(encode(Verb.END, talk.walk.id, "online"))

    assert counted(talk)[counting.ONLINE] == 1


def test_a_walk_stored_before_help_was_asked_about_can_be_read(talk: Mind) -> None:
    from storage.codec import walk, walk_body

    body = walk_body(walked(talk).walk).replace('"helped":null,', "")
    row = {"id": "w", "procedure": "p", "status": "open", "started_at": talk.now.isoformat(), "body": body}
    read: Walk = walk({**row, "touched_at": talk.now.isoformat()})

    assert read.helped is None
    assert counting.STEPS_DONE in read.counted
