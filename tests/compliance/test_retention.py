"""Erika answers, asks and declares, and leaves the house: once what she said has not held for as long as evidence is
kept, nothing names her, and the ledger is as whole as before. What still holds, and what Otto has touched, stays."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import delete, insert, select, update

from klausur.compliance import retention
from klausur.compliance.holding import at_odds
from klausur.compliance.inspection import Known, inspect
from klausur.compliance.judging import judge_again
from klausur.compliance.keeping import Ledger
from klausur.compliance.package import export
from klausur.compliance.retention import erase_outlived
from klausur.compliance.stating import Answer, Deviation, File, Speaker
from klausur.compliance.verdicts import Outcome
from klausur.store import tables
from tests.compliance.ledgers import ADAS_KEY
from tests.compliance.test_package import CONTENTS
from tests.compliance.test_stating import ASKED, CATALOGUE, HANNA, TESTED, installation, outcome, statements
from tests.house import House, everything

DAYS: Final = 400
ERIKA = Speaker("E" * 22, "erika.abgang")
NAMES: Final = (b"erika.abgang", b"Erika Abgang", b"Abgang.pdf", b"seen by E. Abgang")
CONTRACT = File("Abgang.pdf", "application/pdf", b"%PDF-1.7 seen by E. Abgang")
YES = Answer(ASKED.id, True, "Erika Abgang has read it", "Erika Abgang", "DPO", "2027-03-01", (CONTRACT,))
WISH = Deviation(TESTED.id, "Erika Abgang asks", "Small", "None", "2027-05-31", "Erika Abgang")


async def gone(its: House) -> int:
    return await erase_outlived(its.built.database, its.clock, DAYS)


async def is_whole(its: House, erased: int) -> bool:
    """By the ledger, and by the tables."""
    judged = await Ledger(its.built.database, its.clock).verify()
    assert [finding for finding in judged.findings if not finding.noted] == []
    assert judged.erased == erased
    return await odd(its) == []


async def odd(its: House) -> list[str]:
    async with its.built.database.reading() as unit:
        return await at_odds(unit)


async def bodies(its: House) -> list[int]:
    """Numbers of the entries of which more is left than that they were."""
    async with its.built.database.reading() as unit:
        entries = await unit.proof.entries()
        return [entry.seq for entry in entries if await unit.proof.blob(entry.seq) is not None]


def named(its: House) -> Sequence[bytes]:
    """In any byte of any file."""
    held = everything(its.settings.data)
    return [name for name in NAMES if name in held]


async def otto(its: House, statement: Any) -> Any:
    async with its.built.database.writing() as unit:
        return await unit.proof._do(statement)


def later(its: House, days: int) -> None:
    its.clock.advance(timedelta(days=days))


async def all_said_and_taken_back(its: House) -> None:
    """Entries 1 to 9."""
    says = statements(its)
    answer, _ = await says.attest(ERIKA, YES)
    await says.withdraw_attestation(ERIKA, answer.id)
    wish = await says.ask_for(ERIKA, WISH)
    await says.approve(HANNA, wish.id, "Hanna Amt")
    await says.withdraw_waiver(ERIKA, wish.id)
    await says.fact(ERIKA, "purposes", "Talks, ask Erika Abgang")
    await says.fact(HANNA, "purposes", "Talks")
    await says.fact(ERIKA, "purposes", None)


# -- what goes --------------------------------------------------------------------------------------------------------


async def test_whoever_took_back_what_she_said_is_named_nowhere_in_the_end(the_house: House) -> None:
    await all_said_and_taken_back(the_house)
    await judge_again(installation(the_house), catalogue=CATALOGUE)
    later(the_house, DAYS)
    assert await gone(the_house) == 0, "a verdict that is as old may rest on it"
    assert b"Erika Abgang" in everything(the_house.settings.data)
    later(the_house, 1)
    assert await gone(the_house) == 9
    assert await is_whole(the_house, 9)
    assert named(the_house) == []
    assert await gone(the_house) == 0


async def test_an_answer_that_is_long_over_goes_and_makes_nothing_better(the_house: House) -> None:
    await statements(the_house).attest(ERIKA, YES)
    later(the_house, 365)
    judged = await judge_again(installation(the_house), catalogue=CATALOGUE)
    assert outcome(judged, ASKED) is Outcome.NEEDS_ATTENTION
    assert await gone(the_house) == 0
    later(the_house, DAYS)
    assert await gone(the_house) == 2
    judged = await judge_again(installation(the_house), catalogue=CATALOGUE)
    assert outcome(judged, ASKED) is Outcome.OUTSIDE_ENGINE, "which is worse"
    assert await is_whole(the_house, 2)
    assert await the_house.counted("proof_attestations") == 0
    await the_house.built.database.scrub(deleted=True)
    assert named(the_house) == [], "the page that named her was put together anew"


async def test_a_deviation_that_is_long_over_goes_with_all_that_led_to_it(the_house: House) -> None:
    says = statements(the_house)
    wish = await says.ask_for(ERIKA, WISH)
    later(the_house, 30)
    await says.approve(HANNA, wish.id, "Hanna Amt")
    later(the_house, 160 + DAYS)
    assert await gone(the_house) == 0, "approved or not, it is one deviation"
    later(the_house, 1)
    assert await gone(the_house) == 2
    assert await is_whole(the_house, 2)
    assert (await the_house.counted("proof_waivers"), named(the_house)) == (0, [])


async def test_a_fact_that_was_declared_anew_goes_and_the_new_one_stays(the_house: House) -> None:
    await statements(the_house).fact(ERIKA, "purposes", "Talks, ask Erika Abgang")
    later(the_house, 1000)
    await statements(the_house).fact(HANNA, "purposes", "Talks")
    assert await gone(the_house) == 0, "it held until now"
    later(the_house, DAYS + 1)
    assert await gone(the_house) == 1
    assert await bodies(the_house) == [2, 3]
    assert await is_whole(the_house, 1)
    assert named(the_house) == []


async def test_however_much_it_is_it_goes_bit_by_bit_and_never_by_halves(
    the_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_AT_ONCE", 2)
    await all_said_and_taken_back(the_house)
    later(the_house, DAYS + 1)
    went = []
    while count := await gone(the_house):
        went.append(count)
        assert await is_whole(the_house, sum(went))
    assert went == [3, 3, 2, 1], "an answer with its file and its end, a deviation, facts"


# -- what stays -------------------------------------------------------------------------------------------------------


async def test_what_still_holds_stays_however_old_it_is(the_house: House) -> None:
    says = statements(the_house)
    await says.fact(ERIKA, "purposes", "Talks, ask Erika Abgang")
    later(the_house, 5000)
    await says.attest(ERIKA, replace(YES, until=f"{the_house.clock.now() + timedelta(days=90):%Y-%m-%d}"))
    later(the_house, DAYS)
    assert await gone(the_house) == 0
    assert await bodies(the_house) == [1, 2, 3]


async def test_a_no_is_not_forgotten_by_waiting(the_house: House) -> None:
    await statements(the_house).attest(ERIKA, replace(YES, answer=False))
    later(the_house, 5000)
    assert await gone(the_house) == 0
    judged = await judge_again(installation(the_house), catalogue=CATALOGUE)
    assert outcome(judged, ASKED) is Outcome.NOT_MET


async def test_a_no_goes_with_the_yes_that_came_after_it(the_house: House) -> None:
    says = statements(the_house)
    await says.attest(ERIKA, replace(YES, answer=False, files=(), until="2026-12-31"))
    later(the_house, 60)
    await says.attest(HANNA, replace(YES, files=(), until="2027-11-30"))
    later(the_house, DAYS + 60)
    assert await gone(the_house) == 0, "were the yes withdrawn, the no would count again"
    later(the_house, DAYS)
    assert await gone(the_house) == 2
    assert await is_whole(the_house, 2)


async def test_a_yes_does_not_leave_the_no_behind_that_it_revised(the_house: House) -> None:
    says = statements(the_house)
    await says.attest(ERIKA, replace(YES, answer=False, files=(), until="2027-11-01"))
    later(the_house, 1)
    await says.attest(HANNA, replace(YES, files=(), until="2026-12-31"))
    later(the_house, DAYS + 60)
    assert await gone(the_house) == 0
    judged = await judge_again(installation(the_house), catalogue=CATALOGUE)
    assert outcome(judged, ASKED) is Outcome.NEEDS_ATTENTION
    later(the_house, DAYS)
    assert await gone(the_house) == 2


async def test_a_clock_that_was_turned_back_lets_nothing_hold_again(the_house: House) -> None:
    says = statements(the_house)
    await says.fact(ERIKA, "purposes", "Talks")
    later(the_house, 100)
    await says.fact(ERIKA, "purposes", "Talks on greenhouses")
    later(the_house, -90)
    await says.fact(ERIKA, "purposes", None)
    later(the_house, DAYS + 1)
    assert await gone(the_house) == 0
    later(the_house, 90)
    assert await gone(the_house) == 3
    assert await odd(the_house) == []


# -- what Otto does ---------------------------------------------------------------------------------------------------


async def test_a_row_that_is_put_back_is_nobodys_word_for_all_that_was_erased(the_house: House) -> None:
    answer, _ = await statements(the_house).attest(ERIKA, YES)
    (row,) = (dict(one._mapping) for one in await otto(the_house, select(tables.proof_attestations)))
    await statements(the_house).withdraw_attestation(ERIKA, answer.id)
    later(the_house, DAYS + 1)
    assert await gone(the_house) == 3
    await otto(the_house, insert(tables.proof_attestations).values(row))
    assert await odd(the_house) == [f"attestation {answer.id}"]
    later(the_house, 1000)
    assert await gone(the_house) == 0
    assert await odd(the_house) == [f"attestation {answer.id}"]


async def test_what_tables_and_ledger_tell_differently_stays_to_be_looked_into(the_house: House) -> None:
    answer, _ = await statements(the_house).attest(ERIKA, YES)
    await statements(the_house).fact(ERIKA, "purposes", "Talks")
    await statements(the_house).fact(ERIKA, "purposes", None)
    table = tables.proof_attestations
    (row,) = await otto(the_house, select(table))
    await otto(the_house, update(table).values(body=row.body.replace("has read", "has not read")))
    later(the_house, 365 + DAYS + 1)
    assert await gone(the_house) == 2, "the fact"
    assert await odd(the_house) == [f"attestation {answer.id}"]
    assert await bodies(the_house) == [1, 2, 5]


@pytest.mark.parametrize("seq", [1, 2])
async def test_what_was_altered_is_not_erased_before_somebody_has_seen_it(the_house: House, seq: int) -> None:
    """The answer, or the file that lies beside it."""
    await statements(the_house).attest(ERIKA, YES)
    await otto(the_house, update(tables.proof_evidence).where(tables.proof_evidence.c.seq == seq).values(body=b"{}"))
    later(the_house, 365 + DAYS + 1)
    assert await gone(the_house) == 0
    judged = await Ledger(the_house.built.database, the_house.clock).verify()
    assert [(each.kind, each.seq) for each in judged.findings if not each.noted] == [("evidence-edited", seq)]


async def test_a_file_that_is_missing_is_not_passed_off_as_erased(the_house: House) -> None:
    await statements(the_house).attest(ERIKA, YES)
    await otto(the_house, delete(tables.proof_evidence).where(tables.proof_evidence.c.seq == 2))
    later(the_house, 365 + DAYS + 1)
    assert await gone(the_house) == 1
    judged = await Ledger(the_house.built.database, the_house.clock).verify()
    assert [(each.kind, each.seq) for each in judged.findings if not each.noted] == [("evidence-missing", 2)]


async def test_to_erase_what_still_holds_does_not_help(the_house: House) -> None:
    """Neither by the ledger's own means alone, nor with the row."""
    answer, _ = await statements(the_house).attest(ERIKA, replace(YES, answer=False))
    await Ledger(the_house.built.database, the_house.clock).erase([1, 2], "inconvenient")
    assert await odd(the_house) == [f"attestation {answer.id}"]


# -- the package ------------------------------------------------------------------------------------------------------


async def test_a_package_made_afterwards_is_intact_and_names_nobody(the_house: House, tmp_path: Path) -> None:
    ledger, folder = Ledger(the_house.built.database, the_house.clock), the_house.settings.data
    await all_said_and_taken_back(the_house)
    await ledger.checkpoint(ADAS_KEY, folder)
    before = tmp_path / "before.zip"
    await export(the_house.built.database, folder, before, ADAS_KEY, CONTENTS)
    later(the_house, DAYS + 1)
    await gone(the_house)
    await ledger.checkpoint(ADAS_KEY, folder)
    after = tmp_path / "after.zip"
    await export(the_house.built.database, folder, after, ADAS_KEY, CONTENTS)
    its = inspect(after, Known(earlier=before))
    assert (its.intact, its.judgement.findings) == (True, [])
    assert (its.judgement.entries, its.judgement.evidence, its.judgement.erased) == (12, 3, 9)
    with zipfile.ZipFile(before) as was, zipfile.ZipFile(after) as now:
        assert all(any(name in was.read(member) for member in was.namelist()) for name in NAMES)
        assert not any(name in now.read(member) for name in NAMES for member in now.namelist())
