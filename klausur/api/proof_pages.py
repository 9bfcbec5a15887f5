"""What the pages of the proof are made of: for the description of the doors, not for checking. They are stored as JSON
by whoever judged last, and handed out as they are; a test holds the two against each other."""

from __future__ import annotations

from typing import Any, Literal

from klausur.api.models import Answer
from klausur.api.proof_models import AttestationShown, ProofSummary, Verdict, WaiverShown, Words


class NamedRole(Answer):
    id: str
    name: Words


class PlaceNamed(Answer):
    name: Words
    section: str | None


class ObservationShown(Answer):
    at: str
    status: Literal[
        "pass",
        "fail",
        "inconclusive",
        "blocked",
        "crashed",
        "timed-out",
        "nothing-seen",
        "calibration-failed",
    ]
    status_name: Words
    grade: int
    says: Words
    entry: int
    """Of the ledger: GET /api/proof/evidence/{seq}."""


class BindingShown(Answer):
    how: str
    probe: str | None
    question: Words | None
    min_grade: int
    max_age_days: int
    observation: ObservationShown | None
    """What the verdict rests on, or failed by."""
    later: ObservationShown | None
    """A newer attempt, which decides nothing."""
    attestation: AttestationShown | None


class ObjectiveShown(Answer):
    id: str
    text: Words
    role: NamedRole
    verdict: Verdict
    reasons: list[Words]
    waivers: list[WaiverShown]
    bindings: list[BindingShown]


class VerdictThen(Answer):
    run: str
    at: str
    verdict: Verdict


class RowShown(Answer):
    id: str
    verb: Literal["MUST", "SHOULD", "MAY"]
    verb_note: Words | None
    label: Words | None
    grade_note: Words | None
    title: Words
    statement: Words
    sources: list[PlaceNamed]
    goals: list[Words]
    verdict: Verdict
    reasons: list[Words]
    answer: Literal["yes", "no", "n/a"]
    roles: list[NamedRole]
    waivers: list[WaiverShown]
    history: list[VerdictThen]
    objectives: list[ObjectiveShown]


class ChapterShown(Answer):
    id: str
    title: Words
    source: Words
    section: str
    rows: list[RowShown]


class ProbeShown(Answer):
    version: int | None
    proves: Words
    proves_not: Words
    vantage: Words
    may_see: Words | None
    third_parties: bool
    """Whether it may be pointed at what somebody else runs."""
    built: bool


class RunShown(Answer):
    id: str
    begun_at: str
    ended_at: str | None
    release: str
    profile: str
    only: list[str] | None
    counts: dict[str, int] | None
    """None where it was broken off, or judged nothing."""
    changes: list[dict[Literal["row", "from", "to"], str]]


class Contradiction(Answer):
    key: str
    text: Words


class ProofReport(ProofSummary):
    chapters: list[ChapterShown]
    probes: dict[str, ProbeShown]
    grades: dict[str, Words]
    verdicts: dict[Verdict, Words]
    runs: list[RunShown]
    facts_open: int
    contradictions: list[Contradiction]


class ChoiceNamed(Answer):
    value: str
    name: Words


class FactShown(Answer):
    key: str
    group: Words
    question: Words
    help: Words
    kind: Literal["bool", "choice", "text"]
    choices: list[ChoiceNamed] | None
    max_length: int | None
    value: str | bool | None
    origin: Literal["declared", "config", "observed"] | None
    editable: bool
    at: str | None
    by: str | None
    contradiction: Words | None


class FactsPage(Answer):
    facts: list[FactShown]


class EvidenceShown(Answer):
    at: str
    probe: str
    status: str
    says: Words
    evidence: Any
    twin: Any
    """The same probe on something deliberately broken."""
