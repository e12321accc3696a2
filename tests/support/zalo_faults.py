"""What can go wrong at the local Zalo, on the Official Account's side as on the Bot platform's."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web


class Refusal(Exception):
    """Zalo says no. `avoidable`: a careful client would have known."""

    def __init__(self, code: int, message: str = "", *, status: int = 200, avoidable: bool = True) -> None:
        self.code, self.message, self.status, self.avoidable = code, message, status, avoidable


@dataclass
class Fault:
    """Something that goes wrong at the next call whose path ends so ("" for any), `times` times.

    Kinds: an error code ("-230", "429": not done, HTTP `status`), "http-500" (any status, empty), 502-html, not-json,
    empty, hang, cut (not done, no answer), lost (done, but no answer), slow (done, answered after `seconds`),
    two-servers (two `Server` headers), numbers (every number as a string), no-quota (its part is absent), misspelt
    (`expire_in`, a number), other-envelope (an error in the other platform's words).
    """

    kind: str
    path: str = "message/cs"
    times: int = 1
    user: str | None = None
    status: int = 200
    seconds: float = 3.0
    message: str = ""


@dataclass
class Call:
    """A call as it came, and what became of it (`error` is 0 when it was done, None when it had no answer yet)."""

    path: str
    given: dict[str, Any] = field(default_factory=dict)
    user: str = ""
    at: datetime | None = None
    error: int | None = None


def next_fault(faults: Iterable[Fault], path: str, user: str) -> Fault | None:
    """The first one that is meant, used up once."""
    for fault in faults:
        if fault.times > 0 and path.endswith(fault.path) and fault.user in {None, user}:
            fault.times -= 1
            return fault
    return None


async def spoil(fault: Fault | None, request: web.Request) -> web.StreamResponse | None:
    """What comes instead of doing it; None if it is to be done. Error codes are raised."""
    kind = fault.kind if fault else ""
    if fault and re.fullmatch(r"-?\d+", kind):
        raise Refusal(int(kind), fault.message, status=fault.status, avoidable=False)
    if kind.startswith("http-"):
        return web.Response(status=int(kind.removeprefix("http-")))
    match kind:
        case "502-html":
            return web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html")
        case "not-json":
            return web.Response(text="<html>hello</html>", content_type="text/html")
        case "empty":
            return web.Response()
        case "cut":
            return cut(request)
        case "hang":
            await asyncio.sleep(3600)
    return None


def cut(request: web.Request) -> web.StreamResponse:
    """No answer at all: the line is cut."""
    if request.transport:
        request.transport.abort()
    return web.Response()


def as_strings(value: Any) -> Any:
    """Every number in it as a string, as some answers have them."""
    if isinstance(value, dict):
        return {name: as_strings(one) for name, one in value.items()}
    if isinstance(value, list):
        return [as_strings(one) for one in value]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
