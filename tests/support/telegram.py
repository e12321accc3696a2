"""A Bot API server on loopback that refuses what the real one refuses, and shows what its chats show.

Written after core.telegram.org/bots/api and the answers of the public server's source. A test plays the citizens with
`say`, `press` …, looks at `chats`, and throws spanners with `faults`. `python -m tests.support.telegram PORT` runs it
alone, for the bench.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

TOKEN = "424242:local-test-token_abc"
BOT = {"id": 424242, "is_bot": True, "first_name": "Cầm Tay", "username": "camtay_test_bot"}
QUERY_LIVES = 150.0  # seconds in which a press must be answered
PORTS = {443, 80, 88, 8443, None}
BUTTON_KINDS = {"callback_data", "url", "web_app", "login_url", "switch_inline_query", "pay", "copy_text"}
HTML_TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre", "blockquote", "span"}


class Refusal(Exception):
    """The server says no."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        self.code, self.description, self.parameters = code, description, parameters


@dataclass
class Fault:
    """Something that goes wrong at the next call of a method ("" for any), `times` times."""

    kind: str  # 429, 403, 500, 502-html, hang, lost (done, but no answer), cut (not done, no answer), not-json
    method: str = "sendMessage"
    times: int = 1
    retry_after: object = 1
    chat: int | None = None


@dataclass
class LocalTelegram:
    """The server, its chats and its queue of updates."""

    latency: float = 0.0
    limits: bool = False  # 30 messages a second in all, bursts in one chat
    webhook_speed: float = 1.0  # how much faster a refused webhook is tried again than in real life
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    keep_calls: bool = True
    forgetful: bool = False  # messages are not kept, as a bench need not look at them
    chats: dict[int, dict[int, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    kinds: dict[int, str] = field(default_factory=dict)
    blocked: set[int] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    profile: dict[str, Any] = field(default_factory=dict)
    webhook: dict[str, Any] = field(default_factory=dict)
    push_to: str = ""  # where a webhook really leads: TLS ends before us
    files: dict[str, bytes] = field(default_factory=dict)  # what people have sent, by its id
    downloads: int = 0

    def __post_init__(self) -> None:
        self._message_ids = count(1)
        self._update_ids = count(1000)
        self._queue: deque[dict[str, Any]] = deque()
        self._news = asyncio.Event()
        self._taken = asyncio.Event()  # set whenever an update was confirmed
        self._queries: dict[str, float] = {}
        self._pollers = 0
        self._files: set[str] = set()
        self._sends: deque[float] = deque()
        self._pushers: dict[object, tuple[asyncio.Queue[dict[str, Any]], asyncio.Task[None]]] = {}
        self.unconfirmed = 0  # pushed updates that were not yet taken
        self._runner: web.AppRunner | None = None

    # --- the server -----------------------------------------------------------------------------------------------

    async def start(self, port: int = 0) -> str:
        """Listen; the root address, for CAMTAY_TELEGRAM_API_URL."""
        server = web.Application(client_max_size=50 * 1024 * 1024)
        server.add_routes([web.route("*", "/bot{token}/{method}", self._call)])
        server.add_routes([web.get("/file/bot{token}/{path:.*}", self._download)])
        self._runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        bound: Any = self._runner.addresses[0]
        return f"http://127.0.0.1:{bound[1]}"

    async def stop(self) -> None:
        for _, task in self._pushers.values():
            task.cancel()
        await asyncio.gather(*(task for _, task in self._pushers.values()), return_exceptions=True)
        if self._runner:
            await self._runner.cleanup()

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            if request.match_info["token"] != TOKEN:
                raise Refusal(401, "Unauthorized")
            do: Callable[..., Any] | None = getattr(self, f"do_{_snake(method)}", None)
            if do is None:
                raise Refusal(404, "Not Found")
            given = await _arguments(request)
            if self.keep_calls:
                self.calls.append((method, given))
            if self.latency and method != "getUpdates":
                await asyncio.sleep(self.latency)
            fault = self._fault(method, given)
            if fault:
                early = await self._spoil_before(fault, request)
                if early is not None:
                    return early
            result = do(given)
            if asyncio.iscoroutine(result):
                result = await result
            if fault and fault.kind == "lost":
                return self._cut(request)
            return web.json_response({"ok": True, "result": result})
        except Refusal as no:
            body: dict[str, Any] = {"ok": False, "error_code": no.code, "description": no.description}
            if no.parameters:
                body["parameters"] = no.parameters
            return web.json_response(body, status=no.code)

    def _fault(self, method: str, given: dict[str, Any]) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and fault.method in {"", method} and fault.chat in {None, _int(given.get("chat_id"))}:
                fault.times -= 1
                return fault
        return None

    async def _spoil_before(self, fault: Fault, request: web.Request) -> web.StreamResponse | None:
        match fault.kind:
            case "429":
                told = {} if fault.retry_after is None else {"retry_after": fault.retry_after}
                raise Refusal(429, f"Too Many Requests: retry after {fault.retry_after}", **told)
            case "403":
                raise Refusal(403, "Forbidden: bot was blocked by the user")
            case "500":
                raise Refusal(500, "Internal Server Error")
            case "502-html":
                return web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html")
            case "not-json":
                return web.Response(text="<html>hello</html>", content_type="text/html")
            case "not-ok":
                return web.json_response({"ok": False, "description": "odd"})
            case "cut":
                return self._cut(request)
            case "hang":
                await asyncio.sleep(3600)
        return None

    @staticmethod
    def _cut(request: web.Request) -> web.StreamResponse:
        assert request.transport
        request.transport.abort()
        return web.Response()

    # --- what a bot may do ----------------------------------------------------------------------------------------

    async def _download(self, request: web.Request) -> web.Response:
        file = self.files.get(request.match_info["path"].removeprefix("photos/"))
        if request.match_info["token"] != TOKEN or file is None:
            raise web.HTTPNotFound
        self.downloads += 1
        return web.Response(body=file)

    def do_get_file(self, given: dict[str, Any]) -> dict[str, Any]:
        id_ = given["file_id"]
        if id_ not in self.files:
            raise Refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        size = len(self.files[id_])
        return {"file_id": id_, "file_unique_id": id_, "file_size": size, "file_path": f"photos/{id_}"}

    def do_get_me(self, _: dict[str, Any]) -> dict[str, Any]:
        return {
            **BOT,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    def do_send_message(self, given: dict[str, Any]) -> dict[str, Any]:
        chat = self._chat(given)
        text = _text(given, 4096)
        return self._put(chat, {"text": text, "reply_markup": _markup(given)})

    def do_send_photo(self, given: dict[str, Any]) -> dict[str, Any]:
        chat = self._chat(given)
        if len(given.get("caption") or "") > 1024:
            raise Refusal(400, "Bad Request: message caption is too long")
        photo = given.get("photo")
        if isinstance(photo, bytes):
            if len(photo) > 10 * 1024 * 1024 or photo[:8] != b"\x89PNG\r\n\x1a\n":
                raise Refusal(400, "Bad Request: IMAGE_PROCESS_FAILED")
            name = f"photo-{len(self._files)}"
            self._files.add(name)
        elif photo in self._files:
            name = str(photo)
        else:
            raise Refusal(400, "Bad Request: wrong file identifier/HTTP URL specified")
        sizes = [{"file_id": name, "file_unique_id": f"u{name}", "width": 360, "height": 640}]
        return self._put(chat, {"photo": sizes, "caption": given.get("caption"), "reply_markup": _markup(given)})

    def do_send_document(self, given: dict[str, Any]) -> dict[str, Any]:
        chat = self._chat(given)
        if not isinstance(given.get("document"), bytes):
            raise Refusal(400, "Bad Request: wrong file identifier/HTTP URL specified")
        file = {"file_id": "doc", "file_unique_id": "udoc", "file_name": "x"}
        return self._put(chat, {"document": file, "caption": given.get("caption"), "reply_markup": _markup(given)})

    def do_edit_message_text(self, given: dict[str, Any]) -> dict[str, Any]:
        chat = self._chat(given)
        message = self.chats[chat].get(_int(given.get("message_id")) or 0)
        if message is None:
            raise Refusal(400, "Bad Request: message to edit not found")
        if message["from"]["id"] != BOT["id"]:
            raise Refusal(400, "Bad Request: message can't be edited")
        if "text" not in message:
            raise Refusal(400, "Bad Request: there is no text in the message to edit")
        text, markup = _text(given, 4096), _markup(given)
        if message["text"] == text and message.get("reply_markup") == markup:
            raise Refusal(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup"
                " are exactly the same as a current content and reply markup of the message",
            )
        message.update(text=text, edit_date=int(time.time()))
        message.pop("reply_markup", None)
        if markup:
            message["reply_markup"] = markup
        return message

    def do_delete_message(self, given: dict[str, Any]) -> bool:
        chat = self._chat(given)
        if self.chats[chat].pop(_int(given.get("message_id")) or 0, None) is None:
            raise Refusal(400, "Bad Request: message to delete not found")
        return True

    def do_answer_callback_query(self, given: dict[str, Any]) -> bool:
        asked = self._queries.get(str(given.get("callback_query_id")))
        if asked is None or time.monotonic() - asked > QUERY_LIVES:
            raise Refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        if len(given.get("text") or "") > 200:
            raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
        return True

    async def do_get_updates(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        if self.webhook.get("url"):
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook")
        if self._pollers:
            raise Refusal(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
            )
        offset = _int(given.get("offset")) or 0
        while self._queue and offset and self._queue[0]["update_id"] < offset:
            self._queue.popleft()
            self._taken.set()
        self._pollers += 1
        try:
            if not self._queue:
                self._news.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), min(float(given.get("timeout") or 0), 50) or 0.001)
        finally:
            self._pollers -= 1
        return list(self._queue)[: _int(given.get("limit")) or 100]

    def do_set_webhook(self, given: dict[str, Any]) -> bool:
        url = str(given.get("url") or "")
        where = urlsplit(url)
        if url and where.scheme != "https":
            raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if url and where.port not in PORTS:
            raise Refusal(400, "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", str(given.get("secret_token") or "")):
            raise Refusal(400, "Bad Request: secret token contains unallowed characters")
        self.webhook = dict(given, url=url)
        while self._queue:
            self._push(self._queue.popleft())
        return True

    def do_delete_webhook(self, given: dict[str, Any]) -> bool:
        self.webhook = {}
        return True

    def do_get_webhook_info(self, _: dict[str, Any]) -> dict[str, Any]:
        return {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self._queue) + self.unconfirmed,
            **self.profile.get("webhook_info", {}),
        }

    def do_set_my_commands(self, given: dict[str, Any]) -> bool:
        commands = given.get("commands") or []
        if len(commands) > 100:
            raise Refusal(400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise Refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        self.profile["commands"] = commands
        return True

    def do_get_my_commands(self, _: dict[str, Any]) -> list[dict[str, str]]:
        return list(self.profile.get("commands", []))

    def do_set_my_name(self, given: dict[str, Any]) -> bool:
        return self._set_profile("name", given, 64)

    def do_set_my_description(self, given: dict[str, Any]) -> bool:
        return self._set_profile("description", given, 512)

    def do_set_my_short_description(self, given: dict[str, Any]) -> bool:
        return self._set_profile("short_description", given, 120)

    def do_get_my_name(self, _: dict[str, Any]) -> dict[str, str]:
        return {"name": self.profile.get("name", "")}

    def do_get_my_description(self, _: dict[str, Any]) -> dict[str, str]:
        return {"description": self.profile.get("description", "")}

    def do_get_my_short_description(self, _: dict[str, Any]) -> dict[str, str]:
        return {"short_description": self.profile.get("short_description", "")}

    def _set_profile(self, key: str, given: dict[str, Any], most: int) -> bool:
        if len(given.get(key) or "") > most:
            raise Refusal(400, f"Bad Request: {key.upper()}_TOO_LONG")
        self.profile[key] = given.get(key) or ""
        return True

    def _chat(self, given: dict[str, Any]) -> int:
        chat = _int(given.get("chat_id"))
        if chat is None or chat not in self.kinds:
            raise Refusal(400, "Bad Request: chat not found")
        if chat in self.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if self.limits:
            now = time.monotonic()
            while self._sends and now - self._sends[0] > 1.0:
                self._sends.popleft()
            if len(self._sends) >= 30:
                raise Refusal(429, "Too Many Requests: retry after 1", retry_after=1)
            self._sends.append(now)
        return chat

    def _put(self, chat: int, content: dict[str, Any]) -> dict[str, Any]:
        message = {
            "message_id": next(self._message_ids),
            "date": int(time.time()),
            "chat": self._chat_object(chat),
            "from": BOT,
            **{key: value for key, value in content.items() if value is not None},
        }
        if not self.forgetful:
            self.chats[chat][message["message_id"]] = message
        return message

    def _chat_object(self, chat: int) -> dict[str, Any]:
        kind = self.kinds[chat]
        return {"id": chat, "type": kind, **({"first_name": "Ba"} if kind == "private" else {"title": "Thôn Đông"})}

    # --- what citizens do -----------------------------------------------------------------------------------------

    def say(self, text: str, person: int = 1001, **more: Any) -> int:
        """That person writes; the id of the update."""
        return self.sends(person, text=text, **more)

    def sends(self, person: int, chat: int | None = None, **content: Any) -> int:
        """That person sends anything, in their own chat or in a group."""
        message = self._from_person(person, chat, content)
        return self.update(message=message)

    def sends_photo(self, picture: bytes, person: int = 1001, **more: Any) -> int:
        """That person sends a picture, which Telegram keeps in two sizes."""
        id_ = f"file{next(self._message_ids)}"
        self.files[id_] = picture
        sizes = [
            {"file_id": f"small-{id_}", "file_unique_id": f"s{id_}", "width": 90, "height": 160},
            {"file_id": id_, "file_unique_id": id_, "width": 720, "height": 1280},
        ]
        return self.sends(person, photo=sizes, **more)

    def edits_own(self, person: int, text: str) -> int:
        return self.update(edited_message={**self._from_person(person, None, {"text": text}), "edit_date": 1})

    def press(self, data: str, person: int = 1001, message: dict[str, Any] | None = None) -> int:
        """That person presses a button, of that message or of the last one."""
        chat = person
        self.kinds.setdefault(chat, "private")
        if message is None:
            ours = [one for one in self.chats[chat].values() if one["from"]["id"] == BOT["id"]]
            message = ours[-1] if ours else {"message_id": 1, "date": 0, "chat": self._chat_object(chat)}
        query = f"q{next(self._message_ids)}"
        self._queries[query] = time.monotonic()
        return self.update(
            callback_query={
                "id": query,
                "from": _person(person),
                "chat_instance": "1",
                "data": data,
                "message": message,
            }
        )

    def blocks(self, person: int, *, again: bool = False) -> int:
        """That person blocks the bot, or (`again=True`) unblocks it."""
        (self.blocked.discard if again else self.blocked.add)(person)
        now, before = ("member", "kicked") if again else ("kicked", "member")
        until = {"until_date": 0}
        return self.update(
            my_chat_member={
                "chat": self._chat_object(person),
                "from": _person(person),
                "date": int(time.time()),
                "old_chat_member": {"user": BOT, "status": before, **(until if again else {})},
                "new_chat_member": {"user": BOT, "status": now, **({} if again else until)},
            }
        )

    def _from_person(self, person: int, chat: int | None, content: dict[str, Any]) -> dict[str, Any]:
        chat = chat or person
        self.kinds.setdefault(chat, "private" if chat > 0 else "supergroup")
        message = {
            "message_id": next(self._message_ids),
            "date": int(time.time()),
            "chat": self._chat_object(chat),
            "from": _person(person),
            **content,
        }
        if not self.forgetful:
            self.chats[chat][message["message_id"]] = message
        return message

    def update(self, id_: int | None = None, **content: Any) -> int:
        """Queue an update, or push it if there is a webhook."""
        update = {"update_id": next(self._update_ids) if id_ is None else id_, **content}
        if self.webhook.get("url"):
            self._push(update)
        else:
            self._queue.append(update)
            self._news.set()
        return int(update["update_id"])

    @property
    def waiting(self) -> int:
        """Updates that the bot has not confirmed."""
        return len(self._queue) + self.unconfirmed

    async def all_taken(self, within: float = 20.0) -> None:
        """Wait until the bot has confirmed every update."""
        async with asyncio.timeout(within):
            while self.waiting:
                self._taken.clear()
                await self._taken.wait()

    def heard(self, person: int = 1001) -> list[dict[str, Any]]:
        """What the bot has written to that chat, as it stands there now."""
        return [message for message in self.chats[person].values() if message["from"]["id"] == BOT["id"]]

    # --- pushing --------------------------------------------------------------------------------------------------

    def _push(self, update: dict[str, Any]) -> None:
        """Each chat in order, one at a time; presses in a queue of their own; refused ones again and again."""
        lane: object = json.dumps(
            (update.get("message") or update.get("edited_message") or {}).get("chat", {}).get("id")
            or ("press", (update.get("callback_query") or {}).get("from", {}).get("id"))
        )
        if lane not in self._pushers:
            queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
            self._pushers[lane] = (queue, asyncio.create_task(self._push_all(queue)))
        self.unconfirmed += 1
        self._pushers[lane][0].put_nowait(update)

    async def _push_all(self, queue: asyncio.Queue[dict[str, Any]]) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": str(self.webhook.get("secret_token") or "")}
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
            while True:
                update, wait = await queue.get(), 1.0
                while not await self._push_one(session, update, headers):
                    await asyncio.sleep(wait / self.webhook_speed)
                    wait = min(wait * 2, 60.0)
                self.unconfirmed -= 1
                self._taken.set()

    async def _push_one(
        self, session: aiohttp.ClientSession, update: dict[str, Any], headers: dict[str, str]
    ) -> bool:
        path = urlsplit(self.webhook.get("url", "")).path
        try:
            async with session.post(f"{self.push_to}{path}", json=update, headers=headers) as answer:
                return 200 <= answer.status < 300
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False


def _person(person: int) -> dict[str, Any]:
    return {"id": person, "is_bot": False, "first_name": "Bà <Ba> & con", "language_code": "vi"}


def _snake(method: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", method).lower()


def _int(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


async def _arguments(request: web.Request) -> dict[str, Any]:
    given: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        given |= await request.json()
    elif request.content_type == "multipart/form-data":
        form = await request.post()
        for name, value in form.items():
            given[name] = value.file.read() if isinstance(value, web.FileField) else value
    else:
        given |= dict(await request.post())
    for name in ("reply_markup", "commands", "allowed_updates", "link_preview_options"):
        if isinstance(given.get(name), str):
            given[name] = json.loads(given[name])
    return given


def _text(given: dict[str, Any], most: int) -> str:
    text = given.get("text")
    if not isinstance(text, str) or not text.strip():
        raise Refusal(400, "Bad Request: message text is empty")
    mode = given.get("parse_mode")
    if mode == "HTML":
        text = _parsed_html(text)
    elif mode:
        raise Refusal(400, "Bad Request: unsupported parse_mode")
    if len(text) > most:
        raise Refusal(400, "Bad Request: message is too long")
    return text


def _parsed_html(text: str) -> str:
    """The text as shown; refused where Telegram can't parse it."""
    open_tags: list[str] = []
    for close, tag, rest in re.findall(r"<(/?)([^\s>/]*)([^>]*)>?", text):
        if tag not in HTML_TAGS:
            raise Refusal(400, f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}{rest}"')
        if close:
            if not open_tags or open_tags.pop() != tag:
                raise Refusal(400, "Bad Request: can't parse entities: Unexpected end tag")
        else:
            open_tags.append(tag)
    if open_tags:
        raise Refusal(400, "Bad Request: can't parse entities: Can't find end tag")
    plain = re.sub(r"<[^>]*>", "", text)
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")


def _markup(given: dict[str, Any]) -> dict[str, Any] | None:
    markup = given.get("reply_markup")
    if not markup:
        return None
    rows = markup.get("inline_keyboard")
    if not isinstance(rows, list) or sum(map(len, rows)) > 100 or any(len(row) > 8 for row in rows):
        raise Refusal(400, "Bad Request: reply markup is too long")
    for button in (button for row in rows for button in row):
        if not button.get("text"):
            raise Refusal(400, "Bad Request: can't parse inline keyboard button: text buttons are unallowed")
        kinds = BUTTON_KINDS & set(button)
        if len(kinds) != 1:
            raise Refusal(400, "Bad Request: can't parse inline keyboard button: Text buttons are unallowed")
        if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
            raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
        if "url" in button:
            where = urlsplit(button["url"])
            if where.scheme not in {"http", "https", "tg"} or where.hostname in {"localhost", None}:
                raise Refusal(400, f"Bad Request: inline keyboard button URL '{button['url']}' is invalid")
    return dict(markup)


async def _alone(port: int, latency: float) -> None:
    server = LocalTelegram(latency=latency, keep_calls=False)
    print(await server.start(port), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_alone(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0))
