"""The people whom a run makes for itself, and Hanna, who is none of them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from klausur.actions.people.administer import Console, invite
from klausur.actions.people.setup import offer_setup
from klausur.compliance.cast import Cast
from klausur.compliance.target import CannotLook, Target
from klausur.domain.accounts import RESERVED_PREFIX, AccountRole
from klausur.domain.errors import Malformed
from tests.accounts import code_of, invitation_of, person, setup_token, stranger
from tests.compliance.probes.running import installed


async def test_everybody_of_a_run_goes_with_it_and_nobody_else(tmp_path: Path) -> None:
    async with installed(tmp_path) as its, person(its.house, "Hanna"):
        for role in AccountRole:
            told = (await (await its.target.as_role(role)).get("/api/session")).json()
            assert (told["account"]["role"], told["strong"]) == (role.value, True)
        async with its.target.meeting() as meeting:
            assert await its.house.counted("meetings") == 1
        assert its.target.cast is not None
        assert await its.target.cast.clear() == 3
        assert await its.house.counted("accounts") == 1
        assert (await its.target.get(meeting.path)).status_code == 404
        assert await its.house.counted("meetings") == 0


async def test_what_a_killed_run_left_goes_when_the_next_begins(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        await its.target.newcomer(AccountRole.ADMINISTRATOR)
        async with its.target.meeting():
            pass
        assert await its.house.counted("accounts") == 2
        # The next one knows nothing of them but their names.
        assert await Cast(its.house.built.database, its.house.clock).clear() == 2
        for table in ("accounts", "meetings", "sessions", "vaults", "invitations"):
            assert await its.house.counted(table) == 0


async def test_two_who_ask_for_the_same_role_at_once_get_the_same_person(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        cast, target = its.target.cast, its.target
        assert cast is not None
        both = [cast.member(target.browser(straight=True), AccountRole.ORGANISER) for _ in range(2)]
        one, other = await asyncio.gather(*both)
        assert one is other
        assert await its.house.counted("accounts") == 1


async def test_a_link_that_nobody_took_up_goes_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with installed(tmp_path) as its:
        monkeypatch.setattr(its.target.http, "send", _killed)
        with pytest.raises(KeyboardInterrupt):
            await its.target.newcomer(AccountRole.AUDITOR)
        assert await its.house.counted("invitations") == 1
        await Cast(its.house.built.database, its.house.clock).clear()
        assert await its.house.counted("invitations") == 0


async def _killed(*_given: object, **_options: object) -> None:
    raise KeyboardInterrupt


async def test_otto_cannot_have_a_name_of_theirs(tmp_path: Path) -> None:
    async with installed(tmp_path) as its, stranger(its.house, f"Klausur-Check-{'x' * 8}") as otto:
        assert (await otto.accept(await invitation_of(its.house))).status_code == 400
        with pytest.raises(Malformed):
            await invite(its.house.built.people, Console(), AccountRole.ORGANISER, f"{RESERVED_PREFIX}otto")


async def test_while_a_run_has_its_administrators_a_setup_link_still_makes_the_first_one(tmp_path: Path) -> None:
    async with installed(tmp_path) as its, stranger(its.house, "Ada") as ada:
        token = await setup_token(its.house)
        await its.target.as_role(AccountRole.ADMINISTRATOR)
        looked = await ada.browser.post("/api/invitations/look", json={"token": token})
        assert (looked.status_code, looked.json()["kind"]) == (200, "setup")
        assert (await ada.accept(token)).status_code == 201
        assert await offer_setup(its.house.built.people) is None


async def test_after_a_killed_run_the_next_start_offers_a_setup_link(tmp_path: Path) -> None:
    async with installed(tmp_path) as its, stranger(its.house, "Ada") as ada:
        await its.target.newcomer(AccountRole.ADMINISTRATOR)
        assert (await ada.accept(await setup_token(its.house))).status_code == 201


@pytest.mark.parametrize("how", ["demoted", "disabled", "erased", "erases herself"])
async def test_beside_a_runs_administrator_the_last_one_stays(tmp_path: Path, how: str) -> None:
    async with installed(tmp_path) as its, person(its.house, "Ada", "administrator", strong=True) as ada:
        await its.target.as_role(AccountRole.ADMINISTRATOR)
        assert code_of(await _end(ada.browser, ada.id, how)) == (409, "last_administrator")
        assert await ada.is_in()


@pytest.mark.parametrize("how", ["demoted", "disabled", "erased", "erases herself"])
async def test_where_there_is_no_other_a_runs_administrator_can_go(tmp_path: Path, how: str) -> None:
    """Probes of what becomes of accounts find on a fresh installation what they would find on any."""
    async with installed(tmp_path) as its:
        ada = await its.target.newcomer(AccountRole.ADMINISTRATOR)
        browser = its.target.browser(ada)
        assert (await _end(browser, ada.id, how)).status_code == 204
        assert (await browser.get("/api/account")).status_code == 401


async def _end(browser: httpx.AsyncClient, account: str, how: str) -> httpx.Response:
    """Of being an administrator."""
    path = f"/api/admin/people/{account}"
    match how:
        case "erased":
            return await browser.delete(path)
        case "erases herself":
            return await browser.delete("/api/account")
        case "demoted":
            return await browser.put(path, json={"role": "organiser", "disabled": False})
    return await browser.put(path, json={"role": "administrator", "disabled": True})


@pytest.mark.parametrize("name", ["klausur-check-otto", "KLAUSUR-CHECK-otto", " klausur\uff0dcheck-otto "])
async def test_nobody_is_named_like_them_in_any_letters(tmp_path: Path, name: str) -> None:
    """Their administrators do not count, and they are erased."""
    async with installed(tmp_path) as its, stranger(its.house, name) as otto:
        assert code_of(await otto.accept(await setup_token(its.house))) == (400, "malformed")
        assert await its.house.counted("accounts") == 0


async def test_without_leave_to_make_accounts_nobody_is_made(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        bare = Target(its.target.url, its.target.http, its.target.settings)
        with pytest.raises(CannotLook):
            await bare.as_role(AccountRole.ORGANISER)
