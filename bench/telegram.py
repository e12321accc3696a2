"""The Telegram door beside python-telegram-bot's own application, in one run: `make bench` writes telegram.json.

- Every call of the Bot API takes 100 ms longer; 200 people write twice, all at once. Beside us: the usual
  application, one update after the other.
- No time added: how many messages a second are answered. Beside us: a bare echo by the same library, which keeps
  nothing and thinks nothing, with the same message to send.

The Bot API server runs in this process, each bot in one of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.telegram import TOKEN, LocalTelegram

RESULTS = Path(__file__).parent / "results" / "telegram.json"
PEOPLE, EACH = 200, 2
ROUNDS = 3
ASKED = "làm giấy khai sinh cho cháu"


def echo(root: str) -> None:
    """The usual application: one handler, its message of our answer's size and buttons."""
    from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Update
    from telegram.ext import Application, ContextTypes, MessageHandler, filters

    text = "câu trả lời " * 90
    rows = [[InlineKeyboardButton(f"nút {n}", callback_data=f"about:khai-sinh:{n}")] for n in range(5)]

    async def answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.effective_message
        await update.effective_message.reply_text(
            text, reply_markup=InlineKeyboardMarkup(rows), link_preview_options=LinkPreviewOptions(is_disabled=True)
        )

    application = Application.builder().token(TOKEN).base_url(f"{root}/bot").base_file_url(f"{root}/file/bot").build()
    application.add_handler(MessageHandler(filters.TEXT, answer))
    application.run_polling()


@asynccontextmanager
async def running(who: str, root: str, folder: Path) -> AsyncIterator[None]:
    """A bot in a process of its own."""
    environment = {
        **os.environ,
        "CAMTAY_DATA_DIR": str(folder),
        "CAMTAY_PORT": "0",
        "CAMTAY_TELEGRAM_TOKEN": TOKEN,
        "CAMTAY_TELEGRAM_API_URL": root,
    }
    command = ["-m", "bot", "run"] if who == "camtay" else ["-m", "bench.telegram", "echo", root]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(sys.executable, *command, env=environment, stdout=quiet)
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        await process.wait()


class Counting(LocalTelegram):
    """Knows when as many messages came as are waited for."""

    def expect(self, messages: int) -> None:
        self._left, self._all, self.order = messages, asyncio.Event(), []  # type: ignore[var-annotated]

    def do_send_message(self, given: dict[str, Any]) -> dict[str, Any]:
        message = super().do_send_message(given)
        self.order.append(message["chat"]["id"])
        self._left -= 1
        if self._left == 0:
            self._all.set()
        return message

    async def came(self) -> None:
        async with asyncio.timeout(120):
            await self._all.wait()


async def measure(who: str, latency: float, each: int) -> float:
    """Messages answered a second."""
    server = Counting(keep_calls=False, forgetful=True)
    root = await server.start()
    people = range(1, PEOPLE + 1)
    with tempfile.TemporaryDirectory() as folder:
        async with running(who, root, Path(folder)):
            server.expect(PEOPLE * (2 if who == "camtay" else 1))  # the first answer of all comes with a welcome
            for person in people:
                server.say(ASKED, person)
            await server.came()
            await asyncio.sleep(1)
            server.latency = latency
            server.expect(PEOPLE * each)
            begun = time.perf_counter()
            for _ in range(each):
                for person in people:
                    server.say(ASKED, person)
            await server.came()
            took = time.perf_counter() - begun
    await server.stop()
    return PEOPLE * each / took


async def main() -> None:
    rates: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for who in ("echo", "camtay"):
            rates.setdefault(f"{who} 100 ms", []).append(await measure(who, 0.1, EACH))
            rates.setdefault(f"{who} 0 ms", []).append(await measure(who, 0.0, 10))
    best = {name: round(max(found), 1) for name, found in rates.items()}
    result = {
        "when": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "messages_a_second": best,
        "all_rounds": {name: [round(rate, 1) for rate in found] for name, found in rates.items()},
        "times_the_usual_application_at_100_ms": round(best["camtay 100 ms"] / best["echo 100 ms"], 2),
        "of_a_bare_echo_at_0_ms": round(best["camtay 0 ms"] / best["echo 0 ms"], 2),
    }
    RESULTS.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    print(json.dumps(result, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    if sys.argv[1:2] == ["echo"]:
        echo(sys.argv[2])
    else:
        asyncio.run(main())
