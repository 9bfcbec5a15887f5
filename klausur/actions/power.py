"""Who acts, on whom, and whether they may. Asked inside the transaction that uses the answer: of two hosts who act at
once the second is judged by what the first has done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from klausur.actions.door import find_seat
from klausur.domain.errors import NotAllowed, NotYourSeat
from klausur.domain.meeting import Meeting, Opening, Seat, require_live, role_in
from klausur.domain.policy import TABLE, Operation, Role, allows, require
from klausur.domain.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Actor:
    meeting: Meeting
    opening: Opening
    seat: Seat
    role: Role


async def actor_of(unit: UnitOfWork, meeting: str, pseudonym: str, now: datetime) -> Actor:
    """For the events socket, which has seen the seat's secret. Raises NotAllowed, MeetingEnded."""
    found, seat = await unit.meetings.find(meeting), await find_seat(unit, meeting, pseudonym)
    known, opening = found or (None, None)
    if known is None or opening is None or seat is None:
        raise NotAllowed
    require_live(known, now)
    return Actor(known, opening, seat, role_in(known, seat))


async def target_of(unit: UnitOfWork, actor: Actor, operation: Operation, pseudonym: str) -> Seat:
    """Whom it is aimed at. Raises NotAllowed; NotYourSeat for somebody who is not there, to those alone who could do it
    to somebody."""
    seat = await find_seat(unit, actor.meeting.id, pseudonym)
    role = role_in(actor.meeting, seat) if seat else Role.OUTSIDER
    if seat is None or role is Role.OUTSIDER:
        if not any(allows(actor.role, operation, each) for each in TABLE[operation].against):
            raise NotAllowed
        raise NotYourSeat
    require(actor.role, operation, role)
    return seat
