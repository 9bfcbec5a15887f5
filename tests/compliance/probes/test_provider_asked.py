"""What the identity provider is asked for, by a real request to be signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from klausur.compliance.evidence import Status
from klausur.compliance.probes import auth_provider_minimal
from tests.compliance.probes.running import Installed, installed
from tests.house import ManualClock
from tests.identity.fake_provider import CLIENT_ID, ISSUER, FakeProvider

PROBE = auth_provider_minimal.PROBE


@asynccontextmanager
async def connected(folder: Path, **chosen: Any) -> AsyncIterator[Installed]:
    provider = FakeProvider(ManualClock())
    known = {"oidc_issuer": ISSUER, "oidc_client_id": CLIENT_ID, "oidc_client_secret": "s" * 40}
    async with installed(folder, outside=chosen.pop("outside", provider.transport), **known, **chosen) as its:
        yield its


async def test_who_somebody_is_suffices(tmp_path: Path) -> None:
    async with connected(tmp_path) as its:
        assert await its.is_green(PROBE) == "Asked for is only: openid."


@pytest.mark.parametrize(("claim", "scope"), [("preferred_username", "profile"), ("email", "email")])
async def test_where_accounts_are_made_their_name_is_asked_for_too(tmp_path: Path, claim: str, scope: str) -> None:
    async with connected(tmp_path, oidc_new_accounts=True, oidc_name_claim=claim) as its:
        assert scope in await its.is_green(PROBE)


async def test_a_request_for_an_address_book_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("klausur.identity.provider._with", _greedy)
    async with connected(tmp_path) as its:
        told = await its.is_red(PROBE)
        assert "offline_access; profile; claims" in told


def _greedy(address: str, asked: dict[str, str]) -> str:
    return f"{address}?{httpx.QueryParams(asked | {'scope': 'openid profile offline_access', 'claims': '{}'})}"


async def test_without_a_provider_there_is_nobody_to_be_asked(tmp_path: Path) -> None:
    async with installed(tmp_path) as its:
        assert (await its.look(PROBE)).status is Status.BLOCKED


async def test_a_provider_that_is_not_there_shows_nothing(tmp_path: Path) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("away", request=request)

    async with connected(tmp_path, outside=httpx.MockTransport(away)) as its:
        assert (await its.look(PROBE)).status is Status.BLOCKED
    nobody = {"scopes": [], "parameters": [], "makes_accounts": False}
    assert auth_provider_minimal.judge(nobody, {}).status is Status.NOTHING_SEEN
