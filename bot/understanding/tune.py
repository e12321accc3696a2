"""Training of the linear model, and the cross-validated figure. Needs scikit-learn, which only developers have."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bot.understanding.linear import ELSEWHERE, SCALE, Linear, vector
from bot.understanding.matcher import Index
from bot.understanding.text import fold
from content.models import Entry, Lexicon, Topic

STRENGTH = 30.0  # inverse regularisation; 10 to 100 differ by less than a point in cross-validation
LEAST = 0.15  # smaller weights are dropped: four fifths of them, and no figure changes
FOLDS = 5

Subject = Entry | Topic


def phrases(subjects: Iterable[Subject]) -> Iterator[tuple[str, str, bool]]:
    """Every way that a subject is called or asked for: its id, the words, whether they are a whole message."""
    for subject in subjects:
        yield from ((subject.id, said, False) for said in (subject.name, subject.short, *subject.aliases))
        yield from ((subject.id, said, True) for said in subject.asked_as)


def digest(subjects: Iterable[Subject]) -> str:
    """Changes with every phrase."""
    told = "\n".join(f"{id_}\t{said}" for id_, said, _ in phrases(subjects))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def train(subjects: Sequence[Subject], lexicon: Lexicon, index: Index) -> Linear:
    """The model of these subjects' phrases, and of what is nobody's subject; `index` finds the patterns in them."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    owners, vectors = [], []
    for owner, said, whole in (*phrases(subjects), *((ELSEWHERE, said, True) for said in _elsewhere(lexicon))):
        for typed in dict.fromkeys((said, fold(said))):  # half of the people type no marks
            heard, found = index.heard(typed)
            owners.append(owner)
            # A name is a pattern itself, so that finding it in itself would teach nothing.
            vectors.append(vector(heard, found if whole else {}))
    vectorizer = DictVectorizer(sort=True)
    known = vectorizer.fit_transform(vectors)
    model = LogisticRegression(C=STRENGTH, max_iter=300).fit(known, owners)
    return Linear(
        subjects=tuple(map(str, model.classes_)),
        bias=tuple(round(float(one), 4) for one in model.intercept_),
        weights=_pruned(vectorizer.get_feature_names_out(), model.coef_.T),
        digest=digest(subjects),
    )


def _elsewhere(lexicon: Lexicon) -> Iterator[str]:
    """Messages that are nobody's subject here, and the plain wordings of other authorities and other worlds."""
    yield from lexicon.elsewhere
    for cues in lexicon.foreign.values():
        for cue in cues:
            wanted = cue.split(" - ")[0]
            if " + " not in wanted and "<" not in wanted:
                yield from wanted.split("/")


def _pruned(names: Iterable[str], rows: Any) -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    kept = {}
    for name, row in zip(names, rows, strict=True):
        sparse = [(at, round(float(weight) * SCALE)) for at, weight in enumerate(row) if abs(weight) >= LEAST]
        if sparse:
            kept[str(name)] = (tuple(at for at, _ in sparse), tuple(weight for _, weight in sparse))
    return kept


def folds(subjects: Sequence[Subject], seed: int = 1) -> Iterator[tuple[list[Subject], list[tuple[str, str]]]]:
    """The subjects without a fifth of their questions, and that fifth; each question is held out once."""
    luck = random.Random(seed)  # noqa: S311 - to be the same at every run
    place = {(one.id, said): luck.randrange(FOLDS) for one in subjects for said in one.asked_as}
    for number in range(FOLDS):
        rest = [
            one.model_copy(update={"asked_as": tuple(said for said in one.asked_as if place[one.id, said] != number)})
            for one in subjects
        ]
        yield rest, [key for key, at in place.items() if at == number]
