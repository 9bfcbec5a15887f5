"""Hosts and guests as the doors see them: every request and signature of theirs, no media and no meaning.

What is sealed is random bytes of the right size, since the server cannot tell.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from livekit.protocol import models, rtc
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from klausur.domain.admission import Certificate, Place
from klausur.domain.policy import Role

_SEALED_BYTES = 12 + 256 + 16
_ADMITTED = 4200
_HOSTS_PACE_S = 1 / 45
"""Between two who are admitted: a socket may say 50 things a second."""


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def sealed() -> str:
    return b64(secrets.token_bytes(_SEALED_BYTES))


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


@dataclass
class Meeting:
    url: str
    id: str
    proof: str
    session: str
    host_key: Ed25519PrivateKey
    keys: dict[str, str] = field(default_factory=dict)
    """By pseudonym, of those who knock: what a host reads in the sealed knock."""

    @property
    def proven(self) -> dict[str, str]:
        return {"Klausur-Link-Proof": self.proof}


async def open_meeting(http: httpx.AsyncClient) -> Meeting:
    key, proof = Ed25519PrivateKey.generate(), secrets.token_bytes(32)
    wish = {
        "host_public_key": b64(key.public_key().public_bytes_raw()),
        "link_proof_hash": b64(hashlib.sha256(proof).digest()),
    }
    made = (await http.post("/api/meetings", json=wish)).raise_for_status().json()
    url = str(http.base_url).rstrip("/")
    meeting = Meeting(url, made["meeting"], b64(proof), "", key)
    seen = await http.get(f"/api/meetings/{meeting.id}", headers=meeting.proven)
    meeting.session = seen.raise_for_status().json()["session"]
    return meeting


class Person:
    def __init__(self, meeting: Meeting, http: httpx.AsyncClient, address: str | None = None) -> None:
        self.meeting = meeting
        self._http = http
        self._from = (address, 0) if address else None
        self._key = Ed25519PrivateKey.generate()
        self.place = Place(
            meeting.id, meeting.session, b64(secrets.token_bytes(16)), b64(self._key.public_key().public_bytes_raw())
        )
        self._secret = ""
        self._events: ClientConnection | None = None
        self._hearing: asyncio.Task[None] | None = None

    @property
    def path(self) -> str:
        return f"/api/meetings/{self.meeting.id}/seats"

    def wish(self, **admission: Any) -> dict[str, Any]:
        return {
            "pseudonym": self.place.pseudonym,
            "session": self.place.session,
            "announcement": sealed(),
            "key": self.place.key,
            "possession": b64(self._key.sign(self.place.possession().encode())),
            **admission,
        }

    async def ask(self, **admission: Any) -> dict[str, Any]:
        answer = await self._http.post(self.path, json=self.wish(**admission), headers=self.meeting.proven)
        seat: dict[str, Any] = answer.raise_for_status().json()
        self._secret = seat["secret"]
        return seat

    async def hello(self) -> dict[str, Any]:
        """Opens the events socket; returns the first thing that is said on it."""
        url = f"ws{self.meeting.url.removeprefix('http')}/api/meetings/{self.meeting.id}/events"
        more = {"local_addr": self._from} if self._from else {}
        self._events = await connect(url, origin=self.meeting.url, proxy=None, compression=None, **more)  # type: ignore[arg-type]
        await self.say({"type": "hello", "pseudonym": self.place.pseudonym, "secret": self._secret})
        return await self.heard()

    async def say(self, message: dict[str, Any]) -> None:
        if self._events is not None:
            await self._events.send(json.dumps(message))

    async def heard(self) -> dict[str, Any]:
        if self._events is None:
            raise ConnectionError
        told: dict[str, Any] = json.loads(await self._events.recv())
        return told

    async def listen(self) -> None:
        """Until the socket ends, as a page does: who does not read is cut off."""
        try:
            while True:
                await self.act_on(await self.heard())
        except ConnectionClosed:
            pass

    async def act_on(self, message: dict[str, Any]) -> None: ...

    def stay(self) -> None:
        self._hearing = asyncio.create_task(self.listen())

    async def go(self) -> None:
        """Without leaving: the seat is given up by the server."""
        if self._events is not None:
            await self._events.close()
        if self._hearing is not None:
            await self._hearing

    async def leave(self) -> None:
        await self.go()
        headers = {"Authorization": f"Bearer {self._secret}"}
        (await self._http.delete(f"{self.path}/{self.place.pseudonym}", headers=headers)).raise_for_status()


class Host(Person):
    """Admits whoever knocks."""

    _next = 0.0

    def certificate(self, role: Role, place: Place) -> dict[str, Any]:
        until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=23)
        unsigned = Certificate(role, until, "host", "")
        signature = self.meeting.host_key.sign(unsigned.statement(place).encode())
        return Certificate(role, until, "host", b64(signature)).shown()

    async def come(self) -> None:
        await self.ask(certificate=self.certificate(Role.HOST, self.place))
        await self.hello()
        self.stay()

    async def act_on(self, message: dict[str, Any]) -> None:
        key = self.meeting.keys.get(message.get("pseudonym", ""))
        if message["type"] == "knock" and key is not None:
            theirs = Place(self.place.meeting, self.place.session, message["pseudonym"], key)
            certificate = self.certificate(Role.PARTICIPANT, theirs)
            self._next = max(time.monotonic(), self._next + _HOSTS_PACE_S)
            await asyncio.sleep(max(0.0, self._next - time.monotonic()))
            await self.say({"type": "admit", "pseudonym": theirs.pseudonym, "certificate": certificate})


class Guest(Person):
    async def join(self, times: Times) -> str:
        """Knocks, waits to be admitted, fetches the ticket, comes in. Returns the ticket."""
        with times.measured("join"):
            with times.measured("knock"):
                self.meeting.keys[self.place.pseudonym] = self.place.key
                await self.ask(knock=sealed())
            with times.measured("admission"):
                if (await self.hello())["type"] == "waiting":
                    await self.admitted()
            with times.measured("ticket"):
                ticket = await self.renew()
            with times.measured("socket"):
                if (welcome := await self.hello())["type"] != "welcome":
                    raise ConnectionError(welcome["type"])
        self.stay()
        return ticket

    async def admitted(self) -> None:
        try:
            while True:
                if (message := await self.heard())["type"] not in ("admitted", "pong"):
                    raise ConnectionError(message["type"])
        except ConnectionClosed as closed:
            if closed.rcvd is None or closed.rcvd.code != _ADMITTED:
                raise

    async def renew(self) -> str:
        wish = {"session": self.place.session, "announcement": sealed()}
        headers = {"Authorization": f"Bearer {self._secret}"}
        answer = await self._http.post(f"{self.path}/{self.place.pseudonym}/tickets", json=wish, headers=headers)
        return str(answer.raise_for_status().json()["ticket"])

    async def call(self, ticket: str) -> ClientConnection:
        """The signalling socket, through the proxy into the engine."""
        query = f"access_token={ticket}&join_request={quote(_join_request())}"
        url = f"ws{self.meeting.url.removeprefix('http')}/rtc/v1?{query}"
        more = {"local_addr": self._from} if self._from else {}
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
