"""What the database of Ada's installation has a place for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, text

from klausur.compliance import inventory as inventory_
from klausur.compliance.evidence import Status
from klausur.compliance.inventory import inventory
from klausur.compliance.probes import db_inventory
from klausur.store.tables import metadata
from tests.compliance.probes.running import installed


def test_every_column_of_this_release_has_a_purpose() -> None:
    ours = {(table.name, column.name) for table in metadata.sorted_tables for column in table.columns}
    assert ours <= set(inventory())


def test_the_inventory_knows_no_table_that_is_gone() -> None:
    gone = {table for table, _ in inventory()} - set(metadata.tables)
    assert gone <= {"alembic_version", "proof_pages"}


def test_content_is_said_to_be_ciphertext() -> None:
    content = {place for place, entry in inventory().items() if entry.class_ == "content"}
    assert content == {
        ("meetings", "card_sealed"),
        ("seats", "announcement"),
        ("seats", "knock"),
        ("vaults", "blob"),
    }
    assert all("ciphertext" in inventory()[place].class_name.en for place in content)


def test_it_is_said_where_it_is_kept() -> None:
    assert inventory_.FILE.is_file()


async def test_nothing_has_a_place_that_it_should_not_have(tmp_path: Path, database: str) -> None:
    async with installed(tmp_path) as its:
        assert "stand in the data inventory" in await its.is_green(db_inventory.PROBE), database


async def test_a_table_that_somebody_made_beside_ours_is_noticed(tmp_path: Path, database: str) -> None:
    async with installed(tmp_path) as its:
        await its.house.built.database.look(_make("CREATE TABLE contacts (owner TEXT, friend TEXT)"))
        assert "contacts.friend" in await its.is_red(db_inventory.PROBE), database


async def test_a_view_of_who_was_there_is_noticed(tmp_path: Path, database: str) -> None:
    async with installed(tmp_path) as its:
        await its.house.built.database.look(_make("CREATE VIEW attendance AS SELECT pseudonym AS who FROM seats"))
        assert "attendance.who" in await its.is_red(db_inventory.PROBE), database


async def test_without_a_database_it_cannot_be_tried(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        its.target = replace(its.target, inside=None)
        assert (await its.look(db_inventory.PROBE)).status is Status.BLOCKED


def test_another_database_is_no_evidence() -> None:
    seen = {"columns": ["films.title"], "inventory": {"films.title": "technical"}}
    assert db_inventory.judge(seen, {}).status is Status.NOTHING_SEEN


def _make(statement: str) -> Callable[[Connection], None]:
    def make(connection: Connection) -> None:
        connection.execute(text(statement))
        connection.commit()

    return make
