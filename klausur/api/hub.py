"""The open events sockets: fulfils ports.Audience, and ports.Connections for them.

Whoever waits in front of the door is kept apart from those inside: nothing that is told reaches them. They hear answers
to what they say themselves, and a farewell.

Telling never waits. What a reader has not fetched yet stands in a short queue; when that is full the reader is cut
off, and comes back to a fresh roster.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from klausur.api.moments import rfc3339
from klausur.domain.events import DropReason
from klausur.domain.ports import SocketPlace

QUEUE_LENGTH: Final = 512
"""Messages. Everybody of a full meeting may come back at once after a restart."""


@dataclass(frozen=True, slots=True)
class Farewell:
    code: int
    last_word: Mapping[str, Any] | None = None


ADMITTED: Final = Farewell(4200, {"type": "admitted"})
MALFORMED: Final = Farewell(4400)
NOT_YOUR_SEAT: Final = Farewell(4401)
DECLINED: Final = Farewell(4403, {"type": "declined", "again": True})
DECLINED_TWICE: Final = Farewell(4403, {"type": "declined", "again": False})
REMOVED: Final = Farewell(4404, {"type": "removed"})
NO_HELLO: Final = Farewell(4408)
REPLACED: Final = Farewell(4409)
ENDED: Final = Farewell(4410, {"type": "ended"})
TOO_MANY: Final = Farewell(4429)
TOO_LARGE: Final = Farewell(1009)
RESTARTING: Final = Farewell(1012, {"type": "restarting"})
TOO_SLOW: Final = Farewell(1013)
PART_FAILS: Final = Farewell(4503)

_FROM_THE_LOBBY: Final = frozenset({ADMITTED.code, DECLINED.code})
"""Farewells to those who wait. Somebody who has come in meanwhile is not sent away by them."""

_FAREWELLS: Final = {
    DropReason.LEFT: NOT_YOUR_SEAT,
    DropReason.GIVEN_UP: NOT_YOUR_SEAT,
    DropReason.NOT_ENCRYPTED: NOT_YOUR_SEAT,
    DropReason.REMOVED: REMOVED,
    DropReason.ADMITTED: ADMITTED,
    DropReason.DECLINED: DECLINED,
    DropReason.DECLINED_TWICE: DECLINED_TWICE,
    DropReason.ENDED: ENDED,
    DropReason.RESTARTING: RESTARTING,
}


@dataclass(eq=False)
class Listener:
    """One socket's queue. ``farewell`` ends it: at once, or behind what is queued when it has a last word."""

    meeting: str
    pseudonym: str
    lobby: bool = False
    """Of somebody who waits."""
    _queue: deque[str] = field(default_factory=deque)
    _stir: asyncio.Event = field(default_factory=asyncio.Event)
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    farewell: Farewell | None = None
    place: SocketPlace | None = None
    """Given back as soon as the socket is sent away."""

    def put(self, message: str) -> None:
        if self.farewell is not None:
            return
        if len(self._queue) >= QUEUE_LENGTH:
            self.end(TOO_SLOW)
            return
        self._queue.append(message)
        self._stir.set()

    def end(self, farewell: Farewell) -> None:
        if self.farewell is not None:
            return
        if farewell.last_word is None:
            self._queue.clear()
        else:
            self._queue.append(encode(farewell.last_word))
        self.farewell = farewell
        if self.place is not None:
            self.place.give_back()
        self._stir.set()
        self._over.set()

    async def ended(self) -> None:
        await self._over.wait()

    async def next(self) -> str | None:
        """None when there is nothing more to come."""
        while not self._queue and self.farewell is None:
            self._stir.clear()
            await self._stir.wait()
        return self._queue.popleft() if self._queue else None


class Hub:
    def __init__(self) -> None:
        self._inside: dict[str, dict[str, Listener]] = {}
        self._lobby: dict[str, dict[str, Listener]] = {}
        self._closing = False
        self._empty = asyncio.Event()

    def join(self, meeting: str, pseudonym: str, place: SocketPlace, *, lobby: bool) -> Listener:
        """A second socket of the same seat replaces the first."""
        for listener in self._of(meeting, pseudonym):
            listener.end(REPLACED)
            self.part(listener)
        listener = Listener(meeting, pseudonym, lobby, place=place)
        self._side(lobby).setdefault(meeting, {})[pseudonym] = listener
        if self._closing:
            listener.end(RESTARTING)
        return listener

    def part(self, listener: Listener) -> None:
        side = self._side(listener.lobby)
        seats = side.get(listener.meeting, {})
        if seats.get(listener.pseudonym) is listener:
            del seats[listener.pseudonym]
        if not seats:
            side.pop(listener.meeting, None)
        if not self._inside and not self._lobby:
            self._empty.set()

    def tell(self, meeting: str, message: Mapping[str, Any], *, but: str | None = None) -> None:
        text = encode(message)
        for pseudonym, listener in self._inside.get(meeting, {}).items():
            if pseudonym != but:
                listener.put(text)

    def tell_only(self, meeting: str, pseudonyms: Sequence[str], message: Mapping[str, Any]) -> None:
        text, seats = encode(message), self._inside.get(meeting, {})
        for pseudonym in pseudonyms:
            if pseudonym in seats:
                seats[pseudonym].put(text)

    async def drop(self, meeting: str, pseudonym: str, *, reason: str) -> None:
        farewell = _FAREWELLS.get(DropReason(reason))
        if farewell is None:
            return
        for listener in self._of(meeting, pseudonym):
            if listener.lobby or farewell.code not in _FROM_THE_LOBBY:
                listener.end(farewell)

    async def restart(self, within_seconds: float = 1.5) -> None:
        """Sends everybody away with the promise to be back, and lets nobody in any more. Waits for them to have heard
        it, because what closes the sockets next is faster than what is queued for them."""
        self._closing = True
        for listener in self._all():
            listener.end(RESTARTING)
        if self._inside or self._lobby:
            self._empty.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(within_seconds):
                    await self._empty.wait()

    @property
    def open_sockets(self) -> int:
        return sum(1 for _ in self._all())

    def _side(self, lobby: bool) -> dict[str, dict[str, Listener]]:
        return self._lobby if lobby else self._inside

    def _of(self, meeting: str, pseudonym: str) -> list[Listener]:
        sides = (self._inside, self._lobby)
        return [side[meeting][pseudonym] for side in sides if pseudonym in side.get(meeting, {})]

    def _all(self) -> Iterator[Listener]:
        for side in (self._inside, self._lobby):
            for seats in side.values():
                yield from seats.values()


def encode(message: Mapping[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    """Times. Everything else that JSON does not know is a mistake of ours."""
    if isinstance(value, datetime):
        return rfc3339(value)
    raise TypeError(type(value).__name__)
