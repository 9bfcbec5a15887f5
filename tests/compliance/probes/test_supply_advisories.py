"""Known vulnerabilities, from files that the operator fetched."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from klausur.compliance.evidence import Status
from klausur.compliance.exports.parts import Ecosystem, Part
from klausur.compliance.probes import supply_advisories
from klausur.compliance.probes.vulnerabilities import is_affected
from tests.compliance.probes.running import installed

PROBE = supply_advisories.PROBE


def advisory(id_: str, ecosystem: str, name: str, *, days: int = 1, **affected: Any) -> dict[str, Any]:
    modified = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    return {
        "id": id_,
        "modified": modified,
        "affected": [{"package": {"ecosystem": ecosystem, "name": name}, **affected}],
    }


def harmless(days: int = 1) -> list[dict[str, Any]]:
    """About packages that we do not have."""
    return [advisory(f"X-{each}", each, "left-alone", days=days, versions=["1.0"]) for each in ("PyPI", "npm", "Go")]


def write(folder: Path, *records: Mapping[str, Any]) -> str:
    file = folder / "advisories.json"
    file.write_text(json.dumps(records))
    return str(file)


async def test_components_of_which_nothing_is_known_are_fine(tmp_path: Path) -> None:
    async with installed(tmp_path, advisories=(write(tmp_path, *harmless()),)) as its:
        assert "3 advisories; of each origin the newest is at most 1 days old" in await its.is_green(PROBE)
        seen = await its.look(PROBE)
        assert all(judged.expires_at is not None for judged in seen.judged.values())


async def test_a_vulnerable_component_is_noticed_in_an_archive_as_it_is_handed_out(tmp_path: Path) -> None:
    archive = tmp_path / "all.zip"
    ranges = [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "99.0.0"}]}]
    with zipfile.ZipFile(archive, "w") as zipped:
        for record in (*harmless(), advisory("GHSA-1", "npm", "svelte", ranges=ranges)):
            zipped.writestr(f"{record['id']}.json", json.dumps(record))
    async with installed(tmp_path, advisories=(str(archive),)) as its:
        assert "(GHSA-1)" in await its.is_red(PROBE)


async def test_an_advisory_that_was_withdrawn_says_nothing(tmp_path: Path) -> None:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]
    taken_back = advisory("PYSEC-1", "PyPI", "Starlette", ranges=ranges) | {"withdrawn": "2026-01-01T00:00:00Z"}
    async with installed(tmp_path, advisories=(write(tmp_path, *harmless(), taken_back),)) as its:
        await its.is_green(PROBE)


async def test_old_advisories_and_half_of_them_show_nothing(tmp_path: Path) -> None:
    async with installed(tmp_path, advisories=(write(tmp_path, *harmless(days=15)),)) as its:
        seen = await its.look(PROBE)
        assert (seen.status, "15 days old, more than 14" in seen.says.en) == (Status.NOTHING_SEEN, True)
        write(tmp_path, *harmless()[:2])
        seen = await its.look(PROBE)
        assert (seen.status, "golang" in seen.says.en) == (Status.NOTHING_SEEN, True)


@pytest.mark.parametrize(
    "young",
    [
        advisory("X-young", "PyPI", "left-alone", days=0),
        advisory("X-other", "crates.io", "left-alone", days=0),
        advisory("X-ahead", "npm", "left-alone", days=-400),
    ],
    ids=lambda record: record["id"],
)
async def test_a_young_advisory_makes_those_of_other_origins_no_younger(
    tmp_path: Path, young: Mapping[str, Any]
) -> None:
    async with installed(tmp_path, advisories=(write(tmp_path, *harmless(days=15), young),)) as its:
        seen = await its.look(PROBE)
        assert (seen.status, "15 days old, more than 14" in seen.says.en) == (Status.NOTHING_SEEN, True)


async def test_a_component_is_vulnerable_whenever_that_was_noted(tmp_path: Path) -> None:
    ahead = advisory("GHSA-2", "npm", "svelte", days=-400, ranges=[{"type": "SEMVER", "events": [{"introduced": "0"}]}])
    async with installed(tmp_path, advisories=(write(tmp_path, *harmless(), ahead),)) as its:
        assert "(GHSA-2)" in await its.is_red(PROBE)


async def test_a_clock_that_is_a_little_ahead_is_no_lie(tmp_path: Path) -> None:
    ahead = harmless(days=0)
    for record in ahead:
        record["modified"] = (datetime.now(UTC) + timedelta(hours=12)).isoformat()
    async with installed(tmp_path, advisories=(write(tmp_path, *ahead),)) as its:
        assert "at most 0 days old" in await its.is_green(PROBE)
        until = next(iter((await its.look(PROBE)).judged.values())).expires_at
        assert until is not None
        assert until < datetime.now(UTC) + timedelta(days=15, hours=1)


@pytest.mark.parametrize("broken", ["{", '{"no": "list"}', '[{"id": "without a date"}]', "[1]"])
async def test_files_that_cannot_be_read_show_nothing(tmp_path: Path, broken: str) -> None:
    file = tmp_path / "advisories.json"
    file.write_text(broken)
    async with installed(tmp_path, advisories=(str(file),)) as its:
        assert (await its.look(PROBE)).status is Status.BLOCKED


async def test_without_advisories_nobody_knows(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert (await its.look(PROBE)).status is Status.BLOCKED


@pytest.mark.parametrize(
    ("ecosystem", "version", "events", "hit"),
    [
        ("pypi", "1.9", [{"introduced": "0"}, {"fixed": "1.10"}], True),
        ("pypi", "1.10", [{"introduced": "0"}, {"fixed": "1.10"}], False),
        ("npm", "2.0.0-rc.1", [{"introduced": "1.0.0"}, {"fixed": "2.0.0"}], True),
        ("npm", "3.1.0", [{"introduced": "1.0.0"}, {"fixed": "2.0.0"}, {"introduced": "3.0.0"}], True),
        ("npm", "2.5.0", [{"introduced": "3.0.0"}, {"introduced": "1.0.0"}, {"fixed": "2.0.0"}], False),
        ("golang", "v1.4.0", [{"introduced": "0"}, {"last_affected": "1.4.0"}], True),
        ("golang", "v1.4.1", [{"introduced": "0"}, {"last_affected": "1.4.0"}], False),
        ("golang", "v0.0.0-20250511045019-0f1ff63f7731", [{"introduced": "0"}, {"fixed": "0.1.0"}], True),
        ("npm", "of no kind", [{"introduced": "1.0.0"}], True),
    ],
)
def test_a_version_lies_in_a_range(ecosystem: Ecosystem, version: str, events: list[dict[str, str]], hit: bool) -> None:
    part = Part(ecosystem, "it", version, ())
    kind = "ECOSYSTEM" if ecosystem == "pypi" else "SEMVER"
    assert is_affected(part, {"ranges": [{"type": kind, "events": events}]}) is hit


def test_a_version_that_is_named_is_affected_and_commits_are_not_compared() -> None:
    part = Part("golang", "it", "v1.4.0", ())
    assert is_affected(part, {"versions": ["1.4.0"]})
    assert not is_affected(part, {"versions": ["1.4.1"]})
    assert not is_affected(part, {"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]})
