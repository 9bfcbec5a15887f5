"""No component has a vulnerability that is known."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from klausur.compliance.exports import locks
from klausur.compliance.exports.parts import Part, Unreadable, parts
from klausur.compliance.grades import Grade
from klausur.compliance.probes import components, vulnerabilities
from klausur.compliance.probes.saying import failed, passed, saw_nothing
from klausur.compliance.probing import Evidence, Judged, Params, Probe, Vantage
from klausur.compliance.target import CannotLook, Target, resettled
from klausur.compliance.words import Text

_FILES: Final = "advisories"
_DAYS: Final = "advisories_days"
_SHOWN: Final = 200
_NONE: Final = Text(
    de="Es sind keine Meldungen über Schwachstellen hinterlegt (ADVISORIES).",
    en="There are no advisories to compare with (ADVISORIES).",
)
_UNREADABLE: Final = Text(
    de="Die Meldungen über Schwachstellen oder die Liste der Bestandteile sind nicht lesbar.",
    en="The advisories or the list of components cannot be read.",
)


async def collect(target: Target) -> Evidence:
    listed = _parts(target)
    files = [Path(name) for name in _files(target)]
    try:
        seen = await asyncio.to_thread(vulnerabilities.search, files, listed)
    except vulnerabilities.NoAdvisories:
        raise CannotLook(_UNREADABLE) from None
    now = datetime.now(UTC)
    newest = min(seen.newest, now) if seen.newest else None
    return target.evidence(
        components=len(listed),
        ecosystems=sorted({part.ecosystem for part in listed}),
        records=seen.records,
        newest=newest.isoformat() if newest else None,
        age_days=(now - newest).days if newest else None,
        days=target.settings[_DAYS],
        found=[[one.id, one.name, one.version, one.published] for one in seen.found[:_SHOWN]],
    )


def _files(target: Target) -> Sequence[str]:
    named = target.settings.get(_FILES)
    if not isinstance(named, list) or not named:
        raise CannotLook(_NONE)
    return [str(each) for each in named]


def _parts(target: Target) -> Sequence[Part]:
    folder = components.lock_folder(target.release)
    try:
        return parts(locks.read(folder, folder))
    except (locks.NoLocks, Unreadable):
        raise CannotLook(_UNREADABLE) from None


def judge(evidence: Evidence, _params: Params) -> Judged:
    if evidence["found"]:
        faults = [f"{name} {version} ({id_})" for id_, name, version, _ in evidence["found"]]
        return failed("Bekannte Schwachstellen", "Known vulnerabilities", faults)
    if not evidence["components"] or not evidence["ecosystems"]:
        return saw_nothing("Es gab keine Bestandteile zu vergleichen.", "There were no components to compare.")
    if missing := [each for each in evidence["ecosystems"] if not evidence["records"].get(each)]:
        told = ", ".join(missing)
        return saw_nothing(f"Keine Meldungen lagen vor zu: {told}.", f"There were no advisories about: {told}.")
    if evidence["age_days"] is None or evidence["age_days"] > evidence["days"]:
        return saw_nothing(
            f"Die neueste Meldung ist {evidence['age_days']} Tage alt, mehr als {evidence['days']}.",
            f"The newest advisory is {evidence['age_days']} days old, more than {evidence['days']}.",
        )
    count, against = evidence["components"], sum(evidence["records"].values())
    judged = passed(
        f"Keiner von {count} Bestandteilen kommt in {against} Meldungen vor, deren neueste {evidence['age_days']} Tage "
        "alt ist.",
        f"None of {count} components is in any of {against} advisories, of which the newest is "
        f"{evidence['age_days']} days old.",
    )
    until = datetime.fromisoformat(evidence["newest"]) + timedelta(days=evidence["days"] + 1)
    return replace(judged, expires_at=until)


@asynccontextmanager
async def twin(target: Target) -> AsyncIterator[Target]:
    """One more advisory, about one of the components."""
    named, part = _files(target), _parts(target)[0]
    ecosystem = {"pypi": "PyPI", "npm": "npm", "golang": "Go"}[part.ecosystem]
    package = {"ecosystem": ecosystem, "name": part.name}
    affected = [{"package": package, "versions": [part.version]}]
    record = {"id": "KLAUSUR-CHECK-1", "modified": "2026-01-01T00:00:00Z", "affected": affected}
    with tempfile.TemporaryDirectory() as folder:
        yield resettled(target, **{_FILES: [*named, await asyncio.to_thread(_written, Path(folder), record)]})


def _written(folder: Path, record: Mapping[str, object]) -> str:
    file = folder / "advisory.json"
    file.write_text(json.dumps([record]), encoding="utf-8")
    return str(file)


PROBE: Final = Probe(
    id="supply.advisories",
    version=1,
    proves=Text(
        de="Kein Bestandteil der Stückliste (Python, npm, Go) ist in seiner Version von einer Schwachstelle betroffen, "
        "die in den hinterlegten Meldungen steht; und diese sind jung genug.",
        en="No component of the bill of materials (Python, npm, Go) is in its version affected by a vulnerability that "
        "stands in the advisories at hand; and these are young enough.",
    ),
    proves_not=Text(
        de="Dass die hinterlegten Meldungen vollständig sind; Schwachstellen, die noch niemand gemeldet hat; die von "
        "Betriebssystem, Python, Go und Datenbank selbst; ob eine gemeldete hier ausnutzbar wäre.",
        en="That the advisories at hand are all there are; vulnerabilities that nobody has reported yet; those of the "
        "operating system, Python, Go and the database themselves; whether a reported one could be exploited here.",
    ),
    vantage=Vantage.INSIDE,
    grade=Grade.OBSERVED_INSIDE,
    collect=collect,
    judge=judge,
    twin=twin,
    depends_on=(_FILES, _DAYS),
    seconds=300.0,
)
