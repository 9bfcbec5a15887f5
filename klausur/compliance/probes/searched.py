"""A marked meeting that is searched for what must never be readable on the server, while it goes on and afterwards."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from klausur.compliance.controlling import server_process
from klausur.compliance.marked import Held, end
from klausur.compliance.probes.held import holding
from klausur.compliance.probes.saying import saw_nothing
from klausur.compliance.probes.traces import search
from klausur.compliance.probing import Evidence, Judged
from klausur.compliance.target import Target


async def searched(target: Target, marks: Callable[[Held], Mapping[str, bytes]]) -> Evidence:
    """Where ``marks`` are, and where that is what is stored of the meeting on purpose; and how many files that was
    looked for in. Raises CannotLook, also where the data folder is not that of the running server."""
    await server_process(target)
    async with holding(target) as held:
        seen = {"stored": await search(target, held.stored), "during": await search(target, marks(held))}
        await end(held)
        seen["after"] = await search(target, marks(held))
    found = {when: each.found for when, each in seen.items()}
    return target.evidence(**found, files={when: each.files for when, each in seen.items()})


def without_control(evidence: Evidence) -> Judged | None:
    """What is to be said where not even that was found which is stored."""
    missing = [name for name, where in evidence["stored"].items() if not where]
    if not all(evidence[when] for when in ("stored", "during", "after")):
        return saw_nothing("Es wurde nach nichts gesucht.", "Nothing was searched for.")
    if not all(evidence["files"][when] for when in ("stored", "during", "after")):
        return saw_nothing("Im Datenordner lag keine Datei.", "There was no file in the data folder.")
    if not missing:
        return None
    return saw_nothing(
        f"Nicht gefunden, obwohl gespeichert: {', '.join(missing)}.",
        f"Not found although it is stored: {', '.join(missing)}.",
    )


def found(evidence: Evidence) -> list[str]:
    places = {
        f"{name} in {place}"
        for when in ("during", "after")
        for name, where in evidence[when].items()
        for place in where
    }
    return sorted(places)


@asynccontextmanager
async def careless(target: Target) -> AsyncIterator[Target]:
    """Its pages send along what opens it all, and encode what they should seal."""
    yield replace(target, careless=True, mark=secrets.token_urlsafe(9))
