"""``klausur backup`` and ``klausur restore`` as people see them: the passphrase is asked for, and what is being done is
shown. Whoever has no terminal says everything by settings."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import typer
from rich.console import Console

from klausur.backup.errors import BackupError
from klausur.backup.noting import note
from klausur.backup.restore import MakeOpening, Restored, restore
from klausur.backup.sealing import Identities, Key, Passphrase, Recipients, for_recipients
from klausur.backup.take import Taken, take
from klausur.settings import Settings

_LEAST_CHARACTERS: Final = 12


def run_backup(settings: Settings, file: Path, *, release: str) -> Taken:
    """Raises BackupError."""
    key: Key = Recipients(settings.backup_recipient) if settings.backup_recipient else _new_passphrase(settings)
    now = datetime.now(UTC)
    with _telling() as tell:
        taken = take(settings, file, key, release=release, now=now, tell=tell)
    note(settings.data, file, now)
    return taken


def run_restore(
    settings: Settings, file: Path, *, identity: Path | None, replace: bool, release: str, new_opening: MakeOpening
) -> Restored:
    """Raises BackupError."""
    sealed = _read(file)
    key = _key_for(sealed, settings, identity)
    with _telling() as tell:
        return restore(
            settings,
            sealed,
            key,
            release=release,
            now=datetime.now(UTC),
            new_opening=new_opening,
            replace=replace,
            tell=tell,
        )


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BackupError(f"{file} cannot be read ({error.strerror}).") from None


def _key_for(sealed: bytes, settings: Settings, identity: Path | None) -> Key:
    if identity is not None:
        return Identities(_read(identity).decode("utf-8", "replace"))
    if for_recipients(sealed):
        raise BackupError("This backup needs the secret key of BACKUP_RECIPIENT; name its file with --identity.")
    return Passphrase(settings.backup_passphrase or _asked(twice=False))


def _new_passphrase(settings: Settings) -> Passphrase:
    words = settings.backup_passphrase or _asked(twice=True)
    if len(words) < _LEAST_CHARACTERS:
        raise BackupError(f"A passphrase needs at least {_LEAST_CHARACTERS} characters; several words are best.")
    return Passphrase(words)


def _asked(*, twice: bool) -> str:
    if not sys.stdin.isatty():
        raise BackupError("There is no terminal to ask for the passphrase on; set BACKUP_PASSPHRASE or its file.")
    words: str = typer.prompt("Passphrase of the backup", hide_input=True, confirmation_prompt=twice, err=True)
    return words


@contextmanager
def _telling() -> Iterator[Callable[[str], None]]:
    """On a terminal, a line that changes; otherwise nothing."""
    console = Console(stderr=True)
    with console.status("") as status:
        yield lambda text: status.update(f"{text} …")
