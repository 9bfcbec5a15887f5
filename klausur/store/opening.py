"""Which database it is, is said by its address."""

from __future__ import annotations

from klausur.store.unit import Alone, Database


def open_database(url: str) -> Database:
    """Imports of drivers are here, because each costs memory for the life of a server that has no use for it."""
    if _is_sqlite(url):
        from klausur.store.sqlite import SQLite  # noqa: PLC0415

        return SQLite(url)
    from klausur.store.postgres import PostgreSQL  # noqa: PLC0415

    return PostgreSQL(url)


def open_alone(url: str) -> Alone:
    if _is_sqlite(url):
        from klausur.store.sqlite import SQLiteAlone  # noqa: PLC0415

        return SQLiteAlone(url)
    from klausur.store.postgres import PostgreSQLAlone  # noqa: PLC0415

    return PostgreSQLAlone(url)


def _is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")
