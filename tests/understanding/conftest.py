from __future__ import annotations

import pytest

from bot.knowledge import Knowledge
from bot.understanding import Index


@pytest.fixture(scope="session")
def index(knowledge: Knowledge) -> Index:
    """What the product understands with the content that ships."""
    return knowledge.index
