"""How often a network may try. Counted in memory only: nothing about who came outlives the process."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from klausur.domain.errors import TooManyAttempts


class Attempt(StrEnum):
    OPENING = "opening"
    KNOCK = "knock"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class Allowed:
    openings_per_10_minutes: int
    knocks_per_minute: int
    tickets_per_minute: int
    sockets: int


class Attempts:
    def __init__(self, allowed: Allowed) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._limits: dict[Attempt, RateLimitItem] = {
            Attempt.OPENING: RateLimitItemPerMinute(allowed.openings_per_10_minutes, 10),
            Attempt.KNOCK: RateLimitItemPerMinute(allowed.knocks_per_minute),
            Attempt.TICKET: RateLimitItemPerMinute(allowed.tickets_per_minute),
        }
        self._sockets_allowed = allowed.sockets
        self._sockets: Counter[str] = Counter()

    def count(self, attempt: Attempt, network: str) -> None:
        """Raises TooManyAttempts."""
        limit = self._limits[attempt]
        if not self._limiter.hit(limit, attempt, network):
            until = self._limiter.get_window_stats(limit, attempt, network).reset_time
            raise TooManyAttempts(max(1, ceil(until - time.time())))

    @contextmanager
    def socket(self, network: str) -> Iterator[None]:
        """While it is open. Raises TooManyAttempts."""
        if self._sockets[network] >= self._sockets_allowed:
            raise TooManyAttempts(5)
        self._sockets[network] += 1
        try:
            yield
        finally:
            self._sockets[network] -= 1
            if not self._sockets[network]:
                del self._sockets[network]
