"""Hanna holds a meeting full of marks, and Ada searches the server for them."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from klausur.compliance.evidence import Status
from klausur.compliance.marked import MarkedGuest, Sealer, spellings
from klausur.compliance.probes import content_not_stored, e2ee_no_server_keys
from tests.compliance.probes.running import installed

PROBES = (content_not_stored.PROBE, e2ee_no_server_keys.PROBE)


async def test_nothing_that_was_said_can_be_read_on_the_server(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "none was readable" in await its.is_green(content_not_stored.PROBE)


async def test_no_key_lies_on_the_server(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert "Of 9 keys" in await its.is_green(e2ee_no_server_keys.PROBE)


async def test_a_page_that_forgets_to_seal_names_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = MarkedGuest.knock_text

    def in_clear(guest: MarkedGuest) -> str:
        really(guest)
        return Sealer(careless=True).seal(b"\0" * 32, "", {"name": guest.name})

    monkeypatch.setattr(MarkedGuest, "knock_text", in_clear)
    async with installed(tmp_path) as its:
        assert "guest's name in" in await its.is_red(content_not_stored.PROBE)


async def test_a_page_that_sends_the_links_secret_as_a_key_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = Sealer.seal

    def with_secret(sealer: Sealer, key: bytes, bound_to: str, said: Any) -> str:
        if bound_to.startswith("klausur announcement"):
            sealer = Sealer(sealer.secret, careless=True)
        return really(sealer, key, bound_to, said)

    monkeypatch.setattr(Sealer, "seal", with_secret)
    async with installed(tmp_path) as its:
        assert "link secret in" in await its.is_red(e2ee_no_server_keys.PROBE)


async def test_a_server_that_writes_down_who_asks_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a file of its own, as an eager developer's trace would be."""
    really = Sealer.key

    def traced(sealer: Sealer, info: str, salt: str = "") -> bytes:
        made = really(sealer, info, salt)
        if info == "klausur card v1":
            (tmp_path / "trace.txt").write_text(f"card key: {made.hex()}")
        return made

    monkeypatch.setattr(Sealer, "key", traced)
    async with installed(tmp_path) as its:
        assert "card key in data/trace.txt" in await its.is_red(e2ee_no_server_keys.PROBE)


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.id)
async def test_without_a_database_it_cannot_be_tried(tmp_path: Path, probe: Any) -> None:
    async with installed(tmp_path) as its:
        its.target = replace(its.target, inside=None)
        assert (await its.look(probe)).status is Status.BLOCKED


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.id)
async def test_another_installations_folder_is_no_evidence(tmp_path: Path, probe: Any) -> None:
    async with installed(tmp_path) as its:
        elsewhere = {**its.target.settings, "data": str(tmp_path / "nowhere")}
        its.target = replace(its.target, settings=elsewhere)
        assert (await its.look(probe)).status is Status.BLOCKED


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.id)
async def test_a_folder_of_which_no_server_runs_is_no_evidence(tmp_path: Path, probe: Any) -> None:
    """As where the database is named by DATABASE_URL, and the folder is whichever the check was started in."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "check-lock").touch()
    async with installed(tmp_path) as its:
        its.target = replace(its.target, settings={**its.target.settings, "data": str(other)})
        seen = await its.look(probe)
        assert (seen.status, '"control"' in seen.says.en) == (Status.BLOCKED, True)


@pytest.mark.parametrize("what", ["a file", "a folder"])
async def test_what_is_behind_a_link_is_not_passed_over(tmp_path: Path, what: str) -> None:
    (tmp_path / "data").mkdir()
    behind = tmp_path / "behind"
    if what == "a folder":
        behind.mkdir()
    else:
        behind.touch()
    (tmp_path / "data" / "logs").symlink_to(behind)
    async with installed(tmp_path / "data") as its:
        seen = await its.look(content_not_stored.PROBE)
        assert (seen.status, "symbolic link" in seen.says.en) == (Status.BLOCKED, True)


SEARCHED: dict[str, Any] = {
    "stored": {"meeting": ["meetings"]},
    "during": {"title": []},
    "after": {"title": []},
    "files": {"stored": 3, "during": 3, "after": 3},
}


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.id)
@pytest.mark.parametrize("when", ["stored", "during", "after"])
def test_where_there_is_no_file_nothing_was_searched(probe: Any, when: str) -> None:
    assert probe.judge(SEARCHED, {}).status is Status.PASS
    none = {**SEARCHED, "files": {**SEARCHED["files"], when: 0}}
    assert probe.judge(none, {}).status is Status.NOTHING_SEEN


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.id)
def test_who_does_not_find_what_is_there_finds_nothing(probe: Any) -> None:
    seen = {**SEARCHED, "stored": {"meeting": []}}
    assert probe.judge(seen, {}).status is Status.NOTHING_SEEN


@pytest.mark.parametrize("before", [b"", b"a", b"ab", b"abc"])
def test_marks_are_found_in_the_midst_of_base_64(before: bytes) -> None:
    mark = bytes(range(200, 232))
    whole = base64.urlsafe_b64encode(before + mark + b"behind")
    assert any(way in whole for way in spellings(mark))
    assert not any(way in base64.urlsafe_b64encode(before + bytes(32)) for way in spellings(mark))
