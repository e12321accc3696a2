"""From a sheet's values to a model, and from pydantic's errors to problems that an author understands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from inspect import isclass
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.errors import Problem
from content.messages_vi import OWN, unknown_key, words_for
from content.sheets import Sheet
from content.yaml_source import Node, Path

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Shaped(Generic[M]):
    """A model, or None and why. `broken` are the paths of what is wrong, also of what was reported before."""

    model: M | None
    problems: Sequence[Problem] = ()
    broken: frozenset[Path] = frozenset()


def shape(model: type[M], sheet: Sheet) -> Shaped[M]:
    """The sheet as that model."""
    # By way of JSON, because only there does pydantic's strict mode take lists for tuples and text for dates and
    # enums; lax mode would take `true` for 1 and "12" for 12.
    try:
        return Shaped(model.model_validate_json(json.dumps(sheet.root.plain()), strict=True))
    except ValidationError as error:
        mistakes = list(_mistakes(model, sheet, error.errors(include_url=False)))
        problems = tuple({mistake.problem: None for mistake in mistakes if not sheet.flawed(mistake.path)})
        return Shaped(None, problems, frozenset(mistake.path for mistake in mistakes))


@dataclass(frozen=True, slots=True)
class _Mistake:
    path: Path
    problem: Problem


@dataclass(frozen=True, slots=True)
class _Error:
    """A pydantic error, its place told apart from the names of union members that pydantic mixes in."""

    path: Path
    loc: tuple[str | int, ...]
    kind: str
    context: dict[str, Any]
    members: tuple[tuple[Path, str], ...]  # where a union begins, and which member the error is about


def _mistakes(model: type[BaseModel], sheet: Sheet, errors: Sequence[ErrorDetails]) -> Iterator[_Mistake]:
    read = [_read(sheet.root, error) for error in errors]
    meant = [error for error in read if _is_meant(sheet.root, error)]
    suggested = {mistake for error in meant if (mistake := _misspelt(model, error))}
    for error in meant:
        if not _is_noise(sheet.root, error) and not (error.kind == "missing" and error.path in suggested):
            yield _mistake(model, sheet, error)


def _read(root: Node, error: ErrorDetails) -> _Error:
    node = root
    path: Path = ()
    members: list[tuple[Path, str]] = []
    for number, part in enumerate(error["loc"]):
        child = node.child(part)
        last = number == len(error["loc"]) - 1
        if child is not None or (last and error["type"] == "missing"):
            node, path = child or node, (*path, part)
        elif part != "[key]":
            members.append((path, str(part)))
    return _Error(path, error["loc"], error["type"], dict(error.get("ctx", {})), tuple(members))


def _is_meant(root: Node, error: _Error) -> bool:
    """False for what a union member says that the author evidently did not want: a step is not a bad `use`."""
    return all(_fits(member, root.nearest(path).value) for path, member in error.members)


def _fits(member: str, value: object) -> bool:
    if member in {"Step", "StepUse"}:
        return (member == "StepUse") == (isinstance(value, dict) and "use" in value)
    if member.startswith("tuple"):
        return isinstance(value, list)
    if member.startswith("literal"):
        return not isinstance(value, int) or isinstance(value, bool)
    if member.endswith("int"):
        return isinstance(value, int) and not isinstance(value, bool)
    return not isinstance(value, list)


def _is_noise(root: Node, error: _Error) -> bool:
    """Items that are no good also make their list "too short"; one word about them is enough."""
    value = root.nearest(error.path).value
    return error.kind == "too_short" and isinstance(value, list) and len(value) >= error.context["min_length"]


def _mistake(model: type[BaseModel], sheet: Sheet, error: _Error) -> _Mistake:
    path, at_key = error.path, error.loc[-1:] == ("[key]",)
    if error.kind == "missing":
        what = _missing(path[-1])
    elif error.kind == "extra_forbidden":
        what, at_key = unknown_key(str(path[-1]), _keys_at(model, error.loc[:-1])), True
    elif error.kind == "value_error":
        key, what = OWN[code] if (code := str(error.context["error"])) in OWN else ("", f"không hợp lệ ({code})")
        path = (*path, key) if key else path
    else:
        value = path[-1] if at_key else sheet.root.nearest(path).plain()
        what = words_for(error.kind, error.context, value)
    return _Mistake(path, sheet.problem(path, what, at_key=at_key))


def _missing(key: str | int) -> str:
    return f"thiếu '{key}'" if isinstance(key, str) else f"thiếu mục thứ {key + 1}"


def _misspelt(model: type[BaseModel], error: _Error) -> Path | None:
    """The path of the key that an unknown key is probably meant to be."""
    if error.kind != "extra_forbidden":
        return None
    words = unknown_key(str(error.path[-1]), _keys_at(model, error.loc[:-1]))
    suggestion = words.rpartition("có phải '")[2].removesuffix("'?")
    return (*error.path[:-1], suggestion)


def _keys_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    kind: Any = model
    for part in loc:
        kind = _inside(kind, part)
    if not (isclass(kind) and issubclass(kind, BaseModel)):
        return []
    return [field.alias or name for name, field in kind.model_fields.items()]


def _inside(kind: Any, part: str | int) -> Any:
    """The type of what stands under that key, index or union member."""
    if isclass(kind) and issubclass(kind, BaseModel):
        fields = {field.alias or name: field for name, field in kind.model_fields.items()}
        return _bare(fields[str(part)].annotation) if part in fields else None
    members = get_args(kind)
    if not members:
        return kind
    if get_origin(kind) is tuple or isinstance(part, int):
        return _bare(members[0])
    return _bare(next((member for member in members if getattr(member, "__name__", "") == part), members[-1]))


def _bare(kind: Any) -> Any:
    return _bare(get_args(kind)[0]) if get_origin(kind) is Annotated else kind
