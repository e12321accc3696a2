"""The doctor names what is wrong, and how to mend it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels import checks
from bot.channels.telegram import ALLOWED_UPDATES
from bot.dialogue.messages import Grant, PersonId, Role
from bot.doctor import Finding, Mark, examine
from bot.settings import Settings
from storage import open_storage
from tests.support.talking import ZaloTalker, zalo, zalo_settings
from tests.support.telegram import TOKEN, LocalTelegram


@pytest.fixture
async def server() -> AsyncIterator[LocalTelegram]:
    server = LocalTelegram()
    server.root = await server.start()  # type: ignore[attr-defined]
    yield server
    await server.stop()


def settings(folder: Path, server: LocalTelegram, **others: Any) -> Settings:
    given = {"telegram_token": TOKEN, "telegram_api_url": server.root, "data_dir": folder, **others}  # type: ignore[attr-defined]
    return Settings(_env_file=None, **given)  # type: ignore[arg-type]


async def wrong(set_: Settings, now: datetime | None = None) -> list[Finding]:
    found = await examine(set_, now or datetime.now(UTC))
    return [finding for finding in found if finding.mark is Mark.BAD]


async def test_a_house_in_order_has_nothing_wrong(tmp_path: Path, server: LocalTelegram) -> None:
    open_storage(f"sqlite:///{tmp_path}/camtay.db", tmp_path / "hash.key").close()

    assert await wrong(settings(tmp_path, server)) == []


async def test_an_officer_of_a_hamlet_that_content_no_longer_has(tmp_path: Path, server: LocalTelegram) -> None:
    opened, now = open_storage(f"sqlite:///{tmp_path}/camtay.db", tmp_path / "hash.key"), datetime.now(UTC)
    for name, place in (("lan", "thon-da-giai-the"), ("lua", "ban-na-lua")):
        await opened.add_member(PersonId(name), name, Grant(role=Role.OFFICER, place=place), "test", now)
    opened.close()
    [finding] = await wrong(settings(tmp_path, server))

    assert finding.what.endswith("locality.yaml: thon-da-giai-the.")
    assert "old_names" in finding.mend


async def test_a_token_that_telegram_does_not_know(tmp_path: Path, server: LocalTelegram) -> None:
    [finding] = await wrong(settings(tmp_path, server, telegram_token="1:wrong"))

    assert "không nhận mã bot" in finding.what
    assert "BotFather" in finding.mend


async def test_telegram_out_of_reach(tmp_path: Path, server: LocalTelegram) -> None:
    [finding] = await wrong(settings(tmp_path, server, telegram_api_url="http://127.0.0.1:1"))

    assert "Không nối được tới Telegram" in finding.what


async def test_a_clock_that_is_off(tmp_path: Path, server: LocalTelegram) -> None:
    [finding] = await wrong(settings(tmp_path, server), datetime.now(UTC) - timedelta(minutes=5))

    assert "chậm" in finding.what


async def test_updates_that_are_pushed_elsewhere(tmp_path: Path, server: LocalTelegram) -> None:
    server.webhook = {"url": "https://old.example.vn/webhook/telegram"}
    set_ = settings(tmp_path, server, telegram_mode="webhook", public_url="https://127.0.0.1:8443")

    assert any("old.example.vn" in finding.what for finding in await wrong(set_))


async def test_a_push_that_failed_lately(tmp_path: Path, server: LocalTelegram) -> None:
    now = datetime.now(UTC)
    server.webhook = {"url": "https://127.0.0.1:8443/webhook/telegram"}
    server.profile["webhook_info"] = {
        "allowed_updates": list(ALLOWED_UPDATES),
        "last_error_message": "SSL error {certificate verify failed}",
        "last_error_date": int(now.timestamp()) - 60,
        "pending_update_count": 500,
    }
    set_ = settings(tmp_path, server, telegram_mode="webhook", public_url="https://127.0.0.1:8443")

    what = " ".join(finding.what for finding in await wrong(set_, now))
    assert "certificate verify failed" in what
    assert "500 tin đang chờ" in what


async def test_a_site_without_https(tmp_path: Path, server: LocalTelegram) -> None:
    set_ = settings(tmp_path, server, public_url="http://hoi.example.vn")

    assert any("không phải https" in finding.what for finding in await wrong(set_))


async def test_a_broken_database_and_a_key_that_others_can_read(tmp_path: Path, server: LocalTelegram) -> None:
    (tmp_path / "camtay.db").write_bytes(b"no database at all" * 100)
    (tmp_path / "hash.key").write_bytes(b"x" * 32)
    (tmp_path / "hash.key").chmod(0o644)

    what = " ".join(finding.what for finding in await wrong(settings(tmp_path, server)))
    assert "camtay.db" in what
    assert "đọc được" in what


async def test_a_rehearsal_s_clock_is_named(tmp_path: Path, server: LocalTelegram) -> None:
    set_ = settings(tmp_path, server, clock=f"stepped:{tmp_path}/clock")

    assert any("CAMTAY_CLOCK" in finding.what for finding in await wrong(set_))


# --- Zalo -----------------------------------------------------------------------------------------------------


@pytest.fixture
async def oa(tmp_path: Path) -> AsyncIterator[ZaloTalker]:
    async with zalo(tmp_path) as talker:
        yield talker


async def of_zalo(oa: ZaloTalker, **others: Any) -> list[str]:
    assert oa.app
    set_ = zalo_settings(oa.folder, oa.server, public_url="https://hoi.example.vn", **others)
    found = [one async for one in checks.zalo(set_, oa.app.storage, oa.app.clock.now())]
    return [f"{one.mark}: {one.what} {one.mend}" for one in found]


async def test_an_official_account_in_order(oa: ZaloTalker) -> None:
    assert not [line for line in await of_zalo(oa) if line.startswith("bad")]


async def test_a_consent_that_is_gone_is_named_with_the_command_that_mends_it(oa: ZaloTalker) -> None:
    oa.server.revoke()
    await oa.server.all_taken()

    assert any("zalo login" in line for line in await of_zalo(oa))


async def test_a_template_with_parameters_that_we_do_not_have(oa: ZaloTalker) -> None:
    lines = await of_zalo(oa, zalo_template="300001")

    assert any("ma_ho_so" in line for line in lines if line.startswith("bad"))
