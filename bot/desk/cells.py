"""Cells of the tables of figures as HTML: plain functions, for a page has thousands of them, and a macro of the
templates costs ten times as much. Everything told by content or files is escaped here."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup, escape

from bot.figures import Cell, Rate, decimal, number

_NOTHING: Final = Markup("–")
_VERDICT: Final = {True: ' <b class="met">đạt</b>', False: ' <b class="missed">chưa đạt</b>', None: ""}
_COLOUR: Final = {True: ' class="met"', False: ' class="missed"', None: ""}


def cell(value: Cell) -> Markup:
    """What stands in a cell; a rate with its parts, and with period and source when pointed at."""
    if value is None:
        return _NOTHING
    if isinstance(value, int):
        return escape(number(value))
    if isinstance(value, str):
        return escape(value)
    percent = value.percent
    if percent is None:
        return Markup(f"<small>{escape(str(value))}</small>")  # noqa: S704
    return Markup(  # noqa: S704
        f'<span title="{escape(value.period)}; {escape(value.source)}">{decimal(percent)} %{_VERDICT[value.met]}'
        f" <small>({number(value.numerator)}/{number(value.denominator)})</small></span>"
    )


def table_row(cells: tuple[Cell, ...]) -> Markup:
    """A row that its first cell names; a rate with a target is coloured by it."""
    first, *others = cells
    made = [f"<td{_COLOUR[value.met if isinstance(value, Rate) else None]}>{cell(value)}</td>" for value in others]
    return Markup(f'<th scope="row">{escape(first)}</th>{"".join(made)}')  # noqa: S704
