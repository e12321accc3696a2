"""The pages that a search engine finds and a printer prints: each guide and topic, and the list of them all.

Made by the server from content, as it holds on one day; without a script, and without anything about a person but the
answers in the address.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, Generic, TypeVar
from xml.sax.saxutils import escape

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.clock import Clock
from bot.dialogue.messages import local_day
from bot.handlers import facts
from bot.handlers.common import shorten
from bot.knowledge import Knowledge, Library
from content.gathering import gather
from content.models import (
    Condition,
    Dated,
    Guide,
    Locality,
    Option,
    Paper,
    Question,
    Source,
    Statement,
    Step,
    Topic,
    Way,
    applies,
    on,
)

INDEX: Final = "/thu-tuc/"
AT: Final = "at"  # the question that every guide with two ways has
DESCRIBED = 160  # letters of a description that search engines show
FRESH = 300  # seconds for which a page may be kept: facts change by the day
HERE = Path(__file__).parent

Answers = Mapping[str, str]
T = TypeVar("T")


# --- what a page shows ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the page says of itself to browsers and search engines."""

    title: str
    description: str
    canonical: str
    data: Sequence[Mapping[str, Any]] = ()  # schema.org
    indexed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Generic[T]):
    """What holds today of one side of a procedure, and what will be different from a later day on."""

    now: Sequence[T]
    later: Sequence[T] = ()
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A sentence of fact, and the act that it rests on."""

    text: str
    law: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """A paper to bring or to send."""

    name: str
    form: str
    note: str
    condition: str  # for whom, in words; "" for everybody
    optional: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """A step, and for whom it is."""

    anchor: str
    step: Step
    see: str
    condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WayPart:
    """What one needs and does for one way of handing in."""

    id: str
    name: str
    always: Sequence[PaperLine]
    depends: Sequence[PaperLine]
    steps: Sequence[StepLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A question that finds a person's own list, and the option chosen already."""

    question: Question
    chosen: Option | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the facts come from, when they were looked at, and a warning once that is too long ago."""

    sources: Sequence[Source]
    checked: str
    overdue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidePage:
    """Everything that the page of a procedure shows."""

    id: str
    name: str
    field: tuple[str, str]  # id and name
    summary: str
    changed: str
    level: str
    level_note: str
    codes: Sequence[str]
    choices: Sequence[Choice]
    own: bool  # the list of one person
    open: bool  # ... who has not answered everything yet
    ways: Sequence[WayPart]
    papers_change: str
    fee: Part[Said]
    exemptions: Sequence[str]
    time: Part[Said]
    deadline: Part[Said]
    where: Part[Said]
    who: Part[Said]
    decides: Part[Said]
    result: Part[Said]
    returns: Sequence[str]
    notes: Sequence[str]
    law: Sequence[str]
    checked: Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicPage:
    """Everything that the page of a general question shows."""

    id: str
    name: str
    answer: Part[Said]
    link: str
    related: Sequence[tuple[str, str]]
    checked: Sources
    codes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A heading of the list, and what stands under it: ids and names; of a life event also its papers: what, what
    for, and whether only sometimes."""

    id: str
    name: str
    items: Sequence[tuple[str, str]]
    papers: Sequence[tuple[str, str, bool]] = ()


# --- the pages -----------------------------------------------------------------------------------------------------


def guide_html(knowledge: Knowledge, id_: str, today: date, answers: Answers, public_url: str) -> str:
    """The page of a procedure as it holds on that day; with answers, one person's list. KeyError if there is none."""
    guide = knowledge.content.guides[id_]
    page = guide_page(knowledge, guide, today, answers)
    url = f"{public_url}{INDEX}{id_}"
    head = Head(
        title=f"{page.name}: {_label(knowledge, 'guide_title_tail')}",
        description=shorten(guide.summary, DESCRIBED),
        canonical=url,
        data=_guide_data(knowledge, page, url, public_url),
        indexed=not page.own,
    )
    return _render(knowledge, "guide.html", head, page=page)


def topic_html(knowledge: Knowledge, id_: str, today: date, public_url: str) -> str:
    """The page of a general question. KeyError if there is none."""
    topic = knowledge.content.topics[id_]
    page = _topic_page(knowledge, topic, today)
    url = f"{public_url}{INDEX}{id_}"
    head = Head(
        title=page.name,
        description=shorten(" ".join(line.text for line in page.answer.now), DESCRIBED),
        canonical=url,
        data=_topic_data(knowledge, page, url, public_url),
    )
    return _render(knowledge, "topic.html", head, page=page)


def index_html(knowledge: Knowledge, today: date, public_url: str) -> str:
    """The list of everything: by what happens in life, by field, and the general questions."""
    content = knowledge.content
    title = _label(knowledge, "guide_index")
    events = [
        Group(
            id=event.id,
            name=event.name,
            items=[(id_, content.title(id_)) for id_ in event.related],
            papers=[
                (one.name, ", ".join(map(content.short, one.procedures)), one.sometimes)
                for one in gather(content, event, today)
            ],
        )
        for event in content.events.events
    ]
    fields = [
        Group(
            id=field.id,
            name=field.name,
            items=[(entry.id, entry.name) for entry in content.procedures.procedures if entry.field == field.id],
        )
        for field in content.procedures.fields
    ]
    head = Head(
        title=f"{title} – {content.locality.name}",
        description=shorten(_label(knowledge, "guide_index_lead"), DESCRIBED),
        canonical=public_url + INDEX,
        data=[_crumbs(knowledge, public_url)],
    )
    return _render(
        knowledge,
        "index.html",
        head,
        found=True,
        events=events,
        fields=[field for field in fields if field.items],
        topics=[(topic.id, topic.name) for topic in content.faq.topics],
        topics_name=knowledge.say("faq_name"),
    )


def missing_html(knowledge: Knowledge, public_url: str) -> str:
    """What one reads at an address that leads to no page of ours."""
    title = _label(knowledge, "guide_missing")
    lead = shorten(_label(knowledge, "guide_missing_lead"), DESCRIBED)
    head = Head(title=title, description=lead, canonical=public_url + INDEX, indexed=False)
    return _render(knowledge, "index.html", head, found=False)


def sitemap_xml(knowledge: Knowledge, public_url: str) -> str:
    """All pages for search engines, with the day each was last checked."""
    content = knowledge.content
    days = {id_: guide.checked for id_, guide in content.guides.items()}
    days |= {id_: topic.checked for id_, topic in content.topics.items()}
    pages = [("", max(days.values(), default=None)), *days.items()]
    rows = "".join(
        f"<url><loc>{escape(public_url + INDEX + id_)}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</url>\n"
        for id_, day in pages
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</urlset>\n'
    )


def robots_txt(public_url: str) -> str:
    """Search engines are welcome to what is for everybody."""
    return f"User-agent: *\nDisallow: /desk\nDisallow: /webhook/\n\nSitemap: {public_url}/sitemap.xml\n"


# --- one person's list ---------------------------------------------------------------------------------------------


def given(guide: Guide, answers: Answers) -> dict[str, str]:
    """Those answers that the guide asks for, in its order; everything else is as if it had not been said."""
    kept: dict[str, str] = {}
    if (way := answers.get(AT, "")) in guide.steps:
        kept[AT] = way
    for question in guide.questions:
        option = answers.get(question.id)
        if option in {known.id for known in question.options} and _may(guide, question.when, kept):
            kept[question.id] = str(option)
    return kept


def _may(guide: Guide, when: Condition, answers: Answers) -> bool:
    """True unless these answers rule it out: what is not answered yet, and will still be asked, is left open."""
    asked = {question.id: question for question in guide.questions}
    for question, options in when.items():
        if question in answers:
            if not applies({question: options}, answers):
                return False
        elif question != AT and not _may(guide, asked[question].when, answers):
            return False
    return True


def _condition(guide: Guide, when: Condition, answers: Answers) -> str:
    """What is still open of a condition, in words."""
    rest = {question: options for question, options in when.items() if question not in answers}
    # `facts` words the condition of a paper; a step's is worded in the same way.
    return facts.condition(guide, rest)


def _choices(knowledge: Knowledge, guide: Guide, answers: Answers) -> list[Choice]:
    """The questions that these answers leave open, and those that they answer."""
    buttons = knowledge.content.phrases.buttons
    ways = tuple(Option(id=way, label=buttons[f"way_{way}"].label) for way in guide.steps)
    at = [Question(id=AT, ask=knowledge.say("ask_way"), options=ways)] if len(ways) > 1 else []
    return [
        Choice(
            question=question,
            chosen=next((option for option in question.options if option.id == answers.get(question.id)), None),
        )
        for question in (*at, *guide.questions)
        if _may(guide, question.when, answers)
    ]


# --- from facts to what is shown -----------------------------------------------------------------------------------


def guide_page(knowledge: Knowledge, guide: Guide, today: date, answers: Answers) -> GuidePage:
    """What the page of that guide shows on that day, with these answers."""
    own = given(guide, answers)
    choices = _choices(knowledge, guide, own)
    at = (own[AT],) if AT in own else tuple(guide.steps)
    ways = (Way(own[AT]),) if AT in own else tuple(Way)
    entry = knowledge.content.entry(guide.id)
    fields = {field.id: field.name for field in knowledge.content.procedures.fields}
    return GuidePage(
        id=guide.id,
        name=entry.name,
        field=(entry.field, fields[entry.field]),
        summary=guide.summary,
        changed=knowledge.say("changed_recently", what=guide.changed_recently) if guide.changed_recently else "",
        level=knowledge.say(f"level_{guide.level}"),
        level_note=guide.level_note or "",
        codes=guide.codes,
        choices=choices,
        own=any(choice.chosen for choice in choices),
        open=any(choice.chosen is None for choice in choices),
        ways=[_way(knowledge, guide, today, {**answers, AT: way}) for way in at],
        papers_change=_papers_change(knowledge, guide.papers, today),
        fee=_part(lambda day: _plain(facts.fees(knowledge, guide, day, ways)), guide.fee, today),
        exemptions=[facts.exemption(knowledge, exemption) for exemption in on(guide.exemptions, today)],
        time=_part(lambda day: _plain(facts.times(knowledge, guide, day, ways)), guide.time, today),
        deadline=_said(knowledge, guide.deadline, today),
        where=_said(knowledge, [place for place in guide.where if place.at in ways], today),
        who=_said(knowledge, guide.who, today),
        decides=_said(knowledge, guide.decides, today),
        result=_said(knowledge, guide.result, today),
        returns=guide.returns,
        notes=guide.notes,
        law=guide.law,
        checked=_sources(knowledge, guide, today),
    )


def _topic_page(knowledge: Knowledge, topic: Topic, today: date) -> TopicPage:
    return TopicPage(
        id=topic.id,
        name=topic.name,
        answer=_said(knowledge, topic.answer, today),
        link=topic.link or "",
        related=[(id_, knowledge.title(id_)) for id_ in topic.related],
        checked=_sources(knowledge, topic, today),
    )


def _part(lines: Callable[[date], list[T]], dated: Iterable[Dated], today: date) -> Part[T]:
    now = lines(today)
    begins = [fact.from_ for fact in dated if fact.from_ and fact.from_ > today]
    if not begins:
        return Part(now=now)
    later = [line for line in lines(min(begins)) if line not in now]
    return Part(now=now, later=later, since=facts.day(min(begins)))


def _said(knowledge: Knowledge, statements: Sequence[Statement], today: date) -> Part[Said]:
    def lines(day: date) -> list[Said]:
        return [
            Said(text=_with_way(knowledge, fact, text), law=fact.law or "")
            for fact in statements
            for text in facts.statements(knowledge, [fact], day)
        ]

    return _part(lines, statements, today)


def _plain(lines: Iterable[str]) -> list[Said]:
    return [Said(text=line) for line in lines]


def _with_way(knowledge: Knowledge, fact: Statement, text: str) -> str:
    way = getattr(fact, "at", None)
    return f"{knowledge.say(f'way_{way}')}: {text}" if way else text


def _papers_change(knowledge: Knowledge, papers: Iterable[Paper], today: date) -> str:
    days = [day for paper in papers for day in (paper.from_, paper.until and paper.until + timedelta(days=1))]
    coming = [day for day in days if day and day > today]
    return knowledge.say("changes_on", date=facts.day(min(coming))) if coming else ""


def _way(knowledge: Knowledge, guide: Guide, today: date, answers: Answers) -> WayPart:
    way, own = answers[AT], given(guide, answers)
    papers = [
        PaperLine(
            name=paper.name,
            form=knowledge.say(f"form_{paper.form}"),
            note=paper.note or "",
            condition=_condition(guide, paper.when, own),
            optional=knowledge.say("paper_optional") if paper.optional else "",
        )
        for paper in on(guide.papers, today)
        if _may(guide, paper.when, own)
    ]
    steps = [
        StepLine(
            anchor=f"{way}-{step.id}",
            step=step,
            see=knowledge.say("see", see=step.see) if step.see else "",
            condition=_condition(guide, step.when, own),
        )
        for step in guide.walk_steps(way)
        if _may(guide, step.when, own)
    ]
    return WayPart(
        id=way,
        name=knowledge.say(f"way_{way}"),
        always=[paper for paper in papers if not paper.condition],
        depends=[paper for paper in papers if paper.condition],
        steps=steps,
    )


def _sources(knowledge: Knowledge, known: Guide | Topic, today: date) -> Sources:
    overdue = knowledge.say("overdue") if known.review_by < today else ""
    return Sources(sources=known.sources, checked=facts.day(known.checked), overdue=overdue)


# --- what machines read --------------------------------------------------------------------------------------------


def _guide_data(knowledge: Knowledge, page: GuidePage, url: str, public_url: str) -> list[dict[str, Any]]:
    locality = knowledge.content.locality
    service = {
        "@context": "https://schema.org",
        "@type": "GovernmentService",
        "name": page.name,
        "description": page.summary,
        "url": url,
        "identifier": list(page.codes),
        "inLanguage": "vi",
        "areaServed": {"@type": "AdministrativeArea", "name": f"{locality.name}, {locality.province}"},
        "provider": [{"@type": "GovernmentOrganization", "name": line.text.rstrip(".")} for line in page.decides.now],
        "serviceOutput": [{"@type": "Thing", "name": line.text.rstrip(".")} for line in page.result.now],
    }
    data = [{key: value for key, value in service.items() if value}]
    data += [_how_to(page, way, url) for way in page.ways if way.id == Way.ONLINE]
    return [*data, _crumbs(knowledge, public_url, (f"{INDEX}#linh-vuc-{page.field[0]}", page.field[1]), page=page)]


def _how_to(page: GuidePage, way: WayPart, url: str) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "HowTo",
        "name": f"{page.name} – {way.name.lower()}",
        "supply": [{"@type": "HowToSupply", "name": paper.name} for paper in way.always],
        "step": [
            {
                "@type": "HowToStep",
                "position": number,
                "name": line.step.title,
                "text": " ".join(filter(None, [line.step.text, line.see])),
                "url": f"{url}#{line.anchor}",
            }
            for number, line in enumerate(way.steps, start=1)
        ],
    }


def _topic_data(knowledge: Knowledge, page: TopicPage, url: str, public_url: str) -> list[dict[str, Any]]:
    answer = {"@type": "Answer", "text": " ".join(line.text for line in page.answer.now)}
    question = {"@type": "Question", "name": page.name, "url": url, "acceptedAnswer": answer}
    faq = {"@context": "https://schema.org", "@type": "FAQPage", "inLanguage": "vi", "mainEntity": [question]}
    return [faq, _crumbs(knowledge, public_url, (f"{INDEX}#cau-hoi", knowledge.say("faq_name")), page=page)]


def _crumbs(
    knowledge: Knowledge, public_url: str, *between: tuple[str, str], page: GuidePage | TopicPage | None = None
) -> dict[str, Any]:
    trail = [("/", _label(knowledge, "guide_site")), (INDEX, _label(knowledge, "guide_index")), *between]
    if page:
        trail.append((INDEX + page.id, page.name))
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": name, "item": public_url + path}
            for number, (path, name) in enumerate(trail, start=1)
        ],
    }


# --- templates -----------------------------------------------------------------------------------------------------


def _tel(number: str) -> str:
    """What a telephone dials: 0200 000 0000 as 02000000000."""
    return re.sub(r"[^\d+]", "", number)


def _bare(url: str) -> str:
    """An address as one reads it from paper and types it."""
    return url.removeprefix("https://").removeprefix("http://").rstrip("/")


def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"tel": _tel, "bare": _bare, "day": facts.day}
    templates.policies["json.dumps_kwargs"] = {"ensure_ascii": False}  # `tojson` escapes <, > and & all the same
    return templates


TEMPLATES: Final = _templates()
STYLE: Final = hashlib.sha256((HERE / "static" / "pages.css").read_bytes()).hexdigest()[:12]


def _render(knowledge: Knowledge, template: str, head: Head, **shown: object) -> str:
    locality: Locality = knowledge.content.locality
    return TEMPLATES.get_template(template).render(
        t=knowledge.content.phrases.page,
        locality=locality,
        head=head,
        index=INDEX,
        style=STYLE,
        **{"page": None, **shown},
    )


def _label(knowledge: Knowledge, key: str) -> str:
    return knowledge.content.phrases.page[key]


# --- routes --------------------------------------------------------------------------------------------------------


def routes(library: Library, clock: Clock, public_url: str) -> list[web.RouteDef]:
    """The pages' addresses. Without a public address the one that was asked for stands in canonical links."""

    def base(request: web.Request) -> str:
        return public_url.rstrip("/") or str(request.url.origin())

    async def index(request: web.Request) -> web.Response:
        return _html(index_html(library.knowledge, local_day(clock.now()), base(request)))

    async def to_index(request: web.Request) -> web.Response:
        raise web.HTTPMovedPermanently(INDEX)

    async def page(request: web.Request) -> web.Response:
        knowledge, id_ = library.knowledge, request.match_info["id"].rstrip("/")
        today = local_day(clock.now())
        if id_ in knowledge.content.guides:
            return _html(guide_html(knowledge, id_, today, request.query, base(request)))
        if id_ in knowledge.content.topics:
            return _html(topic_html(knowledge, id_, today, base(request)))
        return _html(missing_html(knowledge, base(request)), status=404)

    async def sitemap(request: web.Request) -> web.Response:
        return _sent(sitemap_xml(library.knowledge, base(request)), "application/xml")

    async def robots(request: web.Request) -> web.Response:
        return _sent(robots_txt(base(request)), "text/plain")

    return [
        web.get(INDEX.rstrip("/"), to_index),
        web.get(INDEX, index),
        web.get(INDEX + "{id:.+}", page),
        web.get("/sitemap.xml", sitemap),
        web.get("/robots.txt", robots),
    ]


def _html(text: str, status: int = 200) -> web.Response:
    return _sent(text, "text/html", status)


def _sent(text: str, kind: str, status: int = 200) -> web.Response:
    response = web.Response(text=text, content_type=kind, charset="utf-8", status=status)
    response.headers["Cache-Control"] = f"public, max-age={FRESH}" if status == 200 else "no-store"
    response.enable_compression()
    return response
