"""A media engine that is only a table: for tests of everything that needs one, and of how they bear its failures."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from klausur.domain.errors import EngineUnavailable
from klausur.domain.events import TrackSource
from klausur.domain.ports import Passage


@dataclass
class FakeRoom:
    max_participants: int
    participants: set[str] = field(default_factory=set)
    sharers: set[str] = field(default_factory=set)
    """Who of them may publish a screen."""


class FakeEngine:
    """domain.ports.MediaEngine. ``fail()`` makes every call raise EngineUnavailable until ``recover()``."""

    def __init__(self) -> None:
        self.table: dict[str, FakeRoom] = {}
        self.calls: list[tuple[str, ...]] = []
        self.called = asyncio.Event()
        self._failing: int | None = 0
        self._pass = asyncio.Event()
        self._pass.set()

    # -- what a test does to it

    def fail(self, times: int | None = None) -> None:
        """The next ``times`` calls, or all of them."""
        self._failing = times

    def recover(self) -> None:
        self._failing = 0

    def hang(self) -> None:
        """Calls wait until ``go_on()``."""
        self._pass.clear()

    def go_on(self) -> None:
        self._pass.set()

    def enter(self, room: str, identity: str, *, may_share: bool = True) -> None:
        """As a browser would, by whatever way: the reconciler must cope with all."""
        entered = self.table.setdefault(room, FakeRoom(0))
        entered.participants.add(identity)
        if may_share:
            entered.sharers.add(identity)

    def leave(self, room: str, identity: str) -> None:
        if room in self.table:
            self.table[room].participants.discard(identity)
            self.table[room].sharers.discard(identity)

    def forget(self) -> None:
        """As after a crash."""
        self.table.clear()

    # -- what it does

    async def ensure_room(self, room: str, max_participants: int) -> None:
        await self._called("ensure_room", room)
        self.table.setdefault(room, FakeRoom(max_participants)).max_participants = max_participants

    async def end_room(self, room: str) -> None:
        await self._called("end_room", room)
        self.table.pop(room, None)

    async def remove(self, room: str, identity: str) -> None:
        await self._called("remove", room, identity)
        self.leave(room, identity)

    async def silence(self, room: str, identity: str, sources: frozenset[TrackSource]) -> None:
        await self._called("silence", room, identity, *sorted(sources))

    async def permit(self, room: str, identity: str, *, share: bool) -> None:
        await self._called("permit", room, identity, "share" if share else "no share")
        if room in self.table and identity in self.table[room].participants:
            sharers = self.table[room].sharers
            (sharers.add if share else sharers.discard)(identity)

    async def rooms(self) -> Sequence[str]:
        await self._called("rooms")
        return sorted(self.table)

    async def participants(self, room: str) -> Mapping[str, bool]:
        await self._called("participants", room)
        its = self.table.get(room, FakeRoom(0))
        return {identity: identity in its.sharers for identity in sorted(its.participants)}

    async def healthy(self) -> bool:
        return self._failing == 0

    def token(self, passage: Passage) -> str:
        return f"fake token for {passage.pseudonym}"

    async def _called(self, *call: str) -> None:
        self.calls.append(call)
        self.called.set()
        await self._pass.wait()
        if self._failing == 0:
            return
        if self._failing is not None:
            self._failing -= 1
        raise EngineUnavailable("the fake engine fails as it was told")
