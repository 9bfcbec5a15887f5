"""ASGI's types, and the few things every part of the door does with them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


def header(scope: Scope, name: bytes) -> str | None:
    """The value; None when it is missing or given more than once, which no honest client does."""
    values = [value for key, value in scope["headers"] if key == name]
    return values[0].decode("latin-1") if len(values) == 1 else None


async def answer(scope: Scope, send: Send, status: int, headers: Headers, body: bytes) -> None:
    """A whole answer, also to a WebSocket that has not been accepted."""
    kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    sized = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": f"{kind}.start", "status": status, "headers": sized})
    sends_body = scope.get("method") != "HEAD"
    await send({"type": f"{kind}.body", "body": body if sends_body else b""})
