"""Hosts and guests of klausur/compliance/meetings.py, measured, each in a network of its own, and as far as the media
engine's door."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx
from livekit.protocol import models, rtc
from websockets.asyncio.client import ClientConnection, connect

from klausur.compliance import meetings
from klausur.compliance.meetings import Host, Meeting, open_meeting, sealed

__all__ = ["Guest", "Host", "Meeting", "Times", "client", "open_meeting", "sealed"]


def client(url: str, address: str | None = None) -> httpx.AsyncClient:
    """``address`` of loopback from which it comes: each is a network of its own to the limits."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    transport = httpx.AsyncHTTPTransport(local_address=address, limits=limits)
    return httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=60, transport=transport, trust_env=False)


@dataclass
class Times:
    """Milliseconds by step."""

    of: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def measured(self, step: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.of.setdefault(step, []).append((time.perf_counter() - begun) * 1000)


class Guest(meetings.Guest):
    async def call(self, ticket: str) -> ClientConnection:
        """The signalling socket, through the proxy into the engine."""
        query = f"access_token={ticket}&join_request={quote(_join_request())}"
        url = f"ws{self.meeting.url.removeprefix('http')}/rtc/v1?{query}"
        more = {"local_addr": self.origin} if self.origin else {}
        socket = await connect(url, origin=self.meeting.url, proxy=None, max_size=2**21, **more)  # type: ignore[arg-type]
        await socket.recv()
        return socket


def _join_request() -> str:
    """What livekit-client sends in the query of /rtc/v1, without an offer."""
    request = rtc.JoinRequest(
        client_info=models.ClientInfo(sdk=models.ClientInfo.SDK.JS, version="2.23.0", protocol=16),
        connection_settings=rtc.ConnectionSettings(auto_subscribe=False, adaptive_stream=True),
    )
    wrapped = rtc.WrappedJoinRequest(join_request=request.SerializeToString()).SerializeToString()
    return base64.urlsafe_b64encode(wrapped).decode()
