"""Hanna takes along what is stored of her: her meetings, too, and what administrators did."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from klausur.domain.encoding import encode
from tests.accounts import Person, person
from tests.house import House
from tests.people import public

TIMES = {"opens_at": "2026-12-01T09:00:00.000Z", "closes_at": "2026-12-01T11:00:00.000Z"}


async def plan(somebody: Person, **changed: Any) -> str:
    body = {
        "host_public_key": public(Ed25519PrivateKey.generate()),
        "link_proof_hash": encode(hashlib.sha256(secrets.token_bytes(32)).digest()),
        "guests": False,
    }
    answer = await somebody.browser.post("/api/meetings", json=body | TIMES | changed)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["meeting"])


async def export(somebody: Person) -> dict[str, Any]:
    answer = await somebody.browser.get("/api/account/export")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_meetings_that_she_made_are_in_it_and_nobody_elses(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna, person(the_house, "Otto") as otto:
        hers, his = await plan(hanna), await plan(otto, guests=True)
        assert (await export(hanna))["meetings"] == [TIMES | {"meeting": hers, "ended_at": None, "guests": False}]
        assert [each["meeting"] for each in (await export(otto))["meetings"]] == [his]


async def test_what_administrators_did_is_in_it_on_both_sides(the_house: House) -> None:
    async with (
        person(the_house, "Ada", "administrator", strong=True) as ada,
        person(the_house, "Hanna") as hanna,
        person(the_house, "Otto") as otto,
    ):
        assert (await ada.browser.post(f"/api/admin/people/{hanna.id}/reset")).status_code == 201
        act = {"act": "account:reset_made", "object": hanna.id, "at": "2026-11-22T09:00:00.000Z"}
        assert (await export(hanna))["audit"] == [act | {"by_yourself": False}]
        assert (await export(ada))["audit"] == [act | {"by_yourself": True}]
        assert (await export(otto))["audit"] == []
        assert ada.id not in str(await export(hanna)), "who it was is not hers to take along"
