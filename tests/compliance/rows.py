"""Rows, evidence and a Monday morning, to tell stories with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from klausur.compliance.engine import Situation, judge
from klausur.compliance.evidence import Attestation, Observation, Status, Waiver, configuration_digest
from klausur.compliance.facts import Fact, Origin, Stated
from klausur.compliance.grades import Grade, SourceGrade
from klausur.compliance.model import (
    Asking,
    Binding,
    Condition,
    FactValue,
    How,
    Objective,
    OperatingModel,
    Place,
    Requirement,
    Verb,
)
from klausur.compliance.verdicts import Outcome, Reason, RequirementVerdict
from klausur.compliance.vocabulary import Goal, Responsible
from klausur.compliance.words import Text

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

ROW = "DSK-T-4.1-02"
TLS = Asking.of("tls.versions")
CONTRACT = Text(de="Liegt der Vertrag vor?", en="Is there a contract?")
WORDS = Text(de="Etwas", en="Something")


def shown_by(
    number: int = 1, asking: Asking = TLS, *, row: str = ROW, grade: Grade = Grade.OBSERVED_OUTSIDE, days: int = 7
) -> Binding:
    return Binding(f"{row}.a.{number}", How.TEST, asking, None, grade, days)


def asked(number: int = 1, question: Text = CONTRACT, *, grade: Grade = Grade.ATTESTED, days: int = 365) -> Binding:
    return Binding(f"{ROW}.a.{number}", How.INTERVIEW, None, question, grade, days)


def objective(*bindings: Binding, letter: str = "a", row: str = ROW) -> Objective:
    return Objective(f"{row}.{letter}", WORDS, Responsible.OPERATOR, bindings or (shown_by(),))


def requirement(
    *objectives: Objective,
    verb: Verb = Verb.MUST,
    models: Iterable[OperatingModel] = OperatingModel,
    applies_if: Iterable[Condition] = (),
    grade: SourceGrade = SourceGrade.READ,
    name: str = ROW,
) -> Requirement:
    return Requirement(
        id=name,
        version=1,
        kind="T",
        verb=verb,
        verb_note=None,
        grade=grade,
        grade_note=None,
        sources=(Place("OH", "4.1"),),
        checklist=None,
        models=frozenset(models),
        applies_if=tuple(applies_if),
        goals=(Goal.CONFIDENTIALITY,),
        title=WORDS,
        statement=WORDS,
        mappings=(),
        objectives=objectives or (objective(row=name),),
    )


def seen(
    status: Status = Status.PASS,
    *,
    ago: timedelta = HOUR,
    grade: Grade = Grade.OBSERVED_OUTSIDE,
    asking: Asking = TLS,
    expires_at: datetime | None = None,
    under: Mapping[str, object] | None = None,
    name: str = "",
) -> Observation:
    """``under``: the settings that it depends on, as they were."""
    return Observation(
        name or f"{status}-{ago}-{grade}",
        asking,
        status,
        grade,
        NOW - ago,
        expires_at,
        tuple(under or ()),
        configuration_digest(under, under) if under else "",
    )


def answered(
    yes: bool = True,
    *,
    ago: timedelta = DAY,
    until: datetime = NOW + 300 * DAY,
    to: Binding | None = None,
    grade: Grade = Grade.ATTESTED,
    person: str = "Ada",
    name: str = "",
) -> Attestation:
    return Attestation(
        name or f"{yes}-{ago}-{person}",
        f"{ROW}.a",
        (to or asked()).asked,
        yes,
        "Vertrag vom 2. März 2026",
        person,
        "dpo",
        NOW - ago,
        until,
        grade,
    )


def waived(
    *,
    target: str = f"{ROW}.a",
    reason: str = "Die alte Anlage im Saal kann nur TLS 1.1.",
    compensation: str = "Sie steht in einem eigenen Netz.",
    asked_by: str = "Hanna",
    approved_by: str = "Ada",
    ago: timedelta = DAY,
    lasts: timedelta = 90 * DAY,
    name: str = "W1",
) -> Waiver:
    begins = NOW - ago
    return Waiver(name, target, reason, "gering", compensation, asked_by, approved_by, begins, begins + lasts)


def known(**values: FactValue) -> dict[str, Fact]:
    return {key: Fact(key, Stated(value, Origin.DECLARED, NOW - DAY)) for key, value in values.items()}


def contradicted(**values: FactValue) -> dict[str, Fact]:
    """Somebody said so; a look said otherwise."""
    return {
        key: Fact(key, Stated(value, Origin.OBSERVED, NOW - DAY), (Stated("else", Origin.DECLARED, NOW - DAY),))
        for key, value in values.items()
    }


def judged(row: Requirement, situation: Situation) -> RequirementVerdict:
    (verdict,) = judge([row], situation)
    return verdict


def outcome(row: Requirement, situation: Situation) -> Outcome:
    return judged(row, situation).verdict.outcome


def reasons(row: Requirement, situation: Situation) -> set[Reason]:
    return {because.reason for because in judged(row, situation).verdict.because}
