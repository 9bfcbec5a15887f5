"""Somebody has the installation test itself."""

from __future__ import annotations

from klausur.actions.people.circle import Here, People
from klausur.actions.people.sessions import still_may
from klausur.domain.accounts import AuditAct
from klausur.domain.policy import AccountOperation
from klausur.domain.proof_ports import ProofOffice


async def begin_check(people: People, office: ProofOffice, here: Here) -> None:
    """Raises CheckRunning. The run gets its number later; the entry names who began it."""
    now = people.clock.now()
    async with people.store.writing() as unit:
        here = await still_may(unit, here, AccountOperation.CHECK, now)
        await unit.audit.note(AuditAct.CHECK_BEGUN, now, by=here.account.id, object_=here.account.id)
        office.begin_check()
