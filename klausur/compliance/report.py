"""The pages of the proof: what the server hands out at /api/proof as it is, in both languages.

A page is JSON text, stored under its key: ``summary`` (GET /api/proof), ``report`` (GET /api/proof/report) and
``facts`` (GET /api/proof/facts). ``running`` is no in all of them: whether a run goes on, only whoever hands them out
can know.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from klausur.compliance import report_facts, report_runs
from klausur.compliance.engine import Situation, by_binding
from klausur.compliance.evidence import STATUSES, Attestation, Waiver
from klausur.compliance.grades import GRADES
from klausur.compliance.model import Asking, Binding, Catalogue, Chapter, Objective, Requirement, Verb
from klausur.compliance.probing import VANTAGES, Probe
from klausur.compliance.standing import Standing
from klausur.compliance.verdicts import (
    INVALID,
    OUTCOMES,
    REASONS,
    WORST_FIRST,
    Assessment,
    Because,
    ObjectiveVerdict,
    Outcome,
    Reason,
    RequirementVerdict,
    answer,
)
from klausur.compliance.vocabulary import GOALS, RESPONSIBLE, Responsible
from klausur.compliance.words import Text
from klausur.domain.proof_ports import AttestationRow, RunRow

SUMMARY: Final = "summary"
REPORT: Final = "report"
FACTS_PAGE: Final = "facts"
RUNS: Final = 50
"""As many are told of."""
NAMES: Final = "file_names"
"""In the body of an attestation's row: names of its files by their digests."""

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What the pages tell."""

    catalogue: Catalogue
    assessment: Assessment
    situation: Situation
    standing: Sequence[Standing]
    file_names: Mapping[str, str]
    runs: Sequence[RunRow]
    """the newest first"""
    release: str
    profile: str
    probes: Mapping[str, Probe]


def pages(told: Told) -> Mapping[str, str]:
    """By key, the JSON of each."""
    of_facts = report_facts.page(told.situation.facts, told.situation.settings)
    summary = _summary(told)
    report = {
        **summary,
        "chapters": list(_Rows(told).chapters()),
        "probes": _probes(told),
        "grades": {str(int(grade)): both(text) for grade, text in GRADES.items()},
        "verdicts": {outcome.value: both(text) for outcome, text in OUTCOMES.items()},
        "runs": report_runs.plain(told.runs),
        "facts_open": report_facts.still_open(of_facts),
        "contradictions": report_facts.contradictions(of_facts),
    }
    made = {SUMMARY: summary, REPORT: report, FACTS_PAGE: {"facts": of_facts}}
    return {key: json.dumps(page, ensure_ascii=False, separators=(",", ":")) for key, page in made.items()}


def both(text: Text) -> Plain:
    return {"de": text.de, "en": text.en}


def both_or_none(text: Text | None) -> Plain | None:
    return None if text is None else both(text)


# -- the summary ------------------------------------------------------------------------------------------------------


def _summary(told: Told) -> Plain:
    judged = told.assessment
    run = report_runs.last(told.runs, told.profile)
    state = "invalid" if judged.invalid is not None else "none" if run is None else "ready"
    outcomes = [(row.requirement, row.verdict.outcome) for row in judged.rows]
    return {
        "state": state,
        # Not when it was judged, which is done anew whenever somebody says something: nobody has looked since.
        "at": None if run is None or run.ended_at is None else run.ended_at.isoformat(),
        "release": told.release,
        "profile": told.profile,
        "catalogue": {"id": judged.catalogue, "version": judged.version, "digest": judged.digest},
        "rows": len(outcomes),
        "counts": _counts(outcome for _, outcome in outcomes),
        "must": _counts(outcome for row, outcome in outcomes if row.verb is Verb.MUST),
        "labels": _labels(row for row, _ in outcomes),
        "running": False,
        "invalid": None if judged.invalid is None else both(INVALID[judged.invalid]),
    }


def _counts(outcomes: Iterable[Outcome]) -> Plain:
    found = Counter(outcomes)
    return {outcome.value: found[outcome] for outcome in WORST_FIRST}


def _labels(rows: Iterable[Requirement]) -> list[Plain]:
    """How many of them are no demand in the authorities' own words, in their order."""
    found: dict[Text, list[Requirement]] = {}
    for row in rows:
        if (label := row.label or (_PARTLY if row.grade_note is not None else None)) is not None:
            found.setdefault(label, []).append(row)
    return [
        {"label": both(label), "rows": len(its), "must": sum(row.verb is Verb.MUST for row in its)}
        for label, its in found.items()
    ]


_PARTLY: Final = Text(
    de="teils von uns oder nur aus zweiter Hand gelesen; die Zeile sagt, was",
    en="partly ours, or read at second hand only; the row says what",
)


# -- the rows ---------------------------------------------------------------------------------------------------------


class _Rows:
    """The rows with all that is said about them, sorted by what is looked up."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._verdicts = {row.requirement.id: row for row in told.assessment.rows}
        self._seen: dict[Asking, Standing] = {}
        self._by_id: dict[str, Standing] = {}
        for one in sorted(told.standing, key=lambda one: (one.observation.seen_at, one.entry)):
            self._seen[one.observation.asking] = self._by_id[one.observation.id] = one
        self._attested: dict[tuple[str, str], Attestation] = {}
        for attestation in sorted(told.situation.attestations, key=lambda one: one.at):
            self._attested[attestation.objective, attestation.asked] = attestation
        self._waived: dict[str, list[Waiver]] = {}
        for waiver in sorted(told.situation.waivers, key=self._how_near, reverse=True):
            self._waived.setdefault(waiver.target, []).append(waiver)
        self._judged = by_binding(told.situation)
        self._history = report_runs.history(told.runs)

    def _how_near(self, waiver: Waiver) -> tuple[bool, bool, datetime]:
        """Those in effect first, then those that wait for the second person, then those that are over."""
        now = self._told.situation.now
        return waiver.holds(now), waiver.waits(now), waiver.at

    def chapters(self) -> Iterator[Plain]:
        chosen = self._told.catalogue.profiles[self._told.profile].requirements
        for chapter in self._told.catalogue.chapters:
            rows = [self._row(row) for row in chapter.requirements if row.id in chosen]
            if rows:
                yield {**self._chapter(chapter), "rows": rows}

    def _chapter(self, chapter: Chapter) -> Plain:
        source = both(self._told.catalogue.sources[chapter.source].title)
        return {"id": chapter.id, "title": both(chapter.title), "source": source, "section": chapter.section}

    def _row(self, row: Requirement) -> Plain:
        judged = self._verdicts.get(row.id)
        outcome = Outcome.NOT_VERIFIED if judged is None else judged.verdict.outcome
        return {
            "id": row.id,
            "verb": row.verb.value,
            "verb_note": both_or_none(row.verb_note),
            "label": both_or_none(row.label),
            "grade_note": both_or_none(row.grade_note),
            "title": both(row.title),
            "statement": both(row.statement),
            "sources": [self._place(place.source, place.section) for place in row.sources],
            "goals": [both(GOALS[goal]) for goal in row.goals],
            "verdict": outcome.value,
            "reasons": self._reasons_of(judged),
            "answer": answer(outcome).value,
            "roles": [_role(role) for role in dict.fromkeys(one.role for one in row.objectives)],
            "waivers": self._waivers(row.id),
            "history": self._history.get(row.id, []),
            "objectives": [self._objective(row, one, judged) for one in row.objectives],
        }

    def _waivers(self, target: str) -> list[Plain]:
        return [plain_waiver(waiver) for waiver in self._waived.get(target, ())]

    def _place(self, source: str, section: str | None) -> Plain:
        return {"name": both(self._told.catalogue.sources[source].title), "section": section}

    def _reasons_of(self, judged: RequirementVerdict | None) -> list[Plain]:
        if judged is not None:
            return self._reasons(judged.verdict.because)
        invalid = self._told.assessment.invalid
        return [] if invalid is None else [both(INVALID[invalid])]

    def _objective(self, of: Requirement, objective: Objective, row: RequirementVerdict | None) -> Plain:
        judged = _verdict_of(objective, row)
        if judged is not None:
            outcome, reasons = judged.verdict.outcome, self._reasons(judged.verdict.because)
        else:
            # Of a row that does not apply, or was not judged at all.
            outcome = Outcome.NOT_VERIFIED if row is None else row.verdict.outcome
            reasons = self._reasons_of(row)
        return {
            "id": objective.id,
            "text": both(objective.text),
            "role": _role(objective.role),
            "verdict": outcome.value,
            "reasons": reasons,
            "waivers": self._waivers(objective.id),
            "bindings": [self._binding(of, objective, binding) for binding in objective.bindings],
        }

    def _binding(self, row: Requirement, objective: Objective, binding: Binding) -> Plain:
        newest = None if binding.test is None else self._seen.get(binding.test)
        seen = self._deciding(row, objective, binding) or newest
        attested = self._attested.get((objective.id, binding.asked)) if binding.question is not None else None
        return {
            "how": binding.how.value,
            "probe": None if binding.test is None else binding.test.probe,
            "question": both_or_none(binding.question),
            "min_grade": int(binding.min_grade),
            "max_age_days": binding.max_age_days,
            "observation": None if seen is None else _observation(seen),
            "later": None if newest is None or newest is seen else _observation(newest),
            "attestation": None if attested is None else plain_attestation(attested, self._told.file_names),
        }

    def _deciding(self, row: Requirement, objective: Objective, binding: Binding) -> Standing | None:
        """The newest of what shows that it is met, or that it is not: whatever was tried later and said nothing takes
        nothing away from it."""
        judged = self._judged(row, objective, binding)
        failed = [one.evidence for one in judged.because if one.reason is Reason.FAILED]
        named = [self._by_id[one] for one in (*judged.rests_on, *failed) if one in self._by_id]
        return max(named, key=lambda one: (one.observation.seen_at, one.entry), default=None)

    def _reasons(self, because: Iterable[Because]) -> list[Plain]:
        """Each sentence once: several bindings often have the same."""
        said = dict.fromkeys(self._reason(one) for one in because)
        return [both(text) for text in said]

    def _reason(self, because: Because) -> Text:
        text = REASONS[because.reason]
        if because.reason in (Reason.FACT, Reason.MODEL, Reason.CONTRADICTION):
            return _with(text, report_facts.question(because.about))
        seen = self._by_id.get(because.evidence) if because.reason is Reason.FAILED else None
        return text if seen is None else _with(text, seen.says)


def _with(text: Text, more: Text | None) -> Text:
    return text if more is None else Text(f"{text.de[:-1]}: {more.de}", f"{text.en[:-1]}: {more.en}")


def _verdict_of(objective: Objective, row: RequirementVerdict | None) -> ObjectiveVerdict | None:
    return next((one for one in (row.objectives if row else ()) if one.objective.id == objective.id), None)


def _role(role: Responsible) -> Plain:
    return {"id": role.value, "name": both(RESPONSIBLE[role])}


def _observation(seen: Standing) -> Plain:
    its = seen.observation
    return {
        "at": its.seen_at.isoformat(),
        "status": its.status.value,
        "status_name": both(STATUSES[its.status]),
        "grade": int(its.grade),
        "says": both(seen.says),
        "entry": seen.entry,
    }


# -- what people said -------------------------------------------------------------------------------------------------


def plain_attestation(said: Attestation, names: Mapping[str, str]) -> Plain:
    return {
        "id": said.id,
        "objective": said.objective,
        "answer": said.answer,
        "statement": said.statement,
        "person": said.person,
        "role": said.role,
        "at": said.at.isoformat(),
        "until": said.until.isoformat(),
        "files": [{"name": names.get(digest, digest), "digest": digest} for digest in said.files],
    }


def plain_waiver(waiver: Waiver) -> Plain:
    return {
        "id": waiver.id,
        "target": waiver.target,
        "reason": waiver.reason,
        "risk": waiver.risk,
        "compensation": waiver.compensation,
        "first": waiver.asked_by,
        "second": waiver.approved_by or None,
        "at": waiver.at.isoformat(),
        "until": waiver.until.isoformat(),
    }


def file_names(rows: Iterable[AttestationRow]) -> Mapping[str, str]:
    """By digest. What cannot be read names nothing."""
    named: dict[str, str] = {}
    for row in rows:
        try:
            named.update({str(digest): str(name) for digest, name in json.loads(row.body).get(NAMES, {}).items()})
        except (AttributeError, ValueError):
            continue
    return named


# -- the probes -------------------------------------------------------------------------------------------------------

_NOT_BUILT: Final = REASONS[Reason.NOT_BUILT]


def _probes(told: Told) -> Plain:
    """Every one that the profile's rows are bound to, built or not."""
    chosen = told.catalogue.profiles[told.profile].requirements
    asked = {
        binding.test.probe
        for row in told.catalogue.requirements()
        if row.id in chosen
        for objective in row.objectives
        for binding in objective.bindings
        if binding.test is not None
    }
    return {name: _probe(told.probes.get(name)) for name in sorted(asked)}


def _probe(probe: Probe | None) -> Plain:
    if probe is None:
        nothing = both(_NOT_BUILT)
        return {
            "version": None,
            "proves": nothing,
            "proves_not": nothing,
            "vantage": nothing,
            "may_see": None,
            "third_parties": False,
            "built": False,
        }
    return {
        "version": probe.version,
        "proves": both(probe.proves),
        "proves_not": both(probe.proves_not),
        "vantage": both(VANTAGES[probe.vantage]),
        "may_see": both_or_none(probe.may_see),
        "third_parties": probe.third_parties,
        "built": True,
    }
