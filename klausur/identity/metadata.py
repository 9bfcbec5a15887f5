"""What a provider says of itself (OpenID Connect Discovery 1.0): read once an hour, believed where it fits."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from klausur.domain.ports import Clock
from klausur.identity.fetching import Fetcher, unavailable
from klausur.identity.tokens import Keys, read_keys

_HOLDS: Final = timedelta(hours=1)
_KEYS_AGAIN_AFTER: Final = timedelta(minutes=1)
"""A token may name a key that is newer than ours, or one that somebody made up."""
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


class Directory:
    """Metadata and keys of the one provider that there is. At most one request of a kind is under way."""

    def __init__(self, issuer: str, fetcher: Fetcher, clock: Clock) -> None:
        self._issuer = issuer
        self._fetcher = fetcher
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._metadata: tuple[datetime, Metadata] | None = None
        self._keys: tuple[datetime, Keys] | None = None

    async def metadata(self) -> Metadata:
        """Raises ProviderUnavailable."""
        async with self._one_at_a_time:
            if self._metadata is None or self._metadata[0] + _HOLDS <= self._clock.now():
                found = await self._fetcher.get(
                    "discovery", f"{self._issuer.removesuffix('/')}/.well-known/openid-configuration"
                )
                self._metadata = (self._clock.now(), _read(found, self._issuer))
            return self._metadata[1]

    async def keys(self, *, newer: bool = False) -> Keys:
        """``newer``: those held do not suffice; no more than once a minute. Raises ProviderUnavailable."""
        its = await self.metadata()
        async with self._one_at_a_time:
            lives = _KEYS_AGAIN_AFTER if newer else _HOLDS
            if self._keys is None or self._keys[0] + lives <= self._clock.now():
                found = read_keys(await self._fetcher.get("keys", its.keys))
                if not found.keys:
                    raise unavailable("keys")
                self._keys = (self._clock.now(), found)
            return self._keys[1]


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
