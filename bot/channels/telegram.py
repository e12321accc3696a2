"""The Telegram door: what the platform sends → our words, and our replies → messages, edits and pictures.

Of python-telegram-bot we use the Bot, its types and its errors. Its queues and its updater confirm an update before
the work is safe, so taking in is ours (`TelegramUpdates`): an update is confirmed once it is on disk.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import re
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import structlog
from aiohttp import web
from telegram import (
    Bot,
    BotCommand,
    Chat,
    ChatMember,
    ChatMemberUpdated,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    Update,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.channels.base import downloaded, other, pressed, said, started
from bot.channels.telegram_http import AiohttpRequest, NeverLeft
from bot.clock import Clock
from bot.dialogue.messages import Address, Attachment, Button, Delivery, Inbound, Lane, Other, Reply, Scope
from bot.dialogue.payloads import PUBLIC, Verb, decode, encode
from bot.errors import ChannelError, Refused, StorageError, TryLater, Unclear
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.inbox import Inbox
    from bot.knowledge import Knowledge, Library
    from storage import Storage

os.environ.setdefault("PTB_TIMEDELTA", "true")  # the way the library will go; without it each 429 warns
log = structlog.get_logger()

CHANNEL: Final = "telegram"
SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
WEBHOOK_PATH: Final = "/webhook/telegram"
ALLOWED_UPDATES: Final = ("message", "edited_message", "callback_query", "my_chat_member")

# core.telegram.org/bots/api; the rates are guidance of core.telegram.org/bots/faq
MAX_TEXT = 4096  # characters of a message
MAX_CAPTION = 1024  # … of the words under a picture
MAX_UPDATE = 1024 * 1024  # bytes; the longest update seen has some 50,000
BULK_PER_SECOND = 25.0  # of the 30 a second that are free; the rest is for replies
PAIRED = 16  # letters; two buttons as short as this stand side by side

LONG_POLL = 50  # seconds that getUpdates waits for something to come
FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0  # seconds until Telegram is asked again after an error
TOKEN_WAIT = 60.0  # … after it refused our token: somebody must mend that

# What the menu of commands offers: command -> what it asks for, and where its description stands in phrases.yaml.
COMMANDS: Final[Mapping[str, tuple[Verb, str, str]]] = {
    "menu": (Verb.MENU, "page", "chat_menu"),
    "danhsach": (Verb.LIST, "page", "chat_list"),
    "lamtiep": (Verb.WALKS, "buttons", "walks"),
    "toiodau": (Verb.WHERE, "page", "chat_where"),
    "canbo": (Verb.HUMAN, "page", "chat_human"),
    "dulieu": (Verb.MY_DATA, "page", "chat_my_data"),
    "xoa": (Verb.ERASE, "buttons", "erase"),
    "dung": (Verb.STOP, "buttons", "pause"),
    "trogiup": (Verb.HELP, "page", "chat_help"),
}
_COMMAND = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,32})(?:@(?P<bot>\w+))?(?:\s+(?P<rest>.*))?", re.DOTALL)
_KEY = re.compile(r"[a-z_]{1,40}")

_OTHERS: Final = {
    "photo": Other.PICTURE,
    "location": Other.LOCATION,
    "venue": Other.LOCATION,
    "voice": Other.VOICE,
    "video_note": Other.VOICE,
    "audio": Other.VOICE,
    "sticker": Other.STICKER,
    "animation": Other.STICKER,
    "dice": Other.STICKER,
    "contact": Other.CONTACT,
    "document": Other.FILE,
    "video": Other.FILE,
}


class TelegramDoor:
    """The way out to Telegram's chats."""

    scope = Scope(CHANNEL)
    bulk_per_second: float | None = BULK_PER_SECOND

    def __init__(self, settings: Settings, pictures: Callable[[str], Path | None]) -> None:
        token, root = settings.telegram_token.get_secret_value(), settings.telegram_api_url
        self.request = AiohttpRequest()
        self.bot = Bot(
            token, f"{root}/bot", f"{root}/file/bot", request=self.request, get_updates_request=self.request
        )
        self.id = int(token.partition(":")[0])
        self.username = ""  # until Telegram has told us
        self._public_url = settings.public_url
        self._pictures = pictures
        self._uploaded: dict[str, str] = {}  # picture -> Telegram's id of it, so that it travels once

    async def send(self, delivery: Delivery) -> str | None:
        """Send or edit. Telegram's id of the (last) message."""
        try:
            return str(await self._send(delivery))
        except TelegramError as error:
            raise sorted_error(error) from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Unclear(f"answer not understood: {type(error).__name__}") from error

    async def close(self) -> None:
        await self.request.shutdown()

    async def fetch(self, media: str) -> bytes:
        """The picture with that file id."""
        try:
            file = await self.bot.get_file(media)
        except TelegramError as error:
            raise sorted_error(error) from error
        return await downloaded(await self.request.session(), str(file.file_path))

    async def _send(self, delivery: Delivery) -> int:
        reply, chat = delivery.reply, int(delivery.address.id)
        keyboard = self._keyboard(reply, public=chat < 0)
        if delivery.takes_back and delivery.edits and await self._deleted(chat, int(delivery.edits)):
            return int(delivery.edits)
        # Who typed looks at the bottom of the chat: there the new state belongs, not into a message further up.
        in_place = was_press(delivery.re) or delivery.lane is Lane.TIP
        if delivery.edits and in_place and len(reply.text) <= MAX_TEXT:
            edited = await self._edit(chat, int(delivery.edits), reply.text, keyboard)
            if edited:
                return edited
        *before, last = parts(reply.text, MAX_TEXT)
        picture = self._pictures(reply.image) if reply.image else None
        if picture and reply.image:
            if not before and len(last) <= MAX_CAPTION:
                return await self._picture(chat, reply.image, picture, last, keyboard)
            await self._picture(chat, reply.image, picture, None, None)
        for part in before:
            await self._text(chat, part, None)
        if reply.file and len(last) <= MAX_CAPTION:
            return await self._file(chat, reply.file, last, keyboard)
        if reply.file:
            await self._file(chat, reply.file, None, None)
        return await self._text(chat, last, keyboard)

    async def _text(self, chat: int, text: str, keyboard: InlineKeyboardMarkup | None) -> int:
        """Plain text, which needs no escaping, whatever is in it."""
        sent = await self.bot.send_message(
            chat, text, reply_markup=keyboard, link_preview_options=LinkPreviewOptions(is_disabled=True)
        )
        return sent.message_id

    async def _picture(
        self, chat: int, name: str, file: Path, caption: str | None, keyboard: InlineKeyboardMarkup | None
    ) -> int:
        known = self._uploaded.get(name)
        photo = known if known else await asyncio.to_thread(file.read_bytes)
        sent = await self.bot.send_photo(chat, photo, caption=caption, reply_markup=keyboard, filename=file.name)
        if not known and sent.photo:
            self._uploaded[name] = sent.photo[-1].file_id
        return sent.message_id

    async def _file(
        self, chat: int, file: Attachment, caption: str | None, keyboard: InlineKeyboardMarkup | None
    ) -> int:
        sent = await self.bot.send_document(
            chat, file.text.encode(), caption=caption, reply_markup=keyboard, filename=file.name
        )
        return sent.message_id

    async def _edit(self, chat: int, message: int, text: str, keyboard: InlineKeyboardMarkup | None) -> int | None:
        """The id of the edited message; None if it can't be edited any more, so that a new one must do."""
        try:
            await self.bot.edit_message_text(text, chat, message, reply_markup=keyboard)
        except BadRequest as error:
            why = str(error).lower()
            if "not modified" in why:  # pressed twice
                return message
            if "message" in why and ("not found" in why or "can't be edited" in why or "no text" in why):
                return None
            raise
        return message

    async def _deleted(self, chat: int, message: int) -> bool:
        """Take a message away; False if that is no longer possible, so that words must do."""
        try:
            await self.bot.delete_message(chat, message)
        except BadRequest as error:
            if "not found" in str(error).lower():  # they deleted it themselves
                return True
            if "can't be deleted" in str(error).lower():
                return False
            raise
        return True

    def _keyboard(self, reply: Reply, *, public: bool) -> InlineKeyboardMarkup | None:
        rows: list[list[InlineKeyboardButton]] = []
        for button in reply.buttons:
            shown = self._deep_link(button) if public else None
            shown = shown or InlineKeyboardButton(button.label, callback_data=button.payload)
            beside = rows and len(rows[-1]) == 1 and max(len(rows[-1][0].text), len(button.label)) <= PAIRED
            if beside:
                rows[-1].append(shown)
            else:
                rows.append([shown])
        return InlineKeyboardMarkup(rows) if rows else None

    def _deep_link(self, button: Button) -> InlineKeyboardButton | None:
        """In a group, what is personal leads into the private chat."""
        action = decode(button.payload)
        if action is None or action.verb in PUBLIC or not self.username:
            return None
        topic = action.args[0] if action.verb is Verb.BEGIN else ""
        return InlineKeyboardButton(button.label, url=deep_link(self.username, topic))


def deep_link(username: str, topic: str = "") -> str:
    """The address that opens the private chat, at a procedure if one is named."""
    return f"https://t.me/{username}?{urlencode({'start': topic or 'menu'})}"


def parts(text: str, limit: int) -> list[str]:
    """The text in pieces of at most `limit` characters, cut at the end of a paragraph, else a line, else a word."""
    found = []
    while len(text) > limit:
        cuts = (text.rfind(mark, limit // 3, limit) for mark in ("\n\n", "\n", " "))
        cut = next((place for place in cuts if place > 0), limit)
        found.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*found, text]


def sorted_error(error: TelegramError) -> ChannelError:
    """What Telegram's error means for the message. BadRequest and TimedOut are NetworkErrors too: they come first."""
    why = type(error).__name__
    match error:
        case RetryAfter():
            return TryLater("429", after=_seconds(error))
        case Forbidden():  # blocked, deactivated, never started, thrown out of the group
            return Refused(why, gone=True)
        case BadRequest():
            gone = any(words in str(error).lower() for words in ("chat not found", "user is deactivated"))
            return Refused(f"400 {str(error)[:80]}", gone=gone)
        case ChatMigrated():
            return Refused("the group has another id now", gone=True)
        case InvalidToken():
            log.error("telegram refuses the token", hint="python -m bot doctor")
            return TryLater(why)
        case NeverLeft() | Conflict():
            return TryLater(why)
        case TimedOut():
            return Unclear(why)
        case NetworkError() if "too many requests" in str(error).lower():  # without saying for how long
            return TryLater("429", after=0.0)
        case NetworkError() if "413" in str(error) or "too large" in str(error).lower():
            return Refused("413")
        case NetworkError() if re.search(r"\b5\d\d\b|server error|bad gateway|unavailable", str(error).lower()):
            return TryLater("5xx")
        case _:  # cut off in the middle: it may have arrived
            return Unclear(why)


def _seconds(error: RetryAfter) -> float:
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


# --- in -------------------------------------------------------------------------------------------------------

_PRESS = "press"


def was_press(event: str | None) -> bool:
    """True if that event of ours was a button."""
    return event is not None and event.endswith(f":{_PRESS}")


class TelegramUpdates:
    """Takes updates in, polled or pushed, and confirms each once it is safe."""

    def __init__(
        self, door: TelegramDoor, inbox: Inbox, storage: Storage, clock: Clock, library: Library, settings: Settings
    ) -> None:
        self._door = door
        self._inbox = inbox
        self._storage = storage
        self._clock = clock
        self._library = library
        self._polls = settings.telegram_mode == "polling"
        self._secret = webhook_secret(settings)
        self._url = f"{settings.public_url}{WEBHOOK_PATH}"
        self._tasks: set[asyncio.Task[None]] = set()

    # --- pushed ---------------------------------------------------------------------------------------------------

    def routes(self) -> list[web.RouteDef]:
        return [] if self._polls else [web.post(WEBHOOK_PATH, self.webhook)]

    async def webhook(self, request: web.Request) -> web.Response:
        """One update. Whoever does not know the secret is refused before their body is read; an error of ours (5xx)
        lets Telegram try again; what can't be read is kept aside, for an error would hold back the whole chat."""
        given = request.headers.getall(SECRET_HEADER, [])
        known = len(given) == 1 and hmac.compare_digest(given[0].encode("utf-8", "replace"), self._secret.encode())
        if not known:
            raise web.HTTPForbidden(text="secret")
        body = await request.clone(client_max_size=MAX_UPDATE).read()
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            update = body.decode("utf-8", "replace")
        await self.take(update)
        return web.Response()

    # --- polled ---------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Introduce ourselves, then poll for ever (or nothing more, if updates are pushed)."""
        wait = FIRST_WAIT
        while True:
            try:
                await self._introduce()
                break
            except TelegramError as error:
                log.error("telegram not ready", error=type(error).__name__, hint="python -m bot doctor")
                await asyncio.sleep(TOKEN_WAIT if isinstance(error, InvalidToken) else wait)
                wait = min(wait * 2, LONGEST_WAIT)
        if self._polls:
            await self._poll()

    async def _poll(self) -> None:
        offset, wait = 0, FIRST_WAIT
        while True:
            try:
                updates = await self._get_updates(offset)
                wait = FIRST_WAIT
                # Side by side they share a commit; the order of acceptance is the order in which they begin.
                taken = await asyncio.gather(*(self.take(update) for update in updates), return_exceptions=True)
                for update, failure in zip(updates, taken, strict=True):
                    if failure:
                        raise failure
                    offset = update["update_id"] + 1  # confirmed by the next request, so not before it is safe
            except (TelegramError, StorageError) as error:
                log.warning("telegram polling failed", error=type(error).__name__)
                pause = _seconds(error) if isinstance(error, RetryAfter) else wait
                await asyncio.sleep(min(pause, LONGEST_WAIT))
                wait = min(wait * 2, LONGEST_WAIT)

    async def _get_updates(self, offset: int) -> list[dict[str, Any]]:
        """As JSON: one update that python-telegram-bot can't read must not hide the others."""
        query = {"offset": offset, "timeout": LONG_POLL, "allowed_updates": json.dumps(ALLOWED_UPDATES)}
        url = f"{self._door.bot.base_url}/getUpdates?{urlencode(query)}"
        found = await self._door.request.post(url, read_timeout=LONG_POLL + 10.0)
        if not isinstance(found, list):
            raise NetworkError("no list of updates")
        return [update for update in found if isinstance(update, dict) and isinstance(update.get("update_id"), int)]

    # --- either way -----------------------------------------------------------------------------------------------

    async def take(self, update: object) -> None:
        """Make one update safe. StorageError if that was not possible: then it must come again."""
        try:
            read = Update.de_json(update, None)  # type: ignore[arg-type]  # whatever it is not, it says so
            inbound = self.read(read)
        except Exception as error:  # anything at all may stand in it
            log.warning("update not understood", error=type(error).__name__)
            await self._keep_aside(update)
            return
        if read.callback_query:
            self._at_once(self._stop_spinner(read.callback_query.id))
        if inbound:
            await self._inbox.accept(inbound)
        elif read.my_chat_member and _has_blocked_us(read.my_chat_member):
            await self._storage.unreachable(_address(read.my_chat_member.chat), self._clock.now())

    def read(self, update: Update) -> Inbound | None:
        """What the update says; None if it says nothing to us."""
        if query := update.callback_query:
            if query.message is None or query.data is None:
                return None
            chat = query.message.chat
            event = f"{self._door.id}:{update.update_id}:{_PRESS}"
            return _marked(pressed(_address(chat), event, query.data), public=_is_group(chat))
        message = update.message or update.edited_message
        if message is None or (message.from_user and message.from_user.is_bot and not _is_group(message.chat)):
            return None
        if _is_group(message.chat) and not self._is_addressed(message):
            return None
        event = f"{self._door.id}:{update.update_id}:said"
        return _marked(self._read_message(message, event), public=_is_group(message.chat))

    def _read_message(self, message: Message, event: str) -> Inbound | None:
        address = _address(message.chat)
        if message.text is not None:
            return self._read_text(address, event, self._without_mention(message.text))
        what = next((sort for name, sort in _OTHERS.items() if getattr(message, name, None)), None)
        media = message.photo[-1].file_id if message.photo else None  # the largest of its sizes
        if message.document and (message.document.mime_type or "").startswith("image/"):
            what, media = Other.PICTURE, message.document.file_id
        if message.caption:
            return _marked(said(address, event, self._without_mention(message.caption)), payload=what, media=media)
        return other(address, event, what, media) if what else None

    def _read_text(self, address: Address, event: str, text: str) -> Inbound | None:
        command = _COMMAND.fullmatch(text.strip())
        if not command:
            return said(address, event, text)
        if command["bot"] and command["bot"].lower() != self._door.username.lower():
            return None  # another bot's
        name, rest = command["name"].lower(), command["rest"] or ""
        if name == "start":
            return started(address, event, rest)
        if name in COMMANDS:
            return pressed(address, event, encode(COMMANDS[name][0]))
        return said(address, event, f"{name} {rest}".strip())

    def _is_addressed(self, message: Message) -> bool:
        """In a group: by our name, as an answer to us, or by a command."""
        answered = message.reply_to_message
        if answered and answered.from_user and answered.from_user.id == self._door.id:
            return True
        text = message.text or message.caption or ""
        command = _COMMAND.fullmatch(text.strip())
        if command:
            return command["bot"] is not None or command["name"].lower() in {*COMMANDS, "start"}
        return bool(self._door.username) and f"@{self._door.username}".lower() in text.lower()

    def _without_mention(self, text: str) -> str:
        if not self._door.username or text.startswith("/"):
            return text
        return re.sub(rf"@{re.escape(self._door.username)}\b", " ", text, flags=re.IGNORECASE).strip()

    async def _keep_aside(self, update: object) -> None:
        body = json.dumps(redacted(update), ensure_ascii=False)[:10_000]
        known = update.get("update_id") if isinstance(update, dict) else None
        mark = (
            known if isinstance(known, int) else hashlib.sha256(repr(update).encode("utf-8", "replace")).hexdigest()
        )
        await self._storage.set_aside(CHANNEL, f"{self._door.id}:{mark}:aside", body, self._clock.now())

    def _at_once(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _stop_spinner(self, query_id: str) -> None:
        """The app shows that something happens until the press is answered; too late is no harm."""
        try:
            await self._door.bot.answer_callback_query(query_id)
        except TelegramError as error:
            log.info("press not answered", error=type(error).__name__)

    # --- who we are -----------------------------------------------------------------------------------------------

    async def _introduce(self) -> None:
        """Tell Telegram our name, our commands and how we take updates in; only what has changed, for it counts."""
        bot, knowledge = self._door.bot, self._library.knowledge
        me = await bot.get_me()
        self._door.username = me.username or ""
        if self._polls:
            await bot.delete_webhook()  # what waits for us stays
        else:
            await bot.set_webhook(
                self._url, allowed_updates=ALLOWED_UPDATES, max_connections=100, secret_token=self._secret
            )
        try:
            for known, wanted, tell in _profile(bot, knowledge):
                if await known() != wanted:
                    await tell(wanted)
        except (RetryAfter, BadRequest) as error:  # a name may be changed a few times a day only
            log.warning("telegram profile not set", error=type(error).__name__)


def _profile(bot: Bot, knowledge: Knowledge) -> Iterator[tuple[Callable[[], Any], Any, Callable[[Any], Any]]]:
    """How to ask Telegram what it shows of us, what it should be, and how to tell it."""
    page, commune = knowledge.content.phrases.page, knowledge.content.locality.name

    async def commands() -> Sequence[BotCommand]:
        return tuple(await bot.get_my_commands())

    async def name() -> str:
        return (await bot.get_my_name()).name

    async def description() -> str:
        return (await bot.get_my_description()).description

    async def short() -> str:
        return (await bot.get_my_short_description()).short_description

    yield commands, command_menu(knowledge), bot.set_my_commands
    yield name, f"{page['chat_name']} – {commune}"[:64], bot.set_my_name
    yield description, page["chat_description"][:512], bot.set_my_description
    yield short, f"{page['chat_title']}, {commune}"[:120], bot.set_my_short_description


def command_menu(knowledge: Knowledge) -> tuple[BotCommand, ...]:
    """The commands as the app lists them, described in content's words."""
    phrases = knowledge.content.phrases
    return tuple(
        BotCommand(command, phrases.page[key] if where == "page" else phrases.buttons[key].label)
        for command, (_, where, key) in COMMANDS.items()
    )


def webhook_secret(settings: Settings) -> str:
    """What Telegram says with each update, so that we know it; made from the token where none is set."""
    token = settings.telegram_token.get_secret_value()
    return (
        settings.telegram_webhook_secret.get_secret_value()
        or hmac.new(token.encode(), b"webhook", "sha256").hexdigest()
    )


def redacted(value: object, depth: int = 12) -> object:
    """The shape of a JSON value without a word of what it says: for finding out why it could not be read."""
    if depth == 0:
        return "…"
    match value:
        case dict():
            return {
                key if isinstance(key, str) and _KEY.fullmatch(key) else "?": redacted(part, depth - 1)
                for key, part in list(value.items())[:50]
            }
        case list():
            return [redacted(part, depth - 1) for part in value[:20]]
        case str():
            return f"<{len(value)} characters>"
        case bool() | None:
            return value
        case _:
            return f"<{type(value).__name__}>"


def _marked(
    inbound: Inbound | None, *, public: bool = False, payload: str | None = None, media: str | None = None
) -> Inbound | None:
    if inbound is None:
        return None
    return replace(
        inbound,
        public=public or inbound.public,
        payload=payload or inbound.payload,
        media=media or inbound.media,
    )


def _address(chat: Chat) -> Address:
    return Address(CHANNEL, str(chat.id))


def _is_group(chat: Chat) -> bool:
    return chat.type in {Chat.GROUP, Chat.SUPERGROUP}


def _has_blocked_us(change: ChatMemberUpdated) -> bool:
    return change.new_chat_member.status in {ChatMember.BANNED, ChatMember.LEFT}
