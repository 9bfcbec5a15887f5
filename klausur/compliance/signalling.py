"""The few messages of the media engine that somebody says and hears who comes from the outside (livekit.protocol)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

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
