"""Somebody leaves, or is expelled. Leaving is final; whoever comes back takes a new seat."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from klausur.actions.door import find_seat
from klausur.actions.views import left_message
from klausur.actions.world import World
from klausur.domain import encoding
from klausur.domain.errors import EngineUnavailable, NotYourSeat
from klausur.domain.events import DropReason, Event
from klausur.domain.meeting import SEATED, OpeningState, Seat, SeatMove, seat_after, vacated
from klausur.domain.ports import UnitOfWork


async def leave_seat(world: World, meeting: str, pseudonym: str, secret: str) -> None:
    """Also when it is gone already; raises NotYourSeat when the secret is not that of the seat."""
    async with world.store.reading() as unit:
        seat = await find_seat(unit, meeting, pseudonym)
    if seat is None:
        return
    if not hmac.compare_digest(encoding.digest(secret), seat.secret_hash):
        raise NotYourSeat
    async with world.store.writing() as unit:
        seat = await find_seat(unit, meeting, pseudonym)
        if seat is None:
            return
        room = await _vacate(unit, seat, Event.SEAT_LEFT, world.clock.now())
    if room:
        await see_off(world, room, [seat], DropReason.LEFT)


async def expel(world: World, meeting: str, pseudonym: str, reason: DropReason) -> None:
    async with world.store.writing() as unit:
        seat = await find_seat(unit, meeting, pseudonym)
        room = await _vacate(unit, seat, Event.SEAT_EXPELLED, world.clock.now()) if seat else None
    if room and seat:
        await see_off(world, room, [seat], reason)


async def _vacate(unit: UnitOfWork, seat: Seat, event: Event, now: datetime) -> str | None:
    """The room that has been left; None when the seat was gone already."""
    if seat.state not in SEATED or not await unit.seats.keep(seat_after(seat, SeatMove.LEAVE, now)):
        return None
    await unit.tickets.void(seat.session, [seat.pseudonym])
    await unit.history.note(event, seat.meeting, now, seat=seat.pseudonym)
    return await note_emptiness(unit, seat.meeting, now)


async def note_emptiness(unit: UnitOfWork, meeting: str, now: datetime) -> str | None:
    """Starts the opening's last minutes when nobody is left in it; its room."""
    found = await unit.meetings.find(meeting)
    if found is None or found[1] is None:
        return None
    opening = found[1]
    if opening.state is OpeningState.OPEN:
        after = vacated(opening, await unit.seats.seated(opening.session), now)
        if after != opening:
            await unit.meetings.keep_opening(after)
            await unit.history.note(Event.OPENING_EMPTIED, meeting, now)
    return opening.room


async def see_off(world: World, room: str, seats: Sequence[Seat], reason: DropReason) -> None:
    """Tells the others, closes what the seats have open, and takes them out of the engine's room."""
    for seat in seats:
        world.audience.tell(seat.meeting, left_message(seat.pseudonym), but=seat.pseudonym)
        await world.connections.drop(seat.meeting, seat.pseudonym, reason=reason)
        # When the engine does not answer now, the reconciler finds them later.
        with suppress(EngineUnavailable):
            await world.engine.remove(room, seat.pseudonym)
