"""A host or co-host does not let in somebody who waits."""

from __future__ import annotations

from klausur.actions.power import actor_of, target_of
from klausur.actions.views import knock_over_message
from klausur.actions.world import World
from klausur.domain.events import DropReason, Event
from klausur.domain.meeting import SeatMove, SeatState, may_knock_again, seat_after
from klausur.domain.policy import Operation


async def decline(world: World, meeting: str, pseudonym: str, target: str) -> None:
    """No-op when somebody else has declined meanwhile. Raises NotAllowed, also when they are inside; NotYourSeat."""
    now = world.clock.now()
    async with world.store.writing() as unit:
        actor = await actor_of(unit, meeting, pseudonym, now)
        seat = await target_of(unit, actor, Operation.DECLINE, target)
        if seat.state is SeatState.DECLINED:
            return
        seat = seat_after(seat, SeatMove.DECLINE, now)
        await unit.seats.keep(seat)
        await unit.history.note(Event.SEAT_DECLINED, meeting, now, seat=target)
        moderators = await unit.seats.moderators(seat.session, actor.meeting.rules.cohosts_in(seat.session))
    world.audience.tell_only(meeting, moderators, knock_over_message(target))
    reason = DropReason.DECLINED if may_knock_again(seat) else DropReason.DECLINED_TWICE
    await world.connections.drop(meeting, target, reason=reason)
