"""What passes through the media engine opens under the right key, and under no other."""

from __future__ import annotations

from typing import Any, Final

from klausur.compliance.grades import Grade
from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import scene, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text


def see(held: Held, _target: Target) -> dict[str, Any]:
    """Of each way: encrypted frames kept as they arrived, and how many opened under what."""
    names = ("kept", "opened_by_right_keys", "opened_by_wrong_keys", "in_clear")
    return {"ways": [{name: way[name] for name in names} for way in scene(held, "encryption")["ways"]]}


def judge(evidence: Evidence, _params: Params) -> Judged:
    ways = evidence["ways"]
    readable = sum(way["opened_by_wrong_keys"] + way["in_clear"] for way in ways)
    if readable:
        return failed("Ohne den richtigen Schlüssel war lesbar", "Readable without the right key", [f"{readable}"])
    if not ways or not all(way["opened_by_right_keys"] for way in ways):
        return saw_nothing("Auch der richtige Schlüssel öffnete nichts.", "The right key opened nothing either.")
    opened = sum(way["opened_by_right_keys"] for way in ways)
    return passed(
        f"{opened} verschlüsselte Stücke öffneten sich mit dem Schlüssel der Teilnehmenden, keines mit einem anderen.",
        f"{opened} encrypted pieces opened under the participants' key, none under another.",
    )


PROBE: Final = watching(
    "e2ee.wrong-key",
    see,
    judge,
    grade=Grade.EFFECT,
    proves=Text(
        de="Was durch die Medienvermittlung läuft, öffnet sich mit den Schlüsseln, die nur Browser der Teilnehmenden "
        "haben, und mit anderen nicht.",
        en="What passes the media engine opens under keys that only browsers of participants have, and under others it "
        "does not.",
    ),
    proves_not=Text(
        de="Dass niemand sonst an die richtigen Schlüssel kommt: Wer den ganzen Link hat, hat sie.",
        en="That nobody else gets the right keys: who has the whole link has them.",
    ),
)
