"""The database: how it is opened, and the unit of work.

SQLite answers within the event loop's own thread. A statement of ours takes microseconds; handing each to a thread and
back, as asynchronous drivers do, takes a hundred times as long, and longer still while the interpreter is busy. What
may really take long is kept out of the loop: for a lock that another process holds we wait by ourselves, and the
write-ahead log is written back to the disk in a thread.

Writers of this process queue up in front of one lock; between processes ``BEGIN IMMEDIATE`` decides.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from sqlalchemy import Connection, Engine, Executable, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from klausur.domain.errors import StorageUnavailable
from klausur.store.history import HistoryRows
from klausur.store.meetings import MeetingRows
from klausur.store.prepared import Do, Prepared
from klausur.store.seats import SeatRows, TicketRows

_BEGIN_READING: Final = Prepared(text("BEGIN DEFERRED"))
_BEGIN_WRITING: Final = Prepared(text("BEGIN IMMEDIATE"))
_BUSY_MILLISECONDS = 2000
_BUSY_PAUSE_SECONDS: Final = 0.005
_LONG_LOG_BYTES = 4 * 1024 * 1024
"""Of the write-ahead log; from then on it is written back with the next clean-up."""

T = TypeVar("T")


class Unit:
    def __init__(self, connection: Connection) -> None:
        async def run(statement: Executable | Prepared, parameters: Any = None) -> Any:
            if isinstance(statement, Prepared):
                return statement.run(connection, parameters)
            return connection.execute(statement, parameters)

        do = cast(Do, run)
        self.meetings = MeetingRows(do)
        self.seats = SeatRows(do)
        self.tickets = TicketRows(do)
        self.history = HistoryRows(do)


class Database:
    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = open_engine(url)
        self._turn = asyncio.Lock()
        self._idle: list[Connection] = []
        """Kept, because SQLAlchemy takes as long to lend one as SQLite to answer three times."""
        self._owes_scrub = False

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Unit]:
        with self._connected() as connection, connection.begin() as transaction:
            _BEGIN_READING.run(connection, {})
            try:
                yield Unit(connection)
            finally:
                transaction.rollback()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Unit]:
        async with self._turn:
            with self._connected() as connection, connection.begin():
                # Takes the write lock: what is read in this block cannot change under it.
                await _begin_writing(connection)
                yield Unit(connection)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        connection: Connection | None = None
        try:
            connection = self._idle.pop() if self._idle else self.engine.connect()
            yield connection
        except IntegrityError:
            raise
        except DBAPIError as error:
            # Not used again: who knows in which state it is.
            if connection is not None:
                connection.close()
                connection = None
            # Read-only, locked, disk full, damaged, gone: whichever it is, the client can only come back later,
            # and the operator finds the reason in the log.
            raise StorageUnavailable(str(error.orig)) from error
        finally:
            if connection is not None:
                connection.rollback()
                self._idle.append(connection)

    async def look(self, question: Callable[[Connection], T]) -> T:
        with self._connected() as connection:
            return question(connection)

    async def answers(self) -> bool:
        """Whether it can be written to, not only read.

        A full disk lets a transaction begin, and write as long as nothing is committed: so as much as the largest card
        goes in and out again, and is committed.
        """
        try:
            async with self.writing() as unit:
                await unit.meetings.probe()
        except StorageUnavailable:
            return False
        return True

    async def writable(self) -> bool:
        """Whether a write may begin, whatever tables there are."""
        try:
            async with self.writing():
                return True
        except StorageUnavailable:
            return False

    async def scrub(self, *, deleted: bool) -> None:
        self._owes_scrub |= deleted
        file = file_of(self.url)
        if self._owes_scrub or await asyncio.to_thread(_log_bytes, file) > _LONG_LOG_BYTES:
            async with self._turn:
                self._owes_scrub = not await asyncio.to_thread(_write_back, file)

    async def close(self) -> None:
        while self._idle:
            self._idle.pop().close()
        self.engine.dispose()


def file_of(url: str) -> Path:
    """Where SQLite keeps it."""
    return Path(make_url(url).database or "").absolute()


def open_engine(url: str) -> Engine:
    """Never logs a parameter, whatever the log level."""
    address = make_url(url).set(drivername="sqlite")
    # As many connections as there are units at once: waiting for one would stop everything.
    pool: dict[str, Any] = {"pool_size": 4, "max_overflow": -1}
    # SQLite is not to wait for another's lock, and the driver not to begin transactions by itself, and deferred.
    connect_args = {"timeout": 0, "isolation_level": None}
    engine = create_engine(address, hide_parameters=True, echo=False, connect_args=connect_args, **pool)
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    # Writing the log back waits for the disk: ``scrub`` does it elsewhere, long before it has so many pages.
    cursor.execute("PRAGMA wal_autocheckpoint=20000")
    cursor.execute("PRAGMA foreign_keys=ON")
    # Deleted means overwritten, not only unlinked from the table.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


async def _begin_writing(connection: Connection) -> None:
    """Raises OperationalError when another process holds the lock for too long."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + _BUSY_MILLISECONDS / 1000
    while True:
        try:
            _BEGIN_WRITING.run(connection, {})
        except OperationalError as error:
            busy = getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
            if not busy or clock() >= deadline:
                raise
        else:
            return
        await asyncio.sleep(_BUSY_PAUSE_SECONDS)


# -- what waits for the disk: for a thread ----------------------------------------------------------------------------


def _log_bytes(file: Path) -> int:
    """Size of the write-ahead log."""
    try:
        return file.with_name(f"{file.name}-wal").stat().st_size
    except OSError:
        return 0


def _write_back(file: Path) -> bool:
    """The write-ahead log into the database, and empties it. False when a reader was in its way: then it still holds
    what was deleted. Raises StorageUnavailable."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise StorageUnavailable(str(error)) from error
    return not busy
