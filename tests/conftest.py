from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import App, build
from bot.knowledge import Knowledge, Library
from tests.support.doors import RecordingDoor
from tests.support.mind import Mind
from tests.support.talking import settings


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


@pytest.fixture
def door() -> RecordingDoor:
    """A door that remembers what went through it."""
    return RecordingDoor()


@pytest.fixture
async def house(tmp_path: Path, door: RecordingDoor) -> AsyncIterator[App]:
    """A whole house behind that door, on files of its own."""
    async with build(settings(tmp_path), [door], chores=False) as app:
        yield app
