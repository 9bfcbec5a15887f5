"""Keeping a meeting in order: mute, stop, lock, remove, hand over, end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from klausur.actions.expect_rooms import expect_rooms
from klausur.domain.encoding import encode
from klausur.domain.errors import TicketRefused
from klausur.media.reconcile import Reconciler
from tests.flows.inside import code, meeting, waiting_in_front
from tests.house import House, Refused, house, open_socket
from tests.people import Place, sealed


async def test_an_act_is_enforced_at_the_engine_and_told_to_everybody_but_its_actor(the_house: House) -> None:
    async with meeting(the_house) as m:
        for op, source in (("mute", "microphone"), ("stop_video", "camera"), ("stop_screen", "screen")):
            await the_house.act(m.hers, op, m.gustav)
            for socket in (m.carlas, m.his):
                told = await socket.hear()
                assert (told["type"], told["from"], told["op"]) == ("act", m.hanna.pseudonym, op)
                assert told["target"] == m.gustav.pseudonym
                assert set(told) == {"type", "from", "op", "target", "sealed"}
            assert await m.hers.settle() == []
            assert the_house.engine.calls[-1] == ("silence", m.room, m.gustav.pseudonym, source)


async def test_muting_everybody_spares_hosts_cohosts_and_oneself(the_house: House) -> None:
    async with meeting(the_house) as m:
        gerda = await the_house.join(m.link)
        await the_house.act(m.carlas, "mute_all")
        await m.carlas.settle()
        muted = {call[2] for call in the_house.engine.calls if call[0] == "silence"}
        assert muted == {m.gustav.pseudonym, gerda.pseudonym}
        told = [each for each in await m.his.settle() if each["type"] == "act"]
        assert [(each["op"], each["target"]) for each in told] == [("mute_all", None)]


async def test_an_engine_that_does_not_answer_is_admitted_to_and_nobody_is_told_of_the_act(the_house: House) -> None:
    async with meeting(the_house) as m:
        the_house.engine.fail()
        for op, target in (("mute", m.gustav), ("stop_video", m.gustav), ("mute_all", None)):
            await the_house.act(m.hers, op, target)
            assert await m.hers.refusals() == ["engine_unavailable"]
        assert await m.his.settle() == []


async def test_a_refusal_says_what_and_whom_it_was_about(the_house: House) -> None:
    async with meeting(the_house) as m:
        await the_house.act(m.his, "mute", m.hanna)
        assert await m.his.settle() == [
            {"type": "refused", "what": "mute", "target": m.hanna.pseudonym, "code": "not_allowed"}
        ]
        await the_house.act(m.his, "lock")
        assert await m.his.settle() == [{"type": "refused", "what": "lock", "target": None, "code": "not_allowed"}]


async def test_a_participant_tries_every_message_of_a_host(tmp_path: Path) -> None:
    async with house(tmp_path, limit_messages=1000) as the_house, meeting(the_house) as m:
        waiting = await waiting_in_front(the_house, m)
        for op in ("mute", "stop_video", "stop_screen", "remove"):
            for victim in (m.hanna, m.carla, m.gustav, waiting):
                await the_house.act(m.his, op, victim)
                assert await m.his.refusals() == ["not_allowed"]
        for op in ("mute_all", "lock", "unlock", "end"):
            await the_house.act(m.his, op)
            assert await m.his.refusals() == ["not_allowed"]
        for by in (m.gustav, None):
            await the_house.admit(m.his, waiting, by=by)
            certificate = the_house.certificate(m.gustav, by=by)
            await m.his.say({"type": "certify", "pseudonym": m.gustav.pseudonym, "certificate": certificate})
        await m.his.say({"type": "decline", "pseudonym": waiting.pseudonym})
        assert await m.his.refusals() == ["not_allowed"] * 5
        unknown = encode(bytes(16))
        await m.his.say({"type": "act", "op": "mute", "target": unknown, "sealed": sealed()})
        assert await m.his.refusals() == ["not_allowed"]  # nothing about who is there
        told = [each["type"] for each in await m.hers.settle()]
        assert set(told) <= {"rules", "knock"}
        assert (await the_house.look(m.link))["state"] == "open"
        assert not [call for call in the_house.engine.calls if call[0] in ("silence", "remove", "end_room")]


async def test_a_cohost_has_no_power_over_the_host(the_house: House) -> None:
    async with meeting(the_house) as m:
        for op in ("mute", "stop_video", "stop_screen", "remove"):
            await the_house.act(m.carlas, op, m.hanna)
            assert await m.carlas.refusals() == ["not_allowed"]
            await the_house.act(m.carlas, op, m.gustav)
        assert await m.carlas.refusals() == []
        await the_house.act(m.carlas, "end")
        assert await m.carlas.refusals() == ["not_allowed"]
        await the_house.leave(m.hanna)
        await the_house.act(m.carlas, "end")
        assert await m.carlas.end() == 4410


@pytest.mark.parametrize(
    "message",
    [
        {"type": "act"},
        {"type": "act", "op": "unmute", "target": encode(bytes(16)), "sealed": sealed()},
        {"type": "act", "op": "mute", "sealed": sealed()},
        {"type": "act", "op": "mute", "target": "x", "sealed": sealed()},
        {"type": "act", "op": "mute", "target": encode(bytes(16)), "sealed": "x"},
        {"type": "act", "op": "mute", "target": encode(bytes(16))},
        {"type": "act", "op": "lock", "target": encode(bytes(16)), "sealed": sealed()},
        {"type": "act", "op": "admit", "sealed": sealed()},
        {"type": "mute", "target": encode(bytes(16)), "sealed": sealed()},
        {"type": "admit", "pseudonym": "x"},
        {"type": "admit", "pseudonym": encode(bytes(16)), "certificate": {"role": "host"}},
        {"type": "certify", "pseudonym": encode(bytes(16)), "certificate": "\ud800"},
        {"type": "decline"},
        {"type": "unmute"},
    ],
    ids=range(14),
)
async def test_malformed_acts_close_the_socket(the_house: House, message: dict[str, object]) -> None:
    hanna = await the_house.host(await the_house.open_meeting())
    async with the_house.attend(hanna) as hers:
        await hers.say(message)
        assert await hers.end() == 4400


# -- locking ----------------------------------------------------------------------------------------------------------


async def test_a_locked_meeting_gains_nobody_but_a_host_and_loses_nobody(the_house: House) -> None:
    async with meeting(the_house) as m:
        await the_house.act(m.carlas, "lock")
        assert (await m.his.hear())["op"] == "lock"
        await m.carlas.settle()
        assert (await the_house.look(m.link))["state"] == "locked"
        assert code(await the_house.ask(m.link)) == (409, "meeting_locked")
        assert (await the_house.renew(m.gustav)).status_code == 201
        await the_house.host(m.link)
        welcome = await the_house.hello(m.gustav)
        assert isinstance(welcome, dict)
        assert welcome["locked"] is True
        await the_house.act(m.hers, "unlock")
        await m.hers.settle()
        await the_house.join(m.link)


async def test_who_waits_in_front_of_a_locked_door_stays_there(the_house: House) -> None:
    async with meeting(the_house) as m:
        waiting = await waiting_in_front(the_house, m)
        await the_house.act(m.hers, "lock")
        await the_house.admit(m.hers, waiting)
        assert await m.hers.refusals() == ["meeting_locked"]
        assert code(await the_house.ask(m.link, by="knock")) == (409, "meeting_locked")
        await the_house.act(m.hers, "unlock")
        await the_house.admit(m.hers, waiting)
        assert await m.hers.refusals() == []
        await the_house.come_in(waiting)


async def test_a_lock_during_joins_keeps_out_whoever_comes_after_it(the_house: House) -> None:
    async with meeting(the_house) as m:
        joins = [asyncio.create_task(the_house.ask(m.link)) for _ in range(10)]
        await the_house.act(m.hers, "lock")
        answers = await asyncio.gather(*joins)
        assert {answer.status_code for answer in answers} <= {201, 409}
        # Who was first is told first: nobody arrives behind the lock.
        heard = [each["op"] if each["type"] == "act" else each["type"] for each in await m.his.settle()]
        behind = heard[heard.index("lock") + 1 :]
        assert "seat" not in behind
        assert heard.count("seat") == [answer.status_code for answer in answers].count(201)


# -- removing ---------------------------------------------------------------------------------------------------------


async def test_somebody_removed_comes_back_with_nothing_they_ever_held(the_house: House) -> None:
    async with meeting(the_house) as m:
        old = m.gustav.ticket
        newer = (await the_house.come_back(m.gustav))["ticket"]
        passage = await the_house.tickets.redeem(newer)
        await m.his.settle()
        await the_house.act(m.hers, "remove", m.gustav)
        farewell = [await m.his.hear() for _ in range(2)]
        assert [each["type"] for each in farewell] == ["act", "removed"]
        assert await m.his.end() == 4404
        told = [each["type"] for each in await m.carlas.settle()]
        assert told[-2:] == ["act", "left"]
        assert the_house.engine.calls[-1] == ("remove", m.room, m.gustav.pseudonym)

        for ticket in (old, newer):
            with pytest.raises(TicketRefused):
                await the_house.tickets.redeem(ticket)
            query = f"access_token={ticket}&join_request=AAAA"
            with pytest.raises(Refused) as caught:
                async with open_socket(the_house.built.app, "/rtc/v1", query=query):
                    pass
            assert caught.value.status == 401
        with pytest.raises(TicketRefused):
            await the_house.tickets.connected(passage)
        assert code(await the_house.renew(m.gustav)) == (403, "removed")
        assert code(await the_house.knock_again(m.gustav)) == (403, "removed")
        assert await the_house.hello(m.gustav) == {"type": "removed"}
        assert code(await the_house.ask(m.link, key=m.gustav.key)) == (403, "removed")
        await the_house.rule(m.link, waiting_room=True)
        assert code(await the_house.ask(m.link, by="knock", key=m.gustav.key)) == (403, "removed")
        assert code(await the_house.ask(m.link, by="host", key=m.gustav.key)) == (403, "removed")
        assert code(await the_house.ask(m.link, by="knock", pseudonym=m.gustav.pseudonym)) == (409, "pseudonym_taken")
        assert (await the_house.leave(m.gustav)).status_code == 204
        assert await the_house.hello(m.gustav) == {"type": "removed"}  # leaving does not undo it

        # As somebody new he may ask; whether to let him in is for the host to decide.
        back = await the_house.knock(m.link)
        await the_house.admit(m.hers, back)
        assert await m.hers.refusals() == []


async def test_a_removed_persons_socket_says_nothing_more_even_if_it_hangs_on(the_house: House) -> None:
    async with meeting(the_house) as m:
        m.his.reads.clear()
        await the_house.act(m.hers, "remove", m.gustav)
        await m.hers.settle()
        await m.his.say({"type": "announce", "announcement": sealed()})
        await the_house.act(m.his, "react")
        m.his.reads.set()
        assert await m.his.end() == 4404
        assert {each["type"] for each in await m.carlas.settle()} == {"act", "left"}


async def test_the_engine_that_sleeps_through_a_removal_is_put_right_later(the_house: House) -> None:
    async with meeting(the_house) as m:
        the_house.engine.fail()
        await the_house.act(m.hers, "remove", m.gustav)
        assert await m.hers.refusals() == []
        the_house.engine.recover()
        assert m.gustav.pseudonym in the_house.engine.table[m.room].participants
        its = the_house.built
        await Reconciler(the_house.engine, lambda: expect_rooms(its.world), its.notes).once()
        assert m.gustav.pseudonym not in the_house.engine.table[m.room].participants


async def test_an_engine_that_hangs_holds_up_neither_the_removal_nor_who_removes(the_house: House) -> None:
    async with meeting(the_house) as m:
        passage = await the_house.tickets.redeem(m.gustav.ticket)
        the_house.engine.hang()
        await the_house.act(m.hers, "remove", m.gustav)
        assert await m.hers.refusals() == []  # her socket answers, while the engine is still being asked
        assert the_house.engine.calls[-1] == ("remove", m.room, m.gustav.pseudonym)
        assert m.gustav.pseudonym in the_house.engine.table[m.room].participants

        assert await m.his.end() == 4404
        with pytest.raises(TicketRefused):
            await the_house.tickets.redeem(m.gustav.ticket)
        with pytest.raises(TicketRefused):
            await the_house.tickets.connected(passage)
        assert code(await the_house.renew(m.gustav)) == (403, "removed")

        the_house.engine.go_on()
        await m.hers.settle()
        assert m.gustav.pseudonym not in the_house.engine.table[m.room].participants


async def test_two_hosts_remove_the_same_person_at_once(the_house: House) -> None:
    async with meeting(the_house) as m:
        await asyncio.gather(the_house.act(m.hers, "remove", m.gustav), the_house.act(m.carlas, "remove", m.gustav))
        heard = [await m.hers.settle(), await m.carlas.settle()]
        kinds = sorted([each["type"] for each in one] for one in heard)
        assert kinds == [["act", "left"], ["left"]]
        assert await the_house.hello(m.gustav) == {"type": "removed"}


async def test_two_hosts_remove_each_other_at_once_and_one_of_them_stays(the_house: House) -> None:
    link = await the_house.open_meeting()
    hanna, hugo = await the_house.host(link), await the_house.host(link)
    async with the_house.attend(hanna) as hers, the_house.attend(hugo) as his:
        await asyncio.gather(the_house.act(hers, "remove", hugo), the_house.act(his, "remove", hanna))
        codes = {await the_house.hello(place) == {"type": "removed"} for place in (hanna, hugo)}
        assert codes == {True, False}


async def test_whom_the_rules_keep_out_is_out(the_house: House) -> None:
    async with meeting(the_house) as m:
        waiting = await waiting_in_front(the_house, m)
        async with the_house.wait(waiting) as lobby:
            await the_house.rule(m.link, denied=[m.gustav.public, waiting.public])
            assert await m.his.end() == 4404
            assert await lobby.hear() == {"type": "removed"}
            assert await lobby.end() == 4404
        told = [each["type"] for each in await m.carlas.settle()]
        assert sorted(told) == ["knock_over", "left", "rules"]
        with pytest.raises(TicketRefused):
            await the_house.tickets.redeem(m.gustav.ticket)
        newcomer = Ed25519PrivateKey.generate()
        await the_house.rule(m.link, denied=[Place(m.link, "", "", "", "", [], newcomer).public])
        assert code(await the_house.ask(m.link, by="knock", key=newcomer)) == (403, "removed")
