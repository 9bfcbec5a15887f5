"""The catalogue as an OSCAL catalog: chapters are groups, rows controls, objectives parts of them."""

from __future__ import annotations

from typing import Final

from klausur.compliance.exports.material import Format, Material
from klausur.compliance.exports.oscal import (
    CATALOG_FILE,
    MEDIA_TYPE,
    Json,
    back_matter,
    document,
    line,
    metadata,
    of_row,
    ours,
    prop,
    prose,
    source_link,
    statement_id,
    title_of,
)
from klausur.compliance.model import Binding, Chapter, Objective, Requirement
from klausur.compliance.words import Language, Text


def make(material: Material) -> bytes:
    """All of it, whatever the profile."""
    catalogue, said = material.catalogue, material.language
    body = {
        "metadata": metadata(material, catalogue.title),
        "groups": [_group(chapter, said) for chapter in catalogue.chapters],
        "back-matter": back_matter(material),
    }
    return document(material, "catalog", body)


def _group(chapter: Chapter, said: Language) -> Json:
    return {
        "id": chapter.id,
        "class": "chapter",
        "title": line(chapter.title.to(said)),
        "props": [prop("label", chapter.section)],
        "links": [source_link(chapter.source, chapter.section)],
        "controls": [_control(row, said) for row in chapter.requirements],
    }


def _control(row: Requirement, said: Language) -> Json:
    statement = {"id": statement_id(row), "name": "statement", "prose": prose(row.statement.to(said))}
    return {
        "id": row.id,
        "class": "requirement",
        "title": title_of(row, said),
        "props": [
            prop("label", row.id),
            ours("version", str(row.version)),
            ours("kind", row.kind),
            *of_row(row, said),
            *(ours("protection-goal", goal.value) for goal in row.goals),
            *(ours("mapping", other) for other in row.mappings),
            *(ours("operating-model", model.value) for model in sorted(row.models)),
        ],
        "links": [source_link(place.source, place.section) for place in row.sources],
        "parts": [statement, *(_objective(one, said) for one in row.objectives)],
    }


def _objective(objective: Objective, said: Language) -> Json:
    return {
        "id": objective.id,
        "name": "assessment-objective",
        "props": [prop("label", objective.id), ours("responsible", objective.role.value)],
        "prose": prose(objective.text.to(said)),
        "parts": [_method(binding, said) for binding in objective.bindings],
    }


def _method(binding: Binding, said: Language) -> Json:
    if binding.test is not None:
        asked = binding.test.probe
    else:
        asked = "" if binding.question is None else binding.question.to(said)
    return {
        "id": binding.id,
        "name": "assessment-method",
        "props": [
            prop("method", binding.how.value),
            ours("least-grade", str(int(binding.min_grade))),
            ours("age-in-days", str(binding.max_age_days)),
        ],
        "parts": [{"name": "assessment-objects", "prose": prose(asked)}],
    }


FORMAT: Final = Format("oscal-catalog", CATALOG_FILE, MEDIA_TYPE, Text(de="OSCAL: Katalog", en="OSCAL: catalog"), make)
