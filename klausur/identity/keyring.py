"""The installation's account key: what is made and checked with it, and how it is kept."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from klausur.domain.accounts import ACCOUNT_BYTES, SALT_BYTES
from klausur.domain.encoding import decode, encode
from klausur.domain.errors import StorageUnavailable

_NONCE_BYTES: Final = 12
_SEALED_MAX_BYTES: Final = 256


class AccountKey:
    """people_ports.Keyring. Never printed."""

    def __init__(self, secret: str) -> None:
        self._key = secret.encode()
        self._seal = AESGCM(self._mac("klausur second factor seal v1"))

    def verifier(self, account: str, key: str) -> str:
        return encode(self._mac(f"klausur verifier v1|{account}", decode(key, 64) or b""))

    def pseudo_salt(self, name_key: str) -> str:
        return encode(self._mac("klausur pseudo salt v1", name_key.encode("utf-8", "replace"))[:SALT_BYTES])

    def pseudo_account(self, name_key: str) -> str:
        return encode(self._mac("klausur pseudo account v1", name_key.encode("utf-8", "replace"))[:ACCOUNT_BYTES])

    def backup_code(self, account: str, code: str) -> str:
        return encode(self._mac(f"klausur backup code v1|{account}", code.encode("utf-8", "replace")))

    def subject(self, issuer: str, subject: str) -> str:
        # The issuer by its hash: no two pairs may come to one text.
        about = hashlib.sha256(issuer.encode("utf-8", "replace")).digest()
        return encode(self._mac("klausur provider subject v1", about + subject.encode("utf-8", "replace")))

    def seal(self, account: str, secret: str) -> str:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return encode(nonce + self._seal.encrypt(nonce, secret.encode(), account.encode()))

    def open(self, account: str, sealed: str) -> str:
        raw = decode(sealed, _SEALED_MAX_BYTES) or b""
        try:
            return self._seal.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], account.encode()).decode()
        except (InvalidTag, ValueError):
            raise StorageUnavailable("a second factor was sealed under another ACCOUNT_KEY") from None

    def _mac(self, label: str, of: bytes = b"") -> bytes:
        """The label ends with a stroke, which no id has in it."""
        return hmac.digest(self._key, label.encode() + b"|" + of, hashlib.sha256)


def new_account_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii").rstrip("=")
