"""The second factor: time-based codes, each of which works once, and ten backup codes for when the app is not there."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from klausur.actions.people.circle import Here, People
from klausur.actions.people.sessions import still
from klausur.domain.accounts import (
    BACKUP_CODES,
    Account,
    require_second_factor_left,
    require_strong_where_possible,
)
from klausur.domain.errors import CodeRefused, NotAllowed, SecondFactorRequired
from klausur.domain.ports import UnitOfWork

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALIKE: Final = str.maketrans("OIL", "011")
_BACKUP_CODE: Final = re.compile(rf"[{_CROCKFORD}]{{8}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Enrolment:
    secret: str
    address: str


async def begin_second_factor(people: People, here: Here) -> Enrolment:
    """Raises NotAllowed without a password, to which it would be second; SecondFactorRequired."""
    now = people.clock.now()
    async with people.store.reading() as unit:
        here = await still(unit, here, now)
        await _require_may_change(people, unit, here)
    secret = people.codes.new_secret()
    people.pending.put(here.account.id, secret, now)
    return Enrolment(secret, people.codes.address(secret, here.account.name))


async def confirm_second_factor(people: People, here: Here, code: str) -> list[str]:
    """The backup codes. Raises as ``begin_second_factor``, and CodeRefused: wrong, or begun too long ago."""
    now = people.clock.now()
    async with people.store.writing() as unit:
        here = await still(unit, here, now)
        await _require_may_change(people, unit, here)
        secret = people.pending.find(here.account.id, now)
        step = None if secret is None else people.codes.step_of(secret, code, now)
        if secret is None or step is None:
            raise CodeRefused
        sealed = people.keyring.seal(here.account.id, secret)
        await unit.accounts.keep(replace(here.account, totp_sealed=sealed, totp_last_step=step))
        await unit.sessions.strengthen(here.session.hash)
        if here.account.has_totp:
            # Others were begun by the one that goes.
            await unit.sessions.end_all(here.account.id, but=here.session.hash)
        codes = await _new_backup_codes(people, unit, here.account)
    people.pending.drop(here.account.id)
    return codes


async def remove_second_factor(people: People, here: Here) -> None:
    """And with it all other sessions. Raises LastMeans, SecondFactorRequired. No-op where there is none."""
    now = people.clock.now()
    async with people.store.writing() as unit:
        here = await still(unit, here, now)
        means = people.means(here.account, await unit.passkeys.count(here.account.id))
        require_strong_where_possible(here.session, means)
        if not means.totp:
            return
        require_second_factor_left(here.account.role, replace(means, totp=False))
        await drop_second_factor(unit, here.account)
        await unit.sessions.end_all(here.account.id, but=here.session.hash)


async def drop_second_factor(unit: UnitOfWork, account: Account) -> Account:
    """With its backup codes."""
    without = replace(account, totp_sealed=None)
    await unit.accounts.keep(without)
    await unit.accounts.put_backup_codes(account.id, [])
    return without


async def renew_backup_codes(people: People, here: Here) -> list[str]:
    """The earlier ones are void. Raises SecondFactorRequired, NotAllowed where there is no second factor."""
    now = people.clock.now()
    async with people.store.writing() as unit:
        here = await still(unit, here, now)
        if not here.session.strong:
            raise SecondFactorRequired
        if not here.account.has_totp:
            raise NotAllowed
        return await _new_backup_codes(people, unit, here.account)


async def use_code(people: People, unit: UnitOfWork, account: Account, code: str, now: datetime) -> None:
    """Of the app, or a backup code; used up by it. Raises CodeRefused."""
    step = people.codes.step_of(people.keyring.open(account.id, account.totp_sealed or ""), code, now)
    backup = people.keyring.backup_code(account.id, backup_code_in(code))
    if step is not None:
        # Also of two at once only one gets in.
        if await unit.accounts.use_step(account.id, step):
            return
    elif await unit.accounts.use_backup_code(account.id, backup):
        return
    raise CodeRefused


def backup_code_in(text: str) -> str:
    """As it is kept: without what people type around it, letters that look like digits as these. Empty for others."""
    code = text.strip().upper().replace("-", "").replace(" ", "").translate(_ALIKE)
    return code if _BACKUP_CODE.fullmatch(code) else ""


async def _new_backup_codes(people: People, unit: UnitOfWork, account: Account) -> list[str]:
    codes = ["".join(secrets.choice(_CROCKFORD) for _ in range(8)) for _ in range(BACKUP_CODES)]
    await unit.accounts.put_backup_codes(account.id, [people.keyring.backup_code(account.id, code) for code in codes])
    return [f"{code[:4]}-{code[4:]}" for code in codes]


async def _require_may_change(people: People, unit: UnitOfWork, here: Here) -> None:
    if not here.account.has_password:
        raise NotAllowed
    require_strong_where_possible(here.session, people.means(here.account, await unit.passkeys.count(here.account.id)))
