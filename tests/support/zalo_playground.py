"""An Official Account to play with, offline: `make zalo-playground`.

The local Zalo, the bot itself as a process of its own with files of its own (gone afterwards), logged in as an admin
would do it, and a page where one types as a citizen and sees what an OA can show. Zalo and the bot share a clock that
the page can put forward.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from tests.support.zalo import (
    ADMIN,
    APP_ID,
    APP_SECRET,
    BA,
    FREE,
    OA_ID,
    OA_SECRET,
    OPEN,
    VN,
    Citizen,
    LocalZalo,
    attachment,
)
from tests.support.zalo_faults import Call, Fault

PORT = 8090
PAGE = Path(__file__).with_suffix(".html")
ROOT = Path(__file__).parents[2]
ASKING = re.compile(r"(http\S+/v4/oa/permission\?\S+)\s")  # the address that an admin is told to open
BEGINS_WITHIN = 60.0  # seconds until the bot is there; the first start sets things up
CLOCK_BEAT = 0.1  # seconds between two writes of the shared time
ATTACHED = {"image", "audio", "sticker", "location", "file"}
SHOWN_CALLS = 12
NAMES = ("Bà Ba", "Ông Tư", "Chị Năm", "Anh Sáu", "Cô Bảy")


class NotThere(Exception):
    """The bot did not come up; the text says what it said."""


class NotPossible(Exception):
    """What the page asked for can't be done now; the text is shown there."""


@dataclass
class Playground:
    """The page's side of the local Zalo."""

    zalo: LocalZalo
    site: str = ""  # where the bot's own pages are

    def __post_init__(self) -> None:
        self._newcomers = count(int(BA))
        self.newcomer()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self._page),
            web.get("/page/state", self._state),
            web.get("/page/picture/{id}", self._picture),
            web.post("/page/do", self._do),
        ]

    async def _page(self, _: web.Request) -> web.Response:
        return web.Response(text=PAGE.read_text(encoding="utf-8"), content_type="text/html")

    async def _picture(self, request: web.Request) -> web.Response:
        upload = self.zalo.uploads.get(request.match_info["id"])
        if upload is None:
            raise web.HTTPNotFound
        return web.Response(body=upload.content, content_type="image/png")

    async def _do(self, request: web.Request) -> web.Response:
        told = json.loads(await request.read())
        try:
            return web.json_response({"user": self._act(told, str(told.get("user") or BA))})
        except NotPossible as no:
            return web.Response(status=409, text=str(no))

    def _act(self, told: dict[str, Any], user: str) -> str:
        """Do as the page says; who is shown afterwards."""
        zalo = self.zalo
        match told["act"]:
            case "say":
                zalo.say(str(told["text"]), user)
            case "press":
                self._press(user, str(told["message"]), int(told["place"]))
            case "newcomer":
                return self.newcomer()
            case "officer":
                if zalo.people[user].last is None:
                    raise NotPossible("Cán bộ chỉ trả lời được người đã nhắn cho OA.")
                zalo.officer_says(str(told["text"]), user, ADMIN)
            case "advance":
                zalo.advance(timedelta(hours=float(told["hours"])))
            case "fault":
                zalo.faults.append(Fault(str(told["kind"])))
            case "react":
                if not zalo.heard(user):
                    raise NotPossible("Chưa có tin nào để thả like.")
                zalo.heard(user)[-1]["reaction"] = "👍"
                zalo.react(zalo.heard(user)[-1]["id"], user=user)
            case kind if kind in ATTACHED:
                zalo.sends(user, kind, attachment(kind))
            case "follow" | "unfollow" | "opens_chat" | "submit_info" | "withdraw" as name:
                getattr(zalo, name)(user)
        return user

    def _press(self, user: str, message: str, place: int) -> None:
        """That very button, also of an old message."""
        buttons = next(one["buttons"] for one in self.zalo.people[user].chat if one["id"] == message)
        button = buttons[place]
        if button["type"].startswith("oa.query."):
            self.zalo.say(button["payload"], user, quiet=button["type"] == "oa.query.hide")

    def newcomer(self) -> str:
        """Another person, who has not met the OA yet."""
        id_ = str(next(self._newcomers))
        self.zalo.citizen(id_, name=NAMES[(len(self.zalo.people)) % len(NAMES)])
        return id_

    async def _state(self, request: web.Request) -> web.Response:
        zalo, user = self.zalo, request.query.get("user") or BA
        person = zalo.people[user]
        told = {
            "user": user,
            "oa": "Xã Suối Hoa",
            "window": self._window(person),
            "citizen": f"{person.name}, mã {person.id}; {'đã' if person.follows else 'chưa'} quan tâm OA",
            "now": (zalo.now() + VN).strftime("%H:%M ngày %d/%m/%Y"),
            "money": f"Đã tốn {zalo.spent()} đồng; ví còn {zalo.wallet} đồng; "
            f"{len(zalo.illegal)} lần bot gọi trái quy định; {len(zalo.pusher.undelivered)} sự kiện bot không nhận.",
            "site": self.site,
            "people": [(one.id, one.name) for one in zalo.people.values()],
            "calls": [self._call(call) for call in zalo.calls[: -SHOWN_CALLS - 1 : -1]],
            "chat": person.chat,
        }
        return web.json_response(told)

    def _window(self, person: Citizen) -> str:
        if person.last is None:
            return "chưa nhắn lần nào: OA không nhắn trước được"
        since = self.zalo.now() - person.last
        if since <= FREE:
            return f"OA trả lời miễn phí thêm {_hours(FREE - since)}"
        if since <= OPEN:
            return f"quá 48 giờ: OA nhắn tốn tiền, còn được {_hours(OPEN - since)}"
        return "quá 7 ngày: OA chỉ gửi được tin theo mẫu ZBS"

    @staticmethod
    def _call(call: Call) -> tuple[str, str, str, bool]:
        at = (call.at + VN).strftime("%H:%M:%S") if call.at else ""
        answer = "chưa trả lời" if call.error is None else "được" if call.error == 0 else f"lỗi {call.error}"
        return at, call.path, answer, bool(call.error)


def _hours(left: timedelta) -> str:
    hours = int(left.total_seconds() // 3600)
    if hours < 1:
        return "chưa tới 1 giờ"
    return f"{hours // 24} ngày {hours % 24} giờ" if hours >= 48 else f"{hours} giờ"


async def _keep_time(zalo: LocalZalo, file: Path) -> None:
    while True:
        _write_time(zalo, file)
        await asyncio.sleep(CLOCK_BEAT)


def _write_time(zalo: LocalZalo, file: Path) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_text(zalo.now().isoformat())
    fresh.replace(file)  # in one move: the bot never reads half a time


@asynccontextmanager
async def opened(folder: Path, port: int = 0) -> AsyncIterator[tuple[Playground, str]]:
    """The playground on files in that folder, and the address of its page."""
    zalo = LocalZalo()
    playground = Playground(zalo)
    root = await zalo.start(port, playground.routes())
    keeping: asyncio.Task[None] | None = None
    try:
        clock = folder / "clock"
        _write_time(zalo, clock)
        keeping = asyncio.create_task(_keep_time(zalo, clock))
        async with _bot(zalo, folder, clock) as site:
            playground.site = site
            yield playground, root
    finally:
        if keeping:
            keeping.cancel()
        await zalo.stop()


@asynccontextmanager
async def _bot(zalo: LocalZalo, folder: Path, clock: Path) -> AsyncIterator[str]:
    """The bot, set to this Zalo and logged in; the address of its site."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    site = f"http://127.0.0.1:{port}"
    told = {
        "DATA_DIR": str(folder / "bot"),
        "CLOCK": f"stepped:{clock}",
        "PORT": str(port),
        "PUBLIC_URL": site,
        "ZALO_OA_ID": OA_ID,
        "ZALO_APP_ID": APP_ID,
        "ZALO_APP_SECRET": APP_SECRET,
        "ZALO_OA_SECRET": OA_SECRET,
        "ZALO_API_URL": zalo.api_url,
        "ZALO_OAUTH_URL": zalo.oauth_url,
        "ZALO_ZNS_URL": zalo.zns_url,
    }
    await _log_in(folder, told)
    bot = await _command(folder, told, "run")
    try:
        await _until(bot, re.compile(rf"({re.escape(site)})\s"))
        await zalo.set_webhook(f"{site}/webhook/zalo-oa")
        yield site
    finally:
        if bot.returncode is None:
            bot.terminate()
        await bot.communicate()


async def _command(folder: Path, told: dict[str, str], *command: str) -> asyncio.subprocess.Process:
    """`python -m bot …` with these settings alone: neither the admin's environment nor their .env has a say."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("CAMTAY_")}
    ours = {f"CAMTAY_{name}": value for name, value in told.items()}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", *command),
        cwd=folder,
        env={**others, **ours, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def _until(process: asyncio.subprocess.Process, sought: re.Pattern[str]) -> str:
    """Read what it prints until that comes; NotThere if it ends before."""
    assert process.stdout
    said = b""
    async with asyncio.timeout(BEGINS_WITHIN):
        while not (found := sought.search(said.decode(errors="replace"))):
            piece = await process.stdout.read(4096)
            if not piece:
                raise NotThere(said.decode(errors="replace"))
            said += piece
    return found[1]


async def _log_in(folder: Path, told: dict[str, str]) -> None:
    """As an admin does: open the address that the command shows, say yes, paste the address one lands on."""
    login = await _command(folder, told, "zalo", "login")
    asked = await _until(login, ASKING)
    async with aiohttp.ClientSession() as http, http.get(asked, allow_redirects=False) as answer:
        landed = answer.headers.get("Location", "")
    said, _ = await login.communicate(f"{landed}\n".encode())
    if login.returncode:
        raise NotThere(said.decode(errors="replace"))


async def _play() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder), PORT) as (_, address):
            print(f"Zalo thử: mở {address} trong trình duyệt. Ctrl+C để dừng.", flush=True)
            await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        asyncio.run(_play())
    except KeyboardInterrupt:
        pass
    except NotThere as error:
        sys.exit(f"Bot không chạy được:\n{error}")
