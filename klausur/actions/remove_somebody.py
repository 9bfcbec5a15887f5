"""A moderator removes somebody: seat and tickets are over, and with this seat's key nobody gets in any more."""

from __future__ import annotations

from klausur.actions.acts import Act, relay
from klausur.actions.door import find_seat
from klausur.actions.leave_seat import depart, show_out, take_out
from klausur.actions.power import Actor, actor_of, target_of
from klausur.actions.world import World
from klausur.domain.errors import Malformed, NotYourSeat
from klausur.domain.events import DropReason, Event
from klausur.domain.meeting import SeatMove, SeatState
from klausur.domain.policy import Operation, Role, allows
from klausur.domain.ports import UnitOfWork


async def remove_somebody(world: World, meeting: str, pseudonym: str, act: Act) -> None:
    """No-op when somebody else has removed them meanwhile. Raises NotAllowed; NotYourSeat when they are not there."""
    if act.target is None:
        raise Malformed
    now = world.clock.now()
    async with world.store.writing() as unit:
        actor = await actor_of(unit, meeting, pseudonym, now)
        if await _is_done(unit, actor, act.target):
            return
        seat = await target_of(unit, actor, Operation.REMOVE, act.target)
        departure = await depart(unit, seat, SeatMove.REMOVE, Event.SEAT_REMOVED, now)
        if departure is None:
            raise NotYourSeat
    # Before the farewell, so that the one it concerns can see who it was.
    relay(world, actor.seat, act)
    await show_out(world, departure, DropReason.REMOVED)
    # An engine that hangs must not hold up what the moderator does next. Seat, tickets and sockets are over already.
    world.errands.run(take_out(world, departure))


async def _is_done(unit: UnitOfWork, actor: Actor, target: str) -> bool:
    seat = await find_seat(unit, actor.meeting.id, target)
    removed = seat is not None and seat.state is SeatState.REMOVED
    return removed and allows(actor.role, Operation.REMOVE, Role.PARTICIPANT)
