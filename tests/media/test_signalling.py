"""The signalling proxy on real sockets: who is let in, what passes, and what never does."""

from __future__ import annotations

import asyncio
import base64
import gzip
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import jwt
import pytest
from livekit.protocol import models, rtc
from websockets.exceptions import ConnectionClosed

from klausur.domain.errors import EngineUnavailable
from klausur.domain.ports import Passage
from klausur.media.bridge import MAX_MESSAGE_BYTES, REPLACED, Bridge, Limits
from klausur.media.signalling import Patience
from tests.media.stage import (
    GUSTAV,
    HANNA,
    MEETING,
    Stage,
    join_request,
    request,
    response,
    staged,
    ticket,
    track,
    wrapped,
)

PING = request(ping=1)
GCM = models.Encryption.GCM
NONE = models.Encryption.NONE


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged(patience=Patience(engine_back=0.05, old_socket_ends=0.2)) as ready:
        yield ready


# --- a call -----------------------------------------------------------------------------------------------------------


async def test_hanna_and_the_engine_talk(stage: Stage) -> None:
    client, visit = await stage.enter(stage.tickets.give("h", HANNA))
    await client.send(request(offer=rtc.SessionDescription(type="offer", sdp="v=0")))
    assert (await visit.hear()).offer.sdp == "v=0"
    answer = response(answer=rtc.SessionDescription(type="answer", sdp="v=0"))
    await visit.connection.send(answer)
    assert await client.recv() == answer
    await client.close()
    await visit.ended.wait()


async def test_her_seat_is_connected_exactly_as_long_as_her_socket_stands(stage: Stage) -> None:
    client, visit = await stage.enter(stage.tickets.give("h", HANNA))
    assert stage.tickets.here == [HANNA]
    await client.close()
    await visit.ended.wait()
    await stage.proxy.drop_all()
    assert stage.tickets.log == [("connected", HANNA), ("disconnected", HANNA)]
    assert stage.proxy.open_sockets == 0


async def test_the_room_is_made_before_she_enters_it(stage: Stage) -> None:
    await stage.enter(stage.tickets.give("h", HANNA))
    assert stage.rooms.table["room"].max_participants == 9


async def test_a_room_that_ended_meanwhile_is_made_again(stage: Stage) -> None:
    stage.engine.refuse_next = [404]
    await stage.enter(stage.tickets.give("h", HANNA))
    assert stage.rooms.calls == [("ensure_room", "room")] * 2


async def test_an_engine_that_hangs_up_ends_the_socket_so_that_the_client_comes_again(stage: Stage) -> None:
    client, visit = await stage.enter(stage.tickets.give("h", HANNA))
    visit.connection.transport.abort()
    await client.wait_closed()
    assert client.close_code == 1012


# --- what the engine learns -------------------------------------------------------------------------------------------


async def test_the_engine_gets_a_token_in_a_header_and_nothing_else_of_the_client(stage: Stage) -> None:
    hers = {
        "X-Forwarded-For": "203.0.113.7",
        "CF-Connecting-IP": "203.0.113.7",
        "X-Real-IP": "203.0.113.7",
        "Cookie": "a=b",
    }
    _, visit = await stage.enter(stage.tickets.give("h", HANNA), additional_headers=hers)
    assert visit.headers["Authorization"] == f"Bearer {stage.rooms.token(stage.tickets.table[ticket('h')])}"
    assert visit.headers["User-Agent"] == "Chrome/156"
    assert visit.path == "/rtc/v1"
    assert set(visit.query) == {"join_request"}
    websocket = {"Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"}
    assert set(visit.headers) == websocket | {"Authorization", "User-Agent"}


async def test_what_a_join_request_says_about_a_person_stays_here(stage: Stage) -> None:
    wish = rtc.JoinRequest(metadata="Hanna", participant_attributes={"name": "Hanna"}, participant_sid="PA_1")
    wish.client_info.CopyFrom(
        models.ClientInfo(
            sdk=models.ClientInfo.JS, version="2.23.0", protocol=17, address="203.0.113.7", os="Windows", network="wi",
            device_model="Hanna's phone", browser="Chrome", browser_version="156.0.7421.3", other_sdks="x",
        )
    )  # fmt: skip
    wish.connection_settings.adaptive_stream = True
    _, visit = await stage.enter(stage.tickets.give("h", HANNA), join_request(wish))
    assert visit.wish == rtc.JoinRequest(
        client_info=models.ClientInfo(
            sdk=models.ClientInfo.JS, version="2.23.0", protocol=17, browser="Chrome", browser_version="156",
            os="other", device_model="other",
        ),
        connection_settings=rtc.ConnectionSettings(adaptive_stream=True),
        participant_sid="PA_1",
    )  # fmt: skip


# --- what never reaches a browser -------------------------------------------------------------------------------------


async def test_refreshed_tokens_never_reach_the_client(stage: Stage) -> None:
    client, visit = await stage.enter(stage.tickets.give("h", HANNA))
    await visit.connection.send(response(refresh_token="eyJ.secret.token"))
    await visit.connection.send(response(room_moved=rtc.RoomMovedResponse(token="eyJ.secret.token")))
    await visit.connection.send("text is not LiveKit's")
    pong = response(pong=1)
    await visit.connection.send(pong)
    assert await client.recv() == pong


# --- outsiders --------------------------------------------------------------------------------------------------------


def livekit_token() -> str:
    return jwt.encode({"sub": HANNA, "exp": int(time.time()) + 60}, "a secret that is long enough for HMAC")


@pytest.mark.parametrize(
    "presented",
    ["", "short", ticket("o"), ticket("h") + "h", ticket("ä"), ticket("h")[:-1] + "\n", livekit_token()],
    ids=["none", "short", "unknown", "too long", "not ASCII", "newline", "a LiveKit token"],
)
async def test_otto_is_refused_without_a_ticket(stage: Stage, presented: str) -> None:
    stage.tickets.give("h", HANNA)
    assert await stage.refusal(presented) == (401, "ticket_refused")
    assert await stage.validate(presented) == (401, "ticket_refused")
    assert stage.engine.visits.empty()
    assert stage.rooms.calls == []


async def test_a_ticket_given_twice_in_one_address_is_refused(stage: Stage) -> None:
    hers = stage.tickets.give("h", HANNA)
    assert await stage.refusal(f"{hers}&access_token={hers}") == (401, "ticket_refused")


BOMB = gzip.compress(rtc.JoinRequest(metadata="x" * 5_000_000).SerializeToString())


@pytest.mark.parametrize(
    "join",
    [
        "",
        "!!!",
        base64.urlsafe_b64encode(b"\xff" * 40).decode(),
        wrapped(b"not gzip"),
        wrapped(gzip.compress(b"\xff" * 40)),
        wrapped(gzip.compress(b"")[:-4]),
        wrapped(BOMB),
        wrapped(b"", compression=7),
    ],
    ids=["none", "not base64", "no protobuf", "no gzip", "no request", "cut off", "bomb", "unknown packing"],
)
async def test_join_requests_that_are_none_are_refused(stage: Stage, join: str) -> None:
    assert await stage.refusal(stage.tickets.give("o", GUSTAV), join) == (401, "ticket_refused")
    assert stage.engine.visits.empty()


async def test_a_ticket_revoked_while_its_socket_is_being_opened_opens_nothing(stage: Stage) -> None:
    stage.rooms.hang()
    hers = stage.tickets.give("h", HANNA)
    opening = asyncio.create_task(stage.refusal(hers))
    await stage.tickets.redeemed.wait()
    stage.tickets.revoke("h")
    stage.rooms.go_on()
    assert await opening == (401, "ticket_refused")
    assert stage.tickets.log == []


async def test_somebody_dropped_while_their_socket_is_being_opened_does_not_get_in(stage: Stage) -> None:
    stage.rooms.hang()
    opening = asyncio.create_task(stage.refusal(stage.tickets.give("h", HANNA)))
    await stage.tickets.redeemed.wait()
    await stage.rooms.called.wait()
    await stage.proxy.drop(MEETING, HANNA, reason="left")
    stage.rooms.go_on()
    assert await opening == (401, "ticket_refused")


@pytest.mark.parametrize("first", [True, False])
async def test_who_may_share_otherwise_once_their_socket_stands_may_so_at_the_engine(stage: Stage, first: bool) -> None:
    stage.rooms.hang()
    hers = stage.tickets.give("h", HANNA, may_share=first)
    opening = asyncio.create_task(stage.enter(hers))
    await stage.rooms.called.wait()
    stage.tickets.give("h", HANNA, may_share=not first)
    stage.rooms.go_on()
    await opening
    assert stage.rooms.calls[-1] == ("permit", "room", HANNA, "no share" if first else "share")


async def test_an_engine_that_cannot_be_told_so_lets_nobody_in(stage: Stage) -> None:
    stage.rooms.hang()
    hers = stage.tickets.give("h", HANNA)
    opening = asyncio.create_task(stage.refusal(hers))
    await stage.rooms.called.wait()
    stage.tickets.give("h", HANNA, may_share=False)

    async def refuse(room: str, identity: str, *, share: bool) -> None:
        raise EngineUnavailable(f"{identity} in {room}: {share}")

    stage.rooms.permit = refuse  # type: ignore[method-assign]
    stage.rooms.go_on()
    assert await opening == (503, "engine_unavailable")
    assert stage.tickets.log == []


# --- one ticket, one socket -------------------------------------------------------------------------------------------


async def test_a_second_join_with_the_ticket_is_refused_while_the_first_lives(stage: Stage) -> None:
    hers = stage.tickets.give("h", HANNA)
    client, visit = await stage.enter(hers)
    assert await stage.refusal(hers) == (403, "ticket_in_use")
    assert await stage.validate(hers) == (403, "ticket_in_use")
    await client.send(PING)
    assert (await visit.hear()).ping == 1


async def test_of_two_joins_at_once_one_gets_in(stage: Stage) -> None:
    hers = stage.tickets.give("h", HANNA)
    results = await asyncio.gather(*(stage.open(hers) for _ in range(5)), return_exceptions=True)
    assert sum(not isinstance(each, BaseException) for each in results) == 1
    assert stage.tickets.here == [HANNA]


async def test_a_join_may_come_just_before_the_old_sockets_end(stage: Stage) -> None:
    hers = stage.tickets.give("h", HANNA)
    client, _ = await stage.enter(hers)
    again = asyncio.create_task(stage.enter(hers))
    await client.close()
    await again
    assert stage.tickets.log == [("connected", HANNA), ("disconnected", HANNA), ("connected", HANNA)]


async def test_a_resume_replaces_the_old_socket(stage: Stage) -> None:
    hers = stage.tickets.give("h", HANNA)
    client, _ = await stage.enter(hers)
    resumed, visit = await stage.enter(hers, join_request(reconnect=True, participant_sid="PA_1"))
    await client.wait_closed()
    assert (client.close_code, client.close_reason) == (4409, "replaced")
    assert visit.wish.reconnect
    await resumed.send(PING)
    assert (await visit.hear()).ping == 1
    assert stage.tickets.here == [HANNA]


async def test_a_join_replaces_a_socket_that_has_fallen_silent() -> None:
    async with staged(patience=Patience(silence=-1)) as stage:
        hers = stage.tickets.give("h", HANNA)
        client, _ = await stage.enter(hers)
        await stage.enter(hers)
        await client.wait_closed()
        assert client.close_code == 4409


# --- dropping ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "code"),
    [("ended", 4410), ("new_ticket", 4409), ("left", 1008), ("not_encrypted", 1008), ("restarting", 1012)],
)
async def test_dropping_a_seat_closes_its_socket_and_no_other(stage: Stage, reason: str, code: int) -> None:
    hanna, _ = await stage.enter(stage.tickets.give("h", HANNA))
    gustav, visit = await stage.enter(stage.tickets.give("g", GUSTAV))
    await stage.proxy.drop(MEETING, HANNA, reason=reason)
    await hanna.wait_closed()
    assert (hanna.close_code, hanna.close_reason) == (code, reason)
    await gustav.send(PING)
    assert (await visit.hear()).ping == 1


async def test_at_the_end_all_are_told_and_nobody_is_let_in_any_more(stage: Stage) -> None:
    hanna, _ = await stage.enter(stage.tickets.give("h", HANNA))
    await stage.proxy.drop_all()
    await hanna.wait_closed()
    assert hanna.close_code == 1012
    assert await stage.refusal(stage.tickets.give("g", GUSTAV)) == (503, "engine_unavailable")
    assert stage.tickets.here == []


# --- an engine that is not there --------------------------------------------------------------------------------------


async def test_without_an_engine_the_client_is_told_to_try_again(stage: Stage) -> None:
    stage.node.fall()
    hers = stage.tickets.give("h", HANNA)
    assert await stage.refusal(hers) == (503, "engine_unavailable")
    assert await stage.validate(hers) == (503, "engine_unavailable")


async def test_a_socket_waits_for_an_engine_that_is_coming_back() -> None:
    async with staged(patience=Patience(engine_back=30)) as stage:
        stage.node.fall()
        opening = asyncio.create_task(stage.enter(stage.tickets.give("h", HANNA)))
        await stage.tickets.redeemed.wait()
        stage.node.rise()
        await opening


async def test_an_engine_that_fails_for_a_moment_is_asked_again() -> None:
    async with staged(patience=Patience(engine_pause=0.001)) as stage:
        stage.rooms.fail(times=3)
        await stage.enter(stage.tickets.give("h", HANNA))
        assert len(stage.rooms.calls) == 4


async def test_an_engine_that_refuses_or_fails_is_an_engine_that_is_not_there(stage: Stage) -> None:
    hers = stage.tickets.give("h", HANNA)
    stage.engine.refuse_next = [500, 500]
    assert await stage.refusal(hers) == (503, "engine_unavailable")
    stage.rooms.fail()
    assert await stage.refusal(hers) == (503, "engine_unavailable")
    stage.rooms.recover()
    await stage.enter(hers)


async def test_the_operator_says_how_large_a_message_may_be() -> None:
    async with staged(limits=Limits(message_bytes=1000)) as stage:
        client, _ = await stage.enter(stage.tickets.give("h", HANNA))
        await client.send(request(offer=rtc.SessionDescription(sdp="x" * 1001)))
        await client.wait_closed()
        assert client.close_code == 1009


class Place:
    def __init__(self) -> None:
        self.settled = 0
        self.given_back = 0

    def settle(self) -> None: ...

    def give_back(self) -> None:
        self.given_back += 1


async def test_a_socket_that_is_being_closed_gives_its_place_back_before_its_client_notices() -> None:
    place = Place()
    bridge = Bridge(Passage(MEETING, HANNA, "room", "hash", may_share=True), Limits(), place)
    bridge.end(REPLACED)
    bridge.end(REPLACED)
    assert place.given_back == 1


async def test_validation_never_makes_a_client_with_a_good_ticket_give_up(stage: Stage) -> None:
    """livekit-client gives up at 401 and 403, and at 404 it tries an old path."""
    status, _ = await stage.validate(stage.tickets.give("h", HANNA))
    assert status == 503


# --- hostile clients --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\xff\xff\xff\xff",
        "text",
        request(add_track=track(NONE)),
        request(sync_state=rtc.SyncState(publish_tracks=[rtc.TrackPublishedResponse(track=models.TrackInfo())])),
        request(add_track=track(GCM)) + request(add_track=track(NONE)) + b"\x22\x02\x70\x00",
    ],
    ids=["empty", "garbage", "text", "track in clear", "synced track in clear", "track turned clear by merging"],
)
async def test_broken_and_hostile_messages_end_the_socket(stage: Stage, message: bytes | str) -> None:
    client, visit = await stage.enter(stage.tickets.give("o", GUSTAV))
    await client.send(message)
    await client.wait_closed()
    assert (client.close_code, client.close_reason) == (4400, "malformed")
    await visit.ended.wait()
    assert visit.heard.empty()


async def test_a_track_in_clear_within_the_join_request_is_refused(stage: Stage) -> None:
    plain = join_request(add_track_requests=[track(GCM), track(NONE)])
    assert await stage.refusal(stage.tickets.give("o", GUSTAV), plain) == (401, "ticket_refused")
    _, visit = await stage.enter(stage.tickets.give("h", HANNA), join_request(add_track_requests=[track(GCM)]))
    assert visit.wish.add_track_requests[0].encryption == GCM


@pytest.mark.parametrize(
    "needless",
    [
        request(update_metadata=rtc.UpdateParticipantMetadata(name="Otto")),
        request(simulate=rtc.SimulateScenario(server_leave=True)),
        request(publish_data_track_request=rtc.PublishDataTrackRequest(name="x", pub_handle=1)),
        request(subscription_permission=rtc.SubscriptionPermission(all_participants=True)),
    ],
    ids=["metadata", "simulate", "data track", "permission"],
)
async def test_what_our_client_does_not_need_does_not_pass(stage: Stage, needless: bytes) -> None:
    client, visit = await stage.enter(stage.tickets.give("o", GUSTAV))
    await client.send(needless)
    await client.send(PING)
    assert (await visit.hear()).WhichOneof("message") == "ping"


async def test_fields_that_we_do_not_know_are_left_out(stage: Stage) -> None:
    client, visit = await stage.enter(stage.tickets.give("o", GUSTAV))
    await client.send(PING + b"\xfa\x3e\x03abc")
    assert await visit.heard.get() == PING


async def test_a_message_of_ten_megabytes_ends_the_socket(stage: Stage) -> None:
    client, visit = await stage.enter(stage.tickets.give("o", GUSTAV))
    with suppress(ConnectionClosed):
        await client.send(b"\0" * 10_000_000)
    await client.wait_closed()
    assert client.close_code == 1009
    await visit.ended.wait()


async def test_a_message_just_too_large_ends_the_socket(stage: Stage) -> None:
    client, visit = await stage.enter(stage.tickets.give("o", GUSTAV))
    await client.send(request(offer=rtc.SessionDescription(sdp="x" * MAX_MESSAGE_BYTES)))
    await client.wait_closed()
    assert client.close_code == 1009
    assert visit.heard.empty()


async def test_a_flood_ends_the_socket() -> None:
    async with staged(Limits(messages_per_second=0.001, burst=5)) as stage:
        client, visit = await stage.enter(stage.tickets.give("o", GUSTAV))
        for _ in range(6):
            await client.send(PING)
        await client.wait_closed()
        assert (client.close_code, client.close_reason) == (4429, "too_many_messages")
        assert visit.heard.qsize() == 5


async def test_a_client_that_does_not_read_is_cut_off_and_the_engine_is_let_go() -> None:
    async with staged(Limits(send_seconds=0.05)) as stage:
        client, visit = await stage.enter(stage.tickets.give("o", GUSTAV))
        client.transport.pause_reading()
        answer = response(answer=rtc.SessionDescription(sdp="x" * 1_000_000))
        with suppress(ConnectionClosed):
            while True:
                await visit.connection.send(answer)
        await visit.ended.wait()
        client.transport.abort()
        assert stage.tickets.here == []


async def test_an_engine_that_does_not_read_is_let_go() -> None:
    async with staged(Limits(send_seconds=0.05)) as stage:
        stage.engine.reading.clear()
        client, _ = await stage.enter(stage.tickets.give("h", HANNA))
        offer = request(offer=rtc.SessionDescription(sdp="x" * 1_000_000))
        with suppress(ConnectionClosed):
            while True:
                await client.send(offer)
        assert client.close_code == 1012
        stage.engine.reading.set()


async def test_the_engine_cannot_flood_a_browser_with_one_message(stage: Stage) -> None:
    client, visit = await stage.enter(stage.tickets.give("h", HANNA))
    await visit.connection.send(response(answer=rtc.SessionDescription(sdp="x" * MAX_MESSAGE_BYTES)))
    await client.wait_closed()
    assert client.close_code == 1012
