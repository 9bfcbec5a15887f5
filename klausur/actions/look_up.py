"""What somebody with the link sees before joining."""

from __future__ import annotations

from klausur.actions.door import enter_live
from klausur.actions.views import MeetingView
from klausur.actions.world import World


async def look_up(world: World, meeting: str, proof: str | None) -> MeetingView:
    now = world.clock.now()
    async with world.store.reading() as unit:
        known, opening = await enter_live(unit, meeting, proof, now)
        seated = await unit.seats.seated(opening.session)
    return MeetingView(
        meeting=known.id,
        state="open" if seated else "scheduled",
        session=opening.session,
        host_public_key=known.host_public_key,
        card=known.card,
        closes_at=known.closes_at,
        server_time=now,
    )
