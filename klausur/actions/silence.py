"""A moderator mutes somebody, or stops their picture. Nobody but they themselves can undo it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from klausur.actions.acts import Act, relay
from klausur.actions.power import actor_of, target_of
from klausur.actions.world import World
from klausur.domain.errors import Malformed
from klausur.domain.events import Event, TrackSource
from klausur.domain.meeting import role_in
from klausur.domain.policy import Operation, Role, require

_CONCERNS: Final[Mapping[str, tuple[Operation, TrackSource, Event]]] = MappingProxyType(
    {
        "mute": (Operation.MUTE, TrackSource.MICROPHONE, Event.SEAT_MUTED),
        "stop_video": (Operation.STOP_VIDEO, TrackSource.CAMERA, Event.VIDEO_STOPPED),
        "stop_screen": (Operation.STOP_SCREEN, TrackSource.SCREEN, Event.SCREEN_STOPPED),
    }
)
_AT_ONCE: Final = 8


async def silence(world: World, meeting: str, pseudonym: str, act: Act) -> None:
    """Raises NotAllowed, NotYourSeat, EngineUnavailable: then nobody is told of it."""
    operation, source, event = _CONCERNS[act.op]
    if act.target is None:
        raise Malformed
    now = world.clock.now()
    async with world.store.writing() as unit:
        actor = await actor_of(unit, meeting, pseudonym, now)
        target = await target_of(unit, actor, operation, act.target)
        await unit.history.note(event, meeting, now, seat=target.pseudonym)
    await world.engine.silence(actor.opening.room, target.pseudonym, frozenset({source}))
    relay(world, actor.seat, act)


async def mute_all(world: World, meeting: str, pseudonym: str, act: Act) -> None:
    """Everybody but hosts, co-hosts and oneself. Raises as ``silence``."""
    now = world.clock.now()
    async with world.store.writing() as unit:
        actor = await actor_of(unit, meeting, pseudonym, now)
        require(actor.role, Operation.MUTE, Role.PARTICIPANT)
        others = await unit.seats.roster(actor.seat.session, but=pseudonym)
        muted = [seat for seat in others if role_in(actor.meeting, seat) is Role.PARTICIPANT]
        await unit.history.note_seats(Event.SEAT_MUTED, muted, now)
    await _mute(world, actor.opening.room, [seat.pseudonym for seat in muted])
    relay(world, actor.seat, act)


async def _mute(world: World, room: str, pseudonyms: Sequence[str]) -> None:
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(pseudonym: str) -> None:
        async with slots:
            await world.engine.silence(room, pseudonym, frozenset({TrackSource.MICROPHONE}))

    results = await asyncio.gather(*map(one, pseudonyms), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
