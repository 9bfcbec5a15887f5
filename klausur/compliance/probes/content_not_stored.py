"""Nothing that is said or written in a meeting can be read anywhere on the server, while it goes on and afterwards."""

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
    """Where the words of a marked meeting are while it goes on and after its end, and where that is what is stored of
    it on purpose; and in how many files that was looked for."""
    return await searched(target, lambda held: held.words)


def judge(evidence: Evidence, _params: Params) -> Judged:
    if (blind := without_control(evidence)) is not None:
        return blind
    if faults := found(evidence):
        return failed("Lesbar auf dem Server", "Readable on the server", faults)
    return passed(
        f"Von {len(evidence['during'])} Wörtern einer Besprechung (Titel, Namen, Gesagtes) war in Datenbank und "
        f"Datenordner (Dateien: {evidence['files']['after']}) keines lesbar, weder währenddessen noch danach.",
        f"Of {len(evidence['during'])} words of a meeting (title, names, lines) none was readable in database and data "
        f"folder (files: {evidence['files']['after']}), neither while it went on nor afterwards.",
    )


PROBE: Final = Probe(
    id="content.not-stored",
    version=2,
    proves=Text(
        de="Titel, Namen und Gesagtes einer gekennzeichneten Besprechung stehen in keiner Tabelle der Datenbank und in "
        "keinem Byte des Datenordners lesbar, auch nicht als Base64, hexadezimal oder in UTF-16.",
        en="Title, names and lines of a marked meeting stand readable in no table of the database and in no byte of "
        "the data folder, neither as base 64, hexadecimal digits nor UTF-16.",
    ),
    proves_not=Text(
        de="Arbeitsspeicher, Auslagerungsdateien, andere Ordner und die eigenen Dateien von PostgreSQL; Komprimiertes; "
        "dass die Seiten im Browser so versiegeln, wie es das Protokoll verlangt und wie es hier geschah "
        "(e2ee.frames); Ton und Bild, von denen hier nichts übertragen wird.",
        en="Memory, swap, other folders, and PostgreSQL's own files; what is compressed; that the pages in browsers "
        "seal as the protocol demands and as was done here (e2ee.frames); sound and picture, of which "
        "nothing is sent here.",
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
