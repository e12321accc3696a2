"""Who did what, in an officer's words."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from bot.desk.desk import Desk, Page
from bot.desk.pages.people import ROLES
from bot.dialogue.cases import shown
from bot.dialogue.messages import Entry, LogLine, Role
from bot.knowledge import Knowledge

AT_ONCE = 100
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
    "case-answer": "trả lời việc",
    "case-note": "ghi chú nội bộ",
    "case-assign": "giao, nhận hoặc trả việc",
    "case-close": "đóng việc",
    "case-reopen": "mở lại việc",
    "case-merge": "gộp việc",
    "case-take-over": "trả lời trực tiếp thay bot",
    "case-give-back": "trả lại cho bot",
    "canned-keep": "giữ câu mẫu",
    "canned-drop": "bỏ câu mẫu",
    "tip-write": "soạn mẹo",
    "tip-submit": "xin duyệt mẹo",
    "tip-return": "trả mẹo cho người soạn",
    "tip-approve": "duyệt mẹo",
    "tip-begin": "bắt đầu gửi mẹo",
    "tip-pause": "tạm dừng gửi mẹo",
    "tip-resume": "gửi tiếp mẹo",
    "tip-finish": "gửi xong mẹo",
    "tip-recall": "thu hồi mẹo",
    "tip-drop": "bỏ mẹo",
}
# Not people with a name on the list of staff.
ACTORS = {"person": "một người dân", "clock": "bot, đúng giờ", "?": "không rõ ai", "admin": "máy chủ"}
_HASHED = re.compile(r"[0-9a-f]{32,}")  # whoever acted in the chat is kept as a keyed hash
_WAYS = {"link": "bằng đường dẫn", "password": "bằng mật khẩu", "console": "bằng máy chủ"}
_LINE = re.compile(r"[0-9]{1,15}")  # within what the database can count


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A line of the log as it is read."""

    id: int
    at: datetime
    actor: str
    act: str
    detail: str


def in_words(knowledge: Knowledge, line: LogLine) -> Shown:
    """The line in words; an act that is not known here is shown as it was written."""
    actor = ACTORS.get(line.actor, line.actor)
    if _HASHED.fullmatch(line.actor):
        actor = f"người có dấu {line.actor[:6]}"
    detail = _detail(knowledge, line.act, line.detail)
    return Shown(id=line.id, at=line.at, actor=actor, act=ACTS.get(line.act, line.act), detail=detail)


def _detail(knowledge: Knowledge, act: str, detail: str) -> str:
    first, _, rest = detail.partition(" ")
    match act:
        case "invite" | "accept-invitation" | "revoke" if first in tuple(Role):
            hamlets = {hamlet.id: hamlet.name for hamlet in knowledge.content.locality.hamlets}
            place, _, name = rest.partition(" ")
            return ", ".join(part for part in (ROLES[Role(first)].lower(), hamlets.get(place, place), name) if part)
        case "enter":
            return _WAYS.get(detail, detail)
        case "entry-refused":
            return "đường dẫn đã dùng, quá hạn, hoặc chưa gõ mã"
        case "called":
            return f"tin số {rest}"
        case "official" | "questions":
            return _told(detail)
        case "case-merge":
            return f"{shown(first)} vào {shown(rest)}"
        case "case-assign":
            return f"{shown(first)} cho {rest}" if rest else f"{shown(first)} về hộp chung"
        case _ if act.startswith("case-"):
            return shown(detail)
        case _:
            return detail


def _told(detail: str) -> str:
    """What was kept as JSON: an import, or what was done with questions."""
    try:
        told = json.loads(detail)
    except ValueError:
        return detail
    if "source" in told:
        return f"{told['source']}: thêm {told['added']} dòng, đổi {told['changed']} dòng"
    asked = "; ".join(f"“{one}”" for one in told["asked"])
    return f"{told['what']}: {asked} ({told['rows']} lượt hỏi)" if asked else str(told["what"])


async def log(desk: Desk, request: web.Request, who: Entry) -> web.StreamResponse:
    """The log, the newest first."""
    actor = request.query.get("ai", "")[:60]
    before = request.query.get("truoc", "")
    lines = await desk.storage.log_lines(actor, int(before) if _LINE.fullmatch(before) else None, AT_ONCE + 1)
    told = [in_words(desk.library.knowledge, line) for line in lines[:AT_ONCE]]
    return desk.render("log.html", who, lines=told, more=len(lines) > AT_ONCE, actor=actor)


PAGES = (Page(method="GET", path="/nhat-ky", handler=log, role=Role.ADMIN, title="Nhật ký"),)
