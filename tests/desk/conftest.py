from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from bot.app import App, serve
from bot.dialogue.messages import Invitation, Role
from bot.tokens import hashed
from tests.support.talking import settings
from tests.support.telegram import TOKEN, LocalTelegram

OFFICER = 700_001


@dataclass
class Office:
    """The house with its web server, and a chat platform beside it."""

    app: App
    url: str
    chat: LocalTelegram
    browsers: list[aiohttp.ClientSession] = field(default_factory=list)

    def browser(self) -> aiohttp.ClientSession:
        """A browser of its own, with its cookies."""
        browser = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.browsers.append(browser)
        return browser

    async def says(self, text: str, who: int = OFFICER) -> str:
        """Somebody writes to the bot; what it answers."""
        start = len(self.chat.calls)
        self.chat.say(text, who)
        await self.chat.all_taken()
        await self.app.settle()
        return "\n".join(str(call.get("text")) for method, call in self.chat.calls[start:] if method == "sendMessage")

    async def invited(self, role: Role = Role.OFFICER, who: int = OFFICER, name: str = "Chị Lan") -> None:
        """Somebody who has taken up an invitation in their chat."""
        token = f"invitation-of-{who}-{role}"
        invited = Invitation(role=role, place=None, name=name)
        await self.app.storage.invite(hashed(token), invited, "test", self.app.clock.now())
        assert name in await self.says(f"mời {token}", who)

    async def link(self, who: int = OFFICER) -> str:
        """The way in that the bot gives them."""
        found = re.search(r"/desk/vao/\w+", await self.says("bàn làm việc", who))
        assert found
        return self.url + found[0]

    async def entered(
        self, role: Role = Role.OFFICER, who: int = OFFICER, name: str = "Chị Lan"
    ) -> aiohttp.ClientSession:
        """A browser in which somebody with that role has entered."""
        await self.invited(role, who, name)
        browser, link = self.browser(), await self.link(who)
        await self.says(await code_on(browser, link), who)
        async with browser.post(link) as response:
            assert response.status == 200, await response.text()
            assert response.url.path == "/desk"
        return browser


async def code_on(browser: aiohttp.ClientSession, link: str) -> str:
    """The code that the page behind the link shows."""
    async with browser.get(link) as response:
        found = re.search(r'class="code">([A-Z0-9-]+)<', await response.text())
    assert found
    return found[1]


async def csrf_of(browser: aiohttp.ClientSession, page: str) -> str:
    """The token of the forms on that page."""
    async with browser.get(page) as response:
        found = re.search(r'name="csrf" value="([^"]+)"', await response.text())
    assert found
    return found[1]


@asynccontextmanager
async def open_office(folder: Path) -> AsyncIterator[Office]:
    chat = LocalTelegram()
    root = await chat.start()
    async with serve(settings(folder, port=0, telegram_token=TOKEN, telegram_api_url=root), chores=False) as (
        app,
        url,
    ):
        office = Office(app, url, chat)
        yield office
        for browser in office.browsers:
            await browser.close()
    await chat.stop()


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as office:
        yield office
