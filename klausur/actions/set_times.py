"""The host moves a planned meeting. The server learns from when to when it has to keep it, not when people meet."""

from __future__ import annotations

from datetime import datetime

from klausur.actions.door import enter_live, look_live
from klausur.actions.signatures import require_host
from klausur.actions.world import World
from klausur.domain.errors import Malformed, TimesOutdated
from klausur.domain.events import Event
from klausur.domain.meeting import moved


async def set_times(
    world: World, meeting: str, proof: str | None, *, opens_at: str, closes_at: str, version: int, signature: str
) -> None:
    """Times as the host's browser wrote them: it is the texts that are signed. Raises NoMeeting, MeetingEnded, NotHost,
    Malformed, TimesOutdated."""
    now = world.clock.now()
    known = await look_live(world, meeting, proof, now)
    require_host(known, f"klausur times v1|{known.id}|{version}|{opens_at}|{closes_at}", signature)
    opens, closes = _moment(opens_at), _moment(closes_at)
    async with world.store.writing() as unit:
        known, _ = await enter_live(unit, meeting, proof, now)
        if not await unit.meetings.set_times(moved(known, version, opens, closes, now)):
            raise TimesOutdated
        await unit.history.note(Event.TIMES_SET, known.id, now)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Malformed from None
    if moment.tzinfo is None:
        raise Malformed
    return moment
