"""No key that opens anything of a meeting is ever with the server."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from klausur.compliance.grades import Grade
from klausur.compliance.marked import end
from klausur.compliance.probes.held import holding
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probes.traces import traces
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target
from klausur.compliance.words import Text


async def collect(target: Target) -> Evidence:
    """Where keys of a marked meeting are: the secret of its link, the host's, and all that are made of them."""
    async with holding(target) as held:
        stored = await traces(target, held.stored)
        during = await traces(target, held.keys)
        await end(held)
        after = await traces(target, held.keys)
    return target.evidence(stored=stored, during=during, after=after)


def judge(evidence: Evidence, _params: Params) -> Judged:
    if missing := [name for name, where in evidence["stored"].items() if not where]:
        return saw_nothing(
            f"Nicht gefunden, obwohl gespeichert: {', '.join(missing)}.",
            f"Not found although it is stored: {', '.join(missing)}.",
        )
    faults = {
        f"{name} in {place}"
        for when in ("during", "after")
        for name, where in evidence[when].items()
        for place in where
    }
    if faults:
        return failed("Schlüssel auf dem Server", "Keys on the server", sorted(faults))
    count = len(evidence["during"])
    return passed(
        f"Von {count} Schlüsseln einer Besprechung war keiner in Datenbank oder Datenordner; was mit ihnen versiegelt "
        "war, stand dort.",
        f"Of {count} keys of a meeting none was in database or data folder; what was sealed with them was there.",
    )


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """Its pages send the key along with what they should seal."""
    yield replace(target, careless=True, mark=secrets.token_urlsafe(9))


PROBE: Final = Probe(
    id="e2ee.no-server-keys",
    version=1,
    proves=Text(
        de="Wird eine Besprechung nach dem Protokoll geführt, so liegen weder das Geheimnis ihres Links noch der "
        "Schlüssel der leitenden Person noch einer der daraus abgeleiteten, auch nicht die für Ton und Bild, in "
        "Datenbank oder Datenordner des Servers, weder währenddessen noch danach.",
        en="When a meeting is held by the protocol, neither the secret of its link, nor the host's key, nor any of "
        "those made of them, those of sound and picture included, lies in the server's database or data folder, "
        "neither while it goes on nor afterwards.",
    ),
    proves_not=Text(
        de="Dass die Seiten im Browser nichts anderes senden als das Protokoll vorsieht (e2ee.frames und "
        "supply.assets); Arbeitsspeicher; dass die Verschlüsselung selbst hält.",
        en="That the pages in browsers send nothing but what the protocol says (e2ee.frames and supply.assets); "
        "memory; that the encryption itself holds.",
    ),
    vantage=Vantage.INSIDE,
    grade=Grade.OBSERVED_INSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=("data", "engine", "guests", "open_meetings"),
    may_see=Text(
        de="Durchsucht alle Zeilen und Dateien der Installation nach eigenen Kennzeichen und behält davon nichts.",
        en="Searches all rows and files of the installation for its own marks, and keeps nothing of them.",
    ),
    seconds=60.0,
)
