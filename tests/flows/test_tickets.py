"""Tickets open the signalling socket: once found wanting, never anything else."""

from __future__ import annotations

import secrets

import pytest
from structlog.testing import capture_logs

from klausur.api.errors import TITLE
from klausur.domain.encoding import encode
from klausur.domain.errors import StorageUnavailable, TicketRefused
from tests.house import House, Refused, open_socket


async def refused(house: House, ticket: str) -> None:
    with pytest.raises(TicketRefused):
        await house.tickets.redeem(ticket)


async def test_a_ticket_serves_its_seat_from_first_use_on(the_house: House) -> None:
    gustav = await the_house.join(await the_house.open_meeting())
    await the_house.time_passes(seconds=59)
    passage = await the_house.tickets.redeem(gustav.ticket)
    assert passage.pseudonym == gustav.pseudonym
    assert passage.room != gustav.link.meeting
    await the_house.tickets.connected(passage)
    await the_house.time_passes(hours=3)
    assert (await the_house.tickets.redeem(gustav.ticket)).room == passage.room


async def test_an_unused_ticket_is_good_for_a_minute(the_house: House) -> None:
    gustav = await the_house.join(await the_house.open_meeting())
    await the_house.time_passes(seconds=60)
    await refused(the_house, gustav.ticket)


async def test_a_newer_ticket_voids_the_older(the_house: House) -> None:
    gustav = await the_house.join(await the_house.open_meeting())
    await the_house.tickets.redeem(gustav.ticket)
    newer = (await the_house.renew(gustav)).json()["ticket"]
    await refused(the_house, gustav.ticket)
    assert (await the_house.tickets.redeem(newer)).pseudonym == gustav.pseudonym


async def test_leaving_ends_the_ticket_and_tells_the_engine(the_house: House) -> None:
    gustav = await the_house.join(await the_house.open_meeting())
    passage = await the_house.tickets.redeem(gustav.ticket)
    await the_house.leave(gustav)
    await refused(the_house, gustav.ticket)
    assert ("remove", passage.room, gustav.pseudonym) in the_house.engine.calls
    with pytest.raises(TicketRefused):
        await the_house.tickets.connected(passage)


async def test_a_ticket_ends_with_its_meeting(the_house: House) -> None:
    gustav = await the_house.join(await the_house.open_meeting())
    await the_house.tickets.connected(await the_house.tickets.redeem(gustav.ticket))
    await the_house.time_passes(hours=24)
    await refused(the_house, gustav.ticket)


@pytest.mark.parametrize("forged", ["", "x", "A" * 43, "A" * 44, "A" * 9999, "eyJhbGciOiJIUzI1NiJ9.e30.x", "ü" * 43])
async def test_what_is_no_ticket_opens_nothing(the_house: House, forged: str) -> None:
    await the_house.join(await the_house.open_meeting())
    await refused(the_house, forged)


async def test_neither_the_seats_secret_nor_the_held_hash_is_a_ticket(the_house: House) -> None:
    gustav = await the_house.join(await the_house.open_meeting())
    passage = await the_house.tickets.redeem(gustav.ticket)
    await refused(the_house, gustav.secret)
    await refused(the_house, passage.ticket)


async def test_the_signalling_door_refuses_a_forged_ticket_with_401_and_says_no_more(the_house: House) -> None:
    query = f"access_token={encode(secrets.token_bytes(32))}&join_request=AAAA"
    with pytest.raises(Refused) as caught:
        async with open_socket(the_house.built.app, "/rtc/v1", query=query):
            pass
    assert caught.value.status == 401
    for path in ("/rtc", "/rtc/v0", "/rtc/v1/other", "/twirp/livekit.RoomService/ListRooms"):
        with pytest.raises(Refused) as caught:
            async with open_socket(the_house.built.app, path):
                pass
        assert caught.value.status == 404
    for method in ("GET", "HEAD"):
        answer = await the_house.browser.request(method, f"/rtc/v1/validate?{query}")
        assert answer.status_code == 401
    assert (await the_house.browser.get("/rtc/v1")).status_code == 404


async def test_a_refused_ticket_is_told_like_every_other_refusal(the_house: House) -> None:
    answer = await the_house.browser.get(f"/rtc/v1/validate?access_token={'A' * 43}&join_request=AAAA")
    assert answer.json()["title"] == TITLE["ticket_refused"]
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_otto_cannot_fill_the_log_with_tickets(the_house: House) -> None:
    with capture_logs() as lines:
        for forged in ("", "A" * 43):
            await the_house.browser.get(f"/rtc/v1/validate?access_token={forged}&join_request=AAAA")
    assert {line["log_level"] for line in lines} <= {"debug"}


async def test_a_lost_connection_that_could_not_be_written_down_is_written_down_later(
    the_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    gustav = await the_house.join(await the_house.open_meeting())
    passage = await the_house.tickets.redeem(gustav.ticket)
    await the_house.tickets.connected(passage)
    with monkeypatch.context() as broken:

        def fail() -> None:
            raise StorageUnavailable("disk full")

        broken.setattr(the_house.built.database, "writing", fail)
        await the_house.tickets.disconnected(passage)
    await the_house.time_passes(seconds=0)
    await the_house.time_passes(minutes=5)
    assert (await the_house.renew(gustav)).status_code == 401
