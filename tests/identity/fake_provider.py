"""An identity provider in this process: discovery, keys, tokens; it lies where a test wants it to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

from klausur.identity.tokens import LOGOUT_EVENT
from tests.house import ManualClock

ISSUER = "https://id.example.org/realm"
CLIENT_ID = "klausur"
CLIENT_SECRET = "a secret: with + and %"
CALLBACK = "http://localhost:8000/api/signin/provider/callback"
AFTER_LOGOUT = "http://localhost:8000/signin"

Answer = Callable[[httpx.Request], Awaitable[httpx.Response]]


def signed(claims: dict[str, Any], key: Any, *, alg: str, typ: str = "JWT", kid: str | None = None) -> str:
    header = {"alg": alg, "typ": typ} | ({"kid": kid} if kid else {})
    return jwt.encode(header, claims, key, registry=JWSRegistry(algorithms=[alg]))


def unsigned(claims: dict[str, Any]) -> str:
    """alg none."""
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."


def by_secret(claims: dict[str, Any], secret: bytes, typ: str = "JWT") -> str:
    """alg HS256, with what no library would take for a secret."""
    text = f"{_part({'alg': 'HS256', 'typ': typ, 'kid': 'first'})}.{_part(claims)}"
    return f"{text}.{_base64(hmac.digest(secret, text.encode(), 'sha256'))}"


def _part(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value).encode())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class FakeProvider:
    clock: ManualClock
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}))
    subject: str = "hanna-at-the-provider"
    metadata: dict[str, Any] = field(default_factory=dict)
    """What it says of itself in place of the truth; None leaves it away."""
    claims: dict[str, Any] = field(default_factory=dict)
    """What its tokens say in place of the truth; None leaves it away."""
    userinfo: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, Any] = field(default_factory=dict)
    """What the token endpoint answers in place of the truth."""
    instead: dict[str, Answer] = field(default_factory=dict)
    """By path: answers that are none."""
    asked: list[str] = field(default_factory=list)
    """Paths, in order."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    """What the browser asked for, by code."""

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def visit(self, address: str) -> dict[str, str]:
        """The browser comes, the person signs in, and goes back with these parameters."""
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{ISSUER}/authorize"
        asked = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=True).items()}
        assert asked["response_type"] == "code"
        assert (asked["client_id"], asked["redirect_uri"]) == (CLIENT_ID, CALLBACK)
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": ISSUER}

    def id_token(self, nonce: str, **changed: Any) -> dict[str, Any]:
        """Its claims."""
        now = int(self.clock.now().timestamp())
        claims = {"iss": ISSUER, "sub": self.subject, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce}
        return _without_none(claims | {"sid": "their-session"} | self.claims | changed)

    def logout_token(self, *, key: Any = None, kid: str = "first", typ: str = "logout+jwt", **changed: Any) -> str:
        return signed(self.logout_claims(**changed), key or self.key, alg="RS256", typ=typ, kid=kid)

    def logout_claims(self, **changed: Any) -> dict[str, Any]:
        now = int(self.clock.now().timestamp())
        claims = {"iss": ISSUER, "sub": self.subject, "aud": CLIENT_ID, "iat": now, "exp": now + 120, "jti": "one"}
        claims |= {"sid": "their-session", "events": {LOGOUT_EVENT: {}}} | changed
        return _without_none(claims)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/realm")
        self.asked.append(path)
        if path in self.instead:
            return await self.instead[path](request)
        known = {
            "/.well-known/openid-configuration": self._discovery,
            "/keys": self._keys,
            "/token": self._token,
            "/userinfo": self._userinfo,
        }
        return known[path](request)

    def _discovery(self, _request: httpx.Request) -> httpx.Response:
        told = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
            "end_session_endpoint": f"{ISSUER}/logout",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "authorization_response_iss_parameter_supported": True,
        }
        return httpx.Response(200, json=_without_none(told | self.metadata))

    def _keys(self, _request: httpx.Request) -> httpx.Response:
        strange = {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"}
        return httpx.Response(200, json={"keys": [strange, {"kty": "EC"}, "?", self.key.as_dict(private=False)]})

    def _token(self, request: httpx.Request) -> httpx.Response:
        given = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        if not self._is_our_client(request, given):
            return httpx.Response(401, json={"error": "invalid_client"})
        asked = self.codes.pop(given["code"], None)
        if asked is None or given["redirect_uri"] != CALLBACK or not _verifies(given["code_verifier"], asked):
            return httpx.Response(400, json={"error": "invalid_grant"})
        token = signed(self.id_token(asked["nonce"]), self.key, alg="RS256", kid="first")
        told = {"access_token": "access", "token_type": "Bearer", "id_token": token}
        return httpx.Response(200, json=told | self.tokens)

    def _is_our_client(self, request: httpx.Request, given: dict[str, str]) -> bool:
        if "client_secret" in given:
            return (given["client_id"], given["client_secret"]) == (CLIENT_ID, CLIENT_SECRET)
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        id_, _, secret = base64.b64decode(rest).decode().partition(":")
        return (scheme, unquote(id_), unquote(secret)) == ("Basic", CLIENT_ID, CLIENT_SECRET)

    def _userinfo(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer access"
        return httpx.Response(200, json={"sub": self.subject, "preferred_username": "hanna"} | self.userinfo)


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _verifies(verifier: str, asked: dict[str, str]) -> bool:
    digest = hashlib.sha256(verifier.encode()).digest()
    return _base64(digest) == asked["code_challenge"]


def other_keys() -> dict[str, Any]:
    return {
        "another RSA key": RSAKey.generate_key(2048, {"kid": "first"}),
        "another kind of key": ECKey.generate_key("P-256", {"kid": "first"}),
    }


def public_key(provider: FakeProvider) -> bytes:
    """As anybody may have it: what a careless verifier would check an HMAC with."""
    return provider.key.as_pem(private=False)
