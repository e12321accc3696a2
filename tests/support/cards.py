"""Reference cards for tests: a few rows as the national database has them, in a real storage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.catalogue import card_of
from bot.dialogue.messages import Card, CardsChanged
from content.national import Row
from storage import Storage

PLANTS: dict[str, Any] = {
    "code": "1.007931",
    "name": "Đăng ký bảo hộ giống cây trồng",
    "level": "Cấp bộ",
    "agency": "Cục Trồng trọt",
    "channels": ["Trực tuyến", "Trực tiếp"],
    "processing_time": [{"channel": "Trực tuyến", "time": "90 Ngày"}, {"channel": "Trực tiếp", "time": "90 Ngày"}],
    "fees": [{"channel": "Trực tiếp", "fee": "2,000,000 Việt Nam Đồng", "note": "(Thẩm định đơn)"}],
    "documents": [
        {
            "case": "Giấy phải nộp",
            "items": [
                {"name": "Tờ khai đăng ký bảo hộ", "original": 1, "copy": 0},
                {"name": "Ảnh chụp mẫu giống", "original": 3, "copy": 0},
                {"name": "Lưu ý: phải rõ nét", "original": 0, "copy": 0},
            ],
        }
    ],
    "crawled_at": "2026-06-10",
}
NATIONALITY: dict[str, Any] = {
    "code": "1.005141",
    "name": "Thôi quốc tịch Việt Nam ở trong nước",
    "channels": ["Trực tiếp"],
    "processing_time": [{"channel": "Trực tiếp", "time": "115 (nguồn mất đơn vị)"}],
    "fees": [{"channel": "Trực tiếp", "fee": "Miễn phí", "note": "VNĐ(Theo Thông tư 281/2016/TT-BTC)"}],
    "documents": None,
    "note": '"Miễn phí" là hiển thị khi Cổng chưa khai số tiền; mức thật theo ghi chú phí',
    "crawled_at": "2026-06",
}
FISHING: dict[str, Any] = {"code": "1.003650", "name": "Cấp giấy chứng nhận đăng ký tàu cá"}
GUIDED: dict[str, Any] = {"code": "1.001193", "name": "Thủ tục đăng ký khai sinh"}
# Cards that make words common: among four cards everything would be rare.
CROWD: list[dict[str, Any]] = [
    {"code": f"9.{n:06}", "name": f"Cấp giấy phép, đăng ký hoạt động {letter}{n} ở Việt Nam"}
    for n, letter in enumerate("abcdefghij" * 30)
]
ROWS = [PLANTS, NATIONALITY, FISHING, GUIDED, *CROWD]


def cards(rows: Sequence[dict[str, Any]] = ROWS) -> list[Card]:
    return [card_of(Row.of(row)) for row in rows]


async def bring_in(storage: Storage, rows: Sequence[dict[str, Any]] = ROWS, import_id: str = "one") -> CardsChanged:
    """Make these the catalogue."""
    brought = cards(rows)
    await storage.stage_cards(import_id, brought)
    return await storage.swap_cards(import_id, len(brought))
