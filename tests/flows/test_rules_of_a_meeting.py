"""What is refused to people with the link, and why they are told."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from klausur.domain.encoding import encode
from klausur.domain.events import EngineEvent
from tests.house import House, house
from tests.people import Link, sealed, signed


async def put_card(house: House, link: Link, body: dict[str, object]) -> tuple[int, str]:
    answer = await house.put_card(link, body)
    return answer.status_code, answer.json()["code"] if answer.content else ""


async def test_the_host_writes_the_card_and_the_guests_read_it(the_house: House) -> None:
    link = await the_house.open_meeting()
    card = sealed("Quarterly figures")
    assert await put_card(the_house, link, signed(link, 1, card)) == (204, "")
    assert (await the_house.look(link))["card"] == {"version": 1, "sealed": card}
    assert await put_card(the_house, link, signed(link, 1, sealed())) == (409, "card_outdated")
    assert await put_card(the_house, link, signed(link, 3, sealed())) == (409, "card_outdated")
    assert await put_card(the_house, link, signed(link, 2, sealed())) == (204, "")


async def test_only_the_host_key_writes_the_card(the_house: House) -> None:
    link, other = await the_house.open_meeting(), await the_house.open_meeting()
    card = sealed()
    forgeries = [
        signed(link, 1, card, Ed25519PrivateKey.generate()),
        signed(other, 1, card),
        signed(link, 1, card) | {"sealed": sealed()},
        signed(link, 2, card) | {"version": 1},
        signed(link, 1, card) | {"signature": encode(bytes(64))},
        signed(link, 1, card) | {"signature": "AAAA"},
    ]
    for forgery in forgeries:
        assert await put_card(the_house, link, forgery) == (403, "not_host")
    assert (await the_house.look(link))["card"] is None


async def test_a_full_meeting_says_so_and_has_room_again_when_somebody_leaves(tmp_path: Path) -> None:
    async with house(tmp_path, max_participants=2) as small:
        link = await small.open_meeting()
        hanna = await small.join(link)
        await small.join(link)
        refused = await small.ask(link)
        assert (refused.status_code, refused.json()["code"]) == (409, "meeting_full")
        await small.leave(hanna)
        await small.join(link)


async def test_a_seat_nobody_comes_to_does_not_fill_the_meeting(tmp_path: Path) -> None:
    async with house(tmp_path, max_participants=2) as small:
        link = await small.open_meeting()
        phantom, patient = await small.join(link), await small.join(link)
        await small.time_passes(seconds=59)
        assert (await small.ask(link)).status_code == 409
        assert (await small.renew(patient)).status_code == 201
        await small.time_passes(seconds=1)
        await small.join(link)
        assert (await small.renew(phantom)).status_code == 401
        assert (await small.renew(patient)).status_code == 201


async def test_of_ten_who_knock_at_once_two_get_the_two_seats(tmp_path: Path) -> None:
    async with house(tmp_path, max_participants=2) as small:
        link = await small.open_meeting()
        answers = await asyncio.gather(*(small.ask(link) for _ in range(10)))
        assert sorted(answer.status_code for answer in answers) == [201] * 2 + [409] * 8


async def test_a_pseudonym_is_taken_once_even_after_its_owner_has_left(the_house: House) -> None:
    link = await the_house.open_meeting()
    gustav = await the_house.join(link)
    for _ in range(2):
        refused = await the_house.ask(link, pseudonym=gustav.pseudonym)
        assert (refused.status_code, refused.json()["code"]) == (409, "pseudonym_taken")
        await the_house.leave(gustav)


async def test_leaving_twice_is_leaving(the_house: House) -> None:
    gustav = await the_house.join(await the_house.open_meeting())
    assert [(await the_house.leave(gustav)).status_code for _ in range(2)] == [204, 204]


async def test_another_session_has_to_be_looked_up_again(the_house: House) -> None:
    link = await the_house.open_meeting()
    refused = await the_house.ask(link, session=encode(bytes(16)))
    assert (refused.status_code, refused.json()["code"]) == (409, "session_changed")
    gustav = await the_house.join(link)
    refused = await the_house.renew(gustav, session=encode(bytes(16)))
    assert (refused.status_code, refused.json()["code"]) == (409, "session_changed")


async def test_without_engine_no_seat_is_given(the_house: House) -> None:
    link = await the_house.open_meeting()
    the_house.engine.fail()
    refused = await the_house.ask(link)
    assert (refused.status_code, refused.json()["code"]) == (503, "engine_unavailable")
    assert (await the_house.look(link))["state"] == "scheduled"
    the_house.engine.recover()
    await the_house.join(link)


async def test_an_engine_that_fails_while_somebody_leaves_changes_nothing_about_leaving(the_house: House) -> None:
    gustav = await the_house.join(await the_house.open_meeting())
    the_house.engine.fail()
    assert (await the_house.leave(gustav)).status_code == 204
    assert (await the_house.renew(gustav)).status_code == 401


async def test_meetings_are_opened_only_where_the_operator_allows_it(tmp_path: Path) -> None:
    async with house(tmp_path, open_meetings="nobody") as closed:
        body = {"host_public_key": encode(bytes(32)), "link_proof_hash": encode(bytes(32))}
        refused = await closed.browser.post("/api/meetings", json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "meetings_not_open")


@pytest.mark.parametrize("announcement", ["", "AAAA", "A" * 20000, "not base64!" * 10, encode(bytes(8193))])
async def test_an_announcement_is_sealed_and_of_bounded_size(the_house: House, announcement: str) -> None:
    refused = await the_house.ask(await the_house.open_meeting(), announcement=announcement)
    assert (refused.status_code, refused.json()["code"]) == (400, "malformed")


async def test_the_engine_removes_whom_nobody_gave_a_seat(the_house: House) -> None:
    gustav = await the_house.join(await the_house.open_meeting())
    room = (await the_house.tickets.redeem(gustav.ticket)).room
    notes = the_house.built.notes
    the_house.engine.enter(room, gustav.pseudonym)
    the_house.engine.enter(room, "a silent listener")
    await notes(EngineEvent.PARTICIPANT_JOINED, room, gustav.pseudonym)
    await notes(EngineEvent.PARTICIPANT_JOINED, room, "a silent listener")
    assert the_house.engine.table[room].participants == {gustav.pseudonym}
    the_house.engine.enter("a room of nobody's", "somebody")
    await notes(EngineEvent.ROOM_STARTED, "a room of nobody's", "")
    assert list(the_house.engine.table) == [room]


async def test_who_publishes_in_clear_loses_the_seat(the_house: House) -> None:
    link = await the_house.open_meeting()
    hanna, mallory = await the_house.join(link), await the_house.join(link)
    room = (await the_house.tickets.redeem(mallory.ticket)).room
    async with the_house.attend(hanna) as her_socket, the_house.attend(mallory) as mallorys_socket:
        await the_house.built.notes(EngineEvent.PLAIN_TRACK_PUBLISHED, room, mallory.pseudonym)
        assert await her_socket.hear() == {"type": "left", "pseudonym": mallory.pseudonym}
        assert await mallorys_socket.end() == 4401
    assert ("remove", room, mallory.pseudonym) in the_house.engine.calls
    assert (await the_house.renew(mallory)).status_code == 401
