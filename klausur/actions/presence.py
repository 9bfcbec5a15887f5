"""Who is connected: sockets come and go, and seats become present or away by it."""

from __future__ import annotations

from collections import Counter

from klausur.actions.views import seat_message
from klausur.actions.world import World
from klausur.domain.errors import NotYourSeat, StorageUnavailable
from klausur.domain.events import Event
from klausur.domain.meeting import SEATED, Seat, SeatMove, SeatState, seat_after


class Presence:
    def __init__(self, world: World) -> None:
        self._world = world
        self._owed: Counter[tuple[str, str]] = Counter()
        """Lost connections that could not be written down yet, by (meeting, pseudonym)."""

    async def connected(self, meeting: str, pseudonym: str) -> None:
        """Raises NotYourSeat when the seat is gone, StorageUnavailable when it cannot be written down."""
        await self._move(meeting, pseudonym, SeatMove.CONNECT)

    async def disconnected(self, meeting: str, pseudonym: str) -> None:
        """Never raises: a connection that is gone is gone, and ``settle`` writes it down later."""
        try:
            await self._move(meeting, pseudonym, SeatMove.DISCONNECT)
        except NotYourSeat:
            return
        except StorageUnavailable:
            self._owed[meeting, pseudonym] += 1

    async def settle(self) -> None:
        """Writes down what is owed. Raises StorageUnavailable when it still cannot be."""
        while self._owed:
            meeting, pseudonym = key = next(iter(self._owed))
            try:
                await self._move(meeting, pseudonym, SeatMove.DISCONNECT)
            except NotYourSeat:
                self._owed[key] = 1
            self._owed[key] -= 1
            if self._owed[key] <= 0:
                del self._owed[key]

    async def start_afresh(self) -> int:
        """After a start nobody is connected yet; how many seats believed otherwise."""
        async with self._world.store.writing() as unit:
            return await unit.seats.disconnect_all(self._world.clock.now())

    async def _move(self, meeting: str, pseudonym: str, move: SeatMove) -> None:
        now = self._world.clock.now()
        async with self._world.store.writing() as unit:
            before = await unit.seats.find(meeting, pseudonym)
            if before is None or before.state not in SEATED:
                raise NotYourSeat
            if move is SeatMove.DISCONNECT and before.connections == 0:
                return
            after = seat_after(before, move, now)
            await unit.seats.keep(after)
            if after.state is not before.state:
                event = Event.SEAT_CONNECTED if after.state is SeatState.PRESENT else Event.SEAT_DISCONNECTED
                await unit.history.note(event, meeting, now, seat=pseudonym)
        self._tell(before, after)

    def _tell(self, before: Seat, after: Seat) -> None:
        if before.away != after.away:
            self._world.audience.tell(after.meeting, seat_message(after), but=after.pseudonym)
