"""What the software is made of, as the auditor Ada would have it shown."""

from __future__ import annotations

import base64
import hashlib
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from klausur.compliance.evidence import Status
from klausur.compliance.exports.locks import CHECKOUT, FILES
from klausur.compliance.probes import components, supply_sbom
from klausur.compliance.target import resettled
from tests.compliance.probes.running import Installed, installed

LICENCES = "# Licenses\n\n## svelte - 5.57.3 (MIT)\n\nMIT License\n\n## livekit-client - 2.23.0 (Apache-2.0)\n"


def client(folder: Path, licences: str = LICENCES) -> None:
    (folder / "dist").mkdir()
    (folder / "dist" / "licences.txt").write_text(licences)


def engine(folder: Path, version: str) -> Path:
    program = folder / "livekit-server"
    program.write_text(f"#!/bin/sh\necho livekit-server version {version}\n")
    program.chmod(0o755)
    return program


def release(folder: Path) -> Path:
    """A copy of the lock files, to be spoiled."""
    copied = folder / "release"
    (copied / "engine").mkdir(parents=True)
    for name in (*FILES, *(lock.name for lock in CHECKOUT.glob("requirements*.lock"))):
        shutil.copyfile(CHECKOUT / name, copied / name)
    return copied


@asynccontextmanager
async def supplied(folder: Path, version: str = "1.13.5", **chosen: Any) -> AsyncIterator[Installed]:
    """``version``: of the media engine."""
    async with installed(folder, **{"engine_binary": engine(folder, version)} | chosen) as its:
        yield its


async def test_every_component_that_runs_is_listed(tmp_path: Path) -> None:
    client(tmp_path)
    async with supplied(tmp_path) as its:
        assert "what runs is among them" in await its.is_green(supply_sbom.PROBE)


async def test_a_list_with_another_version_than_the_one_that_runs_is_noticed(tmp_path: Path) -> None:
    client(tmp_path)
    async with supplied(tmp_path) as its:
        listed = release(tmp_path)
        list_ = listed / "requirements.lock"
        list_.write_text(list_.read_text().replace("\nstarlette==", "\nstarlette==0.0.1+"))
        its.target = replace(its.target, release=listed)
        assert "starlette" in await its.is_red(supply_sbom.PROBE)


async def test_a_package_that_nobody_listed_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client(tmp_path)
    there = components.installed() | {"spy": "1.0"}
    monkeypatch.setattr(components, "installed", lambda: there)
    async with supplied(tmp_path) as its:
        assert "spy 1.0 (listed nowhere)" in await its.is_red(supply_sbom.PROBE)


async def test_a_file_that_was_edited_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client(tmp_path)
    package = tmp_path / "site" / "spied.py"
    package.parent.mkdir()
    package.write_text("quiet = False\n")
    described = package.parent / "spied-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: spied\nVersion: 1.0\n")
    digest = base64.urlsafe_b64encode(hashlib.sha256(package.read_bytes()).digest()).rstrip(b"=").decode()
    (described / "RECORD").write_text(f"spied.py,sha256={digest},14\n")
    monkeypatch.syspath_prepend(str(package.parent))
    assert components.altered("spied") == []
    package.write_text("quiet = True\n")
    assert components.altered("spied") == ["spied.py"]
    package.unlink()
    assert components.altered("spied") == ["spied.py"]
    monkeypatch.setattr(components, "altered", lambda name: ["__init__.py"] if name == "uvicorn" else [])
    async with supplied(tmp_path) as its:
        assert "uvicorn (altered: __init__.py)" in await its.is_red(supply_sbom.PROBE)


async def test_a_package_in_the_client_that_is_not_listed_is_noticed(tmp_path: Path) -> None:
    client(tmp_path, LICENCES + "\n## @evil/analytics - 6.6.6 (MIT)\n")
    async with supplied(tmp_path) as its:
        assert "@evil/analytics 6.6.6" in await its.is_red(supply_sbom.PROBE)


async def test_another_media_engine_than_the_one_listed_is_noticed(tmp_path: Path) -> None:
    client(tmp_path)
    async with supplied(tmp_path, "9.9.9") as its:
        assert "livekit-server 9.9.9" in await its.is_red(supply_sbom.PROBE)


async def test_a_list_that_cannot_be_read_is_no_list(tmp_path: Path) -> None:
    client(tmp_path)
    async with supplied(tmp_path) as its:
        its.target = replace(its.target, release=release(tmp_path))
        (its.target.release / "engine" / "go.sum").unlink()
        assert "go.sum" in await its.is_red(supply_sbom.PROBE)


async def test_parts_that_do_not_say_what_they_are_have_not_been_seen(tmp_path: Path) -> None:
    async with supplied(tmp_path, engine_binary=tmp_path / "nowhere") as its:
        assert (await its.look(supply_sbom.PROBE)).status is Status.NOTHING_SEEN


async def test_engines_elsewhere_are_not_asked_for_their_version(tmp_path: Path) -> None:
    client(tmp_path)
    async with supplied(tmp_path) as its:
        its.target = resettled(its.target, engine=["http://10.0.0.7:7880"])
        seen = await its.look(supply_sbom.PROBE)
        assert seen.status is Status.PASS, seen
        assert seen.evidence is not None
        assert seen.evidence["engine"] is None
