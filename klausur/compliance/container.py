"""Reads a ZIP file that anybody may have made: nothing is unpacked onto the disk, and everything has its limit.

Refused are: what is no ZIP file, is encrypted, packed otherwise than stored or deflated, too large, packed so tightly
that only a bomb is, of too many members; a name that is absolute, leads elsewhere, is there twice (in whatever case),
or is none of a package's.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from klausur.compliance.words import Text
from klausur.domain.proof_ports import FILE_BYTES

MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
LEDGER: Final = "ledger.jsonl"
EVIDENCE_LIST: Final = "evidence.jsonl"
CHECKPOINTS: Final = "checkpoints.jsonl"
PUBLIC_KEY: Final = "public-key.pem"
TSA: Final = "tsa.pem"
MORE: Final = ("exports", "documents", "catalogue")
"""Folders for what others add: named in the manifest like everything else, and not judged here."""

MIB: Final = 1024 * 1024
FILE_MAX: Final = 4096 * MIB
TOTAL_MAX: Final = 4096 * MIB
MEMBERS_MAX: Final = 100_000
DIRECTORY_MAX: Final = 12 * MIB
"""Of the archive's own list of its members, which is read in one go."""
RATIO_MAX: Final = 100
RATIO_FROM: Final = 64 * MIB
"""Small packages may be of little but repetitions."""
_CHUNK: Final = 256 * 1024

_LIMITS: Final = {
    MANIFEST: 32 * MIB,
    SIGNATURE: 1024,
    LEDGER: 64 * MIB,
    EVIDENCE_LIST: 64 * MIB,
    CHECKPOINTS: 16 * MIB,
    PUBLIC_KEY: 4096,
    TSA: MIB,
}
_EVIDENCE: Final = re.compile(r"evidence/[1-9]\d{0,9}", re.ASCII)
_STAMP: Final = re.compile(r"timestamps/[1-9]\d{0,9}-[0-9a-f]{12}\.(json|tsr)", re.ASCII)
_ADDED: Final = re.compile(rf"({'|'.join(MORE)})(/[A-Za-z0-9][A-Za-z0-9._-]{{0,99}}){{1,4}}", re.ASCII)


class PackageRefused(Exception):
    """Not even looked into further. ``text``: the reason, a sentence for people."""

    def __init__(self, de: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(de, en)


def limit_of(name: str) -> int | None:
    """In bytes; None for a name that no package has."""
    if name in _LIMITS:
        return _LIMITS[name]
    if _EVIDENCE.fullmatch(name):
        return FILE_BYTES
    if _STAMP.fullmatch(name):
        return 128 * 1024
    return 64 * MIB if _ADDED.fullmatch(name) else None


class Container:
    def __init__(self, bundle: zipfile.ZipFile, size: int) -> None:
        self._bundle = bundle
        self._members = {entry.filename: entry for entry in _judged(bundle.infolist(), size)}

    @property
    def names(self) -> Sequence[str]:
        return list(self._members)

    def read(self, name: str) -> bytes:
        """Empty where there is none. Raises PackageRefused."""
        return b"".join(self._parts(name))

    def digest(self, name: str) -> tuple[str, int]:
        """SHA-256 in hex, and size. Raises PackageRefused."""
        sha, size = hashlib.sha256(), 0
        for part in self._parts(name):
            sha.update(part)
            size += len(part)
        return sha.hexdigest(), size

    def _parts(self, name: str) -> Iterator[bytes]:
        entry = self._members.get(name)
        if entry is None:
            return
        with _refusing(name), self._bundle.open(entry) as opened:
            while part := opened.read(_CHUNK):
                yield part


@contextmanager
def opened(file: Path) -> Iterator[Container]:
    """Raises PackageRefused, OSError."""
    size = file.stat().st_size
    if size > FILE_MAX:
        raise PackageRefused(
            "Die Datei ist größer, als ein Paket sein kann.", "The file is larger than a package can be."
        )
    with _Bounded(io.FileIO(file)) as source, _bundle(source) as bundle:
        yield Container(bundle, size)


class _Bounded(io.BufferedReader):
    """Nobody gets more of it at once than the largest list of members has."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > DIRECTORY_MAX:
            raise PackageRefused("Das Archiv hat zu viele Teile.", "The archive has too many members.")
        return super().read(DIRECTORY_MAX if size is None or size < 0 else size)


@contextmanager
def _bundle(source: BinaryIO) -> Iterator[zipfile.ZipFile]:
    try:
        bundle = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, RuntimeError, ValueError, EOFError) as error:
        raise PackageRefused("Die Datei ist kein ZIP-Archiv.", "The file is no ZIP archive.") from error
    with bundle:
        yield bundle


@contextmanager
def _refusing(name: str) -> Iterator[None]:
    """Damage within the archive itself: checksums, or headers that contradict one another."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, RuntimeError, ValueError, EOFError) as error:
        raise PackageRefused(f"{_quoted(name)} ist beschädigt.", f"{_quoted(name)} is damaged.") from error


def _judged(members: Sequence[zipfile.ZipInfo], size: int) -> Sequence[zipfile.ZipInfo]:
    if len(members) > MEMBERS_MAX:
        raise PackageRefused("Das Archiv hat zu viele Teile.", "The archive has too many members.")
    total, seen = 0, set()
    for entry in members:
        _judge(entry)
        if entry.filename.lower() in seen:
            name = _quoted(entry.filename)
            raise PackageRefused(f"{name} ist zweimal im Archiv.", f"{name} is in the archive twice.")
        seen.add(entry.filename.lower())
        total += entry.file_size
    if total > TOTAL_MAX or (total > RATIO_FROM and total > RATIO_MAX * size):
        raise PackageRefused(
            "Ausgepackt wäre das Archiv größer, als ein Paket sein kann.",
            "Unpacked, the archive would be larger than a package can be.",
        )
    return members


def _judge(entry: zipfile.ZipInfo) -> None:
    name = _quoted(entry.filename)
    limit = limit_of(entry.filename)
    if limit is None or entry.is_dir():
        raise PackageRefused(f"{name} gehört in kein Paket.", f"{name} belongs in no package.")
    if entry.orig_filename != entry.filename:
        raise PackageRefused(f"{name} hat einen zweiten Namen.", f"{name} has a second name.")
    if entry.file_size > limit:
        raise PackageRefused(f"{name} ist zu groß.", f"{name} is too large.")
    if entry.flag_bits & 0x1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise PackageRefused(
            f"{name} ist verschlüsselt oder ungewöhnlich gepackt.", f"{name} is encrypted or packed in an unusual way."
        )


def _quoted(name: str) -> str:
    """For a terminal: a name may hold anything."""
    return ascii(name[:100])
