"""The proof's tables, on each kind of database: what is written is found again, two writers leave one chain, what is
erased is gone from the files, and what Otto changes in them is found."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

import tests.house
from klausur.compliance.findings import Kind
from klausur.compliance.keeping import (
    CHECKPOINTS_FILE,
    KEY_FILE,
    Ledger,
    NotErasable,
    Record,
    TooMuch,
    checkpoint_key,
)
from klausur.compliance.ledger import Checkpoint, following
from klausur.domain.proof_ports import (
    EVIDENCE_BYTES,
    FILE_BYTES,
    AttestationRow,
    Blob,
    Entry,
    EntryType,
    FactRow,
    PageRow,
    RunRow,
    SequenceTaken,
    WaiverRow,
)
from klausur.machine import CannotStartError
from klausur.settings import read
from klausur.store import migrate
from klausur.store.opening import open_database
from klausur.store.proof import ProofRows
from klausur.store.unit import Database
from tests.house import ManualClock, everything
from tests.postgres import Cluster

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SECRET = b"what Gustav was seen to say"


@pytest.fixture
async def store(tmp_path: Path, database: str) -> AsyncIterator[Database]:  # noqa: ARG001 - its kind is what is looked up
    url = read({"data": tmp_path, **tests.house.database_of(tmp_path)}, {}).settings.database
    await asyncio.to_thread(migrate.migrate, url)
    opened = open_database(url)
    yield opened
    await opened.close()


@pytest.fixture
def ledger(store: Database) -> Ledger:
    return Ledger(store, ManualClock())


def seen(body: bytes, run: str = "run") -> Record:
    return Record(EntryType.EVIDENCE, "tls.versions", body, run=run)


# -- rows -------------------------------------------------------------------------------------------------------------


async def test_what_is_written_is_found_again(store: Database) -> None:
    blob = Blob("run", "Ünïcode", "application/json", b"\x00\xff", bytes(range(16)))
    entry = following(None, NOW, EntryType.EVIDENCE, blob)
    async with store.writing() as unit:
        assert await unit.proof.last_entry() is None
        await unit.proof.append(entry, blob)
    async with store.reading() as unit:
        assert (await unit.proof.last_entry(), await unit.proof.blob(1)) == (entry, blob)
        assert list(await unit.proof.entries()) == [entry]
        assert list(await unit.proof.entries(after=1)) == []
        assert (list(await unit.proof.blobs_of("run")), await unit.proof.run_bytes("run")) == ([1], 2)
        assert (await unit.proof.blob(2), await unit.proof.run_bytes("other")) == (None, 0)


async def test_runs_begin_and_end_once(store: Database) -> None:
    async with store.writing() as unit:
        for number in range(3):
            await unit.proof.begin_run(RunRow(f"run {number}", NOW + timedelta(hours=number), None, "{}"))
        assert await unit.proof.end_run("run 1", NOW, '{"valid":true}')
        assert not await unit.proof.end_run("run 1", NOW, "{}")
        assert not await unit.proof.end_run("nobody's", NOW, "{}")
    async with store.reading() as unit:
        assert [run.id for run in await unit.proof.runs(2)] == ["run 2", "run 1"]
        assert await unit.proof.run("run 1") == RunRow("run 1", NOW + timedelta(hours=1), NOW, '{"valid":true}')
        assert await unit.proof.run("nobody's") is None


async def test_a_fact_takes_the_place_of_the_one_before(store: Database) -> None:
    facts = [FactRow("operating_model", NOW, '"self"'), FactRow("contact", NOW, '"Ada"')]
    async with store.writing() as unit:
        for fact in [*facts, replace(facts[0], body='"external"')]:
            await unit.proof.put_fact(fact)
    async with store.writing() as unit:
        assert list(await unit.proof.facts()) == [facts[1], replace(facts[0], body='"external"')]
        assert await unit.proof.drop_fact("contact")
        assert not await unit.proof.drop_fact("contact")


async def test_attestations_and_waivers_stay_until_they_are_dropped(store: Database) -> None:
    later = NOW + timedelta(days=365)
    attestation, waiver = AttestationRow("a", "DSK-T-4.1-02.a", later, "{}"), WaiverRow("w", "DSK-T-4.1-02", NOW, "{}")
    async with store.writing() as unit:
        await unit.proof.add_attestation(attestation)
        await unit.proof.add_attestation(replace(attestation, id="b", until=NOW))
        await unit.proof.add_waiver(waiver)
    async with store.writing() as unit:
        assert [each.id for each in await unit.proof.attestations()] == ["b", "a"]
        assert list(await unit.proof.waivers()) == [waiver]
        assert await unit.proof.drop_attestation("a")
        assert await unit.proof.drop_waiver("w")
        assert not await unit.proof.drop_waiver("w")
        assert [each.id for each in await unit.proof.attestations()] == ["b"]


# -- writers ----------------------------------------------------------------------------------------------------------


async def test_a_number_is_given_once(store: Database) -> None:
    blob = Blob("", "n", "m", b"", bytes(16))
    entry = following(None, NOW, EntryType.FACT, blob)
    async with store.writing() as unit:
        await unit.proof.append(entry, blob)
    for taken in (entry, replace(entry, seq=2)):  # by number, and by what comes before
        with pytest.raises(SequenceTaken):
            async with store.writing() as unit:
                await unit.proof.append(taken, blob)
    async with store.reading() as unit:
        assert list(await unit.proof.entries()) == [entry]


async def test_who_comes_second_reads_again_and_comes_after(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a database that let two write at once: what the one read is old by the time it writes."""
    await ledger.append(seen(b"one"))
    stale: list[Entry | None] = [None]
    newest = ProofRows.last_entry

    async def last_entry(its: ProofRows) -> Entry | None:
        return stale.pop() if stale else await newest(its)

    monkeypatch.setattr(ProofRows, "last_entry", last_entry)
    (entry,) = await ledger.append(seen(b"two"))
    assert (entry.seq, stale) == (2, [])
    assert (await ledger.verify()).intact


async def test_who_never_gets_a_number_gives_up(
    store: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ledger.append(seen(b"one"))

    async def last_entry(_: ProofRows) -> Entry | None:
        return None

    monkeypatch.setattr(ProofRows, "last_entry", last_entry)
    with pytest.raises(SequenceTaken):
        await ledger.append(seen(b"two"))
    monkeypatch.undo()
    async with store.reading() as unit:
        assert len(await unit.proof.entries()) == 1


WRITER = """
import asyncio, sys
from klausur.compliance.keeping import Ledger, Record
from klausur.domain.proof_ports import EntryType
from klausur.store.opening import open_database
from tests.house import ManualClock

async def write():
    url, who = sys.stdin.readline().split()
    ledger = Ledger(open_database(url), ManualClock())
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(15):
        await ledger.append(*(Record(EntryType.EVIDENCE, "n", f"{who} {number} {part}".encode()) for part in "ab"))

asyncio.run(write())
"""


async def test_two_processes_write_one_chain(store: Database, ledger: Ledger) -> None:
    assert await asyncio.to_thread(run_together, store.url) == [0, 0]
    assert [(each.kind) for each in (await ledger.verify()).findings] == [Kind.NO_CHECKPOINT]
    async with store.reading() as unit:
        entries = await unit.proof.entries()
        bodies = [blob.body.decode() for entry in entries if (blob := await unit.proof.blob(entry.seq))]
    assert [entry.seq for entry in entries] == list(range(1, 61))
    for who in ("hanna", "ada"):
        assert [each for each in bodies if each.startswith(who)] == [
            f"{who} {number} {part}" for number in range(15) for part in "ab"
        ]
    for first, second in zip(bodies[::2], bodies[1::2], strict=True):  # what is written at once stands together
        assert (first[:-1], first[-1], second[-1]) == (second[:-1], "a", "b")


def run_together(url: str) -> list[int]:
    command = [sys.executable, "-c", WRITER]
    writers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for writer, who in zip(writers, ("hanna", "ada"), strict=True):
        assert writer.stdin is not None
        writer.stdin.write(f"{url} {who}\n")
        writer.stdin.flush()
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
    return [writer.returncode for writer in writers]


# -- limits -----------------------------------------------------------------------------------------------------------


async def test_evidence_has_a_limit_and_so_has_a_run(
    store: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ledger.append(seen(bytes(EVIDENCE_BYTES)))
    with pytest.raises(TooMuch, match=r"tls\.versions has 1048577 bytes"):
        await ledger.append(seen(bytes(EVIDENCE_BYTES + 1)))
    monkeypatch.setattr("klausur.compliance.keeping.RUN_BYTES", EVIDENCE_BYTES + 10)
    with pytest.raises(TooMuch, match="run"):
        await ledger.append(seen(b"12345"), seen(b"123456"))
    await ledger.append(seen(b"12345"), seen(b"12345"), seen(b"another run's", run="other"))
    async with store.reading() as unit:
        assert len(await unit.proof.entries()) == 4


async def test_a_file_that_somebody_attaches_may_be_larger(ledger: Ledger) -> None:
    await ledger.append(Record(EntryType.EVIDENCE, "contract.pdf", bytes(FILE_BYTES), "application/pdf", is_file=True))
    with pytest.raises(TooMuch):
        await ledger.append(Record(EntryType.EVIDENCE, "c.pdf", bytes(FILE_BYTES + 1), "application/pdf", is_file=True))


# -- erasing ----------------------------------------------------------------------------------------------------------


async def test_what_is_erased_leaves_the_files_and_the_chain_whole(
    store: Database, ledger: Ledger, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    await ledger.append(seen(b"tls 1.3"), seen(SECRET), seen(b"headers"))
    await ledger.erase([2], "retention")
    judged = await ledger.verify()
    assert (judged.intact, judged.evidence, judged.erased) == (True, 3, 1)
    async with store.reading() as unit:
        assert await unit.proof.blob(2) is None
    if store.url.startswith("postgresql"):
        cluster: Cluster = request.getfixturevalue("postgres")
        assert cluster.bytes_hold(SECRET) == []
    else:
        assert SECRET not in everything(tmp_path)


async def test_what_may_not_be_erased_stays_and_so_does_everything_else(store: Database, ledger: Ledger) -> None:
    await ledger.append(seen(b"tls 1.3"), Record(EntryType.VERDICT, "verdicts", b"{}"))
    await ledger.erase([1], "retention")
    for seqs in ([2], [1], [3], [9], [0]):
        with pytest.raises(NotErasable):
            await ledger.erase(seqs, "inconvenient")
    async with store.reading() as unit:
        assert len(await unit.proof.entries()) == 3


async def test_half_an_erasure_is_none(store: Database, ledger: Ledger) -> None:
    await ledger.append(seen(b"one"), Record(EntryType.VERDICT, "verdicts", b"{}"))
    with pytest.raises(NotErasable):
        await ledger.erase([1, 2], "too much")
    async with store.reading() as unit:
        assert await unit.proof.blob(1) is not None


# -- what Otto does in the tables -------------------------------------------------------------------------------------


ATTACKS = {
    "entry edited": (["UPDATE proof_entries SET type = 'fact' WHERE seq = 2"], (Kind.ENTRY_EDITED, 2)),
    "clock in an entry": (
        ["UPDATE proof_entries SET at = '1999-12-31T23:59:59Z' WHERE seq = 2"],
        (Kind.ENTRY_EDITED, 2),
    ),
    "no entry": (["UPDATE proof_entries SET at = 'x' WHERE seq = 2"], (Kind.ENTRY_MALFORMED, 2)),
    "evidence edited": (["UPDATE proof_evidence SET name = 'x' WHERE seq = 2"], (Kind.EVIDENCE_EDITED, 2)),
    "text in the place of evidence": (
        ["UPDATE proof_evidence SET body = '{}' WHERE seq = 2"],
        (Kind.EVIDENCE_EDITED, 2),
    ),
    "evidence moved to another run": (
        ["UPDATE proof_evidence SET run = 'second' WHERE seq = 2"],
        (Kind.EVIDENCE_EDITED, 2),
    ),
    "evidence swapped": (
        [
            "UPDATE proof_evidence SET seq = -2 WHERE seq = 2",
            "UPDATE proof_evidence SET seq = 2 WHERE seq = 5",
            "UPDATE proof_evidence SET seq = 5 WHERE seq = -2",
        ],
        (Kind.EVIDENCE_SWAPPED, 2),
    ),
    "evidence deleted": (["DELETE FROM proof_evidence WHERE seq = 2"], (Kind.EVIDENCE_MISSING, 2)),
    "entry deleted": (["DELETE FROM proof_entries WHERE seq = 2"], (Kind.ENTRIES_MISSING, 2)),
    "cut": (
        ["DELETE FROM proof_entries WHERE seq > 5", "DELETE FROM proof_evidence WHERE seq > 5"],
        (Kind.CUT, 6),
    ),
    "emptied": (["DELETE FROM proof_entries", "DELETE FROM proof_evidence"], (Kind.CUT, 6)),
}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_what_was_changed_in_the_tables_is_found(
    store: Database, ledger: Ledger, tmp_path: Path, attack: str
) -> None:
    for run in ("first", "second"):
        kinds = (EntryType.RUN_BEGUN, EntryType.EVIDENCE, EntryType.RUN_ENDED)
        await ledger.append(*(Record(kind, kind, f"{run} {kind}".encode(), run=run) for kind in kinds))
    assert await ledger.checkpoint(checkpoint_key(tmp_path), tmp_path)
    assert (await ledger.verify(tmp_path)).intact
    statements, expected = ATTACKS[attack]
    for statement in statements:
        await committed(store, statement)
    judged = await ledger.verify(tmp_path)
    assert not judged.intact
    assert expected in [(finding.kind, finding.seq) for finding in judged.findings]


async def committed(store: Database, statement: str) -> None:
    def change(connection: Connection) -> None:
        connection.execute(text(statement))
        connection.commit()

    await store.look(change)


async def test_a_ledger_written_anew_does_not_fit_the_checkpoints_beside_it(
    store: Database, ledger: Ledger, tmp_path: Path
) -> None:
    await ledger.append(seen(b"tls 1.0"))
    assert await ledger.checkpoint(checkpoint_key(tmp_path), tmp_path)
    for table in ("proof_entries", "proof_evidence"):
        await committed(store, f"DELETE FROM {table}")  # noqa: S608 - two names of ours
    await ledger.append(seen(b"tls 1.3"))
    judged = await ledger.verify(tmp_path)
    assert [(each.kind, each.seq) for each in judged.findings] == [(Kind.REWRITTEN, 1)]


# -- checkpoints and their key ----------------------------------------------------------------------------------------


async def test_a_ledger_is_not_signed_twice_for_nothing(store: Database, ledger: Ledger, tmp_path: Path) -> None:
    key = checkpoint_key(tmp_path)
    await ledger.append(seen(b"tls 1.3"))
    first = await ledger.checkpoint(key, tmp_path)
    assert await ledger.checkpoint(key, tmp_path) == first

    async def stamp(checkpoint: Checkpoint) -> Checkpoint:
        return replace(checkpoint, timestamp=b"stamp")

    stamped = await ledger.checkpoint(key, tmp_path, stamp)
    assert stamped is not None
    assert stamped != first, "which had no stamp"
    assert await ledger.checkpoint(key, tmp_path, stamp) == stamped
    async with store.reading() as unit:
        assert len(await unit.proof.entries()) == 3
    await ledger.append(seen(b"tls 1.2"))
    assert await ledger.checkpoint(key, tmp_path, stamp) != stamped


async def test_there_is_no_checkpoint_of_nothing(ledger: Ledger, tmp_path: Path) -> None:
    assert await ledger.checkpoint(checkpoint_key(tmp_path), tmp_path) is None
    assert not (tmp_path / CHECKPOINTS_FILE).exists()


def test_the_key_is_made_once_for_this_user_alone(tmp_path: Path) -> None:
    key = checkpoint_key(tmp_path)
    assert checkpoint_key(tmp_path).private_bytes_raw() == key.private_bytes_raw()
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("held", ["", "not a key", "A" * 42])
def test_a_key_that_is_none_is_not_replaced_unnoticed(tmp_path: Path, held: str) -> None:
    (tmp_path / KEY_FILE).write_text(held)
    with pytest.raises(CannotStartError):
        checkpoint_key(tmp_path)
    assert (tmp_path / KEY_FILE).read_text() == held


async def test_checkpoints_lie_beside_the_database_too(ledger: Ledger, tmp_path: Path) -> None:
    for each in (b"one", b"two"):
        await ledger.append(seen(each))
        await ledger.checkpoint(checkpoint_key(tmp_path), tmp_path)
    file = tmp_path / CHECKPOINTS_FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_bytes().splitlines()) == 2
    assert list((await ledger.verify(tmp_path)).findings) == []
    file.write_bytes(file.read_bytes() + b"nonsense\n")
    assert [each.kind for each in (await ledger.verify(tmp_path)).findings] == [Kind.SIGNATURE_WRONG]


# -- what is looked up ------------------------------------------------------------------------------------------------


async def test_a_page_takes_the_place_of_the_one_before(store: Database) -> None:
    async with store.writing() as unit:
        assert await unit.proof.page("report") is None
        await unit.proof.put_page("report", NOW, '{"state":"none"}')
        await unit.proof.put_page("report", NOW + timedelta(hours=1), '{"state":"ready","ä":1}')
        await unit.proof.put_page("summary", NOW, "{}")
    async with store.reading() as unit:
        assert list(await unit.proof.pages(["report", "facts"])) == ["report"], "those that are there"
        found = await unit.proof.page("report")
    assert found == PageRow("report", NOW + timedelta(hours=1), '{"state":"ready","ä":1}')


async def test_the_newest_of_a_name_is_the_last_that_was_written(store: Database, ledger: Ledger) -> None:
    for run in ("first", "second"):
        await ledger.append(Record(EntryType.VERDICT, "standing", run.encode(), run=run))
    await ledger.append(Record(EntryType.CONFIGURATION, "configuration", b"{}"))
    async with store.reading() as unit:
        found = await unit.proof.newest(EntryType.VERDICT, "standing")
        assert await unit.proof.newest(EntryType.CONFIGURATION, "configuration") is not None
        assert await unit.proof.newest(EntryType.CONFIGURATION, "standing") is None
        assert await unit.proof.newest(EntryType.VERDICT, "nothing") is None
    assert found is not None
    assert (found[0].seq, found[1].body) == (2, b"second")


async def test_what_is_gone_of_a_type_is_noticed(store: Database, ledger: Ledger) -> None:
    for name in ("one", "two", "three"):
        await ledger.append(Record(EntryType.VERDICT, name, b"{}"))
    async with store.writing() as unit:
        await unit.proof.erase(2)
    async with store.reading() as unit:
        assert [await unit.proof.has_lost(EntryType.VERDICT, after) for after in range(3)] == [True, True, False]
        assert not await unit.proof.has_lost(EntryType.EVIDENCE, 0)


async def test_what_the_ledger_tells_of_runs_and_times(store: Database) -> None:
    clock = ManualClock()
    ledger = Ledger(store, clock)
    for run in ("first", "second"):
        await ledger.append(Record(EntryType.RUN_BEGUN, "run", b"{}", run=run))
        await ledger.append(Record(EntryType.FACT, "minors", b"true"))
        clock.advance(timedelta(days=-1))
    await ledger.append(Record(EntryType.RUN_ENDED, "run", b"{}", run="first"))
    async with store.reading() as unit:
        assert await unit.proof.newest_runs(10) == ["second", "first"]
        assert await unit.proof.newest_runs(1) == ["second"]
        assert [entry.seq for entry, _ in await unit.proof.told_of_runs(["first"])] == [1, 5]
        assert [one.seq for one in await unit.proof.entries_of({EntryType.FACT}, 0, 10)] == [2, 4]
        assert [one.seq for one in await unit.proof.entries_of({EntryType.FACT, EntryType.RUN_ENDED}, 2, 1)] == [4]
        first = (await unit.proof.entries(0, 1))[0].at
        assert await unit.proof.latest(0) == first
        assert await unit.proof.latest(3) < first
        assert await unit.proof.latest(99) == ""


async def test_what_people_attach_is_never_the_newest_of_a_name(store: Database, ledger: Ledger) -> None:
    await ledger.append(Record(EntryType.CONFIGURATION, "configuration", b"{}"))
    await ledger.append(Record(EntryType.ATTESTATION, "configuration", b"Otto's", is_file=True))
    async with store.reading() as unit:
        found = await unit.proof.newest(EntryType.CONFIGURATION, "configuration")
    assert found is not None
    assert (found[0].seq, found[1].body) == (1, b"{}")


async def test_what_is_held_and_what_is_old(store: Database) -> None:
    clock = ManualClock()
    ledger = Ledger(store, clock)
    for _ in range(3):
        await ledger.append(seen(b"tls 1.3"))
        clock.advance(timedelta(days=1))
    await ledger.append(Record(EntryType.FACT, "minors", b"true"))
    await ledger.erase([1], "asked for")
    async with store.reading() as unit:
        found = [await unit.proof.written(seq) for seq in (1, 2, 3, 99)]
        assert [None if one is None else one[0].seq for one in found] == [None, 2, 3, None]
        assert [one.seq for one, _ in await unit.proof.written_of([99, 4, 1, 2])] == [2, 4], "those that are there"
        with pytest.raises(ValueError, match="51"):
            await unit.proof.written_of(range(51))
    contract = b"%PDF" + bytes(EVIDENCE_BYTES)
    await ledger.append(Record(EntryType.ATTESTATION, "contract", contract, "application/pdf", is_file=True))
    async with store.reading() as unit:
        last = await unit.proof.last_entry()
        assert last is not None
        assert [one.seq for one, _ in await unit.proof.written_of([4, last.seq])] == [4], "no file that may be large"
        assert await unit.proof.written(last.seq) is not None
        assert list(await unit.proof.older_evidence("2026-11-24T09:00:00Z", 10)) == [2]
        assert list(await unit.proof.older_evidence("2027-01-01T00:00:00Z", 1)) == [2], "the oldest first"
        assert list(await unit.proof.older_evidence("2027-01-01T00:00:00Z", 10)) == [2, 3], "no fact among them"
