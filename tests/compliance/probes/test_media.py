"""What Hanna's browser is told by the media engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from livekit.protocol import models, rtc
from websockets.asyncio.server import ServerConnection, serve

from klausur.compliance.evidence import Status
from klausur.compliance.probes import media_ice_servers
from tests.compliance.probes.running import installed
from tests.house import NoNodes


@asynccontextmanager
async def engine(monkeypatch: pytest.MonkeyPatch, *urls: str) -> AsyncIterator[None]:
    """One that answers to joining, and no more; ``urls``: the servers that it hands out."""

    async def answer(socket: ServerConnection) -> None:
        pseudonym = socket.request.headers["authorization"].split()[-1] if socket.request else ""
        joined = rtc.JoinResponse(participant=models.ParticipantInfo(identity=pseudonym))
        joined.ice_servers.add(urls=urls)
        await socket.send(rtc.SignalResponse(join=joined).SerializeToString())
        await socket.wait_closed()

    async with serve(answer, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        monkeypatch.setattr(NoNodes, "urls", [f"http://127.0.0.1:{port}"])
        monkeypatch.setattr(NoNodes, "wait_healthy", _healthy)
        yield


async def _healthy(_nodes: NoNodes, _seconds: float) -> bool:
    return True


@pytest.mark.parametrize("urls", [[], ["stun:127.0.0.1:9"], ["turns:localhost:443?transport=tcp"]])
async def test_browsers_are_sent_to_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, urls: Sequence[str]
) -> None:
    async with engine(monkeypatch, *urls), installed(tmp_path) as its:
        assert "none of others" in await its.is_green(media_ice_servers.PROBE)


@pytest.mark.parametrize("url", ["turns:203.0.113.5:443?transport=tcp", "turns:[2001:db8::5]:443?transport=tcp"])
async def test_each_address_for_media_is_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    async with engine(monkeypatch, url), installed(tmp_path, media_address="203.0.113.5,2001:db8::5") as its:
        assert "none of others" in await its.is_green(media_ice_servers.PROBE)


async def test_an_unencrypted_relay_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with engine(monkeypatch, "turn:localhost:3478"), installed(tmp_path) as its:
        assert "turn:localhost:3478" in await its.is_red(media_ice_servers.PROBE)


async def test_without_an_engine_it_cannot_be_tried(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        seen = await its.look(media_ice_servers.PROBE)
        assert seen.status is Status.BLOCKED
