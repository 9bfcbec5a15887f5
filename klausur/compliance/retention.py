"""Evidence that is older than the installation keeps it goes; the ledger's entries stay, and say that it went."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from klausur.compliance import standing
from klausur.compliance.keeping import Ledger
from klausur.compliance.ledger import moment
from klausur.domain.ports import Clock, Store

_AT_ONCE: Final = 1000
_REASON: Final = "older than evidence is kept"


async def erase_old(store: Store, clock: Clock, days: int) -> int:
    """Returns how many pieces went. What a verdict may still rest on stays: a fail does not become better by being
    forgotten. Raises StorageUnavailable."""
    before = moment(clock.now() - timedelta(days=days))
    async with store.reading() as unit:
        needed = {one.entry for one in await standing.read(unit.proof)}
        old = await unit.proof.older_evidence(before, _AT_ONCE + len(needed))
    going = [seq for seq in old if seq not in needed][:_AT_ONCE]
    if going:
        await Ledger(store, clock).erase(going, _REASON)
    return len(going)
