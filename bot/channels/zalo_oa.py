"""The Zalo Official Account: signed events in, messages within Zalo's windows and means out.

There are no edits and no callbacks: a button sends its payload as a hidden text that begins with "#". What may be
sent when, and what it costs, is decided here before anything is tried: free within 48 hours of a person's last
interaction, billed up to seven days, by an approved template after that, else by an officer's telephone.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import structlog
from aiohttp import web

from bot.calendar import LOCAL, at_clock
from bot.channels.base import other, pressed, said, started, utf16_surplus
from bot.channels.telegram import parts
from bot.channels.zalo_codes import ZNS, Means
from bot.channels.zalo_http import ZaloClient, ZaloError
from bot.clock import Chore, Clock
from bot.dialogue.cases import CaseKind, Officer
from bot.dialogue.messages import Address, Delivery, Inbound, Lane, OpenCase, Other, Reply, Scope
from bot.errors import Refused, TryLater
from bot.handlers import casework
from bot.inbox import Inbox, short_id
from bot.knowledge import Library
from bot.privacy import mask
from bot.settings import Settings
from storage import Storage

log = structlog.get_logger()

CHANNEL: Final = "zalo_oa"
WEBHOOK_PATH: Final = "/webhook/zalo-oa"
SIGNATURE: Final = "X-ZEvent-Signature"

MAX_TEXT = 2_000  # UTF-16 units of a message, so that no reading of "characters" is exceeded
MAX_BUTTONS, MAX_TITLE = 5, 100
MAX_EVENT = 1024 * 1024  # bytes
OLDEST = timedelta(hours=24)  # an event older than this is answered by nobody any more
FREE, OPEN = timedelta(hours=48), timedelta(days=7)  # since the last interaction
MARGIN = timedelta(minutes=5)  # clocks differ
CONSULTATION_DONG, TEMPLATE_DONG = 55, 1_000  # at most, each
UPLOAD_LIVES = timedelta(days=6)  # seven by Zalo's word
TEMPLATE_PARAMETERS = frozenset({"ho_ten", "noi_dung", "thoi_gian"})  # what a ZBS template may ask us for
A_DAY = 86_400.0
BULK_PER_SECOND = 20.0  # of the 4,000 calls a minute that an app may make

_KINDS = {
    "image": Other.PICTURE,
    "gif": Other.STICKER,
    "sticker": Other.STICKER,
    "audio": Other.VOICE,
    "video": Other.FILE,
    "file": Other.FILE,
    "location": Other.LOCATION,
    "business_card": Other.CONTACT,
}


class ZaloOaDoor:
    """The way out to the people of an Official Account."""

    scope = Scope(CHANNEL)
    bulk_per_second: float | None = BULK_PER_SECOND

    def __init__(
        self,
        settings: Settings,
        storage: Storage,
        clock: Clock,
        pictures: Callable[[str], Path | None],
        client: ZaloClient | None = None,
    ) -> None:
        self.client = client or ZaloClient(settings, storage, clock)
        self._settings = settings
        self._storage = storage
        self._clock = clock
        self._pictures = pictures
        self._parameters: frozenset[str] | None = None  # of the template, once asked

    async def send(self, delivery: Delivery) -> str | None:
        """Send by the cheapest way that the rules allow; Zalo's id of the last message."""
        try:
            way = await self._way(delivery)
            sent: str | None = await way(delivery)
        except ZaloError as error:
            raise self._sorted(error, delivery) from error
        else:
            return sent

    async def close(self) -> None:
        await self.client.close()

    async def fetch(self, media: str) -> bytes:
        """The picture at that address, which Zalo's own signed event named."""
        return await self.client.download(media)

    def keep_fresh(self) -> Chore:
        """Renews the tokens in time even while nobody writes: a refresh token dies after three months."""
        return Chore("zalo-tokens", timedelta(hours=1), self.client.access)

    # --- what may be sent, and how ------------------------------------------------------------------------------

    async def _way(self, delivery: Delivery) -> Callable[[Delivery], Any]:
        """How this message may go now. Refused if no rule lets it; then an officer calls, where that helps."""
        now = self._clock.now()
        last = await self._storage.last_interaction(delivery.address)
        if last is None and delivery.re:  # an erased person is known no more; what they are answered, they said
            last = delivery.at
        since = now - last if last else OPEN
        if since <= FREE - MARGIN:
            return self._consult
        if delivery.lane is Lane.TIP:
            raise Refused("outside the free window")
        cap = self._settings.zalo_monthly_dong
        if since <= OPEN - MARGIN and await self._storage.spend("consultation", CONSULTATION_DONG, cap, now):
            return self._consult
        if delivery.lane in {Lane.REPLY, Lane.ANSWER}:
            raise Refused("window closed")
        if self._settings.zalo_template and await self._storage.spend("template", TEMPLATE_DONG, cap, now):
            return self._by_template
        raise Refused("window closed")

    async def _consult(self, delivery: Delivery) -> str | None:
        """A consultation message: text in parts, the buttons below the last."""
        reply = delivery.reply
        user = delivery.address.id
        if reply.image:
            await self._picture(user, reply.image)
        *before, last = parts(unicodedata.normalize("NFC", _numbered(reply)), MAX_TEXT - utf16_surplus(reply.text))
        for part in before:
            await self._text(user, part, ())
        return await self._text(user, last, self._buttons(reply))

    async def _text(self, user: str, text: str, buttons: Sequence[dict[str, Any]]) -> str | None:
        message: dict[str, Any] = {"text": text}
        if buttons:
            message["attachment"] = {"type": "template", "payload": {"buttons": list(buttons)}}
        return await self._message(user, message)

    async def _message(self, user: str, message: dict[str, Any]) -> str | None:
        body = {"recipient": {"user_id": user}, "message": message}
        data = await self.client.post("v3.0/oa/message/cs", body)
        return str(data["message_id"]) if isinstance(data, dict) and data.get("message_id") else None

    def _buttons(self, reply: Reply) -> list[dict[str, Any]]:
        """At most five; the others stand numbered in the text."""
        found: list[dict[str, Any]] = [
            {"title": button.label[:MAX_TITLE], "type": "oa.query.hide", "payload": f"#{button.payload}"}
            for button in reply.buttons[:MAX_BUTTONS]
        ]
        site = self._settings.public_url
        if reply.page and site and len(found) < MAX_BUTTONS:
            found.append({"title": "Mở bản để in", "type": "oa.open.url", "payload": {"url": f"{site}{reply.page}"}})
        return found

    async def _picture(self, user: str, name: str) -> None:
        """A picture goes before its words, for buttons are not proven below pictures."""
        file = self._pictures(name)
        if file is None:
            return
        for fresh in (False, True):
            id_ = None if fresh else await self._storage.zalo_upload(name, self._clock.now())
            if id_ is None:
                id_ = await self.client.upload(name, await asyncio.to_thread(file.read_bytes))
                await self._storage.save_zalo_upload(name, id_, self._clock.now() + UPLOAD_LIVES)
            element = {"media_type": "image", "attachment_id": id_}
            media = {"type": "template", "payload": {"template_type": "media", "elements": [element]}}
            try:
                await self._message(user, {"attachment": media})
            except ZaloError as error:
                if error.means is not Means.UPLOAD or fresh:
                    raise
                await self._storage.save_zalo_upload(name, None, self._clock.now())
            else:
                return

    async def _by_template(self, delivery: Delivery) -> str | None:
        """An approved template: by user id, or by the number that was given for being called back."""
        template = self._settings.zalo_template
        data = await self._template_data(delivery)
        try:
            told = await self.client.post(
                "v3.0/oa/message/template",
                {"user_id": delivery.address.id, "template_id": template, "template_data": data},
            )
            return str(told.get("message_id") or "") or None
        except ZaloError as error:
            phone = await self._storage.phone_at(delivery.address)
            if error.means not in {Means.NEVER, Means.GONE, Means.CLOSED} or phone is None:
                raise
        body = {"phone": f"84{phone[1:]}", "template_id": template, "template_data": data}
        tracked = {**body, "tracking_id": f"camtay-{delivery.id}"}
        told = await self.client.post("message/template", tracked, zns=True, codes=ZNS)
        return str(told.get("msg_id") or "") or None

    async def _template_data(self, delivery: Delivery) -> dict[str, str]:
        """The template's parameters. Refused if it wants any that we don't know how to fill."""
        if self._parameters is None:
            told = await self.client.get("template/info/v2", zns=True, template_id=self._settings.zalo_template)
            listed = told.get("listParams") or [] if isinstance(told, dict) else []
            self._parameters = frozenset(str(one.get("name")) for one in listed if isinstance(one, dict))
        first, *rest = [line for line in delivery.reply.text.splitlines() if line.strip()]
        known = {"ho_ten": "bác", "noi_dung": first[:200], "thoi_gian": (rest or [first])[0].lstrip("🗓 ")[:200]}
        if unknown := self._parameters - TEMPLATE_PARAMETERS:
            log.error("zalo template has unknown parameters", names=sorted(unknown))
            raise Refused("template with unknown parameters")
        return {name: known[name] for name in self._parameters}

    # --- errors -------------------------------------------------------------------------------------------------

    def _sorted(self, error: ZaloError, delivery: Delivery) -> Exception:
        """What Zalo's error means for this message."""
        why = str(error)
        match error.means:
            case Means.LATER | Means.TOKEN:
                return TryLater(why)
            case Means.TOMORROW:
                return TryLater(why, after=A_DAY, ours=True)
            case Means.MORNING:
                return TryLater(why, after=self._until_morning(), ours=True)
            case Means.HUMAN:  # a reminder is better told by telephone; an answer waits for the one who mends it
                waits = delivery.lane in {Lane.REPLY, Lane.ANSWER}
                return TryLater(why, after=600.0, ours=True) if waits else Refused(why)
            case Means.UNKNOWN:
                return Refused(why) if delivery.attempts else TryLater(why)
            case _:
                return Refused(why, gone=error.means is Means.GONE)

    def _until_morning(self) -> float:
        now = self._clock.now().astimezone(LOCAL)
        morning = at_clock(now.date() + timedelta(days=now.hour >= 6), "06:00")
        return (morning - now).total_seconds() + 60


def _numbered(reply: Reply) -> str:
    """The text; with more buttons than can be shown, all choices stand numbered below it."""
    if len(reply.buttons) <= MAX_BUTTONS:
        return reply.text
    lines = [f"{n}. {button.label}" for n, button in enumerate(reply.buttons, start=1)]
    return "\n".join([reply.text, "", *lines])


# --- in -------------------------------------------------------------------------------------------------------------


class ZaloOaEvents:
    """Takes signed events in, and answers 200 once each is safe."""

    def __init__(self, inbox: Inbox, storage: Storage, clock: Clock, settings: Settings, library: Library) -> None:
        self._library = library
        self._inbox = inbox
        self._storage = storage
        self._clock = clock
        self._settings = settings

    def routes(self) -> list[web.RouteDef]:
        """Where Zalo pushes to."""
        return [web.post(WEBHOOK_PATH, self.webhook), web.get(WEBHOOK_PATH, self.looked_at)]

    async def looked_at(self, request: web.Request) -> web.Response:
        """Somebody only looks whether the address is there."""
        return web.Response()

    async def webhook(self, request: web.Request) -> web.Response:
        """One event. The console's probe is `{}` without a signature; anything else unsigned is refused."""
        body = await request.clone(client_max_size=MAX_EVENT).read()
        if body.strip() == b"{}":
            return web.Response()
        try:
            event = json.loads(body)
        except (ValueError, RecursionError):
            raise web.HTTPForbidden(text="signature") from None
        if not isinstance(event, dict) or not self._signed(request, body, event):
            log.warning("zalo event refused", reason="signature")
            raise web.HTTPForbidden(text="signature")
        await self.take(event)
        return web.Response()

    def _signed(self, request: web.Request, body: bytes, event: dict[str, Any]) -> bool:
        given = request.headers.getall(SIGNATURE, [])
        timestamp = event.get("timestamp")
        if len(given) != 1 or not isinstance(timestamp, str):
            return False
        mac = given[0].strip().removeprefix("mac").lstrip(" =").lower()
        secret = self._settings.zalo_oa_secret.get_secret_value().encode()
        # Plain SHA-256 over app id, raw body, timestamp and key; some deployments were seen with the OA's id first.
        for first in (self._settings.zalo_app_id, self._settings.zalo_oa_id):
            right = hashlib.sha256(first.encode() + body + timestamp.encode() + secret).hexdigest()
            if hmac.compare_digest(mac.encode("utf-8", "replace"), right.encode()):
                return True
        return False

    async def take(self, event: dict[str, Any]) -> None:
        """Make one event safe, do what it asks, or leave it knowingly. StorageError if it must come again."""
        name = str(event.get("event_name") or "")
        at = self._time(event)
        if self._clock.now() - at > OLDEST:
            log.info("zalo event too old", event_name=name)
            return
        try:
            await self._do(name, event, at)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            log.warning("zalo event not understood", event_name=name, error=type(error).__name__)
            shape = json.dumps(sorted(event), ensure_ascii=False)
            await self._storage.set_aside(CHANNEL, f"{name}:{event.get('timestamp')}", shape, self._clock.now())

    def _time(self, event: dict[str, Any]) -> datetime:
        try:
            at = datetime.fromtimestamp(int(str(event.get("timestamp"))) / 1_000, UTC)
        except (ValueError, OverflowError, OSError):
            return self._clock.now()
        return min(at, self._clock.now())

    async def _do(self, name: str, event: dict[str, Any], at: datetime) -> None:
        if name.startswith("user_send_") and not name.startswith("user_send_group_"):
            await self._accept(self.read(name, event), at)
        elif name in {"follow", "user_click_chatnow"}:
            user = event["follower"]["id"] if name == "follow" else event["user_id"]
            await self._accept(started(Address(CHANNEL, str(user)), f"{name}:{user}:{event['timestamp']}"), at)
        elif name == "user_withdraw":
            await self._storage.erase(Address(CHANNEL, str(event["user_id"])), self._clock.now())
            log.info("zalo person erased on their word")
        elif name in {"user_received_message", "user_seen_message"}:
            message = event["message"]
            ids = [str(one) for one in message.get("msg_ids") or [message["msg_id"]]]
            await self._storage.receipt(ids, self._clock.now(), seen=name == "user_seen_message")
        elif name == "permission_revoked":
            await self._storage.zalo_consent_needed(self._settings.zalo_app_id, self._clock.now())
            log.error("zalo consent was taken back", hint="python -m bot zalo login")
        elif name.startswith("oa_send_") and (event.get("sender") or {}).get("admin_id"):
            await self._human_spoke(event)
        else:  # tags, calls, widgets, groups, visitors without a name, echoes of our own …
            log.info("zalo event left alone", event_name=name)

    async def _human_spoke(self, event: dict[str, Any]) -> None:
        """Somebody answered from the OA's own console: the bot leaves that person to them for a while."""
        knowledge, now = self._library.knowledge, self._clock.now()
        words = str(event["message"].get("text") or "") or knowledge.say("oa_console_other")
        case = OpenCase(
            code=short_id(),
            kind=CaseKind.QUESTION,
            words=knowledge.say("oa_console"),
            due=casework.due(knowledge, now),
        )
        officer = Officer(id=f"zalo:{event['sender']['admin_id']}", name=knowledge.say("oa_console_officer"))
        address = Address(CHANNEL, str(event["recipient"]["id"]))
        until = casework.until(knowledge, now)
        await self._storage.answered_elsewhere(address, mask(words), officer, case, until, now)

    async def _accept(self, inbound: Inbound, at: datetime) -> None:
        # In this order, and in one commit: the answer may leave as soon as the message is known.
        await asyncio.gather(self._inbox.accept(inbound), self._storage.interacted(inbound.address, at))

    def read(self, name: str, event: dict[str, Any]) -> Inbound:
        """What a person sent."""
        address = Address(CHANNEL, str(event["sender"]["id"]))
        message = event["message"]
        event_id = str(message["msg_id"])
        text = unicodedata.normalize("NFC", str(message.get("text") or ""))
        what = _KINDS.get(name.removeprefix("user_send_"))
        if text.startswith("#") and what is None:
            return pressed(address, event_id, text[1:].strip())
        media = _picture_of(message) if what is Other.PICTURE else None
        if text:
            return replace(said(address, event_id, text), payload=what, media=media)
        return other(address, event_id, what or Other.FILE, media)


def _picture_of(message: dict[str, Any]) -> str | None:
    """Where Zalo keeps the picture of a message, if it tells."""
    for one in message.get("attachments") or []:
        url = one.get("payload", {}).get("url") if isinstance(one, dict) else None
        if isinstance(url, str) and url.startswith(("https://", "http://")):
            return url
    return None
