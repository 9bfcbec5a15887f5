"""Whether the parts answer: what ``/readyz`` says."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Final

from klausur.actions.world import World

_REMEMBERED: Final = timedelta(seconds=1)


class Readiness:
    """Anybody may ask, and finding out writes: so it is found out once a second, however many ask."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._turn = asyncio.Lock()
        self._known: tuple[datetime, str | None] | None = None

    async def failing(self) -> str | None:
        """The part that does not answer."""
        async with self._turn:
            now = self._world.clock.now()
            if self._known is None or not timedelta() <= now - self._known[0] < _REMEMBERED:
                self._known = now, await self._find_out()
            return self._known[1]

    async def _find_out(self) -> str | None:
        if not await self._world.store.answers():
            return "database"
        return None if await self._world.engine.healthy() else "engine"
