"""The web door: a page in the citizen's browser, over a WebSocket or plain requests.

A visitor is a random secret that their browser made; we keep its hash. Web is pull: a reply lies parked until the
page acknowledges its sequence number, and a page that comes back fetches what it missed. The protocol:

    page → server   hello {secret, after} · say {id, text} · press {id, payload} · start {id, topic}
                    · ack {seq} · ping
    server → page   welcome {last} · accepted {id} · reply {seq, re, text, buttons, image, edits, page, at}
                    · answered {id} · pong

The same over plain requests: POST /api/say and POST /api/replies (a long poll; its `after` acknowledges).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog
from aiohttp import WSMsgType, web

from bot.channels.base import MOST_BYTES, other, pressed, said, started
from bot.clock import Clock
from bot.dialogue.messages import Address, Delivery, Inbound, Other, Scope, Task
from bot.dialogue.states import CaseState
from bot.errors import Parked
from bot.photos import NotAPicture, remade
from storage import Storage

if TYPE_CHECKING:
    from bot.inbox import Inbox

log = structlog.get_logger()

CHANNEL = "web"
SECRET = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits in base64url
EVENT = re.compile(r"[A-Za-z0-9_-]{8,40}")

MAX_FRAME = 64 * 1024  # bytes; the longest text that we keep, in the widest letters, and some room
HELLO_WITHIN = 10.0  # seconds in which a new socket must say who it is
HEARTBEAT = 30.0
LONG_POLL = 25.0
MAX_SOCKETS = 4_000
MAX_BEHIND = 200  # replies that a slow page may be behind before its socket is closed; it fetches them later


class WebDoor:
    """Who is here, and what is brought to them."""

    scope = Scope(CHANNEL)
    bulk_per_second: float | None = None

    def __init__(self) -> None:
        self._here: dict[Address, set[asyncio.Queue[Delivery]]] = defaultdict(set)

    async def send(self, delivery: Delivery) -> str | None:
        """Show it to the pages that are open; it counts as delivered once a page acknowledges it."""
        for queue in list(self._here.get(delivery.address, ())):
            with suppress(asyncio.QueueFull):  # the visitor's task finds the queue full and closes
                queue.put_nowait(delivery)
        raise Parked("web is pull")

    async def close(self) -> None:
        pass

    @contextmanager
    def visit(self, address: Address) -> Iterator[asyncio.Queue[Delivery]]:
        """What is sent to this address while the block lasts."""
        queue: asyncio.Queue[Delivery] = asyncio.Queue(MAX_BEHIND)
        self._here[address].add(queue)
        try:
            yield queue
        finally:
            self._here[address].discard(queue)
            if not self._here[address]:
                del self._here[address]


class BadMessage(web.HTTPBadRequest):
    """Something that no page of ours sends."""


def address_of(secret: object) -> Address:
    """Where a visitor is reached: the hash of their secret. BadMessage if it is no secret."""
    if not isinstance(secret, str) or not SECRET.fullmatch(secret):
        raise BadMessage(text="secret")
    return Address(CHANNEL, hashlib.sha256(secret.encode()).hexdigest())


def parse(address: Address, message: Mapping[str, Any]) -> Inbound:
    """What a page says. BadMessage if it is nothing that a page of ours says."""
    id_ = message.get("id")
    if not isinstance(id_, str) or not EVENT.fullmatch(id_):
        raise BadMessage(text="id")
    event = f"{address.id}:{id_}"  # two visitors may make the same id
    match message:
        case {"text": str(text)}:
            return said(address, event, text)
        case {"payload": str(payload)}:
            return pressed(address, event, payload)
        case {"topic": str(topic)}:
            return started(address, event, topic)
        case _:
            raise BadMessage(text="message")


def number(message: Mapping[str, Any], key: str) -> int:
    """A sequence number. BadMessage if it is none."""
    value = message.get(key)
    if not isinstance(value, int) or not 0 <= value < 2**53:
        raise BadMessage(text=key)
    return value


def read_object(text: str | bytes) -> dict[str, Any]:
    """A JSON object. BadMessage for anything else."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadMessage(text="json") from error
    if not isinstance(read, dict):
        raise BadMessage(text="json")
    return read


def render(delivery: Delivery) -> dict[str, Any]:
    """A reply as the page gets it."""
    reply = delivery.reply
    return {
        "t": "reply",
        "seq": delivery.id,
        "re": event_id(delivery),
        "text": reply.text,
        "buttons": [{"label": button.label, "payload": button.payload} for button in reply.buttons],
        "image": f"/pictures/{reply.image}.png" if reply.image else None,
        "alt": reply.image_alt,
        "edits": delivery.edits_row,
        "page": reply.page,
        "photo": reply.wants_photo,
        "file": {"name": reply.file.name, "type": reply.file.media_type, "text": reply.file.text}
        if reply.file
        else None,
        "at": delivery.at.isoformat() if delivery.at else None,
    }


def event_id(delivery: Delivery) -> str | None:
    """The page's own id of the message that this answers."""
    return delivery.re.partition(":")[2] if delivery.re else None


class WebRoutes:
    """The requests that pages make."""

    def __init__(self, inbox: Inbox, storage: Storage, clock: Clock, door: WebDoor, public_url: str) -> None:
        self._inbox = inbox
        self._storage = storage
        self._clock = clock
        self._door = door
        self._public_host = urlsplit(public_url).netloc
        self._sockets = 0

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/ws", self.socket),
            web.post("/api/say", self.say),
            web.post("/api/replies", self.replies),
            web.post("/api/photo", self.photo),
        ]

    # --- plain requests -----------------------------------------------------------------------------------------

    async def say(self, request: web.Request) -> web.Response:
        """Take in one message; once answered, it is safe."""
        message = await _body(request)
        await self._inbox.accept(parse(address_of(message.get("secret")), message))
        return web.json_response({"accepted": message["id"]})

    async def photo(self, request: web.Request) -> web.Response:
        """Take in a picture, if one was asked for; once answered, it is safe. The body is the file itself; who sends
        it, and its id, stand in headers."""
        address, id_ = address_of(request.headers.get("X-Secret")), request.headers.get("X-Id", "")
        if not EVENT.fullmatch(id_):
            raise BadMessage(text="id")
        if not await self._storage.stands_at(address, Task.CASE, CaseState.PHOTO):
            raise web.HTTPConflict(text="no picture was asked for")
        file = await request.clone(client_max_size=MOST_BYTES).read()
        try:
            image = await asyncio.to_thread(remade, file)
        except NotAPicture as error:
            raise web.HTTPUnsupportedMediaType(text="no picture") from error
        media = await self._storage.upload_photo(address, image, self._clock.now())
        await self._inbox.accept(other(address, f"{address.id}:{id_}", Other.PICTURE, media))
        return web.json_response({"accepted": id_})

    async def replies(self, request: web.Request) -> web.Response:
        """What came after `after`, at once or as soon as something comes."""
        message = await _body(request)
        address, after = address_of(message.get("secret")), await self._known(number(message, "after"))
        await self._storage.acknowledge(address, after, self._clock.now())
        with self._door.visit(address) as queue:
            found = await self._storage.since(address, after)
            if not found:
                with suppress(TimeoutError):
                    await asyncio.wait_for(queue.get(), LONG_POLL)
                found = await self._storage.since(address, after)
        return web.json_response(
            {
                "replies": [render(delivery) for delivery in found],
                "answered": sorted({id_ for delivery in found if (id_ := event_id(delivery))}),
                "last": after,
            }
        )

    # --- the socket ---------------------------------------------------------------------------------------------

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """One page's WebSocket."""
        if not self._same_site(request):
            raise web.HTTPForbidden(text="origin")
        if self._sockets >= MAX_SOCKETS:
            raise web.HTTPServiceUnavailable(text="full", headers={"Retry-After": "30"})
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=MAX_FRAME)
        await socket.prepare(request)
        self._sockets += 1
        try:
            await self._converse(socket)
        except BadMessage as error:
            log.info("bad frame", what=error.text)
            await socket.close(code=1008, message=b"bad message")
        finally:
            self._sockets -= 1
        return socket

    async def _known(self, after: int) -> int:
        """`after`, or less if we never counted so far: the database was made anew, and the page begins again."""
        newest = await self._storage.newest_delivery()
        return after if after <= newest else 0

    def _same_site(self, request: web.Request) -> bool:
        """Another site's page must not speak for its visitors; programs that are no browser name no origin."""
        origin = request.headers.get("Origin")
        return origin is None or urlsplit(origin).netloc in {request.host, self._public_host}

    async def _converse(self, socket: web.WebSocketResponse) -> None:
        try:
            hello = read_object(await socket.receive_str(timeout=HELLO_WITHIN))
        except (TimeoutError, TypeError):
            await socket.close(code=1008, message=b"no hello")
            return
        if hello.get("t") != "hello":
            raise BadMessage(text="hello")
        address, after = address_of(hello.get("secret")), number(hello, "after")
        with self._door.visit(address) as queue:
            await socket.send_json({"t": "welcome", "last": (last := await self._known(after))})
            bring = asyncio.create_task(self._bring(socket, address, last, queue))
            try:
                async for frame in socket:
                    if frame.type is not WSMsgType.TEXT:
                        raise BadMessage(text="frame")
                    await self._take(socket, address, read_object(frame.data))
            finally:
                bring.cancel()
                await asyncio.gather(bring, return_exceptions=True)

    async def _take(self, socket: web.WebSocketResponse, address: Address, message: dict[str, Any]) -> None:
        match message.get("t"):
            case "say" | "press" | "start":
                await self._inbox.accept(parse(address, message))
                await socket.send_json({"t": "accepted", "id": message["id"]})
            case "ack":
                await self._storage.acknowledge(address, number(message, "seq"), self._clock.now())
            case "ping":
                await socket.send_json({"t": "pong"})
            case _:
                raise BadMessage(text="t")

    async def _bring(
        self, socket: web.WebSocketResponse, address: Address, after: int, queue: asyncio.Queue[Delivery]
    ) -> None:
        """First what the page missed, then what comes. A page that can't keep up is let go, and fetches the rest."""
        last = after
        for delivery in await self._storage.since(address, after):
            await self._show(socket, delivery)
            last = delivery.id
        while True:
            delivery = await queue.get()
            if queue.full():
                await socket.close(code=1013, message=b"too slow")
                return
            if delivery.id > last:
                await self._show(socket, delivery)
                last = delivery.id

    @staticmethod
    async def _show(socket: web.WebSocketResponse, delivery: Delivery) -> None:
        await socket.send_json(render(delivery))
        if id_ := event_id(delivery):
            await socket.send_json({"t": "answered", "id": id_})


async def _body(request: web.Request) -> dict[str, Any]:
    """The request's JSON object; a sender that drips is not waited for."""
    try:
        async with asyncio.timeout(HELLO_WITHIN):
            return read_object(await request.read())
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error
