"""`show` prints all of a guide as that citizen would read it on that day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.handlers.preview import preview
from bot.knowledge import Knowledge
from content.models import applies, on
from tests.support.warm import shipped

TODAY = date(2026, 11, 22)
CONTENT = shipped().knowledge.content


def shown(knowledge: Knowledge, id_: str, answers: dict[str, str], today: date = TODAY) -> str:
    text = preview(knowledge, id_, answers, today)
    assert text is not None
    return text


@pytest.mark.parametrize("id_", CONTENT.guides)
def test_nothing_of_a_guide_is_left_out(knowledge: Knowledge, id_: str) -> None:
    guide, text = knowledge.content.guide(id_), shown(knowledge, id_, {})
    wanted = [guide.summary, guide.level_note, guide.changed_recently, *guide.notes, *guide.returns, *guide.law]
    wanted += [source.name for source in guide.sources]
    for facts in (guide.who, guide.decides, guide.where, guide.deadline, guide.result):
        wanted += [fact.text if fact.text != "unknown" else fact.ask for fact in on(facts, TODAY)]
    wanted += [one.who for one in on(guide.exemptions, TODAY)]
    for paper in on(guide.papers, TODAY):
        wanted += [paper.name, paper.note]
    for way in guide.steps:
        for step in guide.walk_steps(way):
            wanted += [step.title, step.text, step.see, step.link]
            wanted += [said for trouble in step.troubles for said in (trouble.problem, trouble.fix)]
    assert [said for said in wanted if said and said.rstrip(". ") not in text] == []


def test_one_citizen_reads_their_own_papers_and_steps(knowledge: Knowledge) -> None:
    guide = knowledge.content.guide("chung-thuc-ban-sao")
    answers = {"at": "counter", "noi-cap": "viet-nam", "ban-photo": "co"}
    _, _, listed = shown(knowledge, guide.id, answers).partition("☐ ")
    papers = listed.split("\n\n———")[0]
    for paper in guide.papers:
        assert (paper.name in papers) == applies(paper.when, answers)
    assert "Photo cho đủ bản" not in listed
    assert "Bước 1/5" in listed


def test_without_answers_it_says_whom_a_paper_and_a_step_concern(knowledge: Knowledge) -> None:
    text = shown(knowledge, "chung-thuc-ban-sao", {})
    assert "Bước 2/6: Photo cho đủ bản [Chỉ khi: chưa có]" in text
    assert "[Chỉ khi: trên mạng; có Giấy chứng sinh]" in shown(knowledge, "khai-sinh", {})


def test_a_topic_is_shown_with_its_source(knowledge: Knowledge) -> None:
    topic = knowledge.content.faq.topics[0]
    text = shown(knowledge, topic.id, {})
    assert topic.answer[0].text in text
    assert topic.sources[0].name in text


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["khong-co"], "không có thủ tục hay câu hỏi nào mã “khong-co”"),
        (["khai-sinh", "--answers", "at=onlin"], "hướng dẫn này không có câu trả lời “at=onlin”"),
        (["khai-sinh", "--answers", "at=online,abc"], "hướng dẫn này không có câu trả lời “abc=”"),
    ],
)
def test_a_slip_of_the_author_is_named(arguments: list[str], complaint: str) -> None:
    refused = CliRunner().invoke(main, ["show", *arguments])
    assert refused.exit_code == 2
    assert complaint in refused.output


def test_the_command_shows_a_day_to_come() -> None:
    review_by = CONTENT.guide("khai-sinh").review_by
    overdue = CONTENT.phrases.say["overdue"]
    for day, is_overdue in ((review_by, False), (review_by + timedelta(days=1), True)):
        printed = CliRunner().invoke(main, ["show", "khai-sinh", "--answers", "at=counter", "--on", day.isoformat()])
        assert printed.exit_code == 0
        assert (overdue in printed.output) == is_overdue
