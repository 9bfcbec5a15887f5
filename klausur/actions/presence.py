"""Who is connected: sockets come and go, and seats become present or away by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from datetime import datetime
from typing import Final

from klausur.actions.attend import Attendance, attend
from klausur.actions.door import held_seat
from klausur.actions.views import seat_message
from klausur.actions.world import World
from klausur.domain.errors import Declined, NotYourSeat, StorageUnavailable
from klausur.domain.events import Event
from klausur.domain.meeting import SEATED, Seat, SeatMove, SeatState, may_knock_again, require_held, seat_after
from klausur.domain.ports import UnitOfWork

LOBBY: Final = frozenset({SeatState.WAITING, SeatState.DECLINED})
"""A socket of somebody who waits counts as long as they do: it is not one of somebody inside, if it ends late."""


class Presence:
    def __init__(self, world: World) -> None:
        self._world = world
        self._owed: Counter[tuple[str, str, bool]] = Counter()
        """Lost connections that could not be written down yet, by (meeting, pseudonym, in the lobby)."""

    async def connected(self, meeting: str, pseudonym: str) -> None:
        """Inside. Raises NotYourSeat when the seat is gone, StorageUnavailable when it cannot be written down."""
        await self._move(meeting, pseudonym, SeatMove.CONNECT, SEATED)

    async def listens(self, meeting: str, pseudonym: str, secret: str) -> tuple[Seat, Attendance | None]:
        """The bearer of the seat, inside with what there is to see, or in front of the door with None: nothing else has
        been written when this returns. Raises NotYourSeat, Removed, Declined, StorageUnavailable."""
        now = self._world.clock.now()
        async with self._world.store.writing() as unit:
            before = await held_seat(unit, meeting, pseudonym, secret)
            _require_among(before, SEATED | {SeatState.WAITING})
            after = await _moved(unit, before, SeatMove.CONNECT, now)
            attendance = await attend(unit, after, now) if after.state in SEATED else None
        self._tell(before, after)
        return after, attendance

    async def disconnected(self, meeting: str, pseudonym: str, *, lobby: bool = False) -> None:
        """Never raises: a connection that is gone is gone, and ``settle`` writes it down later."""
        try:
            await self._move(meeting, pseudonym, SeatMove.DISCONNECT, LOBBY if lobby else SEATED)
        except NotYourSeat:
            return
        except StorageUnavailable:
            self._owed[meeting, pseudonym, lobby] += 1

    async def settle(self) -> None:
        """Writes down what is owed. Raises StorageUnavailable when it still cannot be."""
        while self._owed:
            meeting, pseudonym, lobby = key = next(iter(self._owed))
            try:
                await self._move(meeting, pseudonym, SeatMove.DISCONNECT, LOBBY if lobby else SEATED)
            except NotYourSeat:
                self._owed[key] = 1
            self._owed[key] -= 1
            if self._owed[key] <= 0:
                del self._owed[key]

    async def start_afresh(self) -> int:
        """After a start nobody is connected yet; how many seats believed otherwise."""
        async with self._world.store.writing() as unit:
            return await unit.seats.disconnect_all(self._world.clock.now())

    async def _move(self, meeting: str, pseudonym: str, move: SeatMove, among: Set[SeatState]) -> Seat:
        now = self._world.clock.now()
        async with self._world.store.writing() as unit:
            before = await unit.seats.find(meeting, pseudonym)
            if before is None or (before.state not in among and move is SeatMove.DISCONNECT):
                raise NotYourSeat
            if move is SeatMove.DISCONNECT and before.connections == 0:
                return before
            _require_among(before, among)
            after = await _moved(unit, before, move, now)
        self._tell(before, after)
        return after

    def _tell(self, before: Seat, after: Seat) -> None:
        if before.away != after.away:
            self._world.audience.tell(after.meeting, seat_message(after), but=after.pseudonym)


async def _moved(unit: UnitOfWork, before: Seat, move: SeatMove, now: datetime) -> Seat:
    after = seat_after(before, move, now)
    await unit.seats.keep(after)
    if after.state is not before.state:
        event = Event.SEAT_CONNECTED if after.state is SeatState.PRESENT else Event.SEAT_DISCONNECTED
        await unit.history.note(event, after.meeting, now, seat=after.pseudonym)
    return after


def _require_among(seat: Seat, among: Set[SeatState]) -> None:
    if seat.state in among:
        return
    require_held(seat)
    if seat.state is SeatState.DECLINED:
        raise Declined(again=may_knock_again(seat))
    raise NotYourSeat
