"""The bearer of a seat listens in on what happens: the events socket's way in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from klausur.actions.door import own_seat
from klausur.actions.views import RosterEntry
from klausur.actions.world import World


@dataclass(frozen=True, slots=True)
class Attendance:
    session: str
    server_time: datetime
    roster: Sequence[RosterEntry]


async def prove_seat(world: World, meeting: str, pseudonym: str, secret: str) -> None:
    """Raises NotYourSeat."""
    async with world.store.reading() as unit:
        await own_seat(unit, meeting, pseudonym, secret)


async def attend(world: World, meeting: str, pseudonym: str, secret: str) -> Attendance:
    """Raises NotYourSeat. To be called once messages are being queued, so that none is missed in between."""
    async with world.store.reading() as unit:
        seat = await own_seat(unit, meeting, pseudonym, secret)
        roster = await unit.seats.roster(seat.session, but=pseudonym)
    return Attendance(
        session=seat.session,
        server_time=world.clock.now(),
        roster=[RosterEntry.of(other) for other in roster],
    )
