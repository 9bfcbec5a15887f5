"""Within the installation that is looked at: the named probes of a real run, as JSON on standard output.

python -m tests.sabotage.looking PROBE...
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from klausur import build
from klausur.compliance import running
from klausur.compliance.cast import peopled
from klausur.compliance.catalogue import load
from klausur.compliance.judging import Installation
from klausur.compliance.probes import ALL
from klausur.compliance.records import plain_observation
from klausur.settings import Settings, plain, read


async def look(settings: Settings, names: Sequence[str]) -> dict[str, Any]:
    catalogue = load()
    probes = {name: ALL[name] for name in names}
    async with build.people_of(settings) as people:
        its = Installation(people.store, people.clock, plain(settings), version("klausur"))
        async with (
            running.outside(settings.site.geturl(), its.settings) as stranger,
            peopled(stranger, its.store, its.clock) as target,
        ):
            outcome = await running.run(its, target, catalogue, probes, running.Wanted())
    fresh = {seen.probe.id: seen for seen in outcome.seen}
    return {
        "settings": dict(its.settings),
        "seen": {name: {"status": seen.status.value, "says": seen.says.en} for name, seen in fresh.items()},
        "observations": [
            plain_observation(seen.observation(asking, its.settings))
            for seen in fresh.values()
            for asking in seen.judged
        ],
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(look(read().settings, sys.argv[1:]))))
