"""When what is known has to be judged again: a setting was changed that is declared to bear on a row, or something that
a verdict rests on comes to its end."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from klausur.compliance.engine import Situation, by_binding
from klausur.compliance.evidence import answered_until, valid_until
from klausur.compliance.keeping import entries_by_page
from klausur.compliance.model import Requirement
from klausur.domain.ports import UnitOfWork
from klausur.domain.proof_ports import WRITTEN_AT_ONCE, Blob, EntryType, is_as_written
from klausur.settings import Settings, about_field

CONFIGURATION: Final = "configuration"
"""Of the blobs in the ledger that say what is set."""
_ABSENT: Final = object()


def settings_in(kept: Blob | None) -> Mapping[str, Any]:
    """Empty where it does not say."""
    try:
        before = json.loads(kept.body)["settings"] if kept is not None else {}
    except (KeyError, TypeError, ValueError):
        return {}
    return before if isinstance(before, dict) else {}


def names_of_differing(before: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    """Names, sorted."""
    return sorted(name for name in {*before, *now} if before.get(name, _ABSENT) != now.get(name, _ABSENT))


async def changed_rows(unit: UnitOfWork, settings: Mapping[str, object], now: datetime) -> Mapping[str, datetime]:
    """By requirement's id, when a setting that bears on it was changed last, by the ledger; ``now`` where that does not
    stand there yet. What was set when it was first written down was no change."""
    changed: dict[str, datetime] = {}
    before: Mapping[str, Any] = {}
    async for at, kept in _configurations(unit):
        changed |= dict.fromkeys(names_of_differing(before, kept) if before else (), at)
        before = kept
    changed |= dict.fromkeys(names_of_differing(before, settings) if before else (), now)
    moments = {row: [changed[name] for name in names if name in changed] for row, names in _bearing().items()}
    return {row: max(each) for row, each in moments.items() if each}


async def _configurations(unit: UnitOfWork) -> AsyncIterator[tuple[datetime, Mapping[str, Any]]]:
    """In their order; what was altered says nothing."""
    async for page in entries_by_page(unit, {EntryType.CONFIGURATION}, WRITTEN_AT_ONCE):
        for entry, blob in await unit.proof.written_of([entry.seq for entry in page]):
            if blob.name == CONFIGURATION and is_as_written(entry, blob) and (kept := settings_in(blob)):
                yield datetime.fromisoformat(entry.at), kept


def _bearing() -> Mapping[str, Collection[str]]:
    """By requirement's id, names of the settings that are declared to bear on it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name, field in Settings.model_fields.items():
        for row in about_field(field).bears_on:
            found[row].add(name)
    return found


def next_end(rows: Iterable[Requirement], situation: Situation) -> datetime | None:
    """When the first of what these rows' verdicts rest on comes to its end by age alone; None: nothing does."""
    ends = [*_ends(rows, situation), *(waiver.until for waiver in situation.waivers if waiver.holds(situation.now))]
    return min((end for end in ends if end > situation.now), default=None)


def _ends(rows: Iterable[Requirement], situation: Situation) -> Iterator[datetime]:
    """Of each binding that is met or answered, when the last does that shows it."""
    judge = by_binding(situation)
    seen = {one.id: one for one in situation.observations}
    answers = {one.id: one for one in situation.attestations}
    for row in rows:
        for objective in row.objectives:
            for binding in objective.bindings:
                rests_on = judge(row, objective, binding).rests_on
                ends = [valid_until(seen[one], binding) for one in rests_on if one in seen]
                ends += [answered_until(answers[one], binding) for one in rests_on if one in answers]
                if ends:
                    yield max(ends)
