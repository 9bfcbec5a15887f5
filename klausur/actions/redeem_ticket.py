"""A ticket is presented at the signalling door: fulfils ports.Tickets."""

from __future__ import annotations

from klausur.actions.presence import Presence
from klausur.actions.world import World
from klausur.domain import encoding
from klausur.domain.errors import Declined, MeetingEnded, NotYourSeat, Removed, TicketRefused
from klausur.domain.events import Event
from klausur.domain.limits import SECRET_BYTES
from klausur.domain.meeting import Meeting, Opening, Seat, Ticket, TicketState, redeemed, require_live, role_in
from klausur.domain.ports import Passage, UnitOfWork


class RedeemTicket:
    def __init__(self, world: World, presence: Presence) -> None:
        self._world = world
        self._presence = presence

    async def redeem(self, ticket: str) -> Passage:
        if not encoding.is_sized(ticket, SECRET_BYTES):
            raise TicketRefused
        # Whoever presents nothing must not make those wait who have something to write.
        async with self._world.store.reading() as unit:
            held, seat, opening, meeting = await self._look_at(unit, ticket)
        if held.state is TicketState.FRESH:
            async with self._world.store.writing() as unit:
                held, seat, opening, meeting = await self._look_at(unit, ticket)
                await self._use(unit, held, seat)
        return Passage(
            meeting=seat.meeting,
            pseudonym=seat.pseudonym,
            room=opening.room,
            ticket=held.hash,
            may_share=meeting.rules.may_share(role_in(meeting, seat)),
        )

    async def _look_at(self, unit: UnitOfWork, ticket: str) -> tuple[Ticket, Seat, Opening, Meeting]:
        now = self._world.clock.now()
        found = await unit.tickets.find(encoding.digest(ticket))
        if found is None:
            raise TicketRefused
        held, seat, _, meeting = found
        try:
            require_live(meeting, now)
        except MeetingEnded:
            raise TicketRefused from None
        redeemed(held, seat, now)
        return found

    async def _use(self, unit: UnitOfWork, held: Ticket, seat: Seat) -> None:
        if held.state is TicketState.FRESH:
            now = self._world.clock.now()
            await unit.tickets.keep(redeemed(held, seat, now))
            await unit.history.note(Event.TICKET_USED, seat.meeting, now, seat=seat.pseudonym)

    async def connected(self, passage: Passage) -> None:
        try:
            await self._presence.connected(passage.meeting, passage.pseudonym)
        except (NotYourSeat, Removed, Declined):
            raise TicketRefused from None

    async def disconnected(self, passage: Passage) -> None:
        await self._presence.disconnected(passage.meeting, passage.pseudonym)
