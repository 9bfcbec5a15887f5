"""Lets time do its work on seats, openings and meetings."""

from __future__ import annotations

from klausur.actions.end_doubtful import EndDoubtful
from klausur.actions.presence import Presence
from klausur.actions.sweep import sweep
from klausur.actions.world import World
from klausur.jobs.runner import Job


def job(world: World, presence: Presence) -> Job:
    end_doubtful = EndDoubtful(world)

    async def run() -> None:
        await sweep(world, presence)
        await end_doubtful()

    return Job("sweep", every_seconds=10.0, run=run)
