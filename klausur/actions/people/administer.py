"""What administrators do to accounts. Each act is a row of the audit trail, and told to whom it is done to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from klausur.actions.door import new_secret
from klausur.actions.people.circle import Here, People
from klausur.actions.people.invitations import MadeInvitation, new_invitation
from klausur.actions.people.own_account import erase, require_not_last
from klausur.actions.people.second_factor import drop_second_factor
from klausur.actions.people.sessions import still_may
from klausur.domain.accounts import (
    ACCOUNT_BYTES,
    INVITATION_LIVES,
    Account,
    AccountRole,
    AuditAct,
    Invitation,
    InvitationKind,
    Notice,
    NoticeKind,
    sign_in_name,
)
from klausur.domain.errors import NameTaken, NotThere
from klausur.domain.people_ports import PersonRow
from klausur.domain.policy import AccountOperation
from klausur.domain.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Console:
    """The command line of this machine: whoever may read the data folder may do this, too."""


By = Here | Console


async def _author(unit: UnitOfWork, by: By, operation: AccountOperation, now: datetime) -> str | None:
    """For the audit trail; None of the command line. Raises as ``still_may``."""
    if isinstance(by, Console):
        return None
    return (await still_may(unit, by, operation, now)).account.id


async def list_people(people: People) -> tuple[Sequence[PersonRow], Sequence[Invitation]]:
    async with people.store.reading() as unit:
        return await unit.accounts.people(), await unit.invitations.open(people.clock.now())


async def invite(people: People, by: By, role: AccountRole, name: str | None) -> MadeInvitation:
    """``name``: what is proposed to them. Raises Malformed, NameTaken."""
    now = people.clock.now()
    name = None if name is None else sign_in_name(name)
    async with people.store.writing() as unit:
        author = await _author(unit, by, AccountOperation.INVITE, now)
        if name is not None and await unit.accounts.named(name) is not None:
            raise NameTaken
        account, until = new_secret(ACCOUNT_BYTES), now + INVITATION_LIVES
        invitation, made = new_invitation(
            InvitationKind.INVITATION, role, until, account=account, name=name, made_by=author
        )
        await unit.invitations.add(invitation)
        await unit.audit.note(AuditAct.INVITATION_MADE, now, by=author, object_=invitation.id)
    return made


async def withdraw(people: People, by: By, invitation: str) -> None:
    """Raises NotThere."""
    now = people.clock.now()
    async with people.store.writing() as unit:
        author = await _author(unit, by, AccountOperation.INVITE, now)
        if not await unit.invitations.withdraw(invitation):
            raise NotThere
        await unit.audit.note(AuditAct.INVITATION_WITHDRAWN, now, by=author, object_=invitation)


async def offer_reset(people: People, by: By, person: str) -> MadeInvitation:
    """A link by which they make new means of signing in. They are told as soon as it is made. Raises NotThere, also
    for whoever is disabled."""
    now = people.clock.now()
    async with people.store.writing() as unit:
        author = await _author(unit, by, AccountOperation.INVITE, now)
        account = await _person(unit, person)
        if account.disabled:
            raise NotThere
        await unit.invitations.withdraw_for(account.id)
        invitation, made = new_invitation(
            InvitationKind.RESET, account.role, now + INVITATION_LIVES, account=account.id, made_by=author
        )
        await unit.invitations.add(invitation)
        await _tell(unit, account, NoticeKind.CREDENTIALS_RESET, now)
        await unit.audit.note(AuditAct.RESET_MADE, now, by=author, object_=account.id)
    return made


async def change_person(people: People, by: By, person: str, *, role: AccountRole | None, disabled: bool) -> None:
    """``role``: None leaves it. Where either changes their sessions end, and so do links of theirs: what somebody may
    do now, nothing may outlast. Raises NotThere, LastAdministrator."""
    now = people.clock.now()
    async with people.store.writing() as unit:
        author = await _author(unit, by, AccountOperation.CHANGE_PEOPLE, now)
        before = await _person(unit, person)
        after = replace(before, role=role or before.role, disabled=disabled)
        if after == before:
            return
        if after.role is not AccountRole.ADMINISTRATOR or after.disabled:
            await require_not_last(unit, before)
        await unit.accounts.keep(after)
        await unit.sessions.end_all(person)
        await unit.invitations.withdraw_by(person)
        await unit.invitations.withdraw_for(person)
        if after.role is not before.role:
            await _tell(unit, after, NoticeKind.ROLE_CHANGED, now)
            await unit.audit.note(AuditAct.ROLE_CHANGED, now, by=author, object_=person)
        if after.disabled is not before.disabled:
            act = AuditAct.ACCOUNT_DISABLED if after.disabled else AuditAct.ACCOUNT_ENABLED
            await unit.audit.note(act, now, by=author, object_=person)


async def erase_person(people: People, by: By, person: str) -> None:
    """Raises NotThere, LastAdministrator."""
    now = people.clock.now()
    async with people.store.writing() as unit:
        author = await _author(unit, by, AccountOperation.CHANGE_PEOPLE, now)
        await erase(unit, await _person(unit, person))
        await unit.audit.note(AuditAct.ACCOUNT_ERASED, now, by=author, object_=person)
    await people.store.scrub(deleted=True)


async def reset_second_factor(people: People, by: By, person: str) -> None:
    """They sign in by password alone until they have a new one. Raises NotThere, also where there is none."""
    now = people.clock.now()
    async with people.store.writing() as unit:
        author = await _author(unit, by, AccountOperation.CHANGE_PEOPLE, now)
        account = await _person(unit, person)
        if not account.has_totp:
            raise NotThere
        await drop_second_factor(unit, account)
        await unit.sessions.end_all(person)
        await _tell(unit, account, NoticeKind.SECOND_FACTOR_RESET, now)
        await unit.audit.note(AuditAct.SECOND_FACTOR_RESET, now, by=author, object_=person)


async def find_person(people: People, name: str) -> str:
    """The id of whoever has this sign-in name. Raises NotThere."""
    async with people.store.reading() as unit:
        account = await unit.accounts.named(name)
    if account is None:
        raise NotThere
    return account.id


async def _person(unit: UnitOfWork, person: str) -> Account:
    account = await unit.accounts.find(person)
    if account is None:
        raise NotThere
    return account


async def _tell(unit: UnitOfWork, account: Account, kind: NoticeKind, now: datetime) -> None:
    await unit.accounts.notify(Notice(new_secret(16), account.id, kind, now.date()))
