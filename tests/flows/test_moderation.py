"""Keeping a meeting in order: mute, stop, lock, remove, hand over, end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from klausur.actions.expect_rooms import expect_rooms
from klausur.domain.encoding import encode
from klausur.domain.errors import TicketRefused
from klausur.media.reconcile import Reconciler
from tests.house import House, Refused, Socket, house, open_socket
from tests.people import Link, Place, sealed, signed_rules


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"] if answer.content else ""


@dataclass
class Meeting:
    """Hanna hosts, Carla is her co-host, Gustav a guest; all inside, all listening."""

    link: Link
    hanna: Place
    carla: Place
    gustav: Place
    hers: Socket
    carlas: Socket
    his: Socket
    room: str


@asynccontextmanager
async def meeting(its: House) -> AsyncIterator[Meeting]:
    link = await its.open_meeting()
    hanna, carla, gustav = await its.host(link), await its.join(link), await its.join(link)
    await its.rule(link, cohosts=[carla.public])
    rooms = [await its.tickets.redeem(place.ticket) for place in (hanna, carla, gustav)]
    for passage in rooms:
        its.engine.enter(passage.room, passage.pseudonym)
    async with AsyncExitStack() as stack:
        hers, carlas, his = [await stack.enter_async_context(its.attend(place)) for place in (hanna, carla, gustav)]
        for socket in (hers, carlas, his):
            await socket.settle()
        yield Meeting(link, hanna, carla, gustav, hers, carlas, his, rooms[0].room)


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


async def waiting_in_front(its: House, m: Meeting) -> Place:
    await its.rule(m.link, waiting_room=True)
    waiting = await its.knock(m.link)
    for socket in (m.hers, m.carlas, m.his):
        await socket.settle()
    return waiting


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


# -- rules ------------------------------------------------------------------------------------------------------------


async def test_sharing_is_forbidden_and_allowed_at_the_engine_too(the_house: House) -> None:
    async with meeting(the_house) as m:

        async def sharers() -> set[str]:
            return {who for who, may in (await the_house.engine.participants(m.room)).items() if may}

        await the_house.rule(m.link, everyone_shares=False)
        assert await sharers() == {m.hanna.pseudonym, m.carla.pseudonym}
        assert not (await the_house.tickets.redeem(m.gustav.ticket)).may_share
        assert (await the_house.tickets.redeem(m.carla.ticket)).may_share
        await the_house.rule(m.link, cohosts=[m.gustav.public])
        assert await sharers() == {m.hanna.pseudonym, m.gustav.pseudonym}
        assert (await expect_rooms(the_house.built.world))[m.room][m.carla.pseudonym] is False
        the_house.engine.fail()
        await the_house.rule(m.link, everyone_shares=True)
        the_house.engine.recover()
        its = the_house.built
        await Reconciler(the_house.engine, lambda: expect_rooms(its.world), its.notes).once()
        assert await sharers() == {m.hanna.pseudonym, m.carla.pseudonym, m.gustav.pseudonym}


async def test_who_was_cohost_has_no_power_any_more_at_once(the_house: House) -> None:
    async with meeting(the_house) as m:
        await the_house.rule(m.link, cohosts=[])
        await the_house.act(m.carlas, "mute", m.gustav)
        assert await m.carlas.refusals() == ["not_allowed"]


async def test_everybody_hears_the_rules_and_newcomers_read_them(the_house: House) -> None:
    async with meeting(the_house) as m:
        await the_house.rule(m.link, everyone_shares=False)
        told = await m.his.hear()
        assert (told.pop("type"), told["version"]) == ("rules", m.link.version)
        assert (await the_house.look(m.link))["rules"] == told
        welcome = await the_house.hello(m.gustav)
        assert isinstance(welcome, dict)
        assert welcome["rules"] == told


async def test_rules_have_consecutive_versions_and_the_hosts_signature(the_house: House) -> None:
    async with meeting(the_house) as m:
        other = await the_house.open_meeting()
        version = m.link.version + 1
        for wrong in (m.link.version, version + 1):
            answer = await the_house.put_rules(m.link, signed_rules(m.link, wrong, m.link.rules))
            assert code(answer) == (409, "rules_outdated")
        right = signed_rules(m.link, version, m.link.rules)
        forgeries = [
            signed_rules(m.link, version, m.link.rules, m.carla.key),
            signed_rules(other, version, m.link.rules, m.link.host_key),
            right | {"document": str(right["document"]).replace("[]", f'["{m.gustav.public}"]')},
            right | {"signature": encode(bytes(64))},
            right | {"signature": "AAAA"},
            signed_rules(m.link, version + 1, m.link.rules) | {"version": version},
        ]
        for forgery in forgeries:
            assert code(await the_house.put_rules(m.link, forgery)) == (403, "not_host")
        for document in ("{}", "[" * 20_000, right["document"] + " " * 24 * 1024):  # type: ignore[operator]
            assert code(await the_house.put_rules(m.link, right | {"document": document})) == (400, "malformed")
        assert (await the_house.put_rules(m.link, right)).status_code == 204


async def test_of_two_rules_written_at_once_one_loses_and_knows(the_house: House) -> None:
    link = await the_house.open_meeting()
    rules = [signed_rules(link, 2, link.rules | {"everyone_shares": share}) for share in (True, False)]
    answers = await asyncio.gather(*(the_house.put_rules(link, each) for each in rules))
    assert sorted(code(answer) for answer in answers) == [(204, ""), (409, "rules_outdated")]


async def test_the_host_certifies_those_inside_before_what_let_them_in_stops_counting(the_house: House) -> None:
    async with meeting(the_house) as m:
        told = {"type": "certify", "pseudonym": m.gustav.pseudonym, "certificate": the_house.certificate(m.gustav)}
        await m.hers.say(told)
        heard = await m.carlas.hear()
        assert heard["admission"] == {"certificate": told["certificate"]}
        for wrong in (
            the_house.certificate(m.carla),
            the_house.certificate(m.gustav, by=m.carla),
            the_house.certificate(m.gustav, key=m.carla.key),
            the_house.certificate(m.gustav, role="host"),
        ):
            await m.hers.say(told | {"certificate": wrong})
        assert await m.hers.refusals() == ["not_allowed"] * 4
        roster = (await the_house.come_back(m.hanna))["roster"]
        assert {"certificate": told["certificate"]} in [each["admission"] for each in roster]


# -- ending -----------------------------------------------------------------------------------------------------------


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
