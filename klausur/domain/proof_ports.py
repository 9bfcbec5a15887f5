"""What the proof stores: the ledger of evidence, runs, declared facts, attestations, waivers. The shapes of what is in
them belong to ``klausur/compliance``; here they are JSON text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, BinaryIO, Final, Protocol

EVIDENCE_BYTES: Final = 1024 * 1024
"""Of one piece of evidence."""
WRITTEN_AT_ONCE: Final = 50
"""Blobs are held in memory as they are read."""
RUN_BYTES: Final = 64 * 1024 * 1024
"""Of all evidence of one run."""
FILE_BYTES: Final = 10 * 1024 * 1024
"""Of a file that somebody attaches to an attestation."""
FILES_AT_MOST: Final = 5
FILES_BYTES: Final = 20 * 1024 * 1024
"""Of all files of one attestation."""
STATEMENT_CHARACTERS: Final = 4000
"""Of whatever people write in sentences."""
NAME_CHARACTERS: Final = 200
MEDIA_TYPE_CHARACTERS: Final = 100
RUN_CHARACTERS: Final = 22

BASIS_PAGE: Final = "basis"
"""Key of the page that says for which settings and release the others were put together."""
SERVER_PAGE: Final = "server"
"""Key of the page that says with which settings and in which release the server was started."""
UNTIL_PAGE: Final = "until"
"""Key of the page that says when something comes to its end that the others rest on (ISO 8601), or null."""
JUDGED_PAGES: Final = (SERVER_PAGE, BASIS_PAGE, UNTIL_PAGE)
"""What says whether the others still hold: see ``is_over``."""

_JUDGED_ANEW_WITHIN: Final = timedelta(days=1)


def basis(settings: Mapping[str, object], release: str) -> str:
    """Its body: text that differs where they do. ``settings``: in effect, as JSON has them, without secrets."""
    return json.dumps({"release": release, "settings": dict(settings)}, sort_keys=True)


class EntryType(StrEnum):
    """All that the ledger can say."""

    RUN_BEGUN = "run-begun"
    RUN_ENDED = "run-ended"
    EVIDENCE = "evidence"
    VERDICT = "verdict"
    FACT = "fact"
    ATTESTATION = "attestation"
    WAIVER = "waiver"
    CHECKPOINT = "checkpoint"
    ERASURE = "erasure"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger."""

    seq: int
    """From 1, without gaps."""
    at: str
    """As ``2026-11-22T09:00:00Z``. Text, as all of it: what stands in a table may have been altered, and is judged."""
    type: str
    """One of EntryType."""
    digest: str
    """Of the blob under the same number: SHA-256 in hex, salted."""
    prev: str
    """Hash of the entry before: SHA-256 in hex, zeros for the first."""


@dataclass(frozen=True, slots=True)
class Blob:
    """What an entry is about; may be erased, with its salt, without breaking the chain."""

    run: str
    """Empty where it belongs to no run."""
    name: str
    media_type: str
    body: bytes
    salt: bytes = field(repr=False)
    """16 random bytes: without them nobody can tell by the digest what an erased blob was."""


def about(blob: Blob) -> bytes:
    """What it is besides its body, as RFC 8785 has it: of text alone, in this order, that is what the standard library
    writes. Raises TypeError, ValueError for what is no text."""
    said = {"media_type": blob.media_type, "name": blob.name, "run": blob.run}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def digest_of(blob: Blob) -> str:
    """Raises as ``about``."""
    return digest_from(blob.salt, hashlib.sha256(about(blob)).digest(), hashlib.sha256(blob.body).digest())


def digest_from(salt: bytes, about: bytes, content: bytes) -> str:
    """``about``, ``content``: SHA-256 of what a blob is, and of its body."""
    return hashlib.sha256(salt + about + content).hexdigest()


def is_as_written(entry: Entry, blob: Blob) -> bool:
    """Whether it is what the entry is about: what stands in a table may have been altered in any way."""
    try:
        return digest_of(blob) == entry.digest
    except (TypeError, ValueError):
        return False


class SequenceTaken(Exception):
    """Another writer was quicker; read the head again."""


@dataclass(frozen=True, slots=True)
class RunRow:
    id: str
    begun_at: datetime
    ended_at: datetime | None
    body: str


@dataclass(frozen=True, slots=True)
class FactRow:
    key: str
    at: datetime
    body: str


@dataclass(frozen=True, slots=True)
class AttestationRow:
    id: str
    objective: str
    until: datetime
    body: str


@dataclass(frozen=True, slots=True)
class WaiverRow:
    id: str
    objective: str
    """Or a requirement's id, where the waiver is for all of it."""
    until: datetime
    body: str


@dataclass(frozen=True, slots=True)
class PageRow:
    """What the server hands out as it is: put together by whoever judged last."""

    key: str
    at: datetime
    body: str
    """JSON"""


def is_over(pages: Mapping[str, PageRow], now: datetime) -> bool:
    """Whether what was judged holds no more: it was for other settings than the server was started with, or for another
    release; or something that it rests on has come to its end. ``pages``: those of JUDGED_PAGES that are there."""
    server, judged, until = pages.get(SERVER_PAGE), pages.get(BASIS_PAGE), pages.get(UNTIL_PAGE)
    if judged is None:
        return False
    if server is not None and server.body != judged.body:
        return True
    try:
        end = None if until is None else json.loads(until.body)
        return end is not None and now >= datetime.fromisoformat(end)
    except (TypeError, ValueError):
        return True


def is_outdated(pages: Mapping[str, PageRow], now: datetime) -> bool:
    """Whether it is to be judged anew: as ``is_over``, or it has never been judged, or longer ago than a server leaves
    it that runs."""
    judged = pages.get(BASIS_PAGE)
    return judged is None or is_over(pages, now) or not timedelta() <= now - judged.at <= _JUDGED_ANEW_WITHIN


@dataclass(frozen=True, slots=True)
class Export:
    format: str
    """Its id in ``compliance/exports/all.py``."""
    media_type: str


_JSON: Final = "application/json"
PACKAGE: Final = "package.zip"
EXPORTS: Final[Mapping[str, Export]] = MappingProxyType(
    {
        PACKAGE: Export("", "application/zip"),
        "checklist.csv": Export("checklist-csv", "text/csv; charset=utf-8"),
        "checklist.xlsx": Export("checklist-xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        "catalog.json": Export("oscal-catalog", _JSON),
        "profile.json": Export("oscal-profile", _JSON),
        "assessment-plan.json": Export("oscal-assessment-plan", _JSON),
        "assessment-results.json": Export("oscal-assessment-results", _JSON),
        "poam.json": Export("oscal-poam", _JSON),
        "results.sarif": Export("sarif", "application/sarif+json"),
        "junit.xml": Export("junit", "application/xml"),
        "sbom.json": Export("sbom", "application/vnd.cyclonedx+json"),
    }
)
"""By the names under which they are downloaded."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A file that was put together. Nobody else has it: it goes when it is closed."""

    content: BinaryIO
    size: int


class ProofOffice(Protocol):
    """Whatever writes the proof, in processes of their own: the server itself knows nothing of how that is done."""

    @property
    def running(self) -> bool:
        """Whether a run goes on, whoever began it."""
        ...

    def begin_check(self) -> None:
        """Raises CheckRunning."""
        ...

    async def do(self, act: Mapping[str, Any]) -> Mapping[str, Any]:
        """One after the other; judged anew when it returns. ``act``: see ``compliance/child.py``. Raises NotThere,
        ProofRefused, ProofBusy, ProofFailed."""
        ...

    async def export(self, name: str) -> Handed:
        """Raises NotThere, ProofRefused, ProofBusy, ProofFailed."""
        ...


class Proof(Protocol):
    """As with all of a store, every method raises StorageUnavailable."""

    # -- the ledger

    async def last_entry(self) -> Entry | None: ...

    async def append(self, entry: Entry, blob: Blob) -> None:
        """Raises SequenceTaken; then the unit of work is to be given up."""
        ...

    async def entries(self, after: int = 0, at_most: int = 10_000) -> Sequence[Entry]:
        """In their order. ``after``: a number."""
        ...

    async def blob(self, seq: int) -> Blob | None: ...

    async def written(self, seq: int) -> tuple[Entry, Blob] | None:
        """An entry whose blob is still there."""
        ...

    async def written_of(self, seqs: Collection[int]) -> Sequence[tuple[Entry, Blob]]:
        """Those of these entries whose blobs are still there and have no more than EVIDENCE_BYTES, as all have but some
        attached files; in their order. No more than WRITTEN_AT_ONCE of them."""
        ...

    async def newest(self, type_: EntryType, name: str) -> tuple[Entry, Blob] | None:
        """The newest entry of that type whose blob is still there and has that name. The name alone says nothing:
        people name the files that they attach as they like."""
        ...

    async def has_lost(self, type_: EntryType, after: int) -> bool:
        """Whether an entry of that type with a higher number than ``after`` has no blob."""
        ...

    async def latest(self, since: int) -> str:
        """The latest ``Entry.at`` from that number on: a clock may have been turned back between them. Empty where
        there is none."""
        ...

    async def entries_of(self, types: Collection[EntryType], after: int, at_most: int) -> Sequence[Entry]:
        """As ``entries``, of those types."""
        ...

    async def told_of_runs(self, runs: Collection[str]) -> Sequence[tuple[Entry, Blob]]:
        """What the ledger says of these runs' beginnings and ends. No more than WRITTEN_AT_ONCE of them."""
        ...

    async def newest_runs(self, at_most: int) -> Sequence[str]:
        """By the ledger: ids of the runs that were begun last."""
        ...

    async def older_evidence(self, before: str, at_most: int) -> Sequence[int]:
        """Numbers of evidence of probes, still there, that was written down before ``before`` (as ``Entry.at``)."""
        ...

    async def blobs_of(self, run: str) -> Sequence[int]:
        """Numbers of the entries whose blobs are of this run and still there."""
        ...

    async def run_bytes(self, run: str) -> int:
        """Of all blobs of this run."""
        ...

    async def stray_blobs(self) -> Sequence[int]:
        """Numbers of blobs without an entry, which nobody but a forger makes."""
        ...

    async def erase(self, seq: int) -> bool:
        """Blob and salt; the entry stays. False when there is none."""
        ...

    # -- runs

    async def begin_run(self, run: RunRow) -> None: ...

    async def end_run(self, run: str, at: datetime, body: str) -> bool:
        """False when there is none, or it has ended already."""
        ...

    async def run(self, run: str) -> RunRow | None: ...

    async def runs(self, at_most: int = 100) -> Sequence[RunRow]:
        """The newest first."""
        ...

    async def drop_run(self, run: str) -> bool:
        """Its row; entries and blobs stay."""
        ...

    # -- what people say

    async def put_fact(self, fact: FactRow) -> None:
        """In place of what was said of this key before."""
        ...

    async def facts(self) -> Sequence[FactRow]:
        """By key."""
        ...

    async def drop_fact(self, key: str) -> bool: ...

    async def add_attestation(self, attestation: AttestationRow) -> None: ...

    async def attestations(self) -> Sequence[AttestationRow]:
        """By objective; of one objective, the one that ends last comes last. Also those that are over."""
        ...

    async def drop_attestation(self, attestation: str) -> bool: ...

    async def add_waiver(self, waiver: WaiverRow) -> None: ...

    async def waivers(self) -> Sequence[WaiverRow]:
        """As ``attestations``."""
        ...

    async def drop_waiver(self, waiver: str) -> bool: ...

    # -- what is handed out

    async def put_page(self, key: str, at: datetime, body: str) -> None:
        """In place of what was there under this key."""
        ...

    async def page(self, key: str) -> PageRow | None: ...

    async def pages(self, keys: Collection[str]) -> Mapping[str, PageRow]:
        """Those that are there, by their keys."""
        ...
