"""A backup can be made, nobody can read it without its key, and what comes back from it is what went in."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import inspect

from klausur.backup.archive import unpack
from klausur.backup.errors import BackupError
from klausur.backup.restore import restore
from klausur.backup.sealing import Identities, Key, Passphrase
from klausur.backup.take import take
from klausur.compliance.grades import Grade
from klausur.compliance.marked import Sealer, open_marked, spellings, word
from klausur.compliance.meetings import Refused, cancel
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probes.schema import inside_of
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, refused_as
from klausur.compliance.words import Text
from klausur.domain.accounts import AccountRole
from klausur.domain.encoding import encode
from klausur.domain.meeting import Opening
from klausur.settings import Settings, read
from klausur.store.copying import KEPT, Rows, rows_of
from klausur.store.opening import open_alone

_RELEASE: Final = version("klausur")
# Written out once more: what a backup takes must not be what it is judged by.
_OF_A_MOMENT: Final = frozenset(
    {"alembic_version", "sessions", "invitations", "openings", "seats", "tickets", "transitions", "proof_pages"}
)
"""Tables of which nothing is to come back: it would let in who was shut out since, or is put together anew."""
_FOLDER: Final = "check-restore-"
"""How the names of folders begin in which everything lies open for as long as this takes."""


async def collect(target: Target) -> Evidence:
    """How many rows of each table came back from a backup of now, in an installation of its own beside this one, and
    whether a marked account and a planned meeting were among them."""
    inside = inside_of(target)
    ours = read({"data": target.settings["data"]}).settings.model_copy(update={"database_url": inside.url})
    person = await target.newcomer(AccountRole.ORGANISER, strong=True)
    browser = target.browser(person)
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    times = {"opens_at": soon.isoformat(), "closes_at": (soon + timedelta(hours=1)).isoformat()}
    sealer = Sealer()
    try:
        meeting = await open_marked(browser, sealer, word(), **times)
    except Refused as refused:
        raise refused_as(refused) from None
    marks = {"account": person.id, "name": person.name, "vault": person.vault, "meeting": meeting.id}
    marks["card"] = sealer.sent[0]
    seen = await asyncio.to_thread(_there_and_back, ours, target.garbled, _Keys(target.garbled is not bytes), marks)
    await cancel(browser, meeting)
    return target.evidence(**seen)


@dataclass(frozen=True, slots=True)
class _Keys:
    pairs: bool
    """What is made of a passphrase takes a second of a core each time, on purpose. What breaks the twin is as broken
    behind a pair of keys."""

    def new(self) -> Key:
        if self.pairs:
            return Identities.new()
        return Passphrase(secrets.token_urlsafe(24))


def _there_and_back(
    ours: Settings, garbled: Callable[[bytes], bytes], keys: _Keys, marks: Mapping[str, str]
) -> dict[str, Any]:
    with _working_folder(ours.data) as folder:
        file, key = folder / "backup.age", keys.new()
        before, left_out = _rows(ours.database), _left_out(ours.database)
        try:
            take(ours, file, key, release=_RELEASE, now=datetime.now(UTC), tell=_quietly)
        except BackupError:
            return {"taken": False}
        after = _rows(ours.database)
        sealed = garbled(file.read_bytes())
        scratch = Settings.model_validate({"data": folder / "restored"})
        readable = [mark for mark, text in marks.items() if any(way in sealed for way in spellings(text.encode()))]
        readable += ["all of it"] if _opens(lambda: unpack(sealed)) else []
        readable += ["all of it, by another key"] if _opens(lambda: keys.new().unseal(sealed)) else []
        seen: dict[str, Any] = {"taken": True, "bytes": len(sealed), "readable": readable}
        try:
            restore(scratch, sealed, key, release=_RELEASE, now=datetime.now(UTC), new_opening=_opening, tell=_quietly)
        except BackupError:
            return seen | {"restored": False}
        back = _rows(scratch.database)
        return seen | {
            "restored": True,
            "left_out": left_out,
            "tables": _compared(before, after, back),
            "marks": _marked(before, back, marks),
        }


@contextmanager
def _working_folder(data: Path) -> Iterator[Path]:
    """Beside what it is a copy of, for the same eyes only. A check that is killed leaves it behind: here, and not in
    some folder for temporary things, the next one finds it and removes it."""
    for left in data.glob(f"{_FOLDER}*"):
        shutil.rmtree(left)
    with TemporaryDirectory(prefix=_FOLDER, dir=data) as name:
        yield Path(name)


def _opens(try_it: Callable[[], object]) -> bool:
    try:
        try_it()
    except BackupError:
        return False
    return True


def _quietly(_text: str) -> None: ...


def _opening(meeting: str) -> Opening:
    return Opening(encode(secrets.token_bytes(16)), meeting, encode(secrets.token_bytes(16)))


def _rows(database: str) -> Rows:
    with open_alone(database).snapshot() as connection:
        return rows_of(connection)


def _left_out(database: str) -> list[str]:
    """Tables that no backup takes, and that hold what is to come back."""
    with open_alone(database).snapshot() as connection:
        return sorted(set(inspect(connection).get_table_names()) - _OF_A_MOMENT - set(KEPT))


def _compared(before: Rows, after: Rows, back: Rows) -> dict[str, dict[str, int]]:
    """Of each table: how many rows were there all the time, and how many of them are missing."""
    compared = {}
    for name in before:
        stayed = _digests(before, name) & _digests(after, name)
        compared[name] = {"rows": stayed.total(), "missing": (stayed - _digests(back, name)).total()}
    return compared


def _digests(rows: Rows, name: str) -> Counter[bytes]:
    texts = (json.dumps(row, sort_keys=True).encode() for row in rows.get(name, ()))
    return Counter(hashlib.sha256(text).digest() for text in texts)


def _marked(before: Rows, back: Rows, marks: Mapping[str, str]) -> dict[str, list[bool]]:
    """Whether it was there, and is again."""
    texts = [json.dumps({name: list(rows) for name, rows in each.items()}) for each in (before, back)]
    return {name: [mark in text for text in texts] for name, mark in marks.items()}


def judge(evidence: Evidence, _params: Params) -> Judged:
    if not evidence["taken"]:
        return failed("Sicherung unmöglich", "No backup possible", ["klausur backup"])
    if evidence["readable"]:
        return failed("Ohne Schlüssel lesbar", "Readable without the key", evidence["readable"])
    if not evidence["restored"]:
        return failed("Wiederherstellung unmöglich", "Cannot be restored", ["klausur restore"])
    marks = evidence["marks"]
    if not evidence["left_out"] and not all(there for there, _ in marks.values()):
        return saw_nothing("Die Kennzeichen waren nie gespeichert.", "The marks were never stored.")
    faults = [f"{each['missing']} rows of {name}" for name, each in evidence["tables"].items() if each["missing"]]
    faults += [f"all of {name}" for name in evidence["left_out"]]
    faults += [f"the marked {name}" for name, (_, again) in marks.items() if not again]
    if faults:
        return failed("Nach der Wiederherstellung fehlt", "After being restored there is missing", faults)
    rows = sum(each["rows"] for each in evidence["tables"].values())
    return passed(
        f"Aus einer Sicherung von jetzt kamen alle {rows} Zeilen aus {len(evidence['tables'])} Tabellen unverändert "
        "zurück.",
        f"From a backup of now all {rows} rows of {len(evidence['tables'])} tables came back unchanged.",
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Its disk has turned one bit of the backup."""

    def turned(sealed: bytes) -> bytes:
        middle = len(sealed) // 2
        return sealed[:middle] + bytes([sealed[middle] ^ 1]) + sealed[middle + 1 :]

    yield replace(target, garbled=turned, mark=secrets.token_urlsafe(9))


PROBE: Final = Probe(
    id="backup.restore",
    version=2,
    proves=Text(
        de="Eine Sicherung, die jetzt entsteht, lässt sich in einer eigenen Installation daneben wiederherstellen. "
        "Alle Zeilen, die bleiben sollen, sind unverändert wieder da, und ohne den Schlüssel ist nichts davon lesbar.",
        en="A backup that is made now can be restored in an installation of its own beside this one. All rows that are "
        "to stay are there again unchanged, and nothing of it can be read without the key.",
    ),
    proves_not=Text(
        de="Dass Sicherungen regelmäßig entstehen, woanders liegen und ihr Schlüssel aufbewahrt wird (backup.age und "
        "Betrieb); dass ältere Sicherungen noch lesbar sind; wie lange eine Wiederherstellung im Ernstfall dauert.",
        en="That backups are made regularly, lie elsewhere and that their key is kept (backup.age and the operator); "
        "that older backups can still be read; how long it takes when it matters.",
    ),
    vantage=Vantage.INSIDE,
    grade=Grade.EFFECT,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("data", "open_meetings"),
    may_see=Text(
        de="Die Sicherung enthält alles, was die Installation aufbewahrt; sie liegt für die Dauer der Prüfung "
        "verschlüsselt im Datenordner, das Wiederhergestellte daneben, nur für dieses Benutzerkonto lesbar. Beides "
        "wird danach gelöscht; was eine abgebrochene Prüfung hinterließ, zu Beginn der nächsten.",
        en="The backup holds all that the installation keeps; for as long as the check takes it lies encrypted in the "
        "data folder, what was restored beside it, readable for this user alone. Both are deleted then; what a check "
        "left that was killed, when the next begins.",
    ),
    seconds=120.0,
)
