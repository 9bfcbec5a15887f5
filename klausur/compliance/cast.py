"""The people whom a run makes for itself: accounts of each role, by links as ``klausur user add`` makes them, taken up
and signed in to over HTTP like anybody's.

Nobody else can have names like theirs. They go at the end of a run, with their meetings; what a run left that was
killed goes when the next begins. The trail of the administration keeps that they were there.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

import httpx
import pyotp

from klausur.compliance.live.playing import playing
from klausur.compliance.meetings import Meeting, given, open_meeting
from klausur.compliance.target import ACCOUNT_HEADER, Target
from klausur.domain import encoding
from klausur.domain.accounts import (
    ACCOUNT_BYTES,
    RESERVED_PREFIX,
    SALT_BYTES,
    SIGNIN_KEY_BYTES,
    TOKEN_BYTES,
    WRAPPED_BYTES,
    AccountRole,
    AuditAct,
    Invitation,
    InvitationKind,
    is_reserved,
)
from klausur.domain.ports import Clock, Store, UnitOfWork
from klausur.store.unit import Database

_LINK_LIVES: Final = timedelta(minutes=5)
_NAME_BYTES: Final = 6
_VAULT_BYTES: Final = 512


def random(size: int) -> str:
    return encoding.encode(secrets.token_bytes(size))


@dataclass(frozen=True, slots=True)
class Member:
    id: str
    name: str
    role: AccountRole
    key: str
    """What its browser would make of a password."""
    session: str
    """Its cookie, as browsers send it."""
    set_cookies: tuple[str, ...]
    """As they were set when it took up its link."""
    kdf: Mapping[str, Any]
    vault: str
    totp: str = ""
    """Secret of the second factor; empty without one."""

    def code(self, clock: Clock, *, ahead: int = 0) -> str:
        """``ahead``: one that is shown later. Each is good once."""
        return pyotp.TOTP(self.totp).at(clock.now(), counter_offset=ahead)


@dataclass(slots=True)
class Cast:
    store: Store
    clock: Clock
    _members: dict[AccountRole, Member] = field(default_factory=dict)
    _meeting: Meeting | None = None
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Of each there is one, whoever asks at the same time."""

    async def member(self, browser: httpx.AsyncClient, role: AccountRole) -> Member:
        """The one of this role, with a second factor. Raises Refused."""
        async with self._one:
            if role not in self._members:
                self._members[role] = await self.newcomer(browser, role, strong=True)
            return self._members[role]

    async def shared(self, organiser: httpx.AsyncClient) -> Meeting:
        """The one meeting of the whole run. Raises Refused."""
        async with self._one:
            if self._meeting is None:
                self._meeting = await open_meeting(organiser)
            return self._meeting

    async def newcomer(self, browser: httpx.AsyncClient, role: AccountRole, *, strong: bool) -> Member:
        """``browser``: a fresh one. Raises Refused."""
        account, name, token = await self.invited(role)
        key, blob = random(SIGNIN_KEY_BYTES), random(_VAULT_BYTES)
        kdf = {"v": 1, "salt": random(SALT_BYTES), "memory_kib": 64 * 1024, "passes": 3, "lanes": 1}
        wraps = [{"kind": kind, "id": "", "wrapped": random(WRAPPED_BYTES)} for kind in ("password", "recovery")]
        body = {
            "token": token,
            "name": name,
            "password": {"kdf": kdf, "key": key},
            "vault": {"blob": blob, "wraps": wraps},
        }
        answer = await browser.post("/api/invitations/accept", json=body)
        given(answer)
        browser.headers[ACCOUNT_HEADER] = account
        totp = await self._second_factor(browser) if strong else ""
        set_cookies = tuple(answer.headers.get_list("set-cookie"))
        return Member(account, name, role, key, session_of(set_cookies), set_cookies, kdf, blob, totp)

    async def invited(self, role: AccountRole) -> tuple[str, str, str]:
        """Account, name and token of a link that nobody has taken up yet."""
        now, id_ = self.clock.now(), random(ACCOUNT_BYTES)
        name, account, token = f"{RESERVED_PREFIX}{random(_NAME_BYTES)}", random(ACCOUNT_BYTES), random(TOKEN_BYTES)
        link = Invitation(
            encoding.digest(token), id_, InvitationKind.INVITATION, role, name, account, now + _LINK_LIVES, None
        )
        async with self.store.writing() as unit:
            await unit.invitations.add(link)
            await unit.audit.note(AuditAct.INVITATION_MADE, now, by=None, object_=id_)
        return account, name, token

    async def _second_factor(self, browser: httpx.AsyncClient) -> str:
        secret: str = given(await browser.post("/api/account/totp"))["secret"]
        code = pyotp.TOTP(secret).at(self.clock.now())
        given(await browser.put("/api/account/totp", json={"code": code}))
        return secret

    async def clear(self) -> int:
        """Everybody of any run, with their meetings and links. Returns how many accounts there were."""
        self._members.clear()
        self._meeting = None
        now = self.clock.now()
        async with self.store.writing() as unit:
            for link in await unit.invitations.open(now):
                if link.name is not None and is_reserved(link.name):
                    await unit.invitations.withdraw(link.id)
            theirs = [row.account.id for row in await unit.accounts.people() if is_reserved(row.account.name)]
            for account in theirs:
                await _erase(unit, account)
                await unit.audit.note(AuditAct.ACCOUNT_ERASED, now, by=None, object_=account)
        if theirs:
            await self.store.scrub(deleted=True)
        return len(theirs)


async def _erase(unit: UnitOfWork, account: str) -> None:
    """Also the last administrator: better none than one whom nobody knows."""
    for meeting in await unit.meetings.of_account(account):
        await unit.meetings.erase(meeting.id)
    await unit.invitations.withdraw_for(account)
    await unit.invitations.withdraw_by(account)
    await unit.accounts.erase(account)


def session_of(set_cookies: tuple[str, ...]) -> str:
    """What a browser sends of what was set."""
    return "; ".join(cookie.partition(";")[0] for cookie in set_cookies)


@asynccontextmanager
async def casting(store: Store, clock: Clock) -> AsyncIterator[Cast]:
    cast = Cast(store, clock)
    await cast.clear()
    try:
        yield cast
    finally:
        await cast.clear()


@asynccontextmanager
async def peopled(target: Target, store: Store, clock: Clock) -> AsyncIterator[Target]:
    """With a cast, a stage for it, and with the database where that is what the store is."""
    async with casting(store, clock) as cast, playing() as plays:
        yield replace(target, cast=cast, plays=plays, inside=store if isinstance(store, Database) else None)
