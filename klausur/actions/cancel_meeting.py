"""The host cancels a meeting: whoever is inside is sent home, and nothing of it stays, not even that it was."""

from __future__ import annotations

from klausur.actions.door import enter_live
from klausur.actions.end_opening import Over, send_home
from klausur.actions.signatures import is_signed
from klausur.actions.world import World
from klausur.domain.errors import NotHost


async def cancel_meeting(world: World, meeting: str, proof: str | None, *, signature: str) -> None:
    """Raises NoMeeting, MeetingEnded, NotHost."""
    now = world.clock.now()
    # Only the host gets as far as the lock in front of all writers.
    async with world.store.reading() as unit:
        known, _ = await enter_live(unit, meeting, proof, now)
    if not is_signed(known.host_public_key, f"klausur cancel v1|{known.id}", signature):
        raise NotHost
    async with world.store.writing() as unit:
        known, opening = await enter_live(unit, meeting, proof, now)
        over = Over([opening.room], await unit.seats.members([opening.session]))
        await unit.meetings.erase(known.id)
    try:
        await world.store.scrub(deleted=True)
    finally:
        await send_home(world, over)
