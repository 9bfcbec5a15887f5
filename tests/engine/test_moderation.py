"""What moderation asks of the real engine, done to somebody who really publishes, and what it does not forget."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from livekit import rtc as sdk
from livekit.protocol import models, room, rtc
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from klausur.domain.errors import EngineUnavailable
from klausur.domain.events import TrackSource
from klausur.domain.ports import Passage
from klausur.media.reconcile import Reconciler
from tests.engine.conftest import House, hear
from tests.media.stage import GUSTAV, HANNA, MEETING, join_request, request

NOT_ALLOWED = rtc.RequestResponse.NOT_ALLOWED


class Caller:
    """Somebody with LiveKit's own client and a codec, at the engine itself: no rule of ours lies in between."""

    def __init__(self) -> None:
        self.room = sdk.Room()
        self._heard: set[tuple[str, str]] = set()
        self._stir = asyncio.Event()
        self._listen_for("track_subscribed")
        self._listen_for("track_muted")
        self._listen_for("track_unmuted")
        self._listen_for("track_unpublished")

    def _listen_for(self, event: Any) -> None:
        def note(*about: Any) -> None:
            self._heard |= {(event, each.sid) for each in about}
            self._stir.set()

        self.room.on(event, note)

    async def come(self, house: House, who: str, *, may_share: bool = True) -> Caller:
        await house.rooms.ensure_room("room", 9)
        token = house.rooms.token(Passage(MEETING, who, "room", "hash", may_share))
        await self.room.connect(f"ws{house.engine.urls[0].removeprefix('http')}", token)
        return self

    async def publish(self, track: sdk.LocalTrack, source: sdk.TrackSource.ValueType) -> str:
        options = sdk.TrackPublishOptions(source=source)
        return (await self.room.local_participant.publish_track(track, options)).sid

    async def hears(self, event: str, sid: str) -> None:
        """Until that has happened to this track."""
        while (event, sid) not in self._heard:
            self._stir.clear()
            await self._stir.wait()


def voice() -> sdk.LocalTrack:
    return sdk.LocalAudioTrack.create_audio_track("", sdk.AudioSource(48000, 1))


def picture() -> sdk.LocalTrack:
    return sdk.LocalVideoTrack.create_video_track("", sdk.VideoSource(64, 64))


@pytest.fixture
async def hanna(house: House) -> AsyncIterator[Caller]:
    caller = await Caller().come(house, HANNA)
    yield caller
    await caller.room.disconnect()


@pytest.fixture
async def gustav(house: House) -> AsyncIterator[Caller]:
    caller = await Caller().come(house, GUSTAV)
    yield caller
    await caller.room.disconnect()


async def as_known(house: House) -> models.ParticipantInfo:
    """Gustav, to the engine."""
    asked = room.RoomParticipantIdentity(room="k-room", identity=GUSTAV)
    known: models.ParticipantInfo = await as_admin(house, "GetParticipant", asked, models.ParticipantInfo)
    return known


async def tracks(house: House) -> Mapping[str, bool]:
    """Whether each of Gustav's is muted."""
    return {track.sid: track.muted for track in (await as_known(house)).tracks}


async def as_admin(house: House, method: str, asked: Any, answer: type[Any]) -> Any:
    return await house.rooms._call(method, asked, answer, {"roomAdmin": True, "room": "k-room"})


async def say(client: ClientConnection, **kind: Any) -> None:
    await client.send(request(**kind))


async def until(client: ClientConnection, kind: str) -> rtc.SignalResponse:
    while not (said := await hear(client)).HasField(kind):
        pass
    return said


def share() -> rtc.AddTrackRequest:
    return rtc.AddTrackRequest(
        cid="screen", source=models.SCREEN_SHARE, type=models.VIDEO, encryption=models.Encryption.GCM
    )


# --- mute -------------------------------------------------------------------------------------------------------------


async def test_what_gustav_publishes_is_muted_by_source_and_hanna_is_told(
    house: House,
    hanna: Caller,
    gustav: Caller,
) -> None:
    microphone = await gustav.publish(voice(), sdk.TrackSource.SOURCE_MICROPHONE)
    camera = await gustav.publish(picture(), sdk.TrackSource.SOURCE_CAMERA)
    for sid in (microphone, camera):
        await hanna.hears("track_subscribed", sid)
    await house.rooms.silence("room", GUSTAV, frozenset({TrackSource.MICROPHONE}))
    await hanna.hears("track_muted", microphone)
    await gustav.hears("track_muted", microphone)
    assert await tracks(house) == {microphone: True, camera: False}


async def test_nobody_but_gustav_unmutes_him(house: House, hanna: Caller, gustav: Caller) -> None:
    microphone = await gustav.publish(voice(), sdk.TrackSource.SOURCE_MICROPHONE)
    await hanna.hears("track_subscribed", microphone)
    await house.rooms.silence("room", GUSTAV, frozenset({TrackSource.MICROPHONE}))
    await hanna.hears("track_muted", microphone)
    unmute = room.MuteRoomTrackRequest(room="k-room", identity=GUSTAV, track_sid=microphone, muted=False)
    with pytest.raises(EngineUnavailable, match="failed_precondition"):
        await as_admin(house, "MutePublishedTrack", unmute, room.MuteRoomTrackResponse)
    await house.rooms.permit("room", GUSTAV, share=False)
    await house.rooms.silence("room", GUSTAV, frozenset(TrackSource))
    assert await tracks(house) == {microphone: True}
    publication = gustav.room.local_participant.track_publications[microphone]
    assert isinstance(publication.track, sdk.LocalAudioTrack)
    publication.track.unmute()
    await hanna.hears("track_unmuted", microphone)


# --- who may share ----------------------------------------------------------------------------------------------------


async def test_a_share_ends_when_only_hosts_may_share_and_a_camera_goes_on(
    house: House,
    hanna: Caller,
    gustav: Caller,
) -> None:
    camera = await gustav.publish(picture(), sdk.TrackSource.SOURCE_CAMERA)
    screen = await gustav.publish(picture(), sdk.TrackSource.SOURCE_SCREENSHARE)
    for sid in (camera, screen):
        await hanna.hears("track_subscribed", sid)
    await house.rooms.permit("room", GUSTAV, share=False)
    await hanna.hears("track_unpublished", screen)
    assert await tracks(house) == {camera: False}
    assert await house.rooms.participants("room") == {HANNA: True, GUSTAV: False}


async def test_who_may_not_share_may_again_when_everybody_does(house: House) -> None:
    client = await house.open(house.tickets.give("g", GUSTAV, may_share=False))
    await until(client, "join")
    await say(client, add_track=share())
    assert (await until(client, "request_response")).request_response.reason == NOT_ALLOWED
    await house.rooms.permit("room", GUSTAV, share=True)
    await say(client, add_track=share())
    assert (await until(client, "track_published")).track_published.cid == "screen"
    await house.rooms.permit("room", GUSTAV, share=False)
    await say(client, add_track=share())
    assert (await until(client, "request_response")).request_response.reason == NOT_ALLOWED


async def test_a_resumed_connection_brings_no_right_back(house: House, hanna: Caller, gustav: Caller) -> None:
    """The token that opened it granted more than the engine has been told since."""
    await hanna.hears("track_subscribed", await gustav.publish(voice(), sdk.TrackSource.SOURCE_MICROPHONE))
    before = None
    # LiveKit's client joins anew instead where a resume takes it too long: then what is asked here has yet to happen.
    while before != (before := (await as_known(house)).sid):
        await house.rooms.permit("room", GUSTAV, share=False)
        resumed = asyncio.Event()
        gustav.room.once("reconnected", resumed.set)
        await gustav.room.simulate_scenario(sdk.SimulateScenarioKind.SIMULATE_SIGNAL_RECONNECT)
        await resumed.wait()
    assert await house.rooms.participants("room") == {HANNA: True, GUSTAV: False}


async def test_the_reconciler_takes_a_right_away_that_an_engine_was_not_told_of(house: House) -> None:
    client = await house.open(house.tickets.give("g", GUSTAV))
    await until(client, "join")

    async def seats() -> Mapping[str, Mapping[str, bool]]:
        return {"room": {GUSTAV: False}}

    await Reconciler(house.rooms, seats, house.note).once()
    assert await house.rooms.participants("room") == {GUSTAV: False}
    assert (await Reconciler(house.rooms, seats, house.note).once()).permit == frozenset()


async def test_a_permission_leaves_everything_else_as_the_token_had_it(house: House) -> None:
    client = await house.open(house.tickets.give("g", GUSTAV))
    await until(client, "join")
    granted = (await as_known(house)).permission
    await house.rooms.permit("room", GUSTAV, share=False)
    await house.rooms.permit("room", GUSTAV, share=True)
    assert (await as_known(house)).permission == granted


# --- removal ----------------------------------------------------------------------------------------------------------


async def test_who_is_removed_comes_back_with_nothing_they_ever_held(house: House) -> None:
    his = house.tickets.give("g", GUSTAV)
    token = house.rooms.token(house.tickets.table[his])
    client = await house.open(his)
    sid = (await until(client, "join")).join.participant.sid
    house.tickets.revoke("g")
    await house.rooms.remove("room", GUSTAV)
    assert (await until(client, "leave")).leave.reason == models.PARTICIPANT_REMOVED
    await client.wait_closed()
    assert await house.rooms.participants("room") == {}
    for presented, resume in ((his, ""), (his, sid), (token, ""), (token, sid), (await refreshed(house), "")):
        with pytest.raises(InvalidStatus) as refused:
            await house.open(presented, resume=resume)
        assert refused.value.response.status_code == 401
    assert await house.rooms.participants("room") == {}


async def refreshed(house: House) -> str:
    """The token that the engine gives to whoever is inside, got past our door, which keeps it."""
    await house.rooms.ensure_room("room", 9)
    token = house.rooms.token(Passage(MEETING, HANNA, "room", "hash", may_share=True))
    url = f"ws{house.engine.urls[0].removeprefix('http')}/rtc/v1?join_request={join_request(rtc.JoinRequest())}"
    async with connect(url, proxy=None, additional_headers={"Authorization": f"Bearer {token}"}) as client:
        renewed = (await until(client, "refresh_token")).refresh_token
    await house.rooms.remove("room", HANNA)
    return renewed


async def test_our_door_keeps_the_tokens_that_the_engine_refreshes(house: House) -> None:
    client = await house.open(house.tickets.give("g", GUSTAV))
    await until(client, "join")
    # A changed permission makes the engine push another one at once.
    await house.rooms.permit("room", GUSTAV, share=False)
    await say(client, ping_req=rtc.Ping(timestamp=1))
    said: list[rtc.SignalResponse] = []
    while not said or not said[-1].HasField("pong_resp"):
        said.append(await hear(client))
    assert not any(each.HasField("refresh_token") for each in said)
