"""A host gives somebody inside a certificate of the host's own, in place of what let them in: before what let them in
stops counting, because the waiting room goes on or a co-host loses the power."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from klausur.actions.power import actor_of, target_of
from klausur.actions.signatures import is_signed
from klausur.actions.views import seat_message
from klausur.actions.world import World
from klausur.domain.admission import Certificate, Place
from klausur.domain.errors import NotAllowed
from klausur.domain.events import Event
from klausur.domain.policy import Operation


async def certify(world: World, meeting: str, pseudonym: str, target: str, certificate: Any) -> None:
    """Raises Malformed, NotAllowed, NotYourSeat."""
    given = Certificate.read(certificate)
    now = world.clock.now()
    async with world.store.writing() as unit:
        actor = await actor_of(unit, meeting, pseudonym, now)
        seat = await target_of(unit, actor, Operation.RECERTIFY, target)
        place = Place(seat.meeting, seat.session, seat.pseudonym, seat.key)
        signed = is_signed(actor.meeting.host_public_key, given.statement(place), given.signature)
        # A host who were certified as less would lose the power over their own meeting.
        if given.issuer != "host" or given.role is not seat.role or not given.holds(now) or not signed:
            raise NotAllowed
        seat = replace(seat, admission=json.dumps({"certificate": given.shown()}))
        await unit.seats.keep(seat)
        await unit.history.note(Event.SEAT_RECERTIFIED, meeting, now, seat=target)
    world.audience.tell(meeting, seat_message(seat), but=target)
