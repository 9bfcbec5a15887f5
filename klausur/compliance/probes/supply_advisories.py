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
    now = datetime.now(UTC)
    try:
        seen = await asyncio.to_thread(vulnerabilities.search, files, listed, now)
    except vulnerabilities.NoAdvisories:
        raise CannotLook(_UNREADABLE) from None
    newest = {ecosystem: min(at, now) for ecosystem, at in seen.newest.items()}
    return target.evidence(
        components=len(listed),
        ecosystems=sorted({part.ecosystem for part in listed}),
        records=seen.records,
        newest={ecosystem: at.isoformat() for ecosystem, at in newest.items()},
        age_days={ecosystem: (now - at).days for ecosystem, at in newest.items()},
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
    stalest = min(evidence["ecosystems"], key=lambda each: datetime.fromisoformat(evidence["newest"][each]))
    age = evidence["age_days"][stalest]
    if age > evidence["days"]:
        return saw_nothing(
            f"Die neueste Meldung zu {stalest} ist {age} Tage alt, mehr als {evidence['days']}.",
            f"The newest advisory about {stalest} is {age} days old, more than {evidence['days']}.",
        )
    count, against = evidence["components"], sum(evidence["records"][each] for each in evidence["ecosystems"])
    judged = passed(
        f"Keiner von {count} Bestandteilen kommt in {against} Meldungen vor; die neueste ist je Herkunft höchstens "
        f"{age} Tage alt.",
        f"None of {count} components is in any of {against} advisories; of each origin the newest is at most {age} "
        "days old.",
    )
    until = datetime.fromisoformat(evidence["newest"][stalest]) + timedelta(days=evidence["days"] + 1)
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
    version=2,
    proves=Text(
        de="Kein Bestandteil der Stückliste (Python, npm, Go) ist in seiner Version von einer Schwachstelle betroffen, "
        "die in den hinterlegten Meldungen steht; und von diesen ist zu jeder der Herkünfte, aus denen Bestandteile "
        "stammen, die neueste jung genug.",
        en="No component of the bill of materials (Python, npm, Go) is in its version affected by a vulnerability that "
        "stands in the advisories at hand; and of these the newest is young enough for each of the origins that "
        "components come from.",
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
