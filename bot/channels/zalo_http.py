"""A thin client of Zalo's Official Account API: tokens that are good once, calls, uploads.

Refresh tokens are single-use: the new pair is committed before anybody uses it, under a lock that holds between
processes too. No secret ever gets into a log or an error.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import aiohttp
import structlog

from bot.channels.base import downloaded
from bot.channels.zalo_codes import OA, ZNS, Means
from bot.clock import Clock
from bot.dialogue.messages import Scope, ZaloTokens
from bot.errors import ChannelError, TryLater, Unclear
from bot.settings import Settings
from storage import Storage

log = structlog.get_logger()

ACCESS_LIVES = 90_000  # seconds, where the answer does not say
EARLY = timedelta(hours=5)  # before its end an access token is replaced
REFRESHING = Scope("zalo_refresh")  # the lock between processes
MINUTE, CALLS_A_MINUTE = 60.0, 3_900  # of the 4,000 that Zalo lets an app make
LONGEST_TURN = 5.0  # seconds that a message waits for its turn before others go first
LOCK = timedelta(seconds=60)
SEND_WITHIN = aiohttp.ClientTimeout(total=10, connect=5)
UPLOAD_WITHIN = aiohttp.ClientTimeout(total=30, connect=5)
TOKEN_WITHIN = aiohttp.ClientTimeout(total=15, connect=5)
CONSENT = "Zalo đòi đồng ý lại: chạy “python -m bot zalo login” trên máy chủ"


class ZaloError(ChannelError):
    """Zalo said no."""

    def __init__(self, code: int, means: Means) -> None:
        super().__init__(f"zalo {code}")
        self.code, self.means = code, means


class ZaloClient:
    """Calls to Zalo with a token that is good."""

    def __init__(self, settings: Settings, storage: Storage, clock: Clock) -> None:
        self._settings = settings
        self._storage = storage
        self._clock = clock
        self._me = uuid4().hex
        self._lock = asyncio.Lock()
        self._session: aiohttp.ClientSession | None = None
        self._calls: deque[float] = deque()  # when the calls of the last minute were made

    async def close(self) -> None:
        """Let go of connections."""
        if self._session:
            await self._session.close()

    # --- calls ------------------------------------------------------------------------------------------------

    async def post(
        self, path: str, body: Mapping[str, Any], *, zns: bool = False, codes: Mapping[int, Means] = OA
    ) -> Any:
        """What Zalo's `data` holds. ZaloError; TryLater if it surely was not done, Unclear if nobody knows."""
        root = self._settings.zalo_zns_url if zns else self._settings.zalo_api_url
        return await self._call("POST", f"{root}/{path}", codes, json=dict(body))

    async def get(self, path: str, *, zns: bool = False, **query: str) -> Any:
        """As `post`, for what is only read."""
        root = self._settings.zalo_zns_url if zns else self._settings.zalo_api_url
        return await self._call("GET", f"{root}/{path}", ZNS if zns else OA, params=query)

    async def upload(self, name: str, picture: bytes) -> str:
        """The id of a picture that was handed in."""
        form = aiohttp.FormData()
        form.add_field("file", picture, filename=f"{name}.png", content_type="image/png")
        url = f"{self._settings.zalo_api_url}/v2.0/oa/upload/image"
        data = await self._once("POST", url, OA, await self.access(), data=form, timeout=UPLOAD_WITHIN)
        return str(data["attachment_id"])

    async def download(self, url: str) -> bytes:
        """A file that Zalo keeps for us; without our token. TryLater or Refused, as `downloaded` says."""
        return await downloaded(self._http(), url)

    async def _call(self, method: str, url: str, codes: Mapping[int, Means], **more: Any) -> Any:
        token = await self.access()
        try:
            return await self._once(method, url, codes, token, **more)
        except ZaloError as error:
            if error.means is not Means.TOKEN:
                raise
            return await self._once(method, url, codes, await self.access(stale=token), **more)

    async def _once(self, method: str, url: str, codes: Mapping[int, Means], token: str, **more: Any) -> Any:
        more.setdefault("timeout", SEND_WITHIN)
        await self._in_turn()
        try:
            async with self._http().request(method, url, headers={"access_token": token}, **more) as answer:
                if answer.status == 429 or answer.status >= 500:
                    raise TryLater(f"HTTP {answer.status}")
                told = await answer.json(content_type=None)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise TryLater(type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:  # it may have been done
            raise Unclear(type(error).__name__) from None
        return _data(told, codes)

    async def _in_turn(self) -> None:
        """Wait for a place among the calls that an app may make in a minute; TryLater if that takes long."""
        while True:
            now = time.monotonic()
            while self._calls and now - self._calls[0] >= MINUTE:
                self._calls.popleft()
            if len(self._calls) < CALLS_A_MINUTE:
                self._calls.append(now)
                return
            wait = MINUTE - (now - self._calls[0])
            if wait > LONGEST_TURN:
                raise TryLater("zalo: our own limit of calls", after=wait, ours=True)
            await asyncio.sleep(wait)

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session

    # --- tokens -----------------------------------------------------------------------------------------------

    async def access(self, stale: str | None = None) -> str:
        """An access token that is good; `stale` is one that Zalo refused. TryLater if there is none to be had."""
        found = await self._tokens()
        if found.access != stale and found.until - self._clock.now() > EARLY:
            return found.access
        async with self._lock:
            return await self._refreshed(stale)

    async def _tokens(self) -> ZaloTokens:
        found = await self._storage.zalo_tokens(self._settings.zalo_app_id)
        if found is None or found.consent_needed:
            raise TryLater("zalo: no consent", after=600.0, ours=True)
        return found

    async def _refreshed(self, stale: str | None) -> str:
        async with self._renewing():
            found = await self._tokens()
            if found.access != stale and found.until - self._clock.now() > EARLY:
                return found.access  # another process was at it
            renewed = await self._exchange({"grant_type": "refresh_token", "refresh_token": found.refresh})
            if renewed is None:
                await self._storage.zalo_consent_needed(self._settings.zalo_app_id, self._clock.now())
                raise TryLater("zalo: no consent", after=600.0, ours=True)
            return renewed.access

    @asynccontextmanager
    async def _renewing(self) -> AsyncIterator[None]:
        """Alone among all processes. TryLater if another one takes too long."""
        for _ in range(40):
            if await self._storage.take_lease(REFRESHING, self._me, self._clock.now(), LOCK):
                break
            await asyncio.sleep(0.25)
        else:
            raise TryLater("zalo: tokens are being renewed elsewhere")
        try:
            yield
        finally:
            await self._storage.drop_lease(REFRESHING, self._me)

    async def _exchange(self, grant: Mapping[str, str]) -> ZaloTokens | None:
        """A new pair, on disk; None if Zalo answers anything else, which means that somebody must consent again."""
        settings, now = self._settings, self._clock.now()
        form = {**grant, "app_id": settings.zalo_app_id}
        headers = {"secret_key": settings.zalo_app_secret.get_secret_value()}
        try:
            async with self._http().post(
                f"{settings.zalo_oauth_url}/v4/oa/access_token", data=form, headers=headers, timeout=TOKEN_WITHIN
            ) as answer:
                if answer.status >= 500:
                    raise TryLater(f"zalo tokens: HTTP {answer.status}")
                told = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise TryLater(f"zalo tokens: {type(error).__name__}") from None
        if not isinstance(told, dict) or not told.get("access_token") or not told.get("refresh_token"):
            code = told.get("error") if isinstance(told, dict) else "?"
            log.error("zalo refuses the tokens", error=code, hint=CONSENT)
            return None
        lives = _whole(told.get("expires_in", told.get("expire_in"))) or ACCESS_LIVES
        found = ZaloTokens(
            access=str(told["access_token"]),
            refresh=str(told["refresh_token"]),
            until=now + timedelta(seconds=lives),
        )
        await self._storage.save_zalo_tokens(settings.zalo_app_id, found, now)
        log.info("zalo tokens renewed", until=found.until.isoformat())
        return found

    # --- consent ----------------------------------------------------------------------------------------------

    async def consent(self, code: str, verifier: str) -> None:
        """Exchange the code that the admin's consent gave, once no renewal is under way. ChannelError if Zalo does
        not take it; the pair held before stays."""
        async with self._lock, self._renewing():
            form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
            if await self._exchange(form) is None:
                raise ChannelError("zalo refuses the code")


def _data(told: object, codes: Mapping[int, Means]) -> Any:
    """The `data` of Zalo's envelope; numbers may come as strings, errors with HTTP 200."""
    if not isinstance(told, dict):
        raise Unclear("answer not understood")
    code = _whole(told.get("error"))
    if code is None:
        raise Unclear("answer without an error code")
    if code:
        means = codes.get(code, Means.UNKNOWN)
        if means in {Means.HUMAN, Means.UNKNOWN}:
            log.error("zalo says no", code=code, hint="python -m bot doctor")
        raise ZaloError(code, means)
    return told.get("data") or {}


def _whole(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None
