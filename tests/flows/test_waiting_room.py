"""In front of the door: who waits, who lets in, and what nobody out there hears."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from klausur.domain.encoding import encode
from tests.house import Closed, House, Socket, house
from tests.people import Place, sealed


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"] if answer.content else ""


async def test_hanna_lets_in_two_one_by_one_and_declines_a_third(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    hanna = await the_house.host(link)
    async with the_house.attend(hanna) as hers:
        gustav, gerda, otto = [await the_house.knock(link, name) for name in ("Gustav", "Gerda", "Otto")]
        knocks = [await hers.hear() for _ in range(3)]
        assert [each["type"] for each in knocks] == ["knock"] * 3
        assert [each["pseudonym"] for each in knocks] == [each.pseudonym for each in (gustav, gerda, otto)]

        async with the_house.wait(gustav) as his, the_house.wait(otto) as ottos:
            await the_house.admit(hers, gustav)
            assert await hers.hear() == {"type": "knock_over", "pseudonym": gustav.pseudonym}
            arrival = await hers.hear()
            assert (arrival["type"], arrival["pseudonym"], arrival["key"]) == ("seat", gustav.pseudonym, gustav.public)
            assert arrival["admission"]["certificate"]["issuer"] == "host"
            assert await his.hear() == {"type": "admitted"}
            assert await his.end() == 4200

            await hers.say({"type": "decline", "pseudonym": otto.pseudonym})
            assert await ottos.hear() == {"type": "declined", "again": True}
            assert await ottos.end() == 4403

        await the_house.come_in(gustav)
        assert [each["pseudonym"] for each in gustav.roster] == [hanna.pseudonym]
        async with the_house.attend(gustav):
            assert (await the_house.tickets.redeem(gustav.ticket)).pseudonym == gustav.pseudonym
        assert code(await the_house.renew(otto)) == (403, "not_admitted")
        assert code(await the_house.renew(gerda)) == (403, "not_admitted")


async def test_a_reload_in_front_of_the_door_loses_nothing(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    hanna, gustav = await the_house.host(link), await the_house.knock(link)
    async with the_house.attend(hanna) as hers:
        async with the_house.wait(gustav):
            pass
        await the_house.time_passes(seconds=59)
        async with the_house.wait(gustav):
            await the_house.time_passes(minutes=20)
            await the_house.admit(hers, gustav)
            await hers.settle()
        await the_house.come_in(gustav)


async def test_who_walks_away_from_the_door_is_forgotten(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    hanna, gustav, gerda = await the_house.host(link), await the_house.knock(link), await the_house.knock(link)
    async with the_house.attend(hanna) as hers:
        async with the_house.wait(gustav):
            pass
        await the_house.leave(gerda)
        assert await hers.hear() == {"type": "knock_over", "pseudonym": gerda.pseudonym}
        await the_house.time_passes(seconds=60)
        assert await hers.hear() == {"type": "knock_over", "pseudonym": gustav.pseudonym}
        assert await the_house.hello(gustav) == 4401
        for place in (gustav, gerda):
            await the_house.admit(hers, place)
            assert await hers.refusals() == ["not_your_seat"]


async def test_a_host_who_comes_later_sees_who_waits_in_order(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    places = []
    for _ in range(3):
        places.append(await the_house.knock(link))
        await the_house.time_passes(seconds=1)
    async with the_house.wait(places[0]):
        pass
    hanna = await the_house.host(link)
    welcome = await the_house.hello(hanna)
    assert isinstance(welcome, dict)
    assert [each["pseudonym"] for each in welcome["knocks"]] == [place.pseudonym for place in places]
    assert all(set(each) == {"pseudonym", "knock", "since"} for each in welcome["knocks"])


async def test_who_waits_hears_nothing_whatever_happens_inside(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    hanna, gustav, gerda = await the_house.host(link), await the_house.knock(link), await the_house.knock(link)
    async with the_house.attend(hanna) as hers, the_house.wait(gustav) as his:
        await hers.say({"type": "announce", "announcement": sealed()})
        await the_house.admit(hers, gerda)
        await hers.settle()
        await the_house.come_in(gerda)
        async with the_house.attend(gerda):
            await the_house.act(hers, "react")
            await the_house.act(hers, "mute", gerda)
            await the_house.act(hers, "lock")
            await the_house.act(hers, "unlock")
            await the_house.rule(link, cohosts=[gerda.public])
            await hers.settle()
        await the_house.leave(gerda)
        hub = the_house.built.hub
        hub.tell(link.meeting, {"type": "secret"})
        hub.tell_only(link.meeting, [gustav.pseudonym], {"type": "secret"})
        assert await his.settle() == []
        for path in ("", "/seats"):
            assert (await the_house.browser.get(f"/api/meetings/{link.meeting}{path}")).status_code in (404, 405)


async def test_who_waits_can_say_nothing_either(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    hanna, gustav = await the_house.host(link), await the_house.knock(link)
    async with the_house.attend(hanna) as hers, the_house.wait(gustav) as his:
        await his.say({"type": "announce", "announcement": sealed()})
        await the_house.admit(his, gustav, by=gustav)
        await the_house.act(his, "mute", hanna)
        await the_house.act(his, "react")
        assert await his.refusals() == ["not_allowed"] * 4
        assert await hers.settle() == []
        assert [each["pseudonym"] for each in (await the_house.come_back(hanna))["roster"]] == []


async def test_somebody_declined_knocks_once_more_and_then_never_again(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    hanna, otto = await the_house.host(link), await the_house.knock(link)
    async with the_house.attend(hanna) as hers:
        for again in (True, False):
            await hers.say({"type": "decline", "pseudonym": otto.pseudonym})
            assert (await hers.hear())["type"] == "knock_over"
            assert await the_house.hello(otto) == {"type": "declined", "again": again}
            expected = (204, "") if again else (403, "declined")
            assert code(await the_house.knock_again(otto)) == expected
            if again:
                assert (await hers.hear())["type"] == "knock"
                # The answer was lost on its way, and he asks again.
                assert code(await the_house.knock_again(otto)) == (204, "")
                assert await hers.settle() == []
        await the_house.time_passes(minutes=5)
        assert code(await the_house.knock_again(otto)) == (401, "not_your_seat")


async def test_knocking_again_has_the_same_conditions_as_knocking(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    hanna, otto = await the_house.host(link), await the_house.knock(link)
    async with the_house.attend(hanna) as hers:
        await hers.say({"type": "decline", "pseudonym": otto.pseudonym})
        await the_house.act(hers, "lock")
        await hers.settle()
        assert code(await the_house.knock_again(otto)) == (409, "meeting_locked")
        await the_house.act(hers, "unlock")
        await hers.settle()
        await the_house.rule(link, waiting_room=False)
        assert code(await the_house.knock_again(otto)) == (409, "admission_changed")
        await the_house.rule(link, waiting_room=True, denied=[otto.public])
        assert code(await the_house.knock_again(otto)) == (403, "removed")
        assert code(await the_house.knock_again(hanna)) == (403, "not_allowed")


async def test_the_way_in_is_the_one_that_the_host_has_chosen(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    assert code(await the_house.ask(link, by="mac")) == (409, "admission_changed")
    await the_house.rule(link, waiting_room=False)
    assert code(await the_house.ask(link, by="knock")) == (409, "admission_changed")
    await the_house.join(link, by="mac")


@pytest.mark.parametrize(
    "changed",
    [
        {"mac": encode(bytes(32)), "knock": sealed()},
        {"mac": None},
        {"mac": "AAAA"},
        {"mac": None, "knock": ""},
        {"mac": None, "knock": "AAAA"},
        {"key": None, "possession": encode(bytes(64))},
        {"possession": "AAAA"},
        {"mac": None, "certificate": {}},
        {"mac": None, "certificate": {"role": "cohost", "not_after": 1, "issuer": "host", "signature": "A" * 86}},
    ],
    ids=range(9),
)
async def test_what_is_no_way_in_is_malformed(the_house: House, changed: dict[str, Any]) -> None:
    link = await the_house.open_meeting()
    assert code(await the_house.ask(link, **changed)) == (400, "malformed")


async def test_a_knock_of_a_megabyte_is_too_large_and_one_of_ten_kilobytes_malformed(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    assert code(await the_house.ask(link, by="knock", knock="A" * 2**20)) == (413, "too_large")
    assert code(await the_house.ask(link, by="knock", knock="A" * 12_000)) == (400, "malformed")


async def test_two_hundred_wait_and_of_a_thousand_who_knock_the_others_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("klausur.api.turns.PAUSE_SECONDS", 0)
    async with house(tmp_path, limit_knocks=10**6, limit_meeting_knocks=10**6) as built:
        link = await built.open_meeting(waiting_room=True)
        session = (await built.look(link))["session"]
        answers: list[httpx.Response] = []
        for _ in range(50):
            answers += await asyncio.gather(*(built.ask(link, by="knock", session=session) for _ in range(20)))
        assert sorted(answer.status_code for answer in answers) == [202] * 200 + [409] * 800
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"meeting_full"}
        hanna = await built.host(link)
        welcome = await built.hello(hanna)
        assert isinstance(welcome, dict)
        assert len(welcome["knocks"]) == 200


async def test_no_two_seats_share_a_key(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    key = Ed25519PrivateKey.generate()
    await the_house.knock(link, key=key)
    assert code(await the_house.ask(link, by="knock", key=key)) == (409, "pseudonym_taken")
    assert code(await the_house.ask(link, by="host", key=key)) == (409, "pseudonym_taken")


async def test_a_full_meeting_admits_nobody_until_somebody_leaves(tmp_path: Path) -> None:
    async with house(tmp_path, max_participants=2) as small:
        link = await small.open_meeting(waiting_room=True)
        hanna, gustav, gerda = await small.host(link), await small.knock(link), await small.knock(link)
        async with small.attend(hanna) as hers:
            await small.admit(hers, gustav)
            await small.admit(hers, gerda)
            assert await hers.refusals() == ["meeting_full"]
            await small.leave(gustav)
            await small.admit(hers, gerda)
            assert await hers.refusals() == []
        await small.come_in(gerda)


async def test_two_hosts_admit_at_once_and_both_are_right(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    hanna, hugo, gustav = await the_house.host(link), await the_house.host(link), await the_house.knock(link)
    async with the_house.attend(hanna) as hers, the_house.attend(hugo) as hugos, the_house.wait(gustav) as his:
        await asyncio.gather(the_house.admit(hers, gustav), the_house.admit(hugos, gustav))
        heard = [await hers.settle(), await hugos.settle()]
        for each in heard:
            assert [told["type"] for told in each if told.get("pseudonym") == gustav.pseudonym].count("seat") == 1
            assert "refused" not in {told["type"] for told in each}
        assert await his.end() == 4200
    await the_house.come_in(gustav)


async def test_one_host_admits_while_the_other_declines_and_the_first_is_right(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    hanna, hugo = await the_house.host(link), await the_house.host(link)
    gustav, gerda = await the_house.knock(link), await the_house.knock(link)
    async with the_house.attend(hanna) as hers, the_house.attend(hugo) as hugos:
        await the_house.admit(hers, gustav)
        await hers.settle()
        await hugos.say({"type": "decline", "pseudonym": gustav.pseudonym})
        assert await hugos.refusals() == ["not_allowed"]
        await hugos.say({"type": "decline", "pseudonym": gerda.pseudonym})
        await hugos.settle()
        await the_house.admit(hers, gerda)
        assert await hers.refusals() == ["declined"]
    await the_house.come_in(gustav)
    assert code(await the_house.renew(gerda)) == (403, "not_admitted")


async def test_a_host_who_leaves_while_admitting_has_admitted_or_not_but_nothing_in_between(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    hanna, gustav = await the_house.host(link), await the_house.knock(link)
    async with the_house.attend(hanna) as hers:
        await asyncio.gather(the_house.admit(hers, gustav), the_house.leave(hanna))
        await hers.end()
    greeting = await the_house.hello(gustav)
    assert isinstance(greeting, dict)
    admitted = greeting["type"] == "welcome"
    assert (await the_house.renew(gustav)).status_code == (201 if admitted else 403)


async def test_cohosts_admit_with_their_own_key_and_see_who_waits(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    hanna, carla, gustav = await the_house.host(link), await the_house.knock(link), await the_house.knock(link)
    async with the_house.attend(hanna) as hers:
        await the_house.admit(hers, carla)
        await hers.settle()
        await the_house.come_in(carla)
        async with the_house.attend(carla) as carlas:
            await the_house.admit(carlas, gustav, by=carla)
            assert await carlas.refusals() == ["not_allowed"]
            await the_house.rule(link, cohosts=[carla.public])
            told = await carlas.settle()
            assert [each["type"] for each in told] == ["rules", "knock"]
            await the_house.leave(hanna)
            await the_house.admit(carlas, gustav, by=carla)
            heard = await carlas.settle()
            assert [each["type"] for each in heard] == ["left", "knock_over", "seat"]
            assert heard[-1]["admission"]["certificate"]["issuer"] == carla.public
    await the_house.come_in(gustav)


async def test_a_meeting_that_ends_is_over_for_those_who_wait_too(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    hanna, gustav = await the_house.host(link), await the_house.knock(link)
    async with the_house.attend(hanna) as hers, the_house.wait(gustav) as his:
        await the_house.act(hers, "end")
        assert await his.hear() == {"type": "ended"}
        assert await his.end() == 4410
        assert await hers.end() == 4410


async def test_whoever_is_admitted_while_reconnecting_is_inside(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    hanna, gustav = await the_house.host(link), await the_house.knock(link)
    async with the_house.attend(hanna) as hers:
        await the_house.admit(hers, gustav)
        await hers.settle()
    greeting = await the_house.hello(gustav)
    assert isinstance(greeting, dict)
    assert greeting["type"] == "welcome"
    assert greeting["knocks"] == []


async def test_a_late_socket_of_the_lobby_does_not_make_anybody_away(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    hanna, gustav = await the_house.host(link), await the_house.knock(link)
    async with the_house.attend(hanna) as hers, the_house.wait(gustav) as old:
        old.reads.clear()
        await the_house.admit(hers, gustav)
        await hers.settle()
        await the_house.come_in(gustav)
        async with the_house.attend(gustav):
            old.reads.set()
            assert await old.end() == 4200
            await old.served_to_the_end()
            told = [each for each in await hers.settle() if each["type"] == "seat"]
            assert [each["away"] for each in told] == [False]


async def gone(socket: Socket) -> int:
    try:
        await socket.hear()
    except Closed as closed:
        return closed.code
    raise AssertionError


async def test_a_second_tab_of_who_waits_replaces_the_first(the_house: House) -> None:
    link = await the_house.open_meeting(waiting_room=True)
    gustav: Place = await the_house.knock(link)
    async with the_house.wait(gustav) as first, the_house.wait(gustav) as second:
        assert await gone(first) == 4409
        assert await second.settle() == []
