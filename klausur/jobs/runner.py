"""Runs periodic jobs. One that fails is logged and has its next turn all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from klausur.domain.errors import KlausurError

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    every_seconds: float
    run: Callable[[], Awaitable[object]]
    at_once: bool = False
    """Its first turn is not waited for."""


class Runner:
    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = jobs
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(repeat(job), name=f"job {job.name}") for job in self._jobs]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []


async def repeat(job: Job) -> None:
    if job.at_once:
        await once(job)
    while True:
        await asyncio.sleep(job.every_seconds)
        await once(job)


async def once(job: Job) -> bool:
    """Whether it did what it was to do."""
    try:
        await job.run()
    except KlausurError as error:
        _log.warning("job_failed", job=job.name, code=error.code)
    except Exception:  # noqa: BLE001 - a job's next turn matters more than what this one ran into
        _log.exception("job_crashed", job=job.name)
    else:
        return True
    return False
