"""Reference cards: what of a row of the national database a citizen may rely on, and what a card is found by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from bot.dialogue.messages import Card, CardFact
from bot.understanding.text import clean, plain, words
from content.models import Way
from content.national import Row, RowFee, RowTime

NOTE = 300  # letters of a note


def card_of(row: Row) -> Card:
    """The card of that row. What the source lost stays lost: it is never guessed, and never "free of charge"."""
    return Card(
        code=row.code,
        name=row.name,
        agency=row.agency,
        level=row.level,
        ways=tuple(row.ways),
        fees=tuple(_same_said_once((fee.at, _fee(fee), _note(fee.note)) for fee in row.fees)),
        times=tuple(_same_said_once((time.at, *_time(time)) for time in row.times)),
        papers=tuple(_papers(row)),
        read_on=row.read_on,
        keys=tuple(keys(row.name)),
    )


def keys(text: str) -> list[str]:
    """What a name is found by: every two words that stand together, since most Vietnamese words are made of two."""
    return list(dict.fromkeys(key_of(pair) for pair in pairs(text)))


def key_of(pair: tuple[str, str]) -> str:
    """Two words as they are looked for: without marks."""
    return "_".join(map(plain, pair))


def pairs(text: str) -> list[tuple[str, str]]:
    """Every two words that stand together."""
    said = words(clean(text).lower())
    return list(dict.fromkeys(pairwise(said)))


def _fee(fee: RowFee) -> str:
    """The amounts as we write them; "" if the source gives none."""
    amounts = [f"{amount:,} đồng".replace(",", ".") for amount in sorted(fee.amounts)]
    return ", ".join([*amounts, *(f"{amount} đô la Mỹ" for amount in sorted(fee.foreign))])


def _time(time: RowTime) -> tuple[str, str]:
    """The time as the source has it; one whose unit was lost is no more than a note."""
    lost = [f"{one.amount:g}" for one in time.durations if one.unit is None]
    return ("", ", ".join(lost)) if lost else (time.text.lower(), "")


def _note(note: str) -> str:
    bare = note.removeprefix("VNĐ").strip()
    if bare.startswith("(") and bare.endswith(")"):
        bare = bare[1:-1]
    return bare if len(bare) <= NOTE else bare[: NOTE - 1].rsplit(" ", 1)[0] + " …"


def _same_said_once(facts: Iterable[tuple[Way, str, str]]) -> Iterator[CardFact]:
    ways: dict[tuple[str, str], list[Way]] = {}
    for way, text, note in facts:
        at = ways.setdefault((text, note), [])
        if way not in at:
            at.append(way)
    yield from (CardFact(ways=tuple(at), text=text, note=note) for (text, note), at in ways.items())


def _papers(row: Row) -> Iterator[tuple[str, tuple[str, ...]]]:
    cases: dict[str, list[str]] = {}
    for item in row.items:
        if item.is_paper:
            cases.setdefault(item.case, []).append(item.text)
    yield from ((case, tuple(dict.fromkeys(papers))) for case, papers in cases.items())
