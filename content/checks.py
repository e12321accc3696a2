"""What must hold between things that are each well-formed: references, endings, periods of time, words used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final, TypeAlias

from bot.errors import Problem
from content import wording
from content.merging import LONE_BRACE, lone_braces
from content.messages_vi import nearest
from content.models import (
    Condition,
    Counter,
    Dated,
    Entry,
    Events,
    Faq,
    Guide,
    Heard,
    Level,
    Lexicon,
    LifeEvent,
    Locality,
    Phrases,
    Procedures,
    Sharing,
    Statement,
    Style,
    Tips,
    Topic,
    applies,
    slots,
)
from content.sheets import Sheet
from content.tip_lint import lint, script_flaws
from content.yaml_source import Path

SOON: Final = timedelta(days=45)  # an end that is nearer than this is worth a warning
_COUNTER_SLOTS: Final = ("counter_name", "counter_address", "counter_hours", "counter_phone")
LOCAL_SLOTS: Final = frozenset({"commune", "province", "police", "hotline", *_COUNTER_SLOTS})
AT: Final = "at"  # the question that every guide has: online or at the counter
AT_OPTIONS: Final = ("online", "counter")

Problems: TypeAlias = Iterator[Problem]


@dataclass(slots=True, kw_only=True)
class Draft:
    """Everything that could be read. What could not is None, or lacks the entries that are broken."""

    sheets: dict[str, Sheet] = field(default_factory=dict)
    procedures: Procedures | None = None
    faq: Faq | None = None
    events: Events | None = None
    heard: Heard | None = None
    phrases: Phrases | None = None
    locality: Locality | None = None
    sharing: Sharing | None = None
    lexicon: Lexicon | None = None
    style: Style | None = None
    tips: Tips | None = None
    guides: dict[str, Guide] = field(default_factory=dict)  # by file name without its ending
    broken: dict[str, frozenset[str]] = field(default_factory=dict)  # of a guide: keys that hold nothing to check
    known: frozenset[str] = frozenset()  # ids of procedures and topics, also of broken ones
    fields: frozenset[str] = frozenset()  # likewise
    files: frozenset[str] = frozenset()  # guides by file name, also broken ones


def check(draft: Draft) -> Problems:
    """Every mistake between the parts of the draft."""
    for stem, guide in draft.guides.items():
        sheet = draft.sheets[f"guides/{stem}.yaml"]
        broken = draft.broken.get(stem, frozenset())
        for needed, look in GUIDE_CHECKS:
            if not needed & broken:
                yield from look(guide, sheet)
    for look_at in DRAFT_CHECKS:
        yield from look_at(draft)


# --- one guide -----------------------------------------------------------------------------------------------------


def file_is_named_after_it(guide: Guide, sheet: Sheet) -> Problems:
    if guide.id != sheet.stem:
        yield sheet.problem(("id",), f"tên tệp phải là {guide.id}.yaml")


def question_ids_differ(guide: Guide, sheet: Sheet) -> Problems:
    yield from _duplicates(sheet, ("questions",), guide.questions)
    for number, question in enumerate(guide.questions):
        yield from _duplicates(sheet, ("questions", number, "options"), question.options)
        if question.id == AT:
            yield sheet.problem(("questions", number, "id"), "'at' đã là câu hỏi có sẵn: đặt tên khác")


def paper_ids_differ(guide: Guide, sheet: Sheet) -> Problems:
    yield from _duplicates(sheet, ("papers",), guide.papers)


def step_ids_differ(guide: Guide, sheet: Sheet) -> Problems:
    for way in guide.steps:
        steps = guide.walk_steps(way)
        yield from _duplicates(sheet, ("steps", way), steps)
        for number, step in enumerate(steps):
            yield from _duplicates(sheet, ("steps", way, number, "troubles"), step.troubles)


def questions_look_back_only(guide: Guide, sheet: Sheet) -> Problems:
    known: dict[str, Collection[str]] = {AT: AT_OPTIONS}
    everywhere = _options(guide)
    for number, question in enumerate(guide.questions):
        path: Path = ("questions", number, "when")
        yield from _dangling(sheet, path, question.when, everywhere)
        for name in question.when:
            if name in everywhere and name not in known:
                yield sheet.problem((*path, name), f"câu hỏi '{name}' phải đứng trước câu hỏi này", at_key=True)
        known[question.id] = everywhere[question.id]


def paper_conditions_exist(guide: Guide, sheet: Sheet) -> Problems:
    for number, paper in enumerate(guide.papers):
        yield from _dangling(sheet, ("papers", number, "when"), paper.when, _options(guide))


def step_conditions_exist(guide: Guide, sheet: Sheet) -> Problems:
    for way in guide.steps:
        for number, step in enumerate(guide.walk_steps(way)):
            yield from _dangling(sheet, ("steps", way, number, "when"), step.when, _options(guide))


def everything_is_reachable(guide: Guide, sheet: Sheet) -> Problems:
    if any(_unknown(when, _options(guide)) for when in _conditions(guide)):
        return  # said already; whatever hangs on it is out of reach for that reason alone
    walks = list(_answers(guide))
    for number, question in enumerate(guide.questions):
        if not any(question.id in answers for answers in walks):
            yield sheet.problem(("questions", number, "when"), "câu hỏi này không bao giờ được hỏi: xem lại when")
    for number, paper in enumerate(guide.papers):
        if not any(applies(paper.when, answers) for answers in walks):
            yield sheet.problem(("papers", number, "when"), "giấy tờ này không bao giờ cần đến: xem lại when")
    for way in guide.steps:
        here = [answers for answers in walks if answers[AT] == way]
        for number, step in enumerate(guide.walk_steps(way)):
            if not any(applies(step.when, answers) for answers in here):
                yield sheet.problem(("steps", way, number, "when"), "bước này không bao giờ tới lượt: xem lại when")


def every_way_ends(guide: Guide, sheet: Sheet) -> Problems:
    for way in guide.steps:
        steps, path = guide.walk_steps(way), ("steps", way)
        if not any(step.end for step in steps):
            yield sheet.problem(path, "các bước không có kết thúc: ghi 'end: true' ở bước cuối", at_key=True)
        for number, step in enumerate(steps):
            if step.end and number < len(steps) - 1:
                yield sheet.problem((*path, number, "end"), "'end: true' chỉ ở bước cuối")
            if step.end and step.when:
                yield sheet.problem((*path, number, "when"), "bước kết thúc không được có when")


def level_and_ways_agree(guide: Guide, sheet: Sheet) -> Problems:
    if guide.level is Level.COUNTER and "online" in guide.steps:
        yield sheet.problem(("level",), "mức 'counter' thì không có các bước 'online'")
    if guide.level is not Level.COUNTER and "online" not in guide.steps:
        yield sheet.problem(("level",), f"mức '{guide.level}' phải có các bước 'online'")


def words_are_slots_of_its_own(guide: Guide, sheet: Sheet) -> Problems:
    for name in guide.words:
        if name in LOCAL_SLOTS:
            yield sheet.problem(("words", name), f"'{name}' lấy từ locality.yaml: đặt tên khác", at_key=True)
        elif not name.isalpha():
            yield sheet.problem(("words", name), "tên ô chỉ gồm chữ thường", at_key=True)


def _follow_in_time(key: str) -> Callable[[Guide, Sheet], Problems]:
    """The check that what the guide says under that key leaves no day out and no day twice."""
    return lambda guide, sheet: _gaps_and_overlaps(sheet, (key,), getattr(guide, key))


def _options(guide: Guide) -> dict[str, Collection[str]]:
    own = {question.id: tuple(option.id for option in question.options) for question in guide.questions}
    return {**own, AT: AT_OPTIONS}


def _conditions(guide: Guide) -> Iterator[Condition]:
    for question in guide.questions:
        yield question.when
    for paper in guide.papers:
        yield paper.when
    for way in guide.steps:
        yield from (step.when for step in guide.walk_steps(way))


def _answers(guide: Guide) -> Iterator[dict[str, str]]:
    """Everything that a citizen can have answered by the end of the questions."""
    walks: list[dict[str, str]] = [{AT: way} for way in guide.steps]
    for question in guide.questions:
        walks = [
            {**answers, question.id: option.id} if option else answers
            for answers in walks
            for option in (question.options if applies(question.when, answers) else (None,))
        ]
    yield from walks


def _dangling(sheet: Sheet, path: Path, when: Condition, known: Mapping[str, Collection[str]]) -> Problems:
    for question, option, what in _unknown(when, known):
        tail: Path = (question,) if option is None else (question, *option)
        yield sheet.problem((*path, *tail), what, at_key=option is None)


def _unknown(when: Condition, known: Mapping[str, Collection[str]]) -> list[tuple[str, tuple[int, ...] | None, str]]:
    """What a condition names that does not exist: the question, where its option stands, and the words."""
    found: list[tuple[str, tuple[int, ...] | None, str]] = []
    for question, options in when.items():
        if question not in known:
            found.append((question, None, f"không có câu hỏi '{question}'" + nearest(question, known)))
            continue
        single = isinstance(options, str)
        for number, option in enumerate((options,) if isinstance(options, str) else options):
            if option not in known[question]:
                what = f"câu hỏi '{question}' không có lựa chọn '{option}'" + nearest(option, known[question])
                found.append((question, () if single else (number,), what))
    return found


# --- between files -------------------------------------------------------------------------------------------------


def entry_ids_differ(draft: Draft) -> Problems:
    if draft.procedures:
        sheet = draft.sheets["procedures.yaml"]
        yield from _duplicates(sheet, ("fields",), draft.procedures.fields)
        yield from _duplicates(sheet, ("procedures",), draft.procedures.procedures)
        for number, entry in enumerate(draft.procedures.procedures):
            if entry.id.startswith("faq-"):
                yield sheet.problem(("procedures", number, "id"), "mã bắt đầu bằng faq- chỉ dành cho faq.yaml")
    if draft.faq:
        yield from _duplicates(draft.sheets["faq.yaml"], ("topics",), draft.faq.topics)
    if draft.events:
        yield from _duplicates(draft.sheets["events.yaml"], ("events",), draft.events.events)


def fields_exist(draft: Draft) -> Problems:
    for number, entry in enumerate(draft.procedures.procedures if draft.procedures else ()):
        if entry.field not in draft.fields:
            what = f"không có lĩnh vực '{entry.field}' trong fields" + nearest(entry.field, draft.fields)
            yield draft.sheets["procedures.yaml"].problem(("procedures", number, "field"), what)


def related_exist(draft: Draft) -> Problems:
    lists = (("procedures.yaml", "procedures"), ("faq.yaml", "topics"))
    if not all(name in draft.sheets and draft.sheets[name].root.child(key) for name, key in lists):
        return  # said already; what a file that can't be read would have named is not missing
    yield from _related_exist(draft, "faq.yaml", "topics", draft.faq.topics if draft.faq else ())
    yield from _related_exist(draft, "events.yaml", "events", draft.events.events if draft.events else ())


def _related_exist(draft: Draft, file: str, key: str, items: Sequence[Topic | LifeEvent]) -> Problems:
    for number, item in enumerate(items):
        for place, name in enumerate(item.related):
            if name not in draft.known:
                what = f"không có thủ tục hay câu hỏi '{name}'" + nearest(name, draft.known)
                yield draft.sheets[file].problem((key, number, "related", place), what)


def answers_follow_in_time(draft: Draft) -> Problems:
    for number, topic in enumerate(draft.faq.topics if draft.faq else ()):
        yield from _gaps_and_overlaps(draft.sheets["faq.yaml"], ("topics", number, "answer"), topic.answer)


def entries_and_guides_pair(draft: Draft) -> Problems:
    if not draft.procedures:
        return
    sheet = draft.sheets["procedures.yaml"]
    for number, entry in enumerate(draft.procedures.procedures):
        if entry.id not in draft.files:
            yield sheet.problem(("procedures", number, "id"), f"thiếu tệp guides/{entry.id}.yaml")
        elif guide := draft.guides.get(entry.id):
            yield from _codes_agree(entry, guide, draft)
    for stem in sorted(draft.files - draft.known):
        what = f"procedures.yaml không có mục '{stem}'" + nearest(stem, draft.known - draft.files)
        name = f"guides/{stem}.yaml"
        yield draft.sheets.get(name, Sheet.empty(name)).problem(("id",), what)


def _codes_agree(entry: Entry, guide: Guide, draft: Draft) -> Problems:
    if set(entry.codes) != set(guide.codes) and "codes" not in draft.broken.get(entry.id, ()):
        listed = ", ".join(entry.codes) or "không có mã nào"
        yield draft.sheets[f"guides/{entry.id}.yaml"].problem(
            ("codes",), f"mã thủ tục khác với procedures.yaml ({listed})"
        )


def shared_ids_differ(draft: Draft) -> Problems:
    for name, steps in draft.sharing.groups.items() if draft.sharing else ():
        sheet = draft.sheets["steps.yaml"]
        yield from _duplicates(sheet, ("groups", name), steps)
        for number, step in enumerate(steps):
            yield from _duplicates(sheet, ("groups", name, number, "troubles"), step.troubles)


def local_ids_differ(draft: Draft) -> Problems:
    if draft.locality:
        sheet = draft.sheets["locality.yaml"]
        yield from _duplicates(sheet, ("hamlets",), draft.locality.hamlets)
        yield from _duplicates(sheet, ("hotlines",), draft.locality.hotlines)
        yield from _duplicates(sheet, ("counters",), draft.locality.counters)
        yield from _counters_fit(draft, draft.locality, sheet)


def _counters_fit(draft: Draft, locality: Locality, sheet: Sheet) -> Problems:
    """Each counter has an id of its own, and names hamlets and fields that there are."""
    hamlets = {one.id for one in locality.hamlets}
    fields = {one.id for one in draft.procedures.fields} if draft.procedures else None
    at: list[tuple[Path, Counter]] = [(("counter",), locality.counter)]
    at += [(("counters", n), one) for n, one in enumerate(locality.counters)]
    for path, counter in at:
        if path != ("counter",) and counter.id == locality.counter.id:
            yield sheet.problem((*path, "id"), f"'{counter.id}' là mã của quầy chính: đặt mã khác")
        for key, named, known in (("hamlets", counter.hamlets, hamlets), ("fields", counter.fields, fields)):
            for n, id_ in enumerate(named):
                if known is not None and id_ not in known:
                    yield sheet.problem((*path, key, n), f"không có '{id_}'" + nearest(id_, known))


def tips_are_sound(draft: Draft) -> Problems:
    """What the desk refuses in a tip, the library must not offer."""
    if not draft.tips:
        return
    sheet = draft.sheets["tips.yaml"]
    yield from _duplicates(sheet, ("tips",), draft.tips.tips)
    numbers = [line.number for line in draft.locality.hotlines] if draft.locality else []
    for number, tip in enumerate(draft.tips.tips):
        if tip.opens not in draft.known:
            what = f"không có thủ tục hay câu hỏi '{tip.opens}'" + nearest(tip.opens, draft.known)
            yield sheet.problem(("tips", number, "opens"), what)
        for flaw in lint(tip.text, draft.tips.official, numbers, style=None):
            yield sheet.problem(("tips", number, "text"), flaw)
        for flaw in script_flaws(draft.tips.script(tip), draft.tips.official, numbers):
            yield sheet.problem(("tips", number, "loudspeaker"), flaw)


def phrases_are_those_of_the_code(draft: Draft) -> Problems:
    if not draft.phrases:
        return
    sheet = draft.sheets["phrases.yaml"]
    yield from _same_keys(sheet, "say", draft.phrases.say, wording.SAY)
    yield from _same_keys(sheet, "buttons", draft.phrases.buttons, wording.BUTTONS)
    yield from _same_keys(sheet, "commands", draft.phrases.commands, wording.COMMANDS)
    yield from _same_keys(sheet, "page", draft.phrases.page, wording.PAGE)
    for key, text in draft.phrases.say.items():
        if key in wording.SAY:
            yield from _slots_allowed(sheet, ("say", key), text, wording.SAY[key])
    for path, what in lone_braces(sheet.root.nearest(("buttons",)), ("buttons",)):
        yield sheet.problem(path, what)


def _same_keys(sheet: Sheet, group: str, written: Iterable[str], wanted: Collection[str]) -> Problems:
    have = set(written)
    for key in sorted(set(wanted) - have):
        yield sheet.problem((group, key), f"thiếu '{key}'", at_key=True)
    for key in sorted(have - set(wanted)):
        yield sheet.problem((group, key), f"khoá '{key}' không dùng ở đâu" + nearest(key, wanted), at_key=True)


def _slots_allowed(sheet: Sheet, path: Path, text: str, allowed: Collection[str]) -> Problems:
    try:
        unknown = sorted(set(slots(text)) - set(allowed))
    except ValueError:
        yield sheet.problem(path, LONE_BRACE)
        return
    for name in unknown:
        known = ", ".join(sorted(allowed)) or "không có ô nào"
        yield sheet.problem(path, f"ô {{{name}}} không có ở câu này; chỉ có: {known}")


# --- lists ---------------------------------------------------------------------------------------------------------


def _duplicates(sheet: Sheet, path: Path, items: Sequence[Any]) -> Problems:
    first: dict[str, int] = {}
    for number, item in enumerate(items):
        if item.id in first:
            line = sheet.root.nearest((*path, first[item.id], "id")).spot.line
            yield sheet.problem((*path, number, "id"), f"mã '{item.id}' đã dùng ở dòng {line}")
        first.setdefault(item.id, number)


# --- time ----------------------------------------------------------------------------------------------------------


def _gaps_and_overlaps(sheet: Sheet, path: Path, facts: Sequence[Dated]) -> Problems:
    for numbers in _rows(facts):
        for before, after in pairwise(numbers):
            if what := _misfit(facts[before], facts[after], sheet.root.nearest((*path, before)).spot.line):
                yield sheet.problem((*path, after, "from"), what)


def _rows(facts: Sequence[Dated]) -> list[list[int]]:
    """The numbers of those facts that take turns, in the order of time."""
    rows: dict[Hashable, list[int]] = defaultdict(list)
    for number, fact in enumerate(facts):
        # Statements without a date may stand beside one another: they are sentences of one answer.
        if fact.from_ or fact.until or not isinstance(fact, Statement):
            rows[getattr(fact, "at", None), getattr(fact, "case", None)].append(number)
    return [sorted(row, key=lambda number: facts[number].from_ or date.min) for row in rows.values()]


def _misfit(before: Dated, after: Dated, line: int) -> str | None:
    if before.until is None or after.from_ is None or after.from_ <= before.until:
        return f"trùng thời gian với mục ở dòng {line}: xem lại from, until, hoặc ghi case cho khác nhau"
    gap, following = before.until + timedelta(days=1), after.from_ - timedelta(days=1)
    if gap <= following:
        return f"từ {gap} đến {following} không có mục nào (mục trước ở dòng {line})"
    return None


def warn(draft: Draft, today: date) -> Problems:
    """What is no mistake, and yet wants to be looked at."""
    for stem, guide in draft.guides.items():
        sheet = draft.sheets.get(f"guides/{stem}.yaml", Sheet.empty(f"guides/{stem}.yaml"))
        yield from _overdue(sheet, (), guide.review_by, today)
        for key in TURNS:
            yield from _ending(sheet, (key,), getattr(guide, key), today)
        yield from _deciding_nothing(sheet, guide)
        for key in ("papers", "exemptions"):
            yield from _dropping_out(sheet, (key,), getattr(guide, key), today)
    sheet = draft.sheets.get("faq.yaml", Sheet.empty("faq.yaml"))
    for number, topic in enumerate(draft.faq.topics if draft.faq else ()):
        yield from _overdue(sheet, ("topics", number), topic.review_by, today)
        yield from _ending(sheet, ("topics", number, "answer"), topic.answer, today)
    for number, tip in enumerate(draft.tips.tips if draft.tips else ()):
        if tip.until and tip.until < today:
            sheet = draft.sheets.get("tips.yaml", Sheet.empty("tips.yaml"))
            yield sheet.problem(("tips", number, "until"), f"mẹo đã hết hạn ({tip.until}): sửa hoặc bỏ")
    if draft.locality and draft.locality.demo:
        yield draft.sheets.get("locality.yaml", Sheet.empty("locality.yaml")).problem(
            ("demo",), "đang dùng địa phương mẫu: ghi thông tin thật của xã và 'demo: false'"
        )


def _deciding_nothing(sheet: Sheet, guide: Guide) -> Problems:
    """Questions whose answer changes neither papers nor steps: nobody should have to answer them."""
    named = {name for when in _conditions(guide) for name in when}
    for number, question in enumerate(guide.questions):
        if question.id not in named:
            yield sheet.problem(
                ("questions", number), "câu trả lời không quyết định giấy tờ hay bước nào: bỏ câu hỏi này"
            )


def _overdue(sheet: Sheet, path: Path, review_by: date, today: date) -> Problems:
    if review_by < today:
        yield sheet.problem((*path, "review_by"), f"đã quá hạn xem lại ({review_by}): đối chiếu nguồn, sửa ngày")


def _ending(sheet: Sheet, path: Path, facts: Sequence[Dated], today: date) -> Problems:
    """Facts that end, and nothing takes their turn."""
    for row in _rows(facts):
        until = facts[row[-1]].until
        if until and until <= today + SOON:
            word = "đã hết" if until < today else "sắp hết"
            yield sheet.problem((*path, row[-1], "until"), f"{word} hiệu lực ({until}) mà chưa có mục tiếp theo")


def _dropping_out(sheet: Sheet, path: Path, facts: Sequence[Dated], today: date) -> Problems:
    """Items of a list that will not be in it any more, with none that begins on the next day."""
    begins = {fact.from_ for fact in facts}
    for number, fact in enumerate(facts):
        if fact.until and today <= fact.until <= today + SOON and fact.until + timedelta(days=1) not in begins:
            yield sheet.problem((*path, number, "until"), f"sắp hết hiệu lực ({fact.until}) mà chưa có mục tiếp theo")


TURNS: Final = ("who", "decides", "where", "deadline", "fee", "time", "result")  # what changes by date

# What each check reads: one that would read a broken part has nothing to say.
GUIDE_CHECKS: Final[Sequence[tuple[frozenset[str], Callable[[Guide, Sheet], Problems]]]] = (
    (frozenset({"id"}), file_is_named_after_it),
    (frozenset({"questions"}), question_ids_differ),
    (frozenset({"papers"}), paper_ids_differ),
    (frozenset({"steps"}), step_ids_differ),
    (frozenset({"questions"}), questions_look_back_only),
    (frozenset({"questions", "papers"}), paper_conditions_exist),
    (frozenset({"questions", "steps"}), step_conditions_exist),
    (frozenset({"questions", "papers", "steps"}), everything_is_reachable),
    (frozenset({"steps"}), every_way_ends),
    (frozenset({"level", "steps"}), level_and_ways_agree),
    (frozenset({"words"}), words_are_slots_of_its_own),
    *((frozenset({key}), _follow_in_time(key)) for key in TURNS),
)
DRAFT_CHECKS: Final[Sequence[Callable[[Draft], Problems]]] = (
    entry_ids_differ,
    fields_exist,
    related_exist,
    answers_follow_in_time,
    entries_and_guides_pair,
    shared_ids_differ,
    local_ids_differ,
    tips_are_sound,
    phrases_are_those_of_the_code,
)
