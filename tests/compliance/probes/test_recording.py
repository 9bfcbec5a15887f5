"""Otto would like to have Hanna's meeting on tape, or on air."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from livekit.protocol import models, rtc

from klausur.compliance.evidence import Status
from klausur.compliance.meetings import Person
from klausur.compliance.probes import recording_impossible, streaming_absent
from klausur.compliance.probes.doors import faults
from tests.compliance.probes.running import installed
from tests.compliance.probes.test_media import engine

PROBES = (recording_impossible.PROBE, streaming_absent.PROBE)


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.id)
async def test_there_is_nothing_to_do_it_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, probe: Any) -> None:
    async with engine(monkeypatch), installed(tmp_path) as its:
        assert "had no effect" in await its.is_green(probe)


@pytest.mark.parametrize(
    ("probe", "door"),
    [
        (recording_impossible.PROBE, "/api/meetings/{meeting}/recordings"),
        (streaming_absent.PROBE, "/api/admin/meetings/{meeting}/stream"),
    ],
    ids=lambda each: getattr(each, "id", None),
)
async def test_a_door_that_somebody_built_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, probe: Any, door: str
) -> None:
    async with engine(monkeypatch), installed(tmp_path) as its:
        its.house.built.api.add_api_route(door, lambda meeting: {"of": meeting}, methods=["POST"])
        assert "the host: /api/" in await its.is_red(probe)


async def test_an_engine_that_records_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Person, "joined", _altered(lambda told: setattr(told.join.room, "active_recording", True)))
    async with engine(monkeypatch), installed(tmp_path) as its:
        assert "the engine records" in await its.is_red(recording_impossible.PROBE)


async def test_a_telephone_in_the_room_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dialled(told: Any) -> None:
        told.join.other_participants.add(kind=models.ParticipantInfo.Kind.SIP)

    monkeypatch.setattr(Person, "joined", _altered(dialled))
    async with engine(monkeypatch), installed(tmp_path) as its:
        assert "sip in the room" in await its.is_red(streaming_absent.PROBE)


def _altered(alter: Any) -> Any:
    really = Person.joined

    async def joined(person: Person, ticket: str) -> bytes:
        told = rtc.SignalResponse.FromString(await really(person, ticket))
        alter(told)
        return told.SerializeToString()

    return joined


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.id)
async def test_without_an_engine_it_cannot_be_tried(tmp_path: Path, probe: Any) -> None:
    async with installed(tmp_path) as its:
        assert (await its.look(probe)).status is Status.BLOCKED


def test_an_act_that_was_taken_is_named() -> None:
    quiet: dict[str, Any] = {"granted": [], "recording": False, "machines": []}
    assert faults({"opened": [], "taken": ["record"], "engine": quiet}) == ["the host may record"]


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.id)
def test_a_house_whose_doors_are_all_shut_shows_nothing(probe: Any) -> None:
    quiet: dict[str, Any] = {"granted": [], "recording": False, "machines": []}
    seen: dict[str, Any] = {"opened": [], "limited": [], "taken": [], "engine": quiet, "joined": True, "tried": 1}
    assert probe.judge(seen | {"control": 200}, {}).status is Status.PASS
    assert probe.judge(seen | {"control": 503}, {}).status is Status.NOTHING_SEEN
    assert probe.judge(seen | {"control": 200, "limited": ["the host: /live (429)"]}, {}).status is Status.NOTHING_SEEN
