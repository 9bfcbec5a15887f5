"""After somebody has erased their account nothing of them is in any table."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import httpx
from sqlalchemy import Connection, select

from klausur.compliance import meetings
from klausur.compliance.grades import Grade
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import CannotLook, Target, damaged
from klausur.compliance.words import Text
from klausur.domain import encoding
from klausur.domain.accounts import AccountRole
from klausur.store import tables
from klausur.store.unit import Database

_ACCOUNT: Final = "/api/account"
_TRAIL: Final = "audit"
_ROWS: Final = 200_000
"""In one table; a larger one is not searched, and says so."""


async def collect(target: Target) -> Evidence:
    """In which tables the marks of somebody are before, and after they erased their account."""
    if target.inside is None:
        raise CannotLook(_NO_DATABASE)
    person = await target.newcomer(AccountRole.ORGANISER, strong=False)
    browser = target.browser(person)
    meeting = await meetings.open_meeting(browser)
    marks = {
        "id": person.id,
        "name": person.name,
        "vault": person.vault,
        "salt": str(person.kdf["salt"]),
        "session": encoding.digest(person.session.partition("=")[2]),
    }
    before = await _found(target.inside, marks)
    erased = (await browser.delete(_ACCOUNT)).status_code
    after = await _found(target.inside, marks)
    opens = (await browser.get(_ACCOUNT)).status_code
    await meetings.cancel(target.browser(), meeting)
    return target.evidence(before=before, after=after, erased=erased, opens=opens)


async def _found(inside: Database, marks: Mapping[str, str]) -> dict[str, list[str]]:
    """By mark, the tables in which it is."""

    def search(connection: Connection) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {name: [] for name in marks}
        for table in tables.metadata.sorted_tables:
            rows = connection.execute(select(table).limit(_ROWS)).fetchall()
            if len(rows) == _ROWS:
                raise CannotLook(_TOO_MANY)
            # A row's own text leaves out the middle of what is long.
            text = "\n".join(str(tuple(row)) for row in rows)
            for name, mark in marks.items():
                if mark in text:
                    found[name].append(table.name)
        return found

    return await inside.look(search)


def judge(evidence: Evidence, _params: Params) -> Judged:
    if not all(evidence["before"].values()):
        missing = [name for name, where in evidence["before"].items() if not where]
        return saw_nothing(f"Nie gespeichert: {', '.join(missing)}.", f"Never stored: {', '.join(missing)}.")
    faults = [
        f"{name} in {table}"
        for name, where in evidence["after"].items()
        for table in where
        if not (name == "id" and table == _TRAIL)
    ]
    faults += [] if evidence["erased"] < httpx.codes.BAD_REQUEST else [f"refused: {evidence['erased']}"]
    faults += [] if evidence["opens"] >= httpx.codes.BAD_REQUEST else ["the session goes on"]
    if faults:
        return failed("Nach dem Löschen ist noch da", "After erasing there still is", faults)
    return passed(
        f"Von {len(evidence['before'])} Kennzeichen einer Person war nach dem Löschen in keiner Tabelle mehr eines.",
        f"Of {len(evidence['before'])} marks of a person none was in any table after erasing.",
    )


_NO_DATABASE: Final = Text(
    de="Die Datenbank ist von hier nicht zu erreichen.", en="The database cannot be reached from here."
)
_TOO_MANY: Final = Text(
    de="Eine Tabelle ist zu groß, um sie ganz zu durchsuchen.", en="A table is too large to be searched as a whole."
)


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Says that it has erased, and has not."""

    def spared(request: httpx.Request) -> httpx.Response | None:
        erases = request.method == "DELETE" and request.url.path == _ACCOUNT
        return httpx.Response(204) if erases else None

    async with damaged(target, lambda _request, answer: answer, instead=spared) as broken:
        yield broken


PROBE: Final = Probe(
    id="rights.erase",
    version=1,
    proves=Text(
        de="Löscht eine gekennzeichnete Person ihr Konto, steht danach in keiner Tabelle der Datenbank mehr Name, "
        "Tresor, Schlüsselparameter oder Sitzung von ihr.",
        en="When a marked person erases their account, no table of the database holds their name, vault, key "
        "parameters or session any more.",
    ),
    proves_not=Text(
        de="Freie Seiten der Datenbank und Sicherungen (backup.age); das Protokoll der Verwaltung behält eine "
        "zufällige Kennung ohne Namen, und Besprechungen der Person bleiben ohne sie bestehen.",
        en="Free pages of the database and backups (backup.age); the trail of the administration keeps a random id "
        "without a name, and the person's meetings stay without them.",
    ),
    vantage=Vantage.INSIDE,
    grade=Grade.EFFECT,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("open_meetings",),
)
