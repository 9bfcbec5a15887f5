"""``klausur backup``: everything worth keeping of an installation, running or not, in one encrypted file."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from klausur.backup.archive import AccountKey, Archive, pack, unpack
from klausur.backup.errors import BackupError
from klausur.backup.sealing import Key
from klausur.domain.errors import StorageUnavailable
from klausur.machine import write_new
from klausur.settings import ACCOUNT_KEY_FILE, FILE_NAME, PROOF_KEY_FILE, Settings
from klausur.store.copying import Rows, rows_of
from klausur.store.migrate import HEAD
from klausur.store.opening import open_alone


@dataclass(frozen=True, slots=True)
class Taken:
    rows: int
    bytes: int


def take(
    settings: Settings, file: Path, key: Key, *, release: str, now: datetime, tell: Callable[[str], None]
) -> Taken:
    """``tell`` gets what is being done. Raises BackupError; then there is no such file."""
    if os.path.lexists(file):
        raise BackupError(f"{file} is there already, and no backup overwrites anything; please name another.")
    tell("Reading the database")
    archive = Archive(release, HEAD, now, _rows(settings), _files(settings))
    _judge_account_key(archive, settings)
    packed = pack(archive)
    tell("Encrypting")
    sealed = key.seal(packed)
    beside = file.with_name(f".{file.name}.{secrets.token_hex(6)}")
    try:
        write_new(beside, sealed)
        tell("Checking what was written")
        _check(beside, key, packed)
        _name(beside, file)
    except OSError as error:
        raise BackupError(f"{file} cannot be written ({error.strerror}).") from error
    finally:
        beside.unlink(missing_ok=True)
    return Taken(sum(map(len, archive.rows.values())), len(sealed))


def _rows(settings: Settings) -> Rows:
    """All of one moment, whoever comes and goes meanwhile."""
    try:
        alone = open_alone(settings.database)
        if alone.is_missing():
            raise BackupError(f"There is no installation in {settings.data}; see DATA and DATABASE_URL.")
        with alone.snapshot() as connection:
            return rows_of(connection)
    except StorageUnavailable as error:
        raise BackupError(f"The database (DATABASE_URL, else in DATA) cannot be read: {error}.") from error


def _files(settings: Settings) -> dict[str, bytes]:
    """The account key in force, wherever it is said: without it nobody's password or second factor is good any more.
    And the ledger's: with another, whoever kept its fingerprint would take the ledger for another installation's."""
    found = {name: settings.data / name for name in (FILE_NAME, ACCOUNT_KEY_FILE, PROOF_KEY_FILE)}
    try:
        files = {name: path.read_bytes() for name, path in found.items() if path.exists()}
    except OSError as error:
        raise BackupError(f"{settings.data} cannot be read ({error.strerror}).") from error
    if settings.account_key is not None:
        files[ACCOUNT_KEY_FILE] = settings.account_key.encode()
    return files


def _judge_account_key(archive: Archive, settings: Settings) -> None:
    """A backup without the accounts' key is none, and this is the last moment to notice. Raises BackupError."""
    told = f"ACCOUNT_KEY, or {settings.data / ACCOUNT_KEY_FILE}"
    match archive.account_key():
        case AccountKey.MISSING:
            raise BackupError(f"There are accounts and no key to them ({told}); please put it back first.")
        case AccountKey.ANOTHERS:
            raise BackupError(f"The account key ({told}) is not the one of the accounts; please put that back first.")


def _check(file: Path, key: Key, packed: bytes) -> None:
    """From the disk, through the encryption, to the last row."""
    read = key.unseal(file.read_bytes())
    if read != packed or unpack(read) != unpack(packed):
        raise BackupError("What was written could not be read back as it should be; please check the disk.")


def _name(beside: Path, file: Path) -> None:
    """A second name, and the first one goes: unlike renaming, this cannot overwrite what came in between."""
    try:
        os.link(beside, file)
    except OSError as error:
        if error.errno == errno.EEXIST:
            raise BackupError(f"{file} is there already, and no backup overwrites anything.") from None
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS):
            raise
        beside.rename(file)  # a file system that knows one name only, such as a memory stick's
    _keep_name(file.parent)


def _keep_name(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
