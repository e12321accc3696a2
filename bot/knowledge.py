"""All that the bot knows, as one immutable object: swapped whole when content changes, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import structlog

from bot.dialogue.messages import Button
from bot.understanding import Context, Index, Understood
from bot.understanding.meaning import Meaning, NoMeaning
from bot.understanding.prepared import prepared
from content import FOLDER, Content, load, stamp

log = structlog.get_logger()


def meaning(wanted: bool) -> Meaning | None:
    """The language model, if it is wanted and can be had; else the log says what is missing, and we do without."""
    if not wanted:
        return None
    try:
        return Meaning.load()
    except NoMeaning as error:
        log.warning("no language model", why=f"CAMTAY_SEMANTIC: {error} Bot vẫn hiểu theo cách thường.")
        return None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Content, and the index to find things in it."""

    content: Content
    index: Index
    site: str  # the address of the commune's site; empty where none is served
    common: Mapping[str, str]  # what every phrase may name: the commune, its counter, its hotline

    @classmethod
    def of(
        cls, content: Content, kept_in: Path | None = None, site: str = "", meaning: Meaning | None = None
    ) -> Self:
        """What this content makes of us; its index is read from, or kept in, that folder."""
        locality = content.locality
        index = prepared(content, kept_in) if kept_in else Index.build(content)
        index.meaning = meaning
        return cls(
            content=content,
            index=index,
            site=site,
            common={
                "commune": locality.name,
                "province": locality.province,
                "counter_name": locality.counter.name,
                "counter_address": locality.counter.address,
                "counter_phone": locality.counter.phone,
                "counter_hours": locality.counter.hours_text,
                "police": locality.police,
                "hotlines": "\n".join(
                    f"☎ {line.name}: {line.number}" + (f" ({line.note})" if line.note else "")
                    for line in locality.hotlines
                ),
            },
        )

    def understand(self, text: str, context: Context) -> Understood:
        return self.index.understand(text, context)

    def say(self, key: str, **slots: object) -> str:
        """One of the bot's own sentences. KeyError for a key that content lacks, which `check` refuses."""
        return self.content.phrases.say[key].format_map({**self.common, **slots})

    def title(self, id_: str) -> str:
        """The full name of a procedure or topic, even of one that content no longer has."""
        return self.content.title(id_) if id_ in self.content else self.say("former")

    def short(self, id_: str) -> str:
        """Its name as it fits a button."""
        return self.content.short(id_) if id_ in self.content else self.say("former")

    def choice(self, id_: str) -> str:
        """What it is among its neighbours, worded by what differs ("Mất, hỏng thẻ căn cước"); else as `short`."""
        return self.content.choice(id_) if id_ in self.content else self.say("former")

    def button(self, key: str, payload: str, **slots: object) -> Button:
        """One of the bot's own buttons."""
        text = self.content.phrases.buttons[key]
        return Button(label=text.label.format_map(slots), payload=payload, words=text.words)


class Library:
    """The knowledge in service, and the folder it came from."""

    def __init__(
        self,
        folder: Path | None = None,
        overlay: Path | None = None,
        kept_in: Path | None = None,
        site: str = "",
        meaning: Meaning | None = None,
    ) -> None:
        """Load content; ContentError with every problem if it has any. `kept_in`: where the index may be kept;
        `site`: the address under which it is served; `meaning`: the language model, if one is used."""
        self._folder, self._overlay, self._kept_in = folder, overlay, kept_in
        self._site, self._meaning = site, meaning
        self._stamp = self._seen()
        self.knowledge = Knowledge.of(self._load(), self._kept_in, self._site, self._meaning)

    def picture(self, name: str) -> Path | None:
        """The file of that picture, the commune's own before the one that ships; None if there is none."""
        folders = [folder for folder in (self._overlay, self._folder or FOLDER) if folder]
        files = (folder / "pictures" / f"{name}.png" for folder in folders)
        return next((file for file in files if file.is_file()), None)

    def refresh(self) -> bool:
        """Load content again if its files changed; True if it was swapped.

        ContentError if the new content is refused; then what was in service stays, and the same refused files are
        not tried again until they change.
        """
        seen = self._seen()
        if seen == self._stamp:
            return False
        self._stamp = seen
        self.knowledge = Knowledge.of(self._load(), self._kept_in, self._site, self._meaning)
        return True

    def _load(self) -> Content:
        return load(self._folder, self._overlay) if self._folder else load(overlay=self._overlay)

    def _seen(self) -> object:
        return stamp(self._folder, self._overlay) if self._folder else stamp(overlay=self._overlay)
