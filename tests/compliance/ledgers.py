"""Ledgers for tests, as they would lie in the tables: to be altered in every way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from klausur.compliance.findings import Judgement, Kind
from klausur.compliance.ledger import Checkpoint, erasure, following, hash_of, sign_head, weigh
from klausur.compliance.verifying import Anchor, verify
from klausur.domain.proof_ports import Blob, Entry, EntryType

NINE = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ADAS_KEY = Ed25519PrivateKey.from_private_bytes(b"a" * 32)
OTTOS_KEY = Ed25519PrivateKey.from_private_bytes(b"o" * 32)


@dataclass
class Book:
    entries: list[Entry] = field(default_factory=list)
    blobs: dict[int, Blob] = field(default_factory=dict)
    now: datetime = NINE

    def write(self, type_: EntryType, body: bytes, *, run: str = "", name: str = "said") -> Entry:
        self.now += timedelta(minutes=1)
        head = self.entries[-1] if self.entries else None
        seq = len(self.entries) + 1
        blob = Blob(run, name, "application/json", body, bytes([seq % 256]) * 16)
        entry = following(head, self.now, type_, blob)
        self.entries.append(entry)
        self.blobs[entry.seq] = blob
        return entry

    def run(self, run: str, *seen: str) -> None:
        self.write(EntryType.RUN_BEGUN, b"{}", run=run)
        for each in seen:
            self.write(EntryType.EVIDENCE, each.encode(), run=run, name=f"probe of {run}")
        self.write(EntryType.RUN_ENDED, b"{}", run=run)

    def sign(self, key: Ed25519PrivateKey = ADAS_KEY) -> Checkpoint:
        checkpoint = sign_head(self.entries[-1], self.now, key)
        self.write(EntryType.CHECKPOINT, checkpoint.body(), name="checkpoint")
        return checkpoint

    def erase(self, *seqs: int) -> None:
        for seq in seqs:
            del self.blobs[seq]
        self.write(EntryType.ERASURE, erasure(seqs, "retention"))

    def edit(self, seq: int, **changed: Any) -> None:
        """As somebody with access to the tables, and nothing else."""
        self.entries[seq - 1] = replace(self.entries[seq - 1], **changed)

    def rewrite(self, seq: int, body: bytes) -> None:
        """As somebody who makes the chain fit again, from there on."""
        self.blobs[seq] = replace(self.blobs[seq], body=body)
        head = self.entries[seq - 2] if seq > 1 else None
        for at in range(seq - 1, len(self.entries)):
            its = self.entries[at]
            fresh = following(head, self.now, EntryType(its.type), self.blobs[its.seq])
            head = self.entries[at] = replace(fresh, at=its.at)

    def copy(self) -> Book:
        return Book(list(self.entries), dict(self.blobs), self.now)

    def judge(self, **known: Any) -> Judgement:
        types = {entry.seq: entry.type for entry in self.entries}
        weighed = {seq: weigh(blob, types.get(seq, "")) for seq, blob in self.blobs.items()}
        return verify(self.entries, weighed, **known)

    def anchor(self) -> Anchor:
        return Anchor(self.entries[-1].seq, hash_of(self.entries[-1]), "Ada's notebook")


def two_runs() -> Book:
    """1 begun, 2-3 seen, 4 ended, 5 checkpoint; 6 begun, 7-8 seen, 9 ended, 10 checkpoint."""
    book = Book()
    book.run("first", "tls 1.3", "headers")
    book.sign()
    book.run("second", "tls 1.2", "no headers")
    book.sign()
    return book


def found(judgement: Judgement) -> Sequence[tuple[Kind, int]]:
    return [(finding.kind, finding.seq) for finding in judgement.findings]


def told(judgement: Judgement) -> str:
    return "\n".join(finding.to("en") for finding in judgement.findings)
