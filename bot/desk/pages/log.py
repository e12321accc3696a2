"""Who did what."""

from __future__ import annotations

import re

from aiohttp import web

from bot.desk.desk import Desk, Page
from bot.dialogue.messages import Entry, Role

AT_ONCE = 100
# What the log calls an act, in an officer's words; one that stands not here is shown as it was written.
ACTS = {
    "invite": "mời",
    "accept-invitation": "nhận lời mời",
    "revoke": "thu quyền",
    "account": "lập tài khoản",
    "enter": "vào bàn làm việc",
    "entry-refused": "bị từ chối vào",
    "wrong-code": "gõ sai mã",
    "wrong-password": "sai mật khẩu hoặc mã",
    "end-session": "đóng một phiên",
    "refused": "mở trang không có quyền",
    "forged-form": "gửi biểu mẫu không hợp lệ",
    "called": "đã gọi điện",
    "official": "nhập số liệu chính thức",
    "questions": "xử lý câu chưa hiểu",
    "erase": "xóa dữ liệu của mình",
}
_LINE = re.compile(r"[0-9]{1,15}")  # within what the database can count


async def log(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """The log, the newest first."""
    actor = request.query.get("ai", "")[:60]
    before = request.query.get("truoc", "")
    lines = await desk.storage.log_lines(actor, int(before) if _LINE.fullmatch(before) else None, AT_ONCE + 1)
    return desk.render("log.html", who, lines=lines[:AT_ONCE], more=len(lines) > AT_ONCE, actor=actor, acts=ACTS)


PAGES = (Page(method="GET", path="/nhat-ky", handler=log, role=Role.ADMIN, title="Nhật ký"),)
