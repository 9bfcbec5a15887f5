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
from sqlalchemy import Connection, func, select

from klausur.actions.end_doubtful import EndDoubtful
from klausur.actions.people.tidy import tidy
from klausur.actions.redeem_ticket import RedeemTicket
from klausur.actions.sweep import sweep
from klausur.build import Installation, Media, assemble
from klausur.domain.encoding import encode
from klausur.media.fake import FakeEngine
from klausur.media.nodes import ApiKey
from klausur.settings import Settings, read
from klausur.store.tables import metadata
from tests.people import Link, Place, Way, certificate, public, sealed, signed_rules, wish

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


@dataclass
class House:
    built: Installation
    clock: ManualClock
    engine: FakeEngine
    settings: Settings
    browser: httpx.AsyncClient
    tickets: RedeemTicket = field(init=False)
    end_doubtful: EndDoubtful = field(init=False)

    def __post_init__(self) -> None:
        self.tickets = RedeemTicket(self.built.world, self.built.presence)
        self.end_doubtful = EndDoubtful(self.built.world)

    async def open_meeting(
        self, *, waiting_room: bool = False, times: Mapping[str, str] | None = None, guests: bool = True
    ) -> Link:
        """``times``: opens_at and closes_at of a planned one."""
        key, proof = Ed25519PrivateKey.generate(), secrets.token_bytes(32)
        body = {
            "host_public_key": public(key),
            "link_proof_hash": encode(hashlib.sha256(proof).digest()),
            "guests": guests,
        }
        answer = await self.browser.post("/api/meetings", json=body | dict(times or {}))
        assert answer.status_code == 201, answer.text
        link = Link(answer.json()["meeting"], encode(proof), key)
        if not waiting_room:
            await self.rule(link, waiting_room=False)
        return link

    async def rule(self, link: Link, **changed: Any) -> None:
        """The host signs the next rules."""
        session = (await self.look(link))["session"]
        if link.rules.get("session") != session:
            link.rules |= {"session": session, "cohosts": [], "denied": []}
        link.rules |= changed
        link.version += 1
        answer = await self.put_rules(link, signed_rules(link, link.version, link.rules))
        assert answer.status_code == 204, answer.text

    async def put_rules(self, link: Link, body: dict[str, object]) -> httpx.Response:
        return await self.browser.put(f"/api/meetings/{link.meeting}/rules", json=body, headers=link.headers)

    async def look(self, link: Link) -> dict[str, Any]:
        answer = await self.browser.get(f"/api/meetings/{link.meeting}", headers=link.headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def put_card(self, link: Link, body: dict[str, object]) -> httpx.Response:
        return await self.browser.put(f"/api/meetings/{link.meeting}/card", json=body, headers=link.headers)

    async def put_times(self, link: Link, body: dict[str, object]) -> httpx.Response:
        return await self.browser.put(f"/api/meetings/{link.meeting}/times", json=body, headers=link.headers)

    async def cancel(self, link: Link, body: dict[str, object]) -> httpx.Response:
        return await self.browser.request("DELETE", f"/api/meetings/{link.meeting}", json=body, headers=link.headers)

    async def ask(self, link: Link, name: str = "", *, by: Way = "mac", **changed: Any) -> httpx.Response:
        """For a seat."""
        session = changed.pop("session", None) or (await self.look(link))["session"]
        body = wish(link, session, self.clock.now(), by=by, name=name, **changed)
        return await self.browser.post(f"/api/meetings/{link.meeting}/seats", json=body, headers=link.headers)

    async def join(self, link: Link, name: str = "", *, by: Way = "mac", **changed: Any) -> Place:
        key = changed.setdefault("key", Ed25519PrivateKey.generate())
        answer = await self.ask(link, name, by=by, **changed)
        assert answer.status_code == (202 if by == "knock" else 201), answer.text
        told = answer.json()
        roster, ticket = told.get("roster", []), told.get("ticket", "")
        return Place(
            link, told["pseudonym"], told["secret"], ticket, told["session"], roster, key, is_host=by == "host"
        )

    async def host(self, link: Link, **changed: Any) -> Place:
        """Hanna comes in with the host key."""
        return await self.join(link, "Hanna", by="host", **changed)

    async def knock(self, link: Link, name: str = "", **changed: Any) -> Place:
        """Somebody stands in front of the door."""
        return await self.join(link, name, by="knock", **changed)

    async def knock_again(self, place: Place) -> httpx.Response:
        return await self.browser.post(f"{place.path}/knock", json={"knock": sealed()}, headers=place.headers)

    async def come_in(self, place: Place) -> Place:
        """After having been admitted."""
        told = await self.come_back(place)
        place.ticket, place.roster = told["ticket"], told["roster"]
        return place

    def certificate(self, place: Place, *, by: Place | None = None, **changed: Any) -> dict[str, Any]:
        return certificate(place, self.clock.now(), by=by, **changed)

    async def renew(self, place: Place, **changed: Any) -> httpx.Response:
        body = {"session": place.session, "announcement": sealed()} | changed
        return await self.browser.post(f"{place.path}/tickets", json=body, headers=place.headers)

    async def leave(self, place: Place) -> httpx.Response:
        return await self.browser.delete(place.path, headers=place.headers)

    async def time_passes(self, **span: float) -> None:
        """And what it does, is done."""
        self.clock.advance(timedelta(**span))
        await sweep(self.built.world, self.built.presence)
        await tidy(self.built.people)

    async def counted(self, table: str) -> int:
        """Rows."""

        def count(connection: Connection) -> int:
            return int(connection.execute(select(func.count()).select_from(metadata.tables[table])).scalar_one())

        return await self.built.database.look(count)

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
    async def wait(self, place: Place) -> AsyncIterator[Socket]:
        """In front of the door."""
        async with self.listen(place.link.meeting) as socket:
            await socket.say({"type": "hello", "pseudonym": place.pseudonym, "secret": place.secret})
            told = await socket.hear()
            assert (told["type"], set(told)) == ("waiting", {"type", "session", "server_time"})
            yield socket

    async def hello(self, place: Place) -> dict[str, Any] | int:
        """What a socket of this seat is greeted with; the code, if that is all."""
        async with self.listen(place.link.meeting) as socket:
            await socket.say({"type": "hello", "pseudonym": place.pseudonym, "secret": place.secret})
            try:
                return await socket.hear()
            except Closed as closed:
                return closed.code

    async def admit(self, socket: Socket, place: Place, *, by: Place | None = None, **changed: Any) -> None:
        """``by``: the moderator whose socket it is, where the certificate is theirs; else the host key signs."""
        told = {"type": "admit", "pseudonym": place.pseudonym}
        await socket.say(told | {"certificate": self.certificate(place, by=by, **changed)})

    async def come_back(self, place: Place) -> dict[str, Any]:
        """A fresh ticket, and the roster that comes with it."""
        answer = await self.renew(place)
        assert answer.status_code == 201, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def act(self, socket: Socket, op: str, target: Place | None = None) -> None:
        whom = {} if target is None else {"target": target.pseudonym}
        await socket.say({"type": "act", "op": op, "sealed": sealed(op), **whom})

    @asynccontextmanager
    async def restarted(self) -> AsyncIterator[House]:
        """Another process on the same files, after this one was killed."""
        async with house(self.settings.data, clock=self.clock, engine=self.engine) as again:
            await again.built.presence.start_afresh()
            yield again


def database_of(_folder: Path) -> dict[str, Any]:
    """SQLite in the folder. Where a test runs on both, tests/conftest.py puts PostgreSQL in its place."""
    return {}


@asynccontextmanager
async def house(
    folder: Path,
    *,
    clock: ManualClock | None = None,
    engine: FakeEngine | None = None,
    outside: httpx.AsyncBaseTransport | None = None,
    **chosen: Any,
) -> AsyncIterator[House]:
    """``outside``: where the identity provider is."""
    settings = read({"data": folder, "open_meetings": "anyone", **database_of(folder), **chosen}, {}).settings
    clock, engine = clock or ManualClock(), engine or FakeEngine()
    built = assemble(settings, Media(NoNodes(), engine), clock=clock, client=folder / "dist", outside=outside)
    await built.database.look(metadata.create_all)
    site = f"http://localhost:{settings.port}"
    headers = {"Origin": site, "User-Agent": USER_AGENT}
    transport = httpx.ASGITransport(built.app, client=(ADDRESS, 50000))
    async with httpx.AsyncClient(transport=transport, base_url=site, headers=headers) as browser:
        yield House(built, clock, engine, settings, browser)
    await built.database.close()


def everything(folder: Path) -> bytes:
    """Every byte of every file: tables, free pages and the write-ahead log."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


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

    async def refusals(self) -> list[str]:
        """Of what was said until now, by code."""
        return [each["code"] for each in await self.settle() if each["type"] == "refused"]

    async def settle(self) -> list[dict[str, Any]]:
        """Everything that is heard until what was said has been done."""
        await self.say({"type": "ping"})
        heard = []
        while (told := await self.hear())["type"] != "pong":
            heard.append(told)
        return heard

    async def served_to_the_end(self) -> None:
        assert self.served is not None
        await asyncio.shield(self.served)

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
