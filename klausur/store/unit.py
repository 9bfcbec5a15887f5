"""The database: how it is opened, and the unit of work.

Writers of this process queue up in front of one lock instead of in SQLite's busy handler, which would hold a thread
each; between processes ``BEGIN IMMEDIATE`` and the busy timeout decide.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from klausur.domain.errors import StorageUnavailable
from klausur.store.history import HistoryRows
from klausur.store.inline import InlineConnection, log_bytes, write_back
from klausur.store.meetings import MeetingRows
from klausur.store.seats import SeatRows, TicketRows

_BUSY_MILLISECONDS = 2000
_LONG_LOG_BYTES = 4 * 1024 * 1024
"""Of the write-ahead log; from then on it is written back with the next clean-up."""

T = TypeVar("T")


class Unit:
    def __init__(self, connection: AsyncConnection) -> None:
        self.meetings = MeetingRows(connection)
        self.seats = SeatRows(connection)
        self.tickets = TicketRows(connection)
        self.history = HistoryRows(connection)


class Database:
    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = open_engine(url)
        self._turn = asyncio.Lock()
        self._owes_scrub = False

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Unit]:
        async with self._connected() as connection:
            await begin(connection, "DEFERRED")
            yield Unit(connection)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Unit]:
        async with self._turn, self._connected() as connection, connection.begin():
            # Takes the write lock: what is read in this block cannot change under it.
            await begin(connection, "IMMEDIATE")
            yield Unit(connection)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self.engine.connect() as connection:
                yield connection
        except IntegrityError:
            raise
        except (DBAPIError, PoolExhausted) as error:
            # Read-only, locked, disk full, damaged, gone: whichever it is, the client can only come back later,
            # and the operator finds the reason in the log.
            raise StorageUnavailable(str(getattr(error, "orig", error))) from error

    async def look(self, question: Callable[[Connection], T]) -> T:
        async with self._connected() as connection:
            return await connection.run_sync(question)

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
        if self.engine.dialect.name != "sqlite":
            return
        file = file_of(self.url)
        if self._owes_scrub or await asyncio.to_thread(log_bytes, file) > _LONG_LOG_BYTES:
            # It waits for the disk, which nothing in the event loop's thread may do.
            async with self._turn:
                self._owes_scrub = not await asyncio.to_thread(write_back, file)

    async def close(self) -> None:
        await self.engine.dispose()


def file_of(url: str) -> Path:
    """Where SQLite keeps it."""
    return Path(make_url(url).database or "").absolute()


def open_engine(url: str) -> AsyncEngine:
    """Never logs a parameter, whatever the log level."""
    pool = {"pool_size": 4, "max_overflow": 0, "pool_timeout": 5}
    connect_args = {"async_creator_fn": _creator} if url.startswith("sqlite") else {}
    engine = create_async_engine(url, hide_parameters=True, echo=False, connect_args=connect_args, **pool)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare)
    return engine


async def _creator(file: str, **_: Any) -> InlineConnection:
    return InlineConnection(file, _BUSY_MILLISECONDS / 1000)


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


async def begin(connection: AsyncConnection, how: str) -> None:
    """A statement, not a listener: with one on the engine SQLAlchemy would look for more at each execution."""
    if connection.dialect.name == "sqlite":
        await connection.exec_driver_sql(f"BEGIN {how}")
