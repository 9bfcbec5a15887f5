"""Within the installation that is looked at: the named probes of a real run, as JSON on standard output.

python -m tests.sabotage.looking PROBE...
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from klausur import build
from klausur.compliance import running
from klausur.compliance.cast import peopled
from klausur.compliance.catalogue import load
from klausur.compliance.judging import Installation
from klausur.compliance.probes import ALL
from klausur.compliance.probing import Probe
from klausur.compliance.records import plain_observation
from klausur.settings import Settings, plain, read
from tests.sabotage.alone import alone


async def look(settings: Settings, names: Sequence[str]) -> dict[str, Any]:
    probes = {name: ALL[name] for name in names}
    # Locked as any check: else the server would begin another where damage lets anybody ask for one.
    async with build.people_of(settings) as people:
        its = Installation(people.store, people.clock, plain(settings), version("klausur"))
        with alone(settings.data):
            outcome = await _looked(settings, its, probes)
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


async def _looked(settings: Settings, its: Installation, probes: Mapping[str, Probe]) -> running.Outcome:
    async with (
        running.outside(settings.site.geturl(), its.settings) as stranger,
        peopled(stranger, its.store, its.clock) as target,
    ):
        return await running.run(its, target, load(), probes, running.Wanted())


if __name__ == "__main__":
    print(json.dumps(asyncio.run(look(read().settings, sys.argv[1:]))))
