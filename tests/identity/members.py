"""People with accounts, each with a browser of their own."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from klausur.actions.people.setup import offer_setup
from klausur.domain.encoding import encode
from tests.accounts import as_a_page
from tests.house import ADDRESS, ORIGIN, USER_AGENT, House
from tests.identity.authenticator import Authenticator, Lies
from tests.people import sealed

WRAPPED = encode(bytes(60))
KDF = {"v": 1, "salt": encode(bytes(16)), "memory_kib": 65536, "passes": 3, "lanes": 1}


@asynccontextmanager
async def a_browser(house: House, *, address: str = ADDRESS) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(house.built.app, client=(address, 50000))
    headers = {"Origin": ORIGIN, "User-Agent": USER_AGENT}
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as browser:
        yield as_a_page(browser)


@dataclass
class Member:
    """Somebody, their browser, and what they have with them."""

    browser: httpx.AsyncClient
    name: str
    id: str = ""
    authenticator: Authenticator = field(default_factory=Authenticator)
    key: str = field(default_factory=lambda: encode(secrets.token_bytes(32)))
    """What their browser makes of the password, to sign in."""

    async def accept(self, token: str, *, password: bool = False, passkey: bool = True) -> httpx.Response:
        look = await self.browser.post("/api/invitations/look", json={"token": token})
        self.id = look.json()["account"]
        given: dict[str, Any] = {"token": token, "name": self.name, "vault": {"blob": sealed(), "wraps": []}}
        if password:
            given["password"] = {"kdf": KDF, "key": self.key}
        if passkey:
            asked = {"token": token, "name": self.name}
            begun = (await self.browser.post("/api/invitations/passkey", json=asked)).json()
            given["passkey"] = {
                "challenge": begun["challenge"],
                "credential": self.authenticator.create(begun["options"]),
                "label": "Telephone",
                "wrap": WRAPPED,
            }
        answer = await self.browser.post("/api/invitations/accept", json=given)
        assert answer.status_code == 201, answer.text
        return answer

    async def sign_in(self, lies: Lies | None = None, *, by: Authenticator | None = None) -> httpx.Response:
        begun = (await self.browser.post("/api/signin/passkey/options")).json()
        credential = (by or self.authenticator).get(begun["options"], lies)
        given = {"challenge": begun["challenge"], "credential": credential}
        return await self.browser.post("/api/signin/passkey", json=given)

    async def sign_in_by_password(self) -> httpx.Response:
        return await self.browser.post("/api/signin/password", json={"name": self.name, "key": self.key})

    async def add(self, authenticator: Authenticator, label: str = "Key", **changed: Any) -> httpx.Response:
        """A passkey, to one's own account."""
        answer = await self.browser.post("/api/account/passkeys/options")
        if answer.status_code != 200:
            return answer
        begun = answer.json()
        given = {"challenge": begun["challenge"], "credential": authenticator.create(begun["options"]), "label": label}
        return await self.browser.post("/api/account/passkeys", json=given | {"wrap": None} | changed)

    async def account(self) -> dict[str, Any]:
        answer = await self.browser.get("/api/account")
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def who(self) -> str | None:
        """By the session that the browser has."""
        account = (await self.browser.get("/api/session")).json()["account"]
        return account and str(account["name"])


async def ada(house: House, browser: httpx.AsyncClient) -> Member:
    """The first administrator, by the link of the first start."""
    member = Member(browser, "ada")
    token = await offer_setup(house.built.people)
    assert token is not None
    await member.accept(token)
    return member


async def invited(by: Member, browser: httpx.AsyncClient, name: str, role: str = "organiser", **how: Any) -> Member:
    made = await by.browser.post("/api/admin/invitations", json={"role": role, "name": None})
    assert made.status_code == 201, made.text
    member = Member(browser, name)
    await member.accept(made.json()["token"], **how)
    return member
