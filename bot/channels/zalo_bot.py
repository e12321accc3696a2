"""The Zalo Bot platform, for pilots: plain text both ways, for at most fifty people.

It knows no buttons, no edits and no files: choices stand numbered below the text, and the number typed comes back as
words. What it polls out is confirmed by nothing, so each update is made safe before the next is asked for; one that
was under way at a crash is gone, by the platform's design.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from typing import Any, Final

import aiohttp
import structlog
from aiohttp import web

from bot.channels.base import other, said, utf16_surplus
from bot.channels.telegram import parts
from bot.channels.zalo_codes import BOT, Means
from bot.clock import Clock
from bot.dialogue.messages import Address, Delivery, Inbound, Lane, Other, Reply, Scope
from bot.errors import ChannelError, Refused, StorageError, TryLater, Unclear
from bot.inbox import Inbox
from bot.knowledge import Library
from bot.settings import Settings
from storage import Storage

log = structlog.get_logger()

CHANNEL: Final = "zalo_bot"
WEBHOOK_PATH: Final = "/webhook/zalo-bot"
PROOF_HEADER: Final = "X-Bot-Api-Secret-Token"

MAX_TEXT = 2_000  # UTF-16 units of a message
MAX_UPDATE = 1024 * 1024  # bytes
OLDEST = timedelta(hours=24)  # an update older than this is answered by nobody any more
BULK_PER_SECOND = 1.0  # no rate is published; a pilot needs no more
POLL_SECONDS = 30
PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0)  # seconds between polls that fail, longer and longer
SEND_WITHIN = aiohttp.ClientTimeout(total=15, connect=5)
PICTURE_WITHIN = aiohttp.ClientTimeout(total=20, connect=5)  # Zalo fetches it first
POLL_WITHIN = aiohttp.ClientTimeout(total=POLL_SECONDS + 15, connect=5)
QUOTA_TRIES, QUOTA_WAIT = 4, 60.0  # a refusal for too many messages may be the minute's, or the month's

_KINDS = {
    "message.image.received": Other.PICTURE,
    "message.sticker.received": Other.STICKER,
    "message.voice.received": Other.VOICE,
}
_GROUP = "GROUP"


class BotApiError(ChannelError):
    """The platform said no."""

    def __init__(self, code: int | None, means: Means) -> None:
        super().__init__(f"zalo bot {code}")
        self.code, self.means = code, means


class BotClient:
    """Calls to the platform. The token is part of each address, so that no address may ever be logged."""

    def __init__(self, settings: Settings) -> None:
        self._root = f"{settings.zalo_bot_api_url}/bot{settings.zalo_bot_token.get_secret_value()}"
        self._session: aiohttp.ClientSession | None = None

    async def call(self, method: str, *, within: aiohttp.ClientTimeout = SEND_WITHIN, **given: object) -> Any:
        """What the answer's `result` holds. BotApiError; TryLater if it surely was not done, Unclear if nobody
        knows. Only `ok` decides: errors come with HTTP 200, too."""
        if self._session is None:
            self._session = aiohttp.ClientSession()
        try:
            async with self._session.post(f"{self._root}/{method}", json=given, timeout=within) as answer:
                status, body = answer.status, await answer.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise TryLater(type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unclear(type(error).__name__) from None
        return _result(body, status)

    async def close(self) -> None:
        """Let go of connections."""
        if self._session:
            await self._session.close()


def _result(body: bytes, status: int) -> Any:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if isinstance(told, dict) and told.get("ok") is True:
        return told.get("result")
    code = _whole(told.get("error_code") or told.get("error")) if isinstance(told, dict) else None
    if code is None and status == 200:
        raise Unclear("answer not understood")
    raise BotApiError(code or status, BOT.get(code or status, Means.LATER if status >= 500 else Means.UNKNOWN))


# --- out ------------------------------------------------------------------------------------------------------------


class ZaloBotDoor:
    """The way out to the people of a bot."""

    scope = Scope(CHANNEL)
    bulk_per_second: float | None = BULK_PER_SECOND

    def __init__(self, settings: Settings, library: Library, client: BotClient | None = None) -> None:
        self.client = client or BotClient(settings)
        self._library = library
        self._site = settings.public_url

    async def send(self, delivery: Delivery) -> str | None:
        """Send as plain text; the platform's id of the last part."""
        chat, sent = delivery.address.id, None
        if delivery.reply.image and self._site:
            await self._picture(chat, delivery.reply.image)
        text = unicodedata.normalize("NFC", self.in_words(delivery.reply, numbered=delivery.lane is Lane.REPLY))
        try:
            for part in parts(text, MAX_TEXT - utf16_surplus(text)):
                sent = await self.client.call("sendMessage", chat_id=chat, text=part)
        except BotApiError as error:
            raise _sorted(error, delivery) from error
        return str(sent["message_id"]) if isinstance(sent, dict) and sent.get("message_id") else None

    async def close(self) -> None:
        await self.client.close()

    def in_words(self, reply: Reply, *, numbered: bool) -> str:
        """The message with its choices below it. What comes unasked has no numbers: a walk's own may be open."""
        page, lines = self._library.knowledge.content.phrases.page, [reply.text]
        if reply.page and self._site:
            lines += ["", f"{page['chat_print_page']}: {self._site}{reply.page}"]
        if reply.buttons and not numbered:
            lines += ["", page["chat_answer_in_words"]]
        elif reply.buttons:
            lines.append("")
        for n, button in enumerate(reply.buttons, start=1):
            lines.append(f"{n}. {button.label}" if numbered else f"• {button.label}")
        return "\n".join(lines)

    async def _picture(self, chat: str, name: str) -> None:
        """A picture by its public address. Its words say the same, so that they follow even if it can't be shown."""
        address = f"{self._site}/pictures/{name}.png"
        try:
            await self.client.call("sendPhoto", within=PICTURE_WITHIN, chat_id=chat, photo=address)
        except ChannelError as error:
            log.warning("zalo bot picture not shown", picture=name, error=str(error))


def _sorted(error: BotApiError, delivery: Delivery) -> Exception:
    """What the platform's error means for this message."""
    why = str(error)
    match error.means:
        case Means.LATER:
            return TryLater(why)
        case Means.TOMORROW if delivery.attempts < QUOTA_TRIES:
            return TryLater(why, after=QUOTA_WAIT * 2**delivery.attempts, ours=True)
        case Means.TOMORROW:
            log.error("zalo bot plan is used up", hint="python -m bot doctor")
            return Refused(why)
        case Means.HUMAN:
            log.error("zalo bot token is refused", hint="python -m bot doctor")
            return TryLater(why, after=600.0, ours=True)
        case Means.UNKNOWN:
            return Refused(why) if delivery.attempts else TryLater(why)
        case _:
            return Refused(why)


# --- in -------------------------------------------------------------------------------------------------------------


class ZaloBotUpdates:
    """Takes updates in, polled or pushed; each is safe before the platform hears that we have it."""

    def __init__(self, door: ZaloBotDoor, inbox: Inbox, storage: Storage, clock: Clock, settings: Settings) -> None:
        self._door = door
        self._inbox = inbox
        self._storage = storage
        self._clock = clock
        self._polls = settings.zalo_bot_mode == "polling"
        self._url = f"{settings.public_url}{WEBHOOK_PATH}"
        self._secret = webhook_secret(settings)
        self._name = ""  # as people mention it in a group

    def routes(self) -> list[web.RouteDef]:
        """Where the platform pushes to."""
        return [] if self._polls else [web.post(WEBHOOK_PATH, self.webhook)]

    async def run(self) -> None:
        """Introduce ourselves, then poll for as long as it takes; nothing ends it but a cancel."""
        await self._again(self._introduce)
        while self._polls:
            await self._again(self._poll)

    async def _again(self, work: Callable[[], Any]) -> None:
        """Until it has worked: a platform that is away must not end our listening to it."""
        for pause in chain(PAUSES, repeat(PAUSES[-1])):
            try:
                await work()
            except (ChannelError, StorageError) as error:
                log.warning("zalo bot does not answer", error=str(error) or type(error).__name__)
                await asyncio.sleep(pause)
            else:
                return

    async def _introduce(self) -> None:
        me = await self._door.client.call("getMe")
        self._name = str(me.get("display_name") or "") if isinstance(me, dict) else ""
        if self._polls:
            try:
                await self._door.client.call("deleteWebhook")
            except BotApiError as error:
                log.info("zalo bot had no webhook", error=str(error))
            return
        told = await self._door.client.call("setWebhook", url=self._url, secret_token=self._secret)
        looked = told.get("verification") if isinstance(told, dict) else None
        if isinstance(looked, dict) and not looked.get("ok"):  # it is saved all the same
            log.error("zalo bot can't reach us", outcome=str(looked.get("outcome")), hint="python -m bot doctor")

    async def _poll(self) -> None:
        try:
            told = await self._door.client.call("getUpdates", within=POLL_WITHIN, timeout=POLL_SECONDS)
        except BotApiError as error:
            if error.code == 408:  # nothing new
                return
            raise
        for update in told if isinstance(told, list) else [told]:
            await self._until_safe(update)

    async def _until_safe(self, update: object) -> None:
        """Nobody brings it again, so that we hold on to it while the disk is away."""
        for pause in chain(PAUSES, repeat(PAUSES[-1])):
            try:
                await self.take(update)
            except StorageError as error:
                log.error("zalo bot update waits for storage", error=type(error).__name__)
                await asyncio.sleep(pause)
            else:
                return

    async def webhook(self, request: web.Request) -> web.Response:
        """One update. 403 without the secret; an empty body is the platform looking whether we are there."""
        body = await request.clone(client_max_size=MAX_UPDATE).read()
        if not body.strip():
            return web.Response()
        given = request.headers.getall(PROOF_HEADER, [])
        if len(given) != 1 or not hmac.compare_digest(given[0].encode("utf-8", "replace"), self._secret.encode()):
            log.warning("zalo bot update refused", reason="secret")
            raise web.HTTPForbidden(text="secret")
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            raise web.HTTPBadRequest(text="json") from None
        await self.take(update)
        return web.Response()

    async def take(self, update: object) -> None:
        """Make one update safe, or leave it knowingly. StorageError if it could not be stored."""
        if not isinstance(update, dict):
            return  # an idle poll
        update = update["result"] if isinstance(update.get("result"), dict) else update
        name = str(update.get("event_name") or "")
        try:
            inbound = self.read(name, update)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            log.warning("zalo bot update not understood", event_name=name[:60], error=type(error).__name__)
            shape = json.dumps(sorted(map(str, update)), ensure_ascii=False)[:1_000]
            mark = f"{name[:60]}:{self._clock.now().timestamp()}"
            await self._storage.set_aside(CHANNEL, mark, shape, self._clock.now())
            return
        if inbound:
            await self._inbox.accept(inbound)
        else:
            log.info("zalo bot update left alone", event_name=name[:60])

    def read(self, name: str, update: Mapping[str, Any]) -> Inbound | None:
        """What a person sent; None for what says nothing to us. KeyError and the like for what makes no sense."""
        if not name.startswith("message."):
            return None  # webhook.test
        message = update["message"]
        if message["from"].get("is_bot") or self._is_old(message):
            return None
        chat, event = message["chat"], str(message["message_id"])
        address = Address(CHANNEL, str(chat["id"]))
        what = _KINDS.get(name)
        text = unicodedata.normalize("NFC", str(message.get("text") or message.get("caption") or ""))
        in_group = chat.get("chat_type") == _GROUP
        if in_group and self._name:
            text = re.sub(rf"@?{re.escape(self._name)}", " ", text, flags=re.IGNORECASE).strip()
        if text:
            inbound = replace(said(address, event, text), payload=what)
        else:
            inbound = other(address, event, what or Other.FILE)
        return replace(inbound, public=in_group)

    def _is_old(self, message: Mapping[str, Any]) -> bool:
        try:
            at = datetime.fromtimestamp(int(message["date"]) / 1_000, UTC)
        except (KeyError, TypeError, ValueError, OverflowError, OSError):
            return False
        return self._clock.now() - at > OLDEST


def webhook_secret(settings: Settings) -> str:
    """What the platform says with each update, so that we know it; made from the token where none is set."""
    token = settings.zalo_bot_token.get_secret_value()
    set_ = settings.zalo_bot_webhook_secret.get_secret_value()
    return set_ or hmac.new(token.encode(), b"webhook", "sha256").hexdigest()


def _whole(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None
