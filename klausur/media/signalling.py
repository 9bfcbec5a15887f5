"""The signalling proxy: LiveKit's protocol on our origin, opened with our tickets.

An engine token never reaches a browser and none is taken from one; no address of a client reaches the engine. Every
connection is checked anew, so a revoked ticket opens nothing, whatever the client still holds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import parse_qs, urlencode

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus

from klausur.domain.errors import EngineUnavailable, KlausurError, TicketInUse, TicketRefused
from klausur.domain.events import DropReason
from klausur.domain.ports import PLACE, Passage, SocketPlace, Tickets
from klausur.media.bridge import MAX_MESSAGE_BYTES, REPLACED, Bridge, Close, Limits, Receive, Send
from klausur.media.browsers import Browser, coarse_browser
from klausur.media.livekit import BadJoinError, JoinWish, read_join
from klausur.media.nodes import Engine

_log = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]

_TICKET: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_MAX_QUERY_BYTES: Final = 80 * 1024
_TRY_AGAIN: Final = 503
_CLOSES: Final = {
    DropReason.ENDED: Close(4410, "ended"),
    DropReason.NEW_TICKET: Close(4409, "new_ticket"),
    DropReason.RESTARTING: Close(1012, "restarting"),
}


Problem = Callable[[KlausurError], tuple[int, list[tuple[bytes, bytes]], bytes]]
"""Status, headers and body of a refusal, as all our doors write them."""


class Upstream(Protocol):
    """What the proxy needs of media.livekit.LiveKitRooms."""

    async def ensure_room(self, room: str, max_participants: int) -> None: ...

    async def permit(self, room: str, identity: str, *, share: bool) -> None: ...

    def token(self, passage: Passage) -> str: ...


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds."""

    engine_back: float = 5.0
    """A client that comes while the engine is restarting waits so long before it is refused: it would otherwise wait
    longer by itself, because its pauses grow."""
    engine_pause: float = 0.1
    """Between two attempts to reach it."""
    engine_answers: float = 5.0
    old_socket_ends: float = 1.5
    """A client that joins anew closes its old socket just before; the two may arrive in either order."""
    silence: float = 8.0
    """The engine asks clients to say something every 5 s: a socket silent for longer than this is a dead network's."""


@dataclass(frozen=True, slots=True)
class _Request:
    ticket: str
    join: JoinWish
    browser: Browser


class _EngineSaidNoError(EngineUnavailable):
    """It is there and does not want this socket: asking again at once would not help."""


class SignallingProxy:
    """ASGI application for the WebSocket ``/rtc/v1`` and for ``GET`` and ``HEAD`` of ``/rtc/v1/validate``."""

    def __init__(
        self,
        tickets: Tickets,
        rooms: Upstream,
        engine: Engine,
        *,
        max_participants: int,
        problem: Problem,
        limits: Limits | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._tickets = tickets
        self._rooms = rooms
        self._engine = engine
        self._max_participants = max_participants
        self._problem = problem
        self._limits = limits or Limits()
        self._patience = patience or Patience()
        self._bridges: dict[str, Bridge] = {}
        """By the ticket's hash: a ticket has one socket."""
        self._of_seats: defaultdict[tuple[str, str], set[Bridge]] = defaultdict(set)
        """By meeting and pseudonym."""
        self._closing: Close | None = None
        # The library's debug lines hold whole requests, tokens included: nobody gets to hear them.
        self._silent = logging.getLogger(f"{__name__}.upstream")
        self._silent.setLevel(logging.CRITICAL + 1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._validate(scope, send)

    # -- Connections

    async def drop(self, meeting: str, pseudonym: str, *, reason: str) -> None:
        close = _CLOSES.get(DropReason(reason), Close(1008, reason))
        for bridge in self._of_seats.get((meeting, pseudonym), ()):
            bridge.end(close)

    async def drop_all(self, close: Close = _CLOSES[DropReason.RESTARTING]) -> None:
        """For shutting down: from now on nobody is let in either."""
        self._closing = close
        for bridge in self._bridges.values():
            bridge.end(close)
        waits = [asyncio.create_task(bridge.done.wait()) for bridge in self._bridges.values()]
        if waits:
            _, late = await asyncio.wait(waits, timeout=2.0)
            for wait in late:
                wait.cancel()

    @property
    def open_sockets(self) -> int:
        return len(self._bridges)

    # -- the socket

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        try:
            request = _read(scope)
            passage = await self._tickets.redeem(request.ticket)
            await self._make_room(passage, request.join)
            async with self._registered(passage, scope.get(PLACE)) as bridge, self._upstream(bridge, request) as engine:
                if bridge.ending is not None:
                    raise TicketRefused
                await self._tickets.connected(passage)
                try:
                    await send({"type": "websocket.accept"})
                    await bridge.run(receive, send, engine)
                finally:
                    await asyncio.shield(self._tickets.disconnected(passage))
        except KlausurError as error:
            await self._refuse(send, "websocket.http.response", error)

    async def _make_room(self, passage: Passage, join: JoinWish) -> None:
        """One ticket, one socket. Raises TicketInUse."""
        old = self._bridges.get(passage.ticket)
        if old is None:
            return
        if join.resume or old.silent_for() > self._patience.silence:
            old.end(REPLACED)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience.old_socket_ends):
                await old.done.wait()
        if passage.ticket in self._bridges:
            raise TicketInUse

    @asynccontextmanager
    async def _registered(self, passage: Passage, place: SocketPlace | None) -> AsyncIterator[Bridge]:
        """No await lies between the last look at the registry and this entry in it. Raises TooManyAttempts."""
        bridge = Bridge(passage, self._limits, place)
        if self._closing is not None:
            raise EngineUnavailable("shutting down")
        if place is not None:
            place.settle()
        of_seat = self._of_seats[passage.meeting, passage.pseudonym]
        self._bridges[passage.ticket] = bridge
        of_seat.add(bridge)
        try:
            yield bridge
        finally:
            del self._bridges[passage.ticket]
            of_seat.discard(bridge)
            if not of_seat:
                self._of_seats.pop((passage.meeting, passage.pseudonym), None)
            bridge.done.set()

    @asynccontextmanager
    async def _upstream(self, bridge: Bridge, request: _Request) -> AsyncIterator[ClientConnection]:
        """The engine's end. The ticket is looked at once more when it stands: what was revoked between the first look
        and the entry in the registry would otherwise stay open, because nobody found it there to close it; and who may
        share may have changed since the token was made.

        Whether a screen is published is the engine's to judge, not also ours: it learns of every change during the
        call, while a passage only says what held when its socket was opened."""
        engine = await self._dial_patiently(bridge, request)
        try:
            passage = await self._tickets.redeem(request.ticket)
            if passage.may_share != bridge.passage.may_share:
                await self._rooms.permit(passage.room, passage.pseudonym, share=passage.may_share)
            yield engine
        finally:
            await asyncio.shield(_hang_up(engine))

    async def _dial_patiently(self, bridge: Bridge, request: _Request) -> ClientConnection:
        """An engine that has just died is called healthy for a moment longer, so not being there is asked of itself."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience.engine_back
        while bridge.ending is None:
            if not await self._engine.wait_healthy(deadline - loop.time()):
                break
            try:
                return await self._dial(bridge.passage, request)
            except _EngineSaidNoError:
                raise
            except EngineUnavailable:
                if loop.time() + self._patience.engine_pause >= deadline:
                    raise
                await asyncio.sleep(self._patience.engine_pause)
        raise EngineUnavailable("not there")

    async def _dial(self, passage: Passage, request: _Request) -> ClientConnection:
        """Twice, because a room may end between being made and being entered."""
        failure: Exception | None = None
        for _ in range(2):
            await self._rooms.ensure_room(passage.room, self._max_participants)
            for url in self._engine.urls:
                try:
                    return await self._connect(url, passage, request)
                except InvalidStatus as error:
                    failure = error
                    break
                except (OSError, InvalidHandshake, TimeoutError) as error:
                    failure = error
        unavailable = _EngineSaidNoError if isinstance(failure, InvalidStatus) else EngineUnavailable
        raise unavailable("no node took the socket") from failure

    async def _connect(self, url: str, passage: Passage, request: _Request) -> ClientConnection:
        query = urlencode({"join_request": request.join.parameter})
        return await _Connect(
            f"ws{url.removeprefix('http')}/rtc/v1?{query}",
            additional_headers={"Authorization": f"Bearer {self._rooms.token(passage)}"},
            user_agent_header=request.browser.user_agent,
            compression=None,
            proxy=None,
            max_size=MAX_MESSAGE_BYTES,
            max_queue=16,
            open_timeout=self._patience.engine_answers,
            close_timeout=0.2,  # a new socket of the same ticket waits for this one's end
            ping_interval=None,  # the client's own pings go through; an engine that hangs is found by its supervisor
            logger=self._silent,
        )

    # -- what a browser asks when the socket was refused, because it is not told why

    async def _validate(self, scope: Scope, send: Send) -> None:
        """401 and 403 make livekit-client give up, 404 makes it try an old path, everything else makes it try again.

        So this says 401 or 403 only if trying again cannot help, and 503 in every other case, also when the socket
        would be taken now: the network may have failed, or the engine come back, between the two requests.
        """
        error: KlausurError = EngineUnavailable("try again")
        try:
            request = _read(scope)
            passage = await self._tickets.redeem(request.ticket)
            old = self._bridges.get(passage.ticket)
            if old is not None and not request.join.resume and old.silent_for() <= self._patience.silence:
                error = TicketInUse()
        except KlausurError as refused:
            error = refused
        await self._refuse(send, "http.response", error)

    async def _refuse(self, send: Send, kind: str, error: KlausurError) -> None:
        """``kind``: prefix of the ASGI messages; a socket not yet accepted is refused with a real HTTP answer too."""
        status, headers, body = self._problem(error)
        headers = [*headers, (b"cache-control", b"no-store")]
        if status == _TRY_AGAIN:
            headers.append((b"retry-after", b"1"))
        # Anybody can be refused as often as they like: at a level that is usually off, they cannot fill the log.
        _log.debug("signalling_refused", code=error.code, status=status)
        with contextlib.suppress(OSError):  # it is gone
            await send({"type": f"{kind}.start", "status": status, "headers": headers})
            await send({"type": f"{kind}.body", "body": body})


class _Connect(connect):
    def process_redirect(self, exc: Exception) -> Exception | str:
        """Follows none: the token is for this node."""
        return exc


async def _hang_up(engine: ClientConnection) -> None:
    with contextlib.suppress(OSError):
        await engine.close()


def _read(scope: Scope) -> _Request:
    """Raises TicketRefused for whatever is not a request of our client."""
    raw: bytes = scope["query_string"]
    if len(raw) > _MAX_QUERY_BYTES:
        raise TicketRefused("query too long")
    try:
        query = parse_qs(raw.decode("ascii"), strict_parsing=True, max_num_fields=16)
    except ValueError as error:
        raise TicketRefused("malformed query") from error
    tickets, joins = query.get("access_token", []), query.get("join_request", [])
    if len(tickets) != 1 or len(joins) != 1 or not _TICKET.fullmatch(tickets[0]):
        raise TicketRefused("malformed")
    browser = coarse_browser(_header(scope, b"user-agent"))
    try:
        return _Request(tickets[0], read_join(joins[0], browser), browser)
    except BadJoinError as error:
        raise TicketRefused("bad join request") from error


def _header(scope: Scope, name: bytes) -> str:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    return next((value.decode("latin-1") for key, value in headers if key.lower() == name), "")
