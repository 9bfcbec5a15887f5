"""The bearer of a seat listens in on what happens: the events socket's way in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from klausur.actions.door import own_seat
from klausur.actions.views import RosterEntry
from klausur.actions.world import World
from klausur.domain.errors import NotYourSeat
from klausur.domain.meeting import Card


@dataclass(frozen=True, slots=True)
class Attendance:
    session: str
    server_time: datetime
    began_at: datetime
    card: Card | None
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
        held = await unit.meetings.find(seat.meeting)
    now = world.clock.now()
    its, opening = held or (None, None)
    if its is None or opening is None:
        raise NotYourSeat
    return Attendance(
        session=seat.session,
        server_time=now,
        began_at=opening.began_at or now,
        card=its.card,
        roster=[RosterEntry.of(other) for other in roster],
    )
