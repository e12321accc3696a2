"""The one HTTP server that every door of the web shares: headers, limits, static files, health."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import mimetypes
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.channels import pages
from bot.channels.web import MAX_FRAME, WebDoor, WebRoutes
from bot.clock import Clock
from bot.dialogue.payloads import Verb, encode
from bot.errors import BotError, SettingsError
from bot.inbox import Inbox
from bot.knowledge import Knowledge, Library
from bot.settings import Settings
from storage import Storage

log = structlog.get_logger()

HERE = Path(__file__).parent
KEEPALIVE = 30.0  # seconds after which an idle connection, or one that has not finished asking, is closed
STOP_WITHIN = 5.0

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:;"
    " manifest-src 'self'; worker-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
YEAR = 31_536_000
_PICTURE = re.compile(r"[a-z0-9-]{1,20}")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that ships with us, ready to be sent."""

    body: bytes
    zipped: bytes
    type: str
    tag: str


class Assets:
    """The static files, read once. Only names that were there at the start exist, so no path leads elsewhere."""

    def __init__(self, folder: Path) -> None:
        self._files = {file.name: _asset(file) for file in sorted(folder.iterdir()) if file.is_file()}
        joined = "".join(asset.tag for asset in self._files.values())
        self.version = hashlib.sha256(joined.encode()).hexdigest()[:12]

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/static/{name}", self.static), web.get("/sw.js", self.worker)]

    async def static(self, request: web.Request) -> web.Response:
        # A page asks with ?v=, which changes with every file; without it (embed.js) an hour is long enough.
        age = YEAR if request.query.get("v") else 3_600
        return self._send(request, request.match_info["name"], f"public, max-age={age}")

    async def worker(self, request: web.Request) -> web.Response:
        """The service worker lies at the root, for the root is its scope."""
        return self._send(request, "sw.js", "no-cache")

    def _send(self, request: web.Request, name: str, cache: str) -> web.Response:
        asset = self._files.get(name)
        if asset is None:
            raise web.HTTPNotFound
        headers = {"Cache-Control": cache, "ETag": f'"{asset.tag}"', "Vary": "Accept-Encoding"}
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        if "gzip" in request.headers.get("Accept-Encoding", "") and len(asset.zipped) < len(asset.body):
            headers["Content-Encoding"] = "gzip"
            return web.Response(body=asset.zipped, headers={**headers, "Content-Type": asset.type})
        return web.Response(body=asset.body, headers={**headers, "Content-Type": asset.type})


def _asset(file: Path) -> Asset:
    body = file.read_bytes()
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if kind.startswith("text/") or kind == "application/javascript":
        kind += "; charset=utf-8"
    return Asset(body, gzip.compress(body, 9, mtime=0), kind, hashlib.sha256(body).hexdigest()[:16])


class Site:
    """The chat page and what belongs to it."""

    def __init__(self, library: Library, storage: Storage, clock: Clock, assets: Assets) -> None:
        self._library = library
        self._storage = storage
        self._clock = clock
        self._assets = assets
        loader = FileSystemLoader(HERE / "templates")
        self._templates = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.chat),
            web.get("/chat", self.framed),
            web.get("/manifest.webmanifest", self.manifest),
            web.get("/pictures/{name}.png", self.picture),
            web.get("/health", self.health),
        ]

    async def chat(self, request: web.Request) -> web.Response:
        return self._page(framed=False)

    async def framed(self, request: web.Request) -> web.Response:
        """The same page for a frame on another site."""
        return self._page(framed=True)

    def _page(self, *, framed: bool) -> web.Response:
        knowledge = self._library.knowledge
        text = self._templates.get_template("chat.html").render(
            page=knowledge.content.phrases.page,
            commune=knowledge.content.locality.name,
            hotlines=knowledge.content.locality.hotlines,
            starters=_starters(knowledge),
            version=self._assets.version,
            framed=framed,
        )
        response = web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-cache"})
        response.enable_compression()
        return response

    async def manifest(self, request: web.Request) -> web.Response:
        knowledge = self._library.knowledge
        icons = [
            {
                "src": f"/static/icon-{size}.png?v={self._assets.version}",
                "sizes": f"{size}x{size}",
                "type": "image/png",
            }
            for size in (192, 512)
        ]
        return web.json_response(
            {
                "name": f"{knowledge.content.phrases.page['chat_title']} – {knowledge.content.locality.name}",
                "short_name": "Cầm Tay",
                "lang": "vi",
                "start_url": "/",
                "scope": "/",
                "display": "standalone",
                "background_color": "#ffffff",
                "theme_color": "#0b5c4a",
                "icons": icons,
            },
            content_type="application/manifest+json",
        )

    async def picture(self, request: web.Request) -> web.Response:
        """A picture of content. Its name can lead nowhere else: it is an id."""
        name = request.match_info["name"]
        file = self._library.picture(name) if _PICTURE.fullmatch(name) else None
        if file is None:
            raise web.HTTPNotFound
        body = await asyncio.to_thread(file.read_bytes)
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {"Cache-Control": "public, max-age=86400", "ETag": tag}
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type="image/png", headers=headers)

    async def health(self, request: web.Request) -> web.Response:
        """For the one who watches: nothing about people. `waiting_s`: how old the oldest unanswered message is."""
        age = await self._storage.oldest_open_age(self._clock.now())
        body = {"ok": True, "content": self._library.knowledge.content.digest[:12], "waiting_s": age}
        return web.json_response(body)


def _starters(knowledge: Knowledge) -> list[dict[str, str]]:
    """What one can press before having said anything."""
    first = [
        {"label": entry.short, "payload": encode(Verb.ABOUT, entry.id)}
        for entry in knowledge.content.procedures.procedures[:4]
    ]
    more = [knowledge.button("list", encode(Verb.LIST)), knowledge.button("human", encode(Verb.HUMAN))]
    return [*first, *({"label": button.label, "payload": button.payload} for button in more)]


@web.middleware
async def mended(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever is sent to us ends in an answer below 500 and a line in the log; our own troubles in a 503."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status >= 400:
            log.info("request refused", status=error.status, route=_route(request), method=request.method)
        raise
    except BotError as error:
        log.error("request failed", error=type(error).__name__, route=_route(request))
        return web.Response(status=503, text="thử lại sau", headers={"Retry-After": "5"})
    except (ValueError, UnicodeError, LookupError) as error:  # bytes that were to be text, and the like
        log.warning("request not understood", error=type(error).__name__, route=_route(request))
        return web.Response(status=400, text="không hiểu yêu cầu này")
    except Exception:  # a mistake of ours: said in the log, without what was sent
        log.exception("request broke", route=_route(request))
        return web.Response(status=500, text="lỗi phía máy chủ, thử lại sau")


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource else "-"


def guarded(embed_origins: tuple[str, ...]) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Put the security headers on every answer; only /chat may be framed, by the sites that are named."""

    async def guard(request: web.Request, response: web.StreamResponse) -> None:
        ancestors = " ".join(embed_origins) if request.path == "/chat" and embed_origins else "'none'"
        response.headers.update(HEADERS)
        response.headers["Content-Security-Policy"] = f"{CSP}; frame-ancestors {ancestors}"
        if ancestors == "'none'":
            response.headers["X-Frame-Options"] = "DENY"

    return guard


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What the server needs of the house."""

    settings: Settings
    library: Library
    storage: Storage
    clock: Clock
    inbox: Inbox
    door: WebDoor
    webhooks: Sequence[web.RouteDef] = ()  # where platforms push what they have for us
    desk: Sequence[web.RouteDef] = ()  # the officers' pages


def make_server(house: Served) -> web.Application:
    """All routes, with their limits and headers."""
    settings, library, storage, clock = house.settings, house.library, house.storage, house.clock
    server = web.Application(middlewares=[mended], client_max_size=MAX_FRAME)
    server.on_response_prepare.append(guarded(settings.embed_origins))
    assets = Assets(HERE / "static")
    server.add_routes(Site(library, storage, clock, assets).routes())
    server.add_routes(assets.routes())
    server.add_routes(WebRoutes(house.inbox, storage, clock, house.door, settings.public_url).routes())
    server.add_routes(house.webhooks)
    server.add_routes(house.desk)
    server.add_routes(pages.routes(library, clock, settings.public_url))
    return server


class Serving:
    """The server, listening."""

    def __init__(self, house: Served) -> None:
        self._settings = house.settings
        self._runner = web.AppRunner(
            make_server(house), access_log=None, keepalive_timeout=KEEPALIVE, shutdown_timeout=STOP_WITHIN
        )

    async def start(self) -> str:
        """Listen; the address that people open. SettingsError if the port is taken or not ours."""
        await self._runner.setup()
        host, port = self._settings.host, self._settings.port
        try:
            await web.TCPSite(self._runner, host, port, backlog=1_024).start()
        except OSError as error:
            await self._runner.cleanup()
            raise SettingsError(
                f"Không mở được cổng {host}:{port} ({error.strerror}). Có thể một chương trình khác đang dùng"
                " cổng này: hãy tắt nó, hoặc đặt CAMTAY_PORT sang số khác."
            ) from error
        bound: Any = self._runner.addresses[0]
        return f"http://{bound[0]}:{bound[1]}"

    async def stop(self) -> None:
        await self._runner.cleanup()
