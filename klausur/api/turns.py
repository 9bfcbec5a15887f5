"""Whoever asks for a seat of one meeting waits for those who asked before, not other meetings for them.

A flood may be within every limit for a while. Served all at once it would stand in front of everybody else's requests;
this way one of it does, and then pauses for twice as long as it took, so that most of the time is for others. A crowd
that arrives in good faith is inside within seconds all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from klausur.domain.errors import TooManyAttempts

IN_LINE_AT_MOST: Final = 256
"""For one meeting: each holds its request in memory."""
REFUSED_AFTER_SECONDS: Final = 0.2
"""Who is refused and asks again at once, as floods do, would keep us busy with refusing."""
_PAUSE: Final = 2
"""Times what the one before took."""


@dataclass(slots=True)
class _Line:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    length: int = 0


class Turns:
    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}

    @asynccontextmanager
    async def of(self, whose: str) -> AsyncIterator[None]:
        """Raises TooManyAttempts."""
        line = self._lines.setdefault(whose, _Line())
        if line.length >= IN_LINE_AT_MOST:
            raise TooManyAttempts(1)
        line.length += 1
        try:
            async with line.lock:
                loop = asyncio.get_running_loop()
                begun = loop.time()
                yield
                if line.length > 1:
                    await asyncio.sleep(_PAUSE * (loop.time() - begun))
        finally:
            line.length -= 1
            if not line.length:
                del self._lines[whose]
