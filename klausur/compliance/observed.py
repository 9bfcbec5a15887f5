"""Facts that probes have seen: what an installation really does stands above what it says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from klausur.compliance.evidence import Status
from klausur.compliance.facts import Origin, Stated
from klausur.compliance.standing import Standing

_SHOWS: Final[Mapping[str, tuple[str, Mapping[Status, bool]]]] = MappingProxyType(
    {
        "recording.impossible": ("recording_offered", {Status.PASS: False, Status.FAIL: True}),
        "streaming.absent": ("streaming_offered", {Status.PASS: False, Status.FAIL: True}),
        # A guest was let in. That one was refused says as little as that nobody tried.
        "web.guest-name-only": ("guests_allowed", {Status.PASS: True}),
    }
)
"""By probe: the fact, and what each outcome says of it. An outcome that is not there says nothing."""


def observed(
    standing: Iterable[Standing], settings: Mapping[str, object], now: datetime
) -> Iterator[tuple[str, Stated]]:
    """What the newest looks say, as far as the settings are still those of then."""
    for one in standing:
        its = one.observation
        fact, says = _SHOWS.get(its.asking.probe, ("", {}))
        if its.status in says and its.is_current(settings) and its.seen_at <= now:
            yield fact, Stated(says[its.status], Origin.OBSERVED, its.seen_at, its.id)
