"""Prepared statements say what the plain ones say, and fail as they do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from klausur.store.prepared import Prepared
from klausur.store.sqlite import open_engine
from klausur.store.tables import meetings, metadata

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ROW: Mapping[str, Any] = {
    "id": "M",
    "state": "open",
    "host_public_key": "K",
    "proof_hash": "P",
    "card_version": 0,
    "rules_version": 0,
    "guests": True,
    "times_version": 0,
    "closes_at": NOON.astimezone(timezone(timedelta(hours=2))),
}
COLUMNS = (meetings.c.id, meetings.c.opens_at, meetings.c.closes_at)
ADD = Prepared(insert(meetings))
FIND = Prepared(select(*COLUMNS).where(meetings.c.id == bindparam("which")))
CLOSE = Prepared(update(meetings).where(meetings.c.id == bindparam("which")))


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = open_engine(f"sqlite:///{tmp_path / 'klausur.db'}")
    with engine.connect() as connected:
        metadata.create_all(connected)
        yield connected
    engine.dispose()


def test_what_is_written_is_found_again_with_its_zone(connection: Connection) -> None:
    assert ADD.run(connection, ROW).rowcount == 1
    assert list(FIND.run(connection, {"which": "M"})) == [["M", None, NOON]]
    assert FIND.run(connection, {"which": "nobody's"}).first() is None
    plain = connection.execute(FIND.statement, {"which": "M"}).first()
    assert plain is not None
    assert list(plain) == FIND.run(connection, {"which": "M"}).first()


def test_a_change_says_how_many_it_concerned(connection: Connection) -> None:
    ADD.run(connection, ROW)
    later = NOON + timedelta(hours=1)
    assert CLOSE.run(connection, {"which": "M", "closes_at": later}).rowcount == 1
    assert CLOSE.run(connection, {"which": "nobody's", "closes_at": later}).rowcount == 0
    assert FIND.run(connection, {"which": "M"}).first() == ["M", None, later]


def test_it_fails_with_sqlalchemys_errors_and_quotes_no_value(connection: Connection) -> None:
    ADD.run(connection, ROW)
    with pytest.raises(IntegrityError) as twice:
        ADD.run(connection, ROW)
    assert "2026" not in str(twice.value)
    metadata.drop_all(connection)
    with pytest.raises(OperationalError):
        FIND.run(connection, {"which": "M"})
