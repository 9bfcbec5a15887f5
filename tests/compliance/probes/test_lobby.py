"""Gustav waits in front of the door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from klausur.api.hub import Hub, Listener
from klausur.compliance.probes import lobby_isolation
from tests.compliance.probes.running import installed


async def test_who_waits_learns_nothing(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "none reached the waiting room" in await its.is_green(lobby_isolation.PROBE)


async def test_a_waiting_room_in_which_one_hears_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = Hub.join

    def inside(*given: Any, **_lobby: bool) -> Listener:
        return really(*given, lobby=False)

    monkeypatch.setattr(Hub, "join", inside)
    async with installed(tmp_path) as its:
        assert "heard seat" in await its.is_red(lobby_isolation.PROBE)
