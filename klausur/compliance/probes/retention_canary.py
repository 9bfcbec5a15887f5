"""Of a meeting that everybody has left nothing stays, once the time has passed that the installation itself tells."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx

from klausur.compliance.controlling import run_jobs
from klausur.compliance.grades import Grade
from klausur.compliance.meetings import given
from klausur.compliance.probes.held import holding, set_back, told_periods
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probes.traces import ALL_OF_IT_SECONDS, traces
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text
from klausur.store import tables

_OPERATOR: Final = "/api/operator"
_BRIEFLY_MINUTES: Final = 1
"""What the twin says."""


async def collect(target: Target) -> Evidence:
    """What is stored of a marked meeting, and what of that is still there when everybody has left, and the times that
    the installation tells have passed."""
    periods = await told_periods(target)
    async with holding(target) as held:
        stored = await traces(target, held.stored)
        for person in (held.guest, held.host):
            await person.leave()
        opening, meeting = tables.openings.c, tables.meetings.c
        empty = await set_back(target, opening.empty_since, opening.meeting, held.meeting.id, periods["empty_minutes"])
        await run_jobs(target)
        ended = await set_back(target, meeting.ended_at, meeting.id, held.meeting.id, periods["ended_minutes"])
        await run_jobs(target)
        left = await traces(target, {**held.stored, **held.words, **held.access})
        answer = await target.get(held.meeting.path, **held.meeting.proven)
    return target.evidence(
        stored=stored, set_back={"empty": empty, "ended": ended}, left=left, answer=answer.status_code, periods=periods
    )


def judge(evidence: Evidence, _params: Params) -> Judged:
    missing = [name for name, where in evidence["stored"].items() if not where]
    if missing or not evidence["stored"] or not evidence["left"] or not evidence["set_back"]["empty"]:
        told = ", ".join(missing or ["opening"])
        return saw_nothing(f"Nie gespeichert: {told}.", f"Never stored: {told}.")
    faults = [f"{name} in {place}" for name, where in evidence["left"].items() for place in where]
    if evidence["answer"] != httpx.codes.NOT_FOUND:
        faults.append(f"answers {evidence['answer']}")
    if not evidence["set_back"]["ended"]:
        faults.append("has not ended")
    minutes = evidence["periods"]["empty_minutes"] + evidence["periods"]["ended_minutes"]
    if faults:
        return failed(
            f"{minutes} Minuten nach dem Verlassen ist noch da", f"{minutes} minutes after it was left there is", faults
        )
    return passed(
        f"{minutes} Minuten, nachdem alle gegangen waren, stand von {len(evidence['left'])} Kennzeichen einer "
        "Besprechung keines mehr in Datenbank oder Datenordner.",
        f"{minutes} minutes after everybody had left, none of {len(evidence['left'])} marks of a meeting was in "
        "database or data folder any more.",
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Says that it deletes sooner than it does."""

    def hastened(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if request.url.path != _OPERATOR or not answer.is_success:
            return answer
        told = given(answer)
        told["retention"] |= {"empty_minutes": _BRIEFLY_MINUTES, "ended_minutes": _BRIEFLY_MINUTES}
        return httpx.Response(answer.status_code, json=told)

    async with damaged(target, hastened) as broken:
        yield broken


PROBE: Final = Probe(
    id="retention.canary",
    version=1,
    proves=Text(
        de="Haben alle eine gekennzeichnete Besprechung verlassen und ist so viel Zeit vergangen, wie die Installation "
        "selbst angibt, so findet sich nach den regelmäßigen Arbeiten des Servers weder von ihr noch von denen, die da "
        "waren, noch etwas in Datenbank oder Datenordner.",
        en="When everybody has left a marked meeting and as much time has passed as the installation itself tells, "
        "nothing of it or of those who were there is found in database or data folder after the server's periodic "
        "work.",
    ),
    proves_not=Text(
        de="Sicherungen, die währenddessen entstanden; Arbeitsspeicher; die eigenen Dateien von PostgreSQL; geplante "
        "Besprechungen, die bis zu ihrem letzten Termin bestehen bleiben. Die Zeit ist in der Datenbank "
        "zurückgestellt, nicht abgewartet.",
        en="Backups that were made meanwhile; memory; PostgreSQL's own files; planned meetings, which stay until their "
        "last date. Time was set back in the database, not waited for.",
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
