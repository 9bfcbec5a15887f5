"""While somebody is muted, no sound of the room leaves their device."""

from __future__ import annotations

from typing import Any, Final

from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import scene, watching
from klausur.compliance.probes.media_stop import grown
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_DEVICE: Final = "microphone"


def see(held: Held, _target: Target) -> dict[str, Any]:
    """Energy of what goes to the encoder, in the same time with the microphone on and off."""
    seen = scene(held, "stopping")
    sounds = [track for track in seen["tracks"] if track["kind"] == "audio"]
    return {
        "on": grown(seen["on"])[_DEVICE],
        "off": grown(seen["off"])[_DEVICE],
        "silenced": all(not track["enabled"] or not track["live"] for track in sounds),
    }


def judge(evidence: Evidence, _params: Params) -> Judged:
    if evidence["on"] <= 0:
        return saw_nothing("Auch das eingeschaltete Mikrofon war still.", "The microphone was silent while it was on.")
    if evidence["off"] > 0 or not evidence["silenced"]:
        return failed(
            "Das stumme Mikrofon gab weiter Ton ab", "The muted microphone gave sound on", [str(evidence["off"])]
        )
    return passed(
        "Das stumm geschaltete Mikrofon gab nichts mehr ab; der Ton endet am Gerät.",
        "The muted microphone gave nothing any more; the sound ends at the device.",
    )


PROBE: Final = watching(
    "media.mute-at-source",
    see,
    judge,
    proves=Text(
        de="Beim Stummschalten endet der Ton im Browser der Person selbst, bevor er kodiert wird.",
        en="Muting ends the sound in the person's own browser, before it is encoded.",
    ),
    proves_not=Text(
        de="Dass das Mikrofon dabei ausgeschaltet wird: Es bleibt offen, damit das erste Wort nicht fehlt.",
        en="That the microphone is switched off by it: it stays open, so that the first word is not cut off.",
    ),
)
