"""What speaks for or against an objective: observations of probes, answers of people, deviations that were approved."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from klausur.compliance.grades import Grade
from klausur.compliance.model import Asking, Binding
from klausur.compliance.words import Text

RELEASE: Final = "release"
"""Among the settings that observations depend on: what another release does nobody has seen."""


class Status(StrEnum):
    """How a probe's evidence was judged."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    BLOCKED = "blocked"
    """could not be tried: no browser, no way out, no right"""
    CRASHED = "crashed"
    TIMED_OUT = "timed-out"
    NOTHING_SEEN = "nothing-seen"
    """ran, and saw nothing that could have been judged"""
    CALIBRATION_FAILED = "calibration-failed"
    """did not notice its own bad twin: whatever else it says is worth nothing"""


STATUSES: Final[Mapping[Status, Text]] = {
    Status.PASS: Text(de="bestanden", en="passed"),
    Status.FAIL: Text(de="durchgefallen", en="failed"),
    Status.INCONCLUSIVE: Text(de="ohne klares Ergebnis", en="inconclusive"),
    Status.BLOCKED: Text(de="nicht durchführbar", en="could not be tried"),
    Status.CRASHED: Text(de="abgestürzt", en="crashed"),
    Status.TIMED_OUT: Text(de="nicht rechtzeitig fertig", en="timed out"),
    Status.NOTHING_SEEN: Text(de="nichts gesehen", en="nothing seen"),
    Status.CALIBRATION_FAILED: Text(de="eigenen Fehlerfall nicht erkannt", en="missed its own bad twin"),
}


@dataclass(frozen=True, slots=True)
class Observation:
    """A probe's evidence, judged."""

    id: str
    asking: Asking
    status: Status
    grade: Grade
    seen_at: datetime
    expires_at: datetime | None = None
    """where the evidence itself says so, such as a certificate; the binding's age limit holds besides"""
    depends_on: tuple[str, ...] = ()
    """names of the settings without which it might have come out otherwise"""
    configuration: str = ""
    """``configuration_digest`` of those, when it was seen"""

    def is_current(self, settings: Mapping[str, object]) -> bool:
        """Whether the settings that it depends on are what they were."""
        return not self.depends_on or configuration_digest(settings, self.depends_on) == self.configuration


@dataclass(frozen=True, slots=True)
class Attestation:
    """A named person's answer to a binding's question."""

    id: str
    objective: str
    """full id"""
    asked: str
    """``Binding.asked`` of the question that was answered"""
    answer: bool
    statement: str
    person: str
    role: str
    at: datetime
    until: datetime
    grade: Grade = Grade.ATTESTED
    """A questionnaire's is DECLARED."""
    files: tuple[str, ...] = ()
    """digests of what was attached"""

    @property
    def worth(self) -> Grade:
        """Words are never worth more than a person who stands for them, and nothing more without one."""
        best = Grade.ATTESTED if self.person.strip() and self.role.strip() else Grade.DECLARED
        return min(self.grade, best)


@dataclass(frozen=True, slots=True)
class Waiver:
    """An approved deviation: it makes nothing better than "not met, approved, open"."""

    id: str
    target: str
    """an objective's full id, or a requirement's for all its objectives"""
    reason: str
    risk: str
    compensation: str
    asked_by: str
    approved_by: str
    at: datetime
    until: datetime

    @property
    def flaw(self) -> Text | None:
        """Why it is void from the start; None: it is not."""
        if not all(text.strip() for text in (self.reason, self.risk, self.compensation)):
            return Text(de="Grund, Risiko oder Ausgleich fehlen.", en="Reason, risk or compensation are missing.")
        people = {_folded(self.asked_by), _folded(self.approved_by)}
        if "" in people or len(people) < 2:
            return Text(de="Es braucht zwei verschiedene Personen.", en="It takes two different people.")
        if not self.at < self.until <= a_year_after(self.at):
            return Text(de="Sie gilt höchstens zwölf Monate.", en="It holds for twelve months at most.")
        return None

    def waits(self, now: datetime) -> bool:
        """For its second person."""
        return not self.approved_by and now < self.until

    def holds(self, now: datetime) -> bool:
        return self.flaw is None and self.at <= now < self.until


def answered_until(attestation: Attestation, binding: Binding) -> datetime:
    return min(attestation.until, attestation.at + timedelta(days=binding.max_age_days))


def valid_until(observation: Observation, binding: Binding) -> datetime:
    aged = observation.seen_at + timedelta(days=binding.max_age_days)
    return aged if observation.expires_at is None else min(aged, observation.expires_at)


def a_year_after(moment: datetime) -> datetime:
    """The same day; 29 February: the 28th."""
    try:
        return moment.replace(year=moment.year + 1)
    except ValueError:
        return moment.replace(year=moment.year + 1, day=28)


def configuration_digest(settings: Mapping[str, object], names: Iterable[str]) -> str:
    """SHA-256 over the effective values under these names. Secrets do not belong into ``settings``: what stands here
    is kept for years. Raises TypeError for values that are not plain JSON."""
    chosen = [[name, settings[name]] if name in settings else [name] for name in sorted(set(names))]
    return hashlib.sha256(json.dumps(chosen, sort_keys=True, separators=(",", ":")).encode("ascii")).hexdigest()


def _folded(name: str) -> str:
    """Two spellings of one name are one person."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
