"""The few messages of the media engine that somebody says and hears who comes from the outside (livekit.protocol)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from google.protobuf.message import DecodeError
from livekit.protocol import models, rtc


@dataclass(frozen=True, slots=True)
class Joined:
    identity: str
    servers: Sequence[str]
    """Addresses of servers by which browsers find their way to each other."""


def join_request() -> str:
    """What livekit-client sends in the query of /rtc/v1, without an offer."""
    request = rtc.JoinRequest(
        client_info=models.ClientInfo(sdk=models.ClientInfo.SDK.JS, version="2.23.0", protocol=16),
        connection_settings=rtc.ConnectionSettings(auto_subscribe=False, adaptive_stream=True),
    )
    wrapped = rtc.WrappedJoinRequest(join_request=request.SerializeToString()).SerializeToString()
    return base64.urlsafe_b64encode(wrapped).decode()


def joined(first: bytes) -> Joined:
    """The engine's first answer. Raises DecodeError."""
    told = rtc.SignalResponse.FromString(first).join
    return Joined(told.participant.identity, [url for server in told.ice_servers for url in server.urls])


def with_server(first: bytes, url: str) -> bytes:
    """The same answer, with one more server."""
    told = rtc.SignalResponse.FromString(first)
    told.join.ice_servers.add(urls=[url])
    return told.SerializeToString()


@dataclass(frozen=True, slots=True)
class Powers:
    """What the engine lets somebody do who has joined, and who else is in the room for it."""

    granted: Sequence[str]
    """Of those that nobody in a meeting needs."""
    recording: bool
    """Whether the engine itself says that it records."""
    machines: Sequence[str]
    """Kinds of others in the room that are no people."""


_MACHINES_POWERS = ("recorder", "hidden", "agent", "can_manage_agent_session", "can_publish_data")


def powers(first: bytes) -> Powers:
    """By the engine's first answer. Raises DecodeError."""
    told = rtc.SignalResponse.FromString(first).join
    allowed = told.participant.permission
    kinds = [each.kind for each in told.other_participants if each.kind != models.ParticipantInfo.Kind.STANDARD]
    return Powers(
        granted=[name for name in _MACHINES_POWERS if getattr(allowed, name)],
        recording=told.room.active_recording,
        machines=[models.ParticipantInfo.Kind.Name(kind).lower() for kind in kinds],
    )


def as_recorder(first: bytes) -> bytes:
    """The same answer, to somebody who may record."""
    told = rtc.SignalResponse.FromString(first)
    told.join.participant.permission.recorder = True
    return told.SerializeToString()


def with_machine(first: bytes) -> bytes:
    """The same answer, with something in the room that carries pictures and sound out of it."""
    told = rtc.SignalResponse.FromString(first)
    told.join.other_participants.add(identity="outward", kind=models.ParticipantInfo.Kind.EGRESS)
    return told.SerializeToString()


def published_track(message: bytes) -> str | None:
    """The name that the engine gave to something which was just published; None of another message."""
    try:
        told = rtc.SignalResponse.FromString(message)
    except DecodeError:
        return None
    return told.track_published.track.sid if told.WhichOneof("message") == "track_published" else None


def muting(track: str, *, muted: bool) -> bytes:
    """The engine's command to its sender to silence a track, or to give it again."""
    return rtc.SignalResponse(mute=rtc.MuteTrackRequest(sid=track, muted=muted)).SerializeToString()
