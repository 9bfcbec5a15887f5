"""Whose admission the host's newest rules no longer honour has to ask anew: somebody who came by the link while the
host was closing the door, or whom a co-host let in who is none any more.

The others do not count them from the moment the rules are signed; here they lose seat and engine too. Not at once: the
host's browser may still be giving them a certificate of the host's own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from klausur.actions.leave_seat import depart, see_off
from klausur.actions.world import World
from klausur.domain.events import DropReason, Event
from klausur.domain.meeting import Seat, SeatMove
from klausur.domain.ports import UnitOfWork


class EndDoubtful:
    """To be called now and then: whoever is in doubt twice in a row has to go."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._doubted: frozenset[tuple[str, str]] = frozenset()

    async def __call__(self) -> None:
        async with self._world.store.reading() as unit:
            doubtful = await _doubtful(unit)
        named = frozenset((seat.session, seat.pseudonym) for seat in doubtful)
        again, self._doubted = named & self._doubted, named
        if again:
            await self._end(again)

    async def _end(self, again: frozenset[tuple[str, str]]) -> None:
        now = self._world.clock.now()
        async with self._world.store.writing() as unit:
            due = [seat for seat in await _doubtful(unit) if (seat.session, seat.pseudonym) in again]
            departures = [await depart(unit, seat, SeatMove.LEAVE, Event.SEAT_GIVEN_UP, now) for seat in due]
        for departure in departures:
            if departure:
                await see_off(self._world, departure, DropReason.GIVEN_UP)


async def _doubtful(unit: UnitOfWork) -> Sequence[Seat]:
    seats = await unit.seats.not_by_host()
    places = await unit.meetings.of_sessions(sorted({seat.session for seat in seats}))
    rules = {opening.session: meeting.rules for meeting, opening in places}
    return [
        seat
        for seat in seats
        if seat.session in rules and not rules[seat.session].counts(json.loads(seat.admission), seat.session)
    ]
