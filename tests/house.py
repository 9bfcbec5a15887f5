"""A whole installation for a test: real rules, real database, the media engine and the time as values.

The cast: Hanna hosts, Gustav is a guest, Otto an outsider, Ada audits.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from klausur.actions.redeem_ticket import RedeemTicket
from klausur.actions.sweep import sweep
from klausur.build import Installation, Media, assemble
from klausur.domain.encoding import encode
from klausur.media.fake import FakeEngine
from klausur.media.nodes import ApiKey
from klausur.settings import Settings, read
from klausur.store.tables import metadata

ORIGIN = "http://localhost:8000"
ADDRESS = "203.0.113.77"
USER_AGENT = "Mozilla/5.0 (Canary; Gustav's own browser)"


class ManualClock:
    def __init__(self) -> None:
        self._now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


class NoNodes:
    """media.nodes.Engine of which there is nothing to be had: flows do not need media."""

    key = ApiKey("key", "secret")
    urls: Sequence[str] = ()
    healthy = False

    async def wait_healthy(self, _seconds: float) -> bool:
        return False

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


def sealed(text: str = "", size: int = 300) -> str:
    """What a browser would have encrypted: to the server as good as this."""
    return encode(secrets.token_bytes(12) + hashlib.sha256(text.encode()).digest() + secrets.token_bytes(size))


@dataclass
class Link:
    """An invitation: what is behind the # stays with people."""

    meeting: str
    proof: str
    host_key: Ed25519PrivateKey

    @property
    def headers(self) -> dict[str, str]:
        return {"Klausur-Link-Proof": self.proof}


def signed(link: Link, version: int, card: str, key: Ed25519PrivateKey | None = None) -> dict[str, object]:
    """A card as the host's browser sends it."""
    statement = f"klausur card v1|{link.meeting}|{version}|{card}".encode()
    return {"version": version, "sealed": card, "signature": encode((key or link.host_key).sign(statement))}


@dataclass
class Place:
    """A seat, as its bearer knows it."""

    link: Link
    pseudonym: str
    secret: str
    ticket: str
    session: str
    roster: list[dict[str, Any]]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    @property
    def path(self) -> str:
        return f"/api/meetings/{self.link.meeting}/seats/{self.pseudonym}"


@dataclass
class House:
    built: Installation
    clock: ManualClock
    engine: FakeEngine
    settings: Settings
    browser: httpx.AsyncClient
    tickets: RedeemTicket = field(init=False)

    def __post_init__(self) -> None:
        self.tickets = RedeemTicket(self.built.world, self.built.presence)

    async def open_meeting(self) -> Link:
        key, proof = Ed25519PrivateKey.generate(), secrets.token_bytes(32)
        body = {
            "host_public_key": encode(key.public_key().public_bytes_raw()),
            "link_proof_hash": encode(hashlib.sha256(proof).digest()),
        }
        answer = await self.browser.post("/api/meetings", json=body)
        assert answer.status_code == 201, answer.text
        return Link(answer.json()["meeting"], encode(proof), key)

    async def look(self, link: Link) -> dict[str, Any]:
        answer = await self.browser.get(f"/api/meetings/{link.meeting}", headers=link.headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def put_card(self, link: Link, body: dict[str, object]) -> httpx.Response:
        return await self.browser.put(f"/api/meetings/{link.meeting}/card", json=body, headers=link.headers)

    async def knock(self, link: Link, name: str = "", **changed: Any) -> httpx.Response:
        body = {
            "pseudonym": encode(secrets.token_bytes(16)),
            "session": changed.get("session") or (await self.look(link))["session"],
            "announcement": sealed(name),
        }
        return await self.browser.post(
            f"/api/meetings/{link.meeting}/seats", json={**body, **changed}, headers=link.headers
        )

    async def join(self, link: Link, name: str = "") -> Place:
        answer = await self.knock(link, name)
        assert answer.status_code == 201, answer.text
        told = answer.json()
        return Place(link, told["pseudonym"], told["secret"], told["ticket"], told["session"], told["roster"])

    async def renew(self, place: Place, **changed: Any) -> httpx.Response:
        body = {"session": place.session, "announcement": sealed()} | changed
        return await self.browser.post(f"{place.path}/tickets", json=body, headers=place.headers)

    async def leave(self, place: Place) -> httpx.Response:
        return await self.browser.delete(place.path, headers=place.headers)

    async def time_passes(self, **span: float) -> None:
        """And what it does, is done."""
        self.clock.advance(timedelta(**span))
        await sweep(self.built.world, self.built.presence)

    @asynccontextmanager
    async def listen(self, meeting: str, **changed: Any) -> AsyncIterator[Socket]:
        async with open_socket(self.built.app, f"/api/meetings/{meeting}/events", **changed) as socket:
            yield socket

    @asynccontextmanager
    async def attend(self, place: Place) -> AsyncIterator[Socket]:
        async with self.listen(place.link.meeting) as socket:
            await socket.say({"type": "hello", "pseudonym": place.pseudonym, "secret": place.secret})
            assert (await socket.hear())["type"] == "welcome"
            yield socket


@asynccontextmanager
async def house(folder: Path, **chosen: Any) -> AsyncIterator[House]:
    settings = read({"data": folder, **chosen}, {}).settings
    clock, engine = ManualClock(), FakeEngine()
    built = assemble(settings, Media(NoNodes(), engine), clock=clock, client=folder / "dist")
    async with built.database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    site = f"http://localhost:{settings.port}"
    headers = {"Origin": site, "User-Agent": USER_AGENT}
    transport = httpx.ASGITransport(built.app, client=(ADDRESS, 50000))
    async with httpx.AsyncClient(transport=transport, base_url=site, headers=headers) as browser:
        yield House(built, clock, engine, settings, browser)
    await built.database.close()


# -- a browser's end of a socket --------------------------------------------------------------------------------------


class Closed(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class Refused(Exception):
    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"{status} {body!r}")
        self.status = status
        self.body = body


class Socket:
    def __init__(self, *, deaf: bool = False) -> None:
        self.to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.to_us: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self.reads = asyncio.Event()
        self.served: asyncio.Task[None] | None = None
        if not deaf:
            self.reads.set()

    async def receive(self) -> dict[str, Any]:
        return await self.to_app.get()

    async def send(self, message: Mapping[str, Any]) -> None:
        """As uvicorn: waits while the other end does not read."""
        await self.reads.wait()
        self.to_us.put_nowait(message)

    async def say(self, message: object) -> None:
        await self.say_text(json.dumps(message))

    async def say_text(self, text: str) -> None:
        self.to_app.put_nowait({"type": "websocket.receive", "text": text})

    async def hear(self) -> dict[str, Any]:
        """Raises Closed."""
        message = await self.to_us.get()
        if message["type"] == "websocket.close":
            raise Closed(message["code"])
        told: dict[str, Any] = json.loads(message["text"])
        return told

    async def end(self) -> int:
        """The code with which it is closed, whatever is said before."""
        while True:
            try:
                await self.hear()
            except Closed as closed:
                return closed.code


@asynccontextmanager
async def open_socket(
    app: Any,
    path: str,
    *,
    query: str = "",
    host: str = "localhost:8000",
    origin: str | None = ORIGIN,
    address: str = ADDRESS,
    deaf: bool = False,
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> AsyncIterator[Socket]:
    """Raises Refused when it is not accepted."""
    socket = Socket(deaf=deaf)
    given = [(b"host", host.encode()), (b"user-agent", USER_AGENT.encode()), *headers]
    if origin is not None:
        given.append((b"origin", origin.encode()))
    scope = {
        "type": "websocket",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": given,
        "client": (address, 50001),
        "scheme": "ws",
    }
    socket.to_app.put_nowait({"type": "websocket.connect"})
    task = socket.served = asyncio.create_task(app(scope, socket.receive, socket.send))
    try:
        if not deaf:
            await _accepted(socket, task)
        yield socket
    finally:
        socket.reads.set()
        socket.to_app.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await task


async def _accepted(socket: Socket, task: asyncio.Task[None]) -> None:
    first = await socket.to_us.get()
    if first["type"] == "websocket.accept":
        return
    body = (await socket.to_us.get()).get("body", b"")
    await task
    raise Refused(first["status"], body)
