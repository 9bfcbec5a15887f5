"""The database as it really is: read from itself, not from what the release says of it."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import Column, Connection, MetaData, Table, Text, inspect, text

from klausur.compliance import words
from klausur.compliance.target import CannotLook, Target
from klausur.store.opening import open_database
from klausur.store.unit import Database

Schema = Mapping[str, Sequence[str]]
"""By table or view, its columns. Those of other schemas than the usual one begin with its name and a dot."""

_SYSTEM: Final = frozenset({"information_schema", "main"})
"""Of the database itself; ``main`` is what SQLite calls the usual one."""
_OF_EXTENSIONS: Final = text("""
    SELECT space.nspname, its.relname
    FROM pg_depend AS depends
    JOIN pg_class AS its ON depends.classid = 'pg_class'::regclass AND depends.objid = its.oid
    JOIN pg_namespace AS space ON its.relnamespace = space.oid
    WHERE depends.deptype = 'e' AND its.relkind = 'v'
""")
"""Views that came with an extension of PostgreSQL, and go with it. Its tables are looked at: they could keep things."""
NO_DATABASE: Final = words.Text(
    de="Die Datenbank ist von hier nicht zu erreichen.", en="The database cannot be reached from here."
)


def inside_of(target: Target) -> Database:
    """Raises CannotLook."""
    if target.inside is None:
        raise CannotLook(NO_DATABASE)
    return target.inside


def read_schema(connection: Connection) -> Schema:
    """Every table and view that this user can see, whoever made it, but for views of the database's extensions: such
    as pg_stat_statements, which is there for whoever looks after the machine and which not everybody may read."""
    seen = inspect(connection)
    extensions = _views_of_extensions(connection)
    found: dict[str, Sequence[str]] = {}
    usual = seen.default_schema_name
    for schema in seen.get_schema_names():
        if schema != usual and (schema in _SYSTEM or schema.startswith("pg_")):
            continue
        prefix = "" if schema == usual else f"{schema}."
        names = seen.get_table_names(schema) + seen.get_view_names(schema) + _materialized(seen, connection, schema)
        for name in names:
            if (schema, name) in extensions:
                continue
            found[prefix + name] = [str(column["name"]) for column in seen.get_columns(name, schema)]
    return found


def _views_of_extensions(connection: Connection) -> frozenset[tuple[str, str]]:
    """Schema and name. SQLite has none."""
    if connection.dialect.name != "postgresql":
        return frozenset()
    return frozenset((row[0], row[1]) for row in connection.execute(_OF_EXTENSIONS))


def _materialized(seen: object, connection: Connection, schema: str) -> list[str]:
    """SQLite has none."""
    if connection.dialect.name != "postgresql":
        return []
    names: list[str] = seen.get_materialized_view_names(schema)  # type: ignore[attr-defined]
    return names


@asynccontextmanager
async def with_column(target: Target, table: str, column: str) -> AsyncIterator[Target]:
    """A database of the same tables and columns, without rows, and one column more."""
    its = dict(await inside_of(target).look(read_schema))
    there = its.get(table, ())
    while column in there:
        column += "_too"
    its[table] = [*there, column]
    with TemporaryDirectory(prefix="klausur-check-") as folder:
        other = open_database(f"sqlite:///{Path(folder) / 'twin.db'}")
        try:
            await other.look(lambda connection: _make(connection, its))
            yield replace(target, inside=other, mark=secrets.token_urlsafe(9))
        finally:
            await other.close()


def _make(connection: Connection, schema: Schema) -> None:
    wanted = MetaData()
    for name, columns in schema.items():
        Table(name, wanted, *(Column(column, Text) for column in columns))
    wanted.create_all(connection)
    connection.commit()
