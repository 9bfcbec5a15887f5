"""A screen is shared after a click and a choice only."""

from __future__ import annotations

from typing import Any, Final

from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import scene, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_NARROWING: Final = ("displaySurface", "monitorTypeSurfaces", "preferCurrentTab", "surfaceSwitching")
"""By which a page takes part of the choice away."""


def see(held: Held, _target: Target) -> dict[str, Any]:
    """Each time that a page asked the browser to let a screen be chosen."""
    seen = scene(held, "sharing")
    asked = [{"clicks": each["clicks"], "wanted": each["source"]} for each in seen["asked"]]
    return {"before_click": seen["unasked"], "asked": asked, "states": seen["states"]}


def judge(evidence: Evidence, _params: Params) -> Judged:
    if not evidence["asked"]:
        return saw_nothing("Auch nach dem Klick wurde nichts geteilt.", "Nothing was shared after the click either.")
    faults = [f"unasked: {evidence['before_click']}"] if evidence["before_click"] else []
    faults += ["without a click" for each in evidence["asked"] if not each["clicks"]]
    faults += [name for each in evidence["asked"] for name in _NARROWING if name in each["wanted"]]
    faults += [] if evidence["states"] == ["true", "false"] else ["not shown while it went on"]
    if faults:
        return failed("Teilen ohne freie Wahl", "Sharing without a free choice", faults)
    return passed(
        "Erst nach dem Klick fragte die Seite, was geteilt werden soll, und schränkte die Auswahl nicht ein.",
        "Only after the click the page asked what was to be shared, and did not narrow the choice.",
    )


PROBE: Final = watching(
    "web.share-by-choice",
    see,
    judge,
    proves=Text(
        de="Die Seite lässt den Browser erst nach einem Klick fragen, was geteilt werden soll, und überlässt ihm die "
        "ganze Auswahl: Bildschirm, Fenster oder Tab.",
        en="The page lets the browser ask what is to be shared after a click only, and leaves the whole choice to it: "
        "screen, window or tab.",
    ),
    proves_not=Text(
        de="Wie der Browser die Auswahl zeigt; die Probe wählt für sich selbst.",
        en="How the browser presents the choice; the probe chooses for itself.",
    ),
)
