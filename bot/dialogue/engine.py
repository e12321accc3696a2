"""One turn of thought: what is asked, who answers, what is remembered. No I/O, no clock of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from rapidfuzz import fuzz

from bot.dialogue.cases import CaseKind
from bot.dialogue.messages import Button, Conversation, InboundKind, Outcome, Reply, Task, Turn
from bot.dialogue.payloads import PUBLIC, Action, Verb, decode
from bot.dialogue.states import WalkState
from bot.handlers import HANDLERS, booking, feedback, homes, staff, talk, tips, walks
from bot.privacy import hides_something
from bot.understanding import Context, Decision, Facet, Kind, Understood
from bot.understanding.text import clean, fold, phrase_words, same_word, words, words_agree

# "2", "2.", "số 2 nhé", "chọn mục 2"; and several at once where several make sense: "1 3", "1, 3 và 4"
_BEFORE_DIGITS = ("số", "chọn", "bấm", "gõ", "nút", "việc", "mục", "dòng", "giấy")
_DIGITS = re.compile(r"\d{1,2}")
# After "số" alone, where voice keyboards write them: elsewhere "ba" is a father and "năm" a year.
_SPELLED = dict(zip(["mot", "hai", "ba", "bon", "nam", "sau", "bay", "tam", "chin"], "123456789", strict=True))
# "cái thứ hai", "việc đầu tiên", "cái cuối cùng"; "thứ hai" alone is a Monday
_ORDINAL = re.compile(
    r"(?:cai|viec|muc|dong|y|lua chon|phan) (?:thu )?(nhat|nhi|tu|dau tien|dau|cuoi cung|cuoi|[a-z0-9]+)"
)
_AROUND_ORDINAL = (
    "lấy",
    "chọn",
    "bấm",
    "hỏi",
    "xem",
    "muốn",
    "làm",
    "nói",
    "là",
    "gì",
    "thì",
    "sao",
    "thế",
    "còn",
    "ở",
    "trên",
)
_ORDINALS = {"nhat": 1, "nhi": 2, "tu": 4, "dau": 1, "dau tien": 1, "cuoi": -1, "cuoi cung": -1}
_SEVERAL = re.compile(r"\d{1,2}(?:\s*(?:,|;|va|\s)\s*\d{1,2})+")
_NEARLY = 88  # rapidfuzz ratio from which a long label counts as typed; below it neighbours begin to be confused
_SHORT = 4  # words; a choice is not named in longer ones
_LONG = 6  # letters; shorter words are too easily mistyped into one another

APPOINTING = "hen"  # the deep link that makes an appointment

_COMMANDS = {
    "desk": Verb.DESK,
    "appointments": Verb.APPOINTMENTS,
    "appoint": Verb.APPOINT,
    "seen": Verb.AP_SEEN,
    "postpone": Verb.AP_CHANGE,
    "call-off": Verb.AP_OFF,
    "menu": Verb.MENU,
    "help": Verb.HELP,
    "list": Verb.LIST,
    "human": Verb.HUMAN,
    "where": Verb.WHERE,
    "back": Verb.BACK,
    "stop": Verb.STOP,
    "restart": Verb.RESTART,
    "resume": Verb.WALKS,
    "my-data": Verb.MY_DATA,
    "erase": Verb.ERASE,
    "home": Verb.HOME,
    "home-change": Verb.HOME_LIST,
    "home-forget": Verb.HOME_OFF,
    "feedback": Verb.FEEDBACK,
    "cases": Verb.CASES,
    "tips": Verb.TIPS,
    "tips-stop": Verb.TIPS_NO,
    "tip-check": Verb.TIP_CHECK,
    "tip-work": Verb.TIP_WORK,
    "follow-up-stop": Verb.FOLLOW_UP_NO,
}
# What still reaches the bot while an officer answers; beside it emergencies, buttons, and what was offered since.
_DURING_TAKEOVER = {"menu", "help", "human", "where", "stop", "my-data", "erase"}
_KINDS = {
    Kind.GREETING: Verb.SMALL_TALK,
    Kind.THANKS: Verb.SMALL_TALK,
    Kind.INSULT: Verb.SMALL_TALK,
    Kind.EMERGENCY: Verb.URGENT,
    Kind.SCAM_REPORT: Verb.URGENT,
    Kind.NOISE: Verb.UNREADABLE,
}


_URGENT = {Kind.EMERGENCY, Kind.SCAM_REPORT}


def step(turn: Turn) -> Outcome:
    """Think one message through: the replies, what is remembered, and what the save shall carry out."""
    turn = read(turn)
    assert turn.action is not None  # noqa: S101 - read() always sets it
    in_public = turn.inbound.public and turn.action.verb not in PUBLIC
    outcome = talk.in_private(turn) if in_public else HANDLERS[turn.action.verb](turn)
    return _finish(turn, outcome)


def apology(turn: Turn) -> Outcome:
    """What is said when a message could not be handled at all, through a mistake of ours."""
    reply = Reply(text=turn.knowledge.say("sorry"))
    return Outcome(replies=(reply,), conversation=replace(turn.conversation, offered=()))


def read(turn: Turn) -> Turn:
    """The same turn, with the action that its message asks for."""
    said = turn.inbound
    if said.kind is InboundKind.PRESS:
        return replace(turn, action=decode(said.payload or "") or Action(Verb.UNREADABLE))
    if said.kind is InboundKind.START:
        return replace(turn, action=_started(turn))
    if feedback.is_photo(turn):
        return replace(turn, action=Action(Verb.PICTURED))
    if said.kind is InboundKind.OTHER:
        return replace(turn, action=Action(Verb.UNREADABLE))
    return _read_text(turn, clean(said.text))


def _started(turn: Turn) -> Action:
    """A deep link opens its guide, or an appointment ("hen", "hen-khai-sinh"); anything else is as good as none."""
    topic = turn.inbound.payload or ""
    if topic.startswith(staff.INVITED):
        return Action(Verb.INVITED, (topic.removeprefix(staff.INVITED),))
    if topic == APPOINTING or topic.startswith(f"{APPOINTING}-"):
        procedure = topic.removeprefix(APPOINTING).removeprefix("-")
        return Action(Verb.APPOINT, (procedure,) if procedure in turn.knowledge.content.guides else ())
    known = topic in turn.knowledge.content
    return Action(Verb.ABOUT, (topic,)) if known else Action(Verb.MENU)


def _read_text(turn: Turn, text: str) -> Turn:
    taken_over = turn.records.takeover(turn.now) is not None
    if not taken_over and (asked := feedback.asked_by_code(turn, text)):
        return replace(turn, action=asked)
    if chosen := _chosen(turn, text) or staff.read(turn, text):
        return replace(turn, action=chosen)
    writes_tip = turn.conversation.focus.task is Task.TIP
    if not writes_tip and tips.seems_forwarded(turn, text):
        return replace(turn, action=Action(Verb.TIP_TRUE))
    understood = turn.knowledge.understand(text, Context(topic=turn.conversation.topic))
    turn = replace(turn, understood=understood)
    if taken_over and understood.kind is not Kind.EMERGENCY and understood.command not in _DURING_TAKEOVER:
        return replace(turn, action=Action(Verb.HANDED_ON))
    if understood.kind is Kind.COMMAND and understood.command:
        return replace(turn, action=_command(turn, understood.command))
    if writes_tip:  # a tip that warns of swindlers is no report of one
        return replace(turn, action=Action(Verb.TIP_WORDS))
    answered = understood.decision is Decision.ANSWER
    if not answered and (action := _of_the_walk(turn, text)):
        return replace(turn, action=action)
    if feedback.waits_for(turn, understood):
        return replace(turn, action=Action(Verb.WRITTEN))
    if understood.kind not in _URGENT and (action := _of_days_and_places(turn, text, answered=answered)):
        return replace(turn, action=action)
    if _waited_for(turn, text, understood):
        return replace(turn, action=Action(Verb.WORDS))
    return replace(turn, action=Action(_KINDS.get(understood.kind, Verb.ASKED)))


def _command(turn: Turn, name: str) -> Action:
    """A word such as "quay lại" or "xong": it means the walk if there is one in focus."""
    if turn.conversation.focus.task is Task.WALK and (action := walks.spoken(turn, name)):
        return action
    topic = turn.conversation.topic or ""
    if name == "bring":
        if turn.records.booked():
            return Action(Verb.AP_PAPERS)
        return Action(Verb.ABOUT, (topic, Facet.DOCUMENTS)) if topic in turn.knowledge.content else Action(Verb.LIST)
    if turn.conversation.focus.task is Task.CASE and name in {"stop", "back"}:
        return Action(Verb.LET_BE)
    if name == "looks-different":
        return Action(Verb.LEAVE_WORDS, (CaseKind.CONTENT,))
    if name == "begin":
        return Action(Verb.BEGIN, (topic,)) if topic in turn.knowledge.content.guides else Action(Verb.LIST)
    return Action(_COMMANDS.get(name, Verb.WALKS))


def _of_the_walk(turn: Turn, text: str) -> Action | None:
    """After something else was asked midway, the words (never the digits) of the walk's own buttons still count."""
    if turn.conversation.focus.task is not Task.WALK:
        return None
    button = _named(walks.own_buttons(turn), text, turn.knowledge.content.lexicon.politeness)
    return decode(button.payload) if button else None


def _of_days_and_places(turn: Turn, text: str, *, answered: bool) -> Action | None:
    """What these words say of an appointment, or of where somebody lives. `answered`: they are a question too."""
    if booking.waits_for(turn, text, answered=answered):
        return Action(Verb.AP_WORDS)
    if booking.is_said(turn, text, answered=answered):
        return Action(Verb.AP_SAID)
    return None if answered else homes.read(turn, text)


def _waited_for(turn: Turn, text: str, understood: Understood) -> bool:
    """True if the focus waits for free text and this may be it, rather than a question asked midway."""
    focus = turn.conversation.focus
    if focus.task is not Task.WALK or understood.kind in _URGENT:
        return False
    if hides_something(text):  # an identity number or a telephone is neither a name nor a dossier code
        return False
    if focus.state in {WalkState.ENDING, WalkState.CODE}:
        return walks.may_be_code(turn.inbound.raw or text)
    if focus.state in {WalkState.STEP, WalkState.STUCK}:
        return walks.is_code(text)
    return focus.state == WalkState.NAMING and (
        walks.may_be_name(text) and understood.kind is Kind.QUESTION and understood.decision is not Decision.ANSWER
    )


# --- choices --------------------------------------------------------------------------------------------------


def _chosen(turn: Turn, text: str) -> Action | None:
    """The action of the offered choice that is named by its number or by its words."""
    offered = turn.conversation.offered
    politeness = turn.knowledge.content.lexicon.politeness
    folded = fold(text).strip()
    place = _number(text, politeness)
    if place is None:
        place = _ordinal(text, politeness, len(offered))
    if place is not None:
        if 1 <= place <= len(offered):
            return decode(offered[place - 1].payload)
        return Action(Verb.NO_SUCH_NUMBER) if offered and not booking.waits_for_number(turn) else None
    if _SEVERAL.fullmatch(folded):
        return _several(offered, [int(number) for number in re.findall(r"\d+", folded)])
    button = _named(offered, text, politeness) or _named_in_slang(turn, text)
    return decode(button.payload) if button else None


def _named_in_slang(turn: Turn, text: str) -> Button | None:
    """As `_named`, after "dc roi" was spelt out. Not where data would be erased: there only plain words count."""
    if turn.conversation.focus.task is Task.ERASE or len(words(text)) > _SHORT:
        return None
    knowledge = turn.knowledge
    return _named(turn.conversation.offered, knowledge.index.mended(text), knowledge.content.lexicon.politeness)


def _number(text: str, politeness: tuple[str, ...]) -> int | None:
    """The one number in these words, if there is nothing else but "số", "chọn" … and polite words around it."""
    typed = words(text)
    said = [
        _SPELLED.get(fold(word), word) if same_word(before, "số") else word
        for before, word in zip(["", *typed], typed, strict=False)
    ]
    numbers = [word for word in said if _DIGITS.fullmatch(word)]
    if len(numbers) != 1:
        return None
    around = (*_BEFORE_DIGITS, *politeness)
    alone = all(word in numbers or any(same_word(word, other) for other in around) for word in said)
    return int(numbers[0]) if alone else None


def _ordinal(text: str, politeness: tuple[str, ...], offered: int) -> int | None:
    """The place that "cái thứ hai" or "việc cuối cùng" means, with nothing but polite words around it."""
    typed, allowed = words(text), (*_AROUND_ORDINAL, *politeness)
    for start in range(len(typed)):
        for end in range(start + 2, min(len(typed), start + 4) + 1):
            found = _ORDINAL.fullmatch(fold(" ".join(typed[start:end])))
            around = (*typed[:start], *typed[end:])
            if not found or not all(any(same_word(word, other) for other in allowed) for word in around):
                continue
            named = found[1]
            place = _ORDINALS.get(named) or int(_SPELLED.get(named, named if named.isdecimal() else "0"))
            if place:
                return place if place > 0 else offered
    return None


def _several(offered: tuple[Button, ...], places: list[int]) -> Action | None:
    """Several papers ticked at once; several of anything else is no choice."""
    actions = [decode(offered[place - 1].payload) for place in places if 1 <= place <= len(offered)]
    ticks = [action for action in actions if action and action.verb is Verb.TICK]
    if not ticks or len(ticks) < len(places):
        return Action(Verb.NO_SUCH_NUMBER) if offered else None
    return Action(Verb.TICK_MANY, (ticks[0].args[0], *(tick.args[1] for tick in ticks)))


def _named(offered: tuple[Button, ...], text: str, politeness: tuple[str, ...]) -> Button | None:
    """The one offered button that these words name. Words that fit two buttons fit none."""
    typed = words(text)
    exact = [
        button
        for button in offered
        if any(typed and words_agree(typed, wanted, politeness) for wanted in _wordings(button))
    ]
    if exact:
        return exact[0] if len(exact) == 1 else None
    folded = fold(text)
    if len(folded) < _LONG:
        return None
    near = [button for button in offered if fuzz.ratio(folded, fold(clean(button.label))) >= _NEARLY]
    return near[0] if len(near) == 1 else None


def _wordings(button: Button) -> Iterator[tuple[str, ...]]:
    """What names this button, cut into words; a label that is all signs names nothing."""
    return filter(None, map(phrase_words, (button.label, *button.words)))


# --- the end of a turn ----------------------------------------------------------------------------------------


def _finish(turn: Turn, outcome: Outcome) -> Outcome:
    """Add what every turn shares: the welcome with its notice, the word on a flood, and what digits now mean."""
    replies = outcome.replies
    conversation = outcome.conversation
    if not conversation.welcomed:
        replies = (Reply(text=turn.knowledge.say("welcome")), *replies)
    asked_for = turn.action is not None and turn.action.verb is Verb.PICTURED
    if turn.inbound.kind is InboundKind.TEXT and not asked_for and (came_with := talk.beside_words(turn)):
        replies = (Reply(text=came_with), *replies)
    if turn.first_flooded:
        replies = (Reply(text=turn.knowledge.say("slow_down")), *replies)
    replies = _once_below(replies)
    effects = homes.counted(turn, outcome.effects)
    return replace(outcome, replies=replies, conversation=_remember(conversation, replies), effects=effects)


def _once_below(replies: tuple[Reply, ...]) -> tuple[Reply, ...]:
    """What the last message offers again is offered there only, where its numbers are right."""
    offered = {button.payload for reply in replies[-1:] for button in reply.buttons}
    above = (
        replace(reply, buttons=tuple(button for button in reply.buttons if button.payload not in offered))
        for reply in replies[:-1]
    )
    return (*above, *replies[-1:])


def _remember(conversation: Conversation, replies: tuple[Reply, ...]) -> Conversation:
    offered = replies[-1].buttons if replies else conversation.offered
    draft = conversation.draft if conversation.focus.task is Task.CASE else None
    return replace(conversation, welcomed=True, offered=offered, draft=draft)
