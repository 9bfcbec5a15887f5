"""uvicorn as we run it, on a real socket, with clients that do what no browser does."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from klausur.api import server
from klausur.api.headers import ALWAYS
from tests.house import House, house


@dataclass
class Running:
    port: int
    house: House
    ended: list[str]
    server: server.Server

    async def raw(self, sent: bytes) -> bytes:
        """What comes back until the server closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(sent)
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""
        finally:
            writer.close()


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Running]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    async with house(folder, port=port) as built:
        ready = asyncio.Event()
        ended: list[str] = []

        async def before_end() -> None:
            ended.append("said goodbye")
            await built.built.hub.restart()

        serving = server.Serving([listening], message_bytes=256 * 1024)
        served = server.Server(built.built.app, serving, ready=ready.set, before_end=before_end)
        task = asyncio.create_task(served.serve([listening]))
        await ready.wait()
        yield Running(port, built, ended, served)
        served.end()
        await task


def request(running: Running, extra: bytes = b"") -> bytes:
    return b"GET /healthz HTTP/1.1\r\nhost: localhost:%d\r\n%s" % (running.port, extra)


async def test_what_is_not_http_gets_a_400_with_the_standing_headers(tmp_path: Path) -> None:
    async with running(tmp_path) as it:
        answer = await it.raw(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 400 ")
        for name, value in ALWAYS:
            assert name + b": " + value in answer


async def test_headers_without_end_are_cut_off(tmp_path: Path) -> None:
    async with running(tmp_path) as it:
        assert await it.raw(request(it) + b"x-long: " + b"x" * 200_000) == b""
        assert await it.raw(request(it) + b"".join(b"x-%d: y\r\n" % n for n in range(20_000))) == b""


async def test_a_socket_with_an_endless_address_gets_a_400_and_does_not_disturb_the_end(tmp_path: Path) -> None:
    async with running(tmp_path) as it:
        upgrade = b"connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
        head = b"GET /rtc/v1?access_token=%s HTTP/1.1\r\nhost: localhost:%d\r\n" % (b"x" * 20_000, it.port)
        reader, writer = await asyncio.open_connection("127.0.0.1", it.port)
        writer.write(head + upgrade + b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
        writer.close()


@pytest.mark.parametrize(
    "handshake",
    [
        b"sec-websocket-version: 13\r\n",
        b"sec-websocket-version: 13\r\nsec-websocket-key: short\r\n",
        b"sec-websocket-version: 7\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    ],
)
async def test_a_handshake_that_is_none_gets_a_400_with_the_standing_headers_and_no_reasons(
    tmp_path: Path, handshake: bytes
) -> None:
    async with running(tmp_path) as it:
        upgrade = b"connection: upgrade\r\nupgrade: websocket\r\n" + handshake
        answer = await it.raw(b"GET /rtc/v1 HTTP/1.1\r\nhost: localhost:%d\r\n%s\r\n" % (it.port, upgrade))
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ")
        assert body == b"Bad Request\n"
        for name, value in ALWAYS:
            assert head.count(name + b": " + value) == 1


async def test_headers_that_take_for_ever_are_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_HEADER_SECONDS", 0.05)
    async with running(tmp_path) as it:
        assert await it.raw(b"") == b""
        assert await it.raw(request(it)) == b""


async def test_an_ordinary_request_is_served_and_another_on_the_same_connection(tmp_path: Path) -> None:
    async with running(tmp_path) as it:
        answer = await it.raw(request(it) + b"\r\n" + request(it, b"connection: close\r\n") + b"\r\n")
        assert answer.count(b"HTTP/1.1 200 ") == 2
        assert b"server:" not in answer


async def test_a_large_body_is_not_a_large_head(tmp_path: Path) -> None:
    async with running(tmp_path) as it:
        head = b"POST /api/meetings HTTP/1.1\r\nhost: localhost:%d\r\n" % it.port
        head += b"origin: http://localhost:%d\r\nconnection: close\r\n" % it.port
        answer = await it.raw(head + b"content-length: 200000\r\n\r\n" + b"x" * 200_000)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b'"malformed"' in answer


async def test_a_message_of_ten_megabytes_is_not_taken(tmp_path: Path) -> None:
    async with running(tmp_path) as it:
        url = f"ws://localhost:{it.port}/api/meetings/x/events"
        async with connect(url, origin=f"http://localhost:{it.port}", proxy=None) as socket:  # type: ignore[arg-type]
            sending = asyncio.ensure_future(socket.send("x" * 10_000_000))
            with pytest.raises(ConnectionClosed) as caught:
                await socket.recv()
            await asyncio.wait([sending])
            sending.exception()
            assert caught.value.rcvd is not None
            assert caught.value.rcvd.code == 1009
            assert "permessage-deflate" not in socket.response.headers.get("sec-websocket-extensions", "")  # type: ignore[union-attr]


async def test_a_stop_says_goodbye_before_the_sockets_close(tmp_path: Path) -> None:
    async with running(tmp_path) as it:
        link = await it.house.open_meeting()
        place = await it.house.join(link)
        url = f"ws://localhost:{it.port}/api/meetings/{link.meeting}/events"
        async with connect(url, origin=f"http://localhost:{it.port}", proxy=None) as socket:  # type: ignore[arg-type]
            hello = f'{{"type":"hello","pseudonym":"{place.pseudonym}","secret":"{place.secret}"}}'
            await socket.send(hello)
            await socket.recv()
            it.server.should_exit = True
            assert await socket.recv() == '{"type":"restarting"}'
            with pytest.raises(ConnectionClosed) as caught:
                await socket.recv()
            assert caught.value.rcvd is not None
            assert caught.value.rcvd.code == 1012
    assert it.ended == ["said goodbye"]
