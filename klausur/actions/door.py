"""Who may see a meeting, and whose seat it is. Both answer strangers as if nothing were there."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

from klausur.actions.world import World
from klausur.domain import encoding
from klausur.domain.errors import MeetingEnded, NoMeeting, NotYourSeat
from klausur.domain.limits import MEETING_ID_BYTES, PSEUDONYM_BYTES, SECRET_BYTES
from klausur.domain.meeting import (
    Meeting,
    Opening,
    Seat,
    Ticket,
    TicketState,
    require_held,
    require_live,
    require_seated,
)
from klausur.domain.ports import UnitOfWork

_NOBODYS_ID = encoding.encode(bytes(MEETING_ID_BYTES))
_NOBODYS_HASH = encoding.encode(bytes(32))


def new_secret(size: int) -> str:
    return encoding.encode(secrets.token_bytes(size))


async def enter(unit: UnitOfWork, meeting: str, proof: str | None) -> tuple[Meeting, Opening | None]:
    """The meeting, to those who present its link proof.

    Raises NoMeeting for everything else. The work is the same whether the meeting exists, never did, or the id is not
    even one: a query and a comparison, so that neither the answer nor its time tells an outsider which it was.
    """
    found = await unit.meetings.find(meeting if encoding.is_sized(meeting, MEETING_ID_BYTES) else _NOBODYS_ID)
    raw = encoding.decode(proof or "", SECRET_BYTES) or b""
    presented = encoding.encode(hashlib.sha256(raw).digest())
    right = hmac.compare_digest(presented, found[0].proof_hash if found else _NOBODYS_HASH)
    if found is None or not right:
        raise NoMeeting
    return found


async def enter_live(unit: UnitOfWork, meeting: str, proof: str | None, now: datetime) -> tuple[Meeting, Opening]:
    """As ``enter``; raises MeetingEnded besides."""
    known, opening = await enter(unit, meeting, proof)
    require_live(known, now)
    if opening is None:
        raise MeetingEnded
    return known, opening


async def look_live(world: World, meeting: str, proof: str | None, now: datetime) -> Meeting:
    """As ``enter_live``, without the lock in front of all writers: only the host is to get as far as that."""
    async with world.store.reading() as unit:
        known, _ = await enter_live(unit, meeting, proof, now)
    return known


async def own_seat(unit: UnitOfWork, meeting: str, pseudonym: str, secret: str) -> Seat:
    """The seat inside, to its bearer. Raises as ``held_seat``, and NotAdmitted."""
    seat = await held_seat(unit, meeting, pseudonym, secret)
    require_seated(seat)
    return seat


async def held_seat(unit: UnitOfWork, meeting: str, pseudonym: str, secret: str) -> Seat:
    """The seat, inside or in front of the door, to its bearer. Raises NotYourSeat: wrong secret, no such seat, a seat
    that is gone; and Removed."""
    seat = await find_seat(unit, meeting, pseudonym)
    right = hmac.compare_digest(encoding.digest(secret), seat.secret_hash if seat else _NOBODYS_HASH)
    if seat is None or not right:
        raise NotYourSeat
    require_held(seat)
    return seat


async def find_seat(unit: UnitOfWork, meeting: str, pseudonym: str) -> Seat | None:
    well_formed = encoding.is_sized(meeting, MEETING_ID_BYTES) and encoding.is_sized(pseudonym, PSEUDONYM_BYTES)
    return await unit.seats.find(meeting if well_formed else _NOBODYS_ID, pseudonym if well_formed else _NOBODYS_ID)


def new_ticket(seat: Seat, now: datetime) -> tuple[str, Ticket]:
    """The ticket as its bearer gets it, and as it is held here."""
    ticket = new_secret(SECRET_BYTES)
    held = Ticket(
        hash=encoding.digest(ticket),
        session=seat.session,
        pseudonym=seat.pseudonym,
        state=TicketState.FRESH,
        made_at=now,
    )
    return ticket, held
