"""What every kind of database does, on each of them."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
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
import tests.house
from klausur.actions.end_opening import new_opening
from klausur.domain.errors import StorageUnavailable, TicketRefused
from klausur.domain.meeting import MeetingState, instant_meeting
from klausur.settings import read
from klausur.store import migrate
from klausur.store.opening import open_alone, open_database
from klausur.store.tables import metadata
from klausur.store.unit import Database
from tests.house import House
from tests.people import sealed, signed_rules

SCRIPTS = ScriptDirectory(str(Path(klausur.store.__file__).parent / "migrations"))


@pytest.fixture
def url(tmp_path: Path, database: str) -> str:  # noqa: ARG001 - its kind is what is looked up
    return read({"data": tmp_path, **tests.house.database_of(tmp_path)}, {}).settings.database


@pytest.fixture
async def migrated(url: str) -> AsyncIterator[Database]:
    await asyncio.to_thread(migrate.migrate, url)
    opened = open_database(url)
    yield opened
    await opened.close()


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


def test_the_newest_migration_is_the_one_we_check_for() -> None:
    assert SCRIPTS.get_current_head() == migrate.HEAD


async def test_the_migrations_lead_to_the_tables(migrated: Database) -> None:
    assert await migrated.look(differences) == []
    assert await migrate.is_current(migrated)


@pytest.mark.parametrize("revision", [script.revision for script in SCRIPTS.walk_revisions()])
def test_every_earlier_schema_leads_to_the_same_tables(url: str, revision: str) -> None:
    with open_alone(url).changing() as connection:
        migrate.upgrade(connection, revision)
    migrate.migrate(url)
    with open_alone(url).snapshot() as connection:
        assert differences(connection) == []


async def test_a_new_database_is_behind_and_a_migrated_one_is_not(url: str) -> None:
    opened = open_database(url)
    assert not await migrate.is_current(opened)
    await asyncio.to_thread(migrate.migrate_apart, url)
    assert await migrate.is_current(opened)
    await opened.close()


def test_a_migration_that_fails_halfway_changes_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_alone(url).changing() as connection:
        migrate.upgrade(connection, "0001")

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("alembic.op.create_index", fails)
    with pytest.raises(RuntimeError):
        migrate.migrate(url)
    with open_alone(url).snapshot() as connection:
        assert migrate.revision_of(connection) == "0001"
        columns = connection.execute(text("SELECT * FROM openings")).keys()
        assert "began_at" not in columns


def test_noise_after_the_reason_does_not_hide_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "disk full", "Traceback:\n  in a thread that ended late")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(StorageUnavailable, match=r"^disk full$"):
        migrate.migrate_apart(url)


async def test_a_meeting_that_was_open_before_the_update_goes_on_without_those_who_sat_in_it(url: str) -> None:
    """Their browsers have no seat keys; the link still leads to the meeting."""
    with open_alone(url).changing() as connection:
        migrate.upgrade(connection, "0002")
        for meeting, state, opening in (
            ("running", "live", "open"),
            ("ready", "live", "prepared"),
            ("over", "ended", None),
        ):
            _held_by_the_release_before(connection, meeting, state, opening)
    await asyncio.to_thread(migrate.migrate, url)
    opened = open_database(url)
    async with opened.reading() as unit:
        found = {name: await unit.meetings.find(name) for name in ("running", "ready", "over")}
        assert list(await unit.seats.inside()) == []
    await opened.close()
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


def _held_by_the_release_before(connection: Connection, meeting: str, state: str, opening: str | None) -> None:
    its = {
        "meeting": meeting,
        "state": state,
        "session": f"s-{meeting}",
        "room": f"r-{meeting}",
        "opening": opening,
        "ticket": f"t-{meeting}",
        "now": datetime(2026, 11, 22, 9, 0),  # noqa: DTZ001 - as it stands in the tables
        "later": datetime(2026, 11, 23, 9, 0),  # noqa: DTZ001
    }
    rows = [
        "meetings (id, state, host_public_key, proof_hash, card_version, closes_at)"
        " VALUES (:meeting, :state, 'key', 'hash', 0, :later)"
    ]
    if opening:
        rows += [
            "openings (session, meeting, room, state) VALUES (:session, :meeting, :room, :opening)",
            "seats VALUES (:session, 'P', :meeting, 'hash', 'sealed', 'present', 1, :now)",
            "tickets VALUES (:ticket, :session, 'P', 'fresh', :now)",
        ]
    for row in rows:
        statement = text(f"INSERT INTO {row}")
        connection.execute(statement, {name: its[name] for name in statement._bindparams})


def test_the_way_back_leads_back(url: str) -> None:
    with open_alone(url).changing() as connection:
        migrate.upgrade(connection, "head")
        config = Config()
        config.set_main_option("script_location", "klausur.store:migrations")
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
        command.upgrade(config, "head")
        assert differences(connection) == []


async def test_a_reader_sees_one_moment_whoever_writes_meanwhile(migrated: Database) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    async with migrated.reading() as before:
        assert list(await before.meetings.openings()) == []
        async with migrated.writing() as unit:
            meeting = instant_meeting("M" * 22, "k" * 43, "p" * 43, now)
            await unit.meetings.add(meeting, new_opening(meeting.id))
        assert list(await before.meetings.openings()) == []
    async with migrated.reading() as after:
        assert len(await after.meetings.openings()) == 1


async def test_whoever_gives_up_while_writing_leaves_nothing_and_nobody_waiting(migrated: Database) -> None:
    began = asyncio.Event()

    async def gives_up() -> None:
        async with migrated.writing() as unit:
            meeting = instant_meeting("M" * 22, "k" * 43, "p" * 43, datetime(2026, 11, 22, tzinfo=UTC))
            await unit.meetings.add(meeting, new_opening(meeting.id))
            began.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(gives_up())
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await migrated.answers()
    async with migrated.reading() as unit:
        assert list(await unit.meetings.openings()) == []


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


async def test_two_migrations_of_one_house_do_no_harm(url: str) -> None:
    both = (asyncio.to_thread(migrate.migrate_apart, url) for _ in range(2))
    await asyncio.gather(*both)
    migrated = open_database(url)
    assert await migrate.is_current(migrated)
    await migrated.close()
