"""Signatures that are genuine, only not for this: of another meeting, opening, person or power."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from klausur.domain.encoding import encode
from tests.flows.inside import code, meeting, waiting_in_front
from tests.house import House
from tests.people import sign, signed_rules

DAY = timedelta(days=1)


FORGED = [
    {"meeting": encode(bytes(16))},
    {"session": encode(bytes(16))},
    {"pseudonym": encode(bytes(16))},
    {"seat_key": encode(bytes(32))},
    {"lasts": timedelta()},
    {"lasts": DAY + timedelta(seconds=1)},
    {"key": Ed25519PrivateKey.generate()},
]
WHY = ["another meeting", "last week's opening", "another person", "another key", "over", "too long", "by a stranger"]


def at(its: House, forgery: dict[str, Any]) -> dict[str, Any]:
    if "lasts" not in forgery:
        return forgery
    return {"not_after": int((its.clock.now() + forgery["lasts"]).timestamp())}


@pytest.mark.parametrize("forgery", FORGED, ids=WHY)
async def test_a_hosts_certificate_is_for_one_seat_of_one_opening(the_house: House, forgery: dict[str, Any]) -> None:
    link = await the_house.open_meeting()
    gustav = await the_house.join(link)
    await the_house.leave(gustav)
    gustav.pseudonym, gustav.key = encode(b"p" * 16), Ed25519PrivateKey.generate()
    given: dict[str, Any] = {"mac": None, "key": gustav.key, "pseudonym": gustav.pseudonym}
    wrong = the_house.certificate(gustav, role="host", **at(the_house, forgery))
    assert code(await the_house.ask(link, **given, certificate=wrong)) == (403, "not_host")
    right = the_house.certificate(gustav, role="host")
    assert (await the_house.ask(link, **given, certificate=right)).status_code == 201


@pytest.mark.parametrize("forgery", FORGED, ids=WHY)
@pytest.mark.parametrize("cohost", [False, True])
async def test_an_admission_is_for_one_seat_of_one_opening(
    the_house: House, forgery: dict[str, Any], *, cohost: bool
) -> None:
    async with meeting(the_house) as m:
        waiting = await waiting_in_front(the_house, m)
        socket, by = (m.carlas, m.carla) if cohost else (m.hers, None)
        await the_house.admit(socket, waiting, by=by, **at(the_house, forgery))
        assert await socket.refusals() == ["not_allowed"]
        assert code(await the_house.renew(waiting)) == (403, "not_admitted")
        await the_house.admit(socket, waiting, by=by)
        assert await socket.refusals() == []


async def test_a_certificate_of_a_participant_does_not_open_the_door_by_itself(the_house: House) -> None:
    """Neither one's own nor one copied from the roster: only a host brings a certificate along."""
    async with meeting(the_house) as m:
        otto = Ed25519PrivateKey.generate()
        ways: list[dict[str, Any]] = [{}, {"issuer": m.carla.public, "key": m.carla.key}]
        for changed in ways:
            copied = the_house.certificate(m.gustav, **changed)
            given: dict[str, Any] = {"mac": None, "certificate": copied, "key": otto}
            assert code(await the_house.ask(m.link, **given)) == (403, "not_host")
        await the_house.leave(m.gustav)
        hers = the_house.certificate(m.hanna, role="host")
        given = {"mac": None, "certificate": hers, "pseudonym": m.hanna.pseudonym, "key": otto}
        assert code(await the_house.ask(m.link, **given)) == (403, "not_host")


async def test_whoever_copies_a_certificate_does_not_have_the_key_behind_it(the_house: House) -> None:
    link = await the_house.open_meeting()
    hanna = await the_house.host(link)
    copied = the_house.certificate(hanna, role="host")
    await the_house.leave(hanna)
    otto = Ed25519PrivateKey.generate()
    statement = f"klausur seat v1|{link.meeting}|{hanna.session}|{hanna.pseudonym}|{hanna.public}"
    for possession in (sign(otto, statement), sign(otto, statement.replace(hanna.public, "")), encode(bytes(64))):
        answer = await the_house.ask(
            link, mac=None, certificate=copied, key=hanna.key, pseudonym=hanna.pseudonym, possession=possession
        )
        assert code(answer) == (400, "malformed")


async def test_nobody_signs_their_own_delegation(the_house: House) -> None:
    async with meeting(the_house) as m:
        waiting = await waiting_in_front(the_house, m)
        # Gustav signs as if he were co-host; Carla signs in Gustav's name, and Gustav presents what Carla signed.
        await the_house.admit(m.his, waiting, by=m.gustav)
        await the_house.admit(m.his, waiting, by=m.carla)
        await the_house.admit(m.carlas, waiting, by=m.gustav)
        await the_house.admit(m.carlas, waiting, issuer=m.carla.public)
        await the_house.admit(m.hers, waiting, by=m.carla)
        await the_house.admit(m.hers, waiting, by=m.hanna, issuer=m.hanna.public, key=m.hanna.key)
        for socket in (m.his, m.carlas, m.hers):
            assert await socket.refusals() == ["not_allowed"] * 2
        await the_house.admit(m.hers, waiting, role="host")
        assert await m.hers.refusals() == ["not_allowed"]
        assert code(await the_house.renew(waiting)) == (403, "not_admitted")


async def test_a_delegation_of_another_opening_gives_no_power(the_house: House) -> None:
    async with meeting(the_house) as m:
        waiting = await waiting_in_front(the_house, m)
        m.link.rules |= {"session": m.hanna.session}
        await the_house.rule(m.link, cohosts=[])
        stale = m.link.rules | {"session": encode(bytes(16)), "cohosts": [m.carla.public]}
        m.link.version += 1
        assert (await the_house.put_rules(m.link, signed_rules(m.link, m.link.version, stale))).status_code == 204
        await the_house.admit(m.carlas, waiting, by=m.carla)
        assert await m.carlas.refusals() == ["not_allowed"]


async def test_who_was_declined_or_never_asked_cannot_be_talked_in_by_themselves(the_house: House) -> None:
    async with meeting(the_house) as m:
        waiting = await waiting_in_front(the_house, m)
        async with the_house.wait(waiting) as lobby:
            await the_house.admit(lobby, waiting)  # even with the host's own signature: it is the host who says so
            assert await lobby.refusals() == ["not_allowed"]
