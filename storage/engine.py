"""SQLite as we use it: one writer thread, a few readers, write-ahead log, every commit on disk."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bot.errors import StorageError

T = TypeVar("T")

BUSY_MS = 5_000  # what another process may hold the file before we give up
BATCH = 64  # jobs that may share one commit
READERS = 4
URGENT, USUAL, LAST = range(3)  # whose turn it is at the writer


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode whose rows are read by name."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_MS / 1000)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # an accepted message survives a power cut
    # The log is folded into the file every 32 MB: at the usual 4 MB a busy hour would do so ten times a second.
    connection.execute("PRAGMA wal_autocheckpoint = 8000")
    connection.execute("PRAGMA cache_size = -16000")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # erased is erased, in free pages too
    return connection


Job = Callable[[sqlite3.Connection], Any]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A job, and the future of whoever waits for it on their event loop."""

    job: Job
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


class Writer:
    """The only thread that writes. Jobs that wait together share one commit; each is all or nothing by itself."""

    def __init__(self, path: Path) -> None:
        self._connection = connect(path)
        self._jobs: queue.PriorityQueue[tuple[int, int, _Waiting | None]] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._thread = threading.Thread(target=self._run, name="storage-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[sqlite3.Connection], T], *, urgent: bool = False) -> asyncio.Future[T]:
        """Run the job in a transaction. The future, of the running event loop, is done only when it is committed.

        An urgent one goes before those that wait already; otherwise they keep their order.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._put(URGENT if urgent else USUAL, _Waiting(job, future, loop))
        return future

    def close(self) -> None:
        self._put(LAST, None)
        self._thread.join()
        self._connection.close()

    def _put(self, turn: int, waiting: _Waiting | None) -> None:
        self._jobs.put((turn, next(self._numbers), waiting))

    def _run(self) -> None:
        while (first := self._jobs.get()[-1]) is not None:
            batch, last = [first], False
            while len(batch) < BATCH and not self._jobs.empty():
                waiting = self._jobs.get()[-1]  # nobody else takes from the queue
                if waiting is None:
                    last = True
                    break
                batch.append(waiting)
            self._settle(self._commit_together(batch))
            if last:
                return

    def _commit_together(self, batch: list[_Waiting]) -> list[tuple[_Waiting, Any, Exception | None]]:
        """What became of each: its result, or its error."""
        connection = self._connection
        became: list[tuple[_Waiting, Any, Exception | None]] = []
        try:
            connection.execute("BEGIN IMMEDIATE")
            for waiting in batch:
                connection.execute("SAVEPOINT job")
                try:
                    became.append((waiting, waiting.job(connection), None))
                except Exception as error:
                    connection.execute("ROLLBACK TO job")
                    became.append((waiting, None, _ours(error)))
                connection.execute("RELEASE job")
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            return [(waiting, None, _ours(error)) for waiting in batch]
        return became

    @staticmethod
    def _settle(became: list[tuple[_Waiting, Any, Exception | None]]) -> None:
        """Tell those who wait, waking each event loop once."""
        for loop in {waiting.loop for waiting, _, _ in became}:
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
                loop.call_soon_threadsafe(_tell, [one for one in became if one[0].loop is loop])


def _tell(became: list[tuple[_Waiting, Any, Exception | None]]) -> None:
    for waiting, result, error in became:
        if waiting.future.cancelled():
            continue
        if error is None:
            waiting.future.set_result(result)
        else:
            waiting.future.set_exception(error)


class Readers:
    """A few connections, each lent to one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._free: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        for _ in range(READERS):
            self._free.put(connect(path))

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of the database until the block ends."""
        with self.borrowed() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    @contextmanager
    def borrowed(self) -> Iterator[sqlite3.Connection]:
        """A connection outside any transaction."""
        connection = self._free.get()
        try:
            yield connection
        except sqlite3.Error as error:
            raise _ours(error) from error
        finally:
            self._free.put(connection)

    def close(self) -> None:
        for _ in range(READERS):
            self._free.get().close()


def _ours(error: Exception) -> Exception:
    return StorageError(f"Cơ sở dữ liệu báo lỗi: {error}") if isinstance(error, sqlite3.Error) else error
