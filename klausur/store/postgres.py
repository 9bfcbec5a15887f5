"""PostgreSQL, by psycopg and SQLAlchemy's asyncio, which needs greenlet. Imported only where DATABASE_URL asks for it.

What we rely on in SQLite holds here too:

- One writer at a time. Rules are judged on what was read, so nothing may change between reading and writing. Writers of
  this process queue up in front of one lock, and those of all processes (commands, a server on another data folder) in
  front of an advisory lock, which ends with its transaction. So READ COMMITTED is enough: every statement after the
  lock sees all that earlier writers have committed, and there is nobody to conflict with, hence nothing to retry.
  Klausur is one process for each installation; writers side by side would win little and could fail each other.
- Readers see one moment: REPEATABLE READ, which never waits for the writer.

Deleted rows leave the tables' pages when these are vacuumed; the write-ahead log and free space keep bytes of them
until PostgreSQL uses the space again. docs/guide/postgresql.md says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final, TypeVar

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, create_engine, inspect, make_url, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateSchema

from klausur.domain.errors import DatabaseTaken, StorageUnavailable
from klausur.store.lines import Lines
from klausur.store.tables import metadata
from klausur.store.unit import Alone, Database, Unit

_CONNECT_SECONDS: Final = 5
_STATEMENT_MILLISECONDS: Final = 10_000
_BUSY_MILLISECONDS: Final = 2000
"""For locks that others hold, as with SQLite."""
_GONE_MILLISECONDS: Final = 10_000
"""What we send is not acknowledged: the machine, or the way to it, is gone."""
_CONNECTIONS: Final = 6
"""For units of work."""
_FOR_THE_REST: Final = 2
"""More, for the claim, and for what is looked up or vacuumed."""
_WRITERS_TURN: Final = "SELECT pg_advisory_xact_lock(7309453171930001)"
"""Any number, as long as it stays the same from release to release."""
_BEGIN_READING: Final = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_BEGIN_WRITING: Final = f"BEGIN; {_WRITERS_TURN}".encode()
"""Told in one message: each costs a way there and back."""
_THE_ONE_SERVER: Final = 7309453171930002
"""The same for the lock that a server holds for as long as its connection stands."""
_TAKEN: Final = "another Klausur is running on it"
_OURSELVES: Final = text("SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()")
_END_OURS: Final = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = :pid AND backend_start = :started"
)
"""By its start, too: after a restart of PostgreSQL its number may be another's."""

T = TypeVar("T")


class PostgreSQL(Database):
    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = _open_engine(url)
        self._lines = Lines(self._engine, _CONNECTIONS, _CONNECT_SECONDS)
        self._turn = asyncio.Lock()
        self._owes_scrub = False
        self._claim: AsyncConnection | None = None
        self._claimed_by: dict[str, Any] | None = None
        """PostgreSQL's process behind the claim, the present one or the last."""

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Unit]:
        with _translated():
            async with self._lines.transaction(_BEGIN_READING) as do:
                yield Unit(do)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Unit]:
        with _translated():
            async with self._turn, self._lines.transaction(_BEGIN_WRITING) as do:
                yield Unit(do)

    async def look(self, question: Callable[[Connection], T]) -> T:
        async with _connected(self._engine) as connection:
            answer = await connection.run_sync(question)
            await connection.commit()
            return answer

    async def scrub(self, *, deleted: bool) -> None:
        self._owes_scrub |= deleted
        if not self._owes_scrub:
            return
        # VACUUM cannot run within a transaction, and needs no turn: it does not hold writers up.
        async with _connected(self._engine.execution_options(isolation_level="AUTOCOMMIT")) as connection:
            await connection.execute(text(f"VACUUM {', '.join(metadata.tables)}"))
        self._owes_scrub = False

    async def claim(self) -> None:
        """Waits as for any lock: of a server that was killed PostgreSQL may hear a moment later."""
        if self._claim is not None and await _stands(self._claim):
            return
        await self._drop_claim()
        try:
            with _translated():
                claim = self._claim = await self._engine.execution_options(isolation_level="AUTOCOMMIT").connect()
                if self._claimed_by is not None:
                    # PostgreSQL may not have heard yet that the connection is gone, by which we had it.
                    await claim.execute(_END_OURS, self._claimed_by)
                await claim.execute(text(f"SELECT pg_advisory_lock({_THE_ONE_SERVER})"))
                pid, started = (await claim.execute(_OURSELVES)).one()
                self._claimed_by = {"pid": pid, "started": started}
        except StorageUnavailable as error:
            await self._drop_claim()
            if isinstance(error.__cause__, DBAPIError) and isinstance(error.__cause__.orig, LockNotAvailable):
                raise DatabaseTaken(_TAKEN) from error
            raise

    async def _drop_claim(self) -> None:
        """Not back into the pool: it may still hold the lock, or be of no use."""
        claim, self._claim = self._claim, None
        if claim is not None:
            with suppress(DBAPIError):
                await claim.invalidate()
            await claim.close()

    async def close(self) -> None:
        await self._drop_claim()
        await self._lines.hang_up()
        await self._engine.dispose()


async def _stands(claim: AsyncConnection) -> bool:
    try:
        await claim.execute(text("SELECT 1"))
    except DBAPIError:
        return False
    return True


def _open_engine(url: str) -> AsyncEngine:
    """Never logs a parameter, whatever the log level."""
    return create_async_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        connect_args=_connect_args(url, _STATEMENT_MILLISECONDS),
        # Units wait for one rather than open more: others may need the server's connections too.
        pool_size=_CONNECTIONS + _FOR_THE_REST,
        max_overflow=0,
        pool_timeout=_CONNECT_SECONDS,
    )


def _connect_args(url: str, statement_milliseconds: int) -> dict[str, Any]:
    """What the address itself says wins. No limit to a statement where that is 0."""
    options = f"-c statement_timeout={statement_milliseconds} -c lock_timeout={_BUSY_MILLISECONDS}"
    # When the machine we ran on is gone, PostgreSQL is to know within a minute, and give our locks back.
    options += " -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
    ours = {
        "connect_timeout": _CONNECT_SECONDS,
        "tcp_user_timeout": _GONE_MILLISECONDS,
        "application_name": "klausur",
        "options": options,
    }
    return {name: value for name, value in ours.items() if name not in make_url(url).query}


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    with _translated():
        async with engine.connect() as connection:
            yield connection


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        raise StorageUnavailable(reason(error)) from error
    except NoConnectionLeft as error:
        raise StorageUnavailable("all connections to it are in use") from error


def reason(error: DBAPIError) -> str:
    """One line, and no value: those stand in the lines that follow, and in what is said of values themselves."""
    if isinstance(error, DataError):
        return "a value that it does not take"
    first, *_ = [*str(error.orig).strip().splitlines(), ""]
    told = first.removeprefix("connection failed: ").removeprefix("connection is bad: ")
    return " ".join(told.split()) or type(error.orig).__name__


class PostgreSQLAlone(Alone):
    def __init__(self, url: str) -> None:
        self._url = url

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        with self._connected(isolation_level="REPEATABLE READ", postgresql_readonly=True) as connection:
            yield connection

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        with self._connected() as connection, connection.begin():
            connection.exec_driver_sql(_WRITERS_TURN)
            yield connection

    @contextmanager
    def replacing(self, aside: str) -> Iterator[tuple[Connection, str]]:
        schema = aside.replace("-", "_")
        with self.changing() as connection:
            if not connection.execute(text(f"SELECT pg_try_advisory_xact_lock({_THE_ONE_SERVER})")).scalar_one():
                raise StorageUnavailable(_TAKEN)
            there = {*metadata.tables, "alembic_version"} & set(inspect(connection).get_table_names())
            if there:
                connection.execute(CreateSchema(schema))
            for table in sorted(there):
                # Its indexes, references and numbers go along.
                connection.execute(text(f"ALTER TABLE {table} SET SCHEMA {schema}"))
            yield connection, f"schema {schema}" if there else ""

    @contextmanager
    def _connected(self, **options: Any) -> Iterator[Connection]:
        engine = self._open().execution_options(**options)
        try:
            with _translated(), engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()

    def _open(self) -> Engine:
        address = make_url(self._url).set(drivername="postgresql+psycopg")
        return create_engine(
            address, hide_parameters=True, connect_args=_connect_args(self._url, 0), poolclass=NullPool
        )
