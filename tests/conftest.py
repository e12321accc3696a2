from __future__ import annotations

import pytest

from bot.knowledge import Knowledge, Library
from tests.support.mind import Mind


@pytest.fixture(scope="session")
def library() -> Library:
    return Library()


@pytest.fixture(scope="session")
def knowledge(library: Library) -> Knowledge:
    """What the product ships with."""
    return library.knowledge


@pytest.fixture
def one_library(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Houses that are opened and closed many times read content but once."""
    monkeypatch.setattr("bot.app.Library", lambda **_: library)


@pytest.fixture
def talk(knowledge: Knowledge) -> Mind:
    """A person who has just come."""
    return Mind(knowledge)
