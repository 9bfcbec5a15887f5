"""Somebody applauds."""

from __future__ import annotations

from klausur.actions.acts import Act, relay
from klausur.actions.power import actor_of
from klausur.actions.world import World
from klausur.domain.policy import Operation, require


async def react(world: World, meeting: str, pseudonym: str, act: Act) -> None:
    """Nothing is written down. Raises NotAllowed."""
    async with world.store.reading() as unit:
        actor = await actor_of(unit, meeting, pseudonym, world.clock.now())
    require(actor.role, Operation.REACT)
    relay(world, actor.seat, act)
