"""A probe, and how one is run: against its own bad twin first, then against the installation.

``collect`` looks and judges nothing; ``judge`` is a pure function of what was collected, as JSON, and can be run again
years later. A probe that does not find its twin bad has shown that it finds nothing: whatever else it says is worth
nothing. So is what a probe says that has not looked at the target it was given, which the mark in its evidence shows.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import rfc8785

from klausur.compliance.evidence import RELEASE, Observation, Status, configuration_digest
from klausur.compliance.grades import Grade
from klausur.compliance.model import Asking, Parameter
from klausur.compliance.target import MARK, CannotLook, Target
from klausur.compliance.words import Text
from klausur.domain.ports import Clock
from klausur.domain.proof_ports import EVIDENCE_BYTES

Evidence: TypeAlias = Mapping[str, Any]
"""JSON: what was seen, with the mark of the target under MARK."""
Params: TypeAlias = Mapping[str, Parameter]

_MOST_BYTES: Final = EVIDENCE_BYTES // 2 - 64 * 1024
"""Of what a probe collects: its twin's, and what is said of both, lies beside it in one piece."""
CANNED_AT_MOST: Final = Grade.OBSERVED_INSIDE
"""What evidence is worth whose twin was never a running system."""


class Vantage(StrEnum):
    """From where a probe looks."""

    SETTINGS = "settings"
    INSIDE = "inside"
    OUTSIDE = "outside"
    BROWSER = "browser"


VANTAGES: Final[Mapping[Vantage, Text]] = MappingProxyType(
    {
        Vantage.SETTINGS: Text(de="aus den Einstellungen", en="from the settings"),
        Vantage.INSIDE: Text(de="von innen", en="from inside"),
        Vantage.OUTSIDE: Text(de="von außen", en="from outside"),
        Vantage.BROWSER: Text(de="aus einem Browser", en="from a browser"),
    }
)


@dataclass(frozen=True, slots=True)
class Judged:
    status: Status
    says: Text
    expires_at: datetime | None = None
    """where the evidence itself says until when it holds"""


@dataclass(frozen=True, slots=True)
class Probe:
    id: str
    version: int
    proves: Text
    proves_not: Text
    vantage: Vantage
    grade: Grade
    collect: Callable[[Target], Awaitable[Evidence]]
    """Raises CannotLook where it could not be tried."""
    judge: Callable[[Evidence, Params], Judged]
    twin: Callable[[Target], AbstractAsyncContextManager[Target]]
    """The same target, broken in the way that the probe is there to find."""
    depends_on: tuple[str, ...] = ()
    """Names of the settings without which it might come out otherwise."""
    may_see: Text | None = None
    """Personal data that may come into its sight; None: none but what it made itself."""
    third_parties: bool = False
    """Whether it may be pointed at what somebody else runs. None may that is not told to: it would ask what nobody has
    allowed there."""
    canned: bool = False
    """The twin is canned evidence, not a running system."""
    stored: bool = False
    """Looks at nothing but what is stored and set: whenever that changes, it can look again without a run."""
    disturbs: bool = False
    """What others ask comes out otherwise for a while: it looks last."""
    seconds: float = 20.0
    """It is given no longer than that to look, twice: once at the twin, which may take as long again to be made."""

    @property
    def worth(self) -> Grade:
        return min(self.grade, CANNED_AT_MOST) if self.canned else self.grade


@dataclass(frozen=True, slots=True)
class Seen:
    """What running a probe came to. ``evidence`` is None where there is none that could be kept."""

    probe: Probe
    status: Status
    at: datetime
    says: Text
    evidence: Evidence | None = None
    twin: Evidence | None = None
    judged: Mapping[Asking, Judged] = field(default_factory=dict)

    def observation(self, asking: Asking, settings: Mapping[str, object]) -> Observation:
        """``settings``: in effect, with the release."""
        judged = self.judged.get(asking)
        names = (*self.probe.depends_on, RELEASE)
        return Observation(
            id=hashlib.sha256(f"{self.at.isoformat()} {asking}".encode()).hexdigest()[:22],
            asking=asking,
            status=judged.status if judged else self.status,
            grade=self.probe.worth,
            seen_at=self.at,
            expires_at=judged.expires_at if judged else None,
            depends_on=names,
            configuration=configuration_digest(settings, names),
        )


class _Spoilt(Exception):
    """The probe itself did not work; ``status`` says how."""

    def __init__(self, status: Status, says: Text) -> None:
        super().__init__(says.en)
        self.status = status
        self.says = says


async def look(probe: Probe, target: Target, askings: tuple[Asking, ...], clock: Clock) -> Seen:
    """Once for all ``askings`` of this probe. Raises nothing that a probe does."""
    at = clock.now()
    twin: Evidence | None = None
    try:
        twin = await _of_the_twin(probe, target)
        for asking in askings:
            if _judge(probe, twin, asking).status is not Status.FAIL:
                raise _Spoilt(Status.CALIBRATION_FAILED, _MISSED)  # noqa: TRY301
        evidence = await _collect(probe, target)
        judged = {asking: _judge(probe, evidence, asking) for asking in askings}
    except CannotLook as blocked:
        return Seen(probe, Status.BLOCKED, at, blocked.says, twin=twin)
    except _Spoilt as spoilt:
        return Seen(probe, spoilt.status, at, spoilt.says, twin=twin)
    except asyncio.CancelledError as error:
        if _is_asked_to_end():
            raise
        return Seen(probe, Status.CRASHED, at, _crashed(error), twin=twin)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a probe does, the run goes on
        # The kind only: what an exception says may name somebody.
        return Seen(probe, Status.CRASHED, at, _crashed(error), twin=twin)
    first = next(iter(judged.values()))
    return Seen(probe, first.status, at, first.says, evidence, twin, judged)


def _is_asked_to_end() -> bool:
    """Otherwise it was the probe that cancelled something of its own."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


async def _of_the_twin(probe: Probe, target: Target) -> Evidence:
    """Breaking the target and mending it take as long as looking at it, at most."""
    try:
        async with asyncio.timeout(2 * probe.seconds), probe.twin(target) as broken:
            return await _collect(probe, broken)
    except TimeoutError:
        raise _Spoilt(Status.TIMED_OUT, _LATE) from None


async def _collect(probe: Probe, target: Target) -> Evidence:
    """As JSON has it, so that ``judge`` sees today what it will see when it is read back."""
    try:
        async with asyncio.timeout(probe.seconds):
            seen = await probe.collect(target)
    except TimeoutError:
        raise _Spoilt(Status.TIMED_OUT, _LATE) from None
    if not seen or set(seen) == {MARK}:
        raise _Spoilt(Status.NOTHING_SEEN, _NOTHING)
    if seen.get(MARK) != target.mark:
        raise _Spoilt(Status.CRASHED, _ELSEWHERE)
    canonical = rfc8785.dumps(dict(seen))
    if len(canonical) > _MOST_BYTES:
        raise _Spoilt(Status.CRASHED, _TOO_MUCH)
    plain: Evidence = json.loads(canonical)
    return plain


def _judge(probe: Probe, evidence: Evidence, asking: Asking) -> Judged:
    return probe.judge(evidence, MappingProxyType(dict(asking.params)))


_MISSED: Final = Text(
    de="Das Verfahren hat den eigenen, absichtlich eingebauten Fehler nicht bemerkt.",
    en="The probe did not notice the fault that was put before it on purpose.",
)
_LATE: Final = Text(de="Das Verfahren wurde nicht rechtzeitig fertig.", en="The probe was not done in time.")
_NOTHING: Final = Text(de="Das Verfahren hat nichts gesehen.", en="The probe saw nothing.")
_ELSEWHERE: Final = Text(
    de="Das Verfahren hat anderswo hingesehen als dort, wo es sollte.",
    en="The probe looked elsewhere than where it was to look.",
)
_TOO_MUCH: Final = Text(
    de="Das Verfahren hat mehr gesammelt, als aufbewahrt wird.", en="The probe collected more than is kept."
)


def _crashed(error: BaseException) -> Text:
    kind = type(error).__name__
    return Text(de=f"Das Verfahren ist abgestürzt ({kind}).", en=f"The probe crashed ({kind}).")
