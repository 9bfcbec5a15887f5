"""SQLite and the ways in which it fails."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import Connection, text

from klausur.domain.errors import StorageUnavailable
from klausur.store import migrate, sqlite
from klausur.store.opening import open_database
from tests.house import House, house


async def test_a_migration_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="unable to open database file"):
        await asyncio.to_thread(migrate.migrate_apart, f"sqlite:///{tmp_path}/missing/klausur.db")


async def test_deleted_means_overwritten(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'klausur.db'}")

    def pragmas(connection: Connection) -> dict[str, object]:
        names = ("journal_mode", "secure_delete", "foreign_keys")
        return {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in names}

    told = await database.look(pragmas)
    await database.close()
    assert told == {
        "journal_mode": "wal",
        "secure_delete": 1,
        "foreign_keys": 1,
    }


async def fails(its: House) -> None:
    link_body = {"host_public_key": "A" * 43, "link_proof_hash": "A" * 43}
    answer = await its.browser.post("/api/meetings", json=link_body)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert (await its.browser.get("/readyz")).text == "database\n"
    assert (await its.browser.get("/healthz")).status_code == 200


async def test_locked_by_another_program_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("klausur.store.sqlite._BUSY_MILLISECONDS", 10)
    async with house(tmp_path) as its:
        link = await its.open_meeting()
        gustav = await its.join(link)
        other = sqlite3.connect(tmp_path / "klausur.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await fails(its)
        assert (await its.leave(gustav)).status_code == 503
        assert (await its.look(link))["state"] == "open"  # reading goes on
        other.execute("ROLLBACK")
        other.close()
        assert (await its.leave(gustav)).status_code == 204
        await its.open_meeting()


async def test_read_only_nothing_is_lost(tmp_path: Path) -> None:
    async with house(tmp_path) as its:
        link = await its.open_meeting()

        def read_only(connection: Connection) -> None:
            connection.execute(text("PRAGMA query_only=ON"))

        def writable(connection: Connection) -> None:
            connection.execute(text("PRAGMA query_only=OFF"))

        await its.built.database.look(read_only)
        answer = await its.ask(link)
        assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
        await its.built.database.look(writable)
        await its.join(link)


async def test_with_a_full_disk_nothing_is_lost(tmp_path: Path) -> None:
    async with house(tmp_path) as its:
        link = await its.open_meeting()

        def full(connection: Connection) -> int:
            pages = connection.execute(text("PRAGMA page_count")).scalar_one()
            connection.execute(text(f"PRAGMA max_page_count={pages}"))
            return int(pages)

        await its.built.database.look(full)
        answer = await its.ask(link)
        seated = 0
        while answer.status_code == 201:
            seated += 1
            answer = await its.ask(link)
        assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
        assert (await its.browser.get("/readyz")).text == "database\n"

        def room_again(connection: Connection) -> None:
            connection.execute(text("PRAGMA max_page_count=100000"))

        await its.built.database.look(room_again)
        gustav = await its.join(link)
        assert len(gustav.roster) == seated


async def test_others_write_while_the_log_goes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with house(tmp_path) as its:
        await its.open_meeting()
        loop, write_back, met = asyncio.get_running_loop(), sqlite._write_back, 0

        def beside_another(file: Path, how: Literal["PASSIVE", "TRUNCATE"]) -> bool:
            nonlocal met
            if how == "PASSIVE":
                asyncio.run_coroutine_threadsafe(its.open_meeting(), loop).result(timeout=30)
                met += 1
            return write_back(file, how)

        monkeypatch.setattr(sqlite, "_write_back", beside_another)
        await its.built.database.scrub(deleted=True)
        assert met == 1
        assert (tmp_path / "klausur.db-wal").stat().st_size == 0
