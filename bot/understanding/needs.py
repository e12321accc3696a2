"""Several needs in one message: "làm khai sinh cho con và xin xác nhận độc thân cho em gái thì cần gì"."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from bot.understanding.evidence import Sign
from bot.understanding.message import Message

CLEARLY = 0.65  # from here on, a pattern names a need without help from the rest of the message


def parts_of(message: Message, joints: Collection[int]) -> Iterator[range]:
    """The message cut where a clause ends and before each word that joins ("và", "rồi", "với lại")."""
    start = 0
    for at in range(1, len(message.words)):
        if message.clause[at] != message.clause[at - 1] or (at in joints and at - 1 not in joints):
            yield range(start, at)
            start = at
    if message.words:
        yield range(start, len(message.words))


def named_in(part: range, signs: Sequence[Sign], ids: Collection[str]) -> str | None:
    """The subject that is clearly named in this part of a message; None if there is none, or none clearer."""
    inside = [sign for sign in signs if sign.owner in ids and sign.places <= set(part) and sign.weight >= CLEARLY]
    best = max(inside, key=lambda sign: (sign.weight, len(sign.places)), default=None)
    if best is None or any(sign.owner != best.owner and sign.weight >= best.weight for sign in inside):
        return None
    return best.owner
