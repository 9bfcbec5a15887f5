"""Whether what holds of what people said is what the ledger says that they said: an answer that somebody put into its
table, changed there or took away is nobody's word. And whether the table of runs tells what the ledger tells.

What was erased from the ledger nobody says any more: it goes from the tables in the same transaction (``retention``),
so a row without its statement is at odds with the ledger, whether that was erased or never made.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from klausur.compliance.evidence import Attestation, Waiver
from klausur.compliance.keeping import JSON, entries_by_page
from klausur.domain.ports import UnitOfWork
from klausur.domain.proof_ports import (
    WRITTEN_AT_ONCE,
    AttestationRow,
    Entry,
    EntryType,
    FactRow,
    RunRow,
    WaiverRow,
    is_as_written,
)

_Said: TypeAlias = dict[tuple[str, str], Any]
"""By type of entry, and id or key: what is compared."""
_TYPES: Final = frozenset({EntryType.FACT, EntryType.ATTESTATION, EntryType.WAIVER})
_UNREADABLE: Final = object()
_RUNS: Final = WRITTEN_AT_ONCE
_SOON: Final = timedelta(minutes=1)
"""An entry and the row beside it are written at the same time; the row says it more exactly."""
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
    """As ``Entry.at``, and never before that of an earlier statement."""
    plain: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Of the fact, or the id of what is said or withdrawn. Raises one of OF_NO_SHAPE."""
        return str(self.plain["key" if self.type == EntryType.FACT else "withdrawn" if self.withdraws else "id"])

    @property
    def withdraws(self) -> bool:
        """Raises one of OF_NO_SHAPE."""
        return self.plain["value"] is None if self.type == EntryType.FACT else "withdrawn" in self.plain


@dataclass(frozen=True, slots=True)
class Rows:
    """Of what people said."""

    facts: Sequence[FactRow]
    attestations: Sequence[AttestationRow]
    waivers: Sequence[WaiverRow]


async def agreed(unit: UnitOfWork) -> Rows:
    """What counts: what stands in its table as the ledger has it. A no counts wherever it stands: otherwise it would
    pay to take one away."""
    entered, rows = await _entered(unit), await _rows(unit)
    no = [row for row in rows.attestations if _is_no(_attested(row))]
    denied = [_row(said) for (type_, _), said in entered.items() if type_ == EntryType.ATTESTATION and _is_no(said)]
    attested = [row for row in rows.attestations if entered.get((EntryType.ATTESTATION, row.id)) == _attested(row)]
    answers = {row.id: row for row in (*no, *denied, *attested)}
    return Rows(
        [row for row in rows.facts if entered.get((EntryType.FACT, row.key)) == _stated(row)],
        list(answers.values()),
        [row for row in rows.waivers if entered.get((EntryType.WAIVER, row.id)) == _waived(row)],
    )


def _is_no(said: Any) -> bool:
    return isinstance(said, Mapping) and said.get("answer") is not True


def _row(said: Mapping[str, Any]) -> AttestationRow:
    return AttestationRow(said["id"], said["objective"], datetime.fromisoformat(said["until"]), json.dumps(said))


async def at_odds(unit: UnitOfWork) -> list[str]:
    """``attestation <id>`` and the like, of all that only one of the two has, or that differs; of runs, the newest.
    Sorted."""
    entered, held = await _entered(unit), _held(await _rows(unit))
    said = {" ".join(key) for key in {*entered, *held} if entered.get(key) != held.get(key)}
    return sorted({*said, *(f"run {run}" for run in await _runs_at_odds(unit))})


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
    async for page in entries_by_page(unit, _TYPES, WRITTEN_AT_ONCE):
        written = {entry.seq: blob for entry, blob in await unit.proof.written_of([entry.seq for entry in page])}
        for entry in page:
            latest = max(latest, entry.at)
            if attached and entry.type == EntryType.ATTESTATION:
                attached -= 1
                continue
            blob = written.get(entry.seq)
            if blob is None or blob.media_type != JSON or not is_as_written(entry, blob):
                continue  # which ``verify`` finds, where it should not be so
            plain = _read(blob.body, lambda its: its)
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


async def _rows(unit: UnitOfWork) -> Rows:
    return Rows(await unit.proof.facts(), await unit.proof.attestations(), await unit.proof.waivers())


def _held(rows: Rows) -> _Said:
    return {
        **{(EntryType.FACT, row.key): _stated(row) for row in rows.facts},
        **{(EntryType.ATTESTATION, row.id): _attested(row) for row in rows.attestations},
        **{(EntryType.WAIVER, row.id): _waived(row) for row in rows.waivers},
    }


def _stated(row: FactRow) -> Any:
    return _read(row.body, dict)


def _attested(row: AttestationRow) -> Any:
    return _read(row.body, lambda its: _of(Attestation, its))


def _waived(row: WaiverRow) -> Any:
    return _read(row.body, lambda its: _of(Waiver, its))


def _read(body: str | bytes, shape: Callable[[Any], Any]) -> Any:
    try:
        return shape(json.loads(body))
    except (KeyError, TypeError, ValueError, RecursionError):
        return _UNREADABLE


# -- runs -------------------------------------------------------------------------------------------------------------


async def _runs_at_odds(unit: UnitOfWork) -> list[str]:
    """Of the newest, by the ledger and by their table, those of which the two do not say the same."""
    rows = {row.id: row for row in await unit.proof.runs(2 * _RUNS)}
    entered = await unit.proof.newest_runs(_RUNS)
    told: dict[str, dict[str, tuple[Entry, Any]]] = {run: {} for run in (*entered, *list(rows)[:_RUNS])}
    wanted = list(told)
    for some in (wanted[:_RUNS], wanted[_RUNS:]):
        for entry, blob in await unit.proof.told_of_runs(some):
            plain = _read(blob.body, dict) if is_as_written(entry, blob) else _UNREADABLE
            told[blob.run][entry.type] = (entry, plain)
    return [run for run, its in told.items() if not _is_told(rows.get(run), its)]


def _is_told(row: RunRow | None, told: Mapping[str, tuple[Entry, Any]]) -> bool:
    begun, ended = told.get(EntryType.RUN_BEGUN), told.get(EntryType.RUN_ENDED)
    if row is None or begun is None or (row.ended_at is None) != (ended is None):
        return False
    bodies = [plain for _, plain in (begun, *([ended] if ended else [])) if isinstance(plain, dict)]
    whole = {name: value for plain in bodies for name, value in plain.items()}
    times = [(row.begun_at, begun[0].at), *([(row.ended_at, ended[0].at)] if ended and row.ended_at else [])]
    return _read(row.body, dict) == whole and all(_are_close(at, entered) for at, entered in times)


def _are_close(at: datetime, entered: str) -> bool:
    try:
        return abs(at - datetime.fromisoformat(entered)) < _SOON
    except ValueError:
        return False
