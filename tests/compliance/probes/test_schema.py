"""What a database has that is not the installation's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from klausur.compliance.probes import db_inventory
from tests.compliance.probes.running import installed


def doing(*statements: str) -> Callable[[Connection], None]:
    def do(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))
        connection.commit()

    return do


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("schema", ["public", "statistics"])
@pytest.mark.usefixtures("database")
async def test_views_of_an_extension_are_none_of_ours(tmp_path: Path, schema: str) -> None:
    """As pg_stat_statements has some. The same view is noticed where it is anybody else's."""
    view = f"{schema}.calls"
    async with installed(tmp_path) as its:
        look = its.house.built.database.look
        await look(doing(f"CREATE SCHEMA IF NOT EXISTS {schema}", f"CREATE VIEW {view} AS SELECT 1 AS number"))
        assert "calls.number" in await its.is_red(db_inventory.PROBE)
        await look(doing(f"ALTER EXTENSION plpgsql ADD VIEW {view}"))
        assert "stand in the data inventory" in await its.is_green(db_inventory.PROBE)
