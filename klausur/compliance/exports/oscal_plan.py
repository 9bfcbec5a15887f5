"""What ``klausur check`` looks at and what people are asked, as an OSCAL assessment plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from klausur.compliance.exports.material import Format, Line, Material, lines
from klausur.compliance.exports.oscal import (
    MEDIA_TYPE,
    PLAN_FILE,
    SYSTEM,
    Json,
    activity_name,
    back_matter,
    document,
    import_ssp,
    line,
    metadata,
    ours,
    prop,
    prose,
    reviewed,
    stable,
    the_system,
)
from klausur.compliance.model import Binding
from klausur.compliance.words import Language, Text

_TITLE: Final = Text(de="Prüfplan von Klausur", en="Klausur's assessment plan")
_PROBE: Final = Text(
    de="Ein Prüfverfahren sieht an der laufenden Installation nach; vorher muss es einen absichtlich eingebauten "
    "Fehler bemerken.",
    en="A probe looks at the running installation; before, it has to notice a fault that was put before it on purpose.",
)
_RUN: Final = Text(de="Ein Lauf von klausur check", en="A run of klausur check")
_ALL: Final = {"type": "component", "include-all": {}}


def make(material: Material) -> bytes:
    said, rows = material.language, list(lines(material))
    activities = [_activity(name, wanted, said) for name, wanted in _by_activity(rows).items()]
    body = {
        "metadata": metadata(material, _TITLE),
        "import-ssp": import_ssp(),
        "local-definitions": {"components": [_component(said)], "activities": activities},
        "reviewed-controls": reviewed(rows),
        "assessment-subjects": [_ALL],
        "assessment-assets": {
            "assessment-platforms": [
                {
                    "uuid": stable("platform", "check"),
                    "title": "klausur check",
                    "props": [ours("release", material.release)],
                }
            ]
        },
        "tasks": [_task(activities, said)],
        "back-matter": back_matter(material, the_system(material)),
    }
    return document(material, "assessment-plan", body)


def _by_activity(rows: Iterable[Line]) -> dict[str, list[tuple[str, Binding]]]:
    """Activity -> (row's id, binding) of each row that needs it; in the rows' order."""
    found: dict[str, list[tuple[str, Binding]]] = {}
    for row, binding in _bindings(rows):
        found.setdefault(activity_name(binding), []).append((row, binding))
    return found


def _bindings(rows: Iterable[Line]) -> Iterator[tuple[str, Binding]]:
    for one in rows:
        for objective in one.requirement.objectives:
            for binding in objective.bindings:
                yield one.requirement.id, binding


def _activity(name: str, wanted: list[tuple[str, Binding]], said: Language) -> Json:
    first = wanted[0][1]
    asked = _PROBE if first.question is None else first.question
    built = [] if first.built else [ours("not-built", "true")]
    return {
        "uuid": stable("activity", name),
        "title": line(first.test.probe if first.test is not None else first.id),
        "description": prose(asked.to(said)),
        "props": [prop("method", first.how.value), *built],
        "related-controls": {
            "control-selections": [
                {"include-controls": [{"control-id": row} for row in dict.fromkeys(row for row, _ in wanted)]}
            ]
        },
    }


def _component(said: Language) -> Json:
    return {
        "uuid": stable("component", "this"),
        "type": "this-system",
        "title": line(SYSTEM.to(said)),
        "description": prose(SYSTEM.to(said)),
        "status": {"state": "operational"},
    }


def _task(activities: list[Json], said: Language) -> Json:
    return {
        "uuid": stable("task", "run"),
        "type": "action",
        "title": line(_RUN.to(said)),
        "associated-activities": [{"activity-uuid": one["uuid"], "subjects": [_ALL]} for one in activities],
    }


FORMAT: Final = Format(
    "oscal-assessment-plan", PLAN_FILE, MEDIA_TYPE, Text(de="OSCAL: Prüfplan", en="OSCAL: assessment plan"), make
)
