"""What happens to values between reading and shaping: a commune's overlay, shared steps, {slots}."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from content.models import slots
from content.sheets import own_name
from content.yaml_source import Node, Path, Spot

Say = Callable[[Path, str], None]  # takes a path and what is wrong there


def merges_by_id(name: str) -> bool:
    """Whether items are merged one by one in that file: the sample locality must not survive in a real one."""
    return name != "locality.yaml"


def overlaid(base: Node, over: Node, *, by_id: bool = True) -> Node:
    """`base` with everything that `over` says instead: groups key by key, lists with ids item by item."""
    if isinstance(base.value, dict) and isinstance(over.value, dict):
        items = dict(base.value)
        for key, node in over.value.items():
            items[key] = overlaid(items[key], node, by_id=by_id) if key in items else node
        return base._replace(value=items)
    ours, theirs = _by_id(base), _by_id(over)
    if not by_id or ours is None or theirs is None:
        return over
    merged = {name: overlaid(node, theirs[name]) if name in theirs else node for name, node in ours.items()}
    added = [node for name, node in theirs.items() if name not in ours]
    return base._replace(value=[*merged.values(), *added])


def replaced(
    base: Node, over: Node, path: Path = (), *, by_id: bool = True
) -> Iterator[tuple[Path, Node | None, Node]]:
    """Everything that `overlaid` takes from `over`: its path there, what it replaces (perhaps None), the value."""
    ours, theirs = _by_id(base), _by_id(over)
    pairs: list[tuple[str | int, Node | None, Node]]
    if isinstance(base.value, dict) and isinstance(over.value, dict):
        pairs = [(key, base.value.get(key), node) for key, node in over.value.items()]
    elif by_id and ours is not None and theirs is not None:
        pairs = [(number, ours.get(name), node) for number, (name, node) in enumerate(theirs.items())]
    else:
        yield path, base, over
        return
    for key, old, new in pairs:
        if old is None:
            yield (*path, key), None, new
        elif key != "id" or old.value != new.value:  # by its id an item is known: that changes nothing
            yield from replaced(old, new, (*path, key), by_id=by_id)


def _by_id(node: Node) -> dict[str, Node] | None:
    """The items of a list by their ids; None if it is no list, or not every item has one of its own."""
    if not isinstance(node.value, list):
        return None
    items = {own_name(item, "id"): item for item in node.value}
    return items if len(items) == len(node.value) and "" not in items else None


def with_shared_steps(guide: Node, groups: Mapping[str, Node]) -> Node:
    """The guide with the steps of a group in the place of each `use` of it. Other `use`s stay as they are."""
    steps = guide.child("steps")
    if steps is None or not isinstance(steps.value, dict) or not isinstance(guide.value, dict):
        return guide
    expanded = {way: _expanded(items, groups) for way, items in steps.value.items()}
    return guide._replace(value={**guide.value, "steps": steps._replace(value=expanded)})


def _expanded(items: Node, groups: Mapping[str, Node]) -> Node:
    if not isinstance(items.value, list):
        return items
    steps: list[Node] = []
    for item in items.value:
        group = groups.get(own_name(item, "use")) if _is_sound_use(item) else None
        steps.extend(_brought(group, item) if group else [item])
    return items._replace(value=steps)


def _is_sound_use(item: Node) -> bool:
    """False leaves it in place, where the models then say what is wrong with it."""
    when = item.child("when")
    return (
        isinstance(item.value, dict)
        and item.value.keys() <= {"use", "when"}
        and (when is None or (isinstance(when.value, dict) and all(map(_names, when.value.values()))))
    )


def _names(node: Node) -> tuple[str, ...] | None:
    """The option ids that a `when` gives for a question; None if they are no such thing."""
    options = node.plain()
    if isinstance(options, str):
        return (options,)
    if isinstance(options, list) and all(isinstance(option, str) for option in options):
        return tuple(options)
    return None


def _brought(group: Node, use: Node) -> list[Node]:
    when = use.child("when")
    steps = [_moved(step, use.spot) for step in group.value] if isinstance(group.value, list) else []
    return [_narrowed(step, when) for step in steps] if when else steps


def _moved(node: Node, spot: Spot) -> Node:
    """The same values, standing where they are used: that is where their author looks for the mistake."""
    value: Any = node.value
    if isinstance(value, dict):
        value = {key: _moved(child, spot) for key, child in value.items()}
    elif isinstance(value, list):
        value = [_moved(child, spot) for child in value]
    return Node(value, spot, spot)


def _narrowed(step: Node, when: Node) -> Node:
    """The step, where both its own `when` and that of the `use` hold."""
    own = step.child("when")
    conditions = dict(own.value) if own and isinstance(own.value, dict) else {}
    for question, options in _conditions(when).items():
        mine = conditions.get(question)
        conditions[question] = _both(mine, options) if mine else options
    assert isinstance(step.value, dict)  # noqa: S101 - for the type checker
    return step._replace(value={**step.value, "when": Node(conditions, when.spot, when.key_spot)})


def _conditions(when: Node) -> dict[str, Node]:
    return when.value if isinstance(when.value, dict) else {}


def _both(one: Node, other: Node) -> Node:
    allowed = _names(other) or ()
    return other._replace(value=[Node(name, other.spot) for name in _names(one) or () if name in allowed])


def filled(node: Node, words: Mapping[str, str], say: Say, path: Path = ()) -> Node:
    """The same values with every {slot} replaced by its words."""
    value: Any = node.value
    if isinstance(value, str):
        return node._replace(value=_filled(value, words, say, path)) if "{" in value or "}" in value else node
    if isinstance(value, dict):
        value = {key: filled(child, words, say, (*path, key)) for key, child in value.items()}
    elif isinstance(value, list):
        value = [filled(child, words, say, (*path, number)) for number, child in enumerate(value)]
    else:
        return node
    return Node(value, node.spot, node.key_spot, node.flawed)


def lone_braces(node: Node, path: Path) -> Iterator[tuple[Path, str]]:
    """Where braces make no slot."""
    value: Any = node.value
    if isinstance(value, str):
        try:
            list(slots(value))
        except ValueError:
            yield path, LONE_BRACE
    elif isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from lone_braces(child, (*path, key))


def _filled(text: str, words: Mapping[str, str], say: Say, path: Path) -> str:
    try:
        missing = [name for name in slots(text) if name not in words]
    except ValueError:
        say(path, LONE_BRACE)
        return text
    for name in dict.fromkeys(missing):
        say(path, f"chưa có chữ để điền vào {{{name}}}: thêm '{name}' vào words")
    return text if missing else text.format_map(words)


LONE_BRACE = "dấu { } không đúng: viết {tên_ô}, tên gồm chữ thường và dấu gạch dưới"
