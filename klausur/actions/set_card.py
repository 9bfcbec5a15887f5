"""The host writes the meeting's card: a ciphertext whose signature the server checks, and whose title it never sees."""

from __future__ import annotations

from klausur.actions.door import enter_live, look_live
from klausur.actions.signatures import require_host
from klausur.actions.views import card_message
from klausur.actions.world import World
from klausur.domain import encoding
from klausur.domain.errors import CardOutdated, Malformed
from klausur.domain.events import Event
from klausur.domain.meeting import next_card


async def set_card(world: World, meeting: str, proof: str | None, *, version: int, sealed: str, signature: str) -> None:
    now = world.clock.now()
    known = await look_live(world, meeting, proof, now)
    if not encoding.is_sealed(sealed):
        raise Malformed
    require_host(known, f"klausur card v1|{known.id}|{version}|{sealed}", signature)
    async with world.store.writing() as unit:
        known, _ = await enter_live(unit, meeting, proof, now)
        card = next_card(known, version, sealed)
        if not await unit.meetings.set_card(known.id, card):
            raise CardOutdated
        await unit.history.note(Event.CARD_SET, known.id, now)
    world.audience.tell(known.id, card_message(card))
