"""The bearer of a seat inside listens in on what happens: the events socket's way in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from klausur.actions.door import held_seat
from klausur.actions.views import RosterEntry, RulesView, roster_entry
from klausur.actions.world import World
from klausur.domain.errors import NotYourSeat
from klausur.domain.meeting import Card, MeetingState, Seat, role_in
from klausur.domain.policy import Operation, allows
from klausur.domain.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Attendance:
    session: str
    server_time: datetime
    began_at: datetime
    card: Card | None
    rules: RulesView | None
    locked: bool
    roster: Sequence[RosterEntry]
    knocks: Sequence[Seat]
    """Empty for those whom it does not concern."""


async def prove_seat(world: World, meeting: str, pseudonym: str, secret: str) -> Seat:
    """Inside, or in front of the door. Raises NotYourSeat, Removed."""
    async with world.store.reading() as unit:
        return await held_seat(unit, meeting, pseudonym, secret)


async def attend(unit: UnitOfWork, seat: Seat, now: datetime) -> Attendance:
    """In the transaction that writes down that the seat listens. Raises NotYourSeat."""
    roster = await unit.seats.roster(seat.session, but=seat.pseudonym)
    held = await unit.meetings.find(seat.meeting)
    its, opening = held or (None, None)
    if its is None or opening is None:
        raise NotYourSeat
    concerned = allows(role_in(its, seat), Operation.SEE_WAITING)
    knocks = await unit.seats.knocks(seat.session) if concerned else []
    return Attendance(
        session=seat.session,
        server_time=now,
        began_at=opening.began_at or now,
        card=its.card,
        rules=RulesView.of(its.rules),
        locked=its.state is MeetingState.LOCKED,
        roster=[roster_entry(other) for other in roster],
        knocks=knocks,
    )
