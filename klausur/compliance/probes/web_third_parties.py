"""Browsers reach nobody but the installation before, in and after a meeting."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from klausur.compliance.live.playing import Held
from klausur.compliance.live.watching import own_host, scene, watching
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.target import Target
from klausur.compliance.words import Text

_ENOUGH: Final = 10
"""requests of one person who took part"""
_TOOK_PART: Final = ("Hanna", "Gustav", "Otto")


def see(held: Held, target: Target) -> dict[str, Any]:
    """By person: the hosts that their browser was asked to reach, and how often."""
    scene(held, "sharing")
    scene(held, "after")
    for part in ("sharing", "after"):
        scene(held, part)
    hosts = {name: its["hosts"] for name, its in held["people"].items()}
    return {"own": own_host(target), "hosts": hosts, "servers": scene(held, "encryption")["servers"]}


def judge(evidence: Evidence, _params: Params) -> Judged:
    own, hosts = evidence["own"], evidence["hosts"]
    if any(_own(hosts.get(name, {}), own) < _ENOUGH for name in _TOOK_PART):
        return saw_nothing("Auch von den eigenen Aufrufen waren kaum welche zu sehen.", "Hardly any calls were seen.")
    foreign = {where for asked in hosts.values() for where in asked if urlsplit(where).netloc != own}
    foreign |= {url for url in evidence["servers"] if urlsplit(f"//{url.partition(':')[2]}").netloc != own}
    if foreign:
        return failed("Browser sollten andere erreichen", "Browsers were sent to others", sorted(foreign))
    calls = sum(sum(asked.values()) for asked in hosts.values())
    return passed(
        f"Von {calls} Aufrufen in {len(hosts)} Browsern ging keiner an andere.",
        f"Of {calls} calls in {len(hosts)} browsers none went to anybody else.",
    )


def _own(asked: dict[str, int], own: str) -> int:
    return sum(times for where, times in asked.items() if urlsplit(where).netloc == own)


PROBE: Final = watching(
    "web.third-parties",
    see,
    judge,
    proves=Text(
        de="Vor, in und nach einer Besprechung, beim Teilen des Bildschirms und beim Lesen der Datenschutzhinweise "
        "rufen Browser nur die Installation auf, auch um einander zu finden.",
        en="Before, in and after a meeting, while a screen is shared and the notice is read, browsers call nobody but "
        "the installation, also to find their way to each other.",
    ),
    proves_not=Text(
        de="Seiten, die in dieser Besprechung nicht vorkommen, wie die Verwaltung, und was der Browser für seinen "
        "Hersteller tut.",
        en="Pages that do not occur in this meeting, such as the administration, and what the browser does for its "
        "maker.",
    ),
)
