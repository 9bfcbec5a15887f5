"""After somebody has erased their account nothing of them is in any table or file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx

from klausur.compliance import meetings
from klausur.compliance.controlling import run_jobs
from klausur.compliance.grades import Grade
from klausur.compliance.probes.saying import failed, passed, saw_nothing, unanswered
from klausur.compliance.probes.schema import inside_of
from klausur.compliance.probes.traces import ALL_OF_IT_SECONDS, in_tables, traces
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text
from klausur.domain import encoding
from klausur.domain.accounts import AccountRole

_ACCOUNT: Final = "/api/account"
_TRAIL: Final = "audit"


async def collect(target: Target) -> Evidence:
    """In which tables the marks of somebody are before, and after they erased their account; and where they are then
    in the data folder, free pages included, when the server has done its periodic work."""
    inside_of(target)
    person = await target.newcomer(AccountRole.ORGANISER, strong=False)
    browser = target.browser(person)
    meeting = await meetings.open_meeting(browser)
    texts = {
        "id": person.id,
        "name": person.name,
        "vault": person.vault,
        "salt": str(person.kdf["salt"]),
        "session": encoding.digest(person.session.partition("=")[2]),
    }
    marks = {name: text.encode() for name, text in texts.items()}
    before = await in_tables(target, marks)
    erased = (await browser.delete(_ACCOUNT)).status_code
    after = await in_tables(target, marks)
    opens = (await browser.get(_ACCOUNT)).status_code
    await run_jobs(target)
    # The trail of the administration keeps the id, which is random.
    files = await traces(target, {name: mark for name, mark in marks.items() if name != "id"})
    await meetings.cancel(target.browser(), meeting)
    return target.evidence(before=before, after=after, erased=erased, opens=opens, files=files)


def judge(evidence: Evidence, _params: Params) -> Judged:
    if not evidence["after"] or not evidence["files"] or not all(evidence["before"].values()):
        missing = [name for name, where in evidence["before"].items() if not where]
        return saw_nothing(f"Nie gespeichert: {', '.join(missing)}.", f"Never stored: {', '.join(missing)}.")
    faults = [
        f"{name} in {table}"
        for name, where in evidence["after"].items()
        for table in where
        if not (name == "id" and table == _TRAIL)
    ]
    faults += [f"{name} in {file}" for name, where in evidence["files"].items() for file in where]
    faults += [] if evidence["erased"] < httpx.codes.BAD_REQUEST else [f"refused: {evidence['erased']}"]
    faults += [] if evidence["opens"] >= httpx.codes.BAD_REQUEST else ["the session goes on"]
    if faults:
        return failed("Nach dem Löschen ist noch da", "After erasing there still is", faults)
    if (blind := unanswered({"the session": evidence["opens"]})) is not None:
        return blind
    return passed(
        f"Von {len(evidence['before'])} Kennzeichen einer Person war nach dem Löschen in keiner Tabelle und "
        "keiner Datei mehr eines.",
        f"Of {len(evidence['before'])} marks of a person none was in any table or file after erasing.",
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
    version=2,
    proves=Text(
        de="Löscht eine gekennzeichnete Person ihr Konto, so findet sich danach in keiner Tabelle der Datenbank und "
        "nach den regelmäßigen Arbeiten des Servers in keinem Byte des Datenordners mehr Name, Tresor, "
        "Schlüsselparameter oder Sitzung von ihr.",
        en="When a marked person erases their account, no table of the database, and after the server's periodic work "
        "no byte of the data folder, holds their name, vault, key parameters or session any more.",
    ),
    proves_not=Text(
        de="Sicherungen (backup.age) und die eigenen Dateien von PostgreSQL; das Protokoll der Verwaltung behält eine "
        "zufällige Kennung ohne Namen, und Besprechungen der Person bleiben ohne sie bestehen.",
        en="Backups (backup.age) and PostgreSQL's own files; the trail of the administration keeps a random id without "
        "a name, and the person's meetings stay without them.",
    ),
    vantage=Vantage.INSIDE,
    grade=Grade.EFFECT,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("data", "open_meetings"),
    may_see=Text(
        de="Durchsucht alle Zeilen und Dateien der Installation nach eigenen Kennzeichen und behält davon nichts.",
        en="Searches all rows and files of the installation for its own marks, and keeps nothing of them.",
    ),
    seconds=ALL_OF_IT_SECONDS,
)
