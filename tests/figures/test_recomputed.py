"""The figures are what one finds by counting the raw rows oneself, for conversations made up by chance."""

from __future__ import annotations

import itertools
import json
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import counting
from bot.channels.base import pressed, said
from bot.dialogue.engine import step
from bot.dialogue.messages import Address, Axis, Became, Button, Count, Fact, Inbound, Official, Turn, local_day
from bot.dialogue.payloads import Verb, encode
from bot.figures import LEAST, MEASURES, Counts, Month, Rate, Report, by_place, measured, monthly
from bot.knowledge import Knowledge
from bot.reporting import month_report
from bot.small_numbers import FEW
from storage import Storage, open_storage
from storage import figures as stored

QUESTIONS = (
    "làm giấy khai sinh cho con cần gì",
    "lam can cuoc mat bao nhieu tien",
    "nhap ho khau cho vo",
    "giấy xác nhận",
    "hộ khẩu",
    "trồng lúa giống nào tốt",
    "qwrt zxcv plmk",
    "số của tôi là 0912345678 gọi tôi làm khai sinh",
)
GUIDES = ("khai-sinh", "chung-thuc-ban-sao", "thuong-tru", "can-cuoc")
CHANNELS = ("web", "telegram", "zalo-oa")
START = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)


@dataclass
class Village:
    """Some people who talk with the bot, each at their own door, on a real database."""

    storage: Storage
    knowledge: Knowledge
    chance: random.Random
    now: datetime = START
    offered: dict[Address, tuple[Button, ...]] = field(default_factory=dict)
    events: Any = field(default_factory=itertools.count)

    async def lives(self, moves: int) -> None:
        """So many things are said and pressed."""
        people = [Address(self.chance.choice(CHANNELS), f"p{n}") for n in range(6)]
        for _ in range(moves):
            address = self.chance.choice(people)
            await self._hears(address, self._something(address))
            self.now += timedelta(minutes=self.chance.choice([1, 5, 600]))

    def _something(self, address: Address) -> Inbound:
        event = str(next(self.events))
        offered = self.offered.get(address, ())
        chance = self.chance.random()
        if chance < 0.15:
            return said(address, event, self.chance.choice(QUESTIONS))
        if chance < 0.2 or not offered:
            return pressed(address, event, encode(Verb.BEGIN, self.chance.choice(GUIDES)))
        forward = [
            one for one in offered if one.payload.split(":")[0] in {"answer", "ready", "done", "end", "resume"}
        ]
        return pressed(address, event, self.chance.choice(forward if forward and chance < 0.95 else offered).payload)

    async def _hears(self, address: Address, inbound: Inbound) -> None:
        ids = itertools.count()
        accepted = await self.storage.accept(inbound, self.now)
        with self.storage.snapshot() as snapshot:
            row = snapshot.oldest_open(accepted.person)
            assert row
            turn = Turn(
                person=accepted.person,
                seq=row.seq,
                inbound=row.inbound,
                conversation=row.conversation,
                now=self.now,
                knowledge=self.knowledge,
                records=snapshot.records(accepted.person),
                catalogue=snapshot.catalogue(),
                new_id=lambda: f"w{row.seq}-{next(ids)}",
            )
            outcome = step(turn)
        await self.storage.save_turn(turn, outcome, self.now, "me")
        self.offered[address] = outcome.conversation.offered
        if closing := [one for one in outcome.conversation.offered if one.payload.startswith("no-code:")]:
            # The last question comes at once, so that a walk's end and its last touch are of one day.
            await self._hears(address, pressed(address, f"c{row.seq}", closing[0].payload))


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    opened = open_storage(f"sqlite:///{tmp_path / 'test.db'}", tmp_path / "hash.key")
    yield opened
    opened.close()


def raw(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The raw rows: questions, and walks with their channel."""
    database = sqlite3.connect(folder / "test.db")
    database.row_factory = sqlite3.Row
    questions = [dict(row) for row in database.execute("SELECT * FROM questions")]
    walks = [
        {**json.loads(row["body"]), **dict(row)}
        for row in database.execute("SELECT walks.*, channel FROM walks JOIN addresses USING (person_id)")
    ]
    database.close()
    return questions, walks


def month_of(at: str) -> str:
    return local_day(datetime.fromisoformat(at)).isoformat()[:7]


def numbers(report: Report, key: str) -> dict[str, Any]:
    """The first figure of each row of a table."""
    return {str(row[0]): row[1] for row in report.table(key).rows}


ENDS = {
    ("online", False): "– – tự làm",
    ("online", True): "– – có người giúp",
    ("online", None): "– – không cho biết",
    ("counter", None): "– tại quầy",
    ("gave-up", None): "Thôi không làm",
}


@pytest.mark.parametrize("seed", range(4))
async def test_the_report_is_what_the_raw_rows_say(
    storage: Storage, knowledge: Knowledge, tmp_path: Path, seed: int
) -> None:
    await Village(storage, knowledge, random.Random(seed)).lives(400)
    questions, walks = raw(tmp_path)
    assert len(questions) > 40
    assert len({walk["status"] for walk in walks}) >= 3

    for month in ("2026-10", "2026-11", "2026-12", "2027-01"):
        parsed = Month.parse(month)
        assert parsed
        report = await month_report(storage, knowledge, parsed, START)
        of_month = [one for one in questions if one["day"].startswith(month)]
        became = Counter(one["decision"] for one in of_month)
        assert numbers(report, "questions") == {
            "Trả lời ngay": became["answered"],
            "Hỏi lại cho rõ": became["asked-back"],
            "Đưa thẻ tra cứu": became["card-offered"],
            "Chưa hiểu hoặc chưa biết": became["not-known"],
            "Tất cả": len(of_month),
        }
        told = numbers(report, "walks")
        assert told["Bắt đầu làm từng bước"] == sum(month_of(walk["started_at"]) == month for walk in walks)
        ended = Counter(
            ENDS[walk["status"], walk["helped"]]
            for walk in walks
            if walk["status"] != "open" and month_of(walk["touched_at"]) == month
        )
        assert {name: told[name] for name in ENDS.values()} == {name: ended[name] for name in ENDS.values()}
        assert told["– trực tuyến"] == sum(n for name, n in ended.items() if name.startswith("– –"))
        assert told["Nộp xong"] == sum(n for name, n in ended.items() if name.startswith("–"))
        channels = Counter(one["channel"] for one in of_month)
        shown = {str(row[0]): row[1] for row in report.table("by_channel").rows if row[1]}
        names = {"web": "Trang web", "telegram": "Telegram", "zalo-oa": "Zalo OA"}
        assert shown == {names[channel]: n for channel, n in channels.items()}


@pytest.mark.parametrize("seed", range(2))
async def test_the_way_through_each_guide_is_what_its_walks_say(
    storage: Storage, knowledge: Knowledge, tmp_path: Path, seed: int
) -> None:
    await Village(storage, knowledge, random.Random(seed)).lives(250)
    _, walks = raw(tmp_path)

    facts = await storage.months("2026-01", "2028-01", Axis.PROCEDURE, steps=True)
    counted = Counter({(fact.procedure, fact.kind): fact.n for fact in facts})
    staged = Counter((walk["procedure"], kind) for walk in walks for kind in walk["counted"])
    stages = (counting.REACHED, counting.STUCK, counting.TROUBLE, counting.PAPERS, counting.STEPS_DONE)
    assert staged == {key: n for key, n in counted.items() if key[1].startswith(stages)}


facts_by_chance = st.lists(
    st.tuples(
        st.dates(date(2026, 10, 28), date(2026, 12, 4)),
        st.sampled_from([*counting.QUESTIONS, *counting.FINISHED, *counting.RATINGS, "opened", "started"]),
        st.sampled_from(["", "khai-sinh", "can-cuoc"]),
        st.sampled_from(["", "ban-na-lua"]),
        st.sampled_from(CHANNELS),
        st.integers(1, 40),
    ),
    max_size=60,
)


def added(chosen: list[Any], *places: int) -> dict[Any, int]:
    """How many, by what stands in these places of each fact."""
    sums: Counter[Any] = Counter()
    for one in chosen:
        sums[one[places[0]] if len(places) == 1 else tuple(one[place] for place in places)] += one[-1]
    return dict(sums)


def singles_nobody_out(report: Report, chosen: list[Any]) -> None:
    """By place each number is the true one or none, none of them is under five, and the rest of the total either."""
    table = report.table("by_place")
    names = {row[0] for row in table.rows}
    kinds = {"Câu hỏi": counting.QUESTIONS, "Mở hướng dẫn": ("opened",), "Bắt đầu": ("started",)}
    for head, kind in kinds.items():
        true = added([(one[3] or "Chưa rõ", one[-1]) for one in chosen if one[1] in kind], 0)
        told = {row[0]: row[table.head.index(head)] for row in table.rows}
        exact = {place: n for place, n in told.items() if isinstance(n, int)}
        assert exact == {place: true.get(place, 0) for place in exact}
        assert not [n for n in exact.values() if 0 < n < FEW]
        rest = sum(true.get(str(place), 0) for place in names) - sum(exact.values())
        assert rest == 0 or rest >= FEW or len(exact) == 0
    for rate in (cell for row in table.rows for cell in row if isinstance(cell, Rate)):
        assert not 0 < rate.numerator < FEW
        assert not 0 < rate.denominator - rate.numerator < FEW


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=facts_by_chance)
def test_months_and_days_are_the_sums_of_what_was_counted(
    chosen: list[tuple[date, str, str, str, str, int]], knowledge: Knowledge, tmp_path: Path
) -> None:
    file = tmp_path / "test.db"
    file.unlink(missing_ok=True)
    opened = open_storage(f"sqlite:///{file}", tmp_path / "hash.key")
    opened.close()
    database = sqlite3.connect(file)
    database.row_factory = sqlite3.Row
    for day, kind, procedure, place, channel, n in chosen:
        at = datetime(day.year, day.month, day.day, 18, tzinfo=UTC)  # past midnight in Vietnam: the next day
        fact = Count(kind=kind, procedure=procedure or None, place=place or None, n=n)
        stored.count(database, fact, channel, at)
    for month in ("2026-10", "2026-11", "2026-12"):
        of_month = [one for one in chosen if (one[0] + timedelta(days=1)).isoformat().startswith(month)]
        found = stored.months(database, month, month, None, by_month=True, steps=False)
        assert {fact.kind: fact.n for fact in found} == added(of_month, 1)
        parts = {axis: stored.months(database, month, month, axis, by_month=False, steps=True) for axis in Axis}
        for place, axis in enumerate(Axis, start=2):
            assert {(fact.kind, getattr(fact, axis)): fact.n for fact in parts[axis]} == added(of_month, 1, place)
            for value in {str(one[place]) for one in of_month}:
                some = stored.months_of(database, "2026-01", month, axis, value)
                told = {fact.kind: fact.n for fact in some if fact.month == month}
                assert told == added([one for one in of_month if one[place] == value], 1)
        parsed = Month.parse(month)
        assert parsed
        report = monthly(parsed, found, parts, (), commune="xã", made_on=START.date())
        asked = sum(one[-1] for one in of_month if one[1] in set(counting.QUESTIONS))
        assert numbers(report, "questions")["Tất cả"] == asked
        assert sum(int(str(row[1])) for row in report.table("by_channel").rows) == asked
        singles_nobody_out(report, of_month)
        days = stored.days(database, parsed.first, parsed.last)
        assert {(fact.day, fact.kind): fact.n for fact in days} == {
            ((date.fromisoformat(str(day)) + timedelta(days=1)).isoformat(), kind): n
            for (day, kind), n in added([(one[0].isoformat(), *one[1:]) for one in of_month], 0, 1).items()
        }
    database.close()


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_rate_is_given_on_ten_or_more_and_never_on_fewer(numerator: int, denominator: int) -> None:
    rate = Rate(numerator, denominator, "tháng 11/2026", "nguồn", 50)
    if denominator < LEAST:
        assert rate.percent is None
        assert rate.met is None
        assert "%" not in str(rate)
    else:
        assert rate.percent == pytest.approx(100 * numerator / denominator, abs=0.051)
        assert rate.met == (numerator / denominator >= 0.5)
        assert "%" in str(rate)


def official(place: str, received: int, **others: Any) -> Official:
    numbers_ = {"online": 0, "on_time": 0, "paid_online": 0, **others}
    return Official(month="2026-11", place=place, received=received, **numbers_)


def test_a_target_is_met_by_the_exact_numbers_not_by_the_rounded_ones() -> None:
    on_time = next(measure for measure in MEASURES if measure.key == "on_time")

    assert measured(on_time, [official("Xã A", 10_000, on_time=9_000)], "tháng").met is True
    almost = measured(on_time, [official("Xã A", 100_000, on_time=89_999)], "tháng")
    assert (almost.percent, almost.met) == (90.0, False)


def test_a_rate_is_held_against_what_it_is_a_part_of() -> None:
    row = official("Xã A", 100, resolved=80, on_time=76, payable=20, paid_online=10, online=60)
    shown = {measure.key: measured(measure, [row], "tháng") for measure in MEASURES}

    assert {key: (rate.numerator, rate.denominator) for key, rate in shown.items()} == {
        "on_time": (76, 80),
        "online": (60, 100),
        "paid": (10, 20),
    }


def test_the_fields_of_a_place_are_not_added_to_its_total() -> None:
    rows = [official("Xã A", 100), official("Xã A", 60, field="Hộ tịch"), official("Xã B", 30, field="Hộ tịch")]

    assert {place: sum(one.received for one in some) for place, some in by_place(rows).items()} == {
        "Xã A": 100,
        "Xã B": 30,
    }


def test_satisfaction_has_its_n_and_no_mean_on_fewer_than_ten() -> None:
    month = Month(2026, 11)
    few = monthly(month, [Fact(kind="rated-5", n=9)], {}, (), commune="xã", made_on=START.date())
    many = monthly(
        month, [Fact(kind="rated-5", n=9), Fact(kind="rated-2", n=3)], {}, (), commune="xã", made_on=START.date()
    )

    assert few.table("results").rows[-1] == (
        "Điểm trung bình của hướng dẫn (1–5)",
        9,
        "chưa đủ 10",
        "lượt chấm hướng dẫn",
    )
    assert many.table("results").rows[-1] == ("Điểm trung bình của hướng dẫn (1–5)", 12, "4,2", "lượt chấm hướng dẫn")
    assert Counts([Fact(kind=Became.ANSWERED, n=2), Fact(kind=Became.NOT_KNOWN, n=1)]).questions == 3


def test_months_go_over_the_year() -> None:
    assert Month(2026, 1).back(1) == Month(2025, 12)
    assert Month(2026, 11).back(-2) == Month(2027, 1)
    assert (Month(2028, 2).first, Month(2028, 2).last) == (date(2028, 2, 1), date(2028, 2, 29))
    assert [Month.parse(text) for text in ("2026-13", "11/2026", "2026-1", "")] == [None] * 4
