"""A ticket is presented at the signalling door: fulfils ports.Tickets."""

from __future__ import annotations

from klausur.actions.presence import Presence
from klausur.actions.world import World
from klausur.domain import encoding
from klausur.domain.errors import MeetingEnded, NotYourSeat, TicketRefused
from klausur.domain.events import Event
from klausur.domain.limits import SECRET_BYTES
from klausur.domain.meeting import OpeningState, TicketState, redeemed, require_live
from klausur.domain.ports import Passage


class RedeemTicket:
    def __init__(self, world: World, presence: Presence) -> None:
        self._world = world
        self._presence = presence

    async def redeem(self, ticket: str) -> Passage:
        if not encoding.is_sized(ticket, SECRET_BYTES):
            raise TicketRefused
        now = self._world.clock.now()
        async with self._world.store.writing() as unit:
            found = await unit.tickets.find(encoding.digest(ticket))
            if found is None:
                raise TicketRefused
            held, seat, opening, meeting = found
            try:
                require_live(meeting, now)
            except MeetingEnded:
                raise TicketRefused from None
            if opening.state is not OpeningState.OPEN:
                raise TicketRefused
            after = redeemed(held, seat, now)
            if held.state is TicketState.FRESH:
                await unit.tickets.keep(after)
                await unit.history.note(Event.TICKET_USED, seat.meeting, now, seat=seat.pseudonym)
        return Passage(meeting=seat.meeting, pseudonym=seat.pseudonym, room=opening.room, ticket=held.hash)

    async def connected(self, passage: Passage) -> None:
        try:
            await self._presence.connected(passage.meeting, passage.pseudonym)
        except NotYourSeat:
            raise TicketRefused from None

    async def disconnected(self, passage: Passage) -> None:
        await self._presence.disconnected(passage.meeting, passage.pseudonym)
