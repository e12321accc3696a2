"""How fast the Official Account's events are acknowledged: `make bench` writes bench/results/zalo.json.

200 signed events a second for half a minute, from 2,000 people, each event timed from when it was due to be pushed
until our 200. Once as in life: three in ten are words to be answered (more answers a second than that no app may
send: 4,000 calls a minute), the others tell that what we sent has arrived or was read. Once all of them are words:
more than can be answered at that rate, so that a backlog grows while each is acknowledged. Zalo runs in this process,
the house in one of its own.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from bench.turns import TALK, percentiles
from bench.web import running
from bot.channels.zalo_oa import SIGNATURE, WEBHOOK_PATH
from bot.dialogue.messages import ZaloTokens
from storage import open_storage
from tests.support.zalo import APP_ID, APP_SECRET, OA_ID, OA_SECRET, LocalZalo
from tests.support.zalo_push import packed, signature

RESULTS = Path(__file__).parent / "results" / "zalo.json"
RATE, SECONDS, PEOPLE = 200, 30, 2_000
WORDS = 0.3  # of the events
GOAL_MS = 50  # p99


async def consented(folder: Path, server: LocalZalo) -> None:
    """The house holds a pair of tokens before it starts."""
    storage = await asyncio.to_thread(
        open_storage, f"sqlite:///{folder / 'data' / 'camtay.db'}", folder / "data/hash.key"
    )
    access, refresh = server.mint()
    now = datetime.now(UTC)
    await storage.save_zalo_tokens(
        APP_ID, ZaloTokens(access=access, refresh=refresh, until=now + timedelta(seconds=90_000)), now
    )
    await asyncio.to_thread(storage.close)


def event(n: int, share: float, sent: list[str]) -> dict[str, Any]:
    """The n-th event: somebody's words, or what became of a message of ours."""
    user = f"{5_000_000_000_000 + n % PEOPLE}"
    known = {"app_id": APP_ID, "oa_id": OA_ID, "timestamp": str(int(time.time() * 1000))}
    if n % 10 < share * 10:
        words = {"text": TALK[(n // PEOPLE) % len(TALK)], "msg_id": f"in-{share}-{n}"}
        ends = {"sender": {"id": user}, "recipient": {"id": OA_ID}, "user_id_by_app": user}
        return {**known, **ends, "event_name": "user_send_text", "message": words}
    told = sent[n % len(sent)]
    if n % 2:
        message: dict[str, Any] = {"msg_ids": [told]}
        return {**known, "event_name": "user_seen_message", "recipient": {"id": user}, "message": message}
    message = {"msg_id": told}
    return {**known, "event_name": "user_received_message", "recipient": {"id": user}, "message": message}


async def push(http: aiohttp.ClientSession, url: str, what: dict[str, Any], due: float) -> tuple[str, int, float]:
    """Its name, our status, and the seconds from when it was due."""
    body = packed(what)
    mac = signature(APP_ID, body, what["timestamp"], OA_SECRET)
    headers = {SIGNATURE: f"mac={mac}", "Content-Type": "application/json"}
    async with http.post(url, data=body, headers=headers) as answer:
        await answer.read()
    return what["event_name"], answer.status, time.perf_counter() - due


async def measure(share: float) -> dict[str, Any]:
    """One run; `share`: how many of the events are words."""
    server = LocalZalo()
    await server.start()
    os.environ |= {
        "CAMTAY_ZALO_OA_ID": OA_ID,
        "CAMTAY_ZALO_APP_ID": APP_ID,
        "CAMTAY_ZALO_APP_SECRET": APP_SECRET,
        "CAMTAY_ZALO_OA_SECRET": OA_SECRET,
        "CAMTAY_ZALO_API_URL": server.api_url,
        "CAMTAY_ZALO_OAUTH_URL": server.oauth_url,
        "CAMTAY_ZALO_ZNS_URL": server.zns_url,
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        await consented(folder, server)
        async with running("camtay", folder):
            pass  # the very first start prepares the index of questions
        gc.freeze()
        gc.disable()  # what the client has to tidy up is no delay of the house
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        async with (
            running("camtay", folder) as address,
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64)) as http,
        ):
            url = address + WEBHOOK_PATH
            sent = await first_answers(http, url, server)
            pushed = []
            begun = time.perf_counter()
            for n in range(RATE * SECONDS):
                due = begun + n / RATE
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                what = event(n, share, sent)
                if what["event_name"] == "user_send_text":
                    server.say(what["message"]["text"], what["sender"]["id"], quiet=True)  # opens its window there
                pushed.append(asyncio.create_task(push(http, url, what, due)))
            done = await asyncio.gather(*pushed)
            answered = len(server.sent())
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        gc.enable()
    await server.stop()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "events": Counter(name for name, _, _ in done),
        "statuses": Counter(str(status) for _, status, _ in done),
        "acknowledged_ms": percentiles([took for _, _, took in done]),
        "of_words_ms": percentiles([took for name, _, took in done if name == "user_send_text"]),
        "answered_meanwhile": answered,
        "house_cpu_ms_per_event": round(cpu / len(done) * 1000, 2),
    }


async def first_answers(http: aiohttp.ClientSession, url: str, server: LocalZalo) -> list[str]:
    """Ids of some messages that we sent, for Zalo to tell of."""
    for n in range(PEOPLE, PEOPLE + 20):
        words = event(n, 1.0, [])
        server.say(words["message"]["text"], words["sender"]["id"], quiet=True)
        await push(http, url, words, time.perf_counter())
    while len(ids := [str(one["id"]) for who in server.people for one in server.heard(who)]) < 20:
        await asyncio.sleep(0.1)
    return ids


async def main() -> None:
    result = {
        "when": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "events_a_second": RATE,
        "goal_p99_ms": GOAL_MS,
        "as_in_life": await measure(WORDS),
        "words_only": await measure(1.0),
    }
    RESULTS.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    print(json.dumps(result, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    asyncio.run(main())
