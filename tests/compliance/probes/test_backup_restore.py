"""Ada's backup, there and back."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import tests.house
from klausur.backup.restore import restore
from klausur.backup.sealing import Passphrase
from klausur.compliance.evidence import Status
from klausur.compliance.probes import backup_restore
from klausur.settings import Settings, read
from klausur.store import copying
from klausur.store.migrate import migrate_apart
from tests.compliance.probes.running import Installed, installed


@asynccontextmanager
async def migrated(folder: Path) -> AsyncIterator[Installed]:
    """As a start makes it: backups are of whole releases."""
    settings = read({"data": folder, **tests.house.database_of(folder)}, {}).settings
    migrate_apart(settings.database)
    async with installed(folder) as its:
        yield its


async def test_what_comes_back_is_what_went_in(tmp_path: Path) -> None:
    async with migrated(tmp_path) as its:
        assert "came back unchanged" in await its.is_green(backup_restore.PROBE)


async def test_nothing_of_it_lies_open_elsewhere_or_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of a check that was killed."""
    modes: list[int] = []

    def seen(scratch: Settings, *given: Any, **more: Any) -> Any:
        there = _working_folders(tmp_path)
        assert there == [scratch.data.parent]
        modes.append(stat.S_IMODE(there[0].stat().st_mode))
        return restore(scratch, *given, **more)

    monkeypatch.setattr("klausur.compliance.probes.backup_restore.restore", seen)
    left = tmp_path / "check-restore-before" / "restored"
    left.mkdir(parents=True)
    (left / "klausur.db").write_bytes(b"SQLite format 3")
    async with migrated(tmp_path) as its:
        await its.is_green(backup_restore.PROBE)
    assert set(modes) == {0o700}
    assert not _working_folders(tmp_path)


def _working_folders(data: Path) -> list[Path]:
    return list(data.glob("check-restore-*"))


async def test_a_backup_without_vaults_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = copying._put

    def forgetful(connection: Any, name: str, rows: Any) -> None:
        really(connection, name, [row | {"blob": "AAAA"} for row in rows] if name == "vaults" else rows)

    monkeypatch.setattr(copying, "_put", forgetful)
    async with migrated(tmp_path) as its:
        assert "rows of vaults" in await its.is_red(backup_restore.PROBE)


async def test_a_table_that_no_backup_takes_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has no keys to a vault has lost it, also where every row that was taken came back."""
    kept = tuple(name for name in copying.KEPT if name not in ("vaults", "vault_wraps"))
    for module in (copying, backup_restore):
        monkeypatch.setattr(module, "KEPT", kept)
    async with migrated(tmp_path) as its:
        assert "all of vault_wraps" in await its.is_red(backup_restore.PROBE)


async def test_a_backup_that_is_not_encrypted_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def open_(_key: Passphrase, text: bytes) -> bytes:
        return text

    monkeypatch.setattr(Passphrase, "seal", open_)
    monkeypatch.setattr(Passphrase, "unseal", open_)
    async with migrated(tmp_path) as its:
        assert "all of it" in await its.is_red(backup_restore.PROBE)


async def test_without_a_database_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    async with migrated(tmp_path) as its:
        its.target = replace(its.target, inside=None)
        assert (await its.look(backup_restore.PROBE)).status is Status.BLOCKED


async def test_an_installation_of_no_release_cannot_be_backed_up(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert (await its.look(backup_restore.PROBE)).status is Status.CRASHED


def test_what_was_never_there_need_not_come_back() -> None:
    seen = {"taken": True, "readable": [], "restored": True, "marks": {"vault": [False, False]}, "tables": {}}
    seen |= {"left_out": []}
    assert backup_restore.judge(seen, {}).status is Status.NOTHING_SEEN


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        ({"taken": False}, "No backup possible"),
        ({"taken": True, "readable": ["vault"]}, "Readable without the key: vault"),
        ({"taken": True, "readable": [], "restored": False}, "Cannot be restored"),
    ],
)
def test_each_way_in_which_it_fails_is_named(seen: dict[str, Any], says: str) -> None:
    judged = backup_restore.judge(seen, {})
    assert judged.status is Status.FAIL
    assert says in judged.says.en
