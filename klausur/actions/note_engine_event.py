"""The media engine reports: fulfils ports.EngineNotes. What people have seats for is true, whatever the engine says."""

from __future__ import annotations

from contextlib import suppress

from klausur.actions.leave_seat import expel
from klausur.actions.world import World
from klausur.domain.errors import EngineUnavailable
from klausur.domain.events import DropReason, EngineEvent
from klausur.domain.meeting import SEATED


class NoteEngineEvent:
    def __init__(self, world: World) -> None:
        self._world = world

    async def __call__(self, event: EngineEvent, room: str, identity: str) -> None:
        # What the engine does not do now, the reconciler finds again.
        with suppress(EngineUnavailable):
            match event:
                case EngineEvent.ROOM_STARTED:
                    await self._require_room(room)
                case EngineEvent.PARTICIPANT_JOINED if identity:
                    await self._require_seat(room, identity)
                case EngineEvent.PLAIN_TRACK_PUBLISHED if identity:
                    await self._expel(room, identity)
                case _:
                    pass

    async def _require_room(self, room: str) -> None:
        if await self._meeting_in(room) is None:
            await self._world.engine.end_room(room)

    async def _require_seat(self, room: str, identity: str) -> None:
        meeting = await self._meeting_in(room)
        async with self._world.store.reading() as unit:
            seat = await unit.seats.find(meeting, identity) if meeting else None
        if seat is None or seat.state not in SEATED:
            await self._world.engine.remove(room, identity)

    async def _expel(self, room: str, identity: str) -> None:
        """The proxy refuses tracks in clear; one that got past it is proof of a client that does not encrypt."""
        meeting = await self._meeting_in(room)
        if meeting:
            await expel(self._world, meeting, identity, DropReason.NOT_ENCRYPTED)
        await self._world.engine.remove(room, identity)

    async def _meeting_in(self, room: str) -> str | None:
        async with self._world.store.reading() as unit:
            return await unit.meetings.meeting_in(room)
