"""Judges an evidence package, offline: the table of contents against the members, the ledger against itself, time
stamps against certificates, everything against what the asker kept or knows."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import Certificate

from klausur.compliance.container import (
    CHECKPOINTS,
    EVIDENCE_LIST,
    LEDGER,
    MANIFEST,
    PUBLIC_KEY,
    SIGNATURE,
    TSA,
    Container,
    PackageRefused,
    opened,
)
from klausur.compliance.findings import Finding, Judgement, Kind, Unstamped
from klausur.compliance.ledger import (
    SALT_BYTES,
    Checkpoint,
    Unreadable,
    Weighed,
    checkpoint_of,
    entry_of,
    fingerprint,
    hash_of,
    instant,
    manifest_is_signed,
    moment,
    parsed,
    weigh,
)
from klausur.compliance.package import FORMAT, KIND, stamp_name
from klausur.compliance.timestamp import NotStamped, certificates_in, names, stamp_time
from klausur.compliance.verifying import Anchor, Held, against_earlier, verify
from klausur.domain.encoding import encode
from klausur.domain.proof_ports import Blob, Entry, EntryType

_TIMES_DIFFER: Final = timedelta(minutes=10)
_HEAD: Final = {"seq", "hash"}
_FIELDS: Final = {"catalogue", "format", "head", "key", "kind", "made_at", "members", "release"}


@dataclass(frozen=True, slots=True)
class Known:
    """What the asker has from elsewhere."""

    anchors: Sequence[Anchor] = ()
    earlier: Path | None = None
    """An earlier package."""
    key: str | None = None
    """The key's fingerprint."""
    certificates: Sequence[Certificate] = ()
    """Of the time-stamping authority, from the authority itself."""


@dataclass(frozen=True, slots=True)
class Stamped:
    seq: int
    at: str
    """When the authority says so."""


@dataclass(frozen=True, slots=True)
class Inspected:
    judgement: Judgement
    made_at: str
    release: str
    catalogue: Mapping[str, str]
    key: str
    """Fingerprint."""
    first: str
    """When the first entry says that it was written; empty where there is none."""
    last: str
    runs: int
    stamps: Sequence[Stamped] = ()
    authority: str = ""
    """Names and fingerprints of the certificates that the time stamps hold against."""
    added: Sequence[str] = ()
    """Members that others added: they are what the table of contents says, and no more was looked at."""
    known: Known = field(default_factory=Known)

    @property
    def intact(self) -> bool:
        return self.judgement.intact


def inspect(file: Path, known: Known) -> Inspected:
    """Raises PackageRefused, OSError."""
    with opened(file) as container:
        manifest = _manifest(container)
        entries, unreadable = _entries(container)
        blobs, more = _blobs(container, {entry.seq: entry.type for entry in entries})
        found = [*_table_of_contents(container, manifest), *unreadable, *more, *_head(manifest, entries)]
        expected, other = _expected(manifest["key"], known)
        beside = list(_beside(container))
        judged = verify(entries, blobs, checkpoints=beside, anchors=known.anchors, key=expected)
        stamps, certificates, wrong = _stamps(container, [*_own(entries, blobs), *beside], known)
        found += [*other, *wrong, *_against_earlier(entries, known)]
        return Inspected(
            judgement=_with(judged, found),
            made_at=manifest["made_at"],
            release=manifest["release"],
            catalogue=manifest["catalogue"],
            key=fingerprint(manifest["key"]),
            first=entries[0].at if entries else "",
            last=entries[-1].at if entries else "",
            runs=sum(1 for entry in entries if entry.type == EntryType.RUN_BEGUN),
            stamps=stamps,
            authority=names(certificates) if stamps else "",
            added=sorted(name for name in container.names if name.partition("/")[0] in {"exports", "documents"}),
            known=known,
        )


def _with(judged: Judgement, found: Sequence[Finding]) -> Judgement:
    return Judgement(
        entries=judged.entries,
        head=judged.head,
        evidence=judged.evidence,
        erased=judged.erased,
        checkpoints=judged.checkpoints,
        findings=[*found, *judged.findings],
    )


# -- the table of contents --------------------------------------------------------------------------------------------


def _manifest(container: Container) -> Mapping[str, Any]:
    """Raises PackageRefused for one that says nothing that could be judged."""
    try:
        found = _typed(parsed(container.read(MANIFEST)))
    except Unreadable:
        raise PackageRefused(
            "Das Inhaltsverzeichnis (manifest.json) fehlt oder ist keines.",
            "The table of contents (manifest.json) is missing or is none.",
        ) from None
    if found["format"] != FORMAT:
        raise PackageRefused(
            "Das Paket hat ein anderes Format, als dieses Klausur kennt.",
            "The package has another format than this Klausur knows.",
        )
    return found


def _typed(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Raises Unreadable."""
    if set(found) != _FIELDS or found["kind"] != KIND:
        raise Unreadable
    if not all(isinstance(found[name], str) for name in ("key", "made_at", "release")):
        raise Unreadable
    instant(found["made_at"])
    catalogue, members, head = found["catalogue"], found["members"], found["head"]
    if not isinstance(catalogue, dict) or not all(isinstance(value, str) for value in catalogue.values()):
        raise Unreadable
    if not isinstance(members, dict):
        raise Unreadable
    if head is not None and not (isinstance(head, dict) and set(head) == _HEAD and type(head["seq"]) is int):
        raise Unreadable
    return found


def _table_of_contents(container: Container, manifest: Mapping[str, Any]) -> Iterator[Finding]:
    signature = container.read(SIGNATURE).decode("ascii", "replace")
    if not manifest_is_signed(container.read(MANIFEST), manifest["key"], signature):
        yield Finding(Kind.MANIFEST_UNSIGNED, 0)
    if _pem_key(container.read(PUBLIC_KEY)) != manifest["key"]:
        yield Finding(Kind.MEMBER_CHANGED, 0, {"name": PUBLIC_KEY})
    told = manifest["members"]
    for name in sorted({*told, *container.names} - {MANIFEST, SIGNATURE}):
        if name not in container.names:
            yield Finding(Kind.MEMBER_MISSING, 0, {"name": ascii(name[:100])})
            continue
        sha256, size = container.digest(name)
        if told.get(name) != {"bytes": size, "sha256": sha256}:
            yield Finding(Kind.MEMBER_CHANGED, 0, {"name": name})


def _pem_key(pem: bytes) -> str:
    try:
        key = load_pem_public_key(pem)
    except ValueError:
        return ""
    return encode(key.public_bytes_raw()) if isinstance(key, Ed25519PublicKey) else ""


def _head(manifest: Mapping[str, Any], entries: Sequence[Entry]) -> Iterator[Finding]:
    head = {"seq": entries[-1].seq, "hash": hash_of(entries[-1])} if entries else None
    if manifest["head"] != head:
        yield Finding(Kind.HEAD_OTHER, manifest["head"]["seq"] if manifest["head"] else 0)


# -- the ledger -------------------------------------------------------------------------------------------------------


def _entries(container: Container) -> tuple[Sequence[Entry], Sequence[Finding]]:
    entries: list[Entry] = []
    findings: list[Finding] = []
    for number, line in enumerate(_lines(container.read(LEDGER)), 1):
        try:
            entries.append(entry_of(line))
        except Unreadable:
            findings.append(Finding(Kind.ENTRY_MALFORMED, number))
    return entries, findings


def _blobs(container: Container, types: Mapping[int, str]) -> tuple[Mapping[int, Weighed], Sequence[Finding]]:
    """One at a time: they are not held."""
    names = set(container.names)
    blobs: dict[int, Weighed] = {}
    findings: list[Finding] = []
    for number, line in enumerate(_lines(container.read(EVIDENCE_LIST)), 1):
        try:
            seq, run, name, media_type, salt = _about(line)
        except Unreadable:
            findings.append(Finding(Kind.MEMBER_CHANGED, number, {"name": f"{EVIDENCE_LIST}:{number}"}))
            continue
        if f"evidence/{seq}" in names and seq not in blobs:
            blob = Blob(run, name, media_type, container.read(f"evidence/{seq}"), salt)
            blobs[seq] = weigh(blob, types.get(seq, ""))
    return blobs, findings


def _about(line: bytes) -> tuple[int, str, str, str, bytes]:
    found = parsed(line)
    texts = ("run", "name", "media_type", "salt")
    if set(found) != {"seq", *texts} or not all(isinstance(found[each], str) for each in texts):
        raise Unreadable
    if type(found["seq"]) is not int:
        raise Unreadable
    try:
        salt = b64decode(found["salt"], validate=True)
    except ValueError as error:
        raise Unreadable from error
    if len(salt) != SALT_BYTES:
        raise Unreadable
    return found["seq"], found["run"], found["name"], found["media_type"], salt


def _lines(text: bytes) -> Sequence[bytes]:
    """Each ends with a line feed, also the last."""
    lines = text.split(b"\n")
    return lines[:-1] if lines[-1] == b"" else lines


def _beside(container: Container) -> Iterator[Held]:
    for number, line in enumerate(_lines(container.read(CHECKPOINTS)), 1):
        try:
            yield Held(checkpoint_of(line), f"{CHECKPOINTS}, line {number}")
        except Unreadable:
            yield Held(Checkpoint(0, "", "", "", ""), f"{CHECKPOINTS}, line {number}")


def _own(entries: Sequence[Entry], blobs: Mapping[int, Weighed]) -> Iterator[Held]:
    for entry in entries:
        blob = blobs.get(entry.seq)
        if entry.type == EntryType.CHECKPOINT and blob is not None and blob.body is not None:
            try:
                yield Held(checkpoint_of(blob.body), f"entry {entry.seq}")
            except Unreadable:
                continue  # which ``verify`` finds, too


# -- what the asker knows ---------------------------------------------------------------------------------------------


def _expected(key: str, known: Known) -> tuple[str | None, Sequence[Finding]]:
    if known.key is None:
        return None, []
    if _bare(known.key) == _bare(fingerprint(key)):
        return key, []
    return None, [Finding(Kind.KEY_NOT_THE_EXPECTED, 0, {"key": fingerprint(key), "origin": MANIFEST})]


def _bare(text: str) -> str:
    return "".join(text.split()).replace(":", "").lower()


def _against_earlier(entries: Sequence[Entry], known: Known) -> Sequence[Finding]:
    if known.earlier is None:
        return []
    with opened(known.earlier) as container:
        earlier, unreadable = _entries(container)
    if unreadable or not earlier:
        raise PackageRefused(
            "Im früheren Paket ist kein Protokoll, mit dem sich vergleichen ließe.",
            "There is no ledger in the earlier package that could be compared with.",
        )
    return against_earlier(entries, earlier, ascii(known.earlier.name))


def _stamps(
    container: Container, held: Sequence[Held], known: Known
) -> tuple[Sequence[Stamped], Sequence[Certificate], Sequence[Finding]]:
    """Each once, although checkpoints may lie in two places."""
    certificates = known.certificates or _certificates(container)
    stamps: dict[tuple[int, str], Stamped] = {}
    findings: dict[tuple[Kind, int], Finding] = {}
    for each in held:
        its = each.checkpoint
        if not its.is_signed() or (its.seq, its.hash) in stamps:
            continue
        missing = its.untimed if its.timestamp is None else "" if certificates else Unstamped.NO_CERTIFICATES.value
        if missing:
            findings[Kind.UNTIMED, its.seq] = Finding(Kind.UNTIMED, its.seq, {"reason": missing[:100]})
        if its.timestamp is None or missing:
            continue
        try:
            at = moment(stamp_time(its.timestamp, its.stamped(), certificates))
        except NotStamped as error:
            told = {"reason": error.reason.value}
            findings[Kind.TIMESTAMP_WRONG, its.seq] = Finding(Kind.TIMESTAMP_WRONG, its.seq, told)
            continue
        stamps[its.seq, its.hash] = Stamped(its.seq, at)
        findings.update({(one.kind, its.seq): one for one in _beside_stamp(container, its, at)})
    return sorted(stamps.values(), key=lambda one: one.seq), certificates, list(findings.values())


def _beside_stamp(container: Container, its: Checkpoint, at: str) -> Iterator[Finding]:
    """What lies there for other tools must be what was judged here."""
    name = stamp_name(its)
    if f"{name}.tsr" in container.names and container.read(f"{name}.tsr") != its.timestamp:
        yield Finding(Kind.MEMBER_CHANGED, its.seq, {"name": f"{name}.tsr"})
    if abs(instant(at) - instant(its.at)) > _TIMES_DIFFER:
        yield Finding(Kind.TIME_DIFFERS, its.seq, {"at": its.at, "stamped": at})


def _certificates(container: Container) -> Sequence[Certificate]:
    """The package's own: good for seeing that the stamps are of one hand, not whose."""
    try:
        return certificates_in(container.read(TSA))
    except NotStamped:
        return []
