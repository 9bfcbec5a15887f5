"""A moderator locks the door, or unlocks it. Whoever has a seat keeps it."""

from __future__ import annotations

from klausur.actions.acts import Act, relay
from klausur.actions.power import actor_of
from klausur.actions.world import World
from klausur.domain.events import Event
from klausur.domain.meeting import MeetingMove, meeting_after
from klausur.domain.policy import Operation, require


async def lock_meeting(world: World, meeting: str, pseudonym: str, act: Act) -> None:
    """``act.op``: lock or unlock. Raises NotAllowed."""
    now = world.clock.now()
    locks = act.op == "lock"
    async with world.store.writing() as unit:
        actor = await actor_of(unit, meeting, pseudonym, now)
        require(actor.role, Operation.LOCK)
        await unit.meetings.set_state(
            meeting_after(actor.meeting, MeetingMove.LOCK if locks else MeetingMove.UNLOCK, now)
        )
        await unit.history.note(Event.MEETING_LOCKED if locks else Event.MEETING_UNLOCKED, meeting, now)
    relay(world, actor.seat, act)
