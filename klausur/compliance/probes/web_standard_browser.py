"""An ordinary Chromium joins and takes part, without anything being installed."""

from __future__ import annotations

from typing import Any, Final

from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import scene, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text


def see(held: Held, _target: Target) -> dict[str, Any]:
    """Others met in the same meeting, and still did afterwards where somebody does not get in: who is kept out is kept
    out by their browser."""
    scene(held, "encryption")
    its = held["scenes"]["standard"]
    if "failed" in its:
        scene(held, "removal")
    return {
        "joined": bool(its.get("joined")),
        "refused": its.get("refused", []),
        "opened": its.get("opened", []),
        "version": its.get("version", ""),
    }


def judge(evidence: Evidence, _params: Params) -> Judged:
    faults = [f"“{heading}”" for heading in evidence["refused"]]
    faults += [f"it was handed a {kind}" for kind in evidence["opened"]]
    if faults:
        return failed("Ein gewöhnlicher Browser genügte nicht", "An ordinary browser was not enough", faults)
    if not evidence["joined"]:
        return saw_nothing(
            "Der Browser kam nicht rechtzeitig in die Besprechung und wurde nicht abgewiesen.",
            "The browser did not get into the meeting in time, nor was it refused.",
        )
    return passed(
        f"Chromium {evidence['version']} nahm ohne weitere Programme teil und empfing Bilder.",
        f"Chromium {evidence['version']} took part without further programs, and received pictures.",
    )


PROBE: Final = watching(
    "web.standard-browser",
    see,
    judge,
    proves=Text(
        de="Ein Chromium, wie ihn das System mitbringt, tritt bei, wird eingelassen und empfängt Bilder; nichts wird "
        "heruntergeladen oder in einem Fenster angeboten.",
        en="A Chromium as the system brings it joins, is let in and receives pictures; nothing is downloaded or "
        "offered in a window.",
    ),
    proves_not=Text(de="Firefox, Safari und Telefone.", en="Firefox, Safari and telephones."),
)
