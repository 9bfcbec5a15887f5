"""Hanna moves a planned meeting, and cancels it; nobody else does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from klausur.domain.encoding import encode
from klausur.domain.errors import TicketRefused
from tests.flows.inside import code, meeting
from tests.house import House
from tests.people import Link, sealed, sign, signed, signed_cancellation, signed_times

OPENS, CLOSES = "2026-11-24T09:00:00Z", "2026-12-24T09:00:00.000Z"


async def planned(its: House) -> Link:
    now = its.clock.now()
    times = {"opens_at": (now + timedelta(hours=1)).isoformat(), "closes_at": (now + timedelta(days=2)).isoformat()}
    return await its.open_meeting(times=times)


async def times_of(its: House, link: Link) -> tuple[str, str, int]:
    seen = await its.look(link)
    return seen["opens_at"], seen["closes_at"], seen["times_version"]


async def test_the_host_moves_it_and_the_new_times_count(the_house: House) -> None:
    link = await planned(the_house)
    assert (await times_of(the_house, link))[2] == 0
    # Summer time or not, a spelling with an offset is the same instant.
    body = signed_times(link, 1, "2026-11-22T10:00:00+01:00", CLOSES)
    assert code(await the_house.put_times(link, body)) == (204, "")
    assert await times_of(the_house, link) == ("2026-11-22T09:00:00.000Z", "2026-12-24T09:00:00.000Z", 1)
    await the_house.join(link)
    await the_house.time_passes(days=3)
    assert (await the_house.look(link))["state"] == "scheduled"
    assert code(await the_house.put_times(link, signed_times(link, 2, OPENS, "2026-11-26T09:00:00Z"))) == (204, "")
    await the_house.time_passes(days=1)
    assert code(await the_house.ask(link, session=encode(bytes(16)))) == (410, "meeting_ended")


async def test_of_two_devices_that_move_it_at_once_one_is_told(the_house: House) -> None:
    link = await planned(the_house)
    both = [signed_times(link, 1, OPENS, closes) for closes in (CLOSES, "2026-12-25T09:00:00Z")]
    answers = await asyncio.gather(*(the_house.put_times(link, body) for body in both))
    assert sorted(code(answer) for answer in answers) == [(204, ""), (409, "times_outdated")]
    for stale in (1, 3):
        answer = await the_house.put_times(link, signed_times(link, stale, OPENS, CLOSES))
        assert code(answer) == (409, "times_outdated")


FORGED: dict[str, dict[str, Any]] = {
    "by a stranger": {"key": Ed25519PrivateKey.generate()},
    "of another meeting": {"meeting": encode(bytes(16))},
    "of another version": {"version": 2},
    "for other times": {"closes_at": "2026-12-30T09:00:00Z"},
    "the same instant in other words": {"opens_at": "2026-11-24T10:00:00+01:00"},
    "of a cancellation": {"statement": "klausur cancel v1|{meeting}"},
    "of a card": {"statement": "klausur card v1|{meeting}|1|{opens_at}|{closes_at}"},
    "none": {"signature": encode(bytes(64))},
    "no signature at all": {"signature": ""},
}


@pytest.mark.parametrize("forgery", FORGED.values(), ids=FORGED)
async def test_times_are_signed_by_the_host_for_this_meeting_and_version(
    the_house: House, forgery: dict[str, Any]
) -> None:
    link = await planned(the_house)
    before = await times_of(the_house, link)
    told: dict[str, Any] = {"meeting": link.meeting, "version": 1, "opens_at": OPENS, "closes_at": CLOSES} | forgery
    words = told.get("statement", "klausur times v1|{meeting}|{version}|{opens_at}|{closes_at}").format(**told)
    body = signed_times(link, 1, OPENS, CLOSES)
    body["signature"] = told.get("signature", sign(told.get("key", link.host_key), words))
    assert code(await the_house.put_times(link, body)) == (403, "not_host")
    assert await times_of(the_house, link) == before


WRONG = {
    "closing before opening": (CLOSES, OPENS),
    "over": ("2026-11-20T09:00:00Z", "2026-11-21T09:00:00Z"),
    "too far off": (OPENS, "2028-01-01T09:00:00Z"),
    "before all years": ("0001-01-01T00:00:00+23:59", CLOSES),
    "no month": ("2026-13-24T09:00:00Z", CLOSES),
    "without a zone": ("2026-11-24T09:00:00", CLOSES),
    "a number": ("1795000000", CLOSES),
    "a day": ("2026-11-24", CLOSES),
    "with a line break": (OPENS, f"{CLOSES}\n"),
    "long": (OPENS, CLOSES + "0" * 5000),
    "an offset of a year": ("2026-11-24T09:00:00+99:99", CLOSES),
}


@pytest.mark.parametrize(("opens", "closes"), WRONG.values(), ids=WRONG)
async def test_times_that_are_none_are_refused_even_when_they_are_signed(
    the_house: House, opens: str, closes: str
) -> None:
    link = await planned(the_house)
    assert code(await the_house.put_times(link, signed_times(link, 1, opens, closes))) == (400, "malformed")
    assert (await the_house.look(link))["times_version"] == 0


async def test_a_planned_meeting_cannot_open_before_all_years_either(the_house: House) -> None:
    with pytest.raises(AssertionError, match="malformed"):
        await the_house.open_meeting(times={"opens_at": "0001-01-01T00:00:00+23:59", "closes_at": CLOSES})


async def test_an_instant_meeting_has_no_times(the_house: House) -> None:
    link = await the_house.open_meeting()
    assert code(await the_house.put_times(link, signed_times(link, 1, OPENS, CLOSES))) == (400, "malformed")
    seen = await the_house.look(link)
    assert (seen["opens_at"], seen["times_version"]) == (None, 0)


async def test_a_cancelled_meeting_was_never_there(the_house: House) -> None:
    link = await planned(the_house)
    assert (await the_house.put_card(link, signed(link, 1, sealed("Quarterly figures")))).status_code == 204
    stranger = Link(encode(bytes(16)), link.proof, link.host_key)
    assert code(await the_house.cancel(link, signed_cancellation(link))) == (204, "")
    paths: list[Callable[[Link], Awaitable[httpx.Response]]] = [
        lambda its: the_house.browser.get(f"/api/meetings/{its.meeting}", headers=its.headers),
        lambda its: the_house.cancel(its, signed_cancellation(its)),
        lambda its: the_house.put_times(its, signed_times(its, 1, OPENS, CLOSES)),
    ]
    for ask in paths:
        gone, never = await ask(link), await ask(stranger)
        assert code(gone) == (404, "no_meeting")
        assert gone.content == never.content
    assert await everything(the_house) == {}


async def everything(its: House) -> dict[str, int]:
    """Rows by table, where there are any of a meeting."""
    async with its.built.world.store.reading() as unit:
        openings = list(await unit.meetings.openings())
        inside = list(await unit.seats.inside())
    counts = {"openings": len(openings), "seats": len(inside)}
    return {name: count for name, count in counts.items() if count}


async def test_whoever_is_inside_is_sent_home_and_whoever_waits(the_house: House) -> None:
    async with meeting(the_house) as m:
        await the_house.rule(m.link, waiting_room=True)
        waiting = await the_house.knock(m.link)
        async with the_house.wait(waiting) as lobby:
            assert code(await the_house.cancel(m.link, signed_cancellation(m.link))) == (204, "")
            for socket in (m.hers, m.carlas, m.his, lobby):
                assert await socket.end() == 4410
        assert m.room not in the_house.engine.table
        with pytest.raises(TicketRefused):
            await the_house.tickets.redeem(m.gustav.ticket)
    assert await everything(the_house) == {}


async def test_a_meeting_is_cancelled_by_its_host_alone(the_house: House) -> None:
    async with meeting(the_house) as m:
        other = await planned(the_house)
        forged: list[dict[str, object]] = [
            signed_cancellation(m.link, m.carla.key),
            signed_cancellation(m.link, other.host_key),
            signed_cancellation(other),
            {"signature": sign(m.link.host_key, f"klausur times v1|{m.link.meeting}|1|{OPENS}|{CLOSES}")},
            {"signature": encode(bytes(64))},
        ]
        for body in forged:
            assert code(await the_house.cancel(m.link, body)) == (403, "not_host")
        wrong: list[dict[str, object]] = [{}, {"signature": 7}, {"signature": "A" * 5000}]
        for malformed in wrong:
            assert code(await the_house.cancel(m.link, malformed)) == (400, "malformed")
        assert await m.his.settle() == []
        assert (await the_house.look(m.link))["state"] == "open"


async def test_cancelled_twice_at_once_it_is_cancelled_once(the_house: House) -> None:
    link = await planned(the_house)
    answers = await asyncio.gather(*(the_house.cancel(link, signed_cancellation(link)) for _ in range(2)))
    assert sorted(code(answer) for answer in answers) == [(204, ""), (404, "no_meeting")]
