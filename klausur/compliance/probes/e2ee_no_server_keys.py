"""No key that opens anything of a meeting is ever with the server."""

from __future__ import annotations

from typing import Final

from klausur.compliance.grades import Grade
from klausur.compliance.probes.saying import failed, passed
from klausur.compliance.probes.searched import careless, found, searched, without_control
from klausur.compliance.probes.traces import ALL_OF_IT_SECONDS
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import Target
from klausur.compliance.words import Text


async def collect(target: Target) -> Evidence:
    """Where keys of a marked meeting are: the secret of its link, the host's, and all that are made of them; and in how
    many files that was looked for."""
    return await searched(target, lambda held: held.keys)


def judge(evidence: Evidence, _params: Params) -> Judged:
    if (blind := without_control(evidence)) is not None:
        return blind
    if faults := found(evidence):
        return failed("Schlüssel auf dem Server", "Keys on the server", faults)
    count = len(evidence["during"])
    return passed(
        f"Von {count} Schlüsseln einer Besprechung war keiner in Datenbank oder Datenordner (Dateien: "
        f"{evidence['files']['after']}); was mit ihnen versiegelt war, stand dort.",
        f"Of {count} keys of a meeting none was in database or data folder (files: {evidence['files']['after']}); what "
        "was sealed with them was there.",
    )


PROBE: Final = Probe(
    id="e2ee.no-server-keys",
    version=2,
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
    twin=careless,
    depends_on=("data", "engine", "guests", "open_meetings"),
    may_see=Text(
        de="Durchsucht alle Zeilen und Dateien der Installation nach eigenen Kennzeichen und behält davon nichts.",
        en="Searches all rows and files of the installation for its own marks, and keeps nothing of them.",
    ),
    seconds=ALL_OF_IT_SECONDS,
)
