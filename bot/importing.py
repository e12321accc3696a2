"""`import national`: thousands of procedures become reference cards, all of them or none."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.catalogue import card_of
from bot.dialogue.messages import Card, CardsChanged
from bot.errors import FileError
from content.national import Row, RowRefused, read_rows
from content.tables import read_columns, read_table
from storage import Storage

BATCH = 200  # cards put aside in one transaction: so short that a running server does not feel it

Progress = Callable[[int, int], None]  # how many are put aside, of how many


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, and the rows that it could not use, each with the reason."""

    changed: CardsChanged
    refused: tuple[str, ...]

    @property
    def cards(self) -> int:
        return self.changed.added + self.changed.changed + self.changed.same

    def as_dict(self) -> dict[str, int]:
        """The figures."""
        done = self.changed
        return {
            "cards": self.cards,
            "added": done.added,
            "changed": done.changed,
            "removed": done.removed,
            "same": done.same,
            "refused": len(self.refused),
        }

    def text(self) -> str:
        """The same as an admin reads it."""
        done = self.changed
        lines = [f"Bỏ qua {why}" for why in self.refused]
        if done.added or done.changed or done.removed:
            lines.append(
                f"Đã nhập: {self.cards} thẻ (thêm {done.added}, đổi {done.changed}, gỡ {done.removed},"
                f" giữ nguyên {done.same}); bỏ qua {len(self.refused)} dòng."
            )
        else:
            lines.append(f"Không có gì thay đổi: {self.cards} thẻ đã như trong tệp; bỏ qua {len(self.refused)} dòng.")
        return "\n".join(lines)


async def import_national(storage: Storage, file: Path, mapping: Path | None, progress: Progress) -> Imported:
    """Make the procedures in that file the catalogue. FileError if it can't be used; then nothing has changed."""
    cards, refused = cards_in(file, mapping)
    import_id = secrets.token_hex(8)
    for start in range(0, len(cards), BATCH):
        await storage.stage_cards(import_id, cards[start : start + BATCH])
        progress(min(start + BATCH, len(cards)), len(cards))
    return Imported(await storage.swap_cards(import_id, len(cards)), tuple(refused))


def cards_in(file: Path, mapping: Path | None) -> tuple[list[Card], list[str]]:
    """The cards of that file, and the rows that are none, each with the reason. Of one code the first row counts."""
    cards: dict[str, Card] = {}
    refused: list[str] = []
    for row in _rows(file, mapping):
        if isinstance(row, RowRefused):
            refused.append(str(row))
        elif row.code in cards:
            refused.append(f"{row.code} “{row.name}”: mã này đã có ở một dòng trước")
        else:
            cards[row.code] = card_of(row)
    return list(cards.values()), refused


def _rows(file: Path, mapping: Path | None) -> list[Row | RowRefused]:
    if file.suffix.lower() not in {".xlsx", ".csv"}:
        return read_rows(file)
    if mapping is None:
        raise FileError(f"{file}: tệp bảng cần --mapping, một tệp .yaml nói cột nào là gì")
    return read_table(file, read_columns(mapping))
