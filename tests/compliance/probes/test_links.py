"""What Otto, who has no link, can find out about links."""

from __future__ import annotations

from pathlib import Path

import pytest

from klausur.actions.door import enter
from klausur.compliance.probes import links_entropy, links_guessing, links_uniform
from klausur.domain.encoding import encode
from klausur.domain.errors import MeetingLocked, NoMeeting
from klausur.domain.meeting import Meeting, Opening
from klausur.domain.ports import UnitOfWork
from tests.compliance.probes.running import installed


async def test_nobody_guesses_what_is_given_out(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "no bit fixed" in await its.is_green(links_entropy.PROBE)


async def test_meetings_that_are_counted_up_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter(range(10**6, 10**7))
    monkeypatch.setattr("klausur.actions.open_meeting.new_secret", lambda size: _numbered(next(numbers), size))
    async with installed(tmp_path) as its:
        assert "meeting: " in await its.is_red(links_entropy.PROBE)


def _numbered(number: int, size: int) -> str:
    return encode(number.to_bytes(size))


async def test_guessing_is_slowed_down(tmp_path: Path) -> None:
    async with installed(tmp_path, limit_tickets=12) as its:
        assert "Of 12 wrong guesses" in await its.is_green(links_guessing.PROBE)


async def test_a_door_that_opens_to_a_wrong_proof_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("klausur.actions.door.hmac.compare_digest", lambda _given, _known: True)
    async with installed(tmp_path, limit_tickets=12) as its:
        assert "200" in await its.is_red(links_guessing.PROBE)


async def test_what_exists_and_what_does_not_look_the_same(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "6 doors" in await its.is_green(links_uniform.PROBE)


async def test_a_longer_answer_for_meetings_that_exist_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def telling(unit: UnitOfWork, meeting: str, proof: str | None) -> tuple[Meeting, Opening | None]:
        try:
            return await enter(unit, meeting, proof)
        except NoMeeting:
            if await unit.meetings.find(meeting):
                raise MeetingLocked from None
            raise

    monkeypatch.setattr("klausur.actions.door.enter", telling)
    async with installed(tmp_path) as its:
        assert "existing, no proof" in await its.is_red(links_uniform.PROBE)
