"""Keeps the database ours. A restart of PostgreSQL takes the claim away, and lets another server in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from klausur.domain.errors import DatabaseTaken
from klausur.jobs.runner import Job


def job(claim: Callable[[], Awaitable[None]], lost: Callable[[DatabaseTaken], None]) -> Job:
    """``lost``: another server has it now, and this one must end."""

    async def run() -> None:
        try:
            await claim()
        except DatabaseTaken as error:
            lost(error)
            raise

    return Job("claim", every_seconds=10.0, run=run)
