"""The proof's pages, as Ada reads them: put together at a run's end, and whenever somebody says something."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from klausur.api.proof_models import ProofSummary
from klausur.api.proof_pages import FactsPage, ProofReport
from klausur.compliance import judging, report_runs
from klausur.compliance.evidence import Attestation, Waiver
from klausur.compliance.fact_list import FACTS
from klausur.compliance.facts import Origin, Stated
from klausur.compliance.judging import Installation, note_configuration
from klausur.compliance.records import attestation_row, fact_row, waiver_row
from klausur.compliance.running import Wanted, run
from klausur.compliance.stating import Answer, Deviation, File, Speaker, Statements
from klausur.compliance.target import CannotLook, Target
from klausur.compliance.verdicts import Invalid, Outcome
from klausur.compliance.words import Text
from klausur.domain.proof_ports import SERVER_PAGE, EntryType, RunRow, basis
from tests.compliance.reports import (
    CATALOGUE,
    OPENERS,
    ROW,
    bindings,
    installation,
    judged,
    page,
    ran,
    row,
    saying,
    target_of,
)
from tests.house import House

SUMMARY_KEYS = {
    "state",
    "at",
    "release",
    "profile",
    "catalogue",
    "rows",
    "counts",
    "must",
    "labels",
    "running",
    "invalid",
}


async def test_before_anything_was_tested_there_is_nothing_to_be_proud_of(the_house: House) -> None:
    its = installation(the_house)
    await judged(its)
    summary = await page(its, "summary")
    assert set(summary) == SUMMARY_KEYS
    assert (summary["state"], summary["at"], summary["counts"]["met"]) == ("none", None, 0)
    assert summary["rows"] == len(CATALOGUE.profiles["dsk"].requirements) == sum(summary["counts"].values())
    assert (await row(its))["answer"] == "no"


async def test_after_a_run_every_row_of_the_profile_is_there_whatever_the_run_was_about(the_house: House) -> None:
    its = installation(the_house)
    outcome = await ran(its)
    report = await page(its, "report")
    assert set(report) > SUMMARY_KEYS
    assert (report["state"], report["invalid"]) == ("ready", None)
    told = [one["id"] for chapter in report["chapters"] for one in chapter["rows"]]
    assert told == [one.id for one in CATALOGUE.requirements() if one.id in CATALOGUE.profiles["dsk"].requirements]
    assert [each["id"] for each in report["runs"]] == [outcome.run]
    assert report["runs"][0]["only"] == [ROW]
    assert sum(report["runs"][0]["counts"].values()) == 1


async def test_the_last_run_is_not_younger_for_being_judged_anew(the_house: House) -> None:
    its = installation(the_house)
    async with target_of(its) as target:
        await run(its, target, CATALOGUE, OPENERS, Wanted())
    ended = the_house.clock.now()
    the_house.clock.advance(timedelta(days=3))
    await judged(its)
    assert (await page(its, "summary"))["at"] == ended.isoformat()


async def test_nor_for_one_that_was_about_a_single_row(the_house: House) -> None:
    its = installation(the_house)
    await ran(its)
    assert (await page(its, "summary"))["at"] == the_house.clock.now().isoformat(), "better than none"
    async with target_of(its) as target:
        await run(its, target, CATALOGUE, OPENERS, Wanted())
    ended = the_house.clock.now()
    the_house.clock.advance(timedelta(days=3))
    await ran(its)
    assert (await page(its, "summary"))["at"] == ended.isoformat()


async def test_an_observation_leads_to_its_entry_in_the_ledger(the_house: House) -> None:
    its = installation(the_house)
    await ran(its)
    seen = bindings(await row(its), "config.openers")["observation"]
    assert (seen["status"], seen["grade"]) == ("pass", 2)
    assert "OPEN_MEETINGS" in seen["says"]["de"]
    async with its.store.reading() as unit:
        blob = await unit.proof.blob(seen["entry"])
        (entry,) = await unit.proof.entries(seen["entry"] - 1, 1)
    assert blob is not None
    assert entry.type == EntryType.EVIDENCE
    assert json.loads(blob.body)["probe"]["id"] == "config.openers"


@pytest.mark.parametrize("trouble", [CannotLook(Text("Nein.", "No.")), ValueError("broken")])
@pytest.mark.parametrize("setting", ["accounts", "anyone"], ids=["after a pass", "after a fail"])
async def test_a_later_attempt_that_says_nothing_stands_beside_what_the_verdict_rests_on(
    the_house: House, setting: str, trouble: Exception
) -> None:
    its = installation(the_house, open_meetings=setting)
    await ran(its)
    before = bindings(await row(its), "config.openers")
    assert before["later"] is None
    the_house.clock.advance(timedelta(hours=1))

    async def sees_nothing(_: Target) -> Any:
        raise trouble

    (probe,) = OPENERS.values()
    await ran(its, {probe.id: replace(probe, collect=sees_nothing)})
    after = bindings(await row(its), "config.openers")
    assert after["observation"] == before["observation"]
    assert after["later"]["status"] in ("blocked", "crashed")
    assert after["later"]["entry"] > before["observation"]["entry"]


async def test_the_pages_are_what_their_doors_are_described_to_give(the_house: House) -> None:
    its = installation(the_house, open_meetings="anyone")
    await ran(its)
    contract = File("contract.pdf", "application/pdf", b"%PDF")
    yes = Answer(asked()[0], True, "Read.", "Ada", "DPO", "2026-12-01", (contract,))
    await saying(its).attest(Speaker("A" * 22, "ada"), yes)
    await saying(its).ask_for(Speaker("A" * 22, "ada"), deviating(its))
    await saying(its).fact(Speaker("A" * 22, "ada"), "minors", value=True)
    await judged(its)
    described: Mapping[str, type[BaseModel]] = {"summary": ProofSummary, "report": ProofReport, "facts": FactsPage}
    for key, model in described.items():
        stored = await page(its, key)
        assert model.model_validate(stored).model_dump() == stored


async def test_how_many_rows_are_not_the_authorities_own_words_is_counted_for_everybody(the_house: House) -> None:
    its = installation(the_house)
    await ran(its)
    summary, report = await page(its, "summary"), await page(its, "report")
    rows = [one for chapter in report["chapters"] for one in chapter["rows"]]
    labelled = [one for one in rows if one["label"] is not None or one["grade_note"] is not None]
    assert sum(one["rows"] for one in summary["labels"]) == len(labelled) > 100
    assert sum(one["must"] for one in summary["labels"]) == sum(one["verb"] == "MUST" for one in labelled)
    (ours,) = [one for one in summary["labels"] if one["label"]["en"] == "our engineering rule"]
    assert ours["rows"] == sum((one["label"] or {}).get("en") == "our engineering rule" for one in rows)


async def test_every_text_is_in_both_languages(the_house: House) -> None:
    its = installation(the_house)
    await ran(its)

    def texts(value: Any) -> Any:
        if isinstance(value, dict):
            if "de" in value or "en" in value:
                yield value
            for one in value.values():
                yield from texts(one)
        if isinstance(value, list):
            for one in value:
                yield from texts(one)

    found = [one for key in ("report", "facts") for one in texts(await page(its, key))]
    assert len(found) > 1000
    assert [one for one in found if set(one) != {"de", "en"} or not all(one.values())] == []


async def test_a_failed_row_says_what_was_seen(the_house: House) -> None:
    its = installation(the_house, open_meetings="anyone")
    await ran(its)
    told = await row(its)
    assert (told["verdict"], told["answer"]) == ("not-met", "no")
    assert any("anyone" in reason["en"] for reason in told["reasons"]), told["reasons"]


async def test_runs_tell_what_changed_and_rows_their_history(the_house: House) -> None:
    await ran(installation(the_house, open_meetings="anyone"))
    the_house.clock.advance(timedelta(hours=1))
    its = installation(the_house)
    await ran(its)
    newest, first = (await page(its, "report"))["runs"]
    before, after = "not-met", (await row(its))["verdict"]
    assert newest["changes"] == [{"row": ROW, "from": before, "to": after}]
    assert first["changes"] == []
    assert [each["verdict"] for each in (await row(its))["history"]] == [after, before]


async def test_a_run_that_was_broken_off_is_told_of_as_one_and_changes_no_verdict(the_house: House) -> None:
    its = installation(the_house)
    await ran(its)
    the_house.clock.advance(timedelta(hours=1))
    before = await row(its)
    begun = asyncio.Event()

    async def hangs(target: Target) -> dict[str, object]:
        if target.settings["open_meetings"] == "accounts":
            begun.set()
            await asyncio.Event().wait()
        return target.evidence(value=target.settings["open_meetings"])

    slow = {"config.openers": replace(OPENERS["config.openers"], collect=hangs, seconds=3600)}
    going = asyncio.create_task(ran(its, slow))
    await begun.wait()
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)
    report = await page(its, "report")
    assert [(each["ended_at"] is None, each["counts"] is None) for each in report["runs"]] == [
        (True, True),
        (False, False),
    ]
    assert report["state"] == "ready"
    assert (await row(its))["verdict"] == before["verdict"]
    assert len((await row(its))["history"]) == 1


async def test_a_clock_that_was_turned_back_makes_a_run_say_nothing(the_house: House) -> None:
    its = installation(the_house)
    await ran(its)
    the_house.clock.advance(timedelta(days=-1))
    outcome = await ran(its)
    assert outcome.assessment.invalid is Invalid.CLOCK_TURNED_BACK
    assert outcome.seen == []
    summary = await page(its, "summary")
    assert summary["state"] == "invalid"
    assert "Uhr" in summary["invalid"]["de"]
    assert (await row(its))["verdict"] == "not-verified"


async def test_it_is_not_forgotten_by_running_once_more_or_by_saying_something(the_house: House) -> None:
    its = installation(the_house)
    await ran(its)
    the_house.clock.advance(timedelta(days=-60))
    await ran(its)
    await Statements(its.store, its.clock, CATALOGUE, its.settings).fact(Speaker("", "Ada"), "minors", value=True)
    await note_configuration(installation(the_house, open_meetings="anyone"))
    assert (await judged(its)).invalid is Invalid.CLOCK_TURNED_BACK
    assert (await ran(its)).assessment.invalid is Invalid.CLOCK_TURNED_BACK


async def test_a_server_with_other_settings_is_not_the_one_that_was_asked_about(the_house: House) -> None:
    """Somebody has set it better, and has not restarted it."""
    its = installation(the_house)
    running = basis({**its.settings, "open_meetings": "anyone"}, its.release)
    async with its.store.writing() as unit:
        await unit.proof.put_page(SERVER_PAGE, its.clock.now(), running)
    outcome = await ran(its)
    assert (outcome.assessment.invalid, outcome.seen) == (Invalid.OTHER_SETTINGS, [])
    assert await judging.differing(its) == ["open_meetings"]
    assert await judging.differing(replace(its, release="1.0.1")) == ["open_meetings", "release"]
    async with its.store.writing() as unit:
        await unit.proof.put_page(SERVER_PAGE, its.clock.now(), basis(its.settings, its.release))
    assert (await ran(its)).assessment.invalid is None
    async with its.store.writing() as unit:
        await unit.proof.put_page(SERVER_PAGE, its.clock.now(), "no JSON")
    assert (await ran(its)).assessment.invalid is Invalid.OTHER_SETTINGS, "whoever altered it"


async def test_pages_of_what_was_known_before_do_not_stand_above_a_newer_run(
    the_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ada attests while a run comes to its end."""
    good, bad = installation(the_house), installation(the_house, open_meetings="anyone")
    await ran(good)
    really = judging.known

    async def and_then_a_run_ends(its: Installation, *more: Any) -> Any:
        what = await really(its, *more)
        monkeypatch.setattr(judging, "known", really)
        await ran(bad)
        return what

    monkeypatch.setattr(judging, "known", and_then_a_run_ends)
    await judged(bad)
    assert (await row(bad))["verdict"] == "not-met"


async def test_without_a_server_the_page_says_so(the_house: House) -> None:
    its = installation(the_house)
    await run(its, None, CATALOGUE, OPENERS, Wanted())
    assert (await page(its, "summary"))["state"] == "invalid"
    # The next judgement beside a running server finds what was known before.
    assert (await judged(its)).invalid is None
    assert (await page(its, "summary"))["state"] == "none", "and that nobody has looked yet"
    await ran(its)
    looked = (await page(its, "summary"))["at"]
    the_house.clock.advance(timedelta(days=3))
    await run(its, None, CATALOGUE, OPENERS, Wanted())
    await judged(its)
    assert (await page(its, "summary"))["at"] == looked, "a run that saw nothing is none"


# -- what people say --------------------------------------------------------------------------------------------------


def asked() -> tuple[str, str]:
    """An objective of the profile that people answer, and the digest of its question."""
    chosen = CATALOGUE.profiles["dsk"].requirements
    return next(
        (objective.id, binding.asked)
        for one in CATALOGUE.requirements()
        if one.id in chosen and not one.applies_if
        for objective in one.objectives
        for binding in objective.bindings
        if binding.question is not None
    )


def a_day(its: Installation, days: int) -> str:
    return (its.clock.now() + timedelta(days=days)).date().isoformat()


def deviating(its: Installation, days: int = 30) -> Deviation:
    return Deviation(ROW, "why", "what", "how", a_day(its, days), "Ada")


async def test_what_ada_attests_is_shown_with_her_name_and_files(the_house: House) -> None:
    its = installation(the_house)
    objective, _ = asked()
    contract = File("contract.pdf", "application/pdf", b"%PDF")
    said = Answer(objective, True, "Read.", "Ada", "DPO", a_day(its, 90), (contract,))
    await saying(its).attest(Speaker("A" * 22, "ada"), said)
    await judged(its)
    told = await row(its, objective.rsplit(".", 1)[0])
    (found,) = [
        binding["attestation"]
        for one in told["objectives"]
        for binding in one["bindings"]
        if binding["attestation"] is not None
    ]
    assert (found["person"], found["answer"]) == ("Ada", True)
    assert found["files"] == [{"name": "contract.pdf", "digest": contract.digest}]


async def test_a_waiver_without_a_second_person_has_no_effect_and_is_shown(the_house: House) -> None:
    its = installation(the_house, open_meetings="anyone")
    await ran(its)
    alone = await saying(its).ask_for(Speaker("A" * 22, "ada"), deviating(its))
    await judged(its)
    told = await row(its)
    (waits,) = told["waivers"]
    assert (told["verdict"], waits["first"], waits["second"]) == ("not-met", "Ada", None)
    await saying(its).approve(Speaker("H" * 22, "hanna"), alone.id, "Hanna")
    await judged(its)
    assert [one["second"] for one in (await row(its))["waivers"]] == ["Hanna"]
    assert any(one["verdict"] == "deviation-accepted" for one in (await row(its))["objectives"])


async def test_a_deviation_in_effect_stands_before_one_that_waits_and_hides_it_not(the_house: House) -> None:
    its = installation(the_house, open_meetings="anyone")
    await ran(its)
    first = await saying(its).ask_for(Speaker("A" * 22, "ada"), deviating(its))
    await saying(its).approve(Speaker("H" * 22, "hanna"), first.id, "Hanna")
    the_house.clock.advance(timedelta(hours=1))
    next_ = await saying(its).ask_for(Speaker("A" * 22, "ada"), deviating(its, 60))
    await judged(its)
    told = [(one["id"], one["second"]) for one in (await row(its))["waivers"]]
    assert told == [(first.id, "Hanna"), (next_.id, None)]


async def test_what_somebody_writes_into_the_tables_is_nobodys_word(the_house: House) -> None:
    """An answer, an approval and a fact that nobody has said."""
    its = installation(the_house, open_meetings="anyone")
    await ran(its)
    objective, question = asked()
    now = its.clock.now()
    until = now + timedelta(days=30)
    yes = Attestation("A" * 22, objective, question, True, "Read.", "Ada", "DPO", now, until)
    waiver = Waiver("W" * 22, ROW, "why", "what", "how", "Ada", "Hanna", now, until)
    async with its.store.writing() as unit:
        await unit.proof.add_attestation(attestation_row(yes))
        await unit.proof.add_waiver(waiver_row(waiver))
        await unit.proof.put_fact(fact_row("minors", Stated(False, Origin.DECLARED, now, "Ada")))
    found = await judged(its)
    assert found.counts[Outcome.ATTESTED] == found.counts[Outcome.DEVIATION_ACCEPTED] == 0
    assert (await row(its))["waivers"] == []
    assert (await fact(its, "minors"))["value"] is None


@pytest.mark.parametrize("how", ["taken away", "turned into a yes"])
async def test_a_no_counts_whatever_became_of_it_in_its_table(the_house: House, how: str) -> None:
    its = installation(the_house)
    objective, _ = asked()
    yes = Answer(objective, True, "So it is.", "Ada", "DPO", a_day(its, 90))
    await saying(its).attest(Speaker("A" * 22, "ada"), yes)
    the_house.clock.advance(timedelta(minutes=1))
    told, _ = await saying(its).attest(Speaker("A" * 22, "ada"), replace(yes, answer=False))
    async with its.store.writing() as unit:
        await unit.proof.drop_attestation(told.id)
        if how != "taken away":
            await unit.proof.add_attestation(attestation_row(replace(told, answer=True)))
    of_row = next(one for one in (await judged(its)).rows if one.requirement.id == objective.rsplit(".", 1)[0])
    assert of_row.verdict.outcome is Outcome.NOT_MET


async def fact(its: Installation, key: str) -> Any:
    return next(one for one in (await page(its, "facts"))["facts"] if one["key"] == key)


async def test_a_declared_fact_is_on_its_page_and_in_the_ledger(the_house: House) -> None:
    its = installation(the_house)
    await judged(its)
    open_before = (await page(its, "report"))["facts_open"]
    said = Statements(its.store, its.clock, CATALOGUE, its.settings)
    await said.fact(Speaker("", "Ada"), "minors", value=True)
    await judged(its)
    told = await fact(its, "minors")
    assert (told["value"], told["origin"], told["by"], told["editable"]) == (True, "declared", "Ada", True)
    assert (await page(its, "report"))["facts_open"] == open_before - 1
    await said.fact(Speaker("", "Ada"), "minors", value=None)
    await judged(its)
    assert (await fact(its, "minors"))["value"] is None
    async with its.store.reading() as unit:
        assert [entry.type for entry in await unit.proof.entries()] == ["fact", "fact"]


async def test_every_fact_is_asked_for_once(the_house: House) -> None:
    its = installation(the_house)
    await judged(its)
    assert [one["key"] for one in (await page(its, "facts"))["facts"]] == list(FACTS)


async def test_what_a_probe_saw_stands_above_what_the_settings_say(the_house: House) -> None:
    its = installation(the_house)
    openers = OPENERS["config.openers"]
    lies = replace(openers, id="recording.impossible", depends_on=())

    async def sees(target: Target) -> dict[str, object]:
        return target.evidence(value="anyone")

    objective = next(
        one.id
        for one in CATALOGUE.requirements()
        for objective in one.objectives
        for binding in objective.bindings
        if binding.test is not None and binding.test.probe == lies.id
    )
    await ran(its, {lies.id: replace(lies, collect=sees)}, objective)
    told = await fact(its, "recording_offered")
    assert (told["value"], told["origin"]) == (True, "observed")
    assert told["contradiction"] is not None
    assert [one["key"] for one in (await page(its, "report"))["contradictions"]] == ["recording_offered"]


def test_a_run_that_was_altered_to_nonsense_is_still_listed(the_house: House) -> None:
    now = the_house.clock.now()
    for body in ("", "[]", '{"verdicts": 1, "counts": 2, "only": 3}'):
        (told,) = report_runs.plain([RunRow("R" * 22, now, now, body)])
        assert (told["id"], told["counts"], told["only"], told["changes"]) == ("R" * 22, None, None, [])
