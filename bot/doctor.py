"""`doctor`: what keeps the bot from working, in the words of the one who has to mend it."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import BotError
from bot.settings import Settings

if TYPE_CHECKING:
    from storage import Storage

FREE_SPACE = 500 * 1024 * 1024  # bytes; below it backups and logs begin to fail


class Mark(StrEnum):
    """How grave a finding is."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


SIGNS = {Mark.GOOD: "✓", Mark.NOTE: "·", Mark.BAD: "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what was seen, and how to mend it."""

    mark: Mark
    what: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{SIGNS[self.mark]} {self.what}" + (f"\n    → {self.mend}" if self.mend else "")


def good(what: str) -> Finding:
    """It is as it should be."""
    return Finding(Mark.GOOD, what)


def note(what: str, mend: str = "") -> Finding:
    """Not wrong, but worth knowing."""
    return Finding(Mark.NOTE, what, mend)


def bad(what: str, mend: str) -> Finding:
    """It keeps the bot from working."""
    return Finding(Mark.BAD, what, mend)


async def examine(settings: Settings, now: datetime) -> list[Finding]:
    """Everything that can be looked at from this machine. Changes nothing."""
    from bot.channels import checks

    found = [
        *_content(settings),
        *_meaning(settings),
        *_folder(settings),
        *_database(settings),
        *_rehearsal(settings),
    ]
    found += [finding async for finding in checks.site(settings, now)]
    found += [finding async for finding in checks.telegram(settings, now)]
    storage = _open(settings)
    try:
        if storage:
            found += [finding async for finding in _places(settings, storage)]
        found += [finding async for finding in checks.zalo(settings, storage, now)]
        found += [finding async for finding in checks.zalo_bot(settings, storage, now)]
    finally:
        if storage:
            storage.close()
    return found


def _open(settings: Settings) -> Storage | None:
    """The database, if there is one and it is ours to look into."""
    from storage import examine_storage, open_storage

    try:
        return (
            open_storage(settings.storage_url, settings.key_file) if examine_storage(settings.storage_url) else None
        )
    except BotError:
        return None


def _content(settings: Settings) -> Iterator[Finding]:
    from content import load, warnings

    try:
        content = load(overlay=settings.content_dir)
    except BotError as error:
        yield bad(
            f"Nội dung có lỗi, dòng đầu: {str(error).splitlines()[0]}", "Chạy `python -m bot check` và sửa hết."
        )
        return
    yield good(f"Nội dung: {len(content.entries)} thủ tục, {len(content.topics)} câu hỏi thường gặp.")
    if found := warnings(content, date.today()):
        yield note(f"Nội dung có {len(found)} điều nên xem lại.", "Chạy `python -m bot check` để đọc.")


def _meaning(settings: Settings) -> Iterator[Finding]:
    from bot.understanding.meaning import Meaning, NoMeaning

    if not settings.semantic:
        return
    try:
        Meaning.load()
    except NoMeaning as error:
        yield bad(f"CAMTAY_SEMANTIC đang bật mà không dùng được: {error}", "Làm như trên, hoặc bỏ CAMTAY_SEMANTIC.")
        return
    yield good("Hiểu thêm theo nghĩa của câu (CAMTAY_SEMANTIC).")


def _folder(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    if not folder.is_dir():
        yield note(f"Thư mục {folder} chưa có; lần chạy đầu sẽ tạo.")
        return
    if not os.access(folder, os.W_OK):
        yield bad(f"Không ghi được vào {folder}.", f"Cấp quyền cho người chạy bot: chown -R <người-dùng> {folder}")
        return
    yield good(f"Thư mục dữ liệu {folder} ghi được.")
    if (free := shutil.disk_usage(folder).free) < FREE_SPACE:
        yield bad(f"Ổ đĩa chỉ còn {free // 2**20} MB.", "Dọn bớt tệp, hoặc chuyển CAMTAY_DATA_DIR sang ổ khác.")
    for secret in (settings.key_file, Path(".env")):
        if secret.exists() and secret.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
            yield bad(f"Người khác trên máy đọc được {secret}.", f"Chạy: chmod 600 {secret}")


def _database(settings: Settings) -> Iterator[Finding]:
    from storage import examine_storage

    try:
        told = examine_storage(settings.storage_url)
    except BotError as error:
        yield bad(str(error), "Nếu tệp hỏng: khôi phục từ bản sao lưu.")
        return
    yield good(told) if told else note("Chưa có cơ sở dữ liệu; lần chạy đầu sẽ tạo.")


async def _places(settings: Settings, storage: Storage) -> AsyncIterator[Finding]:
    """Hamlets that content no longer has: nobody sees their people's cases but those who see everything."""
    from content import load

    try:
        locality = load(overlay=settings.content_dir).locality
    except BotError:
        return  # said already
    if lost := await storage.places_in_use() - {hamlet.id for hamlet in locality.hamlets}:
        yield bad(
            f"Có người dân hoặc cán bộ ở thôn, bản không còn trong locality.yaml: {', '.join(sorted(lost))}.",
            "Giữ nguyên mã (id) của thôn khi đổi tên; tên cũ ghi vào old_names.",
        )


def _rehearsal(settings: Settings) -> Iterator[Finding]:
    if settings.clock:
        yield bad("Đang dùng đồng hồ diễn tập (CAMTAY_CLOCK).", "Bỏ dòng CAMTAY_CLOCK khi chạy thật.")
