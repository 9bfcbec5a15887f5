"""``klausur restore``: an installation from a backup, whole or not at all.

Everything is read and judged before anything is touched. Then the database is put together aside, or within one
transaction, and the files beside their places; what was there is moved aside last, and back if anything fails.
"""

from __future__ import annotations

import contextlib
import re
import tomllib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from klausur.backup.archive import AccountKey, Archive, unpack
from klausur.backup.errors import BackupError
from klausur.backup.sealing import Key
from klausur.domain.errors import StorageUnavailable
from klausur.domain.meeting import Opening
from klausur.machine import CannotStartError, own_folder, write_new
from klausur.settings import ACCOUNT_KEY_FILE, FILE_NAME, PROOF_KEY_FILE, Settings
from klausur.store import copying
from klausur.store.opening import open_alone
from klausur.store.unit import Alone

MakeOpening = Callable[[str], Opening]
"""For a meeting's id."""


@dataclass(frozen=True, slots=True)
class Restored:
    made_at: datetime
    rows: int
    notes: Sequence[str]
    """Sentences: what was moved where, and what is left to do."""


def restore(
    settings: Settings,
    sealed: bytes,
    key: Key,
    *,
    release: str,
    now: datetime,
    new_opening: MakeOpening,
    replace: bool = False,
    tell: Callable[[str], None],
) -> Restored:
    """Raises BackupError; then everything is as it was."""
    tell("Decrypting and checking")
    archive = unpack(key.unseal(sealed))
    _judge(archive, release)
    _judge_account_key(archive, settings)
    try:
        with own_folder(settings.data):
            target = open_alone(settings.database)
            if not replace and _holds_anything(target):
                raise BackupError(
                    "There is an installation already (DATA, DATABASE_URL); --replace keeps it aside and takes its "
                    "place."
                )
            tell("Putting everything back")
            aside = f"before-restore-{now.astimezone(UTC):%Y%m%dt%H%M%S}"
            notes = _put_back(archive, settings, target, aside, new_opening)
    except CannotStartError as error:
        raise BackupError(str(error)) from error
    except StorageUnavailable as error:
        raise BackupError(f"The database (DATABASE_URL, else in DATA) cannot be used: {error}.") from error
    except OSError as error:
        raise BackupError(f"{error.filename or settings.data} cannot be written ({error.strerror}).") from error
    return Restored(archive.made_at, sum(map(len, archive.rows.values())), notes)


def _judge(archive: Archive, release: str) -> None:
    if not copying.known(archive.schema) or _number(archive.release) > _number(release):
        raise BackupError(
            f"The backup is of a newer release ({archive.release}) than this one ({release}); please update Klausur "
            "first."
        )
    files = {FILE_NAME, ACCOUNT_KEY_FILE, PROOF_KEY_FILE}
    if not set(archive.rows) <= set(copying.KEPT) or not set(archive.files) <= files:
        raise BackupError("The backup is damaged: it holds what no backup holds.")


def _number(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", release)[:3])


def _judge_account_key(archive: Archive, settings: Settings) -> None:
    """Raises BackupError: with another key, or with none, nobody could sign in, and nobody would be told why."""
    match archive.account_key():
        case AccountKey.MISSING:
            raise BackupError("There are accounts in the backup and no key to them; nobody could sign in any more.")
        case AccountKey.ANOTHERS:
            raise BackupError("The account key in the backup is not the one of its accounts; nobody could sign in.")
    held = archive.files.get(ACCOUNT_KEY_FILE)
    if settings.account_key is not None and held is not None and settings.account_key.encode() != held.strip():
        raise BackupError(
            "ACCOUNT_KEY is not the one of the backup, so nobody's password would be good; please leave it away, and "
            "the backup's is used."
        )


def _holds_anything(target: Alone) -> bool:
    if target.is_missing():
        return False
    with target.snapshot() as connection:
        return copying.holds_anything(connection)


def _put_back(
    archive: Archive, settings: Settings, target: Alone, aside: str, new_opening: MakeOpening
) -> Sequence[str]:
    with ExitStack() as undo:
        with target.replacing(aside) as (connection, kept):
            copying.put_rows(connection, archive.rows, archive.schema)
            meetings = copying.meetings_in(connection)
            copying.put_openings(connection, [new_opening(meeting) for meeting in meetings])
            notes = [f"The database that was there is kept as {kept}."] if kept else []
            notes += _put_files(archive, settings, aside, undo)
        undo.pop_all()
    return notes


def _put_files(archive: Archive, settings: Settings, aside: str, undo: ExitStack) -> Sequence[str]:
    notes: list[str] = []
    data = settings.data
    account_key = archive.files.get(ACCOUNT_KEY_FILE)
    if account_key is not None and settings.account_key is None:
        notes += _place(data / ACCOUNT_KEY_FILE, account_key, aside, undo)
    proof_key = archive.files.get(PROOF_KEY_FILE)
    if proof_key is not None:
        notes += _place(data / PROOF_KEY_FILE, proof_key, aside, undo)
    held = archive.files.get(FILE_NAME)
    if held is not None:
        if _settings_fit(data / FILE_NAME, held):
            notes += _place(data / FILE_NAME, held, aside, undo)
        elif not _same(data / FILE_NAME, held):
            beside = data / f"{FILE_NAME}.{aside.replace('before', 'of', 1)}"
            _place(beside, held, aside, undo)
            notes.append(f"The backup's settings are not in force: they lie in {beside}, to be compared.")
    return notes


def _settings_fit(file: Path, held: bytes) -> bool:
    """Where there are settings, they know better where this installation stands. And none may lead to another database
    than the one that everything has just been put into."""
    try:
        return not file.exists() and "database_url" not in tomllib.loads(held.decode())
    except ValueError:
        return False


def _same(file: Path, content: bytes) -> bool:
    return file.exists() and file.read_bytes() == content


def _place(file: Path, content: bytes, aside: str, undo: ExitStack) -> Sequence[str]:
    notes: list[str] = []
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    write_new(fresh, content)
    if file.exists() and not _same(file, content):
        kept = file.with_name(f"{file.name}.{aside}")
        file.rename(kept)
        undo.callback(kept.rename, file)
        notes.append(f"{file} is kept as {kept.name}.")
    existed = file.exists()
    fresh.rename(file)
    if not existed:
        undo.callback(_remove, file)
    return notes


def _remove(file: Path) -> None:
    with contextlib.suppress(OSError):
        file.unlink()
