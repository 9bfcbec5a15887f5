"""The events socket and those who misuse it."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from klausur.api.attempts import Allowed, Attempts
from klausur.api.hub import QUEUE_LENGTH
from klausur.api.sockets import EventsSocket, SocketLimits
from klausur.domain.errors import StorageUnavailable
from tests.house import House, Refused, house, open_socket
from tests.people import sealed

GARBAGE = [
    "",
    "{",
    "[]",
    "null",
    '"hello"',
    "[" * 40000,
    '{"type":"hello"}',
    '{"type":"hello","pseudonym":1,"secret":2}',
    '{"type":"announce","announcement":"x"}',
    '{"type":"ping"}',
    "9" * 5000,
]


@pytest.mark.parametrize("first", GARBAGE, ids=range(len(GARBAGE)))
async def test_whatever_comes_before_hello_closes_the_socket(the_house: House, first: str) -> None:
    link = await the_house.open_meeting()
    async with the_house.listen(link.meeting) as socket:
        await socket.say_text(first)
        assert await socket.end() == 4400


async def test_bytes_close_the_socket(the_house: House) -> None:
    async with the_house.listen("x") as socket:
        socket.to_app.put_nowait({"type": "websocket.receive", "bytes": b"\x00"})
        assert await socket.end() == 4400


@pytest.mark.parametrize("later", ["{", '{"type":"hello"}', '{"type":"announce"}', '{"type":"shout"}'])
async def test_garbage_later_closes_it_too(the_house: House, later: str) -> None:
    gustav = await the_house.join(await the_house.open_meeting())
    async with the_house.attend(gustav) as socket:
        await socket.say_text(later)
        assert await socket.end() == 4400


async def test_a_stranger_is_nobody(the_house: House) -> None:
    link = await the_house.open_meeting()
    gustav = await the_house.join(link)
    for meeting, secret in ((link.meeting, "A" * 43), ("unknown", gustav.secret), (link.meeting, "\ud800")):
        async with the_house.listen(meeting) as socket:
            await socket.say({"type": "hello", "pseudonym": gustav.pseudonym, "secret": secret})
            assert await socket.end() == 4401


async def test_who_says_nothing_is_not_waited_for(the_house: House) -> None:
    its = the_house.built
    attempts = Attempts(Allowed(1, 1, 1, 1, 1, sockets=1))
    impatient = EventsSocket(its.world, its.presence, its.hub, SocketLimits(65536, 50, hello_within=0.0))

    async def app(_scope: object, receive: object, send: object) -> None:
        with attempts.socket("a network") as place:
            await impatient.serve("x", receive, send, place)  # type: ignore[arg-type]

    async with open_socket(app, "/") as socket:
        assert await socket.end() == 4408


async def test_a_message_over_the_limit_closes_the_socket(the_house: House) -> None:
    gustav = await the_house.join(await the_house.open_meeting())
    async with the_house.attend(gustav) as socket:
        await socket.say({"type": "announce", "announcement": "A" * 65536})
        assert await socket.end() == 1009


async def test_a_flood_closes_the_socket(the_house: House) -> None:
    gustav = await the_house.join(await the_house.open_meeting())
    async with the_house.attend(gustav) as socket:
        for _ in range(500):
            await socket.say({"type": "ping"})
        assert await socket.end() == 4429


async def test_a_second_tab_of_the_same_seat_replaces_the_first(the_house: House) -> None:
    gustav = await the_house.join(await the_house.open_meeting())
    async with the_house.attend(gustav) as first, the_house.attend(gustav) as second:
        assert await first.end() == 4409
        await second.say({"type": "ping"})
        assert (await second.hear())["type"] == "pong"


async def test_leaving_closes_the_socket(the_house: House) -> None:
    gustav = await the_house.join(await the_house.open_meeting())
    async with the_house.attend(gustav) as socket:
        await the_house.leave(gustav)
        assert await socket.end() == 4401


async def test_a_slow_reader_is_cut_off_and_holds_up_nobody(the_house: House) -> None:
    link = await the_house.open_meeting()
    hanna, sloth = await the_house.join(link), await the_house.join(link)
    async with the_house.attend(sloth) as slow, the_house.attend(hanna) as quick:
        slow.reads.clear()
        heard = 0
        for number in range(QUEUE_LENGTH + 2):
            the_house.built.hub.tell(link.meeting, {"type": "note", "number": number})
            heard += (await quick.hear()).get("number") == number
        assert heard >= QUEUE_LENGTH
        slow.reads.set()
        assert await slow.end() == 1013


async def test_a_slow_reader_who_never_reads_again_is_given_up(the_house: House) -> None:
    link = await the_house.open_meeting()
    sloth = await the_house.join(link)
    async with the_house.attend(sloth) as slow:
        slow.reads.clear()
        for number in range(QUEUE_LENGTH + 2):
            the_house.built.hub.tell(link.meeting, {"type": "note", "number": number})
            await asyncio.sleep(0)
        assert slow.served is not None
        await slow.served
        assert the_house.built.hub.open_sockets == 0


async def test_the_roster_of_a_welcome_misses_nobody(the_house: House) -> None:
    link = await the_house.open_meeting()
    hanna = await the_house.join(link)
    others = [await the_house.join(link) for _ in range(3)]
    async with the_house.listen(link.meeting) as socket:
        await socket.say({"type": "hello", "pseudonym": hanna.pseudonym, "secret": hanna.secret})
        welcome = await socket.hear()
    assert {each["pseudonym"] for each in welcome["roster"]} == {each.pseudonym for each in others}
    assert welcome["session"] == hanna.session


async def test_when_the_storage_fails_the_socket_says_so(the_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    gustav = await the_house.join(await the_house.open_meeting())

    def fail() -> None:
        raise StorageUnavailable("disk full")

    async with the_house.attend(gustav) as socket:
        with monkeypatch.context() as broken:
            broken.setattr(the_house.built.database, "writing", fail)
            await socket.say({"type": "announce", "announcement": sealed()})
            assert await socket.end() == 4503


async def test_a_network_has_so_many_sockets_and_no_more(tmp_path: Path) -> None:
    async with house(tmp_path, limit_sockets=2) as strict:
        async with strict.listen("x"), strict.listen("x"):
            async with strict.listen("x") as third:
                assert await third.end() == 4429
            with pytest.raises(Refused) as caught:
                async with open_socket(strict.built.app, "/rtc/v1"):
                    pass
            assert caught.value.status == 429
            assert json.loads(caught.value.body)["code"] == "too_many_attempts"
            async with strict.listen("x", address="198.51.100.7"):
                pass
        async with strict.listen("x"):
            pass


async def test_a_full_network_comes_back_over_its_own_dead_sockets(tmp_path: Path) -> None:
    async with house(tmp_path, limit_sockets=2) as strict, AsyncExitStack() as dead:
        link = await strict.open_meeting()
        hanna, gustav = await strict.join(link), await strict.join(link)
        for place in (hanna, gustav):
            await dead.enter_async_context(strict.attend(place))
        async with strict.attend(hanna), strict.attend(gustav):
            otto = await strict.join(link)
            async with strict.listen(link.meeting) as third:
                await third.say({"type": "hello", "pseudonym": otto.pseudonym, "secret": otto.secret})
                assert await third.end() == 4429


async def test_a_socket_that_is_sent_away_gives_its_place_back_at_once(tmp_path: Path) -> None:
    async with house(tmp_path, limit_sockets=2) as strict:
        link = await strict.open_meeting()
        hanna, gustav, ada = [await strict.join(link) for _ in range(3)]
        async with strict.attend(hanna), strict.attend(gustav) as deaf:
            deaf.reads.clear()
            await strict.leave(gustav)
            async with strict.attend(ada):
                pass


async def test_sockets_are_for_our_own_pages(the_house: House) -> None:
    for changed in ({"origin": "https://otto.example"}, {"origin": None}, {"host": "otto.example"}):
        with pytest.raises(Refused) as caught:
            async with the_house.listen("x", **changed):
                pass
        assert caught.value.status in (403, 421)
