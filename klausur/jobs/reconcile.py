"""Makes the media engine agree with the seats."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from klausur.jobs.runner import Job


def job(once: Callable[[], Awaitable[object]]) -> Job:
    """``once``: a round of media.reconcile.Reconciler."""
    return Job("reconcile", every_seconds=15.0, run=once)
