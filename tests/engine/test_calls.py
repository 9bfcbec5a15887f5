"""Through the proxy into the real engine: tokens that it takes, rooms that it makes, people known by pseudonym."""

from __future__ import annotations

import psutil
import pytest
from livekit.protocol import models, rtc
from structlog.testing import capture_logs
from websockets.exceptions import InvalidStatus

from klausur.domain.events import EngineEvent
from klausur.media.reconcile import Reconciler
from tests.engine.conftest import House, hear
from tests.media.stage import GUSTAV, HANNA, MEETING, request


async def test_hanna_is_known_to_the_engine_by_pseudonym_alone(house: House) -> None:
    client = await house.open(house.tickets.give("h", HANNA))
    joined = (await hear(client)).join
    me = joined.participant
    assert (me.identity, me.name, me.metadata, dict(me.attributes)) == (HANNA, "", "", {})
    assert joined.room.name == "k-room"
    assert joined.room.max_participants == 2
    may = me.permission
    assert may.can_publish
    assert may.can_subscribe
    assert not may.can_publish_data
    assert not may.can_update_metadata
    assert set(may.can_publish_sources) == {
        models.CAMERA, models.MICROPHONE, models.SCREEN_SHARE, models.SCREEN_SHARE_AUDIO,
    }  # fmt: skip
    assert {url for server in joined.ice_servers for url in server.urls} == {"stun:127.0.0.1:9"}
    codecs = {codec.mime.lower() for codec in joined.enabled_publish_codecs}
    assert not codecs & {"video/av1", "video/h265", "audio/red"}
    assert await house.rooms.participants("room") == {HANNA: True}


async def test_the_engine_says_when_clients_must_be_heard(house: House) -> None:
    """signalling.Patience.silence is built on it."""
    client = await house.open(house.tickets.give("h", HANNA))
    assert (await hear(client)).join.ping_interval == 5


async def test_a_track_is_known_as_encrypted(house: House) -> None:
    client = await house.open(house.tickets.give("h", HANNA))
    await hear(client)
    wish = rtc.AddTrackRequest(cid="c", source=models.CAMERA, type=models.VIDEO, encryption=models.Encryption.GCM)
    await client.send(request(add_track=wish))
    while not (said := await hear(client)).HasField("track_published"):
        pass
    assert said.track_published.track.encryption == models.Encryption.GCM


async def test_a_third_person_does_not_fit_into_a_room_for_two(house: House) -> None:
    for letter, who in (("h", HANNA), ("g", GUSTAV)):
        assert (await hear(await house.open(house.tickets.give(letter, who)))).HasField("join")
    with pytest.raises(InvalidStatus) as refused:
        await house.open(house.tickets.give("o", "OttoOttoOttoOttoOttoOt"))
    assert refused.value.response.status_code == 503


async def test_the_engine_reports_to_our_door(house: House) -> None:
    await house.rooms.ensure_room("room", 2)
    assert await house.noted.get() == (EngineEvent.ROOM_STARTED, "room", "")
    await house.rooms.end_room("room")
    assert await house.noted.get() == (EngineEvent.ROOM_FINISHED, "room", "")


async def test_the_reconciler_puts_out_who_has_no_seat(house: House) -> None:
    client = await house.open(house.tickets.give("o", GUSTAV))
    await hear(client)

    async def seats() -> dict[str, dict[str, bool]]:
        return {"room": {HANNA: True}}

    await Reconciler(house.rooms, seats, house.note).once()
    while (await hear(client)).leave.reason != models.PARTICIPANT_REMOVED:
        pass
    await client.wait_closed()


async def test_after_a_crash_a_resume_is_answered_with_a_way_to_join_anew(house: House) -> None:
    hers = house.tickets.give("h", HANNA)
    client = await house.open(hers)
    sid = (await hear(client)).join.participant.sid
    assert house.engine.pid is not None
    psutil.Process(house.engine.pid).kill()
    await client.wait_closed()
    assert client.close_code == 1012
    resumed = await house.open(hers, resume=sid)
    leave = (await hear(resumed)).leave
    assert leave.action == rtc.LeaveRequest.RECONNECT
    await resumed.close()
    assert (await hear(await house.open(hers))).join.participant.identity == HANNA


async def test_stopping_is_quick_with_people_in_a_meeting(house: House) -> None:
    await hear(await house.open(house.tickets.give("h", HANNA)))
    assert house.engine.pid is not None
    child = psutil.Process(house.engine.pid)
    await house.engine.stop()
    assert not child.is_running()


async def test_nothing_of_a_call_is_in_the_log(house: House) -> None:
    with capture_logs() as logs:
        client = await house.open(house.tickets.give("h", HANNA))
        await hear(client)
        candidate = '{"candidate":"candidate:1 1 udp 1 203.0.113.7 9 typ nonsense"}'
        await client.send(request(trickle=rtc.TrickleRequest(candidateInit=candidate)))
        await client.send(b"garbage")
        await client.wait_closed()
    written = repr(logs)
    for secret in (HANNA, MEETING, "203.0.113.7", "Chrome", house.engine.key.secret, "eyJ", "h" * 43):
        assert secret not in written
