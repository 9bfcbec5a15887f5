"""There is a recent backup, and it is still as it was when it was read back."""

from __future__ import annotations

import asyncio
import hashlib
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from klausur.backup.noting import Noted, noted
from klausur.compliance.grades import Grade
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import CannotLook, Target, resettled
from klausur.compliance.words import Text

_FOLDER: Final = "backups"
_DAYS: Final = "backup_days"
_FILES_AT_MOST: Final = 10_000
_PIECE_BYTES: Final = 1024 * 1024
_BEGINS: Final = b"age-encryption.org/v1"
_NOWHERE: Final = Text(
    de="Wo Sicherungen liegen, ist nicht angegeben (BACKUPS).", en="Where backups lie has not been said (BACKUPS)."
)
_UNNOTED: Final = Text(
    de="Mit „klausur backup“ wurde für diesen Datenordner noch keine Sicherung angelegt, die sich prüfen ließe.",
    en='No backup that could be examined has been made of this data folder with "klausur backup" yet.',
)


async def collect(target: Target) -> Evidence:
    """Whether the last backup that was read back and found right lies in the folder, byte for byte, and how old it is;
    names of files are not noted."""
    folder, last = _folder(target), noted(Path(str(target.settings["data"])))
    if last is None:
        raise CannotLook(_UNNOTED)
    seen = await asyncio.to_thread(_files, folder)
    found = await asyncio.to_thread(_found, seen, last)
    now = datetime.now(UTC)
    return target.evidence(
        files=len(seen),
        made_at=last.at.isoformat(),
        now=now.isoformat(),
        days=target.settings[_DAYS],
        bytes=last.bytes,
        same_size=found is not None,
        same=found is not None and found[0],
        sealed=found is not None and found[1],
    )


def _folder(target: Target) -> Path:
    named = target.settings.get(_FOLDER)
    if not named:
        raise CannotLook(_NOWHERE)
    return Path(str(named))


def _files(folder: Path) -> list[tuple[Path, int]]:
    """With their sizes; a folder that cannot be read has none."""
    return list(_sized(folder))


def _sized(folder: Path) -> Iterator[tuple[Path, int]]:
    with suppress(OSError):
        for path, _ in zip(folder.rglob("*"), range(_FILES_AT_MOST), strict=False):
            with suppress(OSError):
                about = path.lstat()
                if stat.S_ISREG(about.st_mode):
                    yield path, about.st_size


def _found(files: list[tuple[Path, int]], last: Noted) -> tuple[bool, bool] | None:
    """Whether it is the same, and begins as what age encrypted; None where none is as large."""
    alike = [path for path, size in files if size == last.bytes]
    looked = [_looked_at(path, last.sha256) for path in alike]
    return max(looked, default=None)


def _looked_at(path: Path, sha256: str) -> tuple[bool, bool]:
    try:
        with path.open("rb") as file:
            sealed = file.read(len(_BEGINS)) == _BEGINS
            file.seek(0)
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256, sealed
    except OSError:
        return False, False


def judge(evidence: Evidence, _params: Params) -> Judged:
    made, now = datetime.fromisoformat(evidence["made_at"]), datetime.fromisoformat(evidence["now"])
    until, days = made + timedelta(days=evidence["days"]), evidence["days"]
    faults = []
    if not evidence["files"]:
        faults.append("no file in BACKUPS")
    elif not evidence["same_size"]:
        faults.append("none as large as the last one was when it was made")
    elif not evidence["same"]:
        faults.append("the last one is not as it was when it was made")
    elif not evidence["sealed"]:
        faults.append("the last one is not encrypted")
    if now > until:
        faults.append(f"{(now - made).days} days old, at most {days}")
    if faults:
        return failed("Keine brauchbare Sicherung", "No backup of use", faults)
    if made > now:
        return saw_nothing("Die Sicherung ist aus der Zukunft.", "The backup is of the future.")
    hours = int((now - made).total_seconds() // 3600)
    its = passed(
        f"Die letzte Sicherung ist {hours} Stunden alt und unverändert, seit sie zurückgelesen wurde.",
        f"The last backup is {hours} hours old, and unchanged since it was read back.",
    )
    return Judged(its.status, its.says, until)


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """In its folder lies the first half of the last one."""
    folder, last = _folder(target), noted(Path(str(target.settings["data"])))
    with TemporaryDirectory(prefix="klausur-check-") as name:
        if last is not None:
            await asyncio.to_thread(_halve, folder, last.bytes, Path(name))
        yield resettled(target, **{_FOLDER: name})


def _halve(folder: Path, size: int, into: Path) -> None:
    whole = next((path for path, its in _files(folder) if its == size), None)
    if whole is not None:
        with suppress(OSError), whole.open("rb") as file:
            (into / "half").write_bytes(file.read(min(size // 2, _PIECE_BYTES)))


PROBE: Final = Probe(
    id="backup.age",
    version=1,
    proves=Text(
        de="Die letzte Sicherung, die „klausur backup“ angelegt, zurückgelesen und mit dem Bestand verglichen hat, "
        "liegt in dem Ordner, der dafür angegeben ist, ist Byte für Byte dieselbe, verschlüsselt und nicht älter als "
        "eingestellt.",
        en='The last backup that "klausur backup" made, read back and compared with what is stored lies in the folder '
        "that is named for it, is the same byte for byte, encrypted, and not older than was set.",
    ),
    proves_not=Text(
        de="Dass der Ordner auf einem anderen Rechner liegt, dass der Schlüssel aufbewahrt wird, dass auch morgen "
        "gesichert wird und was in älteren Sicherungen steht; dass sich eine Sicherung wieder einspielen lässt, zeigt "
        "backup.restore.",
        en="That the folder lies on another machine, that the key is kept, that a backup is made tomorrow, too, and "
        "what older ones hold; that a backup can be put back is what backup.restore shows.",
    ),
    vantage=Vantage.INSIDE,
    grade=Grade.OBSERVED_INSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("backup_days", "backups", "data"),
    may_see=Text(
        de="Sicherungen, verschlüsselt; aufgeschrieben werden Alter, Größe und Anzahl.",
        en="Backups, encrypted; noted are age, size and number.",
    ),
    seconds=60.0,
)
