"""The first start: a link to the first administrator, for as long as there is none."""

from __future__ import annotations

from klausur.actions.door import new_secret
from klausur.actions.people.circle import People
from klausur.actions.people.invitations import new_invitation
from klausur.domain.accounts import ACCOUNT_BYTES, SETUP_LIVES, AccountRole, InvitationKind


async def offer_setup(people: People) -> str | None:
    """The token; None where somebody can sign in and administer. To be shown in the terminal, and nowhere else."""
    async with people.store.reading() as unit:
        if await unit.accounts.other_administrators(""):
            return None
    until = people.clock.now() + SETUP_LIVES
    account = new_secret(ACCOUNT_BYTES)
    invitation, made = new_invitation(InvitationKind.SETUP, AccountRole.ADMINISTRATOR, until, account=account)
    people.setup.offer(invitation)
    return made.token
