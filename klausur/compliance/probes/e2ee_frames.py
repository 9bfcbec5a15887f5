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


def see(held: Held, _target: Target) -> dict[str, Any]:
    """Of each way through the engine: frames that the sender's encoder made, that arrived, that arrived as they were
    made, and that were as they were made after the receiver had decrypted them."""
    names = ("sent", "arrived", "in_clear", "decrypted")
    return {"ways": [{name: way[name] for name in names} for way in scene(held, "encryption")["ways"]]}


def judge(evidence: Evidence, _params: Params) -> Judged:
    ways = evidence["ways"]
    clear = sum(way["in_clear"] for way in ways)
    arrived = sum(way["arrived"] for way in ways)
    if clear:
        return failed(
            "Bild oder Ton liefen unverschlüsselt durch die Medienvermittlung",
            "Picture or sound passed the media engine in clear",
            [f"{clear}/{arrived}"],
        )
    if not ways or any(way["arrived"] < ENOUGH or way["decrypted"] < ENOUGH for way in ways):
        return saw_nothing("Es kam zu wenig an.", "Too little arrived.")
    opened = sum(way["decrypted"] for way in ways)
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
