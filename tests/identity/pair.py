"""The identity provider, and ours that speaks with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import httpx

from klausur.domain.ports import Clock
from klausur.domain.provider_ports import ProviderPerson
from klausur.identity.provider import Provider, ProviderFacts
from tests.house import ManualClock
from tests.identity.fake_provider import AFTER_LOGOUT, CALLBACK, CLIENT_ID, CLIENT_SECRET, ISSUER, FakeProvider

FACTS = ProviderFacts(
    issuer=ISSUER,
    client_id=CLIENT_ID,
    client_secret=CLIENT_SECRET,
    name="Example ID",
    new_accounts=False,
    name_claim="preferred_username",
    strong=frozenset({"mfa"}),
    callback=CALLBACK,
    after_logout=AFTER_LOGOUT,
)


@dataclass
class Pair:
    """The provider, and ours that speaks with it."""

    theirs: FakeProvider
    ours: Provider
    clock: ManualClock

    async def sign_in(self, to: str = "/", **changed: str) -> ProviderPerson:
        departure = await self.ours.depart(to, None)
        return await self.ours.arrive(departure.cookie, self.theirs.visit(departure.address) | changed)

    def with_facts(self, **changed: Any) -> Pair:
        ours = Provider(replace(FACTS, **changed), self.clock, transport=self.theirs.transport)
        return Pair(self.theirs, ours, self.clock)


def pair(clock: ManualClock, theirs: FakeProvider, **changed: Any) -> Pair:
    asked: Clock = clock
    return Pair(theirs, Provider(FACTS, asked, transport=theirs.transport, **changed), clock)


async def down(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("connection refused")
