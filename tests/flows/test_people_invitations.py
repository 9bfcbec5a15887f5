"""Links that make accounts: the first one, those by which others are invited, those for whoever lost their means."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest

from klausur.actions.people.administer import Console, invite, offer_reset
from klausur.actions.people.setup import offer_setup
from klausur.domain.accounts import INVITATION_LIVES, SETUP_LIVES, AccountRole
from tests.accounts import Person, again, blob, code_of, person, random32, setup_token, stranger, wrapped
from tests.house import House


async def invitation(its: House, role: AccountRole = AccountRole.ORGANISER) -> str:
    return (await invite(its.built.people, Console(), role, None)).token


async def test_the_first_start_makes_an_administrator_once(the_house: House) -> None:
    token = await setup_token(the_house)
    async with stranger(the_house, "Ada") as ada, stranger(the_house, "Otto") as otto:
        looked = await ada.browser.post("/api/invitations/look", json={"token": token})
        assert (looked.json()["kind"], looked.json()["role"], looked.json()["name"]) == (
            "setup",
            "administrator",
            None,
        )
        answer = await ada.accept(token)
        assert answer.status_code == 201
        # The id to which her browser bound the vault is the account's.
        assert answer.json()["account"] == {"id": looked.json()["account"], "name": "Ada", "role": "administrator"}
        assert code_of(await otto.accept(token)) == (404, "no_invitation")
    assert await offer_setup(the_house.built.people) is None


async def test_the_setup_link_ends_after_an_hour_and_with_the_next_start(the_house: House) -> None:
    async with stranger(the_house, "Otto") as otto:
        first = await setup_token(the_house)
        await setup_token(the_house)
        assert code_of(await otto.accept(first)) == (404, "no_invitation")
        late = await setup_token(the_house)
        the_house.clock.advance(SETUP_LIVES)
        assert code_of(await otto.accept(late)) == (404, "no_invitation")


async def test_two_people_with_the_setup_link_are_one_administrator(the_house: House) -> None:
    token = await setup_token(the_house)
    async with stranger(the_house, "Ada") as ada, stranger(the_house, "Otto") as otto:
        answers = await asyncio.gather(ada.accept(token), otto.accept(token))
        assert sorted(answer.status_code for answer in answers) == [201, 404]


async def test_an_old_setup_link_makes_no_second_administrator(the_house: House) -> None:
    """One that was printed before somebody was made administrator by another way."""
    token = await setup_token(the_house)
    async with person(the_house, "Ada", "administrator"), stranger(the_house, "Otto") as otto:
        assert code_of(await otto.accept(token)) == (404, "no_invitation")


async def test_where_nobody_can_administer_any_more_there_is_a_setup_link_again(the_house: House) -> None:
    async with person(the_house, "Hanna"):
        assert await offer_setup(the_house.built.people)


async def test_an_invitation_works_once(the_house: House) -> None:
    token = await invitation(the_house)
    async with stranger(the_house, "Hanna") as hanna, stranger(the_house, "Otto") as otto:
        assert (await hanna.accept(token)).status_code == 201
        assert code_of(await otto.accept(token)) == (404, "no_invitation")
        assert code_of(await otto.browser.post("/api/invitations/look", json={"token": token}))[0] == 404


async def test_of_many_at_once_one_gets_in(the_house: House) -> None:
    token = await invitation(the_house)
    async with AsyncExitStack() as stack:
        people = [await stack.enter_async_context(stranger(the_house, f"Person {n}")) for n in range(6)]
        statuses = [answer.status_code for answer in await asyncio.gather(*(each.accept(token) for each in people))]
    assert sorted(statuses) == [201] + [404] * 5


async def test_an_invitation_ends_after_a_week(the_house: House) -> None:
    token = await invitation(the_house)
    the_house.clock.advance(INVITATION_LIVES - timedelta(seconds=1))
    async with stranger(the_house, "Hanna") as hanna:
        assert (await hanna.browser.post("/api/invitations/look", json={"token": token})).status_code == 200
        the_house.clock.advance(timedelta(seconds=1))
        assert code_of(await hanna.accept(token)) == (404, "no_invitation")


@pytest.mark.parametrize("token", ["", "A" * 42, "A" * 43, "ä" * 43, "../" * 10])
async def test_what_is_no_token_is_like_one_that_was_used(the_house: House, token: str) -> None:
    async with stranger(the_house, "Otto") as otto:
        assert code_of(await otto.accept(token)) == (404, "no_invitation")


async def test_a_name_that_is_taken_costs_no_invitation(the_house: House) -> None:
    token = await invitation(the_house)
    async with person(the_house, "Hanna"), stranger(the_house, "HANNA") as other:
        assert code_of(await other.accept(token)) == (409, "name_taken")
        other.name = "Hanna two"
        assert (await other.accept(token)).status_code == 201


@pytest.mark.parametrize(
    "name", ["H", "x" * 65, "Han\x00na", "Han\u202ena", " \t ", "Han\nna", "Han\u200bna", "\ud800"]
)
async def test_a_name_has_to_be_one(the_house: House, name: str) -> None:
    token = await invitation(the_house)
    async with stranger(the_house, "Hanna") as hanna:
        answer = await hanna.browser.post(
            "/api/invitations/accept",
            content=b'{"token": "%b", "name": %b, "password": null}' % (token.encode(), json.dumps(name).encode()),
            headers={"content-type": "application/json"},
        )
        assert code_of(answer) == (400, "malformed")


_INCOMPLETE: list[dict[str, Any]] = [
    {"password": None},
    {"vault": None},
    {"vault": {"blob": "?" * 100, "wraps": []}},
    {"vault": {"blob": blob(), "wraps": [{"kind": "passkey", "id": "AAAA", "wrapped": wrapped()}]}},
    {"vault": {"blob": blob(), "wraps": [{"kind": "recovery", "id": "x", "wrapped": wrapped()}]}},
    {"vault": {"blob": blob(), "wraps": [{"kind": "recovery", "id": "", "wrapped": "AAAA"}]}},
    {"vault": {"blob": blob(), "wraps": [{"kind": "recovery", "id": "", "wrapped": wrapped()}] * 2}},
    {"passkey": {"challenge": "A" * 43, "credential": {}, "label": "Phone", "wrap": None}},
]


async def test_an_account_needs_a_means_and_a_vault(the_house: House) -> None:
    token = await invitation(the_house)
    async with stranger(the_house, "Hanna") as hanna:
        for changed in _INCOMPLETE:
            assert code_of(await hanna.accept(token, **changed)) == (400, "malformed"), changed
        assert (await hanna.accept(token)).status_code == 201


async def test_a_vault_that_is_too_large_is_told_so(the_house: House) -> None:
    token = await invitation(the_house)
    async with stranger(the_house, "Hanna") as hanna:
        wraps = [{"kind": "recovery", "id": "", "wrapped": wrapped()}]
        for size in (800_000, 10 * 1024 * 1024):
            answer = await hanna.accept(token, vault={"blob": blob(size), "wraps": wraps})
            assert code_of(answer) == (413, "too_large")
        assert (await hanna.accept(token, vault={"blob": blob(780_000), "wraps": wraps})).status_code == 201


# -- reset ------------------------------------------------------------------------------------------------------------


async def lost(hanna: Person) -> str:
    made = await offer_reset(hanna.its.built.people, Console(), hanna.id)
    return made.token


async def test_whoever_lost_everything_keeps_their_account_and_what_opens_by_the_recovery_key(
    the_house: House,
) -> None:
    async with person(the_house, "Hanna", strong=True) as hanna, again(hanna) as anew:
        before = (await hanna.browser.get("/api/vault")).json()
        token = await lost(hanna)
        # She is told at once, and nothing ends before the link is used.
        assert [notice["kind"] for notice in (await hanna.who())["notices"]] == ["credentials_reset"]
        looked = (await anew.browser.post("/api/invitations/look", json={"token": token})).json()
        assert (looked["kind"], looked["name"], looked["account"]) == ("reset", "Hanna", hanna.id)
        anew.password, anew.name = "another", "not asked"
        answer = await anew.accept(token, vault=None)
        assert answer.status_code == 201
        assert answer.json()["account"] == {"id": hanna.id, "name": "Hanna", "role": "organiser"}
        assert (answer.json()["has_totp"], answer.json()["strong"]) == (False, False)
        assert not await hanna.is_in()
        assert code_of(await hanna.sign_in())[0] == 401
        after = (await anew.browser.get("/api/vault")).json()
        assert (after["blob"], after["version"]) == (before["blob"], before["version"])
        assert [wrap["kind"] for wrap in after["wraps"]] == ["recovery"]
        account = await anew.account()
        assert (account["backup_codes"], account["totp"], account["passkeys"]) == (0, False, [])
        assert code_of(await hanna.accept(token)) == (404, "no_invitation")


async def test_a_new_vault_takes_the_place_of_one_that_nobody_can_open(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna, again(hanna) as anew:
        body = {"account": hanna.id, "version": 2, "blob": blob()}
        assert (await hanna.browser.put("/api/vault", json=body)).status_code == 204
        wraps = [{"kind": "recovery", "id": "", "wrapped": wrapped()}]
        fresh = blob()
        assert (await anew.accept(await lost(hanna), vault={"blob": fresh, "wraps": wraps})).status_code == 201
        held = (await anew.browser.get("/api/vault")).json()
        assert held == {"account": hanna.id, "version": 1, "blob": fresh, "wraps": wraps}


async def test_only_the_last_of_several_reset_links_works(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna, again(hanna) as anew:
        first, second = await lost(hanna), await lost(hanna)
        assert code_of(await anew.accept(first)) == (404, "no_invitation")
        assert (await anew.accept(second)).status_code == 201


async def test_a_disabled_account_is_not_reset(the_house: House) -> None:
    async with person(the_house, "Ada", "administrator", strong=True) as ada, person(the_house, "Hanna") as hanna:
        token = await lost(hanna)
        body = {"role": "organiser", "disabled": True}
        await ada.browser.put(f"/api/admin/people/{hanna.id}", json=body)
        assert code_of(await hanna.accept(token)) == (404, "no_invitation")
        assert code_of(await ada.browser.post(f"/api/admin/people/{hanna.id}/reset")) == (404, "not_found")


async def test_a_token_that_is_guessed_is_looked_for_once(the_house: House, statements: list[str]) -> None:
    async with stranger(the_house, "Otto") as otto:
        statements.clear()
        await otto.browser.post("/api/invitations/look", json={"token": random32()})
        assert len([each for each in statements if each.startswith("SELECT")]) == 1
