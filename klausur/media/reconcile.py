"""Compares who should be at the engine with who is, and repairs what webhooks, crashes and races have left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import structlog

from klausur.domain.errors import KlausurError
from klausur.domain.events import EngineEvent
from klausur.domain.ports import EngineNotes, MediaEngine

_log = structlog.get_logger(__name__)

Expected = Mapping[str, Mapping[str, bool]]
"""Room to the identities of its seats, connected or not, of every opening that is not over, and whether each of them
may share a screen."""
State = Callable[[], Awaitable[Expected]]

EVERY_SECONDS: Final = 15.0
_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Repairs:
    end: frozenset[str]
    """Rooms that belong to no opening."""
    remove: frozenset[tuple[str, str]]
    """Room and identity of those who have no seat."""
    absent: frozenset[tuple[str, str]]
    """Room and identity of seats that are not at the engine. Whether they should be, their owner knows."""
    permit: frozenset[tuple[str, str, bool]]
    """Room and identity of those who may share a screen, or may not, otherwise than the engine thinks."""


_NOTHING: Final = Repairs(frozenset(), frozenset(), frozenset(), frozenset())


def compare(expected: Expected, actual: Expected) -> Repairs:
    """``actual``: rooms at the engine that bear our names, and who is in them."""
    seats, here = _people(expected), _people(actual)
    strangers = {(room, who) for room, who in here.keys() - seats.keys() if room in expected}
    changed = {each for each in here.keys() & seats.keys() if here[each] != seats[each]}
    return Repairs(
        end=frozenset(actual.keys() - expected.keys()),
        remove=frozenset(strangers),
        absent=frozenset(seats.keys() - here.keys()),
        permit=frozenset((room, who, seats[room, who]) for room, who in changed),
    )


def _people(rooms: Expected) -> Mapping[tuple[str, str], bool]:
    return {(room, who): share for room, people in rooms.items() for who, share in people.items()}


class Reconciler:
    """``state`` is asked before and after the engine: only what is wrong by both answers is repaired, because people
    come and go while the engine counts."""

    def __init__(self, engine: MediaEngine, state: State, note: EngineNotes) -> None:
        self._engine = engine
        self._state = state
        self._note = note
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._suspects = _NOTHING

    async def run(self, every_seconds: float = EVERY_SECONDS) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(every_seconds)
            await self.once()

    async def once(self) -> Repairs:
        """One round; returns what it repaired. What is absent is reported when it was so in the round before too: seats
        are taken before they connect, and a reconnecting browser is away for a moment."""
        try:
            before = await self._state()
            actual = await self._look()
            after = await self._state()
        except KlausurError as error:
            _log.info("engine_not_compared", code=error.code)
            return _NOTHING
        found = _both(compare(before, actual), compare(after, actual))
        lasting = replace(found, absent=found.absent & self._suspects.absent)
        self._suspects = found
        await self._repair(lasting)
        return lasting

    async def _look(self) -> Expected:
        rooms = await self._engine.rooms()
        inside = await asyncio.gather(*(self._inside(room) for room in rooms))
        return dict(zip(rooms, inside, strict=True))

    async def _inside(self, room: str) -> Mapping[str, bool]:
        async with self._slots:
            return await self._engine.participants(room)

    async def _repair(self, repairs: Repairs) -> None:
        if repairs.end or repairs.remove or repairs.permit:
            _log.warning(
                "engine_repaired",
                rooms=len(repairs.end),
                participants=len(repairs.remove),
                permissions=len(repairs.permit),
            )
        steps = [self._step(self._engine.end_room(room)) for room in sorted(repairs.end)]
        steps += [self._step(self._engine.remove(room, who)) for room, who in sorted(repairs.remove)]
        steps += [
            self._step(self._engine.permit(room, who, share=share)) for room, who, share in sorted(repairs.permit)
        ]
        steps += [self._step(self._note(EngineEvent.PARTICIPANT_LEFT, *each)) for each in sorted(repairs.absent)]
        await asyncio.gather(*steps)

    async def _step(self, step: Awaitable[None]) -> None:
        """What fails is found again in the next round."""
        async with self._slots:
            try:
                await step
            except KlausurError as error:
                _log.warning("engine_repair_failed", code=error.code)


def _both(first: Repairs, second: Repairs) -> Repairs:
    return Repairs(
        end=first.end & second.end,
        remove=first.remove & second.remove,
        absent=first.absent & second.absent,
        permit=first.permit & second.permit,
    )
