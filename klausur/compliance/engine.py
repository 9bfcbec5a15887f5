"""From catalogue, facts and evidence to verdicts. A function: no clock, no file, no network, no chance.

Three rules carry the rest. What was found wrong stays wrong until a later and at least as strong look finds it right:
neither age nor a changed setting heals it. What is no pass (a crash, a blocked attempt, nothing seen) never becomes
one, and takes nothing from a pass that is still good. And nothing is left out by ignorance: a row is not applicable
only where facts say so that are known and that nothing contradicts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from klausur.compliance.evidence import Attestation, Observation, Status, Waiver, answered_until, valid_until
from klausur.compliance.facts import Fact
from klausur.compliance.model import Asking, Binding, Catalogue, Condition, Objective, OperatingModel, Requirement
from klausur.compliance.verdicts import (
    FULFILLED,
    Assessment,
    Because,
    Invalid,
    ObjectiveVerdict,
    Outcome,
    Reason,
    RequirementVerdict,
    Verdict,
    worst,
)

_MODEL_FACT: Final = "operating_model"
_MODELS: Final[Mapping[object, OperatingModel]] = {
    "self": OperatingModel.SELF,
    "external": OperatingModel.EXTERNAL,
    "online": OperatingModel.ONLINE,
}
_FACTS_PROBE: Final = "facts.complete"
_AGAINST: Final = frozenset({Status.FAIL, Status.CALIBRATION_FAILED})
_NO_PASS: Final[Mapping[Status, Reason]] = {
    Status.CRASHED: Reason.PROBE_ERROR,
    Status.TIMED_OUT: Reason.PROBE_ERROR,
    Status.CALIBRATION_FAILED: Reason.PROBE_ERROR,
    Status.BLOCKED: Reason.BLOCKED,
    Status.NOTHING_SEEN: Reason.INCONCLUSIVE,
    Status.INCONCLUSIVE: Reason.INCONCLUSIVE,
}


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that a verdict depends on besides the catalogue. No order in it matters."""

    now: datetime
    facts: Mapping[str, Fact] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)
    """in effect now, without secrets"""
    observations: Sequence[Observation] = ()
    attestations: Sequence[Attestation] = ()
    waivers: Sequence[Waiver] = ()
    changed: Mapping[str, datetime] = field(default_factory=dict)
    """By requirement's id, when a setting that is declared to bear on it was changed last."""


def assess(
    catalogue: Catalogue,
    situation: Situation,
    *,
    release_digest: str | None,
    server_runs: bool,
    selected: Collection[str] | None = None,
) -> Assessment:
    """``selected``: ids of requirements; None for all of them."""
    rows = [row for row in catalogue.requirements() if selected is None or row.id in selected]
    invalid = _invalid(catalogue, rows, release_digest, server_runs=server_runs)
    judged = () if invalid else judge(rows, situation)
    return Assessment(catalogue.id, catalogue.version, catalogue.digest, situation.now, invalid, judged)


def judge(rows: Iterable[Requirement], situation: Situation) -> tuple[RequirementVerdict, ...]:
    judging = _Judging(situation)
    return tuple(judging.requirement(row) for row in rows)


def by_binding(situation: Situation) -> Callable[[Requirement, Objective, Binding], Verdict]:
    """What each binding comes to by itself: ``rests_on`` is there also where another one makes the row worse."""
    return _Judging(situation).binding


def _invalid(
    catalogue: Catalogue, rows: Sequence[Requirement], release_digest: str | None, *, server_runs: bool
) -> Invalid | None:
    if not any(catalogue.requirements()):
        return Invalid.EMPTY_CATALOGUE
    if catalogue.digest != release_digest:
        return Invalid.FOREIGN_CATALOGUE
    if not rows:
        return Invalid.NOTHING_SELECTED
    return None if server_runs else Invalid.NO_SERVER


class _Judging:
    """A situation, sorted by what is looked up in it."""

    def __init__(self, situation: Situation) -> None:
        self.now = situation.now
        self.facts = situation.facts
        self.settings = situation.settings
        self.changed = situation.changed
        self.seen: dict[Asking | None, list[Observation]] = defaultdict(list)
        for observation in situation.observations:
            self.seen[observation.asking].append(observation)
        self.answers: dict[str, list[Attestation]] = defaultdict(list)
        for attestation in situation.attestations:
            self.answers[attestation.objective].append(attestation)
        self.waivers: dict[str, list[Waiver]] = defaultdict(list)
        for waiver in situation.waivers:
            self.waivers[waiver.target].append(waiver)

    def requirement(self, row: Requirement) -> RequirementVerdict:
        absent = self._absent(row)
        if absent:
            return RequirementVerdict(row, _verdict(Outcome.NOT_APPLICABLE, absent), ())
        objectives = tuple(ObjectiveVerdict(one, self._objective(row, one)) for one in row.objectives)
        doubts = [Because(Reason.CONTRADICTION, key) for key in _facts_of(row) if self._contradicted(key)]
        parts = [one.verdict for one in objectives]
        if doubts:
            parts.append(_verdict(Outcome.NEEDS_ATTENTION, doubts))
        return RequirementVerdict(row, _together(parts), objectives)

    # -- whether a row applies

    def _absent(self, row: Requirement) -> list[Because]:
        """Why it does not apply; empty where it does."""
        model = _MODELS.get(self._known(_MODEL_FACT))
        if model is not None and model not in row.models:
            return [Because(Reason.MODEL, _MODEL_FACT)]
        return [Because(Reason.FACT, one.fact) for one in row.applies_if if self._excluded(one)]

    def _excluded(self, condition: Condition) -> bool:
        value = self._known(condition.fact)
        return value is not None and value not in condition.values

    def _known(self, key: str) -> object:
        """None also where something speaks against what is known."""
        fact = self.facts.get(key)
        return None if fact is None or fact.contradicted else fact.stands.value

    def _contradicted(self, key: str) -> bool:
        return key in self.facts and self.facts[key].contradicted

    # -- an objective

    def _objective(self, row: Requirement, objective: Objective) -> Verdict:
        together = _together([self.binding(row, objective, binding) for binding in objective.bindings])
        if together.outcome != Outcome.NOT_MET:
            return together
        waivers = [*self.waivers.get(objective.id, ()), *self.waivers.get(row.id, ())]
        accepted = any(waiver.holds(self.now) for waiver in waivers)
        because = [*together.because, *(Because(self._of_waiver(waiver), waiver.id) for waiver in waivers)]
        return _verdict(Outcome.DEVIATION_ACCEPTED if accepted else Outcome.NOT_MET, because)

    def _of_waiver(self, waiver: Waiver) -> Reason:
        if waiver.holds(self.now):
            return Reason.WAIVED
        return Reason.WAIVER_EXPIRED if waiver.flaw is None and waiver.at <= self.now else Reason.WAIVER_VOID

    def binding(self, row: Requirement, objective: Objective, binding: Binding) -> Verdict:
        return self._shown(row, binding) if binding.test is not None else self._answered(row, objective, binding)

    def _is_before_change(self, row: Requirement, at: datetime) -> bool:
        """A setting that bears on the row was changed since."""
        changed = self.changed.get(row.id)
        return changed is not None and at < changed

    def _is_overtaken(self, row: Requirement, seen: Observation) -> bool:
        return not seen.is_current(self.settings) or self._is_before_change(row, seen.seen_at)

    # -- by a machine

    def _shown(self, row: Requirement, binding: Binding) -> Verdict:
        if not binding.built:
            return _verdict(Outcome.NOT_VERIFIED, [Because(Reason.NOT_BUILT, binding.id)])
        all_seen = self.seen.get(binding.test, ())
        seen = [one for one in all_seen if not self._refuted(one, all_seen)]
        failed = [one for one in seen if one.status == Status.FAIL]
        if failed:
            why = [Because(Reason.FAILED, binding.id, one.id) for one in failed]
            # It stays what it is until somebody looks; but whoever has mended something reads that this is why.
            why += [Because(Reason.CHANGED_SINCE, binding.id, one.id) for one in failed if self._is_overtaken(row, one)]
            return _verdict(Outcome.NOT_MET, why)
        doubts = [because for one in seen for because in self._doubts(row, one, binding)]
        good = [one for one in seen if one.status == Status.PASS and not self._doubts(row, one, binding)]
        if good and not any(one.status == Status.CALIBRATION_FAILED for one in seen):
            latest = max(one.seen_at for one in good)
            later = {one.id for one in seen if one.seen_at > latest}
            noted = [because for because in doubts if because.evidence in later]
            return _verdict(Outcome.MET, noted, [one.id for one in good])
        if any(because.reason != Reason.BLOCKED for because in doubts):
            return _verdict(Outcome.NEEDS_ATTENTION, doubts)
        # Nobody has looked who could: without a browser, without a list of advisories.
        return _verdict(Outcome.NOT_VERIFIED, doubts or [Because(Reason.NO_EVIDENCE, binding.id)])

    def _refuted(self, against: Observation, seen: Iterable[Observation]) -> bool:
        """By a look that came later, was no weaker, and passed. That look's own age does not matter to it."""
        return against.status in _AGAINST and any(
            one.status == Status.PASS and against.seen_at < one.seen_at <= self.now and one.grade >= against.grade
            for one in seen
        )

    def _doubts(self, row: Requirement, seen: Observation, binding: Binding) -> list[Because]:
        """Why this observation, which is no fail, does not show that the binding is met."""
        if seen.status != Status.PASS:
            return [Because(_NO_PASS[seen.status], binding.id, seen.id)]
        found = {
            Reason.INCONCLUSIVE: seen.seen_at > self.now,  # a clock that runs wrong
            Reason.STALE: self.now >= valid_until(seen, binding),
            Reason.CHANGED_SINCE: self._is_overtaken(row, seen),
            Reason.INSUFFICIENT_GRADE: seen.grade < binding.min_grade,
        }
        return [Because(reason, binding.id, seen.id) for reason, applies in found.items() if applies]

    # -- by a person

    def _answered(self, row: Requirement, objective: Objective, binding: Binding) -> Verdict:
        answers = [one for one in self.answers.get(objective.id, ()) if one.asked == binding.asked]
        no = [one for one in answers if not one.answer and not self._revised(one, answers)]
        if no:
            return _verdict(Outcome.NOT_MET, [Because(Reason.ANSWERED_NO, binding.id, one.id) for one in no])
        yes = [one for one in answers if one.answer]
        good = [one for one in yes if not self._objections(row, one, binding)]
        if good:
            return _verdict(Outcome.ATTESTED, (), [one.id for one in good])
        doubts = [because for one in yes for because in self._objections(row, one, binding)]
        doubts += [Because(Reason.CHANGED_SINCE, binding.id, one.id) for one in self._to_other_words(objective)]
        if doubts:
            return _verdict(Outcome.NEEDS_ATTENTION, doubts)
        return _verdict(Outcome.OUTSIDE_ENGINE, [Because(Reason.ATTESTATION_MISSING, binding.id)])

    def _revised(self, no: Attestation, answers: Iterable[Attestation]) -> bool:
        return any(one.answer and no.at < one.at <= self.now and one.worth >= no.worth for one in answers)

    def _objections(self, row: Requirement, yes: Attestation, binding: Binding) -> list[Because]:
        found = {
            Reason.INCONCLUSIVE: yes.at > self.now,
            Reason.ATTESTATION_EXPIRED: self.now >= answered_until(yes, binding),
            Reason.CHANGED_SINCE: self._is_before_change(row, yes.at),
            Reason.INSUFFICIENT_GRADE: yes.worth < binding.min_grade,
        }
        return [Because(reason, binding.id, yes.id) for reason, applies in found.items() if applies]

    def _to_other_words(self, objective: Objective) -> list[Attestation]:
        """Yes to a question that the catalogue has put differently since."""
        questions = {binding.asked for binding in objective.bindings}
        return [one for one in self.answers.get(objective.id, ()) if one.answer and one.asked not in questions]


def _facts_of(row: Requirement) -> list[str]:
    """Facts on which it depends whether the row applies, or whether it is met."""
    asked = [_MODEL_FACT, *(condition.fact for condition in row.applies_if)]
    for binding in (binding for objective in row.objectives for binding in objective.bindings):
        if binding.test is not None and binding.test.probe == _FACTS_PROBE:
            keys = dict(binding.test.params).get("keys", ())
            asked.extend(keys if isinstance(keys, tuple) else ())
    return asked


def _together(parts: Sequence[Verdict]) -> Verdict:
    """Everything has to be met, so the worst counts."""
    outcome = worst(part.outcome for part in parts)
    rests_on = [one for part in parts for one in part.rests_on] if outcome in FULFILLED else ()
    return _verdict(outcome, [because for part in parts for because in part.because], rests_on)


def _verdict(outcome: Outcome, because: Iterable[Because], rests_on: Iterable[str] = ()) -> Verdict:
    return Verdict(outcome, tuple(sorted(set(because))), tuple(sorted(set(rests_on))))
