"""Somebody leaves, or is expelled, from inside or from in front of the door. It is final; whoever comes back takes a
new seat."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from klausur.actions.door import find_seat
from klausur.actions.views import knock_over_message, left_message
from klausur.actions.world import World
from klausur.domain import encoding
from klausur.domain.errors import EngineUnavailable, NotYourSeat
from klausur.domain.events import DropReason, Event
from klausur.domain.meeting import HELD, SEATED, Meeting, Opening, Seat, SeatMove, SeatState, seat_after, vacated
from klausur.domain.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Departure:
    """What is to be told and done once it is written down."""

    room: str
    seats: Sequence[Seat]
    """As they were before."""
    moderators: Sequence[str]
    """Who was told of the knocks of those who waited."""


async def leave_seat(world: World, meeting: str, pseudonym: str, secret: str) -> None:
    """Also when it is gone already; raises NotYourSeat when the secret is not that of the seat."""
    async with world.store.reading() as unit:
        seat = await find_seat(unit, meeting, pseudonym)
    if seat is None:
        return
    if not hmac.compare_digest(encoding.digest(secret), seat.secret_hash):
        raise NotYourSeat
    await _end_seat(world, meeting, pseudonym, Event.SEAT_LEFT, DropReason.LEFT)


async def expel(world: World, meeting: str, pseudonym: str, reason: DropReason) -> None:
    await _end_seat(world, meeting, pseudonym, Event.SEAT_EXPELLED, reason)


async def _end_seat(world: World, meeting: str, pseudonym: str, event: Event, reason: DropReason) -> None:
    async with world.store.writing() as unit:
        seat = await find_seat(unit, meeting, pseudonym)
        if seat is None:
            return
        departure = await depart(unit, seat, SeatMove.LEAVE, event, world.clock.now())
    if departure:
        await see_off(world, departure, reason)


async def depart(unit: UnitOfWork, seat: Seat, move: SeatMove, event: Event, now: datetime) -> Departure | None:
    """None when the seat was over already."""
    if seat.state not in HELD or not await unit.seats.keep(seat_after(seat, move, now)):
        return None
    await unit.history.note(event, seat.meeting, now, seat=seat.pseudonym)
    found = await unit.meetings.find(seat.meeting)
    if found is None or found[1] is None:
        return None
    return await departed(unit, found[0], found[1], [seat], now)


async def departed(
    unit: UnitOfWork, meeting: Meeting, opening: Opening, seats: Sequence[Seat], now: datetime
) -> Departure:
    """After the seats are over: their tickets are void, and the opening may be in its last minutes."""
    inside = [seat.pseudonym for seat in seats if seat.state in SEATED]
    if inside:
        await unit.tickets.void(opening.session, inside)
        after = vacated(opening, await unit.seats.seated(opening.session), now)
        if after != opening:
            await unit.meetings.keep_opening(after)
            await unit.history.note(Event.OPENING_EMPTIED, meeting.id, now)
    waited = any(seat.state is SeatState.WAITING for seat in seats)
    moderators = (
        await unit.seats.moderators(opening.session, meeting.rules.cohosts_in(opening.session)) if waited else []
    )
    return Departure(opening.room, seats, moderators)


async def see_off(world: World, departure: Departure, reason: DropReason) -> None:
    """Tells the others, closes what the seats have open, and takes them out of the engine's room."""
    await show_out(world, departure, reason)
    await take_out(world, departure)


async def show_out(world: World, departure: Departure, reason: DropReason) -> None:
    """What of seeing them off waits for no engine."""
    for seat in departure.seats:
        if seat.state is SeatState.WAITING:
            world.audience.tell_only(seat.meeting, departure.moderators, knock_over_message(seat.pseudonym))
        elif seat.state in SEATED:
            world.audience.tell(seat.meeting, left_message(seat.pseudonym), but=seat.pseudonym)
        await world.connections.drop(seat.meeting, seat.pseudonym, reason=reason)


async def take_out(world: World, departure: Departure) -> None:
    """Of the engine's room."""
    inside = [seat for seat in departure.seats if seat.state in SEATED]
    for seat in inside:
        # When the engine does not answer now, the reconciler finds them later.
        with suppress(EngineUnavailable):
            await world.engine.remove(departure.room, seat.pseudonym)
