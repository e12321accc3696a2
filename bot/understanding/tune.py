"""Training of the linear model, and the cross-validated figure. Needs scikit-learn, which only developers have."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import content
from bot.understanding.evaluate import ASK, NONE, Line, read_lines
from bot.understanding.linear import ELSEWHERE, SCALE, VAGUE, Linear, Row, packed, vector
from bot.understanding.matcher import Index
from bot.understanding.text import fold
from content.models import Entry, Lexicon, Topic

STRENGTH = 30.0  # inverse regularisation; 10 to 100 differ by less than a point in cross-validation
ENOUGH = 1e-3  # training ends when nothing changes by more
LEAST = 0.15  # smaller weights are dropped: four fifths of them, and no figure changes
FOLDS = 5
STORIES = 0.5  # of the questions, so many are learnt inside a story as well,
MARKED = 0.6  # … so many of those with marks
ASIDES = (1, 2, 2, 3, 3)  # what a story tells beside its question, in sentences
LAST = 0.75  # how often the question comes last
JOINTS = (". ", ". ", ", ", " ")
SPOKEN = Path(content.__file__).parent / "spoken"

Subject = Entry | Topic


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the model learns from beside content's own phrases; the running bot never reads it.

    `lines`: messages as people type them, each with what a careful officer would do; `asides`: what stories tell by
    the way, about no subject in particular.
    """

    lines: tuple[Line, ...] = ()
    asides: tuple[str, ...] = ()

    @classmethod
    def read(cls, folder: Path = SPOKEN) -> Spoken:
        """All of that folder. LineError names the first line that can't be read."""
        lines = [line for file in sorted(folder.glob("*.jsonl")) for line in read_lines(file)]
        asides = (folder / "asides.txt").read_text("utf-8").splitlines()
        return cls(tuple(lines), tuple(aside for aside in asides if aside.strip()))

    def owned(self) -> Iterator[tuple[str, str]]:
        """Each message with the class that the model shall find for it."""
        for line in self.lines:
            yield {NONE: ELSEWHERE, ASK: VAGUE}.get(line.accept[0], line.accept[0]), line.text


def phrases(subjects: Iterable[Subject]) -> Iterator[tuple[str, str, bool]]:
    """Every way that a subject is called or asked for: its id, the words, whether they are a whole message."""
    for subject in subjects:
        yield from ((subject.id, said, False) for said in (subject.name, subject.short, *subject.aliases))
        yield from ((subject.id, said, True) for said in subject.asked_as)


def digest(subjects: Iterable[Subject], spoken: Spoken) -> str:
    """Changes with every phrase and message that is learnt from."""
    told = [f"{id_}\t{said}" for id_, said, _ in phrases(subjects)]
    told += [f"{id_}\t{said}" for id_, said in spoken.owned()]
    return hashlib.sha256("\n".join((*told, *spoken.asides)).encode()).hexdigest()[:16]


def train(subjects: Sequence[Subject], lexicon: Lexicon, index: Index, spoken: Spoken) -> Linear:
    """The model of these subjects' phrases, of what is nobody's subject and of what is too vague; `index` finds the
    patterns in them."""
    import numpy as np
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    known = {subject.id for subject in subjects} | {ELSEWHERE, VAGUE}
    messages = [
        *((owner, said) for owner, said, whole in phrases(subjects) if whole),
        *((ELSEWHERE, said) for said in lexicon.elsewhere),
        *((owner, said) for owner, said in spoken.owned() if owner in known),
    ]
    names = [(owner, said) for owner, said, whole in phrases(subjects) if not whole]
    owners, vectors = [], []
    for owner, said in messages:
        for typed in dict.fromkeys((said, fold(said))):  # half of the people type no marks
            owners.append(owner)
            vectors.append(vector(*index.heard(typed)))
    for owner, said in _stories(messages, spoken.asides):
        owners.append(owner)
        vectors.append(vector(*index.heard(said)))
    elsewhere = ((ELSEWHERE, said) for said in _elsewhere(lexicon))
    broad = ((VAGUE, said) for one in lexicon.broad for cue in one.words for said in _plainly(cue))
    for owner, said in (*names, *elsewhere, *broad):
        for typed in dict.fromkeys((said, fold(said))):
            # A name is a pattern itself, so that finding it in itself would teach nothing.
            owners.append(owner)
            vectors.append(vector(index.heard(typed)[0], {}))
    vectorizer = DictVectorizer(sort=True, dtype=np.float32)
    model = LogisticRegression(C=STRENGTH, max_iter=300, tol=ENOUGH).fit(vectorizer.fit_transform(vectors), owners)
    return Linear(
        subjects=tuple(map(str, model.classes_)),
        bias=tuple(round(float(one), 4) for one in model.intercept_),
        weights=_pruned(vectorizer.get_feature_names_out(), model.coef_.T),
        digest=digest(subjects, spoken),
    )


def _stories(messages: Iterable[tuple[str, str]], asides: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Some of the messages once more, amid what has nothing to do with them: that shall be overlooked."""
    luck = random.Random(1)  # noqa: S311 - to be the same at every run
    for owner, said in messages:
        if len(asides) < max(ASIDES) or luck.random() >= STORIES:
            continue
        told = luck.sample(asides, luck.choice(ASIDES))
        parts = [*told, said] if luck.random() < LAST else [*told[:-1], said, told[-1]]
        story = luck.choice(JOINTS).join(parts)
        yield owner, story if luck.random() < MARKED else fold(story)


def _elsewhere(lexicon: Lexicon) -> Iterator[str]:
    """The plain wordings of other authorities and other worlds."""
    for cues in lexicon.foreign.values():
        for cue in cues:
            yield from _plainly(cue)


def _plainly(cue: str) -> Iterator[str]:
    """The wordings of a pattern that is nothing but wordings."""
    wanted = cue.split(" - ", maxsplit=1)[0]
    if " + " not in wanted and "<" not in wanted:
        yield from wanted.split("/")


def _pruned(names: Iterable[str], rows: Any) -> dict[str, Row]:
    kept = {}
    for name, row in zip(names, rows, strict=True):
        sparse = [(at, round(float(weight) * SCALE)) for at, weight in enumerate(row) if abs(weight) >= LEAST]
        if sparse:
            kept[str(name)] = packed(sparse, len(row))
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
