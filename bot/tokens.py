"""Secrets that people carry: links, codes, cookies. Only their hashes are kept."""

from __future__ import annotations

import hashlib
import re

CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that are read as another
CODE_LENGTH = 6
_CODE = re.compile(rf"(?:mã\s+|ma\s+)?([{CODE_LETTERS}]{{3}})[\s-]?([{CODE_LETTERS}]{{3}})", re.IGNORECASE)


def hashed(secret: str) -> str:
    """What is kept of a secret. Those of links and cookies have 256 bits, so that a plain hash hides them; a code is
    short, but lives for minutes and dies of five wrong ones."""
    return hashlib.sha256(f"camtay:{secret}".encode()).hexdigest()


def code_in(text: str) -> str | None:
    """The code that was typed, in capitals and without a hyphen; None if the text is none."""
    found = _CODE.fullmatch(text.strip())
    return (found[1] + found[2]).upper() if found else None


def shown(code: str) -> str:
    """The code as it is read: ABC-DEF."""
    return f"{code[:3]}-{code[3:]}"
