"""What damage did to all the verdicts: those of a healthy installation, with what the named probes say of the damaged
one in the place of what they had said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from klausur.compliance.catalogue import load, release_digest
from klausur.compliance.engine import Situation, assess
from klausur.compliance.evidence import Status
from klausur.compliance.fact_list import FACTS
from klausur.compliance.facts import derived, resolve
from klausur.compliance.model import Catalogue, Requirement
from klausur.compliance.observed import observed
from klausur.compliance.records import observation_of
from klausur.compliance.standing import Standing
from klausur.compliance.verdicts import Outcome, is_worse
from klausur.compliance.words import Text
from tests.sabotage.damage import Damage
from tests.sabotage.installation import Looked

_NOTHING: Final = Text("", "")

Verdicts = Mapping[str, Outcome]
"""By row."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one damage came to."""

    damage: Damage
    turned: Sequence[str] = ()
    """Rows that say now that they are not met, as they must."""
    faults: Sequence[str] = ()
    """Why it does not count as noticed."""
    says: Mapping[str, str] | None = None

    @property
    def noticed(self) -> bool:
        return not self.faults


def found(damage: Damage, baseline: Looked, fresh: Looked) -> Found:
    catalogue = load()
    before = verdicts(catalogue, baseline.settings, baseline.observations)
    kept = [one for one in baseline.observations if one["asking"]["probe"] not in damage.probes]
    after = verdicts(catalogue, fresh.settings, [*kept, *fresh.observations])
    must = [row.id for row in catalogue.requirements() if _is_bound(row, damage.probes) and _applies(before[row.id])]
    return Found(
        damage,
        turned=[row for row in must if after[row] is Outcome.NOT_MET],
        faults=[*_probes(damage, baseline, fresh), *_rows(must, before, after)],
        says={name: seen["says"] for name, seen in fresh.seen.items()},
    )


def verdicts(catalogue: Catalogue, settings: Mapping[str, Any], plain: Sequence[Mapping[str, Any]]) -> Verdicts:
    """By the engine, from facts that the settings tell and from what was seen, and from nothing else."""
    seen = [observation_of(one) for one in plain]
    now = max(one.seen_at for one in seen)
    stands = [Standing(one, _NOTHING, 0) for one in seen]
    facts = resolve(derived(FACTS, settings, now).items(), [], observed(stands, settings, now))
    situation = Situation(now, facts, settings, seen)
    judged = assess(catalogue, situation, release_digest=release_digest(), server_runs=True)
    assert judged.invalid is None, judged.invalid
    return {row.requirement.id: row.verdict.outcome for row in judged.rows}


def _probes(damage: Damage, baseline: Looked, fresh: Looked) -> list[str]:
    faults = []
    for name in damage.probes:
        if (before := baseline.seen[name]["status"]) != Status.PASS:
            faults.append(f"{name} does not pass without damage, either: {before}: {baseline.seen[name]['says']}")
        if (after := fresh.seen[name]["status"]) != Status.FAIL:
            faults.append(f"{name}: {after}: {fresh.seen[name]['says']}")
    return faults


def _rows(must: Sequence[str], before: Verdicts, after: Verdicts) -> list[str]:
    faults = [] if must else ["no row is bound to it"]
    faults += [f"{row} was not met before" for row in must if before[row] is Outcome.NOT_MET]
    faults += [f"{row} is {after[row].value}" for row in must if after[row] is not Outcome.NOT_MET]
    better = [row for row in before if is_worse(before[row], after[row])]
    return faults + [f"{row} got better: {before[row].value} -> {after[row].value}" for row in better]


def _is_bound(row: Requirement, probes: Sequence[str]) -> bool:
    bindings = [binding for objective in row.objectives for binding in objective.bindings]
    return any(binding.test is not None and binding.test.probe in probes for binding in bindings)


def _applies(outcome: Outcome) -> bool:
    return outcome is not Outcome.NOT_APPLICABLE


def moment(looked: Looked) -> datetime:
    """Of the newest look."""
    return max(datetime.fromisoformat(one["seen_at"]) for one in looked.observations)
