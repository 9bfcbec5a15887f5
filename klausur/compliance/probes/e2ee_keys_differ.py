"""Two meetings have no key in common."""

from __future__ import annotations

from typing import Any, Final

from klausur.compliance.grades import Grade
from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import scene, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text


def see(held: Held, _target: Target) -> dict[str, Any]:
    """How many keys the host's browser used in each of two meetings, and how many in both."""
    return dict(scene(held, "second_meeting"))


def judge(evidence: Evidence, _params: Params) -> Judged:
    first, second, shared = evidence["first"], evidence["second"], evidence["shared"]
    if not first or not second:
        return saw_nothing("Es waren keine Schlüssel zu sehen.", "No keys were to be seen.")
    if shared:
        return failed("Zwei Besprechungen hatten Schlüssel gemeinsam", "Two meetings had keys in common", [f"{shared}"])
    return passed(
        f"{first} und {second} Schlüssel zweier Besprechungen nacheinander, keiner gemeinsam.",
        f"{first} and {second} keys of two meetings one after the other, none in common.",
    )


PROBE: Final = watching(
    "e2ee.keys-differ",
    see,
    judge,
    grade=Grade.OBSERVED_INSIDE,
    proves=Text(
        de="Wer zwei Besprechungen nacheinander eröffnet, benutzt in der zweiten keinen Schlüssel der ersten, auch "
        "nicht den, aus dem die anderen abgeleitet werden.",
        en="Who opens two meetings one after the other uses no key of the first in the second, not even the one that "
        "the others are derived from.",
    ),
    proves_not=Text(
        de="Die Wiederholung einer geplanten Besprechung unter demselben Link: Deren Schlüssel werden aus demselben "
        "Geheimnis abgeleitet, für jede Eröffnung andere.",
        en="A planned meeting that is held again by the same link: its keys are derived from the same secret, others "
        "for each opening.",
    ),
)
