"""The JSON Schemas in content/schema/, with which an editor completes and checks YAML while it is being written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from content.models import Events, Faq, Guide, Heard, Lexicon, Locality, Phrases, Procedures, Sharing, Style, Tips

FOLDER: Final = Path(__file__).resolve().parent / "schema"
MODELS: Final[Mapping[str, type[BaseModel]]] = {
    "procedures": Procedures,
    "guide": Guide,
    "steps": Sharing,
    "faq": Faq,
    "events": Events,
    "heard": Heard,
    "phrases": Phrases,
    "locality": Locality,
    "lexicon": Lexicon,
    "style": Style,
    "tips": Tips,
}


def schemas() -> dict[str, str]:
    """The text of every schema file, by its name."""
    return {f"{name}.schema.json": _text(model) for name, model in MODELS.items()}


def write(folder: Path = FOLDER) -> None:
    """Bring the schema files in the folder up to date."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _text(model: type[BaseModel]) -> str:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
