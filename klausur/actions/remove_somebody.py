"""A moderator removes somebody: seat and tickets are over, and with this seat's key nobody gets in any more."""

from __future__ import annotations

from klausur.actions.acts import Act, relay
from klausur.actions.leave_seat import depart, see_off
from klausur.actions.power import actor_of, target_of
from klausur.actions.world import World
from klausur.domain.errors import Malformed, NotYourSeat
from klausur.domain.events import DropReason, Event
from klausur.domain.meeting import SeatMove
from klausur.domain.policy import Operation


async def remove_somebody(world: World, meeting: str, pseudonym: str, act: Act) -> None:
    """Raises NotAllowed; NotYourSeat when they are not there any more."""
    if act.target is None:
        raise Malformed
    now = world.clock.now()
    async with world.store.writing() as unit:
        actor = await actor_of(unit, meeting, pseudonym, now)
        seat = await target_of(unit, actor, Operation.REMOVE, act.target)
        departure = await depart(unit, seat, SeatMove.REMOVE, Event.SEAT_REMOVED, now)
        if departure is None:
            raise NotYourSeat
    # Before the farewell, so that the one it concerns can see who it was.
    relay(world, actor.seat, act)
    await see_off(world, departure, DropReason.REMOVED)
