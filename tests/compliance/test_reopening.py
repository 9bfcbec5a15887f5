"""What opens again when settings change or time passes, and what stays."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from klausur.compliance.judging import note_configuration
from klausur.compliance.keeping import Ledger
from klausur.compliance.retention import erase_old
from klausur.compliance.running import Wanted, run
from klausur.compliance.stating import Answer, Speaker
from klausur.domain.proof_ports import UNTIL_PAGE, EntryType, basis
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
)
from tests.house import House


async def test_a_changed_setting_reopens_rows_without_any_probe(the_house: House) -> None:
    its = installation(the_house)
    await ran(its)
    changed = installation(the_house, open_meetings="nobody")
    await judged(changed)
    (objective,) = [
        one
        for one in (await row(changed))["objectives"]
        if any(binding["probe"] == "config.openers" for binding in one["bindings"])
    ]
    assert objective["verdict"] == "needs-attention"


async def test_a_setting_opens_again_what_it_is_declared_to_bear_on_and_nothing_else(the_house: House) -> None:
    """No probe depends on the language; what somebody has answered does."""
    its = installation(the_house)
    about = next(one for one in CATALOGUE.requirements() if one.id == "DSK-L-3.5.1-02")
    asked = [one for one in about.objectives if any(each.question for each in one.bindings)]
    await note_configuration(its)
    for one in asked:
        yes = Answer(one.id, True, "Read.", "Ada", "DPO", "2026-12-01", ())
        await saying(its).attest(Speaker("A" * 22, "ada"), yes)
    await judged(its)
    before = {one["id"]: one["verdict"] for one in (await row(its, about.id))["objectives"]}
    assert {before[one.id] for one in asked} == {"attested"}
    the_house.clock.advance(timedelta(seconds=1))
    other = replace(its, settings={**its.settings, "language": "de", "log_format": "json"})
    for noted in (False, True):
        await judged(other)
        after = {one["id"]: one["verdict"] for one in (await row(other, about.id))["objectives"]}
        assert {after[one.id] for one in asked} == {"needs-attention"}, f"whether it is in the ledger yet: {noted}"
        await note_configuration(other)
    the_house.clock.advance(timedelta(seconds=1))
    for one in asked:
        yes = Answer(one.id, True, "Read again.", "Ada", "DPO", "2026-12-01", ())
        await saying(other).attest(Speaker("A" * 22, "ada"), yes)
    await judged(other)
    after = {one["id"]: one["verdict"] for one in (await row(other, about.id))["objectives"]}
    assert {after[one.id] for one in asked} == {"attested"}


async def test_the_pages_say_when_something_comes_to_its_end(the_house: House) -> None:
    its = installation(the_house)
    await ran(its)
    binding = bindings(await row(its), "config.openers")
    ends = the_house.clock.now() + timedelta(days=binding["max_age_days"])
    assert await page(its, UNTIL_PAGE) == ends.isoformat()
    the_house.clock.advance(timedelta(days=binding["max_age_days"]))
    await judged(its)
    assert (await row(its))["verdict"] != "met"
    assert await page(its, UNTIL_PAGE) is None, "nothing is left that could"


async def test_that_no_server_ran_holds_no_longer_than_none_runs(the_house: House) -> None:
    its = installation(the_house)
    await run(its, None, CATALOGUE, OPENERS, Wanted(rows=[ROW]))
    assert (await page(its, "summary"))["state"] == "invalid"
    assert await page(its, UNTIL_PAGE) == the_house.clock.now().isoformat()


async def test_the_pages_say_for_which_settings_they_were_made(the_house: House) -> None:
    its = installation(the_house)
    await judged(its)
    assert await page(its, "basis") == json.loads(basis(its.settings, "1.0.0"))
    assert basis(its.settings, "1.0.0") != basis(installation(the_house, guests="accounts").settings, "1.0.0")


async def test_the_ledger_is_told_when_the_settings_change_and_only_then(the_house: House) -> None:
    its = installation(the_house)
    assert await note_configuration(its)
    assert not await note_configuration(its)
    assert await note_configuration(installation(the_house, guests="accounts"))
    async with its.store.reading() as unit:
        last = await unit.proof.newest(EntryType.CONFIGURATION, "configuration")
        types = [entry.type for entry in await unit.proof.entries()]
    assert types == ["configuration", "configuration"]
    assert last is not None
    assert json.loads(last[1].body)["changed"] == ["guests"]


async def test_evidence_goes_when_it_is_old_and_the_chain_stays(the_house: House) -> None:
    its = installation(the_house)
    for _ in range(3):
        await ran(its)
        the_house.clock.advance(timedelta(days=60))
    assert await erase_old(its.store, its.clock, 90) == 2, "the newest is young, and counts"
    assert await erase_old(its.store, its.clock, 90) == 0
    judged = await Ledger(its.store, its.clock).verify()
    assert (judged.erased, [finding.kind for finding in judged.findings if not finding.noted]) == (2, [])
    assert bindings(await row(its), "config.openers")["observation"] is not None


async def test_what_failed_long_ago_is_not_forgotten(the_house: House) -> None:
    its = installation(the_house, open_meetings="anyone")
    await ran(its)
    the_house.clock.advance(timedelta(days=1000))
    assert await erase_old(its.store, its.clock, 90) == 0
    await judged(its)
    assert (await row(its))["verdict"] == "not-met"


async def test_evidence_of_many_runs_ago_still_counts(the_house: House) -> None:
    """However many runs looked at something else since."""
    its = installation(the_house)
    await ran(its)
    for _ in range(4):
        await ran(its, {}, "DSK-T-4.1-02")
    assert bindings(await row(its), "config.openers")["observation"]["status"] == "pass"
