"""What one message means, wherever the person stands: numbers, words, labels, commands, buttons of long ago."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.channels.base import started
from bot.dialogue.engine import apology, read
from bot.dialogue.messages import Count, ForgetMe, InboundKind, KeepQuestion, Task, Walk, WalkStatus
from bot.dialogue.payloads import MAX_BYTES, Verb, decode
from bot.dialogue.states import TalkState, WalkState
from bot.knowledge import Knowledge
from content import Content
from content.models import Guide, Step
from tests.support.mind import ME, Mind

ANSWERS = ("1", "1", "1", "1")  # khai-sinh: online, with a certificate of birth, parents married, a parent goes


def at_papers(talk: Mind) -> Mind:
    talk.presses("begin:khai-sinh")
    for number in ANSWERS:
        talk.says(number)
    assert talk.state == WalkState.PAPERS
    return talk


def at_step(talk: Mind) -> Mind:
    at_papers(talk).says("đi tiếp")
    assert talk.state == WalkState.STEP
    return talk


def at_ending(talk: Mind) -> Mind:
    at_step(talk)
    while talk.state == WalkState.STEP:
        talk.says("xong")
    assert talk.state == WalkState.ENDING
    return talk


def at_code(talk: Mind) -> Mind:
    at_ending(talk).says("1")
    assert talk.state == WalkState.CODE
    return talk


def at_naming(talk: Mind) -> Mind:
    talk.presses("begin:khai-sinh").presses("anew:khai-sinh")
    assert talk.state == WalkState.NAMING
    return talk


PLACES = {
    WalkState.NAMING: at_naming,
    WalkState.ASKING: lambda talk: talk.presses("begin:khai-sinh"),
    WalkState.PAPERS: at_papers,
    WalkState.STEP: at_step,
    WalkState.STUCK: lambda talk: at_step(talk).says("kẹt"),
    WalkState.ENDING: at_ending,
    WalkState.CODE: at_code,
}


def verb(talk: Mind, text: str) -> Verb:
    """What a typed text would be taken for now."""
    from bot.channels.base import said

    action = read(talk._turn(said(ME, "e", text))).action
    assert action
    return action.verb


# --- numbers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["2", " 2 ", "2.", "2)", "(2)", "số 2", "so 2", "chọn 2", "chọn số 2", "mục 2 nhé", "số hai", "chon so hai"],
)
def test_a_number_is_the_choice_of_that_place(talk: Mind, typed: str) -> None:
    talk.presses("begin:khai-sinh").says(typed)

    assert talk.walk.answers == {"at": "counter"}


@pytest.mark.parametrize("typed", ["2 ạ", "dạ 2", "2 nhé cháu", "cho bác số 2"])
def test_polite_words_around_a_number_take_nothing_from_it(talk: Mind, typed: str) -> None:
    talk.presses("begin:khai-sinh").says(typed)

    assert talk.walk.answers == {"at": "counter"}


@pytest.mark.parametrize("typed", ["0", "4", "9", "99", "số 7"])
def test_a_number_beyond_the_choices_shows_them_again(talk: Mind, typed: str) -> None:
    talk.presses("begin:khai-sinh")
    offered = talk.labels
    talk.says(typed)

    assert "Số này không có" in talk.last.text
    assert talk.labels == offered
    assert talk.walk.answers == {}


@pytest.mark.parametrize("typed", ["2 người", "con 3 tuổi", "bé 2 tháng", "1.5", "2/9", "113"])
def test_a_number_among_other_words_is_no_choice(talk: Mind, typed: str) -> None:
    talk.presses("begin:khai-sinh").says(typed)

    assert talk.walk.answers == {}
    assert "Số này không có" not in talk.last.text


def test_a_number_where_nothing_was_offered_gets_the_menu(talk: Mind) -> None:
    talk.says("cảm ơn")
    assert not talk.last.buttons
    talk.says("3")

    assert talk.last.buttons


def test_digits_belong_to_the_last_reply_of_the_last_turn(talk: Mind) -> None:
    talk.presses("begin:khai-sinh").says("phí sao y bao nhiêu")
    assert talk.labels[0] == "Làm từng bước"
    talk.says("1")

    assert talk.walk.procedure == "chung-thuc-ban-sao"


def test_the_welcome_before_an_answer_takes_no_number_from_it(talk: Mind) -> None:
    talk.says("khai sinh")
    assert len(talk.replies) == 2
    assert not talk.replies[0].buttons
    talk.says("1")

    assert talk.walk.procedure == "khai-sinh"


@pytest.mark.parametrize("typed", ["1 3", "1,3", "1, 3", "1 và 3", "1 va 3", "3 1", "1;3"])
def test_several_papers_are_ticked_at_once(talk: Mind, typed: str) -> None:
    at_papers(talk).says(typed)

    assert len(talk.walk.ticks) == 2
    assert "đã có 2/5" in talk.last.text


def test_a_paper_named_twice_at_once_is_ticked_once(talk: Mind) -> None:
    at_papers(talk).says("1 1 2")

    assert len(talk.walk.ticks) == 2


def test_a_paper_ticked_again_is_unticked(talk: Mind) -> None:
    at_papers(talk).says("1 2").says("2 3")

    assert "☑ 1." in talk.last.text
    assert "☐ 2." in talk.last.text
    assert "☑ 3." in talk.last.text


@pytest.mark.parametrize("typed", ["1 9", "1 6", "0 1", "1 2 7"])
def test_several_numbers_of_which_one_is_no_paper_tick_nothing(talk: Mind, typed: str) -> None:
    at_papers(talk).says(typed)

    assert not talk.walk.ticks
    assert "Số này không có" in talk.last.text


def test_several_numbers_where_there_are_no_papers_choose_nothing(talk: Mind) -> None:
    talk.presses("begin:khai-sinh").says("1 2")

    assert talk.walk.answers == {}
    assert "Số này không có" in talk.last.text


def test_ticking_edits_the_checklist_and_the_way_back_to_it_does_not(talk: Mind) -> None:
    at_papers(talk).says("1")
    assert talk.last.slot == f"papers:{talk.walk.id}"
    talk.says("phí bao nhiêu")

    assert talk.last.slot is None


# --- words ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["Ra quầy nộp", "ra quay nop", "RA QUẦY NỘP", "ra quầy nộp ạ", "ra quay", "một cửa", "ra quầy nôp"]
)
def test_a_choice_is_named_by_its_label_or_its_words(talk: Mind, typed: str) -> None:
    talk.presses("begin:khai-sinh").says(typed)

    assert talk.walk.answers == {"at": "counter"}


@pytest.mark.parametrize(
    "typed",
    ["Khôg có, nhưng có người làm chứng", "khong co nhung co nguoi lam chung", "Không có nhưng có ngừoi làm chứng"],
)
def test_a_long_label_with_a_slip_is_still_that_label(talk: Mind, typed: str) -> None:
    talk.presses("begin:khai-sinh").says("1").says(typed)

    assert talk.walk.answers["giay-chung-sinh"] == "lam-chung"


def test_words_that_fit_two_choices_choose_neither(talk: Mind) -> None:
    """Both walks are "đăng ký khai sinh": whoever types just that begins no wrong one."""
    talk.presses("begin:khai-sinh").presses("anew:khai-sinh").says("bỏ qua").says("menu")
    first, second = (button.label for button in talk.last.buttons[:2])
    before = dict(talk.walks)
    talk.says("làm tiếp")

    assert first.startswith("Làm tiếp")
    assert second.startswith("Làm tiếp")
    assert talk.walks == before
    assert "mấy việc làm dở" in talk.last.text


def test_a_walk_is_named_by_its_label(talk: Mind) -> None:
    talk.presses("begin:khai-sinh").presses("anew:khai-sinh").says("cháu út").says("2")
    named = talk.walk.id
    talk.says("menu").says("chau ut")

    assert talk.conversation.focus.id == named


def test_two_labels_that_begin_alike_are_told_apart_on_their_buttons(talk: Mind) -> None:
    for label in ("cháu út", "cháu cả"):
        talk.presses("anew:khai-sinh").says(label)
    talk.says("menu")
    shown = [label for label in talk.labels if label.startswith("Làm tiếp")]

    assert len(set(shown)) == 2
    assert any("cháu út" in label for label in shown)


@pytest.mark.parametrize("typed", ["đúng", "đúng rồi", "Đúng ạ"])
def test_marks_are_evidence_right_is_not_stop(talk: Mind, typed: str) -> None:
    at_step(talk).says(typed)

    assert talk.conversation.focus.task is Task.WALK


@pytest.mark.parametrize("typed", ["dừng", "dung", "DỪNG", "dừng lại", "dung lai", "tạm dừng"])
def test_stop_is_stop_with_and_without_marks(talk: Mind, typed: str) -> None:
    at_step(talk).says(typed)

    assert talk.conversation.focus.task is Task.TALK
    assert "Cháu nhớ chỗ này rồi" in talk.last.text


@pytest.mark.parametrize("typed", ["dừng", "dung", "đừng", "dung xoa", "khoan đã", "ok", "?", "không", "thôi"])
def test_nothing_but_a_clear_yes_erases(talk: Mind, typed: str) -> None:
    """ "dung" without marks may be "dừng" or "đừng": that is no consent."""
    talk.presses("begin:khai-sinh").says("xóa dữ liệu của tôi").says(typed)

    assert not any(isinstance(effect, ForgetMe) for effect in talk.effects)
    assert talk.walks


@pytest.mark.parametrize("typed", ["1", "xóa hết", "xoa het", "đồng ý", "dong y", "chắc chắn"])
def test_a_clear_yes_erases(talk: Mind, typed: str) -> None:
    talk.presses("begin:khai-sinh").says("xóa dữ liệu của tôi").says(typed)

    assert any(isinstance(effect, ForgetMe) for effect in talk.effects)
    assert not talk.walks


# --- commands, anywhere ---------------------------------------------------------------------------------------

COMMANDS = [
    ("menu", Verb.MENU),
    ("về đầu", Verb.MENU),
    ("trợ giúp", Verb.HELP),
    ("tro giup", Verb.HELP),
    ("danh sách", Verb.LIST),
    ("danh sach", Verb.LIST),
    ("gặp cán bộ", Verb.HUMAN),
    ("gap can bo", Verb.HUMAN),
    ("tôi đang ở đâu", Verb.WHERE),
    ("toi dang o dau", Verb.WHERE),
    ("TÔI ĐANG Ở ĐÂU?", Verb.WHERE),
    ("bắt đầu lại", Verb.RESTART),
    ("bat dau lai", Verb.RESTART),
    ("xem dữ liệu của tôi", Verb.MY_DATA),
    ("xem du lieu cua toi", Verb.MY_DATA),
    ("xóa dữ liệu của tôi", Verb.ERASE),
    ("xoá dữ liệu của tôi", Verb.ERASE),
    ("xoa du lieu cua toi", Verb.ERASE),
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("typed", "wanted"), COMMANDS)
def test_commands_work_anywhere_in_a_walk(talk: Mind, place: WalkState, typed: str, wanted: Verb) -> None:
    PLACES[place](talk)

    assert verb(talk, typed) is wanted


@pytest.mark.parametrize(("typed", "wanted"), COMMANDS)
@pytest.mark.parametrize("before", ["xin chào", "danh sách", "khai sinh", "giấy tờ cho bé", "xóa dữ liệu của tôi"])
def test_commands_work_anywhere_in_the_talk(talk: Mind, before: str, typed: str, wanted: Verb) -> None:
    talk.says(before)

    assert verb(talk, typed) is wanted


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("typed", ["dừng", "dung", "tạm dừng", "mai làm tiếp"])
def test_one_can_stop_anywhere_and_the_walk_waits(talk: Mind, place: WalkState, typed: str) -> None:
    PLACES[place](talk)
    before = talk.walk
    talk.says(typed)

    assert talk.conversation.focus.task is Task.TALK
    assert talk.walks[before.id] == before


@pytest.mark.parametrize("place", set(PLACES) - {WalkState.CODE})
@pytest.mark.parametrize("typed", ["quay lại", "quay lai", "trở lại", "bước trước"])
def test_one_can_go_back_anywhere(talk: Mind, place: WalkState, typed: str) -> None:
    PLACES[place](talk)
    before = (talk.state, talk.walk.step, talk.walk.answers)
    talk.says(typed)

    assert (talk.state, talk.walk.step, talk.walk.answers) != before
    assert "chưa có hướng dẫn" not in talk.last.text


@pytest.mark.parametrize("place", PLACES)
def test_after_a_command_the_walk_goes_on_where_it_was(talk: Mind, place: WalkState) -> None:
    PLACES[place](talk)
    shown = talk.last
    for aside in ("trợ giúp", "tôi đang ở đâu", "gặp cán bộ", "xem dữ liệu của tôi", "cảm ơn cháu"):
        talk.says(aside)
        assert talk.state == place
    talk.says("tiếp tục")

    assert talk.last == shown


def test_restart_asks_from_the_first_question_and_keeps_the_ticks(talk: Mind) -> None:
    at_papers(talk).says("1").says("đi tiếp").says("bắt đầu lại")

    assert talk.state == WalkState.ASKING
    assert talk.walk.answers == {}
    assert len(talk.walk.ticks) == 1
    assert talk.walk.step is None


# --- free text: waited for, or a question ---------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["bé út", "cháu nội", "nhà cô Ba xóm trên", "Nguyễn Thị Hoa", "mẹ"])
def test_a_name_is_taken_where_one_is_waited_for(talk: Mind, typed: str) -> None:
    at_naming(talk).says(typed)

    assert talk.walk.label == typed
    assert talk.state == WalkState.ASKING


@pytest.mark.parametrize(
    "typed",
    [
        "phí khai sinh bao nhiêu",
        "làm khai sinh cần giấy gì",
        "cái này có mất tiền không?",
        "cứu với cháy nhà",
        "có người đòi đọc mã otp",
        "0912345678",
        "cccd 001085012345",
    ],
)
def test_a_question_an_emergency_or_a_number_is_no_name(talk: Mind, typed: str) -> None:
    at_naming(talk).says(typed)

    assert talk.state == WalkState.NAMING
    assert all(walk.label is None for walk in talk.walks.values())


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("H01.23-261122-0001", "H01.23-261122-0001"),
        ("000.00.16.H05-261123-0007", "000.00.16.H05-261123-0007"),
        ("  G22.99-261128-0042 ", "G22.99-261128-0042"),
        ("hs 2611-22", "2611-22"),
        ("mã là H01.23-261122-0001", "H01.23-261122-0001"),
    ],
)
@pytest.mark.parametrize("place", [WalkState.ENDING, WalkState.CODE])
def test_a_dossier_code_is_taken_where_one_is_waited_for(talk: Mind, place: WalkState, typed: str, kept: str) -> None:
    PLACES[place](talk).says(typed)

    assert talk.walk.state == WalkState.OVER
    assert talk.walk.status is WalkStatus.ONLINE
    assert talk.walk.dossier_code == kept
    assert kept in talk.heard


@pytest.mark.parametrize("typed", ["001085012345", "0912345678", "0912 345 678", "079 085 012 345"])
@pytest.mark.parametrize("place", [WalkState.ENDING, WalkState.CODE])
def test_a_personal_number_is_never_kept_as_a_dossier_code(talk: Mind, place: WalkState, typed: str) -> None:
    PLACES[place](talk).says(typed)

    assert talk.walk.dossier_code is None
    assert typed not in talk.heard
    assert "số riêng" in talk.heard


@pytest.mark.parametrize("typed", ["bao lâu thì có kết quả", "mất phí không", "cháy nhà rồi", "hi"])
def test_a_question_while_a_code_is_waited_for_is_answered(talk: Mind, typed: str) -> None:
    at_code(talk).says(typed)

    assert talk.state == WalkState.CODE
    assert talk.walk.dossier_code is None
    talk.says("tiếp tục")
    assert talk.labels == ["Bỏ qua"]


def test_a_code_typed_at_the_step_that_speaks_of_it_is_kept_and_not_taken_for_a_question(talk: Mind) -> None:
    at_step(talk)
    while talk.walk.step != "ma-ho-so":
        talk.says("xong")
    talk.effects.clear()
    talk.says("H01.23-261122-0001")

    assert talk.walk.dossier_code == "H01.23-261122-0001"
    assert not any(isinstance(effect, KeepQuestion) for effect in talk.effects)
    assert talk.walk.step == "ma-ho-so"


def test_a_question_midway_is_answered_and_changes_nothing_in_the_walk(talk: Mind) -> None:
    at_step(talk)
    before = talk.walk
    talk.says("sao y chứng thực mất bao nhiêu tiền")

    assert "2.000" in talk.last.text
    assert talk.walks[before.id] == before
    assert talk.labels[-1] == "Làm tiếp"


def test_a_detour_to_another_procedure_keeps_both_walks(talk: Mind) -> None:
    at_step(talk)
    first = talk.walk
    talk.says("chứng thực bản sao").says("làm từng bước")
    assert talk.walk.procedure == "chung-thuc-ban-sao"
    talk.says("menu")

    assert talk.walks[first.id] == first
    assert {walk.procedure for walk in talk.walks.values()} == {"khai-sinh", "chung-thuc-ban-sao"}


# --- old and forged buttons -----------------------------------------------------------------------------------


def test_every_button_of_an_earlier_place_changes_nothing_later(talk: Mind) -> None:
    """Only those that lead on or aside by what they say (pause, back, give up …) act at any time."""
    talk.presses("begin:khai-sinh")
    old: list[str] = []
    for number in ANSWERS:
        old += [button.payload for button in talk.last.buttons]
        talk.says(number)
    old += [button.payload for button in talk.last.buttons]
    talk.says("đi tiếp").says("xong")
    moves = {Verb.STEP_BACK, Verb.PAUSE, Verb.END, Verb.PAPERS}
    before = talk.walk
    for payload in old:
        action = decode(payload)
        assert action
        if action.verb not in moves:
            talk.presses(payload)
            assert replace(talk.walk, touched_at=before.touched_at) == before, payload
            assert "Bước 2/" in talk.last.text


def test_done_of_an_earlier_step_says_where_we_are(talk: Mind) -> None:
    at_step(talk)
    done = next(button.payload for button in talk.last.buttons if button.label == "Xong")
    talk.presses(done).presses(done)

    assert "Nút đó của bước trước" in talk.last.text
    assert "Bước 2/" in talk.last.text


def test_a_fix_of_an_earlier_step_moves_nothing(talk: Mind) -> None:
    at_step(talk).says("kẹt")
    fix = talk.last.buttons[0].payload
    talk.says("quay lại").says("xong")
    before = talk.walk.step
    talk.presses(fix)

    assert talk.walk.step == before
    assert talk.state == WalkState.STEP


def test_the_buttons_of_a_finished_walk_say_that_it_is_over(talk: Mind) -> None:
    at_ending(talk)
    old = [button.payload for button in talk.last.buttons]
    talk.presses(old[0]).says("bỏ qua")
    over = talk.walk
    for payload in [*old, f"ready:{over.id}", f"done:{over.id}:nop", f"pause:{over.id}", f"no-code:{over.id}"]:
        talk.presses(payload)
        assert talk.walk == over, payload
        assert "Chúc mừng" in talk.heard
        assert talk.conversation.focus.task is Task.TALK


def test_giving_up_twice_gives_up_once(talk: Mind) -> None:
    at_step(talk)
    end = f"end:{talk.walk.id}:gave-up"
    talk.presses(end).presses(end)

    assert [effect.kind for effect in talk.effects if isinstance(effect, Count)].count("ended-gave-up") == 1
    assert talk.walk.status is WalkStatus.GAVE_UP


def test_a_walk_cannot_be_submitted_before_its_end(talk: Mind) -> None:
    at_papers(talk).presses(f"end:{talk.walk.id}:online")

    assert talk.walk.status is WalkStatus.OPEN
    assert talk.state == WalkState.PAPERS


WALK_VERBS = [
    "resume:{}",
    "name:{}",
    "answer:{}:at:online",
    "tick:{}:to-khai",
    "ready:{}",
    "papers:{}",
    "done:{}:mo-cong",
]
WALK_VERBS += [
    "stuck:{}:mo-cong",
    "fix:{}:mo-cong:khong-mo",
    "step-back:{}",
    "pause:{}",
    "end:{}:online",
    "no-code:{}",
]


@pytest.mark.parametrize("payload", WALK_VERBS)
def test_a_button_of_someone_elses_walk_shows_and_changes_nothing(
    talk: Mind, knowledge: Knowledge, payload: str
) -> None:
    other = at_step(Mind(knowledge))
    other.says("dừng")
    talk.says("xin chào").presses(payload.format(other.walk.id))

    assert not talk.walks
    assert "không còn giữ" in talk.last.text
    assert talk.last.buttons


@pytest.mark.parametrize(
    "payload",
    [
        "about:khong-co-that",
        "about:khai-sinh:khong-co-that",
        "about:faq-khong-co",
        "begin:khong-co-that",
        "anew:khong-co-that",
        "field:khong-co-that",
        "end:abc:open",
        "end:abc:xyz",
        "erase-yes:doan-mo",
        "asked",
        "words",
        "tick-many:w:a:b",
        "urgent",
        "",
        ":",
        ":::",
        "menu:",
        "x" * 500,
        "done:" + "a" * 60,
        "answer:\ud800:b:c",
        "menu\n",
        "DONE:a:b",
        "done:../../etc:passwd",
        "{name}",
    ],
)
def test_a_forged_or_stale_payload_is_answered_and_writes_no_walk(talk: Mind, payload: str) -> None:
    talk.says("xin chào").presses(payload)

    assert talk.last.text
    assert talk.last.buttons
    assert not talk.walks
    assert not any(isinstance(effect, ForgetMe) for effect in talk.effects)


def test_an_answer_that_the_question_does_not_have_is_not_taken(talk: Mind) -> None:
    talk.presses("begin:khai-sinh")
    for forged in ("at:post", "at:x", "cha-me:roi", "khong-co:that"):
        talk.presses(f"answer:{talk.walk.id}:{forged}")
        assert talk.walk.answers == {}


def test_a_tick_of_a_paper_that_is_not_on_the_list_marks_nothing(talk: Mind) -> None:
    at_papers(talk).presses(f"tick:{talk.walk.id}:bien-ban-goc")

    assert not talk.walk.ticks


def test_an_old_yes_to_erase_asks_anew(talk: Mind) -> None:
    talk.presses("begin:khai-sinh").says("xóa dữ liệu của tôi")
    yes = talk.last.buttons[0].payload
    talk.says("không").presses(yes)
    assert talk.walks
    assert "Bác chắc chắn" in talk.last.text
    anew = talk.last.buttons[0].payload
    assert anew != yes
    talk.presses(yes)
    assert talk.walks
    talk.presses(talk.last.buttons[0].payload)

    assert not talk.walks


def test_a_link_to_a_guide_opens_it_and_any_other_link_opens_the_menu(talk: Mind) -> None:
    assert talk.hears(started(ME, "e", "thuong-tru")).conversation.topic == "thuong-tru"
    for topic in ("khong-co", "", None, "x" * 300, "../..", "{name}"):
        talk.hears(started(ME, "e", topic))
        assert "Bác cần làm việc gì" in talk.last.text


def test_a_sticker_or_voice_note_repeats_what_was_offered(talk: Mind) -> None:
    talk.presses("begin:khai-sinh")
    offered = talk.labels
    talk.hears(replace(started(ME, "e"), kind=InboundKind.OTHER))

    assert "chỉ đọc được chữ" in talk.last.text
    assert talk.labels == offered


# --- content that changes under a walk ------------------------------------------------------------------------


def with_guide(knowledge: Knowledge, guide: Guide | None) -> Knowledge:
    """The same knowledge, but for khai-sinh: another guide, or none."""
    content = knowledge.content
    guides = {id_: known for id_, known in content.guides.items() if id_ != "khai-sinh"}
    if guide:
        guides["khai-sinh"] = guide
    return replace(knowledge, content=replace_content(content, guides))


def replace_content(content: Content, guides: dict[str, Guide]) -> Content:
    changed = replace(content, guides=guides)
    assert changed.guides == guides
    return changed


def without_steps(guide: Guide, *dropped: str) -> Guide:
    steps = {way: tuple(step for step in guide.walk_steps(way) if step.id not in dropped) for way in guide.steps}
    return guide.model_copy(update={"steps": steps})


def at_third_step(talk: Mind) -> list[Step]:
    at_step(talk).says("xong").says("xong")
    return list(talk.knowledge.content.guides["khai-sinh"].walk_steps("online"))


def test_a_dropped_step_leads_back_to_the_nearest_earlier_one(talk: Mind, knowledge: Knowledge) -> None:
    steps = at_third_step(talk)
    talk.knowledge = with_guide(knowledge, without_steps(knowledge.content.guides["khai-sinh"], steps[2].id))
    talk.says("tiếp tục")

    assert "vừa được cập nhật" in talk.last.text
    assert talk.walk.step == steps[1].id
    assert "Bước 2/" in talk.last.text
    talk.says("tiếp tục")
    assert "vừa được cập nhật" not in talk.last.text


def test_several_dropped_steps_lead_back_further(talk: Mind, knowledge: Knowledge) -> None:
    steps = at_third_step(talk)
    guide = without_steps(knowledge.content.guides["khai-sinh"], steps[2].id, steps[1].id)
    talk.knowledge = with_guide(knowledge, guide)
    talk.says("tiếp tục")

    assert talk.walk.step == steps[0].id


def test_when_all_earlier_steps_are_gone_the_first_is_shown(talk: Mind, knowledge: Knowledge) -> None:
    steps = at_third_step(talk)
    guide = without_steps(knowledge.content.guides["khai-sinh"], *(step.id for step in steps[:3]))
    talk.knowledge = with_guide(knowledge, guide)
    talk.says("tiếp tục")

    assert talk.walk.step == steps[3].id
    assert "Bước 1/" in talk.last.text


def test_done_pressed_on_a_dropped_step_does_not_skip_one(talk: Mind, knowledge: Knowledge) -> None:
    steps = at_third_step(talk)
    done = talk.last.buttons[0].payload
    talk.knowledge = with_guide(knowledge, without_steps(knowledge.content.guides["khai-sinh"], steps[2].id))
    talk.presses(done)

    assert talk.walk.step == steps[1].id


def test_stuck_on_a_dropped_step_shows_the_troubles_of_the_nearest(talk: Mind, knowledge: Knowledge) -> None:
    steps = at_third_step(talk)
    talk.says("kẹt")
    talk.knowledge = with_guide(knowledge, without_steps(knowledge.content.guides["khai-sinh"], steps[2].id))
    talk.says("tiếp tục")

    assert steps[1].title in talk.last.text
    assert talk.labels[0] == steps[1].troubles[0].problem


def test_a_step_added_before_the_current_one_moves_nobody(talk: Mind, knowledge: Knowledge) -> None:
    guide = knowledge.content.guides["khai-sinh"]
    steps = list(guide.walk_steps("online"))
    talk.knowledge = with_guide(knowledge, without_steps(guide, steps[0].id))
    at_step(talk).says("xong")
    current = talk.walk.step
    talk.knowledge = knowledge
    talk.says("tiếp tục")

    assert talk.walk.step == current
    assert "vừa được cập nhật" not in talk.last.text
    assert "Bước 3/" in talk.last.text


def test_a_dropped_paper_stays_no_tick(talk: Mind, knowledge: Knowledge) -> None:
    at_papers(talk).says("1 2")
    guide = knowledge.content.guides["khai-sinh"]
    first = sorted(talk.walk.ticks)[0]
    papers = tuple(paper for paper in guide.papers if paper.id != first)
    talk.knowledge = with_guide(knowledge, guide.model_copy(update={"papers": papers}))
    talk.says("tiếp tục")

    assert "đã có 1/4" in talk.last.text


def test_a_new_question_is_asked_before_the_papers_change(talk: Mind, knowledge: Knowledge) -> None:
    """Content with fewer questions, and then the old one again: nobody crashes, nobody is lost."""
    guide = knowledge.content.guides["khai-sinh"]
    talk.knowledge = with_guide(knowledge, guide.model_copy(update={"questions": guide.questions[:1]}))
    talk.presses("begin:khai-sinh").says("1").says("1")
    assert talk.state == WalkState.PAPERS
    talk.knowledge = knowledge
    talk.says("tiếp tục")

    assert talk.last.text
    assert talk.last.buttons


@pytest.mark.parametrize("place", PLACES)
def test_a_dropped_guide_ends_kindly_wherever_one_stands(talk: Mind, knowledge: Knowledge, place: WalkState) -> None:
    PLACES[place](talk)
    old = [button.payload for button in talk.last.buttons]
    talk.knowledge = with_guide(knowledge, None)
    for payload in old:
        talk.presses(payload)
        assert talk.last.text
    for text in ("tiếp tục", "xong", "quay lại", "bắt đầu lại", "tôi đang ở đâu", "xem dữ liệu của tôi", "menu"):
        talk.says(text)
        assert talk.last.text
        assert talk.last.buttons or text == "xong"


# --- not understood -------------------------------------------------------------------------------------------


def test_the_same_question_is_never_asked_back_twice(talk: Mind) -> None:
    talk.says("làm giấy cho bé")
    assert "cháu hỏi lại" in talk.last.text
    talk.says("làm giấy cho bé")

    assert "cháu hỏi lại" not in talk.last.text
    assert "Gặp cán bộ" in talk.labels


def test_after_the_choice_the_same_words_may_be_asked_back_again(talk: Mind) -> None:
    talk.says("làm giấy cho bé").says("1").says("làm giấy cho bé")

    assert "cháu hỏi lại" in talk.last.text


def test_none_of_these_leads_to_a_human(talk: Mind) -> None:
    talk.says("làm giấy cho bé").says("không phải")

    assert "Bác gặp người thật" in talk.last.text


def test_two_misses_in_a_row_lead_to_a_human(talk: Mind) -> None:
    talk.says("qwrt zxcv plmk")
    assert "18001096" not in talk.last.text
    talk.says("mnbv lkjh poiu")

    assert "18001096" in talk.last.text
    assert "7 giờ 30" in talk.last.text


@pytest.mark.parametrize("between", ["khai sinh", "menu", "cảm ơn", "dừng"])
def test_misses_count_only_in_a_row(talk: Mind, between: str) -> None:
    talk.says("qwrt zxcv plmk").says(between).says("mnbv lkjh poiu")

    assert "chưa hiểu đúng ý bác" not in talk.last.text


def test_what_is_not_known_is_kept_masked_and_short(talk: Mind) -> None:
    talk.says("qwrt zxcv plmk sđt 0912345678 " + "x" * 5000)
    kept = [effect for effect in talk.effects if isinstance(effect, KeepQuestion)]

    assert all("0912345678" not in question.text and len(question.text) <= 1000 for question in kept)


def test_a_miss_in_a_walk_offers_the_way_back(talk: Mind) -> None:
    at_step(talk).says("qwrt zxcv plmk")

    assert talk.labels[-1] == "Làm tiếp"
    assert talk.state == WalkState.STEP


def test_no_reply_offers_the_same_button_twice(talk: Mind) -> None:
    at_step(talk)
    for text in ("trợ giúp", "khai sinh", "1", "gặp cán bộ", "xem dữ liệu của tôi", "danh sách", "chào cháu"):
        talk.says(text)
        payloads = [button.payload for button in talk.last.buttons]
        assert len(payloads) == len(set(payloads)), text


# --- the shape of a turn --------------------------------------------------------------------------------------


def test_every_payload_in_a_whole_walk_is_ours_and_fits(talk: Mind) -> None:
    for guide in talk.knowledge.content.guides:
        talk.presses(f"begin:{guide}")
        for _ in range(40):
            for button in talk.last.buttons:
                assert decode(button.payload), button.payload
                assert len(button.payload.encode()) <= MAX_BYTES
                assert 0 < len(button.label) <= 60
            if talk.conversation.focus.task is not Task.WALK:
                break
            talk.says("xong" if talk.state == WalkState.STEP else forward(talk))
        assert talk.walk.state == WalkState.OVER


def forward(talk: Mind) -> str:
    labels = talk.labels
    return next((str(n) for n, label in enumerate(labels, 1) if label.startswith("Đi tiếp")), "1")


def test_the_notice_comes_with_the_first_answer_and_never_again(talk: Mind) -> None:
    talk.says("khai sinh")
    assert "Cháu giữ lời nhắn 7 ngày" in talk.heard
    for text in ("xin chào", "menu", "qwrt zxcv", "1", "dừng", "🙂", "xóa dữ liệu của tôi", "không"):
        talk.says(text)
        assert "Cháu giữ lời nhắn 7 ngày" not in talk.heard


def test_the_first_message_of_a_flood_is_told_once_and_still_answered(talk: Mind) -> None:
    from bot.channels.base import said
    from bot.dialogue.engine import step

    talk.says("xin chào")
    outcome = step(replace(talk._turn(said(ME, "e", "khai sinh")), first_flooded=True))

    assert "lần lượt" in outcome.replies[0].text
    assert "KHAI SINH" in outcome.replies[-1].text


def test_the_apology_names_the_hotline_and_keeps_the_place(talk: Mind) -> None:
    from bot.channels.base import said

    at_step(talk)
    outcome = apology(talk._turn(said(ME, "e", "gì đó")))

    assert "18001096" in outcome.replies[0].text
    assert outcome.conversation.focus == talk.conversation.focus
    assert not outcome.conversation.offered


def test_a_thought_of_the_same_turn_twice_comes_to_the_same(talk: Mind) -> None:
    """A turn may be done again when the version moved: nothing in the first try may have stayed."""
    from bot.channels.base import said
    from bot.dialogue.engine import step

    at_papers(talk)
    turn = talk._turn(said(ME, "e", "1 2"))
    first, second = step(turn), step(turn)

    assert first == second
    assert isinstance(talk.walk, Walk)
    assert not talk.walk.ticks


def test_back_from_a_card_leads_to_its_list_and_then_to_the_menu(talk: Mind) -> None:
    talk.says("khai sinh").says("quay lại")
    assert talk.state == TalkState.BROWSING
    assert "Đăng ký khai sinh" in talk.labels
    talk.says("quay lại")

    assert "Bác cần làm việc gì" in talk.last.text


@pytest.mark.parametrize("words", ["dc roi", "đc r", "dc rùi"])
def test_a_choice_may_be_named_in_slang(talk: Mind, words: str) -> None:
    for said in ("làm giấy khai sinh", "làm từng bước", "1", "1", "1", "1", "đi tiếp", "bị vướng", "1"):
        talk.says(said)
    assert "Được rồi" in talk.labels

    assert talk.says(words).state == WalkState.STEP


def test_slang_erases_nothing(talk: Mind) -> None:
    talk.says("xóa dữ liệu của tôi").says("dc")

    assert not any(isinstance(effect, ForgetMe) for effect in talk.effects)
