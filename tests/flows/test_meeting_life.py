"""When a meeting opens, ends, and opens again."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from klausur.domain.encoding import encode
from klausur.domain.errors import TicketRefused
from tests.flows.inside import code, meeting
from tests.house import House, house


async def test_the_host_ends_it_for_everyone(the_house: House) -> None:
    async with meeting(the_house) as m:
        await the_house.act(m.hers, "end")
        assert [(await m.his.hear())["type"] for _ in range(2)] == ["act", "ended"]
        for socket in (m.hers, m.carlas, m.his):
            assert await socket.end() == 4410
        assert m.room not in the_house.engine.table
        for place in (m.hanna, m.gustav):
            with pytest.raises(TicketRefused):
                await the_house.tickets.redeem(place.ticket)
            assert code(await the_house.renew(place)) == (401, "not_your_seat")
        assert code(await the_house.ask(m.link, session=m.hanna.session)) == (410, "meeting_ended")


async def test_everybody_leaves_at_once_and_ten_minutes_later_it_is_over(the_house: House) -> None:
    async with meeting(the_house) as m:
        await asyncio.gather(*(the_house.leave(place) for place in (m.hanna, m.carla, m.gustav)))
    await the_house.time_passes(minutes=10)
    assert code(await the_house.ask(m.link, session=m.hanna.session)) == (410, "meeting_ended")


def planned(its: House, opens: timedelta, closes: timedelta) -> dict[str, str]:
    now = its.clock.now()
    return {"opens_at": (now + opens).isoformat(), "closes_at": (now + closes).isoformat()}


async def test_before_its_time_only_the_host_gets_into_a_planned_meeting(the_house: House) -> None:
    link = await the_house.open_meeting(times=planned(the_house, timedelta(hours=1), timedelta(days=2)))
    seen = await the_house.look(link)
    assert (seen["state"], seen["opens_at"]) == ("scheduled", "2026-11-22T10:00:00.000Z")
    assert code(await the_house.ask(link)) == (409, "meeting_not_started")
    hanna = await the_house.host(link)
    assert code(await the_house.ask(link)) == (409, "meeting_not_started")
    async with the_house.attend(hanna):
        await the_house.time_passes(hours=1)
        await the_house.join(link)


async def test_a_planned_meeting_has_a_new_opening_after_each(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True, times=planned(the_house, timedelta(), timedelta(days=2)))
    hanna, carla = await the_house.host(link), await the_house.knock(link)
    async with the_house.attend(hanna) as hers:
        await the_house.admit(hers, carla)
        await the_house.rule(link, cohosts=[carla.public], everyone_shares=False)
        await the_house.act(hers, "lock")
        await the_house.act(hers, "end")
        assert await hers.end() == 4410
    seen = await the_house.look(link)
    assert seen["state"] == "scheduled"
    assert seen["session"] != hanna.session
    assert code(await the_house.ask(link, by="knock", session=hanna.session)) == (409, "session_changed")
    # The switches have outlasted the opening, the co-host has not.
    back = await the_house.host(link)
    carla_again = await the_house.knock(link, key=carla.key)
    async with the_house.attend(back) as hers:
        await the_house.admit(hers, carla_again)
        await hers.settle()
        await the_house.come_in(carla_again)
        assert not (await the_house.tickets.redeem(carla_again.ticket)).may_share
        async with the_house.attend(carla_again) as carlas:
            await the_house.act(carlas, "lock")
            assert await carlas.refusals() == ["not_allowed"]
    for place in (back, carla_again):
        await the_house.leave(place)
    await the_house.time_passes(minutes=10)
    assert (await the_house.look(link))["session"] != back.session
    await the_house.time_passes(days=2)
    assert code(await the_house.ask(link, by="knock", session=back.session)) == (410, "meeting_ended")


@pytest.mark.parametrize(
    "times",
    [
        {"opens_at": "2026-11-23T09:00:00Z"},
        {"closes_at": "2026-11-23T09:00:00Z"},
        {"opens_at": "2026-11-24T09:00:00Z", "closes_at": "2026-11-23T09:00:00Z"},
        {"opens_at": "2026-11-20T09:00:00Z", "closes_at": "2026-11-21T09:00:00Z"},
        {"opens_at": "2026-11-23T09:00:00Z", "closes_at": "2029-11-23T09:00:00Z"},
        {"opens_at": "2026-11-23T09:00:00", "closes_at": "2026-11-24T09:00:00"},
        {"opens_at": 1795424400, "closes_at": 1795510800},
        {"opens_at": "soon", "closes_at": "later"},
    ],
    ids=range(8),
)
async def test_times_that_make_no_sense_plan_nothing(the_house: House, times: dict[str, object]) -> None:
    body = {"host_public_key": encode(bytes(32)), "link_proof_hash": encode(bytes(32))}
    assert code(await the_house.browser.post("/api/meetings", json=body | times)) == (400, "malformed")


async def test_a_host_whose_browser_died_comes_back_and_cohosts_went_on_meanwhile(the_house: House) -> None:
    async with meeting(the_house) as m:
        async with the_house.attend(m.hanna):
            pass
        await the_house.act(m.carlas, "mute", m.gustav)
        assert await m.carlas.refusals() == []
        # The host link on another device: a new seat with the same power.
        again = await the_house.host(m.link)
        async with the_house.attend(again) as hers:
            await the_house.act(hers, "remove", m.hanna)
            assert await hers.refusals() == []


async def test_a_seat_that_waits_does_not_count_as_somebody_inside(tmp_path: Path) -> None:
    async with house(tmp_path, max_participants=2) as small:
        link = await small.open_meeting(waiting_room=True)
        for _ in range(3):
            await small.knock(link)
        for _ in range(2):
            await small.host(link)
        assert code(await small.ask(link, by="host")) == (409, "meeting_full")
