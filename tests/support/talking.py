"""A conversation held through a door, as a citizen would hold it. Every door that joins brings one `Talker`."""

from __future__ import annotations

import io
import json
import re
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import aiohttp

from bot.app import App, build, serve
from bot.channels.console import ConsoleDoor, Line
from bot.channels.web import address_of
from bot.channels.zalo_oa import MAX_BUTTONS
from bot.channels.zalo_oa import WEBHOOK_PATH as ZALO_WEBHOOK
from bot.dialogue.messages import Grant, PersonId, Role, ZaloTokens
from bot.settings import Settings
from tests.support.telegram import TOKEN as TELEGRAM_TOKEN
from tests.support.telegram import LocalTelegram
from tests.support.zalo import APP_ID, APP_SECRET, OA_ID, OA_SECRET, REFRESH_LIVES, LocalZalo
from tests.support.zalo_bot import TOKEN as BOT_TOKEN
from tests.support.zalo_bot import LocalZaloBot

MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # a Monday, 09:00 in Vietnam


@dataclass(frozen=True)
class Heard:
    """One reply, as it came out of the door."""

    text: str
    buttons: tuple[tuple[str, str], ...] = ()  # label, payload

    def payload(self, label: str) -> str:
        """The payload of the button whose label contains these words."""
        return next(payload for shown, payload in self.buttons if label.lower() in shown.lower())

    def __str__(self) -> str:
        return "\n".join([self.text, *(f"[{label}]" for label, _ in self.buttons)])


class Talker(Protocol):
    """A person at a door, and the house behind it."""

    app: App | None

    async def say(self, text: str) -> list[Heard]: ...
    async def press(self, payload: str) -> list[Heard]: ...
    async def restart(self) -> list[Heard]: ...
    def pass_time(self, by: timedelta) -> None: ...
    async def becomes(self, role: Role) -> None: ...


@dataclass
class AtADoor:
    """What every talker does alike: the whole house behind the door lies in a folder of its own."""

    folder: Path
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    app: App | None = None

    async def open(self) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        await self.stack.aclose()
        self.stack = AsyncExitStack()

    async def restart(self) -> list[Heard]:
        """Close the house and open it again on the same files."""
        await self.close()
        await self.open()
        return []

    async def becomes(self, role: Role) -> None:
        """Give this person, the only one here, a role."""
        assert self.app
        storage = self.app.storage
        (person,) = await storage._read(lambda connection: connection.execute("SELECT id FROM persons").fetchone())
        await storage.grant(PersonId(person), Grant(role=role), "test", MORNING)

    def pass_time(self, by: timedelta) -> None:
        move_clock(self.folder, by)


@dataclass
class ConsoleTalker(AtADoor):
    """A person at the terminal, with the whole house behind it on a database file of its own."""

    name: str = "ba"
    out: io.StringIO = field(default_factory=io.StringIO)
    door: ConsoleDoor | None = None
    n: int = 0

    async def open(self) -> None:
        self.out = io.StringIO()
        self.door = ConsoleDoor(self.name, as_json=True, out=self.out)
        self.app = await self.stack.enter_async_context(build(settings(self.folder), [self.door], chores=False))

    async def say(self, text: str) -> list[Heard]:
        return await self._in({"say": text})

    async def press(self, payload: str) -> list[Heard]:
        return await self._in({"press": payload})

    async def _in(self, line: dict[str, Any]) -> list[Heard]:
        assert self.app
        assert self.door
        self.n += 1
        start = self.out.tell()
        await self.app.inbox.accept(self.door.parse(Line(self.n, json.dumps(line))))
        await self.app.settle()
        return [_heard(json.loads(answer)) for answer in self.out.getvalue()[start:].splitlines()]


def _heard(answer: dict[str, Any]) -> Heard:
    return Heard(answer["text"], tuple((button["label"], button["payload"]) for button in answer["buttons"]))


def settings(folder: Path, **others: Any) -> Settings:
    """A house of its own in that folder, whose clock stands still until a test moves it."""
    clock = folder / "clock"
    if not clock.exists():
        clock.write_text(MORNING.isoformat())
    return Settings(_env_file=None, data_dir=folder, clock=f"stepped:{clock}", **others)  # type: ignore[call-arg]


def move_clock(folder: Path, by: timedelta) -> None:
    clock = folder / "clock"
    clock.write_text((datetime.fromisoformat(clock.read_text()) + by).isoformat())


@asynccontextmanager
async def console(folder: Path, name: str = "ba") -> AsyncIterator[ConsoleTalker]:
    talker = ConsoleTalker(folder, name=name)
    await talker.open()
    try:
        yield talker
    finally:
        await talker.close()


@dataclass
class WebTalker(AtADoor):
    """A visitor's page, over a WebSocket to a real server on loopback."""

    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    url: str = ""
    socket: aiohttp.ClientWebSocketResponse | None = None
    seen: int = 0
    n: int = 0
    came: list[Heard] = field(default_factory=list)

    async def open(self) -> None:
        served = serve(settings(self.folder, port=0), chores=False)
        self.app, self.url = await self.stack.enter_async_context(served)
        session = await self.stack.enter_async_context(aiohttp.ClientSession())
        self.socket = await self.stack.enter_async_context(session.ws_connect(f"{self.url}/ws"))
        await self.socket.send_json({"t": "hello", "secret": self.secret, "after": self.seen})
        assert (await self.socket.receive_json(timeout=10)) == {"t": "welcome", "last": self.seen}

    async def say(self, text: str) -> list[Heard]:
        return await self._in({"t": "say", "text": text})

    async def press(self, payload: str) -> list[Heard]:
        return await self._in({"t": "press", "payload": payload})

    async def _in(self, message: dict[str, Any]) -> list[Heard]:
        assert self.app
        assert self.socket
        self.n += 1
        id_, before = f"message-{self.n:04}", self.seen
        await self.socket.send_json({**message, "id": id_})
        while (await self._next())["t"] != "accepted":
            pass
        await self.app.settle()
        caused = await self.app.storage.since(address_of(self.secret), before)
        while caused and self.seen < caused[-1].id:
            await self._next()
        await self.socket.send_json({"t": "ack", "seq": self.seen})
        heard, self.came = self.came, []
        return heard

    async def _next(self) -> dict[str, Any]:
        assert self.socket
        frame: dict[str, Any] = await self.socket.receive_json(timeout=10)
        if frame["t"] == "reply":
            assert frame["seq"] > self.seen, "replies come in order, and once"
            self.seen = frame["seq"]
            self.came.append(_heard(frame))
        return frame


@asynccontextmanager
async def web(folder: Path) -> AsyncIterator[WebTalker]:
    talker = WebTalker(folder)
    await talker.open()
    try:
        yield talker
    finally:
        await talker.close()


@dataclass
class TelegramTalker(AtADoor):
    """A person's private chat with the bot, polled from a local Bot API server."""

    server: LocalTelegram = field(default_factory=LocalTelegram)
    n: int = 0

    async def open(self) -> None:
        self.server.webhook = {}
        root = await self.server.start()
        self.stack.push_async_callback(self.server.stop)
        set_ = settings(self.folder, port=0, telegram_token=TELEGRAM_TOKEN, telegram_api_url=root)
        self.app, _ = await self.stack.enter_async_context(serve(set_, chores=False))

    async def say(self, text: str) -> list[Heard]:
        return await self._caused_by(lambda: self.server.say(text))

    async def press(self, payload: str) -> list[Heard]:
        return await self._caused_by(lambda: self.server.press(payload))

    async def _caused_by(self, act: Callable[[], object]) -> list[Heard]:
        assert self.app
        start = len(self.server.calls)
        act()
        await self.server.all_taken()
        await self.app.settle()
        return [_shown(call) for method, call in self.server.calls[start:] if method in SHOWING]


SHOWING = {"sendMessage", "sendPhoto", "sendDocument", "editMessageText"}


def _shown(call: dict[str, Any]) -> Heard:
    rows = (call.get("reply_markup") or {}).get("inline_keyboard", [])
    buttons = tuple((one["text"], one.get("callback_data", one.get("url"))) for row in rows for one in row)
    return Heard(call.get("text") or call.get("caption") or "", buttons)


@asynccontextmanager
async def telegram(folder: Path) -> AsyncIterator[TelegramTalker]:
    talker = TelegramTalker(folder)
    await talker.open()
    try:
        yield talker
    finally:
        await talker.close()


@dataclass
class ZaloTalker(AtADoor):
    """A person's chat with the Official Account, on a local Zalo."""

    server: LocalZalo = field(default_factory=LocalZalo)
    lapsed: bool = False

    async def open(self) -> None:
        clock = self.folder / "clock"
        if not clock.exists():
            clock.write_text(MORNING.isoformat())
        self.server.clock = lambda: datetime.fromisoformat(clock.read_text())
        await self.server.start()
        self.stack.push_async_callback(self.server.stop)
        set_ = zalo_settings(self.folder, self.server)
        self.app, url = await self.stack.enter_async_context(serve(set_, chores=False))
        await consent(self.app, self.server)
        await self.server.set_webhook(f"{url}{ZALO_WEBHOOK}")

    async def say(self, text: str) -> list[Heard]:
        return await self._caused_by(lambda: self.server.say(text))

    async def press(self, payload: str) -> list[Heard]:
        if number := payload.removeprefix(BY_NUMBER) if payload.startswith(BY_NUMBER) else "":
            return await self.say(number)
        return await self._caused_by(lambda: self.server.say(f"#{payload}", quiet=True))

    def pass_time(self, by: timedelta) -> None:
        self.lapsed |= by > REFRESH_LIVES
        super().pass_time(by)

    async def _caused_by(self, act: Callable[[], object]) -> list[Heard]:
        assert self.app
        if self.lapsed:  # nobody kept the tokens fresh for three months: the admin has consented anew
            await consent(self.app, self.server)
            self.lapsed = False
        start = len(self.server.heard())
        act()
        await self.server.all_taken()
        await self.app.settle()
        assert not self.server.illegal, self.server.illegal
        return [_on_zalo(message) for message in self.server.heard()[start:]]


@dataclass
class ZaloBotTalker(AtADoor):
    """A person's chat with the small bot, on a local Bot platform: choices are numbers, and nothing else."""

    server: LocalZaloBot = field(default_factory=LocalZaloBot)

    async def open(self) -> None:
        if not self.server.root:
            clock = self.folder / "clock"
            if not clock.exists():
                clock.write_text(MORNING.isoformat())
            self.server.clock = lambda: datetime.fromisoformat(clock.read_text())
            self.server.messages_a_month = 100_000
        await self.server.start()
        self.stack.push_async_callback(self.server.stop)
        house = zalo_bot_settings(self.folder, self.server)
        self.app, _ = await self.stack.enter_async_context(serve(house, chores=False))

    async def say(self, text: str) -> list[Heard]:
        return await self._caused_by(lambda: self.server.say(text))

    async def press(self, payload: str) -> list[Heard]:
        return await self.say(payload)

    async def _caused_by(self, act: Callable[[], object]) -> list[Heard]:
        assert self.app
        start = len(self.server.heard())
        act()
        await self.server.all_taken()
        await self.app.settle()
        assert not self.server.illegal, self.server.illegal
        return [_on_zalo_bot(message) for message in self.server.heard()[start:]]


def _on_zalo_bot(message: dict[str, Any]) -> Heard:
    """What is chosen by its number, or by its words where it has none; "pressing" it is typing that."""
    text = message["text"]
    _, _, below = text.rpartition("\n\n")
    found = re.findall(r"^(?:(\d+)\.|•) (.+)$", below, re.MULTILINE)
    return Heard(text, tuple((label, n or label) for n, label in found))


def zalo_bot_settings(folder: Path, server: LocalZaloBot, **others: Any) -> Settings:
    """A house whose small bot lives on that local platform."""
    return settings(folder, port=0, zalo_bot_token=BOT_TOKEN, zalo_bot_api_url=server.root, **others)


BY_NUMBER = "number:"  # a choice that has no button of its own


def _on_zalo(message: dict[str, Any]) -> Heard:
    """The buttons, and the choices that only stand numbered in the text."""
    text = message.get("text") or ""
    buttons = [(one["title"], str(one["payload"]).removeprefix("#")) for one in message.get("buttons", ())]
    numbered = re.findall(r"^(\d+)\. (.+)$", text, re.MULTILINE)
    further = [(label, f"{BY_NUMBER}{n}") for n, label in numbered if int(n) > len(buttons) == MAX_BUTTONS]
    return Heard(text, (*buttons, *further))


def zalo_settings(folder: Path, server: LocalZalo, **others: Any) -> Settings:
    """A house whose Official Account lives on that local Zalo."""
    return settings(
        folder,
        port=0,
        zalo_oa_id=OA_ID,
        zalo_app_id=APP_ID,
        zalo_app_secret=APP_SECRET,
        zalo_oa_secret=OA_SECRET,
        zalo_api_url=server.api_url,
        zalo_oauth_url=server.oauth_url,
        zalo_zns_url=server.zns_url,
        **others,
    )


async def consent(app: App, server: LocalZalo) -> None:
    """The admin has consented: the house holds a pair of tokens."""
    access, refresh = server.mint()
    until = app.clock.now() + timedelta(seconds=90_000)
    tokens = ZaloTokens(access=access, refresh=refresh, until=until)
    await app.storage.save_zalo_tokens(APP_ID, tokens, app.clock.now())


@asynccontextmanager
async def zalo(folder: Path) -> AsyncIterator[ZaloTalker]:
    talker = ZaloTalker(folder)
    await talker.open()
    try:
        yield talker
    finally:
        await talker.close()


@asynccontextmanager
async def zalo_bot(folder: Path) -> AsyncIterator[ZaloBotTalker]:
    talker = ZaloBotTalker(folder)
    await talker.open()
    try:
        yield talker
    finally:
        await talker.close()


DOORS = {"console": console, "web": web, "telegram": telegram, "zalo": zalo, "zalo-bot": zalo_bot}
