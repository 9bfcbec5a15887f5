"""Lets time do its work on seats, openings and meetings."""

from __future__ import annotations

from klausur.actions.presence import Presence
from klausur.actions.sweep import sweep
from klausur.actions.world import World
from klausur.jobs.runner import Job


def job(world: World, presence: Presence) -> Job:
    return Job("sweep", every_seconds=10.0, run=lambda: sweep(world, presence))
