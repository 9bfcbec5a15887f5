"""What was begun and waits for its answer: used once, for a while, and never more of it than memory allows."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from klausur.domain.encoding import encode
from klausur.domain.ports import Clock

AT_MOST: Final = 10_000
"""A few megabytes. Who fills it up makes others begin again; how often a network may begin is counted at the door."""

T = TypeVar("T")


class _Bounded(Generic[T]):
    """In memory only. All live equally long, so that they stand in order of age, and no more than those that go are
    looked at."""

    def __init__(self, clock: Clock, lives: timedelta, at_most: int = AT_MOST) -> None:
        self._clock = clock
        self._lives = lives
        self._at_most = at_most
        self._held: dict[str, tuple[datetime, T]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def _put(self, key: str, what: T) -> None:
        """The oldest goes where there is no room."""
        now = self._clock.now()
        while self._held:
            oldest = next(iter(self._held))
            if self._held[oldest][0] > now and len(self._held) < self._at_most:
                break
            del self._held[oldest]
        self._held[key] = (now + self._lives, what)


class Pending(_Bounded[T]):
    """What a restart forgets, people begin anew."""

    def keep(self, what: T) -> str:
        """The random id by which it is taken again."""
        id_ = encode(secrets.token_bytes(32))
        self._put(id_, what)
        return id_

    def take(self, id_: str) -> T | None:
        """None when it is unknown, used or too old."""
        held = self._held.pop(id_, None)
        return held[1] if held and self._clock.now() < held[0] else None


class Once(_Bounded[None]):
    """What has been seen before."""

    def first(self, key: str) -> bool:
        if key in self._held:
            return False
        self._put(key, None)
        return True
