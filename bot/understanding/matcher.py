"""The index: all that content knows about how people ask, and the way from a message to its meaning."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

import content
from bot.understanding.cues import Patterns
from bot.understanding.decide import ANSWER_AT, ASK_AT, BROAD, FOREIGN, GUESS_AT, Said, Verdict, decide
from bot.understanding.evidence import NAMED, Evidence, Sign, combine, dampen, overrule, strongest_signs, weigh
from bot.understanding.facets import Asked, Features, Side, Told, asked, strongest
from bot.understanding.linear import ELSEWHERE, VAGUE, Linear
from bot.understanding.meaning import Meaning
from bot.understanding.message import Message, read
from bot.understanding.needs import named_in, parts_of
from bot.understanding.repair import Repairer, Variants, Vocabulary, stutters
from bot.understanding.similar import Alike, Similar
from bot.understanding.text import (
    MAX_CHARS,
    agrees,
    clean,
    has_marks,
    is_syllable,
    phrase_words,
    plain,
    words,
    words_agree,
)
from bot.understanding.understood import Candidate, Context, Decision, Facet, Kind, Reason, Understood
from content.models import Entry, Lexicon, SubjectCues, Topic

if TYPE_CHECKING:
    from content import Content

STRONG, CUE, WEAK = 0.8, 0.5, 0.22
ALIAS = 0.7  # a name or short form that an author of content gave

OFTEN = 4  # phrases that have a word which is built unlike Vietnamese ones: "vneid", "online"
STORY_QUESTIONS = 4  # the last so many sentences of a story that ask something are compared on their own
STORY_WORDS = 30  # from here on, a message tells a story around its question
BY_THE_WAY = 0.4  # what is left of another authority's words in the sentences of a story that ask nothing
NEGATION_REACH = 6  # words after "không phải"
COMMAND_LETTERS = 6  # shorter commands must be typed rightly
COMMAND_RATIO = 90
COMMAND_WORDS = 12  # a command, and polite words around it
BARE_SHARE = 0.25  # of the words of a follow-up, so many may be unknown to us
BARE_WORDS = 18
SURE, SURE_WORDS = 0.5, 5
KIND_ENOUGH = 0.45
URGENT_WORDS = 25  # an emergency is told in few words; a long tale of an accident asks for papers
LIKELY = 0.7  # a subject that the model finds so likely is no small talk
SUBJECT_CLEAR = 0.6  # a clear subject makes an angry or thankful message a question

_FACET, _NAME, _KIND, _AGAINST, _WORDS = "facet:", "name:", "kind:", "against:", "words:"
_SURE_ALONE = frozenset({_KIND + "refuse", _KIND + "insult"})
_SCAM_TOPIC = "faq-lua-dao"
MODEL = Path(content.__file__).parent / "linear.json.gz"
SIDES = MODEL.with_name("facets.json.gz")


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that was found in a message; `explain` shows it, `understand` decides on it."""

    message: Message
    ranked: tuple[Evidence, ...]
    signs: tuple[Sign, ...]
    subjects: tuple[Sign, ...]  # those signs that speak for subjects, weighed
    facets: Mapping[str, Side]
    facet: Facet  # the side that is asked for
    kinds: Mapping[str, float]
    telling: frozenset[int]  # the places of words that are not said about anything
    elsewhere: float  # how likely the model finds it to be no subject of ours
    vague: float  # … and to leave open which one
    office: bool  # it speaks of what one asks an office for
    needs: bool  # it says that something is needed

    @property
    def bare(self) -> bool:
        """True if it names no subject of its own."""
        return len(self.telling) <= BARE_SHARE * len(self.message.words)


class Index:
    """Built once from content; `understand` is then a plain function of text and context."""

    def __init__(
        self,
        entries: Sequence[Entry | Topic],
        lexicon: Lexicon,
        commands: Mapping[str, Sequence[str]],
        learnt: Linear | None = None,
        sides: Linear | None = None,
    ) -> None:
        """`learnt`: the trained model of subjects, if there is one; phrases that it has not seen act all the same.
        `sides`: the one of the sides of a subject."""
        self.meaning: Meaning | None = None  # the optional language model
        self.ids = frozenset(entry.id for entry in entries)
        self._procedures = frozenset(entry.id for entry in entries if isinstance(entry, Entry))
        self.pairs = lexicon.pairs
        self._learnt, self._sides = learnt, sides
        self._commands: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)  # by first word, plain
        self._long_commands: dict[str, str] = {}  # plain phrase -> command, where slips are forgiven
        for command, wordings in commands.items():
            for phrase in map(phrase_words, wordings):
                self._commands[plain(phrase[0])].append((command, phrase))
                if len(key := " ".join(map(plain, phrase))) >= COMMAND_LETTERS:
                    self._long_commands.setdefault(key, command)
        self._politeness = frozenset(lexicon.politeness)
        self._patterns = _patterns(entries, lexicon)
        self._offers = {f"broad:{number}": broad.offer for number, broad in enumerate(lexicon.broad)}
        phrases = _phrases(entries, lexicon, self._patterns)
        self._repairer = Repairer(lexicon, _vocabulary(phrases, self._patterns, lexicon, commands))
        mended = [(owner, self._repairer.mend(said), whole) for owner, said, whole in phrases]
        common = [tuple(map(plain, words(phrase))) for phrase in (*lexicon.generic, *lexicon.politeness)]
        self._similar = Similar(mended, frozenset(" ".join(phrase) for phrase in common))
        self._common = frozenset(phrase[0] for phrase in common if len(phrase) == 1)
        self._own_words = _own_words(mended)

    @classmethod
    def build(cls, of: Content) -> Index:
        """The index of everything that this content has."""
        entries: list[Entry | Topic] = [*of.procedures.procedures, *of.faq.topics]
        return cls(entries, of.lexicon, of.phrases.commands, Linear.load(MODEL), Linear.load(SIDES))

    def agrees(self, said: str, phrase: str) -> bool:
        """`text.agrees`, with this content's polite words ignored around the phrase."""
        return agrees(said, phrase, self._politeness)

    def heard(self, text: str) -> tuple[tuple[str, ...], dict[str, float]]:
        """What the model learns from: the words in plain spelling, and what patterns found, by subject."""
        message = read(text, self._repairer)
        signs = self._signs(message)
        subjects = self._subjects(message, signs)
        return message.words, {owner: weight for owner, (weight, _, _) in combine(subjects).items()}

    def heard_of_sides(self, text: str) -> Features:
        """What the model of sides learns from."""
        message = read(text, self._repairer)
        signs = self._signs(message)
        found = combine(self._subjects(message, signs))
        best = max(found.values(), key=lambda one: one[0])[2] if found else frozenset[int]()
        return _asked(message, signs, _aside(message, signs), _negated(message, signs), best).features

    def mended(self, text: str) -> str:
        """The text in plain spelling: "dc roi" becomes "được roi"."""
        return " ".join(self._repairer.mend(words(clean(text))))

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
        keys = list(map(plain, typed))
        for key in keys:
            for command, phrase in self._commands.get(key, ()):
                if words_agree(typed, phrase, self._politeness):
                    return command
        said = " ".join(keys)
        if len(said) < COMMAND_LETTERS:
            return None
        near = process.extractOne(said, self._long_commands.keys(), scorer=fuzz.ratio, score_cutoff=COMMAND_RATIO)
        return self._long_commands[near[0]] if near else None

    def read(self, text: str) -> Reading:
        """Everything found in a message."""
        message = read(text, self._repairer)
        signs = self._signs(message)
        aside, negated = _aside(message, signs), _negated(message, signs)
        subjects = self._subjects(message, signs)
        against = strongest(
            (sign.owner.removeprefix(_AGAINST), sign.weight) for sign in signs if sign.owner.startswith(_AGAINST)
        )
        alike = self._alike(message, aside, negated)
        unexplained = self._unexplained(message, signs, subjects, alike)
        likely = self._likely(message, subjects, negated)
        meant = self._by_owner(self._meant(message, negated), subjects)
        ranked = weigh(subjects, against, alike, unexplained, self._by_owner(likely, subjects), meant)
        known = frozenset(place for sign in signs for place in sign.places if not _is_subject(sign.owner))
        sides = _asked(message, signs, aside, negated, ranked[0].places if ranked else frozenset())
        return Reading(
            message=message,
            ranked=tuple(ranked),
            signs=tuple(signs),
            subjects=tuple(subjects),
            facets=sides.sides,
            facet=sides.facet(self._sides),
            kinds=strongest(_weights(signs, _KIND)),
            telling=frozenset(
                place for place, key in enumerate(message.keys) if place not in known and key not in self._common
            ),
            elsewhere=likely.get(ELSEWHERE, 0.0),
            vague=likely.get(VAGUE, 0.0),
            office=bool(_places(signs, "office")),
            needs=bool(_places(signs, "need")),
        )

    def _signs(self, message: Message) -> list[Sign]:
        """Every pattern found in the message."""
        found = self._patterns.phrases_in(message.words, message.marked)
        signs = [
            Sign(pattern.owner, pattern.weight * hit.fit, pattern.text, hit.places)
            for hit in self._patterns.hits(found)
            for pattern in (self._patterns.patterns[hit.pattern],)
        ]
        return strongest_signs(sign for sign in signs if not self._doubtful(sign, message))

    @staticmethod
    def _subjects(message: Message, signs: Sequence[Sign]) -> list[Sign]:
        """Those that speak for subjects, weighed by where they stand and by what overrules them."""
        aside, negated = _aside(message, signs), _negated(message, signs)
        generic = frozenset(place for sign in signs if sign.owner.startswith(_WORDS) for place in sign.places)
        # What a story tells by the way may well be another authority's: a bank, a journey, a court.
        by_the_way = {one for one in signs if one.owner.startswith(FOREIGN) and one.places <= aside}
        kept = [one._replace(weight=one.weight * BY_THE_WAY) if one in by_the_way else one for one in signs]
        return overrule(dampen([sign for sign in kept if _is_subject(sign.owner)], aside, negated), generic)

    @staticmethod
    def _doubtful(sign: Sign, message: Message) -> bool:
        """Without marks "làm giả" may as well be "làm gia (hạn)", and "ngu" "ngủ": nobody is turned away on that."""
        return sign.owner in _SURE_ALONE and has_marks(sign.text) and not message.marked

    def _alike(self, message: Message, aside: frozenset[int], negated: frozenset[int]) -> dict[str, Alike]:
        kept = [word for at, word in enumerate(message.words) if at not in negated]
        alike = dict(self._similar.to(kept, message.marked))
        asking = sorted({where for at, where in enumerate(message.sentence) if at not in aside}) if aside else []
        for number in asking[-STORY_QUESTIONS:]:
            for owner, one in self._similar.to(message.words_of(number), message.marked).items():
                if owner not in alike or one.score > alike[owner].score:
                    alike[owner] = one
        return alike

    def _likely(self, message: Message, subjects: Sequence[Sign], negated: frozenset[int]) -> dict[str, float]:
        """What the model makes of the words that were not taken back, and of the patterns in them."""
        kept = [word for at, word in enumerate(message.words) if at not in negated]
        if self._learnt is None or not self._learnt.knows_any(kept):
            return {}
        found = {owner: weight for owner, (weight, _, _) in combine(subjects).items()}
        return self._learnt.likely(kept, found)

    def _meant(self, message: Message, negated: frozenset[int]) -> dict[str, float]:
        """What the language model, if there is one, makes of what was not taken back."""
        if self.meaning is None:
            return {}
        kept = " ".join(word for at, word in enumerate(message.words) if at not in negated)
        return self.meaning.likely(kept if negated else message.text)

    def _by_owner(self, likely: Mapping[str, float], subjects: Sequence[Sign]) -> dict[str, float]:
        """The model's chances by subject. What it makes of other worlds, and of a question that is too broad, goes to
        those of them that patterns found, for the model knows each as one."""
        chances = {owner: chance for owner, chance in likely.items() if owner in self.ids}
        for kind, prefix in ((ELSEWHERE, FOREIGN), (VAGUE, BROAD)):
            if kind in likely:
                owners = {sign.owner for sign in subjects if sign.owner.startswith(prefix)} or {prefix}
                chances |= dict.fromkeys(owners, likely[kind])
        return chances

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
        facet = reading.facet
        story = len(reading.message.words) >= STORY_WORDS
        named = _names_something(reading)
        said = Said(
            bare=reading.bare and not named,
            length=len(reading.message.words),
            story=story,
            telling=reading.telling,
            asks_office=reading.needs and (reading.office or story),
            learnt=self._learnt is not None,
            elsewhere=reading.elsewhere,
            vague=reading.vague,
        )
        verdict = decide(reading.ranked, self.ids, self._offers, said)
        top = max((one.score for one in reading.ranked if _names(one)), default=0.0)
        other = self._other_kind(reading, top)
        if other:
            return other
        if reading.bare and not named and (context.topic or not self._learnt):
            # Likeness to some phrase ("… mất bao nhiêu tiền") is no subject: with one at hand, that is meant.
            bare = self._bare(reading, context, facet)
            if bare:
                return bare
        decision = verdict.decision
        few = len(reading.message.words) < SURE_WORDS and not self._learnt
        if decision is Decision.ANSWER and not named and few:
            decision = Decision.ASK  # a word or two that sound like something are no question about it
        candidates: tuple[Candidate, ...] = verdict.candidates
        also: tuple[str, ...] = ()
        if decision is Decision.ANSWER:
            candidates, also = self._needs(reading, candidates)
        return Understood(
            kind=self._question_kind(reading, verdict),
            decision=decision,
            candidates=candidates,
            also=also,
            facet=facet,
            reason=verdict.reason,
        )

    def _needs(
        self, reading: Reading, candidates: tuple[Candidate, ...]
    ) -> tuple[tuple[Candidate, ...], tuple[str, ...]]:
        """Where several things are asked for, in parts that each stand alone: the one said first, and the others."""
        message, joints = reading.message, _places(reading.signs, "joint")
        told, more = _places(reading.signs, "told"), _places(reading.signs, "more")
        needs: dict[str, None] = {}
        parts = list(parts_of(message, joints))
        if len(parts) < 2 or len(message.words) >= STORY_WORDS:  # a story names much that it doesn't ask for
            return candidates, ()
        for part in parts:
            owner = named_in(part, reading.subjects, self._procedures)
            if (
                owner
                and told.isdisjoint(part)
                and (not needs or part.start in joints or not more.isdisjoint(part))
                and self._stands_alone(owner, message, part, reading.subjects)
            ):
                needs[owner] = None
        first, *others = [*needs, *([] if needs else [""])]
        likely = {one.id for one in candidates if one.score >= GUESS_AT}
        if not others or candidates[0].id not in needs or first not in likely:
            return candidates, ()
        ordered = sorted(candidates, key=lambda one: one.id != first)
        if ordered[0].id != first or any(self._neighbours(first, other) for other in others):
            return candidates, ()
        return tuple(ordered), tuple(others)

    def _stands_alone(self, owner: str, message: Message, part: range, subjects: Sequence[Sign]) -> bool:
        """True if this part of a message, taken for itself, asks for that subject."""
        if self._learnt is None or owner not in self._learnt.subjects:
            return True
        found = {
            name: weight
            for name, (weight, _, _) in combine(one for one in subjects if one.places <= set(part)).items()
        }
        return self._learnt.likely([message.words[at] for at in part], found)[owner] >= SURE

    def _neighbours(self, one: str, other: str) -> bool:
        """True if these two are easily confused: then both names most likely mean the same need."""
        return (one, other) in self.pairs or (other, one) in self.pairs

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
        story = len(reading.message.words) >= STORY_WORDS  # nobody tells one only to greet or to scold
        if top >= ANSWER_AT or story or kinds.get("scam", 0.0) >= KIND_ENOUGH or _likeliest(reading) >= LIKELY:
            return None
        said = {kind: kinds.get(kind, 0.0) for kind in ("insult", "thanks", "greeting")}
        likely = max(said, key=lambda kind: said[kind])
        asks = reading.office or _asks_something(reading.facet)
        if said[likely] < KIND_ENOUGH or (asks and likely != "insult"):
            return None
        return Understood(kind=Kind(likely), decision=Decision.NONE, reason=Reason.NOT_A_QUESTION)

    def _bare(self, reading: Reading, context: Context, facet: Facet) -> Understood | None:
        """A follow-up such as "thế phí bao nhiêu?", or a question about nothing in particular."""
        asks = reading.office or _asks_something(facet) or (context.topic and facet is not Facet.OVERVIEW)
        if not asks or len(reading.message.words) > BARE_WORDS:
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


def _names_something(reading: Reading) -> bool:
    if any(_names(one) or one.cues >= ASK_AT for one in reading.ranked):
        return True
    # The model may be sure without a single pattern; of a few words it is too easily.
    return _likeliest(reading) >= SURE and len(reading.message.words) >= SURE_WORDS


def _likeliest(reading: Reading) -> float:
    """The model's chance for the likeliest subject of ours."""
    ours = (one for one in reading.ranked if not one.owner.startswith((FOREIGN, BROAD)))
    return max((one.learnt or 0.0 for one in ours), default=0.0)


def _names(one: Evidence) -> bool:
    """True if words speak for this subject, and not only what some phrase happens to sound like."""
    return not one.owner.startswith(BROAD) and (one.cues >= ASK_AT or one.score >= NAMED)


def _asks_something(facet: Facet) -> bool:
    """ "có … không" alone is small talk as often as a question."""
    return facet not in (Facet.OVERVIEW, Facet.ELIGIBILITY)


def _is_subject(owner: str) -> bool:
    return not owner.startswith((_FACET, _NAME, _KIND, _AGAINST, _WORDS))


def _weights(signs: Iterable[Sign], prefix: str) -> Iterable[tuple[str, float]]:
    return ((sign.owner.removeprefix(prefix), sign.weight) for sign in signs if sign.owner.startswith(prefix))


def _asked(
    message: Message,
    signs: Sequence[Sign],
    aside: frozenset[int],
    negated: frozenset[int],
    subject: frozenset[int],
) -> Asked:
    """The sides asked for. `subject`: the words that name what is asked about."""

    def heard(prefix: str) -> list[Sign]:
        mine = [
            Sign(one.owner.removeprefix(prefix), one.weight, one.text, one.places)
            for one in signs
            if one.owner.startswith(prefix)
        ]
        return dampen(mine, aside, negated)

    polite = _places(signs, "polite")
    told = Told(
        asking=_places(signs, "asking"),
        final=_final(message, _places(signs, "yes-no"), polite),
        indefinite=_indefinite(message, signs),
        polite=polite,
        subject=subject,
    )
    return asked(overrule(heard(_FACET), frozenset()), heard(_NAME), message, told)


def _places(signs: Iterable[Sign], words: str) -> frozenset[int]:
    return frozenset(place for one in signs if one.owner == _WORDS + words for place in one.places)


def _indefinite(message: Message, signs: Sequence[Sign]) -> frozenset[int]:
    """Question words that ask nothing: after a "không" or "chưa" they mean "anything", before "cũng" "every"."""
    negators, turning = _places(signs, "negator"), _places(signs, "turning")
    every = _places(signs, "every")
    found = set()
    for at in _places(signs, "question"):
        before = at - 1
        while before >= 0 and message.clause[before] == message.clause[at] and before not in turning:
            if before in negators:
                found.add(at)
                break
            before -= 1
        if at + 1 in every:
            found.add(at)
    return frozenset(found)


def _final(message: Message, among: Collection[int], polite: Collection[int]) -> frozenset[int]:
    """Those of the places after which their clause says nothing but polite words: "… được không ạ"."""
    last: dict[int, int] = {}
    for at, clause in enumerate(message.clause):
        if at not in polite:
            last[clause] = at
    return frozenset(among) & frozenset(last.values())


def _aside(message: Message, signs: Iterable[Sign]) -> frozenset[int]:
    """The words in those sentences of a story that ask nothing."""
    if len(message.words) < STORY_WORDS:
        return frozenset()
    needs = {message.sentence[min(sign.places)] for sign in signs if sign.owner == _WORDS + "need"}
    asking = needs | message.asking | {message.sentence[-1]}
    return frozenset(at for at, where in enumerate(message.sentence) if where not in asking)


def _negated(message: Message, signs: Sequence[Sign]) -> frozenset[int]:
    """The words that a "không phải" takes back."""
    ends = {min(sign.places) for sign in signs if sign.owner == _WORDS + "contrast"}
    return frozenset(
        place
        for sign in signs
        if sign.owner == _WORDS + "negation"
        for place in _reach(message, max(sign.places) + 1, ends)
    )


def _reach(message: Message, start: int, ends: Collection[int]) -> Iterable[int]:
    for at in range(start, min(start + NEGATION_REACH, len(message.words))):
        if message.clause[at] != message.clause[start - 1] or at in ends:
            return
        yield at


def _patterns(entries: Sequence[Entry | Topic], lexicon: Lexicon) -> Patterns:
    generic = [word for word in lexicon.generic if " " not in word]
    patterns = Patterns(lexicon.groups, generic, Variants(lexicon.variants))
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
    _add_ways_of_asking(patterns, lexicon)
    return patterns


def _add_ways_of_asking(patterns: Patterns, lexicon: Lexicon) -> None:
    """What speaks for no subject: sides, kinds of messages, words with a part of their own."""
    for facet, cues in lexicon.facets.items():
        _add_cues(patterns, _FACET + facet, cues)
    for facet, names in lexicon.facet_names.items():
        for cue in names:
            patterns.add(cue, _NAME + facet, CUE)
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
        "asking": lexicon.asking,
        "yes-no": lexicon.yes_no,
        "question": lexicon.question_words,
        "negator": lexicon.negators,
        "turning": lexicon.turning,
        "every": lexicon.every,
        "joint": lexicon.joining,
        "more": lexicon.more,
        "told": lexicon.told,
    }
    for name, said in listed.items():
        for cue in said:
            patterns.add(cue, _WORDS + name, WEAK)


def _add_cues(patterns: Patterns, owner: str, cues: SubjectCues) -> None:
    for weight, said in ((STRONG, cues.strong), (CUE, cues.cues), (WEAK, cues.weak)):
        for cue in said:
            patterns.add(cue, owner, weight)
    for cue in cues.against:
        patterns.add(cue, _AGAINST + owner, STRONG)


def _literal(alias: str) -> str:
    """An alias is no pattern: its signs mean nothing."""
    return " ".join(words(alias))


def _phrases(
    entries: Sequence[Entry | Topic], lexicon: Lexicon, patterns: Patterns
) -> list[tuple[str, list[str], bool]]:
    """What each subject is called and asked as; of subjects without content, the clear patterns."""
    phrases = [
        (entry.id, words(said.lower()), whole)
        for entry in entries
        for listed, whole in (((entry.name, entry.short, *entry.aliases), False), (entry.asked_as, True))
        for said in listed
    ]
    for pattern in patterns.patterns:
        if pattern.weight >= STRONG and len(pattern.parts) == 1 and _is_subject(pattern.owner):
            phrases += [(pattern.owner, list(patterns.phrases[number]), False) for number in pattern.parts[0]]
    return phrases


def _vocabulary(
    phrases: Iterable[tuple[str, Sequence[str], bool]],
    patterns: Patterns,
    lexicon: Lexicon,
    commands: Mapping[str, Sequence[str]],
) -> Vocabulary:
    """Every word of content that a message may be mended to. Slips that authors wrote down on purpose are none."""
    meant = [
        *lexicon.variants.values(),
        *lexicon.teencode.values(),
        *(one.means for one in lexicon.abbreviations),
        *(phrase for listed in commands.values() for phrase in listed),
    ]
    counted = Counter(word for _, said, _ in phrases for word in set(said))
    spelt = [
        [word for word in said if counted[word] >= OFTEN or (is_syllable(word) and not stutters(word))]
        for _, said, _ in phrases
    ]
    return Vocabulary.of([*spelt, *patterns.phrases, *(words(one.lower()) for one in meant)])


def _own_words(phrases: Iterable[tuple[str, Sequence[str], bool]]) -> dict[str, frozenset[str]]:
    own: dict[str, set[str]] = defaultdict(set)
    for owner, said, _ in phrases:
        own[owner].update(plain(word) for word in said)
    return {owner: frozenset(said) for owner, said in own.items()}
