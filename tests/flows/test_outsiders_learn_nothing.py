"""Otto knows M, or guesses, and has no link."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from klausur.domain.encoding import encode
from tests.house import House
from tests.people import Link, Way, sealed, signed_cancellation, signed_rules, signed_times, wish

WRONG_PROOFS = {
    "none": None,
    "another": encode(bytes(32)),
    "short": "AAAA",
    "long": "A" * 5000,
    "not base64": "ü!" * 20,
    "the hash held": "",
}


async def asked(house: House, meeting: str, proof: str | None) -> list[httpx.Response]:
    headers = {} if proof is None else {b"Klausur-Link-Proof": proof.encode()}
    path = f"/api/meetings/{meeting}"
    link = Link(meeting, proof or "", Ed25519PrivateKey.generate())
    card = {"version": 1, "sealed": sealed(), "signature": encode(bytes(64))}
    rules = signed_rules(link, 1, link.rules | {"session": encode(bytes(16))})
    times = signed_times(link, 1, "2026-11-22T10:00:00Z", "2026-11-23T10:00:00Z")
    ways: list[Way] = ["mac", "knock", "host"]
    wishes = [wish(link, encode(bytes(16)), house.clock.now(), by=way) for way in ways]
    return [
        await house.browser.get(path, headers=headers),
        *[await house.browser.post(f"{path}/seats", json=each, headers=headers) for each in wishes],
        await house.browser.put(f"{path}/card", json=card, headers=headers),
        await house.browser.put(f"{path}/rules", json=rules, headers=headers),
        await house.browser.put(f"{path}/times", json=times, headers=headers),
        await house.browser.request("DELETE", path, json=signed_cancellation(link), headers=headers),
    ]


def shape(answer: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Everything Otto can see."""
    return answer.status_code, answer.content, sorted(answer.headers.items())


@pytest.mark.parametrize("proof", WRONG_PROOFS.values(), ids=WRONG_PROOFS.keys())
async def test_every_meeting_answers_otto_as_if_it_did_not_exist(the_house: House, proof: str | None) -> None:
    unknown = [shape(answer) for answer in await asked(the_house, encode(secrets.token_bytes(16)), proof)]
    assert unknown[0][0] == 404

    scheduled = await the_house.open_meeting()
    running = await the_house.open_meeting()
    await the_house.join(running)
    over = await the_house.open_meeting()
    await the_house.leave(await the_house.join(over))
    await the_house.time_passes(minutes=10)
    await the_house.join(running)
    lobby = await the_house.open_meeting(waiting_room=True)
    await the_house.knock(lobby)
    locked = await the_house.open_meeting()
    hanna = await the_house.host(locked)
    async with the_house.attend(hanna) as hers:
        await the_house.act(hers, "lock")
        await hers.settle()
    now = the_house.clock.now()
    times = {"opens_at": (now + timedelta(days=1)).isoformat(), "closes_at": (now + timedelta(days=2)).isoformat()}
    planned = await the_house.open_meeting(times=times)

    for link in (scheduled, running, over, lobby, locked, planned):
        assert [shape(answer) for answer in await asked(the_house, link.meeting, proof)] == unknown


@pytest.mark.parametrize("meeting", ["x", "A" * 22 + "A", "A" * 4000, "%00", "%F0%9F%98%80", "AAAAAAAAAAAAAAAAAAAAAB"])
async def test_what_is_no_meeting_id_answers_as_an_unknown_meeting(the_house: House, meeting: str) -> None:
    unknown = [shape(answer) for answer in await asked(the_house, encode(secrets.token_bytes(16)), encode(bytes(32)))]
    assert [shape(answer) for answer in await asked(the_house, meeting, encode(bytes(32)))] == unknown


async def test_otto_has_the_link_of_another_meeting(the_house: House) -> None:
    hers, his = await the_house.open_meeting(), await the_house.open_meeting()
    crossed = Link(hers.meeting, his.proof, his.host_key)
    answer = await the_house.ask(crossed, session=encode(bytes(16)))
    assert (answer.status_code, answer.json()["code"]) == (404, "no_meeting")


async def test_the_hash_that_the_server_holds_opens_nothing(the_house: House) -> None:
    """A thief of the database cannot get in with what is in it."""
    link = await the_house.open_meeting()
    async with the_house.built.database.reading() as unit:
        found = await unit.meetings.find(link.meeting)
    assert found is not None
    thief = Link(link.meeting, found[0].proof_hash, link.host_key)
    assert (await the_house.ask(thief, session=encode(bytes(16)))).status_code == 404


async def test_otto_cannot_use_gustavs_seat(the_house: House) -> None:
    link = await the_house.open_meeting()
    gustav, otto = await the_house.join(link), await the_house.join(link)
    gustavs_path_ottos_secret = await the_house.browser.delete(gustav.path, headers=otto.headers)
    assert gustavs_path_ottos_secret.json()["code"] == "not_your_seat"
    gustav.secret, secret = otto.secret, gustav.secret
    assert (await the_house.renew(gustav)).status_code == 401
    gustav.secret = secret
    assert (await the_house.renew(gustav)).status_code == 201


@pytest.mark.parametrize("secret", ["", "A" * 43, "A" * 5000])
async def test_whoever_has_no_seat_cannot_tell_who_has_one(the_house: House, secret: str) -> None:
    """Waiting, inside, declined, removed, gone, of a meeting that never was: all alike to who has not the secret."""
    link = await the_house.open_meeting(waiting_room=True)
    hanna, gone = await the_house.host(link), await the_house.host(link)
    waiting, declined, removed = [await the_house.knock(link) for _ in range(3)]
    async with the_house.attend(hanna) as hers:
        await hers.say({"type": "decline", "pseudonym": declined.pseudonym})
        await hers.settle()
    await the_house.rule(link, denied=[removed.public])
    await the_house.leave(gone)
    unknown = replace(hanna, pseudonym=encode(bytes(16)))
    elsewhere = replace(hanna, link=Link(encode(bytes(16)), "", link.host_key))
    told: list[list[Any]] = []
    for place in (hanna, gone, waiting, declined, removed, unknown, elsewhere):
        stranger = replace(place, secret=secret)
        answers = [await the_house.renew(stranger), await the_house.knock_again(stranger)]
        told.append([shape(answer) for answer in answers] + [await the_house.hello(stranger)])
    assert told[0][0][0] == 401
    assert told[0][2] == 4401
    assert all(each == told[0] for each in told)


async def test_a_seat_of_one_meeting_is_none_of_another(the_house: House) -> None:
    hers, his = await the_house.open_meeting(), await the_house.open_meeting()
    place = await the_house.join(hers)
    place.link = his
    assert (await the_house.renew(place)).status_code == 401
