"""What nobody understood, likened to itself; and the meaning an officer gives it, if no other answer breaks by that.

A message that was given a meaning goes to `heard.yaml` in the commune's content folder; whoever serves takes it up
from there, as any other change of content.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz import fuzz, process

from bot.dialogue.messages import Asked
from bot.errors import ContentError, FileError
from bot.privacy import hides_something, mask
from bot.understanding import Context, Decision, Index
from bot.understanding.text import clean, plain, words
from content import FOLDER, Content, load, with_heard
from content.loading import HEARD
from content.models import Entry, Heard, HeardPhrases, Lexicon, Topic
from content.yaml_source import parse

ALIKE = 75  # rapidfuzz ratio of the telling words, sorted, from which on two questions are one
LONGEST = 200  # letters of a message that may be given a meaning: longer ones tell a story of their own
LEAST_WORDS = 2
SAMPLED = 4  # phrases of each subject that are tried whatever the new one is
SHARED = 2  # words shared with the new phrase, from which on a known one is surely tried
BROKEN_SHOWN = 3

_HEADER = (
    "# Câu người dân đã hỏi mà cán bộ chỉ nghĩa ở bàn làm việc. Máy ghi tệp này; gỡ một câu thì xóa dòng của nó.\n"
)


# --- likened to itself --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cluster:
    """Questions that are one question, the most frequent wording first."""

    asked: tuple[Asked, ...]

    @property
    def n(self) -> int:
        return sum(one.n for one in self.asked)

    @property
    def last(self) -> date:
        return date.fromisoformat(max(one.last for one in self.asked))

    @property
    def said(self) -> str:
        return self.asked[0].text

    @property
    def folded(self) -> tuple[str, ...]:
        return tuple(one.folded for one in self.asked)

    @property
    def guesses(self) -> tuple[str, ...]:
        """What the bot took them for, what was guessed most first."""
        guessed: dict[str, int] = {}
        for one in self.asked:
            if one.top:
                guessed[one.top] = guessed.get(one.top, 0) + one.n
        return tuple(sorted(guessed, key=lambda id_: -guessed[id_]))


def clusters(asked: Sequence[Asked], said_anyway: frozenset[str]) -> list[Cluster]:
    """Questions that are alike put together, the largest cluster first.

    `said_anyway`: words (plain) that tell nothing, such as "bác ơi cho hỏi".
    """
    leaders: list[str] = []
    members: list[list[Asked]] = []
    for one in sorted(asked, key=lambda one: (-one.n, one.folded)):
        key = _key(one.folded, said_anyway)
        found = process.extractOne(key, leaders, scorer=fuzz.ratio, score_cutoff=ALIKE) if leaders else None
        if found:
            members[found[2]].append(one)
        else:
            leaders.append(key)
            members.append([one])
    return sorted((Cluster(tuple(some)) for some in members), key=lambda cluster: (-cluster.n, cluster.said))


def said_anyway(lexicon: Lexicon) -> frozenset[str]:
    """The words of content's generic and polite phrases, plain."""
    return frozenset(plain(word) for phrase in (*lexicon.generic, *lexicon.politeness) for word in words(phrase))


def _key(folded: str, without: frozenset[str]) -> str:
    said = folded.split()
    return " ".join(sorted(set(said) - without) or sorted(set(said)))


# --- given a meaning --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Taught:
    """What came of giving a message a meaning. `why` is a sentence for the officer."""

    done: bool
    why: str
    broken: tuple[str, ...] = ()  # known messages that would no longer be answered as they are
    tried: int = 0


def teach(overlay: Path | None, said: str, id_: str, folder: Path = FOLDER) -> Taught:
    """Let this message mean that procedure or topic, from now on; or say why it can't.

    Reads content anew and tries hundreds of known messages, which takes seconds: call it in a thread. FileError if
    the folder can't be written; ContentError if content has mistakes at the moment.
    """
    said = clean(said)
    if overlay is None:
        return Taught(
            False, "Chưa có thư mục nội dung riêng của xã: đặt CAMTAY_CONTENT_DIR rồi khởi động lại chương trình."
        )
    if reason := _unfit(said):
        return Taught(False, reason)
    with _alone(overlay):
        content = load(folder, overlay)
        if id_ not in content:
            return Taught(False, f"Không có thủ tục hay câu hỏi nào mã “{id_}”.")
        if owner := _owner(content, said):
            same = owner == id_
            told = "Câu này đã có rồi." if same else f"Câu này đã thuộc “{content.title(owner)}”."
            return Taught(False, told)
        taught = _try(content, said, id_)
        if taught.done:
            _write(overlay, _added(_heard(overlay), said, id_))
        return taught


def unteach(overlay: Path | None, said: str, id_: str) -> bool:
    """Take a meaning back; False if it was not given."""
    if overlay is None:
        return False
    with _alone(overlay):
        heard = _heard(overlay)
        if said not in heard.get(id_, []):
            return False
        _write(overlay, {name: [one for one in says if (name, one) != (id_, said)] for name, says in heard.items()})
        return True


def taught_so_far(overlay: Path | None) -> dict[str, list[str]]:
    """The messages that were given a meaning, by what they mean."""
    return _heard(overlay) if overlay else {}


def _unfit(said: str) -> str | None:
    if hides_something(mask(said)):
        return "Câu này có số riêng của người dân: không dùng làm mẫu được."
    if len(words(said)) < LEAST_WORDS:
        return "Câu chỉ có một chữ thì quá chung: bot sẽ hiểu nhầm nhiều câu khác."
    if len(said) > LONGEST:
        return f"Câu dài quá {LONGEST} chữ cái: hãy rút lại phần hỏi chính."
    return None


def _subjects(content: Content) -> list[Entry | Topic]:
    return [*content.procedures.procedures, *content.faq.topics]


def _phrases(one: Entry | Topic) -> tuple[str, ...]:
    return (one.name, one.short, *one.aliases, *one.asked_as)


def _owner(content: Content, said: str) -> str | None:
    """To which subject exactly these words belong already, marks aside."""
    key = [plain(word) for word in words(said)]
    for one in _subjects(content):
        if any([plain(word) for word in words(phrase)] == key for phrase in _phrases(one)):
            return one.id
    return None


def _try(content: Content, said: str, id_: str) -> Taught:
    heard = Heard(heard=(HeardPhrases(id=id_, says=(said,)),))
    procedures, faq = with_heard(content.procedures, content.faq, heard)
    index = Index.build(replace(content, procedures=procedures, faq=faq))
    if not _answers(index, id_, said):
        return Taught(False, "Có thêm câu này bot vẫn chưa chắc để trả lời: câu quá chung hoặc giống việc khác.")
    before: Index | None = None
    broken: list[str] = []
    tried = 0
    for owner, phrase in _regression(content, said):
        tried += 1
        if _answers(index, owner, phrase):
            continue
        before = before or Index.build(content)
        if _answers(before, owner, phrase):
            broken.append(f"“{phrase}” đang được trả lời là “{content.short(owner)}”")
            if len(broken) == BROKEN_SHOWN:
                break
    for phrase in content.lexicon.elsewhere:
        tried += 1
        if index.understand(phrase, Context()).decision is Decision.ANSWER:
            before = before or Index.build(content)
            if before.understand(phrase, Context()).decision is not Decision.ANSWER:
                broken.append(f"“{phrase}” không phải việc của xã, nay lại bị trả lời")
    if broken:
        return Taught(
            False, "Không thêm: câu khác đang được trả lời đúng sẽ bị hiểu sai.", tuple(broken[:BROKEN_SHOWN]), tried
        )
    return Taught(True, f"Đã thêm. Đã thử lại {tried} câu quen, không câu nào bị hiểu sai đi.", (), tried)


def _regression(content: Content, said: str) -> Iterator[tuple[str, str]]:
    """Known messages that must still be answered: some of each subject, and all that share words with the new one,
    since a phrase draws to its subject only what has words in common with it."""
    new = {plain(word) for word in words(said)}
    for one in _subjects(content):
        for number, phrase in enumerate(_phrases(one)):
            bag = {plain(word) for word in words(phrase)}
            if number < SAMPLED or len(bag & new) >= min(SHARED, len(bag)):
                yield one.id, phrase


def _answers(index: Index, id_: str, phrase: str) -> bool:
    understood = index.understand(phrase, Context())
    return understood.decision is Decision.ANSWER and understood.candidates[0].id == id_


# --- the file -----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _alone(overlay: Path) -> Iterator[None]:
    """Nobody else, in whatever process, changes the file meanwhile."""
    try:
        with (overlay / f".{HEARD}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise FileError(
            f"Không ghi được vào {overlay}: {error.strerror}. Kiểm tra thư mục nội dung của xã."
        ) from error


def _heard(overlay: Path) -> dict[str, list[str]]:
    file = overlay / HEARD
    if not file.is_file():
        return {}
    root, flaws = parse(file.read_bytes(), str(file))
    plain_: Any = root.plain() if root else None
    if flaws or not isinstance(plain_, dict):
        raise ContentError([])
    heard = Heard.model_validate(plain_)
    return {one.id: list(one.says) for one in heard.heard}


def _added(heard: Mapping[str, Iterable[str]], said: str, id_: str) -> dict[str, list[str]]:
    kept = {name: list(says) for name, says in heard.items()}
    kept.setdefault(id_, []).append(said)
    return kept


def _write(overlay: Path, heard: Mapping[str, Sequence[str]]) -> None:
    body = {"heard": [{"id": id_, "says": list(says)} for id_, says in heard.items() if says]}
    text = _HEADER + yaml.safe_dump(body, allow_unicode=True, sort_keys=False, width=110)
    beside = overlay / f".{HEARD}.{os.getpid()}"
    beside.write_text(text, encoding="utf-8")
    beside.replace(overlay / HEARD)
