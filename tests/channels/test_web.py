"""The web door over a real server on loopback: what a page sends, and everything that no page sends."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import socket
import string
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import App, serve
from bot.channels.web import address_of
from bot.errors import SettingsError
from bot.logs import log_to
from tests.support.talking import WebTalker, settings, web

EMBEDDER = "https://xa.example.vn"


@dataclass
class House:
    """A running server, and a browser's means to talk to it."""

    app: App
    url: str
    browser: aiohttp.ClientSession

    async def post(self, path: str, body: Any) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self.browser.post(self.url + path, data=data) as response:
            text = await response.text()
            return response.status, json.loads(text) if response.status == 200 else text

    async def get(self, path: str, **headers: str) -> aiohttp.ClientResponse:
        response = await self.browser.get(self.url + path, headers=headers)
        await response.read()
        return response


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        chosen = settings(tmp_path, port=0, embed_origins=EMBEDDER)
        app, url = await stack.enter_async_context(serve(chosen, chores=False))
        browser = await stack.enter_async_context(aiohttp.ClientSession(auto_decompress=True))
        yield House(app, url, browser)


def secret() -> str:
    return secrets.token_urlsafe(32)


class TestTalking:
    async def test_a_page_that_comes_back_gets_what_it_missed_once(self, tmp_path: Path) -> None:
        async with web(tmp_path) as person:
            await person.say("làm giấy khai sinh")
            seen = person.seen
            assert person.app
            assert person.socket
            await person.socket.send_json({"t": "say", "id": "while-away", "text": "phí bao nhiêu"})
            await person.restart()
            (missed,) = [await person._next() for _ in range(1)]

            assert missed["seq"] > seen
            assert missed["re"] == "while-away"
            assert "phí" in missed["text"].lower()

    async def test_the_same_id_twice_is_one_message(self, house: House) -> None:
        visitor = secret()
        for _ in range(3):
            status, _ = await house.post("/api/say", {"secret": visitor, "id": "message-1", "text": "xin chào"})
            assert status == 200
        await house.app.settle()

        _, got = await house.post("/api/replies", {"secret": visitor, "after": 0})
        assert {reply["re"] for reply in got["replies"]} == {"message-1"}
        assert len(got["replies"]) == 2  # the welcome and the menu

    async def test_two_visitors_may_make_the_same_id(self, house: House) -> None:
        one, other = secret(), secret()
        for visitor in (one, other):
            await house.post("/api/say", {"secret": visitor, "id": "message-1", "text": "xin chào"})
        await house.app.settle()

        for visitor in (one, other):
            _, got = await house.post("/api/replies", {"secret": visitor, "after": 0})
            assert len(got["replies"]) == 2

    async def test_a_visitor_sees_nothing_of_another(self, house: House) -> None:
        await house.post("/api/say", {"secret": secret(), "id": "message-1", "text": "xin chào"})
        await house.app.settle()

        assert await house.app.storage.since(address_of(secret()), 0) == ()

    async def test_plain_requests_carry_a_whole_conversation(self, house: House) -> None:
        visitor, after = secret(), 0
        for n, text in enumerate(["làm giấy khai sinh", "làm từng bước", "1"]):
            await house.post("/api/say", {"secret": visitor, "id": f"message-{n}", "text": text})
            _, got = await house.post("/api/replies", {"secret": visitor, "after": after})
            after = got["replies"][-1]["seq"]
        assert "Giấy chứng sinh" in got["replies"][-1]["text"]
        assert got["answered"] == ["message-2"]

    async def test_a_reply_counts_as_delivered_once_the_page_says_so(self, house: House) -> None:
        visitor = secret()
        await house.post("/api/say", {"secret": visitor, "id": "message-1", "text": "xin chào"})
        await house.app.settle()
        address, now = address_of(visitor), house.app.clock.now()
        last = (await house.app.storage.since(address, 0))[-1].id

        assert await house.app.storage.acknowledge(address, last, now) == 2
        assert await house.app.storage.acknowledge(address, last, now) == 0

    async def test_a_page_that_knows_more_than_we_do_begins_again(self, house: House) -> None:
        """The database was made anew under a browser that remembers the old one."""
        visitor = secret()
        await house.post("/api/say", {"secret": visitor, "id": "message-1", "text": "xin chào"})
        await house.app.settle()
        async with house.browser.ws_connect(f"{house.url}/ws") as page:
            await page.send_json({"t": "hello", "secret": visitor, "after": 5_000})
            assert await page.receive_json(timeout=5) == {"t": "welcome", "last": 0}
            assert (await page.receive_json(timeout=5))["t"] == "reply"

        _, got = await house.post("/api/replies", {"secret": visitor, "after": 5_000})
        assert got["last"] == 0
        assert len(got["replies"]) == 2

    async def test_two_pages_of_one_visitor_both_hear(self, tmp_path: Path) -> None:
        async with (
            web(tmp_path) as first,
            aiohttp.ClientSession() as browser,
            browser.ws_connect(f"{first.url}/ws") as second,
        ):
            await second.send_json({"t": "hello", "secret": first.secret, "after": 0})
            assert await second.receive_json() == {"t": "welcome", "last": 0}
            await first.say("xin chào")
            assert (await second.receive_json(timeout=5))["t"] == "reply"

    async def test_ticks_edit_the_checklist_in_place(self, tmp_path: Path) -> None:
        async with web(tmp_path) as person:
            for text in ("làm giấy khai sinh", "làm từng bước", "1", "1", "1", "1"):
                await person.say(text)
            listed = person.seen
            assert person.socket
            await person.socket.send_json({"t": "say", "id": "tick-it-now", "text": "1"})
            frames = [await person._next() for _ in range(2)]
            (ticked,) = [frame for frame in frames if frame["t"] == "reply"] or [await person._next()]

            assert ticked["edits"] == listed
            assert "☑ 1." in ticked["text"]
            assert ticked["page"].startswith("/thu-tuc/khai-sinh?at=online")

    async def test_the_secret_itself_is_nowhere_on_the_disk(self, house: House, tmp_path: Path) -> None:
        visitor = secret()
        await house.post("/api/say", {"secret": visitor, "id": "message-1", "text": "xin chào"})
        await house.app.settle()

        assert not any(visitor.encode() in file.read_bytes() for file in tmp_path.iterdir() if file.is_file())


class TestPages:
    @pytest.mark.parametrize("path", ["/", "/chat", "/thu-tuc/", "/thu-tuc/khai-sinh", "/health", "/robots.txt"])
    async def test_every_page_is_there_and_guarded(self, house: House, path: str) -> None:
        response = await house.get(path)

        assert response.status == 200
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        framed_by = EMBEDDER if path == "/chat" else "'none'"
        assert policy.endswith(f"frame-ancestors {framed_by}")

    @pytest.mark.parametrize("path", ["/", "/chat", "/thu-tuc/", "/thu-tuc/khai-sinh"])
    async def test_no_page_holds_a_script_or_style_of_its_own_or_names_another_host(
        self, house: House, path: str
    ) -> None:
        text = await (await house.get(path)).text()

        assert "<style" not in text
        assert " style=" not in text
        assert " onclick=" not in text
        for start in text.split("<script")[1:]:
            tag, _rest = start.split(">", 1)
            assert "src=" in tag or "json" in tag, tag
        for link in ("src=", "<link"):
            assert f'{link}"http' not in text.replace(' href="https://dichvucong.gov.vn"', "")

    async def test_the_whole_chat_is_under_a_hundred_kilobytes(self, house: House) -> None:
        total = 0
        async with aiohttp.ClientSession(auto_decompress=False) as browser:
            folder = Path(__file__).parents[2] / "bot" / "channels" / "static"
            paths = ["/", "/manifest.webmanifest", *(f"/static/{file.name}" for file in folder.iterdir())]
            for path in paths:
                async with browser.get(house.url + path, headers={"Accept-Encoding": "gzip"}) as response:
                    assert response.status == 200, path
                    total += len(await response.read())

        assert total < 100_000

    async def test_an_asset_is_sent_once(self, house: House) -> None:
        first = await house.get("/static/chat.css?v=1")
        again = await house.get("/static/chat.css?v=1", **{"If-None-Match": first.headers["ETag"]})

        assert "max-age=31536000" in first.headers["Cache-Control"]
        assert again.status == 304

    @pytest.mark.parametrize("name", ["../web.py", "%2e%2e/web.py", "..%2fweb.py", "chat.js%00", "x" * 5000, "nope"])
    async def test_no_path_leads_out_of_the_static_files(self, house: House, name: str) -> None:
        response = await house.get(f"/static/{name}")

        assert 400 <= response.status < 500

    async def test_health_tells_nothing_about_people(self, house: House) -> None:
        health = json.loads(await (await house.get("/health")).text())

        assert set(health) == {"ok", "content", "waiting_s"}
        assert health["ok"] is True


class TestBadInput:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"null",
            b"[]",
            b"{",
            b"\xff\xfe",
            b"[" * 100_000,
            b'{"secret": 1}',
            {"secret": "short", "id": "message-1", "text": "x"},
            {"secret": "a" * 43, "id": "x", "text": "x"},
            {"secret": "a" * 43, "id": "message-1"},
            {"secret": "a" * 43, "id": "message-1", "text": 5},
            {"secret": "a" * 43, "id": ["message-1"], "text": "x"},
            {"secret": "a" * 43 + "\n", "id": "message-1", "text": "x"},
        ],
        ids=lambda body: str(body)[:30],
    )
    async def test_what_no_page_sends_is_refused(self, house: House, body: Any) -> None:
        for path in ("/api/say", "/api/replies"):
            status, _ = await house.post(path, body)

            assert 400 <= status < 500

    @pytest.mark.parametrize("after", [-1, 2**70, "1", None, 1.5, True if False else []])
    async def test_a_sequence_number_is_a_number(self, house: House, after: Any) -> None:
        status, _ = await house.post("/api/replies", {"secret": "a" * 43, "after": after})

        assert status == 400

    async def test_a_body_that_is_too_large_is_refused(self, house: House) -> None:
        status, _ = await house.post("/api/say", b" " * 200_000)

        assert status == 413

    async def test_odd_text_gets_a_kind_sentence(self, house: House) -> None:
        visitor = secret()
        texts = ["\x00\x07", "\ud800 lone", "🙂" * 500, "<script>alert(1)</script>", "ﷺ" * 3000, "a\u0301" * 4000]
        for n, text in enumerate(texts):
            status, _ = await house.post("/api/say", {"secret": visitor, "id": f"message-{n}", "text": text})
            assert status == 200
        await house.app.settle()

        _, got = await house.post("/api/replies", {"secret": visitor, "after": 0})
        assert len({reply["re"] for reply in got["replies"]}) == len(texts)

    async def test_random_bytes_on_any_route_are_never_our_fault(self, house: House) -> None:
        luck = random.Random(3)
        routes = [
            "/",
            "/chat",
            "/ws",
            "/api/say",
            "/api/replies",
            "/static/",
            "/thu-tuc/",
            "/health",
            "/desk",
            "/webhook/",
        ]
        for _ in range(300):
            path = luck.choice(routes) + "".join(luck.choices(string.printable[:94], k=luck.randint(0, 20)))
            path = path.replace("#", "").replace(" ", "")
            status = await raw(house, luck.choice(["GET", "POST", "PUT", "HEAD", "FOO"]), path, luck.randbytes(50))

            assert status is None or status < 500, (status, path)

    async def test_what_is_no_http_at_all_leaves_one_line_without_its_words(
        self, house: House, tmp_path: Path
    ) -> None:
        log_to(tmp_path / "log", "info")
        status = await raw(house, "GET", "/\x01SECRETWORD\x02", b"")
        lines = (tmp_path / "log").read_text().splitlines()

        assert status == 400
        assert [json.loads(line) for line in lines]
        assert not any("SECRETWORD" in line for line in lines)

    @pytest.mark.parametrize(
        "frame",
        [
            "",
            "x",
            "[]",
            '{"t":"say"}',
            '{"t":"hello"}',
            '{"t":"hello","secret":"short","after":0}',
            '{"t":"hello","secret":"' + "a" * 43 + '","after":-1}',
            "{" * 30_000,
        ],
    )
    async def test_a_socket_that_says_no_hello_is_closed(self, house: House, frame: str) -> None:
        async with house.browser.ws_connect(f"{house.url}/ws") as page:
            await page.send_str(frame)
            message = await page.receive(timeout=5)

            assert message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}

    @pytest.mark.parametrize("frame", ["x", "[]", '{"t":"no"}', '{"t":"say","id":"1"}', '{"t":"ack","seq":"x"}'])
    async def test_a_bad_frame_closes_the_socket_and_nobody_elses(
        self, house: House, tmp_path: Path, frame: str
    ) -> None:
        async with (
            house.browser.ws_connect(f"{house.url}/ws") as good,
            house.browser.ws_connect(f"{house.url}/ws") as bad,
        ):
            for page in (good, bad):
                await page.send_json({"t": "hello", "secret": secret(), "after": 0})
                assert await page.receive_json(timeout=5) == {"t": "welcome", "last": 0}
            await bad.send_str(frame)
            assert (await bad.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
            await good.send_json({"t": "ping"})
            assert await good.receive_json(timeout=5) == {"t": "pong"}

    async def test_an_oversized_frame_closes_the_socket(self, house: House) -> None:
        async with house.browser.ws_connect(f"{house.url}/ws") as page:
            await page.send_json({"t": "hello", "secret": secret(), "after": 0})
            assert await page.receive_json(timeout=5) == {"t": "welcome", "last": 0}
            await page.send_json({"t": "say", "id": "message-1", "text": "x" * 100_000})

            assert (await page.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE

    async def test_another_sites_page_may_not_speak(self, house: House) -> None:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await house.browser.ws_connect(f"{house.url}/ws", headers={"Origin": "https://evil.example"})

        assert refused.value.status == 403

    async def test_a_thousand_idle_sockets_keep_nobody_waiting(self, house: House) -> None:
        host, port = house.url.removeprefix("http://").split(":")
        idle = []
        for _ in range(1_000):
            quiet = socket.socket()
            quiet.setblocking(False)
            await asyncio.get_running_loop().sock_connect(quiet, (host, int(port)))
            idle.append(quiet)
        slow = idle[0]
        await asyncio.get_running_loop().sock_sendall(
            slow, b"POST /api/say HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"
        )
        visitor = secret()
        status, _ = await house.post("/api/say", {"secret": visitor, "id": "message-1", "text": "xin chào"})
        for quiet in idle:
            quiet.close()

        assert status == 200

    async def test_markup_in_a_label_comes_back_as_text(self, house: House) -> None:
        """The page shows text as text; here we see that nothing on the way makes it anything else."""
        visitor = secret()
        texts = ["làm giấy khai sinh", "làm từng bước", "menu", "làm khai sinh", "làm từng bước", "2", "<b>bé</b>"]
        for n, text in enumerate(texts):
            await house.post("/api/say", {"secret": visitor, "id": f"message-{n}", "text": text})
        await house.post("/api/say", {"secret": visitor, "id": "message-9", "text": "tôi đang ở đâu"})
        await house.app.settle()

        _, got = await house.post("/api/replies", {"secret": visitor, "after": 0})
        assert "<b>bé</b>" in got["replies"][-1]["text"]


async def raw(house: House, method: str, path: str, body: bytes) -> int | None:
    """A request put together by hand; its status, or None if the server just hung up."""
    host, port = house.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    try:
        line = await asyncio.wait_for(reader.readline(), 10)
    except ConnectionError:
        return None
    finally:
        writer.close()
    return int(line.split()[1]) if line else None


async def test_a_taken_port_is_said_in_words(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SettingsError, match="cổng"):
            async with serve(settings(tmp_path, port=taken.getsockname()[1]), chores=False):
                pass


def test_a_talker_is_a_page(tmp_path: Path) -> None:
    """So that the conversations of tests/conversations/ pass through this door as well."""
    assert WebTalker(tmp_path).secret != WebTalker(tmp_path).secret
