"""The proof, as rows: the ledger's entries and blobs, runs, declared facts, attestations, waivers, pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Row, Table, cast, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from klausur.domain.proof_ports import (
    EVIDENCE_BYTES,
    WRITTEN_AT_ONCE,
    AttestationRow,
    Blob,
    Entry,
    EntryType,
    FactRow,
    PageRow,
    RunRow,
    SequenceTaken,
    WaiverRow,
)
from klausur.store import tables
from klausur.store.prepared import Do

_r = tables.proof_runs.c
_e = tables.proof_entries.c
_b = tables.proof_evidence.c
_f = tables.proof_facts.c
_a = tables.proof_attestations.c
_w = tables.proof_waivers.c
_p = tables.proof_pages.c
_BLOB = (_b.run, _b.name, _b.media_type, *(cast(each, LargeBinary).label(each.name) for each in (_b.body, _b.salt)))
"""As bytes, whatever somebody has put there: SQLite keeps text in any column, and that is to be judged, too."""

_OF_RUNS = (EntryType.RUN_BEGUN.value, EntryType.RUN_ENDED.value)
_BOTH = select(tables.proof_entries, *_BLOB).join(tables.proof_evidence, _b.seq == _e.seq)


class ProofRows:
    def __init__(self, do: Do) -> None:
        self._do = do

    # -- the ledger

    async def last_entry(self) -> Entry | None:
        row = (await self._do(select(tables.proof_entries).order_by(_e.seq.desc()).limit(1))).first()
        return None if row is None else _entry_of(row)

    async def append(self, entry: Entry, blob: Blob) -> None:
        line = {
            "seq": entry.seq,
            "at": entry.at,
            "type": str(entry.type),
            "digest": entry.digest,
            "prev": entry.prev,
        }
        its = {"run": blob.run, "name": blob.name, "media_type": blob.media_type, "salt": blob.salt, "body": blob.body}
        try:
            await self._do(insert(tables.proof_entries).values(line))
            await self._do(insert(tables.proof_evidence).values(seq=entry.seq, **its))
        except IntegrityError:
            raise SequenceTaken from None

    async def entries(self, after: int = 0, at_most: int = 10_000) -> Sequence[Entry]:
        some = select(tables.proof_entries).where(_e.seq > after).order_by(_e.seq).limit(at_most)
        return [_entry_of(row) for row in await self._do(some)]

    async def blob(self, seq: int) -> Blob | None:
        row = (await self._do(select(*_BLOB).where(_b.seq == seq))).first()
        return None if row is None else _blob_of(row)

    async def written(self, seq: int) -> tuple[Entry, Blob] | None:
        return await self._written(_e.seq == seq)

    async def written_of(self, seqs: Collection[int]) -> Sequence[tuple[Entry, Blob]]:
        if len(seqs) > WRITTEN_AT_ONCE:
            raise ValueError(len(seqs))
        which = _BOTH.where(_e.seq.in_(sorted(seqs)), func.length(_b.body) <= EVIDENCE_BYTES).order_by(_e.seq)
        return [(_entry_of(row), _blob_of(row)) for row in await self._do(which)]

    async def newest(self, type_: EntryType, name: str) -> tuple[Entry, Blob] | None:
        return await self._written(_e.type == type_.value, _b.name == name)

    async def has_lost(self, type_: EntryType, after: int) -> bool:
        lost = select(_e.seq).where(_e.type == type_.value, _e.seq > after, _e.seq.not_in(select(_b.seq))).limit(1)
        return (await self._do(lost)).first() is not None

    async def latest(self, since: int) -> str:
        latest = select(func.coalesce(func.max(_e.at), "")).where(_e.seq >= since)
        return str((await self._do(latest)).scalar_one())

    async def entries_of(self, types: Collection[EntryType], after: int, at_most: int) -> Sequence[Entry]:
        of = select(tables.proof_entries).where(_e.type.in_(sorted(types)), _e.seq > after)
        return [_entry_of(row) for row in await self._do(of.order_by(_e.seq).limit(at_most))]

    async def told_of_runs(self, runs: Collection[str]) -> Sequence[tuple[Entry, Blob]]:
        if len(runs) > WRITTEN_AT_ONCE:
            raise ValueError(len(runs))
        told = _BOTH.where(_e.type.in_(_OF_RUNS), _b.run.in_(sorted(runs))).order_by(_e.seq)
        return [(_entry_of(row), _blob_of(row)) for row in await self._do(told)]

    async def newest_runs(self, at_most: int) -> Sequence[str]:
        begun = select(_b.run).join(tables.proof_entries, _e.seq == _b.seq).where(_e.type == EntryType.RUN_BEGUN.value)
        return (await self._do(begun.order_by(_b.seq.desc()).limit(at_most))).scalars().all()

    async def _written(self, *which: ColumnElement[bool]) -> tuple[Entry, Blob] | None:
        row = (await self._do(_BOTH.where(*which).order_by(_e.seq.desc()).limit(1))).first()
        return None if row is None else (_entry_of(row), _blob_of(row))

    async def older_evidence(self, before: str, at_most: int) -> Sequence[int]:
        old = select(_b.seq).join(tables.proof_entries, _e.seq == _b.seq)
        old = old.where(_e.type == EntryType.EVIDENCE.value, _e.at < before).order_by(_b.seq).limit(at_most)
        return (await self._do(old)).scalars().all()

    async def blobs_of(self, run: str) -> Sequence[int]:
        return (await self._do(select(_b.seq).where(_b.run == run).order_by(_b.seq))).scalars().all()

    async def run_bytes(self, run: str) -> int:
        held = select(func.coalesce(func.sum(func.length(_b.body)), 0)).where(_b.run == run)
        return int((await self._do(held)).scalar_one())

    async def stray_blobs(self) -> Sequence[int]:
        without = _b.seq.not_in(select(_e.seq))
        return (await self._do(select(_b.seq).where(without).order_by(_b.seq))).scalars().all()

    async def erase(self, seq: int) -> bool:
        return await self._end(tables.proof_evidence, _b.seq == seq)

    # -- runs

    async def begin_run(self, run: RunRow) -> None:
        row = {"id": run.id, "begun_at": run.begun_at, "ended_at": run.ended_at, "body": run.body}
        await self._do(insert(tables.proof_runs).values(row))

    async def end_run(self, run: str, at: datetime, body: str) -> bool:
        change = update(tables.proof_runs).where(_r.id == run, _r.ended_at.is_(None)).values(ended_at=at, body=body)
        return (await self._do(change)).rowcount == 1

    async def run(self, run: str) -> RunRow | None:
        row = (await self._do(select(tables.proof_runs).where(_r.id == run))).first()
        return None if row is None else _run_of(row)

    async def runs(self, at_most: int = 100) -> Sequence[RunRow]:
        newest = select(tables.proof_runs).order_by(_r.begun_at.desc(), _r.id).limit(at_most)
        return [_run_of(row) for row in await self._do(newest)]

    async def drop_run(self, run: str) -> bool:
        return await self._end(tables.proof_runs, _r.id == run)

    # -- what people say

    async def put_fact(self, fact: FactRow) -> None:
        await self.drop_fact(fact.key)
        await self._do(insert(tables.proof_facts).values(key=fact.key, at=fact.at, body=fact.body))

    async def facts(self) -> Sequence[FactRow]:
        rows = await self._do(select(tables.proof_facts).order_by(_f.key))
        return [FactRow(row.key, row.at, row.body) for row in rows]

    async def drop_fact(self, key: str) -> bool:
        return await self._end(tables.proof_facts, _f.key == key)

    async def add_attestation(self, attestation: AttestationRow) -> None:
        row = {"id": attestation.id, "objective": attestation.objective, "until": attestation.until}
        await self._do(insert(tables.proof_attestations).values(body=attestation.body, **row))

    async def attestations(self) -> Sequence[AttestationRow]:
        rows = await self._do(select(tables.proof_attestations).order_by(_a.objective, _a.until, _a.id))
        return [AttestationRow(row.id, row.objective, row.until, row.body) for row in rows]

    async def drop_attestation(self, attestation: str) -> bool:
        return await self._end(tables.proof_attestations, _a.id == attestation)

    async def add_waiver(self, waiver: WaiverRow) -> None:
        row = {"id": waiver.id, "objective": waiver.objective, "until": waiver.until, "body": waiver.body}
        await self._do(insert(tables.proof_waivers).values(row))

    async def waivers(self) -> Sequence[WaiverRow]:
        rows = await self._do(select(tables.proof_waivers).order_by(_w.objective, _w.until, _w.id))
        return [WaiverRow(row.id, row.objective, row.until, row.body) for row in rows]

    async def drop_waiver(self, waiver: str) -> bool:
        return await self._end(tables.proof_waivers, _w.id == waiver)

    # -- what is handed out

    async def put_page(self, key: str, at: datetime, body: str) -> None:
        await self._end(tables.proof_pages, _p.key == key)
        await self._do(insert(tables.proof_pages).values(key=key, at=at, body=body))

    async def page(self, key: str) -> PageRow | None:
        row = (await self._do(select(tables.proof_pages).where(_p.key == key))).first()
        return None if row is None else PageRow(row.key, row.at, row.body)

    async def pages(self, keys: Collection[str]) -> Mapping[str, PageRow]:
        rows = await self._do(select(tables.proof_pages).where(_p.key.in_(sorted(keys))))
        return {row.key: PageRow(row.key, row.at, row.body) for row in rows}

    async def _end(self, table: Table, which: Any) -> bool:
        return (await self._do(delete(table).where(which))).rowcount == 1


def _entry_of(row: Row[Any]) -> Entry:
    return Entry(row.seq, row.at, row.type, row.digest, row.prev)


def _blob_of(row: Row[Any]) -> Blob:
    return Blob(row.run, row.name, row.media_type, row.body, row.salt)


def _run_of(row: Row[Any]) -> RunRow:
    return RunRow(row.id, row.begun_at, row.ended_at, row.body)
