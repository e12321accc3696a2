"""The local Zalo itself: what it refuses, what it sends, and how it forgets."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from tests.support import zalo_bot
from tests.support.zalo import (
    APP_ID,
    APP_SECRET,
    BA,
    OA_ID,
    OA_SECRET,
    Citizen,
    Fault,
    LocalZalo,
    Template,
    attachment,
    challenge_of,
)
from tests.support.zalo_bot import LocalZaloBot
from tests.support.zalo_events import every_event
from tests.support.zalo_push import signature

MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
VERIFIER = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
OTHER = "3333444455556660000"


@dataclass
class Client:
    """A client that asks for exactly what a test wants to see refused."""

    zalo: LocalZalo
    http: aiohttp.ClientSession
    token: str

    async def call(self, path: str, told: Any, host: str = "openapi", **headers: str) -> dict[str, Any]:
        headers = {"access_token": self.token, **headers}
        async with self.http.post(f"{self.zalo.root}/{host}/{path}", json=told, headers=headers) as answer:
            return dict(await answer.json())

    async def send(self, message: dict[str, Any], user: str = BA) -> dict[str, Any]:
        return await self.call("v3.0/oa/message/cs", {"recipient": {"user_id": user}, "message": message})

    async def upload(self, content: bytes, kind: str = "image") -> dict[str, Any]:
        form = aiohttp.FormData()
        form.add_field("file", io.BytesIO(content), filename="a.png")
        url = f"{self.zalo.api_url}/v2.0/oa/upload/{kind}"
        async with self.http.post(url, data=form, headers={"access_token": self.token}) as answer:
            return dict(await answer.json())

    async def oauth(self, secret: str = APP_SECRET, **form: str) -> dict[str, Any]:
        url, headers = f"{self.zalo.oauth_url}/v4/oa/access_token", {"secret_key": secret}
        async with self.http.post(url, data={"app_id": APP_ID, **form}, headers=headers) as answer:
            assert answer.status == 200
            return dict(await answer.json())


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    zalo = LocalZalo(clock=lambda: MORNING)
    await zalo.start()
    async with aiohttp.ClientSession() as http:
        yield Client(zalo, http, zalo.mint()[0])
    await zalo.stop()


@dataclass
class Hook:
    """A webhook that answers as told and remembers what came."""

    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)  # then 200
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if body != b"{}":
            self.came.append((dict(request.headers), body))
            return web.Response(status=self.answers.pop(0) if self.answers else 200)
        return web.Response()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.came]


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    told = Hook()
    server = web.Application()
    server.add_routes([web.post("/hook", told.take)])
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bound: Any = runner.addresses[0]
    told.url = f"http://127.0.0.1:{bound[1]}/hook"
    yield told
    await runner.cleanup()


def buttons(*several: dict[str, Any]) -> dict[str, Any]:
    return {"text": "Bác chọn", "attachment": {"type": "template", "payload": {"buttons": list(several)}}}


def button(title: str = "Khai sinh", kind: str = "oa.query.show", payload: Any = "#khai-sinh") -> dict[str, Any]:
    return {"title": title, "type": kind, "payload": payload}


def picture(**element: Any) -> dict[str, Any]:
    payload = {"template_type": "media", "elements": [{"media_type": "image", **element}]}
    return {"attachment": {"type": "template", "payload": payload}}


# --- sending --------------------------------------------------------------------------------------------------


async def test_who_just_wrote_is_answered_for_nothing(client: Client) -> None:
    client.zalo.say("Xin chào")

    told = await client.send({"text": "Cháu chào bác"})

    assert told["error"] == 0
    assert told["data"]["quota"]["quota_type"] == "reply"
    assert [one["text"] for one in client.zalo.heard()] == ["Cháu chào bác"]
    assert client.zalo.illegal == []


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"text": "a" * 2001}, -210),
        ({"text": "😀" * 1001}, -210),
        ({"text": " "}, -201),
        ({}, -201),
        (buttons(*[button()] * 6), -201),
        (buttons(button(payload="#" * 1001)), -201),
        (buttons(button(title="a" * 101)), -201),
        (buttons(button(kind="oa.query.callback")), -201),
        (buttons(button(kind="oa.open.url", payload="https://example.gov.vn")), -201),
        ({**buttons(button()), "text": ""}, -201),
        (picture(attachment_id="nobody's"), -201),
        (picture(url="http://127.0.0.1/a.png"), -201),
        (picture(), -201),
        ({"text": "a", "attachment": {"type": "template", "payload": {"template_type": "generic"}}}, -233),
        ({"text": "a", "quote_message_id": "unknown"}, -201),
    ],
)
async def test_what_the_rules_forbid_is_refused_and_counted(
    client: Client, message: dict[str, Any], code: int
) -> None:
    client.zalo.say("Xin chào")

    assert (await client.send(message))["error"] == code
    assert [call.error for call in client.zalo.illegal] == [code]
    assert client.zalo.heard() == []


async def test_five_buttons_of_every_kind_are_shown_and_pressed(client: Client) -> None:
    client.zalo.say("Xin chào")
    sms = {"content": "HO TRO", "phone_code": "84900000000"}
    several = [
        button("Khai sinh"),
        button("Trang sau", "oa.query.hide", "#2"),
        button("Mở trang", "oa.open.url", {"url": "https://example.gov.vn/"}),
        button("Nhắn", "oa.open.sms", sms),
        button("Gọi", "oa.open.phone", {"phone_code": "84900000000"}),
    ]

    assert (await client.send(buttons(*several)))["error"] == 0
    client.zalo.press("Khai sinh")
    client.zalo.press("Trang sau")
    assert client.zalo.press("Gọi") == ""
    assert [one["text"] for one in client.zalo.people[BA].chat if one["from"] == "user"] == ["Xin chào", "#khai-sinh"]


@pytest.mark.parametrize(
    ("after", "kind"),
    [(timedelta(hours=48), "reply"), (timedelta(hours=49), "sub_quota"), (timedelta(days=7), "sub_quota")],
)
async def test_time_makes_it_dearer(client: Client, after: timedelta, kind: str) -> None:
    client.zalo.say("Xin chào")
    client.zalo.advance(after)
    client.token = client.zalo.mint()[0]

    assert (await client.send({"text": "a"}))["data"]["quota"]["quota_type"] == kind


async def test_the_package_is_used_up_then_money(client: Client) -> None:
    client.zalo.package, client.zalo.wallet = 1, 60
    client.zalo.say("Xin chào")
    client.zalo.advance(timedelta(days=3))
    client.token = client.zalo.mint()[0]

    kinds = [(await client.send({"text": "a"})) for _ in range(3)]

    assert [told["data"]["quota"]["quota_type"] for told in kinds[:2]] == ["sub_quota", "purchase_quota"]
    assert kinds[2]["error"] == -211
    assert client.zalo.spent() == 55


@pytest.mark.parametrize("silent_for", [timedelta(days=7, seconds=1), None])
async def test_after_a_week_the_window_is_closed(client: Client, silent_for: timedelta | None) -> None:
    client.zalo.citizen(BA, last=MORNING - silent_for if silent_for else None)

    assert (await client.send({"text": "a"}))["error"] == -230
    assert len(client.zalo.illegal) == 1

    client.zalo.follow()
    assert (await client.send({"text": "a"}))["error"] == 0


async def test_who_blocked_us_is_news_once(client: Client) -> None:
    client.zalo.say("Xin chào")
    client.zalo.citizen(BA, gone=-213)

    assert (await client.send({"text": "a"}))["error"] == -213
    assert client.zalo.illegal == []
    await client.send({"text": "a"})
    assert len(client.zalo.illegal) == 1


async def test_eight_free_answers_if_the_older_rule_holds(client: Client) -> None:
    client.zalo.free_answers = 8
    client.zalo.say("Xin chào")

    kinds = [(await client.send({"text": "a"}))["data"]["quota"]["quota_type"] for _ in range(9)]

    assert kinds == ["reply"] * 8 + ["sub_quota"]


async def test_pictures_are_small_png_or_jpeg_and_live_a_week(client: Client) -> None:
    client.zalo.say("Xin chào")
    assert (await client.upload(PNG + bytes(1024 * 1024)))["error"] == -210
    assert (await client.upload(b"GIF89a"))["message"] == "file is invalid. We only support png and jpeg"
    id_ = (await client.upload(PNG))["data"]["attachment_id"]

    assert (await client.send(picture(attachment_id=id_)))["error"] == 0
    client.zalo.advance(timedelta(days=7))
    client.token = client.zalo.mint()[0]
    client.zalo.say("Xin chào")
    assert (await client.send(picture(attachment_id=id_)))["error"] == -100


@pytest.mark.parametrize("path", ["v3.0/oa/message", "v3.0/oa/upload/image"])
async def test_what_is_not_there_is_a_404(client: Client, path: str) -> None:
    async with client.http.post(
        f"{client.zalo.api_url}/{path}", json={}, headers={"access_token": client.token}
    ) as answer:
        assert answer.status == 404


async def test_the_old_ways_of_sending_are_shut_down(client: Client) -> None:
    client.zalo.say("Xin chào")
    message = {"recipient": {"user_id": BA}, "message": {"text": "a"}}

    assert (await client.call("v2.0/oa/message", message))["error"] == -240
    assert (await client.call("v3.0/oa/message/transaction", message))["error"] == -235


async def test_templates_need_no_window_but_money(client: Client) -> None:
    client.zalo.citizen(BA)
    data = {"ho_ten": "Bà Ba", "ma_ho_so": "H1"}
    told = {"user_id": BA, "template_id": "300001", "template_data": data}

    assert (await client.call("v3.0/oa/message/template", told))["error"] == 0
    assert client.zalo.heard()[0]["text"] == "Hồ sơ H1 của Bà Ba đã có kết quả."
    assert (await client.call("v3.0/oa/message/template", {**told, "tracking_id": "1"}))["error"] == -201
    client.zalo.templates["300001"] = Template(by_user=False)
    assert (await client.call("v3.0/oa/message/template", told))["error"] == -249
    assert client.zalo.spent() == 560


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, 0),
        ({"phone": "0900000000"}, -108),
        ({"template_id": "9"}, -109),
        ({"template_data": {"ho_ten": "A"}}, -1122),
        ({"template_data": {"ho_ten": "A" * 31, "ma_ho_so": "1"}}, -1121),
        ({"tracking_id": "x" * 49}, -132),
        ({"mode": "development"}, -127),
        ({"sending_mode": "3"}, -161),
        ({"phone": "84911111111"}, -118),
    ],
)
async def test_templates_by_phone_are_checked(client: Client, change: dict[str, Any], code: int) -> None:
    client.zalo.no_zalo.add("84911111111")
    data = {"ho_ten": "Bà Ba", "ma_ho_so": "H1"}
    told = {"phone": "84900000000", "template_id": "300001", "template_data": data, "tracking_id": "x", **change}

    assert (await client.call("message/template", told, "business"))["error"] == code
    assert client.zalo.spent() == (0 if code else 800)


async def test_user_detail_takes_its_arguments_as_json_in_one_parameter(client: Client) -> None:
    client.zalo.say("Xin chào")
    headers = {"access_token": client.token}
    url = f"{client.zalo.api_url}/v3.0/oa/user/detail"

    async with client.http.get(url, params={"data": json.dumps({"user_id": BA})}, headers=headers) as answer:
        assert (await answer.json())["data"]["user_last_interaction_date"] == "23/11/2026"
    async with client.http.get(url, params={"user_id": BA}, headers=headers) as answer:
        assert (await answer.json())["error"] == -201


# --- tokens ---------------------------------------------------------------------------------------------------


async def test_consent_gives_a_code_and_the_code_a_pair(client: Client) -> None:
    asked = {
        "app_id": APP_ID,
        "redirect_uri": "https://hoi.example.vn/zalo",
        "code_challenge": challenge_of(VERIFIER),
    }
    url = f"{client.zalo.oauth_url}/v4/oa/permission"
    async with client.http.get(url, params=asked, allow_redirects=False) as answer:
        code = URL(answer.headers["Location"]).query["code"]

    bad = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER[::-1]}
    assert "access_token" not in await client.oauth(**bad)
    code = client.zalo.consent(challenge_of(VERIFIER))
    good = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    told = await client.oauth(**good)
    assert told["expires_in"] == "90000"
    assert "access_token" not in await client.oauth(**good), "a code is good once"


async def test_a_refresh_token_is_good_once_and_ends_the_access_token_before(client: Client) -> None:
    client.zalo.say("Xin chào")
    client.token, refresh = client.zalo.mint()
    before = client.token

    told = await client.oauth(grant_type="refresh_token", refresh_token=refresh)
    again = await client.oauth(grant_type="refresh_token", refresh_token=refresh)

    assert again["error"] == -14014
    assert (await client.send({"text": "a"}))["error"] == -220
    client.token = told["access_token"]
    assert (await client.send({"text": "a"}))["error"] == 0
    assert before != client.token


async def test_tokens_die_of_age_and_of_wrong_secrets(client: Client) -> None:
    client.zalo.say("Xin chào")
    access, refresh = client.zalo.mint()
    client.token = "somebody's"
    assert (await client.send({"text": "a"}))["error"] == -216
    client.token = access
    client.zalo.advance(timedelta(hours=25))
    assert (await client.send({"text": "a"}))["error"] == -220
    assert (await client.oauth("wrong", grant_type="refresh_token", refresh_token=refresh))["error"] == -14002
    client.zalo.advance(timedelta(days=90))
    assert (await client.oauth(grant_type="refresh_token", refresh_token=refresh))["error"] == -14014


def test_the_challenge_is_that_of_the_reference() -> None:
    assert challenge_of(VERIFIER) == "RqIZl4LIgn8KxW9QO-nTnv7pf0CnNrksx9fF-CXP2FE"


# --- faults ---------------------------------------------------------------------------------------------------


async def test_faults_are_had_as_often_as_asked(client: Client) -> None:
    client.zalo.say("Xin chào")
    client.zalo.faults += [Fault("-200", times=2), Fault("numbers"), Fault("no-quota"), Fault("two-servers")]

    told = [await client.send({"text": str(n)}) for n in range(5)]

    assert [one["error"] for one in told] == [-200, -200, 0, 0, 0]
    assert "quota" not in told[3]["data"]
    assert client.zalo.illegal == []


@pytest.mark.parametrize(("kind", "done"), [("lost", 1), ("cut", 0)])
async def test_an_answer_may_be_lost_with_or_without_the_work_done(client: Client, kind: str, done: int) -> None:
    client.zalo.say("Xin chào")
    client.zalo.faults.append(Fault(kind))

    with pytest.raises(aiohttp.ClientError):
        await client.send({"text": "a"})
    assert len(client.zalo.heard()) == done


async def test_a_lost_answer_to_a_refresh_leaves_nobody_with_a_token(client: Client) -> None:
    _, refresh = client.zalo.mint()
    client.zalo.faults.append(Fault("lost", "access_token"))

    with pytest.raises(aiohttp.ClientError):
        await client.oauth(grant_type="refresh_token", refresh_token=refresh)
    assert (await client.oauth(grant_type="refresh_token", refresh_token=refresh))["error"] == -14014


async def test_too_many_calls_a_minute_are_refused(client: Client) -> None:
    client.zalo.rate = 2
    client.zalo.say("Xin chào")

    told = [(await client.send({"text": "a"}))["error"] for _ in range(3)]

    assert told == [0, 0, -32]


# --- events ---------------------------------------------------------------------------------------------------


def test_the_signature_is_that_of_the_reference() -> None:
    body = (
        '{"app_id":"1111222233334444555","sender":{"id":"3333444455556666777"},"user_id_by_app":"4444555566667777888",'
        '"recipient":{"id":"2222333344445555666"},"event_name":"user_send_text","message":{"msg_id":'
        '"96d3cdf3af15aa460909","text":"Xin chào"},"timestamp":"1790000000123"}'
    )

    mac = signature(APP_ID, body.encode(), "1790000000123", "OaSecretKeyExample01")

    assert mac == "11f27d9694895bc4653ae8a4f47f9d3b0307db0ee7be851dacfcb8852aa78258"


async def test_events_come_signed_in_order_and_unescaped(client: Client, hook: Hook) -> None:
    zalo = client.zalo
    await zalo.set_webhook(hook.url)
    zalo.follow()
    zalo.say("Xin chào")
    zalo.sends(BA, "image", attachment("image"))
    await zalo.all_taken()

    assert [event["event_name"] for event in hook.events] == ["follow", "user_send_text", "user_send_image"]
    headers, body = hook.came[1]
    event = hook.events[1]
    assert headers["X-ZEvent-Signature"] == f"mac={signature(APP_ID, body, event['timestamp'], OA_SECRET)}"
    assert "Xin chào".encode() in body
    assert event["timestamp"] == str(int(MORNING.timestamp() * 1000))


async def test_what_was_sent_comes_back_as_echo_and_receipts(client: Client, hook: Hook) -> None:
    await client.zalo.set_webhook(hook.url)
    client.zalo.say("Xin chào")
    await client.send({"text": "a"})
    client.zalo.officer_says("Để tôi")
    await client.zalo.all_taken()

    names = [event["event_name"] for event in hook.events]
    assert names[1:] == ["oa_send_text", "user_received_message", "user_seen_message", "oa_send_text"]
    assert "admin_id" not in hook.events[1]["sender"]
    assert "admin_id" in hook.events[-1]["sender"]
    assert hook.events[1]["recipient"] == {"id": BA}


async def test_a_failed_event_comes_again_five_times_and_then_no_more(client: Client, hook: Hook) -> None:
    pusher = client.zalo.pusher
    pusher.speed = 100_000
    await client.zalo.set_webhook(hook.url)
    hook.answers = [500, 503]
    client.zalo.say("Xin chào")
    await client.zalo.all_taken()
    assert [headers.get("num_retry") for headers, _ in hook.came] == [None, "1", "2"]
    assert len({body for _, body in hook.came}) == 1

    hook.answers = [500] * 6
    client.zalo.say("Mất")
    await client.zalo.all_taken()
    client.zalo.say("Mất theo")
    assert not pusher.subscribed
    assert len(pusher.undelivered) == 2


async def test_bad_habits_are_had_by_switches(client: Client, hook: Hook) -> None:
    zalo = client.zalo
    await zalo.set_webhook(hook.url)
    zalo.pusher.twice = 1.0
    zalo.say("Xin chào")
    await zalo.all_taken()
    assert len(hook.came) == 2

    zalo.pusher.twice, zalo.pusher.shuffled = 0.0, True
    for n in range(20):
        zalo.say(str(n))
    await zalo.all_taken()
    assert [event["message"]["text"] for event in hook.events[2:]] != [str(n) for n in range(20)]

    for mac in ("bad", "hmac", "oa-id", "app-secret"):
        zalo.pusher.mac = mac
        zalo.say(mac)
    await zalo.all_taken()
    for headers, body in hook.came[-4:]:
        right = signature(APP_ID, body, json.loads(body)["timestamp"], OA_SECRET)
        assert right not in headers["X-ZEvent-Signature"]


async def test_the_console_wants_its_probe_answered(client: Client, hook: Hook) -> None:
    with pytest.raises(ValueError, match="404"):
        await client.zalo.set_webhook(hook.url + "/nowhere")
    client.zalo.say("Xin chào")

    assert len(client.zalo.pusher.undelivered) == 1


async def test_templates_by_phone_are_acknowledged_by_another_part_of_zalo(client: Client, hook: Hook) -> None:
    await client.zalo.set_webhook(hook.url)
    data = {"ho_ten": "Bà Ba", "ma_ho_so": "H1"}
    told = {"phone": "84900000000", "template_id": "300001", "template_data": data, "tracking_id": "t1"}
    await client.call("message/template", told, "business")
    await client.zalo.all_taken()

    [(headers, body)] = hook.came
    assert headers["X-ZEvent-Server"] == "ZNS"
    assert json.loads(body)["message"]["tracking_id"] == "t1"
    assert json.loads(body)["sender"] == {"id": OA_ID}


async def test_people_are_kept_apart(client: Client) -> None:
    client.zalo.say("Xin chào")
    client.zalo.say("Chào", OTHER)
    await asyncio.gather(client.send({"text": "cho bà"}), client.send({"text": "cho ông"}, OTHER))

    assert isinstance(client.zalo.people[OTHER], Citizen)
    assert [one["text"] for one in client.zalo.heard(OTHER)] == ["cho ông"]


# --- the Bot platform -----------------------------------------------------------------------------------------


@pytest.fixture
async def bot() -> AsyncIterator[LocalZaloBot]:
    server = LocalZaloBot(clock=lambda: MORNING)
    await server.start()
    yield server
    await server.stop()


async def ask(bot: LocalZaloBot, method: str, token: str = zalo_bot.TOKEN, **given: Any) -> dict[str, Any]:
    async with aiohttp.ClientSession() as http, http.post(f"{bot.root}/bot{token}/{method}", json=given) as answer:
        assert answer.status == 200
        return dict(await answer.json())


async def test_updates_are_polled_one_by_one_and_never_again(bot: LocalZaloBot) -> None:
    bot.say("một")
    bot.say("hai")

    told = [await ask(bot, "getUpdates", timeout=0.05) for _ in range(3)]

    assert [one["result"]["message"]["text"] for one in told[:2]] == ["một", "hai"]
    assert told[2] == {"ok": False, "description": "Request timeout", "error_code": 408}
    assert bot.waiting == 0


@pytest.mark.parametrize(
    ("method", "given", "code"),
    [
        ("sendMessage", {"chat_id": zalo_bot.BA, "text": "a" * 2001}, 400),
        ("sendMessage", {"chat_id": zalo_bot.BA, "text": ""}, 400),
        ("sendMessage", {"chat_id": "nobody", "text": "a"}, 400),
        ("sendmessage", {"chat_id": zalo_bot.BA, "text": "a"}, 400),
        ("sendPhoto", {"chat_id": zalo_bot.BA, "photo": "http://127.0.0.1/a.png"}, 400),
        ("sendChatAction", {"chat_id": zalo_bot.BA, "action": "upload_photo"}, 400),
        ("setWebhook", {"url": "https://hoi.example.vn/x", "secret_token": "short"}, 400),
        ("setWebhook", {"url": "https://127.0.0.1/x", "secret_token": "long enough"}, 400),
        ("getWebhookInfo", {}, 404),
    ],
)
async def test_the_bot_platform_refuses_with_a_friendly_200(
    bot: LocalZaloBot, method: str, given: dict[str, Any], code: int
) -> None:
    bot.say("Xin chào")

    assert (await ask(bot, method, **given))["error_code"] == code
    assert bot.heard() == []


async def test_a_wrong_token_is_unauthorized(bot: LocalZaloBot) -> None:
    assert (await ask(bot, "getMe", token="1:wrong"))["error_code"] == 401


@pytest.mark.parametrize("wrapped", [False, True])
async def test_the_bot_platform_pushes_with_its_secret_and_once(bot: LocalZaloBot, hook: Hook, wrapped: bool) -> None:
    bot.wrapped, bot.push_to = wrapped, hook.url.removesuffix("/hook")
    told = await ask(bot, "setWebhook", url="https://hoi.example.vn/hook", secret_token="our secret")
    assert told["result"]["verification"]["ok"]
    hook.came.clear()  # the probe
    hook.answers = [200, 500]

    bot.say("Xin chào")
    bot.sends("image")
    await bot.all_taken()

    first, second = hook.events
    assert (first["result"] if wrapped else first)["message"]["text"] == "Xin chào"
    assert "photo_url" in (second["result"] if wrapped else second)["message"]
    assert hook.came[0][0]["X-Bot-Api-Secret-Token"] == "our secret"
    assert len(bot.undelivered) == 1
    assert (await ask(bot, "getUpdates"))["error_code"] == 400


async def test_a_webhook_is_saved_even_when_its_probe_fails(bot: LocalZaloBot, hook: Hook) -> None:
    bot.push_to = hook.url.removesuffix("/hook")
    told = await ask(bot, "setWebhook", url="https://hoi.example.vn/nowhere", secret_token="our secret")

    assert told["ok"]
    assert told["result"]["verification"]["outcome"] == "webhook.http.404"
    assert (await ask(bot, "getWebhookInfo"))["result"]["url"] == "https://hoi.example.vn/nowhere"


async def test_the_free_plan_ends_at_fifty_people_and_so_many_messages(bot: LocalZaloBot) -> None:
    bot.messages_a_month = 3
    for n in range(51):
        bot.say("a", f"{n:020x}")

    assert (await ask(bot, "sendMessage", chat_id=f"{50:020x}", text="a"))["error_code"] == 429
    told = [(await ask(bot, "sendMessage", chat_id=f"{49:020x}", text="a"))["ok"] for _ in range(4)]
    assert told == [True, True, True, False]
    assert bot.illegal == []


async def test_every_known_event_can_be_brought(client: Client, hook: Hook) -> None:
    await client.zalo.set_webhook(hook.url)
    for _, body in every_event():
        client.zalo.event(body)
    await client.zalo.all_taken()

    assert len(hook.events) > 60
    assert {event["event_name"] for event in hook.events} >= {"user_withdraw", "permission_revoked", "follow"}
    assert all(event["timestamp"].isdigit() and APP_ID in json.dumps(event) for event in hook.events)
