"""A run's verdicts as OSCAL assessment results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from klausur.compliance.exports.material import Format, Line, Material, counts, lines
from klausur.compliance.exports.oscal import (
    MEDIA_TYPE,
    PLAN_FILE,
    RESULTS_FILE,
    Json,
    back_matter,
    document,
    line,
    metadata,
    moment,
    ours,
    prose,
    reviewed,
    stable,
)
from klausur.compliance.exports.oscal_findings import findings, observations, risks
from klausur.compliance.verdicts import INVALID, OUTCOMES
from klausur.compliance.words import Text

_TITLE: Final = Text(de="Prüfergebnisse von Klausur", en="Klausur's assessment results")
_INVALID: Final = Text(de="Der Lauf ist ungültig.", en="The run is invalid.")


def make(material: Material) -> bytes:
    plan = {
        "uuid": stable("assessment-plan", "beside"),
        "title": "Assessment plan",
        "rlinks": [{"href": PLAN_FILE, "media-type": MEDIA_TYPE}],
    }
    body = {
        "metadata": metadata(material, _TITLE),
        "import-ap": {"href": f"#{plan['uuid']}"},
        "results": [_result(material)],
        "back-matter": back_matter(material, plan),
    }
    return document(material, "assessment-results", body)


def _result(material: Material) -> Json:
    assessment, rows = material.assessment, list(lines(material))
    counted = [ours(f"count-{outcome.value}", str(count)) for outcome, count in counts(rows).items()]
    parts = {
        "observations": observations(material, rows),
        "risks": risks(material, rows),
        "findings": findings(material, rows),
    }
    return {
        "uuid": stable("result", f"{assessment.digest}:{moment(assessment.at)}"),
        "title": line(_TITLE.to(material.language)),
        "description": prose(_summary(material, rows)),
        "start": moment(assessment.at),
        "end": moment(assessment.at),
        "props": [
            ours("exit-code", str(int(assessment.exit_code))),
            *counted,
            *([] if assessment.invalid is None else [ours("invalid", assessment.invalid.value)]),
        ],
        "reviewed-controls": reviewed(rows),
        # OSCAL has no empty lists.
        **{name: part for name, part in parts.items() if part},
    }


def _summary(material: Material, rows: Sequence[Line]) -> str:
    said, assessment = material.language, material.assessment
    if assessment.invalid is not None:
        return f"{_INVALID.to(said)} {INVALID[assessment.invalid].to(said)}"
    return "; ".join(f"{OUTCOMES[outcome].to(said)}: {count}" for outcome, count in counts(rows).items())


FORMAT: Final = Format(
    "oscal-assessment-results",
    RESULTS_FILE,
    MEDIA_TYPE,
    Text(de="OSCAL: Prüfergebnisse", en="OSCAL: assessment results"),
    make,
)
