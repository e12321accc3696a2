"""Whole talks, written as a citizen would hold them, through every door.

Each file in tests/conversations/ is a list of talks: a `title` and a `talk`, line by line:

    say: làm giấy khai sinh     what is typed (several lines of `say` may be given as a list)
    press: Xong                 the button of the last reply whose label contains this
    restart: true               the house is closed and opened again
    days: 3                     time passes
    becomes: officer            the person, who has written before, is given this role
    hears: [khai sinh]          each of these occurs in what came back (any reply of this line)
    misses: [lỗi]               none of these does
    buttons: [Làm từng bước]    each is offered by the last reply

    press_payload: menu         a button from long ago

A talk with `cards` has these rows of the national database in its catalogue; one with `roles` is held by someone who
has these, and not on the web, where nobody has any.

Those in guides/ walk through one procedure each and take turns at the doors; all others go through every door.
"""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.dialogue.messages import Grant, PersonId, Role
from tests.support.cards import bring_in
from tests.support.talking import DOORS, Heard, Talker

FOLDER = Path(__file__).parent / "conversations"
KEYS = {"say", "press", "press_payload", "restart", "days", "becomes", "hears", "misses", "buttons"}


def talks() -> list[Any]:
    doors, found = cycle(DOORS), []
    for file in sorted(FOLDER.rglob("*.yaml")):
        for talk in yaml.safe_load(file.read_text(encoding="utf-8")):
            through = [next(doors)] if file.parent.name == "guides" else list(DOORS)
            if "roles" in talk:
                through = [door for door in through if door != "web"]
            if any("press_payload" in line for line in talk["talk"]):
                through = [door for door in through if door != "zalo-bot"]  # it has no buttons that could be old
            found += [pytest.param(talk, door, id=f"{door}: {file.stem}: {talk['title']}") for door in through]
    return found


@pytest.mark.parametrize(("talk", "door"), talks())
async def test_the_talk_goes_as_written(talk: dict[str, Any], door: str, tmp_path: Path) -> None:
    async with DOORS[door](tmp_path) as person:
        if "cards" in talk:
            assert person.app
            await bring_in(person.app.storage, talk["cards"])
        if "roles" in talk:
            await person.say("menu")
            await give_roles(person, talk["roles"])
        last = Heard("")
        for number, line in enumerate(talk["talk"], start=1):
            assert set(line) <= KEYS, f"line {number}: {set(line) - KEYS}"
            heard = await act(person, line, last)
            last = heard[-1] if heard else last
            whole = "\n".join(map(str, heard))
            for words in line.get("hears", []):
                assert words.lower() in whole.lower(), f"line {number}: {words!r} not in:\n{whole}"
            for words in line.get("misses", []):
                assert words.lower() not in whole.lower(), f"line {number}: {words!r} in:\n{whole}"
            for label in line.get("buttons", []):
                assert any(label.lower() in shown.lower() for shown, _ in last.buttons), f"line {number}: {last}"


async def act(person: Talker, line: dict[str, Any], last: Heard) -> list[Heard]:
    heard: list[Heard] = []
    if "days" in line:
        person.pass_time(timedelta(days=line["days"]))
    if "becomes" in line:
        await person.becomes(Role(line["becomes"]))
    if line.get("restart"):
        heard += await person.restart()
    said = line.get("say", [])
    for text in said if isinstance(said, list) else [said]:
        heard += await person.say(str(text))
    if "press" in line:
        heard += await person.press(last.payload(line["press"]))
    if "press_payload" in line:
        heard += await person.press(line["press_payload"])
    if {"say", "press", "press_payload"} & set(line):
        assert heard, f"no answer to {line}"
    return heard


async def give_roles(person: Talker, roles: list[str]) -> None:
    """Whoever has spoken in this house holds these roles from now on."""
    assert person.app
    with sqlite3.connect(person.app.settings.data_dir / "camtay.db") as database:
        known = [PersonId(id_) for (id_,) in database.execute("SELECT id FROM persons")]
    for someone in known:
        for role in roles:
            now = person.app.clock.now()
            await person.app.storage.grant(someone, Grant(role=Role(role)), "test", now)
