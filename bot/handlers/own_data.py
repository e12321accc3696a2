"""A person's own data: seen on asking, erased on asking twice (Law 91/2025/QH15, Decree 356/2025)."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue.messages import Conversation, Count, Focus, ForgetMe, Outcome, Reply, Task, Turn
from bot.dialogue.payloads import Verb, encode
from bot.dialogue.states import EraseMove, EraseState, TalkMove, after
from bot.handlers import casework, homes, reminders, tips, walks
from bot.handlers.common import args, in_talk, told
from bot.handlers.facts import day


def show(turn: Turn) -> Outcome:
    """All that is kept on this person, in plain words."""
    knowledge = turn.knowledge
    data = turn.records.kept_data()
    lines = [
        knowledge.say(
            "my_data",
            since=day(data.since),
            channels=", ".join(data.channels),
            messages=data.messages,
            replies=data.replies,
        )
    ]
    lines += [f"• {walks.place(turn, walk)}" for walk in data.walks]
    lines += [knowledge.say("my_appointment", line=reminders.line(knowledge, one)) for one in data.appointments]
    if data.phone:
        lines.append(knowledge.say("my_phone", last=data.phone[-3:]))
    if data.home:  # by its id, if content no longer has it
        home = homes.of(turn)
        lines.append(knowledge.say("my_home", name=home.name if home else data.home))
    if data.cases:
        lines += [knowledge.say("my_cases_kept"), *(casework.line(knowledge, case) for case in data.cases)]
    lines += [
        knowledge.say(
            "my_consent", purpose=knowledge.say(f"purpose_{purpose.replace('-', '_')}"), date=day(at.date())
        )
        for purpose, yes, at in data.consents
        if yes
    ]
    if chosen := tips.chosen_words(turn):
        where, topics = chosen
        lines.append(knowledge.say("my_tips", where=where, topics=topics))
    lines.append(knowledge.say("my_data_end"))
    buttons = (
        knowledge.button("erase", encode(Verb.ERASE)),
        knowledge.button("menu", encode(Verb.MENU)),
    )
    return told(turn, Reply(text="\n".join(lines), buttons=buttons))


def ask(turn: Turn) -> Outcome:
    """Ask once more before anything is deleted. The yes is good for this question alone."""
    question = turn.new_id()
    buttons = (
        turn.knowledge.button("erase_yes", encode(Verb.ERASE_YES, question)),
        turn.knowledge.button("erase_no", encode(Verb.ERASE_NO)),
    )
    focus = Focus(task=Task.ERASE, state=EraseState.CONFIRMING, id=question)
    reply = Reply(text=turn.knowledge.say("erase"), buttons=buttons)
    return Outcome(replies=(reply,), conversation=replace(turn.conversation, focus=focus))


def erase(turn: Turn) -> Outcome:
    """Delete everything; what is said now is the receipt. An old yes asks anew."""
    focus = turn.conversation.focus
    if focus.task is not Task.ERASE or focus.id not in args(turn):
        return ask(turn)
    after(Task.ERASE, focus.state, EraseMove.CONFIRMED)
    receipt = turn.new_id().upper()
    reply = Reply(text=turn.knowledge.say("erased", receipt=receipt))
    return Outcome(
        replies=(reply,),
        # The notice was given to someone who is no longer known here; to welcome the receipt would be odd.
        conversation=Conversation(welcomed=True),
        effects=(ForgetMe(receipt=receipt), Count(kind="erased")),
    )


def keep(turn: Turn) -> Outcome:
    """Nothing is deleted."""
    conversation = in_talk(turn.conversation, TalkMove.LEFT)
    return Outcome(replies=(Reply(text=turn.knowledge.say("erase_kept")),), conversation=conversation)
