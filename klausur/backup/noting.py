"""What `klausur backup` leaves in the data folder of the last backup that it has read back and found right, so that it
can be told later from one that was damaged, cut off, or put there by somebody else, without its key."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import AwareDatetime, NonNegativeInt, TypeAdapter, ValidationError

from klausur.machine import write_new
from klausur.settings import LAST_BACKUP_FILE

_LARGEST_NOTE: Final = 4096


@dataclass(frozen=True, slots=True)
class Noted:
    at: AwareDatetime
    """of which moment it is"""
    bytes: NonNegativeInt
    sha256: str
    """of the encrypted file"""


_NOTED: Final = TypeAdapter(Noted)


def note(data: Path, file: Path, at: datetime) -> None:
    """Where nothing can be written, such as by another user, the backup is good all the same and goes unnoted."""
    with suppress(OSError), file.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
        beside = data / f".{LAST_BACKUP_FILE}.{secrets.token_hex(6)}"
        try:
            write_new(beside, _NOTED.dump_json(Noted(at, written.tell(), digest)))
            beside.replace(data / LAST_BACKUP_FILE)
        finally:
            beside.unlink(missing_ok=True)


def noted(data: Path) -> Noted | None:
    """None where nothing was noted that can be read."""
    try:
        with (data / LAST_BACKUP_FILE).open("rb") as kept:
            return _NOTED.validate_json(kept.read(_LARGEST_NOTE))
    except (OSError, ValidationError):
        return None
