"""Devices authenticate each other in a way that people can check.

There is no pass of this version: where the pages offer a value to compare, it still has to be tried whether the value
differs under a lying server, and until a version does that, it says that it has not seen it.
"""

from __future__ import annotations

import re
from typing import Any, Final

from klausur.compliance.grades import Grade
from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import scene, watching
from klausur.compliance.probes.saying import failed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_CONFIRM: Final = "Codes match"
"""The button by which people say that they have compared."""
_VALUE: Final = re.compile(r"\b\d{3,6}(?:[ -]\d{3,6}){2,}\b")
"""Groups of digits, as they are read out."""


def see(held: Held, _target: Target) -> dict[str, Any]:
    """What the panel "Security" shows two people who are in the same meeting, and what they can do there."""
    panels = [panel or {"text": "", "offers": []} for panel in scene(held, "encryption")["security"]]
    return {
        "read": [len(panel["text"]) for panel in panels],
        "values": [_VALUE.findall(panel["text"]) for panel in panels],
        "offers": [panel["offers"] for panel in panels],
    }


def judge(evidence: Evidence, _params: Params) -> Judged:
    values = [set(each) for each in evidence["values"]]
    if not set.intersection(*values) or not all(_CONFIRM in offers for offers in evidence["offers"]):
        return failed(
            "Geräte weisen sich einander nicht überprüfbar aus",
            "Devices do not authenticate each other in a way that can be checked",
            ["values differ" if all(values) else "no value to compare"],
        )
    return saw_nothing(
        "Es gibt einen Wert zum Vergleichen; ob er bei einem lügenden Server abweicht, wurde nicht versucht.",
        "There is a value to compare; whether it differs under a lying server has not been tried.",
    )


PROBE: Final = watching(
    "e2ee.verified-devices",
    see,
    judge,
    grade=Grade.EFFECT,
    proves=Text(
        de="Ob die Anwesenden einen Wert vergleichen können, an dem sie die Geräte der anderen erkennen.",
        en="Whether those present can compare a value by which they recognise the others' devices.",
    ),
    proves_not=Text(
        de="Dass ein lügender Server bemerkt würde. Diese Fassung des Verfahrens kann den Nachweis nicht erbringen, "
        "nur den Mangel zeigen.",
        en="That a lying server would be noticed. This version of the probe cannot prove it, only show that it is "
        "missing.",
    ),
)
