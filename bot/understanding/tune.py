"""Training of the linear model, and the cross-validated figure. Needs scikit-learn, which only developers have."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from bot.understanding.linear import SCALE, Linear, features
from bot.understanding.text import clean, words
from content.models import Entry, Topic

STRENGTH = 30.0  # inverse regularisation; 10 to 100 differ by less than a point in cross-validation
LEAST = 0.15  # smaller weights are dropped: four fifths of them, and no figure changes
FOLDS = 5

Mend = Callable[[Sequence[str]], list[str]]
Subject = Entry | Topic


def phrases(subjects: Iterable[Subject]) -> Iterator[tuple[str, str]]:
    """Every way that a subject is called or asked for, with the subject's id."""
    for subject in subjects:
        for said in (subject.name, subject.short, *subject.aliases, *subject.asked_as):
            yield subject.id, said


def digest(subjects: Iterable[Subject]) -> str:
    """Changes with every phrase."""
    return hashlib.sha256("\n".join(f"{id_}\t{said}" for id_, said in phrases(subjects)).encode()).hexdigest()[:16]


def train(subjects: Sequence[Subject], mend: Mend) -> Linear:
    """The model of these subjects' phrases."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import normalize

    owners, said = zip(*phrases(subjects), strict=True)
    has = [dict.fromkeys(features(mend(words(clean(one).lower()))), 1) for one in said]
    vectorizer = DictVectorizer(sort=True)
    known = normalize(vectorizer.fit_transform(has))
    model = LogisticRegression(C=STRENGTH, max_iter=300).fit(known, owners)
    return Linear(
        subjects=tuple(model.classes_),
        bias=tuple(round(float(one), 4) for one in model.intercept_),
        weights=_pruned(vectorizer.get_feature_names_out(), model.coef_.T),
        digest=digest(subjects),
    )


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
    for fold in range(FOLDS):
        rest = [
            one.model_copy(update={"asked_as": tuple(said for said in one.asked_as if place[one.id, said] != fold)})
            for one in subjects
        ]
        yield rest, [key for key, at in place.items() if at == fold]
