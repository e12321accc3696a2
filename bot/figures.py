"""Figures that an officer can defend: what was counted, as tables whose rates show what they are made of.

Everything here is computed from facts and official numbers alone; the desk, `report month` and the exports all show
the `Report` made here. A rate on fewer than LEAST is not given.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Self, TypeVar

from bot import counting
from bot.dialogue.messages import Axis, Became, Fact, Official
from bot.small_numbers import FEW, Shown, shy_beside

LEAST = 10  # a rate on fewer is chance, and may point at a person
OURS = "Cầm Tay đếm từ các cuộc trò chuyện"

K = TypeVar("K")
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, as it is in Vietnam."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """2026-11; None for anything else."""
        found = _MONTH.fullmatch(text.strip())
        return cls(int(found[1]), int(found[2])) if found and int(found[1]) >= 2000 else None

    @classmethod
    def of(cls, day: date) -> Self:
        """The month of that day."""
        return cls(day.year, day.month)

    def back(self, months: int) -> Month:
        """So many months earlier; later for a negative number."""
        year, month = divmod(self.year * 12 + self.month - 1 - months, 12)
        return Month(year, month + 1)

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return self.back(-1).first - timedelta(days=1)

    @property
    def said(self) -> str:
        """As officers write it."""
        return f"tháng {self.month}/{self.year}"

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"


# --- what a table holds -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many, in a period, by a source; with the target it is held against, if there is one."""

    numerator: int
    denominator: int
    period: str
    source: str
    target: int | None = None  # percent

    @property
    def percent(self) -> float | None:
        """Rounded to a tenth; None on fewer than LEAST."""
        if self.denominator < LEAST:
            return None
        return (2000 * self.numerator + self.denominator) // (2 * self.denominator) / 10  # 26,25 is 26,3 to people

    @property
    def met(self) -> bool | None:
        """Whether the target is reached, by the exact numbers; None without a target or a rate."""
        if self.target is None or self.percent is None:
            return None
        return 100 * self.numerator >= self.target * self.denominator

    def __str__(self) -> str:
        if self.percent is None:
            return f"chưa đủ {LEAST} ({self.numerator}/{self.denominator})" if self.denominator else "chưa có"
        return f"{decimal(self.percent)} % ({number(self.numerator)}/{number(self.denominator)})"

    def as_dict(self) -> dict[str, object]:
        """The parts, JSON-ready."""
        parts: dict[str, object] = {
            "numerator": self.numerator,
            "denominator": self.denominator,
            "percent": self.percent,
            "period": self.period,
            "source": self.source,
        }
        return parts if self.target is None else {**parts, "target": self.target, "met": self.met}


Cell = str | int | Rate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of a report. `key` names it in JSON; a row's first cell says what the row is about."""

    key: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""  # source, and what the words of the head mean

    def as_dict(self) -> dict[str, object]:
        """JSON-ready: rates with their parts."""
        rows = [[cell.as_dict() if isinstance(cell, Rate) else cell for cell in row] for row in self.rows]
        return {"title": self.title, "head": list(self.head), "rows": rows, "note": self.note}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All figures of one month."""

    month: Month
    commune: str
    made_on: date
    tables: tuple[Table, ...]

    @property
    def title(self) -> str:
        return f"Báo cáo {self.month.said} – {self.commune}"

    def table(self, key: str) -> Table:
        """The table of that key. KeyError if there is none."""
        return {table.key: table for table in self.tables}[key]

    def as_dict(self) -> dict[str, object]:
        """JSON-ready."""
        return {
            "month": str(self.month),
            "commune": self.commune,
            "made_on": self.made_on.isoformat(),
            **{table.key: table.as_dict() for table in self.tables},
        }


def number(amount: int) -> str:
    """12345 as "12.345"."""
    return f"{amount:,}".replace(",", ".")


def decimal(amount: float) -> str:
    """72.5 as "72,5"; 80.0 as "80"."""
    return f"{amount:.1f}".removesuffix(".0").replace(".", ",")


def text_of(cell: Cell) -> str:
    """A cell as it is read."""
    return "–" if cell is None else number(cell) if isinstance(cell, int) else str(cell)


# --- counts ----------------------------------------------------------------------------------------------------


class Counts:
    """How many of each kind, from facts already narrowed to what is asked for."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._n: Counter[str] = Counter()
        self._after: dict[str, dict[str, int]] | None = None
        for fact in facts:
            self._n[fact.kind] += fact.n

    def __getitem__(self, kind: str) -> int:
        return self._n[kind]

    def all(self, kinds: Iterable[str]) -> int:
        """All of these kinds together."""
        return sum(self._n[kind] for kind in kinds)

    def after(self, prefix: str) -> dict[str, int]:
        """What follows that prefix, which ends with the first colon of a kind, and how many of it."""
        if self._after is None:
            self._after = {}
            for kind, n in self._n.items():
                first, colon, rest = kind.partition(":")
                self._after.setdefault(first + colon, {})[rest] = n
        return self._after.get(prefix, {})

    @property
    def questions(self) -> int:
        return self.all(counting.QUESTIONS)

    @property
    def online(self) -> int:
        return self.all(counting.ONLINE_ALL)

    @property
    def finished(self) -> int:
        return self.all(counting.FINISHED)

    @property
    def results(self) -> int:
        """Results that people have: on time or late. Whoever has none yet is counted late once they have it."""
        return self[counting.RESULT_ON_TIME] + self[counting.RESULT_LATE]

    @property
    def ratings(self) -> int:
        return self.all(counting.RATINGS)

    @property
    def visit_ratings(self) -> int:
        return self.all(counting.VISIT_RATINGS)

    @property
    def visits_content(self) -> int:
        """Ratings of 4 and 5 of the day at the office."""
        return self.all(counting.VISIT_RATINGS[3:])

    @property
    def stars(self) -> int:
        """All stars together."""
        return sum(stars * self[kind] for stars, kind in enumerate(counting.RATINGS, start=1))

    @property
    def content(self) -> int:
        """Ratings of 4 and 5."""
        return self.all(counting.RATINGS[3:])


def apart(parts: Mapping[Axis, Sequence[Fact]], axis: Axis) -> dict[str, Counts]:
    """The counts of each value of an axis."""
    return by(parts.get(axis, ()), axis)


def by(facts: Iterable[Fact], what: str) -> dict[str, Counts]:
    """The counts of each month, day, procedure, place or channel."""
    parts: dict[str, list[Fact]] = {}
    for fact in facts:
        parts.setdefault(getattr(fact, what), []).append(fact)
    return {value: Counts(some) for value, some in parts.items()}


# --- official numbers -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measure:
    """A rate of the official numbers, with the target that communes are held against."""

    key: str
    name: str
    of: str  # what it is a part of, in words
    target: int  # percent
    parts: Callable[[Official], tuple[int, int]]


MEASURES = (
    Measure("on_time", "Đúng hạn", "hồ sơ đã giải quyết", 90, lambda one: (one.on_time, _or(one.resolved, one))),
    Measure("online", "Nộp trực tuyến", "hồ sơ tiếp nhận", 50, lambda one: (one.online, one.received)),
    Measure(
        "paid", "Thanh toán trực tuyến", "hồ sơ có phí", 25, lambda one: (one.paid_online, _or(one.payable, one))
    ),
)


def _or(told: int | None, one: Official) -> int:
    """What the report tells; where it does not, all that was received."""
    return one.received if told is None else told


def measured(measure: Measure, rows: Sequence[Official], period: str) -> Rate:
    """That rate over all these rows together."""
    parts = [measure.parts(one) for one in rows]
    sources = _sources(rows) or "chưa nhập số liệu"
    return Rate(sum(part for part, _ in parts), sum(of for _, of in parts), period, sources, measure.target)


def _sources(rows: Iterable[Official]) -> str:
    """Where the numbers come from, each file once; "" if there are none."""
    files = dict.fromkeys((one.source, one.imported_on) for one in rows)
    return "; ".join(
        f"{name}, nhập {date.fromisoformat(imported_on):%d/%m/%Y}" if imported_on else name
        for name, imported_on in files
    )


def by_place(rows: Iterable[Official]) -> dict[str, list[Official]]:
    """The rows of each place. Where a place has a row for all its fields together, that one counts."""
    places: dict[tuple[str, str], list[Official]] = {}
    for one in rows:
        places.setdefault((one.place, one.month), []).append(one)
    chosen: dict[str, list[Official]] = {}
    for (place, _), some in places.items():
        total = [one for one in some if not one.field]
        chosen.setdefault(place, []).extend(total or some)
    return chosen


# --- the report -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """How ids are said: procedures and topics, places, channels."""

    title: Callable[[str], str] = str
    place: Callable[[str], str] = str
    channels: Mapping[str, str] = field(default_factory=dict)

    def channel(self, id_: str) -> str:
        """A channel as people call it."""
        return self.channels.get(id_, id_)


CHANNELS = {
    "web": "Trang web",
    "telegram": "Telegram",
    "zalo-oa": "Zalo OA",
    "zalo_oa": "Zalo OA",
    "zalo-bot": "Zalo Bot",
    "zalo_bot": "Zalo Bot",
    "console": "Cửa sổ lệnh",
    "desk": "Bàn làm việc",
}


def monthly(
    month: Month,
    facts: Sequence[Fact],
    parts: Mapping[Axis, Sequence[Fact]],
    official: Sequence[Official],
    *,
    commune: str,
    made_on: date,
    names: Names | None = None,
) -> Report:
    """The report of that month, from its facts, the same told apart by each axis, and official numbers."""
    names = names or Names(channels=CHANNELS)
    counts, period = Counts(facts), month.said
    tables = (
        _questions(counts, period),
        _walks(counts, period),
        _after(counts, period),
        _apart(
            "by_procedure",
            "Theo thủ tục",
            "Thủ tục",
            [(names.title(id_), one) for id_, one in apart(parts, Axis.PROCEDURE).items() if id_],
            period,
        ),
        _apart(
            "by_place",
            "Theo nơi ở người dân tự chọn",
            "Nơi",
            [(names.place(id_) if id_ else "Chưa rõ", one) for id_, one in apart(parts, Axis.PLACE).items()],
            period,
        ),
        _apart(
            "by_channel",
            "Theo kênh",
            "Kênh",
            [(names.channel(id_), one) for id_, one in apart(parts, Axis.CHANNEL).items()],
            period,
        ),
        _official(official, period),
    )
    return Report(month=month, commune=commune, made_on=made_on, tables=tables)


def _questions(counts: Counts, period: str) -> Table:
    total = counts.questions

    def row(name: str, kind: Became) -> tuple[Cell, ...]:
        return (name, counts[kind], Rate(counts[kind], total, period, OURS))

    return Table(
        key="questions",
        title="Câu hỏi gõ tự do",
        head=("Bot làm gì", "Số câu", "Tỷ lệ trên mọi câu hỏi"),
        rows=(
            row("Trả lời ngay", Became.ANSWERED),
            row("Hỏi lại cho rõ", Became.ASKED_BACK),
            row("Đưa thẻ tra cứu", Became.CARD_OFFERED),
            row("Chưa hiểu hoặc chưa biết", Became.NOT_KNOWN),
            ("Tất cả", total, None),
        ),
        note=f"{OURS}, {period}. Câu bấm nút không tính ở đây.",
    )


def _walks(counts: Counts, period: str) -> Table:
    asked = counts[counting.ONLINE_SELF] + counts[counting.ONLINE_HELPED]

    def of(part: int, whole: int) -> Rate:
        return Rate(part, whole, period, OURS)

    return Table(
        key="walks",
        title="Dắt tay từng bước",
        head=("Việc", "Số", "Tỷ lệ", "Trên"),
        rows=(
            ("Lượt mở hướng dẫn", counts[counting.OPENED], None, None),
            ("Bắt đầu làm từng bước", counts[counting.STARTED], None, None),
            ("Xem danh sách giấy tờ", counts[counting.PAPERS], None, None),
            (
                "Xem hết các bước",
                counts[counting.STEPS_DONE],
                of(counts[counting.STEPS_DONE], counts[counting.STARTED]),
                "lượt bắt đầu",
            ),
            ("Nộp xong", counts.finished, of(counts.finished, counts[counting.STARTED]), "lượt bắt đầu"),
            ("– trực tuyến", counts.online, of(counts.online, counts.finished), "lượt nộp xong"),
            (
                "– – tự làm",
                counts[counting.ONLINE_SELF],
                of(counts[counting.ONLINE_SELF], asked),
                "lượt trực tuyến đã cho biết",
            ),
            (
                "– – có người giúp",
                counts[counting.ONLINE_HELPED],
                of(counts[counting.ONLINE_HELPED], asked),
                "lượt trực tuyến đã cho biết",
            ),
            ("– – không cho biết", counts[counting.ONLINE], None, None),
            ("– tại quầy", counts[counting.COUNTER], of(counts[counting.COUNTER], counts.finished), "lượt nộp xong"),
            (
                "Thôi không làm",
                counts[counting.GAVE_UP],
                of(counts[counting.GAVE_UP], counts[counting.STARTED]),
                "lượt bắt đầu",
            ),
        ),
        note=f"{OURS}, {period}; theo lời người dân bấm, không phải số hồ sơ trên hệ thống. Một lượt có thể bắt đầu"
        " tháng này và xong tháng sau.",
    )


def _after(counts: Counts, period: str) -> Table:
    mean = decimal(round(counts.stars / counts.ratings, 1)) if counts.ratings >= LEAST else f"chưa đủ {LEAST}"

    def of(part: int, whole: int) -> Rate:
        return Rate(part, whole, period, OURS)

    return Table(
        key="results",
        title="Ngày hẹn và mức hài lòng",
        head=("Việc", "Số", "Tỷ lệ", "Trên"),
        rows=(
            (
                "Nhận kết quả đúng hẹn",
                counts[counting.RESULT_ON_TIME],
                of(counts[counting.RESULT_ON_TIME], counts.results),
                "người đã nhận kết quả",
            ),
            (
                "Nhận trễ hẹn",
                counts[counting.RESULT_LATE],
                of(counts[counting.RESULT_LATE], counts.results),
                "người đã nhận kết quả",
            ),
            (
                "Đến hẹn chưa có kết quả",
                counts[counting.RESULT_NOT_YET],
                None,
                None,
            ),
            (
                "Hài lòng về buổi hẹn (4–5 sao)",
                counts.visits_content,
                of(counts.visits_content, counts.visit_ratings),
                "lượt chấm buổi hẹn",
            ),
            (
                "Hướng dẫn dễ làm theo (4–5 sao)",
                counts.content,
                of(counts.content, counts.ratings),
                "lượt chấm hướng dẫn",
            ),
            ("Điểm trung bình của hướng dẫn (1–5)", counts.ratings, mean, "lượt chấm hướng dẫn"),
        ),
        note=f"{OURS}, {period}, theo lời người dân. Người báo chưa có thì khi nhận được sẽ tính vào trễ hẹn.",
    )


def _apart(key: str, title: str, what: str, parts: Sequence[tuple[str, Counts]], period: str) -> Table:
    of_procedure = key == "by_procedure"  # a question belongs to one only once it is answered: then no share

    def row(name: str, one: Counts) -> tuple[Cell, ...]:
        at_once = Rate(one[Became.ANSWERED], one.questions, period, OURS)
        return (
            name,
            *((one[Became.ANSWERED],) if of_procedure else (one.questions, at_once)),
            one[counting.OPENED],
            one[counting.STARTED],
            one[counting.ONLINE_SELF],
            one[counting.ONLINE_HELPED],
            one[counting.ONLINE],
            one[counting.COUNTER],
            one[counting.GAVE_UP],
            Rate(one[counting.RESULT_ON_TIME], one.results, period, OURS),
            Rate(one.content, one.ratings, period, OURS),
        )

    told = sorted(((-_weight(one), name, one) for name, one in parts if _weight(one)), key=lambda part: part[:2])
    rows = [row(name, one) for _, name, one in told]
    head = (
        what,
        *(() if of_procedure else ("Câu hỏi",)),
        "Trả lời ngay",
        "Mở hướng dẫn",
        "Bắt đầu",
        "Trực tuyến, tự làm",
        "Trực tuyến, có giúp",
        "Trực tuyến, không rõ",
        "Tại quầy",
        "Thôi",
        "Đúng hẹn",
        "Hài lòng",
    )
    note = f"{OURS}, {period}."
    if key == "by_place":
        rows, note = _quiet(rows), f"{note} {QUIET}"
    return Table(key=key, title=title, head=head, rows=tuple(rows), note=note)


QUIET = f"Số dưới {FEW} và tỷ lệ có phần dưới {FEW} không ghi rõ, để không lộ ra ai."


def _quiet(rows: Sequence[tuple[Cell, ...]]) -> list[tuple[Cell, ...]]:
    """The same rows, of places, in numbers that single nobody out: what all of them add up to is told elsewhere."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    for column in columns[1:]:
        shown = shy_beside({n: cell for n, cell in enumerate(column) if isinstance(cell, int)})
        told = rates_told({n: cell for n, cell in enumerate(column) if isinstance(cell, Rate)})
        for n, cell in enumerate(column):
            if n in shown:
                column[n] = shown[n].text if shown[n].exact is None else cell
            elif isinstance(cell, Rate) and n not in told:
                column[n] = None
    return [tuple(row) for row in zip(*columns, strict=True)]


def rates_told(rates: Mapping[K, Rate]) -> set[K]:
    """Of rates that are parts of one told elsewhere, those that single nobody out: neither those who are counted nor
    those who are not are few, and neither can be had by subtraction."""
    counted = shy_beside({key: rate.numerator for key, rate in rates.items()})
    others = shy_beside({key: rate.denominator - rate.numerator for key, rate in rates.items()})
    return {key for key in rates if counted[key].exact is not None and others[key].exact is not None}


def _weight(one: Counts) -> int:
    """What is used most comes first; what has none of these figures is no row."""
    asked = one[counting.OPENED] + one.questions + one.results + one.ratings
    return (one.finished + one[counting.GAVE_UP]) * 1000 + one[counting.STARTED] * 10 + asked


def _official(rows: Sequence[Official], period: str) -> Table:
    places = by_place(rows)
    shown: list[tuple[Cell, ...]] = [
        (place, sum(one.received for one in some), *(measured(measure, some, period) for measure in MEASURES))
        for place, some in sorted(places.items())
    ]
    if len(places) > 1:
        every = [one for some in places.values() for one in some]
        total = (measured(measure, every, period) for measure in MEASURES)
        shown.append(("Tất cả", sum(one.received for one in every), *total))
    heads = tuple(f"{measure.name} (mục tiêu {measure.target} %)" for measure in MEASURES)
    sources = _sources(rows) or "chưa nhập số liệu tháng này"
    parts = "; ".join(f"{measure.name.lower()} tính trên {measure.of}" for measure in MEASURES)
    return Table(
        key="official",
        title="Số liệu chính thức theo địa bàn",
        head=("Địa bàn", "Tiếp nhận", *heads),
        rows=tuple(shown),
        note=f"Nguồn: {sources}. {parts[0].upper()}{parts[1:]}; tệp không có cột đó thì tính trên hồ sơ tiếp nhận.",
    )


# --- over time ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line of a chart: a value for each month, None where there is none to give."""

    name: str
    points: tuple[float | None, ...]
    unit: str = ""
    target: int | None = None
    said: tuple[str, ...] = ()  # each point as it is read


def months_until(month: Month, how_many: int = 12) -> tuple[Month, ...]:
    """That month and those before it, oldest first."""
    return tuple(month.back(back) for back in range(how_many - 1, -1, -1))


def trends(facts: Sequence[Fact], months: Sequence[Month], place: str | None = None) -> tuple[Series, ...]:
    """What was counted in each month; `facts` are apart by month. With a place, of that place alone: `facts` are
    apart by place too, and the numbers single nobody out."""
    apart_by_month: dict[str, list[Fact]] = {}
    for fact in facts:
        apart_by_month.setdefault(fact.month, []).append(fact)
    value = place or ""  # facts that are not apart by place have ""
    each = [{value: Counts(())} | by(apart_by_month.get(str(month), ()), "place") for month in months]

    def line(name: str, counted: Callable[[Counts], int]) -> Series:
        shown = []
        for parts in each:
            n = counted(parts[value])
            quiet = place and shy_beside({key: counted(one) for key, one in parts.items()})
            shown.append(quiet[value] if quiet else Shown(number(n), n))
        return Series(name=name, points=tuple(one.exact for one in shown), said=tuple(one.text for one in shown))

    def share(name: str, part: Callable[[Counts], int], whole: Callable[[Counts], int]) -> Series:
        points, said = [], []
        for parts, month in zip(each, months, strict=True):
            rates = {key: Rate(part(one), whole(one), month.said, OURS) for key, one in parts.items()}
            told = place is None or value in rates_told(rates)
            points.append(rates[value].percent if told else None)
            said.append(str(rates[value]) if told else f"có phần dưới {FEW}, không ghi rõ")
        return Series(name=name, points=tuple(points), unit="%", said=tuple(said))

    return (
        line("Câu hỏi", lambda one: one.questions),
        share("Trả lời ngay", lambda one: one[Became.ANSWERED], lambda one: one.questions),
        line("Bắt đầu làm từng bước", lambda one: one[counting.STARTED]),
        line("Nộp xong", lambda one: one.finished),
        line("Nộp trực tuyến, tự làm", lambda one: one[counting.ONLINE_SELF]),
        line("Nộp trực tuyến, có người giúp", lambda one: one[counting.ONLINE_HELPED]),
        line("Nộp tại quầy", lambda one: one[counting.COUNTER]),
        share("Nhận kết quả đúng hẹn", lambda one: one[counting.RESULT_ON_TIME], lambda one: one.results),
        share("Hài lòng (4–5 sao)", lambda one: one.content, lambda one: one.ratings),
    )


def official_trends(
    rows: Sequence[Official], months: Sequence[Month], place: str | None = None
) -> tuple[Series, ...]:
    """The official rates of each month, of one place or all together."""
    of_month: dict[str, list[Official]] = {}
    for one in rows:
        of_month.setdefault(one.month, []).append(one)
    places = [by_place(of_month.get(str(month), ())) for month in months]
    chosen = [some.get(place, []) if place else [one for each in some.values() for one in each] for some in places]
    found = []
    for measure in MEASURES:
        rates = [measured(measure, some, month.said) for some, month in zip(chosen, months, strict=True)]
        points = tuple(rate.percent for rate in rates)
        said = tuple(map(str, rates))
        found.append(Series(name=measure.name, points=points, unit="%", target=measure.target, said=said))
    return tuple(found)


def daily(facts: Sequence[Fact], month: Month, today: date) -> tuple[Series, ...]:
    """What was counted on each day of that month, as far as it has come; `facts` are apart by day."""
    counts = by(facts, "day")
    last = min(month.last, max(today, month.first))
    days = [month.first + timedelta(days=n) for n in range((last - month.first).days + 1)]
    each = [counts.get(day.isoformat(), Counts(())) for day in days]

    def line(name: str, value: Callable[[Counts], int]) -> Series:
        points = tuple(value(one) for one in each)
        return Series(name=name, points=points, said=tuple(number(point) for point in points))

    return (line("Câu hỏi mỗi ngày", lambda one: one.questions), line("Nộp xong mỗi ngày", lambda one: one.finished))


# --- the funnel of one procedure ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of the way through a procedure: how many came there, of those who started, and who was stuck."""

    name: str
    n: int
    of_started: Rate | None = None
    stuck: Rate | None = None
    troubles: tuple[tuple[str, int], ...] = ()  # what they were stuck on, most often first


def funnel(counts: Counts, steps: Sequence[tuple[str, str, Mapping[str, str]]], period: str) -> tuple[Stage, ...]:
    """Opened → started → papers → each step → all steps → submitted, for one procedure.

    `steps`: id, title and the problems (by id) of each step. Branches skip steps: then fewer come there, and none is
    lost.
    """
    started = counts[counting.STARTED]
    reached, stuck, troubles = (
        counts.after(prefix) for prefix in (counting.REACHED, counting.STUCK, counting.TROUBLE)
    )

    def stage(name: str, n: int) -> Stage:
        return Stage(name=name, n=n, of_started=Rate(n, started, period, OURS))

    def step(id_: str, title: str, problems: Mapping[str, str]) -> Stage:
        had = [(problems[trouble], n) for trouble in problems if (n := troubles.get(f"{id_}:{trouble}", 0))]
        n = reached.get(id_, 0)
        return Stage(
            name=title,
            n=n,
            of_started=Rate(n, started, period, OURS),
            stuck=Rate(stuck.get(id_, 0), n, period, OURS),
            troubles=tuple(sorted(had, key=lambda one: -one[1])),
        )

    return (
        Stage(name="Mở hướng dẫn", n=counts[counting.OPENED]),
        Stage(name="Bắt đầu làm từng bước", n=started),
        stage("Xem danh sách giấy tờ", counts[counting.PAPERS]),
        *(step(*one) for one in steps),
        stage("Xem hết các bước", counts[counting.STEPS_DONE]),
        stage("Nộp trực tuyến", counts.online),
        stage("Nộp tại quầy", counts[counting.COUNTER]),
        stage("Thôi không làm", counts[counting.GAVE_UP]),
    )
