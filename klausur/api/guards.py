"""What is refused before any route sees it: foreign hosts and origins, bodies that are too large."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Set
from dataclasses import dataclass
from typing import Final

from klausur.api.asgi import App, Message, Receive, Scope, Send, header
from klausur.api.errors import refuse
from klausur.api.network import DIRECT
from klausur.domain.errors import KlausurError, Malformed, TooLarge, WrongHost, WrongOrigin

_READING = frozenset({"GET", "HEAD"})
_FOR_ANYBODY = frozenset({"/healthz", "/readyz"})
"""Asked by machines that know an address and no name, and say nothing about anybody."""
PROVES_ITSELF: Final = "/api/signin/provider/logout"
"""What the identity provider posts: no page of ours, so without our Origin, and signed instead. Nothing else is."""


@dataclass(frozen=True, slots=True)
class Site:
    origins: Set[str]
    """Of our own pages, as browsers write them."""
    proxied: bool
    """TLS ends at a trusted proxy: what comes past it came in clear."""


class OurSite:
    """Host on everything (DNS rebinding), Origin on everything that changes something and on sockets."""

    def __init__(self, app: App, site: Site) -> None:
        self._app = app
        self._origins = site.origins
        self._hosts = frozenset(origin.partition("://")[2] for origin in site.origins)
        self._own_ports = frozenset({":443" if all(o.startswith("https") for o in site.origins) else ":80"})
        self._proxied = site.proxied

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in _FOR_ANYBODY and scope["method"] in _READING:
            await self._app(scope, receive, send)
        elif not self._host_is_ours(scope) or (self._proxied and scope[DIRECT]):
            await refuse(scope, send, WrongHost())
        elif _changes(scope) and not _proves_itself(scope) and header(scope, b"origin") not in self._origins:
            await refuse(scope, send, WrongOrigin())
        else:
            await self._app(scope, receive, send)

    def _host_is_ours(self, scope: Scope) -> bool:
        host = (header(scope, b"host") or "").lower()
        for port in self._own_ports:
            host = host.removesuffix(port)
        return host in self._hosts


def _changes(scope: Scope) -> bool:
    return scope["type"] == "websocket" or scope["method"] not in _READING


def _proves_itself(scope: Scope) -> bool:
    return (scope["type"], scope.get("method"), scope["path"]) == ("http", "POST", PROVES_ITSELF)


@dataclass(frozen=True, slots=True)
class Larger:
    """A body that may be larger than others, where somebody may send it: reading and parsing it takes all the others'
    time."""

    at_most: int
    require: Callable[[Scope], Awaitable[None]]
    """Asked as soon as it is larger than others, and no earlier. Raises KlausurError."""
    within_seconds: float | None = None
    """For all of it, from when it may be sent; None: no longer than any other."""


class BodyLimit:
    """Reads the whole body before any route runs: no more than the limit, and not for longer than a client may take."""

    def __init__(
        self, app: App, at_most: int, larger: Mapping[tuple[str, str], Larger], within_seconds: float = 30.0
    ) -> None:
        """``larger``: by method and path, for the few routes whose bodies are."""
        self._app = app
        self._at_most = at_most
        self._larger = larger
        self._within = within_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._within) as ends:
                body = await self._read(scope, receive, ends)
        except KlausurError as error:
            await refuse(scope, send, error)
            return
        except TimeoutError:
            await refuse(scope, send, Malformed())
            return
        if body is None:
            return
        unread = [body]

        async def replay() -> Message:
            if unread:
                return {"type": "http.request", "body": unread.pop(), "more_body": False}
            return await receive()

        await self._app(scope, replay, send)

    async def _read(self, scope: Scope, receive: Receive, ends: asyncio.Timeout) -> bytes | None:
        """None when the client went away. Raises TooLarge, at once when the size is announced, and what ``Larger``
        does."""
        announced = header(scope, b"content-length") or "0"
        if not announced.isdigit():
            raise TooLarge
        at_most = await self._allowed(scope, int(announced), self._at_most, ends)
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return None
            body += message.get("body", b"")
            at_most = await self._allowed(scope, len(body), at_most, ends)
            if not message.get("more_body", False):
                return bytes(body)

    async def _allowed(self, scope: Scope, length: int, at_most: int, ends: asyncio.Timeout) -> int:
        """What may come in all, once there is or will be so much of it; and it may take as long as that does."""
        if length <= at_most:
            return at_most
        larger = self._larger.get((scope["method"], scope["path"]))
        if larger is None or length > larger.at_most:
            raise TooLarge
        await larger.require(scope)
        if larger.within_seconds is not None:
            ends.reschedule(asyncio.get_running_loop().time() + larger.within_seconds)
        return larger.at_most
