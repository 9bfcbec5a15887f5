"""Whether what holds of what people said is what the ledger says that they said: an answer that somebody put into its
table, changed there or took away is nobody's word.

What was erased from the ledger nobody says any more: it goes from the tables in the same transaction (``retention``),
so a row without its statement is at odds with the ledger, whether that was erased or never made.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, TypeAlias

from klausur.compliance.evidence import Attestation, Waiver
from klausur.compliance.keeping import JSON, all_entries
from klausur.compliance.ledger import is_as_written
from klausur.domain.ports import UnitOfWork
from klausur.domain.proof_ports import EntryType

_Said: TypeAlias = dict[tuple[str, str], Any]
"""By type of entry, and id or key: what is compared."""
_TYPES: Final = frozenset({EntryType.FACT, EntryType.ATTESTATION, EntryType.WAIVER})
_UNREADABLE: Final = object()
OF_NO_SHAPE: Final = (AttributeError, KeyError, TypeError, ValueError)
"""Raised where a statement is of none that was ever written."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one entry of the ledger says, as it was written."""

    type: str
    seq: int
    files: int
    """So many entries that follow are files attached to it."""
    at: str
    """As ``Entry.at``, and never before that of an earlier entry."""
    plain: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Of the fact, or the id of what is said or withdrawn. Raises one of OF_NO_SHAPE."""
        return str(self.plain["key" if self.type == EntryType.FACT else "withdrawn" if self.withdraws else "id"])

    @property
    def withdraws(self) -> bool:
        """Raises one of OF_NO_SHAPE."""
        return self.plain["value"] is None if self.type == EntryType.FACT else "withdrawn" in self.plain


async def at_odds(unit: UnitOfWork) -> list[str]:
    """``attestation <id>`` and the like, of all that only one of the two has, or that differs. Sorted."""
    entered, held = await _entered(unit), await _held(unit)
    return sorted(f"{key[0]} {key[1]}" for key in {*entered, *held} if entered.get(key) != held.get(key))


# -- by the ledger ----------------------------------------------------------------------------------------------------


async def _entered(unit: UnitOfWork) -> _Said:
    said: _Said = {}
    async for one in statements(unit):
        try:
            _replay(said, one)
        except OF_NO_SHAPE:
            continue
    return said


async def statements(unit: UnitOfWork) -> AsyncIterator[Statement]:
    """In their order, those that are still there, as they were written. Without the files that follow some of them,
    whatever those are called."""
    attached, latest = 0, ""
    async for entry in all_entries(unit):
        latest = max(latest, entry.at)
        if entry.type not in _TYPES:
            continue
        if attached and entry.type == EntryType.ATTESTATION:
            attached -= 1
            continue
        written = await unit.proof.written(entry.seq)
        if written is None or written[1].media_type != JSON or not is_as_written(*written):
            continue  # which ``verify`` finds, where it should not be so
        plain = _read(written[1].body, lambda its: its)
        if isinstance(plain, dict):
            attached = len(plain.get("files", ())) if entry.type == EntryType.ATTESTATION else 0
            yield Statement(entry.type, entry.seq, attached, latest, plain)


def _replay(said: _Said, one: Statement) -> None:
    at, plain = (one.type, one.key), one.plain
    if one.withdraws:
        said.pop(at, None)
    elif one.type == EntryType.FACT:
        said[at] = {"value": plain["value"], "by": plain["by"]["name"]}
    elif one.type == EntryType.ATTESTATION:
        said[at] = _of(Attestation, {**plain, "files": [each["digest"] for each in plain["files"]]})
    else:
        said[at] = _of(Waiver, plain)


def _of(kind: type[Attestation | Waiver], plain: Mapping[str, Any]) -> Mapping[str, Any]:
    return {field.name: plain[field.name] for field in fields(kind)}


# -- by the tables ----------------------------------------------------------------------------------------------------


async def _held(unit: UnitOfWork) -> _Said:
    said: _Said = {}
    for fact in await unit.proof.facts():
        said[EntryType.FACT, fact.key] = _read(fact.body, dict)
    for attestation in await unit.proof.attestations():
        said[EntryType.ATTESTATION, attestation.id] = _read(attestation.body, lambda its: _of(Attestation, its))
    for waiver in await unit.proof.waivers():
        said[EntryType.WAIVER, waiver.id] = _read(waiver.body, lambda its: _of(Waiver, its))
    return said


def _read(body: str | bytes, shape: Callable[[Any], Any]) -> Any:
    try:
        return shape(json.loads(body))
    except (KeyError, TypeError, ValueError, RecursionError):
        return _UNREADABLE
