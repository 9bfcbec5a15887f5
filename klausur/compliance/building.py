"""From what the files say to the values of ``model.py``; everything has been checked before."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from klausur.compliance.checking import Files
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
from klausur.compliance.vocabulary import Goal, Responsible
from klausur.compliance.words import Text


def build(files: Files, digest: str) -> Catalogue:
    head: Any = files.catalogue.value
    sources: Any = files.sources.value
    chapters = tuple(_chapter(chapter.value) for chapter in files.chapters.values())
    return Catalogue(
        id=head["id"],
        version=head["version"],
        title=_text(head["title"]),
        digest=digest,
        sources=MappingProxyType({one["id"]: _source(one) for one in sources["sources"]}),
        chapters=chapters,
        profiles=_profiles({one["id"]: one for one in head.get("profiles", ())}, chapters),
    )


def _text(said: Mapping[str, str]) -> Text:
    return Text(de=said["de"], en=said["en"])


def _text_or_none(said: Mapping[str, str] | None) -> Text | None:
    return None if said is None else _text(said)


def _source(said: Any) -> Source:
    return Source(said["id"], _text(said["title"]), _text_or_none(said["authority"]), said["date"], said.get("url"))


def _chapter(said: Any) -> Chapter:
    rows = tuple(_requirement(row) for row in said["requirements"])
    return Chapter(said["id"], said["source"], said["section"], _text(said["title"]), rows)


def _requirement(said: Any) -> Requirement:
    item = said.get("checklist")
    return Requirement(
        id=said["id"],
        version=said["version"],
        kind=said["kind"],
        verb=Verb(said["verb"]),
        verb_note=_text_or_none(said.get("verb_note")),
        grade=SourceGrade(said["grade"]),
        grade_note=_text_or_none(said.get("grade_note")),
        sources=tuple(Place(one["ref"], one.get("section")) for one in said["sources"]),
        checklist=None if item is None else ChecklistItem(item["chapter"], item.get("no")),
        models=frozenset(OperatingModel(one) for one in said["models"]),
        applies_if=tuple(_condition(one) for one in said.get("applies_if", ())),
        goals=tuple(Goal(one) for one in said["protection_goals"]),
        title=_text(said["title"]),
        statement=_text(said["statement"]),
        mappings=tuple(said.get("mappings", ())),
        objectives=tuple(_objective(said["id"], one) for one in said["objectives"]),
    )


def _condition(said: Any) -> Condition:
    return Condition(said["fact"], frozenset(said["in"] if "in" in said else [said["is"]]))


def _objective(requirement: str, said: Any) -> Objective:
    full = f"{requirement}.{said['id']}"
    bindings = tuple(_binding(f"{full}.{number}", one) for number, one in enumerate(said["bindings"], 1))
    return Objective(full, _text(said["text"]), Responsible(said["role"]), bindings)


def _binding(full: str, said: Any) -> Binding:
    asking = Asking.of(said["probe"], said.get("params")) if said["how"] == How.TEST else None
    question = _text_or_none(said.get("question"))
    return Binding(full, How(said["how"]), asking, question, Grade(said["min_grade"]), said["max_age_days"])


def _profiles(said: Mapping[str, Any], chapters: tuple[Chapter, ...]) -> Mapping[str, Profile]:
    rows = {chapter.id: frozenset(row.id for row in chapter.requirements) for chapter in chapters}

    def selected(name: str) -> frozenset[str]:
        one = said[name]
        return frozenset(one.get("requirements", ())).union(
            *(rows[chapter] for chapter in one.get("chapters", ())),
            *(selected(other) for other in one.get("includes", ())),
        )

    return MappingProxyType({name: Profile(name, _text(one["title"]), selected(name)) for name, one in said.items()})
