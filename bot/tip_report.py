"""What a tip came to, and what a campaign of tips came to, in numbers that single nobody out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.dialogue.messages import Broadcast, Progress, Tally
from bot.handlers.tip_texts import LEFT, shown_code, whom
from bot.knowledge import Knowledge
from bot.small_numbers import FEW, Shown, shy, shy_one

_WHY = {
    "no consent": "đã dừng mẹo trước khi tới lượt",
    "recalled": "rút lại trước khi gửi",
    "erased": "đã xóa dữ liệu của mình",
    "Forbidden": "đã chặn bot",
    "unreachable": "đã chặn bot",
    "blocked": "đã chặn bot",
    "no broadcast": "mẹo không còn",
}
_ENDED = (
    ("sent", "Đã tới"),
    ("unknown", "Không rõ tới hay chưa"),
    ("refused", "Không tới được"),
    ("cancelled", "Không gửi nữa"),
    ("expired", "Để quá lâu nên không gửi"),
    ("left", "Không gửi"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a report."""

    key: str
    words: str
    shown: Shown

    def __str__(self) -> str:
        return f"{self.words}: {self.shown.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TipReport:
    """What one tip came to. `sending` are the parts of `planned`."""

    code: str
    title: str
    planned: Shown
    sending: tuple[Line, ...]
    effect: tuple[Line, ...]

    def text(self) -> str:
        """For officers."""
        return "\n".join(
            [
                f"Mẹo {self.code}: {self.title}",
                f"Dự kiến gửi: {self.planned.text} người",
                *(f"  {line}" for line in self.sending),
                "Sau khi nhận:",
                *(f"  {line}" for line in self.effect),
                f"Số dưới {FEW} không ghi rõ, để không lộ ra ai.",
            ]
        )

    def as_dict(self) -> dict[str, Any]:
        """For machines: a number, or the words that stand for one."""
        return {
            "code": self.code,
            "planned": self.planned.as_json(),
            **{line.key: line.shown.as_json() for line in (*self.sending, *self.effect)},
        }


def tip_report(knowledge: Knowledge, one: Broadcast, progress: Progress) -> TipReport:
    """The report of one broadcast as it stands now."""
    parts: Counter[tuple[str, str]] = Counter()
    words = dict(_ENDED)
    for tally in progress.tallies:
        if tally.what in words:
            parts[tally.what, _reason(tally)] += tally.n
    parts["waiting", ""] = progress.waiting
    parts["to-come", ""] = progress.to_come
    parts["gone", ""] = max(progress.planned - sum(parts.values()), 0)
    words |= {
        "waiting": "Đang chờ gửi",
        "to-come": "Chưa tới lượt",
        "gone": "Đã thôi nhận trước khi tới lượt",
    }
    told = shy({key: n for key, n in parts.items() if n})
    order = list(words)
    sending = tuple(
        Line(
            key="/".join(filter(None, key)),
            words=f"{words[key[0]]} ({key[1]})" if key[1] else words[key[0]],
            shown=told[key],
        )
        for key in sorted(told, key=lambda key: (order.index(key[0]), key[1]))
    )
    return TipReport(
        code=shown_code(one.code),
        title=f"“{one.text}” ({whom(knowledge, one.segment)})",
        planned=shy_one(sum(parts.values())),
        sending=sending,
        effect=tuple(_effects(progress)),
    )


def _reason(tally: Tally) -> str:
    """Why, in the officers' words; what platforms say in their own is told as one."""
    if tally.what == "left":
        return LEFT.get(tally.detail, "lý do khác")
    if tally.what in {"refused", "cancelled"}:
        return _WHY.get(tally.detail, "nền tảng từ chối" if tally.what == "refused" else "lý do khác")
    return ""


def _effects(progress: Progress) -> Iterable[Line]:
    # A page fetches what it shows; platforms tell of what was seen, or tell nothing.
    seen = progress.count("seen")
    seen += sum(tally.n for tally in progress.tallies if tally.what == "sent" and tally.channel == "web")
    if seen:
        yield Line(key="seen", words="Đã xem (chỉ trang web và Zalo cho biết)", shown=shy_one(seen))
    for what, words in (("opened", "Đã bấm mở hướng dẫn"), ("started", "Đã bắt đầu làm từng bước")):
        yield Line(key=what, words=words, shown=shy_one(progress.count(what)))
    for what, words in (("online", "Đã nộp trên mạng"), ("counter", "Đã nộp tại quầy")):
        both = shy({detail: progress.count(what, detail) for detail in ("self", "assisted")})
        yield Line(key=f"{what}/self", words=f"{words}, tự làm", shown=both["self"])
        yield Line(key=f"{what}/assisted", words=f"{words}, có người giúp", shown=both["assisted"])
    yield Line(key="stopped", words="Dừng nhận mẹo sau mẹo này", shown=shy_one(progress.count("stopped")))
    if back := progress.count("taken-back"):
        yield Line(key="taken-back", words="Tin đã gỡ hoặc sửa", shown=shy_one(back))


# --- a campaign ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRow:
    """Dossiers submitted online after a tip: the team that wrote it, the hamlet of who filed."""

    team: str
    hamlet: str
    self_: Shown
    assisted: Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignReport:
    """What tips brought between two days, both included."""

    since: date
    until: date
    self_: Shown
    assisted: Shown
    rows: tuple[CampaignRow, ...]

    def text(self) -> str:
        """For officers."""
        lines = [
            f"Hồ sơ nộp trên mạng sau mẹo, từ {self.since:%d/%m/%Y} đến {self.until:%d/%m/%Y}:",
            f"  tự làm {self.self_.text}, có người giúp {self.assisted.text}",
        ]
        lines += [
            f"  Đội {row.team} → {row.hamlet}: tự làm {row.self_.text}, có người giúp {row.assisted.text}"
            for row in self.rows
        ]
        return "\n".join([*lines, f"Số dưới {FEW} không ghi rõ, để không lộ ra ai."])

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "online": {"self": self.self_.as_json(), "assisted": self.assisted.as_json()},
            "rows": [
                {
                    "team": row.team,
                    "hamlet": row.hamlet,
                    "self": row.self_.as_json(),
                    "assisted": row.assisted.as_json(),
                }
                for row in self.rows
            ],
        }


def campaign_report(
    knowledge: Knowledge, tallies: Iterable[tuple[str, Tally]], since: date, until: date
) -> CampaignReport:
    """What `Storage.campaign` counted, as it may be told."""
    counted: dict[str, Counter[tuple[str, str]]] = {"self": Counter(), "assisted": Counter()}
    for team, tally in tallies:
        counted[tally.detail][team, tally.place] += tally.n
    pairs = sorted(set(counted["self"]) | set(counted["assisted"]))
    shown = {detail: shy({pair: counts[pair] for pair in pairs}) for detail, counts in counted.items()}
    names = {hamlet.id: hamlet.name for hamlet in knowledge.content.locality.hamlets}
    return CampaignReport(
        since=since,
        until=until,
        self_=shy_one(counted["self"].total()),
        assisted=shy_one(counted["assisted"].total()),
        rows=tuple(
            CampaignRow(
                team=names.get(team, team) or "của xã",
                hamlet=names.get(place, place) or "không rõ thôn",
                self_=shown["self"][team, place],
                assisted=shown["assisted"][team, place],
            )
            for team, place in pairs
        ),
    )
