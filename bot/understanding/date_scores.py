"""How well dates and hours are read, measured as shared/eval/README.md says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bot.understanding.dates import Reading, read_date
from bot.understanding.evaluate import LineError, read_objects


@dataclass(frozen=True, slots=True)
class Expression:
    """What somebody said at `now` (naive local time), and the day or moment that is meant; None if one must ask."""

    text: str
    now: datetime
    expect: str | None


@dataclass(frozen=True, slots=True)
class Scored:
    """An expression beside what was read."""

    expression: Expression
    got: Reading

    @property
    def right(self) -> bool:
        return self.got.expect() == self.expression.expect

    @property
    def wrong_booking(self) -> bool:
        """A day or hour was given that is not the expected one, also where none was."""
        return not self.right and self.got.expect() is not None


@dataclass(frozen=True, slots=True)
class DateReport:
    """The figures over all expressions."""

    scored: tuple[Scored, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready. `exact`, `exact_dated`, `exact_null` are fractions from 0 to 1 (0.0 over nothing): of all, of
        those that mean a day, of those that mean none. `wrong_bookings` is a count.
        """
        dated = [one for one in self.scored if one.expression.expect is not None]
        null = [one for one in self.scored if one.expression.expect is None]
        return {
            "n": len(self.scored),
            "exact": _share(self.scored),
            "wrong_bookings": sum(one.wrong_booking for one in self.scored),
            "n_dated": len(dated),
            "exact_dated": _share(dated),
            "n_null": len(null),
            "exact_null": _share(null),
        }

    def text(self) -> str:
        """For people: the figures with their denominators, and every miss."""
        figures = self.as_dict()
        rows = [
            f"Đã chấm {figures['n']} câu.",
            f"  đúng hoàn toàn         {_percent(figures['exact'])}",
            f"  đúng khi có ngày       {_percent(figures['exact_dated'])}  trên {figures['n_dated']} câu",
            f"  đúng khi phải hỏi lại  {_percent(figures['exact_null'])}  trên {figures['n_null']} câu",
            f"  hẹn nhầm               {figures['wrong_bookings']} câu",
        ]
        misses = [one for one in self.scored if not one.right]
        if misses:
            rows += ["", f"Chưa đúng ({len(misses)} câu):", *map(_miss, misses)]
        return "\n".join(rows)


def score_files(paths: Iterable[Path]) -> DateReport:
    """The report over all lines of these JSONL files. LineError names the first line that can't be read."""
    return score(parse_expression(value, where) for path in paths for where, value in read_objects(path))


def score(expressions: Iterable[Expression]) -> DateReport:
    """The report over these expressions."""
    return DateReport(tuple(Scored(one, read_date(one.text, one.now)) for one in expressions))


def parse_expression(value: Any, where: str) -> Expression:
    """An expression from its JSON object. LineError, in Vietnamese, if its shape is wrong."""
    if not isinstance(value, Mapping):
        raise LineError(f'{where}: mỗi dòng phải là một đối tượng {{"text": …, "now": …, "expect": …}}')
    text, now, expect = value.get("text"), value.get("now"), value.get("expect")
    if not isinstance(text, str):
        raise LineError(f"{where}: thiếu 'text', hoặc 'text' không phải là chữ")
    if "expect" not in value or not (expect is None or (isinstance(expect, str) and _is_moment(expect))):
        raise LineError(f"{where}: 'expect' phải là YYYY-MM-DD, YYYY-MM-DDTHH:MM hoặc null")
    try:
        return Expression(text, datetime.fromisoformat(now if isinstance(now, str) else ""), expect)
    except ValueError as error:
        raise LineError(f"{where}: 'now' phải là giờ địa phương dạng YYYY-MM-DDTHH:MM") from error


def _is_moment(said: str) -> bool:
    try:
        return bool(datetime.strptime(said, "%Y-%m-%dT%H:%M") if "T" in said else date.fromisoformat(said))
    except ValueError:
        return False


def _share(scored: Sequence[Scored]) -> float:
    return round(sum(one.right for one in scored) / len(scored), 4) if scored else 0.0


def _percent(share: float) -> str:
    return f"{100 * share:5.1f} %"


def _miss(one: Scored) -> str:
    said, got = one.expression, one.got
    wanted = said.expect or "hỏi lại"
    given = got.expect() or f"hỏi lại ({got.problem})"
    mark = "hẹn nhầm" if one.wrong_booking else "hỏi thừa"
    when = f"lúc {said.now:%Y-%m-%dT%H:%M}"
    return f"  {said.text}   ({when})\n      {mark}: cần {wanted}, được {given}, đọc từ “{got.said}”"
