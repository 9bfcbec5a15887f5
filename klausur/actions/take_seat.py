"""Somebody with the link takes a seat."""

from __future__ import annotations

from klausur.actions.door import enter_live, new_secret, new_ticket
from klausur.actions.views import RosterEntry, SeatView, seat_message
from klausur.actions.world import World
from klausur.domain import encoding
from klausur.domain.errors import EngineUnavailable, Malformed, MeetingEnded
from klausur.domain.events import Event
from klausur.domain.limits import PSEUDONYM_BYTES, SECRET_BYTES
from klausur.domain.meeting import Opening, OpeningState, Seat, SeatState, admitted, require_session


async def take_seat(
    world: World, meeting: str, proof: str | None, *, pseudonym: str, session: str, announcement: str
) -> SeatView:
    opening = await _look_inside(world, meeting, proof, session)
    if not encoding.is_sized(pseudonym, PSEUDONYM_BYTES) or not encoding.is_sealed(announcement):
        raise Malformed
    # A seat that leads nowhere is not given. The room itself is made by who connects to it.
    if not await world.engine.healthy():
        raise EngineUnavailable
    now = world.clock.now()
    secret = new_secret(SECRET_BYTES)
    seat = Seat(
        meeting=opening.meeting,
        session=opening.session,
        pseudonym=pseudonym,
        secret_hash=encoding.digest(secret),
        announcement=announcement,
        state=SeatState.ARRIVING,
        connections=0,
        since=now,
    )
    ticket, held = new_ticket(seat, now)
    async with world.store.writing() as unit:
        _, opening = await enter_live(unit, meeting, proof, now)
        require_session(opening, session)
        after = admitted(opening, await unit.seats.seated(session), world.rules.max_participants, now)
        if not await unit.meetings.keep_opening(after):
            raise MeetingEnded
        await unit.seats.add(seat)
        await unit.tickets.replace(held)
        if opening.state is OpeningState.PREPARED:
            await unit.history.note(Event.OPENING_BEGAN, seat.meeting, now)
        await unit.history.note(Event.SEAT_TAKEN, seat.meeting, now, seat=pseudonym)
        roster = await unit.seats.roster(session, but=pseudonym)
    world.audience.tell(seat.meeting, seat_message(seat), but=pseudonym)
    return SeatView(
        pseudonym=pseudonym,
        secret=secret,
        ticket=ticket,
        session=session,
        roster=[RosterEntry.of(other) for other in roster],
        server_time=now,
    )


async def _look_inside(world: World, meeting: str, proof: str | None, session: str) -> Opening:
    """Answers most refusals before the engine is asked for anything."""
    now = world.clock.now()
    async with world.store.reading() as unit:
        _, opening = await enter_live(unit, meeting, proof, now)
        require_session(opening, session)
        admitted(opening, await unit.seats.seated(opening.session), world.rules.max_participants, now)
        return opening
