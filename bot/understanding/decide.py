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
FOREIGN_HINT = 0.2  # … and from here on, nobody is asked what of ours was meant, if nothing of ours is likely
FOREIGN_LIKELY = 0.3
MARGIN = 0.05  # so much ahead of the next one, in log-odds, or we ask which
GUESS_AT = 0.05  # … and this, where one surely asks an office for something
GUESSES = 3
ASKS_FROM = -0.3  # from these log-odds on one is asked back: a needless question costs less than a wrong answer
CERTAIN = 0.92  # from here on, a subject that patterns and model agree on is answered
STATED = 0.75  # a pattern so clear says it in plain words
LIKELY = 0.5  # … and with this chance from the model, it is asked about only if that speaks for asking
CALLED, FEW = 0.65, 8  # a pattern so clear, in so few words, that tells all of them, is a name
OFFERS = 4  # subjects
HINTED = 0.2  # the model's chance for a subject, from which on it is offered even if no word tells of it
OPEN, NOTHING = 0.5, 0.05  # so open which one, and none so likely: nothing in particular is worth offering
SHORT = 12  # words: whoever says fewer leaves more open
FLOOR = 0.005  # smaller chances are told apart no more
THIN = 0.03  # how close a subject without a guide may come before we ask
MOST = 5  # candidates

FOREIGN = "foreign:"
BROAD = "broad:"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a question, why, and which subjects to answer or offer."""

    decision: Decision
    reason: Reason
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Leaning:
    """How far things speak for not answering, as log-odds against an answer: `ours`, `vague` and `elsewhere` per log
    of the model's chance for the likeliest subject and for those two; `cues` and `foreign` per weight of the clearest
    patterns for a subject of ours and for another world; `broad` if broad words are all that is told; `bare` if
    hardly a word tells anything; `short` the more, the fewer words there are."""

    start: float
    ours: float
    vague: float
    elsewhere: float
    cues: float
    foreign: float
    broad: float
    bare: float
    short: float

    def of(self, said: Said, ours: Sequence[Evidence], foreign: float, *, all_broad: bool) -> float:
        """The log-odds for this message."""
        return (
            self.start
            + self.ours * _log(max((one.learnt or 0.0 for one in ours), default=0.0))
            + self.vague * _log(said.vague)
            + self.elsewhere * _log(said.elsewhere)
            + self.cues * max((one.cues for one in ours), default=0.0)
            + self.foreign * foreign
            + self.broad * all_broad
            + self.bare * (len(said.telling) <= 1)
            + self.short * max(0.0, 1 - said.length / SHORT)
        )


# Fitted by logistic regression over messages of content/spoken that the model had not learnt; where they begin was
# moved by 0.5 and 0.4 since the model is learnt to the end, and so surer of itself.
TO_REFUSE = Leaning(
    -0.6, ours=-1.35, vague=0.16, elsewhere=0.5, cues=-0.86, foreign=2.8, broad=-2.1, bare=-1.5, short=7.7
)
TO_ASK = Leaning(
    -0.4, ours=-1.24, vague=0.74, elsewhere=-0.33, cues=-2.35, foreign=0.8, broad=3.2, bare=0.6, short=5.8
)


@dataclass(frozen=True, slots=True)
class Said:
    """How many words a message has, whether that makes it a story, whether it names nothing (`bare`), which of its
    words tell anything, whether it asks an office for something; and how likely the trained model, if there is one
    (`learnt`), finds it to be nobody's subject, and to leave open which one."""

    length: int
    story: bool
    bare: bool
    telling: frozenset[int]
    asks_office: bool
    learnt: bool
    elsewhere: float
    vague: float


def decide(
    ranked: Sequence[Evidence], ours: Collection[str], offers: Mapping[str, Sequence[str]], said: Said
) -> Verdict:
    """What to do, given the evidence best first, the ids that content has, and what broad words stand for."""
    best = ranked[0] if ranked else None
    known = [one for one in ranked if one.owner in ours]
    mine = best is not None and (best.learnt is not None if best.owner in ours else _is_none(best))
    if said.learnt and known and best is not None and best.likeness < 1 and mine:
        return _lean(ranked, ours, offers, said)
    return _by_rules(ranked, ours, offers, said)


def _lean(
    ranked: Sequence[Evidence], ours: Collection[str], offers: Mapping[str, Sequence[str]], said: Said
) -> Verdict:
    """What the model's chances and the patterns together speak for."""
    known = [one for one in ranked if one.owner in ours]
    foreign = max((one.cues for one in ranked if one.owner.startswith(FOREIGN)), default=0.0)
    best = known[0]
    all_said = _nothing_beside(ranked, said.telling, best)
    called = [one for one in known if one.cues >= CALLED and said.telling and said.telling <= one.places]
    if len(called) == 1 and said.length <= FEW and all_said is None:
        return Verdict(
            Decision.ANSWER, Reason.CLEAR, _candidates([*called, *(one for one in known if one != called[0])])
        )
    likeliest = max((one.learnt or 0.0 for one in known), default=0.0)
    refuse = TO_REFUSE.of(said, known, foreign, all_broad=all_said is not None)
    ask = TO_ASK.of(said, known, foreign, all_broad=all_said is not None)
    if best.cues >= ASK_AT and best.score >= CERTAIN:
        return Verdict(Decision.ANSWER, Reason.CLEAR, _candidates(known))  # however few its words: "ct07 online"
    if foreign >= FOREIGN_AT and foreign > max((one.cues for one in known), default=0.0) and not said.story:
        return Verdict(Decision.NONE, Reason.ELSEWHERE)  # a cat's birth is no birth, however much it sounds like one
    stated = any(one.cues >= STATED for one in known)  # the model alone sends nobody away who names one of ours
    surely = said.elsewhere >= max(likeliest, said.vague) and not stated
    if refuse > max(ask, 0.0) and (foreign >= FOREIGN_HINT or surely):
        # The model alone can't tell another authority's paper from one that has a reference card.
        named = foreign >= FOREIGN_HINT or not said.asks_office
        return Verdict(Decision.NONE, Reason.ELSEWHERE if named else Reason.WEAK)
    likely = [one for one in known if one.score >= GUESS_AT]
    if ask > ASKS_FROM or (refuse > 0.0 and not (stated and likeliest >= LIKELY)):
        broad = all_said or next((one for one in ranked if one.owner in offers), None)
        if broad:
            return _broad(broad, likely, offers, ours)
        return _offer(known, said)
    if _too_close(best, [one for one in ranked if one is not best], ours):
        return Verdict(Decision.ASK, Reason.NEIGHBOURS, _candidates(likely))
    return Verdict(Decision.ANSWER, Reason.CLEAR, _candidates(known))


def _offer(known: Sequence[Evidence], said: Said) -> Verdict:
    """Which of ours to offer if it is open which one is meant; none if nothing at all is said about it."""
    guesses = sorted(known, key=lambda one: -(one.learnt or 0.0))[:OFFERS]
    likeliest = max((one.learnt or 0.0 for one in guesses), default=0.0)
    untold = said.bare and not said.telling and likeliest < HINTED
    if untold or (said.vague >= OPEN and likeliest < NOTHING and not said.story):
        return Verdict(Decision.ASK, Reason.NO_SUBJECT)
    return Verdict(Decision.ASK, Reason.UNSURE, _candidates(guesses))


def _by_rules(
    ranked: Sequence[Evidence], ours: Collection[str], offers: Mapping[str, Sequence[str]], said: Said
) -> Verdict:
    """What patterns and likeness speak for: where a subject is called by its name or asked for in an author's words,
    or where no model knows what is meant, or content lacks it."""
    best = ranked[0] if ranked else None
    if said.bare and not said.telling and best is not None and _is_none(best) and not best.cues:
        return Verdict(Decision.ASK, Reason.NO_SUBJECT)  # "thế phí bao nhiêu?" is nobody else's business either
    if best is None or best.score < ASK_AT:
        return _unsure(ranked, ours) if said.asks_office else Verdict(Decision.NONE, Reason.WEAK)
    if (all_said := _nothing_beside(ranked, said.telling, best)) and best.score < AUTHORED:
        return _broad(all_said, [one for one in ranked if one.owner in ours], offers, ours)
    known = [one for one in ranked if one.owner in ours and one.score >= GUESS_AT]
    foreign = next((one for one in ranked if one.owner.startswith(FOREIGN)), None)
    if (
        foreign
        and foreign.cues >= FOREIGN_AT
        and foreign.cues > best.cues
        and best.score < AUTHORED
        and foreign.score >= FOREIGN_LIKELY
    ):
        return Verdict(Decision.NONE, Reason.ELSEWHERE)  # a cat's birth is no birth, however much it sounds like one
    if best.owner.startswith(BROAD):
        return _broad(best, known, offers, ours)
    if best.owner not in ours:
        return _not_ours(best, known)
    if best.score < ANSWER_AT or _too_close(best, ranked[1:], ours):
        return Verdict(Decision.ASK, Reason.NEIGHBOURS, _candidates(known))
    return Verdict(Decision.ANSWER, Reason.CLEAR, _candidates(known))


def _unsure(ranked: Sequence[Evidence], ours: Collection[str]) -> Verdict:
    """Whoever asks an office for something is not sent away: what is likeliest is offered, however unlikely."""
    if any(one.owner.startswith(FOREIGN) and one.cues >= FOREIGN_HINT for one in ranked):
        return Verdict(Decision.NONE, Reason.WEAK)
    guesses = [one for one in ranked if one.owner in ours and one.score >= GUESS_AT][:GUESSES]
    return Verdict(Decision.ASK, Reason.UNSURE, _candidates(guesses))


def _nothing_beside(ranked: Sequence[Evidence], telling: frozenset[int], best: Evidence) -> Evidence | None:
    """The broad words beside which a message tells nothing: "làm mất bằng, xin lại ở đâu" leaves open which one.
    They are not all if the likeliest subject was found in them and more: "căn cước cho con"."""
    broad = (one for one in ranked if one.owner.startswith(BROAD) and not best.places > one.places)
    return next((one for one in broad if telling and telling <= one.places), None)


def _too_close(best: Evidence, others: Sequence[Evidence], ours: Collection[str]) -> bool:
    """True if another subject is about as likely. One without a guide is no choice to offer: it must be closer."""
    if best.score >= AUTHORED:
        return False
    for other in others:
        if _is_none(other) or (best.cues >= STATED and not other.cues):
            continue  # what was said in plain words goes before what it only sounds like
        close = best.score - other.score < THIN
        if other.owner in ours:
            close = _odds(best.score) - _odds(other.score) < MARGIN
        if close:
            return True
    return False


def _is_none(one: Evidence) -> bool:
    return one.owner.startswith((FOREIGN, BROAD))


def _log(chance: float) -> float:
    return log(chance + FLOOR)


def _odds(score: float) -> float:
    return log(max(score, 0.001) / max(1 - score, 0.001))


def _broad(
    best: Evidence, known: Sequence[Evidence], offers: Mapping[str, Sequence[str]], ours: Collection[str]
) -> Verdict:
    """A family of subjects: those of it that content has, the likeliest first."""
    found = {one.owner: one for one in known}
    offered = [one for one in offers.get(best.owner, ()) if one in ours]
    if not offered and best.owner in offers:
        return Verdict(Decision.NONE, Reason.NO_GUIDE)  # the family is known, and content has nothing of it
    if not offered:
        guesses = _candidates(known[:GUESSES])
        return Verdict(Decision.ASK, Reason.BROAD if guesses else Reason.NO_SUBJECT, guesses)
    likely = [one.owner for one in known if one.score >= ASK_AT]  # also those that the family does not name
    ranked = sorted(dict.fromkeys((*likely, *offered)), key=lambda name: -found[name].score if name in found else 0.0)
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
