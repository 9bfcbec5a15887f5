"""Whether there is a recent backup, as Ada would want to know before she needs it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import tests.house
from klausur.backup.noting import note, noted
from klausur.backup.terminal import run_backup
from klausur.compliance.evidence import Status
from klausur.compliance.probes import backup_age
from klausur.settings import LAST_BACKUP_FILE, read
from klausur.store.migrate import migrate_apart
from tests.backup.organisation import PUBLIC_KEY
from tests.compliance.probes.running import Installed, installed

SEEN = {
    "files": 3,
    "made_at": "2026-11-22T02:00:00+00:00",
    "now": "2026-11-23T03:30:00+00:00",
    "days": 7,
    "bytes": 40_000,
    "same_size": True,
    "same": True,
    "sealed": True,
}


@asynccontextmanager
async def backed_up(folder: Path) -> AsyncIterator[tuple[Installed, Path]]:
    """With the file as it was written."""
    kept = folder / "backups"
    kept.mkdir()
    migrate_apart(read({"data": folder, **tests.house.database_of(folder)}, {}).settings.database)
    async with installed(folder, backups=kept, backup_recipient=(PUBLIC_KEY,)) as its:
        file = kept / "klausur.age"
        await asyncio.to_thread(run_backup, its.house.settings, file, release="0.1.0")
        yield its, file


async def test_a_backup_of_now_is_recent_and_whole(tmp_path: Path) -> None:
    async with backed_up(tmp_path) as (its, file):
        assert "0 hours old" in await its.is_green(backup_age.PROBE)
        file.rename(file.with_name("moved.age"))
        (file.parent / "older.age").write_bytes(b"older")
        seen = await its.look(backup_age.PROBE)
        assert (seen.status, seen.judged != {}) == (Status.PASS, True)
        # It is no evidence any more when the backup will be too old.
        assert next(iter(seen.judged.values())).expires_at is not None


async def test_a_backup_in_which_one_byte_is_another_is_noticed(tmp_path: Path) -> None:
    async with backed_up(tmp_path) as (its, file):
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content)
        assert "not as it was" in await its.is_red(backup_age.PROBE)


async def test_a_backup_that_went_missing_is_noticed(tmp_path: Path) -> None:
    async with backed_up(tmp_path) as (its, file):
        file.unlink()
        assert "no file in BACKUPS" in await its.is_red(backup_age.PROBE)
        (file.parent / "others.txt").write_text("not a backup")
        assert "none as large" in await its.is_red(backup_age.PROBE)


async def test_a_backup_of_last_month_is_noticed(tmp_path: Path) -> None:
    async with backed_up(tmp_path) as (its, file):
        note(its.house.settings.data, file, datetime(2026, 1, 2, tzinfo=UTC))
        assert "at most 7" in await its.is_red(backup_age.PROBE)


async def test_where_backups_lie_has_to_be_said(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        seen = await its.look(backup_age.PROBE)
        assert (seen.status, "(BACKUPS)" in seen.says.en) == (Status.BLOCKED, True)


@pytest.mark.parametrize("kept", [None, b"{}", b"\xff", b'{"at": "2026-11-22T02:00:00", "bytes": 1, "sha256": ""}'])
async def test_a_backup_that_was_never_read_back_is_not_judged(tmp_path: Path, kept: bytes | None) -> None:
    async with installed(tmp_path, backups=tmp_path) as its:
        if kept is not None:
            (its.house.settings.data / LAST_BACKUP_FILE).write_bytes(kept)
        assert (await its.look(backup_age.PROBE)).status is Status.BLOCKED


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"now": "2026-12-01T03:30:00+00:00"}, "9 days old"),
        ({"sealed": False}, "not encrypted"),
        ({"days": 1}, "1 days old, at most 1"),
    ],
)
def test_what_makes_it_useless_is_said(changed: dict[str, Any], said: str) -> None:
    judged = backup_age.judge(SEEN | changed, {})
    assert (judged.status, said in judged.says.en) == (Status.FAIL, True)


def test_a_clock_that_goes_wrong_shows_nothing() -> None:
    assert backup_age.judge(SEEN, {}).status is Status.PASS
    assert backup_age.judge(SEEN | {"now": "2026-11-21T00:00:00+00:00"}, {}).status is Status.NOTHING_SEEN


def test_a_data_folder_in_which_nothing_can_be_written_takes_nothing_from_the_backup(tmp_path: Path) -> None:
    file = tmp_path / "klausur.age"
    file.write_bytes(b"sealed")
    note(tmp_path / "nowhere", file, datetime(2026, 11, 22, tzinfo=UTC))
    assert noted(tmp_path / "nowhere") is None
