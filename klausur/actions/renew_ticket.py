"""Somebody who has a seat comes back to it: reload, lost connection, restarted server."""

from __future__ import annotations

from klausur.actions.door import new_ticket, own_seat
from klausur.actions.views import SeatView, roster_entry, seat_message
from klausur.actions.world import World
from klausur.domain import encoding
from klausur.domain.errors import Malformed, NotYourSeat, SessionChanged
from klausur.domain.events import DropReason, Event
from klausur.domain.meeting import renewed


async def renew_ticket(
    world: World, meeting: str, pseudonym: str, secret: str, *, session: str, announcement: str
) -> SeatView:
    """Raises Malformed, NotYourSeat, NotAdmitted, Removed, SessionChanged."""
    if not encoding.is_sealed(announcement):
        raise Malformed
    now = world.clock.now()
    async with world.store.writing() as unit:
        seat = await own_seat(unit, meeting, pseudonym, secret)
        if seat.session != session:
            raise SessionChanged
        seat = renewed(seat, announcement, now)
        if not await unit.seats.keep(seat):
            raise NotYourSeat
        ticket, held = new_ticket(seat, now)
        await unit.tickets.replace(held)
        await unit.history.note(Event.TICKET_RENEWED, seat.meeting, now, seat=pseudonym)
        roster = await unit.seats.roster(session, but=pseudonym)
    await world.connections.drop(seat.meeting, pseudonym, reason=DropReason.NEW_TICKET)
    world.audience.tell(seat.meeting, seat_message(seat), but=pseudonym)
    return SeatView(
        pseudonym=pseudonym,
        secret=None,
        ticket=ticket,
        session=session,
        roster=[roster_entry(other) for other in roster],
        server_time=now,
    )
