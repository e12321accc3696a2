"""Well-formed parts that do not fit together are refused, and what only grows old is a warning."""

from __future__ import annotations

from datetime import date

import pytest

from bot.errors import Problem
from content import warnings
from tests.content.conftest import EVENTS, FAQ, FILES, GUIDE, LOCALITY, PHRASES, PROCEDURES, STEPS, Author

KS = "khai-sinh"

# --- ids -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "there", "entry", "key", "what"),
    [
        (
            PROCEDURES,
            "procedures:\n",
            "  - {id: ho-tich, name: Khác}\nprocedures:\n",
            "|ho-tich, name: Khác",
            "",
            "fields.ho-tich.id",
            "mã 'ho-tich' đã dùng ở dòng 2",
        ),
        (
            LOCALITY,
            "id: thon-2",
            "id: thon-1",
            "|thon-1, name: Thôn 2",
            "",
            "hamlets.thon-1.id",
            "mã 'thon-1' đã dùng ở dòng 5",
        ),
        (
            LOCALITY,
            "hotlines: [",
            "hotlines: [{id: tong-dai, name: Xã, number: '1'}, ",
            "|tong-dai, name: Tổng",
            "",
            "hotlines.tong-dai.id",
            "mã 'tong-dai' đã dùng ở dòng 13",
        ),
        (
            GUIDE,
            "id: nhan-con\n    ask",
            "id: cha-me\n    ask",
            "|cha-me\n    ask: Cha có",
            KS,
            "questions.cha-me.id",
            "mã 'cha-me' đã dùng ở dòng 17",
        ),
        (
            GUIDE,
            "{id: chua,",
            "{id: roi,",
            "|roi, label: Chưa",
            KS,
            "questions.cha-me.options.roi.id",
            "mã 'roi' đã dùng ở dòng 19",
        ),
        (
            GUIDE,
            "{id: ket-hon,",
            "{id: to-khai,",
            "|to-khai, name: Giấy",
            KS,
            "papers.to-khai.id",
            "mã 'to-khai' đã dùng ở dòng 25",
        ),
        (
            GUIDE,
            "{id: den-quay,",
            "{id: nop,",
            "|nop, title: Nộp, text: Đưa",
            KS,
            "steps.counter.nop.id",
            "mã 'nop' đã dùng ở dòng 34",
        ),
        (
            GUIDE,
            '{id: nop, title: Nộp, text: "B',
            '{id: tim, title: Nộp, text: "B',
            "|tim, title",
            KS,
            "steps.online.tim.id",
            "mã 'tim' đã dùng ở dòng 31",
        ),
        (
            GUIDE,
            "text: Đưa giấy tờ.,",
            "text: Đ, troubles: [{id: a, problem: A, fix: A}, {id: a, problem: B, fix: B}],",
            "|a, problem: B",
            KS,
            "steps.counter.nop.troubles.a.id",
            "mã 'a' đã dùng ở dòng 35",
        ),
        (
            STEPS,
            "id: tim\n",
            "id: mo-cong\n",
            "|mo-cong\n",
            "vao-cong",
            "mo-cong.id",
            "mã 'mo-cong' đã dùng ở dòng 3",
        ),
    ],
)
def test_an_id_that_is_used_twice_is_refused(
    author: Author, name: str, old: str, new: str, there: str, entry: str, key: str, what: str
) -> None:
    author.changes(name, old, new)

    assert author.problem(name, there, entry, key, what) in author.sees()


def test_two_procedures_with_one_id_are_refused(author: Author) -> None:
    author.adds(PROCEDURES, FILES[PROCEDURES].split("procedures:\n")[1].replace("Đăng ký", "Lại"))

    assert author.sees() == [
        Problem(file=PROCEDURES, line=10, column=9, entry=KS, key="id", what="mã 'khai-sinh' đã dùng ở dòng 4")
    ]


def test_two_topics_with_one_id_are_refused(author: Author) -> None:
    author.adds(FAQ, FILES[FAQ].split("topics:\n")[1])

    assert author.words() == ["mã 'faq-gio' đã dùng ở dòng 2"]


def test_two_life_events_with_one_id_are_refused(author: Author) -> None:
    author.adds(EVENTS, FILES[EVENTS].split("events:\n")[1])

    assert author.words() == ["mã 'sinh-con' đã dùng ở dòng 2"]


def test_a_life_event_needs_something_to_lead_to(author: Author) -> None:
    author.changes(EVENTS, "related: [khai-sinh, faq-gio]", "related: []")

    assert author.sees() == [author.problem(EVENTS, "|[]", "sinh-con", "related", "cần ít nhất 1 mục")]


def test_a_procedure_can_not_pass_for_a_topic(author: Author) -> None:
    author.adds(PROCEDURES, "  - {id: faq-x, name: X, short: X, field: ho-tich}\n")

    what = "mã bắt đầu bằng faq- chỉ dành cho faq.yaml"
    assert author.problem(PROCEDURES, "|faq-x", "faq-x", "id", what) in author.sees()


def test_the_question_at_is_always_there_and_can_not_be_written(author: Author) -> None:
    author.changes(GUIDE, "  - id: nhan-con\n", "  - id: at\n")

    what = "'at' đã là câu hỏi có sẵn: đặt tên khác"
    assert author.problem(GUIDE, "id: |at\n", KS, "questions.at.id", what) in author.sees()


# --- references ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "there", "entry", "key", "what"),
    [
        (
            PROCEDURES,
            "field: ho-tich",
            "field: ho-tic",
            "field: |ho-tic",
            KS,
            "field",
            "không có lĩnh vực 'ho-tic' trong fields; có phải 'ho-tich'?",
        ),
        (
            FAQ,
            "related: [khai-sinh]",
            "related: [khai-sin]",
            "[|khai-sin]",
            "faq-gio",
            "related.0",
            "không có thủ tục hay câu hỏi 'khai-sin'; có phải 'khai-sinh'?",
        ),
        (
            EVENTS,
            "related: [khai-sinh, faq-gio]",
            "related: [khai-sinh, faq-gi]",
            "|faq-gi]",
            "sinh-con",
            "related.1",
            "không có thủ tục hay câu hỏi 'faq-gi'; có phải 'faq-gio'?",
        ),
        (
            GUIDE,
            "use: vao-cong",
            "use: vao-con",
            "use: |vao-con",
            KS,
            "steps.online.vao-con.use",
            "steps.yaml không có nhóm bước 'vao-con'; có phải 'vao-cong'?",
        ),
        (
            GUIDE,
            "when: {cha-me: roi}",
            "when: {cha-em: roi}",
            "|cha-em",
            KS,
            "papers.ket-hon.when.cha-em",
            "không có câu hỏi 'cha-em'; có phải 'cha-me'?",
        ),
        (
            GUIDE,
            "when: {cha-me: roi}",
            "when: {cha-me: ro}",
            "cha-me: |ro}",
            KS,
            "papers.ket-hon.when.cha-me",
            "câu hỏi 'cha-me' không có lựa chọn 'ro'; có phải 'roi'?",
        ),
        (
            GUIDE,
            "when: {cha-me: roi}",
            "when: {cha-me: [roi, ro]}",
            "roi, |ro]",
            KS,
            "papers.ket-hon.when.cha-me.1",
            "câu hỏi 'cha-me' không có lựa chọn 'ro'; có phải 'roi'?",
        ),
        (
            GUIDE,
            "at: counter}}\n",
            "at: post}}\n",
            "|post}}",
            KS,
            "papers.nhan-con.when.at",
            "câu hỏi 'at' không có lựa chọn 'post'",
        ),
        (
            GUIDE,
            "when: {cha-me: chua}",
            "when: {xyz: chua}",
            "|xyz",
            KS,
            "questions.nhan-con.when.xyz",
            "không có câu hỏi 'xyz'",
        ),
        (
            GUIDE,
            "id: den-quay,",
            "id: den-quay, when: {xyz: a},",
            "|xyz",
            KS,
            "steps.counter.den-quay.when.xyz",
            "không có câu hỏi 'xyz'",
        ),
        (
            GUIDE,
            "- use: vao-cong",
            "- {use: vao-cong, when: {xyz: a}}",
            "|{use: vao-cong",
            KS,
            "steps.online.mo-cong.when.xyz",
            "không có câu hỏi 'xyz'",
        ),
    ],
)
def test_a_reference_to_nothing_is_refused(
    author: Author, name: str, old: str, new: str, there: str, entry: str, key: str, what: str
) -> None:
    author.changes(name, old, new)
    problems = author.sees()

    if "{use" in new:  # each step that the group brings has the condition
        assert [problem.what for problem in problems] == [what, what]
    else:
        assert problems == [author.problem(name, there, entry, key, what)]


def test_a_question_may_only_look_back(author: Author) -> None:
    author.changes(
        GUIDE, "    ask: Cha mẹ đã kết hôn chưa?", "    ask: Cha mẹ đã kết hôn chưa?\n    when: {nhan-con: co}"
    )

    what = "câu hỏi 'nhan-con' phải đứng trước câu hỏi này"
    assert author.problem(GUIDE, "{|nhan-con: co}\n", KS, "questions.cha-me.when.nhan-con", what) in author.sees()


def test_a_question_may_depend_on_the_way(author: Author) -> None:
    author.changes(GUIDE, "when: {cha-me: chua}", "when: {at: counter}")

    assert author.loads().guide(KS).questions[1].when == {"at": "counter"}


def test_a_procedure_without_its_guide_is_refused(author: Author) -> None:
    author.adds(PROCEDURES, "  - {id: khai-tu, name: Khai tử, short: Khai tử, field: ho-tich}\n")

    assert author.sees() == [author.problem(PROCEDURES, "|khai-tu", "khai-tu", "id", "thiếu tệp guides/khai-tu.yaml")]


def test_a_guide_without_its_procedure_is_refused(author: Author) -> None:
    author.writes("guides/khai-tu.yaml", FILES[GUIDE].replace("id: khai-sinh", "id: khai-tu"))

    assert author.sees() == [
        author.problem(
            "guides/khai-tu.yaml", "id: |khai-tu", "khai-tu", "id", "procedures.yaml không có mục 'khai-tu'"
        )
    ]


def test_a_guide_bears_the_name_of_its_file(author: Author) -> None:
    author.changes(GUIDE, "id: khai-sinh\n", "id: khai-tu\n")

    assert author.sees() == [author.problem(GUIDE, "id: |khai-tu", "khai-tu", "id", "tên tệp phải là khai-tu.yaml")]


def test_codes_agree_with_the_list_of_procedures(author: Author) -> None:
    author.changes(GUIDE, "codes: [1.001193]", "codes: [2.000986]")

    assert author.sees() == [
        author.problem(GUIDE, "codes: |[2", KS, "codes", "mã thủ tục khác với procedures.yaml (1.001193)")
    ]


# --- ways and what can be reached ----------------------------------------------------------------------------------


def test_steps_without_an_end_are_refused(author: Author) -> None:
    author.changes(GUIDE, "Đưa giấy tờ., end: true", "Đưa giấy tờ.")

    assert author.sees() == [
        author.problem(
            GUIDE, "|counter:\n", KS, "steps.counter", "các bước không có kết thúc: ghi 'end: true' ở bước cuối"
        )
    ]


def test_an_end_before_the_last_step_is_refused(author: Author) -> None:
    author.changes(GUIDE, "title: Đến quầy,", "title: Đến quầy, end: true,")

    assert author.sees() == [
        author.problem(GUIDE, "Đến quầy, end: |true", KS, "steps.counter.den-quay.end", "'end: true' chỉ ở bước cuối")
    ]


def test_an_end_that_does_not_always_come_is_refused(author: Author) -> None:
    author.changes(GUIDE, "Đưa giấy tờ., end: true", "Đưa giấy tờ., when: {cha-me: roi}, end: true")

    assert author.sees() == [
        author.problem(
            GUIDE, "when: |{cha-me: roi}, end", KS, "steps.counter.nop.when", "bước kết thúc không được có when"
        )
    ]


@pytest.mark.parametrize("level", ["full", "partial"])
def test_a_level_that_is_online_needs_steps_online(author: Author, level: str) -> None:
    author.writes(GUIDE, _without_online(FILES[GUIDE]).replace("level: full", f"level: {level}"))

    assert author.sees() == [
        author.problem(GUIDE, f"level: |{level}", KS, "level", f"mức '{level}' phải có các bước 'online'")
    ]


def test_a_level_at_the_counter_has_no_steps_online(author: Author) -> None:
    author.changes(GUIDE, "level: full", "level: counter")

    assert author.sees() == [
        author.problem(GUIDE, "level: |counter", KS, "level", "mức 'counter' thì không có các bước 'online'")
    ]


def test_a_guide_for_the_counter_alone_is_fine(author: Author) -> None:
    author.writes(GUIDE, _without_online(FILES[GUIDE]).replace("level: full", "level: counter"))

    assert list(author.loads().guide(KS).steps) == ["counter"]


@pytest.mark.parametrize(
    ("old", "new", "there", "key", "what"),
    [
        (
            "when: {nhan-con: [co], at: counter}",
            "when: {nhan-con: [co], cha-me: roi}",
            "when: |{nhan-con",
            "papers.nhan-con.when",
            "giấy tờ này không bao giờ cần đến: xem lại when",
        ),
        (
            "when: {nhan-con: [co], at: counter}",
            "when: {cha-me: []}",
            "when: |{cha-me: []}",
            "papers.nhan-con.when",
            "giấy tờ này không bao giờ cần đến: xem lại when",
        ),
        (
            "id: den-quay,",
            "id: den-quay, when: {at: online},",
            "when: |{at: online}",
            "steps.counter.den-quay.when",
            "bước này không bao giờ tới lượt: xem lại when",
        ),
        (
            "id: den-quay,",
            "id: den-quay, when: {cha-me: roi, nhan-con: co},",
            "when: |{cha-me: roi, nhan",
            "steps.counter.den-quay.when",
            "bước này không bao giờ tới lượt: xem lại when",
        ),
    ],
)
def test_what_no_answers_lead_to_is_refused(
    author: Author, old: str, new: str, there: str, key: str, what: str
) -> None:
    author.changes(GUIDE, old, new)

    assert author.sees() == [author.problem(GUIDE, there, KS, key, what)]


def test_a_question_that_is_never_asked_is_refused(author: Author) -> None:
    author.changes(GUIDE, "when: {cha-me: chua}", "when: {cha-me: []}")

    what = "câu hỏi này không bao giờ được hỏi: xem lại when"
    assert author.problem(GUIDE, "when: |{cha-me: []}", KS, "questions.nhan-con.when", what) in author.sees()


def test_a_question_that_changes_nothing_is_no_mistake(author: Author) -> None:
    author.changes(GUIDE, ", when: {nhan-con: [co], at: counter}}", "}")

    assert author.loads()


def test_words_do_not_hide_what_the_commune_says(author: Author) -> None:
    author.changes(GUIDE, "words: {search: Khai sinh}", "words: {search: Khai sinh, hotline: '1'}")

    assert author.sees() == [
        author.problem(GUIDE, "|hotline: '1'", KS, "words.hotline", "'hotline' lấy từ locality.yaml: đặt tên khác")
    ]


def _without_online(text: str) -> str:
    before, _, rest = text.partition("  online:\n")
    return before + "  counter:\n" + rest.partition("  counter:\n")[2]


# --- periods -------------------------------------------------------------------------------------------------------

FEE = "  - {at: online, amount: unknown, ask: quầy một cửa}\n"


def _two_fees(first: str, second: str) -> str:
    return f"  - {{at: online, amount: 1, law: A, {first}}}\n  - {{at: online, amount: 2, law: B, {second}}}\n"


def test_facts_that_follow_one_another_are_fine(author: Author) -> None:
    author.changes(GUIDE, FEE, _two_fees("until: 2026-12-31", "from: 2027-01-01"))

    assert len(author.loads().guide(KS).fee) == 3


def test_the_order_in_the_file_does_not_matter(author: Author) -> None:
    author.changes(GUIDE, FEE, _two_fees("from: 2027-01-01", "until: 2026-12-31"))

    assert author.loads()


def test_a_gap_in_time_is_refused(author: Author) -> None:
    author.changes(GUIDE, FEE, _two_fees("until: 2026-12-31", "from: 2027-03-01"))

    assert author.sees() == [
        author.problem(
            GUIDE,
            "|2027-03-01",
            KS,
            "fee.2.from",
            "từ 2027-01-01 đến 2027-02-28 không có mục nào (mục trước ở dòng 14)",
        )
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("until: 2026-12-31", "from: 2026-12-31"),
        ("from: 2026-01-01", "from: 2026-12-31"),
        ("until: 2026-12-31", "until: 2027-12-31"),
        ("note: x", "from: 2027-01-01"),
        ("note: x", "note: b"),
    ],
)
def test_an_overlap_in_time_is_refused(author: Author, first: str, second: str) -> None:
    author.changes(GUIDE, FEE, _two_fees(first, second))

    (problem,) = author.sees()

    assert (problem.file, problem.line, problem.entry, problem.key) == (GUIDE, 15, KS, "fee.2.from")
    assert problem.what == "trùng thời gian với mục ở dòng 14: xem lại from, until, hoặc ghi case cho khác nhau"


def test_other_cases_and_other_ways_have_their_own_time(author: Author) -> None:
    author.changes(GUIDE, FEE, _two_fees("case: một người", "case: cả nhà, from: 2026-01-01"))

    assert author.loads()


@pytest.mark.parametrize("key", ["who", "decides", "result"])
def test_dated_statements_follow_one_another(author: Author, key: str) -> None:
    text = author.reads(GUIDE)
    line = next(line for line in text.splitlines() if line.startswith(f"{key}:"))
    author.changes(
        GUIDE, line, f"{key}: [{{text: A., until: 2026-12-31}}, {{text: B., from: 2027-03-01}}, {{text: C.}}]"
    )

    assert author.sees() == [
        author.problem(
            GUIDE,
            "|2027-03-01",
            KS,
            f"{key}.1.from",
            f"từ 2027-01-01 đến 2027-02-28 không có mục nào (mục trước ở dòng {text.splitlines().index(line) + 1})",
        )
    ]


def test_places_follow_one_another_for_each_way(author: Author) -> None:
    author.changes(GUIDE, "text: Quầy một cửa.}", "text: Quầy một cửa., until: 2026-12-31}")
    author.changes(GUIDE, "fee:\n", "  - {at: counter, text: Quầy mới., from: 2026-12-01}\nfee:\n")

    assert [(problem.key, problem.line) for problem in author.sees()] == [("where.2.from", 10)]


def test_answers_to_general_questions_follow_one_another(author: Author) -> None:
    author.changes(
        FAQ,
        'answer: [{text: "{counter_hours}, ĐT {counter_phone}."}]',
        "answer: [{text: A., until: 2026-12-31}, {text: B., from: 2027-03-01}]",
    )

    assert author.sees() == [
        author.problem(
            FAQ,
            "|2027-03-01",
            "faq-gio",
            "answer.1.from",
            "từ 2027-01-01 đến 2027-02-28 không có mục nào (mục trước ở dòng 5)",
        )
    ]


# --- phrases -------------------------------------------------------------------------------------------------------


def test_a_phrase_that_code_needs_must_be_there(author: Author) -> None:
    author.changes(PHRASES, '  "welcome": Câu.\n', "")

    assert author.sees() == [author.problem(PHRASES, "say:", "", "say.welcome", "thiếu 'welcome'")]


def test_a_phrase_that_nothing_says_is_refused(author: Author) -> None:
    author.changes(PHRASES, "say:\n", "say:\n  welcom: Câu.\n")

    assert author.sees() == [
        author.problem(PHRASES, "|welcom:", "", "say.welcom", "khoá 'welcom' không dùng ở đâu; có phải 'welcome'?")
    ]


@pytest.mark.parametrize(("group", "key"), [("buttons", "menu"), ("commands", "help")])
def test_buttons_and_commands_are_those_of_the_code(author: Author, group: str, key: str) -> None:
    text = author.reads(PHRASES)
    before, after = text.split(f"{group}:\n")
    author.writes(PHRASES, f"{before}{group}:\n" + after.replace(f'"{key}"', '"xyzxyz"', 1))

    assert [(problem.key, problem.what) for problem in author.sees()] == [
        (f"{group}.{key}", f"thiếu '{key}'"),
        (f"{group}.xyzxyz", "khoá 'xyzxyz' không dùng ở đâu"),
    ]


def test_a_slot_that_nothing_fills_is_refused(author: Author) -> None:
    author.changes(PHRASES, '  "link": Câu.\n', '  "link": "{link} {commune} {nguoi}"\n')

    (problem,) = author.sees()

    assert problem.key == "say.link"
    assert problem.what.startswith("ô {nguoi} không có ở câu này; chỉ có: commune, counter_address")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"link": Câu.', '"link": "{link"', "say.link"),
        ('"help": {label: Nút}', '"help": {label: "N}"}', "buttons.help.label"),
    ],
)
def test_a_lone_brace_in_a_phrase_is_refused(author: Author, old: str, new: str, key: str) -> None:
    author.changes(PHRASES, old, new)

    assert [(problem.key, problem.what) for problem in author.sees()] == [
        (key, "dấu { } không đúng: viết {tên_ô}, tên gồm chữ thường và dấu gạch dưới")
    ]


# --- warnings ------------------------------------------------------------------------------------------------------

TODAY = date(2026, 11, 22)


def test_a_sample_locality_is_a_warning(author: Author) -> None:
    what = "đang dùng địa phương mẫu: ghi thông tin thật của xã và 'demo: false'"

    assert warnings(author.loads(), TODAY) == [author.problem(LOCALITY, "demo: |true", "", "demo", what)]


def test_an_overdue_review_is_a_warning_from_the_next_day(author: Author) -> None:
    author.changes(LOCALITY, "demo: true", "demo: false")
    content = author.loads()
    what = "đã quá hạn xem lại (2027-05-01): đối chiếu nguồn, sửa ngày"

    assert warnings(content, date(2027, 5, 1)) == []
    assert warnings(content, date(2027, 5, 2)) == [
        author.problem(FAQ, "review_by: |2027-05-01", "faq-gio", "review_by", what),
        author.problem(GUIDE, "review_by: |2027-05-01", KS, "review_by", what),
    ]


@pytest.mark.parametrize(
    ("until", "what"),
    [
        ("2026-11-21", "đã hết hiệu lực (2026-11-21) mà chưa có mục tiếp theo"),
        ("2026-11-22", "sắp hết hiệu lực (2026-11-22) mà chưa có mục tiếp theo"),
        ("2027-01-06", "sắp hết hiệu lực (2027-01-06) mà chưa có mục tiếp theo"),
    ],
)
def test_a_fact_that_ends_with_nothing_after_it_is_a_warning(author: Author, until: str, what: str) -> None:
    author.changes(LOCALITY, "demo: true", "demo: false")
    author.changes(GUIDE, "    law: Nghị quyết 1", f"    law: Nghị quyết 1\n    until: {until}")

    assert warnings(author.loads(), TODAY) == [author.problem(GUIDE, f"until: |{until}", KS, "fee.0.until", what)]


def test_an_end_that_is_far_or_has_its_next_is_no_warning(author: Author) -> None:
    author.changes(LOCALITY, "demo: true", "demo: false")
    author.changes(GUIDE, FEE, _two_fees("until: 2026-12-31", "from: 2027-01-01, until: 2027-02-28"))

    assert warnings(author.loads(), TODAY) == []


def test_a_paper_that_drops_out_is_a_warning_unless_another_comes(author: Author) -> None:
    author.changes(LOCALITY, "demo: true", "demo: false")
    author.changes(GUIDE, "name: Tờ khai, form: form", "name: Tờ khai, form: form, until: 2026-12-31")
    what = "sắp hết hiệu lực (2026-12-31) mà chưa có mục tiếp theo"

    assert warnings(author.loads(), TODAY) == [author.problem(GUIDE, "|2026-12-31", KS, "papers.to-khai.until", what)]

    author.changes(GUIDE, "papers:\n", "papers:\n  - {id: moi, name: Mới, form: form, from: 2027-01-01}\n")

    assert warnings(author.loads(), TODAY) == []


COUNTER = "{name: Hai, address: x, phone: '1', hours_text: x, hours: [{days: [t2], opens: '08:00', closes: '10:00'}]"


def test_a_counter_has_an_id_of_its_own_and_names_hamlets_and_fields_that_there_are(author: Author) -> None:
    author.adds(
        LOCALITY, f"counters:\n  - {COUNTER}}}\n  - {COUNTER}, id: ba, hamlets: [thon-x], fields: [ho-tiech]}}\n"
    )

    assert [(problem.key, problem.what) for problem in author.sees()] == [
        ("counters.0.id", "'main' là mã của quầy chính: đặt mã khác"),
        ("counters.ba.hamlets.0", "không có 'thon-x'; có phải 'thon-2'?"),
        ("counters.ba.fields.0", "không có 'ho-tiech'; có phải 'ho-tich'?"),
    ]


def test_counters_that_fit_are_taken(author: Author) -> None:
    author.adds(LOCALITY, f"counters:\n  - {COUNTER}, id: ba, hamlets: [thon-1], fields: [ho-tich]}}\n")

    locality = author.loads().locality
    assert [one.id for one in locality.counters_for("ho-tich")] == ["main", "ba"]
    assert [one.id for one in locality.counters_for(None)] == ["main"]
