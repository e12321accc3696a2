"""The Official Account's admin says yes: the address they open, and the page that they land on.

The address is made on the server's console (`python -m bot zalo login`) and is good once, for half an hour. Zalo
sends the browser back to `/zalo` with a code that lives 10 minutes; the running server exchanges it there. Where the
browser can't reach us, the address it landed on is pasted into the console, which does the same.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

import structlog
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.channels.zalo_http import ZaloClient
from bot.clock import Clock
from bot.dialogue.messages import ZaloConsent
from bot.errors import BotError, ChannelError
from bot.settings import Settings
from storage import Storage

log = structlog.get_logger()

LANDING: Final = "/zalo"
LIVES = timedelta(minutes=30)  # of an address that nobody has used
COMMAND = "python -m bot zalo login"


class ConsentError(BotError):
    """This landing gives no tokens; what the message says is for the admin to read."""


async def consent_url(settings: Settings, storage: Storage, clock: Clock) -> str:
    """A new address for the admin to open; the one made before it is good no more."""
    verifier = settings.zalo_code_verifier.get_secret_value() or secrets.token_urlsafe(32)  # 43 characters
    consent = ZaloConsent(state=secrets.token_urlsafe(16), verifier=verifier, until=clock.now() + LIVES)
    await storage.begin_zalo_consent(settings.zalo_app_id, consent)
    query = {
        "app_id": settings.zalo_app_id,
        "redirect_uri": f"{settings.site}{LANDING}",
        "code_challenge": challenge_of(verifier),
        "state": consent.state,
    }
    return f"{settings.zalo_oauth_url}/v4/oa/permission?{urlencode(query)}"


def challenge_of(verifier: str) -> str:
    """What is shown of a verifier beforehand (RFC 7636, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def landed_on(address: str) -> dict[str, str]:
    """What an address that was pasted carries."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address.strip()).query).items()}


async def exchange(
    landing: Mapping[str, str], client: ZaloClient, settings: Settings, storage: Storage, clock: Clock
) -> None:
    """Turn what Zalo sent back into tokens, on disk. ConsentError if it can't be; the tokens held before stay."""
    code, oa = landing.get("code", ""), landing.get("oa_id", "")
    if not code:
        raise ConsentError("Địa chỉ này không mang mã nào của Zalo: chưa bấm đồng ý, hoặc chép thiếu.")
    begun = await storage.zalo_consent(settings.zalo_app_id, clock.now())
    if begun is None or not hmac.compare_digest(landing.get("state", "").encode(), begun.state.encode()):
        raise ConsentError("Địa chỉ này đã dùng rồi, để quá lâu, hoặc không do máy chủ này đưa ra.")
    if oa and oa != settings.zalo_oa_id:
        raise ConsentError(f"Đã đồng ý nhầm Official Account: được mã {oa[:24]}, cần mã {settings.zalo_oa_id}.")
    await storage.end_zalo_consent(settings.zalo_app_id)
    try:
        await client.consent(code, begun.verifier)
    except ChannelError as error:
        raise ConsentError("Zalo không nhận mã này (mã chỉ sống 10 phút và dùng một lần).") from error
    log.info("zalo consent given")


class ConsentPage:
    """What the admin's browser shows once Zalo has sent it back."""

    def __init__(self, client: ZaloClient, settings: Settings, storage: Storage, clock: Clock) -> None:
        self._client = client
        self._settings = settings
        self._storage = storage
        self._clock = clock
        loader = FileSystemLoader(Path(__file__).parent / "templates")
        self._templates = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)

    def routes(self) -> list[web.RouteDef]:
        return [web.get(LANDING, self.landed)]

    async def landed(self, request: web.Request) -> web.Response:
        """Exchange the code, and say what became of it. What is in the address shows nowhere."""
        try:
            await exchange(request.query, self._client, self._settings, self._storage, self._clock)
        except ConsentError as error:
            log.warning("zalo consent not taken", reason=type(error.__cause__ or error).__name__)
            return self._page(str(error), done=False, status=400)
        return self._page("", done=True, status=200)

    def _page(self, why: str, *, done: bool, status: int) -> web.Response:
        text = self._templates.get_template("zalo.html").render(done=done, why=why, command=COMMAND)
        headers = {"Cache-Control": "no-store"}
        return web.Response(text=text, content_type="text/html", status=status, headers=headers)
