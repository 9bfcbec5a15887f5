"""Laws of packages, tried with whatever hypothesis thinks of."""

from __future__ import annotations

import asyncio
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klausur.compliance.container import PackageRefused
from klausur.compliance.inspection import Known, inspect
from klausur.compliance.keeping import Ledger, Record
from klausur.compliance.package import Contents, export
from klausur.domain.proof_ports import EntryType
from klausur.store.migrate import migrate
from klausur.store.opening import open_database
from tests.compliance.ledgers import ADAS_KEY, NINE
from tests.house import ManualClock

law = settings(
    deadline=None,
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)
Members = dict[str, bytes]


async def written(folder: Path) -> Members:
    store = open_database(f"sqlite:///{folder / 'klausur.db'}")
    ledger = Ledger(store, ManualClock())
    for run in ("first", "second"):
        await ledger.append(
            Record(EntryType.RUN_BEGUN, "run", b"{}", run=run),
            Record(EntryType.EVIDENCE, "tls.versions", run.encode(), "text/plain", run=run),
            Record(EntryType.RUN_ENDED, "run", b"{}", run=run),
        )
        await ledger.checkpoint(ADAS_KEY, folder)
    await export(store, folder, folder / "package.zip", ADAS_KEY, Contents("0.1.0", NINE, {"id": "k"}))
    await store.close()
    with zipfile.ZipFile(folder / "package.zip") as bundle:
        return {name: bundle.read(name) for name in bundle.namelist()}


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Members:
    folder = tmp_path_factory.mktemp("laws")
    migrate(f"sqlite:///{folder / 'klausur.db'}")
    return asyncio.run(written(folder))


def is_intact(members: Members, folder: Path) -> bool:
    file = folder / "package.zip"
    with zipfile.ZipFile(file, "w") as bundle:
        for name, content in members.items():
            bundle.writestr(name, content)
    try:
        return inspect(file, Known()).intact
    except PackageRefused:
        return False


def test_as_it_was_written_it_is_intact(members: Members, tmp_path: Path) -> None:
    assert is_intact(members, tmp_path)


@given(st.data())
@law
def test_any_changed_byte_of_any_member_is_found(members: Members, tmp_path: Path, data: st.DataObject) -> None:
    """Ledger, evidence, table of contents, its signature, key, checkpoints."""
    name = data.draw(st.sampled_from(sorted(members)))
    at = data.draw(st.integers(0, len(members[name]) - 1))
    by = data.draw(st.integers(1, 255))
    content = members[name]
    changed = content[:at] + bytes([content[at] ^ by]) + content[at + 1 :]
    assert not is_intact({**members, name: changed}, tmp_path)


@given(st.data())
@law
def test_any_member_that_is_shortened_lengthened_or_gone_is_found(
    members: Members, tmp_path: Path, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(members)))
    size = data.draw(st.integers(0, len(members[name]) - 1))
    shorter = {**members, name: members[name][:size]}
    longer = {**members, name: members[name] + data.draw(st.binary(min_size=1, max_size=3))}
    gone = {other: content for other, content in members.items() if other != name}
    for changed in (shorter, longer, gone):
        assert not is_intact(changed, tmp_path)


@given(st.data())
@law
def test_any_other_value_in_the_table_of_contents_is_found(
    members: Members, tmp_path: Path, data: st.DataObject
) -> None:
    manifest = json.loads(members["manifest.json"])
    field = data.draw(st.sampled_from(sorted(manifest)))
    leaves = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=5)
    manifest[field] = data.draw(leaves | st.lists(leaves, max_size=2) | st.dictionaries(st.text(max_size=5), leaves))
    text = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    changed = text.encode("utf-8", "surrogatepass")
    assert not is_intact({**members, "manifest.json": changed}, tmp_path)


@given(st.binary(max_size=300))
@law
def test_whatever_file_it_is_it_is_refused_and_brings_nobody_down(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "any.zip"
    for each in (content, b"PK\x03\x04" + content, content + b"PK\x05\x06" + bytes(18)):
        file.write_bytes(each)
        try:
            assert not inspect(file, Known()).intact
        except PackageRefused:
            continue


@given(st.integers(0, 10**6), st.integers(1, 255))
@law
def test_whatever_byte_of_the_file_is_changed_nobody_is_brought_down(
    members: Members, tmp_path: Path, at: int, by: int
) -> None:
    """In the archive's own headers too; some of these, such as dates, mean nothing."""
    assert is_intact(members, tmp_path)
    file = tmp_path / "package.zip"
    raw = bytearray(file.read_bytes())
    raw[at % len(raw)] ^= by
    file.write_bytes(raw)
    try:
        inspect(file, Known())
    except PackageRefused:
        return
