"""How a tip reads: to those who get it, to those who write it, to those who ask whether it is true."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from rapidfuzz import fuzz

from bot.dialogue.broadcasts import CODE_LENGTH, CODE_LETTERS, BroadcastMove
from bot.dialogue.messages import LOCAL, Audience, Broadcast, Button, Progress, Reply, Role, Segment, Tell
from bot.dialogue.payloads import Verb, encode
from bot.knowledge import Knowledge
from bot.privacy import hides_something
from bot.small_numbers import shy, shy_one
from bot.understanding.text import fold, words
from content.tip_lint import lint

MARK = "MEO-"
_CODE = re.compile(rf"\bm[eẹ]o\s?[-–_]?\s?([{CODE_LETTERS}]{{{CODE_LENGTH}}})\b", re.IGNORECASE)
_SAME = 97  # rapidfuzz ratio from which a forwarded text is the tip's, lines broken and marks lost on its way
_LIKE = 80  # … from which it was meant to be
_ASKS = 12  # words; a message with a code that is no longer asks about the code, and forwards nothing
_FORWARDED = 60  # characters; a shorter text is nobody's tip


def delivered(knowledge: Knowledge, one: Broadcast) -> Reply:
    """The message as its people get it."""
    key = "tip_emergency" if one.emergency else "tip"
    buttons = (knowledge.button("tip_open", encode(Verb.TIP_OPEN, one.id)),) if one.guide else ()
    return Reply(
        text=knowledge.say(key, text=one.text, code=shown_code(one.code)),
        buttons=(*buttons, knowledge.button("tips_stop", encode(Verb.TIPS_NO))),
        image=one.image,
        image_alt=one.image_alt,
    )


def taken_back(knowledge: Knowledge, one: Broadcast) -> Reply:
    """What is said instead of a recalled one, where it can't simply vanish."""
    code = shown_code(one.code)
    if one.correction:
        return Reply(text=knowledge.say("tip_corrected", code=code, correction=one.correction))
    return Reply(text=knowledge.say("tip_taken_back", code=code))


def done_word(knowledge: Knowledge, one: Broadcast, progress: Progress) -> Reply:
    """To author and officer: it is out."""
    button = knowledge.button("tip_progress", encode(Verb.TIP_SHOW, one.id))
    text = knowledge.say("tip_done", code=shown_code(one.code), sent=few(progress.count("sent")))
    return Reply(text=text, buttons=(button,))


def told_of(knowledge: Knowledge, one: Broadcast, step: BroadcastMove, by: str) -> tuple[Tell, ...]:
    """Whoever else has to do with it hears of that move: officers of what waits for them, its author and its officer
    of what became of it."""
    open_ = (knowledge.button("tip_see", encode(Verb.TIP_SHOW, one.id)),)
    code = shown_code(one.code)
    match step:
        case BroadcastMove.SUBMIT:
            asks = Reply(text=knowledge.say("tip_asks_yes", text=one.text), buttons=open_)
            return (Tell(reply=asks, role=Role.OFFICER, places=one.segment.places),)
        case BroadcastMove.RETURN:
            text = knowledge.say("tip_returned", code=code, note=one.note)
        case BroadcastMove.APPROVE:
            text = knowledge.say("tip_approved", code=code, when=when(one))
        case BroadcastMove.PAUSE | BroadcastMove.RECALL:
            text = knowledge.say(f"tip_told_{step}", code=code)
        case _:
            return ()
    people = {one.author, one.approver} - {None, by}
    return tuple(Tell(reply=Reply(text=text, buttons=open_), person=person) for person in sorted(map(str, people)))


def about(knowledge: Knowledge, one: Broadcast, guide: str | None) -> Broadcast:
    """The tip with that guide behind its button, for those whom its field concerns."""
    entry = knowledge.content.entries.get(guide or "")
    topics = (entry.field,) if entry else ()
    return replace(one, guide=guide, segment=replace(one.segment, topics=topics))


def pictures(knowledge: Knowledge) -> dict[str, str]:
    """The pictures that guides use, which a tip may bring along: name, and what it shows."""
    guides = knowledge.content.guides.values()
    steps = (step for guide in guides for way in guide.steps for step in guide.walk_steps(way))
    return {step.picture.file: step.picture.alt for step in steps if step.picture}


def shown_code(code: str) -> str:
    """The code as it is printed: MEO-K7M2PQ."""
    return f"{MARK}{code.upper()}"


def code_in(text: str) -> str | None:
    """The code of a tip that stands in this text; None if there is none. No word is taken for one: a code has a
    digit."""
    return next((code for found in _CODE.finditer(text) if re.search(r"\d", code := found[1].lower())), None)


def few(n: int) -> str:
    """A number that singles nobody out."""
    return shy_one(n).text


def flaws(knowledge: Knowledge, text: str) -> list[str]:
    """What keeps this text from being sent."""
    content = knowledge.content
    numbers = [line.number for line in content.locality.hotlines]
    found = lint(text, content.tips.official, numbers, content.style)
    if hides_something(text):
        found.append("có số riêng đã bị che: mẹo không ghi số điện thoại, số thẻ hay thư điện tử của ai")
    return found


def whom(knowledge: Knowledge, segment: Segment) -> str:
    """The segment in words."""
    content = knowledge.content
    hamlets = {hamlet.id: hamlet.name for hamlet in content.locality.hamlets}
    fields = {field.id: field.name for field in content.procedures.fields}
    parts = [", ".join(hamlets.get(place, place) for place in segment.places) or content.locality.name]
    if segment.topics:
        parts.append("quan tâm " + ", ".join(fields.get(topic, topic) for topic in segment.topics))
    return "; ".join(parts)


def when(one: Broadcast) -> str:
    """When it is to be sent, in local time."""
    return f"{one.start_at.astimezone(LOCAL):%H:%M ngày %d/%m/%Y}" if one.start_at else "ngay khi duyệt"


CHANNELS = {
    "telegram": "Telegram",
    "web": "Trang web",
    "zalo_oa": "Zalo",
    "zalo_bot": "Zalo Bot",
    "console": "Máy này",
}
LEFT = {
    "channel": "kênh đang tắt",
    "unreachable": "đã chặn bot",
    "window": "ngoài hạn nhắn của Zalo",
    "cost": "phải trả tiền mới nhắn được",
    "weekly": "đã đủ số mẹo trong tuần",
}


def reached(audience: Audience) -> str:
    """A dry run in words: how many, on which channel, who is left out, at what cost."""
    lines = [f"• {CHANNELS.get(channel, channel)}: {few(n)} người" for channel, n in sorted(audience.reached.items())]
    lines += [f"• Không gửi cho {few(n)} người: {LEFT.get(why, why)}" for why, n in sorted(audience.left.items())]
    return "\n".join([f"Tới {few(audience.people)} người, không tốn tiền.", *lines])


def how_far(progress: Progress) -> str:
    """The sending in words."""
    ended = (
        ("sent", "đã tới"),
        ("unknown", "không rõ"),
        ("refused", "không tới được"),
        ("cancelled", "đã hủy"),
        ("expired", "quá hạn"),
        ("left", "không gửi"),
    )
    parts = {words_: n for what, words_ in ended if (n := progress.count(what))}
    if rest := progress.waiting + progress.to_come:
        parts["còn"] = rest
    told = ", ".join(f"{words_} {shown.text}" for words_, shown in shy(parts).items())
    return f"Dự kiến {few(progress.planned)}: {told or 'chưa gửi'}."


# --- is it true? --------------------------------------------------------------------------------------------------


def is_same(knowledge: Knowledge, one: Broadcast, text: str) -> bool:
    """True if that text says what the tip says: as delivered, or the author's words alone; and names no number and
    no link that the tip does not."""
    full = delivered(knowledge, one).text
    if _pieces(text) - _pieces(full):
        return False
    return max(fuzz.ratio(fold(text), fold(known)) for known in (full, one.text)) >= _SAME


def _pieces(text: str) -> set[str]:
    """What a swindler would change: numbers and links."""
    return set(re.findall(r"\d+", text)) | set(re.findall(r"(?:[\w-]+\.)+[a-z]{2,}\S*", text.lower()))


def asks_only(text: str) -> bool:
    """True if the message does no more than name a code."""
    return len(words(text)) <= _ASKS


def meant(text: str, sent: Iterable[Broadcast]) -> Broadcast | None:
    """The tip that this text was forwarded from, changed or not; None if it is like none."""
    if len(text) < _FORWARDED:
        return None
    folded = fold(text)
    near = ((fuzz.partial_ratio(fold(one.text), folded), one) for one in sent if len(one.text) >= _FORWARDED // 2)
    best = max(near, key=lambda pair: pair[0], default=(0, None))
    return best[1] if best[0] >= _LIKE else None


def picture_buttons(names: Iterable[tuple[str, str]], id_: str) -> tuple[Button, ...]:
    """A button for each picture."""
    return tuple(Button(label=label, payload=encode(Verb.TIP_SET, id_, "picture", name)) for name, label in names)
