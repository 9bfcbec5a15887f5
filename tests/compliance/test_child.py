"""The short process, as the server starts it: Ada's acts, from the door to the pages and back."""

from __future__ import annotations

import asyncio
import base64
import csv
import io
import json
import zipfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest

from klausur.compliance import child
from klausur.compliance.catalogue import load
from klausur.compliance.inspection import Known, inspect
from klausur.compliance.judging import Installation
from klausur.compliance.probes import ALL
from klausur.compliance.probing import Probe
from klausur.compliance.running import Wanted, run
from klausur.compliance.target import Target
from klausur.domain.proof_ports import Handed
from klausur.proving import ProofProcesses, _done
from klausur.settings import for_children, plain, read
from tests.accounts import Person, person
from tests.house import House, house
from tests.offices import put_pages

CATALOGUE = load()
FACTS_PROBE = {"facts.complete": ALL["facts.complete"]}
ASKED = next(
    one.id
    for row in CATALOGUE.requirements()
    if row.id in CATALOGUE.profiles["dsk"].requirements
    for one in row.objectives
    if any(each.question is not None and each.max_age_days == 365 for each in one.bindings)
)
SOON = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
"""The child has a clock of its own."""
WHO = {"account": "A" * 22, "name": "Ada"}
ANSWER: Mapping[str, Any] = {
    "objective": ASKED,
    "answer": True,
    "statement": '=HYPERLINK("https://evil.example","<b>Contract</b>")',
    "person": "@Ada",
    "role": "+dpo",
    "until": SOON,
    "files": [{"name": "a.pdf", "media_type": "application/pdf", "body": base64.b64encode(b"%PDF").decode()}],
}


@dataclass
class AtOnce:
    """As ProofProcesses, without processes: those take their time."""

    its: House
    running: bool = False

    def begin_check(self) -> None: ...

    async def do(self, act: Mapping[str, Any]) -> Any:
        return _done(json.loads(json.dumps(await child.answer(json.dumps(act).encode(), self.its.settings))))

    async def export(self, name: str) -> Handed:
        file = self.its.settings.data / "exported"
        await self.do({"who": WHO, "act": {"kind": "export", "name": name, "file": str(file)}})
        content = file.read_bytes()
        file.unlink()
        return Handed(io.BytesIO(content), len(content))


@asynccontextmanager
async def ada_at(folder: Path) -> AsyncIterator[tuple[House, Person]]:
    async with house(folder) as its:
        its.built.api.state.parts = replace(its.built.api.state.parts, office=AtOnce(its))
        async with person(its, "Ada", "administrator", strong=True) as ada:
            yield its, ada


@asynccontextmanager
async def with_processes(folder: Path) -> AsyncIterator[Person]:
    """The server's children have the settings of this house."""
    async with house(folder) as its:
        loaded = read({"data": folder, "open_meetings": "anyone"}, {})
        office: ProofProcesses = its.built.api.state.parts.office
        office._child = replace(office._child, environment=for_children(loaded.settings, loaded.origins))
        async with person(its, "Ada", "administrator", strong=True) as ada:
            yield ada


async def ask(somebody: Person, method: str, path: str, body: Any = None) -> httpx.Response:
    return await somebody.browser.request(method, path, json=body, timeout=None)


def objective_in(report: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(one for one in objectives_in(report) if one["id"] == ASKED)


def objectives_in(report: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    rows = [row for chapter in report["chapters"] for row in chapter["rows"]]
    return [one for row in rows for one in row["objectives"]]


async def test_an_answer_is_seen_in_the_report_and_in_every_export(tmp_path: Path) -> None:
    async with ada_at(tmp_path) as (_, ada):
        answer = await ask(ada, "POST", "/api/proof/attestations", ANSWER)
        assert answer.status_code == 201, answer.text
        attested = objective_in((await ask(ada, "GET", "/api/proof/report")).json())
        assert attested["verdict"] == "attested"
        assert [one["attestation"]["statement"] for one in attested["bindings"]] == [ANSWER["statement"]]

        sheet = (await ask(ada, "GET", "/api/proof/exports/checklist.csv")).content.decode("utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(sheet)) for cell in row]
        assert any("HYPERLINK" in cell for cell in cells)
        lines = [line for cell in cells for line in cell.splitlines()]
        assert not [line for line in lines if line[:1] in "=+-@" and line], "no spreadsheet calculates what Ada wrote"

        package = tmp_path / "package.zip"
        package.write_bytes((await ask(ada, "GET", "/api/proof/exports/package.zip")).content)
        its = inspect(package, Known())
        assert its.intact
        with zipfile.ZipFile(package) as bundle:
            assert b"%PDF" in [bundle.read(name) for name in bundle.namelist() if name.startswith("evidence/")]
            assert "exports/checklist.csv" in bundle.namelist()


async def test_two_people_accept_a_deviation_and_one_withdraws_it(tmp_path: Path) -> None:
    said = {"target": ASKED, "reason": "Later", "risk": "Small", "compensation": "Care", "until": SOON, "person": "Ada"}
    async with ada_at(tmp_path) as (its, ada), person(its, "Hanna", "auditor", strong=True) as hanna:
        await ask(ada, "POST", "/api/proof/attestations", {**ANSWER, "answer": False})
        asked = (await ask(ada, "POST", "/api/proof/waivers", said)).json()
        assert asked["second"] is None
        second = f"/api/proof/waivers/{asked['id']}/second"
        assert objective_in((await ask(ada, "GET", "/api/proof/report")).json())["verdict"] == "not-met"
        assert (await ask(hanna, "POST", second, {"person": "Hanna"})).json()["second"] == "Hanna"
        assert objective_in((await ask(ada, "GET", "/api/proof/report")).json())["verdict"] == "deviation-accepted"
        assert (await ask(hanna, "DELETE", f"/api/proof/waivers/{asked['id']}")).status_code == 204
        assert objective_in((await ask(ada, "GET", "/api/proof/report")).json())["verdict"] == "not-met"


async def test_facts_can_be_said_before_the_first_run(tmp_path: Path) -> None:
    async with ada_at(tmp_path) as (_, ada):
        facts = (await ask(ada, "GET", "/api/proof/facts")).json()["facts"]
        assert next(one for one in facts if one["key"] == "minors")["value"] is None
        told = (await ask(ada, "PUT", "/api/proof/facts", {"key": "minors", "value": False})).json()
        assert (told["key"], told["value"], told["origin"], told["by"]) == ("minors", False, "declared", "Ada")
        refused = await ask(ada, "PUT", "/api/proof/facts", {"key": "minors", "value": "perhaps"})
        assert (refused.status_code, refused.json()["field"]) == (422, "value")
        assert set(refused.json()["message"]) == {"de", "en"}


# -- a fact that changes what was seen ---------------------------------------------------------------------------------

ON_SITE = "On site, or by telephone"
SHOWN, ITS_ROW = next(
    (objective.id, row.id)
    for row in CATALOGUE.requirements()
    for objective in row.objectives
    for binding in objective.bindings
    if binding.test is not None and dict(binding.test.params).get("keys") == ("alternative_to_video",)
)
"""That the fact "alternative_to_video" is there shows it."""


async def checked(its: House, probes: Mapping[str, Probe]) -> None:
    """A run with these, over one row."""
    at = Installation(its.built.database, child.SystemClock(), plain(its.settings), version("klausur"))
    async with httpx.AsyncClient(base_url="http://localhost", trust_env=False) as http:
        target = Target("http://localhost", http, at.settings, inside=its.built.database)
        await run(at, target, CATALOGUE, probes, Wanted(rows=[ITS_ROW]))


async def said(ada: Person, value: str | None) -> None:
    assert (await ask(ada, "PUT", "/api/proof/facts", {"key": "alternative_to_video", "value": value})).is_success


async def binding_shown(ada: Person) -> tuple[str, Any]:
    """Of the objective: its verdict, and what was seen."""
    report = (await ask(ada, "GET", "/api/proof/report")).json()
    one = next(each for each in objectives_in(report) if each["id"] == SHOWN)
    return one["verdict"], next(each["observation"] for each in one["bindings"] if each["probe"])


async def test_what_rests_on_a_fact_is_looked_at_again_as_soon_as_it_changes(tmp_path: Path) -> None:
    """Red goes because somebody looked, and comes back the same way."""
    async with ada_at(tmp_path) as (its, ada):
        await checked(its, FACTS_PROBE)
        verdict, before = await binding_shown(ada)
        assert (verdict, before["status"]) == ("not-met", "fail")
        await said(ada, ON_SITE)
        verdict, seen = await binding_shown(ada)
        assert (verdict, seen["status"]) == ("met", "pass")
        assert seen["entry"] > before["entry"]
        assert (await ask(ada, "GET", f"/api/proof/evidence/{seen['entry']}")).json()["twin"], "with its own twin"
        await said(ada, None)
        assert (await binding_shown(ada))[0] == "not-met"


async def test_what_was_looked_at_without_a_run_outlasts_the_next_one(tmp_path: Path) -> None:
    async with ada_at(tmp_path) as (its, ada):
        await checked(its, FACTS_PROBE)
        await said(ada, ON_SITE)
        await checked(its, {})
        assert (await binding_shown(ada))[0] == "met"


async def test_where_nobody_has_looked_a_fact_shows_nothing(tmp_path: Path) -> None:
    async with ada_at(tmp_path) as (_, ada):
        await said(ada, ON_SITE)
        assert await binding_shown(ada) == ("not-verified", None)


async def test_a_look_that_goes_wrong_leaves_the_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No change is enough to make it green."""

    async def stumbles(_: Target) -> Any:
        raise OSError

    async with ada_at(tmp_path) as (its, ada):
        await checked(its, FACTS_PROBE)
        monkeypatch.setattr(child, "ALL", {name: replace(each, collect=stumbles) for name, each in FACTS_PROBE.items()})
        await said(ada, ON_SITE)
        assert (await binding_shown(ada))[0] == "not-met"


# -- real processes ---------------------------------------------------------------------------------------------------


async def test_a_real_process_says_so_too(tmp_path: Path) -> None:
    async with with_processes(tmp_path) as ada:
        told = await ask(ada, "PUT", "/api/proof/facts", {"key": "minors", "value": True})
        assert (told.status_code, told.json()["value"]) == (200, True)


async def test_a_real_process_hands_out_a_file(tmp_path: Path) -> None:
    async with with_processes(tmp_path) as ada:
        told = await ask(ada, "GET", "/api/proof/exports/profile.json")
        assert json.loads(told.content)["profile"]
        assert sorted(each.name for each in await asyncio.to_thread(lambda: list(tmp_path.glob("export-*")))) == []


# -- what it is asked --------------------------------------------------------------------------------------------------


def asked(kind: str, **said: Any) -> bytes:
    return json.dumps({"who": WHO, "act": {"kind": kind, **said}}).encode()


@pytest.mark.parametrize(
    "given",
    [
        b"",
        b"[]",
        b"\xff",
        b"{}",
        b"[" * 100_000,
        asked("unknown"),
        asked("_judge"),
        asked("fact"),
        asked("fact", key=["minors"], value=True),
        asked("attest", objective=1),
        json.dumps({"who": {}, "act": {"kind": "judge"}}).encode(),
        json.dumps({"who": {**WHO, "role": "administrator"}, "act": {"kind": "judge"}}).encode(),
    ],
)
async def test_what_makes_no_sense_fails_and_writes_nothing(the_house: House, given: bytes) -> None:
    told = await child.answer(given, the_house.settings)
    assert set(told) == {"failed"}
    assert await the_house.counted("proof_entries") == 0


@pytest.mark.parametrize("body", ["%%%", "AAA", "QQ==QQ==", "ä", "QUJD\n"])
async def test_a_garbled_file_is_refused(the_house: House, body: str) -> None:
    files = [{"name": "a.pdf", "media_type": "application/pdf", "body": body}]
    told = await child.answer(asked("attest", **{**ANSWER, "files": files}), the_house.settings)
    assert told["refused"]["field"] == "files"
    assert await the_house.counted("proof_entries") == 0


async def test_without_a_database_it_says_no_more_than_that(tmp_path: Path) -> None:
    settings = read({"data": tmp_path / "nowhere"}, {}).settings
    assert await child.answer(asked("judge"), settings) == {"failed": "StorageUnavailable"}


async def test_an_export_overwrites_nothing(the_house: House, tmp_path: Path) -> None:
    await put_pages(the_house)
    there = tmp_path / "there"
    there.write_text("mine")
    told = await child.answer(asked("export", name="checklist.csv", file=str(there)), the_house.settings)
    assert (told, there.read_text()) == ({"failed": "FileExistsError"}, "mine")
    told = await child.answer(asked("export", name="nothing.csv", file=str(tmp_path / "x")), the_house.settings)
    assert told == {"missing": True}
