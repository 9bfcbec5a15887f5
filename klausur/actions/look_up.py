"""What somebody with the link sees before joining."""

from __future__ import annotations

from klausur.actions.door import enter_live
from klausur.actions.views import MeetingView, RulesView
from klausur.actions.world import World
from klausur.domain.meeting import Meeting, MeetingState, require_guest_or_account


async def look_up(world: World, meeting: str, proof: str | None, *, signed_in: bool) -> MeetingView:
    """Raises NoMeeting, MeetingEnded, SigninNeeded."""
    now = world.clock.now()
    async with world.store.reading() as unit:
        known, opening = await enter_live(unit, meeting, proof, now)
        require_guest_or_account(known, guests=world.rules.guests, signed_in=signed_in)
        crowd = await unit.seats.crowd(opening.session)
    return MeetingView(
        meeting=known.id,
        state=_shown_state(known, crowd.seated),
        session=opening.session,
        host_public_key=known.host_public_key,
        card=known.card,
        rules=RulesView.of(known.rules),
        must_knock=known.rules.must_knock(opening.session, crowd.removed),
        opens_at=known.opens_at,
        closes_at=known.closes_at,
        times_version=known.times_version,
        server_time=now,
    )


def _shown_state(known: Meeting, seated: int) -> str:
    """An opening that everybody has left for the moment looks like one that has yet to begin."""
    if known.state is MeetingState.OPEN and not seated:
        return MeetingState.SCHEDULED.value
    return known.state.value
