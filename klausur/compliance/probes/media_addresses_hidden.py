"""Nobody learns from the installation where the others can be reached."""

from __future__ import annotations

import socket
from typing import Any, Final
from urllib.parse import urlsplit

from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import scene, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import CannotLook, Target
from klausur.compliance.words import Text

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
_EMBEDDED: Final = ["embedded"]
_ELSEWHERE: Final = Text(
    de="Die Medienvermittlung läuft woanders (ENGINE); unter welchen Adressen Browser sie erreichen, steht in deren "
    "eigener Einrichtung und ist von hier nicht zu erfahren.",
    en="The media engine runs elsewhere (ENGINE); at which addresses browsers reach it stands in its own settings, and "
    "cannot be learned from here.",
)


def see(held: Held, target: Target) -> dict[str, Any]:
    """``told``: places that each was given to send to; ``own``: places at which they could be reached themselves."""
    return {"people": scene(held, "encryption")["addresses"], "engine": sorted(_engine(target))}


def _engine(target: Target) -> set[str]:
    """Addresses of the installation's own media engine. Raises CannotLook."""
    if target.several("engine") not in ([], _EMBEDDED):
        raise CannotLook(_ELSEWHERE)
    names = target.several("media_address") or [urlsplit(target.url).hostname or ""]
    found: set[str] = set()
    for name in names:
        try:
            found |= {str(each[4][0]) for each in socket.getaddrinfo(name, None)}
        except OSError:
            continue
    return found


def judge(evidence: Evidence, _params: Params) -> Judged:
    people, engine = evidence["people"], set(evidence["engine"])
    if len(people) < 2 or not all(each["told"] and each["own"] for each in people):
        return saw_nothing("Es waren keine Adressen zu sehen.", "No addresses were to be seen.")
    others = [{place for other in people if other is not each for place in other["own"]} for each in people]
    told = [set(each["told"]) for each in people]
    faults = {place for places, own in zip(told, others, strict=True) for place in places & own}
    allowed = engine | (_LOOPBACK if engine & _LOOPBACK else frozenset())
    faults |= {place for places in told for place in places if place.split(" ")[0] not in allowed}
    if faults:
        return failed(
            "Genannt wurde, was nicht die Medienvermittlung ist", "Told of others than the engine", sorted(faults)
        )
    count = len(set.union(*told))
    return passed(
        f"{len(people)} Browser erfuhren {count} Adresse(n), alle von der Medienvermittlung.",
        f"{len(people)} browsers were told {count} address(es), all of the media engine.",
    )


PROBE: Final = watching(
    "media.addresses-hidden",
    see,
    judge,
    proves=Text(
        de="Browser erfahren für Bild und Ton nur Adressen der Medienvermittlung und keine, unter der andere "
        "Teilnehmende erreichbar sind.",
        en="For picture and sound, browsers are told addresses of the media engine only, and none where other "
        "participants could be reached.",
    ),
    proves_not=Text(
        de="Dass Adressen nicht in anderen Nachrichten stehen, deren Inhalt verschlüsselt ist.",
        en="That no addresses stand in other messages whose content is encrypted.",
    ),
    version=2,
    depends_on=("engine",),
)
