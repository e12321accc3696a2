"""A Zalo platform on loopback (OAuth, OpenAPI, templates by phone) that refuses what the real one refuses.

Written after what is known of the Official Account API in November 2026. Where sources disagree there is a switch,
whose default is the stricter reading. A test plays the citizens with `say`, `press`, `follow` …, looks at `heard`,
moves the clock, and throws spanners with `faults`; `illegal` are the calls that a careful client would not have made.
`python -m tests.support.zalo PORT [WEBHOOK]` runs it alone, for the bench.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
import secrets
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from tests.support.zalo_codes import OA_CODES, ZNS_CODES
from tests.support.zalo_faults import Call, Fault, Refusal, as_strings, cut, next_fault, spoil
from tests.support.zalo_push import Pusher, packed

APP_ID = "1111222233334444555"
OA_ID = "2222333344445555666"
APP_SECRET = "local-app-secret"
OA_SECRET = "local-oa-secret-key"
ADMIN = "5555666677778888999"  # an officer at the OA's own console
BA = "3333444455556666777"  # a citizen

VN = timedelta(hours=7)
FREE, OPEN = timedelta(hours=48), timedelta(days=7)  # since the last interaction: free, and at all
CODE_LIVES, ACCESS_LIVES, REFRESH_LIVES = timedelta(minutes=10), timedelta(seconds=90_000), timedelta(days=90)
UPLOAD_LIVES = timedelta(days=7)
UPLOADS_A_MONTH = 5_000
MB = 1024 * 1024
MAX_TEXT, MAX_BUTTONS, MAX_TITLE, MAX_PAYLOAD, MAX_SMS = 2_000, 5, 100, 1_000, 160
CONSULTATION_PRICE = 55  # đồng, outside the free hours and the package
REACTIONS = {"/-strong", "/-heart", "/-remove", ":>", "--b", ":-((", ":-h", ":o"}
GONE = {-213, -217, -227, -244}  # what is said of people that can't be reached


@dataclass
class Citizen:
    """A person on Zalo, as the platform knows them."""

    id: str
    name: str = "Người dùng A"
    follows: bool = False
    last: datetime | None = None  # the last interaction
    used: int = 0  # free answers since then
    gone: int = 0  # the code that sends to them get (-213 …); 0 while they can be reached
    told: bool = False  # we said so since they last wrote
    phone: str = ""
    tags: set[str] = field(default_factory=set)
    chat: list[dict[str, Any]] = field(default_factory=list)

    @property
    def by_app(self) -> str:
        return str(int(self.id) ^ 0x5A5A5A5A5A)


@dataclass
class Upload:
    """A picture or file that was handed in for sending."""

    kind: str
    content: bytes
    until: datetime


@dataclass
class Template:
    """A ZBS template. `params`: name → longest value; all of them are required."""

    id: str = "300001"
    name: str = "Kết quả hồ sơ"
    params: Mapping[str, int] = field(default_factory=lambda: {"ho_ten": 30, "ma_ho_so": 30})
    text: str = "Hồ sơ {ma_ho_so} của {ho_ten} đã có kết quả."
    status: str = "ENABLE"
    by_user: bool = True
    by_night: bool = True
    price_phone: int = 800  # đồng
    price_user: int = 560


@dataclass(frozen=True)
class Charge:
    """Money that a send cost."""

    at: datetime
    what: str
    dong: int


@dataclass
class LocalZalo:
    """The platform, one Official Account on it, its citizens and their chats."""

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    latency: float = 0.0
    keep_calls: bool = True
    photos: dict[str, bytes] = field(default_factory=dict)  # what people have sent, by the name in its address
    forgetful: bool = False  # chats are not kept, as a bench need not look at them
    two_servers: bool = False  # every answer has two `Server` headers
    # what the platform may do one way or the other
    free_answers: int | None = None  # within 48 hours; None: as many as one likes
    night_closed: bool = False  # consultation, too, is refused from 22:00 to 06:00 (-234)
    need_proof: bool = False  # calls must carry appsecret_proof
    console_challenge: str = ""  # the code challenge that the console keeps; "": each request brings its own, or none
    buttons_with_media: bool = False
    lists: bool = False
    echoes: bool = True  # what was sent comes back as oa_send_* events
    receipts: bool = True  # … and as user_received_message and user_seen_message
    too_long: int = -210  # or -201
    closed: int = -230  # or -232
    used_refresh: int = -14014
    replaced: int = -220  # for an access token whose successor was fetched; or -216
    retired: int = -235  # for transaction and promotion messages; or 404
    redirects: frozenset[str] = frozenset()  # registered; empty: any
    # quotas and money
    rate: int | None = 4_000  # calls a minute, of the machine's own time
    package: int = 500  # consultation messages a month beyond the free hours
    wallet: int = 1_000_000  # đồng
    daily_zns: int = 500
    templates: dict[str, Template] = field(default_factory=lambda: {"300001": Template()})
    app_admins: frozenset[str] = frozenset({"84900000001"})  # who may get templates in development mode
    no_zalo: set[str] = field(default_factory=set)  # phones without an account
    # what happened
    people: dict[str, Citizen] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    illegal: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    bill: list[Charge] = field(default_factory=list)
    uploads: dict[str, Upload] = field(default_factory=dict)
    phone_messages: list[dict[str, Any]] = field(default_factory=list)
    anonymous: list[dict[str, Any]] = field(default_factory=list)  # what visitors without a name were sent
    profile: dict[str, Any] = field(default_factory=dict)  # overrides of getoa
    switched_off: set[str] = field(default_factory=set)  # events that nobody switched on in the console

    def __post_init__(self) -> None:
        self.pusher = Pusher(APP_ID, OA_ID, OA_SECRET, APP_SECRET)
        self.root = ""
        self._ahead = timedelta()
        self._ids = count(0x96D3CDF3AF15)
        self._codes: dict[str, tuple[datetime, str]] = {}  # code → until when, challenge
        self._access: dict[str, datetime] = {}  # the one that is good → until when
        self._old_access: set[str] = set()
        self._refresh: dict[str, datetime] = {}
        self._recent: deque[float] = deque()
        self._counted: dict[str, int] = {}  # of a month or a day
        self._runner: web.AppRunner | None = None

    # --- the server -----------------------------------------------------------------------------------------------

    async def start(self, port: int = 0, more: Sequence[web.RouteDef] = ()) -> str:
        """Listen, on `more` routes too; the root, under which `api_url`, `oauth_url` and `zns_url` lie."""
        server = web.Application(client_max_size=50 * MB)
        server.add_routes([*self.routes(), *more])
        self._runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        bound: Any = self._runner.addresses[0]
        self.root = f"http://127.0.0.1:{bound[1]}"
        return self.root

    def routes(self) -> list[web.RouteDef]:
        """The platform's three hosts as three paths."""
        return [
            web.get("/oauth/v4/oa/permission", self._permission),
            web.post("/oauth/v4/oa/access_token", self._token),
            web.route("*", "/openapi/{path:.*}", self._call),
            web.route("*", "/business/{path:.*}", self._call),
            web.get("/photo/{name}", self._photo),
        ]

    async def _photo(self, request: web.Request) -> web.Response:
        """Where Zalo keeps what people sent; anyone who knows the address may have it."""
        if request.match_info["name"] not in self.photos:
            raise web.HTTPNotFound
        return web.Response(body=self.photos[request.match_info["name"]])

    def sends_photo(self, picture: bytes, user: str = BA) -> str:
        """That person sends a picture."""
        name = f"{secrets.token_hex(8)}.jpg"
        self.photos[name] = picture
        return self.sends(user, "image", attachment("image", url=f"{self.root}/photo/{name}"))

    async def stop(self) -> None:
        await self.pusher.stop()
        if self._runner:
            await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        """For CAMTAY_ZALO_API_URL."""
        return f"{self.root}/openapi"

    @property
    def oauth_url(self) -> str:
        """For CAMTAY_ZALO_OAUTH_URL."""
        return f"{self.root}/oauth"

    @property
    def zns_url(self) -> str:
        """For CAMTAY_ZALO_ZNS_URL."""
        return f"{self.root}/business"

    def now(self) -> datetime:
        return self.clock() + self._ahead

    def advance(self, by: timedelta) -> None:
        """Time passes, here only."""
        self._ahead += by

    async def _call(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        phone = request.path.startswith("/business/")
        codes = ZNS_CODES if phone else OA_CODES
        call = Call(path, at=self.now())
        if self.keep_calls:
            self.calls.append(call)
        if self.latency:
            await asyncio.sleep(self.latency)
        fault: Fault | None = None
        try:
            self._check_token(request, phone=phone)
            call.given = given = await _arguments(request)
            call.user = str((given.get("recipient") or given).get("user_id") or given.get("phone") or "")
            fault = next_fault(self.faults, path, call.user)
            early = await spoil(fault, request)
            if early is not None:
                return early
            if not path.startswith(("v3.0/oa/message/template", "message/")):
                self._count_rate()
            do = (PHONE_CALLS if phone else OA_CALLS).get((request.method, path))
            if do is None:
                raise Refusal(404, "You are accessing an empty or invalid API", status=404)
            told = {"data": do(self, given), "error": 0, "message": "Success"}
            call.error = 0
        except Refusal as no:
            call.error = no.code
            if no.avoidable:
                self.illegal.append(call)
            told = {"error": no.code, "message": no.message or codes.get(no.code, "")}
            return self._answer(told, no.status)
        return await self._told(told, fault, request)

    async def _told(self, told: dict[str, Any], fault: Fault | None, request: web.Request) -> web.StreamResponse:
        """The answer to something that was done, spoiled if need be."""
        match fault.kind if fault else "":
            case "lost":
                return cut(request)
            case "slow":
                assert fault
                await asyncio.sleep(fault.seconds)
            case "numbers" if "data" in told:
                told["data"] = as_strings(told["data"])
            case "misspelt" if "expires_in" in told:
                told["expire_in"] = int(told.pop("expires_in"))
            case "no-quota":
                told["data"].pop("quota", None)
        return self._answer(told, two_servers=bool(fault and fault.kind == "two-servers"))

    def _answer(self, told: object, status: int = 200, *, two_servers: bool = False) -> web.Response:
        answer = web.json_response(told, status=status, dumps=lambda it: json.dumps(it, ensure_ascii=False))
        if self.rate is not None:
            answer.headers["X-RateLimit-Limit"] = str(self.rate)
            answer.headers["X-RateLimit-Remain"] = str(max(0, self.rate - len(self._recent)))
        if two_servers or self.two_servers:
            answer.headers.add("Server", "ZGateway")
            answer.headers.add("Server", "nginx")
        return answer

    def _count_rate(self) -> None:
        now = time.monotonic()
        while self._recent and now - self._recent[0] >= 60:
            self._recent.popleft()
        if self.rate is not None and len(self._recent) >= self.rate:
            raise Refusal(-32, "Your application reached limit call api")
        self._recent.append(now)

    def _check_token(self, request: web.Request, *, phone: bool) -> None:
        token = request.headers.get("access_token", "")
        if token in self._old_access:
            # Whoever had it in hand when another process fetched its successor could not know.
            raise Refusal(-124 if phone else self.replaced, avoidable=False)
        if token not in self._access:
            raise Refusal(-124 if phone else -216)
        if self.now() >= self._access[token]:
            raise Refusal(-124 if phone else -220)
        proof = hmac.new(APP_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
        if self.need_proof and request.headers.get("appsecret_proof") != proof:
            raise Refusal(-1241 if phone else -242)

    # --- OAuth v4 -------------------------------------------------------------------------------------------------

    async def _permission(self, request: web.Request) -> web.StreamResponse:
        """The page where the OA's admin consents; here they always do."""
        asked = request.query
        try:
            if asked.get("app_id") != APP_ID:
                raise _oauth(-14002, "Invalid appId", "App is not active but user is not admin")
            code = self.consent(asked.get("code_challenge", ""), redirect_uri=asked.get("redirect_uri", ""))
        except Refusal as no:
            return self._answer(_oauth_error(no))
        back = {"code": code, "oa_id": OA_ID, **({"state": asked["state"]} if "state" in asked else {})}
        raise web.HTTPFound(f"{asked['redirect_uri']}?{urlencode(back)}")

    def consent(self, challenge: str = "", *, redirect_uri: str = "https://hoi.example.vn/zalo") -> str:
        """The OA's admin says yes: the code, good once and for 10 minutes."""
        if urlsplit(redirect_uri).scheme not in {"http", "https"}:
            raise _oauth(-14003, "Invalid redirect uri")
        if self.redirects and redirect_uri not in self.redirects:
            raise _oauth(-14003, "Invalid redirect uri")
        code = secrets.token_urlsafe(24)
        self._codes[code] = (self.now() + CODE_LIVES, self.console_challenge or challenge)
        return code

    def revoke(self) -> None:
        """The OA's admin takes the consent back (or changed the callback address, which does the same)."""
        self._old_access |= set(self._access)
        self._access, self._refresh = {}, {}
        self.event({"app_id": APP_ID, "oa_id": OA_ID, "event_name": "permission_revoked"})

    def mint(self) -> tuple[str, str]:
        """An access and a refresh token, as the console's API Explorer makes them by hand."""
        self._old_access |= set(self._access)
        access, refresh = f"AT{secrets.token_urlsafe(48)}", f"RT{secrets.token_urlsafe(48)}"
        self._access = {access: self.now() + ACCESS_LIVES}
        self._refresh = {refresh: self.now() + REFRESH_LIVES}
        return access, refresh

    async def _token(self, request: web.Request) -> web.StreamResponse:
        call = Call("access_token", at=self.now())
        self.calls.append(call)
        if self.latency:
            await asyncio.sleep(self.latency)
        fault = next_fault(self.faults, "access_token", "")
        try:
            early = await spoil(fault, request)
            if early is not None:
                return early
            if request.content_type != "application/x-www-form-urlencoded":
                raise _oauth(-14004, "Invalid request")
            call.given = given = {name: str(value) for name, value in (await request.post()).items()}
            if given.get("app_id") != APP_ID or request.headers.get("secret_key") != APP_SECRET:
                raise _oauth(-14002, "Invalid appId")
            self._use_grant(given)
            call.error = 0
        except Refusal as no:
            call.error = no.code
            if no.avoidable:
                self.illegal.append(call)
            return self._answer(_oauth_error(no), no.status)
        access, refresh = self.mint()
        expires = str(int(ACCESS_LIVES.total_seconds()))
        told: dict[str, Any] = {"access_token": access, "refresh_token": refresh, "expires_in": expires}
        return await self._told(
            told if not fault or fault.kind != "numbers" else {"data": {}, **told}, fault, request
        )

    def _use_grant(self, given: Mapping[str, str]) -> None:
        match given.get("grant_type"):
            case "authorization_code":
                until, challenge = self._codes.pop(given.get("code", ""), (None, ""))
                if until is None or self.now() >= until:
                    raise _oauth(-14019, "Invalid authorization code")
                verifier = given.get("code_verifier", "")
                if challenge and (len(verifier) != 43 or challenge_of(verifier) != challenge):
                    raise _oauth(-14010, "Invalid code verifier")
            case "refresh_token":
                until = self._refresh.get(given.get("refresh_token", ""))
                if until is None or self.now() >= until:
                    raise _oauth(self.used_refresh, "Invalid refresh token")
            case _:
                raise _oauth(-14004, "Invalid grant type")

    # --- consultation messages ------------------------------------------------------------------------------------

    def _send_cs(self, given: dict[str, Any]) -> dict[str, Any]:
        person = self._recipient(given)
        message = given.get("message")
        if not isinstance(message, dict):
            raise Refusal(-201, "message is invalid!")
        shown = self._content(person, message)
        self._reachable(person)
        if person.last is None or self.now() - person.last > OPEN:
            raise Refusal(self.closed)
        if self.night_closed and not 6 <= (self.now() + VN).hour < 22:
            raise Refusal(-234)
        quota = self._pay(person)
        return self._put(person, shown, quota)

    def _recipient(self, given: dict[str, Any]) -> Citizen:
        recipient = given.get("recipient")
        id_ = recipient.get("user_id") if isinstance(recipient, dict) else None
        return self._known(id_)

    def _known(self, id_: object) -> Citizen:
        if not isinstance(id_, str) or id_ not in self.people:
            raise Refusal(-201, "user_id is invalid!")
        return self.people[id_]

    @staticmethod
    def _reachable(person: Citizen) -> None:
        if person.gone:
            again, person.told = person.told, True
            raise Refusal(person.gone, avoidable=again)

    def _content(self, person: Citizen, message: dict[str, Any]) -> dict[str, Any]:
        """The message as it will stand in the chat."""
        text = message.get("text", "")
        if not isinstance(text, str):
            raise Refusal(-201, "text is invalid!")
        if _length(text) > MAX_TEXT:
            raise Refusal(self.too_long, "" if self.too_long == -210 else "text is invalid!")
        quoted = message.get("quote_message_id")
        if quoted is not None and all(one["id"] != quoted or one["from"] != "user" for one in person.chat):
            raise Refusal(-201, "quote_message_id is invalid!")
        if set(message) - {"text", "attachment", "quote_message_id"}:
            raise Refusal(-201, "message is invalid!")
        shown: dict[str, Any] = {"kind": "text", "text": text}
        if "attachment" in message:
            shown |= self._attachment(message["attachment"], text)
        elif not text.strip():
            raise Refusal(-201, "text is invalid!")
        return shown

    def _attachment(self, attachment: object, text: str) -> dict[str, Any]:
        if not isinstance(attachment, dict) or not isinstance(attachment.get("payload"), dict):
            raise Refusal(-201, "attachment is invalid!")
        payload = attachment["payload"]
        if attachment.get("type") == "file":
            upload = self._uploaded(payload.get("token"), {"file"}, "token")
            return {"kind": "file", "file": payload["token"], "size": len(upload.content)}
        if attachment.get("type") != "template":
            raise Refusal(-233)
        match payload.get("template_type"):
            case None if set(payload) == {"buttons"} and text.strip():
                return {"buttons": _buttons(payload["buttons"])}
            case None:
                raise Refusal(-201, "payload is invalid!")
            case "media":
                if payload.get("buttons") and not self.buttons_with_media:
                    raise Refusal(-201, "buttons is invalid!")
                more = {"buttons": _buttons(payload["buttons"])} if payload.get("buttons") else {}
                return {**self._media(_one_element(payload)), **more}
            case "request_user_info":
                element = _one_element(payload)
                _fits(element, "title", 100)
                _fits(element, "subtitle", 500)
                _web_address(element.get("image_url"), "image_url")
                return {"kind": "request", "title": element["title"], "subtitle": element["subtitle"]}
            case "list" if self.lists:
                return {"kind": "list", "elements": _list_elements(payload)}
        raise Refusal(-233)

    def _media(self, element: dict[str, Any]) -> dict[str, Any]:
        kind, id_, url = element.get("media_type"), element.get("attachment_id"), element.get("url")
        if kind not in {"image", "gif", "sticker"} or (id_ is None) == (url is None):
            raise Refusal(-201, "elements is invalid!")
        if kind == "sticker":
            if not id_:
                raise Refusal(-201, "attachment_id is invalid!")
            return {"kind": kind, "sticker": id_}
        if kind == "gif" and not all(isinstance(element.get(side), int) for side in ("width", "height")):
            raise Refusal(-201, "width is invalid!")
        if id_ is not None:
            self._uploaded(id_, {kind}, "attachment_id")
        else:
            _web_address(url, "url")
        return {"kind": kind, "picture": id_ or url}

    def _uploaded(self, id_: object, kinds: set[str], field_: str) -> Upload:
        upload = self.uploads.get(id_) if isinstance(id_, str) else None
        if upload is None or upload.kind not in kinds:
            raise Refusal(-201, f"{field_} is invalid!")
        if self.now() >= upload.until:
            raise Refusal(-100)
        return upload

    def _pay(self, person: Citizen) -> dict[str, Any]:
        """What of the quotas this message takes; the `quota` of the answer."""
        assert person.last
        owner = {"expired_date": "31/12/2026", "owner_type": "OA", "owner_id": OA_ID}
        if self.now() - person.last <= FREE and (self.free_answers is None or person.used < self.free_answers):
            person.used += 1
            total = self.free_answers or 8
            left = total - person.used if self.free_answers else total
            return {"quota_type": "reply", "remain": str(left), "total": str(total), **owner}
        used = self._used("package", "%Y-%m")
        if used < self.package:
            self._use("package", "%Y-%m")
            self.bill.append(Charge(self.now(), "package", 0))
            remain = str(self.package - used - 1)
            return {"quota_type": "sub_quota", "remain": remain, "total": str(self.package), **owner}
        self._charge("consultation", CONSULTATION_PRICE, -211)
        return {"quota_type": "purchase_quota", "remain": str(self.wallet // CONSULTATION_PRICE), **owner}

    def _charge(self, what: str, dong: int, broke: int) -> None:
        if self.wallet < dong:
            raise Refusal(broke, avoidable=False)
        self.wallet -= dong
        self.bill.append(Charge(self.now(), what, dong))

    def _used(self, what: str, period: str) -> int:
        return self._counted.get(f"{what} {(self.now() + VN).strftime(period)}", 0)

    def _use(self, what: str, period: str) -> None:
        key = f"{what} {(self.now() + VN).strftime(period)}"
        self._counted[key] = self._counted.get(key, 0) + 1

    def _put(self, person: Citizen, shown: dict[str, Any], quota: dict[str, Any]) -> dict[str, Any]:
        """Show it in their chat and tell the webhook; the `data` of the answer."""
        id_ = self.new_id()
        self._show(person, {"from": "oa", "id": id_, **shown})
        if self.echoes:
            self._echo(person, id_, shown)
        if self.receipts:
            self.received(person.id, id_)
            self.seen(person.id, id_)
        return {"message_id": id_, "user_id": person.id, "sent_time": self._stamp(), "quota": quota}

    def _show(self, person: Citizen, message: dict[str, Any]) -> None:
        if not self.forgetful:
            person.chat.append({"at": self.now().isoformat(), **message})

    # --- templates ------------------------------------------------------------------------------------------------

    def _send_template(self, given: dict[str, Any]) -> dict[str, Any]:
        """By user id. No window; paid."""
        person = self._known(given.get("user_id"))
        if "tracking_id" in given:
            raise Refusal(-201, "tracking_id is invalid!")
        template = self.templates.get(str(given.get("template_id")))
        if template is None or template.status != "ENABLE":
            raise Refusal(-201, "template_id is invalid!")
        if not template.by_user:
            raise Refusal(-249)
        if _misfit(template, given.get("template_data")):
            raise Refusal(-201, "template_data is invalid!")
        self._reachable(person)
        self._charge("template by user", template.price_user, -321)
        shown = {"kind": "template", "text": template.text.format(**given["template_data"])}
        return self._put(
            person, shown, {"quota_type": "purchase_quota", "remain": self.wallet // template.price_user}
        )

    def _send_to_phone(self, given: dict[str, Any]) -> dict[str, Any]:
        phone, tracking = given.get("phone"), given.get("tracking_id", "")
        if not isinstance(phone, str) or not re.fullmatch(r"\+?84\d{9,10}", phone):
            raise Refusal(-108)
        phone = phone.removeprefix("+")
        template = self.templates.get(str(given.get("template_id")))
        if template is None:
            raise Refusal(-109)
        if template.status != "ENABLE":
            raise Refusal(-131)
        if misfit := _misfit(template, given.get("template_data")):
            raise Refusal(misfit)
        if not isinstance(tracking, str) or len(tracking) > 48:
            raise Refusal(-132)
        if str(given.get("sending_mode", "1")) != "1":
            raise Refusal(-161)
        developing = given.get("mode") == "development"
        if developing and phone not in self.app_admins:
            raise Refusal(-127)
        if not template.by_night and not 6 <= (self.now() + VN).hour < 22:
            raise Refusal(-133)
        if phone in self.no_zalo:
            raise Refusal(-118, avoidable=False)
        if self._used("zns", "%Y-%m-%d") >= self.daily_zns:
            raise Refusal(-144)
        if not developing:
            self._charge("template by phone", template.price_phone, -137)
        self._use("zns", "%Y-%m-%d")
        return self._phone_got(phone, template, given, tracking)

    def _phone_got(self, phone: str, template: Template, given: dict[str, Any], tracking: str) -> dict[str, Any]:
        id_, text = self.new_id(), template.text.format(**given["template_data"])
        self.phone_messages.append({"phone": phone, "msg_id": id_, "text": text, "tracking_id": tracking})
        for person in self.people.values():
            if person.phone == phone:
                self._show(person, {"from": "oa", "id": id_, "kind": "template", "text": text})
        if self.receipts:
            told = {"delivery_time": self._stamp(), "msg_id": id_, "tracking_id": tracking}
            ends = {"sender": {"id": OA_ID}, "recipient": {"id": phone}}
            self.event({**ends, "event_name": "user_received_message", "message": told, "app_id": APP_ID}, "ZNS")
        left = self.daily_zns - self._used("zns", "%Y-%m-%d")
        quota = {"dailyQuota": str(self.daily_zns), "remainingQuota": str(left)}
        return {"msg_id": id_, "sent_time": self._stamp(), "sending_mode": "1", "quota": quota}

    def _phone_status(self, given: dict[str, Any]) -> dict[str, Any]:
        known = any(one["msg_id"] == given.get("message_id") for one in self.phone_messages)
        told = "The message was delivered to the user's phone" if known else "The message is unknown"
        return {"delivery_time": self._stamp() if known else "", "message": told, "status": 1 if known else -1}

    def _phone_quota(self, _: dict[str, Any]) -> dict[str, Any]:
        left = self.daily_zns - self._used("zns", "%Y-%m-%d")
        return {"dailyQuota": self.daily_zns, "remainingQuota": left, "dailyQuotaPromotion": None}

    def _all_templates(self, _: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {"templateId": int(one.id), "templateName": one.name, "status": one.status, "templateQuality": "HIGH"}
            for one in self.templates.values()
        ]

    def _template_info(self, given: dict[str, Any]) -> dict[str, Any]:
        template = self.templates.get(str(given.get("template_id")))
        if template is None:
            raise Refusal(-109)
        params = [
            {"name": name, "require": True, "type": "STRING", "maxLength": most, "minLength": 0, "acceptNull": False}
            for name, most in template.params.items()
        ]
        return {
            "templateId": template.id,
            "templateName": template.name,
            "status": template.status,
            "listParams": params,
            "listButtons": [],
            "templateTag": "IN_TRANSACTION",
            "templateQuality": "HIGH",
            "price_sdt": str(template.price_phone),
            "price_uid": str(template.price_user),
            "price": str(template.price_phone),
        }

    # --- everything else that an OA may call ----------------------------------------------------------------------

    def _upload(self, kind: str, given: dict[str, Any]) -> dict[str, str]:
        content = given.get("file")
        most, magics, told = UPLOADS[kind]
        if not isinstance(content, bytes):
            raise Refusal(-201, "file is invalid!")
        if magics and not content.startswith(magics):
            raise Refusal(-201, f"file is invalid. We only support {told}")
        if len(content) > most:
            raise Refusal(-210)
        if self._used("uploads", "%Y-%m") >= UPLOADS_A_MONTH:
            raise Refusal(-211)
        self._use("uploads", "%Y-%m")
        id_ = f"{kind}_{secrets.token_urlsafe(12)}"
        self.uploads[id_] = Upload(kind, content, self.now() + UPLOAD_LIVES)
        return {"token" if kind == "file" else "attachment_id": id_}

    def _user_detail(self, given: dict[str, Any]) -> dict[str, Any]:
        person = self._known(given.get("user_id"))
        return {
            "user_id": person.id,
            "user_id_by_app": person.by_app,
            "user_external_id": "",
            "display_name": person.name,
            "user_alias": "",
            "is_sensitive": False,
            "user_last_interaction_date": (person.last + VN).strftime("%d/%m/%Y") if person.last else "",
            "user_is_follower": person.follows,
            "avatar": "https://s120-ava-talk.zadn.vn/x.jpg",
            "avatars": {"120": "https://s120-ava-talk.zadn.vn/x.jpg", "240": "https://s240-ava-talk.zadn.vn/x.jpg"},
            "dynamic_param": "",
            "tags_and_notes_info": {"notes": [], "tag_names": sorted(person.tags)},
            "shared_info": {"address": "", "city": "", "district": "", "phone": "", "name": ""},
        }

    def _user_list(self, given: dict[str, Any]) -> dict[str, Any]:
        offset, most = given.get("offset", 0), given.get("count", 50)
        if not isinstance(offset, int) or not 0 <= offset <= 9951 or not isinstance(most, int) or not 0 < most <= 50:
            raise Refusal(-201, "offset is invalid!")
        known = list(self.people)
        shown = [{"user_id": id_} for id_ in known[offset : offset + most]]
        return {"total": len(known), "count": len(shown), "offset": offset, "users": shown}

    def _oa(self, _: dict[str, Any]) -> dict[str, Any]:
        return {
            "oaid": OA_ID,
            "name": "Xã Suối Hoa",
            "description": "",
            "oa_alias": "xasuoihoa",
            "is_verified": True,
            "oa_type": 4,
            "cate_name": "",
            "num_follower": sum(person.follows for person in self.people.values()),
            "avatar": "https://x.zadn.vn/a.jpg",
            "cover": "https://x.zadn.vn/c.jpg",
            "package_name": "Growth",
            "package_valid_through_date": "31/12/2026",
            "package_auto_renew_date": "",
            "linked_ZCA": "zca-local",
            **self.profile,
        }

    def _quota(self, given: dict[str, Any]) -> Any:
        if "quota_owner" in given:
            left = self.package - self._used("package", "%Y-%m")
            asset = {"asset_id": "a1", "product_type": "cs", "quota_type": "sub_quota"}
            return [{**asset, "valid_through": "31/12/2026", "total": self.package, "remain": left}]
        person = self._known(given.get("user_id"))
        total = self.free_answers or 8
        free = person.last is not None and self.now() - person.last <= FREE
        left = total - (person.used if self.free_answers else 0) if free else 0
        last = str(int(person.last.timestamp() * 1000)) if person.last else ""
        return {"last_interaction": last, "cs_reply": {"remain": left, "total": total}}

    def _tag(self, given: dict[str, Any]) -> None:
        self._known(given.get("user_id")).tags.add(str(given.get("tag_name")))

    def _untag(self, given: dict[str, Any]) -> None:
        self._known(given.get("user_id")).tags.discard(str(given.get("tag_name")))

    def _tags(self, _: dict[str, Any]) -> list[str]:
        return sorted({tag for person in self.people.values() for tag in person.tags})

    def _conversation(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        person, offset, most = self._known(given.get("user_id")), given.get("offset", 0), given.get("count", 10)
        if not isinstance(most, int) or most > 10:
            raise Refusal(-210)
        ends = {"user": (1, person.id, OA_ID), "oa": (0, OA_ID, person.id), "admin": (0, OA_ID, person.id)}
        told = []
        for one in person.chat[::-1][offset : offset + most]:
            src, sender, recipient = ends[one["from"]]
            said = {"src": src, "type": one["kind"], "message": one.get("text", ""), "message_id": one["id"]}
            told.append({**said, "from_id": sender, "to_id": recipient})
        return told

    def _v2_message(self, given: dict[str, Any]) -> dict[str, Any]:
        """Reactions and anonymous visitors of a website live on here; other messages do not."""
        recipient = given.get("recipient")
        if isinstance(recipient, dict) and {"anonymous_id", "conversation_id"} <= set(recipient):
            shown = self._content(Citizen(str(recipient["anonymous_id"])), given.get("message") or {})
            self.anonymous.append({**recipient, **shown})
            return {"message_id": self.new_id(), **recipient}
        action = given.get("sender_action")
        if not isinstance(action, dict):
            raise Refusal(-240)
        person = self._recipient(given)
        if action.get("react_icon") not in REACTIONS:
            raise Refusal(-201, "react_icon is invalid!")
        for message in person.chat:
            if message["id"] == action.get("react_message_id"):
                message["reaction"] = action["react_icon"]
                return {"message_id": message["id"]}
        raise Refusal(-201, "react_message_id is invalid!")

    def _retired(self, _: dict[str, Any]) -> Any:
        raise Refusal(self.retired, status=404 if self.retired == 404 else 200)

    # --- what citizens do -----------------------------------------------------------------------------------------

    def citizen(self, id_: str = BA, **known: Any) -> Citizen:
        """That person, who need not have come near the OA yet."""
        person = self.people.setdefault(id_, Citizen(id_))
        for name, value in known.items():
            setattr(person, name, value)
        return person

    def say(self, text: str, user: str = BA, *, quote: str = "", quiet: bool = False) -> str:
        """That person writes; the id of the message. `quiet`: it does not stand in the chat (a hidden button)."""
        more = {"quote_msg_id": quote} if quote else {}
        return self.sends(user, "text", {"text": text, **more}, quiet=quiet)

    def sends(self, user: str, kind: str, message: dict[str, Any], *, quiet: bool = False) -> str:
        """That person sends anything (`attachment` makes the fitting bodies); the id of the message."""
        person, id_ = self._interacts(user), self.new_id()
        if not quiet:
            self._show(person, {"from": "user", "id": id_, "kind": kind, "text": message.get("text", ""), **message})
        self.event(
            {
                "app_id": APP_ID,
                "sender": {"id": user},
                "user_id_by_app": person.by_app,
                "recipient": {"id": OA_ID},
                "event_name": f"user_send_{kind}",
                "message": {"msg_id": id_, **message},
            }
        )
        return id_

    def press(self, title: str, user: str = BA) -> str:
        """That person presses the newest button that is called so; "" if it only opened something."""
        button = next((one for one in self.buttons(user) if one["title"] == title), None)
        assert button, f"{user} sees no button {title!r}"
        if not button["type"].startswith("oa.query."):
            return ""
        return self.say(button["payload"], user, quiet=button["type"] == "oa.query.hide")

    def buttons(self, user: str = BA) -> Iterator[dict[str, Any]]:
        """What that person could press, newest message first."""
        for message in reversed(self.people[user].chat):
            yield from message.get("buttons", ())

    def follow(self, user: str = BA, *, source: str = "oa_profile") -> None:
        self._interacts(user).follows = True
        self._follows(user, "follow", source)

    def unfollow(self, user: str = BA, *, source: str = "oa_profile") -> None:
        self.citizen(user).follows = False
        self._follows(user, "unfollow", source)

    def _follows(self, user: str, name: str, source: str) -> None:
        who = {"follower": {"id": user}, "user_id_by_app": self.people[user].by_app}
        self.event({"oa_id": OA_ID, **who, "event_name": name, "source": source, "app_id": APP_ID})

    def opens_chat(self, user: str = BA) -> None:
        """That person presses the message button on the OA's page (once per person)."""
        self._interacts(user)
        self._of_user(user, "user_click_chatnow")

    def withdraw(self, user: str = BA) -> None:
        """That person asks Zalo to have their data erased."""
        self.citizen(user)
        self._of_user(user, "user_withdraw")

    def _of_user(self, user: str, name: str) -> None:
        who = {"user_id": user, "user_id_by_app": self.people[user].by_app}
        self.event({"app_id": APP_ID, "oa_id": OA_ID, **who, "event_name": name})

    def submit_info(self, user: str = BA, phone: str = "84900000000", *, older: bool = False) -> None:
        """That person fills in the contact form."""
        self._interacts(user).phone = phone
        info: dict[str, Any] = {"name": self.people[user].name, "phone": phone}
        if older:
            info |= {"address": "Số 1 Đường A", "city": "Hồ Chí Minh", "district": "Quận 1"}
        else:
            where = {"user_city": "Tỉnh A", "user_ward": "Xã Suối Hoa", "user_address": "Thôn Đông"}
            info |= {"user_dob": "30/10/1999", "gender": "Nữ", "full_address": where}
        ends = {"sender": {"id": user}, "recipient": {"id": OA_ID}}
        self.event({**ends, "event_name": "user_submit_info", "app_id": APP_ID, "info": info})

    def react(self, message_id: str, icon: str = "/-strong", user: str = BA) -> None:
        person = self.citizen(user)
        self._between(person, "user_reacted_message", {"msg_id": message_id, "react_icon": icon}, from_user=True)

    def officer_says(self, text: str, user: str = BA, admin: str = ADMIN) -> str:
        """Somebody answers that person from the OA's own console."""
        person, id_ = self.citizen(user), self.new_id()
        self._show(person, {"from": "admin", "id": id_, "kind": "text", "text": text})
        self._between(person, "oa_send_text", {"msg_id": id_, "text": text}, admin=admin)
        return id_

    def received(self, user: str, message_id: str) -> None:
        self._between(self.people[user], "user_received_message", {"msg_id": message_id})

    def seen(self, user: str, *message_ids: str) -> None:
        self._between(self.people[user], "user_seen_message", {"msg_ids": list(message_ids)})

    def _echo(self, person: Citizen, id_: str, shown: dict[str, Any]) -> None:
        message: dict[str, Any] = {"msg_id": id_}
        if shown.get("text"):
            message["text"] = shown["text"]
        if shown["kind"] in {"image", "gif"}:
            where = {"thumbnail": "https://x.zdn.vn/t.jpg", "url": f"https://x.zdn.vn/{id_}.jpg"}
            message["attachments"] = [{"type": shown["kind"], "payload": where}]
        kind = shown["kind"] if shown["kind"] in {"text", "image", "gif", "file", "sticker", "list"} else "template"
        self._between(person, f"oa_send_{kind}", message)

    def _between(
        self, person: Citizen, name: str, message: dict[str, Any], *, from_user: bool = False, admin: str = ""
    ) -> None:
        oa, user = {"id": OA_ID, **({"admin_id": admin} if admin else {})}, {"id": person.id}
        sender, recipient = (user, oa) if from_user else (oa, user)
        ends = {"sender": sender, "user_id_by_app": person.by_app, "recipient": recipient}
        self.event({"app_id": APP_ID, **ends, "event_name": name, "message": message})

    def _interacts(self, user: str) -> Citizen:
        person = self.citizen(user)
        person.last, person.used, person.told = self.now(), 0, False
        return person

    def event(self, event: dict[str, Any], server: str = "") -> None:
        """Any event at all, stamped with the time and brought to the webhook."""
        if event.get("event_name") not in self.switched_off:
            self.pusher.push({**event, "timestamp": event.get("timestamp", self._stamp())}, server=server)

    def new_id(self) -> str:
        return f"{next(self._ids):012x}{secrets.token_hex(4)}"

    def _stamp(self) -> str:
        return str(int(self.now().timestamp() * 1000))

    # --- what a test looks at -------------------------------------------------------------------------------------

    def heard(self, user: str = BA) -> list[dict[str, Any]]:
        """What the OA has sent to that person, officers' own words left out."""
        return (
            [message for message in self.people[user].chat if message["from"] == "oa"] if user in self.people else []
        )

    def sent(self, path: str = "message/cs") -> list[Call]:
        """Calls whose path ends so, and that were done."""
        return [call for call in self.calls if call.path.endswith(path) and call.error == 0]

    def spent(self) -> int:
        """Đồng, so far."""
        return sum(charge.dong for charge in self.bill)

    async def set_webhook(self, url: str) -> None:
        """Save that address in the console. ValueError if it does not answer the probe."""
        await self.pusher.subscribe(url)

    async def all_taken(self, within: float = 20.0) -> None:
        """Wait until the webhook has taken every event."""
        await self.pusher.all_taken(within)


def challenge_of(verifier: str) -> str:
    """The code challenge of a PKCE verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def attachment(kind: str, **payload: Any) -> dict[str, Any]:
    """The message of a citizen who sends a picture, a file, a place … (`kind` as in the event's name)."""
    sort = "link" if kind == "business_card" else kind
    return {"attachments": [{"type": sort, "payload": {**SAMPLES.get(kind, {}), **payload}}]}


SAMPLES: dict[str, dict[str, Any]] = {
    "image": {"thumbnail": "http://t.f6.photo.talk.zdn.vn/t/a.jpg", "url": "http://f6.photo.talk.zdn.vn/a.jpg"},
    "gif": {"thumbnail": "https://x.zdn.vn/t.gif", "url": "https://x.zdn.vn/a.gif"},
    "link": {"thumbnail": "https://x.zdn.vn/t.jpg", "description": "Một trang", "url": "https://example.gov.vn/"},
    "audio": {"url": "https://x.zdn.vn/a.amr"},
    "video": {"thumbnail": "https://x.zdn.vn/t.jpg", "description": "", "url": "https://x.zdn.vn/v.mp4"},
    "sticker": {"id": "23333", "url": "https://zalo-api.zadn.vn/api/emoticon/sticker?eid=23333&size=130"},
    "location": {"coordinates": {"latitude": "10.776889", "longitude": "106.700806"}},
    "business_card": {
        "thumbnail": "https://x.zdn.vn/av.jpg",
        "description": '{"phone":"84900000000","qrCodeUrl":"https://qr-talk.zdn.vn/x.jpg"}',
        "url": "https://zalo.me/84900000000",
    },
    "file": {
        "size": "48213",
        "name": "don-dang-ky.pdf",
        "checksum": "5d41402abc4b2a76b9719d911017c592",
        "type": "pdf",
        "url": "https://x.zdn.vn/f.pdf",
    },
}

UPLOADS: dict[str, tuple[int, tuple[bytes, ...], str]] = {  # most bytes, how it begins, what is told
    "image": (MB, (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"), "png and jpeg"),
    "gif": (5 * MB, (b"GIF8",), "gif"),
    "file": (5 * MB, (), "pdf, doc, docx and csv"),
}

Done = Callable[[LocalZalo, dict[str, Any]], Any]
OA_CALLS: dict[tuple[str, str], Done] = {
    ("POST", "v3.0/oa/message/cs"): LocalZalo._send_cs,
    ("POST", "v3.0/oa/message/template"): LocalZalo._send_template,
    ("POST", "v3.0/oa/message/transaction"): LocalZalo._retired,
    ("POST", "v3.0/oa/message/promotion"): LocalZalo._retired,
    ("POST", "v2.0/oa/message"): LocalZalo._v2_message,
    ("POST", "v3.0/oa/quota/message"): LocalZalo._quota,
    ("POST", "v2.0/oa/upload/image"): lambda zalo, given: zalo._upload("image", given),
    ("POST", "v2.0/oa/upload/gif"): lambda zalo, given: zalo._upload("gif", given),
    ("POST", "v2.0/oa/upload/file"): lambda zalo, given: zalo._upload("file", given),
    ("GET", "v3.0/oa/user/detail"): LocalZalo._user_detail,
    ("GET", "v3.0/oa/user/getlist"): LocalZalo._user_list,
    ("GET", "v2.0/oa/getoa"): LocalZalo._oa,
    ("POST", "v2.0/oa/tag/tagfollower"): LocalZalo._tag,
    ("POST", "v2.0/oa/tag/rmfollowerfromtag"): LocalZalo._untag,
    ("GET", "v2.0/oa/tag/gettagsofoa"): LocalZalo._tags,
    ("GET", "v2.0/oa/conversation"): LocalZalo._conversation,
}
PHONE_CALLS: dict[tuple[str, str], Done] = {
    ("POST", "message/template"): LocalZalo._send_to_phone,
    ("GET", "message/status"): LocalZalo._phone_status,
    ("GET", "message/quota"): LocalZalo._phone_quota,
    ("GET", "template/all"): LocalZalo._all_templates,
    ("GET", "template/info/v2"): LocalZalo._template_info,
}


async def _arguments(request: web.Request) -> dict[str, Any]:
    """What was given: JSON, a form, or (on openapi) JSON in the one parameter `data`."""
    try:
        if request.method == "GET" and request.path.startswith("/openapi/"):
            given = json.loads(request.query.get("data") or "{}")
        elif request.method == "GET":
            given = dict(request.query)
        elif request.content_type == "application/json":
            given = json.loads(await request.read())
        elif request.content_type == "multipart/form-data":
            form = await request.post()
            given = {name: it.file.read() if isinstance(it, web.FileField) else it for name, it in form.items()}
        else:
            raise Refusal(-201, "body is invalid!")
    except ValueError as error:
        raise Refusal(-201, "body is invalid!") from error
    if not isinstance(given, dict):
        raise Refusal(-201, "body is invalid!")
    return given


def _length(text: str) -> int:
    """Characters as the stricter reading counts them: UTF-16 units, so that most emoji are two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _fits(holder: Mapping[str, Any], name: str, most: int) -> None:
    value = holder.get(name)
    if not isinstance(value, str) or not value.strip() or _length(value) > most:
        raise Refusal(-201, f"{name} is invalid!")


def _web_address(url: object, name: str) -> None:
    """An address that Zalo's own servers could fetch."""
    where = urlsplit(url) if isinstance(url, str) else urlsplit("")
    if where.scheme not in {"http", "https"} or where.hostname in {None, "localhost", "127.0.0.1", "::1"}:
        raise Refusal(-201, f"{name} is invalid!")


def _one_element(payload: Mapping[str, Any]) -> dict[str, Any]:
    elements = payload.get("elements")
    if not isinstance(elements, list) or len(elements) != 1 or not isinstance(elements[0], dict):
        raise Refusal(-201, "elements is invalid!")
    return dict(elements[0])


def _list_elements(payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    elements = payload.get("elements")
    if not isinstance(elements, list) or not 1 <= len(elements) <= 5 or not elements[0].get("subtitle"):
        raise Refusal(-201, "elements is invalid!")
    for element in elements:
        _fits(element, "title", 100)
        _web_address(element.get("image_url"), "image_url")
    return elements


def _buttons(buttons: object) -> list[dict[str, Any]]:
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= MAX_BUTTONS:
        raise Refusal(-201, "buttons is invalid!")
    for button in buttons:
        if not isinstance(button, dict) or set(button) - {"title", "type", "payload", "image_icon"}:
            raise Refusal(-201, "buttons is invalid!")
        _fits(button, "title", MAX_TITLE)
        payload = button.get("payload")
        match button.get("type"):
            case "oa.query.show" | "oa.query.hide":
                _fits(button, "payload", MAX_PAYLOAD)
            case "oa.open.url" if isinstance(payload, dict) and set(payload) == {"url"}:
                if not re.fullmatch(r"https?://\S+", str(payload["url"])):
                    raise Refusal(-201, "url is invalid!")
            case "oa.open.sms" if isinstance(payload, dict) and set(payload) == {"content", "phone_code"}:
                _fits(payload, "content", MAX_SMS)
                _phone_code(payload)
            case "oa.open.phone" if isinstance(payload, dict) and set(payload) == {"phone_code"}:
                _phone_code(payload)
            case _:
                raise Refusal(-201, "buttons is invalid!")
    return buttons


def _phone_code(payload: Mapping[str, Any]) -> None:
    # Seen only in the form 84…; short numbers (hotlines) are not known to be taken, nor to be refused.
    if not re.fullmatch(r"84\d{6,11}", str(payload["phone_code"])):
        raise Refusal(-201, "phone_code is invalid!")


def _misfit(template: Template, data: object) -> int:
    """The code for data that does not fit the template; 0 for data that does."""
    if not isinstance(data, dict) or not data:
        return -111
    if set(template.params) - set(data):
        return -1122
    if set(data) - set(template.params) or not all(isinstance(value, str) for value in data.values()):
        return -132
    return -1121 if any(_length(data[name]) > most for name, most in template.params.items()) else 0


def _oauth(code: int, name: str, reason: str = "") -> Refusal:
    return Refusal(code, f"{name}|{reason}")


def _oauth_error(no: Refusal) -> dict[str, Any]:
    name, _, reason = no.message.partition("|")
    more = {"error_name": name, "error_reason": reason, "ref_doc": "https://developers.zalo.me/docs/"}
    return {"error": no.code, **more, "error_description": name}


__all__ = [
    "ADMIN",
    "APP_ID",
    "APP_SECRET",
    "BA",
    "OA_ID",
    "OA_SECRET",
    "Call",
    "Citizen",
    "Fault",
    "LocalZalo",
    "Template",
    "attachment",
    "challenge_of",
    "packed",
]


async def _alone(port: int, webhook: str) -> None:
    zalo = LocalZalo(keep_calls=False, forgetful=True)
    print(await zalo.start(port), *zalo.mint(), flush=True)
    if webhook:
        await zalo.set_webhook(webhook)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_alone(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""))
