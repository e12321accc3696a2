"""Logs as facts: a fixed message with fields, one JSON object a line, and never a citizen's words."""

from __future__ import annotations

import json
import logging
import re
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from bot.privacy import mask

MAX_BYTES, BACKUPS = 5_000_000, 3
_MAY_BE_PERSONAL = re.compile(r"\d.*\d.*\d.*\d|@")  # what has none of this needs no closer look


def log_to(file: Path, level: str) -> None:
    """Write the process's log to that file, turned over at 5 MB. OSError if it can't be written."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(file, maxBytes=MAX_BYTES, backupCount=BACKUPS, encoding="utf-8", delay=False)
    handler.setFormatter(OneObjectALine())
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            where_it_failed,
            masked,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


class OneObjectALine(logging.Formatter):
    """Our own records are JSON already. Of a library's only the facts are kept: its arguments and its exception's
    message may quote what somebody sent."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        if record.name.split(".")[0] in {"bot", "content", "storage"}:
            return record.getMessage()
        facts = {"event": str(record.msg), "logger": record.name, "level": record.levelname.lower()}
        if record.exc_info and record.exc_info[0]:
            facts["error"] = record.exc_info[0].__name__
        return json.dumps(facts, ensure_ascii=False)


def masked(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Mask personal numbers that found their way into a field."""
    return {
        key: mask(value) if isinstance(value, str) and _MAY_BE_PERSONAL.search(value) else value
        for key, value in event.items()
    }


def where_it_failed(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """An exception as its type and the lines it came through. Its message stays out: it may quote a citizen."""
    info: Any = event.pop("exc_info", None)
    if info is True:
        import sys

        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["at"] = _frames(error.__traceback__)
    return event


def _frames(traceback: TracebackType | None) -> list[str]:
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{Path(code.co_filename).name}:{traceback.tb_lineno}:{code.co_name}")
        traceback = traceback.tb_next
    return frames
