"""Ada has a run made: what it saw is kept, and what was not seen to its end says nothing."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from klausur.compliance import running
from klausur.compliance.catalogue import load
from klausur.compliance.evidence import Status
from klausur.compliance.grades import Grade
from klausur.compliance.probes import ALL
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.running import Installation, UnknownRows, Wanted, is_running, outside, run
from klausur.compliance.target import Target
from klausur.compliance.verdicts import ExitCode, Invalid, Outcome
from klausur.domain.proof_ports import EntryType
from tests.compliance.reports import CATALOGUE, OPENERS, ROW, installation, target_of
from tests.house import House


async def entries(its: Installation) -> list[tuple[str, str]]:
    async with its.store.reading() as unit:
        return [(entry.type, entry.prev[:4]) for entry in await unit.proof.entries()]


def verdict(outcome: running.Outcome, objective: str) -> Outcome:
    rows = outcome.assessment.rows
    return next(one.verdict.outcome for row in rows for one in row.objectives if one.objective.id == objective)


def objective_of(probe: str) -> str:

    return next(
        one.id
        for row in load().requirements()
        if row.id == ROW
        for one in row.objectives
        if any(binding.test is not None and binding.test.probe == probe for binding in one.bindings)
    )


async def test_what_a_run_saw_is_written_down_in_order(the_house: House) -> None:
    its = installation(the_house)
    async with target_of(its) as target:
        outcome = await run(its, target, CATALOGUE, OPENERS, Wanted(rows=[ROW]))
    assert [type_ for type_, _ in await entries(its)] == ["run-begun", "evidence", "verdict", "verdict", "run-ended"]
    assert [seen.status for seen in outcome.seen] == [Status.PASS]
    assert verdict(outcome, objective_of("config.openers")) is Outcome.MET
    assert outcome.assessment.exit_code is not ExitCode.FULFILLED, "one row of three is not all of it"


async def test_a_setting_that_changes_reopens_what_depends_on_it(the_house: House) -> None:
    its = installation(the_house)
    async with target_of(its) as target:
        await run(its, target, CATALOGUE, OPENERS, Wanted(rows=[ROW]))
        changed = installation(the_house, open_meetings="anyone")
        again = await run(changed, target, CATALOGUE, {}, Wanted(rows=[ROW]))
    assert verdict(again, objective_of("config.openers")) is Outcome.NEEDS_ATTENTION


@pytest.mark.parametrize(("size", "status"), [(450_000, Status.PASS), (600_000, Status.CRASHED)])
async def test_a_probe_that_sees_much_does_not_end_the_run(the_house: House, size: int, status: Status) -> None:
    """What its twin showed lies beside what it saw, in one piece of a limited size."""
    its = installation(the_house)

    async def talks(target: Target) -> Evidence:
        return target.evidence(value=target.settings["open_meetings"], more="x" * size)

    async with target_of(its) as target:
        talkative = {"config.openers": replace(OPENERS["config.openers"], collect=talks)}
        outcome = await run(its, target, CATALOGUE, talkative, Wanted(rows=[ROW]))
    assert [one.status for one in outcome.seen] == [status]
    assert outcome.assessment.invalid is None


async def test_an_update_reopens_everything(the_house: House) -> None:
    its = installation(the_house)
    async with target_of(its) as target:
        before = await run(its, target, CATALOGUE, OPENERS, Wanted(rows=[ROW]))
        after = await run(replace(its, release="1.0.1"), target, CATALOGUE, {}, Wanted(rows=[ROW]))
    found = [verdict(one, objective_of("config.openers")) for one in (before, after)]
    assert found == [Outcome.MET, Outcome.NEEDS_ATTENTION]


async def test_without_a_server_nothing_is_said(the_house: House) -> None:
    its = installation(the_house)
    outcome = await run(its, None, CATALOGUE, OPENERS, Wanted())
    assert (outcome.assessment.invalid, outcome.assessment.exit_code) == (Invalid.NO_SERVER, ExitCode.INVALID)
    assert outcome.assessment.rows == ()


async def test_a_run_that_was_interrupted_says_nothing_and_counts_for_nothing(the_house: House) -> None:
    its = installation(the_house)

    async def hangs_on_the_real_one(target: Target) -> Evidence:
        if target.settings["open_meetings"] == "accounts":
            begun.set()
            await asyncio.Event().wait()
        return target.evidence(value=target.settings["open_meetings"])

    begun = asyncio.Event()
    slow = replace(ALL["config.logging"], id="config.logging", collect=hangs_on_the_real_one, seconds=3600)
    probes = {**OPENERS, "config.logging": replace(slow, judge=_fails)}
    async with target_of(its) as target:
        going = asyncio.create_task(run(its, target, CATALOGUE, probes, Wanted()))
        await begun.wait()
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
        types = [type_ for type_, _ in await entries(its)]
        assert types[0] == EntryType.RUN_BEGUN
        assert EntryType.VERDICT not in types
        after = await run(its, target, CATALOGUE, {}, Wanted(rows=[ROW]))
    assert verdict(after, objective_of("config.openers")) is Outcome.NOT_VERIFIED


def _fails(_evidence: Evidence, _params: Params) -> Judged:
    return Judged(Status.FAIL, ALL["config.logging"].proves)


async def test_rows_that_do_not_exist_are_refused(the_house: House) -> None:
    its = installation(the_house)
    with pytest.raises(UnknownRows, match="DSK-X"):
        await run(its, None, CATALOGUE, OPENERS, Wanted(rows=["DSK-X", ROW]))
    with pytest.raises(UnknownRows, match="everything"):
        await run(its, None, CATALOGUE, OPENERS, Wanted(profile="everything"))
    assert await entries(its) == []


async def test_evidence_that_was_erased_is_no_evidence(the_house: House) -> None:
    its = installation(the_house)
    async with target_of(its) as target:
        await run(its, target, CATALOGUE, OPENERS, Wanted(rows=[ROW]))
        async with its.store.writing() as unit:
            kept = json.loads((await unit.proof.blob(2)).body)  # type: ignore[union-attr]
            assert kept["observations"][0]["grade"] == Grade.CONFIGURED
            assert await unit.proof.erase(2)
        again = await run(its, target, CATALOGUE, {}, Wanted(rows=[ROW]))
    assert verdict(again, objective_of("config.openers")) is Outcome.NOT_VERIFIED


async def test_nobody_answers_where_nothing_runs() -> None:
    assert not await is_running("http://127.0.0.1:9")
    async with outside("http://127.0.0.1:9", {}) as target:
        assert target.url == "http://127.0.0.1:9"
