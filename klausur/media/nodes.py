"""Where the media engine is, whoever runs it: what the rest of ``media`` needs to know of it."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Signs tokens for the engine and checks its webhooks. Never printed, never sent to a browser."""

    name: str
    secret: str = field(repr=False)


class Engine(Protocol):
    """One embedded process or several outside nodes that share a room table."""

    @property
    def key(self) -> ApiKey: ...

    @property
    def urls(self) -> Sequence[str]:
        """``http(s)://host:port`` of the nodes, the one to try first in front. Empty while there is none."""
        ...

    @property
    def healthy(self) -> bool: ...

    async def wait_healthy(self, seconds: float) -> bool:
        """Waits at most so long; whether it is healthy now."""
        ...

    async def start(self) -> None:
        """Raises EngineNotStartedError."""
        ...

    async def stop(self) -> None: ...


class EngineNotStartedError(Exception):
    """Why, in one sentence for the operator, and which setting to look at."""

    def __init__(self, setting: str, sentence: str) -> None:
        super().__init__(sentence)
        self.setting = setting
        self.sentence = sentence


def connection_to(url: str, timeout: float) -> http.client.HTTPConnection:
    """Not yet opened. ``http.client`` asks no proxy and follows no redirect."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme in ("https", "wss"):
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=context)
    return http.client.HTTPConnection(host, parts.port, timeout=timeout)


def answers(url: str, timeout: float) -> bool:
    """Whether the node says it is well: 200 on ``/``. It says 406 when its own statistics have stopped. Blocks."""
    connection = connection_to(url, timeout)
    try:
        connection.request("GET", urlsplit(url).path or "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
