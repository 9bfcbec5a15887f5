"""What let somebody in stops counting: the waiting room goes on, a co-host is none any more, somebody was removed."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from klausur.store.tables import seats
from tests.flows.inside import code, meeting, waiting_in_front
from tests.house import House
from tests.people import sealed


async def test_a_removed_person_is_not_back_by_the_link_before_the_host_has_said_anything(the_house: House) -> None:
    async with meeting(the_house) as m:
        await the_house.act(m.hers, "remove", m.gustav)
        await m.hers.settle()
        again = await the_house.ask(m.link, key=Ed25519PrivateKey.generate())
        assert code(again) == (409, "admission_changed")
        assert (await the_house.look(m.link))["must_knock"] is True
        knock = await the_house.ask(m.link, by="knock", key=Ed25519PrivateKey.generate())
        assert knock.status_code == 202


async def test_neither_is_one_whom_a_cohost_has_removed_while_no_host_was_there(the_house: House) -> None:
    async with meeting(the_house) as m:
        await the_house.leave(m.hanna)
        await the_house.act(m.carlas, "remove", m.gustav)
        await m.carlas.settle()
        knocking = await the_house.knock(m.link)
        assert [each["type"] for each in await m.carlas.settle()] == ["knock"]
        await the_house.admit(m.carlas, knocking, by=m.carla)
        assert await m.carlas.refusals() == []
        assert (await the_house.renew(knocking)).status_code == 201


async def test_once_the_host_has_denied_them_the_link_opens_again_if_the_host_says_so(the_house: House) -> None:
    async with meeting(the_house) as m:
        await the_house.act(m.hers, "remove", m.gustav)
        await m.hers.settle()
        await the_house.rule(m.link, denied=[m.gustav.public], cohosts=[m.carla.public])
        assert (await the_house.look(m.link))["must_knock"] is False
        assert (await the_house.ask(m.link)).status_code == 201
        assert code(await the_house.ask(m.link, key=m.gustav.key)) == (403, "removed")


async def test_who_came_by_the_link_while_the_door_was_closing_has_to_ask(the_house: House) -> None:
    async with meeting(the_house) as m:
        await the_house.rule(m.link, waiting_room=True, cohosts=[m.carla.public])
        await the_house.end_doubtful()
        assert (await the_house.renew(m.gustav)).status_code == 201, "the host may still be certifying him"
        await the_house.end_doubtful()
        assert await m.his.end() == 4401
        assert code(await the_house.renew(m.gustav)) == (401, "not_your_seat")
        assert ("remove", m.room, m.gustav.pseudonym) in the_house.engine.calls
        assert (await the_house.renew(m.hanna)).status_code == 201


async def test_a_certificate_that_comes_late_still_counts(the_house: House) -> None:
    async with meeting(the_house) as m:
        await the_house.rule(m.link, waiting_room=True, cohosts=[m.carla.public])
        await the_house.end_doubtful()
        for place in (m.gustav, m.carla):
            certificate = the_house.certificate(place)
            await m.hers.say({"type": "certify", "pseudonym": place.pseudonym, "certificate": certificate})
        assert await m.hers.refusals() == []
        await the_house.end_doubtful()
        await the_house.end_doubtful()
        assert (await the_house.renew(m.gustav)).status_code == 201
        assert (await the_house.renew(m.carla)).status_code == 201


async def test_whom_a_former_cohost_let_in_has_to_ask(the_house: House) -> None:
    async with meeting(the_house) as m:
        otto = await waiting_in_front(the_house, m)
        await the_house.rule(m.link, waiting_room=True, cohosts=[m.carla.public])
        for place in (m.gustav, m.carla):
            certificate = the_house.certificate(place)
            await m.hers.say({"type": "certify", "pseudonym": place.pseudonym, "certificate": certificate})
        await the_house.admit(m.carlas, otto, by=m.carla)
        assert await m.carlas.refusals() == []
        await the_house.end_doubtful()
        await the_house.end_doubtful()
        assert (await the_house.renew(otto)).status_code == 201
        await the_house.rule(m.link, waiting_room=True, cohosts=[])
        await the_house.end_doubtful()
        await the_house.end_doubtful()
        assert code(await the_house.renew(otto)) == (401, "not_your_seat")
        assert (await the_house.renew(m.gustav)).status_code == 201


async def test_without_a_waiting_room_nobody_is_in_doubt(the_house: House) -> None:
    async with meeting(the_house) as m:
        await the_house.end_doubtful()
        await the_house.end_doubtful()
        assert (await the_house.renew(m.gustav)).status_code == 201


async def test_knocks_that_were_given_up_leave_no_rows(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    for _ in range(20):
        await the_house.leave(await the_house.knock(link))
    await the_house.time_passes(minutes=2)
    rows = await the_house.built.database.look(lambda connection: connection.execute(select(seats)).all())
    assert rows == []


async def test_who_was_removed_is_remembered_for_as_long_as_the_opening(the_house: House) -> None:
    async with meeting(the_house) as m:
        await the_house.act(m.hers, "remove", m.gustav)
        await m.hers.settle()
        await the_house.time_passes(minutes=2)
        assert code(await the_house.ask(m.link, key=m.gustav.key)) == (403, "removed")


async def test_announcements_have_a_pace_of_their_own(the_house: House) -> None:
    async with meeting(the_house) as m:
        for _ in range(12):
            await m.his.say({"type": "announce", "announcement": sealed()})
        assert await m.his.refusals() == ["too_many_attempts"] * 2
        assert len([each for each in await m.hers.settle() if each["type"] == "seat"]) == 10
        await the_house.act(m.hers, "mute", m.gustav)
        assert await m.hers.refusals() == []
