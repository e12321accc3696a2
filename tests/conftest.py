from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest

from bot.app import App, build
from bot.knowledge import Knowledge, Library
from tests.support import warm
from tests.support.doors import RecordingDoor
from tests.support.mind import Mind
from tests.support.results import SOAK
from tests.support.talking import settings
from tests.support.warm import shipped

# A house commits to the disk before it answers. Hundreds of houses are opened here, and what a kill does to one is
# the same in memory; so they lie there if there is room. The full-size runs use the disk, as the product does.
MEMORY = Path("/dev/shm")
ROOM = 4 << 30  # bytes
if not SOAK and "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ["TMPDIR"], tempfile.tempdir = str(MEMORY), None


# How long an example takes says more of the machine than of us.
hypothesis.settings.register_profile("camtay", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("camtay")


@pytest.fixture(scope="session")
def library() -> Library:
    return shipped()


@pytest.fixture(scope="session")
def knowledge(library: Library) -> Knowledge:
    """What the product ships with."""
    return library.knowledge


@pytest.fixture(scope="session", autouse=True)
def one_library() -> Iterator[None]:
    """Houses that are opened and closed many times read what ships but once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.app.Library", warm.library)
        yield


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
