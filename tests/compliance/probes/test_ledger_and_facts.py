"""The ledger, and what was declared, as they lie in the database of a whole installation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from klausur.compliance.catalogue import load
from klausur.compliance.evidence import Status
from klausur.compliance.facts import Origin, Stated
from klausur.compliance.holding import agreed
from klausur.compliance.keeping import CHECKPOINTS_FILE, Ledger, Record, checkpoint_key
from klausur.compliance.probes import facts_complete, proof_ledger
from klausur.compliance.records import fact_row
from klausur.compliance.stating import Answer, Deviation, File, Speaker, Statements
from klausur.compliance.target import Target
from klausur.domain.ports import UnitOfWork
from klausur.domain.proof_ports import EntryType, RunRow
from klausur.store import tables
from tests.compliance.probes.running import Installed, installed

CATALOGUE = load()


async def a_run(its: Installed) -> None:
    """Its traces in the ledger, signed."""
    ledger, now = Ledger(its.house.built.database, its.house.clock), its.house.clock.now()

    async def along(unit: UnitOfWork) -> None:
        await unit.proof.begin_run(RunRow("r", now, now, "{}"))

    await ledger.append(
        Record(EntryType.RUN_BEGUN, "run", b"{}", run="r"),
        Record(EntryType.EVIDENCE, "http.headers", b'{"seen":1}', run="r"),
        Record(EntryType.RUN_ENDED, "run", b"{}", run="r"),
        along=along,
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
        await ledger.append(Record(EntryType.CONFIGURATION, "configuration", b"{}"))
        assert "Length of the ledger: 1" in await its.is_green(proof_ledger.PROBE)


async def test_a_run_of_which_its_table_tells_otherwise_is_noticed(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        await a_run(its)
        await tamper(its, update(tables.proof_runs).values(body='{"counts": {"met": 191}}'))
        seen = await its.look(proof_ledger.PROBE)
        assert (seen.status, "run r" in seen.says.en, "Lauf r" in seen.says.de) == (Status.FAIL, True, True)


async def test_evidence_that_was_edited_is_noticed(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        await a_run(its)
        table = tables.proof_evidence
        await tamper(its, update(table).where(table.c.seq == 2).values(body=b'{"seen":0}'))
        seen = await its.look(proof_ledger.PROBE)
        assert seen.status is Status.FAIL
        assert seen.says.en == "The ledger is not intact: The evidence of entry 2 was edited."
        assert seen.says.de == "Das Protokoll ist nicht unversehrt: Der Nachweis zu Eintrag 2 wurde verändert."


async def test_a_ledger_that_was_shortened_is_noticed_by_what_lies_beside_it(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        await a_run(its)
        for table in (tables.proof_evidence, tables.proof_entries):
            await tamper(its, delete(table).where(table.c.seq > 1))
        assert "The ledger was cut at its end" in await its.is_red(proof_ledger.PROBE)


async def test_checkpoints_of_another_key_are_noticed(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        await a_run(its)
        other = tmp_path / "other"
        other.mkdir()
        await Ledger(its.house.built.database, its.house.clock).checkpoint(checkpoint_key(other), other)
        assert "not with the one expected" in await its.is_red(proof_ledger.PROBE)
        assert (its.house.settings.data / CHECKPOINTS_FILE).exists()


async def test_where_nothing_was_ever_written_there_is_nothing_to_verify(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert (await its.look(proof_ledger.PROBE)).status is Status.BLOCKED
        its.target = Target(its.target.url, its.target.http, its.target.settings)
        assert (await its.look(proof_ledger.PROBE)).status is Status.BLOCKED
        empty = {"entries": 0, "findings": [], "more": 0, "at_odds": []}
        assert proof_ledger.judge(empty, {}).status is Status.NOTHING_SEEN


def test_what_is_at_odds_is_named_in_the_language_of_the_sentence() -> None:
    judged = proof_ledger.judge({"entries": 1, "findings": [], "more": 0, "at_odds": ["attestation A", "waiver B"]}, {})
    assert judged.says.de.endswith(": Auskunft A; Abweichung B.")
    assert judged.says.en.endswith(": attestation A; waiver B.")


def test_findings_that_are_not_shown_are_told_of() -> None:
    noted = {"noted": True, "says": "It is younger.", "says_de": "Es ist jünger."}
    judged = proof_ledger.judge({"entries": 90, "findings": [noted] * 50, "more": 7, "at_odds": []}, {})
    assert (judged.status, judged.says.en) == (Status.FAIL, "The ledger is not intact: 7 more findings.")


ASKED = next(
    one
    for row in CATALOGUE.requirements()
    for one in row.objectives
    if any(binding.question is not None for binding in one.bindings)
)
ADA, HANNA = Speaker("A" * 22, "ada"), Speaker("H" * 22, "hanna")


def of(its: Installed) -> Statements:
    return Statements(its.house.built.database, its.house.clock, CATALOGUE, its.target.settings)


async def said(its: Installed) -> tuple[str, str]:
    """All that can be said, some of it taken back; the ids of an answer with files and of an accepted deviation."""
    statements = of(its)
    for value in (True, False):
        await statements.fact(ADA, "minors", value=value)
    await statements.fact(ADA, "purposes", "Talks on greenhouses")
    await statements.fact(ADA, "purposes", None)
    liar = File("attestation", "application/json", b'{"id": "x", "files": []}')
    no = Answer(ASKED.id, False, "Not yet.", "Ada Amt", "DPO", "2027-03-01", (liar, File("b", "text/plain", b"b")))
    kept, _ = await statements.attest(ADA, no)
    gone, _ = await statements.attest(ADA, replace(no, answer=True, files=()))
    await statements.withdraw_attestation(HANNA, gone.id)
    wish = Deviation(ASKED.id, "why", "what", "how", "2027-05-31", "Ada Amt")
    deviation = await statements.ask_for(ADA, wish)
    await statements.approve(HANNA, deviation.id, "Hanna Amt")
    withdrawn = await statements.ask_for(ADA, wish)
    await statements.withdraw_waiver(ADA, withdrawn.id)
    return kept.id, deviation.id


async def test_what_people_said_holds_as_the_ledger_has_it(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        await said(its)
        await its.is_green(proof_ledger.PROBE)


@pytest.mark.parametrize("what", ["changed", "taken away", "put there"])
@pytest.mark.parametrize("kind", ["fact", "attestation", "waiver"])
async def test_what_somebody_did_to_it_in_the_tables_is_noticed(tmp_path: Path, kind: str, what: str) -> None:
    """The ledger itself is whole all the while."""
    table = {"fact": tables.proof_facts, "attestation": tables.proof_attestations, "waiver": tables.proof_waivers}[kind]
    async with installed(tmp_path) as its:
        answer, deviation = await said(its)
        name = {"fact": "minors", "attestation": answer, "waiver": deviation}[kind]
        key = table.c.key if kind == "fact" else table.c.id
        async with its.house.built.database.reading() as unit:
            (held,) = (row._mapping for row in await unit.proof._do(select(table).where(key == name)))
        body = held["body"].replace("false", "true").replace('"how"', '"as ever"')
        assert body != held["body"]
        other = {**held, key.name: "employees_take_part" if kind == "fact" else "x" * 22}
        await tamper(
            its,
            {
                "changed": update(table).where(key == name).values(body=body),
                "taken away": delete(table).where(key == name),
                "put there": insert(table).values(other),
            }[what],
        )
        named = other[key.name] if what == "put there" else name
        assert f"{kind} {named}" in await its.is_red(proof_ledger.PROBE)


async def test_of_many_statements_each_counts(tmp_path: Path) -> None:
    """More than are read at once, and files where one page of them ends and the next begins."""
    async with installed(tmp_path) as its:
        statements = of(its)
        for number in range(45):
            await statements.fact(ADA, "minors", value=number % 2 == 0)
        answer, deviation = await said(its)
        await its.is_green(proof_ledger.PROBE)
        async with its.house.built.database.reading() as unit:
            found = await agreed(unit)
        assert [row.key for row in found.facts] == ["minors"]
        assert ([row.id for row in found.attestations], [row.id for row in found.waivers]) == ([answer], [deviation])


async def declare(its: Installed, key: str, value: str | bool) -> None:
    await of(its).fact(ADA, key, value)


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
        assert (seen.status, seen.says.en) == (Status.PASS, "All 4 facts are there.")
        # What they say stays where it was said.
        assert "greenhouses" not in str(seen.evidence)
        assert "Example e. V." not in str(seen.evidence)


async def test_a_fact_that_nobody_declared_is_none_wherever_it_stands(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        forged = Stated("Talks on greenhouses", Origin.DECLARED, its.house.clock.now(), by="Ada")
        async with its.house.built.database.writing() as unit:
            await unit.proof.put_fact(fact_row("purposes", forged))
        assert (await its.look(facts_complete.PROBE, keys=("purposes",))).status is Status.FAIL


async def test_a_fact_that_the_settings_contradict_is_none(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        # Said while nothing was set that it follows from.
        unset = Statements(its.house.built.database, its.house.clock, CATALOGUE, {})
        await unset.fact(ADA, "guests_allowed", value=False)
        seen = await its.look(facts_complete.PROBE, keys=("guests_allowed",))
        assert seen.status is Status.FAIL
        assert "guests_allowed" in seen.says.en


async def test_who_asks_for_no_fact_learns_nothing(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        evidence: dict[str, Any] = {"known": {}, "contradicted": [], "questions": {}}
        assert facts_complete.judge(evidence, {}).status is Status.NOTHING_SEEN
        its.target = replace(its.target, inside=None)
        assert (await its.look(facts_complete.PROBE, keys=("purposes",))).status is Status.BLOCKED
