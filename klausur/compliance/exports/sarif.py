"""SARIF 2.1.0: each row is a rule, each row that is not met or unclear a result.

No result is suppressed, an approved deviation neither: it stays open and listed. In plain text of SARIF, brackets make
links and braces placeholders (3.11.5, 3.11.6); what people wrote does neither.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC
from typing import Any, Final

from klausur.compliance.exports.checklist import VERBS
from klausur.compliance.exports.material import (
    Format,
    Line,
    Material,
    counts,
    label_words,
    lines,
    open_points,
    outcome_words,
    placed,
)
from klausur.compliance.exports.text import one_line, plain
from klausur.compliance.model import NAMESPACE, Verb
from klausur.compliance.verdicts import INVALID, Outcome
from klausur.compliance.words import Language, Text

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {
    (Verb.MUST, True): "error",
    (Verb.MUST, False): "warning",
    (Verb.SHOULD, True): "warning",
    (Verb.SHOULD, False): "note",
    (Verb.MAY, True): "note",
    (Verb.MAY, False): "note",
}
"""by verb, and whether it is known not to be met"""


def make(material: Material) -> bytes:
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(material, list(lines(material)))]}
    return json.dumps(log, ensure_ascii=False, indent=1).encode("utf-8")


def _run(material: Material, rows: list[Line]) -> dict[str, Any]:
    said, assessment = material.language, material.assessment
    driver = {
        "name": "Klausur",
        "version": one_line(material.release),
        "language": said,
        "rules": [_rule(material, line) for line in rows],
    }
    found = [_result(line, number, said) for number, line in enumerate(rows) if _is_open(line)]
    return {
        "tool": {"driver": driver},
        "language": said,
        "automationDetails": {"id": f"klausur-check/{assessment.at.isoformat()}", "guid": _guid(material)},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(material)],
        "results": found,
        "properties": {
            "catalogue": {"version": assessment.version, "digest": assessment.digest},
            "profile": material.profile,
            "counts": {outcome.value: count for outcome, count in counts(rows).items()},
        },
    }


def _guid(material: Material) -> str:
    assessment = material.assessment
    return str(uuid.uuid5(NAMESPACE, f"run:{assessment.digest}:{assessment.at.isoformat()}"))


def _is_open(line: Line) -> bool:
    return not line.fulfilled and line.outcome != Outcome.NOT_APPLICABLE


def _rule(material: Material, line: Line) -> dict[str, Any]:
    said, row = material.language, line.requirement
    label = label_words(row, said)
    return {
        "id": row.id,
        "guid": str(row.uuid),
        "name": one_line(row.title.to(said)),
        "shortDescription": _message(row.title.to(said) + (f" ({label})" if label else "")),
        "fullDescription": _message(row.statement.to(said)),
        "help": _message("\n".join(one.text.to(said) for one in row.objectives)),
        "defaultConfiguration": {"level": _LEVELS[row.verb, True]},
        "properties": {
            "verb": VERBS[row.verb].to(said),
            "source": placed(material, row),
            "sourceGrade": row.grade.value,
            "label": label,
            "tags": [line.chapter.id, *(goal.value for goal in row.goals)],
        },
    }


def _result(line: Line, rule: int, said: Language) -> dict[str, Any]:
    row = line.requirement
    label = label_words(row, said)
    told = [f"{row.title.to(said)}: {outcome_words(line, said)}", *([f"[{label}]"] if label else [])]
    return {
        "ruleId": row.id,
        "ruleIndex": rule,
        "guid": str(uuid.uuid5(NAMESPACE, f"result:{row.id}")),
        "kind": "fail",
        "level": _LEVELS[row.verb, line.outcome == Outcome.NOT_MET],
        "message": _message("\n".join([*told, *open_points(line, said)])),
        "locations": [
            {"logicalLocations": [{"name": row.id, "fullyQualifiedName": f"{line.chapter.id}/{row.id}", "kind": "row"}]}
        ],
        "partialFingerprints": {"requirement/v1": str(row.uuid)},
        "properties": {"verdict": line.outcome.value, "answer": line.answer.value, "evidence": list(line.evidence)},
    }


def _invocation(material: Material) -> dict[str, Any]:
    assessment = material.assessment
    ran = {
        "executionSuccessful": assessment.invalid is None,
        "endTimeUtc": assessment.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "exitCode": int(assessment.exit_code),
    }
    if assessment.invalid is None:
        return ran
    reason = _message(INVALID[assessment.invalid].to(material.language))
    return {**ran, "toolExecutionNotifications": [{"level": "error", "message": reason}]}


def _message(text: str) -> dict[str, str]:
    return {"text": _literal(plain(text))}


def _literal(text: str) -> str:
    for mark, instead in (("\\", "\\\\"), ("[", "\\["), ("]", "\\]"), ("{", "{{"), ("}", "}}")):
        text = text.replace(mark, instead)
    return text


FORMAT: Final = Format("sarif", "klausur.sarif", "application/sarif+json", Text(de="SARIF", en="SARIF"), make)
