"""Entering and leaving the desk.

A link comes through the chat; opening it (which a link preview does too) uses nothing up: it shows a code, and only
when its owner has typed that code into their own chat does the button of that very browser open the desk. Offices
without a chat enter by name, password (argon2id) and a time-based code. Sessions live in a table and can be ended.
"""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

import pyotp
from aiohttp import HttpVersion11, web
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from bot.desk.desk import Desk, go_to, same
from bot.dialogue.messages import Entry, Session
from bot.tokens import CODE_LENGTH, CODE_LETTERS, hashed, shown
from storage.desk import ABSOLUTE

COOKIE, BROWSER = "desk", "desk-entering"
TOTP_STEP = 30  # seconds; RFC 6238
FRESH = timedelta(minutes=1)  # a session that was used this recently is not written to again
_hashing = asyncio.Semaphore(2)  # a hash takes 130 ms and 64 MB
_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex())  # checked for names that don't exist, so that both take as long


def secure(request: web.Request) -> bool:
    """True if nobody on the way can read along: TLS (also by a proxy on this machine), or this machine alone."""
    if request.secure:
        return True
    if not _loopback(request.remote):
        return False
    forwarded = request.headers.get("X-Forwarded-Proto")
    if forwarded or "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return forwarded == "https"
    host = urlsplit(f"//{request.host}").hostname or ""
    return (host == "localhost" or _loopback(host)) and not _through_silent_proxy(request)


def _through_silent_proxy(request: web.Request) -> bool:
    """True if a proxy on this machine passes somebody's request on as if it were its own, as nginx's bare
    `proxy_pass` does: it speaks HTTP/1.0, which no browser does; and where the address in the browser's own line is
    plain http to another machine, the browser leaves out Sec-Fetch-Site (W3C Fetch Metadata, section 2)."""
    browser = request.headers.get("User-Agent", "").startswith("Mozilla/")
    return request.version < HttpVersion11 or (browser and "Sec-Fetch-Site" not in request.headers)


def _loopback(host: str | None) -> bool:
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _cookie_name(request: web.Request, name: str) -> str:
    return f"__Host-{name}" if _over_tls(request) else name


def _over_tls(request: web.Request) -> bool:
    return request.secure or request.headers.get("X-Forwarded-Proto") == "https"


def _set_cookie(request: web.Request, response: web.StreamResponse, name: str, value: str, age: timedelta) -> None:
    response.set_cookie(
        _cookie_name(request, name),
        value,
        max_age=int(age.total_seconds()),
        path="/",
        httponly=True,
        samesite="Lax",
        secure=_over_tls(request),
    )


async def who(desk: Desk, request: web.Request) -> Entry | None:
    """Who sits at this browser; None if nobody has entered."""
    cookie = request.cookies.get(_cookie_name(request, COOKIE))
    now = desk.clock.now()
    entry = await desk.storage.entry(hashed(cookie), now) if cookie else None
    if entry and now - entry.used_at > FRESH:
        await desk.storage.session_used(entry.id_hash, now)
    return entry


def own_form(request: web.Request) -> bool:
    """True if the browser says that the form is one of our own pages'."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


async def form_is_theirs(request: web.Request, entry: Entry) -> bool:
    """True if the form carries this session's own token, in a field or in htmx's header."""
    token = request.headers.get("X-CSRF-Token")
    if token is None:
        form = await request.post()
        field = form.get("csrf")
        token = field if isinstance(field, str) else ""
    return own_form(request) and same(token, entry.csrf)


# --- by link --------------------------------------------------------------------------------------------------


async def door(desk: Desk, request: web.Request) -> web.StreamResponse:
    """How to enter."""
    return desk.render("enter.html", None, error=None)


async def link_page(desk: Desk, request: web.Request) -> web.StreamResponse:
    """Behind a link: the code to type into the chat. Nothing is used up by looking."""
    token = hashed(request.match_info["token"])
    now = desk.clock.now()
    found = await desk.storage.login_link(token, now)
    if found is None:
        response = desk.render(
            "enter.html", None, error="Đường vào này đã dùng hoặc đã quá 5 phút. Hãy xin đường mới."
        )
        response.set_status(410)
        return response
    browser = secrets.token_urlsafe(32)
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    await desk.storage.show_code(token, hashed(browser), hashed(code), now)
    response = desk.render("code.html", None, code=None if found[1] else shown(code), waiting=False)
    _set_cookie(request, response, BROWSER, browser, timedelta(minutes=5))
    return response


async def link_used(desk: Desk, request: web.Request) -> web.StreamResponse:
    """The button below the code: enter, if the code was typed."""
    browser = request.cookies.get(_cookie_name(request, BROWSER), "")
    if not browser or not own_form(request):
        raise web.HTTPForbidden(text="Hãy mở lại đường vào trên chính máy này.")
    cookie, session = _new_session(request)
    entered = await desk.storage.enter(
        hashed(request.match_info["token"]), hashed(browser), session, desk.clock.now()
    )
    if entered is None:
        response = desk.render("code.html", None, code=None, waiting=True)
        response.set_status(403)
        return response
    return _in(request, cookie)


def _new_session(request: web.Request) -> tuple[str, Session]:
    cookie = secrets.token_urlsafe(32)
    agent = request.headers.get("User-Agent", "")[:120]
    return cookie, Session(id_hash=hashed(cookie), csrf=secrets.token_urlsafe(32), agent=agent)


def _in(request: web.Request, cookie: str) -> web.StreamResponse:
    response = go_to("/desk")
    _set_cookie(request, response, COOKIE, cookie, ABSOLUTE)
    response.del_cookie(_cookie_name(request, BROWSER), path="/")
    return response


# --- by password ----------------------------------------------------------------------------------------------


async def password(desk: Desk, request: web.Request) -> web.StreamResponse:
    """Name, password and code. Wrong ones make that name, and that address, wait longer and longer."""
    if not own_form(request):
        raise web.HTTPForbidden
    form = await request.post()
    name, typed, code = (str(form.get(field, ""))[:200] for field in ("name", "password", "code"))
    now = desk.clock.now()
    asked_from = f"ip:{_asked_from(request)}"
    if not await desk.storage.try_login((name, asked_from), now):
        return _refused(desk, "Sai nhiều lần quá. Chờ ít phút rồi thử lại.", 429)
    account = await desk.storage.account(name)
    right = await _verified(account.password_hash if account else _NOBODY, typed)
    step = _step_of(account.totp_secret, code, now.timestamp()) if account and right else None
    cookie, session = _new_session(request)
    if step is None or not await desk.storage.enter_with_password(name, asked_from, step, session, now):
        await desk.storage.note(name, "wrong-password", now)
        return _refused(desk, "Tên, mật khẩu hoặc mã không đúng. Mỗi mã chỉ dùng được một lần.", 403)
    return _in(request, cookie)


def _asked_from(request: web.Request) -> str:
    """Who asks. Behind a proxy on this machine, the one that it saw: or all would wait for one another's mistakes."""
    seen = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return seen[:45] if seen and _loopback(request.remote) else str(request.remote)


def _refused(desk: Desk, error: str, status: int) -> web.StreamResponse:
    response = desk.render("enter.html", None, error=error)
    response.set_status(status)
    return response


async def _verified(password_hash: str, typed: str) -> bool:
    async with _hashing:
        try:
            return await asyncio.to_thread(_hasher.verify, password_hash, typed)
        except (VerifyMismatchError, InvalidHashError):
            return False


def _step_of(secret: str, code: str, at: float) -> int | None:
    """The time step that the code belongs to: now, or one beside it for clocks that differ; None for a wrong code."""
    totp = pyotp.TOTP(secret)
    for step in (int(at) // TOTP_STEP + shift for shift in (0, -1, 1)):
        if same(totp.at(step * TOTP_STEP), code.strip()):
            return step
    return None


def hash_password(typed: str) -> str:
    """The argon2id hash that is kept."""
    return _hasher.hash(typed)


def new_secret() -> str:
    """A secret for an app that shows time-based codes (base32)."""
    return pyotp.random_base32()


def secret_uri(secret: str, name: str, commune: str) -> str:
    """The secret as such apps read it from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=f"Cầm Tay {commune}")


async def leave(desk: Desk, request: web.Request, entry: Entry) -> web.StreamResponse:
    """End this session."""
    await desk.storage.end_session(entry.id_hash, entry.name, desk.clock.now())
    response = go_to("/desk/vao")
    response.del_cookie(_cookie_name(request, COOKIE), path="/")
    return response
