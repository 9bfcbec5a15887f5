"""What time does: seats nobody is at are given up, empty openings are over, ended meetings are forgotten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from klausur.actions.end_opening import close, send_home
from klausur.actions.leave_seat import Departure, see_off
from klausur.actions.presence import Presence
from klausur.actions.world import World
from klausur.domain.events import DropReason, Event
from klausur.domain.meeting import (
    SEATED,
    Meeting,
    Opening,
    Seat,
    SeatState,
    forgotten_before,
    given_up_if_arriving_since,
    given_up_if_away_since,
    given_up_if_declined_since,
    given_up_if_waiting_since,
    gone_before,
    over_if_empty_since,
    role_in,
    stale_if_made_by,
)
from klausur.domain.policy import Operation, allows
from klausur.domain.ports import UnitOfWork


async def sweep(world: World, presence: Presence) -> None:
    """Safe to run at any time and by several processes at once: each row changes hands once."""
    await presence.settle()
    now = world.clock.now()
    async with world.store.writing() as unit:
        departures = await _give_up(unit, now)
        await unit.seats.forget_gone(gone_before(now))
        due = await unit.meetings.due(over_if_empty_since(now), now)
        over = await close(unit, due, now)
        forgotten = await unit.meetings.forget(forgotten_before(now))
        await unit.tickets.void_stale(stale_if_made_by(now))
    for departure in departures:
        await see_off(world, departure, DropReason.GIVEN_UP)
    await send_home(world, over)
    await world.store.scrub(deleted=bool(departures or due or forgotten))


async def _give_up(unit: UnitOfWork, now: datetime) -> list[Departure]:
    """Their openings may have become empty by it."""
    limits = {
        SeatState.AWAY: given_up_if_away_since(now),
        SeatState.ARRIVING: given_up_if_arriving_since(now),
        SeatState.WAITING: given_up_if_waiting_since(now),
        SeatState.DECLINED: given_up_if_declined_since(now),
    }
    gone: defaultdict[str, list[Seat]] = defaultdict(list)
    for seat in await unit.seats.give_up(limits, now):
        gone[seat.session].append(seat)
    if not gone:
        return []
    await unit.tickets.void_of_gone()
    await unit.history.note_seats(Event.SEAT_GIVEN_UP, [seat for seats in gone.values() for seat in seats], now)
    await unit.meetings.note_emptied(now)
    places = await unit.meetings.of_sessions(list(gone))
    moderators = await _moderators(unit, places, gone)
    return [
        Departure(opening.room, gone[opening.session], moderators.get(opening.session, [])) for _, opening in places
    ]


async def _moderators(
    unit: UnitOfWork, places: Sequence[tuple[Meeting, Opening]], gone: dict[str, list[Seat]]
) -> dict[str, list[str]]:
    """By session; of those where somebody waited."""
    waited = [session for session, seats in gone.items() if any(seat.state is SeatState.WAITING for seat in seats)]
    meetings = {opening.session: meeting for meeting, opening in places}
    told: defaultdict[str, list[str]] = defaultdict(list)
    for seat in await unit.seats.members(waited):
        if seat.state in SEATED and allows(role_in(meetings[seat.session], seat), Operation.SEE_WAITING):
            told[seat.session].append(seat.pseudonym)
    return told
