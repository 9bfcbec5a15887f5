"""uvicorn, as strict as this door needs it.

What it leaves open by default (read in its source, 0.54): headers of any length that may take for ever, 16 MiB a
message, compression, lines with address and query of each socket, proxy headers from anybody on loopback, and sockets
that stay in memory for as long as their reader reads nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from klausur.api.asgi import App
from klausur.api.headers import standing

_HEADER_BYTES: Final = 96 * 1024
"""The query of a signalling socket holds an offer; nothing else comes near it."""
_HEADER_SECONDS: Final = 10.0
_LINGER_SECONDS: Final = 10.0


class PatientHttp(HttpToolsProtocol):
    """Bounds a request's head in size and in time, from the first byte of a connection on."""

    _head_bytes = 0
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head_timer is not None:  # the head has still not ended
            self._head_bytes += len(data)
            if self._head_bytes > _HEADER_BYTES:
                self._hang_up()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._head_timer is None:
            self._await_head()

    def on_headers_complete(self) -> None:
        self._head_is_here()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_here()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """uvicorn's own answer to what is not HTTP, with the headers that stand on every answer."""
        del msg
        self.transport.write(_plain(HTTPStatus.BAD_REQUEST, tls=self.scheme == "https"))
        self.transport.close()

    def _await_head(self) -> None:
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(_HEADER_SECONDS, self._hang_up)

    def _head_is_here(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _hang_up(self) -> None:
        self._head_is_here()
        self.transport.abort()


class BoundedSocket(WebSocketsSansIOProtocol):
    """A reader that reads nothing would keep its socket, and what is written to it, for as long as TCP allows."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            # websockets has given up on the head (a line of more than 8 KiB, for one), and uvicorn does not look: the
            # client would wait for ever, and a stop of the server would fail on a connection that is half over.
            self._refuse_handshake()

    def handle_connect(self, event: Request) -> None:
        """What websockets would say to a handshake that is none names its own parts, and lacks our headers."""
        if self.conn.accept(event).status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            super().handle_connect(event)
        else:
            self.handshake_initiated = True
            self.close_sent = True
            self._refuse_handshake()

    def send_500_response(self) -> None:
        if self.initial_response is None and not self.handshake_complete:
            self.transport.write(_plain(HTTPStatus.INTERNAL_SERVER_ERROR, tls=self.scheme == "wss"))

    def _refuse_handshake(self) -> None:
        self.handshake_complete = True
        self.transport.write(_plain(HTTPStatus.BAD_REQUEST, tls=self.scheme == "wss"))
        self.transport.close()

    async def run_asgi(self) -> None:
        try:
            await super().run_asgi()
        finally:
            self.loop.call_later(_LINGER_SECONDS, self.transport.abort)


def _plain(status: HTTPStatus, *, tls: bool) -> bytes:
    body = f"{status.phrase}\n".encode()
    headers = [
        *standing(tls=tls),
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    head = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    return f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() + head + b"\r\n" + body


@dataclass(frozen=True, slots=True)
class Serving:
    sockets: Sequence[socket.socket]
    message_bytes: int
    """Of the largest message on any socket."""
    tls_cert: Path | None = None
    tls_key: Path | None = None


class Server(uvicorn.Server):
    """Ends when told to, with what ``before_end`` has to say first."""

    def __init__(
        self, app: App, serving: Serving, *, ready: Callable[[], None], before_end: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(_config(app, serving))
        self._ready = ready
        self._before_end = before_end

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._before_end()
        await super().shutdown(sockets)

    def end(self) -> None:
        """Asked for twice, it waits for nobody."""
        self.force_exit = self.should_exit
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to whoever runs us: uvicorn would hear none before its own start, and end the process by the
        signal after a clean shutdown, so that the status is not 0."""
        yield


_SUITES: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2: Python's own would also agree to suites that encrypt without authentication."""


def _config(app: App, serving: Serving) -> uvicorn.Config:
    tls: dict[str, Any] = {}
    if serving.tls_cert is not None:
        tls = {"ssl_certfile": str(serving.tls_cert), "ssl_keyfile": str(serving.tls_key), "ssl_ciphers": _SUITES}
    return uvicorn.Config(
        app,
        http=PatientHttp,
        ws=BoundedSocket,
        ws_max_size=serving.message_bytes,
        ws_per_message_deflate=False,
        # A dead network's sockets count for their network until they are found dead.
        ws_ping_interval=10.0,
        ws_ping_timeout=10.0,
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=1024,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=3,
        **tls,
    )
