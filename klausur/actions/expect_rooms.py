"""What should be true at the media engine, for the reconciler to compare with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from klausur.actions.world import World


async def expect_rooms(world: World) -> Mapping[str, frozenset[str]]:
    """Who may be in each room; rooms not named should not exist."""
    async with world.store.reading() as unit:
        rooms = await unit.meetings.rooms()
        seated = await unit.seats.by_room()
    expected: defaultdict[str, set[str]] = defaultdict(set)
    for room, pseudonym in seated:
        expected[room].add(pseudonym)
    return {room: frozenset(expected[room]) for room in rooms}
