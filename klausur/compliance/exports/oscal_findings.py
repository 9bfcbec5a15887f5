"""What results and plan of action share: observations, findings, risks.

Satisfied is what is met or attested, and nothing else. What does not apply is no failure, but OSCAL knows two states
only; so it is "not satisfied" for another reason, with the implementation status that says which.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from klausur.compliance.evidence import Attestation, Observation, Waiver
from klausur.compliance.exports.material import (
    Line,
    Material,
    attested_words,
    known_evidence,
    open_points,
    outcome_words,
    seen_words,
)
from klausur.compliance.exports.oscal import Json, line, moment, of_row, ours, prose, stable, statement_id, title_of
from klausur.compliance.grades import GRADES
from klausur.compliance.model import How
from klausur.compliance.verdicts import FULFILLED, OUTCOMES, REASONS, ObjectiveVerdict, Outcome, Verdict
from klausur.compliance.words import Language, Text

AT_RISK: Final = frozenset({Outcome.NOT_MET, Outcome.DEVIATION_ACCEPTED})
_ANSWERED: Final = Text(de="Auskunft einer Person", en="A person's answer")
_IN_PACKAGE: Final = Text(
    de="Im Nachweispaket unter dieser Kennung: {id}", en="In the evidence package under this id: {id}"
)


# -- observations


def observations(material: Material, rows: Iterable[Line]) -> list[Json]:
    """Of all evidence that a verdict of these rows names. What is named but no longer there stands as such."""
    seen = {one.id: one for one in material.observations}
    answers = {one.id: one for one in material.attestations}
    methods = _methods(material)
    named = dict.fromkeys(name for row in rows for name in row.evidence)
    found = []
    for name in named:
        if name in seen:
            found.append(_observed(seen[name], material.language))
        elif name in answers:
            found.append(_answered(answers[name], methods.get(answers[name].asked, How.INTERVIEW), material.language))
    return found


def _methods(material: Material) -> Mapping[str, How]:
    """By the digest of a question."""
    bindings = (
        binding for row in material.catalogue.requirements() for one in row.objectives for binding in one.bindings
    )
    return {binding.asked: binding.how for binding in bindings if binding.question is not None}


def _observed(one: Observation, said: Language) -> Json:
    observation: Json = {
        "uuid": stable("observation", one.id),
        "title": line(one.asking.probe),
        "description": prose(seen_words(one, said)),
        "props": [
            ours("evidence-id", one.id),
            ours("probe", one.asking.probe),
            ours("status", one.status.value),
            ours("grade", str(int(one.grade)), remarks=prose(GRADES[one.grade].to(said))),
        ],
        "methods": ["TEST"],
        "types": ["control-objective"],
        "relevant-evidence": [_evidence(one.id, said)],
        "collected": moment(one.seen_at),
    }
    return observation if one.expires_at is None else {**observation, "expires": moment(one.expires_at)}


def _answered(one: Attestation, how: How, said: Language) -> Json:
    return {
        "uuid": stable("observation", one.id),
        "title": line(_ANSWERED.to(said)),
        "description": prose(attested_words(one, said)),
        "props": [
            ours("evidence-id", one.id),
            ours("answer", "yes" if one.answer else "no"),
            ours("grade", str(int(one.worth)), remarks=prose(GRADES[one.worth].to(said))),
        ],
        "methods": [how.value],
        "types": ["control-objective"],
        "relevant-evidence": [_evidence(one.id, said), *(_attached(digest) for digest in one.files)],
        "collected": moment(one.at),
        "expires": moment(one.until),
    }


def _evidence(name: str, said: Language) -> Json:
    return {"description": prose(_IN_PACKAGE.to(said).format(id=name)), "props": [ours("evidence-id", name)]}


def _attached(digest: str) -> Json:
    return {"description": prose(digest), "props": [ours("sha-256", digest)]}


# -- findings


def findings(material: Material, rows: Iterable[Line]) -> list[Json]:
    """Of each row, and of each of its objectives."""
    known = known_evidence(material)
    return [finding for row in rows for finding in _findings(row, known, material.language)]


def finding_uuid(row: Line) -> str:
    return stable("finding", statement_id(row.requirement))


def _findings(row: Line, known: Collection[str], said: Language) -> Iterator[Json]:
    yield _of_row(row, known, said)
    for one in row.objectives:
        yield _of_objective(row, one, known, said)


def _of_row(row: Line, known: Collection[str], said: Language) -> Json:
    own = row.requirement
    finding: Json = {
        "uuid": finding_uuid(row),
        "title": title_of(own, said),
        "description": prose("\n\n".join([outcome_words(row, said), *open_points(row, said)])),
        "props": [ours("verdict", row.outcome.value), ours("answer", row.answer.value), *of_row(own, said)],
        "target": _target("statement-id", statement_id(own), row.outcome, said),
    }
    finding |= related([name for name in row.evidence if name in known])
    return finding | {"related-risks": [{"risk-uuid": risk_uuid(row)}]} if row.outcome in AT_RISK else finding


def _of_objective(row: Line, one: ObjectiveVerdict, known: Collection[str], said: Language) -> Json:
    own = one.objective
    because = [REASONS[reason.reason].to(said) for reason in one.verdict.because]
    words = [own.text.to(said), OUTCOMES[one.verdict.outcome].to(said), *dict.fromkeys(because)]
    finding = {
        "uuid": stable("finding", own.id),
        "title": line(own.text.to(said)),
        "description": prose("\n\n".join(words)),
        "props": [ours("verdict", one.verdict.outcome.value), *of_row(row.requirement, said)],
        "target": _target("objective-id", own.id, one.verdict.outcome, said),
    }
    return finding | related([name for name in _named(one.verdict) if name in known])


def _named(verdict: Verdict) -> list[str]:
    return sorted({*verdict.rests_on, *(one.evidence for one in verdict.because if one.evidence)})


def related(evidence: Iterable[str]) -> Json:
    found = [{"observation-uuid": stable("observation", name)} for name in evidence]
    return {"related-observations": found} if found else {}


def _target(kind: str, name: str, outcome: Outcome, said: Language) -> Json:
    target: Json = {
        "type": kind,
        "target-id": name,
        "status": {"state": _state(outcome), "reason": _reason(outcome), "remarks": prose(OUTCOMES[outcome].to(said))},
    }
    absent = {"implementation-status": {"state": "not-applicable"}}
    return target | absent if outcome == Outcome.NOT_APPLICABLE else target


def _state(outcome: Outcome) -> str:
    return "satisfied" if outcome in FULFILLED else "not-satisfied"


def _reason(outcome: Outcome) -> str:
    if outcome in FULFILLED:
        return "pass"
    return "fail" if outcome in AT_RISK else "other"


# -- risks


def risks(material: Material, rows: Iterable[Line]) -> list[Json]:
    """Of what is known not to be met, also where the deviation is approved."""
    known = known_evidence(material)
    return [_risk(material, row, known) for row in rows if row.outcome in AT_RISK]


def risk_uuid(row: Line) -> str:
    return stable("risk", row.requirement.id)


def _risk(material: Material, row: Line, known: Collection[str]) -> Json:
    said, own = material.language, row.requirement
    waivers = _waivers(material, row)
    accepted = row.outcome == Outcome.DEVIATION_ACCEPTED
    points = [*open_points(row, said), *(one.risk for one in waivers)]
    risk: Json = {
        "uuid": risk_uuid(row),
        "title": title_of(own, said),
        "description": prose(own.statement.to(said)),
        "statement": prose("\n\n".join(points) or outcome_words(row, said)),
        "props": of_row(own, said),
        "status": "deviation-approved" if accepted else "open",
    }
    if waivers and accepted:
        risk["mitigating-factors"] = [_mitigating(one) for one in waivers]
        risk["deadline"] = moment(min(one.until for one in waivers))
    return risk | related([name for name in row.evidence if name in known])


def _waivers(material: Material, row: Line) -> list[Waiver]:
    named = {one.about for one in row.because}
    holding = [one for one in material.waivers if one.id in named and one.holds(material.assessment.at)]
    return sorted(holding, key=lambda one: one.id)


def _mitigating(waiver: Waiver) -> Json:
    return {
        "uuid": stable("mitigation", waiver.id),
        "description": prose(waiver.compensation),
        "props": [ours("waiver-id", waiver.id)],
    }
