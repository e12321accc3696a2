"""Content is loaded whole, or every mistake in it is named at once."""

from __future__ import annotations

import os
import re
import time
import unicodedata
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import ContentError, Problem
from content import Content, load, models, stamp, yaml_source
from content.messages_vi import OWN
from tests.content.conftest import EVENTS, FAQ, FILES, GUIDE, LEXICON, LOCALITY, PHRASES, PROCEDURES, STEPS, Author

ANCHOR = "không dùng '&' để đặt tên cho một đoạn: chép nội dung ra"
ALIAS = "không dùng '*' để nhắc lại: chép nội dung ra"

# --- what comes out ------------------------------------------------------------------------------------------------


def test_everything_is_found_by_its_id(author: Author) -> None:
    content = author.loads()

    assert content.ids == ("khai-sinh", "faq-gio")
    assert content.entry("khai-sinh").field == "ho-tich"
    assert content.topic("faq-gio").related == ("khai-sinh",)
    assert [(event.id, event.related) for event in content.events.events] == [("sinh-con", ("khai-sinh", "faq-gio"))]
    assert content.guide("khai-sinh").fee[0].amount == 8000
    assert (content.title("khai-sinh"), content.short("khai-sinh")) == ("Đăng ký khai sinh", "Khai sinh")
    assert (content.title("faq-gio"), content.short("faq-gio")) == ("Giờ làm việc", "Giờ làm việc")
    assert "khai-sinh" in content
    assert "khai-tu" not in content


def test_an_id_that_is_not_there_is_a_key_error(author: Author) -> None:
    with pytest.raises(KeyError):
        author.loads().title("khai-tu")


def test_shared_steps_stand_where_they_are_used(author: Author) -> None:
    steps = author.loads().guide("khai-sinh").walk_steps("online")

    assert [step.id for step in steps] == ["mo-cong", "tim", "nop"]
    assert steps[0].text == "Mở trang của xã Mẫu."
    assert steps[1].text == "Gõ “Khai sinh”."
    assert steps[1].troubles[0].fix == "Gõ lại Khai sinh."


def test_a_condition_of_a_use_holds_for_each_of_its_steps(author: Author) -> None:
    author.changes(STEPS, "title: Mở Cổng,", "title: Mở Cổng, when: {cha-me: [roi, chua]},")
    author.changes(GUIDE, "- use: vao-cong", "- {use: vao-cong, when: {cha-me: [chua], nhan-con: co}}")

    first, second, last = author.loads().guide("khai-sinh").walk_steps("online")

    assert first.when == second.when == {"cha-me": ("chua",), "nhan-con": "co"}
    assert not last.when


def test_slots_of_the_commune_are_filled_everywhere(author: Author) -> None:
    content = author.loads()

    assert content.topic("faq-gio").answer[0].text == "thứ hai, thứ ba, ĐT 02343000001."
    assert content.guide("khai-sinh").walk_steps("online")[-1].text == "Bấm Nộp. Hỏi 18001096."
    assert content.guide("khai-sinh").walk_steps("counter")[0].text == "Đến Trung tâm xã Mẫu, đường Mẫu."


def test_words_may_name_the_commune(author: Author) -> None:
    author.changes(GUIDE, "words: {search: Khai sinh}", 'words: {search: "Khai sinh {commune}"}')

    assert author.loads().guide("khai-sinh").walk_steps("online")[1].text == "Gõ “Khai sinh xã Mẫu”."


def test_the_digest_changes_with_the_content_and_only_then(author: Author) -> None:
    before = author.loads().digest
    assert author.loads().digest == before

    author.adds(LEXICON, "# một lời\n")

    assert author.loads().digest != before


def test_the_stamp_changes_when_a_file_does(author: Author) -> None:
    before = stamp(author.folder)
    assert stamp(author.folder) == before

    author.adds(GUIDE, "\n")
    after_a_change = stamp(author.folder)
    author.writes("guides/khai-tu.yaml", "id: khai-tu\n")

    assert len({before, after_a_change, stamp(author.folder)}) == 3


def test_a_hundred_guides_load_within_a_second(author: Author) -> None:
    for number in range(100):
        author.adds(PROCEDURES, f"  - {{id: so-{number}, codes: [1.001193], name: Số, short: Số, field: ho-tich}}\n")
        author.writes(f"guides/so-{number}.yaml", FILES[GUIDE].replace("id: khai-sinh", f"id: so-{number}"))
    start = time.perf_counter()

    author.loads()

    assert time.perf_counter() - start < 1


# --- YAML that is refused ------------------------------------------------------------------------------------------


def test_an_alias_bomb_is_refused(author: Author) -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    author.writes(LEXICON, bomb)

    problems = author.sees()

    assert author.problem(LEXICON, "&a", "", "a", ANCHOR) in problems
    assert author.problem(LEXICON, "*a", "", "b.0", ALIAS) in problems
    assert {problem.file for problem in problems} == {LEXICON}


def test_an_alias_is_refused_where_it_stands(author: Author) -> None:
    author.changes(GUIDE, "law: Nghị quyết 1", "law: *luat")

    assert author.sees() == [author.problem(GUIDE, "*luat", "khai-sinh", "fee.0.law", ALIAS)]


@pytest.mark.parametrize("bracket", ["[", "{", "- ", "? "])
def test_a_depth_bomb_is_refused(author: Author, bracket: str) -> None:
    author.writes(LEXICON, bracket * 200_000)

    (problem,) = author.sees()

    assert (problem.file, problem.line, problem.what) == (LEXICON, 1, "lồng nhau quá 50 tầng")
    assert problem.column == 50 * len(bracket) + 1


def test_without_libyaml_the_same_is_refused(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_source, "_LOADER", yaml.SafeLoader)
    assert author.loads().ids == ("khai-sinh", "faq-gio")

    author.writes(LEXICON, "[" * 200_000)
    author.changes(GUIDE, "law: Nghị quyết 1", "law: @luat")

    assert author.words() == ["câu bắt đầu bằng ký tự này phải để trong dấu nháy", "lồng nhau quá 50 tầng"]


def test_a_tab_as_indentation_is_refused(author: Author) -> None:
    author.changes(GUIDE, "    amount: 8000", "  \tamount: 8000")

    assert author.sees() == [
        author.problem(GUIDE, "  |\tamount", "khai-sinh", "", "thụt dòng bằng phím Tab: thay bằng dấu cách")
    ]


def test_a_duplicate_key_is_refused(author: Author) -> None:
    author.changes(GUIDE, "    amount: 8000", "    amount: 8000\n    amount: 9000")

    assert author.sees() == [
        author.problem(
            GUIDE, "|amount: 9000", "khai-sinh", "fee.0.amount", "khoá 'amount' viết hai lần (lần đầu ở dòng 12)"
        )
    ]


def test_a_python_object_is_refused(author: Author) -> None:
    author.changes(GUIDE, "law: Nghị quyết 1", "law: !!python/object/apply:os.system [ls]")

    (problem,) = author.sees()

    assert problem == author.problem(
        GUIDE,
        "|!!python",
        "khai-sinh",
        "fee.0.law",
        "không dùng thẻ '!!python/object/apply:os.system': bỏ nó đi, hoặc để cả câu trong dấu nháy",
    )


def test_a_merge_key_is_refused(author: Author) -> None:
    author.changes(GUIDE, "    law: Nghị quyết 1", "    <<: {law: Nghị quyết 1}\n    law: Nghị quyết 1")

    assert author.problem(GUIDE, "|<<:", "khai-sinh", "fee.0", "không dùng '<<' để gộp: chép nội dung ra") in (
        author.sees()
    )


@pytest.mark.parametrize("word", ["no", "NO", "Yes", "on", "off", "y", "N"])
def test_a_word_that_yaml_takes_for_a_boolean_is_refused(author: Author, word: str) -> None:
    author.changes(GUIDE, "law: Nghị quyết 1", f"law: {word}")

    assert author.sees() == [
        author.problem(
            GUIDE,
            f"    law: |{word}",
            "khai-sinh",
            "fee.0.law",
            f"'{word}' ở đây có thể bị hiểu là đúng/sai: để trong dấu nháy (\"{word}\"), hoặc viết true/false",
        )
    ]


def test_the_same_word_in_quotes_is_text(author: Author) -> None:
    author.changes(GUIDE, "law: Nghị quyết 1", 'law: "no"')

    assert author.loads().guide("khai-sinh").fee[0].law == "no"


def test_windows_1258_is_refused(author: Author) -> None:
    author.writes(FAQ, b"topics: []\n# \xf0\xfd\xf6ng\n")

    assert author.sees()[0] == Problem(
        file=FAQ,
        line=2,
        column=3,
        entry="",
        key="",
        what="tệp không phải UTF-8 (có lẽ là Windows-1258 hoặc TCVN3): "
        "mở lại bằng trình soạn thảo rồi lưu với mã UTF-8",
    )


def test_a_file_that_is_too_large_is_refused(author: Author) -> None:
    author.writes(LEXICON, "# " + "x" * 2_000_000)

    assert author.sees() == [author.problem(LEXICON, "# ", "", "", "tệp quá lớn (trên 2 MB)")]


def test_an_empty_file_is_refused(author: Author) -> None:
    author.writes(LEXICON, "")

    assert author.words() == ["tệp rỗng"]


def test_a_second_document_is_refused(author: Author) -> None:
    author.adds(LEXICON, "---\nx: y\n")

    assert author.sees() == [author.problem(LEXICON, "---", "", "", "mỗi tệp chỉ có một phần: bỏ dòng '---' này")]


def test_a_control_character_is_refused(author: Author) -> None:
    author.changes(LEXICON, "dạ", "d\x00ạ")

    assert author.sees() == [
        author.problem(LEXICON, "d|\x00", "", "", "có ký tự điều khiển không nhìn thấy được: xoá đi rồi gõ lại")
    ]


@pytest.mark.parametrize(
    ("line", "there", "what"),
    [
        (
            "law: Luật: số 1",
            "law: Luật|: số 1",
            "dấu ':' thừa, hoặc dòng thụt sai: câu có ': ' phải để trong dấu nháy",
        ),
        ("law: @luat", "|@luat", "câu bắt đầu bằng ký tự này phải để trong dấu nháy"),
        ('law: "Nghị quyết" 1', '" |1', "dòng này thụt sai, hoặc dấu nháy đóng lại giữa câu"),
    ],
)
def test_broken_yaml_is_explained_in_vietnamese(author: Author, line: str, there: str, what: str) -> None:
    author.changes(GUIDE, "law: Nghị quyết 1", line)

    assert author.sees() == [author.problem(GUIDE, there, "khai-sinh", "", what)]


@pytest.mark.parametrize(
    ("text", "there", "what"),
    [
        ('politeness: ["ạ]\n', '|"ạ', "dấu nháy mở ra mà không đóng lại, hoặc có dấu '\\' lạ trong đó"),
        ("politeness: [ạ\n", "|[ạ", "dấu '[' mở ra mà không đóng lại, hoặc thiếu dấu phẩy"),
        ("kinds: {thanks: []\n", "|{thanks", "dấu '{' mở ra mà không đóng lại, hoặc thiếu dấu phẩy"),
    ],
)
def test_what_is_never_closed_is_shown_where_it_opens(author: Author, text: str, there: str, what: str) -> None:
    author.writes(LEXICON, text)

    assert author.sees() == [author.problem(LEXICON, there, "", "", what)]


# --- YAML that is taken --------------------------------------------------------------------------------------------


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(author: Author) -> None:
    for name, text in FILES.items():
        author.writes(name, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())

    assert author.loads().title("khai-sinh") == "Đăng ký khai sinh"


def test_places_are_right_with_windows_line_ends(author: Author) -> None:
    author.writes(LEXICON, b"\xef\xbb\xbfpoliteness: []\r\nx: 1\r\n")

    assert [(problem.line, problem.column) for problem in author.sees()] == [(2, 1)]


def test_decomposed_letters_are_composed(author: Author) -> None:
    author.writes(PROCEDURES, unicodedata.normalize("NFD", FILES[PROCEDURES]))

    assert author.loads().title("khai-sinh") == unicodedata.normalize("NFC", "Đăng ký khai sinh")


def test_numbers_and_days_are_what_the_author_meant(author: Author) -> None:
    author.changes(GUIDE, "codes: [1.001193]", "codes: [1.001193, 2.000986]")
    author.changes(PROCEDURES, "codes: [1.001193]", "codes: [2.000986, 1.001193]")
    author.changes(LOCALITY, '"02343000001"', "02343000001")

    content = author.loads()

    assert content.guide("khai-sinh").codes == ("1.001193", "2.000986")
    assert content.locality.counter.phone == "02343000001"
    assert content.guide("khai-sinh").checked.isoformat() == "2026-11-01"


# --- values that are refused ---------------------------------------------------------------------------------------


def test_a_misspelt_key_is_named_with_the_one_that_is_meant(author: Author) -> None:
    author.changes(GUIDE, "    amount: 8000", "    amonut: 8000")

    assert author.sees() == [
        author.problem(GUIDE, "|amonut", "khai-sinh", "fee.0.amonut", "khoá 'amonut' không có; có phải 'amount'?")
    ]


def test_a_key_like_no_other_is_named_with_all_that_exist(author: Author) -> None:
    author.changes(LOCALITY, "id: thon-1,", "id: thon-1, xyz: 1,")

    assert author.sees() == [
        author.problem(
            LOCALITY,
            "|xyz",
            "",
            "hamlets.thon-1.xyz",
            "khoá 'xyz' không có; ở đây chỉ có: id, name, old_names, landmarks",
        )
    ]


def test_a_missing_key_is_named_where_it_should_be(author: Author) -> None:
    author.changes(PROCEDURES, "    short: Khai sinh\n", "")

    assert author.sees() == [author.problem(PROCEDURES, "- |id: khai-sinh", "khai-sinh", "short", "thiếu 'short'")]


@pytest.mark.parametrize("key", ["checked", "review_by", "law", "sources"])
def test_a_guide_without_source_or_date_is_refused(author: Author, key: str) -> None:
    text = author.reads(GUIDE)
    author.writes(GUIDE, "".join(line for line in text.splitlines(True) if not line.startswith(key)))

    assert author.sees() == [author.problem(GUIDE, "|id:", "khai-sinh", key, f"thiếu '{key}'")]


@pytest.mark.parametrize(
    ("old", "new", "there", "key", "what"),
    [
        (
            "amount: 8000",
            "amount: 8.000",
            "|8.000",
            "fee.0.amount",
            "phải là số nguyên viết liền (ví dụ 8000) hoặc unknown",
        ),
        ("amount: 8000", "amount: -1", "|-1", "fee.0.amount", "phải từ 0 trở lên"),
        (
            "amount: 8000",
            "amount: true",
            "amount: |true",
            "fee.0.amount",
            "phải là số nguyên viết liền (ví dụ 8000) hoặc unknown",
        ),
        (
            "amount: 8000",
            "amount: [1]",
            "amount: |[1]",
            "fee.0.amount",
            "phải là số nguyên viết liền (ví dụ 8000) hoặc unknown",
        ),
        (
            "    law: Nghị quyết 1\n",
            "",
            "|at: counter\n",
            "fee.0.law",
            "có 'amount' mà thiếu 'law': ghi văn bản nào quy định mức này",
        ),
        (
            ", ask: quầy một cửa",
            "",
            "|{at: online, amount",
            "fee.1.ask",
            "nội dung là unknown mà thiếu 'ask': ghi rõ hỏi ai",
        ),
        (
            " unit: working-day,",
            "",
            "time: [|{at",
            "time.0.unit",
            "có 'amount' mà thiếu 'unit' hoặc 'text': ghi đơn vị và cách nói",
        ),
        (
            "law: Nghị quyết 1",
            "law: x\n    from: 2027-01-01\n    until: 2026-12-31",
            "|2026-12-31",
            "fee.0.until",
            "'until' đứng trước 'from': ngày hết phải từ ngày bắt đầu trở đi",
        ),
        (
            "checked: 2026-11-01",
            "checked: 2026-02-30",
            "|2026-02-30",
            "checked",
            "phải là ngày dạng năm-tháng-ngày, ví dụ 2026-12-31",
        ),
        (
            "checked: 2026-11-01",
            "checked: 2026",
            "checked: |2026",
            "checked",
            "phải là ngày dạng năm-tháng-ngày, ví dụ 2026-12-31",
        ),
        (
            "level: full",
            "level: ful",
            "level: |ful",
            "level",
            "chỉ nhận 'full', 'partial' hoặc 'counter'; có phải 'full'?",
        ),
        (
            "law: [Luật Hộ tịch]",
            "law: Luật Hộ tịch",
            "law: |Luật",
            "law",
            "phải là một danh sách (mỗi mục bắt đầu bằng '- ')",
        ),
        ("law: [Luật Hộ tịch]", "law: []", "law: |[]", "law", "cần ít nhất 1 mục"),
        ("law: [Luật Hộ tịch]", "law: [1]", "law: [|1]", "law.0", 'phải là chữ: để trong dấu nháy ("1")'),
        ("law: [Luật Hộ tịch]", 'law: [" "]', 'law: [|" "]', "law.0", "chưa có nội dung"),
        ("title: Đến quầy", "title: ~", "title: |~", "steps.counter.den-quay.title", "chưa có nội dung"),
        (
            "title: Đến quầy",
            f"title: {'x' * 81}",
            "title: |xx",
            "steps.counter.den-quay.title",
            "quá dài: 81 ký tự, nhiều nhất 80",
        ),
        ("title: Đến quầy, ", "", "|{id: den-quay", "steps.counter.den-quay.title", "thiếu 'title'"),
        (
            "- use: vao-cong",
            "- {use: vao-cong, whem: {}}",
            "|whem",
            "steps.online.vao-cong.whem",
            "khoá 'whem' không có; có phải 'when'?",
        ),
        (
            "id: to-khai",
            "id: Tờ khai",
            "id: |Tờ khai",
            "papers.Tờ khai.id",
            "chỉ gồm chữ thường không dấu, số và dấu gạch nối, ví dụ khai-sinh",
        ),
        ("id: to-khai", f"id: {'x' * 21}", "id: |xxx", f"papers.{'x' * 21}.id", "quá dài: 21 ký tự, nhiều nhất 20"),
        (
            "when: {cha-me: roi}",
            "when: {cha-me: [1]}",
            "[|1]",
            "papers.ket-hon.when.cha-me.0",
            'phải là chữ: để trong dấu nháy ("1")',
        ),
        (
            "when: {cha-me: roi}",
            "when: {Cha mẹ: roi}",
            "{|Cha mẹ",
            "papers.ket-hon.when.Cha mẹ",
            "chỉ gồm chữ thường không dấu, số và dấu gạch nối, ví dụ khai-sinh",
        ),
        ("when: {cha-me: roi}", "when: roi", "when: |roi", "papers.ket-hon.when", "phải là một nhóm có các khoá"),
        ("end: true}\n  counter", "end: 1}\n  counter", "end: |1", "steps.online.nop.end", "phải là true hoặc false"),
        (
            "  counter:\n",
            "  counte:\n",
            "|counte:",
            "steps.counte",
            "chỉ nhận 'online' hoặc 'counter'; có phải 'counter'?",
        ),
        (
            "codes: [1.001193]",
            "codes: [1001193]",
            "[|1001193]",
            "codes.0",
            'phải là chữ: để trong dấu nháy ("1001193")',
        ),
    ],
)
def test_a_wrong_value_is_explained_where_it_stands(
    author: Author, old: str, new: str, there: str, key: str, what: str
) -> None:
    author.changes(GUIDE, old, new)

    assert author.sees() == [author.problem(GUIDE, there, "khai-sinh", key, what)]


def test_a_group_of_words_that_does_not_exist_is_refused(author: Author) -> None:
    author.adds(LEXICON, "needs: [làm <giay>]\n")

    assert author.sees() == [
        author.problem(LEXICON, "|politeness", "", "groups", "có <nhóm> được dùng mà 'groups' không có")
    ]


def test_every_refusal_of_the_models_has_its_words() -> None:
    source = Path(models.__file__).read_text(encoding="utf-8")

    assert set(re.findall(r'ValueError\("([a-z-]+)"\)', source)) - {"bad-slot"} == set(OWN)


def test_what_is_wrong_in_a_shared_step_is_said_once_where_it_is_written(author: Author) -> None:
    author.changes(STEPS, "title: Tìm thủ tục", "titel: Tìm thủ tục")

    assert author.sees() == [
        author.problem(STEPS, "|titel", "vao-cong", "tim.titel", "khoá 'titel' không có; có phải 'title'?")
    ]


def test_a_step_that_is_too_long_once_filled_is_refused_where_it_is_used(author: Author) -> None:
    author.changes(STEPS, "Gõ “{search}”.", "Gõ {search} " * 26)

    assert author.sees() == [
        author.problem(
            GUIDE, "|use: vao-cong", "khai-sinh", "steps.online.tim.text", "quá dài: 337 ký tự, nhiều nhất 320"
        )
    ]


def test_a_slot_without_words_is_refused_where_the_steps_are_used(author: Author) -> None:
    author.changes(GUIDE, "words: {search: Khai sinh}\n", "")
    what = "chưa có chữ để điền vào {search}: thêm 'search' vào words"

    assert author.sees() == [
        author.problem(GUIDE, "|use: vao-cong", "khai-sinh", "steps.online.tim.text", what),
        author.problem(GUIDE, "|use: vao-cong", "khai-sinh", "steps.online.tim.troubles.khong-thay.fix", what),
    ]


@pytest.mark.parametrize(
    "text", ["Hỏi {hotline", "Hỏi hotline}", "Hỏi {}", "Hỏi {hotline!r}", "Hỏi {hotline:9}", "{A.b}"]
)
def test_a_lone_brace_is_refused(author: Author, text: str) -> None:
    author.changes(GUIDE, "Bấm Nộp. Hỏi {hotline}.", text)

    assert author.sees() == [
        author.problem(
            GUIDE,
            f'|"{text}"',
            "khai-sinh",
            "steps.online.nop.text",
            "dấu { } không đúng: viết {tên_ô}, tên gồm chữ thường và dấu gạch dưới",
        )
    ]


def test_a_lone_brace_in_a_shared_step_is_said_once(author: Author) -> None:
    author.changes(STEPS, "Gõ “{search}”.", "Gõ “{search”.")

    assert author.sees() == [
        author.problem(
            STEPS,
            "|Gõ “{search”.",
            "vao-cong",
            "tim.text",
            "dấu { } không đúng: viết {tên_ô}, tên gồm chữ thường và dấu gạch dưới",
        )
    ]


def test_a_locality_that_is_no_good_is_said_once_for_all_guides(author: Author) -> None:
    author.changes(LOCALITY, '  phone: "02343000001"\n', "")

    assert author.sees() == [author.problem(LOCALITY, "|name: Trung tâm", "", "counter.phone", "thiếu 'phone'")]


# --- files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [PROCEDURES, STEPS, FAQ, EVENTS, PHRASES, LOCALITY, LEXICON])
def test_a_missing_file_is_named(author: Author, name: str) -> None:
    (author.folder / name).unlink()

    assert Problem(file=name, line=1, column=1, entry="", key="", what="thiếu tệp này") in author.sees()


def test_a_guide_that_links_out_of_the_folder_is_not_read(author: Author, tmp_path: Path) -> None:
    outside = tmp_path / "khai-sinh.yaml"
    outside.write_text(FILES[GUIDE], encoding="utf-8")
    (author.folder / GUIDE).unlink()
    (author.folder / GUIDE).symlink_to(outside)

    assert "là liên kết ra ngoài thư mục nội dung" in author.words()


def test_a_folder_in_the_place_of_a_file_is_refused(author: Author) -> None:
    (author.folder / LEXICON).unlink()
    (author.folder / LEXICON).mkdir()

    assert author.words() == ["phải là một tệp"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(author: Author) -> None:
    (author.folder / LEXICON).chmod(0)

    assert author.words() == ["không mở được tệp (Permission denied)"]


def test_a_guide_with_another_ending_is_not_overlooked(author: Author) -> None:
    author.writes("guides/khai-tu.yml", "id: khai-tu\n")

    assert author.sees() == [author.problem("guides/khai-tu.yml", "id", "", "", "đổi đuôi tệp thành .yaml")]


def test_a_folder_that_is_not_there_is_a_content_error(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"procedures\.yaml:1:1: thiếu tệp này"):
        load(tmp_path / "nowhere")


# --- all at once ---------------------------------------------------------------------------------------------------


def test_all_mistakes_of_all_files_are_named_at_once(author: Author) -> None:
    author.changes(PROCEDURES, "field: ho-tich", "field: ho-tịch")
    author.changes(PROCEDURES, "codes: [1.001193]", "codes: [x]")
    author.changes(GUIDE, "    amount: 8000", "    amonut: 8000")
    author.changes(GUIDE, "when: {cha-me: roi}", "when: {cha-em: roi}")
    author.changes(GUIDE, "Đưa giấy tờ., end: true", "Đưa giấy tờ.")
    author.changes(STEPS, "title: Tìm thủ tục", "titel: Tìm thủ tục")
    author.changes(FAQ, "related: [khai-sinh]", "related: [khai-tu]")
    author.changes(LOCALITY, "id: thon-2", "id: thon-1")
    author.writes(LEXICON, "politeness: [no]\n")

    assert [f"{problem.file} {problem.key}" for problem in author.sees()] == [
        f"{FAQ} related.0",
        f"{GUIDE} fee.0.amonut",
        f"{GUIDE} papers.ket-hon.when.cha-em",
        f"{LEXICON} politeness.0",
        f"{LOCALITY} hamlets.thon-1.id",
        f"{PROCEDURES} codes.0",
        f"{PROCEDURES} field",
        f"{STEPS} tim.titel",
    ]


def test_a_problem_reads_as_editors_like_it(author: Author) -> None:
    author.changes(PROCEDURES, "field: ho-tich", "field: ho-khau")

    with pytest.raises(ContentError) as raised:
        author.loads()

    assert str(raised.value) == ("procedures.yaml:8:12: khai-sinh.field: không có lĩnh vực 'ho-khau' trong fields")


# --- the commune's overlay -----------------------------------------------------------------------------------------


def test_an_overlay_changes_single_fields(author: Author) -> None:
    author.lays_over(LOCALITY, "name: xã Thật\ndemo: false\ncounter: {phone: '0912'}\n")

    locality = author.loads().locality

    assert (locality.name, locality.demo, locality.province) == ("xã Thật", False, "tỉnh Mẫu")
    assert (locality.counter.phone, locality.counter.name) == ("0912", "Trung tâm xã Mẫu")


def test_slots_are_filled_with_the_words_of_the_overlay(author: Author) -> None:
    author.lays_over(LOCALITY, "counter: {phone: '0912'}\n")

    assert author.loads().topic("faq-gio").answer[0].text == "thứ hai, thứ ba, ĐT 0912."


def test_nothing_of_the_sample_lists_survives_in_a_real_locality(author: Author) -> None:
    author.lays_over(LOCALITY, "hamlets: [{id: thon-9, name: Thôn 9}]\n")

    assert [hamlet.id for hamlet in author.loads().locality.hamlets] == ["thon-9"]


def test_an_overlay_changes_items_by_their_ids_and_adds_new_ones(author: Author) -> None:
    author.lays_over(
        GUIDE, "papers:\n  - {id: ket-hon, note: Mang bản chính.}\n  - {id: them, name: Thêm, form: copy}\n"
    )

    papers = author.loads().guide("khai-sinh").papers

    assert [paper.id for paper in papers] == ["to-khai", "ket-hon", "nhan-con", "them"]
    assert (papers[1].name, papers[1].note) == ("Giấy kết hôn", "Mang bản chính.")


def test_an_overlay_replaces_lists_without_ids(author: Author) -> None:
    author.lays_over(GUIDE, "fee:\n  - {at: counter, amount: 5000, law: Nghị quyết của tỉnh}\n")

    assert [fee.amount for fee in author.loads().guide("khai-sinh").fee] == [5000]


def test_an_overlay_may_bring_a_procedure_of_its_own(author: Author) -> None:
    author.lays_over(PROCEDURES, "procedures: [{id: cho, name: Chợ, short: Chợ, field: ho-tich}]\n")
    author.lays_over("guides/cho.yaml", FILES[GUIDE].replace("id: khai-sinh\ncodes: [1.001193]", "id: cho"))

    assert author.loads().ids == ("khai-sinh", "cho", "faq-gio")


def test_a_mistake_in_an_overlay_is_named_with_its_own_file(author: Author) -> None:
    author.lays_over(GUIDE, "papers:\n  - {id: ket-hon, nmae: Giấy}\n")

    assert [(problem.file, problem.line, problem.column, problem.key) for problem in author.sees()] == [
        (str(author.overlay / GUIDE), 2, 19, "papers.ket-hon.nmae")  # type: ignore[operator]
    ]


def test_an_overlay_that_is_not_there_is_named(author: Author) -> None:
    author.overlay = author.folder / "nowhere"

    assert author.words() == ["không có thư mục này"]


def test_a_misspelt_file_of_an_overlay_is_not_overlooked(author: Author) -> None:
    author.lays_over("localities.yaml", "name: x\n")

    assert author.words() == ["tệp này không được đọc; có phải 'locality.yaml'?"]


def test_a_change_in_the_overlay_changes_stamp_and_digest(author: Author) -> None:
    before, digest = stamp(author.folder, author.overlay), author.loads().digest

    author.lays_over(LOCALITY, "name: xã Thật\n")

    assert stamp(author.folder, author.overlay) != before
    assert author.loads().digest != digest


# --- anything at all -----------------------------------------------------------------------------------------------

MARKS = (
    ": ",
    "- ",
    "? ",
    "# ",
    "\n",
    "  ",
    "[",
    "]",
    "{",
    "}",
    "'",
    '"',
    ">\n",
    "---",
    "%",
    ",",
    "~",
    "\t",
    "\x85",
    "\\",
)
WORDS = ("id", "x", "no", "&a ", "*a", "!!int ", "<<", "8000", "{hotline}", "use", "when", "é")
PIECES = st.sampled_from(MARKS + WORDS)
TEXTS = st.one_of(st.text(), st.lists(PIECES).map("".join)).map(lambda text: text.encode("utf-8", "surrogatepass"))
NAMES = st.sampled_from(sorted(FILES))
PATIENT = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(name=NAMES, data=TEXTS | st.binary())
@PATIENT
def test_any_file_is_loaded_or_refused_and_nothing_else(author: Author, name: str, data: bytes) -> None:
    author.writes(name, data)

    assert isinstance(author.tries(), Content | ContentError)

    author.writes(name, FILES[name])


@given(name=NAMES, where=st.integers(min_value=0), gone=st.integers(0, 9), piece=PIECES)
@PATIENT
def test_a_slip_of_the_hand_is_loaded_or_refused_and_nothing_else(
    author: Author, name: str, where: int, gone: int, piece: str
) -> None:
    at = where % (len(FILES[name]) + 1)
    author.writes(name, FILES[name][:at] + piece + FILES[name][at + gone :])

    assert isinstance(author.tries(), Content | ContentError)

    author.writes(name, FILES[name])
