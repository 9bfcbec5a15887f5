"""What counts from earlier runs is what they saw: Otto edits it, swaps it, and slips something of his own beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from klausur.compliance.catalogue import load
from klausur.compliance.evidence import Status
from klausur.compliance.holding import at_odds
from klausur.compliance.judging import Installation, clock_is_right, judge_again
from klausur.compliance.probing import Evidence, Judged, Params
from klausur.compliance.stating import Answer, File, Speaker, Statements
from klausur.compliance.verdicts import FULFILLED, Outcome
from klausur.compliance.words import Text
from klausur.domain.proof_ports import Blob, EntryType, RunRow
from tests.compliance.reports import OPENERS, ROW, installation, ran
from tests.house import House

CATALOGUE = load()
NOTHING: Mapping[str, Any] = {}
"""No probe: a run with it judges by what is known."""
OBJECTIVE = next(
    one
    for row in CATALOGUE.requirements()
    if row.id == ROW
    for one in row.objectives
    if any(binding.test is not None and binding.test.probe == "config.openers" for binding in one.bindings)
)
ASKED = next(
    one
    for row in CATALOGUE.requirements()
    for one in row.objectives
    if any(binding.question is not None for binding in one.bindings)
)


async def verdict(its: Installation) -> Outcome:
    judged = await judge_again(its, catalogue=CATALOGUE)
    return next(one.verdict.outcome for row in judged.rows for one in row.objectives if one.objective == OBJECTIVE)


async def blobs(its: Installation) -> dict[int, tuple[str, Blob]]:
    """By number, with the type of the entry."""
    async with its.store.reading() as unit:
        entries = await unit.proof.entries()
        found = {entry.seq: (entry.type, await unit.proof.blob(entry.seq)) for entry in entries}
    return {seq: (type_, blob) for seq, (type_, blob) in found.items() if blob is not None}


async def numbers(its: Installation, type_: EntryType, name: str) -> list[int]:
    return [seq for seq, (kind, blob) in (await blobs(its)).items() if (kind, blob.name) == (type_, name)]


async def put(its: Installation, seq: int, blob: Blob) -> None:
    """As somebody does who can write into the database."""
    from sqlalchemy import delete, insert

    from klausur.store.tables import proof_evidence

    row = {"run": blob.run, "name": blob.name, "media_type": blob.media_type, "salt": blob.salt, "body": blob.body}
    async with its.store.writing() as unit:
        await unit.proof._do(delete(proof_evidence).where(proof_evidence.c.seq == seq))  # type: ignore[attr-defined]
        await unit.proof._do(insert(proof_evidence).values(seq=seq, **row))  # type: ignore[attr-defined]


def told_as_passed(body: bytes) -> bytes:
    changed = body.replace(b'"status":"fail"', b'"status":"pass"').replace(b'"value":"anyone"', b'"value":"accounts"')
    assert changed != body
    return changed


async def test_what_was_seen_counts_without_being_looked_at_again(the_house: House) -> None:
    good, bad = installation(the_house), installation(the_house, open_meetings="anyone")
    await ran(good)
    await ran(good, NOTHING)
    assert await verdict(good) is Outcome.MET
    await ran(bad)
    await ran(bad, NOTHING)
    assert await verdict(bad) is Outcome.NOT_MET


@pytest.mark.parametrize("which", ["evidence", "standing", "both"])
async def test_a_fail_that_was_edited_into_a_pass_is_no_pass(the_house: House, which: str) -> None:
    its = installation(the_house, open_meetings="anyone")
    await ran(its)
    assert await verdict(its) is Outcome.NOT_MET
    held = await blobs(its)
    (seen,) = await numbers(its, EntryType.EVIDENCE, "config.openers")
    (stands,) = await numbers(its, EntryType.VERDICT, "standing")
    for seq in {"evidence": [seen], "standing": [stands], "both": [seen, stands]}[which]:
        await put(its, seq, replace(held[seq][1], body=told_as_passed(held[seq][1].body)))
    left = Outcome.NOT_MET if which == "evidence" else Outcome.NOT_VERIFIED
    assert await verdict(its) is left
    await ran(its, NOTHING)
    assert await verdict(its) is left, "nor does the next run believe it"
    await ran(its)
    assert await verdict(its) is Outcome.NOT_MET, "which a look shows"


async def test_evidence_that_was_swapped_between_runs_is_of_neither(the_house: House) -> None:
    good, bad = installation(the_house), installation(the_house, open_meetings="anyone")
    await ran(good)
    await ran(bad)
    assert await verdict(bad) is Outcome.NOT_MET
    held = await blobs(good)
    one, two = await numbers(good, EntryType.EVIDENCE, "config.openers")
    await put(good, one, held[two][1])
    await put(good, two, held[one][1])
    assert await verdict(good) not in FULFILLED, "what was for it shows nothing any more"
    assert await verdict(bad) is Outcome.NOT_MET, "what was against it counts without its evidence"


@pytest.mark.parametrize("which", ["evidence", "standing"])
@pytest.mark.parametrize("how", ["deleted", "edited"])
async def test_throwing_away_what_was_against_us_brings_no_earlier_pass_back(
    the_house: House, how: str, which: str
) -> None:
    """Passed on Monday, failed on Tuesday, with the same settings; then Otto has a way with databases."""
    its = installation(the_house)
    await ran(its)
    the_house.clock.advance(timedelta(days=1))
    await ran(its, {"config.openers": replace(OPENERS["config.openers"], judge=fails)})
    assert await verdict(its) is Outcome.NOT_MET
    held = await blobs(its)
    seq = {
        "evidence": (await numbers(its, EntryType.EVIDENCE, "config.openers"))[-1],
        "standing": (await numbers(its, EntryType.VERDICT, "standing"))[-1],
    }[which]
    if how == "deleted":
        async with its.store.writing() as unit:
            await unit.proof.erase(seq)
    else:
        await put(its, seq, replace(held[seq][1], body=b"[]"))
    assert await verdict(its) is (Outcome.NOT_MET if which == "evidence" else Outcome.NOT_VERIFIED)
    the_house.clock.advance(timedelta(hours=1))
    await ran(its)
    assert await verdict(its) is Outcome.MET, "a later look, no weaker, finds it right"


async def test_where_the_clock_was_ahead_somebody_says_so_and_nothing_from_then_counts(the_house: House) -> None:
    its = installation(the_house)
    await ran(its)
    assert await verdict(its) is Outcome.MET
    the_house.clock.advance(timedelta(days=-60))
    await clock_is_right(its)
    assert await verdict(its) is Outcome.NEEDS_ATTENTION, "it was seen in the future"
    await ran(its)
    assert await verdict(its) is Outcome.MET


def fails(_evidence: Evidence, _params: Params) -> Judged:
    return Judged(Status.FAIL, Text(de="Nein.", en="No."))


@pytest.mark.parametrize("how", ["never ended", "says otherwise", "later", "taken away", "made up"])
async def test_a_run_of_which_its_table_tells_otherwise_is_at_odds_with_the_ledger(the_house: House, how: str) -> None:
    from sqlalchemy import update

    from klausur.store.tables import proof_runs

    its = installation(the_house)
    run = (await ran(its)).run
    altered: Mapping[str, Mapping[str, Any]] = {
        "never ended": {"ended_at": None},
        "says otherwise": {"body": "{}"},
        "later": {"ended_at": its.clock.now() + timedelta(days=9)},
    }
    async with its.store.writing() as unit:
        assert await at_odds(unit) == []
        if how in altered:
            await unit.proof._do(update(proof_runs).values(**altered[how]))  # type: ignore[attr-defined]
        elif how == "taken away":
            await unit.proof.drop_run(run)
        else:
            run = "R" * 22
            await unit.proof.begin_run(RunRow(run, its.clock.now(), its.clock.now(), "{}"))
    async with its.store.reading() as unit:
        assert await at_odds(unit) == [f"run {run}"]
    assert await verdict(its) is Outcome.MET, "whatever is told of the run"


def forged(body: bytes) -> bytes:
    """What stands, but for the best of all passes."""
    stands = json.loads(told_as_passed(body))
    return json.dumps([{**one, "grade": 7} for one in stands]).encode()


async def test_a_file_that_somebody_attaches_is_no_evidence_whatever_its_name(the_house: House) -> None:
    its = installation(the_house, open_meetings="anyone")
    await ran(its)
    (stands,) = await numbers(its, EntryType.VERDICT, "standing")
    body = forged((await blobs(its))[stands][1].body)
    file = File("standing", "application/json", body)
    answer = Answer(ASKED.id, True, "See the file.", "Otto", "Auditor", "2027-03-01", (file,))
    await Statements(its.store, its.clock, CATALOGUE, its.settings).attest(Speaker("O" * 22, "otto"), answer)
    assert await verdict(its) is Outcome.NOT_MET


@pytest.mark.parametrize("seq", [99, 2**31 - 1])
async def test_what_lies_there_without_an_entry_is_no_evidence(the_house: House, seq: int) -> None:
    its = installation(the_house, open_meetings="anyone")
    await ran(its)
    (stands,) = await numbers(its, EntryType.VERDICT, "standing")
    real = (await blobs(its))[stands][1]
    await put(its, seq, replace(real, run="", body=forged(real.body)))
    assert await verdict(its) is Outcome.NOT_MET
