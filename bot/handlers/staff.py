"""Staff in the chat: taking up an invitation, and the way into the desk."""

from __future__ import annotations

import re

from bot.dialogue.messages import AcceptInvitation, Grant, MakeLoginLink, Outcome, Reply, Role, Turn, TypeCode
from bot.dialogue.payloads import Action, Verb
from bot.handlers.common import args, told
from bot.handlers.reminders import WEB
from bot.tokens import code_in, hashed

INVITED = "moi-"  # the deep link that an invitation is
_INVITATION = re.compile(r"m(?:ời|oi)\s+([\w-]{16,60})", re.IGNORECASE)
STAFF = {Role.VOLUNTEER, Role.OFFICER, Role.ADMIN}


def read(turn: Turn, text: str) -> Action | None:
    """What only staff type: an invitation's word, the code of a login page. None for everything else."""
    if invitation := _INVITATION.fullmatch(text.strip()):
        return Action(Verb.INVITED, (invitation[1],))
    code = code_in(turn.inbound.raw or text)
    if code and turn.records.code_waits(turn.now):
        return Action(Verb.DESK_CODE, (code,))
    return None


def invited(turn: Turn) -> Outcome:
    """Take up an invitation. A browser's address holds no role: whoever finds it open would hold it too."""
    (token,) = args(turn)
    knowledge = turn.knowledge
    if turn.inbound.address.channel == WEB:
        return told(turn, Reply(text=knowledge.say("invited_web")))
    invitation = turn.records.invitation(hashed(token), turn.now)
    if invitation is None:
        return told(turn, Reply(text=knowledge.say("invited_not")))
    role = knowledge.say(f"role_{invitation.role}")
    text = knowledge.say("invited", name=invitation.name, role=role)
    return told(turn, Reply(text=text), effects=(AcceptInvitation(token_hash=hashed(token)),))


def desk(turn: Turn) -> Outcome:
    """A way into the desk, for five minutes, for those who hold a role."""
    knowledge = turn.knowledge
    if not _is_staff(turn.records.roles()) or turn.inbound.public:
        return told(turn, Reply(text=knowledge.say("desk_not_yours")))
    token = "".join(turn.new_id() for _ in range(7))  # 280 bits
    text = knowledge.say("desk_link", link=f"{knowledge.site}/desk/vao/{token}")
    return told(turn, Reply(text=text), effects=(MakeLoginLink(token_hash=hashed(token)),))


def _is_staff(grants: tuple[Grant, ...]) -> bool:
    return any(grant.role in STAFF for grant in grants)


def code(turn: Turn) -> Outcome:
    """The code that the login page shows."""
    code_hash = hashed(args(turn)[0])
    right = turn.records.code_shown(code_hash, turn.now)
    text = turn.knowledge.say("desk_code_right" if right else "desk_code_wrong")
    return told(turn, Reply(text=text), effects=(TypeCode(code_hash=code_hash),))
