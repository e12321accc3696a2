"""Small charts as geometry, which a template draws as inline SVG: no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10

from bot.figures import Series, decimal, number

WIDTH, HEIGHT = 360, 150
LEFT, RIGHT, TOP, BOTTOM = 44, 10, 12, 24
LABELS = 6  # at most so many months are named below


@dataclass(frozen=True, slots=True)
class Point:
    """One value: where it lies, and how it is read."""

    x: float
    y: float
    label: str
    said: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across, or a name below."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A series drawn: dots, the lines between neighbours that both have a value, the scale, the target."""

    name: str
    unit: str
    dots: tuple[Point, ...]
    lines: tuple[str, ...]  # each the points of a polyline
    scale: tuple[Tick, ...]
    names: tuple[Tick, ...]
    target_at: float | None = None
    target: int | None = None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM

    @property
    def summary(self) -> str:
        """For those who can't see it."""
        if not self.dots:
            return f"{self.name}: chưa có số liệu"
        return f"{self.name}: " + "; ".join(f"{dot.label}: {dot.said}" for dot in self.dots)


def draw(series: Series, labels: Sequence[str]) -> Chart:
    """The chart of that series; `labels` name its points."""
    top = 100.0 if series.unit == "%" else _ceiling(max((point or 0 for point in series.points), default=0))
    high, low = TOP, HEIGHT - BOTTOM
    step = (WIDTH - LEFT - RIGHT) / max(len(series.points) - 1, 1)

    def y(value: float) -> float:
        return round(low - (low - high) * min(value, top) / top, 1)

    places = [round(LEFT + n * step, 1) for n in range(len(series.points))]
    dots: list[Point | None] = [
        None if value is None else Point(x, y(value), label, said)
        for x, value, label, said in zip(places, series.points, labels, series.said, strict=True)
    ]
    every = ceil(len(labels) / LABELS) or 1
    names = [
        Tick(x, label)
        for n, (x, label) in enumerate(zip(places, labels, strict=True))
        if (len(labels) - 1 - n) % every == 0
    ]
    return Chart(
        name=series.name,
        unit=series.unit,
        dots=tuple(dot for dot in dots if dot),
        lines=tuple(_lines(dots)),
        scale=tuple(Tick(y(value), _short(value, series.unit)) for value in (0, top / 2, top)),
        names=tuple(names),
        target_at=None if series.target is None else y(series.target),
        target=series.target,
    )


def _ceiling(value: float) -> float:
    """The next round number above: 1, 2, 5 times a power of ten; at least 4."""
    if value <= 4:
        return 4.0
    power = 10 ** int(log10(value))
    return float(next(power * step for step in (1, 2, 4, 6, 8, 10) if power * step >= value))


def _short(value: float, unit: str) -> str:
    text = number(int(value)) if value == int(value) else decimal(value)
    return f"{text} %" if unit == "%" else text


def _lines(dots: Sequence[Point | None]) -> list[str]:
    runs: list[list[Point]] = [[]]
    for dot in dots:
        if dot is None:
            runs.append([])
        else:
            runs[-1].append(dot)
    return [" ".join(f"{dot.x},{dot.y}" for dot in run) for run in runs if len(run) > 1]
