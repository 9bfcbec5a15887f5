"""What the catalogue says, as values: Catalogue > Chapter > Requirement > Objective > Binding."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from klausur.compliance.grades import LABELS, Grade, SourceGrade
from klausur.compliance.vocabulary import Goal, Responsible, is_not_built
from klausur.compliance.words import Text

NAMESPACE: Final = uuid.UUID("6a1f0a3e-53c7-4d0c-9d35-3f1a8f1f7c52")
"""Ours, drawn once by chance. Changing it would change every row's UUID in every export."""

FactValue: TypeAlias = str | bool
Parameter: TypeAlias = str | bool | int | tuple[str, ...]


class How(StrEnum):
    TEST = "TEST"
    """a machine shows it"""
    INTERVIEW = "INTERVIEW"
    """a person answers"""
    EXAMINE = "EXAMINE"
    """a person reads a document and answers"""


class Verb(StrEnum):
    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class OperatingModel(StrEnum):
    """The three of the guidance's chapter 2, by the letters that the rows use."""

    SELF = "S"
    EXTERNAL = "E"
    ONLINE = "O"


@dataclass(frozen=True, slots=True)
class Asking:
    """What a probe is asked. Two bindings that ask the same share their observations."""

    probe: str
    params: tuple[tuple[str, Parameter], ...] = ()
    """sorted by name"""

    @classmethod
    def of(cls, probe: str, params: Mapping[str, object] | None = None) -> Asking:
        """``params`` as they stand in a chapter file or in stored evidence: lists become tuples."""
        return cls(probe, tuple(sorted((name, _frozen(value)) for name, value in (params or {}).items())))


def _frozen(value: object) -> Parameter:
    match value:
        case str() | bool() | int():
            return value
        case list() | tuple():
            return tuple(str(one) for one in value)
        case _:
            raise TypeError(f"no parameter of a probe: {type(value).__name__}")


@dataclass(frozen=True, slots=True)
class Binding:
    """What must be there so that an objective counts as met. Either ``test`` or ``question`` is there."""

    id: str
    """the objective's id and a number from 1: ``DSK-T-4.1-02.a.1``"""
    how: How
    test: Asking | None
    question: Text | None
    min_grade: Grade
    max_age_days: int

    @property
    def built(self) -> bool:
        return self.test is None or not is_not_built(self.test.probe)

    @property
    def asked(self) -> str:
        """Digest of a question, which an answer carries: an answer to other words is no answer to this one."""
        words = "" if self.question is None else f"{self.how}\n{self.question.de}\n{self.question.en}"
        return hashlib.sha256(words.encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class Objective:
    """The smallest thing that can be met; it is met when every binding is."""

    id: str
    """in full: ``DSK-T-4.1-02.a``"""
    text: Text
    role: Responsible
    bindings: tuple[Binding, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """That a fact has one of these values."""

    fact: str
    values: frozenset[FactValue]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a demand is written."""

    source: str
    section: str | None


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    chapter: str
    number: int | None


@dataclass(frozen=True, slots=True)
class Requirement:
    id: str
    version: int
    kind: str
    """L legal, T technical, O organisational, or several: ``L/T``"""
    verb: Verb
    verb_note: Text | None
    grade: SourceGrade
    grade_note: Text | None
    sources: tuple[Place, ...]
    """It is shown under the first."""
    checklist: ChecklistItem | None
    models: frozenset[OperatingModel]
    applies_if: tuple[Condition, ...]
    """all of them"""
    goals: tuple[Goal, ...]
    title: Text
    statement: Text
    mappings: tuple[str, ...]
    objectives: tuple[Objective, ...]

    @property
    def uuid(self) -> uuid.UUID:
        return uuid.uuid5(NAMESPACE, self.id)

    @property
    def label(self) -> Text | None:
        """What must be printed beside the row wherever it is shown; None: nothing."""
        return LABELS[self.grade]


@dataclass(frozen=True, slots=True)
class Chapter:
    id: str
    source: str
    section: str
    title: Text
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class Source:
    id: str
    title: Text
    authority: Text | None
    date: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Profile:
    """A named selection of rows."""

    id: str
    title: Text
    requirements: frozenset[str]
    """with those of the profiles that it includes"""


class NotInCatalogue(LookupError):
    """``str()`` of it is one sentence."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    id: str
    version: str
    title: Text
    digest: str
    """SHA-256, in hexadecimal digits, over the canonical JSON of everything that the files say"""
    sources: Mapping[str, Source]
    chapters: tuple[Chapter, ...]
    profiles: Mapping[str, Profile]

    def requirements(self) -> Iterator[Requirement]:
        """In the order of the files."""
        for chapter in self.chapters:
            yield from chapter.requirements

    def selection(self, profile: str | None, only: Iterable[str]) -> frozenset[str]:
        """Ids of the rows in ``profile`` (None: all) that ``only`` names (empty: all). Raises NotInCatalogue."""
        rows = frozenset(row.id for row in self.requirements())
        named = frozenset(only)
        if profile is not None and profile not in self.profiles:
            raise NotInCatalogue(f'There is no profile "{profile}"; there are {", ".join(self.profiles) or "none"}.')
        if named - rows:
            raise NotInCatalogue(f'There is no requirement "{min(named - rows)}".')
        chosen = rows if profile is None else self.profiles[profile].requirements
        return chosen & named if named else chosen
