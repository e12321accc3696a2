"""Numbers of the heavy tests, kept where `make soak` runs them in full."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

SOAK = bool(os.environ.get("CAMTAY_SOAK"))
FOLDER = Path(__file__).parents[2] / "bench" / "results"


def keep(name: str, **numbers: int) -> None:
    """Keep what a soak has seen; a sampled run keeps nothing."""
    if SOAK:
        text = json.dumps({"when": datetime.now(UTC).date().isoformat(), **numbers}, indent=2)
        (FOLDER / f"{name}.json").write_text(text + "\n")
