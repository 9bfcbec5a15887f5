"""An authenticator and its browser: makes passkeys and signs in with them, and lies where a test wants it to."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from klausur.domain.encoding import decode, encode

Kind = Literal["eddsa", "es256", "rs256"]
_PRESENT, _VERIFIED, _ELIGIBLE, _BACKED_UP, _ATTESTED = 1, 4, 8, 16, 64


class _Ed25519:
    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()

    def cose(self) -> dict[int, Any]:
        return {1: 1, 3: -8, -1: 6, -2: self._key.public_key().public_bytes_raw()}

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data)


class _P256:
    def __init__(self, key: ec.EllipticCurvePrivateKey | None = None) -> None:
        self._key = key or ec.generate_private_key(ec.SECP256R1())

    def cose(self) -> dict[int, Any]:
        point = self._key.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data, ec.ECDSA(SHA256()))


class _Rsa:
    def __init__(self, bits: int = 2048) -> None:
        self._key = rsa.generate_private_key(65537, bits)

    def cose(self) -> dict[int, Any]:
        numbers = self._key.public_key().public_numbers()
        return {1: 3, 3: -257, -1: numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big"), -2: b"\1\0\1"}

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data, padding.PKCS1v15(), SHA256())


_KINDS = {"eddsa": _Ed25519, "es256": _P256, "rs256": _Rsa}


@dataclass
class Lies:
    """What a ceremony says in place of the truth; None where it says the truth."""

    origin: str | None = None
    party: str | None = None
    challenge: str | None = None
    """base64url, as in the options."""
    type: str | None = None
    cross_origin: bool = False
    verified: bool = True
    present: bool = True
    sign_count: int | None = None
    prf: Mapping[str, Any] | None = None
    """``clientExtensionResults.prf``."""
    cose: Mapping[int, Any] | None = None
    format: str = "none"
    statement: Mapping[str, Any] = field(default_factory=dict)
    attested: Literal["by itself", "by certificate"] | None = None
    """A statement of the kind "packed", signed as it should be."""
    handle: str | None = None
    id: str | None = None
    signature: bytes | None = None


@dataclass
class Authenticator:
    origin: str = "http://localhost:8000"
    kind: Kind = "es256"
    counts: bool = True
    """Without a counter it always says 0, as those do that are synchronised."""
    synchronised: bool = False

    def __post_init__(self) -> None:
        self._key: _Ed25519 | _P256 | _Rsa = _KINDS[self.kind]()
        self.id = secrets.token_bytes(32)
        self.handle = ""
        self._count = 0

    def use(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = _P256(key)

    def create(self, options: Mapping[str, Any], lies: Lies | None = None) -> dict[str, Any]:
        """``navigator.credentials.create()`` and ``toJSON()``."""
        lies = lies or Lies()
        self.handle = options["user"]["id"]
        key = cbor2.dumps(lies.cose or self._key.cose())
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + key
        data = self._data(options["rp"]["id"], lies, _ATTESTED, self._next(lies)) + attested
        client = self._client("webauthn.create", options["challenge"], lies)
        kind, statement = self._attest(lies, data + hashlib.sha256(client).digest())
        attestation = cbor2.dumps({"fmt": kind, "attStmt": statement, "authData": data})
        response = {
            "clientDataJSON": encode(client),
            "attestationObject": encode(attestation),
            "transports": ["internal"],
        }
        return self._told(response, lies)

    def get(self, options: Mapping[str, Any], lies: Lies | None = None) -> dict[str, Any]:
        """``navigator.credentials.get()`` and ``toJSON()``."""
        lies = lies or Lies()
        data = self._data(options["rpId"], lies, 0, self._next(lies))
        client = self._client("webauthn.get", options["challenge"], lies)
        signature = lies.signature or self._key.sign(data + hashlib.sha256(client).digest())
        response = {
            "clientDataJSON": encode(client),
            "authenticatorData": encode(data),
            "signature": encode(signature),
            "userHandle": self.handle if lies.handle is None else lies.handle,
        }
        return self._told(response, lies)

    def _attest(self, lies: Lies, data: bytes) -> tuple[str, dict[str, Any]]:
        if lies.attested is None:
            return lies.format, dict(lies.statement)
        if lies.attested == "by itself":
            return "packed", {"alg": -7, "sig": self._key.sign(data)}
        key = ec.generate_private_key(ec.SECP256R1())
        return "packed", {"alg": -7, "sig": key.sign(data, ec.ECDSA(SHA256())), "x5c": [_certificate(key)]}

    def _next(self, lies: Lies) -> int:
        if lies.sign_count is not None:
            return lies.sign_count
        self._count += self.counts
        return self._count

    def _data(self, party: str, lies: Lies, more: int, count: int) -> bytes:
        flags = more | (_PRESENT if lies.present else 0) | (_VERIFIED if lies.verified else 0)
        flags |= _ELIGIBLE | _BACKED_UP if self.synchronised else 0
        return hashlib.sha256((lies.party or party).encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str, lies: Lies) -> bytes:
        said = {
            "type": lies.type or kind,
            "challenge": lies.challenge or challenge,
            "origin": lies.origin or self.origin,
            "crossOrigin": lies.cross_origin,
        }
        return json.dumps(said, separators=(",", ":")).encode()

    def _told(self, response: dict[str, Any], lies: Lies) -> dict[str, Any]:
        id_ = encode(self.id) if lies.id is None else lies.id
        results = {} if lies.prf is None else {"prf": lies.prf}
        return {
            "id": id_,
            "rawId": id_,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "response": response,
            "clientExtensionResults": results,
        }


def _certificate(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Of a maker of authenticators, as good as any."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Maker")])
    since = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, since, since + timedelta(days=3650))
    return made.sign(key, SHA256()).public_bytes(Encoding.DER)


def p256() -> dict[int, Any]:
    """A key, in COSE."""
    return _P256().cose()


def weak_rsa() -> dict[int, Any]:
    return _Rsa(1024).cose()


def other_handle(handle: str) -> str:
    raw = decode(handle, 64) or b""
    return encode(bytes(each ^ 1 for each in raw))
