"""Statements that every arrival makes, put together once.

SQLAlchemy finds a statement's text again with each execution, and wraps what comes back: some 50 of the 65 microseconds
that a row by its key costs us, of which SQLite needs 5. Here the text and what converts its values are kept, and rows
are plain tuples in the order of the statement's columns. What is asked seldom is asked in the ordinary way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Protocol, overload

from sqlalchemy import Connection, CursorResult, Executable
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

Convert = Callable[[Any], Any]


class Rows(Protocol):
    """Tuples. What a CursorResult has too, so that a store may run the plain statement instead."""

    @property
    def rowcount(self) -> int: ...

    def first(self) -> Sequence[Any] | None: ...

    def __iter__(self) -> Iterator[Any]: ...


class Do(Protocol):
    """Runs a statement with its parameters. A unit of work gives it to the modules of queries."""

    @overload
    def __call__(self, statement: Prepared, parameters: Mapping[str, Any]) -> Awaitable[Rows]: ...

    @overload
    def __call__(self, statement: Executable, parameters: Any = None) -> Awaitable[CursorResult[Any]]: ...


@dataclass(frozen=True, slots=True)
class Answer:
    rows: Sequence[Sequence[Any]]
    rowcount: int

    def first(self) -> Sequence[Any] | None:
        return self.rows[0] if self.rows else None

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)


class Prepared:
    """Always with the same parameters' names: of an INSERT or UPDATE they are the columns that are written."""

    def __init__(self, statement: Executable) -> None:
        self.statement = statement
        self._compiled: dict[str, _Compiled] = {}
        """By dialect."""

    def run(self, connection: Connection, parameters: Mapping[str, Any]) -> Rows:
        """Raises DBAPIError and its kinds, as ``Connection.execute`` does."""
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _compile(self.statement, connection, list(parameters))
        cursor = connection.connection.cursor()
        try:
            return compiled.run(cursor, parameters)
        except dialect.loaded_dbapi.Error as error:
            raise DBAPIError.instance(
                compiled.text, None, error, dialect.loaded_dbapi.Error, hide_parameters=True
            ) from error
        finally:
            cursor.close()


@dataclass(frozen=True, slots=True)
class _Compiled:
    text: str
    pick: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    """Parameters by name, in the order of their places in the text."""
    bound: Sequence[tuple[int, Convert]]
    """Of parameters, by place, what becomes of them on their way in."""
    found: Sequence[tuple[int, Convert]]
    """The same for columns, on their way out."""

    def run(self, cursor: DBAPICursor, parameters: Mapping[str, Any]) -> Answer:
        cursor.execute(self.text, converted(self.pick(parameters), self.bound))
        # All of them: what is not fetched would keep its snapshot of the database open.
        rows = cursor.fetchall() if cursor.description else ()
        return Answer([converted(row, self.found) for row in rows] if self.found else rows, cursor.rowcount)


def converted(values: Sequence[Any], changes: Sequence[tuple[int, Convert]]) -> Sequence[Any]:
    if not changes:
        return values
    changed = list(values)
    for place, convert in changes:
        changed[place] = convert(changed[place])
    return changed


def _compile(statement: Executable, connection: Connection, names: list[str]) -> _Compiled:
    dialect = connection.dialect
    compiled = statement.compile(dialect=dialect, column_keys=names)  # type: ignore[attr-defined]
    if not isinstance(compiled, SQLCompiler) or not compiled.positional:
        raise TypeError(f"{dialect.name} does not take parameters by place")
    places = list(compiled.positiontup or ())
    columns = [column.type for column in statement.selected_columns] if hasattr(statement, "selected_columns") else []
    bound = [compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in places]
    found = [kind.dialect_impl(dialect).result_processor(dialect, None) for kind in columns]
    return _Compiled(
        text=str(compiled),
        pick=_picker(places),
        bound=[(place, convert) for place, convert in enumerate(bound) if convert],
        found=[(place, convert) for place, convert in enumerate(found) if convert],
    )


def _picker(names: Sequence[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """itemgetter returns a tuple for two or more names only."""
    match names:
        case []:
            return lambda _: ()
        case [name]:
            return lambda parameters: (parameters[name],)
    return itemgetter(*names)
