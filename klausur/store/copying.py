"""What a backup takes out of a database and puts into one, of whichever kind: rows of plain values."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    RowMapping,
    Table,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.exc import SQLAlchemyError

from klausur.domain.errors import StorageUnavailable
from klausur.domain.meeting import MeetingState, Opening
from klausur.store import tables
from klausur.store.migrate import HEAD, revision_of, upgrade

Row = dict[str, Any]
"""Values as JSON has them: times in ISO 8601 without a zone (UTC), bytes in base 64."""
Rows = Mapping[str, Sequence[Row]]
"""By table."""

KEPT: Final = (
    "installation",
    "accounts",
    "passkeys",
    "backup_codes",
    "notices",
    "vaults",
    "vault_wraps",
    "audit",
    "meetings",
    "proof_runs",
    "proof_entries",
    "proof_evidence",
    "proof_facts",
    "proof_attestations",
    "proof_waivers",
)
"""In an order in which they can be put back: nothing before what it refers to."""
LEFT_OUT: Final = frozenset({"sessions", "invitations", "openings", "seats", "tickets", "transitions", "proof_pages"})
"""What lets somebody in would let them in again, although it was withdrawn since; the rest is of a moment, or put
together anew from what is kept."""
_NUMBERED: Final = frozenset({"audit"})
"""Their rows are numbered anew, in their order: PostgreSQL would not hear of numbers that it has not given itself."""


def rows_of(connection: Connection) -> Rows:
    """Raises StorageUnavailable when the schema is another release's."""
    if revision_of(connection) != HEAD:
        raise StorageUnavailable("its schema is another release's: `klausur migrate` brings it up to date")
    return {name: _rows(connection, tables.metadata.tables[name]) for name in KEPT}


def _rows(connection: Connection, table: Table) -> Sequence[Row]:
    chosen = select(table).order_by(*table.primary_key.columns)
    if table is tables.meetings:
        # Instant ones end with their opening, which does not come along.
        planned = table.c.opens_at.is_not(None), table.c.state != MeetingState.ENDED.value
        chosen = chosen.where(*planned)
    return [_plain(table.name, row) for row in connection.execute(chosen).mappings()]


def _plain(table: str, row: RowMapping) -> Row:
    plain = {str(name): _plain_value(value) for name, value in row.items()}
    if table in _NUMBERED:
        del plain["id"]
    if table == tables.meetings.name:
        plain["state"] = MeetingState.SCHEDULED.value
    return plain


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return b64encode(value).decode() if isinstance(value, bytes) else value


def put_rows(connection: Connection, rows: Rows, revision: str) -> None:
    """Into an empty database, which has the newest schema afterwards. ``revision``: that of the rows.

    Raises StorageUnavailable when what is there then is not what was put in."""
    upgrade(connection, revision)
    for name, its in rows.items():
        _put(connection, name, its)
    upgrade(connection, HEAD)
    for name, its in rows.items():
        held = connection.execute(select(func.count()).select_from(tables.metadata.tables[name])).scalar_one()
        if held != len(its):
            raise StorageUnavailable(f"{held} rows in {name} instead of {len(its)}")


def _put(connection: Connection, name: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    try:
        table = Table(name, MetaData(), autoload_with=connection)  # as it was then, not as this release knows it
        connection.execute(insert(table), [_values(table, row) for row in rows])
    except (SQLAlchemyError, KeyError, TypeError, ValueError) as error:
        raise StorageUnavailable(f"it does not take the rows of {name}") from error


def _values(table: Table, row: Row) -> dict[str, Any]:
    return {name: _value(table.c[name].type, value) for name, value in row.items()}


def _value(kind: object, value: Any) -> Any:
    match kind:
        case _ if value is None:
            return None
        case DateTime():
            return datetime.fromisoformat(value)
        case Date():
            return date.fromisoformat(value)
        case LargeBinary():
            return b64decode(value)
        case _:
            return value


def meetings_in(connection: Connection) -> Sequence[str]:
    return connection.execute(select(tables.meetings.c.id)).scalars().all()


def put_openings(connection: Connection, openings: Sequence[Opening]) -> None:
    """Every meeting has one ahead."""
    if openings:
        rows = [{"session": each.session, "meeting": each.meeting, "room": each.room} for each in openings]
        connection.execute(insert(tables.openings), rows)


def holds_anything(connection: Connection) -> bool:
    """Besides what every start writes."""
    there = set(inspect(connection).get_table_names()) - {tables.installation.name}
    ours = (table for table in tables.metadata.tables.values() if table.name in there)
    return any(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in ours)


def known(revision: str) -> bool:
    """Whether this release has a migration of that name, and so every one before it."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see migrate.py

    from klausur.store import migrations  # noqa: PLC0415

    (folder,) = migrations.__path__
    return revision in {script.revision for script in ScriptDirectory(folder).walk_revisions()}
