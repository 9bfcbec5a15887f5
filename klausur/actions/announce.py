"""Somebody tells the others their name and key, sealed."""

from __future__ import annotations

from dataclasses import replace

from klausur.actions.door import find_seat
from klausur.actions.views import seat_message
from klausur.actions.world import World
from klausur.domain import encoding
from klausur.domain.errors import Malformed, NotYourSeat
from klausur.domain.meeting import require_seated


async def announce(world: World, meeting: str, pseudonym: str, announcement: str) -> None:
    """For the events socket, which has seen the seat's secret. Raises Malformed, NotYourSeat, NotAdmitted, Removed."""
    if not encoding.is_sealed(announcement):
        raise Malformed
    async with world.store.writing() as unit:
        seat = await find_seat(unit, meeting, pseudonym)
        if seat is None:
            raise NotYourSeat
        require_seated(seat)
        seat = replace(seat, announcement=announcement)
        if not await unit.seats.keep(seat):
            raise NotYourSeat
    world.audience.tell(meeting, seat_message(seat), but=pseudonym)
