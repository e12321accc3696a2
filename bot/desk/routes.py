"""The desk's routes: everything below /desk, each behind the role that its page declares."""

from __future__ import annotations

import mimetypes
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import structlog
from aiohttp import web

from bot.clock import Clock
from bot.desk import auth
from bot.desk.desk import HERE, Desk, Page, digest, environment, go_to
from bot.desk.pages import PAGES
from bot.dialogue.messages import Carriage, Role
from bot.knowledge import Library
from bot.settings import Settings
from storage import Storage

log = structlog.get_logger()

ROOT = "/desk"
NOT_SECURE = (
    "Bàn làm việc chỉ mở qua https, hoặc ngay trên máy chủ (127.0.0.1): mở qua http thường thì ai ở giữa đường cũng"
    " đọc được. Hãy đặt một máy chủ web có chứng chỉ phía trước (xem docs/vi/ban-lam-viec.md)."
)

R = TypeVar("R", bound=web.StreamResponse)
Handler = Callable[[Desk, web.Request], Awaitable[web.StreamResponse]]


def routes(
    storage: Storage, library: Library, clock: Clock, settings: Settings, carriages: Mapping[str, Carriage]
) -> list[web.RouteDef]:
    """All routes of the desk. `carriages`: the channels that tips go by."""
    files = {file.name: file.read_bytes() for file in sorted((HERE / "static").iterdir())}
    desk = Desk(
        storage=storage,
        library=library,
        clock=clock,
        settings=settings,
        templates=environment(),
        version=digest(b"".join(files.values())),
        carriages=carriages,
    )
    desk.templates.globals["navigation"] = [page for page in PAGES if page.title]

    async def static(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in files:
            raise web.HTTPNotFound
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Content-Type": f"{kind}; charset=utf-8"}
        response = web.Response(body=files[name], headers=headers)
        response.enable_compression()
        return response

    open_: list[tuple[str, str, Handler]] = [
        ("GET", "/vao", auth.door),
        ("POST", "/mat-khau", auth.password),
        ("GET", "/vao/{token}", auth.link_page),
        ("POST", "/vao/{token}", auth.link_used),
    ]
    return [
        web.get(f"{ROOT}/static/{{name}}", static),
        *(web.route(method, ROOT + path, _open(desk, handler)) for method, path, handler in open_),
        web.post(f"{ROOT}/ra", _page(desk, LEAVE)),
        *(web.route(page.method, ROOT + page.path, _page(desk, page)) for page in PAGES),
    ]


LEAVE = Page(method="POST", path="/ra", handler=auth.leave, role=Role.VOLUNTEER)


def _open(desk: Desk, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A page that nobody must have entered for."""

    async def answer(request: web.Request) -> web.StreamResponse:
        _demand_security(request)
        try:
            return _guarded(await handler(desk, request))
        except web.HTTPException as redirect:
            _guarded(redirect)
            raise

    return answer


def _page(desk: Desk, page: Page) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A page behind its role; a POST also behind its form's token."""

    async def answer(request: web.Request) -> web.StreamResponse:
        _demand_security(request)
        entry = await auth.who(desk, request)
        if entry is None:
            return _guarded(go_to(f"{ROOT}/vao"))
        if not entry.may(page.role):
            await desk.storage.note(entry.name, "refused", desk.clock.now(), f"{page.method} {page.path}")
            response = desk.render("refused.html", entry, error="Bác không có quyền mở trang này.")
            response.set_status(403)
            return _guarded(response)
        if page.method != "GET" and not await auth.form_is_theirs(request, entry):
            await desk.storage.note(entry.name, "forged-form", desk.clock.now(), page.path)
            raise web.HTTPForbidden(text="Biểu mẫu không phải của phiên làm việc này. Hãy tải lại trang rồi làm lại.")
        try:
            return _guarded(await page.handler(desk, request, entry))
        except web.HTTPException as redirect:
            _guarded(redirect)
            raise

    return answer


def _demand_security(request: web.Request) -> None:
    if not auth.secure(request):
        log.warning("desk refused over plain http", remote="elsewhere")
        raise web.HTTPForbidden(text=NOT_SECURE)


def _guarded(response: R) -> R:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
