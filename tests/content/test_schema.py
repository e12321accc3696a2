"""The schemas that editors read are those of the models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from content import schema_files


@pytest.mark.parametrize("name", sorted(schema_files.schemas()))
def test_the_published_schema_is_current(name: str) -> None:
    published = (schema_files.FOLDER / name).read_text(encoding="utf-8")

    assert published == schema_files.schemas()[name], "`make schema` writes it anew"


def test_nothing_else_is_published() -> None:
    published = {path.name for path in schema_files.FOLDER.iterdir()}

    assert published == set(schema_files.schemas())


def test_writing_makes_them_current(tmp_path: Path) -> None:
    schema_files.write(tmp_path / "schema")

    written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "schema").iterdir()}
    assert written == schema_files.schemas()


def test_a_schema_names_keys_as_authors_write_them() -> None:
    guide = json.loads(schema_files.schemas()["guide.schema.json"])

    assert "from" in guide["$defs"]["Fee"]["properties"]
    assert guide["$defs"]["Fee"]["additionalProperties"] is False


def test_schemas_are_written_with_marks_and_end_with_a_line() -> None:
    for text in schema_files.schemas().values():
        assert "\\u" not in text.replace("\\\\u", "")
        assert text.endswith("}\n")
