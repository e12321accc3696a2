"""The pages of cases: the inbox, a case with its thread, and everything an officer can do with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Final

from aiohttp import web

from bot.desk import case_pages
from bot.desk.desk import Board, Desk, Page
from bot.dialogue.cases import Author, CaseFilter, Officer, Thread
from bot.dialogue.messages import RANK, Entry, Grant, PersonId, Reply, Role, local_day
from bot.handlers import casework

MAX_WORDS = 3_000  # characters of an answer: what every platform takes in one message, or in few
MAX_TITLE = 80
MAX_ID = 2**62  # what a database takes
BOARD_ROWS = 8  # cases on the first page


def officer(who: Entry) -> Officer:
    """Who acts, and whose cases they may see: those of the places that they hold a role for."""
    return _as_officer(who.person, who.name, who.grants) or Officer(id=who.person, name=who.name, places=())


def _as_officer(person: PersonId, name: str, granted: Iterable[Grant]) -> Officer | None:
    """None if they are none."""
    grants = [grant for grant in granted if RANK[grant.role] >= RANK[Role.OFFICER]]
    places = tuple(grant.place for grant in grants if grant.place)
    return Officer(id=person, name=name, places=None if len(places) < len(grants) else places) if grants else None


# --- looking --------------------------------------------------------------------------------------------------


async def inbox(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """The list, first due first."""
    return desk.render("cases.html", who, page=await _inbox(desk, request, who))


async def rows(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """The rows alone, for the page that refreshes itself."""
    return desk.render("case_rows.html", who, page=await _inbox(desk, request, who))


async def _inbox(desk: Desk, request: web.Request, who: Entry) -> case_pages.Inbox:
    me, today = officer(who), local_day(desk.clock.now())
    wanted = case_pages.wanted(request.query, me, today)
    found = await desk.storage.cases(wanted, me, request.query.get("sau", "")[:40])
    counts = await desk.storage.case_counts(me, today)
    return case_pages.inbox(desk.library.knowledge, found, counts, request.query, me, today)


async def case(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """One case."""
    return desk.render("case.html", who, page=await _page(desk, request, who))


async def thread(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """Its thread alone, for the page that refreshes itself."""
    return desk.render("case_thread.html", who, page=await _page(desk, request, who))


async def _page(desk: Desk, request: web.Request, who: Entry) -> case_pages.CasePage:
    found = await _thread(desk, request, who)
    canned = await desk.storage.canned_answers()
    others = await _colleagues(desk, found, officer(who))
    me, now, chosen = officer(who), desk.clock.now(), request.query.get("mau", "")
    return case_pages.page(desk.library.knowledge, found, canned, others, me, now, chosen)


async def _colleagues(desk: Desk, found: Thread, me: Officer) -> list[Officer]:
    """The other officers who may see this case, by name."""
    staff = [_as_officer(PersonId(one.person), one.name, one.grants) for one in await desk.storage.staff()]
    return [
        one
        for one in staff
        if one and one.id != me.id and (one.places is None or found.case.place in ("", None, *one.places))
    ]


async def _thread(desk: Desk, request: web.Request, who: Entry) -> Thread:
    """404 for a case that is not there, and for one that is not theirs to see."""
    code = request.match_info["code"].lower().removeprefix("gy-")[:32]
    found = await desk.storage.case(code, officer(who), desk.clock.now())
    if found is None:
        raise web.HTTPNotFound(text="Không có việc này, hoặc việc này không thuộc nơi anh/chị phụ trách.")
    return found


async def photo(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """A photo of a case that they may see."""
    found = await _thread(desk, request, who)
    image = await desk.storage.photo(found.case.code, request.match_info["id"], officer(who), desk.clock.now())
    if image is None:
        raise web.HTTPNotFound(text="Ảnh này không còn: ảnh chỉ giữ 30 ngày.")
    return web.Response(body=image, content_type="image/jpeg", headers={"Content-Disposition": "inline"})


async def as_content(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """The answer as an entry of content, to be copied."""
    found = await _thread(desk, request, who)
    answers = [message.words for message in found.messages if message.author is Author.OFFICER]
    office = desk.library.knowledge.content.locality.counter.name
    patch = case_pages.faq_patch(found.case.words, "\n".join(answers), office, local_day(desk.clock.now()))
    page = await _page(desk, request, who)
    return desk.render("case_content.html", who, page=page, patch=patch, answered=bool(answers))


async def canned(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """The answers kept ready."""
    return desk.render("canned.html", who, canned=await desk.storage.canned_answers())


async def waiting(desk: Desk, who: Entry) -> str:
    """What waits for an answer, the first due first."""
    me, today = officer(who), local_day(desk.clock.now())
    found = await desk.storage.cases(CaseFilter(), me)
    counts = await desk.storage.case_counts(me, today)
    shown = [case_pages.row(desk.library.knowledge, one, today) for one in found.cases[:BOARD_ROWS]]
    waits = counts["new"] + counts["open"]
    return desk.templates.get_template("case_board.html").render(rows=shown, waits=waits, overdue=counts["overdue"])


# --- acting ---------------------------------------------------------------------------------------------------


async def act(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """Do what the form says, and show the case again. (Storage writes it into the log.)"""
    do = _ACTS.get(request.match_info["act"])
    if do is None:
        raise web.HTTPNotFound
    found = await _thread(desk, request, who)
    if not await do(desk, found, officer(who), await _form(request)):
        raise web.HTTPConflict(text="Việc này vừa thay đổi nên chưa làm được. Anh/chị quay lại xem rồi làm tiếp.")
    raise web.HTTPSeeOther(f"/desk/viec/{found.case.code}#cuoi")


async def _answer(desk: Desk, found: Thread, me: Officer, form: Mapping[str, str]) -> bool:
    words, knowledge, now = _words(form), desk.library.knowledge, desk.clock.now()
    live = found.takeover is not None and found.takeover.officer == me.id
    reply_for: Callable[[str], Reply] = (
        (lambda _: casework.live_answer(knowledge, me.name, words))
        if live
        else partial(casework.answer, knowledge, me.name, words)
    )
    until = casework.until(knowledge, now) if live else None
    return await desk.storage.answer_case(found.case.code, words, me, reply_for, now, until)


async def _note(desk: Desk, found: Thread, me: Officer, form: Mapping[str, str]) -> bool:
    return await desk.storage.note_case(found.case.code, _words(form), me, desk.clock.now())


async def _take(desk: Desk, found: Thread, me: Officer, form: Mapping[str, str]) -> bool:
    return await desk.storage.assign_case(found.case.code, me, me, desk.clock.now())


async def _leave(desk: Desk, found: Thread, me: Officer, form: Mapping[str, str]) -> bool:
    return await desk.storage.assign_case(found.case.code, None, me, desk.clock.now())


async def _give(desk: Desk, found: Thread, me: Officer, form: Mapping[str, str]) -> bool:
    """To a colleague, who is told of it in their chat, if they have one."""
    others = {one.id: one for one in await _colleagues(desk, found, me)}
    to = others.get(form.get("ai", ""))
    if to is None:
        raise web.HTTPBadRequest(text="Hãy chọn một người được xem việc này.")
    code, now = found.case.code, desk.clock.now()
    if not await desk.storage.assign_case(code, to, me, now):
        return False
    told = casework.assigned(desk.library.knowledge, me.name, code, found.case.words)
    await desk.storage.tell(to.id, told, now, f"assign:{code}:{to.id}:{now:%Y%m%d%H%M%S}")
    return True


async def _close(desk: Desk, found: Thread, me: Officer, form: Mapping[str, str]) -> bool:
    return await desk.storage.close_case(found.case.code, me, desk.clock.now())


async def _reopen(desk: Desk, found: Thread, me: Officer, form: Mapping[str, str]) -> bool:
    now = desk.clock.now()
    return await desk.storage.reopen_case(found.case.code, me, casework.due(desk.library.knowledge, now), now)


async def _take_over(desk: Desk, found: Thread, me: Officer, form: Mapping[str, str]) -> bool:
    knowledge, now = desk.library.knowledge, desk.clock.now()
    told = casework.taken_over(knowledge, me.name)
    return await desk.storage.take_over(found.case.code, me, casework.until(knowledge, now), told, now)


async def _give_back(desk: Desk, found: Thread, me: Officer, form: Mapping[str, str]) -> bool:
    told = casework.given_back(desk.library.knowledge)
    return await desk.storage.hand_back(found.case.code, me, told, desk.clock.now())


async def _merge(desk: Desk, found: Thread, me: Officer, form: Mapping[str, str]) -> bool:
    into = form.get("vao", "").strip().lower().removeprefix("gy-")[:32]
    return await desk.storage.merge_cases(found.case.code, into, me, desk.clock.now())


async def keep_canned(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """Keep an answer ready, or replace the one of that title."""
    form = await _form(request)
    title = " ".join(form.get("ten", "").split())[:MAX_TITLE]
    if not title:
        raise web.HTTPBadRequest(text="Câu mẫu cần có tên.")
    await desk.storage.keep_canned(title, _words(form), officer(who), desk.clock.now())
    raise web.HTTPSeeOther("/desk/cau-mau")


async def drop_canned(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """It is no longer needed."""
    id_ = min(int(request.match_info["id"]), MAX_ID)
    await desk.storage.drop_canned(id_, officer(who), desk.clock.now())
    raise web.HTTPSeeOther("/desk/cau-mau")


async def _form(request: web.Request) -> dict[str, str]:
    return {key: value for key, value in (await request.post()).items() if isinstance(value, str)}


def _words(form: Mapping[str, str]) -> str:
    """The words of a form. 400 without any, or with more than fit."""
    words = form.get("loi", "").replace("\r\n", "\n").strip()
    if not words or len(words) > MAX_WORDS:
        raise web.HTTPBadRequest(text=f"Lời cần có từ 1 đến {MAX_WORDS} chữ cái.")
    return words.encode("utf-8", "replace").decode()


_ACTS: Final[Mapping[str, Callable[[Desk, Thread, Officer, Mapping[str, str]], Awaitable[bool]]]] = {
    "tra-loi": _answer,
    "ghi-chu": _note,
    "nhan": _take,
    "giao": _give,
    "tra-lai": _leave,
    "dong": _close,
    "mo-lai": _reopen,
    "truc-tiep": _take_over,
    "cho-bot": _give_back,
    "gop": _merge,
}

PAGES = (
    Page(method="GET", path="/viec", handler=inbox, role=Role.OFFICER, title="Việc của dân"),
    Page(method="GET", path="/viec/dong", handler=rows, role=Role.OFFICER),
    Page(method="GET", path="/viec/{code}", handler=case, role=Role.OFFICER),
    Page(method="GET", path="/viec/{code}/luong", handler=thread, role=Role.OFFICER),
    Page(method="GET", path="/viec/{code}/anh/{id:[A-Za-z0-9_-]{1,40}}", handler=photo, role=Role.OFFICER),
    Page(method="GET", path="/viec/{code}/noi-dung", handler=as_content, role=Role.OFFICER),
    Page(method="POST", path="/viec/{code}/{act}", handler=act, role=Role.OFFICER),
    Page(method="GET", path="/cau-mau", handler=canned, role=Role.OFFICER),
    Page(method="POST", path="/cau-mau", handler=keep_canned, role=Role.OFFICER),
    Page(method="POST", path="/cau-mau/{id:\\d+}/bo", handler=drop_canned, role=Role.OFFICER),
)
BOARDS = (Board(panel=waiting, role=Role.OFFICER),)
