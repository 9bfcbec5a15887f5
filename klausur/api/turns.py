"""Whoever asks for a seat of one meeting waits for those who asked before, not other meetings for them.

A flood may be within every limit for a while. Served as fast as it comes it would stand in front of everybody else's
requests; this way one of it does, and then a pause is for others. A crowd that arrives in good faith has asked within
seconds all the same, and no host could answer faster.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from math import ceil
from typing import Final

from klausur.domain.errors import TooManyAttempts

IN_LINE_AT_MOST: Final = 256
"""For one meeting: each holds its request in memory."""
PAUSE_SECONDS: Final = 0.02
"""From one to the next: several times what one costs us, from its first byte to its last."""
REFUSED_AFTER_SECONDS: Final = 0.2
"""Who is refused and asks again at once, as floods do, would keep us busy with refusing."""


@dataclass(slots=True)
class _Line:
    length: int = 0
    free_at: float = 0.0


class Turns:
    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lines: dict[str, _Line] = {}

    @asynccontextmanager
    async def of(self, whose: str) -> AsyncIterator[None]:
        """Raises TooManyAttempts."""
        now = self._clock()
        self._forget(now)
        line = self._lines[whose] = self._lines.pop(whose, _Line())
        if line.length >= IN_LINE_AT_MOST:
            raise TooManyAttempts(ceil(IN_LINE_AT_MOST * PAUSE_SECONDS))
        turn = max(now, line.free_at)
        line.free_at = turn + PAUSE_SECONDS
        line.length += 1
        try:
            if turn > now:
                await self._sleep(turn - now)
            yield
        finally:
            line.length -= 1

    def _forget(self, now: float) -> None:
        """Lines are in order of their last visitor; those at the front are over first."""
        while self._lines:
            whose, line = next(iter(self._lines.items()))
            if line.length or line.free_at > now:
                return
            del self._lines[whose]
