"""Signed tokens of the identity provider's (JWT), with authlib and its joserfc, and what they leave to their caller.

Algorithms are ours to choose, never the token's or the provider's: ``none`` and those with a shared secret are not
among them, so that a public key cannot be taken for one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from klausur.domain.encoding import decode

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
_KINDS: Final = frozenset({"RSA", "EC", "OKP"})
_KEYS_AT_MOST: Final = 50
_RSA_BITS: Final = range(2048, 8193)
LEEWAY_SECONDS: Final = 60
_LOGOUT_SECONDS: Final = 600
"""How old a logout token may be; for longer than that its id is remembered."""
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
_TEXT_MAX: Final = 255
"""Of a subject, by the specification; of a session's and a token's id, by us."""


class TokenRefused(Exception):
    """It is not what it should be. ``unknown_key``: it may be, by a key that we have yet to hear of."""

    def __init__(self, *, unknown_key: bool = False) -> None:
        super().__init__("unknown key" if unknown_key else "refused")
        self.unknown_key = unknown_key


@dataclass(frozen=True, slots=True)
class Keys:
    keys: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    issuer: str
    client_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class LogoutClaims:
    id: str
    subject: str | None
    session: str | None


def read_keys(found: Mapping[str, Any]) -> Keys:
    """Those that a signature may be checked with; of what is not understood, nothing."""
    from joserfc.errors import JoseError  # noqa: PLC0415 - too large to hold where there is no identity provider
    from joserfc.jwk import import_key  # noqa: PLC0415

    given = found.get("keys")
    keys = []
    for each in given[:_KEYS_AT_MOST] if isinstance(given, list) else []:
        if not isinstance(each, dict) or not _may_sign(each):
            continue
        try:
            keys.append(import_key({name: value for name, value in each.items() if name != "x5c"}))
        except (JoseError, KeyError, TypeError, ValueError):
            continue
    return Keys(tuple(keys))


def _may_sign(key: Mapping[str, Any]) -> bool:
    """No secrets, none that are for something else, and of RSA none that is too short, or endless."""
    kind, modulus = key.get("kty"), key.get("n")
    if kind not in _KINDS or key.get("use", "sig") != "sig":
        return False
    if kind != "RSA":
        return True
    raw = decode(modulus, _RSA_BITS.stop // 8) if isinstance(modulus, str) else None
    return raw is not None and int.from_bytes(raw, "big").bit_length() in _RSA_BITS


def id_claims(token: object, keys: Keys, expected: Expected, *, nonce: str, access_token: object) -> Mapping[str, Any]:
    """Of an ID token (OpenID Connect Core 3.1.3.7). Raises TokenRefused."""
    from authlib.oidc.core import CodeIDToken  # noqa: PLC0415 - see read_keys

    header, claims = _verified(token, keys)
    params = {"nonce": nonce, "client_id": expected.client_id, "access_token": access_token}
    _validate(CodeIDToken, header, claims, expected, params)
    if claims.get("nonce") != nonce or not _text(claims.get("sub")):
        raise TokenRefused
    return claims


def logout_claims(token: object, keys: Keys, expected: Expected) -> LogoutClaims:
    """Of a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6). Raises TokenRefused."""
    from authlib.oauth2.claims import JWTClaims  # noqa: PLC0415 - see read_keys

    header, claims = _verified(token, keys)
    _validate(JWTClaims, header, claims, expected, {})
    kind = header.get("typ")
    event = claims["events"].get(LOGOUT_EVENT) if isinstance(claims.get("events"), dict) else None
    # A nonce would make it an ID token, of which somebody may have got hold.
    if not isinstance(event, dict) or "nonce" in claims or str(kind or "jwt").lower() not in ("jwt", "logout+jwt"):
        raise TokenRefused
    age = expected.now.timestamp() - claims["iat"]
    subject, session = claims.get("sub"), claims.get("sid")
    if age > _LOGOUT_SECONDS or not _text(claims.get("jti")) or (subject is None and session is None):
        raise TokenRefused
    if not all(each is None or _text(each) for each in (subject, session)):
        raise TokenRefused
    return LogoutClaims(claims["jti"], subject, session)


def _verified(token: object, keys: Keys) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """Header and claims, of which the signature alone is known to be right. Raises TokenRefused."""
    from joserfc import jwt  # noqa: PLC0415 - see read_keys
    from joserfc.errors import InvalidKeyIdError, JoseError  # noqa: PLC0415
    from joserfc.jws import JWSRegistry  # noqa: PLC0415

    if not isinstance(token, str) or not token.isascii():
        raise TokenRefused
    registry = JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False)
    try:
        read = jwt.decode(token, _key_set(keys), registry=registry)
    except InvalidKeyIdError:
        raise TokenRefused(unknown_key=True) from None
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise TokenRefused from None
    return read.header, read.claims


def _key_set(keys: Keys) -> KeySet:
    from joserfc.jwk import KeySet  # noqa: PLC0415 - see read_keys

    return KeySet(list(keys.keys))


def _validate(
    kind: Any, header: Mapping[str, Any], claims: dict[str, Any], expected: Expected, params: Mapping[str, Any]
) -> None:
    """Issuer, audience, times, and what ``kind`` adds to them."""
    from joserfc.errors import JoseError  # noqa: PLC0415 - see read_keys

    options = {
        "iss": {"essential": True, "value": expected.issuer},
        "aud": {"essential": True, "value": expected.client_id},
        "iat": {"essential": True},
    }
    try:
        kind(claims, header, options, dict(params)).validate(int(expected.now.timestamp()), LEEWAY_SECONDS)
    except (JoseError, ValueError, TypeError, KeyError):
        raise TokenRefused from None


def _text(given: object) -> bool:
    return isinstance(given, str) and 0 < len(given) <= _TEXT_MAX
