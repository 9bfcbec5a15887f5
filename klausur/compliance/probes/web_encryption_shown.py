"""Participants are told whether and how their meeting is encrypted."""

from __future__ import annotations

import re
from typing import Any, Final

from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import scene, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_WHETHER: Final = re.compile(r"\bencrypted\b", re.IGNORECASE)
_HOW: Final = re.compile(r"from device to device|end[- ]to[- ]end|on the way", re.IGNORECASE)
_NOT: Final = re.compile(r"\bnot (?:yet )?(?:end[- ]to[- ]end )?encrypted\b", re.IGNORECASE)
# "What is not encrypted is neither sent nor shown" neither says that something is nor that something is not.
_OF_WHAT_IS_NOT: Final = re.compile(r"^\W*what(?:ever)? is not\b", re.IGNORECASE)
_SENTENCE: Final = re.compile(r"[^.\n]*\bencrypt[^.\n]*", re.IGNORECASE)


def see(held: Held, _target: Target) -> dict[str, Any]:
    """What is said about encryption, before joining and behind the shield, to host and guest."""
    seen, text = scene(held, "encryption"), scene(held, "before")["text"]
    return {
        "page": len(text),
        "before": told(text),
        "shield": seen["shield"],
        "behind": [told(panel["text"]) if panel else [] for panel in seen["security"]],
    }


def told(text: str) -> list[str]:
    """The first sentences of ``text`` that speak of encryption."""
    return _SENTENCE.findall(text)[:5]


def judge(evidence: Evidence, _params: Params) -> Judged:
    if not evidence["page"]:
        return saw_nothing("Die Seite vor dem Beitritt war leer.", "The page before joining was empty.")
    faults = [] if _tells(evidence["before"]) else ["before joining"]
    for person, shown, behind in zip(("host", "guest"), evidence["shield"], evidence["behind"], strict=True):
        faults += [] if shown and _tells(behind) else [f"in the meeting ({person})"]
    if faults:
        return failed(
            "Ob und wie verschlüsselt wird, steht nicht da", "Whether and how it is encrypted is not told", faults
        )
    return passed(
        "Vor dem Beitritt und in der Besprechung steht, dass und wie verschlüsselt wird.",
        "Before joining and in the meeting it is told that it is encrypted, and how.",
    )


def _tells(sentences: list[str]) -> bool:
    """That it is, and by which kind; whoever says that it is not has told, and yet does not say so."""
    said = " ".join(each for each in sentences if not _OF_WHAT_IS_NOT.match(each))
    return not _NOT.search(said) and bool(_WHETHER.search(said) and _HOW.search(said))


PROBE: Final = watching(
    "web.encryption-shown",
    see,
    judge,
    proves=Text(
        de="Vor dem Beitritt und in der Besprechung ist zu lesen, dass und auf welche Art verschlüsselt wird; die "
        "Anzeige ist in der Besprechung für alle sichtbar.",
        en="Before joining and in the meeting one can read that it is encrypted, and by which kind of encryption; the "
        "sign is visible to everybody in the meeting.",
    ),
    proves_not=Text(
        de="Dass die Anzeige stimmt (e2ee.frames misst es) und dass sie erlischt, wenn die Verschlüsselung endet.",
        en="That what is shown is true (e2ee.frames measures it), and that it goes out when the encryption ends.",
    ),
)
