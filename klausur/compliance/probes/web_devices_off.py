"""Whoever comes into a meeting is neither seen nor heard before they switch something on."""

from __future__ import annotations

from typing import Any, Final

from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import moment, scene, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_WAYS: Final = (
    ("Hanna", "before joining"),
    ("Hanna", "in the meeting"),
    ("Gustav", "before joining"),
    ("Otto", "in the meeting"),
    ("Otto", "again in the meeting"),
)
"""As a host, by the link, through the door by a link that asks for devices, and back once more."""
_DEVICES: Final = ("Camera", "Microphone")


def see(held: Held, _target: Target) -> dict[str, Any]:
    scene(held, "third")
    scene(held, "after")
    ways = []
    for person, then in _WAYS:
        page = moment(held, person, then)
        states = {name: page["states"].get(name) for name in _DEVICES}
        ways.append({"way": f"{person}, {then}", "states": states, "asked": len(page["asked"])})
    sent = moment(held, "Otto", "in the meeting")["flow"]
    on, sends = moment(held, "Gustav", "preview"), scene(held, "stopping")["on"][0]
    return {
        "ways": ways,
        "sent": {kind: sent.get(f"{kind} sent", 0) for kind in ("audio", "video")},
        "received": sent.get("video received", 0),
        "control": {
            "states": {name: on["states"].get(name) for name in _DEVICES},
            "asked": len(on["asked"]),
            "sent": {kind: sends.get(f"{kind} sent", 0) for kind in ("audio", "video")},
        },
    }


def judge(evidence: Evidence, _params: Params) -> Judged:
    control = evidence["control"]
    if control["asked"] < len(_DEVICES) or set(control["states"].values()) != {"true"} or not evidence["received"]:
        return saw_nothing(
            "Auch eingeschaltete Geräte waren nicht zu sehen.", "Not even devices that were on could be seen."
        )
    faults = [way["way"] for way in evidence["ways"] if way["asked"] or set(way["states"].values()) != {"false"}]
    faults += [f"{kind}: {size} B" for kind, size in evidence["sent"].items() if size]
    if faults:
        return failed("Geräte waren ohne Klick eingeschaltet", "Devices were on without a click", faults)
    if not evidence["ways"] or not all(control["sent"].get(kind) for kind in ("audio", "video")):
        return saw_nothing("Niemand kam herein und sendete.", "Nobody came in and sent.")
    return passed(
        f"Auf {len(evidence['ways'])} Wegen hinein waren Kamera und Mikrofon aus, und nichts wurde gesendet.",
        f"On {len(evidence['ways'])} ways into the meeting camera and microphone were off, and nothing was sent.",
    )


PROBE: Final = watching(
    "web.devices-off",
    see,
    judge,
    proves=Text(
        de="Wer eine Besprechung eröffnet, dem Link folgt, eingelassen wird oder zurückkommt, hat Kamera und Mikrofon "
        "aus und sendet nichts, auch wenn der Link etwas anderes wünscht; wer so dabei ist, sieht die anderen.",
        en="Who opens a meeting, follows the link, is let in or comes back has camera and microphone off and sends "
        "nothing, also where the link wishes otherwise; and sees the others all the same.",
    ),
    version=2,
    proves_not=Text(
        de="Das Neuladen: Wer mit eingeschalteten Geräten neu lädt, ist auch danach zu sehen und zu hören.",
        en="Reloading: who reloads with devices switched on is seen and heard after it, too.",
    ),
)
