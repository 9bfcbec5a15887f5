"""The host decides: waiting room, who may share, who is co-host, who is kept out. One signed document, whose signature
everybody inside checks again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from klausur.actions.door import enter_live, look_live
from klausur.actions.leave_seat import Departure, departed, see_off
from klausur.actions.signatures import require_host
from klausur.actions.views import knock_message, rules_message
from klausur.actions.world import World
from klausur.domain.admission import Rules
from klausur.domain.errors import EngineUnavailable, RulesOutdated
from klausur.domain.events import DropReason, Event
from klausur.domain.meeting import SEATED, Meeting, Opening, Seat, SeatState, require_next_rules, role_in
from klausur.domain.policy import Role
from klausur.domain.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class _Consequences:
    departure: Departure
    promoted: Sequence[str]
    """Who became co-host."""
    knocks: Sequence[Seat]
    sharing: Sequence[tuple[str, bool]]
    """Of whom the permission to share has changed."""


async def set_rules(
    world: World, meeting: str, proof: str | None, *, version: int, document: str, signature: str
) -> None:
    """Raises NoMeeting, MeetingEnded, Malformed, NotHost, RulesOutdated."""
    now = world.clock.now()
    known = await look_live(world, meeting, proof, now)
    rules = Rules.read(version, document, signature)
    require_host(known, rules.statement(known.id), signature)
    async with world.store.writing() as unit:
        known, opening = await enter_live(unit, meeting, proof, now)
        require_next_rules(known, rules)
        if not await unit.meetings.set_rules(known.id, rules):
            raise RulesOutdated
        await unit.history.note(Event.RULES_SET, known.id, now)
        follows = await _consequences(unit, known, rules, opening, now)
    world.audience.tell(known.id, rules_message(rules))
    for seat in follows.knocks:
        world.audience.tell_only(known.id, follows.promoted, knock_message(seat))
    await see_off(world, follows.departure, DropReason.REMOVED)
    for pseudonym, share in follows.sharing:
        # When the engine does not answer now, the reconciler finds the difference later.
        with suppress(EngineUnavailable):
            await world.engine.permit(opening.room, pseudonym, share=share)


async def _consequences(
    unit: UnitOfWork, known: Meeting, rules: Rules, opening: Opening, now: datetime
) -> _Consequences:
    after = replace(known, rules=rules)
    denied = rules.denied if rules.session == opening.session else ()
    removed = await unit.seats.remove(opening.session, denied, now)
    await unit.history.note_seats(Event.SEAT_REMOVED, removed, now)
    here = await unit.seats.members([opening.session])
    inside = [(seat, role_in(known, seat), role_in(after, seat)) for seat in here if seat.state in SEATED]
    promoted = [seat.pseudonym for seat, old, new in inside if new is Role.COHOST and old is not new]
    return _Consequences(
        departure=await departed(unit, after, opening, removed, now),
        promoted=promoted,
        knocks=sorted((seat for seat in here if seat.state is SeatState.WAITING), key=_arrival) if promoted else [],
        sharing=[
            (seat.pseudonym, rules.may_share(new))
            for seat, old, new in inside
            if rules.may_share(new) is not known.rules.may_share(old)
        ],
    )


def _arrival(seat: Seat) -> datetime:
    return seat.knocked_at or seat.since
