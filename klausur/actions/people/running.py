"""Meetings that run, as administrators see them: a random id, since when, how many. Neither names nor a way in."""

from __future__ import annotations

from collections.abc import Sequence

from klausur.actions.end_opening import close, leave_nothing
from klausur.actions.people.circle import Here, People
from klausur.actions.people.sessions import still_may
from klausur.actions.world import World
from klausur.domain.accounts import AuditAct
from klausur.domain.errors import NotThere
from klausur.domain.policy import AccountOperation
from klausur.domain.ports import RunningOpening


async def running_meetings(people: People) -> Sequence[RunningOpening]:
    async with people.store.reading() as unit:
        return await unit.meetings.running()


async def end_running(people: People, world: World, here: Here, session: str) -> None:
    """For everyone, as a host would. Raises NotThere."""
    now = people.clock.now()
    async with people.store.writing() as unit:
        here = await still_may(unit, here, AccountOperation.END_RUNNING, now)
        found = [each for each in await unit.meetings.of_sessions([session]) if each[1].began_at is not None]
        if not found:
            raise NotThere
        over = await close(unit, found, now)
        await unit.audit.note(AuditAct.MEETING_ENDED, now, by=here.account.id, object_=session)
    await leave_nothing(world, over)
