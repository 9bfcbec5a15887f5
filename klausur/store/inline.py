"""SQLite without a thread: what it is asked, it answers within the event loop's own thread.

The usual driver hands each statement to a thread and waits for it, several times a statement. The statements of this
program take microseconds, the handing over a hundred times as long, and longer still while the interpreter is busy. So
this stands in for aiosqlite's connection, by the hook that SQLAlchemy has for it. What may really take long is not left
to SQLite: for a lock that another process holds we wait by ourselves, with everything else going on meanwhile.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from klausur.domain.errors import StorageUnavailable

_PAUSE_SECONDS: Final = 0.005


class InlineConnection:
    """As much of ``aiosqlite.Connection`` as SQLAlchemy uses. Nothing here ever waits, but for another's lock."""

    def __init__(self, file: str, busy_seconds: float) -> None:
        # Transactions are begun and ended by statements: the driver would begin them by itself, and deferred.
        self._connection = sqlite3.connect(file, timeout=0, isolation_level=None)
        self._busy_seconds = busy_seconds

    def cursor(self) -> InlineCursor:
        return InlineCursor(self._connection.cursor(), self._busy_seconds)

    async def create_function(self, *args: Any, **more: Any) -> None:
        self._connection.create_function(*args, **more)

    async def commit(self) -> None:
        self._connection.commit()

    async def rollback(self) -> None:
        self._connection.rollback()

    async def close(self) -> None:
        self._connection.close()

    def stop(self) -> None:
        self._connection.close()


class InlineCursor:
    def __init__(self, cursor: sqlite3.Cursor, busy_seconds: float) -> None:
        self._cursor = cursor
        self._busy_seconds = busy_seconds

    async def __aenter__(self) -> InlineCursor:
        return self

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        await self._patiently(lambda: self._cursor.execute(statement, parameters))

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> None:
        await self._patiently(lambda: self._cursor.executemany(statement, parameters))

    async def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()

    async def close(self) -> None:
        self._cursor.close()

    async def _patiently(self, do: Callable[[], object]) -> None:
        """Raises OperationalError when another process holds its lock for too long."""
        deadline: float | None = None
        loop = asyncio.get_running_loop()
        while True:
            try:
                do()
            except sqlite3.OperationalError as error:
                deadline = deadline or loop.time() + self._busy_seconds
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or loop.time() >= deadline:
                    raise
            else:
                return
            await asyncio.sleep(_PAUSE_SECONDS)


# -- what waits for the disk: for a thread of its own -----------------------------------------------------------------


def log_bytes(file: Path) -> int:
    """Size of the write-ahead log."""
    try:
        return file.with_name(f"{file.name}-wal").stat().st_size
    except OSError:
        return 0


def write_back(file: Path) -> bool:
    """The write-ahead log into the database, and empties it. False when a reader was in its way: then it still holds
    what was deleted. Raises StorageUnavailable."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise StorageUnavailable(str(error)) from error
    return not busy
