"""Signing in by the organisation's identity provider: OpenID Connect, authorization code with PKCE (RFC 7636), state
and nonce; RP-initiated and back-channel logout.

Of what comes back nothing is believed before the token's signature, issuer, audience, nonce and times are checked, and
nothing of it is stored or logged here.
"""

from __future__ import annotations

import asyncio
import hmac
import importlib
import re
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import structlog

from klausur.domain.encoding import encode
from klausur.domain.errors import Malformed, ProviderRefused, ProviderUnavailable
from klausur.domain.ports import Clock
from klausur.domain.provider_ports import ProviderDeparture, ProviderLogout, ProviderPerson
from klausur.identity.fetching import Fetched, Fetcher, unavailable
from klausur.identity.metadata import Directory, Metadata
from klausur.identity.pending import AT_MOST, Once, Pending
from klausur.identity.tokens import Expected, Keys, TokenRefused, id_claims, logout_claims

if TYPE_CHECKING:
    import httpx

_log = structlog.get_logger(__name__)

T = TypeVar("T")

STATE_LIVES: Final = timedelta(minutes=10)
_LOGOUT_IS_KNOWN: Final = timedelta(minutes=15)
"""Longer than a logout token is taken."""
_WITHIN_SECONDS: Final = 8.0
"""For all that one request of a browser's asks of the provider."""
_LOGOUT_WITHIN_SECONDS: Final = 3.0
_CODE_MAX: Final = 4096
_OUR_PAGE: Final = re.compile(r"/(?!api(?:/|$))(?:[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*)?", re.ASCII)
_PAGE_MAX: Final = 200
_LIBRARIES: Final = (
    "authlib.oauth2.auth",
    "authlib.oauth2.claims",
    "authlib.oauth2.rfc6749.parameters",
    "authlib.oauth2.rfc7636",
    "authlib.oidc.core",
    "httpx",
    "joserfc.jwt",
)
_NOT_THEIRS: Final = frozenset({"invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type"})
"""Errors of the token endpoint that are the operator's to mend."""


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """What the settings say."""

    issuer: str
    client_id: str
    client_secret: str
    name: str
    new_accounts: bool
    name_claim: str
    strong: frozenset[str]
    """Values of ``amr`` and ``acr`` that stand for a second factor."""
    callback: str
    """Addresses of ours: where browsers come back to after signing in and after signing out."""
    after_logout: str


@dataclass(frozen=True, slots=True)
class _Departed:
    state: str
    nonce: str
    verifier: str
    to: str
    left: str | None
    connect: bool


class Provider:
    """provider_ports.ProviderDoor."""

    def __init__(
        self,
        facts: ProviderFacts,
        clock: Clock,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        within_seconds: float = _WITHIN_SECONDS,
        at_most: int = AT_MOST,
    ) -> None:
        """``transport``: instead of the network."""
        self._facts = facts
        self._clock = clock
        self._within = within_seconds
        self._fetcher = Fetcher(transport)
        self._directory = Directory(facts.issuer, self._fetcher, clock)
        self._departed: Pending[_Departed] = Pending(clock, STATE_LIVES, at_most)
        self._logouts = Once(clock, _LOGOUT_IS_KNOWN, at_most)

    @property
    def name(self) -> str:
        return self._facts.name

    @property
    def is_second_factor(self) -> bool:
        return bool(self._facts.strong)

    @property
    def new_accounts(self) -> bool:
        return self._facts.new_accounts

    async def depart(self, to: str, left: str | None, *, connect: bool = False) -> ProviderDeparture:
        async with self._patience(self._within):
            its = await self._directory.metadata()
        fine = len(to) <= _PAGE_MAX and _OUR_PAGE.fullmatch(to)
        departed = _Departed(_random(), _random(), _random(), to if fine else "/", left, connect)
        return ProviderDeparture(_authorization(self._facts, its, departed), self._departed.keep(departed))

    async def arrive(self, cookie: str, answer: Mapping[str, str]) -> ProviderPerson:
        departed = self._departed.take(cookie)
        if departed is None or not hmac.compare_digest(departed.state.encode(), answer.get("state", "").encode()):
            raise ProviderRefused
        async with self._patience(self._within):
            its = await self._directory.metadata()
            code = _code(its, answer)
            tokens = await self._redeem(its, code, departed)
            claims = await self._claims(tokens, departed)
            name = await self._name(its, claims, tokens)
        session = claims.get("sid")
        return ProviderPerson(
            issuer=its.issuer,
            subject=claims["sub"],
            session=session if isinstance(session, str) and len(session) <= 255 else None,
            name=name,
            strong=_is_strong(self._facts.strong, claims),
            to=departed.to,
            left=departed.left,
            connect=departed.connect,
        )

    async def logout_address(self) -> str | None:
        try:
            async with self._patience(_LOGOUT_WITHIN_SECONDS):
                its = await self._directory.metadata()
        except ProviderUnavailable:
            return None
        if its.end_session is None:
            return None
        asked = {"client_id": self._facts.client_id, "post_logout_redirect_uri": self._facts.after_logout}
        return _with(its.end_session, asked)

    async def signed_out(self, logout_token: str) -> ProviderLogout:
        async with self._patience(self._within):
            read = await self._with_keys(lambda keys: logout_claims(logout_token, keys, self._expected()))
        if read is None or not self._logouts.first(read.id):
            raise Malformed
        return ProviderLogout(self._facts.issuer, read.subject, read.session)

    # -- what it is asked

    async def _redeem(self, its: Metadata, code: str, departed: _Departed) -> Mapping[str, Any]:
        """The code for tokens. Raises ProviderRefused, ProviderUnavailable."""
        headers, body = _token_request(self._facts, its, code, departed.verifier)
        found = await self._fetcher.post("token", its.token, headers, body)
        if found.status == 200:
            return found.body
        if found.status in (400, 401) and _is_theirs(found):
            raise ProviderRefused
        raise unavailable("token", status=found.status)

    async def _claims(self, tokens: Mapping[str, Any], departed: _Departed) -> Mapping[str, Any]:
        """Raises ProviderRefused, ProviderUnavailable."""
        token, access = tokens.get("id_token"), tokens.get("access_token")
        read: Mapping[str, Any] | None = await self._with_keys(
            lambda keys: id_claims(token, keys, self._expected(), nonce=departed.nonce, access_token=access)
        )
        if read is None:
            # Somebody tried, or it is misconfigured; which of the checks failed helps the former alone.
            _log.warning("id_token_refused")
            raise ProviderRefused
        return read

    async def _with_keys(self, read: Callable[[Keys], T]) -> T | None:
        """What ``read`` makes of the keys, newer ones if need be; None when it refuses. Raises ProviderUnavailable."""
        try:
            return read(await self._directory.keys())
        except TokenRefused as refusal:
            if not refusal.unknown_key:
                return None
        try:
            return read(await self._directory.keys(newer=True))
        except TokenRefused:
            return None

    async def _name(self, its: Metadata, claims: Mapping[str, Any], tokens: Mapping[str, Any]) -> str | None:
        """Asked for where accounts are made of it, only. Raises ProviderRefused, ProviderUnavailable."""
        if not self._facts.new_accounts:
            return None
        found: Mapping[str, Any] = claims
        if self._facts.name_claim not in claims and its.userinfo and isinstance(tokens.get("access_token"), str):
            headers = {"Authorization": f"Bearer {tokens['access_token']}"}
            found = await self._fetcher.get("userinfo", its.userinfo, headers)
            if found.get("sub") != claims["sub"]:
                raise ProviderRefused
        name = found.get(self._facts.name_claim)
        return name if isinstance(name, str) else None

    def _expected(self) -> Expected:
        return Expected(self._facts.issuer, self._facts.client_id, self._clock.now())

    @asynccontextmanager
    async def _patience(self, seconds: float) -> AsyncIterator[None]:
        """Raises ProviderUnavailable when it takes longer."""
        try:
            async with asyncio.timeout(seconds):
                # httpx, authlib and joserfc: half a second the first time, which is nobody else's to wait for.
                await asyncio.to_thread(_load)
                yield
        except TimeoutError as error:
            raise unavailable("patience", error) from None


def _load() -> None:
    """All that is imported on the way, so that none of it takes the event loop's time."""
    for name in _LIBRARIES:
        importlib.import_module(name)


def _random() -> str:
    return encode(secrets.token_bytes(32))


def _authorization(facts: ProviderFacts, its: Metadata, departed: _Departed) -> str:
    from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: PLC0415 - see _load

    # The name is asked for where accounts are made of it; who somebody is suffices otherwise.
    scope = "openid" if not facts.new_accounts else "openid email" if facts.name_claim == "email" else "openid profile"
    asked = {
        "response_type": "code",
        "client_id": facts.client_id,
        "redirect_uri": facts.callback,
        "scope": scope,
        "state": departed.state,
        "nonce": departed.nonce,
        "code_challenge": create_s256_code_challenge(departed.verifier),
        "code_challenge_method": "S256",
    }
    return _with(its.authorization, asked)


def _with(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked)}"


def _token_request(facts: ProviderFacts, its: Metadata, code: str, verifier: str) -> tuple[dict[str, str], str]:
    """Headers and body."""
    from authlib.oauth2.auth import ClientAuth  # noqa: PLC0415 - see _load
    from authlib.oauth2.rfc6749.parameters import prepare_token_request  # noqa: PLC0415

    body = prepare_token_request("authorization_code", "", facts.callback, code=code, code_verifier=verifier)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if its.secret_in_body:
        prove = ClientAuth(facts.client_id, facts.client_secret, "client_secret_post")
    else:
        # RFC 6749, 2.3.1: both are encoded as in a form, which authlib leaves to its caller.
        prove = ClientAuth(quote(facts.client_id, safe=""), quote(facts.client_secret, safe=""), "client_secret_basic")
    _, headers, body = prove.prepare("POST", its.token, headers, body)
    return headers, body


def _code(its: Metadata, answer: Mapping[str, str]) -> str:
    """Raises ProviderRefused: another issuer's answer (RFC 9207), an error, or no code."""
    if answer.get("iss", None if its.says_issuer else its.issuer) != its.issuer:
        raise ProviderRefused
    code = answer.get("code", "")
    if "error" in answer or not 0 < len(code) <= _CODE_MAX:
        raise ProviderRefused
    return code


def _is_theirs(found: Fetched) -> bool:
    """The person's code is not taken; not our secret, for one."""
    return found.body.get("error") not in _NOT_THEIRS


def _is_strong(strong: frozenset[str], claims: Mapping[str, Any]) -> bool:
    methods = claims.get("amr")
    told = {each for each in methods if isinstance(each, str)} if isinstance(methods, list) else set()
    context = claims.get("acr")
    return bool(strong & (told | ({context} if isinstance(context, str) else set())))
