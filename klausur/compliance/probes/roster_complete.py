"""Whoever receives picture or sound stands in the list that everybody sees."""

from __future__ import annotations

from typing import Any, Final

from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import scene, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_ENOUGH: Final = 3


def see(held: Held, _target: Target) -> dict[str, Any]:
    """Who received, by the browsers' counters; whom each of them was shown; and the host's list."""
    third = scene(held, "third")
    return {"receive": third["receive"], "shown": third["shown"], "listed": scene(held, "panels")["listed"]}


def judge(evidence: Evidence, _params: Params) -> Judged:
    receive = evidence["receive"]
    if len(receive) < _ENOUGH or len(evidence["shown"]) < _ENOUGH:
        return saw_nothing("Es empfingen nicht alle etwas.", "Not everybody received something.")
    lists = [*evidence["shown"].items(), ("Hanna, People", evidence["listed"])]
    faults = [
        f"{whose}: {name}" for whose, names in lists for name in receive if name not in {_plain(each) for each in names}
    ]
    if faults:
        return failed("Nicht in der Liste stand", "Missing in the list", faults)
    return passed(
        f"Alle {len(receive)}, die Bild und Ton empfingen, waren bei allen in der Liste.",
        f"All {len(receive)} who received picture and sound were in everybody's list.",
    )


def _plain(shown: str) -> str:
    return shown.removesuffix(" (you)")


PROBE: Final = watching(
    "roster.complete",
    see,
    judge,
    proves=Text(
        de="Wer nach den Zählern seines Browsers empfängt, auch ohne eigene Kamera und eigenes Mikrofon, steht bei "
        "allen Anwesenden in der Liste.",
        en="Whoever receives by the counters of their browser, also without camera and microphone of their own, stands "
        "in the list of everybody present.",
    ),
    proves_not=Text(
        de="Dass die Medienvermittlung niemandem sonst etwas zustellt: Gefragt werden die Browser derer, die da sind, "
        "nicht sie selbst. Das Recht, sich zu verbergen, sucht recording.impossible; gegen Anzapfen durch ihre "
        "Betreiber schützt die Verschlüsselung. Auch nicht, dass wer geht, aus der Liste verschwindet.",
        en="That the media engine delivers nothing to anybody else: the browsers of those who are there are asked, not "
        "the engine itself. The right to hide is what recording.impossible looks for; against being tapped by those "
        "who run it there is the encryption. Nor that who leaves goes from the list.",
    ),
)
