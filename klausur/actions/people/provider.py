"""Signing in by the organisation's identity provider, connecting one's account with it, and hearing from it that
somebody has signed out there.

An account belongs to a subject (issuer and ``sub``, of which a keyed hash is held), never to a name that the provider
tells: names there may be changed by their bearers, or given to somebody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from klausur.actions.door import new_secret
from klausur.actions.people.circle import Here, People
from klausur.actions.people.sessions import Begun, Entrance, begin, holding, still
from klausur.domain.accounts import (
    ACCOUNT_BYTES,
    Account,
    AccountRole,
    require_strong_where_possible,
    sign_in_name,
)
from klausur.domain.errors import (
    Malformed,
    NameTaken,
    NoAccountHere,
    NotThere,
    ProviderRefused,
    ProviderUnavailable,
    SigninNeeded,
)
from klausur.domain.ports import UnitOfWork
from klausur.domain.provider_ports import ProviderDeparture, ProviderDoor, ProviderPerson


@dataclass(frozen=True, slots=True)
class CameBack:
    begun: Begun | None
    """None for whoever has connected their account: they stay signed in as they were."""
    to: str


def _door(people: People) -> ProviderDoor:
    """Raises NotThere where there is none."""
    if people.provider is None:
        raise NotThere
    return people.provider


async def leave_for_provider(people: People, to: str, here: Here | None, *, connect: bool) -> ProviderDeparture:
    """``connect``: the account of whoever is ``here`` shall belong to who they are there. Raises NotThere,
    ProviderUnavailable, SigninNeeded, SecondFactorRequired."""
    door = _door(people)
    if here is None:
        if connect:
            raise SigninNeeded
        return await door.depart(to, None)
    if connect:
        async with people.store.reading() as unit:
            await _require_may_connect(people, unit, await still(unit, here, people.clock.now()))
    return await door.depart(to, here.session.hash, connect=connect)


async def come_back_from_provider(
    people: People, cookie: str, answer: Mapping[str, str], entrance: Entrance
) -> CameBack:
    """Raises NotThere, ProviderRefused, ProviderUnavailable, NoAccountHere, SecondFactorRequired."""
    door = _door(people)
    person = await door.arrive(cookie, answer)
    now = people.clock.now()
    subject = people.keyring.subject(person.issuer, person.subject)
    try:
        async with people.store.writing() as unit:
            if person.connect:
                await _connect(people, unit, subject, person.left or "", now)
                return CameBack(None, person.to)
            account = await _account_of(unit, subject, person, now, new=door.new_accounts)
            await unit.sessions.end(person.left or "")
            begun = await begin(
                unit,
                account,
                entrance,
                now,
                strong=person.strong,
                provider=True,
                provider_session=people.keyring.subject(person.issuer, person.session) if person.session else None,
            )
    except NameTaken:
        # By whom is not the provider's to say: whoever has that name here may connect their account.
        raise NoAccountHere from None
    return CameBack(begun, person.to)


async def note_provider_logout(people: People, logout_token: str) -> None:
    """Raises NotThere, Malformed."""
    try:
        told = await _door(people).signed_out(logout_token)
    except ProviderUnavailable:
        # Without its keys nothing proves itself.
        raise Malformed from None
    subject = people.keyring.subject(told.issuer, told.subject) if told.subject is not None else None
    session = people.keyring.subject(told.issuer, told.session) if told.session is not None else None
    async with people.store.writing() as unit:
        await unit.sessions.end_of_provider(subject=subject, session=session)


async def _account_of(unit: UnitOfWork, subject: str, person: ProviderPerson, now: datetime, *, new: bool) -> Account:
    """Raises NoAccountHere, NameTaken."""
    account = await unit.accounts.of_subject(subject)
    if account is None and new and person.name is not None:
        account = _new_account(person.name, subject, now)
        await unit.accounts.add(account)
    if account is None or account.disabled:
        raise NoAccountHere
    return account


def _new_account(name: str, subject: str, now: datetime) -> Account:
    """Without password and passkey. Raises NoAccountHere: its name is none that anybody could have here."""
    try:
        name = sign_in_name(name)
    except Malformed:
        raise NoAccountHere from None
    return Account(new_secret(ACCOUNT_BYTES), name, AccountRole.ORGANISER, now.date(), provider_subject=subject)


async def _connect(people: People, unit: UnitOfWork, subject: str, session: str, now: datetime) -> None:
    """Raises ProviderRefused: signed out meanwhile, or that subject has another account."""
    here = await holding(unit, session, now)
    if here is None:
        raise ProviderRefused
    await _require_may_connect(people, unit, here)
    other = await unit.accounts.of_subject(subject)
    if other is not None and other.id != here.account.id:
        raise ProviderRefused
    await unit.accounts.keep(replace(here.account, provider_subject=subject))


async def _require_may_connect(people: People, unit: UnitOfWork, here: Here) -> None:
    """Raises SecondFactorRequired."""
    require_strong_where_possible(here.session, people.means(here.account, await unit.passkeys.count(here.account.id)))
