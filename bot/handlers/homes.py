"""Where a person lives, as far as they want it remembered: a hamlet of this commune that they chose themselves.

Nothing else is ever taken for it, whatever a message mentions. It stands with the person alone; cases, figures, tips
and the list of calls take it from there, and forget it with them.
"""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue.messages import Button, ChooseHome, Count, Effect, Outcome, Purpose, RecordConsent, Reply, Turn
from bot.dialogue.payloads import Action, Verb, decode, encode
from bot.handlers.common import args, told
from bot.understanding.places import FoundPlace, find_hamlets
from bot.understanding.text import clean, same_word, without, words
from content.models import Hamlet

TEXT_VERSION = "home-1"  # of the words in which people are asked; another wording is another version
NOWHERE = "none"
SHOWN = 12  # hamlets to choose from in one message; where there are more, the name is asked for in words
CLEAR = 0.6  # score from which a name is taken for a hamlet's …
APART = 0.04  # … if no other hamlet comes as near; a name of today goes before an old one
NAME_WORDS = 6  # of a hamlet that we don't know, with what kind of place it is
TOGETHER = 3  # hamlets of which one asks back
_ASKING = {Verb.HOME_AT, Verb.TIPS_PLACE}  # buttons of these are answers to "which hamlet?"


def of(turn: Turn) -> Hamlet | None:
    """The hamlet that this person chose, if content still has it."""
    home = turn.records.home()
    return _hamlet(turn, home) if home else None


def _hamlet(turn: Turn, id_: str) -> Hamlet | None:
    return next((one for one in turn.knowledge.content.locality.hamlets if one.id == id_), None)


def counted(turn: Turn, effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    """The same effects, each count with the hamlet of who did it; but for those that name a place, or none ("")."""
    if not any(isinstance(effect, Count) and effect.place is None for effect in effects):
        return effects
    home = of(turn)
    if home is None:
        return effects
    return tuple(
        replace(effect, place=home.id) if isinstance(effect, Count) and effect.place is None else effect
        for effect in effects
    )


# --- asking and choosing ------------------------------------------------------------------------------------------


def show(turn: Turn) -> Outcome:
    """What is remembered, and what for; and another may be chosen."""
    home = of(turn)
    if home is None:
        return told(turn, question(turn, "home_ask"))
    knowledge = turn.knowledge
    buttons = (
        knowledge.button("home_change", encode(Verb.HOME_LIST)),
        knowledge.button("home_forget", encode(Verb.HOME_OFF)),
        knowledge.button("menu", encode(Verb.MENU)),
    )
    return told(turn, Reply(text=knowledge.say("home_is", name=home.name), buttons=buttons))


def ask(turn: Turn) -> Outcome:
    """Which hamlet?"""
    return told(turn, question(turn, "home_ask"))


def question(turn: Turn, key: str, verb: Verb = Verb.HOME_AT, skip: str = NOWHERE) -> Reply:
    """Which hamlet? As choices where they are few; their name in words always does."""
    knowledge = turn.knowledge
    hamlets = knowledge.content.locality.hamlets
    buttons = [
        Button(label=hamlet.name, payload=encode(verb, hamlet.id), words=hamlet.old_names)
        for hamlet in (hamlets if len(hamlets) <= SHOWN else ())
    ]
    text = knowledge.say(key)
    if len(hamlets) > SHOWN:
        text += "\n" + knowledge.say("home_in_words")
    return Reply(text=text, buttons=(*buttons, knowledge.button("skip", encode(verb, skip))))


def choose(turn: Turn) -> Outcome:
    """That hamlet is remembered; or it is left as it is."""
    wanted, knowledge = args(turn)[0], turn.knowledge
    home, before = _hamlet(turn, wanted), of(turn)
    if home is None and wanted != NOWHERE:
        return ask(turn)
    if home is None:
        if before:
            return told(turn, Reply(text=knowledge.say("home_still", name=before.name)))
        return told(turn, Reply(text=knowledge.say("home_declined")), effects=_word(turn, yes=False))
    buttons = (
        knowledge.button("home_change", encode(Verb.HOME_LIST)),
        knowledge.button("home_forget", encode(Verb.HOME_OFF)),
        knowledge.button("menu", encode(Verb.MENU)),
    )
    reply = Reply(text=knowledge.say("home_kept", name=home.name), buttons=buttons)
    return told(turn, reply, effects=kept(turn, home.id))


def kept(turn: Turn, wanted: str) -> tuple[Effect, ...]:
    """What it takes to remember that hamlet; nothing if it is remembered, or is none."""
    home, before = _hamlet(turn, wanted), of(turn)
    if home is None or home == before:
        return ()
    return (*_word(turn, yes=True), ChooseHome(place=home.id))


def forget(turn: Turn) -> Outcome:
    """It is remembered no longer, not in their cases either."""
    key = "home_forgotten" if turn.records.home() else "home_unknown"
    effects = (*_word(turn, yes=False), ChooseHome(place=None)) if turn.records.home() else ()
    return told(turn, Reply(text=turn.knowledge.say(key)), effects=effects)


def _word(turn: Turn, *, yes: bool) -> tuple[Effect, ...]:
    if turn.records.agreed(Purpose.HOME) is yes and (yes or not turn.records.home()):
        return ()
    return (RecordConsent(purpose=Purpose.HOME, yes=yes, text_version=TEXT_VERSION),)


def offer(turn: Turn) -> tuple[Button, ...]:
    """The button that leads to the question, for those who never answered it."""
    asked = turn.inbound.public or turn.records.home() or turn.records.agreed(Purpose.HOME) is not None
    if asked or not turn.knowledge.content.locality.hamlets:
        return ()
    return (turn.knowledge.button("home_tell", encode(Verb.HOME_LIST)),)


# --- in words -----------------------------------------------------------------------------------------------------


def read(turn: Turn, text: str) -> Action | None:
    """What these words ask for, if they say where somebody lives."""
    return _named(turn, text) or (Action(Verb.HOME_SAID) if _is_said(turn, text) else None)


def _named(turn: Turn, text: str) -> Action | None:
    """The answer to "which hamlet?", where that was asked last and these words name one."""
    asked = (decode(button.payload) for button in turn.conversation.offered)
    verb = next((action.verb for action in asked if action and action.verb in _ASKING), None)
    found = _found(turn, text) if verb else ()
    return Action(verb, (found[0].id,)) if verb and len(found) == 1 else None


def _is_said(turn: Turn, text: str) -> bool:
    """True for words that say where they live, and nothing else: "nhà tôi ở thôn Bến Gạo"."""
    lexicon = turn.knowledge.content.lexicon
    rest = clean(without(text, lexicon.living))
    if rest == clean(text) or without(rest, lexicon.question_words) != rest or text.rstrip().endswith("?"):
        return False
    found = _found(turn, rest)
    if found:
        return all(_carries_nothing(turn, one.beside) for one in found)
    said = words(rest)
    return len(said) <= NAME_WORDS and without(rest, lexicon.hamlet_words) != rest


def _carries_nothing(turn: Turn, beside: tuple[str, ...]) -> bool:
    content = turn.knowledge.content
    fill = (*content.lexicon.politeness, *content.lexicon.near, *content.lexicon.hamlet_words)
    commune = words(f"{content.locality.name} {content.locality.province}")
    return all(any(same_word(said, one) for one in (*fill, *commune)) for said in beside)


def _found(turn: Turn, text: str) -> tuple[FoundPlace, ...]:
    """The hamlets that these words may name: one if it is clear."""
    found = [one for one in find_hamlets(text, turn.knowledge.content.locality) if one.score >= CLEAR]
    return tuple(one for one in found[:TOGETHER] if found[0].score - one.score < APART)


def said(turn: Turn) -> Outcome:
    """They said where they live: shall that be remembered? Nothing is without a yes."""
    knowledge = turn.knowledge
    found = _found(turn, without(turn.inbound.text, knowledge.content.lexicon.living))
    if not found:
        return told(turn, question(turn, "home_not_here"))
    home = of(turn)
    no = knowledge.button("home_no", encode(Verb.HOME_AT, NOWHERE))
    if len(found) > 1:
        buttons = tuple(Button(label=one.name, payload=encode(Verb.HOME_AT, one.id)) for one in found)
        return told(turn, Reply(text=knowledge.say("home_which"), buttons=(*buttons, no)))
    if home and home.id == found[0].id:
        return told(turn, Reply(text=knowledge.say("home_still", name=home.name)))
    buttons = (
        knowledge.button("home_yes", encode(Verb.HOME_AT, found[0].id)),
        knowledge.button("home_other", encode(Verb.HOME_LIST)),
        no,
    )
    return told(turn, Reply(text=knowledge.say("home_confirm", name=found[0].name), buttons=buttons))
