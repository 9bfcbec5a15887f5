"""The ledger of evidence: a chain of hashes over entries, salted digests of what they are about, signed checkpoints.

    entry       {at, digest, prev, seq, type}; its hash is SHA-256 over RFC 8785 JSON of it
    prev        the hash of the entry before; zeros for the first
    digest      SHA-256(salt ‖ SHA-256(about) ‖ SHA-256(body)); about: RFC 8785 JSON of {media_type, name, run}
    checkpoint  {at, hash, key, seq} of a head, signed with Ed25519 over LABEL and RFC 8785 JSON of it

A blob can be erased together with its salt: the chain stands on the digest alone, and a later entry ``erasure`` says
that it was meant. Whoever holds the key can make another chain: so this shows later change, not a forged past, unless
somebody else holds a checkpoint. Nothing here touches the world; ``keeping.py`` does, and ``verifying.py`` judges.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from klausur.domain.encoding import decode, encode, is_sized
from klausur.domain.proof_ports import (
    MEDIA_TYPE_CHARACTERS,
    NAME_CHARACTERS,
    RUN_CHARACTERS,
    Blob,
    Entry,
    EntryType,
    about,
    digest_from,
    digest_of,
)

GENESIS: Final = "0" * 64
SALT_BYTES: Final = 16
ERASABLE: Final = frozenset({EntryType.EVIDENCE, EntryType.FACT, EntryType.ATTESTATION, EntryType.WAIVER})
"""What may be about people. What says that a run, a verdict, a checkpoint or an erasure was, is not."""
TIMESTAMP_BYTES: Final = 64 * 1024
_LABEL: Final = b"klausur checkpoint v1|"
_MANIFEST_LABEL: Final = b"klausur package v1|"
_AT: Final = "%Y-%m-%dT%H:%M:%SZ"
_AT_PATTERN: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_HEX: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MOST: Final = 2**31 - 1
_LINE_BYTES: Final = 1024


class Unreadable(Exception):
    """None of ours: ``str()`` of it says what it should be."""


def canonical(value: Any) -> bytes:
    """RFC 8785. Raises Unreadable for what JSON cannot say."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, TypeError, RecursionError) as error:
        raise Unreadable("JSON") from error


def parsed(text: bytes) -> dict[str, Any]:
    """An object, in the one form that RFC 8785 gives it: another byte is another text. Raises Unreadable."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("JSON") from error
    if not isinstance(value, dict) or canonical(value) != text:
        raise Unreadable("an object in RFC 8785 JSON")
    return value


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_AT)


def instant(at: str) -> datetime:
    """Raises Unreadable."""
    if not _AT_PATTERN.fullmatch(at):
        raise Unreadable("a time such as 2026-11-22T09:00:00Z")
    try:
        return datetime.strptime(at, _AT).replace(tzinfo=UTC)
    except ValueError as error:
        raise Unreadable("a time such as 2026-11-22T09:00:00Z") from error


# -- entries ----------------------------------------------------------------------------------------------------------


def line_of(entry: Entry) -> bytes:
    return canonical(
        {"at": entry.at, "digest": entry.digest, "prev": entry.prev, "seq": entry.seq, "type": str(entry.type)}
    )


def entry_of(line: bytes) -> Entry:
    """Raises Unreadable."""
    if len(line) > _LINE_BYTES:
        raise Unreadable("an entry")
    found = parsed(line)
    if set(found) != {"at", "digest", "prev", "seq", "type"} or not _is_entry(found):
        raise Unreadable("an entry")
    return Entry(**found)


def _is_entry(found: dict[str, Any]) -> bool:
    texts = all(isinstance(found[name], str) for name in ("at", "digest", "prev", "type"))
    return texts and type(found["seq"]) is int and 0 < found["seq"] <= _MOST


def well_formed(entry: Entry) -> bool:
    """Whether we could have written it: an entry of a table may have been altered in any way."""
    try:
        instant(entry.at)
    except Unreadable:
        return False
    hashes = _HEX.fullmatch(entry.digest) and _HEX.fullmatch(entry.prev)
    return bool(hashes) and entry.type in set(EntryType)


def hash_of(entry: Entry) -> str:
    return hashlib.sha256(line_of(entry)).hexdigest()


def following(head: Entry | None, at: datetime, type_: EntryType, blob: Blob) -> Entry:
    """The next entry. Raises ValueError for a blob that no table would take."""
    fits = len(blob.run) <= RUN_CHARACTERS and 0 < len(blob.name) <= NAME_CHARACTERS
    if not fits or len(blob.media_type) > MEDIA_TYPE_CHARACTERS or len(blob.salt) != SALT_BYTES:
        raise ValueError("run, name, media type or salt do not have their size")
    seq, prev = (1, GENESIS) if head is None else (head.seq + 1, hash_of(head))
    return Entry(seq, moment(at), type_, digest_of(blob), prev)


# -- blobs ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Weighed:
    """A blob as verification needs it, without its body unless that belongs to the ledger itself."""

    about: bytes
    """SHA-256, as ``content``."""
    content: bytes
    salt: bytes
    run: str
    body: bytes | None = None

    @property
    def digest(self) -> str:
        return digest_from(self.salt, self.about, self.content)


def weigh(blob: Blob, type_: str) -> Weighed:
    """``type_``: of the entry under whose number it lies."""
    speaks = type_ in {EntryType.ERASURE, EntryType.CHECKPOINT}
    try:
        beside = about(blob)
    except (TypeError, ValueError) as error:
        raise Unreadable("JSON") from error
    return Weighed(
        about=hashlib.sha256(beside).digest(),
        content=hashlib.sha256(blob.body).digest(),
        salt=blob.salt,
        run=blob.run,
        body=blob.body if speaks else None,
    )


def swapped_digest(one: Weighed, other: Weighed) -> str:
    """What the digest would be, did the body and salt of one lie under the name of the other."""
    return digest_from(one.salt, other.about, one.content)


def erasure(seqs: Sequence[int], reason: str) -> bytes:
    """Body of an entry ``erasure``. The reason must not say what was erased."""
    return canonical({"erased": sorted(seqs), "reason": reason})


def erased_by(body: bytes) -> Sequence[int]:
    """Raises Unreadable."""
    found = parsed(body)
    erased = found.get("erased")
    if not isinstance(erased, list) or not all(type(seq) is int for seq in erased):
        raise Unreadable("an erasure")
    return erased


# -- checkpoints ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """That the ledger had this head then, in the words of whoever holds the key."""

    seq: int
    hash: str
    at: str
    key: str
    """Ed25519 public key in base64url, as ``signature``."""
    signature: str
    timestamp: bytes | None = None
    """A TSA's answer (RFC 3161, DER) over ``stamped()``."""
    untimed: str = ""
    """Why there is none."""

    def stamped(self) -> bytes:
        """What a time-stamping authority confirms the time of."""
        return canonical(self._plain())

    def body(self) -> bytes:
        """Of an entry ``checkpoint``."""
        stamp = None if self.timestamp is None else b64encode(self.timestamp).decode("ascii")
        return canonical({**self._plain(), "timestamp": stamp, "untimed": self.untimed})

    def is_signed(self) -> bool:
        return is_signed(self.key, self.signature, _LABEL + _statement(self.seq, self.hash, self.at, self.key))

    def _plain(self) -> dict[str, Any]:
        return {"at": self.at, "hash": self.hash, "key": self.key, "seq": self.seq, "signature": self.signature}


def sign_head(head: Entry, at: datetime, key: Ed25519PrivateKey) -> Checkpoint:
    public, hash_, when = public_key(key), hash_of(head), moment(at)
    signature = encode(key.sign(_LABEL + _statement(head.seq, hash_, when, public)))
    return Checkpoint(head.seq, hash_, when, public, signature)


def checkpoint_of(body: bytes) -> Checkpoint:
    """Raises Unreadable."""
    found = parsed(body)
    texts = all(isinstance(found.get(name), str) for name in ("hash", "at", "key", "signature", "untimed"))
    if set(found) != {"seq", "hash", "at", "key", "signature", "timestamp", "untimed"} or not texts:
        raise Unreadable("a checkpoint")
    if type(found["seq"]) is not int or not 0 < found["seq"] <= _MOST or not _HEX.fullmatch(found["hash"]):
        raise Unreadable("a checkpoint")
    instant(found["at"])
    return Checkpoint(**{**found, "timestamp": _stamp_of(found["timestamp"])})


def _stamp_of(text: object) -> bytes | None:
    if text is None:
        return None
    if not isinstance(text, str) or len(text) > TIMESTAMP_BYTES * 4 // 3 + 4:
        raise Unreadable("a time stamp")
    try:
        raw = b64decode(text, validate=True)
    except ValueError as error:
        raise Unreadable("a time stamp") from error
    if b64encode(raw).decode("ascii") != text:
        raise Unreadable("a time stamp")
    return raw


def _statement(seq: int, hash_: str, at: str, key: str) -> bytes:
    return canonical({"at": at, "hash": hash_, "key": key, "seq": seq})


def public_key(key: Ed25519PrivateKey) -> str:
    return encode(key.public_key().public_bytes_raw())


def fingerprint(key: str) -> str:
    """By which people compare public keys: the first 32 digits of its SHA-256, in groups of four."""
    digits = hashlib.sha256(key.encode("ascii", "replace")).hexdigest()[:32]
    return " ".join(digits[at : at + 4] for at in range(0, 32, 4))


def sign_manifest(manifest: bytes, key: Ed25519PrivateKey) -> str:
    return encode(key.sign(_MANIFEST_LABEL + manifest))


def manifest_is_signed(manifest: bytes, key: str, signature: str) -> bool:
    return is_signed(key, signature, _MANIFEST_LABEL + manifest)


def is_signed(key: str, signature: str, statement: bytes) -> bool:
    public, signed = decode(key, 32), decode(signature, 64)
    if public is None or signed is None or not is_sized(key, 32):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signed, statement)
    except (InvalidSignature, ValueError):
        return False
    return True
