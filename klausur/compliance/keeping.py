"""The ledger at work: appends, erases, signs, over the store's rows. ``ledger.py`` says what is written."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from klausur.compliance.findings import Judgement
from klausur.compliance.ledger import (
    ERASABLE,
    SALT_BYTES,
    Checkpoint,
    Unreadable,
    checkpoint_of,
    erasure,
    following,
    public_key,
    sign_head,
    weigh,
)
from klausur.compliance.verifying import Anchor, Held, verify
from klausur.domain.encoding import decode, encode
from klausur.domain.ports import Clock, Store, UnitOfWork
from klausur.domain.proof_ports import (
    EVIDENCE_BYTES,
    FILE_BYTES,
    RUN_BYTES,
    Blob,
    Entry,
    EntryType,
    SequenceTaken,
    is_as_written,
)
from klausur.machine import CannotStartError, kept_secret
from klausur.settings import PROOF_KEY_FILE

KEY_FILE: Final = PROOF_KEY_FILE
CHECKPOINTS_FILE: Final = "proof-checkpoints.jsonl"
"""A second place for checkpoints, beside the database: whoever shortens the one has to think of the other."""
JSON: Final = "application/json"
_TRIES: Final = 20
_PAGE: Final = 10_000
_CHECKPOINTS_BYTES: Final = 16 * 1024 * 1024

Stamp = Callable[[Checkpoint], Awaitable[Checkpoint]]


class TooMuch(Exception):
    """``str()`` of it says of what."""


class NotErasable(Exception):
    """There is none such, it is erased already, or it is what the ledger says of itself."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is to be written down."""

    type: EntryType
    name: str
    body: bytes
    media_type: str = JSON
    run: str = ""
    is_file: bool = False
    """Attached by somebody to an attestation: may be larger than what probes collect."""


class Ledger:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def append(
        self, *records: Record, along: Callable[[UnitOfWork], Awaitable[None]] | None = None
    ) -> Sequence[Entry]:
        """All or none, one after the other, whoever else writes. ``along``: what is written with them or not at all; it
        may be called again. Raises TooMuch, StorageUnavailable, and what ``along`` does."""
        for record in records:
            _judge_size(record)
        for _ in range(_TRIES):
            with suppress(SequenceTaken):
                async with self._store.writing() as unit:
                    await _judge_runs(unit, records)
                    if along is not None:
                        await along(unit)
                    return await self._append(unit, records)
        raise SequenceTaken

    async def _append(self, unit: UnitOfWork, records: Sequence[Record]) -> Sequence[Entry]:
        head = await unit.proof.last_entry()
        entries: list[Entry] = []
        for record in records:
            blob = Blob(record.run, record.name, record.media_type, record.body, secrets.token_bytes(SALT_BYTES))
            head = following(head, self._clock.now(), record.type, blob)
            await unit.proof.append(head, blob)
            entries.append(head)
        return entries

    async def erase(
        self, seqs: Sequence[int], reason: str, *, along: Callable[[UnitOfWork], Awaitable[None]] | None = None
    ) -> Entry:
        """Blobs and salts, and the entry that says so. ``reason`` names nobody: it stays. ``along``: what goes with
        them or not at all. Raises NotErasable."""
        record = Record(EntryType.ERASURE, "erasure", erasure(seqs, reason))
        _judge_size(record)
        async with self._store.writing() as unit:
            for seq in seqs:
                if not await _is_erasable(unit, seq) or not await unit.proof.erase(seq):
                    raise NotErasable(str(seq))
            if along is not None:
                await along(unit)
            (entry,) = await self._append(unit, [record])
        await self._store.scrub(deleted=True)
        return entry

    async def checkpoint(self, key: Ed25519PrivateKey, folder: Path, stamp: Stamp | None = None) -> Checkpoint | None:
        """Signs the head, and writes that down in the ledger and in ``folder``; None where there is nothing to sign. It
        stands whether it gets a time stamp or not. Where nothing has been added since the last one, that one stands:
        whoever asks often makes the ledger no longer. Raises OSError."""
        async with self._store.reading() as unit:
            head = await unit.proof.last_entry()
            written = None if head is None else await unit.proof.written(head.seq)
        if head is None:
            return None
        before = None if written is None else _signed_before(*written, public_key(key))
        if before is not None and (stamp is None or before.timestamp is not None):
            return before
        signed = sign_head(head, self._clock.now(), key)
        if stamp is not None:
            signed = await stamp(signed)
        await self.append(Record(EntryType.CHECKPOINT, "checkpoint", signed.body()))
        _keep_beside(folder / CHECKPOINTS_FILE, signed)
        return signed

    async def verify(
        self, folder: Path | None = None, *, anchors: Sequence[Anchor] = (), key: str | None = None
    ) -> Judgement:
        """Reads each blob once, and keeps none. ``folder``: with the checkpoints that are kept there."""
        held = [] if folder is None else checkpoints_beside(folder)
        async with self._store.reading() as unit:
            entries = [entry async for entry in all_entries(unit)]
            blobs = {}
            for seq, type_ in [*((each.seq, each.type) for each in entries), *await _strays(unit)]:
                blob = await unit.proof.blob(seq)
                if blob is not None:
                    blobs[seq] = weigh(blob, type_)
        return verify(entries, blobs, checkpoints=held, anchors=anchors, key=key)


def _signed_before(entry: Entry, blob: Blob, key: str) -> Checkpoint | None:
    """What the head says, where it is a checkpoint of this key itself."""
    if entry.type != EntryType.CHECKPOINT or not is_as_written(entry, blob):
        return None
    try:
        before = checkpoint_of(blob.body)
    except Unreadable:
        return None
    return before if before.key == key and before.is_signed() else None


async def all_entries(unit: UnitOfWork) -> AsyncIterator[Entry]:
    """In their order."""
    async for page in entries_by_page(unit):
        for entry in page:
            yield entry


async def entries_by_page(
    unit: UnitOfWork, types: Collection[EntryType] | None = None, at_once: int = _PAGE
) -> AsyncIterator[Sequence[Entry]]:
    """In their order. ``types``: of these alone."""
    some = unit.proof.entries if types is None else partial(unit.proof.entries_of, types)
    after: int | None = 0
    while after is not None:
        page = await some(after, at_once)
        yield page
        after = page[-1].seq if len(page) == at_once else None


async def _strays(unit: UnitOfWork) -> Sequence[tuple[int, str]]:
    return [(seq, "") for seq in await unit.proof.stray_blobs()]


def _judge_size(record: Record) -> None:
    limit = FILE_BYTES if record.is_file else EVIDENCE_BYTES
    if len(record.body) > limit:
        raise TooMuch(f"{record.name} has {len(record.body)} bytes, and {limit} are the most")


async def _judge_runs(unit: UnitOfWork, records: Sequence[Record]) -> None:
    more: dict[str, int] = {}
    for record in records:
        if record.run:
            more[record.run] = more.get(record.run, 0) + len(record.body)
    for run, size in more.items():
        if await unit.proof.run_bytes(run) + size > RUN_BYTES:
            raise TooMuch(f"all evidence of the run {run} together would be more than {RUN_BYTES} bytes")


async def _is_erasable(unit: UnitOfWork, seq: int) -> bool:
    found = await unit.proof.entries(seq - 1, 1)
    return bool(found) and found[0].seq == seq and found[0].type in ERASABLE


# -- the key, and what is kept beside the database --------------------------------------------------------------------


def checkpoint_key(folder: Path) -> Ed25519PrivateKey:
    """Of the data folder; made the first time. Raises CannotStartError."""
    file = folder / KEY_FILE
    raw = decode(kept_secret(file, lambda: encode(Ed25519PrivateKey.generate().private_bytes_raw())), 32)
    if raw is None or len(raw) != 32:
        raise CannotStartError(f"{file} is not the ledger's key; please put it back from where you keep it.")
    return Ed25519PrivateKey.from_private_bytes(raw)


def _keep_beside(file: Path, checkpoint: Checkpoint) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "ab") as out:
        out.write(checkpoint.body() + b"\n")
        out.flush()
        os.fsync(descriptor)


def checkpoints_beside(folder: Path) -> Sequence[Held]:
    """A line that cannot be read counts as one whose signature is wrong. Raises OSError, TooMuch."""
    file = folder / CHECKPOINTS_FILE
    if not file.exists():
        return []
    with file.open("rb") as opened:
        text = opened.read(_CHECKPOINTS_BYTES + 1)
    if len(text) > _CHECKPOINTS_BYTES:
        raise TooMuch(f"{file} is larger than checkpoints can be")
    return [_held(line, f"{file.name}, line {number}") for number, line in enumerate(text.splitlines(), 1)]


def _held(line: bytes, origin: str) -> Held:
    try:
        return Held(checkpoint_of(line), origin)
    except Unreadable:
        return Held(Checkpoint(0, "", "", "", ""), origin)
