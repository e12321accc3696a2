"""How well messages are understood, measured as shared/eval/README.md says."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from bot.errors import BotError
from bot.understanding.understood import Decision, Understood

if TYPE_CHECKING:
    from bot.understanding.matcher import Index

NONE, ASK = "none", "ask"
SHOWN_MISSES = 60
_LIST_KEYS = ("accept", "facet", "options")


class LineError(BotError):
    """A line of a question file is not what it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message and what a careful officer would do with it. `where` names file and line."""

    text: str
    accept: tuple[str, ...]
    facet: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    style: str = ""
    groups_ok: bool = False
    id: str = ""
    where: str = ""

    def within(self, ids: frozenset[str]) -> Line | None:
        """The line as far as content can answer it; None if nothing remains to be answered."""
        accept = tuple(one for one in self.accept if one in ids or one in (NONE, ASK))
        options = tuple(one for one in self.options if one in ids)
        if not accept or (accept == (ASK,) and not options and not self.groups_ok):
            return None
        return Line(
            text=self.text,
            accept=accept,
            facet=self.facet,
            options=options,
            style=self.style,
            groups_ok=self.groups_ok,
            id=self.id,
            where=self.where,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """A line beside what was understood."""

    line: Line
    got: Understood
    ms: float

    @property
    def offered(self) -> tuple[str, ...]:
        if self.got.decision is Decision.NONE:
            return ()
        return tuple(candidate.id for candidate in self.got.candidates)

    @property
    def answerable(self) -> bool:
        return self.line.accept not in ((NONE,), (ASK,))

    @property
    def top1(self) -> bool:
        return self.got.decision is Decision.ANSWER and self.offered[:1] in {(one,) for one in self.line.accept}

    @property
    def top3(self) -> bool:
        return not set(self.offered[:3]).isdisjoint(self.line.accept)

    @property
    def refused(self) -> bool:
        return self.got.decision is Decision.NONE

    @property
    def asked(self) -> bool:
        return self.got.decision is Decision.ASK

    @property
    def asked_well(self) -> bool:
        """Asked back, and offered something of use; without offers it shows the main groups."""
        useful = not set(self.offered).isdisjoint(self.line.options)
        return self.asked and (useful or (self.line.groups_ok and not self.offered))

    @property
    def right(self) -> bool:
        if self.line.accept == (NONE,):
            return self.refused
        return self.asked_well if self.line.accept == (ASK,) else self.top1

    @property
    def facet_right(self) -> bool:
        return self.got.decision is Decision.ANSWER and self.got.facet.value in self.line.facet


@dataclass(frozen=True, slots=True)
class Report:
    """The figures. A fraction over nothing is 0.0: `text` tells over how many lines each was taken."""

    outcomes: tuple[Outcome, ...]
    left_out: int
    pairs: tuple[tuple[str, str], ...] = ()

    @property
    def _answerable(self) -> list[Outcome]:
        return [one for one in self.outcomes if one.answerable]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready: fractions from 0 to 1 (0.0 where there is nothing to divide by), times in milliseconds."""
        answerable = self._answerable
        none = [one for one in self.outcomes if one.line.accept == (NONE,)]
        ask = [one for one in self.outcomes if one.line.accept == (ASK,)]
        neighbours = self._neighbours()
        paired = [one for one in answerable if any(slug in neighbours for slug in one.line.accept)]
        times = sorted(one.ms for one in self.outcomes)
        return {
            "n": len(self.outcomes),
            "top1": _share(one.top1 for one in answerable),
            "top3": _share(one.top3 for one in answerable),
            "none": _share(one.refused for one in none),
            "ask": _share(one.asked_well for one in ask),
            "false_refusal": _share(one.refused for one in answerable),
            "false_ask": _share(one.asked for one in answerable),
            "facet": _share(one.facet_right for one in answerable if one.line.facet),
            "wrong_neighbour": _share(_is_neighbour(one, neighbours) for one in paired),
            "p50_ms": _percentile(times, 50),
            "p99_ms": _percentile(times, 99),
            "left_out": self.left_out,
        }

    def _neighbours(self) -> dict[str, set[str]]:
        neighbours: dict[str, set[str]] = defaultdict(set)
        for one, other in self.pairs:
            neighbours[one].add(other)
            neighbours[other].add(one)
        return neighbours

    def by_style(self) -> dict[str, tuple[int, int]]:
        """For each style: how many were answered right at once, of how many."""
        total = Counter(one.line.style or "-" for one in self._answerable)
        right = Counter(one.line.style or "-" for one in self._answerable if one.top1)
        return {style: (right[style], total[style]) for style in sorted(total)}

    def text(self) -> str:
        """For people: figures with their denominators, styles, and what went wrong."""
        figures = self.as_dict()
        answerable = len(self._answerable)
        none = sum(one.line.accept == (NONE,) for one in self.outcomes)
        ask = len(self.outcomes) - answerable - none
        rows = [
            f"Đã chấm {figures['n']} câu, bỏ qua {figures['left_out']} câu mà nội dung chưa có.",
            f"  đúng ngay (top-1)      {_percent(figures['top1'])}  trên {answerable} câu",
            f"  đúng trong 3 (top-3)   {_percent(figures['top3'])}",
            f"  từ chối nhầm           {_percent(figures['false_refusal'])}",
            f"  hỏi lại thừa           {_percent(figures['false_ask'])}",
            f"  nhầm việc gần giống    {_percent(figures['wrong_neighbour'])}",
            f"  đúng khía cạnh         {_percent(figures['facet'])}",
            f"  từ chối đúng (none)    {_percent(figures['none'])}  trên {none} câu",
            f"  hỏi lại đúng (ask)     {_percent(figures['ask'])}  trên {ask} câu",
            f"  thời gian p50 / p99    {figures['p50_ms']:.2f} / {figures['p99_ms']:.2f} ms",
            "",
            "Top-1 theo kiểu viết:",
            *(f"  {style:<22} {right}/{total}" for style, (right, total) in self.by_style().items()),
        ]
        misses = [one for one in self.outcomes if not one.right]
        if misses:
            rows += ["", f"Chưa đúng ({len(misses)} câu):", *(_miss(one) for one in misses[:SHOWN_MISSES])]
        if len(misses) > SHOWN_MISSES:
            rows.append(f"  … và {len(misses) - SHOWN_MISSES} câu nữa")
        return "\n".join(rows)


def evaluate_files(index: Index, paths: Iterable[Path]) -> Report:
    """The report over all lines of these files. LineError names the first line that can't be read."""
    return report(index, [line for path in paths for line in read_lines(path)])


def evaluate(index: Index, lines: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The figures over lines given as objects."""
    return report(index, [parse_line(line, f"dòng {at}") for at, line in enumerate(lines, 1)]).as_dict()


def report(index: Index, lines: Sequence[Line]) -> Report:
    """The report over these lines."""
    kept = [within for line in lines if (within := line.within(index.ids))]
    if kept:
        index.understand(kept[0].text)  # the first one fills caches; a running bot has them filled
    outcomes = tuple(_measured(index, line) for line in kept)
    return Report(outcomes, left_out=len(lines) - len(kept), pairs=index.pairs)


def _measured(index: Index, line: Line) -> Outcome:
    before = perf_counter()
    got = index.understand(line.text)
    return Outcome(line, got, (perf_counter() - before) * 1000)


def read_lines(path: Path) -> list[Line]:
    """The lines of a JSONL file; empty lines are skipped."""
    return [parse_line(value, where) for where, value in read_objects(path)]


def read_objects(path: Path) -> list[tuple[str, Any]]:
    """What stands on each line of a JSONL file, with file and line number; empty lines are skipped."""
    try:
        rows = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LineError(f"{path}: không đọc được tệp này ({error})") from error
    numbered = [(f"{path}:{at}", row) for at, row in enumerate(rows, 1) if row.strip()]
    return [(where, _object(row, where)) for where, row in numbered]


def _object(row: str, where: str) -> Any:
    try:
        return json.loads(row)
    except ValueError as error:
        raise LineError(f"{where}: dòng này không phải JSON ({error})") from error


def parse_line(value: Any, where: str) -> Line:
    """A line from its JSON object. LineError, in Vietnamese, if its shape is wrong."""
    if not isinstance(value, Mapping):
        raise LineError(f'{where}: mỗi dòng phải là một đối tượng {{"text": …, "accept": […]}}')
    text = value.get("text")
    if not isinstance(text, str):
        raise LineError(f"{where}: thiếu 'text', hoặc 'text' không phải là chữ")
    for key in _LIST_KEYS:
        listed = value.get(key) or []
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            raise LineError(f"{where}: '{key}' phải là danh sách các chữ, ví dụ [\"khai-sinh\"]")
    if not value.get("accept"):
        raise LineError(f"{where}: thiếu 'accept'")
    accept = tuple(value["accept"])
    if len(accept) > 1 and {NONE, ASK} & set(accept):
        raise LineError(f"{where}: 'none' hoặc 'ask' phải đứng một mình trong 'accept'")
    if not isinstance(value.get("groups_ok", False), bool):
        raise LineError(f"{where}: 'groups_ok' phải là true hoặc false")
    return Line(
        text=text,
        accept=accept,
        facet=tuple(value.get("facet") or ()),
        options=tuple(value.get("options") or ()),
        style=str(value.get("style") or ""),
        groups_ok=value.get("groups_ok", False),
        id=str(value.get("id") or ""),
        where=where,
    )


def _is_neighbour(outcome: Outcome, neighbours: Mapping[str, set[str]]) -> bool:
    first = outcome.offered[:1]
    if not first or first[0] in outcome.line.accept:
        return False
    return any(first[0] in neighbours.get(slug, ()) for slug in outcome.line.accept)


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return round(sum(counted) / len(counted), 4) if counted else 0.0


def _percentile(times: Sequence[float], percent: int) -> float:
    if not times:
        return 0.0
    return round(times[min(len(times) - 1, len(times) * percent // 100)], 3)


def _percent(share: float) -> str:
    return f"{100 * share:5.1f} %"


def _miss(outcome: Outcome) -> str:
    line, got = outcome.line, outcome.got
    offered = ", ".join(f"{one.id} {one.score:.2f}" for one in got.candidates[:3]) or "-"
    wanted = ", ".join(line.accept + line.options)
    return (
        f"  {line.id or line.where} [{line.style}] {line.text}\n"
        f"      cần: {wanted}   được: {got.decision.value} ({got.reason.value}) {offered}"
    )
