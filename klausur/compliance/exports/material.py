"""What every export is made from, and the rows as they are exported: all of a profile, in the authority's order.

A row without a verdict (the run was invalid, or looked at others only) is exported as "not verified", with that as its
reason: an export in which it were missing would look better than the truth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeAlias

from klausur.compliance.evidence import STATUSES, Attestation, Observation, Waiver
from klausur.compliance.facts import Fact
from klausur.compliance.model import NAMESPACE, Binding, Catalogue, Chapter, Objective, Requirement
from klausur.compliance.verdicts import (
    FULFILLED,
    INVALID,
    OUTCOMES,
    REASONS,
    WORST_FIRST,
    Answer,
    Assessment,
    Because,
    ObjectiveVerdict,
    Outcome,
    RequirementVerdict,
    answer,
)
from klausur.compliance.vocabulary import RESPONSIBLE
from klausur.compliance.words import Language, Text

NS: Final = f"urn:uuid:{NAMESPACE}"
"""Under it stands, in formats that want a namespace, whatever is ours in them."""

_NOT_JUDGED: Final = Text(
    de="Diese Zeile wurde in diesem Lauf nicht beurteilt.", en="This row was not judged in this run."
)


@dataclass(frozen=True, slots=True)
class Locks:
    """The files that name every part of a release, and the licences of those that are installed."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    """by name: requirements.lock, package-lock.json, engine/go.mod, engine/go.sum"""
    licences: Mapping[str, str] = field(default_factory=dict)
    """of Python packages, by normalised name; as their metadata say it"""


@dataclass(frozen=True, slots=True)
class Material:
    catalogue: Catalogue
    assessment: Assessment
    language: Language
    release: str
    profile: str = "dsk"
    facts: Mapping[str, Fact] = field(default_factory=dict)
    observations: Sequence[Observation] = ()
    attestations: Sequence[Attestation] = ()
    waivers: Sequence[Waiver] = ()
    locks: Locks = field(default_factory=Locks)


Maker: TypeAlias = Callable[[Material], bytes]


@dataclass(frozen=True, slots=True)
class Format:
    id: str
    file: str
    """its name in a package and when downloaded"""
    media_type: str
    title: Text
    make: Maker


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it is exported."""

    chapter: Chapter
    requirement: Requirement
    judged: RequirementVerdict | None
    unjudged: Text
    """why there is no verdict; empty where there is one"""

    @property
    def outcome(self) -> Outcome:
        return Outcome.NOT_VERIFIED if self.judged is None else self.judged.verdict.outcome

    @property
    def answer(self) -> Answer:
        return answer(self.outcome)

    @property
    def fulfilled(self) -> bool:
        return self.outcome in FULFILLED

    @property
    def because(self) -> tuple[Because, ...]:
        return () if self.judged is None else self.judged.verdict.because

    @property
    def objectives(self) -> tuple[ObjectiveVerdict, ...]:
        return () if self.judged is None else self.judged.objectives

    @property
    def evidence(self) -> tuple[str, ...]:
        """Ids of all that the verdict rests on or was reached by; sorted."""
        return () if self.judged is None else self.judged.evidence


@dataclass(frozen=True, slots=True)
class Task:
    """What a person has to do: an objective that is open and that no machine will close."""

    requirement: Requirement
    objective: Objective
    outcome: Outcome
    questions: tuple[Binding, ...]


def lines(material: Material) -> Iterator[Line]:
    """Every row of the profile, once, in the catalogue's order, which is the authority's."""
    chosen = material.catalogue.selection(material.profile, ())
    judged = {row.requirement.id: row for row in material.assessment.rows}
    invalid = material.assessment.invalid
    reason = _NOT_JUDGED if invalid is None else INVALID[invalid]
    for chapter in material.catalogue.chapters:
        for row in chapter.requirements:
            if row.id in chosen:
                verdict = judged.get(row.id)
                yield Line(chapter, row, verdict, Text("", "") if verdict else reason)


def counts(rows: Iterable[Line]) -> Mapping[Outcome, int]:
    """Of all outcomes, the worst first, as exported: rows of other profiles do not count."""
    found = Counter(one.outcome for one in rows)
    return MappingProxyType({outcome: found[outcome] for outcome in WORST_FIRST})


def tasks(material: Material) -> Iterator[Task]:
    """Derived from the verdicts, so that none can be forgotten."""
    for line in lines(material):
        for one in line.objectives:
            questions = tuple(binding for binding in one.objective.bindings if binding.question is not None)
            if questions and one.verdict.outcome not in FULFILLED:
                yield Task(line.requirement, one.objective, one.verdict.outcome, questions)


def known_evidence(material: Material) -> frozenset[str]:
    """Ids of what is at hand; verdicts may name more, which has been erased since."""
    return frozenset([*(one.id for one in material.observations), *(one.id for one in material.attestations)])


def open_points(line: Line, language: Language) -> tuple[str, ...]:
    """What is open, in sentences; empty only where the row is fulfilled or does not apply."""
    if line.fulfilled:
        return ()
    if line.judged is None:
        return (line.unjudged.to(language),)
    return tuple(dict.fromkeys(_sentence(one, line, language) for one in line.because))


def _sentence(because: Because, line: Line, language: Language) -> str:
    about = f"{because.about}, {because.evidence}" if because.evidence else because.about
    role = next(
        (one.objective.role for one in line.objectives if because.about.startswith(f"{one.objective.id}.")), None
    )
    who = f"; {RESPONSIBLE[role].to(language)}" if role is not None else ""
    return f"{REASONS[because.reason].to(language)} ({about}{who})"


def seen_words(observation: Observation, language: Language) -> str:
    """An observation in one line."""
    at = observation.seen_at.isoformat(timespec="seconds")
    return f"{observation.asking.probe}: {STATUSES[observation.status].to(language)}, {at}"


_YES_NO: Final[Mapping[bool, Text]] = MappingProxyType({True: Text(de="ja", en="yes"), False: Text(de="nein", en="no")})
_ATTESTED: Final = Text(
    de="Auskunft von {person} ({role}), {at}: {answer}.", en="By {person} ({role}), {at}: {answer}."
)


def attested_words(attestation: Attestation, language: Language) -> str:
    """An answer in one line, with what was said to it. What people wrote is not ours: see ``plain``."""
    told = _ATTESTED.to(language).format(
        person=attestation.person or "-",
        role=attestation.role or "-",
        at=attestation.at.date().isoformat(),
        answer=_YES_NO[attestation.answer].to(language),
    )
    return f"{told} {attestation.statement}".strip()


def outcome_words(line: Line, language: Language) -> str:
    return OUTCOMES[line.outcome].to(language)


def label_words(requirement: Requirement, language: Language) -> str:
    """What must be printed beside the row; empty: nothing."""
    said = [text.to(language) for text in (requirement.label, requirement.grade_note) if text is not None]
    return "; ".join(said)


def placed(material: Material, requirement: Requirement) -> str:
    """Where the demand is written, the place first under which it is shown."""
    titles = {name: source.title.to(material.language) for name, source in material.catalogue.sources.items()}
    places = ((titles.get(one.source, one.source), one.section) for one in requirement.sources)
    return "; ".join(f"{title}, {section}" if section else title for title, section in places)
