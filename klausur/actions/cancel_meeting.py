"""The host cancels a meeting: whoever is inside is sent home, and nothing of it stays, not even that it was."""

from __future__ import annotations

from klausur.actions.door import enter_live, look_live
from klausur.actions.end_opening import Over, leave_nothing
from klausur.actions.signatures import require_host
from klausur.actions.world import World


async def cancel_meeting(world: World, meeting: str, proof: str | None, *, signature: str) -> None:
    """Raises NoMeeting, MeetingEnded, NotHost."""
    now = world.clock.now()
    known = await look_live(world, meeting, proof, now)
    require_host(known, f"klausur cancel v1|{known.id}", signature)
    async with world.store.writing() as unit:
        known, opening = await enter_live(unit, meeting, proof, now)
        over = Over([opening.room], await unit.seats.members([opening.session]))
        await unit.meetings.erase(known.id)
    await leave_nothing(world, over)
