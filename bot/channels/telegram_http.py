"""Telegram's Bot API over the HTTP client that the rest of the house uses.

python-telegram-bot brings httpx, which costs a millisecond of processor time a request and can't tell a request that
never left from one whose answer was lost: the first may be sent again, the second not without saying so.
"""

from __future__ import annotations

from typing import Any

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

CONNECT_WITHIN = 5.0
ANSWER_WITHIN = 15.0  # seconds for one call; getUpdates says how much longer it takes
CONNECTIONS = 256
_OF_A_MESSAGE = frozenset({"message_id", "date", "chat", "photo"})


class NeverLeft(NetworkError):
    """No connection came about: nothing was sent, so that it may safely be tried again."""


class AiohttpRequest(BaseRequest):
    """Calls of the Bot API, over kept connections."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return ANSWER_WITHIN

    async def initialize(self) -> None:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=60)
            # No cookies: a carrier has none, and looking for them costs more than sending.
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def session(self) -> aiohttp.ClientSession:
        """The connections that are kept."""
        await self.initialize()
        assert self._session  # noqa: S101 - initialize() has just seen to it
        return self._session

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer, less what it repeats of the message we sent: making objects of that costs more than sending."""
        read = BaseRequest.parse_json_payload(payload)
        result = read.get("result") if isinstance(read, dict) else None
        if isinstance(result, dict) and "message_id" in result:
            read["result"] = {key: value for key, value in result.items() if key in _OF_A_MESSAGE}
        return read

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body. NeverLeft, TimedOut or NetworkError if no whole answer came; their texts hold no URL, for
        the token stands in it."""
        session = await self.session()
        within = read_timeout if isinstance(read_timeout, int | float) else ANSWER_WITHIN
        timeout = aiohttp.ClientTimeout(total=within + CONNECT_WITHIN, sock_connect=CONNECT_WITHIN)
        try:
            async with session.request(method, url, timeout=timeout, **_body(request_data)) as response:
                return response.status, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NeverLeft(type(error).__name__) from None
        except TimeoutError:
            raise TimedOut("no answer") from None
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(type(error).__name__) from None


def _body(request_data: RequestData | None) -> dict[str, Any]:
    if request_data is None:
        return {}
    if not request_data.contains_files:
        return {"json": request_data.parameters}
    form = aiohttp.FormData()
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return {"data": form}
