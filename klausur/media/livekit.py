"""The only module that knows LiveKit's API and messages.

It uses ``livekit.protocol`` (the generated protobuf classes) and PyJWT but not ``livekit.api``: importing any part of
that package imports all of it, aiohttp included, and costs 10 MB of memory that a small machine has better use for.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import http.client
import json
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import jwt
from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from livekit.protocol import models, room, rtc, webhook

from klausur.domain.errors import EngineUnavailable
from klausur.domain.events import TrackSource
from klausur.domain.ports import Passage
from klausur.media.browsers import Browser
from klausur.media.nodes import ApiKey, Engine, connection_to

SOURCES: Final[Mapping[TrackSource, tuple[models.TrackSource, ...]]] = {
    TrackSource.CAMERA: (models.CAMERA,),
    TrackSource.MICROPHONE: (models.MICROPHONE,),
    TrackSource.SCREEN: (models.SCREEN_SHARE, models.SCREEN_SHARE_AUDIO),
}
JOIN_TOKEN_SECONDS: Final = 90
CALL_TOKEN_SECONDS: Final = 30
CLOCK_TOLERANCE_SECONDS: Final = 10

MAX_JOIN_REQUEST_CHARACTERS: Final = 64 * 1024
MAX_JOIN_REQUEST_BYTES: Final = 256 * 1024
"""Once unpacked. An offer for every track of a page is some 10 KB."""

_ENCRYPTED: Final = frozenset((models.Encryption.GCM, models.Encryption.CUSTOM))


# --- tokens -----------------------------------------------------------------------------------------------------------


def _signed(key: ApiKey, claims: dict[str, Any], seconds: int) -> str:
    now = int(time.time())
    times = {"iss": key.name, "nbf": now - CLOCK_TOLERANCE_SECONDS, "exp": now + seconds}
    return jwt.encode({**claims, **times}, key.secret, algorithm="HS256")


def publishable(*, share: bool) -> Sequence[models.TrackSource]:
    """Never empty, which would mean *all*; always in this order, because LiveKit takes another one for a change."""
    allowed = [source for source in SOURCES if share or source is not TrackSource.SCREEN]
    return [each for source in allowed for each in SOURCES[source]]


def mint_token(key: ApiKey, room_name: str, identity: str, *, share: bool) -> str:
    """A LiveKit token for one join. Every grant is written out, because one that is missing means *allowed*."""
    grants = {
        "room": room_name,
        "roomJoin": True,
        "roomCreate": False,
        "roomList": False,
        "roomRecord": False,
        "roomAdmin": False,
        "ingressAdmin": False,
        "canPublish": True,
        "canPublishSources": [models.TrackSource.Name(source).lower() for source in publishable(share=share)],
        "canSubscribe": True,
        "canPublishData": False,
        "canUpdateOwnMetadata": False,
        "canSubscribeMetrics": False,
        "canManageAgentSession": False,
        "hidden": False,
        "recorder": False,
        "agent": False,
    }
    return _signed(key, {"sub": identity, "video": grants}, JOIN_TOKEN_SECONDS)


# --- rooms ------------------------------------------------------------------------------------------------------------

_Answer = TypeVar("_Answer", bound=Message)


class _RefusedError(Exception):
    """The engine answered and said no; ``code`` is Twirp's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class LiveKitRooms:
    """domain.ports.MediaEngine over LiveKit's RoomService.

    Our room names get ``prefix`` in front at the engine, so that in a cluster shared with others only rooms of this
    installation are ever listed, entered or ended. Nobody outside this module and its webhooks sees the prefix.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        prefix: str = "k-",
        empty_timeout: int = 60,
        departure_timeout: int = 20,
        timeout: float = 3.0,
    ) -> None:
        self._engine = engine
        self._prefix = prefix
        self._empty_timeout = empty_timeout
        self._departure_timeout = departure_timeout
        self._timeout = timeout
        self._threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="engine-api")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def token(self, passage: Passage) -> str:
        return mint_token(self._engine.key, self._prefix + passage.room, passage.pseudonym, share=passage.may_share)

    def own_name(self, engine_room: str) -> str | None:
        """The name by which we know a room of the engine; None if it is not ours."""
        return engine_room.removeprefix(self._prefix) if engine_room.startswith(self._prefix) else None

    async def ensure_room(self, room_name: str, max_participants: int) -> None:
        request = room.CreateRoomRequest(
            name=self._prefix + room_name,
            empty_timeout=self._empty_timeout,
            departure_timeout=self._departure_timeout,
            max_participants=max_participants,
        )
        await self._call("CreateRoom", request, models.Room, {"roomCreate": True})

    async def end_room(self, room_name: str) -> None:
        request = room.DeleteRoomRequest(room=self._prefix + room_name)
        await self._unless_missing("DeleteRoom", request, room.DeleteRoomResponse, {"roomCreate": True})

    async def remove(self, room_name: str, identity: str) -> None:
        name = self._prefix + room_name
        request = room.RoomParticipantIdentity(room=name, identity=identity)
        await self._unless_missing("RemoveParticipant", request, room.RemoveParticipantResponse, _admin(name))

    async def silence(self, room_name: str, identity: str, sources: frozenset[TrackSource]) -> None:
        name = self._prefix + room_name
        asked = room.RoomParticipantIdentity(room=name, identity=identity)
        told = await self._unless_missing("GetParticipant", asked, models.ParticipantInfo, _admin(name))
        kinds = {kind for source in sources for kind in SOURCES[source]}
        # Those that are said to be muted too: what is said may be older than what is true.
        for track in told.tracks if told is not None else ():
            if track.source in kinds:
                mute = room.MuteRoomTrackRequest(room=name, identity=identity, track_sid=track.sid, muted=True)
                await self._unless_missing("MutePublishedTrack", mute, room.MuteRoomTrackResponse, _admin(name))

    async def permit(self, room_name: str, identity: str, *, share: bool) -> None:
        """LiveKit ends a published track that is not permitted any more, and looks again when one that was announced
        before begins to send. It takes what is said here for the participant's whole life, resumed connections
        included: a token is only looked at when somebody joins."""
        name = self._prefix + room_name
        request = room.UpdateParticipantRequest(room=name, identity=identity, permission=_permission(share=share))
        await self._unless_missing("UpdateParticipant", request, models.ParticipantInfo, _admin(name))

    async def rooms(self) -> Sequence[str]:
        answer = await self._call("ListRooms", room.ListRoomsRequest(), room.ListRoomsResponse, {"roomList": True})
        return [own for each in answer.rooms if (own := self.own_name(each.name)) is not None]

    async def participants(self, room_name: str) -> Mapping[str, bool]:
        name = self._prefix + room_name
        request = room.ListParticipantsRequest(room=name)
        answer = await self._unless_missing("ListParticipants", request, room.ListParticipantsResponse, _admin(name))
        here = answer.participants if answer is not None else ()
        return {each.identity: _may_share(each.permission) for each in here}

    async def healthy(self) -> bool:
        return self._engine.healthy

    async def _unless_missing(
        self, method: str, request: Message, answer: type[_Answer], grants: dict[str, Any]
    ) -> _Answer | None:
        try:
            return await self._call(method, request, answer, grants)
        except EngineUnavailable as error:
            if isinstance(error.__cause__, _RefusedError) and error.__cause__.code == "not_found":
                return None
            raise

    async def _call(self, method: str, request: Message, answer: type[_Answer], grants: dict[str, Any]) -> _Answer:
        """Tries each node in turn; one that answers "no" has answered for all."""
        urls = self._engine.urls if self._engine.healthy else ()
        token = _signed(self._engine.key, {"video": grants}, CALL_TOKEN_SECONDS)
        body = request.SerializeToString()
        failure: Exception | None = None
        loop = asyncio.get_running_loop()
        for url in urls:
            try:
                raw = await loop.run_in_executor(self._threads, _post, url, method, token, body, self._timeout)
                return answer.FromString(raw)
            except _RefusedError as refused:
                raise EngineUnavailable(f"{method}: {refused.code}") from refused
            except (OSError, http.client.HTTPException, DecodeError) as error:
                failure = error
        raise EngineUnavailable(f"{method}: no node answered") from failure


def _permission(*, share: bool) -> models.ParticipantPermission:
    """The whole of it, as in the token: UpdateParticipant replaces everything, and what is left out is refused, but for
    the sources, of which none mean all."""
    return models.ParticipantPermission(
        can_subscribe=True,
        can_publish=True,
        can_publish_sources=publishable(share=share),
        can_publish_data=False,
        can_update_metadata=False,
        can_subscribe_metrics=False,
        can_manage_agent_session=False,
        hidden=False,
        recorder=False,
        agent=False,
    )


def _may_share(held: models.ParticipantPermission) -> bool:
    sources = held.can_publish_sources
    return held.can_publish and (not sources or any(each in sources for each in SOURCES[TrackSource.SCREEN]))


def _admin(engine_room: str) -> dict[str, Any]:
    return {"roomAdmin": True, "room": engine_room}


def _post(url: str, method: str, token: str, body: bytes, timeout: float) -> bytes:
    """One Twirp call (HTTP POST of a protobuf). ``http.client`` asks no proxy and follows no redirect."""
    connection = connection_to(url, timeout)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/protobuf"}
    try:
        connection.request("POST", f"{urlsplit(url).path}/twirp/livekit.RoomService/{method}", body, headers)
        answer = connection.getresponse()
        raw = answer.read()
    finally:
        connection.close()
    if answer.status == 200:
        return raw
    if answer.status < 500:
        raise _RefusedError(_twirp_code(raw))
    raise http.client.HTTPException(f"status {answer.status}")


def _twirp_code(raw: bytes) -> str:
    try:
        return str(json.loads(raw)["code"])
    except (ValueError, KeyError, TypeError):
        return "unknown"


# --- the signalling socket --------------------------------------------------------------------------------------------


class Judgement(Enum):
    FORWARD = "forward"
    DROP = "drop"
    """Nothing a client of ours needs, but a stock client might send it: not passed on, the socket stays."""
    CLOSE = "close"
    """Broken or hostile."""


@dataclass(frozen=True, slots=True)
class Verdict:
    judgement: Judgement
    message: bytes = b""
    """What to pass on: the same message written anew, so that both sides read it alike."""


_CLOSE = Verdict(Judgement.CLOSE)
_DROP = Verdict(Judgement.DROP)

_FORWARDED: Final = frozenset(
    (
        "offer",
        "answer",
        "trickle",
        "mute",
        "subscription",
        "track_setting",
        "leave",
        "update_layers",
        "ping",
        "ping_req",
        "update_audio_track",
    )
)


def from_client(raw: bytes) -> Verdict:
    """Judges a SignalRequest. What is not known here to be needed does not pass."""
    message = rtc.SignalRequest()
    try:
        message.ParseFromString(raw)
    except DecodeError:
        return _CLOSE
    kind = message.WhichOneof("message")
    if kind is None:
        return _CLOSE
    if kind == "add_track" and not _encrypted([message.add_track]):
        return _CLOSE
    if kind == "sync_state" and not _encrypted([each.track for each in message.sync_state.publish_tracks]):
        return _CLOSE
    if kind not in _FORWARDED and kind not in ("add_track", "sync_state"):
        return _DROP
    message.DiscardUnknownFields()
    return Verdict(Judgement.FORWARD, message.SerializeToString())


def _encrypted(tracks: Sequence[rtc.AddTrackRequest | models.TrackInfo]) -> bool:
    return all(track.encryption in _ENCRYPTED for track in tracks)


def from_server(raw: bytes) -> bytes | None:
    """The message as it may reach a browser; None for those that carry a LiveKit token. Raises ValueError."""
    message = rtc.SignalResponse()
    try:
        message.ParseFromString(raw)
    except DecodeError as error:
        raise ValueError("not a SignalResponse") from error
    return None if message.WhichOneof("message") in ("refresh_token", "room_moved") else raw


@dataclass(frozen=True, slots=True)
class JoinWish:
    """What a client wants by opening the socket."""

    resume: bool
    """Continues a connection that broke, instead of joining."""
    parameter: str
    """``join_request`` for the engine, cleaned."""


class BadJoinError(ValueError):
    """The join request cannot be read, is too large, or asks for what nobody may have."""


def read_join(parameter: str, browser: Browser) -> JoinWish:
    """Checks and cleans ``join_request``: no metadata, attributes or device, no track in clear. Raises BadJoinError."""
    if not parameter or len(parameter) > MAX_JOIN_REQUEST_CHARACTERS:
        raise BadJoinError("missing or too long")
    try:
        wrapped = rtc.WrappedJoinRequest.FromString(base64.b64decode(parameter, altchars=b"-_", validate=True))
        wish = rtc.JoinRequest.FromString(_unpacked(wrapped))
    except (binascii.Error, DecodeError, zlib.error, ValueError) as error:
        raise BadJoinError("unreadable") from error
    tracks = [each.track for each in wish.sync_state.publish_tracks]
    if not _encrypted(wish.add_track_requests) or not _encrypted(tracks):
        raise BadJoinError("a track in clear")
    clean = _cleaned(wish, browser)
    packed = rtc.WrappedJoinRequest(
        compression=rtc.WrappedJoinRequest.Compression.NONE, join_request=clean.SerializeToString()
    )
    return JoinWish(wish.reconnect, base64.urlsafe_b64encode(packed.SerializeToString()).decode())


def _unpacked(wrapped: rtc.WrappedJoinRequest) -> bytes:
    if wrapped.compression == rtc.WrappedJoinRequest.Compression.NONE:
        return wrapped.join_request
    if wrapped.compression != rtc.WrappedJoinRequest.Compression.GZIP:
        raise BadJoinError("unknown compression")
    unzip = zlib.decompressobj(wbits=31)
    plain = unzip.decompress(wrapped.join_request, MAX_JOIN_REQUEST_BYTES)
    if not unzip.eof:
        raise BadJoinError("too large once unpacked, or cut off")
    return plain


def _cleaned(wish: rtc.JoinRequest, browser: Browser) -> rtc.JoinRequest:
    """Only what the engine needs, copied field by field: a field invented later stays behind."""
    told = wish.client_info
    clean = rtc.JoinRequest(
        client_info=models.ClientInfo(
            sdk=told.sdk,
            version=told.version[:32],
            protocol=told.protocol,
            client_protocol=told.client_protocol,
            capabilities=told.capabilities,
            browser=browser.family,
            browser_version=browser.version,
            os=browser.system,
            device_model="other",
        ),
        connection_settings=wish.connection_settings,
        add_track_requests=wish.add_track_requests,
        reconnect=wish.reconnect,
        reconnect_reason=wish.reconnect_reason,
        participant_sid=wish.participant_sid,
    )
    if wish.HasField("publisher_offer"):
        clean.publisher_offer.CopyFrom(wish.publisher_offer)
    if wish.HasField("sync_state"):
        clean.sync_state.CopyFrom(wish.sync_state)
    return clean


# --- webhooks ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """One signed message of the engine. ``room`` has the engine's prefix still in front."""

    id: str
    kind: str
    room: str
    identity: str
    in_clear: bool
    """A track was published and the engine was told that it is not encrypted."""


def read_webhook(key: ApiKey, body: bytes, authorization: str) -> WebhookMessage:
    """Checks signature, expiry and the body's hash. Raises ValueError for whatever is wrong."""
    try:
        claims = jwt.decode(
            authorization.removeprefix("Bearer "),
            key.secret,
            algorithms=["HS256"],
            issuer=key.name,
            leeway=CLOCK_TOLERANCE_SECONDS,
            options={"require": ["exp", "iss"]},
        )
        told = base64.b64decode(str(claims.get("sha256", "")), validate=True)
        if not hmac.compare_digest(told, hashlib.sha256(body).digest()):
            raise ValueError("the body is not the signed one")
        event = json_format.Parse(body, webhook.WebhookEvent(), ignore_unknown_fields=True)
    except (jwt.InvalidTokenError, json_format.ParseError, binascii.Error, UnicodeDecodeError) as error:
        raise ValueError("not a webhook of our engine") from error
    clear = event.event == "track_published" and event.track.encryption not in _ENCRYPTED
    return WebhookMessage(event.id, event.event, event.room.name, event.participant.identity, clear)


WebhookReader = Callable[[bytes, str], WebhookMessage]
