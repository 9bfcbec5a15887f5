"""Nobody can switch on another person's microphone or camera, and a device that is told to does not obey."""

from __future__ import annotations

import re
from typing import Any, Final

from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import scene, watching
from klausur.compliance.probes.media_stop import grown
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_FORCES: Final = re.compile(r"^(unmute|start|turn on|switch on|enable|allow)\b", re.IGNORECASE)
_MUTES: Final = re.compile(r"^(mute|stop)\b", re.IGNORECASE)
_DEVICES: Final = ("Camera", "Microphone")


def see(held: Held, _target: Target) -> dict[str, Any]:
    """A host's buttons over others, and what came of the engine's command to give sound and picture again."""
    seen = scene(held, "forcing")
    return {
        "powers": scene(held, "panels")["powers"],
        "tracks": seen["tracks"],
        "obeyed_off": seen["obeyed_off"],
        "after": grown(seen["after"]),
        "states": {name: seen["states"].get(name) for name in _DEVICES},
    }


def judge(evidence: Evidence, _params: Params) -> Judged:
    powers = evidence["powers"]
    if not evidence["after"] or not evidence["states"]:
        return saw_nothing("Es gab keine Bedienelemente.", "There were no controls.")
    if not evidence["tracks"] or not evidence["obeyed_off"] or not any(map(_MUTES.match, powers)):
        return saw_nothing(
            "Auch der Befehl zum Ausschalten kam nicht an.", "The command to switch off did not arrive either."
        )
    faults = [f"button: {name}" for name in powers if _FORCES.match(name)]
    faults += [f"{device}: {amount}" for device, amount in evidence["after"].items() if amount > 0]
    faults += [f"{name}: shown as on" for name, state in evidence["states"].items() if state != "false"]
    if faults:
        return failed("Geräte ließen sich von anderen einschalten", "Others could switch devices on", faults)
    return passed(
        "Befehle zum Ausschalten wurden befolgt, Befehle zum Einschalten nicht; ein Bedienelement dafür gibt es nicht.",
        "Commands to switch off were obeyed, commands to switch on were not; and there is no control for them.",
    )


PROBE: Final = watching(
    "authz.no-force-on",
    see,
    judge,
    proves=Text(
        de="Wer hostet, hat kein Bedienelement, das Geräte anderer einschaltet; und wenn die Medienvermittlung selbst "
        "befiehlt, wieder zu senden, bleibt das Gerät aus, während es den Befehl zum Ausschalten befolgt.",
        en="Who hosts has no control that switches on others' devices; and when the media engine itself orders to send "
        "again, the device stays off, while it obeys the order to switch off.",
    ),
    proves_not=Text(
        de="Andere Wege als Bedienelemente und die Befehle der Medienvermittlung; die Bildschirmfreigabe verlangt im "
        "Browser immer eine Auswahl.",
        en="Other ways than controls and the media engine's commands; sharing a screen always takes a choice in the "
        "browser.",
    ),
)
