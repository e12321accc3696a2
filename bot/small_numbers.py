"""Numbers that single nobody out: none below five is told, and none can be had by subtraction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

K = TypeVar("K")

FEW: Final = 5  # a smaller number could single someone out


@dataclass(frozen=True, slots=True)
class Shown:
    """A number as it may be told: exact, or a bound. `exact` is None where the number would single someone out."""

    text: str
    exact: int | None

    def as_json(self) -> Any:
        return self.exact if self.exact is not None else self.text


def shy(parts: Mapping[K, int]) -> dict[K, Shown]:
    """The parts of a total that is told beside them: none below five, and none to be had by subtraction.

    Parts of 1 to 4 are "dưới 5". Where they add up to less than five, the largest part is told as "ít nhất …", and so
    the rest of the total says nothing about them.
    """
    shown = {key: Shown(_plain(n), n) for key, n in parts.items()}
    hidden = [key for key, n in parts.items() if 0 < n < FEW]
    for key in hidden:
        shown[key] = Shown(f"dưới {FEW}", None)
    if 0 < sum(parts[key] for key in hidden) < FEW:
        large = max(parts, key=lambda key: parts[key])
        if parts[large] >= FEW:
            at_least = (parts[large] - 1) // FEW * FEW
            shown[large] = Shown(f"ít nhất {_plain(at_least)}" if at_least else f"dưới {2 * FEW}", None)
    return shown


def shy_beside(parts: Mapping[K, int]) -> dict[K, Shown]:
    """As `shy`, where the exact total is told too, however small: then not even a zero may say where the few are."""
    if 0 < sum(parts.values()) < FEW:
        return dict.fromkeys(parts, Shown(f"dưới {FEW}", None))
    return shy(parts)


def shy_one(n: int) -> Shown:
    """A number that stands alone."""
    return shy({"": n})[""]


def _plain(n: int) -> str:
    return f"{n:,}".replace(",", ".")
