"""What people declare of their installation: a fact is put, or withdrawn, and the ledger says so."""

from __future__ import annotations

from typing import Any, Final

import rfc8785

from klausur.compliance.fact_list import FACTS
from klausur.compliance.facts import FactInvalid, FactSpec, Origin, Stated
from klausur.compliance.judging import Installation
from klausur.compliance.keeping import Ledger, Record
from klausur.compliance.records import fact_row
from klausur.compliance.words import Text
from klausur.domain.proof_ports import EntryType

COMMAND: Final = "klausur facts"
"""Who declared it, where that was somebody at the machine."""


class UnknownFact(LookupError):
    """``str()`` of it is the key."""


async def declare(its: Installation, key: str, value: object, by: str) -> None:
    """``value``: None withdraws. ``by``: who says so. Whoever calls it judges again (judging.py). Raises UnknownFact,
    FactInvalid (also where the settings say it), StorageUnavailable."""
    spec = FACTS.get(key)
    if spec is None:
        raise UnknownFact(key)
    if value is None:
        await _withdraw(its, spec, by)
        return
    if not spec.is_asked(its.settings):
        raise FactInvalid(_follows(spec))
    stated = Stated(spec.checked(value), Origin.DECLARED, its.clock.now(), by)
    await _write_down(its, spec, {"key": key, "value": stated.value, "by": by})
    async with its.store.writing() as unit:
        await unit.proof.put_fact(fact_row(key, stated))


async def _withdraw(its: Installation, spec: FactSpec, by: str) -> None:
    async with its.store.writing() as unit:
        there = await unit.proof.drop_fact(spec.key)
    if there:
        await _write_down(its, spec, {"key": spec.key, "value": None, "by": by})


async def _write_down(its: Installation, spec: FactSpec, said: dict[str, Any]) -> None:
    await Ledger(its.store, its.clock).append(Record(EntryType.FACT, spec.key, rfc8785.dumps(said)))


def _follows(spec: FactSpec) -> Text:
    return Text(
        de=f"{spec.key}: Das sagen schon die Einstellungen; wer es ändern will, ändert diese.",
        en=f"{spec.key}: the settings say it already; whoever wants to change it changes those.",
    )
