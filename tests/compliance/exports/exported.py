"""A run in which everything came out once, to be exported: each row's title says how it came out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from klausur.compliance.engine import Situation, assess
from klausur.compliance.evidence import Attestation, Observation, Status, Waiver
from klausur.compliance.exports.locks import read
from klausur.compliance.exports.material import Locks, Material
from klausur.compliance.grades import Grade, SourceGrade
from klausur.compliance.model import (
    Asking,
    Binding,
    Catalogue,
    Chapter,
    ChecklistItem,
    Condition,
    How,
    Objective,
    OperatingModel,
    Place,
    Profile,
    Requirement,
    Source,
    Verb,
)
from klausur.compliance.verdicts import Assessment, Invalid, Outcome
from klausur.compliance.vocabulary import Goal, Responsible
from klausur.compliance.words import Language, Text
from tests.compliance.rows import DAY, HOUR, NOW, known

DIGEST = "d" * 64
CONTRACT = Text(de="Liegt der Vertrag vor?", en="Is there a contract?")

CAME_OUT: Mapping[str, tuple[Outcome, Verb, SourceGrade]] = MappingProxyType(
    {
        "V-01": (Outcome.MET, Verb.MUST, SourceGrade.READ),
        "V-02": (Outcome.ATTESTED, Verb.MUST, SourceGrade.READ_SECONDHAND),
        "V-03": (Outcome.NOT_MET, Verb.MUST, SourceGrade.HEADING_ONLY),
        "V-04": (Outcome.DEVIATION_ACCEPTED, Verb.MUST, SourceGrade.READ),
        "V-05": (Outcome.NEEDS_ATTENTION, Verb.MUST, SourceGrade.FROM_MEMORY),
        "W-01": (Outcome.NOT_VERIFIED, Verb.MUST, SourceGrade.OURS),
        "W-02": (Outcome.OUTSIDE_ENGINE, Verb.SHOULD, SourceGrade.READ),
        "W-03": (Outcome.NOT_APPLICABLE, Verb.MUST, SourceGrade.READ),
        "W-04": (Outcome.NOT_MET, Verb.SHOULD, SourceGrade.READ),
        "W-05": (Outcome.NOT_MET, Verb.MAY, SourceGrade.READ),
    }
)
PEOPLE = {"V-02", "W-02"}
"""Rows that a person answers."""


def catalogue() -> Catalogue:
    chapters = (
        Chapter("dsk-4.1", "OH", "4.1", Text(de="Übertragung", en="Transmission"), _rows("V")),
        Chapter("dsk-4.2", "OH", "4.2", Text(de="Anmeldung", en="Signing in"), _rows("W")),
        Chapter("bsi", "OH", "9", Text(de="Andere Liste", en="Another list"), (_row("X-01", Verb.MUST),)),
    )
    sources = {
        "OH": Source("OH", Text(de="Orientierungshilfe", en="Guide"), Text(de="DSK", en="DSK"), "2020-10-23", None)
    }
    title = Text(de="Anforderungen & mehr", en="Requirements & more")
    profiles = {
        "dsk": Profile("dsk", title, frozenset(CAME_OUT)),
        "all": Profile("all", title, frozenset({*CAME_OUT, "X-01"})),
    }
    return Catalogue("klausur", "2026.11", title, DIGEST, sources, chapters, profiles)


def _rows(letter: str) -> tuple[Requirement, ...]:
    return tuple(_row(name, verb, grade) for name, (_, verb, grade) in CAME_OUT.items() if name.startswith(letter))


def _row(name: str, verb: Verb, grade: SourceGrade = SourceGrade.READ) -> Requirement:
    how = CAME_OUT[name][0].value if name in CAME_OUT else "elsewhere"
    binding = (
        Binding(f"{name}.a.1", How.EXAMINE, None, CONTRACT, Grade.ATTESTED, 365)
        if name in PEOPLE
        else Binding(f"{name}.a.1", How.TEST, _asking(name), None, Grade.OBSERVED_OUTSIDE, 7)
    )
    text = Text(de=f"Ziel von {name}", en=f"Objective of {name}")
    return Requirement(
        id=name,
        version=1,
        kind="T",
        verb=verb,
        verb_note=Text(de="falls angeboten", en="if offered") if verb == Verb.SHOULD else None,
        grade=grade,
        grade_note=None,
        sources=(Place("OH", "4.1"),),
        checklist=ChecklistItem("3.1", 1) if name == "V-01" else None,
        models=frozenset(OperatingModel),
        applies_if=(Condition("recording_offered", frozenset({True})),) if name == "W-03" else (),
        goals=(Goal.CONFIDENTIALITY,),
        title=Text(de=f"Zeile {how}", en=f"Row {how}"),
        statement=Text(de=f"Aussage {name}", en=f"Statement {name}"),
        mappings=("BSI:KONF.14.1",) if name == "V-01" else (),
        objectives=(Objective(f"{name}.a", text, Responsible.DPO, (binding,)),),
    )


def _asking(name: str) -> Asking:
    return Asking.of("tls.versions", {"row": name})


def _seen(name: str, status: Status, ago: timedelta = HOUR) -> Observation:
    return Observation(f"seen-{name}", _asking(name), status, Grade.OBSERVED_OUTSIDE, NOW - ago)


def situation(written: str = "Vertrag vom 2. März 2026", person: str = "Ada") -> Situation:
    """``written``: what people wrote, wherever they could."""
    asked = next(row for row in catalogue().requirements() if row.id == "V-02").objectives[0].bindings[0].asked
    return Situation(
        NOW,
        known(recording_offered=False),
        {},
        [
            _seen("V-01", Status.PASS),
            _seen("V-03", Status.FAIL),
            _seen("V-04", Status.FAIL),
            _seen("V-05", Status.PASS, 30 * DAY),
            _seen("W-04", Status.FAIL),
            _seen("W-05", Status.FAIL),
        ],
        [
            Attestation(
                "said-V-02",
                "V-02.a",
                asked,
                True,
                written,
                person,
                "dpo",
                NOW - DAY,
                NOW + 300 * DAY,
                files=("f" * 64,),
            )
        ],
        [
            Waiver(
                "W1",
                "V-04.a",
                f"Weil {written}",
                f"Dass {written}",
                written or "-",
                "Hanna",
                "Ada",
                NOW - DAY,
                NOW + DAY,
            )
        ],
    )


def material(
    language: Language = "en",
    *,
    seen: Situation | None = None,
    profile: str = "dsk",
    selected: frozenset[str] | None = None,
    server_runs: bool = True,
    locks: Locks | None = None,
) -> Material:
    known_now, rows = seen or situation(), catalogue()
    judged = assess(rows, known_now, release_digest=DIGEST, server_runs=server_runs, selected=selected)
    return _of(rows, judged, known_now, language, profile, locks or Locks())


def _of(
    rows: Catalogue, judged: Assessment, seen: Situation, language: Language, profile: str, locks: Locks
) -> Material:
    return Material(
        rows,
        judged,
        language,
        "0.1.0",
        profile,
        seen.facts,
        seen.observations,
        seen.attestations,
        seen.waivers,
        locks,
    )


def of_a_run_without_server(language: Language = "en") -> Material:
    made = material(language, server_runs=False)
    assert made.assessment.invalid == Invalid.NO_SERVER
    return made


def release() -> Locks:
    """Those of this checkout."""
    return read()
