"""From evidence to a decision: answer, ask back, or say that we don't know."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import log

from bot.understanding.evidence import AUTHORED, Evidence
from bot.understanding.understood import Candidate, Decision, Reason

ANSWER_AT = 0.35  # from here on, a subject that stands alone is answered
ASK_AT = 0.28  # from here on, it is worth asking about
FOREIGN_AT = 0.7  # from here on, clear signs of another world beat a subject that has none so clear
BROAD_AT = 0.35  # from here on, naming a family of subjects counts
MARGIN = 0.2  # so much ahead of the next one, in log-odds, or we ask which
THIN = 0.03  # how close a subject without a guide may come before we ask
# One that is surer than this is meant, even where a family of subjects is named more clearly; of few words one can be
# sure of less: "hộ khẩu" is no single subject, however much it sounds like one.
BROAD_BEATS, BROAD_BEATS_LONG, LONG = 0.95, 0.5, 15
MOST = 5  # candidates

FOREIGN = "foreign:"
BROAD = "broad:"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a question, why, and which subjects to answer or offer."""

    decision: Decision
    reason: Reason
    candidates: tuple[Candidate, ...] = ()


def decide(
    ranked: Sequence[Evidence], ours: Collection[str], offers: Mapping[str, Sequence[str]], length: int
) -> Verdict:
    """What to do, given the evidence best first, the ids that content has, what broad words stand for, and how many
    words the message has."""
    best = ranked[0] if ranked else None
    if best is None or best.score < ASK_AT:
        return Verdict(Decision.NONE, Reason.WEAK)
    known = [one for one in ranked if one.owner in ours and one.score >= ASK_AT]
    beats = BROAD_BEATS if length <= LONG else BROAD_BEATS_LONG
    broad = next((one for one in ranked if one.owner.startswith(BROAD)), None)
    if broad and broad.score >= BROAD_AT and best.cues < broad.cues and best.score < beats:
        best = broad  # likeness to some phrase makes "hộ khẩu" no clearer
    foreign = next((one for one in ranked if one.owner.startswith(FOREIGN)), None)
    if foreign and foreign.cues >= FOREIGN_AT and foreign.cues > best.cues and best.score < AUTHORED:
        return Verdict(Decision.NONE, Reason.ELSEWHERE)  # a cat's birth is no birth, however much it sounds like one
    if best.owner.startswith(BROAD):
        return _broad(best, known, [one for one in offers.get(best.owner, ()) if one in ours])
    if best.owner not in ours:
        return _not_ours(best, known)
    if best.score < ANSWER_AT or _too_close(best, ranked[1:], ours):
        return Verdict(Decision.ASK, Reason.NEIGHBOURS, _candidates(known))
    return Verdict(Decision.ANSWER, Reason.CLEAR, _candidates(known))


def _too_close(best: Evidence, others: Sequence[Evidence], ours: Collection[str]) -> bool:
    """True if another subject is about as likely. One without a guide is no choice to offer: it must be closer."""
    if best.score >= AUTHORED:
        return False
    for other in others:
        if other.owner.startswith((FOREIGN, BROAD)):
            continue
        close = best.score - other.score < THIN
        if other.owner in ours:
            close = _odds(best.score) - _odds(other.score) < MARGIN
        if close:
            return True
    return False


def _odds(score: float) -> float:
    return log(max(score, 0.001) / max(1 - score, 0.001))


def _broad(best: Evidence, known: Sequence[Evidence], offered: Sequence[str]) -> Verdict:
    """A family of subjects: those of it that content has, the likeliest first."""
    found = {one.owner: one for one in known}
    ranked = sorted(offered, key=lambda name: -found[name].score if name in found else 0.0)
    if not ranked:
        return Verdict(Decision.NONE, Reason.NO_GUIDE)
    half = round(best.score / 2, 3)  # meant as likely as any other of the family
    return Verdict(
        Decision.ASK,
        Reason.BROAD,
        tuple(
            _candidate(found[name]) if name in found else Candidate(id=name, score=half, matched=best.matched)
            for name in ranked[:MOST]
        ),
    )


def _not_ours(best: Evidence, known: Sequence[Evidence]) -> Verdict:
    """Another subject is likelier than all of ours. Only if one of ours is about as likely, we ask."""
    if known and best.score - known[0].score < THIN:
        return Verdict(Decision.ASK, Reason.NEIGHBOURS, _candidates(known))
    elsewhere = best.owner.startswith(FOREIGN)
    return Verdict(Decision.NONE, Reason.ELSEWHERE if elsewhere else Reason.NO_GUIDE)


def _candidates(known: Sequence[Evidence]) -> tuple[Candidate, ...]:
    return tuple(_candidate(one) for one in known[:MOST])


def _candidate(one: Evidence) -> Candidate:
    return Candidate(id=one.owner, score=round(one.score, 3), matched=one.matched, stages=one.stages)
