"""Sessions: begun at each sign-in, found at each request, ended."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from klausur.actions.door import new_secret
from klausur.actions.people.circle import Here, People
from klausur.domain import encoding
from klausur.domain.accounts import TOKEN_BYTES, Account, Session, hour_of, session_holds
from klausur.domain.errors import NotThere, SigninNeeded, StorageUnavailable
from klausur.domain.limits import SESSION_BYTES
from klausur.domain.policy import AccountOperation, require_account
from klausur.domain.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Entrance:
    """Through which somebody comes: their browser in a few words, and the session it presents, which ends."""

    browser: str
    presented: str | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    token: str
    here: Here


async def begin(
    unit: UnitOfWork,
    account: Account,
    entrance: Entrance,
    now: datetime,
    *,
    strong: bool,
    provider: bool = False,
    provider_session: str | None = None,
) -> Begun:
    """Always under a new token: one that was there before the sign-in may be known to somebody else."""
    if entrance.presented:
        await unit.sessions.end(encoding.digest(entrance.presented))
    token = new_secret(TOKEN_BYTES)
    session = Session(
        hash=encoding.digest(token),
        id=new_secret(SESSION_BYTES),
        account=account.id,
        began_at=now,
        seen_hour=hour_of(now),
        strong=strong,
        browser=entrance.browser,
        provider=provider,
        provider_session=provider_session,
    )
    await unit.sessions.add(session)
    return Begun(token, Here(account, session))


async def who(people: People, token: str | None) -> Here | None:
    """Whose session it is: one query, and once an hour a note of the hour."""
    if token is None or not encoding.is_sized(token, TOKEN_BYTES):
        return None
    now = people.clock.now()
    async with people.store.reading() as unit:
        here = await holding(unit, encoding.digest(token), now)
    if here is not None and here.session.seen_hour < hour_of(now):
        # Where nothing can be written the session ends earlier; nobody is kept out before.
        with suppress(StorageUnavailable):
            async with people.store.writing() as unit:
                await unit.sessions.seen(here.session.hash, hour_of(now))
    return here


async def still(unit: UnitOfWork, here: Here, now: datetime) -> Here:
    """As of this transaction: what was true when the request came in may have changed meanwhile. Raises
    SigninNeeded."""
    found = await holding(unit, here.session.hash, now)
    if found is None:
        raise SigninNeeded
    return found


async def still_may(unit: UnitOfWork, here: Here, operation: AccountOperation, now: datetime) -> Here:
    """As ``still``; raises NotAllowed, SecondFactorRequired besides."""
    found = await still(unit, here, now)
    require_account(found.account.role, operation, strong=found.session.strong)
    return found


async def holding(unit: UnitOfWork, hash_: str, now: datetime) -> Here | None:
    found = await unit.sessions.find(hash_)
    if found is None or not session_holds(found[0], now) or found[1].disabled:
        return None
    return Here(found[1], found[0])


async def sign_out(people: People, token: str | None) -> str | None:
    """Where the browser has to go to be signed out at the identity provider, too. No-op without a session."""
    here = await who(people, token)
    if here is None:
        return None
    async with people.store.writing() as unit:
        await unit.sessions.end(here.session.hash)
    if not here.session.provider or people.provider is None:
        return None
    return await people.provider.logout_address()


async def end_session(people: People, here: Here, session: str) -> None:
    """Of one's own. Raises NotThere."""
    async with people.store.writing() as unit:
        if not await unit.sessions.end_one(here.account.id, session):
            raise NotThere


async def end_other_sessions(people: People, here: Here) -> None:
    async with people.store.writing() as unit:
        await unit.sessions.end_all(here.account.id, but=here.session.hash)
