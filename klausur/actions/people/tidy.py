"""What time does to accounts: sessions that are over and links that nobody used are deleted."""

from __future__ import annotations

from klausur.actions.people.circle import People
from klausur.domain.accounts import sessions_over


async def tidy(people: People) -> None:
    """Safe to run at any time and by several processes at once."""
    now = people.clock.now()
    async with people.store.writing() as unit:
        ended = await unit.sessions.end_over(*sessions_over(now))
        ended += await unit.invitations.end_over(now)
    if ended:
        await people.store.scrub(deleted=True)
