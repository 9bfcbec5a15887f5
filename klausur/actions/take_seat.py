"""Somebody with the link takes a seat: inside, or in front of the door until a host or co-host lets them in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from klausur.actions.door import enter_live, new_secret, new_ticket
from klausur.actions.signatures import is_signed
from klausur.actions.views import SeatView, WaitingView, knock_message, roster_entry, seat_message
from klausur.actions.world import World
from klausur.domain import encoding
from klausur.domain.admission import Certificate, Place
from klausur.domain.errors import (
    AdmissionChanged,
    EngineUnavailable,
    Malformed,
    MeetingEnded,
    NotHost,
    Removed,
)
from klausur.domain.events import Event
from klausur.domain.limits import MAC_BYTES, PSEUDONYM_BYTES, SEAT_KEY_BYTES, SECRET_BYTES
from klausur.domain.meeting import (
    Meeting,
    MeetingMove,
    Opening,
    Seat,
    SeatState,
    entered,
    meeting_after,
    require_entrance,
    require_guest_or_account,
    require_room,
    require_session,
    require_waiting_room,
)
from klausur.domain.policy import Role
from klausur.domain.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Wish:
    pseudonym: str
    session: str
    announcement: str
    key: str
    possession: str
    certificate: Mapping[str, Any] | None = None
    mac: str | None = None
    knock: str | None = None
    signed_in: bool = False
    """Not noted with the seat: an account says who may come, not who came."""


async def take_seat(world: World, meeting: str, proof: str | None, wish: Wish) -> SeatView | WaitingView:
    """Raises NoMeeting, MeetingEnded, SigninNeeded, SessionChanged, Malformed, NotHost, Removed, MeetingNotStarted,
    MeetingLocked, AdmissionChanged, MeetingFull, PseudonymTaken, EngineUnavailable."""
    now = world.clock.now()
    secret = new_secret(SECRET_BYTES)
    # Most refusals are answered before the engine is asked for anything, or other writers have to wait.
    async with world.store.reading() as unit:
        known, opening = await enter_live(unit, meeting, proof, now)
        require_guest_or_account(known, guests=world.rules.guests, signed_in=wish.signed_in)
        require_session(opening, wish.session)
        seat = _seat(known, wish, secret, now)
        await _require_way_in(world, unit, known, opening, seat, now)
    if seat.state is SeatState.WAITING:
        return await _wait(world, meeting, proof, seat, secret)
    # A seat that leads nowhere is not given. The room itself is made by who connects to it.
    if not await world.engine.healthy():
        raise EngineUnavailable
    return await _sit_down(world, meeting, proof, seat, secret)


def _seat(known: Meeting, wish: Wish, secret: str, now: datetime) -> Seat:
    """Raises Malformed, NotHost."""
    place = Place(known.id, wish.session, wish.pseudonym, wish.key)
    ways = (wish.certificate, wish.mac, wish.knock)
    if not encoding.is_sized(wish.pseudonym, PSEUDONYM_BYTES) or not encoding.is_sized(wish.key, SEAT_KEY_BYTES):
        raise Malformed
    if not encoding.is_sealed(wish.announcement) or sum(way is not None for way in ways) != 1:
        raise Malformed
    if not is_signed(wish.key, place.possession(), wish.possession):
        raise Malformed
    role, admission = _admission(known, wish, place, now)
    return Seat(
        meeting=known.id,
        session=wish.session,
        pseudonym=wish.pseudonym,
        secret_hash=encoding.digest(secret),
        announcement=wish.announcement,
        state=SeatState.WAITING if wish.knock else SeatState.ARRIVING,
        connections=0,
        since=now,
        key=wish.key,
        role=role,
        admission=json.dumps(admission) if admission else "",
        knock=wish.knock or "",
        knocked_at=now if wish.knock else None,
    )


def _admission(known: Meeting, wish: Wish, place: Place, now: datetime) -> tuple[Role, dict[str, Any] | None]:
    if wish.certificate is not None:
        certificate = Certificate.read(wish.certificate)
        signed = is_signed(known.host_public_key, certificate.statement(place), certificate.signature)
        if certificate.role is not Role.HOST or not certificate.holds(now) or not signed:
            raise NotHost
        return Role.HOST, {"certificate": certificate.shown()}
    if wish.mac is not None:
        # Whether it is right those inside judge, who know the secret of the link.
        if not encoding.is_sized(wish.mac, MAC_BYTES):
            raise Malformed
        return Role.PARTICIPANT, {"mac": wish.mac}
    if not encoding.is_sealed(wish.knock or ""):
        raise Malformed
    return Role.PARTICIPANT, None


async def _require_way_in(
    world: World, unit: UnitOfWork, known: Meeting, opening: Opening, seat: Seat, now: datetime
) -> None:
    waits = seat.state is SeatState.WAITING
    crowd = await unit.seats.crowd(opening.session)
    if known.rules.denies(seat.key, opening.session) or seat.key in crowd.removed:
        raise Removed
    require_entrance(known, seat.role, now)
    if seat.role is not Role.HOST and known.rules.must_knock(opening.session, crowd.removed) is not waits:
        raise AdmissionChanged
    if waits:
        require_waiting_room(crowd.waiting)
    else:
        require_room(crowd.seated, world.rules.max_participants)


async def _wait(world: World, meeting: str, proof: str | None, seat: Seat, secret: str) -> WaitingView:
    now = world.clock.now()
    async with world.store.writing() as unit:
        known, opening = await enter_live(unit, meeting, proof, now)
        require_session(opening, seat.session)
        await _require_way_in(world, unit, known, opening, seat, now)
        await unit.seats.add(seat)
        await unit.history.note(Event.SEAT_KNOCKED, seat.meeting, now, seat=seat.pseudonym)
        moderators = await unit.seats.moderators(seat.session, known.rules.cohosts_in(seat.session))
    world.audience.tell_only(seat.meeting, moderators, knock_message(seat))
    return WaitingView(pseudonym=seat.pseudonym, secret=secret, session=seat.session, server_time=now)


async def _sit_down(world: World, meeting: str, proof: str | None, seat: Seat, secret: str) -> SeatView:
    now = world.clock.now()
    ticket, held = new_ticket(seat, now)
    async with world.store.writing() as unit:
        known, opening = await enter_live(unit, meeting, proof, now)
        require_session(opening, seat.session)
        await _require_way_in(world, unit, known, opening, seat, now)
        await begin(unit, known, opening, now)
        await unit.seats.add(seat)
        await unit.tickets.replace(held)
        await unit.history.note(Event.SEAT_TAKEN, seat.meeting, now, seat=seat.pseudonym)
        roster = await unit.seats.roster(seat.session, but=seat.pseudonym)
    world.audience.tell(seat.meeting, seat_message(seat), but=seat.pseudonym)
    return SeatView(
        pseudonym=seat.pseudonym,
        secret=secret,
        ticket=ticket,
        session=seat.session,
        roster=[roster_entry(other) for other in roster],
        server_time=now,
    )


async def begin(unit: UnitOfWork, known: Meeting, opening: Opening, now: datetime) -> None:
    """Somebody more is inside. Raises MeetingEnded."""
    after = meeting_after(known, MeetingMove.BEGIN, now)
    if after.state is not known.state and not await unit.meetings.set_state(after):
        raise MeetingEnded
    begun = entered(opening, now)
    if begun != opening and not await unit.meetings.keep_opening(begun):
        raise MeetingEnded
    if opening.began_at is None:
        await unit.history.note(Event.OPENING_BEGAN, known.id, now)
