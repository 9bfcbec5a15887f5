"""Hanna's vault as the server has it: bytes in versions, and its key as it was wrapped by each of her means."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from klausur.domain.accounts import VAULT_MAX_CHARACTERS
from tests.accounts import Person, again, blob, code_of, person, stranger, wrapped
from tests.house import House


async def vault(hanna: Person) -> dict[str, Any]:
    answer = await hanna.browser.get("/api/vault")
    assert answer.status_code == 200, answer.text
    held: dict[str, Any] = answer.json()
    return held


async def test_of_two_devices_that_write_at_once_one_notices(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna, again(hanna) as phone:
        await phone.sign_in()
        assert (await vault(phone))["version"] == 1
        blobs = [blob(), blob()]
        answers = await asyncio.gather(
            *(
                device.browser.put("/api/vault", json={"account": hanna.id, "version": 2, "blob": each})
                for device, each in zip((hanna, phone), blobs, strict=True)
            )
        )
        assert sorted(answer.status_code for answer in answers) == [204, 409]
        held = await vault(hanna)
        assert (held["version"], held["blob"]) == (2, blobs[[answer.status_code for answer in answers].index(204)])
        assert held == await vault(phone)


@pytest.mark.parametrize("version", [0, 1, 3, -1, 2**31, "2", None])
async def test_only_the_next_version_is_taken(the_house: House, version: object) -> None:
    """Neither an outdated one, nor one that would leave the others' browsers behind for ever."""
    async with person(the_house, "Hanna") as hanna:
        before = await vault(hanna)
        answer = await hanna.browser.put("/api/vault", json={"account": hanna.id, "version": version, "blob": blob()})
        assert code_of(answer) in ((409, "vault_outdated"), (400, "malformed"))
        assert await vault(hanna) == before


@pytest.mark.parametrize("text", ["", "AAAA", "A" * 30, "ä" * 100, "A" * 99 + "=", "A" * 50 + "\n" + "A" * 50])
async def test_what_is_truncated_or_no_sealed_text_is_refused(the_house: House, text: str) -> None:
    async with person(the_house, "Hanna") as hanna:
        before = await vault(hanna)
        body = {"account": hanna.id, "version": 2, "blob": text}
        assert code_of(await hanna.browser.put("/api/vault", json=body)) == (400, "malformed")
        assert await vault(hanna) == before


@pytest.mark.parametrize("characters", [VAULT_MAX_CHARACTERS + 1, 10 * 1024 * 1024])
async def test_what_is_too_large_is_told_so(the_house: House, characters: int) -> None:
    async with person(the_house, "Hanna") as hanna:
        before = await vault(hanna)
        body = {"account": hanna.id, "version": 2, "blob": "A" * characters}
        assert code_of(await hanna.browser.put("/api/vault", json=body)) == (413, "too_large")
        assert await vault(hanna) == before
        largest = {"account": hanna.id, "version": 2, "blob": "A" * VAULT_MAX_CHARACTERS}
        assert (await hanna.browser.put("/api/vault", json=largest)).status_code == 204
        assert (await hanna.account())["vault"] == {"version": 2, "bytes": VAULT_MAX_CHARACTERS}


async def test_no_other_route_takes_as_much(the_house: House) -> None:
    async with stranger(the_house, "Otto") as otto:
        for path in ("/api/invitations/look", "/api/signin/password", "/api/vault/wraps"):
            answer = await otto.browser.post(path, content=b"x" * (256 * 1024 + 1))
            assert code_of(answer) == (413, "too_large")


async def test_nobody_writes_or_reads_somebody_elses(the_house: House) -> None:
    """Swapped between accounts by Otto, not by the server: that the browser notices, to which it is bound."""
    async with person(the_house, "Hanna") as hanna, person(the_house, "Otto") as otto:
        before = await vault(hanna)
        body = {"account": otto.id, "version": 2, "blob": before["blob"]}
        assert (await otto.browser.put("/api/vault", json=body)).status_code == 204
        assert await vault(hanna) == before
        assert (await vault(otto))["wraps"] != before["wraps"]


async def test_a_tab_left_behind_replaces_nothing_of_whoever_has_signed_in_since(the_house: House) -> None:
    """Hanna's tab still shows her account; in another one Otto has signed in, and both have his cookie."""
    async with person(the_house, "Hanna") as hanna, person(the_house, "Otto") as otto:
        assert (await vault(otto))["account"] == otto.id
        before = await vault(otto)
        wraps = [{"kind": "recovery", "id": "", "wrapped": wrapped()}]
        for path, body in (("/api/vault", {"version": 2, "blob": blob()}), ("/api/vault/wraps", {"wraps": wraps})):
            for whose in (hanna.id, "", "A" * 22):
                answer = await otto.browser.put(path, json=body | {"account": whose})
                assert code_of(answer) == (401, "signin_needed"), (path, whose)
            assert code_of(await otto.browser.put(path, json=body)) == (400, "malformed")
        assert await vault(otto) == before


async def test_wraps_are_those_of_means_that_there_are(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna, person(the_house, "Otto"):
        before = (await vault(hanna))["wraps"]
        fine = {"kind": "recovery", "id": "", "wrapped": wrapped()}
        for wrong in (
            {"kind": "passkey", "id": "AAAA"},
            {"kind": "recovery", "id": "two"},
            {"kind": "password", "id": "two"},
            {"kind": "device", "id": ""},
            {"wrapped": "A" * 79},
            {"wrapped": "A" * 81},
            {"wrapped": "=" * 80},
        ):
            answer = await hanna.browser.put("/api/vault/wraps", json={"account": hanna.id, "wraps": [fine | wrong]})
            assert code_of(answer) == (400, "malformed"), wrong
        for many in ([fine] * 2, [fine] * 33):
            body = {"account": hanna.id, "wraps": many}
            assert code_of(await hanna.browser.put("/api/vault/wraps", json=body)) == (400, "malformed")
        assert (await vault(hanna))["wraps"] == before
        body = {"account": hanna.id, "wraps": [fine]}
        assert (await hanna.browser.put("/api/vault/wraps", json=body)).status_code == 204
        after = {wrap["kind"]: wrap["wrapped"] for wrap in (await vault(hanna))["wraps"]}
        assert after == {wrap["kind"]: wrap["wrapped"] for wrap in before} | {"recovery": fine["wrapped"]}


async def test_everything_can_be_taken_away_and_erased(the_house: House) -> None:
    async with person(the_house, "Hanna", strong=True) as hanna:
        exported = await hanna.browser.get("/api/account/export")
        assert exported.headers["content-disposition"].startswith("attachment")
        told, held = exported.json(), await vault(hanna)
        assert (told["vault_blob"], told["vault_wraps"]) == (held["blob"], held["wraps"])
        assert told | {"notices": []} == told
        assert {key: told[key] for key in await hanna.account()} == await hanna.account()
        text = exported.text
        assert not [secret for secret in (hanna.token, hanna.key, hanna.totp) if str(secret) in text]
        assert (await hanna.browser.delete("/api/account")).status_code == 204
        assert hanna.token is None
        assert code_of(await hanna.sign_in()) == (401, "signin_refused")
        for table in ("accounts", "sessions", "backup_codes", "vaults", "vault_wraps", "notices", "passkeys"):
            assert await the_house.counted(table) == 0, table
