"""An opening is over: by a moderator, by time, or because everybody has left. Nothing of it stays; a planned meeting
has its next one prepared, every other has ended."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from klausur.actions.acts import Act, relay
from klausur.actions.door import new_secret
from klausur.actions.power import actor_of
from klausur.actions.world import World
from klausur.domain.errors import EngineUnavailable
from klausur.domain.events import DropReason
from klausur.domain.limits import ROOM_BYTES, SESSION_BYTES
from klausur.domain.meeting import Meeting, MeetingMove, MeetingState, Opening, Seat, meeting_after
from klausur.domain.policy import Operation, require
from klausur.domain.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Over:
    rooms: Sequence[str]
    members: Sequence[Seat]
    """Everybody who was inside or waited."""


def new_opening(meeting: str) -> Opening:
    """Made ahead: joiners derive their keys from its session before there is anybody inside."""
    return Opening(session=new_secret(SESSION_BYTES), meeting=meeting, room=new_secret(ROOM_BYTES))


async def end_for_everyone(world: World, meeting: str, pseudonym: str, act: Act) -> None:
    """Raises NotAllowed."""
    now = world.clock.now()
    async with world.store.writing() as unit:
        actor = await actor_of(unit, meeting, pseudonym, now)
        require(actor.role, Operation.END, host_present=await unit.seats.has_host(actor.seat.session))
        over = await close(unit, [(actor.meeting, actor.opening)], now)
    relay(world, actor.seat, act)
    await leave_nothing(world, over)


async def close(unit: UnitOfWork, due: Sequence[tuple[Meeting, Opening]], now: datetime) -> Over:
    members = await unit.seats.members([opening.session for _, opening in due])
    closed = [
        meeting_after(meeting, MeetingMove.CLOSE if opening.began_at else MeetingMove.END, now)
        for meeting, opening in due
    ]
    again = [meeting for meeting in closed if meeting.state is MeetingState.SCHEDULED]
    await unit.meetings.close(closed, [new_opening(meeting.id) for meeting in again])
    return Over([opening.room for _, opening in due], members)


async def leave_nothing(world: World, over: Over) -> None:
    try:
        # Before the actor is sent home, with whose socket this would end.
        await world.store.scrub(deleted=True)
    finally:
        await send_home(world, over)


async def send_home(world: World, over: Over) -> None:
    for seat in over.members:
        await world.connections.drop(seat.meeting, seat.pseudonym, reason=DropReason.ENDED)
    for room in over.rooms:
        # When the engine does not answer now, the reconciler ends it later.
        with suppress(EngineUnavailable):
            await world.engine.end_room(room)
