"""How long a name, and a network, have to wait after failures to sign in. Never a lock: who waits gets a turn.

Whoever guesses at somebody's name would otherwise take each moment at which an attempt is looked at, and keep its owner
out for as long as he likes. So those who were told to wait for a name stand in line for it, one place a network.

In memory only, and of names only a hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from math import ceil
from typing import Final

from klausur.domain.errors import CodeRefused, SigninRefused, TooManyAttempts
from klausur.domain.ports import Clock

FREE: Final = 5
FREE_AT_NETWORK: Final = 30
"""A whole office may be one network, in which somebody is always mistyping something."""
FADES_AT_NETWORK: Final = timedelta(seconds=10)
"""One failure of a network's is forgotten each time, however busy it stays."""
LONGEST: Final = timedelta(seconds=60)
FORGOTTEN_AFTER: Final = timedelta(minutes=15)
TURN: Final = timedelta(seconds=30)
"""So long the first in line may take what it waited for; then the next one, too."""
_IN_LINE_AT_MOST: Final = 32
_TALLIES_AT_MOST: Final = 50_000
_FORGOTTEN_AT_ONCE: Final = 20
_NAME: Final = "name|"
_NETWORK: Final = "network|"


@dataclass(frozen=True, slots=True)
class _Before:
    """A tally before an attempt was counted."""

    last: datetime
    line: list[str]
    counted_at: datetime


@dataclass(slots=True)
class _Tally:
    last: datetime
    faded: datetime
    free: int = FREE
    fades: timedelta | None = None
    failures: int = 0
    line: list[str] = field(default_factory=list)

    def fade(self, now: datetime) -> None:
        if self.fades is not None:
            times = (now - self.faded) // self.fades
            self.failures = max(0, self.failures - times)
            self.faded += times * self.fades

    def waits(self, whose: str, now: datetime) -> timedelta:
        """Until an attempt of theirs is looked at; who is told to wait stands in line from then on."""
        opens = self.last + _delay(self.failures - self.free)
        if self.failures < self.free:
            return timedelta()
        ahead = self.line.index(whose) if whose in self.line else len(self.line)
        wait = opens + ahead * TURN - now
        if wait <= timedelta():
            return timedelta()
        if whose not in self.line and len(self.line) < _IN_LINE_AT_MOST:
            self.line.append(whose)
        return wait

    def take(self, whose: str, now: datetime) -> _Before:
        """Those in front let their turn pass."""
        before = _Before(self.last, self.line, now)
        self.line = self.line[self.line.index(whose) + 1 :] if whose in self.line else []
        self.failures += 1
        self.last = now
        return before

    def take_back(self, before: _Before) -> None:
        """Nor does anybody wait for it, unless another attempt has come meanwhile."""
        self.failures = max(0, self.failures - 1)
        if self.last == before.counted_at:
            self.last, self.line = before.last, before.line


def _delay(over: int) -> timedelta:
    """``over``: failures beyond the free ones."""
    return timedelta() if over < 0 else min(LONGEST, timedelta(seconds=2 ** min(over, 6)))


class Patience:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[str, _Tally] = {}
        """Those last counted at come last."""

    @contextmanager
    def attempt(self, name: str, network: str) -> Iterator[None]:
        """``name``: folded, known or not. It counts as a failure from its beginning, so that many at once are as many
        one after another, and is taken back when it was none. Raises TooManyAttempts, before anything is looked at."""
        now = self._clock.now()
        at_name, at_network = _key(_NAME, name), _key(_NETWORK, network)
        wait = max(self._tally(at_name, now).waits(network, now), self._tally(at_network, now).waits(network, now))
        if wait > timedelta():
            raise TooManyAttempts(max(1, ceil(wait.total_seconds())))
        taken = {key: self._counted(key, now).take(network, now) for key in (at_name, at_network)}
        try:
            yield
        except (SigninRefused, CodeRefused):
            raise
        except BaseException:
            # Nothing was guessed; or half of it was right (CodeNeeded), which is neither a failure, nor a reason to
            # forget those at the other half.
            self._take_back(taken)
            raise
        # Whoever has one account here must not get free attempts at others by signing in to it in between.
        self._take_back({at_network: taken[at_network]})
        self._held.pop(at_name, None)

    def forget(self, network: str) -> None:
        """Its own failures; those at a name stay."""
        self._held.pop(_key(_NETWORK, network), None)

    def _tally(self, key: str, now: datetime) -> _Tally:
        held = self._held.get(key)
        if held is None or now - held.last >= FORGOTTEN_AFTER:
            self._forget(now)
            self._held.pop(key, None)
            held = self._held[key] = _Tally(now, now)
            if key.startswith(_NETWORK):
                held.free, held.fades = FREE_AT_NETWORK, FADES_AT_NETWORK
        held.fade(now)
        return held

    def _counted(self, key: str, now: datetime) -> _Tally:
        tally = self._tally(key, now)
        self._held[key] = self._held.pop(key)
        return tally

    def _take_back(self, taken: Mapping[str, _Before]) -> None:
        for key, before in taken.items():
            if key in self._held:
                self._held[key].take_back(before)

    def _forget(self, now: datetime) -> None:
        """Some of the quiet ones; and where there are too many, at least the oldest."""
        for key in list(islice(self._held, _FORGOTTEN_AT_ONCE)):
            if now - self._held[key].last < FORGOTTEN_AFTER and len(self._held) < _TALLIES_AT_MOST:
                return
            del self._held[key]


def _key(kind: str, of: str) -> str:
    return kind + hashlib.sha256(of.encode("utf-8", "replace")).hexdigest()
