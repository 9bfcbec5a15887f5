"""What damage did to all the verdicts: those of a healthy installation, with what the named probes say of the damaged
one in the place of what they had said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
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
_SILENT: Final[Mapping[str, str]] = MappingProxyType({})

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
    says: Mapping[str, str] = field(default_factory=lambda: _SILENT)
    """By probe."""
    seconds: float = 0.0

    @property
    def noticed(self) -> bool:
        return not self.faults


class NotJudged(Exception):
    """The engine would not judge; ``str()`` of it is why."""


@cache
def _catalogue() -> tuple[Catalogue, str | None]:
    """With the release's digest. Both are read once: it takes seconds, and there are more than a hundred rows."""
    return load(), release_digest()


def found(damage: Damage, baseline: Looked, fresh: Looked) -> Found:
    """``fresh``: others may have been looked at for the sake of other damage in the same place; they are left out.
    Raises NotJudged."""
    catalogue, _ = _catalogue()
    before = verdicts(baseline.settings, baseline.observations)
    kept = [one for one in baseline.observations if one["asking"]["probe"] not in damage.probes]
    now = [one for one in fresh.observations if one["asking"]["probe"] in damage.probes]
    after = verdicts(fresh.settings, [*kept, *now])
    must = [row.id for row in catalogue.requirements() if _is_bound(row, damage) and _applies(before[row.id])]
    return Found(
        damage,
        turned=[row for row in must if after[row] is Outcome.NOT_MET],
        faults=[*_probes(damage, baseline, fresh), *_rows(must, before, after)],
        says={name: fresh.seen[name]["says"] for name in damage.probes},
    )


def verdicts(settings: Mapping[str, Any], plain: Sequence[Mapping[str, Any]]) -> Verdicts:
    """By the engine, from facts that the settings tell and from what was seen, and from nothing else. Raises
    NotJudged."""
    catalogue, digest = _catalogue()
    seen = [observation_of(one) for one in plain]
    now = max(one.seen_at for one in seen)
    stands = [Standing(one, _NOTHING, 0) for one in seen]
    facts = resolve(derived(FACTS, settings, now).items(), [], observed(stands, settings, now))
    situation = Situation(now, facts, settings, seen)
    judged = assess(catalogue, situation, release_digest=digest, server_runs=True)
    if judged.invalid is not None:
        raise NotJudged(judged.invalid)
    return {row.requirement.id: row.verdict.outcome for row in judged.rows}


def _probes(damage: Damage, baseline: Looked, fresh: Looked) -> list[str]:
    faults = []
    for name in damage.probes:
        if (before := _status(baseline, name, damage.asks)) != Status.PASS:
            faults.append(f"{name} does not pass without damage, either: {before}: {baseline.seen[name]['says']}")
        if (after := _status(fresh, name, damage.asks)) != Status.FAIL:
            faults.append(f"{name}: {after}: {fresh.seen[name]['says']}")
    said = " ".join(fresh.seen[name]["says"] for name in damage.probes)
    return faults + [f"{word!r} is not named: {said}" for word in damage.names if word not in said]


def _status(looked: Looked, probe: str, asks: str) -> str:
    """Of all that ask it for this, where it comes out differently for each who asks."""
    asked = [one for one in looked.observations if one["asking"]["probe"] == probe]
    statuses = sorted({str(one["status"]) for one in asked if asks in str(one["asking"]["params"])})
    return ", ".join(statuses) if asks else str(looked.seen[probe]["status"])


def _rows(must: Sequence[str], before: Verdicts, after: Verdicts) -> list[str]:
    faults = [] if must else ["no row is bound to it"]
    faults += [f"{row} was not met before" for row in must if before[row] is Outcome.NOT_MET]
    faults += [f"{row} is {after[row].value}" for row in must if after[row] is not Outcome.NOT_MET]
    better = [row for row in before if is_worse(before[row], after[row])]
    return faults + [f"{row} got better: {before[row].value} -> {after[row].value}" for row in better]


def _is_bound(row: Requirement, damage: Damage) -> bool:
    tests = [binding.test for objective in row.objectives for binding in objective.bindings]
    return any(test and test.probe in damage.probes and damage.asks in str(test.params) for test in tests)


def _applies(outcome: Outcome) -> bool:
    return outcome is not Outcome.NOT_APPLICABLE
