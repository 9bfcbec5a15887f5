"""Ada administers; she sees nobody's content, and there is always one who can."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, select

from klausur.domain.accounts import RESERVED_PREFIX, Account, AccountRole, AuditAct
from klausur.store import tables
from tests.accounts import Person, again, code_of, person, random32, stranger
from tests.house import House


async def change(ada: Person, of: Person, role: str, *, disabled: bool = False) -> httpx.Response:
    body = {"role": role, "disabled": disabled}
    return await ada.browser.put(f"/api/admin/people/{of.id}", json=body)


async def trail(its: House) -> list[tuple[str | None, str, str]]:
    def rows(connection: Connection) -> list[tuple[str | None, str, str]]:
        its = tables.audit.c
        return [
            (row.account, row.act, row.object)
            for row in connection.execute(select(its.account, its.act, its.object).order_by(its.id))
        ]

    return await its.built.database.look(rows)


async def people(ada: Person) -> dict[str, dict[str, Any]]:
    told = (await ada.browser.get("/api/admin/people")).json()
    return {each["name"]: each for each in told["people"]}


async def test_she_sees_who_there_is_and_nothing_of_what_they_do(the_house: House) -> None:
    async with person(the_house, "Ada", "administrator", strong=True) as ada, person(the_house, "Hanna") as hanna:
        assert await people(ada) == {
            "Ada": {
                "id": ada.id,
                "name": "Ada",
                "role": "administrator",
                "created_day": "2026-11-22",
                "disabled": False,
                "password": True,
                "totp": True,
                "passkeys": 0,
                "provider": False,
            },
            "Hanna": {
                "id": hanna.id,
                "name": "Hanna",
                "role": "organiser",
                "created_day": "2026-11-22",
                "disabled": False,
                "password": True,
                "totp": False,
                "passkeys": 0,
                "provider": False,
            },
        }


async def test_links_are_made_listed_and_withdrawn(the_house: House) -> None:
    async with person(the_house, "Ada", "administrator", strong=True) as ada, stranger(the_house, "Otto") as otto:
        wish = {"role": "auditor", "name": "Gustav"}
        made = (await ada.browser.post("/api/admin/invitations", json=wish)).json()
        assert set(made) == {"id", "token", "expires_at"}
        listed = (await ada.browser.get("/api/admin/people")).json()["invitations"]
        shown = {"id": made["id"], "kind": "invitation", "expires_at": made["expires_at"]} | wish
        assert listed == [shown]
        path = f"/api/admin/invitations/{made['id']}"
        assert (await ada.browser.delete(path)).status_code == 204
        assert code_of(await ada.browser.delete(path)) == (404, "not_found")
        assert code_of(await otto.accept(made["token"])) == (404, "no_invitation")
        taken = await ada.browser.post("/api/admin/invitations", json=wish | {"name": "ADA"})
        assert code_of(taken) == (409, "name_taken")


async def test_whose_role_changes_signs_in_anew_and_is_told(the_house: House) -> None:
    async with person(the_house, "Ada", "administrator", strong=True) as ada, person(the_house, "Hanna") as hanna:
        assert (await change(ada, hanna, "organiser")).status_code == 204
        assert await hanna.is_in(), "nothing has changed"
        assert (await change(ada, hanna, "auditor")).status_code == 204
        assert not await hanna.is_in()
        told = (await hanna.sign_in()).json()
        assert told["account"]["role"] == "auditor"
        assert [notice["kind"] for notice in told["notices"]] == ["role_changed"]
        path = f"/api/account/notices/{told['notices'][0]['id']}"
        assert code_of(await ada.browser.delete(path)) == (404, "not_found")
        assert (await hanna.browser.delete(path)).status_code == 204
        assert (await hanna.who())["notices"] == []
        opened = await hanna.browser.post(
            "/api/meetings", json={"host_public_key": random32(), "link_proof_hash": random32()}
        )
        assert code_of(opened) == (403, "meetings_not_open")


async def test_who_was_an_administrator_when_the_request_came_in_may_not_be_when_it_is_done(the_house: House) -> None:
    """Two demote each other at once: one of them is too late."""
    async with (
        person(the_house, "Ada", "administrator", strong=True) as ada,
        person(the_house, "Otto", "administrator", strong=True) as otto,
    ):
        answers = await asyncio.gather(change(ada, otto, "auditor"), change(otto, ada, "auditor"))
        assert sorted(answer.status_code for answer in answers) == [204, 401]
        assert (await ada.is_in(), await otto.is_in()) in ((True, False), (False, True))


async def test_links_that_a_former_administrator_made_work_no_more(the_house: House) -> None:
    async with (
        person(the_house, "Ada", "administrator", strong=True) as ada,
        person(the_house, "Otto", "administrator", strong=True) as otto,
    ):
        made = await otto.browser.post("/api/admin/invitations", json={"role": "administrator", "name": None})
        reset = await otto.browser.post(f"/api/admin/people/{ada.id}/reset")
        assert (await change(ada, otto, "organiser")).status_code == 204
        for link in (made, reset):
            async with stranger(the_house, "Back again") as back:
                assert code_of(await back.accept(link.json()["token"])) == (404, "no_invitation")


@pytest.mark.parametrize("how", ["demoted", "disabled", "erased", "erases herself"])
async def test_the_last_administrator_stays(the_house: House, how: str) -> None:
    async with (
        person(the_house, "Ada", "administrator", strong=True) as ada,
        person(the_house, "Otto", "administrator", strong=True) as otto,
    ):
        # Otto is one by name, and cannot sign in.
        assert (await change(ada, otto, "administrator", disabled=True)).status_code == 204

        async def end() -> httpx.Response:
            if how == "erased":
                return await ada.browser.delete(f"/api/admin/people/{ada.id}")
            if how == "erases herself":
                return await ada.browser.delete("/api/account")
            return await change(ada, ada, "organiser" if how == "demoted" else "administrator", disabled=True)

        assert code_of(await end()) == (409, "last_administrator")
        assert await ada.is_in()
        assert (await change(ada, otto, "administrator")).status_code == 204
        assert (await end()).status_code == 204
        assert not await ada.is_in()


async def test_an_administrator_whom_a_check_has_made_counts_for_nobody(the_house: House) -> None:
    made = Account("A" * 22, f"{RESERVED_PREFIX}Ab-_", AccountRole.ADMINISTRATOR, date(2026, 11, 22), verifier="v")
    async with the_house.built.database.writing() as unit:
        await unit.accounts.add(made)
        assert await unit.accounts.other_administrators("") == 0
    async with person(the_house, "Ada", "administrator") as ada, person(the_house, "Otto", "administrator") as otto:
        assert (await otto.browser.delete("/api/account")).status_code == 204
        assert code_of(await ada.browser.delete("/api/account")) == (409, "last_administrator")


async def test_two_who_leave_at_once_leave_one_behind(the_house: House) -> None:
    async with (
        person(the_house, "Ada", "administrator") as ada,
        person(the_house, "Otto", "administrator") as otto,
    ):
        answers = await asyncio.gather(ada.browser.delete("/api/account"), otto.browser.delete("/api/account"))
        assert sorted(answer.status_code for answer in answers) == [204, 409]


async def test_a_disabled_person_comes_back_as_they_were(the_house: House) -> None:
    async with person(the_house, "Ada", "administrator", strong=True) as ada, person(the_house, "Hanna") as hanna:
        before = (await hanna.browser.get("/api/vault")).json()
        assert (await change(ada, hanna, "organiser", disabled=True)).status_code == 204
        assert (await people(ada))["Hanna"]["disabled"]
        assert (await change(ada, hanna, "organiser")).status_code == 204
        assert (await hanna.sign_in()).status_code == 200
        assert (await hanna.browser.get("/api/vault")).json() == before


async def test_a_lost_second_factor_is_taken_away_and_its_owner_told(the_house: House) -> None:
    async with (
        person(the_house, "Ada", "administrator", strong=True) as ada,
        person(the_house, "Hanna", strong=True) as hanna,
    ):
        path = f"/api/admin/people/{hanna.id}/second-factor"
        assert (await ada.browser.delete(path)).status_code == 204
        assert code_of(await ada.browser.delete(path)) == (404, "not_found")
        assert not await hanna.is_in()
        told = (await hanna.sign_in()).json()
        assert (told["has_totp"], told["strong"]) == (False, False)
        assert [notice["kind"] for notice in told["notices"]] == ["second_factor_reset"]
        assert (await hanna.account())["backup_codes"] == 0


async def test_running_meetings_are_numbers_and_can_be_ended(the_house: House) -> None:
    async with person(the_house, "Ada", "administrator", strong=True) as ada:
        await the_house.open_meeting()
        link = await the_house.open_meeting()
        gustav, hanna = await the_house.join(link), await the_house.join(link)
        async with the_house.attend(gustav) as his:
            told = (await ada.browser.get("/api/admin/meetings")).json()
            assert told == {
                "meetings": [{"id": gustav.session, "began_at": told["meetings"][0]["began_at"], "seats": 2}]
            }
            path = f"/api/admin/meetings/{gustav.session}"
            assert (await ada.browser.delete(path)).status_code == 204
            assert await his.end() == 4410
            assert code_of(await ada.browser.delete(path)) == (404, "not_found")
        assert (await the_house.renew(hanna)).status_code == 401
        assert (await ada.browser.get("/api/admin/meetings")).json() == {"meetings": []}


async def test_settings_are_shown_with_their_origin_and_without_secrets(the_house: House) -> None:
    async with person(the_house, "Ada", "administrator", strong=True) as ada:
        shown = {each["name"]: each for each in (await ada.browser.get("/api/admin/settings")).json()["settings"]}
        assert shown["PORT"] == {
            "name": "PORT",
            "value": "8000",
            "origin": "default",
            "secret": False,
            "help": "Port on which to listen.",
        }
        assert (shown["ACCOUNT_KEY"]["origin"], shown["ACCOUNT_KEY"]["value"]) == ("generated", None)
        assert shown["DATABASE_URL"]["value"] is None
        assert all(each["value"] is None for each in shown.values() if each["secret"])


async def test_the_engine_is_shown_as_it_is(the_house: House) -> None:
    async with person(the_house, "Ada", "administrator", strong=True) as ada:
        await the_house.engine.ensure_room("room", 2)
        told = (await ada.browser.get("/api/admin/engine")).json()
        assert told == {"kind": "embedded", "healthy": False, "version": told["version"], "nodes": 1, "rooms": 1}
        the_house.engine.fail()
        assert (await ada.browser.get("/api/admin/engine")).json()["rooms"] is None


async def test_every_act_is_a_row_of_the_trail_and_outlives_what_it_was_about(the_house: House) -> None:
    async with (
        person(the_house, "Ada", "administrator", strong=True) as ada,
        person(the_house, "Hanna", strong=True) as hanna,
        again(hanna) as elsewhere,
    ):
        before = len(await trail(the_house))
        wish = {"role": "auditor", "name": None}
        made = (await ada.browser.post("/api/admin/invitations", json=wish)).json()
        await ada.browser.delete(f"/api/admin/invitations/{made['id']}")
        await change(ada, hanna, "auditor", disabled=True)
        await change(ada, hanna, "auditor")
        await ada.browser.delete(f"/api/admin/people/{hanna.id}/second-factor")
        await ada.browser.post(f"/api/admin/people/{hanna.id}/reset")
        place = await the_house.join(await the_house.open_meeting())
        await ada.browser.delete(f"/api/admin/meetings/{place.session}")
        assert (await ada.browser.delete(f"/api/admin/people/{hanna.id}")).status_code == 204
        assert code_of(await elsewhere.sign_in()) == (401, "signin_refused")
        acts = (await trail(the_house))[before:]
        assert {by for by, _, _ in acts} == {ada.id}
        assert [(act, about) for _, act, about in acts] == [
            (AuditAct.INVITATION_MADE, made["id"]),
            (AuditAct.INVITATION_WITHDRAWN, made["id"]),
            (AuditAct.ROLE_CHANGED, hanna.id),
            (AuditAct.ACCOUNT_DISABLED, hanna.id),
            (AuditAct.ACCOUNT_ENABLED, hanna.id),
            (AuditAct.SECOND_FACTOR_RESET, hanna.id),
            (AuditAct.RESET_MADE, hanna.id),
            (AuditAct.MEETING_ENDED, place.session),
            (AuditAct.ACCOUNT_ERASED, hanna.id),
        ]


_PATHS = [
    *("admin/people", "admin/invitations", "admin/meetings"),
    *("account/sessions", "account/notices", "account/passkeys"),
]


@pytest.mark.parametrize("id_", ["%00", "..%2f", "A" * 23, "ä" * 22])
async def test_what_is_no_id_gets_no_further_than_the_door(the_house: House, id_: str) -> None:
    async with person(the_house, "Ada", "administrator", strong=True) as ada:
        for path in _PATHS:
            answer = await ada.browser.delete(f"/api/{path}/{id_}")
            assert answer.status_code in (400, 404, 405), path
