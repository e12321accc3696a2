"""Which side of a subject is asked for: papers, fee, time, place …

People tell first and ask last, and they name a side in what they tell, too ("toàn nộp qua mạng, giờ cần bản giấy").
So a clause that asks weighs more than one that tells, a side's plain name ("hồ sơ", "lệ phí") counts only where a
clause begins or ends with it, and of two sides asked for alike the last one is answered. What these rules find, and
the words that ask, are then weighed by a light model that has learnt how people ask for each side.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.understanding.evidence import Sign, combine
from bot.understanding.linear import Linear, share
from bot.understanding.message import Message
from bot.understanding.understood import Facet

ENOUGH = 0.3  # weaker signs leave the overview
TOLD = 0.35  # what is left of a sign in a clause that tells, where another one asks
ALL_TOLD = 0.6  # … and where none asks
INDEFINITE = 0.35  # … of one whose question word asks nothing: "chưa làm bao giờ", "không cần gì"
NAMING = 0.4  # … of one that is a part of the subject's own name
SHORT = 9  # so few words are a question, whatever they look like: "lệ phí trước bạ xe cũ"
ALIKE = 0.95  # a side with so much of the clearest one's weight is asked for as clearly

STEPS = (0.15, 0.3, 0.5, 0.7, 0.85)  # a side's weight is told to the model as the steps that it reaches
FOUND, RULED = 0.4, 1.0  # what each of them counts there, and which side the rules find
AROUND = 0.5  # what the words of the whole message count, beside those of the clauses that ask

# "có … không" stands in questions about anything: what is asked for by name goes first.
WEIGHTS = {Facet.ELIGIBILITY: 0.9}
YES_NO = 0.45  # what a clause that ends with "không" or "chưa" says for "may I, must I"

# Said by the same words, the one earlier here is meant.
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


@dataclass(frozen=True, slots=True)
class Side:
    """How clearly a side is asked for, 0 to 1, and the last word that clearly does so."""

    weight: float
    at: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What is known about the words of a message, as places of words."""

    asking: frozenset[int]  # words that ask
    final: frozenset[int]  # the "không" and "chưa" at the end of a clause
    indefinite: frozenset[int]  # … and those that look so: the "gì" of "không cần gì"
    polite: frozenset[int]  # words that carry nothing
    subject: frozenset[int]  # words that name the subject: "chi phí" in "hỗ trợ chi phí mai táng"


# What the model weighs: features, and what each of them counts.
Features = tuple[tuple[frozenset[str], float], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was found about the sides of a subject: by the rules, and what the model is asked about it."""

    sides: Mapping[str, Side]
    features: Features

    def facet(self, learnt: Linear | None) -> Facet:
        """The side that is asked for: what the model finds likeliest; what the rules find if there is none."""
        if learnt is None:
            return facet_of(self.sides)
        chances = learnt.chances(*self.features)
        return Facet(max(chances, key=chances.__getitem__))


def facet_of(sides: Mapping[str, Side]) -> Facet:
    """The side with the clearest signs; of several that are as clear, the one said last."""
    clear = {
        facet: sides[facet.value].weight * WEIGHTS.get(facet, 1.0)
        for facet in ORDER
        if facet.value in sides and sides[facet.value].weight >= ENOUGH
    }
    if not clear:
        return Facet.OVERVIEW
    enough = ALIKE * max(clear.values())
    return max((one for one in clear if clear[one] >= enough), key=lambda one: sides[one.value].at)


def asked(signs: Sequence[Sign], names: Iterable[Sign], message: Message, told: Told) -> Asked:
    """The sides that a message asks for. `signs` and `names` (plain names of sides) have a facet as owner."""
    short = len(message.words) <= SHORT
    edges = frozenset(range(len(message.words))) if short else _edges(message, told.polite | told.asking)
    heard = [*signs, *(one for one in names if not one.places.isdisjoint(edges))]
    heard += [Sign(Facet.ELIGIBILITY.value, YES_NO, "", frozenset([at])) for at in told.final]
    clauses = _asking_clauses(message, told.final | (told.asking - told.indefinite))
    rest = TOLD if clauses else 1.0 if short else ALL_TOLD
    weighed = [_weighed(one, message, told, clauses, rest) for one in heard]
    last: dict[str, int] = {}
    for one in weighed:
        if one.weight >= ENOUGH:
            last[one.owner] = max(last.get(one.owner, 0), *one.places)
    sides = {facet: Side(weight, last.get(facet, 0)) for facet, (weight, _, _) in combine(weighed).items()}
    return Asked(sides, _features(message, clauses, sides))


def _features(message: Message, clauses: Collection[int], sides: Mapping[str, Side]) -> Features:
    """The words of the clauses that ask, those of the last clause, all words, and what the rules make of them."""
    asking = [key for key, clause in zip(message.keys, message.clause, strict=True) if clause in clauses]
    final = message.clause[-1:]
    last = [key for key, clause in zip(message.keys, message.clause, strict=True) if clause in final]
    found = (f"{facet} {step}" for facet, side in sides.items() for step in STEPS if side.weight >= step)
    parts = (frozenset(_of_words("a", asking)), frozenset(_of_words("z", last)))
    around = frozenset(f"w:{key}" for key in message.keys)
    return (
        *((part, share(part)) for part in parts),
        (around, AROUND * share(around)),
        (frozenset(found), FOUND),
        (frozenset([f"rule {facet_of(sides).value}"]), RULED),
    )


def _of_words(where: str, keys: Sequence[str]) -> Iterable[str]:
    yield from (f"{where}:{key}" for key in keys)
    yield from (f"{where}b:{one} {two}" for one, two in pairwise(keys))
    if keys:
        yield from (f"{where}^:{keys[0]}", f"{where}$:{keys[-1]}", f"{where}$$:{' '.join(keys[-2:])}")


def _weighed(sign: Sign, message: Message, told: Told, clauses: Collection[int], rest: float) -> Sign:
    factor = 1.0 if any(message.clause[place] in clauses for place in sign.places) else rest
    if not sign.places.isdisjoint(told.indefinite):
        factor *= INDEFINITE
    if sign.places <= told.subject:
        factor *= NAMING
    return sign if factor == 1.0 else Sign(sign.owner, sign.weight * factor, sign.text, sign.places)


def _asking_clauses(message: Message, asking: Collection[int]) -> frozenset[int]:
    """The clauses in which something asks, and the last one before each question mark."""
    last = dict(zip(message.sentence, message.clause, strict=True))
    ended = {last[sentence] for sentence in message.asking if sentence in last}
    return frozenset({message.clause[place] for place in asking} | ended)


def _edges(message: Message, empty: Collection[int]) -> frozenset[int]:
    """The first and the last word of each clause, but for those that are polite or only ask: "xin hỏi hồ sơ …"."""
    telling = [at for at in range(len(message.words)) if at not in empty]
    by_clause: dict[int, list[int]] = defaultdict(list)
    for at in telling:
        by_clause[message.clause[at]].append(at)
    return frozenset(at for places in by_clause.values() for at in (places[0], places[-1]))


def strongest(weighed: Iterable[tuple[str, float]]) -> dict[str, float]:
    """For each owner its signs taken together: independent hints add up, never beyond 1."""
    signs: dict[str, float] = {}
    for owner, weight in weighed:
        signs[owner] = 1 - (1 - signs.get(owner, 0.0)) * (1 - weight)
    return signs
