"""When the stage takes a device for silent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import httpx
import pytest

from klausur.compliance.live import stage
from klausur.compliance.live.stage import Stage
from klausur.compliance.target import Target
from tests.compliance.probes.held import OWN


class Sending:
    """Gustav, of whose camera so many frames have been sent at each look."""

    def __init__(self, frames: Sequence[int]) -> None:
        self._frames: Iterator[int] = iter(frames)

    async def flow(self) -> Mapping[str, float]:
        return {"video frames": next(self._frames), "energy recorded": 1.0}


@pytest.mark.parametrize(
    ("frames", "settled"),
    [
        ([7, 7, 7, 99], 7),
        ([7, 7, 8, 8, 8, 99], 8),
        ([7, 8, 8, 9, 9, 9, 99], 9),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 99], 9),
    ],
)
async def test_a_frame_that_comes_late_has_been_waited_for(
    monkeypatch: pytest.MonkeyPatch, frames: Sequence[int], settled: int
) -> None:
    monkeypatch.setattr(stage, "_SETTLES_S", 0)
    async with httpx.AsyncClient(base_url=OWN) as http:
        its = Stage(Target(OWN, http, {}), None)  # type: ignore[arg-type] # nobody comes
        assert (await its._settled(Sending(frames)))["video frames"] == settled  # type: ignore[arg-type]
