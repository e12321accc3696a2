"""Tips at the desk: written by one, approved by another, watched, stopped, read out; over HTTP with real sessions."""

from __future__ import annotations

import re

import aiohttp

from bot.broadcasting import Broadcaster
from bot.dialogue.messages import BroadcastState, Role
from tests.desk.conftest import Office, csrf_of

TEXT = "Nhà có bé mới sinh, bác nhớ khai sinh trong 60 ngày. Bấm nút dưới để cháu chỉ từng bước."
VOLUNTEER = 700_002
CITIZEN = 700_003


async def page(browser: aiohttp.ClientSession, url: str) -> str:
    async with browser.get(url) as response:
        assert response.status == 200, await response.text()
        return await response.text()


async def fills_in(office: Office, browser: aiohttp.ClientSession, **fields: str) -> str:
    """Write a tip with the form; where its page is."""
    form = await page(browser, f"{office.url}/desk/meo/moi")
    action = re.search(r'action="(/desk/meo/\w+)/luu"', form)
    assert action
    token = await csrf_of(browser, f"{office.url}/desk/meo/moi")
    data = {"csrf": token, "text": TEXT, "guide": "khai-sinh", **fields}
    async with browser.post(f"{office.url}{action[1]}/luu", data=data) as response:
        assert response.status == 200
    return f"{office.url}{action[1]}"


async def presses(browser: aiohttp.ClientSession, tip: str, move: str, **fields: str) -> str:
    data = {"csrf": await csrf_of(browser, tip), **fields}
    async with browser.post(f"{tip}/{move}", data=data) as response:
        return await response.text()


async def sends(office: Office) -> None:
    broadcaster = Broadcaster(office.app.storage, office.app.clock, office.app.library, office.app.doors)
    for _ in range(3):
        await broadcaster.tick()
        await office.app.settle()


async def test_one_writes_another_approves_and_both_see_it_go_out(office: Office) -> None:
    await office.says("nhận mẹo", CITIZEN)
    await office.says("có, gửi cho tôi", CITIZEN)
    author = await office.entered(Role.VOLUNTEER, VOLUNTEER, "Minh")
    officer = await office.entered()
    tip = await fills_in(office, author, place="ban-na-lua")
    shown = await page(author, tip)
    assert "bản Nà Lúa; quan tâm Hộ tịch" in shown
    assert "Trang web" in shown
    assert "Duyệt và gửi" not in shown
    tip = await fills_in(office, author)
    await presses(author, tip, "submit")

    assert "Mẹo chờ duyệt" in await page(officer, f"{office.url}/desk")
    assert "chờ bác duyệt" in await page(officer, f"{office.url}/desk/meo")
    await presses(officer, tip, "approve")
    assert "every 2s" in await page(officer, f"{tip}/tien-do")
    await sends(office)
    texts = [message.get("text", "") for message in office.chat.chats[CITIZEN].values()]
    assert sum(TEXT in text for text in texts) == 1
    assert "Đã gửi xong" in await page(author, tip)
    assert "Rút lại" in await page(officer, tip)


async def test_whoever_writes_can_not_approve_and_a_wrong_text_is_not_submitted(office: Office) -> None:
    officer = await office.entered()
    tip = await fills_in(office, officer)
    await presses(officer, tip, "submit")
    assert "không tự duyệt được" in await presses(officer, tip, "approve")

    bad = await fills_in(office, officer, text=f"{TEXT} Gọi 0912 345 678 nhé.")
    assert "0912 345 678" in await presses(officer, bad, "submit")


async def test_an_emergency_is_sent_after_the_second_yes(office: Office) -> None:
    officer = await office.entered()
    tip = await fills_in(office, officer, emergency="1", guide="")
    assert "Tôi chắc chắn" in await presses(officer, tip, "approve")
    await presses(officer, tip, "approve", sure="1")
    await sends(office)

    (one,) = await office.app.storage.broadcasts(BroadcastState.DONE)
    assert one.emergency


async def test_what_citizens_and_swindlers_type_stays_text(office: Office) -> None:
    officer = await office.entered()
    tip = await fills_in(
        office, officer, text='<script>alert(1)</script> Nhà có bé mới sinh, bác nhớ khai sinh nhé "x"'
    )
    shown = await page(officer, tip)

    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)" in shown


async def test_the_script_of_a_ready_tip_and_the_figures_are_shown(office: Office) -> None:
    officer = await office.entered()
    assert "Mời bà con xã Suối Hoa" in await page(officer, f"{office.url}/desk/meo/loa/khai-sinh-60-ngay")
    assert "Tự làm" in await page(officer, f"{office.url}/desk/meo/so-lieu")
    assert "Khai sinh trong 60 ngày" in await page(officer, f"{office.url}/desk/meo")
    assert "60 ngày" in await page(officer, f"{office.url}/desk/meo/moi?tu=khai-sinh-60-ngay")
    async with officer.get(f"{office.url}/desk/meo/khongco9") as response:
        assert response.status == 404
