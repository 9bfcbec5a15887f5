"""What Hanna may ask for, and what everybody may read before they come."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from klausur.compliance.evidence import Status
from klausur.compliance.inventory import inventory
from klausur.compliance.probes import notice_reachable, rights_erase, rights_export
from klausur.domain.accounts import AccountRole
from klausur.store.accounts import AccountRows
from klausur.store.vaults import VaultRows
from tests.compliance.probes.running import installed


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
async def test_the_export_has_everything(tmp_path: Path, database: str) -> None:
    async with installed(tmp_path) as its:
        assert "held all" in await its.is_green(rights_export.PROBE), database


async def test_an_export_without_the_vault_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VaultRows, "wraps", _nothing)
    async with installed(tmp_path) as its:
        assert "keys of the vault" in await its.is_red(rights_export.PROBE)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("ALTER TABLE accounts ADD COLUMN last_address TEXT DEFAULT '203.0.113.7'", "accounts.last_address"),
        ("ALTER TABLE sessions ADD COLUMN clicks INTEGER DEFAULT 1", "sessions.clicks"),
        ("CREATE VIEW remembered AS SELECT id AS who, 'likes tea' AS note FROM accounts", "remembered.note"),
    ],
)
async def test_what_is_stored_and_not_exported_is_noticed(tmp_path: Path, change: str, what: str) -> None:
    """Whoever adds a column: also where its value is in the export, for something else."""

    def add(connection: Connection) -> None:
        connection.execute(text(change))
        connection.commit()

    async with installed(tmp_path) as its:
        await its.house.built.database.look(add)
        assert f"The export lacks: {what}." in await its.is_red(rights_export.PROBE)


async def test_what_is_exported_has_to_be_what_is_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("klausur.api.people.models.ROLES", dict.fromkeys(AccountRole, "auditor"))
    async with installed(tmp_path) as its:
        assert "accounts.role" in await its.is_red(rights_export.PROBE)


async def test_without_a_database_nobody_knows_what_is_stored(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        its.target = replace(its.target, inside=None)
        assert (await its.look(rights_export.PROBE)).status is Status.BLOCKED


def test_an_account_of_which_nothing_is_stored_is_no_evidence() -> None:
    seen = {"marks": {"id": False}, "tables": {}, "columns": ["accounts.id"]}
    assert rights_export.judge(seen, {}).status is Status.NOTHING_SEEN


def test_what_need_not_be_exported_is_in_the_inventory() -> None:
    assert {tuple(name.split(".")) for name in rights_export._NOT_TOLD} <= set(inventory())


async def _nothing(*_given: Any) -> list[Any]:
    return []


async def test_erasing_leaves_nothing(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "none was in any table or file" in await its.is_green(rights_erase.PROBE)


async def test_an_account_that_is_only_disabled_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def disabled(*_given: Any) -> bool:
        return True

    async with installed(tmp_path) as its:
        monkeypatch.setattr(AccountRows, "erase", disabled)
        assert "id in accounts" in await its.is_red(rights_erase.PROBE)
        monkeypatch.undo()


async def test_a_table_of_somebody_s_own_that_keeps_names_is_noticed(tmp_path: Path) -> None:
    def archive(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE archive (name TEXT)"))
        keeps = "CREATE TRIGGER keep AFTER DELETE ON accounts BEGIN INSERT INTO archive VALUES (OLD.name); END"
        connection.execute(text(keeps))
        connection.commit()

    async with installed(tmp_path) as its:
        await its.house.built.database.look(archive)
        assert "name in archive" in await its.is_red(rights_erase.PROBE)


async def test_the_notice_is_there_for_everybody(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "without a cookie" in await its.is_green(notice_reachable.PROBE)


async def test_a_notice_of_nobody_is_noticed(tmp_path: Path) -> None:
    async with installed(tmp_path, operator_name="") as its:
        assert "no name" in await its.is_red(notice_reachable.PROBE)
