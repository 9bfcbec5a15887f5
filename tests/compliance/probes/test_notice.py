"""Whether the notice that Gustav reads says what Hanna declared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from klausur.compliance.catalogue import load
from klausur.compliance.evidence import Status
from klausur.compliance.probes import notice_equals_facts
from klausur.compliance.stating import Speaker, Statements
from klausur.compliance.target import Target
from tests.compliance.probes.held import healthy, plays
from tests.compliance.probes.running import Installed, installed

CATALOGUE = load()
HANNA = Speaker("H" * 22, "hanna")
DECLARED = {"purposes": "Talks on greenhouses", "legal_bases": "Art. 6(1)(e) GDPR", "operating_model": "self"}
SAID = "\nWhat for: talks\non greenhouses. On which basis: Art. 6(1)(e) GDPR. Run by ourselves."


async def declared(its: Installed, **facts: str) -> None:
    statements = Statements(its.house.built.database, its.house.clock, CATALOGUE, its.target.settings)
    for key, value in facts.items():
        await statements.fact(HANNA, key, value)


def read_so(its: Installed, change: Any) -> None:
    """``change``: of the notice's text, to the one that a browser shows."""
    held = healthy()
    held["scenes"]["before"]["notice"] = change(held["scenes"]["before"]["notice"])
    its.target = replace(its.target, plays=plays(held))


async def test_a_notice_that_says_what_was_declared_passes(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        await declared(its, **DECLARED)
        read_so(its, lambda text: text + SAID)
        assert "5 facts and the periods" in await its.is_green(notice_equals_facts.PROBE)
        seen = await its.look(notice_equals_facts.PROBE)
        assert "greenhouses" not in str(seen.evidence)


async def test_a_purpose_that_the_notice_does_not_name_is_noticed(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        await declared(its, **DECLARED | {"purposes": "Talks on greenhouses, and hearings of applicants"})
        read_so(its, lambda text: text + SAID)
        assert "What are the meetings for?" in await its.is_red(notice_equals_facts.PROBE)


async def test_a_controller_by_another_name_is_noticed(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        read_so(its, lambda text: text.replace("Example e. V.", "Another e. V."))
        assert "Who is the controller?" in await its.is_red(notice_equals_facts.PROBE)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("10 minutes", "one minute"), "periods"),
        (("24 hours", "30 hours"), "periods"),
        (("The meeting is over", "It is all over soon. The meeting is over"), ""),
        (("encrypted", "transmitted"), "encryption"),
    ],
)
async def test_what_is_in_effect_stands_in_it(tmp_path: Path, changed: tuple[str, str], said: str) -> None:
    async with installed(tmp_path) as its:
        await declared(its, **DECLARED)
        read_so(its, lambda text: text.replace(*changed) + SAID)
        seen = await its.look(notice_equals_facts.PROBE)
        assert seen.status is (Status.FAIL if said else Status.PASS)
        assert said in seen.says.en


async def test_an_installation_of_which_nothing_was_declared_is_not_judged(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        read_so(its, lambda text: text)
        assert (await its.look(notice_equals_facts.PROBE)).status is Status.NOTHING_SEEN


async def test_a_notice_that_did_not_appear_shows_nothing(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        read_so(its, lambda _text: "Loading")
        assert (await its.look(notice_equals_facts.PROBE)).status is Status.NOTHING_SEEN


async def test_without_the_database_nobody_knows_what_was_declared(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        its.target = Target(its.target.url, its.target.http, its.target.settings, plays=plays(healthy()))
        assert (await its.look(notice_equals_facts.PROBE)).status is Status.BLOCKED
