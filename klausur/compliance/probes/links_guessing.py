"""Whoever tries addresses, proofs and secrets finds nothing, and is slowed down; whoever has the right ones is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx

from klausur.compliance.cast import random
from klausur.compliance.grades import Grade
from klausur.compliance.meetings import Guest, Meeting
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target, damaged
from klausur.compliance.words import Text
from klausur.domain.limits import MEETING_ID_BYTES, SECRET_BYTES

_BEYOND: Final = 30
"""Guesses more than the setting allows; who is not slowed down by then is not."""
_AT_LEAST: Final = 12
"""Also where earlier ones are remembered: a door that opens does not count who came."""
_SLOWED: Final = 429
_FOUND_NOTHING: Final = frozenset({401, 404})


async def collect(target: Target) -> Evidence:
    async with target.meeting() as meeting:
        guest = Guest(meeting, await target.guests_browser())
        await guest.knock()
        answers: Counter[str] = Counter()
        tried, at_most = 0, int(str(target.settings["limit_tickets"])) + _BEYOND
        while tried < _AT_LEAST or (tried < at_most and str(_SLOWED) not in answers):
            answers[str(await _guess(target, meeting, guest, tried))] += 1
            tried += 1
        right = await guest.http.get(meeting.path, headers=meeting.proven)
        await guest.leave()
    return target.evidence(answers=dict(answers), tried=tried, right=right.status_code)


async def _guess(target: Target, meeting: Meeting, guest: Guest, number: int) -> int:
    """A status: of another address, of another proof, of another secret, in turn."""
    proof = {"Klausur-Link-Proof": random(SECRET_BYTES)}
    match number % 3:
        case 0:
            answer = await target.http.get(f"/api/meetings/{random(MEETING_ID_BYTES)}", headers=proof)
        case 1:
            answer = await target.http.get(meeting.path, headers=proof)
        case _:
            bearing = {"Authorization": f"Bearer {random(SECRET_BYTES)}", "Origin": target.url}
            wish = {"session": meeting.session, "announcement": guest.wish()["announcement"]}
            answer = await target.http.post(f"{guest.seat}/tickets", json=wish, headers=bearing)
    return answer.status_code


def judge(evidence: Evidence, _params: Params) -> Judged:
    answers, tried = {int(status): count for status, count in evidence["answers"].items()}, evidence["tried"]
    if tried < _AT_LEAST or evidence["right"] != httpx.codes.OK:
        return saw_nothing("Auch der richtige Link führte zu nichts.", "The right link, too, led to nothing.")
    faults = [f"{status}" for status in answers if status not in _FOUND_NOTHING | {_SLOWED}]
    if faults:
        return failed("Geratenes wurde anders beantwortet als mit Ablehnung", "Guesses were answered otherwise", faults)
    if _SLOWED not in answers:
        return failed("Raten wird nicht gebremst", "Guessing is not slowed down", [f"{tried} guesses"])
    return passed(
        f"Von {tried} falschen Versuchen fand keiner etwas; es wurde gebremst, und der richtige Link galt weiter.",
        f"Of {tried} wrong guesses none found anything; they were slowed down, and the right link went on to work.",
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Never says that it is enough."""

    def patient(_request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return httpx.Response(404) if answer.status_code == _SLOWED else answer

    async with damaged(target, patient) as broken:
        yield broken


PROBE: Final = Probe(
    id="links.guessing",
    version=1,
    proves=Text(
        de="Falsche Adressen, falsche Nachweise und falsche Geheimnisse werden stets abgelehnt und nach einer Anzahl "
        "von Versuchen gebremst, ohne dass der richtige Link darunter leidet.",
        en="Wrong addresses, wrong proofs and wrong secrets are always refused, and after a number of attempts slowed "
        "down, and the right link does not suffer from it.",
    ),
    proves_not=Text(
        de="Dass jemand mit vielen Netzen nicht mehr Versuche hätte: Gezählt wird je Netz. Davor schützt die Länge der "
        "Kennungen (links.entropy).",
        en="That somebody with many networks has no more attempts: they are counted by network. Against that there is "
        "the length of ids (links.entropy).",
    ),
    vantage=Vantage.OUTSIDE,
    grade=Grade.OBSERVED_OUTSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("guests", "limit_tickets", "open_meetings", "trusted_proxies"),
    disturbs=True,
    seconds=60.0,
)
