"""Which side of a subject is asked for: papers, fee, time, place …"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.understanding.understood import Facet

ENOUGH = 0.3  # weaker signs leave the overview

# "có … không" stands in questions about anything: what is asked for by name goes first.
WEIGHTS = {Facet.ELIGIBILITY: 0.9}

# Where two are asked for at once and equally clearly, the one earlier here is answered.
ORDER = (
    Facet.FEE,
    Facet.TIME,
    Facet.DOCUMENTS,
    Facet.ONLINE,
    Facet.WHERE,
    Facet.RESULT,
    Facet.ELIGIBILITY,
    Facet.OVERVIEW,
)


def facet_of(signs: Mapping[str, float]) -> Facet:
    """The facet with the clearest signs; the overview when nothing is clear."""
    best = max(ORDER, key=lambda facet: signs.get(facet.value, 0.0) * WEIGHTS.get(facet, 1.0))
    return best if signs.get(best.value, 0.0) >= ENOUGH else Facet.OVERVIEW


def strongest(weighed: Iterable[tuple[str, float]]) -> dict[str, float]:
    """For each facet its signs taken together: independent hints add up, never beyond 1."""
    signs: dict[str, float] = {}
    for facet, weight in weighed:
        signs[facet] = 1 - (1 - signs.get(facet, 0.0)) * (1 - weight)
    return signs
