"""SQLite: how it is opened, and one writer at a time.

It answers within the event loop's own thread. A statement of ours takes microseconds; handing each to a thread and
back, as asynchronous drivers do, takes a hundred times as long, and longer still while the interpreter is busy. What
may really take long is kept out of the loop: for a lock that another process holds we wait by ourselves, and the
write-ahead log is written back to the disk in a thread.

Writers of this process queue up in front of one lock; between processes ``BEGIN IMMEDIATE`` decides.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, cast

from sqlalchemy import Connection, Engine, Executable, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from klausur.domain.errors import StorageUnavailable
from klausur.store.prepared import Do, Prepared
from klausur.store.unit import Alone, Database, Unit

_BEGIN_READING: Final = Prepared(text("BEGIN DEFERRED"))
_BEGIN_WRITING: Final = Prepared(text("BEGIN IMMEDIATE"))
_BUSY_MILLISECONDS = 2000
_BUSY_PAUSE_SECONDS: Final = 0.005
_LONG_LOG_BYTES = 4 * 1024 * 1024
"""Of the write-ahead log; from then on it is written back with the next clean-up."""

T = TypeVar("T")


class SQLite(Database):
    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = open_engine(url)
        self._turn = asyncio.Lock()
        self._idle: list[Connection] = []
        """Kept, because SQLAlchemy takes as long to lend one as SQLite to answer three times."""
        self._owes_scrub = False

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Unit]:
        with self._connected() as connection, connection.begin() as transaction:
            _BEGIN_READING.run(connection, {})
            try:
                yield Unit(_asking(connection))
            finally:
                transaction.rollback()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Unit]:
        async with self._turn:
            with self._connected() as connection, connection.begin():
                # Takes the write lock: what is read in this block cannot change under it.
                await _begin_writing(connection)
                yield Unit(_asking(connection))

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        connection: Connection | None = None
        try:
            with _translated():
                connection = self._idle.pop() if self._idle else self._engine.connect()
                yield connection
        except StorageUnavailable:
            # Not used again: who knows in which state it is.
            if connection is not None:
                connection.close()
                connection = None
            raise
        finally:
            if connection is not None:
                connection.rollback()
                self._idle.append(connection)

    async def look(self, question: Callable[[Connection], T]) -> T:
        with self._connected() as connection:
            return question(connection)

    async def scrub(self, *, deleted: bool) -> None:
        self._owes_scrub |= deleted
        file = file_of(self.url)
        if self._owes_scrub or await asyncio.to_thread(_log_bytes, file) > _LONG_LOG_BYTES:
            # Nearly all of it while others go on writing: emptied it can only be when nobody writes, and whoever
            # joins meanwhile waits for that.
            await asyncio.to_thread(_write_back, file, "PASSIVE")
            async with self._turn:
                self._owes_scrub = not await asyncio.to_thread(_write_back, file, "TRUNCATE")

    async def claim(self) -> None:
        """A file lies on this machine: the lock of the data folder is enough."""

    async def close(self) -> None:
        while self._idle:
            self._idle.pop().close()
        self._engine.dispose()

    def file_to_make(self) -> Path | None:
        file = file_of(self.url)
        return None if os.path.lexists(file) else file


class SQLiteAlone(Alone):
    def __init__(self, url: str) -> None:
        self._url = url

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        with self._connected() as connection:
            connection.exec_driver_sql("BEGIN DEFERRED")
            yield connection

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """Tables may be rebuilt in it, whose rows would take along all that refer to them: references are judged at
        the end only."""
        with self._connected() as connection, connection.begin():
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")  # no effect from BEGIN on
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise StorageUnavailable("rows refer to others that are not there")

    @contextmanager
    def replacing(self, aside: str) -> Iterator[tuple[Connection, str]]:
        file = file_of(self._url)
        fresh, kept = file.with_name(f"{file.name}.new"), file.with_name(f"{file.name}.{aside}")
        _remove(fresh)
        try:
            with SQLiteAlone(f"sqlite:///{fresh}").changing() as connection:
                yield connection, str(kept) if file.exists() else ""
            _swap(file, fresh, kept)
        finally:
            _remove(fresh)

    def is_missing(self) -> bool:
        return not file_of(self._url).exists()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        engine = open_engine(self._url, busy_milliseconds=_BUSY_MILLISECONDS)
        try:
            with _translated(), engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()


def _asking(connection: Connection) -> Do:
    async def do(statement: Executable | Prepared, parameters: Any = None) -> Any:
        if isinstance(statement, Prepared):
            return statement.run(connection, parameters)
        return connection.execute(statement, parameters)

    return cast(Do, do)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        # Read-only, locked, disk full, damaged, gone: whichever it is, the client can only come back later,
        # and the operator finds the reason in the log.
        raise StorageUnavailable(str(error.orig)) from error


def file_of(url: str) -> Path:
    """Where SQLite keeps it."""
    return Path(make_url(url).database or "").absolute()


def open_engine(url: str, *, busy_milliseconds: int = 0) -> Engine:
    """Never logs a parameter, whatever the log level."""
    address = make_url(url).set(drivername="sqlite")
    # As many connections as there are units at once: waiting for one would stop everything.
    pool: dict[str, Any] = {"pool_size": 4, "max_overflow": -1}
    # SQLite is not to wait for another's lock, and the driver not to begin transactions by itself, and deferred.
    connect_args = {"timeout": busy_milliseconds / 1000, "isolation_level": None}
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


def _write_back(file: Path, how: Literal["PASSIVE", "TRUNCATE"] = "TRUNCATE") -> bool:
    """The write-ahead log into the database; ``TRUNCATE`` also empties it. False when a reader was in its way: then it
    still holds what was deleted. Raises StorageUnavailable."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            busy, _, _ = connection.execute(f"PRAGMA wal_checkpoint({how})").fetchone()
    except sqlite3.Error as error:
        raise StorageUnavailable(str(error)) from error
    return not busy


def _swap(file: Path, fresh: Path, kept: Path) -> None:
    """Raises StorageUnavailable; then nothing has changed."""
    try:
        _write_back(fresh)
        if not file.exists():
            fresh.rename(file)
        elif _write_back(file):
            file.rename(kept)
            try:
                fresh.rename(file)
            except OSError:
                kept.rename(file)
                raise
        else:
            raise StorageUnavailable("another program reads it")
    except OSError as error:
        raise StorageUnavailable(f"{error.filename}: {error.strerror}") from error


def _remove(file: Path) -> None:
    """And what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
