"""The pages and the meeting can be used by keyboard, and show no barrier that automatic rules can find."""

from __future__ import annotations

from typing import Any, Final

from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import scene, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_MOMENTS: Final = ("before joining", "waiting", "in the meeting", "after")
_BY_KEYBOARD: Final = {
    "before joining": ("Your name", "Camera", "Microphone", "Join"),
    "in the meeting": ("Microphone", "Camera", "Share screen", "Raise hand", "People", "Leave"),
}
_ENOUGH: Final = 5
"""rules that a page keeps, so that it was looked at"""


def see(held: Held, _target: Target) -> dict[str, Any]:
    """By page: the rules kept and broken; and what the Tab key leads to."""
    reached = {"before joining": scene(held, "before"), "in the meeting": scene(held, "panels")}
    scene(held, "after")
    return {
        "pages": held["barriers"],
        "keyboard": {then: sorted(set(seen["keyboard"])) for then, seen in reached.items()},
        "heard": len(reached["in the meeting"]["heard"]),
    }


def judge(evidence: Evidence, _params: Params) -> Judged:
    pages = evidence["pages"]
    if any(pages.get(name, {}).get("kept", 0) < _ENOUGH for name in _MOMENTS):
        return saw_nothing("Nicht alle Seiten wurden untersucht.", "Not all pages were examined.")
    faults = [f"{name}: {each['rule']} ({each['times']})" for name, page in pages.items() for each in page["broken"]]
    for name, wanted in _BY_KEYBOARD.items():
        faults += [f"{name}: {each} by keyboard" for each in wanted if each not in evidence["keyboard"][name]]
    faults += [] if evidence["heard"] else ["nothing announced"]
    if faults:
        return failed("Barrieren", "Barriers", faults)
    return passed(
        f"Auf {len(pages)} Seiten fand axe nichts, und die Bedienelemente sind per Tastatur erreichbar.",
        f"On {len(pages)} pages axe found nothing, and the controls can be reached by keyboard.",
    )


PROBE: Final = watching(
    "web.accessibility",
    see,
    judge,
    proves=Text(
        de="Auf den Seiten vor, in und nach einer Besprechung findet axe-core nach den Regeln der WCAG 2.2 (A und AA) "
        "nichts; die wichtigsten Bedienelemente erreicht die Tabulatortaste, und Änderungen werden angesagt.",
        en="On the pages before, in and after a meeting axe-core finds nothing by the rules of WCAG 2.2 (A and AA); "
        "the Tab key reaches the most important controls, and changes are announced.",
    ),
    proves_not=Text(
        de="Was automatische Regeln nicht sehen: Das ist der größere Teil und braucht Menschen mit Hilfsmitteln.",
        en="What automatic rules do not see: that is the larger part, and takes people with assistive technology.",
    ),
)
