"""PostgreSQL and the ways in which it fails, and that it guarantees what SQLite does."""

from __future__ import annotations

import asyncio
import io
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Connection, Integer, String, bindparam, cast, insert, make_url, select, text
from sqlalchemy.exc import DBAPIError

from klausur import log
from klausur.domain.accounts import AuditAct
from klausur.domain.errors import DatabaseTaken, StorageUnavailable
from klausur.jobs import claim
from klausur.jobs.runner import once
from klausur.store import migrate, tables
from klausur.store.opening import open_alone, open_database
from klausur.store.postgres import PostgreSQL
from klausur.store.unit import Database
from tests.postgres import Cluster

pytestmark = pytest.mark.postgres
SECRET = "not-for-your-eyes"
_CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
_OPEN_TRANSACTIONS = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
)


@pytest.fixture
async def its(postgres: Cluster) -> AsyncIterator[Database]:
    address = postgres.create()
    await asyncio.to_thread(migrate.migrate, address)
    opened = open_database(address)
    yield opened
    await opened.close()
    postgres.drop(address)


def no_harm(told: str) -> None:
    """One line, and nothing of the password."""
    assert told
    assert "\n" not in told
    assert SECRET not in told


def test_its_kind_is_chosen_by_the_address() -> None:
    assert isinstance(open_database("postgresql+psycopg://h/d"), PostgreSQL)
    assert isinstance(open_database("postgresql://h/d"), PostgreSQL)


# -- failing ----------------------------------------------------------------------------------------------------------


async def failing(address: str) -> str:
    opened = open_database(address)
    with pytest.raises(StorageUnavailable) as refused:
        await migrate.is_current(opened)
    assert not await opened.answers()
    assert not await opened.writable()
    await opened.close()
    with pytest.raises(StorageUnavailable) as apart:
        await asyncio.to_thread(migrate.migrate_apart, address)
    told = str(refused.value)
    assert str(apart.value) == told
    no_harm(told)
    return told


async def test_a_wrong_password_is_told_in_a_sentence_without_it(postgres: Cluster) -> None:
    assert "password authentication failed" in await failing(postgres.address("postgres", password=SECRET))


async def test_a_database_that_is_not_there_is_named(postgres: Cluster) -> None:
    assert '"nowhere" does not exist' in await failing(postgres.address("nowhere"))


async def test_a_server_that_is_not_there_is_told() -> None:
    assert "Connection refused" in await failing(f"postgresql://klausur:{SECRET}@127.0.0.1:1/klausur")


async def test_an_option_that_is_none_is_told() -> None:
    assert "invalid connection option" in await failing(f"postgresql://klausur:{SECRET}@127.0.0.1:1/k?nonsense=1")


async def test_a_server_that_accepts_and_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("klausur.store.postgres._CONNECT_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        opened = open_database(f"postgresql://klausur:{SECRET}@127.0.0.1:{silent.getsockname()[1]}/klausur")
        with pytest.raises(StorageUnavailable) as refused:
            await migrate.is_current(opened)
        no_harm(str(refused.value))
        await opened.close()


async def test_no_level_of_logging_shows_a_value_or_the_password(postgres: Cluster, its: Database) -> None:
    out = io.StringIO()
    log.configure("debug", out)
    logging.getLogger("sqlalchemy").setLevel(logging.DEBUG)
    logging.getLogger("psycopg").setLevel(logging.DEBUG)
    chatty = open_database(its.url)
    number = select(cast(bindparam("told", SECRET, String), Integer))
    with pytest.raises(StorageUnavailable) as refused:
        await chatty.look(lambda connection: connection.execute(number))
    no_harm(str(refused.value))
    await chatty.close()
    assert out.getvalue()
    assert SECRET not in out.getvalue()
    assert postgres.password not in out.getvalue()


async def test_what_a_value_breaks_is_told_without_the_value(its: Database) -> None:
    row = {"at": None, "act": SECRET, "object": SECRET}
    with pytest.raises(Exception, match=r"NULL|null") as refused:
        await its.look(lambda connection: connection.execute(insert(tables.audit).values(row)))
    assert "[SQL parameters hidden" in str(refused.value)


async def test_it_comes_back_by_itself_after_its_connections_were_cut(its: Database) -> None:
    assert await its.answers()
    with psycopg.connect(its.url) as administrator:
        administrator.execute(_CUT, [make_url(its.url).database])
    assert not await its.answers()
    assert await its.answers()


async def test_connections_that_were_cut_are_found_out_once_not_one_by_one(its: Database) -> None:
    async with AsyncExitStack() as several:
        for _ in range(3):
            await several.enter_async_context(its.reading())
    with psycopg.connect(its.url) as administrator:
        administrator.execute(_CUT, [make_url(its.url).database])
    assert not await its.answers()
    for _ in range(3):
        assert await its.answers()


async def test_who_is_cancelled_leaves_no_transaction_and_no_turn(its: Database) -> None:
    began = asyncio.Event()

    async def slow() -> None:
        async with its.writing() as unit:
            await unit.audit.note(AuditAct.ROLE_CHANGED, datetime(2026, 11, 22, tzinfo=UTC), by=None, object_="x")
            began.set()
            await asyncio.Event().wait()

    going = asyncio.create_task(slow())
    await began.wait()
    going.cancel()
    with suppress(asyncio.CancelledError):
        await going
    assert await its.answers()
    async with its.reading() as unit:
        assert await unit.audit.about("x") == []
    assert await its.look(lambda connection: connection.execute(_OPEN_TRANSACTIONS).scalar_one()) == 0


async def test_when_all_connections_are_in_use_the_next_one_is_told(
    its: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("klausur.store.postgres._CONNECT_SECONDS", 0.01)
    monkeypatch.setattr("klausur.store.postgres._CONNECTIONS", 2)
    narrow = open_database(its.url)
    async with AsyncExitStack() as busy:
        for _ in range(2):
            await busy.enter_async_context(narrow.reading())
        with pytest.raises(StorageUnavailable, match="in use"):
            async with narrow.reading():
                pass
    async with narrow.reading() as unit:
        assert await unit.meetings.find("none") is None
    await narrow.close()


# -- one writer, and readers of one moment ----------------------------------------------------------------------------


async def note(database: Database, act: str) -> None:
    row = {"at": datetime(2026, 11, 22, tzinfo=UTC), "act": act, "object": "x"}
    await database.look(lambda connection: connection.execute(insert(tables.audit).values(row)))


async def test_of_two_processes_one_writes_and_the_other_waits_for_it(its: Database) -> None:
    """Two databases opened are as good as two processes: each has a queue of its own."""
    another = open_database(its.url)
    order: list[str] = []
    began = asyncio.Event()

    async def first() -> None:
        async with its.writing() as unit:
            began.set()
            await unit.meetings.probe()
            order.append("first")

    async def second() -> None:
        await began.wait()
        async with another.writing() as unit:
            order.append("second")
            await unit.meetings.probe()

    await asyncio.gather(first(), second())
    assert order == ["first", "second"]
    await another.close()


async def test_who_waits_too_long_for_another_process_is_told(its: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("klausur.store.postgres._BUSY_MILLISECONDS", 10)
    another = open_database(its.url)
    async with its.writing():
        with pytest.raises(StorageUnavailable, match="lock timeout"):
            async with another.writing():
                pass
        assert not await another.answers()
        async with another.reading() as unit:  # reading goes on
            assert await unit.meetings.find("none") is None
    assert await another.answers()
    await another.close()


async def test_a_statement_that_takes_too_long_is_ended(its: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("klausur.store.postgres._STATEMENT_MILLISECONDS", 10)
    hasty = open_database(its.url)
    with pytest.raises(StorageUnavailable, match="statement timeout"):
        await hasty.look(lambda connection: connection.execute(text("SELECT pg_sleep(30)")))
    await hasty.close()


async def test_reading_writes_nothing(its: Database) -> None:
    with pytest.raises(StorageUnavailable, match="read-only"):
        async with its.reading() as unit:
            await unit.meetings.probe()


async def test_a_second_server_on_one_database_does_not_start(its: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await its.claim()
    monkeypatch.setattr("klausur.store.postgres._BUSY_MILLISECONDS", 10)
    another = open_database(its.url)
    with pytest.raises(StorageUnavailable, match="another Klausur"):
        await another.claim()
    await another.close()
    with pytest.raises(StorageUnavailable, match="another Klausur"):
        await asyncio.to_thread(replaced, its.url)
    await its.close()
    after = open_database(its.url)
    await after.claim()
    assert await after.answers()
    await after.close()
    await asyncio.to_thread(replaced, its.url)


async def claims_cut(postgres: Cluster) -> None:
    """As a restart does, for whoever has a claim: its connection is over, and the lock is nobody's."""
    await asyncio.to_thread(
        postgres._administer,
        sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"),
    )


async def test_a_claim_that_went_with_its_connection_is_made_again(
    postgres: Cluster, its: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await its.claim()
    await claims_cut(postgres)
    await its.claim()
    monkeypatch.setattr("klausur.store.postgres._BUSY_MILLISECONDS", 10)
    another = open_database(its.url)
    with pytest.raises(DatabaseTaken):
        await another.claim()
    await another.close()


async def test_a_claim_that_stands_is_not_made_again(its: Database) -> None:
    await its.claim()
    before = await its.look(holders)
    await its.claim()
    assert await its.look(holders) == before
    assert len(before) == 1


def holders(connection: Connection) -> list[int]:
    told = connection.execute(text("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"))
    return list(told.scalars())


async def test_who_came_meanwhile_has_it_and_the_first_must_end(postgres: Cluster, its: Database) -> None:
    await its.claim()
    await claims_cut(postgres)
    another = open_database(its.url)
    await another.claim()
    lost: list[DatabaseTaken] = []
    await once(claim.job(its.claim, lost.append))
    assert [str(each) for each in lost] == ["another Klausur is running on it"]
    await another.close()
    await once(claim.job(its.claim, lost.append))
    assert len(lost) == 1


async def test_our_own_claim_of_which_postgresql_has_not_heard_the_end_is_not_anothers(its: Database) -> None:
    """The way to it was cut: to PostgreSQL the old connection stands, for a minute."""
    await its.claim()
    assert isinstance(its, PostgreSQL)
    old, its._claim = its._claim, None
    assert old is not None
    await its.claim()
    assert len(await its.look(holders)) == 1
    with suppress(DBAPIError):
        await old.close()


async def test_while_postgresql_is_away_nobody_ends(its: Database) -> None:
    lost: list[DatabaseTaken] = []
    away = open_database(make_url(its.url).set(port=1).render_as_string(hide_password=False))
    await once(claim.job(away.claim, lost.append))
    assert lost == []
    await away.close()


def replaced(address: str) -> None:
    with open_alone(address).replacing("before") as (connection, _):
        migrate.upgrade(connection, "head")


# -- deleting ---------------------------------------------------------------------------------------------------------


async def test_what_was_deleted_leaves_the_tables_pages(postgres: Cluster, its: Database) -> None:
    """And its free space is used again; the write-ahead log keeps it for as long as PostgreSQL keeps that."""
    await note(its, SECRET)
    assert postgres.bytes_hold(SECRET.encode())
    await its.look(lambda connection: connection.execute(tables.audit.delete()))
    await its.scrub(deleted=True)
    dead = "SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'audit'"
    assert await its.look(lambda connection: connection.execute(text(dead)).scalar()) == 0
    assert not postgres.bytes_hold(SECRET.encode())
