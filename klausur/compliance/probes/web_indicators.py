"""What is on is shown, truly, and changes are announced."""

from __future__ import annotations

from typing import Any, Final

from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import scene, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_DEVICES: Final = {"Camera": "video", "Microphone": "audio"}
_ANNOUNCED: Final = ("Gustav is waiting", "Gustav has joined", "Gustav is sharing")


def see(held: Held, _target: Target) -> dict[str, Any]:
    """What the controls said while devices were on and off, what then really was open, and what was announced."""
    stopping, sharing = scene(held, "stopping"), scene(held, "sharing")
    on, off = ({name: states.get(name) for name in _DEVICES} for states in stopping["states"])
    heard = " | ".join(scene(held, "panels")["heard"])
    tracks = stopping["tracks"]
    return {
        "on": on,
        "off": off,
        "open_when_off": sorted({each["kind"] for each in tracks if each["live"] and each["enabled"]}),
        "sharing": sharing["states"],
        "knock": scene(held, "meeting")["knock_shown"],
        "announced": [words for words in _ANNOUNCED if words in heard],
    }


def judge(evidence: Evidence, _params: Params) -> Judged:
    if not evidence["on"] or None in evidence["on"].values():
        return saw_nothing("Es gab keine Bedienelemente.", "There were no controls.")
    faults = [f"{name}: not shown as on" for name, state in evidence["on"].items() if state != "true"]
    for name, kind in _DEVICES.items():
        if evidence["off"][name] != "false" or kind in evidence["open_when_off"]:
            faults.append(f"{name}: off, and yet open")
    faults += [] if evidence["sharing"] == ["true", "false"] else ["Share screen"]
    faults += [] if evidence["knock"] else ["who knocks"]
    faults += [f"not announced: {words}" for words in _ANNOUNCED if words not in evidence["announced"]]
    if faults:
        return failed("Nicht oder falsch angezeigt", "Not shown, or wrongly", faults)
    return passed(
        "Kamera, Mikrofon, geteilter Bildschirm und Anklopfen wurden richtig angezeigt und Änderungen angesagt.",
        "Camera, microphone, shared screen and knocks were shown truly, and changes announced.",
    )


PROBE: Final = watching(
    "web.indicators",
    see,
    judge,
    proves=Text(
        de="Die Bedienelemente zeigen, ob Kamera, Mikrofon und Bildschirmfreigabe an sind, und was als aus gilt, gibt "
        "nichts ab; wer anklopft, kommt oder teilt, wird angezeigt und für Bildschirmleser angesagt.",
        en="The controls show whether camera, microphone and screen share are on, and what counts as off gives "
        "nothing; who knocks, comes or shares is shown, and announced to screen readers.",
    ),
    proves_not=Text(
        de="Wie auffällig die Anzeigen sind, und wie sie auf Telefonen aussehen.",
        en="How conspicuous the signs are, and what they look like on telephones.",
    ),
)
