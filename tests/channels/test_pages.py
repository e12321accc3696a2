"""The guide pages: whole, true on their day, safe, and findable."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels import pages
from bot.clock import Clock
from bot.handlers import facts
from bot.knowledge import Knowledge
from content.models import Guide, applies
from content.wording import PAGE
from tests.support.warm import shipped

BEFORE = date(2027, 2, 28)
AFTER = date(2027, 3, 1)

TODAY = date(2026, 11, 22)
SITE = "https://camtay.example.vn"
KNOWLEDGE = shipped().knowledge
GUIDES = list(KNOWLEDGE.content.guides)
TOPICS = list(KNOWLEDGE.content.topics)
EVIL = """<script>alert(1)</script></script><img src=x onerror=alert(2)>"'&{{ 7*7 }}"""
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """What a browser makes of a page: tags in their order, texts, links; AssertionError if tags do not pair."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.data: list[dict[str, Any]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "script":
            self.data.append(json.loads(data))
        else:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def meta(self, name: str) -> str | None:
        return next((m["content"] for m in self.all("meta") if name in (m.get("name"), m.get("property"))), None)

    def links(self) -> list[str]:
        return [str(a["href"]) for tag in ("a", "link") for a in self.all(tag)]

    def ids(self) -> list[str]:
        return [str(attributes["id"]) for _, attributes in self.tags if attributes.get("id")]

    def kind(self, kind: str) -> dict[str, Any]:
        return next(data for data in self.data if data["@type"] == kind)


def guide(
    id_: str, day: date = TODAY, answers: Mapping[str, str] | None = None, knowledge: Knowledge = KNOWLEDGE
) -> Page:
    return Page(pages.guide_html(knowledge, id_, day, answers or {}, SITE))


def topic(id_: str, knowledge: Knowledge = KNOWLEDGE) -> Page:
    return Page(pages.topic_html(knowledge, id_, TODAY, SITE))


def index(knowledge: Knowledge = KNOWLEDGE) -> Page:
    return Page(pages.index_html(knowledge, TODAY, SITE))


def every_page() -> Iterator[tuple[str, Page]]:
    yield pages.INDEX, index()
    yield pages.INDEX + "x", Page(pages.missing_html(KNOWLEDGE, SITE))
    for id_ in GUIDES:
        yield pages.INDEX + id_, guide(id_)
    for id_ in TOPICS:
        yield pages.INDEX + id_, topic(id_)


def squeezed(text: str) -> str:
    return " ".join(text.split())


# --- whole ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("id_", GUIDES)
def test_a_guide_shows_all_that_is_known(id_: str) -> None:
    known, page = KNOWLEDGE.content.guides[id_], guide(id_)

    said = [
        KNOWLEDGE.title(id_),
        known.summary,
        *known.codes,
        *(paper.name for paper in known.papers),
        *(paper.note for paper in known.papers if paper.note),
        *facts.fees(KNOWLEDGE, known, TODAY),
        *facts.times(KNOWLEDGE, known, TODAY),
        *facts.statements(KNOWLEDGE, (*known.who, *known.decides, *known.where, *known.result), TODAY),
        *facts.statements(KNOWLEDGE, known.deadline, TODAY),
        *known.returns,
        *known.notes,
        *known.law,
        *(source.name for source in known.sources),
        facts.day(known.checked),
    ]
    for way in known.steps:
        for step in known.walk_steps(way):
            said += [step.title, step.text, *(trouble.fix for trouble in step.troubles)]
    assert [line for line in said if squeezed(line) not in page.text] == []


@pytest.mark.parametrize("id_", TOPICS)
def test_a_topic_shows_its_answer_and_its_sources(id_: str) -> None:
    known, page = KNOWLEDGE.content.topics[id_], topic(id_)

    said = [known.name, *facts.statements(KNOWLEDGE, known.answer, TODAY), *(source.name for source in known.sources)]
    assert [line for line in said if squeezed(line) not in page.text] == []
    assert f"/?p={id_}" in page.links()


def test_the_index_names_every_procedure_topic_field_and_life_event() -> None:
    page, content = index(), KNOWLEDGE.content

    assert {pages.INDEX + id_ for id_ in content.ids} <= set(page.links())
    assert {f"linh-vuc-{entry.field}" for entry in content.entries.values()} <= set(page.ids())
    assert [event.name for event in content.events.events if event.name not in page.text] == []


@pytest.mark.parametrize("id_", GUIDES)
def test_an_overdue_guide_says_so(id_: str) -> None:
    review_by = KNOWLEDGE.content.guides[id_].review_by

    assert KNOWLEDGE.say("overdue") not in guide(id_, review_by).text
    assert KNOWLEDGE.say("overdue") in guide(id_, date(2099, 1, 1)).text


def test_every_page_is_well_made() -> None:
    for path, page in every_page():
        assert page.all("html") == [{"lang": "vi"}]
        assert len(page.all("h1")) == 1, path
        assert len(page.all("title")) == len(page.all("main")) == 1
        assert len(page.ids()) == len(set(page.ids())), path
        assert 20 <= len(page.meta("description") or "") <= 160
        assert page.meta("og:title")
        assert page.meta("og:description")
        labelled = [a["aria-labelledby"] for _, a in page.tags if a.get("aria-labelledby")]
        assert set(labelled) <= set(page.ids())


def test_nothing_on_a_page_needs_more_than_the_content_security_policy_allows() -> None:
    for _, page in every_page():
        assert {script["type"] for script in page.all("script")} <= {"application/ld+json"}
        assert not page.all("style")
        for _, attributes in page.tags:
            assert not [name for name in attributes if name == "style" or name.startswith("on")]
        sheets = [str(link["href"]) for link in page.all("link") if link["rel"] == "stylesheet"]
        assert [sheet.split("?")[0] for sheet in sheets] == ["/static/pages.css"]


# --- true on its day -----------------------------------------------------------------------------------------------


def test_the_facts_are_those_of_the_day() -> None:
    known = KNOWLEDGE.content.guides["khai-sinh"]
    before, after = pages.guide_page(KNOWLEDGE, known, BEFORE, {}), pages.guide_page(KNOWLEDGE, known, AFTER, {})

    assert "không phải trả phí" in before.fee.now[0].text
    assert "chưa có mức phí chắc chắn" in after.fee.now[0].text
    assert "nơi cha hoặc mẹ cư trú" in before.decides.now[0].text
    assert "nơi bác chọn nộp" in after.decides.now[0].text
    assert len(before.exemptions) == 2
    assert after.exemptions == []


def test_what_will_change_is_announced_and_no_longer_once_it_has() -> None:
    known = KNOWLEDGE.content.guides["khai-sinh"]
    before, after = pages.guide_page(KNOWLEDGE, known, BEFORE, {}), pages.guide_page(KNOWLEDGE, known, AFTER, {})

    assert before.where.since == "01/03/2027"
    assert before.where.later == after.where.now
    assert before.fee.later == after.fee.now[:1]
    assert after.where.later == after.fee.later == ()
    assert "01/03/2027" in guide("khai-sinh", BEFORE).text
    assert "01/03/2027" not in guide("khai-sinh", AFTER).text


def test_papers_that_come_or_go_are_announced() -> None:
    known = KNOWLEDGE.content.guides["khai-sinh"]
    first, *rest = known.papers
    papers = (first.model_copy(update={"name": "Giấy sắp bỏ", "until": BEFORE}), *rest)
    knowledge = with_guide(known.model_copy(update={"papers": papers}))

    assert KNOWLEDGE.say("changes_on", date="01/03/2027") in guide("khai-sinh", BEFORE, knowledge=knowledge).text
    assert "Giấy sắp bỏ" in guide("khai-sinh", BEFORE, knowledge=knowledge).text
    assert "Giấy sắp bỏ" not in guide("khai-sinh", AFTER, knowledge=knowledge).text


# --- one person's list ---------------------------------------------------------------------------------------------


def walks(known: Guide) -> Iterator[dict[str, str]]:
    """Everything that a citizen can have answered at the end of the questions."""
    for way in known.steps:
        for options in product(*([option.id for option in question.options] for question in known.questions)):
            answers = {pages.AT: way}
            for question, option in zip(known.questions, options, strict=True):
                if applies(question.when, answers):
                    answers[question.id] = option
            yield answers


@pytest.mark.parametrize("id_", GUIDES)
def test_with_all_answers_the_list_is_that_of_the_walk(id_: str) -> None:
    known = KNOWLEDGE.content.guides[id_]
    for answers in walks(known):
        page = pages.guide_page(KNOWLEDGE, known, TODAY, answers)
        (way,) = page.ways

        assert page.own
        assert not page.open
        assert way.depends == []
        assert [line.name for line in way.always] == [paper.name for paper in facts.papers_for(known, answers, TODAY)]
        assert [line.step for line in way.steps] == [
            step for step in known.walk_steps(way.id) if applies(step.when, answers)
        ]
        assert {line.condition for line in way.steps} <= {""}


@pytest.mark.parametrize("id_", GUIDES)
def test_with_some_answers_no_paper_that_may_be_needed_is_hidden(id_: str) -> None:
    known = KNOWLEDGE.content.guides[id_]
    for answers in walks(known):
        needed = {paper.name for paper in facts.papers_for(known, answers, TODAY)}
        for left_out in answers:
            some = {question: option for question, option in answers.items() if question != left_out}
            page = pages.guide_page(KNOWLEDGE, known, TODAY, some)

            shown = {line.name for way in page.ways for line in (*way.always, *way.depends)}
            assert needed <= shown


def test_the_answers_are_shown_and_can_be_changed() -> None:
    page = guide("khai-sinh", answers={"at": "online", "giay-chung-sinh": "co"})

    assert "Danh sách của riêng bác" in page.text
    assert "Ảnh chụp Giấy chứng sinh" in page.text
    assert "Giấy chứng sinh (bản chính)" not in page.text
    assert "Biên bản về việc trẻ bị bỏ rơi" not in page.text
    assert "Các bước: tại quầy" not in page.text
    assert pages.INDEX + "khai-sinh" in page.links()
    chosen = {option["value"] for option in page.all("option") if "selected" in option}
    assert chosen == {"online", "co"}


def test_the_form_offers_the_questions_of_the_guide() -> None:
    names = [select["name"] for select in guide("khai-sinh").all("select")]

    assert names == ["at", "giay-chung-sinh", "cha-me", "nguoi-di"]
    assert guide("khai-sinh").all("form") == [{"method": "get", "action": "/thu-tuc/khai-sinh"}]


def test_a_question_that_the_answers_make_pointless_is_not_asked() -> None:
    page = guide("khai-sinh", answers={"at": "online", "giay-chung-sinh": "bo-roi", "cha-me": "roi"})

    assert [select["name"] for select in page.all("select")] == ["at", "giay-chung-sinh"]
    assert "Đã đăng ký kết hôn" not in page.text


def test_only_a_plain_page_is_for_search_engines() -> None:
    plain, own = guide("khai-sinh"), guide("khai-sinh", answers={"at": "counter"})

    assert plain.meta("robots") is None
    assert own.meta("robots") == "noindex"
    for page in (plain, own):
        assert {"rel": "canonical", "href": f"{SITE}/thu-tuc/khai-sinh"} in page.all("link")


@pytest.mark.parametrize(
    "answers",
    [
        {"at": "post"},
        {"at": ""},
        {"AT": "online"},
        {"giay-chung-sinh": "co khong"},
        {"x": "y", "utm_source": "zalo"},
        {"giay-chung-sinh": EVIL, EVIL: "co"},
    ],
)
def test_answers_that_nobody_asked_for_change_nothing(answers: dict[str, str]) -> None:
    plain = pages.guide_html(KNOWLEDGE, "khai-sinh", TODAY, {}, SITE)

    assert pages.guide_html(KNOWLEDGE, "khai-sinh", TODAY, answers, SITE) == plain


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(["at", "giay-chung-sinh", "cha-me", "nguoi-di", "x"]), st.text(max_size=20)))
def test_any_answers_make_a_page(answers: dict[str, str]) -> None:
    assert guide("khai-sinh", answers=answers).all("h1")


# --- what machines read --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("id_", GUIDES)
def test_the_structured_data_of_a_guide_says_what_the_page_says(id_: str) -> None:
    known, page = KNOWLEDGE.content.guides[id_], guide(id_)
    service = page.kind("GovernmentService")

    assert service["name"] == KNOWLEDGE.title(id_)
    assert service["description"] == known.summary
    assert service["url"] == f"{SITE}/thu-tuc/{id_}"
    assert service.get("identifier", []) == list(known.codes)
    assert all(provider["name"] in page.text for provider in service["provider"])
    assert all(data["@context"] == "https://schema.org" for data in page.data)


@pytest.mark.parametrize("id_", GUIDES)
def test_the_steps_online_are_a_how_to(id_: str) -> None:
    known, page = KNOWLEDGE.content.guides[id_], guide(id_)
    if "online" not in known.steps:
        assert "HowTo" not in {data["@type"] for data in page.data}
        return
    steps = page.kind("HowTo")["step"]

    assert [step["name"] for step in steps] == [step.title for step in known.walk_steps("online")]
    assert [step["position"] for step in steps] == list(range(1, len(steps) + 1))
    assert {step["url"].partition("#")[2] for step in steps} <= set(page.ids())


def test_the_trail_leads_from_the_index_to_the_page() -> None:
    for path, page in every_page():
        if not page.data:
            continue
        items = page.kind("BreadcrumbList")["itemListElement"]
        assert [item["position"] for item in items] == list(range(1, len(items) + 1))
        assert items[-1]["item"] == SITE + path


@pytest.mark.parametrize("id_", TOPICS)
def test_a_topic_is_a_question_with_its_answer(id_: str) -> None:
    (question,) = topic(id_).kind("FAQPage")["mainEntity"]

    assert question["name"] == KNOWLEDGE.title(id_)
    assert question["acceptedAnswer"]["text"].startswith(KNOWLEDGE.content.topics[id_].answer[0].text)


def test_the_sitemap_lists_every_page() -> None:
    tree = ElementTree.fromstring(pages.sitemap_xml(KNOWLEDGE, SITE))  # noqa: S314 - our own
    found = [str(place.text) for place in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]

    assert found == [f"{SITE}/thu-tuc/", *(f"{SITE}/thu-tuc/{id_}" for id_ in KNOWLEDGE.content.ids)]


def test_robots_may_read_the_guides_and_find_the_sitemap() -> None:
    lines = pages.robots_txt(SITE).splitlines()

    assert f"Sitemap: {SITE}/sitemap.xml" in lines
    assert not [line for line in lines if line.startswith("Disallow") and "/thu-tuc".startswith(line.split()[1])]


# --- text is text --------------------------------------------------------------------------------------------------


def with_content(**parts: object) -> Knowledge:
    return Knowledge.of(replace(KNOWLEDGE.content, **parts))  # type: ignore[arg-type]


def with_guide(changed: Guide) -> Knowledge:
    return with_content(guides={**KNOWLEDGE.content.guides, changed.id: changed})


def poisoned(value: Any) -> Any:
    """The same, with something nasty in every text that is shown."""
    if isinstance(value, tuple):
        return tuple(poisoned(item) for item in value)
    if isinstance(value, Mapping):
        return {key: poisoned(item) for key, item in value.items()}
    if not hasattr(value, "model_fields_set"):
        return value
    kept = {"id", "at", "level", "form", "amount", "unit", "when", "url", "link", "field", "codes", "related", "per"}
    changes: dict[str, Any] = {}
    for name in type(value).model_fields:
        item = getattr(value, name)
        if name not in kept:
            changes[name] = EVIL + item if isinstance(item, str) else poisoned(item)
    return value.model_copy(update=changes)


@pytest.fixture(scope="module")
def evil() -> Knowledge:
    content = KNOWLEDGE.content
    return with_content(
        guides=poisoned(content.guides),
        faq=poisoned(content.faq),
        events=poisoned(content.events),
        procedures=poisoned(content.procedures),
        locality=poisoned(content.locality),
    )


def test_html_in_content_is_shown_as_text(evil: Knowledge) -> None:
    answers = {"at": "online", "giay-chung-sinh": "co"}
    shown = [
        *((guide(id_, knowledge=evil), guide(id_)) for id_ in GUIDES),
        *((topic(id_, evil), topic(id_)) for id_ in TOPICS),
        (index(evil), index()),
        (guide("khai-sinh", answers=answers, knowledge=evil), guide("khai-sinh", answers=answers)),
    ]
    for page, harmless in shown:
        assert [tag for tag, _ in page.tags] == [tag for tag, _ in harmless.tags]
        for image in page.all("img"):  # the steps' own pictures: nothing in their words has become an attribute
            assert set(image) == {"class", "src", "alt", "width", "height", "loading"}
        assert "<script>alert(1)</script>" in page.text
        assert "{{ 7*7 }}" in page.text
        assert json.dumps([data["@type"] for data in page.data]) == json.dumps(
            [data["@type"] for data in harmless.data]
        )


def test_structured_data_can_not_break_out_of_its_script(evil: Knowledge) -> None:
    source = pages.guide_html(evil, "khai-sinh", TODAY, {}, SITE)
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', source, re.DOTALL)

    assert len(blocks) == 3
    assert not [block for block in blocks if "<" in block]
    assert EVIL in json.loads(blocks[0])["name"]


# --- labels --------------------------------------------------------------------------------------------------------


def test_every_label_is_used_and_every_used_label_is_there() -> None:
    folder = Path(pages.__file__).parent
    names = ("base", "guide", "topic", "index")
    used = {
        label
        for name in names
        for label in re.findall(r"\bt\.(guide_\w+)", (folder / "templates" / f"{name}.html").read_text("utf-8"))
    }
    tree = ast.parse((folder / "pages.py").read_text("utf-8"))
    used |= {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("guide_")
    } - {"guide_html"}

    assert used == {key for key in PAGE if key.startswith("guide_")}


# --- addresses -----------------------------------------------------------------------------------------------------


class Noon(Clock):
    def now(self) -> datetime:
        return datetime(2027, 2, 28, 16, 59, tzinfo=UTC)  # one minute to midnight in Vietnam


@pytest.fixture
async def site() -> Any:
    app = web.Application()
    library: Any = SimpleNamespace(knowledge=KNOWLEDGE)
    app.add_routes(pages.routes(library, Noon(), SITE))
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_every_page_is_at_its_address(site: TestClient[Any, Any]) -> None:
    for path, page in every_page():
        answer = await site.get(path)
        assert answer.status == (404 if path.endswith("/x") else 200)
        assert answer.content_type == "text/html"
        assert Page(await answer.text()).all("h1") == page.all("h1")


async def test_the_day_is_that_of_vietnam(site: TestClient[Any, Any]) -> None:
    assert "không phải trả phí" in await (await site.get("/thu-tuc/khai-sinh")).text()


async def test_answers_stand_in_the_address(site: TestClient[Any, Any]) -> None:
    text = await (await site.get("/thu-tuc/khai-sinh?at=online&giay-chung-sinh=co&x=%ff&x=&=")).text()

    assert Page(text).meta("robots") == "noindex"


async def test_a_slash_at_the_end_does_no_harm(site: TestClient[Any, Any]) -> None:
    answer = await site.get("/thu-tuc/khai-sinh/")

    assert answer.status == 200
    assert f'<link rel="canonical" href="{SITE}/thu-tuc/khai-sinh">' in await answer.text()


async def test_without_a_slash_one_comes_to_the_index(site: TestClient[Any, Any]) -> None:
    answer = await site.get("/thu-tuc", allow_redirects=False)

    assert (answer.status, answer.headers["Location"]) == (301, "/thu-tuc/")


@pytest.mark.parametrize(
    "path", ["khai", "KHAI-SINH", "..%2f..%2fetc%2fpasswd", "%00", "a/b/c", "%ff%fe", "%3Cscript%3E", "x" * 2000]
)
async def test_an_odd_address_is_a_kind_page_that_leads_on(site: TestClient[Any, Any], path: str) -> None:
    answer = await site.get(f"/thu-tuc/{path}")
    page = Page(await answer.text())

    assert answer.status == 404
    assert pages.INDEX in page.links()
    assert page.meta("robots") == "noindex"
    assert "Không có trang này" in page.text


async def test_sitemap_and_robots_are_at_the_root(site: TestClient[Any, Any]) -> None:
    sitemap, robots = await site.get("/sitemap.xml"), await site.get("/robots.txt")

    assert (sitemap.content_type, robots.content_type) == ("application/xml", "text/plain")
    assert await sitemap.text() == pages.sitemap_xml(KNOWLEDGE, SITE)
    assert await robots.text() == pages.robots_txt(SITE)


async def test_without_a_public_address_the_one_asked_for_is_named() -> None:
    app = web.Application()
    library: Any = SimpleNamespace(knowledge=KNOWLEDGE)
    app.add_routes(pages.routes(library, Noon(), ""))
    async with TestClient(TestServer(app)) as client:
        text = await (await client.get("/robots.txt")).text()

        assert f"Sitemap: {client.make_url('/sitemap.xml')}" in text


async def test_every_link_leads_somewhere(site: TestClient[Any, Any]) -> None:
    static = Path(pages.__file__).parent / "static"
    shown = dict(every_page())
    for path, page in shown.items():
        for link in page.links():
            if re.match(r"https://|tel:\+?\d+$|data:,$|/$|/\?p=", link):
                continue  # elsewhere, or the chat
            if link.startswith("/static/"):
                assert (static / link.removeprefix("/static/").split("?")[0]).is_file()
                continue
            target, _, anchor = link.partition("#")
            assert target in {"", *shown} - {pages.INDEX + "x"}, (path, link)
            assert not anchor or anchor in shown[target or path].ids(), (path, link)


def test_a_question_to_the_bot_is_about_something_it_knows() -> None:
    for _, page in every_page():
        for link in page.links():
            if link.startswith("/?p="):
                assert link.removeprefix("/?p=") in KNOWLEDGE.content
