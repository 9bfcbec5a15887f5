"""Connections to PostgreSQL that are kept, each with the driver's cursor, for units of work.

SQLAlchemy opens them, and asks on them what is asked seldom. What every arrival asks, and the transactions' beginnings
and ends, go straight to the driver: borrowing a connection, beginning, taking the turn and ending cost four times as
much through SQLAlchemy's asyncio, and a row by its key three times.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, cast

import psycopg
from sqlalchemy import Dialect, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from klausur.store.prepared import Answer, Convert, Do, Prepared, converted

_COMMIT: Final = b"COMMIT"
_ROLLBACK: Final = b"ROLLBACK"


class Lines:
    """At most ``at_most`` at once; who comes then waits ``seconds`` for one. Raises DBAPIError and NoConnectionLeft, as
    SQLAlchemy does."""

    def __init__(self, engine: AsyncEngine, at_most: int, seconds: float) -> None:
        # Transactions are begun and ended here, not by SQLAlchemy or the driver.
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._free = asyncio.Semaphore(at_most)
        self._seconds = seconds
        self._idle: list[_Line] = []
        self._texts: dict[Prepared, _Text] = {}

    @asynccontextmanager
    async def transaction(self, begin: bytes) -> AsyncIterator[Do]:
        """``begin``: statements without parameters, which begin it."""
        line = await self._lent()
        end = _ROLLBACK
        try:
            await line.tell(begin)
            yield line.do
            end = _COMMIT
        finally:
            # Whoever is cancelled in here must not leave a transaction open, nor half of an answer unread.
            await asyncio.shield(asyncio.ensure_future(self._returned(line, end)))

    async def _lent(self) -> _Line:
        try:
            async with asyncio.timeout(self._seconds):
                await self._free.acquire()
        except TimeoutError:
            raise NoConnectionLeft from None
        try:
            return self._idle.pop() if self._idle else await _Line.open(self._engine, self._texts)
        except BaseException:
            self._free.release()
            raise

    async def _returned(self, line: _Line, end: bytes) -> None:
        try:
            await line.tell(end)
        except DBAPIError:
            await line.close()
            # Where one has gone the others have too: nobody is to find that out one by one.
            if line.is_gone:
                await self.hang_up()
            if end == _COMMIT:
                raise
        except BaseException:
            await line.close()
            raise
        else:
            self._idle.append(line)
        finally:
            self._free.release()

    async def hang_up(self) -> None:
        """Closes those that nobody uses."""
        while self._idle:
            await self._idle.pop().close()


@dataclass(frozen=True, slots=True)
class _Line:
    connection: AsyncConnection
    driven: psycopg.AsyncConnection[Any]
    cursor: psycopg.AsyncCursor[Any]
    texts: dict[Prepared, _Text]

    @classmethod
    async def open(cls, engine: AsyncEngine, texts: dict[Prepared, _Text]) -> _Line:
        connection = await engine.connect()
        driven = cast(psycopg.AsyncConnection[Any], (await connection.get_raw_connection()).driver_connection)
        return cls(connection, driven, driven.cursor(), texts)

    async def tell(self, statements: bytes) -> None:
        try:
            await self.cursor.execute(statements, prepare=False)
        except psycopg.Error as error:
            raise _as_sqlalchemy_says(error, statements) from error

    async def do(self, statement: Executable | Prepared, parameters: Any = None) -> Any:
        if not isinstance(statement, Prepared):
            return await self.connection.execute(statement, parameters)
        if statement not in self.texts:
            self.texts[statement] = _Text.of(statement.statement, self.connection.dialect, list(parameters))
        return await self.texts[statement].run(self.cursor, parameters)

    @property
    def is_gone(self) -> bool:
        return self.driven.closed

    async def close(self) -> None:
        """Not back into SQLAlchemy's pool: who knows in which state it is."""
        with suppress(DBAPIError):
            await self.connection.invalidate()
        await self.connection.close()


@dataclass(frozen=True, slots=True)
class _Text:
    text: bytes
    bound: Sequence[tuple[str, Convert]]
    """Of parameters, by name, what becomes of them on their way in."""
    found: Sequence[tuple[int, Convert]]
    """Of columns, by place, on their way out."""

    @classmethod
    def of(cls, statement: Any, dialect: Dialect, names: list[str]) -> _Text:
        compiled = statement.compile(dialect=dialect, column_keys=names)
        columns = [column.type for column in getattr(statement, "selected_columns", ())]
        bound = (
            (name, bind.type.dialect_impl(dialect).bind_processor(dialect)) for name, bind in compiled.binds.items()
        )
        found = (kind.dialect_impl(dialect).result_processor(dialect, None) for kind in columns)
        return cls(
            text=str(compiled).encode(),
            bound=[(name, convert) for name, convert in bound if convert],
            found=[(place, convert) for place, convert in enumerate(found) if convert],
        )

    async def run(self, cursor: psycopg.AsyncCursor[Any], parameters: Mapping[str, Any]) -> Answer:
        """Raises DBAPIError and its kinds, as SQLAlchemy does."""
        told = dict(parameters)
        for name, convert in self.bound:
            told[name] = convert(told[name])
        try:
            await cursor.execute(self.text, told)
            # Its ``description`` is put together anew for each column.
            result = cursor.pgresult
            rows = await cursor.fetchall() if result is not None and result.nfields else ()
        except psycopg.Error as error:
            raise _as_sqlalchemy_says(error, self.text) from error
        return Answer([converted(row, self.found) for row in rows], cursor.rowcount)


def _as_sqlalchemy_says(error: psycopg.Error, statement: bytes) -> Exception:
    return cast(Exception, DBAPIError.instance(statement.decode(), None, error, psycopg.Error, hide_parameters=True))
