"""How staff enter the desk, and how nobody else does."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pyotp
import pytest

from bot.desk.auth import hash_password
from bot.desk.pages import PAGES
from bot.dialogue.messages import Account, Grant, PersonId, Role
from storage.desk import ABSOLUTE, IDLE
from tests.desk.conftest import OFFICER, Office, code_on, csrf_of
from tests.support.talking import move_clock

NEIGHBOUR = 700_002


def log(folder: Path) -> list[str]:
    database = sqlite3.connect(folder / "camtay.db")
    acts = [act for (act,) in database.execute("SELECT act FROM audit ORDER BY id")]
    database.close()
    return acts


async def test_an_invited_officer_enters_by_link_and_code(office: Office, tmp_path: Path) -> None:
    browser = await office.entered()

    async with browser.get(f"{office.url}/desk") as page:
        text = await page.text()
    assert "Hôm nay" in text
    assert "Chị Lan" in text
    assert "Người dùng" not in text, "that is for admins"
    assert log(tmp_path) == ["invite", "accept-invitation", "enter"]


async def test_looking_at_the_link_uses_nothing_up(office: Office) -> None:
    await office.invited()
    link = await office.link()
    for _ in range(3):  # previews of the chat platform, and a curious finger
        await code_on(office.browser(), link)
    browser = office.browser()
    await office.says(await code_on(browser, link))

    async with browser.post(link) as page:
        assert page.url.path == "/desk"


async def test_without_the_code_typed_the_button_opens_nothing(office: Office, tmp_path: Path) -> None:
    await office.invited()
    browser, link = office.browser(), await office.link()
    await code_on(browser, link)

    async with browser.post(link) as page:
        assert page.status == 403
    async with browser.get(f"{office.url}/desk") as page:
        assert page.url.path == "/desk/vao"
    assert log(tmp_path)[-1] == "entry-refused"


async def test_a_forwarded_link_shows_a_code_that_only_its_owner_can_type(office: Office) -> None:
    await office.invited()
    await office.invited(who=NEIGHBOUR, name="Anh Tú")
    link = await office.link()
    thief = office.browser()
    code = await code_on(thief, link)
    await office.says(code, NEIGHBOUR)

    async with thief.post(link) as page:
        assert page.status == 403


async def test_the_code_opens_only_the_browser_that_shows_it(office: Office) -> None:
    await office.invited()
    link = await office.link()
    mine, other = office.browser(), office.browser()
    code = await code_on(mine, link)
    await code_on(other, link)
    assert "Đúng mã" in await office.says(code)

    async with other.post(link) as page:
        assert page.status == 403
    async with mine.post(link) as page:
        assert page.url.path == "/desk"


async def test_a_link_works_once(office: Office, tmp_path: Path) -> None:
    await office.invited()
    browser, link = office.browser(), await office.link()
    await office.says(await code_on(browser, link))
    await (await browser.post(link)).read()

    async with office.browser().get(link) as page:
        assert page.status == 410
        assert "đã dùng" in await page.text()


async def test_a_link_is_dead_after_five_minutes(office: Office, tmp_path: Path) -> None:
    await office.invited()
    browser, link = office.browser(), await office.link()
    await office.says(await code_on(browser, link))
    move_clock(tmp_path, timedelta(minutes=5, seconds=1))

    async with browser.post(link) as page:
        assert page.status == 403


async def test_a_thousand_wrong_codes_open_nothing(office: Office) -> None:
    await office.invited()
    browser, link = office.browser(), await office.link()
    code = await code_on(browser, link)
    heard = [await office.says(f"AAA-{letters}") for letters in ("AAB", "AAC", "AAD", "AAE", "AAF", "AAG")]

    assert all("không đúng" in one for one in heard[:5])
    assert "Đúng mã" not in await office.says(code), "five wrong ones killed the link"
    async with browser.post(link) as page:
        assert page.status == 403


async def test_an_invitation_is_good_for_one_person(office: Office) -> None:
    await office.invited()
    assert "đã dùng" in await office.says(f"mời invitation-of-{OFFICER}-officer", NEIGHBOUR)
    assert "chỉ dành cho cán bộ" in await office.says("bàn làm việc", NEIGHBOUR)


async def test_a_citizen_gets_no_way_in(office: Office) -> None:
    assert "chỉ dành cho cán bộ" in await office.says("bàn làm việc", 1)
    async with office.browser().get(f"{office.url}/desk") as page:
        assert page.url.path == "/desk/vao"


# --- sessions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("later", [IDLE + timedelta(minutes=1), ABSOLUTE + timedelta(minutes=1)])
async def test_a_session_that_nobody_uses_is_over(office: Office, tmp_path: Path, later: timedelta) -> None:
    browser = await office.entered()
    move_clock(tmp_path, later)

    async with browser.get(f"{office.url}/desk") as page:
        assert page.url.path == "/desk/vao"


async def test_a_session_in_use_lasts_but_not_for_ever(office: Office, tmp_path: Path) -> None:
    browser = await office.entered()
    for _ in range(11):
        move_clock(tmp_path, timedelta(hours=1))
        async with browser.get(f"{office.url}/desk") as page:
            assert page.url.path == "/desk"
    move_clock(tmp_path, timedelta(hours=1))
    async with browser.get(f"{office.url}/desk") as page:
        assert page.url.path == "/desk/vao"


async def test_whoever_loses_the_role_is_out_at_once(office: Office) -> None:
    browser = await office.entered()
    (person,) = await office.app.storage.people_with(Role.OFFICER)
    await office.app.storage.revoke(person, Grant(role=Role.OFFICER))

    async with browser.get(f"{office.url}/desk") as page:
        assert page.url.path == "/desk/vao"


async def test_leaving_ends_the_session(office: Office) -> None:
    browser = await office.entered()
    token = await csrf_of(browser, f"{office.url}/desk")
    await (await browser.post(f"{office.url}/desk/ra", data={"csrf": token})).read()

    async with browser.get(f"{office.url}/desk") as page:
        assert page.url.path == "/desk/vao"


# --- roles and forms ------------------------------------------------------------------------------------------


async def test_an_officer_is_refused_what_is_for_admins_and_it_is_noted(office: Office, tmp_path: Path) -> None:
    browser = await office.entered()
    for path in ("nguoi-dung", "nhat-ky"):
        async with browser.get(f"{office.url}/desk/{path}") as page:
            assert page.status == 403
    assert log(tmp_path).count("refused") == 2


async def test_every_action_demands_its_forms_own_token(office: Office, tmp_path: Path) -> None:
    browser = await office.entered(Role.ADMIN)
    actions = [page for page in PAGES if page.method == "POST"]
    for page in actions:
        path = re.sub(r"\{\w+(:[^}]*)?\}", "1", page.path)
        for data, headers in (
            ({}, {}),
            ({"csrf": "x"}, {}),
            ({"csrf": await csrf_of(browser, f"{office.url}/desk")}, {"Sec-Fetch-Site": "cross-site"}),
            ({"csrf": await csrf_of(browser, f"{office.url}/desk")}, {"Origin": "https://evil.example"}),
        ):
            async with browser.post(f"{office.url}/desk{path}", data=data, headers=headers) as answer:
                assert answer.status == 403, (path, data, headers)
    assert log(tmp_path).count("forged-form") == 4 * len(actions)


async def test_an_admin_invites_and_takes_back(office: Office) -> None:
    browser = await office.entered(Role.ADMIN)
    page = f"{office.url}/desk/nguoi-dung"
    token = await csrf_of(browser, page)
    form = {"csrf": token, "name": "Tú <script>alert(1)</script>", "role": "volunteer", "place": "thon-cay-thi"}
    async with browser.post(f"{page}/moi", data=form) as answer:
        text = await answer.text()
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text
    word = text.split('class="code">mời ')[1].split("<")[0]
    assert "tình nguyện viên" in await office.says(f"mời {word}", NEIGHBOUR)
    (person,) = await office.app.storage.people_with(Role.VOLUNTEER)

    form = {"csrf": token, "person": person, "role": "volunteer", "place": "thon-cay-thi"}
    await (await browser.post(f"{page}/thu-quyen", data=form)).read()
    assert await office.app.storage.people_with(Role.VOLUNTEER) == []


async def test_nobody_takes_their_own_role(office: Office) -> None:
    browser = await office.entered(Role.ADMIN)
    (me,) = await office.app.storage.people_with(Role.ADMIN)
    token = await csrf_of(browser, f"{office.url}/desk/nguoi-dung")
    form = {"csrf": token, "person": me, "role": "admin", "place": ""}
    async with browser.post(f"{office.url}/desk/nguoi-dung/thu-quyen", data=form) as answer:
        assert answer.status == 400
    assert await office.app.storage.people_with(Role.ADMIN) == [me]


async def test_an_admin_of_one_hamlet_gives_nothing_beyond_it(office: Office) -> None:
    browser = await office.entered(Role.ADMIN)
    now, store = office.app.clock.now(), office.app.storage
    (me,) = await store.people_with(Role.ADMIN)
    other = PersonId("console-admin")
    await store.add_member(other, "Quản trị xã", Grant(role=Role.ADMIN), "test", now)
    await store.grant(me, Grant(role=Role.ADMIN, place="thon-cay-thi"), "test", now)
    await store.revoke(me, Grant(role=Role.ADMIN))
    page = f"{office.url}/desk/nguoi-dung"
    token = await csrf_of(browser, page)

    whole = {"csrf": token, "name": "Tôi khác", "role": "admin", "place": ""}
    async with browser.post(f"{page}/moi", data=whole) as answer:
        assert answer.status == 403
    async with browser.post(f"{page}/moi", data={**whole, "role": "volunteer", "place": "thon-cay-thi"}) as answer:
        assert answer.status == 200
    form = {"csrf": token, "person": other, "role": "admin", "place": ""}
    async with browser.post(f"{page}/thu-quyen", data=form) as answer:
        assert answer.status == 403
    assert other in await store.people_with(Role.ADMIN)


@pytest.mark.parametrize("before", ["9" * 40, "²", "-1", "'; --", "٣"])
async def test_any_place_in_the_log_can_be_asked_for(office: Office, before: str) -> None:
    browser = await office.entered(Role.ADMIN)
    async with browser.get(f"{office.url}/desk/nhat-ky", params={"truoc": before}) as page:
        assert page.status == 200


# --- without a chat -------------------------------------------------------------------------------------------


async def with_account(office: Office) -> str:
    """An account "lan" with a password; its secret."""
    secret, person = pyotp.random_base32(), PersonId("account-lan")
    now = office.app.clock.now()
    await office.app.storage.add_member(person, "lan", Grant(role=Role.OFFICER), "test", now)
    account = Account(name="lan", person=person, password_hash=hash_password("mat khau that dai"), totp_secret=secret)
    await office.app.storage.save_account(account)
    return secret


def code_of(office: Office, secret: str, *, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(office.app.clock.now().timestamp()) + 30 * steps)


async def test_name_password_and_code_open_the_desk(office: Office) -> None:
    secret = await with_account(office)
    form = {"name": "lan", "password": "mat khau that dai", "code": code_of(office, secret)}
    async with office.browser().post(f"{office.url}/desk/mat-khau", data=form) as page:
        assert page.url.path == "/desk"
    async with office.browser().post(f"{office.url}/desk/mat-khau", data=form) as page:
        assert page.status == 403, "a code is good once"


@pytest.mark.parametrize(
    "wrong", [{"name": "ai"}, {"password": "mat khau khac"}, {"code": "000000"}, {"code": ""}, {"password": ""}]
)
async def test_anything_wrong_opens_nothing_and_does_not_say_what(office: Office, wrong: dict[str, str]) -> None:
    secret = await with_account(office)
    form = {"name": "lan", "password": "mat khau that dai", "code": code_of(office, secret), **wrong}
    async with office.browser().post(f"{office.url}/desk/mat-khau", data=form) as page:
        assert page.status == 403
        assert "Tên, mật khẩu hoặc mã không đúng" in await page.text()


async def test_wrong_passwords_make_everybody_wait_even_the_right_one(office: Office, tmp_path: Path) -> None:
    secret = await with_account(office)
    form = {"name": "lan", "password": "sai", "code": "123456"}
    statuses = []
    for _ in range(7):
        async with office.browser().post(f"{office.url}/desk/mat-khau", data=form) as page:
            statuses.append(page.status)
    assert statuses == [403] * 5 + [429] * 2
    move_clock(tmp_path, timedelta(minutes=1))
    right = {"name": "lan", "password": "mat khau that dai", "code": code_of(office, secret)}
    async with office.browser().post(f"{office.url}/desk/mat-khau", data=right) as page:
        assert page.url.path == "/desk"


async def test_tries_sent_all_at_once_are_slowed_too(office: Office) -> None:
    await with_account(office)
    form = {"name": "lan", "password": "mat khau that dai", "code": "000000"}

    async def attempt(number: int) -> int:
        seen = {"X-Forwarded-For": f"203.0.113.{number}", "X-Forwarded-Proto": "https"}
        async with office.browser().post(f"{office.url}/desk/mat-khau", data=form, headers=seen) as page:
            return page.status

    statuses = await asyncio.gather(*map(attempt, range(30)))
    assert sorted(statuses) == [403] * 5 + [429] * 25


async def test_behind_a_proxy_nobody_waits_for_anothers_mistakes(office: Office) -> None:
    secret = await with_account(office)
    wrong = {"name": "nobody", "password": "sai", "code": "123456"}
    right = {"name": "lan", "password": "mat khau that dai", "code": code_of(office, secret)}
    statuses = []
    for form, seen in [*[(wrong, "203.0.113.7")] * 6, (right, "203.0.113.8")]:
        headers = {"X-Forwarded-For": seen, "X-Forwarded-Proto": "https"}
        url = f"{office.url}/desk/mat-khau"
        async with office.browser().post(url, data=form, headers=headers, allow_redirects=False) as page:
            statuses.append(page.status)
    assert statuses == [403] * 5 + [429, 303]


# --- who could read along -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "http"}, 403),
        ({"X-Forwarded-For": "203.0.113.7"}, 403),
        ({"Host": "hoi.xasuoihoa.example"}, 403),
        ({"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "Host": "hoi.xasuoihoa.example"}, 200),
        ({"User-Agent": "Mozilla/5.0 Chrome/140"}, 403),  # a browser far away, and a proxy that says nothing of it
        ({"User-Agent": "Mozilla/5.0 Chrome/140", "Sec-Fetch-Site": "none"}, 200),  # on this machine itself
    ],
)
async def test_plain_http_beyond_this_machine_is_refused_with_the_reason(
    office: Office, headers: dict[str, str], status: int
) -> None:
    async with office.browser().get(f"{office.url}/desk/vao", headers=headers) as page:
        assert page.status == status
        assert ("https" in await page.text()) is (status == 403)


async def test_a_bare_proxy_that_speaks_the_oldest_http_is_refused(office: Office) -> None:
    """As nginx's `proxy_pass` alone does."""
    at = urlsplit(office.url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    writer.write(f"GET /desk/vao HTTP/1.0\r\nHost: {at.netloc}\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()

    assert answer.split()[1] == b"403"


async def test_the_desk_runs_no_inline_script_and_is_kept_by_nobody(office: Office) -> None:
    browser = await office.entered()
    async with browser.get(f"{office.url}/desk") as page:
        policy = page.headers["Content-Security-Policy"]
        assert "'unsafe-inline'" not in policy
        assert "frame-ancestors 'none'" in policy
        assert page.headers["Cache-Control"] == "no-store"
        cookies = page.request_info.headers.get("Cookie", "")
    assert cookies
