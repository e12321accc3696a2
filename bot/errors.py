"""What can go wrong, split by what to do next.

BotError
├── SettingsError   a setting is missing or makes no sense: mend it, start again
├── ContentError    content/ has mistakes: mend them; what was loaded before stays in service
├── StorageError    the database can't be used
├── FileError       a file given to a command can't be used
└── ChannelError    a platform did not take a message
    ├── TryLater    it may work after a while
    ├── Refused     it never will
    ├── Unclear     nobody knows whether it arrived
    └── Parked      it lies at the door until the person fetches it
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class BotError(Exception):
    """Something that an admin can act on; its text is Vietnamese and says how."""

    exit_code = 1


class SettingsError(BotError):
    """A setting is missing or makes no sense."""

    exit_code = 2


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One mistake in content: where it stands and what is wrong, in Vietnamese. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    entry: str  # id of the entry it is in, "" when there is none
    key: str  # dotted path inside the entry
    what: str

    def __str__(self) -> str:
        where = ".".join(part for part in (self.entry, self.key) if part)
        return f"{self.file}:{self.line}:{self.column}: {where + ': ' if where else ''}{self.what}"


class ContentError(BotError):
    """All problems of content at once."""

    exit_code = 3

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class StorageError(BotError):
    """The database can't be used."""

    exit_code = 4


class VersionMoved(StorageError):
    """Someone else changed this person's conversation meanwhile: do the turn again."""


class FileError(BotError):
    """A file given to a command can't be used."""

    exit_code = 6


class ChannelError(BotError):
    """A platform did not take a message."""

    exit_code = 5


class TryLater(ChannelError):
    """Not now. `after` is in seconds, as the platform said, or None. `ours`: we have reckoned it ourselves, and the
    platform has not asked anybody to wait."""

    def __init__(self, reason: str, after: float | None = None, *, ours: bool = False) -> None:
        super().__init__(reason)
        self.after = after
        self.ours = ours


class Refused(ChannelError):
    """Never, for this message. `gone`: for this person, until they write again."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone


class Unclear(ChannelError):
    """It was sent, but no answer came back: it may have arrived."""


class Parked(ChannelError):
    """The door can't bring it: the person fetches it, and says so."""
