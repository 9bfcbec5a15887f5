"""Whoever was removed can decrypt nothing that is sent afterwards, even if it still reaches them."""

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
    """How much of what still arrives at somebody else opens under the keys that the removed one had."""
    return dict(scene(held, "removal"))


def judge(evidence: Evidence, _params: Params) -> Judged:
    before, after = evidence["before"], evidence["after"]
    readable = after["readable"] + after["in_clear"]
    if readable:
        return failed(
            "Nach dem Entfernen Gesendetes war mit den Schlüsseln der entfernten Person lesbar",
            "What was sent after the removal was readable with the keys of the person removed",
            [f"{readable}"],
        )
    if not before["readable"] or not after["frames"] or not evidence["others_still_see"]:
        return saw_nothing(
            "Auch vor dem Entfernen war mit diesen Schlüsseln nichts zu lesen.",
            "Before the removal, too, nothing was readable with these keys.",
        )
    return passed(
        f"Von {after['frames']} danach gesendeten Stücken war mit den Schlüsseln der entfernten Person keines lesbar.",
        f"Of {after['frames']} pieces sent afterwards none was readable with the keys of the person removed.",
    )


PROBE: Final = watching(
    "e2ee.removed-blind",
    see,
    judge,
    grade=Grade.EFFECT,
    proves=Text(
        de="Was nach dem Entfernen gesendet wird, öffnet sich nicht mit den Schlüsseln, die der Browser der entfernten "
        "Person bis dahin benutzt hat.",
        en="What is sent after a removal does not open under the keys that the browser of the person removed had used "
        "until then.",
    ),
    proves_not=Text(
        de="Dass sich neue Schlüssel nicht aus dem herleiten lassen, was die entfernte Person sonst noch weiß.",
        en="That new keys cannot be derived from what else the person removed knows.",
    ),
)
