"""The database and the ways in which it fails."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, text

import klausur.store
from klausur.domain.errors import StorageUnavailable, TicketRefused
from klausur.domain.meeting import MeetingState
from klausur.store import migrate
from klausur.store.tables import metadata
from klausur.store.unit import Database, open_engine
from tests.house import House, house
from tests.people import sealed, signed_rules


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'klausur.db'}"


@pytest.fixture
async def migrated(tmp_path: Path) -> AsyncIterator[Database]:
    migrate.migrate(url(tmp_path))
    database = Database(url(tmp_path))
    yield database
    await database.close()


def test_the_newest_migration_is_the_one_we_check_for() -> None:
    folder = Path(klausur.store.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == migrate.HEAD


async def test_the_migrations_lead_to_the_tables(migrated: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    assert await migrated.look(differences) == []
    assert await migrate.is_current(migrated)


async def test_a_new_database_is_behind_and_a_migrated_one_is_not(tmp_path: Path) -> None:
    database = Database(url(tmp_path))
    assert not await migrate.is_current(database)
    await asyncio.to_thread(migrate.migrate_apart, url(tmp_path))
    assert await migrate.is_current(database)
    await database.close()


async def test_a_migration_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="unable to open database file"):
        await asyncio.to_thread(migrate.migrate_apart, f"sqlite:///{tmp_path}/missing/klausur.db")


def test_noise_after_the_reason_does_not_hide_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "disk full", "Traceback:\n  in a thread that ended late")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(StorageUnavailable, match=r"^disk full$"):
        migrate.migrate_apart(url(tmp_path))


async def test_deleted_means_overwritten(migrated: Database) -> None:
    def pragmas(connection: Connection) -> dict[str, object]:
        names = ("journal_mode", "secure_delete", "foreign_keys")
        return {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in names}

    assert await migrated.look(pragmas) == {
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
    monkeypatch.setattr("klausur.store.unit._BUSY_MILLISECONDS", 10)
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


async def test_a_meeting_that_was_open_before_the_update_goes_on_without_those_who_sat_in_it(tmp_path: Path) -> None:
    """Their browsers have no seat keys; the link still leads to the meeting."""
    upgrade(url(tmp_path), "0002")
    old = sqlite3.connect(tmp_path / "klausur.db")
    for meeting, state, opening in (
        ("running", "live", "open"),
        ("ready", "live", "prepared"),
        ("over", "ended", None),
    ):
        now = "2026-11-22 09:00:00.000000"
        old.execute(
            "INSERT INTO meetings (id, state, host_public_key, proof_hash, card_version, closes_at)"
            " VALUES (?, ?, 'key', 'hash', 0, '2026-11-23 09:00:00.000000')",
            (meeting, state),
        )
        if opening:
            old.execute(
                "INSERT INTO openings (session, meeting, room, state) VALUES (?, ?, ?, ?)",
                (f"s-{meeting}", meeting, f"r-{meeting}", opening),
            )
            old.execute(
                "INSERT INTO seats VALUES (?, 'P', ?, 'hash', 'sealed', 'present', 1, ?)",
                (f"s-{meeting}", meeting, now),
            )
            old.execute("INSERT INTO tickets VALUES (?, ?, 'P', 'fresh', ?)", (f"t-{meeting}", f"s-{meeting}", now))
    old.commit()
    old.close()
    migrate.migrate(url(tmp_path))
    database = Database(url(tmp_path))
    async with database.reading() as unit:
        found = {name: await unit.meetings.find(name) for name in ("running", "ready", "over")}
        assert list(await unit.seats.inside()) == []
    await database.close()
    running, ready, over = found["running"], found["ready"], found["over"]
    assert running
    assert running[1]
    assert (running[0].state, running[1].session) == (MeetingState.OPEN, "s-running")
    assert running[1].began_at
    assert running[1].empty_since
    assert ready
    assert ready[1]
    assert (ready[0].state, ready[1].began_at) == (MeetingState.SCHEDULED, None)
    assert over
    assert (over[0].state, over[1]) == (MeetingState.ENDED, None)


def upgrade(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", "klausur.store:migrations")
    engine = open_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


async def test_the_way_back_leads_back(migrated: Database) -> None:
    def there_and_back(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", "klausur.store:migrations")
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
        command.upgrade(config, "head")
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []

    await migrated.look(there_and_back)


async def test_asking_whether_it_answers_leaves_nothing_behind(migrated: Database) -> None:
    assert await migrated.answers()

    def rows(connection: Connection) -> int:
        return int(connection.execute(text("SELECT count(*) FROM meetings")).scalar_one())

    assert await migrated.look(rows) == 0
    assert await migrated.answers()


async def test_outsiders_never_get_as_far_as_the_lock(the_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    link = await the_house.open_meeting()
    gustav = await the_house.join(link)
    await the_house.tickets.redeem(gustav.ticket)
    otto = replace(gustav, secret="A" * 43)
    card = {"version": 1, "sealed": sealed(), "signature": "A" * 86}
    rules = signed_rules(link, 2, link.rules, Ed25519PrivateKey.generate())

    def fail() -> None:
        raise AssertionError("nobody here may write")

    monkeypatch.setattr(the_house.built.database, "writing", fail)
    with pytest.raises(TicketRefused):
        await the_house.tickets.redeem("A" * 43)
    assert (await the_house.leave(otto)).status_code == 401
    assert (await the_house.renew(otto)).status_code == 401
    assert (await the_house.knock_again(otto)).status_code == 401
    for proof, status in ({}, 404), (link.headers, 403):
        for what, body in (("card", card), ("rules", rules)):
            answer = await the_house.browser.put(f"/api/meetings/{link.meeting}/{what}", json=body, headers=proof)
            assert answer.status_code == status
    assert (await the_house.tickets.redeem(gustav.ticket)).pseudonym == gustav.pseudonym


async def test_two_migrations_of_one_house_do_no_harm(migrated: Database) -> None:
    await asyncio.to_thread(migrate.migrate_apart, migrated.url)
    assert await migrate.is_current(migrated)
