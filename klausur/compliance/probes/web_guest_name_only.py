"""A guest gives a name of their choice, and nothing else."""

from __future__ import annotations

from typing import Any, Final

from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import moment, scene, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import CannotLook, Target
from klausur.compliance.words import Text

_CHOICE: Final = "select-one"
_DEVICES: Final = ("Camera device", "Microphone device", "Speaker device")
"""What may be chosen, which is no statement about anybody."""
_NO_GUESTS: Final = Text(
    de="Nach den Einstellungen nehmen hier nur Menschen mit Konto teil.",
    en="By the settings, only people with an account take part here.",
)


def see(held: Held, target: Target) -> dict[str, Any]:
    if target.settings.get("guests") == "accounts":
        raise CannotLook(_NO_GUESTS)
    came = moment(held, "Gustav", "in the meeting")
    fields = [{"name": each["name"][:40], "kind": each["kind"]} for each in scene(held, "before")["fields"]]
    shown = [name for name in scene(held, "third")["shown"]["Otto"] if name.startswith("Gustav")]
    return {"fields": fields, "cookies": came["cookies"], "shown": shown}


def judge(evidence: Evidence, _params: Params) -> Judged:
    asked = [each for each in evidence["fields"] if not _is_device(each)]
    if not asked or not evidence["shown"]:
        return saw_nothing("Es gab kein Feld für einen Namen.", "There was no field for a name.")
    faults = [f"{each['name']} ({each['kind']})" for each in asked if each["name"] != "Your name"]
    faults += [f"cookie {name}" for name in evidence["cookies"]]
    if faults:
        return failed("Ein Gast sollte mehr angeben", "A guest was to give more", faults)
    return passed(
        "Ein Gast kam mit einem frei gewählten Namen hinein und gab sonst nichts an.",
        "A guest came in with a name of his choice, and gave nothing else.",
    )


def _is_device(field: dict[str, Any]) -> bool:
    return bool(field["kind"] == _CHOICE and field["name"].startswith(_DEVICES))


PROBE: Final = watching(
    "web.guest-name-only",
    see,
    judge,
    proves=Text(
        de="Wer ohne Konto kommt, wird nach nichts als einem Namen gefragt, und ein ausgedachter genügt; kein Cookie "
        "erkennt die Person wieder.",
        en="Who comes without an account is asked for nothing but a name, and an invented one will do; no cookie "
        "recognises the person.",
    ),
    proves_not=Text(
        de="Was die Gastgeberin verlangt, bevor sie jemanden einlässt.",
        en="What a host wants to know before admitting.",
    ),
)
