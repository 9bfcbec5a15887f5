"""What the OSCAL documents share. Version 1.2.1.

UUIDs are of version 5: of a row, an objective, a piece of evidence the same in every document and every run, of a
document another one as soon as what it says is another. Titles and prose of OSCAL are Markdown, so whatever people
wrote is escaped.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, TypeAlias

from klausur.compliance.exports.material import NS, Line, Material, label_words
from klausur.compliance.exports.text import markdown, markdown_line, one_line
from klausur.compliance.model import NAMESPACE, Binding, Requirement, Source
from klausur.compliance.words import Language, Text

OSCAL: Final = "1.2.1"
MEDIA_TYPE: Final = "application/oscal+json"
CATALOG_FILE: Final = "oscal-catalog.json"
PROFILE_FILE: Final = "oscal-profile.json"
PLAN_FILE: Final = "oscal-assessment-plan.json"
RESULTS_FILE: Final = "oscal-assessment-results.json"
POAM_FILE: Final = "oscal-poam.json"

Json: TypeAlias = dict[str, Any]

SYSTEM: Final = Text(de="Diese Installation von Klausur", en="This installation of Klausur")
NO_PLAN: Final = Text(
    de="Einen Sicherheitsplan im Sinne von OSCAL gibt es zu dieser Installation nicht; diese Quelle steht an seiner "
    "Stelle.",
    en="There is no system security plan in the sense of OSCAL for this installation; this resource stands "
    "in its place.",
)


def stable(kind: str, name: str) -> str:
    """The same for the same thing, always."""
    return str(uuid.uuid5(NAMESPACE, f"oscal:{kind}:{name}"))


def document(material: Material, name: str, body: Json) -> bytes:
    """``name``: the model's, as its root key. Adds UUID and order of keys as OSCAL has them."""
    content = json.dumps(body, ensure_ascii=False, sort_keys=True)
    return json.dumps(
        {name: {"uuid": stable(name, f"{material.language}:{content}"), **body}}, ensure_ascii=False, indent=1
    ).encode("utf-8")


def metadata(material: Material, title: Text) -> Json:
    assessment, said = material.assessment, material.language
    return {
        "title": line(title.to(said)),
        "last-modified": moment(assessment.at),
        "version": one_line(assessment.version),
        "oscal-version": OSCAL,
        "props": [
            ours("release", material.release),
            ours("catalogue-digest", assessment.digest or "none"),
            ours("language", said),
        ],
    }


def line(text: str) -> str:
    return markdown_line(text)


def prose(text: str) -> str:
    return markdown(text)


def moment(at: datetime) -> str:
    return at.isoformat()


def prop(name: str, value: str) -> Json:
    """One that OSCAL itself names."""
    return {"name": name, "value": one_line(value)}


def ours(name: str, value: str, **more: str) -> Json:
    return {"name": name, "ns": NS, "value": one_line(value), **more}


def of_row(row: Requirement, said: Language) -> list[Json]:
    """Grade and label of a row, which stand wherever it does."""
    label = label_words(row, said)
    props = [ours("verb", row.verb.value), ours("source-grade", row.grade.value)]
    if row.verb_note is not None:
        props[0]["remarks"] = prose(row.verb_note.to(said))
    return [*props, ours("source-label", label)] if label else props


def title_of(row: Requirement, said: Language) -> str:
    label = label_words(row, said)
    return line(row.title.to(said) + (f" ({label})" if label else ""))


def statement_id(row: Requirement) -> str:
    return f"{row.id}_smt"


def reviewed(rows: Iterable[Line]) -> Json:
    return {
        "control-selections": [{"include-controls": [{"control-id": one.requirement.id} for one in rows]}],
        "control-objective-selections": [{"include-all": {}}],
    }


def activity_name(binding: Binding) -> str:
    """Bindings that ask the same of the same probe share an activity; each question is one of its own."""
    return f"probe:{binding.test.probe}" if binding.test is not None else f"question:{binding.asked}"


def back_matter(material: Material, *more: Json) -> Json:
    """The sources, and ``more``."""
    said = material.language
    return {"resources": [*(_resource(one, said) for one in material.catalogue.sources.values()), *more]}


def source_link(name: str, section: str | None) -> Json:
    link: Json = {"href": f"#{stable('source', name)}", "rel": "reference"}
    return {**link, "text": line(section)} if section else link


def _resource(source: Source, said: Language) -> Json:
    authority = f"{source.authority.to(said)}: " if source.authority else ""
    resource: Json = {
        "uuid": stable("source", source.id),
        "title": line(source.title.to(said)),
        "props": [ours("source-id", source.id), ours("date", source.date)],
        "citation": {"text": line(f"{authority}{source.title.to(said)}, {source.date}")},
    }
    return {**resource, "rlinks": [{"href": source.url}]} if source.url else resource


def the_system(material: Material) -> Json:
    """What stands in place of a system security plan."""
    said = material.language
    return {"uuid": stable("system", "this"), "title": line(SYSTEM.to(said)), "description": prose(NO_PLAN.to(said))}


def import_ssp() -> Json:
    return {"href": f"#{stable('system', 'this')}"}
