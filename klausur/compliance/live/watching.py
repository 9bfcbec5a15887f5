"""What the probes have in common that watch a meeting: where they look, and their twin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from klausur.compliance.grades import Grade
from klausur.compliance.live.playing import SECONDS, Held, spoilt, watched
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import CannotLook, Target
from klausur.compliance.words import Text

_DEPENDS_ON: Final = ("guests", "media_address", "open_meetings", "public_url")
_CUT_SHORT: Final = Text(
    de="Dieser Teil der Besprechung im Browser kam nicht zu Ende.",
    en="This part of the meeting in the browser did not get to its end.",
)


def scene(held: Held, name: str) -> dict[str, Any]:
    """Raises CannotLook where it did not get to its end."""
    seen: dict[str, Any] = held["scenes"][name]
    if "failed" in seen:
        raise CannotLook(_CUT_SHORT)
    return seen


def moment(held: Held, person: str, name: str) -> dict[str, Any]:
    """The page of one of them then. Raises CannotLook."""
    seen: dict[str, Any] | None = held["people"].get(person, {}).get("moments", {}).get(name)
    if seen is None:
        raise CannotLook(_CUT_SHORT)
    return seen


def moments(held: Held) -> list[tuple[str, str, dict[str, Any]]]:
    """All: person, moment, page."""
    return [(name, then, page) for name, its in held["people"].items() for then, page in its["moments"].items()]


def own_host(target: Target) -> str:
    return urlsplit(target.url).netloc


def watching(
    id_: str,
    see: Callable[[Held, Target], dict[str, Any]],
    judge: Callable[[Evidence, Params], Judged],
    *,
    proves: Text,
    proves_not: Text,
    grade: Grade = Grade.OBSERVED_OUTSIDE,
    version: int = 1,
    depends_on: tuple[str, ...] = (),
) -> Probe:
    """``see``: takes out of what was held what this probe is about; raises CannotLook."""

    async def collect(target: Target) -> Evidence:
        return target.evidence(**see(await watched(target), target))

    return Probe(
        id=id_,
        version=version,
        proves=proves,
        proves_not=proves_not,
        vantage=Vantage.BROWSER,
        grade=grade,
        collect=collect,
        judge=judge,
        twin=spoilt,
        depends_on=tuple(sorted({*_DEPENDS_ON, *depends_on})),
        seconds=SECONDS,
    )
