"""Whether browsers get what was built."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from klausur.compliance.evidence import Status
from klausur.compliance.probes import supply_assets
from tests.compliance.probes.running import Installed, installed

SCRIPT = b"export const quiet = true\n"


@asynccontextmanager
async def built(folder: Path, language: str = "en") -> AsyncIterator[Installed]:
    """The client's folder as the build leaves it; the server reads it at its start."""
    client = folder / "release" / "web" / "dist"
    (client / ".vite").mkdir(parents=True)
    (client / "assets").mkdir()
    (folder / "dist").symlink_to(client)
    (client / "assets" / "index-abc.js").write_bytes(SCRIPT)
    async with installed(folder, language=language) as its:
        files = {name: hashlib.sha256((client / name).read_bytes()) for name in ("index.html", "assets/index-abc.js")}
        digests = {name: digest.hexdigest() for name, digest in files.items()}
        (client / ".vite" / "files.json").write_text(json.dumps(digests))
        its.target = replace(its.target, release=folder / "release")
        yield its


async def test_browsers_get_what_was_built(tmp_path: Path) -> None:
    async with built(tmp_path) as its:
        assert "2 files" in await its.is_green(supply_assets.PROBE)


async def test_the_language_that_the_operator_chose_is_no_alteration(tmp_path: Path) -> None:
    async with built(tmp_path, "de") as its:
        await its.is_green(supply_assets.PROBE)


async def test_a_script_that_was_edited_on_the_server_is_noticed(tmp_path: Path) -> None:
    async with built(tmp_path) as its:
        script = its.target.release / "web" / "dist" / "assets" / "index-abc.js"
        script.write_bytes(SCRIPT.replace(b"true", b"null"))
        assert "assets/index-abc.js (altered)" in await its.is_red(supply_assets.PROBE)


async def test_a_file_that_nobody_built_is_noticed(tmp_path: Path) -> None:
    async with built(tmp_path) as its:
        (its.target.release / "web" / "dist" / "spy.js").write_text("")
        assert "spy.js (not built)" in await its.is_red(supply_assets.PROBE)


async def test_a_file_that_is_not_served_any_more_is_noticed(tmp_path: Path) -> None:
    async with built(tmp_path) as its:
        listed = its.target.release / "web" / "dist" / ".vite" / "files.json"
        more = json.loads(listed.read_text()) | {"assets/e2ee.worker.js": "0" * 64}
        listed.write_text(json.dumps(more))
        assert "assets/e2ee.worker.js (status 404)" in await its.is_red(supply_assets.PROBE)


async def test_without_the_builds_own_list_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    async with built(tmp_path) as its:
        listed = its.target.release / "web" / "dist" / ".vite" / "files.json"
        for broken in ("[]", "{", '{"index.html": "no digest"}'):
            listed.write_text(broken)
            assert (await its.look(supply_assets.PROBE)).status is Status.BLOCKED
        listed.unlink()
        assert (await its.look(supply_assets.PROBE)).status is Status.BLOCKED
