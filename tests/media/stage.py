"""A signalling proxy on a real socket between clients that we drive and an engine that only records."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
import uvicorn
from livekit.protocol import models, rtc
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import InvalidStatus
from websockets.http11 import Request, Response

from klausur.api.errors import problem
from klausur.domain.errors import TicketRefused
from klausur.domain.ports import Passage
from klausur.media.bridge import Limits
from klausur.media.fake import FakeEngine
from klausur.media.nodes import ApiKey
from klausur.media.signalling import Patience, SignallingProxy

HANNA = "HannaHannaHannaHannaHa"
GUSTAV = "GustavGustavGustavGust"
MEETING = "MeetingMeetingMeetingM"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.7421.3 Safari/537.36"


def ticket(letter: str) -> str:
    return letter * 43


class Tickets:
    """domain.ports.Tickets as a table."""

    def __init__(self) -> None:
        self.table: dict[str, Passage] = {}
        self.here: list[str] = []
        self.log: list[tuple[str, str]] = []
        self.redeemed = asyncio.Event()

    def give(self, letter: str, pseudonym: str, *, may_share: bool = True) -> str:
        self.table[ticket(letter)] = Passage(MEETING, pseudonym, "room", f"hash of {letter}", may_share)
        return ticket(letter)

    def revoke(self, letter: str) -> None:
        del self.table[ticket(letter)]

    async def redeem(self, presented: str) -> Passage:
        self.redeemed.set()
        if presented not in self.table:
            raise TicketRefused
        return self.table[presented]

    async def connected(self, passage: Passage) -> None:
        self.here.append(passage.pseudonym)
        self.log.append(("connected", passage.pseudonym))

    async def disconnected(self, passage: Passage) -> None:
        self.here.remove(passage.pseudonym)
        self.log.append(("disconnected", passage.pseudonym))


class Node:
    """media.nodes.Engine without a process."""

    def __init__(self, url: str) -> None:
        self.key = ApiKey("key", "a secret that is long enough for HMAC")
        self._url = url
        self._well = asyncio.Event()
        self._well.set()

    @property
    def urls(self) -> Sequence[str]:
        return (self._url,)

    @property
    def healthy(self) -> bool:
        return self._well.is_set()

    def fall(self) -> None:
        self._well.clear()

    def rise(self) -> None:
        self._well.set()

    async def wait_healthy(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._well.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


@dataclass
class Visit:
    """One connection as the engine sees it."""

    connection: ServerConnection
    headers: dict[str, str]
    path: str
    query: dict[str, list[str]]
    heard: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def wish(self) -> rtc.JoinRequest:
        wrapped = rtc.WrappedJoinRequest.FromString(base64.urlsafe_b64decode(self.query["join_request"][0]))
        return rtc.JoinRequest.FromString(wrapped.join_request)

    async def hear(self) -> rtc.SignalRequest:
        return rtc.SignalRequest.FromString(await self.heard.get())


class Recorder:
    """The engine's end."""

    def __init__(self) -> None:
        self.visits: asyncio.Queue[Visit] = asyncio.Queue()
        self.reading = asyncio.Event()
        self.reading.set()
        self.refuse_next: list[int] = []

    async def __call__(self, connection: ServerConnection) -> None:
        request = connection.request
        assert request is not None
        parts = urlsplit(request.path)
        visit = Visit(connection, dict(request.headers.raw_items()), parts.path, parse_qs(parts.query))
        self.visits.put_nowait(visit)
        await self.reading.wait()
        async for raw in connection:
            assert isinstance(raw, bytes)
            visit.heard.put_nowait(raw)
        visit.ended.set()

    def answer(self, connection: ServerConnection, _: Request) -> Response | None:
        return connection.respond(self.refuse_next.pop(0), "") if self.refuse_next else None


@dataclass
class Stage:
    proxy: SignallingProxy
    tickets: Tickets
    rooms: FakeEngine
    node: Node
    engine: Recorder
    port: int

    def url(self, presented: str, join: str | None = None, scheme: str = "ws", path: str = "/rtc/v1") -> str:
        query = urlencode({"access_token": presented, "join_request": join_request() if join is None else join})
        return f"{scheme}://127.0.0.1:{self.port}{path}?{query}"

    async def open(self, presented: str, join: str | None = None, **more: Any) -> ClientConnection:
        more.setdefault("user_agent_header", CHROME)
        return await connect(self.url(presented, join), proxy=None, max_size=None, **more)

    async def enter(self, presented: str, join: str | None = None, **more: Any) -> tuple[ClientConnection, Visit]:
        client = await self.open(presented, join, **more)
        return client, await self.engine.visits.get()

    async def refusal(self, presented: str, join: str | None = None) -> tuple[int, str]:
        """Status and code with which the socket is refused."""
        with pytest.raises(InvalidStatus) as refused:
            await self.open(presented, join)
        answer = refused.value.response
        assert answer.headers["content-type"] == "application/problem+json"
        return answer.status_code, json.loads(answer.body)["code"]

    async def validate(self, presented: str, join: str | None = None) -> tuple[int, str]:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(self.url(presented, join, "http", "/rtc/v1/validate"))
        return answer.status_code, answer.json()["code"]


def join_request(wish: rtc.JoinRequest | None = None, **fields: Any) -> str:
    """As livekit-client builds it."""
    raw = (wish or rtc.JoinRequest(**fields)).SerializeToString()
    return wrapped(gzip.compress(raw))


def wrapped(packed: bytes, compression: int = 1) -> str:
    message = rtc.WrappedJoinRequest(join_request=packed)
    message.compression = compression  # type: ignore[assignment]
    return base64.urlsafe_b64encode(message.SerializeToString()).decode()


def request(**kind: Any) -> bytes:
    return rtc.SignalRequest(**kind).SerializeToString()


def response(**kind: Any) -> bytes:
    return rtc.SignalResponse(**kind).SerializeToString()


def track(encryption: models.Encryption.Type) -> rtc.AddTrackRequest:
    return rtc.AddTrackRequest(cid="cid", source=models.TrackSource.CAMERA, encryption=encryption)


@contextmanager
def listening() -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[int]:
    """The port at which uvicorn serves it, with the settings that ``klausur serve`` has for sockets."""
    with listening() as listener:
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", ws="websockets-sansio",
            ws_max_size=3 * 1024 * 1024, ws_per_message_deflate=False, timeout_graceful_shutdown=1,
        )  # fmt: skip
        server = uvicorn.Server(config)
        server.capture_signals = contextmanager(lambda: iter((None,)))  # type: ignore[method-assign]
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await task


@asynccontextmanager
async def engine_end(recorder: Recorder) -> AsyncIterator[Server]:
    async with serve(recorder, "127.0.0.1", 0, process_request=recorder.answer, max_size=None, max_queue=1) as server:
        yield server


@asynccontextmanager
async def staged(limits: Limits | None = None, patience: Patience | None = None) -> AsyncIterator[Stage]:
    recorder = Recorder()
    async with engine_end(recorder) as upstream:
        node = Node(f"http://127.0.0.1:{next(iter(upstream.sockets)).getsockname()[1]}")
        tickets, rooms = Tickets(), FakeEngine()
        proxy = SignallingProxy(
            tickets, rooms, node, max_participants=9, problem=problem, limits=limits, patience=patience
        )
        async with served(proxy) as port:
            yield Stage(proxy, tickets, rooms, node, recorder, port)
            await proxy.drop_all()
