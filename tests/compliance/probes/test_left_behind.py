"""What a meeting of Hanna's and Gustav's leaves behind, in the database, in files and in the log."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from klausur import log
from klausur.compliance.controlling import overhearing
from klausur.compliance.evidence import Status
from klausur.compliance.probes import log_canary, retention_accounts, retention_canary, retention_guest
from klausur.compliance.target import Target
from klausur.store.accounts import AccountRows, InvitationRows, SessionRows
from klausur.store.meetings import MeetingRows
from klausur.store.seats import SeatRows
from tests.compliance.probes.running import installed

PROBES = (retention_accounts.PROBE, retention_canary.PROBE, retention_guest.PROBE, log_canary.PROBE)


async def test_nothing_is_left_of_a_meeting(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "20 minutes after everybody had left, none" in await its.is_green(retention_canary.PROBE)


async def test_a_house_that_never_forgets_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_given: object) -> int:
        return 0

    monkeypatch.setattr(MeetingRows, "forget", nothing)
    async with installed(tmp_path) as its:
        assert "meeting in meetings" in await its.is_red(retention_canary.PROBE)


async def test_a_copy_in_the_data_folder_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a developer who wanted to look at something, once."""
    really = MeetingRows.set_card

    async def copied(rows: MeetingRows, meeting: str, card: Any) -> bool:
        (tmp_path / "cards.bak").write_text(card.sealed)
        return await really(rows, meeting, card)

    monkeypatch.setattr(MeetingRows, "set_card", copied)
    async with installed(tmp_path) as its:
        assert "card in data/cards.bak" in await its.is_red(retention_canary.PROBE)


async def test_nothing_is_left_of_a_guest(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "none of 8 marks of a guest" in await its.is_green(retention_guest.PROBE)


async def test_seats_that_outlive_their_people_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_given: object) -> None: ...

    monkeypatch.setattr(SeatRows, "forget_gone", nothing)
    async with installed(tmp_path) as its:
        assert "guest's seat key in seats after leaving" in await its.is_red(retention_guest.PROBE)


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
async def test_sessions_and_links_go_when_their_time_is_over(tmp_path: Path, database: str) -> None:
    async with installed(tmp_path) as its:
        assert "3 sessions and links of accounts" in await its.is_green(retention_accounts.PROBE), database


@pytest.mark.parametrize(
    ("rows", "what"),
    [(SessionRows, "session not used in sessions"), (InvitationRows, "link not used in invitations")],
)
async def test_sessions_and_links_that_outlive_their_time_are_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: type, what: str
) -> None:
    async def nothing(*_given: object) -> int:
        return 0

    monkeypatch.setattr(rows, "end_over", nothing)
    async with installed(tmp_path) as its:
        assert what in await its.is_red(retention_accounts.PROBE)


async def test_a_house_that_ends_every_session_has_not_looked_at_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = SessionRows.end_over

    async def everybodys(rows: SessionRows, began_by: datetime, _seen_by: datetime) -> int:
        return await really(rows, began_by, began_by + timedelta(days=30))

    monkeypatch.setattr(SessionRows, "end_over", everybodys)
    async with installed(tmp_path) as its:
        assert (await its.look(retention_accounts.PROBE)).status is Status.NOTHING_SEEN


def test_time_that_was_not_set_back_ends_nothing() -> None:
    seen = {"stored": {"link not used": ["invitations"]}, "set_back": {"link not used": 0}, "left": {"a": []}}
    assert retention_accounts.judge(seen, {}).status is Status.NOTHING_SEEN


@pytest.mark.usefixtures("lines")
async def test_the_log_names_nobody(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "none of" in await its.is_green(log_canary.PROBE)


@pytest.mark.usefixtures("lines")
async def test_a_line_with_the_name_of_who_signs_in_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AccountRows, "named", _saying(AccountRows.named, lambda name: f"no account {name}"))
    async with installed(tmp_path) as its:
        assert "account's name" in await its.is_red(log_canary.PROBE)


@pytest.mark.usefixtures("lines")
async def test_a_line_with_an_address_is_noticed_whosever_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "_MASKS", ())
    monkeypatch.setattr(AccountRows, "named", _saying(AccountRows.named, lambda _name: "from 203.0.113.7"))
    async with installed(tmp_path) as its:
        assert "lines with a network address" in await its.is_red(log_canary.PROBE)


def _saying(really: Callable[..., Any], says: Callable[[str], str]) -> Callable[..., Any]:
    async def told(rows: AccountRows, name: str) -> Any:
        structlog.get_logger("people").info("asked_for", reason=says(name))
        return await really(rows, name)

    return told


async def test_it_is_heard_for_longer_than_it_may_take(tmp_path: Path, lines: io.StringIO) -> None:
    async with installed(tmp_path) as its:
        await its.is_green(log_canary.PROBE)
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    heard = [each["seconds"] for each in told if each["event"] == "log_overheard"]
    assert len(heard) == 2, "the twin, and the installation"
    assert min(heard) > log_canary.PROBE.seconds


async def test_what_is_logged_when_the_server_no_longer_lets_itself_be_heard_is_missed(tmp_path: Path) -> None:
    """It says that nothing is missing: nothing of what it let be heard."""

    async def brief(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"hearing\nlog {}\nmissed 0\n")
        writer.close()

    target = Target("http://localhost", httpx.AsyncClient(), {"data": str(tmp_path)})
    async with await asyncio.start_unix_server(brief, tmp_path / "control"), overhearing(target) as heard:
        await asyncio.wait([each for each in asyncio.all_tasks() if "_listen" in repr(each.get_coro())])
    assert (heard.lines, heard.missed) == (["{}"], 1)


def test_a_log_of_which_lines_are_missing_says_nothing() -> None:
    seen = {"found": [], "addresses": 0, "control": True, "missed": 3, "lines": 1000, "marks": 30}
    assert log_canary.judge(seen, {}).status is Status.NOTHING_SEEN


async def test_a_log_that_nobody_hears_names_nobody_either(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        seen = await its.look(log_canary.PROBE)
        assert seen.status is Status.NOTHING_SEEN, "the fixtures have silenced it"


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.id)
async def test_without_the_control_door_it_cannot_be_tried(tmp_path: Path, probe: Any) -> None:
    async with installed(tmp_path) as its:
        (tmp_path / "control").unlink()
        assert (await its.look(probe)).status is Status.BLOCKED


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('{"at":"2026-11-23T00:54:10.123456Z","event":"started"}', False),
        ("from 192.0.2.7", True),
        ("from 2001:db8::7", True),
        ("[2001:db8:1:2:3:4:5:6]:443", True),
        ("at 12:34:56 o'clock", False),
    ],
)
def test_an_address_is_known_from_a_time_of_day(line: str, named: bool) -> None:
    assert log_canary._names_an_address(line) is named
