"""The terminal's door as a real process: what goes in and out, how it ends, and what an admin is told."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.channels.console import ConsoleDoor, Line
from bot.dialogue.messages import InboundKind

ROOT = Path(__file__).parents[1]
LIMIT = 60  # seconds; a process that takes longer hangs


def environment(folder: Path, **changed: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("CAMTAY_")}
    return {**kept, "CAMTAY_DATA_DIR": str(folder), "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT), **changed}


def chat(
    folder: Path, *lines: object, name: str = "ba", options: tuple[str, ...] = ("--json",), **changed: str
) -> subprocess.CompletedProcess[bytes]:
    """A whole conversation: these lines in, the end of input, and what came out."""
    typed = b"".join((line if isinstance(line, bytes) else text(line).encode()) + b"\n" for line in lines)
    return subprocess.run(
        [sys.executable, "-m", "bot", "chat", "--as", name, *options],
        input=typed,
        capture_output=True,
        timeout=LIMIT,
        cwd=folder.parent,
        env=environment(folder, **changed),
        check=False,
    )


def text(line: object) -> str:
    return line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)


def replies(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def refused(done: subprocess.CompletedProcess[bytes], code: int, *words: str) -> None:
    """It ended with that code and a Vietnamese sentence, and with no traceback and no answer."""
    said = done.stderr.decode()
    assert done.returncode == code, said
    assert "Traceback" not in said
    assert done.stdout == b""
    for word in words:
        assert word in said


@pytest.fixture(scope="session")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a house that has run before: it has its database, and has built its index."""
    folder = tmp_path_factory.mktemp("used") / "data"
    assert replies(chat(folder)) == []
    return folder


@pytest.fixture
def folder(tmp_path: Path, used: Path) -> Path:
    """A folder to live in. Nobody has spoken there yet, but it need not be set up anew."""
    return shutil.copytree(used, tmp_path / "data")


# --- lines in, lines out --------------------------------------------------------------------------------------


def test_a_conversation_goes_through_the_real_process(folder: Path) -> None:
    said = replies(
        chat(
            folder,
            "con toi moi sinh 2 tuan gio lam giay to gi",
            "",
            "   ",
            {"say": "1"},
            {"press": "menu"},
            b"\xff\xfe khong phai utf-8",
            '{"press": 7}',
            "{không phải json",
            "[1, 2]",
            {"press": "gia:mao"},
            {"start": "thuong-tru"},
            "x" * 100_000,
        )
    )

    for reply in said:
        assert set(reply) == {"re", "text", "buttons", "image"}
        assert reply["text"].strip()
        assert all(set(button) == {"label", "payload"} for button in reply["buttons"])
    numbers = [reply["re"] for reply in said]
    assert numbers == sorted(numbers)
    assert set(numbers) == {1, 4, 5, 6, 7, 8, 9, 10, 11, 12}, "every line is answered but the blank ones"
    assert numbers.count(1) == 2, "the welcome and the answer"
    assert "Nộp trên mạng" in [button["label"] for reply in said if reply["re"] == 4 for button in reply["buttons"]]
    assert "Bác cần làm việc gì" in next(reply["text"] for reply in said if reply["re"] == 5)
    assert "THƯỜNG TRÚ" in next(reply["text"] for reply in said if reply["re"] == 11)


def test_a_button_of_one_run_is_pressed_in_the_next_and_an_id_is_known_again(folder: Path) -> None:
    first = replies(chat(folder, {"say": "khai sinh", "id": "a1"}, {"say": "khai sinh", "id": "a1"}))
    assert [reply["re"] for reply in first] == ["a1", "a1"]  # the welcome and the answer, once
    begin = next(button["payload"] for button in first[-1]["buttons"] if button["label"] == "Làm từng bước")

    again = replies(chat(folder, {"say": "khai sinh", "id": "a1"}, {"press": begin}, {"press": begin}))
    assert [reply["re"] for reply in again] == [2, 3]
    assert "trên mạng" in again[0]["text"]
    assert "làm dở" in again[1]["text"]

    other = replies(chat(folder, "tiếp tục", name="tu"))
    assert "Cháu giữ lời nhắn 7 ngày" in other[0]["text"], "another name is another person"
    assert "chưa có việc nào làm dở" in other[1]["text"]


def test_a_folder_that_is_not_there_yet_is_set_up_and_no_line_at_all_ends_well(tmp_path: Path) -> None:
    assert replies(chat(tmp_path / "data")) == []
    assert (tmp_path / "data" / "camtay.db").is_file()


def test_without_json_people_read_numbered_choices(folder: Path) -> None:
    done = chat(folder, "khai sinh", options=())
    shown = done.stdout.decode()

    assert done.returncode == 0
    assert "Cầm Tay. Gõ câu hỏi" in shown
    assert "  1. Làm từng bước" in shown
    assert '{"re"' not in shown


@pytest.mark.parametrize(
    "line",
    [
        '{"say": "\\ud800 khai sinh"}',
        '{"start": "\\ud800"}',
        '{"press": "\\ud800"}',
        '{"say": "khai sinh", "id": "\\ud800"}',
        '{"say": "khai sinh", "id": 7}',
        '{"say": "khai sinh", "id": true}',
        '{"say": "khai sinh", "id": "' + "x" * 5000 + '"}',
        '{"say": "a\\u0000b"}',
        "[" * 50_000,
        "{" * 50_000,
        '{"say": ' * 3000,
        '{"say": null}',
        "{}",
        '{"say": "a", "press": "menu"}',
        "null",
        "NaN",
    ],
)
def test_any_line_is_read_as_something_that_can_be_stored_and_answered(line: str) -> None:
    inbound = ConsoleDoor("ba", as_json=True).parse(Line(1, line))

    for written in (inbound.text, inbound.payload or "", inbound.event_id):
        written.encode()
        assert len(written) <= 11_000
    assert inbound.kind in InboundKind


def test_a_name_that_is_no_utf8_is_a_name_all_the_same(folder: Path) -> None:
    (first, _) = replies(chat(folder, '{"start": "\\ud800"}', name=os.fsdecode(b"\xff")))

    assert first["re"] == 1


def test_two_ids_that_differ_are_two_messages() -> None:
    door = ConsoleDoor("ba", as_json=True)

    events = [door.parse(Line(n, json.dumps({"say": "a", "id": n}))).event_id for n in range(3)]
    assert len(set(events)) == 3
    assert door.parse(Line(1, "a")).event_id != ConsoleDoor("ba").parse(Line(1, "a")).event_id


# --- what an admin is told ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("CAMTAY_LOG_LEVEL", "loud", ["CAMTAY_LOG_LEVEL", ".env.example"]),
        ("CAMTAY_CONTENT_DIR", "/khong/co/that", ["CAMTAY_CONTENT_DIR", "không có thư mục này"]),
        ("CAMTAY_DATABASE_URL", "postgres://ai/do", ["CAMTAY_DATABASE_URL", "sqlite:///"]),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(folder: Path, setting: str, value: str, words: list[str]) -> None:
    refused(chat(folder, "chào", **{setting: value}), 2, *words)


def test_broken_content_is_named_by_file_and_line(folder: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "xa"
    overlay.mkdir()
    (overlay / "locality.yaml").write_text("name: xã Mới\nkhong_co_khoa_nay: 1\n", encoding="utf-8")
    (overlay / "phrases.yaml").write_text('say:\n  menu: "Chào {ai_do}"\n', encoding="utf-8")

    refused(
        chat(folder, "chào", CAMTAY_CONTENT_DIR=str(overlay)),
        3,
        "locality.yaml:2",
        "khong_co_khoa_nay",
        "phrases.yaml:2",
    )


def test_a_database_of_a_newer_version_is_left_alone(folder: Path) -> None:
    replies(chat(folder))
    database = sqlite3.connect(folder / "camtay.db")
    database.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
        " SELECT migration_set, 'm9999_from_tomorrow', applied_at FROM _sqlite_migrations LIMIT 1"
    )
    database.commit()
    database.close()

    refused(chat(folder, "chào"), 4, "bản mới hơn", "m9999_from_tomorrow")


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "camtay.db").write_bytes(b"khong phai co so du lieu" * 100)

    refused(chat(folder, "chào"), 4, "camtay.db")
    assert (folder / "camtay.db").read_bytes().startswith(b"khong phai")


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    occupied = tmp_path / "data"
    occupied.write_text("a file stands where the folder should be")

    refused(chat(occupied, "chào"), 4, "data")


@pytest.mark.skipif(not Path("/proc/1").is_dir(), reason="no /proc here")
def test_a_folder_that_nobody_can_make_is_named(tmp_path: Path) -> None:
    refused(chat(tmp_path / "data", "chào", CAMTAY_DATA_DIR="/proc/camtay/data"), 4, "/proc/camtay")


def test_a_command_or_option_that_does_not_exist_is_no_traceback(folder: Path) -> None:
    done = chat(folder, options=("--khong-co",))

    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


# --- stopping -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_in_the_middle_is_graceful_and_loses_nothing(folder: Path, which: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "chat", "--as", "ba", "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder.parent,
        env=environment(folder),
        bufsize=0,  # with a buffer, `readline` takes more than its line, and `communicate` never sees that again
    )
    assert process.stdin
    assert process.stdout
    said = 15
    for n in range(said):
        process.stdin.write(f"khai sinh {n}\n".encode())
    process.stdin.flush()
    first = json.loads(process.stdout.readline())  # it runs, and has begun to answer
    process.send_signal(which)
    out, err = process.communicate(timeout=LIMIT)

    assert process.returncode == 0, err.decode()
    assert b"Traceback" not in err
    before = [first, *map(json.loads, out.decode().splitlines())]
    after = replies(chat(folder))
    accepted = accepted_lines(folder)
    assert accepted, "some lines were taken in"
    assert len(before) + len(after) == len(accepted) + 1, "each once, and the welcome"
    assert [reply["re"] for reply in before] == sorted(reply["re"] for reply in before)


def accepted_lines(folder: Path) -> list[Any]:
    database = sqlite3.connect(folder / "camtay.db")
    try:
        assert database.execute("SELECT count(*) FROM inbox WHERE state <> 'done'").fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM outbox WHERE state <> 'sent'").fetchone() == (0,)
        return database.execute("SELECT seq FROM inbox").fetchall()
    finally:
        database.close()


def test_whoever_reads_goes_away_and_the_process_ends_without_a_traceback(folder: Path) -> None:
    """As in `… | head -1`: what could not be shown is shown at the next start, or counted unknown."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "chat", "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder.parent,
        env=environment(folder),
    )
    assert process.stdout
    process.stdout.close()
    assert process.stdin
    process.stdin.write(b"khai sinh\nmenu\n")
    process.stdin.close()
    assert process.stderr
    said = process.stderr.read().decode()
    process.stderr.close()
    process.wait(timeout=LIMIT)

    assert "Traceback" not in said


def test_the_log_holds_facts_and_none_of_the_words(folder: Path) -> None:
    replies(chat(folder, "làm khai sinh cho cháu Tí nhà bà Sáu", "0912345678", {"press": "gia:mao:bimat"}))
    log = (folder / "camtay.log").read_text(encoding="utf-8")

    lines = [json.loads(line) for line in log.splitlines()]
    assert sum(line["event"] == "turn answered" for line in lines) == 3
    for words in ("khai sinh", "cháu Tí", "bà Sáu", "0912345678", "bimat"):
        assert words not in log
