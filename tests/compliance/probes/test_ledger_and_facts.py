"""The ledger, and what was declared, as they lie in the database of a whole installation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, update

from klausur.compliance.evidence import Status
from klausur.compliance.fact_list import FACTS
from klausur.compliance.facts import Origin, Stated
from klausur.compliance.keeping import CHECKPOINTS_FILE, Ledger, Record, checkpoint_key
from klausur.compliance.probes import facts_complete, proof_ledger
from klausur.compliance.records import fact_row
from klausur.compliance.target import Target
from klausur.domain.proof_ports import EntryType
from klausur.store import tables
from tests.compliance.probes.running import Installed, installed


async def a_run(its: Installed) -> None:
    """Its traces in the ledger, signed."""
    ledger = Ledger(its.house.built.database, its.house.clock)
    await ledger.append(
        Record(EntryType.RUN_BEGUN, "run", b"{}", run="r"),
        Record(EntryType.EVIDENCE, "http.headers", b'{"seen":1}', run="r"),
        Record(EntryType.RUN_ENDED, "run", b"{}", run="r"),
    )
    folder = its.house.settings.data
    await ledger.checkpoint(checkpoint_key(folder), folder)


async def tamper(its: Installed, statement: Any) -> None:
    """As somebody with access to the tables."""
    async with its.house.built.database.writing() as unit:
        await unit.proof._do(statement)


async def test_a_ledger_that_nobody_touched_holds(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        await a_run(its)
        assert "Length of the ledger: 4" in await its.is_green(proof_ledger.PROBE)


async def test_the_very_first_entry_is_enough_to_look_at(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        ledger = Ledger(its.house.built.database, its.house.clock)
        await ledger.append(Record(EntryType.RUN_BEGUN, "run", b"{}", run="r"))
        assert "Length of the ledger: 1" in await its.is_green(proof_ledger.PROBE)


async def test_evidence_that_was_edited_is_noticed(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        await a_run(its)
        table = tables.proof_evidence
        await tamper(its, update(table).where(table.c.seq == 2).values(body=b'{"seen":0}'))
        assert "evidence-edited (2)" in await its.is_red(proof_ledger.PROBE)


async def test_a_ledger_that_was_shortened_is_noticed_by_what_lies_beside_it(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        await a_run(its)
        for table in (tables.proof_evidence, tables.proof_entries):
            await tamper(its, delete(table).where(table.c.seq > 1))
        assert "cut-at-the-end" in await its.is_red(proof_ledger.PROBE)


async def test_checkpoints_of_another_key_are_noticed(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        await a_run(its)
        other = tmp_path / "other"
        other.mkdir()
        await Ledger(its.house.built.database, its.house.clock).checkpoint(checkpoint_key(other), other)
        assert "key-not-the-expected" in await its.is_red(proof_ledger.PROBE)
        assert (its.house.settings.data / CHECKPOINTS_FILE).exists()


async def test_where_nothing_was_ever_written_there_is_nothing_to_verify(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert (await its.look(proof_ledger.PROBE)).status is Status.BLOCKED
        its.target = Target(its.target.url, its.target.http, its.target.settings)
        assert (await its.look(proof_ledger.PROBE)).status is Status.BLOCKED
        empty = {"entries": 0, "findings": [], "more": 0}
        assert proof_ledger.judge(empty, {}).status is Status.NOTHING_SEEN


async def declare(its: Installed, key: str, value: str | bool) -> None:
    said = Stated(FACTS[key].checked(value), Origin.DECLARED, datetime(2026, 11, 22, tzinfo=UTC), by="Ada")
    async with its.house.built.database.writing() as unit:
        await unit.proof.put_fact(fact_row(key, said))


async def test_what_ada_has_declared_is_there(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        keys = ("operating_model", "purposes", "identity_provider_used", "controller_name")
        seen = await its.look(facts_complete.PROBE, keys=keys)
        assert seen.status is Status.FAIL
        assert "How is the video conferencing system run?" in seen.says.en
        assert "Wie wird das Videokonferenzsystem betrieben?" in seen.says.de
        await declare(its, "operating_model", "self")
        await declare(its, "purposes", "Talks on greenhouses")
        seen = await its.look(facts_complete.PROBE, keys=keys)
        assert (seen.status, seen.says.en) == (Status.PASS, "4 of 4 facts are there.")
        # What they say stays where it was said.
        assert "greenhouses" not in str(seen.evidence)
        assert "Example e. V." not in str(seen.evidence)


async def test_a_fact_that_the_settings_contradict_is_none(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        await declare(its, "guests_allowed", False)
        seen = await its.look(facts_complete.PROBE, keys=("guests_allowed",))
        assert seen.status is Status.FAIL
        assert "guests_allowed" in seen.says.en


async def test_who_asks_for_no_fact_learns_nothing(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        evidence: dict[str, Any] = {"known": {}, "contradicted": [], "questions": {}}
        assert facts_complete.judge(evidence, {}).status is Status.NOTHING_SEEN
        its.target = replace(its.target, inside=None)
        assert (await its.look(facts_complete.PROBE, keys=("purposes",))).status is Status.BLOCKED
