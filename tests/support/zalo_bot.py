"""The smaller Zalo Bot platform on loopback: no buttons, no edits, 50 people, one update at a time.

A test plays the people with `say` and `sends`, looks at `heard`, and throws spanners with `faults`. Updates are
polled, or pushed to a webhook; what nobody takes is gone, as nothing is known of anything being brought twice.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from tests.support.zalo_faults import Call, Fault, Refusal, as_strings, cut, next_fault, spoil

TOKEN = "1459232241454765000:local-bot-token"
BA = "6ede9afa66b88fe6d6a0"
MAX_TEXT = 2_000
PUSHED_WITHIN = 5.0  # seconds; nothing official is known
PRIVATE = re.compile(r"localhost|127\..*|10\..*|192\.168\..*|172\.(1[6-9]|2\d|3[01])\..*|::1|.*\.local")
DESCRIPTIONS = {400: "Bad request", 401: "Unauthorized", 403: "Internal server error", 404: "Not Found"}
DESCRIPTIONS |= {408: "Request timeout", 426: "Too many tests today", 429: "Quota exceeded"}


@dataclass
class LocalZaloBot:
    """The platform, one bot on it, and its chats."""

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    true_status: bool = False  # errors come with their own HTTP status, too, not with 200
    two_servers: bool = False
    # what the platform may do one way or the other
    wrapped: bool = False  # pushed updates lie in {"ok", "result"}, as documented; live ones were seen without
    documented_photo: bool = False  # a picture's address is called photo, not photo_url
    probe_with_secret: bool = False
    polled_list: bool = False  # getUpdates gives a list, as elsewhere
    brought_again: int = 0  # how often a refused update is pushed again
    # the free plan
    most_people: int = 50
    messages_a_month: int = 3_000
    tests_a_day: int = 20
    # what happened
    push_to: str = ""  # where a webhook really leads: TLS ends before us
    webhook: dict[str, Any] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    illegal: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    chats: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    typing: list[str] = field(default_factory=list)
    undelivered: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root = ""
        self.waiting = 0  # updates neither polled nor pushed yet
        self._ahead = timedelta()
        self._handed_out = False
        self._hooked = asyncio.Event()
        self._ids = count(0x2D758CB5E222)
        self._queue: deque[dict[str, Any]] = deque()
        self._news = asyncio.Event()
        self._settled = asyncio.Event()
        self._sent: dict[str, int] = {}  # month → messages
        self._tests: dict[str, int] = {}
        self._pushes: set[asyncio.Task[None]] = set()
        self._order = asyncio.Lock()
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> str:
        """Listen; the root, for CAMTAY_ZALO_BOT_API_URL."""
        server = web.Application(client_max_size=50 * 1024 * 1024)
        server.add_routes([web.route("*", "/bot{token}/{method}", self._call)])
        self._runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        bound: Any = self._runner.addresses[0]
        self.root = f"http://127.0.0.1:{bound[1]}"
        return self.root

    async def stop(self) -> None:
        for task in self._pushes:
            task.cancel()
        await asyncio.gather(*self._pushes, return_exceptions=True)
        if self._runner:
            await self._runner.cleanup()

    def now(self) -> datetime:
        return self.clock() + self._ahead

    def advance(self, by: timedelta) -> None:
        """Time passes, here only."""
        self._ahead += by

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        call = Call(method, at=self.now())
        self.calls.append(call)
        try:
            if request.match_info["token"] != TOKEN:
                raise Refusal(401)
            if method not in METHODS:
                raise Refusal(400)
            call.given = given = await _arguments(request)
            call.user = str(given.get("chat_id", ""))
            fault = next_fault(self.faults, method, call.user)
            if fault and fault.kind == "other-envelope":
                call.error = -201
                return self._answer({"error": -201, "message": "parameter is invalid!"})
            early = await spoil(fault, request)
            if early is not None:
                return early
            done = METHODS[method](self, given)
            told = await done if asyncio.iscoroutine(done) else done
            call.error = 0
            return await self._told(told, fault, request)
        except Refusal as no:
            call.error = no.code
            if no.avoidable:
                self.illegal.append(call)
            told = {"ok": False, "description": no.message or DESCRIPTIONS.get(no.code, ""), "error_code": no.code}
            status = no.status if no.status != 200 else no.code if self.true_status else 200
            return self._answer(told, status)

    async def _told(self, result: object, fault: Fault | None, request: web.Request) -> web.StreamResponse:
        told = {"ok": True, **({} if result is None else {"result": result})}
        match fault.kind if fault else "":
            case "lost":
                return cut(request)
            case "slow":
                assert fault
                await asyncio.sleep(fault.seconds)
            case "numbers":
                told = as_strings(told)
        return self._answer(told, two_servers=bool(fault and fault.kind == "two-servers"))

    def _answer(self, told: object, status: int = 200, *, two_servers: bool = False) -> web.Response:
        answer = web.json_response(told, status=status, dumps=lambda it: json.dumps(it, ensure_ascii=False))
        if two_servers or self.two_servers:
            answer.headers.add("Server", "ZGateway")
            answer.headers.add("Server", "nginx")
        return answer

    # --- what a bot may do ----------------------------------------------------------------------------------------

    def _get_me(self, _: dict[str, Any]) -> dict[str, Any]:
        named = {"account_name": "bot.XyZabcdef", "display_name": "Bot Cầm Tay"}
        return {"id": TOKEN.partition(":")[0], **named, "account_type": "BASIC", "can_join_groups": False}

    async def _get_updates(self, given: dict[str, Any]) -> Any:
        if self.webhook.get("url"):
            raise Refusal(400, "Webhook is set")
        if self._handed_out:  # whoever asks again has seen to the last one
            self._handed_out = False
            self._done()
        if not self._queue:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), min(float(given.get("timeout") or 30), 60))
            except TimeoutError:
                raise Refusal(408, avoidable=False) from None
        update = self._queue.popleft()  # whoever asked has it now: nothing is confirmed
        self._handed_out = True
        return [update] if self.polled_list else update

    async def _set_webhook(self, given: dict[str, Any]) -> dict[str, Any]:
        url, secret = str(given.get("url") or ""), str(given.get("secret_token") or "")
        where = urlsplit(url)
        if where.scheme != "https" or PRIVATE.fullmatch(where.hostname or "localhost"):
            raise Refusal(400, "The url is invalid")
        if not secret:
            raise Refusal(400, "The secret_token must not be empty")
        if not 8 <= len(secret) <= 256:
            raise Refusal(400, "The secret_token is invalid")
        self.webhook = {"url": url, "secret_token": secret, "updated_at": self._stamp()}
        self._hooked.set()
        verification = await self._probe()  # saved all the same
        while self._queue:
            self._push(self._queue.popleft())
        return {"url": url, "updated_at": self.webhook["updated_at"], "verification": verification}

    async def _test_webhook(self, _: dict[str, Any]) -> dict[str, Any]:
        day = self.now().strftime("%Y-%m-%d")
        self._tests[day] = self._tests.get(day, 0) + 1
        if self._tests[day] > self.tests_a_day:
            raise Refusal(426)
        if not self.webhook:
            raise Refusal(404)
        return await self._probe()

    async def _probe(self) -> dict[str, Any]:
        begun, told = time.perf_counter(), {"url": self.webhook["url"]}
        headers = {"User-Agent": "Java/17.0.2"}
        if self.probe_with_secret:
            headers["X-Bot-Api-Secret-Token"] = self.webhook["secret_token"]
        try:
            status = await self._post(b"", headers)
        except (aiohttp.ClientError, OSError, TimeoutError):
            return {"ok": False, **told, "outcome": "webhook.err.conn", "hint": "Your server can't be reached."}
        known = {403: "webhook.http.403", 404: "webhook.http.404"}
        other = "webhook.http.5xx" if status >= 500 else "webhook.http.other"
        outcome = "webhook.ok" if status == 200 else known.get(status, other)
        latency = int((time.perf_counter() - begun) * 1000)
        more = {"outcome": outcome, "latency_ms": latency, "hint": f"Your endpoint answered {status}."}
        return {"ok": status == 200, **told, "status_code": status, **more}

    def _delete_webhook(self, _: dict[str, Any]) -> dict[str, Any]:
        self.webhook = {}
        return {"url": "", "updated_at": self._stamp()}

    def _webhook_info(self, _: dict[str, Any]) -> dict[str, Any]:
        if not self.webhook:
            raise Refusal(404, avoidable=False)
        return {"url": self.webhook["url"], "updated_at": self.webhook["updated_at"]}

    def _send_message(self, given: dict[str, Any]) -> dict[str, Any]:
        text = _text(given, "text")
        if given.get("parse_mode") not in {None, "markdown", "html"}:
            raise Refusal(400, "parse_mode is invalid")
        return self._put(given, {"text": text})

    def _send_photo(self, given: dict[str, Any]) -> dict[str, Any]:
        where = urlsplit(str(given.get("photo") or ""))
        if where.scheme not in {"http", "https"} or PRIVATE.fullmatch(where.hostname or "localhost"):
            raise Refusal(400, "photo is invalid")
        caption = _text(given, "caption") if "caption" in given else ""
        return self._put(given, {"photo": given["photo"], "text": caption})

    def _send_sticker(self, given: dict[str, Any]) -> dict[str, Any]:
        return self._put(given, {"sticker": _text(given, "sticker")})

    def _send_voice(self, given: dict[str, Any]) -> dict[str, Any]:
        if not str(given.get("voice_url", "")).endswith(".aac"):
            raise Refusal(400, "voice_url is invalid")
        return self._put(given, {"voice": given["voice_url"]})

    def _send_chat_action(self, given: dict[str, Any]) -> None:
        chat = self._chat(given)
        if given.get("action") != "typing":
            raise Refusal(400, "action is invalid")
        self.typing.append(chat)

    def _chat(self, given: dict[str, Any]) -> str:
        chat = given.get("chat_id")
        if not isinstance(chat, str) or chat not in self.chats:
            raise Refusal(400, "chat_id is invalid")
        return chat

    def _put(self, given: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
        chat = self._chat(given)
        month = self.now().strftime("%Y-%m")
        people = [one for one in self.chats if one not in self.groups]
        if self._sent.get(month, 0) >= self.messages_a_month or chat in people[self.most_people :]:
            raise Refusal(429, avoidable=False)
        self._sent[month] = self._sent.get(month, 0) + 1
        id_ = self.new_id()
        self.chats[chat].append({"from": "bot", "id": id_, "at": self.now().isoformat(), **content})
        return {"message_id": id_, "date": self._stamp()}

    # --- what people do -------------------------------------------------------------------------------------------

    def say(self, text: str, person: str = BA, **more: Any) -> str:
        """That person writes; the id of the message."""
        return self.sends("text", {"text": text}, person, **more)

    def sends(self, kind: str, content: dict[str, Any] | None = None, person: str = BA, group: str = "") -> str:
        """That person sends anything (text, image, sticker, voice, unsupported), alone or in a group."""
        chat, id_ = group or person, self.new_id()
        if group:
            self.groups.add(group)
        shown = {**({} if content is not None else self._sample(kind)), **(content or {})}
        self.chats.setdefault(chat, []).append({"from": "user", "id": id_, "at": self.now().isoformat(), **shown})
        message = {
            "date": self._stamp(),
            "chat": {"chat_type": "GROUP" if group else "PRIVATE", "id": chat},
            "message_id": id_,
            "from": {"id": person, "is_bot": False, "display_name": "Người dùng A"},
            **shown,
        }
        self.update({"event_name": f"message.{kind}.received", "message": message})
        return id_

    def _sample(self, kind: str) -> dict[str, Any]:
        photo = "https://photo-stal-1.zdn.vn/no/jpg/x.jpg"
        sticker = "https://zalo-api.zadn.vn/api/emoticon/oasticker?eid=1&size=130"
        return {
            "image": {"photo": photo}
            if self.documented_photo
            else {"message_type": "CHAT_PHOTO", "photo_url": photo},
            "sticker": {"message_type": "CHAT_STICKER", "sticker": "5cb6159929dcc0829900", "url": sticker},
            "voice": {"message_type": "CHAT_VOICE", "voice_url": "https://f2-voice-aac-dl.zdn.vn/x.aac"},
        }.get(kind, {})

    def update(self, update: dict[str, Any]) -> None:
        """Any update at all: queued for polling, or pushed."""
        self.waiting += 1
        self._settled.clear()
        if self.webhook:
            self._push(update)
        else:
            self._queue.append(update)
            self._news.set()

    def heard(self, person: str = BA) -> list[dict[str, Any]]:
        """What the bot has written to that chat."""
        return [message for message in self.chats.get(person, ()) if message["from"] == "bot"]

    def new_id(self) -> str:
        return f"{next(self._ids):012x}177a4e30"

    async def introduced(self, within: float = 10.0) -> None:
        """Wait until a webhook was set."""
        async with asyncio.timeout(within):
            await self._hooked.wait()

    async def all_taken(self, within: float = 20.0) -> None:
        """Wait until every update was polled and the next one asked for, or pushed (if in vain, given up)."""
        async with asyncio.timeout(within):
            while self.waiting:
                await self._settled.wait()

    def _done(self) -> None:
        self.waiting -= 1
        if not self.waiting:
            self._settled.set()

    def _stamp(self) -> int:
        return int(self.now().timestamp() * 1000)

    # --- pushing --------------------------------------------------------------------------------------------------

    def _push(self, update: dict[str, Any]) -> None:
        task = asyncio.create_task(self._push_one(update))
        self._pushes.add(task)
        task.add_done_callback(self._pushes.discard)

    async def _push_one(self, update: dict[str, Any]) -> None:
        body = json.dumps({"ok": True, "result": update} if self.wrapped else update, ensure_ascii=False).encode()
        headers = {"User-Agent": "Java/17.0.2", "X-Bot-Api-Secret-Token": self.webhook["secret_token"]}
        async with self._order:
            for _ in range(1 + self.brought_again):
                try:
                    if await self._post(body, headers) == 200:
                        self._done()
                        return
                except (aiohttp.ClientError, OSError, TimeoutError):
                    pass
        self.undelivered.append(update)
        self._done()

    async def _post(self, body: bytes, headers: dict[str, str]) -> int:
        where = urlsplit(self.webhook["url"])
        url = f"{self.push_to or f'{where.scheme}://{where.netloc}'}{where.path}"
        timeout = aiohttp.ClientTimeout(total=PUSHED_WITHIN)
        told = {"Content-Type": "application/json", **headers}
        async with aiohttp.ClientSession(timeout=timeout) as http, http.post(url, data=body, headers=told) as answer:
            return answer.status


def _text(given: dict[str, Any], name: str) -> str:
    text = given.get(name)
    if not isinstance(text, str) or not text.strip() or len(text.encode("utf-16-le")) // 2 > MAX_TEXT:
        raise Refusal(400, f"{name} is invalid")
    return text


async def _arguments(request: web.Request) -> dict[str, Any]:
    given: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json" and request.can_read_body:
        try:
            given |= json.loads(await request.read())
        except (ValueError, TypeError) as error:
            raise Refusal(400) from error
    elif request.can_read_body:
        given |= dict(await request.post())
    return given


METHODS: dict[str, Callable[[LocalZaloBot, dict[str, Any]], Any]] = {  # case-sensitive
    "getMe": LocalZaloBot._get_me,
    "getUpdates": LocalZaloBot._get_updates,
    "setWebhook": LocalZaloBot._set_webhook,
    "testWebhook": LocalZaloBot._test_webhook,
    "deleteWebhook": LocalZaloBot._delete_webhook,
    "getWebhookInfo": LocalZaloBot._webhook_info,
    "sendMessage": LocalZaloBot._send_message,
    "sendPhoto": LocalZaloBot._send_photo,
    "sendSticker": LocalZaloBot._send_sticker,
    "sendVoice": LocalZaloBot._send_voice,
    "sendChatAction": LocalZaloBot._send_chat_action,
}
