"""Whatever a citizen, an officer or a file wrote is text on every page of the desk.

Seen in a real browser that runs all it is given (the pages' own policy against scripts is switched off), beside a
desk of the same words made harmless.
"""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import pytest_asyncio
from openpyxl import Workbook
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.dialogue.cases import CaseKind, Officer
from bot.dialogue.messages import (
    Account,
    Address,
    Appointment,
    AppointmentStatus,
    Became,
    Broadcast,
    BroadcastId,
    BroadcastState,
    Call,
    Count,
    Effect,
    Errand,
    Grant,
    Inbound,
    Invitation,
    KeepQuestion,
    OpenCase,
    PlanReminders,
    Purpose,
    RecordConsent,
    Reminder,
    Reply,
    Role,
    SaveAppointment,
    Scope,
    Segment,
)
from bot.knowledge import Library
from bot.understanding.text import plain, words
from tests.channels.test_browser import ARGUMENTS, CHROMIUM
from tests.desk.conftest import Office, open_office
from tests.figures.test_official import HEAD, ROWS
from tests.storage.test_cases import answer, heard
from tests.support.hostile import PAYLOADS, tamed
from tests.support.results import SOAK, keep

pytestmark = [pytest.mark.timeout(600), pytest.mark.asyncio(loop_scope="module")]

if not CHROMIUM.exists() and not os.environ.get("CAMTAY_REQUIRE_BROWSER"):
    pytest.skip("no Chromium here (CAMTAY_REQUIRE_BROWSER=1 makes this a failure)", allow_module_level=True)

AT_ONCE = 8  # payloads on one desk: few enough that no list leaves any out
LOOKED_AT = PAYLOADS if SOAK else PAYLOADS[3 :: len(PAYLOADS) // 3]

# Each kind of element with its attributes' names, and how many there are: what no words may change. (Classes come and
# go while htmx works.)
SKELETON = """() => [...document.querySelectorAll('*')].map(one => one.tagName + ' '
    + [...one.attributes].map(each => each.name).filter(name => name != 'class').sort().join(' '))"""
READ = """() => [document.title, document.body.textContent,
    ...[...document.querySelectorAll('input, textarea')].map(one => one.value)].join('\\n')"""


@dataclass
class Desk:
    """A desk full of some words, and what was seen on it."""

    office: Office
    page: Page
    words: list[str]
    ran: list[str]  # scripts, dialogs and requests that no page of ours makes
    cases: list[str] = field(default_factory=list)
    skeletons: dict[str, Counter[str]] = field(default_factory=dict)
    read: str = ""

    def said(self, what: str) -> list[str]:
        """The words as they stand in that field."""
        return [f"{words} {what} {chr(97 + n)}." for n, words in enumerate(self.words)]

    async def look(self, name: str, path: str | None = None) -> None:
        """Open that page (None: the one that is open) and keep what it is made of and what it says."""
        if path is not None:
            await self.page.goto(self.office.url + path, wait_until="domcontentloaded")
        self.skeletons[name] = Counter(await self.page.evaluate(SKELETON))
        self.read += "\n" + " ".join((await self.page.evaluate(READ)).split())


# --- every field ---------------------------------------------------------------------------------------------------


async def fill(desk: Desk) -> None:
    """The words in every field that somebody outside this code can write."""
    for n in range(len(desk.words)):
        await _citizen(desk, n)
        await _officer(desk, n)
        await _tip(desk, n)
    storage, now = desk.office.app.storage, desk.office.app.clock.now()
    await storage.claim(Scope("console"), "me", now + timedelta(minutes=2))  # the calls to make are found


async def _citizen(desk: Desk, n: int) -> None:
    storage, now = desk.office.app.storage, desk.office.app.clock.now()
    code = f"{n}aa{n}bb{n}"
    desk.cases.append(code)
    said = {what: desk.said(what)[n] for what in ("việc", "câu hỏi", "việc hẹn", "ai hẹn", "nhắc", "tên gọi")}
    reminder = Reminder(
        key=f"k{n}",
        about=(f"a{n}.1",),
        at=now,
        expires=now + timedelta(days=1),
        reply=Reply(text="nhắc"),
        call=Call(say=said["nhắc"], name=said["tên gọi"], only=True),
    )
    visit = Appointment(
        id=f"a{n}",
        errand=Errand.SUBMIT,
        touched_at=now,
        status=AppointmentStatus.BOOKED,
        about=said["việc hẹn"],
        label=said["ai hẹn"],
        at=now + timedelta(hours=1, minutes=n),
    )
    bare = desk.words[n]  # an id that content no longer knows; no other words may stand beside it
    effects: tuple[Effect, ...] = (
        OpenCase(
            code=code,
            kind=tuple(CaseKind)[n % len(CaseKind)],
            words=said["việc"],
            due=date(2026, 11, 26),
            procedure=bare if n % 2 else "khai-sinh",
            step=bare,
            place=bare,
            stars=n % 5 + 1,
            context={"answers": {bare: bare, "at": "online"}, "ticks": [bare]},
        ),
        KeepQuestion(
            text=said["câu hỏi"],
            became=Became.NOT_KNOWN,
            folded=" ".join(map(plain, words(said["câu hỏi"]))),
            candidates=(("khai-sinh", 0.2),),
        ),
        Count(kind="answered", procedure=bare, place=bare, n=40 + n),
        SaveAppointment(appointment=visit),
        RecordConsent(purpose=Purpose.REMINDERS, yes=True, text_version="1"),
        PlanReminders(reminders=(reminder,), standing=frozenset({f"a{n}.1"})),
    )
    turn = await heard(storage, "góp ý", address=Address("console", f"ba{n}"), at=now)
    await answer(storage, turn, "dạ", effects=effects, now=now)


async def _officer(desk: Desk, n: int) -> None:
    storage, now = desk.office.app.storage, desk.office.app.clock.now()
    hello = Inbound(address=Address("console", f"cb{n}"), event_id=f"hello-{n}", text="chào")
    officer = Officer(id=(await storage.accept(hello, now)).person, name=desk.said("cán bộ")[n])
    code = desk.cases[n]
    role = Grant(role=Role.OFFICER)
    await storage.answer_case(code, desk.said("trả lời")[n], officer, lambda _: Reply(text="x"), now)
    await storage.note_case(code, desk.said("ghi chú")[n], officer, now)
    await storage.keep_canned(desk.said("tên mẫu")[n], desk.said("lời mẫu")[n], officer, now)
    await storage.add_member(officer.id, officer.name, role, "admin", now)
    await storage.assign_case(code, officer, officer, now)
    await storage.save_account(
        Account(name=desk.said("tài khoản")[n], person=officer.id, password_hash="x", totp_secret="x")
    )
    invited = Invitation(role=Role.OFFICER, place=desk.words[n], name=desk.said("lời mời")[n])
    await storage.invite(f"hash-{n}", invited, "admin", now)
    await storage.note(desk.said("ai làm")[n], desk.said("làm gì")[n], now, desk.said("chi tiết")[n])


async def _tip(desk: Desk, n: int) -> None:
    bare = desk.words[n]
    tip = Broadcast(
        id=BroadcastId(f"tip{n}"),
        code=f"m{n}aaa",
        author=bare,
        created_at=desk.office.app.clock.now(),
        state=BroadcastState.DRAFT,
        text=desk.said("mẹo")[n],
        guide=bare,
        segment=Segment(places=(bare,), topics=(bare,)),
        team=bare,
        note=desk.said("dặn")[n],
        correction=desk.said("sửa")[n],
    )
    await desk.office.app.storage.save_broadcast(tip, bare, "write", tip.created_at)


def named_after(words: list[str], library: Library) -> Library:
    """What ships, but the commune and its hamlets are called by those words, as its own file may call them."""
    content = library.knowledge.content
    hamlets = [
        hamlet.model_copy(update={"name": f"{words[n % len(words)]} thôn {n}"})
        for n, hamlet in enumerate(content.locality.hamlets)
    ]
    locality = content.locality.model_copy(update={"name": words[0], "hamlets": hamlets})
    made = copy(library)
    made.knowledge = replace(library.knowledge, content=replace(content, locality=locality))
    return made


def sheet(*rows: Iterable[object]) -> bytes:
    """A spreadsheet."""
    book, file = Workbook(), io.BytesIO()
    assert book.active
    for row in (HEAD, *rows):
        book.active.append(list(row))
    book.save(file)
    return file.getvalue()


async def bring(desk: Desk) -> None:
    """Official numbers: a file with words where numbers belong, then one whose places, fields and name are words."""
    numbers = ROWS[0][3:]
    good = sheet(
        *(
            ("2026-11", place, field, *numbers)
            for place, field in zip(desk.said("xã"), desk.said("ngành"), strict=True)
        )
    )
    bad = sheet(*((words, "Xã", "Hộ tịch", words, *numbers[1:]) for words in desk.said("số")))
    for name, file in (("bad file", bad), ("good file", good)):
        await desk.page.goto(f"{desk.office.url}/desk/so-lieu/nhap")
        # No file's name holds a slash; and aiohttp does not read a header whose quoted name holds two semicolons.
        called = f"{desk.words[0]}.xlsx".replace("/", "-").replace(";", ",")
        brought = {"name": called, "mimeType": "application/octet-stream", "buffer": file}
        await desk.page.get_by_label("Tệp .xlsx hoặc .csv").set_input_files(brought)  # type: ignore[arg-type]
        await desk.page.get_by_role("button", name="Nhập").click()
        await expect(desk.page.get_by_role("alert" if file is bad else "status")).to_be_visible()
        await desk.look(name)


# What some page says in full. (Of an official file the fields of work are added up, and a wrong cell is cut short.)
SHOWN = (
    *("việc", "câu hỏi", "việc hẹn", "ai hẹn", "nhắc", "tên gọi"),
    *("cán bộ", "trả lời", "ghi chú", "tên mẫu", "lời mẫu", "tài khoản", "lời mời", "ai làm", "làm gì", "chi tiết"),
    *("mẹo", "dặn", "xã"),
)
PAGES = (
    *("", "/viec?xem=tat-ca", "/cau-mau", "/chua-hieu?days=365", "/meo", "/meo/moi", "/meo/so-lieu"),
    *("/so-lieu", "/so-lieu/bao-cao", "/huong-dan", "/huong-dan/khai-sinh", "/nguoi-dung", "/nhat-ky"),
)
ASKED = ("/viec?xem=tat-ca&tim=", "/viec?noi=", "/chua-hieu?q=", "/nhat-ky?ai=", "/so-lieu?only=", "/meo/so-lieu?tu=")


async def look_everywhere(desk: Desk) -> None:
    """Every page, with the words in its address too where it takes any."""
    await bring(desk)
    for path in PAGES:
        await desk.look(path, f"/desk{path}")
    for n, code in enumerate(desk.cases):
        for path in (f"/viec/{code}", f"/viec/{code}/noi-dung", f"/meo/tip{n}", f"/meo/loa/tip{n}"):
            await desk.look(path, f"/desk{path}")
    for n, path in enumerate(ASKED):
        await desk.look(path, f"/desk{path}{quote(desk.words[n % len(desk.words)])}")


# --- in the browser ------------------------------------------------------------------------------------------------


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield opened
        await opened.close()


@asynccontextmanager
async def desk_of(words: list[str], browser: Browser, library: Library, folder: Path) -> AsyncIterator[Desk]:
    """A desk full of those words, entered by an admin whose name they are too."""
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("bot.app.Library", lambda **_: named_after(words, library))
        async with open_office(folder) as office:
            entered = await office.entered(Role.ADMIN, name=words[0])
            context = await browser.new_context(locale="vi-VN", reduced_motion="reduce", bypass_csp=True)
            cookies = [{"name": one.key, "value": one.value, "url": office.url} for one in entered.cookie_jar]
            await context.add_cookies(cookies)  # type: ignore[arg-type]
            desk = Desk(office, await context.new_page(), words, [])
            await context.expose_function("hacked", lambda *_: desk.ran.append(f"script on {desk.page.url}"))
            desk.page.on("dialog", lambda dialog: desk.ran.append(f"dialog on {desk.page.url}"))
            desk.page.on("request", lambda request: _expected(desk, request.url))
            await fill(desk)
            yield desk
            await context.close()


def _expected(desk: Desk, url: str) -> None:
    if not url.startswith(f"{desk.office.url}/") or not urlsplit(url).path.startswith(
        ("/desk", "/pictures/", "/static/icon.svg")
    ):
        desk.ran.append(f"asked for {url}")


@pytest.mark.parametrize("start", range(0, len(LOOKED_AT), AT_ONCE))
async def test_hostile_words_are_shown_as_text_on_every_page(
    start: int, browser: Browser, library: Library, tmp_path: Path
) -> None:
    hostile = list(LOOKED_AT[start : start + AT_ONCE])
    async with desk_of(hostile, browser, library, tmp_path / "hostile") as desk:
        await look_everywhere(desk)
    async with desk_of([tamed(words) for words in hostile], browser, library, tmp_path / "tame") as tame:
        await look_everywhere(tame)

    assert desk.ran == []
    for name, skeleton in tame.skeletons.items():
        more, less = desk.skeletons[name] - skeleton, skeleton - desk.skeletons[name]
        assert not more + less, f"{name}: {more} too much, {less} missing"
    unseen = [said for what in SHOWN for said in desk.said(what) if " ".join(said.split()) not in desk.read]
    assert unseen == []
    if hostile[-1] == LOOKED_AT[-1]:
        keep("stored_words", payloads=len(LOOKED_AT), fields=len(SHOWN), pages_each=len(desk.skeletons))
