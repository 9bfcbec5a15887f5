"""One's own account: what is stored, all of it to take away, and the end of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from klausur.actions.people.circle import Here, People
from klausur.actions.people.sessions import still
from klausur.domain.accounts import (
    Account,
    AccountRole,
    Means,
    Notice,
    Passkey,
    Session,
    Vault,
    WrapKind,
    is_reserved,
    require_another_administrator,
    require_strong_where_possible,
)
from klausur.domain.errors import NotThere
from klausur.domain.meeting import Meeting
from klausur.domain.people_ports import AuditRow
from klausur.domain.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class SessionView:
    """Who one is here, if anybody."""

    here: Here | None
    notices: Sequence[Notice]


@dataclass(frozen=True, slots=True)
class AccountView:
    account: Account
    backup_codes: int
    passkeys: Sequence[Passkey]
    opening_passkeys: frozenset[str]
    """Ids of those that open the vault."""
    sessions: Sequence[Session]
    here: str
    """Id of the session that asks."""
    vault_version: int
    vault_bytes: int


@dataclass(frozen=True, slots=True)
class AccountExport:
    view: AccountView
    notices: Sequence[Notice]
    vault: Vault
    meetings: Sequence[Meeting]
    """That they have made."""
    audit: Sequence[AuditRow]
    """What they did as administrators, and what was done to them."""


async def session_view(people: People, here: Here | None) -> SessionView:
    if here is None:
        return SessionView(None, [])
    async with people.store.reading() as unit:
        return SessionView(here, await unit.accounts.notices(here.account.id))


async def account_view(people: People, here: Here) -> AccountView:
    """Raises SigninNeeded."""
    async with people.store.reading() as unit:
        return await _view(unit, await still(unit, here, people.clock.now()))


async def export_account(people: People, here: Here) -> AccountExport:
    """Everything that is stored of somebody, but the values that only prove something: hashes, seals, keys."""
    async with people.store.reading() as unit:
        here = await still(unit, here, people.clock.now())
        id_ = here.account.id
        return AccountExport(
            view=await _view(unit, here),
            notices=await unit.accounts.notices(id_),
            vault=await unit.vaults.find(id_),
            meetings=await unit.meetings.of_account(id_),
            audit=await unit.audit.about(id_),
        )


async def _view(unit: UnitOfWork, here: Here) -> AccountView:
    id_ = here.account.id
    wraps = await unit.vaults.wraps(id_)
    version, size = await unit.vaults.size(id_)
    return AccountView(
        account=here.account,
        backup_codes=await unit.accounts.backup_codes(id_),
        passkeys=await unit.passkeys.of_account(id_),
        opening_passkeys=frozenset(wrap.id for wrap in wraps if wrap.kind is WrapKind.PASSKEY),
        sessions=await unit.sessions.of_account(id_),
        here=here.session.id,
        vault_version=version,
        vault_bytes=size,
    )


async def erase_own_account(people: People, here: Here) -> None:
    """Raises LastAdministrator, SecondFactorRequired."""
    async with people.store.writing() as unit:
        here = await still(unit, here, people.clock.now())
        passkeys = await unit.passkeys.count(here.account.id)
        require_strong_where_possible(here.session, people.means(here.account, passkeys))
        await erase(unit, here.account)
    people.pending.drop(here.account.id)
    await people.store.scrub(deleted=True)


async def erase(unit: UnitOfWork, account: Account) -> None:
    """Raises LastAdministrator."""
    await require_not_last(unit, account)
    await unit.invitations.withdraw_for(account.id)
    await unit.invitations.withdraw_by(account.id)
    await unit.accounts.erase(account.id)


async def require_not_last(unit: UnitOfWork, account: Account) -> None:
    """Before an administrator is one no more. Raises LastAdministrator."""
    if is_reserved(account.name):
        return  # counts for nobody's, so that nobody loses an administrator with it
    able = Means.of(account, await unit.passkeys.count(account.id)).any and not account.disabled
    if account.role is AccountRole.ADMINISTRATOR and able:
        require_another_administrator(await unit.accounts.other_administrators(account.id))


async def put_notice_away(people: People, here: Here, notice: str) -> None:
    """Raises NotThere."""
    async with people.store.writing() as unit:
        if not await unit.accounts.drop_notice(here.account.id, notice):
            raise NotThere
