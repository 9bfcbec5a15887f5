from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import Engine, event
from structlog.typing import EventDict, WrappedLogger

from klausur import log
from tests.house import House, house
from tests.postgres import Cluster, cluster

ON_BOTH = (
    "tests/backup/test_backup.py",
    "tests/backup/test_working_house.py",
    "tests/compliance/probes/test_db_",
    "tests/flows/test_events_socket.py",
    "tests/flows/test_hosts_rules.py",
    "tests/flows/test_killed_at_each_step.py",
    "tests/flows/test_meeting_life.py",
    "tests/flows/test_moderation.py",
    "tests/flows/test_people_",
    "tests/flows/test_planned_meetings_change.py",
    "tests/flows/test_tickets.py",
    "tests/flows/test_two_people_meet.py",
    "tests/flows/test_waiting_room.py",
    "tests/identity/test_passkeys_at_the_door.py",
    "tests/identity/test_provider_at_the_door.py",
    "tests/store/test_database.py",
    "tests/store/test_proof_store.py",
)
"""How the names of files begin whose houses stand on each kind of database: together they ask every query there is."""


def _silence(_logger: WrappedLogger, _method: str, _event: EventDict) -> str:
    return ""


@pytest.fixture(autouse=True)
def _quiet_log() -> Iterator[None]:
    """Unconfigured, structlog would print every exception with all its variables. What a test configures for the whole
    process ends with it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    structlog.configure(processors=[_silence], logger_factory=structlog.ReturnLoggerFactory())
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def lines(_quiet_log: None) -> io.StringIO:
    """Of the log, at its most talkative."""
    stream = io.StringIO()
    log.configure("debug", stream)
    return stream


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.nodeid.startswith(ON_BOTH):
        kinds = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
        metafunc.parametrize("database", kinds, indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    with cluster() as running:
        yield running


@pytest.fixture(autouse=True)
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The kind of database that this test's houses stand on. On PostgreSQL each folder has one of its own."""
    kind: str = getattr(request, "param", "sqlite")
    if kind == "sqlite":
        yield kind
        return
    its: Cluster = request.getfixturevalue("postgres")
    made: dict[Path, str] = {}

    def database_of(folder: Path) -> dict[str, Any]:
        if folder not in made:
            made[folder] = its.create()
        return {"database_url": made[folder]}

    monkeypatch.setattr("tests.house.database_of", database_of)
    yield kind
    for address in made.values():
        its.drop(address)


@pytest.fixture
async def the_house(tmp_path: Path, database: str) -> AsyncIterator[House]:  # noqa: ARG001 - its kind is its database
    async with house(tmp_path) as built:
        yield built


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """What the database was asked since then; to be cleared as needed."""
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        heard.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    yield heard
    event.remove(Engine, "before_cursor_execute", hear)
