"""A meeting from the outside: hosts and guests as the doors see them, with every request and signature of theirs, no
media and no meaning. bench/ measures by them, probes look through them.

What is sealed is random bytes of the right size, since the server cannot tell. Whatever comes from the server is
limited in size and time. Raises httpx.HTTPError, TimeoutError, exceptions of websockets, and Refused.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol
from urllib.parse import quote

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from klausur.compliance.signalling import join_request
from klausur.domain.admission import Certificate, Place
from klausur.domain.encoding import encode
from klausur.domain.policy import Role

ADMITTED: Final = 4200
"""The code with which the socket of somebody who waited ends."""
_SEALED_BYTES: Final = 12 + 256 + 16
_HOSTS_PACE_S: Final = 1 / 45
"""Between two who are admitted: a socket may say 50 things a second."""
_MESSAGE_BYTES: Final = 4 * 1024 * 1024
"""The roster of a full meeting, and more."""
_WITHIN_S: Final = 60.0


class Refused(Exception):
    """What was asked for was not given. ``status`` of HTTP; ``code`` of ours, or empty."""

    def __init__(self, answer: httpx.Response) -> None:
        self.status, self.code = answer.status_code, code_of(answer)
        super().__init__(f"{self.status} {self.code}")


def code_of(answer: httpx.Response) -> str:
    """Of a refusal; empty of everything else."""
    try:
        told = answer.json()
    except ValueError:
        return ""
    return str(told.get("code", "")) if isinstance(told, dict) else ""


def given(answer: httpx.Response) -> dict[str, Any]:
    """Raises Refused."""
    if not answer.is_success:
        raise Refused(answer)
    told: dict[str, Any] = answer.json()
    return told


def sealed() -> str:
    return encode(secrets.token_bytes(_SEALED_BYTES))


class Steps(Protocol):
    """Told what is being done, for whoever measures."""

    def measured(self, step: str) -> AbstractContextManager[None]: ...


class _Unmeasured:
    def measured(self, _step: str) -> AbstractContextManager[None]:
        return nullcontext()


@dataclass
class Meeting:
    url: str
    id: str
    proof: str
    session: str
    host_key: Ed25519PrivateKey
    keys: dict[str, str] = field(default_factory=dict)
    """By pseudonym, of those who knock: what a host reads in the sealed knock."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When it was opened, by the server's clock."""
    rules: int = 0
    """Version of the last ones."""

    @property
    def path(self) -> str:
        return f"/api/meetings/{self.id}"

    @property
    def proven(self) -> dict[str, str]:
        return {"Klausur-Link-Proof": self.proof}

    def rules_document(self, **changed: Any) -> str:
        """The defaults, but for ``changed``."""
        rules: dict[str, Any] = {"waiting_room": True, "everyone_shares": True, "session": self.session}
        return json.dumps(rules | {"cohosts": [], "denied": []} | changed, separators=(",", ":"))

    def sign(self, statement: str) -> str:
        return encode(self.host_key.sign(statement.encode()))


async def open_meeting(http: httpx.AsyncClient, **wish: Any) -> Meeting:
    """``wish``: of the request's body, beside the keys."""
    key, proof = Ed25519PrivateKey.generate(), secrets.token_bytes(32)
    keys = {
        "host_public_key": encode(key.public_key().public_bytes_raw()),
        "link_proof_hash": encode(hashlib.sha256(proof).digest()),
    }
    made = given(await http.post("/api/meetings", json=keys | wish))
    url = str(http.base_url).rstrip("/")
    meeting = Meeting(url, made["meeting"], encode(proof), "", key)
    seen = given(await http.get(meeting.path, headers=meeting.proven))
    meeting.session, meeting.at = seen["session"], datetime.fromisoformat(seen["server_time"])
    return meeting


async def put_rules(http: httpx.AsyncClient, meeting: Meeting, **changed: Any) -> httpx.Response:
    """Signed by the host: the defaults, but for ``changed``."""
    document = meeting.rules_document(**changed)
    meeting.rules += 1
    signature = meeting.sign(f"klausur rules v1|{meeting.id}|{meeting.rules}|{document}")
    body = {"version": meeting.rules, "document": document, "signature": signature}
    return await http.put(f"{meeting.path}/rules", json=body, headers=meeting.proven)


async def cancel(http: httpx.AsyncClient, meeting: Meeting) -> httpx.Response:
    """With all that is left of it."""
    body = {"signature": meeting.sign(f"klausur cancel v1|{meeting.id}")}
    return await http.request("DELETE", meeting.path, json=body, headers=meeting.proven)


class Person:
    def __init__(self, meeting: Meeting, http: httpx.AsyncClient, address: str | None = None) -> None:
        """``address``: of loopback from which the socket comes."""
        self.meeting = meeting
        self.http = http
        self.origin = (address, 0) if address else None
        self.key = Ed25519PrivateKey.generate()
        self.place = Place(
            meeting.id,
            meeting.session,
            encode(secrets.token_bytes(16)),
            encode(self.key.public_key().public_bytes_raw()),
        )
        self.secret = ""
        self._events: ClientConnection | None = None
        self._hearing: asyncio.Task[None] | None = None

    @property
    def path(self) -> str:
        return f"{self.meeting.path}/seats"

    @property
    def seat(self) -> str:
        return f"{self.path}/{self.place.pseudonym}"

    @property
    def bearing(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    def wish(self, **admission: Any) -> dict[str, Any]:
        return {
            "pseudonym": self.place.pseudonym,
            "session": self.place.session,
            "announcement": sealed(),
            "key": self.place.key,
            "possession": encode(self.key.sign(self.place.possession().encode())),
            **admission,
        }

    async def try_to(self, **admission: Any) -> httpx.Response:
        return await self.http.post(self.path, json=self.wish(**admission), headers=self.meeting.proven)

    async def ask(self, **admission: Any) -> dict[str, Any]:
        seat = given(await self.try_to(**admission))
        self.secret = seat["secret"]
        return seat

    async def hello(self, *, path: str | None = None, secret: str | None = None) -> dict[str, Any]:
        """Opens the events socket; returns the first thing that is said on it. ``path``: of another meeting. Raises
        ConnectionClosed."""
        url = f"ws{self.meeting.url.removeprefix('http')}{path or self.meeting.path}/events"
        more: dict[str, Any] = {"local_addr": self.origin} if self.origin else {}
        self._events = await connect(
            url,
            origin=self.meeting.url,  # type: ignore[arg-type]
            proxy=None,
            compression=None,
            max_size=_MESSAGE_BYTES,
            open_timeout=_WITHIN_S,
            **more,
        )
        await self.say({"type": "hello", "pseudonym": self.place.pseudonym, "secret": secret or self.secret})
        return await self.heard()

    async def say(self, message: Mapping[str, Any]) -> None:
        if self._events is not None:
            await self._events.send(json.dumps(message))

    async def heard(self, within: float | None = _WITHIN_S) -> dict[str, Any]:
        """Raises TimeoutError."""
        if self._events is None:
            raise ConnectionError
        async with asyncio.timeout(within):
            told: dict[str, Any] = json.loads(await self._events.recv())
        return told

    async def settle(self) -> list[dict[str, Any]]:
        """Everything that is heard until what was said has been done; a socket that has ended says so, as its last
        word: ``closed``, with the code."""
        told: list[dict[str, Any]] = []
        try:
            await self.say({"type": "ping"})
            while (message := await self.heard())["type"] != "pong":
                told.append(message)
        except ConnectionClosed as closed:
            told.append({"type": "closed", "code": closed.rcvd.code if closed.rcvd else 0})
        return told

    async def act(self, op: str, target: Person | None = None) -> list[dict[str, Any]]:
        """What is heard until it has been done, or refused."""
        whom = {} if target is None else {"target": target.place.pseudonym}
        await self.say({"type": "act", "op": op, "sealed": sealed(), **whom})
        return await self.settle()

    async def listen(self) -> None:
        """Until the socket ends, as a page does: who does not read is cut off."""
        try:
            while True:
                await self.act_on(await self.heard(None))
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
        answer = await self.http.delete(self.seat, headers=self.bearing)
        if not answer.is_success:
            raise Refused(answer)

    async def try_to_renew(self) -> httpx.Response:
        wish = {"session": self.place.session, "announcement": sealed()}
        return await self.http.post(f"{self.seat}/tickets", json=wish, headers=self.bearing)

    async def renew(self) -> str:
        return str(given(await self.try_to_renew())["ticket"])

    async def call(self, ticket: str) -> ClientConnection:
        """The signalling socket, through the proxy into the media engine, which has answered."""
        socket, _ = await self._called(ticket)
        return socket

    async def joined(self, ticket: str) -> bytes:
        """The engine's first answer. Raises InvalidHandshake, OSError, TimeoutError."""
        socket, first = await self._called(ticket)
        await socket.close()
        return first

    async def _called(self, ticket: str) -> tuple[ClientConnection, bytes]:
        query = f"access_token={ticket}&join_request={quote(join_request())}"
        url = f"ws{self.meeting.url.removeprefix('http')}/rtc/v1?{query}"
        more: dict[str, Any] = {"local_addr": self.origin} if self.origin else {}
        socket = await connect(url, origin=self.meeting.url, proxy=None, max_size=2**21, **more)  # type: ignore[arg-type]
        async with asyncio.timeout(_WITHIN_S):
            first = await socket.recv()
        return socket, first if isinstance(first, bytes) else first.encode()


class Host(Person):
    """Admits whoever knocks, where it stays."""

    _next = 0.0

    def certificate(self, role: Role, place: Place) -> dict[str, Any]:
        until = self.meeting.at.replace(microsecond=0) + timedelta(hours=23)
        unsigned = Certificate(role, until, "host", "")
        return Certificate(role, until, "host", self.meeting.sign(unsigned.statement(place))).shown()

    def certificate_of_oneself(self) -> dict[str, Any]:
        return self.certificate(Role.HOST, self.place)

    async def come(self) -> None:
        await self.enter()
        self.stay()

    async def enter(self) -> dict[str, Any]:
        """With the host key; returns the welcome."""
        await self.ask(certificate=self.certificate_of_oneself())
        return await self.hello()

    def admission(self, pseudonym: str, key: str) -> dict[str, Any]:
        theirs = Place(self.place.meeting, self.place.session, pseudonym, key)
        return {
            "type": "admit",
            "pseudonym": pseudonym,
            "certificate": self.certificate(Role.PARTICIPANT, theirs),
        }

    async def admit(self, guest: Person) -> list[dict[str, Any]]:
        await self.say(self.admission(guest.place.pseudonym, guest.place.key))
        return await self.settle()

    async def act_on(self, message: dict[str, Any]) -> None:
        key = self.meeting.keys.get(message.get("pseudonym", ""))
        if message["type"] == "knock" and key is not None:
            self._next = max(time.monotonic(), self._next + _HOSTS_PACE_S)
            await asyncio.sleep(max(0.0, self._next - time.monotonic()))
            await self.say(self.admission(message["pseudonym"], key))


class Guest(Person):
    async def knock(self) -> dict[str, Any]:
        """Stands in front of the door."""
        self.meeting.keys[self.place.pseudonym] = self.place.key
        return await self.ask(knock=sealed())

    async def join(self, steps: Steps | None = None) -> str:
        """Knocks, waits to be admitted, fetches the ticket, comes in. Returns the ticket."""
        times = steps or _Unmeasured()
        with times.measured("join"):
            with times.measured("knock"):
                await self.knock()
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
            if closed.rcvd is None or closed.rcvd.code != ADMITTED:
                raise
