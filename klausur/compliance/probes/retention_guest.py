"""Of a guest nothing stays once the meeting has ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx

from klausur.compliance.controlling import run_jobs
from klausur.compliance.grades import Grade
from klausur.compliance.marked import end
from klausur.compliance.probes.held import holding, set_back
from klausur.compliance.probes.saying import failed, passed, saw_nothing, unanswered
from klausur.compliance.probes.traces import ALL_OF_IT_SECONDS, in_tables, traces
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text
from klausur.store import tables

_OUT_MINUTES: Final = 1
"""How long the seat of somebody who has left is kept (domain/limits.py), to tell the others."""


async def collect(target: Target) -> Evidence:
    """What is stored of a guest while a marked meeting goes on, what of it when they have left, and what when its host
    has ended it."""
    async with holding(target) as held:
        stored = await traces(target, held.of_guest)
        await held.guest.leave()
        seats = tables.seats.c
        await set_back(target, seats.since, seats.pseudonym, held.guest.place.pseudonym, _OUT_MINUTES)
        await run_jobs(target)
        # The pseudonym, which is random, stays in the history for as long as the opening.
        seat = {name: mark for name, mark in held.of_guest.items() if name != "guest's pseudonym"}
        out = await in_tables(target, seat)
        back = (await held.guest.try_to_renew()).status_code
        await end(held)
        await run_jobs(target)
        words = {"guest's name": held.words["guest's name"], "line": held.words["line"]}
        left = await traces(target, {**held.of_guest, **words, "guest's ticket": held.access["ticket"]})
    return target.evidence(stored=stored, out=out, back=back, left=left)


def judge(evidence: Evidence, _params: Params) -> Judged:
    if missing := [name for name, where in evidence["stored"].items() if not where]:
        told = ", ".join(missing)
        return saw_nothing(f"Nie gespeichert: {told}.", f"Never stored: {told}.")
    if not all(evidence[name] for name in ("stored", "out", "left")):
        return saw_nothing("Es wurde nach nichts gesucht.", "Nothing was searched for.")
    faults = [f"{name} in {place}" for name, where in evidence["left"].items() for place in where]
    faults += [f"{name} in {place} after leaving" for name, where in evidence["out"].items() for place in where]
    if evidence["back"] < httpx.codes.BAD_REQUEST:
        faults.append("may come back")
    if faults:
        return failed("Von einem Gast ist noch da", "Of a guest there still is", faults)
    if (blind := unanswered({"coming back": evidence["back"]})) is not None:
        return blind
    return passed(
        f"Nach dem Ende einer Besprechung stand von {len(evidence['left'])} Kennzeichen eines Gasts keines mehr in "
        "Datenbank oder Datenordner; der Platz war schon nach dem Verlassen fort.",
        f"After the end of a meeting none of {len(evidence['left'])} marks of a guest was in database or data folder "
        "any more; the seat had gone when they left.",
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Says that the seat has been given up, and it has not."""

    def kept(request: httpx.Request) -> httpx.Response | None:
        leaves = request.method == "DELETE" and "/seats/" in request.url.path
        return httpx.Response(204) if leaves else None

    async with damaged(target, lambda _request, answer: answer, instead=kept) as broken:
        yield broken


PROBE: Final = Probe(
    id="retention.guest",
    version=1,
    proves=Text(
        de="Verlässt ein gekennzeichneter Gast eine Besprechung, so ist sein Platz eine Minute später gelöscht; ist "
        "sie zu Ende, so findet sich nach den regelmäßigen Arbeiten des Servers nichts mehr von ihm in Datenbank oder "
        "Datenordner.",
        en="When a marked guest leaves a meeting, their seat is deleted a minute later; when it has ended, nothing of "
        "them is found in database or data folder after the server's periodic work.",
    ),
    proves_not=Text(
        de="Was andere Teilnehmende auf ihren Geräten behalten; Sicherungen, die währenddessen entstanden; "
        "Arbeitsspeicher; die eigenen Dateien von PostgreSQL. Die Zeit ist in der Datenbank zurückgestellt, nicht "
        "abgewartet.",
        en="What other participants keep on their devices; backups that were made meanwhile; memory; PostgreSQL's own "
        "files. Time was set back in the database, not waited for.",
    ),
    vantage=Vantage.INSIDE,
    grade=Grade.EFFECT,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("data", "engine", "guests", "open_meetings"),
    may_see=Text(
        de="Durchsucht alle Zeilen und Dateien der Installation nach eigenen Kennzeichen und behält davon nichts.",
        en="Searches all rows and files of the installation for its own marks, and keeps nothing of them.",
    ),
    seconds=ALL_OF_IT_SECONDS,
)
