"""The page where one plays a citizen of an Official Account, offline."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from tests.support.zalo import BA, LocalZalo
from tests.support.zalo_playground import Playground


@dataclass
class Page:
    """What the page's script does, without the page."""

    zalo: LocalZalo
    http: aiohttp.ClientSession

    async def act(self, act: str, user: str = BA, **more: Any) -> str:
        async with self.http.post(f"{self.zalo.root}/page/do", json={"act": act, "user": user, **more}) as answer:
            return str((await answer.json())["user"]) if answer.ok else await answer.text()

    async def state(self, user: str = BA) -> dict[str, Any]:
        async with self.http.get(f"{self.zalo.root}/page/state", params={"user": user}) as answer:
            return dict(await answer.json())

    async def answered(self, *buttons: str) -> dict[str, Any]:
        """The OA says something with those buttons."""
        made = [{"title": title, "type": "oa.query.hide", "payload": f"#{title}"} for title in buttons]
        message = {"text": "Chọn", "attachment": {"type": "template", "payload": {"buttons": made}}}
        told = {"recipient": {"user_id": BA}, "message": message}
        headers = {"access_token": self.zalo.mint()[0]}
        url = f"{self.zalo.api_url}/v3.0/oa/message/cs"
        async with self.http.post(url, json=told, headers=headers) as answer:
            return dict(await answer.json())


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    zalo = LocalZalo()
    await zalo.start(0, Playground(zalo).routes())
    async with aiohttp.ClientSession() as http:
        yield Page(zalo, http)
    await zalo.stop()


async def test_what_is_said_stands_in_the_chat_and_opens_the_window(page: Page) -> None:
    assert "không nhắn trước được" in (await page.state())["window"]

    await page.act("say", text="làm giấy khai sinh")

    state = await page.state()
    assert [one["text"] for one in state["chat"]] == ["làm giấy khai sinh"]
    assert "miễn phí thêm" in state["window"]


async def test_a_hidden_button_says_its_payload_without_a_trace(page: Page) -> None:
    await page.act("say", text="chào")
    await page.answered("Khai sinh", "Tạm trú")
    said = (await page.state())["chat"][-1]

    await page.act("press", message=said["id"], place=1)

    assert [one["event_name"] for one in page.zalo.pusher.undelivered][-1] == "user_send_text"
    assert page.zalo.pusher.undelivered[-1]["message"]["text"] == "#Tạm trú"
    assert (await page.state())["chat"][-1] == said


@pytest.mark.parametrize(("hours", "told"), [(47, "miễn phí"), (49, "tốn tiền"), (169, "mẫu ZBS")])
async def test_the_clock_moves_the_window(page: Page, hours: int, told: str) -> None:
    await page.act("say", text="chào")

    await page.act("advance", hours=hours)

    assert told in (await page.state())["window"]


async def test_people_come_and_each_has_a_chat_of_their_own(page: Page) -> None:
    await page.act("say", text="chào")
    other = await page.act("newcomer")

    assert (await page.state(other))["chat"] == []
    assert len((await page.state())["people"]) == 2


@pytest.mark.parametrize(
    "what", ["image", "audio", "sticker", "location", "file", "follow", "withdraw", "submit_info"]
)
async def test_every_button_of_the_page_makes_its_event(page: Page, what: str) -> None:
    await page.act(what)

    assert what in page.zalo.pusher.undelivered[-1]["event_name"]


async def test_what_is_not_possible_is_said(page: Page) -> None:
    assert "đã nhắn cho OA" in await page.act("officer", text="Chào bác")
    assert "Chưa có tin" in await page.act("react")


async def test_a_fault_chosen_on_the_page_hits_the_next_send(page: Page) -> None:
    await page.act("say", text="chào")
    await page.act("fault", kind="-200")

    assert (await page.answered("a"))["error"] == -200
    assert (await page.state())["calls"][0][2] == "lỗi -200"
