"""Lets time do its work on sessions and invitations."""

from __future__ import annotations

from klausur.actions.people.circle import People
from klausur.actions.people.tidy import tidy
from klausur.jobs.runner import Job


def job(people: People) -> Job:
    return Job("people", every_seconds=300.0, run=lambda: tidy(people))
