"""The index: all that content knows about how people ask, and the way from a message to its meaning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from bot.understanding.cues import Patterns
from bot.understanding.decide import ANSWER_AT, FOREIGN, Verdict, decide
from bot.understanding.evidence import ASIDE, NEGATED, Evidence, Sign, dampen, overrule, weigh
from bot.understanding.facets import facet_of, strongest
from bot.understanding.message import Message, read
from bot.understanding.repair import Repairer, Vocabulary
from bot.understanding.similar import Alike, Similar
from bot.understanding.text import MAX_CHARS, agrees, clean, plain, words, words_agree
from bot.understanding.understood import Candidate, Context, Decision, Facet, Kind, Reason, Understood
from content.models import Entry, Lexicon, SubjectCues, Topic

if TYPE_CHECKING:
    from content import Content

STRONG, CUE, WEAK = 0.8, 0.5, 0.22
ALIAS = 0.7  # a name or short form that an author of content gave

STORY_WORDS = 30  # from here on, a message tells a story around its question
NEGATION_REACH = 6  # words after "không phải"
COMMAND_LETTERS = 6  # shorter commands must be typed rightly
COMMAND_RATIO = 90
COMMAND_WORDS = 12  # a command, and polite words around it
BARE_SHARE = 0.25  # of the words of a follow-up, so many may be unknown to us
KIND_ENOUGH = 0.45
URGENT_WORDS = 25  # an emergency is told in few words; a long tale of an accident asks for papers
SUBJECT_CLEAR = 0.6  # a clear subject makes an angry or thankful message a question

_FACET, _KIND, _AGAINST, _WORDS = "facet:", "kind:", "against:", "words:"
_SCAM_TOPIC = "faq-lua-dao"


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that was found in a message; `explain` shows it, `understand` decides on it."""

    message: Message
    ranked: tuple[Evidence, ...]
    signs: tuple[Sign, ...]
    facets: Mapping[str, float]
    kinds: Mapping[str, float]
    bare: bool  # it names no subject of its own
    office: bool  # it asks something that one asks an office


class Index:
    """Built once from content; `understand` is then a plain function of text and context."""

    def __init__(
        self, entries: Sequence[Entry | Topic], lexicon: Lexicon, commands: Mapping[str, Sequence[str]]
    ) -> None:
        self.ids = frozenset(entry.id for entry in entries)
        self.pairs = lexicon.pairs
        self._commands = [(command, words(phrase)) for command, phrases in commands.items() for phrase in phrases]
        self._politeness = frozenset(lexicon.politeness)
        self._patterns = _patterns(entries, lexicon)
        self._offers = {f"broad:{number}": broad.offer for number, broad in enumerate(lexicon.broad)}
        phrases = _phrases(entries, lexicon, self._patterns)
        generic = frozenset(plain(word) for phrase in lexicon.generic for word in words(phrase))
        polite = frozenset(plain(word) for phrase in lexicon.politeness for word in words(phrase))
        self._similar = Similar(phrases, generic | polite)
        self._common = generic | polite
        self._own_words = _own_words(phrases)
        spelt = [said for _, said in phrases] + [list(phrase) for phrase in self._patterns.phrases]
        spelt += [words(ours.lower()) for ours in (*lexicon.variants.values(), *lexicon.teencode.values())]
        spelt += [words(one.means.lower()) for one in lexicon.abbreviations]
        spelt += [words(said.lower()) for said_of in commands.values() for said in said_of]
        self._repairer = Repairer(lexicon, Vocabulary.of(spelt))

    @classmethod
    def build(cls, content: Content) -> Index:
        """The index of everything that this content has."""
        entries = (*content.procedures.procedures, *content.faq.topics)
        return cls(entries, content.lexicon, content.phrases.commands)

    def agrees(self, said: str, phrase: str) -> bool:
        """`text.agrees`, with this content's polite words ignored around the phrase."""
        return agrees(said, phrase, self._politeness)

    def understand(self, text: str, context: Context = Context()) -> Understood:  # noqa: B008 - frozen
        """What a message means. Never raises, whatever was typed."""
        if not words(clean(text[:MAX_CHARS])):
            return Understood(kind=Kind.NOISE, decision=Decision.NONE, reason=Reason.NOT_A_QUESTION)
        command = self.command(text)
        if command:
            return Understood(
                kind=Kind.COMMAND, decision=Decision.NONE, command=command, reason=Reason.NOT_A_QUESTION
            )
        return self._conclude(self.read(text), context)

    def command(self, text: str) -> str | None:
        """The command that the whole text is, however politely; small slips are forgiven in longer ones."""
        typed = words(clean(text).removeprefix("/"))
        if len(typed) > COMMAND_WORDS:
            return None
        for command, phrase in self._commands:
            if words_agree(typed, phrase, self._politeness):
                return command
        said = " ".join(map(plain, typed))
        near = (
            (fuzz.ratio(said, ours), command)
            for command, phrase in self._commands
            if len(ours := " ".join(map(plain, phrase))) >= COMMAND_LETTERS
        )
        ratio, command = max(near, default=(0.0, ""))
        return command if len(said) >= COMMAND_LETTERS and ratio >= COMMAND_RATIO else None

    def read(self, text: str) -> Reading:
        """Everything found in a message."""
        message = read(text, self._repairer)
        found = self._patterns.phrases_in(message.words)
        signs = [
            Sign(pattern.owner, pattern.weight * hit.fit, pattern.text, hit.places)
            for hit in self._patterns.hits(found)
            for pattern in (self._patterns.patterns[hit.pattern],)
        ]
        factor = self._factors(message, signs)
        subjects = overrule(dampen([sign for sign in signs if _is_subject(sign.owner)], factor))
        against = strongest(
            (sign.owner.removeprefix(_AGAINST), sign.weight) for sign in signs if sign.owner.startswith(_AGAINST)
        )
        alike = self._alike(message, factor)
        ranked = weigh(subjects, against, alike, self._unexplained(message, signs, subjects, alike))
        facets = strongest(_weights(signs, _FACET))
        known = frozenset(place for sign in signs for place in sign.places if not _is_subject(sign.owner))
        unknown = [place for place, key in enumerate(message.keys) if place not in known and key not in self._common]
        return Reading(
            message=message,
            ranked=tuple(ranked),
            signs=tuple(signs),
            facets=facets,
            kinds=strongest(_weights(signs, _KIND)),
            bare=len(unknown) <= BARE_SHARE * len(message.words),
            office=any(sign.owner == _WORDS + "office" for sign in signs),
        )

    def _factors(self, message: Message, signs: Sequence[Sign]) -> dict[int, float]:
        """How much each word counts: less in the sentences of a story that ask nothing, hardly after a negation."""
        factor: dict[int, float] = {}
        if len(message.words) >= STORY_WORDS and message.sentence:
            needs = {message.sentence[min(sign.places)] for sign in signs if sign.owner == _WORDS + "need"}
            asking = needs | message.asking | {message.sentence[-1]}
            factor = {at: ASIDE for at, where in enumerate(message.sentence) if where not in asking}
        ends = {min(sign.places) for sign in signs if sign.owner == _WORDS + "contrast"}
        for sign in signs:
            if sign.owner == _WORDS + "negation":
                for at in _reach(message, max(sign.places) + 1, ends):
                    factor[at] = NEGATED
        return factor

    def _alike(self, message: Message, factor: Mapping[int, float]) -> dict[str, Alike]:
        kept = [word for at, word in enumerate(message.words) if factor.get(at, 1.0) != NEGATED]
        alike = dict(self._similar.to(kept))
        if len(message.words) >= STORY_WORDS:
            for number in range(message.sentence[-1] + 1):
                for owner, one in self._similar.to(message.words_of(number)).items():
                    if owner not in alike or one.score > alike[owner].score:
                        alike[owner] = one
        return alike

    def _unexplained(
        self, message: Message, signs: Sequence[Sign], subjects: Sequence[Sign], owners: Iterable[str]
    ) -> dict[str, float]:
        """For each subject, the share of a message's telling words that neither it nor common speech explains."""
        if len(message.words) >= STORY_WORDS:
            return {}
        common = frozenset(place for sign in signs for place in sign.places if not _is_subject(sign.owner))
        telling = [at for at, key in enumerate(message.keys) if at not in common and key not in self._common]
        if not telling:
            return {}
        mine: dict[str, set[int]] = defaultdict(set)
        for sign in subjects:
            mine[sign.owner] |= sign.places
        return {
            owner: sum(
                at not in mine[owner] and message.keys[at] not in self._own_words.get(owner, ()) for at in telling
            )
            / len(telling)
            for owner in {*mine, *owners}
        }

    def _conclude(self, reading: Reading, context: Context) -> Understood:
        facet = facet_of(reading.facets)
        verdict = decide(reading.ranked, self.ids, self._offers)
        top = max((one.score for one in reading.ranked if not one.owner.startswith("broad:")), default=0.0)
        other = self._other_kind(reading, top)
        if other:
            return other
        if top < ANSWER_AT and reading.bare and verdict.reason is not Reason.BROAD:
            bare = self._bare(reading, context, facet)
            if bare:
                return bare
        return Understood(
            kind=self._question_kind(reading, verdict),
            decision=verdict.decision,
            candidates=verdict.candidates,
            facet=facet,
            reason=verdict.reason,
        )

    @staticmethod
    def _question_kind(reading: Reading, verdict: Verdict) -> Kind:
        scam = reading.kinds.get("scam", 0.0) >= KIND_ENOUGH
        about_it = not verdict.candidates or verdict.candidates[0].id == _SCAM_TOPIC
        return Kind.SCAM_REPORT if scam and about_it else Kind.QUESTION

    @staticmethod
    def _other_kind(reading: Reading, top: float) -> Understood | None:
        """A message that is no question: an emergency, an order to the machine, thanks, a greeting, an insult."""
        kinds = reading.kinds
        if kinds.get("refuse", 0.0) >= KIND_ENOUGH:
            return Understood(kind=Kind.QUESTION, decision=Decision.NONE, reason=Reason.REFUSED)
        urgent = len(reading.message.words) <= URGENT_WORDS
        if kinds.get("emergency", 0.0) >= KIND_ENOUGH and urgent and top < SUBJECT_CLEAR:
            return Understood(kind=Kind.EMERGENCY, decision=Decision.NONE, reason=Reason.NOT_A_QUESTION)
        if top >= ANSWER_AT or kinds.get("scam", 0.0) >= KIND_ENOUGH:
            return None
        said = {kind: kinds.get(kind, 0.0) for kind in ("insult", "thanks", "greeting")}
        likely = max(said, key=lambda kind: said[kind])
        asks = reading.office or any(weight >= KIND_ENOUGH for weight in reading.facets.values())
        if said[likely] < KIND_ENOUGH or (asks and likely != "insult"):
            return None
        return Understood(kind=Kind(likely), decision=Decision.NONE, reason=Reason.NOT_A_QUESTION)

    def _bare(self, reading: Reading, context: Context, facet: Facet) -> Understood | None:
        """A follow-up such as "thế phí bao nhiêu?", or a question about nothing in particular."""
        asks = facet is not Facet.OVERVIEW or reading.office
        if not asks:
            return None
        if context.topic in self.ids and context.topic is not None:
            candidate = Candidate(id=context.topic, score=ANSWER_AT, matched="", stages={"context": ANSWER_AT})
            return Understood(
                kind=Kind.QUESTION,
                decision=Decision.ANSWER,
                candidates=(candidate,),
                facet=facet,
                reason=Reason.FOLLOW_UP,
            )
        return Understood(kind=Kind.QUESTION, decision=Decision.ASK, facet=facet, reason=Reason.NO_SUBJECT)


def _is_subject(owner: str) -> bool:
    return not owner.startswith((_FACET, _KIND, _AGAINST, _WORDS))


def _weights(signs: Iterable[Sign], prefix: str) -> Iterable[tuple[str, float]]:
    return ((sign.owner.removeprefix(prefix), sign.weight) for sign in signs if sign.owner.startswith(prefix))


def _reach(message: Message, start: int, ends: Collection[int]) -> Iterable[int]:
    """The words that a negation before `start` takes back."""
    for at in range(start, min(start + NEGATION_REACH, len(message.words))):
        if message.clause[at] != message.clause[start - 1] or at in ends:
            return
        yield at


def _patterns(entries: Sequence[Entry | Topic], lexicon: Lexicon) -> Patterns:
    patterns = Patterns(lexicon.groups)
    for owner, cues in lexicon.subjects.items():
        _add_cues(patterns, owner, cues)
    for entry in entries:
        for alias in (entry.name, entry.short, *entry.aliases):
            patterns.add(_literal(alias), entry.id, ALIAS)
    for subject, foreign in lexicon.foreign.items():
        for cue in foreign:
            patterns.add(cue, FOREIGN + subject, STRONG)
    for number, broad in enumerate(lexicon.broad):
        for cue in broad.words:
            patterns.add(cue, f"broad:{number}", CUE)
    for facet, cues in lexicon.facets.items():
        _add_cues(patterns, _FACET + facet, cues)
    for kind, said in lexicon.kinds.model_dump().items():
        for cue in said:
            patterns.add(cue, _KIND + kind, CUE)
    listed = {
        "need": lexicon.needs,
        "negation": lexicon.negation,
        "contrast": lexicon.contrast,
        "office": lexicon.office,
        "generic": lexicon.generic,
        "polite": lexicon.politeness,
    }
    for name, said in listed.items():
        for cue in said:
            patterns.add(cue, _WORDS + name, WEAK)
    return patterns


def _add_cues(patterns: Patterns, owner: str, cues: SubjectCues) -> None:
    for weight, said in ((STRONG, cues.strong), (CUE, cues.cues), (WEAK, cues.weak)):
        for cue in said:
            patterns.add(cue, owner, weight)
    for cue in cues.against:
        patterns.add(cue, _AGAINST + owner, STRONG)


def _literal(alias: str) -> str:
    """An alias is no pattern: its signs mean nothing."""
    return " ".join(words(alias))


def _phrases(entries: Sequence[Entry | Topic], lexicon: Lexicon, patterns: Patterns) -> list[tuple[str, list[str]]]:
    """What each subject is called and asked as; of subjects without content, the clear patterns."""
    phrases = [
        (entry.id, words(said.lower()))
        for entry in entries
        for said in (entry.name, entry.short, *entry.aliases, *entry.asked_as)
    ]
    for pattern in patterns.patterns:
        if pattern.weight >= STRONG and len(pattern.parts) == 1 and _is_subject(pattern.owner):
            phrases += [(pattern.owner, list(patterns.phrases[number])) for number in pattern.parts[0]]
    return phrases


def _own_words(phrases: Iterable[tuple[str, Sequence[str]]]) -> dict[str, frozenset[str]]:
    own: dict[str, set[str]] = defaultdict(set)
    for owner, said in phrases:
        own[owner].update(plain(word) for word in said)
    return {owner: frozenset(said) for owner, said in own.items()}
