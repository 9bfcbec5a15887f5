"""The evidence package: what an operator hands to somebody who has to believe it. A ZIP file that needs no Klausur to
be read, and ``klausur verify`` to be judged.

    manifest.json       RFC 8785 JSON: format, made_at, release, catalogue, head, key; size and SHA-256 of each member
    manifest.sig        Ed25519 over it, in base64url
    ledger.jsonl        an entry in each line
    evidence.jsonl      of each blob that is still there: number, run, name, media type, salt
    evidence/<number>   the blob itself
    checkpoints.jsonl   as they lie beside the database; those of the ledger are in evidence/, too
    public-key.pem      the ledger's
    timestamps/<number>-<hash>.json, .tsr   what was stamped, and the stamp: for ``openssl ts -verify -data … -in …``
    tsa.pem             certificates of the time-stamping authority, as the operator has them
    exports/ documents/ catalogue/   what others add
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from klausur.compliance.container import (
    CHECKPOINTS,
    EVIDENCE_LIST,
    LEDGER,
    MANIFEST,
    MEMBERS_MAX,
    PUBLIC_KEY,
    SIGNATURE,
    TSA,
    limit_of,
)
from klausur.compliance.keeping import CHECKPOINTS_FILE, TooMuch, all_entries
from klausur.compliance.ledger import (
    Checkpoint,
    Unreadable,
    canonical,
    checkpoint_of,
    hash_of,
    line_of,
    moment,
    public_key,
    sign_manifest,
)
from klausur.domain.ports import Store, UnitOfWork
from klausur.domain.proof_ports import Blob, Entry, EntryType

FORMAT: Final = 1
KIND: Final = "klausur evidence package"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a package says besides the ledger."""

    release: str
    made_at: datetime
    catalogue: Mapping[str, str] = field(default_factory=dict)
    """``id``, ``version``, ``digest`` of the catalogue in force."""
    more: Mapping[str, bytes] = field(default_factory=dict)
    """By name, in one of the folders ``exports``, ``documents``, ``catalogue``."""
    tsa: bytes | None = None


async def export(store: Store, folder: Path, file: Path, key: Ed25519PrivateKey, contents: Contents) -> None:
    """Into a new file for this user's eyes only; nothing is left where it fails. ``folder``: the data folder. All is of
    one moment, whoever writes meanwhile. Raises FileExistsError and other OSError, TooMuch, StorageUnavailable."""
    with _fresh(file) as bundle:
        async with store.reading() as unit:
            await _write(_Members(bundle), unit, folder, key, contents)


@contextmanager
def _fresh(file: Path) -> Iterator[zipfile.ZipFile]:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
            yield bundle
    except BaseException:
        file.unlink(missing_ok=True)
        raise


class _Members:
    def __init__(self, bundle: zipfile.ZipFile) -> None:
        self._bundle = bundle
        self.told: dict[str, Any] = {}

    def add(self, name: str, content: bytes) -> None:
        """Raises TooMuch: what no reader would accept must not be written."""
        limit = limit_of(name)
        if limit is None or name in self.told:
            raise ValueError(f"{name} is no name for a member")
        if len(content) > limit or len(self.told) >= MEMBERS_MAX - 2:
            raise TooMuch(f"{name} does not fit into a package")
        self.told[name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        self.put(name, content)

    def put(self, name: str, content: bytes) -> None:
        self._bundle.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


async def _write(members: _Members, unit: UnitOfWork, folder: Path, key: Ed25519PrivateKey, contents: Contents) -> None:
    entries = [entry async for entry in all_entries(unit)]
    members.add(LEDGER, b"".join(line_of(entry) + b"\n" for entry in entries))
    abouts: list[bytes] = []
    for entry in entries:
        blob = await unit.proof.blob(entry.seq)
        if blob is not None:
            abouts.append(about(entry.seq, blob) + b"\n")
            members.add(f"evidence/{entry.seq}", blob.body)
            _add_stamp(members, entry, blob)
    members.add(EVIDENCE_LIST, b"".join(abouts))
    beside = folder / CHECKPOINTS_FILE
    if beside.exists():
        members.add(CHECKPOINTS, beside.read_bytes())
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    members.add(PUBLIC_KEY, pem)
    if contents.tsa is not None:
        members.add(TSA, contents.tsa)
    for name, content in contents.more.items():
        members.add(name, content)
    manifest = canonical(_manifest(entries, members.told, public_key(key), contents))
    members.put(MANIFEST, manifest)
    members.put(SIGNATURE, sign_manifest(manifest, key).encode("ascii"))


def about(seq: int, blob: Blob) -> bytes:
    """A line of evidence.jsonl."""
    its = {"media_type": blob.media_type, "name": blob.name, "run": blob.run}
    return canonical({**its, "salt": b64encode(blob.salt).decode("ascii"), "seq": seq})


def _add_stamp(members: _Members, entry: Entry, blob: Blob) -> None:
    if entry.type != EntryType.CHECKPOINT:
        return
    try:
        its = checkpoint_of(blob.body)
    except Unreadable:
        return  # verification will say so
    name = stamp_name(its)
    if its.timestamp is not None and f"{name}.tsr" not in members.told:  # two checkpoints at once have one head
        members.add(f"{name}.json", its.stamped())
        members.add(f"{name}.tsr", its.timestamp)


def stamp_name(checkpoint: Checkpoint) -> str:
    return f"timestamps/{checkpoint.seq}-{checkpoint.hash[:12]}"


def _manifest(entries: list[Entry], members: Mapping[str, Any], key: str, contents: Contents) -> Mapping[str, Any]:
    head = {"seq": entries[-1].seq, "hash": hash_of(entries[-1])} if entries else None
    return {
        "catalogue": dict(contents.catalogue),
        "format": FORMAT,
        "head": head,
        "key": key,
        "kind": KIND,
        "made_at": moment(contents.made_at),
        "members": members,
        "release": contents.release,
    }
