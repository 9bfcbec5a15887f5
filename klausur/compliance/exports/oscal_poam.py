"""What is open as an OSCAL plan of action and milestones: an item for each row, and the task of each person."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from klausur.compliance.exports.material import (
    Format,
    Line,
    Material,
    Task,
    known_evidence,
    lines,
    open_points,
    outcome_words,
    tasks,
)
from klausur.compliance.exports.oscal import (
    MEDIA_TYPE,
    POAM_FILE,
    Json,
    back_matter,
    document,
    import_ssp,
    line,
    metadata,
    of_row,
    ours,
    prose,
    stable,
    the_system,
    title_of,
)
from klausur.compliance.exports.oscal_findings import (
    AT_RISK,
    finding_uuid,
    findings,
    observations,
    related,
    risk_uuid,
    risks,
)
from klausur.compliance.verdicts import Outcome
from klausur.compliance.vocabulary import RESPONSIBLE
from klausur.compliance.words import Language, Text

_TITLE: Final = Text(de="Was offen ist", en="What is open")
_NOTHING: Final = Text(de="Es ist nichts offen.", en="Nothing is open.")


def make(material: Material) -> bytes:
    rows = [one for one in lines(material) if not one.fulfilled and one.outcome != Outcome.NOT_APPLICABLE]
    parts = {
        "observations": observations(material, rows),
        "risks": risks(material, rows),
        "findings": findings(material, rows),
    }
    body = {
        "metadata": metadata(material, _TITLE),
        "import-ssp": import_ssp(),
        # OSCAL has no empty lists.
        **{name: part for name, part in parts.items() if part},
        "poam-items": _items(material, rows),
        "back-matter": back_matter(material, the_system(material)),
    }
    return document(material, "plan-of-action-and-milestones", body)


def _items(material: Material, rows: Sequence[Line]) -> list[Json]:
    said = material.language
    known = known_evidence(material)
    found = [_item(row, known, said) for row in rows] + [_task(task, said) for task in tasks(material)]
    nothing = _NOTHING.to(said)  # an item all the same: OSCAL wants at least one
    return found or [{"uuid": stable("poam-item", "none"), "title": line(nothing), "description": prose(nothing)}]


def _item(row: Line, known: Collection[str], said: Language) -> Json:
    own = row.requirement
    item: Json = {
        "uuid": stable("poam-item", own.id),
        "title": title_of(own, said),
        "description": prose("\n\n".join([outcome_words(row, said), own.statement.to(said), *open_points(row, said)])),
        "props": [ours("requirement", own.id), ours("verdict", row.outcome.value), *of_row(own, said)],
        "related-findings": [{"finding-uuid": finding_uuid(row)}],
    }
    item |= related([name for name in row.evidence if name in known])
    return item | {"related-risks": [{"risk-uuid": risk_uuid(row)}]} if row.outcome in AT_RISK else item


def _task(task: Task, said: Language) -> Json:
    role = task.objective.role
    asked = [binding.question.to(said) for binding in task.questions if binding.question is not None]
    return {
        "uuid": stable("poam-item", task.objective.id),
        "title": line(f"{RESPONSIBLE[role].to(said)}: {task.objective.text.to(said)}"),
        "description": prose("\n\n".join(asked)),
        "props": [
            ours("task-for", role.value),
            ours("objective", task.objective.id),
            ours("verdict", task.outcome.value),
            *of_row(task.requirement, said),
        ],
        "related-findings": [{"finding-uuid": stable("finding", task.objective.id)}],
    }


FORMAT: Final = Format(
    "oscal-poam",
    POAM_FILE,
    MEDIA_TYPE,
    Text(de="OSCAL: Maßnahmenplan", en="OSCAL: plan of action and milestones"),
    make,
)
