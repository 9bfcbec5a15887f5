"""Hanna talks much, Gustav little: nobody keeps count."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text, update

from klausur.compliance.evidence import Status
from klausur.compliance.probes import db_no_tracking
from klausur.store import tables
from klausur.store.meetings import MeetingRows
from tests.compliance.probes.running import installed


async def test_nobody_keeps_count(tmp_path: Path, database: str) -> None:
    async with installed(tmp_path) as its:
        assert "neither using the pages nor a meeting" in await its.is_green(db_no_tracking.PROBE), database


@pytest.mark.parametrize("column", ["mood", "talk_seconds"])
async def test_a_column_for_behaviour_is_noticed(tmp_path: Path, database: str, column: str) -> None:
    """Also where it is called as in the probe's own broken target."""
    async with installed(tmp_path) as its:
        await its.house.built.database.look(lambda connection: _add(connection, column))
        assert f"seats.{column}" in await its.is_red(db_no_tracking.PROBE), database


def _add(connection: Connection, column: str) -> None:
    connection.execute(text(f"ALTER TABLE seats ADD COLUMN {column} INTEGER"))
    connection.commit()


async def test_seats_that_stay_are_a_list_of_who_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever they are called."""
    really = MeetingRows.close

    async def kept(rows: MeetingRows, meetings: Any, fresh: Any) -> None:
        await rows._do(text("INSERT INTO misc SELECT pseudonym, since FROM seats"))
        await really(rows, meetings, fresh)

    monkeypatch.setattr(MeetingRows, "close", kept)
    async with installed(tmp_path) as its:
        await its.house.built.database.look(_make_misc)
        assert "people of an ended meeting in misc" in await its.is_red(db_no_tracking.PROBE)


def _make_misc(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE misc (a TEXT, b TIMESTAMP)"))
    connection.commit()


async def test_a_count_of_meetings_by_account_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a column that is there for something else."""
    really = MeetingRows.close
    count = tables.accounts.c.totp_last_step

    async def counting(rows: MeetingRows, meetings: Any, fresh: Any) -> None:
        for meeting in meetings:
            more = update(tables.accounts).where(tables.accounts.c.id == meeting.account)
            await rows._do(more.values(totp_last_step=count + 1))
        await really(rows, meetings, fresh)

    monkeypatch.setattr(MeetingRows, "close", counting)
    async with installed(tmp_path) as its:
        assert "accounts.totp_last_step changes" in await its.is_red(db_no_tracking.PROBE)


async def test_without_a_database_it_cannot_be_tried(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        its.target = replace(its.target, inside=None)
        assert (await its.look(db_no_tracking.PROBE)).status is Status.BLOCKED


def test_people_who_were_never_there_are_no_evidence() -> None:
    seen: dict[str, Any] = {"columns": [], "left": [], "by_using": [], "by_meeting": [], "during": [], "pages": []}
    assert db_no_tracking.judge(seen | {"account": ["accounts"]}, {}).status is Status.NOTHING_SEEN
