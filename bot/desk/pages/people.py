"""Who may do what: roles with their place, invitations, sessions."""

from __future__ import annotations

import secrets

from aiohttp import web

from bot.desk.desk import Desk, Page, go_to
from bot.dialogue.messages import Entry, Grant, Invitation, PersonId, Role
from bot.tokens import hashed

ROLES = {Role.VOLUNTEER: "Tình nguyện viên", Role.OFFICER: "Cán bộ", Role.ADMIN: "Quản trị"}
NAME_LENGTH = 60


async def people(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """Everybody who holds a role."""
    return await _shown(desk, who, link=None)


async def _shown(desk: Desk, who: Entry, link: str | None) -> web.Response:
    now = desk.clock.now()
    hamlets = desk.library.knowledge.content.locality.hamlets
    return desk.render(
        "people.html",
        who,
        staff=await desk.storage.staff(),
        invitations=await desk.storage.invitations(now),
        sessions=await desk.storage.sessions(now),
        roles=ROLES,
        places=[hamlet for hamlet in hamlets if governs(who, hamlet.id)],
        place_names={hamlet.id: hamlet.name for hamlet in hamlets},
        governs=governs,
        link=link,
    )


def governs(who: Entry, place: str | None) -> bool:
    """True if they may give and take roles for that place: an admin of one hamlet only for it, never the whole."""
    return any(grant.role is Role.ADMIN and grant.place in {None, place} for grant in who.grants)


def _demand(who: Entry, place: str | None) -> None:
    if not governs(who, place):
        raise web.HTTPForbidden(text="Nơi này không thuộc phần bác phụ trách.")


async def invite(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """Make a one-time invitation; its word is shown once."""
    form = await request.post()
    role, name, place = (str(form.get(field, "")).strip() for field in ("role", "name", "place"))
    known = {hamlet.id for hamlet in desk.library.knowledge.content.locality.hamlets}
    if role not in ROLES or not name or (place and place not in known):
        raise web.HTTPBadRequest(text="Thiếu tên, hoặc vai trò hay nơi phụ trách không đúng.")
    _demand(who, place or None)
    token = secrets.token_urlsafe(16)
    invited = Invitation(role=Role(role), place=place or None, name=name[:NAME_LENGTH])
    await desk.storage.invite(hashed(token), invited, who.name, desk.clock.now())
    return await _shown(desk, who, link=token)


async def revoke(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """Take a role back. Nobody takes their own: somebody must be left to give it again."""
    form = await request.post()
    person, role, place = (str(form.get(field, "")) for field in ("person", "role", "place"))
    if role not in ROLES or person == who.person:
        raise web.HTTPBadRequest(text="Không tự thu quyền của chính mình được. Nhờ một quản trị khác.")
    _demand(who, place or None)
    now = desk.clock.now()
    names = {one.person: one.name for one in await desk.storage.staff()}
    if await desk.storage.revoke(PersonId(person), Grant(role=Role(role), place=place or None)):
        await desk.storage.note(who.name, "revoke", now, f"{role} {place} {names.get(PersonId(person), '')}")
    return go_to("/desk/nguoi-dung")


async def end_session(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """End somebody's session."""
    form = await request.post()
    id_hash, now = str(form.get("session", "")), desk.clock.now()
    theirs = await desk.storage.entry(id_hash, now)
    if theirs:
        for grant in theirs.grants:
            _demand(who, grant.place)
        await desk.storage.end_session(id_hash, who.name, now)
    return go_to("/desk/nguoi-dung")


PAGES = (
    Page(method="GET", path="/nguoi-dung", handler=people, role=Role.ADMIN, title="Người dùng"),
    Page(method="POST", path="/nguoi-dung/moi", handler=invite, role=Role.ADMIN),
    Page(method="POST", path="/nguoi-dung/thu-quyen", handler=revoke, role=Role.ADMIN),
    Page(method="POST", path="/nguoi-dung/dong-phien", handler=end_session, role=Role.ADMIN),
)
