"""One's password, set, changed, removed: the server gets no more of it than a key that was made of it."""

from __future__ import annotations

from dataclasses import replace

from klausur.actions.people.circle import Here, People
from klausur.actions.people.second_factor import drop_second_factor
from klausur.actions.people.sessions import still
from klausur.actions.people.sign_in import is_password_right
from klausur.domain.accounts import (
    Kdf,
    Wrap,
    WrapKind,
    require_kdf,
    require_means_left,
    require_signin_key,
    require_strong_where_possible,
    require_wraps,
)
from klausur.domain.errors import SecondFactorRequired, SigninRefused


async def change_password(
    people: People, here: Here, kdf: Kdf, key: str, *, current: str | None, wrap: str | None
) -> None:
    """``wrap``: the vault's key by the new password; without it the vault stays closed to it. Raises Malformed,
    SigninRefused, SecondFactorRequired."""
    require_kdf(kdf)
    require_signin_key(key)
    wraps = [] if wrap is None else [Wrap(WrapKind.PASSWORD, "", wrap)]
    require_wraps(wraps, password=True, passkeys=[])
    async with people.store.writing() as unit:
        here = await still(unit, here, people.clock.now())
        account = here.account
        if account.has_password:
            if not is_password_right(people, account, current or ""):
                raise SigninRefused
        elif not here.session.strong:
            raise SecondFactorRequired
        await unit.accounts.keep(replace(account, kdf=kdf, verifier=people.keyring.verifier(account.id, key)))
        await unit.sessions.end_all(account.id, but=here.session.hash)
        await unit.vaults.drop_wraps(account.id, [WrapKind.PASSWORD])
        await unit.vaults.put_wraps(account.id, wraps)


async def remove_password(people: People, here: Here) -> None:
    """And with it the second factor, which would be second to nothing, and all other sessions: somebody else may have
    begun them by it. Raises LastMeans, SecondFactorRequired. No-op where there is none."""
    async with people.store.writing() as unit:
        here = await still(unit, here, people.clock.now())
        account = here.account
        means = people.means(account, await unit.passkeys.count(account.id))
        require_strong_where_possible(here.session, means)
        if not means.password:
            return
        require_means_left(account.role, replace(means, password=False, totp=False))
        account = await drop_second_factor(unit, account)
        await unit.accounts.keep(replace(account, kdf=None, verifier=None))
        await unit.sessions.end_all(account.id, but=here.session.hash)
        await unit.vaults.drop_wraps(account.id, [WrapKind.PASSWORD])
