"""The vault: what a browser sealed, in versions, so that of two devices one notices that the other was quicker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from klausur.actions.people.circle import Here, People
from klausur.actions.people.sessions import still
from klausur.domain import encoding
from klausur.domain.accounts import (
    VAULT_MAX_CHARACTERS,
    WRAPS_AT_MOST,
    Vault,
    Wrap,
    require_strong_where_possible,
    require_wraps,
)
from klausur.domain.errors import Malformed, SigninNeeded, TooLarge, VaultOutdated
from klausur.domain.limits import SEALED_MIN_BYTES

_SMALLEST: Final = encoding.characters(SEALED_MIN_BYTES)


async def read_vault(people: People, here: Here) -> Vault:
    async with people.store.reading() as unit:
        return await unit.vaults.find(here.account.id)


async def write_vault(people: People, here: Here, account: str, version: int, blob: str) -> None:
    """``account``: whose its browser takes it for. Raises SigninNeeded, VaultOutdated, Malformed, TooLarge."""
    _require_own(here, account)
    require_blob(blob)
    async with people.store.writing() as unit:
        here = await still(unit, here, people.clock.now())
        if not await unit.vaults.put(here.account.id, version, blob):
            raise VaultOutdated


async def write_wraps(people: People, here: Here, account: str, wraps: Sequence[Wrap]) -> None:
    """``account``: as above. Raises SigninNeeded; Malformed: also when there would be too many, or one of a means that
    the account does not have; SecondFactorRequired: whoever stole a password must not take away what else opens the
    vault."""
    _require_own(here, account)
    async with people.store.writing() as unit:
        here = await still(unit, here, people.clock.now())
        own = [passkey.id for passkey in await unit.passkeys.of_account(here.account.id)]
        held = {(wrap.kind, wrap.id) for wrap in await unit.vaults.wraps(here.account.id)}
        if any((wrap.kind, wrap.id) in held for wrap in wraps):
            require_strong_where_possible(here.session, people.means(here.account, len(own)))
        require_wraps(wraps, password=here.account.has_password, passkeys=own)
        await unit.vaults.put_wraps(here.account.id, wraps)
        if len(await unit.vaults.wraps(here.account.id)) > WRAPS_AT_MOST:
            raise Malformed


def _require_own(here: Here, account: str) -> None:
    """Two tabs have one cookie: what was sealed for one account must not replace what another one holds. To the tab
    whose account has left it is as if nobody had signed in."""
    if account != here.account.id:
        raise SigninNeeded


def require_blob(blob: str) -> None:
    if len(blob) > VAULT_MAX_CHARACTERS:
        raise TooLarge
    if len(blob) < _SMALLEST or not encoding.is_base64url(blob):
        raise Malformed
