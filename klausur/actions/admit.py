"""A host or co-host lets in somebody who waits, by a certificate that the others inside check again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from klausur.actions.door import find_seat
from klausur.actions.power import Actor, actor_of
from klausur.actions.signatures import is_signed
from klausur.actions.take_seat import begin
from klausur.actions.views import knock_over_message, seat_message
from klausur.actions.world import World
from klausur.domain.admission import Certificate, Place
from klausur.domain.errors import Declined, NotAllowed, NotYourSeat, Removed
from klausur.domain.events import DropReason, Event
from klausur.domain.meeting import (
    SEATED,
    Seat,
    SeatMove,
    SeatState,
    may_knock_again,
    require_entrance,
    require_held,
    require_room,
    seat_after,
)
from klausur.domain.policy import Operation, Role, require


async def admit(world: World, meeting: str, pseudonym: str, target: str, certificate: Any) -> None:
    """No-op when somebody else has let them in meanwhile. Raises Malformed, NotAllowed, NotYourSeat (they have gone),
    Declined, Removed, MeetingLocked, MeetingFull."""
    given = Certificate.read(certificate)
    now = world.clock.now()
    async with world.store.writing() as unit:
        actor = await actor_of(unit, meeting, pseudonym, now)
        require(actor.role, Operation.ADMIT, Role.WAITING)
        seat = _waiting(await find_seat(unit, meeting, target))
        if seat is None:
            return
        if actor.meeting.rules.denies(seat.key, seat.session):
            raise Removed
        require_certificate(actor, seat, given, now)
        require_entrance(actor.meeting, Role.PARTICIPANT, now)
        require_room(await unit.seats.seated(seat.session), world.rules.max_participants)
        seat = replace(seat_after(seat, SeatMove.ADMIT, now), admission=json.dumps({"certificate": given.shown()}))
        await begin(unit, actor.meeting, actor.opening, now)
        await unit.seats.keep(seat)
        await unit.history.note(Event.SEAT_ADMITTED, meeting, now, seat=target)
        moderators = await unit.seats.moderators(seat.session, actor.meeting.rules.cohosts_in(seat.session))
    world.audience.tell_only(meeting, moderators, knock_over_message(target))
    world.audience.tell(meeting, seat_message(seat), but=target)
    await world.connections.drop(meeting, target, reason=DropReason.ADMITTED)


def _waiting(seat: Seat | None) -> Seat | None:
    """None for somebody who is inside already."""
    if seat is None:
        raise NotYourSeat
    require_held(seat)
    if seat.state is SeatState.DECLINED:
        raise Declined(again=may_knock_again(seat))
    return None if seat.state in SEATED else seat


def require_certificate(actor: Actor, seat: Seat, given: Certificate, now: datetime) -> None:
    """That it lets in a participant, and that whoever signed it had the power to. Raises NotAllowed."""
    if given.role is not Role.PARTICIPANT or not given.holds(now):
        raise NotAllowed
    if given.issuer == "host":
        issuer = actor.meeting.host_public_key
    elif given.issuer == actor.seat.key and actor.role is Role.COHOST:
        issuer = actor.seat.key
    else:
        raise NotAllowed
    place = Place(seat.meeting, seat.session, seat.pseudonym, seat.key)
    if not is_signed(issuer, given.statement(place), given.signature):
        raise NotAllowed
