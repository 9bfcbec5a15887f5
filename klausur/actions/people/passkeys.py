"""Passkeys: signing in by one, and those of one's own account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from klausur.actions.people.circle import Here, People
from klausur.actions.people.invitations import PasskeyGiven
from klausur.actions.people.sessions import Begun, Entrance, begin, still
from klausur.domain import accounts
from klausur.domain.accounts import (
    PASSKEYS_AT_MOST,
    Passkey,
    Wrap,
    WrapKind,
    require_means_left,
    require_strong_where_possible,
    require_wraps,
)
from klausur.domain.errors import NotAllowed, NotThere, SigninRefused
from klausur.domain.people_ports import Challenge, HeldPasskey, PasskeyCeremonies, PasskeyUse
from klausur.domain.ports import UnitOfWork


def _ceremonies(people: People) -> PasskeyCeremonies:
    """Raises NotThere where there are none."""
    if people.passkeys is None:
        raise NotThere
    return people.passkeys


# -- signing in -------------------------------------------------------------------------------------------------------


async def begin_passkey_sign_in(people: People) -> Challenge:
    """Raises NotThere."""
    return await _ceremonies(people).begin_sign_in()


async def sign_in_by_passkey(
    people: People, challenge: str, credential: Mapping[str, Any], entrance: Entrance
) -> Begun:
    """Raises Malformed, SigninRefused, NotThere."""
    ceremonies = _ceremonies(people)
    named = ceremonies.passkey_named_in(credential)
    async with people.store.reading() as unit:
        passkey = await unit.passkeys.find(named)
    held = None if passkey is None else HeldPasskey(passkey.account, passkey.public_key, passkey.sign_count)
    use = await ceremonies.finish_sign_in(challenge, credential, held)
    now = people.clock.now()
    async with people.store.writing() as unit:
        passkey = _not_used_since(await unit.passkeys.find(named), use)
        account = await unit.accounts.find(passkey.account)
        if account is None or account.disabled:
            raise SigninRefused
        await unit.passkeys.used(passkey.id, sign_count=use.sign_count, backed_up=use.backed_up)
        return await begin(unit, account, entrance, now, strong=True)


def _not_used_since(passkey: Passkey | None, use: PasskeyUse) -> Passkey:
    """Two sign-ins with one count, at once: a copy of the authenticator, of which the second is refused."""
    if passkey is None or ((use.sign_count or passkey.sign_count) and use.sign_count <= passkey.sign_count):
        raise SigninRefused
    return passkey


# -- one's own --------------------------------------------------------------------------------------------------------


async def begin_own_passkey(people: People, here: Here) -> Challenge:
    """Raises NotThere, SecondFactorRequired, NotAllowed when there are enough."""
    ceremonies = _ceremonies(people)
    async with people.store.reading() as unit:
        here = await still(unit, here, people.clock.now())
        held = await unit.passkeys.of_account(here.account.id)
        _require_may_add(people, here, len(held))
    return await ceremonies.begin_registration(here.account.id, here.account.name, [each.id for each in held])


async def add_passkey(people: People, here: Here, given: PasskeyGiven) -> str:
    """Its id. Raises as ``begin_own_passkey``, and Malformed."""
    label = accounts.label(given.label)
    new = await _ceremonies(people).finish_registration(here.account.id, given.challenge, given.credential)
    now = people.clock.now()
    async with people.store.writing() as unit:
        here = await still(unit, here, now)
        _require_may_add(people, here, await unit.passkeys.count(here.account.id))
        id_ = here.account.id
        await unit.passkeys.add(Passkey(new.id, id_, new.public_key, new.sign_count, label, now.date(), new.backed_up))
        if given.wrap is not None:
            wraps = [Wrap(WrapKind.PASSKEY, new.id, given.wrap)]
            require_wraps(wraps, password=False, passkeys=[new.id])
            await unit.vaults.put_wraps(id_, wraps)
    return new.id


def _require_may_add(people: People, here: Here, passkeys: int) -> None:
    require_strong_where_possible(here.session, people.means(here.account, passkeys))
    if passkeys >= PASSKEYS_AT_MOST:
        raise NotAllowed


async def rename_passkey(people: People, here: Here, passkey: str, label: str) -> None:
    """Raises Malformed, NotThere."""
    label = accounts.label(label)
    async with people.store.writing() as unit:
        here = await still(unit, here, people.clock.now())
        if not await unit.passkeys.rename(here.account.id, passkey, label):
            raise NotThere


async def remove_passkey(people: People, here: Here, passkey: str) -> None:
    """With the vault's key that it opens, and all other sessions: which of them it began, nobody has noted. Raises
    NotThere, LastMeans, SecondFactorRequired."""
    async with people.store.writing() as unit:
        here = await still(unit, here, people.clock.now())
        await _require_own(unit, here, passkey)
        means = people.means(here.account, await unit.passkeys.count(here.account.id))
        require_strong_where_possible(here.session, means)
        require_means_left(here.account.role, replace(means, passkeys=means.passkeys - 1))
        await unit.passkeys.remove(here.account.id, passkey)
        await unit.sessions.end_all(here.account.id, but=here.session.hash)


async def _require_own(unit: UnitOfWork, here: Here, passkey: str) -> None:
    found = await unit.passkeys.find(passkey)
    if found is None or found.account != here.account.id:
        raise NotThere
