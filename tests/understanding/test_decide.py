"""From evidence to a decision: what speaks for answering, for asking back, for saying that we don't know."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.decide import OFFERS, TO_ASK, TO_REFUSE, Said, decide
from bot.understanding.evidence import Evidence
from bot.understanding.understood import Decision, Reason

OURS = ("khai-sinh", "khai-tu", "ket-hon")
OFFERED = {"broad:0": ("khai-sinh", "ket-hon")}
CHANCE = st.floats(0, 1)


def evidence(owner: str, score: float, cues: float = 0.0, learnt: float | None = 0.0, at: int = 0) -> Evidence:
    return Evidence(
        owner=owner,
        score=score,
        cues=cues,
        likeness=0.0,
        letters=0.0,
        learnt=learnt,
        meant=None,
        matched=owner,
        places=frozenset([at]) if cues else frozenset(),
    )


def said(
    *, words: int = 12, elsewhere: float = 0.0, vague: float = 0.0, telling: int = 5, learnt: bool = True
) -> Said:
    return Said(
        length=words,
        story=words >= 30,
        bare=telling == 0,
        telling=frozenset(range(telling)),
        asks_office=True,
        learnt=True,
        elsewhere=elsewhere,
        vague=vague,
    )


def test_a_subject_that_patterns_and_model_agree_on_is_answered() -> None:
    verdict = decide([evidence("khai-tu", 0.9, cues=0.8, learnt=0.9)], OURS, OFFERED, said())

    assert verdict.decision is Decision.ANSWER
    assert verdict.candidates[0].id == "khai-tu"


def test_what_the_model_finds_too_vague_is_asked_back_with_what_may_be_meant() -> None:
    ranked = [evidence("khai-tu", 0.3, learnt=0.05), evidence("ket-hon", 0.2, learnt=0.03)]
    verdict = decide(ranked, OURS, OFFERED, said(words=6, vague=0.9))

    assert verdict.decision is Decision.ASK
    assert [one.id for one in verdict.candidates] == ["khai-tu", "ket-hon"]
    assert len(verdict.candidates) <= OFFERS


def test_the_model_refuses_only_what_it_finds_likelier_to_be_elsewhere_than_too_vague() -> None:
    ranked = [evidence("khai-tu", 0.1, learnt=0.02)]

    assert decide(ranked, OURS, OFFERED, said(words=5, elsewhere=0.6, vague=0.2)).decision is Decision.NONE
    assert decide(ranked, OURS, OFFERED, said(words=5, elsewhere=0.2, vague=0.6)).decision is Decision.ASK


def test_what_is_said_in_plain_words_is_answered_though_something_foreign_is_heard_beside_it() -> None:
    few = said(words=5, elsewhere=0.34, telling=2)
    plain = evidence("khai-sinh", 0.91, cues=0.8, learnt=0.6)

    assert decide([plain], OURS, OFFERED, few).decision is Decision.ANSWER
    assert decide([replace(plain, cues=0.5)], OURS, OFFERED, few).decision is Decision.ASK


def test_nothing_is_offered_where_nothing_is_told() -> None:
    verdict = decide([evidence("khai-tu", 0.3, learnt=0.02)], OURS, OFFERED, said(words=5, vague=0.9, telling=0))

    assert (verdict.decision, verdict.reason, verdict.candidates) == (Decision.ASK, Reason.NO_SUBJECT, ())


def test_a_family_of_subjects_is_offered_whole() -> None:
    ranked = [evidence("broad:0", 0.6, cues=0.5), evidence("khai-sinh", 0.2, learnt=0.1)]
    verdict = decide(ranked, OURS, OFFERED, said(words=4, vague=0.8, telling=1))

    assert verdict.reason is Reason.BROAD
    assert {"khai-sinh", "ket-hon"} <= {one.id for one in verdict.candidates}


def test_another_world_is_refused_unless_a_story_only_mentions_it() -> None:
    ranked = [evidence("khai-sinh", 0.8, cues=0.4, learnt=0.9), evidence("foreign:animals", 0.5, cues=0.8)]

    assert decide(ranked, OURS, OFFERED, said(words=12)).decision is Decision.NONE
    assert decide(ranked, OURS, OFFERED, said(words=60)).decision is Decision.ANSWER


def test_a_name_that_the_model_is_certain_of_is_answered_however_few_the_words() -> None:
    ranked = [evidence("khai-sinh", 0.935, cues=0.8, learnt=0.99)]

    assert decide(ranked, OURS, OFFERED, said(words=2, telling=1)).decision is Decision.ANSWER


def test_a_subject_that_the_model_never_learnt_is_judged_by_its_patterns() -> None:
    ranked = [evidence("khai-sinh", 0.8, cues=0.8, learnt=None)]

    assert decide(ranked, OURS, OFFERED, said(vague=0.5)).decision is Decision.ANSWER


@given(CHANCE, CHANCE, CHANCE)
def test_the_likelier_a_subject_the_less_speaks_against_answering(low: float, high: float, other: float) -> None:
    low, high = sorted((low, high))
    here = said(elsewhere=other, vague=other)
    for leaning in (TO_REFUSE, TO_ASK):
        less = leaning.of(here, [evidence("khai-tu", 0.5, learnt=low)], 0.0, all_broad=False)
        more = leaning.of(here, [evidence("khai-tu", 0.5, learnt=high)], 0.0, all_broad=False)
        assert more <= less
