"""People with accounts, and what their browsers make of passwords and apps.

Ada administers, Hanna organises, Otto is an outsider.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pyotp

from klausur.actions.people.administer import Console, invite
from klausur.actions.people.setup import offer_setup
from klausur.domain.accounts import AccountRole
from klausur.domain.encoding import encode
from tests.house import ADDRESS, USER_AGENT, House

COOKIE = "klausur"


def random32() -> str:
    return encode(secrets.token_bytes(32))


def wrapped() -> str:
    """A vault's key under another: to the server as good as this."""
    return encode(secrets.token_bytes(60))


def blob(size: int = 1024) -> str:
    return encode(secrets.token_bytes(size))


def kdf(**changed: Any) -> dict[str, Any]:
    parameters = {"v": 1, "salt": encode(secrets.token_bytes(16)), "memory_kib": 65536, "passes": 3, "lanes": 1}
    return parameters | changed


def key_of(password: str) -> str:
    """In the place of Argon2id, which browsers run."""
    return encode(hashlib.sha256(password.encode()).digest())


@dataclass
class Person:
    """Somebody at a browser of their own, in a network of their own."""

    its: House
    name: str
    browser: httpx.AsyncClient
    password: str = "correct horse battery staple"
    id: str = ""
    kdf: dict[str, Any] = field(default_factory=kdf)
    totp: str = ""
    backup_codes: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        return key_of(self.password)

    @property
    def token(self) -> str | None:
        return self.browser.cookies.get(COOKIE)

    async def accept(self, token: str, **changed: Any) -> httpx.Response:
        body = {
            "token": token,
            "name": self.name,
            "password": {"kdf": self.kdf, "key": self.key},
            "vault": {
                "blob": blob(),
                "wraps": [
                    {"kind": "password", "id": "", "wrapped": wrapped()},
                    {"kind": "recovery", "id": "", "wrapped": wrapped()},
                ],
            },
        }
        answer = await self.browser.post("/api/invitations/accept", json=body | changed)
        if answer.status_code == 201:
            self.id = answer.json()["account"]["id"]
        return answer

    async def sign_in(self, *, code: str | None = None, **changed: Any) -> httpx.Response:
        body = {"name": self.name, "key": self.key} | ({} if code is None else {"code": code}) | changed
        return await self.browser.post("/api/signin/password", json=body)

    async def who(self) -> dict[str, Any]:
        answer = await self.browser.get("/api/session")
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def is_in(self) -> bool:
        return (await self.who())["account"] is not None

    async def account(self) -> dict[str, Any]:
        answer = await self.browser.get("/api/account")
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def code(self, *, steps: int = 0) -> str:
        """What the app shows, or showed so many steps ago."""
        return pyotp.TOTP(self.totp).at(self.its.clock.now(), counter_offset=steps)

    async def add_second_factor(self) -> None:
        begun = await self.browser.post("/api/account/totp")
        assert begun.status_code == 201, begun.text
        self.totp = begun.json()["secret"]
        confirmed = await self.browser.put("/api/account/totp", json={"code": self.code()})
        assert confirmed.status_code == 200, confirmed.text
        self.backup_codes = confirmed.json()["backup_codes"]


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@asynccontextmanager
async def browser_of(its: House, address: str = ADDRESS) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(its.built.app, client=(address, 50000))
    site = str(its.browser.base_url)
    headers = {"Origin": site, "User-Agent": USER_AGENT}
    async with httpx.AsyncClient(transport=transport, base_url=site, headers=headers) as browser:
        yield as_a_page(browser)


def as_a_page(browser: httpx.AsyncClient) -> httpx.AsyncClient:
    """Which knows, from what it is answered, whose account it is about, and says so from then on."""

    async def remember(answer: httpx.Response) -> None:
        if answer.request.url.path not in _SAY_WHO or not answer.is_success:
            return
        await answer.aread()
        account = answer.json().get("account")
        if account is not None:
            browser.headers["Klausur-Account"] = account["id"]

    browser.event_hooks["response"].append(remember)
    return browser


_SAY_WHO = {"/api/session", "/api/signin/password", "/api/signin/passkey", "/api/invitations/accept"}


@asynccontextmanager
async def person(its: House, name: str, role: str = "organiser", *, strong: bool = False) -> AsyncIterator[Person]:
    """Invited from the command line, and signed in."""
    async with stranger(its, name) as somebody:
        answer = await somebody.accept(await invitation_of(its, role))
        assert answer.status_code == 201, answer.text
        if strong:
            await somebody.add_second_factor()
        yield somebody


@asynccontextmanager
async def stranger(its: House, name: str, *, address: str = ADDRESS) -> AsyncIterator[Person]:
    async with browser_of(its, address) as browser:
        yield Person(its, name, browser)


@asynccontextmanager
async def again(somebody: Person, *, address: str = ADDRESS) -> AsyncIterator[Person]:
    """The same person at another browser, not signed in."""
    async with stranger(somebody.its, somebody.name, address=address) as other:
        other.password, other.id, other.totp = somebody.password, somebody.id, somebody.totp
        other.backup_codes = somebody.backup_codes
        yield other


async def setup_token(its: House) -> str:
    token = await offer_setup(its.built.people)
    assert token
    return token


async def invitation_of(its: House, role: str = "organiser") -> str:
    """Its token."""
    return (await invite(its.built.people, Console(), AccountRole(role), None)).token
