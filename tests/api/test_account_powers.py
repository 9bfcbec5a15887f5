"""Who may do what outside of meetings, as it really happens: every route of the running app that names a row of the
second table, tried by every kind of account and by nobody. What is new there fails here until somebody says how to try
it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from klausur.actions.people.administer import Console, invite, offer_reset
from klausur.api.powers import ACCOUNT_POWER
from klausur.compliance.keeping import Ledger, Record
from klausur.domain.accounts import AccountRole
from klausur.domain.encoding import digest
from klausur.domain.policy import ACCOUNT_TABLE, AccountOperation, require_account
from klausur.domain.proof_ports import EntryType
from tests.accounts import Person, blob, kdf, key_of, person, random32, stranger, wrapped
from tests.house import House, house
from tests.offices import ID, staffed
from tests.routes import all_routes

NOBODY = None
EVERYBODY = (NOBODY, *AccountRole)
KEPT_OUT = {"signin_needed", "not_allowed", "second_factor_required", "meetings_not_open"}


@dataclass
class Scene:
    its: House
    actor: Person
    """Signed in, or nobody."""
    victim: Person
    """Whom it is done to."""

    async def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return await self.actor.browser.request(method, path, json=body)

    async def invitation(self) -> str:
        return (await invite(self.its.built.people, Console(), AccountRole.ORGANISER, None)).token


@asynccontextmanager
async def closed_house(folder: Path) -> AsyncIterator[House]:
    """With an administrator who stays, so that no act fails for want of another one."""
    async with house(folder, open_meetings="accounts") as its, person(its, "Ada", "administrator"):
        await staffed(its)
        yield its


@asynccontextmanager
async def scene(its: House, role: AccountRole | None, *, strong: bool = True) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as stack:
        victim = await stack.enter_async_context(person(its, f"Hanna, for {role}"))
        if role is None:
            actor = await stack.enter_async_context(stranger(its, "Otto"))
        else:
            actor = await stack.enter_async_context(person(its, f"Otto, {role}", role))
            if strong:
                await strengthen(its, actor)
        yield Scene(its, actor, victim)


async def strengthen(its: House, somebody: Person) -> None:
    async with its.built.database.writing() as unit:
        await unit.sessions.strengthen(digest(somebody.token or ""))


Try = Callable[[Scene], Awaitable[httpx.Response]]


def plain(method: str, path: str, body: Any = None) -> Try:
    async def attempt(s: Scene) -> httpx.Response:
        return await s.call(method, path, body)

    return attempt


def on_victim(method: str, path: str, body: Any = None) -> Try:
    async def attempt(s: Scene) -> httpx.Response:
        return await s.call(method, path.format(id=s.victim.id), body)

    return attempt


async def sign_in(s: Scene) -> httpx.Response:
    return await s.call("POST", "/api/signin/password", {"name": s.victim.name, "key": s.victim.key})


async def look(s: Scene) -> httpx.Response:
    return await s.call("POST", "/api/invitations/look", {"token": await s.invitation()})


async def begin_passkey(s: Scene) -> httpx.Response:
    return await s.call("POST", "/api/invitations/passkey", {"token": await s.invitation(), "name": "Gustav"})


async def accept(s: Scene) -> httpx.Response:
    s.actor.name = f"Gustav, for {s.actor.name}"
    return await s.actor.accept(await s.invitation())


async def open_meeting(s: Scene) -> httpx.Response:
    return await s.call("POST", "/api/meetings", {"host_public_key": random32(), "link_proof_hash": random32()})


async def write_vault(s: Scene) -> httpx.Response:
    return await s.call("PUT", "/api/vault", {"account": s.actor.id, "version": 2, "blob": blob()})


async def write_wraps(s: Scene) -> httpx.Response:
    body = {"account": s.actor.id, "wraps": [{"kind": "recovery", "id": "", "wrapped": wrapped()}]}
    return await s.call("PUT", "/api/vault/wraps", body)


async def change_password(s: Scene) -> httpx.Response:
    body = {"kdf": kdf(), "key": key_of("another"), "current": s.actor.key, "wrap": None}
    return await s.call("PUT", "/api/account/password", body)


async def end_session(s: Scene) -> httpx.Response:
    async with stranger(s.its, s.actor.name) as elsewhere:
        told = await elsewhere.sign_in()
        sessions = (await elsewhere.account())["sessions"] if told.is_success else [{"id": "A" * 22, "here": False}]
    return await s.call("DELETE", f"/api/account/sessions/{sessions[0]['id']}")


async def renew_codes(s: Scene) -> httpx.Response:
    if s.actor.id:
        await s.actor.add_second_factor()
    return await s.call("POST", "/api/account/backup-codes")


async def put_notice_away(s: Scene) -> httpx.Response:
    notice = "A" * 22
    if s.actor.id:
        await offer_reset(s.its.built.people, Console(), s.actor.id)
        notice = (await s.actor.who())["notices"][0]["id"]
    return await s.call("DELETE", f"/api/account/notices/{notice}")


async def withdraw(s: Scene) -> httpx.Response:
    made = await invite(s.its.built.people, Console(), AccountRole.ORGANISER, None)
    return await s.call("DELETE", f"/api/admin/invitations/{made.id}")


async def reset_factor(s: Scene) -> httpx.Response:
    await s.victim.add_second_factor()
    return await s.call("DELETE", f"/api/admin/people/{s.victim.id}/second-factor")


async def end_meeting(s: Scene) -> httpx.Response:
    s.its.browser.cookies = s.victim.browser.cookies
    link = await s.its.open_meeting()
    place = await s.its.join(link)
    return await s.call("DELETE", f"/api/admin/meetings/{place.session}")


async def see_evidence(s: Scene) -> httpx.Response:
    record = Record(EntryType.EVIDENCE, "tls.versions", json.dumps(_EVIDENCE).encode())
    (entry,) = await Ledger(s.its.built.database, s.its.clock).append(record)
    return await s.call("GET", f"/api/proof/evidence/{entry.seq}")


_EVIDENCE = {"probe": {"id": "tls.versions"}, "status": "pass", "says": {}, "evidence": {}, "twin": None}
_ATTESTED = {
    "objective": "DSK-L-1-01.a",
    "answer": True,
    "statement": "",
    "person": "Ada",
    "role": "dpo",
    "until": "2027-11-21",
    "files": [],
}
_WAIVED = {
    "target": "DSK-L-1-01",
    "reason": "Later",
    "risk": "Small",
    "compensation": "Care",
    "until": "2027-11-21",
    "person": "Ada",
}


async def begin_run(s: Scene) -> httpx.Response:
    s.its.built.api.state.parts.office.running = False
    return await s.call("POST", "/api/proof/run", {})


DOORS: dict[str, Try] = {
    "GET /api/session": plain("GET", "/api/session"),
    "DELETE /api/session": plain("DELETE", "/api/session"),
    "POST /api/signin/password/kdf": plain("POST", "/api/signin/password/kdf", {"name": "Hanna"}),
    "POST /api/signin/password": sign_in,
    "POST /api/invitations/look": look,
    "POST /api/invitations/passkey": begin_passkey,
    "POST /api/invitations/accept": accept,
    "POST /api/meetings": open_meeting,
    "GET /api/vault": plain("GET", "/api/vault"),
    "PUT /api/vault": write_vault,
    "PUT /api/vault/wraps": write_wraps,
    "GET /api/account": plain("GET", "/api/account"),
    "GET /api/account/export": plain("GET", "/api/account/export"),
    "DELETE /api/account": plain("DELETE", "/api/account"),
    "PUT /api/account/password": change_password,
    "POST /api/account/totp": plain("POST", "/api/account/totp"),
    "POST /api/account/backup-codes": renew_codes,
    "DELETE /api/account/sessions": plain("DELETE", "/api/account/sessions"),
    "DELETE /api/account/sessions/{session}": end_session,
    "DELETE /api/account/notices/{notice}": put_notice_away,
    "GET /api/admin/people": plain("GET", "/api/admin/people"),
    "POST /api/admin/invitations": plain("POST", "/api/admin/invitations", {"role": "organiser", "name": None}),
    "DELETE /api/admin/invitations/{invitation}": withdraw,
    "PUT /api/admin/people/{person}": on_victim(
        "PUT", "/api/admin/people/{id}", {"role": "administrator", "disabled": False}
    ),
    "DELETE /api/admin/people/{person}": on_victim("DELETE", "/api/admin/people/{id}"),
    "DELETE /api/admin/people/{person}/second-factor": reset_factor,
    "POST /api/admin/people/{person}/reset": on_victim("POST", "/api/admin/people/{id}/reset"),
    "GET /api/admin/meetings": plain("GET", "/api/admin/meetings"),
    "DELETE /api/admin/meetings/{session}": end_meeting,
    "GET /api/admin/settings": plain("GET", "/api/admin/settings"),
    "GET /api/admin/engine": plain("GET", "/api/admin/engine"),
    "GET /api/proof": plain("GET", "/api/proof"),
    "GET /api/proof/report": plain("GET", "/api/proof/report"),
    "GET /api/proof/facts": plain("GET", "/api/proof/facts"),
    "GET /api/proof/evidence/{seq}": see_evidence,
    "GET /api/proof/exports/{name}": plain("GET", "/api/proof/exports/checklist.csv"),
    "POST /api/proof/run": begin_run,
    "PUT /api/proof/facts": plain("PUT", "/api/proof/facts", {"key": "minors", "value": False}),
    "POST /api/proof/attestations": plain("POST", "/api/proof/attestations", _ATTESTED),
    "DELETE /api/proof/attestations/{attestation}": plain("DELETE", f"/api/proof/attestations/{ID}"),
    "POST /api/proof/waivers": plain("POST", "/api/proof/waivers", _WAIVED),
    "POST /api/proof/waivers/{waiver}/second": plain("POST", f"/api/proof/waivers/{ID}/second", {"person": "Hanna"}),
    "DELETE /api/proof/waivers/{waiver}": plain("DELETE", f"/api/proof/waivers/{ID}"),
}
_NO_CREDENTIAL = {"challenge": "A" * 43, "credential": {}, "label": "Phone"}
REFUSED_FOR_ANOTHER_REASON: dict[str, Try] = {
    # Whoever gets past the table is told what else is wrong.
    "PUT /api/account/totp": plain("PUT", "/api/account/totp", {"code": "000000"}),
    "DELETE /api/account/totp": plain("DELETE", "/api/account/totp"),
    "DELETE /api/account/password": plain("DELETE", "/api/account/password"),
    "POST /api/signin/passkey/options": plain("POST", "/api/signin/passkey/options"),
    "POST /api/signin/passkey": plain("POST", "/api/signin/passkey", {"challenge": "A" * 43, "credential": {}}),
    "POST /api/account/passkeys/options": plain("POST", "/api/account/passkeys/options"),
    "POST /api/account/passkeys": plain("POST", "/api/account/passkeys", _NO_CREDENTIAL),
    "PUT /api/account/passkeys/{passkey}": plain("PUT", "/api/account/passkeys/AAAA", {"label": "Phone"}),
    "DELETE /api/account/passkeys/{passkey}": plain("DELETE", "/api/account/passkeys/AAAA"),
    "GET /api/signin/provider": plain("GET", "/api/signin/provider"),
    "GET /api/signin/provider/callback": plain("GET", "/api/signin/provider/callback"),
    "POST /api/signin/provider/logout": plain("POST", "/api/signin/provider/logout"),
}
TRIES = DOORS | REFUSED_FOR_ANOTHER_REASON


def declared(api: FastAPI) -> dict[str, AccountOperation]:
    found: dict[str, AccountOperation] = {}
    for route in all_routes(api.routes):
        its = (route.openapi_extra or {}) if isinstance(route, APIRoute) else {}
        if isinstance(route, APIRoute) and ACCOUNT_POWER in its:
            found |= {f"{method} {route.path}": AccountOperation(its[ACCOUNT_POWER]) for method in route.methods or ()}
    return found


async def test_every_door_of_the_table_is_tried(the_house: House) -> None:
    assert set(declared(the_house.built.api)) == set(TRIES)


async def test_every_row_has_a_door(the_house: House) -> None:
    assert set(declared(the_house.built.api).values()) == set(AccountOperation) == set(ACCOUNT_TABLE)


def is_allowed(role: AccountRole | None, operation: AccountOperation) -> bool:
    row = ACCOUNT_TABLE[operation]
    return row.nobody if role is None else role in row.by


@pytest.mark.parametrize("door", TRIES)
async def test_nobody_gets_through_a_door_that_the_table_closes(tmp_path: Path, door: str) -> None:
    async with closed_house(tmp_path) as its:
        for role in EVERYBODY:
            async with scene(its, role) as s:
                judge(role, door, declared(its.built.api)[door], await TRIES[door](s))


def judge(role: AccountRole | None, door: str, operation: AccountOperation, answer: httpx.Response) -> None:
    code = answer.json()["code"] if answer.status_code >= 400 else None
    if not is_allowed(role, operation):
        assert code in KEPT_OUT, (role, answer.text)
    elif door in DOORS:
        assert answer.is_success, (role, answer.text)
    else:
        assert code not in KEPT_OUT - {"not_allowed"}, (role, answer.text)


def is_strong(door: str) -> bool:
    """All of the administration, and whatever changes the proof."""
    method, path = door.split()
    return path.startswith("/api/admin/") or (path.startswith("/api/proof") and method != "GET")


STRONG = [door for door in DOORS if is_strong(door)]


@pytest.mark.parametrize("door", STRONG)
async def test_a_password_alone_administers_nothing(tmp_path: Path, door: str) -> None:
    async with closed_house(tmp_path) as its, scene(its, AccountRole.ADMINISTRATOR, strong=False) as s:
        assert ACCOUNT_TABLE[declared(s.its.built.api)[door]].strong
        answer = await DOORS[door](s)
        assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_required")


@pytest.mark.parametrize("operation", AccountOperation)
@pytest.mark.parametrize("role", AccountRole)
def test_whoever_is_strong_may_do_no_less(role: AccountRole, operation: AccountOperation) -> None:
    row = ACCOUNT_TABLE[operation]
    if role in row.by:
        require_account(role, operation, strong=True)
    if row.nobody:
        require_account(NOBODY, operation)
        assert row.by == frozenset(AccountRole)
