"""Links that make accounts, or new means of signing in to one: setup, invitation, reset. Each works once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from klausur.actions.door import new_secret
from klausur.actions.people.circle import People
from klausur.actions.people.sessions import Begun, Entrance, begin
from klausur.actions.people.vault import require_blob
from klausur.domain import encoding
from klausur.domain.accounts import (
    TOKEN_BYTES,
    Account,
    AccountRole,
    AuditAct,
    Invitation,
    InvitationKind,
    Kdf,
    Passkey,
    Wrap,
    WrapKind,
    is_reserved,
    label,
    require_kdf,
    require_open,
    require_signin_key,
    require_wraps,
    sign_in_name,
)
from klausur.domain.errors import Malformed, NoInvitation
from klausur.domain.people_ports import Challenge
from klausur.domain.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class PasswordGiven:
    kdf: Kdf
    key: str


@dataclass(frozen=True, slots=True)
class PasskeyGiven:
    challenge: str
    credential: Mapping[str, Any]
    label: str
    wrap: str | None


@dataclass(frozen=True, slots=True)
class VaultGiven:
    blob: str
    wraps: Sequence[Wrap]


@dataclass(frozen=True, slots=True)
class Acceptance:
    name: str
    password: PasswordGiven | None
    passkey: PasskeyGiven | None
    vault: VaultGiven | None


@dataclass(frozen=True, slots=True)
class LookedAt:
    """An invitation, with the name of the account that it is for, where there is one."""

    kind: InvitationKind
    role: AccountRole
    name: str | None
    account: str
    expires_at: datetime


async def look_at_invitation(people: People, token: str) -> LookedAt:
    """Raises NoInvitation."""
    async with people.store.reading() as unit:
        it = await _find(people, unit, token, people.clock.now())
        name = it.name
        if it.kind is InvitationKind.RESET:
            name = (await _to_be_reset(unit, it)).name
    return LookedAt(it.kind, it.role, name, it.account, it.expires_at)


async def begin_passkey(people: People, token: str, name: str) -> Challenge:
    """Raises NoInvitation, Malformed."""
    if people.passkeys is None:
        raise Malformed
    it = await look_at_invitation(people, token)
    known = it.name if it.kind is InvitationKind.RESET and it.name else sign_in_name(name)
    return await people.passkeys.begin_registration(it.account, known, [])


async def accept_invitation(people: People, token: str, given: Acceptance, entrance: Entrance) -> Begun:
    """Raises NoInvitation, Malformed, TooLarge, NameTaken."""
    _require_sound(given)
    it = await look_at_invitation(people, token)
    now = people.clock.now()
    # Its challenge is used up by that, and checking it may take long: not while others wait to write.
    passkey = await _passkey(people, it.account, given.passkey, now)
    async with people.store.writing() as unit:
        invitation = await _take(people, unit, token, now)
        if invitation.kind is InvitationKind.RESET:
            account = await _without_means(unit, invitation)
        else:
            account = await _new_account(unit, invitation, given.name, now)
        account = await _with_means(people, unit, account, given, passkey)
        await _put_vault(unit, account, given, passkey, is_new=invitation.kind is not InvitationKind.RESET)
        begun = await begin(unit, account, entrance, now, strong=passkey is not None)
    if invitation.kind is InvitationKind.SETUP:
        people.setup.close()
    return begun


def _require_sound(given: Acceptance) -> None:
    if given.password is None and given.passkey is None:
        raise Malformed
    if given.password is not None:
        require_kdf(given.password.kdf)
        require_signin_key(given.password.key)
    if given.passkey is not None:
        label(given.passkey.label)
    if given.vault is not None:
        require_blob(given.vault.blob)


async def _find(people: People, unit: UnitOfWork, token: str, now: datetime) -> Invitation:
    if not encoding.is_sized(token, TOKEN_BYTES):
        raise NoInvitation
    hash_ = encoding.digest(token)
    setup = people.setup.find(hash_)
    if setup is None:
        return require_open(await unit.invitations.find(hash_), now)
    if await unit.accounts.other_administrators(""):
        raise NoInvitation
    return require_open(setup, now)


async def _take(people: People, unit: UnitOfWork, token: str, now: datetime) -> Invitation:
    """Of two at once the second finds it gone: the first's administrator is there, or the row is not."""
    it = await _find(people, unit, token, now)
    if it.kind is not InvitationKind.SETUP and not await unit.invitations.take(it.hash):
        raise NoInvitation
    return it


async def _to_be_reset(unit: UnitOfWork, it: Invitation) -> Account:
    account = await unit.accounts.find(it.account)
    if account is None or account.disabled:
        raise NoInvitation
    return account


async def _new_account(unit: UnitOfWork, it: Invitation, name: str, now: datetime) -> Account:
    account = Account(it.account, _name(it, name), it.role, now.date())
    await unit.accounts.add(account)
    if it.kind is InvitationKind.SETUP:
        await unit.audit.note(AuditAct.INSTALLATION_SET_UP, now, by=account.id, object_=account.id)
    return account


def _name(it: Invitation, name: str) -> str:
    """Nobody can choose, or be given by an administrator, a reserved one. Raises Malformed."""
    return it.name if it.name is not None and is_reserved(it.name) else sign_in_name(name)


async def _without_means(unit: UnitOfWork, it: Invitation) -> Account:
    account = await _to_be_reset(unit, it)
    await unit.sessions.end_all(account.id)
    await unit.passkeys.remove_all(account.id)
    await unit.accounts.put_backup_codes(account.id, [])
    await unit.vaults.drop_wraps(account.id, [WrapKind.PASSWORD, WrapKind.PASSKEY])
    # Other links for the same account would undo what is made now.
    await unit.invitations.withdraw_for(account.id)
    return replace(account, kdf=None, verifier=None, totp_sealed=None, provider_subject=None)


async def _passkey(people: People, account: str, given: PasskeyGiven | None, now: datetime) -> Passkey | None:
    if given is None:
        return None
    if people.passkeys is None:
        raise Malformed
    new = await people.passkeys.finish_registration(account, given.challenge, given.credential)
    return Passkey(new.id, account, new.public_key, new.sign_count, label(given.label), now.date(), new.backed_up)


async def _with_means(
    people: People, unit: UnitOfWork, account: Account, given: Acceptance, passkey: Passkey | None
) -> Account:
    if given.password is not None:
        verifier = people.keyring.verifier(account.id, given.password.key)
        account = replace(account, kdf=given.password.kdf, verifier=verifier)
    await unit.accounts.keep(account)
    if passkey is not None:
        await unit.passkeys.add(passkey)
    return account


async def _put_vault(
    unit: UnitOfWork, account: Account, given: Acceptance, passkey: Passkey | None, *, is_new: bool
) -> None:
    """A new account needs one. Where a reset brings one along, nothing could open the one before any more."""
    wraps = list(given.vault.wraps) if given.vault else []
    if passkey is not None and given.passkey is not None and given.passkey.wrap is not None:
        wraps.append(Wrap(WrapKind.PASSKEY, passkey.id, given.passkey.wrap))
    require_wraps(wraps, password=account.has_password, passkeys=[passkey.id] if passkey else [])
    if given.vault is not None:
        await unit.vaults.replace(account.id, given.vault.blob)
        await unit.vaults.drop_wraps(account.id, list(WrapKind))
    elif is_new:
        raise Malformed
    await unit.vaults.put_wraps(account.id, wraps)


# -- making them ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MadeInvitation:
    id: str
    token: str
    """Shown once: of it only the hash is kept."""
    expires_at: datetime


def new_invitation(
    kind: InvitationKind,
    role: AccountRole,
    expires_at: datetime,
    *,
    account: str,
    name: str | None = None,
    made_by: str | None = None,
) -> tuple[Invitation, MadeInvitation]:
    token, id_ = new_secret(TOKEN_BYTES), new_secret(16)
    it = Invitation(encoding.digest(token), id_, kind, role, name, account, expires_at, made_by)
    return it, MadeInvitation(id_, token, expires_at)
