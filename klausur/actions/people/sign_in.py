"""Signing in by name and password: by the key that a browser has made of the password, and a second factor."""

from __future__ import annotations

import hmac
from datetime import datetime

from klausur.actions.people.circle import People
from klausur.actions.people.second_factor import use_code
from klausur.actions.people.sessions import Begun, Entrance, begin
from klausur.domain.accounts import Account, Kdf, name_key, require_signin_key
from klausur.domain.errors import CodeNeeded, SigninRefused
from klausur.domain.ports import UnitOfWork

_NOBODYS_VERIFIER = "-" * 43


async def kdf_for(people: People, name: str) -> Kdf:
    """How to make keys of the password. For a name without one it looks the same, and is the same each time."""
    folded = name_key(name)
    async with people.store.reading() as unit:
        account = await unit.accounts.named(folded)
    nobodys = Kdf(people.keyring.pseudo_salt(folded))
    return account.kdf if account and account.kdf else nobodys


async def sign_in_by_password(people: People, name: str, key: str, code: str | None, entrance: Entrance) -> Begun:
    """Raises Malformed, SigninRefused, CodeNeeded, CodeRefused."""
    require_signin_key(key)
    async with people.store.reading() as unit:
        account = await unit.accounts.named(name)
    account = _let_in(people, account, name, key)
    if account.has_totp and not code:
        raise CodeNeeded
    now = people.clock.now()
    async with people.store.writing() as unit:
        account = _let_in(people, await unit.accounts.find(account.id), name, key)
        strong = await _second_factor(people, unit, account, code, now)
        return await begin(unit, account, entrance, now, strong=strong)


def _let_in(people: People, account: Account | None, name: str, key: str) -> Account:
    """The work is the same for whoever is not there, has no password, or is disabled."""
    nobody = people.keyring.pseudo_account(name_key(name))
    given = people.keyring.verifier(account.id if account else nobody, key)
    held = (account.verifier if account else None) or _NOBODYS_VERIFIER
    if not hmac.compare_digest(given, held) or account is None or account.disabled:
        raise SigninRefused
    return account


def is_password_right(people: People, account: Account, key: str) -> bool:
    given = people.keyring.verifier(account.id, key)
    return account.verifier is not None and hmac.compare_digest(given, account.verifier)


async def _second_factor(people: People, unit: UnitOfWork, account: Account, code: str | None, now: datetime) -> bool:
    if not account.has_totp:
        return False
    if not code:
        raise CodeNeeded
    await use_code(people, unit, account, code, now)
    return True
