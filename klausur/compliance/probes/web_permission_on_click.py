"""A page asks for camera and microphone when somebody clicks for them, and for no more than that."""

from __future__ import annotations

from typing import Any, Final

from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import moments, scene, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_NO_DEVICE_YET: Final = frozenset(
    {("Hanna", "before joining"), ("Hanna", "in the meeting"), ("Gustav", "before joining")}
)
"""They have clicked, but for no device."""
_NEVER: Final = "Otto"
"""He clicks for no device, all the time."""
_CALL: Final = "getUserMedia"


def see(held: Held, _target: Target) -> dict[str, Any]:
    """Of each call: by whom, after how many clicks and keys of theirs, and what for."""
    scene(held, "after")
    pages = [
        (name, then, [each for each in page["asked"] if each["name"] == _CALL], page)
        for name, then, page in moments(held)
    ]
    asked = [
        {"person": name, "moment": then, "clicks": each["clicks"], "audio": each["audio"], "video": each["video"]}
        for name, then, calls, _page in pages
        for each in calls
    ]
    return {
        "moments": len(pages),
        "asked": asked,
        "idle": [then for name, then, _calls, _page in pages if name == _NEVER],
    }


def judge(evidence: Evidence, _params: Params) -> Judged:
    asked = evidence["asked"]
    clicked = [each for each in asked if each["clicks"] and each["person"] != _NEVER]
    if not clicked or not evidence["idle"]:
        return saw_nothing("Auch nach einem Klick wurde nichts erbeten.", "Nothing was asked for after a click either.")
    faults = {f"{each['person']}, {each['moment']}" for each in asked if not each["clicks"] or each["person"] == _NEVER}
    faults |= {
        f"{each['person']}, {each['moment']}" for each in asked if (each["person"], each["moment"]) in _NO_DEVICE_YET
    }
    faults |= {f"{each['person']}: audio + video" for each in asked if each["audio"] and each["video"]}
    if faults:
        return failed("Geräte wurden ungefragt geöffnet", "Devices were opened unasked", sorted(faults))
    return passed(
        "Kamera und Mikrofon wurden nur nach einem Klick erbeten, und nur das angeklickte Gerät.",
        "Camera and microphone were asked for after a click only, and only the device that was clicked for.",
    )


PROBE: Final = watching(
    "web.permission-on-click",
    see,
    judge,
    proves=Text(
        de="Die Seiten öffnen weder Kamera noch Mikrofon, bevor jemand dafür klickt, und nie das andere Gerät mit; wer "
        "nicht klickt, wird in der ganzen Besprechung nicht gefragt.",
        en="The pages open neither camera nor microphone before somebody clicks for it, and never the other device "
        "along with it; who does not click is not asked throughout the meeting.",
    ),
    proves_not=Text(
        de="Dass der Browser eine früher erteilte Erlaubnis nicht behält.",
        en="That the browser does not keep a permission that was given earlier.",
    ),
)
