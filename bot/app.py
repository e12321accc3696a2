"""The one place where objects are made and joined."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from bot.broadcasting import Broadcaster, carriages
from bot.channels.base import Door
from bot.clock import Chore, Clock, Ticker
from bot.errors import ContentError
from bot.handlers import casework
from bot.inbox import Inbox
from bot.knowledge import Library, meaning
from bot.outbox import Outbox
from bot.photos import Photographs
from bot.settings import Settings
from storage import Storage, open_storage

if TYPE_CHECKING:
    from aiohttp.web import RouteDef

    from bot.channels.telegram import TelegramDoor
    from bot.channels.zalo_bot import ZaloBotDoor
    from bot.channels.zalo_oa import ZaloOaDoor

log = structlog.get_logger()

STOP_WITHIN = 10.0  # seconds that a graceful stop may take
SWITCH = 0.00002  # seconds that a thread keeps the interpreter while others want it


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The house, with everybody in their place."""

    settings: Settings
    clock: Clock
    storage: Storage
    library: Library
    inbox: Inbox
    outbox: Outbox
    doors: Sequence[Door]

    async def settle(self) -> None:
        """Wait until everything accepted is answered and every answer is out."""
        await self.inbox.idle()
        await self.outbox.flush()


def _library(settings: Settings) -> Library:
    return Library(
        overlay=settings.content_dir,
        kept_in=settings.data_dir,
        site=settings.site,
        meaning=meaning(settings.semantic),
    )


@asynccontextmanager
async def build(
    settings: Settings,
    doors: Sequence[Door],
    *,
    chores: bool,
    library: Library | None = None,
    storage: Storage | None = None,
) -> AsyncIterator[App]:
    """The running house; it stops gracefully, and closes its doors, at the end of the block.

    `chores`: whether this process also does what time brings (retention, erasures, content reload). A second process
    beside the server leaves that to it.
    """
    clock = settings.make_clock()
    library = library or _library(settings)
    # Content lives as long as we do, and a turn makes little that is cyclic: looking for garbage less often, and
    # never through content, saves a tenth of each turn.
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    # Thinking takes milliseconds in threads of its own; what has to be acknowledged shall not wait for it at each of
    # the handful of handovers between threads (5 ms by default).
    sys.setswitchinterval(SWITCH)
    if storage is None:
        storage = await asyncio.to_thread(open_storage, settings.storage_url, settings.key_file)
    outbox = Outbox(storage, clock, doors)
    inbox = Inbox(storage, library, clock, outbox, carriages(doors))
    app = App(
        settings=settings, clock=clock, storage=storage, library=library, inbox=inbox, outbox=outbox, doors=doors
    )
    running: list[asyncio.Task[None]] = []
    try:
        await outbox.start(steal=not chores)
        await outbox.poll()  # first what was thought already, so that no new answer waits behind it
        await inbox.resume([door.scope for door in doors])
        running.append(asyncio.create_task(outbox.run()))
        if chores:
            running.append(asyncio.create_task(Ticker(clock, _chores(app)).run()))
        yield app
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        try:
            async with asyncio.timeout(STOP_WITHIN):
                await inbox.stop()
                await outbox.stop()
                # Whoever had their data erased through this process need not wait for another one to finish it.
                await storage.scrub(clock.now())
        except TimeoutError:
            log.warning("stopped in the middle")
        for door in doors:
            await door.close()
        await asyncio.to_thread(storage.close)


@asynccontextmanager
async def serve(settings: Settings, *, chores: bool = True) -> AsyncIterator[tuple[App, str]]:
    """The house with its web server and every platform that is set, and the address that people open.

    SettingsError if the port is taken.
    """
    from bot.channels.server import Served, Serving  # the terminal does without a web server
    from bot.channels.web import WebDoor
    from bot.desk.routes import routes as desk_routes

    library = _library(settings)
    page = WebDoor()
    telegram = _telegram_door(settings, library)
    storage = await asyncio.to_thread(open_storage, settings.storage_url, settings.key_file)
    zalo = _zalo_door(settings, storage, library)
    zalo_bot = _zalo_bot_door(settings, library)
    doors: list[Door] = [page, *(door for door in (telegram, zalo, zalo_bot) if door)]
    building = build(settings, doors, chores=chores, library=library, storage=storage)
    async with building as app, AsyncExitStack() as stack:
        webhooks: list[RouteDef] = []
        if zalo:
            from bot.channels.zalo_consent import ConsentPage
            from bot.channels.zalo_oa import ZaloOaEvents

            webhooks += ConsentPage(zalo.client, settings, app.storage, app.clock).routes()
            webhooks += ZaloOaEvents(app.inbox, app.storage, app.clock, settings, app.library).routes()
            if chores:
                ticking = asyncio.create_task(Ticker(app.clock, [zalo.keep_fresh()]).run())
                stack.callback(ticking.cancel)
        if telegram:
            webhooks += await stack.enter_async_context(_on_telegram(telegram, app))
        if zalo_bot:
            webhooks += await stack.enter_async_context(_on_zalo_bot(zalo_bot, app))
        served = Served(
            settings=settings,
            library=app.library,
            storage=app.storage,
            clock=app.clock,
            inbox=app.inbox,
            door=page,
            webhooks=webhooks,
            desk=desk_routes(app.storage, app.library, app.clock, settings, carriages(app.doors)),
        )
        serving = Serving(served)
        address = await serving.start()
        stack.push_async_callback(serving.stop)
        yield app, address


def _telegram_door(settings: Settings, library: Library) -> TelegramDoor | None:
    if not settings.telegram_token.get_secret_value():
        return None
    from bot.channels.telegram import TelegramDoor  # half a second that nobody without a token waits

    return TelegramDoor(settings, library.picture)


def _zalo_door(settings: Settings, storage: Storage, library: Library) -> ZaloOaDoor | None:
    if not settings.zalo_oa_id:
        return None
    from bot.channels.zalo_oa import ZaloOaDoor

    return ZaloOaDoor(settings, storage, settings.make_clock(), library.picture)


def _zalo_bot_door(settings: Settings, library: Library) -> ZaloBotDoor | None:
    if not settings.zalo_bot_token.get_secret_value():
        return None
    from bot.channels.zalo_bot import ZaloBotDoor

    return ZaloBotDoor(settings, library)


@asynccontextmanager
async def _on_zalo_bot(door: ZaloBotDoor, app: App) -> AsyncIterator[list[RouteDef]]:
    """Take in what comes from the Bot platform while the block lasts; the routes that it pushes to."""
    from bot.channels.zalo_bot import ZaloBotUpdates

    updates = ZaloBotUpdates(door, app.inbox, app.storage, app.clock, app.settings)
    async with _beside(updates.run()):
        yield updates.routes()


@asynccontextmanager
async def _on_telegram(door: TelegramDoor, app: App) -> AsyncIterator[list[RouteDef]]:
    """Take in what comes from Telegram while the block lasts; the routes that it pushes to."""
    from bot.channels.telegram import TelegramUpdates

    updates = TelegramUpdates(door, app.inbox, app.storage, app.clock, app.library, app.settings)
    async with _beside(updates.run()):
        yield updates.routes()


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do that beside the block, and end it with the block."""
    running = asyncio.create_task(work)
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _chores(app: App) -> list[Chore]:
    async def scrub() -> None:
        await app.storage.scrub(app.clock.now())

    async def sweep() -> None:
        swept = await app.storage.sweep(app.clock.now())
        log.info("retention done", rows=swept)

    async def reload() -> None:
        try:
            if await asyncio.to_thread(app.library.refresh):
                log.info("content swapped", digest=app.library.knowledge.content.digest)
        except ContentError as error:
            log.error("content refused", problems=len(error.problems), first=str(error.problems[0]))

    async def end_takeovers() -> None:
        told = casework.nobody_answered(app.library.knowledge)
        if ended := await app.storage.end_takeovers(told, app.clock.now()):
            log.info("the bot answers again", takeovers=ended)

    photographs = Photographs(app.storage, app.clock, app.library, app.doors)
    broadcaster = Broadcaster(app.storage, app.clock, app.library, app.doors)
    return [
        Chore("tips", Broadcaster.EVERY, broadcaster.tick),
        Chore("photos", timedelta(seconds=3), photographs.tick),
        Chore("takeovers", timedelta(seconds=15), end_takeovers),
        Chore("scrub", timedelta(seconds=5), scrub),
        Chore("sweep", timedelta(hours=1), sweep),
        Chore("reload", timedelta(seconds=2), reload),
    ]
