"""The doors of the proof: everybody sees the counts, auditors and administrators the rest, and what changes it asks for
more than a cookie. Who may what at which door is in test_account_powers.py, for every door there is."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, get_args

import httpx
import pytest
from sqlalchemy import update

from klausur.api.proof_models import Verdict
from klausur.compliance.exports.all import FORMATS
from klausur.compliance.keeping import Ledger, Record
from klausur.compliance.verdicts import WORST_FIRST
from klausur.domain.accounts import AuditAct
from klausur.domain.errors import NotThere, ProofBusy, ProofFailed, ProofRefused
from klausur.domain.proof_ports import (
    BASIS_PAGE,
    EXPORTS,
    FILES_BYTES,
    PACKAGE,
    SERVER_PAGE,
    UNTIL_PAGE,
    EntryType,
)
from klausur.store.tables import proof_evidence
from tests.accounts import Person, again, code_of, person, stranger
from tests.flows.test_people_administration import trail
from tests.house import House
from tests.offices import ATTESTATION, ID, WAIVER, FakeOffice, put_pages, staffed

MIB = 1024 * 1024
SAID: Mapping[str, Any] = {
    "objective": "DSK-L-1-01.a",
    "answer": True,
    "statement": "Contract of 2 March 2026",
    "person": "Ada Amt",
    "role": "dpo",
    "until": "2027-03-01",
    "files": [{"name": "a.pdf", "media_type": "application/pdf", "body": base64.b64encode(b"%PDF").decode()}],
}
LATER: Mapping[str, Any] = {
    "target": "DSK-L-1-01",
    "reason": "Later",
    "risk": "Small",
    "compensation": "Care",
    "until": "2027-03-01",
    "person": "Ada Amt",
}
WRITES = [
    ("POST", "/api/proof/run", {}),
    ("PUT", "/api/proof/facts", {"key": "minors", "value": True}),
    ("POST", "/api/proof/attestations", SAID),
    ("DELETE", f"/api/proof/attestations/{ID}", None),
    ("POST", "/api/proof/waivers", LATER),
    ("POST", f"/api/proof/waivers/{ID}/second", {"person": "Hanna Haus"}),
    ("DELETE", f"/api/proof/waivers/{ID}", None),
]


@asynccontextmanager
async def ada_at(its: House) -> AsyncIterator[tuple[Person, FakeOffice]]:
    """She administers, with a second factor."""
    office = await staffed(its)
    async with person(its, "Ada", "administrator", strong=True) as ada:
        yield ada, office


async def ask(somebody: Person, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
    return await somebody.browser.request(method, path, json=body, **more)


# -- looking ----------------------------------------------------------------------------------------------------------


async def test_everybody_sees_the_counts_also_before_there_are_any(the_house: House) -> None:
    async with stranger(the_house, "Otto") as otto:
        told = (await ask(otto, "GET", "/api/proof")).json()
        assert (told["state"], told["at"], told["running"], told["catalogue"]) == ("none", None, False, None)
        assert set(told["counts"]) == set(told["must"]) == {outcome.value for outcome in WORST_FIRST}
        await put_pages(the_house)
        assert (await ask(otto, "GET", "/api/proof")).json()["state"] == "ready"


async def test_a_stranger_who_asks_for_more_starts_nothing(the_house: House) -> None:
    office = await staffed(the_house)
    async with stranger(the_house, "Otto") as otto, person(the_house, "Hanna") as hanna:
        for page in ("report", "facts", "exports/package.zip", "evidence/1"):
            assert code_of(await ask(otto, "GET", f"/api/proof/{page}")) == (401, "signin_needed")
            assert code_of(await ask(hanna, "GET", f"/api/proof/{page}")) == (403, "not_allowed")
    assert (office.acts, office.exported) == ([], [])


async def test_an_auditor_reads_all_of_it_with_a_password(the_house: House) -> None:
    await staffed(the_house)
    async with person(the_house, "Ada", "auditor") as ada:
        for page in ("report", "facts", "exports/checklist.csv"):
            assert (await ask(ada, "GET", f"/api/proof/{page}")).status_code == 200


async def test_a_page_is_handed_out_as_it_was_put_together(the_house: House) -> None:
    async with ada_at(the_house) as (ada, _):
        answer = await ask(ada, "GET", "/api/proof/report")
        assert answer.text == '{"state":"ready","running":false,"chapters":[]}'
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"


async def judge_for(its: House, judged: str, server: str, until: str = "null") -> None:
    async with its.built.database.writing() as unit:
        for key, body in {BASIS_PAGE: judged, SERVER_PAGE: server, UNTIL_PAGE: until}.items():
            await unit.proof.put_page(key, its.clock.now(), body)


@pytest.mark.parametrize("how", ["other settings", "at its end"])
async def test_what_holds_no_more_is_shown_to_nobody(the_house: House, how: str) -> None:
    """Who may ask for it to be judged anew does so by looking; strangers start nothing."""
    end = json.dumps(the_house.clock.now().isoformat())
    over = {"other settings": ("{}", '{"release":"2"}', "null"), "at its end": ("{}", "{}", end)}[how]
    async with ada_at(the_house) as (ada, office), stranger(the_house, "Otto") as otto:
        await judge_for(the_house, *over)
        told = (await ask(otto, "GET", "/api/proof")).json()
        assert (told["state"], sum(told["counts"].values()), told["at"], office.acts) == ("outdated", 0, None, [])
        assert code_of(await ask(ada, "GET", "/api/proof/report")) == (503, "proof_failed"), "as nobody judged"
        assert [act["act"]["kind"] for act in office.acts] == ["judge"]

        async def do(act: Mapping[str, Any]) -> Mapping[str, Any]:
            await judge_for(the_house, "{}", "{}")
            return act

        office.do = do  # type: ignore[method-assign]
        await judge_for(the_house, *over)
        assert (await ask(ada, "GET", "/api/proof/report")).json()["state"] == "ready"
        assert (await ask(otto, "GET", "/api/proof")).json()["state"] == "ready"


async def test_that_a_run_goes_on_is_seen_and_nobody_can_write_it(the_house: House) -> None:
    async with ada_at(the_house) as (ada, office):
        body = '{"state":"ready","running":false,"chapters":[{"statement":"\\"running\\":false"}]}'
        async with the_house.built.database.writing() as unit:
            await unit.proof.put_page("report", the_house.clock.now(), body)
        office.running = True
        told = (await ask(ada, "GET", "/api/proof/report")).json()
        assert (told["running"], told["chapters"]) == (True, [{"statement": '"running":false'}])
        assert (await ask(ada, "GET", "/api/proof")).json()["running"]


async def test_what_was_never_put_together_is_asked_for_once_somebody_may_see_it(the_house: House) -> None:
    office = await staffed(the_house, pages=False)
    async with person(the_house, "Ada", "auditor") as ada:
        assert (await ask(ada, "GET", "/api/proof")).json()["state"] == "none"
        assert office.acts == []
        assert code_of(await ask(ada, "GET", "/api/proof/facts")) == (503, "proof_failed"), "a fake makes none"
        assert [act["act"]["kind"] for act in office.acts] == ["judge"]


# -- evidence ---------------------------------------------------------------------------------------------------------

SEEN = {
    "probe": {"id": "tls.versions", "version": 1},
    "status": "pass",
    "says": {"de": "Gut.", "en": "Good."},
    "observations": [{"id": "x"}],
    "evidence": {"versions": ["1.3"]},
    "twin": None,
}


async def kept(its: House, kind: EntryType, body: bytes) -> int:
    (entry,) = await Ledger(its.built.database, its.clock).append(Record(kind, "tls.versions", body))
    return entry.seq


async def test_evidence_is_seen_as_it_was_collected(the_house: House) -> None:
    async with ada_at(the_house) as (ada, _):
        seq = await kept(the_house, EntryType.EVIDENCE, json.dumps(SEEN).encode())
        told = (await ask(ada, "GET", f"/api/proof/evidence/{seq}")).json()
        assert told == {
            "at": "2026-11-22T09:00:00Z",
            "probe": "tls.versions",
            "status": "pass",
            "says": {"de": "Gut.", "en": "Good."},
            "evidence": {"versions": ["1.3"]},
            "twin": None,
        }


@pytest.mark.parametrize("kind", [kind for kind in EntryType if kind is not EntryType.EVIDENCE])
async def test_whatever_else_the_ledger_holds_is_no_evidence(the_house: House, kind: EntryType) -> None:
    """Above all what people attached to their answers."""
    async with ada_at(the_house) as (ada, _):
        seq = await kept(the_house, kind, json.dumps(SEEN).encode())
        assert code_of(await ask(ada, "GET", f"/api/proof/evidence/{seq}")) == (404, "not_found")


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{}", b"\xff", b'{"probe": 1}', b'{"probe": {}, "status": ""}'])
async def test_what_no_probe_wrote_is_not_shown(the_house: House, body: bytes) -> None:
    async with ada_at(the_house) as (ada, _):
        seq = await kept(the_house, EntryType.EVIDENCE, body)
        assert code_of(await ask(ada, "GET", f"/api/proof/evidence/{seq}")) == (404, "not_found")


async def test_erased_evidence_is_not_there(the_house: House) -> None:
    async with ada_at(the_house) as (ada, _):
        seq = await kept(the_house, EntryType.EVIDENCE, json.dumps(SEEN).encode())
        await Ledger(the_house.built.database, the_house.clock).erase([seq], "too old")
        assert code_of(await ask(ada, "GET", f"/api/proof/evidence/{seq}")) == (404, "not_found")


async def test_altered_evidence_is_not_shown_as_what_was_seen(the_house: House) -> None:
    async with ada_at(the_house) as (ada, _):
        seq = await kept(the_house, EntryType.EVIDENCE, json.dumps(SEEN).encode())
        better = {"body": json.dumps({**SEEN, "status": "pass", "evidence": {"versions": []}}).encode()}
        async with the_house.built.database.writing() as unit:
            await unit.proof._do(update(proof_evidence).values(better))
        assert code_of(await ask(ada, "GET", f"/api/proof/evidence/{seq}")) == (404, "not_found")


@pytest.mark.parametrize("seq", ["0", "-1", "2147483648", "x", "1e3", "1;drop", "%2e%2e"])
async def test_a_number_that_is_none_is_malformed(the_house: House, seq: str) -> None:
    async with ada_at(the_house) as (ada, _):
        assert (await ask(ada, "GET", f"/api/proof/evidence/{seq}")).status_code in (400, 404)


# -- exports ----------------------------------------------------------------------------------------------------------


def test_every_format_can_be_downloaded_under_one_name() -> None:
    assert sorted(one.format for name, one in EXPORTS.items() if name != PACKAGE) == sorted(FORMATS)


def test_the_verdicts_of_the_doors_are_those_of_the_engine() -> None:
    assert set(get_args(Verdict)) == {outcome.value for outcome in WORST_FIRST}


@pytest.mark.parametrize("name", EXPORTS)
async def test_an_export_comes_as_a_file(the_house: House, name: str) -> None:
    async with ada_at(the_house) as (ada, _):
        answer = await ask(ada, "GET", f"/api/proof/exports/{name}")
        assert (answer.status_code, answer.content) == (200, b"exported")
        assert answer.headers["content-type"] == EXPORTS[name].media_type
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["content-length"] == "8"
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["", "x", "package.zip.exe", "..%2fproof-key", "proof-key", "PACKAGE.ZIP"])
async def test_there_is_no_other_file(the_house: House, name: str) -> None:
    async with ada_at(the_house) as (ada, office):
        assert (await ask(ada, "GET", f"/api/proof/exports/{name}")).status_code == 404
        assert office.exported == []


# -- writing ----------------------------------------------------------------------------------------------------------


async def test_what_is_said_is_said_by_the_account_of_the_session(the_house: House) -> None:
    async with ada_at(the_house) as (ada, office):
        for method, path, body in WRITES[1:]:
            answer = await ask(ada, method, path, body)
            assert answer.is_success, answer.text
        assert {(act["who"]["account"], act["who"]["name"]) for act in office.acts} == {(ada.id, "Ada")}
        assert [act["act"]["kind"] for act in office.acts] == [
            "fact",
            "attest",
            "withdraw_attestation",
            "ask_for_waiver",
            "approve_waiver",
            "withdraw_waiver",
        ]
        assert office.acts[1]["act"] == {**SAID, "kind": "attest"}


async def test_what_came_of_it_is_answered(the_house: House) -> None:
    async with ada_at(the_house) as (ada, _):
        attested = await ask(ada, "POST", "/api/proof/attestations", SAID)
        assert (attested.status_code, attested.json()) == (201, ATTESTATION)
        asked = await ask(ada, "POST", "/api/proof/waivers", LATER)
        assert (asked.status_code, asked.json()) == (201, WAIVER)
        approved = await ask(ada, "POST", f"/api/proof/waivers/{ID}/second", {"person": "Hanna Haus"})
        assert (approved.status_code, approved.json()["second"]) == (200, "Hanna")


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
async def test_another_site_changes_nothing(the_house: House, method: str, path: str, body: Any) -> None:
    async with ada_at(the_house) as (ada, office):
        for origin in ("https://evil.example", "null", "http://localhost:8001"):
            answer = await ask(ada, method, path, body, headers={"Origin": origin})
            assert code_of(answer) == (403, "wrong_origin")
        del ada.browser.headers["Origin"]
        assert code_of(await ask(ada, method, path, body)) == (403, "wrong_origin")
        assert (office.acts, office.running) == ([], False)


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
async def test_a_page_of_somebody_elses_says_nothing_in_adas_name(
    the_house: House, method: str, path: str, body: Any
) -> None:
    async with ada_at(the_house) as (ada, office):
        for named in (ID, ""):
            answer = await ask(ada, method, path, body, headers={"Klausur-Account": named})
            assert code_of(answer) == (401, "signin_needed")
        del ada.browser.headers["Klausur-Account"]
        assert code_of(await ask(ada, method, path, body)) == (401, "signin_needed")
        assert (office.acts, office.running) == ([], False)


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
async def test_a_password_alone_changes_nothing(the_house: House, method: str, path: str, body: Any) -> None:
    office = await staffed(the_house)
    async with person(the_house, "Ada", "administrator") as ada:
        assert code_of(await ask(ada, method, path, body)) == (403, "second_factor_required")
    assert (office.acts, office.running) == ([], False)


async def test_an_auditor_attests_and_neither_states_facts_nor_begins_runs(the_house: House) -> None:
    office = await staffed(the_house)
    async with person(the_house, "Ada", "auditor", strong=True) as ada:
        for method, path, body in WRITES[:2]:
            assert code_of(await ask(ada, method, path, body)) == (403, "not_allowed")
        for method, path, body in WRITES[2:]:
            assert (await ask(ada, method, path, body)).is_success
    assert len(office.acts) == 5
    assert not office.running


async def test_who_began_a_run_is_in_the_trail_and_who_came_too_late_is_not(the_house: House) -> None:
    async with ada_at(the_house) as (ada, office):
        before = await trail(the_house)
        assert (await ask(ada, "POST", "/api/proof/run", {})).status_code == 202
        assert office.running
        assert code_of(await ask(ada, "POST", "/api/proof/run", {})) == (409, "check_running")
        assert (await trail(the_house))[len(before) :] == [(ada.id, AuditAct.CHECK_BEGUN, ada.id)]


def changed(body: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    return {**body, **fields}


MALFORMED: list[tuple[str, str, Any]] = [
    ("POST", "/api/proof/run", {"only": ["x"]}),
    ("POST", "/api/proof/run", []),
    ("PUT", "/api/proof/facts", {"key": "minors"}),
    ("PUT", "/api/proof/facts", {"key": "minors", "value": 1}),
    ("PUT", "/api/proof/facts", {"key": "minors", "value": {"a": 1}}),
    ("PUT", "/api/proof/facts", {"key": "x" * 65, "value": True}),
    ("PUT", "/api/proof/facts", {"key": "minors", "value": "x" * 20_000}),
    ("POST", "/api/proof/attestations", changed(SAID, answer="yes")),
    ("POST", "/api/proof/attestations", changed(SAID, answer=1)),
    ("POST", "/api/proof/attestations", changed(SAID, statement="x" * 8001)),
    ("POST", "/api/proof/attestations", changed(SAID, person="x" * 401)),
    ("POST", "/api/proof/attestations", changed(SAID, until=20270301)),
    ("POST", "/api/proof/attestations", changed(SAID, account=ID)),
    ("POST", "/api/proof/attestations", changed(SAID, files=[{"name": "a", "body": ""}])),
    ("POST", "/api/proof/attestations", changed(SAID, files=SAID["files"] * 6)),
    ("POST", "/api/proof/attestations", {key: value for key, value in SAID.items() if key != "person"}),
    ("DELETE", "/api/proof/attestations/x", None),
    ("DELETE", f"/api/proof/attestations/{'A' * 23}", None),
    ("POST", "/api/proof/waivers", changed(LATER, second="Hanna Haus")),
    ("POST", "/api/proof/waivers", changed(LATER, reason="x" * 8001)),
    ("POST", "/api/proof/waivers", changed(LATER, person=None)),
    ("POST", f"/api/proof/waivers/{ID}/second", {}),
    ("POST", f"/api/proof/waivers/{ID}/second", {"person": ["Hanna"]}),
    ("POST", "/api/proof/waivers/x/second", {"person": "Hanna"}),
]


@pytest.mark.parametrize(("method", "path", "body"), MALFORMED)
async def test_what_has_another_shape_goes_no_further(the_house: House, method: str, path: str, body: Any) -> None:
    async with ada_at(the_house) as (ada, office):
        assert code_of(await ask(ada, method, path, body)) == (400, "malformed")
        assert (office.acts, office.running) == ([], False)


REFUSED = ProofRefused({"de": "Dieses Ziel gibt es nicht.", "en": "There is no such objective."}, "objective")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (REFUSED, 422, "proof_refused"),
        (NotThere(), 404, "not_found"),
        (ProofBusy(), 503, "proof_busy"),
        (ProofFailed(), 503, "proof_failed"),
        ({}, 503, "proof_failed"),
        ({"id": 1}, 503, "proof_failed"),
    ],
)
async def test_what_went_wrong_is_told(the_house: House, error: Any, status: int, code: str) -> None:
    async with ada_at(the_house) as (ada, office):
        office.instead = error
        answer = await ask(ada, "POST", "/api/proof/attestations", SAID)
        assert code_of(answer) == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"
        if error is REFUSED:
            assert answer.json()["message"] == REFUSED.message
            assert answer.json()["field"] == "objective"


async def test_one_run_at_a_time(the_house: House) -> None:
    async with ada_at(the_house) as (ada, _):
        first = await ask(ada, "POST", "/api/proof/run", {})
        assert (first.status_code, first.json()) == (202, {"running": True})
        assert code_of(await ask(ada, "POST", "/api/proof/run", {})) == (409, "check_running")


# -- large bodies -----------------------------------------------------------------------------------------------------


class Body:
    """Without end; how much of it was read?"""

    def __init__(self) -> None:
        self.read = 0

    async def pieces(self) -> AsyncIterator[bytes]:
        while True:
            self.read += MIB // 16
            yield b"x" * (MIB // 16)


async def send(somebody: Person, path: str, announced: int | None = None) -> tuple[httpx.Response, int]:
    body = Body()
    headers = {"content-type": "application/json"}
    if announced is not None:
        headers["content-length"] = str(announced)
    return await somebody.browser.post(path, content=body.pieces(), headers=headers), body.read


async def test_a_gigabyte_is_refused_before_it_is_read(the_house: House) -> None:
    async with ada_at(the_house) as (ada, office):
        answer, read = await send(ada, "/api/proof/attestations", 1024 * MIB)
        assert (code_of(answer), read) == ((413, "too_large"), 0)
        answer, read = await send(ada, "/api/proof/attestations")
        assert code_of(answer) == (413, "too_large")
        assert read < 30 * MIB
        for path in ("/api/proof/waivers", "/api/proof/facts", "/api/proof/run"):
            answer, read = await send(ada, path, MIB)
            assert (code_of(answer), read) == ((413, "too_large"), 0)
        assert office.acts == []


async def test_whoever_may_not_attest_sends_nothing_large(the_house: House) -> None:
    await staffed(the_house)
    async with (
        stranger(the_house, "Otto") as otto,
        person(the_house, "Hanna", strong=True) as hanna,
        person(the_house, "Ada", "administrator", strong=True) as ada,
        again(ada) as weak,
    ):
        assert code_of(await weak.sign_in()) == (401, "code_needed")
        for somebody, refused in (
            (otto, (401, "signin_needed")),
            (hanna, (403, "not_allowed")),
            (weak, (401, "signin_needed")),
        ):
            answer, read = await send(somebody, "/api/proof/attestations", 2 * MIB)
            assert (code_of(answer), read) == (refused, 0)


async def test_files_of_the_size_that_is_promised_arrive(the_house: House) -> None:
    async with ada_at(the_house) as (ada, office):
        half = base64.b64encode(bytes(FILES_BYTES // 2)).decode()
        files = [{"name": f"{number}.pdf", "media_type": "application/pdf", "body": half} for number in range(2)]
        assert (await ask(ada, "POST", "/api/proof/attestations", changed(SAID, files=files))).status_code == 201
        assert [len(each["body"]) for each in office.acts[0]["act"]["files"]] == [len(half)] * 2
