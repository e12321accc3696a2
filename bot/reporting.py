"""A month's report, read from storage: what the desk shows, `report month` prints and the exports hold."""

from __future__ import annotations

import textwrap
from datetime import datetime

from bot.dialogue.messages import Axis, local_day
from bot.figures import CHANNELS, Month, Names, Report, Table, monthly, text_of
from bot.knowledge import Knowledge
from storage import Storage

WIDEST = 44  # letters of a column on a terminal


async def month_report(storage: Storage, knowledge: Knowledge, month: Month, now: datetime) -> Report:
    """The report of that month, as far as it has come."""
    facts = await storage.months(str(month), str(month))
    parts = {axis: await storage.months(str(month), str(month), axis) for axis in Axis}
    official = await storage.official(str(month), str(month))
    return monthly(
        month,
        facts,
        parts,
        official,
        commune=knowledge.content.locality.name,
        made_on=local_day(now),
        names=names_of(knowledge),
    )


def names_of(knowledge: Knowledge) -> Names:
    """How this commune's procedures, hamlets and channels are called; an id that content no longer has stays one."""
    content = knowledge.content
    hamlets = {hamlet.id: hamlet.name for hamlet in content.locality.hamlets}
    return Names(
        title=lambda id_: content.title(id_) if id_ in content else id_,
        place=lambda id_: hamlets.get(id_, id_),
        channels=CHANNELS,
    )


def text_of_report(report: Report) -> str:
    """The report for a terminal."""
    parts = [report.title.upper(), f"Lập ngày {report.made_on:%d/%m/%Y}"]
    for table in report.tables:
        parts += ["", table.title.upper(), *_lines(table), *textwrap.wrap(table.note, 110)]
    return "\n".join(parts)


def _lines(table: Table) -> list[str]:
    if not table.rows:
        return ["(chưa có)"]
    rows = [[text_of(cell)[:WIDEST] for cell in row] for row in table.rows]
    head = [name[:WIDEST] for name in table.head]
    widths = [max(len(line[place]) for line in [head, *rows]) for place in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in [head, *rows]]
    return [line.rstrip() for line in [lines[0], "-" * len(lines[0].rstrip()), *lines[1:]]]
