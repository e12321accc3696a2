"""The catalogue is what the last whole import brought, and nothing in between."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.catalogue import keys
from bot.dialogue.messages import Card, CardsChanged
from bot.errors import StorageError
from storage import Storage
from tests.storage.test_contract import storage  # noqa: F401 - a fixture
from tests.support.cards import FISHING, NATIONALITY, PLANTS, bring_in, cards

PLANT_CARD, NATIONALITY_CARD, FISHING_CARD = cards([PLANTS, NATIONALITY, FISHING])


def held(storage: Storage) -> list[str]:  # noqa: F811
    """The names of cards that can be found by these words, best first."""
    with storage.snapshot() as snapshot:
        return [hit.name for hit in snapshot.catalogue().find(keys("giống cây trồng quốc tịch tàu cá"), 10).hits]


def card(storage: Storage, code: str) -> Card | None:  # noqa: F811
    with storage.snapshot() as snapshot:
        return snapshot.catalogue().card(code)


async def test_a_card_comes_back_as_it_went_in(storage: Storage) -> None:  # noqa: F811
    done = await bring_in(storage, [PLANTS, NATIONALITY])
    assert done == CardsChanged(added=2, changed=0, removed=0, same=0)
    assert card(storage, PLANT_CARD.code) == replace(PLANT_CARD, keys=())
    assert card(storage, "1.000000") is None


async def test_the_same_again_changes_nothing(storage: Storage) -> None:  # noqa: F811
    await bring_in(storage, [PLANTS, NATIONALITY])
    again = await bring_in(storage, [PLANTS, NATIONALITY], "two")
    assert again == CardsChanged(added=0, changed=0, removed=0, same=2)
    assert len(held(storage)) == 2


async def test_what_changed_is_changed_and_what_is_gone_goes(storage: Storage) -> None:  # noqa: F811
    await bring_in(storage, [PLANTS, NATIONALITY])
    renamed = {**PLANTS, "name": "Bảo hộ giống cây trồng mới"}
    done = await bring_in(storage, [renamed, FISHING], "two")
    assert done == CardsChanged(added=1, changed=1, removed=1, same=0)
    assert sorted(held(storage)) == ["Bảo hộ giống cây trồng mới", FISHING_CARD.name]
    assert card(storage, NATIONALITY_CARD.code) is None


async def test_what_is_only_put_aside_nobody_sees(storage: Storage) -> None:  # noqa: F811
    await bring_in(storage, [PLANTS])
    await storage.stage_cards("two", [FISHING_CARD])
    assert held(storage) == [PLANT_CARD.name]


async def test_two_imports_at_once_do_not_mix(storage: Storage) -> None:  # noqa: F811
    await storage.stage_cards("one", [PLANT_CARD])
    await storage.stage_cards("two", [FISHING_CARD])
    with pytest.raises(StorageError):
        await storage.swap_cards("one", 1)
    assert held(storage) == []
    await storage.swap_cards("two", 1)
    assert held(storage) == [FISHING_CARD.name]


async def test_what_is_found_says_how_rare_its_keys_are(storage: Storage) -> None:  # noqa: F811
    await bring_in(storage, [PLANTS, NATIONALITY, FISHING])
    with storage.snapshot() as snapshot:
        found = snapshot.catalogue().find([*keys("đăng ký tàu cá"), 'a"b', "không_có"], 10)
        assert snapshot.catalogue().find([], 10).hits == ()
    assert found.hits[0].name == FISHING_CARD.name
    assert found.having == {"dang_ki": 2, "ki_tau": 1, "tau_ca": 1}
    assert found.cards == 3
