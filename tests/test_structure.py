"""The shape of the house: who may import whom, and that nothing is said, set or offered without its other half."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.calendar import Feast
from bot.cli import main
from bot.counting import STARS
from bot.dialogue.broadcasts import BroadcastMove, Why
from bot.dialogue.messages import LOCAL, BroadcastState, Catalogue, Grant, Notice, Other, Purpose, Role, WalkStatus
from bot.dialogue.payloads import Verb
from bot.dialogue.states import WalkState
from bot.handlers import HANDLERS
from bot.knowledge import Knowledge
from bot.settings import Settings
from bot.understanding import Facet, Kind
from bot.understanding.dates import Problem
from content.models import Day, Level, PaperForm, Way
from content.wording import BUTTONS, COMMANDS, SAY
from storage import open_storage
from tests.support.cards import bring_in
from tests.support.mind import Mind

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "content", "storage")
MODULES = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def imports(file: Path) -> set[str]:
    """Every module that this file imports, whenever it does: dotted, with the names taken from packages."""
    found: set[str] = set()
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def under(*folders: str) -> list[Path]:
    return [file for file in MODULES if any(name(file).startswith(folder) for folder in folders)]


def uses(file: Path, *modules: str) -> set[str]:
    return {
        imported
        for imported in imports(file)
        if any(imported == module or imported.startswith(module + ".") for module in modules)
    }


# --- import arrows point inwards ------------------------------------------------------------------------------

OUTSIDE = ("asyncio", "aiohttp", "sqlite3", "sqlite_utils", "telegram", "structlog", "logging", "storage", "httpx")
INNER_MAY_NOT = ("bot.inbox", "bot.outbox", "bot.app", "bot.channels", "bot.cli", "bot.clock", "bot.settings")


@pytest.mark.parametrize("file", under("bot/dialogue", "bot/handlers", "bot/understanding"), ids=name)
def test_the_thinking_does_no_io(file: Path) -> None:
    assert not uses(file, *OUTSIDE, *INNER_MAY_NOT)


@pytest.mark.parametrize("file", under("bot/dialogue", "bot/handlers"), ids=name)
def test_the_thinking_has_no_clock_and_no_chance_of_its_own(file: Path) -> None:
    assert not uses(file, "time", "random", "secrets", "uuid", "os", "threading")
    called = {node.attr for node in ast.walk(parsed(file)) if isinstance(node, ast.Attribute)}
    assert not called & {"now", "today", "utcnow"} or "turn.now" in file.read_text(encoding="utf-8")
    assert "datetime.now" not in file.read_text(encoding="utf-8")
    assert "date.today" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", under("bot/understanding"), ids=name)
def test_understanding_knows_no_handler_and_no_dialogue(file: Path) -> None:
    assert not uses(file, "bot.handlers", "bot.dialogue", "bot.knowledge")


@pytest.mark.parametrize("file", under("storage"), ids=name)
def test_storage_knows_only_the_shared_words(file: Path) -> None:
    from_bot = {module for module in imports(file) if module.split(".")[0] == "bot"}
    assert all(
        module.startswith(("bot.dialogue.messages", "bot.dialogue.cases", "bot.errors")) for module in from_bot
    ), from_bot
    assert not uses(file, "content")


@pytest.mark.parametrize("file", under("content"), ids=name)
def test_content_knows_nothing_of_the_house(file: Path) -> None:
    assert not uses(file, *OUTSIDE, *INNER_MAY_NOT, "bot.dialogue", "bot.handlers", "bot.knowledge")


@pytest.mark.parametrize("file", [file for file in MODULES if name(file) != "bot/app.py"], ids=name)
def test_the_house_is_joined_in_one_place(file: Path) -> None:
    """Only the command line begins a house; nothing else reaches back to it."""
    if name(file) != "bot/cli.py":
        assert not uses(file, "bot.app", "bot.cli") or name(file) == "bot/__main__.py"


@pytest.mark.parametrize("file", under("bot"), ids=name)
def test_platform_libraries_stay_at_the_doors(file: Path) -> None:
    if not name(file).startswith(("bot/channels", "bot/desk", "bot/app.py")):
        assert not uses(file, "telegram", "aiohttp")


SQL = re.compile(
    r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+TABLE|ALTER\s+TABLE|PRAGMA\s)\b",
    re.S,
)


@pytest.mark.parametrize("file", under("bot", "content"), ids=name)
def test_sql_stays_in_storage(file: Path) -> None:
    written = [node.value for node in ast.walk(parsed(file)) if isinstance(node, ast.Constant)]
    assert not [text for text in written if isinstance(text, str) and SQL.search(text)]
    assert not uses(file, "sqlite3", "sqlite_utils")


# --- nothing without its other half ---------------------------------------------------------------------------


def documentation() -> str:
    return "\n".join(
        file.read_text(encoding="utf-8") for file in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    )


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_is_documented(command: str) -> None:
    assert f"python -m bot {command}" in documentation()


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_and_every_option_says_what_it_does(command: str) -> None:
    assert main.commands[command].help
    for parameter in main.commands[command].params:
        if parameter.param_type_name == "option" and parameter.name != "help":
            assert getattr(parameter, "help", None), f"{command} {parameter.name}"


@pytest.mark.parametrize("mentioned", sorted(set(re.findall(r"python -m bot ([a-z][a-z-]+)", documentation()))))
def test_every_documented_command_exists(mentioned: str) -> None:
    assert mentioned in main.commands


@pytest.mark.parametrize("setting", sorted(Settings.model_fields))
def test_every_setting_is_in_the_example(setting: str) -> None:
    assert f"CAMTAY_{setting.upper()}=" in (ROOT / ".env.example").read_text(encoding="utf-8")


def test_the_example_names_no_setting_that_is_none() -> None:
    named = re.findall(r"CAMTAY_([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"))

    assert set(named) == {setting.upper() for setting in Settings.model_fields}


def keys(enum: type[StrEnum], prefix: str = "") -> set[str]:
    return {prefix + value.replace("-", "_") for value in enum}


# Sentences whose key is put together from a value, and the values there are.
FAMILIES = {
    "form_": keys(PaperForm, "form_"),
    "way_": keys(Way, "way_"),
    "level_": keys(Level, "level_"),
    "other_": keys(Other, "other_"),
    "tip_state_": keys(BroadcastState, "tip_state_"),
    "tip_did_": keys(BroadcastMove, "tip_did_"),
    "tip_why_": keys(Why, "tip_why_"),
    "tip_told_": {"tip_told_pause", "tip_told_recall"},
    "purpose_": keys(Purpose, "purpose_"),
    "ap_problem_": keys(Problem, "ap_problem_"),
    "role_": keys(Role, "role_") - {"role_citizen"},
    "feast_": keys(Feast, "feast_"),
    "weekday_": keys(Day, "weekday_"),
    "clock_": {f"clock_{part}" for part in ("morning", "noon", "afternoon", "evening")},
    "place_": keys(WalkState, "place_") | keys(WalkStatus, "place_"),
}
NEVER_SAID = {
    "place_open",  # an open walk is said by its state
    "place_over",  # … and one that is over by its status
    "place_code",
    "tip_did_begin",  # time's own moves
    "tip_did_finish",
    "tip_why_sure",  # then one is asked again
    "place_stuck",  # both of these by their step: place_step
}
BY_KIND = {"greeting", "thanks", "insult", "emergency", "scam_report"}  # handlers say the kind itself
BUTTON_FAMILIES = {
    "ap_notice_": keys(Notice, "ap_notice_"),
    "ended_": {"ended_online", "ended_self", "ended_helped", "ended_counter"},
    "stars_": {f"stars_{n}" for n in STARS},
    "visit_stars_": {f"visit_stars_{n}" for n in STARS},
    "way_": {"way_online", "way_counter"},
    "tip_set_": {f"tip_set_{what}" for what in ("text", "guide", "place", "picture", "when")},
    "tip_": {"tip_now", "tip_evening", "tip_morning"},
}


def strings(files: list[Path]) -> Iterator[str]:
    for file in files:
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def said() -> set[str]:
    """Every key that code may say: those written out, those of a family, and those that are a kind of message."""
    written = set(strings(under("bot")))
    found = {key for key in SAY if key in written}
    for prefix, members in FAMILIES.items():
        if prefix in written:
            found |= members - NEVER_SAID
    return found | BY_KIND


def test_every_sentence_that_content_must_have_is_said_somewhere() -> None:
    assert set(SAY) - said() == set()


def test_every_sentence_that_code_says_content_must_have() -> None:
    called = set()
    for file in under("bot"):
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                function = node.func
                named = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
                if named == "say":
                    called.add(node.args[0].value)
    families = {key for members in FAMILIES.values() for key in members} - NEVER_SAID

    assert len(called) > 40
    assert (called | families | BY_KIND) - set(SAY) == set()


def test_every_kind_that_is_answered_by_its_name_has_a_sentence() -> None:
    assert {kind.replace("-", "_") for kind in (Kind.GREETING, Kind.THANKS, Kind.INSULT)} <= set(SAY)
    assert {kind.replace("-", "_") for kind in (Kind.EMERGENCY, Kind.SCAM_REPORT)} <= set(SAY)


def test_every_button_that_content_must_have_is_offered_somewhere() -> None:
    written = set(strings(under("bot")))
    offered = {key for key in BUTTONS if key in written} | (set(Facet) & set(BUTTONS))
    for prefix, members in BUTTON_FAMILIES.items():
        if prefix in written:
            offered |= members

    assert set(BUTTONS) - offered == set()


def test_every_command_word_means_something() -> None:
    written = set(strings(under("bot/dialogue", "bot/handlers")))

    assert set(COMMANDS) - written == set()


def test_the_shipped_phrases_have_exactly_these_keys(knowledge: Knowledge) -> None:
    phrases = knowledge.content.phrases

    assert set(phrases.say) == set(SAY)
    assert set(phrases.buttons) == set(BUTTONS)
    assert set(phrases.commands) == set(COMMANDS)


def test_every_verb_has_a_handler_and_every_handler_is_documented() -> None:
    assert set(HANDLERS) == set(Verb)
    assert all(handler.__doc__ for handler in HANDLERS.values())


# --- what the whole talks cover -------------------------------------------------------------------------------


# What the thinking alone, with one person in the talk, never meets: rows of other hands, or a citizen and an officer.
# Tried in tests/desk/ and tests/test_takeover.py.
NEED_THE_HOUSE = {
    *(HANDLERS[verb] for verb in (Verb.DESK_CODE, Verb.HANDED_ON, Verb.BOT_BACK)),
    *(HANDLERS[verb] for verb in (Verb.PHOTO, Verb.PICTURED)),  # tests/channels/test_photos.py
}


def replay(
    talk: list[dict[str, Any]], knowledge: Knowledge, catalogue: Catalogue, roles: list[str]
) -> tuple[set[Any], set[str]]:
    """The handlers that answer in this talk, and the states of a walk in which the person stands."""
    from bot.channels.base import pressed, said
    from bot.dialogue.engine import read
    from tests.support.mind import ME

    mind = Mind(knowledge, catalogue=catalogue, grants=tuple(Grant(role=Role(role)) for role in roles))
    handlers, stood = set(), set()
    for line in talk:
        mind.now += timedelta(days=line.get("days", 0))
        if "becomes" in line:
            mind.grants = (Grant(role=Role(line["becomes"])),)
        typed = line.get("say", [])
        inbounds = [said(ME, "e", str(text)) for text in (typed if isinstance(typed, list) else [typed])]
        if "press_payload" in line:
            inbounds.append(pressed(ME, "e", line["press_payload"]))
        if "press" in line:
            wanted = line["press"].lower()
            payload = next(button.payload for button in mind.last.buttons if wanted in button.label.lower())
            inbounds.append(pressed(ME, "e", payload))
        for inbound in inbounds:
            action = read(mind._turn(inbound)).action
            assert action
            handlers.add(HANDLERS[action.verb])
            mind.hears(inbound)
            stood.add(mind.state)
            stood |= {walk.state for walk in mind.walks.values()}
    return handlers, stood


async def test_every_handler_and_every_state_of_a_walk_occurs_in_a_whole_talk(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    storage = open_storage(f"sqlite:///{tmp_path / 'test.db'}", tmp_path / "hash.key")
    handlers: set[Any] = set()
    stood: set[str] = set()
    for file in sorted((ROOT / "tests" / "conversations").glob("*.yaml")):
        for talk in yaml.safe_load(file.read_text(encoding="utf-8")):
            await bring_in(storage, talk.get("cards", []))
            with storage.snapshot() as snapshot:
                answered, stood_in = replay(talk["talk"], knowledge, snapshot.catalogue(), talk.get("roles", []))
            handlers |= answered
            stood |= stood_in
    storage.close()

    handlers |= NEED_THE_HOUSE
    missing = {f"{handler.__module__}.{handler.__name__}" for handler in set(HANDLERS.values()) - handlers}
    assert missing == set()
    assert set(WalkState) - stood == set()


def test_every_shipped_guide_is_walked_to_its_end_in_a_whole_talk(knowledge: Knowledge) -> None:
    walked = set()
    for file in sorted((ROOT / "tests" / "conversations").glob("*.yaml")):
        for talk in yaml.safe_load(file.read_text(encoding="utf-8")):
            hears = [words for line in talk["talk"] for words in line.get("hears", [])]
            if "Chúc mừng" in hears or any(str(words).startswith(("H0", "G2")) for words in hears):
                walked.add(file.stem)

    assert {"khai-sinh", "thuong-tru", "chung-thuc-ban-sao", "trich-luc"} <= walked
    assert len(knowledge.content.guides) >= 4


# --- what is written about the code ---------------------------------------------------------------------------


def public(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Public classes and functions of a module, and the public methods of its public classes."""
    for child in getattr(node, "body", []):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and not child.name.startswith("_"):
            yield child.name, child
        if isinstance(child, ast.ClassDef) and not child.name.startswith("_"):
            yield child.name, child


@pytest.mark.parametrize("file", [file for file in MODULES if file.read_text(encoding="utf-8").strip()], ids=name)
def test_every_public_name_says_what_one_gets(file: Path) -> None:
    tree = parsed(file)
    bare = [found for found, node in public(tree) if not ast.get_docstring(node)]  # type: ignore[arg-type]
    if file.name == "checks.py":
        bare = []  # its rules are named after what they demand: question_ids_differ
    if not ast.get_docstring(tree) and file.name != "__main__.py":
        bare.insert(0, "the module itself")

    assert bare == []


def test_the_package_itself_is_empty() -> None:
    assert (ROOT / "bot" / "__init__.py").read_text() == ""


def tracked() -> list[Path]:
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, timeout=30
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no git checkout here")
    return [ROOT / file for file in listed.decode().split("\0") if file and (ROOT / file).is_file()]


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    """Locks carry hashes and no index addresses; nothing names a folder of whoever wrote it."""
    patterns = [
        rb"/" + rb"home/[a-z]",
        rb"/" + rb"Users/[A-Za-z]",
        rb"/" + rb"root/",
        rb"/" + rb"work/",
        rb"--(extra-)?index-" + rb"url",
        rb"pypi\." + rb"org",
        rb"files\." + rb"pythonhosted",
    ]
    found = []
    for file in tracked():
        data = file.read_bytes()
        found += [(name(file), pattern) for pattern in patterns if re.search(pattern, data)]

    assert found == []


def test_nothing_secret_and_no_data_is_tracked() -> None:
    names = {name(file) for file in tracked()}

    assert not [file for file in names if file.endswith((".db", ".key", ".log")) or file == ".env"]
    assert not [file for file in names if file.startswith(("data/", ".venv/"))]


def test_the_local_time_is_that_of_vietnam() -> None:
    assert LOCAL.key == "Asia/Ho_Chi_Minh"
