"""One open signalling socket: two pumps, each of which waits for the slower side, and one reason to end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from klausur.domain.ports import Passage, SocketPlace
from klausur.media.livekit import Judgement, from_client, from_server

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MAX_MESSAGE_BYTES: Final = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Close:
    code: int
    reason: str = ""


ENGINE_GONE: Final = Close(1012, "engine_gone")
OVER: Final = Close(1000)
GARBAGE: Final = Close(4400, "malformed")
TOO_LARGE: Final = Close(1009, "too_large")
TOO_MANY: Final = Close(4429, "too_many_messages")
TOO_SLOW: Final = Close(1013, "too_slow")
REPLACED: Final = Close(4409, "replaced")


@dataclass(frozen=True, slots=True)
class Limits:
    messages_per_second: float = 50.0
    burst: float = 200.0
    """Connecting sends a candidate a message, and every track a few more."""
    message_bytes: int = MAX_MESSAGE_BYTES
    send_seconds: float = 10.0
    """So long a message may wait for a reader, on either side."""


class Allowance:
    """A token bucket."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._left = burst
        self._at = clock()

    def take(self) -> bool:
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Bridge:
    """Exists from the moment its ticket was accepted, so that dropping it cannot come too early."""

    def __init__(
        self,
        passage: Passage,
        limits: Limits,
        place: SocketPlace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.passage = passage
        self._place = place
        self._limits = limits
        self._clock = clock
        self._allowance = Allowance(limits.messages_per_second, limits.burst, clock)
        self._heard_at = clock()
        self._ending: asyncio.Future[Close] = asyncio.get_running_loop().create_future()
        self.done = asyncio.Event()

    def end(self, close: Close) -> None:
        """The first reason counts."""
        if not self._ending.done():
            self._ending.set_result(close)
            if self._place is not None:
                self._place.give_back()

    @property
    def ending(self) -> Close | None:
        return self._ending.result() if self._ending.done() else None

    def silent_for(self) -> float:
        """Seconds since the client last said anything."""
        return self._clock() - self._heard_at

    async def run(self, receive: Receive, send: Send, engine: ClientConnection) -> None:
        """Until either side or ``end`` is done; closes the client's socket if it is still there."""
        pumps = [
            asyncio.create_task(self._to_engine(receive, engine), name="signalling-to-engine"),
            asyncio.create_task(self._to_client(send, engine), name="signalling-to-client"),
        ]
        try:
            close = await asyncio.shield(self._ending)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        await self._close(send, close)

    async def _close(self, send: Send, close: Close) -> None:
        # The client may be gone, or may not read: neither is an error, and neither may keep us.
        with contextlib.suppress(OSError, RuntimeError, TimeoutError):
            async with asyncio.timeout(min(1.0, self._limits.send_seconds)):
                await send({"type": "websocket.close", "code": close.code, "reason": close.reason})

    async def _to_engine(self, receive: Receive, engine: ClientConnection) -> None:
        try:
            while (close := await self._pass_one(await receive(), engine)) is None:
                pass
            self.end(close)
        except TimeoutError:
            self.end(ENGINE_GONE)
        except ConnectionClosed:
            # A last message of the engine may be on its way; the other pump reads to the end and says so.
            return

    async def _pass_one(self, message: Message, engine: ClientConnection) -> Close | None:
        if message["type"] != "websocket.receive":
            return OVER
        self._heard_at = self._clock()
        raw = message.get("bytes")
        if raw is None:
            return GARBAGE
        if len(raw) > self._limits.message_bytes:
            return TOO_LARGE
        if not self._allowance.take():
            return TOO_MANY
        verdict = from_client(raw)
        if verdict.judgement is Judgement.CLOSE:
            return GARBAGE
        if verdict.judgement is Judgement.FORWARD:
            async with asyncio.timeout(self._limits.send_seconds):
                await engine.send(verdict.message)
        return None

    async def _to_client(self, send: Send, engine: ClientConnection) -> None:
        try:
            async for raw in engine:
                passed = from_server(raw) if isinstance(raw, bytes) else None
                if passed is not None:
                    async with asyncio.timeout(self._limits.send_seconds):
                        await send({"type": "websocket.send", "bytes": passed})
            self.end(OVER)
        except TimeoutError:
            self.end(TOO_SLOW)
        except (ConnectionClosed, ValueError):
            self.end(ENGINE_GONE)
        except (OSError, RuntimeError):  # the client is gone
            self.end(OVER)
