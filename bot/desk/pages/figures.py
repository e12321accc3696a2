"""Figures: charts over time, tables by procedure, place and channel, the commune's official numbers, exports."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aiohttp import web

from bot.desk.charts import Chart, draw
from bot.desk.visits import Page, Visit, download
from bot.dialogue.messages import Axis, Role, local_day
from bot.errors import FileError
from bot.exporting import csv_of, xlsx_of
from bot.figures import CHANNELS, Month, Names, Report, daily, months_until, official_trends, trends
from bot.knowledge import Knowledge
from bot.official import COLUMNS, import_official
from bot.reporting import month_report, names_of
from storage import Storage

MONTHS_BACK = 24  # that can be chosen
FILE_LIMIT = 5 * 1024 * 1024  # bytes of an uploaded table
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing to choose in a list."""

    value: str
    name: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresView:
    """What the page of figures shows."""

    report: Report
    months: tuple[Choice, ...]
    only: tuple[tuple[str, tuple[Choice, ...]], ...]  # to what the charts can be narrowed, in groups
    narrowed: str  # to what they are, in words; "" for everything
    charts: tuple[Chart, ...]
    official: tuple[Chart, ...]
    days: tuple[Chart, ...]


async def figures_view(storage: Storage, knowledge: Knowledge, month: Month, only: str, now: datetime) -> FiguresView:
    """The figures of that month, and the year up to it; its charts of one thing alone: "procedure:khai-sinh"."""
    months = months_until(month)
    first, last = str(months[0]), str(months[-1])
    axis, value = _narrowing(only)
    facts = await (
        storage.months_of(first, last, axis, value) if axis else storage.months(first, last, by_month=True)
    )
    today = local_day(now)
    days = daily(await storage.days(month.first, month.last), month, today)
    official = await storage.official(first, last)
    names = names_of(knowledge)
    labels = [f"{one.month}/{one.year % 100}" for one in months]
    return FiguresView(
        report=await month_report(storage, knowledge, month, now),
        months=_months(month, Month.of(today)),
        only=_choices(knowledge, names, only),
        narrowed=_narrowed(names, axis, value),
        charts=tuple(draw(one, labels) for one in trends(facts, months)),
        official=tuple(draw(one, labels) for one in official_trends(official, months)) if official else (),
        days=tuple(draw(one, [f"ngày {n}" for n in range(1, len(one.points) + 1)]) for one in days),
    )


def month_of(text: str, now: datetime) -> Month:
    """The month that was asked for; this one for anything else, and for what has not come."""
    this = Month.of(local_day(now))
    asked = Month.parse(text)
    return min(asked, this) if asked else this


def _narrowing(only: str) -> tuple[Axis | None, str]:
    axis, _, value = only.partition(":")
    return (Axis(axis), value) if axis in tuple(Axis) and value else (None, "")


def _narrowed(names: Names, axis: Axis | None, value: str) -> str:
    match axis:
        case Axis.PROCEDURE:
            return names.title(value)
        case Axis.PLACE:
            return names.place(value)
        case Axis.CHANNEL:
            return names.channel(value)
        case _:
            return ""


def _months(chosen: Month, this: Month) -> tuple[Choice, ...]:
    back = [this.back(n) for n in range(MONTHS_BACK)]
    listed = back if chosen in back else [*back, chosen]
    return tuple(Choice(value=str(one), name=one.said, chosen=one == chosen) for one in listed)


def _choices(knowledge: Knowledge, names: Names, only: str) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    def group(axis: Axis, ids: list[tuple[str, str]]) -> tuple[Choice, ...]:
        return tuple(Choice(value=f"{axis}:{id_}", name=name, chosen=only == f"{axis}:{id_}") for id_, name in ids)

    content = knowledge.content
    channels = {name: id_ for id_, name in CHANNELS.items()}
    return (
        ("Kênh", group(Axis.CHANNEL, [(id_, name) for name, id_ in channels.items()])),
        ("Nơi", group(Axis.PLACE, [(one.id, one.name) for one in content.locality.hamlets])),
        ("Thủ tục", group(Axis.PROCEDURE, [(id_, names.title(id_)) for id_ in content.entries])),
    )


# --- the pages ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialView:
    """What the page of the import shows."""

    needed: str
    others: str
    done: str = ""
    wrong: str = ""


async def show(visit: Visit) -> web.Response:
    """The figures of a month."""
    month = month_of(visit.query.get("month", ""), visit.now)
    only = visit.query.get("only", "")
    view = await figures_view(visit.storage, visit.library.knowledge, month, only, visit.now)
    return visit.render("figures.html", view=view)


async def printed(visit: Visit) -> web.Response:
    """The month's report, to be printed."""
    return visit.render("report.html", view=await _report(visit, visit.query.get("month", "")))


async def as_xlsx(visit: Visit) -> web.Response:
    """The month's report as a workbook."""
    report = await _report(visit, visit.named["month"])
    return download(f"bao-cao-{report.month}.xlsx", await asyncio.to_thread(xlsx_of, report), XLSX)


async def as_csv(visit: Visit) -> web.Response:
    """The month's report as one table under the other."""
    report = await _report(visit, visit.named["month"])
    return download(f"bao-cao-{report.month}.csv", csv_of(report), "text/csv")


async def _report(visit: Visit, month: str) -> Report:
    return await month_report(visit.storage, visit.library.knowledge, month_of(month, visit.now), visit.now)


async def ask_for_file(visit: Visit) -> web.Response:
    """The form for the official numbers."""
    return visit.render("official.html", view=_official_view())


async def take_file(visit: Visit) -> web.Response:
    """Import the file that came, all of it or nothing."""
    name, body = visit.file or ("", b"")
    month = visit.one("month")
    if month and Month.parse(month) is None:
        return visit.render("official.html", view=_official_view(wrong=f"“{month}” không phải tháng, ví dụ 2026-11"))
    if len(body) > FILE_LIMIT:
        return visit.render("official.html", view=_official_view(wrong="Tệp lớn quá 5 MB."))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"tep{Path(name).suffix.lower()[:6]}"
        await asyncio.to_thread(file.write_bytes, body)
        try:
            imported = await import_official(
                visit.storage,
                file,
                visit.now,
                month=Month.parse(month),
                source=visit.one("source")[:200] or Path(name).name[:100],
            )
        except FileError as error:
            wrong = str(error).replace(str(file), Path(name).name or "Tệp")
            return visit.render("official.html", view=_official_view(wrong=wrong))
    return visit.render("official.html", view=_official_view(done=imported.text()))


def _official_view(done: str = "", wrong: str = "") -> OfficialView:
    return OfficialView(
        needed=", ".join(column.name for column in COLUMNS if column.needed),
        others=", ".join(column.name for column in COLUMNS if not column.needed),
        done=done,
        wrong=wrong,
    )


PAGES = (
    Page("GET", "/desk/figures", Role.OFFICER, show),
    Page("GET", "/desk/figures/report", Role.OFFICER, printed),
    Page("GET", "/desk/figures/official", Role.OFFICER, ask_for_file),
    Page("POST", "/desk/figures/official", Role.OFFICER, take_file),
    Page("GET", r"/desk/figures/{month:\d{4}-\d{2}}.xlsx", Role.OFFICER, as_xlsx),
    Page("GET", r"/desk/figures/{month:\d{4}-\d{2}}.csv", Role.OFFICER, as_csv),
)
