"""Content and its index, read once for all tests of a process, and once for all lives that are forked from it."""

from __future__ import annotations

import multiprocessing
from copy import copy
from dataclasses import replace
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

from bot.knowledge import Library
from bot.understanding.meaning import Meaning

LIVES = (
    "tests.test_crash",
    "tests.test_reminder_soak",
    "tests.channels.test_telegram_storm",
    "tests.channels.test_tip_storm",
)


@cache
def shipped() -> Library:
    """What the product ships with."""
    return Library()


def library(*, overlay: Path | None = None, site: str = "", meaning: Meaning | None = None, **others: Any) -> Library:
    """What a house makes of its content; whoever adds nothing to what ships gets that as it was read before."""
    if overlay or meaning:
        return Library(overlay=overlay, site=site, meaning=meaning, **others)
    mine = copy(shipped())
    mine.knowledge = replace(mine.knowledge, site=site)
    return mine


def lives() -> ForkServerContext:
    """Processes that are forked from a warm one, so that a hundred take seconds.

    That one is started once for all tests of this process, so it has to know beforehand all that will be forked.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.support.warmed", *LIVES])
    return context
