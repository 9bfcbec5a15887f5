"""What should be true at the media engine, for the reconciler to compare with."""

from __future__ import annotations

from collections.abc import Mapping

from klausur.actions.world import World


async def expect_rooms(world: World) -> Mapping[str, Mapping[str, bool]]:
    """Who may be in each room, and whether they may share a screen there; rooms not named should not exist."""
    async with world.store.reading() as unit:
        openings = await unit.meetings.openings()
        inside = await unit.seats.inside()
    expected: dict[str, dict[str, bool]] = {opening.session: {} for opening, _ in openings}
    rules = {opening.session: its for opening, its in openings}
    for session, pseudonym, key, certified in inside:
        role = rules[session].role_of(key, certified, session)
        expected[session][pseudonym] = rules[session].may_share(role)
    return {opening.room: expected[opening.session] for opening, _ in openings}
