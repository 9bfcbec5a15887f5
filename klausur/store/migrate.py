"""Brings a database to the schema of this release.

The check at each start is one query. Alembic itself, which costs 11 MB for the life of a process, is imported only in
a process of its own: ``python -m klausur.store.migrate`` with the database's address on standard input.
"""

from __future__ import annotations

import subprocess
import sys

from sqlalchemy import Connection, inspect, text

from klausur.domain.errors import StorageUnavailable
from klausur.store.opening import open_alone
from klausur.store.unit import Database

HEAD = "0007"
"""The newest migration; a test compares it with the folder."""


async def is_current(database: Database) -> bool:
    return await database.look(revision_of) == HEAD


def revision_of(connection: Connection) -> str | None:
    """None where there are no tables of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate_apart(url: str) -> None:
    """Raises StorageUnavailable with what went wrong: what the process says of it, or else its last line of error."""
    command = [sys.executable, "-m", "klausur.store.migrate"]
    done = subprocess.run(command, input=url, capture_output=True, text=True, check=False)
    if done.returncode:
        *_, last = ["no reason given", *done.stderr.strip().splitlines()]
        raise StorageUnavailable(done.stdout.strip() or last)


def migrate(url: str) -> None:
    """Raises StorageUnavailable."""
    with open_alone(url).changing() as connection:
        upgrade(connection, "head")


def upgrade(connection: Connection, revision: str) -> None:
    from alembic import command  # noqa: PLC0415 - see above: only here, only when migrating
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "klausur.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


if __name__ == "__main__":
    try:
        migrate(sys.stdin.read().strip())
    except StorageUnavailable as failure:
        # Not among the errors, of which the last line may be something else's.
        sys.stdout.write(str(failure))
        sys.exit(1)
