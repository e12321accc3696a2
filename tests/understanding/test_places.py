"""Which place is meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge import Knowledge
from bot.understanding import fold
from bot.understanding.places import find_places
from content.models import Locality


@pytest.fixture(scope="module")
def locality(knowledge: Knowledge) -> Locality:
    return knowledge.content.locality


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("bản Suối Trên", "ban-suoi-tren"),
        ("tui ở suoi tren", "ban-suoi-tren"),
        ("nhà em ở bản suoitren ạ", "ban-suoi-tren"),
        ("bản suối tren", "ban-suoi-tren"),
        ("ban suoi trem", "ban-suoi-tren"),
        ("bản Nà Suối hồi xưa", "ban-suoi-tren"),
        ("gần cầu treo", "ban-suoi-tren"),
        ("thôn đồng chum đó cháu", "thon-dong-chum"),
        ("thon dong trum", "thon-dong-chum"),
        ("chỗ lò gạch cũ", "thon-dong-chum"),
        ("đội 5", "thon-cay-thi"),
        ("nhà bác sau đình cây thị", "thon-cay-thi"),
        ("khu tái định cư", "thon-dap-moi"),
        ("gần trạm y tế", "thon-dap-moi"),
        ("ngay chợ bến gạo", "thon-ben-gao"),
        ("xã Suối Hoa", "suoi-hoa"),
        ("xã Hoa Lũng cũ", "suoi-hoa"),
    ],
)
def test_a_place_is_known_by_its_names_and_landmarks(locality: Locality, said: str, place: str) -> None:
    assert find_places(said, locality)[0].id == place


@pytest.mark.parametrize("said", ["", "tôi muốn làm khai sinh", "đội 6", "ở xa lắm", "5", "🙂"])
def test_where_no_place_is_named_none_is_found(locality: Locality, said: str) -> None:
    assert find_places(said, locality) == ()


def test_an_old_name_of_the_commune_that_is_a_hamlet_today_offers_both(locality: Locality) -> None:
    found = [one.id for one in find_places("Suối Trên", locality)]

    assert found[:2] == ["ban-suoi-tren", "suoi-hoa"]


def test_every_name_finds_its_own_place_with_and_without_marks(locality: Locality) -> None:
    for hamlet in locality.hamlets:
        for name in (hamlet.name, *hamlet.old_names, *hamlet.landmarks):
            for said in (name, fold(name), f"nhà tôi ở {name} đó"):
                assert find_places(said, locality)[0].id == hamlet.id, said


@given(st.text(max_size=80))
def test_whatever_is_typed_scores_are_between_0_and_1_and_fall(locality: Locality, said: str) -> None:
    scores = [one.score for one in find_places(said, locality)]

    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
