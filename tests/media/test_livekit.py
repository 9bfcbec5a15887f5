"""Tokens, calls and webhooks of LiveKit, against a node that only records."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from google.protobuf.json_format import MessageToJson
from livekit.protocol import models, room, webhook

from klausur.domain.errors import EngineUnavailable
from klausur.domain.events import TrackSource
from klausur.domain.ports import Passage
from klausur.media.browsers import Browser, coarse_browser
from klausur.media.livekit import MAX_JOIN_REQUEST_CHARACTERS, BadJoinError, LiveKitRooms, read_join, read_webhook
from klausur.media.nodes import ApiKey
from tests.media.stage import HANNA, MEETING, Node

KEY = ApiKey("key", "a secret that is long enough for HMAC")
OTHER_KEY = ApiKey("key", "another secret, as long as the first one")


class Cluster(Node):
    """Several nodes, the first of which may be away."""

    def __init__(self, *urls: str) -> None:
        super().__init__("")
        self.key = KEY
        self.all = urls

    @property
    def urls(self) -> tuple[str, ...]:
        return self.all


class RoomService:
    """A node's HTTP side: answers what it was told to, and remembers."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.calls: list[tuple[str, dict[str, Any], bytes]] = []
        self.url = ""


@contextmanager
def node() -> Iterator[RoomService]:
    service = RoomService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            claims = jwt.decode(self.headers["Authorization"].removeprefix("Bearer "), KEY.secret, ["HS256"])
            method = self.path.removeprefix("/twirp/livekit.RoomService/")
            service.calls.append((method, claims, body))
            status, answer = service.answers.get(method, (200, b""))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, ThreadPoolExecutor(1) as thread:
        service.url = f"http://127.0.0.1:{server.server_port}"
        thread.submit(server.serve_forever, 0.01)
        try:
            yield service
        finally:
            server.shutdown()


@pytest.fixture
def service() -> Iterator[RoomService]:
    with node() as ready:
        yield ready


@pytest.fixture
def rooms(service: RoomService) -> Iterator[LiveKitRooms]:
    ready = LiveKitRooms(Cluster(service.url), prefix="k-us-")
    yield ready
    ready.close()


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_a_join_token_grants_what_a_call_needs_and_says_so_of_everything(rooms: LiveKitRooms) -> None:
    claims = claims_of(rooms, may_share=True)
    times = {name: claims.pop(name) for name in ("nbf", "exp")}
    assert 60 <= times["exp"] - time.time() <= 120
    video = claims.pop("video")
    assert claims == {"iss": "key", "sub": HANNA}  # no name, no metadata, no attributes
    assert video.pop("room") == "k-us-abc"
    assert video.pop("canPublishSources") == ["camera", "microphone", "screen_share", "screen_share_audio"]
    assert {name for name, granted in video.items() if granted} == {"roomJoin", "canPublish", "canSubscribe"}
    assert video["canPublishData"] is False
    assert video["canUpdateOwnMetadata"] is False


def claims_of(rooms: LiveKitRooms, *, may_share: bool) -> dict[str, Any]:
    token = rooms.token(Passage(MEETING, HANNA, "abc", "hash", may_share))
    return jwt.decode(token, KEY.secret, ["HS256"])


def test_who_may_not_share_is_granted_camera_and_microphone_and_no_more(rooms: LiveKitRooms) -> None:
    """No source at all would mean every source."""
    without, with_ = (claims_of(rooms, may_share=each)["video"] for each in (False, True))
    assert without.pop("canPublishSources") == ["camera", "microphone"]
    del with_["canPublishSources"]
    assert without == with_


def test_the_key_is_not_printed() -> None:
    assert KEY.secret not in repr(KEY)


# --- rooms ------------------------------------------------------------------------------------------------------------


async def test_a_room_is_made_under_our_prefix_with_its_limits(rooms: LiveKitRooms, service: RoomService) -> None:
    await rooms.ensure_room("abc", 7)
    ((method, claims, body),) = service.calls
    assert method == "CreateRoom"
    assert claims["video"] == {"roomCreate": True}
    asked = room.CreateRoomRequest.FromString(body)
    assert (asked.name, asked.max_participants, asked.empty_timeout, asked.departure_timeout) == ("k-us-abc", 7, 60, 20)


async def test_rooms_of_others_in_the_same_cluster_are_not_seen(rooms: LiveKitRooms, service: RoomService) -> None:
    names = [models.Room(name=name) for name in ("k-us-abc", "k-them-abc", "abc")]
    service.answers["ListRooms"] = (200, room.ListRoomsResponse(rooms=names).SerializeToString())
    assert await rooms.rooms() == ["abc"]


async def test_people_in_a_room_are_listed_and_removed(rooms: LiveKitRooms, service: RoomService) -> None:
    people = room.ListParticipantsResponse(participants=[models.ParticipantInfo(identity=HANNA)])
    service.answers["ListParticipants"] = (200, people.SerializeToString())
    assert set(await rooms.participants("abc")) == {HANNA}
    await rooms.remove("abc", HANNA)
    assert room.RoomParticipantIdentity.FromString(service.calls[-1][2]).room == "k-us-abc"
    assert {call[1]["video"]["room"] for call in service.calls} == {"k-us-abc"}


@pytest.mark.parametrize(
    ("sources", "may_share"),
    [
        ([models.CAMERA, models.MICROPHONE, models.SCREEN_SHARE, models.SCREEN_SHARE_AUDIO], True),
        ([models.SCREEN_SHARE_AUDIO], True),
        ([], True),
        ([models.CAMERA, models.MICROPHONE], False),
    ],
    ids=["all", "only its sound", "none named, which means all", "not a screen"],
)
async def test_who_may_share_is_read_as_the_engine_means_it(
    rooms: LiveKitRooms, service: RoomService, sources: list[models.TrackSource], may_share: bool
) -> None:
    hers = models.ParticipantPermission(can_publish=True, can_publish_sources=sources)
    people = [models.ParticipantInfo(identity=HANNA, permission=hers), models.ParticipantInfo(identity="nobody")]
    service.answers["ListParticipants"] = (200, room.ListParticipantsResponse(participants=people).SerializeToString())
    assert await rooms.participants("abc") == {HANNA: may_share, "nobody": False}


async def test_a_permission_says_all_of_it_in_the_order_of_the_token(rooms: LiveKitRooms, service: RoomService) -> None:
    """LiveKit replaces what it held, and takes another order for a change."""
    for share in (False, True):
        await rooms.permit("abc", HANNA, share=share)
        method, claims, body = service.calls[-1]
        assert (method, claims["video"]) == ("UpdateParticipant", {"roomAdmin": True, "room": "k-us-abc"})
        asked = room.UpdateParticipantRequest.FromString(body)
        assert (asked.room, asked.identity, asked.name, asked.metadata) == ("k-us-abc", HANNA, "", "")
        granted = {field.name for field, _ in asked.permission.ListFields()}
        assert granted == {"can_subscribe", "can_publish", "can_publish_sources"}
        named = [models.TrackSource.Name(each).lower() for each in asked.permission.can_publish_sources]
        assert named == claims_of(rooms, may_share=share)["video"]["canPublishSources"]


HER_TRACKS = {
    "TR_cam": (models.CAMERA, False),
    "TR_mic": (models.MICROPHONE, False),
    "TR_screen": (models.SCREEN_SHARE, True),
    "TR_sound": (models.SCREEN_SHARE_AUDIO, False),
}


@pytest.mark.parametrize(
    ("sources", "muted"),
    [
        ({TrackSource.MICROPHONE}, {"TR_mic"}),
        ({TrackSource.CAMERA}, {"TR_cam"}),
        ({TrackSource.SCREEN}, {"TR_screen", "TR_sound"}),
        (set(TrackSource), set(HER_TRACKS)),
        (set(), set()),
    ],
)
async def test_what_she_publishes_of_a_source_is_muted_whatever_is_said_of_it(
    rooms: LiveKitRooms, service: RoomService, sources: set[TrackSource], muted: set[str]
) -> None:
    tracks = [models.TrackInfo(sid=sid, source=its, muted=said) for sid, (its, said) in HER_TRACKS.items()]
    service.answers["GetParticipant"] = (200, models.ParticipantInfo(tracks=tracks).SerializeToString())
    await rooms.silence("abc", HANNA, frozenset(sources))
    asked = [room.MuteRoomTrackRequest.FromString(body) for method, _, body in service.calls if method[0] == "M"]
    assert {each.track_sid for each in asked} == muted
    assert all((each.room, each.identity, each.muted) == ("k-us-abc", HANNA, True) for each in asked)
    assert {claims["video"]["room"] for _, claims, _ in service.calls} == {"k-us-abc"}


async def test_what_is_gone_already_is_as_it_should_be(rooms: LiveKitRooms, service: RoomService) -> None:
    missing = (404, b'{"code":"not_found","msg":"x"}')
    asked = ("DeleteRoom", "RemoveParticipant", "ListParticipants", "GetParticipant", "UpdateParticipant")
    service.answers = dict.fromkeys(asked, missing)
    await rooms.end_room("abc")
    await rooms.remove("abc", HANNA)
    await rooms.silence("abc", HANNA, frozenset(TrackSource))
    await rooms.permit("abc", HANNA, share=False)
    assert await rooms.participants("abc") == {}


async def test_a_track_that_ends_while_it_is_being_muted_keeps_none_of_the_others_from_it(
    rooms: LiveKitRooms, service: RoomService
) -> None:
    tracks = [models.TrackInfo(sid=sid, source=models.CAMERA) for sid in ("TR_1", "TR_2")]
    service.answers = {
        "GetParticipant": (200, models.ParticipantInfo(tracks=tracks).SerializeToString()),
        "MutePublishedTrack": (404, b'{"code":"not_found"}'),
    }
    await rooms.silence("abc", HANNA, frozenset({TrackSource.CAMERA}))
    assert [method for method, _, _ in service.calls] == ["GetParticipant", "MutePublishedTrack", "MutePublishedTrack"]


async def test_who_cannot_be_muted_because_the_engine_fails_is_not_said_to_be(
    rooms: LiveKitRooms, service: RoomService
) -> None:
    service.answers = dict.fromkeys(("GetParticipant", "UpdateParticipant"), (500, b""))
    with pytest.raises(EngineUnavailable):
        await rooms.silence("abc", HANNA, frozenset(TrackSource))
    with pytest.raises(EngineUnavailable):
        await rooms.permit("abc", HANNA, share=False)


@pytest.mark.parametrize(
    "answer",
    [(401, b'{"code":"unauthenticated"}'), (400, b"<html>"), (403, b"[]"), (500, b""), (302, b""), (200, b"\xff\xff")],
)
async def test_every_other_answer_is_an_engine_that_is_not_there(
    rooms: LiveKitRooms, service: RoomService, answer: tuple[int, bytes]
) -> None:
    service.answers = dict.fromkeys(("CreateRoom", "DeleteRoom"), answer)
    with pytest.raises(EngineUnavailable):
        await rooms.ensure_room("abc", 7)


async def test_the_next_node_is_asked_when_one_is_away(service: RoomService) -> None:
    with node() as broken:
        broken.answers["CreateRoom"] = (503, b"")
        rooms = LiveKitRooms(Cluster("http://127.0.0.1:1", broken.url, service.url))
        await rooms.ensure_room("abc", 7)
        rooms.close()
    assert [len(each.calls) for each in (broken, service)] == [1, 1]


async def test_nobody_is_asked_while_the_engine_is_known_to_be_down(service: RoomService) -> None:
    cluster = Cluster(service.url)
    cluster.fall()
    rooms = LiveKitRooms(cluster)
    with pytest.raises(EngineUnavailable):
        await rooms.rooms()
    rooms.close()
    assert service.calls == []


# --- webhooks ---------------------------------------------------------------------------------------------------------


def signed(body: bytes, key: ApiKey = KEY, **more: Any) -> str:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    claims = {"iss": key.name, "exp": int(time.time()) + 60, "sha256": digest, **more}
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, key.secret, "HS256")


def published(encryption: models.Encryption.Type) -> bytes:
    event = webhook.WebhookEvent(event="track_published", id="EV_1")
    event.room.name = "k-abc"
    event.participant.identity = HANNA
    event.track.encryption = encryption
    return MessageToJson(event).encode()


@pytest.mark.parametrize(
    ("encryption", "in_clear"),
    [(models.Encryption.NONE, True), (models.Encryption.GCM, False), (models.Encryption.CUSTOM, False)],
)
def test_a_signed_message_is_read(encryption: models.Encryption.Type, in_clear: bool) -> None:
    body = published(encryption)
    message = read_webhook(KEY, body, signed(body))
    assert (message.id, message.kind, message.room, message.identity) == ("EV_1", "track_published", "k-abc", HANNA)
    assert message.in_clear is in_clear


BODY = published(models.Encryption.GCM)


@pytest.mark.parametrize(
    ("body", "authorization"),
    [
        (BODY, ""),
        (BODY, "Bearer x"),
        (BODY, signed(BODY, OTHER_KEY)),
        (BODY, signed(BODY, iss="somebody")),
        (BODY, signed(BODY, exp=1)),
        (BODY, signed(BODY, exp=None)),
        (BODY, signed(BODY, sha256=None)),
        (BODY, signed(BODY, sha256="!")),
        (BODY + b" ", signed(BODY)),
        (b"\xff", signed(b"\xff")),
        (b"{", signed(b"{")),
        (BODY, jwt.encode({"iss": "key", "exp": 9_999_999_999, "sha256": ""}, "", "none")),
    ],
    ids=[
        "unsigned", "garbage", "another key", "another issuer", "expired", "never expires", "no hash", "hash no base64",
        "another body", "not UTF-8", "no event", "algorithm none",
    ],
)  # fmt: skip
def test_a_forged_message_is_not_read(body: bytes, authorization: str) -> None:
    with pytest.raises(ValueError, match=r"not a webhook|not the signed"):
        read_webhook(KEY, body, authorization)


# --- the rest ---------------------------------------------------------------------------------------------------------


def test_a_join_request_is_not_even_decoded_when_it_is_too_long() -> None:
    with pytest.raises(BadJoinError):
        read_join("A" * (MAX_JOIN_REQUEST_CHARACTERS + 4), Browser("other", "", "other"))


LINUX = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "told"),
    [
        (f"{LINUX} Chrome/156.0.7421.3 Safari/537.36", Browser("Chrome", "156", "other")),
        (f"{LINUX} HeadlessChrome/156.0.0.0 Safari/537.36", Browser("Chrome", "156", "other")),
        (f"{LINUX} Chrome/156.0.0.0 Safari/537.36 Edg/156.0.1.2", Browser("Edge", "156", "other")),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", Browser("Firefox", "153", "linux")),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; rv:153.0) Gecko/20100101 Firefox/153.0",
            Browser("Firefox", "153", "other"),
        ),
        (f"{MAC} Version/18.4.1 Safari/605.1.15", Browser("Safari", "18.4", "other")),
        ("Hanna's own browser at 203.0.113.7", Browser("other", "", "other")),
        ("x" * 10_000 + " Firefox/1", Browser("other", "", "other")),
        ("", Browser("other", "", "other")),
    ],
)
def test_a_browser_is_told_coarsely(user_agent: str, told: Browser) -> None:
    assert coarse_browser(user_agent) == told


def test_importing_the_engine_costs_no_http_library() -> None:
    """10 MB that a small machine has better use for: see media/livekit.py."""
    code = "import sys, klausur.media.livekit; print([m for m in ('aiohttp', 'livekit.api') if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
