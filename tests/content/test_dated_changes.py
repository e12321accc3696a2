"""What the law bounds in time: on both sides of every dated change the bot says what then holds, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from bot.handlers import facts
from bot.understanding import Facet
from content.models import Dated, Guide
from tests.support.warm import shipped

KNOWLEDGE = shipped().knowledge
DAY = timedelta(days=1)


def dated(guide: Guide) -> dict[Facet, tuple[Dated, ...]]:
    """What a guide bounds in time, by the facet that tells it."""
    return {
        Facet.FEE: (*guide.fee, *guide.exemptions),
        Facet.TIME: guide.time,
        Facet.WHERE: guide.where,
        Facet.ELIGIBILITY: guide.who,
        Facet.RESULT: guide.result,
    }


def changes() -> Iterator[Any]:
    """Every day on which something begins or has just ended."""
    for id_, guide in KNOWLEDGE.content.guides.items():
        for facet, bounded in dated(guide).items():
            days = {one.from_ for one in bounded if one.from_} | {one.until + DAY for one in bounded if one.until}
            for day in sorted(days):
                yield pytest.param(id_, facet, day, id=f"{id_} {facet} {day}")


def told(one: Dated) -> str:
    """The words by which a fact is known in an answer."""
    match one:
        case _ if hasattr(one, "pays"):
            return f"{one.who}: {one.pays}"
        case _ if hasattr(one, "amount") and isinstance(one.amount, int) and one.amount and hasattr(one, "law"):
            return f"phí {facts.money(one.amount)}"
        case _ if hasattr(one, "text") and one.text and one.text != "unknown":
            return str(one.text)
    return ""


@pytest.mark.parametrize(("id_", "facet", "day"), list(changes()))
def test_each_side_of_a_change_hears_its_own_facts(id_: str, facet: Facet, day: date) -> None:
    guide = KNOWLEDGE.content.guides[id_]
    for asked_on in (day - DAY, day):
        said = facts.facet_text(KNOWLEDGE, guide, facet, asked_on)
        bounded = dated(guide)[facet]
        holding = {words for one in bounded if one.holds_on(asked_on) and (words := told(one))}
        others = {words for one in bounded if not one.holds_on(asked_on) and (words := told(one))} - holding
        for words in holding:
            assert words in said, f"on {asked_on}"
        for words in others:
            if not any(words in kept for kept in holding):
                assert words not in said, f"on {asked_on}"


def test_there_are_changes_to_ask_about() -> None:
    assert len(list(changes())) > 40


# The changes that everybody will ask about, with their numbers written out.
@pytest.mark.parametrize(
    ("id_", "day", "hears", "misses"),
    [
        ("cap-doi-can-cuoc", date(2026, 12, 31), "phí 25.000 đồng", "phí 50.000 đồng"),
        ("cap-doi-can-cuoc", date(2027, 1, 1), "phí 50.000 đồng", "phí 25.000 đồng"),
        ("cap-lai-can-cuoc", date(2026, 12, 31), "phí 35.000 đồng", "phí 70.000 đồng"),
        ("cap-lai-can-cuoc", date(2027, 1, 1), "phí 70.000 đồng", "phí 35.000 đồng"),
        ("khai-sinh", date(2027, 2, 28), "không phải trả phí", "mức mới chưa có nguồn"),
        ("khai-sinh", date(2027, 3, 1), "mức mới chưa có nguồn", "không phải trả phí"),
        ("trich-luc-ho-tich", date(2027, 2, 28), "117/2026/TT-BTC", "no such words"),
        ("trich-luc-ho-tich", date(2027, 3, 1), "Phí", "117/2026/TT-BTC"),
    ],
)
def test_the_well_known_changes(id_: str, day: date, hears: str, misses: str) -> None:
    said = facts.facet_text(KNOWLEDGE, KNOWLEDGE.content.guides[id_], Facet.FEE, day)

    assert hears in said
    assert misses not in said


def test_civil_status_is_any_commune_s_from_march_on() -> None:
    guide = KNOWLEDGE.content.guides["khai-sinh"]

    assert "nơi cha hoặc mẹ cư trú" in facts.facet_text(KNOWLEDGE, guide, Facet.WHERE, date(2027, 2, 28))
    assert "xã nào cũng được" in facts.facet_text(KNOWLEDGE, guide, Facet.WHERE, date(2027, 3, 1))
