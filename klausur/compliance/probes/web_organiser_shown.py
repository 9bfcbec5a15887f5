"""The page in front of a meeting names the responsible body, and leads to the notice."""

from __future__ import annotations

from typing import Any, Final

from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import scene, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import CannotLook, Target
from klausur.compliance.words import Text

_NOTICE: Final = "/privacy"
_UNNAMED: Final = Text(
    de="In den Einstellungen steht kein Betreiber, nach dem zu suchen wäre.",
    en="The settings name no operator who could be looked for.",
)


def see(held: Held, target: Target) -> dict[str, Any]:
    name = str(target.settings.get("operator_name") or "")
    if not name:
        raise CannotLook(_UNNAMED)
    before = scene(held, "before")
    return {
        "page": len(before["text"]),
        "named": name in before["text"],
        "ways": sorted({way["path"] for way in before["ways"]}),
        "named_in_notice": name in before["notice"],
    }


def judge(evidence: Evidence, _params: Params) -> Judged:
    if not evidence["page"]:
        return saw_nothing("Die Seite vor dem Beitritt war leer.", "The page before joining was empty.")
    faults = [] if evidence["named"] else ["name of the responsible body"]
    faults += [] if _NOTICE in evidence["ways"] else ["way to the notice"]
    faults += [] if evidence["named_in_notice"] else ["responsible body in the notice"]
    if faults:
        return failed("Vor dem Beitritt fehlt", "Before joining there is no", faults)
    return passed(
        "Vor dem Beitritt steht der Name der verantwortlichen Stelle da, mit dem Weg zu den Datenschutzhinweisen.",
        "Before joining, the responsible body is named, with the way to the notice.",
    )


PROBE: Final = watching(
    "web.organiser-shown",
    see,
    judge,
    proves=Text(
        de="Wer dem Link folgt, liest vor jeder Eingabe, wer verantwortlich ist, und kommt von dort zu den "
        "Datenschutzhinweisen, die dieselbe Stelle nennen.",
        en="Who follows the link reads who is responsible before entering anything, and gets from there to the notice, "
        "which names the same body.",
    ),
    proves_not=Text(de="Dass die genannte Stelle die richtige ist.", en="That the body named is the right one."),
    depends_on=("operator_name",),
)
