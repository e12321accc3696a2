from __future__ import annotations

import pytest

from bot.knowledge import Knowledge, Library
from tests.support.mind import Mind


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """What the product ships with."""
    return Library().knowledge


@pytest.fixture
def talk(knowledge: Knowledge) -> Mind:
    """A person who has just come."""
    return Mind(knowledge)
