"""Who may open meetings, and who may come: as the installation and the host say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.accounts import Person, browser_of, code_of, person, random32
from tests.house import House, house
from tests.people import Link


@asynccontextmanager
async def as_(its: House, somebody: Person | None) -> AsyncIterator[None]:
    """What the house's helpers do, they do at this browser."""
    before = its.browser
    async with browser_of(its) as nobodys:
        its.browser = somebody.browser if somebody else nobodys
        try:
            yield
        finally:
            its.browser = before


async def opening(browser: httpx.AsyncClient, **changed: Any) -> httpx.Response:
    body = {"host_public_key": random32(), "link_proof_hash": random32()}
    return await browser.post("/api/meetings", json=body | changed)


@pytest.mark.parametrize(
    ("open_meetings", "who", "status"),
    [
        ("accounts", None, 403),
        ("accounts", "organiser", 201),
        ("accounts", "administrator", 201),
        ("accounts", "auditor", 403),
        ("anyone", None, 201),
        ("anyone", "organiser", 201),
        ("anyone", "auditor", 403),
        ("nobody", None, 403),
        ("nobody", "organiser", 403),
        ("nobody", "administrator", 403),
    ],
)
async def test_who_may_open_meetings(tmp_path: Path, open_meetings: str, who: str | None, status: int) -> None:
    async with house(tmp_path, open_meetings=open_meetings) as its:
        if who is None:
            answer = await opening(its.browser)
        else:
            async with person(its, "Hanna", who) as hanna:
                answer = await opening(hanna.browser)
        assert answer.status_code == status
        assert status == 201 or answer.json()["code"] == "meetings_not_open"


async def account_of(its: House, meeting: str) -> str | None:
    async with its.built.database.reading() as unit:
        found = await unit.meetings.find(meeting)
    assert found
    return found[0].account


async def test_a_meeting_knows_whose_it_is_until_they_are_gone(the_house: House) -> None:
    async with person(the_house, "Hanna") as hanna:
        meeting = (await opening(hanna.browser)).json()["meeting"]
        assert await account_of(the_house, meeting) == hanna.id
        anybodys = (await opening(the_house.browser)).json()["meeting"]
        assert await account_of(the_house, anybodys) is None
        assert (await hanna.browser.delete("/api/account")).status_code == 204
        assert await account_of(the_house, meeting) is None


async def refusals(its: House, link: Link) -> list[tuple[int, str]]:
    """Of whoever this is: looking, knocking, sitting down, as a host too."""
    looked = await its.browser.get(f"/api/meetings/{link.meeting}", headers=link.headers)
    asked = [await its.ask(link, by=way, session="A" * 22) for way in ("mac", "knock", "host")]
    return [code_of(answer) for answer in (looked, *asked) if not answer.is_success]


@pytest.mark.parametrize("says", ["installation", "meeting"])
async def test_where_guests_are_not_allowed_people_sign_in(tmp_path: Path, says: str) -> None:
    guests = "accounts" if says == "installation" else "allowed"
    async with house(tmp_path, guests=guests) as its, person(its, "Hanna") as hanna:
        async with as_(its, hanna):
            link = await its.open_meeting(guests=says != "meeting")
            place = await its.join(link)
        async with as_(its, None):
            assert await refusals(its, link) == [(401, "signin_needed")] * 4
            # To whoever lacks the link it is like any other that is not there.
            answer = await its.browser.get(f"/api/meetings/{link.meeting}")
            assert code_of(answer) == (404, "no_meeting")
        async with person(its, "Gustav", "auditor") as gustav, as_(its, gustav):
            await its.join(link)
            await gustav.browser.delete("/api/session")
            assert (401, "signin_needed") in await refusals(its, link)
        # Who has a seat keeps it.
        assert (await its.renew(place)).status_code == 201


async def test_guests_need_nothing_but_the_link(tmp_path: Path) -> None:
    async with house(tmp_path, open_meetings="accounts") as its, person(its, "Hanna") as hanna:
        async with as_(its, hanna):
            link = await its.open_meeting()
        async with as_(its, None):
            await its.join(link)


async def test_what_the_operator_allows_is_told(tmp_path: Path) -> None:
    async with house(tmp_path, guests="accounts", open_meetings="accounts") as its:
        told = (await its.browser.get("/api/operator")).json()
        assert (told["guests"], told["open_meetings"]) == ("accounts", "accounts")
        assert told["signin"] == {"passkeys": True, "provider": None}
    (folder := tmp_path / "by address").mkdir()
    async with house(folder, public_url="http://127.0.0.1:8000") as its:
        its.browser.base_url = "http://127.0.0.1:8000"
        told = (await its.browser.get("/api/operator")).json()
        assert told["signin"] == {"passkeys": False, "provider": None}
