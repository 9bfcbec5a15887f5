"""Somebody who was declined asks once more."""

from __future__ import annotations

from dataclasses import replace

from klausur.actions.door import held_seat
from klausur.actions.views import knock_message
from klausur.actions.world import World
from klausur.domain import encoding
from klausur.domain.errors import AdmissionChanged, Malformed, NotYourSeat, Removed
from klausur.domain.events import Event
from klausur.domain.meeting import (
    Seat,
    SeatMove,
    SeatState,
    require_entrance,
    require_live,
    require_waiting_room,
    role_in,
    seat_after,
)
from klausur.domain.policy import Operation, require
from klausur.domain.ports import UnitOfWork


async def knock_again(world: World, meeting: str, pseudonym: str, secret: str, knock: str) -> None:
    """No-op for who waits: the answer to the first attempt may have been lost. Raises Malformed, NotYourSeat, Removed,
    NotAllowed (is inside), Declined, AdmissionChanged, MeetingLocked, MeetingFull, MeetingEnded."""
    if not encoding.is_sealed(knock):
        raise Malformed
    async with world.store.writing() as unit:
        seat = await held_seat(unit, meeting, pseudonym, secret)
        if seat.state is SeatState.WAITING:
            return
        seat, moderators = await _knock(world, unit, seat, knock)
    world.audience.tell_only(meeting, moderators, knock_message(seat))


async def _knock(world: World, unit: UnitOfWork, seat: Seat, knock: str) -> tuple[Seat, list[str]]:
    now = world.clock.now()
    found = await unit.meetings.find(seat.meeting)
    if found is None:
        raise NotYourSeat
    known, _ = found
    require_live(known, now)
    require(role_in(known, seat), Operation.KNOCK)
    if known.rules.denies(seat.key, seat.session):
        raise Removed
    require_entrance(known, seat.role, now)
    crowd = await unit.seats.crowd(seat.session)
    if not known.rules.must_knock(seat.session, crowd.removed):
        raise AdmissionChanged
    seat = replace(seat_after(seat, SeatMove.KNOCK, now), knock=knock)
    require_waiting_room(crowd.waiting)
    await unit.seats.keep(seat)
    await unit.history.note(Event.SEAT_KNOCKED, seat.meeting, now, seat=seat.pseudonym)
    return seat, list(await unit.seats.moderators(seat.session, known.rules.cohosts_in(seat.session)))
