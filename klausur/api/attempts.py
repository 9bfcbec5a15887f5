"""How often a network, a meeting's link or a seat may try. Counted in memory only: nothing about who came outlives the
process, and a refusal costs no look into the database.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from threading import Timer
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from klausur.api.turns import Turns
from klausur.domain.errors import TooManyAttempts


class Attempt(StrEnum):
    OPENING = "opening"
    KNOCK = "knock"
    """A seat asked for, with or without a waiting room in front of it."""
    MEETING_KNOCK = "meeting_knock"
    GUESS = "guess"
    TICKET = "ticket"
    SIGNIN = "signin"
    SIGNIN_BEGUN = "signin_begun"
    """What comes before: parameters asked for, links looked at, challenges made."""
    LARGE_BODY = "large_body"
    """From somebody who has not shown yet who they are."""
    PROVIDER_LOGOUT = "provider_logout"


_TICKETS_A_MINUTE: Final = 30
"""For one seat. Its bearer renews once for each network that fails."""
_PROVIDER_LOGOUTS_A_MINUTE: Final = 600
"""A provider tells of everybody from one address, and an organisation goes home at one time."""


@dataclass(frozen=True, slots=True)
class Allowed:
    openings_per_10_minutes: int
    knocks_per_minute: int
    meeting_knocks_per_minute: int
    wrong_secrets_per_minute: int
    signins_per_minute: int
    sockets: int


class _NoThread(Timer):
    """In place of the timer that MemoryStorage starts anew up to a hundred times a second, each a thread and half a
    millisecond, to forget what is over."""

    def __init__(self) -> None:
        super().__init__(0, lambda: None)

    def is_alive(self) -> bool:
        return True


_FORGETS_EVERY_SECONDS: Final = 60.0


class Attempts:
    def __init__(self, allowed: Allowed) -> None:
        self._counters = MemoryStorage()
        self._counters.timer = _NoThread()
        self._forgets_at = 0.0
        self._limiter = SlidingWindowCounterRateLimiter(self._counters)
        self._limits: dict[Attempt, RateLimitItem] = {
            Attempt.OPENING: RateLimitItemPerMinute(allowed.openings_per_10_minutes, 10),
            Attempt.KNOCK: RateLimitItemPerMinute(allowed.knocks_per_minute),
            Attempt.MEETING_KNOCK: RateLimitItemPerMinute(allowed.meeting_knocks_per_minute),
            Attempt.GUESS: RateLimitItemPerMinute(allowed.wrong_secrets_per_minute),
            Attempt.TICKET: RateLimitItemPerMinute(_TICKETS_A_MINUTE),
            Attempt.SIGNIN: RateLimitItemPerMinute(allowed.signins_per_minute),
            Attempt.LARGE_BODY: RateLimitItemPerMinute(allowed.signins_per_minute),
            Attempt.PROVIDER_LOGOUT: RateLimitItemPerMinute(_PROVIDER_LOGOUTS_A_MINUTE),
            Attempt.SIGNIN_BEGUN: RateLimitItemPerMinute(2 * allowed.signins_per_minute),
        }
        self.turns = Turns()
        self._sockets_allowed = allowed.sockets
        self._arriving: Counter[str] = Counter()
        self._seated: Counter[str] = Counter()

    def count(self, attempt: Attempt, whose: str) -> None:
        """``whose``: a network, or for tickets a seat, or for a meeting's knocks its link. Raises TooManyAttempts."""
        self._forget()
        limit = self._limits[attempt]
        if not self._limiter.hit(limit, attempt, whose):
            until = self._limiter.get_window_stats(limit, attempt, whose).reset_time
            raise TooManyAttempts(max(1, ceil(until - time.time())))

    def forget(self, network: str) -> None:
        """What it has tried so far."""
        for attempt, limit in self._limits.items():
            self._limiter.clear(limit, attempt, network)

    def _forget(self) -> None:
        """Counters that are over are dropped by being looked at."""
        if time.monotonic() >= self._forgets_at:
            self._forgets_at = time.monotonic() + _FORGETS_EVERY_SECONDS
            for key in list(self._counters.expirations):
                self._counters.get(key)

    @contextmanager
    def socket(self, network: str) -> Iterator[Place]:
        """While it is open. Raises TooManyAttempts."""
        place = Place(network, self._arriving, self._seated, self._sockets_allowed)
        try:
            yield place
        finally:
            place.give_back()


def link(meeting: str, proof: str | None) -> str:
    """Whose attempts are counted for a meeting: those of the people who hold its link. Whoever knows M alone could
    otherwise keep them out by knocking for ever; this way he counts against himself."""
    return hashlib.sha256(f"{meeting}/{proof}".encode()).hexdigest()


class Place:
    """What an open socket takes of its network's allowance.

    Until it has shown whose it is, it counts among those that arrive: only then is it known which dead socket it
    replaces, and a meeting that comes back as a whole must not be kept out by its own dead sockets.
    """

    def __init__(self, network: str, arriving: Counter[str], seated: Counter[str], allowed: int) -> None:
        """Raises TooManyAttempts."""
        self._network = network
        self._seated = seated
        self._allowed = allowed
        self._held: Counter[str] | None = None
        self._take(arriving)

    def settle(self) -> None:
        """It is a seat's socket now, and what it replaces has given its place back. Raises TooManyAttempts."""
        self.give_back()
        self._take(self._seated)

    def give_back(self) -> None:
        """As soon as it is known that the socket is over, and at its end at the latest: the first time counts."""
        if self._held is None:
            return
        self._held[self._network] -= 1
        if not self._held[self._network]:
            del self._held[self._network]
        self._held = None

    def _take(self, count: Counter[str]) -> None:
        if count[self._network] >= self._allowed:
            raise TooManyAttempts(_RETRY_SECONDS)
        count[self._network] += 1
        self._held = count


_RETRY_SECONDS: Final = 5
