"""People see their own picture before a meeting, and nothing of it is transmitted."""

from __future__ import annotations

from typing import Any, Final

from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import moment, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_SOME_BYTES: Final = 2000
"""Less than any picture has."""


def see(held: Held, _target: Target) -> dict[str, Any]:
    """Connections, and bytes that left in requests and over sockets, until the preview stood and while it did."""
    before, preview = moment(held, "Gustav", "before joining"), moment(held, "Gustav", "preview")
    inside = moment(held, "Gustav", "in the meeting")
    return {
        "own_picture": preview["own_picture"],
        "connections": preview["connections"],
        "posted": preview["posted"] - before["posted"],
        "connections_inside": inside["connections"],
        "posted_inside": inside["posted"] - preview["posted"],
    }


def judge(evidence: Evidence, _params: Params) -> Judged:
    if not evidence["connections_inside"]:
        return saw_nothing("Auch in der Besprechung gab es keine Verbindung.", "There was no connection inside either.")
    faults = [] if evidence["own_picture"] else ["no picture of one's own"]
    faults += [f"{evidence['connections']} media connections"] if evidence["connections"] else []
    faults += [f"{evidence['posted']} B sent"] if evidence["posted"] > _SOME_BYTES else []
    if faults:
        return failed(
            "Die Vorschau fehlt oder verlässt das Gerät", "The preview is missing, or leaves the device", faults
        )
    if evidence["posted_inside"] <= 0:
        return saw_nothing("Auch beim Beitreten ging nichts hinaus.", "Nothing went out on joining either.")
    return passed(
        "Das eigene Bild war zu sehen, und nichts davon verließ den Browser.",
        "One's own picture was to be seen, and nothing of it left the browser.",
    )


PROBE: Final = watching(
    "web.preview-local",
    see,
    judge,
    proves=Text(
        de="Vor dem Beitritt ist das eigene Bild zu sehen; währenddessen gibt es keine Medienverbindung, und es wird "
        "nichts gesendet, was ein Bild sein könnte.",
        en="Before joining, one's own picture is shown; meanwhile there is no media connection, and nothing is sent "
        "that could be a picture.",
    ),
    proves_not=Text(
        de="Dass der Hintergrund gut zu erkennen ist; was in einer Adresse stünde, die aufgerufen wird.",
        en="That one's background can be recognised well in it; what would stand in an address that is called.",
    ),
    version=2,
)
