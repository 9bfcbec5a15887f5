"""What a meeting of Hanna's and Gustav's leaves behind, in the database, in files and in the log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog

from klausur import log
from klausur.compliance.evidence import Status
from klausur.compliance.probes import log_canary, retention_canary, retention_guest
from klausur.store.accounts import AccountRows
from klausur.store.meetings import MeetingRows
from klausur.store.seats import SeatRows
from tests.compliance.probes.running import installed

PROBES = (retention_canary.PROBE, retention_guest.PROBE, log_canary.PROBE)


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
