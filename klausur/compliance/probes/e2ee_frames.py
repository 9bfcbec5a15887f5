"""What passes through the media engine is unreadable to it, and readable to those who take part."""

from __future__ import annotations

from typing import Any, Final

from klausur.compliance.grades import Grade
from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import scene, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text

ENOUGH: Final = 10
"""frames that say something"""
_KINDS: Final = ("audio", "video")


def see(held: Held, _target: Target) -> dict[str, Any]:
    """Of each way through the engine, of picture and of sound: frames that the sender's encoder made, that arrived,
    that arrived as they were made, and that were as they were made after the receiver had decrypted them."""
    return {"ways": [way["kinds"] for way in scene(held, "encryption")["ways"]]}


def judge(evidence: Evidence, _params: Params) -> Judged:
    lines = [(kind, way.get(kind)) for way in evidence["ways"] for kind in _KINDS]
    there = [(kind, line) for kind, line in lines if line]
    if any(line["in_clear"] for _, line in there):
        return failed(
            "Bild oder Ton liefen unverschlüsselt durch die Medienvermittlung",
            "Picture or sound passed the media engine in clear",
            [f"{kind}: {line['in_clear']}/{line['arrived']}" for kind, line in there if line["in_clear"]],
        )
    # Of each, each way: picture would otherwise answer for sound.
    if not lines or any(not line or min(line["arrived"], line["decrypted"]) < ENOUGH for _, line in lines):
        return saw_nothing("Es kam zu wenig an.", "Too little arrived.")
    arrived, opened = (sum(line[name] for _, line in there) for name in ("arrived", "decrypted"))
    return passed(
        f"Von {arrived} angekommenen Bild- und Tonstücken war keines lesbar, bevor der Empfänger sie entschlüsselte; "
        f"danach waren {opened} genau die gesendeten.",
        f"Of {arrived} pieces of picture and sound that arrived none was readable before the receiver decrypted them; "
        f"after that, {opened} were exactly those that had been sent.",
    )


PROBE: Final = watching(
    "e2ee.frames",
    see,
    judge,
    grade=Grade.EFFECT,
    version=2,
    proves=Text(
        de="Was die Medienvermittlung durchreicht, enthält nichts von dem, was der Browser der sendenden Person "
        "kodiert hat; erst im Browser der empfangenden wird es wieder dasselbe.",
        en="What the media engine passes on contains nothing of what the sender's browser had encoded; only in the "
        "receiver's browser it becomes the same again.",
    ),
    proves_not=Text(
        de="Dass das Verfahren gut ist und der Server nicht auf anderem Weg einen Schlüssel erhält (e2ee.wrong-key, "
        "e2ee.no-server-keys); und morgen ausgelieferte Seiten.",
        en="That the method is a good one, and that the server gets no key by another way (e2ee.wrong-key, "
        "e2ee.no-server-keys); nor pages that are handed out tomorrow.",
    ),
)
