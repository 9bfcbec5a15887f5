"""What can come out for a row, and for a run: closed lists, each once, in both languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final

from klausur.compliance.model import Objective, Requirement, Verb
from klausur.compliance.words import Text


class Outcome(StrEnum):
    """The worst first: several together are what the worst of them is.

    What is known to be wrong is worse than what nobody knows, and to know nothing is worse than to know it vaguely:
    otherwise it would pay to throw evidence away.
    """

    NOT_MET = "not-met"
    DEVIATION_ACCEPTED = "deviation-accepted"
    """not met and approved for a time; stays open and listed"""
    NOT_VERIFIED = "not-verified"
    OUTSIDE_ENGINE = "outside-engine"
    """a task for a person"""
    NEEDS_ATTENTION = "needs-attention"
    ATTESTED = "attested"
    """by people; counted apart from what a machine has shown"""
    MET = "met"
    NOT_APPLICABLE = "not-applicable"


WORST_FIRST: Final = tuple(Outcome)
_RANK: Final[Mapping[Outcome, int]] = {outcome: rank for rank, outcome in enumerate(WORST_FIRST)}

OUTCOMES: Final[Mapping[Outcome, Text]] = MappingProxyType(
    {
        Outcome.NOT_MET: Text(de="nicht erfüllt", en="not met"),
        Outcome.DEVIATION_ACCEPTED: Text(de="Abweichung genehmigt", en="deviation accepted"),
        Outcome.NOT_VERIFIED: Text(de="nicht geprüft", en="not verified"),
        Outcome.OUTSIDE_ENGINE: Text(de="offene Aufgabe", en="open task"),
        Outcome.NEEDS_ATTENTION: Text(de="unklar", en="unclear"),
        Outcome.ATTESTED: Text(de="bestätigt", en="attested"),
        Outcome.MET: Text(de="erfüllt", en="met"),
        Outcome.NOT_APPLICABLE: Text(de="entfällt", en="not applicable"),
    }
)

FULFILLED: Final = frozenset({Outcome.MET, Outcome.ATTESTED})


class Reason(StrEnum):
    FAILED = "failed"
    ANSWERED_NO = "answered-no"
    WAIVED = "waived"
    WAIVER_EXPIRED = "waiver-expired"
    WAIVER_VOID = "waiver-void"
    NO_EVIDENCE = "no-evidence"
    NOT_BUILT = "not-built"
    ATTESTATION_MISSING = "attestation-missing"
    ATTESTATION_EXPIRED = "attestation-expired"
    STALE = "stale"
    CHANGED_SINCE = "changed-since"
    INSUFFICIENT_GRADE = "insufficient-grade"
    CONTRADICTION = "contradiction"
    PROBE_ERROR = "probe-error"
    INCONCLUSIVE = "inconclusive"
    BLOCKED = "blocked"
    MODEL = "model"
    FACT = "fact"


REASONS: Final[Mapping[Reason, Text]] = MappingProxyType(
    {
        Reason.FAILED: Text(de="Die Prüfung ist durchgefallen.", en="The probe failed."),
        Reason.ANSWERED_NO: Text(de="Die Frage wurde mit Nein beantwortet.", en="The question was answered no."),
        Reason.WAIVED: Text(
            de="Die Abweichung ist befristet genehmigt.", en="The deviation is approved for a limited time."
        ),
        Reason.WAIVER_EXPIRED: Text(de="Die Genehmigung ist abgelaufen.", en="The approval has expired."),
        Reason.WAIVER_VOID: Text(de="Die Genehmigung ist unwirksam.", en="The approval is void."),
        Reason.NO_EVIDENCE: Text(de="Es gibt keinen Nachweis.", en="There is no evidence."),
        Reason.NOT_BUILT: Text(
            de="Für diese Prüfung gibt es noch kein Verfahren.", en="Nothing has been built yet that could show this."
        ),
        Reason.ATTESTATION_MISSING: Text(de="Eine Bestätigung fehlt.", en="An attestation is missing."),
        Reason.ATTESTATION_EXPIRED: Text(de="Die Bestätigung ist abgelaufen.", en="The attestation has expired."),
        Reason.STALE: Text(de="Der Nachweis ist zu alt.", en="The evidence is too old."),
        Reason.CHANGED_SINCE: Text(
            de="Seit dem Nachweis hat sich etwas geändert.", en="Something has changed since the evidence."
        ),
        Reason.INSUFFICIENT_GRADE: Text(
            de="Der Nachweis ist nicht stark genug.", en="The evidence is not strong enough."
        ),
        Reason.CONTRADICTION: Text(de="Angaben widersprechen sich.", en="Statements contradict each other."),
        Reason.PROBE_ERROR: Text(de="Das Prüfverfahren selbst hat versagt.", en="The probe itself did not work."),
        Reason.INCONCLUSIVE: Text(de="Die Prüfung ergab nichts Eindeutiges.", en="The probe showed nothing clear."),
        Reason.BLOCKED: Text(de="Die Prüfung war hier nicht durchführbar.", en="The probe could not be tried here."),
        Reason.MODEL: Text(de="Gilt nicht für dieses Betriebsmodell.", en="Does not apply to this operating model."),
        Reason.FACT: Text(de="Entfällt nach den bekannten Tatsachen.", en="Does not apply by the known facts."),
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Because:
    reason: Reason
    about: str
    """id of a binding or waiver, or key of a fact"""
    evidence: str = ""
    """id of the observation or attestation, where there is one"""


@dataclass(frozen=True, slots=True)
class Verdict:
    outcome: Outcome
    because: tuple[Because, ...] = ()
    """sorted, without repetition"""
    rests_on: tuple[str, ...] = ()
    """ids of the evidence that shows it, where it is met or attested"""


@dataclass(frozen=True, slots=True)
class ObjectiveVerdict:
    objective: Objective
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class RequirementVerdict:
    requirement: Requirement
    verdict: Verdict
    objectives: tuple[ObjectiveVerdict, ...]
    """empty where the row does not apply"""

    @property
    def answer(self) -> Answer:
        return answer(self.verdict.outcome)

    @property
    def evidence(self) -> tuple[str, ...]:
        """Ids of all that it rests on or was reached by, its objectives included; sorted."""
        parts = [self.verdict, *(one.verdict for one in self.objectives)]
        named = {one for part in parts for one in part.rests_on}
        return tuple(sorted(named | {one.evidence for part in parts for one in part.because if one.evidence}))


class Answer(StrEnum):
    """The three of the authorities' checklist. It is never left blank."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "n/a"


ANSWERS: Final[Mapping[Answer, Text]] = MappingProxyType(
    {
        Answer.YES: Text(de="ja", en="yes"),
        Answer.NO: Text(de="nein", en="no"),
        Answer.NOT_APPLICABLE: Text(de="entfällt", en="not applicable"),
    }
)


class ExitCode(IntEnum):
    """Of a run. 4, called wrongly or not exported, is the command's to say."""

    FULFILLED = 0
    """every applicable MUST is met or attested"""
    NOT_MET = 1
    OPEN = 2
    """everything else: unclear, stale, not verified, tasks, deviations"""
    INVALID = 3


class Invalid(StrEnum):
    """Why a run says nothing at all."""

    EMPTY_CATALOGUE = "empty-catalogue"
    FOREIGN_CATALOGUE = "foreign-catalogue"
    NOTHING_SELECTED = "nothing-selected"
    NO_SERVER = "no-server"
    CLOCK_TURNED_BACK = "clock-turned-back"
    OTHER_SETTINGS = "other-settings"


INVALID: Final[Mapping[Invalid, Text]] = MappingProxyType(
    {
        Invalid.EMPTY_CATALOGUE: Text(de="Der Katalog ist leer.", en="The catalogue is empty."),
        Invalid.FOREIGN_CATALOGUE: Text(
            de="Der Katalog ist nicht der, der zu dieser Version gehört.",
            en="The catalogue is not the one that this release carries.",
        ),
        Invalid.NOTHING_SELECTED: Text(de="Die Auswahl enthält keine Zeile.", en="The selection holds no row."),
        Invalid.NO_SERVER: Text(de="Es läuft kein Server.", en="No server is running."),
        Invalid.CLOCK_TURNED_BACK: Text(
            de="Die Uhr dieses Rechners steht vor dem, was zuletzt aufgezeichnet wurde.",
            en="This machine's clock is behind what was recorded last.",
        ),
        Invalid.OTHER_SETTINGS: Text(
            de="Der laufende Server wurde mit anderen Einstellungen oder in einer anderen Version gestartet, als dieser"
            " Lauf sie liest. Bitte starten Sie ihn neu, oder prüfen Sie mit seinen Einstellungen.",
            en="The running server was started with other settings, or in another release, than this run reads. "
            "Please restart it, or check with its settings.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a run came to."""

    catalogue: str
    version: str
    digest: str
    at: datetime
    invalid: Invalid | None
    rows: tuple[RequirementVerdict, ...]
    """in the catalogue's order; none in a run that is invalid"""

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """Of all outcomes, the worst first. Never turned into a percentage."""
        found = Counter(row.verdict.outcome for row in self.rows)
        return MappingProxyType({outcome: found[outcome] for outcome in WORST_FIRST})

    @property
    def deviations(self) -> tuple[RequirementVerdict, ...]:
        """Rows with an approved deviation, also where the row is not met for another reason."""
        return tuple(row for row in self.rows if any(one.reason == Reason.WAIVED for one in row.verdict.because))

    @property
    def exit_code(self) -> ExitCode:
        if self.invalid is not None:
            return ExitCode.INVALID
        musts = {row.verdict.outcome for row in self.rows if row.requirement.verb == Verb.MUST}
        if Outcome.NOT_MET in musts:
            return ExitCode.NOT_MET
        return ExitCode.FULFILLED if musts <= FULFILLED | {Outcome.NOT_APPLICABLE} else ExitCode.OPEN


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Raises ValueError where there are none: nothing is no verdict."""
    return min(outcomes, key=_RANK.__getitem__)


def is_worse(one: Outcome, other: Outcome) -> bool:
    return _RANK[one] < _RANK[other]


def answer(outcome: Outcome) -> Answer:
    if outcome == Outcome.NOT_APPLICABLE:
        return Answer.NOT_APPLICABLE
    return Answer.YES if outcome in FULFILLED else Answer.NO
