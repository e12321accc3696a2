"""The log as officers read it."""

from __future__ import annotations

import re

import aiohttp
import pytest

from bot.desk.pages.log import ACTS
from bot.dialogue.broadcasts import BroadcastMove
from bot.dialogue.messages import Role
from tests.desk.conftest import OFFICER, Office, csrf_of
from tests.desk.test_cases import Counter


@pytest.fixture
async def admin(office: Office) -> aiohttp.ClientSession:
    return await office.entered(Role.ADMIN)


async def lines(office: Office, admin: aiohttp.ClientSession) -> list[str]:
    """The lines without the hour, the oldest first."""
    async with admin.get(f"{office.url}/desk/nhat-ky") as page:
        rows = re.findall(r"<tr><td>[^<]*</td>(.*?)</tr>", await page.text())
    return [" | ".join(re.findall(r"<td>(.*?)</td>", row)) for row in reversed(rows)]


async def test_entering_and_inviting_are_told_in_words(office: Office, admin: aiohttp.ClientSession) -> None:
    form = {"role": "officer", "name": "Chị Gạo", "place": "thon-ben-gao"}
    token = await csrf_of(admin, f"{office.url}/desk/nguoi-dung")
    async with admin.post(f"{office.url}/desk/nguoi-dung/moi", data={"csrf": token, **form}) as page:
        assert page.status == 200
    told = await lines(office, admin)

    assert "Chị Lan | nhận lời mời | quản trị" in told
    assert "Chị Lan | vào bàn làm việc | bằng đường dẫn" in told
    assert "Chị Lan | mời | cán bộ, thôn Bến Gạo, Chị Gạo" in told


async def test_what_is_done_with_a_case_is_told_in_words(office: Office, admin: aiohttp.ClientSession) -> None:
    counter = Counter(office, admin)
    await counter.sees("/desk/cau-mau")
    code = await counter.asks()
    await counter.does(code, "nhan")
    await counter.does(code, "tra-loi", loi="Bác xin lại ở nơi cháu sinh.")
    told = await lines(office, admin)

    assert f"Chị Lan | giao, nhận hoặc trả việc | GY-{code.upper()} cho Chị Lan" in told
    assert f"Chị Lan | trả lời việc | GY-{code.upper()}" in told


async def test_no_line_of_a_tip_is_left_in_code() -> None:
    assert {f"tip-{move}" for move in BroadcastMove} <= set(ACTS)


async def test_whoever_erases_their_data_is_not_told_by_name(office: Office, admin: aiohttp.ClientSession) -> None:
    await office.says("làm giấy khai sinh", OFFICER + 5)
    await office.says("xóa dữ liệu của tôi", OFFICER + 5)
    await office.says("xóa hết", OFFICER + 5)
    await office.says("1", OFFICER + 5)

    assert any(line.startswith("một người dân | xóa dữ liệu") for line in await lines(office, admin))
