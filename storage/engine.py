"""SQLite as we use it: one writer thread, a few readers, write-ahead log, every commit on disk."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from bot.errors import StorageError

T = TypeVar("T")

BUSY_MS = 5_000  # what another process may hold the file before we give up
BATCH = 64  # jobs that may share one commit
READERS = 4


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode whose rows are read by name."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_MS / 1000)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # an accepted message survives a power cut
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # erased is erased, in free pages too
    return connection


class Writer:
    """The only thread that writes. Jobs that wait together share one commit; each is all or nothing by itself."""

    def __init__(self, path: Path) -> None:
        self._connection = connect(path)
        self._jobs: queue.SimpleQueue[tuple[Callable[[sqlite3.Connection], Any], Future[Any]] | None] = (
            queue.SimpleQueue()
        )
        self._thread = threading.Thread(target=self._run, name="storage-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Run the job in a transaction. The future is done only when it is committed."""
        future: Future[T] = Future()
        self._jobs.put((job, future))
        return future

    def close(self) -> None:
        self._jobs.put(None)
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while (first := self._jobs.get()) is not None:
            batch, last = [first], False
            while len(batch) < BATCH:
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if job is None:
                    last = True
                    break
                batch.append(job)
            self._commit_together(batch)
            if last:
                return

    def _commit_together(self, batch: list[tuple[Callable[[sqlite3.Connection], Any], Future[Any]]]) -> None:
        connection = self._connection
        settled: list[Callable[[], None]] = []
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job, future in batch:
                connection.execute("SAVEPOINT job")
                try:
                    result = job(connection)
                except Exception as error:
                    connection.execute("ROLLBACK TO job")
                    settled.append(lambda future=future, error=error: future.set_exception(_ours(error)))  # type: ignore[misc]
                else:
                    settled.append(lambda future=future, result=result: future.set_result(result))  # type: ignore[misc]
                connection.execute("RELEASE job")
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            for _, future in batch:
                future.set_exception(_ours(error))
            return
        for settle in settled:
            settle()


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
