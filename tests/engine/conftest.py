"""The real engine: where it is, one that runs, and one behind our door."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from livekit.protocol import models, rtc
from websockets.asyncio.client import ClientConnection, connect

from klausur.api.errors import problem
from klausur.domain.events import EngineEvent
from klausur.loopback import LoopbackListener
from klausur.media.engine import EmbeddedEngine, Pace
from klausur.media.livekit import LiveKitRooms
from klausur.media.preflight import EngineSettings
from klausur.media.signalling import SignallingProxy
from klausur.media.webhooks import WebhookDoor
from tests.media.stage import CHROME, Tickets, join_request, served

BRISK = replace(Pace(), probe_every=0.05, probe_timeout=0.2, first_pause=0.01)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("engine")


@pytest.fixture(scope="session")
def binary() -> Path:
    named = os.environ.get("KLAUSUR_ENGINE_BINARY")  # noqa: TID251 - this is where tests are told
    found = Path(named) if named else Path(sys.executable).with_name("livekit-server")
    assert found.exists(), "There is no media engine: run script/setup, or set KLAUSUR_ENGINE_BINARY."
    return found


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def settings(binary: Path) -> EngineSettings:
    """As without PUBLIC_URL."""
    return EngineSettings(
        binary=binary,
        addresses=["127.0.0.1"],
        udp_port=free_udp_port(),
        tcp_port=7881,
        local_only=True,
        max_participants=50,
    )


@pytest.fixture
async def engine(settings: EngineSettings) -> AsyncIterator[EmbeddedEngine]:
    ready = EmbeddedEngine(settings, pace=BRISK)
    await ready.start()
    yield ready
    await ready.stop()


@dataclass
class House:
    engine: EmbeddedEngine
    rooms: LiveKitRooms
    proxy: SignallingProxy
    port: int
    tickets: Tickets = field(default_factory=Tickets)
    noted: asyncio.Queue[tuple[EngineEvent, str, str]] = field(default_factory=asyncio.Queue)

    async def note(self, event: EngineEvent, room: str, identity: str) -> None:
        self.noted.put_nowait((event, room, identity))

    async def open(self, ticket: str, *, resume: str = "") -> ClientConnection:
        """As livekit-client does; ``resume`` is the participant's id at the engine."""
        wish = rtc.JoinRequest(reconnect=bool(resume), participant_sid=resume, metadata="Hanna Meier")
        wish.client_info.CopyFrom(models.ClientInfo(sdk=models.ClientInfo.JS, protocol=17, version="2.23.0"))
        url = f"ws://127.0.0.1:{self.port}/rtc/v1?access_token={ticket}&join_request={join_request(wish)}"
        return await connect(url, proxy=None, user_agent_header=CHROME, additional_headers={"X-Real-IP": "203.0.113.7"})


async def hear(client: ClientConnection) -> rtc.SignalResponse:
    raw = await client.recv()
    assert isinstance(raw, bytes)
    return rtc.SignalResponse.FromString(raw)


@pytest.fixture
async def house(settings: EngineSettings) -> AsyncIterator[House]:
    noted: asyncio.Queue[tuple[EngineEvent, str, str]] = asyncio.Queue()
    tickets = Tickets()

    async def note(event: EngineEvent, room: str, identity: str) -> None:
        noted.put_nowait((event, room, identity))

    engine = EmbeddedEngine(settings, webhook_url=lambda: listener.url, pace=BRISK)
    rooms = LiveKitRooms(engine)
    listener = LoopbackListener(WebhookDoor(lambda: engine.key, rooms.own_name, note))
    proxy = SignallingProxy(tickets, rooms, engine, max_participants=2, problem=problem)
    await listener.start()
    await engine.start()
    async with served(proxy) as port:
        yield House(engine, rooms, proxy, port, tickets, noted)
        await proxy.drop_all()
    await engine.stop()
    await listener.stop()
    rooms.close()
