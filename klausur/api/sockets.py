"""The events socket of a meeting, as docs/protocol.md describes it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any, Final

from klausur.actions.attend import Attendance, prove_seat
from klausur.actions.presence import Presence
from klausur.actions.views import open_knock
from klausur.actions.world import World
from klausur.api import hub as farewells
from klausur.api import messages
from klausur.api.asgi import Receive, Send
from klausur.api.errors import note
from klausur.api.hub import Farewell, Hub, Listener, encode
from klausur.domain.errors import Declined, KlausurError, Malformed, NotAllowed, TooManyAttempts
from klausur.domain.limits import HELLO_WITHIN_SECONDS
from klausur.domain.meeting import Seat
from klausur.domain.policy import TABLE, Operation, Role
from klausur.domain.ports import SocketPlace


@dataclass(frozen=True, slots=True)
class SocketLimits:
    message_bytes: int
    messages_per_second: int
    hello_within: float = HELLO_WITHIN_SECONDS

    @property
    def acts_per_second(self) -> int:
        """Each goes to everybody, and most of them to the media engine."""
        return self.messages_per_second // 5

    @property
    def reactions_per_second(self) -> int:
        return self.messages_per_second // 10


class _Close(Exception):
    def __init__(self, farewell: Farewell) -> None:
        self.farewell = farewell


class _Gone(Exception):
    pass


_ERRORS: Final = {
    "malformed": farewells.MALFORMED,
    "not_your_seat": farewells.NOT_YOUR_SEAT,
    "not_admitted": farewells.NOT_YOUR_SEAT,
    "removed": farewells.REMOVED,
    "too_many_attempts": farewells.TOO_MANY,
}


_WRITTEN_DOWN: Final = (farewells.ADMITTED, farewells.NOT_YOUR_SEAT, farewells.REMOVED, farewells.ENDED)
"""Follow from a transaction after which the seat has no socket on this side of the door any more."""
_BROKEN: Final = frozenset({"malformed", "storage_unavailable", "internal"})
"""What ends the socket. Everything else that an action refuses is told to who asked."""

LISTENING: Final = Operation.LISTEN
"""The power that ``hello`` needs."""


class Pace:
    """So many messages a second; a burst of one second's worth is spread over nothing."""

    def __init__(self, per_second: int, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._clock = clock
        self._second = clock()
        self._count = 0

    def take(self) -> bool:
        now = self._clock()
        if now - self._second >= 1.0:
            self._second, self._count = now, 0
        self._count += 1
        return self._count <= self._per_second


class EventsSocket:
    """ASGI application for one path parameter: the meeting."""

    def __init__(self, world: World, presence: Presence, hub: Hub, limits: SocketLimits) -> None:
        self._world = world
        self._presence = presence
        self._hub = hub
        self._limits = limits

    async def serve(self, meeting: str, receive: Receive, send: Send, place: SocketPlace) -> None:
        await receive()  # websocket.connect
        await send({"type": "websocket.accept"})
        try:
            await self._converse(meeting, receive, send, place)
        except _Close as close:
            await _close(send, close.farewell)
        except (_Gone, OSError):
            pass  # OSError is how uvicorn says that the socket is no more
        except KlausurError as error:
            note(error)
            farewell = _farewell(error)
            with suppress(OSError):
                await _say(send, farewell)
                await _close(send, farewell)

    async def _converse(self, meeting: str, receive: Receive, send: Send, place: SocketPlace) -> None:
        inbox = Inbox(receive, self._limits)
        pseudonym, secret = await self._hello(inbox)
        await prove_seat(self._world, meeting, pseudonym, secret)
        async with self._listening(meeting, pseudonym, secret, place) as (listener, greeting):
            await send(_text(greeting))
            await self._both_ways(listener, inbox, send)

    def _waiting(self, seat: Seat) -> dict[str, Any]:
        """Nothing of the meeting, and no way to look: whoever is admitted meanwhile is told so by the queue."""
        return {"type": "waiting", "session": seat.session, "server_time": self._world.clock.now()}

    async def _hello(self, inbox: Inbox) -> tuple[str, str]:
        try:
            async with asyncio.timeout(self._limits.hello_within):
                message = await inbox.next()
        except TimeoutError:
            raise _Close(farewells.NO_HELLO) from None
        pseudonym, secret = message.get("pseudonym"), message.get("secret")
        if message.get("type") != "hello" or not isinstance(pseudonym, str) or not isinstance(secret, str):
            raise Malformed
        return pseudonym, secret

    @asynccontextmanager
    async def _listening(
        self, meeting: str, pseudonym: str, secret: str, place: SocketPlace
    ) -> AsyncIterator[tuple[Listener, dict[str, Any]]]:
        """With its greeting."""
        seat, attendance = await self._presence.listens(meeting, pseudonym, secret)
        # No await lies between what was read in the transaction and the entry on the one side or the other: an
        # admission or removal that comes next finds the socket there, and whatever else is told is queued.
        lobby = attendance is None
        listener = self._hub.join(meeting, pseudonym, place, lobby=lobby)
        try:
            if listener.farewell is None:
                place.settle()
            yield listener, _welcome(attendance) if attendance else self._waiting(seat)
        finally:
            self._hub.part(listener)
            if listener.farewell not in _WRITTEN_DOWN:
                await asyncio.shield(self._presence.disconnected(meeting, pseudonym, lobby=lobby))

    async def _both_ways(self, listener: Listener, inbox: Inbox, send: Send) -> None:
        """Until either side has had enough. A writer that is stuck in front of a slow reader is given up with it."""
        reading = asyncio.create_task(self._read(listener, inbox))
        writing = asyncio.create_task(_write(listener, send))
        ending = asyncio.create_task(listener.ended())
        tasks = {reading, writing, ending}
        try:
            done, _ = await asyncio.wait({reading, writing, ending}, return_when=asyncio.FIRST_COMPLETED)
            if ending in done and not writing.done():
                # It may say its last word, if the reader takes it.
                await asyncio.wait({writing}, timeout=_LAST_WORD_SECONDS)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        if listener.farewell is not None:
            raise _Close(listener.farewell)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _read(self, listener: Listener, inbox: Inbox) -> None:
        clock = asyncio.get_running_loop().time
        acts, reactions = Pace(self._limits.acts_per_second, clock), Pace(self._limits.reactions_per_second, clock)
        # They go to everybody too.
        paces = {Operation.REACT: reactions, Operation.ANNOUNCE: Pace(self._limits.acts_per_second, clock)}
        while True:
            message = await inbox.next()
            name, command = messages.find(message)
            pace = paces.get(command.operation, acts if command.is_act else None)
            try:
                if pace and not pace.take():
                    raise TooManyAttempts(1)
                if listener.lobby and Role.WAITING not in TABLE[command.operation].by:
                    raise NotAllowed
                await command.handle(self._world, listener, message)
            except KlausurError as error:
                if error.code in _BROKEN:
                    raise
                note(error)
                listener.put(encode(messages.refused(name, message, error.code)))


_LAST_WORD_SECONDS: Final = 1.0


class Inbox:
    """Messages of a client, checked for size, pace and form."""

    def __init__(self, receive: Receive, limits: SocketLimits) -> None:
        self._receive = receive
        self._at_most = limits.message_bytes
        self._pace = Pace(limits.messages_per_second, asyncio.get_running_loop().time)

    async def next(self) -> dict[str, Any]:
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            raise _Gone
        if not self._pace.take():
            raise _Close(farewells.TOO_MANY)
        text = message.get("text")
        if not isinstance(text, str):
            raise Malformed
        if len(text.encode()) > self._at_most:
            raise _Close(farewells.TOO_LARGE)
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            raise Malformed from None
        if not isinstance(told, dict):
            raise Malformed
        return told


async def _write(listener: Listener, send: Send) -> None:
    while (message := await listener.next()) is not None:
        await send({"type": "websocket.send", "text": message})


def _farewell(error: KlausurError) -> Farewell:
    if isinstance(error, Declined):
        return farewells.DECLINED if error.again else farewells.DECLINED_TWICE
    return _ERRORS.get(error.code, farewells.PART_FAILS)


async def _say(send: Send, farewell: Farewell) -> None:
    """The last word to a socket that has no queue yet."""
    if farewell.last_word is not None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORD_SECONDS):
                await send(_text(farewell.last_word))


async def _close(send: Send, farewell: Farewell) -> None:
    """A reader that takes nothing would hold us here as long as it likes."""
    try:
        async with asyncio.timeout(_LAST_WORD_SECONDS):
            await send({"type": "websocket.close", "code": farewell.code})
    except (TimeoutError, OSError):
        return


def _welcome(attendance: Attendance) -> dict[str, Any]:
    return {
        "type": "welcome",
        "session": attendance.session,
        "server_time": attendance.server_time,
        "began_at": attendance.began_at,
        "card": asdict(attendance.card) if attendance.card else None,
        "rules": asdict(attendance.rules) if attendance.rules else None,
        "locked": attendance.locked,
        "roster": attendance.roster,
        "knocks": [open_knock(seat) for seat in attendance.knocks],
    }


def _text(message: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "websocket.send", "text": encode(message)}
