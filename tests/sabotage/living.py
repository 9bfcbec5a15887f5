"""Within an installation that runs: what somebody does who has had it for a while. All facts are declared, it was
checked, and there is a backup.

python -m tests.sabotage.living
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from importlib.metadata import version

from pyrage import x25519

from klausur import build
from klausur.backup.noting import note
from klausur.backup.sealing import Recipients
from klausur.backup.take import take
from klausur.compliance import running
from klausur.compliance.catalogue import load
from klausur.compliance.fact_list import FACTS
from klausur.compliance.facts import FactSpec, Kind
from klausur.compliance.judging import Installation
from klausur.compliance.keeping import Ledger, checkpoint_key
from klausur.compliance.probes import ALL
from klausur.compliance.stating import Speaker, Statements
from klausur.settings import Settings, plain, read
from tests.sabotage.alone import alone

_CHEAP = ("config.logging", "config.guests")


async def live(settings: Settings) -> None:
    async with build.people_of(settings) as people:
        its = Installation(people.store, people.clock, plain(settings), version("klausur"))
        catalogue = load()
        says = Statements(its.store, its.clock, catalogue, its.settings)
        for key, spec in FACTS.items():
            if spec.is_asked(its.settings):
                await says.fact(Speaker("", ""), key, _answer(spec))
        with alone(settings.data):
            async with running.outside(settings.site.geturl(), its.settings) as target:
                await running.run(its, target, catalogue, {name: ALL[name] for name in _CHEAP}, running.Wanted())
            await Ledger(its.store, its.clock).checkpoint(checkpoint_key(settings.data), settings.data)
        await asyncio.to_thread(_back_up, settings, its.clock.now())


def _back_up(settings: Settings, now: datetime) -> None:
    """Its key is thrown away."""
    file = settings.data.parent / "backups" / "last.age"
    file.parent.mkdir()
    key = Recipients([str(x25519.Identity.generate().to_public())])
    take(settings, file, key, release=version("klausur"), now=now, tell=lambda _: None)
    note(settings.data, file, now)


def _answer(spec: FactSpec) -> bool | str:
    match spec.kind:
        case Kind.YES_NO:
            return False
        case Kind.CHOICE:
            return spec.choices[0].value
        case Kind.TEXT:
            return f"As Example e. V. does it ({spec.key})"


if __name__ == "__main__":
    asyncio.run(live(read().settings))
