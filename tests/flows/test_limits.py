"""Limits that protect: a flood of one meeting from wherever, acts without end, and who does not suffer from it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from klausur.api import seats, sockets, turns
from klausur.api.sockets import Pace
from klausur.domain.limits import WAITING_AT_MOST
from tests.house import House, house
from tests.people import Link, wish


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats, "REFUSED_AFTER_SECONDS", 0)
    monkeypatch.setattr(turns, "PAUSE_SECONDS", 0)


@asynccontextmanager
async def network(its: House, number: int) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in another network."""
    transport = httpx.ASGITransport(its.built.app, client=(f"198.51.100.{number}", 50000))
    site = str(its.browser.base_url)
    async with httpx.AsyncClient(transport=transport, base_url=site, headers={"Origin": site}) as browser:
        yield browser


async def flood(its: House, link: Link, networks: int, knocks: int) -> Counter[int]:
    """From each of so many networks at once so many knocks, one after another; the statuses."""
    session = (await its.look(link))["session"]
    path = f"/api/meetings/{link.meeting}/seats"

    async def pour(number: int) -> list[int]:
        async with network(its, number) as browser:
            bodies = [wish(link, session, its.clock.now(), by="knock") for _ in range(knocks)]
            return [(await browser.post(path, json=body, headers=link.headers)).status_code for body in bodies]

    return Counter(status for told in await asyncio.gather(*map(pour, range(networks))) for status in told)


async def test_a_thousand_knocks_fill_the_waiting_room_and_no_more(tmp_path: Path) -> None:
    async with house(tmp_path, limit_meeting_knocks=400) as its:
        link = await its.open_meeting(waiting_room=True)
        told = await flood(its, link, networks=10, knocks=100)
        assert told[202] == WAITING_AT_MOST
        # A machine that takes longer than a minute for it has let the next few as far as the full waiting room.
        assert told[429] > 0
        assert told[409] >= 200
        assert told[409] + told[429] == 800


async def test_beside_a_flood_others_come_in_and_the_flooded_host_too(tmp_path: Path) -> None:
    async with house(tmp_path, limit_meeting_knocks=20) as its:
        flooded, quiet = await its.open_meeting(waiting_room=True), await its.open_meeting(waiting_room=True)
        pouring = asyncio.create_task(flood(its, flooded, networks=4, knocks=25))
        hanna = await its.host(quiet)
        async with its.attend(hanna) as hers:
            gustav = await its.knock(quiet)
            await its.admit(hers, gustav)
            await hers.settle()
            await its.come_in(gustav)
        assert (await pouring)[202] == 20
        assert (await its.ask(flooded, by="knock")).status_code == 429
        # Who alone can lock the door.
        await its.host(flooded)


async def test_who_has_no_link_uses_up_nobody_elses_knocks(tmp_path: Path) -> None:
    async with house(tmp_path, limit_meeting_knocks=3) as its:
        link = await its.open_meeting(waiting_room=True)
        otto = Link(link.meeting, "A" * 43, link.host_key)
        session = (await its.look(link))["session"]
        told = [
            await its.browser.post(
                f"/api/meetings/{link.meeting}/seats",
                json=wish(otto, session, its.clock.now(), by="knock"),
                headers=otto.headers,
            )
            for _ in range(4)
        ]
        assert [each.status_code for each in told] == [404, 404, 404, 429]
        await its.knock(link)


async def test_a_refused_knock_looks_nothing_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with house(tmp_path, limit_meeting_knocks=1) as its:
        link = await its.open_meeting(waiting_room=True)
        session = (await its.look(link))["session"]
        await its.knock(link)
        for way_in in ("reading", "writing"):
            monkeypatch.setattr(its.built.database, way_in, None)
        refused = await its.ask(link, by="knock", session=session)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
        assert int(refused.headers["retry-after"]) > 0


@pytest.fixture
def _one_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is said is said within it."""

    class Stopped(Pace):
        def __init__(self, per_second: int, _clock: object) -> None:
            super().__init__(per_second, lambda: 0.0)

    monkeypatch.setattr(sockets, "Pace", Stopped)


@pytest.mark.usefixtures("_one_second")
async def test_of_eight_reactions_in_a_second_five_are_seen(the_house: House) -> None:
    link = await the_house.open_meeting()
    hanna, gustav = await the_house.host(link), await the_house.join(link)
    async with the_house.attend(gustav) as his, the_house.attend(hanna) as hers:
        for _ in range(8):
            await the_house.act(his, "react")
        assert await his.refusals() == ["too_many_attempts"] * 3
        assert [each["op"] for each in await hers.settle() if each["type"] == "act"] == ["react"] * 5


@pytest.mark.usefixtures("_one_second")
async def test_of_twelve_acts_in_a_second_ten_are_done(the_house: House) -> None:
    link = await the_house.open_meeting()
    hanna, gustav = await the_house.host(link), await the_house.join(link)
    async with the_house.attend(gustav) as his, the_house.attend(hanna) as hers:
        for _ in range(6):
            await the_house.act(hers, "lock")
            await the_house.act(hers, "unlock")
        assert await hers.refusals() == ["too_many_attempts"] * 2
        assert len([each for each in await his.settle() if each["type"] == "act"]) == 10


async def test_a_refusal_is_no_longer_than_it_must_be(the_house: House) -> None:
    """Else somebody who waits, and does not read, could have us keep everything that they say."""
    link = await the_house.open_meeting(waiting_room=True)
    otto = await the_house.knock(link)
    async with the_house.wait(otto) as his:
        await his.say({"type": "act", "op": "mute", "target": "x" * 60_000, "sealed": "x"})
        (told,) = await his.settle()
        assert told == {"type": "refused", "what": "mute", "target": None, "code": "not_allowed"}


async def test_two_hundred_behind_one_address_renew_twice_in_a_minute_while_otto_guesses(the_house: House) -> None:
    link = await the_house.open_meeting()
    places = [await the_house.join(link) for _ in range(200)]
    stolen = replace(places[0], secret="A" * 43)
    assert {(await the_house.renew(stolen)).status_code for _ in range(301)} == {401, 429}
    for _ in range(2):
        assert {(await the_house.renew(place)).status_code for place in places} == {201}


async def test_a_seat_renews_thirty_times_a_minute_and_no_more(the_house: House) -> None:
    gustav = await the_house.join(await the_house.open_meeting())
    assert [(await the_house.renew(gustav)).status_code for _ in range(31)] == [201] * 30 + [429]
