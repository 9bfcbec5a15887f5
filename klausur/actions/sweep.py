"""What time does: seats nobody is at are given up, empty openings are over, ended meetings are forgotten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from klausur.actions.leave_seat import see_off
from klausur.actions.presence import Presence
from klausur.actions.world import World
from klausur.domain.errors import EngineUnavailable
from klausur.domain.events import DropReason, Event
from klausur.domain.meeting import (
    Opening,
    Seat,
    forgotten_before,
    given_up_if_arriving_since,
    given_up_if_away_since,
    over_if_empty_since,
    stale_if_made_by,
)
from klausur.domain.ports import UnitOfWork


async def sweep(world: World, presence: Presence) -> None:
    """Safe to run at any time and by several processes at once: each row changes hands once."""
    await presence.settle()
    now = world.clock.now()
    async with world.store.writing() as unit:
        given_up = await _give_up(unit, now)
        due = await unit.meetings.due(over_if_empty_since(now), now)
        members = await unit.seats.members([opening.session for _, opening in due])
        await unit.meetings.end([meeting for meeting, _ in due], now)
        forgotten = await unit.meetings.forget(forgotten_before(now))
        await unit.tickets.void_stale(stale_if_made_by(now))
    for room, seats in given_up.items():
        await see_off(world, room, seats, DropReason.GIVEN_UP)
    for meeting, opening in due:
        await _close(world, meeting, opening, [seat for seat in members if seat.meeting == meeting])
    if given_up or due or forgotten:
        await world.store.scrub()


async def _give_up(unit: UnitOfWork, now: datetime) -> dict[str, list[Seat]]:
    """By room. Their openings may have become empty by it."""
    gone = await unit.seats.give_up(given_up_if_away_since(now), given_up_if_arriving_since(now), now)
    by_session: defaultdict[str, list[Seat]] = defaultdict(list)
    for seat in gone:
        by_session[seat.session].append(seat)
    if not gone:
        return {}
    await unit.tickets.void_of_gone()
    await unit.history.note_seats(Event.SEAT_GIVEN_UP, gone, now)
    await unit.meetings.note_emptied(now)
    rooms = await unit.meetings.rooms_of(list(by_session))
    return {room: by_session[session] for session, room in rooms.items()}


async def _close(world: World, meeting: str, opening: Opening, members: Sequence[Seat]) -> None:
    world.audience.tell(meeting, {"type": "ended"})
    for seat in members:
        await world.connections.drop(meeting, seat.pseudonym, reason=DropReason.ENDED)
    with suppress(EngineUnavailable):
        await world.engine.end_room(opening.room)
