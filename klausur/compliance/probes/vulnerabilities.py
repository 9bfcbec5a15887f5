"""Known vulnerabilities, from files in OSV's format (ossf.github.io/osv-schema), and whom they are about."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from packaging.version import InvalidVersion
from packaging.version import Version as PythonVersion
from semver import Version as SemanticVersion

from klausur.compliance.exports.locks import normalised
from klausur.compliance.exports.parts import Part

_ECOSYSTEMS: Final[Mapping[str, str]] = MappingProxyType({"PyPI": "pypi", "npm": "npm", "Go": "golang"})
_FILE_BYTES: Final = 512 * 1024 * 1024
_RECORD_BYTES: Final = 4 * 1024 * 1024
_RECORDS: Final = 1_000_000
_AHEAD: Final = timedelta(days=1)
"""By so much the clock of whoever dated a record may differ from ours."""


class NoAdvisories(Exception):
    """``str()`` of it names the file that cannot be used."""


@dataclass(frozen=True, slots=True)
class Found:
    id: str
    ecosystem: str
    name: str
    version: str
    published: str


@dataclass(slots=True)
class Search:
    """What came of reading all files."""

    records: dict[str, int] = field(default_factory=dict)
    """By ecosystem."""
    newest: dict[str, datetime] = field(default_factory=dict)
    """By ecosystem: a young archive of one says nothing about the age of another."""
    found: list[Found] = field(default_factory=list)


def search(files: Sequence[Path], parts: Iterable[Part], now: datetime) -> Search:
    """Raises NoAdvisories."""
    by_name: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        by_name.setdefault((part.ecosystem, _named(part.ecosystem, part.name)), []).append(part)
    result = Search()
    for file in files:
        try:
            for record in _records(file):
                _weigh(record, by_name, now, result)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile):
            raise NoAdvisories(str(file)) from None
    return result


def _records(file: Path) -> Iterator[Mapping[str, Any]]:
    """Raises OSError, ValueError, BadZipFile."""
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if len(members) > _RECORDS:
                raise ValueError
            for member in members:
                if member.filename.endswith(".json"):
                    with archive.open(member) as opened:
                        yield json.loads(_limited(opened.read(_RECORD_BYTES + 1), _RECORD_BYTES))
        return
    with file.open("rb") as opened:
        told = json.loads(_limited(opened.read(_FILE_BYTES + 1), _FILE_BYTES))
    yield from told["vulns"] if isinstance(told, dict) and "vulns" in told else told


def _limited(text: bytes, limit: int) -> bytes:
    if len(text) > limit:
        raise ValueError
    return text


def _named(ecosystem: str, name: str) -> str:
    return normalised(name) if ecosystem == "pypi" else name


def _weigh(
    record: Mapping[str, Any], by_name: Mapping[tuple[str, str], list[Part]], now: datetime, into: Search
) -> None:
    modified = datetime.fromisoformat(str(record["modified"])).astimezone(UTC)
    touched = set()
    for affected in record.get("affected", ()):
        package = affected.get("package", {})
        ecosystem = _ECOSYSTEMS.get(str(package.get("ecosystem", "")).partition(":")[0])
        if ecosystem is None:
            continue
        touched.add(ecosystem)
        for part in by_name.get((ecosystem, _named(ecosystem, str(package["name"]))), ()):
            found = Found(str(record["id"]), ecosystem, part.name, part.version, str(record.get("published", "")))
            if "withdrawn" not in record and found not in into.found and is_affected(part, affected):
                into.found.append(found)
    if modified > now + _AHEAD:
        return  # nothing is as young as a record that is not there yet
    for ecosystem in touched:
        into.records[ecosystem] = into.records.get(ecosystem, 0) + 1
        into.newest[ecosystem] = max(into.newest.get(ecosystem, modified), modified)


def is_affected(part: Part, affected: Mapping[str, Any]) -> bool:
    """Whether the version is named, or lies in one of the ranges. What cannot be compared counts as affected."""
    version = part.version.removeprefix("v") if part.ecosystem == "golang" else part.version
    named = {str(each).removeprefix("v") if part.ecosystem == "golang" else str(each) for each in _list(affected)}
    if version in named:
        return True
    order: Callable[[str], Any] = PythonVersion if part.ecosystem == "pypi" else SemanticVersion.parse
    ranges = [each for each in affected.get("ranges", ()) if each.get("type") in ("SEMVER", "ECOSYSTEM")]
    try:
        return any(_lies_in(version, each.get("events", ()), order) for each in ranges)
    except (InvalidVersion, ValueError, TypeError):
        return True


def _list(affected: Mapping[str, Any]) -> Sequence[object]:
    versions = affected.get("versions") or ()
    return versions if isinstance(versions, list) else ()


def _lies_in(version: str, events: Iterable[Mapping[str, Any]], order: Callable[[str], Any]) -> bool:
    """By the schema's own rule: the last event that is not after the version decides."""
    lies = False
    for what, at in sorted(_events(events), key=lambda each: (each[1] != "0", order(each[1]) if each[1] != "0" else 0)):
        begun = at == "0" or order(version) >= order(at)
        if what == "introduced" and begun:
            lies = True
        elif (what == "fixed" and begun) or (what == "last_affected" and order(version) > order(at)):
            lies = False
    return lies


def _events(events: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for event in events:
        for what in ("introduced", "fixed", "last_affected"):
            if what in event:
                yield what, str(event[what])
