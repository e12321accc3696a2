"""Where somebody lives: remembered when they chose it, and only then."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.messages import ChooseHome, Count, Inbound, OpenCase, Purpose, RecordConsent
from bot.dialogue.payloads import Verb, encode
from bot.knowledge import Knowledge
from content.models import Hamlet
from tests.support.mind import ME, Mind

GAO, LUA = "thon-ben-gao", "ban-na-lua"


def lives(talk: Mind, hamlet: str = GAO) -> Mind:
    return talk.says("menu").presses(encode(Verb.HOME_AT, hamlet))


@pytest.mark.parametrize(
    ("said", "hamlet"),
    [
        ("tôi ở thôn Bến Gạo", GAO),
        ("toi o ben gao", GAO),
        ("dạ nhà con ở gần chợ Bến Gạo ạ", GAO),
        ("nha em o ban na thoc", LUA),
        ("bác ở bản nà lúa cháu ơi", LUA),
        ("nhà tui ở đội 5 cũ", "thon-cay-thi"),
        ("nhà tôi ở cạnh trạm y tế xã", "thon-dap-moi"),
        ("tôi sống ở thon dong trum", "thon-dong-chum"),
    ],
)
def test_whoever_says_where_they_live_is_asked_before_it_is_remembered(talk: Mind, said: str, hamlet: str) -> None:
    talk.says("menu").says(said)

    assert talk.home is None
    assert talk.last.buttons[0].payload == encode(Verb.HOME_AT, hamlet)
    assert talk.says("đúng rồi").home == hamlet
    assert talk.agreed[Purpose.HOME] is True


@pytest.mark.parametrize(
    "said",
    [
        "tôi ở thôn Bến Gạo muốn làm khai sinh",
        "thôn bến gạo ở đâu",
        "tôi ở thôn bến gạo thì nộp ở đâu",
        "nhà ở xã hội cho người thu nhập thấp",
        "tôi ở xa quá",
        "con tôi ở với bà nội ở bản nà lúa giờ muốn chuyển trường về",
        "tôi đang ở đâu",
        "mẹ tôi mới mất ở thôn bến gạo hôm qua",
        "bến gạo",
    ],
)
def test_a_place_that_a_message_mentions_by_the_way_is_nobodys_home(talk: Mind, said: str) -> None:
    talk.says("menu").says(said)

    assert talk.home is None
    assert not [button for button in talk.last.buttons if button.payload.startswith("home-")]


def test_who_says_no_is_not_asked_again(talk: Mind) -> None:
    talk.says("menu").says("tôi ở thôn bến gạo").says("không cần nhớ")

    assert (talk.home, talk.agreed[Purpose.HOME]) == (None, False)
    talk.says("góp ý").says("góp ý").says("Nên có thêm ghế ở quầy.")
    assert "Cho biết thôn tôi ở" not in talk.labels


def test_a_no_to_another_hamlet_forgets_nothing(talk: Mind) -> None:
    assert lives(talk).says("tôi ở bản nà lúa").says("không cần nhớ").home == GAO


def test_the_same_hamlet_twice_is_written_once(talk: Mind) -> None:
    lives(talk).presses(encode(Verb.HOME_AT, GAO))

    assert [type(effect) for effect in talk.effects].count(ChooseHome) == 1
    assert [type(effect) for effect in talk.effects].count(RecordConsent) == 1


def test_an_old_button_of_a_hamlet_that_is_gone_asks_anew(talk: Mind) -> None:
    assert lives(talk, "thon-da-giai-the").home is None
    assert "thôn, bản nào" in talk.heard


def test_a_remembered_hamlet_that_content_no_longer_has_counts_for_nothing(talk: Mind) -> None:
    talk.home = "thon-da-giai-the"
    talk.says("menu").says("làm khai sinh")

    assert {effect.place for effect in talk.effects if isinstance(effect, Count)} == {None}
    assert "thôn, bản nào" in talk.says("nơi ở").heard


def test_what_somebody_does_counts_for_their_hamlet(talk: Mind) -> None:
    lives(talk).says("làm khai sinh").says("làm từng bước")

    counts = [effect for effect in talk.effects if isinstance(effect, Count)]
    assert counts
    assert {count.place for count in counts} == {GAO}


def test_a_case_goes_to_their_hamlet_and_an_anonymous_one_to_none(talk: Mind) -> None:
    lives(talk).says("góp ý").says("góp ý").says("Nên có thêm ghế ở quầy.")
    talk.says("góp ý").says("góp ý").says("không kèm tên").says("Cán bộ quầy 2 hay gắt.")

    named, nameless = (effect for effect in talk.effects if isinstance(effect, OpenCase))
    assert (named.place, nameless.place) == (GAO, None)
    counted = [effect.place for effect in talk.effects if isinstance(effect, Count) and "case-" in effect.kind]
    assert counted == [GAO, ""]


def test_forgetting_takes_the_consent_back(talk: Mind) -> None:
    lives(talk).says("xóa nơi ở")

    assert (talk.home, talk.agreed[Purpose.HOME]) == (None, False)
    assert talk.says("xóa nơi ở").heard.startswith("Cháu không giữ nơi ở nào")


def test_where_others_read_along_nobody_is_asked_where_they_live(talk: Mind) -> None:
    talk.hears(Inbound(address=ME, event_id="e", text="tôi ở thôn bến gạo", public=True))

    assert talk.home is None
    assert "riêng" in talk.heard


def test_many_hamlets_are_asked_for_in_words(knowledge: Knowledge) -> None:
    hamlets = tuple(Hamlet(id=f"ap-{n}", name=f"ấp {n} Tân Lập") for n in range(1, 41))
    content = replace(knowledge.content, locality=knowledge.content.locality.model_copy(update={"hamlets": hamlets}))
    talk = Mind(replace(knowledge, content=content)).says("menu").says("đổi thôn")

    assert talk.labels == ["Bỏ qua"]
    assert "Bác gõ tên thôn" in talk.heard
    assert talk.says("ap 13 tan lap").home == "ap-13"
    assert talk.says("nhà tôi ở ấp 31 tân lập").says("đúng").home == "ap-31"
    assert talk.says("tôi ở tân lập").home == "ap-31"


@given(
    st.lists(
        st.sampled_from(
            [
                "tôi ở thôn bến gạo",
                "nhà ở ấp 3",
                "nơi ở",
                "nhận mẹo",
                "có",
                "không",
                "1",
                "gần chợ",
                "thôi",
                "đổi thôn",
                "bỏ qua",
                "làm khai sinh",
                "xóa nơi ở",
                "menu",
            ]
        ),
        max_size=12,
    )
)
def test_whatever_is_said_a_home_is_remembered_with_a_yes_alone(knowledge: Knowledge, said: list[str]) -> None:
    talk = Mind(knowledge)
    for text in said:
        before = talk.home
        talk.says(text)
        if talk.home != before:
            assert talk.agreed[Purpose.HOME] is (talk.home is not None)
            assert isinstance(talk.effects[-1], ChooseHome)
