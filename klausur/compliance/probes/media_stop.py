"""Who switches camera and microphone off sends nothing of either any more."""

from __future__ import annotations

from typing import Any, Final

from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import scene, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text

GROWS: Final = {"video frames": "camera", "energy recorded": "microphone"}
"""What grows while a device is on."""


def see(held: Held, _target: Target) -> dict[str, Any]:
    """By device: how many pictures were encoded and how much sound was recorded in the same time, on and off."""
    seen = scene(held, "stopping")
    return {"on": grown(seen["on"]), "off": grown(seen["off"]), "live": _live(seen["tracks"])}


def grown(pair: list[dict[str, int]]) -> dict[str, int]:
    first, second = pair
    return {device: second.get(name, 0) - first.get(name, 0) for name, device in GROWS.items()}


def _live(tracks: list[dict[str, Any]]) -> list[str]:
    """Devices that are open and not silenced."""
    return sorted({track["kind"] for track in tracks if track["live"] and track["enabled"]})


def judge(evidence: Evidence, _params: Params) -> Judged:
    on, off = evidence["on"], evidence["off"]
    if not all(on.get(device, 0) > 0 for device in GROWS.values()):
        return saw_nothing("Auch eingeschaltet war nichts zu messen.", "Nothing could be measured while they were on.")
    faults = [f"{device}: {off[device]}" for device in GROWS.values() if off[device] > 0]
    faults += [f"{kind}: open" for kind in evidence["live"]]
    if faults:
        return failed("Ausgeschaltet, aber weiter gesendet", "Switched off, but sent on", faults)
    return passed(
        "Nach dem Ausschalten wurde kein Bild mehr kodiert und kein Ton mehr aufgenommen.",
        "After switching off, no picture was encoded and no sound recorded any more.",
    )


PROBE: Final = watching(
    "media.stop",
    see,
    judge,
    proves=Text(
        de="Nach dem Ausschalten von Kamera und Mikrofon entsteht im Browser kein Bild und kein Ton mehr, der gesendet "
        "werden könnte.",
        en="After camera and microphone have been switched off, no picture and no sound come about in the browser that "
        "could be sent.",
    ),
    proves_not=Text(
        de="Dass gar nichts mehr fließt: Stille und Füllpakete ohne Inhalt gehen weiter, daran ist zu sehen, dass "
        "jemand da ist.",
        en="That nothing flows at all: silence and padding without content go on, which shows that somebody is there.",
    ),
)
