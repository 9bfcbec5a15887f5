"""What is in a backup, under its encryption: a ZIP file of a manifest, one file of JSON lines for each table, and files
of the data folder. The manifest names what the rest must be, to the byte and the row.

    manifest.json              format, release, schema, made_at, and of each part its SHA-256 and number of rows
    tables/<name>.jsonl        a row in each line
    files/<name>
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any, Final

from klausur.backup.errors import BackupError
from klausur.settings import ACCOUNT_KEY_FILE
from klausur.store.copying import Row, Rows
from klausur.store.installation import KeyHeld

FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"
_MAX_BYTES: Final = 2 * 1024**3
"""Of all parts, unpacked."""
_DAMAGED: Final = "The backup is damaged: "


class AccountKey(Enum):
    FITS = auto()
    MISSING = auto()
    ANOTHERS = auto()


@dataclass(frozen=True, slots=True)
class Archive:
    release: str
    schema: str
    made_at: datetime
    rows: Rows
    files: Mapping[str, bytes]

    def account_key(self) -> AccountKey:
        """Whether the key is in it under which its accounts were made; nobody is missing one where there are none."""
        held = KeyHeld(
            needed=bool(self.rows.get("accounts")),
            proof=next((row.get("key_proof") for row in self.rows.get("installation", ())), None),
        )
        key = self.files.get(ACCOUNT_KEY_FILE, b"").decode("ascii", "replace").strip()
        if held.needed and not key:
            return AccountKey.MISSING
        return AccountKey.FITS if held.fits(key) else AccountKey.ANOTHERS


def pack(archive: Archive) -> bytes:
    parts = {f"tables/{name}.jsonl": _lines(rows) for name, rows in archive.rows.items()}
    parts |= {f"files/{name}": content for name, content in archive.files.items()}
    counts = {f"tables/{name}.jsonl": len(rows) for name, rows in archive.rows.items()}
    manifest = {
        "format": FORMAT,
        "release": archive.release,
        "schema": archive.schema,
        "made_at": archive.made_at.astimezone(UTC).isoformat(timespec="seconds"),
        "parts": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "rows": counts.get(name)}
            for name, content in parts.items()
        },
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr(_MANIFEST, json.dumps(manifest, indent=1))
        for name, content in parts.items():
            bundle.writestr(name, content)
    return packed.getvalue()


def _lines(rows: Any) -> bytes:
    return b"".join(json.dumps(row, separators=(",", ":")).encode() + b"\n" for row in rows)


def unpack(packed: bytes) -> Archive:
    """Raises BackupError when anything is missing, too much, or not what the manifest says."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as bundle:
            if sum(entry.file_size for entry in bundle.infolist()) > _MAX_BYTES:
                raise BackupError(f"{_DAMAGED}it is larger than any backup can be.")
            parts = {name: bundle.read(name) for name in bundle.namelist()}
        manifest = json.loads(parts.pop(_MANIFEST))
        if manifest["format"] > FORMAT:
            raise BackupError("The backup is of a newer release; please update Klausur first.")
        _compare(parts, manifest["parts"])
        return _archive(manifest, parts)
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise BackupError(f"{_DAMAGED}it is none that Klausur has written.") from error


def _compare(parts: Mapping[str, bytes], told: Mapping[str, Mapping[str, Any]]) -> None:
    if set(parts) != set(told):
        raise BackupError(f"{_DAMAGED}parts are missing, or there are too many.")
    for name, content in parts.items():
        rows = told[name]["rows"]
        same = hashlib.sha256(content).hexdigest() == told[name]["sha256"]
        if not same or rows not in (None, content.count(b"\n")):
            raise BackupError(f"{_DAMAGED}{name} is not what was written.")


def _archive(manifest: Mapping[str, Any], parts: Mapping[str, bytes]) -> Archive:
    rows: dict[str, list[Row]] = {}
    files: dict[str, bytes] = {}
    for name, content in parts.items():
        folder, _, rest = name.partition("/")
        if folder == "tables":
            rows[rest.removesuffix(".jsonl")] = [json.loads(line) for line in content.splitlines()]
        else:
            files[rest] = content
    made_at = datetime.fromisoformat(manifest["made_at"])
    return Archive(str(manifest["release"]), str(manifest["schema"]), made_at, rows, files)
