"""A listener of its own on loopback, for what only this machine may ask: TLS and Host checks of the public port do not
matter to it, and nobody outside can reach it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

_Message = MutableMapping[str, Any]
App = Callable[[_Message, Callable[[], Awaitable[_Message]], Callable[[_Message], Awaitable[None]]], Awaitable[None]]


class LoopbackListener:
    """Serves ``app`` from ``start`` on, at ``url``; on a socket that listens already, or on a free port."""

    def __init__(self, app: App, listening: socket.socket | None = None) -> None:
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", ws="none", server_header=False, proxy_headers=False
        )
        self._server = _Server(config)
        self._listening = listening
        self._task: asyncio.Task[None] | None = None
        self.url: str | None = None

    async def start(self) -> None:
        listening = self._listening or _free()
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        self._task = asyncio.create_task(self._server.serve(sockets=[listening]), name="loopback")

    async def stop(self) -> None:
        self._server.should_exit = True
        if self._task is not None:
            _, late = await asyncio.wait((self._task,), timeout=2.0)
            for task in late:
                task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self.url = None


def _free() -> socket.socket:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()  # from here on nothing is lost, though the server takes a moment
    return listening


class _Server(uvicorn.Server):
    """Signals belong to the public server."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield
