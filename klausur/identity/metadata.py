"""What a provider says of itself (OpenID Connect Discovery 1.0): read once an hour, believed where it fits."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlsplit

from klausur.domain.errors import ProviderUnavailable
from klausur.domain.ports import Clock
from klausur.identity.fetching import Fetcher, unavailable
from klausur.identity.tokens import Keys, read_keys

T = TypeVar("T")

_HOLDS: Final = timedelta(hours=1)
_ASKED_AGAIN_AFTER: Final = timedelta(minutes=1)
"""A token may name a key that is newer than ours, or one that somebody made up. The same after a failure."""
_ADDRESS_MAX: Final = 2000


@dataclass(frozen=True, slots=True)
class Metadata:
    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str | None
    end_session: str | None
    says_issuer: bool
    """Its callbacks name it (RFC 9207)."""
    secret_in_body: bool
    """It takes the client's secret there alone."""


class _Kept(Generic[T]):
    """One answer, fetched by one of those who need it while the others wait; those to whom the held one is good enough
    never do. A failure is kept for a minute, too: whoever does not answer is not asked by everybody in turn."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._held: tuple[datetime, T] | None = None
        self._failed_at: datetime | None = None

    async def get(self, fetch: Callable[[], Awaitable[T]], lives: timedelta) -> T:
        """Raises ProviderUnavailable."""
        if (found := self._young(lives)) is not None:
            return found
        async with self._one_at_a_time:
            if (found := self._young(lives)) is not None:
                return found
            if self._failed_at is not None and self._clock.now() < self._failed_at + _ASKED_AGAIN_AFTER:
                raise ProviderUnavailable
            try:
                fetched = await fetch()
            except (ProviderUnavailable, asyncio.CancelledError):
                # Cancelled: whoever asked has lost patience.
                self._failed_at = self._clock.now()
                raise
            self._held, self._failed_at = (self._clock.now(), fetched), None
            return fetched

    def _young(self, lives: timedelta) -> T | None:
        held = self._held
        return held[1] if held is not None and self._clock.now() < held[0] + lives else None


class Directory:
    """Metadata and keys of the one provider that there is. At most one request of a kind is under way."""

    def __init__(self, issuer: str, fetcher: Fetcher, clock: Clock) -> None:
        self._issuer = issuer
        self._fetcher = fetcher
        self._metadata: _Kept[Metadata] = _Kept(clock)
        self._keys: _Kept[Keys] = _Kept(clock)

    async def metadata(self) -> Metadata:
        """Raises ProviderUnavailable."""
        return await self._metadata.get(self._fetch_metadata, _HOLDS)

    async def keys(self, *, newer: bool = False) -> Keys:
        """``newer``: those held do not suffice; no more than once a minute. Raises ProviderUnavailable."""
        its = await self.metadata()
        return await self._keys.get(lambda: self._fetch_keys(its), _ASKED_AGAIN_AFTER if newer else _HOLDS)

    async def _fetch_metadata(self) -> Metadata:
        where = f"{self._issuer.removesuffix('/')}/.well-known/openid-configuration"
        return _read(await self._fetcher.get("discovery", where), self._issuer)

    async def _fetch_keys(self, its: Metadata) -> Keys:
        found = read_keys(await self._fetcher.get("keys", its.keys))
        if not found.keys:
            raise unavailable("keys")
        return found


def _read(found: Mapping[str, Any], issuer: str) -> Metadata:
    """Raises ProviderUnavailable."""
    if found.get("issuer") != issuer:
        raise unavailable("issuer")
    try:
        return Metadata(
            issuer=issuer,
            authorization=_address(found["authorization_endpoint"]),
            token=_address(found["token_endpoint"]),
            keys=_address(found["jwks_uri"]),
            userinfo=_maybe(found.get("userinfo_endpoint")),
            end_session=_maybe(found.get("end_session_endpoint")),
            says_issuer=found.get("authorization_response_iss_parameter_supported") is True,
            secret_in_body=_only_in_body(found.get("token_endpoint_auth_methods_supported")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise unavailable("discovery", error) from None


def _maybe(given: object) -> str | None:
    return None if given is None else _address(given)


def _address(given: object) -> str:
    """Raises ValueError."""
    if not isinstance(given, str) or len(given) > _ADDRESS_MAX or not is_guarded(given):
        raise ValueError("not an address to send secrets to")
    return given


def _only_in_body(methods: object) -> bool:
    """Raises ValueError when it takes the secret in neither of the ways that we have."""
    if methods is None or (isinstance(methods, list) and "client_secret_basic" in methods):
        return False
    if isinstance(methods, list) and "client_secret_post" in methods:
        return True
    raise ValueError("no way to show our secret")


def is_guarded(address: str) -> bool:
    """By TLS, or because it is this machine. Raises ValueError for what is no address."""
    parts = urlsplit(address)
    if parts.username or parts.password or parts.fragment or not parts.hostname or not address.isascii():
        return False
    if parts.scheme == "https":
        return True
    return parts.scheme == "http" and _is_this_machine(parts.hostname)


def _is_this_machine(name: str) -> bool:
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
