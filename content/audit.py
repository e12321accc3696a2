"""Guides beside the national rows of their codes: every difference, and which of them a guide explains.

Plain words and official ones are not compared word by word: amounts, times and numbers of acts are compared as
numbers, papers by `listed_as` or by likeness. What a guide departs from on purpose stands in its `differs`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, TypeAlias

from rapidfuzz import fuzz

from bot.understanding.text import fold, words
from content import Content
from content.models import UNKNOWN, Difference, Entry, Fee, Guide, Level, Paper, PaperForm, Time, Unit, Way, on
from content.national import (
    NO_AMOUNT,
    NO_UNIT,
    Duration,
    Item,
    Row,
    RowFee,
    document_numbers,
    dollars,
    durations,
    money,
)

Subject: TypeAlias = Literal["name", "level", "fee", "time", "papers", "law"]

SUBJECTS: Final[Mapping[Subject, str]] = {
    "name": "tên",
    "level": "cách nộp",
    "fee": "phí",
    "time": "thời gian",
    "papers": "giấy tờ",
    "law": "căn cứ",
}
WAY_NAMES: Final[Mapping[Way, str]] = {Way.ONLINE: "trực tuyến", Way.POST: "bưu chính", Way.COUNTER: "trực tiếp"}
_UNIT_NAMES: Final[Mapping[Unit | None, str]] = {
    Unit.WORKING_HOUR: "giờ làm việc",
    Unit.HOUR: "giờ",
    Unit.WORKING_DAY: "ngày làm việc",
    Unit.DAY: "ngày",
    Unit.MONTH: "tháng",
    None: f"({NO_UNIT})",
}
LIKE: Final = 95  # of a paper's words, how many an item must have (rapidfuzz token_set_ratio) …
NEAR: Final = 75  # … and how near to one another (partial_ratio), to be that paper without `listed_as`
SAME_NAME: Final = 94  # rapidfuzz ratio of two names that differ in a letter or two
QUOTED: Final = 300  # letters of what a row says that a report shows
_ABSENT: Final = "không có"

_GAP = re.compile(r"…|\.\.\.")
_PARENTHESES = re.compile(r"\([^()]*\)")


# --- what an audit finds -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference: what the row says, what the guide says, and the guide's own reason if it gives one."""

    codes: tuple[str, ...]
    on: Subject
    row: str
    guide: str
    why: str = ""

    @property
    def text(self) -> str:
        """What the `says` of a `differs` entry is looked for in."""
        return f"{self.row} {self.guide}"


@dataclass(frozen=True, slots=True)
class Audited:
    """One guide beside its rows. `notes` are no differences: what could not be compared."""

    id: str
    codes: tuple[str, ...]
    absent: tuple[str, ...] = ()  # codes without a row
    findings: tuple[Finding, ...] = ()
    stale: tuple[str, ...] = ()  # `differs` that explain nothing any more
    notes: tuple[str, ...] = ()

    @property
    def unexplained(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.why)


@dataclass(frozen=True, slots=True)
class Audit:
    """All that was compared."""

    guides: tuple[Audited, ...]

    def as_dict(self) -> dict[str, int]:
        """The figures."""
        differences = sum(len(one.findings) for one in self.guides)
        unexplained = sum(len(one.unexplained) for one in self.guides)
        return {
            "entries": len(self.guides),
            "codes": sum(len(one.codes) - len(one.absent) for one in self.guides),
            "differences": differences,
            "explained": differences - unexplained,
            "unexplained": unexplained,
            "absent": sum(len(one.absent) for one in self.guides),
            "stale": sum(len(one.stale) for one in self.guides),
        }


def audit(content: Content, rows: Iterable[Row], today: date, only: str | None = None) -> Audit:
    """Every guide (or only that one) beside those rows, as things stand that day."""
    by_code: dict[str, list[Row]] = {}
    for row in rows:
        by_code.setdefault(row.code, []).append(row)
    return Audit(
        tuple(
            _audited(content.entry(id_), guide, by_code, today)
            for id_, guide in content.guides.items()
            if only in (None, id_)
        )
    )


def _audited(entry: Entry, guide: Guide, by_code: Mapping[str, Sequence[Row]], today: date) -> Audited:
    ours = {code: [row for row in by_code.get(code, ()) if row.slug in ("", guide.id)] for code in guide.codes}
    rows = [row for found in ours.values() for row in found]
    compared = _Compared(entry, guide, rows, today)
    findings = [finding for look in LOOKS for finding in look(compared)] if rows else []
    explained = tuple(_explained(finding, guide.differs) for finding in dict.fromkeys(findings))
    return Audited(
        id=guide.id,
        codes=guide.codes,
        absent=tuple(code for code, found in ours.items() if not found),
        findings=explained,
        stale=tuple(_stale(guide, findings)),
        notes=tuple(_notes(compared)),
    )


@dataclass(frozen=True, slots=True)
class _Compared:
    """A guide and the rows of its codes. What a row says must be in the guide; what the guide says, in some row."""

    entry: Entry
    guide: Guide
    rows: Sequence[Row]
    today: date

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.code for row in self.rows))

    @property
    def ways(self) -> tuple[Way, ...]:
        """How the guide says one can file."""
        return tuple(way for way in Way if any(place.at is way for place in self.guide.where))

    def full(self, wanted: Callable[[Row], object]) -> list[Row]:
        """The rows that say anything of this kind."""
        return [row for row in self.rows if wanted(row)]


# --- explanations --------------------------------------------------------------------------------------------------


def _explained(finding: Finding, differs: Sequence[Difference]) -> Finding:
    for one in differs:
        if any(_covers(one, said, finding) for said in _sayings(one)):
            return Finding(finding.codes, finding.on, finding.row, finding.guide, one.why)
    return finding


def _sayings(one: Difference) -> list[str]:
    """`says` may give several things, with ";" between."""
    return [part.strip() for part in one.says.split(";") if part.strip()]


def _covers(one: Difference, said: str, finding: Finding) -> bool:
    if one.on != finding.on or one.code not in finding.codes:
        return False
    return set(words(fold(said))) <= set(words(fold(finding.text)))


def _stale(guide: Guide, findings: Sequence[Finding]) -> Iterator[str]:
    for one in guide.differs:
        for said in _sayings(one):
            if not any(_covers(one, said, finding) for finding in findings):
                yield f"{one.code} {SUBJECTS[one.on]}: “{said}”"


def _notes(compared: _Compared) -> Iterator[str]:
    for row in compared.rows:
        if row.papers_text:
            yield f"{row.code}: giấy tờ chỉ là chữ liền, không tách được từng giấy: đọc bằng mắt"
        if not row.items and not row.papers_text:
            yield f"{row.code}: dòng không có danh mục giấy tờ"
        lost = {_said(one) for time in row.times for one in time.durations if one.unit is None}
        yield from (f"{row.code}: thời gian “{one}”, chỉ so được con số" for one in sorted(lost))


# --- the comparisons -----------------------------------------------------------------------------------------------


def _names(compared: _Compared) -> Iterator[Finding]:
    ours = [_plain_name(name) for name in (compared.entry.name, *compared.entry.aliases)]
    for row in compared.rows:
        theirs = _plain_name(row.name)
        if not any(fuzz.ratio(name, theirs) >= SAME_NAME for name in ours):
            yield Finding((row.code,), "name", row.name, compared.entry.name)


def _plain_name(name: str) -> str:
    return _plain(_PARENTHESES.sub(" ", name)).removeprefix("thu tuc ")


def _ways_of_filing(compared: _Compared) -> Iterator[Finding]:
    for row in compared.full(lambda row: row.ways):
        for way in row.ways:
            if way not in compared.ways:
                yield Finding((row.code,), "level", f"nộp được {WAY_NAMES[way]}", "where không có cách này")
        if Way.ONLINE in row.ways and compared.guide.level is Level.COUNTER:
            yield Finding((row.code,), "level", "nộp được trực tuyến", "mức counter: chỉ tại quầy")
        for said, level in ((r"toàn trình", Level.FULL), (r"một phần", Level.PARTIAL)):
            if f"Cổng xếp mức {said}" in row.note and compared.guide.level is not level:
                yield Finding((row.code,), "level", f"Cổng xếp mức {said}", f"mức {compared.guide.level}")
    if rows := compared.full(lambda row: row.ways):
        for way in compared.ways:
            if not any(way in row.ways for row in rows):
                yield Finding(compared.codes, "level", f"{_ABSENT} cách nộp {WAY_NAMES[way]}", "where có cách này")


def _fees(compared: _Compared) -> Iterator[Finding]:
    rows = compared.full(lambda row: row.fees)
    for row in rows:
        for fee in dict.fromkeys(row.fees):
            if fee.at in compared.ways:
                yield from _row_fee(compared, row, fee)
    for way in compared.ways if rows else ():
        theirs = [fee for row in rows for fee in row.fees if fee.at is way]
        for ours in on(compared.guide.fee, compared.today):
            if ours.at is way and theirs and ours.amount != UNKNOWN and not _fee_is_backed(ours, theirs):
                said = "; ".join(dict.fromkeys(_quoted_fee(fee) for fee in theirs))
                yield Finding(compared.codes, "fee", f"{WAY_NAMES[way]}: {said}", _our_fee(ours))


def _row_fee(compared: _Compared, row: Row, fee: RowFee) -> Iterator[Finding]:
    ours = [one for one in compared.guide.fee if one.at is fee.at]
    told = " ".join(f"{one.case or ''} {one.note or ''}" for one in ours)
    known = {one.amount for one in ours} | money(told)
    if not ours or not fee.amounts <= known:
        yield Finding((row.code,), "fee", f"{WAY_NAMES[fee.at]}: {_quoted_fee(fee)}", _our_fees(ours))
    if not fee.foreign <= dollars(" ".join((told, *compared.guide.notes))):
        yield Finding((row.code,), "fee", f"{WAY_NAMES[fee.at]}: {_quoted_fee(fee)}", "không nói tới số đô la này")


def _fee_is_backed(ours: Fee, theirs: Sequence[RowFee]) -> bool:
    """True if a row gives that amount, in its field or in the note to it."""
    if any(ours.amount in fee.amounts | fee.noted for fee in theirs):
        return True
    # "Miễn lệ phí." is nothing to pay; "miễn lệ phí cho …" is nothing to pay in a case.
    free = r"mien (?:le )?phi" if ours.case else r"mien (?:le )?phi\s*(?:[.;)]|$)|khong thu"
    return ours.amount == 0 and any(re.search(free, fold(fee.note)) for fee in theirs)


def _quoted_fee(fee: RowFee) -> str:
    amount = fee.text or "không ghi số tiền"
    if not fee.amounts and fold(fee.text) == "mien phi":
        amount = f"{NO_AMOUNT} (Cổng hiện “{fee.text}”)"
    return f"{amount} {fee.note}".strip()


def _our_fees(ours: Sequence[Fee]) -> str:
    return "; ".join(map(_our_fee, ours)) or "không ghi phí cho cách nộp này"


def _our_fee(fee: Fee) -> str:
    amount = "chưa rõ" if fee.amount == UNKNOWN else f"{int(fee.amount):,} đồng".replace(",", ".")
    return f"{amount} ({fee.case})" if fee.case else amount


def _times(compared: _Compared) -> Iterator[Finding]:
    for row in compared.rows:
        for time in dict.fromkeys(row.times):
            ours = [one for one in compared.guide.time if one.at is time.at]
            known = [length for one in ours for length in _our_durations(one)]
            missing = [one for one in time.durations if not _among(one, known)]
            if time.at in compared.ways and (missing or not ours):
                yield Finding((row.code,), "time", f"{WAY_NAMES[time.at]}: {time.text}", _our_times(ours))
    if rows := compared.full(lambda row: row.times or row.steps):
        for one in on(compared.guide.time, compared.today):
            if one.amount != UNKNOWN and one.unit:
                yield from _our_time_unbacked(compared, rows, one)


def _our_time_unbacked(compared: _Compared, rows: Sequence[Row], ours: Time) -> Iterator[Finding]:
    told = [time for row in rows for time in row.times if time.at is ours.at]
    theirs = [one for time in told for one in time.durations]
    theirs += [one for row in rows for one in durations(row.steps) if one.unit]
    if not any(_same(Duration(float(ours.amount), ours.unit), one) for one in theirs):
        said = "; ".join(dict.fromkeys(time.text for time in told)) or "không ghi thời gian"
        yield Finding(compared.codes, "time", f"{WAY_NAMES[ours.at]}: {said}", _our_times([ours]))


def _our_durations(time: Time) -> list[Duration]:
    told = [one for one in durations(f"{time.text or ''}; {time.case or ''}") if one.unit]
    return [Duration(float(time.amount), time.unit), *told] if time.amount != UNKNOWN and time.unit else told


def _among(one: Duration, known: Iterable[Duration]) -> bool:
    return any(_same(one, other) for other in known)


def _same(one: Duration, other: Duration) -> bool:
    """True if both are equally long; of a time whose unit was lost only the number can agree."""
    if one.unit is None or other.unit is None:
        return one.amount == other.amount
    return one.length == other.length


def _our_times(ours: Sequence[Time]) -> str:
    said = [f"{one.amount} {_UNIT_NAMES[one.unit]}" if one.unit else "chưa rõ" for one in ours]
    return "; ".join(dict.fromkeys(said)) or "không ghi thời gian cho cách nộp này"


def _said(one: Duration) -> str:
    return f"{one.amount:g} {_UNIT_NAMES[one.unit]}"


def _papers(compared: _Compared) -> Iterator[Finding]:
    papers = compared.guide.papers
    rows = compared.full(lambda row: row.items)
    for row in rows:
        for text, cases in _cases([item for item in row.items if item.is_paper]).items():
            if not any(is_listed_as(paper, text) for paper in papers):
                where = f"[{'; '.join(cases)}] " if cases else ""
                yield Finding((row.code,), "papers", f"{where}{text}", "không giấy nào khớp")
    if rows and not any(row.papers_text for row in compared.rows):
        matched = {
            paper.id for paper in papers if any(is_listed_as(paper, i.text) for row in rows for i in row.items)
        }
        for paper in papers:
            twins = [one for one in papers if one is paper or _is_twin(paper, one)]
            if twins[0] is paper and not any(one.id in matched for one in twins):
                tried = f" (listed_as không khớp: {'; '.join(paper.listed_as)})" if paper.listed_as else ""
                yield Finding(compared.codes, "papers", f"{_ABSENT} giấy này", f"{paper.id}: {paper.name}{tried}")


def _cases(items: Sequence[Item]) -> dict[str, list[str]]:
    """The text of each paper → the cases that it is listed in."""
    found: dict[str, list[str]] = {}
    for item in items:
        found.setdefault(item.text, []).extend([item.case] if item.case else [])
    return {text: list(dict.fromkeys(cases)) for text, cases in found.items()}


def is_listed_as(paper: Paper, text: str) -> bool:
    """True if that line of a national list is this paper: by the author's word, else by likeness."""
    folded = _plain(text)
    if any(_occurs(said, folded) for said in paper.listed_as):
        return True
    return any(
        fuzz.token_set_ratio(ours, folded) >= LIKE and fuzz.partial_ratio(ours, folded) >= NEAR
        for ours in (_plain_paper(paper.name), _plain_paper(f"{paper.name} {paper.note or ''}"))
    )


def _occurs(said: str, folded: str) -> bool:
    """True if the words occur one after the other; "…" stands for any words between."""
    parts = filter(None, map(_plain, _GAP.split(said)))
    return bool(re.search(r"\b.*\b".join(rf"\b{re.escape(part)}\b" for part in parts), folded))


def _plain_paper(name: str) -> str:
    """A photograph of a paper is listed as the paper."""
    return _plain(_PARENTHESES.sub(" ", name)).removeprefix("anh chup ").removeprefix("anh ")


def _is_twin(paper: Paper, other: Paper) -> bool:
    """True if `other` is the same for the other way of filing: a photograph for a paper, a form for its screen."""
    if not _ways_of(paper).isdisjoint(_ways_of(other)):
        return False
    on_screen = "dien tu" in _plain(paper.name) and paper.form is other.form is PaperForm.FORM
    return on_screen or fuzz.ratio(_plain_paper(paper.name), _plain_paper(other.name)) >= SAME_NAME


def _ways_of(paper: Paper) -> set[str]:
    at = paper.when.get("at", ("online", "counter"))
    return {at} if isinstance(at, str) else set(at)


def _law(compared: _Compared) -> Iterator[Finding]:
    ours = document_numbers("\n".join(_laws(compared.guide)))
    rows = compared.full(lambda row: row.law)
    theirs = {row.code: document_numbers("\n".join(row.law)) for row in rows}
    for code, numbers in theirs.items():
        for normal, written in numbers.items():
            if normal not in ours:
                yield Finding((code,), "law", written, "không nêu")
    for normal, written in ours.items() if rows else ():
        if not any(normal in numbers for numbers in theirs.values()):
            yield Finding(compared.codes, "law", f"{_ABSENT} số này", written)


def _laws(guide: Guide) -> Iterator[str]:
    """Every `law` of a guide: its list, and those of its facts."""
    yield from guide.law
    facts: list[Any] = [*guide.fee, *guide.exemptions, *guide.papers]
    facts += [*guide.who, *guide.decides, *guide.where, *guide.deadline, *guide.result]
    yield from (fact.law for fact in facts if fact.law)


LOOKS: Final[Sequence[Callable[[_Compared], Iterator[Finding]]]] = (
    _names,
    _ways_of_filing,
    _fees,
    _times,
    _papers,
    _law,
)


def _plain(text: str) -> str:
    return " ".join(words(fold(text)))


def _cut(text: str) -> str:
    return text if len(text) <= QUOTED else text[: QUOTED - 1].rsplit(" ", 1)[0] + " …"


# --- the report ----------------------------------------------------------------------------------------------------


def report(found: Audit) -> str:
    """The audit as an author reads it: by guide, the open differences first, the row's words above the guide's."""
    figures = found.as_dict()
    parts = [_guide_report(one) for one in found.guides]
    parts.append(
        f"Đã đối chiếu {figures['entries']} hướng dẫn với {figures['codes']} mã: {figures['differences']} khác biệt,"
        f" {figures['explained']} đã giải thích, {figures['unexplained']} chưa giải thích."
    )
    if figures["absent"]:
        parts[-1] += f" {figures['absent']} mã không có trong tệp."
    if figures["stale"]:
        parts[-1] += f" {figures['stale']} mục differs không còn giải thích gì."
    return "\n".join(parts)


def _guide_report(one: Audited) -> str:
    lines = [f"== {one.id} ({', '.join(one.codes) or 'không có mã'}): {len(one.unexplained)} chưa giải thích"]
    lines += [f"   mã {code} không có trong tệp: không so được" for code in one.absent]
    for finding in sorted(one.findings, key=lambda finding: bool(finding.why)):
        code = finding.codes[0] if len(one.codes) > 1 else ""
        head = " ".join(filter(None, (code, SUBJECTS[finding.on])))
        row, ours = _cut(finding.row), _cut(finding.guide)
        if finding.why:
            lines += [f" ✓ {head}: {row} | {ours}", f"     vì: {finding.why}"]
        else:
            lines += [f" ✗ {head}", f"     dòng:      {row}", f"     hướng dẫn: {ours}"]
    lines += [f" ? differs không còn giải thích gì, xóa hoặc sửa: {stale}" for stale in one.stale]
    lines += [f"   (ghi chú) {note}" for note in one.notes]
    return "\n".join([*lines, ""])
