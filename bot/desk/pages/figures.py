"""Figures: charts over time, tables by procedure, place and channel, the commune's official numbers, exports."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aiohttp import BodyPartReader, web

from bot.desk.charts import Chart, draw
from bot.desk.desk import Desk, Page
from bot.dialogue.messages import Axis, Entry, Role, local_day
from bot.errors import FileError
from bot.exporting import csv_of, xlsx_of
from bot.figures import CHANNELS, Month, Names, Report, daily, months_until, official_trends, trends
from bot.knowledge import Knowledge
from bot.official import COLUMNS, import_official
from bot.reporting import month_report, names_of
from storage import Storage

MONTHS_BACK = 24  # that can be chosen
FIELD_LIMIT = 16 * 1024  # bytes read at a time; more than any field needs
FILE_LIMIT = 5 * 1024 * 1024  # bytes of an uploaded table
READ_ON = 10 * FILE_LIMIT  # bytes of a larger one that are read and thrown away
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
    place = value if axis is Axis.PLACE else None
    if axis and place is None:
        facts = await storage.months_of(first, last, axis, value)
    else:  # what may be told of one place depends on the others
        facts = await storage.months(first, last, Axis.PLACE if place else None, by_month=True)
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
        charts=tuple(draw(one, labels) for one in trends(facts, months, place)),
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


async def show(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """The figures of a month."""
    now = desk.clock.now()
    month = month_of(request.query.get("month", ""), now)
    view = await figures_view(desk.storage, desk.library.knowledge, month, request.query.get("only", ""), now)
    return desk.render("figures.html", who, view=view)


async def printed(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """The month's report, to be printed."""
    return desk.render("report.html", who, view=await _report(desk, request.query.get("month", "")))


async def as_xlsx(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """The month's report as a workbook."""
    report = await _report(desk, request.match_info["month"])
    return _download(f"bao-cao-{report.month}.xlsx", await asyncio.to_thread(xlsx_of, report), XLSX)


async def as_csv(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """The month's report as one table under the other."""
    report = await _report(desk, request.match_info["month"])
    return _download(f"bao-cao-{report.month}.csv", csv_of(report), "text/csv")


async def _report(desk: Desk, month: str) -> Report:
    now = desk.clock.now()
    return await month_report(desk.storage, desk.library.knowledge, month_of(month, now), now)


def _download(name: str, body: bytes, type_: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, content_type=type_, headers=headers)


async def ask_for_file(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """The form for the official numbers."""
    return desk.render("official.html", who, view=_official_view())


async def take_file(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """Import the file that came, all of it or nothing."""
    fields, name, body = await _sent(request)
    month = fields.get("month", "").strip()
    if month and Month.parse(month) is None:
        return _answer(desk, who, wrong=f"“{month}” không phải tháng, ví dụ 2026-11")
    if body is None:
        return _answer(desk, who, wrong="Tệp lớn quá 5 MB.")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"tep{Path(name).suffix.lower()[:6]}"
        await asyncio.to_thread(file.write_bytes, body)
        try:
            imported = await import_official(
                desk.storage,
                file,
                desk.clock.now(),
                month=Month.parse(month),
                source=fields.get("source", "").strip()[:200] or name,
                by=who.name,
            )
        except FileError as error:
            return _answer(desk, who, wrong=str(error).replace(str(file), name or "Tệp"))
    return _answer(desk, who, done=imported.text())


async def _sent(request: web.Request) -> tuple[dict[str, str], str, bytes | None]:
    """The form's fields, the file's name, and what it holds: None if that is too much.

    Read piece by piece: the server takes no request as large as a table otherwise. (The token came in htmx's header.)
    """
    fields: dict[str, str] = {}
    name, body = "", bytearray()
    if not request.content_type.startswith("multipart/"):
        return fields, name, bytes(body)
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.name != "file":
            fields[part.name or ""] = (await part.read_chunk(FIELD_LIMIT)).decode("utf-8", "replace")
            continue
        name = Path(part.filename or "").name[:100]
        sent = 0
        while (chunk := await part.read_chunk(FIELD_LIMIT)) and sent <= READ_ON:  # or the browser shows no answer
            sent += len(chunk)
            body += chunk if sent <= FILE_LIMIT else b""
        if sent > FILE_LIMIT:
            return fields, name, None
    return fields, name, bytes(body)


def _answer(desk: Desk, who: Entry, *, done: str = "", wrong: str = "") -> web.Response:
    return desk.render("official.html", who, view=_official_view(done, wrong))


def _official_view(done: str = "", wrong: str = "") -> OfficialView:
    return OfficialView(
        needed=", ".join(column.name for column in COLUMNS if column.needed),
        others=", ".join(column.name for column in COLUMNS if not column.needed),
        done=done,
        wrong=wrong,
    )


PAGES = (
    Page(method="GET", path="/so-lieu", handler=show, role=Role.OFFICER, title="Số liệu"),
    Page(method="GET", path="/so-lieu/bao-cao", handler=printed, role=Role.OFFICER),
    Page(method="GET", path="/so-lieu/nhap", handler=ask_for_file, role=Role.OFFICER),
    Page(method="POST", path="/so-lieu/nhap", handler=take_file, role=Role.OFFICER),
    Page(method="GET", path=r"/so-lieu/{month:\d{4}-\d{2}}.xlsx", handler=as_xlsx, role=Role.OFFICER),
    Page(method="GET", path=r"/so-lieu/{month:\d{4}-\d{2}}.csv", handler=as_csv, role=Role.OFFICER),
)
